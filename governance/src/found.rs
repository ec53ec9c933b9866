//! What an inventory tells for each field of a record, by the field's id. A field that nothing here answers is one that only
//! people can fill.

mod origin;
mod risk;

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Confidence, Location, Stage, Voice};
use inventory::register::LISTED;
use inventory::{Component, System};
use rules::concepts::Axis;
use rules::tags::Meaning;

use crate::View;
use crate::record::{Status, Value};
use crate::seen::{at, day, how, named, places, runs};

/// Values that a field shows; the resource sheet lists all.
const MOST_VALUES: usize = 40;

/// What the outputs and inputs of a purpose are.
const OUTPUTS: [(&str, &str); 9] = [
    ("text-generation", "generated text"),
    ("image-generation", "generated images"),
    ("video-generation", "generated video"),
    ("audio-generation", "generated audio"),
    ("music-generation", "generated music"),
    ("text-to-speech", "generated speech"),
    ("speech-to-text", "transcripts"),
    ("embedding", "embeddings"),
    ("reranking", "rankings of texts"),
];
const INPUTS: [(&str, &str); 5] = [
    ("speech-to-text", "recorded speech"),
    ("image-understanding", "images"),
    ("image-analysis", "images"),
    ("face-recognition", "images of faces"),
    ("document-processing", "documents"),
];

/// A system, looked at for the fields of its record.
pub(crate) struct Look<'a> {
    view: &'a View<'a>,
    system: &'a System,
}

impl<'a> Look<'a> {
    pub(crate) const fn of(view: &'a View<'a>, system: &'a System) -> Self {
        Self { view, system }
    }

    /// What is found for a field.
    pub(crate) fn values(&self, field: &str) -> Vec<Value> {
        use ComponentKind as Kind;
        let system = self.system;
        let mut values = match field {
            "system-id" => vec![detected(&system.id, "id of the inventory")],
            "name" if !system.name.is_empty() && system.boundary != LISTED => {
                let catalogued = self.tags(Meaning::Name).find(|(.., value)| *value == system.name);
                vec![match catalogued {
                    Some((said, ..)) => Value {
                        places: vec![said.location.clone()],
                        ..detected(&system.name, "entry of a software catalogue")
                    },
                    None if system.is_called_by_its_place() => {
                        let source = if system.folder.is_empty() {
                            "what its source is called"
                        } else {
                            "its folder"
                        };
                        inferred(&system.name, source, Confidence::Medium)
                    }
                    None => detected(&system.name, &format!("its {}", system.boundary)),
                }]
            }
            "description" | "purpose" => self.described(),
            "source" if system.boundary == LISTED => vec![Value {
                text: at(&system.source, &system.folder),
                source: "a list that people keep".to_owned(),
                confidence: None,
                status: Status::Human,
                places: Vec::new(),
            }],
            "source" => vec![detected(&at(&system.source, &system.folder), "what was scanned")],
            "first-seen" => system.first_seen.iter().map(|time| detected(day(time), "scans")).collect(),
            "last-seen" => system.last_seen.iter().map(|time| detected(day(time), "scans")).collect(),
            "introduced" => self.introduced(),
            "documentation" => self.cards(),
            "owner" => self.owners(),
            "human-resources" => self.people(),
            "life-cycle" => self.stage(),
            "origin" => self.origin(),
            "eu-role" => self.role(),
            "vendor" => self.vendors(),
            "hosting" => self.hosting(),
            "regions" => self.regions(),
            "technique" => self.purposes(),
            "outputs" => self.words(&OUTPUTS),
            "inputs" => self.words(&INPUTS),
            "models" => self.of_kinds(&[Kind::Model, Kind::ModelFile]),
            "model-licences" => self.licences(),
            "retiring-models" => self.retiring(),
            "components" => self.of_kinds(&[Kind::Package, Kind::Framework, Kind::AgentFramework, Kind::AssistantConfig]),
            "prompts" => self.of_kinds(&[Kind::Prompt, Kind::VectorDb]),
            "agents" => self.of_kinds(&[Kind::AgentFramework, Kind::McpServer, Kind::Tool]),
            "computing" => self.of_kinds(&[Kind::CloudService, Kind::InfraImage]),
            "endpoints" => self.of_kinds(&[Kind::Endpoint]),
            "credentials" => self.of_kinds(&[Kind::SecretRef]),
            "datasets" => self.of_kinds(&[Kind::Dataset]),
            "data-provenance" => self.provenance(),
            "data-processed" => self.data(),
            "data-class" => self.tagged(Meaning::Classification),
            "business-unit" => self.tagged(Meaning::Unit),
            "personal-data" => self.signs(&["data."], &["personal-data-question"]),
            "special-categories" => self.signs(&["data.biometric", "data.health", "data.special"], &[]),
            "exposure" => self.signs(&["use.generative"], &[]),
            "approval" => self.signs(&[], &inventory::findings::UNAPPROVED),
            "autonomy" => self.autonomy(),
            "tier" => self.tier(),
            "tier-rationale" => self.signs(&[""], &[]),
            "eu-class" => self.law(),
            "reporting-contact" => self.pages(Voice::Contact, "page of the project that says where to report"),
            "impact-documents" => self.pages(Voice::Assessment, "page of the project, by its name"),
            "severity" => self.level(|profile| (profile.severity, &[Axis::Data, Axis::UseCase, Axis::Outputs, Axis::Exposure])),
            "likelihood" => self.level(|profile| (profile.likelihood, &[Axis::Autonomy, Axis::Provenance])),
            "oversight" => self.practice(&["approval"], "step at which a person must agree"),
            "testing" => self.practice(&["evaluation", "red-teaming"], "tool of evaluation"),
            "guardrails" => self.practice(&["guardrails"], "guardrail"),
            "monitoring" => self.practice(&["observability"], "tool of observation"),
            "logging" => self.practice(&["observability"], "tool that traces calls"),
            _ => Vec::new(),
        };
        let all = values.len();
        if all > MOST_VALUES {
            values.truncate(MOST_VALUES);
            values.push(detected(&format!("and {} more", all - MOST_VALUES), "resource sheet"));
        }
        values
    }

