//! The indicative tier of a system: an interpreter of `rules/risk/`. The decision itself is data.

use evidence::Location;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An indicative tier, lowest first; `Unknown` means that the evidence does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The evidence does not tell: a library is present, its use is not seen.
    Unknown,
    /// No specific duty seen.
    Minimal,
    /// Transparency duties or some risk to the organisation.
    Limited,
    /// Significant effects on people possible; needs the full set of documents.
    High,
    /// Signs of a practice that must be reviewed before anything else.
    Stop,
}

impl Tier {
    /// The name used in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Minimal => "minimal",
            Self::Limited => "limited",
            Self::High => "high",
            Self::Stop => "stop",
        }
    }

    /// Every tier, lowest first.
    pub const ALL: [Self; 5] = [Self::Unknown, Self::Minimal, Self::Limited, Self::High, Self::Stop];
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The tier as an interval with its reasons: what the evidence alone shows, what it indicates, and what it would be if
/// every open question were answered adversely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Classification {
    /// The tier from evidence alone.
    pub floor: Tier,
    /// The tier the evidence indicates.
    pub indicated: Tier,
    /// The tier if every open question were answered adversely.
    pub ceiling: Tier,
    /// The rules that fired, as sentences with their evidence.
    pub reasons: Vec<Reason>,
    /// What a person must answer to narrow the interval.
    pub questions: Vec<OpenQuestion>,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// The rule's id.
    pub rule: String,
    /// Why, as a plain sentence.
    pub because: String,
    /// What the rule did to the interval, for people: `floor limited`, `ceiling high`.
    pub effect: String,
    /// Legal or normative references.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Places that made it fire.
    pub evidence: Vec<Location>,
}

/// A question only a person can answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct OpenQuestion {
    /// The question.
    pub question: String,
    /// Who can answer it.
    pub who: String,
    /// What a "yes" does to the tier.
    pub if_yes: String,
}
