//! By replay of what a real server said, and of what a broken one might say.

use std::path::{Path, PathBuf};

use super::*;

const SMALL: Mlflow = Mlflow { page: 4, most_pages: 5000 };

/// Everything a connector brings from a recording.
async fn fetched(connector: &Mlflow, folder: &Path) -> (Vec<Record>, Result<(), FetchError>) {
    let client = Client::replaying("https://mlflow.example", folder).expect("a recording");
    let (records, mut reader) = Records::bounded(1000);
    let outcome = connector.fetch(&client, &records).await;
    drop(records);
    let mut brought = Vec::new();
    while let Some(record) = reader.recv().await {
        brought.push(record);
    }
    (brought, outcome)
}

fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/connectors/mlflow")
}

/// A recording of these answers to the pages of registered models, each asked for with the token before it.
struct Pages(PathBuf);

impl Pages {
    fn new(name: &str, answers: &[(&str, u16, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("aimscan-mlflow-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        for (number, (query, status, body)) in answers.iter().enumerate() {
            let exchange = serde_json::json!({
                "request": {"method": "GET", "path": MODELS.path, "query": query},
                "response": {"status": status, "body": body},
            });
            std::fs::write(folder.join(format!("{number}.json")), exchange.to_string()).expect("a file");
        }
        Self(folder)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn observed(path: &str, json: &str) -> Vec<Observation> {
    let mut out = Observations::default();
    MLFLOW
        .observe(&Artifact::new(path, json.as_bytes()), &mut out)
        .expect("a readable record");
    out.into_vec()
}

#[tokio::test]
async fn every_model_and_version_of_a_real_server_is_brought() {
    let (brought, outcome) = fetched(&SMALL, &recorded()).await;
    assert_eq!(outcome, Ok(()));
    let mut paths: Vec<&str> = brought.iter().map(|record| record.path.trim_start_matches(RECORDS)).collect();
    paths.sort_unstable();
    let models: Vec<&str> = paths.iter().copied().filter(|path| !path.contains(VERSIONS)).collect();
    assert_eq!(
        models,
        [
            "churn-forecast",
            "claims triage",
            "fraud-score",
            "kündigung",
            "llm-router",
            "price-elasticity",
            "ranking",
            "sentiment",
            "support-intents"
        ]
    );
    assert_eq!(paths.len() - models.len(), 14);
    assert!(paths.contains(&"fraud-score/versions/2"));
    assert!(
        brought
            .iter()
            .all(|record| MLFLOW.wants(&FilePath::of(&record.path)) == Some(Gate::Always))
    );
}

#[tokio::test]
async fn records_of_a_real_server_are_read() {
    let (brought, _) = fetched(&SMALL, &recorded()).await;
    let observe = |name: &str| {
        let record = brought
            .iter()
            .find(|record| record.path == format!("{RECORDS}{name}"))
            .expect("the record");
        observed(&record.path, std::str::from_utf8(&record.bytes).expect("text"))
    };
    let model = observe("fraud-score");
    assert_eq!(
        (model[0].kind, model[0].scope, model[0].key.as_str()),
        (Kind::Resource, "mlflow", "registered-model")
    );
    assert_eq!(model[0].attribute(attribute::ID), Some("fraud-score"));
    assert_eq!(model[0].attribute(attribute::OWNER), Some("payments-ml@example.com"));
    assert_eq!(model[0].attribute(attribute::DESCRIPTION), Some("Scores card payments for fraud."));
    assert_eq!(model[0].attribute(attribute::STATUS), Some("champion: 2"));
    assert_eq!((model[1].kind, model[1].key.as_str()), (Kind::Project, "fraud-score"));

    let version = observe("fraud-score/versions/2");
    assert_eq!(
        (version[0].key.as_str(), version[0].attribute(attribute::ID)),
        ("model-version", Some("fraud-score/2"))
    );
    assert_eq!(
        (version[0].attribute(attribute::VERSION), version[0].attribute(attribute::STATUS)),
        (Some("2"), Some("Production"))
    );
    assert!(!version.iter().any(|seen| seen.kind == Kind::Project));

    let based = observe("llm-router");
    assert!(
        based
            .iter()
            .any(|seen| seen.kind == Kind::Model && seen.key == "meta-llama/Llama-3.1-8B-Instruct"),
        "{based:?}"
    );
}

#[tokio::test]
async fn a_repeated_page_ends_as_incomplete() {
    let page = r#"{"registered_models": [{"name": "a"}], "next_page_token": "t"}"#;
    let pages = Pages::new(
        "repeated",
        &[("max_results=4", 200, page), ("max_results=4&page_token=t", 200, page)],
    );
    let (brought, outcome) = fetched(&SMALL, &pages.0).await;
    assert_eq!(outcome, Err(FetchError::Repeated { what: "registered models" }));
    assert_eq!(brought.len(), 2);
}

#[tokio::test]
async fn endless_pages_end_as_incomplete() {
    let pages = Pages::new(
        "endless",
        &[
            ("max_results=4", 200, r#"{"next_page_token": "1"}"#),
            (
                "max_results=4&page_token=1",
                200,
                r#"{"registered_models": [{"name": "a"}], "next_page_token": "2"}"#,
            ),
        ],
    );
    let (brought, outcome) = fetched(&Mlflow { most_pages: 2, ..SMALL }, &pages.0).await;
    assert_eq!(
        outcome,
        Err(FetchError::TooManyPages {
            what: "registered models",
            limit: 2
        })
    );
    assert_eq!(brought.len(), 1);
}

#[tokio::test]
async fn what_is_no_registry_is_said_clearly() {
    for (name, status, body, said) in [
        ("refused", 401, "You are not authenticated.", "MLFLOW_TRACKING_TOKEN"),
        ("forbidden", 403, "Permission denied", "READ permission"),
        ("page", 200, "<html>Sign in</html>", "a web page"),
        ("other", 200, "{\"hello\": 1}", "no list of registered models"),
        ("list", 200, "[]", "no list of registered models"),
        ("nameless", 200, "{\"registered_models\": [{}]}", "no list of registered models"),
        (
            "limit",
            400,
            "{\"error_code\": \"INVALID\", \"message\": \"too many\"}",
            "HTTP 400: too many",
        ),
    ] {
        let pages = Pages::new(name, &[("max_results=4", status, body)]);
        let error = fetched(&SMALL, &pages.0).await.1.expect_err(name).to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn records_without_facts_are_read_and_broken_ones_are_not() {
    let seen = observed(
        "mlflow:registered-models/a",
        r#"{"name": "a", "version": 1, "tags": "no", "aliases": [1, {}], "current_stage": "None"}"#,
    );
    assert_eq!(
        seen[0],
        Observation::new(Kind::Resource, SCOPE, "registered-model", 0).with(attribute::ID, "a")
    );
    assert_eq!(seen.len(), 2);
    let version = observed(
        "mlflow:registered-models/a/versions/3",
        r#"{"name": "a", "version": 3, "user_id": "ada", "aliases": ["x", "y"], "current_stage": "Staging"}"#,
    );
    assert_eq!(version[0].attribute(attribute::STATUS), Some("Staging, x, y"));
    assert_eq!(
        (version[0].attribute(attribute::VERSION), version[0].attribute(attribute::OWNER)),
        (Some("3"), Some("ada"))
    );
    for json in ["", "[]", "{}", "{\"name\": 1}", &"[".repeat(100_000)] {
        assert!(
            MLFLOW
                .observe(
                    &Artifact::new("mlflow:registered-models/a", json.as_bytes()),
                    &mut Observations::default()
                )
                .is_err(),
            "{json}"
        );
    }
    assert_eq!(MLFLOW.wants(&FilePath::of("src/mlflow.py")), None);
}

#[test]
fn names_cannot_leave_their_place_in_a_path() {
    assert_eq!(encoded("a b/versions/1%\né"), "a b%2Fversions%2F1%25%0Aé");
}
