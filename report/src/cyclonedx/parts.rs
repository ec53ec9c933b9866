//! A system's parts as components: type, package, model card, and where each was seen. What is reached over a network stands
//! in `services`.

use std::collections::BTreeSet;

use evidence::{ComponentKind as Kind, Evidence, Relation, Usage};
use inventory::{Component, System};

use super::services;
use super::wire::{
    self, CryptoMaterial, CryptoProperties, Data, DataSet, Entity, Hash, Licence, LicenceName, ModelCard, ModelParameters, Occurrence,
    Pedigree, Proof, Property,
};
use super::{Edition, part_reference};
use crate::overview::strongest_first;
use crate::{document, licence, purl};

/// A part of a system.
pub(super) fn part<'a>(system: &'a System, component: &'a Component, edition: Edition) -> wire::Component<'a> {
    let fact = |name: &str| component.facts.get(name).map(String::as_str);
    let package = purl::of(component);
    let is_model = matches!(component.kind, Kind::Model | Kind::ModelFile);
    let is_data = matches!(component.kind, Kind::Dataset | Kind::Prompt | Kind::AssistantConfig);
    wire::Component {
        kind: kind(component),
        reference: Some(part_reference(component)),
        // Of a package the provider is whose service it serves, which need not be who publishes it.
        supplier: component
            .provider
            .as_deref()
            .filter(|_| is_model || component.kind == Kind::AssistantConfig)
            .map(|name| Entity { name }),
        name: &component.name,
        version: package.version,
        description: fact("description"),
        scope: scope(component),
        hashes: fact("sha256").filter(|digest| is_digest(digest)).map(sha256).into_iter().collect(),
        licenses: licences(fact("licence").unwrap_or_default()),
        purl: package.url,
        is_external: (edition == Edition::V1_7 && component.relation == Some(Relation::Peer)).then_some(true),
        pedigree: pedigree(fact("base-model").filter(|_| is_model)),
        external_references: Vec::new(),
        evidence: proof(component),
        model_card: is_model.then(|| model_card(system, component)).flatten(),
        data: is_data.then(|| data(component)).into_iter().collect(),
        crypto_properties: (component.kind == Kind::SecretRef).then_some(CREDENTIAL),
        properties: Property::all(document::about_part(system, component)),
    }
}

const CREDENTIAL: CryptoProperties = CryptoProperties {
    asset_type: "related-crypto-material",
    related_crypto_material_properties: CryptoMaterial { kind: "credential" },
};

fn kind(component: &Component) -> &'static str {
    let is_package = component.facts.contains_key("ecosystem") || component.facts.contains_key("imported");
    match component.kind {
        Kind::Package => "library",
        Kind::Framework | Kind::AgentFramework => "framework",
        Kind::VectorDb if is_package => "library",
        Kind::Model | Kind::ModelFile => "machine-learning-model",
        Kind::InfraImage => "container",
        Kind::Dataset | Kind::Prompt | Kind::AssistantConfig => "data",
        Kind::SecretRef => "cryptographic-asset",
        Kind::Provider | Kind::VectorDb | Kind::CloudService | Kind::McpServer | Kind::Tool | Kind::Endpoint => "application",
    }
}

/// What is there for tests, documentation or development is excluded from what runs, in the words of the standard.
fn scope(component: &Component) -> Option<&'static str> {
    match component.relation {
        _ if component.usage != Usage::Runtime => Some("excluded"),
        Some(Relation::Dev) => Some("excluded"),
        Some(Relation::Optional) => Some("optional"),
        _ => None,
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn sha256(content: &str) -> Hash<'_> {
    Hash { alg: "SHA-256", content }
}

/// One identifier, several of them, or else one name as written.
fn licences(written: &str) -> Vec<Licence<'_>> {
    let written = written.trim();
    let words: Option<Vec<&'static str>> = written.split_whitespace().map(licence::identifier).collect();
    let names = match words {
        Some(words) => words.into_iter().map(LicenceName::Id).collect(),
        None => vec![LicenceName::Name(written)],
    };
    names.into_iter().map(|license| Licence { license }).collect()
}

fn pedigree(bases: Option<&str>) -> Option<Pedigree<'_>> {
    let ancestors: Vec<wire::Component<'_>> = bases?
        .split_whitespace()
        .map(|name| wire::Component {
            kind: "machine-learning-model",
            name,
            ..wire::Component::default()
        })
        .collect();
    (!ancestors.is_empty()).then_some(Pedigree { ancestors })
}

/// What is known of a model, if anything is.
fn model_card<'a>(system: &'a System, component: &'a Component) -> Option<ModelCard<'a>> {
    let fact = |name: &str| component.facts.get(name).map(String::as_str);
    // Several purposes are those of a family or a vendor, not a task.
    let purpose = fact("purposes").filter(|purposes| !purposes.trim().is_empty() && !purposes.trim().contains(char::is_whitespace));
    let datasets = fact("dataset").unwrap_or_default().split_whitespace();
    let parameters = ModelParameters {
        task: fact("task").or(purpose),
        architecture_family: fact("model-type"),
        model_architecture: fact("architecture"),
        datasets: datasets.map(|name| data_set(system, name)).collect(),
    };
    let is_known = parameters.task.is_some()
        || parameters.architecture_family.is_some()
        || parameters.model_architecture.is_some()
        || !parameters.datasets.is_empty();
    is_known.then_some(ModelCard {
        model_parameters: parameters,
    })
}

fn data_set<'a>(system: &System, name: &'a str) -> DataSet<'a> {
    match system.of_kind(Kind::Dataset).find(|component| component.name == name) {
        Some(component) => DataSet::Here {
            reference: part_reference(component),
        },
        None => DataSet::Named(Data { kind: "dataset", name }),
    }
}

fn data(component: &Component) -> Data<'_> {
    Data {
        kind: if component.kind == Kind::Dataset {
            "dataset"
        } else {
            "configuration"
        },
        name: &component.name,
    }
}

/// The places that prove a part, each once, the strongest first.
fn proof(component: &Component) -> Option<Proof<'_>> {
    let mut evidence: Vec<&Evidence> = component.evidence.iter().collect();
    strongest_first(&mut evidence);
    let mut places = BTreeSet::new();
    evidence.retain(|seen| places.insert(&seen.location));
    let occurrences: Vec<Occurrence<'_>> = evidence
        .into_iter()
        .map(|seen| Occurrence {
            location: &seen.location.path,
            line: seen.location.line,
            additional_context: Some(context(seen)),
        })
        .collect();
    (!occurrences.is_empty()).then_some(Proof { occurrences })
}

fn context(seen: &Evidence) -> String {
    let mut context = format!("{}, {} confidence, {}", seen.stage, seen.confidence, seen.usage);
    if let Some(excerpt) = &seen.excerpt {
        context.push_str(": ");
        context.push_str(excerpt.as_str());
    }
    context
}

/// The parts that are components, in the order of kinds and names.
pub(super) fn of(system: &System) -> impl Iterator<Item = &Component> {
    document::parts(system)
        .into_iter()
        .filter(|component| !services::is_service(system, component) && !services::is_endpoint_of_one(system, component))
}
