//! JavaScript and TypeScript, also JSX and the scripts of Vue, Svelte and Astro components and of web pages, through oxc; what it refuses
//! (syntax errors, hostile nesting) by the texts in quotes.

mod given;
mod page;
mod reader;
mod value;

use std::cell::RefCell;

use evidence::{Info, Kind};
use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

use super::facts::{Facts, Import};
use super::{Language, addressed, bundle, nesting, syntax};
use crate::{Artifact, Unreadable};

/// Packages of one page that are looked at.
const MOST_PACKAGES: usize = 256;

/// Endings of files of which web pages are made.
const TEMPLATES: [&str; 6] = [".ejs", ".blade.php", ".erb", ".twig", ".hbs", ".cshtml"];

/// The memory for trees that a thread keeps from file to file; what a larger file took is given back.
const MOST_KEPT: usize = 16 << 20;

/// The dialects in which scripts, TypeScript, and TypeScript with markup may be written, each as a module or not, whichever it turns out
/// to be. Where types stand in a script, they are much like those of TypeScript.
const SCRIPT: [SourceType; 2] = [SourceType::jsx().with_unambiguous(true), SourceType::tsx().with_unambiguous(true)];
const TYPESCRIPT: [SourceType; 2] = [SourceType::ts().with_unambiguous(true), SourceType::tsx().with_unambiguous(true)];
const TSX: [SourceType; 1] = [SourceType::tsx().with_unambiguous(true)];

thread_local! {
    /// The trees of one file, one file after the other.
    static TREES: RefCell<Allocator> = RefCell::new(Allocator::new());
}

pub(super) static JAVASCRIPT: Language = Language {
    info: Info {
        id: "code/javascript",
        title: "JavaScript and TypeScript",
        reads: &[
            "*.js",
            "*.mjs",
            "*.cjs",
            "*.jsx",
            "*.ts",
            "*.mts",
            "*.cts",
            "*.tsx",
            "*.vue",
            "*.svelte",
            "*.astro",
            "*.html",
            "*.htm",
            "*.ejs",
            "*.blade.php",
            "*.erb",
            "*.twig",
            "*.hbs",
            "*.cshtml",
        ],
        emits: &[
            (Kind::Import, "javascript"),
            (Kind::Call, "javascript"),
            (Kind::Literal, "javascript"),
            (Kind::Model, "javascript"),
            (Kind::Host, "javascript"),
            (Kind::Env, "javascript"),
            (Kind::Resource, "instruction"),
            (Kind::Image, crate::infra::IMAGES),
            (Kind::Statement, "prompt"),
            (Kind::Statement, "route"),
        ],
        needs: &[],
        docs: "https://tc39.es/ecma262/",
    },
    scope: "javascript",
    endings: &[
        ".js",
        ".mjs",
        ".cjs",
        ".jsx",
        ".ts",
        ".mts",
        ".cts",
        ".tsx",
        ".vue",
        ".svelte",
        ".astro",
        ".html",
        ".htm",
        ".ejs",
        ".blade.php",
        ".erb",
        ".twig",
        ".hbs",
        ".cshtml",
    ],
    mentions,
    telling: None,
    read,
};

/// A module's name stands in quotes, alone or with a path inside it.
fn mentions(module: &str) -> Vec<String> {
    ["'", "\"", "`"]
        .iter()
        .flat_map(|quote| [format!("{quote}{module}{quote}"), format!("{quote}{module}/")])
        .chain(addressed::mentions(module))
        .collect()
}

fn read(artifact: &Artifact<'_>) -> Result<Facts, Unreadable> {
    let text = artifact.text()?;
    let mut facts = Facts::default();
    if TEMPLATES.iter().any(|ending| artifact.path().ends_with(ending)) {
        read_page(text, &mut facts);
        add_loaded(&mut facts);
        return Ok(facts);
    }
    match artifact.extension() {
        "vue" | "svelte" | "astro" => {
            for script in page::scripts(text) {
                add(script.text, script.line, &TYPESCRIPT, &mut facts);
            }
        }
        "html" | "htm" => read_page(text, &mut facts),
        "js" | "mjs" | "cjs" if bundle::is_one(artifact) => return Ok(bundle::facts(text)),
        "ts" | "mts" | "cts" => add(text, 1, &TYPESCRIPT, &mut facts),
        "tsx" => add(text, 1, &TSX, &mut facts),
        _ => add(text, 1, &SCRIPT, &mut facts),
    }
    add_loaded(&mut facts);
    Ok(facts)
}

/// The scripts of a web page, and what it loads.
fn read_page(text: &str, facts: &mut Facts) {
    for script in page::scripts(text) {
        add(script.text, script.line, &SCRIPT, facts);
    }
    // What is put into a page while it is made leaves gaps in its scripts: faults in them are none of the page.
    facts.fault = None;
    let loaded = addressed::packages_of_page(text).into_iter().take(MOST_PACKAGES);
    facts.imports.extend(loaded.map(|(package, line)| brought(package, line)));
}

/// Packages whose scripts code loads by their addresses.
fn add_loaded(facts: &mut Facts) {
    let loaded = facts
        .literals
        .iter()
        .filter_map(|(text, line)| Some(brought(addressed::package_of_script(text)?, *line)));
    let loaded: Vec<Import> = loaded.take(MOST_PACKAGES).collect();
    facts.imports.extend(loaded);
}

fn brought(package: &str, line: u32) -> Import {
    Import {
        path: package.to_owned(),
        local: String::new(),
        line,
    }
}

/// Why only the texts in quotes of a script were read.
const BROKEN: &str = "syntax errors; texts in quotes were made out";
const TOO_DEEP: &str = "nested too deeply to be parsed; texts in quotes were made out";

/// Adds what a script tells that begins on the given line of its file, in the first of the dialects whose syntax it has.
fn add(script: &str, line: u32, dialects: &[SourceType], facts: &mut Facts) {
    let parsed = nesting::on_enough_stack(script, || parse(script, line, dialects, facts));
    if let Err(fault) = parsed.unwrap_or(Err(TOO_DEEP)) {
        facts.fault = Some(Unreadable(fault.to_owned()));
        bundle::add(script, line, false, facts);
    }
}

/// Adds what the syntax of a script tells, or says why it tells nothing.
fn parse(script: &str, line: u32, dialects: &[SourceType], facts: &mut Facts) -> Result<(), &'static str> {
    // A script that runs in a page or in a wrapper of its own returns where no function stands around.
    let options = ParseOptions {
        allow_return_outside_function: true,
        enable_ident_hashes: false,
        ..ParseOptions::default()
    };
    TREES.with_borrow_mut(|trees| {
        let mut read = Err(TOO_DEEP);
        for &dialect in dialects {
            if nesting::takes_forever(script, dialect.is_typescript()) {
                continue;
            }
            trees.reset();
            let parsed = syntax::watched(|| Parser::new(trees, script, dialect).with_options(options).parse());
            // A syntax error that the parser cannot pass leaves no tree at all.
            if !parsed.panicked {
                reader::read(&parsed.program, line, facts);
                read = Ok(());
                break;
            }
            read = Err(BROKEN);
        }
        if trees.capacity() > MOST_KEPT {
            *trees = Allocator::new();
        }
        read
    })
}

#[cfg(test)]
mod tests;
