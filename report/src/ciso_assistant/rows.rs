//! The rows of the sheets. Knows the columns and words of CISO Assistant, and nothing of how a workbook is written.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind as Kind, Usage};
use inventory::{Component, Inventory, Level, Reason, System, Tier, baseline};
use sha2::{Digest, Sha256};

use crate::csv::list;
use crate::document;
use crate::overview::{name_of, urgent_first};
use crate::wording::{self, visible};

/// Longest name, and what may be added to tell it from another; the database of CISO Assistant takes 200 characters.
const LONGEST_NAME: usize = 150;
const LONGEST_ASIDE: usize = 35;
/// Longest label.
const LONGEST_LABEL: usize = 36;

/// One sheet of a workbook.
pub(super) struct Sheet {
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
    pub(super) rows: Vec<Vec<String>>,
}

/// Names that nobody has twice, as imports match by them, whatever the case.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// The name, if it is taken with what tells it apart, and if that is too with a number.
    fn give(&mut self, name: &str, apart: &str) -> String {
        let name = short(name, LONGEST_NAME);
        let mut several = std::iter::once(name.clone())
            .chain(std::iter::once(format!("{name} ({})", short(apart, LONGEST_ASIDE))))
            .chain((2..).map(|number| format!("{name} ({number})")));
        several
            .find(|name| self.0.insert(name.to_lowercase()))
            .expect("some number is free")
    }
}

/// A name on one line, and not too long.
fn short(name: &str, longest: usize) -> String {
    let name = visible(name.trim());
    match name.char_indices().nth(longest) {
        _ if name.is_empty() => "(unnamed)".to_owned(),
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.into_owned(),
    }
}

/// A sentence about a system that names it.
fn of_system(system: Option<&System>, sentence: &str) -> String {
    match system.map(name_of) {
        Some(name) if !sentence.contains(name) => format!("{}: {sentence}", short(name, LONGEST_ASIDE)),
        _ => sentence.to_owned(),
    }
}

/// A label holds letters, digits, `_` and `-`.
fn label(words: &str) -> String {
    let label: String = words
        .chars()
        .take(LONGEST_LABEL)
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' })
        .collect();
    if label.is_empty() { "-".to_owned() } else { label }
}

fn digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    digest.finalize()[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn system_reference(id: &str) -> String {
    format!("AIS-{id}")
}

fn vendor_reference(name: &str) -> String {
    format!("AIV-{}", digest(&[&name.to_lowercase()]))
}

/// What an asset of a kind is classed as; nothing for what is too small to be an asset of its own.
const fn class(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Provider | Kind::CloudService | Kind::AssistantConfig => "assetClassSoftware/assetClassApplications/assetClassSaas",
        Kind::Endpoint => "assetClassSoftware/assetClassApplications/assetClassAPIs",
        Kind::Framework | Kind::AgentFramework => "assetClassSoftware/assetClassApplications/assetClassLibraries",
        Kind::McpServer | Kind::InfraImage | Kind::VectorDb => "assetClassSoftware/assetClassApplications/assetClassServices",
        Kind::Model | Kind::ModelFile => "assetClassSoftware/assetClassApplications",
        Kind::Dataset => "assetClassData",
        Kind::Package | Kind::Tool | Kind::Prompt | Kind::SecretRef => return None,
    })
}

