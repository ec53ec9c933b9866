//! JavaScript: `package.json`, the names of its lockfiles, and the forms of a package's specification.

use std::collections::BTreeSet;

use evidence::{Info, Kind, Relation};

use super::declared::{package, project_of};
use super::{Ecosystem, ManifestFile, document, npm_lock, pnpm, yarn};
use crate::tree::Node;
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static NPM: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/npm",
        title: "JavaScript packages",
        reads: &[
            "package.json",
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
            "Packages/manifest.json",
        ],
        emits: &[(Kind::Package, "npm"), (Kind::Project, "npm")],
        needs: &[],
        docs: "https://docs.npmjs.com/cli/configuring-npm/package-json",
    },
    files: &[
        ManifestFile {
            is: |name, _| name == "package.json",
            gate: Gate::Always,
            read: manifest,
        },
        ManifestFile {
            is: |name, _| matches!(name, "package-lock.json" | "npm-shrinkwrap.json"),
            gate: Gate::Anchored,
            read: npm_lock::npm,
        },
        ManifestFile {
            is: |name, _| name == "yarn.lock",
            gate: Gate::Anchored,
            read: yarn::read,
        },
        ManifestFile {
            is: |name, _| name == "pnpm-lock.yaml",
            gate: Gate::Anchored,
            read: pnpm::read,
        },
        ManifestFile {
            is: |name, _| name == "bun.lock",
            gate: Gate::Anchored,
            read: npm_lock::bun,
        },
        ManifestFile {
            is: |name, path| name == "manifest.json" && path.ends_with("Packages/manifest.json"),
            gate: Gate::Anchored,
            read: of_a_game,
        },
    ],
};

/// The tables of dependencies in a manifest, and in the lockfiles that repeat them.
pub(crate) const TABLES: &[(&str, Relation)] = &[
    ("dependencies", Relation::Direct),
    ("devDependencies", Relation::Dev),
    ("optionalDependencies", Relation::Optional),
    ("peerDependencies", Relation::Peer),
];

/// What a project of a game engine asks for. It stands beside the code, in a folder of its own, and so names no project.
fn of_a_game(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    for (entry, relation) in asked_for(document.root()) {
        if let Some(version) = entry.text() {
            out.push(package("npm", entry.key(), version, relation, entry.line()));
        }
    }
    document.complete()
}

fn manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    if let Some(installed) = installed(artifact.path(), root) {
        out.push(installed);
        return document.complete();
    }
    project_of("npm", root).into_iter().for_each(|unit| out.push(unit));
    for (entry, relation) in asked_for(root) {
        if let Some(range) = entry.text() {
            let (name, version) = real(entry.key(), range);
            out.push(package("npm", name, version, relation, entry.line()));
        }
    }
    document.complete()
}

/// The package that a manifest stands for where packages are installed: there it says what is there, not what somebody asks for.
fn installed(path: &str, manifest: Node<'_>) -> Option<evidence::Observation> {
    let (_, place) = path.rsplit_once("node_modules/")?;
    let folder = place.strip_suffix("/package.json")?;
    let name = manifest.get("name").filter(|name| name.text() == Some(folder))?;
    let version = manifest.get("version").and_then(Node::text).unwrap_or_default();
    Some(package("npm", folder, version, Relation::Transitive, name.line()))
}

/// Every dependency a manifest names.
pub(crate) fn asked_for(manifest: Node<'_>) -> impl Iterator<Item = (Node<'_>, Relation)> {
    let table = move |key| manifest.get(key).into_iter().flat_map(Node::children);
    // npm lets an optional dependency replace a direct one of the same name.
    let optional: BTreeSet<&str> = table("optionalDependencies").map(Node::key).collect();
    let entries = TABLES
        .iter()
        .flat_map(move |&(key, relation)| table(key).map(move |entry| (entry, relation)));
    entries.filter(move |(entry, relation)| is_name(entry.key()) && !(*relation == Relation::Direct && optional.contains(entry.key())))
}

fn is_name(key: &str) -> bool {
    !key.is_empty() && !key.starts_with("//") && !key.contains(char::is_whitespace)
}

/// Name and range of `name@range` or `@scope/name@range`.
pub(crate) fn split(specification: &str) -> Option<(&str, &str)> {
    let at = specification.get(1..)?.find('@')? + 1;
    Some((&specification[..at], &specification[at + 1..]))
}

