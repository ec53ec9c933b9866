//! Systems that people know, whether or not a scan found them: an organisation's own list, taken into the register. Each is a system of
//! which decisions speak and one decision says on which list it stands, so that nothing but the register has to remember it.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Coverage;
use rules::governance::governance;
use rules::risk::TextPlace;

use super::exchange::{Conflict, Fault, Import, Imported, same};
use super::{Decision, Draft, Grouping, Held, Register, Subject, known, subject};
use crate::classify::{Judge, NOTICE};
use crate::listed::Passage;
use crate::{Classification, Inventory, Listed, People, SCHEMA_VERSION, Source, System};

/// What draws the boundary of a system that only a list names.
pub const BOUNDARY: &str = "list";

/// Fields of the record whose words say what a system is for, with the place that rules know.
const TELLING: [(&str, TextPlace); 8] = [
    ("purpose", TextPlace::Purpose),
    ("description", TextPlace::Purpose),
    ("outputs", TextPlace::Outputs),
    ("data-processed", TextPlace::Data),
    ("affected", TextPlace::People),
    ("users", TextPlace::People),
    ("tags", TextPlace::Area),
    ("oversight", TextPlace::Oversight),
];

/// A system as a list names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its row, as a spreadsheet shows it.
    pub row: usize,
    /// What identifies it in the list.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What the list says, by field of the record; empty where it says nothing.
    pub values: Vec<(String, String)>,
}

/// What a list brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenList {
    /// Decisions, conflicts and faults.
    pub imported: Imported,
    /// Systems that were in no list before.
    pub new: usize,
    /// New ones that are called as a system that scans found: the row, the name, and the id of the latter.
    pub alike: Vec<(usize, String, String)>,
    /// Names of systems that stood in the list earlier.
    pub gone: Vec<String>,
}

impl Register {
    /// The systems that people know from lists, by id, with the decision that says so.
    fn on_lists(&self) -> impl Iterator<Item = &Decision> {
        self.by_system.keys().filter_map(|id| self.listing(id))
    }

    /// The decision that says on which list a system stands.
    fn listing(&self, system: &str) -> Option<&Decision> {
        let last = self.of_system(system).rev().find(|decision| decision.subject == subject::LISTED)?;
        (!last.value.is_empty()).then_some(last)
    }

    /// Whether people know any system from a list.
    #[must_use]
    pub fn has_lists(&self) -> bool {
        self.on_lists().next().is_some()
    }

    /// An inventory of no scan, for lists to begin with.
    #[must_use]
    pub fn without_scans(&self, generator: &str, ruleset: &str) -> Inventory {
        Inventory {
            schema_version: SCHEMA_VERSION.to_owned(),
            generator: generator.to_owned(),
            ruleset: ruleset.to_owned(),
            scanned_at: self.decisions.last().map(|decision| decision.at.clone()).unwrap_or_default(),
            sources: Vec::new(),
            systems: Vec::new(),
            findings: Vec::new(),
            organisation: super::Standing::default(),
            dismissed: Vec::new(),
            coverage: Coverage::default(),
            notice: NOTICE.to_owned(),
        }
    }

    /// Adds the systems that people know from lists to what scans found.
    pub fn add_known(&self, inventory: &mut Inventory) {
        self.add_those(inventory, self.on_lists());
    }

    /// Adds those of which a system in the inventory is a part: a scan of one source tells of nothing else.
    pub(super) fn add_wholes(&self, inventory: &mut Inventory) {
        let wholes: BTreeSet<String> = inventory
            .systems
            .iter()
            .filter_map(
                |system| match Grouping::parse(self.value_at(&system.id, subject::GROUPING, i64::MAX)) {
                    Some(Grouping::PartOf(whole)) => Some(whole),
                    _ => None,
                },
            )
            .collect();
        self.add_those(inventory, wholes.iter().filter_map(|id| self.listing(id)));
    }

