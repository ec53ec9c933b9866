//! Providers, models, licences, regions and uses that nobody approved, where somebody keeps a list: in the words of a policy, and seen as
//! a policy sees them.

use evidence::{ComponentKind, Confidence, Evidence};

use super::{Found, MOST_PLACES, Policy, Rule, is_productive, places, stated};
use crate::policy::{Kind, Seen, fits, is_among, outside};
use crate::{Component, Level, System};

pub(super) const PROVIDER: Rule = Rule {
    id: "unapproved-provider",
    title: "A provider of AI is not approved",
    why: "The organisation keeps a list of approved providers, and this one is not on it.",
    find: |system, policy| {
        if stated::is_stated(system) {
            return stated::unapproved(Kind::Provider, policy.approved.providers.as_deref(), system);
        }
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
        if stated::is_stated(system) {
            return stated::unapproved(Kind::Model, policy.approved.models.as_deref(), system);
        }
        system
            .of_kind(ComponentKind::Model)
            .filter_map(|model| unapproved_model(system, model, policy))
            .collect()
    },
};

pub(super) const LICENCE: Rule = Rule {
    id: "unapproved-licence",
    title: "A licence is not approved",
    why: "The organisation keeps a list of approved licences of models and data, and this one is not on it.",
    find: |system, policy| {
        things(Kind::Licence, policy.approved.licences.as_deref(), system, |thing, parts| {
            (
                format!(
                    "`{}` uses {parts} under the licence `{}`, which is not among the approved ones.",
                    system.name, thing.value
                ),
                format!(
                    "Have the licence `{}` read and add it to the approved ones, or take something under an approved one.",
                    thing.value
                ),
            )
        })
    },
};

pub(super) const REGION: Rule = Rule {
    id: "unapproved-region",
    title: "A region is not approved",
    why: "The organisation keeps a list of regions in which its data may be processed, and this one is not on it.",
    find: |system, policy| {
        things(Kind::Region, policy.approved.regions.as_deref(), system, |thing, parts| {
            (
                format!(
                    "`{}` uses the region `{}` ({parts}), which is not among the approved ones.",
                    system.name, thing.value
                ),
                format!(
                    "Move `{}` to an approved region, or have `{}` approved for the data it processes.",
                    system.name, thing.value
                ),
            )
        })
    },
};

pub(super) const USE: Rule = Rule {
    id: "unapproved-use",
    title: "A use is not approved",
    why: "The organisation keeps a list of what AI may be used for, and this is not on it.",
    find: |system, policy| {
        things(Kind::Use, policy.approved.uses.as_deref(), system, |thing, parts| {
            let because = system.classification.reasons.iter().find(|reason| reason.rule == thing.value);
            let shown = because.map_or_else(|| parts.to_owned(), |reason| reason.because.trim_end_matches('.').to_owned());
            (
                format!(
                    "`{}` shows the use `{}`, which is not among the approved ones: {shown}.",
                    system.name, thing.value
                ),
                format!(
                    "Have the use assessed and add `{}` to the approved ones, or take it out of `{}`.",
                    thing.value, system.name
                ),
            )
        })
    },
};

/// Names that a sentence spells out before it counts the rest.
const MOST_NAMES: usize = 3;

/// Whether evidence is enough to say that something is used.
fn sure(seen: &Evidence) -> bool {
    is_productive(seen) && seen.confidence >= Confidence::Medium
}

