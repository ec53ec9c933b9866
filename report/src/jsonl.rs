//! One line of JSON for each component of each system, and one for each system of which no component is known, for `grep`, `jq` and data
//! frames. Every line stands for itself and has every key, `null` where nothing is known.

use std::collections::BTreeMap;

use evidence::{Confidence, Evidence, Excerpt, Relation, Stage, Usage};
use inventory::{Component, Finding, Inventory, Level, System};
use serde::Serialize;

use crate::json::harmless;
use crate::overview::strongest_first;

/// The kind of the line of a system without components.
pub(crate) const SYSTEM: &str = "system";

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    kind: &'static str,
    name: &'a str,
    version: Option<&'a str>,
    provider: Option<&'a str>,
    path: Option<&'a str>,
    line: Option<u32>,
    stage: Option<Stage>,
    confidence: Option<Confidence>,
    usage: Option<Usage>,
    vendored: bool,
    system: &'a str,
    relation: Option<Relation>,
    findings: Vec<About<'a>>,
    introduced: Option<&'a str>,
    last_touched: Option<&'a str>,
    owners: Vec<&'a str>,
    evidence: Vec<Place<'a>>,
}

/// A finding that rests on evidence of the component, or one of a system without components.
#[derive(Serialize)]
struct About<'a> {
    rule: &'a str,
    level: Level,
    message: &'a str,
    accepted: bool,
}

#[derive(Serialize)]
struct Place<'a> {
    /// As written there: a component may have several spellings.
    name: &'a str,
    path: &'a str,
    line: Option<u32>,
    stage: Stage,
    confidence: Confidence,
    usage: Usage,
    signature: &'a str,
    detector: &'a str,
    excerpt: Option<&'a Excerpt>,
}

/// The components, ordered by system, kind and name.
#[must_use]
pub fn render(inventory: &Inventory) -> String {
    let mut components: Vec<(&System, Option<&Component>)> = Vec::new();
    for system in &inventory.systems {
        components.extend(system.components.iter().map(|component| (system, Some(component))));
        if system.components.is_empty() {
            components.push((system, None));
        }
    }
    components.sort_by_key(|(system, component)| {
        let component = component.map(|component| (component.kind, component.name.as_str(), component.id.as_str()));
        (system.id.as_str(), component)
    });
    let mut of_system: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &inventory.findings {
        of_system.entry(&finding.system).or_default().push(finding);
    }
    let mut out = String::new();
    for (system, component) in components {
        let findings = of_system.get(system.id.as_str()).map_or(&[][..], Vec::as_slice);
        let line = match component {
            Some(component) => line(system, component, about(findings, component)),
            None => bare(system, findings),
        };
        out.push_str(&serde_json::to_string(&line).expect("a line has only string keys"));
        out.push('\n');
    }
    harmless(out)
}

/// Of the findings in a system, those that rest on evidence of a component.
fn about<'a>(findings: &[&'a Finding], component: &Component) -> Vec<About<'a>> {
    let speaks = |finding: &&&Finding| {
        let mut evidence = finding.evidence.iter();
        evidence.any(|seen| seen.kind == component.kind && component.evidence.contains(seen))
    };
    findings.iter().filter(speaks).map(|finding| told(finding)).collect()
}

fn told(finding: &Finding) -> About<'_> {
    About {
        rule: &finding.rule,
        level: finding.level,
        message: &finding.message,
        accepted: finding.accepted.is_some(),
    }
}

/// A system of which nothing is known but what people say of it.
fn bare<'a>(system: &'a System, findings: &[&'a Finding]) -> Line<'a> {
    Line {
        id: &system.id,
        kind: SYSTEM,
        name: &system.name,
        version: None,
        provider: None,
        path: None,
        line: None,
        stage: None,
        confidence: None,
        usage: None,
        vendored: false,
        system: &system.id,
        relation: None,
        findings: findings.iter().map(|finding| told(finding)).collect(),
        introduced: None,
        last_touched: None,
        owners: system.owners.iter().map(|owner| owner.name.as_str()).collect(),
        evidence: Vec::new(),
    }
}

/// A component with its strongest place in front. Its version is the strongest place's own where that names one.
fn line<'a>(system: &'a System, component: &'a Component, findings: Vec<About<'a>>) -> Line<'a> {
    let mut evidence: Vec<&Evidence> = component.evidence.iter().collect();
    strongest_first(&mut evidence);
    let strongest = evidence.first().copied();
    let version = strongest
        .and_then(|evidence| evidence.version.as_deref())
        .or_else(|| component.versions.first().map(String::as_str));
    Line {
        id: &component.id,
        kind: component.kind.as_str(),
        name: &component.name,
        version,
        provider: component.provider.as_deref(),
        path: strongest.map(|evidence| evidence.location.path.as_str()),
        line: strongest.and_then(|evidence| evidence.location.line),
        stage: Some(component.stage),
        confidence: Some(component.confidence),
        usage: Some(component.usage),
        // A component is somebody else's only if all its places are.
        vendored: !evidence.is_empty() && evidence.iter().all(|evidence| evidence.vendored),
        system: &system.id,
        relation: component.relation,
        findings,
        introduced: component.introduced.as_ref().map(|moment| moment.date.as_str()),
        last_touched: component.last_touched.as_ref().map(|moment| moment.date.as_str()),
        owners: system.owners.iter().map(|owner| owner.name.as_str()).collect(),
        evidence: evidence.into_iter().map(place).collect(),
    }
}

