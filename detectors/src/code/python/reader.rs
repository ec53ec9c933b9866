//! What the statements and expressions of a Python module tell.

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor};
use ruff_python_ast::{
    Alias, ArgOrKeyword, CmpOp, Comprehension, Decorator, ExceptHandler, Expr, ExprCall, ExprDict, FStringPart, Mod, ParameterWithDefault,
    Pattern, Stmt, StmtImport, StmtImportFrom, WithItem,
};
use ruff_text_size::{Ranged, TextSize};

use super::super::facts::{Assignment, Call, Facts, Import, Value};
use super::super::lines::Lines;
use super::deeper;
use super::value::{annotation, interpolated, path, string, value, variable_in_call, variable_in_subscript};

/// Entries of one dictionary that are looked at.
const MOST_ENTRIES: usize = 256;

/// The facts of a module.
pub(super) fn facts(module: &Mod, source: &str) -> Facts {
    let mut reader = Reader {
        source,
        lines: Lines::of(source),
        facts: Facts::default(),
        scopes: Vec::new(),
        tries: 0,
    };
    reader.visit_mod(module);
    reader.facts
}

/// What a statement stands in.
enum Scope {
    Class(String),
    Function,
}

struct Reader<'s> {
    source: &'s str,
    lines: Lines,
    facts: Facts,
    /// The classes and functions around the place that is read.
    scopes: Vec<Scope>,
    /// How many `try` stand around it.
    tries: usize,
}

impl<'a> SourceOrderVisitor<'a> for Reader<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        deeper(|| self.statement(statement));
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        deeper(|| self.expression(expression));
    }

    fn visit_decorator(&mut self, decorator: &'a Decorator) {
        source_order::walk_decorator(self, decorator);
    }

    fn visit_parameter_with_default(&mut self, parameter: &'a ParameterWithDefault) {
        let named = &parameter.parameter;
        let default = parameter.default().and_then(|default| value(default, 0));
        let kind = || named.annotation().and_then(annotation).map(Value::Called);
        if let Some(value) = default.or_else(kind) {
            self.assign(named.name.id.to_string(), value, parameter.start());
        }
        source_order::walk_parameter_with_default(self, parameter);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.gives(&comprehension.target, Some(&comprehension.iter), None, comprehension.start());
        source_order::walk_comprehension(self, comprehension);
    }

    fn visit_with_item(&mut self, item: &'a WithItem) {
        if let (Some(name), Some(value)) = (&item.optional_vars, value(&item.context_expr, 0)) {
            self.assign(self.source[name.range()].to_owned(), value, item.start());
        }
        source_order::walk_with_item(self, item);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(caught) = handler;
        if let (Some(name), Some(kind)) = (&caught.name, &caught.type_)
            && let Some(value) = value(kind, 0)
        {
            self.assign(name.id.to_string(), value, kind.start());
        }
        source_order::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchValue(held) => self.held_against(&held.value),
            _ => source_order::walk_pattern(self, pattern),
        }
    }
}

