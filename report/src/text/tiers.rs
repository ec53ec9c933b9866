//! The tiers of a list for people: how many of each, then the systems, the highest first, each with its first reason.

use inventory::{Classification, Listed, Tier};

use super::Style;
use super::page::{Ink, Page};
use crate::wording::{count, number};

/// Systems that are shown before the rest is counted.
const MOST_SHOWN: usize = 200;

/// What the page keeps of a system.
#[derive(Debug, Clone)]
pub struct Line {
    id: String,
    name: String,
    floor: Tier,
    indicated: Tier,
    ceiling: Tier,
    because: String,
    questions: usize,
}

impl Line {
    /// What the page keeps of a system.
    #[must_use]
    pub fn of(listed: &Listed, classification: &Classification) -> Self {
        Self {
            id: listed.id.clone(),
            name: listed.name.clone(),
            floor: classification.floor,
            indicated: classification.indicated,
            ceiling: classification.ceiling,
            because: classification
                .reasons
                .first()
                .map_or_else(String::new, |reason| reason.because.clone()),
            questions: classification.questions.len(),
        }
    }
}

/// The page of a list.
#[must_use]
pub fn tiers(list: &str, mut lines: Vec<Line>, notes: &[String], style: Style) -> String {
    let mut page = Page::new(style);
    page.line(&[(Ink::Strong, list), (Ink::Plain, &format!(" – {}", count(lines.len(), "system")))]);
    page.blank();
    for tier in Tier::ALL.into_iter().rev() {
        let of = |at: fn(&Line) -> Tier| lines.iter().filter(|line| at(line) == tier).count();
        let shown = |systems: usize| number(systems as u64);
        let (indicated, possible) = (shown(of(|line| line.indicated)), shown(of(|line| line.ceiling)));
        page.line(&[
            (Ink::Plain, "  "),
            (Ink::Tier(tier), &format!("{:<9}", tier.as_str())),
            (Ink::Plain, &format!("{:>8} indicated  {:>8} possible", indicated, possible)),
        ]);
    }
    page.blank();
    page.prose(
        Ink::Quiet,
        2,
        "Indicated is what the words speak for; possible is what it comes to if every open question is answered adversely.",
    );
    page.prose(Ink::Quiet, 2, inventory::classify::NOTICE);
    for note in notes {
        page.prose(Ink::Quiet, 2, &format!("Note: {note}."));
    }
    lines.sort_by_key(|line| std::cmp::Reverse((line.indicated, line.ceiling, line.floor)));
    let mut heading = None;
    for line in lines.iter().take(MOST_SHOWN) {
        if heading != Some(line.indicated) {
            heading = Some(line.indicated);
            page.heading(&format!("Indicated {}", line.indicated));
        }
        let interval = if line.floor == line.ceiling {
            line.ceiling.to_string()
        } else {
            format!("{} … {}", line.floor, line.ceiling)
        };
        let questions = if line.questions == 0 {
            String::new()
        } else {
            format!(" · {}", count(line.questions, "question"))
        };
        page.line(&[
            (Ink::Strong, &line.id),
            (Ink::Plain, "  "),
            (Ink::Plain, &line.name),
            (Ink::Quiet, "  "),
            (Ink::Tier(line.ceiling), &interval),
            (Ink::Quiet, &questions),
        ]);
        page.prose(Ink::Plain, 4, &line.because);
    }
    if let Some(left) = lines.len().checked_sub(MOST_SHOWN).filter(|left| *left > 0) {
        page.blank();
        page.prose(
            Ink::Plain,
            2,
            &format!("… and {}; --format csv or jsonl gives all of them.", count(left, "more system")),
        );
    }
    page.finish()
}
