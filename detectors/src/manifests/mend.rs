//! Closes what a text leaves open: a file that was cut off keeps its whole values and becomes parseable again.
//!
//! Brackets, strings, commas and comments are all it knows; whether the rest makes sense is for the parser to say.

/// The quotes and comments of a syntax.
pub(crate) struct Syntax {
    /// Longer quotes before the quotes they start with.
    quotes: &'static [&'static str],
    /// How comments start and end.
    comments: &'static [(&'static str, &'static str)],
}

/// JSON with comments.
pub(crate) const JSON: Syntax = Syntax {
    quotes: &["\""],
    comments: &[("//", "\n"), ("/*", "*/")],
};
/// Python.
pub(crate) const PYTHON: Syntax = Syntax {
    quotes: &["\"\"\"", "'''", "\"", "'"],
    comments: &[("#", "\n")],
};

/// A mended text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mended {
    /// The text, with the lines it had.
    pub(crate) text: String,
    /// Whether it was cut off; if not, only commas before closing brackets were taken out.
    pub(crate) was_cut: bool,
}

/// Mends a text; none if there is nothing to mend or its brackets do not match.
pub(crate) fn mend(text: &str, syntax: &Syntax) -> Option<Mended> {
    let bytes = text.as_bytes();
    let mut open: Vec<u8> = Vec::new();
    // Where the last whole value ends, and how many brackets were open there.
    let mut whole = (0, 0);
    let mut commas = Vec::new();
    let mut before = b' ';
    let mut comma = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        if let Some((start, end)) = syntax.comments.iter().find(|(start, _)| rest.starts_with(start.as_bytes())) {
            let length = memchr::memmem::find(&rest[start.len()..], end.as_bytes());
            at = length.map_or(bytes.len(), |length| at + start.len() + length + end.len());
            continue;
        }
        if let Some(quote) = syntax.quotes.iter().find(|quote| rest.starts_with(quote.as_bytes())) {
            let (end, is_closed) = end_of_string(bytes, at, quote.as_bytes());
            // A text before its colon is a key, and no value yet.
            if is_closed && (open.last() != Some(&b'}') || before == b':') {
                whole = (end, open.len());
            }
            before = byte;
            at = end;
            continue;
        }
        match byte {
            b'{' | b'[' | b'(' => {
                open.push(match byte {
                    b'{' => b'}',
                    b'[' => b']',
                    _ => b')',
                });
                whole = (at + 1, open.len());
            }
            b'}' | b']' | b')' => {
                if open.pop() != Some(byte) {
                    return None;
                }
                if before == b',' {
                    commas.push(comma);
                }
                whole = (at + 1, open.len());
            }
            b',' => {
                whole = (at, open.len());
                comma = at;
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
        at += 1;
    }
    let was_cut = !open.is_empty();
    if !was_cut && commas.is_empty() {
        return None;
    }
    let end = if was_cut { whole.0 } else { text.len() };
    let mut mended = String::with_capacity(text.len());
    let mut from = 0;
    for comma in commas.into_iter().filter(|&comma| comma < end) {
        mended.push_str(&text[from..comma]);
        mended.push(' ');
        from = comma + 1;
    }
    mended.push_str(&text[from..end]);
    if was_cut {
        mended.extend(open.iter().take(whole.1).rev().map(|&bracket| char::from(bracket)));
    }
    Some(Mended { text: mended, was_cut })
}

/// Where the string that starts here ends, and whether it is closed there; a short quote does not reach over its line.
fn end_of_string(bytes: &[u8], start: usize, quote: &[u8]) -> (usize, bool) {
    let mut at = start + quote.len();
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' {
            at += 2;
        } else if bytes[at..].starts_with(quote) {
            return (at + quote.len(), true);
        } else if byte == b'\n' && quote.len() == 1 {
            return (at, false);
        } else {
            at += 1;
        }
    }
    (bytes.len(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_json_is_closed_behind_its_last_whole_value() {
        for (cut, closed) in [
            (r#"{"a": {"b": "1", "c": "2"#, r#"{"a": {"b": "1"}}"#),
            (r#"{"a": {"b": "1", "c": "2""#, r#"{"a": {"b": "1", "c": "2"}}"#),
            (r#"{"a": {"b": "1"}, "c"#, r#"{"a": {"b": "1"}}"#),
            (r#"{"a": {"b": "1"}, "c": "#, r#"{"a": {"b": "1"}}"#),
            (r#"{"a": ["x", "y"#, r#"{"a": ["x"]}"#),
            ("{\"a\": 1, // {[\n \"b\": \"\\\"{\", \"c", "{\"a\": 1, // {[\n \"b\": \"\\\"{\"}"),
            (r#"{"a": /* " */ "b", "c"#, r#"{"a": /* " */ "b"}"#),
            (r#"{"a": [1,], "b"#, r#"{"a": [1 ]}"#),
            (r#"{"é": "é"#, "{}"),
        ] {
            assert_eq!(
                mend(cut, &JSON),
                Some(Mended {
                    text: closed.to_owned(),
                    was_cut: true
                })
            );
        }
    }

    #[test]
    fn commas_before_closing_brackets_are_taken_out() {
        let mended = Mended {
            text: "{\"a\": [1 ], \"b\": \",}\" \n}".to_owned(),
            was_cut: false,
        };
        assert_eq!(mend("{\"a\": [1,], \"b\": \",}\",\n}", &JSON), Some(mended));
    }

    #[test]
    fn cut_python_is_closed() {
        for (cut, closed) in [
            (
                "setup(name='x', install_requires=['openai', 'to",
                "setup(name='x', install_requires=['openai'])",
            ),
            ("'''doc ( ' '''\nA = [\n 'a'  # it's (\n", "'''doc ( ' '''\nA = [\n 'a']"),
            ("A = {'b': ['c'], 'd", "A = {'b': ['c']}"),
        ] {
            assert_eq!(mend(cut, &PYTHON).map(|mended| mended.text).as_deref(), Some(closed));
        }
    }

    #[test]
    fn whole_or_foreign_text_is_left_alone() {
        for text in [r#"{"a": "}"}"#, "", "a", "{]", "{}}", "\"{", "// {"] {
            assert_eq!(mend(text, &JSON), None, "{text}");
        }
    }

    #[test]
    fn hostile_nesting_is_closed_without_recursion() {
        assert!(mend(&"[".repeat(1_000_000), &JSON).is_some());
    }
}
