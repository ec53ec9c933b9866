//! Workbooks: XLSX by its first bytes and its parts, read within bounds; what only looks like one is refused with what to do.

use std::fmt::Write;
use std::io::{self, Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use zip::ZipArchive;

use crate::{LONGEST_CELL, Row, TableError};

/// Bytes a workbook may have when it is unpacked.
const MOST_BYTES: u64 = 1 << 30;

/// Parts a workbook may have.
const MOST_PARTS: usize = 10_000;

/// Cells of one sheet that hold something.
const MOST_CELLS: usize = 20_000_000;

/// A workbook whose sheets can be read.
pub(crate) struct Workbook {
    book: Xlsx<Cursor<Vec<u8>>>,
    sheets: Vec<String>,
}

impl std::fmt::Debug for Workbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbook").field("sheets", &self.sheets).finish_non_exhaustive()
    }
}

/// Whether a file is a container of parts, as XLSX is.
pub(crate) fn is_container(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Refuses what is neither a workbook nor text, by what it really is.
pub(crate) fn refuse(file: &str, bytes: &[u8]) -> Result<(), TableError> {
    let beginning = bytes.trim_ascii_start();
    let lower: Vec<u8> = beginning.iter().take(64).map(u8::to_ascii_lowercase).collect();
    let what = if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        "is an old (.xls) or a password-protected workbook; open it, save it as .xlsx without a password, and give that file"
    } else if bytes.starts_with(b"%PDF") {
        "is a PDF; give the spreadsheet it was made from, as XLSX or CSV"
    } else if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        "is a web page, not a table; if it was downloaded, the download asked for a login or failed"
    } else if beginning.starts_with(b"<?xml") {
        "is XML, not a table; open it in a spreadsheet program and save it as .xlsx or CSV"
    } else if matches!(file.rsplit_once('.'), Some((_, ending)) if ending.eq_ignore_ascii_case("xlsx") || ending.eq_ignore_ascii_case("xlsm"))
    {
        "is named like a workbook but is none; open it in a spreadsheet program and save it as .xlsx, or name it .csv if it is text"
    } else if beginning.is_empty() {
        "is empty"
    } else {
        return Ok(());
    };
    Err(TableError::of_file(file, what))
}

impl Workbook {
    pub(crate) fn open(file: &str, bytes: Vec<u8>) -> Result<Self, TableError> {
        let broken = |why: &dyn std::fmt::Display| {
            TableError::of_file(
                file,
                format!("is a damaged workbook ({why}); open it in a spreadsheet program and save it again"),
            )
        };
        let mut parts = ZipArchive::new(Cursor::new(bytes.as_slice())).map_err(|error| broken(&error))?;
        if parts.index_for_name("xl/workbook.xml").is_none() {
            let what = if parts.index_for_name("content.xml").is_some() {
                "is an OpenDocument file; save it as .xlsx or CSV and give that file"
            } else if parts.index_for_name("xl/workbook.bin").is_some() {
                "is a binary workbook (.xlsb); save it as .xlsx or CSV and give that file"
            } else {
                "is an archive, but no workbook; save the register as .xlsx or CSV and give that file"
            };
            return Err(TableError::of_file(file, what));
        }
        let too_large = || TableError::of_file(file, "is too large when it is unpacked; split it, or save the register as CSV");
        if parts.len() > MOST_PARTS {
            return Err(too_large());
        }
        // What is written about sizes may be a lie: it is unpacked once to nowhere before anything keeps it.
        let mut left = MOST_BYTES;
        for part in 0..parts.len() {
            let part = parts.by_index(part).map_err(|error| broken(&error))?;
            let unpacked = io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(|error| broken(&error))?;
            left = left.checked_sub(unpacked).ok_or_else(too_large)?;
        }
        let book = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
        let sheets = book.sheet_names();
        if sheets.is_empty() {
            return Err(TableError::of_file(file, "has no sheet"));
        }
        Ok(Self { book, sheets })
    }

    pub(crate) fn sheets(&self) -> Vec<&str> {
        self.sheets.iter().map(String::as_str).collect()
    }

    /// The rows of a sheet that hold anything.
    pub(crate) fn rows(&mut self, file: &str, sheet: usize) -> Result<Vec<Row>, TableError> {
        let name = self.sheets.get(sheet).cloned().unwrap_or_default();
        let broken = |why: String| {
            TableError::of_file(
                file,
                format!("sheet “{name}” is damaged ({why}); open it in a spreadsheet program and save it again"),
            )
        };
        let mut cells = self.book.worksheet_cells_reader(&name).map_err(|error| broken(error.to_string()))?;
        let mut rows: Vec<Row> = Vec::new();
        let (mut met, mut held) = (0, 0_u64);
        while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|error| broken(error.to_string()))? {
            let (row, column) = cell.pos;
            let (number, column) = (row as usize + 1, column as usize);
            let text = shown(&cell.value);
            let failed = match &cell.value {
                DataRef::Error(error) => Some(error.to_string()),
                // Who wrote the file computed nothing: there is a formula and no result.
                DataRef::Empty if cell.formula.is_some() => Some("a formula without a result".to_owned()),
                _ => crate::has_failed(&text).then(|| text.clone()),
            };
            if text.is_empty() && failed.is_none() {
                continue;
            }
            if text.len() > LONGEST_CELL {
                return Err(
                    TableError::of_row(file, number, "a cell holds more than a million characters").in_column(crate::letters(column))
                );
            }
            met += 1;
            held += text.len() as u64;
            if met > MOST_CELLS || held > MOST_BYTES || column >= crate::MOST_COLUMNS {
                return Err(TableError::of_row(
                    file,
                    number,
                    "the sheet is too large; split it, or save it as CSV",
                ));
            }
            if rows.last().is_none_or(|last| last.number < number) {
                rows.push(Row {
                    number,
                    cells: Vec::new(),
                    broken: Vec::new(),
                });
            }
            // Cells of a row that was left are no part of the form.
            if let Some(last) = rows.last_mut().filter(|last| last.number == number) {
                if last.cells.len() <= column {
                    last.cells.resize(column + 1, String::new());
                }
                last.cells[column] = text;
                last.broken.extend(failed.map(|failed| (column, failed)));
            }
        }
        Ok(rows)
    }
}

/// A value as the spreadsheet shows it; a formula is its last result.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(time) if time.is_duration() => time.as_f64().to_string(),
        DataRef::DateTime(time) => {
            let (year, month, day, hour, minute, _, _) = time.to_ymd_hms_milli();
            let mut out = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute) != (0, 0) {
                let _ = write!(out, " {hour:02}:{minute:02}");
            }
            out
        }
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}