/// The package a dependency really is, and the range asked of it: `npm:name@range` is an alias, `npm:range` is not.
pub(crate) fn real<'t>(name: &'t str, range: &'t str) -> (&'t str, &'t str) {
    let Some(target) = range.strip_prefix("npm:") else {
        return (name, range);
    };
    if let Some(split) = split(target) {
        return split;
    }
    let is_range = target.is_empty()
        || target.starts_with(|first: char| "^~<>=*".contains(first))
        || target
            .split(['.', ' ', '-'])
            .next()
            .is_some_and(|major| matches!(major, "x" | "X") || major.trim_start_matches('v').parse::<u64>().is_ok());
    if is_range || matches!(target, "latest" | "next" | "beta" | "canary") {
        (name, target)
    } else {
        (target, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, names, observe, packages, projects};
    use evidence::{Kind, attribute};

    #[test]
    fn a_package_names_its_people() {
        let people = |text: &str| -> Option<String> {
            observe(&NPM, "package.json", text.as_bytes())
                .0
                .iter()
                .find(|one| one.kind == Kind::Project)
                .and_then(|one| one.attribute(attribute::PEOPLE).map(str::to_owned))
        };
        let text = r#"{"name": "x", "author": "Jane Roe <jane@example.org>", "maintainers": [{"name": "Max"}, "Acme", 3, {}]}"#;
        assert_eq!(people(text).as_deref(), Some("Jane Roe <jane@example.org>\nMax <>\nAcme"));
        assert_eq!(people(r#"{"name": "x", "author": {}, "contributors": ["Somebody"]}"#), None);
    }

    #[test]
    fn what_a_game_asks_for_is_seen_and_names_no_project() {
        let text = b"{\"dependencies\": {\n\"com.example.net\": \"2.1.3\",\n\"com.example.git\": \"https://tok:en@git.example/x.git#1\"}}";
        let (seen, result) = observe(&NPM, "Packages/manifest.json", text);
        assert_eq!(result, Ok(()));
        assert_eq!(
            listed(&seen),
            [
                "npm com.example.net 2.1.3 direct 2",
                "npm com.example.git https://git.example/x.git#1 direct 3"
            ]
        );
        assert!(projects(&seen).is_empty());
        assert!(!NPM.files.iter().any(|file| (file.is)("manifest.json", "web/manifest.json")));
    }

    #[test]
    fn a_manifest_is_read_in_every_form() {
        let text = "{\n\"name\": \"@org/app\",\n\"version\": \"1.0.0\",\n\"description\": \"Answers\",\n\"keywords\": [\"langchain\"],\n\
                    \"scripts\": {\"openai\": \"run\"},\n\"dependencies\": {\n\"openai\": \"^4.0.0\",\n\"gpt\": \"npm:@anthropic-ai/sdk@^0.20\",\n\
                    \"@org/shared\": \"workspace:*\",\n\"x\": \"file:../x\",\n\"fork\": \"git+https://tok:en@github.com/org/fork.git#main\",\n\"fsevents\": \"1\"},\n\
                    \"devDependencies\": {\n\"vitest\": \"1\"},\n\"peerDependencies\": {\n\"react\": \">=18\"},\n\"optionalDependencies\": {\n\"fsevents\": \"2\"},\n\
                    \"overrides\": {\"ai\": \"1\"}}";
        let (seen, result) = observe(&NPM, "package.json", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["npm @org/app 1.0.0 Answers 2"]);
        assert_eq!(
            listed(&seen),
            [
                "npm openai ^4.0.0 direct 8",
                "npm @anthropic-ai/sdk ^0.20 direct 9",
                "npm @org/shared workspace:* direct 10",
                "npm x file:../x direct 11",
                "npm fork git+https://github.com/org/fork.git#main direct 12",
                "npm vitest 1 dev 15",
                "npm fsevents 2 optional 19",
                "npm react >=18 peer 17",
            ]
        );
    }

    #[test]
    fn what_is_no_dependency_is_not_taken_for_one() {
        for text in [
            "{\"type\": \"module\"}",
            "[]",
            "{\"dependencies\": [\"openai\"]}",
            "{\"dependencies\": {\"//\": \"openai\", \"a b\": \"1\", \"\": \"1\", \"openai\": {\"version\": \"1\"}}}",
            "{\"config\": {\"dependencies\": {\"openai\": \"1\"}}}",
            "{\"name\": \"\"}",
        ] {
            let (seen, result) = observe(&NPM, "package.json", text.as_bytes());
            assert!(seen.is_empty() && result.is_ok(), "{text}: {seen:?}");
        }
    }

    #[test]
    fn aliases_give_the_real_name() {
        for (range, name, version) in [
            ("npm:openai@^4", "openai", "^4"),
            ("npm:@scope/x@1", "@scope/x", "1"),
            ("npm:openai", "openai", ""),
            ("npm:7zip-bin", "7zip-bin", ""),
            ("npm:^4.0.0", "key", "^4.0.0"),
            ("npm:4.0.0", "key", "4.0.0"),
            ("npm:4", "key", "4"),
            ("npm:latest", "key", "latest"),
            ("^4", "key", "^4"),
            ("jsr:@std/x@1", "key", "jsr:@std/x@1"),
        ] {
            assert_eq!(real("key", range), (name, version), "{range}");
        }
    }

    #[test]
    fn a_broken_manifest_gives_what_could_be_made_out() {
        for text in [
            "{\"name\": \"x\",\n\"dependencies\": {\n\"openai\": \"^4\",\n\"lang",
            "{\"name\": \"x\",\n\"dependencies\": {\n\"openai\": \"^4\"\n\"langchain\": \"1\"\n}}",
            "{\"name\": \"x\",\n\"dependencies\": {\n<<<<<<< HEAD\n\"openai\": \"^4\"\n=======\n\"openai\": \"^5\"\n>>>>>>> b\n}}",
            "{\"name\": \"x\",\n\"dependencies\": {\n\"openai\": \"^4\",\n}",
        ] {
            let (seen, result) = observe(&NPM, "package.json", text.as_bytes());
            assert!(result.is_err(), "{text}");
            assert_eq!(projects(&seen).len(), 1, "{text}");
            assert!(names(&seen).contains(&"openai"), "{text}: {seen:?}");
        }
        assert_eq!(
            packages(&NPM, "package.json", "{\"dependencies\": {\"a\": \"1\"}}"),
            ["npm a 1 direct 1"]
        );
    }
}
