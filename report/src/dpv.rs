//! The inventory as JSON-LD in the terms of the W3C's Data Privacy Vocabulary and its extensions for AI and the EU AI Act. The context stands
//! in the document, so that nothing is fetched. What rules are a sign of is a sign and never a type; roles, stages and personal data are
//! given only where people decided them.

use std::collections::BTreeSet;
use std::io::{self, Write};

use evidence::{ComponentKind as Kind, Stage, Usage};
use governance::{Record, Status, View, vocabulary};
use inventory::{Component, Inventory, Reason, System};
use serde::Serialize;

use crate::document;
use crate::json::{self, Each};
use crate::overview::name_of;
use crate::reach::{self, Where};

/// Places given for one thing; the JSON format has all.
const PLACES: usize = 20;

/// Writes the inventory piece by piece.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let systems = &document::systems(inventory);
    let view = &View::of(inventory, None);
    let whole = &format!("urn:uuid:{}", document::sibling(&document::uuid(inventory, systems), "dpv"));
    let head = || {
        std::iter::once(Node::Whole(Whole {
            id: whole,
            title: document::title(inventory),
            created: Time {
                kind: "xsd:dateTime",
                value: &inventory.scanned_at,
            },
            creator: &inventory.generator,
            description: &inventory.notice,
            ruleset: &inventory.ruleset,
        }))
    };
    let file = File {
        context: CONTEXT,
        graph: Each(|| head().chain(systems.iter().map(|system| Node::System(Box::new(node(view, system, whole)))))),
    };
    json::write(&file, out)
}

const CONTEXT: Context = Context {
    dpv: "https://w3id.org/dpv#",
    ai: "https://w3id.org/dpv/ai#",
    tech: "https://w3id.org/dpv/tech#",
    act: "https://w3id.org/dpv/legal/eu/aiact#",
    dct: "http://purl.org/dc/terms/",
    xsd: "http://www.w3.org/2001/XMLSchema#",
    own: "urn:aimscan:vocabulary:",
};

fn node<'a>(view: &View<'a>, system: &'a System, whole: &'a str) -> SystemNode<'a> {
    let record = Record::of(view, system);
    let decided = |field: &str| {
        let field = record.field(field);
        field
            .values
            .iter()
            .find(|value| value.status == Status::Human)
            .map(|value| value.text.clone())
    };
    let term = |field: &str| decided(field).and_then(|answer| vocabulary::term(field, &answer));
    let tier = &system.classification;
    SystemNode {
        id: format!("urn:aimscan:system:{}", system.id),
        kind: "ai:AISystem",
        part_of: Id { id: whole.to_owned() },
        identifier: &system.id,
        title: name_of(system),
        description: system.description.as_deref(),
        source: &system.source,
        folder: &system.folder,
        tier: [tier.floor, tier.indicated, tier.ceiling].map(inventory::Tier::as_str),
        purposes: record
            .field("purpose")
            .values
            .iter()
            .map(|value| Purpose {
                kind: "dpv:Purpose",
                description: value.text.clone(),
                status: value.status.as_str(),
                provenance: value.source.clone(),
            })
            .collect(),
        capabilities: capabilities(system).into_iter().map(|id| Id { id: id.to_owned() }).collect(),
        models: parts(system, &[Kind::Model, Kind::ModelFile]),
        data: parts(system, &[Kind::Dataset]),
        services: services(system),
        role: term("eu-role").map(|kind| Typed { kind }),
        stage: term("life-cycle").map(|id| Id { id: id.to_owned() }),
        personal_data: term("personal-data").map(|kind| Typed { kind }),
        signs: tier.reasons.iter().flat_map(sign).collect(),
    }
}

/// What components that are called where the system runs are for: of several purposes of one nobody knows which is used.
fn capabilities(system: &System) -> BTreeSet<&'static str> {
    let called = system.components.iter().filter(|component| {
        component.usage == Usage::Runtime
            && component.stage >= Stage::Invoked
            && !matches!(
                component.kind,
                Kind::Provider | Kind::AssistantConfig | Kind::SecretRef | Kind::Endpoint
            )
    });
    called
        .filter_map(|component| component.facts.get("purposes"))
        .map(|purposes| purposes.trim())
        .filter(|purposes| !purposes.contains(char::is_whitespace))
        .filter_map(|purpose| vocabulary::term("purpose", purpose))
        .collect()
}

