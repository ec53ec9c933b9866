//! What tags of resources mean by their names, `tags/*.toml`: whose something is, where it stands in its life, how its data is
//! classified. What a value speaks of, concepts tell.

use std::sync::LazyLock;

pub(crate) mod form;

pub(crate) use form::TagFile;
pub use form::{Meaning, Tag};

use crate::columns::heading;
use crate::embedded;

/// Every name of a tag that means something.
#[derive(Debug, Default)]
struct Tags {
    list: Vec<Tag>,
    yes: Vec<String>,
    nothing: Vec<String>,
}

fn tags() -> &'static Tags {
    static ALL: LazyLock<Tags> = LazyLock::new(|| {
        let mut all = Tags::default();
        for file in embedded::tags() {
            all.list.extend(file.tags);
            all.yes.extend(file.yes);
            all.nothing.extend(file.nothing);
        }
        all
    });
    &ALL
}

/// What a tag means by its name; the namespace in front of it (`example.org/owner`, `acme:owner`) is left aside.
#[must_use]
pub fn of(name: &str) -> Option<&'static Tag> {
    let own = name.rsplit(['/', ':']).next().unwrap_or(name);
    let name = heading(own);
    let last = || heading(own.rsplit('.').next().unwrap_or(own));
    let find = |name: &str| tags().list.iter().find(|tag| tag.names.iter().any(|known| known == name));
    find(&name).or_else(|| find(&last()))
}

/// The words of a tag that say something: its value; its name where the value is a mere “yes”; nothing where it is a mere “no”.
#[must_use]
pub fn words<'t>(name: &'t str, value: &'t str) -> Option<&'t str> {
    let said = heading(value);
    let is = |list: &[String]| list.contains(&said);
    if said.is_empty() || is(&tags().nothing) {
        None
    } else if is(&tags().yes) {
        Some(name)
    } else {
        Some(value)
    }
}

impl Tag {
    /// What a value stands for.
    #[must_use]
    pub fn stands_for(&self, value: &str) -> Option<&str> {
        let said = heading(value);
        let mut values = self.values.iter();
        values.find(|(_, words)| words.contains(&said)).map(|(means, _)| means.as_str())
    }

    /// Whether a value may be the name of a person. A team is known by the name of the tag, or by a word of the value; rather too few are
    /// named than too many.
    #[must_use]
    pub fn may_name_a_person(&self, value: &str) -> bool {
        if !matches!(self.means, Meaning::Team | Meaning::Owner) {
            return false;
        }
        let said = heading(value);
        let is_team = self
            .values
            .values()
            .flatten()
            .any(|known| said.split(' ').any(|word| word == known));
        value.contains('@') || self.means == Meaning::Owner && !is_team
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn means(name: &str) -> Option<Meaning> {
        of(name).map(|tag| tag.means)
    }

    #[test]
    fn names_are_known_however_they_are_written() {
        for (name, meaning) in [
            ("Owner", Meaning::Owner),
            ("example.org/owner", Meaning::Owner),
            ("acme:Team", Meaning::Team),
            ("com.example.team", Meaning::Team),
            ("data-classification", Meaning::Classification),
            ("DataClassification", Meaning::Classification),
            ("data_classification", Meaning::Classification),
            ("Environment", Meaning::Stage),
            ("tags.example.com/env", Meaning::Stage),
            ("cost-center", Meaning::Unit),
            ("CostCentre", Meaning::Unit),
        ] {
            assert_eq!(means(name), Some(meaning), "{name}");
        }
        for name in [
            "Name",
            "app.kubernetes.io/name",
            "ownerReferences",
            "steam",
            "environment-url",
            "teammates",
            "",
        ] {
            assert_eq!(means(name), None, "{name}");
        }
    }

    #[test]
    fn values_stand_for_stages_and_other_values_for_none() {
        let stage = of("env").expect("known");
        for (value, means) in [
            ("prod", Some("operation")),
            ("Production", Some("operation")),
            ("non-prod", Some("development")),
            ("DEV", Some("development")),
            ("pilot", Some("pilot")),
            ("production-line", None),
            ("reproduce", None),
            ("eu-west-1", None),
        ] {
            assert_eq!(stage.stands_for(value), means, "{value}");
        }
    }

    #[test]
    fn people_are_told_from_teams() {
        let (owner, team) = (of("owner").expect("known"), of("team").expect("known"));
        for value in ["jane.roe", "Jane Roe", "jane@example.org", "team@example.org", "jroe"] {
            assert!(owner.may_name_a_person(value), "{value}");
        }
        for value in ["team-credit", "Credit Risk Team", "platform-engineering", "ml-ops squad"] {
            assert!(!owner.may_name_a_person(value), "{value}");
        }
        assert!(!team.may_name_a_person("hiring"));
        assert!(team.may_name_a_person("jane@example.org"));
        assert!(!of("env").expect("known").may_name_a_person("prod"));
    }

    #[test]
    fn a_yes_speaks_by_its_name_and_a_no_not_at_all() {
        assert_eq!(words("contains-pii", "true"), Some("contains-pii"));
        assert_eq!(words("application", "credit-scoring"), Some("credit-scoring"));
        for value in ["false", "No", "none", "N/A", "", "-", "0"] {
            assert_eq!(words("contains-pii", value), None, "{value}");
        }
    }

    #[test]
    fn no_name_means_two_things_and_stages_are_choices_of_their_field() {
        let mut seen = BTreeSet::new();
        for tag in &tags().list {
            for name in &tag.names {
                assert_eq!(&heading(name), name, "written as it is compared");
                assert!(seen.insert(name), "{name}");
            }
            assert!(tag.values.values().flatten().all(|value| &heading(value) == value));
            if tag.means == Meaning::Stage {
                let field = crate::governance::governance().field("life-cycle").expect("is a field");
                assert!(tag.values.keys().all(|stage| field.choices.contains(stage)));
            }
        }
        for means in [
            Meaning::Team,
            Meaning::Owner,
            Meaning::Stage,
            Meaning::Classification,
            Meaning::Unit,
        ] {
            assert!(tags().list.iter().any(|tag| tag.means == means), "{means:?}");
        }
    }
}
