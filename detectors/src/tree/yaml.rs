//! YAML from parser events: aliases are not expanded, so that an alias bomb is a short document.

use granit_parser::{Event, Parser, ScalarStyle};

use super::{Builder, Shape, Tree};

/// Reads YAML; several documents become the elements of a list.
#[must_use]
pub fn read(text: &str) -> Tree {
    let mut builder = Builder::new();
    builder.open(String::new(), Shape::List, 1);
    let mut parser = Parser::new_from_str(text);
    // For each open container: the key that waits for its value, if it is a map.
    let mut open: Vec<Option<Pending>> = Vec::new();
    loop {
        match parser.next_event() {
            None | Some(Ok((Event::StreamEnd, _))) => break,
            Some(Err(error)) => {
                builder.fail(format!("not valid YAML: {error}"));
                break;
            }
            Some(Ok((event, span))) => {
                let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX);
                match event {
                    Event::Scalar(value, style, _, tag) => match open.last_mut() {
                        Some(Some(pending)) if pending.key.is_none() => pending.key = Some((value.into_owned(), line)),
                        parent if tag.as_deref().is_some_and(is_reference) => {
                            let (key, _) = take_key(parent);
                            builder.scalar(key, format!("${{{value}}}"), Shape::Text, line);
                        }
                        parent => {
                            let shape = if style == ScalarStyle::Plain && is_plain(&value) {
                                Shape::Plain
                            } else {
                                Shape::Text
                            };
                            let (key, _) = take_key(parent);
                            builder.scalar(key, value.into_owned(), shape, line);
                        }
                    },
                    Event::MappingStart(..) | Event::SequenceStart(..) => {
                        let is_map = matches!(event, Event::MappingStart(..));
                        if let Some(Some(pending)) = open.last_mut()
                            && pending.key.is_none()
                        {
                            // A collection as a key: keep its place, it names nothing.
                            pending.key = Some((String::new(), line));
                        }
                        let (key, key_line) = take_key(open.last_mut());
                        builder.open(
                            key,
                            if is_map { Shape::Map } else { Shape::List },
                            if key_line > 0 { key_line } else { line },
                        );
                        open.push(is_map.then(Pending::default));
                    }
                    Event::MappingEnd | Event::SequenceEnd => {
                        open.pop();
                        builder.close();
                    }
                    Event::Alias(..) => match open.last_mut() {
                        Some(Some(pending)) if pending.key.is_none() => pending.key = Some((String::new(), line)),
                        parent => drop(take_key(parent)),
                    },
                    _ => {}
                }
            }
        }
    }
    while builder.depth() > 0 {
        builder.close();
    }
    builder.finish_documents()
}

#[derive(Default)]
struct Pending {
    key: Option<(String, u32)>,
}

fn take_key(parent: Option<&mut Option<Pending>>) -> (String, u32) {
    parent
        .and_then(Option::as_mut)
        .and_then(|pending| pending.key.take())
        .unwrap_or_default()
}

/// Local tags whose scalar names something else: it is written as references inside texts are, `${name}`.
fn is_reference(tag: &granit_parser::Tag) -> bool {
    tag.handle() == "!" && matches!(tag.suffix(), "Ref" | "GetAtt" | "ImportValue")
}

/// Whether an unquoted scalar is a number, boolean or null.
fn is_plain(value: &str) -> bool {
    matches!(value, "" | "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off") || value.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalars(text: &str) -> Vec<(String, String, u32)> {
        read(text)
            .walk()
            .filter_map(|node| Some((node.path(), node.scalar()?.to_owned(), node.line())))
            .collect()
    }

    #[test]
    fn values_know_their_lines_and_paths() {
        assert_eq!(
            scalars("a:\n  b: x\n  c:\n    - 'y'\n    - {d: 1}\n"),
            [
                ("a.b".into(), "x".into(), 2),
                ("a.c".into(), "y".into(), 4),
                ("a.c.d".into(), "1".into(), 5)
            ]
        );
    }

    #[test]
    fn tagged_references_are_told_from_texts() {
        assert_eq!(
            scalars("a: !Ref Name\nb: !Sub 'x-${Name}'\nc: !GetAtt A.B\n")
                .into_iter()
                .map(|(_, text, _)| text)
                .collect::<Vec<_>>(),
            ["${Name}", "x-${Name}", "${A.B}"]
        );
    }

    #[test]
    fn several_documents_are_read() {
        assert_eq!(scalars("a: 1\n---\nb: 2\n").len(), 2);
    }

    #[test]
    fn an_alias_bomb_stays_small() {
        let mut text = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (name, of) in ('b'..='z').zip('a'..='y') {
            text += &format!("{name}: &{name} [*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of}]\n");
        }
        assert!(read(&text).walk().count() < 100);
    }

    #[test]
    fn depth_is_bounded_and_what_was_read_is_kept() {
        assert!(read(&"[".repeat(100_000)).complete().is_err());
        let tree = read("a: 1\nb: {c: 2\nd: ]\n");
        assert!(tree.complete().is_err());
        assert!(tree.root().get("a").is_some());
    }
}
