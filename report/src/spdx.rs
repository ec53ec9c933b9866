//! SPDX 3.0.1 as JSON-LD: systems and their parts as packages that depend on each other, what is known of them as properties. The
//! class for AI models is used only where all it demands is known (supplier, release, version, download); the one for data sets
//! demands what no scan can tell, so data sets are packages too. No risk is asserted.

mod wire;

use std::collections::BTreeSet;
use std::io::{self, Write};

use evidence::ComponentKind as Kind;
use inventory::{Component, Finding, Inventory, System};

use crate::json::{self, Each};
use crate::overview::{name_of, strongest_first, urgent_first};
use crate::{document, licence, purl};
use wire::{Annotation, Collection, Creation, CreationInfo, Document, Element, Extension, Hash, Licence, Named, Package, Relationship};

/// Writes the inventory piece by piece.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let systems = &document::systems(inventory);
    let ids = &Ids(format!("urn:uuid:{}", document::uuid(inventory, systems)));
    let findings = &urgent_first(&inventory.findings);
    let shared = &Shared::of(systems);
    let every = || {
        let agents = shared.suppliers.iter().map(|name| ids.supplier(name));
        let licences = shared.licences.iter().map(|id| ids.licence(id));
        let notes = (0..=findings.len()).map(|number| ids.note(number));
        systems
            .iter()
            .flat_map(|system| members(ids, system))
            .chain(agents)
            .chain(licences)
            .chain(notes)
            .chain([ids.of("agent")])
    };
    // A bill and the document that holds it; the latter lists the former too.
    let sbom = ids.of("sbom");
    let head = || {
        [("software_Sbom", None), ("SpdxDocument", Some(&sbom))].map(|(kind, bill)| {
            Element::Collection(Collection {
                kind,
                id: bill.map_or_else(|| sbom.clone(), |_| ids.of("document")),
                creation_info: Creation,
                name: document::title(inventory),
                profile_conformance: shared.profiles(),
                bill: bill.is_none().then_some(["analyzed"]),
                root_element: match bill {
                    None => systems.iter().map(|system| ids.system(&system.id)).collect(),
                    Some(bill) => vec![bill.clone()],
                },
                element: Each(move || every().chain(bill.cloned())),
            })
        })
    };
    let agents = || {
        let (name, _) = document::tool(inventory);
        let program = std::iter::once(("SoftwareAgent", ids.of("agent"), name));
        let suppliers = shared.suppliers.iter().map(|name| ("Organization", ids.supplier(name), *name));
        program.chain(suppliers).map(|(kind, id, name)| {
            Element::Named(Named {
                kind,
                id,
                creation_info: Creation,
                name,
            })
        })
    };
    let licences = || {
        shared.licences.iter().map(|identifier| {
            Element::Licence(Licence {
                id: ids.licence(identifier),
                creation_info: Creation,
                expression: identifier,
            })
        })
    };
    let notes = || {
        let standing = note(ids, 0, ids.of("sbom"), inventory.notice.clone());
        let about = (1..)
            .zip(findings.iter())
            .map(|(number, finding)| remark(ids, shared, number, finding));
        std::iter::once(standing).chain(about).map(Element::Annotation)
    };
    let creation = || {
        Element::Creation(CreationInfo {
            id: Creation,
            spec_version: "3.0.1",
            created: &inventory.scanned_at,
            created_by: [ids.of("agent")],
            comment: format!("Made by {} with the rules {}.", inventory.generator, inventory.ruleset),
        })
    };
    let document = Document {
        context: "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        graph: Each(|| {
            std::iter::once(creation())
                .chain(head())
                .chain(agents())
                .chain(licences())
                .chain(systems.iter().flat_map(|system| elements(ids, system)))
                .chain(notes())
        }),
    };
    json::write(&document, out)
}

/// The identifiers of one document. An element of SPDX never changes, so another scan has others.
struct Ids(String);

impl Ids {
    fn of(&self, name: &str) -> String {
        format!("{}#{name}", self.0)
    }

