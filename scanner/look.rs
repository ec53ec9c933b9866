//! One file: what it gives, or what is remembered of it.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use detectors::{FilePath, Gate};
use evidence::{Evidence, Gap, GapKind};

use crate::blobs::{Blob, Blobs};
use crate::cache::{self, Digest, Earlier, Known, Remembered, Stamp};
use crate::dispatch::{Dispatch, Examined};
use crate::folder;
use crate::opened::Opened;
use crate::walk::{self, Entry, Wanted};

/// Larger files are not read.
pub(crate) const LARGEST_FILE: u64 = 64 << 20;

thread_local! {
    /// One buffer a thread: files are read into it, and nothing is allocated for those without a word of interest.
    static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// One file as it was looked at.
pub(crate) struct Looked {
    /// What it gave; absent for the many that gave nothing.
    pub(crate) examined: Option<Box<Examined>>,
    /// What tells it from its later self; absent for a file that is to be looked at again in any case.
    pub(crate) known: Option<Known>,
    /// Where it stands what was remembered, if that was used.
    pub(crate) earlier: Option<u32>,
}

impl Looked {
    fn new(examined: Examined, known: Option<Known>, earlier: Option<u32>) -> Self {
        Self {
            examined: (!examined.is_empty()).then(|| Box::new(examined)),
            known,
            earlier,
        }
    }

    pub(crate) fn evidence(&self) -> &[Evidence] {
        self.examined.as_deref().map_or(&[], |examined| &examined.evidence)
    }
}

/// The memory of a root while it is scanned.
pub(crate) struct Memory<'m> {
    pub(crate) remembered: Remembered<'m>,
    root: &'m Path,
    /// Read only when a file was touched.
    blobs: OnceLock<Option<Blobs>>,
}

impl<'m> Memory<'m> {
    /// What an earlier scan of a root wrote down.
    pub(crate) fn of(bytes: &'m [u8], root: &'m Path) -> Self {
        Self {
            remembered: Remembered::from_bytes(bytes),
            root,
            blobs: OnceLock::new(),
        }
    }

    /// What an earlier scan remembers of a file, and at which position.
    fn earlier(&self, entry: &Entry) -> Option<(Earlier<'_>, u32)> {
        let position = match entry.wanted {
            Wanted::AsBefore(position) => position,
            Wanted::By(_) => self.remembered.position(&entry.path)?,
        };
        Some((self.remembered.at(position)?, position))
    }

    fn blob(&self, path: &str, metadata: &Metadata) -> Option<Blob> {
        self.blobs.get_or_init(|| Blobs::of(self.root)).as_ref()?.content(path, metadata)
    }
}

/// Looks at the files below a root.
pub(crate) struct Look<'a> {
    dispatch: Dispatch<'a>,
    root: &'a Path,
    memory: Option<&'a Memory<'a>>,
    /// Bytes.
    read: AtomicU64,
}

impl<'a> Look<'a> {
    pub(crate) fn new(dispatch: Dispatch<'a>, root: &'a Path, memory: Option<&'a Memory<'a>>) -> Self {
        Self {
            dispatch,
            root,
            memory,
            read: AtomicU64::new(0),
        }
    }

    /// How many bytes were read.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Looks at one file, or remembers what it gave when it held the same.
    pub(crate) fn at(&self, entry: &Entry) -> Looked {
        if let Wanted::By(wanted) = &entry.wanted
            && wanted.iter().all(|(_, gate)| *gate == Gate::Unopened)
        {
            return Looked::new(self.dispatch.examine(&entry.path, &[], wanted), None, None);
        }
        let file = entry.file(self.root);
        let stamp = self.memory.and_then(|_| folder::stamp(&file));
        let mut before = Before {
            stamp,
            blob: None,
            earlier: self.memory.and_then(|memory| memory.earlier(entry)),
        };
        if let Some(looked) = before.kept(|earlier, stamp| earlier.is_same(stamp)) {
            return looked;
        }
        before.blob = self
            .memory
            .and_then(|memory| memory.blob(&entry.path, &std::fs::symlink_metadata(&file).ok()?));
        if let Some(looked) = before.kept(|earlier, stamp| earlier.is_same_blob(before.blob, stamp)) {
            return looked;
        }
        let asked;
        let wanted = match &entry.wanted {
            Wanted::By(wanted) => wanted,
            Wanted::AsBefore(_) => {
                asked = walk::wanted(&FilePath::of(&entry.path), self.dispatch.detectors, self.dispatch.catalog);
                &asked
            }
        };
        let in_pieces: Vec<(usize, Gate)> = wanted
            .iter()
            .copied()
            .filter(|(_, gate)| matches!(gate, Gate::Unopened | Gate::Pieces))
            .collect();
        // What reads in pieces reads files of any size; what reads whole files gets those within the limit.
        let too_large = || std::fs::metadata(&file).is_ok_and(|metadata| metadata.len() > LARGEST_FILE);
        let is_for_pieces = in_pieces.len() == wanted.len();
        let looked = if is_for_pieces || in_pieces.iter().any(|(_, gate)| *gate == Gate::Pieces) && too_large() {
            self.pieces(entry, &file, &in_pieces, is_for_pieces, &before)
        } else {
            BUFFER.with_borrow_mut(|buffer| self.whole(entry, &file, wanted, buffer, &before))
        };
        // What could not be read is tried again next time.
        looked.unwrap_or_else(|(kind, reason)| Looked::new(unreadable_entry(entry, kind, reason), None, None))
    }

