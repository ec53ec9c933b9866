//! The record for the EU database of high-risk AI systems, AI Act, Annex VIII: each point of Sections A, B and C with what is known, where
//! that comes from, and the question that is open. Nothing is decided: neither that a system is high-risk, nor which section applies.

use std::io::{self, Write};

use governance::{Field, Record, Status, Value, View, registration};
use inventory::{Inventory, System, Tier};
use serde::Serialize;

use crate::document;
use crate::json::{self, Each};
use crate::overview::name_of;

/// Version of the form; raised with every change that a reader could trip over.
pub const SCHEMA_VERSION: &str = "1.0";

/// The form as JSON Schema (draft 2020-12).
pub const SCHEMA: &str = include_str!("annex_viii/schema.json");

/// The text that the points follow, as the data on laws has it.
fn form() -> String {
    format!(
        "{}, Annex VIII, Sections A, B and C: registration under Article 49; the points in other words than the law's",
        registration::law()
    )
}

/// Writes the records piece by piece.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let systems = &document::systems(inventory);
    let view = &View::of(inventory, None);
    let left_out = systems.iter().filter(|system| !registration::concerns(system)).count();
    let file = File {
        schema_version: SCHEMA_VERSION,
        form: form(),
        generator: &inventory.generator,
        ruleset: &inventory.ruleset,
        scanned_at: &inventory.scanned_at,
        notice: &inventory.notice,
        systems: Each(|| {
            let concerned = systems.iter().filter(|system| registration::concerns(system));
            concerned.map(|system| entry(view, system))
        }),
        left_out,
        left_out_because: "nothing seen or decided says that they could be high-risk; record the tier, the class or the exemption of one to have it here",
    };
    json::write(&file, out)
}

fn entry(view: &View<'_>, system: &System) -> Entry {
    let record = Record::of(view, system);
    let tier = &system.classification;
    let sections = registration::of(&record)
        .into_iter()
        .map(|filled| Section {
            section: &filled.section.id,
            whom: &filled.section.whom,
            deleted: filled
                .section
                .deleted
                .iter()
                .map(|point| Deleted {
                    point: point.number,
                    by: &point.by,
                })
                .collect(),
            points: filled
                .points
                .into_iter()
                .map(|(point, fields)| Point {
                    point: format!("{}.{}", filled.section.id, point.number),
                    what: &point.what,
                    if_any: point.if_any,
                    status: status_of(point.partly, &fields),
                    values: values(&fields),
                    recorded_as: point.fields.iter().map(|id| format!("field/{id}")).collect(),
                    ask: &point.ask,
                    who: &point.who,
                })
                .collect(),
        })
        .collect();
    Entry {
        id: system.id.clone(),
        name: name_of(system).to_owned(),
        tier: Interval {
            floor: tier.floor,
            indicated: tier.indicated,
            ceiling: tier.ceiling,
        },
        role: Known::of(record.field("eu-role")),
        class: Known::of(record.field("eu-class")),
        sections,
    }
}

/// The status of the field that a point is about; `partial` where only others say something, or never all of it.
fn status_of(partly: bool, fields: &[&Field]) -> &'static str {
    let first = fields.first().map_or(Status::Missing, |field| field.status());
    if fields.iter().all(|field| field.status() == Status::Missing) {
        Status::Missing.as_str()
    } else if partly || first == Status::Missing {
        "partial"
    } else {
        first.as_str()
    }
}

fn values(fields: &[&Field]) -> Vec<Told> {
    fields
        .iter()
        .flat_map(|field| field.values.iter().map(|value| Told::of(field, value)))
        .collect()
}

#[derive(Serialize)]
struct File<'a, Systems> {
    schema_version: &'static str,
    form: String,
    generator: &'a str,
    ruleset: &'a str,
    scanned_at: &'a str,
    notice: &'a str,
    systems: Systems,
    left_out: usize,
    left_out_because: &'static str,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    name: String,
    tier: Interval,
    role: Known,
    class: Known,
    sections: Vec<Section>,
}

