//! Java.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{Grammar, Node};
use super::{Language, emits};

pub(super) static JAVA: Language = Language {
    info: Info {
        id: "code/java",
        title: "Java",
        reads: &["*.java"],
        emits: emits!("java"),
        needs: &[],
        docs: "https://docs.oracle.com/javase/specs/",
    },
    scope: "java",
    endings: &[".java"],
    mentions,
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

/// A package is named whole wherever something of it is imported.
pub(super) fn mentions(module: &str) -> Vec<String> {
    vec![format!("import {module}"), format!("{module}.")]
}

static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_java::LANGUAGE.into()),
    open: Open::Types,
    names: &[
        "identifier",
        "type_identifier",
        "scoped_identifier",
        "scoped_type_identifier",
        "this",
    ],
    members: &[("field_access", Part::Field("object"), Part::Field("field"))],
    calls: &[
        CallShape {
            kind: "method_invocation",
            receiver: Part::Field("object"),
            callee: Part::Field("name"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "object_creation_expression",
            receiver: Part::Nowhere,
            callee: Part::Field("type"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "annotation",
            receiver: Part::Nowhere,
            callee: Part::Field("name"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "marker_annotation",
            receiver: Part::Nowhere,
            callee: Part::Field("name"),
            arguments: Part::Nowhere,
        },
    ],
    arguments: &[("element_value_pair", Part::Field("key"), Part::Field("value"))],
    strings: &["string_literal"],
    contents: &["string_fragment", "multiline_string_fragment", "escape_sequence"],
    computed: &["string_interpolation"],
    through: &[
        ("parenthesized_expression", Part::First),
        ("cast_expression", Part::Field("value")),
        ("generic_type", Part::First),
        ("variable_declarator", Part::Field("name")),
        ("array_access", Part::Field("array")),
    ],
    choices: &["ternary_expression", "array_initializer", "element_value_array_initializer"],
    assignments: &[
        ("variable_declarator", Part::Field("name"), Part::Field("value")),
        ("assignment_expression", Part::Field("left"), Part::Field("right")),
    ],
    typed: &[
        ("field_declaration", Part::Field("declarator"), Part::Field("type")),
        ("local_variable_declaration", Part::Field("declarator"), Part::Field("type")),
        ("formal_parameter", Part::Field("name"), Part::Field("type")),
        ("resource", Part::Field("name"), Part::Field("type")),
    ],
    entries: &[],
    scopes: &[
        ("class_declaration", Part::Field("name")),
        ("interface_declaration", Part::Field("name")),
        ("enum_declaration", Part::Field("name")),
        ("record_declaration", Part::Field("name")),
    ],
    skipped: &["line_comment", "block_comment"],
    looks_up: |names| {
        matches!(
            names,
            ["System", "getenv" | "getProperty"] | [.., "getenv" | "getEnv"] | [.., "getenv", "get" | "getOrDefault"]
        )
    },
    indexed: &[],
    is_environment: |_| false,
    wrappers: &["of", "valueOf", "ofString", "create", "fromString", "fromValue"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "import_declaration" => {
            let Some(name) = node.named_child(0) else { return true };
            let path = reader.text(name);
            let is_open = node.named_child_count() > 1;
            let local = if is_open { "" } else { path.rsplit('.').next().unwrap_or(path) };
            reader.import(path, local, node, facts);
            true
        }
        // An enumeration's constant stands for the text it is made with.
        "enum_constant" => {
            reader.constant(node, Part::Field("name"), Part::Field("arguments"), facts);
            false
        }
        "package_declaration" => true,
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

    const IMPORT: &str = "import com.acme.Client;\nclass A {\n";

    #[test]
    fn imports_are_named_whole() {
        has("import com.acme.Client;", "1 Import com.acme.Client");
        has("import com.acme.models.*;", "1 Import com.acme.models");
        has("import static com.acme.Models.M_1;", "1 Import com.acme.Models.M_1");
        assert!(seen("// import com.acme.Client;\n/* import com.acme.B; */ class A {}").is_empty());
    }

    #[test]
    fn calls_lead_back_to_their_import() {
        has(
            &format!("{IMPORT}void f() {{ new Client(\"k\").ask(\"m-1\"); }} }}"),
            "3 Call com.acme.Client arg.0=k",
        );
        has(
            &format!("{IMPORT}private final Client c;\nvoid f() {{ c.chat().ask(\"m-1\"); }} }}"),
            "4 Call com.acme.Client.chat.ask arg.0=m-1",
        );
        has(
            &format!("{IMPORT}void f(Client c) {{ this.c.ask(\"x\"); c.ask(\"m-1\"); }} }}"),
            "3 Call com.acme.Client.ask arg.0=m-1",
        );
        has(
            &format!("{IMPORT}Object o = Client.builder().modelName(\"m-1\").build(); }}"),
            "3 Call com.acme.Client.builder.modelName arg.0=m-1",
        );
        has(
            &format!("{IMPORT}Object o = Client.builder().modelName(\"m-1\").build(); }}"),
            "3 Model m-1",
        );
        has(
            "import com.acme.*;\nclass A { Object o = new Client(\"k\"); }",
            "2 Call *.Client arg.0=k",
        );
        has("class A { void f(Object c) { c.chat().create(); } }", "1 Call *.Object.chat.create");
    }

    #[test]
    fn annotations_are_calls() {
        has(
            "import com.acme.Tool;\nclass A { @Tool(\"does\") void f() {} }",
            "2 Call com.acme.Tool arg.0=does",
        );
        has("import com.acme.Tool;\nclass A { @Tool void f() {} }", "2 Call com.acme.Tool");
        let default = "class A { @ConfigProperty(name = \"CHAT_MODEL_NAME\", defaultValue = \"m-1\") String m; }";
        has(default, "1 Model m-1");
        let other = "class A { @ConfigProperty(name = \"CHAT_URL_NAME\", defaultValue = \"m-1\") String m; }";
        assert!(seen(other).iter().all(|line| !line.contains("Model ")), "{:?}", seen(other));
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has(
            &format!("{IMPORT}static final String M = \"m-1\";\nvoid f(Client c) {{ c.ask(M); c.ask(A.M); }} }}"),
            "4 Call com.acme.Client.ask arg.0=m-1",
        );
        has(
            &format!("{IMPORT}void f(Client c) {{ c.ask(Id.of(\"m-1\")); }} }}"),
            "3 Call com.acme.Client.ask arg.0=m-1",
        );
    }

    #[test]
    fn environment_variables_are_seen() {
        has("class A { String k = System.getenv(\"A_KEY\"); }", "1 Env A_KEY");
        has(
            "class A { String k = System.getenv().getOrDefault(\"A_KEY\", \"d\"); }",
            "1 Env A_KEY",
        );
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(50_000),
            format!("class A {{ Object x = {}", "a.b().".repeat(20_000)),
            "import com.".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
