//! How the sources of an inventory stood at earlier times: of each, its newest snapshot of then, with what had been decided by then.

use std::collections::{BTreeMap, BTreeSet};

use evidence::ComponentKind;
use rules::risk::Ruleset;
use serde::Serialize;

use super::{Result, SnapshotId, Store};
use crate::register::LISTED;
use crate::{Inventory, Tier};

/// Points of a trend at most.
const POINTS: usize = 24;
/// Snapshots that are read for a trend at most, unless fewer cannot make two points.
const READS: usize = 1_000;

/// How an inventory stood at one time, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Point {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// The same in seconds since 1970; 0 where the text is no time.
    pub seconds: i64,
    /// Sources that had been scanned.
    pub sources: usize,
    /// Systems found in them.
    pub systems: usize,
    /// Providers behind them.
    pub providers: usize,
    /// Components they are made of.
    pub components: usize,
    /// Systems that could be high, or more.
    pub high: usize,
    /// Findings that nobody had accepted.
    pub findings: usize,
}

impl Point {
    /// Of an inventory as it stands.
    #[must_use]
    pub fn of(inventory: &Inventory) -> Self {
        let systems = &inventory.systems;
        let providers: BTreeSet<String> = systems
            .iter()
            .flat_map(|system| system.of_kind(ComponentKind::Provider))
            .map(|provider| provider.name.to_lowercase())
            .collect();
        Self {
            at: inventory.scanned_at.clone(),
            seconds: seconds(&inventory.scanned_at),
            sources: inventory.sources.len(),
            systems: systems.len(),
            providers: providers.len(),
            components: systems.iter().map(|system| system.components.len()).sum(),
            high: systems.iter().filter(|system| system.classification.ceiling >= Tier::High).count(),
            findings: inventory.findings.iter().filter(|finding| finding.accepted.is_none()).count(),
        }
    }
}

fn seconds(time: &str) -> i64 {
    time.parse().map_or(0, jiff::Timestamp::as_second)
}

/// One source in one snapshot.
struct Seen {
    at: String,
    snapshot: SnapshotId,
    source: String,
}

impl Store {
    /// How the sources of an inventory stood over time, oldest first; the last point is the inventory as it is. Nothing if there is no
    /// earlier snapshot of one of them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn trend(&self, inventory: &Inventory, ruleset: &Ruleset) -> Result<Vec<Point>> {
        let seen = self.seen_before(inventory)?;
        let register = self.register()?;
        // An inventory with systems that only lists name is that of everything; one scan tells of its own sources.
        let has_lists = inventory
            .systems
            .iter()
            .any(|system| system.boundary == LISTED && system.components.is_empty());
        let mut points = Vec::new();
        for at in moments(&seen) {
            let mut then = self.assembled(newest(&seen, at))?.unwrap_or_else(|| Inventory {
                systems: Vec::new(),
                findings: Vec::new(),
                ..inventory.clone()
            });
            let register = register.until(at);
            if has_lists {
                register.add_known(&mut then);
            }
            register.apply(&mut then, ruleset, at.get(..10).unwrap_or(at));
            points.push(Point {
                at: at.to_owned(),
                seconds: seconds(at),
                ..Point::of(&then)
            });
        }
        if !points.is_empty() {
            points.push(Point::of(inventory));
        }
        Ok(points)
    }

    /// Where the sources of an inventory were scanned before it, oldest first.
    fn seen_before(&self, inventory: &Inventory) -> Result<Vec<Seen>> {
        let sources: Vec<&str> = inventory.sources.iter().map(|source| source.identity.as_str()).collect();
        let sources = serde_json::to_string(&sources).expect("texts are plain data");
        let outcome = self
            .connection
            .prepare(
                "SELECT scanned_at, id, identity FROM snapshots JOIN snapshot_sources ON snapshot = id
                 WHERE scanned_at < ?1 AND identity IN (SELECT value FROM json_each(?2)) ORDER BY scanned_at, id, identity",
            )
            .and_then(|mut query| {
                let rows = query.query_map([&inventory.scanned_at, &sources], |row| {
                    Ok(Seen {
                        at: row.get(0)?,
                        snapshot: SnapshotId(row.get(1)?),
                        source: row.get(2)?,
                    })
                })?;
                rows.collect::<rusqlite::Result<Vec<_>>>()
            });
        self.heard(outcome)
    }
}

/// The times of a trend: every scan, else the last of each day, else some of the days, so that not too much has to be read.
fn moments(seen: &[Seen]) -> Vec<&str> {
    let mut all: Vec<&str> = seen.iter().map(|seen| seen.at.as_str()).collect();
    all.dedup();
    if all.len() >= POINTS {
        let day = |at: &str| at.get(..10).unwrap_or(at).to_owned();
        let last_of_day: BTreeMap<String, &str> = all.iter().map(|at| (day(at), *at)).collect();
        // A day that is no longer than others must not become the only one.
        if last_of_day.len() > 1 {
            all = last_of_day.into_values().collect();
        }
    }
    let mut most = POINTS - 1;
    loop {
        let some = spread(&all, most);
        let reads: usize = some.iter().map(|at| newest(seen, at).len()).sum();
        if reads <= READS || most <= 1 {
            return some;
        }
        most /= 2;
    }
}

