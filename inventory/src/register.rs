//! What people decided about systems, and what of it is in force.
//!
//! Evidence comes and goes with scans; decisions stay. They are an append-only history ([`Decision`]), and what is in force is
//! computed from it: the last decision on a subject counts, one without a value withdraws what was decided before. Some decisions
//! rest on what was known when they were made: when a scan finds more, they are open again, and say why.

mod exchange;
mod grouping;
mod known;
mod subject;

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Stage};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use exchange::{Conflict, Fault, Import, Imported, Sheet, SheetRow, sheet, take_in};
pub use grouping::Grouping;
pub use known::{BOUNDARY as LISTED, Entry, TakenList, take_list};
pub use subject::{BadSubject, Subject};

use crate::classify::Judge;
use crate::findings::accept::by_decision;
use crate::{Component, Inventory, System};
use rules::risk::Ruleset;

/// The system that stands for the organisation as a whole in decisions.
pub const ORGANISATION: &str = "";

/// One decision, as it was made. It is never changed: a later one takes its place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Its number in the register; later decisions have higher numbers.
    pub number: i64,
    /// When it was made, RFC 3339 in UTC.
    pub at: String,
    /// Who made it.
    pub by: String,
    /// The id of the system; empty where it is about the organisation.
    pub system: String,
    /// The name the system had then, for those who read the history.
    pub name: String,
    /// What it is about.
    pub subject: String,
    /// What was decided; empty where an earlier decision is withdrawn.
    pub value: String,
    /// Why.
    pub reason: String,
    /// The day until which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The components that were known when it was made, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<String>,
}

/// A decision that is not made yet: what [`crate::store::Store::decide`] adds to the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The id of the system; empty where it is about the organisation.
    pub system: String,
    /// The name the system has.
    pub name: String,
    /// What it is about.
    pub subject: Subject,
    /// What is decided; empty to withdraw.
    pub value: String,
    /// Why.
    pub reason: String,
    /// The day until which it holds.
    pub until: Option<String>,
    /// The components that are known, by id.
    pub known: Vec<String>,
}

/// A decision that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    /// The number of the decision.
    pub number: i64,
    /// What was decided.
    pub value: String,
    /// Who decided.
    pub by: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The day until which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Why it has to be looked at again; empty while it stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reopened: Vec<String>,
}

impl Held {
    /// Whether it stands: nothing has opened it again.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.reopened.is_empty()
    }
}

/// What is in force for one system, or for the organisation, by subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// By subject, such as `field/owner`.
    #[serde(flatten)]
    pub decisions: BTreeMap<String, Held>,
}

impl Standing {
    /// What is in force on a subject.
    #[must_use]
    pub fn held(&self, subject: &str) -> Option<&Held> {
        self.decisions.get(subject)
    }

    /// Takes over what was decided of a part where nothing is decided of the whole. What it is called, how it is grouped and which of
    /// its findings are accepted is the part's own affair.
    fn fill(&mut self, part: Self) {
        for (subject, held) in part.decisions {
            let is_its_own = ["grouping", "listed", "field/name"].contains(&subject.as_str()) || subject.starts_with("finding/");
            if !is_its_own {
                self.decisions.entry(subject).or_insert(held);
            }
        }
    }

    /// Whether nothing was decided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }
}

/// A system that somebody said is none, or is part of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dismissed {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The source it was found in.
    pub source: String,
    /// What was decided, by whom and why.
    pub decision: Held,
}

/// All decisions of a database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    decisions: Vec<Decision>,
    /// The positions of decisions, by system.
    by_system: BTreeMap<String, Vec<usize>>,
    /// Of each system the parts that people said belong to it, and the parts of those.
    parts: BTreeMap<String, Vec<String>>,
}

