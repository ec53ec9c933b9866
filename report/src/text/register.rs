//! The register for people: a line a system, what is decided of one, and the history of decisions.

use std::collections::BTreeSet;

use inventory::register::{Decision, Held, Register, Standing};
use inventory::{Inventory, System};

use super::Style;
use super::page::{Ink, Page};
use super::summary::badge;
use crate::overview::{name_of, ranked};
use crate::wording::{day, visible};

/// What `aimscan register list` prints.
#[must_use]
pub fn register(inventory: &Inventory, register: &Register, style: Style) -> String {
    let mut page = Page::new(style);
    for system in ranked(&inventory.systems) {
        line(&mut page, system);
    }
    if inventory.systems.is_empty() {
        page.line(&[(Ink::Plain, "No AI systems.")]);
    }
    if !inventory.dismissed.is_empty() {
        page.heading("No AI systems, as people decided");
        for dismissed in &inventory.dismissed {
            page.field(&visible(&dismissed.name), &decided(&dismissed.decision));
        }
    }
    let gone: Vec<&Decision> = gone(inventory, register);
    if !gone.is_empty() {
        page.heading("Decided, and not in the inventory any more");
        for decision in gone {
            page.field(
                &visible(&decision.name),
                &format!("{}, last decided {}", decision.system, day(&decision.at)),
            );
        }
    }
    page.finish()
}

fn line(page: &mut Page, system: &System) {
    let mut title: Vec<(Ink, String)> = badge(&system.classification);
    title.push((Ink::Plain, "  ".to_owned()));
    title.push((Ink::Strong, visible(name_of(system)).into_owned()));
    title.push((Ink::Quiet, format!("  {}", system.id)));
    let title: Vec<(Ink, &str)> = title.iter().map(|(ink, text)| (*ink, text.as_str())).collect();
    page.line(&title);
    let value = |subject: &str| system.standing.held(subject).map_or("", |held| held.value.as_str());
    let or = |subject: &str, missing: &str| match value(subject) {
        "" => missing.to_owned(),
        value => visible(value).into_owned(),
    };
    page.field("owner", &or("field/owner", "not decided"));
    page.field("approval", &or("field/approval", "not decided"));
    page.field("tier", value("tier"));
    for (subject, held) in open_again(&system.standing) {
        page.field("look again", &format!("{subject}: {}", visible(&held.reopened.join("; "))));
    }
}

fn open_again(standing: &Standing) -> impl Iterator<Item = (&String, &Held)> {
    standing.decisions.iter().filter(|(_, held)| !held.stands())
}

/// The last decision on each system that the inventory does not hold any more.
fn gone<'r>(inventory: &Inventory, register: &'r Register) -> Vec<&'r Decision> {
    let systems = inventory.systems.iter().map(|system| system.id.as_str());
    let here: BTreeSet<&str> = systems
        .chain(inventory.dismissed.iter().map(|dismissed| dismissed.id.as_str()))
        .collect();
    let is_there = |id: &str| here.contains(id) || register.value_at(id, "grouping", i64::MAX).starts_with("part of ");
    register.last_by_system().filter(|last| !is_there(&last.system)).collect()
}

/// What `aimscan register show` prints of one system, or of the organisation.
#[must_use]
pub fn decisions(inventory: &Inventory, register: &Register, id: &str, name: &str, style: Style) -> String {
    let mut page = Page::new(style);
    let system = inventory.systems.iter().find(|system| system.id == id);
    page.line(&[
        (Ink::Strong, &visible(system.map_or(name, name_of))),
        (Ink::Quiet, &format!("  {id}")),
    ]);
    let dismissed = inventory.dismissed.iter().find(|dismissed| dismissed.id == id);
    if let Some(dismissed) = dismissed {
        page.field("no system", &decided(&dismissed.decision));
    }
    let standing = if id.is_empty() {
        Some(&inventory.organisation)
    } else {
        system.map(|system| &system.standing)
    };
    for (subject, held) in standing.into_iter().flat_map(|standing| &standing.decisions) {
        page.field(subject.strip_prefix("field/").unwrap_or(subject), &decided(held));
        if !held.stands() {
            page.field("", &format!("look again: {}", visible(&held.reopened.join("; "))));
        }
    }
    let questions = system.map_or(&[][..], |system| &system.classification.questions);
    if !questions.is_empty() {
        page.heading("Open questions");
        for question in questions {
            page.prose(Ink::Plain, 0, &format!("question/{}: {}", question.rule, question.question));
        }
    }
    page.heading("History");
    let of_this: Vec<&Decision> = register.of_system(id).collect();
    if of_this.is_empty() {
        page.line(&[(Ink::Plain, "Nothing was decided yet.")]);
    }
    for decision in of_this {
        entry(&mut page, decision, false);
    }
    page.finish()
}

/// What `aimscan register history` prints.
#[must_use]
pub fn decision_history<'d>(decisions: impl Iterator<Item = &'d Decision>, style: Style) -> String {
    let mut page = Page::new(style);
    let mut is_empty = true;
    for decision in decisions {
        is_empty = false;
        entry(&mut page, decision, true);
    }
    if is_empty {
        page.line(&[(Ink::Plain, "Nothing was decided yet.")]);
    }
    page.finish()
}

fn entry(page: &mut Page, decision: &Decision, names: bool) {
    let value = if decision.value.is_empty() {
        "withdrawn".to_owned()
    } else {
        format!("= {}", visible(&decision.value))
    };
    let of = if names {
        format!("{}: ", visible(&decision.name))
    } else {
        String::new()
    };
    let until = decision
        .until
        .as_deref()
        .map_or_else(String::new, |until| format!(", until {until}"));
    let why = if decision.reason.is_empty() {
        String::new()
    } else {
        format!(": {}", visible(&decision.reason))
    };
    let text = format!("{of}{} {value} ({}{until}){why}", decision.subject, visible(&decision.by));
    page.prose(Ink::Plain, 0, &format!("{:>4}  {}  {text}", decision.number, day(&decision.at)));
}

fn decided(held: &Held) -> String {
    let until = held.until.as_deref().map_or_else(String::new, |until| format!(" until {until}"));
    let why = if held.reason.is_empty() {
        String::new()
    } else {
        format!(": {}", visible(&held.reason))
    };
    format!("{}{until} ({}, {}){why}", visible(&held.value), visible(&held.by), day(&held.at))
}
