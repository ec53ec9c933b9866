//! Findings that somebody accepted: by a decision of whoever scans, or by a comment beside the place. Each has a reason, and most
//! an expiry; what has expired is a finding again.

use evidence::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Policy;
use crate::{Finding, System};

/// The fact of evidence that holds what a comment beside it accepts.
pub const FACT: &str = "accepted-here";

/// A decision to accept findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Acceptance {
    /// The rule whose findings are accepted.
    pub rule: String,
    /// The system, by id or name; absent for all of them.
    #[serde(default)]
    pub system: Option<String>,
    /// The beginning of the paths that every place of the finding must have; absent for all.
    #[serde(default)]
    pub path: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    #[serde(default)]
    pub until: Option<String>,
}

/// That a finding is accepted, and by what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// Why, in the words of who accepted it.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Where it was accepted: `settings`, or the place of a comment.
    pub source: String,
}

/// The acceptance of a finding that holds today.
pub(super) fn acceptance(finding: &Finding, system: &System, policy: &Policy) -> Option<Accepted> {
    let decided = policy
        .accepted
        .iter()
        .find(|decision| covers(decision, finding, system) && holds(decision.until.as_deref(), policy));
    if let Some(decision) = decided {
        return Some(Accepted {
            reason: decision.reason.clone(),
            until: decision.until.clone(),
            source: "settings".to_owned(),
        });
    }
    // A comment speaks for its own place only: all places must be accepted.
    let comments: Option<Vec<Accepted>> = finding
        .evidence
        .iter()
        .map(|seen| by_comment(&finding.rule, seen, policy))
        .collect();
    comments?.into_iter().next()
}

/// The acceptance that people decided in the register for the system of a finding.
pub(crate) fn by_decision(finding: &Finding, system: &System) -> Option<Accepted> {
    let held = system.standing.held(&format!("finding/{}", finding.rule))?;
    held.stands().then(|| Accepted {
        reason: held.reason.clone(),
        until: held.until.clone(),
        source: format!("register, {}", held.by),
    })
}

fn covers(decision: &Acceptance, finding: &Finding, system: &System) -> bool {
    let system_fits = decision
        .system
        .as_deref()
        .is_none_or(|wanted| wanted == system.id || wanted == system.name);
    let path_fits = decision
        .path
        .as_deref()
        .is_none_or(|start| !finding.evidence.is_empty() && finding.evidence.iter().all(|seen| seen.location.path.starts_with(start)));
    decision.rule == finding.rule && system_fits && path_fits
}

fn holds(until: Option<&str>, policy: &Policy) -> bool {
    // Days written like this compare as texts do.
    until.is_none_or(|until| policy.today.is_empty() || policy.today.as_str() <= until)
}

fn by_comment(rule: &str, seen: &Evidence, policy: &Policy) -> Option<Accepted> {
    let comment = Comment::read(seen.facts.get(FACT)?)?;
    (comment.rule == rule && holds(comment.until.as_deref(), policy)).then(|| Accepted {
        reason: comment.reason,
        until: comment.until,
        source: seen.location.to_string(),
    })
}

/// What a comment says behind `aimscan: accept`.
struct Comment {
    rule: String,
    until: Option<String>,
    reason: String,
}

impl Comment {
    /// `hard-coded-credential until 2027-01-31 because it opens nothing`. Without a reason nothing is accepted.
    fn read(text: &str) -> Option<Self> {
        let (head, reason) = text.split_once(" because ")?;
        let mut words = head.split_whitespace();
        let rule = words.next()?.to_owned();
        let until = match (words.next(), words.next()) {
            (Some("until"), Some(day)) if is_day(day) => Some(day.to_owned()),
            (None, _) => None,
            _ => return None,
        };
        let reason = reason.trim().trim_end_matches(['*', '/', '-', '>', ' ']).to_owned();
        (!reason.is_empty()).then_some(Self { rule, until, reason })
    }
}

/// Whether a text is a day of the calendar as `YYYY-MM-DD`.
#[must_use]
pub fn is_day(text: &str) -> bool {
    let is_of_the_calendar = || text.parse::<jiff::civil::Date>().is_ok();
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
        && is_of_the_calendar()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::findings;
    use crate::sample;
    use evidence::ComponentKind;

    fn credential(comment: Option<&str>) -> Evidence {
        let mut seen = sample::seen(ComponentKind::SecretRef, "Acme credential", "src/a.py");
        seen.facts.insert("credential-form".into(), "acme.key".into());
        seen.facts.insert("fingerprint".into(), "aa".into());
        if let Some(comment) = comment {
            seen.facts.insert(FACT.into(), comment.into());
        }
        seen
    }

    fn accepted(comment: Option<&str>, decision: Option<Acceptance>, today: &str) -> Option<Accepted> {
        let system = sample::system("shop", vec![credential(comment)]);
        let policy = Policy {
            accepted: decision.into_iter().collect(),
            today: today.into(),
            ..Policy::default()
        };
        findings(&[system], &policy).remove(0).accepted
    }

    #[test]
    fn a_comment_accepts_its_place_until_its_day() {
        let comment = Some("hard-coded-credential until 2027-01-31 because it opens nothing */");
        let found = accepted(comment, None, "2026-11-26").expect("accepted");
        assert_eq!((found.reason.as_str(), found.source.as_str()), ("it opens nothing", "src/a.py:1"));
        assert_eq!(accepted(comment, None, "2027-02-01"), None);
        for other in [
            "retired-model because old",
            "hard-coded-credential",
            "hard-coded-credential until soon because x",
            "hard-coded-credential because ",
        ] {
            assert_eq!(accepted(Some(other), None, "2026-11-26"), None, "{other}");
        }
    }

    #[test]
    fn only_days_of_the_calendar_are_days() {
        for (text, is) in [
            ("2028-02-29", true),
            ("2027-02-29", false),
            ("2027-13-01", false),
            ("2027-1-1", false),
            ("20270101", false),
        ] {
            assert_eq!(is_day(text), is, "{text}");
        }
    }

    #[test]
    fn a_decision_accepts_what_it_names() {
        let decision = |system: Option<&str>, path: Option<&str>, until: Option<&str>| {
            Some(Acceptance {
                rule: "hard-coded-credential".into(),
                system: system.map(str::to_owned),
                path: path.map(str::to_owned),
                reason: "a dummy".into(),
                until: until.map(str::to_owned),
            })
        };
        for fits in [decision(None, None, None), decision(Some("shop"), Some("src/"), Some("2026-11-26"))] {
            assert!(accepted(None, fits, "2026-11-26").is_some());
        }
        for not in [
            decision(Some("other"), None, None),
            decision(None, Some("tests/"), None),
            decision(None, None, Some("2026-11-25")),
        ] {
            assert!(accepted(None, not, "2026-11-26").is_none());
        }
    }
}
