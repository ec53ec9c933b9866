//! `pnpm-lock.yaml` of versions 5 to 9.

use std::collections::BTreeMap;

use evidence::Relation;

use super::document;
use super::locked::{Locked, relate};
use super::npm::{TABLES, split};
use crate::tree::{Node, Shape};
use crate::{Artifact, Observations, Unreadable};

/// Reads `pnpm-lock.yaml`.
pub(crate) fn read(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    // Newer versions put a document about the package manager itself before the one about the project.
    let lockfiles: Vec<Node<'_>> = if root.shape() == Shape::List {
        root.children().collect()
    } else {
        vec![root]
    };
    let mut locked = Locked::new("npm");
    for lockfile in lockfiles {
        read_one(lockfile, &mut locked);
    }
    locked.emit(out);
    document.complete()
}

fn read_one(lockfile: Node<'_>, locked: &mut Locked) {
    let mut asked: BTreeMap<(&str, &str), Relation> = BTreeMap::new();
    // Without workspaces, older versions write the one importer's tables at the top.
    for importer in lockfile
        .get("importers")
        .into_iter()
        .flat_map(Node::children)
        .chain(std::iter::once(lockfile))
    {
        for (key, relation) in TABLES {
            for entry in importer.get(key).into_iter().flat_map(Node::children) {
                let Some(version) = entry.scalar().or_else(|| entry.get("version")?.scalar()) else {
                    continue;
                };
                if !version.starts_with("link:") {
                    relate(&mut asked, resolved(entry.key(), version), *relation);
                }
            }
        }
    }
    for entry in lockfile.get("packages").into_iter().flat_map(Node::children) {
        let text = |key| entry.get(key).and_then(Node::scalar);
        let Some((name, version)) = installed(entry.key()) else {
            // Not from a registry: then the entry itself says what it is.
            if let Some(name) = text("name") {
                let relation = asked
                    .get(&(name, without_peers(entry.key())))
                    .copied()
                    .unwrap_or(Relation::Transitive);
                locked.add(name, text("version").unwrap_or_default(), relation, entry.line());
            }
            continue;
        };
        let relation = asked.get(&(name, version)).copied().unwrap_or(Relation::Transitive);
        locked.add(name, version, relation, entry.line());
    }
}

/// Name and version an importer's entry is resolved to; an alias is resolved to the key of another package.
fn resolved<'t>(name: &'t str, version: &'t str) -> (&'t str, &'t str) {
    let is_alias =
        version.starts_with('/') || split(without_peers(version)).is_some_and(|(name, _)| !name.contains(':') && !is_number(name));
    let alias = if is_alias { installed(version) } else { None };
    alias.unwrap_or_else(|| {
        (
            name,
            if version.contains(':') {
                without_peers(version)
            } else {
                without_suffix(version)
            },
        )
    })
}

/// Name and version of a package's key: `name@1.0(peer@2)`, `/name@1.0(peer@2)`, or `/name/1.0_peer@2` before version 6.
fn installed(key: &str) -> Option<(&str, &str)> {
    let key = without_peers(key);
    let bare = key.strip_prefix('/').unwrap_or(key);
    let name_end = match bare.strip_prefix('@') {
        Some(scoped) => scoped.find('/')? + 2,
        None => 0,
    };
    let at = name_end + bare[name_end..].find(['/', '@'])?;
    let (name, version) = (&bare[..at], &bare[at + 1..]);
    if bare[at..].starts_with('@') {
        return (!name.contains(':')).then_some((name, version));
    }
    // A key without the leading slash names a host or a file.
    (key.starts_with('/') && version.starts_with(|first: char| first.is_ascii_digit())).then(|| (name, without_suffix(version)))
}

/// Whether a text starts as a version does; names of packages that start with a digit have no dot behind it.
fn is_number(text: &str) -> bool {
    text.split_once('.').is_some_and(|(major, _)| major.parse::<u64>().is_ok())
}

fn without_peers(text: &str) -> &str {
    text.split('(').next().unwrap_or(text)
}