impl Register {
    /// Of decisions in any order.
    #[must_use]
    pub fn of(mut decisions: Vec<Decision>) -> Self {
        decisions.sort_by_key(|decision| decision.number);
        let mut by_system: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, decision) in decisions.iter().enumerate() {
            by_system.entry(decision.system.clone()).or_default().push(at);
        }
        let mut register = Self {
            decisions,
            by_system,
            parts: BTreeMap::new(),
        };
        register.parts = register.parts();
        register
    }

    /// As it was at a time: without what was decided later.
    #[must_use]
    pub fn until(&self, time: &str) -> Self {
        Self::of(
            self.decisions
                .iter()
                .filter(|decision| decision.at.as_str() <= time)
                .cloned()
                .collect(),
        )
    }

    /// All decisions ever made, oldest first.
    #[must_use]
    pub fn history(&self) -> &[Decision] {
        &self.decisions
    }

    /// What was in force on a subject of a system when the register held decisions up to a number.
    #[must_use]
    pub fn value_at(&self, system: &str, subject: &str, number: i64) -> &str {
        self.of_system(system)
            .rev()
            .find(|decision| decision.number <= number && decision.subject == subject)
            .map_or("", |decision| decision.value.as_str())
    }

    /// The number of the last decision; 0 if there is none.
    #[must_use]
    pub fn last(&self) -> i64 {
        self.decisions.last().map_or(0, |decision| decision.number)
    }

    /// The decisions on a system, oldest first.
    pub fn of_system(&self, system: &str) -> impl DoubleEndedIterator<Item = &Decision> {
        let positions = self.by_system.get(system).map(Vec::as_slice).unwrap_or_default();
        positions.iter().map(|at| &self.decisions[*at])
    }

    /// The last decision on each system that decisions speak of, by the system's id.
    pub fn last_by_system(&self) -> impl Iterator<Item = &Decision> {
        let systems = self.by_system.iter().filter(|(system, _)| *system != ORGANISATION);
        systems.filter_map(|(_, positions)| positions.last().map(|at| &self.decisions[*at]))
    }

    /// The last decision on each subject of a system that was not withdrawn.
    fn in_force(&self, system: &str) -> BTreeMap<&str, &Decision> {
        let mut last: BTreeMap<&str, &Decision> = BTreeMap::new();
        for decision in self.of_system(system) {
            last.insert(&decision.subject, decision);
        }
        last.retain(|_, decision| !decision.value.is_empty());
        last
    }

    /// Puts what people decided into an inventory: systems are merged, split, renamed and dismissed, each has its standing, and
    /// answers narrow its tier. `today` is the day by which terms are measured, as `2026-11-27`.
    pub fn apply(&self, inventory: &mut Inventory, ruleset: &Ruleset, today: &str) {
        let Some(grown) = self.arrange(inventory, today) else { return };
        let decided: Vec<Decided> = std::mem::take(&mut inventory.systems)
            .into_iter()
            .map(|system| self.decided(self.standing(&system.id, &system.components, today), system, today))
            .collect();
        settle(decided, &grown, inventory, ruleset);
    }

    /// Like [`Self::apply`], for the last time: decisions move into the inventory and are not kept twice.
    pub fn apply_and_end(mut self, inventory: &mut Inventory, ruleset: &Ruleset, today: &str) {
        let Some(grown) = self.arrange(inventory, today) else { return };
        // What is decided of a part is asked for again, of the whole.
        let parts: BTreeSet<String> = self.parts.values().flatten().cloned().collect();
        let mut decided = Vec::with_capacity(inventory.systems.len());
        for system in std::mem::take(&mut inventory.systems) {
            let standing = if parts.contains(&system.id) {
                self.standing(&system.id, &system.components, today)
            } else {
                self.take_standing(&system.id, &system.components, today)
            };
            decided.push(self.decided(standing, system, today));
        }
        drop(self);
        settle(decided, &grown, inventory, ruleset);
    }

    /// Adds, splits and merges systems as people decided; gives those that grew, or nothing if nobody decided anything.
    fn arrange(&self, inventory: &mut Inventory, today: &str) -> Option<BTreeSet<String>> {
        if self.decisions.is_empty() {
            return None;
        }
        inventory.organisation = self.standing(ORGANISATION, &[], today);
        self.add_wholes(inventory);
        grouping::split(self, inventory);
        Some(grouping::merge(self, inventory))
    }

    /// A system with its standing, and what is in force for its parts where nothing is for the whole.
    fn decided(&self, standing: Standing, mut system: System, today: &str) -> Decided {
        system.standing = standing;
        let mut listing = system.standing.held(subject::LISTED).cloned();
        for part in self.parts.get(&system.id).into_iter().flatten() {
            let of_part = self.standing(part, &system.components, today);
            listing = listing.or_else(|| of_part.held(subject::LISTED).cloned());
            system.standing.fill(of_part);
        }
        Decided { system, listing }
    }

    /// Findings that people accepted say so.
    fn accept(inventory: &mut Inventory) {
        let systems: BTreeMap<&str, &System> = inventory.systems.iter().map(|system| (system.id.as_str(), system)).collect();
        for finding in inventory.findings.iter_mut().filter(|finding| finding.accepted.is_none()) {
            let system = systems.get(finding.system.as_str());
            finding.accepted = system.and_then(|system| by_decision(finding, system));
        }
    }

    fn standing(&self, system: &str, components: &[Component], today: &str) -> Standing {
        let held = |(subject, decision): (&str, &Decision)| {
            let held = Held {
                number: decision.number,
                value: decision.value.clone(),
                by: decision.by.clone(),
                at: decision.at.clone(),
                reason: decision.reason.clone(),
                until: decision.until.clone(),
                reopened: reopened(decision, components, today),
            };
            (subject.to_owned(), held)
        };
        Standing {
            decisions: self.in_force(system).into_iter().map(held).collect(),
        }
    }

    /// The standing of a system whose decisions nobody asks for again.
    fn take_standing(&mut self, system: &str, components: &[Component], today: &str) -> Standing {
        let mut last: BTreeMap<String, Decision> = BTreeMap::new();
        for at in self.by_system.remove(system).unwrap_or_default() {
            let decision = std::mem::take(&mut self.decisions[at]);
            last.insert(decision.subject.clone(), decision);
        }
        last.retain(|_, decision| !decision.value.is_empty());
        let held = |(subject, decision): (String, Decision)| {
            let held = Held {
                number: decision.number,
                reopened: reopened(&decision, components, today),
                value: decision.value,
                by: decision.by,
                at: decision.at,
                reason: decision.reason,
                until: decision.until,
            };
            (subject, held)
        };
        Standing {
            decisions: last.into_iter().map(held).collect(),
        }
    }
}

