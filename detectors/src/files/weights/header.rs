//! What the header of a model file says, in the words of facts.

use std::collections::BTreeMap;

use crate::Unreadable;

/// Longest value of a fact, in characters.
const LONGEST: usize = 200;
/// Most names in a list.
const MOST_NAMED: usize = 24;

/// What a header says of the model that the file holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Header {
    /// The format: the key under which the file is observed.
    pub(super) format: &'static str,
    /// Facts by name.
    pub(super) facts: BTreeMap<&'static str, String>,
    /// Ids of models it names as itself or as what it was made from.
    pub(super) models: Vec<String>,
    /// Data sets it names.
    pub(super) datasets: Vec<String>,
    /// Modules outside of the format's own that loading the file imports.
    pub(super) modules: Vec<String>,
    /// Why it was read only in part.
    pub(super) fault: Option<Unreadable>,
}

impl Header {
    pub(super) fn new(format: &'static str) -> Self {
        Self { format, ..Self::default() }
    }

    /// Adds a fact: one line, cut; what is empty or known already is left out.
    pub(super) fn fact(&mut self, name: &'static str, value: impl AsRef<str>) {
        let value = line(value.as_ref());
        if !value.is_empty() {
            self.facts.entry(name).or_insert(value);
        }
    }

    /// Adds a list of names as one fact, the first ones by name.
    pub(super) fn names(&mut self, name: &'static str, values: impl IntoIterator<Item = String>) {
        let values: std::collections::BTreeSet<String> = values.into_iter().map(|value| line(&value)).collect();
        let more = values.len().saturating_sub(MOST_NAMED);
        let mut text = values.into_iter().take(MOST_NAMED).collect::<Vec<_>>().join(", ");
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
        if !text.is_empty() {
            self.facts.insert(name, text);
        }
    }

    pub(super) fn number(&mut self, name: &'static str, value: u64) {
        if value > 0 {
            self.facts.entry(name).or_insert_with(|| value.to_string());
        }
    }

    /// Adds what was read of a part; an error stops nothing.
    pub(super) fn faulty(mut self, result: Result<(), Unreadable>) -> Self {
        if let Err(fault) = result {
            self.fault.get_or_insert(fault);
        }
        self
    }

    /// Adds an address or id that a header gives for a model, a data set or their repository.
    pub(super) fn named(into: &mut Vec<String>, text: &str) {
        if let Some(id) = hub_id(text)
            && into.len() < MOST_NAMED
            && !into.contains(&id)
        {
            into.push(id);
        }
    }
}

/// One line without control characters, cut.
pub(super) fn line(text: &str) -> String {
    let mut cut = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST + 1)
        .collect::<String>();
    if cut.chars().count() > LONGEST {
        cut.pop();
        cut.push('…');
    }
    cut.trim().to_owned()
}

/// The `organisation/name` that a text is, or that an address ends in.
pub(super) fn hub_id(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1.split(['?', '#']).next()?,
        None => text,
    };
    let path = path
        .strip_prefix("datasets/")
        .or_else(|| path.strip_prefix("models/"))
        .unwrap_or(path);
    let mut parts = path.split('/');
    let (organisation, name) = (parts.next()?, parts.next()?);
    let fits = |part: &str| {
        !part.is_empty()
            && part.len() <= 100
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            && part.bytes().any(|b| b.is_ascii_alphabetic())
    };
    let is_address = text.contains("://");
    (fits(organisation) && fits(name) && (is_address || parts.next().is_none())).then(|| format!("{organisation}/{name}"))
}

/// The elements of a shape, multiplied; what does not fit a number is no count.
pub(super) fn product(shape: impl IntoIterator<Item = u64>) -> u64 {
    shape
        .into_iter()
        .try_fold(1_u64, u64::checked_mul)
        .filter(|count| *count < 1 << 56)
        .unwrap_or(0)
}

/// Counts parameters by the type they are stored in.
#[derive(Debug, Default)]
pub(super) struct Counted {
    by_type: BTreeMap<String, u64>,
    total: u64,
}

impl Counted {
    /// Adds a tensor; there are few types, and more than a few dozen are not kept apart.
    pub(super) fn add(&mut self, kind: &str, count: u64) {
        self.total = self.total.saturating_add(count);
        if self.by_type.len() < 64 || self.by_type.contains_key(kind) {
            let known = self.by_type.entry(kind.to_owned()).or_default();
            *known = known.saturating_add(count);
        }
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The type that most parameters have.
    pub(super) fn commonest(&self) -> Option<&str> {
        let most = self.by_type.iter().max_by_key(|(name, count)| (**count, std::cmp::Reverse(*name)));
        most.map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_from_addresses_and_from_nothing_else() {
        for (text, id) in [
            ("https://huggingface.co/acme/Big-7B", Some("acme/Big-7B")),
            ("https://huggingface.co/datasets/acme/corpus/tree/main?x", Some("acme/corpus")),
            ("acme/Big-7B", Some("acme/Big-7B")),
            ("a model of ours", None),
            ("/models/a/b", None),
            ("models/a/b/c", None),
            ("https://acme.example", None),
            ("../x/y", None),
            ("1/2", None),
        ] {
            assert_eq!(hub_id(text).as_deref(), id, "{text}");
        }
    }

    #[test]
    fn texts_are_one_short_line_and_counts_do_not_overflow() {
        assert_eq!(line("a\nb\u{7}c "), "a b c");
        assert_eq!(line(&"x".repeat(1000)).chars().count(), LONGEST + 1);
        assert_eq!(product([u64::MAX, 2]), 0);
        assert_eq!(product([3, 4]), 12);
    }
}