fn place(evidence: &Evidence) -> Place<'_> {
    Place {
        name: &evidence.name,
        path: &evidence.location.path,
        line: evidence.location.line,
        stage: evidence.stage,
        confidence: evidence.confidence,
        usage: evidence.usage,
        signature: &evidence.signature,
        detector: &evidence.detector,
        excerpt: evidence.excerpt.as_ref(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::sample;

    fn lines(text: &str) -> Vec<Value> {
        text.lines()
            .map(|line| serde_json::from_str(line).expect("each line is JSON"))
            .collect()
    }

    #[test]
    fn every_component_is_a_line_with_every_key() {
        let inventory = sample::inventory();
        let lines = lines(&render(&inventory));
        assert_eq!(
            lines.len(),
            inventory.systems.iter().map(|system| system.components.len()).sum::<usize>()
        );
        let keys: Vec<&str> = [
            "id",
            "kind",
            "name",
            "version",
            "provider",
            "path",
            "line",
            "stage",
            "confidence",
            "usage",
            "vendored",
            "system",
            "relation",
            "introduced",
            "last_touched",
            "owners",
            "evidence",
            "findings",
        ]
        .into();
        for line in &lines {
            let object = line.as_object().expect("an object");
            assert!(
                keys.iter().all(|key| object.contains_key(*key)) && object.len() == keys.len(),
                "{line}"
            );
        }
        let model = lines
            .iter()
            .find(|line| line["name"] == "gpt-4o-2024-08-06")
            .expect("in the sample");
        assert_eq!(
            (&model["kind"], &model["path"], &model["line"]),
            (&"model".into(), &"services/support/app/chat.py".into(), &41.into())
        );
        assert_eq!(model["evidence"].as_array().map(Vec::len), Some(2));
        let package = lines.iter().find(|line| line["name"] == "@ai-sdk/google").expect("in the sample");
        assert_eq!((&package["version"], &package["relation"]), (&"^2.0.0".into(), &"direct".into()));
    }

    #[test]
    fn a_newline_in_a_path_does_not_break_a_line() {
        let inventory = sample::hostile();
        let text = render(&inventory);
        assert_eq!(
            lines(&text).len(),
            inventory.systems.iter().map(|system| system.components.len()).sum::<usize>()
        );
        assert!(!text.contains(['\x1b', '\u{202e}', '\u{9b}']));
    }

    #[test]
    fn order_does_not_depend_on_the_order_of_the_inventory() {
        let mut shuffled = sample::inventory();
        shuffled.systems.reverse();
        for system in &mut shuffled.systems {
            system.components.reverse();
        }
        assert_eq!(render(&shuffled), render(&sample::inventory()));
    }

    #[test]
    fn a_system_of_which_nothing_was_found_is_a_line_with_its_findings() {
        let mut inventory = sample::inventory();
        let system = &mut inventory.systems[0];
        system.components.clear();
        let (id, name) = (system.id.clone(), system.name.clone());
        let mut about = inventory.findings[0].clone();
        (about.system, about.evidence) = (id.clone(), Vec::new());
        "policy".clone_into(&mut about.rule);
        inventory.findings = vec![about];
        let lines = lines(&render(&inventory));
        let of_it: Vec<&Value> = lines.iter().filter(|line| line["system"] == id.as_str()).collect();
        let [line] = of_it[..] else { panic!("{of_it:#?}") };
        assert_eq!(
            (&line["kind"], &line["id"], &line["name"], &line["stage"], &line["path"]),
            (
                &SYSTEM.into(),
                &id.as_str().into(),
                &name.as_str().into(),
                &Value::Null,
                &Value::Null
            )
        );
        assert_eq!(line["findings"][0]["rule"], "policy");
        assert!(line.as_object().is_some_and(|line| line.len() == 18));
        // It is no component of a baseline.
        let known = crate::earlier::baseline(&render(&inventory)).expect("jsonl");
        assert!(known.knows_system(&inventory.systems[0]));
    }

    #[test]
    fn a_component_without_evidence_has_no_place() {
        let mut inventory = sample::inventory();
        inventory.systems[0].components[0].evidence.clear();
        let without = lines(&render(&inventory))
            .into_iter()
            .filter(|line| line["path"].is_null() && line["vendored"] == false)
            .count();
        assert_eq!(without, 1);
        assert_eq!(render(&sample::empty()), "");
    }
}