/// A system with what is in force for it.
struct Decided {
    system: System,
    /// What says on which list it stands.
    listing: Option<Held>,
}

/// Systems that one thread classifies at a time: a judge of its own is worth it.
const FEWEST_TOGETHER: usize = 64;

/// Puts systems with their standings back into an inventory, those that people dismissed apart; tiers are told anew where people answered,
/// where lists say more than scans, and where a system grew.
fn settle(decided: Vec<Decided>, grown: &BTreeSet<String>, inventory: &mut Inventory, ruleset: &Ruleset) {
    let mut kept = Vec::with_capacity(decided.len());
    for one in decided {
        let system = &one.system;
        let held = system.standing.held(subject::GROUPING);
        match held.filter(|held| held.value == grouping::DISMISSED && held.stands()) {
            Some(held) => inventory.dismissed.push(Dismissed {
                decision: held.clone(),
                id: system.id.clone(),
                name: system.name.clone(),
                source: system.source.clone(),
            }),
            None => kept.push(one),
        }
    }
    kept.par_chunks_mut(FEWEST_TOGETHER).for_each_init(
        || Judge::new(ruleset),
        |judge, part| {
            for Decided { system, listing } in part {
                if let Some(name) = system.standing.held("field/name") {
                    system.name.clone_from(&name.value);
                }
                let is_answered = system.standing.decisions.keys().any(|subject| subject.starts_with("question/"));
                if let Some(listing) = listing {
                    known::classify(system, listing, judge);
                } else if is_answered || grown.contains(&system.id) {
                    system.classification = judge.system(system);
                }
            }
        },
    );
    let mut systems: Vec<System> = kept.into_iter().map(|one| one.system).collect();
    systems.sort_by(|a, b| (&a.name, &a.source, &a.folder, &a.id).cmp(&(&b.name, &b.source, &b.folder, &b.id)));
    let kept: BTreeSet<&str> = systems.iter().map(|system| system.id.as_str()).collect();
    inventory.findings.retain(|finding| kept.contains(finding.system.as_str()));
    inventory.systems = systems;
    Register::accept(inventory);
    inventory.dismissed.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
}

/// The ids of the components that a decision on a system rests on.
#[must_use]
pub fn known(system: &System) -> Vec<String> {
    system
        .components
        .iter()
        .filter(|component| matters(component))
        .map(|component| component.id.clone())
        .collect()
}

/// Whether a component is a reason to look at a decision again: something that is called, set up or runs, and no mere mention of it.
fn matters(component: &Component) -> bool {
    component.stage >= Stage::Invoked && component.kind != ComponentKind::Package
        || component.kind == ComponentKind::Provider && component.stage >= Stage::Declared
}

/// Names a sentence spells out before it counts the rest.
const MOST_NAMES: usize = 3;

/// Why a decision has to be looked at again.
fn reopened(decision: &Decision, components: &[Component], today: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(until) = decision.until.as_deref().filter(|until| *until < today) {
        reasons.push(format!("it held until {until}"));
    }
    let rests_on_evidence = Subject::parse(&decision.subject).is_ok_and(|subject| subject.rests_on_evidence());
    if rests_on_evidence {
        let mut new = components
            .iter()
            .filter(|component| matters(component) && !decision.known.contains(&component.id))
            .map(|component| format!("{} {}", component.kind.label(), component.name));
        let named: Vec<String> = new.by_ref().take(MOST_NAMES).collect();
        if !named.is_empty() {
            let more = match new.count() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            reasons.push(format!("found since: {}{more}", named.join(", ")));
        }
    }
    reasons
}

#[cfg(test)]
mod tests;
