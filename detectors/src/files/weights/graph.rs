//! Saved models and frozen graphs: versions, tags, and operations that touch files or run code, read from the wire form.

use std::collections::{BTreeMap, BTreeSet};

use super::header::Header;
use super::protobuf::{Span, Value, Wire};
use crate::{Artifact, Unreadable};

/// Operations that read or write files, or call into the program that loads the graph.
const DANGEROUS: [&str; 6] = ["ReadFile", "WriteFile", "MatchingFiles", "PyFunc", "PyFuncStateless", "EagerPyFunc"];

/// Operations of which every trained graph has one.
const ORDINARY: [&str; 8] = [
    "Const",
    "Placeholder",
    "VarHandleOp",
    "VariableV2",
    "MatMul",
    "Conv2D",
    "Identity",
    "StatefulPartitionedCall",
];

/// Different operations that are kept apart.
const MOST_OPERATIONS: usize = 4096;

#[derive(Default)]
struct Graph {
    operations: BTreeMap<String, u64>,
    nodes: u64,
    /// Nodes without a name or an operation: a sign that this is no graph.
    odd: u64,
}

/// The header of `saved_model.pb`.
pub(super) fn saved_model(artifact: &Artifact<'_>) -> Option<Header> {
    let mut header = Header::new("saved-model");
    let mut graph = Graph::default();
    let mut tags = BTreeSet::new();
    let mut parts = 0_u64;
    let mut wire = Wire::new(artifact);
    let result = wire.each(Wire::whole(artifact), |wire, number, value| {
        match (number, value) {
            (1, Value::Number(version)) => header.number("format-version", version),
            (2, Value::Bytes(span)) => {
                parts += 1;
                meta_graph(wire, span, &mut header, &mut tags, &mut graph)?;
            }
            _ => {}
        }
        Ok(())
    });
    header.names("tags", tags);
    graph.tell(&mut header);
    (parts > 0).then(|| header.faulty(result))
}

/// The header of a frozen graph, if the file is one.
pub(super) fn frozen_graph(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    if head.first() != Some(&0x0A) {
        return None;
    }
    let mut header = Header::new("frozen-graph");
    let mut graph = Graph::default();
    let mut wire = Wire::new(artifact);
    let result = graph.read(&mut wire, Wire::whole(artifact));
    // Nearly any bytes are messages; what has nodes with operations that every graph has is a graph.
    let ordinary = ORDINARY.iter().any(|name| graph.operations.contains_key(*name));
    if graph.nodes < 2 || graph.odd > 0 || !ordinary {
        return None;
    }
    graph.tell(&mut header);
    Some(header.faulty(result))
}

fn meta_graph(
    wire: &mut Wire<'_>,
    message: Span,
    header: &mut Header,
    tags: &mut BTreeSet<String>,
    graph: &mut Graph,
) -> Result<(), Unreadable> {
    wire.each(message, |wire, number, value| {
        let Value::Bytes(span) = value else { return Ok(()) };
        match number {
            1 => wire.each(span, |wire, number, value| {
                match number {
                    4 if tags.len() < 32 => drop(tags.insert(wire.text(value))),
                    5 => header.fact("framework-version", wire.text(value)),
                    _ => {}
                }
                Ok(())
            }),
            2 => graph.read(wire, span),
            _ => Ok(()),
        }
    })
}

impl Graph {
    fn read(&mut self, wire: &mut Wire<'_>, message: Span) -> Result<(), Unreadable> {
        wire.each(message, |wire, number, value| match (number, value) {
            (1, Value::Bytes(span)) => self.node(wire, span),
            (2, Value::Bytes(span)) => self.library(wire, span),
            _ => Ok(()),
        })
    }

    fn library(&mut self, wire: &mut Wire<'_>, message: Span) -> Result<(), Unreadable> {
        wire.each(message, |wire, number, value| match (number, value) {
            (1, Value::Bytes(function)) => wire.each(function, |wire, number, value| match (number, value) {
                (3, Value::Bytes(node)) => self.node(wire, node),
                _ => Ok(()),
            }),
            _ => Ok(()),
        })
    }

    fn node(&mut self, wire: &mut Wire<'_>, message: Span) -> Result<(), Unreadable> {
        let (mut name, mut operation) = (false, String::new());
        wire.each(message, |wire, number, value| {
            match number {
                1 => name = matches!(value, Value::Bytes(span) if span.length > 0),
                2 => operation = wire.text(value),
                _ => {}
            }
            Ok(())
        })?;
        self.nodes += 1;
        let is_name = operation.len() <= 128
            && operation.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && operation
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'>' | b'.'));
        if !name || !is_name {
            self.odd += 1;
        } else if self.operations.len() < MOST_OPERATIONS || self.operations.contains_key(&operation) {
            *self.operations.entry(operation).or_default() += 1;
        }
        Ok(())
    }

    fn tell(&self, header: &mut Header) {
        header.number("nodes", self.nodes);
        let dangerous = DANGEROUS.iter().filter(|name| self.operations.contains_key(**name));
        header.names("dangerous-operations", dangerous.map(|name| (*name).to_owned()));
    }
}
