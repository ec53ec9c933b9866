//! Rust that syn does not take, through tree-sitter: imports, strings and plain assignments, without following calls.

use super::super::facts::{Assignment, Facts, Import, Value};
use super::super::syntax::{self, Grammar, Node};
use super::own_or_crate;
use crate::Unreadable;

static GRAMMAR: Grammar = Grammar::of(|| tree_sitter_rust::LANGUAGE.into());

/// The facts of Rust text, as far as they can be made out.
pub(super) fn facts(source: &str) -> Result<Facts, Unreadable> {
    let tree = GRAMMAR.parse(source)?;
    let mut facts = Facts {
        fault: Some(Unreadable(
            "not read by the Rust parser; imports and strings were made out".to_owned(),
        )),
        ..Facts::default()
    };
    syntax::visit(&tree, |node, _| {
        match node.kind() {
            "use_declaration" => {
                if let Some(argument) = node.field("argument") {
                    imports(argument, source, &mut facts);
                }
                return false;
            }
            "let_declaration" | "const_item" | "static_item" | "field_initializer" => {
                let name = node.field("pattern").or_else(|| node.field("name")).or_else(|| node.field("field"));
                if let (Some(name), Some(value)) = (name, node.field("value"))
                    && let Some(text) = string(value, source)
                {
                    let target = syntax::text(name, source).to_owned();
                    facts.assignments.push(Assignment {
                        target,
                        value: Value::Text(text),
                        line: syntax::line(node),
                        named: true,
                    });
                }
            }
            "string_literal" => facts.literals.extend(string(node, source).map(|text| (text, syntax::line(node)))),
            "line_comment" | "block_comment" | "attribute_item" => return false,
            _ => {}
        }
        true
    });
    Ok(facts)
}

/// `a::{b, c::d as e}` as `a::b` and `a::c::d`.
fn imports(argument: Node<'_>, source: &str, facts: &mut Facts) {
    let text: String = syntax::text(argument, source)
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(4096)
        .collect();
    let line = syntax::line(argument);
    let (prefix, group) = text.split_once("::{").unwrap_or((&text, ""));
    let items: Vec<&str> = if group.is_empty() {
        vec![""]
    } else {
        group.trim_end_matches('}').split(',').collect()
    };
    for item in items.into_iter().take(64) {
        let path = if item.is_empty() {
            prefix.to_owned()
        } else {
            format!("{prefix}::{item}")
        };
        let local = path.rsplit("::").next().unwrap_or_default().to_owned();
        facts.imports.push(Import {
            path: own_or_crate(&path),
            local,
            line,
        });
    }
}

fn string(node: Node<'_>, source: &str) -> Option<String> {
    (node.kind() == "string_literal").then(|| syntax::text(node, source).trim_matches('"').to_owned())
}
