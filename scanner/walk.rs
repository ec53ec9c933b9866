//! The one walk: which files there are, and which detectors want them. It opens nothing.
//!
//! Dotfiles are walked, because AI configuration lives in them; `.gitignore` is honoured, except for the few names that
//! reveal AI use by themselves. Links are not followed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use detectors::{Detector, FilePath, Gate};
use evidence::{Gap, GapKind};
use ignore::overrides::{Override, OverrideBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};
use rules::Catalog;

/// A file that some detector wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Path relative to the root, `/` separators, lossy where the name is no Unicode.
    pub(crate) path: String,
    /// Where it is, if that is not at its path below the root.
    pub(crate) elsewhere: Option<Box<Path>>,
    /// Which detectors want it.
    pub(crate) wanted: Wanted,
}

impl Entry {
    /// Where it is, in a scan of this root.
    pub(crate) fn file(&self, root: &Path) -> PathBuf {
        self.elsewhere.as_deref().map_or_else(|| root.join(&self.path), Path::to_owned)
    }
}

/// Which detectors want a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// These, by position, and when.
    By(Vec<(usize, Gate)>),
    /// Some, as an earlier scan remembers the file, at this position; they are asked only if it has changed.
    AsBefore(u32),
}

/// What a walk asks about each file.
pub(crate) struct Asking<'a> {
    pub(crate) detectors: &'a [&'a dyn Detector],
    pub(crate) catalog: &'a Catalog,
    /// At which position an earlier scan remembers the file at a path.
    pub(crate) remembers: &'a (dyn Fn(&str) -> Option<u32> + Sync),
}

/// What a walk saw.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// Wanted files, by path.
    pub(crate) entries: Vec<Entry>,
    /// Paths of manifests, whether or not a detector wants them: they draw the boundaries of units.
    pub(crate) manifests: Vec<String>,
    /// All files.
    pub(crate) files: u64,
    /// Files by ending, for endings of languages that no detector reads.
    pub(crate) unread: std::collections::BTreeMap<&'static str, u64>,
    /// Archives, by path.
    pub(crate) archives: Vec<(String, PathBuf)>,
    /// What was not looked at.
    pub(crate) gaps: Vec<Gap>,
    /// Folders met, and whether they lie in a Git work tree.
    pub(crate) work_trees: HashMap<PathBuf, bool>,
}

/// Programming languages that no detector reads yet, by the endings of their files.
const UNREAD: &[(&str, &str)] = &[
    ("clj", "Clojure"),
    ("cljs", "Clojure"),
    ("cr", "Crystal"),
    ("erl", "Erlang"),
    ("f90", "Fortran"),
    ("fs", "F#"),
    ("groovy", "Groovy"),
    ("hs", "Haskell"),
    ("ml", "OCaml"),
    ("nim", "Nim"),
    ("pl", "Perl"),
    ("pm", "Perl"),
    ("vb", "Visual Basic"),
    ("zig", "Zig"),
];

/// Folders of version control, which hold no sources.
const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".svn", ".jj"];

/// Walks a folder with as many threads as there are processors.
pub(crate) fn walk(root: &Path, asking: &Asking<'_>, exclude: &[String]) -> Walked {
    let gathered: Mutex<Walked> = Mutex::new(Walked::default());
    let canonical = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let walker = WalkBuilder::new(root)
        .hidden(false)
        .git_global(false)
        .require_git(true)
        .follow_links(false)
        .filter_entry(|entry| {
            !entry.file_type().is_some_and(|kind| kind.is_dir()) || !VERSION_CONTROL.iter().any(|name| entry.file_name() == *name)
        })
        .overrides(excluding(root, exclude).unwrap_or_else(|_| Override::empty()))
        .threads(threads())
        .build_parallel();
    walker.run(|| {
        let mut batch = Batch {
            seen: Walked::default(),
            gathered: &gathered,
        };
        let canonical = &canonical;
        Box::new(move |entry| {
            match entry {
                Ok(entry) => batch.seen.visit(&entry, root, canonical, asking),
                Err(error) => batch.seen.gaps.push(unreadable(&error, root)),
            }
            WalkState::Continue
        })
    });
    let mut walked = gathered.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    walked.entries.sort_by(|a, b| (&a.path, &a.elsewhere).cmp(&(&b.path, &b.elsewhere)));
    // A file may be met twice: by the walk, and as an ignored name that reveals AI use.
    walked.entries.dedup_by(|a, b| (&a.path, &a.elsewhere) == (&b.path, &b.elsewhere));
    walked.manifests.sort();
    walked.manifests.dedup();
    walked.archives.sort();
    walked.archives.dedup();
    walked.gaps.sort();
    walked.gaps.dedup();
    walked
}

