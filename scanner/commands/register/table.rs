//! The register as a table, read back: by the headings that the export gave its columns, in any order, whatever program wrote the file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use inventory::register::{Fault, ORGANISATION, Sheet, SheetRow, Subject};
use report::sheet::{ID, REASON, STATE, UNCHANGED, UNTIL, is_to_read, unguarded};
use tables::{Book, Row, TableError, letters};

use super::file::Given;
use crate::commands::lists::{self, HEAD};

/// What the mark of UTF-8 looks like to a program that takes it for Windows-1252.
const MISREAD: &str = "\u{ef}\u{bb}\u{bf}";

/// What a column holds.
enum Holds {
    Id,
    State,
    Reason,
    Until,
    /// A decision, as the heading writes it.
    Decision(Arc<str>, Subject),
    /// Nothing that is read.
    Nothing,
}

/// The columns of a table that an export wrote.
struct Columns {
    /// The row of the headings.
    row: usize,
    headings: Vec<String>,
    holds: Vec<Holds>,
    /// Headings that are none.
    faults: Vec<Fault>,
}

/// The sheet in a table that was exported; nothing if no row holds such headings.
pub(super) fn read(path: &Path) -> Result<Option<Given>> {
    let shown = path.display().to_string();
    let mut book = Book::open(&shown, lists::read(path)?)?;
    let mut notes: Vec<String> = book.notes().to_vec();
    let is_lossy = book.is_lossy();
    let Some((sheet, head)) = exported(&shown, &mut book)? else {
        return Ok(None);
    };
    let columns = Columns::of(&shown, head)?;
    if !columns.holds.iter().any(|holds| matches!(holds, Holds::State)) {
        notes.push(format!(
            "{shown} has no column `{STATE}`, so nobody can tell what others decided since it was written: what is decided already stays"
        ));
    }
    let mut given = Given {
        sheet: Sheet {
            rows: Vec::new(),
            is_lossy,
        },
        faults: Vec::new(),
        notes,
        headings: columns.headings.clone(),
        shown,
        remedy: super::file::EXPORT_AGAIN,
    };
    given.faults.extend(columns.faults.iter().cloned());
    for row in book.rows(sheet)? {
        let row = row?;
        if row.number > columns.row {
            columns.take(row, &mut given);
        }
    }
    Ok(Some(given))
}

/// The table that an export wrote, with its headings.
fn exported(shown: &str, book: &mut Book) -> Result<Option<(usize, Row)>> {
    for sheet in 0..book.sheets().len() {
        for row in book.rows(sheet)?.take(HEAD) {
            let row = row?;
            if row.cells.first().is_some_and(|cell| cell.contains(MISREAD)) {
                let what = "was opened in another encoding than UTF-8 and saved so, and letters like ä are broken in it; open the export again as UTF-8 (65001), or use .xlsx";
                return Err(TableError::of_file(shown, what).into());
            }
            let has = |fits: &dyn Fn(&str) -> bool| row.cells.iter().any(|cell| fits(unguarded(cell)));
            let is_ours = has(&|cell| cell.eq_ignore_ascii_case(STATE)) || has(&is_to_read);
            let has_decisions = has(&|cell| Subject::parse(cell).is_ok());
            if is_ours && (has_decisions || has(&|cell| cell.eq_ignore_ascii_case(ID))) {
                return Ok(Some((sheet, row)));
            }
        }
    }
    Ok(None)
}

impl Columns {
    fn of(shown: &str, head: Row) -> Result<Self> {
        let headings: Vec<String> = head.cells.iter().map(|cell| unguarded(cell).to_owned()).collect();
        let mut columns = Self {
            row: head.number,
            holds: Vec::with_capacity(headings.len()),
            headings,
            faults: Vec::new(),
        };
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for at in 0..columns.headings.len() {
            let heading = columns.headings[at].clone();
            let holds = columns.meant(&heading);
            let name = match &holds {
                Holds::Nothing => None,
                Holds::Decision(_, subject) => Some(subject.to_string()),
                _ => Some(heading.to_ascii_lowercase()),
            };
            if let Some(first) = name.and_then(|name| seen.insert(name, at)) {
                let what = format!(
                    "the heading “{heading}” stands in column {} already; delete one of the two columns, or put its heading in brackets",
                    letters(first)
                );
                return Err(TableError::of_row(shown, head.number, what).in_column(letters(at)).into());
            }
            columns.holds.push(holds);
        }
        if !columns.holds.iter().any(|holds| matches!(holds, Holds::Id)) {
            let what =
                format!("no column has the heading `{ID}`, so nobody can tell which system a row is; export again and edit that file");
            return Err(TableError::of_row(shown, head.number, what).into());
        }
        Ok(columns)
    }

    fn meant(&mut self, heading: &str) -> Holds {
        match heading.to_ascii_lowercase().as_str() {
            "" => Holds::Nothing,
            ID => Holds::Id,
            STATE => Holds::State,
            REASON => Holds::Reason,
            UNTIL => Holds::Until,
            _ if is_to_read(heading) => Holds::Nothing,
            lower => match Subject::parse(heading).or_else(|bad| Subject::parse(lower).map_err(|_| bad)) {
                Ok(subject) => Holds::Decision(heading.into(), subject),
                Err(bad) => {
                    self.faults.push(Fault {
                        line: self.row,
                        subject: Some(heading.to_owned()),
                        what: format!("{bad}; put the heading of a column of your own in brackets, as in [{heading}], or delete it"),
                    });
                    Holds::Nothing
                }
            },
        }
    }

