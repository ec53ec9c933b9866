//! What a decision is about.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rules::governance::{DayForm, governance};

use super::Grouping;

/// The subject that says what a system is part of, or that it is none.
pub(super) const GROUPING: &str = "grouping";

/// The subject that says on which list a system stands.
pub(super) const LISTED: &str = "listed";

/// What a decision is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A field of the system's record.
    Field(String),
    /// A question that a risk rule leaves open, by the rule's id.
    Question(String),
    /// The tier, as a person confirmed it.
    Tier,
    /// Findings of a rule, which are accepted.
    Finding(String),
    /// A control of Annex A.
    Control(String),
    /// What a person wrote into a document: its id, and that of the place in it.
    Text(String, String),
    /// Whether it is a system at all, and of what it is part.
    Grouping,
    /// On which list of an organisation's own it stands.
    Listed,
}

/// Why a text is no subject; the sentence says what is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSubject(String);

impl Subject {
    /// Of the form `field/owner`, `question/use.generative`, `tier`, `finding/retired-model`, `control/A.5.2`,
    /// `text/SYS-03/benefits` or `grouping`; a word alone is a field.
    ///
    /// # Errors
    /// If there is no such field, control or place, or the form is another.
    pub fn parse(text: &str) -> Result<Self, BadSubject> {
        let bad = |sentence: String| Err(BadSubject(sentence));
        let known = governance();
        match text.split_once('/') {
            None if text == "tier" => Ok(Self::Tier),
            None if text == GROUPING => Ok(Self::Grouping),
            None if text == LISTED => Ok(Self::Listed),
            None => Self::field(text),
            Some(("field", id)) => Self::field(id),
            Some(("question", rule)) if !rule.is_empty() => Ok(Self::Question(rule.to_owned())),
            Some(("finding", rule)) => {
                if crate::findings::rule(rule).is_none() {
                    let ids: Vec<&str> = crate::findings::RULES.iter().map(|rule| rule.id).collect();
                    return bad(format!("there is no rule `{rule}` of findings; the rules are {}", ids.join(", ")));
                }
                Ok(Self::Finding(rule.to_owned()))
            }
            Some(("control", id)) => {
                if known.control(id).is_none() {
                    return bad(format!("there is no control `{id}` in Annex A; they are A.2.2 to A.10.4"));
                }
                Ok(Self::Control(id.to_owned()))
            }
            Some(("text", place)) => {
                let place = place.split_once('/').filter(|(document, prompt)| {
                    known
                        .document(document)
                        .is_some_and(|document| document.prompts.iter().any(|known| known.id == *prompt))
                });
                let Some((document, prompt)) = place else {
                    return bad(format!(
                        "`{text}` is no place in a document; they are written `text/SYS-03/benefits`"
                    ));
                };
                Ok(Self::Text(document.to_owned(), prompt.to_owned()))
            }
            Some(_) => bad(format!(
                "`{text}` is nothing that can be decided; write a field (`owner`), `question/RULE`, `tier`, `finding/RULE`, `control/A.5.2` or `text/DOCUMENT/PLACE`"
            )),
        }
    }

    fn field(id: &str) -> Result<Self, BadSubject> {
        // The tier is one decision, whichever way it is written.
        if id == "tier" {
            return Ok(Self::Tier);
        }
        if governance().field(id).is_some() {
            return Ok(Self::Field(id.to_owned()));
        }
        let near: Vec<&str> = governance().fields.iter().map(|field| field.id.as_str()).collect();
        Err(BadSubject(format!("there is no field `{id}`; the fields are {}", near.join(", "))))
    }

    /// Whether a decision on it is open again when a scan finds more than was known.
    #[must_use]
    pub fn rests_on_evidence(&self) -> bool {
        match self {
            Self::Tier | Self::Question(_) | Self::Grouping => true,
            Self::Field(id) => matches!(
                id.as_str(),
                "approval" | "purpose" | "data-processed" | "personal-data" | "tier-rationale"
            ),
            Self::Finding(_) | Self::Control(_) | Self::Text(..) | Self::Listed => false,
        }
    }

