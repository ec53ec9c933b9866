//! `setup.py`, read and never executed: only what stands there as text, in a list, a table or a constant of the module.
//!
//! What a script computes (requirements read from another file, names joined at run time) is not seen.

use std::collections::BTreeMap;

use evidence::Relation;

use super::declared::{group_relation, package, project};
use super::mend::{PYTHON, mend};
use super::requirement::parse;
use crate::code::syntax::{self, Grammar, Node, Tree};
use crate::{Artifact, Observations, Unreadable};

static GRAMMAR: Grammar = Grammar::of(|| tree_sitter_python::LANGUAGE.into());

/// Constants that name constants are followed this far.
const LONGEST_CHAIN: usize = 8;
/// More values than this are not followed: constants that double each other end here.
const MOST_VALUES: usize = 20_000;

/// Reads `setup.py`.
pub(crate) fn read(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let text = artifact.text()?;
    let mut tree = GRAMMAR.parse(text)?;
    let is_broken = tree.fault().is_some();
    let mended = if is_broken {
        mend(text, &PYTHON).filter(|mended| mended.was_cut)
    } else {
        None
    };
    let text = mended.as_ref().map_or(text, |mended| mended.text.as_str());
    if mended.is_some() {
        tree = GRAMMAR.parse(text)?;
    }
    let mut script = Script {
        text,
        constants: constants(&tree, text),
        left: MOST_VALUES,
    };
    for arguments in set_ups(&tree, text) {
        script.observe(&arguments, out);
    }
    if is_broken {
        return Err(Unreadable("not valid Python; what could be made out was read".to_owned()));
    }
    if script.left == 0 {
        return Err(Unreadable(format!(
            "its lists have more than {MOST_VALUES} values; the rest was not read"
        )));
    }
    Ok(())
}

/// Arguments or entries by name.
type Named<'t> = Vec<(&'t str, Node<'t>)>;

/// What the module assigns to a name: the values, and entries it sets one by one.
#[derive(Default)]
struct Constant<'t> {
    values: Vec<Node<'t>>,
    entries: Named<'t>,
}

struct Script<'t> {
    text: &'t str,
    constants: BTreeMap<&'t str, Constant<'t>>,
    left: usize,
}

impl<'t> Script<'t> {
    fn observe(&mut self, arguments: &Named<'t>, out: &mut Observations) {
        let mut fact = |name| {
            let value = arguments.iter().find(|(key, _)| *key == name)?.1;
            self.strings(value).into_iter().next()
        };
        let (name, version, description) = (fact("name"), fact("version"), fact("description"));
        if let Some((name, line)) = name {
            let text = |fact: Option<(String, u32)>| fact.map_or(String::new(), |(text, _)| text);
            project("pypi", &name, &text(version), &text(description), line)
                .into_iter()
                .for_each(|unit| out.push(unit));
        }
        for &(key, value) in arguments {
            match key {
                "install_requires" => self.requirements(value, Relation::Direct, out),
                "setup_requires" | "tests_require" => self.requirements(value, Relation::Dev, out),
                "extras_require" => {
                    for (group, value) in self.groups(value) {
                        self.requirements(value, group_relation(group), out);
                    }
                }
                _ => {}
            }
        }
    }

    fn requirements(&mut self, value: Node<'t>, relation: Relation, out: &mut Observations) {
        for (text, line) in self.strings(value) {
            for requirement in text.lines().filter_map(parse) {
                out.push(package("pypi", requirement.name, &requirement.version, relation, line));
            }
        }
    }

