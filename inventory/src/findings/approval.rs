//! Providers and models that nobody approved, where somebody keeps a list.

use evidence::{ComponentKind, Confidence, Evidence};

use super::{Found, Policy, Rule, is_productive, places};
use crate::{Component, Level, System};

pub(super) const PROVIDER: Rule = Rule {
    id: "unapproved-provider",
    title: "A provider of AI is not approved",
    why: "The organisation keeps a list of approved providers, and this one is not on it.",
    find: |system, policy| {
        system
            .components
            .iter()
            .filter_map(|component| unapproved(system, component, policy))
            .collect()
    },
};

pub(super) const MODEL: Rule = Rule {
    id: "unapproved-model",
    title: "A model is not approved",
    why: "The organisation keeps a list of approved models, and this one is not on it.",
    find: |system, policy| {
        system
            .of_kind(ComponentKind::Model)
            .filter_map(|model| unapproved_model(system, model, policy))
            .collect()
    },
};

fn unapproved(system: &System, component: &Component, policy: &Policy) -> Option<Found> {
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
    Some(Found {
        level,
        message: format!("`{}` uses `{name}`, which is not among the approved providers{place}.", system.name),
        remedy: format!(
            "Assess `{name}` as a supplier and add it to the approved providers, or move `{}` to an approved one.",
            system.name
        ),
        evidence: places(component, |seen| !productive || sure(seen)),
    })
}

fn unapproved_model(system: &System, model: &Component, policy: &Policy) -> Option<Found> {
    let approved = policy.approved_models.as_ref()?;
    let name = model.name.to_ascii_lowercase();
    let fits = |wanted: &String| {
        let wanted = wanted.trim().to_ascii_lowercase();
        wanted.strip_suffix('*').map_or(name == wanted, |start| name.starts_with(start))
    };
    let sure = |seen: &Evidence| is_productive(seen) && seen.confidence >= Confidence::Medium;
    if approved.iter().any(fits) || !model.evidence.iter().any(sure) {
        return None;
    }
    Some(Found {
        level: Level::Error,
        message: format!(
            "`{}` uses the model `{}`, which is not among the approved ones.",
            system.name, model.name
        ),
        remedy: format!(
            "Assess `{}` and add it to the approved models, or move `{}` to an approved one.",
            model.name, system.name
        ),
        evidence: places(model, sure),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{findings, tests::rules};
    use crate::sample;
    use evidence::Usage;

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
                ..Policy::default()
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
            ..Policy::default()
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
                    approved_providers: Some(Vec::new()),
                    ..Policy::default()
                }
            )
            .is_empty()
        );
    }

    #[test]
    fn models_are_approved_by_id_or_beginning() {
        let system = sample::system("shop", vec![sample::seen(ComponentKind::Model, "gpt-x-mini", "a.py")]);
        let told = |approved: &[&str]| {
            let policy = Policy {
                approved_models: Some(approved.iter().map(|id| (*id).to_owned()).collect()),
                ..Policy::default()
            };
            findings(std::slice::from_ref(&system), &policy).len()
        };
        assert_eq!((told(&["gpt-x-mini"]), told(&["GPT-x*"]), told(&["gpt-x"])), (0, 0, 1));
    }
}
