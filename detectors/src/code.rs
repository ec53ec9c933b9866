//! Source code: one file a language. A language says which syntax is an import, a call, an assignment, a string and
//! an environment look-up (`facts::Facts`); everything after that is shared by all languages (`resolve`).

mod addressed;
mod cells;
mod cfamily;
mod csharp;
mod dart;
mod elixir;
mod facts;
mod go;
mod java;
mod javascript;
mod julia;
mod kotlin;
mod literate;
mod lua;
mod notebook;
mod php;
mod powershell;
mod programmed;
mod prompt;
mod python;
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
