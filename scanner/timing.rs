//! What took the time: what each detector read, for how long, and how much of that was parsing.

use std::cell::Cell;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use detectors::Detector;

thread_local! {
    /// How long this thread has parsed so far, and since when it has been parsing.
    static PARSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

fn watch(begins: bool) {
    let now = Instant::now();
    if let Some(began) = SINCE.replace(begins.then_some(now)) {
        PARSED.set(PARSED.get() + (now - began));
    }
}

/// Time spent by all threads, for each detector by its position; counted only where it is shown.
pub(crate) struct Timing(Vec<Spent>);

#[derive(Default)]
struct Spent {
    files: AtomicU64,
    bytes: AtomicU64,
    /// Nanoseconds.
    reading: AtomicU64,
    parsing: AtomicU64,
}

impl Timing {
    /// Room for so many detectors, if anybody is to be told.
    pub(crate) fn new(count: usize) -> Option<Self> {
        tracing::enabled!(tracing::Level::INFO).then(|| {
            detectors::watch_parsing(watch);
            Self((0..count).map(|_| Spent::default()).collect())
        })
    }

    /// Does something in the name of a detector, and counts how long it takes.
    pub(crate) fn count<T>(timing: Option<&Self>, at: usize, bytes: usize, work: impl FnOnce() -> T) -> T {
        let Some(spent) = timing.and_then(|timing| timing.0.get(at)) else {
            return work();
        };
        let (began, parsed) = (Instant::now(), PARSED.get());
        let result = work();
        let add = |to: &AtomicU64, number: u64| to.fetch_add(number, Ordering::Relaxed);
        add(&spent.files, 1);
        add(&spent.bytes, bytes as u64);
        add(&spent.reading, nanoseconds(began.elapsed()));
        add(&spent.parsing, nanoseconds(PARSED.get().saturating_sub(parsed)));
        result
    }

    /// A line for each detector that read anything, the slowest first.
    pub(crate) fn table(&self, detectors: &[&dyn Detector]) -> String {
        let seconds = |spent: &AtomicU64| Duration::from_nanos(spent.load(Ordering::Relaxed)).as_secs_f64();
        let mut rows: Vec<_> = self
            .0
            .iter()
            .zip(detectors)
            .filter(|(spent, _)| spent.files.load(Ordering::Relaxed) > 0)
            .collect();
        rows.sort_by(|(a, _), (b, _)| seconds(&b.reading).total_cmp(&seconds(&a.reading)));
        let mut table = format!("{:24}{:>9}{:>10}{:>10}{:>11}", "detector", "files", "MB", "seconds", "parsing");
        for (spent, detector) in rows {
            let (reading, parsing) = (seconds(&spent.reading), seconds(&spent.parsing));
            let files = spent.files.load(Ordering::Relaxed);
            let megabytes = spent.bytes.load(Ordering::Relaxed) as f64 / 1e6;
            // Writing to a string cannot fail.
            let _ = write!(table, "\n{:24}{files:>9}{megabytes:>10.1}{reading:>10.2}", detector.info().id);
            if parsing > 0.0 {
                let _ = write!(table, "{:>9.0} %", 100.0 * parsing / reading);
            }
        }
        table
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
