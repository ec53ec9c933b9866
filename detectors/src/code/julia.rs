//! Julia. `using` brings in whatever a package exports, so that any call may lead to it.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{self, Grammar, Node};
use super::{Language, emits};

pub(super) static JULIA: Language = Language {
    info: Info {
        id: "code/julia",
        title: "Julia",
        reads: &["*.jl"],
        emits: emits!("julia"),
        needs: &[],
        docs: "https://docs.julialang.org/en/v1/manual/modules/",
    },
    scope: "julia",
    endings: &[".jl"],
    mentions: |module| {
        let keywords = ["using", "import", ","];
        keywords.iter().map(|keyword| format!("{keyword} {module}")).collect()
    },
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

pub(super) static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_julia::LANGUAGE.into()),
    open: Open::Everything,
    names: &["identifier"],
    members: &[("field_expression", Part::Field("value"), Part::Last)],
    calls: &[
        CallShape {
            kind: "call_expression",
            receiver: Part::Nowhere,
            callee: Part::First,
            arguments: Part::Kind("argument_list"),
        },
        CallShape {
            kind: "broadcast_call_expression",
            receiver: Part::Nowhere,
            callee: Part::First,
            arguments: Part::Kind("argument_list"),
        },
    ],
    arguments: &[("named_argument", Part::First, Part::Last)],
    strings: &["string_literal", "prefixed_string_literal"],
    contents: &["content"],
    computed: &["string_interpolation"],
    through: &[("parenthesized_expression", Part::First), ("index_expression", Part::First)],
    choices: &["binary_expression", "vector_expression", "ternary_expression", "tuple_expression"],
    assignments: &[
        ("assignment", Part::First, Part::Last),
        // Parameters with a default are written like named arguments.
        ("named_argument", Part::First, Part::Last),
    ],
    typed: &[("typed_expression", Part::First, Part::Last)],
    entries: &[],
    scopes: &[],
    skipped: &["line_comment", "block_comment", "operator"],
    looks_up: |_| false,
    indexed: &[("index_expression", Part::First, Part::Last)],
    is_environment: |names| matches!(names, ["ENV"]),
    wrappers: &["String", "string"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "using_statement" | "import_statement" => {
            for part in syntax::children(node) {
                module(reader, part, facts);
            }
            return true;
        }
        // A text that stands alone describes what is defined behind it.
        "source_file" | "module_definition" | "struct_definition" | "macro_argument_list" => {
            let texts = syntax::children(node).into_iter().filter(|part| part.kind() == "string_literal");
            let is_macro = node.kind() == "macro_argument_list";
            facts.documented.extend(
                texts
                    .filter(|text| !is_macro || reader.text(*text).starts_with("\"\"\""))
                    .map(syntax::line),
            );
        }
        "call_expression" => {
            let arguments = Part::Kind("argument_list").of(node).map(syntax::children).unwrap_or_default();
            if let [environment, name, ..] = arguments.as_slice()
                && reader.text(*environment) == "ENV"
                && let Some(name) = reader.string(*name)
            {
                facts.variables.push((name, syntax::line(node)));
            }
        }
        "binary_expression" => {
            if let [key, operator, value] = syntax::children(node).as_slice()
                && reader.text(*operator) == "=>"
                && key.kind() == "string_literal"
            {
                reader.holds(*key, *value, facts);
            }
        }
        _ => {}
    }
    false
}

/// `A`, `A.B`, `A: b, c as d`, `A as B`; what begins with a dot belongs to the project.
fn module(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) {
    match node.kind() {
        "identifier" | "scoped_identifier" => {
            let path = reader.text(node);
            reader.import(path, path.rsplit('.').next().unwrap_or(path), node, facts);
        }
        "import_alias" => {
            if let [path, local] = syntax::children(node).as_slice() {
                reader.import(reader.text(*path), reader.text(*local), node, facts);
            }
        }
        "selected_import" => {
            let parts = syntax::children(node);
            let Some((from, names)) = parts.split_first() else { return };
            let from = reader.text(*from);
            reader.import(from, from.rsplit('.').next().unwrap_or(from), node, facts);
            for name in names {
                let (path, local) = match syntax::children(*name).as_slice() {
                    [path, local] if name.kind() == "import_alias" => (reader.text(*path), reader.text(*local)),
                    _ => (reader.text(*name), reader.text(*name)),
                };
                reader.import(format!("{from}.{path}"), local, *name, facts);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("julia", &SHAPE.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    #[test]
    fn packages_are_imported() {
        has("using Acme", "1 Import Acme");
        has("import Acme.Sub", "1 Import Acme.Sub");
        has("using Other, Acme", "1 Import Acme");
        has("using Acme: ask, Client as C\nC(\"x\")", "2 Call Acme.Client arg.0=x");
        has("import Acme as A\nA.ask(\"x\")", "2 Call Acme.ask arg.0=x");
    }

    #[test]
    fn words_and_the_projects_own_modules_are_no_imports() {
        for source in [
            "# using Acme",
            "x = \"using Acme\"",
            "using .Acme",
            "#= import Acme =#",
            "include(\"Acme.jl\")",
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
            "import Acme\nc = Acme.Client(\"k\")\nc.ask(\"x\")",
            "3 Call Acme.Client.ask arg.0=x",
        );
        has("using Acme\nask(\"x\"; model = \"m-1\")", "2 Call *.ask arg.0=x arg.model=m-1");
        has("using Acme\nask(\"x\"; model = \"m-1\")", "2 Model m-1");
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has(
            "import Acme\nconst MODEL = \"m-1\"\nAcme.ask(\"x\", MODEL)",
            "3 Call Acme.ask arg.0=x arg.1=m-1",
        );
        has("Dict(\"model\" => \"m-1\")", "1 Model m-1");
    }

    #[test]
    fn documentation_is_no_use() {
        let documented =
            "module A\n\"\"\"\nhttps://x.example/v1\n\"\"\"\nf(x) = 1\n\nstruct T\n \"https://x.example/v1\"\n a::Int\nend\nend";
        assert!(seen(documented).iter().all(|line| !line.contains("Host")), "{:?}", seen(documented));
        has("f(\"https://x.example/v1\")", "1 Host x.example");
        has("function f()\n \"https://x.example/v1\"\nend", "2 Host x.example");
    }

    #[test]
    fn environment_variables_are_seen() {
        for source in ["ENV[\"A_KEY\"]", "k = get(ENV, \"A_KEY\", \"\")", "haskey(ENV, \"A_KEY\")"] {
            has(source, "1 Env A_KEY");
        }
        assert!(seen("d[\"a_key\"]; get(d, \"b\", 1)").iter().all(|line| !line.contains("Env")));
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(20_000),
            format!("x = a{}", ".b()".repeat(20_000)),
            "function f(".to_owned(),
            "using Acme: ".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
