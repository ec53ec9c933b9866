//! From an inventory to what a management system for AI has to write down: records of systems, states of controls, risks, tasks
//! and documents.
//!
//! Nothing is made up here: every value comes from the inventory, from what people decided, or from the data of the rules, and
//! what is missing stays visible with its question. Nothing is formatted here.

pub mod controls;
pub mod documents;
mod found;
pub mod record;
pub mod registration;
pub mod risks;
#[cfg(test)]
mod sample;
mod seen;
pub mod tasks;
mod view;
pub mod vocabulary;

pub use controls::State;
pub use documents::{Block, Cell, Document, Table};
pub use record::{Field, Record, Status, Value};
pub use rules::governance::{Control, Filled};
pub use view::View;

/// The fields of a row of the register: the minimum row first, each in the order of the rules; the id stands by itself.
#[must_use]
pub fn fields() -> Vec<&'static rules::governance::FieldForm> {
    let mut fields: Vec<_> = rules::governance::governance()
        .fields
        .iter()
        .filter(|field| field.id != "system-id")
        .collect();
    fields.sort_by_key(|field| !field.minimum);
    fields
}

/// Fields that take one of a few answers: their label and the answers.
pub fn choices() -> impl Iterator<Item = (&'static str, &'static [String])> {
    rules::governance::governance()
        .fields
        .iter()
        .filter(|field| !field.choices.is_empty())
        .map(|field| (field.label.as_str(), field.choices.as_slice()))
}

/// The standing sentence of every document.
pub const NOTICE: &str =
    "A draft made from what was scanned and what people decided; it does not show conformity with any standard or law.";
