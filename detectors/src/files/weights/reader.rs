//! Reads an artifact from an offset on, a block at a time: numbers, lengths and texts, each held against what is left.

use crate::{Artifact, Unreadable};

/// Bytes fetched at once.
const BLOCK: usize = 64 << 10;

/// Something that is read in pieces; an artifact, without the life time of what it borrows.
pub(super) trait Pieces {
    fn length(&self) -> u64;
    fn piece(&self, offset: u64, length: usize) -> Result<Vec<u8>, Unreadable>;
}

impl Pieces for Artifact<'_> {
    fn length(&self) -> u64 {
        self.length()
    }

    fn piece(&self, offset: u64, length: usize) -> Result<Vec<u8>, Unreadable> {
        self.piece(offset, length)
    }
}

/// A place in an artifact.
pub(super) struct Reader<'a> {
    artifact: &'a dyn Pieces,
    position: u64,
    block: Vec<u8>,
    /// Where the block begins.
    start: u64,
}

pub(super) fn ends_early() -> Unreadable {
    Unreadable("the file ends before its header does".to_owned())
}

impl<'a> Reader<'a> {
    pub(super) fn new(artifact: &'a Artifact<'_>, position: u64) -> Self {
        Self {
            artifact,
            position,
            block: Vec::new(),
            start: 0,
        }
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn go(&mut self, position: u64) {
        self.position = position;
    }

    pub(super) fn left(&self) -> u64 {
        self.artifact.length().saturating_sub(self.position)
    }

    /// Goes on by a number of bytes that must be there.
    pub(super) fn skip(&mut self, length: u64) -> Result<(), Unreadable> {
        if length > self.left() {
            return Err(ends_early());
        }
        self.position += length;
        Ok(())
    }

    /// Exactly so many bytes; callers bound the number.
    pub(super) fn take(&mut self, length: usize) -> Result<Vec<u8>, Unreadable> {
        if length as u64 > self.left() {
            return Err(ends_early());
        }
        let mut taken = Vec::with_capacity(length);
        while taken.len() < length {
            let rest = self.block()?;
            let part = rest.len().min(length - taken.len());
            taken.extend_from_slice(&rest[..part]);
            self.position += part as u64;
        }
        Ok(taken)
    }

    /// What the block holds from the position on; never empty.
    fn block(&mut self) -> Result<&[u8], Unreadable> {
        let held = self.start..self.start + self.block.len() as u64;
        if !held.contains(&self.position) {
            self.block = self.artifact.piece(self.position, BLOCK)?;
            self.start = self.position;
            if self.block.is_empty() {
                return Err(ends_early());
            }
        }
        Ok(&self.block[(self.position - self.start) as usize..])
    }

    pub(super) fn byte(&mut self) -> Result<u8, Unreadable> {
        let byte = self.block()?[0];
        self.position += 1;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Unreadable> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, Unreadable> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, Unreadable> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// What stands before the next line feed, which is passed; longer lines than that are an error.
    pub(super) fn line(&mut self, longest: usize) -> Result<Vec<u8>, Unreadable> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => return Ok(line),
                byte if line.len() < longest => line.push(byte),
                _ => return Err(Unreadable("a name in it is longer than any name".to_owned())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_no_borders_and_the_end_is_one() {
        let bytes: Vec<u8> = (0..BLOCK + 10).map(|at| (at % 251) as u8).collect();
        let artifact = Artifact::new("f", &bytes);
        let mut reader = Reader::new(&artifact, BLOCK as u64 - 2);
        assert_eq!(
            reader.u32(),
            Ok(u32::from_le_bytes(bytes[BLOCK - 2..BLOCK + 2].try_into().expect("four")))
        );
        assert_eq!(reader.left(), 8);
        assert!(reader.skip(9).is_err() && reader.take(9).is_err());
        assert_eq!(reader.take(8), Ok(bytes[BLOCK + 2..].to_vec()));
        assert!(reader.byte().is_err());
        reader.go(0);
        assert_eq!(reader.byte(), Ok(0));
    }
}
