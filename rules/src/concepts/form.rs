//! The form of a file of concepts. `build.rs` reads the files into these types and writes them as one compact block, so no
//! field may be left out when it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::day::Day;

/// One file of `concepts/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ConceptFile {
    /// What its concepts have in common; begins the id of each.
    pub(crate) id: String,
    /// The words a person reads for it.
    pub(crate) title: String,
    /// Day on which somebody last looked at the words.
    pub(crate) checked: Day,
    /// The concepts.
    #[serde(default, rename = "concept")]
    pub(crate) concepts: Vec<Concept>,
    /// Concepts that rules speak of together.
    #[serde(default, rename = "group")]
    pub(crate) groups: Vec<Group>,
}

/// Concepts that several rules speak of together, under one name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Group {
    /// `<file>.<what>`, unique among groups and concepts.
    pub id: String,
    /// What they have in common.
    pub title: String,
    /// The concepts, by id; `health.*` stands for all whose ids begin so.
    pub of: Vec<String>,
}

/// Something a text can be about, and the words that say so.
///
/// Words are written as phrases: lower-case words separated by spaces; `*` at the beginning or the end of a word lets it go on;
/// `(a|b)` stands for either; `..` for at most five words of the same sentence. Accents do not count, on either side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Concept {
    /// `<file>.<what>`, unique.
    pub id: String,
    /// What it is, as it reads after “it speaks of”.
    pub title: String,
    /// The axis of risk on which it counts.
    #[serde(default)]
    pub axis: Option<Axis>,
    /// How much it counts there, 1 to 4.
    #[serde(default)]
    pub level: u8,
    /// The phrases, by language.
    pub words: BTreeMap<Language, Vec<String>>,
    /// Phrases by language in which those words mean something else.
    #[serde(default)]
    pub unless: BTreeMap<Language, Vec<String>>,
    /// Texts that are about it.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Texts that are not.
    #[serde(default)]
    pub counterexamples: Vec<String>,
}

impl Concept {
    /// Whether words of it tell what a system is for, or which data it holds; all others only say more of that.
    #[must_use]
    pub const fn is_telling(&self) -> bool {
        matches!(self.axis, Some(Axis::Data | Axis::UseCase | Axis::Autonomy))
    }
}

/// A language whose words are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Dutch.
    Nl,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 5] = [Self::En, Self::De, Self::Fr, Self::Es, Self::Nl];
}

/// What makes a use more severe, or harm more likely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// Data that goes in.
    Data,
    /// What the output does.
    Outputs,
    /// What it is used for.
    UseCase,
    /// How far it acts by itself.
    Autonomy,
    /// Who meets it, and how many.
    Exposure,
    /// Where its parts come from.
    Provenance,
}

impl Axis {
    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Outputs => "outputs",
            Self::UseCase => "use",
            Self::Autonomy => "autonomy",
            Self::Exposure => "exposure",
            Self::Provenance => "provenance",
        }
    }
}