/// Paths to leave out, each given as a line of `.gitignore`.
pub(crate) fn excluding(root: &Path, globs: &[String]) -> Result<Override, ignore::Error> {
    let mut overrides = OverrideBuilder::new(root);
    for glob in globs {
        // Overrides say what to take; a leading `!` turns them round.
        overrides.add(&glob.strip_prefix('!').map_or_else(|| format!("!{glob}"), str::to_owned))?;
    }
    overrides.build()
}

/// One thread's part, handed over when the thread is done.
struct Batch<'a> {
    seen: Walked,
    gathered: &'a Mutex<Walked>,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut all = self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.entries.append(&mut self.seen.entries);
        all.manifests.append(&mut self.seen.manifests);
        all.archives.append(&mut self.seen.archives);
        all.gaps.append(&mut self.seen.gaps);
        all.files += self.seen.files;
        for (language, files) in std::mem::take(&mut self.seen.unread) {
            *all.unread.entry(language).or_default() += files;
        }
    }
}

impl Walked {
    fn visit(&mut self, entry: &DirEntry, root: &Path, canonical: &Path, asking: &Asking<'_>) {
        let Some(kind) = entry.file_type() else { return };
        if kind.is_dir() {
            // Outside of a Git work tree nothing is ignored, and the walk meets everything by itself.
            if self.is_work_tree(entry.path(), canonical) {
                self.reveal(entry.path(), root, asking);
            }
        } else if kind.is_symlink() {
            match link_outside(entry.path(), root, canonical) {
                Some(gap) => self.gaps.push(gap),
                None => self.link(entry.path(), root, asking),
            }
        } else if kind.is_file() {
            self.files += 1;
            self.file(entry.path(), root, asking);
        }
    }

    fn file(&mut self, file: &Path, root: &Path, asking: &Asking<'_>) {
        let path = relative(file, root);
        let wanted = (asking.remembers)(&path).map_or_else(
            || Wanted::By(wanted(&FilePath::of(&path), asking.detectors, asking.catalog)),
            Wanted::AsBefore,
        );
        if inventory::correlate::is_manifest(&path) {
            self.manifests.push(path.clone());
        }
        if crate::unpack::is_archive(&path) {
            self.archives.push((path.clone(), file.to_owned()));
        }
        if wanted == Wanted::By(Vec::new()) {
            let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
            if let Some((_, language)) = UNREAD.iter().find(|(known, _)| *known == ending) {
                *self.unread.entry(language).or_default() += 1;
            }
        } else {
            self.entries.push(Entry {
                elsewhere: elsewhere(file, &path, root),
                path,
                wanted,
            });
        }
    }

    /// Whether a folder lies in a Git work tree; remembered for each folder, so that each is asked about once a thread.
    fn is_work_tree(&mut self, folder: &Path, canonical: &Path) -> bool {
        if let Some(known) = self.work_trees.get(folder) {
            return *known;
        }
        let above = || folder.parent().filter(|above| !above.as_os_str().is_empty()).map(Path::to_owned);
        let is = folder.join(".git").exists()
            || match above() {
                Some(above) => self.is_work_tree(&above, canonical),
                // The root was given as a relative path: what stands above it is known by its full path only.
                None => canonical.ancestors().any(|ancestor| ancestor.join(".git").exists()),
            };
        self.work_trees.insert(folder.to_owned(), is);
        is
    }

