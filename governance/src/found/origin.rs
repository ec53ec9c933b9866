//! Where a system comes from, whose it is, at which stage, and where it runs.

use evidence::{ComponentKind, Confidence, Stage, Statement, Usage, Voice};
use inventory::Component;
use rules::governance::governance;
use rules::tags::{Meaning, Tag};

use super::{Look, detected, inferred};
use crate::record::Value;
use crate::seen::{count, day, how, is_service, places, provider_name, runs};

impl<'a> Look<'a> {
    pub(super) fn introduced(&self) -> Vec<Value> {
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

    pub(super) fn owners(&self) -> Vec<Value> {
        self.system
            .owners
            .iter()
            .map(|owner| inferred(&owner.name, owner.source.label(), owner.confidence))
            .collect()
    }

    pub(super) fn people(&self) -> Vec<Value> {
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

    pub(super) fn stage(&self) -> Vec<Value> {
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
    pub(super) fn tags(&self, means: Meaning) -> impl Iterator<Item = (&'a Statement, &'static Tag, &'a str)> {
        self.system.said.iter().filter_map(move |said| {
            let (name, value) = said.tag()?;
            let tag = rules::tags::of(name).filter(|tag| tag.means == means)?;
            Some((said, tag, value))
        })
    }

    /// What tags say where their value is the answer.
    pub(super) fn tagged(&self, means: Meaning) -> Vec<Value> {
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

    pub(super) fn origin(&self) -> Vec<Value> {
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

    pub(super) fn role(&self) -> Vec<Value> {
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

    pub(super) fn vendors(&self) -> Vec<Value> {
        self.system
            .of_kind(ComponentKind::Provider)
            .map(|component| Value {
                confidence: Some(component.confidence),
                places: places(component),
                ..detected(provider_name(&component.name), &how(component))
            })
            .collect()
    }

    pub(super) fn hosting(&self) -> Vec<Value> {
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

    pub(super) fn regions(&self) -> Vec<Value> {
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
}
