//! Where something was seen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place a person can open: a line of a file, or a record that an API gave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Path relative to the scanned root with `/` separators, or `<connector>:<record>` for a record.
    pub path: String,
    /// Line, counted from 1; absent where the whole artifact is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl Location {
    /// A place in an artifact; line 0 means the whole of it.
    #[must_use]
    pub fn new(path: impl Into<String>, line: u32) -> Self {
        Self {
            path: path.into(),
            line: (line > 0).then_some(line),
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.path),
            None => f.write_str(&self.path),
        }
    }
}
