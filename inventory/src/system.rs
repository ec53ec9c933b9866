//! The AI system: the smallest thing somebody can own, with its components, tier and history.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Confidence, Coverage, Evidence, Relation, Stage, Statement, Usage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::classify::{Classification, Tier};
use crate::correlate::units;
use crate::findings::accept::Accepted;
use crate::past::{Moment, Owner, People};
use crate::register::{Dismissed, Standing};

/// Version of the JSON form of [`Inventory`]; raised with every change that a reader could trip over.
pub const SCHEMA_VERSION: &str = "1.1";

/// What one scan found: systems, what needs attention, and what was not looked at.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Inventory {
    /// Version of this form; see [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// The program and its version.
    pub generator: String,
    /// Version of the risk rules that gave the tiers.
    pub ruleset: String,
    /// When the scan began, RFC 3339 in UTC.
    pub scanned_at: String,
    /// What was scanned.
    pub sources: Vec<Source>,
    /// The AI systems, by name.
    pub systems: Vec<System>,
    /// Things a person should act on.
    pub findings: Vec<Finding>,
    /// What people decided for the organisation as a whole.
    #[serde(default, skip_serializing_if = "Standing::is_empty")]
    pub organisation: Standing,
    /// What people said is no AI system.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dismissed: Vec<Dismissed>,
    /// What was looked at, and what was not.
    pub coverage: Coverage,
    /// The standing sentence on what a tier is and is not.
    pub notice: String,
}

/// A root that was scanned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// `directory`, `file`, `git`, `archive`, `image`, `list` or the connector's id.
    pub kind: String,
    /// The path or address as a person would write it; never with credentials.
    pub location: String,
    /// What identifies it from scan to scan: the repository's address if there is one, else the location.
    pub identity: String,
}

/// The smallest thing somebody can own: a deployable unit of a repository, a registered model, an app in a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct System {
    /// Twelve hexadecimal digits; the same from scan to scan as long as the unit keeps its identity and folder.
    pub id: String,
    /// The name its manifest gives it, else its folder.
    pub name: String,
    /// One sentence its manifest gives about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The identity of the source it was found in.
    pub source: String,
    /// Folder of the unit inside its source; empty for the root.
    pub folder: String,
    /// What drew its boundary: `manifest`, `service`, `repository`, `record`; `decision` where people split it off, `list` where only a list
    /// of the organisation's names it.
    pub boundary: String,
    /// What it says about itself: how it is introduced, and texts that speak of what it is for, each with its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Statement>,
    /// What it is made of.
    pub components: Vec<Component>,
    /// Who may own it, most telling first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Owner>,
    /// How many people stand behind it.
    #[serde(default, skip_serializing_if = "People::is_empty")]
    pub people: People,
    /// Its indicative tier, with reasons and open questions.
    pub classification: Classification,
    /// What people decided about it.
    #[serde(default, skip_serializing_if = "Standing::is_empty")]
    pub standing: Standing,
    /// When a scan first saw it, RFC 3339; absent without a database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<String>,
    /// When a scan last saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
}

impl System {
    /// The providers behind it, by id, each once.
    #[must_use]
    pub fn providers(&self) -> Vec<&str> {
        let mut providers: Vec<&str> = self
            .components
            .iter()
            .filter(|component| component.kind == ComponentKind::Provider && !component.is_offered())
            .map(|component| component.name.as_str())
            .collect();
        providers.sort_unstable();
        providers.dedup();
        providers
    }

    /// The tier that people confirmed, while nothing has opened the question again.
    #[must_use]
    pub fn confirmed_tier(&self) -> Option<Tier> {
        let held = self.standing.held("tier").filter(|held| held.stands())?;
        Tier::ALL.into_iter().find(|tier| tier.as_str() == held.value)
    }

