use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::sample;
use crate::sample::parts::declared;
use crate::wording;

fn text(inventory: &Inventory) -> String {
    let mut out = Vec::new();
    write(inventory, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("text")
}

fn graph(inventory: &Inventory) -> Vec<Value> {
    let document: Value = serde_json::from_str(&text(inventory)).expect("JSON");
    document["@graph"].as_array().expect("a graph").clone()
}

fn of_kind<'g>(graph: &'g [Value], kind: &'g str) -> impl Iterator<Item = &'g Value> {
    graph.iter().filter(move |element| element["type"] == kind)
}

fn named<'g>(graph: &'g [Value], name: &str) -> &'g Value {
    graph
        .iter()
        .find(|element| element["name"] == name && element["software_primaryPurpose"].is_string())
        .unwrap_or_else(|| panic!("no {name}"))
}

/// Every element has an id of its own, every reference leads to one, and the document lists all but itself.
fn check(graph: &[Value]) {
    let ids: Vec<&str> = graph.iter().filter_map(|element| element["spdxId"].as_str()).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len());
    assert_eq!(ids.len(), graph.len() - 1, "all but the creation");
    for element in graph.iter().filter(|element| element["type"] != "CreationInfo") {
        assert_eq!(element["creationInfo"], "_:creation");
        for field in ["from", "to", "subject", "element", "rootElement", "suppliedBy"] {
            let references = match &element[field] {
                Value::Array(several) => several.clone(),
                Value::Null => continue,
                one => vec![one.clone()],
            };
            assert!(!references.is_empty(), "{field}");
            for reference in references {
                assert!(distinct.contains(reference.as_str().expect("a reference")), "{field} {reference}");
            }
        }
    }
    let document = of_kind(graph, "SpdxDocument").next().expect("a document");
    assert_eq!(document["element"].as_array().map(Vec::len), Some(ids.len() - 1));
}

#[test]
fn references_hold_in_every_document() {
    for inventory in [sample::inventory(), sample::hostile(), sample::empty(), sample::large(30)] {
        check(&graph(&inventory));
    }
}

#[test]
fn systems_depend_on_their_parts() {
    let inventory = sample::inventory();
    let graph = graph(&inventory);
    let parts: usize = inventory.systems.iter().map(|system| system.components.len()).sum();
    assert_eq!(of_kind(&graph, "software_Package").count(), inventory.systems.len() + parts);
    let support = named(&graph, "support-bot");
    let ties = of_kind(&graph, "Relationship")
        .find(|tie| tie["from"] == support["spdxId"])
        .expect("tied");
    assert_eq!(
        (&ties["relationshipType"], &ties["completeness"]),
        (&"dependsOn".into(), &"noAssertion".into())
    );
    assert_eq!(ties["to"].as_array().map(Vec::len), Some(12));
    let properties = support["extension"][0]["extension_cdxProperty"].as_array().expect("properties");
    assert!(
        properties.iter().any(|property| {
            property["extension_cdxPropName"] == "aimscan:tier:ceiling" && property["extension_cdxPropValue"] == "high"
        })
    );
    assert!(!text(&inventory).contains("safetyRiskAssessment"));
}

#[test]
fn the_class_for_models_needs_all_that_it_demands() {
    let facts = [
        ("released", "2024-08-06"),
        ("url", "https://hub.example.com/acme/letters"),
        ("architecture", "AcmeForCausalLM"),
        ("licence", "apache-2.0"),
    ];
    let with = |left_out: &str| {
        let mut inventory = sample::inventory();
        let support = inventory
            .systems
            .iter_mut()
            .find(|system| system.name == "support-bot")
            .expect("in the sample");
        let model = support
            .components
            .iter_mut()
            .find(|one| one.name == "claude-sonnet-4-5")
            .expect("there");
        model.facts = facts
            .iter()
            .filter(|(name, _)| *name != left_out)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        if left_out != "version" {
            model.versions = vec!["3".into()];
        }
        if left_out == "provider" {
            model.provider = None;
        }
        inventory
    };
    let whole = graph(&with(""));
    check(&whole);
    let model = named(&whole, "claude-sonnet-4-5");
    assert_eq!(
        (
            &model["type"],
            &model["releaseTime"],
            &model["software_packageVersion"],
            &model["ai_typeOfModel"][0]
        ),
        (
            &"ai_AIPackage".into(),
            &"2024-08-06T00:00:00Z".into(),
            &"3".into(),
            &"AcmeForCausalLM".into()
        )
    );
    let profiles = &of_kind(&whole, "SpdxDocument").next().expect("a document")["profileConformance"];
    assert_eq!(
        profiles,
        &serde_json::json!(["core", "software", "extension", "simpleLicensing", "ai"])
    );
    let licence = of_kind(&whole, "simplelicensing_LicenseExpression").next().expect("a licence");
    assert_eq!(licence["simplelicensing_licenseExpression"], "Apache-2.0");
    for left_out in ["released", "url", "version", "provider"] {
        let graph = graph(&with(left_out));
        check(&graph);
        assert_eq!(of_kind(&graph, "ai_AIPackage").count(), 0, "{left_out}");
        assert_eq!(named(&graph, "claude-sonnet-4-5")["software_primaryPurpose"], "model");
    }
}

#[test]
fn findings_are_notes_and_nothing_secret_is_written() {
    let inventory = sample::inventory();
    let graph = graph(&inventory);
    let notes: BTreeMap<&str, &str> = of_kind(&graph, "Annotation")
        .filter_map(|note| Some((note["statement"].as_str()?, note["subject"].as_str()?)))
        .collect();
    assert_eq!(notes.len(), inventory.findings.len() + 1);
    let subject = notes
        .iter()
        .find(|(statement, _)| statement.contains("hard-coded-credential"))
        .expect("a note")
        .1;
    assert_eq!(named(&graph, "support-bot")["spdxId"], *subject);
    for inventory in [inventory, sample::hostile()] {
        let text = text(&inventory);
        assert!(!text.contains("sk-proj-4f9a8b7c6d5e4f3a2b1c"));
        assert!(!text.contains(|c: char| c != '\n' && wording::steers(c)));
    }
}

#[test]
fn the_same_inventory_gives_the_same_bytes() {
    let inventory = sample::inventory();
    let mut shuffled = inventory.clone();
    shuffled.systems.reverse();
    shuffled.findings.reverse();
    shuffled.systems.iter_mut().for_each(|system| system.components.reverse());
    assert_eq!(text(&shuffled), text(&inventory));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_things_are_called_references_hold(
        name in "\\PC{0,20}|[=+@-]cmd\\|.{0,9}|\\PC{9000,10000}|(?s).{0,40}",
        kind in prop::sample::select(Kind::ALL.to_vec()),
    ) {
        let mut inventory = sample::inventory();
        let mut component = declared("p", kind, &name, Some(&name), &name, &name, 3);
        for fact in ["ecosystem", "licence", "url", "released", "sha256", "package", "description"] {
            component.facts.insert(fact.into(), name.clone());
        }
        let system = &mut inventory.systems[0];
        system.components.push(component);
        (system.name, system.folder, system.source) = (name.clone(), name.clone(), name.clone());
        inventory.sources[0].identity.clone_from(&name);
        check(&graph(&inventory));
    }
}
