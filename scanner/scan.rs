//! A whole scan: walk, examine, correlate, classify.

use std::path::{Path, PathBuf};

use detectors::{Detector, FilePath, Gate};
use evidence::{Coverage, Evidence, Gap, GapKind, Observation, Usage};
use inventory::classify::Judge;
use inventory::correlate::Scanned;
use inventory::past::Past;
use inventory::{Inventory, Source, System};
use rayon::prelude::*;
use rules::concepts::Concepts;
use rules::{Catalog, Place, Seen};

use crate::cache::{self, Known, Remember, Remembered};
use crate::dispatch::{Dispatch, Prefilters};
use crate::history::{self, Depth};
use crate::look::{Look, Looked, Memory};
use crate::owners;
use crate::progress::Progress;
use crate::timing::Timing;
use crate::unpack::{self, Bounds};
use crate::walk::{self, Asking, Entry, Wanted};
use crate::{installed, nested};

/// What inventories say that made them.
pub(crate) const GENERATOR: &str = concat!("aimscan ", env!("CARGO_PKG_VERSION"));

/// Under which path, that no file has, the answer of the history is remembered.
const HISTORY: &str = "";
/// Parsers of nested formats work on the stack.
const STACK: usize = 64 << 20;

/// The catalog and the detectors, made ready once.
pub struct Scanner {
    pub(crate) catalog: Catalog,
    pub(crate) concepts: Concepts,
    pub(crate) detectors: Vec<&'static dyn Detector>,
    /// For each detector, by position: what must stand in a file before the detector reads it.
    prefilters: Prefilters,
    pool: rayon::ThreadPool,
    pub(crate) exclude: Vec<String>,
    pub(crate) archives: Bounds,
    /// Whether archives that lie in a tree are opened.
    opens_archives: bool,
    /// How much of a source's history is read.
    history: Depth,
    /// Whether people may be named.
    name_people: bool,
}

/// A folder or file on this machine that is to be scanned.
#[derive(Debug, Clone)]
pub struct Root {
    /// Where it is.
    pub path: PathBuf,
    /// How inventories name it.
    pub source: Source,
}

/// What one root gave, before it is correlated.
pub(crate) struct Gathered {
    pub(crate) scanned: Scanned,
    pub(crate) coverage: Coverage,
    /// What the next scan may reuse, if that is not what this one was given.
    pub(crate) memory: Option<Vec<u8>>,
}

