//! The folder that documents are written into. A file is overwritten only if it is as it was written here; whatever a person
//! edited, or put there, stays, and the new file is written beside it. Nothing outside the folder is written, and no link followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The file that remembers what was written.
const MEMORY: &str = ".aimscan-documents.json";

/// Files beside an edited one that are tried before giving up.
const MOST_BESIDE: usize = 50;

/// What the folder remembers.
#[derive(Default, Serialize, Deserialize)]
struct Memory {
    /// What this file is, for whoever opens it.
    about: String,
    /// Digests of what was written, by path.
    files: BTreeMap<String, String>,
}

/// What happened to the files.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// Files that are new or have other content now.
    pub(super) written: usize,
    /// Files that had this content already.
    pub(super) unchanged: usize,
    /// Files that were kept, and what was written beside each.
    pub(super) kept: BTreeSet<(String, String)>,
    /// Files of earlier runs that nothing was written to.
    pub(super) left: usize,
}

#[derive(Default)]
struct State {
    log: Log,
    told: Told,
}

/// What was put where, for tens of thousands of files in one piece of memory: small pieces that stay, each taken between the large
/// ones that a document needs for a moment, would leave holes that fit no other document.
#[derive(Default)]
struct Log(String);

impl Log {
    /// Notes that a document went under a name, with the digest of its bytes. Neither holds a line break.
    fn push(&mut self, path: &str, name: &str, digest: &str) {
        for part in [path, name, digest] {
            self.0.push_str(part);
            self.0.push('\n');
        }
    }

    /// Path, name and digest of everything that was noted.
    fn entries(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let mut lines = self.0.lines();
        std::iter::from_fn(move || Some((lines.next()?, lines.next()?, lines.next()?)))
    }
}

/// A folder, while documents are written.
pub(super) struct Folder {
    root: PathBuf,
    before: BTreeMap<String, String>,
    state: Mutex<State>,
}

