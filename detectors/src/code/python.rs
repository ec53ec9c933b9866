//! Python.

use evidence::{Info, Kind};

use super::Language;
use super::facts::{Assignment, Call, Facts, Import, Path, Value};
use super::syntax::{self, Grammar, Node};
use crate::{Artifact, Unreadable};

static GRAMMAR: Grammar = Grammar::of(|| tree_sitter_python::LANGUAGE.into());

/// Entries of one dictionary that are looked at.
const MOST_ENTRIES: usize = 256;

pub(super) static PYTHON: Language = Language {
    info: Info {
        id: "code/python",
        title: "Python",
        reads: &["*.py", "*.pyi", "*.pyw"],
        emits: EMITS,
        needs: &[],
        docs: "https://docs.python.org/3/reference/",
    },
    scope: "python",
    endings: &[".py", ".pyi", ".pyw"],
    mentions,
    telling: None,
    read: |artifact| read(artifact),
};

pub(super) const EMITS: &[evidence::Emits] = &[
    (Kind::Import, "python"),
    (Kind::Call, "python"),
    (Kind::Literal, "python"),
    (Kind::Image, crate::infra::IMAGES),
    (Kind::Model, "python"),
    (Kind::Host, "python"),
    (Kind::Env, "python"),
    (Kind::Resource, "instruction"),
    (Kind::Statement, "prompt"),
    (Kind::Statement, "route"),
];

/// `import a`, `import x, a`, `from a import …`; a module inside another is also imported from the outer one.
pub(super) fn mentions(module: &str) -> Vec<String> {
    match module.rsplit_once('.') {
        None => vec![format!("import {module}"), format!("from {module}"), format!(", {module}")],
        Some((outer, _)) => vec![module.to_owned(), format!("{outer} import"), format!("import {outer}")],
    }
}

fn read(artifact: &Artifact<'_>) -> Result<Facts, Unreadable> {
    facts(artifact.text()?)
}

/// The facts of Python text.
pub(super) fn facts(source: &str) -> Result<Facts, Unreadable> {
    let tree = GRAMMAR.parse(source)?;
    let mut facts = Facts {
        fault: tree.fault(),
        ..Facts::default()
    };
    let reader = Reader { source };
    // The class whose body is being read, with its end.
    let mut classes: Vec<(String, usize)> = Vec::new();
    syntax::visit(&tree, |node, around| {
        while classes.last().is_some_and(|(_, end)| node.start_byte() >= *end) {
            classes.pop();
        }
        reader.node(node, around, &mut classes, &mut facts)
    });
    Ok(facts)
}

struct Reader<'s> {
    source: &'s str,
}

