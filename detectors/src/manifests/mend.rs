//! Closes what a JSON text leaves open: a file that was cut off keeps its whole values and becomes parseable again.
//!
//! Brackets, strings, commas and comments are all it knows; whether the rest makes sense is for the parser to say.

/// How comments start and end.
const COMMENTS: &[(&str, &str)] = &[("//", "\n"), ("/*", "*/")];

/// A mended text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mended {
    /// The text, with the lines it had.
    pub(crate) text: String,
    /// Whether it was cut off; if not, only commas before closing brackets were taken out.
    pub(crate) was_cut: bool,
}

/// Mends a text; none if there is nothing to mend or its brackets do not match.
pub(crate) fn mend(text: &str) -> Option<Mended> {
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
        if let Some((start, end)) = COMMENTS.iter().find(|(start, _)| rest.starts_with(start.as_bytes())) {
            let length = memchr::memmem::find(&rest[start.len()..], end.as_bytes());
            at = length.map_or(bytes.len(), |length| at + start.len() + length + end.len());
            continue;
        }
        if byte == b'"' {
            let (end, is_closed) = end_of_string(bytes, at);
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

/// Where the string that starts here ends, and whether it is closed there; it does not reach over its line.
fn end_of_string(bytes: &[u8], start: usize) -> (usize, bool) {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return (at + 1, true),
            b'\n' => return (at, false),
            _ => at += 1,
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
                mend(cut),
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
        assert_eq!(mend("{\"a\": [1,], \"b\": \",}\",\n}"), Some(mended));
    }

    #[test]
    fn whole_or_foreign_text_is_left_alone() {
        for text in [r#"{"a": "}"}"#, "", "a", "{]", "{}}", "\"{", "// {"] {
            assert_eq!(mend(text), None, "{text}");
        }
    }

    #[test]
    fn hostile_nesting_is_closed_without_recursion() {
        assert!(mend(&"[".repeat(1_000_000)).is_some());
    }
}
