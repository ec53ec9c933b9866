//! The form of the database, and how an older form becomes the present one.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;

/// Marks a SQLite file as ours: `AIMS`.
const APPLICATION: i64 = 0x4149_4D53;

/// Each step makes the next form; the number of a form is how many steps led to it. Steps are only ever added.
const STEPS: &[&str] = &[
    "
    CREATE TABLE snapshots (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        scanned_at TEXT NOT NULL,
        generator TEXT NOT NULL,
        ruleset TEXT NOT NULL,
        systems INTEGER NOT NULL,
        inventory TEXT NOT NULL
    ) STRICT;
    CREATE TABLE snapshot_sources (
        snapshot INTEGER NOT NULL REFERENCES snapshots (id),
        identity TEXT NOT NULL,
        kind TEXT NOT NULL,
        location TEXT NOT NULL,
        PRIMARY KEY (snapshot, identity)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX snapshot_sources_by_identity ON snapshot_sources (identity, snapshot);
    CREATE TABLE systems (
        id TEXT PRIMARY KEY,
        source TEXT NOT NULL,
        name TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE components (
        id TEXT PRIMARY KEY,
        system TEXT NOT NULL REFERENCES systems (id),
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX components_by_system ON components (system);
    CREATE TABLE file_cache (
        root TEXT PRIMARY KEY,
        version TEXT NOT NULL,
        bytes BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER snapshots_never_change BEFORE UPDATE ON snapshots
        BEGIN SELECT RAISE(ABORT, 'a snapshot never changes'); END;
    CREATE TRIGGER snapshots_never_go BEFORE DELETE ON snapshots
        BEGIN SELECT RAISE(ABORT, 'a snapshot never goes'); END;
",
    "
    ALTER TABLE file_cache ADD COLUMN identity TEXT NOT NULL DEFAULT '';
    CREATE INDEX file_cache_by_identity ON file_cache (identity);
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        asked TEXT NOT NULL,
        began TEXT NOT NULL,
        ended TEXT,
        gaps TEXT NOT NULL DEFAULT '[]'
    ) STRICT;
    CREATE INDEX runs_by_question ON runs (asked, id);
    CREATE TABLE run_snapshots (
        run INTEGER NOT NULL REFERENCES runs (id),
        snapshot INTEGER NOT NULL REFERENCES snapshots (id),
        PRIMARY KEY (run, snapshot)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX run_snapshots_by_snapshot ON run_snapshots (snapshot);
",
    "
    CREATE TABLE decisions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        by TEXT NOT NULL,
        system TEXT NOT NULL,
        name TEXT NOT NULL,
        subject TEXT NOT NULL,
        value TEXT NOT NULL,
        reason TEXT NOT NULL,
        until TEXT,
        known TEXT NOT NULL
    ) STRICT;
    CREATE INDEX decisions_by_system ON decisions (system, subject, number);
    CREATE TRIGGER decisions_never_change BEFORE UPDATE ON decisions
        BEGIN SELECT RAISE(ABORT, 'a decision never changes'); END;
    CREATE TRIGGER decisions_never_go BEFORE DELETE ON decisions
        BEGIN SELECT RAISE(ABORT, 'a decision never goes'); END;
",
];

/// Refuses what is not ours, and what a newer program wrote, before anything is changed.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let hear = |cause: rusqlite::Error| StoreError::of(path, &cause);
    // One statement reads one state, whatever another process does meanwhile.
    let (application, form, things): (i64, i64, i64) = connection
        .query_row(
            "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id AS a, pragma_user_version AS v",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .map_err(hear)?;
    let is_new = application == 0 && form == 0 && things == 0;
    if application != APPLICATION && !is_new {
        return Err(StoreError::NotOurs { path: path.to_owned() });
    }
    let known = newest();
    if form > known {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found: form,
            known,
        });
    }
    Ok(())
}

/// Brings the database to the present form, all or nothing.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let outcome = (|| {
        if form(connection)? == newest() {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have done it while this one waited for the lock.
        let done = usize::try_from(form(&transaction)?).unwrap_or_default();
        for step in STEPS.iter().skip(done) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", newest().max(form(&transaction)?))?;
        transaction.commit()
    })();
    outcome.map_err(|cause: rusqlite::Error| StoreError::of(path, &cause))
}

fn form(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn newest() -> i64 {
    i64::try_from(STEPS.len()).expect("few steps")
}