fn parts<'a>(system: &'a System, kinds: &[Kind]) -> Vec<Part<'a>> {
    let parts = document::parts(system)
        .into_iter()
        .filter(|component| kinds.contains(&component.kind));
    parts
        .map(|component| Part {
            id: format!("urn:aimscan:part:{}", component.id),
            kind: vocabulary::term("kind", component.kind.as_str()).unwrap_or("dpv:Technology"),
            title: &component.name,
            // Of a file or a data set it is whose format or library that is.
            provider: component
                .provider
                .as_deref()
                .filter(|_| component.kind == Kind::Model)
                .map(|title| Named {
                    kind: "tech:Provider",
                    title,
                }),
            stage: component.stage.as_str(),
            confidence: component.confidence.as_str(),
            usage: component.usage.as_str(),
            places: places(component),
        })
        .collect()
}

/// The services of others that a system uses where it runs, with whoever provides them.
fn services(system: &System) -> Vec<Service> {
    let (flows, _) = reach::of(system);
    flows
        .into_iter()
        .filter(|flow| flow.place == Where::Others)
        .map(|flow| Service {
            kind: "dpv:Service",
            called: flow.called,
            provider: Owned {
                kind: "dpv:ServiceProvider",
                title: flow.name,
            },
        })
        .collect()
}

/// What a rule that fired is a sign of.
fn sign(reason: &Reason) -> impl Iterator<Item = Sign<'_>> {
    vocabulary::classes(&reason.rule).map(|class| Sign {
        kind: "aimscan:Sign",
        of: Id {
            id: format!("eu-aiact:{class}"),
        },
        rule: &reason.rule,
        description: &reason.because,
        effect: &reason.effect,
        places: reason.evidence.iter().take(PLACES).map(ToString::to_string).collect(),
    })
}

fn places(component: &Component) -> Vec<String> {
    let places: BTreeSet<String> = component.evidence.iter().map(|seen| seen.location.to_string()).collect();
    places.into_iter().take(PLACES).collect()
}

#[derive(Serialize)]
struct File<Graph> {
    #[serde(rename = "@context")]
    context: Context,
    #[serde(rename = "@graph")]
    graph: Graph,
}

#[derive(Serialize)]
struct Context {
    dpv: &'static str,
    ai: &'static str,
    tech: &'static str,
    #[serde(rename = "eu-aiact")]
    act: &'static str,
    dct: &'static str,
    xsd: &'static str,
    #[serde(rename = "aimscan")]
    own: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Node<'a> {
    Whole(Whole<'a>),
    System(Box<SystemNode<'a>>),
}

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(rename = "@id")]
    id: &'a str,
    #[serde(rename = "dct:title")]
    title: &'a str,
    #[serde(rename = "dct:created")]
    created: Time<'a>,
    #[serde(rename = "dct:creator")]
    creator: &'a str,
    #[serde(rename = "dct:description")]
    description: &'a str,
    #[serde(rename = "aimscan:ruleset")]
    ruleset: &'a str,
}

#[derive(Serialize)]
struct Time<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "@value")]
    value: &'a str,
}

#[derive(Serialize)]
struct Id {
    #[serde(rename = "@id")]
    id: String,
}

#[derive(Serialize)]
struct Typed {
    #[serde(rename = "@type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Named<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "dct:title")]
    title: &'a str,
}

#[derive(Serialize)]
struct Owned {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "dct:title")]
    title: String,
}

#[derive(Serialize)]
struct SystemNode<'a> {
    #[serde(rename = "@id")]
    id: String,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "dct:isPartOf")]
    part_of: Id,
    #[serde(rename = "dct:identifier")]
    identifier: &'a str,
    #[serde(rename = "dct:title")]
    title: &'a str,
    #[serde(rename = "dct:description", skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(rename = "dct:source")]
    source: &'a str,
    #[serde(rename = "aimscan:folder")]
    folder: &'a str,
    /// Floor, indicated tier and ceiling, in this order.
    #[serde(rename = "aimscan:tier", serialize_with = "list")]
    tier: [&'static str; 3],
    #[serde(rename = "dpv:hasPurpose", skip_serializing_if = "Vec::is_empty")]
    purposes: Vec<Purpose>,
    #[serde(rename = "ai:hasCapability", skip_serializing_if = "Vec::is_empty")]
    capabilities: Vec<Id>,
    #[serde(rename = "ai:hasModel", skip_serializing_if = "Vec::is_empty")]
    models: Vec<Part<'a>>,
    #[serde(rename = "ai:hasData", skip_serializing_if = "Vec::is_empty")]
    data: Vec<Part<'a>>,
    #[serde(rename = "tech:hasService", skip_serializing_if = "Vec::is_empty")]
    services: Vec<Service>,
    #[serde(rename = "dpv:hasEntity", skip_serializing_if = "Option::is_none")]
    role: Option<Typed>,
    #[serde(rename = "tech:hasLifecycleStage", skip_serializing_if = "Option::is_none")]
    stage: Option<Id>,
    #[serde(rename = "dpv:hasPersonalData", skip_serializing_if = "Option::is_none")]
    personal_data: Option<Typed>,
    #[serde(rename = "aimscan:sign", skip_serializing_if = "Vec::is_empty")]
    signs: Vec<Sign<'a>>,
}

