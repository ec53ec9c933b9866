//! Ruby. Constants that are used without being defined count as imports: Bundler and Rails load them when they are first
//! used.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{self, Grammar, Node};
use super::{Language, emits};

pub(super) static RUBY: Language = Language {
    info: Info {
        id: "code/ruby",
        title: "Ruby",
        reads: &["*.rb", "*.rake", "*.ru", "Rakefile"],
        emits: emits!("ruby"),
        needs: &[],
        docs: "https://docs.ruby-lang.org/en/master/syntax_rdoc.html",
    },
    scope: "ruby",
    endings: &[".rb", ".rake", ".ru", "Rakefile"],
    mentions,
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

/// A file that is required begins with a small letter; a constant, with dots between its parts, with a capital.
fn mentions(module: &str) -> Vec<String> {
    if module.starts_with(char::is_lowercase) {
        return ["require \"", "require '", "require(\"", "require('"]
            .iter()
            .map(|form| format!("{form}{module}"))
            .collect();
    }
    let constant = module.replace('.', "::");
    vec![
        format!("{constant}::"),
        format!("{constant}."),
        format!("< {constant}"),
        format!("include {constant}"),
    ]
}

static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_ruby::LANGUAGE.into()),
    open: Open::Nothing,
    names: &[
        "identifier",
        "constant",
        "instance_variable",
        "class_variable",
        "global_variable",
        "self",
    ],
    members: &[("scope_resolution", Part::Field("scope"), Part::Field("name"))],
    calls: &[CallShape {
        kind: "call",
        receiver: Part::Field("receiver"),
        callee: Part::Field("method"),
        arguments: Part::Field("arguments"),
    }],
    arguments: &[],
    strings: &["string", "heredoc_body", "bare_string"],
    contents: &["string_content", "heredoc_content", "escape_sequence"],
    computed: &["interpolation"],
    through: &[
        ("parenthesized_statements", Part::Last),
        ("element_reference", Part::Field("object")),
    ],
    choices: &["array", "string_array", "binary", "conditional", "parenthesized_statements"],
    assignments: &[
        ("assignment", Part::Field("left"), Part::Field("right")),
        ("operator_assignment", Part::Field("left"), Part::Field("right")),
        ("optional_parameter", Part::Field("name"), Part::Field("value")),
        ("keyword_parameter", Part::Field("name"), Part::Field("value")),
    ],
    typed: &[],
    entries: &[("pair", Part::Field("key"), Part::Field("value"))],
    scopes: &[("class", Part::Field("name")), ("module", Part::Field("name"))],
    skipped: &["comment"],
    looks_up: |names| matches!(names, ["ENV", "fetch" | "key" | "has_key" | "dig"]),
    indexed: &[("element_reference", Part::Field("object"), Part::Second)],
    is_environment: |names| matches!(names, ["ENV"]),
    wrappers: &["freeze", "to_s", "to_sym", "presence", "strip"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "call" => call(reader, node, facts),
        // `acme run`, %x(acme run)
        "subshell" => {
            let parts = syntax::children(node).into_iter();
            let text: String = parts
                .map(|part| if part.kind() == "interpolation" { "{}" } else { reader.text(part) })
                .collect();
            facts.scripts.push((text, syntax::line(node)));
        }
        "class" | "module" => {
            let name = node.field("name").and_then(|name| reader.path(name, 0));
            facts.defined.extend(name.and_then(|name| name.first().cloned()));
        }
        "scope_resolution" => return constant(reader, node, facts),
        "superclass" => {
            if let Some(name) = Part::First.of(node) {
                constant(reader, name, facts);
            }
        }
        "begin" | "body_statement" => guarded(reader, node, facts),
        // What a method ends with is what calling it gives.
        "method" => {
            let last = node.field("body").and_then(|body| Part::Last.of(body));
            if let (Some(name), Some(last)) = (node.field("name"), last)
                && matches!(last.kind(), "call" | "string" | "identifier" | "constant")
            {
                reader.gets(name, last, facts);
            }
        }
        _ => {}
    }
    false
}

fn call(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) {
    let Some(method) = node.field("method").map(|method| reader.text(method)) else {
        return;
    };
    let arguments = || node.field("arguments").map(syntax::children).unwrap_or_default();
    let Some(receiver) = node.field("receiver") else {
        match (method, arguments().first()) {
            ("require", Some(name)) => {
                if let Some(name) = reader.string(*name) {
                    reader.import(name, "", node, facts);
                }
            }
            ("include" | "extend" | "prepend", Some(name)) => {
                constant(reader, *name, facts);
            }
            _ => {}
        }
        return;
    };
    if receiver.kind() == "constant" {
        constant(reader, receiver, facts);
    }
    // `Rails.application.credentials.acme_key`, `….credentials.dig(:acme, :key)`: a setting with a name of its own.
    let is_store = |node: Node<'_>| reader.text(node).ends_with("application.credentials");
    let plain = method.trim_end_matches(['!', '?']);
    let name = if is_store(receiver) && method == "dig" {
        let parts: Vec<&str> = arguments().iter().map(|part| reader.text(*part).trim_start_matches(':')).collect();
        parts.join("_")
    } else if is_store(receiver) {
        plain.to_owned()
    } else if let (Some(store), Some(group)) = (receiver.field("receiver"), receiver.field("method"))
        && is_store(store)
    {
        format!("{}_{plain}", reader.text(group))
    } else {
        return;
    };
    facts.variables.push((name.to_ascii_uppercase(), syntax::line(node)));
}

