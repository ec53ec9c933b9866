//! Lua, as scripts, plugins of editors and gateways have it.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{self, Grammar, Node};
use super::{Language, emits};

pub(super) static LUA: Language = Language {
    info: Info {
        id: "code/lua",
        title: "Lua",
        reads: &["*.lua"],
        emits: emits!("lua"),
        needs: &[],
        docs: "https://www.lua.org/manual/5.4/",
    },
    scope: "lua",
    endings: &[".lua"],
    mentions: |module| {
        let slashed = module.replace('.', "/");
        let names = if slashed == module {
            vec![module.to_owned()]
        } else {
            vec![module.to_owned(), slashed]
        };
        let forms = |name: &String| ["\"", "'"].map(|quote| format!("{quote}{name}"));
        names.iter().flat_map(forms).collect()
    },
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_lua::LANGUAGE.into()),
    open: Open::Nothing,
    names: &["identifier"],
    members: &[
        ("dot_index_expression", Part::Field("table"), Part::Field("field")),
        ("method_index_expression", Part::Field("table"), Part::Field("method")),
    ],
    calls: &[CallShape {
        kind: "function_call",
        receiver: Part::Nowhere,
        callee: Part::Field("name"),
        arguments: Part::Field("arguments"),
    }],
    arguments: &[],
    strings: &["string"],
    contents: &["string_content", "escape_sequence"],
    computed: &[],
    through: &[
        ("parenthesized_expression", Part::First),
        ("field", Part::Only),
        ("bracket_index_expression", Part::Field("table")),
    ],
    choices: &["binary_expression", "table_constructor"],
    assignments: &[("assignment_statement", Part::First, Part::Kind("expression_list"))],
    typed: &[],
    entries: &[("field", Part::Field("name"), Part::Field("value"))],
    scopes: &[],
    skipped: &["comment"],
    looks_up: |names| matches!(names, ["os", "getenv"] | ["vim", "fn", "getenv"]),
    indexed: &[("bracket_index_expression", Part::Field("table"), Part::Field("field"))],
    is_environment: |names| matches!(names, ["vim", "env"]),
    wrappers: &["tostring"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "assignment_statement" => {
            let parts = syntax::children(node);
            if let [targets, values] = parts.as_slice() {
                for (target, value) in syntax::children(*targets).into_iter().zip(syntax::children(*values)) {
                    if let Some(module) = required(reader, value) {
                        reader.import(module, reader.text(target), node, facts);
                    }
                }
            }
        }
        "function_call" => {
            if let Some(module) = required(reader, node) {
                reader.import(module, "", node, facts);
            }
        }
        "dot_index_expression" => {
            if let Some([vim, env, name]) = reader.path(node, 0).as_deref()
                && vim == "vim"
                && env == "env"
            {
                facts.variables.push((name.clone(), syntax::line(node)));
            }
        }
        _ => {}
    }
    false
}

/// The module of `require("module")`, with dots; also where something of it is named, or called, at once.
fn required(reader: &Reader<'_>, node: Node<'_>) -> Option<String> {
    let mut at = node;
    let mut behind = Vec::new();
    for _ in 0..4 {
        match at.kind() {
            "dot_index_expression" => {
                behind.push(reader.text(at.field("field")?));
                at = at.field("table")?;
            }
            "function_call" => break,
            _ => return None,
        }
    }
    let name = at.field("name").filter(|name| reader.text(*name) == "require")?;
    let module = reader.string(Part::First.of(at.field("arguments").filter(|list| list.id() != name.id())?)?)?;
    let mut path = module.replace('/', ".");
    for name in behind.into_iter().rev() {
        path.push('.');
        path.push_str(name);
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("lua", &SHAPE.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    #[test]
    fn required_modules_are_imported() {
        has("local a = require(\"acme.sub\")", "1 Import acme.sub");
        has("local a = require 'acme/sub'", "1 Import acme.sub");
        has("require('acme').setup({})", "1 Import acme");
        has("local ask = require('acme').ask\nask('x')", "2 Call acme.ask arg.0=x");
    }

    #[test]
    fn words_and_comments_are_no_imports() {
        for source in [
            "-- require('acme')",
            "local x = \"require('acme')\"",
            "--[[ require('acme') ]]",
            "require(name)",
            "acme.ask()",
        ] {
            assert!(
                seen(source).iter().all(|line| !line.contains("Import")),
                "{source}: {:?}",
                seen(source)
            );
        }
    }

    #[test]
    fn calls_lead_back_to_their_module() {
        has(
            "local acme = require('acme')\nlocal c = acme.new('k')\nc:chat('x', { model = 'm-1', ['n'] = 'y' })",
            "3 Call acme.new.chat arg.0=x arg.model=m-1 arg.n=y",
        );
        has("c:chat('x')", "1 Call ?.chat arg.0=x");
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has(
            "local acme = require('acme')\nlocal MODEL <const> = 'm-1'\nacme.ask({ model = MODEL })",
            "3 Call acme.ask arg.model=m-1",
        );
        has("return { opts = { model = 'm-1' } }", "1 Model m-1");
    }

    #[test]
    fn environment_variables_are_seen() {
        for source in [
            "local k = os.getenv('A_KEY')",
            "vim.env.A_KEY = 'x'",
            "f(vim.env['A_KEY'])",
            "local t = { k = os.getenv(\"A_KEY\") or '' }",
        ] {
            has(source, "1 Env A_KEY");
        }
        assert!(seen("x = t.A_key; y = t['b']").iter().all(|line| !line.contains("Env")));
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(20_000),
            format!("x = a{}", ".b()".repeat(20_000)),
            "{".repeat(20_000),
            "function f(".to_owned(),
            "local a = require(".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