    /// The regions of clouds that records name or hosts hold, each with the component that shows it.
    #[must_use]
    pub fn regions(&self) -> Vec<(&str, &Component)> {
        let told = |component: &Component| ["region", "location"].iter().any(|fact| component.facts.contains_key(*fact));
        let shown = self.components.iter().flat_map(move |component| {
            let facts = ["region", "location"]
                .into_iter()
                .filter_map(|fact| component.facts.get(fact).map(String::as_str));
            let is_host = component.kind == ComponentKind::Endpoint && !told(component);
            let labels = is_host.then(|| component.name.split('.').filter(|label| evidence::is_region(label)));
            facts.chain(labels.into_iter().flatten()).map(move |region| (region, component))
        });
        let mut regions: Vec<(&str, &Component)> = shown.collect();
        regions.sort_by_key(|(region, component)| (*region, component.id.as_str()));
        regions.dedup_by(|a, b| a.0 == b.0 && a.1.id == b.1.id);
        regions
    }

    /// The components of one kind.
    pub fn of_kind(&self, kind: ComponentKind) -> impl Iterator<Item = &Component> {
        self.components.iter().filter(move |component| component.kind == kind)
    }

    /// The components of one kind that are more than offered in a list.
    pub fn in_use(&self, kind: ComponentKind) -> impl Iterator<Item = &Component> {
        self.of_kind(kind).filter(|component| !component.is_offered())
    }

    /// What lists offer to choose from: each list by its path, with the names on it.
    #[must_use]
    pub fn offers(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut lists: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for component in self.of_kind(ComponentKind::Model).filter(|component| component.is_offered()) {
            for seen in &component.evidence {
                lists.entry(&seen.location.path).or_default().insert(&component.name);
            }
        }
        lists
    }

    /// Whether it is called as the folder, or the source, that it stands in is.
    #[must_use]
    pub fn is_called_by_its_place(&self) -> bool {
        let place = if self.folder.is_empty() { &self.source } else { &self.folder };
        units::called(place) == self.name
    }
}

/// One thing a system is made of, with all evidence for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// Twelve hexadecimal digits; the same from scan to scan.
    pub id: String,
    /// What it is.
    pub kind: ComponentKind,
    /// Its name; see [`ComponentKind`] for its form.
    pub name: String,
    /// The provider behind it, by catalog id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Versions or requirements seen, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// The closest relation among its declarations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// The strongest stage among its evidence.
    pub stage: Stage,
    /// The highest confidence among its evidence.
    pub confidence: Confidence,
    /// The most productive usage among its evidence.
    pub usage: Usage,
    /// Purposes, owner, status and other facts from the catalog and the evidence.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// Number of places, of which [`Component::evidence`] holds the strongest.
    pub places: usize,
    /// The strongest evidence, at most 50 places.
    pub evidence: Vec<Evidence>,
    /// The oldest commit in which it stands in one of the files that hold it today; absent without a history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduced: Option<Moment>,
    /// The newest commit that changed one of its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_touched: Option<Moment>,
    /// When a scan first saw it in its system, RFC 3339; absent without a database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<String>,
    /// When a scan last saw it in its system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
}

impl Component {
    /// Whether it only stands in lists of what there is to choose from.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.stage == Stage::Offered
    }

    /// What it is for, where that is known of itself: a model, service or client with several purposes repeats what its provider offers, and a
    /// coding assistant's settings are no part of what runs.
    #[must_use]
    pub fn own_purposes(&self) -> Vec<&str> {
        let purposes: Vec<&str> = self.facts.get("purposes").map_or("", String::as_str).split_whitespace().collect();
        match self.kind {
            ComponentKind::Provider | ComponentKind::AssistantConfig | ComponentKind::SecretRef | ComponentKind::Endpoint => Vec::new(),
            ComponentKind::Model | ComponentKind::CloudService | ComponentKind::Package if purposes.len() > 1 => Vec::new(),
            _ => purposes,
        }
    }
}

/// Something a person should act on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule that fired, by its id; see [`crate::findings::RULES`].
    pub rule: String,
    /// How urgent it is.
    pub level: Level,
    /// One sentence: what was found.
    pub message: String,
    /// One sentence: what to do about it.
    pub remedy: String,
    /// The system it belongs to, by id.
    pub system: String,
    /// The places that prove it.
    pub evidence: Vec<Evidence>,
    /// That somebody accepted it, and why; an accepted finding fails no condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
}

/// How urgent a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Note,
    /// Should be looked at.
    Warning,
    /// Must be looked at.
    Error,
}
