//! SARIF 2.1.0 for code-scanning viewers: components as notes, findings with their own level, gaps as notifications of
//! the run. Tiers are properties only: a tier is no defect of a line.

mod rules;
mod wire;

use std::collections::BTreeMap;

use evidence::Evidence;
use inventory::baseline::{self, Baseline};
use inventory::findings::accept::Accepted;
use inventory::{Component, Finding, Inventory, System};
use serde_json::json;

use crate::json::harmless;
use crate::overview::{gap_groups, is_record, level, name_of, strongest_first, urgent_first};
use crate::wording::{self, count};
use rules::Rules;
use wire::{
    ArtifactLocation, Invocation, Location, Log, LogicalLocation, Message, Notification, PhysicalLocation, Region, ResultLine, Suppression,
    literal, percent_encoded,
};

/// Related places of one result; viewers cut longer lists.
const RELATED: usize = 20;
/// Notifications of one kind of gap; one more says how many were left out.
const NOTIFICATIONS: usize = 200;

/// The inventory as one SARIF log with one run; with an earlier one to compare with, each result says whether it is new.
#[must_use]
pub fn render(inventory: &Inventory, baseline: Option<&Baseline>) -> String {
    let systems: BTreeMap<&str, &System> = inventory.systems.iter().map(|system| (system.id.as_str(), system)).collect();
    let rules = Rules::of(inventory);
    let mut results = Vec::new();
    for system in systems.values() {
        let mut components: Vec<&Component> = system.components.iter().collect();
        components.sort_by_key(|component| (component.kind, component.name.as_str(), component.id.as_str()));
        results.extend(
            components
                .into_iter()
                .map(|component| component_result(inventory, &rules, system, component, baseline)),
        );
    }
    let mut fingerprints = BTreeMap::new();
    for finding in urgent_first(&inventory.findings) {
        let system = systems.get(finding.system.as_str()).copied();
        let mut result = finding_result(inventory, &rules, system, finding, &mut fingerprints);
        result.baseline_state = baseline.map(|baseline| state(baseline.knows_finding(finding)));
        results.push(result);
    }
    let log = Log::new(
        inventory,
        rules.into_driver(inventory),
        base_ids(inventory),
        results,
        invocation(inventory),
    );
    let mut text = serde_json::to_string_pretty(&log).expect("a log has only string keys");
    text.push('\n');
    harmless(text)
}

/// `SRCROOT` for the first source, `SRCROOT2` for the next: equal paths of two sources are two files.
fn base_id(inventory: &Inventory, system: Option<&System>) -> String {
    let position = system
        .and_then(|system| inventory.sources.iter().position(|source| source.identity == system.source))
        .unwrap_or(0);
    if position == 0 {
        "SRCROOT".to_owned()
    } else {
        format!("SRCROOT{}", position + 1)
    }
}

fn base_ids(inventory: &Inventory) -> serde_json::Map<String, serde_json::Value> {
    let numbered = inventory.sources.iter().enumerate().map(|(position, source)| {
        let id = if position == 0 {
            "SRCROOT".to_owned()
        } else {
            format!("SRCROOT{}", position + 1)
        };
        (id, json!({ "description": Message::of(literal(&source.location)) }))
    });
    numbered.collect()
}

const fn state(is_known: bool) -> &'static str {
    if is_known { "unchanged" } else { "new" }
}

fn component_result(
    inventory: &Inventory,
    rules: &Rules,
    system: &System,
    component: &Component,
    baseline: Option<&Baseline>,
) -> ResultLine {
    let rule = rules::component_rule(component.kind);
    let mut evidence: Vec<&Evidence> = component.evidence.iter().collect();
    strongest_first(&mut evidence);
    let by = match &component.provider {
        Some(provider) if *provider != component.name => format!(" ({provider})"),
        _ => String::new(),
    };
    let places = count(component.places.max(component.evidence.len()), "place");
    let message = format!(
        "{}: {}{by} is {} in {} ({places}).",
        component.kind.label(),
        component.name,
        component.stage,
        name_of(system)
    );
    let tier = &system.classification;
    ResultLine {
        rule_index: rules.index(&rule),
        rule_id: rule,
        level: "note",
        message: Message::of(literal(&message)),
        locations: evidence
            .first()
            .map(|first| location(inventory, Some(system), first))
            .into_iter()
            .collect(),
        related_locations: related(inventory, Some(system), &evidence),
        partial_fingerprints: BTreeMap::from([("aimscan/v1".to_owned(), component.id.clone())]),
        suppressions: Vec::new(),
        baseline_state: baseline.map(|baseline| state(baseline.knows_component(component))),
        properties: json!({
            "system": system.id,
            "systemName": system.name,
            "tier": { "floor": tier.floor, "indicated": tier.indicated, "ceiling": tier.ceiling },
            "versions": component.versions,
            "stage": component.stage,
            "confidence": component.confidence,
            "usage": component.usage,
        }),
    }
}

fn suppression(accepted: &Accepted) -> Suppression {
    Suppression {
        kind: if accepted.source == "settings" { "external" } else { "inSource" },
        justification: literal(&wording::accepted(accepted)),
    }
}