    /// Adds a row to a sheet, with what is wrong with it.
    fn take(&self, row: Row, given: &mut Given) {
        let Row { number, cells, broken } = row;
        if cells.iter().all(String::is_empty) && broken.is_empty() {
            return;
        }
        let mut faults = Vec::new();
        let mut fault = |subject: Option<&str>, what: String| {
            faults.push(Fault {
                line: number,
                subject: subject.map(str::to_owned),
                what,
            });
        };
        let mut taken = SheetRow {
            line: number,
            ..SheetRow::default()
        };
        let mut is_named = false;
        for (at, holds) in self.holds.iter().enumerate() {
            let cell = cells.get(at).map_or("", |cell| unguarded(cell));
            let heading = self.headings[at].as_str();
            if let Some((_, failed)) = broken.iter().find(|(column, _)| *column == at)
                && !matches!(holds, Holds::Nothing)
            {
                fault(
                    Some(heading),
                    format!(
                        "the formula in it gives nothing ({failed}); write the value itself, and nothing of this cell is taken over until then"
                    ),
                );
                continue;
            }
            match holds {
                Holds::Nothing => {}
                Holds::Id => {
                    is_named = !cell.is_empty();
                    taken.id = if cell.eq_ignore_ascii_case(report::sheet::ORGANISATION) {
                        ORGANISATION.to_owned()
                    } else {
                        cell.to_owned()
                    };
                }
                Holds::State if cell.is_empty() => {}
                Holds::State => match cell.parse() {
                    Ok(decided) => taken.decided = decided,
                    Err(_) => fault(
                        Some(heading),
                        format!(
                            "`{cell}` is no state; leave this column as it was written, or empty it to add only what is not decided yet"
                        ),
                    ),
                },
                Holds::Reason => cell.clone_into(&mut taken.reason),
                Holds::Until => taken.until = day(cell).unwrap_or_else(|| cell.to_owned()),
                Holds::Decision(..) if cell == UNCHANGED => {}
                Holds::Decision(written, subject) => {
                    taken.values.insert(written.clone(), value(subject, cell));
                }
            }
        }
        let beyond = cells
            .iter()
            .skip(self.holds.len())
            .position(|cell| !cell.is_empty())
            .map(|at| self.holds.len() + at);
        let unnamed = (0..self.holds.len()).find(|at| self.headings[*at].is_empty() && cells.get(*at).is_some_and(|cell| !cell.is_empty()));
        if let Some(at) = beyond.or(unnamed) {
            fault(
                None,
                format!(
                    "the cell in column {} has no heading; a cell that holds the delimiter must stand in quotes, and a column of your own needs a heading in brackets",
                    letters(at)
                ),
            );
        }
        if !is_named {
            fault(None, format!("the row has no `{ID}`; copy it from the export, or delete the row"));
        }
        // A row that is wrong in itself may have slipped: nothing of it is taken over.
        if faults
            .iter()
            .any(|fault| fault.subject.is_none() || fault.subject.as_deref().is_some_and(|heading| heading.eq_ignore_ascii_case(STATE)))
        {
            taken.values.clear();
        }
        if is_named {
            given.sheet.rows.push(taken);
        }
        given.faults.extend(faults);
    }
}

/// What a list says of a field, as the register writes it.
pub(super) fn as_recorded(field: &str, cell: &str) -> String {
    Subject::parse(field).map_or_else(|_| cell.to_owned(), |subject| value(&subject, cell))
}

/// A cell as the register writes it: spreadsheets turn days into those of their country, and begin words with a capital.
fn value(subject: &Subject, cell: &str) -> String {
    if subject.day().is_some() {
        return day(cell).unwrap_or_else(|| cell.to_owned());
    }
    let choices = subject.choices();
    let choice = choices.into_iter().find(|choice| choice.eq_ignore_ascii_case(cell));
    choice.unwrap_or(cell).to_owned()
}

/// A day that can be read in one way only, as `2027-01-31`.
fn day(cell: &str) -> Option<String> {
    let date = cell.split([' ', 'T']).next()?;
    let parts: Vec<&str> = date.split(['-', '/', '.']).filter(|part| !part.is_empty()).collect();
    let [first, second, third] = parts[..] else {
        return None;
    };
    let number = |part: &str| part.parse::<i16>().ok();
    let (first_number, second_number, third_number) = (number(first)?, number(second)?, number(third)?);
    let (year, month, day) = if first.len() == 4 {
        (first_number, second_number, third_number)
    } else if third.len() == 4 && date.contains('.') {
        // With full stops the day comes first everywhere.
        (third_number, second_number, first_number)
    } else if third.len() == 4 && first_number > 12 {
        (third_number, second_number, first_number)
    } else if third.len() == 4 && (second_number > 12 || first_number == second_number) {
        (third_number, first_number, second_number)
    } else {
        return None;
    };
    let day = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_any_country_are_read_if_they_can_mean_one_day_only() {
        for (written, read) in [
            ("2027-01-31", Some("2027-01-31")),
            ("2027-01-31 00:00:00", Some("2027-01-31")),
            ("31.01.2027", Some("2027-01-31")),
            ("1.2.2027", Some("2027-02-01")),
            ("1/31/2027", Some("2027-01-31")),
            ("31/01/2027", Some("2027-01-31")),
            ("02/02/2027", Some("2027-02-02")),
            ("2027/1/31", Some("2027-01-31")),
            ("01/02/2027", None),
            ("31.02.2027", None),
            ("1/31/27", None),
            ("46053", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(day(written).as_deref(), read, "{written}");
        }
    }
}
