//! CycloneDX declarations: of each system, what is evidenced for which control of ISO/IEC 42001 Annex A, beside the bill of materials of
//! the same inventory. Conformance is asserted of nothing: there is no score and no affirmation, and what is only drafted is no claim.

use std::collections::BTreeSet;
use std::io::{self, Write};

use governance::controls::{self, Standpoint, State};
use governance::{Field, Record, Status, View};
use inventory::{Inventory, System};
use serde::Serialize;

use super::wire::{self, Entity, ExternalReference, Metadata, Property};
use super::{Edition, application, document, metadata, system_reference};
use crate::json::{self, Each};

/// What the standard, the assessor and the organisation are called within the document.
const STANDARD: &str = "standard-iso-42001";
const ASSESSOR: &str = "assessor";
const ORGANISATION: &str = "organisation";

const SUMMARY: &str = "What was seen in a scan or decided by people, by control. It is no assessment by a person, asserts no conformance, and what is \
not claimed may exist all the same.";

/// Writes the declarations piece by piece.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(inventory: &Inventory, edition: Edition, out: &mut dyn Write) -> io::Result<()> {
    let systems = &document::systems(inventory);
    let view = &View::of(inventory, None);
    let bill = &document::uuid(inventory, systems);
    let own = &controls::of_organisation(inventory);
    let claimed = &claimed(view, systems, own);
    let bom = Bom {
        schema: edition.schema(),
        bom_format: "CycloneDX",
        spec_version: edition.version(),
        serial_number: format!("urn:uuid:{}", document::sibling(bill, "declarations")),
        version: 1,
        metadata: metadata(inventory),
        definitions: Definitions {
            standards: [standard(own)],
        },
        declarations: Declarations {
            assessors: [Assessor {
                reference: ASSESSOR,
                third_party: false,
            }],
            attestations: [Attestation {
                summary: SUMMARY,
                assessor: ASSESSOR,
                map: claimed
                    .iter()
                    .map(|(control, claims)| Map {
                        requirement: requirement(control),
                        claims,
                    })
                    .collect(),
            }],
            claims: Each(|| {
                systems
                    .iter()
                    .flat_map(|system| claims(view, system))
                    .chain(own.iter().filter(|point| is_own(point)).map(own_claim))
            }),
            evidence: Each(|| {
                systems.iter().flat_map(|system| evidence(view, system)).chain(
                    own.iter()
                        .filter(|point| is_own(point))
                        .flat_map(|point| texts(inventory, ORGANISATION, point, 0)),
                )
            }),
            targets: Targets {
                organizations: [Organisation {
                    reference: ORGANISATION,
                    entity: Entity { name: "The organisation" },
                }],
                components: Each(|| systems.iter().map(|system| target(system, bill))),
            },
        },
    };
    json::write(&bom, out)
}

/// A control of the organisation for which all is there.
fn is_own(point: &Standpoint<'_>) -> bool {
    !point.is_of_systems() && point.state == State::Evidenced
}

fn evidenced<'a>(record: &Record<'a>) -> Vec<Standpoint<'a>> {
    let mut points = controls::of_system(record);
    points.retain(|point| point.state == State::Evidenced);
    points
}

/// The controls for which something is claimed, with the claims.
fn claimed<'c>(view: &View<'_>, systems: &[&System], own: &'c [Standpoint<'_>]) -> Vec<(&'c str, Vec<String>)> {
    let mut claimed: Vec<(&str, Vec<String>)> = own.iter().map(|point| (point.control.id.as_str(), Vec::new())).collect();
    for system in systems {
        for point in evidenced(&Record::of(view, system)) {
            if let Some((control, claims)) = claimed.iter_mut().find(|(control, _)| *control == point.control.id) {
                claims.push(claim_reference(&system_reference(&system.id), control));
            }
        }
    }
    for point in own.iter().filter(|point| is_own(point)) {
        if let Some((control, claims)) = claimed.iter_mut().find(|(control, _)| *control == point.control.id) {
            claims.push(claim_reference(ORGANISATION, control));
        }
    }
    claimed.retain(|(_, claims)| !claims.is_empty());
    claimed
}

fn requirement(control: &str) -> String {
    format!("control-{control}")
}

fn claim_reference(target: &str, control: &str) -> String {
    format!("claim-{target}-{control}")
}

/// The controls by id and short title; the text of the standard is not ours to give.
fn standard<'a>(own: &'a [Standpoint<'_>]) -> Standard<'a> {
    Standard {
        reference: STANDARD,
        name: "ISO/IEC 42001 Annex A",
        version: "2023",
        owner: "ISO/IEC",
        description: "Ids and short titles of the controls; the descriptions are not those of the standard, whose text is sold by its owner.",
        requirements: own
            .iter()
            .map(|point| Requirement {
                reference: requirement(&point.control.id),
                identifier: &point.control.id,
                title: &point.control.title,
                descriptions: [&point.control.aim],
            })
            .collect(),
    }
}

fn claims(view: &View<'_>, system: &System) -> Vec<Claim> {
    let record = Record::of(view, system);
    let target = system_reference(&system.id);
    let claim = |point: &Standpoint<'_>| {
        let fields = shown(&record, point);
        let told = fields.len();
        Claim {
            reference: claim_reference(&target, &point.control.id),
            predicate: predicate(point),
            reasoning: "All that is asked for as proof was seen in what was scanned, or decided by a person.",
            evidence: fields
                .into_iter()
                .map(|field| field_reference(system, field))
                .chain((told..point.proof.len()).map(|nth| text_reference(&target, point, nth)))
                .collect(),
            target: target.clone(),
        }
    };
    evidenced(&record).iter().map(claim).collect()
}

