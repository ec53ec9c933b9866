//! JavaScript and TypeScript, also JSX and the scripts of Vue, Svelte and Astro components and of web pages.

use evidence::{Info, Kind};

use super::facts::{Assignment, Call, Facts, Import, Path, Value};
use super::syntax::{self, Grammar, Node};
use super::{Language, addressed, bundle};
use crate::config::value;
use crate::{Artifact, Unreadable};

static SCRIPT: Grammar = Grammar::of(|| tree_sitter_javascript::LANGUAGE.into());
static TYPESCRIPT: Grammar = Grammar::of(|| tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into());
static TSX: Grammar = Grammar::of(|| tree_sitter_typescript::LANGUAGE_TSX.into());

/// Members of one object or enumeration that are looked at.
const MOST_MEMBERS: usize = 256;

pub(super) static JAVASCRIPT: Language = Language {
    info: Info {
        id: "code/javascript",
        title: "JavaScript and TypeScript",
        reads: &[
            "*.js", "*.mjs", "*.cjs", "*.jsx", "*.ts", "*.mts", "*.cts", "*.tsx", "*.vue", "*.svelte", "*.astro", "*.html", "*.htm",
            "*.ejs",
        ],
        emits: &[
            (Kind::Import, "javascript"),
            (Kind::Call, "javascript"),
            (Kind::Literal, "javascript"),
            (Kind::Model, "javascript"),
            (Kind::Host, "javascript"),
            (Kind::Env, "javascript"),
            (Kind::Resource, "instruction"),
            (Kind::Image, crate::infra::IMAGES),
            (Kind::Statement, "prompt"),
            (Kind::Statement, "route"),
        ],
        needs: &[],
        docs: "https://tc39.es/ecma262/",
    },
    scope: "javascript",
    endings: &[
        ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte", ".astro", ".html", ".htm", ".ejs",
    ],
    mentions,
    telling: None,
    read,
};

/// A module's name stands in quotes, alone or with a path inside it.
fn mentions(module: &str) -> Vec<String> {
    ["'", "\"", "`"]
        .iter()
        .flat_map(|quote| [format!("{quote}{module}{quote}"), format!("{quote}{module}/")])
        .chain(addressed::mentions(module))
        .collect()
}

fn read(artifact: &Artifact<'_>) -> Result<Facts, Unreadable> {
    let text = artifact.text()?;
    match artifact.extension() {
        "vue" | "svelte" | "astro" => facts(&scripts_only(text), &TYPESCRIPT),
        // What is put into a page while it is made leaves gaps in its scripts: faults in them are none of the page.
        "html" | "htm" | "ejs" => {
            let mut facts = facts(&scripts_only(text), &SCRIPT)?;
            facts.fault = None;
            let loaded = addressed::packages_of_page(text).into_iter().take(MOST_MEMBERS);
            facts.imports.extend(loaded.map(|(package, line)| Import {
                path: package.to_owned(),
                local: String::new(),
                line,
            }));
            Ok(facts)
        }
        "js" | "mjs" | "cjs" if bundle::is_one(artifact) => Ok(bundle::facts(text)),
        "ts" | "mts" | "cts" => facts(text, &TYPESCRIPT),
        "tsx" => facts(text, &TSX),
        _ => facts(text, &SCRIPT),
    }
}

/// A component with everything but its scripts blanked out, so that lines stay as they are.
fn scripts_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let blank = |part: &str| part.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect::<String>();
    // Astro keeps its code between two lines of dashes.
    if let Some(behind) = rest.strip_prefix("---\n")
        && let Some(end) = behind.find("\n---")
    {
        out.push_str("   \n");
        out.push_str(&behind[..end]);
        out.push_str("\n   ");
        rest = &behind[end + 4..];
    }
    while let Some((start, is_comment)) = addressed::next_part(rest) {
        if is_comment {
            let end = rest[start..].find("-->").map_or(rest.len(), |at| start + at + 3);
            out.push_str(&blank(&rest[..end]));
            rest = &rest[end..];
            continue;
        }
        let Some(open) = rest[start..].find('>').map(|at| start + at + 1) else {
            break;
        };
        let close = rest[open..].find("</script").map_or(rest.len(), |at| open + at);
        out.push_str(&blank(&rest[..open]));
        // Data and templates are no scripts.
        let tag = &rest[start..open];
        let is_code = !tag.contains("type=") || ["module", "javascript", "babel", "jsx"].iter().any(|kind| tag.contains(kind));
        if is_code {
            out.push_str(&rest[open..close]);
        } else {
            out.push_str(&blank(&rest[open..close]));
        }
        rest = &rest[close..];
    }
    out.push_str(&blank(rest));
    out
}

