//! Dart and Flutter: `pubspec.yaml` and `pubspec.lock`.

use evidence::{Info, Kind, Relation};

use super::declared::{package, project_of, version_of};
use super::document;
use super::locked::Locked;
use super::{Ecosystem, ManifestFile};
use crate::tree::{Node, Shape};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static PUB: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/pub",
        title: "Dart packages",
        reads: &["pubspec.{yaml,yml}", "pubspec.lock"],
        emits: &[(Kind::Package, "pub"), (Kind::Project, "pub")],
        needs: &[],
        docs: "https://dart.dev/tools/pub/pubspec",
    },
    files: &[
        ManifestFile {
            is: |name, _| matches!(name, "pubspec.yaml" | "pubspec.yml"),
            gate: Gate::Always,
            read: manifest,
        },
        ManifestFile {
            is: |name, _| name == "pubspec.lock",
            gate: Gate::Anchored,
            read: lockfile,
        },
    ],
};

fn manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    project_of("pub", root).into_iter().for_each(|unit| out.push(unit));
    for (key, relation) in [("dependencies", Relation::Direct), ("dev_dependencies", Relation::Dev)] {
        for entry in root.get(key).into_iter().flat_map(Node::children) {
            // Parts of the SDK are no packages of the registry.
            if entry.get("sdk").is_none() {
                let version = entry
                    .at(&["git", "url"])
                    .and_then(Node::text)
                    .map_or_else(|| version_of(entry), |url| format!("git+{url}"));
                // Nothing behind the name stands for any version.
                let version = if entry.shape() == Shape::Plain { String::new() } else { version };
                out.push(package("pub", entry.key(), &version, relation, entry.line()));
            }
        }
    }
    document.complete()
}

fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let mut locked = Locked::new("pub");
    for entry in document.root().get("packages").into_iter().flat_map(Node::children) {
        let text = |key| entry.get(key).and_then(Node::scalar).unwrap_or_default();
        let relation = match text("dependency") {
            "direct main" | "direct overridden" => Relation::Direct,
            "direct dev" => Relation::Dev,
            _ => Relation::Transitive,
        };
        if text("source") != "sdk" {
            locked.add(entry.key(), text("version"), relation, entry.line());
        }
    }
    locked.emit(out);
    document.complete()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_manifest_is_read() {
        let text = "name: shop\ndescription: Sells\nversion: 1.0.0+1\nenvironment:\n  sdk: ^3.0.0\ndependencies:\n  flutter:\n    sdk: flutter\n  one: ^1.0.0\n  two:\n    git:\n      url: https://u:p@h/two.git\n\
                    \x20 three: any\n  four:\n  five:\n    path: ../five\ndev_dependencies:\n  six: ^6\nflutter:\n  assets:\n    - dependencies\n";
        let (seen, result) = observe(&PUB, "pubspec.yaml", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["pub shop 1.0.0+1 Sells 1"]);
        assert_eq!(
            listed(&seen),
            [
                "pub one ^1.0.0 direct 9",
                "pub two git+https://h/two.git direct 10",
                "pub three any direct 13",
                "pub four - direct 14",
                "pub five path:../five direct 15",
                "pub six ^6 dev 18",
            ]
        );
    }

    #[test]
    fn a_lockfile_tells_what_was_asked_for() {
        let text = "packages:\n  one:\n    dependency: \"direct main\"\n    description:\n      name: one\n    source: hosted\n    version: \"1.0.0\"\n  two:\n    dependency: transitive\n    source: hosted\n    version: \"2.0\"\n\
                    \x20 three:\n    dependency: \"direct dev\"\n    version: \"3.0\"\n  flutter:\n    dependency: \"direct main\"\n    source: sdk\n    version: \"0.0.0\"\nsdks:\n  dart: \">=3.0.0\"\n";
        assert_eq!(
            packages(&PUB, "pubspec.lock", text),
            ["pub one 1.0.0 direct 2", "pub two 2.0 transitive 8", "pub three 3.0 dev 12"]
        );
    }
}
