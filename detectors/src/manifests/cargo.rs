//! Rust: `Cargo.toml` and `Cargo.lock`. Inheritance from a workspace is named, not followed.

use std::collections::BTreeMap;

use evidence::{Info, Kind, Relation};

use super::declared::{is_optional, package, project_of, version_of};
use super::document;
use super::locked::{Locked, closer, relate};
use super::{Ecosystem, ManifestFile};
use crate::tree::{Node, Shape};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static CARGO: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/cargo",
        title: "Rust crates",
        reads: &["Cargo.toml", "Cargo.lock"],
        emits: &[(Kind::Package, "cargo"), (Kind::Project, "cargo")],
        needs: &[],
        docs: "https://doc.rust-lang.org/cargo/reference/manifest.html",
    },
    files: &[
        ManifestFile {
            is: |name, _| name == "Cargo.toml",
            gate: Gate::Always,
            read: manifest,
        },
        ManifestFile {
            is: |name, _| name == "Cargo.lock",
            gate: Gate::Anchored,
            read: lockfile,
        },
    ],
};

fn manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    root.get("package")
        .and_then(|table| project_of("cargo", table))
        .into_iter()
        .for_each(|unit| out.push(unit));
    tables(root, out);
    if let Some(workspace) = root.get("workspace") {
        table(workspace.get("dependencies"), Relation::Direct, out);
    }
    for target in root.get("target").into_iter().flat_map(Node::children) {
        tables(target, out);
    }
    document.complete()
}

/// The tables of dependencies a package or one of its targets has.
fn tables(node: Node<'_>, out: &mut Observations) {
    for (key, relation) in [
        ("dependencies", Relation::Direct),
        ("dev-dependencies", Relation::Dev),
        ("dev_dependencies", Relation::Dev),
        ("build-dependencies", Relation::Dev),
        ("build_dependencies", Relation::Dev),
    ] {
        table(node.get(key), relation, out);
    }
}

fn table(table: Option<Node<'_>>, relation: Relation, out: &mut Observations) {
    for entry in table
        .into_iter()
        .flat_map(Node::children)
        .filter(|entry| matches!(entry.shape(), Shape::Map | Shape::Text))
    {
        let name = entry.get("package").and_then(Node::text).unwrap_or(entry.key());
        let relation = if is_optional(entry) { Relation::Optional } else { relation };
        out.push(package("cargo", name, &version_of(entry), relation, entry.line()));
    }
}

fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let entries = |key| document.root().get(key).into_iter().flat_map(Node::children);
    // Packages without a source are the workspace's own; very old lockfiles call the one they have `root`.
    let own = entries("package")
        .filter(|entry| entry.get("source").is_none())
        .chain(document.root().get("root"));
    // By name and, where there are several, version.
    let mut named: BTreeMap<(&str, Option<&str>), Relation> = BTreeMap::new();
    for asked in own
        .filter_map(|entry| entry.get("dependencies"))
        .flat_map(Node::children)
        .filter_map(Node::text)
    {
        let mut words = asked.split(' ');
        relate(&mut named, (words.next().unwrap_or_default(), words.next()), Relation::Direct);
    }
    let mut locked = Locked::new("cargo");
    for entry in entries("package").filter(|entry| entry.get("source").is_some()) {
        let text = |key| entry.get(key).and_then(Node::text);
        let (name, version) = (text("name").unwrap_or_default(), text("version").unwrap_or_default());
        let relations = [named.get(&(name, None)), named.get(&(name, Some(version)))];
        let relation = relations.into_iter().flatten().copied().fold(Relation::Transitive, closer);
        locked.add(name, version, relation, entry.get("name").map_or(entry.line(), Node::line));
    }
    locked.emit(out);
    document.complete()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, names, observe, packages, projects};

    #[test]
    fn a_manifest_is_read_in_every_form() {
        let text = "[package]\nname = \"app\"\nversion = \"0.1.0\"\ndescription = \"Answers\"\n[dependencies]\nasync-openai = \"0.20\"\n\
                    candle = { package = \"candle-core\", version = \"0.4\", optional = true }\nserde.workspace = true\nlocal = { path = \"../local\" }\n\
                    fork = { git = \"https://u:p@host/fork\" }\n[dependencies.ort]\nversion = \"2\"\n[dev-dependencies]\ninsta = \"1\"\n\
                    [build-dependencies]\ncc = \"1\"\n[target.'cfg(unix)'.dependencies]\nnix = \"0.28\"\n[target.x86.dev-dependencies]\nold = \"1\"\n\
                    [features]\nopenai = []\n[patch.crates-io]\nsecret = { path = \"x\" }\n";
        let (seen, result) = observe(&CARGO, "Cargo.toml", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["cargo app 0.1.0 Answers 2"]);
        assert_eq!(
            listed(&seen),
            [
                "cargo async-openai 0.20 direct 6",
                "cargo candle-core 0.4 optional 7",
                "cargo serde workspace direct 8",
                "cargo local path:../local direct 9",
                "cargo fork git+https://host/fork direct 10",
                "cargo ort 2 direct 11",
                "cargo insta 1 dev 14",
                "cargo cc 1 dev 16",
                "cargo nix 0.28 direct 18",
                "cargo old 1 dev 20",
            ]
        );
    }

    #[test]
    fn a_workspace_names_dependencies_and_no_project() {
        let text =
            "[workspace]\nmembers = [\"openai\"]\n[workspace.package]\nversion = \"1\"\n[workspace.dependencies]\nollama-rs = \"0.1\"\n";
        let (seen, _) = observe(&CARGO, "Cargo.toml", text.as_bytes());
        assert_eq!(listed(&seen), ["cargo ollama-rs 0.1 direct 6"]);
        assert!(projects(&seen).is_empty());
    }

    #[test]
    fn nonsense_in_tables_is_no_dependency() {
        assert!(packages(&CARGO, "Cargo.toml", "dependencies = \"openai\"\n[dev-dependencies]\nopenai = 1\n").is_empty());
    }

    #[test]
    fn a_lockfile_tells_what_the_workspace_asks_for() {
        let text = "version = 3\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"async-openai\",\n \"rand 0.8.5\",\n \
                    \"old 1.0.0 (registry+https://x)\",\n \"lib\",\n]\n[[package]]\nname = \"async-openai\"\nversion = \"0.20.0\"\nsource = \"registry+x\"\n\
                    dependencies = [\"tiktoken-rs\"]\n[[package]]\nname = \"rand\"\nversion = \"0.7.3\"\nsource = \"registry+x\"\n\
                    [[package]]\nname = \"rand\"\nversion = \"0.8.5\"\nsource = \"registry+x\"\n[[package]]\nname = \"old\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n\
                    [[package]]\nname = \"lib\"\nversion = \"0.1.0\"\n[[package]]\nname = \"tiktoken-rs\"\nversion = \"0.5\"\nsource = \"registry+x\"\n";
        assert_eq!(
            packages(&CARGO, "Cargo.lock", text),
            [
                "cargo async-openai 0.20.0 direct 12",
                "cargo rand 0.7.3 transitive 17",
                "cargo rand 0.8.5 direct 21",
                "cargo old 1.0.0 direct 25",
                "cargo tiktoken-rs 0.5 transitive 32",
            ]
        );
    }

    #[test]
    fn a_cut_manifest_gives_what_stands_before_the_cut() {
        let (seen, result) = observe(&CARGO, "Cargo.toml", b"[dependencies]\nasync-openai = \"1\"\nserde = { version = ");
        assert!(names(&seen).contains(&"async-openai") && result.is_err(), "{seen:?}");
    }
}