/// Adds a constant that is used as a module or class; says whether it was one.
fn constant(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    let is_constant = matches!(node.kind(), "constant" | "scope_resolution");
    let path = reader
        .path(node, 0)
        .filter(|path| is_constant && path[0].starts_with(char::is_uppercase));
    if let Some(path) = &path {
        reader.loaded(path, node, facts);
    }
    path.is_some()
}

/// A `require` whose failure is caught right there is optional.
fn guarded(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) {
    let parts = syntax::children(node);
    if parts.iter().any(|part| part.kind() == "rescue") {
        let required = parts.iter().filter(|part| {
            let method = part.field("method");
            part.kind() == "call" && method.is_some_and(|method| reader.text(method) == "require")
        });
        facts.optional_imports.extend(required.map(|part| syntax::line(*part)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("ruby", &SHAPE.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    #[test]
    fn what_is_required_or_used_is_imported() {
        has("require \"acme/client\"", "1 Import acme/client");
        has("x = 1\nAcme::Client.new", "2 Import Acme.Client");
        has("Acme.chat(1)", "1 Import Acme");
        has("class A < Acme::Base\nend", "1 Import Acme.Base");
        has("class A\n include Acme\nend", "2 Import Acme");
        has("def f\nrescue Acme::Error\nend", "2 Import Acme.Error");
        let optional = SHAPE
            .facts("begin\n require 'acme'\nrescue LoadError\nend")
            .expect("parses")
            .optional_imports;
        assert_eq!(optional, [2]);
    }

    #[test]
    fn what_the_file_defines_is_no_import() {
        for source in [
            "module Acme\n class Client\n end\nend\nAcme::Client.new",
            "require_relative 'acme'",
            "# require 'acme'\n# Acme::Client.new",
            "class Acme::Client\nend",
            "x = \"Acme::Client.new\"",
            "acme = 1",
        ] {
            assert!(
                seen(source).iter().all(|line| !line.contains("Import")),
                "{source}: {:?}",
                seen(source)
            );
        }
    }

    #[test]
    fn calls_lead_back_to_their_constant() {
        has(
            "c = Acme::Client.new(key: 'k')\nc.chat(parameters: { model: 'm-1', \"n\" => 'x' })",
            "2 Call Acme.Client.new.chat arg.parameters.model=m-1 arg.parameters.n=x",
        );
        has(
            "class A\n def initialize\n  @c ||= ::Acme::Client.new\n end\n def f\n  @c.ask('x', model: 'm-1')\n end\nend",
            "6 Call Acme.Client.new.ask arg.0=x arg.model=m-1",
        );
        has(
            "class A\n def client\n  Acme::Client.new(1)\n end\n def f\n  self.client.ask('x')\n  client.ask 'y'\n end\nend",
            "7 Call Acme.Client.new.ask arg.0=y",
        );
        has("Acme.chat(model: 'm-1').ask 'x'", "1 Call Acme.chat.ask arg.0=x");
        has("c.chat.create('x')", "1 Call ?.chat.create arg.0=x");
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has("MODEL = 'm-1'.freeze\nAcme.ask(model: MODEL)", "2 Call Acme.ask arg.model=m-1");
        has(
            "class A\n MODEL = ENV.fetch('M', 'm-1')\nend\nAcme.ask(model: A::MODEL)",
            "4 Call Acme.ask arg.model=m-1",
        );
        has("def f(model: 'm-1')\n Acme.ask(model: model)\nend", "2 Call Acme.ask arg.model=m-1");
    }

    #[test]
    fn environment_variables_and_credentials_are_seen() {
        for source in ["ENV['A_KEY']", "ENV.fetch(\"A_KEY\", nil)", "x.y = ENV.fetch('A_KEY') { 1 }"] {
            has(source, "1 Env A_KEY");
        }
        has("Rails.application.credentials.dig(:acme, :api_key)", "1 Env ACME_API_KEY");
        has("x = Rails.application.credentials.acme.api_key", "1 Env ACME_API_KEY");
        has("Rails.application.credentials.acme_api_key!", "1 Env ACME_API_KEY");
        assert!(
            seen("params['A_KEY']; # ENV['B_KEY']")
                .iter()
                .all(|line| !line.contains("Env B_KEY"))
        );
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(50_000),
            format!("x = {}", "a.b().".repeat(20_000)),
            format!("x = {}1", "A::".repeat(20_000)),
            "class A\n def f(".to_owned(),
            "x = <<~E\n #{".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
