//! Runs over many sources: each source has a snapshot of its own, written when it is done, so that a run that was broken
//! off can go on where it stopped.

use std::collections::BTreeMap;

use evidence::Gap;
use rusqlite::{OptionalExtension, params};

use super::{Result, SnapshotId, Store, StoreError, history, write};
use crate::Inventory;

/// The number of a run in its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(i64);

impl Store {
    /// Begins a run; `asked` tells apart what different runs were asked to do.
    ///
    /// # Errors
    /// As for [`Store::record`].
    pub fn begin_run(&self, asked: &str, began: &str) -> Result<RunId> {
        let outcome = self
            .connection
            .execute("INSERT INTO runs (asked, began) VALUES (?1, ?2)", [asked, began]);
        self.heard(outcome)?;
        Ok(RunId(self.connection.last_insert_rowid()))
    }

    /// The newest run that was asked the same, if it has not come to its end.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn unfinished_run(&self, asked: &str) -> Result<Option<RunId>> {
        let newest = self.connection.query_row(
            "SELECT id, ended IS NOT NULL FROM runs WHERE asked = ?1 ORDER BY id DESC LIMIT 1",
            [asked],
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        let newest: Option<(i64, bool)> = self.heard(newest.optional())?;
        Ok(newest.and_then(|(id, ended)| (!ended).then_some(RunId(id))))
    }

    /// Writes the snapshot of one source of a run; see [`Store::record`].
    ///
    /// # Errors
    /// As for [`Store::record`].
    pub fn record_in(&mut self, run: RunId, inventory: &mut Inventory) -> Result<SnapshotId> {
        let outcome = write(&mut self.connection, inventory, Some(run.0));
        if outcome.is_err() {
            history::forget(inventory);
        }
        outcome.map_err(|cause| StoreError::of(&self.path, &cause))
    }

    /// Makes an earlier snapshot part of a run, in place of scanning its source again.
    ///
    /// # Errors
    /// As for [`Store::record`].
    pub fn take_over(&self, run: RunId, snapshot: SnapshotId) -> Result<()> {
        let outcome = self.connection.execute(
            "INSERT OR IGNORE INTO run_snapshots (run, snapshot) VALUES (?1, ?2)",
            [run.0, snapshot.0],
        );
        self.heard(outcome).map(drop)
    }

