//! The headings under which lists of systems say what, `columns/register.toml`.

mod form;

pub use form::Column;
pub(crate) use form::ColumnFile;

use crate::embedded;
use crate::text;

/// Every column that is known, in the order in which they are asked for.
#[must_use]
pub fn columns() -> Vec<Column> {
    embedded::columns().into_iter().flat_map(|file| file.columns).collect()
}

/// A heading as headings are compared: `Use_Case Name:` reads `use case name`.
#[must_use]
pub fn heading(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    for word in text::words(written) {
        if !out.is_empty() {
            out.push(' ');
        }
        text::fold(word.text, &mut out);
    }
    out
}

impl Column {
    /// How well a heading, as [`heading`] gives it, is one of this column: the place among its names, first is best.
    #[must_use]
    pub fn rank(&self, heading: &str) -> Option<usize> {
        self.names.iter().position(|name| match name.strip_suffix('*') {
            Some(beginning) => heading.starts_with(beginning),
            None => heading == name,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn headings_are_compared_as_words() {
        for (written, read) in [
            ("Use_Case Name:", "use case name"),
            ("hasPII", "has pii"),
            ("Zweckbestimmung ", "zweckbestimmung"),
            ("Finalité(s)", "finalite s"),
        ] {
            assert_eq!(heading(written), read);
        }
    }

    #[test]
    fn no_heading_is_of_two_columns() {
        let mut seen = BTreeMap::new();
        for column in columns() {
            for name in &column.names {
                let bare = name.trim_end_matches('*');
                assert_eq!(heading(bare), bare, "{}: written as it is compared", column.field);
                assert_eq!(seen.insert(name.clone(), column.field.clone()), None, "{name}");
            }
            assert!(column.single || column.place.is_some(), "{}", column.field);
            let Some(field) = &column.record else {
                assert!(column.words.is_empty(), "{}", column.field);
                continue;
            };
            let form = crate::governance::governance().field(field).unwrap_or_else(|| panic!("{field}"));
            let answers: Vec<&String> = column.words.keys().collect();
            assert!(answers.iter().all(|answer| form.choices.contains(answer)), "{field}");
            assert!(
                form.choices.is_empty() || answers.len() == form.choices.len(),
                "{field} takes other answers"
            );
            let words: Vec<&String> = column.words.values().flatten().collect();
            assert!(
                words.iter().all(|word| heading(word) == **word),
                "{field}: written as it is compared"
            );
            let each: std::collections::BTreeSet<&&String> = words.iter().collect();
            assert_eq!(each.len(), words.len(), "{field}: a word stands for one answer");
        }
    }
}
