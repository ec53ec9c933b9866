use evidence::{ComponentKind as Kind, Relation, Stage};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::sample;
use crate::sample::parts::declared;
use crate::wording;

fn text(inventory: &Inventory, edition: Edition) -> String {
    let mut out = Vec::new();
    write(inventory, edition, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("text")
}

fn bom(inventory: &Inventory) -> Value {
    serde_json::from_str(&text(inventory, Edition::V1_6)).expect("JSON")
}

fn validator(edition: Edition) -> jsonschema::Validator {
    let schema = |text: &str| -> Value { serde_json::from_str(text).expect("JSON") };
    let base = "http://cyclonedx.org/schema/";
    let registry = jsonschema::Registry::new()
        .extend([
            (
                format!("{base}spdx.schema.json"),
                schema(include_str!("../../../fixtures/schemas/cyclonedx-spdx.json")),
            ),
            (
                format!("{base}jsf-0.82.schema.json"),
                schema(include_str!("../../../fixtures/schemas/cyclonedx-jsf-0.82.json")),
            ),
            (
                format!("{base}cryptography-defs.schema.json"),
                schema(include_str!("../../../fixtures/schemas/cyclonedx-cryptography-defs.json")),
            ),
        ])
        .expect("schemas")
        .prepare()
        .expect("schemas");
    let schema = schema(match edition {
        Edition::V1_6 => include_str!("../../../fixtures/schemas/cyclonedx-1.6.json"),
        Edition::V1_7 => include_str!("../../../fixtures/schemas/cyclonedx-1.7.json"),
    });
    jsonschema::options()
        .should_validate_formats(true)
        .with_registry(&registry)
        .build(&schema)
        .expect("a schema")
}

fn errors(validator: &jsonschema::Validator, value: &Value) -> Vec<String> {
    validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn all<'v>(bom: &'v Value, list: &str) -> &'v Vec<Value> {
    bom[list].as_array().expect("a list")
}

fn named<'v>(bom: &'v Value, list: &str, name: &str) -> &'v Value {
    all(bom, list)
        .iter()
        .find(|one| one["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {list}"))
}

fn property<'v>(of: &'v Value, name: &str) -> Vec<&'v str> {
    let name = format!("aimscan:{name}");
    let properties = of["properties"].as_array().expect("properties").iter();
    properties
        .filter(|property| property["name"] == name.as_str())
        .filter_map(|property| property["value"].as_str())
        .collect()
}

#[test]
fn bills_keep_to_the_official_schemas() {
    for edition in [Edition::V1_6, Edition::V1_7] {
        let validator = validator(edition);
        for inventory in [sample::inventory(), sample::hostile(), sample::empty(), sample::large(20)] {
            let bom: Value = serde_json::from_str(&text(&inventory, edition)).expect("JSON");
            let errors = errors(&validator, &bom);
            assert!(errors.is_empty(), "{errors:#?}");
        }
        let mut broken: Value = serde_json::from_str(&text(&sample::inventory(), edition)).expect("JSON");
        broken["components"][0]["type"] = "toaster".into();
        assert!(!validator.is_valid(&broken), "the schema does check");
    }
}

fn declaring(inventory: &Inventory, edition: Edition) -> Value {
    let mut out = Vec::new();
    declarations::write(inventory, edition, &mut out).expect("a vector takes everything");
    serde_json::from_slice(&out).expect("JSON")
}

#[test]
fn declarations_keep_to_the_official_schemas_and_their_references_hold() {
    for edition in [Edition::V1_6, Edition::V1_7] {
        let validator = validator(edition);
        for inventory in [decided(), sample::hostile(), sample::empty(), sample::large(20)] {
            let bom = declaring(&inventory, edition);
            let errors = errors(&validator, &bom);
            assert!(errors.is_empty(), "{errors:#?}");
            let of = |list: &Value| -> Vec<String> {
                let list = list.as_array().expect("a list").iter();
                list.map(|one| one["bom-ref"].as_str().expect("a reference").to_owned()).collect()
            };
            let all = &bom["declarations"];
            let known: Vec<Vec<String>> = [
                &all["claims"],
                &all["evidence"],
                &all["targets"]["components"],
                &all["targets"]["organizations"],
                &bom["definitions"]["standards"][0]["requirements"],
            ]
            .map(of)
            .into();
            let mut every: Vec<&String> = known.iter().flatten().collect();
            let count = every.len();
            every.sort();
            every.dedup();
            assert_eq!(every.len(), count, "each reference stands for one thing");
            let holds = |list: &[usize], reference: &Value| {
                let reference = reference.as_str().expect("a reference").to_owned();
                assert!(list.iter().any(|at| known[*at].contains(&reference)), "{reference}");
            };
            for claim in all["claims"].as_array().expect("a list") {
                holds(&[2, 3], &claim["target"]);
                let proof = claim["evidence"].as_array().expect("a list");
                assert!(!proof.is_empty());
                proof.iter().for_each(|proof| holds(&[1], proof));
            }
            let map = all["attestations"][0]["map"].as_array().expect("a list");
            let mut mapped = 0;
            for entry in map {
                holds(&[4], &entry["requirement"]);
                assert!(entry.get("conformance").is_none() && entry.get("confidence").is_none());
                for claim in entry["claims"].as_array().expect("a list") {
                    mapped += 1;
                    holds(&[0], claim);
                }
            }
            assert_eq!(mapped, known[0].len(), "every claim stands under its control");
            assert_eq!(known[4].len(), 38);
            assert!(all.get("affirmation").is_none());
        }
        let mut broken = declaring(&decided(), edition);
        broken["declarations"]["claims"][0]["score"] = 1.into();
        assert!(!validator.is_valid(&broken), "the schema does check");
    }
}