#[derive(Serialize)]
struct Interval {
    floor: Tier,
    indicated: Tier,
    ceiling: Tier,
}

/// What is known of the role of the organisation or the class of the system.
#[derive(Serialize)]
struct Known {
    status: &'static str,
    values: Vec<Told>,
    ask: String,
    who: String,
}

impl Known {
    fn of(field: &Field) -> Self {
        Self {
            status: status_of(false, &[field]),
            values: values(&[field]),
            ask: field.form.ask.clone(),
            who: field.form.who.clone(),
        }
    }
}

#[derive(Serialize)]
struct Section {
    section: &'static str,
    whom: &'static str,
    /// Points that the law had and has no longer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deleted: Vec<Deleted>,
    points: Vec<Point>,
}

#[derive(Serialize)]
struct Deleted {
    point: u32,
    by: &'static str,
}

#[derive(Serialize)]
struct Point {
    point: String,
    what: &'static str,
    if_any: bool,
    status: &'static str,
    values: Vec<Told>,
    recorded_as: Vec<String>,
    ask: &'static str,
    who: &'static str,
}

/// A value with where it comes from.
#[derive(Serialize)]
struct Told {
    field: &'static str,
    value: String,
    status: &'static str,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    places: Vec<String>,
    /// Why what was decided has to be looked at again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reopened: Vec<String>,
}

