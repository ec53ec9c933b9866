//! Tables that people keep, as rows of text: CSV in any encoding, and workbooks (XLSX). Knows no column and no meaning.

mod delimited;
mod encoding;
mod error;
mod workbook;

pub use error::TableError;

use delimited::Delimited;
use workbook::Workbook;

/// Characters of a cell; more means that a quote was never closed.
const LONGEST_CELL: usize = 1 << 20;

/// Columns of a table; a spreadsheet has no more.
const MOST_COLUMNS: usize = 16_384;

/// A file with one table or several.
#[derive(Debug)]
pub struct Book {
    file: String,
    notes: Vec<String>,
    is_lossy: bool,
    inside: Inside,
}

#[derive(Debug)]
enum Inside {
    Delimited(Delimited),
    Workbook(Box<Workbook>),
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number as a spreadsheet shows it; the first is 1.
    pub number: usize,
    /// Its cells, without the space around them; empty ones at the end may be missing.
    pub cells: Vec<String>,
    /// Cells whose formula gave nothing: the number of the column, and what stands there.
    pub broken: Vec<(usize, String)>,
}

/// What spreadsheets write where a formula failed, in the languages of [`Book`]'s readers.
const FAILED: [&str; 17] = [
    "#REF!",
    "#NAME?",
    "#VALUE!",
    "#DIV/0!",
    "#NULL!",
    "#NUM!",
    "#N/A",
    "#SPILL!",
    "#CALC!",
    "#BEZUG!",
    "#WERT!",
    "#ZAHL!",
    "#NV",
    "#VALEUR!",
    "#NOMBRE!",
    "#¡VALOR!",
    "#¡REF!",
];

/// Whether a cell says that a formula failed.
fn has_failed(cell: &str) -> bool {
    let of_calc = cell
        .strip_prefix("Err:")
        .is_some_and(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()));
    of_calc || FAILED.contains(&cell)
}

impl Book {
    /// Opens what a file holds; `file` is its name as a person knows it.
    ///
    /// # Errors
    /// If it is no table.
    pub fn open(file: &str, bytes: Vec<u8>) -> Result<Self, TableError> {
        let mut notes = Vec::new();
        let mut is_lossy = false;
        let inside = if workbook::is_container(&bytes) {
            Inside::Workbook(Box::new(Workbook::open(file, bytes)?))
        } else {
            workbook::refuse(file, &bytes)?;
            let (text, note) = encoding::decode(file, bytes)?;
            is_lossy = note.as_ref().is_some_and(|note| note.is_lossy);
            notes.extend(note.map(|note| note.text));
            Inside::Delimited(Delimited::new(text))
        };
        Ok(Self {
            file: file.to_owned(),
            notes,
            is_lossy,
            inside,
        })
    }

    /// What a person should know of how the file was read.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The names of its tables; one without a name where there is only one.
    #[must_use]
    pub fn sheets(&self) -> Vec<&str> {
        match &self.inside {
            Inside::Delimited(_) => vec![""],
            Inside::Workbook(workbook) => workbook.sheets(),
        }
    }

    /// Whether it was read as Windows-1252, in which whoever wrote it had no letters but those of western Europe.
    #[must_use]
    pub const fn is_lossy(&self) -> bool {
        self.is_lossy
    }

    /// The rows of one of its tables.
    ///
    /// # Errors
    /// If the table cannot be read at all; what is wrong with a row comes in its place.
    pub fn rows(&mut self, sheet: usize) -> Result<Box<dyn Iterator<Item = Result<Row, TableError>> + '_>, TableError> {
        match &mut self.inside {
            Inside::Delimited(delimited) => Ok(Box::new(delimited.rows(&self.file))),
            Inside::Workbook(workbook) => Ok(Box::new(workbook.rows(&self.file, sheet)?.into_iter().map(Ok))),
        }
    }
}

/// The letters a spreadsheet gives to a column; the first, 0, is `A`.
#[must_use]
pub fn letters(column: usize) -> String {
    let mut rest = column + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default());
        rest = (rest - 1) / 26;
    }
    letters.reverse();
    letters.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_in_a_spreadsheet() {
        for (column, named) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(column), named);
        }
    }
}
