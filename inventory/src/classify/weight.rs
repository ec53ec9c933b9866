//! How much words weigh: what a rule does to the tier, and says of the AI Act, by where its words stand. What a list says counts as it
//! is; of what was found, a name is less than a sentence, and a sentence less than a sentence with code that agrees.

use rules::risk::{Effect, EuPoint, EuStatus, Rule, Tier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::matching::Match;

/// Words a description needs before their silence says anything.
pub(super) const TELLING_WORDS: usize = 12;

/// What is seen of Regulation (EU) 2024/1689 (AI Act): signs of its provisions, never a finding that one applies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EuAct {
    /// The strongest status among the points.
    pub status: EuStatus,
    /// The provisions there are signs of.
    pub points: Vec<EuPoint>,
}

impl EuAct {
    /// What rules that fired say of it. A description of some length that gives no sign is no sign; silence is none either way.
    pub(super) fn of(fired: &[(&Rule, Match<'_>)], words: usize) -> Self {
        let mut points: Vec<EuPoint> = Vec::new();
        for (rule, found) in fired {
            points.extend(point_of(rule, found));
        }
        points.sort();
        points.dedup_by(|later, earlier| {
            (&later.article, &later.point) == (&earlier.article, &earlier.point) && {
                earlier.status = earlier.status.max(later.status);
                true
            }
        });
        let status = match points.iter().map(|point| point.status).max() {
            Some(status) => status,
            None if words >= TELLING_WORDS => EuStatus::NotIndicated,
            None => EuStatus::Unknown,
        };
        Self { status, points }
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.status == EuStatus::Unknown
    }
}

/// Whether a rule fired by words of a system that was found.
fn rests_on_words(rule: &Rule, found: &Match<'_>) -> bool {
    rule.rests_on_words() && found.is_of_found
}

/// What a rule does here. What a list says of a system is taken at its word. Of a system that was found,
/// - names of parts, and sentences that name a field and nothing that is decided there, indicate no more than a limited tier, and
///   leave the rest a question;
/// - sentences alone indicate what they say, but evidence that shows it there is none;
/// - only both together, which do not stand in one place, show it.
pub(super) fn effect_of(rule: &Rule, found: &Match<'_>) -> Effect {
    let effect = rule.effect;
    if !rests_on_words(rule, found) {
        return effect;
    }
    let is_named = found.voices.iter().any(|place| place.is_part());
    match (found.is_said(), is_named) {
        (true, true) => effect,
        (true, false) => Effect { floor: None, ..effect },
        (false, _) => Effect {
            floor: None,
            indicated: effect.indicated.map(|tier| tier.min(Tier::Limited)),
            ceiling: effect.ceiling.map(|tier| tier.min(Tier::High)),
            ..effect
        },
    }
}

/// What a rule says here of the AI Act: where no sentence says so, the signs do not stand together.
pub(super) fn point_of(rule: &Rule, found: &Match<'_>) -> Option<EuPoint> {
    let point = rule.eu.as_ref()?;
    let most = if rests_on_words(rule, found) && !found.is_said() {
        EuStatus::Possible
    } else {
        EuStatus::Indicated
    };
    Some(EuPoint {
        status: point.status.min(most),
        ..point.clone()
    })
}