/// Systems as primary assets, and what they stand on as supporting ones, each once for all systems.
pub(super) fn assets(inventory: &Inventory) -> Sheet {
    let systems = document::systems(inventory);
    let mut names = Names::default();
    let mut rows = Vec::new();
    let mut shared: BTreeMap<(Kind, String), Shared<'_>> = BTreeMap::new();
    for system in &systems {
        let tier = &system.classification;
        rows.push(vec![
            system_reference(&system.id),
            names.give(name_of(system), &system.folder),
            system.description.clone().unwrap_or_default(),
            String::new(),
            "PR".to_owned(),
            "assetClassSoftware/assetClassApplications".to_owned(),
            list([
                "ai-system".to_owned(),
                format!("tier-floor-{}", tier.floor),
                format!("tier-ceiling-{}", tier.ceiling),
            ]),
            String::new(),
            document::repository(&system.source).unwrap_or_default().to_owned(),
            observation(system),
        ]);
        for component in document::parts(system)
            .into_iter()
            .filter(|component| class(component.kind).is_some())
        {
            let part = shared
                .entry((component.kind, component.name.to_lowercase()))
                .or_insert_with(|| Shared::of(component));
            part.systems.insert(&system.id);
            part.is_runtime |= component.usage == Usage::Runtime;
        }
    }
    for ((kind, name), part) in shared {
        let mut labels = vec!["ai-component".to_owned(), label(kind.as_str())];
        if !part.is_runtime {
            labels.push("not-at-run-time".to_owned());
        }
        rows.push(vec![
            format!("AIC-{}", digest(&[kind.as_str(), &name])),
            names.give(part.name, kind.label()),
            match part.provider {
                Some(provider) if provider != part.name => format!("{}, by {provider}", kind.label()),
                _ => kind.label().to_owned(),
            },
            String::new(),
            "SP".to_owned(),
            class(kind).unwrap_or_default().to_owned(),
            list(labels),
            list(part.systems.iter().map(|id| system_reference(id))),
            String::new(),
            String::new(),
        ]);
    }
    Sheet {
        name: "Assets",
        columns: &[
            "ref_id",
            "name",
            "description",
            "domain",
            "type",
            "asset_class",
            "filtering_labels",
            "parent_assets",
            "reference_link",
            "observation",
        ],
        rows,
    }
}

/// A part that several systems stand on.
struct Shared<'a> {
    name: &'a str,
    provider: Option<&'a str>,
    systems: BTreeSet<&'a str>,
    is_runtime: bool,
}

impl<'a> Shared<'a> {
    fn of(component: &'a Component) -> Self {
        Self {
            name: &component.name,
            provider: component.provider.as_deref(),
            systems: BTreeSet::new(),
            is_runtime: false,
        }
    }
}

fn observation(system: &System) -> String {
    let tier = &system.classification;
    let mut text = format!("Indicative tier: {}.", wording::interval(tier));
    for reason in &tier.reasons {
        text.push_str(&format!(" {}", reason.because));
    }
    for open in &tier.questions {
        text.push_str(&format!(" Open: {} ({})", open.question, open.who));
    }
    text
}

/// Vendors as entities and what they are used for as solutions; contracts and people are for those who know them.
pub(super) fn third_parties(inventory: &Inventory) -> [Sheet; 4] {
    let systems = document::systems(inventory);
    let mut vendors: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut solutions: BTreeMap<(&str, Kind, &str), BTreeSet<&str>> = BTreeMap::new();
    for system in &systems {
        // Software that the organisation runs itself is nobody's service.
        let hosted = |name: &str| {
            system
                .of_kind(Kind::Provider)
                .any(|provider| provider.name == name && provider.facts.get("vendor").is_none_or(|vendor| vendor != "project"))
        };
        for component in document::parts(system) {
            let vendor = match component.kind {
                Kind::Provider => Some(component.name.as_str()),
                Kind::CloudService | Kind::Model => component.provider.as_deref(),
                _ => None,
            };
            let Some(vendor) = vendor.filter(|vendor| hosted(vendor)) else {
                continue;
            };
            vendors.entry(vendor).or_default().insert(&system.id);
            if component.kind != Kind::Provider {
                solutions
                    .entry((vendor, component.kind, &component.name))
                    .or_default()
                    .insert(&system.id);
            }
        }
    }
    let used = |systems: &BTreeSet<&str>| format!("Used by {}.", wording::count(systems.len(), "AI system"));
    let mut names = Names::default();
    let entities = vendors.iter().map(|(vendor, systems)| {
        let mut row = vec![vendor_reference(vendor), names.give(vendor, "AI"), used(systems)];
        row.resize(12, String::new());
        row
    });
    let entities = entities.collect();
    let mut names = Names::default();
    let solutions = solutions.iter().map(|((vendor, kind, name), systems)| {
        vec![
            format!("AIP-{}", digest(&[vendor, kind.as_str(), name])),
            names.give(name, vendor),
            format!("{}. {}", wording_of(*kind), used(systems)),
            vendor_reference(vendor),
            String::new(),
        ]
    });
    [
        Sheet {
            name: "Entities",
            columns: &[
                "ref_id",
                "name",
                "description",
                "mission",
                "country",
                "currency",
                "parent_entity_ref_id",
                "dependency",
                "penetration",
                "maturity",
                "trust",
                "domain",
            ],
            rows: entities,
        },
        Sheet {
            name: "Solutions",
            columns: &["ref_id", "name", "description", "provider_entity_ref_id", "criticality"],
            rows: solutions.collect(),
        },
        Sheet {
            name: "Contracts",
            columns: &[
                "ref_id",
                "name",
                "description",
                "provider_entity_ref_id",
                "solution_ref_id",
                "status",
                "start_date",
                "end_date",
                "annual_expense",
                "currency",
                "domain",
                "lei",
                "euid",
                "vat",
                "duns",
            ],
            rows: Vec::new(),
        },
        Sheet {
            name: "Representatives",
            columns: &[
                "email",
                "first_name",
                "last_name",
                "description",
                "phone",
                "role",
                "provider_entity_ref_id",
            ],
            rows: Vec::new(),
        },
    ]
}