impl Folder {
    /// Makes the folder if there is none, and reads what it remembers.
    pub(super) fn open(root: &Path) -> Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("cannot make the folder {}", root.display()))?;
        let memory = root.join(MEMORY);
        let before = match fs::read(&memory) {
            Ok(bytes) => match serde_json::from_slice::<Memory>(&bytes) {
                Ok(memory) => memory.files,
                Err(error) => {
                    tracing::warn!(
                        "{} cannot be read ({error}); every file there is taken for edited",
                        memory.display()
                    );
                    BTreeMap::new()
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", memory.display())),
        };
        Ok(Self {
            root: root.to_path_buf(),
            state: Mutex::default(),
            before,
        })
    }

    /// Writes a file, or keeps it and writes beside it. The path has `/` between its parts.
    pub(super) fn put(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let new = digest(bytes);
        let mut name = path.to_owned();
        for number in 1..=MOST_BESIDE {
            if let Some(written) = self.settle(&name, bytes, &new)? {
                let mut state = self.state();
                state.log.push(path, &name, &new);
                if written {
                    state.told.written += 1;
                } else {
                    state.told.unchanged += 1;
                }
                if name != path {
                    state.told.kept.insert((path.to_owned(), name));
                }
                return Ok(());
            }
            name = beside(path, number);
        }
        bail!("{path} was edited, and so were {MOST_BESIDE} files beside it; move some of them away")
    }

    /// Writes to a name if nothing there is a person's; tells whether anything had to be written.
    fn settle(&self, name: &str, bytes: &[u8], new: &str) -> Result<Option<bool>> {
        let file = self.inside(name)?;
        match fs::symlink_metadata(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("cannot look at {}", file.display())),
            Ok(found) if !found.is_file() => return Ok(None),
            Ok(_) => {
                let there = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                let there = digest(&there);
                if there == *new {
                    return Ok(Some(false));
                }
                if self.before.get(name) != Some(&there) {
                    return Ok(None);
                }
            }
        }
        self.write(&file, bytes)?;
        Ok(Some(true))
    }

    /// The place of a file, with its folders made. No part of it may be a link: it could lead out.
    fn inside(&self, name: &str) -> Result<PathBuf> {
        let mut place = self.root.clone();
        let mut parts = name.split('/').peekable();
        while let Some(part) = parts.next() {
            if part.is_empty() || part == "." || part == ".." || part.contains(['\\', ':', '\0', '\n', '\r']) {
                bail!("`{name}` is no name of a document");
            }
            place.push(part);
            if parts.peek().is_some() {
                match fs::symlink_metadata(&place) {
                    Ok(found) if found.is_dir() => {}
                    Ok(_) => bail!("{} is no folder; nothing is written through it", place.display()),
                    Err(_) => match fs::create_dir(&place) {
                        Ok(()) => {}
                        // Another thread was faster.
                        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                        Err(error) => return Err(error).with_context(|| format!("cannot make the folder {}", place.display())),
                    },
                }
            }
        }
        Ok(place)
    }

    /// Writes a whole file or none: what is broken off leaves the old one.
    fn write(&self, file: &Path, bytes: &[u8]) -> Result<()> {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = file.with_file_name(name);
        let write = || -> std::io::Result<()> {
            match fs::remove_file(&part) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            OpenOptions::new().write(true).create_new(true).open(&part)?.write_all(bytes)?;
            fs::rename(&part, file)
        };
        write().with_context(|| format!("cannot write {}", file.display()))
    }

    /// Remembers what was written.
    pub(super) fn close(&self) -> Result<()> {
        let mut state = self.state();
        let touched: BTreeSet<&str> = state.log.entries().flat_map(|(path, name, _)| [path, name]).collect();
        let left = self.before.keys().filter(|path| !touched.contains(path.as_str())).count();
        let mut files = self.before.clone();
        files.extend(state.log.entries().map(|(_, name, digest)| (name.to_owned(), digest.to_owned())));
        state.told.left = left;
        let memory = Memory {
            about: "Digests of the documents as aimscan wrote them, so that it never overwrites what somebody edited.".to_owned(),
            files,
        };
        let mut text = serde_json::to_string_pretty(&memory)?;
        text.push('\n');
        self.write(&self.root.join(MEMORY), text.as_bytes())
    }

    /// What happened.
    pub(super) fn told(&self) -> Told {
        self.state().told.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name beside an edited file: `SYS-01.new.docx`, then `SYS-01.new-2.docx`.
fn beside(path: &str, number: usize) -> String {
    let word = if number == 1 { "new".to_owned() } else { format!("new-{number}") };
    match path.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.{word}.{ending}"),
        None => format!("{path}.{word}"),
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &Path, files: &[(&str, &str)]) -> Told {
        let folder = Folder::open(root).expect("opens");
        for (path, text) in files {
            folder.put(path, text.as_bytes()).expect("is put");
        }
        folder.close().expect("closes");
        folder.told()
    }

    fn read(root: &Path, path: &str) -> String {
        fs::read_to_string(root.join(path)).expect("a file")
    }

    #[test]
    fn what_is_as_it_was_written_is_written_anew() {
        let place = tempfile::tempdir().expect("a folder");
        let root = place.path().join("documents");
        assert_eq!(put(&root, &[("systems/a/SYS-01.md", "one")]).written, 1);
        let again = put(&root, &[("systems/a/SYS-01.md", "one")]);
        assert_eq!((again.written, again.unchanged), (0, 1));
        let changed = put(&root, &[("systems/a/SYS-01.md", "two")]);
        assert_eq!((changed.written, changed.kept.len()), (1, 0));
        assert_eq!(read(&root, "systems/a/SYS-01.md"), "two");
    }

    #[test]
    fn what_somebody_edited_stays_and_the_new_file_stands_beside_it() {
        let place = tempfile::tempdir().expect("a folder");
        let root = place.path();
        put(root, &[("a.md", "one")]);
        fs::write(root.join("a.md"), "mine").expect("edited");
        let told = put(root, &[("a.md", "two")]);
        assert_eq!(
            told.kept.into_iter().collect::<Vec<_>>(),
            [("a.md".to_owned(), "a.new.md".to_owned())]
        );
        assert_eq!((read(root, "a.md"), read(root, "a.new.md")), ("mine".to_owned(), "two".to_owned()));
        // The file beside it is not edited, so it is written anew; once it is, it stays as well.
        put(root, &[("a.md", "three")]);
        assert_eq!(read(root, "a.new.md"), "three");
        fs::write(root.join("a.new.md"), "mine too").expect("edited");
        put(root, &[("a.md", "four")]);
        assert_eq!(
            (read(root, "a.new.md"), read(root, "a.new-2.md")),
            ("mine too".to_owned(), "four".to_owned())
        );
        // Whoever edits it to what would be written has no second file.
        fs::write(root.join("a.md"), "five").expect("edited");
        assert!(put(root, &[("a.md", "five")]).kept.is_empty());
    }

    #[test]
    fn files_that_were_there_before_are_never_overwritten() {
        let place = tempfile::tempdir().expect("a folder");
        fs::write(place.path().join("index.html"), "my page").expect("written");
        put(place.path(), &[("index.html", "documents")]);
        assert_eq!(read(place.path(), "index.html"), "my page");
        // The same if the memory is lost or broken.
        put(place.path(), &[("b.md", "one")]);
        fs::write(place.path().join(MEMORY), "{").expect("broken");
        put(place.path(), &[("b.md", "two")]);
        assert_eq!(
            (read(place.path(), "b.md"), read(place.path(), "b.new.md")),
            ("one".to_owned(), "two".to_owned())
        );
    }

    #[test]
    fn no_name_leads_out() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(&place.path().join("documents")).expect("opens");
        for hostile in [
            "../out.md",
            "a/../../out.md",
            "/out.md",
            "",
            "a//b",
            "C:out.md",
            "a\\..\\out.md",
            ".",
        ] {
            assert!(folder.put(hostile, b"x").is_err(), "{hostile}");
        }
        assert!(!place.path().join("out.md").exists());
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_written_through() {
        let place = tempfile::tempdir().expect("a folder");
        let (root, outside) = (place.path().join("documents"), place.path().join("outside"));
        fs::create_dir_all(&root).expect("a folder");
        fs::create_dir(&outside).expect("a folder");
        fs::write(outside.join("secret"), "untouched").expect("written");
        std::os::unix::fs::symlink(&outside, root.join("systems")).expect("a link");
        std::os::unix::fs::symlink(outside.join("secret"), root.join("index.html")).expect("a link");
        let folder = Folder::open(&root).expect("opens");
        assert!(folder.put("systems/a.md", b"x").is_err());
        folder.put("index.html", b"x").expect("beside it");
        assert_eq!(fs::read_to_string(outside.join("secret")).expect("a file"), "untouched");
        assert!(!outside.join("a.md").exists() && root.join("index.new.html").is_file());
    }

    #[test]
    fn documents_of_earlier_runs_are_left_and_counted() {
        let place = tempfile::tempdir().expect("a folder");
        put(place.path(), &[("systems/gone/SYS-01.md", "one"), ("index.html", "i")]);
        let told = put(place.path(), &[("index.html", "i")]);
        assert_eq!(told.left, 1);
        assert_eq!(read(place.path(), "systems/gone/SYS-01.md"), "one");
    }
}
