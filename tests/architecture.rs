//! The invariants of ARCHITECTURE.md that a machine can hold.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A source without its tests and comments: what the invariants are about.
fn code(path: &Path) -> String {
    let text = read(path);
    let text = text.split("#[cfg(test)]").next().unwrap_or(&text).to_owned();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Modules that exist in tests only.
fn is_for_tests(file: &Path) -> bool {
    file.file_stem()
        .is_some_and(|stem| stem == "sample" || stem == "tests" || stem == "testing")
}

#[test]
fn rooms_import_only_what_stands_below_them() {
    let allowed: &[(&str, &[&str])] = &[
        ("evidence", &[]),
        ("rules", &["evidence"]),
        ("detectors", &["evidence"]),
        ("inventory", &["evidence", "rules"]),
        ("tables", &[]),
        ("governance", &["evidence", "rules", "inventory"]),
        ("report", &["evidence", "inventory", "governance"]),
    ];
    // A fast, offline read of the manifests; no build is started.
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata");
    for (room, may) in allowed {
        let package = metadata
            .packages
            .iter()
            .find(|package| package.name.as_str() == format!("aimscan-{room}"))
            .unwrap_or_else(|| panic!("no room {room}"));
        let imports: BTreeSet<&str> = package
            .dependencies
            .iter()
            .filter_map(|dependency| dependency.name.strip_prefix("aimscan-"))
            .collect();
        let may: BTreeSet<&str> = may.iter().copied().collect();
        assert!(imports.is_subset(&may), "{room} imports {imports:?}, but may only import {may:?}");
        assert!(
            package.dependencies.iter().all(|dependency| dependency.name != "aimscan"),
            "{room} imports the scanner"
        );
    }
}

/// Platforms and standards whose names are formats: a reader of them has to say which it reads.
const FORMATS: &[(&str, &str)] = &[
    ("mlflow", "the connector speaks MLflow's API"),
    ("jupyter", "the notebook format"),
    ("anaconda", "conda is an ecosystem"),
    ("catboost", "a file format named after the library that writes it"),
    ("fasttext", "a file format named after the library that writes it"),
    ("keras", "a file format named after the library that writes it"),
    ("lightgbm", "a file format named after the library that writes it"),
    ("onnx", "a file format"),
    ("torch", "a file format named after the library that writes it"),
    ("xgboost", "a file format named after the library that writes it"),
    ("transformers", "config_sentence_transformers.json is known by its name"),
    ("flowise", "the form of its exported chatflows"),
    ("langflow", "the form of its exported flows"),
    ("langgraph", "langgraph.json names the graphs a server runs"),
    ("promptfoo", "promptfooconfig.yaml is known by its name"),
    ("promptflow", "flow.dag.yaml"),
    ("prompty", "the form of prompt files with that ending"),
    ("dotprompt", "the form of prompt files with a head"),
    ("copilot-studio", "the kinds of its topics are its form"),
    ("copilot studio", "the same in words"),
    ("databricks", "its source notebooks are a format"),
    ("power-platform", "flows act through its connectors"),
];

#[test]
fn a_detector_names_no_product() {
    let catalog = rules::Catalog::load(&[]).expect("the catalog loads");
    let mut names: BTreeSet<String> = BTreeSet::new();
    for provider in catalog.providers() {
        for name in [provider.id.to_lowercase(), provider.name.to_lowercase()] {
            // Short and ordinary words say nothing.
            let ordinary = [
                "continue",
                "cursor",
                "factory",
                "modal",
                "replicate",
                "together",
                "writer",
                "marker",
                "outlines",
                "guidance",
                "instructor",
                "ray",
                "cline",
                "goose",
                "prompts",
                "ellipsis",
            ];
            if name.len() >= 5 && !ordinary.contains(&name.as_str()) && FORMATS.iter().all(|(format, _)| !name.contains(format)) {
                names.insert(name);
            }
        }
    }
    assert!(names.contains("openai") && names.contains("anthropic"));
    // A room's tests may stand in a file of their own.
    let is_code = |file: &PathBuf| file.file_name().is_none_or(|name| name != "tests.rs");
    for file in sources(&root().join("detectors/src")).into_iter().filter(is_code) {
        // Who defined a format, its documentation's address may say.
        let code: String = code(&file)
            .lines()
            .filter(|line| !line.trim_start().starts_with("docs: \""))
            .map(|line| line.to_lowercase() + "\n")
            .collect();
        let words: BTreeSet<&str> = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').collect();
        for name in &names {
            let named = if name.contains([' ', '.']) {
                code.contains(name.as_str())
            } else {
                words.contains(name.as_str())
            };
            assert!(
                !named,
                "{} names the product `{name}`; what is known of products lives in rules/providers/",
                file.display()
            );
        }
    }
}

#[test]
fn the_catalog_knows_no_syntax_and_detectors_open_nothing() {
    let forbidden: &[(&str, &[&str], &str)] = &[
        ("rules/src", &["tree_sitter", "syn::"], "the catalog knows no syntax"),
        (
            "detectors/src",
            &["std::fs", "std::process", "SystemTime::now", "Instant::now", "std::net", "std::env"],
            "observe is pure",
        ),
        (
            "report/src",
            &["std::fs", "std::process", "detectors::"],
            "a report sees the inventory only",
        ),
        (
            "governance/src",
            &["std::fs", "std::process", "std::net", "detectors::", "SystemTime::now"],
            "a record is made of the inventory and nothing else",
        ),
        (
            "evidence/src",
            &["std::fs", "std::process", "std::net"],
            "the vocabulary does no I/O",
        ),
        ("tables/src", &["std::fs", "std::process", "std::net"], "a table is given as bytes"),
    ];
    for (folder, words, because) in forbidden {
        for file in sources(&root().join(folder)) {
            // The client is the only door to the network, and records its exchanges in files.
            if file.components().any(|part| part.as_os_str() == "connectors") || is_for_tests(&file) {
                continue;
            }
            let code = code(&file);
            for word in *words {
                assert!(!code.contains(word), "{} uses {word}: {because}", file.display());
            }
        }
    }
    for file in sources(&root()).into_iter().filter(|file| !file.starts_with(root().join("target"))) {
        let is_client = file.to_string_lossy().contains("connectors/client");
        assert!(
            is_client || !code(&file).contains("reqwest::") || file.ends_with("tests/architecture.rs"),
            "{} opens the network; only connectors/client.rs may",
            file.display()
        );
    }
}

#[test]
fn every_signature_can_be_seen_and_every_emission_is_used() {
    let catalog = rules::Catalog::load(&[]).expect("the catalog loads");
    let emitted: Vec<(evidence::Kind, &str)> = detectors::detectors()
        .into_iter()
        .flat_map(|detector| detector.info().emits)
        .chain(detectors::CONNECTORS.iter().flat_map(|connector| connector.info().emits))
        .copied()
        .collect();
    let faults = rules::check(&catalog, &emitted);
    assert!(faults.is_empty(), "{faults:#?}");
    let scopes: BTreeSet<(evidence::Kind, &str)> = catalog
        .signatures()
        .filter_map(|known| Some((known.signature.kind.observed(), known.signature.scope.as_deref()?)))
        .collect();
    for (kind, scope) in emitted {
        let scoped = matches!(kind, evidence::Kind::Package | evidence::Kind::Import | evidence::Kind::Resource);
        assert!(
            !scoped || scopes.contains(&(kind, scope)),
            "{kind:?} of {scope} is emitted, but no signature looks at it"
        );
    }
}

#[test]
fn every_file_of_a_family_is_registered() {
    for (family, members) in [
        (
            "code",
            detectors::code::LANGUAGES
                .iter()
                .map(|member| detectors::Detector::info(member).id)
                .chain(detectors::code::SCRIPTS.iter().map(|member| member.info().id))
                .collect::<Vec<_>>(),
        ),
        (
            "manifests",
            detectors::manifests::ECOSYSTEMS
                .iter()
                .map(|member| detectors::Detector::info(member).id)
                .collect(),
        ),
        ("config", detectors::config::FORMATS.iter().map(|member| member.info().id).collect()),
        ("ai", detectors::ai::FORMATS.iter().map(|member| member.info().id).collect()),
        ("infra", detectors::infra::FORMATS.iter().map(|member| member.info().id).collect()),
        ("files", detectors::files::FORMATS.iter().map(|member| member.info().id).collect()),
        ("said", detectors::said::FORMATS.iter().map(|member| member.info().id).collect()),
        ("connectors", detectors::CONNECTORS.iter().map(|member| member.info().id).collect()),
    ] {
        for file in std::fs::read_dir(root().join("detectors/src").join(family))
            .expect("a family")
            .map(|entry| entry.expect("an entry").path())
        {
            let text = if file.is_file() { code(&file) } else { continue };
            // A file that describes a detector must be in its family's list; the others are what it is made of.
            for line in text.lines().filter(|line| line.trim_start().starts_with("id: \"")) {
                let id = line.trim().trim_start_matches("id: \"").trim_end_matches("\",");
                assert!(
                    members.contains(&id),
                    "{} describes {id}, which {family} does not list",
                    file.display()
                );
            }
        }
    }
    let mut ids: Vec<&str> = detectors::detectors().into_iter().map(|detector| detector.info().id).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "two detectors have one id");
}

#[test]
fn every_provider_file_is_named_after_its_provider() {
    for entry in std::fs::read_dir(root().join("rules/providers")).expect("providers") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(
            read(&path).starts_with(&format!("id = \"{stem}\"")),
            "{} must begin with id = \"{stem}\"",
            path.display()
        );
    }
}
