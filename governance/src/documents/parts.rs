//! Pieces that several documents share.

use evidence::Location;
use inventory::{Component, System};

use super::{Block, Cell, table};
use crate::record::{Record, Status, Value};
use crate::risks::Risk;
pub(super) use crate::seen::count;
use crate::seen::{how, named, places, provider_name};

/// Several cells as one.
pub(super) fn lines(mut cells: Vec<Cell>) -> Cell {
    match cells.len() {
        1 => cells.remove(0),
        _ => Cell::Lines(cells),
    }
}

/// Texts as one cell, or a word for none.
pub(super) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>, none: &str) -> Cell {
    let cells: Vec<Cell> = texts.into_iter().map(|text| Cell::Text(text.into())).collect();
    if cells.is_empty() { Cell::text(none) } else { lines(cells) }
}

/// Places as one cell.
pub(super) fn at(places: &[Location], most: usize) -> Cell {
    let mut cells: Vec<Cell> = places.iter().take(most).map(|place| Cell::Code(place.to_string())).collect();
    if places.len() > most {
        cells.push(Cell::text(format!("and {} more", places.len() - most)));
    }
    if cells.is_empty() { Cell::text("no place") } else { lines(cells) }
}

/// Where a value comes from and how sure it is.
pub(super) fn source(value: &Value) -> String {
    match value.confidence {
        Some(confidence) => format!("{} ({confidence} confidence)", value.source),
        None => value.source.clone(),
    }
}

/// A table of components.
pub(super) fn components<'a>(components: impl Iterator<Item = &'a Component>, empty: &'static str) -> Block {
    let rows = components
        .map(|component| {
            let provider = component.provider.as_deref().map_or("unknown", provider_name);
            let when = component
                .introduced
                .as_ref()
                .map(|moment| {
                    let when = if moment.at_or_before { "at or before " } else { "since " };
                    format!("{when}{}", crate::seen::day(&moment.date))
                })
                .or_else(|| {
                    component
                        .first_seen
                        .as_deref()
                        .map(|time| format!("first seen {}", crate::seen::day(time)))
                })
                .unwrap_or_default();
            vec![
                Cell::Code(named(component)),
                Cell::text(provider),
                texts([how(component), when].into_iter().filter(|text| !text.is_empty()), ""),
                at(&places(component), 3),
            ]
        })
        .collect();
    table(&[("Name", 30), ("Provider", 18), ("How", 22), ("Places", 30)], rows, empty)
}

/// A table of risks, severity and likelihood apart.
pub(super) fn risks(risks: &[Risk<'_>], with_system: bool) -> Block {
    let rows = risks
        .iter()
        .map(|risk| {
            let rated = |field: &str, ask: &str| match crate::risks::rated(risk.system, field) {
                Some(held) => Cell::text(&held.value),
                None => Cell::Missing {
                    ask: ask.to_owned(),
                    who: "AI risk manager".to_owned(),
                },
            };
            let mut what = vec![
                Cell::text(&risk.sentence),
                Cell::text(format!("source: {}; sign of {}", risk.source, risk.axis.as_str())),
            ];
            if let Some(level) = risk.level {
                what.push(Cell::text(format!("finding, {}", level_word(level))));
            }
            if let Some(accepted) = &risk.accepted {
                what.push(Cell::text(format!("accepted: {accepted}")));
            }
            let mut answers: Vec<Cell> = risk.controls.iter().map(|id| Cell::text(*id)).collect();
            answers.extend(risk.elsewhere.iter().map(Cell::text));
            let mut id = vec![Cell::Code(risk.id.clone())];
            if with_system {
                id.push(Cell::text(&risk.system.name));
            }
            let treatment = match crate::risks::rated(risk.system, "treatment") {
                Some(held) => Cell::text(&held.value),
                None => risk.remedy.map_or_else(
                    || Cell::Missing {
                        ask: "What is done about it?".to_owned(),
                        who: "Risk owner".to_owned(),
                    },
                    |remedy| Cell::text(format!("proposed: {remedy}")),
                ),
            };
            vec![
                lines(id),
                lines(what),
                rated("severity", "1 to 5?"),
                rated("likelihood", "1 to 5?"),
                treatment,
                texts_of(answers),
                at(&risk.places, 2),
            ]
        })
        .collect();
    table(
        &[
            ("Risk", 12),
            ("What", 26),
            ("Severity", 9),
            ("Likelihood", 9),
            ("Treatment", 17),
            ("Controls and names elsewhere", 13),
            ("Places", 14),
        ],
        rows,
        "Nothing that was scanned points to a risk; that shows no absence of risk.",
    )
}

fn texts_of(cells: Vec<Cell>) -> Cell {
    if cells.is_empty() {
        Cell::text("none assigned")
    } else {
        lines(cells)
    }
}

/// The word for how urgent a finding is.
pub(super) fn level_word(level: inventory::Level) -> &'static str {
    match level {
        inventory::Level::Error => "must be looked at",
        inventory::Level::Warning => "should be looked at",
        inventory::Level::Note => "good to know",
    }
}

/// Vendors of a system, by the name people read.
pub(super) fn vendors(system: &System) -> Vec<String> {
    system.providers().into_iter().map(|id| provider_name(id).to_owned()).collect()
}

/// The tier of a system in a few words.
pub(super) fn tier(system: &System) -> String {
    if let Some(held) = system.standing.held("tier") {
        return format!("{} (confirmed)", held.value);
    }
    let classification = &system.classification;
    if classification.floor == classification.ceiling {
        classification.ceiling.to_string()
    } else {
        format!("{} … {}", classification.floor, classification.ceiling)
    }
}

/// The value of a field in a cell, or what is missing there.
pub(super) fn of_field(record: &Record, id: &str) -> Cell {
    let field = record.field(id);
    if field.status() == Status::Missing {
        return Cell::Missing {
            ask: field.form.ask.clone(),
            who: field.form.who.clone(),
        };
    }
    Cell::text(field.text())
}