impl Scanner {
    /// Makes a scanner of a catalog and all detectors.
    ///
    /// # Errors
    /// If the machine has no room for threads.
    pub fn new(catalog: Catalog) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(walk::threads())
            .stack_size(STACK)
            .thread_name(|at| format!("examine-{at}"))
            .build()?;
        let detectors = detectors::detectors();
        Ok(Self {
            catalog,
            concepts: rules::concepts::concepts(),
            prefilters: Prefilters::of(detectors.len()),
            detectors,
            pool,
            exclude: Vec::new(),
            archives: Bounds::default(),
            opens_archives: false,
            history: Depth::None,
            name_people: false,
        })
    }

    /// What results of this scanner depend on besides the files: results of another version, another build or other rules
    /// must not be reused.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{} {} {}", env!("CARGO_PKG_VERSION"), env!("AIMSCAN_BUILD"), self.catalog.digest())
    }

    /// Leaves out paths, each given as a line of `.gitignore`.
    ///
    /// # Errors
    /// If a line is no glob.
    pub fn exclude<'g>(&mut self, globs: impl Iterator<Item = &'g String>) -> Result<(), ignore::Error> {
        self.exclude = globs.cloned().collect();
        walk::excluding(Path::new("."), &self.exclude).map(drop)
    }

    /// Says how much of archives is unpacked, and whether those that lie in a tree are opened.
    pub fn open_archives(&mut self, bounds: Bounds, in_trees: bool) {
        self.archives = bounds;
        self.opens_archives = in_trees;
    }

    /// Whether a file of a container image is worth unpacking: what somebody wants, without what the system and installed packages
    /// bring along. Of those, what says that they are there, and models.
    pub(crate) fn wants_of_image(&self, path: &str) -> bool {
        let wanted = walk::wanted(&FilePath::of(path), &self.detectors, &self.catalog);
        let is_model = wanted.iter().any(|(_, gate)| *gate == Gate::Pieces);
        is_model
            || installed::says_installed(path)
            || !installed::is_brought_along(path)
                && (!wanted.is_empty() || inventory::correlate::is_manifest(path) || self.opens_archives && unpack::is_archive(path))
    }

    /// Tells how much of a source's history is read, and whether people may be named.
    pub(crate) fn look_back(&mut self, history: Depth, name_people: bool) {
        (self.history, self.name_people) = (history, name_people);
    }

    /// Recognises observations that did not come from reading a file.
    pub(crate) fn recognise_packages(&self, path: &str, observations: &[Observation]) -> Vec<Evidence> {
        let seen: Vec<Seen<'_>> = observations
            .iter()
            .map(|observation| Seen {
                detector: "manifests/cargo",
                configures: false,
                observation,
            })
            .collect();
        self.catalog.recognise(
            &Place {
                path,
                usage: Usage::of_path(path),
                vendored: evidence::is_vendored_path(path),
                excerpt: &|_| None,
            },
            &seen,
        )
    }

    /// Scans a folder or file.
    pub(crate) fn gather(&self, root: &Root, memory: Option<&[u8]>, progress: &Progress) -> Gathered {
        let memory = memory.map(|bytes| Memory::of(bytes, &root.path));
        let remembers = |path: &str| {
            let memory = memory.as_ref().filter(|_| path != HISTORY)?;
            memory.remembered.position(path)
        };
        let mut walked = if root.path.is_file() {
            let name = root.path.file_name().unwrap_or_default();
            let path = name.to_string_lossy().into_owned();
            let wanted = walk::wanted(&FilePath::of(&path), &self.detectors, &self.catalog);
            walk::Walked {
                entries: vec![Entry {
                    path,
                    elsewhere: Some(root.path.clone().into_boxed_path()),
                    wanted: Wanted::By(wanted),
                }],
                files: 1,
                ..walk::Walked::default()
            }
        } else {
            walk::walk(&root.path, &self.asking(&remembers), &self.exclude)
        };
        let nested = match root.source.kind.as_str() {
            "archive" => self.archives.nested,
            _ if self.opens_archives => self.archives.nested.max(1),
            _ => 0,
        };
        let told = root.source.kind == "archive" || self.opens_archives;
        let _inner = told.then(|| nested::open(self, &mut walked, nested));
        walked.gaps.extend(nested::closed(&walked.archives));
        tracing::info!(
            "{}: {} files, {} of them wanted by a detector",
            root.source.location,
            walked.files,
            walked.entries.len()
        );
        progress.begin(&root.source.location, walked.entries.len() as u64);
        let began = std::time::SystemTime::now();
        let timing = Timing::new(self.detectors.len());
        let dispatch = Dispatch {
            timing: timing.as_ref(),
            is_image: root.source.kind == "image",
            ..self.dispatch()
        };
        let look = Look::new(dispatch, &root.path, memory.as_ref());
        let looked: Vec<Looked> = self.pool.install(|| {
            walked
                .entries
                .par_iter()
                .map(|entry| {
                    let result = look.at(entry);
                    progress.advance();
                    result
                })
                .collect()
        });
        let past = self.history(root, &walked.entries, &looked, memory.as_ref());
        let remember = memory
            .as_ref()
            .and_then(|memory| remember(&walked.entries, &looked, past.keep.as_deref(), &memory.remembered, began));
        let mut coverage = Coverage {
            files_seen: walked.files,
            bytes_read: look.bytes_read(),
            gaps: walked.gaps,
            ..Coverage::default()
        };
        coverage.gaps.extend(walked.unread.into_iter().map(|(language, files)| Gap {
            kind: GapKind::Unsupported,
            what: language.to_owned(),
            reason: format!(
                "{files} {} in {language}; no detector reads this language yet",
                if files == 1 { "file" } else { "files" }
            ),
        }));
        coverage.gaps.extend(past.gaps);
        let past = Past {
            traces: past.traces,
            name_people: self.name_people,
            ..Past::default()
        };
        let (scanned, coverage) = self.collect(root, walked.manifests, looked, past, coverage);
        if let Some(timing) = timing {
            tracing::info!("all threads together:\n{}", timing.table(&self.detectors));
        }
        Gathered {
            scanned,
            coverage,
            memory: remember,
        }
    }

    /// Asks the history about all evidence. Its answer is kept only while every file that gave some is known.
    fn history(&self, root: &Root, entries: &[Entry], looked: &[Looked], memory: Option<&Memory<'_>>) -> history::Told {
        if self.history == Depth::None || !is_at_home(root) {
            return history::Told::default();
        }
        let telling = || entries.iter().zip(looked).filter(|(_, looked)| !looked.evidence().is_empty());
        let evidence: Vec<&Evidence> = telling().flat_map(|(_, looked)| looked.evidence()).collect();
        let digest = || {
            let mut files = Vec::new();
            for (entry, looked) in telling() {
                files.push(entry.path.clone().into_bytes());
                // Where the whole file is meant, what stands in it makes no difference.
                if looked.evidence().iter().any(|one| one.location.line.is_some()) {
                    files.push(looked.known?.content());
                }
                for one in looked.evidence() {
                    let line = one.location.line.unwrap_or_default();
                    let provider = one.provider.as_deref().unwrap_or_default();
                    files.push([&line.to_le_bytes(), one.name.as_bytes(), b"\0", provider.as_bytes()].concat());
                }
            }
            Some(cache::digest_of(files.iter()))
        };
        history::tell(&history::Question {
            root: &root.path,
            depth: self.history,
            name_people: self.name_people,
            evidence: &evidence,
            digest: memory.and_then(|_| digest()),
            before: memory
                .and_then(|memory| memory.remembered.of(HISTORY))
                .map(|earlier| earlier.result()),
        })
    }

    fn collect(&self, root: &Root, manifests: Vec<String>, looked: Vec<Looked>, past: Past, mut coverage: Coverage) -> (Scanned, Coverage) {
        let mut scanned = Scanned {
            source: root.source.clone(),
            evidence: Vec::new(),
            projects: Vec::new(),
            statements: Vec::new(),
            manifests,
            past,
        };
        for Looked { examined, earlier, .. } in looked {
            coverage.files_unchanged += u64::from(earlier.is_some());
            coverage.files_read += u64::from(earlier.is_none());
            let Some(examined) = examined else { continue };
            for at in &examined.detectors {
                if let Some(detector) = self.detectors.get(*at) {
                    *coverage.detectors.entry(detector.info().id.to_owned()).or_default() += 1;
                }
            }
            scanned.evidence.extend(examined.evidence);
            scanned.projects.extend(examined.projects);
            scanned.statements.extend(examined.statements);
            coverage.gaps.extend(examined.gaps);
        }
        owners::add(&mut scanned.past, &root.path, is_at_home(root), &scanned.evidence);
        coverage.gaps.sort();
        coverage.gaps.dedup();
        tracing::info!(
            "{}: {} files read, {} unchanged, {} pieces of evidence, {} gaps",
            root.source.location,
            coverage.files_read,
            coverage.files_unchanged,
            scanned.evidence.len(),
            coverage.gaps.len()
        );
        (scanned, coverage)
    }

    /// What a walk asks, with what tells whether an earlier one remembers a file.
    pub(crate) fn asking<'a>(&'a self, remembers: &'a (dyn Fn(&str) -> Option<u32> + Sync)) -> Asking<'a> {
        Asking {
            detectors: &self.detectors,
            catalog: &self.catalog,
            remembers,
        }
    }

    pub(crate) fn dispatch(&self) -> Dispatch<'_> {
        Dispatch {
            detectors: &self.detectors,
            catalog: &self.catalog,
            concepts: &self.concepts,
            prefilters: &self.prefilters,
            timing: None,
            is_image: false,
        }
    }
}

