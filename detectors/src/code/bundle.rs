//! Large scripts that a tool packed: whole programs with all their libraries in a few lines. To parse one takes a hundred times its size in
//! memory and tells little, as names are gone; what is left are the texts between quotes, and what they stand behind.

use super::facts::{Assignment, Facts, Import, Value};
use crate::Artifact;

/// Smaller files are parsed.
const SMALLEST: usize = 64 << 10;
/// Shortest and longest text that may be a name, an id or an address.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=200;
/// How the environment is asked for a variable.
const ENVIRONMENT: &str = "process.env.";

/// Whether a script is so large, and of lines so long, that a tool packed it.
pub(super) fn is_one(artifact: &Artifact<'_>) -> bool {
    artifact.bytes().len() >= SMALLEST && artifact.has_long_lines()
}

/// What stands between quotes, with the module or name that it stands behind.
pub(super) fn facts(source: &str) -> Facts {
    let mut facts = Facts::default();
    add(source, 1, true, &mut facts);
    facts
}

/// Adds what stands between quotes in a script, packed or not, that begins on the given line of its file.
pub(super) fn add(source: &str, first_line: u32, is_packed: bool, facts: &mut Facts) {
    let mut lines = Lines {
        source,
        line: first_line,
        counted: 0,
    };
    // Which quotes open a text is not known: a pattern may hold one. So the text between any two that follow each other counts, if it has
    // the form of a name, which code has not.
    let mut opened = [None; 3];
    for at in memchr::memchr3_iter(b'"', b'\'', b'`', source.as_bytes()) {
        let kind = match source.as_bytes()[at] {
            b'"' => 0,
            b'\'' => 1,
            _ => 2,
        };
        if let Some(open) = opened[kind].replace(at)
            && is_name(&source[open + 1..at])
        {
            let line = lines.at(open);
            if is_packed || !imported(&source[..open], &source[open + 1..at], line, facts) {
                text(&source[..open], &source[open + 1..at], line, facts);
            }
        }
    }
    let mut lines = Lines {
        source,
        line: first_line,
        counted: 0,
    };
    for (at, _) in source.match_indices(ENVIRONMENT) {
        let name = identifier(&source[at + ENVIRONMENT.len()..]);
        if !name.is_empty() {
            facts.variables.push((name.to_owned(), lines.at(at)));
        }
    }
}

/// Adds a module in the code as people write it, where a statement begins the line; whether there is one.
fn imported(before: &str, module: &str, line: u32, facts: &mut Facts) -> bool {
    let statement = before[before.rfind('\n').map_or(0, |at| at + 1)..].trim();
    let is_one = ["import", "export", "}"].iter().any(|word| statement.starts_with(word))
        && ["from", "import"].iter().any(|word| statement.ends_with(word));
    if is_one {
        facts.imports.push(Import {
            path: module.to_owned(),
            local: String::new(),
            line,
        });
    }
    is_one
}

/// Adds a text that stands behind others.
fn text(before: &str, text: &str, line: u32, facts: &mut Facts) {
    // Nothing stands between them where a tool packed; examples of code in texts have a blank there.
    if ["from", "import", "require(", "import("].iter().any(|word| before.ends_with(word)) {
        facts.imports.push(Import {
            path: text.to_owned(),
            local: String::new(),
            line,
        });
        return;
    }
    let before = before.trim_end();
    if let Some(target) = given_to(before) {
        facts.assignments.push(Assignment {
            target: target.to_owned(),
            value: Value::Text(text.to_owned()),
            line,
            named: false,
        });
    }
    facts.literal(text.to_owned(), line, before.ends_with("=="));
}

/// The name in `name:` and `name=` at the end of a text.
fn given_to(before: &str) -> Option<&str> {
    let name = before.strip_suffix(':').or_else(|| before.strip_suffix('='))?;
    let name = name.trim_end().trim_end_matches(['"', '\'']);
    let begin = name.rfind(|c: char| !is_of_identifier(c)).map_or(0, |at| {
        let behind = name[at..].chars().next().map_or(1, char::len_utf8);
        at + behind
    });
    (begin < name.len()).then(|| &name[begin..])
}

/// The identifier that a text begins with.
fn identifier(text: &str) -> &str {
    &text[..text.find(|c: char| !is_of_identifier(c)).unwrap_or(text.len())]
}

fn is_of_identifier(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$')
}

/// Whether a text has the form of a name, an id or an address.
fn is_name(text: &str) -> bool {
    LENGTH.contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':' | b'/' | b'@' | b'+'))
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Counts the lines before places that follow each other.
struct Lines<'s> {
    source: &'s str,
    line: u32,
    counted: usize,
}

impl Lines<'_> {
    fn at(&mut self, place: usize) -> u32 {
        if place > self.counted {
            let ends = memchr::memchr_iter(b'\n', &self.source.as_bytes()[self.counted..place]).count();
            self.line = self.line.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
            self.counted = place;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_with_what_they_stand_behind() {
        let facts = facts(
            "import e from\"acme\";var t=/[\"']/;\nnew e({apiKey:process.env.ACME_KEY,model:\"m-1\",\"base\":`https://acme.example/v1`,n:'a b'})==\"m-2\"",
        );
        assert_eq!(
            facts
                .imports
                .iter()
                .map(|import| (import.path.as_str(), import.line))
                .collect::<Vec<_>>(),
            [("acme", 1)]
        );
        let given: Vec<(&str, u32)> = facts.assignments.iter().map(|given| (given.target.as_str(), given.line)).collect();
        assert_eq!(given, [("model", 2), ("base", 2)]);
        let texts: Vec<&str> = facts.literals.iter().map(|(text, _)| text.as_str()).collect();
        assert!(
            texts.contains(&"m-1") && texts.contains(&"https://acme.example/v1") && !texts.contains(&"a b"),
            "{texts:?}"
        );
        assert_eq!(facts.mentioned, [("m-2".to_owned(), 2)]);
        assert_eq!(facts.variables, [("ACME_KEY".to_owned(), 2)]);
    }

    #[test]
    fn only_large_files_of_long_lines_are_bundles() {
        let is_one = |source: &str| is_one(&Artifact::new("a.js", source.as_bytes()));
        assert!(is_one(&"a=1;".repeat(SMALLEST / 4)));
        assert!(!is_one(&"a=1;".repeat(SMALLEST / 8)));
        assert!(!is_one(&"a=1;\n".repeat(SMALLEST / 4)));
    }

    #[test]
    fn no_text_is_too_strange() {
        for source in ["", "\"", "é=\"é\"", "\"\"\"", "process.env.", "é:\"m-1\"", "=\"ab\""] {
            let _ = facts(source);
        }
        assert_eq!(given_to("é:"), None);
        assert_eq!(given_to("{é=ab:"), Some("ab"));
    }
}
