//! What an observation proves, once the catalog has recognised it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use litemap::LiteMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ComponentKind, Confidence, Excerpt, Location, Stage, Usage};

/// How a dependency is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// Named by the project's own manifest.
    Direct,
    /// Only pulled in by another dependency.
    Transitive,
    /// Expected to be supplied by whoever uses the project.
    Peer,
    /// Needed for development or tests only.
    Dev,
    /// Installed only when asked for: an extra, a feature, an optional dependency.
    Optional,
}

impl Relation {
    /// The word for a relation, as in [`crate::attribute::RELATION`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Transitive => "transitive",
            Self::Peer => "peer",
            Self::Dev => "dev",
            Self::Optional => "optional",
        }
    }

    /// The relation a word stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Direct, Self::Transitive, Self::Peer, Self::Dev, Self::Optional]
            .into_iter()
            .find(|relation| relation.as_str() == word)
    }
}

/// One statement about one component, with the place that proves it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Where it was seen.
    pub location: Location,
    /// What kind of component it speaks of.
    pub kind: ComponentKind,
    /// The component's name; see [`ComponentKind`] for its form.
    pub name: String,
    /// The provider behind the component, by its catalog id, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The product recognised, by its catalog id, where the catalog names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Version or version requirement, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How the dependency is declared in a manifest or lockfile; `optional` also for an import that the file can do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// How strong a use it shows.
    pub stage: Stage,
    /// How sure we are.
    pub confidence: Confidence,
    /// What kind of place it stands in.
    pub usage: Usage,
    /// Whether the place holds somebody else's code (vendored, bundled, generated).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub vendored: bool,
    /// The signature that recognised it, by its catalog id.
    pub signature: String,
    /// The detector that saw it, by its id.
    pub detector: String,
    /// The line it stands on, cut and redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// Further facts: purposes, arguments that matter for risk, owner, status. Never a secret.
    #[serde(default, skip_serializing_if = "LiteMap::is_empty")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub facts: Facts,
}

/// Facts by their names. Few stand together; see [`Attributes`](crate::Attributes).
pub type Facts = LiteMap<Cow<'static, str>, String>;
