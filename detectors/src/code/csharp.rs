//! C#.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{Grammar, Node};
use super::{Language, emits};

pub(super) static CSHARP: Language = Language {
    info: Info {
        id: "code/csharp",
        title: "C#",
        reads: &["*.cs", "*.csx"],
        emits: emits!("csharp"),
        needs: &[],
        docs: "https://ecma-international.org/publications-and-standards/standards/ecma-334/",
    },
    scope: "csharp",
    endings: &[".cs", ".csx"],
    mentions: |namespace| vec![format!("using {namespace}"), format!("{namespace}.")],
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_c_sharp::LANGUAGE.into()),
    open: Open::Types,
    names: &["identifier", "qualified_name", "alias_qualified_name", "this", "this_expression"],
    members: &[
        ("member_access_expression", Part::Field("expression"), Part::Field("name")),
        (
            "conditional_access_expression",
            Part::Field("condition"),
            Part::Kind("member_binding_expression"),
        ),
    ],
    calls: &[
        CallShape {
            kind: "invocation_expression",
            receiver: Part::Nowhere,
            callee: Part::Field("function"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "object_creation_expression",
            receiver: Part::Nowhere,
            callee: Part::Field("type"),
            arguments: Part::Field("arguments"),
        },
        // `Client c = new("k")`
        CallShape {
            kind: "implicit_object_creation_expression",
            receiver: Part::Nowhere,
            callee: Part::DeclaredType,
            arguments: Part::Kind("argument_list"),
        },
        CallShape {
            kind: "attribute",
            receiver: Part::Nowhere,
            callee: Part::Field("name"),
            arguments: Part::Kind("attribute_argument_list"),
        },
    ],
    arguments: &[
        ("argument", Part::Field("name"), Part::Last),
        ("attribute_argument", Part::Field("name"), Part::Last),
        // `new Options { Model = "m" }`
        ("assignment_expression", Part::Field("left"), Part::Field("right")),
    ],
    strings: &[
        "string_literal",
        "verbatim_string_literal",
        "raw_string_literal",
        "interpolated_string_expression",
    ],
    contents: &["string_literal_content", "raw_string_content", "string_content", "escape_sequence"],
    computed: &["interpolation"],
    through: &[
        ("parenthesized_expression", Part::First),
        ("await_expression", Part::First),
        ("cast_expression", Part::Field("value")),
        ("as_expression", Part::Field("left")),
        ("postfix_unary_expression", Part::First),
        ("generic_name", Part::First),
        ("nullable_type", Part::First),
        ("variable_declarator", Part::Field("name")),
        ("element_access_expression", Part::Field("expression")),
        ("arrow_expression_clause", Part::First),
    ],
    choices: &[
        "binary_expression",
        "conditional_expression",
        "initializer_expression",
        "collection_expression",
    ],
    assignments: &[
        ("variable_declarator", Part::Field("name"), Part::Last),
        ("property_declaration", Part::Field("name"), Part::Field("value")),
        ("assignment_expression", Part::Field("left"), Part::Field("right")),
        ("parameter", Part::Field("name"), Part::Last),
    ],
    typed: &[
        ("variable_declaration", Part::Kind("variable_declarator"), Part::Field("type")),
        ("property_declaration", Part::Field("name"), Part::Field("type")),
        ("parameter", Part::Field("name"), Part::Field("type")),
    ],
    entries: &[],
    scopes: &[
        ("class_declaration", Part::Field("name")),
        ("record_declaration", Part::Field("name")),
        ("struct_declaration", Part::Field("name")),
    ],
    skipped: &["comment"],
    looks_up: |names| {
        matches!(
            names,
            [.., "Environment", "GetEnvironmentVariable"] | [.., "GetEnvironmentVariable"]
        )
    },
    indexed: &[("element_access_expression", Part::Field("expression"), Part::Field("subscript"))],
    is_environment: |_| false,
    wrappers: &["Format", "Uri"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    // `new Acme.Chat.Client()`, `Acme.Chat.Client.Create()`: whole names need no directive.
    let whole = match node.kind() {
        "object_creation_expression" => node.field("type").filter(|kind| kind.kind() == "qualified_name"),
        "invocation_expression" => node.field("function").and_then(|function| function.field("expression")),
        _ => None,
    };
    if let Some(whole) = whole.filter(|whole| reader.text(*whole).split('.').all(|part| part.starts_with(char::is_uppercase))) {
        reader.named_whole(whole, ".", 2, facts);
    }
    if node.kind() != "using_directive" {
        return false;
    }
    let Some(namespace) = Part::Last.of(node) else { return true };
    let alias = node.field("name").filter(|alias| alias.id() != namespace.id());
    reader.import(reader.text(namespace), alias.map_or("", |alias| reader.text(alias)), node, facts);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("csharp", &SHAPE.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    const USING: &str = "using Acme.Chat;\nclass A {\n";

    #[test]
    fn imports_are_named_whole() {
        has("using Acme.Chat;", "1 Import Acme.Chat");
        has("global using static Acme.Chat;", "1 Import Acme.Chat");
        has("using C = Acme.Client;\nvar c = new C(\"k\");", "2 Call Acme.Client arg.0=k");
        assert!(seen("// using Acme.Chat;\n/* using Acme; */ class A {}").is_empty());
    }

    #[test]
    fn whole_names_need_no_directive() {
        let source = "class A { void F() { var c = new Acme.Chat.Client(\"m-1\"); Acme.Core.Kernel.Create(); } }";
        has(source, "1 Import Acme.Chat.Client");
        has(source, "1 Import Acme.Core.Kernel");
        has(source, "1 Call *.Acme.Chat.Client arg.0=m-1");
        let own = seen("class A { void F() { var c = new Client(\"m-1\"); Kernel.Create(); this.Own.Client.Ask(); _own.Client.Ask(); } }");
        assert!(own.iter().all(|line| !line.contains("Import")), "{own:?}");
    }

    #[test]
    fn types_of_a_namespace_are_named_whole() {
        has(
            &format!("{USING}void F() {{ var c = new ChatClient(\"m-1\", key: \"k\"); c.Ask(); }} }}"),
            "3 Call *.ChatClient arg.0=m-1 arg.key=k",
        );
        has(
            &format!("{USING}private readonly ChatClient _c;\nvoid F() {{ _c.CompleteAsync<T>(\"x\"); }} }}"),
            "4 Call *.ChatClient.CompleteAsync arg.0=x",
        );
        has(
            &format!("{USING}void F(ChatClient c) {{ c?.Ask(\"x\"); }} }}"),
            "3 Call *.ChatClient.Ask arg.0=x",
        );
        has(
            &format!("{USING}void F(Builder b) {{ b.AddAcme(modelId: \"m-1\"); }} }}"),
            "3 Call *.Builder.AddAcme arg.modelId=m-1",
        );
        has("class A { void F(dynamic c) { c.Ask(\"x\"); } }", "1 Call ?.Ask arg.0=x");
    }

    #[test]
    fn what_is_made_without_its_type_has_the_declared_one() {
        has(
            &format!("{USING}ChatClient _c = new(\"m-1\", key: \"k\"); }}"),
            "3 Call *.ChatClient arg.0=m-1 arg.key=k",
        );
        has(
            &format!("{USING}void F() {{ ChatClient c = new(model: \"m-1\"); c.Ask(); }} }}"),
            "3 Call *.ChatClient arg.model=m-1",
        );
        has(
            &format!("{USING}ChatClient C {{ get; }} = new(\"m-1\"); }}"),
            "3 Call *.ChatClient arg.0=m-1",
        );
        assert!(
            seen("class A { object F() { return new(\"m-1\"); } }")
                .iter()
                .all(|line| !line.contains("Call"))
        );
    }

    #[test]
    fn what_is_set_while_it_is_made_is_an_argument() {
        has(
            &format!("{USING}object o = new Request {{ Model = \"m-1\", Size = 3 }}; }}"),
            "3 Call *.Request arg.Model=m-1",
        );
        has(
            &format!("{USING}object o = new Request(\"x\") {{ Model = \"m-1\" }}; }}"),
            "3 Call *.Request arg.0=x arg.Model=m-1",
        );
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has(
            &format!("{USING}const string M = \"m-1\";\nobject o = new ChatClient(A.M); }}"),
            "4 Call *.ChatClient arg.0=m-1",
        );
        has(&format!("{USING}object o = new Options {{ ModelId = \"m-1\" }}; }}"), "3 Model m-1");
        has(
            &format!("{USING}public string ChatModel {{ get; set; }} = \"m-1\"; }}"),
            "3 Model m-1",
        );
    }

    #[test]
    fn environment_variables_are_seen() {
        has(
            "class A { string k = Environment.GetEnvironmentVariable(\"A_KEY\") ?? \"d\"; }",
            "1 Env A_KEY",
        );
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(20_000),
            format!("class A {{ object x = {}", "a.b().".repeat(20_000)),
            "using Acme.".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
