//! One reader for the many languages whose grammars differ in the names of their nodes only: a [`Shape`] says what a
//! grammar calls a name, a member, a call, a string and an assignment, and how the language looks up environment
//! variables. What a language has of its own (imports, above all) stands in its own file.

mod value;

use std::collections::BTreeSet;

use super::facts::{Assignment, Call, Facts, Import, Open, Path, Value};
use super::syntax::{self, Grammar, Node};
use crate::Unreadable;
use evidence::is_base_address;

/// Values of one list or choice that are looked at.
const MOST_CHOICES: usize = 64;

/// Longest name, with everything it is part of.
const LONGEST_NAME: usize = 200;

/// Names that are loaded when they are first used, of one file.
const MOST_LOADED: usize = 1000;

/// What stands around names without being part of them.
const SIGILS: &[char] = &['$', '@', ':', '?', '!', '"', '\'', '`', '&', '*', '\\', ' '];

/// Where a part of a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// In a field.
    Field(&'static str),
    /// The first child with a name.
    First,
    /// The second child with a name.
    Second,
    /// The last child with a name.
    Last,
    /// The only child with a name, where there is just one.
    Only,
    /// The first child of a kind.
    Kind(&'static str),
    /// The node itself.
    Whole,
    /// In the field `type` of the declaration around the node.
    DeclaredType,
    /// Nowhere: the grammar has no such part.
    Nowhere,
}

impl Part {
    /// The part of a node.
    pub(super) fn of<'t>(self, node: Node<'t>) -> Option<Node<'t>> {
        let count = node.named_child_count();
        match self {
            Self::Field(name) => node.field(name),
            Self::First => node.named_child(0),
            Self::Second => node.named_child(1),
            Self::Last => node.named_child(u32::try_from(count.checked_sub(1)?).ok()?),
            Self::Only => node.named_child(0).filter(|_| count == 1),
            Self::Kind(kind) => syntax::children(node).into_iter().find(|child| child.kind() == kind),
            Self::Whole => Some(node),
            Self::DeclaredType => {
                // The value stands at most below its name and a sign.
                let around = std::iter::successors(node.parent(), |above| above.parent()).take(3);
                around
                    .filter(|above| above.kind().ends_with("_declaration"))
                    .find_map(|above| above.field("type"))
            }
            Self::Nowhere => None,
        }
    }
}

/// A kind of call: `a.b(c)`, `new A(c)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallShape {
    pub(super) kind: &'static str,
    /// What the callee is reached through, where that is a part of its own.
    pub(super) receiver: Part,
    /// The callee, or its last name.
    pub(super) callee: Part,
    pub(super) arguments: Part,
}

/// What a grammar calls things. Lists of kinds may be empty; pairs are the parts of what is named first.
pub(super) struct Shape {
    pub(super) grammar: Grammar,
    /// Which names imports bring in without naming them.
    pub(super) open: Open,
    /// Plain names; sigils are cut off.
    pub(super) names: &'static [&'static str],
    /// What is reached through something: the thing, and the name.
    pub(super) members: &'static [(&'static str, Part, Part)],
    pub(super) calls: &'static [CallShape],
    /// An argument that wraps its value, with a name or without.
    pub(super) arguments: &'static [(&'static str, Part, Part)],
    pub(super) strings: &'static [&'static str],
    /// Parts of a string that are its text; a string that has none of them is its own text without its quotes.
    pub(super) contents: &'static [&'static str],
    /// Parts of a string that are computed.
    pub(super) computed: &'static [&'static str],
    /// What has the value of one of its parts: brackets, casts, what is waited for, indexed things.
    pub(super) through: &'static [(&'static str, Part)],
    /// What has one of several values: lists, conditions, fall-backs.
    pub(super) choices: &'static [&'static str],
    /// A name that gets a value: variables, constants, fields, parameters with defaults.
    pub(super) assignments: &'static [(&'static str, Part, Part)],
    /// A name that is declared with a type: the name, and the type.
    pub(super) typed: &'static [(&'static str, Part, Part)],
    /// An entry of a map, with its key and value.
    pub(super) entries: &'static [(&'static str, Part, Part)],
    /// What names inside belong to: classes, modules.
    pub(super) scopes: &'static [(&'static str, Part)],
    /// What is not read: comments, documentation.
    pub(super) skipped: &'static [&'static str],
    /// Whether a callee looks up the environment variable that its first argument names.
    pub(super) looks_up: fn(&[&str]) -> bool,
    /// `ENV["X"]`: the kind, what is indexed, the key; and whether that is the environment.
    pub(super) indexed: &'static [(&'static str, Part, Part)],
    pub(super) is_environment: fn(&[&str]) -> bool,
    /// Functions that give back the text they are given: `aws.String("x")`.
    pub(super) wrappers: &'static [&'static str],
    /// Reads a node that the language has of its own; says whether nothing below it is to be read.
    pub(super) special: fn(&Reader<'_>, Node<'_>, &mut Facts) -> bool,
}

