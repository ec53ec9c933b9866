//! What people state of systems that no scan found, held against what is approved: the register names providers, models, licences and
//! regions in fields, and uses by what a system is said to be for. There are no places that prove it, only what somebody wrote.

use super::{Finding, Found, Policy, RULES, UNAPPROVED, accept};
use crate::policy::{Kind, outside};
use crate::{Inventory, Level, System};

/// Holds an inventory, in which people's decisions stand, against what is approved now; where nobody keeps such a list, what scans said
/// stays.
pub fn judge_again(inventory: &mut Inventory, policy: &Policy) {
    if policy.approved.is_empty() {
        return;
    }
    inventory.findings.retain(|finding| !UNAPPROVED.contains(&finding.rule.as_str()));
    let mut found: Vec<Finding> = Vec::new();
    for system in &inventory.systems {
        for rule in RULES.iter().filter(|rule| UNAPPROVED.contains(&rule.id)) {
            found.extend((rule.find)(system, policy).into_iter().map(|found| {
                let mut finding = found.of(rule.id, system, policy);
                if finding.accepted.is_none() {
                    finding.accepted = accept::by_decision(&finding, system);
                }
                finding
            }));
        }
    }
    inventory.findings.extend(found);
    inventory.findings.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.cmp(b)));
}

/// Whether all that is known of a system is what people state of it.
pub(super) fn is_stated(system: &System) -> bool {
    system.components.is_empty()
}

