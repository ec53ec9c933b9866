//! The model registry of an MLflow tracking server: registered models and their versions.

use std::collections::BTreeSet;

use async_trait::async_trait;
use evidence::attribute;
use serde_json::Value;

use super::{Client, Connector, FetchError, Record, Records};
use crate::config::value;
use crate::infra::tags::{self, tag};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Need, Observation, Observations, Unreadable};

const SCOPE: &str = "mlflow";
/// What every record's path starts with.
const RECORDS: &str = "mlflow:registered-models/";
/// What stands between a model's name and its version in a record's path.
const VERSIONS: &str = "/versions/";

static INFO: Info = Info {
    id: "connectors/mlflow",
    title: "the model registry of an MLflow server",
    reads: &[
        "GET /api/2.0/mlflow/registered-models/search",
        "GET /api/2.0/mlflow/model-versions/search",
    ],
    emits: &[
        (Kind::Resource, SCOPE),
        (Kind::Project, SCOPE),
        (Kind::Model, SCOPE),
        (Kind::Host, SCOPE),
        (Kind::Env, SCOPE),
        (Kind::Literal, SCOPE),
        tags::EMITS,
    ],
    needs: &[
        Need {
            variable: "MLFLOW_TRACKING_TOKEN",
            purpose: "a bearer token that may read registered models",
            optional: true,
        },
        Need {
            variable: "MLFLOW_TRACKING_USERNAME",
            purpose: "a user with READ permission on registered models",
            optional: true,
        },
        Need {
            variable: "MLFLOW_TRACKING_PASSWORD",
            purpose: "that user's password",
            optional: true,
        },
    ],
    docs: "https://mlflow.org/docs/latest/api_reference/rest-api.html",
};

/// Reads the model registry of an MLflow server.
#[derive(Debug)]
pub(super) struct Mlflow {
    /// Entries asked for at once.
    page: u32,
    /// A registry with more pages is not read to its end.
    most_pages: u32,
}

/// With the page size that servers use where none is asked for.
pub(super) static MLFLOW: Mlflow = Mlflow {
    page: 100,
    most_pages: 5000,
};

/// One list of the API.
struct Listing {
    path: &'static str,
    field: &'static str,
    what: &'static str,
    record: fn(&Value) -> Option<String>,
}

const MODELS: Listing = Listing {
    path: "/api/2.0/mlflow/registered-models/search",
    field: "registered_models",
    what: "registered models",
    record: |model| Some(format!("{RECORDS}{}", encoded(text(model, "name")?))),
};

const MODEL_VERSIONS: Listing = Listing {
    path: "/api/2.0/mlflow/model-versions/search",
    field: "model_versions",
    what: "model versions",
    record: |version| {
        Some(format!(
            "{RECORDS}{}{VERSIONS}{}",
            encoded(text(version, "name")?),
            encoded(&plain(version, "version")?)
        ))
    },
};

#[async_trait]
impl Connector for Mlflow {
    async fn fetch(&self, client: &Client, records: &Records) -> Result<(), FetchError> {
        self.list(&MODELS, client, records).await?;
        self.list(&MODEL_VERSIONS, client, records).await
    }
}

impl Mlflow {
    async fn list(&self, listing: &Listing, client: &Client, records: &Records) -> Result<(), FetchError> {
        let size = self.page.to_string();
        let mut seen = BTreeSet::new();
        let mut token = String::new();
        for _ in 0..self.most_pages {
            let mut query = vec![("max_results", size.as_str())];
            if !token.is_empty() {
                query.push(("page_token", &token));
            }
            let page = client.get(listing.path, &query).await?.accepted(&INFO)?.json()?;
            for (path, entry) in listing.entries(&page)? {
                records
                    .send(Record {
                        path,
                        bytes: entry.to_string().into_bytes(),
                    })
                    .await?;
            }
            // A page may be empty and still have a successor.
            let Some(next) = text(&page, "next_page_token").map(str::to_owned) else {
                return Ok(());
            };
            if !seen.insert(next.clone()) {
                return Err(FetchError::Repeated { what: listing.what });
            }
            token = next;
        }
        Err(FetchError::TooManyPages {
            what: listing.what,
            limit: self.most_pages,
        })
    }
}

