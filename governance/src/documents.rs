//! The documents that are begun from an inventory, as headings, paragraphs, tables and prompts; how they look is the report's.
//!
//! A prompt shows what a person wrote, or that it is missing. Nothing is ever filled in for a person.

mod organisation;
mod overview;
mod parts;
mod review;
mod suppliers;
mod system;
#[cfg(test)]
mod tests;

use inventory::register::Held;
use inventory::{System, Tier};
use rules::governance::{DocumentForm, Level, Prompt, governance};

use crate::record::{Field, Status, by};
use crate::seen::day;
use crate::{NOTICE, View};

/// Rows of a table that a document shows; the workbook has all.
pub(crate) const MOST_ROWS: usize = 500;

/// Values of a field that a table of fields shows.
const MOST_VALUES: usize = 8;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub form: &'static DocumentForm,
    /// The name of the system it is about; absent for the organisation's.
    pub system: Option<String>,
    /// What stands at its head: label and value.
    pub head: Vec<(&'static str, String)>,
    /// The standing sentences.
    pub notice: String,
    /// Its parts.
    pub blocks: Vec<Block>,
}

impl Document {
    /// Its id and title, as the heading.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.form.id, self.form.title)
    }

    /// How many places a person still has to fill.
    #[must_use]
    pub fn missing(&self) -> usize {
        let in_cells = |cells: &[Cell]| cells.iter().map(missing_in).sum::<usize>();
        self.blocks
            .iter()
            .map(|block| match block {
                Block::Prompt(part) => usize::from(part.text.is_none()),
                Block::Table(table) => table.rows.iter().map(|row| in_cells(row)).sum(),
                Block::Heading(_) | Block::Paragraph(_) | Block::Warning(_) | Block::List(_) => 0,
            })
            .sum()
    }
}

fn missing_in(cell: &Cell) -> usize {
    match cell {
        Cell::Missing { .. } => 1,
        Cell::Lines(cells) => cells.iter().map(missing_in).sum(),
        Cell::Text(_) | Cell::Code(_) | Cell::Status(_) => 0,
    }
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A paragraph that must not be overlooked.
    Warning(String),
    /// A list.
    List(Vec<String>),
    /// A table.
    Table(Table),
    /// What only a person can write.
    Prompt(Part),
}

/// A table; one without rows says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns, each with its share of the width.
    pub columns: Vec<(&'static str, u16)>,
    /// Its rows, each as long as the columns.
    pub rows: Vec<Vec<Cell>>,
    /// What is said where there are no rows.
    pub empty: &'static str,
    /// Rows that are left out here.
    pub left_out: usize,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A name or a place as written somewhere.
    Code(String),
    /// The status of a value.
    Status(Status),
    /// Nothing, and what to ask whom.
    Missing {
        /// The question.
        ask: String,
        /// Who can answer.
        who: String,
    },
    /// Several, one below the other.
    Lines(Vec<Cell>),
}

impl Cell {
    /// Text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What is missing, as it is marked everywhere.
    #[must_use]
    pub fn marker(ask: &str, who: &str) -> String {
        format!("[MISSING: {ask} — {who}]")
    }
}

/// A part that only a person can write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The heading.
    pub heading: String,
    /// What is asked.
    pub ask: String,
    /// Who can answer.
    pub who: String,
    /// What a person wrote; absent if nobody did.
    pub text: Option<String>,
    /// Who wrote it and when.
    pub by: Option<String>,
    /// Why it has to be looked at again.
    pub reopened: Vec<String>,
    /// How it is recorded, for the register's command line.
    pub subject: String,
}

/// The tier by which the documents of a system are chosen: what a person confirmed, else the ceiling.
#[must_use]
pub fn tier(system: &System) -> Tier {
    system.confirmed_tier().unwrap_or(system.classification.ceiling)
}

/// The documents that a system has, by its tier.
#[must_use]
pub fn needed(system: &System) -> Vec<&'static DocumentForm> {
    let tier = tier(system);
    // What is indicated as a practice to be stopped is reviewed before anything else is written.
    let stopped = system.confirmed_tier().unwrap_or(system.classification.indicated) == Tier::Stop;
    governance()
        .documents
        .iter()
        .filter(|form| form.level == Level::System)
        .filter(|form| {
            if stopped {
                return matches!(form.id.as_str(), "SYS-01" | "SYS-16");
            }
            reaches(tier, &form.from) && (!form.third_party || has_third_party(system))
        })
        .collect()
}

/// Whether a tier is at least the one that a document or prompt is asked from.
fn reaches(tier: Tier, from: &str) -> bool {
    from.is_empty() || Tier::ALL.into_iter().any(|least| least.as_str() == from && tier >= least)
}

fn has_third_party(system: &System) -> bool {
    system
        .components
        .iter()
        .any(|component| component.kind == evidence::ComponentKind::Provider)
}

/// The documents of a system.
#[must_use]
pub fn of_system(view: &View<'_>, system: &System) -> Vec<Document> {
    system::documents(view, system)
}

