//! What a decision is about.

use rules::governance::{FieldForm, governance};

/// The subject that says what a system is part of, or that it is none.
pub(super) const GROUPING: &str = "grouping";

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
            Self::Finding(_) | Self::Control(_) | Self::Text(..) => false,
        }
    }

    /// What is wrong with a value for it, if anything.
    ///
    /// # Errors
    /// If the value is none of those that can be given; the sentence names them.
    pub fn check(&self, value: &str) -> Result<(), BadSubject> {
        let one_of = |what: &str, choices: &[&str]| {
            if value.is_empty() || choices.contains(&value) {
                return Ok(());
            }
            Err(BadSubject(format!("`{value}` is no {what}; it is one of {}", choices.join(", "))))
        };
        match self {
            Self::Field(id) => {
                let form = governance().field(id);
                if form.is_some_and(is_day) && !value.is_empty() && !crate::findings::accept::is_day(value) {
                    return Err(BadSubject(format!("`{value}` is no day; write 2027-01-31")));
                }
                match form.map(|form| form.choices.as_slice()) {
                    Some(choices) if !choices.is_empty() => one_of(id, &choices.iter().map(String::as_str).collect::<Vec<_>>()),
                    _ => Ok(()),
                }
            }
            Self::Question(_) => one_of("answer", &["yes", "no"]),
            Self::Tier => one_of("tier", &["minimal", "limited", "high", "stop"]),
            Self::Finding(_) => one_of("decision on a finding", &["accepted"]),
            Self::Control(_) => one_of("decision on a control", &["included", "excluded"]),
            Self::Text(..) | Self::Grouping => Ok(()),
        }
    }
}

/// Whether a field holds a day.
fn is_day(form: &FieldForm) -> bool {
    matches!(
        form.id.as_str(),
        "review-last" | "review-next" | "start-date" | "end-date" | "approval-date"
    )
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
        }
    }
}
