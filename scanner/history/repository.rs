//! A Git repository as a store of objects and nothing else: opened without trust, read within a budget.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gix::objs::FindExt;
use gix::odb::HeaderExt;
use gix::{ObjectId, discover, open, sec};

/// Objects larger than this are not read: nobody wrote them by hand.
const LARGEST_TEXT: usize = 1 << 20;
/// What finding an object costs, in bytes that could be read instead.
const FINDING: u64 = 512;
/// Objects kept to build others from.
const BASES: usize = 16 << 20;
/// Decoded trees and texts that are kept.
const KEPT: usize = 48 << 20;

/// An open repository.
pub(super) struct Repository {
    git: gix::Repository,
    folder: PathBuf,
    /// Folder of the scanned root inside the work tree, with a `/` at its end; empty if it is the same.
    prefix: String,
    shallow: BTreeSet<ObjectId>,
    buffer: Vec<u8>,
    left: u64,
    kept: usize,
    trees: HashMap<ObjectId, Rc<Tree>>,
    texts: HashMap<ObjectId, Option<Rc<Vec<u8>>>>,
    authors: HashMap<ObjectId, Option<String>>,
    /// Objects that should be there and could not be read.
    pub(super) damaged: u64,
}

/// What a commit says, as far as it matters here.
pub(super) struct Commit {
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// When it was committed, in seconds since 1970.
    pub(super) seconds: i64,
    /// Whether its parents are not in this repository.
    pub(super) is_cut: bool,
}

/// A folder of a commit.
#[derive(Default)]
pub(super) struct Tree {
    names: Vec<u8>,
    entries: Vec<Entry>,
}

/// What a folder holds under a name.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    at: (u32, u32),
    pub(super) id: ObjectId,
    pub(super) kind: EntryKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    Folder,
    File,
    /// A link or a submodule: neither is entered.
    Other,
}

impl Tree {
    pub(super) fn name(&self, entry: &Entry) -> &[u8] {
        &self.names[entry.at.0 as usize..entry.at.1 as usize]
    }

    /// By name.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<&Entry> {
        self.entries
            .binary_search_by(|entry| self.name(entry).cmp(name))
            .ok()
            .map(|at| &self.entries[at])
    }
}

/// How every repository is opened: as if somebody else owned it. Its own configuration is read for what its form needs;
/// no configuration of the machine or the user, no include, no variable of the environment counts.
fn options() -> open::Options {
    open::Options::isolated()
        .config_overrides(["gitoxide.objects.allocLimit=67108864", "core.useReplaceRefs=false"])
        .bail_if_untrusted(false)
}

fn discovered(folder: &Path) -> Option<gix::Result<gix::Repository>> {
    let outward = discover::upwards::Options {
        trust: discover::upwards::TrustPolicy::Assume(sec::Trust::Reduced),
        dot_git_only: true,
        ..discover::upwards::Options::default()
    };
    // Whoever asks about a folder without repository asks about most folders. No link leads out of what is scanned.
    let git = folder.ancestors().find_map(|folder| folder.join(".git").symlink_metadata().ok())?;
    if git.is_symlink() {
        return None;
    }
    let trust = sec::trust::Mapping {
        full: options(),
        reduced: options(),
    };
    Some(gix::ThreadSafeRepository::discover_opts(folder, outward, trust).map(|repository| repository.to_thread_local()))
}

/// The address of `origin`, else of the first other remote, as the configuration of the repository at this very folder
/// has it.
pub(crate) fn remote(folder: &Path) -> Option<String> {
    folder.join(".git").symlink_metadata().ok()?;
    let git = discovered(folder)?.ok()?;
    let config = git.config_snapshot();
    let config = config.plumbing();
    let address = config.string("remote.origin.url").or_else(|| {
        let mut names: Vec<_> = config
            .sections_by_name("remote")?
            .filter_map(|section| Some((section.header().subsection_name()?.to_owned(), section.value("url")?)))
            .collect();
        names.sort();
        names.into_iter().next().map(|(_, address)| address)
    })?;
    Some(address.to_string()).filter(|address| !address.trim().is_empty())
}

