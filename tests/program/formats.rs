//! Each machine format against its schema, from a scan of all fixtures.

use crate::support::{CHAT, Place, gaps};

fn fixtures() -> String {
    format!("{}/fixtures/repos", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn json_has_the_form_its_schema_promises() {
    let place = Place::new();
    let schema = place.run(["schema"]).json();
    let inventory = place.run(["scan", &fixtures(), "--no-db", "--format", "json"]).json();
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<String> = validator
        .iter_errors(&inventory)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(inventory["systems"].as_array().is_some_and(|systems| systems.len() >= 8));
}

#[test]
fn sarif_has_the_form_of_its_standard() {
    let place = Place::new();
    let schema =
        std::fs::read_to_string(format!("{}/fixtures/schemas/sarif-2.1.0.json", env!("CARGO_MANIFEST_DIR"))).expect("the schema is there");
    // The published schema has a stray bracket in one pattern, which no validator accepts.
    let schema = schema.replace("^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$", "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    let sarif = place.run(["scan", &fixtures(), "--no-db", "--format", "sarif"]).json();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("the schema is one");
    let errors: Vec<String> = validator
        .iter_errors(&sarif)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn lines_hold_one_component_each() {
    let place = Place::new();
    let ran = place.run(["scan", &fixtures(), "--no-db", "--format", "jsonl"]);
    let lines: Vec<serde_json::Value> = ran.stdout().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.len() > 20);
    for line in &lines {
        for field in ["kind", "name", "path", "stage", "confidence", "usage", "evidence"] {
            assert!(line.get(field).is_some(), "{field} is missing in {line}");
        }
    }
}

#[test]
fn the_page_needs_no_network() {
    let place = Place::new();
    let page = place.run(["scan", &fixtures(), "--no-db", "--format", "html"]).stdout();
    assert!(page.contains("Content-Security-Policy") && page.contains("default-src 'none'"));
    for word in ["<link ", "src=\"http", "@import url", "url(http"] {
        assert!(!page.contains(word), "the page loads something: {word}");
    }
}

#[test]
fn an_export_is_chosen_by_its_name_or_by_the_end_of_the_files() {
    let place = Place::new();
    place.write("app.py", CHAT);
    let written = |arguments: &[&str], file: &str| {
        let path = place.beside(file);
        let target = path.display().to_string();
        let scan = ["scan", "tree", "--no-db", "--no-history", "--output", &target];
        let ran = place.run(scan.iter().chain(arguments));
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        std::fs::read_to_string(path).expect("written")
    };
    let json = |text: &str| -> serde_json::Value { serde_json::from_str(text).expect("JSON") };
    let bill = json(&written(&[], "ai.cdx.json"));
    assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    assert_eq!(bill["services"][0]["x-trust-boundary"], true);
    assert_eq!(json(&written(&["--format", "cyclonedx-1.7"], "ai.json"))["specVersion"], "1.7");
    assert_eq!(json(&written(&[], "ai.spdx.json"))["@graph"][0]["specVersion"], "3.0.1");
    let register = written(&[], "register.csv");
    assert!(register.starts_with("\u{feff}\"id\",\"name\","));
    assert_eq!(register.lines().count(), 2);
    assert!(written(&["--format", "csv-evidence"], "places.csv").lines().count() > 3);
    let payload = json(&written(&["--format", "verifywise"], "models.jsonl"));
    assert_eq!((&payload["model"], &payload["status"]), (&"gpt-4o".into(), &"Pending".into()));
    // What is only JSON stays the inventory.
    assert_eq!(json(&written(&[], "other.json"))["schema_version"], "1.1");
}

#[test]
fn several_files_go_into_a_folder_and_nowhere_else() {
    let place = Place::new();
    place.write("app.py", CHAT);
    place.write("taken", "");
    let scan = |output: &[&str]| {
        place.run(
            ["scan", "tree", "--no-db", "--no-history", "--format", "ciso-assistant"]
                .iter()
                .chain(output),
        )
    };
    assert_eq!(scan(&["--output", "sheets"]).code(), 0);
    let mut names: Vec<String> = std::fs::read_dir(place.beside("sheets"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["assets.xlsx", "findings.xlsx", "risk_assessment.xlsx", "third_parties.xlsx"]
    );
    for wrong in [&[][..], &["--output", "tree/taken"]] {
        let ran = scan(wrong);
        assert_eq!(ran.code(), 2);
        assert!(ran.stderr().contains("this format is several files"), "{}", ran.stderr());
    }
}

#[test]
fn results_that_lie_in_the_tree_are_no_evidence() {
    let place = Place::new();
    place.write("app.py", CHAT);
    place.write("requirements.txt", "openai==1.2.0\n");
    let before = place.scan();
    let results = [
        "ai.cdx.json",
        "ai.spdx.json",
        "ai.json",
        "ai.sarif",
        "ai.jsonl",
        "ai.csv",
        "ai.html",
    ];
    for name in results {
        let target = place.tree().join(name).display().to_string();
        assert_eq!(place.run(["scan", "tree", "--no-db", "--output", &target]).code(), 0);
    }
    let after = place.scan();
    assert_eq!(after["systems"], before["systems"]);
    let gaps = gaps(&after);
    for name in ["ai.cdx.json", "ai.spdx.json", "ai.json"] {
        assert!(gaps.contains(&format!("skipped {name}")), "{gaps:?}");
    }
    // A bill that somebody else made counts, also of a program of that name.
    let bill = std::fs::read_to_string(place.tree().join("ai.cdx.json")).expect("written");
    place.write("other.cdx.json", bill.replace("\"name\": \"aimscan\"", "\"name\": \"other\""));
    assert_ne!(place.scan()["systems"], before["systems"]);
}
