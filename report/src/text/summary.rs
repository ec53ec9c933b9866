//! The summary of a scan: what was found, what needs attention, what changed, what was not looked at, what to do next.

use std::collections::BTreeSet;

use evidence::{ComponentKind, Evidence};
use inventory::{Classification, Finding, Inventory, Source, System, Tier};

use super::page::{Ink, Page};
use super::width::width;
use super::{Run, Style};
use crate::overview::{
    GapGroup, Totals, best_places, by_tier, gap_groups, is_new, kinds, level, main_reason, name_of, names, ranked, urgent_first,
};
use crate::wording::{count, day, interval, list, number};

/// Systems shown in full; the others are counted.
const SYSTEMS: usize = 20;
/// Findings of one rule that are told one by one with all there is to say, and how many are told in a sentence each.
const FEW: usize = 3;
const SENTENCES: usize = 8;
/// Rules with findings, changes, and things of one gap that are shown.
const FINDINGS: usize = 20;
const CHANGES: usize = 20;
const EXAMPLES: usize = 3;
/// Places shown of one system or finding.
const PLACES: usize = 3;

/// What `aimscan scan` prints.
#[must_use]
pub fn summary(inventory: &Inventory, run: Run<'_>, style: Style) -> String {
    let mut page = Page::new(style);
    header(&mut page, inventory, run);
    if !inventory.systems.is_empty() {
        systems(&mut page, inventory, run);
    }
    findings(&mut page, inventory);
    changes(&mut page, run);
    gaps(&mut page, inventory);
    footer(&mut page, inventory);
    page.finish()
}

fn header(page: &mut Page, inventory: &Inventory, run: Run<'_>) {
    let totals = Totals::of(inventory);
    page.line(&[
        (Ink::Strong, "AI inventory"),
        (Ink::Plain, "  "),
        (Ink::Plain, &sources(&inventory.sources)),
    ]);
    page.prose(Ink::Quiet, 0, &looked_at(inventory, run));
    if inventory.systems.is_empty() {
        page.blank();
        page.prose(Ink::Strong, 0, &nothing_found(inventory));
        return;
    }
    let mut parts = vec![
        count(totals.systems, "AI system"),
        count(totals.providers, "provider"),
        if totals.offered > 0 {
            format!("{} ({} more offered)", count(totals.models, "model"), totals.offered)
        } else {
            count(totals.models, "model")
        },
        count(totals.findings, "finding"),
        count(totals.questions, "open question"),
    ];
    if totals.gaps > 0 {
        parts.push(count(totals.gaps, "gap"));
    }
    page.prose(Ink::Plain, 0, &parts.join(" · "));
}

fn sources(sources: &[Source]) -> String {
    let names: Vec<&str> = sources.iter().map(|source| source.location.as_str()).collect();
    list(&names, 2)
}

/// `12,480 files in 1.3 s (3,120 read, 2,004 unchanged) · 14 records from mlflow`.
fn looked_at(inventory: &Inventory, run: Run<'_>) -> String {
    let coverage = &inventory.coverage;
    let mut text = count(usize::try_from(coverage.files_seen).unwrap_or(usize::MAX), "file");
    if let Some(elapsed) = run.elapsed {
        let seconds = elapsed.as_secs_f64();
        text.push_str(&if seconds < 0.1 {
            " in under 0.1 s".to_owned()
        } else {
            format!(" in {seconds:.1} s")
        });
    }
    let unchanged = if coverage.files_unchanged > 0 {
        format!(", {} unchanged", number(coverage.files_unchanged))
    } else {
        String::new()
    };
    text.push_str(&format!(" ({} read{unchanged})", number(coverage.files_read)));
    for (connector, records) in &coverage.records {
        text.push_str(&format!(
            " · {} from {connector}",
            count(usize::try_from(*records).unwrap_or(usize::MAX), "record")
        ));
    }
    text
}

