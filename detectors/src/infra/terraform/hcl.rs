//! HCL as the tree its JSON form would give: blocks become maps under their labels, expressions the values in them.
//! What an expression would compute is not known; all that it could give stands in a list.

use crate::Unreadable;
use crate::code::syntax::{self, Grammar, Node};
use crate::tree::{Builder, Shape, Tree};

static GRAMMAR: Grammar = Grammar::of(|| tree_sitter_hcl::LANGUAGE.into());

/// Expressions inside expressions are followed this deep.
const DEEPEST: usize = 96;

/// Reads HCL.
pub(super) fn read(text: &str) -> Result<Tree, Unreadable> {
    let parsed = GRAMMAR.parse(text)?;
    let mut reader = Reader {
        text,
        builder: Builder::new(),
    };
    if parsed.fault().is_some() {
        reader.builder.fail("syntax errors; what could be made out was read".to_owned());
    }
    reader.builder.open(String::new(), Shape::Map, 1);
    reader.body(parsed.root(), false, 0);
    reader.builder.close();
    Ok(reader.builder.finish())
}

struct Reader<'s> {
    text: &'s str,
    builder: Builder,
}

impl<'s> Reader<'s> {
    /// The attributes and blocks in a node; `unwraps` where a block called `content` stands for its parent.
    fn body(&mut self, node: Node<'_>, unwraps: bool, depth: usize) {
        if depth > DEEPEST {
            self.builder
                .fail(format!("nested more than {DEEPEST} deep; deeper values were not read"));
            return;
        }
        for child in syntax::children(node) {
            match child.kind() {
                "body" => self.body(child, unwraps, depth),
                "attribute" => self.attribute(child, depth),
                "block" => self.block(child, unwraps, depth),
                "object" => self.elements(child, depth),
                // What stands around a syntax error.
                "ERROR" => self.body(child, unwraps, depth + 1),
                _ => {}
            }
        }
    }

    fn attribute(&mut self, node: Node<'_>, depth: usize) {
        let children = syntax::children(node);
        if let (Some(name), Some(value)) = (children.first(), children.last().filter(|value| value.kind() == "expression")) {
            let key = syntax::text(*name, self.text).to_owned();
            self.expression(*value, key, depth + 1);
        }
    }

    fn block(&mut self, node: Node<'_>, unwraps: bool, depth: usize) {
        let line = syntax::line(node);
        let mut labels = Vec::new();
        let mut body = None;
        for child in syntax::children(node) {
            match child.kind() {
                "identifier" => labels.push(syntax::text(child, self.text).to_owned()),
                "string_lit" => labels.push(unquoted(syntax::text(child, self.text))),
                "body" => body = Some(child),
                _ => {}
            }
        }
        let is_dynamic = labels.len() == 2 && labels[0] == "dynamic";
        if is_dynamic || unwraps && labels == ["content"] {
            labels.remove(0);
        }
        let opened = labels.len();
        for label in labels {
            self.builder.open(label, Shape::Map, line);
        }
        if let Some(body) = body {
            self.body(body, is_dynamic, depth + 1);
        }
        for _ in 0..opened {
            self.builder.close();
        }
    }

    fn expression(&mut self, node: Node<'_>, key: String, depth: usize) {
        if depth > DEEPEST {
            self.builder
                .fail(format!("nested more than {DEEPEST} deep; deeper values were not read"));
            return;
        }
        let children = parts(node);
        match children.as_slice() {
            [only] => self.value(*only, key, depth),
            // `var.name`, `list[0]`, `f(x).y`
            _ => self.reference(node, key),
        }
    }

    fn value(&mut self, node: Node<'_>, key: String, depth: usize) {
        let line = syntax::line(node);
        match node.kind() {
            "expression" => self.expression(node, key, depth + 1),
            "literal_value" | "template_expr" | "collection_value" | "for_expr" => match parts(node).first() {
                Some(inner) => self.value(*inner, key, depth),
                None => self.plain(node, key),
            },
            "string_lit" | "quoted_template" => {
                let text = unquoted(syntax::text(node, self.text));
                self.builder.scalar(key, text, Shape::Text, line);
            }
            "heredoc_template" => {
                let (text, line) = heredoc(syntax::text(node, self.text), line);
                self.builder.scalar(key, text, Shape::Text, line);
            }
            "tuple" => self.list(&parts(node), key, line, depth),
            "object" => {
                self.builder.open(key, Shape::Map, line);
                self.elements(node, depth);
                self.builder.close();
            }
            "function_call" => {
                let arguments = parts(node).into_iter().find(|part| part.kind() == "function_arguments");
                let arguments = arguments.map(parts).unwrap_or_default();
                match arguments.as_slice() {
                    [] => self.reference(node, key),
                    [only] => self.value(*only, key, depth + 1),
                    all => self.list(all, key, line, depth),
                }
            }
            "conditional" => {
                let parts = parts(node);
                self.list(parts.get(1..).unwrap_or_default(), key, line, depth);
            }
            "for_tuple_expr" | "for_object_expr" => {
                let parts: Vec<Node<'_>> = parts(node).into_iter().filter(|part| part.kind() == "expression").collect();
                self.list(parts.get(parts.len().saturating_sub(1)..).unwrap_or_default(), key, line, depth);
            }
            "variable_expr" => self.reference(node, key),
            _ => self.plain(node, key),
        }
    }

    fn list(&mut self, items: &[Node<'_>], key: String, line: u32, depth: usize) {
        self.builder.open(key, Shape::List, line);
        for item in items {
            if depth <= DEEPEST {
                self.value(*item, String::new(), depth + 1);
            }
        }
        self.builder.close();
    }

    fn elements(&mut self, object: Node<'_>, depth: usize) {
        for element in parts(object).into_iter().filter(|part| part.kind() == "object_elem") {
            if let (Some(key), Some(value)) = (element.field("key"), element.field("val")) {
                let key = unquoted(syntax::text(key, self.text).trim_matches(['(', ')']));
                self.expression(value, key, depth + 1);
            }
        }
    }

    /// What only its source tells, written as references inside texts are.
    fn reference(&mut self, node: Node<'_>, key: String) {
        let source = syntax::text(node, self.text);
        self.builder.scalar(key, format!("${{{source}}}"), Shape::Text, syntax::line(node));
    }

    fn plain(&mut self, node: Node<'_>, key: String) {
        let source = syntax::text(node, self.text).to_owned();
        self.builder.scalar(key, source, Shape::Plain, syntax::line(node));
    }
}

/// The named children, without comments and the marks around them.
fn parts(node: Node<'_>) -> Vec<Node<'_>> {
    syntax::children(node)
        .into_iter()
        .filter(|child| {
            !matches!(
                child.kind(),
                "comment" | "tuple_start" | "tuple_end" | "object_start" | "object_end" | "ellipsis"
            )
        })
        .collect()
}

/// A text without its quotes.
fn unquoted(source: &str) -> String {
    let Some(inner) = source.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return source.to_owned();
    };
    if !inner.contains('\\') {
        return inner.to_owned();
    }
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => text.push('\n'),
            ('\\', Some('t')) => text.push('\t'),
            ('\\', Some(next)) => text.push(next),
            _ => text.push(c),
        }
    }
    text
}

/// What stands between the marks of a here-document, without common indentation, and its first line.
fn heredoc(source: &str, line: u32) -> (String, u32) {
    let mut lines: Vec<&str> = source.lines().skip(1).collect();
    lines.pop();
    let indent = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let text: Vec<&str> = lines.iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
    (text.join("\n"), line + 1)
}
