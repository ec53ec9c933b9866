//! One system in full: its tier with reasons, the open questions and who can answer them, and every component with the
//! places that prove it.

use std::borrow::Cow;

use evidence::{ComponentKind, Evidence, Voice};
use inventory::{Component, EuStatus, Finding, Inventory, System};

use super::Style;
use super::page::{Ink, Page};
use super::summary::badge;
use crate::overview::{kinds, level, name_of, strongest_first};
use crate::wording::{self, count, day, decisions, history, list, people, plural, standing};

/// Places shown of one component; the machine formats have all that are kept.
const PLACES: usize = 8;
/// Characters shown of a text that a system says about itself.
const LONGEST_TEXT: usize = 240;

/// What `aimscan show` prints of one of the inventory's systems.
#[must_use]
pub fn show(inventory: &Inventory, system: &System, style: Style) -> String {
    let mut page = Page::new(style);
    header(&mut page, system);
    said(&mut page, system);
    tier(&mut page, system);
    questions(&mut page, system);
    findings(
        &mut page,
        inventory.findings.iter().filter(|finding| finding.system == system.id).collect(),
    );
    for (kind, number) in kinds(system) {
        let label = plural(number, kind.label());
        page.heading(&format!("{}{}", label[..1].to_uppercase(), &label[1..]));
        components(&mut page, system, kind);
    }
    let offers = system.offers();
    if !offers.is_empty() {
        page.heading("Models offered to choose from");
        for (path, names) in offers {
            let names: Vec<&str> = names.into_iter().collect();
            page.line(&[
                (Ink::Strong, &count(names.len(), "model")),
                (Ink::Plain, "  in "),
                (Ink::Plain, path),
            ]);
            page.field("", &names.join(", "));
        }
    }
    page.blank();
    page.prose(Ink::Quiet, 0, &inventory.notice);
    page.finish()
}

fn header(page: &mut Page, system: &System) {
    let badge = badge(&system.classification);
    let mut title: Vec<(Ink, &str)> = vec![(Ink::Strong, name_of(system)), (Ink::Plain, "  ")];
    title.extend(badge.iter().map(|(ink, text)| (*ink, text.as_str())));
    page.line(&title);
    if let Some(description) = &system.description {
        page.prose(Ink::Plain, 0, description);
    }
    page.field("id", &system.id);
    page.field("source", &system.source);
    page.field("folder", if system.folder.is_empty() { "(root)" } else { &system.folder });
    page.field("boundary", &system.boundary);
    page.field("first seen", system.first_seen.as_deref().map_or("", day));
    page.field("last seen", system.last_seen.as_deref().map_or("", day));
    for (label, decided) in decisions(system) {
        page.field(label, &decided);
    }
    for (index, owner) in system.owners.iter().enumerate() {
        let label = if index == 0 { "owner?" } else { "" };
        page.field(label, &format!("{} ({})", owner.name, standing(owner)));
    }
    page.field("people", &people(&system.people).unwrap_or_default());
}

/// What the system says about itself, each text with its place.
fn said(page: &mut Page, system: &System) {
    if system.said.is_empty() {
        return;
    }
    page.heading("What it says of itself");
    for said in system.said.iter().take(PLACES) {
        let label = if said.voice == Voice::Introduction {
            "intro"
        } else {
            said.voice.as_str()
        };
        page.field(label, &shortened(&said.text));
        page.places("", &[(said.location.to_string(), String::new())]);
    }
    more(page, system.said.len().saturating_sub(PLACES));
}

/// The beginning of a long text.
fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => Cow::Owned(format!("{}…", text[..end].trim_end())),
        None => Cow::Borrowed(text),
    }
}

fn tier(page: &mut Page, system: &System) {
    let classification = &system.classification;
    page.heading("Tier");
    page.field("shown", &format!("at least {}", classification.floor));
    page.field("indicated", classification.indicated.as_str());
    let open = if classification.questions.is_empty() {
        ""
    } else {
        ", if every open question were answered adversely"
    };
    page.field("at most", &format!("{}{open}", classification.ceiling));
    if let Some(profile) = &classification.profile {
        page.field(
            "severity",
            &format!("{} of 5, likelihood {} of 5", profile.severity, profile.likelihood),
        );
    }
    for (index, point) in classification.eu.points.iter().enumerate() {
        let label = if index == 0 { "AI Act" } else { "" };
        page.field(label, &format!("{point}: {}", point.status));
    }
    if classification.eu.status == EuStatus::NotIndicated {
        page.field("AI Act", "not indicated by what it says of itself");
    }
    if classification.reasons.is_empty() {
        page.field("because", "no rule fired: the evidence does not tell");
    }
    for reason in &classification.reasons {
        page.blank();
        page.field("because", &reason.because);
        page.field("effect", &format!("{} ({})", reason.effect, reason.rule));
        page.field("see", &reason.references.join("; "));
        let places: Vec<_> = reason
            .evidence
            .iter()
            .take(PLACES)
            .map(|place| (place.to_string(), String::new()))
            .collect();
        page.places("evidence", &places);
        more(page, reason.evidence.len().saturating_sub(PLACES));
    }
}

