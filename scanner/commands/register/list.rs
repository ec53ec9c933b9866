//! A list of systems that an organisation keeps by itself, taken into the register: its rows become systems that people know, what it
//! says of them becomes what people decided, with the file and the row as the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail};
use inventory::listed::{Columns, Mapping};
use inventory::register::{Entry, Fault, Imported, Sheet, TakenList};
use tables::{Book, TableError, letters};

use super::file::Given;
use crate::commands::lists;

/// Systems that a message names before it counts the rest.
const MOST_NAMED: usize = 10;

/// A list, read.
pub(super) struct List {
    /// What the register calls it.
    pub(super) name: String,
    pub(super) entries: Vec<Entry>,
    /// Where things stand in it, and what is wrong with it in itself.
    pub(super) given: Given,
    columns: Columns,
}

/// Reads a list; `name` is what the register calls it, its file name if nothing is given.
pub(super) fn read(path: &Path, name: Option<&str>, sheet: Option<&str>, mapping: &Mapping) -> Result<List> {
    let shown = path.display().to_string();
    let mut book = Book::open(&shown, lists::read(path)?)?;
    let mut notes: Vec<String> = book.notes().to_vec();
    let (sheet, columns) = lists::columns(&mut book, &shown, sheet, mapping)?;
    if !columns.has_ids() {
        notes.push(format!(
            "{shown}: no column holds identifiers; the next import knows systems again by their names"
        ));
    }
    let mut faults = Vec::new();
    let mut entries = Vec::new();
    let mut owners = Vec::new();
    // Answers that are none: a list says them again and again.
    let mut open: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
    for row in book.rows(sheet)? {
        let row = row?;
        if row.number <= columns.row {
            continue;
        }
        let system = columns
            .system(&shown, row.number, &row.cells)
            .map_err(|error| lists::placed(&shown, error, row.number, &columns))?;
        let Some(listed) = system else { continue };
        let (mut values, unknown) = columns.record(&row.cells);
        for error in unknown {
            let Some(at) = error.column else { continue };
            open.entry((at, error.what)).or_default().push(row.number);
        }
        for (at, failed) in &row.broken {
            values.retain(|(field, _)| columns.column_of(field) != Some(*at));
            faults.push(Fault {
                line: row.number,
                subject: columns.heading(*at).map(str::to_owned),
                what: format!("the formula in it gives nothing ({failed}); write the value itself, and import again"),
            });
        }
        for (field, value) in &mut values {
            *value = super::table::as_recorded(field, value);
        }
        if !listed.name.is_empty() {
            values.insert(0, ("name".to_owned(), listed.name.clone()));
        }
        // Without identifiers a name tells one row from the other, wherever it stands next time.
        let key = match (columns.has_ids(), listed.name.is_empty()) {
            (false, false) => listed.name.clone(),
            _ => listed.id.clone(),
        };
        entries.push(Entry {
            row: row.number,
            name: if listed.name.is_empty() { key.clone() } else { listed.name },
            key,
            values,
        });
        owners.push(listed.owner);
    }
    notes.extend(tell_apart(&mut entries, &owners).map(|note| format!("{shown}: {note}")));
    notes.extend(open.into_iter().map(|((at, what), rows)| {
        let more = match rows.len() {
            1 => String::new(),
            2 => ", and in 1 more row".to_owned(),
            more => format!(", and in {} more rows", more - 1),
        };
        let column = format!("{} ({})", letters(at), columns.heading(at).unwrap_or_default());
        let error = TableError::of_row(&shown, rows[0], format!("{what}; it is left open{more}")).in_column(column);
        error.to_string()
    }));
    if entries.is_empty() {
        bail!("{shown}: there is no system below the headings in row {}", columns.row);
    }
    let own = path
        .file_name()
        .map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned());
    Ok(List {
        name: name.map_or(own, str::to_owned),
        entries,
        given: Given {
            sheet: Sheet::default(),
            faults,
            notes,
            headings: columns.headings(),
            shown,
            remedy: "change the list, or decide with `aimscan register set`",
        },
        columns,
    })
}

/// Several departments may use one product, or number their systems each by itself: what identifies several rows is told apart by who
/// answers for them.
fn tell_apart(entries: &mut [Entry], owners: &[String]) -> Option<String> {
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries.iter() {
        *rows.entry(&entry.key).or_default() += 1;
    }
    let several: BTreeSet<String> = rows
        .iter()
        .filter(|(_, rows)| **rows > 1)
        .map(|(key, _)| (*key).to_owned())
        .collect();
    let mut told = entries
        .iter_mut()
        .zip(owners)
        .filter(|(entry, owner)| several.contains(&entry.key) && !owner.is_empty());
    let mut first = None;
    for (entry, owner) in told.by_ref() {
        entry.key = format!("{} ({owner})", entry.key);
        first.get_or_insert(entry.row);
    }
    first.map(|row| {
        format!(
            "{} identifiers or names stand in several rows (the first in row {row}); they are told apart by their owners",
            several.len()
        )
    })
}

impl List {
    /// What a list brought, with the headings of its columns instead of fields, and what a person should know besides.
    pub(super) fn told(&self, taken: TakenList) -> (Imported, Vec<String>) {
        let TakenList {
            mut imported,
            new,
            alike,
            gone,
        } = taken;
        let heading = |field: &str| {
            let at = self.columns.column_of(field);
            at.and_then(|at| self.columns.heading(at)).unwrap_or(field).to_owned()
        };
        for fault in &mut imported.faults {
            fault.subject = fault.subject.as_deref().map(heading);
        }
        for conflict in &mut imported.conflicts {
            conflict.subject = heading(&conflict.subject);
        }
        let mut said = vec![format!(
            "{} in {}, {new} of them new in the register",
            match self.entries.len() {
                1 => "1 system".to_owned(),
                number => format!("{number} systems"),
            },
            self.given.shown
        )];
        for (row, name, found) in alike.iter().take(MOST_NAMED) {
            said.push(format!(
                "row {row}: scans found a system that is called “{name}” too; if it is the same: aimscan register merge '{name}' {found} --reason …"
            ));
        }
        if let Some(more) = alike.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
            said.push(format!("and {more} more that scans may have found"));
        }
        if !gone.is_empty() {
            let named: Vec<&str> = gone.iter().take(MOST_NAMED).map(String::as_str).collect();
            let more = match gone.len().saturating_sub(MOST_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            said.push(format!(
                "not in it any more: {}{more}; they stay until somebody dismisses them (aimscan register dismiss)",
                named.join(", ")
            ));
        }
        (imported, said)
    }
}