/// Whether a root lies where somebody works on it: what was unpacked lies in no repository, and may claim to.
fn is_at_home(root: &Root) -> bool {
    !matches!(root.source.kind.as_str(), "archive" | "image")
}

/// What the next scan may reuse, with what the history told if that is new; nothing if that is what this one was given.
fn remember(
    entries: &[Entry],
    looked: &[Looked],
    told: Option<&[u8]>,
    before: &Remembered<'_>,
    began: std::time::SystemTime,
) -> Option<Vec<u8>> {
    let told_before = before.of(HISTORY).map(|earlier| earlier.result());
    let files = looked.iter().filter(|looked| looked.known.is_some()).count() + usize::from(told_before.is_some());
    let earlier = |looked: &Looked| before.at(looked.earlier?);
    let same = |looked: &Looked| {
        looked
            .known
            .is_none_or(|known| earlier(looked).is_some_and(|earlier| earlier.is_same(known.stamp)))
    };
    if told.is_none() && files == before.len() && looked.iter().all(same) {
        return None;
    }
    let mut remember = Remember::new(began);
    if let Some(told) = told.or(told_before) {
        remember.add(HISTORY, Known::default(), Some(told), None);
    }
    for (entry, looked) in entries.iter().zip(looked) {
        if let Some(known) = looked.known {
            let result = earlier(looked).map(|earlier| earlier.result());
            remember.add(&entry.path, known, result, looked.examined.as_deref());
        }
    }
    Some(remember.into_bytes())
}

/// From what was gathered to the inventory; of the evidence in files only what stands in paths that are wanted.
pub(crate) fn inventory(
    gathered: Vec<Scanned>,
    coverage: Coverage,
    scanned_at: String,
    policy: &inventory::findings::Policy,
    wanted: &dyn Fn(&Source, &str) -> bool,
) -> Inventory {
    let sources = gathered.iter().map(|scanned| scanned.source.clone()).collect();
    let ruleset = rules::risk::ruleset();
    let mut systems: Vec<System> = inventory::correlate::correlate_only(gathered, wanted);
    let mut judge = Judge::new(ruleset);
    for system in &mut systems {
        system.classification = judge.system(system);
    }
    let findings = inventory::findings::findings(&systems, policy);
    Inventory {
        schema_version: inventory::SCHEMA_VERSION.to_owned(),
        generator: GENERATOR.to_owned(),
        ruleset: ruleset.version.clone(),
        scanned_at,
        sources,
        systems,
        findings,
        coverage,
        organisation: inventory::register::Standing::default(),
        dismissed: Vec::new(),
        notice: inventory::classify::NOTICE.to_owned(),
    }
}
