//! Small inventories for tests.

use inventory::Inventory;
use serde_json::{Value, json};

/// A piece of evidence in a file that runs.
pub(crate) fn seen(kind: &str, name: &str, place: &str, line: u32) -> Value {
    json!({
        "location": { "path": place, "line": line }, "kind": kind, "name": name, "stage": "invoked", "confidence": "high",
        "usage": "runtime", "signature": "acme.import.python", "detector": "code/python"
    })
}

/// A component with one place and some facts.
pub(crate) fn component(kind: &str, name: &str, provider: Option<&str>, facts: &Value) -> Value {
    json!({
        "id": format!("id-of-{kind}-{name}"), "kind": kind, "name": name, "provider": provider, "stage": "invoked", "confidence": "high",
        "usage": "runtime", "facts": facts, "places": 1, "evidence": [seen(kind, name, "app/chat.py", 7)]
    })
}

/// What a person decided.
pub(crate) fn held(value: &str) -> Value {
    json!({ "number": 1, "value": value, "by": "Jane Roe", "at": "2026-11-25T09:00:00Z", "reason": "the board said so" })
}

/// A support bot that calls a service.
pub(crate) fn bot() -> Value {
    json!({
        "id": "0123456789ab", "name": "support-bot", "description": "Answers customers", "source": "https://example.org/code.git",
        "folder": "services/support", "boundary": "manifest",
        "components": [
            component("provider", "openai", Some("openai"), &json!({ "purposes": "text-generation" })),
            component("model", "gpt-4.1-mini", Some("openai"), &json!({ "purposes": "text-generation", "retires": "2027-01-14", "successor": "gpt-5.4-mini" })),
            component("tool", "send_mail", None, &json!({ "capability": "mail" })),
            component("package", "langfuse", Some("langfuse"), &json!({ "purposes": "observability" })),
        ],
        "owners": [{ "name": "@acme/support", "source": "codeowners", "confidence": "medium", "places": 3 }],
        "people": { "authors": 2 },
        "classification": {
            "floor": "limited", "indicated": "limited", "ceiling": "high",
            "reasons": [{
                "rule": "use.generative", "because": "Generative AI is called where the product runs.", "effect": "floor limited",
                "references": ["Regulation (EU) 2024/1689 (AI Act), Article 50(1)"], "evidence": [{ "path": "app/chat.py", "line": 7 }]
            }],
            "questions": [{ "rule": "use.generative", "question": "Do people talk to it?", "who": "Product owner", "if_yes": "Stays limited." }]
        }
    })
}

/// An inventory of some systems with one finding of the first.
pub(crate) fn inventory(systems: Vec<Value>) -> Inventory {
    let findings: Vec<Value> = systems
        .first()
        .map(|system| {
            json!({
                "rule": "retired-model", "level": "warning", "message": "`support-bot` uses `gpt-4.1-mini`, which will be retired.",
                "remedy": "Move to its successor.", "system": system["id"], "evidence": [seen("model", "gpt-4.1-mini", "app/chat.py", 7)]
            })
        })
        .into_iter()
        .collect();
    let inventory = json!({
        "schema_version": inventory::SCHEMA_VERSION, "generator": "aimscan 0.1.0", "ruleset": "2026-11-20+00000000",
        "scanned_at": "2026-11-27T09:00:00Z",
        "sources": [{ "kind": "git", "location": "/home/dev/code", "identity": "https://example.org/code.git" }],
        "systems": systems, "findings": findings,
        "coverage": { "files_seen": 3, "files_read": 2, "files_unchanged": 0, "bytes_read": 9, "detectors": {}, "records": {}, "gaps": [] },
        "notice": inventory::classify::NOTICE
    });
    serde_json::from_value(inventory).expect("the form of an inventory")
}
