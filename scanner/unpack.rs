//! Archives as trees: what an archive holds is written into a private temporary folder, within hard bounds, and scanned there.
//!
//! Only regular files are written, under names that stay inside the folder; links and devices are not. Every bound that is met is a
//! gap that names it. Nothing is written outside of the folder, and nothing that is unpacked is run.

pub(crate) mod image;
mod layers;
mod sink;
mod tarball;
#[cfg(test)]
mod tests;
mod zipped;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result, bail};
use evidence::{Gap, GapKind};
use serde::Deserialize;
use tempfile::TempDir;

use sink::Sink;

/// How much of an archive is unpacked; `[archives]` in the settings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Bounds {
    /// Mebibytes that one archive may unpack to.
    pub megabytes: u64,
    /// How many times its own size an archive may unpack to, beyond the first 64 MiB.
    pub ratio: u64,
    /// Entries of one archive.
    pub entries: u64,
    /// How many archives may lie inside each other and are opened: 1 opens those inside the one that was named.
    pub nested: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            megabytes: 8 * 1024,
            ratio: 200,
            entries: 500_000,
            nested: 1,
        }
    }
}

/// Endings by which archives are known; the first bytes say which kind they are.
const ENDINGS: [&str; 20] = [
    "zip", "tar", "tgz", "tzst", "whl", "egg", "jar", "war", "ear", "aar", "nupkg", "vsix", "crate", "gem", "conda", "apk", "ipa", "xpi",
    "oci", "pyz",
];
/// Endings of a tar archive that is packed once more.
const PACKED: [&str; 4] = ["gz", "zst", "bz2", "xz"];

/// Whether a path has the ending of an archive.
pub(crate) fn is_archive(path: &str) -> bool {
    let Some((stem, ending)) = path.rsplit_once('.') else {
        return false;
    };
    let is_one_of = |endings: &[&str]| endings.iter().any(|known| known.eq_ignore_ascii_case(ending));
    let is_tar = || {
        stem.get(stem.len().saturating_sub(4)..)
            .is_some_and(|end| end.eq_ignore_ascii_case(".tar"))
    };
    is_one_of(&ENDINGS) || is_one_of(&PACKED) && is_tar()
}

/// A folder that an archive was unpacked into; it goes when this goes.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) folder: TempDir,
    /// What was not unpacked.
    pub(crate) gaps: Vec<Gap>,
    /// Bytes that were unpacked.
    pub(crate) bytes: u64,
    /// Entries that were met.
    pub(crate) entries: u64,
}

/// What to say of a file that is no archive of a kind that is read here.
fn what_it_is_not(file: &mut File) -> Result<&'static str> {
    let mut head = Vec::with_capacity(6);
    file.take(6).read_to_end(&mut head)?;
    Ok(match head.as_slice() {
        [b'B', b'Z', b'h', ..] | [0xFD, b'7', b'z', b'X', b'Z', ..] => {
            "it is compressed by bzip2 or xz, which are not read here; unpack it and scan the folder"
        }
        [] => "it is empty",
        _ => "it is called an archive, but is no zip or tar archive, plain or compressed by gzip or zstd",
    })
}

/// A folder that only this user can look into.
fn private_folder() -> Result<TempDir> {
    tempfile::Builder::new()
        .prefix("unpacked-aimscan-")
        .tempdir()
        .context("cannot make a temporary folder to unpack into")
}

/// Unpacks an archive; `name` is what gaps call it.
///
/// # Errors
/// If it is no archive of a kind that is read here, or nothing of it can be read.
pub(crate) fn unpack(archive: &Path, name: &str, bounds: &Bounds) -> Result<Unpacked> {
    let folder = private_folder()?;
    let mut file = File::open(archive).with_context(|| format!("cannot open {name}"))?;
    let length = file.metadata().with_context(|| format!("cannot open {name}"))?.len();
    let mut sink = Sink::new(folder.path(), name, length, bounds);
    match Kind::of(&mut file)? {
        Some(Kind::Zip) => zipped::unpack(file, &mut sink)?,
        Some(packed) => tarball::unpack(packed.reader(file)?, &mut sink)?,
        None => bail!("cannot unpack {name}: {}", what_it_is_not(&mut file)?),
    }
    let (bytes, entries) = (sink.written(), sink.entries());
    let gaps = sink.into_gaps();
    Ok(Unpacked {
        folder,
        gaps,
        bytes,
        entries,
    })
}

/// What kind of archive a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Zip,
    Tar,
    Gzip,
    Zstd,
}

impl Kind {
    fn of(file: &mut File) -> Result<Option<Self>> {
        let mut head = Vec::with_capacity(512);
        file.by_ref().take(512).read_to_end(&mut head)?;
        let kind = match Self::of_bytes(&head) {
            None if ends_as_zip(file)? => Some(Self::Zip),
            kind => kind,
        };
        file.seek(SeekFrom::Start(0))?;
        Ok(kind)
    }

    fn of_bytes(head: &[u8]) -> Option<Self> {
        match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstd),
            _ if is_tar_header(head) => Some(Self::Tar),
            _ => None,
        }
    }

    /// The bytes of a tar archive that the file holds.
    fn reader(self, file: File) -> Result<Box<dyn Read>> {
        let file = std::io::BufReader::with_capacity(128 << 10, file);
        Ok(match self {
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(file)?;
                // A frame may ask for a window of gigabytes.
                decoder.window_log_max(27)?;
                Box::new(decoder)
            }
            Self::Zip | Self::Tar => Box::new(file),
        })
    }
}

/// Whether a file ends with the list of a zip archive: a program may stand before it, as in jars that start themselves.
fn ends_as_zip(file: &mut File) -> Result<bool> {
    /// The end record, and its longest comment.
    const TAIL: u64 = 22 + (1 << 16);
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    Ok(memchr::memmem::find(&tail, b"PK\x05\x06").is_some())
}

/// Whether a block is the header of an entry, by the sum it holds of itself; an archive may also be empty.
fn is_tar_header(head: &[u8]) -> bool {
    let Some(block) = head.get(..512) else { return false };
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
        .sum();
    let written = std::str::from_utf8(&block[148..156])
        .ok()
        .map(|text| text.trim_matches(['\0', ' ']).to_owned());
    block.iter().all(|byte| *byte == 0) || written.is_some_and(|text| u32::from_str_radix(&text, 8) == Ok(sum))
}

/// A gap of an archive.
fn gap(kind: GapKind, what: impl Into<String>, reason: impl Into<String>) -> Gap {
    Gap {
        kind,
        what: what.into(),
        reason: evidence::redact(&reason.into()),
    }
}
