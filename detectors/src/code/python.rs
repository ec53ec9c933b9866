//! Python.

mod reader;
mod value;

use evidence::{Info, Kind};
use ruff_python_ast::Mod;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions};

use super::Language;
use super::facts::Facts;
use super::syntax;
use crate::Unreadable;

pub(crate) use value::path;

pub(super) static PYTHON: Language = Language {
    info: Info {
        id: "code/python",
        title: "Python",
        reads: &["*.py", "*.pyi", "*.pyw"],
        emits: EMITS,
        needs: &[],
        docs: "https://docs.python.org/3/reference/",
    },
    scope: "python",
    endings: &[".py", ".pyi", ".pyw"],
    mentions,
    telling: None,
    read: |artifact| facts(artifact.text()?),
};

pub(super) const EMITS: &[evidence::Emits] = &[
    (Kind::Import, "python"),
    (Kind::Call, "python"),
    (Kind::Literal, "python"),
    (Kind::Image, crate::infra::IMAGES),
    (Kind::Model, "python"),
    (Kind::Host, "python"),
    (Kind::Env, "python"),
    (Kind::Resource, "instruction"),
    (Kind::Statement, "prompt"),
    (Kind::Statement, "route"),
];

/// Texts up to this length are parsed whatever they hold: a level of nesting takes at most a few kilobytes.
const UNCHECKED: usize = 64 << 10;
/// Deepest nesting of longer texts that are parsed.
const DEEPEST: usize = 20_000;
/// Stack that the deepest tree needs to be taken down again, and what it gets where there is less.
const STACK_OF_TREE: (usize, usize) = (16 << 20, 64 << 20);
/// Stack that a step further down a tree may need, and the piece that it gets where there is less.
const STACK_OF_STEP: (usize, usize) = (128 << 10, 1 << 20);

/// `import a`, `import x, a`, `from a import …`; a module inside another is also imported from the outer one.
pub(super) fn mentions(module: &str) -> Vec<String> {
    match module.rsplit_once('.') {
        None => vec![format!("import {module}"), format!("from {module}"), format!(", {module}")],
        Some((outer, _)) => vec![module.to_owned(), format!("{outer} import"), format!("import {outer}")],
    }
}

/// The facts of Python text.
pub(super) fn facts(source: &str) -> Result<Facts, Unreadable> {
    read(source, Mode::Module)
}

/// The facts of the cells of a notebook, whose lines may also be for the shell that runs them.
pub(super) fn facts_of_cells(source: &str) -> Result<Facts, Unreadable> {
    read(source, Mode::Ipython)
}

fn read(source: &str, mode: Mode) -> Result<Facts, Unreadable> {
    parse(source, mode, |module, fault| Facts {
        fault,
        ..reader::facts(module, source)
    })
}

/// Parses Python and has the module read, with its fault where it has syntax errors.
pub(crate) fn parse<T>(source: &str, mode: Mode, read: impl FnOnce(&Mod, Option<Unreadable>) -> T) -> Result<T, Unreadable> {
    if source.len() > UNCHECKED && nesting(source, mode) > DEEPEST {
        return Err(Unreadable("nested too deeply to be parsed".to_owned()));
    }
    Ok(stacker::maybe_grow(STACK_OF_TREE.0, STACK_OF_TREE.1, || {
        let parsed = syntax::watched(|| ruff_python_parser::parse_unchecked(source, ParseOptions::from(mode)));
        let fault = || Unreadable("syntax errors; what could be made out was read".to_owned());
        read(parsed.syntax(), parsed.has_invalid_syntax().then(fault))
    }))
}

/// Takes a step further down a tree, however deep it is.
pub(crate) fn deeper<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK_OF_STEP.0, STACK_OF_STEP.1, step)
}

/// How deep the tree of a text can be at most. One thing stands inside another by a token at least, and a comma parts them; so does the end
/// of a line outside of all brackets.
fn nesting(source: &str, mode: Mode) -> usize {
    let mut lexer = ruff_python_parser::lexer::lex(source, mode);
    // Tokens since the last comma: in this bracket, in those around it, and the most that there were at a time.
    let (mut here, mut around, mut most) = (0, Vec::new(), 0);
    let mut outside = 0;
    loop {
        match lexer.next_token() {
            TokenKind::EndOfFile => return most,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace | TokenKind::FStringStart | TokenKind::TStringStart => {
                outside += here + 1;
                around.push(here + 1);
                here = 0;
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd => {
                here = around.pop().unwrap_or_default();
                outside -= here;
            }
            TokenKind::Comma => here = 0,
            TokenKind::Newline | TokenKind::Semi if around.is_empty() => here = 0,
            _ => here += 1,
        }
        most = most.max(outside + here);
    }
}

#[cfg(test)]
mod tests;
