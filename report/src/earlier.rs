//! Reads an earlier report back, as far as it tells what was known then: the formats `json`, `sarif` and `jsonl`.

use inventory::Inventory;
use inventory::baseline::{Baseline, component_id};
use serde_json::Value;

/// What an earlier report says was known.
///
/// # Errors
/// If the text is none of the formats; the message says what it is not.
pub fn baseline(text: &str) -> Result<Baseline, String> {
    let text = text.trim_start_matches('\u{feff}');
    match serde_json::from_str::<Value>(text) {
        Ok(value) if value.get("runs").is_some() => sarif(&value),
        Ok(value) if value.get("systems").is_some() => {
            let inventory: Inventory = serde_json::from_value(value).map_err(|error| format!("it is no inventory: {error}"))?;
            Ok(Baseline::of(&inventory))
        }
        Ok(value) if value.get("system").is_some() => lines(text),
        Ok(_) => Err("it is JSON, but no report of the formats json, sarif or jsonl".to_owned()),
        Err(_) => lines(text),
    }
}

/// Findings and tiers are not part of JSON Lines.
fn lines(text: &str) -> Result<Baseline, String> {
    let mut baseline = Baseline::default();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let unknown = || format!("line {number} is none of a report of the formats json, sarif or jsonl");
        let line: Value = serde_json::from_str(line).map_err(|_| unknown())?;
        let field = |name: &str| line[name].as_str().ok_or_else(unknown);
        let (system, kind, name) = (field("system")?, field("kind")?, field("name")?);
        let places = line["evidence"].as_array().ok_or_else(unknown)?;
        let files = places.iter().filter_map(|place| place["path"].as_str().map(str::to_owned));
        baseline.add_system(system, None);
        if kind == crate::jsonl::SYSTEM {
            continue;
        }
        let id = line["id"].as_str().map_or_else(|| component_id(system, kind, name), str::to_owned);
        baseline.add_component(&id, files);
    }
    Ok(baseline)
}

fn sarif(log: &Value) -> Result<Baseline, String> {
    let mut baseline = Baseline::default();
    baseline.holds_findings();
    let runs = log["runs"].as_array().ok_or("it is no SARIF log")?;
    for result in runs.iter().filter_map(|run| run["results"].as_array()).flatten() {
        let properties = &result["properties"];
        let fingerprint = result["partialFingerprints"]["aimscan/v1"].as_str();
        let (Some(system), Some(fingerprint)) = (properties["system"].as_str(), fingerprint) else {
            return Err("it is a SARIF log of another program".to_owned());
        };
        let files = files(result);
        match properties["subject"].as_str() {
            Some(subject) => {
                baseline.add_system(system, None);
                baseline.add_finding(subject, files);
            }
            None => {
                baseline.add_system(system, serde_json::from_value(properties["tier"]["indicated"].clone()).ok());
                baseline.add_component(fingerprint, files);
            }
        }
    }
    Ok(baseline)
}

fn files(result: &Value) -> Vec<String> {
    let places = ["locations", "relatedLocations"]
        .into_iter()
        .filter_map(|field| result[field].as_array())
        .flatten();
    places
        .filter_map(|place| {
            let file = place["physicalLocation"]["artifactLocation"]["uri"].as_str().map(decoded);
            file.or_else(|| place["logicalLocations"][0]["fullyQualifiedName"].as_str().map(str::to_owned))
        })
        .collect()
}

/// A percent-encoded path as it was.
fn decoded(uri: &str) -> String {
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let encoded = (first == b'%')
            .then(|| {
                after
                    .get(..2)
                    .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
            })
            .flatten();
        bytes.push(encoded.unwrap_or(first));
        rest = if encoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{json, jsonl, sample, sarif as log};

    #[test]
    fn what_was_written_is_known_whatever_the_format() {
        for inventory in [sample::inventory(), sample::hostile()] {
            let expected = Baseline::of(&inventory);
            assert_eq!(baseline(&json::render(&inventory)).expect("json"), expected);
            let sarif = baseline(&log::render(&inventory, None)).expect("sarif");
            let lines = baseline(&jsonl::render(&inventory)).expect("jsonl");
            for system in &inventory.systems {
                assert!(sarif.knows_system(system) && lines.knows_system(system));
                assert!(sarif.knows_tier(system, system.classification.indicated));
                assert!(system.components.iter().all(|component| sarif.knows_component(component)));
            }
            for finding in &inventory.findings {
                assert!(sarif.knows_finding(finding), "{finding:?}");
            }
        }
    }

    #[test]
    fn an_empty_report_knows_nothing() {
        assert_eq!(
            baseline(&json::render(&sample::empty())).expect("json"),
            Baseline::of(&sample::empty())
        );
        assert_eq!(baseline("").expect("jsonl without lines"), Baseline::default());
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for text in [
            "[]",
            "{}",
            "hello",
            "{\"systems\": 1}",
            "{\"runs\": [{\"results\": [{}]}]}",
            "{\"system\": \"a\"}\n{}",
        ] {
            assert!(baseline(text).is_err(), "{text}");
        }
    }

    #[test]
    fn encoded_paths_are_read_back() {
        assert_eq!(decoded("a%20b/%C3%BC%0A%23%3F%25%3A1.py"), "a b/ü\n#?%:1.py");
        assert_eq!(decoded("100%/%zz%"), "100%/%zz%");
    }
}
