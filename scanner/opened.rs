//! A file of this machine that is read in pieces.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// An open file, with how much of it was read.
pub(crate) struct Opened {
    file: Mutex<File>,
    length: u64,
    read: AtomicU64,
}

impl Opened {
    pub(crate) fn of(path: &Path) -> std::io::Result<Self> {
        Self::file(File::open(path)?)
    }

    pub(crate) fn file(file: File) -> std::io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self {
            file: Mutex::new(file),
            length,
            read: AtomicU64::new(0),
        })
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }
}

impl detectors::Body for Opened {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        let mut filled = 0;
        while filled < buffer.len() {
            match file.read(&mut buffer[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        self.read.fetch_add(filled as u64, Ordering::Relaxed);
        Ok(filled)
    }
}