const fn wording_of(kind: Kind) -> &'static str {
    if matches!(kind, Kind::Model) {
        "AI model"
    } else {
        "Managed AI service"
    }
}

/// Findings with their place and what to do; accepted ones are dismissed.
pub(super) fn findings(inventory: &Inventory) -> Sheet {
    let systems: BTreeMap<&str, &System> = inventory.systems.iter().map(|system| (system.id.as_str(), system)).collect();
    let mut names = Names::default();
    let mut references = BTreeMap::new();
    let rows = urgent_first(&inventory.findings).into_iter().map(|finding| {
        // Without the line, so that a finding that moves within its file stays the same.
        let place = finding.evidence.first().map_or("", |seen| seen.location.path.as_str());
        let key = digest(&[&baseline::subject(finding), place]);
        let times: &mut usize = references.entry(key.clone()).or_default();
        *times += 1;
        let reference = if *times == 1 {
            format!("AIF-{key}")
        } else {
            format!("AIF-{key}-{times}")
        };
        let system = systems.get(finding.system.as_str()).copied();
        vec![
            reference.clone(),
            names.give(&of_system(system, &finding.message), &reference),
            document::remark(finding),
            match finding.level {
                Level::Note => "info",
                Level::Warning => "medium",
                Level::Error => "high",
            }
            .to_owned(),
            if finding.accepted.is_some() { "dismissed" } else { "identified" }.to_owned(),
            list(["aimscan".to_owned(), label(&finding.rule)]),
            system.map_or(String::new(), |system| system_reference(&system.id)),
        ]
    });
    Sheet {
        name: "Findings",
        columns: &["ref_id", "name", "description", "severity", "status", "filtering_labels", "asset"],
        rows: rows.collect(),
    }
}

/// Whether a reason may lift a system above what is minimal.
fn raises(reason: &Reason) -> bool {
    let mut ends = reason.effect.split(',').map(str::trim).filter(|end| !end.starts_with("cap"));
    let lifting = [Tier::Limited, Tier::High, Tier::Stop].map(|tier| tier.to_string());
    ends.any(|end| lifting.iter().any(|tier| end.ends_with(tier.as_str())))
}

/// Why a system may be risky, one scenario a reason. How likely and how bad it would be is for people to say.
pub(super) fn risks(inventory: &Inventory) -> Sheet {
    let mut names = Names::default();
    let mut rows = Vec::new();
    for system in document::systems(inventory) {
        for reason in system.classification.reasons.iter().filter(|reason| raises(reason)) {
            let mut description = format!("{} Effect on the indicative tier: {}.", reason.because, reason.effect);
            if !reason.references.is_empty() {
                description.push_str(&format!(" {}.", reason.references.join("; ")));
            }
            let mut row = vec![
                format!("AIR-{}", digest(&[&system.id, &reason.rule])),
                names.give(
                    &of_system(Some(system), &reason.because),
                    &format!("{}, {}", reason.rule, system.id),
                ),
                description,
            ];
            row.resize(14, String::new());
            row.push("open".to_owned());
            row.push(system_reference(&system.id));
            rows.push(row);
        }
    }
    Sheet {
        name: "Risk assessment",
        columns: &[
            "ref_id",
            "name",
            "description",
            "inherent_proba",
            "inherent_impact",
            "inherent_level",
            "existing_controls",
            "current_proba",
            "current_impact",
            "current_level",
            "additional_controls",
            "residual_proba",
            "residual_impact",
            "residual_level",
            "treatment",
            "assets",
        ],
        rows,
    }
}
