//! A file or a record, read once and parsed at most once.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::FilePath;
use crate::tree::{self, Tree};

/// Why an artifact could not be read, or only in part: one sentence for the coverage statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// Bytes that are read in pieces, where they lie.
pub trait Body {
    /// Number of bytes.
    fn length(&self) -> u64;

    /// Reads at most as many bytes as the buffer holds, from an offset; fewer only at the end.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize>;
}

impl Body for &[u8] {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| self.get(offset..))
            .unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }
}

/// A file's or record's bytes with its name; text and key-value tree are made on first demand and shared.
pub struct Artifact<'a> {
    file: FilePath<'a>,
    bytes: &'a [u8],
    /// What is read in pieces, where that is not `bytes`.
    body: Option<&'a dyn Body>,
    text: OnceCell<Result<Cow<'a, str>, Unreadable>>,
    tree: OnceCell<Result<Tree, Unreadable>>,
}

impl<'a> Artifact<'a> {
    /// An artifact with a path relative to the scanned root (`/` separators).
    #[must_use]
    pub fn new(path: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            file: FilePath::of(path),
            bytes,
            body: None,
            text: OnceCell::new(),
            tree: OnceCell::new(),
        }
    }

    /// An artifact that is read in pieces only: it has no bytes and no text.
    #[must_use]
    pub fn in_pieces(path: &'a str, body: &'a dyn Body) -> Self {
        Self {
            body: Some(body),
            ..Self::new(path, &[])
        }
    }

    /// Path relative to the scanned root, `/` separators.
    #[must_use]
    pub fn path(&self) -> &str {
        self.file.as_str()
    }

    /// The path with its parts.
    #[must_use]
    pub fn file(&self) -> &FilePath<'a> {
        &self.file
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.file.name()
    }

    /// What follows the last dot of the file name; empty if there is none.
    #[must_use]
    pub fn extension(&self) -> &str {
        self.file_name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Whether the lines at its beginning are so long that no person wrote them.
    #[must_use]
    pub fn has_long_lines(&self) -> bool {
        const HEAD: usize = 64 << 10;
        const LONG: usize = 500;
        let head = &self.bytes[..self.bytes.len().min(HEAD)];
        head.len() / (memchr::memchr_iter(b'\n', head).count() + 1) > LONG
    }

    /// The bytes as they are.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// The number of bytes the artifact has, read or not.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.body.map_or(self.bytes.len() as u64, Body::length)
    }

    /// At most `length` bytes from an offset; fewer only at the end.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn piece(&self, offset: u64, length: usize) -> Result<Vec<u8>, Unreadable> {
        let rest = self.length().saturating_sub(offset);
        let mut buffer = vec![0; length.min(usize::try_from(rest).unwrap_or(usize::MAX))];
        let read = match self.body {
            Some(body) => body.read_at(offset, &mut buffer),
            None => self.bytes.read_at(offset, &mut buffer),
        };
        let read = read.map_err(|error| Unreadable(error.to_string()))?;
        buffer.truncate(read);
        Ok(buffer)
    }

    /// The bytes as text: UTF-8 with or without a byte order mark, UTF-16 with one, stray bytes replaced.
    ///
    /// # Errors
    /// If the artifact is binary.
    pub fn text(&self) -> Result<&str, Unreadable> {
        self.text.get_or_init(|| decode(self.bytes)).as_deref().map_err(Clone::clone)
    }

    /// JSON, YAML, TOML or XML (by file name) as a tree with lines.
    ///
    /// # Errors
    /// If the artifact is binary. A syntax error leaves what was read before it in the tree, see [`Tree::fault`].
    pub fn tree(&self) -> Result<&Tree, Unreadable> {
        self.tree
            .get_or_init(|| tree::read(self.file_name(), self.text()?))
            .as_ref()
            .map_err(Clone::clone)
    }
}

/// Whether bytes are text in an encoding that 8-bit searches do not see into.
#[must_use]
pub fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF])
}

/// Whether bytes are no text: a NUL among the first 8 KiB, and no UTF-16 mark.
#[must_use]
pub fn is_binary(bytes: &[u8]) -> bool {
    !is_utf16(bytes) && memchr::memchr(0, &bytes[..bytes.len().min(8192)]).is_some()
}

/// Bytes as text, as [`Artifact::text`] does it.
///
/// # Errors
/// If the bytes are binary.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    if is_utf16(bytes) {
        let big_endian = bytes[0] == 0xFE;
        let units = bytes[2..].chunks_exact(2).map(|pair| {
            let pair = [pair[0], pair[1]];
            if big_endian {
                u16::from_be_bytes(pair)
            } else {
                u16::from_le_bytes(pair)
            }
        });
        return Ok(char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect());
    }
    if is_binary(bytes) {
        return Err(Unreadable("binary, not text".to_owned()));
    }
    Ok(String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_where_the_artifact_ends() {
        let body: &[u8] = b"0123456789";
        for artifact in [Artifact::new("f", body), Artifact::in_pieces("f", &body)] {
            assert_eq!(artifact.length(), 10);
            assert_eq!(artifact.piece(8, usize::MAX), Ok(b"89".to_vec()));
            assert_eq!(artifact.piece(2, 3), Ok(b"234".to_vec()));
            assert_eq!(artifact.piece(u64::MAX, 3), Ok(Vec::new()));
        }
    }

    #[test]
    fn text_is_decoded_whatever_its_encoding() {
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain("héllo".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        for (bytes, text) in [
            (&b"plain"[..], "plain"),
            (b"\xEF\xBB\xBFmarked", "marked"),
            (&utf16, "héllo"),
            (b"caf\xE9", "caf\u{FFFD}"),
        ] {
            assert_eq!(Artifact::new("f", bytes).text(), Ok(text));
        }
        assert!(Artifact::new("f", b"a\0b").text().is_err());
    }
}
