//! The form of a file of exact model ids with what public lists say of them, and of a file of licences of open weights. `build.rs`
//! reads the files into these types and writes them as one compact block, so no field may be left out when it is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::day::Day;

/// One file of `models/`: the ids of one provider. Ids have no route, region, vendor or tag, and are in lower case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ModelFile {
    /// The provider whose models they are.
    pub(crate) provider: String,
    /// The product that an id belongs to which says nothing else.
    pub(crate) product: String,
    /// Day on which somebody last held the file against its sources.
    pub(crate) checked: Day,
    /// Sources: versioned public lists.
    pub(crate) references: Vec<String>,
    /// Ids of which nothing more is known.
    #[serde(default)]
    pub(crate) ids: Vec<String>,
    /// Ids that also mean other things: they count only in a place that holds a model's name, beside other evidence.
    #[serde(default)]
    pub(crate) words: Vec<String>,
    /// Ids with what is known of them.
    #[serde(default)]
    pub(crate) models: Vec<ModelFacts>,
}

/// What public lists say of a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ModelFacts {
    /// The id.
    pub(crate) id: String,
    /// The product, where it is not its file's.
    #[serde(default)]
    pub(crate) product: Option<String>,
    /// Whether the id also means other things.
    #[serde(default)]
    pub(crate) ambiguous: bool,
    /// Day of its release.
    #[serde(default)]
    pub(crate) released: Option<Day>,
    /// Last day on which its own vendor, or the only service that has it, answers for it.
    #[serde(default)]
    pub(crate) retires: Option<Day>,
    /// The same for other services, by the route that stands before the id (`azure/…`).
    #[serde(default)]
    pub(crate) retires_at: BTreeMap<String, Day>,
    /// The id that the vendor names instead.
    #[serde(default)]
    pub(crate) successor: Option<String>,
    /// Whether its weights can be had.
    #[serde(default)]
    pub(crate) open_weights: Option<bool>,
}

/// One file of `licences/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LicenceFile {
    /// Day on which somebody last held the file against its sources.
    pub(crate) checked: Day,
    /// The licences.
    #[serde(rename = "licence")]
    pub(crate) licences: Vec<Licence>,
}

/// The licence of open weights, with the families that are given under it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Licence {
    /// SPDX id, or the short name that model hubs use.
    pub(crate) id: String,
    /// The name people read.
    pub(crate) name: String,
    /// What it forbids or limits: `non-commercial`, `monthly-users-over-700m`, `use-restrictions` …
    #[serde(default)]
    pub(crate) limits: Vec<String>,
    /// Regular expressions over an id without its route, without regard to case.
    pub(crate) patterns: Vec<String>,
    /// Ids that it must cover.
    pub(crate) examples: Vec<String>,
    /// Ids that it must not cover.
    #[serde(default)]
    pub(crate) counterexamples: Vec<String>,
    /// Sources.
    pub(crate) references: Vec<String>,
}