/// A list in its order, which JSON-LD would otherwise not keep.
fn list<S: serde::Serializer>(values: &[&'static str; 3], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Ordered<'v> {
        #[serde(rename = "@list")]
        list: &'v [&'static str; 3],
    }
    Ordered { list: values }.serialize(serializer)
}

#[derive(Serialize)]
struct Purpose {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "dct:description")]
    description: String,
    #[serde(rename = "aimscan:status")]
    status: &'static str,
    #[serde(rename = "dct:provenance")]
    provenance: String,
}

#[derive(Serialize)]
struct Part<'a> {
    #[serde(rename = "@id")]
    id: String,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "dct:title")]
    title: &'a str,
    #[serde(rename = "tech:hasProvider", skip_serializing_if = "Option::is_none")]
    provider: Option<Named<'a>>,
    #[serde(rename = "aimscan:stage")]
    stage: &'static str,
    #[serde(rename = "aimscan:confidence")]
    confidence: &'static str,
    #[serde(rename = "aimscan:usage")]
    usage: &'static str,
    #[serde(rename = "aimscan:place")]
    places: Vec<String>,
}

#[derive(Serialize)]
struct Service {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "aimscan:called")]
    called: bool,
    #[serde(rename = "dpv:hasServiceProvider")]
    provider: Owned,
}

#[derive(Serialize)]
struct Sign<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "dct:subject")]
    of: Id,
    #[serde(rename = "aimscan:rule")]
    rule: &'a str,
    #[serde(rename = "dct:description")]
    description: &'a str,
    #[serde(rename = "aimscan:effect")]
    effect: &'a str,
    #[serde(rename = "aimscan:place", skip_serializing_if = "Vec::is_empty")]
    places: Vec<String>,
}

#[cfg(test)]
mod tests {
    use inventory::register::Held;
    use serde_json::Value;

    use super::*;
    use crate::sample;

    const TERMS: &str = include_str!("../../fixtures/schemas/dpv-2.3-terms.txt");

    fn written(inventory: &Inventory) -> Value {
        let mut out = Vec::new();
        write(inventory, &mut out).expect("a vector takes everything");
        let text = String::from_utf8(out).expect("text");
        assert!(!text.contains(|c: char| c != '\n' && crate::wording::steers(c)));
        serde_json::from_str(&text).expect("JSON")
    }