impl Shape {
    /// The facts of text in this shape.
    pub(super) fn facts(&'static self, source: &str) -> Result<Facts, Unreadable> {
        let tree = self.grammar.parse(source)?;
        let mut facts = Facts {
            fault: tree.fault(),
            open: self.open,
            ..Facts::default()
        };
        let reader = Reader { shape: self, source };
        let mut scopes: Vec<(String, usize)> = Vec::new();
        syntax::visit(&tree, |node, around| {
            while scopes.last().is_some_and(|(_, end)| node.start_byte() >= *end) {
                scopes.pop();
            }
            reader.node(node, around, &mut scopes, &mut facts)
        });
        let Facts { imports, defined, .. } = &mut facts;
        imports.retain(|import| !defined.iter().any(|own| import.path.split('.').next() == Some(own)));
        let documented: BTreeSet<u32> = facts.documented.iter().copied().collect();
        facts.literals.retain(|(_, line)| !documented.contains(line));
        Ok(facts)
    }
}

/// Reads nodes of one text.
pub(super) struct Reader<'s> {
    shape: &'static Shape,
    source: &'s str,
}

impl<'s> Reader<'s> {
    /// The text of a node.
    pub(super) fn text(&self, node: Node<'_>) -> &'s str {
        syntax::text(node, self.source)
    }

    /// Adds what an import brings in under a name; an empty name brings in nothing that can be looked up.
    pub(super) fn import(&self, path: impl Into<String>, local: impl Into<String>, node: Node<'_>, facts: &mut Facts) {
        facts.imports.push(Import {
            path: path.into(),
            local: local.into(),
            line: syntax::line(node),
        });
    }

    /// A constant of an enumeration stands for the text it is made with.
    pub(super) fn constant(&self, node: Node<'_>, name: Part, made_with: Part, facts: &mut Facts) {
        let text = made_with.of(node).and_then(|with| {
            let first = || syntax::children(with).into_iter().find_map(|part| self.value(part, 0));
            self.value(with, 0).or_else(first)
        });
        if let (Some(name), Some(value @ Value::Text(_))) = (name.of(node), text) {
            facts.assignments.push(Assignment {
                target: self.name(name),
                value,
                line: syntax::line(node),
                named: true,
            });
        }
    }

    /// Adds a name that needs no import, as it is loaded when it is first used: as an import of where it was first used.
    pub(super) fn loaded(&self, path: &[String], node: Node<'_>, facts: &mut Facts) {
        let Some(first) = path.first() else { return };
        let known = |import: &Import| import.local == *first && import.path != *first;
        if facts.imports.len() > MOST_LOADED || facts.imports.iter().any(known) {
            return;
        }
        for (path, local) in [(first.clone(), first.clone()), (path.join("."), String::new())] {
            if !facts.imports.iter().any(|import| import.path == path) {
                self.import(path, local, node, facts);
            }
        }
    }

    /// Adds what is named with everything it is part of, so that nothing needs to bring it in, as an import without a name of its own;
    /// shorter names than of so many parts are those of the file itself.
    pub(super) fn named_whole(&self, node: Node<'_>, separator: &str, parts: usize, facts: &mut Facts) {
        let text = self.text(node);
        if text.len() > LONGEST_NAME || facts.imports.len() > MOST_LOADED {
            return;
        }
        let path: Vec<&str> = text.split(separator).map(str::trim).collect();
        let is_name = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if path.len() < parts || path.first() == Some(&"std") || !path.iter().all(is_name) {
            return;
        }
        let path = path.join(".");
        if !facts.imports.iter().any(|import| import.path == path) {
            self.import(path, "", node, facts);
        }
    }

    /// Reads one node; says whether to go below it.
    fn node(&self, node: Node<'_>, around: &[Node<'_>], scopes: &mut Vec<(String, usize)>, facts: &mut Facts) -> bool {
        let shape = self.shape;
        let kind = node.kind();
        if shape.skipped.contains(&kind) || (shape.special)(self, node, facts) {
            return false;
        }
        if let Some((_, name)) = shape.scopes.iter().find(|(of, _)| *of == kind)
            && let Some(name) = name.of(node)
        {
            scopes.push((self.text(name).to_owned(), node.end_byte()));
        }
        if let Some(call) = self.call_shape(node) {
            self.call(node, call, facts);
        }
        for &(_, object, key) in shape.indexed.iter().filter(|(of, ..)| *of == kind) {
            if let Some(Value::Variable { name, .. }) = self.indexed(node, object, key) {
                facts.variables.push((name, syntax::line(node)));
            }
        }
        for &(_, name, kind) in shape.typed.iter().filter(|(of, ..)| *of == kind) {
            self.typed(node, name, kind, scopes, facts);
        }
        for &(_, target, value) in shape.assignments.iter().filter(|(of, ..)| *of == kind) {
            self.assignment(node, target, value, scopes, facts);
        }
        for &(_, key, value) in shape.entries.iter().filter(|(of, ..)| *of == kind) {
            self.entry(node, key, value, facts);
        }
        if shape.strings.contains(&kind)
            && let Some(text) = self.string(node).filter(|text| !text.is_empty())
        {
            facts.literal(text, syntax::line(node), syntax::is_compared(node, around));
        }
        true
    }

