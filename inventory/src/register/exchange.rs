//! The register as a sheet that people edit elsewhere, and what comes back of it: each cell is compared with what it was when the
//! sheet was written and with what is in force now, so that two people's edits never overwrite each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Draft, Grouping, ORGANISATION, Register, Subject, known};
use crate::{Inventory, System};

/// The register as rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The rows: the organisation first, if it has any, then systems by name.
    pub rows: Vec<SheetRow>,
    /// Whether it went through an encoding in which a `?` stands for every letter that it does not have.
    pub is_lossy: bool,
}

/// What is decided of one system, or of the organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// The line or row it was read from; 0 where it was read from none.
    pub line: usize,
    /// The system's id; empty for the organisation.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// The number of the last decision when the row was written; 0 where nothing is known of that.
    pub decided: i64,
    /// Why what is new in it is decided so; empty where nobody said.
    pub reason: String,
    /// The last day on which what is new in it holds; empty where it holds for good.
    pub until: String,
    /// What is decided, by subject.
    pub values: BTreeMap<Arc<str>, String>,
}

/// Two people decided differently on one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The line of the row.
    pub line: usize,
    /// The system's name.
    pub name: String,
    /// The subject, as the sheet writes it.
    pub subject: String,
    /// What the sheet says.
    pub theirs: String,
    /// What is in force.
    pub ours: String,
    /// Who decided what is in force, and when.
    pub by: String,
}

/// What is wrong with a row or a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line of the row.
    pub line: usize,
    /// The subject, as the sheet writes it, if it is one cell's fault.
    pub subject: Option<String>,
    /// What is wrong and what to do, without a full stop.
    pub what: String,
}

/// What a sheet brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Decisions to make.
    pub drafts: Vec<Draft>,
    /// What was decided differently in the meantime; nothing of it is taken over.
    pub conflicts: Vec<Conflict>,
    /// What is wrong with rows.
    pub faults: Vec<Fault>,
    /// Cells that say what is in force already.
    pub unchanged: usize,
}

/// What is known of an import besides the sheet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Import<'a> {
    /// What was imported, as a person knows it.
    pub from: &'a str,
    /// Why, where rows say nothing else; empty if nobody said.
    pub reason: &'a str,
    /// The last day that has come, as `2026-11-27`.
    pub today: &'a str,
    /// Systems that scans once found, by id, with their names: people may decide on them although they are gone.
    pub once: Option<&'a BTreeMap<String, String>>,
}

/// The register as a sheet; every system of the inventory has a row, and every one that only decisions speak of.
#[must_use]
pub fn sheet(register: &Register, inventory: &Inventory) -> Sheet {
    let decided = register.last();
    let values = |id: &str| -> BTreeMap<Arc<str>, String> {
        let held = register.in_force(id).into_iter();
        held.map(|(subject, decision)| (Arc::from(subject), decision.value.clone()))
            .collect()
    };
    let row = |id: &str, name: &str| SheetRow {
        id: id.to_owned(),
        name: name.to_owned(),
        decided,
        values: values(id),
        ..SheetRow::default()
    };
    let mut rows = vec![row(ORGANISATION, "the organisation")];
    rows.extend(inventory.systems.iter().map(|system| row(&system.id, &system.name)));
    let here: BTreeSet<&str> = inventory.systems.iter().map(|system| system.id.as_str()).collect();
    let gone = register.last_by_system().filter(|last| !here.contains(last.system.as_str()));
    rows.extend(gone.map(|last| row(&last.system, &last.name)));
    Sheet { rows, is_lossy: false }
}

/// Compares a sheet that somebody edited with the register.
#[must_use]
pub fn take_in(sheet: &Sheet, register: &Register, inventory: &Inventory, import: Import<'_>) -> Imported {
    let mut taking = Taking {
        register,
        import,
        is_lossy: sheet.is_lossy,
        systems: inventory.systems.iter().map(|system| (system.id.as_str(), system)).collect(),
        subjects: BTreeMap::new(),
        imported: Imported::default(),
    };
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &sheet.rows {
        let fault = match seen.insert(&row.id, row.line) {
            Some(first) => Some(format!(
                "the system `{}` stands in {first} already; keep one of the two rows",
                row.id
            )),
            None => taking.fault_of(row),
        };
        match fault {
            Some(what) => taking.fault(row, None, what),
            None => row
                .values
                .iter()
                .for_each(|(subject, value)| taking.cell(row, subject, value.trim())),
        }
    }
    taking.imported
}

/// A sheet on its way into the register.
struct Taking<'a> {
    register: &'a Register,
    import: Import<'a>,
    is_lossy: bool,
    systems: BTreeMap<&'a str, &'a System>,
    /// What headings mean: a sheet of many rows has few of them.
    subjects: BTreeMap<Arc<str>, Result<(Subject, String), String>>,
    imported: Imported,
}

