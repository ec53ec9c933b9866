//! A file or a record, read once and parsed at most once.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::tree::{self, Tree};

/// Why an artifact could not be read, or only in part: one sentence for the coverage statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// A file's or record's bytes with its name; text and key-value tree are made on first demand and shared.
pub struct Artifact<'a> {
    path: &'a str,
    bytes: &'a [u8],
    text: OnceCell<Result<Cow<'a, str>, Unreadable>>,
    tree: OnceCell<Result<Tree, Unreadable>>,
}

impl<'a> Artifact<'a> {
    /// An artifact with a path relative to the scanned root (`/` separators).
    #[must_use]
    pub fn new(path: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            path,
            bytes,
            text: OnceCell::new(),
            tree: OnceCell::new(),
        }
    }

    /// Path relative to the scanned root, `/` separators.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// What follows the last dot of the file name; empty if there is none.
    #[must_use]
    pub fn extension(&self) -> &str {
        self.file_name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The bytes as they are.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// The bytes as text: UTF-8 with or without a byte order mark, UTF-16 with one, stray bytes replaced.
    ///
    /// # Errors
    /// If the artifact is binary.
    pub fn text(&self) -> Result<&str, Unreadable> {
        self.text.get_or_init(|| decode(self.bytes)).as_deref().map_err(Clone::clone)
    }

    /// JSON, YAML or TOML (by file name) as a tree with lines.
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