    fn call_shape(&self, node: Node<'_>) -> Option<CallShape> {
        self.shape.calls.iter().find(|call| call.kind == node.kind()).copied()
    }

    fn callee(&self, node: Node<'_>, call: CallShape, depth: usize) -> Option<Path> {
        let callee = call.callee.of(node)?;
        match call.receiver.of(node) {
            Some(receiver) => {
                let mut path = self.path(receiver, depth + 1).unwrap_or_else(|| vec!["?".to_owned()]);
                path.push(self.name(callee));
                Some(path)
            }
            None => self.path(callee, depth + 1),
        }
    }

    fn call(&self, node: Node<'_>, call: CallShape, facts: &mut Facts) {
        if let Some(Value::Variable { name, .. }) = self.looked_up(node, call, 0) {
            facts.variables.push((name, syntax::line(node)));
        }
        let Some(callee) = self.callee(node, call, 0) else { return };
        let mut arguments = Vec::new();
        let mut position = 0;
        for argument in self.arguments(node, call) {
            let (name, value) = self.argument(argument);
            arguments.extend(value.and_then(|value| self.address_within(value)));
            let value = value.and_then(|value| self.value(value, 0));
            let mut fields = Vec::new();
            self.fields(argument, &mut fields);
            match name {
                Some(name) => {
                    // `parameters: { model: "m" }`
                    arguments.extend(fields.into_iter().map(|(field, value)| (format!("{name}.{field}"), value)));
                    let Some(value) = value else { continue };
                    // What an argument is called tells as much as what a variable is called.
                    if matches!(value, Value::Text(_) | Value::Variable { .. } | Value::Either(_)) {
                        facts.assignments.push(Assignment {
                            target: name.clone(),
                            value: value.clone(),
                            line: syntax::line(argument),
                            named: false,
                        });
                    }
                    arguments.push((name, value));
                }
                None => {
                    arguments.extend(fields);
                    arguments.extend(value.map(|value| (position.to_string(), value)));
                    position += 1;
                }
            }
        }
        arguments.extend(self.initialised(node));
        facts.calls.push(Call {
            callee,
            arguments,
            line: syntax::line(node),
        });
    }