impl Listing {
    fn entries<'p>(&self, page: &'p Value) -> Result<Vec<(String, &'p Value)>, FetchError> {
        let unexpected = || {
            FetchError::Unexpected(format!(
                "the answer holds no list of {}; is this the address of an MLflow server?",
                self.what
            ))
        };
        let fields = page.as_object().ok_or_else(unexpected)?;
        match fields.get(self.field) {
            Some(Value::Array(entries)) => entries
                .iter()
                .map(|entry| Ok(((self.record)(entry).ok_or_else(unexpected)?, entry)))
                .collect(),
            // An empty list is left out of the answer.
            None if fields.keys().all(|field| field == "next_page_token") => Ok(Vec::new()),
            _ => Err(unexpected()),
        }
    }
}

impl Detector for Mlflow {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        file.as_str().starts_with(RECORDS).then_some(Gate::Always)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let record: Value = serde_json::from_str(artifact.text()?).map_err(|error| Unreadable(format!("not valid JSON: {error}")))?;
        let name = text(&record, "name").ok_or_else(|| Unreadable("the record has no name".to_owned()))?;
        let description = text(&record, "description").unwrap_or_default();
        let version = plain(&record, "version").filter(|_| artifact.path().contains(VERSIONS));
        let (key, id) = match &version {
            Some(version) => ("model-version", format!("{name}/{version}")),
            None => ("registered-model", name.to_owned()),
        };
        let owner = owner(&record);
        let resource = Observation::new(Kind::Resource, SCOPE, key, 0)
            .with(attribute::ID, id)
            .with(attribute::VERSION, version.clone().unwrap_or_default())
            .with(attribute::OWNER, owner)
            .with(attribute::STATUS, status(&record))
            .with(attribute::DESCRIPTION, description);
        out.push(resource);
        if version.is_none() {
            let project = Observation::new(Kind::Project, SCOPE, name, 0).with(attribute::DESCRIPTION, description);
            out.push(project.with(attribute::OWNER, owner));
        }
        out.extend(labels(&record).filter_map(|(name, value)| tag(name, value, 0)));
        for (name, set) in labels(&record).chain(text(&record, "source").map(|source| ("source", source))) {
            value::observe(SCOPE, name, set, 0, out);
        }
        Ok(())
    }
}

fn text<'r>(record: &'r Value, field: &str) -> Option<&'r str> {
    record.get(field)?.as_str().filter(|text| !text.is_empty())
}

/// A text, or a number as text: versions come as either.
fn plain(record: &Value, field: &str) -> Option<String> {
    text(record, field)
        .map(str::to_owned)
        .or_else(|| record.get(field)?.as_u64().map(|number| number.to_string()))
}

fn labels(record: &Value) -> impl Iterator<Item = (&str, &str)> {
    let tags = record.get("tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    tags.iter().filter_map(|tag| Some((text(tag, "key")?, text(tag, "value")?)))
}

/// Who answers for it: a tag called `owner` is more telling than the account that registered it.
fn owner(record: &Value) -> &str {
    let tagged = labels(record)
        .find(|(key, _)| key.eq_ignore_ascii_case("owner"))
        .map(|(_, value)| value);
    tagged.or_else(|| text(record, "user_id")).unwrap_or_default()
}

/// Stage and aliases, such as `Production, champion`; a model's aliases name their version.
fn status(record: &Value) -> String {
    let stage = text(record, "current_stage").filter(|stage| *stage != "None").map(str::to_owned);
    let aliases = record
        .get("aliases")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let aliases = aliases.iter().filter_map(|alias| match alias {
        Value::String(alias) => Some(alias.clone()),
        _ => Some(format!("{}: {}", text(alias, "alias")?, plain(alias, "version")?)),
    });
    stage.into_iter().chain(aliases).collect::<Vec<_>>().join(", ")
}

/// A name as part of a path.
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_control() || matches!(c, '/' | '%') {
            c.encode_utf8(&mut [0; 4])
                .bytes()
                .for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests;