impl Reader<'_> {
    fn text(&self, node: Node<'_>) -> &str {
        syntax::text(node, self.source)
    }

    /// Reads one node; says whether to go below it.
    fn node(&self, node: Node<'_>, around: &[Node<'_>], classes: &mut Vec<(String, usize)>, facts: &mut Facts) -> bool {
        match node.kind() {
            "import_statement" | "import_from_statement" => {
                let before = facts.imports.len();
                if node.kind() == "import_statement" {
                    self.import(node, facts);
                } else {
                    self.import_from(node, facts);
                }
                if is_optional(around) {
                    facts
                        .optional_imports
                        .extend(facts.imports[before..].iter().map(|import| import.line));
                }
            }
            "decorated_definition" => {
                self.decorators(node, facts);
                return true;
            }
            "class_definition" => {
                if let Some(name) = node.field("name") {
                    classes.push((self.text(name).to_owned(), node.end_byte()));
                }
                return true;
            }
            "call" => {
                self.call(node, facts);
                return true;
            }
            "subscript" => {
                if let Some(Value::Variable { name, .. }) = self.variable_in_subscript(node) {
                    facts.variables.push((name, syntax::line(node)));
                }
                return true;
            }
            // The names that a module gives away are those of its own parts.
            "assignment" if node.field("left").is_some_and(|left| self.text(left) == "__all__") => {}
            "assignment" | "named_expression" => {
                self.assignment(node, around, classes, facts);
                return true;
            }
            "default_parameter" | "typed_default_parameter" | "typed_parameter" => {
                self.parameter(node, facts);
                return true;
            }
            // `for model in ("a", "b")` gives the name one value after the other.
            "for_statement" | "for_in_clause" => {
                self.assignment(node, around, classes, facts);
                return true;
            }
            "as_pattern" => {
                self.with_item(node, facts);
                return true;
            }
            "pair" => {
                if let (Some(key), Some(value)) = (node.field("key"), node.field("value"))
                    && let Some(Value::Text(key)) = self.string(key)
                {
                    facts.entry(key, self.text(value), || self.value(value, 0), syntax::line(node));
                }
                return true;
            }
            // A string that stands alone is documentation.
            "expression_statement" => {
                return !node
                    .named_child(0)
                    .is_some_and(|child| matches!(child.kind(), "string" | "concatenated_string"));
            }
            "string" => {
                if let Some(Value::Text(text)) = self.string(node)
                    && !text.is_empty()
                {
                    facts.literal(text, syntax::line(node), syntax::is_compared(node, around));
                }
                // Interpolations may hold calls.
                return true;
            }
            "comment" => return false,
            _ => return true,
        }
        false
    }

    fn import(&self, node: Node<'_>, facts: &mut Facts) {
        for name in syntax::children(node) {
            let (module, alias) = self.aliased(name);
            let local = alias.map_or_else(|| module.split('.').next().unwrap_or_default().to_owned(), str::to_owned);
            // `import a.b` binds `a`; the module is still named whole.
            if alias.is_none() && module.contains('.') {
                facts.imports.push(Import {
                    path: local.clone(),
                    local,
                    line: syntax::line(name),
                });
                facts.imports.push(Import {
                    path: module.to_owned(),
                    local: String::new(),
                    line: syntax::line(name),
                });
            } else {
                facts.imports.push(Import {
                    path: module.to_owned(),
                    local,
                    line: syntax::line(name),
                });
            }
        }
    }

    fn import_from(&self, node: Node<'_>, facts: &mut Facts) {
        let Some(module) = node.field("module_name") else {
            return;
        };
        let path = self.text(module);
        let mut any = false;
        for name in syntax::fields(node, "name") {
            any = true;
            let (name_text, alias) = self.aliased(name);
            let path = if path.ends_with('.') {
                format!("{path}{name_text}")
            } else {
                format!("{path}.{name_text}")
            };
            facts.imports.push(Import {
                path,
                local: alias.unwrap_or(name_text).to_owned(),
                line: syntax::line(name),
            });
        }
        if !any {
            facts.imports.push(Import {
                path: path.to_owned(),
                local: String::new(),
                line: syntax::line(node),
            });
        }
    }

    fn aliased<'n>(&'n self, node: Node<'n>) -> (&'n str, Option<&'n str>) {
        match (node.field("name"), node.field("alias")) {
            (Some(name), Some(alias)) => (self.text(name), Some(self.text(alias))),
            _ => (self.text(node), None),
        }
    }

    fn call(&self, node: Node<'_>, facts: &mut Facts) {
        let Some(function) = node.field("function") else {
            return;
        };
        if let Some(Value::Variable { name, .. }) = self.variable_in_call(node, 0) {
            facts.variables.push((name, syntax::line(node)));
        }
        let (Some(callee), Some(list)) = (self.path(function), node.field("arguments")) else {
            return;
        };
        let mut arguments = Vec::new();
        let mut position = 0;
        for argument in syntax::children(list) {
            if argument.kind() == "keyword_argument" {
                if let (Some(name), Some(value)) = (argument.field("name"), argument.field("value"))
                    && let Some(value) = self.value(value, 0)
                {
                    let name = self.text(name).to_owned();
                    facts.assignments.extend(
                        matches!(value, Value::Text(_) | Value::Variable { .. } | Value::Either(_)).then(|| Assignment {
                            target: name.clone(),
                            value: value.clone(),
                            line: syntax::line(argument),
                            named: false,
                        }),
                    );
                    arguments.push((name, value));
                }
            } else if argument.kind() != "comment" {
                if let Some(value) = self.value(argument, 0) {
                    arguments.push((position.to_string(), value));
                }
                position += 1;
            }
        }
        facts.calls.push(Call {
            callee,
            arguments,
            line: syntax::line(node),
        });
    }

    /// A decorator is a call on the function or class below it, whose name is one more argument.
    fn decorators(&self, node: Node<'_>, facts: &mut Facts) {
        let named = node.field("definition").and_then(|definition| definition.field("name"));
        let Some(named) = named.map(|name| self.text(name).to_owned()) else {
            return;
        };
        for decorator in syntax::children(node).into_iter().filter(|child| child.kind() == "decorator") {
            let Some(callee) = decorator.named_child(0).and_then(|what| self.path(what)) else {
                continue;
            };
            facts.calls.push(Call {
                callee,
                arguments: vec![("decorated".to_owned(), Value::Text(named.clone()))],
                line: syntax::line(decorator),
            });
        }
    }

    fn assignment(&self, node: Node<'_>, around: &[Node<'_>], classes: &[(String, usize)], facts: &mut Facts) {
        let Some(left) = node.field("left").or_else(|| node.field("name")) else {
            return;
        };
        let right = node.field("right").or_else(|| node.field("value"));
        let target = match left.kind() {
            "identifier" | "attribute" => self.path(left).map(|path| path.join(".")),
            "subscript" => self.subscript_key(left),
            _ => None,
        };
        let Some(mut target) = target else { return };
        let named = left.kind() != "subscript";
        if let Some(dictionary) = right.filter(|right| named && right.kind() == "dictionary") {
            self.entries(&target, dictionary, facts);
        }
        // Directly in a class body: an attribute of the class.
        if left.kind() == "identifier"
            && let Some((class, _)) = classes.last()
            && enclosing_definition(around) == Some("class_definition")
        {
            target = format!("{class}.{target}");
        }
        let annotation = || node.field("type").and_then(|kind| self.annotation(kind)).map(Value::Called);
        let value = right
            .and_then(|right| self.value(right, 0))
            .or_else(annotation)
            .unwrap_or(Value::Either(Vec::new()));
        facts.assignments.push(Assignment {
            target,
            value,
            line: syntax::line(node),
            named,
        });
    }

    /// The texts in a dictionary that has a name, by which they can be looked up: `MODELS["fast"]`.
    fn entries(&self, of: &str, dictionary: Node<'_>, facts: &mut Facts) {
        for pair in syntax::children(dictionary).into_iter().take(MOST_ENTRIES) {
            if let (Some(key), Some(value)) = (pair.field("key"), pair.field("value"))
                && let (Some(Value::Text(key)), Some(value @ Value::Text(_))) = (self.string(key), self.string(value))
            {
                facts.assignments.push(Assignment {
                    target: format!("{of}.{key}"),
                    value,
                    line: syntax::line(pair),
                    named: true,
                });
            }
        }
    }

    fn parameter(&self, node: Node<'_>, facts: &mut Facts) {
        let name = node
            .field("name")
            .or_else(|| node.named_child(0).filter(|child| child.kind() == "identifier"));
        let Some(name) = name else { return };
        let default = node.field("value").and_then(|value| self.value(value, 0));
        let annotation = || node.field("type").and_then(|kind| self.annotation(kind)).map(Value::Called);
        if let Some(value) = default.or_else(annotation) {
            facts.assignments.push(Assignment {
                target: self.text(name).to_owned(),
                value,
                line: syntax::line(node),
                named: true,
            });
        }
    }

    fn with_item(&self, node: Node<'_>, facts: &mut Facts) {
        if let (Some(value), Some(alias)) = (node.named_child(0), node.field("alias"))
            && let Some(value) = self.value(value, 0)
        {
            facts.assignments.push(Assignment {
                target: self.text(alias).to_owned(),
                value,
                line: syntax::line(node),
                named: true,
            });
        }
    }

    /// The class an annotation names: `Client`, `Optional[Client]`, `Client | None`.
    fn annotation(&self, node: Node<'_>) -> Option<Path> {
        let mut inner = node.named_child(0)?;
        for _ in 0..4 {
            inner = match inner.kind() {
                "identifier" | "attribute" => return self.path(inner),
                "binary_operator" | "union_type" => inner.named_child(0)?,
                "generic_type" | "subscript" => inner.named_child(1)?,
                "type_parameter" | "type" => inner.named_child(0)?,
                _ => return None,
            };
        }
        None
    }

    fn value(&self, node: Node<'_>, depth: usize) -> Option<Value> {
        if depth > syntax::DEEPEST {
            return None;
        }
        match node.kind() {
            "string" | "concatenated_string" => self.string(node),
            "identifier" | "attribute" => self.path(node).map(Value::Path),
            "call" => self
                .variable_in_call(node, depth)
                .or_else(|| self.wrapped_default(node, depth))
                .or_else(|| self.path(node).map(Value::Called)),
            "subscript" => self.variable_in_subscript(node).or_else(|| {
                let mut path = self.path(node.field("value")?)?;
                path.push(self.subscript_key(node)?);
                Some(Value::Path(path))
            }),
            "await" | "parenthesized_expression" | "as_pattern" => self.value(node.named_child(0)?, depth + 1),
            "keyword_argument" => self.value(node.field("value")?, depth + 1),
            "boolean_operator" | "conditional_expression" | "list" | "tuple" | "set" => {
                let parts: Vec<Value> = syntax::children(node)
                    .into_iter()
                    .take(64)
                    .filter_map(|child| self.value(child, depth + 1))
                    .collect();
                Some(Value::Either(parts))
            }
            _ => None,
        }
    }

    /// A string; its computed parts become `{}`.
    fn string(&self, node: Node<'_>) -> Option<Value> {
        let mut text = String::new();
        let parts = if node.kind() == "concatenated_string" {
            syntax::children(node)
        } else {
            vec![node]
        };
        for part in parts.into_iter().filter(|part| part.kind() == "string") {
            for piece in syntax::children(part) {
                match piece.kind() {
                    "string_content" => text.push_str(self.text(piece)),
                    "interpolation" => text.push_str("{}"),
                    _ => {}
                }
            }
        }
        matches!(node.kind(), "string" | "concatenated_string").then_some(Value::Text(text))
    }

    /// The path of a name, an attribute, or of what a call is made on.
    fn path(&self, node: Node<'_>) -> Option<Path> {
        let mut parts = Vec::new();
        let mut at = node;
        for _ in 0..syntax::DEEPEST {
            at = match at.kind() {
                "identifier" => {
                    parts.push(self.text(at).to_owned());
                    parts.reverse();
                    return Some(parts);
                }
                "attribute" => {
                    parts.push(self.text(at.field("attribute")?).to_owned());
                    at.field("object")?
                }
                "call" => at.field("function")?,
                "await" | "parenthesized_expression" => at.named_child(0)?,
                "subscript" => at.field("value")?,
                _ => break,
            };
        }
        // Something without a name at the bottom: what is reached through it still tells.
        (!parts.is_empty()).then(|| {
            parts.push("?".to_owned());
            parts.reverse();
            parts
        })
    }

    fn subscript_key(&self, node: Node<'_>) -> Option<String> {
        match self.string(node.field("subscript")?)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// `os.environ["X"]`.
    fn variable_in_subscript(&self, node: Node<'_>) -> Option<Value> {
        let object = self.path(node.field("value")?)?;
        (object.last().is_some_and(|name| name == "environ")).then_some(())?;
        Some(Value::Variable {
            name: self.subscript_key(node)?,
            default: None,
        })
    }

    /// `os.getenv("X", d)`, `os.environ.get("X", d)`, `env("X")`.
    fn variable_in_call(&self, node: Node<'_>, depth: usize) -> Option<Value> {
        let callee = self.path(node.field("function")?)?;
        let names: Vec<&str> = callee.iter().map(String::as_str).collect();
        let looks_up = matches!(
            names.as_slice(),
            [.., "getenv"] | [.., "environ", "get" | "setdefault" | "pop"] | ["env" | "config" | "decouple"] | ["env", "str" | "get"]
        );
        looks_up.then_some(())?;
        let arguments = syntax::children(node.field("arguments")?);
        let Value::Text(name) = self.string(*arguments.first()?)? else {
            return None;
        };
        let default = arguments.get(1).and_then(|default| self.value(*default, depth + 1)).map(Box::new);
        Some(Value::Variable { name, default })
    }

    /// `Field(default="x")`, `field(default="x")`, `str("x")`: the value inside.
    fn wrapped_default(&self, node: Node<'_>, depth: usize) -> Option<Value> {
        let callee = self.path(node.field("function")?)?;
        let arguments = syntax::children(node.field("arguments")?);
        match callee.last()?.as_str() {
            "Field" | "field" | "Option" | "Argument" | "Param" | "Query" => {
                let named = arguments
                    .iter()
                    .find(|argument| argument.field("name").is_some_and(|name| self.text(name) == "default"));
                self.value(
                    *named.or_else(|| arguments.first().filter(|first| first.kind() == "string"))?,
                    depth + 1,
                )
            }
            "str" if arguments.len() == 1 => self.value(arguments[0], depth + 1),
            _ => None,
        }
    }
}

/// Whether the file can be used without what a statement imports: it stands in a `try`, or in a function.
fn is_optional(around: &[Node<'_>]) -> bool {
    around
        .iter()
        .rev()
        .take(syntax::DEEPEST)
        .any(|node| matches!(node.kind(), "try_statement" | "function_definition"))
}

/// The kind of the innermost class or function around a node.
fn enclosing_definition<'t>(around: &[Node<'t>]) -> Option<&'t str> {
    // An assignment stands at most a few levels below its body: statement, block, definition, conditions.
    let mut kinds = around.iter().rev().take(8).map(Node::kind);
    kinds.find(|kind| matches!(*kind, "class_definition" | "function_definition" | "lambda"))
}

#[cfg(test)]
mod tests;
