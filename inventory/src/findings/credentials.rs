//! Credentials in plain text. Their values are not known here: evidence holds a digest.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, Policy, Rule, is_productive, places};
use crate::{Component, Level};

pub(super) const HARD_CODED: Rule = Rule {
    id: "hard-coded-credential",
    title: "A credential of an AI service stands in the code",
    why: "Whoever can read the code can use the credential. Its value is not part of this report.",
    find: |system, _: &Policy| system.components.iter().flat_map(credentials).collect(),
};

/// One finding for each form of credential and kind of place, so that a test's dummy does not hide a real one.
fn credentials(component: &Component) -> Vec<Found> {
    let mut forms: BTreeMap<(&str, bool), BTreeSet<&str>> = BTreeMap::new();
    for seen in &component.evidence {
        if let Some(form) = seen.facts.get("credential-form") {
            let fingerprint = seen.facts.get("fingerprint").map_or("", String::as_str);
            forms.entry((form, is_productive(seen))).or_default().insert(fingerprint);
        }
    }
    let finding = |((form, productive), different): ((&str, bool), BTreeSet<&str>)| {
        let (level, place) = if productive {
            (Level::Error, "where the product runs")
        } else {
            (Level::Warning, "in tests, examples, documentation or bundled code")
        };
        let what = match different.len() {
            1 => "A credential stands".to_owned(),
            many => format!("{many} different credentials stand"),
        };
        Found {
            level,
            message: format!("{what} in plain text {place} ({}).", component.name),
            remedy: "Revoke it at the provider, issue a new one, and read it from a secret store or the environment; the history of the repository still holds it."
                .to_owned(),
            evidence: places(component, |seen| is_productive(seen) == productive && seen.facts.get("credential-form").is_some_and(|known| known == form)),
        }
    };
    forms.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{
        findings,
        tests::{rules, with},
    };
    use crate::sample;
    use evidence::{ComponentKind, Evidence, Usage};

    fn key(path: &str, fingerprint: &str) -> Evidence {
        let seen = sample::seen(ComponentKind::SecretRef, "OpenAI credential", path);
        with(seen, &[("credential-form", "openai.key.project"), ("fingerprint", fingerprint)])
    }

    #[test]
    fn credentials_are_counted_by_what_they_are_and_never_shown() {
        let system = sample::system(
            "shop",
            vec![
                key("src/a.py", "aa"),
                key("src/b.py", "aa"),
                key("src/c.py", "bb"),
                key("tests/fixtures.py", "cc"),
            ],
        );
        let mut tested = system.clone();
        tested.components[0]
            .evidence
            .iter_mut()
            .filter(|seen| seen.location.path.starts_with("tests"))
            .for_each(|seen| seen.usage = Usage::Test);
        let found = findings(&[tested], &Policy::default());
        assert_eq!(
            rules(&found),
            [("hard-coded-credential", Level::Error), ("hard-coded-credential", Level::Warning)]
        );
        assert!(found[0].message.starts_with("2 different credentials"), "{}", found[0].message);
        assert_eq!((found[0].evidence.len(), found[1].evidence.len()), (3, 1));
    }
}
