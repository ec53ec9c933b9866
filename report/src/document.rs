//! What every exported document of an inventory shares: its identity, the order of what it holds, and what is known of systems and
//! parts as names with values. Knows no format.

use std::collections::BTreeSet;

use evidence::Relation;
use inventory::{Component, Finding, Inventory, System};
use sha2::{Digest, Sha256};

use crate::overview::level;
use crate::wording;

/// The systems by name, each once.
pub(crate) fn systems(inventory: &Inventory) -> Vec<&System> {
    let mut systems: Vec<&System> = inventory.systems.iter().collect();
    systems.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let mut ids = BTreeSet::new();
    systems.retain(|system| ids.insert(system.id.as_str()));
    systems
}

/// A system's components in the order of kinds and names, each once.
pub(crate) fn parts(system: &System) -> Vec<&Component> {
    let mut components: Vec<&Component> = system.components.iter().collect();
    components.sort_by(|a, b| (a.kind, &a.name, &a.id).cmp(&(b.kind, &b.name, &b.id)));
    let mut ids = BTreeSet::new();
    components.retain(|component| ids.insert(component.id.as_str()));
    components
}

/// A UUID (version 8) of what was scanned, when, and what was found: the same inventory has the same.
pub(crate) fn uuid(inventory: &Inventory, systems: &[&System]) -> String {
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
        parts(system).iter().for_each(|component| add(&component.id));
    }
    of_digest(digest)
}

/// A UUID of another document about the same as one.
pub(crate) fn sibling(uuid: &str, what: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(uuid);
    digest.update(what);
    of_digest(digest)
}

fn of_digest(digest: Sha256) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.finalize()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// What a document calls the whole: the one source that was scanned, if it was one.
pub(crate) fn title(inventory: &Inventory) -> &str {
    match inventory.sources.as_slice() {
        [source] if !source.identity.is_empty() => &source.identity,
        _ => "AI inventory",
    }
}

/// The program that made the inventory, and its version.
pub(crate) fn tool(inventory: &Inventory) -> (&str, Option<&str>) {
    match inventory.generator.rsplit_once(' ') {
        Some((name, version)) => (name, Some(version)),
        None => (&inventory.generator, None),
    }
}

/// An identity that is the address of a repository.
pub(crate) fn repository(identity: &str) -> Option<&str> {
    let is_address = ["https://", "http://", "ssh://", "git://"]
        .iter()
        .any(|scheme| identity.starts_with(scheme));
    let is_plain = identity
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/@+,;=".contains(&byte));
    (is_address && is_plain).then_some(identity)
}

/// What is known of a system, as names with values; a list is several of one name.
pub(crate) fn about_system(system: &System) -> Vec<(String, String)> {
    let tier = &system.classification;
    let mut about = vec![
        ("system".to_owned(), system.id.clone()),
        ("boundary".to_owned(), system.boundary.clone()),
        ("source".to_owned(), system.source.clone()),
        ("folder".to_owned(), system.folder.clone()),
        ("tier:floor".to_owned(), tier.floor.to_string()),
        ("tier:indicated".to_owned(), tier.indicated.to_string()),
        ("tier:ceiling".to_owned(), tier.ceiling.to_string()),
    ];
    let mut add = |name: &str, value: Option<String>| about.extend(value.map(|value| (name.to_owned(), value)));
    for reason in &tier.reasons {
        let references = match reason.references.as_slice() {
            [] => String::new(),
            references => format!(" [{}]", references.join("; ")),
        };
        let text = format!("{}: {} ({}){references}", reason.rule, reason.because, reason.effect);
        add("tier:reason", Some(text));
    }
    for open in &tier.questions {
        let text = format!("{} ({}; if yes: {})", open.question, open.who, open.if_yes);
        add("tier:question", Some(text));
    }
    for owner in &system.owners {
        add("owner-candidate", Some(format!("{} ({})", owner.name, wording::standing(owner))));
    }
    add("people", wording::people(&system.people));
    add("first-seen", system.first_seen.clone());
    add("last-seen", system.last_seen.clone());
    about
}

/// What is known of a part, as names with values; a list is several of one name.
pub(crate) fn about_part(system: &System, component: &Component) -> Vec<(String, String)> {
    let mut about = Vec::with_capacity(10 + component.facts.len());
    let mut add = |name: &str, value: Option<&str>| about.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    add("system", Some(&system.id));
    add("kind", Some(component.kind.as_str()));
    add("stage", Some(component.stage.as_str()));
    add("confidence", Some(component.confidence.as_str()));
    add("usage", Some(component.usage.as_str()));
    add("places", Some(&component.places.to_string()));
    add("provider", component.provider.as_deref());
    add("relation", component.relation.map(Relation::as_str));
    for version in &component.versions {
        add("version", Some(version));
    }
    add("introduced", component.introduced.as_ref().map(wording::moment).as_deref());
    add("last-touched", component.last_touched.as_ref().map(wording::moment).as_deref());
    add("first-seen", component.first_seen.as_deref());
    add("last-seen", component.last_seen.as_deref());
    for (name, value) in &component.facts {
        add(&format!("fact:{name}"), Some(value));
    }
    about
}

/// A finding as one paragraph: level, rule, what, what to do, whether it was accepted, where.
pub(crate) fn remark(finding: &Finding) -> String {
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
        text.push_str(&format!(" At {}", places(finding).join(", ")));
    }
    text
}

/// The places that prove a finding, each once.
pub(crate) fn places(finding: &Finding) -> Vec<String> {
    let places: BTreeSet<String> = finding.evidence.iter().map(|seen| seen.location.to_string()).collect();
    places.into_iter().collect()
}
