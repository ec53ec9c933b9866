//! What needs attention: undeclared imports, credentials in the code, model files that run something, providers nobody approved.
//!
//! A finding stands on evidence that correlation kept; nothing is read again here.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Confidence, Evidence, Usage};

use crate::{Component, Finding, Level, System};

/// Places that a finding shows; its component holds the rest.
const MOST_PLACES: usize = 20;

/// What the organisation decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The providers that may be used, by catalog id; absent if nobody decided.
    pub approved_providers: Option<Vec<String>>,
}

/// What needs attention in these systems, most urgent first.
#[must_use]
pub fn findings(systems: &[System], policy: &Policy) -> Vec<Finding> {
    let mut found = Vec::new();
    for system in systems {
        for component in &system.components {
            found.extend(undeclared(system, component));
            found.extend(credentials(system, component));
            found.extend(unsafe_to_load(system, component));
            found.extend(unapproved(system, component, policy));
        }
    }
    found.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.cmp(b)));
    found
}

fn undeclared(system: &System, component: &Component) -> Option<Finding> {
    let ecosystem = component.evidence.iter().find_map(|seen| seen.facts.get("undeclared"))?;
    let name = &component.name;
    Some(Finding {
        rule: "imported-undeclared".to_owned(),
        level: Level::Warning,
        message: format!(
            "`{name}` is imported, but no {ecosystem} manifest of `{}` or of a unit around it declares it.",
            system.name
        ),
        remedy: format!(
            "Declare `{name}` with a version in the manifest of `{}`, or remove the import, so that the inventory and the lockfile agree.",
            system.name
        ),
        system: system.id.clone(),
        evidence: places(component, |seen| seen.facts.contains_key("undeclared")),
    })
}

/// One finding for each form of credential and kind of place, so that a test's dummy does not hide a real one.
fn credentials(system: &System, component: &Component) -> Vec<Finding> {
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
        Finding {
            rule: "hard-coded-credential".to_owned(),
            level,
            message: format!("{what} in plain text {place} ({}).", component.name),
            remedy: "Revoke it at the provider, issue a new one, and read it from a secret store or the environment; the history of the repository still holds it."
                .to_owned(),
            system: system.id.clone(),
            evidence: places(component, |seen| is_productive(seen) == productive && seen.facts.get("credential-form").is_some_and(|known| known == form)),
        }
    };
    forms.into_iter().map(finding).collect()
}

/// What a model file does besides holding a model, by the fact that says so.
const UNSAFE: [(&str, &str); 4] = [
    ("dangerous-imports", "imports what can run programs or code"),
    (
        "dangerous-operations",
        "holds operations that read or write files, or call into the program that loads it",
    ),
    ("dangerous-layers", "holds layers that are code"),
    ("weights-outside-folder", "takes weights from outside its folder"),
];

/// A model file that does more than hold a model when it is loaded.
fn unsafe_to_load(system: &System, component: &Component) -> Option<Finding> {
    let shown = |seen: &Evidence| UNSAFE.iter().any(|(fact, _)| seen.facts.contains_key(*fact));
    let seen = component
        .evidence
        .iter()
        .find(|seen| component.kind == ComponentKind::ModelFile && shown(seen))?;
    let said: Vec<String> = UNSAFE
        .iter()
        .filter_map(|(fact, what)| Some(format!("{what} ({})", seen.facts.get(*fact)?)))
        .collect();
    // An import has no other use than to be called; the others have honest ones too.
    let certain = component
        .evidence
        .iter()
        .any(|seen| seen.facts.contains_key("dangerous-imports") && is_productive(seen));
    Some(Finding {
        rule: "unsafe-model-file".to_owned(),
        level: if certain { Level::Error } else { Level::Warning },
        message: format!("`{}` {} when it is loaded.", component.name, said.join(", and ")),
        remedy: "Do not load it where anything matters. Find out who made it, and have it saved anew in a format that holds numbers only, such as safetensors or ONNX."
            .to_owned(),
        system: system.id.clone(),
        evidence: places(component, shown),
    })
}

fn unapproved(system: &System, component: &Component, policy: &Policy) -> Option<Finding> {
    let approved = policy.approved_providers.as_ref()?;
    let is_approved = approved.iter().any(|id| id.trim().eq_ignore_ascii_case(&component.name));
    if component.kind != ComponentKind::Provider || is_approved {
        return None;
    }
    let sure = |seen: &Evidence| is_productive(seen) && seen.confidence >= Confidence::Medium;
    let productive = component.evidence.iter().any(sure);
    let name = &component.name;
    let (level, place) = if productive {
        (Level::Error, "")
    } else {
        (
            Level::Note,
            ", though only in tests, examples or documentation, or by a hint of low confidence",
        )
    };
    Some(Finding {
        rule: "unapproved-provider".to_owned(),
        level,
        message: format!("`{}` uses `{name}`, which is not among the approved providers{place}.", system.name),
        remedy: format!(
            "Assess `{name}` as a supplier and add it to the approved providers, or move `{}` to an approved one.",
            system.name
        ),
        system: system.id.clone(),
        evidence: places(component, |seen| !productive || sure(seen)),
    })
}