/// The result of a scan without systems, which says no more than was looked at.
fn nothing_found(inventory: &Inventory) -> String {
    let coverage = &inventory.coverage;
    let records: u64 = coverage.records.values().sum();
    let files = count(usize::try_from(coverage.files_seen).unwrap_or(usize::MAX), "file");
    let but = if coverage.gaps.is_empty() {
        ""
    } else {
        " Not everything was looked at; see below."
    };
    match (coverage.files_seen, records) {
        (0, 0) => format!("Nothing was looked at: there was no file to read.{but}"),
        (_, 0) => format!("No AI found in {files}.{but}"),
        _ => format!(
            "No AI found in {files} and {}.{but}",
            count(usize::try_from(records).unwrap_or(usize::MAX), "record")
        ),
    }
}

fn systems(page: &mut Page, inventory: &Inventory, run: Run<'_>) {
    page.heading("AI systems");
    let ranked = ranked(&inventory.systems);
    let new = new_systems(&ranked, inventory, run);
    for (index, system) in ranked.iter().take(SYSTEMS).enumerate() {
        if index > 0 {
            page.blank();
        }
        block(page, system, new.contains(system.id.as_str()));
    }
    if ranked.len() > SYSTEMS {
        let left = &ranked[SYSTEMS..];
        let counts = by_tier(left.iter().copied(), |classification| classification.ceiling);
        let tiers: Vec<String> = Tier::ALL
            .iter()
            .zip(counts)
            .rev()
            .filter(|(_, count)| *count > 0)
            .map(|(tier, count)| format!("{} up to {tier}", number(count as u64)))
            .collect();
        page.blank();
        page.prose(
            Ink::Plain,
            2,
            &format!(
                "… and {}: {}. All of them: aimscan systems",
                count(left.len(), "more system"),
                tiers.join(", ")
            ),
        );
    }
}

/// The systems to mark as new. On a first scan everything is, and saying so of each says nothing.
fn new_systems<'a>(systems: &[&'a System], inventory: &Inventory, run: Run<'a>) -> BTreeSet<&'a str> {
    if let Some(changes) = run.changes {
        return changes.new.iter().map(|system| system.system.as_str()).collect();
    }
    let new: BTreeSet<&str> = systems
        .iter()
        .filter(|system| is_new(system, inventory))
        .map(|system| system.id.as_str())
        .collect();
    if new.len() == systems.len() { BTreeSet::new() } else { new }
}

fn block(page: &mut Page, system: &System, is_new: bool) {
    let classification = &system.classification;
    let name = name_of(system);
    let badge = badge(classification);
    let mut title: Vec<(Ink, &str)> = badge.iter().map(|(ink, text)| (*ink, text.as_str())).collect();
    let used: usize = title.iter().map(|(_, text)| width(text)).sum();
    let gap = " ".repeat(19_usize.saturating_sub(used).max(2));
    title.extend([(Ink::Plain, gap.as_str()), (Ink::Strong, name)]);
    if is_new {
        title.extend([(Ink::Plain, "  "), (Ink::New, "NEW")]);
    }
    page.line(&title);
    page.field(
        "because",
        main_reason(classification).map_or("no rule fired: the evidence does not tell", |reason| &reason.because),
    );
    page.field("folder", if system.folder.is_empty() { "" } else { &system.folder });
    page.field("providers", &list(&system.providers(), 8));
    page.field("models", &list(&names(system, ComponentKind::Model), 6));
    page.field("offered", &offered(system));
    page.field("built with", &built_with(system));
    page.places("evidence", &best_places(system, PLACES).into_iter().map(place).collect::<Vec<_>>());
    page.field("open", &open(classification));
    let seen = if is_new {
        String::new()
    } else {
        system
            .first_seen
            .as_deref()
            .map_or_else(String::new, |time| format!(" · first seen {}", day(time)))
    };
    page.field("id", &format!("{}{seen}", system.id));
}

/// The interval, each end in the colour of its tier.
pub(super) fn badge(classification: &Classification) -> Vec<(Ink, String)> {
    let tier = |tier: Tier| (Ink::Tier(tier), tier.to_string());
    if classification.floor == classification.ceiling {
        vec![tier(classification.ceiling)]
    } else {
        vec![
            tier(classification.floor),
            (Ink::Quiet, " … ".to_owned()),
            tier(classification.ceiling),
        ]
    }
}

