//! Since when, and by whom: what the Git history of a source tells of its evidence.
//!
//! One walk over the commits finds the versions of the files that hold evidence; then each file's versions tell in which
//! the component's name first stood, and who last changed the line. It reads the object store and nothing else: no hook,
//! filter, index, submodule or program of the repository is touched, and nothing in it changes what is found.

mod blame;
mod kept;
mod moved;
mod needle;
mod repository;
mod versions;

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use evidence::{Evidence, Gap, GapKind, Location};
use gix::ObjectId;
use inventory::past::{Moment, Trace, Traces};

use kept::Kept;
use needle::Needle;
use repository::Repository;
pub(crate) use repository::remote;
use versions::{End, Versions};

use crate::cache::{self, Digest};

/// What is read of a history at most, unless all of it is asked for. Counted in objects and bytes and not in time, so
/// that one input has one result.
const ORDINARY: u64 = 64 << 20;
/// What is read of a commit to compare one file with what is on the disk.
const AGAINST_DISK: u64 = 2 << 20;

/// How much of a history is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Nothing.
    None,
    /// As much as costs little.
    Bounded,
    /// Everything.
    Full,
}

/// What is asked of a history.
pub(crate) struct Question<'q> {
    /// The folder or file that was scanned.
    pub(crate) root: &'q Path,
    pub(crate) depth: Depth,
    /// Whether people may be named; otherwise two lines of one author can be told from those of two, and no more.
    pub(crate) name_people: bool,
    pub(crate) evidence: &'q [&'q Evidence],
    /// A digest of the evidence and of the files it stands in; absent where the answer is not to be kept.
    pub(crate) digest: Option<Digest>,
    /// What an earlier scan kept.
    pub(crate) before: Option<&'q [u8]>,
}

/// What a history tells.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) traces: Traces,
    pub(crate) gaps: Vec<Gap>,
    /// What the next scan may use, unless it is what this one was given.
    pub(crate) keep: Option<Vec<u8>>,
}

/// Asks the history of a folder about the evidence found in it. A folder without history is no gap.
pub(crate) fn tell(question: &Question<'_>) -> Told {
    if question.depth == Depth::None || question.evidence.is_empty() {
        return Told::default();
    }
    // The object store may be damaged, or made to mislead; what reads it is not ours.
    let reason = match catch_unwind(AssertUnwindSafe(|| told(question))) {
        Ok(Ok(told)) => return told,
        Ok(Err(reason)) => evidence::redact(&reason),
        Err(_) => "the object store is damaged in an unforeseen way; `git fsck` tells more".to_owned(),
    };
    Told {
        gaps: vec![gap(GapKind::Unreadable, reason)],
        ..Told::default()
    }
}

fn gap(kind: GapKind, reason: String) -> Gap {
    Gap {
        kind,
        what: "git history".to_owned(),
        reason,
    }
}

fn told(question: &Question<'_>) -> Result<Told, String> {
    // Most sources without history are told by their folder, before anything is opened.
    let Some(mut repository) = Repository::above(question.root)? else {
        return Ok(Told::default());
    };
    let Some(head) = repository.head()? else {
        return Ok(Told::default());
    };
    let asked = question.digest.map(|digest| {
        let how = format!("{:?} {} {}", question.depth, question.name_people, repository.form());
        cache::digest_of([&digest[..], how.as_bytes()].into_iter())
    });
    let before: Option<Kept> = question.before.and_then(|bytes| serde_json::from_slice(bytes).ok());
    let before = before.filter(|before| Some(before.question) == asked);
    if before
        .as_ref()
        .is_some_and(|before| ObjectId::from_hex(before.head.as_bytes()).is_ok_and(|known| known == head))
    {
        return Ok(before.map(Told::from).unwrap_or_default());
    }
    // An answer that the bound cut short is given anew.
    let before = before.filter(|before| before.gaps.is_empty());
    let known = before.as_ref().and_then(|before| ObjectId::from_hex(before.head.as_bytes()).ok());
    let mut told = match walked(&mut repository, question, head, known)? {
        Some(told) => told,
        None => before.map(Told::from).unwrap_or_default(),
    };
    told.keep = asked.and_then(|question| serde_json::to_vec(&Kept::of(question, head.to_string(), &told.traces, &told.gaps)).ok());
    Ok(told)
}

