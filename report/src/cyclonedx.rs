//! CycloneDX 1.6 and 1.7 as an ML-BOM: systems are applications that depend on their parts; models have cards, what is reached
//! over a network is a service, and every part has the places that prove it. Holds only what is known: what no evidence tells
//! is absent, never a default.

mod parts;
mod services;
mod wire;

use std::collections::BTreeSet;
use std::io::{self, Write};

use inventory::{Component, Finding, Inventory, Source, System};
use sha2::{Digest, Sha256};

use crate::json::{self, Each};
use crate::overview::{level, name_of, urgent_first};
use crate::wording;
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

/// What the whole inventory is called within the document.
const ROOT: &str = "inventory";

/// Writes the inventory piece by piece.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(inventory: &Inventory, edition: Edition, out: &mut dyn Write) -> io::Result<()> {
    let systems = &systems(inventory);
    let findings = &urgent_first(&inventory.findings);
    let references = &references(systems);
    let bom = Bom {
        schema: match edition {
            Edition::V1_6 => "http://cyclonedx.org/schema/bom-1.6.schema.json",
            Edition::V1_7 => "http://cyclonedx.org/schema/bom-1.7.schema.json",
        },
        bom_format: "CycloneDX",
        spec_version: match edition {
            Edition::V1_6 => "1.6",
            Edition::V1_7 => "1.7",
        },
        serial_number: serial_number(inventory, systems),
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

/// The systems by name, each once.
fn systems(inventory: &Inventory) -> Vec<&System> {
    let mut systems: Vec<&System> = inventory.systems.iter().collect();
    systems.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let mut ids = BTreeSet::new();
    systems.retain(|system| ids.insert(system.id.as_str()));
    systems
}

/// A system's components in the order of kinds and names, each once.
fn ordered(system: &System) -> Vec<&Component> {
    let mut components: Vec<&Component> = system.components.iter().collect();
    components.sort_by(|a, b| (a.kind, &a.name, &a.id).cmp(&(b.kind, &b.name, &b.id)));
    let mut ids = BTreeSet::new();
    components.retain(|component| ids.insert(component.id.as_str()));
    components
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

/// A UUID (version 8) of what was scanned, when, and what was found: the same inventory has the same.
fn serial_number(inventory: &Inventory, systems: &[&System]) -> String {
    let mut digest = Sha256::new();
    let mut add = |text: &str| {
        digest.update(text.len().to_le_bytes());
        digest.update(text);
    };
    add(&inventory.generator);
    add(&inventory.ruleset);
    add(&inventory.scanned_at);
    inventory.sources.iter().for_each(|source| add(&source.identity));
    for system in systems {
        add(&system.id);
        ordered(system).iter().for_each(|component| add(&component.id));
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.finalize()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

fn tool(inventory: &Inventory) -> wire::Component<'_> {
    let (name, version) = inventory.generator.rsplit_once(' ').unwrap_or((&inventory.generator, ""));
    wire::Component {
        kind: "application",
        name,
        version: (!version.is_empty()).then(|| version.to_owned()),
        ..wire::Component::default()
    }
}

fn metadata(inventory: &Inventory) -> Metadata<'_> {
    let (name, external_references) = match inventory.sources.as_slice() {
        [source] => (source.identity.as_str(), repository(&source.identity).into_iter().collect()),
        _ => ("AI inventory", Vec::new()),
    };
    let mut properties = vec![
        Property::new("schema-version", &inventory.schema_version),
        Property::new("ruleset", &inventory.ruleset),
        Property::new("gaps", inventory.coverage.gaps.len().to_string()),
    ];
    properties.extend(
        inventory
            .sources
            .iter()
            .map(|source: &Source| Property::new("source", &source.location)),
    );
    Metadata {
        timestamp: &inventory.scanned_at,
        lifecycles: [Lifecycle { phase: "discovery" }],
        tools: Tools {
            components: [tool(inventory)],
        },
        component: wire::Component {
            kind: "application",
            reference: Some(ROOT.to_owned()),
            name: if name.is_empty() { "AI inventory" } else { name },
            external_references,
            ..wire::Component::default()
        },
        properties,
    }
}

/// The address of the repository that an identity is, if it is one.
fn repository(identity: &str) -> Option<ExternalReference> {
    let is_address = ["https://", "http://", "ssh://", "git://"]
        .iter()
        .any(|scheme| identity.starts_with(scheme));
    let is_plain = identity
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/@+,;=".contains(&byte));
    (is_address && is_plain).then(|| ExternalReference {
        kind: "vcs",
        url: identity.to_owned(),
    })
}

/// A system with its tier, its reasons and its open questions.
fn application(system: &System) -> wire::Component<'_> {
    let tier = &system.classification;
    let mut properties = vec![
        Property::new("system", &system.id),
        Property::new("boundary", &system.boundary),
        Property::new("source", &system.source),
        Property::new("folder", &system.folder),
        Property::new("tier:floor", tier.floor.to_string()),
        Property::new("tier:indicated", tier.indicated.to_string()),
        Property::new("tier:ceiling", tier.ceiling.to_string()),
    ];
    for reason in &tier.reasons {
        let mut text = format!("{}: {} ({})", reason.rule, reason.because, reason.effect);
        if !reason.references.is_empty() {
            text.push_str(&format!(" [{}]", reason.references.join("; ")));
        }
        properties.push(Property::new("tier:reason", text));
    }
    for open in &tier.questions {
        let text = format!("{} ({}; if yes: {})", open.question, open.who, open.if_yes);
        properties.push(Property::new("tier:question", text));
    }
    for owner in &system.owners {
        properties.push(Property::new(
            "owner-candidate",
            format!("{} ({})", owner.name, wording::standing(owner)),
        ));
    }
    properties.extend(wording::people(&system.people).map(|people| Property::new("people", people)));
    properties.extend(system.first_seen.as_ref().map(|day| Property::new("first-seen", day)));
    properties.extend(system.last_seen.as_ref().map(|day| Property::new("last-seen", day)));
    let places: BTreeSet<_> = tier.reasons.iter().flat_map(|reason| &reason.evidence).collect();
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
        properties,
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
    let mut text = format!(
        "{} ({}): {} {}",
        level(finding.level),
        finding.rule,
        finding.message,
        finding.remedy
    );
    if let Some(accepted) = &finding.accepted {
        text.push_str(&format!(" Accepted: {}", wording::accepted(accepted)));
    }
    if !finding.evidence.is_empty() {
        let places: BTreeSet<String> = finding.evidence.iter().map(|seen| seen.location.to_string()).collect();
        text.push_str(&format!(" At {}", places.into_iter().collect::<Vec<_>>().join(", ")));
    }
    annotation(inventory, vec![subject], text)
}

#[cfg(test)]
mod tests;