/// What of a kind is seen and not among what is approved, if somebody decided on that; `say` makes message and remedy of it.
fn things(kind: Kind, approved: Option<&[String]>, system: &System, say: impl Fn(&Seen<'_>, &str) -> (String, String)) -> Vec<Found> {
    if stated::is_stated(system) {
        return stated::unapproved(kind, approved, system);
    }
    outside(kind, approved, system)
        .into_iter()
        .filter(|thing| thing.evidence.iter().any(|seen| sure(seen)))
        .map(|thing| {
            let (message, remedy) = say(&thing, &named(&thing.parts));
            Found {
                level: Level::Error,
                message,
                remedy,
                evidence: thing
                    .evidence
                    .into_iter()
                    .filter(|seen| sure(seen))
                    .take(MOST_PLACES)
                    .cloned()
                    .collect(),
            }
        })
        .collect()
}

fn named(parts: &[&str]) -> String {
    let shown: Vec<String> = parts.iter().take(MOST_NAMES).map(|part| format!("`{part}`")).collect();
    match parts.len().saturating_sub(MOST_NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn unapproved(system: &System, component: &Component, policy: &Policy) -> Option<Found> {
    let approved = policy.approved.providers.as_ref()?;
    let is_approved = is_among(Kind::Provider, approved, &component.name);
    if component.kind != ComponentKind::Provider || is_approved {
        return None;
    }
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
    let approved = policy.approved.models.as_ref()?;
    if approved.iter().any(|id| fits(id, &model.name)) || !model.evidence.iter().any(sure) {
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
    use crate::findings::{
        findings,
        tests::{rules, with},
    };
    use crate::policy::Approved;
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
                approved: Approved {
                    providers: Some(approved.iter().map(|id| (*id).to_owned()).collect()),
                    ..Approved::default()
                },
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
            approved: Approved {
                providers: Some(vec!["openai".into()]),
                ..Approved::default()
            },
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
                    approved: Approved {
                        providers: Some(Vec::new()),
                        ..Approved::default()
                    },
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
                approved: Approved {
                    models: Some(approved.iter().map(|id| (*id).to_owned()).collect()),
                    ..Approved::default()
                },
                ..Policy::default()
            };
            findings(std::slice::from_ref(&system), &policy).len()
        };
        assert_eq!((told(&["gpt-x-mini"]), told(&["GPT-x*"]), told(&["gpt-x"])), (0, 0, 1));
    }

    /// What is found where of each kind these are approved.
    fn told(seen: &[Evidence], approved: Approved) -> Vec<String> {
        let mut system = sample::system("shop", seen.to_vec());
        system.classification.reasons.push(crate::Reason {
            rule: "domain.employment".to_owned(),
            because: "“job applicants” in its name.".to_owned(),
            effect: "ceiling high".to_owned(),
            references: Vec::new(),
            eu: None,
            evidence: vec![evidence::Location::new("src/a.py", 1)],
        });
        let policy = Policy {
            approved,
            ..Policy::default()
        };
        let found = findings(&[system], &policy);
        assert!(
            found
                .iter()
                .all(|finding| finding.level == Level::Error && !finding.evidence.is_empty()),
            "{found:?}"
        );
        found.into_iter().map(|finding| finding.message).collect()
    }

    fn list(names: &[&str]) -> Option<Vec<String>> {
        Some(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn licences_regions_and_uses_that_nobody_approved_are_named_with_their_parts() {
        let seen = [
            with(
                sample::seen(ComponentKind::Model, "m-1", "src/a.py"),
                &[("licence", "llama3"), ("purposes", "text-generation")],
            ),
            with(sample::seen(ComponentKind::Dataset, "d-1", "src/b.py"), &[("licence", "mit")]),
            sample::seen(ComponentKind::Endpoint, "bedrock-runtime.us-east-1.amazonaws.com", "src/c.py"),
        ];
        let licences = |names: &[&str]| {
            told(
                &seen,
                Approved {
                    licences: list(names),
                    ..Approved::default()
                },
            )
        };
        let regions = |names: &[&str]| {
            told(
                &seen,
                Approved {
                    regions: list(names),
                    ..Approved::default()
                },
            )
        };
        let uses = |names: &[&str]| {
            told(
                &seen,
                Approved {
                    uses: list(names),
                    ..Approved::default()
                },
            )
        };
        assert!(told(&seen, Approved::default()).is_empty(), "nobody decided");
        let found = licences(&["MIT", "apache-*"]);
        assert_eq!(
            found,
            ["`shop` uses `m-1` under the licence `llama3`, which is not among the approved ones."]
        );
        assert!(licences(&["mit", "Llama*"]).is_empty());
        let found = regions(&["eu-*"]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("region `us-east-1` (`bedrock-runtime.us-east-1.amazonaws.com`)"),
            "{found:?}"
        );
        assert!(regions(&["us-*"]).is_empty());
        let found = uses(&["embedding", "domain.education"]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found
                .iter()
                .any(|message| message.contains("`text-generation`") && message.contains("`m-1`")),
            "{found:?}"
        );
        assert!(
            found
                .iter()
                .any(|message| message.contains("`domain.employment`") && message.contains("job applicants")),
            "{found:?}"
        );
        assert!(uses(&["text-generation"]).is_empty(), "of areas nobody said anything");
        assert!(uses(&["*"]).is_empty());
        assert_eq!(uses(&[]).len(), 2, "nothing is approved");
    }

    #[test]
    fn tests_and_hints_are_no_unapproved_use() {
        let mut tested = with(
            sample::seen(ComponentKind::Model, "m-1", "tests/a.py"),
            &[("licence", "llama3"), ("purposes", "ocr")],
        );
        tested.usage = Usage::Test;
        let mut hint = with(
            sample::seen(ComponentKind::Model, "m-2", "src/link.py"),
            &[("licence", "llama3"), ("purposes", "ocr")],
        );
        hint.confidence = Confidence::Low;
        let nothing = Approved {
            licences: list(&[]),
            regions: list(&[]),
            uses: list(&["text-generation"]),
            ..Approved::default()
        };
        assert!(told(&[tested, hint], nothing).is_empty());
    }
}
