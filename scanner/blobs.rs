//! What Git's index tells of the files of a work tree: which content each has, without reading it. Nothing of Git is run.
//!
//! The index is believed only for a file whose size, inode and both times are those it noted, and that did not change after
//! the index was written; the rules by which Git itself goes. A work tree without a readable index tells nothing.

use std::path::{Path, PathBuf};

use gix::index::{File, decode, entry};

/// Larger indexes are not read.
const LARGEST: u64 = 256 << 20;

/// The name that Git gives to a content.
pub(crate) type Blob = [u8; 20];

/// The index of the work tree that a root lies in.
pub(crate) struct Blobs {
    index: File,
    /// What stands before a path relative to the root.
    prefix: String,
}

impl Blobs {
    /// The index of the work tree that a folder is, or lies in.
    pub(crate) fn of(root: &Path) -> Option<Self> {
        let root = root.canonicalize().ok()?;
        let (work_tree, file) = root.ancestors().find_map(|folder| {
            let git = folder.join(".git");
            git.is_dir().then(|| (folder.to_owned(), git.join("index")))
        })?;
        Some(Self {
            index: read(&file)?,
            prefix: prefix(&root, &work_tree)?,
        })
    }

    /// The content of a file, if the index knows it as it is now.
    #[cfg(unix)]
    pub(crate) fn content(&self, path: &str, metadata: &std::fs::Metadata) -> Option<Blob> {
        use std::os::unix::fs::MetadataExt;
        let path = format!("{}{path}", self.prefix);
        let known = self
            .index
            .entry_by_path_and_stage(path.as_bytes().into(), entry::Stage::Unconflicted)?;
        let stat = &known.stat;
        // Git keeps the lower 32 bits of each.
        let same = stat.size == metadata.size() as u32
            && stat.ino == metadata.ino() as u32
            && (stat.mtime.secs, stat.mtime.nsecs) == (metadata.mtime() as u32, metadata.mtime_nsec() as u32)
            && (stat.ctime.secs, stat.ctime.nsecs) == (metadata.ctime() as u32, metadata.ctime_nsec() as u32);
        let exact = entry::stat::Options {
            trust_ctime: true,
            check_stat: true,
            use_nsec: true,
            use_stdev: false,
        };
        let is_file = known.mode == entry::Mode::FILE || known.mode == entry::Mode::FILE_EXECUTABLE;
        if !same || !is_file || stat.is_racy(self.index.timestamp(), exact) {
            return None;
        }
        known.id.as_bytes().try_into().ok()
    }

    #[cfg(not(unix))]
    pub(crate) fn content(&self, _: &str, _: &std::fs::Metadata) -> Option<Blob> {
        None
    }
}

fn read(file: &Path) -> Option<File> {
    let metadata = std::fs::symlink_metadata(file).ok()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return None;
    }
    let options = decode::Options {
        alloc_limit_bytes: usize::try_from(LARGEST).ok(),
        ..decode::Options::default()
    };
    File::at(file, gix::hash::Kind::Sha1, false, options).ok()
}

fn prefix(root: &Path, work_tree: &Path) -> Option<String> {
    let inner: PathBuf = root.strip_prefix(work_tree).ok()?.to_owned();
    let inner = inner.to_str()?;
    Some(if inner.is_empty() {
        String::new()
    } else {
        format!("{}/", inner.replace(std::path::MAIN_SEPARATOR, "/"))
    })
}
