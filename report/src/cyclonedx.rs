//! CycloneDX 1.6 and 1.7 as an ML-BOM: systems are applications that depend on their parts; models have cards, what is reached
//! over a network is a service, and every part has the places that prove it. Holds only what is known: what no evidence tells
//! is absent, never a default.

pub mod declarations;
mod parts;
mod services;
mod wire;

use std::collections::BTreeSet;
use std::io::{self, Write};

use inventory::{Component, Finding, Inventory, System};

use crate::document;
use crate::json::{self, Each};
use crate::overview::{name_of, urgent_first};
use wire::{
    Annotation, Annotator, Bom, Composition, Dependency, ExternalReference, Lifecycle, Metadata, Occurrence, Proof, Property, Tools,
};

/// The edition of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// 1.6 (ECMA-424, first edition).
    V1_6,
    /// 1.7.
    V1_7,
}

impl Edition {
    const fn schema(self) -> &'static str {
        match self {
            Self::V1_6 => "http://cyclonedx.org/schema/bom-1.6.schema.json",
            Self::V1_7 => "http://cyclonedx.org/schema/bom-1.7.schema.json",
        }
    }

    const fn version(self) -> &'static str {
        match self {
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }
}

/// What the whole inventory is called within the document.
const ROOT: &str = "inventory";

/// Writes the inventory piece by piece.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(inventory: &Inventory, edition: Edition, out: &mut dyn Write) -> io::Result<()> {
    let systems = &document::systems(inventory);
    let findings = &urgent_first(&inventory.findings);
    let references = &references(systems);
    let bom = Bom {
        schema: edition.schema(),
        bom_format: "CycloneDX",
        spec_version: edition.version(),
        serial_number: format!("urn:uuid:{}", document::uuid(inventory, systems)),
        version: 1,
        metadata: metadata(inventory),
        components: Each(|| {
            systems.iter().flat_map(|system| {
                let parts = parts::of(system).map(|component| parts::part(system, component, edition));
                std::iter::once(application(system)).chain(parts)
            })
        }),
        services: Each(|| {
            systems
                .iter()
                .flat_map(|system| services::of(system).map(|component| services::service(system, component)))
        }),
        dependencies: Each(|| {
            let root = Dependency {
                reference: ROOT.to_owned(),
                depends_on: systems.iter().map(|system| system_reference(&system.id)).collect(),
            };
            std::iter::once(root).chain(systems.iter().map(|system| dependency(system)))
        }),
        compositions: [Composition {
            // A scan cannot know that it saw everything.
            aggregate: if inventory.coverage.gaps.is_empty() {
                "unknown"
            } else {
                "incomplete"
            },
            dependencies: [ROOT],
        }],
        annotations: Each(|| {
            std::iter::once(annotation(inventory, vec![ROOT.to_owned()], inventory.notice.clone()))
                .chain(findings.iter().map(|finding| remark(inventory, references, finding)))
        }),
    };
    json::write(&bom, out)
}

fn references(systems: &[&System]) -> BTreeSet<String> {
    systems.iter().map(|system| system_reference(&system.id)).collect()
}

fn system_reference(id: &str) -> String {
    format!("system-{id}")
}

fn part_reference(component: &Component) -> String {
    format!("part-{}", component.id)
}

fn dependency(system: &System) -> Dependency {
    let parts = parts::of(system).chain(services::of(system));
    Dependency {
        reference: system_reference(&system.id),
        depends_on: parts.map(part_reference).collect(),
    }
}

fn tool(inventory: &Inventory) -> wire::Component<'_> {
    let (name, version) = document::tool(inventory);
    wire::Component {
        kind: "application",
        name,
        version: version.map(str::to_owned),
        ..wire::Component::default()
    }
}

fn metadata(inventory: &Inventory) -> Metadata<'_> {
    let mut properties = vec![
        Property::new("schema-version", &inventory.schema_version),
        Property::new("ruleset", &inventory.ruleset),
        Property::new("gaps", inventory.coverage.gaps.len().to_string()),
    ];
    properties.extend(inventory.sources.iter().map(|source| Property::new("source", &source.location)));
    let name = document::title(inventory);
    Metadata {
        timestamp: &inventory.scanned_at,
        lifecycles: [Lifecycle { phase: "discovery" }],
        tools: Tools {
            components: [tool(inventory)],
        },
        component: wire::Component {
            kind: "application",
            reference: Some(ROOT.to_owned()),
            name,
            external_references: repository(name).into_iter().collect(),
            ..wire::Component::default()
        },
        properties,
    }
}

/// The address of the repository that an identity is, if it is one.
fn repository(identity: &str) -> Option<ExternalReference> {
    document::repository(identity).map(|url| ExternalReference {
        kind: "vcs",
        url: url.to_owned(),
    })
}

/// A system with its tier, its reasons and its open questions.
fn application(system: &System) -> wire::Component<'_> {
    let places: BTreeSet<_> = system.classification.reasons.iter().flat_map(|reason| &reason.evidence).collect();
    let occurrences: Vec<Occurrence<'_>> = places
        .into_iter()
        .map(|place| Occurrence {
            location: &place.path,
            line: place.line,
            additional_context: None,
        })
        .collect();
    wire::Component {
        kind: "application",
        reference: Some(system_reference(&system.id)),
        name: name_of(system),
        description: system.description.as_deref(),
        external_references: repository(&system.source).into_iter().collect(),
        evidence: (!occurrences.is_empty()).then_some(Proof { occurrences }),
        properties: Property::all(document::about_system(system)),
        ..wire::Component::default()
    }
}

fn annotation(inventory: &Inventory, subjects: Vec<String>, text: String) -> Annotation<'_> {
    Annotation {
        subjects,
        annotator: Annotator {
            component: tool(inventory),
        },
        timestamp: &inventory.scanned_at,
        text,
    }
}

/// A finding, on the system it belongs to.
fn remark<'a>(inventory: &'a Inventory, references: &BTreeSet<String>, finding: &Finding) -> Annotation<'a> {
    let system = system_reference(&finding.system);
    let subject = if references.contains(&system) { system } else { ROOT.to_owned() };
    annotation(inventory, vec![subject], document::remark(finding))
}

#[cfg(test)]
mod tests;
