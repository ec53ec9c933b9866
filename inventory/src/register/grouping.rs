//! Systems as people see them: merged, split and dismissed.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;

use super::{Register, subject};
use crate::{Component, Inventory, System};

/// The value that says that something is no AI system.
pub(super) const DISMISSED: &str = "dismissed";

/// What a decision on grouping says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grouping {
    /// It is no AI system.
    Dismissed,
    /// It is part of another system, by id.
    PartOf(String),
    /// Folders in it are systems of their own.
    Split(Vec<String>),
}

impl Grouping {
    /// The value that a decision holds.
    #[must_use]
    pub fn to_value(&self) -> String {
        match self {
            Self::Dismissed => DISMISSED.to_owned(),
            Self::PartOf(system) => format!("part of {system}"),
            Self::Split(folders) => format!("split {}", folders.join("|")),
        }
    }

    /// Of the value that a decision holds; nothing if it is of no such form.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        if value == DISMISSED {
            return Some(Self::Dismissed);
        }
        if let Some(system) = value.strip_prefix("part of ").filter(|system| !system.is_empty()) {
            return Some(Self::PartOf(system.to_owned()));
        }
        let folders = value.strip_prefix("split ")?;
        let folders: Vec<String> = folders.split('|').filter(|folder| !folder.is_empty()).map(str::to_owned).collect();
        (!folders.is_empty()).then_some(Self::Split(folders))
    }
}

fn decided(register: &Register, system: &str) -> Option<Grouping> {
    let value = register.value_at(system, subject::GROUPING, i64::MAX);
    Grouping::parse(value)
}

/// Makes systems of the folders that people split off.
pub(super) fn split(register: &Register, inventory: &mut Inventory) {
    let mut parts = Vec::new();
    for system in &mut inventory.systems {
        let Some(Grouping::Split(folders)) = decided(register, &system.id) else {
            continue;
        };
        for folder in folders {
            parts.extend(split_off(system, folder.trim_matches('/')));
        }
    }
    inventory.systems.extend(parts);
}

/// What of a system stands in a folder, as a system of its own; the rest stays.
fn split_off(system: &mut System, folder: &str) -> Option<System> {
    let id = crate::correlate::digest(&[&system.source, folder]);
    let within = |seen: &Evidence| {
        let path = &seen.location.path;
        path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let mut taken = Vec::new();
    for component in &mut system.components {
        let (inside, outside): (Vec<Evidence>, Vec<Evidence>) = component.evidence.drain(..).partition(within);
        component.evidence = outside;
        if inside.is_empty() {
            continue;
        }
        component.places = component.places.saturating_sub(inside.len());
        taken.push(Component {
            id: crate::correlate::components::id(&id, component.kind.as_str(), &component.name),
            places: inside.len(),
            evidence: inside,
            ..component.clone()
        });
    }
    system.components.retain(|component| !component.evidence.is_empty());
    (!taken.is_empty()).then(|| System {
        id,
        name: folder.rsplit('/').next().unwrap_or(folder).to_owned(),
        description: None,
        folder: folder.to_owned(),
        boundary: "decision".to_owned(),
        components: taken,
        ..system.clone()
    })
}

/// Moves the components of systems that people said are part of another into that one; gives the ids of those that grew.
pub(super) fn merge(register: &Register, inventory: &mut Inventory) -> BTreeSet<String> {
    let ids: BTreeSet<String> = inventory.systems.iter().map(|system| system.id.clone()).collect();
    let mut goes_to: BTreeMap<String, String> = BTreeMap::new();
    for id in &ids {
        if let Some(Grouping::PartOf(other)) = decided(register, id)
            && ids.contains(&other)
            && other != *id
        {
            goes_to.insert(id.clone(), other);
        }
    }
    let home = |id: &str| {
        let mut at = id;
        let mut seen = BTreeSet::new();
        while let Some(next) = goes_to.get(at) {
            // A circle of systems that are part of each other stays as it is.
            if !seen.insert(at) {
                return None;
            }
            at = next;
        }
        (at != id).then(|| at.to_owned())
    };
    let mut moved: Vec<(String, System)> = Vec::new();
    let mut kept = Vec::new();
    for system in std::mem::take(&mut inventory.systems) {
        match home(&system.id) {
            Some(home) => moved.push((home, system)),
            None => kept.push(system),
        }
    }
    for finding in &mut inventory.findings {
        if let Some(home) = home(&finding.system) {
            finding.system = home;
        }
    }
    let position: BTreeMap<String, usize> = kept.iter().enumerate().map(|(at, system)| (system.id.clone(), at)).collect();
    let mut grown = BTreeSet::new();
    for (home, part) in moved {
        if let Some(at) = position.get(&home) {
            take_in(&mut kept[*at], part);
            grown.insert(home);
        }
    }
    inventory.systems = kept;
    grown
}

fn take_in(system: &mut System, part: System) {
    for mut component in part.components {
        let same = |known: &Component| known.kind == component.kind && known.name.eq_ignore_ascii_case(&component.name);
        if let Some(known) = system.components.iter_mut().find(|known| same(known)) {
            known.places += component.places;
            known.stage = known.stage.max(component.stage);
            known.confidence = known.confidence.max(component.confidence);
            known.usage = known.usage.max(component.usage);
            known.evidence.append(&mut component.evidence);
        } else {
            system.components.push(component);
        }
    }
    system.first_seen = earlier(system.first_seen.take(), part.first_seen);
    for owner in part.owners {
        if !system.owners.contains(&owner) {
            system.owners.push(owner);
        }
    }
}

fn earlier(a: Option<String>, b: Option<String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