/// Components that have no line of their own, counted by kind.
fn built_with(system: &System) -> String {
    let counted: Vec<String> = kinds(system)
        .into_iter()
        .filter(|(kind, _)| !matches!(kind, ComponentKind::Provider | ComponentKind::Model))
        .map(|(kind, number)| count(number, kind.label()))
        .collect();
    counted.join(" · ")
}

/// What lists offer to choose from, one after the other.
pub(super) fn offered(system: &System) -> String {
    let mut lists: Vec<(usize, &str)> = system.offers().into_iter().map(|(path, names)| (names.len(), path)).collect();
    lists.sort_by_key(|(number, path)| (std::cmp::Reverse(*number), *path));
    let told: Vec<String> = lists
        .iter()
        .map(|(number, path)| format!("{} in {path}", count(*number, "model")))
        .collect();
    list(&told.iter().map(String::as_str).collect::<Vec<_>>(), 3)
}

/// A place and what it shows.
pub(super) fn place(evidence: &Evidence) -> (String, String) {
    (evidence.location.to_string(), format!("{} {}", evidence.stage, evidence.name))
}

fn open(classification: &Classification) -> String {
    let questions = count(classification.questions.len(), "question");
    let indicated = format!("indicated {}", classification.indicated);
    let is_inside = classification.floor < classification.indicated && classification.indicated < classification.ceiling;
    match (
        classification.questions.is_empty(),
        is_inside || classification.floor != classification.ceiling,
    ) {
        (true, false) => String::new(),
        (true, true) => indicated,
        (false, false) => questions,
        (false, true) => format!("{questions} · {indicated}"),
    }
}

fn findings(page: &mut Page, inventory: &Inventory) {
    if inventory.findings.is_empty() {
        return;
    }
    page.heading("Findings");
    let (accepted, urgent): (Vec<_>, Vec<_>) = urgent_first(&inventory.findings)
        .into_iter()
        .partition(|finding| finding.accepted.is_some());
    let groups: Vec<&[&Finding]> = urgent.chunk_by(|a, b| (a.level, &a.rule) == (b.level, &b.rule)).collect();
    for group in groups.iter().take(FINDINGS) {
        findings_of_one_rule(page, group);
    }
    let left: usize = groups.iter().skip(FINDINGS).map(|group| group.len()).sum();
    if left > 0 {
        page.prose(Ink::Plain, 2, &format!("… and {}.", count(left, "more finding")));
    }
    if !accepted.is_empty() {
        page.prose(
            Ink::Quiet,
            0,
            &format!(
                "{} accepted; every other format tells them with the reason.",
                count(accepted.len(), "finding")
            ),
        );
    }
}

/// Few findings of a rule are told one by one, each with what to do; of many, each is a sentence with its first place.
fn findings_of_one_rule(page: &mut Page, group: &[&Finding]) {
    let Some(first) = group.first() else { return };
    let head = format!("{:<9}", level(first.level));
    if group.len() <= FEW {
        for finding in group {
            page.line(&[(Ink::Level(finding.level), &head), (Ink::Strong, &finding.rule)]);
            page.prose(Ink::Plain, 9, &finding.message);
            page.prose(Ink::Quiet, 9, &places(finding, PLACES));
            page.prose(Ink::Quiet, 9, &format!("→ {}", finding.remedy));
        }
        return;
    }
    let size = format!("  {}", count(group.len(), "finding"));
    page.line(&[(Ink::Level(first.level), &head), (Ink::Strong, &first.rule), (Ink::Quiet, &size)]);
    for finding in group.iter().take(SENTENCES) {
        page.prose(Ink::Plain, 9, &format!("• {}", finding.message));
        page.prose(Ink::Quiet, 11, &places(finding, 1));
    }
    if group.len() > SENTENCES {
        page.prose(Ink::Plain, 9, &format!("… and {} more.", number((group.len() - SENTENCES) as u64)));
    }
    let remedies: BTreeSet<&str> = group.iter().map(|finding| finding.remedy.as_str()).collect();
    let systems: BTreeSet<&str> = group.iter().map(|finding| finding.system.as_str()).collect();
    let remedy = match (remedies.first(), systems.first()) {
        (Some(remedy), _) if remedies.len() == 1 => (*remedy).to_owned(),
        (_, Some(system)) if systems.len() == 1 => format!("`aimscan show {system}` and `--format html` say what to do about each."),
        _ => "`aimscan show ID` and `--format html` say what to do about each.".to_owned(),
    };
    page.prose(Ink::Quiet, 9, &format!("→ {remedy}"));
}

