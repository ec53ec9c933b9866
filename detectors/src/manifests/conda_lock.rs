//! Lockfiles of conda environments: `conda-lock.yml` and `pixi.lock`.

use evidence::Relation;

use super::document;
use super::locked::Locked;
use super::requirement::normalise;
use crate::tree::Node;
use crate::{Artifact, Observations, Unreadable};

/// Whether a file is one that conda-lock writes.
pub(crate) fn is_conda_lock(name: &str, _: &str) -> bool {
    let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
    stem.is_some_and(|stem| stem == "conda-lock" || stem.ends_with(".conda-lock"))
}

/// Reads `conda-lock.yml`.
pub(crate) fn conda(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let mut locked = Both::default();
    for entry in document.root().get("package").into_iter().flat_map(Node::children) {
        let text = |key| entry.get(key).and_then(Node::scalar).unwrap_or_default();
        let relation = if matches!(text("category"), "dev" | "test") {
            Relation::Dev
        } else {
            Relation::Transitive
        };
        locked.add(text("manager") == "pip", text("name"), text("version"), relation, entry);
    }
    locked.emit(out);
    document.complete()
}

/// Reads `pixi.lock`.
pub(crate) fn pixi(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let mut locked = Both::default();
    for entry in document.root().get("packages").into_iter().flat_map(Node::children) {
        let text = |key| entry.get(key).and_then(Node::scalar).unwrap_or_default();
        let is_pypi = entry.get("pypi").is_some() || text("kind") == "pypi";
        if text("name").is_empty() {
            let (name, version) = named_by_file(text("conda")).unwrap_or_default();
            locked.add(is_pypi, name, version, Relation::Transitive, entry);
        } else {
            locked.add(is_pypi, text("name"), text("version"), Relation::Transitive, entry);
        }
    }
    locked.emit(out);
    document.complete()
}

/// Name and version of `…/name-version-build.conda`.
fn named_by_file(address: &str) -> Option<(&str, &str)> {
    let file = address.rsplit('/').next()?;
    let stem = file.strip_suffix(".conda").or_else(|| file.strip_suffix(".tar.bz2"))?;
    let (rest, _build) = stem.rsplit_once('-')?;
    rest.rsplit_once('-')
}

/// What conda and what pip bring.
struct Both {
    conda: Locked,
    pypi: Locked,
}

impl Default for Both {
    fn default() -> Self {
        Self {
            conda: Locked::new("conda"),
            pypi: Locked::new("pypi"),
        }
    }
}

impl Both {
    fn add(&mut self, is_pypi: bool, name: &str, version: &str, relation: Relation, entry: Node<'_>) {
        let line = ["name", "conda"].iter().find_map(|key| entry.get(key)).unwrap_or(entry).line();
        if is_pypi {
            self.pypi.add(&normalise(name), version, relation, line);
        } else {
            self.conda.add(&name.to_ascii_lowercase(), version, relation, line);
        }
    }

    fn emit(self, out: &mut Observations) {
        self.conda.emit(out);
        self.pypi.emit(out);
    }
}

#[cfg(test)]
mod tests {
    use crate::manifests::conda::CONDA;
    use crate::manifests::testing::packages;

    #[test]
    fn conda_lock_is_read() {
        let text = "version: 1\nmetadata:\n  platforms: [linux-64]\npackage:\n- name: PyTorch\n  version: 2.0.0\n  manager: conda\n  category: main\n- name: open_ai\n  version: 1.0\n  manager: pip\n\
                    - name: pytest\n  version: '8'\n  manager: conda\n  category: dev\n";
        assert_eq!(
            packages(&CONDA, "conda-lock.yml", text),
            [
                "conda pytorch 2.0.0 transitive 5",
                "conda pytest 8 dev 12",
                "pypi open-ai 1.0 transitive 9"
            ]
        );
    }

    #[test]
    fn pixi_lock_is_read_in_both_forms() {
        let text = "version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n      - conda: https://h/c/linux-64/no-1-x.conda\npackages:\n- conda: https://h/c/linux-64/pytorch-gpu-2.0.0-cuda_1.conda\n  sha256: aa\n\
                    - pypi: https://h/openai-1.0.whl\n  name: openai\n  version: '1.0'\n";
        assert_eq!(
            packages(&CONDA, "pixi.lock", text),
            ["conda pytorch-gpu 2.0.0 transitive 8", "pypi openai 1.0 transitive 11"]
        );
        let text = "version: 5\npackages:\n- kind: conda\n  name: numpy\n  version: '1'\n- kind: pypi\n  name: x\n  version: '2'\n";
        assert_eq!(
            packages(&CONDA, "pixi.lock", text),
            ["conda numpy 1 transitive 4", "pypi x 2 transitive 7"]
        );
        assert!(packages(&CONDA, "pixi.lock", "version: 6\npackages:\n- conda: nonsense\n- x: y\n- z\n").is_empty());
    }
}
