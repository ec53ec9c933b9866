//! What changed between two scans: systems, tiers, components, and how strong a use is seen.
//!
//! Only what both scans could see is compared: a source that was not scanned this time is not gone.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Stage, Usage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::register::LISTED;
use crate::{Classification, Component, Inventory, System};

/// What changed from one scan to a later one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// When the earlier scan began, RFC 3339 in UTC.
    pub before: String,
    /// When the later scan began.
    pub after: String,
    /// Systems that the later scan saw for the first time.
    pub new: Vec<ChangedSystem>,
    /// Systems that the later scan did not see, though it looked at their source.
    pub gone: Vec<ChangedSystem>,
    /// Systems that both saw, and that are not the same.
    pub changed: Vec<ChangedSystem>,
    /// What to bear in mind when reading: other rules, another program, sources that were not scanned this time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A system in which something changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedSystem {
    /// The system's id.
    pub system: String,
    /// Its name.
    pub name: String,
    /// The identity of the source it is in.
    pub source: String,
    /// Its folder in that source.
    pub folder: String,
    /// What happened, as one sentence.
    pub sentence: String,
    /// What changed in it; empty for a system that is new or gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// One change in a system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// The kind of component it is about; absent for a moved tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<ComponentKind>,
    /// The component's name; empty for a moved tier.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it was; absent for what is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is; absent for what is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The change as one sentence.
    pub sentence: String,
}

/// What kind of change, most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// The tier interval moved.
    TierMoved,
    /// A provider is new.
    ProviderNew,
    /// A provider is gone.
    ProviderGone,
    /// A model is new.
    ModelNew,
    /// A model is gone.
    ModelGone,
    /// Another component is new.
    ComponentNew,
    /// Another component is gone.
    ComponentGone,
    /// A component is used in another way or in another kind of place than before.
    UseChanged,
}

impl Changes {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty() && self.changed.is_empty()
    }

    /// Adds what changed in other sources.
    pub fn merge(&mut self, other: Self) {
        if self.before.is_empty() || (!other.before.is_empty() && other.before < self.before) {
            self.before = other.before;
        }
        self.after = std::mem::take(&mut self.after).max(other.after);
        self.new.extend(other.new);
        self.gone.extend(other.gone);
        self.changed.extend(other.changed);
        self.notes.extend(
            other
                .notes
                .into_iter()
                .filter(|note| !self.notes.contains(note))
                .collect::<Vec<_>>(),
        );
    }

    /// Every sentence, in order: new systems, systems gone, then the changes of each other system.
    pub fn sentences(&self) -> impl Iterator<Item = &str> {
        let whole = self.new.iter().chain(&self.gone).map(|system| system.sentence.as_str());
        whole.chain(
            self.changed
                .iter()
                .flat_map(|system| &system.changes)
                .map(|change| change.sentence.as_str()),
        )
    }
}

/// What changed from `before` to `after`.
#[must_use]
pub fn diff(before: &Inventory, after: &Inventory) -> Changes {
    let (mut known, mut seen) = (by_id(before), by_id(after));
    // What only a list names did not come or go with a scan.
    for systems in [&mut known, &mut seen] {
        systems.retain(|_, system| system.boundary != LISTED || !system.components.is_empty());
    }
    let scanned: BTreeSet<&str> = after.sources.iter().map(|source| source.identity.as_str()).collect();
    let mut changes = Changes {
        before: before.scanned_at.clone(),
        after: after.scanned_at.clone(),
        notes: notes(before, after, &scanned),
        ..Changes::default()
    };
    for (id, system) in &seen {
        match known.get(id) {
            None => changes.new.push(changed(
                system,
                format!("`{}` is new: {}.", system.name, made_of(system)),
                Vec::new(),
            )),
            Some(old) => {
                let inner = inside(old, system);
                if !inner.is_empty() {
                    let count = if inner.len() == 1 {
                        "one change".to_owned()
                    } else {
                        format!("{} changes", inner.len())
                    };
                    changes
                        .changed
                        .push(changed(system, format!("`{}` has {count}.", system.name), inner));
                }
            }
        }
    }
    for (id, system) in &known {
        if !seen.contains_key(id) && scanned.contains(system.source.as_str()) {
            changes.gone.push(changed(
                system,
                format!("`{}` is gone; it was {}.", system.name, made_of(system)),
                Vec::new(),
            ));
        }
    }
    for list in [&mut changes.new, &mut changes.gone, &mut changes.changed] {
        list.sort_by(|a, b| (&a.name, &a.source, &a.folder, &a.system).cmp(&(&b.name, &b.source, &b.folder, &b.system)));
    }
    changes
}

