//! Where a file was before a commit that renamed it: the same content, else the most alike of the files that went.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use gix::ObjectId;

use super::repository::{EntryKind, Repository};

/// Removed files that are read for one commit; beyond that only identical files and names are followed.
const MOST_READ: usize = 2_000;
/// A line that stands in more removed files than this tells none of them from the others.
const MOST_SHARED: usize = 100;
/// Removed files that are compared with one added file.
const MOST_COMPARED: usize = 4;
/// Removed files looked at for one commit.
const MOST_REMOVED: usize = 20_000;

/// A file that a commit removed.
struct Removed {
    path: String,
    blob: ObjectId,
}

/// For each added file the path and content it had in the parent, if it was there under another name.
pub(super) fn sources(
    repository: &mut Repository,
    tree: ObjectId,
    parent: ObjectId,
    added: &[(&str, ObjectId)],
) -> Vec<Option<(String, ObjectId)>> {
    let removed = removed(repository, tree, parent);
    if removed.is_empty() {
        return vec![None; added.len()];
    }
    let mut by_blob: HashMap<ObjectId, Vec<&Removed>> = HashMap::new();
    let mut by_name: HashMap<&str, Vec<&Removed>> = HashMap::new();
    for file in &removed {
        by_blob.entry(file.blob).or_default().push(file);
        by_name.entry(name(&file.path)).or_default().push(file);
    }
    let mut index = None;
    added
        .iter()
        .map(|(path, blob)| {
            let same = by_blob.get(blob).into_iter().flatten();
            let exact = same.min_by_key(|file| (name(&file.path) != name(path), &file.path)).copied();
            let found = exact.or_else(|| {
                let named = by_name.get(name(path)).filter(|named| named.len() <= MOST_COMPARED);
                let alike = named.and_then(|named| most_alike(repository, *blob, named));
                alike.or_else(|| {
                    let index = index.get_or_insert_with(|| Index::of(repository, &removed, added));
                    let likely = index.likely(repository, *blob);
                    let likely: Vec<&Removed> = likely.into_iter().map(|at| &removed[at]).collect();
                    most_alike(repository, *blob, &likely)
                })
            });
            found.map(|file| (file.path.clone(), file.blob))
        })
        .collect()
}

/// In which removed files a line stood.
struct Index {
    files: HashMap<u64, Vec<usize>>,
}

impl Index {
    /// Of the removed files whose names end like that of an added one.
    fn of(repository: &mut Repository, removed: &[Removed], added: &[(&str, ObjectId)]) -> Self {
        let endings: BTreeSet<&str> = added.iter().map(|(path, _)| ending(path)).collect();
        let kin: Vec<usize> = (0..removed.len())
            .filter(|at| endings.contains(ending(&removed[*at].path)))
            .collect();
        let mut files: HashMap<u64, Vec<usize>> = HashMap::new();
        if kin.len() <= MOST_READ {
            for at in kin {
                let Some(text) = repository.text(removed[at].blob) else { continue };
                for line in lines(&text).into_keys() {
                    files.entry(line).or_default().push(at);
                }
            }
        }
        Self { files }
    }

    /// The removed files that share most lines with a file.
    fn likely(&self, repository: &mut Repository, blob: ObjectId) -> Vec<usize> {
        let Some(text) = repository.text(blob).filter(|_| !self.files.is_empty()) else {
            return Vec::new();
        };
        let mut shared: BTreeMap<usize, u64> = BTreeMap::new();
        for (line, (_, bytes)) in lines(&text) {
            for at in self
                .files
                .get(&line)
                .filter(|files| files.len() <= MOST_SHARED)
                .into_iter()
                .flatten()
            {
                *shared.entry(*at).or_default() += bytes;
            }
        }
        let mut likely: Vec<(u64, usize)> = shared.into_iter().map(|(at, bytes)| (bytes, at)).collect();
        likely.sort_by_key(|(bytes, at)| (Reverse(*bytes), *at));
        likely.into_iter().take(MOST_COMPARED).map(|(_, at)| at).collect()
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn ending(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// The candidate that shares most lines with a file, if they are at least half of the larger.
fn most_alike<'f>(repository: &mut Repository, blob: ObjectId, candidates: &[&'f Removed]) -> Option<&'f Removed> {
    if candidates.is_empty() {
        return None;
    }
    let text = repository.text(blob)?;
    let ours = lines(&text);
    let mut best: Option<(u64, &Removed)> = None;
    for candidate in candidates {
        let Some(other) = repository.text(candidate.blob) else { continue };
        let longer = text.len().max(other.len()) as u64;
        let shorter = text.len().min(other.len()) as u64;
        // What differs twofold in length cannot share half of the longer.
        if longer == 0 || shorter * 2 < longer {
            continue;
        }
        let mut shared = 0;
        for (line, (times, bytes)) in lines(&other) {
            shared += ours.get(&line).map_or(0, |(known, _)| times.min(*known) * bytes);
        }
        let score = shared * 100 / longer;
        if score >= 50 && best.is_none_or(|(known, _)| score > known) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How often each line stands in a text, and its length.
fn lines(text: &[u8]) -> BTreeMap<u64, (u64, u64)> {
    let mut lines = BTreeMap::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        // The same in every process of one build; two lines that meet by chance only make files look a bit more alike.
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        lines.entry(hasher.finish()).or_insert((0, line.len() as u64)).0 += 1;
    }
    lines
}

/// The files that the parent has and the commit has not, by path.
fn removed(repository: &mut Repository, tree: ObjectId, parent: ObjectId) -> Vec<Removed> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), Some(tree), parent)];
    while let Some((folder, ours, theirs)) = open.pop() {
        if found.len() >= MOST_REMOVED || ours == Some(theirs) {
            continue;
        }
        let ours = ours.and_then(|ours| repository.tree(ours));
        let Some(theirs) = repository.tree(theirs) else { continue };
        for entry in theirs.entries() {
            let Ok(name) = std::str::from_utf8(theirs.name(entry)) else {
                continue;
            };
            let counterpart = ours.as_ref().and_then(|ours| ours.get(name.as_bytes()));
            match entry.kind {
                EntryKind::Folder => {
                    let ours = counterpart
                        .filter(|counterpart| counterpart.kind == EntryKind::Folder)
                        .map(|counterpart| counterpart.id);
                    open.push((format!("{folder}{name}/"), ours, entry.id));
                }
                EntryKind::File if counterpart.is_none() => found.push(Removed {
                    path: format!("{folder}{name}"),
                    blob: entry.id,
                }),
                EntryKind::File | EntryKind::Other => {}
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
