//! Source code: one file a language. A language says which syntax is an import, a call, an assignment, a string and
//! an environment look-up (`facts::Facts`); everything after that is shared by all languages (`resolve`).

mod addressed;
mod bundle;
mod cells;
mod cfamily;
mod csharp;
mod dart;
mod elisp;
mod elixir;
mod facts;
mod go;
mod java;
mod javascript;
mod julia;
mod kotlin;
pub(crate) mod lines;
mod literate;
mod lua;
mod nesting;
mod notebook;
mod php;
mod powershell;
mod programmed;
mod prompt;
pub(crate) mod python;
mod r;
mod resolve;
mod ruby;
mod rust;
mod scala;
mod shape;
mod shell;
mod spoken;
mod sql;
mod started;
mod swift;
pub(crate) mod syntax;
#[cfg(test)]
mod testing;

use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, NextPart, Observations, Unreadable};
use facts::Facts;

/// What every reader of code emits, in its scope.
macro_rules! emits {
    ($scope:literal) => {
        &[
            (evidence::Kind::Import, $scope),
            (evidence::Kind::Call, $scope),
            (evidence::Kind::Literal, $scope),
            (evidence::Kind::Model, $scope),
            (evidence::Kind::Host, $scope),
            (evidence::Kind::Env, $scope),
            (evidence::Kind::Resource, "instruction"),
            (evidence::Kind::Image, crate::infra::IMAGES),
            (evidence::Kind::Statement, "prompt"),
            (evidence::Kind::Statement, "route"),
        ]
    };
}
use emits;

/// Larger files are bundles or data, not code that somebody wrote.
const LARGEST: usize = 4 << 20;

/// A programming language.
pub struct Language {
    info: Info,
    /// The name of the language in signatures.
    scope: &'static str,
    /// Endings of its file names, with the dot.
    endings: &'static [&'static str],
    /// The forms in which an import of a module is written; see [`Detector::mentions`].
    mentions: fn(&str) -> Vec<String>,
    /// See [`Detector::telling`].
    telling: Option<NextPart>,
    read: fn(&Artifact<'_>) -> Result<Facts, Unreadable>,
}

