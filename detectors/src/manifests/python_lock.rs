//! Lockfiles of Poetry, PDM, uv and Pipenv, and `pylock.toml`.

use std::collections::BTreeMap;

use evidence::Relation;

use super::declared::{group_relation, version_of};
use super::document;
use super::locked::{Locked, closer, relate};
use super::requirement::normalise;
use crate::tree::Node;
use crate::{Artifact, Observations, Unreadable};

/// Reads a lockfile that is a list of packages and does not tell which were asked for.
pub(crate) fn packages(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let mut locked = Locked::new("pypi");
    for (_, name, version, line) in entries(document.root()) {
        locked.add(&normalise(name), version, Relation::Transitive, line);
    }
    locked.emit(out);
    document.complete()
}

/// Every package with its name, version and line.
fn entries(root: Node<'_>) -> impl Iterator<Item = (Node<'_>, &str, &str, u32)> {
    // `pylock.toml` has the plural.
    let tables = ["package", "packages"].into_iter().filter_map(move |key| root.get(key));
    tables.flat_map(Node::children).filter_map(|entry| {
        let name = entry.get("name")?;
        Some((
            entry,
            name.text()?,
            entry.get("version").and_then(Node::scalar).unwrap_or_default(),
            name.line(),
        ))
    })
}

/// Reads `Pipfile.lock`.
pub(crate) fn pipenv(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let mut locked = Locked::new("pypi");
    let categories = document.root().children().filter(|category| category.key() != "_meta");
    for entry in categories.flat_map(Node::children) {
        locked.add(&normalise(entry.key()), &version_of(entry), Relation::Transitive, entry.line());
    }
    locked.emit(out);
    document.complete()
}

/// Reads `uv.lock`: what the projects in it name is direct, the rest is transitive.
pub(crate) fn uv(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    // By name and, where there are several, version.
    let mut named: BTreeMap<(&str, Option<&str>), Relation> = BTreeMap::new();
    for (project, ..) in entries(document.root()).filter(|(entry, ..)| is_project(*entry)) {
        for (list, relation) in asked_for(project) {
            for entry in list.children() {
                let text = |key| entry.get(key).and_then(Node::text);
                if let Some(name) = text("name") {
                    relate(&mut named, (name, text("version")), relation);
                }
            }
        }
    }
    let mut locked = Locked::new("pypi");
    for (_, name, version, line) in entries(document.root()).filter(|(entry, ..)| !is_project(*entry)) {
        let relations = [named.get(&(name, None)), named.get(&(name, Some(version)))];
        let relation = relations.into_iter().flatten().copied().fold(Relation::Transitive, closer);
        locked.add(&normalise(name), version, relation, line);
    }
    locked.emit(out);
    document.complete()
}

/// The lists of what a project asks for.
fn asked_for(project: Node<'_>) -> Vec<(Node<'_>, Relation)> {
    let groups = |key| project.get(key).into_iter().flat_map(Node::children);
    let mut lists: Vec<_> = project
        .get("dependencies")
        .map(|list| (list, Relation::Direct))
        .into_iter()
        .collect();
    lists.extend(groups("optional-dependencies").map(|list| (list, group_relation(list.key()))));
    lists.extend(groups("dev-dependencies").map(|list| (list, Relation::Dev)));
    lists
}

/// Whether an entry is a project of the workspace and not a package.
fn is_project(entry: Node<'_>) -> bool {
    entry
        .get("source")
        .is_some_and(|source| source.get("virtual").is_some() || source.get("editable").is_some())
}

#[cfg(test)]
mod tests {
    use crate::manifests::pypi::PYPI;
    use crate::manifests::testing::{names, observe, packages};

    #[test]
    fn lists_of_packages_are_transitive() {
        let text = "[[package]]\nname = \"OpenAI_x\"\nversion = \"1.0\"\ndescription = \"torch\"\n[package.dependencies]\nhttpx = \">=1\"\n\n\
                    [[package]]\nname = \"httpx\"\nversion = \"0.27\"\n\n[metadata]\nlock-version = \"2.0\"\n";
        for path in ["poetry.lock", "pdm.lock"] {
            assert_eq!(
                packages(&PYPI, path, text),
                ["pypi openai-x 1.0 transitive 2", "pypi httpx 0.27 transitive 9"]
            );
        }
        let text = "lock-version = '1.0'\n[[packages]]\nname = 'openai'\nversion = '1'\n[[packages]]\nname = 'local'\n[packages.directory]\npath = '.'\n";
        assert_eq!(
            packages(&PYPI, "pylock.toml", text),
            ["pypi openai 1 transitive 3", "pypi local - transitive 6"]
        );
    }

    #[test]
    fn pipfile_lock_is_transitive() {
        let text = "{\"_meta\": {\"sources\": [{\"name\": \"pypi\"}]},\n\"default\": {\n\"openai\": {\"index\": \"pypi\", \"version\": \"==1.0\"},\n\
                    \"x\": {\"git\": \"https://t:k@h/x\", \"ref\": \"a\"}},\n\"develop\": {\n\"openai\": {\"version\": \"==1.0\"}}}";
        assert_eq!(
            packages(&PYPI, "Pipfile.lock", text),
            ["pypi openai ==1.0 transitive 3", "pypi x git+https://h/x transitive 4"]
        );
    }

    #[test]
    fn uv_tells_what_its_projects_ask_for() {
        let text = "version = 1\n[[package]]\nname = 'app'\nsource = { editable = '.' }\ndependencies = [{ name = 'openai' }, { name = 'numpy', version = '2' }]\n\
                    [package.optional-dependencies]\ngpu = [{ name = 'torch' }]\n[package.dev-dependencies]\ndev = [{ name = 'pytest' }, { name = 'openai' }]\n\
                    [package.metadata]\nrequires-dist = [{ name = 'httpx' }]\n\
                    [[package]]\nname = 'httpx'\nversion = '1'\nsource = { registry = 'r' }\n[[package]]\nname = 'numpy'\nversion = '1'\n\
                    [[package]]\nname = 'numpy'\nversion = '2'\n[[package]]\nname = 'openai'\nversion = '3'\ndependencies = [{ name = 'httpx' }]\n\
                    [[package]]\nname = 'pytest'\nversion = '8'\n[[package]]\nname = 'torch'\nversion = '2'\n\
                    [[package]]\nname = 'lib'\nversion = '1'\nsource = { virtual = 'lib' }\ndependencies = [{ name = 'tiktoken' }]\n\
                    [[package]]\nname = 'tiktoken'\nversion = '1'\n";
        assert_eq!(
            packages(&PYPI, "uv.lock", text),
            [
                "pypi httpx 1 transitive 13",
                "pypi numpy 1 transitive 17",
                "pypi numpy 2 direct 20",
                "pypi openai 3 direct 23",
                "pypi pytest 8 dev 27",
                "pypi torch 2 optional 30",
                "pypi tiktoken 1 direct 38",
            ]
        );
    }

    #[test]
    fn a_cut_lockfile_gives_what_stands_before_the_cut() {
        let (seen, result) = observe(
            &PYPI,
            "uv.lock",
            b"[[package]]\nname = 'openai'\nversion = '1'\n\n[[package]]\nname = 'tor",
        );
        assert!(result.is_err());
        assert!(names(&seen).contains(&"openai"), "{seen:?}");
    }
}
