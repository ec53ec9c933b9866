//! Which files differ from a Git revision. It reads Git's objects and the files themselves; nothing of Git is run, and no
//! filter that a repository names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, anyhow, bail};
use gix::object::Kind;
use gix::{ObjectId, open};

use crate::look::LARGEST_FILE;
use crate::scan::Root;

/// The files of one work tree, as a revision has them.
pub(crate) struct Changed {
    root: PathBuf,
    /// What stands before a path relative to the root.
    prefix: String,
    /// What files are compared with, in words.
    pub(crate) before: String,
    /// Absent in a repository without a commit, where everything is new.
    tree: Option<ObjectId>,
    repository: Mutex<gix::Repository>,
    known: Mutex<BTreeMap<String, bool>>,
}

impl Changed {
    /// Compares a root with a revision, or with where the present commit left its line.
    pub(crate) fn since(root: &Root, revision: &str) -> Result<Self> {
        if matches!(root.source.kind.as_str(), "archive" | "image") {
            bail!(
                "{} is no Git work tree; scan the folder it lies in with --archives",
                root.source.location
            );
        }
        if root.source.kind == "git" {
            bail!(
                "only the newest commit of {} was fetched; clone it and scan the folder",
                root.source.location
            );
        }
        let folder = root.path.canonicalize()?;
        let folder = if folder.is_dir() {
            folder
        } else {
            folder.parent().unwrap_or(Path::new("/")).to_owned()
        };
        let work_tree = folder
            .ancestors()
            .find(|folder| folder.join(".git").exists())
            .with_context(|| format!("{} is in no Git work tree", root.source.location))?;
        // As if somebody else owned it: no configuration of the machine or the user, no include, no environment counts.
        let options = open::Options::isolated().open_path_as_is(false).bail_if_untrusted(false);
        let repository = open::Options::open(options, work_tree).map_err(|error| anyhow!("the repository cannot be read: {error}"))?;
        let repository = repository.to_thread_local();
        let is_first = revision == "HEAD" && repository.head().is_ok_and(|head| head.is_unborn());
        let (before, tree) = if is_first {
            ("nothing, as there is no commit yet".to_owned(), None)
        } else {
            let (commit, tree) = left_at(&repository, revision)
                .with_context(|| format!("`{}` is no revision of {}", revision.escape_debug(), root.source.location))?;
            (format!("commit {}", commit.to_hex_with_len(12)), Some(tree))
        };
        Ok(Self {
            prefix: prefix(&folder, work_tree),
            root: folder,
            before,
            tree,
            repository: Mutex::new(repository),
            known: Mutex::default(),
        })
    }

    /// Whether a file differs from what the commit has, or is not in it.
    pub(crate) fn is_changed(&self, path: &str) -> bool {
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *known.entry(path.to_owned()).or_insert_with(|| self.compare(path).unwrap_or(true))
    }

    /// What cannot be compared counts as changed: rather too much is shown than too little.
    fn compare(&self, path: &str) -> Option<bool> {
        // What an archive holds changed if the archive did.
        let path = path.split_once("!/").map_or(path, |(archive, _)| archive);
        let repository = self.repository.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let tree = repository.find_tree(self.tree?).ok()?;
        let before = tree.lookup_entry_by_path(format!("{}{path}", self.prefix)).ok()??.object_id();
        let file = self.root.join(path);
        let length = std::fs::symlink_metadata(&file).ok().filter(|metadata| metadata.is_file())?.len();
        if length > LARGEST_FILE {
            return None;
        }
        let bytes = std::fs::read(file).ok()?;
        let is = |bytes: &[u8]| gix::objs::compute_hash(repository.object_hash(), Kind::Blob, bytes).is_ok_and(|id| id == before);
        // Git may have given the lines other ends than they have in the commit.
        Some(!is(&bytes) && !is(&with_unix_lines(&bytes)))
    }
}

/// The commit at which the present one left the line of a revision, and its tree.
fn left_at(repository: &gix::Repository, revision: &str) -> Result<(ObjectId, ObjectId)> {
    let asked = commit(repository, revision)?;
    let commit = repository
        .head_id()
        .ok()
        .and_then(|head| repository.merge_base(head.detach(), asked).ok().flatten())
        .map_or(asked, gix::Id::detach);
    let tree = repository.find_commit(commit).map_err(|error| anyhow!("{error}"))?;
    Ok((commit, tree.tree_id().map_err(|error| anyhow!("{error}"))?.detach()))
}

fn commit(repository: &gix::Repository, revision: &str) -> Result<ObjectId> {
    let id = repository.rev_parse_single(revision).map_err(|error| anyhow!("{error}"))?;
    let object = id.object().map_err(|error| anyhow!("{error}"))?;
    Ok(object.peel_to_kind(Kind::Commit).map_err(|error| anyhow!("{error}"))?.id)
}

fn prefix(root: &Path, work_tree: &Path) -> String {
    let inner = root.strip_prefix(work_tree).unwrap_or(Path::new("")).to_string_lossy().into_owned();
    if inner.is_empty() {
        inner
    } else {
        format!("{}/", inner.replace(std::path::MAIN_SEPARATOR, "/"))
    }
}

fn with_unix_lines(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\r' || rest.peek() != Some(&b'\n') {
            out.push(byte);
        }
    }
    out
}