/// The sample with an owner of one system, whose other roles are decided too.
fn decided() -> Inventory {
    let mut inventory = sample::inventory();
    let held = |value: &str| inventory::register::Held {
        number: 1,
        value: value.to_owned(),
        by: "Jane Roe".to_owned(),
        at: "2026-11-20T09:00:00Z".to_owned(),
        reason: String::new(),
        until: None,
        reopened: Vec::new(),
    };
    for field in [
        "owner",
        "approver",
        "risk-owner",
        "compliance-owner",
        "operations-owner",
        "executive-sponsor",
    ] {
        inventory.systems[0]
            .standing
            .decisions
            .insert(format!("field/{field}"), held("Jane Roe"));
    }
    inventory
}

#[test]
fn a_claim_is_what_is_evidenced_and_nothing_else() {
    let inventory = decided();
    let declared = bom(&inventory);
    let bom = declaring(&inventory, Edition::V1_6);
    let claims = all(&bom["declarations"], "claims");
    let of = |control: &str| {
        claims
            .iter()
            .filter(|claim| claim["predicate"].as_str().is_some_and(|told| told.starts_with(control)))
            .count()
    };
    assert_eq!(of("A.3.2 "), 1, "one system has all its roles");
    assert_eq!(of("A.2.2 "), 0, "nobody wrote a policy");
    let claim = claims
        .iter()
        .find(|claim| claim["predicate"] == "A.3.2 AI roles and responsibilities is evidenced.")
        .expect("there");
    assert_eq!(claim["target"], format!("system-{}", inventory.systems[0].id).as_str());
    let proof = all(&bom["declarations"], "evidence")
        .iter()
        .find(|proof| proof["bom-ref"] == claim["evidence"][0])
        .expect("there");
    assert_eq!(proof["description"], "Accountable owner: Jane Roe (human: Jane Roe, 2026-11-20)");
    let none = declaring(&sample::inventory(), Edition::V1_6);
    assert!(!none.to_string().contains("A.3.2 AI roles and responsibilities is evidenced"));
    // It leads into the bill of the same inventory, and is not that.
    let bill = declared["serialNumber"].as_str().expect("a number").replace("urn:uuid:", "");
    let link = &all(&bom["declarations"]["targets"], "components")[0]["externalReferences"][1]["url"];
    assert!(
        link.as_str()
            .is_some_and(|link| link.starts_with(&format!("urn:cdx:{bill}/1#system-"))),
        "{link}"
    );
    assert_ne!(bom["serialNumber"], format!("urn:uuid:{bill}").as_str());
}

#[test]
fn every_part_is_there_once_and_hangs_on_its_system() {
    let inventory = sample::inventory();
    let bom = bom(&inventory);
    let mut references: Vec<&str> = all(&bom, "components")
        .iter()
        .chain(all(&bom, "services"))
        .map(|one| one["bom-ref"].as_str().expect("a reference"))
        .collect();
    references.sort_unstable();
    let count = references.len();
    references.dedup();
    assert_eq!(references.len(), count);
    let endpoint = inventory
        .systems
        .iter()
        .flat_map(|system| &system.components)
        .filter(|component| component.kind == Kind::Endpoint)
        .count();
    let parts: usize = inventory.systems.iter().map(|system| system.components.len()).sum();
    assert_eq!(count, inventory.systems.len() + parts - endpoint);
    let mut reached: Vec<&str> = all(&bom, "dependencies")
        .iter()
        .flat_map(|dependency| dependency["dependsOn"].as_array().expect("a list"))
        .map(|reference| reference.as_str().expect("a reference"))
        .collect();
    reached.sort_unstable();
    assert_eq!(reached, references);
}

