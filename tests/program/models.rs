//! Model files: what their headers say, however large they are, and what is said of those that run something.

use std::io::{Seek, Write};
use std::path::Path;

use crate::support::{Place, gaps, names};

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/models").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The component of a name.
fn component<'i>(inventory: &'i serde_json::Value, name: &str) -> &'i serde_json::Value {
    let systems = inventory["systems"].as_array().expect("systems");
    let components = systems
        .iter()
        .flat_map(|system| system["components"].as_array().expect("components"));
    components
        .into_iter()
        .find(|component| component["name"] == name)
        .unwrap_or_else(|| panic!("no {name}: {inventory}"))
}

#[test]
fn headers_become_components_with_facts() {
    let place = Place::new();
    for name in [
        "tiny.gguf",
        "tiny.onnx",
        "tiny.pt",
        "sklearn.joblib",
        "data.pkl",
        "numbers.bin",
        "measurements.h5",
        "lfs.safetensors",
    ] {
        place.write(&format!("models/{name}"), fixture(name));
    }
    let inventory = place.scan();
    assert_eq!(gaps(&inventory), Vec::<String>::new());
    assert_eq!(
        names(&inventory, "model_file"),
        [
            "models/lfs.safetensors",
            "models/sklearn.joblib",
            "models/tiny.gguf",
            "models/tiny.onnx",
            "models/tiny.pt"
        ]
    );
    let gguf = component(&inventory, "models/tiny.gguf");
    assert_eq!(gguf["facts"]["architecture"], "llama");
    assert_eq!(gguf["facts"]["sha256"].as_str().map(str::len), Some(64), "a digest is no secret");
    assert_eq!(
        component(&inventory, "models/lfs.safetensors")["facts"]["sha256"],
        "4665".repeat(16)
    );
    assert_eq!(names(&inventory, "model"), ["meta-llama/Llama-3.1-8B"]);
    assert_eq!(component(&inventory, "meta-llama/Llama-3.1-8B")["provider"], "meta");
    // One header names a base model whose licence limits its use; nothing else needs attention.
    let rules: Vec<_> = inventory["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| &finding["rule"])
        .collect();
    assert_eq!(rules, ["limited-licence"], "{}", inventory["findings"]);
}

#[test]
fn a_model_of_many_parts_is_one_component() {
    let place = Place::new();
    for part in 1..=300 {
        place.write(&format!("m/model-{part:05}-of-00300.safetensors"), fixture("tiny.safetensors"));
    }
    place.write("m/model.safetensors.index.json", fixture("model.safetensors.index.json"));
    let inventory = place.scan();
    assert_eq!(names(&inventory, "model_file"), ["m/model.safetensors"]);
    let facts = &component(&inventory, "m/model.safetensors")["facts"];
    assert_eq!(
        (&facts["bytes"], &facts["part-sha256"]),
        (&serde_json::json!("16060522496"), &serde_json::Value::Null)
    );
}

#[test]
fn a_file_that_runs_something_is_a_finding_and_is_not_loaded() {
    let place = Place::new();
    place.write("m/evil.pt", fixture("evil.pt"));
    place.write("m/evil.pkl", fixture("evil.pkl"));
    place.write("m/lambda.keras", fixture("lambda.keras"));
    let inventory = place.scan();
    let findings = inventory["findings"].as_array().expect("findings");
    let told: Vec<(&str, &str)> = findings
        .iter()
        .map(|finding| {
            (
                finding["level"].as_str().unwrap_or_default(),
                finding["evidence"][0]["location"]["path"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("error", "m/evil.pkl"), ("error", "m/evil.pt"), ("warning", "m/lambda.keras")]
    );
}

#[test]
fn size_is_no_gap_for_what_is_read_in_pieces() {
    let place = Place::new();
    let sparse = |path: &str, start: &[u8], end: &[u8]| {
        let mut file = std::fs::File::create(place.write(path, start)).expect("a file");
        file.write_all(start).expect("written");
        file.seek(std::io::SeekFrom::Start(70 << 20)).expect("sought");
        file.write_all(end).expect("written");
    };
    // An ordinary large file, a model that a reader of settings wants too, and settings that are too long for it.
    sparse("firmware.bin", b"\x7fELF", b"end");
    sparse("model.json", &fixture("xgb.json"), b"}");
    sparse("a/model.json", b"{\"a\": 1", b"}");
    let inventory = place.scan();
    assert_eq!(names(&inventory, "model_file"), ["model.json"]);
    assert_eq!(gaps(&inventory), ["too-large a/model.json"]);
}