fn by_id(inventory: &Inventory) -> BTreeMap<&str, &System> {
    inventory.systems.iter().map(|system| (system.id.as_str(), system)).collect()
}

fn changed(system: &System, sentence: String, changes: Vec<Change>) -> ChangedSystem {
    ChangedSystem {
        system: system.id.clone(),
        name: system.name.clone(),
        source: system.source.clone(),
        folder: system.folder.clone(),
        sentence,
        changes,
    }
}

fn notes(before: &Inventory, after: &Inventory, scanned: &BTreeSet<&str>) -> Vec<String> {
    let mut notes = Vec::new();
    if before.ruleset != after.ruleset {
        notes.push(format!(
            "The risk rules changed from {} to {}; a tier may have moved for that reason alone.",
            before.ruleset, after.ruleset
        ));
    }
    if before.generator != after.generator {
        notes.push(format!(
            "The earlier scan was made by {}, the later by {}; what is new may only be newly recognised.",
            before.generator, after.generator
        ));
    }
    let missing = before.sources.iter().filter(|source| !scanned.contains(source.identity.as_str()));
    notes.extend(missing.map(|source| {
        format!(
            "{} was not scanned this time; what was found there is not compared.",
            source.identity
        )
    }));
    notes
}

/// What a system is made of, in a few words.
fn made_of(system: &System) -> String {
    let providers = system.providers();
    let models: Vec<&str> = system
        .in_use(ComponentKind::Model)
        .map(|component| component.name.as_str())
        .collect();
    let mut parts = Vec::new();
    if !providers.is_empty() {
        parts.push(some_of("provider", &providers));
    }
    if !models.is_empty() {
        parts.push(some_of("model", &models));
    }
    let others = system.components.len() - providers.len().min(system.components.len()) - models.len();
    if others > 0 {
        parts.push(if others == 1 {
            "1 other component".to_owned()
        } else {
            format!("{others} other components")
        });
    }
    if parts.is_empty() {
        "without components".to_owned()
    } else {
        parts.join(", ")
    }
}

fn some_of(noun: &str, names: &[&str]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    let more = if names.len() > 3 {
        format!(" and {} more", names.len() - 3)
    } else {
        String::new()
    };
    format!("{noun}{plural} {}{more}", names[..names.len().min(3)].join(", "))
}

/// The changes inside a system that both scans saw, most telling first.
fn inside(old: &System, new: &System) -> Vec<Change> {
    let known: BTreeMap<&str, &Component> = old.components.iter().map(|component| (component.id.as_str(), component)).collect();
    let seen: BTreeMap<&str, &Component> = new.components.iter().map(|component| (component.id.as_str(), component)).collect();
    let mut changes: Vec<Change> = tier_moved(old, new).into_iter().collect();
    for (id, component) in &seen {
        match known.get(id) {
            // A list that grows or shrinks changes nothing of what is used.
            None if component.is_offered() => {}
            None => changes.push(came(component, &new.name)),
            Some(before) => changes.extend(use_changed(before, component, &new.name)),
        }
    }
    changes.extend(
        known
            .iter()
            .filter(|(id, component)| !seen.contains_key(*id) && !component.is_offered())
            .map(|(_, component)| went(component, &new.name)),
    );
    changes.sort();
    changes
}

