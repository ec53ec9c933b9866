//! Elixir: modules are used by their whole names, so that a first use is as good as an import.

use evidence::Info;

use super::Language;
use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{self, Grammar, Node};

pub(super) static ELIXIR: Language = Language {
    info: Info {
        id: "code/elixir",
        title: "Elixir",
        reads: &["*.ex", "*.exs"],
        emits: EMITS,
        needs: &[],
        docs: "https://hexdocs.pm/elixir/syntax-reference.html",
    },
    scope: "elixir",
    endings: &[".ex", ".exs"],
    mentions,
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

/// What a reader of Elixir emits: scripts say which packages they install.
pub(super) const EMITS: &[evidence::Emits] = &[
    (evidence::Kind::Import, "elixir"),
    (evidence::Kind::Call, "elixir"),
    (evidence::Kind::Literal, "elixir"),
    (evidence::Kind::Image, crate::infra::IMAGES),
    (evidence::Kind::Model, "elixir"),
    (evidence::Kind::Host, "elixir"),
    (evidence::Kind::Env, "elixir"),
    (evidence::Kind::Resource, "instruction"),
    (evidence::Kind::Statement, "prompt"),
    (evidence::Kind::Statement, "route"),
    (evidence::Kind::Package, "hex"),
];

pub(super) fn mentions(module: &str) -> Vec<String> {
    let keywords = ["alias", "import", "use", "require"];
    let mut forms: Vec<String> = keywords.iter().map(|keyword| format!("{keyword} {module}")).collect();
    forms.extend([format!("{module}."), format!("%{module}{{")]);
    forms
}

pub(super) static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_elixir::LANGUAGE.into()),
    open: Open::Nothing,
    names: &["identifier", "alias"],
    members: &[("dot", Part::Field("left"), Part::Field("right"))],
    calls: &[
        CallShape {
            kind: "call",
            receiver: Part::Nowhere,
            callee: Part::Field("target"),
            arguments: Part::Kind("arguments"),
        },
        // `%Acme.Client{model: "m"}`
        CallShape {
            kind: "map",
            receiver: Part::Nowhere,
            callee: Part::Kind("struct"),
            arguments: Part::Kind("map_content"),
        },
    ],
    arguments: &[],
    strings: &["string", "charlist"],
    contents: &["quoted_content", "escape_sequence"],
    computed: &["interpolation"],
    through: &[
        ("unary_operator", Part::Field("operand")),
        ("struct", Part::First),
        ("block", Part::Last),
    ],
    choices: &["tuple", "list", "binary_operator"],
    assignments: &[],
    typed: &[],
    entries: &[("pair", Part::Field("key"), Part::Field("value"))],
    scopes: &[],
    skipped: &["comment"],
    looks_up: |names| matches!(names, ["System", "get_env" | "fetch_env"]),
    indexed: &[],
    is_environment: |_| false,
    wrappers: &["to_string", "to_charlist"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "call" => return call(reader, node, facts),
        "dot" => {
            if let Some(left) = node.field("left").filter(|left| left.kind() == "alias") {
                used(reader, left, facts);
            }
        }
        "struct" => {
            if let Some(name) = Part::First.of(node).filter(|name| name.kind() == "alias") {
                used(reader, name, facts);
            }
        }
        "unary_operator" => return attribute(reader, node, facts),
        "tuple" => dependency(reader, node, facts),
        "binary_operator" => {
            let (Some(left), Some(right)) = (node.field("left"), node.field("right")) else {
                return false;
            };
            match node.field("operator").map(|operator| reader.text(operator)) {
                Some("=" | "\\\\") => {
                    // `{:ok, name} = …`
                    let target = if left.kind() == "tuple" { Part::Last.of(left) } else { Some(left) };
                    if let Some(target) = target.filter(|target| target.kind() == "identifier") {
                        reader.gets(target, right, facts);
                    }
                }
                Some("=>") if left.kind() == "string" => reader.holds(left, right, facts),
                _ => {}
            }
        }
        _ => {}
    }
    false
}

