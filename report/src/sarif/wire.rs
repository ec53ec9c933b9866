//! The part of SARIF's object model that is written, and how foreign text is put into it. Knows no inventory beyond its
//! head.

use std::collections::BTreeMap;

use inventory::Inventory;
use serde::Serialize;
use serde_json::{Map, Value, json};

const SCHEMA: &str = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json";

#[derive(Serialize)]
pub(super) struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Value,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    original_uri_base_ids: Map<String, Value>,
    results: Vec<ResultLine>,
    properties: Value,
}

impl Log {
    pub(super) fn new(
        inventory: &Inventory,
        driver: Value,
        base_ids: Map<String, Value>,
        results: Vec<ResultLine>,
        invocation: Invocation,
    ) -> Self {
        let run = Run {
            tool: json!({ "driver": driver }),
            invocations: [invocation],
            column_kind: "unicodeCodePoints",
            original_uri_base_ids: base_ids,
            results,
            properties: json!({ "notice": inventory.notice, "ruleset": inventory.ruleset }),
        };
        Self {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [run],
        }
    }
}

#[derive(Serialize)]
pub(super) struct Message {
    text: String,
}

impl Message {
    /// A message; foreign text in it must have gone through [`literal`].
    pub(super) const fn of(text: String) -> Self {
        Self { text }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultLine {
    pub(super) rule_id: String,
    pub(super) rule_index: usize,
    pub(super) level: &'static str,
    pub(super) message: Message,
    pub(super) locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<Location>,
    pub(super) partial_fingerprints: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) suppressions: Vec<Suppression>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline_state: Option<&'static str>,
    pub(super) properties: Value,
}

/// That a result was accepted, and why.
#[derive(Serialize)]
pub(super) struct Suppression {
    /// `inSource` for a comment, `external` for a decision elsewhere.
    pub(super) kind: &'static str,
    pub(super) justification: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) physical_location: Option<PhysicalLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) logical_locations: Vec<LogicalLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation {
    pub(super) artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    pub(super) uri: String,
    pub(super) uri_base_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub(super) start_line: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalLocation {
    pub(super) name: String,
    pub(super) fully_qualified_name: String,
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub(super) execution_successful: bool,
    pub(super) start_time_utc: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
pub(super) struct Notification {
    descriptor: Value,
    level: &'static str,
    message: Message,
}

impl Notification {
    pub(super) fn new(descriptor: &str, level: &'static str, text: &str) -> Self {
        Self {
            descriptor: json!({ "id": descriptor }),
            level,
            message: Message::of(text.to_owned()),
        }
    }
}

/// Foreign text as a message shows it: braces are doubled and brackets escaped, or a viewer would read placeholders and
/// links out of a file name (SARIF 2.1.0, 3.11.5 and 3.11.6).
pub(super) fn literal(text: &str) -> String {
    let has_link = text.contains("](");
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '{' => out.push_str("{{"),
            '}' => out.push_str("}}"),
            '[' | ']' | '\\' if has_link => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// A path as a relative URI reference (RFC 3986); a colon is encoded, or the first folder could be read as a scheme.
pub(super) fn percent_encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_viewer_would_interpret_is_escaped() {
        assert_eq!(literal("d[0] in app/[id]/page.tsx"), "d[0] in app/[id]/page.tsx");
        assert_eq!(literal("[a](http://b)"), "\\[a\\](http://b)");
        assert_eq!(literal("model-{size}"), "model-{{size}}");
    }

    #[test]
    fn paths_become_relative_references() {
        assert_eq!(percent_encoded("src/app-1_a.py"), "src/app-1_a.py");
        assert_eq!(percent_encoded("app/(chat)/[id]/page.tsx"), "app/%28chat%29/%5Bid%5D/page.tsx");
        assert_eq!(percent_encoded("c:/x"), "c%3A/x");
    }
}