impl From<Kept> for Told {
    fn from(kept: Kept) -> Self {
        Self {
            gaps: kept.gaps.clone(),
            traces: kept.traces(),
            keep: None,
        }
    }
}

/// What a walk tells; nothing if it met a known commit that has every file as the newest has it.
fn walked(repository: &mut Repository, question: &Question<'_>, head: ObjectId, known: Option<ObjectId>) -> Result<Option<Told>, String> {
    let mut telling = Telling {
        name_people: question.name_people,
        traces: Traces::new(),
        moments: HashMap::new(),
        authors: HashMap::new(),
    };
    let budget = match question.depth {
        Depth::None => 0,
        Depth::Bounded => ORDINARY,
        Depth::Full => u64::MAX,
    };
    let by_path = by_path(question.evidence);
    let wanted: Vec<String> = by_path.keys().map(|path| repository.inside(path)).collect();
    // Half for the walk, half for what stands in the files; each file has a fair share of what the others leave.
    repository.allow(budget / 2);
    let Some(versions) = Versions::walk(repository, head, &wanted, known)? else {
        return Ok(None);
    };
    let mut left = (budget / 2).saturating_add(repository.left());
    let mut files: Vec<(u64, usize, File)> = by_path
        .iter()
        .zip(&wanted)
        .filter_map(|((path, seen), inside)| {
            let newest = versions.newest(inside)?;
            let file = File::of(path, seen, repository, &versions, newest);
            Some((file.length * versions.lineage(newest).len() as u64, newest, file))
        })
        .collect();
    // What the shorter histories leave of their shares is for the longer ones.
    files.sort_by_key(|(cost, newest, _)| (*cost, *newest));
    let mut waiting = files.len() as u64;
    let mut cut_short = 0;
    for (_, newest, file) in files {
        let share = left / waiting;
        repository.allow(share);
        file.tell(repository, &versions, newest, &mut telling);
        cut_short += u64::from(repository.is_spent());
        left -= share - repository.left();
        waiting -= 1;
    }
    Ok(Some(Told {
        traces: telling.traces,
        gaps: bounds(repository, &versions, cut_short),
        keep: None,
    }))
}

/// What of the history was not read, and why.
fn bounds(repository: &Repository, versions: &Versions, cut_short: u64) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if repository.damaged > 0 {
        gaps.push(gap(
            GapKind::Unreadable,
            format!(
                "{} objects could not be read, so dates may be later than the truth; `git fsck` tells more",
                repository.damaged
            ),
        ));
    }
    if let Some(oldest) = versions.cut {
        gaps.push(gap(
            GapKind::Skipped,
            format!(
                "not read beyond {}: what is older is dated «at or before»; --full-history reads all of it",
                repository::day(oldest)
            ),
        ));
    }
    if cut_short > 0 {
        gaps.push(gap(
            GapKind::Skipped,
            format!(
                "{cut_short} files have more history than was read: some dates in them are «at or before»; --full-history reads all of it"
            ),
        ));
    }
    gaps
}

/// The evidence of each file that a person may have written.
fn by_path<'e>(evidence: &[&'e Evidence]) -> BTreeMap<&'e str, Vec<&'e Evidence>> {
    let mut files: BTreeMap<&str, Vec<&Evidence>> = BTreeMap::new();
    for seen in evidence {
        // A program writes lockfiles: their lines have no author, and the manifest beside them tells since when.
        if !inventory::correlate::is_lockfile(&seen.location.path) {
            files.entry(&seen.location.path).or_default().push(seen);
        }
    }
    files
}

/// A file with evidence: its places, as lines of the newest committed version.
struct File {
    places: Vec<PlaceIn>,
    length: u64,
}

/// A piece of evidence in a file.
struct PlaceIn {
    key: (Location, String),
    needle: Option<Needle>,
    /// Its line in the newest committed version, counted from 0; absent where it is not committed.
    line: Option<u32>,
    /// Whether it means the whole file.
    whole: bool,
}

