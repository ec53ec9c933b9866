//! How strong a statement is: how sure ([`Confidence`]), how far along ([`Stage`]), and in what place ([`Usage`]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How sure we are that the observation means what the evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint; wrong now and then, never shown without this word.
    Low,
    /// Right unless something unusual is going on.
    Medium,
    /// As good as certain.
    High,
}

/// How strong a use the evidence shows, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// A list names it among many to choose from.
    Offered,
    /// A manifest or lockfile names it.
    Declared,
    /// Code or configuration mentions it: an import, a host, a variable, a model id.
    Referenced,
    /// Code calls it.
    Invoked,
    /// Configuration switches it on: a model, an endpoint or a credential is set for it.
    Configured,
    /// Something that runs it is described: an image, a registered model version, a cloud resource.
    Deployed,
    /// Its use was observed.
    Used,
}

/// What kind of place the evidence stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Usage {
    /// Documentation.
    Docs,
    /// An example or sample.
    Example,
    /// Tests and development tools.
    Test,
    /// Everything else: what is built, shipped or run.
    Runtime,
}

macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// The name used in every machine format.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words!(Confidence { Low => "low", Medium => "medium", High => "high" });
words!(Stage {
    Offered => "offered", Declared => "declared", Referenced => "referenced", Invoked => "invoked",
    Configured => "configured", Deployed => "deployed", Used => "used",
});
words!(Usage { Docs => "docs", Example => "example", Test => "test", Runtime => "runtime" });