/// A module by the name of its package, where an address stands for it.
fn named(module: String) -> String {
    addressed::package_of(&module).map_or_else(|| module.clone(), str::to_owned)
}

fn facts(source: &str, grammar: &'static Grammar) -> Result<Facts, Unreadable> {
    let tree = grammar.parse(source)?;
    let mut facts = Facts {
        fault: tree.fault(),
        ..Facts::default()
    };
    let reader = Reader { source };
    syntax::visit(&tree, |node, around| {
        reader.node(node, around, &mut facts);
        // Type positions hold names of literals, not uses.
        !matches!(
            node.kind(),
            "comment" | "type_alias_declaration" | "interface_declaration" | "type_annotation" | "type_arguments" | "import_statement"
        )
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

    fn node(&self, node: Node<'_>, around: &[Node<'_>], facts: &mut Facts) {
        match node.kind() {
            "import_statement" => self.import(node, facts),
            "export_statement" => {
                if let Some(Value::Text(module)) = node.field("source").and_then(|source| self.string(source)) {
                    facts.imports.push(Import {
                        path: named(module),
                        local: String::new(),
                        line: syntax::line(node),
                    });
                }
            }
            "call_expression" | "new_expression" => self.call(node, facts),
            "variable_declarator" => self.declaration(node, facts),
            "assignment_expression" | "augmented_assignment_expression" | "for_in_statement" => {
                if let (Some(left), Some(right)) = (node.field("left"), node.field("right"))
                    && let Some(path) = self.path(left)
                    && let Some(value) = self.value(right, 0)
                {
                    facts.assignments.push(Assignment {
                        target: path.join("."),
                        value,
                        line: syntax::line(node),
                        named: true,
                    });
                }
            }
            "public_field_definition" | "field_definition" => self.field(node, facts),
            "required_parameter" | "optional_parameter" => self.parameter(node, facts),
            "assignment_pattern" | "object_assignment_pattern" => {
                if let (Some(left), Some(right)) = (node.field("left"), node.field("right"))
                    && let Some(value) = self.value(right, 0)
                {
                    facts.assignments.push(Assignment {
                        target: self.text(left).to_owned(),
                        value,
                        line: syntax::line(node),
                        named: true,
                    });
                }
            }
            "pair" => {
                if let (Some(key), Some(value)) = (node.field("key"), node.field("value"))
                    && let Some(key) = self.key(key)
                {
                    facts.entry(key, self.text(value), || self.value(value, 0), syntax::line(node));
                }
            }
            "enum_declaration" => {
                if let (Some(name), Some(body)) = (node.field("name"), node.field("body")) {
                    self.members(self.text(name), body, 0, facts);
                }
            }
            "member_expression" | "subscript_expression" => {
                if let Some(Value::Variable { name, .. }) = self.variable(node) {
                    facts.variables.push((name, syntax::line(node)));
                }
            }
            "jsx_attribute" => self.attribute(node, facts),
            "string" | "template_string" => {
                if let Some(Value::Text(text)) = self.string(node)
                    && !text.is_empty()
                    && !self.is_shown(around)
                {
                    facts.literal(text, syntax::line(node), syntax::is_compared(node, around));
                }
            }
            _ => {}
        }
    }

    fn import(&self, node: Node<'_>, facts: &mut Facts) {
        let Some(Value::Text(module)) = node.field("source").and_then(|source| self.string(source)) else {
            return;
        };
        let module = named(module);
        // `import type` brings no code, but it names what the project builds on.
        let line = syntax::line(node);
        let mut named = false;
        if let Some(clause) = syntax::children(node).into_iter().find(|child| child.kind() == "import_clause") {
            for child in syntax::children(clause) {
                match child.kind() {
                    "identifier" => {
                        facts.imports.push(Import {
                            path: format!("{module}.default"),
                            local: self.text(child).to_owned(),
                            line,
                        });
                        named = true;
                    }
                    "namespace_import" => {
                        let local = child.named_child(0).map(|name| self.text(name).to_owned()).unwrap_or_default();
                        facts.imports.push(Import {
                            path: module.clone(),
                            local,
                            line,
                        });
                        named = true;
                    }
                    "named_imports" => {
                        for specifier in syntax::children(child) {
                            let Some(name) = specifier.field("name") else {
                                continue;
                            };
                            let local = specifier.field("alias").unwrap_or(name);
                            facts.imports.push(Import {
                                path: format!("{module}.{}", self.text(name)),
                                local: self.text(local).to_owned(),
                                line: syntax::line(specifier),
                            });
                            named = true;
                        }
                    }
                    _ => {}
                }
            }
        }
        if !named {
            facts.imports.push(Import {
                path: module,
                local: String::new(),
                line,
            });
        }
    }

    /// `require("x")` and `import("x")` as the module's path.
    fn required(&self, node: Node<'_>) -> Option<String> {
        let function = node.field("function")?;
        matches!(self.text(function), "require" | "import").then_some(())?;
        match self.string(node.field("arguments")?.named_child(0)?)? {
            Value::Text(module) => Some(named(module)),
            _ => None,
        }
    }

    fn declaration(&self, node: Node<'_>, facts: &mut Facts) {
        let Some(name) = node.field("name") else { return };
        let value = node.field("value");
        let bare = value.map(|value| {
            if value.kind() == "await_expression" {
                value.named_child(0).unwrap_or(value)
            } else {
                value
            }
        });
        let line = syntax::line(node);
        if let Some(module) = bare
            .filter(|value| value.kind() == "call_expression")
            .and_then(|call| self.required(call))
        {
            if name.kind() == "identifier" {
                facts.imports.push(Import {
                    path: module,
                    local: self.text(name).to_owned(),
                    line,
                });
            } else {
                for (imported, local) in self.destructured(name) {
                    facts.imports.push(Import {
                        path: format!("{module}.{imported}"),
                        local,
                        line,
                    });
                }
            }
            return;
        }
        if name.kind() != "identifier" {
            if let Some(Value::Path(path) | Value::Called(path)) = value.and_then(|value| self.value(value, 0)) {
                for (part, local) in self.destructured(name) {
                    let path = path.iter().cloned().chain([part]).collect();
                    facts.assignments.push(Assignment {
                        target: local,
                        value: Value::Path(path),
                        line,
                        named: true,
                    });
                }
            }
            return;
        }
        if let Some(object) = value.and_then(|value| self.object(value)) {
            self.members(self.text(name), object, 0, facts);
            return;
        }
        let annotation = || node.field("type").and_then(|kind| self.annotation(kind)).map(Value::Called);
        if let Some(value) = value.and_then(|value| self.value(value, 0)).or_else(annotation) {
            facts.assignments.push(Assignment {
                target: self.text(name).to_owned(),
                value,
                line,
                named: true,
            });
        }
    }

    /// The object that a value is: `{ … }`, `{ … } as const`, `Object.freeze({ … })`.
    fn object<'t>(&self, value: Node<'t>) -> Option<Node<'t>> {
        let mut at = value;
        for _ in 0..4 {
            at = match at.kind() {
                "object" => return Some(at),
                "as_expression" | "satisfies_expression" | "parenthesized_expression" => at.named_child(0)?,
                "call_expression" if self.text(at.field("function")?) == "Object.freeze" => at.field("arguments")?.named_child(0)?,
                _ => return None,
            };
        }
        None
    }

    /// The texts that stand under names in an enumeration or a constant object, by which they can be looked up.
    fn members(&self, of: &str, body: Node<'_>, depth: usize, facts: &mut Facts) {
        for member in syntax::children(body).into_iter().take(MOST_MEMBERS) {
            let name = member.field("key").or_else(|| member.field("name"));
            let (Some(name), Some(value)) = (name.and_then(|name| self.key(name)), member.field("value")) else {
                continue;
            };
            let target = format!("{of}.{name}");
            if let Some(inner) = self.object(value).filter(|_| depth < 2) {
                self.members(&target, inner, depth + 1, facts);
            } else if let Some(value @ Value::Text(_)) = self.value(value, 0) {
                facts.assignments.push(Assignment {
                    target,
                    value,
                    line: syntax::line(member),
                    named: true,
                });
            }
        }
    }

    /// What a pattern like `{ a, b: c }` takes out, with the names it gives.
    fn destructured(&self, pattern: Node<'_>) -> Vec<(String, String)> {
        syntax::children(pattern)
            .into_iter()
            .filter_map(|part| match part.kind() {
                "shorthand_property_identifier_pattern" => Some((self.text(part).to_owned(), self.text(part).to_owned())),
                "pair_pattern" => {
                    let (key, value) = (part.field("key")?, part.field("value")?);
                    Some((self.text(key).to_owned(), self.text(value).to_owned()))
                }
                _ => None,
            })
            .collect()
    }

    fn field(&self, node: Node<'_>, facts: &mut Facts) {
        let Some(name) = node.field("name").or_else(|| node.field("property")) else {
            return;
        };
        let annotation = || node.field("type").and_then(|kind| self.annotation(kind)).map(Value::Called);
        if let Some(value) = node.field("value").and_then(|value| self.value(value, 0)).or_else(annotation) {
            facts.assignments.push(Assignment {
                target: format!("this.{}", self.text(name)),
                value,
                line: syntax::line(node),
                named: true,
            });
        }
    }

    fn parameter(&self, node: Node<'_>, facts: &mut Facts) {
        let Some(name) = node.field("pattern") else { return };
        let default = node.field("value").and_then(|value| self.value(value, 0));
        let annotation = || node.field("type").and_then(|kind| self.annotation(kind)).map(Value::Called);
        if let Some(value) = default.or_else(annotation) {
            let line = syntax::line(node);
            // `constructor(private client: Client)` is a field too.
            let is_field = node
                .child(0)
                .is_some_and(|first| first.kind() == "accessibility_modifier" || first.kind() == "readonly");
            let name = self.text(name).to_owned();
            if is_field {
                facts.assignments.push(Assignment {
                    target: format!("this.{name}"),
                    value: value.clone(),
                    line,
                    named: true,
                });
            }
            facts.assignments.push(Assignment {
                target: name,
                value,
                line,
                named: true,
            });
        }
    }

    /// Whether what stands in these nodes is only shown to people: `placeholder="…"`, `{help: "…"}`.
    fn is_shown(&self, around: &[Node<'_>]) -> bool {
        let mut around = around.iter().rev().skip_while(|node| node.kind() == "jsx_expression");
        around.next().is_some_and(|node| {
            let name = match node.kind() {
                "jsx_attribute" => node.named_child(0),
                "pair" => node.field("key"),
                _ => None,
            };
            name.is_some_and(|name| value::is_for_readers(self.text(name).trim_matches(['"', '\''])))
        })
    }

    fn attribute(&self, node: Node<'_>, facts: &mut Facts) {
        let (Some(name), Some(value)) = (node.named_child(0), node.named_child(1)) else {
            return;
        };
        let value = if value.kind() == "jsx_expression" {
            value.named_child(0)
        } else {
            Some(value)
        };
        if let Some(value) = value.and_then(|value| self.value(value, 0)) {
            facts.assignments.push(Assignment {
                target: self.text(name).to_owned(),
                value,
                line: syntax::line(node),
                named: false,
            });
        }
    }

    fn annotation(&self, node: Node<'_>) -> Option<Path> {
        let mut inner = node.named_child(0)?;
        for _ in 0..4 {
            inner = match inner.kind() {
                "type_identifier" => return Some(vec![self.text(inner).to_owned()]),
                "nested_type_identifier" => return Some(self.text(inner).split('.').map(str::to_owned).collect()),
                "union_type" | "parenthesized_type" => inner.named_child(0)?,
                "generic_type" => inner.field("name")?,
                _ => return None,
            };
        }
        None
    }

    fn call(&self, node: Node<'_>, facts: &mut Facts) {
        if let Some(module) = (node.kind() == "call_expression").then(|| self.required(node)).flatten() {
            facts.imports.push(Import {
                path: module,
                local: String::new(),
                line: syntax::line(node),
            });
            return;
        }
        if let Some(Value::Variable { name, .. }) = self.variable_in_call(node) {
            facts.variables.push((name, syntax::line(node)));
        }
        let Some(function) = node.field("function").or_else(|| node.field("constructor")) else {
            return;
        };
        let Some(callee) = self.path(function) else { return };
        let mut arguments = Vec::new();
        let given = node.field("arguments");
        // $`a`
        let list = match given.filter(|given| given.kind() == "template_string") {
            Some(template) => vec![template],
            None => given.map(syntax::children).unwrap_or_default(),
        };
        for (position, argument) in list.into_iter().filter(|argument| argument.kind() != "comment").enumerate() {
            if argument.kind() == "object" {
                for entry in syntax::children(argument) {
                    arguments.extend(self.entry(entry));
                }
            } else if let Some(value) = self.value(argument, 0) {
                arguments.push((position.to_string(), value));
            }
        }
        facts.calls.push(Call {
            callee,
            arguments,
            line: syntax::line(node),
        });
    }

    /// An entry of an object that is an argument.
    fn entry(&self, node: Node<'_>) -> Option<(String, Value)> {
        match node.kind() {
            "pair" => Some((self.key(node.field("key")?)?, self.value(node.field("value")?, 0)?)),
            "shorthand_property_identifier" => Some((self.text(node).to_owned(), Value::Path(vec![self.text(node).to_owned()]))),
            _ => None,
        }
    }

    fn key(&self, node: Node<'_>) -> Option<String> {
        match node.kind() {
            "property_identifier" => Some(self.text(node).to_owned()),
            "string" => match self.string(node)? {
                Value::Text(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    fn value(&self, node: Node<'_>, depth: usize) -> Option<Value> {
        if depth > syntax::DEEPEST {
            return None;
        }
        match node.kind() {
            "string" | "template_string" => self.string(node),
            "identifier" | "this" => self.path(node).map(Value::Path),
            "member_expression" | "subscript_expression" => self.variable(node).or_else(|| self.path(node).map(Value::Path)),
            "call_expression" => self
                .variable_in_call(node)
                .or_else(|| self.default_of_schema(node, depth))
                .or_else(|| self.path(node).map(Value::Called)),
            "new_expression" => self.path(node).map(Value::Called),
            "await_expression" | "parenthesized_expression" | "as_expression" | "satisfies_expression" | "non_null_expression" => {
                self.value(node.named_child(0)?, depth + 1)
            }
            "ternary_expression" => {
                let parts = ["consequence", "alternative"]
                    .iter()
                    .filter_map(|field| self.value(node.field(field)?, depth + 1))
                    .collect();
                Some(Value::Either(parts))
            }
            "binary_expression" => self.binary(node, depth),
            "array" => Some(Value::Either(
                syntax::children(node)
                    .into_iter()
                    .take(64)
                    .filter_map(|child| self.value(child, depth + 1))
                    .collect(),
            )),
            _ => None,
        }
    }

    /// `a || b`, `a ?? b`; strings that are added up.
    fn binary(&self, node: Node<'_>, depth: usize) -> Option<Value> {
        let operator = node.field("operator").map(|operator| self.text(operator).to_owned())?;
        let sides: Vec<Value> = ["left", "right"]
            .iter()
            .filter_map(|side| self.value(node.field(side)?, depth + 1))
            .collect();
        match operator.as_str() {
            "||" | "??" => match sides.as_slice() {
                [Value::Variable { name, .. }, default] => Some(Value::Variable {
                    name: name.clone(),
                    default: Some(Box::new(default.clone())),
                }),
                _ => Some(Value::Either(sides)),
            },
            "+" => match sides.as_slice() {
                [Value::Text(left), Value::Text(right)] => Some(Value::Text(format!("{left}{right}"))),
                _ => None,
            },
            _ => None,
        }
    }

    /// `schema.string().default("x")`: the value in the innermost `default`.
    fn default_of_schema(&self, node: Node<'_>, depth: usize) -> Option<Value> {
        let mut at = node;
        for _ in 0..6 {
            let function = at.field("function").filter(|function| function.kind() == "member_expression")?;
            if function.field("property").is_some_and(|property| self.text(property) == "default") {
                return self
                    .value(at.field("arguments")?.named_child(0)?, depth + 1)
                    .filter(|value| matches!(value, Value::Text(_)));
            }
            at = function.field("object")?;
        }
        None
    }

    /// A string; computed parts of a template become `{}`.
    fn string(&self, node: Node<'_>) -> Option<Value> {
        if !matches!(node.kind(), "string" | "template_string") {
            return None;
        }
        let mut text = String::new();
        for piece in syntax::children(node) {
            match piece.kind() {
                "string_fragment" => text.push_str(self.text(piece)),
                "template_substitution" => text.push_str("{}"),
                _ => {}
            }
        }
        Some(Value::Text(text))
    }

    /// The path of a name, a member, or of what a call is made on.
    fn path(&self, node: Node<'_>) -> Option<Path> {
        let mut parts = Vec::new();
        let mut at = node;
        for _ in 0..syntax::DEEPEST {
            at = match at.kind() {
                "identifier" | "this" | "super" => {
                    parts.push(self.text(at).to_owned());
                    parts.reverse();
                    return Some(parts);
                }
                "member_expression" => {
                    parts.push(self.text(at.field("property")?).to_owned());
                    at.field("object")?
                }
                "call_expression" => at.field("function")?,
                "new_expression" => at.field("constructor")?,
                "await_expression" | "parenthesized_expression" | "non_null_expression" | "as_expression" => at.named_child(0)?,
                "subscript_expression" => {
                    // `models["fast"]`
                    if let Some(Value::Text(key)) = at.field("index").and_then(|index| self.string(index)) {
                        parts.push(key);
                    }
                    at.field("object")?
                }
                _ => break,
            };
        }
        (!parts.is_empty()).then(|| {
            parts.push("?".to_owned());
            parts.reverse();
            parts
        })
    }

    /// `process.env.X`, `import.meta.env.X`, `process.env["X"]`.
    fn variable(&self, node: Node<'_>) -> Option<Value> {
        let object = node.field("object")?;
        let is_environment = matches!(
            self.text(object),
            "process.env" | "import.meta.env" | "Bun.env" | "env" | "process?.env" | "c.env" | "context.env"
        );
        is_environment.then_some(())?;
        let name = match node.field("property") {
            Some(property) => self.text(property).to_owned(),
            None => match self.string(node.field("index")?)? {
                Value::Text(text) => text,
                _ => return None,
            },
        };
        Some(Value::Variable { name, default: None })
    }

    /// `Deno.env.get("X")`, `getEnv("X")`.
    fn variable_in_call(&self, node: Node<'_>) -> Option<Value> {
        let callee = self.path(node.field("function")?)?;
        let names: Vec<&str> = callee.iter().map(String::as_str).collect();
        let looks_up = matches!(
            names.as_slice(),
            [.., "env", "get"] | [.., "getEnv" | "getenv" | "env"] | [.., "getEnvironmentVariable"] | ["loadSetting" | "loadApiKey"]
        );
        looks_up.then_some(())?;
        match self.string(node.field("arguments")?.named_child(0)?)? {
            Value::Text(name) => Some(Value::Variable { name, default: None }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
