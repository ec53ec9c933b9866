//! Real files made by the usual libraries (`fixtures/models/make.py`), files that are none, and bytes that nobody made.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

macro_rules! fixtures {
    ($($name:literal),+ $(,)?) => {
        const FIXTURES: &[(&str, &[u8])] = &[$(($name, include_bytes!(concat!("../../../../fixtures/models/", $name)))),+];
    };
}

fixtures!(
    "data.pkl",
    "evil-hidden.pkl",
    "evil-inst.pkl",
    "evil.pkl",
    "evil.pt",
    "frozen.pb",
    "lambda.keras",
    "legacy.pth",
    "lfs.safetensors",
    "lgb.txt",
    "measured.npz",
    "measurements.h5",
    "model.json",
    "model.safetensors.index.json",
    "net-weights.npz",
    "numbers.bin",
    "saved_model.pb",
    "script.pt",
    "sklearn-zlib.joblib",
    "sklearn.joblib",
    "sklearn.pkl",
    "tiny.cbm",
    "tiny.gguf",
    "tiny.h5",
    "tiny.keras",
    "tiny.mlmodel",
    "tiny.onnx",
    "tiny.pt",
    "tiny.safetensors",
    "tiny.tflite",
    "xgb.json",
    "xgb.ubj",
);

fn fixture(name: &str) -> &'static [u8] {
    FIXTURES.iter().find(|(known, _)| *known == name).expect("a fixture").1
}

fn observe(path: &str, bytes: &[u8]) -> (Vec<Observation>, Result<(), Unreadable>) {
    let mut out = Observations::default();
    let result = Weights.observe(&Artifact::new(path, bytes), &mut out);
    (out.into_vec(), result)
}