impl Repository {
    /// The repository that a folder or file lies in, if it lies in one.
    pub(super) fn above(root: &Path) -> Result<Option<Self>, String> {
        let Ok(root) = root.canonicalize() else { return Ok(None) };
        let folder = if root.is_dir() {
            root.as_path()
        } else {
            root.parent().unwrap_or(&root)
        };
        let mut git = match discovered(folder) {
            None => return Ok(None),
            Some(Err(error)) => return Err(format!("the repository cannot be opened: {error}")),
            Some(Ok(git)) => git,
        };
        // Commits and trees are stored as changes to one another; without their bases at hand each is built from the first.
        git.objects
            .set_pack_cache(|| Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(BASES)));
        let prefix = git
            .workdir()
            .and_then(|top| top.canonicalize().ok())
            .and_then(|top| folder.strip_prefix(&top).map(PathBuf::from).ok());
        let Some(prefix) = prefix else { return Ok(None) };
        let mut prefix = prefix
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        if !prefix.is_empty() {
            prefix.push('/');
        }
        let shallow = git
            .shallow_commits()
            .ok()
            .flatten()
            .map(|commits| commits.iter().copied().collect())
            .unwrap_or_default();
        Ok(Some(Self {
            git,
            folder: folder.to_owned(),
            prefix,
            shallow,
            buffer: Vec::new(),
            left: 0,
            kept: 0,
            trees: HashMap::new(),
            texts: HashMap::new(),
            authors: HashMap::new(),
            damaged: 0,
        }))
    }

    /// A path of the scanned root as a path of the repository.
    pub(super) fn inside(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The commit that is checked out; nothing in a repository without one.
    pub(super) fn head(&self) -> Result<Option<ObjectId>, String> {
        let head = self
            .git
            .head()
            .map_err(|error| format!("what is checked out cannot be told: {error}"))?;
        Ok(head.id().map(gix::Id::detach))
    }

    /// What else than commits tells what its history is: where it was cut, and which folder of it is looked at.
    pub(super) fn form(&self) -> String {
        format!("{:?} {:?}", self.prefix, self.shallow)
    }

    /// The folder that paths of the scan are relative to.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether no more may be read.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// What may still be read, in bytes.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Sets what may be read from now on.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.left = bytes;
    }

    fn spend(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(FINDING + bytes as u64);
    }

    /// A commit, unless it is not there.
    pub(super) fn commit(&mut self, id: ObjectId) -> Option<Commit> {
        let is_shallow = self.shallow.contains(&id);
        let read = (|| {
            let mut commit = self.git.objects.find_commit_iter(&id, &mut self.buffer).ok()?;
            let tree = commit.tree_id().ok()?;
            let seconds = commit.committer().ok()?.seconds();
            let parents: Vec<ObjectId> = commit.parent_ids().collect();
            Some(Commit {
                tree,
                seconds,
                parents: if is_shallow { Vec::new() } else { parents },
                is_cut: is_shallow,
            })
        })();
        self.spend(self.buffer.len());
        self.damaged += u64::from(read.is_none());
        read
    }

    /// A folder, unless it cannot be read.
    pub(super) fn tree(&mut self, id: ObjectId) -> Option<Rc<Tree>> {
        if let Some(tree) = self.trees.get(&id) {
            return Some(Rc::clone(tree));
        }
        if id == ObjectId::empty_tree(self.git.object_hash()) {
            // Git knows it without keeping it.
            return Some(Rc::default());
        }
        let read = (|| {
            let mut tree = Tree::default();
            for entry in self.git.objects.find_tree_iter(&id, &mut self.buffer).ok()? {
                let entry = entry.ok()?;
                let start = tree.names.len();
                tree.names.extend_from_slice(entry.filename);
                tree.entries.push(Entry {
                    at: (u32::try_from(start).ok()?, u32::try_from(tree.names.len()).ok()?),
                    id: entry.oid.to_owned(),
                    kind: match entry.mode.kind() {
                        gix::objs::tree::EntryKind::Tree => EntryKind::Folder,
                        gix::objs::tree::EntryKind::Blob | gix::objs::tree::EntryKind::BlobExecutable => EntryKind::File,
                        _ => EntryKind::Other,
                    },
                });
            }
            let Tree { names, entries } = &mut tree;
            // Git sorts folders as if their names ended in `/`.
            entries.sort_by(|a, b| names[a.at.0 as usize..a.at.1 as usize].cmp(&names[b.at.0 as usize..b.at.1 as usize]));
            Some(Rc::new(tree))
        })();
        self.spend(self.buffer.len());
        let Some(tree) = read else {
            self.damaged += 1;
            return None;
        };
        self.keep(tree.names.len() + tree.entries.len() * size_of::<Entry>());
        self.trees.insert(id, Rc::clone(&tree));
        Some(tree)
    }

    /// The content of a file that a person can have written. In a partial clone it may not be there. What is done with a
    /// text costs more than to read it, so it is paid for each time.
    pub(super) fn text(&mut self, id: ObjectId) -> Option<Rc<Vec<u8>>> {
        if self.is_spent() {
            return None;
        }
        if let Some(text) = self.texts.get(&id).cloned() {
            self.spend(text.as_ref().map_or(0, |text| text.len()));
            return text;
        }
        let fits = self.git.objects.header(id).is_ok_and(|header| header.size() <= LARGEST_TEXT as u64);
        let text = fits
            .then(|| {
                self.git
                    .objects
                    .find_blob(&id, &mut self.buffer)
                    .ok()
                    .map(|blob| Rc::new(blob.data.to_vec()))
            })
            .flatten();
        self.spend(text.as_ref().map_or(0, |text| text.len()));
        self.keep(text.as_ref().map_or(0, |text| text.len()));
        self.texts.insert(id, text.clone());
        text
    }

    /// Whether a content is the one that Git calls by this name.
    pub(super) fn is_blob(&self, content: &[u8], id: ObjectId) -> bool {
        gix::objs::compute_hash(self.git.object_hash(), gix::object::Kind::Blob, content).is_ok_and(|found| found == id)
    }

    fn keep(&mut self, bytes: usize) {
        self.kept += bytes + 64;
        if self.kept > KEPT {
            self.kept = 0;
            self.trees.clear();
            self.texts.clear();
        }
    }

    /// Who wrote a commit, by name; nobody if a program did.
    pub(super) fn author(&mut self, id: ObjectId) -> Option<String> {
        if let Some(author) = self.authors.get(&id) {
            return author.clone();
        }
        let author = (|| {
            let commit = self.git.objects.find_commit_iter(&id, &mut self.buffer).ok()?;
            let author = commit.author().ok()?;
            let name = author.name.to_string().trim().to_owned();
            let mail = author.email.to_string();
            let name = if name.is_empty() { mail.clone() } else { name };
            (!name.is_empty() && !is_bot(&name, &mail)).then_some(name)
        })();
        self.authors.insert(id, author.clone());
        author
    }
}

