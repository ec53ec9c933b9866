//! Julia: `Project.toml` and `Manifest.toml`.

use evidence::{Info, Kind, Relation};

use super::declared::{package, project_of};
use super::document;
use super::locked::Locked;
use super::{Ecosystem, ManifestFile};
use crate::tree::{Node, Shape};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static JULIA: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/julia",
        title: "Julia packages",
        reads: &[
            "Project.toml",
            "JuliaProject.toml",
            "Manifest.toml",
            "Manifest-v*.toml",
            "JuliaManifest.toml",
        ],
        emits: &[(Kind::Package, "julia"), (Kind::Project, "julia")],
        needs: &[],
        docs: "https://pkgdocs.julialang.org/v1/toml-files/",
    },
    files: &[
        ManifestFile {
            is: |name, _| matches!(name, "Project.toml" | "JuliaProject.toml"),
            gate: Gate::Always,
            read: manifest,
        },
        ManifestFile {
            is: |name, _| {
                matches!(name, "Manifest.toml" | "JuliaManifest.toml") || name.starts_with("Manifest-v") && name.ends_with(".toml")
            },
            gate: Gate::Anchored,
            read: lockfile,
        },
    ],
};

fn manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    // An environment without a name is no unit of its own, and other tools have files of this name.
    if root.get("uuid").is_some() {
        project_of("julia", root).into_iter().for_each(|unit| out.push(unit));
    }
    for (key, relation) in [
        ("deps", Relation::Direct),
        ("weakdeps", Relation::Optional),
        ("extras", Relation::Dev),
    ] {
        for entry in root.get(key).into_iter().flat_map(Node::children) {
            if entry.text().is_some_and(is_uuid) {
                let version = root.at(&["compat", entry.key()]).and_then(Node::text).unwrap_or_default();
                out.push(package("julia", entry.key(), version, relation, entry.line()));
            }
        }
    }
    document.complete()
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
}

fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    let mut locked = Locked::new("julia");
    // Older versions have the packages at the top.
    for list in root
        .get("deps")
        .unwrap_or(root)
        .children()
        .filter(|list| list.shape() == Shape::List)
    {
        for entry in list.children().filter(|entry| entry.get("uuid").is_some()) {
            let version = entry.get("version").and_then(Node::text).unwrap_or_default();
            let line = entry.get("uuid").map_or(entry.line(), Node::line);
            locked.add(list.key(), version, Relation::Transitive, line);
        }
    }
    locked.emit(out);
    document.complete()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    const ID: &str = "587475ba-b771-5e3f-ad9e-33799f191a9c";

    #[test]
    fn a_project_is_read() {
        let text = format!(
            "name = \"Shop\"\nuuid = \"{ID}\"\nversion = \"0.1\"\n[deps]\nOne = \"{ID}\"\nno = \"x\"\n[weakdeps]\nTwo = \"{ID}\"\n[extras]\nTest = \"{ID}\"\n[compat]\nOne = \"1\"\njulia = \"1.10\"\n"
        );
        let (seen, result) = observe(&JULIA, "Project.toml", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["julia Shop 0.1 - 1"]);
        assert_eq!(
            listed(&seen),
            ["julia One 1 direct 5", "julia Two - optional 8", "julia Test - dev 10"]
        );
        assert!(packages(&JULIA, "Project.toml", "name = 'x'\n[deps]\na = '1'\n").is_empty());
    }

    #[test]
    fn manifests_of_both_forms_are_read() {
        let new = format!("manifest_format = \"2.0\"\n[[deps.One]]\ndeps = [\"Two\"]\nuuid = \"{ID}\"\nversion = \"1.0\"\n");
        assert_eq!(packages(&JULIA, "Manifest.toml", &new), ["julia One 1.0 transitive 4"]);
        let old = format!("[[One]]\nuuid = \"{ID}\"\nversion = \"1.0\"\n[[other]]\nname = \"no\"\n");
        assert_eq!(packages(&JULIA, "Manifest.toml", &old), ["julia One 1.0 transitive 2"]);
    }
}
