//! What tags of resources, and entries of software catalogues, tell of a unit: its owners, and what else they say of it. Only tags that
//! stand beside evidence speak.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Confidence, Evidence, Statement, Voice};
use rules::tags::Meaning;

use super::units::folder;
use crate::past::{Owner, OwnerSource};

/// Tags that a system keeps.
const MOST: usize = 20;

/// What the tags of one unit tell, and its entry in a software catalogue.
#[derive(Debug, Default)]
pub(super) struct Tagged {
    /// Tags and fields, each pair of name and value once.
    said: Vec<Statement>,
    /// Owners that they name.
    pub(super) owners: Vec<Owner>,
    /// Whom they name who may be people, by what names them.
    people: BTreeMap<Voice, BTreeSet<String>>,
}

impl Tagged {
    /// Of the tags in a unit those that stand in a folder with evidence: resources of one folder are set up together. Entries are about the
    /// unit and speak of all of it.
    pub(super) fn of(tags: &[Statement], entries: &[Statement], evidence: &[Evidence], name_people: bool) -> Self {
        let mut tagged = Self::default();
        if tags.is_empty() && entries.is_empty() {
            return tagged;
        }
        let with_evidence: BTreeSet<&str> = evidence.iter().map(|seen| folder(&seen.location.path)).collect();
        let mut near: Vec<&Statement> = tags
            .iter()
            .filter(|tag| with_evidence.contains(folder(&tag.location.path)))
            .collect();
        near.sort();
        let mut owners: BTreeMap<(OwnerSource, &str), usize> = BTreeMap::new();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for statement in entries.iter().chain(near) {
            let Some((name, value)) = statement.tag() else { continue };
            let tag = rules::tags::of(name);
            let is_entry = statement.voice == Voice::Entry;
            // A catalogue says whether an owner is a team.
            let is_person = tag.is_some_and(|tag| tag.may_name_a_person(value) || is_entry && tag.means == Meaning::Owner);
            if is_person {
                tagged.people.entry(statement.voice).or_default().insert(value.to_owned());
                if !name_people {
                    continue;
                }
            }
            if tag.is_some_and(|tag| matches!(tag.means, Meaning::Team | Meaning::Owner)) {
                if is_entry {
                    owners.insert((OwnerSource::Catalogue, value), evidence.len());
                } else {
                    *owners.entry((OwnerSource::Tag, value)).or_default() += 1;
                }
            }
            if tagged.said.len() < MOST && told.insert(&statement.text) {
                tagged.said.push(statement.clone());
            }
        }
        tagged.owners = owners
            .into_iter()
            .map(|((source, name), places)| Owner {
                name: name.to_owned(),
                source,
                confidence: Confidence::Medium,
                places,
            })
            .collect();
        tagged
    }

    /// What the entry in a unit's own folder calls the unit: by that name people look for it.
    pub(super) fn name(&self, unit: &str) -> Option<String> {
        let own = |said: &&Statement| said.voice == Voice::Entry && folder(&said.location.path) == unit;
        let named = self.said.iter().filter(own).filter_map(Statement::tag);
        let mut named = named.filter(|(name, _)| rules::tags::of(name).is_some_and(|tag| tag.means == Meaning::Name));
        named.next().map(|(_, value)| value.to_owned())
    }

    /// How many of those whom such texts name may be people.
    pub(super) fn people(&self, voice: Voice) -> usize {
        self.people.get(&voice).map_or(0, BTreeSet::len)
    }

