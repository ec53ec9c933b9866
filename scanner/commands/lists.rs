//! Lists of systems that people keep, read within bounds: the file, the sheet and the columns that matter.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use inventory::listed::{ColumnError, Columns, Mapping};
use tables::{Book, Row, TableError, letters};

/// Bytes of a list.
const MOST_BYTES: u64 = 1 << 30;

/// Rows among which headings are looked for.
pub(super) const HEAD: usize = 15;

/// The bytes of a list, up to a bound.
pub(super) fn read(file: &Path) -> Result<Vec<u8>> {
    let context = || format!("cannot read {}", file.display());
    if file.is_dir() {
        bail!("{} is a folder; give the file of the register", file.display());
    }
    let mut bytes = Vec::new();
    File::open(file)
        .with_context(context)?
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(context)?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!("{} is larger than a gigabyte; split it", file.display());
    }
    Ok(bytes)
}

/// What a file says of which column holds what.
pub(super) fn mapping(file: &Path) -> Result<Mapping> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Headings {
        One(String),
        Several(Vec<String>),
    }
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    let read: BTreeMap<String, Headings> = toml::from_str(&text).with_context(|| {
        format!("{shown} is no mapping; a mapping has lines such as  purpose = \"Zweck\"  or  purpose = [\"Zweck\", \"Nutzen\"]")
    })?;
    Ok(read
        .into_iter()
        .map(|(field, headings)| {
            let headings = match headings {
                Headings::One(heading) => vec![heading],
                Headings::Several(headings) => headings,
            };
            (field, headings)
        })
        .collect())
}

/// The sheet that is a list of systems, and its columns.
pub(super) fn columns(book: &mut Book, shown: &str, wanted: Option<&str>, mapping: &Mapping) -> Result<(usize, Columns)> {
    let sheets: Vec<String> = book.sheets().into_iter().map(str::to_owned).collect();
    let candidates: Vec<usize> = match wanted {
        None => (0..sheets.len()).collect(),
        Some(name) => vec![
            sheets
                .iter()
                .position(|sheet| sheet == name)
                .with_context(|| format!("{shown} has no sheet “{name}”; its sheets are “{}”", sheets.join("”, “")))?,
        ],
    };
    let mut first = None;
    for sheet in candidates {
        let mut head: Vec<(usize, Vec<String>)> = Vec::new();
        for row in book.rows(sheet)?.take(HEAD) {
            let Row { number, cells, .. } = row?;
            head.push((number, cells));
        }
        match Columns::find(&head, mapping) {
            Ok(columns) => return Ok((sheet, columns)),
            Err(error) => {
                let error = whole(shown, error);
                first.get_or_insert(error);
            }
        }
    }
    match first {
        Some(error) if sheets.len() > 1 && wanted.is_none() => {
            Err(error).with_context(|| format!("no sheet of {shown} is a list of systems (“{}”)", sheets.join("”, “")))
        }
        Some(error) => Err(error.into()),
        None => bail!("{shown}: there is no row"),
    }
}

fn whole(shown: &str, error: ColumnError) -> TableError {
    TableError {
        file: shown.to_owned(),
        row: error.row,
        column: error.column.map(letters),
        what: error.what,
    }
}

/// What is wrong with a row, with its place.
pub(super) fn placed(shown: &str, error: ColumnError, row: usize, columns: &Columns) -> TableError {
    let named = |at: usize| match columns.heading(at) {
        Some(heading) => format!("{} ({heading})", letters(at)),
        None => letters(at),
    };
    TableError {
        file: shown.to_owned(),
        row: Some(row),
        column: error.column.map(named),
        what: error.what,
    }
}