fn places(finding: &Finding, most: usize) -> String {
    let places: Vec<String> = finding.evidence.iter().map(|evidence| evidence.location.to_string()).collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    list(&places, most)
}

fn changes(page: &mut Page, run: Run<'_>) {
    let Some(changes) = run.changes else { return };
    page.heading("Since the last scan");
    if changes.is_empty() {
        page.prose(Ink::Plain, 0, "Nothing changed.");
    }
    for change in changes.sentences().take(CHANGES) {
        page.prose(Ink::Plain, 0, &format!("• {change}"));
    }
    let left = changes.sentences().count().saturating_sub(CHANGES);
    if left > 0 {
        page.prose(Ink::Plain, 0, &format!("… and {}.", count(left, "more change")));
    }
    for note in &changes.notes {
        page.prose(Ink::Quiet, 0, note);
    }
}

fn gaps(page: &mut Page, inventory: &Inventory) {
    let groups = gap_groups(&inventory.coverage.gaps);
    if groups.is_empty() {
        return;
    }
    page.heading("Not looked at");
    for GapGroup { kind, what, reasons } in &groups {
        let size = number(what.len() as u64);
        page.line(&[(Ink::Strong, &size), (Ink::Plain, "  "), (Ink::Plain, kind.label())]);
        page.prose(Ink::Quiet, 3, &list(what, EXAMPLES));
        for (reason, times) in reasons.iter().take(EXAMPLES) {
            let times = if reasons.len() > 1 && *times > 1 {
                format!(" ({}×)", number(*times as u64))
            } else {
                String::new()
            };
            page.prose(Ink::Plain, 3, &format!("→ {reason}{times}"));
        }
        if reasons.len() > EXAMPLES {
            page.prose(Ink::Quiet, 3, &format!("… and {}", count(reasons.len() - EXAMPLES, "other reason")));
        }
    }
}

fn footer(page: &mut Page, inventory: &Inventory) {
    page.blank();
    page.prose(Ink::Quiet, 0, &inventory.notice);
    // What was not kept cannot be asked for again.
    let kept = ranked(&inventory.systems).into_iter().find(|system| system.first_seen.is_some());
    let next = match kept {
        Some(system) => format!("Next: aimscan show {} · a page to share: aimscan report -o ai.html", system.id),
        None => "Next: a page to share: add -o ai.html".to_owned(),
    };
    page.prose(Ink::Quiet, 0, &next);
}

