//! The register as a table that people edit, CSV and XLSX: one row a system, one column a decision, and columns in brackets that are
//! only for reading. What is written comes back unchanged, whatever program it goes through; what no spreadsheet can hold stays out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use inventory::System;
use inventory::register::{Sheet, SheetRow, Subject};
use rust_xlsxwriter::{Color, DataValidation, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::csv::{Table, computes, list};
use crate::wording::{day, visible};

/// The heading of the column with the system's id.
pub const ID: &str = "id";
/// The id that stands for the organisation as a whole.
pub const ORGANISATION: &str = "organisation";
/// The heading of the column that says which decisions a row was written with.
pub const STATE: &str = "state";
/// The heading of the column for why.
pub const REASON: &str = "reason";
/// The heading of the column for the last day on which what is new in a row holds.
pub const UNTIL: &str = "until";
/// The name of the sheet with the systems.
pub const SHEET: &str = "Register";

/// What stands where a spreadsheet cannot hold what is decided; such a cell changes nothing.
pub const UNCHANGED: &str = "[stays as it is: a spreadsheet cannot hold it]";

/// Units of UTF-16 that a cell holds; spreadsheets cut the rest off.
const LONGEST_CELL: usize = 32_000;

/// Rows of a sheet, without the headings.
const MOST_ROWS: usize = 1_048_575;

/// Columns that are only for reading, in their order.
const TO_READ: [&str; 5] = ["[found as]", "[found in]", "[tier]", "[open questions]", "[decided by]"];

/// Whether a heading is of a column that is only for reading.
#[must_use]
pub fn is_to_read(heading: &str) -> bool {
    heading.starts_with('[') && heading.ends_with(']')
}

/// A cell as it was before it was guarded.
#[must_use]
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_guarded(text) => text,
        _ => cell,
    }
}

/// A value with an apostrophe before it if a spreadsheet would make something else of it, or if it begins with one itself.
fn guarded(value: &str) -> Cow<'_, str> {
    if is_guarded(value) {
        Cow::Owned(format!("'{value}"))
    } else {
        Cow::Borrowed(value)
    }
}

fn is_guarded(text: &str) -> bool {
    let loses_zeros = text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.starts_with('\'') || loses_zeros || computes(text) || converts(text)
}

/// Whether a spreadsheet would take a text for a day, a time or a truth, and write it as its country does: `1/2`, `MAR1`, `TRUE`.
fn converts(text: &str) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const MOST: usize = 24;
    if text.len() > MOST || !text.is_ascii() {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let has_digits = lower.bytes().any(|byte| byte.is_ascii_digit());
    let are_numbers = lower.bytes().all(|byte| byte.is_ascii_digit() || b"./:,- ".contains(&byte));
    let has_parts = lower.contains(['.', '/', ':', ',', '-', ' ']);
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    let is_month = matches!(words[..], [word] if MONTHS.iter().any(|month| word.starts_with(month)));
    matches!(lower.as_str(), "true" | "false") || has_digits && (are_numbers && has_parts || is_month)
}

/// A value as a cell can hold it.
fn held(value: &str) -> Cow<'_, str> {
    let is_escaped = value.contains("_x") && value.split("_x").skip(1).any(|rest| rest.as_bytes().get(4) == Some(&b'_'));
    let has_controls = value.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    if is_escaped || has_controls || value.encode_utf16().count() > LONGEST_CELL {
        return Cow::Borrowed(UNCHANGED);
    }
    if value.contains('\r') {
        return Cow::Owned(value.replace("\r\n", "\n").replace('\r', "\n"));
    }
    Cow::Borrowed(value)
}

/// A table: its columns, and where the systems are that it speaks of.
#[derive(Debug)]
pub struct Edited<'a> {
    sheet: &'a Sheet,
    systems: BTreeMap<&'a str, &'a System>,
    /// Subjects as people write them, with what the register calls them.
    subjects: Vec<(String, String)>,
}

impl<'a> Edited<'a> {
    /// A sheet with the systems that it speaks of; of those that are given twice, the first counts.
    #[must_use]
    pub fn of(sheet: &'a Sheet, systems: impl Iterator<Item = &'a System>) -> Self {
        let mut by_id: BTreeMap<&str, &System> = BTreeMap::new();
        for system in systems {
            by_id.entry(&system.id).or_insert(system);
        }
        Self {
            subjects: subjects(sheet, &by_id),
            systems: by_id,
            sheet,
        }
    }

