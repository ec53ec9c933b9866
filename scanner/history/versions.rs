//! The versions of the files that hold evidence: one walk over the commits, newest first, that opens only folders which
//! changed and lead to such a file. Knows nothing of what stands in the files.
//!
//! A commit that changed a file closes its version and opens one in each parent that has the file; a parent with the
//! same content is followed alone, as `git log` and `git blame` do.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::rc::Rc;

use gix::ObjectId;

use super::moved;
use super::repository::{Commit, Entry, EntryKind, Repository, Tree};

/// How a version begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Its commit made it.
    Changed,
    /// Its commit has it, and what was before is not known: a shallow clone, a lost object, the budget.
    Unknown,
}

/// One content of one file, from one commit on.
struct Version {
    blob: ObjectId,
    commit: Option<(ObjectId, i64)>,
    end: End,
    before: Vec<u32>,
    /// When it was closed, in the order of the walk: later versions have lower numbers.
    turn: u32,
    /// The version that this one turned out to be.
    same_as: Option<u32>,
}

/// The versions of all files that were asked for.
pub(super) struct Versions {
    versions: Vec<Version>,
    newest: HashMap<String, u32>,
    turns: u32,
    /// The oldest commit that was looked at, if some version's beginning lies beyond it.
    pub(super) cut: Option<i64>,
}

/// A commit that has files whose beginning is still looked for.
struct Waiting {
    commit: Commit,
    /// By path.
    files: Vec<Held>,
}

/// A path, and the version that a commit has of it.
#[derive(Clone, Copy)]
struct Held {
    path: u32,
    version: u32,
}

struct Walk<'r> {
    repository: &'r mut Repository,
    found: Versions,
    paths: Vec<String>,
    numbers: HashMap<String, u32>,
    waiting: HashMap<ObjectId, Waiting>,
    queue: BinaryHeap<(i64, Reverse<ObjectId>)>,
}

impl Versions {
    /// Walks from a commit to its oldest ancestor, or as far as the budget reaches. Nothing if it comes to a `known` commit
    /// with every file as it was: then a walk from there has the same result.
    pub(super) fn walk(
        repository: &mut Repository,
        head: ObjectId,
        wanted: &[String],
        known: Option<ObjectId>,
    ) -> Result<Option<Self>, String> {
        let commit = repository
            .commit(head)
            .ok_or_else(|| "the commit that is checked out cannot be read; `git fsck` tells more".to_owned())?;
        let mut walk = Walk {
            repository,
            found: Self {
                versions: Vec::new(),
                newest: HashMap::new(),
                turns: 0,
                cut: None,
            },
            paths: Vec::new(),
            numbers: HashMap::new(),
            waiting: HashMap::new(),
            queue: BinaryHeap::new(),
        };
        walk.begin(head, commit, wanted);
        while let Some((seconds, Reverse(id))) = walk.queue.pop() {
            let Some(waiting) = walk.waiting.remove(&id) else { continue };
            if known == Some(id) && walk.found.turns == 0 && waiting.files.len() == walk.found.versions.len() {
                return Ok(None);
            }
            if walk.repository.is_spent() {
                walk.found.cut = Some(walk.found.cut.map_or(seconds, |oldest| oldest.max(seconds)));
                walk.give_up(id, seconds, &waiting.files);
            } else {
                walk.step(id, waiting);
            }
        }
        Ok(Some(walk.found))
    }

    /// The version that is checked out, if the file is committed.
    pub(super) fn newest(&self, path: &str) -> Option<usize> {
        self.newest.get(path).map(|at| self.resolved(*at) as usize)
    }

    /// A version and all before it, later ones first.
    pub(super) fn lineage(&self, newest: usize) -> Vec<usize> {
        let mut seen = BTreeSet::from([newest]);
        let mut open = vec![newest];
        while let Some(version) = open.pop() {
            open.extend(self.before(version).filter(|before| seen.insert(*before)));
        }
        let mut lineage: Vec<usize> = seen.into_iter().collect();
        lineage.sort_by_key(|version| self.versions[*version].turn);
        lineage
    }

    pub(super) fn before(&self, version: usize) -> impl Iterator<Item = usize> {
        self.versions[version].before.iter().map(|at| self.resolved(*at) as usize)
    }

    pub(super) fn blob(&self, version: usize) -> ObjectId {
        self.versions[version].blob
    }

    pub(super) fn end(&self, version: usize) -> End {
        self.versions[version].end
    }

    pub(super) fn commit(&self, version: usize) -> Option<ObjectId> {
        self.versions[version].commit.map(|(id, _)| id)
    }

    pub(super) fn when(&self, version: usize) -> Option<(ObjectId, i64)> {
        self.versions[version].commit
    }