fn tier_moved(old: &System, new: &System) -> Option<Change> {
    let interval = |classification: &Classification| {
        let Classification {
            floor, indicated, ceiling, ..
        } = classification;
        if floor == ceiling {
            ceiling.to_string()
        } else {
            format!("{floor} … {ceiling}, indicated {indicated}")
        }
    };
    let (before, after) = (interval(&old.classification), interval(&new.classification));
    (before != after).then(|| Change {
        kind: ChangeKind::TierMoved,
        component: None,
        name: String::new(),
        sentence: format!("The tier of `{}` moved from {before} to {after}.", new.name),
        before: Some(before),
        after: Some(after),
    })
}

fn came(component: &Component, system: &str) -> Change {
    let kind = match component.kind {
        ComponentKind::Provider => ChangeKind::ProviderNew,
        ComponentKind::Model => ChangeKind::ModelNew,
        _ => ChangeKind::ComponentNew,
    };
    let after = standing(component.stage, component.usage);
    Change {
        kind,
        component: Some(component.kind),
        name: component.name.clone(),
        before: None,
        sentence: format!(
            "The {} `{}` is new in `{system}` ({after}).",
            component.kind.label(),
            component.name
        ),
        after: Some(after),
    }
}

fn went(component: &Component, system: &str) -> Change {
    let kind = match component.kind {
        ComponentKind::Provider => ChangeKind::ProviderGone,
        ComponentKind::Model => ChangeKind::ModelGone,
        _ => ChangeKind::ComponentGone,
    };
    Change {
        kind,
        component: Some(component.kind),
        name: component.name.clone(),
        before: Some(standing(component.stage, component.usage)),
        after: None,
        sentence: format!("The {} `{}` is gone from `{system}`.", component.kind.label(), component.name),
    }
}

fn use_changed(old: &Component, new: &Component, system: &str) -> Option<Change> {
    if (old.stage, old.usage) == (new.stage, new.usage) {
        return None;
    }
    let (before, after) = (standing(old.stage, old.usage), standing(new.stage, new.usage));
    Some(Change {
        kind: ChangeKind::UseChanged,
        component: Some(new.kind),
        name: new.name.clone(),
        sentence: format!("The {} `{}` of `{system}` was {before} and is {after}.", new.kind.label(), new.name),
        before: Some(before),
        after: Some(after),
    })
}