impl Told {
    fn of(field: &Field, value: &Value) -> Self {
        Self {
            field: &field.form.id,
            value: value.text.clone(),
            status: value.status.as_str(),
            source: value.source.clone(),
            confidence: value.confidence.map(evidence::Confidence::as_str),
            places: value.places.iter().map(ToString::to_string).collect(),
            reopened: if value.status == Status::Human {
                field.reopened.clone()
            } else {
                Vec::new()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use inventory::register::Held;
    use serde_json::Value as Json;

    use super::*;
    use crate::sample;

    fn written(inventory: &Inventory) -> Json {
        let mut out = Vec::new();
        write(inventory, &mut out).expect("a vector takes everything");
        let text = String::from_utf8(out).expect("text");
        assert!(!text.contains(|c: char| c != '\n' && crate::wording::steers(c)));
        serde_json::from_str(&text).expect("JSON")
    }

    fn validator() -> jsonschema::Validator {
        let schema: Json = serde_json::from_str(SCHEMA).expect("JSON");
        jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema")
    }

    fn point<'j>(file: &'j Json, system: &str, point: &str) -> &'j Json {
        let entry = file["systems"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|entry| entry["name"] == system);
        let sections = entry.unwrap_or_else(|| panic!("{system} is there"))["sections"]
            .as_array()
            .expect("a list");
        let mut points = sections.iter().flat_map(|section| section["points"].as_array().expect("a list"));
        points.find(|one| one["point"] == point).expect("every point is there")
    }

    #[test]
    fn records_keep_to_the_schema_and_a_broken_one_does_not() {
        let validator = validator();
        for inventory in [sample::inventory(), sample::hostile(), sample::empty(), sample::large(20)] {
            let file = written(&inventory);
            let errors: Vec<String> = validator
                .iter_errors(&file)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
        for (path, value) in [
            ("/systems/0/sections/0/points/0/status", "met"),
            ("/systems/0/sections/1/section", "D"),
            ("/systems/0/sections/0/points/3/values/0/places", "x"),
        ] {
            let mut broken = written(&sample::inventory());
            *broken.pointer_mut(path).unwrap_or(&mut Json::Null) = value.into();
            assert!(broken.pointer(path).is_none() || !validator.is_valid(&broken), "{path}");
        }
    }

    #[test]
    fn every_system_that_could_be_high_has_all_25_points_and_no_other_is_there() {
        let inventory = sample::inventory();
        let file = written(&inventory);
        let high = |system: &&System| system.classification.ceiling >= Tier::High;
        let expected = inventory.systems.iter().filter(high).count();
        let entries = file["systems"].as_array().expect("a list");
        assert_eq!(entries.len(), expected);
        assert_eq!(file["left_out"], inventory.systems.len() - expected);
        for entry in entries {
            let points: usize = entry["sections"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|section| section["points"].as_array().expect("a list").len())
                .sum();
            assert_eq!(points, 25);
        }
    }

    #[test]
    fn what_only_people_know_is_missing_with_its_question() {
        let file = written(&sample::inventory());
        for id in ["A.1", "A.2", "A.9", "A.10", "A.11", "A.13", "B.6", "C.1", "C.2", "C.3", "C.4"] {
            let point = point(&file, "hr-screening", id);
            assert_eq!(
                (&point["status"], &point["values"]),
                (&"missing".into(), &Json::Array(Vec::new())),
                "{id}"
            );
            assert!(point["ask"].as_str().is_some_and(|ask| ask.ends_with('?')));
        }
        // What it is made of is seen, what it is for is not.
        assert_eq!(point(&file, "hr-screening", "A.5")["status"], "partial");
        let name = point(&file, "hr-screening", "A.4");
        assert_eq!(
            (&name["status"], &name["values"][0]["value"]),
            (&"detected".into(), &"hr-screening".into())
        );
        assert!(name["values"][0].get("confidence").is_some());
    }

    #[test]
    fn what_people_decided_counts_and_says_who_decided_it() {
        let mut inventory = sample::inventory();
        let system = inventory
            .systems
            .iter_mut()
            .find(|system| system.name == "hr-screening")
            .expect("in the sample");
        system.standing.decisions.insert(
            "field/purpose".into(),
            Held {
                number: 3,
                value: "Ranks applications for a person to read".into(),
                by: "Jane Roe".into(),
                at: "2026-11-20T09:00:00Z".into(),
                reason: String::new(),
                until: None,
                reopened: vec!["the model gpt-5 is new".into()],
            },
        );
        let file = written(&inventory);
        let told = &point(&file, "hr-screening", "B.5")["values"][0];
        assert_eq!(
            (&told["value"], &told["status"], &told["source"], &told["reopened"][0]),
            (
                &"Ranks applications for a person to read".into(),
                &"human".into(),
                &"Jane Roe, 2026-11-20".into(),
                &"the model gpt-5 is new".into()
            )
        );
        // What is recorded fills its point, and an exemption is enough to be here.
        let mut exempted = inventory.clone();
        for system in &mut exempted.systems {
            system.classification.ceiling = Tier::Limited;
            let held = system.standing.decisions.remove("field/purpose");
            system.standing.decisions.extend(held.map(|held| {
                let value = "(d) preparatory task".to_owned();
                ("field/exemption-condition".to_owned(), Held { value, ..held })
            }));
        }
        let exempted = written(&exempted);
        assert_eq!(exempted["systems"].as_array().map(Vec::len), Some(1));
        let filled = point(&exempted, "hr-screening", "B.6");
        assert_eq!(
            (&filled["status"], &filled["values"][0]["value"], &filled["recorded_as"][0]),
            (&"human".into(), &"(d) preparatory task".into(), &"field/exemption-condition".into())
        );
        assert_eq!(exempted["systems"][0]["sections"][1]["deleted"].as_array().map(Vec::len), Some(2));
        assert!(exempted["form"].as_str().is_some_and(|form| form.contains("2026/1744")));
        // A class that people gave is enough to be here.
        let mut other = sample::inventory();
        for system in &mut other.systems {
            system.classification.ceiling = Tier::Limited;
        }
        assert_eq!(written(&other)["systems"], Json::Array(Vec::new()));
        other.systems[0].standing.decisions.insert(
            "field/eu-class".into(),
            inventory
                .systems
                .iter()
                .find_map(|system| system.standing.held("field/purpose"))
                .expect("decided")
                .clone(),
        );
        assert_eq!(written(&other)["systems"].as_array().map(Vec::len), Some(1));
    }
}
