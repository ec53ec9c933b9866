//! Dart. An import without a name of its own brings in everything, so that any name may lead to it.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{self, Grammar, Node};
use super::{Language, emits};

pub(super) static DART: Language = Language {
    info: Info {
        id: "code/dart",
        title: "Dart",
        reads: &["*.dart"],
        emits: emits!("dart"),
        needs: &[],
        docs: "https://dart.dev/language/libraries",
    },
    scope: "dart",
    endings: &[".dart"],
    mentions: |module| vec![format!("package:{module}/")],
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_dart::LANGUAGE.into()),
    open: Open::Everything,
    names: &["identifier", "type_identifier"],
    members: &[
        ("member_expression", Part::Field("object"), Part::Field("property")),
        ("null_aware_member_expression", Part::Field("object"), Part::Field("property")),
        ("assignable_expression", Part::Field("object"), Part::Field("property")),
    ],
    calls: &[
        CallShape {
            kind: "call_expression",
            receiver: Part::Nowhere,
            callee: Part::Field("function"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "new_expression",
            receiver: Part::Nowhere,
            callee: Part::Field("type"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "const_object_expression",
            receiver: Part::Nowhere,
            callee: Part::Field("type"),
            arguments: Part::Field("arguments"),
        },
    ],
    arguments: &[("named_argument", Part::First, Part::Last)],
    strings: &["string_literal"],
    contents: &[
        "template_chars_single_single",
        "template_chars_double_single",
        "template_chars_single",
        "template_chars_double",
        "template_chars_raw_slash",
        "escape_sequence",
    ],
    computed: &["template_substitution"],
    through: &[
        ("null_assertion_expression", Part::Field("value")),
        ("unary_expression", Part::First),
        ("await_expression", Part::First),
        ("parenthesized_expression", Part::First),
        ("type", Part::First),
        ("initialized_identifier_list", Part::First),
        ("initialized_identifier", Part::Field("name")),
        ("index_expression", Part::Field("object")),
        ("cascade", Part::First),
        ("assignable_expression", Part::Only),
    ],
    choices: &["if_null_expression", "conditional_expression", "list_literal", "set_or_map_literal"],
    assignments: &[
        ("static_final_declaration", Part::Field("name"), Part::Field("value")),
        ("initialized_identifier", Part::Field("name"), Part::Field("value")),
        ("initialized_variable_declaration", Part::Field("name"), Part::Field("value")),
        ("assignment_expression", Part::Field("left"), Part::Field("right")),
    ],
    typed: &[
        ("declaration", Part::Kind("initialized_identifier_list"), Part::Kind("type")),
        ("formal_parameter", Part::Field("name"), Part::Kind("type")),
    ],
    entries: &[("map_element", Part::Field("key"), Part::Field("value"))],
    scopes: &[("class_declaration", Part::Field("name"))],
    skipped: &["comment", "documentation_comment", "block_comment"],
    looks_up: |names| matches!(names, [.., "fromEnvironment"] | ["dotenv", "get" | "maybeGet"]),
    indexed: &[("index_expression", Part::Field("object"), Part::Field("index"))],
    is_environment: |names| matches!(names, ["Platform", "environment"] | [.., "dotenv", "env"] | ["dotenv" | "env"]),
    wrappers: &["parse"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "import_specification" | "library_export" => {
            let text = node.field("uri").and_then(|uri| {
                // The text stands two levels down.
                let inner = std::iter::successors(Some(uri), |node| Part::First.of(*node)).take(4);
                inner.filter_map(|node| reader.string(node)).next()
            });
            let Some(uri) = text else { return true };
            let local = node.field("alias").map_or("", |alias| reader.text(alias));
            match uri.strip_prefix("package:") {
                Some(path) => reader.import(path.trim_end_matches(".dart"), local, node, facts),
                None if uri.starts_with("dart:") => {}
                None => reader.import(format!("./{uri}"), local, node, facts),
            }
            true
        }
        // The value of an optional parameter stands behind it.
        "optional_formal_parameters" => {
            for pair in syntax::children(node).windows(2) {
                if pair[0].kind() == "formal_parameter"
                    && pair[1].kind() != "formal_parameter"
                    && let Some(name) = pair[0].field("name")
                {
                    reader.gets(name, pair[1], facts);
                }
            }
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
        testing::seen("dart", &SHAPE.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    #[test]
    fn packages_are_imported() {
        has("import 'package:acme/acme.dart';", "1 Import acme/acme");
        has("import \"package:acme/src/x.dart\" as a show B;", "1 Import acme/src/x");
        has("export 'package:acme/acme.dart';", "1 Import acme/acme");
    }

    #[test]
    fn words_and_the_projects_own_files_are_no_imports() {
        for source in [
            "// import 'package:acme/acme.dart';",
            "/// import 'package:acme/acme.dart';",
            "const x = \"import 'package:acme/acme.dart'\";",
            "import 'src/acme.dart';",
            "import 'dart:io';",
        ] {
            assert!(
                seen(source).iter().all(|line| !line.contains("Import")),
                "{source}: {:?}",
                seen(source)
            );
        }
    }

    #[test]
    fn calls_lead_back_to_their_package() {
        has(
            "import 'package:acme/acme.dart' as ai;\nfinal c = ai.Client('k');\nvoid f() { c.ask(model: 'm-1'); }",
            "3 Call acme/acme.Client.ask arg.model=m-1",
        );
        has(
            "import 'package:acme/acme.dart';\nvoid f() async { final r = await Acme.instance.chat.create(model: 'm-1'); }",
            "2 Call *.Acme.instance.chat.create arg.model=m-1",
        );
        has(
            "class A {\n final Client c;\n Future f() async => this.c.ask(const Options(model: 'm-1'));\n}",
            "3 Call *.Client.ask",
        );
        has("void f() { g(const Options(model: 'm-1')); }", "1 Call *.Options arg.model=m-1");
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        let begin = "import 'package:acme/acme.dart' as ai;\n";
        has(
            &format!("{begin}const model = 'm-1';\nvoid f() {{ ai.ask(model: model); }}"),
            "3 Call acme/acme.ask arg.model=m-1",
        );
        has(
            &format!("{begin}class A {{ static const String kModel = 'm-1'; }}\nvoid f() {{ ai.ask(model: A.kModel); }}"),
            "3 Call acme/acme.ask arg.model=m-1",
        );
        has(
            &format!("{begin}void f({{String model = 'm-1'}}) {{ ai.ask(model: model); }}"),
            "2 Call acme/acme.ask arg.model=m-1",
        );
    }

    #[test]
    fn environment_variables_are_seen() {
        for source in [
            "const k = String.fromEnvironment('A_KEY', defaultValue: 'd');",
            "final k = Platform.environment['A_KEY']!;",
            "final k = dotenv.env['A_KEY'] ?? '';",
            "final k = dotenv.get('A_KEY');",
        ] {
            has(source, "1 Env A_KEY");
        }
        assert!(seen("final k = map['a_key'];").iter().all(|line| !line.contains("Env")));
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(5_000),
            format!("final x = a{};", ".b()".repeat(5_000)),
            "class A { void f(".to_owned(),
            "import 'package:".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
