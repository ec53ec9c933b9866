//! Core ML: the description of `.mlmodel` files and the manifest of `.mlpackage` folders.

use super::header::Header;
use super::protobuf::{Span, Value, Wire};
use crate::{Artifact, Unreadable};

/// The format of a package's manifest.
pub(super) const PACKAGE: &str = "coreml-package";
/// The longest manifest that is read.
const LONGEST_MANIFEST: usize = 1 << 20;

/// What kind of model a field of the specification holds, by its number.
const KINDS: [(u32, &str); 28] = [
    (200, "pipeline classifier"),
    (201, "pipeline regressor"),
    (202, "pipeline"),
    (300, "generalised linear regressor"),
    (301, "support vector regressor"),
    (302, "tree ensemble regressor"),
    (303, "neural network regressor"),
    (304, "Bayesian probit regressor"),
    (400, "generalised linear classifier"),
    (401, "support vector classifier"),
    (402, "tree ensemble classifier"),
    (403, "neural network classifier"),
    (404, "nearest neighbours classifier"),
    (500, "neural network"),
    (501, "item similarity recommender"),
    (502, "ML program"),
    (555, "custom model"),
    (556, "linked model"),
    (560, "class confidence thresholding"),
    (610, "non-maximum suppression"),
    (2000, "text classifier"),
    (2001, "word tagger"),
    (2002, "vision feature print"),
    (2003, "sound analysis preprocessing"),
    (2004, "gazetteer"),
    (2005, "word embedding"),
    (2006, "audio feature print"),
    (3000, "serialised model"),
];

/// The header of a `.mlmodel` file, if it is one.
pub(super) fn read(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    if head.first() != Some(&0x08) {
        return None;
    }
    let mut header = Header::new("coreml");
    let mut described = false;
    let mut wire = Wire::new(artifact);
    let result = wire.each(Wire::whole(artifact), |wire, number, value| {
        match (number, value) {
            (1, Value::Number(version)) => header.number("format-version", version),
            (2, Value::Bytes(span)) => {
                described = true;
                description(wire, span, &mut header)?;
            }
            (number, Value::Bytes(_)) => {
                if let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == number) {
                    header.fact("architecture", kind);
                }
            }
            _ => {}
        }
        Ok(())
    });
    let is_model = described && header.facts.contains_key("architecture");
    is_model.then(|| header.faulty(result))
}

fn description(wire: &mut Wire<'_>, message: Span, header: &mut Header) -> Result<(), Unreadable> {
    wire.each(message, |wire, number, value| match (number, value) {
        (100, Value::Bytes(span)) => metadata(wire, span, header),
        _ => Ok(()),
    })
}

fn metadata(wire: &mut Wire<'_>, message: Span, header: &mut Header) -> Result<(), Unreadable> {
    wire.each(message, |wire, number, value| {
        match number {
            1 => header.fact("description", wire.text(value)),
            2 => header.fact("model-version", wire.text(value)),
            3 => header.fact("author", wire.text(value)),
            4 => header.fact("licence", wire.text(value)),
            100 => {
                let key = wire.text_in(value, 1)?;
                let fact = match key.as_str() {
                    "com.github.apple.coremltools.source" => "producer",
                    "com.github.apple.coremltools.version" => "producer-version",
                    "type" | "task" => "task",
                    _ => return Ok(()),
                };
                header.fact(fact, wire.text_in(value, 2)?);
            }
            _ => {}
        }
        Ok(())
    })
}

/// The manifest of a `.mlpackage` folder, if the file is one.
pub(super) fn package(artifact: &Artifact<'_>) -> Option<Header> {
    let json = artifact.piece(0, LONGEST_MANIFEST).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&json).ok()?;
    let items = manifest.get("itemInfoEntries")?.as_object()?;
    manifest.get("rootModelIdentifier")?;
    let mut header = Header::new(PACKAGE);
    let text = |name: &str| manifest.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    header.fact("format-version", text("fileFormatVersion"));
    header.number("items", items.len() as u64);
    Some(header)
}
