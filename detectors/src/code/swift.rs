//! Swift.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{Grammar, Node};
use super::{Language, emits};

pub(super) static SWIFT: Language = Language {
    info: Info {
        id: "code/swift",
        title: "Swift",
        reads: &["*.swift"],
        emits: emits!("swift"),
        needs: &[],
        docs: "https://docs.swift.org/swift-book/",
    },
    scope: "swift",
    endings: &[".swift"],
    mentions: |module| vec![format!("import {module}")],
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_swift::LANGUAGE.into()),
    open: Open::Types,
    names: &["simple_identifier", "type_identifier", "self_expression"],
    members: &[("navigation_expression", Part::Field("target"), Part::Field("suffix"))],
    calls: &[CallShape {
        kind: "call_expression",
        receiver: Part::Nowhere,
        callee: Part::First,
        arguments: Part::Kind("call_suffix"),
    }],
    arguments: &[("value_argument", Part::Field("name"), Part::Field("value"))],
    strings: &["line_string_literal", "multi_line_string_literal", "raw_string_literal"],
    contents: &["line_str_text", "multi_line_str_text", "raw_str_part", "str_escaped_char"],
    computed: &["interpolated_expression"],
    through: &[
        ("tuple_expression", Part::Field("value")),
        ("try_expression", Part::Field("expr")),
        ("await_expression", Part::Field("expr")),
        ("as_expression", Part::Field("expr")),
        ("prefix_expression", Part::Field("target")),
        ("postfix_expression", Part::Field("target")),
        ("pattern", Part::First),
        ("type_annotation", Part::Field("name")),
        ("user_type", Part::First),
        ("optional_type", Part::First),
        ("directly_assignable_expression", Part::First),
    ],
    choices: &["nil_coalescing_expression", "ternary_expression", "array_literal"],
    assignments: &[
        ("property_declaration", Part::Field("name"), Part::Field("value")),
        ("assignment", Part::Field("target"), Part::Field("result")),
    ],
    typed: &[
        ("property_declaration", Part::Field("name"), Part::Kind("type_annotation")),
        ("parameter", Part::Field("name"), Part::Last),
    ],
    entries: &[],
    scopes: &[("class_declaration", Part::Field("name"))],
    skipped: &["comment", "multiline_comment"],
    looks_up: |names| matches!(names, [.., "environment"] | ["getenv"]),
    indexed: &[],
    is_environment: |_| false,
    wrappers: &["init"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "import_declaration" => {
            if let Some(module) = Part::Last.of(node) {
                reader.import(reader.text(module), "", node, facts);
            }
            true
        }
        // `case small = "m-1"`
        "enum_entry" => {
            reader.constant(node, Part::Field("name"), Part::Field("raw_value"), facts);
            false
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("swift", &SHAPE.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    #[test]
    fn imports_are_named_whole() {
        has("import Acme", "1 Import Acme");
        assert!(seen("// import Acme\n/* import Acme */").is_empty());
    }

    #[test]
    fn types_of_a_module_are_named_whole() {
        has(
            "import Acme\nlet c = Client(token: \"k\")\nfunc f() async { try await c.ask(model: \"m-1\") }",
            "3 Call *.Client.ask arg.model=m-1",
        );
        has(
            "import Acme\nclass A { let c: Client\n func f() { self.c.ask(\"x\"); c.ask(model: \"m-1\") } }",
            "3 Call *.Client.ask arg.model=m-1",
        );
        has("func f() { c.ask(model: \"m-1\") }", "1 Call ?.ask arg.model=m-1");
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has(
            "import Acme\nenum K { static let m = \"m-1\" }\nlet q = Query(model: K.m)",
            "3 Call *.Query arg.model=m-1",
        );
    }

    #[test]
    fn environment_variables_are_seen() {
        has("let k = ProcessInfo.processInfo.environment[\"A_KEY\"] ?? \"d\"", "1 Env A_KEY");
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(5_000),
            format!("let x = {}", "a.b().".repeat(5_000)),
            "import ".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
