//! JSON, with comments and trailing commas; a broken file gives what can be made out around the break.

use jsonc_parser::{Scanner, ScannerOptions, tokens::Token};
use tree_sitter::Parser;

use super::{Builder, Shape, Tree};

/// Reads JSON.
#[must_use]
pub fn read(text: &str) -> Tree {
    read_whole(text).unwrap_or_else(|| read_broken(text))
}

/// What must come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// A value, or the end of the list.
    Element,
    /// A key, or the end of the map.
    Key,
    Colon,
    /// A comma, or the end of what is open.
    More,
}

/// Reads JSON that has no fault but depth; nothing if there is one.
fn read_whole(text: &str) -> Option<Tree> {
    const STRICT: ScannerOptions = ScannerOptions {
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
    };
    let mut scanner = Scanner::new(text, &STRICT);
    let mut builder = Builder::new();
    // For each open container: whether it is a map.
    let mut open: Vec<bool> = Vec::new();
    let mut next = Next::Value;
    let (mut line, mut counted) = (1_u32, 0);
    let mut key: Option<(String, u32)> = None;
    while let Some(token) = scanner.scan().ok()? {
        let raw = &text[scanner.token_start()..scanner.token_end()];
        let newlines = memchr::memchr_iter(b'\n', &text.as_bytes()[counted..scanner.token_start()]).count();
        line = line.saturating_add(u32::try_from(newlines).ok()?);
        counted = scanner.token_start();
        let takes_value = matches!(next, Next::Value | Next::Element);
        match token {
            Token::CommentLine(_) | Token::CommentBlock(_) => continue,
            Token::OpenBrace | Token::OpenBracket if takes_value => {
                let is_map = matches!(token, Token::OpenBrace);
                let (name, key_line) = key.take().unwrap_or_else(|| (String::new(), line));
                builder.open(name, if is_map { Shape::Map } else { Shape::List }, key_line);
                open.push(is_map);
                next = if is_map { Next::Key } else { Next::Element };
                continue;
            }
            Token::CloseBrace if open.last() == Some(&true) && matches!(next, Next::Key | Next::More) => {
                builder.close();
                open.pop();
            }
            Token::CloseBracket if open.last() == Some(&false) && matches!(next, Next::Element | Next::More) => {
                builder.close();
                open.pop();
            }
            Token::String(_) if raw.contains('\n') => return None,
            Token::String(_) if next == Next::Key => {
                key = Some((string(raw), line));
                next = Next::Colon;
                continue;
            }
            Token::String(_) if takes_value => builder.scalar(key.take().unwrap_or_default().0, string(raw), Shape::Text, line),
            Token::Number(_) | Token::Boolean(_) | Token::Null if takes_value => {
                builder.scalar(key.take().unwrap_or_default().0, raw.to_owned(), Shape::Plain, line);
            }
            Token::Colon if next == Next::Colon => {
                next = Next::Value;
                continue;
            }
            // One may stand behind the last element.
            Token::Comma if next == Next::More && !open.is_empty() => {
                next = if open.last() == Some(&true) { Next::Key } else { Next::Element };
                continue;
            }
            _ => return None,
        }
        next = if open.is_empty() { Next::Value } else { Next::More };
    }
    (open.is_empty() && next == Next::Value).then(|| builder.finish())
}

/// Reads JSON with faults: what can be made out around them.
fn read_broken(text: &str) -> Tree {
    let mut builder = Builder::new();
    let mut parser = Parser::new();
    let parsed = parser
        .set_language(&tree_sitter_json::LANGUAGE.into())
        .ok()
        .and_then(|()| parser.parse(text, None));
    let Some(parsed) = parsed else {
        builder.fail("the JSON parser gave up".to_owned());
        return builder.finish();
    };
    if parsed.root_node().has_error() && is_broken(parsed.walk(), text) {
        builder.fail("not valid JSON; what could be made out was read".to_owned());
    }
    fill(&mut builder, parsed.walk(), text);
    builder.finish()
}

/// Whether there is an error other than a comma behind the last element, which settings files are full of.
fn is_broken(mut cursor: tree_sitter::TreeCursor<'_>, text: &str) -> bool {
    loop {
        let node = cursor.node();
        let is_comma = node.is_error() && text[node.byte_range()].trim() == ",";
        if node.is_missing() || node.is_error() && !is_comma {
            return true;
        }
        if node.has_error() && !is_comma && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
        }
    }
}

