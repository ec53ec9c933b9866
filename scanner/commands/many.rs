//! `aimscan scan` over many sources: one after the other, each with a snapshot of its own, so that what is in memory does not
//! grow with their number and a run that was broken off can go on.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use evidence::{Coverage, Evidence, Gap, GapKind};
use inventory::changes::Changes;
use inventory::correlate::Scanned;
use inventory::register::Register;
use inventory::store::{RunId, SnapshotId, Store};
use inventory::{Inventory, System};

use super::Outcome;
use super::scan::{Judge, Scan as Ready};
use crate::cli::{Format, Global, Output, Scan};
use crate::clone;
use crate::progress::Progress;
use crate::sources::Asked;
use crate::target::{Named, Target};
use crate::terminal::Writer;

/// Sources that are brought here while others are scanned.
const AHEAD: usize = 4;
/// Places of a component that a page of text needs.
const PLACES_OF_TEXT: usize = 3;

/// Scans every source and writes the inventory.
pub(super) fn run(options: &Scan, global: &Global, asked: &Asked, mut ready: Ready) -> Result<Outcome> {
    let began = Instant::now();
    clone::sweep();
    let progress = Progress::new(global.quiet);
    let sources = asked.sources(&options.accounts)?;
    let mut store = ready.store.take();
    let run = store.as_mut().map(|store| Run::begin(store, &ready, asked, options)).transpose()?;
    let mut out = Out::open(&options.output, &ready)?;
    let mut tally = Tally::default();
    for gap in sources.gaps {
        tally.lacks(gap, global.quiet, &progress);
    }
    tally.is_incomplete = sources.is_incomplete;

    let total = sources.named.len();
    let bring = |named: &Named| match &run {
        Some(run) if run.done.contains_key(&named.source.identity) => None,
        _ => Some(named.bring(&ready.scanner)),
    };
    ahead(&sources.named, bring, |at, named, brought| {
        progress.turn(at + 1, total);
        let part = match brought {
            None => {
                let (Some(run), Some(store)) = (&run, &store) else { return Ok(()) };
                tally.taken_over += 1;
                run.take_over(store, named, &ready)?
            }
            Some(Err(error)) => {
                tally.lacks_source(named, &error, global.quiet, &progress);
                return Ok(());
            }
            // An archive may hold several images.
            Some(Ok(targets)) => {
                for target in &targets {
                    match one(&ready, target, store.as_mut(), run.as_ref(), options, &progress) {
                        Ok(part) => out.add(part, &ready)?,
                        Err(Failed::Source(error)) => {
                            tally.lacks_source(named, &error, global.quiet, &progress);
                            return Ok(());
                        }
                        Err(Failed::Run(error)) => return Err(error),
                    }
                }
                tally.scanned += 1;
                return Ok(());
            }
        };
        out.add(part, &ready)
    })?;
    for (scanned, coverage) in crate::connect::fetch(&ready.scanner, &options.accounts, &progress)? {
        let part = finish(&ready, scanned, coverage, None, store.as_mut(), run.as_ref())?;
        out.add(part, &ready)?;
    }
    progress.end();
    if let (Some(store), Some(run)) = (&store, &run) {
        store.end_run(run.id, &super::scan::now(), &tally.gaps)?;
    }
    if !global.quiet {
        anstream::eprintln!("{}", tally.sentence(total));
    }
    let store = store.as_ref().filter(|_| options.changed_since.is_none());
    let judge = out.close(tally.gaps, began, options, global.quiet, &ready, store)?;
    Ok(match judge.verdict(global.quiet) {
        Outcome::Done if tally.is_incomplete && ready.strict => Outcome::Incomplete,
        outcome => outcome,
    })
}

/// What one source gave.
struct Part {
    inventory: Inventory,
    changes: Option<Changes>,
}

/// Why a source gave nothing: itself, or something that will meet the others too.
enum Failed {
    Source(anyhow::Error),
    Run(anyhow::Error),
}

fn one(
    ready: &Ready,
    target: &Target,
    mut store: Option<&mut Store>,
    run: Option<&Run>,
    options: &Scan,
    progress: &Progress,
) -> std::result::Result<Part, Failed> {
    let changed = ready.changed(&target.root).map_err(Failed::Source)?;
    let (scanned, coverage) =
        super::scan::one(&ready.scanner, target, store.as_deref_mut(), options.trust_cargo, progress).map_err(Failed::Run)?;
    finish(ready, scanned, coverage, changed.as_ref(), store, run).map_err(Failed::Run)
}

