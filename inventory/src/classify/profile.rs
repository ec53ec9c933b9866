//! How severe harm by a system would be and how likely it is, apart from each other, by what is said of it and by the rules that
//! fired. It moves no tier: the rules do that.

use std::collections::BTreeMap;

use rules::concepts::{Axis, Concept};
use rules::risk::Rule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::matching::Match;
use super::subject::Subject;

/// The highest level of an axis.
const HIGHEST: u8 = 4;

/// Severity and likelihood of harm, with the axes they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// What is seen on each axis, 0 to 4; axes of which nothing is seen are left out.
    pub axes: BTreeMap<Axis, u8>,
    /// 1 to 5: the data, what the output does times what it is used for, and who meets it, whichever is most; at most 3 where only names
    /// and tags speak.
    pub severity: u8,
    /// 1 to 5: how far it acts by itself, or what its parts bring along, whichever is more.
    pub likelihood: u8,
    /// Whether names and tags alone would make the severity higher than it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held_by_names: bool,
}

/// The highest severity that rests on names and tags alone: what something is called is no use of it.
const MOST_BY_NAMES: u8 = 3;

fn raise(axes: &mut BTreeMap<Axis, u8>, axis: Axis, height: u8) {
    let level = axes.entry(axis).or_default();
    *level = (*level).max(height.min(HIGHEST));
}

fn severity(axes: &BTreeMap<Axis, u8>) -> u8 {
    let level = |axis: Axis| axes.get(&axis).copied().unwrap_or_default();
    // A use counts as much as its output matters there; where nothing is known of the output, half.
    let output = axes.get(&Axis::Outputs).copied().unwrap_or(HIGHEST / 2);
    let use_and_output = (level(Axis::UseCase) * output).div_ceil(HIGHEST);
    1 + level(Axis::Data).max(use_and_output).max(level(Axis::Exposure))
}

impl Profile {
    pub(super) fn of(subject: &Subject<'_>, fired: &[(&Rule, Match<'_>)], concepts: &[Concept]) -> Self {
        let mut axes: BTreeMap<Axis, u8> = BTreeMap::new();
        let mut shown: BTreeMap<Axis, u8> = BTreeMap::new();
        let passages = subject.text.passages();
        for sign in &subject.signs {
            let Some(concept) = concepts.get(sign.concept) else { continue };
            let Some(axis) = concept.axis else { continue };
            let is_named = subject.is_found && passages[sign.passage].place.is_mere_name();
            raise(&mut axes, axis, concept.level);
            if !is_named {
                raise(&mut shown, axis, concept.level);
            }
        }
        for (rule, found) in fired {
            let is_named = subject.is_found && found.rests_on_names();
            for (axis, level) in &rule.raises {
                raise(&mut axes, *axis, *level);
                if !is_named {
                    raise(&mut shown, *axis, *level);
                }
            }
        }
        let most = severity(&axes);
        let severity = most.min(MOST_BY_NAMES.max(severity(&shown)));
        let level = |axis: Axis| axes.get(&axis).copied().unwrap_or_default();
        let likelihood = 1 + level(Axis::Autonomy).max(level(Axis::Provenance));
        Self {
            severity,
            likelihood,
            held_by_names: severity < most,
            axes,
        }
    }

    /// Whether anything is seen on any axis.
    pub(super) fn says_something(&self) -> bool {
        !self.axes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use crate::classify::classify;
    use crate::sample;
    use evidence::{ComponentKind, Location, Stage, Statement, Voice};
    use rules::risk::ruleset;

    fn severity(path: &str, said: &[(Voice, &str)]) -> (u8, bool) {
        let mut model = sample::seen(ComponentKind::Model, "gpt-4o", path);
        model.stage = Stage::Invoked;
        let mut system = sample::system("app", vec![model]);
        let said = said
            .iter()
            .filter_map(|(voice, text)| Statement::of(*voice, Location::new("place", 3), text));
        system.said.extend(said);
        let profile = classify(&system, ruleset())
            .profile
            .unwrap_or_else(|| panic!("{path} says something"));
        (profile.severity, profile.held_by_names)
    }

    #[test]
    fn names_and_tags_alone_are_at_most_three() {
        for (path, said) in [
            ("src/ethnicity_religion/a.py", &[][..]),
            ("src/a.py", &[(Voice::Tag, "content = ethnicity and religion")]),
            ("src/a.py", &[(Voice::Entry, "tag = ethnicity-religion")]),
        ] {
            assert_eq!(severity(path, said), (3, true), "{path} {said:?}");
        }
        // What a sentence shows counts, and the name beside it adds nothing.
        let said = [(Voice::Readme, "Keeps notes of job applicants in one place.")];
        assert_eq!(severity("src/ethnicity/a.py", &said), (4, true));
    }

    #[test]
    fn sentences_schemas_and_what_lists_say_count_fully() {
        for (path, said) in [
            ("src/a.py", &[(Voice::Readme, "Stores ethnicity and religion of applicants.")][..]),
            ("src/ethnicity/a.py", &[(Voice::Schema, "applicants: id, ethnicity, religion")]),
        ] {
            assert_eq!(severity(path, said), (5, false), "{path} {said:?}");
        }
        let listed = crate::Listed {
            list: "register.csv".to_owned(),
            row: 2,
            id: "a".to_owned(),
            name: "Ethnicity and religion of applicants".to_owned(),
            owner: String::new(),
            passages: vec![crate::listed::Passage::of(
                rules::risk::TextPlace::Name,
                "Name".into(),
                "Ethnicity and religion of applicants",
            )],
        };
        let profile = crate::classify::Judge::new(ruleset())
            .listed(&listed, None)
            .profile
            .expect("says something");
        assert_eq!((profile.severity, profile.held_by_names), (5, false));
    }
}