    /// Whether it is decided of a system, and never of the organisation as a whole.
    #[must_use]
    pub const fn is_of_systems(&self) -> bool {
        matches!(self, Self::Grouping | Self::Listed | Self::Tier | Self::Question(_))
    }

    /// How people write it: a field by its id alone.
    #[must_use]
    pub fn short(&self) -> String {
        match self {
            Self::Field(id) => id.clone(),
            other => other.to_string(),
        }
    }

    /// Which days a value for it can be, where it is a day.
    #[must_use]
    pub fn day(&self) -> Option<DayForm> {
        match self {
            Self::Field(id) => governance().field(id)?.day,
            _ => None,
        }
    }

    /// What is wrong with a value for it, if anything. `today` is the last day that has come, as `2026-11-27`; empty if that does
    /// not matter.
    ///
    /// # Errors
    /// If the value is none of those that can be given; the sentence names them.
    pub fn check(&self, value: &str, today: &str) -> Result<(), BadSubject> {
        if value.is_empty() {
            return Ok(());
        }
        if let Some(form) = self.day() {
            if !crate::findings::accept::is_day(value) {
                return Err(BadSubject(format!("`{value}` is no day; write 2027-01-31")));
            }
            if form == DayForm::Past && !today.is_empty() && value > today {
                return Err(BadSubject(format!(
                    "`{value}` has not come yet; write the day on which it was done, or leave it empty until then"
                )));
            }
        }
        let choices = self.choices();
        if !choices.is_empty() && !choices.contains(&value) {
            let what = match self {
                Self::Field(id) => id.as_str(),
                Self::Question(_) => "answer",
                Self::Finding(_) => "decision on a finding",
                Self::Control(_) => "decision on a control",
                _ => "tier",
            };
            return Err(BadSubject(format!("`{value}` is no {what}; it is one of {}", choices.join(", "))));
        }
        match self {
            Self::Question(rule) if !asks(rule) => Err(BadSubject(format!(
                "no rule `{rule}` asks a question; `aimscan show SYSTEM` lists those that are open"
            ))),
            Self::Grouping if Grouping::parse(value).is_none() => Err(BadSubject(format!(
                "`{value}` is no grouping; it is `dismissed`, `part of ID` or `split FOLDER|FOLDER`"
            ))),
            _ => Ok(()),
        }
    }

    /// The words of which a value for it is one; none where it is free text.
    #[must_use]
    pub fn choices(&self) -> Vec<&'static str> {
        match self {
            Self::Field(id) => governance()
                .field(id)
                .map(|form| form.choices.iter().map(String::as_str).collect())
                .unwrap_or_default(),
            Self::Question(_) => vec!["yes", "no"],
            Self::Tier => vec!["minimal", "limited", "high", "stop"],
            Self::Finding(_) => vec!["accepted"],
            Self::Control(_) => vec!["included", "excluded"],
            Self::Text(..) | Self::Grouping | Self::Listed => Vec::new(),
        }
    }
}

/// Whether a risk rule asks a question that can be answered.
fn asks(rule: &str) -> bool {
    static ASKING: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let rules = rules::risk::ruleset().rules.iter();
        rules.filter(|rule| rule.question.is_some()).map(|rule| rule.id.clone()).collect()
    });
    ASKING.contains(rule)
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(id) => write!(f, "field/{id}"),
            Self::Question(rule) => write!(f, "question/{rule}"),
            Self::Tier => f.write_str("tier"),
            Self::Finding(rule) => write!(f, "finding/{rule}"),
            Self::Control(id) => write!(f, "control/{id}"),
            Self::Text(document, place) => write!(f, "text/{document}/{place}"),
            Self::Grouping => f.write_str(GROUPING),
            Self::Listed => f.write_str(LISTED),
        }
    }
}
