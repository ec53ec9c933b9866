//! Systems from the records of a platform: one for each registered model, with its versions.

use std::collections::BTreeMap;

use evidence::{ComponentKind, Evidence, Statement, Voice};

use super::tagged::Tagged;
use super::{Scanned, components, digest, units};
use crate::{Classification, System};

/// One system for each registered model or other record, whatever records speak of it.
pub(super) fn systems(scanned: Scanned) -> Vec<System> {
    let Scanned {
        source,
        evidence,
        projects,
        statements,
        past,
        ..
    } = scanned;
    let mut records: BTreeMap<String, Vec<Evidence>> = BTreeMap::new();
    for seen in evidence {
        records.entry(record_of(&seen.location.path)).or_default().push(seen);
    }
    let mut said: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
    for statement in statements.into_iter().filter(|statement| statement.voice == Voice::Tag) {
        said.entry(record_of(&statement.location.path)).or_default().push(statement);
    }
    let mut systems = Vec::new();
    for (record, mut evidence) in records {
        let tags = said.get(&record).map(Vec::as_slice).unwrap_or_default();
        let tagged = Tagged::of(tags, &[], &evidence, past.name_people);
        let project = projects
            .iter()
            .filter(|project| record_of(&project.path) == record && !project.name.is_empty())
            .min();
        let name = project.map_or_else(|| units::file_name(&record).to_owned(), |project| project.name.clone());
        let described = evidence.iter().filter_map(|seen| seen.facts.get("description")).min().cloned();
        for seen in evidence.iter_mut().filter(|seen| seen.kind == ComponentKind::Model) {
            fold_version(seen, &name);
        }
        let id = digest(&[&source.identity, &record]);
        systems.push(System {
            components: components::merge(&id, evidence),
            id,
            description: project
                .and_then(|project| project.description.clone())
                .or(described)
                .filter(|text| !text.trim().is_empty()),
            name,
            source: source.identity.clone(),
            folder: record,
            boundary: "record".to_owned(),
            said: tagged.with(Vec::new()),
            people: crate::People {
                tagged: tagged.people(Voice::Tag),
                ..crate::People::default()
            },
            owners: tagged.owners,
            classification: Classification::default(),
            standing: crate::register::Standing::default(),
            first_seen: None,
            last_seen: None,
        });
    }
    systems
}

/// The record that a path is about: collection and name. Versions of a model are about the registered model:
/// `mlflow:model-versions/churn/3` and `mlflow:registered-models/churn` are both `registered-models/churn`.
fn record_of(path: &str) -> String {
    let record = path.split_once(':').map_or(path, |(_, record)| record);
    let mut parts = record.split('/');
    let collection = match parts.next().unwrap_or_default() {
        "model-versions" => "registered-models",
        other => other,
    };
    match parts.next() {
        Some(name) => format!("{collection}/{}", name.split(['@', '#', '?']).next().unwrap_or(name)),
        None => collection.to_owned(),
    }
}

/// A version of a model (`churn/3`) as the model with that version.
fn fold_version(seen: &mut Evidence, model: &str) {
    let behind = seen
        .name
        .strip_prefix(model)
        .and_then(|rest| rest.strip_prefix(['/', ':', '@']))
        .filter(|version| !version.is_empty());
    if let Some(version) = behind {
        seen.version.get_or_insert_with(|| version.to_owned());
        seen.name = model.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correlate::{Project, correlate};
    use crate::{Source, sample};
    use evidence::Stage;

    fn record(path: &str, name: &str, version: Option<&str>) -> Evidence {
        Evidence {
            stage: Stage::Deployed,
            version: version.map(str::to_owned),
            ..sample::seen(ComponentKind::Model, name, path)
        }
    }

    fn scanned(evidence: Vec<Evidence>) -> Scanned {
        let source = Source {
            kind: "mlflow".into(),
            location: "http://127.0.0.1:5000".into(),
            identity: "mlflow:http://127.0.0.1:5000".into(),
        };
        let projects = vec![Project {
            path: "mlflow:registered-models/churn".into(),
            scope: "mlflow".into(),
            name: "churn".into(),
            version: None,
            description: None,
            people: Vec::new(),
        }];
        Scanned {
            source,
            evidence,
            projects,
            statements: Vec::new(),
            manifests: Vec::new(),
            past: crate::past::Past::default(),
        }
    }

    #[test]
    fn a_registered_model_is_a_system_with_its_versions() {
        let mut first = record("mlflow:registered-models/churn", "churn", None);
        first.facts.insert("description".into(), "Who may leave".into());
        let systems = correlate(vec![scanned(vec![
            first,
            record("mlflow:model-versions/churn/10", "churn/10", Some("10")),
            record("mlflow:registered-models/churn/versions/2", "churn/2", None),
            record("mlflow:model-versions/churn/1", "churn", Some("1")),
            record("mlflow:registered-models/pricing", "pricing", None),
        ])]);
        let [churn, pricing] = systems.as_slice() else {
            panic!("{systems:#?}")
        };
        assert_eq!(
            (churn.name.as_str(), churn.boundary.as_str(), churn.description.as_deref()),
            ("churn", "record", Some("Who may leave"))
        );
        assert_eq!(
            (churn.components.len(), churn.components[0].versions.clone()),
            (1, vec!["1".to_owned(), "2".to_owned(), "10".to_owned()])
        );
        assert_eq!((pricing.name.as_str(), pricing.components[0].versions.len()), ("pricing", 0));
        assert_ne!(churn.id, pricing.id);
    }

    #[test]
    fn a_new_version_does_not_change_who_the_system_is() {
        let before = correlate(vec![scanned(vec![record("mlflow:registered-models/churn", "churn", None)])]);
        let after = correlate(vec![scanned(vec![record("mlflow:model-versions/churn/2", "churn/2", Some("2"))])]);
        assert_eq!(
            (&before[0].id, &before[0].components[0].id),
            (&after[0].id, &after[0].components[0].id)
        );
    }

    #[test]
    fn models_whose_names_begin_alike_are_not_one() {
        let systems = correlate(vec![scanned(vec![
            record("mlflow:registered-models/churn", "churn", None),
            record("mlflow:registered-models/churn-eu", "churn-eu", None),
            record("mlflow:model-versions/churn-eu/1", "churn-eu/1", None),
        ])]);
        let names: Vec<&str> = systems
            .iter()
            .flat_map(|system| &system.components)
            .map(|component| component.name.as_str())
            .collect();
        assert_eq!(names, ["churn", "churn-eu"]);
    }

    #[test]
    fn a_file_with_a_colon_in_a_tree_is_no_record() {
        let mut tree = scanned(vec![record("mlflow:registered-models/churn", "churn", None)]);
        tree.source.kind = "directory".into();
        assert_eq!(correlate(vec![tree])[0].boundary, "repository");
    }
}
