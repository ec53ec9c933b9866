//! Conda environments and Pixi manifests, with the Python packages they take from pip.

use evidence::{Info, Kind, Relation};

use super::declared::{group_relation, package, project_of, version_of};
use super::document;
use super::requirement::{Line, normalise, pip_line};
use super::{Ecosystem, ManifestFile, conda_lock};
use crate::tree::{Node, Shape};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static CONDA: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/conda",
        title: "Conda environments",
        reads: &[
            "environment*.{yml,yaml}",
            "*environment.{yml,yaml}",
            "conda.{yml,yaml}",
            "conda_*.{yml,yaml}",
            "*_conda.{yml,yaml}",
            "pixi.toml",
            "conda-lock.{yml,yaml}",
            "*.conda-lock.{yml,yaml}",
            "pixi.lock",
        ],
        emits: &[(Kind::Package, "conda"), (Kind::Package, "pypi"), (Kind::Project, "conda")],
        needs: &[],
        docs: "https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html",
    },
    files: &[
        ManifestFile {
            is: is_environment,
            gate: Gate::Always,
            read: environment,
        },
        ManifestFile {
            is: |name, _| name == "pixi.toml",
            gate: Gate::Always,
            read: pixi_manifest,
        },
        ManifestFile {
            is: conda_lock::is_conda_lock,
            gate: Gate::Anchored,
            read: conda_lock::conda,
        },
        ManifestFile {
            is: |name, _| name == "pixi.lock",
            gate: Gate::Anchored,
            read: conda_lock::pixi,
        },
    ],
};

/// `environment.yml` and its variants, and the `conda.yaml` that is kept beside a stored model, as `conda_dependencies.yml`.
fn is_environment(name: &str, _: &str) -> bool {
    let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
    let is_of_conda = |stem: &str| stem == "conda" || stem.starts_with("conda_") || stem.ends_with("_conda");
    stem.is_some_and(|stem| is_of_conda(stem) || stem.starts_with("environment") || stem.ends_with("environment"))
}

fn environment(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    // Other tools have files of this name; theirs have no such list.
    if let Some(list) = root.get("dependencies").filter(|node| node.shape() == Shape::List) {
        project_of("conda", root).into_iter().for_each(|unit| out.push(unit));
        for entry in list.children() {
            if let Some((name, version)) = entry.text().and_then(match_spec) {
                out.push(package("conda", name, version, Relation::Direct, entry.line()));
            }
            for line in entry.get("pip").into_iter().flat_map(Node::children) {
                if let Some(Line::Package(requirement)) = line.text().map(pip_line) {
                    out.push(package(
                        "pypi",
                        requirement.name,
                        &requirement.version,
                        Relation::Direct,
                        line.line(),
                    ));
                }
            }
        }
    }
    document.complete()
}

/// Name and version of a conda match specification: `channel::name=1.0=build`, `name >=1`, `name[version='>=1']`.
fn match_spec(spec: &str) -> Option<(String, &str)> {
    let spec = spec.split(" #").next().unwrap_or(spec).trim();
    let spec = spec.rsplit_once("::").map_or(spec, |(_, spec)| spec);
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let (name, rest) = spec.split_at(spec.find(|letter| !is_name(letter)).unwrap_or(spec.len()));
    let rest = rest.trim();
    if !name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_') {
        return None;
    }
    let version = match rest.strip_prefix('[') {
        Some(inner) => inner.split_once("version=").map_or("", |(_, version)| {
            let quote = version.chars().next().filter(|first| matches!(first, '"' | '\''));
            version
                .trim_start_matches(['"', '\''])
                .split(|letter| quote.map_or(matches!(letter, ',' | ']'), |quote| letter == quote))
                .next()
                .unwrap_or("")
        }),
        None if rest.is_empty() || rest.starts_with(|first: char| first.is_ascii_digit() || "=<>!~*".contains(first)) => {
            rest.split('[').next().unwrap_or(rest).trim()
        }
        None => return None,
    };
    Some((name.to_ascii_lowercase(), version))
}

fn pixi_manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    let unit = ["workspace", "project", "package"]
        .iter()
        .find_map(|key| project_of("conda", root.get(key)?));
    unit.into_iter().for_each(|unit| out.push(unit));
    pixi(root, out);
    document.complete()
}

/// Reads the tables of Pixi, in a file of its own or inside `pyproject.toml`.
pub(crate) fn pixi(root: Node<'_>, out: &mut Observations) {
    pixi_scope(root, Relation::Direct, out);
    for feature in root.get("feature").into_iter().flat_map(Node::children) {
        pixi_scope(feature, group_relation(feature.key()), out);
    }
    if let Some(package) = root.get("package") {
        pixi_scope(package, Relation::Direct, out);
    }
}

