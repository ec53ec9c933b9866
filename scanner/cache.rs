//! What is remembered of each file, so that an unchanged one is not read, or at least not parsed, again.
//!
//! A file counts as unchanged if one of three things is the same, asked in this order: size, inode and the times of its last
//! change (of content and of attributes, as the time of content alone can be set back); size and the name that Git's index
//! gives to its content; a digest of what it holds. Everything is forgotten when the program or the catalog changes, and
//! when the memory itself has been damaged.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest as _, Sha256};

use crate::blobs::Blob;
use crate::dispatch::Examined;

/// What the memory begins with; the digit is raised with its form.
const MAGIC: &[u8; 8] = b"aimscan3";
/// A file that changed so shortly before it was looked at may change again and keep its times, as clocks of file systems
/// are coarse.
const COARSEST_CLOCK: Duration = Duration::from_millis(50);
/// A path's key. All keys stand together before the records, so that looking for one touches little memory.
const KEY: usize = 8;
/// Stamp, blob, digest, begin and length of the result.
const RECORD: usize = 32 + 20 + 16 + 8 + 4;
/// How far from where it is expected a key is looked for first.
const NEAR: usize = 512;
const HEAD: usize = 8 + 16 + 8;

/// A digest of a file's content.
pub(crate) type Digest = [u8; 16];

/// What tells a file from its later self.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stamp {
    changed: i64,
    attributes_changed: i64,
    size: u64,
    inode: u64,
}

impl Stamp {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            changed: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            attributes_changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            size: metadata.size(),
            inode: metadata.ino(),
        }
    }

    #[cfg(unix)]
    #[allow(clippy::unnecessary_cast, reason = "the types of these numbers differ between systems")]
    pub(crate) fn of_stat(stat: &rustix::fs::Stat) -> Self {
        Self {
            changed: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            attributes_changed: nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            size: stat.st_size as u64,
            inode: stat.st_ino as u64,
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Self {
        let changed = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos() as i64);
        Self {
            changed,
            attributes_changed: 0,
            size: metadata.len(),
            inode: 0,
        }
    }

    /// Whether the file was already at rest when a scan began.
    pub(crate) fn is_older_than(&self, began: SystemTime) -> bool {
        let limit = began
            .checked_sub(COARSEST_CLOCK)
            .and_then(|limit| limit.duration_since(UNIX_EPOCH).ok());
        limit.is_some_and(|limit| i128::from(self.changed.max(self.attributes_changed)) < limit.as_nanos() as i128)
    }

    /// The same size and nothing else: a stamp that no file has.
    fn size_only(self) -> Self {
        Self {
            size: self.size,
            ..Self::default()
        }
    }

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.changed.to_le_bytes());
        bytes.extend(self.attributes_changed.to_le_bytes());
        bytes.extend(self.size.to_le_bytes());
        bytes.extend(self.inode.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        Self {
            changed: number(bytes, 0) as i64,
            attributes_changed: number(bytes, 8) as i64,
            size: number(bytes, 16),
            inode: number(bytes, 24),
        }
    }
}

/// A time of a file in nanoseconds; one that does not fit is still told from another.
#[cfg(unix)]
const fn nanoseconds(seconds: i64, more: i64) -> i64 {
    seconds.wrapping_mul(1_000_000_000).wrapping_add(more)
}

/// The digest of a content.
pub(crate) fn digest(content: &[u8]) -> Digest {
    let mut digest = Digest::default();
    digest.copy_from_slice(&Sha256::digest(content)[..16]);
    digest
}

/// The digest of several contents, each told from the next.
pub(crate) fn digest_of<T: AsRef<[u8]>>(contents: impl Iterator<Item = T>) -> Digest {
    let mut all = Sha256::new();
    for content in contents {
        let content = content.as_ref();
        all.update((content.len() as u64).to_le_bytes());
        all.update(content);
    }
    let mut digest = Digest::default();
    digest.copy_from_slice(&all.finalize()[..16]);
    digest
}

/// What an earlier scan of a root remembered.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Remembered<'m> {
    keys: &'m [u8],
    records: &'m [u8],
    results: &'m [u8],
}

/// What an earlier scan remembered of one file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Earlier<'m> {
    stamp: Stamp,
    blob: Option<Blob>,
    digest: Option<Digest>,
    result: &'m [u8],
}

impl<'m> Remembered<'m> {
    /// From the bytes that [`Remember::into_bytes`] made; anything unexpected is an empty memory.
    pub(crate) fn from_bytes(bytes: &'m [u8]) -> Self {
        Self::read(bytes).unwrap_or_default()
    }