    fn resolved(&self, mut at: u32) -> u32 {
        while let Some(other) = self.versions[at as usize].same_as {
            at = other;
        }
        at
    }

    fn open(&mut self, blob: ObjectId) -> u32 {
        let at = u32::try_from(self.versions.len()).unwrap_or(u32::MAX);
        self.versions.push(Version {
            blob,
            commit: None,
            end: End::Unknown,
            before: Vec::new(),
            turn: u32::MAX,
            same_as: None,
        });
        at
    }

    fn close(&mut self, at: u32, commit: (ObjectId, i64), end: End) {
        let at = self.resolved(at) as usize;
        let turn = self.turns;
        self.turns += 1;
        let version = &mut self.versions[at];
        version.commit = Some(commit);
        version.end = end;
        version.turn = turn;
    }
}

impl Walk<'_> {
    fn begin(&mut self, head: ObjectId, commit: Commit, wanted: &[String]) {
        let mut files = Vec::new();
        for path in wanted {
            if let Some(blob) = self.blob_at(commit.tree, path) {
                let (path_number, version) = (self.number(path), self.found.open(blob));
                self.found.newest.insert(path.clone(), version);
                files.push(Held {
                    path: path_number,
                    version,
                });
            }
        }
        files.sort_by(|a, b| self.paths[a.path as usize].cmp(&self.paths[b.path as usize]));
        if !files.is_empty() {
            self.queue.push((commit.seconds, Reverse(head)));
            self.waiting.insert(head, Waiting { commit, files });
        }
    }

    fn number(&mut self, path: &str) -> u32 {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        let number = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        self.paths.push(path.to_owned());
        self.numbers.insert(path.to_owned(), number);
        number
    }

    fn blob_at(&mut self, tree: ObjectId, path: &str) -> Option<ObjectId> {
        let mut tree = self.repository.tree(tree)?;
        let mut parts = path.split('/').peekable();
        loop {
            let entry = *tree.get(parts.next()?.as_bytes())?;
            match (entry.kind, parts.peek()) {
                (EntryKind::File, None) => return Some(entry.id),
                (EntryKind::Folder, Some(_)) => tree = self.repository.tree(entry.id)?,
                _ => return None,
            }
        }
    }

    fn give_up(&mut self, id: ObjectId, seconds: i64, files: &[Held]) {
        for file in files {
            self.found.close(file.version, (id, seconds), End::Unknown);
        }
    }

    /// Hands the files of a commit on to its parents, or closes them.
    fn step(&mut self, id: ObjectId, waiting: Waiting) {
        let Waiting { commit, files } = waiting;
        let when = (id, commit.seconds);
        if commit.is_cut {
            return self.give_up(id, commit.seconds, &files);
        }
        let mut rest = files;
        // For each parent: its id, and what it has of the files that differ.
        let mut parents: Vec<(ObjectId, Option<ObjectId>, BTreeMap<u32, ObjectId>)> = Vec::new();
        for parent in &commit.parents {
            if rest.is_empty() {
                break;
            }
            let tree = self.meet(*parent);
            let mut has = BTreeMap::new();
            if tree.is_some() {
                let (mut same, mut differs) = (Vec::with_capacity(rest.len()), Vec::new());
                self.split(commit.tree, tree, 0, &rest, &mut same, &mut differs);
                self.hand_on(*parent, same);
                has.extend(differs.iter().filter_map(|(file, blob)| Some((file.path, (*blob)?))));
                rest = differs.into_iter().map(|(file, _)| file).collect();
            }
            parents.push((*parent, tree, has));
        }
        let lost = parents.iter().any(|(_, tree, _)| tree.is_none());
        let mut added = Vec::new();
        for file in rest {
            let has = parents.iter().any(|(.., has)| has.contains_key(&file.path));
            let end = if lost && !has { End::Unknown } else { End::Changed };
            self.found.close(file.version, when, end);
            for (parent, _, has) in &parents {
                if let Some(blob) = has.get(&file.path) {
                    self.open_before(file.version, *parent, file.path, *blob);
                }
            }
            if !has && end == End::Changed {
                added.push(file);
            }
        }
        if let (false, Some((parent, Some(tree), _))) = (added.is_empty(), parents.first()) {
            self.follow(commit.tree, *parent, *tree, &added);
        }
    }

    /// Follows files that came with this commit to the files they were before.
    fn follow(&mut self, tree: ObjectId, parent: ObjectId, before: ObjectId, added: &[Held]) {
        let files: Vec<(&str, ObjectId)> = added
            .iter()
            .map(|file| {
                let version = self.found.resolved(file.version);
                (self.paths[file.path as usize].as_str(), self.found.versions[version as usize].blob)
            })
            .collect();
        let sources = moved::sources(self.repository, tree, before, &files);
        let was_cut = self.repository.is_spent();
        for (file, source) in added.iter().zip(sources) {
            match source {
                Some((path, blob)) => {
                    let path = self.number(&path);
                    self.open_before(file.version, parent, path, blob);
                }
                // What could not be compared may have come from elsewhere.
                None if was_cut => {
                    let version = self.found.resolved(file.version) as usize;
                    self.found.versions[version].end = End::Unknown;
                }
                None => {}
            }
        }
    }

    fn open_before(&mut self, version: u32, parent: ObjectId, path: u32, blob: ObjectId) {
        let version = self.found.resolved(version) as usize;
        let Some(waiting) = self.waiting.get_mut(&parent) else { return };
        let paths = &self.paths;
        let found = waiting
            .files
            .binary_search_by(|file| paths[file.path as usize].cmp(&paths[path as usize]));
        let before = match found {
            Ok(at) => waiting.files[at].version,
            Err(at) => {
                let version = self.found.open(blob);
                waiting.files.insert(at, Held { path, version });
                version
            }
        };
        self.found.versions[version].before.push(before);
    }

    /// The tree of a commit, which is read when first met.
    fn meet(&mut self, id: ObjectId) -> Option<ObjectId> {
        if let Some(waiting) = self.waiting.get(&id) {
            return Some(waiting.commit.tree);
        }
        let commit = self.repository.commit(id)?;
        let tree = commit.tree;
        self.queue.push((commit.seconds, Reverse(id)));
        self.waiting.insert(id, Waiting { commit, files: Vec::new() });
        Some(tree)
    }

    /// Gives files to a parent that has them just so.
    fn hand_on(&mut self, commit: ObjectId, files: Vec<Held>) {
        let Some(waiting) = self.waiting.get_mut(&commit) else { return };
        if waiting.files.is_empty() {
            waiting.files = files;
            return;
        }
        let known = std::mem::take(&mut waiting.files);
        let mut merged = Vec::with_capacity(known.len() + files.len());
        let (mut known, mut files) = (known.into_iter().peekable(), files.into_iter().peekable());
        while let (Some(a), Some(b)) = (known.peek(), files.peek()) {
            match self.paths[a.path as usize].cmp(&self.paths[b.path as usize]) {
                Ordering::Less => merged.extend(known.next()),
                Ordering::Greater => merged.extend(files.next()),
                Ordering::Equal => {
                    // Two branches have the same content from the same commit: it is one version.
                    let (one, other) = (self.found.resolved(a.version), self.found.resolved(b.version));
                    if one != other {
                        self.found.versions[other as usize].same_as = Some(one);
                    }
                    merged.extend(known.next());
                    files.next();
                }
            }
        }
        merged.extend(known);
        merged.extend(files);
        waiting.files = merged;
    }

    /// Tells the files that two trees have alike from those that they have not, opening only folders that differ. Neither
    /// list loses the order by path.
    fn split(
        &mut self,
        tree: ObjectId,
        parent: Option<ObjectId>,
        offset: usize,
        files: &[Held],
        same: &mut Vec<Held>,
        differs: &mut Vec<(Held, Option<ObjectId>)>,
    ) {
        if parent == Some(tree) {
            return same.extend_from_slice(files);
        }
        let ours = self.repository.tree(tree);
        let theirs = parent.and_then(|parent| self.repository.tree(parent));
        let entry = |tree: &Option<Rc<Tree>>, name: &str| -> Option<Entry> { tree.as_ref()?.get(name.as_bytes()).copied() };
        let mut rest = files;
        while let [first, ..] = rest {
            let path = self.paths[first.path as usize].as_str();
            let inner = &path[offset..];
            let Some((name, _)) = inner.split_once('/') else {
                let ours = entry(&ours, inner).map(|entry| entry.id);
                let theirs = entry(&theirs, inner)
                    .filter(|entry| entry.kind == EntryKind::File)
                    .map(|entry| entry.id);
                if theirs.is_some() && ours == theirs {
                    same.push(*first);
                } else {
                    differs.push((*first, theirs));
                }
                rest = &rest[1..];
                continue;
            };
            let folder = |entry: Option<Entry>| entry.filter(|entry| entry.kind == EntryKind::Folder).map(|entry| entry.id);
            let (ours, theirs) = (folder(entry(&ours, name)), folder(entry(&theirs, name)));
            let end = offset + name.len() + 1;
            let shared = &path[..end];
            let (group, others) = rest.split_at(rest.partition_point(|file| self.paths[file.path as usize].starts_with(shared)));
            rest = others;
            match (ours, theirs) {
                (Some(ours), Some(theirs)) => self.split(ours, Some(theirs), end, group, same, differs),
                _ => differs.extend(group.iter().map(|file| (*file, None))),
            }
        }
    }
}
