//! The register as a file that people edit: TOML here, tables beside it. What was read knows where each thing stood, so that what is
//! wrong with it can be shown to whoever wrote it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use inventory::System;
use inventory::register::{Fault, Sheet, SheetRow, Subject};
use serde::{Deserialize, Serialize};
use tables::{TableError, letters};

use super::table;
use crate::cli::SheetFormat;
use crate::terminal;

/// The form of the file; raised with every change that a reader could trip over.
const FORM: &str = "aimscan-register/1";

const HEAD: &str = "# The register of AI systems. Change what is decided, and take it over with `aimscan register import`.
# An empty value is undecided. Leave `id` and `decided` as they are: by them the import sees what others decided meanwhile.
# `reason` and `until` beside them speak of what you change.
";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    form: String,
    #[serde(default, rename = "system")]
    systems: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    decided: i64,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    is: BTreeMap<String, toml::Spanned<String>>,
}

/// A sheet as a file held it.
pub(super) struct Given {
    pub(super) sheet: Sheet,
    /// What is wrong with it in itself.
    pub(super) faults: Vec<Fault>,
    /// What a person should know of how it was read.
    pub(super) notes: Vec<String>,
    /// The headings of a table; nothing where it is none.
    pub(super) headings: Vec<String>,
    pub(super) shown: String,
    /// What to do where somebody else decided meanwhile.
    pub(super) remedy: &'static str,
}

/// What to do where somebody decided after a file was exported.
pub(super) const EXPORT_AGAIN: &str = "export again, or decide with `aimscan register set`";

impl Given {
    /// What is wrong at a place, with the place before it.
    pub(super) fn placed(&self, line: usize, subject: Option<&str>, what: &str) -> String {
        if self.headings.is_empty() {
            let subject = subject.map(|subject| format!("{subject}: ")).unwrap_or_default();
            return format!("{}, line {line}: {subject}{what}", self.shown);
        }
        let column = subject.and_then(|subject| self.headings.iter().position(|heading| heading == subject));
        let error = TableError::of_row(&self.shown, line, what);
        match column {
            Some(at) => error.in_column(format!("{} ({})", letters(at), self.headings[at])),
            None => error,
        }
        .to_string()
    }
}

/// The format that was asked for, else the one that the file's ending stands for.
pub(super) fn format(path: &Path, asked: Option<SheetFormat>) -> Result<SheetFormat> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match (asked, ending.to_ascii_lowercase().as_str()) {
        (Some(format), _) => Ok(format),
        (None, "toml") => Ok(SheetFormat::Toml),
        (None, "csv" | "tsv" | "txt") => Ok(SheetFormat::Csv),
        (None, "xlsx" | "xlsm") => Ok(SheetFormat::Xlsx),
        _ => bail!(
            "{}: the register is kept as .toml, .csv or .xlsx; name the file so, or say which it is with --format",
            path.display()
        ),
    }
}

/// Writes a sheet, with what is known of its systems beside what is decided.
pub(super) fn write<'a>(path: &Path, format: SheetFormat, sheet: &'a Sheet, systems: impl Iterator<Item = &'a System>) -> Result<()> {
    match format {
        SheetFormat::Toml => terminal::write(Some(path), &toml_of(sheet)?),
        SheetFormat::Csv => {
            let edited = report::sheet::Edited::of(sheet, systems);
            terminal::stream(Some(path), |out| edited.csv(out))
        }
        SheetFormat::Xlsx => {
            let bytes = report::sheet::Edited::of(sheet, systems)
                .xlsx()
                .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
            terminal::stream(Some(path), |out| out.write_all(&bytes))
        }
    }
}

/// The sheet in a file that was exported; nothing if it is a list of somebody's own.
pub(super) fn read(path: &Path, format: SheetFormat) -> Result<Option<Given>> {
    if format != SheetFormat::Toml {
        return table::read(path);
    }
    let shown = path.display().to_string();
    let text = crate::settings::text_of(path)?;
    let file: File = match toml::from_str(&text) {
        Ok(file) => file,
        Err(error) => bail!("{shown}: {}", error.to_string().trim_end()),
    };
    if file.form != FORM {
        bail!("{shown}: the form is `{}`; this aimscan reads `{FORM}`", file.form);
    }
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let rows = file.systems.into_iter().map(|row| {
        let first = row.is.values().map(|value| value.span().start).min().unwrap_or(0);
        SheetRow {
            line: ends.partition_point(|end| *end < first) + 1,
            id: row.id,
            name: row.name,
            decided: row.decided,
            reason: row.reason,
            until: row.until,
            values: row
                .is
                .into_iter()
                .map(|(subject, value)| (Arc::from(subject), value.into_inner()))
                .collect(),
        }
    });
    Ok(Some(Given {
        sheet: Sheet {
            rows: rows.collect(),
            is_lossy: false,
        },
        faults: Vec::new(),
        notes: Vec::new(),
        headings: Vec::new(),
        shown,
        remedy: EXPORT_AGAIN,
    }))
}

fn toml_of(sheet: &Sheet) -> Result<String> {
    let mut text = format!("{HEAD}form = {FORM:?}\n");
    for row in &sheet.rows {
        let mut values: BTreeMap<String, &str> = BTreeMap::new();
        if !row.id.is_empty() {
            let minimum = rules::governance::governance().fields.iter().filter(|field| field.minimum);
            values.extend(minimum.map(|field| (field.id.clone(), "")));
        }
        // What is no subject any more stays in the history.
        let decided = row.values.iter().filter_map(|(subject, value)| {
            let subject = Subject::parse(subject).ok()?;
            Some((subject.short(), value.as_str()))
        });
        values.extend(decided);
        let mut table = toml::Table::new();
        table.insert("id".to_owned(), row.id.clone().into());
        table.insert("name".to_owned(), row.name.clone().into());
        table.insert("decided".to_owned(), row.decided.into());
        text.push_str(&format!("\n[[system]]\n{}[system.is]\n", toml::to_string(&table)?));
        let values: toml::Table = values.into_iter().map(|(key, value)| (key, value.into())).collect();
        text.push_str(&toml::to_string(&values)?);
    }
    Ok(text)
}
