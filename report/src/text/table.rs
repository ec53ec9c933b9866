//! The table of systems: a line each, columns as wide as the terminal allows.

use evidence::ComponentKind;
use inventory::Inventory;

use super::Style;
use super::page::{Ink, Page};
use super::summary::{badge, interval_of};
use super::width::{cut, cut_front, width};
use crate::overview::{name_of, names, ranked};
use crate::wording::{list, visible};

/// A column: its heading, the width it may shrink to, and how early it is left out where there is no room (0: never).
struct Column {
    title: &'static str,
    least: usize,
    leaves: u8,
}

/// The least width of a column that does not shrink.
const WHOLE: usize = usize::MAX;
const COLUMNS: [Column; 7] = [
    Column {
        title: "TIER",
        least: WHOLE,
        leaves: 0,
    },
    Column {
        title: "SYSTEM",
        least: 18,
        leaves: 0,
    },
    Column {
        title: "FOLDER",
        least: 12,
        leaves: 4,
    },
    Column {
        title: "PROVIDERS",
        least: 12,
        leaves: 3,
    },
    Column {
        title: "MODELS",
        least: WHOLE,
        leaves: 1,
    },
    Column {
        title: "OPEN",
        least: WHOLE,
        leaves: 2,
    },
    Column {
        title: "ID",
        least: WHOLE,
        leaves: 0,
    },
];
const TIER: usize = 0;
const SYSTEM: usize = 1;
const FOLDER: usize = 2;
const GAP: usize = 2;

/// What `aimscan systems` prints.
#[must_use]
pub fn table(inventory: &Inventory, style: Style) -> String {
    let mut page = Page::new(style);
    let systems = ranked(&inventory.systems);
    if systems.is_empty() {
        page.line(&[(Ink::Plain, "No AI systems.")]);
        return page.finish();
    }
    let rows: Vec<[String; 7]> = systems
        .iter()
        .map(|system| {
            [
                interval_of(system),
                visible(name_of(system)).into_owned(),
                visible(if system.folder.is_empty() { "." } else { &system.folder }).into_owned(),
                list(&system.providers(), 4),
                names(system, ComponentKind::Model).len().to_string(),
                system.classification.questions.len().to_string(),
                system.id.clone(),
            ]
        })
        .collect();
    let widths = fit(&rows, page.columns());
    let shown: Vec<usize> = (0..COLUMNS.len()).filter(|column| widths[*column] > 0).collect();
    let titles: Vec<String> = shown.iter().map(|column| pad(COLUMNS[*column].title, widths[*column])).collect();
    page.line(&[(Ink::Quiet, titles.join("  ").trim_end())]);
    for (system, row) in systems.iter().zip(&rows) {
        let mut parts: Vec<(Ink, String)> = badge(&system.classification);
        parts.push((Ink::Plain, " ".repeat(widths[TIER].saturating_sub(width(&row[TIER])))));
        for &column in &shown[1..] {
            let text = if column == FOLDER {
                cut_front(&row[column], widths[column])
            } else {
                cut(&row[column], widths[column])
            };
            parts.push((Ink::Plain, " ".repeat(GAP)));
            parts.push((if column == SYSTEM { Ink::Strong } else { Ink::Plain }, pad(&text, widths[column])));
        }
        let parts: Vec<(Ink, &str)> = parts.iter().map(|(ink, text)| (*ink, text.as_str())).collect();
        page.line(&parts);
    }
    page.finish()
}

fn pad(text: &str, columns: usize) -> String {
    format!("{text}{:1$}", "", columns.saturating_sub(width(text)))
}

/// Widths that fit the terminal: shrinks the widest column first, and leaves columns out when none may shrink further.
fn fit(rows: &[[String; 7]], room: usize) -> [usize; 7] {
    let mut widths: [usize; 7] = std::array::from_fn(|column| {
        rows.iter()
            .map(|row| width(&row[column]))
            .chain([width(COLUMNS[column].title)])
            .max()
            .unwrap_or(0)
    });
    loop {
        let shown = widths.iter().filter(|width| **width > 0).count();
        let total: usize = widths.iter().sum::<usize>() + GAP * (shown - 1);
        if total <= room {
            return widths;
        }
        let over = total - room;
        let widest = (0..7)
            .filter(|column| widths[*column] > COLUMNS[*column].least)
            .max_by_key(|column| widths[*column]);
        let first_to_leave = (0..7)
            .filter(|column| COLUMNS[*column].leaves > 0 && widths[*column] > 0)
            .min_by_key(|column| COLUMNS[*column].leaves);
        match (widest, first_to_leave) {
            // In small steps, so that columns of like width shrink alike.
            (Some(column), _) => widths[column] -= over.min(widths[column] - COLUMNS[column].least).min(4),
            (None, Some(column)) => widths[column] = 0,
            (None, None) => {
                widths[SYSTEM] = widths[SYSTEM].saturating_sub(over).max(1);
                return widths;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_system_has_a_line_with_its_id() {
        let inventory = sample::inventory();
        let text = table(&inventory, Style { colour: false, width: 140 });
        assert_eq!(text.lines().count(), inventory.systems.len() + 1);
        for system in &inventory.systems {
            let line = text.lines().find(|line| line.contains(&system.id)).expect("a line");
            assert!(line.contains(&system.name) && line.contains(system.classification.ceiling.as_str()));
        }
        assert!(text.contains("anthropic, openai") && text.contains("MODELS"));
        assert!(table(&inventory, Style::default()).contains("classroom-insight"));
    }

    #[test]
    fn narrow_terminals_lose_columns_and_never_the_id() {
        for inventory in [sample::inventory(), sample::hostile()] {
            for columns in [40, 50, 60, 80, 120] {
                let text = table(
                    &inventory,
                    Style {
                        colour: false,
                        width: columns,
                    },
                );
                assert!(text.lines().all(|line| width(line) <= columns), "{columns}\n{text}");
                assert!(columns < 50 || inventory.systems.iter().all(|system| text.contains(&system.id)));
            }
        }
    }

    #[test]
    fn no_systems_is_said_in_words() {
        assert_eq!(table(&sample::empty(), Style::default()), "No AI systems.\n");
    }
}