    /// The tags beside what else is said, in the order of places.
    pub(super) fn with(&self, mut said: Vec<Statement>) -> Vec<Statement> {
        said.extend(self.said.iter().cloned());
        said.sort();
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::{ComponentKind, Location};

    fn tag(path: &str, text: &str) -> Statement {
        Statement::of(Voice::Tag, Location::new(path, 3), text).expect("has words")
    }

    fn evidence(path: &str) -> Evidence {
        sample::seen(ComponentKind::CloudService, "some-service", path)
    }

    fn texts(tagged: &Tagged) -> Vec<&str> {
        tagged.said.iter().map(|said| said.text.as_str()).collect()
    }

    #[test]
    fn teams_are_owners_and_what_stands_elsewhere_says_nothing() {
        let tags = [
            tag("infra/main.tf", "team = hiring"),
            tag("infra/locals.tf", "team = hiring"),
            tag("infra/main.tf", "application = credit-scoring"),
            tag("infra/database/main.tf", "team = patients"),
        ];
        let tagged = Tagged::of(&tags, &[], &[evidence("infra/bedrock.tf")], false);
        assert_eq!(texts(&tagged), ["team = hiring", "application = credit-scoring"]);
        let owners: Vec<_> = tagged
            .owners
            .iter()
            .map(|owner| (owner.name.as_str(), owner.source, owner.confidence, owner.places))
            .collect();
        assert_eq!(owners, [("hiring", OwnerSource::Tag, Confidence::Medium, 2)]);
        assert!(Tagged::of(&tags, &[], &[evidence("src/app.py")], false).said.is_empty());
    }

    #[test]
    fn a_unit_is_called_what_its_own_entry_calls_it() {
        let said = |voice, path: &str, text: &str| Statement::of(voice, Location::new(path, 7), text).expect("has words");
        let entry = said(Voice::Entry, "ranker/catalog-info.yaml", "catalogue name = Ranker");
        let tagged = Tagged::of(&[], &[entry], &[evidence("ranker/a.py")], false);
        assert_eq!(tagged.name("ranker").as_deref(), Some("Ranker"));
        // An entry above speaks of more than the unit, and a resource's name is its own.
        assert_eq!(tagged.name("ranker/worker"), None);
        let tag = said(Voice::Tag, "ranker/main.tf", "Name = bucket-7");
        assert_eq!(Tagged::of(&[tag], &[], &[evidence("ranker/a.tf")], false).name("ranker"), None);
    }

    #[test]
    fn people_are_counted_and_named_only_when_asked_for() {
        let tags = [
            tag("main.tf", "owner = jane.roe"),
            tag("main.tf", "Owner = jane.roe"),
            tag("main.tf", "contact = max@example.org"),
            tag("main.tf", "owner = risk team"),
        ];
        let evidence = [evidence("main.tf")];
        let silent = Tagged::of(&tags, &[], &evidence, false);
        assert_eq!((silent.people(Voice::Tag), texts(&silent)), (2, vec!["owner = risk team"]));
        assert_eq!(silent.owners.len(), 1);
        let named = Tagged::of(&tags, &[], &evidence, true);
        assert_eq!((named.people(Voice::Tag), named.said.len(), named.owners.len()), (2, 4, 3));
    }

    #[test]
    fn a_catalogue_says_who_owns_all_of_a_unit_and_names_people_only_when_asked_for() {
        let entry = |text: &str| Statement::of(Voice::Entry, Location::new("catalog-info.yaml", 7), text).expect("has words");
        let entries = [
            entry("owner team = payments"),
            entry("owner = platform.roe"),
            entry("lifecycle = production"),
        ];
        let evidence = [evidence("src/a.py"), evidence("src/b.py")];
        let silent = Tagged::of(&[], &entries, &evidence, false);
        let owners: Vec<_> = silent
            .owners
            .iter()
            .map(|owner| (owner.name.as_str(), owner.source, owner.places))
            .collect();
        assert_eq!(owners, [("payments", OwnerSource::Catalogue, 2)]);
        assert_eq!(texts(&silent), ["owner team = payments", "lifecycle = production"]);
        assert_eq!(silent.people(Voice::Entry), 1);
        let named = Tagged::of(&[], &entries, &evidence, true);
        assert_eq!((named.said.len(), named.owners.len()), (3, 2));
    }
}
