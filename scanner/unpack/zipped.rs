//! Zip archives, with what they are made to trip readers with: entries that overlap, that are encrypted, or whose sums are wrong.

use std::fs::File;

use anyhow::{Result, bail};
use evidence::GapKind;
use zip::{CompressionMethod, ZipArchive};

use super::sink::{Full, Sink};
use crate::opened::Opened;

/// Bytes that an entry takes in the list of them, with a path of usual length.
const AN_ENTRY: u64 = 128;
/// Bytes of the list of entries, however many there may be.
const LONGEST_LIST: u64 = 256 << 20;

/// Unpacks a zip archive.
pub(super) fn unpack(file: File, sink: &mut Sink<'_>) -> Result<()> {
    let body = Opened::file(file.try_clone()?)?;
    let entries = sink.bounds().entries;
    let list = entries.saturating_mul(AN_ENTRY).clamp(1 << 20, LONGEST_LIST);
    if let Err(reason) = detectors::files::zip_is_bounded(&detectors::Artifact::in_pieces("", &body), entries, list) {
        bail!(
            "cannot unpack {}: {reason}; raise `entries` under [archives] in the settings if it may",
            sink.name()
        );
    }
    let mut archive = match ZipArchive::new(std::io::BufReader::new(file)) {
        Ok(archive) => archive,
        Err(error) => bail!("cannot unpack {}: it is no whole zip archive: {error}", sink.name()),
    };
    // Entries that share their bytes are how a small file becomes a huge one.
    if archive.has_overlapping_files().unwrap_or(false) {
        bail!(
            "cannot unpack {}: its entries overlap, as those of archives do that are made to fill disks",
            sink.name()
        );
    }
    for index in 0..archive.len() {
        if entry(&mut archive, index, sink).is_err() {
            break;
        }
    }
    Ok(())
}

fn entry(archive: &mut ZipArchive<std::io::BufReader<File>>, index: usize, sink: &mut Sink<'_>) -> Result<(), Full> {
    sink.count()?;
    let (name, encrypted, method) = match archive.by_index_raw(index) {
        Ok(entry) => (entry.name_raw().to_owned(), entry.encrypted(), entry.compression()),
        Err(error) => {
            sink.miss(GapKind::Malformed, "", format!("its entry {index} cannot be read: {error}"));
            return Ok(());
        }
    };
    if name.ends_with(b"/") {
        return Ok(());
    }
    let Some(path) = sink.path(&name) else { return Ok(()) };
    if !encrypted && !matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated) {
        let reason = format!("it is compressed by a method that is not read here ({method}); unpack it and scan the folder");
        sink.miss(GapKind::Unsupported, &path, reason);
        return Ok(());
    }
    match archive.by_index(index) {
        // A link's content is where it leads; nothing is written for it.
        Ok(entry) if !entry.is_file() => sink.miss(GapKind::Skipped, &path, "it is a link, and links in archives are not followed"),
        Ok(mut entry) => {
            sink.write(&path, &mut entry)?;
        }
        Err(_) if encrypted => sink.miss(
            GapKind::Unreadable,
            &path,
            "it is encrypted; unpack it with its password and scan the folder",
        ),
        Err(error) => sink.miss(GapKind::Malformed, &path, format!("it cannot be unpacked: {error}")),
    }
    Ok(())
}