    fn read(bytes: &'m [u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_at_checked(MAGIC.len())?;
        let (sum, rest) = rest.split_at_checked(16)?;
        if magic != MAGIC || sum != digest(rest) {
            return None;
        }
        let (count, rest) = rest.split_at_checked(8)?;
        let count = usize::try_from(number(count, 0)).ok()?;
        let (keys, rest) = rest.split_at_checked(count.checked_mul(KEY)?)?;
        let (records, results) = rest.split_at_checked(count.checked_mul(RECORD)?)?;
        Some(Self { keys, records, results })
    }

    /// How many files are remembered.
    pub(crate) fn len(&self) -> usize {
        self.keys.len() / KEY
    }

    /// What is remembered of a path.
    pub(crate) fn of(&self, path: &str) -> Option<Earlier<'m>> {
        self.at(self.position(path)?)
    }

    /// Where it stands what is remembered of a path. The keys stand in their order, and the records in that of the keys.
    pub(crate) fn position(&self, path: &str) -> Option<u32> {
        let key = key(path);
        let key_at = |at: usize| number(self.keys, at * KEY);
        let (mut low, mut high) = (0, self.len());
        // Keys are spread evenly, so each says where it about stands; a look on either side of that place bounds the search.
        let about = ((u128::from(key) * self.len() as u128) >> u64::BITS) as usize;
        let (before, behind) = (about.saturating_sub(NEAR), about + NEAR);
        if before < high && key_at(before) < key {
            low = before + 1;
        }
        if behind < high && key_at(behind) >= key {
            high = behind;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if key_at(middle) < key { low = middle + 1 } else { high = middle }
        }
        (low < self.len() && key_at(low) == key).then(|| u32::try_from(low).ok())?
    }

    /// What is remembered at a position.
    pub(crate) fn at(&self, position: u32) -> Option<Earlier<'m>> {
        let found = self.records.chunks_exact(RECORD).nth(position as usize)?;
        let begin = usize::try_from(number(found, 68)).ok()?;
        let length = u32::from_le_bytes(found.get(76..80)?.try_into().ok()?) as usize;
        Some(Earlier {
            stamp: Stamp::read(&found[..32]),
            blob: found[32..52].try_into().ok().filter(|blob| *blob != Blob::default()),
            digest: found[52..68].try_into().ok().filter(|digest| *digest != Digest::default()),
            result: self.results.get(begin..begin.checked_add(length)?)?,
        })
    }
}

impl<'m> Earlier<'m> {
    /// Whether the file has not been touched.
    pub(crate) fn is_same(&self, stamp: Stamp) -> bool {
        self.stamp == stamp
    }

    /// Whether the file holds what it held, as Git says; the size tells a content from what a filter makes of it.
    pub(crate) fn is_same_blob(&self, blob: Option<Blob>, stamp: Stamp) -> bool {
        blob.is_some() && self.blob == blob && self.stamp.size == stamp.size
    }

    /// The digest of what the file held, where it gave anything.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// What the file gave, as it was written down.
    pub(crate) fn result(&self) -> &'m [u8] {
        self.result
    }

    /// What the file gave.
    pub(crate) fn examined(&self) -> Option<Examined> {
        if self.result.is_empty() {
            return Some(Examined::default());
        }
        serde_json::from_slice(self.result).ok()
    }

    /// The same, for a file that has been touched.
    pub(crate) fn with(&self, stamp: Stamp, blob: Option<Blob>) -> Known {
        Known {
            stamp,
            blob: blob.or(self.blob),
            digest: self.digest,
        }
    }
}

/// What is known of a file that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Known {
    pub(crate) stamp: Stamp,
    pub(crate) blob: Option<Blob>,
    pub(crate) digest: Option<Digest>,
}

impl Known {
    /// What tells the content from another one: its digest, else the file's stamp.
    pub(crate) fn content(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.digest {
            Some(digest) => bytes.extend(digest),
            None => self.stamp.write(&mut bytes),
        }
        bytes
    }
}

/// Gathers what the next scan will want to know.
#[derive(Debug)]
pub(crate) struct Remember {
    began: SystemTime,
    records: Vec<(u64, Known, u64, u32)>,
    results: Vec<u8>,
}

impl Remember {
    /// For a scan that began at a time.
    pub(crate) fn new(began: SystemTime) -> Self {
        Self {
            began,
            records: Vec::new(),
            results: Vec::new(),
        }
    }