fn own_claim(point: &Standpoint<'_>) -> Claim {
    Claim {
        reference: claim_reference(ORGANISATION, &point.control.id),
        target: ORGANISATION.to_owned(),
        predicate: predicate(point),
        reasoning: "Every part of a document that answers it was written by people.",
        evidence: (0..point.proof.len()).map(|nth| text_reference(ORGANISATION, point, nth)).collect(),
    }
}

fn predicate(point: &Standpoint<'_>) -> String {
    format!("{} {} is evidenced.", point.control.id, point.control.title)
}

/// The fields that prove a control, in their order; the proof of a standpoint begins with them.
fn shown<'r>(record: &'r Record<'_>, point: &Standpoint<'_>) -> Vec<&'r Field> {
    let fields = point.control.fields.iter().map(|id| record.field(id));
    fields.filter(|field| field.status() != Status::Missing).collect()
}

fn field_reference(system: &System, field: &Field) -> String {
    format!("evidence-{}-{}", system.id, field.form.id)
}

fn text_reference(target: &str, point: &Standpoint<'_>, nth: usize) -> String {
    format!("evidence-{target}-{}-{nth}", point.control.id)
}

/// What proves the claims of a system, each once.
fn evidence<'a>(view: &View<'a>, system: &System) -> Vec<Evidence<'a>> {
    let record = Record::of(view, system);
    let target = system_reference(&system.id);
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for point in evidenced(&record) {
        let fields = shown(&record, &point);
        let told = fields.len();
        for field in fields {
            if seen.insert(&field.form.id) {
                out.push(of_field(view.inventory, system, field));
            }
        }
        out.extend(texts(view.inventory, &target, &point, told));
    }
    out
}

fn of_field<'a>(inventory: &'a Inventory, system: &System, field: &Field) -> Evidence<'a> {
    let values: Vec<String> = field
        .values
        .iter()
        .map(|value| format!("{} ({}: {})", value.text, value.status, value.source))
        .collect();
    let places: BTreeSet<String> = field
        .values
        .iter()
        .flat_map(|value| &value.places)
        .map(ToString::to_string)
        .collect();
    Evidence {
        reference: field_reference(system, field),
        description: format!("{}: {}", field.form.label, values.join("; ")),
        data: places.into_iter().map(|name| Data { name }).collect(),
        created: &inventory.scanned_at,
    }
}

/// Documents that people wrote to their end, or a part of them.
fn texts<'a>(inventory: &'a Inventory, target: &str, point: &Standpoint<'_>, from: usize) -> Vec<Evidence<'a>> {
    let texts = point.proof.iter().enumerate().skip(from);
    texts
        .map(|(nth, proof)| Evidence {
            reference: text_reference(target, point, nth),
            description: proof.clone(),
            data: Vec::new(),
            created: &inventory.scanned_at,
        })
        .collect()
}

/// A system, as in the bill of materials, with a link into it.
fn target<'a>(system: &'a System, bill: &str) -> wire::Component<'a> {
    let mut component = application(system);
    component.evidence = None;
    component.external_references.push(ExternalReference {
        kind: "bom",
        url: format!("urn:cdx:{bill}/1#{}", system_reference(&system.id)),
    });
    component
        .properties
        .retain(|property: &Property| !property.name.starts_with("aimscan:tier:"));
    component
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a, Claims, Proofs, Components> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata<'a>,
    definitions: Definitions<'a>,
    declarations: Declarations<'a, Claims, Proofs, Components>,
}

#[derive(Serialize)]
struct Definitions<'a> {
    standards: [Standard<'a>; 1],
}

#[derive(Serialize)]
struct Standard<'a> {
    #[serde(rename = "bom-ref")]
    reference: &'static str,
    name: &'static str,
    version: &'static str,
    description: &'static str,
    owner: &'static str,
    requirements: Vec<Requirement<'a>>,
}

#[derive(Serialize)]
struct Requirement<'a> {
    #[serde(rename = "bom-ref")]
    reference: String,
    identifier: &'a str,
    title: &'a str,
    descriptions: [&'a str; 1],
}

#[derive(Serialize)]
struct Declarations<'a, Claims, Proofs, Components> {
    assessors: [Assessor; 1],
    attestations: [Attestation<'a>; 1],
    claims: Claims,
    evidence: Proofs,
    targets: Targets<Components>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Assessor {
    #[serde(rename = "bom-ref")]
    reference: &'static str,
    third_party: bool,
}

#[derive(Serialize)]
struct Attestation<'a> {
    summary: &'static str,
    assessor: &'static str,
    map: Vec<Map<'a>>,
}

#[derive(Serialize)]
struct Map<'a> {
    requirement: String,
    claims: &'a [String],
}

#[derive(Serialize)]
struct Claim {
    #[serde(rename = "bom-ref")]
    reference: String,
    target: String,
    predicate: String,
    reasoning: &'static str,
    evidence: Vec<String>,
}

#[derive(Serialize)]
struct Evidence<'a> {
    #[serde(rename = "bom-ref")]
    reference: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data: Vec<Data>,
    created: &'a str,
}

#[derive(Serialize)]
struct Data {
    name: String,
}

#[derive(Serialize)]
struct Targets<Components> {
    organizations: [Organisation; 1],
    components: Components,
}

#[derive(Serialize)]
struct Organisation {
    #[serde(rename = "bom-ref")]
    reference: &'static str,
    #[serde(flatten)]
    entity: Entity<'static>,
}