/// What is stated of a kind and not among what is approved, if somebody decided on that.
pub(super) fn unapproved(kind: Kind, approved: Option<&[String]>, system: &System) -> Vec<Found> {
    outside(kind, approved, system)
        .into_iter()
        .map(|thing| {
            let shown = system.classification.reasons.iter().find(|reason| reason.rule == thing.value);
            let because = shown.map_or_else(String::new, |reason| format!(": {}", reason.because.trim_end_matches('.')));
            Found {
                level: Level::Error,
                message: format!(
                    "`{}`, which no scan found, is said to have the {} `{}`, which is not among the approved ones{because}.",
                    system.name,
                    kind.word(),
                    thing.value
                ),
                remedy: format!(
                    "Have `{}` assessed and add it to the approved ones, or correct what the register says of `{}`.",
                    thing.value, system.name
                ),
                evidence: Vec::new(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Approved;
    use crate::register::Held;
    use crate::sample;
    use evidence::ComponentKind;

    fn listed(fields: &[(&str, &str)]) -> System {
        let mut system = sample::system("Face gate", Vec::new());
        for (field, value) in fields {
            let held = Held {
                number: 1,
                value: (*value).to_owned(),
                by: "Jane Roe".to_owned(),
                at: "2026-11-20T09:00:00Z".to_owned(),
                reason: String::new(),
                until: None,
                reopened: Vec::new(),
            };
            system.standing.decisions.insert(format!("field/{field}"), held);
        }
        system
    }

    fn list(values: &[&str]) -> Option<Vec<String>> {
        Some(values.iter().map(|value| (*value).to_owned()).collect())
    }

    fn told(system: System, approved: Approved) -> Vec<(String, String)> {
        let mut inventory = sample::inventory("09:00:00", vec![system]);
        judge_again(
            &mut inventory,
            &Policy {
                approved,
                ..Policy::default()
            },
        );
        let told = inventory.findings.into_iter().map(|finding| (finding.rule, finding.message));
        told.collect()
    }

    #[test]
    fn what_a_list_says_is_held_against_what_is_approved() {
        let system = listed(&[
            ("vendor", "Acme Vision | OpenAI"),
            ("models", "gpt-4o, see-1"),
            ("model-licences", "mit"),
            ("regions", "eu-west-1|us-east-1"),
        ]);
        let approved = Approved {
            providers: list(&["openai"]),
            models: list(&["gpt-4o*"]),
            licences: list(&["apache-2.0"]),
            regions: list(&["eu-*"]),
            uses: None,
        };
        let told = told(system, approved);
        for (rule, value) in [
            ("unapproved-provider", "`Acme Vision`"),
            ("unapproved-model", "`see-1`"),
            ("unapproved-licence", "`mit`"),
            ("unapproved-region", "`us-east-1`"),
        ] {
            assert!(
                told.iter().any(|(id, message)| id == rule && message.contains(value)),
                "{rule}: {told:?}"
            );
        }
        assert_eq!(told.len(), 4, "{told:?}");
    }

    #[test]
    fn names_of_vendors_are_known_as_people_write_them() {
        for vendor in ["OpenAI", "openai", "Azure OpenAI", "azure-openai", "OpenAI, Azure OpenAI"] {
            let approved = Approved {
                providers: list(&["openai", "azure-openai"]),
                ..Approved::default()
            };
            assert!(told(listed(&[("vendor", vendor)]), approved).is_empty(), "{vendor}");
        }
    }

    #[test]
    fn legal_forms_make_no_difference_and_likeness_is_no_identity() {
        let judged = |vendor: &str, approved: &[&str]| {
            let approved = Approved {
                providers: list(approved),
                ..Approved::default()
            };
            told(listed(&[("vendor", vendor)]), approved).len()
        };
        for (vendor, approved) in [
            ("OpenAI Ireland Ltd", &["openai"][..]),
            ("Mistral AI SAS, OpenAI, L.L.C.", &["openai", "mistral"]),
            ("Hugging Face, Inc.", &["Hugging Face"]),
            ("Microsoft Ireland Operations Limited", &["Microsoft Corporation"]),
            ("Google LLC", &["Google Ireland Limited"]),
            ("google-gemini", &["Google LLC"]),
            ("DeepL SE", &["DeepL"]),
            ("SAP SE", &["sap-ai-core"]),
        ] {
            assert_eq!(judged(vendor, approved), 0, "{vendor} {approved:?}");
        }
        for (vendor, approved) in [
            ("Open Systems AG", &["openai"][..]),
            ("Cohere Health Inc", &["cohere", "Cohere Inc"]),
            ("Gemini Trust Company LLC", &["google-gemini", "Google LLC"]),
            ("Google LLC", &["google-gemini"]),
            ("Microsoft Corporation", &["openai"]),
            ("Mistral AI SAS, Acme, Inc.", &["mistral"]),
        ] {
            assert_eq!(judged(vendor, approved), 1, "{vendor} {approved:?}");
        }
    }

    #[test]
    fn where_nobody_decided_or_nothing_is_stated_nothing_is_unapproved() {
        assert!(told(listed(&[("vendor", "Acme")]), Approved::default()).is_empty());
        let approved = Approved {
            providers: list(&["openai"]),
            ..Approved::default()
        };
        assert!(told(listed(&[("models", "see-1")]), approved.clone()).is_empty());
        // What a scan found is judged by its evidence, whatever people call the vendor.
        let mut scanned = listed(&[("vendor", "Acme Inc")]);
        scanned.components = sample::system("x", vec![sample::seen(ComponentKind::Provider, "openai", "a.py")]).components;
        assert!(told(scanned, approved).is_empty());
    }

    #[test]
    fn what_people_accepted_stays_accepted() {
        let mut system = listed(&[("vendor", "Acme")]);
        let mut held = system.standing.decisions["field/vendor"].clone();
        "accepted".clone_into(&mut held.value);
        system.standing.decisions.insert("finding/unapproved-provider".to_owned(), held);
        let mut inventory = sample::inventory("09:00:00", vec![system]);
        let approved = Approved {
            providers: list(&["openai"]),
            ..Approved::default()
        };
        let policy = Policy {
            approved,
            ..Policy::default()
        };
        judge_again(&mut inventory, &policy);
        judge_again(&mut inventory, &policy);
        assert_eq!(inventory.findings.len(), 1);
        assert!(inventory.findings[0].accepted.is_some());
    }
}