    /// `new T { Name = value }`: what an object is made with, as arguments by name.
    fn initialised(&self, node: Node<'_>) -> Vec<(String, Value)> {
        let Some(initializer) = node.field("initializer") else {
            return Vec::new();
        };
        let entries = syntax::children(initializer)
            .into_iter()
            .take(MOST_CHOICES)
            .filter(|entry| entry.kind() == "assignment_expression");
        entries
            .filter_map(|entry| {
                let name = entry.field("left")?;
                Some((self.name(name), self.value(entry.field("right")?, 0)?))
            })
            .collect()
    }

    /// `New(WithBaseURL("…"))`: the address inside an option that is an argument.
    fn address_within(&self, option: Node<'_>) -> Option<(String, Value)> {
        let call = self.call_shape(option)?;
        let name = self.callee(option, call, 0)?.pop().filter(|name| is_base_address(name))?;
        match self.arguments(option, call).as_slice() {
            [address] => Some((name, self.value(self.argument(*address).1?, 0)?)),
            _ => None,
        }
    }

    /// The nodes of a call's arguments.
    fn arguments<'t>(&self, node: Node<'t>, call: CallShape) -> Vec<Node<'t>> {
        let mut list = call.arguments.of(node).map(syntax::children).unwrap_or_default();
        // Some grammars put the list one level deeper.
        if let [only] = list.as_slice()
            && only.kind().ends_with("arguments")
        {
            list = syntax::children(*only);
        }
        // What is set while the thing is made.
        if node.kind().ends_with("creation_expression") {
            let set = Part::Kind("initializer_expression")
                .of(node)
                .map(syntax::children)
                .unwrap_or_default();
            list.extend(set.into_iter().filter(|child| child.kind() == "assignment_expression"));
        }
        let apart = [call.receiver.of(node), call.callee.of(node)].map(|part| part.map(|part| part.id()));
        list.retain(|argument| !self.shape.skipped.contains(&argument.kind()) && !apart.contains(&Some(argument.id())));
        list
    }

    /// An argument's name, where it has one, and its value.
    fn argument<'t>(&self, node: Node<'t>) -> (Option<String>, Option<Node<'t>>) {
        let wrapped = self
            .shape
            .arguments
            .iter()
            .chain(self.shape.entries)
            .find(|(kind, ..)| *kind == node.kind());
        let Some((_, name, value)) = wrapped else {
            return (None, Some(node));
        };
        let value = value.of(node);
        let name = name.of(node).filter(|name| value.is_none_or(|value| value.id() != name.id()));
        (name.map(|name| self.key(name)), value)
    }

    /// The entries of a map that is an argument, as arguments by name.
    fn fields(&self, node: Node<'_>, arguments: &mut Vec<(String, Value)>) {
        let mut at = Part::Kind("composite_literal").of(node).unwrap_or(node);
        for _ in 0..4 {
            let before = arguments.len();
            for entry in syntax::children(at).into_iter().take(MOST_CHOICES) {
                let Some((_, key, value)) = self.shape.entries.iter().find(|(kind, ..)| *kind == entry.kind()) else {
                    continue;
                };
                if let (Some(key), Some(value)) = (key.of(entry), value.of(entry))
                    && let Some(value) = self.value(value, 0)
                {
                    arguments.push((self.key(key), value));
                }
            }
            if arguments.len() > before {
                return;
            }
            // `&T{…}`, `new { … }`: the entries stand below the last part.
            match Part::Last
                .of(at)
                .filter(|last| !self.shape.strings.contains(&last.kind()) && self.call_shape(*last).is_none())
            {
                Some(last) => at = last,
                None => return,
            }
        }
    }

    fn assignment(&self, node: Node<'_>, target: Part, value: Part, scopes: &[(String, usize)], facts: &mut Facts) {
        let Some(target) = target.of(node) else { return };
        let value = value.of(node).filter(|value| value.id() != target.id());
        // `a, b = x, y`: one pair after the other.
        let lists = |node: Node<'_>| {
            matches!(
                node.kind(),
                "expression_list" | "left_assignment_list" | "right_assignment_list" | "variable_list"
            )
        };
        let pairs: Vec<_> = match value {
            Some(value) if lists(target) && lists(value) => syntax::children(target)
                .into_iter()
                .zip(syntax::children(value).into_iter().map(Some))
                .collect(),
            Some(value) if lists(value) => vec![(target, Part::First.of(value))],
            value if lists(target) => Part::First.of(target).map(|first| (first, value)).into_iter().collect(),
            value => vec![(target, value)],
        };
        for (target, value) in pairs {
            let Some(path) = self.path(target, 0) else { continue };
            let value = value.and_then(|value| self.value(value, 0)).unwrap_or(Value::Either(Vec::new()));
            self.name_gets(&path, value, node, scopes, facts);
        }
    }

    /// Adds that a name gets a value, in a language's own way of saying so.
    pub(super) fn gets(&self, target: Node<'_>, value: Node<'_>, facts: &mut Facts) {
        if let (Some(path), Some(value)) = (self.path(target, 0), self.value(value, 0)) {
            self.name_gets(&path, value, target, &[], facts);
        }
    }

    /// A name gets a value; inside a class it can also be looked up behind the class.
    fn name_gets(&self, path: &[String], value: Value, node: Node<'_>, scopes: &[(String, usize)], facts: &mut Facts) {
        if let (1, Some((scope, _))) = (path.len(), scopes.last()) {
            facts.qualified.push((format!("{scope}.{}", path[0]), facts.assignments.len()));
        }
        facts.assignments.push(Assignment {
            target: path.join("."),
            value,
            line: syntax::line(node),
            named: true,
        });
    }

    /// A name whose type is written is as good as made by calling the type.
    fn typed(&self, node: Node<'_>, name: Part, kind: Part, scopes: &[(String, usize)], facts: &mut Facts) {
        let (Some(name), Some(kind)) = (
            name.of(node).and_then(|name| self.path(name, 0)),
            kind.of(node).and_then(|kind| self.path(kind, 0)),
        ) else {
            return;
        };
        if !matches!(
            kind.last().map(String::as_str),
            Some("var" | "auto" | "let" | "val" | "dynamic" | "String" | "string" | "?")
        ) {
            self.name_gets(&name, Value::Called(kind), node, scopes, facts);
        }
    }

    fn entry(&self, node: Node<'_>, key: Part, value: Part, facts: &mut Facts) {
        if let (Some(key), Some(value)) = (key.of(node), value.of(node)) {
            self.holds(key, value, facts);
        }
    }

    /// Adds a constant whose name is given as a text.
    pub(super) fn named(&self, name: String, value: Node<'_>, facts: &mut Facts) {
        if let Some(found) = self.value(value, 0) {
            self.name_gets(&[name], found, value, &[], facts);
        }
    }

    /// Adds an entry of a map.
    pub(super) fn holds(&self, key: Node<'_>, value: Node<'_>, facts: &mut Facts) {
        facts.entry(self.key(key), self.text(value), || self.value(value, 0), syntax::line(key));
    }
}
