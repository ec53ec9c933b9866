//! What was looked at, and what was not.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why something was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// A file or folder could not be opened or read.
    Unreadable,
    /// A file was larger than the limit.
    TooLarge,
    /// A file's text could not be decoded or parsed, or only in part.
    Malformed,
    /// A detector failed on an artifact.
    DetectorFailed,
    /// A service refused the request or its credentials.
    Refused,
    /// A service's answer was cut short.
    Truncated,
    /// Files in a language or format no detector reads yet.
    Unsupported,
    /// A link that leads out of the scanned root.
    LinkOutside,
    /// A detector or connector that could not run here.
    Skipped,
}

impl GapKind {
    /// The words a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unreadable => "could not be read",
            Self::TooLarge => "larger than the limit",
            Self::Malformed => "could not be parsed, or only in part",
            Self::DetectorFailed => "a detector failed",
            Self::Refused => "refused by the service",
            Self::Truncated => "answer cut short",
            Self::Unsupported => "no detector reads this yet",
            Self::LinkOutside => "links out of the scanned root, not followed",
            Self::Skipped => "skipped",
        }
    }
}

/// One thing that was not looked at, and how to close the gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// What: a path, a record, a language with its number of files.
    pub what: String,
    /// The reason in one sentence, and what closes the gap.
    pub reason: String,
}

/// What a scan looked at, and what it did not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Files seen by the walk.
    pub files_seen: u64,
    /// Files that some detector reads, and that were read.
    pub files_read: u64,
    /// Files whose results were kept from an earlier scan because they did not change.
    pub files_unchanged: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// Files read per detector, by its id.
    pub detectors: BTreeMap<String, u64>,
    /// Records that connectors brought, per connector.
    pub records: BTreeMap<String, u64>,
    /// Everything that was not looked at.
    pub gaps: Vec<Gap>,
}

impl Coverage {
    /// Adds what another part of the scan looked at; [`Coverage::settle`] follows when all parts are in.
    pub fn merge(&mut self, other: Self) {
        self.files_seen += other.files_seen;
        self.files_read += other.files_read;
        self.files_unchanged += other.files_unchanged;
        self.bytes_read += other.bytes_read;
        for (detector, files) in other.detectors {
            *self.detectors.entry(detector).or_default() += files;
        }
        for (connector, records) in other.records {
            *self.records.entry(connector).or_default() += records;
        }
        self.gaps.extend(other.gaps);
    }

    /// Puts what was not looked at in order, each gap once.
    pub fn settle(&mut self) {
        self.gaps.sort();
        self.gaps.dedup();
    }
}