    fn add_those<'r>(&'r self, inventory: &mut Inventory, listings: impl Iterator<Item = &'r Decision>) {
        let here: BTreeSet<&str> = inventory.systems.iter().map(|system| system.id.as_str()).collect();
        let missing: Vec<&Decision> = listings.filter(|listing| !here.contains(listing.system.as_str())).collect();
        let lists: BTreeSet<&str> = missing.iter().map(|listing| listing.value.as_str()).collect();
        let sources = lists.iter().map(|list| Source {
            kind: BOUNDARY.to_owned(),
            location: (*list).to_owned(),
            identity: (*list).to_owned(),
        });
        let sources: Vec<Source> = sources.filter(|source| !inventory.sources.contains(source)).collect();
        let systems: Vec<System> = missing.into_iter().map(system).collect();
        inventory.sources.extend(sources);
        inventory.sources.sort();
        inventory.systems.extend(systems);
        inventory
            .systems
            .sort_by(|a, b| (&a.name, &a.source, &a.folder, &a.id).cmp(&(&b.name, &b.source, &b.folder, &b.id)));
    }

    /// Of each system the parts that people said belong to it, and the parts of those.
    pub(super) fn parts(&self) -> BTreeMap<String, Vec<String>> {
        let mut whole_of: BTreeMap<&str, String> = BTreeMap::new();
        for id in self.by_system.keys() {
            if let Some(Grouping::PartOf(whole)) = Grouping::parse(self.value_at(id, subject::GROUPING, i64::MAX)) {
                whole_of.insert(id, whole);
            }
        }
        let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for id in whole_of.keys() {
            let mut seen = BTreeSet::from([*id]);
            let mut at = *id;
            while let Some(whole) = whole_of.get(at) {
                // A circle of systems that are part of each other stays as it is.
                if !seen.insert(whole) {
                    break;
                }
                parts.entry(whole.clone()).or_default().push((*id).to_owned());
                at = whole;
            }
        }
        parts
    }
}

/// A system of which nothing but its listing is known.
fn system(listing: &Decision) -> System {
    System {
        id: listing.system.clone(),
        name: listing.name.clone(),
        description: None,
        source: listing.value.clone(),
        folder: row_of(&listing.reason).map(|row| format!("row {row}")).unwrap_or_default(),
        boundary: BOUNDARY.to_owned(),
        said: Vec::new(),
        components: Vec::new(),
        owners: Vec::new(),
        people: People::default(),
        classification: Classification::default(),
        standing: super::Standing::default(),
        first_seen: None,
        last_seen: None,
    }
}

