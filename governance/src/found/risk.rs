//! What the classification tells for the fields of a record, and which practices against its risks are seen.

use evidence::Confidence;
use inventory::{EuStatus, Profile, Reason, Tier};
use rules::concepts::Axis;

use super::{Look, inferred};
use crate::record::Value;
use crate::seen::{MOST_PLACES, how, named, places, places_of, practised};

impl<'a> Look<'a> {
    /// Sentences of rules that fired, and of findings.
    pub(super) fn signs(&self, rules: &[&str], findings: &[&str]) -> Vec<Value> {
        let classification = &self.system.classification;
        let reasons = classification
            .reasons
            .iter()
            .filter(|reason| rules.iter().any(|rule| reason.rule.starts_with(rule)))
            .map(|reason| Value {
                places: reason.evidence.iter().take(MOST_PLACES).cloned().collect(),
                ..inferred(&reason.because, &format!("rule {}", reason.rule), Confidence::Medium)
            });
        let found = self
            .view
            .findings(self.system)
            .iter()
            .filter(|finding| findings.contains(&finding.rule.as_str()))
            .map(|finding| Value {
                places: places_of(finding),
                ..inferred(&finding.message, &format!("finding {}", finding.rule), Confidence::Medium)
            });
        reasons.chain(found).collect()
    }

    pub(super) fn autonomy(&self) -> Vec<Value> {
        let Some(reason) = self.fired("use.agent").or_else(|| self.fired("use.tools")) else {
            return Vec::new();
        };
        let asks = practised(self.system, &["approval"]).next().is_some();
        let says = if asks {
            "acts through tools; a step at which a person must agree was found"
        } else {
            "acts through tools; no step at which a person must agree was found in what was scanned"
        };
        vec![Value {
            places: reason.evidence.iter().take(MOST_PLACES).cloned().collect(),
            ..inferred(says, &format!("rule {}", reason.rule), Confidence::Low)
        }]
    }

    fn fired(&self, rule: &str) -> Option<&Reason> {
        self.system.classification.reasons.iter().find(|reason| reason.rule == rule)
    }

    pub(super) fn tier(&self) -> Vec<Value> {
        let classification = &self.system.classification;
        if classification.ceiling == Tier::Unknown {
            return Vec::new();
        }
        let says = if classification.floor == classification.ceiling {
            classification.ceiling.to_string()
        } else {
            format!(
                "between {} and {}, indicated {}",
                classification.floor, classification.ceiling, classification.indicated
            )
        };
        vec![inferred(
            &says,
            &format!("rules {}", self.view.inventory.ruleset),
            Confidence::Medium,
        )]
    }

    /// A level that signs propose, with the axes it comes from.
    pub(super) fn level(&self, of: impl Fn(&Profile) -> (u8, &'static [Axis])) -> Vec<Value> {
        let profile = self.system.classification.profile.as_ref();
        let proposed = profile.map(|profile| {
            let (level, axes) = of(profile);
            let seen: Vec<String> = axes
                .iter()
                .filter_map(|axis| Some(format!("{} {} of 4", axis.label(), profile.axes.get(axis)?)))
                .collect();
            let by_names = if profile.held_by_names && axes.contains(&Axis::Data) {
                "; names and tags alone raise it no further"
            } else {
                ""
            };
            (level, seen, by_names)
        });
        proposed
            .filter(|(_, seen, _)| !seen.is_empty())
            .map(|(level, seen, by_names)| {
                inferred(
                    &level.to_string(),
                    &format!("signs: {}{by_names}", seen.join(", ")),
                    Confidence::Low,
                )
            })
            .into_iter()
            .collect()
    }

    pub(super) fn law(&self) -> Vec<Value> {
        let classification = &self.system.classification;
        let mut values: Vec<Value> = classification
            .reasons
            .iter()
            .filter_map(|reason| Some((reason, reason.eu.as_ref()?)))
            .map(|(reason, point)| Value {
                places: reason.evidence.iter().take(MOST_PLACES).cloned().collect(),
                ..inferred(
                    &format!("{}: {point}", point.status),
                    &format!("rule {}", reason.rule),
                    Confidence::Low,
                )
            })
            .collect();
        if classification.eu.status == EuStatus::NotIndicated {
            values.push(inferred(
                "not indicated: nothing that it says of itself is a sign of a high-risk use or a prohibited practice",
                "what it says of itself",
                Confidence::Low,
            ));
        }
        values
    }

    pub(super) fn practice(&self, words: &[&str], what: &str) -> Vec<Value> {
        practised(self.system, words)
            .map(|component| Value {
                places: places(component),
                ..inferred(&format!("{what}: {}", named(component)), &how(component), component.confidence)
            })
            .collect()
    }
}