#[test]
fn a_hosted_api_is_a_service_with_its_endpoint() {
    let mut inventory = sample::inventory();
    let support = inventory
        .systems
        .iter_mut()
        .find(|system| system.name == "support-bot")
        .expect("in the sample");
    let openai = support
        .components
        .iter_mut()
        .find(|one| one.kind == Kind::Provider && one.name == "openai")
        .expect("there");
    openai.facts.insert("vendor".into(), "service".into());
    let bom = bom(&inventory);
    let openai = named(&bom, "services", "openai");
    assert_eq!(openai["endpoints"], serde_json::json!(["//api.openai.com"]));
    assert_eq!(
        (&openai["authenticated"], &openai["x-trust-boundary"]),
        (&true.into(), &true.into())
    );
    assert_eq!(openai["data"][0]["flow"], "bi-directional");
    assert!(property(openai, "occurrence").contains(&"services/support/app/settings.py:18"));
    let anthropic = named(&bom, "services", "anthropic");
    assert!(
        anthropic.get("endpoints").is_none() && anthropic.get("authenticated").is_none() && anthropic.get("x-trust-boundary").is_none()
    );
    let huggingface = named(&bom, "services", "huggingface");
    assert_eq!(huggingface["data"][0]["flow"], "unknown");
}

#[test]
fn a_model_has_a_card_of_what_is_known_and_nothing_else() {
    let mut inventory = sample::inventory();
    let hr = inventory
        .systems
        .iter_mut()
        .find(|system| system.name == "hr-screening")
        .expect("in the sample");
    let model = hr.components.iter_mut().find(|one| one.kind == Kind::ModelFile).expect("there");
    for (fact, value) in [
        ("architecture", "BertForSequenceClassification"),
        ("base-model", "google/bert"),
        ("dataset", "applicants_2019_2024.parquet acme/public"),
        ("licence", "apache-2.0"),
        ("sha256", &"ab".repeat(32)),
        ("task", "text-classification"),
    ] {
        model.facts.insert(fact.into(), value.into());
    }
    let bom = bom(&inventory);
    let model = named(&bom, "components", "shortlist.onnx");
    assert_eq!(model["type"], "machine-learning-model");
    let card = &model["modelCard"]["modelParameters"];
    assert_eq!(
        (&card["task"], &card["modelArchitecture"]),
        (&"text-classification".into(), &"BertForSequenceClassification".into())
    );
    assert!(card.get("architectureFamily").is_none());
    assert_eq!(
        card["datasets"][0]["ref"],
        named(&bom, "components", "applicants_2019_2024.parquet")["bom-ref"]
    );
    assert_eq!(card["datasets"][1]["name"], "acme/public");
    assert_eq!(model["pedigree"]["ancestors"][0]["name"], "google/bert");
    assert_eq!(model["licenses"][0]["license"]["id"], "Apache-2.0");
    assert_eq!(model["hashes"][0]["content"], "ab".repeat(32));
    let unknown = named(&bom, "components", "claude-sonnet-4-5");
    assert!(unknown.get("modelCard").is_none() && unknown.get("licenses").is_none() && unknown.get("version").is_none());
    assert_eq!(unknown["supplier"]["name"], "anthropic");
}

#[test]
fn several_purposes_are_no_task_and_a_free_licence_text_is_a_name() {
    let mut inventory = sample::inventory();
    for model in inventory.systems.iter_mut().flat_map(|system| &mut system.components) {
        if model.kind == Kind::Model {
            model.facts.insert("purposes".into(), "embedding text-generation".into());
            model.facts.insert("licence".into(), "Llama 3.2 Community".into());
        }
    }
    let bom = bom(&inventory);
    let model = named(&bom, "components", "claude-sonnet-4-5");
    assert!(model.get("modelCard").is_none());
    assert_eq!(model["licenses"][0]["license"]["name"], "Llama 3.2 Community");
}

#[test]
fn packages_have_a_url_and_places() {
    let mut inventory = sample::inventory();
    for component in inventory.systems.iter_mut().flat_map(|system| &mut system.components) {
        if component.name == "@ai-sdk/google" {
            component.facts.insert("ecosystem".into(), "npm".into());
            component.relation = Some(Relation::Peer);
        }
    }
    let bom = bom(&inventory);
    let package = named(&bom, "components", "@ai-sdk/google");
    assert_eq!(package["purl"], "pkg:npm/%40ai-sdk/google");
    assert_eq!(property(package, "version"), ["^2.0.0"]);
    assert_eq!(
        (
            &package["evidence"]["occurrences"][0]["location"],
            &package["evidence"]["occurrences"][0]["line"]
        ),
        (&"apps/web/package.json".into(), &22.into())
    );
    assert!(package.get("isExternal").is_none());
    let newer: Value = serde_json::from_str(&text(&inventory, Edition::V1_7)).expect("JSON");
    assert_eq!(named(&newer, "components", "@ai-sdk/google")["isExternal"], true);
}

