//! `pyproject.toml`, with the tables of Poetry, uv, PDM, Hatch and Pixi, and `Pipfile`.

use std::collections::BTreeSet;

use evidence::Relation;

use super::conda;
use super::declared::{group_relation, is_optional, package, project, project_of, version_of};
use super::document;
use super::requirement::{Line, normalise, parse, pip_line};
use crate::tree::{Node, Shape};
use crate::{Artifact, Observations, Unreadable};

/// Reads `pyproject.toml`.
pub(crate) fn read(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    let unit = root.get("project").and_then(|table| project_of("pypi", table));
    let unit = unit.or_else(|| root.at(&["tool", "poetry"]).and_then(|table| project_of("pypi", table)));
    let own = unit.as_ref().map(|unit| normalise(&unit.key)).unwrap_or_default();
    unit.into_iter().for_each(|unit| out.push(unit));
    let mut reader = Reader { own, out };
    if let Some(table) = root.get("project") {
        reader.list(table.get("dependencies"), Relation::Direct);
        reader.groups(table.get("optional-dependencies"), group_relation);
    }
    reader.groups(root.get("dependency-groups"), group_relation);
    reader.list(root.at(&["build-system", "requires"]), Relation::Dev);
    reader.list(root.at(&["tool", "uv", "dev-dependencies"]), Relation::Dev);
    reader.groups(root.at(&["tool", "pdm", "dev-dependencies"]), |_| Relation::Dev);
    for environment in root.at(&["tool", "hatch", "envs"]).into_iter().flat_map(Node::children) {
        reader.list(environment.get("dependencies"), Relation::Dev);
        reader.list(environment.get("extra-dependencies"), Relation::Dev);
    }
    if let Some(poetry) = root.at(&["tool", "poetry"]) {
        reader.poetry(poetry);
    }
    if let Some(pixi) = root.at(&["tool", "pixi"]) {
        conda::pixi(pixi, out);
    }
    document.complete()
}

/// Reads `Pipfile`.
pub(crate) fn pipfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    for (table, relation) in [("packages", Relation::Direct), ("dev-packages", Relation::Dev)] {
        for entry in document.root().get(table).into_iter().flat_map(Node::children) {
            out.push(package("pypi", normalise(entry.key()), &version_of(entry), relation, entry.line()));
        }
    }
    document.complete()
}

/// Reads a JSON manifest with a list of `requirements`, as Home Assistant's integrations have; other files of the name
/// say nothing.
pub(crate) fn json_manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    if let Some(list) = root.get("requirements").filter(|node| node.shape() == Shape::List) {
        let text = |key| root.get(key).and_then(|node| Some((node.text()?, node.line())));
        let version = text("version").map_or("", |(version, _)| version);
        let unit = text("domain")
            .or_else(|| text("name"))
            .and_then(|(name, line)| project("pypi", name, version, "", line));
        unit.into_iter().for_each(|unit| out.push(unit));
        Reader { own: String::new(), out }.list(Some(list), Relation::Direct);
    }
    document.complete()
}

struct Reader<'o> {
    /// The project's own name: an extra that repeats other extras is no dependency.
    own: String,
    out: &'o mut Observations,
}