/// The interval as plain text, for tables.
pub(super) fn interval_of(system: &System) -> String {
    interval(&system.classification)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sample;

    fn plain(width: usize) -> Style {
        Style { colour: false, width }
    }

    #[test]
    fn the_summary_tells_what_a_person_wants_first() {
        let run = Run {
            elapsed: Some(Duration::from_millis(1_300)),
            changes: None,
        };
        let text = summary(&sample::inventory(), run, plain(80));
        for expected in [
            "12,480 files in 1.3 s (3,120 read, 2,004 unchanged) · 14 records from mlflow",
            "7 AI systems",
            "limited … high     support-bot",
            "services/support/app/chat.py:41",
            "gpt-4o-2024-08-06",
            "3 questions",
            "hard-coded-credential",
            "403 Forbidden",
            "not legal advice",
            "aimscan show",
        ] {
            let words = text.split('\n').map(str::trim_start).collect::<Vec<_>>().join(" ");
            assert!(words.contains(expected), "{expected}\n{text}");
        }
        let position = |text: &str, needle: &str| text.find(needle).expect("stands in the summary");
        assert!(position(&text, "classroom-insight") < position(&text, "hr-screening"));
        assert!(position(&text, "hr-screening") < position(&text, "batch-reports"));
    }

    #[test]
    fn new_systems_are_marked_but_not_on_a_first_scan() {
        let mut inventory = sample::inventory();
        assert_eq!(summary(&inventory, Run::default(), plain(80)).matches("NEW").count(), 1);
        for system in &mut inventory.systems {
            system.first_seen = Some(inventory.scanned_at.clone());
        }
        assert_eq!(summary(&inventory, Run::default(), plain(80)).matches("NEW").count(), 0);
    }

    #[test]
    fn many_findings_of_one_rule_are_one_paragraph() {
        let mut inventory = sample::inventory();
        let one = inventory.findings[0].clone();
        inventory.findings = (0..FEW + SENTENCES)
            .map(|at| Finding {
                message: format!("the {at}th"),
                ..one.clone()
            })
            .collect();
        let text = summary(&inventory, Run::default(), plain(80));
        assert_eq!(text.matches(&one.rule).count(), 1, "{text}");
        assert_eq!(text.matches("• the ").count(), SENTENCES, "{text}");
        assert!(text.contains("11 findings") && text.contains("… and 3 more."), "{text}");
        inventory.findings.truncate(FEW);
        let text = summary(&inventory, Run::default(), plain(80));
        assert_eq!(text.matches(&one.rule).count(), FEW, "{text}");
    }

    #[test]
    fn changes_are_told_in_sentences() {
        let before = sample::inventory();
        let mut after = sample::inventory();
        after.systems.retain(|system| system.name != "batch-reports");
        after.systems[0].id = "0123456789ab".into();
        let text = |before: &Inventory, after: &Inventory| {
            let changes = inventory::changes::diff(before, after);
            summary(
                after,
                Run {
                    changes: Some(&changes),
                    ..Run::default()
                },
                plain(80),
            )
        };
        let changed = text(&before, &after);
        assert!(
            changed.contains("Since the last scan") && changed.contains("batch-reports"),
            "{changed}"
        );
        assert_eq!(changed.matches("NEW").count(), 1, "{changed}");
        let same = text(&before, &before);
        assert!(same.contains("Nothing changed.") && !same.contains("NEW"), "{same}");
        assert!(!summary(&before, Run::default(), plain(80)).contains("Since the last scan"));
    }

    #[test]
    fn no_ai_is_a_result_of_its_own_and_claims_no_more_than_was_read() {
        let mut empty = sample::empty();
        let text = summary(&empty, Run::default(), plain(80));
        assert!(text.contains("No AI found in 340 files.\n"), "{text}");
        assert!(!text.contains("AI systems"));
        empty.coverage.gaps = sample::inventory().coverage.gaps;
        assert!(summary(&empty, Run::default(), plain(80)).contains("Not everything was looked at"));
        empty.coverage = evidence::Coverage::default();
        assert!(summary(&empty, Run::default(), plain(80)).contains("Nothing was looked at"));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for inventory in [sample::inventory(), sample::hostile(), sample::empty(), sample::large(30)] {
            for columns in [40, 60, 80, 140] {
                let changes = inventory::changes::diff(&sample::inventory(), &inventory);
                let run = Run {
                    elapsed: None,
                    changes: Some(&changes),
                };
                for line in summary(&inventory, run, plain(columns)).lines() {
                    assert!(width(line) <= columns, "{columns}: {line}");
                }
            }
        }
    }

    #[test]
    fn colours_change_no_text_and_foreign_text_brings_none() {
        let run = Run::default();
        let coloured = summary(&sample::hostile(), run, Style { colour: true, width: 100 });
        let plain = summary(&sample::hostile(), run, plain(100));
        assert!(!plain.contains(|c: char| c != '\n' && crate::wording::steers(c)));
        assert!(coloured.contains("\x1b[1m"));
        let mut stripped = String::new();
        for (index, part) in coloured.split('\x1b').enumerate() {
            stripped.push_str(if index == 0 {
                part
            } else {
                part.split_once('m').expect("only colours").1
            });
        }
        assert_eq!(stripped, plain);
    }

    #[test]
    fn a_large_inventory_is_counted_instead_of_printed() {
        let text = summary(&sample::large(500), Run::default(), plain(80));
        assert!(text.lines().count() < 400, "{}", text.lines().count());
        assert!(text.contains("480 more systems"), "{text}");
    }
}
