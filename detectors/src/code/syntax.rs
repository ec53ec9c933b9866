//! Walking syntax trees without recursion.

use tree_sitter::{Language, Node, Parser, Tree};

use crate::Unreadable;

/// Deeper chains and expressions than this are not resolved.
pub(crate) const DEEPEST: usize = 24;

/// Parses text.
pub(crate) fn parse(language: &Language, text: &str) -> Result<Tree, Unreadable> {
    let mut parser = Parser::new();
    parser
        .set_language(language)
        .map_err(|error| Unreadable(format!("grammar does not fit: {error}")))?;
    parser.parse(text, None).ok_or_else(|| Unreadable("the parser gave up".to_owned()))
}

/// Visits every named node, parents first, with what stands around it, the innermost last; the visitor says whether to go
/// below a node. To ask a node for its parent would be to look for it from the root.
pub(crate) fn visit<'t>(tree: &'t Tree, mut enter: impl FnMut(Node<'t>, &[Node<'t>]) -> bool) {
    let mut cursor = tree.walk();
    let mut around = Vec::new();
    loop {
        let node = cursor.node();
        if (!node.is_named() || enter(node, &around)) && cursor.goto_first_child() {
            around.push(node);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            around.pop();
        }
    }
}

/// What a text may stand in between itself and what it is held against: brackets, lists, the string around its content.
const AROUND_A_TEXT: &[&str] = &[
    "parenthesized_expression",
    "tuple",
    "list",
    "set",
    "array",
    "expression_list",
    "literal",
    "literal_value",
];
/// What a branch is taken for.
const PATTERNS: &[&str] = &[
    "expression_case",
    "switch_case",
    "switch_label",
    "case_switch_label",
    "case_pattern",
    "constant_pattern",
    "when_condition",
    "match_pattern",
    "match_condition_list",
    "case_statement",
    "pattern",
];

/// Whether a text is only held against something: `a == "b"`, `a in ("b", "c")`, `case "b":`.
pub(crate) fn is_compared(node: Node<'_>, around: &[Node<'_>]) -> bool {
    let mut inner = node;
    for &around in around.iter().rev().take(4) {
        let kind = around.kind();
        let is_condition = || {
            around
                .child_by_field_name("condition")
                .is_some_and(|condition| condition.id() == inner.id())
        };
        if PATTERNS.contains(&kind) || kind == "when_entry" && is_condition() {
            return true;
        }
        if AROUND_A_TEXT.contains(&kind) {
            inner = around;
            continue;
        }
        // `for a in ["b", "c"]` goes through what it lists.
        let holds = |operator: Node<'_>| !operator.is_named() && matches!(operator.kind(), "==" | "===" | "!=" | "!==" | "in" | "not in");
        let mut cursor = around.walk();
        return !kind.starts_with("for_") && around.children(&mut cursor).any(holds);
    }
    false
}

/// The line a node starts on, counted from 1.
pub(crate) fn line(node: Node<'_>) -> u32 {
    u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX)
}

/// The text of a node.
pub(crate) fn text<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    source.get(node.byte_range()).unwrap_or_default()
}

/// The named children of a node.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

/// The fault of a tree with syntax errors, if it has some.
pub(crate) fn fault(tree: &Tree) -> Option<Unreadable> {
    tree.root_node()
        .has_error()
        .then(|| Unreadable("syntax errors; what could be made out was read".to_owned()))
}
