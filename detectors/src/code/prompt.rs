//! Texts that instruct a model: known by the name they are given and by being prose. That a file has to do with models at
//! all is for the catalog to say. Of the text itself no more is kept than what tells what a system is for.

use evidence::{Kind, Observation, Voice, attribute};

use crate::Observations;
use crate::config::value::words;

/// Paragraphs of one text that are looked at.
const MOST_PARAGRAPHS: usize = 20;
/// Shorter texts instruct nobody.
const SHORTEST: usize = 24;

/// Adds a text that instructs a model.
pub(super) fn observe(name: &str, text: &str, line: u32, out: &mut Observations) {
    if let Some(kind) = named(name)
        && is_prose(text)
    {
        out.push(Observation::new(Kind::Resource, "instruction", kind, line).with(attribute::ID, name.to_owned()));
        say(text, line, out);
    }
}

/// Adds what a text says that instructs a model, paragraph by paragraph; a heading is one.
pub(crate) fn say(text: &str, line: u32, out: &mut Observations) {
    let paragraphs = text.split("\n\n").flat_map(headings_apart);
    for paragraph in paragraphs.filter(|paragraph| !paragraph.trim().is_empty()).take(MOST_PARAGRAPHS) {
        out.push(Observation::new(Kind::Statement, Voice::Prompt.as_str(), paragraph, line));
    }
}

/// A paragraph with the headings of Markdown that stand in it without a blank line, each by itself.
fn headings_apart(paragraph: &str) -> impl Iterator<Item = &str> {
    let begins = paragraph.trim_start().starts_with('#');
    let parts = paragraph.split("\n#").enumerate();
    parts
        .flat_map(move |(at, part)| match part.trim_start().split_once('\n') {
            Some((heading, text)) if at > 0 || begins => [Some(heading), Some(text)],
            _ => [Some(part), None],
        })
        .flatten()
}

/// What kind of prompt a name says: words side by side, whatever parts them.
fn named(name: &str) -> Option<&'static str> {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let holds = |wanted: &[&str]| words.windows(wanted.len()).any(|found| found == wanted);
    if holds(&["system", "prompt"])
        || holds(&["system", "message"])
        || holds(&["system", "instruction"])
        || holds(&["system", "instructions"])
    {
        Some("system-prompt")
    } else if words.last().is_some_and(|last| matches!(*last, "prompt" | "prompts")) || holds(&["prompt", "template"]) {
        Some("prompt")
    } else if words == ["instructions"] {
        Some("instructions")
    } else {
        None
    }
}

/// Whether a text is several words of prose.
fn is_prose(text: &str) -> bool {
    text.len() >= SHORTEST && text.split_whitespace().take(5).count() == 5 && !is_data(text.trim_start())
}

/// Whether a text begins as a document or as data, not with a place for a value: `{{name}}, you are …`.
fn is_data(text: &str) -> bool {
    let place = text.trim_start_matches(['{', ' ']);
    text.starts_with(['<', '[']) || text.starts_with('{') && !place.starts_with(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str, text: &str) -> Option<String> {
        let mut out = Observations::default();
        observe(name, text, 3, &mut out);
        out.as_slice().first().map(|seen| seen.key.clone())
    }

    #[test]
    fn prose_under_a_telling_name_is_a_prompt() {
        let text = "You are a helpful assistant that answers questions.";
        for (name, kind) in [
            ("SYSTEM_PROMPT", "system-prompt"),
            ("systemPrompt", "system-prompt"),
            ("DEFAULT_SYSTEM_MESSAGE", "system-prompt"),
            ("summaryPrompt", "prompt"),
            ("qa_prompt_template", "prompt"),
            ("instructions", "instructions"),
        ] {
            assert_eq!(seen(name, text).as_deref(), Some(kind), "{name}");
        }
        for template in [
            "{{ preamble }}\n\nLook at the tools that were called.",
            "{name}, answer in one short sentence.",
        ] {
            assert!(seen("prompt_template", template).is_some(), "{template}");
        }
    }

    #[test]
    fn a_heading_is_no_part_of_the_sentence_below_it() {
        let mut out = Observations::default();
        say("# Background\nCheck the data.\n## Steps\nOne\n\nTwo\nlines", 3, &mut out);
        let said: Vec<&str> = out.as_slice().iter().map(|seen| seen.key.as_str()).collect();
        assert_eq!(said, ["# Background", "Check the data.", "# Steps", "One", "Two\nlines"]);
    }

    #[test]
    fn other_names_and_other_texts_are_none() {
        for (name, text) in [
            ("message", "You are a helpful assistant that answers questions."),
            ("promptly", "You are a helpful assistant that answers questions."),
            ("prompt", "Continue? [y/N]"),
            ("prompt", "{\"a\": \"b\", \"c\": \"d e f g h\"}"),
            ("system_prompt_path", "a/very/long/path/to/some/file.txt"),
            ("prompt_id", "You are a helpful assistant that answers questions."),
        ] {
            assert_eq!(seen(name, text), None, "{name}");
        }
    }
}
