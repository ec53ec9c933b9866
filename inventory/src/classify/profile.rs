//! How severe harm by a system would be and how likely it is, apart from each other, by what is said of it and by the rules that
//! fired. It moves no tier: the rules do that.

use std::collections::BTreeMap;

use rules::concepts::{Axis, Concept};
use rules::risk::Rule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::matching::Match;
use super::subject::Subject;

/// The highest level of an axis.
const HIGHEST: u8 = 4;

/// Severity and likelihood of harm, with the axes they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// What is seen on each axis, 0 to 4; axes of which nothing is seen are left out.
    pub axes: BTreeMap<Axis, u8>,
    /// 1 to 5: the data, what the output does times what it is used for, and who meets it, whichever is most.
    pub severity: u8,
    /// 1 to 5: how far it acts by itself, or what its parts bring along, whichever is more.
    pub likelihood: u8,
}

impl Profile {
    pub(super) fn of(subject: &Subject<'_>, fired: &[(&Rule, Match<'_>)], concepts: &[Concept]) -> Self {
        let mut axes: BTreeMap<Axis, u8> = BTreeMap::new();
        let said = subject.signs.iter().filter_map(|sign| concepts.get(sign.concept));
        let said = said.filter_map(|concept| Some((concept.axis?, concept.level)));
        let shown = fired
            .iter()
            .flat_map(|(rule, _)| rule.raises.iter().map(|(axis, level)| (*axis, *level)));
        for (axis, height) in said.chain(shown) {
            let level = axes.entry(axis).or_default();
            *level = (*level).max(height.min(HIGHEST));
        }
        let level = |axis: Axis| axes.get(&axis).copied().unwrap_or_default();
        // A use counts as much as its output matters there; where nothing is known of the output, half.
        let output = axes.get(&Axis::Outputs).copied().unwrap_or(HIGHEST / 2);
        let use_and_output = (level(Axis::UseCase) * output).div_ceil(HIGHEST);
        let severity = 1 + level(Axis::Data).max(use_and_output).max(level(Axis::Exposure));
        let likelihood = 1 + level(Axis::Autonomy).max(level(Axis::Provenance));
        Self {
            axes,
            severity,
            likelihood,
        }
    }

    /// Whether anything is seen on any axis.
    pub(super) fn says_something(&self) -> bool {
        !self.axes.is_empty()
    }
}
