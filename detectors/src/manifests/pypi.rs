//! Python: the names of its manifests and lockfiles, and who reads them.

use evidence::{Info, Kind};

use super::{ManifestFile, pyproject, python_lock, requirements, setup_cfg, setup_py};
use crate::Gate;
use crate::manifests::Ecosystem;

pub(crate) static PYPI: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/pypi",
        title: "Python packages",
        reads: &[
            "requirements*.{txt,in}",
            "*requirements.{txt,in}",
            "requirements/*.{txt,in}",
            "constraints*.{txt,in}",
            "*constraints.{txt,in}",
            "{app,base,ci,common,deploy,dev,development,doc,docs,lint,local,main,prod,production,test,testing,tests}.in",
            "pyproject.toml",
            "setup.cfg",
            "setup.py",
            "Pipfile",
            "Pipfile.lock",
            "poetry.lock",
            "uv.lock",
            "pdm.lock",
            "pylock.toml",
            "pylock.*.toml",
            "manifest.json",
        ],
        emits: &[(Kind::Package, "pypi"), (Kind::Package, "conda"), (Kind::Project, "pypi")],
        needs: &[],
        docs: "https://packaging.python.org/en/latest/specifications/",
    },
    files: &[
        ManifestFile {
            is: requirements::is_requirements,
            gate: Gate::Always,
            read: requirements::read,
        },
        ManifestFile {
            is: |name, _| name == "pyproject.toml",
            gate: Gate::Always,
            read: pyproject::read,
        },
        ManifestFile {
            is: |name, _| name == "setup.cfg",
            gate: Gate::Always,
            read: setup_cfg::read,
        },
        ManifestFile {
            is: |name, _| name == "setup.py",
            gate: Gate::Always,
            read: setup_py::read,
        },
        ManifestFile {
            is: |name, _| name == "Pipfile",
            gate: Gate::Always,
            read: pyproject::pipfile,
        },
        ManifestFile {
            is: |name, _| name == "Pipfile.lock",
            gate: Gate::Anchored,
            read: python_lock::pipenv,
        },
        ManifestFile {
            is: |name, _| matches!(name, "poetry.lock" | "pdm.lock"),
            gate: Gate::Anchored,
            read: python_lock::packages,
        },
        ManifestFile {
            is: |name, _| name == "uv.lock",
            gate: Gate::Anchored,
            read: python_lock::uv,
        },
        ManifestFile {
            is: is_pylock,
            gate: Gate::Anchored,
            read: python_lock::packages,
        },
        ManifestFile {
            is: |name, _| name == "manifest.json",
            gate: Gate::Anchored,
            read: pyproject::json_manifest,
        },
    ],
};

/// `pylock.toml` or `pylock.<name>.toml`, as PEP 751 has it.
fn is_pylock(name: &str, _: &str) -> bool {
    name.strip_prefix("pylock.")
        .is_some_and(|rest| rest == "toml" || rest.strip_suffix(".toml").is_some_and(|part| !part.contains('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detector;
    use crate::manifests::Manifest;

    #[test]
    fn small_files_are_always_read_and_lockfiles_only_if_a_word_stands_in_them() {
        for path in ["requirements.txt", "a/pyproject.toml", "setup.py", "setup.cfg", "Pipfile"] {
            assert_eq!(Manifest(&PYPI).wants(&crate::FilePath::of(path)), Some(Gate::Always), "{path}");
        }
        for path in [
            "Pipfile.lock",
            "poetry.lock",
            "uv.lock",
            "pdm.lock",
            "pylock.toml",
            "pylock.dev.toml",
            "components/x/manifest.json",
        ] {
            assert_eq!(Manifest(&PYPI).wants(&crate::FilePath::of(path)), Some(Gate::Anchored), "{path}");
        }
        for path in ["pylock.a.b.toml", "my-setup.py", "uv.lock.txt", "webmanifest.json", "pipfile"] {
            assert_eq!(Manifest(&PYPI).wants(&crate::FilePath::of(path)), None, "{path}");
        }
    }
}