impl File {
    fn of(path: &str, seen: &[&Evidence], repository: &mut Repository, versions: &Versions, newest: usize) -> Self {
        let mut buffer = Vec::new();
        let on_disk = seen
            .iter()
            .any(|one| one.location.line.is_some())
            .then(|| crate::look::read_file(&repository.folder().join(path), &mut buffer).ok())
            .flatten()
            .map(|(bytes, _)| bytes);
        let changed = on_disk.map_or_else(blame::Moves::none, |disk| {
            // Most files are as they were committed, which their name in Git tells without reading it.
            if repository.is_blob(disk, versions.blob(newest)) {
                return blame::Moves::between(disk, disk);
            }
            repository.allow(AGAINST_DISK);
            let committed = repository.text(versions.blob(newest));
            committed.map_or_else(blame::Moves::none, |text| blame::Moves::between(disk, &text))
        });
        let lines: Vec<&[u8]> = on_disk
            .map(|bytes| bytes.split(|byte| *byte == b'\n').collect())
            .unwrap_or_default();
        let mut places: Vec<PlaceIn> = seen
            .iter()
            .map(|one| {
                let line = one.location.line.and_then(|line| line.checked_sub(1));
                let text = line.and_then(|line| lines.get(line as usize).copied());
                PlaceIn {
                    key: (one.location.clone(), one.name.clone()),
                    needle: Needle::of(one, text),
                    line: line.and_then(|line| changed.before(line)),
                    whole: line.is_none(),
                }
            })
            .collect();
        places.sort_by(|a, b| a.key.cmp(&b.key));
        places.dedup_by(|a, b| a.key == b.key);
        Self {
            places,
            length: on_disk.map_or(0, <[u8]>::len) as u64,
        }
    }

    fn tell(self, repository: &mut Repository, versions: &Versions, newest: usize, telling: &mut Telling) {
        let lineage = versions.lineage(newest);
        let needles: Vec<Option<&Needle>> = self.places.iter().map(|place| place.needle.as_ref()).collect();
        let first = blame::first_with(repository, versions, &lineage, &needles);
        let lines: Vec<u32> = self.places.iter().filter_map(|place| place.line).collect();
        let last = blame::last_changed(repository, versions, &lineage, newest, &lines);
        for (place, first) in self.places.into_iter().zip(first) {
            let touched = if place.whole {
                Some((newest, true))
            } else {
                place.line.and_then(|line| last.get(&line).copied())
            };
            // Whoever made the first commit of a shallow clone wrote none of its lines.
            let author = touched
                .filter(|(version, is_certain)| !place.whole && *is_certain && versions.end(*version) == End::Changed)
                .and_then(|(version, _)| repository.author(versions.commit(version)?));
            // Where the search had to end, the line itself is the oldest that is known.
            let introduced = first.or(touched.map(|(version, _)| (version, false)));
            let trace = Trace {
                introduced: introduced.and_then(|found| telling.moment(versions, found)),
                touched: touched.and_then(|found| telling.moment(versions, found)),
                author: author.map(|author| telling.author(author)),
            };
            if trace != Trace::default() {
                let (at, name) = place.key;
                telling.traces.entry(at).or_default().push((name, trace));
            }
        }
    }
}

/// What is told so far, each commit and each author once.
struct Telling {
    name_people: bool,
    traces: Traces,
    moments: HashMap<(ObjectId, bool), Arc<Moment>>,
    authors: HashMap<String, Arc<str>>,
}

impl Telling {
    fn moment(&mut self, versions: &Versions, (version, is_certain): blame::Found) -> Option<Arc<Moment>> {
        let (commit, seconds) = versions.when(version)?;
        let at_or_before = !is_certain || versions.end(version) == End::Unknown;
        let moment = self.moments.entry((commit, at_or_before)).or_insert_with(|| {
            Arc::new(Moment {
                commit: ObjectId::to_string(&commit),
                date: repository::date(seconds),
                at_or_before,
            })
        });
        Some(Arc::clone(moment))
    }

    /// The author as it goes further: by name only if that is asked for.
    fn author(&mut self, name: String) -> Arc<str> {
        let name_people = self.name_people;
        let known = self.authors.entry(name).or_insert_with_key(|name| {
            if name_people {
                Arc::from(name.as_str())
            } else {
                Arc::from(format!("{:?}", cache::digest(name.to_lowercase().as_bytes())))
            }
        });
        Arc::clone(known)
    }
}