    fn described(&self) -> Vec<Value> {
        let introduced = self.system.said.iter().filter(|said| said.voice == Voice::Introduction);
        let introduced = introduced.map(|said| Value {
            places: vec![said.location.clone()],
            ..inferred(&said.text, &introduced_in(&said.location), Confidence::Medium)
        });
        let quoted = self.system.description.iter().filter(|text| !text.trim().is_empty());
        quoted
            .map(|text| {
                inferred(
                    text.trim(),
                    &format!("description in its {}", self.system.boundary),
                    Confidence::Medium,
                )
            })
            .chain(introduced)
            .collect()
    }

    fn cards(&self) -> Vec<Value> {
        let cards: BTreeSet<&Location> = self
            .system
            .components
            .iter()
            .flat_map(|component| &component.evidence)
            .filter(|seen| seen.detector == "ai/cards")
            .map(|seen| &seen.location)
            .collect();
        cards
            .into_iter()
            .map(|place| Value {
                places: vec![place.clone()],
                ..detected(&place.path, "model or data card")
            })
            .collect()
    }

    fn purposes(&self) -> Vec<Value> {
        let mut purposes: BTreeMap<&str, &Component> = BTreeMap::new();
        for component in self.system.components.iter().filter(|component| runs(component)) {
            for purpose in component.own_purposes() {
                let known = purposes.entry(purpose).or_insert(component);
                if component.stage > known.stage {
                    *known = component;
                }
            }
        }
        purposes
            .into_iter()
            .map(|(purpose, component)| Value {
                confidence: Some(component.confidence),
                places: places(component),
                ..detected(purpose, &format!("what {} is for", component.name))
            })
            .collect()
    }

