//! What a project says about itself, in its own words: the text by which people know what a system is for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Location;

/// Longer texts are cut: what somebody means is said by then.
const LONGEST: usize = 600;

/// What kind of text says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Voice {
    /// The first paragraph of a README: what the project is.
    Introduction,
    /// A paragraph of a README.
    Readme,
    /// A text that instructs a model.
    Prompt,
    /// The name of a table with the names of its columns.
    Schema,
    /// A path of an address that is served or asked.
    Route,
    /// A tag or label that somebody gave a resource: its name, [`Statement::TAGGED`], its value.
    Tag,
    /// What the entry of a software catalogue says of a unit: the name of a field, [`Statement::TAGGED`], its value.
    Entry,
    /// A page that says where to report what is wrong.
    Contact,
    /// A page that assesses what it does to people.
    Assessment,
}

impl Voice {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Introduction,
        Self::Readme,
        Self::Prompt,
        Self::Schema,
        Self::Route,
        Self::Tag,
        Self::Entry,
        Self::Contact,
        Self::Assessment,
    ];

    /// Whether it is a page of which it matters that it exists; what it says is nothing about the use.
    #[must_use]
    pub const fn is_page(self) -> bool {
        matches!(self, Self::Contact | Self::Assessment)
    }

    /// The name used in every format, and the scope of the observations that bring such texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Introduction => "introduction",
            Self::Readme => "readme",
            Self::Prompt => "prompt",
            Self::Schema => "schema",
            Self::Route => "route",
            Self::Tag => "tag",
            Self::Entry => "entry",
            Self::Contact => "contact",
            Self::Assessment => "assessment",
        }
    }

    /// The kind of such a scope.
    #[must_use]
    pub fn of(scope: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|voice| voice.as_str() == scope)
    }
}

/// A text with its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// Where it stands.
    pub location: Location,
    /// What kind of text it is.
    pub voice: Voice,
    /// The text on one line, redacted as excerpts are.
    pub text: String,
}

impl Statement {
    /// Stands between the name of a tag and its value.
    pub const TAGGED: &str = " = ";

    /// Name and value of a tag, or of a field of an entry.
    #[must_use]
    pub fn tag(&self) -> Option<(&str, &str)> {
        matches!(self.voice, Voice::Tag | Voice::Entry)
            .then(|| self.text.split_once(Self::TAGGED))
            .flatten()
    }

    /// A text without what looks like a secret; nothing if no words are left.
    #[must_use]
    pub fn of(voice: Voice, location: Location, text: &str) -> Option<Self> {
        let mut one_line = String::with_capacity(text.len().min(LONGEST));
        for word in text.split_whitespace() {
            if one_line.len() + word.len() >= LONGEST {
                one_line.push('…');
                break;
            }
            if !one_line.is_empty() {
                one_line.push(' ');
            }
            one_line.extend(word.chars().filter(|c| !c.is_control()));
        }
        let text = crate::redact(&one_line);
        text.chars().any(char::is_alphabetic).then_some(Self { location, voice, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str) -> Option<String> {
        Statement::of(Voice::Readme, Location::new("README.md", 3), written).map(|statement| statement.text)
    }

    #[test]
    fn a_text_is_one_line_of_bounded_length_without_secrets() {
        assert_eq!(text(" Ranks\n  job\tapplicants. ").as_deref(), Some("Ranks job applicants."));
        let long = text(&"word ".repeat(5_000)).expect("has words");
        assert!(long.len() <= LONGEST + '…'.len_utf8() && long.ends_with('…'), "{}", long.len());
        let secret = text("Set api_key=sk-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA to begin").expect("has words");
        assert!(!secret.contains("Zm9vYmFy"), "{secret}");
        assert_eq!(text("*** 123 ***"), None);
        // A single word without end is cut, not kept whole.
        assert_eq!(text(&"x".repeat(100_000)), None);
    }

    #[test]
    fn only_tags_and_entries_have_a_name_and_a_value() {
        let of = |voice: Voice| Statement::of(voice, Location::new("main.tf", 3), "team = a = b");
        assert_eq!(of(Voice::Tag).as_ref().and_then(Statement::tag), Some(("team", "a = b")));
        assert_eq!(of(Voice::Entry).as_ref().and_then(Statement::tag), Some(("team", "a = b")));
        assert_eq!(of(Voice::Readme).as_ref().and_then(Statement::tag), None);
    }

    #[test]
    fn kinds_have_names() {
        for voice in Voice::ALL {
            assert_eq!(Voice::of(voice.as_str()), Some(voice));
        }
        assert_eq!(Voice::of("rumour"), None);
    }
}
