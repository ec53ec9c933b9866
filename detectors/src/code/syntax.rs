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

/// Visits every named node, parents first; the visitor says whether to go below a node.
pub(crate) fn visit<'t>(tree: &'t Tree, mut enter: impl FnMut(Node<'t>) -> bool) {
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if (!node.is_named() || enter(node)) && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
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
