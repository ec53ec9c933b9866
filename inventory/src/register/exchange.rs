//! The register as a sheet that people edit elsewhere, and what comes back of it: each cell is compared with what it was when the
//! sheet was written and with what is in force now, so that two people's edits never overwrite each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, ORGANISATION, Register, Subject, known};
use crate::{Inventory, System};

/// The register as rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The rows: the organisation first, if it has any, then systems by name.
    pub rows: Vec<SheetRow>,
}

/// What is decided of one system, or of the organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// The line it was read from; 0 where it was read from none.
    pub line: usize,
    /// The system's id; empty for the organisation.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// The number of the last decision when the row was written.
    pub decided: i64,
    /// What is decided, by subject.
    pub values: BTreeMap<String, String>,
}

/// Two people decided differently on one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The line of the row.
    pub line: usize,
    /// The system's name.
    pub name: String,
    /// The subject.
    pub subject: String,
    /// What the sheet says.
    pub theirs: String,
    /// What is in force.
    pub ours: String,
    /// Who decided what is in force, and when.
    pub by: String,
}

/// What a sheet brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Decisions to make.
    pub drafts: Vec<Draft>,
    /// What was decided differently in the meantime; nothing of it is taken over.
    pub conflicts: Vec<Conflict>,
    /// What is wrong with rows: line, and a sentence.
    pub faults: Vec<(usize, String)>,
    /// Cells that say what is in force already.
    pub unchanged: usize,
}

/// The register as a sheet; every system of the inventory has a row, and every one that only decisions speak of.
#[must_use]
pub fn sheet(register: &Register, inventory: &Inventory) -> Sheet {
    let decided = register.last();
    let values = |id: &str| -> BTreeMap<String, String> {
        let held = register.in_force(id).into_iter();
        held.map(|(subject, decision)| (subject.to_owned(), decision.value.clone()))
            .collect()
    };
    let row = |id: &str, name: &str| SheetRow {
        line: 0,
        id: id.to_owned(),
        name: name.to_owned(),
        decided,
        values: values(id),
    };
    let mut rows = vec![row(ORGANISATION, "the organisation")];
    rows.extend(inventory.systems.iter().map(|system| row(&system.id, &system.name)));
    let here: BTreeSet<&str> = inventory.systems.iter().map(|system| system.id.as_str()).collect();
    let gone = register.last_by_system().filter(|last| !here.contains(last.system.as_str()));
    rows.extend(gone.map(|last| row(&last.system, &last.name)));
    Sheet { rows }
}

/// Compares a sheet that somebody edited with the register.
#[must_use]
pub fn take_in(sheet: &Sheet, register: &Register, inventory: &Inventory, reason: &str) -> Imported {
    let mut imported = Imported::default();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let systems: BTreeMap<&str, &System> = inventory.systems.iter().map(|system| (system.id.as_str(), system)).collect();
    for row in &sheet.rows {
        if let Some(first) = seen.insert(&row.id, row.line) {
            imported.faults.push((
                row.line,
                format!("the system `{}` stands on line {first} already; keep one of the two rows", row.id),
            ));
            continue;
        }
        let system = systems.get(row.id.as_str()).copied();
        let is_known = row.id == ORGANISATION || system.is_some() || register.of_system(&row.id).next().is_some();
        if !is_known {
            let sentence = format!("there is no system `{}` in the inventory; `aimscan systems` lists them", row.id);
            imported.faults.push((row.line, sentence));
            continue;
        }
        if row.decided > register.last() {
            let sentence = format!(
                "the row says it was written after decision {}, but the register ends with {}; is it of another database?",
                row.decided,
                register.last()
            );
            imported.faults.push((row.line, sentence));
            continue;
        }
        for (subject, value) in &row.values {
            cell(row, subject, value.trim(), system, register, reason, &mut imported);
        }
    }
    imported
}

fn cell(row: &SheetRow, subject: &str, value: &str, system: Option<&System>, register: &Register, reason: &str, imported: &mut Imported) {
    let parsed = match Subject::parse(subject).and_then(|parsed| parsed.check(value).map(|()| parsed)) {
        Ok(parsed) => parsed,
        Err(bad) => return imported.faults.push((row.line, format!("{subject}: {bad}"))),
    };
    let subject = parsed.to_string();
    let then = register.value_at(&row.id, &subject, row.decided);
    let now = register.value_at(&row.id, &subject, i64::MAX);
    if value == then || value == now {
        imported.unchanged += 1;
    } else if then == now {
        imported.drafts.push(Draft {
            system: row.id.clone(),
            name: row.name.clone(),
            subject: parsed,
            value: value.to_owned(),
            reason: reason.to_owned(),
            until: None,
            known: system.map(known).unwrap_or_default(),
        });
    } else {
        let last = register.of_system(&row.id).rev().find(|decision| decision.subject == subject);
        imported.conflicts.push(Conflict {
            line: row.line,
            name: row.name.clone(),
            subject,
            theirs: value.to_owned(),
            ours: now.to_owned(),
            by: last.map_or_else(String::new, |decision| format!("{}, {}", decision.by, decision.at)),
        });
    }
}