/// As many as are wanted, from first to last, evenly.
fn spread<'a>(all: &[&'a str], most: usize) -> Vec<&'a str> {
    match (all.len(), most) {
        (len, most) if len <= most => all.to_vec(),
        (_, 0 | 1) => all.first().copied().into_iter().collect(),
        (len, most) => (0..most).map(|nth| all[nth * (len - 1) / (most - 1)]).collect(),
    }
}

/// The newest snapshot of each source at a time.
fn newest(seen: &[Seen], at: &str) -> BTreeMap<SnapshotId, BTreeSet<String>> {
    let known = seen.iter().take_while(|seen| seen.at.as_str() <= at);
    let by_source: BTreeMap<&str, SnapshotId> = known.map(|seen| (seen.source.as_str(), seen.snapshot)).collect();
    let mut by_snapshot: BTreeMap<SnapshotId, BTreeSet<String>> = BTreeMap::new();
    for (source, snapshot) in by_source {
        by_snapshot.entry(snapshot).or_default().insert(source.to_owned());
    }
    by_snapshot
}

#[cfg(test)]
mod tests {
    use super::super::tests::Folder;
    use super::*;
    use crate::register::{Draft, Subject};
    use crate::{System, sample};
    use rules::risk;

    fn system(name: &str, source: &str) -> System {
        System {
            source: source.to_owned(),
            ..sample::system(name, vec![sample::seen(ComponentKind::Provider, "openai", "a.py")])
        }
    }

    fn scan(day: u32, source: &str, systems: &[&str]) -> Inventory {
        let mut inventory = sample::inventory("08:00:00", systems.iter().map(|name| system(name, source)).collect());
        inventory.scanned_at = format!("2026-10-{day:02}T08:00:00Z");
        inventory.sources = vec![sample::source(source)];
        inventory
    }

    fn systems(points: &[Point]) -> Vec<(&str, usize)> {
        points.iter().map(|point| (&point.at[8..10], point.systems)).collect()
    }

    #[test]
    fn one_snapshot_is_no_trend() {
        let folder = Folder::new();
        let mut store = Store::open(folder.db()).expect("opens");
        let mut only = scan(1, "a", &["x"]);
        store.record(&mut only).expect("recorded");
        assert_eq!(store.trend(&only, risk::ruleset()).expect("read"), []);
        // Nor are scans of something else.
        let other = scan(2, "b", &["x"]);
        assert_eq!(store.trend(&other, risk::ruleset()).expect("read"), []);
    }

    #[test]
    fn at_each_time_every_source_is_as_it_was_last_seen() {
        let folder = Folder::new();
        let mut store = Store::open(folder.db()).expect("opens");
        for mut inventory in [
            scan(1, "a", &["x", "y"]),
            scan(2, "b", &["z"]),
            scan(3, "a", &["x"]),
            scan(4, "elsewhere", &["m", "n", "o"]),
        ] {
            store.record(&mut inventory).expect("recorded");
        }
        let mut whole = scan(5, "a", &["x", "v", "w"]);
        whole.sources.push(sample::source("b"));
        let points = store.trend(&whole, risk::ruleset()).expect("read");
        assert_eq!(systems(&points), [("01", 2), ("02", 3), ("03", 2), ("05", 3)]);
        assert_eq!(
            (points[0].sources, points[1].sources, points[1].providers, points[1].components),
            (1, 2, 1, 3)
        );
        assert!(points.windows(2).all(|pair| pair[0].seconds < pair[1].seconds));
    }

    #[test]
    fn what_was_decided_later_was_not_decided_yet() {
        let folder = Folder::new();
        let mut store = Store::open(folder.db()).expect("opens");
        for day in [1, 3] {
            store.record(&mut scan(day, "a", &["x", "demo"])).expect("recorded");
        }
        let draft = Draft {
            system: "id-of-demo".to_owned(),
            name: "demo".to_owned(),
            subject: Subject::Grouping,
            value: "dismissed".to_owned(),
            reason: "a tutorial".to_owned(),
            until: None,
            known: system("demo", "a").components.into_iter().map(|component| component.id).collect(),
        };
        assert!(store.decide(&[draft], "Jane Roe", "2026-10-02T10:00:00Z", 0).expect("decided"));
        let now = scan(4, "a", &["x"]);
        let points = store.trend(&now, risk::ruleset()).expect("read");
        assert_eq!(systems(&points), [("01", 2), ("03", 1), ("04", 1)]);
    }

    #[test]
    fn many_scans_are_a_few_points_from_the_first_to_the_last() {
        let seen: Vec<Seen> = (0..20_000_u32)
            .map(|number| Seen {
                at: format!(
                    "2026-{:02}-{:02}T00:{:02}:00Z",
                    1 + number / 2_000,
                    1 + number / 80 % 25,
                    number % 60
                ),
                snapshot: SnapshotId(number.into()),
                source: format!("source-{}", number % 80),
            })
            .collect();
        let mut seen = seen;
        seen.sort_by(|a, b| (&a.at, a.snapshot).cmp(&(&b.at, b.snapshot)));
        let points = moments(&seen);
        assert!(points.len() > 5 && points.len() < POINTS, "{}", points.len());
        assert!(points.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(points[0].starts_with("2026-01-01") && points[points.len() - 1].starts_with("2026-10-25"));
        let reads: usize = points.iter().map(|at| newest(&seen, at).len()).sum();
        assert!(reads <= READS, "{reads}");
        assert_eq!(spread(&["a", "b", "c"], 1), ["a"]);
    }
}