    /// Every name that stands for a term: keys, types and ids that begin with a prefix.
    fn names(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    if !key.starts_with('@') {
                        into.insert(key.clone());
                    }
                    if let ("@type" | "@id", Some(name)) = (key.as_str(), value.as_str()) {
                        into.insert(name.to_owned());
                    }
                    names(value, into);
                }
            }
            Value::Array(list) => list.iter().for_each(|value| names(value, into)),
            _ => {}
        }
    }

    fn system<'v>(file: &'v Value, name: &str) -> &'v Value {
        let graph = file["@graph"].as_array().expect("a graph");
        graph
            .iter()
            .find(|node| node["dct:title"] == name)
            .unwrap_or_else(|| panic!("no {name}"))
    }

    #[test]
    fn every_term_is_one_of_the_published_vocabulary_or_of_a_known_one() {
        let published: BTreeSet<&str> = TERMS.lines().collect();
        let mut seen = 0;
        for inventory in [decided(), sample::hostile(), sample::large(20), sample::empty()] {
            let mut all = BTreeSet::new();
            names(&written(&inventory)["@graph"], &mut all);
            for name in all {
                let (prefix, rest) = name.split_once(':').expect("every name has a prefix");
                let base = match prefix {
                    "dpv" => CONTEXT.dpv,
                    "ai" => CONTEXT.ai,
                    "tech" => CONTEXT.tech,
                    "eu-aiact" => CONTEXT.act,
                    "dct" | "aimscan" | "urn" | "xsd" => continue,
                    other => panic!("{other}: is no prefix of the context"),
                };
                seen += 1;
                assert!(published.contains(format!("{base}{rest}").as_str()), "{name}");
            }
        }
        assert!(seen > 10);
    }

    fn held(value: &str) -> Held {
        Held {
            number: 1,
            value: value.into(),
            by: "Jane Roe".into(),
            at: "2026-11-20T09:00:00Z".into(),
            reason: String::new(),
            until: None,
            reopened: Vec::new(),
        }
    }

    fn decided() -> Inventory {
        let mut inventory = sample::inventory();
        for (field, value) in [
            ("eu-role", "deployer"),
            ("life-cycle", "operation"),
            ("personal-data", "yes"),
            ("purpose", "Answers customers"),
        ] {
            let system = inventory
                .systems
                .iter_mut()
                .find(|system| system.name == "support-bot")
                .expect("there");
            system.standing.decisions.insert(format!("field/{field}"), held(value));
        }
        inventory
    }

    #[test]
    fn what_only_people_know_is_there_only_when_they_said_it() {
        let keys = ["dpv:hasEntity", "tech:hasLifecycleStage", "dpv:hasPersonalData"];
        let file = written(&sample::inventory());
        for node in file["@graph"].as_array().expect("a graph") {
            assert!(keys.iter().all(|key| node.get(key).is_none()), "{node:#}");
        }
        let file = written(&decided());
        let bot = system(&file, "support-bot");
        assert_eq!(bot["dpv:hasEntity"]["@type"], "eu-aiact:AIDeployer");
        assert_eq!(bot["tech:hasLifecycleStage"]["@id"], "ai:OperationStage");
        assert_eq!(bot["dpv:hasPersonalData"]["@type"], "dpv:PersonalData");
        assert_eq!(bot["dpv:hasPurpose"][0]["aimscan:status"], "human");
        assert!(system(&file, "hr-screening").get("dpv:hasEntity").is_none());
    }

    #[test]
    fn a_rule_is_a_sign_of_a_class_and_no_class() {
        let mut inventory = sample::inventory();
        inventory.systems[0].classification.reasons[0].rule = "domain.employment".into();
        let file = written(&inventory);
        let node = system(&file, &inventory.systems[0].name);
        assert_eq!(node["@type"], "ai:AISystem");
        let signs = node["aimscan:sign"].as_array().expect("signs");
        assert_eq!(signs[0]["dct:subject"]["@id"], "eu-aiact:HighRiskAISystem-AnnexIII-4-a");
        assert!(signs[0]["aimscan:place"].as_array().is_some_and(|places| !places.is_empty()));
        assert!(!file.to_string().contains("hasRiskLevel"));
    }

    #[test]
    fn models_and_services_name_who_stands_behind_them() {
        let file = written(&sample::inventory());
        let bot = system(&file, "support-bot");
        let models = bot["ai:hasModel"].as_array().expect("models");
        let gpt = models
            .iter()
            .find(|model| model["dct:title"] == "gpt-4o-2024-08-06")
            .expect("there");
        assert_eq!(
            (&gpt["@type"], &gpt["tech:hasProvider"]["dct:title"]),
            (&"ai:Model".into(), &"openai".into())
        );
        let services = bot["tech:hasService"].as_array().expect("services");
        assert!(
            services
                .iter()
                .any(|service| service["dpv:hasServiceProvider"]["dct:title"] == "openai")
        );
        assert_eq!(bot["ai:hasCapability"][0]["@id"], "ai:NaturalLanguageGeneration");
        let hr = system(&file, "hr-screening");
        let files = hr["ai:hasModel"].as_array().expect("models");
        let onnx = files
            .iter()
            .find(|model| model["@type"] == "ai:MachineLearningModel")
            .expect("there");
        assert!(onnx.get("tech:hasProvider").is_none(), "{onnx:#}");
        // What can do several things shows none of them, nor does what is only declared.
        let mut several = sample::inventory();
        for component in several.systems.iter_mut().flat_map(|system| &mut system.components) {
            component.facts.insert("purposes".into(), "text-generation embedding".into());
        }
        assert!(!written(&several).to_string().contains("hasCapability"));
    }
}
