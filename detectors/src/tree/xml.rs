//! XML: an element is a value under its local name, attributes are its first elements, and text beside them stands under an
//! empty key. Entities other than XML's own are not expanded, nothing is fetched.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::{Builder, Shape, Tree};
use crate::text::Lines;

/// An element of which nothing but attributes and text was seen: it may still become a plain text.
struct Pending {
    name: String,
    line: u32,
    attributes: Vec<(String, String)>,
    text: String,
}

/// Reads XML.
#[must_use]
pub fn read(text: &str) -> Tree {
    let mut builder = Builder::new();
    let lines = Lines::of(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut pending: Option<Pending> = None;
    let mut open = 0_usize;
    loop {
        let line = lines.line(usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX));
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                if let Some(outer) = pending.replace(Pending::of(&start, line)) {
                    outer.open(&mut builder);
                }
                open += 1;
            }
            Ok(Event::Empty(start)) => {
                if let Some(outer) = pending.take() {
                    outer.open(&mut builder);
                }
                Pending::of(&start, line).close(&mut builder);
            }
            Ok(Event::End(_)) => {
                match pending.take() {
                    Some(leaf) => leaf.close(&mut builder),
                    None => builder.close(),
                }
                open = open.saturating_sub(1);
            }
            Ok(Event::Text(said)) => add(&mut pending, &said.xml10_content()),
            Ok(Event::CData(said)) => add(&mut pending, &said.xml10_content()),
            Ok(Event::GeneralRef(name)) => {
                if let Ok(Some(letter)) = name.resolve_char_ref() {
                    add(&mut pending, letter.encode_utf8(&mut [0; 4]));
                } else if let Some(letter) = quick_xml::escape::resolve_predefined_entity(&name.xml10_content()) {
                    add(&mut pending, letter);
                }
            }
            Ok(Event::Eof) => {
                if open > 0 {
                    builder.fail("the XML ends before its elements do".to_owned());
                }
                break;
            }
            Ok(Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_)) => {}
            Err(error) => {
                builder.fail(format!("not valid XML: {error}; what stands before was read"));
                break;
            }
        }
    }
    builder.finish()
}

fn add(pending: &mut Option<Pending>, text: &str) {
    if let Some(element) = pending {
        element.text.push_str(text);
    }
}

impl Pending {
    fn of(start: &BytesStart<'_>, line: u32) -> Self {
        let mut attributes = start.attributes();
        attributes.with_checks(false);
        Self {
            name: start.local_name().as_ref().to_owned(),
            line,
            attributes: attributes
                .flatten()
                .map(|attribute| {
                    let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                    let value = value.map_or_else(|_| attribute.value.to_string(), String::from);
                    (attribute.key.local_name().as_ref().to_owned(), value)
                })
                .collect(),
            text: String::new(),
        }
    }

    /// Adds it as something that holds more than text.
    fn open(self, builder: &mut Builder) {
        builder.open(self.name, Shape::Map, self.line);
        for (name, value) in self.attributes {
            builder.scalar(name, value, Shape::Text, self.line);
        }
        if !self.text.trim().is_empty() {
            builder.scalar(String::new(), self.text.trim().to_owned(), Shape::Text, self.line);
        }
    }

    /// Adds it with all it holds.
    fn close(self, builder: &mut Builder) {
        if self.attributes.is_empty() {
            builder.scalar(self.name, self.text.trim().to_owned(), Shape::Text, self.line);
        } else {
            self.open(builder);
            builder.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_attributes_and_texts_know_their_lines() {
        let tree = read(
            "<?xml version=\"1.0\"?>\n<!-- <no/> -->\n<p:root xmlns:p=\"u\">\n <a>x &amp; y&#33;</a>\n <b c=\"1&lt;2\" d='2'>t</b>\n <b e='3'/>\n <f/>\n <g><![CDATA[<h>]]></g>\n</p:root>\n",
        );
        assert!(tree.fault().is_none());
        let root = tree.root();
        assert_eq!((root.key(), root.line()), ("root", 3));
        assert_eq!(root.get("a").map(|a| (a.text(), a.line())), Some((Some("x & y!"), 4)));
        let both: Vec<_> = root.children().filter(|child| child.key() == "b").collect();
        assert_eq!(both[0].get("c").and_then(|c| c.text()), Some("1<2"));
        assert_eq!(both[0].get("").and_then(|t| t.text()), Some("t"));
        assert_eq!((both[1].get("e").and_then(|e| e.text()), both[1].line()), (Some("3"), 6));
        assert_eq!(root.get("f").and_then(|f| f.text()), Some(""));
        assert_eq!(root.get("g").and_then(|g| g.text()), Some("<h>"));
    }

    #[test]
    fn a_cut_or_broken_document_keeps_what_stands_before() {
        for text in [
            "<r>\n<a>1</a>\n<b>cut",
            "<r>\n<a>1</a>\n<b></c></r>",
            "<r>\n<a>1</a>\n<b c='",
            "<r><a>1</a>",
        ] {
            let tree = read(text);
            assert!(tree.fault().is_some(), "{text}");
            assert_eq!(tree.root().get("a").and_then(|a| a.text()), Some("1"), "{text}");
        }
    }

    #[test]
    fn entities_of_a_document_are_not_expanded() {
        let bomb =
            "<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]><r><x>&b;</x><y>&c;</y></r>";
        let tree = read(bomb);
        assert_eq!(tree.root().get("x").and_then(|x| x.text()), Some(""));
        assert_eq!(tree.root().get("y").and_then(|y| y.text()), Some(""));
    }

    #[test]
    fn hostile_nesting_costs_no_stack() {
        let tree = read(&"<a>".repeat(200_000));
        assert!(tree.fault().is_some());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "[<>/a-c \"'=&;!\\[\\]?\n-]{0,200}") {
            let tree = read(&text);
            prop_assert!(tree.walk().count() <= text.len() + 1);
        }
    }
}
