//! What tags of resources tell of a unit: its owners, and what else they say of it. Only what stands beside evidence speaks.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Confidence, Evidence, Statement};
use rules::tags::Meaning;

use super::units::folder;
use crate::past::{Owner, OwnerSource};

/// Tags that a system keeps.
const MOST: usize = 20;

/// What the tags of one unit tell.
#[derive(Debug, Default)]
pub(super) struct Tagged {
    /// The tags, each pair of name and value once.
    said: Vec<Statement>,
    /// Owners that they name.
    pub(super) owners: Vec<Owner>,
    /// How many of those whom they name may be people.
    pub(super) people: usize,
}

impl Tagged {
    /// Of the tags in a unit those that stand in a folder with evidence: resources of one folder are set up together.
    pub(super) fn of(tags: &[Statement], evidence: &[Evidence], name_people: bool) -> Self {
        let mut tagged = Self::default();
        if tags.is_empty() {
            return tagged;
        }
        let with_evidence: BTreeSet<&str> = evidence.iter().map(|seen| folder(&seen.location.path)).collect();
        let mut near: Vec<&Statement> = tags
            .iter()
            .filter(|tag| with_evidence.contains(folder(&tag.location.path)))
            .collect();
        near.sort();
        let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
        let mut people: BTreeSet<&str> = BTreeSet::new();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for statement in near {
            let Some((name, value)) = statement.tag() else { continue };
            let tag = rules::tags::of(name);
            let is_person = tag.is_some_and(|tag| tag.may_name_a_person(value));
            if is_person {
                people.insert(value);
                if !name_people {
                    continue;
                }
            }
            if tag.is_some_and(|tag| matches!(tag.means, Meaning::Team | Meaning::Owner)) {
                *owners.entry(value).or_default() += 1;
            }
            if tagged.said.len() < MOST && told.insert(&statement.text) {
                tagged.said.push(statement.clone());
            }
        }
        tagged.people = people.len();
        tagged.owners = owners
            .into_iter()
            .map(|(name, places)| Owner {
                name: name.to_owned(),
                source: OwnerSource::Tag,
                confidence: Confidence::Medium,
                places,
            })
            .collect();
        tagged
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
    use evidence::{ComponentKind, Location, Voice};

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
        let tagged = Tagged::of(&tags, &[evidence("infra/bedrock.tf")], false);
        assert_eq!(texts(&tagged), ["team = hiring", "application = credit-scoring"]);
        let owners: Vec<_> = tagged
            .owners
            .iter()
            .map(|owner| (owner.name.as_str(), owner.source, owner.confidence, owner.places))
            .collect();
        assert_eq!(owners, [("hiring", OwnerSource::Tag, Confidence::Medium, 2)]);
        assert!(Tagged::of(&tags, &[evidence("src/app.py")], false).said.is_empty());
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
        let silent = Tagged::of(&tags, &evidence, false);
        assert_eq!((silent.people, texts(&silent)), (2, vec!["owner = risk team"]));
        assert_eq!(silent.owners.len(), 1);
        let named = Tagged::of(&tags, &evidence, true);
        assert_eq!((named.people, named.said.len(), named.owners.len()), (2, 4, 3));
    }
}