/// Whether a program wrote the commit, as far as its name tells.
fn is_bot(name: &str, mail: &str) -> bool {
    let local = mail.split('@').next().unwrap_or_default();
    [name, local].iter().any(|word| {
        let word = word.trim().to_ascii_lowercase();
        let last = word.rsplit([' ', '-', '_', '+', '.']).next().unwrap_or_default();
        word.ends_with("[bot]") || matches!(last, "bot" | "bots" | "ci" | "actions" | "automation") || word.ends_with("abot")
    })
}

/// A time as RFC 3339 in UTC.
pub(super) fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

/// The day of a time.
pub(super) fn day(seconds: i64) -> String {
    date(seconds)[..10].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_people() {
        for (name, mail) in [
            ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com"),
            ("dependabot", "support@github.com"),
            ("Release Bot", "release@example.org"),
            ("GitHub Actions", "x@example.org"),
            ("semantic-release-bot", "x@example.org"),
        ] {
            assert!(is_bot(name, mail), "{name}");
        }
        for (name, mail) in [
            ("Jane Abbott", "jane@example.org"),
            ("Talbot", "t@example.org"),
            ("Robot Smith", "a@b.c"),
        ] {
            assert!(!is_bot(name, mail), "{name}");
        }
    }

    #[test]
    fn dates_are_in_utc() {
        assert_eq!(date(0), "1970-01-01T00:00:00Z");
        assert_eq!(day(1_700_000_000), "2023-11-14");
        assert_eq!(date(i64::MAX), "1970-01-01T00:00:00Z");
    }
}
