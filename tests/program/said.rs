//! What a project says about itself: it decides what a system is for, with a place for each word, and it makes no system by itself.

use std::path::Path;

use serde_json::Value;

use crate::support::Place;

fn copied(fixture: &str) -> Place {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos").join(fixture);
    let place = Place::new();
    for path in [
        "README.md",
        "SECURITY.md",
        "docs/dpia-shortlist.md",
        "prisma/schema.prisma",
        "requirements.txt",
        "src/rank.py",
    ] {
        if let Ok(bytes) = std::fs::read(root.join(path)) {
            place.write(path, bytes);
        }
    }
    place
}

fn said(inventory: &Value) -> Vec<String> {
    let said = inventory["systems"][0]["said"].as_array().expect("it says something");
    let line = |one: &Value| {
        format!(
            "{} {}:{}",
            one["voice"].as_str().expect("a kind"),
            one["location"]["path"].as_str().expect("a path"),
            one["location"]["line"]
        )
    };
    said.iter().map(line).collect()
}

#[test]
fn readme_prompt_and_tables_say_what_a_system_is_for() {
    let inventory = copied("says-what-it-is-for").scan();
    assert_eq!(
        said(&inventory),
        [
            "introduction README.md:5",
            "contact SECURITY.md:3",
            "assessment docs/dpia-shortlist.md:3",
            "schema prisma/schema.prisma:1",
            "prompt src/rank.py:7",
            "route src/rank.py:10",
        ]
    );
    let tier = &inventory["systems"][0]["classification"];
    assert_eq!(
        (&tier["floor"], &tier["indicated"], &tier["ceiling"]),
        (&"limited".into(), &"high".into(), &"high".into())
    );
    let rules: Vec<&str> = tier["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .map(|reason| reason["rule"].as_str().expect("a rule"))
        .collect();
    assert!(
        rules.contains(&"domain.employment-judged") && rules.contains(&"data.special"),
        "{rules:?}"
    );
    // What stands under installing and hiring says nothing of what it is for.
    assert!(
        !rules.iter().any(|rule| rule.contains("health") || rule.contains("biometric")),
        "{rules:?}"
    );
    let points = tier["eu"]["points"].as_array().expect("points");
    assert!(
        points
            .iter()
            .any(|point| point["point"] == "Annex III 4" && point["status"] == "indicated"),
        "{points:?}"
    );
}

#[test]
fn words_alone_are_no_system() {
    let inventory = copied("no-ai-says-much").scan();
    assert_eq!(inventory["systems"].as_array().map(Vec::len), Some(0));
}
