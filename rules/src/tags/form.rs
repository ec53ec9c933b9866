//! The form of the file of tags. `build.rs` reads it into these types and writes them as one compact block, so no field may be left
//! out when it is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::day::Day;

/// A file of `tags/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TagFile {
    /// Day on which somebody last looked at the sources.
    pub(crate) checked: Day,
    /// What platforms and guides recommend to tag.
    pub(crate) references: Vec<String>,
    /// Values by which a tag says that its name holds.
    pub(crate) yes: Vec<String>,
    /// Values by which a tag says nothing, or that its name does not hold.
    pub(crate) nothing: Vec<String>,
    /// What tags mean.
    #[serde(rename = "tag")]
    pub(crate) tags: Vec<Tag>,
}

/// Names of tags that tell one thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tag {
    /// What they tell.
    pub means: Meaning,
    /// The names, as headings are compared.
    pub names: Vec<String>,
    /// What values stand for, where that matters: by what they stand for, the values as headings are compared.
    #[serde(default)]
    pub values: BTreeMap<String, Vec<String>>,
}

/// What a tag tells of the unit that its resource belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// The team that answers for it.
    Team,
    /// Who answers for it: a team or a person.
    Owner,
    /// Where it stands in its life; values are the choices of the field `life-cycle`.
    Stage,
    /// How its data is classified.
    Classification,
    /// The part of the organisation that it belongs to, or that pays for it.
    Unit,
    /// What it is called.
    Name,
}