/// From what was gathered of a source to its inventory and its snapshot.
fn finish(
    ready: &Ready,
    scanned: Scanned,
    coverage: Coverage,
    changed: Option<&crate::changed::Changed>,
    store: Option<&mut Store>,
    run: Option<&Run>,
) -> Result<Part> {
    let changed: Vec<_> = changed
        .into_iter()
        .map(|changed| (scanned.source.identity.clone(), changed))
        .collect();
    let mut inventory = ready.inventory(vec![scanned], coverage, &changed);
    let mut changes = None;
    if let (Some(store), Some(run), true) = (store, run, changed.is_empty()) {
        let snapshot = store.record_in(run.id, &mut inventory)?;
        changes = since_before(store, snapshot, &inventory)?;
    }
    ready.decide(run.map(|run| &run.register), &mut inventory);
    Ok(Part { inventory, changes })
}

fn since_before(store: &Store, snapshot: SnapshotId, inventory: &Inventory) -> Result<Option<Changes>> {
    let before = store.previous(snapshot)?;
    Ok(before.map(|before| inventory::changes::diff(&before.inventory, inventory)))
}

/// Brings sources here in the background, a few at a time, and hands them over in their order.
fn ahead<T: Send>(
    sources: &[Named],
    bring: impl Fn(&Named) -> T + Sync,
    mut take: impl FnMut(usize, &Named, T) -> Result<()>,
) -> Result<()> {
    std::thread::scope(|scope| {
        let mut coming = VecDeque::new();
        let mut left = sources.iter().enumerate();
        loop {
            while coming.len() < AHEAD
                && let Some((at, source)) = left.next()
            {
                let bring = &bring;
                coming.push_back((at, source, scope.spawn(move || bring(source))));
            }
            let Some((at, source, brought)) = coming.pop_front() else {
                return Ok(());
            };
            let brought = brought
                .join()
                .map_err(|_| anyhow!("{} could not be fetched", source.source.location))?;
            take(at, source, brought)?;
        }
    })
}

/// The run in the database, and what it need not do again.
struct Run {
    id: RunId,
    done: BTreeMap<String, SnapshotId>,
    /// What people had decided when it began: reading that for each source would take longer than many a source.
    register: Register,
}

impl Run {
    fn begin(store: &mut Store, ready: &Ready, asked: &Asked, options: &Scan) -> Result<Self> {
        let question = format!(
            "{asked:?} exclude {:?} cargo {} history {:?} people {} with {}",
            ready.exclude,
            options.trust_cargo,
            super::scan::depth(options),
            options.people,
            ready.scanner.version()
        );
        let unfinished = match options.many.resume.as_deref() {
            Some("") => store.unfinished_run(&question)?,
            _ => None,
        };
        let id = match unfinished {
            Some(id) => id,
            None => store.begin_run(&question, &ready.scanned_at)?,
        };
        let done = match options.many.resume.as_deref() {
            None => BTreeMap::new(),
            Some("") => store.done_in(id)?,
            Some(since) => {
                let form = ready.inventory(Vec::new(), Coverage::default(), &[]);
                store.done_since(&time(since)?, &form.generator, &form.ruleset)?
            }
        };
        let register = store.register()?;
        Ok(Self { id, done, register })
    }

    fn take_over(&self, store: &Store, named: &Named, ready: &Ready) -> Result<Part> {
        let snapshot = self.done[&named.source.identity];
        store.take_over(self.id, snapshot)?;
        let mut inventory = store.snapshot(snapshot)?;
        let changes = since_before(store, snapshot, &inventory)?;
        ready.decide(Some(&self.register), &mut inventory);
        Ok(Part { inventory, changes })
    }
}

/// A time as snapshots have it, of a time or of how long ago it was.
fn time(since: &str) -> Result<String> {
    let since = since.trim();
    let ago = || {
        let (digits, unit) = since.split_at_checked(since.len().checked_sub(1)?)?;
        let hours = match unit {
            "d" => 24,
            "h" => 1,
            "m" => return Some(jiff::SignedDuration::from_mins(digits.parse().ok()?)),
            _ => return None,
        };
        Some(jiff::SignedDuration::from_hours(
            digits.parse::<u32>().ok()?.checked_mul(hours)?.into(),
        ))
    };
    let time = match (ago(), since.parse::<jiff::Timestamp>()) {
        (Some(ago), _) => jiff::Timestamp::now().checked_sub(ago).context("that is too long ago")?,
        (None, Ok(time)) => time,
        (None, Err(_)) => bail!("--resume={since}: write how long ago (`90m`, `12h`, `2d`) or a time (`2026-11-26T22:00:00Z`)"),
    };
    Ok(super::scan::shown(time))
}

/// What became of the sources.
#[derive(Default)]
struct Tally {
    scanned: usize,
    taken_over: usize,
    failed: usize,
    gaps: Vec<Gap>,
    is_incomplete: bool,
}

impl Tally {
    fn lacks(&mut self, gap: Gap, quiet: bool, progress: &Progress) {
        if !quiet {
            progress.say(&format!("skipped: {}: {}", gap.what.escape_debug(), gap.reason.escape_debug()));
        }
        self.gaps.push(gap);
    }

