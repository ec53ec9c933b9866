//! Scala; it imports the packages of Java.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{self, Grammar, Node};
use super::{Language, emits};

pub(super) static SCALA: Language = Language {
    info: Info {
        id: "code/scala",
        title: "Scala",
        reads: &["*.scala", "*.sc"],
        emits: emits!("java"),
        needs: &[],
        docs: "https://docs.scala-lang.org/scala3/reference/",
    },
    scope: "java",
    endings: &[".scala", ".sc"],
    // `import a.b.{C, D}` names a package without what follows it.
    mentions: |module| vec![format!("import {module}"), format!("{module}."), module.to_owned()],
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

pub(super) static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_scala::LANGUAGE.into()),
    open: Open::Types,
    names: &["identifier", "type_identifier", "stable_identifier", "stable_type_identifier"],
    members: &[("field_expression", Part::Field("value"), Part::Field("field"))],
    calls: &[
        CallShape {
            kind: "call_expression",
            receiver: Part::Nowhere,
            callee: Part::Field("function"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "instance_expression",
            receiver: Part::Nowhere,
            callee: Part::First,
            arguments: Part::Field("arguments"),
        },
    ],
    arguments: &[("assignment_expression", Part::Field("left"), Part::Field("right"))],
    strings: &["string", "interpolated_string"],
    contents: &[],
    computed: &[],
    through: &[
        ("parenthesized_expression", Part::First),
        ("generic_type", Part::First),
        ("generic_function", Part::First),
        ("interpolated_string_expression", Part::Last),
    ],
    choices: &["infix_expression", "if_expression"],
    assignments: &[
        ("val_definition", Part::Field("pattern"), Part::Field("value")),
        ("var_definition", Part::Field("pattern"), Part::Field("value")),
        ("parameter", Part::Field("name"), Part::Field("default_value")),
        ("class_parameter", Part::Field("name"), Part::Field("default_value")),
    ],
    typed: &[
        ("val_definition", Part::Field("pattern"), Part::Field("type")),
        ("parameter", Part::Field("name"), Part::Field("type")),
        ("class_parameter", Part::Field("name"), Part::Field("type")),
    ],
    entries: &[],
    scopes: &[
        ("class_definition", Part::Field("name")),
        ("object_definition", Part::Field("name")),
    ],
    skipped: &["comment", "block_comment"],
    looks_up: |names| {
        matches!(
            names,
            ["System", "getenv" | "getProperty"] | [.., "getenv"] | ["sys", "env"] | ["sys", "env", "get" | "getOrElse" | "apply"]
        )
    },
    indexed: &[],
    is_environment: |_| false,
    wrappers: &["of", "valueOf", "Some", "ModelId"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "import_declaration" => {
            let mut path = Vec::new();
            let mut open = true;
            for part in syntax::children(node) {
                match part.kind() {
                    "namespace_selectors" => {
                        open = false;
                        for selected in syntax::children(part) {
                            let named = |field| selected.field(field).map(|name| reader.text(name));
                            let name = named("name").unwrap_or_else(|| reader.text(selected));
                            let local = named("alias").unwrap_or(name);
                            reader.import(format!("{}.{name}", path.join(".")), local, selected, facts);
                        }
                    }
                    "namespace_wildcard" => {
                        open = false;
                        reader.import(path.join("."), "", node, facts);
                    }
                    _ => path.extend(reader.text(part).split('.').filter(|part| !part.is_empty())),
                }
            }
            if open {
                let local = path.last().copied().unwrap_or_default();
                reader.import(path.join("."), local, node, facts);
            }
            true
        }
        "package_clause" => true,
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
        has(
            "import com.acme.{A, Client => C}\nval c = new C(\"k\")",
            "2 Call com.acme.Client arg.0=k",
        );
        has("import com.acme.all._", "1 Import com.acme.all");
        assert!(seen("// import com.acme.Client\n/* import com.acme.B */").is_empty());
    }

    #[test]
    fn calls_lead_back_to_their_import() {
        has(
            "import com.acme.Client\nobject A { def f(c: Client) = c.ask(model = \"m-1\") }",
            "2 Call com.acme.Client.ask arg.model=m-1",
        );
        has(
            "import com.acme.Client\nobject A { val c = Client.build(\"k\") }",
            "2 Call com.acme.Client.build arg.0=k",
        );
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has(
            "import com.acme.Client\nobject A { val M = \"m-1\"\n val c = Client(model = A.M) }",
            "3 Call com.acme.Client arg.model=m-1",
        );
    }

    #[test]
    fn environment_variables_are_seen() {
        has(
            "object A { val k = sys.env.getOrElse(\"A_KEY\", \"d\"); val b = sys.env(\"B_KEY\") }",
            "1 Env A_KEY",
        );
        has(
            "object A { val k = sys.env.getOrElse(\"A_KEY\", \"d\"); val b = sys.env(\"B_KEY\") }",
            "1 Env B_KEY",
        );
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(10_000),
            format!("val x = {}", "a.b().".repeat(10_000)),
            "import com.".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