    /// What a run has done: the identity of each source with its snapshot.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn done_in(&self, run: RunId) -> Result<BTreeMap<String, SnapshotId>> {
        self.sources_by(
            "SELECT identity, max(snapshot) FROM snapshot_sources JOIN run_snapshots USING (snapshot)
             WHERE run = ?1 GROUP BY identity",
            params![run.0],
        )
    }

    /// What scans of this program and these risk rules have done since a time: the identity of each source with its newest
    /// snapshot. Only snapshots of one source count, as others cannot stand for it alone.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn done_since(&self, time: &str, generator: &str, ruleset: &str) -> Result<BTreeMap<String, SnapshotId>> {
        self.sources_by(
            "SELECT identity, max(snapshot) FROM snapshot_sources AS own JOIN snapshots ON snapshots.id = own.snapshot
             WHERE scanned_at >= ?1 AND generator = ?2 AND ruleset = ?3
                 AND NOT EXISTS (SELECT 1 FROM snapshot_sources AS other WHERE other.snapshot = own.snapshot AND other.identity <> own.identity)
             GROUP BY identity",
            params![time, generator, ruleset],
        )
    }

    /// Ends a run, with what it could not look at at all.
    ///
    /// # Errors
    /// As for [`Store::record`].
    pub fn end_run(&self, run: RunId, ended: &str, gaps: &[Gap]) -> Result<()> {
        let gaps = serde_json::to_string(gaps).expect("gaps are plain data");
        let outcome = self
            .connection
            .execute("UPDATE runs SET ended = ?2, gaps = ?3 WHERE id = ?1", params![run.0, ended, gaps]);
        self.heard(outcome).map(drop)
    }

    /// The snapshots of the newest run that a snapshot is part of, in the order of their numbers; nothing if it was a scan
    /// by itself.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn run_around(&self, snapshot: SnapshotId) -> Result<Vec<SnapshotId>> {
        let outcome = self
            .connection
            .prepare(
                "SELECT snapshot FROM run_snapshots WHERE run = (SELECT max(run) FROM run_snapshots WHERE snapshot = ?1) ORDER BY snapshot",
            )
            .and_then(|mut query| {
                query
                    .query_map([snapshot.0], |row| row.get(0).map(SnapshotId))?
                    .collect::<rusqlite::Result<Vec<_>>>()
            });
        self.heard(outcome)
    }

    /// What the newest run that came to its end could not look at at all.
    pub(super) fn gaps_of_last_run(&self) -> Result<Vec<Gap>> {
        let outcome = self
            .connection
            .query_row(
                "SELECT gaps FROM runs WHERE ended IS NOT NULL ORDER BY id DESC LIMIT 1",
                [],
                |row| row.get::<_, String>(0),
            )
            .optional();
        let text = self.heard(outcome)?.unwrap_or_else(|| "[]".to_owned());
        serde_json::from_str(&text).map_err(|cause| StoreError::Damaged {
            path: self.path.clone(),
            detail: format!("the last run: {cause}"),
        })
    }

    /// The identity of every source that was ever scanned, with its newest snapshot.
    pub(super) fn newest_by_source(&self) -> Result<BTreeMap<String, SnapshotId>> {
        self.sources_by("SELECT identity, max(snapshot) FROM snapshot_sources GROUP BY identity", [])
    }

    fn sources_by(&self, query: &str, parameters: impl rusqlite::Params) -> Result<BTreeMap<String, SnapshotId>> {
        let outcome = self.connection.prepare(query).and_then(|mut query| {
            query
                .query_map(parameters, |row| Ok((row.get(0)?, SnapshotId(row.get(1)?))))?
                .collect::<rusqlite::Result<BTreeMap<_, _>>>()
        });
        self.heard(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Folder;
    use super::*;
    use crate::{Source, sample};

    fn scan(clock: &str, source: &str) -> Inventory {
        let mut inventory = sample::inventory(clock, Vec::new());
        inventory.sources = vec![sample::source(source)];
        inventory
    }

    fn names(done: &BTreeMap<String, SnapshotId>) -> Vec<&str> {
        done.keys().map(String::as_str).collect()
    }

    #[test]
    fn a_run_remembers_what_it_has_done_until_it_ends() {
        let folder = Folder::new();
        let mut store = Store::open(folder.db()).expect("opens");
        assert_eq!(store.unfinished_run("all").expect("read"), None);
        let run = store.begin_run("all", "t").expect("begun");
        store.record_in(run, &mut scan("01:00:00", "a")).expect("recorded");
        let last = store.record_in(run, &mut scan("01:00:01", "b")).expect("recorded");
        store.record(&mut scan("01:00:02", "c")).expect("recorded");
        drop(store);
        // Another process, after the first was killed.
        let mut store = Store::open(folder.db()).expect("opens");
        assert_eq!(
            (
                store.unfinished_run("all").expect("read"),
                store.unfinished_run("other").expect("read")
            ),
            (Some(run), None)
        );
        assert_eq!(names(&store.done_in(run).expect("read")), ["a", "b"]);
        let third = store.record_in(run, &mut scan("02:00:00", "d")).expect("recorded");
        assert_eq!(store.run_around(last).expect("read").len(), 3);
        let gap = Gap {
            kind: evidence::GapKind::Unreadable,
            what: "e".to_owned(),
            reason: "gone".to_owned(),
        };
        store.end_run(run, "t", std::slice::from_ref(&gap)).expect("ended");
        assert_eq!(store.unfinished_run("all").expect("read"), None);
        let current = store.current().expect("read").expect("an inventory");
        assert_eq!((current.sources.len(), &current.coverage.gaps), (4, &vec![gap]));
        let next = store.begin_run("all", "u").expect("begun");
        store.take_over(next, third).expect("taken over");
        store.take_over(next, third).expect("taken over");
        assert_eq!(names(&store.done_in(next).expect("read")), ["d"]);
    }

    #[test]
    fn what_was_done_since_counts_if_the_program_and_the_rules_are_the_same() {
        let folder = Folder::new();
        let mut store = Store::open(folder.db()).expect("opens");
        let (early, late) = (scan("01:00:00", "a"), scan("03:00:00", "b"));
        let mut other = scan("03:00:00", "c");
        other.ruleset = "other".to_owned();
        let mut both = scan("03:00:00", "d");
        both.sources.push(Source {
            identity: "e".to_owned(),
            ..sample::source("e")
        });
        let (time, generator, ruleset) = (scan("02:00:00", "x").scanned_at, late.generator.clone(), late.ruleset.clone());
        for mut inventory in [early, late, other, both] {
            store.record(&mut inventory).expect("recorded");
        }
        assert_eq!(names(&store.done_since(&time, &generator, &ruleset).expect("read")), ["b"]);
    }
}