    fn lacks_source(&mut self, named: &Named, error: &anyhow::Error, quiet: bool, progress: &Progress) {
        self.failed += 1;
        self.is_incomplete = true;
        let reason = evidence::redact(&format!("{error:#}"));
        let gap = Gap {
            kind: GapKind::Unreadable,
            what: named.source.location.clone(),
            reason,
        };
        self.lacks(gap, quiet, progress);
    }

    fn sentence(&self, total: usize) -> String {
        let mut parts = vec![format!("{} scanned", self.scanned)];
        if self.taken_over > 0 {
            parts.push(format!("{} taken over from earlier", self.taken_over));
        }
        if self.failed > 0 {
            parts.push(format!("{} could not be read", self.failed));
        }
        format!("{total} {}: {}", if total == 1 { "source" } else { "sources" }, parts.join(", "))
    }
}

/// Where results go: lines are written at once, everything else when it is whole.
struct Out {
    lines: Option<Writer>,
    whole: Inventory,
    is_text: bool,
    changes: Changes,
    has_changes: bool,
    judge: Judge,
    counts: (usize, usize),
}

impl Out {
    fn open(output: &Output, ready: &Ready) -> Result<Self> {
        let format = super::format(output);
        let lines = matches!(format, Format::Jsonl)
            .then(|| Writer::open(output.output.as_deref()))
            .transpose()?;
        Ok(Self {
            lines,
            whole: ready.inventory(Vec::new(), Coverage::default(), &[]),
            is_text: matches!(format, Format::Text),
            changes: Changes::default(),
            has_changes: false,
            judge: Judge::default(),
            counts: (0, 0),
        })
    }

    fn add(&mut self, part: Part, ready: &Ready) -> Result<()> {
        let Part { mut inventory, changes } = part;
        self.judge
            .see(&inventory, changes.as_ref(), &ready.conditions, ready.baseline.as_ref());
        self.counts.0 += inventory.systems.len();
        self.counts.1 += inventory.findings.len();
        if let Some(lines) = &mut self.lines {
            return lines.write(&report::jsonl::render(&inventory));
        }
        if let Some(changes) = changes {
            self.has_changes = true;
            self.changes.merge(changes);
        }
        if self.is_text {
            inventory.systems.iter_mut().for_each(lighten);
        }
        self.whole.sources.append(&mut inventory.sources);
        self.whole.systems.append(&mut inventory.systems);
        self.whole.findings.append(&mut inventory.findings);
        self.whole.coverage.merge(inventory.coverage);
        Ok(())
    }

    fn close(mut self, gaps: Vec<Gap>, began: Instant, options: &Scan, quiet: bool, ready: &Ready, store: Option<&Store>) -> Result<Judge> {
        match self.lines.take() {
            Some(lines) => lines.finish()?,
            None => {
                self.whole.coverage.merge(Coverage {
                    gaps,
                    ..Coverage::default()
                });
                self.whole.coverage.settle();
                self.whole
                    .systems
                    .sort_by(|a, b| (&a.name, &a.source, &a.folder, &a.id).cmp(&(&b.name, &b.source, &b.folder, &b.id)));
                self.whole.findings.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.cmp(b)));
                let beside = super::Beside {
                    run: report::text::Run {
                        elapsed: Some(began.elapsed()),
                        changes: self.has_changes.then_some(&self.changes),
                    },
                    baseline: ready.baseline.as_ref(),
                    store,
                };
                super::write(&self.whole, &options.output, &beside)?;
            }
        }
        super::scan::say_written(&options.output, self.counts, quiet);
        Ok(self.judge)
    }
}

/// Leaves of a system what a page of text shows.
fn lighten(system: &mut System) {
    let few = |evidence: &mut Vec<Evidence>| {
        evidence.truncate(PLACES_OF_TEXT);
        evidence.shrink_to_fit();
    };
    system.components.iter_mut().for_each(|component| few(&mut component.evidence));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_given_as_such_or_as_how_long_ago() {
        assert_eq!(time("2026-11-26T22:00:00Z").expect("a time"), "2026-11-26T22:00:00Z");
        assert!(time("2d").expect("ago") < time("12h").expect("ago"));
        assert!(time("12h").expect("ago") < time("90m").expect("ago"));
        for nonsense in ["yesterday", "d", "-1h", "12", "99999999999d", "12ü"] {
            assert!(time(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn sources_are_taken_in_their_order_and_few_at_once() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_string_lossy().into_owned();
        let sources: Vec<Named> = (0..50).map(|_| crate::target::named(&path).expect("a folder")).collect();
        let (here, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut seen = Vec::new();
        ahead(
            &sources,
            |_| {
                most.fetch_max(here.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(2));
            },
            |at, _, ()| {
                here.fetch_sub(1, Ordering::SeqCst);
                seen.push(at);
                Ok(())
            },
        )
        .expect("all taken");
        assert_eq!(seen, (0..50).collect::<Vec<_>>());
        assert!(most.into_inner() <= AHEAD + 1);
    }
}
