//! What is remembered of each file, so that an unchanged one is not read again.
//!
//! A file counts as unchanged if size, inode and the times of its last change (of content and of attributes) are the
//! same: the time of content alone can be set back. Everything is forgotten when the program or the catalog changes.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::dispatch::Examined;

/// What tells a file from its later self.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
            changed: metadata.mtime().wrapping_mul(1_000_000_000).wrapping_add(metadata.mtime_nsec()),
            attributes_changed: metadata.ctime().wrapping_mul(1_000_000_000).wrapping_add(metadata.ctime_nsec()),
            size: metadata.size(),
            inode: metadata.ino(),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Self {
        let changed = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos() as i64);
        Self {
            changed,
            attributes_changed: 0,
            size: metadata.len(),
            inode: 0,
        }
    }

    fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (at, value) in [
            self.changed.to_le_bytes(),
            self.attributes_changed.to_le_bytes(),
            self.size.to_le_bytes(),
            self.inode.to_le_bytes(),
        ]
        .iter()
        .enumerate()
        {
            bytes[at * 8..at * 8 + 8].copy_from_slice(value);
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| bytes.get(at * 8..at * 8 + 8).and_then(|eight| eight.try_into().ok());
        Some(Self {
            changed: i64::from_le_bytes(number(0)?),
            attributes_changed: i64::from_le_bytes(number(1)?),
            size: u64::from_le_bytes(number(2)?),
            inode: u64::from_le_bytes(number(3)?),
        })
    }
}

/// What an earlier scan of a root remembered.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    stamps: HashMap<u64, Stamp>,
    results: HashMap<String, Examined>,
}

impl Remembered {
    /// From the bytes that [`Remember::into_bytes`] made; anything unexpected is an empty memory.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self::read(bytes).unwrap_or_default()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let count = usize::try_from(u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?)).ok()?;
        let records = bytes.get(8..8_usize.checked_add(count.checked_mul(40)?)?)?;
        let stamps = records
            .chunks_exact(40)
            .map(|record| Some((u64::from_le_bytes(record[..8].try_into().ok()?), Stamp::from_bytes(&record[8..])?)))
            .collect::<Option<_>>()?;
        let results = serde_json::from_slice(&bytes[8 + records.len()..]).ok()?;
        Some(Self { stamps, results })
    }

    /// The earlier result for a file that has not changed; an empty one if it gave nothing.
    pub(crate) fn unchanged(&self, path: &str, stamp: Stamp) -> Option<Examined> {
        (self.stamps.get(&key(path)) == Some(&stamp)).then(|| self.results.get(path).cloned().unwrap_or_default())
    }
}

/// Gathers what the next scan will want to know.
#[derive(Debug, Default)]
pub(crate) struct Remember {
    records: Vec<u8>,
    results: std::collections::BTreeMap<String, Examined>,
}

impl Remember {
    pub(crate) fn add(&mut self, path: &str, stamp: Stamp, result: &Examined) {
        self.records.extend_from_slice(&key(path).to_le_bytes());
        self.records.extend_from_slice(&stamp.to_bytes());
        if !result.is_empty() {
            self.results.insert(path.to_owned(), result.clone());
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let count = self.records.len() / 40;
        let mut bytes = (count as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.records);
        // Evidence has no map with keys other than strings, so this cannot fail.
        bytes.extend(serde_json::to_vec(&self.results).unwrap_or_else(|_| b"{}".to_vec()));
        bytes
    }
}

/// A path's key. `DefaultHasher::new` is the same in every process of one build, and the memory is bound to the build.
fn key(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
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

    #[test]
    fn what_did_not_change_is_remembered() {
        let mut remember = Remember::default();
        let result = Examined {
            detectors: vec![3],
            ..Examined::default()
        };
        remember.add("a", STAMP, &result);
        remember.add("b", STAMP, &Examined::default());
        let remembered = Remembered::from_bytes(&remember.into_bytes());
        assert_eq!(remembered.unchanged("a", STAMP), Some(result));
        assert_eq!(remembered.unchanged("b", STAMP), Some(Examined::default()));
        assert_eq!(
            remembered.unchanged(
                "b",
                Stamp {
                    attributes_changed: 9,
                    ..STAMP
                }
            ),
            None
        );
        assert_eq!(remembered.unchanged("c", STAMP), None);
    }

    #[test]
    fn damaged_memory_is_no_memory() {
        for bytes in [
            &b""[..],
            b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"\x01\0\0\0\0\0\0\0short",
            b"\0\0\0\0\0\0\0\0not json",
        ] {
            assert_eq!(Remembered::from_bytes(bytes).unchanged("a", STAMP), None);
        }
    }
}
