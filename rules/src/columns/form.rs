//! The form of the file of headings. `build.rs` reads it into these types and writes them as one compact block, so no field may be left
//! out when it is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::form::TextPlace;

/// A file of `columns/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ColumnFile {
    /// Day on which somebody last looked at the lists it was made from.
    pub(crate) checked: Day,
    /// Those lists.
    pub(crate) references: Vec<String>,
    /// The columns.
    #[serde(rename = "column")]
    pub(crate) columns: Vec<Column>,
}

/// A column of a list, by what it holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Column {
    /// What it holds, as a mapping names it.
    pub field: String,
    /// Whether a system has one such cell; else all of them are read.
    #[serde(default)]
    pub single: bool,
    /// What its text speaks of; nothing for what no rule reads.
    #[serde(default)]
    pub place: Option<TextPlace>,
    /// The field of a system's record that it holds.
    #[serde(default)]
    pub record: Option<String>,
    /// Where the field takes one of a few answers, the words that stand for each, as headings are compared.
    #[serde(default)]
    pub words: BTreeMap<String, Vec<String>>,
    /// Its headings, as they are compared, the best first.
    pub names: Vec<String>,
}
