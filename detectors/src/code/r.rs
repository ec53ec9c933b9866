//! R. What a library is attached for has no prefix, so that any call may lead to it.

use evidence::Info;

use super::Language;
use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{self, Grammar, Node};

pub(super) static R: Language = Language {
    info: Info {
        id: "code/r",
        title: "R",
        reads: &["*.R", "*.r", ".Rprofile"],
        emits: EMITS,
        needs: &[],
        docs: "https://cran.r-project.org/doc/manuals/r-release/R-lang.html",
    },
    scope: "r",
    endings: &[".R", ".r", ".Rprofile"],
    mentions,
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

/// What a reader of R emits: scripts say which packages they install.
pub(super) const EMITS: &[evidence::Emits] = &[
    (evidence::Kind::Import, "r"),
    (evidence::Kind::Call, "r"),
    (evidence::Kind::Literal, "r"),
    (evidence::Kind::Image, crate::infra::IMAGES),
    (evidence::Kind::Model, "r"),
    (evidence::Kind::Host, "r"),
    (evidence::Kind::Env, "r"),
    (evidence::Kind::Resource, "instruction"),
    (evidence::Kind::Statement, "prompt"),
    (evidence::Kind::Statement, "route"),
    (evidence::Kind::Package, "cran"),
];

pub(super) fn mentions(module: &str) -> Vec<String> {
    let mut forms = vec![format!("{module}::")];
    for form in ["library(", "require(", "requireNamespace(", "install.packages("] {
        forms.extend(["", "\"", "'"].iter().map(|quote| format!("{form}{quote}{module}")));
    }
    forms
}

pub(super) static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_r::LANGUAGE.into()),
    open: Open::Everything,
    names: &["identifier"],
    members: &[
        ("extract_operator", Part::Field("lhs"), Part::Field("rhs")),
        ("namespace_operator", Part::Field("lhs"), Part::Field("rhs")),
    ],
    calls: &[CallShape {
        kind: "call",
        receiver: Part::Nowhere,
        callee: Part::Field("function"),
        arguments: Part::Field("arguments"),
    }],
    arguments: &[("argument", Part::Field("name"), Part::Field("value"))],
    strings: &["string"],
    contents: &["string_content"],
    computed: &[],
    through: &[("parenthesized_expression", Part::First), ("subset2", Part::Field("function"))],
    choices: &["binary_operator"],
    assignments: &[("parameter", Part::Field("name"), Part::Field("default"))],
    typed: &[],
    entries: &[],
    scopes: &[],
    skipped: &["comment", "comma"],
    looks_up: |names| matches!(names, ["Sys", "getenv"]),
    indexed: &[],
    is_environment: |_| false,
    wrappers: &[],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "binary_operator" => {
            if let (Some(left), Some(right)) = (node.field("lhs"), node.field("rhs")) {
                match node.field("operator").map(|operator| reader.text(operator)) {
                    Some("<-" | "=" | "<<-") => reader.gets(left, right, facts),
                    Some("->" | "->>") => reader.gets(right, left, facts),
                    _ => {}
                }
            }
        }
        "namespace_operator" => {
            if let Some(package) = node.field("lhs").filter(|package| package.kind() == "identifier") {
                reader.loaded(&[reader.text(package).to_owned()], package, facts);
            }
        }
        "call" => {
            let called = node.field("function").map(|name| reader.text(name)).unwrap_or_default();
            let called = called.rsplit(':').next().unwrap_or(called);
            let attaches = matches!(called, "library" | "require" | "requireNamespace" | "loadNamespace");
            if attaches || called == "install.packages" {
                let first = node.field("arguments").and_then(|arguments| Part::First.of(arguments));
                if let Some(value) = first.and_then(|argument| argument.field("value")) {
                    attached(reader, value, attaches, called != "library", facts);
                }
            }
        }
        _ => {}
    }
    false
}

/// `library(a)`, `install.packages(c("a", "b"))`
fn attached(reader: &Reader<'_>, value: Node<'_>, attaches: bool, optional: bool, facts: &mut Facts) {
    let line = syntax::line(value);
    if attaches {
        let name = match value.kind() {
            "identifier" => Some(reader.text(value).to_owned()),
            _ => reader.string(value),
        };
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            if optional {
                facts.optional_imports.push(line);
            }
            reader.import(name.clone(), name, value, facts);
        }
        return;
    }
    let many = value.field("arguments").map(syntax::children).unwrap_or_default();
    let many = many.iter().filter_map(|argument| argument.field("value"));
    for name in std::iter::once(value).chain(many).filter_map(|name| reader.string(name)) {
        facts.installs.push(("cran", name, line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("r", &SHAPE.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    #[test]
    fn libraries_are_imported_however_they_are_attached() {
        for source in [
            "library(acme)",
            "library(\"acme\", quietly = TRUE)",
            "if (!require(acme)) stop()",
            "requireNamespace('acme')",
            "base::library(acme)",
            "x <- acme::ask()",
            "acme:::hidden()",
        ] {
            has(source, "1 Import acme");
        }
        assert_eq!(SHAPE.facts("x\nrequireNamespace('acme')").expect("parses").optional_imports, [2]);
        has("install.packages(c(\"acme\", 'b'))", "1 Package acme");
        has("install.packages('acme')", "1 Package acme");
    }

    #[test]
    fn words_and_comments_are_no_imports() {
        for source in [
            "# library(acme)",
            "#' acme::ask()",
            "x <- \"library(acme)\"",
            "acme(1)",
            "library()",
            "install.packages(x)",
            "acme$ask()",
        ] {
            assert!(
                seen(source)
                    .iter()
                    .all(|line| !line.contains("Import") && !line.contains("Package")),
                "{source}: {:?}",
                seen(source)
            );
        }
    }

    #[test]
    fn calls_lead_back_to_their_package() {
        has("acme::ask(model = 'm-1')", "1 Call acme.ask arg.model=m-1");
        has(
            "library(acme)\nchat <- acme_chat(model = \"m-1\")\nchat$ask(\"x\")",
            "2 Call *.acme_chat arg.model=m-1",
        );
        has("chat <- acme::new('k')\nchat$ask(\"x\")", "2 Call acme.new.ask arg.0=x");
        has("f()$chat$create()", "1 Call *.f.chat.create");
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has("MODEL <- 'm-1'\nacme::ask(model = MODEL)", "2 Call acme.ask arg.model=m-1");
        has(
            "f <- function(model = 'm-1') {\n acme::ask(model = model)\n}",
            "2 Call acme.ask arg.model=m-1",
        );
        has("'m-1' -> model_id", "1 Model m-1");
        has("req_body_json(list(model = 'm-1'))", "1 Model m-1");
    }

    #[test]
    fn environment_variables_are_seen() {
        has("k <- Sys.getenv(\"A_KEY\", unset = 'd')", "1 Env A_KEY");
        has("Sys.setenv(A_KEY = \"x\")", "1 Env A_KEY");
        assert!(seen("get('A_key')").iter().all(|line| !line.contains("Env")));
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(20_000),
            format!("x <- a{}", "$b()".repeat(20_000)),
            "f <- function(".to_owned(),
            "library(".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
