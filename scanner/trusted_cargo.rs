//! Dependencies of Rust packages as `cargo metadata` tells them. It runs `cargo`, and with it what the tree's own
//! configuration names, so it happens only for trees that the user calls trusted.

use std::collections::BTreeMap;
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};
use evidence::{Kind, Observation, Relation, attribute};

use crate::walk::relative;

/// The dependencies of every package of a workspace: resolved versions, by the path of the package's manifest.
pub(crate) fn observe(root: &Path, manifest: &Path) -> Result<Vec<(String, Vec<Observation>)>, String> {
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .other_options(["--offline".to_owned(), "--locked".to_owned()])
        .exec()
        .map_err(|error| format!("cargo metadata failed: {}", evidence::redact(&error.to_string())))?;
    let versions: BTreeMap<_, _> = metadata
        .packages
        .iter()
        .map(|package| (package.name.to_string(), package.version.to_string()))
        .collect();
    let members = metadata.workspace_packages();
    let mut direct: BTreeMap<String, Vec<Observation>> = BTreeMap::new();
    for package in &members {
        let seen = direct.entry(relative(package.manifest_path.as_std_path(), root)).or_default();
        for dependency in &package.dependencies {
            let relation = match dependency.kind {
                DependencyKind::Normal if dependency.optional => Relation::Optional,
                DependencyKind::Normal => Relation::Direct,
                _ => Relation::Dev,
            };
            let version = versions
                .get(&dependency.name)
                .cloned()
                .unwrap_or_else(|| dependency.req.to_string());
            seen.push(package_observation(&dependency.name, &version, relation));
        }
    }
    // What only others ask for belongs to the workspace as a whole.
    let asked_for: std::collections::BTreeSet<&str> = members
        .iter()
        .flat_map(|package| package.dependencies.iter().map(|dependency| dependency.name.as_str()))
        .collect();
    let whole = direct.entry(relative(manifest, root)).or_default();
    for package in metadata
        .packages
        .iter()
        .filter(|package| package.source.is_some() && !asked_for.contains(package.name.as_str()))
    {
        whole.push(package_observation(
            &package.name,
            &package.version.to_string(),
            Relation::Transitive,
        ));
    }
    Ok(direct.into_iter().collect())
}

fn package_observation(name: &str, version: &str, relation: Relation) -> Observation {
    Observation::new(Kind::Package, "cargo", name, 0)
        .with(attribute::VERSION, version)
        .with(attribute::RELATION, relation.as_str())
}
