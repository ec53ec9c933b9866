//! What a detector says of itself: the single source of help texts, tables and coverage lines.

use crate::Kind;

/// One pair of kind and scope that a detector emits.
pub type Emits = (Kind, &'static str);

/// A credential or setting a connector needs, and where it is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The environment variable; `<NAME>_FILE` may name a file that holds the value instead.
    pub variable: &'static str,
    /// What it is, and the least permission it needs.
    pub purpose: &'static str,
    /// Whether the connector works without it in some set-ups.
    pub optional: bool,
}

/// What a detector reads, what it can see, and what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// `family/name`, unique.
    pub id: &'static str,
    /// The name people read.
    pub title: &'static str,
    /// Globs of the file names it reads, or the API calls a connector makes.
    pub reads: &'static [&'static str],
    /// What it can see, as pairs of kind and scope.
    pub emits: &'static [Emits],
    /// Credentials and permissions it needs; empty for readers of files.
    pub needs: &'static [Need],
    /// Where the format or API is documented.
    pub docs: &'static str,
}
