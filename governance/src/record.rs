//! The record of an AI system: every field with its values, where each comes from, and how sure it is.
//!
//! What people decided counts before what was detected, and both stay visible. A field without a value keeps its question.

use evidence::{Confidence, Location};
use inventory::System;
use inventory::register::{Held, Standing};
use rules::governance::{FieldForm, governance};

use crate::{View, found};

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// There is none.
    Missing,
    /// Concluded from evidence; a person must confirm it.
    Inferred,
    /// Seen in evidence.
    Detected,
    /// Decided by a person.
    Human,
}

impl Status {
    /// The name used in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Inferred => "inferred",
            Self::Detected => "detected",
            Self::Human => "human",
        }
    }

    /// Every status, the least telling first.
    pub const ALL: [Self; 4] = [Self::Missing, Self::Inferred, Self::Detected, Self::Human];
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The value as a person reads it.
    pub text: String,
    /// What says so: a kind of evidence, a rule, or who decided and when.
    pub source: String,
    /// How sure it is; absent where a person decided.
    pub confidence: Option<Confidence>,
    /// Where it comes from.
    pub status: Status,
    /// Places that show it, the strongest first.
    pub places: Vec<Location>,
}

/// A field with what is known for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What the field is.
    pub form: &'static FieldForm,
    /// The values that count; none if it is missing.
    pub values: Vec<Value>,
    /// What was found besides, where a person decided otherwise or the same.
    pub beside: Vec<Value>,
    /// Why the decision has to be looked at again; empty while it stands.
    pub reopened: Vec<String>,
}

impl Field {
    /// The status of what counts.
    #[must_use]
    pub fn status(&self) -> Status {
        self.values.iter().map(|value| value.status).max().unwrap_or(Status::Missing)
    }

    /// The values that count as one line, in their order.
    #[must_use]
    pub fn text(&self) -> String {
        self.values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join("; ")
    }
}

/// The record of a system.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// The system.
    pub system: &'a System,
    /// Every field, in the order of the rules.
    pub fields: Vec<Field>,
}

impl<'a> Record<'a> {
    /// The record of a system of an inventory.
    #[must_use]
    pub fn of(view: &View<'_>, system: &'a System) -> Self {
        let look = found::Look::of(view, system);
        let fields = governance()
            .fields
            .iter()
            .map(|form| {
                let found = look.values(&form.id);
                match held(&system.standing, &form.id) {
                    Some(held) => Field {
                        form,
                        values: vec![decided(held)],
                        beside: found,
                        reopened: held.reopened.clone(),
                    },
                    None => Field {
                        form,
                        values: found,
                        beside: Vec::new(),
                        reopened: Vec::new(),
                    },
                }
            })
            .collect();
        Self { system, fields }
    }

    /// A field by its id.
    ///
    /// # Panics
    /// If the rules have no such field.
    #[must_use]
    pub fn field(&self, id: &str) -> &Field {
        self.fields
            .iter()
            .find(|field| field.form.id == id)
            .unwrap_or_else(|| panic!("the rules have no field {id}"))
    }

    /// Fields of the minimum row that have no value.
    pub fn incomplete(&self) -> impl Iterator<Item = &Field> {
        self.fields
            .iter()
            .filter(|field| field.form.minimum && field.status() == Status::Missing)
    }
}

/// What is decided for a field; the tier has a subject of its own, and the approver and the day follow from the approval.
fn held<'s>(standing: &'s Standing, field: &str) -> Option<&'s Held> {
    let own = standing.held(&format!("field/{field}"));
    if field == "tier" {
        return standing.held("tier").or(own);
    }
    own
}

/// What a person decided, as a value.
fn decided(held: &Held) -> Value {
    Value {
        text: held.value.clone(),
        source: by(held),
        confidence: None,
        status: Status::Human,
        places: Vec::new(),
    }
}

/// Who decided, when, why and until when.
#[must_use]
pub fn by(held: &Held) -> String {
    let day = held.at.split('T').next().unwrap_or(&held.at);
    let mut said = format!("{}, {day}", held.by);
    if !held.reason.is_empty() {
        said.push_str(": ");
        said.push_str(&held.reason);
    }
    if let Some(until) = &held.until {
        said.push_str(&format!(" (until {until})"));
    }
    said
}
