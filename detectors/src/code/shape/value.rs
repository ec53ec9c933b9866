//! What the nodes of a tree come to: names, paths, texts, and what is looked up in the environment.

use super::{CallShape, MOST_CHOICES, Part, Reader, SIGILS};
use crate::code::facts::{Path, Value};
use crate::code::syntax::{self, Node};

impl Reader<'_> {
    /// A key of a map or the name of an argument, without quotes and sigils.
    pub(super) fn key(&self, node: Node<'_>) -> String {
        self.string(node)
            .unwrap_or_else(|| self.name(Part::First.of(node).filter(|_| node.children().count() == 1).unwrap_or(node)))
    }

    /// A name without sigils.
    pub(super) fn name(&self, node: Node<'_>) -> String {
        let text = self.text(node).trim_start_matches(['.', '?', '-', '>', ':']);
        let end = text.find(['<', '(', '[']).filter(|end| *end > 0).unwrap_or(text.len());
        text[..end].trim_matches(SIGILS).to_owned()
    }

    /// What a node comes to, as far as the syntax tells.
    pub(in crate::code) fn value(&self, node: Node<'_>, depth: usize) -> Option<Value> {
        if depth > syntax::DEEPEST {
            return None;
        }
        let shape = self.shape;
        let kind = node.kind();
        if let Some(text) = self.string(node) {
            return Some(Value::Text(text));
        }
        if shape.names.contains(&kind) || shape.members.iter().any(|(of, ..)| *of == kind) {
            return self.path(node, depth).map(Value::Path);
        }
        if let Some(call) = self.call_shape(node) {
            return self
                .looked_up(node, call, depth)
                .or_else(|| self.wrapped(node, call, depth))
                .or_else(|| self.callee(node, call, depth).map(Value::Called));
        }
        if let Some(value) = shape
            .indexed
            .iter()
            .filter(|(of, ..)| *of == kind)
            .find_map(|(_, object, key)| self.indexed(node, *object, *key))
        {
            return Some(value);
        }
        if let Some((_, inner)) = shape.through.iter().find(|(of, _)| *of == kind) {
            return self.value(inner.of(node)?, depth + 1);
        }
        if shape.choices.contains(&kind) {
            let parts = syntax::children(node).into_iter().take(MOST_CHOICES);
            return Some(Value::Either(parts.filter_map(|part| self.value(part, depth + 1)).collect()));
        }
        if let Some((_, _, value)) = shape.arguments.iter().find(|(of, ..)| *of == kind) {
            return self.value(value.of(node)?, depth + 1);
        }
        None
    }

    /// The text of a string; its computed parts become `{}`.
    pub(in crate::code) fn string(&self, node: Node<'_>) -> Option<String> {
        let shape = self.shape;
        if !shape.strings.contains(&node.kind()) {
            return None;
        }
        let mut text = String::new();
        let mut any = false;
        let mut parts = syntax::children(node);
        // Some grammars put the pieces one level deeper.
        if let [only] = parts.as_slice()
            && !shape.contents.contains(&only.kind())
            && !shape.computed.contains(&only.kind())
            && only.named_child_count() > 0
        {
            parts = syntax::children(*only);
        }
        for part in parts {
            if shape.contents.contains(&part.kind()) {
                text.push_str(self.text(part));
                any = true;
            } else if shape.computed.contains(&part.kind()) {
                text.push_str("{}");
                any = true;
            }
        }
        if any {
            return Some(text);
        }
        let whole = self.text(node);
        let opening = whole.find(['"', '\'', '`']).map_or(whole, |at| &whole[at..]);
        let quotes: &[char] = &['"', '\'', '`'];
        Some(opening.trim_matches(quotes).to_owned())
    }

    /// The path of a name, a member, or of what a call is made on.
    pub(in crate::code) fn path(&self, node: Node<'_>, depth: usize) -> Option<Path> {
        let shape = self.shape;
        let mut parts = Vec::new();
        let mut at = node;
        for _ in depth..syntax::DEEPEST {
            let kind = at.kind();
            if let Some((_, object, name)) = shape.members.iter().find(|(of, ..)| *of == kind) {
                if let Some(name) = name.of(at) {
                    parts.push(self.name(name));
                }
                match object.of(at) {
                    Some(object) => at = object,
                    // `::A` starts from the top.
                    None if self.text(at).starts_with("::") => {
                        parts.reverse();
                        return Some(parts);
                    }
                    None => break,
                }
            } else if shape.names.contains(&kind) {
                // A name may itself be a path: `a.b`, `A::B`, `A\B`.
                let whole = self.text(at);
                let names = whole.split(['.', '\\', ':']).map(|part| part.trim_matches(SIGILS));
                let names: Vec<String> = names.filter(|part| !part.is_empty()).map(str::to_owned).collect();
                // What belongs to the object itself needs no name in front.
                if parts.is_empty() || !matches!(names.as_slice(), [own] if is_own(own)) {
                    parts.extend(names.into_iter().rev());
                }
                parts.reverse();
                return (!parts.is_empty()).then_some(parts);
            } else if let Some(call) = self.call_shape(at) {
                match call.receiver.of(at) {
                    Some(receiver) => {
                        parts.push(self.name(call.callee.of(at)?));
                        at = receiver;
                    }
                    None => at = call.callee.of(at)?,
                }
            } else if let Some((_, inner)) = shape.through.iter().find(|(of, _)| *of == kind) {
                at = inner.of(at)?;
            } else if let Some((_, object, _)) = shape.indexed.iter().find(|(of, ..)| *of == kind) {
                at = object.of(at)?;
            } else {
                break;
            }
        }
        // Something without a name at the bottom: what is reached through it still tells.
        (!parts.is_empty()).then(|| {
            if !is_own(self.text(at)) {
                parts.push("?".to_owned());
            }
            parts.reverse();
            parts
        })
    }

    /// A call that looks up an environment variable.
    pub(super) fn looked_up(&self, node: Node<'_>, call: CallShape, depth: usize) -> Option<Value> {
        let callee = self.callee(node, call, depth)?;
        let names: Vec<&str> = callee.iter().map(String::as_str).collect();
        (self.shape.looks_up)(&names).then_some(())?;
        let arguments = self.arguments(node, call);
        let text = |node: Node<'_>| self.argument(node).1.and_then(|value| self.string(value));
        let name = text(*arguments.first()?)?;
        let default = arguments
            .get(1)
            .and_then(|default| self.argument(*default).1)
            .and_then(|default| self.value(default, depth + 1))
            .map(Box::new);
        Some(Value::Variable { name, default })
    }

    /// A call that gives back the text it is given.
    fn wrapped(&self, node: Node<'_>, call: CallShape, depth: usize) -> Option<Value> {
        let callee = self.callee(node, call, depth)?;
        let wraps = callee.last().is_some_and(|name| self.shape.wrappers.contains(&name.as_str()));
        wraps.then_some(())?;
        match self.arguments(node, call).as_slice() {
            // `"m".freeze`
            [] => self.value(call.receiver.of(node)?, depth + 1),
            [only] => self.value(self.argument(*only).1?, depth + 1),
            _ => None,
        }
    }

    pub(super) fn indexed(&self, node: Node<'_>, object: Part, key: Part) -> Option<Value> {
        let object = self.path(object.of(node)?, 0)?;
        let names: Vec<&str> = object.iter().map(String::as_str).collect();
        (self.shape.is_environment)(&names).then_some(())?;
        let key = key.of(node)?;
        let name = self
            .string(key)
            .or_else(|| self.argument(key).1.and_then(|value| self.string(value)))
            .or_else(|| Part::Only.of(key).and_then(|only| self.string(only)))?;
        Some(Value::Variable { name, default: None })
    }
}

/// Whether a name means the object whose code it stands in.
fn is_own(name: &str) -> bool {
    matches!(name, "this" | "self")
}