impl Taking<'_> {
    fn fault(&mut self, row: &SheetRow, subject: Option<&str>, what: String) {
        self.imported.faults.push(Fault {
            line: row.line,
            subject: subject.map(str::to_owned),
            what,
        });
    }

    fn knows(&self, id: &str) -> bool {
        id == ORGANISATION
            || self.systems.contains_key(id)
            || self.register.of_system(id).next().is_some()
            || self.import.once.is_some_and(|once| once.contains_key(id))
    }

    /// What is wrong with a row as a whole.
    fn fault_of(&self, row: &SheetRow) -> Option<String> {
        if !self.knows(&row.id) {
            return Some(format!(
                "there is no system `{}` in the inventory; `aimscan systems` lists them",
                row.id
            ));
        }
        if row.decided > self.register.last() {
            return Some(format!(
                "the row says it was written after decision {}, but the register ends with {}; is it of another database? Export it from this one",
                row.decided,
                self.register.last()
            ));
        }
        let until = row.until.trim();
        (!until.is_empty() && !crate::findings::accept::is_day(until)).then(|| format!("until: `{until}` is no day; write 2027-01-31"))
    }

    fn cell(&mut self, row: &SheetRow, written: &Arc<str>, value: &str) {
        let parse = || match Subject::parse(written) {
            Ok(subject) => Ok((subject.clone(), subject.to_string())),
            Err(bad) => Err(bad.to_string()),
        };
        let (subject, name) = match self.subjects.entry(written.clone()).or_insert_with(parse) {
            Ok((subject, name)) => (subject.clone(), name.clone()),
            Err(bad) => {
                let what = bad.clone();
                return self.fault(row, Some(written), what);
            }
        };
        let then = self.register.value_at(&row.id, &name, row.decided);
        let now = self.register.value_at(&row.id, &name, i64::MAX);
        if same(value, then, self.is_lossy) || same(value, now, self.is_lossy) {
            self.imported.unchanged += 1;
            return;
        }
        if let Some(what) = self.fault_in(row, &subject, value) {
            return self.fault(row, Some(written), what);
        }
        if then == now {
            let system = self.systems.get(row.id.as_str()).copied();
            self.imported.drafts.push(Draft {
                system: row.id.clone(),
                name: self.name_of(row),
                subject,
                value: value.to_owned(),
                reason: self.reason(row),
                until: Some(row.until.trim().to_owned()).filter(|until| !until.is_empty()),
                known: system.map(known).unwrap_or_default(),
            });
        } else {
            let last = self.register.of_system(&row.id).rev().find(|decision| decision.subject == name);
            self.imported.conflicts.push(Conflict {
                line: row.line,
                name: self.name_of(row),
                subject: written.to_string(),
                theirs: value.to_owned(),
                ours: now.to_owned(),
                by: last.map_or_else(String::new, |decision| format!("{}, {}", decision.by, decision.at)),
            });
        }
    }

    /// The name by which the history will tell it: the sheet's may have been edited.
    fn name_of(&self, row: &SheetRow) -> String {
        let here = self.systems.get(row.id.as_str()).map(|system| &system.name);
        let decided = || self.register.of_system(&row.id).next_back().map(|decision| &decision.name);
        let once = || self.import.once.and_then(|once| once.get(&row.id));
        here.or_else(decided).or_else(once).unwrap_or(&row.name).clone()
    }

    /// What is wrong with a value that is new.
    fn fault_in(&self, row: &SheetRow, subject: &Subject, value: &str) -> Option<String> {
        if let Err(bad) = subject.check(value, self.import.today) {
            return Some(bad.to_string());
        }
        if row.id == ORGANISATION && subject.is_of_systems() {
            return Some("is decided of a system, not of the organisation".to_owned());
        }
        if *subject != Subject::Grouping || value.is_empty() {
            return None;
        }
        if let Some(Grouping::PartOf(whole)) = Grouping::parse(value)
            && (whole == row.id || whole.is_empty() || !self.knows(&whole))
        {
            return Some(format!(
                "there is no other system `{whole}` that it could be part of; `aimscan systems` lists them"
            ));
        }
        (row.reason.trim().is_empty() && self.import.reason.is_empty()).then(|| {
            "a reason is needed, as people will ask for it; write it in `reason` of the same row, or say it with --reason".to_owned()
        })
    }

    fn reason(&self, row: &SheetRow) -> String {
        match (row.reason.trim(), self.import.reason) {
            ("", "") => format!("imported from {}", self.import.from),
            ("", reason) => reason.to_owned(),
            (reason, _) => reason.to_owned(),
        }
    }
}

/// Whether a cell says what is recorded: spaces around it and the way lines end make no difference, as spreadsheets change both; nor
/// does a `?` for a letter that its encoding does not have.
pub(super) fn same(cell: &str, recorded: &str, is_lossy: bool) -> bool {
    if cell == recorded {
        return true;
    }
    let plain = |text: &str| text.trim().replace("\r\n", "\n").replace('\r', "\n");
    let (cell, recorded) = (plain(cell), plain(recorded));
    if cell == recorded || !is_lossy {
        return cell == recorded;
    }
    let mut left = cell.chars();
    recorded.chars().all(|letter| match left.next() {
        Some(written) if written == letter => true,
        // One outside the first plane is two units, and two marks.
        Some('?') if !letter.is_ascii() => {
            if letter.len_utf16() == 2 && left.as_str().starts_with('?') {
                left.next();
            }
            true
        }
        _ => false,
    }) && left.next().is_none()
}
