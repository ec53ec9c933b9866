//! `aimscan classify`: the tiers of the systems that a list describes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use inventory::classify::Judge;
use inventory::listed::{ColumnError, Columns, Mapping};
use inventory::{Classification, Listed};
use rayon::prelude::*;
use report::text::Line;
use tables::{Book, Row, TableError, letters};

use super::Outcome;
use crate::cli::{Classify, Global, ListFormat};
use crate::terminal::{self, Writer};

/// Bytes of a list.
const MOST_BYTES: u64 = 1 << 30;

/// Rows among which headings are looked for.
const HEAD: usize = 15;

/// Rows that are judged together, on all processors.
const BATCH: usize = 8_000;

/// Systems whose row is named when an identifier stands twice.
const MOST_NAMED: usize = 5;

/// Runs the command.
pub(super) fn run(options: &Classify, global: &Global) -> Result<Outcome> {
    let shown = options.file.display().to_string();
    let mapping = options.map.as_deref().map(mapping).transpose()?.unwrap_or_default();
    let mut book = Book::open(&shown, read(&options.file)?)?;
    let mut notes: Vec<String> = book.notes().to_vec();
    let (sheet, columns) = columns(&mut book, &shown, options.sheet.as_deref(), &mapping)?;
    notes.extend(columns.notes.iter().map(|note| format!("{shown}: {note}")));

    let ruleset = ::rules::risk::ruleset();
    let mut output = Answer::new(format(options), options.output.as_deref(), ruleset.version.clone())?;
    let mut repeated = Repeated::default();
    let mut rows = book
        .rows(sheet)?
        .skip_while(|row| matches!(row, Ok(row) if row.number <= columns.row));
    loop {
        let mut batch: Vec<Listed> = Vec::with_capacity(BATCH);
        for row in rows.by_ref() {
            let Row { number, cells } = row?;
            let system = columns
                .system(&shown, number, &cells)
                .map_err(|error| placed(&shown, error, number, &columns))?;
            if let Some(system) = system {
                repeated.meet(&system);
                batch.push(system);
            }
            if batch.len() == BATCH {
                break;
            }
        }
        if batch.is_empty() {
            break;
        }
        let judged: Vec<Classification> = batch
            .par_chunks(BATCH.div_ceil(rayon::current_num_threads()))
            .flat_map_iter(|part| {
                let mut judge = Judge::new(&ruleset);
                part.iter().map(move |listed| judge.listed(listed)).collect::<Vec<_>>()
            })
            .collect();
        for (listed, classification) in batch.iter().zip(&judged) {
            output.add(listed, classification)?;
        }
    }
    notes.extend(repeated.note(&shown));
    if output.systems == 0 {
        bail!("{shown}: there is no system below the headings in row {}", columns.row);
    }
    if output.format != ListFormat::Text && !global.quiet {
        for note in &notes {
            anstream::eprintln!("note: {note}");
        }
    }
    output.finish(&shown, &notes)?;
    Ok(Outcome::Done)
}

/// The bytes of a list, up to a bound.
fn read(file: &Path) -> Result<Vec<u8>> {
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
fn mapping(file: &Path) -> Result<Mapping> {
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
fn columns(book: &mut Book, shown: &str, wanted: Option<&str>, mapping: &Mapping) -> Result<(usize, Columns)> {
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
            let Row { number, cells } = row?;
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

fn placed(shown: &str, error: ColumnError, row: usize, columns: &Columns) -> TableError {
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

/// The format asked for, else the one the ending of the output stands for.
fn format(options: &Classify) -> ListFormat {
    let ending = options
        .output
        .as_ref()
        .and_then(|file| file.extension())
        .and_then(|ending| ending.to_str());
    match (options.format, ending) {
        (Some(format), _) => format,
        (None, Some("jsonl" | "ndjson")) => ListFormat::Jsonl,
        (None, Some("csv")) => ListFormat::Csv,
        (None, _) => ListFormat::Text,
    }
}

/// Identifiers that stand more than once.
#[derive(Default)]
struct Repeated {
    seen: BTreeSet<String>,
    twice: Vec<String>,
    more: usize,
}

impl Repeated {
    fn meet(&mut self, system: &Listed) {
        if self.seen.insert(system.id.clone()) {
            return;
        }
        if self.twice.len() < MOST_NAMED {
            self.twice.push(format!("“{}” again in row {}", system.id, system.row));
        } else {
            self.more += 1;
        }
    }

    fn note(&self, shown: &str) -> Option<String> {
        let more = if self.more > 0 {
            format!(" and {} more", self.more)
        } else {
            String::new()
        };
        (!self.twice.is_empty()).then(|| format!("{shown}: identifiers stand more than once: {}{more}", self.twice.join(", ")))
    }
}

/// Where the answer goes, row by row; a page for people is written at the end.
struct Answer {
    format: ListFormat,
    writer: Writer,
    ruleset: String,
    lines: Vec<Line>,
    systems: usize,
    is_file: bool,
}

impl Answer {
    fn new(format: ListFormat, output: Option<&Path>, ruleset: String) -> Result<Self> {
        let mut writer = Writer::open(output)?;
        if format == ListFormat::Csv {
            writer.write(&report::tiers::csv_headings())?;
        }
        Ok(Self {
            format,
            writer,
            ruleset,
            lines: Vec::new(),
            systems: 0,
            is_file: output.is_some(),
        })
    }

    fn add(&mut self, listed: &Listed, classification: &Classification) -> Result<()> {
        self.systems += 1;
        match self.format {
            ListFormat::Jsonl => self.writer.write(&report::tiers::json(listed, classification, &self.ruleset)),
            ListFormat::Csv => self.writer.write(&report::tiers::csv(listed, classification)),
            ListFormat::Text => {
                self.lines.push(Line::of(listed, classification));
                Ok(())
            }
        }
    }

    fn finish(mut self, shown: &str, notes: &[String]) -> Result<()> {
        if self.format == ListFormat::Text {
            let style = if self.is_file {
                report::text::Style::default()
            } else {
                terminal::style()
            };
            self.writer.write(&report::text::tiers(shown, self.lines, notes, style))?;
        }
        self.writer.finish()
    }
}