/// Walks the syntax tree without recursion.
fn fill(builder: &mut Builder, mut cursor: tree_sitter::TreeCursor<'_>, text: &str) {
    // For each open syntax node: whether it opened a container in the tree.
    let mut opened: Vec<bool> = Vec::new();
    let mut key: Option<(String, u32)> = None;
    loop {
        let node = cursor.node();
        let is_key = cursor.field_name() == Some("key");
        let line = u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX);
        let mut descend = false;
        let mut container = false;
        match node.kind() {
            "object" | "array" => {
                let shape = if node.kind() == "object" { Shape::Map } else { Shape::List };
                let (name, key_line) = key.take().unwrap_or_default();
                builder.open(name, shape, if key_line > 0 { key_line } else { line });
                (descend, container) = (true, true);
            }
            "string" if is_key => key = Some((string(&text[node.byte_range()]), line)),
            "string" => builder.scalar(
                key.take().unwrap_or_default().0,
                string(&text[node.byte_range()]),
                Shape::Text,
                line,
            ),
            "number" | "true" | "false" | "null" => {
                builder.scalar(
                    key.take().unwrap_or_default().0,
                    text[node.byte_range()].to_owned(),
                    Shape::Plain,
                    line,
                );
            }
            "comment" => {}
            // A broken document has no outermost value; its pieces are gathered under one.
            "ERROR" if builder.depth() == 0 => {
                builder.open(String::new(), Shape::Map, line);
                (descend, container) = (true, true);
            }
            _ => descend = true,
        }
        if descend && cursor.goto_first_child() {
            opened.push(container);
            continue;
        }
        if container {
            builder.close();
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            if opened.pop() == Some(true) {
                builder.close();
            }
        }
    }
}

/// What a string with its quotes means.
fn string(raw: &str) -> String {
    if raw.contains('\\')
        && let Ok(unescaped) = serde_json::from_str::<String>(raw)
    {
        return unescaped;
    }
    raw.strip_prefix('"').unwrap_or(raw).strip_suffix('"').unwrap_or(raw).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Both readers see the same in what is whole, however it is written.
        #[test]
        fn whole_files_are_read_as_broken_ones_are(text in r#"([\[\]{},: \n]|"[ab\n\\]{0,2}"|1e5|-0|true|/[*]"[*]/|//b\n){0,30}"#) {
            if let Some(tree) = read_whole(&text) {
                prop_assert_eq!(format!("{:?}", tree), format!("{:?}", read_broken(&text)));
            }
        }

        #[test]
        fn values_are_read_whole(value in values(), is_wide in any::<bool>()) {
            let text = if is_wide { format!("{value:#}") } else { value.to_string() };
            let tree = read_whole(&text).expect("is JSON");
            prop_assert_eq!(format!("{:?}", tree), format!("{:?}", read_broken(&text)));
        }
    }

    fn values() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            // The reader of broken files takes no `e+9` for a part of a number.
            (-1e9..1e9).prop_map(|number: f64| number.into()),
            "\\PC{0,6}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                proptest::collection::hash_map("[a-c]{0,2}|.", inner, 0..5)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    #[test]
    fn values_know_their_lines_and_paths() {
        let tree = read("{\n  // said why\n  \"a\": {\"b\": [\"x\\ty\",\n 2]},\n \"c\": true,\n}");
        let seen: Vec<_> = tree
            .walk()
            .filter_map(|node| Some((node.path(), node.scalar()?, node.line())))
            .collect();
        assert_eq!(seen, [("a.b".into(), "x\ty", 3), ("a.b".into(), "2", 4), ("c".into(), "true", 5)]);
        assert_eq!(tree.complete(), Ok(()), "a comma behind the last element is no fault");
        assert!(read("{\"a\": 1,, \"b\" }").complete().is_err());
    }

    #[test]
    fn a_broken_file_gives_what_stands_around_the_break() {
        for text in [
            "{\"dependencies\": {\n\"a\": \"1\",\n<<<<<<< HEAD\n\"b\": \"2\",\n=======\n\"b\": \"3\",\n>>>>>>> x\n\"c\": \"4\"}}",
            "{\"dependencies\": {\n\"a\": \"1\",\n\"c\": \"4\",\n\"tr",
        ] {
            let tree = read(text);
            assert!(tree.complete().is_err());
            let values: Vec<_> = tree
                .walk()
                .filter(|node| node.scalar().is_some())
                .map(|node| node.key().to_owned())
                .collect();
            assert!(values.contains(&"a".to_owned()) && values.contains(&"c".to_owned()), "{values:?}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let text = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(read(&text).complete().is_err());
        let text = "{\"a\":".repeat(100_000);
        assert!(read(&text).complete().is_err());
    }
}
