//! What an inventory tells for each field of a record, by the field's id. A field that nothing here answers is one that only
//! people can fill.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Confidence, Location, Stage, Statement, Usage, Voice};
use inventory::register::LISTED;
use inventory::{Component, EuStatus, Profile, Reason, System, Tier};
use rules::concepts::Axis;
use rules::governance::governance;
use rules::tags::{Meaning, Tag};

use crate::View;
use crate::record::{Status, Value};
use crate::seen::{MOST_PLACES, at, count, day, how, is_service, named, places, practised, provider_name, runs};

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
                vec![detected(&system.name, &format!("its {}", system.boundary))]
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

    fn introduced(&self) -> Vec<Value> {
        let first = self
            .system
            .components
            .iter()
            .filter_map(|component| Some((component.introduced.as_ref()?, component)))
            .min_by(|a, b| (&a.0.date, &a.0.commit).cmp(&(&b.0.date, &b.0.commit)));
        first
            .map(|(moment, component)| {
                let when = if moment.at_or_before { "at or before " } else { "" };
                Value {
                    places: places(component),
                    ..inferred(
                        &format!("{when}{}", day(&moment.date)),
                        &format!("first commit with AI that is still there: {}", component.name),
                        Confidence::Medium,
                    )
                }
            })
            .into_iter()
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

    fn owners(&self) -> Vec<Value> {
        self.system
            .owners
            .iter()
            .map(|owner| inferred(&owner.name, owner.source.label(), owner.confidence))
            .collect()
    }

    fn people(&self) -> Vec<Value> {
        let people = &self.system.people;
        [
            (people.authors, "author", "of lines that are evidence", "Git history"),
            (people.maintainers, "maintainer", "named by a manifest", "manifests"),
            (people.code_owners, "code owner", "named one by one", "CODEOWNERS"),
            (people.catalogued, "owner", "named by a catalogue", "software catalogue"),
            (people.tagged, "owner", "named by a tag", "tags of resources"),
        ]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(number, who, how, source)| detected(&format!("{} {how}", count(number, who)), source))
        .collect()
    }

    fn stage(&self) -> Vec<Value> {
        let told = self.system.components.iter().filter_map(|component| {
            let status = component.facts.get("status")?;
            Some(Value {
                places: places(component),
                ..inferred(status, &format!("its platform, of {}", component.name), Confidence::Medium)
            })
        });
        let told: Vec<Value> = told.take(3).collect();
        if !told.is_empty() {
            return told;
        }
        let choices = governance()
            .field("life-cycle")
            .map(|field| field.choices.as_slice())
            .unwrap_or_default();
        let tagged = self.tags(Meaning::Stage).filter_map(|(said, tag, value)| {
            let stage = tag.stands_for(value)?;
            Some((choices.iter().position(|choice| choice == stage)?, stage, said))
        });
        // A catalogue speaks of the unit, a tag of one resource; what is set up for development and for production runs in production.
        if let Some((_, stage, said)) = tagged.max_by_key(|(order, _, said)| (said.voice == Voice::Entry, *order)) {
            let (source, confidence) = if said.voice == Voice::Entry {
                ("entry of a software catalogue", Confidence::Medium)
            } else {
                ("tag", Confidence::Low)
            };
            return vec![Value {
                places: vec![said.location.clone()],
                ..inferred(stage, &format!("{source} {}", said.text), confidence)
            }];
        }
        self.system
            .components
            .iter()
            .filter(|component| runs(component) && component.stage >= Stage::Deployed)
            .max_by_key(|component| component.stage)
            .map(|component| Value {
                places: places(component),
                ..inferred("operation", &format!("{} is {}", component.name, component.stage), Confidence::Low)
            })
            .into_iter()
            .collect()
    }

    /// The tags of its resources that mean something.
    fn tags(&self, means: Meaning) -> impl Iterator<Item = (&'a Statement, &'static Tag, &'a str)> {
        self.system.said.iter().filter_map(move |said| {
            let (name, value) = said.tag()?;
            let tag = rules::tags::of(name).filter(|tag| tag.means == means)?;
            Some((said, tag, value))
        })
    }

    /// What tags say where their value is the answer.
    fn tagged(&self, means: Meaning) -> Vec<Value> {
        let values = self.tags(means).map(|(said, ..)| Value {
            places: vec![said.location.clone()],
            ..inferred(&said.text, "tag of a resource", Confidence::Medium)
        });
        values.collect()
    }

    fn is_built_here(&self) -> bool {
        self.system
            .components
            .iter()
            .flat_map(|component| &component.evidence)
            .any(|seen| seen.detector.starts_with("code/") && seen.usage == Usage::Runtime && !seen.vendored)
    }

    fn uses_service(&self) -> bool {
        self.system
            .of_kind(ComponentKind::Provider)
            .any(|component| runs(component) && is_service(&component.name))
    }

    fn origin(&self) -> Vec<Value> {
        let because = "its code stands in what was scanned";
        match (self.is_built_here(), self.uses_service()) {
            (true, true) => vec![inferred(
                "in-house and third-party",
                &format!("{because}, and it uses services of others"),
                Confidence::Low,
            )],
            (true, false) => vec![inferred("in-house", because, Confidence::Low)],
            (false, true) => vec![inferred(
                "third-party",
                "services of others, no code that calls them",
                Confidence::Low,
            )],
            (false, false) => Vec::new(),
        }
    }

    fn role(&self) -> Vec<Value> {
        match (self.is_built_here(), self.uses_service()) {
            (true, _) => vec![inferred(
                "provider",
                "hint: its code stands in what was scanned; whoever puts it into service under their own name is provider",
                Confidence::Low,
            )],
            (false, true) => vec![inferred(
                "deployer",
                "hint: services of others are used and nothing is built",
                Confidence::Low,
            )],
            (false, false) => Vec::new(),
        }
    }

    fn vendors(&self) -> Vec<Value> {
        self.system
            .of_kind(ComponentKind::Provider)
            .map(|component| Value {
                confidence: Some(component.confidence),
                places: places(component),
                ..detected(provider_name(&component.name), &how(component))
            })
            .collect()
    }

    fn hosting(&self) -> Vec<Value> {
        let services = self
            .system
            .of_kind(ComponentKind::Provider)
            .filter(|component| runs(component))
            .map(|component| {
                let whose = if is_service(&component.name) {
                    "a service of others"
                } else {
                    "run by the organisation itself"
                };
                Value {
                    confidence: Some(component.confidence),
                    places: places(component),
                    ..detected(&format!("{}: {whose}", provider_name(&component.name)), &how(component))
                }
            });
        services
            .chain(self.of_kinds(&[ComponentKind::CloudService, ComponentKind::InfraImage]))
            .collect()
    }

    fn regions(&self) -> Vec<Value> {
        let mut regions = self.system.regions();
        regions.dedup_by_key(|(region, _)| *region);
        let value = |(region, component): (&str, &Component)| Value {
            places: places(component),
            ..inferred(
                region,
                &format!("{} {}", component.kind.label(), component.name),
                Confidence::Medium,
            )
        };
        regions.into_iter().map(value).collect()
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
        found.sort_by_key(|component| (std::cmp::Reverse(component.usage), std::cmp::Reverse(component.stage)));
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

    fn data(&self) -> Vec<Value> {
        self.of_kinds(&[ComponentKind::Dataset, ComponentKind::VectorDb])
    }

    /// Sentences of rules that fired, and of findings.
    fn signs(&self, rules: &[&str], findings: &[&str]) -> Vec<Value> {
        let classification = &self.system.classification;
        let reasons = classification
            .reasons
            .iter()
            .filter(|reason| rules.iter().any(|rule| reason.rule.starts_with(rule)))
            .map(|reason| Value {
                places: reason.evidence.iter().take(MOST_PLACES).cloned().collect(),
                ..inferred(&reason.because, &format!("rule {}", reason.rule), Confidence::Medium)
            });
        let found = self
            .view
            .findings(self.system)
            .iter()
            .filter(|finding| findings.contains(&finding.rule.as_str()))
            .map(|finding| Value {
                places: finding
                    .evidence
                    .iter()
                    .take(MOST_PLACES)
                    .map(|seen| seen.location.clone())
                    .collect(),
                ..inferred(&finding.message, &format!("finding {}", finding.rule), Confidence::Medium)
            });
        reasons.chain(found).collect()
    }

    fn autonomy(&self) -> Vec<Value> {
        let Some(reason) = self.fired("use.agent").or_else(|| self.fired("use.tools")) else {
            return Vec::new();
        };
        let asks = practised(self.system, &["approval"]).next().is_some();
        let says = if asks {
            "acts through tools; a step at which a person must agree was found"
        } else {
            "acts through tools; no step at which a person must agree was found in what was scanned"
        };
        vec![Value {
            places: reason.evidence.iter().take(MOST_PLACES).cloned().collect(),
            ..inferred(says, &format!("rule {}", reason.rule), Confidence::Low)
        }]
    }

    fn fired(&self, rule: &str) -> Option<&Reason> {
        self.system.classification.reasons.iter().find(|reason| reason.rule == rule)
    }

    fn tier(&self) -> Vec<Value> {
        let classification = &self.system.classification;
        if classification.ceiling == Tier::Unknown {
            return Vec::new();
        }
        let says = if classification.floor == classification.ceiling {
            classification.ceiling.to_string()
        } else {
            format!(
                "between {} and {}, indicated {}",
                classification.floor, classification.ceiling, classification.indicated
            )
        };
        vec![inferred(
            &says,
            &format!("rules {}", self.view.inventory.ruleset),
            Confidence::Medium,
        )]
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

    /// A level that signs propose, with the axes it comes from.
    fn level(&self, of: impl Fn(&Profile) -> (u8, &'static [Axis])) -> Vec<Value> {
        let profile = self.system.classification.profile.as_ref();
        let proposed = profile.map(|profile| {
            let (level, axes) = of(profile);
            let seen: Vec<String> = axes
                .iter()
                .filter_map(|axis| Some(format!("{} {} of 4", axis.label(), profile.axes.get(axis)?)))
                .collect();
            let by_names = if profile.held_by_names && axes.contains(&Axis::Data) {
                "; names and tags alone raise it no further"
            } else {
                ""
            };
            (level, seen, by_names)
        });
        proposed
            .filter(|(_, seen, _)| !seen.is_empty())
            .map(|(level, seen, by_names)| {
                inferred(
                    &level.to_string(),
                    &format!("signs: {}{by_names}", seen.join(", ")),
                    Confidence::Low,
                )
            })
            .into_iter()
            .collect()
    }

    fn law(&self) -> Vec<Value> {
        let classification = &self.system.classification;
        let mut values: Vec<Value> = classification
            .reasons
            .iter()
            .filter_map(|reason| Some((reason, reason.eu.as_ref()?)))
            .map(|(reason, point)| Value {
                places: reason.evidence.iter().take(MOST_PLACES).cloned().collect(),
                ..inferred(
                    &format!("{}: {point}", point.status),
                    &format!("rule {}", reason.rule),
                    Confidence::Low,
                )
            })
            .collect();
        if classification.eu.status == EuStatus::NotIndicated {
            values.push(inferred(
                "not indicated: nothing that it says of itself is a sign of a high-risk use or a prohibited practice",
                "what it says of itself",
                Confidence::Low,
            ));
        }
        values
    }

    fn practice(&self, words: &[&str], what: &str) -> Vec<Value> {
        practised(self.system, words)
            .map(|component| Value {
                places: places(component),
                ..inferred(&format!("{what}: {}", named(component)), &how(component), component.confidence)
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
