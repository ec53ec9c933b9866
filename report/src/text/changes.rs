//! What changed between two snapshots, a sentence a line.

use super::Style;
use super::page::{Ink, Page};

/// What `aimscan diff` prints.
#[must_use]
pub fn changes<'s>(before: &str, after: &str, sentences: impl Iterator<Item = &'s str>, style: Style) -> String {
    let mut page = Page::new(style);
    page.line(&[
        (Ink::Strong, "Changes"),
        (Ink::Plain, "  "),
        (Ink::Plain, &format!("snapshot {before} → {after}")),
    ]);
    let mut any = false;
    for sentence in sentences {
        any = true;
        page.prose(Ink::Plain, 2, sentence);
    }
    if !any {
        page.prose(Ink::Plain, 2, "Nothing changed.");
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_listed_and_none_is_said() {
        let page = changes("1", "2", ["web is new.", "api is gone.\u{1b}[31m"].into_iter(), Style::default());
        assert!(
            page.contains("snapshot 1 → 2") && page.contains("web is new.") && !page.contains('\u{1b}'),
            "{page}"
        );
        assert!(changes("1", "2", std::iter::empty(), Style::default()).contains("Nothing changed."));
    }
}
