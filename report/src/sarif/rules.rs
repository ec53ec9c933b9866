//! The rules and notifications a log declares: one for each kind of component found, one for each finding's rule, one
//! for each kind of gap.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, GapKind};
use inventory::{Finding, Inventory};
use serde_json::{Value, json};

use super::wire::literal;
use crate::overview::level;

/// The rules of a run, in the order that results point to.
pub(super) struct Rules {
    positions: BTreeMap<String, usize>,
    descriptors: Vec<Value>,
}

impl Rules {
    pub(super) fn of(inventory: &Inventory) -> Self {
        let found: BTreeSet<ComponentKind> = inventory
            .systems
            .iter()
            .flat_map(|system| &system.components)
            .map(|component| component.kind)
            .collect();
        let mut rules = Self {
            positions: BTreeMap::new(),
            descriptors: Vec::new(),
        };
        for kind in ComponentKind::ALL.into_iter().filter(|kind| found.contains(kind)) {
            rules.add(component_rule(kind), component_descriptor(kind));
        }
        let mut findings: BTreeMap<&str, &Finding> = BTreeMap::new();
        for finding in &inventory.findings {
            let worst = findings.entry(&finding.rule).or_insert(finding);
            if (finding.level, *worst) > (worst.level, finding) {
                *worst = finding;
            }
        }
        for (id, finding) in findings {
            rules.add(id.to_owned(), finding_descriptor(finding));
        }
        rules
    }

    fn add(&mut self, id: String, descriptor: Value) {
        self.positions.insert(id, self.descriptors.len());
        self.descriptors.push(descriptor);
    }

    pub(super) fn index(&self, rule: &str) -> usize {
        self.positions
            .get(rule)
            .copied()
            .expect("every rule of a result was declared from the same inventory")
    }

    /// The tool with its rules and notifications.
    pub(super) fn into_driver(self, inventory: &Inventory) -> Value {
        let (name, version) = inventory.generator.rsplit_once(' ').unwrap_or((&inventory.generator, "0"));
        let gaps: BTreeSet<GapKind> = inventory.coverage.gaps.iter().map(|gap| gap.kind).collect();
        let notifications: Vec<Value> = gaps
            .into_iter()
            .map(|kind| json!({ "id": gap_descriptor(kind), "shortDescription": { "text": format!("Not looked at: {}", kind.label()) } }))
            .collect();
        json!({ "name": name, "version": version, "rules": self.descriptors, "notifications": notifications })
    }
}

/// The id of the rule that shows components of a kind.
pub(super) fn component_rule(kind: ComponentKind) -> String {
    format!("ai-component/{kind}")
}

fn component_descriptor(kind: ComponentKind) -> Value {
    let label = kind.label();
    let help = "Belongs into the inventory of AI systems. Confirm that it is used as described and that its system has an owner. \
                The presence of a component is not a defect.";
    json!({
        "id": component_rule(kind),
        "name": pascal(&component_rule(kind)),
        "shortDescription": { "text": format!("AI component: {label}") },
        "fullDescription": { "text": format!("A component of an AI system was found here: {label}.") },
        "help": { "text": help, "markdown": help },
        "defaultConfiguration": { "level": "note" },
        "properties": { "tags": ["ai", "inventory"] },
    })
}

/// A rule as its most urgent finding describes it: the remedy is the help.
fn finding_descriptor(finding: &Finding) -> Value {
    let known = inventory::findings::rule(&finding.rule);
    let (what, why) = known.map_or(("A finding about an AI system", "A rule about AI systems fired."), |rule| {
        (rule.title, rule.why)
    });
    let help = format!("{why}\n\nRemediation: {}", finding.remedy);
    json!({
        "id": finding.rule,
        "name": pascal(&finding.rule),
        "shortDescription": { "text": what },
        "fullDescription": { "text": why },
        "help": { "text": literal(&help), "markdown": markdown(&help) },
        "defaultConfiguration": { "level": level(finding.level) },
        "properties": { "tags": ["ai"] },
    })
}

/// The id of the notification for a kind of gap.
pub(super) fn gap_descriptor(kind: GapKind) -> String {
    let word = serde_json::to_value(kind).expect("a kind of gap is a word");
    format!("gap/{}", word.as_str().expect("a kind of gap is a word"))
}

/// What leaves a hole of unknown size is a warning; what was left out on purpose is a note.
pub(super) const fn gap_level(kind: GapKind) -> &'static str {
    match kind {
        GapKind::Unreadable | GapKind::DetectorFailed | GapKind::Refused | GapKind::Truncated | GapKind::Malformed => "warning",
        GapKind::TooLarge | GapKind::Unsupported | GapKind::LinkOutside | GapKind::Skipped => "note",
    }
}

fn pascal(id: &str) -> String {
    id.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            word.chars()
                .take(1)
                .map(|c| c.to_ascii_uppercase())
                .chain(word.chars().skip(1))
                .collect::<String>()
        })
        .collect()
}

/// Text that Markdown shows as it is.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '|' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn only_found_kinds_have_rules_and_the_worst_finding_gives_the_level() {
        let mut inventory = sample::inventory();
        let mut lesser = inventory.findings[0].clone();
        lesser.level = inventory::Level::Note;
        inventory.findings.insert(0, lesser);
        let driver = Rules::of(&inventory).into_driver(&inventory);
        let rules = driver["rules"].as_array().expect("rules");
        let ids: Vec<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
        assert!(
            ids.contains(&"ai-component/model") && !ids.contains(&"ai-component/cloud_service"),
            "{ids:?}"
        );
        let credential = rules.iter().find(|rule| rule["id"] == "hard-coded-credential").expect("a rule");
        assert_eq!(credential["defaultConfiguration"]["level"], "error");
        assert!(credential["help"]["text"].as_str().is_some_and(|text| text.contains("Revoke it")));
        assert_eq!((&driver["name"], &driver["version"]), (&"aimscan".into(), &"0.1.0".into()));
    }

    #[test]
    fn gap_ids_are_those_of_the_json_format() {
        assert_eq!(gap_descriptor(GapKind::TooLarge), "gap/too-large");
    }

    #[test]
    fn foreign_text_brings_no_markup_into_help() {
        assert_eq!(markdown("<img src=x> [a](b)"), "&lt;img src=x> \\[a\\](b)");
    }
}