fn finding_result(
    inventory: &Inventory,
    rules: &Rules,
    system: Option<&System>,
    finding: &Finding,
    seen: &mut BTreeMap<String, usize>,
) -> ResultLine {
    let evidence: Vec<&Evidence> = finding.evidence.iter().collect();
    // Without the line, so that a finding that moves within its file stays the same.
    let place = evidence
        .first()
        .map_or_else(String::new, |first| format!(":{}", first.location.path));
    let key = format!("{}{place}", baseline::subject(finding));
    let times = seen.entry(key.clone()).or_default();
    *times += 1;
    let fingerprint = if *times == 1 { key } else { format!("{key}#{times}") };
    ResultLine {
        rule_index: rules.index(&finding.rule),
        rule_id: finding.rule.clone(),
        level: level(finding.level),
        message: Message::of(literal(&format!("{} {}", finding.message, finding.remedy))),
        locations: evidence
            .first()
            .map(|first| location(inventory, system, first))
            .into_iter()
            .collect(),
        related_locations: related(inventory, system, &evidence),
        partial_fingerprints: BTreeMap::from([("aimscan/v1".to_owned(), fingerprint)]),
        suppressions: finding.accepted.iter().map(suppression).collect(),
        baseline_state: None,
        properties: json!({
            "system": finding.system,
            "systemName": system.map(|system| system.name.as_str()),
            "remedy": finding.remedy,
            "subject": baseline::subject(finding),
        }),
    }
}

/// All places but the strongest, numbered from 1.
fn related(inventory: &Inventory, system: Option<&System>, evidence: &[&Evidence]) -> Vec<Location> {
    let numbered = (1_u32..).zip(evidence.iter().skip(1).take(RELATED));
    numbered
        .map(|(id, evidence)| Location {
            id: Some(id),
            ..location(inventory, system, evidence)
        })
        .collect()
}

fn location(inventory: &Inventory, system: Option<&System>, evidence: &Evidence) -> Location {
    let path = &evidence.location.path;
    let mut remark = format!("{}, {} confidence, {}", evidence.stage, evidence.confidence, evidence.usage);
    if let Some(excerpt) = &evidence.excerpt {
        remark.push_str(": ");
        remark.push_str(excerpt.as_str());
    }
    let message = Some(Message::of(literal(&remark)));
    if is_record(path, system, inventory) {
        let name = path.rsplit(['/', ':']).next().unwrap_or(path).to_owned();
        let logical = LogicalLocation {
            name,
            fully_qualified_name: path.clone(),
            kind: "resource",
        };
        return Location {
            message,
            logical_locations: vec![logical],
            ..Location::default()
        };
    }
    Location {
        message,
        physical_location: Some(PhysicalLocation {
            artifact_location: ArtifactLocation {
                uri: percent_encoded(path),
                uri_base_id: base_id(inventory, system),
            },
            region: evidence.location.line.map(|start_line| Region { start_line }),
        }),
        ..Location::default()
    }
}

