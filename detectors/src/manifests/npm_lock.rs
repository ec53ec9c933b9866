//! Lockfiles of npm (`package-lock.json`, `npm-shrinkwrap.json`) and Bun (`bun.lock`).

use std::collections::BTreeMap;

use evidence::Relation;

use super::document;
use super::locked::{Locked, relate};
use super::npm::{asked_for, split};
use crate::tree::{Node, Shape};
use crate::{Artifact, Observations, Unreadable};

/// Folders above a workspace that are looked into for what it asks for.
const HIGHEST: usize = 64;
/// Workspaces with longer names or paths exist in hostile files only; joined with every dependency they would not end.
const LONGEST: usize = 1024;

/// Reads npm's lockfile of any version.
pub(crate) fn npm(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    let mut locked = Locked::new("npm");
    match root.get("packages").filter(|node| node.shape() == Shape::Map) {
        Some(packages) => by_path(packages, &mut locked),
        None => nested(root, &mut locked),
    }
    locked.emit(out);
    document.complete()
}

/// Versions 2 and 3: packages under the path they are installed at.
fn by_path(packages: Node<'_>, locked: &mut Locked) {
    let installed: BTreeMap<&str, Node<'_>> = packages.children().map(|entry| (entry.key(), entry)).collect();
    let mut asked: BTreeMap<String, Relation> = BTreeMap::new();
    // What is not installed under a `node_modules` is the project itself or one of its workspaces.
    let is_workspace = |entry: &Node<'_>| entry.key().len() <= LONGEST && !entry.key().contains("node_modules/");
    for workspace in packages.children().filter(is_workspace) {
        for (entry, relation) in asked_for(workspace) {
            if let Some(path) = resolve(&installed, workspace.key(), entry.key()) {
                relate(&mut asked, path, relation);
            }
        }
    }
    for entry in packages.children() {
        let Some((_, folder)) = entry.key().rsplit_once("node_modules/") else {
            continue;
        };
        let text = |key| entry.get(key).and_then(Node::scalar);
        // A link leads to a workspace of the project.
        if text("link") != Some("true") {
            let relation = asked.get(entry.key()).copied().unwrap_or(Relation::Transitive);
            locked.add(
                text("name").unwrap_or(folder),
                text("version").unwrap_or_default(),
                relation,
                entry.line(),
            );
        }
    }
}