impl Reader<'_> {
    fn line(&self, offset: TextSize) -> u32 {
        self.lines.at(offset.to_usize())
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::ClassDef(class) => {
                self.decorators(&class.decorator_list, &class.name.id);
                self.within(Scope::Class(class.name.id.to_string()), statement);
            }
            Stmt::FunctionDef(function) => {
                self.decorators(&function.decorator_list, &function.name.id);
                self.within(Scope::Function, statement);
            }
            Stmt::Try(_) => {
                self.tries += 1;
                source_order::walk_stmt(self, statement);
                self.tries -= 1;
            }
            // The names that a module gives away are those of its own parts.
            Stmt::Assign(assignment) if assignment.targets.iter().any(is_public_names) => {}
            Stmt::AugAssign(assignment) if is_public_names(&assignment.target) => {}
            Stmt::Assign(assignment) => {
                for target in &assignment.targets {
                    self.gives(target, Some(&assignment.value), None, assignment.start());
                }
                source_order::walk_stmt(self, statement);
            }
            Stmt::AnnAssign(assignment) => {
                let (given, kind) = (assignment.value.as_deref(), &assignment.annotation);
                self.gives(&assignment.target, given, Some(kind), assignment.start());
                source_order::walk_stmt(self, statement);
            }
            // `for model in ("a", "b")` gives the name one value after the other.
            Stmt::For(each) => {
                self.gives(&each.target, Some(&each.iter), None, each.start());
                source_order::walk_stmt(self, statement);
            }
            // A string that stands alone is documentation.
            Stmt::Expr(alone) if string(&alone.value).is_some() => {}
            _ => source_order::walk_stmt(self, statement),
        }
    }

    fn within(&mut self, scope: Scope, statement: &Stmt) {
        self.scopes.push(scope);
        source_order::walk_stmt(self, statement);
        self.scopes.pop();
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::FString(_) => return self.literal(expression, false),
            Expr::Compare(comparison) if comparison.ops.iter().any(holds_against) => {
                self.held_against(&comparison.left);
                comparison.comparators.iter().for_each(|side| self.held_against(side));
                return;
            }
            Expr::Dict(dictionary) => return self.dictionary(dictionary),
            Expr::Call(call) => self.call(call),
            Expr::Subscript(subscript) => {
                if let Some(Value::Variable { name, .. }) = variable_in_subscript(subscript) {
                    self.facts.variables.push((name, self.line(subscript.start())));
                }
            }
            Expr::Named(named) => self.gives(&named.target, Some(&named.value), None, named.start()),
            Expr::Lambda(_) => {
                self.scopes.push(Scope::Function);
                source_order::walk_expr(self, expression);
                self.scopes.pop();
                return;
            }
            _ => {}
        }
        source_order::walk_expr(self, expression);
    }

    /// A string, or each piece of one that is put together; what is computed in it may hold calls.
    fn literal(&mut self, expression: &Expr, is_compared: bool) {
        let mut piece = |text: String, at: TextSize| {
            if !text.is_empty() {
                let line = self.lines.at(at.to_usize());
                self.facts.literal(text, line, is_compared);
            }
        };
        match expression {
            Expr::StringLiteral(string) => {
                string.value.iter().for_each(|part| piece(part.value.to_string(), part.start()));
            }
            Expr::BytesLiteral(bytes) => {
                let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
                bytes.value.iter().for_each(|part| piece(text(&part.value), part.start()));
            }
            Expr::FString(string) => {
                for part in string.value.iter() {
                    match part {
                        FStringPart::Literal(literal) => piece(literal.value.to_string(), literal.start()),
                        FStringPart::FString(string) => {
                            let mut text = String::new();
                            interpolated(&string.elements, &mut text);
                            piece(text, string.start());
                        }
                    }
                }
                source_order::walk_expr(self, expression);
            }
            _ => {}
        }
    }

    /// What something is only held against, also as one of several: `a == "b"`, `a in ("b", "c")`, `case "b":`.
    fn held_against(&mut self, expression: &Expr) {
        match expression {
            Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::FString(_) => self.literal(expression, true),
            Expr::Tuple(several) => several.elts.iter().for_each(|one| self.held_against(one)),
            Expr::List(several) => several.elts.iter().for_each(|one| self.held_against(one)),
            Expr::Set(several) => several.elts.iter().for_each(|one| self.held_against(one)),
            _ => self.visit_expr(expression),
        }
    }

    fn import(&mut self, import: &StmtImport) {
        for alias in &import.names {
            let module = alias.name.id.as_str();
            match (&alias.asname, module.split_once('.')) {
                // `import a.b` binds `a`; the module is still named whole.
                (None, Some((outer, _))) => {
                    self.imported(outer.to_owned(), outer, alias.start());
                    self.imported(module.to_owned(), "", alias.start());
                }
                (local, _) => {
                    let local = local.as_ref().map_or(module, |local| local.id.as_str());
                    self.imported(module.to_owned(), local, alias.start());
                }
            }
        }
    }

    fn import_from(&mut self, import: &StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |module| module.id.as_str());
        // What the language is to do is no module.
        if module == "__future__" {
            return;
        }
        let mut path = ".".repeat(import.level as usize);
        path.push_str(module);
        for Alias { name, asname, range, .. } in &import.names {
            if name.id == "*" {
                self.imported(path.clone(), "", import.start());
                continue;
            }
            let between = if path.ends_with('.') { "" } else { "." };
            let local = asname.as_ref().unwrap_or(name);
            self.imported(format!("{path}{between}{}", name.id), &local.id, range.start());
        }
    }

    /// Adds an import; the file can be used without one that stands in a `try` or in a function.
    fn imported(&mut self, path: String, local: &str, at: TextSize) {
        let line = self.line(at);
        let is_optional = self.tries > 0 || self.scopes.iter().any(|scope| matches!(scope, Scope::Function));
        self.facts.optional_imports.extend(is_optional.then_some(line));
        self.facts.imports.push(Import {
            path,
            local: local.to_owned(),
            line,
        });
    }

    fn call(&mut self, call: &ExprCall) {
        let Some(callee) = path(&call.func) else { return };
        let line = self.line(call.start());
        if let Some(Value::Variable { name, .. }) = variable_in_call(call, &callee, 0) {
            self.facts.variables.push((name, line));
        }
        let mut arguments = Vec::new();
        let mut position = 0;
        for argument in call.arguments.iter_source_order() {
            let given = value(argument.value(), 0);
            match argument {
                ArgOrKeyword::Keyword(keyword) if let Some(name) = &keyword.arg => {
                    let Some(given) = given else { continue };
                    if matches!(given, Value::Text(_) | Value::Variable { .. } | Value::Either(_)) {
                        self.facts.assignments.push(Assignment {
                            target: name.id.to_string(),
                            value: given.clone(),
                            line: self.line(keyword.start()),
                            named: false,
                        });
                    }
                    arguments.push((name.id.to_string(), given));
                }
                _ => {
                    arguments.extend(given.map(|given| (position.to_string(), given)));
                    position += 1;
                }
            }
        }
        self.facts.calls.push(Call { callee, arguments, line });
    }

    /// A decorator is a call on the function or class below it, whose name is one more argument.
    fn decorators(&mut self, decorators: &[Decorator], named: &str) {
        for decorator in decorators {
            let Some(callee) = path(&decorator.expression) else { continue };
            self.facts.calls.push(Call {
                callee,
                arguments: vec![("decorated".to_owned(), Value::Text(named.to_owned()))],
                line: self.line(decorator.start()),
            });
        }
    }

    fn dictionary(&mut self, dictionary: &ExprDict) {
        for item in &dictionary.items {
            if let Some(key) = &item.key {
                if let Some(key_text) = string(key) {
                    let (written, line) = (&self.source[item.value.range()], self.line(key.start()));
                    self.facts.entry(key_text, written, || value(&item.value, 0), line);
                }
                self.visit_expr(key);
            }
            self.visit_expr(&item.value);
        }
    }

    /// A name, an attribute or an entry is given a value, or said to be of a kind.
    fn gives(&mut self, to: &Expr, given: Option<&Expr>, kind: Option<&Expr>, at: TextSize) {
        let (target, named) = match to {
            Expr::Name(name) => match self.scopes.last() {
                // Directly in a class body: an attribute of the class.
                Some(Scope::Class(class)) => (Some(format!("{class}.{}", name.id)), true),
                _ => (Some(name.id.to_string()), true),
            },
            Expr::Attribute(_) => (path(to).map(|path| path.join(".")), true),
            Expr::Subscript(subscript) => (string(&subscript.slice), false),
            _ => (None, false),
        };
        let Some(target) = target else { return };
        if named && let Some(Expr::Dict(dictionary)) = given {
            self.entries(to, dictionary);
        }
        let value = given
            .and_then(|given| value(given, 0))
            .or_else(|| kind.and_then(annotation).map(Value::Called))
            .unwrap_or(Value::Either(Vec::new()));
        self.facts.assignments.push(Assignment {
            target,
            value,
            line: self.line(at),
            named,
        });
    }

    /// The texts in a dictionary that has a name, by which they can be looked up: `MODELS["fast"]`.
    fn entries(&mut self, of: &Expr, dictionary: &ExprDict) {
        let Some(of) = path(of).map(|path| path.join(".")) else { return };
        for item in dictionary.items.iter().take(MOST_ENTRIES) {
            if let Some(key) = &item.key
                && let (Some(name), Some(text)) = (string(key), string(&item.value))
            {
                self.assign(format!("{of}.{name}"), Value::Text(text), key.start());
            }
        }
    }

    fn assign(&mut self, target: String, value: Value, at: TextSize) {
        let line = self.line(at);
        self.facts.assignments.push(Assignment {
            target,
            value,
            line,
            named: true,
        });
    }
}

/// `__all__`.
fn is_public_names(target: &Expr) -> bool {
    matches!(target, Expr::Name(name) if name.id == "__all__")
}

/// Whether a comparison is one of being the same, or one of several.
fn holds_against(operator: &CmpOp) -> bool {
    matches!(operator, CmpOp::Eq | CmpOp::NotEq | CmpOp::In | CmpOp::NotIn)
}