    fn headings(&self) -> Vec<&str> {
        let subjects = self.subjects.iter().map(|(short, _)| short.as_str());
        [ID].into_iter()
            .chain(TO_READ)
            .chain(subjects)
            .chain([REASON, UNTIL, STATE])
            .collect()
    }

    fn cells<'r>(&'r self, row: &'r SheetRow) -> Vec<Cow<'r, str>> {
        let system = self.systems.get(row.id.as_str()).copied();
        let id = if row.id.is_empty() { ORGANISATION } else { &row.id };
        let mut cells: Vec<Cow<'r, str>> = vec![
            id.into(),
            visible(&row.name),
            system.map_or_else(|| Cow::Borrowed(""), place),
            system.map_or_else(|| Cow::Borrowed(""), tier),
            lines(system.into_iter().flat_map(questions)),
            lines(system.into_iter().flat_map(decided)),
        ];
        cells.extend(self.subjects.iter().map(|(_, subject)| match row.values.get(subject.as_str()) {
            Some(value) => held(value),
            None => Cow::Borrowed(""),
        }));
        cells.extend([Cow::Borrowed(""), Cow::Borrowed(""), Cow::Owned(row.decided.to_string())]);
        cells
    }

    /// Writes the table as CSV: UTF-8 with a mark, every cell quoted, lines within cells kept.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let headings = self.headings();
        let is_day = |heading: &&str| Subject::parse(heading).is_ok_and(|subject| subject.day().is_some());
        let days: Vec<bool> = headings.iter().map(is_day).collect();
        let mut table = Table::begin(out, headings.into_iter())?;
        for row in &self.sheet.rows {
            let cells = self.cells(row);
            // A day may become one of another country: the import reads it all the same.
            let guarded = cells
                .iter()
                .zip(&days)
                .map(|(cell, is_day)| if *is_day { Cow::Borrowed(&**cell) } else { guarded(cell) });
            table.as_they_are(guarded)?;
        }
        Ok(())
    }

    /// The table as a workbook, with a second sheet that says what each column is.
    ///
    /// # Errors
    /// If there are more systems than a sheet has rows.
    pub fn xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        if self.sheet.rows.len() > MOST_ROWS {
            return Err(XlsxError::ParameterError("a sheet has not so many rows; write CSV".to_owned()));
        }
        let mut book = Workbook::new();
        let text = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_num_format("@");
        let formats = Formats {
            head: Format::new()
                .set_bold()
                .set_align(FormatAlign::Top)
                .set_background_color(Color::RGB(0x00EF_ECE5))
                .set_border_bottom(FormatBorder::Thin),
            quoted: text.clone().set_quote_prefix(),
            read: text.clone().set_font_color(Color::RGB(0x006B_6B6B)),
            text,
        };
        self.systems_sheet(book.add_worksheet_with_low_memory()?, &formats)?;
        self.words_sheet(book.add_worksheet(), &formats)?;
        book.save_to_buffer()
    }

    fn systems_sheet(&self, sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
        sheet.set_name(SHEET)?;
        sheet.set_freeze_panes(1, 2)?;
        let headings = self.headings();
        let last = u32::try_from(self.sheet.rows.len().max(1)).unwrap_or(u32::MAX);
        for (column, heading) in (0u16..).zip(&headings) {
            sheet.set_column_width(column, if matches!(*heading, ID | STATE | UNTIL) { 15.0 } else { 26.0 })?;
            let choices = Subject::parse(heading).map(|subject| subject.choices()).unwrap_or_default();
            if !choices.is_empty() {
                let words = DataValidation::new().allow_list_strings(&choices)?;
                sheet.add_data_validation(1, column, last, column, &words)?;
            }
            sheet.write_string_with_format(0, column, *heading, &formats.head)?;
        }
        for (number, row) in (1u32..).zip(&self.sheet.rows) {
            for (column, cell) in (0u16..).zip(self.cells(row)) {
                if cell.is_empty() {
                    continue;
                }
                let format = match headings.get(usize::from(column)) {
                    Some(heading) if is_to_read(heading) => &formats.read,
                    _ if computes(&cell) => &formats.quoted,
                    _ => &formats.text,
                };
                // A cell of a workbook is a text whatever it begins with; only an apostrophe of its own must be told from a guard.
                let cell = if cell.starts_with('\'') { guarded(&cell) } else { cell };
                sheet.write_string_with_format(number, column, &*cell, format)?;
            }
        }
        Ok(())
    }

    /// What each column is, and every field that another column could hold.
    fn words_sheet(&self, sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
        sheet.set_name("What to write")?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, (heading, width)) in (0u16..).zip([("column", 26.0), ("what it holds", 80.0), ("who knows", 24.0), ("one of", 40.0)]) {
            sheet.set_column_width(column, width)?;
            sheet.write_string_with_format(0, column, heading, &formats.head)?;
        }
        let of_rows = [
            (ID, "The system; leave it as it is"),
            (
                STATE,
                "The state of the register that the row was written with; leave it as it is, as it tells what others decided meanwhile",
            ),
            (REASON, "Why you decide what you change in this row; needed for `grouping`"),
            (
                UNTIL,
                "The last day on which what you change in this row holds, as 2027-01-31; empty for good",
            ),
            ("[…]", "Columns in brackets are for reading; what is written there is not read"),
            (
                "grouping",
                "`dismissed` if it is no AI system, `part of ID` if it is part of another, `split FOLDER|FOLDER` if folders are systems of their own",
            ),
        ];
        let asked = self.subjects.iter().filter_map(|(short, _)| match Subject::parse(short) {
            Ok(Subject::Question(_)) => Some((
                short.as_str(),
                "The answer to a question that stands in [open questions]",
                "",
                "yes, no".to_owned(),
            )),
            _ => None,
        });
        let lines = of_rows
            .into_iter()
            .map(|(column, what)| (column, what, "", String::new()))
            .chain(asked)
            .chain(governance::fields().into_iter().map(|field| {
                let one_of = field.choices.join(", ");
                (field.id.as_str(), field.ask.as_str(), field.who.as_str(), one_of)
            }));
        for (number, (column, what, who, one_of)) in (1u32..).zip(lines) {
            for (at, cell) in (0u16..).zip([column, what, who, &one_of]) {
                sheet.write_string_with_format(number, at, cell, &formats.text)?;
            }
        }
        Ok(())
    }
}

