//! Archives that lie in what is scanned: unpacked, and walked as if they were folders called `name!`.

use std::path::{Path, PathBuf};

use evidence::{Gap, GapKind};
use tempfile::TempDir;

use crate::scan::Scanner;
use crate::unpack::{self, Bounds};
use crate::walk::{self, Walked};

/// Archives that are opened inside one source.
const MOST: usize = 1000;

/// Opens the archives that a walk met, and those inside them as deep as asked; the folders last as long as what is given back.
pub(crate) fn open(scanner: &Scanner, walked: &mut Walked, depth: u32) -> Vec<TempDir> {
    let mut folders = Vec::new();
    let mut waiting: Vec<_> = std::mem::take(&mut walked.archives)
        .into_iter()
        .map(|archive| (archive, depth))
        .collect();
    // One bound for all of them together, so that many small archives are no way around it.
    let mut bounds: Bounds = scanner.archives.clone();
    let mut closed = 0_u64;
    while let Some(((path, file), depth)) = waiting.pop() {
        if depth == 0 {
            closed += 1;
            if closed <= 20 {
                let reason = "an archive inside an archive, not opened; raise `nested` under [archives] in the settings to open it";
                walked.gaps.push(gap(GapKind::Skipped, &path, reason.to_owned()));
            }
            continue;
        }
        if folders.len() == MOST || bounds.megabytes == 0 || bounds.entries == 0 {
            let reason = if folders.len() == MOST {
                format!("more than {MOST} archives lie here; the rest was not opened: scan them by themselves")
            } else {
                let met = if bounds.megabytes == 0 { "megabytes" } else { "entries" };
                format!("archives were opened up to the bound `{met}` under [archives] in the settings; raise it to open the rest")
            };
            walked.gaps.push(gap(GapKind::TooLarge, &path, reason));
            break;
        }
        match unpack::unpack(&file, &path, &bounds) {
            Ok(unpacked) => {
                bounds.megabytes = bounds.megabytes.saturating_sub(unpacked.bytes.div_ceil(1 << 20));
                bounds.entries = bounds.entries.saturating_sub(unpacked.entries);
                let inner = walk::walk(unpacked.folder.path(), &scanner.asking(&|_| None), &scanner.exclude);
                if unpack::image::is_layout(unpacked.folder.path()) {
                    let reason = "it holds a container image, whose layers are laid over each other only where it is scanned by itself";
                    walked.gaps.push(gap(GapKind::Skipped, &path, reason.to_owned()));
                }
                waiting.extend(
                    join(walked, inner, &path, unpacked.folder.path())
                        .into_iter()
                        .map(|archive| (archive, depth - 1)),
                );
                walked.gaps.extend(unpacked.gaps);
                folders.push(unpacked.folder);
            }
            Err(error) => walked.gaps.push(gap(GapKind::Malformed, &path, format!("{error:#}"))),
        }
    }
    if closed > 20 {
        walked.gaps.push(gap(
            GapKind::Skipped,
            "archives",
            format!("{} more archives inside archives, not opened", closed - 20),
        ));
    }
    walked.entries.sort_by(|a, b| (&a.path, &a.elsewhere).cmp(&(&b.path, &b.elsewhere)));
    walked.manifests.sort();
    folders
}

/// That archives which a walk met are not opened.
pub(crate) fn closed(archives: &[(String, PathBuf)]) -> Option<Gap> {
    let (first, _) = archives.first()?;
    let which = match archives.len() {
        1 => "an archive, not opened".to_owned(),
        count => format!("{count} archives, not opened, this one first"),
    };
    Some(gap(GapKind::Skipped, first, format!("{which}; add --archives to open them too")))
}

/// Adds what an archive holds, under its path, from the folder that it was unpacked into; gives the archives inside it.
fn join(walked: &mut Walked, inner: Walked, path: &str, folder: &Path) -> Vec<(String, PathBuf)> {
    let under = |inside: &str| format!("{path}!/{inside}");
    walked.files += inner.files;
    walked.manifests.extend(inner.manifests.iter().map(|inside| under(inside)));
    walked.gaps.extend(inner.gaps.into_iter().map(|gap| Gap {
        what: under(&gap.what),
        ..gap
    }));
    for (language, files) in inner.unread {
        *walked.unread.entry(language).or_default() += files;
    }
    walked.entries.extend(inner.entries.into_iter().map(|mut entry| {
        entry.elsewhere = Some(entry.file(folder).into_boxed_path());
        entry.path = under(&entry.path);
        entry
    }));
    inner.archives.into_iter().map(|(inside, file)| (under(&inside), file)).collect()
}

fn gap(kind: GapKind, what: &str, reason: String) -> Gap {
    Gap {
        kind,
        what: what.to_owned(),
        reason: evidence::redact(&reason),
    }
}
