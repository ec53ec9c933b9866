//! Since when, and whose: what the history of a source tells of its evidence, and who may own a system.
//!
//! Whoever walked the history fills [`Past`]; nothing here reads a repository.

use std::collections::BTreeMap;
use std::sync::Arc;

use evidence::{Confidence, Location};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A commit and its day in the history of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// The commit's full id.
    pub commit: String,
    /// When it was committed, RFC 3339 in UTC.
    pub date: String,
    /// Whether the history known here begins with this commit, or was not read beyond it: it was then or earlier.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_or_before: bool,
}

impl Moment {
    /// What comes first: the date; of one date the one that says less; then the commit, so that the order is total.
    pub(crate) fn order(&self) -> (&str, bool, &str) {
        (&self.date, !self.at_or_before, &self.commit)
    }
}

/// Somebody who may own a system. Only a person who knows can say who does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Owner {
    /// A team, a handle or, where names of people were asked for, a name.
    pub name: String,
    /// What names it.
    pub source: OwnerSource,
    /// How sure it is that this is an owner.
    pub confidence: Confidence,
    /// Number of the system's places that it speaks for.
    pub places: usize,
}

/// What names an owner, most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OwnerSource {
    /// A file `CODEOWNERS`.
    Codeowners,
    /// The entry of a software catalogue.
    Catalogue,
    /// A tag of a resource.
    Tag,
    /// A manifest's maintainers or authors.
    Manifest,
    /// Who wrote most of the lines that are evidence.
    Authors,
}

impl OwnerSource {
    /// The words a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Codeowners => "CODEOWNERS",
            Self::Catalogue => "entry of a software catalogue",
            Self::Tag => "tag of a resource",
            Self::Manifest => "manifest",
            Self::Authors => "author of evidence lines",
        }
    }
}

/// How many people stand behind a system; their names are told only when asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct People {
    /// Who last wrote a line that is evidence, bots left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub authors: usize,
    /// Whom the system's manifests name as maintainer or author.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub maintainers: usize,
    /// Whom `CODEOWNERS` names by a mail address, or by a handle that is no team's.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub code_owners: usize,
    /// Whom entries of a software catalogue name as owner.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub catalogued: usize,
    /// Whom tags of resources name as owner, where that is not known to be a team.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tagged: usize,
}

impl People {
    /// Whether there is nobody to count.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// By place, and by what is named there: what the history tells.
pub type Traces = BTreeMap<Location, Vec<(String, Trace)>>;

/// What is known of a source beyond its files of today.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// What the history tells of each piece of evidence.
    pub traces: Traces,
    /// For a path with evidence: who `CODEOWNERS` says owns it.
    pub code_owners: BTreeMap<String, Vec<CodeOwner>>,
    /// Whether people may be named.
    pub name_people: bool,
}

/// What the history tells of one piece of evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// The oldest commit of its file in which the name stands.
    pub introduced: Option<Arc<Moment>>,
    /// The commit that last changed its line.
    pub touched: Option<Arc<Moment>>,
    /// Who wrote the line, unless it was a bot: a name, or something as good to tell one person from another.
    pub author: Option<Arc<str>>,
}

/// An owner that a line of `CODEOWNERS` names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeOwner {
    /// `@handle`, `@organisation/team` or a mail address.
    pub name: String,
    /// Whether the line speaks of everything there is, and so of nothing in particular.
    pub of_everything: bool,
}

impl Past {
    /// Adds what another scan of the same source knows; what both know stays as it is here.
    pub(crate) fn merge(&mut self, other: Self) {
        for (place, named) in other.traces {
            self.traces.entry(place).or_insert(named);
        }
        for (path, owners) in other.code_owners {
            self.code_owners.entry(path).or_insert(owners);
        }
        self.name_people |= other.name_people;
    }
}
