//! What the parts of a system show: where they stand, what they are for, what is done with them, whose they are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use evidence::{ComponentKind, Location, Usage};
use inventory::{Component, Finding, System};
use rules::{Catalog, Provider, Vendor};

/// Places that a value shows; the inventory holds the rest.
pub(crate) const MOST_PLACES: usize = 5;

/// A provider, as the catalog knows it.
pub(crate) fn provider(id: &str) -> Option<&'static Provider> {
    static BY_ID: LazyLock<BTreeMap<String, Provider>> = LazyLock::new(|| {
        Catalog::load(&[])
            .map(|catalog| {
                catalog
                    .providers()
                    .iter()
                    .map(|provider| (provider.id.clone(), provider.clone()))
                    .collect()
            })
            .unwrap_or_default()
    });
    BY_ID.get(id)
}

/// The name of a provider, or its id where only an overlay of the user's knows it.
pub(crate) fn provider_name(id: &str) -> &str {
    provider(id).map_or(id, |provider| provider.name.as_str())
}

/// Whether a provider is somebody else's service: data leaves the organisation.
pub(crate) fn is_service(id: &str) -> bool {
    provider(id).is_some_and(|provider| provider.vendor != Vendor::Project)
}

/// Whether a component stands in what runs, and not only in tests, examples or documents.
pub(crate) fn runs(component: &Component) -> bool {
    component.usage == Usage::Runtime
}

/// The first places of a finding.
pub(crate) fn places_of(finding: &Finding) -> Vec<Location> {
    finding
        .evidence
        .iter()
        .take(MOST_PLACES)
        .map(|seen| seen.location.clone())
        .collect()
}

/// The strongest places of a component.
pub(crate) fn places(component: &Component) -> Vec<Location> {
    let mut seen = BTreeSet::new();
    component
        .evidence
        .iter()
        .map(|seen| &seen.location)
        .filter(|place| seen.insert(*place))
        .take(MOST_PLACES)
        .cloned()
        .collect()
}

/// Whether the catalog or the evidence says that a component is for something.
pub(crate) fn is_for(component: &Component, purpose: &str) -> bool {
    component
        .facts
        .get("purposes")
        .is_some_and(|purposes| purposes.split_whitespace().any(|word| word == purpose))
}

/// Components that show a practice: by what they are for, or by what the evidence says that is done with them.
pub(crate) fn practised<'a>(system: &'a System, words: &'a [&str]) -> impl Iterator<Item = &'a Component> {
    system.components.iter().filter(move |component| {
        // A provider repeats what its packages show.
        component.kind != ComponentKind::Provider
            && words.iter().any(|word| {
                is_for(component, word)
                    || component
                        .evidence
                        .iter()
                        .any(|seen| seen.facts.get("practice").is_some_and(|practice| practice == word))
            })
    })
}

/// A component with its versions.
pub(crate) fn named(component: &Component) -> String {
    let capability = component.facts.get("capability").map(|can| format!(" ({can})")).unwrap_or_default();
    match component.versions.as_slice() {
        [] => format!("{}{capability}", component.name),
        versions => format!("{} {}{capability}", component.name, versions.join(", ")),
    }
}

/// How a component is seen: how far along, and in what kind of place.
pub(crate) fn how(component: &Component) -> String {
    let place = match component.usage {
        Usage::Runtime => "in what runs",
        Usage::Test => "in tests",
        Usage::Example => "in examples",
        Usage::Docs => "in documentation",
    };
    format!("{}, {} {place}", component.kind.label(), component.stage)
}

/// `1 system`, `2 systems`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// A source and a folder in it, as one place.
pub(crate) fn at(source: &str, folder: &str) -> String {
    if folder.is_empty() {
        source.to_owned()
    } else {
        format!("{source} {folder}")
    }
}

/// The day of an RFC 3339 time.
pub(crate) fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}