    /// What goes in or comes out, told by what components that are called are for.
    fn words(&self, known: &[(&str, &'static str)]) -> Vec<Value> {
        let mut told: BTreeMap<&str, &Component> = BTreeMap::new();
        for component in self.system.components.iter().filter(|component| {
            runs(component)
                && component.stage >= Stage::Invoked
                && matches!(component.kind, ComponentKind::Model | ComponentKind::CloudService)
        }) {
            for (purpose, says) in known {
                if component.own_purposes().contains(purpose) {
                    told.entry(*says).or_insert(component);
                }
            }
        }
        told.into_iter()
            .map(|(says, component)| Value {
                places: places(component),
                ..inferred(says, &format!("what {} can do", component.name), Confidence::Low)
            })
            .collect()
    }

    fn of_kinds(&self, kinds: &[ComponentKind]) -> Vec<Value> {
        let mut found: Vec<&Component> = self
            .system
            .components
            .iter()
            .filter(|component| kinds.contains(&component.kind) && !component.is_offered())
            .collect();
        // What helps to write the system is no part of what runs.
        let helps = |component: &Component| component.kind == ComponentKind::AssistantConfig;
        found.sort_by_key(|component| {
            (
                helps(component),
                std::cmp::Reverse(component.usage),
                std::cmp::Reverse(component.stage),
            )
        });
        found
            .into_iter()
            .map(|component| Value {
                confidence: Some(component.confidence),
                places: places(component),
                ..detected(&named(component), &how(component))
            })
            .collect()
    }

    fn with_fact(&self, kinds: &[ComponentKind], say: impl Fn(&Component) -> Option<String>) -> Vec<Value> {
        self.system
            .components
            .iter()
            .filter(|component| kinds.contains(&component.kind) && !component.is_offered())
            .filter_map(|component| {
                Some(Value {
                    confidence: Some(component.confidence),
                    places: places(component),
                    ..detected(&say(component)?, "catalog or file")
                })
            })
            .collect()
    }

    fn licences(&self) -> Vec<Value> {
        self.with_fact(&[ComponentKind::Model, ComponentKind::ModelFile], |component| {
            let licence = component.facts.get("licence").or_else(|| component.facts.get("license"))?;
            Some(format!("{}: {licence}", component.name))
        })
    }

    fn retiring(&self) -> Vec<Value> {
        self.with_fact(&[ComponentKind::Model], |component| {
            let retired = component.facts.get("retired-on").map(|day| format!("retired {day}"));
            let retires = retired.or_else(|| component.facts.get("retires").map(|day| format!("retires {day}")))?;
            let successor = component
                .facts
                .get("successor")
                .map(|next| format!(", successor {next}"))
                .unwrap_or_default();
            Some(format!("{}: {retires}{successor}", component.name))
        })
    }

    fn provenance(&self) -> Vec<Value> {
        self.with_fact(
            &[ComponentKind::Model, ComponentKind::ModelFile, ComponentKind::Dataset],
            |component| {
                let made = component
                    .facts
                    .get("base-model")
                    .map(|base| format!("{} was made from {base}", component.name));
                let trained = component
                    .facts
                    .get("dataset")
                    .map(|data| format!("{} was trained on {data}", component.name));
                made.or(trained)
            },
        )
    }

    /// Data sets by their names, and what vector stores hold, of which nothing but the store is known.
    fn data(&self) -> Vec<Value> {
        let stores = self
            .system
            .components
            .iter()
            .filter(|component| component.kind == ComponentKind::VectorDb && runs(component));
        let held = stores.map(|component| Value {
            places: places(component),
            ..inferred(
                &format!("contents of {}", component.name),
                "a vector store stands in what runs; what is put into it, people know",
                Confidence::Low,
            )
        });
        self.of_kinds(&[ComponentKind::Dataset]).into_iter().chain(held).collect()
    }

    /// Pages that the project keeps; whether they are what is asked for, a person says.
    fn pages(&self, voice: Voice, source: &str) -> Vec<Value> {
        let pages = self.system.said.iter().filter(|said| said.voice == voice);
        pages
            .map(|page| Value {
                places: vec![page.location.clone()],
                ..inferred(&page.location.path, source, Confidence::Low)
            })
            .collect()
    }
}

fn detected(text: &str, source: &str) -> Value {
    Value {
        text: text.to_owned(),
        source: source.to_owned(),
        confidence: Some(Confidence::High),
        status: Status::Detected,
        places: Vec::new(),
    }
}

/// What a text introduces a project in, as people call it.
fn introduced_in(place: &Location) -> String {
    let name = place.path.rsplit('/').next().unwrap_or_default();
    if name.to_ascii_lowercase().starts_with("readme") {
        "introduction of its README".to_owned()
    } else {
        format!("description in its {name}")
    }
}

fn inferred(text: &str, source: &str, confidence: Confidence) -> Value {
    Value {
        confidence: Some(confidence),
        status: Status::Inferred,
        ..detected(text, source)
    }
}
