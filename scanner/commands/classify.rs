//! `aimscan classify`: the tiers of the systems that a list describes.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};
use inventory::classify::Judge;
use inventory::{Classification, Listed};
use rayon::prelude::*;
use report::text::Line;
use tables::{Book, Row};

use super::{Outcome, lists};
use crate::cli::{Classify, Global, ListFormat};
use crate::terminal::{self, Writer};

/// Rows that are judged together, on all processors.
const BATCH: usize = 8_000;

/// Systems whose row is named when an identifier stands twice.
const MOST_NAMED: usize = 5;

/// Runs the command.
pub(super) fn run(options: &Classify, global: &Global) -> Result<Outcome> {
    let shown = options.file.display().to_string();
    let mapping = options.map.as_deref().map(lists::mapping).transpose()?.unwrap_or_default();
    let mut book = Book::open(&shown, lists::read(&options.file)?)?;
    let mut notes: Vec<String> = book.notes().to_vec();
    let (sheet, columns) = lists::columns(&mut book, &shown, options.sheet.as_deref(), &mapping)?;
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
            let Row { number, cells, .. } = row?;
            let system = columns
                .system(&shown, number, &cells)
                .map_err(|error| lists::placed(&shown, error, number, &columns))?;
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
                let mut judge = Judge::new(ruleset);
                part.iter().map(move |listed| judge.listed(listed, None)).collect::<Vec<_>>()
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