    /// Adds a file with what it gave, as written down before or anew.
    pub(crate) fn add(&mut self, path: &str, mut known: Known, before: Option<&[u8]>, result: Option<&Examined>) {
        if !known.stamp.is_older_than(self.began) {
            known.stamp = known.stamp.size_only();
        }
        let begin = self.results.len();
        match (before, result) {
            (Some(before), _) => self.results.extend_from_slice(before),
            // Evidence has no map with keys other than strings, so this cannot fail.
            (None, Some(result)) => serde_json::to_writer(&mut self.results, result).unwrap_or_default(),
            (None, None) => {}
        }
        let Ok(length) = u32::try_from(self.results.len() - begin) else {
            self.results.truncate(begin);
            return;
        };
        self.records.push((key(path), known, begin as u64, length));
    }

    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.records.sort_by_key(|(key, ..)| *key);
        let mut bytes = Vec::with_capacity(HEAD + self.records.len() * (KEY + RECORD) + self.results.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&Digest::default());
        bytes.extend((self.records.len() as u64).to_le_bytes());
        for (key, ..) in &self.records {
            bytes.extend(key.to_le_bytes());
        }
        for (_, known, begin, length) in &self.records {
            known.stamp.write(&mut bytes);
            bytes.extend(known.blob.unwrap_or_default());
            bytes.extend(known.digest.unwrap_or_default());
            bytes.extend(begin.to_le_bytes());
            bytes.extend(length.to_le_bytes());
        }
        bytes.extend_from_slice(&self.results);
        let sum = digest(&bytes[MAGIC.len() + 16..]);
        bytes[MAGIC.len()..MAGIC.len() + 16].copy_from_slice(&sum);
        bytes
    }
}

/// A path's key. `DefaultHasher::new` is the same in every process of one build, and the memory is bound to the build.
fn key(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

/// Eight bytes as a number; the caller knows that they are there.
fn number(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8]
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp {
        changed: 1,
        attributes_changed: 2,
        size: 3,
        inode: 4,
    };
    const LATER: Stamp = Stamp {
        attributes_changed: 9,
        ..STAMP
    };

    fn found() -> Examined {
        Examined {
            detectors: vec![3],
            ..Examined::default()
        }
    }

    fn memory(more: u32) -> Vec<u8> {
        let mut remember = Remember::new(SystemTime::now());
        let known = Known {
            stamp: STAMP,
            blob: Some([7; 20]),
            digest: Some(digest(b"abc")),
        };
        remember.add("a", known, None, Some(&found()));
        remember.add(
            "b",
            Known {
                stamp: STAMP,
                ..Known::default()
            },
            None,
            None,
        );
        for at in 0..more {
            remember.add(&format!("more/{at}"), known, Some(b"{}"), None);
        }
        remember.into_bytes()
    }

    #[test]
    fn what_did_not_change_is_remembered() {
        let bytes = memory(1000);
        let remembered = Remembered::from_bytes(&bytes);
        assert_eq!(remembered.len(), 1002);
        let a = remembered.of("a").expect("remembered");
        assert_eq!(a.examined(), Some(found()));
        assert!(a.is_same(STAMP) && !a.is_same(LATER));
        assert!(a.is_same_blob(Some([7; 20]), LATER) && !a.is_same_blob(Some([8; 20]), LATER) && !a.is_same_blob(None, LATER));
        // A filter made something else of the same blob.
        assert!(!a.is_same_blob(Some([7; 20]), Stamp { size: 4, ..LATER }));
        assert_eq!(a.digest(), Some(digest(b"abc")));
        let b = remembered.of("b").expect("remembered");
        assert_eq!((b.examined(), b.digest()), (Some(Examined::default()), None));
        assert!(!b.is_same_blob(None, STAMP));
        assert_eq!(remembered.of("c"), None);
        assert!(remembered.of("more/999").is_some() && remembered.of("more/1000").is_none());
    }

    #[test]
    fn a_file_that_may_still_change_keeps_its_content_only() {
        let now = SystemTime::now();
        let nanoseconds = now.duration_since(UNIX_EPOCH).expect("after 1970").as_nanos() as i64;
        let fresh = Stamp {
            changed: nanoseconds,
            ..STAMP
        };
        let mut remember = Remember::new(now);
        remember.add(
            "a",
            Known {
                stamp: fresh,
                blob: Some([1; 20]),
                digest: None,
            },
            None,
            Some(&found()),
        );
        let bytes = remember.into_bytes();
        let a = Remembered::from_bytes(&bytes).of("a").expect("remembered");
        assert!(!a.is_same(fresh) && a.is_same_blob(Some([1; 20]), fresh));
    }

    #[test]
    fn damaged_memory_is_no_memory() {
        for bytes in [
            &b""[..],
            MAGIC,
            b"aimscan3\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"\0\0\0\0\0\0\0\0not json",
        ] {
            assert_eq!(Remembered::from_bytes(bytes).of("a"), None);
        }
        let whole = memory(10);
        assert!(Remembered::from_bytes(&whole).of("a").is_some());
        for at in (0..whole.len()).step_by(7) {
            let mut bytes = whole.clone();
            bytes[at] ^= 4;
            assert_eq!(Remembered::from_bytes(&bytes).of("a"), None, "byte {at}");
            assert_eq!(Remembered::from_bytes(&whole[..at]).of("a"), None, "cut at {at}");
        }
    }
}
