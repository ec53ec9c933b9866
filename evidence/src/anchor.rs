//! Words to search for.

/// A word that makes a text worth reading, and what may stand beside it. Case of ASCII letters does not count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Anchor {
    /// The word.
    pub text: String,
    /// Whether a letter, digit or `_` may stand right before it.
    pub open_before: bool,
    /// Whether a letter, digit or `_` may stand right behind it.
    pub open_behind: bool,
}

impl Anchor {
    /// A word that may be a part of a longer one.
    #[must_use]
    pub fn part(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            open_before: true,
            open_behind: true,
        }
    }

    /// A word that other words may begin with.
    #[must_use]
    pub fn beginning(text: impl Into<String>) -> Self {
        Self {
            open_before: false,
            ..Self::part(text)
        }
    }

    /// A word that stands alone.
    #[must_use]
    pub fn whole(text: impl Into<String>) -> Self {
        Self {
            open_before: false,
            open_behind: false,
            text: text.into(),
        }
    }

    /// A name that stands for all that begin with it if it ends in `*`, and for all that end with it if it begins so.
    #[must_use]
    pub fn of_key(key: &str) -> Self {
        let (open_before, rest) = key.strip_prefix('*').map_or((false, key), |rest| (true, rest));
        let (open_behind, rest) = rest.strip_suffix('*').map_or((false, rest), |rest| (true, rest));
        Self {
            text: rest.to_owned(),
            open_before,
            open_behind,
        }
    }
}
