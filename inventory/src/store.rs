//! The memory: one SQLite file with a snapshot of every scan, the history of systems and components, and a cache of
//! what files said.
//!
//! A snapshot is written in one transaction and never changed; no error deletes or overwrites anything. Nothing in here
//! decides what a system is: it remembers ids that correlation gave.

mod current;
mod decisions;
mod error;
mod file;
mod history;
mod runs;
mod schema;
mod trend;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

pub use error::StoreError;
pub use runs::RunId;
pub use trend::Point;

use crate::{Inventory, Source};

/// The database.
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

/// The number of a snapshot in its database; later snapshots have higher numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SnapshotId(pub i64);

impl std::fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What is known of a snapshot without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Its number.
    pub id: SnapshotId,
    /// When its scan began, RFC 3339 in UTC.
    pub scanned_at: String,
    /// The program that made it.
    pub generator: String,
    /// The risk rules that gave the tiers.
    pub ruleset: String,
    /// What was scanned.
    pub sources: Vec<Source>,
    /// Number of systems in it.
    pub systems: usize,
}

/// A snapshot with the inventory in it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The snapshot's number.
    pub id: SnapshotId,
    /// The inventory as it was recorded.
    pub inventory: Inventory,
}

type Result<T> = std::result::Result<T, StoreError>;

impl Store {
    /// Opens a database, or begins one: the file is made for its owner alone, with the folders above it.
    ///
    /// # Errors
    /// If the file cannot be opened and written, or is no database that this program knows. It is left untouched then.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let connection = file::open(path)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    /// Where the database lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a snapshot, after filling in when systems and components were first and last seen. All or nothing:
    /// after an error the database is as it was, and the inventory holds no history.
    ///
    /// # Errors
    /// If another scan holds the database for longer than 5 seconds, the disk is full, or the file cannot be written.
    pub fn record(&mut self, inventory: &mut Inventory) -> Result<SnapshotId> {
        let outcome = write(&mut self.connection, inventory, None);
        if outcome.is_err() {
            history::forget(inventory);
        }
        outcome.map_err(|cause| StoreError::of(&self.path, &cause))
    }

    /// The newest snapshot in which all of these sources (by identity) were scanned; without sources, the newest.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn latest(&self, sources: &[String]) -> Result<Option<Recorded>> {
        let wanted = serde_json::to_string(sources).expect("texts are plain data");
        let found = self.connection.query_row(
            "SELECT max(id) FROM snapshots WHERE NOT EXISTS (
                 SELECT 1 FROM json_each(?1) AS wanted
                 WHERE NOT EXISTS (SELECT 1 FROM snapshot_sources AS had WHERE had.snapshot = snapshots.id AND had.identity = wanted.value))",
            [wanted],
            |row| row.get::<_, Option<i64>>(0),
        );
        self.recorded(found)
    }

    /// The snapshot to compare one with: the newest earlier one of at least the same sources, else of some of them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn previous(&self, id: SnapshotId) -> Result<Option<Recorded>> {
        let found = self
            .connection
            .query_row(
                "SELECT had.snapshot FROM snapshot_sources AS had
                 JOIN snapshot_sources AS has ON has.snapshot = ?1 AND has.identity = had.identity
                 WHERE had.snapshot < ?1 GROUP BY had.snapshot
                 ORDER BY count(*) = (SELECT count(*) FROM snapshot_sources WHERE snapshot = ?1) DESC, had.snapshot DESC LIMIT 1",
                [id.0],
                |row| row.get::<_, i64>(0),
            )
            .optional();
        self.recorded(found)
    }

    /// The inventory of a snapshot, as it was recorded.
    ///
    /// # Errors
    /// If there is no such snapshot, or the database cannot be read.
    pub fn snapshot(&self, id: SnapshotId) -> Result<Inventory> {
        let text: Option<String> = self.heard(
            self.connection
                .query_row("SELECT inventory FROM snapshots WHERE id = ?1", [id.0], |row| row.get(0))
                .optional(),
        )?;
        let text = text.ok_or_else(|| StoreError::NoSuchSnapshot {
            path: self.path.clone(),
            id,
        })?;
        serde_json::from_str(&text).map_err(|cause| StoreError::Damaged {
            path: self.path.clone(),
            detail: format!("snapshot {id}: {cause}"),
        })
    }

    /// What is known of every snapshot, newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>> {
        self.heard(list(&self.connection))
    }

    /// What was kept for a source under this version of whatever made it, else for another copy of the same source;
    /// nothing if that is not there or cannot be read, for a cache that is lost costs only time.
    #[must_use]
    pub fn load_cache(&self, source: &Source, version: &str) -> Option<Vec<u8>> {
        self.connection
            .query_row(
                "SELECT bytes FROM file_cache WHERE (root = ?1 OR identity = ?2) AND version = ?3 ORDER BY root = ?1 DESC, rowid DESC LIMIT 1",
                [source.location.as_str(), &source.identity, version],
                |row| row.get(0),
            )
            .ok()
    }

    /// Keeps bytes for a source, in place of what was kept for it before.
    ///
    /// # Errors
    /// As for [`Store::record`].
    pub fn save_cache(&self, source: &Source, version: &str, bytes: &[u8]) -> Result<()> {
        let outcome = self.connection.execute(
            "INSERT INTO file_cache (root, identity, version, bytes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (root) DO UPDATE SET identity = excluded.identity, version = excluded.version, bytes = excluded.bytes",
            params![source.location, source.identity, version, bytes],
        );
        self.heard(outcome).map(drop)
    }

    fn recorded(&self, found: rusqlite::Result<Option<i64>>) -> Result<Option<Recorded>> {
        let Some(id) = self.heard(found)?.map(SnapshotId) else {
            return Ok(None);
        };
        Ok(Some(Recorded {
            id,
            inventory: self.snapshot(id)?,
        }))
    }

    fn heard<T>(&self, outcome: rusqlite::Result<T>) -> Result<T> {
        outcome.map_err(|cause| StoreError::of(&self.path, &cause))
    }
}

