//! Where unpacked files go: checks every name, counts every entry and byte, and keeps a gap for each bound that is met.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use evidence::{Gap, GapKind};

use super::{Bounds, gap};

/// What any archive may unpack to, however small it is.
const ALWAYS: u64 = 64 << 20;
/// Longest path, and longest part of one, in bytes.
const LONGEST_PATH: usize = 2048;
const LONGEST_PART: usize = 240;
/// Folders inside each other.
const DEEPEST: usize = 100;
/// Gaps that are told of one by one; more of a kind are counted.
const MOST_TOLD: usize = 20;

/// A folder that files are unpacked into.
pub(super) struct Sink<'a> {
    folder: &'a Path,
    /// What gaps call the archive.
    name: &'a str,
    bounds: &'a Bounds,
    /// Bytes that may still be written.
    left: u64,
    written: u64,
    /// Which of two bounds the bytes come from.
    by_ratio: bool,
    entries: u64,
    gaps: Vec<Gap>,
    untold: BTreeMap<GapKind, u64>,
    full: bool,
}

/// That a bound is met, and the rest of the archive is not unpacked; the gap says which.
#[derive(Debug)]
pub(super) struct Full;

impl<'a> Sink<'a> {
    pub(super) fn new(folder: &'a Path, name: &'a str, length: u64, bounds: &'a Bounds) -> Self {
        let by_ratio = length.saturating_mul(bounds.ratio).max(ALWAYS);
        let most = bounds.megabytes.saturating_mul(1 << 20);
        Self {
            folder,
            name,
            bounds,
            left: by_ratio.min(most),
            written: 0,
            by_ratio: by_ratio < most,
            entries: 0,
            gaps: Vec::new(),
            untold: BTreeMap::new(),
            full: false,
        }
    }

    pub(super) fn name(&self) -> &str {
        self.name
    }

    pub(super) fn bounds(&self) -> &Bounds {
        self.bounds
    }

    /// Counts an entry, whatever it is.
    pub(super) fn count(&mut self) -> Result<(), Full> {
        self.entries += 1;
        if self.entries <= self.bounds.entries {
            return Ok(());
        }
        Err(self.full(format!(
            "it has more than {} entries; raise `entries` under [archives] in the settings to unpack the rest",
            self.bounds.entries
        )))
    }

    fn full(&mut self, reason: String) -> Full {
        if !self.full {
            self.full = true;
            self.gaps.push(gap(GapKind::TooLarge, self.name, reason));
        }
        Full
    }

    /// Counts bytes that are unpacked and not kept.
    fn spend(&mut self, bytes: u64) -> Result<(), Full> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                self.written += bytes;
                Ok(())
            }
            None => {
                self.left = 0;
                let bounds = self.bounds;
                let reason = if self.by_ratio {
                    format!(
                        "it unpacks to more than {} times its size, as archives do that are made to fill disks; raise `ratio` under [archives] in the settings if it may",
                        bounds.ratio
                    )
                } else {
                    format!(
                        "it unpacks to more than {} MiB; raise `megabytes` under [archives] in the settings to unpack the rest",
                        bounds.megabytes
                    )
                };
                Err(self.full(reason))
            }
        }
    }

    /// The path of an entry inside the folder, if it stays there; else a gap.
    pub(super) fn path(&mut self, name: &[u8]) -> Option<String> {
        match inside(name) {
            Ok(path) => Some(path),
            Err(reason) => {
                let name = String::from_utf8_lossy(name).chars().take(200).collect::<String>();
                self.miss(GapKind::Skipped, &name, reason);
                None
            }
        }
    }

    /// Keeps a gap for an entry.
    pub(super) fn miss(&mut self, kind: GapKind, entry: &str, reason: impl Into<String>) {
        let what = if entry.is_empty() {
            self.name.to_owned()
        } else {
            format!("{}!/{entry}", self.name)
        };
        if self.gaps.iter().filter(|gap| gap.kind == kind).count() < MOST_TOLD {
            self.gaps.push(gap(kind, what, reason));
        } else {
            *self.untold.entry(kind).or_default() += 1;
        }
    }

    /// Where a path of the archive lies on this machine.
    pub(super) fn file(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Writes an entry; what cannot be read to its end is kept as far as it was read.
    pub(super) fn write(&mut self, path: &str, content: &mut dyn Read) -> Result<Written, Full> {
        let target = self.file(path);
        let made = target
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| File::create(&target));
        let mut file = match made {
            Ok(file) => file,
            Err(error) => {
                self.miss(GapKind::Unreadable, path, format!("it cannot be unpacked here: {error}"));
                return Ok(Written { length: 0, whole: false });
            }
        };
        let mut buffer = vec![0; 64 << 10];
        let mut length = 0;
        loop {
            let read = match content.read(&mut buffer) {
                Ok(0) => return Ok(Written { length, whole: true }),
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.miss(GapKind::Malformed, path, format!("it could be unpacked only in part: {error}"));
                    return Ok(Written { length, whole: false });
                }
            };
            self.spend(read as u64)?;
            if let Err(error) = file.write_all(&buffer[..read]) {
                return Err(self.full(format!("it cannot be unpacked to its end here: {error}")));
            }
            length += read as u64;
        }
    }

    /// Reads an entry's content away, counting it.
    pub(super) fn pass(&mut self, content: &mut dyn Read) -> Result<(), Full> {
        let mut buffer = vec![0; 64 << 10];
        loop {
            match content.read(&mut buffer) {
                Ok(0) | Err(_) => return Ok(()),
                Ok(read) => self.spend(read as u64)?,
            }
        }
    }

    /// Bytes that were unpacked.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Entries that were met.
    pub(super) fn entries(&self) -> u64 {
        self.entries
    }

    pub(super) fn into_gaps(mut self) -> Vec<Gap> {
        for (kind, count) in std::mem::take(&mut self.untold) {
            self.gaps.push(gap(
                kind,
                self.name,
                format!("{count} more of its entries, beside those that are named"),
            ));
        }
        self.gaps
    }
}

/// What was written of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) length: u64,
    /// Whether the content was read to its end without a fault.
    pub(super) whole: bool,
}

/// A name as a path that stays inside a folder, `/` separators.
pub(super) fn inside(name: &[u8]) -> Result<String, &'static str> {
    if name.len() > LONGEST_PATH {
        return Err("its name is too long");
    }
    let name = String::from_utf8_lossy(name).replace('\\', "/");
    if name.starts_with('/') || name.as_bytes().get(1) == Some(&b':') {
        return Err("its name is an absolute path; such entries are not unpacked");
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err("its name leads out of the archive; such entries are not unpacked"),
            part if part.len() > LONGEST_PART => return Err("its name is too long"),
            part if part.chars().any(|c| c == '\0' || c.is_control()) => return Err("its name holds control characters"),
            part => parts.push(part),
        }
    }
    if parts.len() > DEEPEST {
        return Err("it lies too many folders deep");
    }
    if parts.is_empty() {
        Err("it has no name")
    } else {
        Ok(parts.join("/"))
    }
}
