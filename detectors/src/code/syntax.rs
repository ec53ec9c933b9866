//! Syntax trees: parsing, and walking without recursion.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::OnceLock;

use tree_sitter::{Language, Parser};

use crate::Unreadable;

/// Deeper chains and expressions than this are not resolved.
pub(crate) const DEEPEST: usize = 24;

/// What the library calls the kind of a node that fits no rule, which has no number in the grammar.
const ERROR: &str = "ERROR";

thread_local! {
    /// One parser a thread; it keeps the memory that it works in.
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
}

/// Who is told that this thread begins to parse (`true`) and that it is done.
static WATCH: OnceLock<fn(bool)> = OnceLock::new();

/// Names who is told that a thread begins to parse (`true`) and that it is done, in the whole process; the first one counts.
/// Detectors have no clock, but how long parsing takes is worth knowing.
pub fn watch_parsing(watch: fn(bool)) {
    WATCH.get_or_init(|| watch);
}

/// Parses, and tells who wants to know how long it takes.
pub(crate) fn watched<T>(parse: impl FnOnce() -> T) -> T {
    let tell = |begins| {
        if let Some(watch) = WATCH.get() {
            watch(begins);
        }
    };
    tell(true);
    let parsed = parse();
    tell(false);
    parsed
}

/// A grammar. What its nodes and their fields are called is looked up once, as the library would measure and check a name's
/// bytes, or search all fields for it, each time a node is asked.
pub(crate) struct Grammar {
    language: fn() -> Language,
    names: OnceLock<Names>,
}

struct Names {
    language: Language,
    /// Kinds of nodes, by their numbers.
    kinds: Vec<String>,
    /// Fields; the first has the number 1.
    fields: Vec<String>,
}

impl Grammar {
    pub(crate) const fn of(language: fn() -> Language) -> Self {
        Self {
            language,
            names: OnceLock::new(),
        }
    }

    fn names(&'static self) -> &'static Names {
        self.names.get_or_init(|| {
            let language = (self.language)();
            let kinds = (0..language.node_kind_count()).map(|id| language.node_kind_for_id(id as u16));
            let fields = (1..=language.field_count()).map(|id| language.field_name_for_id(id as u16));
            Names {
                kinds: kinds.map(|name| name.unwrap_or_default().to_owned()).collect(),
                fields: fields.map(|name| name.unwrap_or_default().to_owned()).collect(),
                language,
            }
        })
    }

    /// Parses text.
    pub(crate) fn parse(&'static self, text: &str) -> Result<Tree, Unreadable> {
        let names = self.names();
        let parse = |parser: &mut Parser| {
            parser
                .set_language(&names.language)
                .map_err(|error| Unreadable(format!("grammar does not fit: {error}")))?;
            // A parser that gave up would go on with the text before.
            parser.reset();
            parser.parse(text, None).ok_or_else(|| Unreadable("the parser gave up".to_owned()))
        };
        let tree = watched(|| PARSER.with_borrow_mut(parse));
        Ok(Tree { tree: tree?, names })
    }
}

/// A syntax tree.
pub(crate) struct Tree {
    tree: tree_sitter::Tree,
    names: &'static Names,
}

impl Tree {
    /// The node of the whole text.
    pub(crate) fn root(&self) -> Node<'_> {
        Node {
            node: self.tree.root_node(),
            names: self.names,
        }
    }

    /// The fault of a text with syntax errors, if it has some.
    pub(crate) fn fault(&self) -> Option<Unreadable> {
        self.tree
            .root_node()
            .has_error()
            .then(|| Unreadable("syntax errors; what could be made out was read".to_owned()))
    }
}

/// A node of a syntax tree.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    node: tree_sitter::Node<'t>,
    names: &'static Names,
}

impl<'t> Node<'t> {
    fn beside(self, node: tree_sitter::Node<'t>) -> Self {
        Self { node, ..self }
    }

    /// What the grammar calls it.
    pub(crate) fn kind(&self) -> &'static str {
        self.names.kinds.get(usize::from(self.node.kind_id())).map_or(ERROR, String::as_str)
    }

    /// What tells it from other nodes of its tree.
    pub(crate) fn id(self) -> usize {
        self.node.id()
    }

    pub(crate) fn is_named(self) -> bool {
        self.node.is_named()
    }

    /// The node in a field.
    pub(crate) fn field(self, name: &str) -> Option<Self> {
        let at = self.names.fields.iter().position(|field| field == name)?;
        Some(self.beside(self.node.child_by_field_id(u16::try_from(at + 1).ok()?)?))
    }

    /// A child, counted from 0 among those with a name.
    pub(crate) fn named_child(self, at: u32) -> Option<Self> {
        Some(self.beside(self.node.named_child(at)?))
    }

    pub(crate) fn named_child_count(self) -> usize {
        self.node.named_child_count()
    }

    /// A child, counted from 0 among all.
    pub(crate) fn child(self, at: u32) -> Option<Self> {
        Some(self.beside(self.node.child(at)?))
    }

    /// All children, also those that have no name.
    pub(crate) fn children(self) -> impl Iterator<Item = Self> {
        (0..self.node.child_count()).filter_map(move |at| self.child(at))
    }

    /// What it stands in; it is searched for from the root.
    pub(crate) fn parent(self) -> Option<Self> {
        Some(self.beside(self.node.parent()?))
    }

    pub(crate) fn start_byte(self) -> usize {
        self.node.start_byte()
    }

    pub(crate) fn end_byte(self) -> usize {
        self.node.end_byte()
    }

    pub(crate) fn byte_range(self) -> Range<usize> {
        self.node.byte_range()
    }
}

/// Visits every named node, parents first, with what stands around it, the innermost last; the visitor says whether to go
/// below a node. To ask a node for its parent would be to look for it from the root.
pub(crate) fn visit<'t>(tree: &'t Tree, mut enter: impl FnMut(Node<'t>, &[Node<'t>]) -> bool) {
    let mut cursor = tree.tree.walk();
    let mut around = Vec::new();
    loop {
        let node = tree.root().beside(cursor.node());
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
        let is_condition = || around.field("condition").is_some_and(|condition| condition.id() == inner.id());
        if PATTERNS.contains(&kind) || kind == "when_entry" && is_condition() {
            return true;
        }
        if AROUND_A_TEXT.contains(&kind) {
            inner = around;
            continue;
        }
        // `for a in ["b", "c"]` goes through what it lists.
        let holds = |operator: Node<'_>| !operator.is_named() && matches!(operator.kind(), "==" | "===" | "!=" | "!==" | "in" | "not in");
        return !kind.starts_with("for_") && around.children().any(holds);
    }
    false
}

/// The line a node starts on, counted from 1.
pub(crate) fn line(node: Node<'_>) -> u32 {
    u32::try_from(node.node.start_position().row + 1).unwrap_or(u32::MAX)
}

/// The text of a node.
pub(crate) fn text<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    source.get(node.byte_range()).unwrap_or_default()
}

/// The named children of a node.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.node.walk();
    node.node.named_children(&mut cursor).map(|child| node.beside(child)).collect()
}
