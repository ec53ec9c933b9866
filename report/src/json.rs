//! The whole inventory as one JSON document, and the JSON Schema that describes it. Adds and leaves out nothing.

use std::io::{self, Write};

use inventory::Inventory;
use schemars::generate::SchemaSettings;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::wording::steers;

/// What identifies the schema; its version is that of [`inventory::SCHEMA_VERSION`].
const SCHEMA_ID: &str = "urn:aimscan:schema:inventory:1.1";

/// The inventory as indented JSON, ending in a line break.
#[must_use]
pub fn render(inventory: &Inventory) -> String {
    let mut text = serde_json::to_string_pretty(inventory).expect("an inventory has only string keys");
    text.push('\n');
    harmless(text)
}

/// The JSON Schema (draft 2020-12) of what [`render`] writes.
#[must_use]
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Inventory>();
    schema.insert("$id".to_owned(), SCHEMA_ID.into());
    schema.insert("title".to_owned(), "aimscan inventory".into());
    schema.to_value()
}

/// JSON with everything escaped that could steer a terminal it is printed on. Such characters stand in strings only,
/// and JSON's own escapes leave those beyond ASCII as they are.
pub(crate) fn harmless(json: String) -> String {
    let is_harmful = |c: char| steers(c) && c != '\n';
    if !json.contains(is_harmful) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    let mut units = [0; 2];
    for c in json.chars() {
        if is_harmful(c) {
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Writes indented JSON piece by piece, so that what is written need not stand in memory, with the same escapes as
/// [`harmless`] and a line break at the end.
pub(crate) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Harmless(PrettyFormatter::new()));
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// A list whose members are made one by one while they are written.
pub(crate) struct Each<F>(pub(crate) F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Indented JSON without anything that steers a terminal.
struct Harmless(PrettyFormatter<'static>);

impl Formatter for Harmless {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        let mut units = [0; 2];
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| steers(*c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn written_piece_by_piece_it_is_the_same() {
        for inventory in [sample::inventory(), sample::hostile(), sample::empty()] {
            let mut out = Vec::new();
            write(&inventory, &mut out).expect("written");
            assert_eq!(String::from_utf8(out).expect("text"), render(&inventory));
        }
    }

    fn validator() -> jsonschema::Validator {
        jsonschema::options()
            .should_validate_formats(true)
            .build(&schema())
            .expect("the schema is one")
    }

    #[test]
    fn what_is_written_keeps_to_the_schema() {
        let validator = validator();
        for inventory in [sample::inventory(), sample::hostile(), sample::empty()] {
            let value: Value = serde_json::from_str(&render(&inventory)).expect("JSON");
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
    }

    #[test]
    fn the_schema_refuses_what_is_not_an_inventory() {
        let validator = validator();
        let good: Value = serde_json::from_str(&render(&sample::inventory())).expect("JSON");
        for (pointer, bad) in [
            ("/systems/0/classification/floor", "lethal"),
            ("/systems/0/components/0/kind", "toaster"),
            ("/coverage", "all"),
        ] {
            let mut value = good.clone();
            *value.pointer_mut(pointer).expect("in the sample") = bad.into();
            assert!(!validator.is_valid(&value), "{pointer}");
        }
        let mut value = good;
        value.as_object_mut().expect("an object").remove("notice");
        assert!(!validator.is_valid(&value));
    }

    #[test]
    fn the_schema_names_its_draft_and_version() {
        let schema = schema();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert!(schema["$id"].as_str().expect("text").ends_with(inventory::SCHEMA_VERSION));
    }

    #[test]
    fn reading_it_back_gives_the_same_and_prints_nothing_harmful() {
        let inventory = sample::hostile();
        let text = render(&inventory);
        assert!(!text.contains(|c: char| c != '\n' && steers(c)));
        let back: Inventory = serde_json::from_str(&text).expect("an inventory");
        assert_eq!(back.systems[0].name, inventory.systems[0].name);
        assert_eq!(render(&back), text);
    }
}
