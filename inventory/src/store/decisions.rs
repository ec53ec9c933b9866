//! The decisions of people: a history that only grows.

use std::collections::BTreeMap;

use rusqlite::{TransactionBehavior, params};

use super::{Result, Store};
use crate::register::{Decision, Draft, Register};

impl Store {
    /// Everything that people decided.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn register(&self) -> Result<Register> {
        let read = || {
            let mut rows = self
                .connection
                .prepare("SELECT number, at, by, system, name, subject, value, reason, until, known FROM decisions ORDER BY number")?;
            let decisions = rows.query_map([], |row| {
                let known: String = row.get(9)?;
                Ok(Decision {
                    number: row.get(0)?,
                    at: row.get(1)?,
                    by: row.get(2)?,
                    system: row.get(3)?,
                    name: row.get(4)?,
                    subject: row.get(5)?,
                    value: row.get(6)?,
                    reason: row.get(7)?,
                    until: row.get(8)?,
                    known: known.split_whitespace().map(str::to_owned).collect(),
                })
            })?;
            decisions.collect::<rusqlite::Result<Vec<_>>>()
        };
        self.heard(read()).map(Register::of)
    }

    /// Every system that a scan ever found, by id, with its last name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn once_found(&self) -> Result<BTreeMap<String, String>> {
        let read = || {
            let mut rows = self.connection.prepare("SELECT id, name FROM systems")?;
            let systems = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            systems.collect::<rusqlite::Result<BTreeMap<String, String>>>()
        };
        self.heard(read())
    }

    /// Adds decisions that one person makes at one time: all, or none of them. `after` is the number of the last decision that the
    /// person knew of; if there is a later one, nothing is added and the answer is no.
    ///
    /// # Errors
    /// As for [`Store::record`].
    pub fn decide(&mut self, drafts: &[Draft], by: &str, at: &str, after: i64) -> Result<bool> {
        let outcome = add(&mut self.connection, drafts, by, at, after);
        self.heard(outcome)
    }
}

fn add(connection: &mut rusqlite::Connection, drafts: &[Draft], by: &str, at: &str, after: i64) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let last: i64 = transaction.query_row("SELECT coalesce(max(number), 0) FROM decisions", [], |row| row.get(0))?;
    if last > after {
        return Ok(false);
    }
    {
        let mut insert = transaction.prepare(
            "INSERT INTO decisions (at, by, system, name, subject, value, reason, until, known) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        for draft in drafts {
            insert.execute(params![
                at,
                by,
                draft.system,
                draft.name,
                draft.subject.to_string(),
                draft.value,
                draft.reason,
                draft.until,
                draft.known.join(" ")
            ])?;
        }
    }
    transaction.commit()?;
    Ok(true)
}