    fn system(&self, id: &str) -> String {
        self.of(&format!("system-{id}"))
    }

    fn part(&self, component: &Component) -> String {
        self.of(&format!("part-{}", component.id))
    }

    fn supplier(&self, name: &str) -> String {
        self.of(&encoded("supplier-", name))
    }

    fn licence(&self, identifier: &str) -> String {
        self.of(&format!("licence-{identifier}"))
    }

    fn licensed(&self, component: &Component) -> String {
        self.of(&format!("licence-of-{}", component.id))
    }

    fn parts_of(&self, system: &System) -> String {
        self.of(&format!("parts-of-{}", system.id))
    }

    fn note(&self, number: usize) -> String {
        self.of(&format!("note-{number}"))
    }
}

fn encoded(prefix: &str, name: &str) -> String {
    let mut out = prefix.to_owned();
    purl::encode(name, &mut out);
    out
}

/// What several parts point at.
struct Shared<'a> {
    systems: BTreeSet<&'a str>,
    suppliers: BTreeSet<&'a str>,
    licences: BTreeSet<&'static str>,
    has_models: bool,
}

impl<'a> Shared<'a> {
    fn of(systems: &[&'a System]) -> Self {
        let parts = || systems.iter().flat_map(|system| &system.components);
        Self {
            systems: systems.iter().map(|system| system.id.as_str()).collect(),
            suppliers: parts().filter_map(supplier).collect(),
            licences: parts().flat_map(licences).collect(),
            has_models: parts().any(|component| Model::of(component).is_some()),
        }
    }

    fn profiles(&self) -> Vec<&'static str> {
        let mut profiles = vec!["core", "software", "extension"];
        if !self.licences.is_empty() {
            profiles.push("simpleLicensing");
        }
        if self.has_models {
            profiles.push("ai");
        }
        profiles
    }
}

const fn is_model(component: &Component) -> bool {
    matches!(component.kind, Kind::Model | Kind::ModelFile)
}

/// Who supplies a model; of a package the provider is whose service it serves, which says nothing of who publishes it.
fn supplier(component: &Component) -> Option<&str> {
    component.provider.as_deref().filter(|_| is_model(component))
}

/// The licences of a part, if all that it names are identifiers.
fn licences(component: &Component) -> Vec<&'static str> {
    let words = component.facts.get("licence").map_or("", String::as_str).split_whitespace();
    words.map(licence::identifier).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// What the class for AI models demands.
struct Model<'a> {
    version: &'a str,
    location: &'a str,
}

impl<'a> Model<'a> {
    fn of(component: &'a Component) -> Option<Self> {
        supplier(component)?;
        released(component)?;
        let location = document::repository(component.facts.get("url")?)?;
        let [version] = component.versions.as_slice() else { return None };
        Some(Self { version, location })
    }
}

/// The day of a model's release as the time that the standard wants.
fn released(component: &Component) -> Option<String> {
    let day = component.facts.get("released").filter(|_| is_model(component))?;
    let is_day = day.len() == 10
        && day
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    is_day.then(|| format!("{day}T00:00:00Z"))
}

/// The identifiers of what [`elements`] gives.
fn members(ids: &Ids, system: &System) -> Vec<String> {
    let mut members = vec![ids.system(&system.id)];
    let parts = document::parts(system);
    for component in &parts {
        members.push(ids.part(component));
        if !licences(component).is_empty() {
            members.push(ids.licensed(component));
        }
    }
    if !parts.is_empty() {
        members.push(ids.parts_of(system));
    }
    members
}

