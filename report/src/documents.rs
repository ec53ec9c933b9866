//! Documents in the forms people work with: Markdown, Word, a page for a browser, and the register as a workbook. Each form is one
//! file; none knows what a document is about.

mod markdown;
mod page;
mod word;
mod workbook;

use governance::Document;
use inventory::System;

pub use markdown::markdown;
pub use page::{Linked, index, page};
pub use word::Word;
pub use workbook::workbook;

/// Letters of a name that a file's name keeps.
const MOST_LETTERS: usize = 48;

/// The name of a document's file, without its ending: `SYS-02-resource-sheet`.
#[must_use]
pub fn file_name(document: &Document) -> String {
    format!("{}-{}", document.form.id, slug(&document.form.title))
}

/// The name of a system's folder: its name as far as every file system takes it, and the beginning of its id.
#[must_use]
pub fn folder_name(system: &System) -> String {
    let id: String = slug(&system.id).chars().take(12).collect();
    let name = slug(&system.name);
    if name.is_empty() { id } else { format!("{name}-{id}") }
}

/// Lower-case letters, digits and single hyphens; other letters are left out.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if out.len() >= MOST_LETTERS {
            break;
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// What a table says of rows that it leaves out.
fn left_out(rows: usize) -> String {
    format!(
        "{} more rows are in the register, `register.xlsx`, or in the inventory.",
        crate::wording::number(rows as u64)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_safe_whatever_a_system_is_called() {
        for hostile in [
            "../../etc/passwd",
            "a/b\\c",
            "CON",
            "..",
            "\u{202e}gpj.exe",
            "",
            "<script>",
            "a\0b",
            &"x".repeat(500),
        ] {
            let name = slug(hostile);
            assert!(
                name.len() <= MOST_LETTERS && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{hostile:?}: {name:?}"
            );
        }
        assert_eq!(slug("Support Bot (v2)"), "support-bot-v2");
        assert_eq!(slug("設定"), "");
    }
}