/// A reader of one language.
pub struct Code(&'static Language);

/// Every language, in the order tables show them.
pub static LANGUAGES: &[Code] = &[
    Code(&python::PYTHON),
    Code(&javascript::JAVASCRIPT),
    Code(&rust::RUST),
    Code(&go::GO),
    Code(&java::JAVA),
    Code(&kotlin::KOTLIN),
    Code(&scala::SCALA),
    Code(&csharp::CSHARP),
    Code(&swift::SWIFT),
    Code(&cfamily::C),
    Code(&cfamily::OBJECTIVE_C),
    Code(&ruby::RUBY),
    Code(&php::PHP),
    Code(&elixir::ELIXIR),
    Code(&r::R),
    Code(&julia::JULIA),
    Code(&lua::LUA),
    Code(&dart::DART),
    Code(&powershell::POWERSHELL),
    Code(&elisp::ELISP),
];

/// What is no language of its own, or has no imports, in the order tables show them.
pub static SCRIPTS: &[&dyn Detector] = &[
    &shell::Shell,
    &shell::Recipes,
    &sql::Sql,
    &notebook::Notebook,
    &literate::Fenced,
    &literate::Livebook,
    &literate::Magic,
];

impl Detector for Code {
    fn info(&self) -> &Info {
        &self.0.info
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        self.0.endings.iter().any(|ending| file.ends_with(ending)).then_some(Gate::Anchored)
    }

    fn mentions(&self, module: &str) -> Vec<String> {
        (self.0.mentions)(module)
    }

    fn mentions_inside(&self, kind: Kind, scope: &str, name: &str) -> Vec<String> {
        match (kind, scope) {
            // The program is the first word of a text.
            (Kind::Command, _) => ["\"", "'", "`"].iter().map(|quote| format!("{quote}{name}")).collect(),
            // Functions that say more than a word; types and what is created stand in files of their own.
            (Kind::Resource, "sql") if name.contains(['_', '.']) && !name.contains(' ') => vec![name.to_owned()],
            (Kind::Resource, "cloudformation" | "pulumi") => programmed::mentions(scope, name),
            (Kind::Resource, "sql") if name == "create model" => vec![name.to_owned(), "create or replace model".to_owned()],
            _ => Vec::new(),
        }
    }

    fn telling(&self) -> Option<NextPart> {
        self.0.telling
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        if artifact.bytes().len() > LARGEST {
            return Err(Unreadable(format!("code of more than {} MiB is not parsed", LARGEST >> 20)));
        }
        let facts = (self.0.read)(artifact)?;
        resolve::observe(self.0.scope, &facts, out);
        facts.fault.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use evidence::attribute;

    use super::*;
    use crate::Observation;

    /// The texts that a file names, and those of them that it only mentions.
    fn texts(path: &str, source: &str) -> (BTreeSet<String>, BTreeSet<String>) {
        let file = FilePath::of(path);
        let reader = LANGUAGES
            .iter()
            .find(|language| language.wants(&file).is_some())
            .expect("is a language");
        let mut out = Observations::default();
        reader
            .observe(&Artifact::new(path, source.as_bytes()), &mut out)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let seen = || {
            out.as_slice()
                .iter()
                .filter(|seen| matches!(seen.kind, Kind::Literal | Kind::Model))
        };
        let is_mentioned = |seen: &&Observation| seen.attribute(attribute::MENTIONED).is_some();
        (
            seen().map(|seen| seen.key.clone()).collect(),
            seen().filter(is_mentioned).map(|seen| seen.key.clone()).collect(),
        )
    }

    #[test]
    fn what_is_only_held_against_something_is_told_from_what_is_taken() {
        for (path, source) in [
            (
                "a.py",
                "if m == 'cmp-1' or m in ('cmp-2', 'cmp-3'):\n    m = 'use-1'\nfor m in ['use-2', 'use-3']:\n    ask(m)\n",
            ),
            ("b.py", "match m:\n    case 'cmp-1':\n        ask('use-1')\n"),
            (
                "a.ts",
                "if (m === 'cmp-1') { ask('use-1'); }\nswitch (m) { case 'cmp-2': ask('use-2'); }\nfor (const m of ['use-3']) { ask(m); }\n",
            ),
            (
                "a.go",
                "package a\nfunc f(m string) string {\n switch m {\n case \"cmp-1\", \"cmp-2\":\n  return \"use-1\"\n }\n if m != \"cmp-3\" {\n  return \"use-2\"\n }\n return \"\"\n}\n",
            ),
            (
                "A.java",
                "class A { String f(String m) { switch (m) { case \"cmp-1\": return \"use-1\"; } return m == \"cmp-2\" ? \"use-2\" : \"\"; } }",
            ),
            (
                "a.kt",
                "fun f(m: String) = when (m) {\n  \"cmp-1\" -> \"use-1\"\n  else -> \"use-2\"\n}\n",
            ),
            (
                "a.cs",
                "class A { string F(string m) { switch (m) { case \"cmp-1\": return \"use-1\"; } return m == \"cmp-2\" ? \"use-2\" : \"\"; } }",
            ),
            (
                "a.rs",
                "fn f(m: &str) -> &str { if m == \"cmp-1\" { return \"use-1\"; } match m { \"cmp-2\" => \"use-2\", _ => \"use-3\" } }",
            ),
            ("a.rb", "case m\nwhen 'cmp-1'\n  ask('use-1')\nend\nask('use-2') if m == 'cmp-2'\n"),
            (
                "a.php",
                "<?php\nswitch ($m) { case 'cmp-1': ask('use-1'); }\nif ($m === 'cmp-2') { ask('use-2'); }\n",
            ),
            (
                "a.swift",
                "func f(m: String) -> String {\n  if m == \"cmp-1\" { return \"use-1\" }\n  switch m {\n  case \"cmp-2\": return \"use-2\"\n  default: return \"use-3\"\n  }\n}\n",
            ),
            (
                "a.cpp",
                "auto f(std::string m) { if (m == \"cmp-1\") { return \"use-1\"; } return \"use-2\"; }",
            ),
        ] {
            let (all, mentioned) = texts(path, source);
            let compared: BTreeSet<String> = all.iter().filter(|text| text.starts_with("cmp")).cloned().collect();
            assert!(
                !compared.is_empty() && all.iter().any(|text| text.starts_with("use")),
                "{path}: {all:?}"
            );
            assert_eq!(mentioned, compared, "{path}");
        }
    }
}
