//! ONNX: versions, producer, operator sets, licence and the shapes of the weights, read from the wire form.

use std::collections::BTreeSet;

use super::header::{Counted, Header, product};
use super::protobuf::{Value, Wire};
use crate::{Artifact, Unreadable};

/// Types of tensors, by number.
const TYPES: [&str; 24] = [
    "",
    "F32",
    "U8",
    "I8",
    "U16",
    "I16",
    "I32",
    "I64",
    "string",
    "bool",
    "F16",
    "F64",
    "U32",
    "U64",
    "C64",
    "C128",
    "BF16",
    "F8_E4M3FN",
    "F8_E4M3FNUZ",
    "F8_E5M2",
    "F8_E5M2FNUZ",
    "U4",
    "I4",
    "F4",
];
const MOST_DIMENSIONS: usize = 16;
const MOST_NAMES: usize = 64;

/// The header, if the file holds a graph as the format does.
pub(super) fn read(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    // The version of the format comes first, as a small number.
    if head.first() != Some(&0x08) {
        return None;
    }
    let mut model = Model {
        header: Header::new("onnx"),
        counted: Counted::default(),
        operators: BTreeSet::new(),
        outside: BTreeSet::new(),
        graph: false,
    };
    let result = model.read(artifact);
    if !model.graph {
        return None;
    }
    let Model {
        mut header,
        counted,
        operators,
        outside,
        ..
    } = model;
    header.number("parameters", counted.total());
    header.fact("quantisation", counted.commonest().unwrap_or_default());
    header.names("operator-sets", operators);
    let escapes = outside
        .iter()
        .filter(|path| path.starts_with(['/', '\\']) || path.split(['/', '\\']).any(|part| part == "..") || path.contains(':'));
    header.names("weights-outside-folder", escapes.cloned().collect::<Vec<_>>());
    header.names("external-weights", outside);
    Some(header.faulty(result))
}

struct Model {
    header: Header,
    counted: Counted,
    operators: BTreeSet<String>,
    /// Files beside this one in which weights lie.
    outside: BTreeSet<String>,
    graph: bool,
}

impl Model {
    fn read(&mut self, artifact: &Artifact<'_>) -> Result<(), Unreadable> {
        let mut wire = Wire::new(artifact);
        wire.each(Wire::whole(artifact), |wire, number, value| {
            match (number, value) {
                (1, Value::Number(version)) => self.header.number("format-version", version),
                (2, _) => self.header.fact("producer", wire.text(value)),
                (3, _) => self.header.fact("producer-version", wire.text(value)),
                (4, _) => self.header.fact("domain", wire.text(value)),
                (5, Value::Number(version)) => self.header.number("model-version", version),
                (7, Value::Bytes(_)) => self.graph(wire, value)?,
                (8, Value::Bytes(_)) => self.operator_set(wire, value)?,
                (14, Value::Bytes(_)) => self.property(wire, value)?,
                _ => {}
            }
            Ok(())
        })
    }

    fn operator_set(&mut self, wire: &mut Wire<'_>, message: Value) -> Result<(), Unreadable> {
        let (mut domain, mut version) = (String::new(), 0);
        let Value::Bytes(span) = message else { return Ok(()) };
        wire.each(span, |wire, number, value| {
            match (number, value) {
                (1, _) => domain = wire.text(value),
                (2, Value::Number(number)) => version = number,
                _ => {}
            }
            Ok(())
        })?;
        if self.operators.len() < MOST_NAMES {
            let domain = if domain.is_empty() { "ai.onnx" } else { &domain };
            self.operators.insert(format!("{domain} {version}"));
        }
        Ok(())
    }

    fn property(&mut self, wire: &mut Wire<'_>, message: Value) -> Result<(), Unreadable> {
        let key = wire.text_in(message, 1)?;
        let value = wire.text_in(message, 2)?;
        let fact = match key.to_ascii_lowercase().as_str() {
            "license" | "licence" => "licence",
            "author" | "model_author" => "author",
            "description" | "model_description" => "description",
            "task" => "task",
            "version" => "model-version",
            "base_model" | "_name_or_path" => "base-model",
            "architecture" | "model_type" => "architecture",
            _ => return Ok(()),
        };
        if fact == "base-model" {
            Header::named(&mut self.header.models, &value);
        }
        self.header.fact(fact, value);
        Ok(())
    }

    fn graph(&mut self, wire: &mut Wire<'_>, message: Value) -> Result<(), Unreadable> {
        let Value::Bytes(span) = message else { return Ok(()) };
        let mut nodes = 0;
        wire.each(span, |wire, number, value| {
            match (number, value) {
                (1, Value::Bytes(_)) => {
                    // A node without a kind of operation is something else than a graph.
                    self.graph = true;
                    nodes += 1;
                }
                (2, _) => {
                    let name = wire.text(value);
                    self.header.fact("graph", name);
                }
                (5, Value::Bytes(_)) => self.weights(wire, value)?,
                (15, Value::Bytes(span)) => {
                    wire.each(
                        span,
                        |wire, number, value| if number == 1 { self.weights(wire, value) } else { Ok(()) },
                    )?;
                }
                _ => {}
            }
            Ok(())
        })?;
        self.header.number("nodes", nodes);
        Ok(())
    }

    fn weights(&mut self, wire: &mut Wire<'_>, message: Value) -> Result<(), Unreadable> {
        let Value::Bytes(span) = message else { return Ok(()) };
        let (mut shape, mut kind) = (Vec::new(), 0);
        wire.each(span, |wire, number, value| {
            match (number, value) {
                (1, _) => wire.numbers(value, &mut shape, MOST_DIMENSIONS)?,
                (2, Value::Number(number)) => kind = number,
                (13, Value::Bytes(_)) if self.outside.len() < MOST_NAMES && wire.text_in(value, 1)? == "location" => {
                    self.outside.insert(wire.text_in(value, 2)?);
                }
                _ => {}
            }
            Ok(())
        })?;
        self.graph = true;
        let kind = usize::try_from(kind).ok().and_then(|kind| TYPES.get(kind)).copied();
        self.counted.add(kind.unwrap_or_default(), product(shape));
        Ok(())
    }
}