impl Reader<'_> {
    /// A list of requirements; tables in it (`include-group`) name groups that are read for themselves.
    fn list(&mut self, list: Option<Node<'_>>, relation: Relation) {
        for entry in list.into_iter().flat_map(Node::children) {
            let Some(text) = entry.text() else { continue };
            let named = parse(text).or_else(|| match pip_line(text) {
                Line::Package(requirement) => Some(requirement),
                Line::Silent | Line::Strange => None,
            });
            if let Some(named) = named.filter(|named| named.name != self.own) {
                self.out.push(package("pypi", named.name, &named.version, relation, entry.line()));
            }
        }
    }

    /// A table of lists of requirements.
    fn groups(&mut self, table: Option<Node<'_>>, relation: fn(&str) -> Relation) {
        for group in table.into_iter().flat_map(Node::children) {
            self.list(Some(group), relation(group.key()));
        }
    }

    /// The tables of Poetry.
    fn poetry(&mut self, poetry: Node<'_>) {
        let extras: BTreeSet<String> = poetry
            .get("extras")
            .into_iter()
            .flat_map(Node::children)
            .flat_map(Node::children)
            .filter_map(|name| name.text().map(normalise))
            .collect();
        self.poetry_table(poetry.get("dependencies"), Relation::Direct, &extras);
        self.poetry_table(poetry.get("dev-dependencies"), Relation::Dev, &BTreeSet::new());
        for group in poetry.get("group").into_iter().flat_map(Node::children) {
            self.poetry_table(group.get("dependencies"), group_relation(group.key()), &BTreeSet::new());
        }
    }

    fn poetry_table(&mut self, table: Option<Node<'_>>, relation: Relation, extras: &BTreeSet<String>) {
        for entry in table.into_iter().flat_map(Node::children) {
            let name = normalise(entry.key());
            if name == "python" {
                continue;
            }
            // A list holds one constraint for each platform or Python.
            let constraints: Vec<Node<'_>> = if entry.shape() == Shape::List {
                entry.children().collect()
            } else {
                vec![entry]
            };
            for constraint in constraints {
                let is_optional = relation == Relation::Direct && (is_optional(constraint) || extras.contains(&name));
                let relation = if is_optional { Relation::Optional } else { relation };
                self.out
                    .push(package("pypi", name.clone(), &version_of(constraint), relation, constraint.line()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::manifests::pypi::PYPI;
    use crate::manifests::testing::{listed, names, observe, packages, projects};

    #[test]
    fn standard_tables_are_read() {
        let text = "[project]\nname = 'My.App'\nversion = '1.2'\ndescription = 'Answers'\nrequires-python = '>=3.9'\nkeywords = ['torch']\n\
                    dependencies = [\n  'openai>=2',\n  'Tik_Token ; python_version < \"3\"',\n  'not a requirement',\n]\n\
                    [project.optional-dependencies]\ngpu = ['torch']\ntest = ['pytest', 'my-app[gpu]']\n\
                    [dependency-groups]\nlint = ['ruff', {include-group = 'x'}]\nlocal = ['ollama']\n[build-system]\nrequires = ['hatchling']\n\
                    [tool.ruff]\nselect = ['E']\n";
        let (seen, result) = observe(&PYPI, "pyproject.toml", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["pypi My.App 1.2 Answers 2"]);
        assert_eq!(
            listed(&seen),
            [
                "pypi openai >=2 direct 8",
                "pypi tik-token - direct 9",
                "pypi torch - optional 13",
                "pypi pytest - dev 14",
                "pypi ruff - dev 16",
                "pypi ollama - optional 17",
                "pypi hatchling - dev 19",
            ]
        );
    }

    #[test]
    fn poetry_is_read() {
        let text = "[tool.poetry]\nname = 'x'\nversion = '1'\n[tool.poetry.dependencies]\npython = '^3.10'\nOpenAI = '^1.0'\n\
                    torch = {version = '2', optional = true}\nfaiss-cpu = '*'\nfork = {git = 'https://u:p@host/fork.git', branch = 'x'}\nlocal = {path = '../l'}\n\
                    numpy = [{version = '1', python = '<3.9'}, {version = '2'}]\n[tool.poetry.extras]\nsearch = ['faiss_cpu']\n\
                    [tool.poetry.group.dev.dependencies]\npytest = '8'\n[tool.poetry.group.postgres.dependencies]\npsycopg = '3'\n\
                    [tool.poetry.dev-dependencies]\nblack = '*'\n";
        assert_eq!(
            packages(&PYPI, "pyproject.toml", text),
            [
                "pypi openai ^1.0 direct 6",
                "pypi torch 2 optional 7",
                "pypi faiss-cpu * optional 8",
                "pypi fork git+https://host/fork.git direct 9",
                "pypi local path:../l direct 10",
                "pypi numpy 1 direct 11",
                "pypi numpy 2 direct 11",
                "pypi black * dev 19",
                "pypi pytest 8 dev 15",
                "pypi psycopg 3 optional 17",
            ]
        );
    }

    #[test]
    fn tables_of_other_tools_are_read() {
        let text = "[tool.uv]\ndev-dependencies = ['a']\nconstraint-dependencies = ['not-a']\n[tool.pdm.dev-dependencies]\nx = ['b', '-e file:///r/c#egg=c']\n\
                    [tool.hatch.envs.default]\ndependencies = ['d']\nscripts = {e = 'openai'}\n[tool.hatch.envs.t]\nextra-dependencies = ['e']\n\
                    [tool.pixi.dependencies]\nf = '>=1'\n[tool.pixi.pypi-dependencies]\ng = '*'\n[tool.other]\ndependencies = ['h']\n";
        assert_eq!(
            packages(&PYPI, "pyproject.toml", text),
            [
                "pypi a - dev 2",
                "pypi b - dev 5",
                "pypi c file:///r/c#egg=c dev 5",
                "pypi d - dev 7",
                "pypi e - dev 10",
                "conda f >=1 direct 12",
                "pypi g * direct 14"
            ]
        );
    }

    #[test]
    fn a_file_of_settings_only_says_nothing() {
        let (seen, result) = observe(
            &PYPI,
            "pyproject.toml",
            b"[tool.black]\nline-length = 88\n[project]\nversion = '1'\ndependencies = 'openai'\n",
        );
        assert!(seen.is_empty() && result.is_ok(), "{seen:?}");
    }

    #[test]
    fn a_broken_file_gives_what_stands_before_the_break() {
        let text = "[project]\nname = 'x'\ndependencies = [\n  'openai',\n  'torch\n";
        let (seen, result) = observe(&PYPI, "pyproject.toml", text.as_bytes());
        assert!(result.is_err());
        assert_eq!(projects(&seen).len(), 1);
        assert!(names(&seen).contains(&"openai"), "{seen:?}");
    }

    #[test]
    fn pipfile_is_read() {
        let text = "[[source]]\nname = 'pypi'\n[packages]\nOpenAI = '*'\nx = {version = '>=1', extras = ['y']}\nz = {git = 'https://h/z'}\n\
                    [dev-packages]\npytest = '*'\n[requires]\npython_version = '3'\n[scripts]\na = 'b'\n";
        assert_eq!(
            packages(&PYPI, "Pipfile", text),
            [
                "pypi openai * direct 4",
                "pypi x >=1 direct 5",
                "pypi z git+https://h/z direct 6",
                "pypi pytest * dev 8"
            ]
        );
    }

    #[test]
    fn a_json_manifest_is_read_if_it_lists_requirements() {
        let text = "{\n\"domain\": \"openai_conversation\",\n\"name\": \"OpenAI\",\n\"dependencies\": [\"conversation\"],\n\"requirements\": [\n\"openai==3.26.0\"]}";
        let (seen, result) = observe(&PYPI, "components/x/manifest.json", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(listed(&seen), ["pypi openai ==3.26.0 direct 6"]);
        assert_eq!(projects(&seen), ["pypi openai_conversation - - 2"]);
        for other in [
            "{\"name\": \"extension\", \"manifest_version\": 3, \"permissions\": [\"openai\"]}",
            "{\"name\": \"x\", \"requirements\": {\"3D\": {}}}",
            "[\"requirements\", \"openai\"]",
            "{\"requirements\": [{\"openai\": 1}, 2, \"needs openai\"]}",
        ] {
            assert!(observe(&PYPI, "manifest.json", other.as_bytes()).0.is_empty(), "{other}");
        }
    }
}