/// `{:acme, "~> 0.1"}`: a dependency as only Mix writes it, wherever it stands.
fn dependency(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) {
    let parts = syntax::children(node);
    let [name, version] = parts.as_slice() else { return };
    let asks = reader.text(*version).trim_matches('"');
    let asks = ["~>", ">=", "=="].iter().find_map(|sign| asks.strip_prefix(sign));
    let is_version = asks.is_some_and(|version| version.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    if name.kind() == "atom" && version.kind() == "string" && is_version {
        let name = reader.text(*name).trim_start_matches(':').to_owned();
        facts.installs.push(("hex", name, syntax::line(node)));
    }
}

/// `@name value`, a constant of the module; `@moduledoc` and its like are for people.
fn attribute(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    let Some(call) = node.field("operand").filter(|operand| operand.kind() == "call") else {
        return false;
    };
    if !reader.text(node).starts_with('@') {
        return false;
    }
    let Some(name) = call.field("target") else {
        return false;
    };
    if matches!(
        reader.text(name),
        "moduledoc" | "doc" | "typedoc" | "shortdoc" | "spec" | "type" | "typep" | "callback"
    ) {
        return true;
    }
    if let Some(value) = Part::Kind("arguments").of(call).and_then(|arguments| Part::Only.of(arguments)) {
        reader.gets(name, value, facts);
    }
    false
}

fn call(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    let Some(target) = node.field("target") else {
        return false;
    };
    let arguments = || Part::Kind("arguments").of(node).map(syntax::children).unwrap_or_default();
    match reader.text(target) {
        "alias" | "import" | "use" | "require" => {
            if let [module, options @ ..] = arguments().as_slice() {
                brought_in(reader, *module, options, facts);
            }
            true
        }
        "defmodule" => {
            let name = arguments().first().and_then(|name| reader.path(*name, 0));
            facts
                .defined
                .extend(name.filter(|name| name.len() == 1).map(|name| name[0].clone()));
            false
        }
        "Mix.install" => {
            for package in arguments().first().copied().map(syntax::children).unwrap_or_default() {
                let name = if package.kind() == "tuple" {
                    Part::First.of(package)
                } else {
                    Part::Only.of(package)
                };
                let name = name.unwrap_or(package);
                let text = reader.text(name).trim_start_matches(':').split(':').next().unwrap_or_default();
                if matches!(name.kind(), "atom" | "pair" | "keywords") && !text.is_empty() {
                    facts.installs.push(("hex", text.to_owned(), syntax::line(name)));
                }
            }
            false
        }
        _ => false,
    }
}

/// `alias A.B`, `alias A.B, as: C`, `alias A.{B, C}`, `use A`.
fn brought_in(reader: &Reader<'_>, module: Node<'_>, options: &[Node<'_>], facts: &mut Facts) {
    if module.kind() == "dot"
        && let (Some(left), Some(right)) = (module.field("left"), module.field("right"))
    {
        for part in syntax::children(right).into_iter().filter(|part| part.kind() == "alias") {
            let name = reader.text(part);
            let local = name.rsplit('.').next().unwrap_or(name);
            reader.import(format!("{}.{name}", reader.text(left)), local, part, facts);
        }
        return;
    }
    if module.kind() != "alias" {
        return;
    }
    let path = reader.text(module);
    let renamed = options.iter().flat_map(|options| syntax::children(*options)).find_map(|option| {
        let key = option.field("key").map(|key| reader.text(key).trim())?;
        let value = option.field("value")?;
        (key == "as:").then(|| reader.text(value))
    });
    let local = renamed.unwrap_or_else(|| path.rsplit('.').next().unwrap_or(path));
    reader.import(path, local, module, facts);
}

/// A module used by its whole name, unless something brought it in under a shorter one.
fn used(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) {
    if let Some(path) = reader.path(node, 0)
        && !facts.imports.iter().any(|import| import.local == path[0])
    {
        reader.loaded(&path, node, facts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("elixir", &SHAPE.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    #[test]
    fn modules_are_imported_or_used_whole() {
        has("alias Acme.Chat.Client", "1 Import Acme.Chat.Client");
        has(
            "alias Acme.{Chat, Sub.Client}\nClient.ask(\"x\")",
            "2 Call Acme.Sub.Client.ask arg.0=x",
        );
        has("alias Acme.Client, as: C\nC.ask(\"x\")", "2 Call Acme.Client.ask arg.0=x");
        has("use Acme", "1 Import Acme");
        has("Acme.Chat.ask(\"x\")", "1 Import Acme.Chat");
        has("Acme.Chat.ask(\"x\")", "1 Call Acme.Chat.ask arg.0=x");
        has("Mix.install([{:acme, \"~> 0.1\"}, :other])", "1 Package acme");
        has("Mix.install([{:acme, \"~> 0.1\"}, :other])", "1 Package other");
        has("Mix.install([acme: \"~> 0.1\"])", "1 Package acme");
        has("x = %{dep: {:acme, \"~> 0.1\"}, config: []}", "1 Package acme");
    }

    #[test]
    fn other_tuples_are_no_dependencies() {
        for source in [
            "{:ok, \"1.0\"}",
            "{:hf, \"org/m\"}",
            "{:acme, \"~> x\"}",
            "{:acme, \">= \", 1}",
            "{\"acme\", \"~> 0.1\"}",
        ] {
            assert!(
                seen(source).iter().all(|line| !line.contains("Package")),
                "{source}: {:?}",
                seen(source)
            );
        }
    }

    #[test]
    fn what_is_defined_here_or_for_people_is_no_import() {
        for source in [
            "defmodule Acme do\n def f, do: Acme.g()\nend",
            "# alias Acme.Client",
            "@moduledoc \"\"\"\nalias Acme.Client\n\"\"\"",
            "@doc \"Acme.Client.ask()\"\ndef f, do: 1",
            "x = :acme",
            "\"Acme.Client\"",
        ] {
            assert!(
                seen(source).iter().all(|line| !line.contains("Import")),
                "{source}: {:?}",
                seen(source)
            );
        }
        assert!(seen("@moduledoc \"https://x.example/v1\"").is_empty());
    }

    #[test]
    fn calls_lead_back_to_their_module() {
        has(
            "alias Acme.Client\nc = Client.new!(%{model: \"m-1\", stream: true})\nc |> Client.run()",
            "2 Call Acme.Client.new arg.model=m-1",
        );
        has("alias Acme.Client\n%Client{model: \"m-1\"}", "2 Call Acme.Client arg.model=m-1");
        has("{:ok, c} = Acme.load({:hf, \"org/m\"})", "1 Call Acme.load arg.0=org/m");
        has("Acme.post(url, json: %{\"model\" => \"m-1\"})", "1 Model m-1");
        has("client.chat.create(1)", "1 Call ?.chat.create");
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has("@model \"m-1\"\nAcme.ask(model: @model)", "2 Call Acme.ask arg.model=m-1");
        has(
            "m = System.get_env(\"M\", \"m-1\")\nAcme.ask(model: m)",
            "2 Call Acme.ask arg.model=m-1",
        );
        has(
            "def f(model \\\\ \"m-1\") do\n Acme.ask(model: model)\nend",
            "2 Call Acme.ask arg.model=m-1",
        );
    }

    #[test]
    fn environment_variables_are_seen() {
        has("config :acme, api_key: System.get_env(\"A_KEY\")", "1 Env A_KEY");
        has("x = System.fetch_env!(\"A_KEY\")", "1 Env A_KEY");
        assert!(seen("Map.get(x, \"a_key\")").iter().all(|line| !line.contains("Env")));
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(20_000),
            format!("x = a{}", ".b()".repeat(20_000)),
            format!("x = {}1", "A.".repeat(20_000)),
            "defmodule A do\n def f(".to_owned(),
            "Mix.install([".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