    /// The entries of a table, written here or in a constant.
    fn groups(&mut self, value: Node<'t>) -> Named<'t> {
        let mut value = value;
        let mut groups = Vec::new();
        for _ in 0..LONGEST_CHAIN {
            if value.kind() == "dictionary" {
                groups.extend(entries(value, self.text));
                break;
            }
            let Some(constant) = (value.kind() == "identifier")
                .then(|| self.constants.get(syntax::text(value, self.text)))
                .flatten()
            else {
                break;
            };
            groups.extend(constant.entries.iter().copied());
            let Some(&next) = constant.values.first() else { break };
            value = next;
        }
        groups
    }

    /// Every text in a value: in lists, in sums of lists, behind names of constants.
    fn strings(&mut self, value: Node<'t>) -> Vec<(String, u32)> {
        let mut found = Vec::new();
        let mut pending = vec![(value, 0)];
        while let Some((node, depth)) = pending.pop() {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            match node.kind() {
                "string" | "concatenated_string" => found.extend(literal(node, self.text).map(|text| (text, syntax::line(node)))),
                "list" | "tuple" | "set" | "parenthesized_expression" | "binary_operator" | "list_splat" => {
                    let from = pending.len();
                    pending.extend(syntax::children(node).into_iter().map(|child| (child, depth)));
                    pending[from..].reverse();
                }
                "identifier" if depth < LONGEST_CHAIN => {
                    if let Some(constant) = self.constants.get(syntax::text(node, self.text)) {
                        pending.extend(constant.values.iter().rev().map(|&value| (value, depth + 1)));
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// What the module assigns at its outermost level.
fn constants<'t>(tree: &'t Tree, text: &'t str) -> BTreeMap<&'t str, Constant<'t>> {
    let mut constants: BTreeMap<&str, Constant<'_>> = BTreeMap::new();
    syntax::children(tree.root()).into_iter().for_each(|statement| {
        let Some(assignment) = statement.named_child(0).filter(|_| statement.kind() == "expression_statement") else {
            return;
        };
        if !matches!(assignment.kind(), "assignment" | "augmented_assignment") {
            return;
        }
        let (Some(left), Some(right)) = (assignment.field("left"), assignment.field("right")) else {
            return;
        };
        match left.kind() {
            "identifier" => {
                let constant = constants.entry(syntax::text(left, text)).or_default();
                if assignment.kind() == "assignment" {
                    constant.values.clear();
                }
                constant.values.push(right);
            }
            "subscript" => {
                let (name, key) = (left.field("value"), left.field("subscript"));
                if let (Some(name), Some(key)) = (name, key.and_then(|key| plain(key, text))) {
                    constants.entry(syntax::text(name, text)).or_default().entries.push((key, right));
                }
            }
            _ => {}
        }
    });
    constants
}

/// The arguments of every call of `setup`, and of every table or `dict(…)` that holds such arguments.
fn set_ups<'t>(tree: &'t Tree, text: &'t str) -> Vec<Named<'t>> {
    let mut found = Vec::new();
    syntax::visit(tree, |node, _| {
        match node.kind() {
            "call" => {
                let callee = node.field("function").map_or("", |callee| syntax::text(callee, text));
                let arguments = node.field("arguments").map(|list| keywords(list, text)).unwrap_or_default();
                if matches!(callee, "setup" | "setuptools.setup" | "core.setup" | "distutils.core.setup") || has_requirements(&arguments) {
                    found.push(arguments);
                }
            }
            "dictionary" => {
                let entries = entries(node, text);
                if has_requirements(&entries) {
                    found.push(entries);
                }
            }
            _ => {}
        }
        true
    });
    found
}

fn has_requirements(arguments: &Named<'_>) -> bool {
    arguments
        .iter()
        .any(|(key, _)| matches!(*key, "install_requires" | "extras_require"))
}

/// The keyword arguments of a call.
fn keywords<'t>(list: Node<'t>, text: &'t str) -> Named<'t> {
    let mut found = Vec::new();
    syntax::children(list).into_iter().for_each(|argument| {
        let (name, value) = (argument.field("name"), argument.field("value"));
        if let (Some(name), Some(value)) = (name, value) {
            found.push((syntax::text(name, text), value));
        }
    });
    found
}

/// The entries of a dictionary whose keys are plain texts.
fn entries<'t>(dictionary: Node<'t>, text: &'t str) -> Named<'t> {
    let mut found = Vec::new();
    syntax::children(dictionary).into_iter().for_each(|pair| {
        let (key, value) = (pair.field("key"), pair.field("value"));
        if let (Some(key), Some(value)) = (key.and_then(|key| plain(key, text)), value) {
            found.push((key, value));
        }
    });
    found
}

/// The text of a string without escapes.
fn plain<'t>(string: Node<'t>, text: &'t str) -> Option<&'t str> {
    (string.kind() == "string").then(|| syntax::text(string, text).trim_matches(['"', '\'']))
}

/// The text of a string or of adjacent strings, if no value is put into it.
fn literal(string: Node<'_>, text: &str) -> Option<String> {
    let mut literal = String::new();
    let mut is_plain = true;
    let mut add = |piece: Node<'_>| {
        syntax::children(piece).into_iter().for_each(|inner| match inner.kind() {
            "string_content" => literal += syntax::text(inner, text),
            "interpolation" => is_plain = false,
            _ => {}
        });
    };
    if string.kind() == "string" {
        add(string)
    } else {
        syntax::children(string).into_iter().for_each(add)
    }
    is_plain.then_some(literal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::pypi::PYPI;
    use crate::manifests::testing::{listed, names, observe, packages, projects};

    #[test]
    fn literal_arguments_are_read() {
        let text = "from setuptools import setup\n\nsetup(\n    name=\"my-app\",\n    version='1.0',\n    description='Answers',\n    packages=['torch'],\n\
                    \x20   install_requires=[\n        'openai>=1',  # why\n        \"tiktoken\"\n        \"==0.5\",\n    ],\n\
                    \x20   extras_require={'gpu': ['torch'], 'dev': ('pytest',), 'one': 'faiss-cpu'},\n    tests_require=['mock'],\n)\n";
        let (seen, result) = observe(&PYPI, "setup.py", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["pypi my-app 1.0 Answers 4"]);
        assert_eq!(
            listed(&seen),
            [
                "pypi openai >=1 direct 9",
                "pypi tiktoken ==0.5 direct 10",
                "pypi torch - optional 13",
                "pypi pytest - dev 13",
                "pypi faiss-cpu - optional 13",
                "pypi mock - dev 14",
            ]
        );
    }

    #[test]
    fn constants_and_sums_are_followed() {
        let text = "import setuptools\nNAME = 'x'\nBASE = ['openai']\nBASE += ['httpx']\nALL = BASE + ['torch', *MORE]\nMORE = ('numpy',)\n\
                    extras = {}\nextras['test'] = ['pytest']\nextras['all'] = BASE\n\
                    setuptools.setup(name=NAME, install_requires=ALL, extras_require=extras)\n";
        assert_eq!(
            packages(&PYPI, "setup.py", text),
            [
                "pypi openai - direct 3",
                "pypi httpx - direct 4",
                "pypi torch - direct 5",
                "pypi numpy - direct 6",
                "pypi pytest - dev 8",
                "pypi openai - optional 3",
                "pypi httpx - optional 4",
            ]
        );
        assert_eq!(projects(&observe(&PYPI, "setup.py", text.as_bytes()).0), ["pypi x - - 2"]);
    }

    #[test]
    fn arguments_gathered_in_a_table_are_read() {
        let text = "install_requires = ['openai>=1,<2']\nsetup_kwargs = {\n    'name': 'x',\n    'install_requires': install_requires,\n}\nsetup(**setup_kwargs)\n";
        assert_eq!(packages(&PYPI, "setup.py", text), ["pypi openai >=1,<2 direct 1"]);
        assert_eq!(
            packages(&PYPI, "setup.py", "args = dict(install_requires=['openai'])\n"),
            ["pypi openai - direct 1"]
        );
    }

    #[test]
    fn what_is_computed_is_not_guessed() {
        for text in [
            "setup(install_requires=open('requirements.txt').read().splitlines())\n",
            "setup(install_requires=[f'{name}-openai'])\n",
            "setup(install_requires=unknown)\n",
            "def f():\n    LIST = ['openai']\nsetup(install_requires=LIST)\n",
            "component.setup('openai', name='x')\n",
            "install_requires = ['openai']\n",
            "# setup(install_requires=['openai'])\n",
            "A = B\nB = A\nsetup(install_requires=A)\n",
        ] {
            let (seen, result) = observe(&PYPI, "setup.py", text.as_bytes());
            assert!(seen.is_empty() && result.is_ok(), "{text}: {seen:?} {result:?}");
        }
    }

    #[test]
    fn constants_that_double_each_other_end() {
        let mut text = "A0 = ['openai']\n".to_owned();
        for number in 1..8 {
            text += &format!("A{number} = {}\n", vec![format!("A{}", number - 1); 20].join(" + "));
        }
        text += "setup(install_requires=A7)\n";
        let (seen, result) = observe(&PYPI, "setup.py", text.as_bytes());
        assert!(seen.len() <= MOST_VALUES && result.is_err());
    }

    #[test]
    fn a_broken_script_gives_what_could_be_made_out() {
        let (seen, result) = observe(&PYPI, "setup.py", b"setup(\n    install_requires=['openai'],\n)\n\ndef broken(:\n");
        assert_eq!(names(&seen), ["openai"]);
        assert!(result.is_err());
        assert!(observe(&PYPI, "setup.py", "[".repeat(100_000).as_bytes()).1.is_err());
    }
}