#[test]
fn a_system_has_its_tier_with_reasons_and_questions() {
    let bom = bom(&sample::inventory());
    let support = named(&bom, "components", "support-bot");
    assert_eq!(property(support, "tier:floor"), ["limited"]);
    assert_eq!(property(support, "tier:ceiling"), ["high"]);
    assert_eq!(property(support, "tier:reason").len(), 2);
    assert!(property(support, "tier:question")[0].contains("Do customers talk to it directly?"));
    assert_eq!(support["externalReferences"][0]["url"], "https://git.example.com/acme/platform");
    let texts: Vec<&str> = all(&bom, "annotations").iter().filter_map(|one| one["text"].as_str()).collect();
    assert!(texts.iter().any(|text| text.starts_with("error (hard-coded-credential)")));
    assert!(texts.iter().any(|text| text.contains("Accepted: the unit is to be deleted")));
    assert!(texts[0].starts_with("Indicative"));
    assert_eq!(bom["compositions"][0]["aggregate"], "incomplete");
}

#[test]
fn nothing_secret_and_nothing_that_steers_is_written() {
    for inventory in [sample::inventory(), sample::hostile()] {
        let text = text(&inventory, Edition::V1_6);
        assert!(!text.contains("sk-proj-4f9a8b7c6d5e4f3a2b1c"));
        assert!(!text.contains(|c: char| c != '\n' && wording::steers(c)));
    }
}

#[test]
fn the_same_inventory_gives_the_same_bytes_and_another_scan_another_number() {
    let inventory = sample::inventory();
    let mut shuffled = inventory.clone();
    shuffled.systems.reverse();
    shuffled.findings.reverse();
    shuffled.systems.iter_mut().for_each(|system| system.components.reverse());
    // What was found twice is one.
    shuffled.systems.push(inventory.systems[0].clone());
    assert_eq!(text(&shuffled, Edition::V1_6), text(&inventory, Edition::V1_6));
    let mut later = inventory.clone();
    later.scanned_at = "2026-11-21T09:41:07Z".into();
    assert_ne!(bom(&later)["serialNumber"], bom(&inventory)["serialNumber"]);
}

#[test]
fn ten_thousand_systems_are_written_as_they_come() {
    /// Counts, and notes the largest piece it is given.
    struct Count(usize, usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            self.1 = self.1.max(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0, 0);
    write(&sample::large(1_000), Edition::V1_6, &mut count).expect("written");
    assert!(
        count.0 > 10_000_000 && count.1 < 10_000,
        "{} bytes, the largest piece {}",
        count.0,
        count.1
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_things_are_called_the_bill_is_valid(
        name in "\\PC{0,20}|[=+@-]cmd\\|.{0,9}|\\PC{9000,10000}|(?s).{0,40}",
        version in "(?s).{0,12}|[0-9.]{1,9}",
        ecosystem in prop::sample::select(vec!["npm", "pypi", "maven", "go", "cargo", "cocoapods", "", "x"]),
        kind in prop::sample::select(Kind::ALL.to_vec()),
        stage in prop::sample::select(vec![Stage::Declared, Stage::Invoked, Stage::Deployed]),
    ) {
        static VALIDATORS: std::sync::OnceLock<[jsonschema::Validator; 2]> = std::sync::OnceLock::new();
        let validators = VALIDATORS.get_or_init(|| [validator(Edition::V1_6), validator(Edition::V1_7)]);
        let mut inventory = sample::inventory();
        inventory.systems.truncate(1);
        let mut component = declared("p", kind, &name, Some(&name), &version, &name, 3);
        component.stage = stage;
        for fact in ["ecosystem", "licence", "base-model", "dataset", "host", "sha256", "package", "description", "headers"] {
            component.facts.insert(fact.into(), if fact == "ecosystem" { ecosystem.into() } else { name.clone() });
        }
        let system = &mut inventory.systems[0];
        system.components.push(component);
        (system.name, system.folder, system.source) = (name.clone(), name.clone(), name.clone());
        inventory.sources[0].identity.clone_from(&name);
        for (validator, edition) in validators.iter().zip([Edition::V1_6, Edition::V1_7]) {
            let bom: Value = serde_json::from_str(&text(&inventory, edition)).expect("JSON");
            prop_assert_eq!(errors(validator, &bom), Vec::<String>::new());
        }
    }
}