/// The facts of a file that is read without a fault, with its format and name.
fn facts(path: &str, bytes: &[u8]) -> BTreeMap<String, String> {
    let (seen, result) = observe(path, bytes);
    assert_eq!(result, Ok(()), "{path}");
    let file = seen
        .iter()
        .rfind(|seen| seen.kind == Kind::Resource)
        .unwrap_or_else(|| panic!("{path} is no model"));
    let fact = |(name, value): (&std::borrow::Cow<'static, str>, &String)| (name.trim_start_matches("fact.").to_owned(), value.clone());
    file.attributes.iter().map(fact).collect()
}

fn modules(path: &str, bytes: &[u8]) -> Vec<String> {
    observe(path, bytes)
        .0
        .iter()
        .filter_map(|seen| seen.attribute("arg.module"))
        .map(str::to_owned)
        .collect()
}

#[track_caller]
fn says(path: &str, wanted: &[(&str, &str)]) {
    let facts = facts(path, fixture(path));
    for (name, value) in wanted {
        assert_eq!(facts.get(*name).map(String::as_str), Some(*value), "{name} of {path}: {facts:#?}");
    }
}

#[test]
fn headers_say_what_a_model_is() {
    says(
        "tiny.gguf",
        &[
            ("id", "tiny.gguf"),
            ("format", "gguf"),
            ("architecture", "llama"),
            ("parameters", "144"),
            ("quantisation", "Q4_K_M"),
            ("licence", "apache-2.0"),
            ("base-model", "meta-llama/Llama-3.1-8B"),
            ("datasets", "acme/corpus"),
            ("languages", "de, en"),
            ("context-length", "128"),
            ("organisation", "Acme"),
            ("format-version", "3"),
        ],
    );
    says(
        "tiny.safetensors",
        &[
            ("format", "safetensors"),
            ("parameters", "40"),
            ("quantisation", "F16"),
            ("licence", "CreativeML"),
            ("base-model", "stabilityai/stable-diffusion-xl-base-1.0"),
            ("architecture", "stable-diffusion-xl-v1-base/lora"),
        ],
    );
    says(
        "tiny.onnx",
        &[
            ("format", "onnx"),
            ("parameters", "12"),
            ("quantisation", "F32"),
            ("licence", "MIT"),
            ("author", "Acme"),
            ("producer", "acme-exporter"),
            ("graph", "tiny-graph"),
            ("task", "classify"),
        ],
    );
    says(
        "tiny.mlmodel",
        &[
            ("format", "coreml"),
            ("architecture", "neural network classifier"),
            ("licence", "BSD-3-Clause"),
            ("producer", "torch==2.1.0"),
        ],
    );
    says(
        "saved_model.pb",
        &[
            ("format", "saved-model"),
            ("tags", "serve"),
            ("framework-version", "2.15.0"),
            ("dangerous-operations", "EagerPyFunc, ReadFile"),
        ],
    );
    says(
        "frozen.pb",
        &[("format", "frozen-graph"), ("nodes", "4"), ("dangerous-operations", "ReadFile")],
    );
    says("tiny.tflite", &[("format", "tflite")]);
    let layers = b"7767517\r\n2 2\r\nInput data 0 1 data\r\n";
    assert_eq!(facts("larger.param", layers)["format"], "ncnn");
    says("tiny.cbm", &[("format", "catboost")]);
    says(
        "lgb.txt",
        &[("format", "lightgbm"), ("format-version", "v4"), ("task", "binary sigmoid:1")],
    );
    says("xgb.json", &[("format", "xgboost"), ("task", "binary:logistic")]);
    says("xgb.ubj", &[("format", "xgboost"), ("task", "binary:logistic")]);
    says(
        "tiny.keras",
        &[("format", "keras"), ("architecture", "Sequential"), ("model-name", "tiny_net")],
    );
    says(
        "tiny.h5",
        &[
            ("format", "keras-h5"),
            ("architecture", "Sequential"),
            ("model-name", "old_net"),
            ("dangerous-layers", "a layer that is a function: Lambda"),
        ],
    );
    says(
        "model.json",
        &[("format", "tfjs"), ("architecture", "layers-model"), ("producer", "keras v2.7.0")],
    );
    says(
        "net-weights.npz",
        &[("format", "npz"), ("parameters", "20100"), ("quantisation", "f4")],
    );
}

#[test]
fn pickles_say_what_they_import_and_are_not_loaded() {
    let tensors = [("format", "pytorch"), ("parameters", "52"), ("quantisation", "F32")];
    for name in ["tiny.pt", "legacy.pth"] {
        says(name, &tensors);
        let facts = facts(name, fixture(name));
        assert!(
            !facts.contains_key("dangerous-imports") && !facts.contains_key("unknown-imports"),
            "{facts:?}"
        );
        assert_eq!(modules(name, fixture(name)), ["torch"]);
    }
    says("script.pt", &[("format", "torchscript")]);
    says("evil.pt", &[("dangerous-imports", "posix.system")]);
    says("evil.pkl", &[("format", "pickle"), ("dangerous-imports", "builtins.eval")]);
    says("evil-inst.pkl", &[("dangerous-imports", "os.system")]);
    says(
        "evil-hidden.pkl",
        &[("dangerous-imports", "an import whose name is made while loading")],
    );
    for name in ["sklearn.pkl", "sklearn.joblib", "sklearn-zlib.joblib"] {
        let facts = facts(name, fixture(name));
        assert!(!facts.contains_key("dangerous-imports"), "{name}: {facts:?}");
        let modules = modules(name, fixture(name));
        assert!(
            modules.contains(&"sklearn".to_owned()) && modules.contains(&"numpy".to_owned()),
            "{name}: {modules:?}"
        );
    }
    // A pickle of plain data names no package, so that no signature asks for it.
    assert_eq!(modules("data.pkl", fixture("data.pkl")), Vec::<String>::new());
}

#[test]
fn layers_that_bring_code_are_named() {
    let facts = facts("lambda.keras", fixture("lambda.keras"));
    assert!(facts["dangerous-layers"].contains("Lambda"), "{facts:?}");
    assert!(!self::facts("tiny.keras", fixture("tiny.keras")).contains_key("dangerous-layers"));
}

#[test]
fn parts_are_one_model_and_pointers_stand_for_it() {
    says(
        "model.safetensors.index.json",
        &[
            ("id", "model.safetensors"),
            ("shards", "2"),
            ("tensors", "3"),
            ("bytes", "16060522496"),
        ],
    );
    let part = facts("m/model-00001-of-00002.safetensors", fixture("tiny.safetensors"));
    assert_eq!(
        (part["id"].as_str(), part["shards"].as_str(), part["part-parameters"].as_str()),
        ("m/model.safetensors", "2", "40")
    );
    assert!(part.contains_key("part-sha256") && !part.contains_key("sha256") && !part.contains_key("parameters"));
    says(
        "lfs.safetensors",
        &[
            ("format", "safetensors"),
            ("lfs", "pointer"),
            ("bytes", "5368709120"),
            ("sha256", &"4665".repeat(16)),
        ],
    );
    assert_eq!(
        observe("x.bin", fixture("lfs.safetensors")),
        (Vec::new(), Ok(())),
        "a pointer to anything"
    );
    assert!(!observe("pytorch_model.bin", fixture("lfs.safetensors")).0.is_empty());
}

#[test]
fn the_digest_is_that_of_the_whole_file() {
    let facts = facts("tiny.tflite", fixture("tiny.tflite"));
    // sha256sum fixtures/models/tiny.tflite
    let known = Sha256::digest(fixture("tiny.tflite"))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    assert_eq!(facts["sha256"], known);
}

#[test]
fn what_is_no_model_is_not_found() {
    for (path, bytes) in [
        ("measurements.h5", fixture("measurements.h5")),
        ("measured.npz", fixture("measured.npz")),
        ("numbers.bin", fixture("numbers.bin")),
        ("firmware.bin", b"\x7fELF\x02\x01\x01\0"),
        ("a.bin", b"MZ\x90\0\x03\0"),
        ("net-weights.npz", fixture("measured.npz")),
        ("results.npz", fixture("net-weights.npz")),
        ("app.pb", b"\x0a\x05hello\x12\x03abc"),
        ("messages.pb", b"\x0a\x06\x0a\x01a\x12\x01b\x0a\x06\x0a\x01c\x12\x01d"),
        ("x.model", b"some text"),
        ("model.txt", b"tree of life\n"),
        ("model.json", b"{\"format\": \"something\", \"model\": {}}"),
        ("Manifest.json", b"{}"),
        ("weights.bin", b""),
        ("x.pkl", b"(not a pickle at all"),
        ("words.pkl", b"} this is a text"),
        ("x.index.json", b"{\"a\": 1}"),
        ("archive.ckpt", b"plain"),
        ("mission.param", b"# Vehicle 1\n7767517\n3 4\n"),
        ("number.param", b"7767517\n"),
        ("rates.param", b"7767517\nRATE 0.5\n"),
    ] {
        assert_eq!(observe(path, bytes), (Vec::new(), Ok(())), "{path}");
    }
    for path in [
        "a.py",
        "data.json",
        "notes.txt",
        "bin",
        "Manifest.json",
        "package.json",
        "vocab.txt",
        "index.json",
    ] {
        assert_eq!(Weights.wants(&FilePath::of(path)), None, "{path}");
    }
}

#[test]
fn a_file_that_is_not_what_it_is_called_is_a_gap() {
    for path in ["x.gguf", "x.safetensors", "x.onnx", "x.keras"] {
        let (seen, result) = observe(path, b"<!DOCTYPE html>");
        assert!(seen.is_empty() && result.is_err(), "{path}");
    }
    for (path, bytes) in [
        ("x.gguf", &fixture("tiny.gguf")[..60]),
        ("x.safetensors", &fixture("tiny.safetensors")[..300]),
        ("x.onnx", &fixture("tiny.onnx")[..200]),
    ] {
        let (seen, result) = observe(path, bytes);
        assert!(!seen.is_empty() && result.is_err(), "{path}: {seen:?} {result:?}");
    }
}

#[test]
fn claims_of_a_header_cost_nothing() {
    let huge = u64::MAX.to_le_bytes();
    let mut gguf = b"GGUF\x03\0\0\0".to_vec();
    gguf.extend_from_slice(&huge);
    gguf.extend_from_slice(&huge);
    assert!(observe("x.gguf", &gguf).1.is_err());
    let mut one_array = b"GGUF\x03\0\0\0".to_vec();
    one_array.extend(
        [0, 1_u64, 1, u64::from(b'k')]
            .iter()
            .skip(1)
            .flat_map(|number| number.to_le_bytes())
            .take(16),
    );
    one_array.extend(1_u64.to_le_bytes());
    one_array.push(b'k');
    one_array.extend(9_u32.to_le_bytes());
    one_array.extend(8_u32.to_le_bytes());
    one_array.extend_from_slice(&huge);
    assert!(observe("x.gguf", &one_array).1.is_err());
    // A pickle that claims long texts, deep tuples and far memories.
    for pickle in [
        [&b"\x80\x04\x8d"[..], &huge].concat(),
        [&b"\x80\x04\x8e"[..], &huge].concat(),
        [b"\x80\x04N".as_slice(), &b"\x85".repeat(3_000_000), b"."].concat(),
        [b"\x80\x04".as_slice(), &b"(".repeat(3_000_000), b"."].concat(),
        [b"\x80\x04}".as_slice(), &b"\x8c\x01a}s".repeat(500_000), b"."].concat(),
        [b"\x80\x04".as_slice(), &b"N\x94".repeat(2_500_000), b"."].concat(),
        b"\x80\x04\x8c\x01a2222\x93\x93\x93\x93.".to_vec(),
    ] {
        drop(observe("x.pkl", &pickle));
    }
    // A list of entries that is said to be longer than any.
    let mut zip = b"PK\x03\x04".to_vec();
    zip.resize(1 << 20, 0);
    let record = zip.len() as u64;
    zip.extend(b"PK\x06\x06");
    zip.extend(44_u64.to_le_bytes());
    zip.extend([0; 12]);
    zip.extend(
        [(1_u64 << 20) - 1, (1 << 20) - 1, u64::MAX, 0]
            .iter()
            .flat_map(|number| number.to_le_bytes()),
    );
    zip.extend(b"PK\x06\x07\0\0\0\0");
    zip.extend(record.to_le_bytes());
    zip.extend(1_u32.to_le_bytes());
    zip.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    assert!(observe("x.pt", &zip).1.is_err());
}

/// Bytes of a real file with some of them changed, cut out or put in.
fn mutated() -> impl Strategy<Value = (usize, Vec<u8>)> {
    let change = (any::<prop::sample::Index>(), 0_u8..6, any::<u8>(), 1_usize..9);
    (0..FIXTURES.len(), prop::collection::vec(change, 1..8)).prop_map(|(which, changes)| {
        let mut bytes = FIXTURES[which].1.to_vec();
        for (index, what, byte, length) in changes {
            // Most of what matters stands near the beginning.
            let at = index.index(bytes.len().clamp(1, 4096)).min(bytes.len().saturating_sub(1));
            match what {
                _ if bytes.is_empty() => {}
                0 => bytes[at] = byte,
                1 => bytes[at] ^= 1 << (byte % 8),
                2 => drop(bytes.drain(at..(at + length).min(bytes.len()))),
                3 => bytes.truncate(at),
                4 => bytes.splice(at..at, std::iter::repeat_n(byte, length)).for_each(drop),
                _ => {
                    let end = (at + length).min(bytes.len());
                    bytes[at..end].fill(0xFF);
                }
            }
        }
        (which, bytes)
    })
}

/// Every reader on the same bytes, whatever they are called.
fn read_all(name: &str, bytes: &[u8]) {
    drop(observe(name, bytes));
    let artifact = Artifact::new(name, bytes);
    let head = &bytes[..bytes.len().min(HEAD)];
    drop((
        onnx::read(&artifact, head),
        coreml::read(&artifact, head),
        graph::saved_model(&artifact),
        graph::frozen_graph(&artifact, head),
    ));
    drop((
        stored::pickled(&artifact, head),
        stored::archive(&artifact),
        stored::hierarchical(&artifact, head),
        stored::single_array(&artifact, head),
    ));
    drop((
        safetensors::read(&artifact, head),
        safetensors::index(&artifact),
        gguf::read(&artifact, head),
        flat::boosted_json(&artifact, head),
    ));
}

/// `PROPTEST_CASES` asks for more.
fn cases() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig {
        cases: asked.cases.max(2000),
        ..asked
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn damaged_files_are_read_or_refused((which, bytes) in mutated()) {
        read_all(FIXTURES[which].0, &bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), which in 0..FIXTURES.len(), keep in 0_usize..24) {
        let start = &FIXTURES[which].1[..keep.min(FIXTURES[which].1.len())];
        read_all(FIXTURES[which].0, &[start, &bytes].concat());
    }

    #[test]
    fn pickles_of_opcodes_are_read_or_refused(opcodes in prop::collection::vec(prop::sample::select(&b"(.0129FIJKLMNPQRSTUVXabcd}eghijl]oprqst)u\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98\x01\x00os\n"[..]), 0..200)) {
        read_all("x.pkl", &[b"\x80\x04", &opcodes[..]].concat());
    }

    #[test]
    fn wire_forms_are_read_or_refused(fields in prop::collection::vec((1_u8..16, 0_u8..6, prop::collection::vec(any::<u8>(), 0..20)), 0..20)) {
        let mut bytes = vec![0x08, 0x08];
        for (number, wire, content) in fields {
            bytes.push(number << 3 | wire);
            if wire == 2 {
                bytes.push(content.len() as u8);
            }
            bytes.extend(content);
        }
        read_all("x.onnx", &bytes);
    }
}