/// The documents of the organisation.
#[must_use]
pub fn of_organisation(view: &View<'_>) -> Vec<Document> {
    organisation::documents(view)
}

/// A document with its head, without parts.
fn begin(view: &View<'_>, form: &'static DocumentForm, system: Option<&System>) -> Document {
    let inventory = view.inventory;
    let mut head = vec![("Purpose", form.purpose.clone())];
    if let Some(system) = system {
        head.push(("System", system.name.clone()));
        head.push(("Id", system.id.clone()));
        head.push(("Where", crate::seen::at(&system.source, &system.folder)));
    }
    if !form.controls.is_empty() {
        head.push(("Controls of Annex A", form.controls.join(", ")));
    }
    if !form.clauses.is_empty() {
        head.push(("Clauses", form.clauses.join(", ")));
    }
    head.push(("State of", day(&inventory.scanned_at).to_owned()));
    head.push(("Made by", format!("{}, rules {}", inventory.generator, inventory.ruleset)));
    head.push(("Status", "draft".to_owned()));
    Document {
        form,
        system: system.map(|system| system.name.clone()),
        head,
        notice: format!("{} {NOTICE}", inventory.notice),
        blocks: Vec::new(),
    }
}

/// The prompts of a document, with what people wrote.
fn prompts<'a>(form: &'static DocumentForm, held: impl Fn(&str) -> Option<&'a Held>, tier: Tier) -> Vec<Block> {
    form.prompts
        .iter()
        .filter(|prompt| reaches(tier, &prompt.from))
        .map(|prompt| Block::Prompt(part(form, prompt, &held)))
        .collect()
}

fn part<'a>(form: &DocumentForm, prompt: &Prompt, held: impl Fn(&str) -> Option<&'a Held>) -> Part {
    let subject = format!("text/{}/{}", form.id, prompt.id);
    let held = held(&subject);
    Part {
        heading: prompt.heading.clone(),
        ask: prompt.ask.clone(),
        who: prompt.who.clone(),
        text: held.map(|held| held.value.clone()),
        by: held.map(by),
        reopened: held.map(|held| held.reopened.clone()).unwrap_or_default(),
        subject,
    }
}

/// A table of at most [`MOST_ROWS`] rows.
fn table(columns: &[(&'static str, u16)], mut rows: Vec<Vec<Cell>>, empty: &'static str) -> Block {
    let left_out = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    Block::Table(Table {
        columns: columns.to_vec(),
        rows,
        empty,
        left_out,
    })
}

/// The rows of a table of fields.
fn field_rows(fields: &[&Field]) -> Vec<Vec<Cell>> {
    fields
        .iter()
        .map(|field| {
            let form = field.form;
            if field.values.is_empty() {
                let nothing = match form.filled {
                    rules::governance::Filled::People => Cell::text("only people know"),
                    _ => Cell::text("not found in what was scanned"),
                };
                return vec![
                    Cell::text(&form.label),
                    Cell::Missing {
                        ask: form.ask.clone(),
                        who: form.who.clone(),
                    },
                    Cell::Status(Status::Missing),
                    nothing,
                ];
            }
            let shown = &field.values[..field.values.len().min(MOST_VALUES)];
            let mut values: Vec<Cell> = shown.iter().map(|value| Cell::text(&value.text)).collect();
            let more = field.values.len() - shown.len();
            if more > 0 {
                values.push(Cell::text(format!("and {more} more; the resource sheet and the workbook have all")));
            }
            // What several values have from one kind of source is told once, with a place of each.
            let mut by_source: Vec<(String, Vec<Cell>)> = Vec::new();
            for value in shown {
                let source = parts::source(value);
                let places = value.places.iter().take(1).map(|place| Cell::Code(place.to_string()));
                match by_source.iter_mut().find(|(known, _)| *known == source) {
                    Some((_, known)) => known.extend(places),
                    None => by_source.push((source, places.collect())),
                }
            }
            let mut sources: Vec<Cell> = Vec::new();
            for (source, mut places) in by_source {
                places.dedup();
                sources.push(Cell::text(source));
                sources.extend(places);
            }
            for value in field.beside.iter().take(3) {
                sources.push(Cell::text(format!("besides found: {} – {}", value.text, parts::source(value))));
            }
            for why in &field.reopened {
                values.push(Cell::text(format!("To be decided again: {why}")));
            }
            vec![
                Cell::text(&form.label),
                parts::lines(values),
                Cell::Status(field.status()),
                parts::lines(sources),
            ]
        })
        .collect()
}

/// The table of fields that a document shows.
fn fields(record: &crate::Record<'_>, form: &DocumentForm) -> Block {
    let fields: Vec<&Field> = form.fields.iter().map(|id| record.field(id)).collect();
    table(
        &[("Field", 16), ("Value", 42), ("Status", 10), ("Source and evidence", 32)],
        field_rows(&fields),
        "This document shows no fields.",
    )
}