/// Whether evidence stands in what runs, and is the unit's own.
fn is_productive(seen: &Evidence) -> bool {
    seen.usage == Usage::Runtime && !seen.vendored
}

fn places(component: &Component, prove: impl Fn(&Evidence) -> bool) -> Vec<Evidence> {
    component
        .evidence
        .iter()
        .filter(|seen| prove(seen))
        .take(MOST_PLACES)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn rules(found: &[Finding]) -> Vec<(&str, Level)> {
        found.iter().map(|finding| (finding.rule.as_str(), finding.level)).collect()
    }

    fn with(mut seen: Evidence, facts: &[(&str, &str)]) -> Evidence {
        seen.facts
            .extend(facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        seen
    }

    fn key(path: &str, fingerprint: &str) -> Evidence {
        let seen = sample::seen(ComponentKind::SecretRef, "OpenAI credential", path);
        with(seen, &[("credential-form", "openai.key.project"), ("fingerprint", fingerprint)])
    }

    #[test]
    fn a_model_file_that_runs_something_is_told_of() {
        let file = |facts| with(sample::seen(ComponentKind::ModelFile, "m.pkl", "m.pkl"), facts);
        let told = |evidence: Evidence| {
            let system = sample::system("s", vec![evidence]);
            let found = findings(&[system], &Policy::default());
            rules(&found)
                .iter()
                .map(|(rule, level)| ((*rule).to_owned(), *level))
                .collect::<Vec<_>>()
        };
        let one = |level| vec![("unsafe-model-file".to_owned(), level)];
        assert_eq!(told(file(&[("dangerous-imports", "os.system")])), one(Level::Error));
        assert_eq!(told(file(&[("dangerous-layers", "Lambda")])), one(Level::Warning));
        assert_eq!(told(file(&[("unknown-imports", "acme.Net")])), []);
    }

    #[test]
    fn an_undeclared_import_is_found_with_its_places_only() {
        let seen = |path: &str| sample::seen(ComponentKind::Package, "openai", path);
        let system = sample::system("shop", vec![with(seen("src/a.py"), &[("undeclared", "pypi")]), seen("tests/a.py")]);
        let found = findings(&[system], &Policy::default());
        assert_eq!(rules(&found), [("imported-undeclared", Level::Warning)]);
        assert_eq!(
            found[0].evidence.iter().map(|seen| seen.location.path.as_str()).collect::<Vec<_>>(),
            ["src/a.py"]
        );
        assert!(found[0].message.contains("`openai`") && found[0].message.contains("pypi"));
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

    #[test]
    fn only_a_decision_makes_a_provider_unapproved() {
        let system = sample::system(
            "shop",
            vec![
                sample::seen(ComponentKind::Provider, "openai", "a.py"),
                sample::seen(ComponentKind::Package, "openai", "a.py"),
            ],
        );
        let with_policy = |approved: &[&str]| {
            let policy = Policy {
                approved_providers: Some(approved.iter().map(|id| (*id).to_owned()).collect()),
            };
            findings(std::slice::from_ref(&system), &policy)
        };
        assert!(findings(std::slice::from_ref(&system), &Policy::default()).is_empty());
        assert!(with_policy(&["OpenAI", "anthropic"]).is_empty());
        assert_eq!(rules(&with_policy(&["anthropic"])), [("unapproved-provider", Level::Error)]);
        assert_eq!(rules(&with_policy(&[])), [("unapproved-provider", Level::Error)]);
    }

    #[test]
    fn an_unapproved_provider_in_tests_is_only_noted() {
        let tested = Evidence {
            usage: Usage::Test,
            ..sample::seen(ComponentKind::Provider, "groq", "tests/a.py")
        };
        let hint = Evidence {
            confidence: Confidence::Low,
            ..sample::seen(ComponentKind::Provider, "groq", "src/link.py")
        };
        let policy = Policy {
            approved_providers: Some(vec!["openai".into()]),
        };
        assert_eq!(
            rules(&findings(&[sample::system("shop", vec![tested, hint])], &policy)),
            [("unapproved-provider", Level::Note)]
        );
    }

    #[test]
    fn ordinary_systems_need_no_attention() {
        let system = sample::system(
            "shop",
            vec![
                sample::seen(ComponentKind::SecretRef, "OPENAI_API_KEY", ".env"),
                sample::seen(ComponentKind::Package, "openai", "a.py"),
            ],
        );
        assert!(findings(&[system], &Policy::default()).is_empty());
        assert!(
            findings(
                &[],
                &Policy {
                    approved_providers: Some(Vec::new())
                }
            )
            .is_empty()
        );
    }
}
