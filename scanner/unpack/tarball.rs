//! Tar archives: one entry after the other, with long names read within bounds.

use std::io::Read;

use anyhow::Result;
use evidence::GapKind;
use tar::EntryType;

use super::sink::{Full, Sink};

/// Longest description of a following entry.
const LONGEST_DESCRIPTION: u64 = 1 << 20;

/// What stands in front of an entry's content.
pub(super) struct Header {
    pub(super) name: Vec<u8>,
    pub(super) kind: EntryType,
    pub(super) size: u64,
}

/// Unpacks a tar archive.
pub(super) fn unpack(archive: Box<dyn Read>, sink: &mut Sink<'_>) -> Result<()> {
    each(archive, sink, |sink, header, content| match header.kind {
        EntryType::Directory => Ok(()),
        // The oldest archives know folders by the end of their names.
        EntryType::Regular if header.name.ends_with(b"/") => Ok(()),
        EntryType::Regular | EntryType::Continuous => {
            let Some(path) = sink.path(&header.name) else { return Ok(()) };
            let written = sink.write(&path, content)?;
            if written.whole && written.length < header.size {
                sink.miss(GapKind::Malformed, &path, "the archive ends before it does");
            }
            Ok(())
        }
        EntryType::Symlink | EntryType::Link => {
            let name = String::from_utf8_lossy(&header.name).into_owned();
            sink.miss(GapKind::Skipped, &name, "it is a link, and links in archives are not followed");
            Ok(())
        }
        _ => {
            let name = String::from_utf8_lossy(&header.name).into_owned();
            sink.miss(
                GapKind::Skipped,
                &name,
                "it is a sparse file, a device or something else that is not unpacked",
            );
            Ok(())
        }
    });
    Ok(())
}

/// Calls back for each entry with its content; what breaks the archive off is a gap.
pub(super) fn each(
    archive: Box<dyn Read>,
    sink: &mut Sink<'_>,
    mut visit: impl FnMut(&mut Sink<'_>, &Header, &mut dyn Read) -> Result<(), Full>,
) {
    let mut archive = tar::Archive::new(archive);
    // The library reads long names whole, however long they are; so they are read here.
    let entries = match archive.entries() {
        Ok(entries) => entries.raw(true),
        Err(error) => return sink.miss(GapKind::Malformed, "", format!("it cannot be read: {error}")),
    };
    let mut long_name: Option<Vec<u8>> = None;
    for entry in entries {
        let mut entry = match entry {
            Ok(entry) => entry,
            Err(error) => return sink.miss(GapKind::Malformed, "", format!("it was read up to a damaged place: {error}")),
        };
        let kind = entry.header().entry_type();
        if sink.count().is_err() {
            return;
        }
        if matches!(
            kind,
            EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader
        ) {
            let mut description = Vec::new();
            let read = entry.by_ref().take(LONGEST_DESCRIPTION).read_to_end(&mut description);
            if let Err(error) = read {
                return sink.miss(GapKind::Malformed, "", format!("it was read up to a damaged place: {error}"));
            }
            // What is longer than any name is passed over, and counted.
            if sink.pass(&mut entry).is_err() {
                return;
            }
            match kind {
                EntryType::GNULongName => long_name = Some(description.split(|byte| *byte == 0).next().unwrap_or_default().to_owned()),
                EntryType::XHeader => {
                    let path = tar::PaxExtensions::new(&description)
                        .filter_map(Result::ok)
                        .find(|extension| extension.key_bytes() == b"path")
                        .map(|extension| extension.value_bytes().to_owned());
                    long_name = path.or(long_name.take());
                }
                _ => {}
            }
            continue;
        }
        let header = Header {
            name: long_name.take().unwrap_or_else(|| entry.header().path_bytes().into_owned()),
            kind,
            size: entry.header().entry_size().unwrap_or(0),
        };
        if visit(sink, &header, &mut entry).is_err() {
            return;
        }
        // What was not read is unpacked all the same, and counts.
        if sink.pass(&mut entry).is_err() {
            return;
        }
    }
}
