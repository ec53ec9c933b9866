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
    /// The cell itself, where it says nothing without its heading and the text begins with that.
    pub answer: Option<String>,
}

/// Words of a cell that are read together with its heading, as a “yes” says nothing alone.
const FEW_WORDS: usize = 3;

impl Passage {
    /// Of a cell, by its place, heading and text.
    #[must_use]
    pub fn of(place: TextPlace, column: Arc<str>, text: &str) -> Self {
        let says_little = !matches!(place, TextPlace::Name | TextPlace::Purpose | TextPlace::Area)
            && rules::text::words(text).take(FEW_WORDS + 1).count() <= FEW_WORDS;
        Self {
            place,
            text: if says_little {
                format!("{} {text}", column.replace(['_', '?', ':'], " ").trim())
            } else {
                text.to_owned()
            },
            answer: says_little.then(|| text.to_owned()),
            column,
        }
    }
}