fn write(connection: &mut Connection, inventory: &mut Inventory, run: Option<i64>) -> rusqlite::Result<SnapshotId> {
    // Taking the lock before reading the history keeps two scans at once from overwriting each other's.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    history::update(&transaction, inventory)?;
    let text = serde_json::to_string(inventory).expect("an inventory is plain data");
    let systems = i64::try_from(inventory.systems.len()).unwrap_or(i64::MAX);
    transaction.execute(
        "INSERT INTO snapshots (scanned_at, generator, ruleset, systems, inventory) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![inventory.scanned_at, inventory.generator, inventory.ruleset, systems, text],
    )?;
    let id = transaction.last_insert_rowid();
    for source in &inventory.sources {
        transaction.execute(
            "INSERT OR IGNORE INTO snapshot_sources (snapshot, identity, kind, location) VALUES (?1, ?2, ?3, ?4)",
            params![id, source.identity, source.kind, source.location],
        )?;
    }
    if let Some(run) = run {
        transaction.execute("INSERT INTO run_snapshots (run, snapshot) VALUES (?1, ?2)", [run, id])?;
    }
    transaction.commit()?;
    Ok(SnapshotId(id))
}

fn list(connection: &Connection) -> rusqlite::Result<Vec<Snapshot>> {
    let mut snapshots = connection.prepare("SELECT id, scanned_at, generator, ruleset, systems FROM snapshots ORDER BY id DESC")?;
    let mut sources = connection
        .prepare("SELECT kind, location, identity FROM snapshot_sources WHERE snapshot = ?1 ORDER BY kind, location, identity")?;
    let rows = snapshots.query_map([], |row| {
        let systems: i64 = row.get(4)?;
        Ok(Snapshot {
            id: SnapshotId(row.get(0)?),
            scanned_at: row.get(1)?,
            generator: row.get(2)?,
            ruleset: row.get(3)?,
            sources: Vec::new(),
            systems: usize::try_from(systems).unwrap_or_default(),
        })
    })?;
    let mut listed = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    for snapshot in &mut listed {
        let rows = sources.query_map([snapshot.id.0], |row| {
            Ok(Source {
                kind: row.get(0)?,
                location: row.get(1)?,
                identity: row.get(2)?,
            })
        })?;
        snapshot.sources = rows.collect::<rusqlite::Result<_>>()?;
    }
    Ok(listed)
}

#[cfg(test)]
mod tests;
