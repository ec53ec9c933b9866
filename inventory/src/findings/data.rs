//! A question for people: personal data near a service of somebody else's.

use evidence::{ComponentKind, Confidence, Evidence};

use super::{Found, Policy, Rule, is_productive, places};
use crate::{Level, System};

/// Words of names and paths that stand for data about people.
const WORDS: [&str; 16] = [
    "patient",
    "patients",
    "employee",
    "employees",
    "customer",
    "customers",
    "applicant",
    "applicants",
    "candidate",
    "candidates",
    "resume",
    "resumes",
    "passport",
    "biometric",
    "medical",
    "payroll",
];

pub(super) const PERSONAL: Rule = Rule {
    id: "personal-data-question",
    title: "Personal data may reach a provider",
    why: "Who sends data about people to a provider needs a reason in law, a contract, and a place in the record of processing.",
    find: |system, _: &Policy| question(system).into_iter().collect(),
};

fn word(seen: &Evidence) -> Option<&'static str> {
    let of = |text: &str| {
        let lower = text.to_ascii_lowercase();
        WORDS
            .iter()
            .find(|word| lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == **word))
            .copied()
    };
    of(&seen.location.path).or_else(|| seen.excerpt.as_ref().and_then(|excerpt| of(excerpt.as_str())))
}

fn question(system: &System) -> Option<Found> {
    let asked = |seen: &Evidence| is_productive(seen) && seen.confidence >= Confidence::Medium && word(seen).is_some();
    let provider = system
        .of_kind(ComponentKind::Provider)
        .find(|provider| provider.evidence.iter().any(asked))?;
    let evidence = places(provider, asked);
    let word = evidence.iter().find_map(word)?;
    Some(Found {
        level: Level::Note,
        message: format!(
            "Does `{}` send data about people to `{}`? The word `{word}` stands where it is called.",
            system.name, provider.name
        ),
        remedy: "Answer it in the register: which data, on what ground, under which contract, and for how long.".to_owned(),
        evidence,
    })
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
        assert_eq!(told(ComponentKind::Provider, "src/patience.py"), 0);
        assert_eq!(told(ComponentKind::Package, "src/patients/summary.py"), 0);
    }
}