/// How and where a component is used, in words.
fn standing(stage: Stage, usage: Usage) -> String {
    let place = match usage {
        Usage::Docs => "in documentation only",
        Usage::Example => "in examples only",
        Usage::Test => "in tests only",
        Usage::Runtime => return stage.to_string(),
    };
    format!("{stage} {place}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tier, sample};
    use evidence::Evidence;

    fn provider(name: &str) -> Evidence {
        sample::seen(ComponentKind::Provider, name, "a.py")
    }

    fn model(name: &str) -> Evidence {
        sample::seen(ComponentKind::Model, name, "a.py")
    }

    fn kinds(changes: &Changes) -> Vec<ChangeKind> {
        changes
            .changed
            .iter()
            .flat_map(|system| &system.changes)
            .map(|change| change.kind)
            .collect()
    }

    #[test]
    fn the_same_scan_has_no_changes() {
        let one = sample::inventory("08:00:00", vec![sample::system("shop", vec![provider("openai"), model("gpt-4o")])]);
        let mut moved = one.clone();
        moved.scanned_at = "2026-11-21T08:00:00Z".into();
        moved.systems[0].components[0].evidence[0].location.line = Some(77);
        moved.systems[0].components[0].versions = vec!["2".into()];
        let changes = diff(&one, &moved);
        assert!(changes.is_empty() && changes.notes.is_empty(), "{changes:#?}");
    }

    #[test]
    fn systems_come_and_go() {
        let before = sample::inventory(
            "08:00:00",
            vec![
                sample::system("old", vec![model("gpt-4")]),
                sample::system("kept", vec![model("m")]),
            ],
        );
        let after = sample::inventory(
            "09:00:00",
            vec![
                sample::system("kept", vec![model("m")]),
                sample::system("brand", vec![provider("openai"), model("gpt-4o")]),
            ],
        );
        let changes = diff(&before, &after);
        assert_eq!(
            changes.sentences().collect::<Vec<_>>(),
            [
                "`brand` is new: provider openai, model gpt-4o.",
                "`old` is gone; it was model gpt-4."
            ]
        );
        assert!(changes.changed.is_empty());
    }

    #[test]
    fn what_was_not_scanned_is_not_gone() {
        let mut elsewhere = sample::system("elsewhere", vec![model("m")]);
        elsewhere.source = "https://example.org/other.git".into();
        let mut before = sample::inventory("08:00:00", vec![sample::system("here", vec![model("m")]), elsewhere]);
        before.sources.push(sample::source("https://example.org/other.git"));
        let after = sample::inventory("09:00:00", Vec::new());
        let changes = diff(&before, &after);
        assert_eq!(changes.gone.iter().map(|system| system.name.as_str()).collect::<Vec<_>>(), ["here"]);
        assert_eq!(
            changes.notes,
            ["https://example.org/other.git was not scanned this time; what was found there is not compared."]
        );
    }

    #[test]
    fn changes_inside_a_system_are_told_most_telling_first() {
        let mut old = sample::system(
            "shop",
            vec![
                provider("openai"),
                model("gpt-4"),
                sample::seen(ComponentKind::Package, "openai", "a.py"),
            ],
        );
        let used = Evidence {
            stage: Stage::Invoked,
            ..sample::seen(ComponentKind::Package, "openai", "a.py")
        };
        let mut new = sample::system(
            "shop",
            vec![
                provider("anthropic"),
                model("gpt-4o"),
                used,
                sample::seen(ComponentKind::VectorDb, "chromadb", "a.py"),
            ],
        );
        old.classification.ceiling = Tier::Limited;
        new.classification = Classification {
            floor: Tier::Limited,
            indicated: Tier::Limited,
            ceiling: Tier::High,
            ..Classification::default()
        };
        let changes = diff(&sample::inventory("08:00:00", vec![old]), &sample::inventory("09:00:00", vec![new]));
        use ChangeKind as K;
        assert_eq!(
            kinds(&changes),
            [
                K::TierMoved,
                K::ProviderNew,
                K::ProviderGone,
                K::ModelNew,
                K::ModelGone,
                K::ComponentNew,
                K::UseChanged
            ]
        );
        let sentences: Vec<&str> = changes.sentences().collect();
        assert_eq!(
            sentences[0],
            "The tier of `shop` moved from unknown … limited, indicated unknown to limited … high, indicated limited."
        );
        assert_eq!(sentences[6], "The package `openai` of `shop` was referenced and is invoked.");
        assert_eq!(changes.changed[0].sentence, "`shop` has 7 changes.");
    }

    #[test]
    fn moving_into_production_is_a_change_and_more_places_are_not() {
        let tested = Evidence {
            usage: Usage::Test,
            ..model("m")
        };
        let before = sample::inventory("08:00:00", vec![sample::system("shop", vec![tested])]);
        let after = sample::inventory(
            "09:00:00",
            vec![sample::system(
                "shop",
                vec![model("m"), sample::seen(ComponentKind::Model, "m", "b.py")],
            )],
        );
        assert_eq!(
            diff(&before, &after).sentences().collect::<Vec<_>>(),
            ["The model `m` of `shop` was referenced in tests only and is referenced."]
        );
        assert!(diff(&after, &after).is_empty());
    }

    #[test]
    fn other_rules_and_programs_are_noted() {
        let before = sample::inventory("08:00:00", Vec::new());
        let mut after = before.clone();
        after.ruleset = "2027-01-01+ffffffff".into();
        after.generator = "aimscan 0.2.0".into();
        let notes = diff(&before, &after).notes;
        assert!(
            notes.len() == 2 && notes[0].contains("2027-01-01") && notes[1].contains("0.2.0"),
            "{notes:?}"
        );
    }
}