/// The tables of one feature, and of its target platforms.
fn pixi_scope(scope: Node<'_>, relation: Relation, out: &mut Observations) {
    for tables in std::iter::once(scope).chain(scope.get("target").into_iter().flat_map(Node::children)) {
        for (key, ecosystem, relation) in [
            ("dependencies", "conda", relation),
            ("run-dependencies", "conda", relation),
            ("host-dependencies", "conda", relation),
            ("build-dependencies", "conda", Relation::Dev),
            ("pypi-dependencies", "pypi", relation),
        ] {
            for entry in tables.get(key).into_iter().flat_map(Node::children) {
                let name = if ecosystem == "pypi" {
                    normalise(entry.key())
                } else {
                    entry.key().to_ascii_lowercase()
                };
                out.push(package(ecosystem, name, &version_of(entry), relation, entry.line()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detector;
    use crate::manifests::Manifest;
    use crate::manifests::testing::{listed, names, observe, packages, projects};

    #[test]
    fn an_environment_is_read() {
        let text = "name: lab\nchannels:\n  - conda-forge\n  - openai\ndependencies:\n  - python=3.11\n  - conda-forge::PyTorch>=2.0\n  - numpy 1.26.* py311_0\n\
                    \x20 - xgboost[version='>=1,<2', build=*]\n  - _libgcc_mutex=0.1\n  - https://host/x.conda\n  - pip\n  - pip:\n      - openai==1.0\n\
                    \x20     - -r requirements.txt\n      - git+https://u:p@host/org/x.git#egg=X_y\n";
        let (seen, result) = observe(&CONDA, "environment.yml", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["conda lab - - 1"]);
        assert_eq!(
            listed(&seen),
            [
                "conda python =3.11 direct 6",
                "conda pytorch >=2.0 direct 7",
                "conda numpy 1.26.* py311_0 direct 8",
                "conda xgboost >=1,<2 direct 9",
                "conda _libgcc_mutex =0.1 direct 10",
                "conda pip - direct 12",
                "pypi openai ==1.0 direct 14",
                "pypi x-y git+https://host/org/x.git#egg=X_y direct 16",
            ]
        );
    }

    #[test]
    fn files_of_the_name_that_are_no_environment_say_nothing() {
        for text in [
            "name: prod\nvars:\n  openai: 1\n",
            "name: x\ndependencies:\n  openai: 1\n",
            "- openai\n",
            "name: a\n---\nname: b\n",
        ] {
            let (seen, _) = observe(&CONDA, "environment.prod.yaml", text.as_bytes());
            assert!(seen.is_empty(), "{text}: {seen:?}");
        }
        for path in ["meta.yaml", "environment.json", "conda-lock.json", "my-conda.yaml", "my-pixi.lock"] {
            assert!(Manifest(&CONDA).wants(&crate::FilePath::of(path)).is_none(), "{path}");
        }
        for path in ["jobs/conda_dependencies.yml", "scoring_conda.yaml", "conda.yaml"] {
            assert!(Manifest(&CONDA).wants(&crate::FilePath::of(path)).is_some(), "{path}");
        }
    }

    #[test]
    fn pixi_is_read() {
        let text = "[workspace]\nname = 'lab'\nversion = '0.1'\ndescription = 'Trials'\n[tasks]\nopenai = 'run'\n[dependencies]\npytorch = '>=2'\n\
                    [pypi-dependencies]\nOpen_AI = {version = '*', extras = ['x']}\nown = {path = '.', editable = true}\n[target.linux-64.dependencies]\ncuda = '12'\n\
                    [feature.gpu.dependencies]\nfaiss-gpu = '*'\n[feature.test.target.osx.pypi-dependencies]\npytest = '8'\n[build-dependencies]\ncmake = '3'\n";
        let (seen, result) = observe(&CONDA, "pixi.toml", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["conda lab 0.1 Trials 2"]);
        assert_eq!(
            listed(&seen),
            [
                "conda pytorch >=2 direct 8",
                "conda cmake 3 dev 19",
                "pypi open-ai * direct 10",
                "pypi own path:. direct 11",
                "conda cuda 12 direct 13",
                "conda faiss-gpu * optional 15",
                "pypi pytest 8 dev 17",
            ]
        );
    }

    #[test]
    fn a_broken_environment_gives_what_stands_before_the_break() {
        let (seen, result) = observe(&CONDA, "environment.yaml", b"name: x\ndependencies:\n  - openai\n  - torch: [\n");
        assert!(names(&seen).contains(&"openai") && result.is_err());
        assert!(packages(&CONDA, "environment.yaml", "dependencies: [{pip: openai}, 1, '{{ x }}']\n").is_empty());
    }
}