/// A system, its parts, and what ties them.
fn elements<'a, Every>(ids: &Ids, system: &'a System) -> Vec<Element<'a, Every>> {
    let mut elements = vec![Element::Package(application(ids, system))];
    let parts = document::parts(system);
    for component in &parts {
        elements.push(Element::Package(package(ids, system, component)));
        let licences = licences(component);
        if !licences.is_empty() {
            elements.push(Element::Relationship(Relationship {
                id: ids.licensed(component),
                creation_info: Creation,
                relationship_type: "hasDeclaredLicense",
                from: ids.part(component),
                to: licences.into_iter().map(|identifier| ids.licence(identifier)).collect(),
                completeness: "noAssertion",
            }));
        }
    }
    if !parts.is_empty() {
        elements.push(Element::Relationship(Relationship {
            id: ids.parts_of(system),
            creation_info: Creation,
            relationship_type: "dependsOn",
            from: ids.system(&system.id),
            to: parts.iter().map(|component| ids.part(component)).collect(),
            // A scan cannot know that it saw everything.
            completeness: "noAssertion",
        }));
    }
    elements
}

fn application<'a>(ids: &Ids, system: &'a System) -> Package<'a> {
    let mut about = document::about_system(system);
    let places: BTreeSet<_> = system.classification.reasons.iter().flat_map(|reason| &reason.evidence).collect();
    about.extend(places.into_iter().map(|place| ("occurrence".to_owned(), place.to_string())));
    Package {
        kind: "software_Package",
        id: ids.system(&system.id),
        name: name_of(system),
        purpose: "application",
        description: system.description.as_deref(),
        extension: Extension::of(about),
        ..Package::default()
    }
}

fn package<'a>(ids: &Ids, system: &System, component: &'a Component) -> Package<'a> {
    let fact = |name: &str| component.facts.get(name).map(String::as_str);
    let known = purl::of(component);
    let model = Model::of(component);
    let mut about = document::about_part(system, component);
    let mut evidence: Vec<_> = component.evidence.iter().collect();
    strongest_first(&mut evidence);
    let mut places = BTreeSet::new();
    evidence.retain(|seen| places.insert(&seen.location));
    about.extend(evidence.iter().map(|seen| ("occurrence".to_owned(), seen.location.to_string())));
    let is_reached = matches!(component.kind, Kind::Provider | Kind::CloudService | Kind::Endpoint);
    let digest = fact("sha256").filter(|digest| digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    Package {
        kind: if model.is_some() { "ai_AIPackage" } else { "software_Package" },
        id: ids.part(component),
        name: &component.name,
        purpose: purpose(component),
        version: model.as_ref().map(|model| model.version.to_owned()).or(known.version),
        url: known.url,
        location: model.as_ref().map(|model| model.location),
        supplied_by: supplier(component).map(|name| ids.supplier(name)),
        release_time: released(component),
        description: fact("description"),
        comment: is_reached.then_some("Reached over a network."),
        verified_using: digest
            .map(|hash_value| Hash {
                algorithm: "sha256",
                hash_value,
            })
            .into_iter()
            .collect(),
        type_of_model: fact("architecture").filter(|_| model.is_some()).into_iter().collect(),
        extension: Extension::of(about),
        ..Package::default()
    }
}

fn purpose(component: &Component) -> &'static str {
    match component.kind {
        Kind::Package => "library",
        Kind::Framework | Kind::AgentFramework => "framework",
        Kind::VectorDb if component.facts.contains_key("ecosystem") => "library",
        Kind::Model | Kind::ModelFile => "model",
        Kind::InfraImage => "container",
        Kind::Dataset => "data",
        Kind::Prompt | Kind::AssistantConfig | Kind::SecretRef => "configuration",
        Kind::VectorDb | Kind::McpServer | Kind::Tool => "application",
        Kind::Provider | Kind::CloudService | Kind::Endpoint => "other",
    }
}

fn note(ids: &Ids, number: usize, subject: String, statement: String) -> Annotation {
    Annotation {
        id: ids.note(number),
        creation_info: Creation,
        annotation_type: "other",
        subject,
        statement,
    }
}

/// A finding, on the system it belongs to.
fn remark(ids: &Ids, shared: &Shared<'_>, number: usize, finding: &Finding) -> Annotation {
    let subject = if shared.systems.contains(finding.system.as_str()) {
        ids.system(&finding.system)
    } else {
        ids.of("sbom")
    };
    note(ids, number, subject, document::remark(finding))
}

#[cfg(test)]
mod tests;