    /// Looks at pieces of a file.
    fn pieces(
        &self,
        entry: &Entry,
        file: &Path,
        wanted: &[(usize, Gate)],
        is_for_pieces: bool,
        before: &Before<'_>,
    ) -> Result<Looked, Unread> {
        let body = Opened::of(file).map_err(unreadable)?;
        let artifact = detectors::Artifact::in_pieces(&entry.path, &body);
        let mut examined = self.dispatch.examine_artifact(&artifact, wanted);
        // A file that one reader made out as its own is no loss to the others.
        if !is_for_pieces && examined.evidence.is_empty() {
            let (kind, reason) = too_large();
            examined.gaps.extend(unreadable_entry(entry, kind, reason).gaps);
        }
        self.read.fetch_add(body.bytes_read(), Ordering::Relaxed);
        let known = before.known(std::fs::symlink_metadata(file), None);
        Ok(Looked::new(examined, known, None))
    }

    /// Looks at a whole file.
    fn whole(
        &self,
        entry: &Entry,
        file: &Path,
        wanted: &[(usize, Gate)],
        buffer: &mut Vec<u8>,
        before: &Before<'_>,
    ) -> Result<Looked, Unread> {
        let (bytes, opened) = read_file(file, buffer)?;
        self.read.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if let Some((earlier, position)) = before.earlier
            && let Some(digest) = earlier.digest()
            && digest == cache::digest(bytes)
            && let Some(known) = before.known(opened.metadata(), Some(digest))
            && let Some(examined) = earlier.examined()
        {
            return Ok(Looked::new(examined, Some(known), Some(position)));
        }
        let examined = self.dispatch.examine(&entry.path, bytes, wanted);
        // Where nothing was found, looking again costs less than a digest.
        let digest = (self.memory.is_some() && !examined.is_empty()).then(|| cache::digest(bytes));
        Ok(Looked::new(examined, before.known(opened.metadata(), digest), None))
    }
}

/// What is known of a file before it is opened.
struct Before<'m> {
    stamp: Option<Stamp>,
    blob: Option<Blob>,
    /// What an earlier scan remembers of it, and at which position.
    earlier: Option<(Earlier<'m>, u32)>,
}

impl Before<'_> {
    /// What an earlier scan saw, if the file is the same.
    fn kept(&self, is_same: impl Fn(&Earlier<'_>, Stamp) -> bool) -> Option<Looked> {
        let ((earlier, position), stamp) = self.earlier.zip(self.stamp)?;
        is_same(&earlier, stamp).then_some(())?;
        Some(Looked::new(
            earlier.examined()?,
            Some(earlier.with(stamp, self.blob)),
            Some(position),
        ))
    }

    /// What tells the file from its later self; nothing if it changed while it was read.
    fn known(&self, now: std::io::Result<Metadata>, digest: Option<Digest>) -> Option<Known> {
        let stamp = self.stamp.filter(|stamp| now.is_ok_and(|now| Stamp::of(&now) == *stamp))?;
        Some(Known {
            stamp,
            blob: self.blob,
            digest,
        })
    }
}

/// Why a file was not read.
type Unread = (GapKind, String);

fn unreadable_entry(entry: &Entry, kind: GapKind, reason: String) -> Examined {
    let mut examined = Examined::default();
    examined.gaps.push(Gap {
        kind,
        what: entry.path.clone(),
        reason,
    });
    examined
}

fn unreadable(error: std::io::Error) -> Unread {
    (GapKind::Unreadable, format!("{error}; scan as a user who may read it"))
}

fn too_large() -> Unread {
    let reason = format!("files of more than {} MiB are not read", LARGEST_FILE >> 20);
    (GapKind::TooLarge, reason)
}

/// Reads a file into the buffer, and gives it with the open file. Only regular files are opened, so that nothing can block.
pub(crate) fn read_file<'b>(path: &Path, buffer: &'b mut Vec<u8>) -> Result<(&'b [u8], File), Unread> {
    const AT_ONCE: usize = 256 << 10;
    let mut file = folder::open(path).map_err(unreadable)?;
    let mut length = 0;
    loop {
        if buffer.len() < length + AT_ONCE {
            buffer.resize(length + AT_ONCE, 0);
        }
        let read = file.read(&mut buffer[length..]).map_err(unreadable)?;
        length += read;
        if length as u64 > LARGEST_FILE {
            *buffer = Vec::new();
            return Err(too_large());
        }
        // A regular file gives less than it was asked for only at its end.
        if read == 0 || length < buffer.len() {
            return Ok((&buffer[..length], file));
        }
    }
}