/// A version without the peers it was resolved with, in any form.
fn without_suffix(version: &str) -> &str {
    version.split(['(', '_']).next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::npm::NPM;
    use crate::manifests::testing::{names, observe, packages};

    #[test]
    fn version_9_is_read() {
        let text = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      '@ai-sdk/openai':\n        specifier: ^3\n        version: 3.0.2(zod@4.3.6)\n\
                    \x20     gpt:\n        specifier: npm:openai@^4\n        version: openai@4.0.0(zod@4.3.6)\n      lib:\n        specifier: workspace:*\n        version: link:packages/lib\n\
                    \x20     tar:\n        specifier: https://h/tar.tgz\n        version: https://u:p@h/tar.tgz\n    devDependencies:\n      vitest:\n        specifier: '1'\n        version: 1.0.0\n\n\
                    \x20 packages/lib:\n    optionalDependencies:\n      sharp:\n        specifier: '1'\n        version: 1.0.0\n\npackages:\n\n\
                    \x20 '@ai-sdk/openai@3.0.2':\n    resolution: {integrity: x}\n    peerDependencies:\n      zod: ^3\n  openai@4.0.0:\n    resolution: {integrity: x}\n\
                    \x20 sharp@1.0.0: {}\n  tar@https://u:p@h/tar.tgz:\n    version: 2.0.0\n  vitest@1.0.0: {}\n  zod@4.3.6: {}\n\nsnapshots:\n\n  '@ai-sdk/openai@3.0.2(zod@4.3.6)': {}\n";
        assert_eq!(
            packages(&NPM, "pnpm-lock.yaml", text),
            [
                "npm @ai-sdk/openai 3.0.2 direct 32",
                "npm openai 4.0.0 direct 36",
                "npm sharp 1.0.0 optional 38",
                "npm tar https://h/tar.tgz direct 39",
                "npm vitest 1.0.0 dev 41",
                "npm zod 4.3.6 transitive 42",
            ]
        );
    }

    #[test]
    fn version_6_is_read() {
        let text = "lockfileVersion: '6.0'\ndependencies:\n  openai:\n    specifier: ^4\n    version: 4.0.0(zod@3.0.0)\n  gpt:\n    specifier: npm:ai@1\n    version: /ai@1.0.0\n\
                    packages:\n  /openai@4.0.0(zod@3.0.0):\n    dev: false\n  /ai@1.0.0:\n    dev: false\n  /@scope/x@1.0.0(zod@3.0.0): {}\n  /zod@3.0.0: {}\n\
                    \x20 file:lib:\n    resolution: {directory: lib}\n    name: lib\n";
        assert_eq!(
            packages(&NPM, "pnpm-lock.yaml", text),
            [
                "npm openai 4.0.0 direct 10",
                "npm ai 1.0.0 direct 12",
                "npm @scope/x 1.0.0 transitive 14",
                "npm zod 3.0.0 transitive 15",
                "npm lib - transitive 16",
            ]
        );
    }

    #[test]
    fn version_5_is_read() {
        let text = "lockfileVersion: 5.4\nspecifiers:\n  openai: ^3\ndependencies:\n  openai: 3.3.0\n  '@scope/x': 1.0.0_zod@3.0.0\n  gpt: /ai/1.0.0\n  fork: github.com/org/fork/abc\n\
                    devDependencies:\n  vitest: 1.0.0\npackages:\n  /openai/3.3.0:\n    dev: false\n  /@scope/x/1.0.0_zod@3.0.0: {}\n  /ai/1.0.0: {}\n  /vitest/1.0.0: {}\n\
                    \x20 /zod/3.0.0: {}\n  github.com/org/fork/abc:\n    name: fork\n    version: 0.1.0\n";
        assert_eq!(
            packages(&NPM, "pnpm-lock.yaml", text),
            [
                "npm openai 3.3.0 direct 12",
                "npm @scope/x 1.0.0 direct 14",
                "npm ai 1.0.0 direct 15",
                "npm vitest 1.0.0 dev 16",
                "npm zod 3.0.0 transitive 17",
                "npm fork 0.1.0 direct 18",
            ]
        );
    }

    #[test]
    fn several_documents_are_read_and_others_say_nothing() {
        let text = "lockfileVersion: '9.0'\npackages:\n  pnpm@11.0.0: {}\n---\nlockfileVersion: '9.0'\npackages:\n  openai@4.0.0: {}\n";
        assert_eq!(
            packages(&NPM, "pnpm-lock.yaml", text),
            ["npm pnpm 11.0.0 transitive 3", "npm openai 4.0.0 transitive 7"]
        );
        assert!(
            packages(
                &NPM,
                "pnpm-lock.yaml",
                "lockfileVersion: '9.0'\noverrides:\n  openai: 4\ncatalogs:\n  default:\n    openai: {version: 4}\n"
            )
            .is_empty()
        );
    }

    #[test]
    fn keys_that_name_no_package_are_refused() {
        for key in [
            "",
            "/",
            "@scope",
            "/@scope/x",
            "github.com/org/x/abc",
            "file:lib",
            "file:../a@b",
            "/openai",
        ] {
            assert_eq!(installed(key), None, "{key}");
        }
    }

    #[test]
    fn a_cut_lockfile_gives_what_stands_before_the_cut() {
        let (seen, result) = observe(
            &NPM,
            "pnpm-lock.yaml",
            b"packages:\n  openai@4.0.0:\n    resolution: {integrity: x}\n  zod@3.0.0:\n    resolution: {inte",
        );
        assert!(names(&seen).contains(&"openai") && result.is_err(), "{seen:?}");
    }
}
