//! Text whose cells are parted by commas, semicolons, tabs or bars.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};

use crate::{LONGEST_CELL, MOST_COLUMNS, Row, TableError};

/// What may part cells.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Text from the beginning that tells which delimiter it is.
const TELLING: usize = 64 * 1024;

/// Rows of that text.
const TELLING_ROWS: usize = 30;

/// A text with its delimiter.
#[derive(Debug)]
pub(crate) struct Delimited {
    text: String,
    /// Where the table begins, behind a line that names the delimiter.
    begins: usize,
    delimiter: u8,
}

impl Delimited {
    pub(crate) fn new(text: String) -> Self {
        if let Some((delimiter, begins)) = named(&text) {
            return Self { text, begins, delimiter };
        }
        let delimiter = likely(&text);
        Self {
            text,
            begins: 0,
            delimiter,
        }
    }

    /// The rows that hold anything.
    pub(crate) fn rows<'t>(&'t self, file: &'t str) -> impl Iterator<Item = Result<Row, TableError>> + 't {
        let text = &self.text[self.begins..];
        let mut records = reader(text, self.delimiter).into_records();
        // A line that names the delimiter is a row of its own to a spreadsheet.
        let mut number = usize::from(self.begins > 0);
        std::iter::from_fn(move || {
            let record = match records.next()? {
                Ok(record) => record,
                // The text is in memory and may hold anything: there is no other error.
                Err(error) => return Some(Err(TableError::of_row(file, number + 1, error.to_string()))),
            };
            let at = record
                .position()
                .map_or(0, |position| usize::try_from(position.byte()).unwrap_or_default());
            number += 1 + empty_lines(text.as_bytes(), at);
            Some(row(file, number, &record))
        })
    }
}

/// Empty lines at a place between two rows: they give no record, but a spreadsheet counts them.
fn empty_lines(text: &[u8], at: usize) -> usize {
    let mut rest = text.get(at..).unwrap_or_default();
    // The second half of the line end before belongs to the row before.
    if at > 0 && text.get(at - 1) == Some(&b'\r') {
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    let mut lines = 0;
    while let Some(after) = rest
        .strip_prefix(b"\r\n")
        .or_else(|| rest.strip_prefix(b"\n"))
        .or_else(|| rest.strip_prefix(b"\r"))
    {
        lines += 1;
        rest = after;
    }
    lines
}

fn row(file: &str, number: usize, record: &StringRecord) -> Result<Row, TableError> {
    if let Some(column) = record.iter().position(|cell| cell.len() > LONGEST_CELL) {
        return Err(TableError::of_row(
            file,
            number,
            "a cell goes on for more than a million characters: a quote (\") is opened there and not closed; close it, or double it (\"\") if it belongs to the text",
        )
        .in_column(crate::letters(column)));
    }
    if record.len() > MOST_COLUMNS {
        return Err(TableError::of_row(
            file,
            number,
            format!("has {} cells; no spreadsheet has so many", record.len()),
        ));
    }
    let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
    let failed = cells.iter().enumerate().filter(|(_, cell)| crate::has_failed(cell));
    Ok(Row {
        number,
        broken: failed.map(|(column, cell)| (column, cell.clone())).collect(),
        cells,
    })
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

/// The delimiter that a first line `sep=;` names, as some spreadsheets write it, and where the table begins.
fn named(text: &str) -> Option<(u8, usize)> {
    let line = text.split_inclusive('\n').next()?;
    let named = line.trim_end().trim_matches('"').strip_prefix("sep=")?;
    match named.as_bytes() {
        [delimiter] => Some((*delimiter, line.len())),
        // A tab at the end of the line was trimmed.
        [] => Some((b'\t', line.len())),
        _ => None,
    }
}

/// The delimiter by which most rows have the same number of cells, more than one.
fn likely(text: &str) -> u8 {
    let mut end = text.len().min(TELLING);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let beginning = &text[..end];
    let telling = |delimiter: u8| {
        let mut rows = 0;
        let mut by_cells: HashMap<usize, usize> = HashMap::new();
        for record in reader(beginning, delimiter)
            .into_records()
            .take(TELLING_ROWS)
            .filter_map(Result::ok)
        {
            rows += 1;
            *by_cells.entry(record.len()).or_default() += 1;
        }
        by_cells
            .into_iter()
            .filter(|(cells, _)| *cells > 1)
            .map(|(cells, same)| (same * 100 / rows.max(1), cells))
            .max()
            .unwrap_or_default()
    };
    // Of equals the first counts, so that a comma is taken where nothing tells.
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(|delimiter| telling(*delimiter))
        .filter(|delimiter| telling(*delimiter) > (0, 0))
        .unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
        Delimited::new(text.to_owned())
            .rows("reg.csv")
            .map(|row| row.map(|row| (row.number, row.cells)).expect("is well-formed"))
            .collect()
    }

    #[test]
    fn delimiters_are_found_out() {
        for text in [
            "id,name\n1,a\n",
            "id;name\n1;a\n",
            "id\tname\n1\ta\n",
            "id|name\n1|a\n",
            "sep=;\nid;name\n1;a\n",
        ] {
            let found: Vec<Vec<String>> = rows(text).into_iter().map(|(_, cells)| cells).collect();
            assert_eq!(found, [["id", "name"], ["1", "a"]], "{text}");
        }
        assert_eq!(
            rows("id;name;purpose\n1;a;b, c, d\n2;b;e, f\n")[1].1,
            ["1", "a", "b, c, d"],
            "commas in the text part nothing"
        );
        assert_eq!(rows("name\nonly one column\n")[1].1, ["only one column"]);
    }

    #[test]
    fn cells_may_hold_quotes_and_line_ends() {
        let text = "id,name\n1,\"a \"\"b\"\"\nsecond, line\"\n2,c\n";
        assert_eq!(rows(text)[1], (2, vec!["1".to_owned(), "a \"b\"\nsecond, line".to_owned()]));
        assert_eq!(rows(text)[2].0, 3, "a cell of two lines is one row");
    }

    #[test]
    fn empty_lines_are_counted_as_a_spreadsheet_does() {
        let numbers: Vec<usize> = rows("id,name\n\n\n1,a\r\n\r\n2,b").into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, [1, 4, 6]);
        assert_eq!(rows("sep=;\nid;name\n1;a\n")[0].0, 2);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_an_error_with_its_row() {
        let text = format!("id,name\n1,\"open\n{}", "x\n".repeat(LONGEST_CELL));
        let error = Delimited::new(text).rows("reg.csv").nth(1).expect("a row").expect_err("is cut");
        assert!(error.to_string().starts_with("reg.csv, row 2, column B: "), "{error}");
    }

    #[test]
    fn a_hundred_thousand_rows_are_read() {
        let text: String = (0..100_000).map(|row| format!("{row},\"System {row},\nscored\"\n")).collect();
        assert_eq!(
            rows(&text).last(),
            Some(&(100_000, vec!["99999".to_owned(), "System 99999,\nscored".to_owned()]))
        );
    }

    proptest! {
        #[test]
        fn anything_is_read(text in "[a-c\";,\t\\n\\r|=]{0,80}") {
            prop_assert!(Delimited::new(text).rows("f").all(|row| row.is_ok()));
        }
    }
}
