//! Who `CODEOWNERS` says owns the files that hold evidence. Reads that one file; works without Git.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use detectors::codeowners::{CodeOwners, PLACES};
use evidence::Evidence;
use inventory::past::{CodeOwner, Past};

/// What is read of a file at most; platforms refuse larger ones.
const LARGEST: u64 = 3 << 20;

/// Adds the owners of the files that hold evidence; `climbs` says that the file may stand above the root.
pub(crate) fn add(past: &mut Past, root: &Path, climbs: bool, evidence: &[Evidence]) {
    let paths: BTreeSet<&str> = evidence.iter().map(|seen| seen.location.path.as_str()).collect();
    if paths.is_empty() {
        return;
    }
    let Some((top, prefix)) = top(root, climbs) else { return };
    let Some(rules) = rules_of(&top) else { return };
    let owned: BTreeMap<String, Vec<CodeOwner>> = paths
        .into_iter()
        .filter_map(|path| {
            let owners: Vec<CodeOwner> = rules
                .owners(&format!("{prefix}{path}"))
                .into_iter()
                .map(|owner| CodeOwner {
                    name: owner.name.to_owned(),
                    of_everything: owner.of_everything,
                })
                .collect();
            (!owners.is_empty()).then(|| (path.to_owned(), owners))
        })
        .collect();
    past.code_owners.extend(owned);
}

/// The top of the work tree that a root lies in, else its own folder; and the way from there to the root.
fn top(root: &Path, climbs: bool) -> Option<(PathBuf, String)> {
    let root = root.canonicalize().ok()?;
    let folder = if root.is_dir() { root.as_path() } else { root.parent()? };
    let top = folder
        .ancestors()
        .find(|folder| climbs && folder.join(".git").symlink_metadata().is_ok())
        .unwrap_or(folder);
    let prefix = folder.strip_prefix(top).ok()?.components();
    let prefix = prefix.map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect();
    Some((top.to_owned(), prefix))
}

/// The rules of the first place that has some, as the platforms look for them.
fn rules_of(top: &Path) -> Option<CodeOwners> {
    PLACES.iter().find_map(|place| {
        let path = top.join(place);
        // No link is followed, whether it is the file or the folder.
        let is_plain = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| !metadata.is_symlink());
        let folder = path.parent().filter(|folder| *folder != top);
        if !folder.is_none_or(is_plain) || !path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
            return None;
        }
        let mut text = String::new();
        File::open(&path).ok()?.take(LARGEST).read_to_string(&mut text).ok()?;
        Some(CodeOwners::parse(place, &text))
    })
}
