//! A question for people: personal data near a service of somebody else's.

use std::sync::LazyLock;

use evidence::{ComponentKind, Confidence, Evidence, Excerpt};
use rules::concepts::{Concepts, Finder, concepts};

use super::{Found, MOST_PLACES, Policy, Rule, is_productive};
use crate::{Level, System};

/// The concept whose words stand for people that data is about.
const PEOPLE: &str = "data.people";

static CONCEPTS: LazyLock<Concepts> = LazyLock::new(concepts);

pub(super) const PERSONAL: Rule = Rule {
    id: "personal-data-question",
    title: "Personal data may reach a provider",
    why: "Who sends data about people to a provider needs a reason in law, a contract, and a place in the record of processing.",
    find: |system, _: &Policy| question(system).into_iter().collect(),
};

/// The words about people in the path or on the line of a piece of evidence.
fn word<'e>(seen: &'e Evidence, people: usize, finder: &mut Finder<'_>) -> Option<&'e str> {
    let texts = [Some(seen.location.path.as_str()), seen.excerpt.as_ref().map(Excerpt::as_str)];
    texts.into_iter().flatten().find_map(|text| {
        let found = finder.find(text).into_iter().find(|signal| signal.concept == people)?;
        Some(&text[found.start..found.end])
    })
}

fn question(system: &System) -> Option<Found> {
    let people = CONCEPTS.number(PEOPLE)?;
    let mut finder = CONCEPTS.finder();
    for provider in system.of_kind(ComponentKind::Provider) {
        let mut first = None;
        let evidence: Vec<Evidence> = provider
            .evidence
            .iter()
            .filter(|seen| is_productive(seen) && seen.confidence >= Confidence::Medium)
            .filter(|seen| match word(seen, people, &mut finder) {
                Some(word) => {
                    first.get_or_insert_with(|| word.to_lowercase());
                    true
                }
                None => false,
            })
            .take(MOST_PLACES)
            .cloned()
            .collect();
        if let Some(word) = first {
            return Some(Found {
                level: Level::Note,
                message: format!(
                    "Does `{}` send data about people to `{}`? The word `{word}` stands where it is called.",
                    system.name, provider.name
                ),
                remedy: "Answer it in the register: which data, on what ground, under which contract, and for how long.".to_owned(),
                evidence,
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{findings, tests::rules};
    use crate::sample;

    #[test]
    fn words_for_people_beside_a_call_are_a_question() {
        let told = |kind, path: &str| {
            rules(&findings(
                &[sample::system("s", vec![sample::seen(kind, "acme", path)])],
                &Policy::default(),
            ))
            .len()
        };
        assert_eq!(told(ComponentKind::Provider, "src/patients/summary.py"), 1);
        assert_eq!(told(ComponentKind::Provider, "src/Kundendaten/brief.py"), 1);
        assert_eq!(told(ComponentKind::Provider, "src/patience.py"), 0);
        assert_eq!(told(ComponentKind::Provider, "src/client.py"), 0);
        assert_eq!(told(ComponentKind::Package, "src/patients/summary.py"), 0);
    }
}