fn questions(page: &mut Page, system: &System) {
    let questions = &system.classification.questions;
    if questions.is_empty() {
        return;
    }
    page.heading("Open questions");
    for (index, question) in questions.iter().enumerate() {
        if index > 0 {
            page.blank();
        }
        page.field("question", &question.question);
        page.field("who", &question.who);
        page.field("if yes", &question.if_yes);
    }
}

fn findings(page: &mut Page, mut findings: Vec<&Finding>) {
    if findings.is_empty() {
        return;
    }
    findings.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.cmp(b)));
    page.heading("Findings");
    for finding in findings {
        page.field(level(finding.level), &finding.message);
        page.field("remedy", &finding.remedy);
        if let Some(accepted) = &finding.accepted {
            page.field("accepted", &wording::accepted(accepted));
        }
        let places: Vec<_> = finding
            .evidence
            .iter()
            .take(PLACES)
            .map(|evidence| (evidence.location.to_string(), String::new()))
            .collect();
        page.places("evidence", &places);
        more(page, finding.evidence.len().saturating_sub(PLACES));
    }
}

fn components(page: &mut Page, system: &System, kind: ComponentKind) {
    for component in system.in_use(kind) {
        let facts = facts(component);
        page.line(&[(Ink::Strong, &component.name), (Ink::Plain, "  "), (Ink::Quiet, &facts)]);
        for (name, value) in &component.facts {
            page.field(name, value);
        }
        page.field("history", &history(component).unwrap_or_default());
        let mut evidence: Vec<&Evidence> = component.evidence.iter().collect();
        strongest_first(&mut evidence);
        for evidence in evidence.iter().take(PLACES) {
            let vendored = if evidence.vendored { ", vendored" } else { "" };
            let remark = format!(
                "{}, {} confidence, {}{vendored} · {}",
                evidence.stage, evidence.confidence, evidence.usage, evidence.signature
            );
            page.places("", &[(evidence.location.to_string(), remark)]);
            if let Some(excerpt) = &evidence.excerpt {
                page.line(&[(Ink::Plain, "                "), (Ink::Quiet, excerpt.as_str())]);
            }
        }
        more(
            page,
            component
                .places
                .max(component.evidence.len())
                .saturating_sub(PLACES.min(component.evidence.len())),
        );
    }
}

/// Provider, versions, relation, stage and confidence in one line.
fn facts(component: &Component) -> String {
    let mut facts = Vec::new();
    if component.kind != ComponentKind::Provider {
        facts.extend(component.provider.clone());
    }
    facts.extend((!component.versions.is_empty()).then(|| list(&component.versions.iter().map(String::as_str).collect::<Vec<_>>(), 3)));
    facts.extend(component.relation.map(|relation| relation.as_str().to_owned()));
    facts.push(component.stage.to_string());
    facts.push(format!("{} confidence", component.confidence));
    facts.push(component.usage.to_string());
    facts.join(" · ")
}

fn more(page: &mut Page, left: usize) {
    if left > 0 {
        page.field("", &format!("… and {}", count(left, "more place")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use crate::text::width::width;

    #[test]
    fn a_system_is_shown_with_reasons_questions_and_excerpts() {
        let inventory = sample::inventory();
        let system = inventory
            .systems
            .iter()
            .find(|system| system.name == "support-bot")
            .expect("in the sample");
        let text = show(&inventory, system, Style { colour: false, width: 120 });
        for expected in [
            "limited … high",
            "floor limited (g5-generative-runtime)",
            "EU AI Act, Article 50(1)",
            "product owner",
            "client.chat.completions.create(model=MODEL",
            "… and 15 more places",
            "A credential of OpenAI stands in the code.",
            "Agent framework",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
        assert!(!text.contains("sk-proj-4f9a8b7c6d5e4f3a2b1c"));
    }

    #[test]
    fn hostile_text_neither_steers_nor_overflows() {
        let inventory = sample::hostile();
        for system in &inventory.systems {
            for columns in [40, 80] {
                let text = show(
                    &inventory,
                    system,
                    Style {
                        colour: false,
                        width: columns,
                    },
                );
                assert!(!text.contains(|c: char| c != '\n' && wording::steers(c)));
                assert!(text.lines().all(|line| width(line) <= columns), "{text}");
            }
        }
    }

    #[test]
    fn a_system_without_reasons_says_so() {
        let inventory = sample::inventory();
        let mut system = inventory.systems[0].clone();
        system.classification.reasons.clear();
        assert!(show(&inventory, &system, Style::default()).contains("the evidence does not tell"));
    }
}