struct Formats {
    head: Format,
    text: Format,
    quoted: Format,
    read: Format,
}

/// The columns of decisions: the least a record has, questions that are open, and whatever is decided anywhere. What is no subject any
/// more stays in the history of the register.
fn subjects(sheet: &Sheet, systems: &BTreeMap<&str, &System>) -> Vec<(String, String)> {
    let fields = governance::fields().into_iter().filter(|field| field.minimum);
    let mut ordered: Vec<String> = fields.map(|field| field.id.clone()).collect();
    ordered.push("grouping".to_owned());
    let questions = systems.values().flat_map(|system| &system.classification.questions);
    let asked: BTreeSet<String> = questions
        .filter(|open| !open.rule.is_empty())
        .map(|open| format!("question/{}", open.rule))
        .collect();
    ordered.extend(asked);
    let decided: BTreeSet<&str> = sheet
        .rows
        .iter()
        .flat_map(|row| row.values.keys().map(|subject| &**subject))
        .collect();
    ordered.extend(decided.into_iter().map(str::to_owned));
    let mut seen = BTreeSet::new();
    let parsed = ordered.iter().filter_map(|text| Subject::parse(text).ok());
    parsed
        .map(|subject| (subject.short(), subject.to_string()))
        .filter(|(short, _)| seen.insert(short.clone()))
        .collect()
}

fn place(system: &System) -> Cow<'_, str> {
    match system.folder.as_str() {
        "" => visible(&system.source),
        folder => Cow::Owned(visible(&format!("{} {folder}", system.source)).into_owned()),
    }
}

fn tier(system: &System) -> Cow<'_, str> {
    let tier = &system.classification;
    Cow::Owned(format!("{} … {} (indicated {})", tier.floor, tier.ceiling, tier.indicated))
}

fn questions(system: &System) -> impl Iterator<Item = String> {
    let questions = system.classification.questions.iter();
    questions.map(|open| visible(&format!("{}: {} ({})", open.rule, open.question, open.who)).into_owned())
}