fn invocation(inventory: &Inventory) -> Invocation {
    let mut notifications = Vec::new();
    for group in gap_groups(&inventory.coverage.gaps) {
        let descriptor = rules::gap_descriptor(group.kind);
        let level = rules::gap_level(group.kind);
        let of_kind = inventory.coverage.gaps.iter().filter(|gap| gap.kind == group.kind);
        let total = of_kind.clone().count();
        for gap in of_kind.take(NOTIFICATIONS) {
            let text = format!("{}: {}. {}", gap.what, gap.kind.label(), gap.reason);
            notifications.push(Notification::new(&descriptor, level, &literal(&text)));
        }
        if total > NOTIFICATIONS {
            let text = format!(
                "{} of the same kind; the JSON format has them all.",
                count(total - NOTIFICATIONS, "more gap")
            );
            notifications.push(Notification::new(&descriptor, level, &text));
        }
    }
    Invocation {
        execution_successful: true,
        start_time_utc: inventory.scanned_at.clone(),
        tool_execution_notifications: notifications,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use evidence::{Gap, GapKind};
    use serde_json::Value;

    use super::*;
    use crate::sample;

    fn log(inventory: &Inventory) -> Value {
        serde_json::from_str(&render(inventory, None)).expect("JSON")
    }

    fn results(log: &Value) -> &Vec<Value> {
        log["runs"][0]["results"].as_array().expect("results")
    }

    #[test]
    fn logs_keep_to_the_official_schema() {
        // This edition's pattern for languages holds a bracket too many, which makes it no regular expression.
        let published = include_str!("../../fixtures/schemas/sarif-2.1.0.json").replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
        let schema: Value = serde_json::from_str(&published).expect("JSON");
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema");
        for inventory in [sample::inventory(), sample::hostile(), sample::empty(), sample::large(20)] {
            let errors: Vec<String> = validator
                .iter_errors(&log(&inventory))
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
        let mut broken = log(&sample::inventory());
        broken["runs"][0]["results"][0]["level"] = "fatal".into();
        assert!(!validator.is_valid(&broken), "the schema does check");
    }

    #[test]
    fn components_and_findings_are_results_with_their_rules() {
        let inventory = sample::inventory();
        let log = log(&inventory);
        let components: usize = inventory.systems.iter().map(|system| system.components.len()).sum();
        assert_eq!(results(&log).len(), components + inventory.findings.len());
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
        for result in results(&log) {
            let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
        let finding = results(&log)
            .iter()
            .find(|result| result["ruleId"] == "hard-coded-credential")
            .expect("in the sample");
        assert_eq!(finding["level"], "error");
        let place = &finding["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "services/support/scripts/replay.py");
        assert_eq!(
            (&place["artifactLocation"]["uriBaseId"], &place["region"]["startLine"]),
            (&"SRCROOT".into(), &8.into())
        );
        assert!(!render(&inventory, None).contains("sk-proj-4f9a8b7c6d5e4f3a2b1c"));
    }

    #[test]
    fn against_a_baseline_each_result_is_new_or_unchanged() {
        let mut inventory = sample::inventory();
        let baseline = Baseline::of(&inventory);
        let states = |inventory: &Inventory| -> BTreeMap<String, usize> {
            let log: Value = serde_json::from_str(&render(inventory, Some(&baseline))).expect("JSON");
            results(&log).iter().fold(BTreeMap::new(), |mut states, result| {
                *states
                    .entry(result["baselineState"].as_str().expect("a state").to_owned())
                    .or_default() += 1;
                states
            })
        };
        assert_eq!(states(&inventory).keys().collect::<Vec<_>>(), ["unchanged"]);
        inventory.systems[0].components[0].id = "000000000000".into();
        inventory.findings[0].evidence[0].location.path = "elsewhere.py".into();
        assert_eq!(states(&inventory)["new"], 2);
        assert!(results(&log(&inventory)).iter().all(|result| result.get("baselineState").is_none()));
    }

    #[test]
    fn fingerprints_are_unique_and_survive_a_line_that_moves() {
        let mut inventory = sample::inventory();
        inventory.findings.push(inventory.findings[0].clone());
        let prints = |inventory: &Inventory| -> Vec<String> {
            results(&log(inventory))
                .iter()
                .map(|result| result["partialFingerprints"]["aimscan/v1"].as_str().expect("text").to_owned())
                .collect()
        };
        let before = prints(&inventory);
        assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), before.len());
        for finding in &mut inventory.findings {
            finding.evidence[0].location.line = Some(4_711);
        }
        assert_eq!(prints(&inventory), before);
    }

    #[test]
    fn records_are_logical_places_and_strange_paths_are_encoded() {
        let mut inventory = sample::inventory();
        inventory.systems[0].components[0].evidence[0].location.path = "a b/ü\n#?%:1.py".into();
        let log = log(&inventory);
        let all = log.to_string();
        assert!(all.contains("a%20b/%C3%BC%0A%23%3F%25%3A1.py"));
        let record = results(&log)
            .iter()
            .find(|result| result["message"]["text"].as_str().is_some_and(|text| text.contains("churn")))
            .expect("in the sample");
        assert_eq!(
            record["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
            "mlflow:registered-models/churn-forecast"
        );
        assert!(record["locations"][0].get("physicalLocation").is_none());
    }

    #[test]
    fn foreign_text_makes_no_link_and_no_placeholder() {
        for result in results(&log(&sample::hostile())) {
            let text = result["message"]["text"].as_str().expect("text");
            assert!(!text.contains("[x](") && text.contains("\\[x\\]("), "{text}");
            assert!(text.contains("{{0}}"), "{text}");
        }
    }

    #[test]
    fn gaps_are_notifications_and_a_flood_of_them_is_counted() {
        let mut inventory = sample::inventory();
        inventory.coverage.gaps.extend((0..1_000).map(|n| Gap {
            kind: GapKind::Unreadable,
            what: format!("f{n}"),
            reason: "closed".into(),
        }));
        let log = log(&inventory);
        let invocation = &log["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], true);
        let notifications = invocation["toolExecutionNotifications"].as_array().expect("notifications");
        assert_eq!(notifications.len(), 5 + NOTIFICATIONS + 1);
        assert!(notifications.iter().any(|notification| {
            notification["message"]["text"]
                .as_str()
                .is_some_and(|text| text.contains("800 more gaps"))
        }));
    }

    #[test]
    fn two_sources_have_two_roots_and_places_are_cut_to_what_viewers_take() {
        let mut inventory = sample::inventory();
        let mut other = inventory.sources[0].clone();
        other.identity = "elsewhere".into();
        inventory.sources.push(other);
        inventory.systems[0].source = "elsewhere".into();
        let evidence = inventory.systems[0].components[0].evidence[0].clone();
        inventory.systems[0].components[0].evidence = vec![evidence; 50];
        let log = log(&inventory);
        assert!(log.to_string().contains("\"SRCROOT2\""));
        assert_eq!(
            results(&log)
                .iter()
                .filter_map(|result| result["relatedLocations"].as_array())
                .map(Vec::len)
                .max(),
            Some(RELATED)
        );
    }
}