/// The path at which what a workspace asks for is installed: beside it, or in a folder above.
fn resolve(installed: &BTreeMap<&str, Node<'_>>, workspace: &str, name: &str) -> Option<String> {
    let mut folder = workspace;
    for _ in 0..HIGHEST {
        let path = if folder.is_empty() {
            format!("node_modules/{name}")
        } else {
            format!("{folder}/node_modules/{name}")
        };
        if installed.contains_key(path.as_str()) {
            return Some(path);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
    None
}

/// Version 1: packages inside the packages that need them.
fn nested(root: Node<'_>, locked: &mut Locked) {
    let mut pending: Vec<Node<'_>> = root.get("dependencies").into_iter().collect();
    while let Some(table) = pending.pop() {
        for entry in table.children().filter(|entry| entry.shape() == Shape::Map) {
            let version = entry.get("version").and_then(Node::text).unwrap_or_default();
            let alias = version.strip_prefix("npm:").and_then(split);
            let (name, version) = alias.unwrap_or((entry.key(), version));
            locked.add(name, version, Relation::Transitive, entry.line());
            pending.extend(entry.get("dependencies"));
        }
    }
}

/// Reads Bun's lockfile, the one that is text.
pub(crate) fn bun(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let table = |key| document.root().get(key).into_iter().flat_map(Node::children);
    let installed: BTreeMap<&str, Node<'_>> = table("packages").map(|entry| (entry.key(), entry)).collect();
    let mut asked: BTreeMap<String, Relation> = BTreeMap::new();
    for workspace in table("workspaces") {
        let own = workspace
            .get("name")
            .and_then(Node::text)
            .filter(|name| name.len() <= LONGEST)
            .unwrap_or_default();
        for (entry, relation) in asked_for(workspace) {
            // What a workspace has for itself stands under its name.
            let under_own = format!("{own}/{}", entry.key());
            let path = if installed.contains_key(under_own.as_str()) {
                under_own
            } else {
                entry.key().to_owned()
            };
            relate(&mut asked, path, relation);
        }
    }
    let mut locked = Locked::new("npm");
    for entry in table("packages") {
        let Some((name, version)) = entry.children().next().and_then(Node::text).and_then(split) else {
            continue;
        };
        if !version.starts_with("workspace:") {
            let relation = asked.get(entry.key()).copied().unwrap_or(Relation::Transitive);
            locked.add(name, version, relation, entry.line());
        }
    }
    locked.emit(out);
    document.complete()
}

#[cfg(test)]
mod tests {
    use crate::manifests::npm::NPM;
    use crate::manifests::testing::{names, observe, packages};

    #[test]
    fn npm_tells_what_the_project_and_its_workspaces_ask_for() {
        let text = r#"{"name": "app", "lockfileVersion": 3, "packages": {
"": {"name": "app", "workspaces": ["packages/*"], "dependencies": {"openai": "^4", "gpt": "npm:ai@^1"}, "devDependencies": {"vitest": "1"}},
"packages/a": {"name": "a", "dependencies": {"zod": "3", "openai": "*", "b": "*"}, "peerDependencies": {"react": "18"}},
"node_modules/a": {"resolved": "packages/a", "link": true},
"node_modules/openai": {"version": "4.1.0", "dependencies": {"zod": "2"}},
"node_modules/openai/node_modules/zod": {"version": "2.0.0"},
"node_modules/gpt": {"name": "ai", "version": "1.0.0"},
"node_modules/vitest": {"version": "1.0.0", "dev": true},
"node_modules/zod": {"version": "1.0.0"},
"packages/a/node_modules/zod": {"version": "3.0.0"},
"node_modules/react": {"version": "18.0.0", "peer": true},
"node_modules/@scope/deep/node_modules/zod": {"version": "1.0.0"}},
"dependencies": {"openai": {"version": "4.1.0"}}}"#;
        for path in ["package-lock.json", "npm-shrinkwrap.json"] {
            assert_eq!(
                packages(&NPM, path, text),
                [
                    "npm openai 4.1.0 direct 5",
                    "npm zod 2.0.0 transitive 6",
                    "npm ai 1.0.0 direct 7",
                    "npm vitest 1.0.0 dev 8",
                    "npm zod 1.0.0 transitive 9",
                    "npm zod 3.0.0 direct 10",
                    "npm react 18.0.0 peer 11",
                ]
            );
        }
    }

    #[test]
    fn the_first_form_of_npm_does_not_tell() {
        let text = r#"{"name": "app", "lockfileVersion": 1, "dependencies": {
"openai": {"version": "4.0.0", "requires": {"zod": "2"}, "dependencies": {
"zod": {"version": "2.0.0"}}},
"gpt": {"version": "npm:ai@1.0.0"},
"odd": "1"}}"#;
        assert_eq!(
            packages(&NPM, "package-lock.json", text),
            [
                "npm openai 4.0.0 transitive 2",
                "npm ai 1.0.0 transitive 4",
                "npm zod 2.0.0 transitive 3"
            ]
        );
    }

    #[test]
    fn bun_tells_what_its_workspaces_ask_for() {
        let text = r#"{
  "lockfileVersion": 1,
  "workspaces": {
    "": {"name": "app", "dependencies": {"openai": "^4", "zod": "3"}, "devDependencies": {"vitest": "1"},},
    "packages/a": {"name": "@org/a", "dependencies": {"zod": "2"}},
  },
  "packages": {
    "@org/a": ["@org/a@workspace:packages/a"],
    "openai": ["openai@4.1.0", "", {"dependencies": {"ws": "8"}}, "sha512-x"],
    "vitest": ["vitest@1.0.0", "", {}, "sha512-x"],
    "ws": ["ws@8.0.0", "", {}, "sha512-x"],
    "zod": ["zod@3.0.0", "", {}, "sha512-x"],
    "@org/a/zod": ["zod@2.0.0", "", {}, "sha512-x"],
    "openai/zod": ["zod@1.0.0", "", {}, "sha512-x"],
    "odd": [],
  }
}"#;
        assert_eq!(
            packages(&NPM, "bun.lock", text),
            [
                "npm openai 4.1.0 direct 9",
                "npm vitest 1.0.0 dev 10",
                "npm ws 8.0.0 transitive 11",
                "npm zod 3.0.0 direct 12",
                "npm zod 2.0.0 direct 13",
                "npm zod 1.0.0 transitive 14",
            ]
        );
    }

    #[test]
    fn a_hostile_workspace_path_ends() {
        let (long, many) = (
            "a/".repeat(500_000),
            (0..20_000).map(|at| format!("\"p{at}\": \"1\"")).collect::<Vec<_>>().join(","),
        );
        let text =
            format!("{{\"packages\": {{\"{long}\": {{\"dependencies\": {{{many}}}}}, \"node_modules/openai\": {{\"version\": \"1\"}}}}}}");
        assert_eq!(packages(&NPM, "package-lock.json", &text), ["npm openai 1 transitive 1"]);
    }

    #[test]
    fn a_cut_lockfile_gives_what_stands_before_the_cut() {
        let cut = "{\"packages\": {\"\": {\"dependencies\": {\"openai\": \"1\"}},\n\"node_modules/openai\": {\"version\": \"1.0\"},\n\"node_modules/z";
        let (seen, result) = observe(&NPM, "package-lock.json", cut.as_bytes());
        assert_eq!(names(&seen), ["openai"]);
        assert!(result.is_err());
    }
}
