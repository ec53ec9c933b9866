//! Builders for the parts of a sample inventory.

use std::collections::BTreeMap;

use evidence::{ComponentKind as Kind, Confidence, Evidence, Excerpt, Facts, Location, Relation, Stage, Usage};
use inventory::{Classification, Component, OpenQuestion, Reason, System, Tier};

/// A place that proves something; `stage` also picks the usage and confidence that go with it.
pub(super) fn seen(kind: Kind, name: &str, provider: Option<&str>, path: &str, line: u32, stage: Stage, text: &str) -> Evidence {
    Evidence {
        location: Location::new(path, line),
        kind,
        name: name.to_owned(),
        provider: provider.map(str::to_owned),
        product: provider.map(|provider| format!("{provider}.api")),
        version: None,
        relation: None,
        stage,
        confidence: if stage == Stage::Referenced {
            Confidence::Medium
        } else {
            Confidence::High
        },
        usage: if path.contains("test") { Usage::Test } else { Usage::Runtime },
        vendored: false,
        signature: format!("{}.{}", provider.unwrap_or("generic"), kind.as_str()),
        detector: if path.ends_with(".py") { "code/python" } else { "manifests/any" }.to_owned(),
        excerpt: Excerpt::of(text),
        facts: Facts::new(),
    }
}

pub(super) fn id(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:012x}", hash & 0xffff_ffff_ffff)
}

/// A component from its evidence, strongest first.
pub(super) fn component(system: &str, evidence: Vec<Evidence>) -> Component {
    let first = evidence.first().expect("a component has evidence").clone();
    Component {
        id: id(&format!("{system}/{}/{}", first.kind, first.name)),
        kind: first.kind,
        name: first.name.clone(),
        provider: first.provider.clone(),
        versions: first.version.iter().cloned().collect(),
        relation: first.relation,
        stage: first.stage,
        confidence: first.confidence,
        usage: first.usage,
        facts: BTreeMap::new(),
        places: evidence.len(),
        evidence,
        introduced: None,
        last_touched: None,
        first_seen: None,
        last_seen: None,
    }
}

/// A declared dependency.
pub(crate) fn declared(system: &str, kind: Kind, name: &str, provider: Option<&str>, version: &str, path: &str, line: u32) -> Component {
    let mut evidence = seen(
        kind,
        name,
        provider,
        path,
        line,
        Stage::Declared,
        &format!("{name} = \"{version}\""),
    );
    evidence.version = Some(version.to_owned());
    evidence.relation = Some(Relation::Direct);
    component(system, vec![evidence])
}

#[expect(clippy::too_many_arguments, reason = "reads like a row of a table")]
pub(super) fn one(
    system: &str,
    kind: Kind,
    name: &str,
    provider: Option<&str>,
    path: &str,
    line: u32,
    stage: Stage,
    text: &str,
) -> Component {
    component(system, vec![seen(kind, name, provider, path, line, stage, text)])
}

pub(super) fn reason(rule: &str, because: &str, effect: &str, references: &[&str], places: &[(&str, u32)]) -> Reason {
    Reason {
        rule: rule.to_owned(),
        because: because.to_owned(),
        effect: effect.to_owned(),
        references: references.iter().map(|reference| (*reference).to_owned()).collect(),
        eu: None,
        evidence: places.iter().map(|(path, line)| Location::new(*path, *line)).collect(),
    }
}

pub(super) fn question(question: &str, who: &str, if_yes: &str) -> OpenQuestion {
    OpenQuestion {
        rule: String::new(),
        question: question.to_owned(),
        who: who.to_owned(),
        if_yes: if_yes.to_owned(),
    }
}

pub(super) fn system(
    name: &str,
    folder: &str,
    tiers: [Tier; 3],
    reasons: Vec<Reason>,
    questions: Vec<OpenQuestion>,
    components: Vec<Component>,
) -> System {
    let [floor, indicated, ceiling] = tiers;
    System {
        id: id(&format!("{folder}#{name}")),
        name: name.to_owned(),
        description: None,
        source: "https://git.example.com/acme/platform".to_owned(),
        folder: folder.to_owned(),
        boundary: "manifest".to_owned(),
        said: Vec::new(),
        components,
        owners: Vec::new(),
        people: inventory::People::default(),
        classification: Classification {
            floor,
            indicated,
            ceiling,
            reasons,
            questions,
            ..Classification::default()
        },
        standing: inventory::register::Standing::default(),
        first_seen: Some("2026-09-02T08:00:00Z".to_owned()),
        last_seen: Some("2026-11-20T09:41:07Z".to_owned()),
    }
}
