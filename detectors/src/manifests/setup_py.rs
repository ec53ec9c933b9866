//! `setup.py`, read and never executed: only what stands there as text, in a list, a table or a constant of the module.
//!
//! What a script computes (requirements read from another file, names joined at run time) is not seen.

use std::collections::BTreeMap;

use evidence::Relation;
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprDict, Keyword, Mod, Operator, Stmt, StringFlags};
use ruff_python_parser::Mode;
use ruff_text_size::Ranged;

use super::declared::{group_relation, package, project};
use super::requirement::parse;
use crate::code::lines::Lines;
use crate::code::python;
use crate::{Artifact, Observations, Unreadable};

/// Constants that name constants are followed this far.
const LONGEST_CHAIN: usize = 8;
/// More values than this are not followed: constants that double each other end here.
const MOST_VALUES: usize = 20_000;

/// Reads `setup.py`.
pub(crate) fn read(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let text = artifact.text()?;
    python::parse(text, Mode::Module, |module, fault| {
        let mut script = Script {
            lines: Lines::of(text),
            constants: constants(module),
            left: MOST_VALUES,
        };
        let mut found = SetUps(Vec::new());
        found.visit_mod(module);
        for arguments in found.0 {
            script.observe(&arguments, out);
        }
        if fault.is_some() {
            return Err(Unreadable("not valid Python; what could be made out was read".to_owned()));
        }
        if script.left == 0 {
            return Err(Unreadable(format!(
                "its lists have more than {MOST_VALUES} values; the rest was not read"
            )));
        }
        Ok(())
    })?
}

/// Arguments or entries by name.
type Named<'t> = Vec<(&'t str, &'t Expr)>;

/// What the module assigns to a name: the values, and entries it sets one by one.
#[derive(Default)]
struct Constant<'t> {
    values: Vec<&'t Expr>,
    entries: Named<'t>,
}

struct Script<'t> {
    lines: Lines,
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

    fn requirements(&mut self, value: &'t Expr, relation: Relation, out: &mut Observations) {
        for (text, line) in self.strings(value) {
            for requirement in text.lines().filter_map(parse) {
                out.push(package("pypi", requirement.name, &requirement.version, relation, line));
            }
        }
    }

    /// The entries of a table, written here or in a constant.
    fn groups(&mut self, value: &'t Expr) -> Named<'t> {
        let mut value = value;
        let mut groups = Vec::new();
        for _ in 0..LONGEST_CHAIN {
            let constant = match value {
                Expr::Dict(dictionary) => {
                    groups.extend(entries(dictionary));
                    break;
                }
                Expr::Name(name) => self.constants.get(name.id.as_str()),
                _ => None,
            };
            let Some(constant) = constant else { break };
            groups.extend(constant.entries.iter().copied());
            let Some(&next) = constant.values.first() else { break };
            value = next;
        }
        groups
    }

    /// Every text in a value: in lists, in sums of lists, behind names of constants.
    fn strings(&mut self, value: &'t Expr) -> Vec<(String, u32)> {
        let mut found = Vec::new();
        let mut pending = vec![(value, 0)];
        while let Some((value, depth)) = pending.pop() {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            match value {
                Expr::StringLiteral(text) if !text.value.iter().any(|part| part.flags.is_unclosed()) => {
                    let line = self.lines.at(text.start().to_usize());
                    found.push((text.value.to_str().to_owned(), line));
                }
                Expr::List(list) => pending.extend(list.elts.iter().rev().map(|one| (one, depth))),
                Expr::Tuple(tuple) => pending.extend(tuple.elts.iter().rev().map(|one| (one, depth))),
                Expr::Set(set) => pending.extend(set.elts.iter().rev().map(|one| (one, depth))),
                Expr::BinOp(sum) if sum.op == Operator::Add => pending.extend([(&*sum.right, depth), (&*sum.left, depth)]),
                Expr::Starred(list) => pending.push((&list.value, depth)),
                Expr::Name(name) if depth < LONGEST_CHAIN => {
                    if let Some(constant) = self.constants.get(name.id.as_str()) {
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
fn constants(module: &Mod) -> BTreeMap<&str, Constant<'_>> {
    let mut constants: BTreeMap<&str, Constant<'_>> = BTreeMap::new();
    let Mod::Module(module) = module else { return constants };
    for statement in &module.body {
        match statement {
            Stmt::Assign(assignment) => {
                for target in &assignment.targets {
                    match target {
                        Expr::Name(name) => constants.entry(&name.id).or_default().values = vec![&assignment.value],
                        Expr::Subscript(entry) => {
                            if let (Expr::Name(name), Expr::StringLiteral(key)) = (&*entry.value, &*entry.slice) {
                                let entries = &mut constants.entry(&name.id).or_default().entries;
                                entries.push((key.value.to_str(), &assignment.value));
                            }
                        }
                        _ => {}
                    }
                }
            }
            Stmt::AnnAssign(assignment) => {
                if let (Expr::Name(name), Some(value)) = (&*assignment.target, &assignment.value) {
                    constants.entry(&name.id).or_default().values = vec![value];
                }
            }
            Stmt::AugAssign(assignment) => {
                if let Expr::Name(name) = &*assignment.target {
                    constants.entry(&name.id).or_default().values.push(&assignment.value);
                }
            }
            _ => {}
        }
    }
    constants
}

/// The arguments of every call of `setup`, and of every table or `dict(…)` that holds such arguments.
struct SetUps<'t>(Vec<Named<'t>>);

impl<'t> SourceOrderVisitor<'t> for SetUps<'t> {
    fn visit_expr(&mut self, expression: &'t Expr) {
        match expression {
            Expr::Call(call) => {
                let arguments: Named<'_> = call.arguments.keywords.iter().filter_map(named).collect();
                if is_set_up(&call.func) || has_requirements(&arguments) {
                    self.0.push(arguments);
                }
            }
            Expr::Dict(dictionary) => {
                let entries = entries(dictionary);
                if has_requirements(&entries) {
                    self.0.push(entries);
                }
            }
            _ => {}
        }
        python::deeper(|| walk_expr(self, expression));
    }

    fn visit_stmt(&mut self, statement: &'t Stmt) {
        python::deeper(|| walk_stmt(self, statement));
    }
}

/// `setup`, `setuptools.setup`, `core.setup`, `distutils.core.setup`.
fn is_set_up(callee: &Expr) -> bool {
    let path = python::path(callee).unwrap_or_default();
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        names.as_slice(),
        ["setup"] | ["setuptools" | "core", "setup"] | ["distutils", "core", "setup"]
    )
}

fn has_requirements(arguments: &Named<'_>) -> bool {
    arguments
        .iter()
        .any(|(key, _)| matches!(*key, "install_requires" | "extras_require"))
}

fn named(keyword: &Keyword) -> Option<(&str, &Expr)> {
    Some((&keyword.arg.as_ref()?.id, &keyword.value))
}

/// The entries of a dictionary whose keys are plain texts.
fn entries(dictionary: &ExprDict) -> Named<'_> {
    let entries = dictionary.items.iter().filter_map(|item| match item.key.as_ref()? {
        Expr::StringLiteral(key) => Some((key.value.to_str(), &item.value)),
        _ => None,
    });
    entries.collect()
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
        let (seen, result) = observe(&PYPI, "setup.py", b"setup(name='x', install_requires=['openai', 'to");
        assert_eq!(names(&seen), ["openai"]);
        assert!(result.is_err());
        assert!(observe(&PYPI, "setup.py", "[".repeat(100_000).as_bytes()).1.is_err());
    }
}