    /// A link inside the root is not followed, as its target is walked anyway; but its name may tell something.
    fn link(&mut self, link: &Path, root: &Path, asking: &Asking<'_>) {
        let path = relative(link, root);
        let mut wanted = wanted(&FilePath::of(&path), asking.detectors, asking.catalog);
        wanted.retain(|(_, gate)| *gate == Gate::Unopened);
        if !wanted.is_empty() {
            self.entries.push(Entry {
                elsewhere: elsewhere(link, &path, root),
                path,
                wanted: Wanted::By(wanted),
            });
        }
    }

    /// Ignored names that reveal AI use: dotenv files, and whatever the catalog knows by its name.
    fn reveal(&mut self, folder: &Path, root: &Path, asking: &Asking<'_>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            // Nearly all such names begin with a dot or a capital; a look at the first letter saves the rest.
            if !name.starts_with(['.', 'A', 'C', 'G', 'S', 'W', 'm', 'l']) || VERSION_CONTROL.contains(&name.as_ref()) {
                continue;
            }
            let Ok(kind) = entry.file_type() else { continue };
            let path = relative(&entry.path(), root);
            if kind.is_file() && (name.starts_with(".env") || asking.catalog.wants_file(&path) || detectors::ai::reveals(&path)) {
                self.file(&entry.path(), root, asking);
            } else if kind.is_dir() && name.starts_with('.') && asking.catalog.wants_file(&format!("{path}/settings.json")) {
                for inner in std::fs::read_dir(entry.path())
                    .into_iter()
                    .flatten()
                    .filter_map(Result::ok)
                    .take(1000)
                {
                    if inner.file_type().is_ok_and(|kind| kind.is_file()) {
                        self.file(&inner.path(), root, asking);
                    }
                }
            }
        }
    }
}

/// Which detectors want a path.
pub(crate) fn wanted(file: &FilePath<'_>, detectors: &[&dyn Detector], catalog: &Catalog) -> Vec<(usize, Gate)> {
    detectors
        .iter()
        .enumerate()
        .filter_map(|(at, detector)| match detector.wants(file)? {
            Gate::Unopened => catalog.wants_file(file.as_str()).then_some((at, Gate::Unopened)),
            gate => Some((at, gate)),
        })
        .collect()
}

/// How many files are worked on at the same time.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A path as reports show it: relative to the root, `/` separators.
pub(crate) fn relative(file: &Path, root: &Path) -> String {
    // Nearly all paths begin with the root letter for letter; taking both apart to compare them costs more than the rest.
    let inside = file
        .to_str()
        .zip(root.to_str())
        .and_then(|(file, root)| file.strip_prefix(root)?.strip_prefix(std::path::MAIN_SEPARATOR));
    let path = inside.map_or_else(
        || file.strip_prefix(root).unwrap_or(file).to_string_lossy(),
        std::borrow::Cow::Borrowed,
    );
    if std::path::MAIN_SEPARATOR == '/' {
        path.into_owned()
    } else {
        path.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// Where a file is whose path, as reports show it, does not lead there: its name is no Unicode.
fn elsewhere(file: &Path, path: &str, root: &Path) -> Option<Box<Path>> {
    let leads_there = file.to_str().is_some() || root.join(path) == file;
    (!leads_there).then(|| file.into())
}

fn link_outside(link: &Path, root: &Path, canonical: &Path) -> Option<Gap> {
    let target = link.canonicalize().ok()?;
    (!target.starts_with(canonical)).then(|| Gap {
        kind: GapKind::LinkOutside,
        what: relative(link, root),
        reason: "the link leads out of the scanned folder; scan its target by itself if it belongs to you".to_owned(),
    })
}

fn unreadable(error: &ignore::Error, root: &Path) -> Gap {
    let path = match error {
        ignore::Error::WithPath { path, .. } => relative(path, root),
        ignore::Error::WithDepth { err, .. } => match err.as_ref() {
            ignore::Error::WithPath { path, .. } => relative(path, root),
            _ => String::new(),
        },
        _ => String::new(),
    };
    let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    Gap {
        kind: GapKind::Unreadable,
        what: path,
        reason: format!("{cause}; scan as a user who may read it"),
    }
}
