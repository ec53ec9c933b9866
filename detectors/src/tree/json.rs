//! JSON, with comments and trailing commas; a broken file gives what can be made out around the break.

use tree_sitter::{Node, Parser};

use super::{Builder, Shape, Tree};

/// Reads JSON.
#[must_use]
pub fn read(text: &str) -> Tree {
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
            "string" if is_key => key = Some((string(node, text), line)),
            "string" => builder.scalar(key.take().unwrap_or_default().0, string(node, text), Shape::Text, line),
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

fn string(node: Node<'_>, text: &str) -> String {
    let raw = &text[node.byte_range()];
    if raw.contains('\\')
        && let Ok(unescaped) = serde_json::from_str::<String>(raw)
    {
        return unescaped;
    }
    raw.strip_prefix('"').unwrap_or(raw).strip_suffix('"').unwrap_or(raw).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

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
