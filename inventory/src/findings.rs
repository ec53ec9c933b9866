//! What needs attention: one file for what belongs together, one entry of [`RULES`] a rule.
//!
//! A finding stands on evidence that correlation kept; nothing is read again here. People accept findings with a reason and an
//! expiry ([`accept`]); an accepted finding is still told, as accepted.

pub mod accept;
mod agents;
mod approval;
mod credentials;
mod data;
mod declared;
mod model_files;
mod models;
mod stated;

use evidence::{Evidence, Stage, Usage};

use crate::policy::Approved;
use crate::{Component, Finding, Level, System};
use accept::Acceptance;
pub use stated::judge_again;

/// Places that a finding shows; its component holds the rest.
const MOST_PLACES: usize = 20;

/// What the organisation decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// What may be used, kind by kind.
    pub approved: Approved,
    /// Limits of licences that do not matter here, as the catalog names them (`monthly-users-over-700m`).
    pub harmless_limits: Vec<String>,
    /// Findings that somebody accepted.
    pub accepted: Vec<Acceptance>,
    /// The day that expiries and retirements are compared with, `YYYY-MM-DD`; empty if unknown.
    pub today: String,
}

/// A rule: what it is about, why it matters, and how it is found in a system.
pub struct Rule {
    /// The id that findings and acceptances name.
    pub id: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Why it matters, in one sentence.
    pub why: &'static str,
    find: fn(&System, &Policy) -> Vec<Found>,
}

/// Every rule, in the order tables show them.
pub static RULES: &[Rule] = &[
    credentials::HARD_CODED,
    model_files::UNSAFE,
    approval::PROVIDER,
    approval::MODEL,
    approval::LICENCE,
    approval::REGION,
    approval::USE,
    agents::UNATTENDED,
    models::RETIRED,
    models::LICENCE,
    declared::UNDECLARED,
    models::FLOATING,
    data::PERSONAL,
    Rule {
        id: crate::policy::RULE,
        title: "A policy of the organisation is broken",
        why: "The organisation decided what may be used and what every system must have.",
        // It rests on what people decided, which is known later: see `policy::judge`.
        find: |_, _| Vec::new(),
    },
];

/// The rules that speak of what is not on the approved list.
pub const UNAPPROVED: [&str; 5] = [
    approval::PROVIDER.id,
    approval::MODEL.id,
    approval::LICENCE.id,
    approval::REGION.id,
    approval::USE.id,
];

/// The rule of a finding.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// What a rule found, before it is known whose it is.
struct Found {
    level: Level,
    message: String,
    remedy: String,
    evidence: Vec<Evidence>,
}

impl Found {
    /// The finding of a rule in a system, with whether it is accepted.
    fn of(self, rule: &str, system: &System, policy: &Policy) -> Finding {
        let mut finding = Finding {
            rule: rule.to_owned(),
            level: self.level,
            message: self.message,
            remedy: self.remedy,
            system: system.id.clone(),
            evidence: self.evidence,
            accepted: None,
        };
        finding.accepted = accept::acceptance(&finding, system, policy);
        finding
    }
}

/// What needs attention in these systems, most urgent first.
#[must_use]
pub fn findings(systems: &[System], policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    for system in systems {
        for rule in RULES {
            findings.extend(
                (rule.find)(system, policy)
                    .into_iter()
                    .map(|found| found.of(rule.id, system, policy)),
            );
        }
    }
    findings.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.cmp(b)));
    findings
}

/// Whether evidence stands in what runs, and is the unit's own.
pub(crate) fn is_productive(seen: &Evidence) -> bool {
    seen.usage == Usage::Runtime && !seen.vendored && seen.stage > Stage::Offered
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
    use std::collections::BTreeSet;

    pub(super) fn rules(found: &[Finding]) -> Vec<(&str, Level)> {
        found.iter().map(|finding| (finding.rule.as_str(), finding.level)).collect()
    }

    pub(super) fn with(mut seen: Evidence, facts: &[(&'static str, &str)]) -> Evidence {
        seen.facts
            .extend(facts.iter().map(|(name, value)| ((*name).into(), (*value).to_owned())));
        seen
    }

    #[test]
    fn rules_have_one_id_each_and_say_what_and_why() {
        let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        assert!(RULES.iter().all(|rule| !rule.title.is_empty() && rule.why.ends_with('.')));
    }

    #[test]
    fn each_rule_is_answered_by_a_control_and_no_crosswalk_is_about_another_rule() {
        let governance = ::rules::governance::governance();
        for rule in RULES {
            assert!(governance.controls_of(rule.id).next().is_some(), "{}", rule.id);
        }
        for crosswalk in governance.crosswalks.iter().filter(|crosswalk| !crosswalk.of.contains('.')) {
            assert!(rule(&crosswalk.of).is_some(), "{crosswalk:?}");
        }
    }
}
