//! A system as somebody's list describes it, and how the columns of such a list are known. Reads no file: it is given headings and cells.

mod columns;

pub use columns::{ColumnError, Columns, Mapping};

use std::sync::Arc;

use rules::risk::TextPlace;

/// A system in the words of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// The list, as a person knows it.
    pub list: String,
    /// Its row there, as a spreadsheet shows it.
    pub row: usize,
    /// What identifies it there; its row if the list gives no identifiers.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// What is said of it.
    pub passages: Vec<Passage>,
}

/// A cell that says something of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// What it speaks of.
    pub place: TextPlace,
    /// The heading of its column.
    pub column: Arc<str>,
    /// The text.
    pub text: String,
}
