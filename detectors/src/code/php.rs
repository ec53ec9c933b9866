//! PHP. Names are written with dots between their parts, whatever brings them in; templates are not read.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{self, Grammar, Node};
use super::{Language, emits};

pub(super) static PHP: Language = Language {
    info: Info {
        id: "code/php",
        title: "PHP",
        reads: &["*.php"],
        emits: emits!("php"),
        needs: &[],
        docs: "https://www.php.net/manual/en/langref.php",
    },
    scope: "php",
    endings: &[".php"],
    mentions: |module| {
        let name = module.replace('.', "\\");
        vec![format!("{name}\\"), format!("use {name}"), format!("\\{name}"), format!("{name}::")]
    },
    telling: None,
    read: |artifact| {
        // Templates are for people to read; what they call stands elsewhere.
        if artifact.path().ends_with(".blade.php") {
            return Ok(Facts::default());
        }
        SHAPE.facts(artifact.text()?)
    },
};

static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_php::LANGUAGE_PHP.into()),
    open: Open::Nothing,
    names: &["name", "variable_name", "qualified_name", "relative_scope"],
    members: &[
        ("member_access_expression", Part::Field("object"), Part::Field("name")),
        ("nullsafe_member_access_expression", Part::Field("object"), Part::Field("name")),
        ("scoped_property_access_expression", Part::Field("scope"), Part::Field("name")),
        ("class_constant_access_expression", Part::First, Part::Last),
    ],
    calls: &[
        CallShape {
            kind: "function_call_expression",
            receiver: Part::Nowhere,
            callee: Part::Field("function"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "member_call_expression",
            receiver: Part::Field("object"),
            callee: Part::Field("name"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "nullsafe_member_call_expression",
            receiver: Part::Field("object"),
            callee: Part::Field("name"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "scoped_call_expression",
            receiver: Part::Field("scope"),
            callee: Part::Field("name"),
            arguments: Part::Field("arguments"),
        },
        CallShape {
            kind: "object_creation_expression",
            receiver: Part::Nowhere,
            callee: Part::First,
            arguments: Part::Kind("arguments"),
        },
    ],
    arguments: &[("argument", Part::Field("name"), Part::Last)],
    strings: &["string", "encapsed_string", "heredoc_body", "nowdoc_body"],
    contents: &["string_content", "escape_sequence", "nowdoc_string"],
    computed: &[
        "variable_name",
        "member_access_expression",
        "subscript_expression",
        "dynamic_variable_name",
        "member_call_expression",
    ],
    through: &[
        ("parenthesized_expression", Part::First),
        ("heredoc", Part::Field("value")),
        ("nowdoc", Part::Field("value")),
        ("named_type", Part::First),
        ("optional_type", Part::First),
        ("property_element", Part::Field("name")),
        ("array_element_initializer", Part::Only),
        ("cast_expression", Part::Field("value")),
        ("clone_expression", Part::First),
        ("subscript_expression", Part::First),
    ],
    choices: &["binary_expression", "conditional_expression", "array_creation_expression"],
    assignments: &[
        ("assignment_expression", Part::Field("left"), Part::Field("right")),
        ("augmented_assignment_expression", Part::Field("left"), Part::Field("right")),
        ("const_element", Part::First, Part::Second),
        ("property_element", Part::Field("name"), Part::Field("default_value")),
        ("simple_parameter", Part::Field("name"), Part::Field("default_value")),
        ("property_promotion_parameter", Part::Field("name"), Part::Field("default_value")),
    ],
    typed: &[
        ("simple_parameter", Part::Field("name"), Part::Field("type")),
        ("property_promotion_parameter", Part::Field("name"), Part::Field("type")),
        ("property_declaration", Part::Kind("property_element"), Part::Field("type")),
    ],
    entries: &[("array_element_initializer", Part::First, Part::Second)],
    scopes: &[
        ("class_declaration", Part::Field("name")),
        ("enum_declaration", Part::Field("name")),
    ],
    skipped: &["comment"],
    looks_up: |names| matches!(names, [.., "getenv" | "env"] | ["Env", "get"]),
    indexed: &[("subscript_expression", Part::First, Part::Second)],
    is_environment: |names| matches!(names, ["_ENV" | "_SERVER"]),
    wrappers: &["trim", "strval"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "namespace_use_declaration" => {
            uses(reader, node, facts);
            return true;
        }
        // Names stand for what belongs to the namespace; those of a file without one are whole.
        "namespace_definition" => facts.defined.push(NAMESPACED.to_owned()),
        "qualified_name" if reader.text(node).starts_with('\\') => {
            if let Some(path) = reader.path(node, 0) {
                reader.loaded(&path, node, facts);
            }
            return true;
        }
        "scoped_call_expression" | "object_creation_expression" if !facts.defined.iter().any(|name| name == NAMESPACED) => {
            let receiver = node.field("scope").or_else(|| Part::First.of(node));
            if let Some(path) = receiver
                .filter(|receiver| receiver.kind() == "name")
                .and_then(|receiver| reader.path(receiver, 0))
                .filter(|path| path[0].starts_with(char::is_uppercase))
                && !facts.imports.iter().any(|import| import.local == path[0])
            {
                reader.loaded(&path, node, facts);
            }
        }
        "class_declaration" => facts.defined.extend(node.field("name").map(|name| reader.text(name).to_owned())),
        "shell_command_expression" => {
            let parts = syntax::children(node).into_iter();
            let text: String = parts
                .map(|part| if part.kind() == "string_content" { reader.text(part) } else { "{}" })
                .collect();
            facts.scripts.push((text, syntax::line(node)));
        }
        // `define('NAME', 'value')`
        "function_call_expression" => {
            let called = node.field("function").map(|name| reader.text(name));
            let arguments = node.field("arguments").map(syntax::children).unwrap_or_default();
            if called == Some("define")
                && let [name, value] = arguments.as_slice()
                && let (Some(name), Some(value)) = (Part::Only.of(*name), Part::Only.of(*value))
                && let Some(name) = reader.string(name)
            {
                reader.named(name, value, facts);
            }
        }
        _ => {}
    }
    false
}

/// Marks, among the names of a file, that it has a namespace of its own; no name is written so.
const NAMESPACED: &str = "\\";

/// `use A\B, A\C as D;`, `use A\{B, C as D};`
fn uses(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) {
    let mut clauses: Vec<(String, Node<'_>)> = Vec::new();
    let parts = syntax::children(node);
    let group = parts
        .iter()
        .find(|part| part.kind() == "namespace_name")
        .map(|part| reader.text(*part));
    for part in parts {
        match part.kind() {
            "namespace_use_clause" => clauses.push((String::new(), part)),
            "namespace_use_group" => {
                let before = format!("{}\\", group.unwrap_or_default());
                clauses.extend(syntax::children(part).into_iter().map(|clause| (before.clone(), clause)));
            }
            _ => {}
        }
    }
    for (before, clause) in clauses.into_iter().filter(|(_, clause)| clause.kind() == "namespace_use_clause") {
        let Some(name) = syntax::children(clause)
            .into_iter()
            .find(|part| matches!(part.kind(), "name" | "qualified_name" | "namespace_name"))
        else {
            continue;
        };
        let path = format!("{before}{}", reader.text(name)).trim_matches('\\').replace('\\', ".");
        let alias = clause.field("alias").map(|alias| reader.text(alias));
        let local = alias.or_else(|| path.rsplit('.').next()).unwrap_or_default().to_owned();
        reader.import(path, local, clause, facts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("php", &SHAPE.facts(&format!("<?php {source}")).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    fn imports(source: &str) -> Vec<String> {
        seen(source).into_iter().filter(|line| line.contains("Import")).collect()
    }

    #[test]
    fn imports_are_named_whole() {
        has("namespace App;\nuse Acme\\Client;", "2 Import Acme.Client");
        has(
            "use Acme\\{Chat, Sub\\Model as M};\nM::ask('x');",
            "2 Call Acme.Sub.Model.ask arg.0=x",
        );
        has("use function Acme\\ask;\nask('x');", "2 Call Acme.ask arg.0=x");
        has("namespace App;\n\\Acme\\Sub::f('x');", "2 Call Acme.Sub.f arg.0=x");
        has("\n$c = Acme::client('k');", "2 Import Acme");
    }

    #[test]
    fn what_the_file_or_its_namespace_defines_is_no_import() {
        for source in [
            "namespace App;\nAcme::client('k');",
            "class Acme { static function f() {} }\nAcme::f();",
            "// use Acme\\Client;\n/* \\Acme::f() */",
            "echo \"use Acme\\Client;\";",
            "$acme->client();",
        ] {
            assert_eq!(imports(source), [""; 0], "{source}");
        }
    }

    #[test]
    fn calls_lead_back_to_their_import() {
        has(
            "use Acme\\Client;\n$c = new Client('k');\n$c->chat()->create(['model' => 'm-1', 'x' => ['model' => 'y']]);",
            "3 Call Acme.Client.chat.create arg.model=m-1",
        );
        has(
            "use Acme\\Client;\nclass A {\n function __construct(private Client $c) {}\n function f() { $this->c->ask(model: 'm-1'); }\n}",
            "4 Call Acme.Client.ask arg.model=m-1",
        );
        has(
            "use Acme\\Client;\nclass A {\n private ?Client $c;\n function f() { $this->c?->ask('x'); }\n}",
            "4 Call Acme.Client.ask arg.0=x",
        );
        has(
            "use Acme\\Facades\\Ai as B;\nB::chat()->create();",
            "2 Call Acme.Facades.Ai.chat.create",
        );
        has("namespace App;\n$c->chat()->create();", "2 Call ?.chat.create");
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        let begin = "use Acme\\Client;\n";
        has(
            &format!("{begin}class A {{ const M = 'm-1'; function f() {{ Client::ask(['model' => self::M]); }} }}"),
            "2 Call Acme.Client.ask arg.model=m-1",
        );
        has(
            &format!("{begin}define('M', 'm-1');\nClient::ask(['model' => M]);"),
            "3 Call Acme.Client.ask arg.model=m-1",
        );
        has(
            &format!("{begin}$m = env('M', 'm-1');\nClient::ask(model: $m);"),
            "3 Call Acme.Client.ask arg.model=m-1",
        );
        has(
            &format!("{begin}class A {{ protected string $model = 'm-1'; function f() {{ Client::ask(model: $this->model); }} }}"),
            "2 Call Acme.Client.ask arg.model=m-1",
        );
    }

    #[test]
    fn environment_variables_and_texts_are_seen() {
        for source in [
            "getenv('A_KEY');",
            "$x = $_ENV['A_KEY'] ?? null;",
            "env(\"A_KEY\", 'd');",
            "Env::get('A_KEY');",
            "define('A_KEY', 'x');",
        ] {
            has(source, "1 Env A_KEY");
        }
        has("$x = <<<EOT\nhttps://x.example/$v\nEOT;", "1 Host x.example");
        assert!(
            seen("$x['A_KEY']['b']; // getenv('B_KEY')")
                .iter()
                .all(|line| !line.contains("B_KEY"))
        );
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(20_000),
            format!("$x = $a{};", "->b()".repeat(20_000)),
            "class A { function f(".to_owned(),
            "$x = <<<E\n {$".to_owned(),
            "[".repeat(20_000),
        ] {
            assert!(SHAPE.facts(&format!("<?php {broken}")).is_ok());
        }
        assert!(SHAPE.facts("<html>no code").is_ok_and(|facts| facts.calls.is_empty()));
    }
}
