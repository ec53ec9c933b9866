//! Kotlin; it imports the packages of Java.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{Grammar, Node};
use super::{Language, emits, java};

pub(super) static KOTLIN: Language = Language {
    info: Info {
        id: "code/kotlin",
        title: "Kotlin",
        reads: &["*.kt", "*.kts"],
        emits: emits!("java"),
        needs: &[],
        docs: "https://kotlinlang.org/docs/reference/",
    },
    scope: "java",
    endings: &[".kt", ".kts"],
    mentions: java::mentions,
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_kotlin_ng::LANGUAGE.into()),
    open: Open::Types,
    names: &["identifier", "qualified_identifier", "this_expression"],
    members: &[("navigation_expression", Part::First, Part::Last)],
    calls: &[
        CallShape {
            kind: "call_expression",
            receiver: Part::Nowhere,
            callee: Part::First,
            arguments: Part::Kind("value_arguments"),
        },
        CallShape {
            kind: "constructor_invocation",
            receiver: Part::Nowhere,
            callee: Part::First,
            arguments: Part::Kind("value_arguments"),
        },
    ],
    arguments: &[("value_argument", Part::First, Part::Last)],
    strings: &["string_literal", "multiline_string_literal"],
    contents: &["string_content", "escape_sequence"],
    computed: &["interpolation"],
    through: &[
        ("parenthesized_expression", Part::First),
        ("as_expression", Part::First),
        ("unary_expression", Part::First),
        ("user_type", Part::First),
        ("nullable_type", Part::First),
        ("variable_declaration", Part::First),
        ("index_expression", Part::First),
    ],
    choices: &["binary_expression", "if_expression", "collection_literal"],
    assignments: &[
        ("property_declaration", Part::Kind("variable_declaration"), Part::Last),
        ("assignment", Part::Field("left"), Part::Field("right")),
        ("class_parameter", Part::Kind("identifier"), Part::Last),
    ],
    typed: &[
        ("variable_declaration", Part::First, Part::Second),
        ("parameter", Part::First, Part::Second),
        ("class_parameter", Part::Kind("identifier"), Part::Kind("user_type")),
    ],
    entries: &[],
    scopes: &[
        ("class_declaration", Part::Field("name")),
        ("object_declaration", Part::Field("name")),
    ],
    skipped: &["line_comment", "block_comment"],
    looks_up: |names| matches!(names, ["System", "getenv" | "getProperty"] | [.., "getenv" | "getEnv"]),
    indexed: &[("index_expression", Part::First, Part::Last)],
    is_environment: |names| matches!(names, ["System", "getenv"]),
    wrappers: &["of", "valueOf", "ModelId", "fromString"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "import" => {
            let Some(name) = Part::Kind("qualified_identifier").of(node).or_else(|| node.named_child(0)) else {
                return true;
            };
            let path = reader.text(name);
            let alias = Part::Last
                .of(node)
                .filter(|last| last.id() != name.id())
                .map(|alias| reader.text(alias));
            let is_open = reader.text(node).trim_end().ends_with('*');
            let local = if is_open {
                ""
            } else {
                alias.unwrap_or_else(|| path.rsplit('.').next().unwrap_or(path))
            };
            reader.import(path, local, node, facts);
            true
        }
        "enum_entry" => {
            reader.constant(node, Part::Kind("identifier"), Part::Kind("value_arguments"), facts);
            false
        }
        "package_header" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("java", &SHAPE.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    #[test]
    fn imports_are_named_whole() {
        has("import com.acme.Client", "1 Import com.acme.Client");
        has("import com.acme.models.*", "1 Import com.acme.models");
        has("import com.acme.Client as C\nval c = C(\"k\")", "2 Call com.acme.Client arg.0=k");
        assert!(seen("// import com.acme.Client\n/* import com.acme.B */").is_empty());
    }

    #[test]
    fn calls_lead_back_to_their_import() {
        has(
            "import com.acme.Client\nclass A(private val c: Client) {\n  fun f() = c.chat(model = \"m-1\")\n}",
            "3 Call com.acme.Client.chat arg.model=m-1",
        );
        has(
            "import com.acme.Client\nfun f(p: Client?) { p.ask(ModelId(\"m-1\")) }",
            "2 Call com.acme.Client.ask arg.0=m-1",
        );
        has(
            "import com.acme.Client\nval m = Client.builder().modelName(\"m-1\").build()",
            "2 Model m-1",
        );
        has("import com.acme.*\nval c = Client(token = \"k\")", "2 Call *.Client arg.token=k");
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has(
            "import com.acme.ask\nobject K { const val M = \"m-1\" }\nfun f() = ask(model = K.M)",
            "3 Call com.acme.ask arg.model=m-1",
        );
    }

    #[test]
    fn environment_variables_are_seen() {
        has("val k = System.getenv(\"A_KEY\") ?: \"d\"", "1 Env A_KEY");
        has("val k = System.getenv()[\"A_KEY\"]", "1 Env A_KEY");
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(20_000),
            format!("val x = {}", "a.b().".repeat(20_000)),
            "import com.".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