fn decided(system: &System) -> impl Iterator<Item = String> {
    system.standing.decisions.iter().map(|(subject, held)| {
        let short = Subject::parse(subject).map_or_else(|_| subject.clone(), |subject| subject.short());
        let because = if held.reason.is_empty() {
            String::new()
        } else {
            format!(": {}", held.reason)
        };
        let again = if held.stands() {
            String::new()
        } else {
            format!(" – decide again: {}", list(&held.reopened))
        };
        visible(&format!("{short}: {}, {}{because}{again}", held.by, day(&held.at))).into_owned()
    })
}

/// Lines of a cell that is only for reading, as long as a cell can be.
fn lines<'a>(lines: impl Iterator<Item = String>) -> Cow<'a, str> {
    let mut out = String::new();
    for line in lines {
        if out.len() + line.len() > LONGEST_CELL {
            out.push_str("\n…");
            break;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&line);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample;

    fn one(values: &[(&str, &str)]) -> Sheet {
        Sheet {
            rows: vec![SheetRow {
                id: "515e46000000".to_owned(),
                name: "=cmd()".to_owned(),
                decided: 7,
                values: values
                    .iter()
                    .map(|(subject, value)| ((*subject).into(), (*value).to_owned()))
                    .collect(),
                ..SheetRow::default()
            }],
            is_lossy: false,
        }
    }

    fn text(sheet: &Sheet) -> String {
        let mut out = Vec::new();
        Edited::of(sheet, std::iter::empty()).csv(&mut out).expect("into memory");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn a_row_has_its_id_decisions_and_state() {
        let text = text(&one(&[
            ("field/owner", "Ann\nand Bob"),
            ("field/regions", "eu-*"),
            ("field/gone", "x"),
        ]));
        assert!(text.starts_with("\u{feff}\"id\",\"[found as]\""), "{text}");
        assert!(text.contains("\"regions\",\"reason\",\"until\",\"state\"\r\n"), "{text}");
        assert!(text.contains("\"'515e46000000\",\"'=cmd()\""), "{text}");
        assert!(text.contains("\"Ann\nand Bob\""), "{text}");
        assert!(text.ends_with("\"eu-*\",\"\",\"\",\"7\"\r\n"), "{text}");
    }

    #[test]
    fn what_a_spreadsheet_cannot_hold_stays_out() {
        let long = "x".repeat(40_000);
        for value in [long.as_str(), "a\u{1b}[0m", "_x0041_"] {
            assert_eq!(held(value), UNCHANGED, "{value:.20}");
        }
        assert_eq!(held("a_x and b"), "a_x and b");
        let sheet = one(&[("field/owner", &long)]);
        assert!(text(&sheet).contains(UNCHANGED));
        assert!(Edited::of(&sheet, std::iter::empty()).xlsx().is_ok());
    }

    #[test]
    fn what_looks_like_a_day_or_a_truth_is_guarded() {
        for text in ["1/2", "1.2", "MAR1", "3 May 2027", "12:30", "TRUE", "2-1", "1,5"] {
            assert!(converts(text), "{text}");
        }
        for text in [
            "3",
            "version 1.2",
            "Marketing",
            "March",
            "eu-central-1",
            "gpt-4o",
            "true story",
            "May and 2 more",
        ] {
            assert!(!converts(text), "{text}");
        }
        let sheet = one(&[("field/review-next", "2027-01-31"), ("field/tags", "1/2")]);
        assert!(
            text(&sheet).contains("\"2027-01-31\"") && text(&sheet).contains("\"'1/2\""),
            "{}",
            text(&sheet)
        );
    }

    #[test]
    fn open_questions_are_columns() {
        let mut system = sample::inventory().systems.remove(0);
        let question = inventory::OpenQuestion {
            rule: "use.generative".to_owned(),
            question: "Do people talk to it?".to_owned(),
            who: "The owner".to_owned(),
            if_yes: String::new(),
        };
        system.classification.questions = vec![question];
        let sheet = one(&[]);
        let edited = Edited::of(&sheet, std::iter::once(&system));
        assert!(edited.headings().contains(&"question/use.generative"), "{:?}", edited.headings());
    }

    proptest! {
        #[test]
        fn a_guard_is_undone(value in "['=+@0-9eE./\\-a-c \t]{0,8}") {
            let cell = guarded(&value);
            prop_assert_eq!(unguarded(&cell), value.as_str());
            prop_assert!(!computes(&cell));
        }
    }
}
