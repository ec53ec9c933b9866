//! Names that are given values: by declarations, patterns, fields, loops, and as members of objects by which texts can be looked up.

use oxc_ast::ast::{
    BindingPattern, Expression, ForStatementLeft, ObjectExpression, ObjectPattern, PropertyKey, TSEnumDeclaration, TSEnumMemberName,
    TSTypeAnnotation, VariableDeclarator,
};
use oxc_span::Span;

use super::super::facts::{Path, Value};
use super::reader::{Reader, required};
use super::value;

/// Members of one object or enumeration that are looked at, and how deep objects in it may stand.
const MOST_MEMBERS: usize = 256;
const DEEPEST_MEMBER: usize = 2;

impl Reader<'_, '_> {
    pub(super) fn declared(&mut self, declarator: &VariableDeclarator<'_>) {
        let given = declarator.init.as_ref();
        let bare = given.map(|given| match given {
            Expression::AwaitExpression(inner) => &inner.argument,
            _ => given,
        });
        match (&declarator.id, bare.and_then(required)) {
            (BindingPattern::BindingIdentifier(name), Some(module)) => self.import(module, &name.name, declarator.span),
            (BindingPattern::ObjectPattern(pattern), Some(module)) => {
                for (imported, local) in destructured(pattern) {
                    self.import(format!("{module}.{imported}"), local, declarator.span);
                }
            }
            (BindingPattern::BindingIdentifier(name), None) => {
                if let Some(object) = given.and_then(value::object) {
                    self.members(&name.name, object, 0);
                } else {
                    let value = given_or_annotated(given, declarator.type_annotation.as_deref());
                    self.assign(name.name.to_string(), value, declarator.span);
                }
            }
            (BindingPattern::ObjectPattern(pattern), None) => {
                if let Some(Value::Path(path) | Value::Called(path)) = given.and_then(value::value) {
                    self.taken_apart(pattern, &path, declarator.span);
                }
            }
            _ => {}
        }
    }

    /// `for (const a of b)`.
    pub(super) fn gone_through(&mut self, left: &ForStatementLeft<'_>, right: &Expression<'_>, span: Span) {
        let target = match left {
            ForStatementLeft::VariableDeclaration(declaration) => match declaration.declarations.first().map(|one| &one.id) {
                Some(BindingPattern::BindingIdentifier(name)) => Some(name.name.to_string()),
                _ => None,
            },
            _ => left
                .as_assignment_target()
                .and_then(value::path_of_target)
                .map(|path| path.join(".")),
        };
        if let Some(target) = target {
            self.assign(target, value::value(right), span);
        }
    }

    /// The texts that stand under names in an object, by which they can be looked up.
    fn members(&mut self, of: &str, object: &ObjectExpression<'_>, depth: usize) {
        for member in object.properties.iter().take(MOST_MEMBERS) {
            let Some(member) = member.as_property().filter(|member| !member.shorthand) else {
                continue;
            };
            let Some(name) = value::key(&member.key, member.computed) else {
                continue;
            };
            let target = format!("{of}.{name}");
            if let Some(inner) = value::object(&member.value).filter(|_| depth < DEEPEST_MEMBER) {
                self.members(&target, inner, depth + 1);
            } else {
                self.assign(target, value::value(&member.value).filter(is_text), member.span);
            }
        }
    }

    /// What a pattern gives names to, of what is reached through a path: `const { a, b: c } = path`.
    fn taken_apart(&mut self, pattern: &ObjectPattern<'_>, path: &Path, span: Span) {
        for (part, local) in destructured(pattern) {
            let path = path.iter().cloned().chain([part.to_owned()]).collect();
            self.assign(local.to_owned(), Some(Value::Path(path)), span);
        }
    }

    pub(super) fn field(&mut self, key: &PropertyKey<'_>, given: Option<&Expression<'_>>, kind: Option<&TSTypeAnnotation<'_>>, span: Span) {
        let name = match key {
            PropertyKey::PrivateIdentifier(name) => format!("#{}", name.name),
            _ => match value::key(key, false) {
                Some(name) => name.to_owned(),
                None => return,
            },
        };
        self.assign(format!("this.{name}"), given_or_annotated(given, kind), span);
    }

    /// The texts that stand under names in an enumeration.
    pub(super) fn enumerated(&mut self, declaration: &TSEnumDeclaration<'_>) {
        for member in declaration.body.members.iter().take(MOST_MEMBERS) {
            let name = match &member.id {
                TSEnumMemberName::Identifier(name) => name.name.as_str(),
                TSEnumMemberName::String(name) => name.value.as_str(),
                _ => continue,
            };
            let target = format!("{}.{name}", declaration.id.name);
            let value = member.initializer.as_ref().and_then(value::value).filter(is_text);
            self.assign(target, value, member.span);
        }
    }
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Text(_))
}

/// The value that something is given, or what its type says it is.
pub(super) fn given_or_annotated(given: Option<&Expression<'_>>, kind: Option<&TSTypeAnnotation<'_>>) -> Option<Value> {
    let annotated = || kind.and_then(|kind| value::annotated(&kind.type_annotation)).map(Value::Called);
    given.and_then(value::value).or_else(annotated)
}

/// What a pattern like `{ a, b: c }` takes out, with the names it gives.
fn destructured<'p>(pattern: &'p ObjectPattern<'_>) -> impl Iterator<Item = (&'p str, &'p str)> {
    pattern.properties.iter().filter_map(|part| {
        let BindingPattern::BindingIdentifier(local) = &part.value else {
            return None;
        };
        Some((value::key(&part.key, part.computed)?, local.name.as_str()))
    })
}
