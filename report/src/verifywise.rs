//! Payloads for VerifyWise's model inventory, one line of JSON each, for `POST /api/modelInventory`. What that demands and no scan
//! can tell is said to be unknown; every model is pending until somebody decides.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use evidence::ComponentKind as Kind;
use inventory::{Component, Inventory, System};
use serde::Serialize;

use crate::document;
use crate::json::harmless;
use crate::wording::visible;

/// What stands where a value is demanded and none is known.
const UNKNOWN: &str = "Unknown - not assessed";
/// Longest text that a column of the database takes.
const LONGEST: usize = 250;

#[derive(Serialize)]
struct Payload<'a> {
    provider: String,
    model: String,
    version: String,
    capabilities: String,
    security_assessment: bool,
    status: &'static str,
    status_date: &'a str,
    reference_link: &'static str,
    biases: &'static str,
    limitations: &'static str,
    hosting_provider: String,
}

/// What all systems together know of a model.
#[derive(Default)]
struct Known<'a> {
    versions: BTreeSet<&'a str>,
    purposes: BTreeSet<&'a str>,
    hosts: BTreeSet<&'a str>,
}

/// Writes one payload a model, each once for all systems.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut models: BTreeMap<(&str, &str), Known<'_>> = BTreeMap::new();
    for system in document::systems(inventory) {
        for component in document::parts(system) {
            if !matches!(component.kind, Kind::Model | Kind::ModelFile) || component.name.trim().is_empty() {
                continue;
            }
            let provider = component.provider.as_deref().unwrap_or_default();
            let known = models.entry((provider, &component.name)).or_default();
            known.versions.extend(component.versions.iter().map(String::as_str));
            let purposes = component.facts.get("purposes").map_or("", String::as_str);
            known.purposes.extend(purposes.split_whitespace());
            known.hosts.extend(host(system, component));
        }
    }
    for ((provider, model), known) in models {
        let payload = Payload {
            provider: text(provider),
            model: text(model),
            version: text(&together(&known.versions)),
            capabilities: text(&together(&known.purposes)),
            security_assessment: false,
            status: "Pending",
            status_date: &inventory.scanned_at,
            reference_link: UNKNOWN,
            biases: UNKNOWN,
            limitations: UNKNOWN,
            hosting_provider: text(&together(&known.hosts)),
        };
        let line = serde_json::to_string(&payload)?;
        writeln!(out, "{}", harmless(line))?;
    }
    Ok(())
}

/// The hosted service that answers for a model: its provider, where the system uses that provider's service.
fn host<'a>(system: &System, component: &'a Component) -> Option<&'a str> {
    let provider = component.provider.as_deref()?;
    let is_hosted = |one: &Component| one.name == provider && one.facts.get("vendor").is_some_and(|vendor| vendor == "service");
    system.of_kind(Kind::Provider).any(is_hosted).then_some(provider)
}

fn together(words: &BTreeSet<&str>) -> String {
    words.iter().copied().collect::<Vec<_>>().join(", ")
}

/// Text that is never empty, on one line, and fits the column.
fn text(words: &str) -> String {
    let words = visible(words.trim());
    match words.char_indices().nth(LONGEST) {
        _ if words.is_empty() => UNKNOWN.to_owned(),
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::sample;

    fn payloads(inventory: &Inventory) -> Vec<Value> {
        let mut out = Vec::new();
        write(inventory, &mut out).expect("written");
        let text = String::from_utf8(out).expect("text");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// What the server asks of a payload: these are text that is not blank.
    fn is_accepted(payload: &Value) -> bool {
        let demanded = [
            "provider",
            "model",
            "version",
            "capabilities",
            "status_date",
            "reference_link",
            "biases",
            "limitations",
            "hosting_provider",
        ];
        demanded.iter().all(|field| {
            payload[field]
                .as_str()
                .is_some_and(|text| !text.trim().is_empty() && text.chars().count() <= 255)
        }) && payload["security_assessment"] == false
            && payload["status"] == "Pending"
    }

    #[test]
    fn a_model_is_one_payload_that_the_server_takes() {
        let mut inventory = sample::inventory();
        // Another system with the same model.
        let mut twin = inventory.systems[0].clone();
        twin.id = "000000000001".into();
        inventory.systems.push(twin);
        for component in inventory.systems.iter_mut().flat_map(|system| &mut system.components) {
            if component.name == "openai" && component.kind == Kind::Provider {
                component.facts.insert("vendor".into(), "service".into());
            }
        }
        let payloads = payloads(&inventory);
        assert!(payloads.iter().all(is_accepted), "{payloads:#?}");
        let gpt: Vec<&Value> = payloads.iter().filter(|payload| payload["model"] == "gpt-4o-2024-08-06").collect();
        assert_eq!(gpt.len(), 1);
        assert_eq!(
            (&gpt[0]["capabilities"], &gpt[0]["hosting_provider"], &gpt[0]["version"]),
            (&"text-generation".into(), &"openai".into(), &UNKNOWN.into())
        );
        let file = payloads
            .iter()
            .find(|payload| payload["model"] == "shortlist.onnx")
            .expect("a file");
        assert_eq!((&file["provider"], &file["hosting_provider"]), (&UNKNOWN.into(), &UNKNOWN.into()));
    }

    #[test]
    fn other_parts_are_no_models() {
        let payloads = payloads(&sample::inventory());
        assert!(
            !payloads
                .iter()
                .any(|payload| payload["model"] == "langchain" || payload["model"] == "openai")
        );
        assert!(self::payloads(&sample::empty()).is_empty());
    }

    proptest! {
        #[test]
        fn whatever_models_are_called_the_server_takes_them(name in "(?s).{1,40}|\\PC{900,1000}") {
            let mut inventory = sample::inventory();
            for component in inventory.systems.iter_mut().flat_map(|system| &mut system.components) {
                component.name.clone_from(&name);
                component.provider = Some(name.clone());
                component.versions = vec![name.clone()];
                component.facts.insert("purposes".into(), name.clone());
            }
            prop_assert!(payloads(&inventory).iter().all(is_accepted));
        }
    }
}
