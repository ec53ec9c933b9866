//! Formats that are zip archives: their list of entries and a few small entries, within hard limits.

use std::io::{Error, ErrorKind, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::read::ZipReadOptions;

use super::reader::Pieces;
use crate::{Artifact, Unreadable};

/// Bytes of the list of entries.
const LONGEST_DIRECTORY: u64 = 16 << 20;
/// Entries of an archive.
const MOST_ENTRIES: u64 = 250_000;
/// Bytes fetched at once.
const BLOCK: usize = 32 << 10;

/// A zip archive that lies in an artifact.
pub(super) struct Container<'a> {
    archive: ZipArchive<Window<'a>>,
}

/// An artifact as something to read and seek in, of which only so much is read.
struct Window<'a> {
    artifact: &'a dyn Pieces,
    position: u64,
    block: Vec<u8>,
    start: u64,
    /// Bytes that may still be read; shared, as the archive owns this.
    budget: std::rc::Rc<std::cell::Cell<u64>>,
}

impl Read for Window<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let held = self.start..self.start + self.block.len() as u64;
        if !held.contains(&self.position) {
            self.block = self.artifact.piece(self.position, BLOCK).map_err(Error::other)?;
            self.start = self.position;
        }
        let rest = &self.block[(self.position - self.start) as usize..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.position += length as u64;
        let budget = self.budget.get();
        if (length as u64) > budget {
            return Err(Error::new(
                ErrorKind::FileTooLarge,
                "more of it would have to be read than the limit allows",
            ));
        }
        self.budget.set(budget - length as u64);
        Ok(length)
    }
}

impl Seek for Window<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let base = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => self.artifact.length().checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = base.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "a place before the beginning"))?;
        Ok(self.position)
    }
}

/// Whether what a zip archive says of its list is within limits, in entries and in bytes: a reader makes room for as many as it is
/// told of.
///
/// # Errors
/// If it is not.
pub fn bounded(artifact: &Artifact<'_>, most_entries: u64, longest_list: u64) -> Result<(), Unreadable> {
    /// The end record, its longest comment and the locator of the record for large archives.
    const TAIL: u64 = 22 + (1 << 16) + 20;
    /// The record for large archives, with what may be added to it.
    const LONGEST_RECORD: u64 = 4096;
    let too_many = || {
        Unreadable(format!(
            "it tells of more than {most_entries} entries, or of a longer list of them than {} MiB",
            longest_list >> 20
        ))
    };
    let start = artifact.length().saturating_sub(TAIL);
    let tail = artifact.piece(start, TAIL as usize)?;
    for at in memchr::memmem::find_iter(&tail, b"PK\x05\x06") {
        let length = tail
            .get(at + 12..at + 16)
            .and_then(|bytes| bytes.try_into().ok())
            .map(u32::from_le_bytes);
        // The largest number says that the record for large archives has it.
        if length.is_some_and(|length| length != u32::MAX && u64::from(length) > longest_list) {
            return Err(too_many());
        }
    }
    for at in memchr::memmem::find_iter(&tail, b"PK\x06\x07") {
        let locator = start + at as u64;
        let Some(record) = number(&tail, at + 8) else { continue };
        if record >= locator {
            continue;
        }
        if locator - record > LONGEST_RECORD {
            return Err(Unreadable("the record of its entries does not stand where it should".to_owned()));
        }
        let bytes = artifact.piece(record, (locator - record) as usize)?;
        for at in memchr::memmem::find_iter(&bytes, b"PK\x06\x06") {
            let (entries, length) = (number(&bytes, at + 32), number(&bytes, at + 40));
            if entries.is_some_and(|entries| entries > most_entries) || length.is_some_and(|length| length > longest_list) {
                return Err(too_many());
            }
        }
    }
    Ok(())
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

impl<'a> Container<'a> {
    pub(super) fn open(artifact: &'a Artifact<'_>) -> Result<Self, Unreadable> {
        bounded(artifact, MOST_ENTRIES, LONGEST_DIRECTORY)?;
        let budget = std::rc::Rc::new(std::cell::Cell::new(LONGEST_DIRECTORY));
        let window = Window {
            artifact,
            position: 0,
            block: Vec::new(),
            start: 0,
            budget: std::rc::Rc::clone(&budget),
        };
        let archive = ZipArchive::new(window).map_err(|error| Unreadable(format!("it is no whole zip archive: {error}")))?;
        // Reading entries has limits of its own.
        budget.set(u64::MAX);
        Ok(Self { archive })
    }

    /// The names of its entries, as far as they are texts.
    pub(super) fn names(&self) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
        self.archive.file_names().filter_map(Result::ok)
    }

    /// An entry's content, cut at a limit; says whether it was.
    ///
    /// Check sums and marks of encryption are not heeded: who loads such files does not heed them either.
    pub(super) fn entry(&mut self, name: &str, most: usize) -> Result<(Vec<u8>, bool), Unreadable> {
        let refused = |error: &dyn std::fmt::Display| Unreadable(format!("its entry `{name}` cannot be read: {error}"));
        let index = self.archive.index_for_name(name).ok_or_else(|| refused(&"it is not there"))?;
        let options = ZipReadOptions::new().ignore_crc32(true).ignore_encryption_flag(true);
        let entry = self
            .archive
            .by_index_with_options(index, options)
            .map_err(|error| refused(&error))?;
        let mut content = Vec::new();
        entry
            .take(most as u64 + 1)
            .read_to_end(&mut content)
            .map_err(|error| refused(&error))?;
        let cut = content.len() > most;
        content.truncate(most);
        Ok((content, cut))
    }
}