/// The row that the reason of a decision names, as [`take_list`] writes it.
fn row_of(reason: &str) -> Option<u32> {
    let (_, row) = reason.split_once(", row ")?;
    row.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The tier of a system by what people wrote of it, beside the one by its evidence; `listing` is what says on which list it stands.
pub(super) fn classify(system: &mut System, listing: &Held, judge: &mut Judge<'_>) {
    let mut passages = vec![Passage::of(TextPlace::Name, "Name".into(), &system.name)];
    for (field, place) in TELLING {
        let Some(held) = system.standing.held(&format!("field/{field}")) else {
            continue;
        };
        let label = governance().field(field).map_or(field, |form| form.label.as_str());
        passages.push(Passage::of(place, label.into(), &held.value));
    }
    let listed = Listed {
        list: listing.value.clone(),
        row: row_of(&listing.reason)
            .and_then(|row| usize::try_from(row).ok())
            .unwrap_or_default(),
        id: system.id.clone(),
        name: system.name.clone(),
        owner: String::new(),
        passages,
    };
    let by_words = judge.listed(&listed, Some(&system.standing));
    if system.components.is_empty() {
        system.classification = by_words;
        return;
    }
    let mut both = judge.system(system);
    both.join(by_words);
    system.classification = both;
}

/// The id of a system that a list names, the same from import to import.
fn id(list: &str, key: &str) -> String {
    crate::correlate::digest(&["list", list, key])
}

/// Compares a list that somebody keeps with what it said before and with what is in force: who keeps a list may change it, and who
/// decides in the register may too, and neither overwrites the other.
#[must_use]
pub fn take_list(list: &str, entries: &[Entry], register: &Register, inventory: &Inventory, import: Import<'_>) -> TakenList {
    let mut taken = TakenList::default();
    let here: BTreeMap<&str, &System> = inventory.systems.iter().map(|system| (system.id.as_str(), system)).collect();
    let mut by_name: BTreeMap<String, &System> = BTreeMap::new();
    for system in inventory.systems.iter().filter(|system| system.boundary != BOUNDARY) {
        by_name.insert(rules::columns::heading(&system.name), system);
    }
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for entry in entries {
        let first = *rows.entry(&entry.key).or_insert(entry.row);
        if first != entry.row {
            taken.imported.faults.push(Fault {
                line: entry.row,
                subject: None,
                what: format!(
                    "“{}” identifies the system in row {first} already; give each system an identifier of its own",
                    entry.key
                ),
            });
            continue;
        }
        // A list may hold the ids of this inventory: then it speaks of those systems.
        let id = if here.contains_key(entry.key.as_str()) {
            entry.key.clone()
        } else {
            id(list, &entry.key)
        };
        let is_listed = here.get(id.as_str()).is_none_or(|system| system.boundary == BOUNDARY);
        if is_listed && register.listing(&id).is_none() {
            taken.new += 1;
            if let Some(found) = by_name.get(&rules::columns::heading(&entry.name)) {
                taken.alike.push((entry.row, entry.name.clone(), found.id.clone()));
            }
        }
        let system = here.get(id.as_str()).copied();
        if is_listed {
            cell(
                list,
                entry,
                &id,
                subject::LISTED,
                list,
                system,
                register,
                import,
                &mut taken.imported,
            );
        }
        for (field, value) in &entry.values {
            cell(list, entry, &id, field, value, system, register, import, &mut taken.imported);
        }
        ids.insert(id);
    }
    let earlier = register
        .on_lists()
        .filter(|listing| listing.value == list && !ids.contains(&listing.system));
    taken.gone = earlier.map(|listing| listing.name.clone()).collect();
    taken
}

#[allow(clippy::too_many_arguments, reason = "a cell has a place, a value and what it is held against")]
fn cell(
    list: &str,
    entry: &Entry,
    id: &str,
    written: &str,
    value: &str,
    system: Option<&System>,
    register: &Register,
    import: Import<'_>,
    imported: &mut Imported,
) {
    let fault = |what: String| Fault {
        line: entry.row,
        subject: Some(written.to_owned()),
        what,
    };
    let parsed = match Subject::parse(written) {
        Ok(parsed) => parsed,
        Err(bad) => return imported.faults.push(fault(bad.to_string())),
    };
    let subject = parsed.to_string();
    // What the list said before is told by the reason that its imports give.
    let said = format!("{list}, row ");
    let before = register
        .of_system(id)
        .rev()
        .find(|decision| decision.subject == subject && decision.reason.starts_with(&said));
    let then = before.map_or("", |decision| decision.value.as_str());
    let now = register.value_at(id, &subject, i64::MAX);
    if same(value, then, false) || same(value, now, false) {
        imported.unchanged += usize::from(!value.is_empty());
        return;
    }
    if let Err(bad) = parsed.check(value, import.today) {
        return imported.faults.push(fault(bad.to_string()));
    }
    if then != now {
        let last = register.of_system(id).rev().find(|decision| decision.subject == subject);
        imported.conflicts.push(Conflict {
            line: entry.row,
            name: entry.name.clone(),
            subject: written.to_owned(),
            theirs: value.to_owned(),
            ours: now.to_owned(),
            by: last.map_or_else(String::new, |decision| format!("{}, {}", decision.by, decision.at)),
        });
        return;
    }
    let because = if import.reason.is_empty() {
        String::new()
    } else {
        format!(": {}", import.reason)
    };
    imported.drafts.push(Draft {
        system: id.to_owned(),
        name: entry.name.clone(),
        subject: parsed,
        value: value.to_owned(),
        reason: format!("{said}{}{because}", entry.row),
        until: None,
        known: system.map(known).unwrap_or_default(),
    });
}
