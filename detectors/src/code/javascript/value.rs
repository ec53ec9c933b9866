//! What expressions stand for, as far as the syntax tells: texts, names and what is reached through them, variables of the environment.

use std::borrow::Cow;

use oxc_ast::ast::{
    Argument, ArrayExpressionElement, AssignmentTarget, BinaryExpression, BinaryOperator, CallExpression, ChainElement, Expression,
    LogicalExpression, LogicalOperator, MemberExpression, ObjectExpression, ObjectPropertyKind, PropertyKey, StringLiteral, TSType,
    TSTypeName, TemplateElementValue, TemplateLiteral,
};

use super::super::facts::{Path, Value};
use super::super::syntax::DEEPEST;

/// Members of one array that are looked at.
const MOST_ELEMENTS: usize = 64;
/// Calls in the middle of a schema, and layers around an object or a type, that are looked through.
const SCHEMA: usize = 6;
const LAYERS: usize = 4;

/// The value of an expression.
pub(super) fn value(expression: &Expression<'_>) -> Option<Value> {
    inside(expression, 0)
}

/// The value of an expression that stands inside others.
fn inside(expression: &Expression<'_>, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    match expression {
        Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => text(expression).map(Value::Text),
        Expression::Identifier(_) | Expression::ThisExpression(_) => path(expression).map(Value::Path),
        Expression::CallExpression(call) => called(call, depth),
        Expression::NewExpression(_) | Expression::TaggedTemplateExpression(_) => path(expression).map(Value::Called),
        Expression::ChainExpression(chain) => match &chain.expression {
            ChainElement::CallExpression(call) => called(call, depth),
            ChainElement::TSNonNullExpression(inner) => inside(&inner.expression, depth + 1),
            element => element.as_member_expression().and_then(member),
        },
        Expression::AwaitExpression(inner) => inside(&inner.argument, depth + 1),
        Expression::ParenthesizedExpression(inner) => inside(&inner.expression, depth + 1),
        Expression::TSAsExpression(inner) => inside(&inner.expression, depth + 1),
        Expression::TSSatisfiesExpression(inner) => inside(&inner.expression, depth + 1),
        Expression::TSTypeAssertion(inner) => inside(&inner.expression, depth + 1),
        Expression::TSNonNullExpression(inner) => inside(&inner.expression, depth + 1),
        Expression::ConditionalExpression(choice) => Some(Value::Either(
            [&choice.consequent, &choice.alternate]
                .into_iter()
                .filter_map(|part| inside(part, depth + 1))
                .collect(),
        )),
        Expression::LogicalExpression(choice) => chosen(choice, depth),
        Expression::BinaryExpression(sum) => joined(sum, depth),
        Expression::ArrayExpression(array) => Some(Value::Either(
            array
                .elements
                .iter()
                .filter(|element| !element.is_elision())
                .take(MOST_ELEMENTS)
                .filter_map(|element| inside(ArrayExpressionElement::as_expression(element)?, depth + 1))
                .collect(),
        )),
        _ => expression.as_member_expression().and_then(member),
    }
}

/// `a || b`, `a ?? b`.
fn chosen(choice: &LogicalExpression<'_>, depth: usize) -> Option<Value> {
    if choice.operator == LogicalOperator::And {
        return None;
    }
    let default = inside(&choice.right, depth + 1);
    match (inside(&choice.left, depth + 1), default) {
        (Some(Value::Variable { name, .. }), Some(default)) => Some(Value::Variable {
            name,
            default: Some(Box::new(default)),
        }),
        (first, second) => Some(Value::Either(first.into_iter().chain(second).collect())),
    }
}

/// Texts that are added up.
fn joined(sum: &BinaryExpression<'_>, depth: usize) -> Option<Value> {
    if sum.operator != BinaryOperator::Addition {
        return None;
    }
    match (inside(&sum.left, depth + 1)?, inside(&sum.right, depth + 1)?) {
        (Value::Text(left), Value::Text(right)) => Some(Value::Text(left + &right)),
        _ => None,
    }
}

fn member(member: &MemberExpression<'_>) -> Option<Value> {
    variable(member)
        .map(|name| Value::Variable { name, default: None })
        .or_else(|| path_of_member(member).map(Value::Path))
}

fn called(call: &CallExpression<'_>, depth: usize) -> Option<Value> {
    variable_in_call(call)
        .map(|name| Value::Variable { name, default: None })
        .or_else(|| default_of_schema(call, depth))
        .or_else(|| path(&call.callee).map(Value::Called))
}

/// `schema.string().default("x")`: the text in the innermost `default`.
fn default_of_schema(call: &CallExpression<'_>, depth: usize) -> Option<Value> {
    let mut at = call;
    for _ in 0..SCHEMA {
        let Expression::StaticMemberExpression(function) = &at.callee else {
            return None;
        };
        if function.property.name == "default" {
            return inside(first(&at.arguments)?, depth + 1).filter(|value| matches!(value, Value::Text(_)));
        }
        let Expression::CallExpression(before) = &function.object else {
            return None;
        };
        at = before;
    }
    None
}

/// The first argument of a call.
pub(super) fn first<'e, 'a>(arguments: &'e [Argument<'a>]) -> Option<&'e Expression<'a>> {
    arguments.first()?.as_expression()
}

/// The arguments of a call by position; an object adds its fields by name.
pub(super) fn arguments(given: &[Argument<'_>]) -> Vec<(String, Value)> {
    let mut arguments = Vec::new();
    for (position, argument) in given.iter().enumerate() {
        match argument.as_expression() {
            Some(Expression::ObjectExpression(object)) => arguments.extend(object.properties.iter().filter_map(entry)),
            Some(argument) => arguments.extend(value(argument).map(|value| (position.to_string(), value))),
            None => {}
        }
    }
    arguments
}

/// An entry of an object that is an argument.
fn entry(entry: &ObjectPropertyKind<'_>) -> Option<(String, Value)> {
    let entry = entry.as_property()?;
    let name = key(&entry.key, entry.computed)?;
    let value = if entry.shorthand {
        Value::Path(vec![name.to_owned()])
    } else {
        value(&entry.value)?
    };
    Some((name.to_owned(), value))
}

/// The name of an entry or member, if it is written out.
pub(super) fn key<'e>(key: &'e PropertyKey<'_>, is_computed: bool) -> Option<&'e str> {
    match key {
        PropertyKey::StaticIdentifier(name) => Some(name.name.as_str()),
        PropertyKey::StringLiteral(name) if !is_computed => Some(name.value.as_str()),
        _ => None,
    }
}

/// A text; computed parts of a template become `{}`.
pub(super) fn text(expression: &Expression<'_>) -> Option<String> {
    match expression {
        Expression::StringLiteral(string) => Some(quoted(string)),
        Expression::TemplateLiteral(template) => Some(filled(template)),
        _ => None,
    }
}

/// The text of a string. What would be a new line of the text is none of the file, by which places in it are counted.
pub(super) fn quoted(string: &StringLiteral<'_>) -> String {
    string.value.replace('\n', " ")
}

/// The text of a template with `{}` for its computed parts, and with the lines that it has in the file.
pub(super) fn filled(template: &TemplateLiteral<'_>) -> String {
    let pieces: Vec<Cow<'_, str>> = template.quasis.iter().map(|piece| written(&piece.value)).collect();
    pieces.join("{}")
}

fn written<'p>(piece: &'p TemplateElementValue<'_>) -> Cow<'p, str> {
    let (raw, lines) = (piece.raw.as_str(), |text: &str| memchr::memchr_iter(b'\n', text.as_bytes()).count());
    match &piece.cooked {
        Some(cooked) if lines(cooked) == lines(raw) => Cow::Borrowed(cooked.as_str()),
        _ => Cow::Owned(raw.replace("\\n", " ")),
    }
}

/// The path of a name, a member, or of what a call is made on.
pub(super) fn path(expression: &Expression<'_>) -> Option<Path> {
    reached(expression, Vec::new())
}

/// The path of what is assigned to.
pub(super) fn path_of_target(target: &AssignmentTarget<'_>) -> Option<Path> {
    match target {
        AssignmentTarget::AssignmentTargetIdentifier(name) => Some(vec![name.name.to_string()]),
        AssignmentTarget::TSAsExpression(inner) => path(&inner.expression),
        AssignmentTarget::TSSatisfiesExpression(inner) => path(&inner.expression),
        AssignmentTarget::TSNonNullExpression(inner) => path(&inner.expression),
        AssignmentTarget::TSTypeAssertion(inner) => path(&inner.expression),
        _ => path_of_member(target.as_member_expression()?),
    }
}

fn path_of_member(member: &MemberExpression<'_>) -> Option<Path> {
    reached(member.object(), step(member).into_iter().collect())
}

/// What a member adds to a path: `models["fast"]` adds what stands in quotes, `models[i]` nothing.
fn step(member: &MemberExpression<'_>) -> Option<String> {
    match member {
        MemberExpression::StaticMemberExpression(member) => Some(member.property.name.to_string()),
        MemberExpression::PrivateFieldExpression(member) => Some(format!("#{}", member.field.name)),
        MemberExpression::ComputedMemberExpression(member) => text(&member.expression),
    }
}

/// The whole path, of which the last parts are known, in reversed order.
fn reached(expression: &Expression<'_>, mut parts: Vec<String>) -> Option<Path> {
    let mut at = expression;
    for _ in 0..DEEPEST {
        at = match at {
            Expression::Identifier(name) if name.name != "undefined" => return Some(begun(name.name.as_str(), parts)),
            Expression::ThisExpression(_) => return Some(begun("this", parts)),
            Expression::Super(_) => return Some(begun("super", parts)),
            Expression::CallExpression(call) => &call.callee,
            Expression::TaggedTemplateExpression(call) => &call.tag,
            Expression::NewExpression(new) => &new.callee,
            Expression::AwaitExpression(inner) => &inner.argument,
            Expression::ParenthesizedExpression(inner) => &inner.expression,
            Expression::TSNonNullExpression(inner) => &inner.expression,
            Expression::TSAsExpression(inner) => &inner.expression,
            Expression::TSSatisfiesExpression(inner) => &inner.expression,
            Expression::TSTypeAssertion(inner) => &inner.expression,
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => &call.callee,
                ChainElement::TSNonNullExpression(inner) => &inner.expression,
                element => {
                    let member = element.as_member_expression()?;
                    parts.extend(step(member));
                    member.object()
                }
            },
            _ => {
                let Some(member) = at.as_member_expression() else { break };
                parts.extend(step(member));
                member.object()
            }
        };
    }
    (!parts.is_empty()).then(|| begun("?", parts))
}

fn begun(first: &str, mut parts: Vec<String>) -> Path {
    parts.push(first.to_owned());
    parts.reverse();
    parts
}

/// The name in `process.env.X`, `import.meta.env.X`, `process.env["X"]`.
pub(super) fn variable(member: &MemberExpression<'_>) -> Option<String> {
    match member {
        MemberExpression::StaticMemberExpression(member) => is_environment(&member.object).then(|| member.property.name.to_string()),
        MemberExpression::ComputedMemberExpression(member) if is_environment(&member.object) => text(&member.expression),
        _ => None,
    }
}

/// What variables of the environment are members of.
pub(super) fn is_environment(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::Identifier(name) => name.name == "env",
        Expression::StaticMemberExpression(member) if member.property.name == "env" => match &member.object {
            Expression::ImportMeta(_) => true,
            Expression::Identifier(name) => matches!(name.name.as_str(), "process" | "Bun" | "c" | "context"),
            _ => false,
        },
        _ => false,
    }
}

/// The name in `Deno.env.get("X")`, `getEnv("X")`.
pub(super) fn variable_in_call(call: &CallExpression<'_>) -> Option<String> {
    let argument = first(&call.arguments)?;
    if !matches!(argument, Expression::StringLiteral(_) | Expression::TemplateLiteral(_)) {
        return None;
    }
    let callee = path(&call.callee)?;
    let names: Vec<&str> = callee.iter().map(String::as_str).collect();
    let looks_up = matches!(
        names.as_slice(),
        [.., "env", "get"] | [.., "getEnv" | "getenv" | "env"] | [.., "getEnvironmentVariable"] | ["loadSetting" | "loadApiKey"]
    );
    looks_up.then(|| text(argument)).flatten()
}

/// The object that a value is: `{ … }`, `{ … } as const`, `Object.freeze({ … })`.
pub(super) fn object<'e, 'a>(value: &'e Expression<'a>) -> Option<&'e ObjectExpression<'a>> {
    let mut at = value;
    for _ in 0..LAYERS {
        at = match at {
            Expression::ObjectExpression(object) => return Some(object),
            Expression::TSAsExpression(inner) => &inner.expression,
            Expression::TSSatisfiesExpression(inner) => &inner.expression,
            Expression::TSTypeAssertion(inner) => &inner.expression,
            Expression::ParenthesizedExpression(inner) => &inner.expression,
            Expression::CallExpression(call) if call.callee.is_specific_member_access("Object", "freeze") => first(&call.arguments)?,
            _ => return None,
        };
    }
    None
}

/// The path of the type that something is said to have; of several the first.
pub(super) fn annotated(kind: &TSType<'_>) -> Option<Path> {
    let mut at = kind;
    for _ in 0..LAYERS {
        at = match at {
            TSType::TSTypeReference(named) => return path_of_type(&named.type_name),
            TSType::TSUnionType(union) => union.types.first()?,
            TSType::TSParenthesizedType(inner) => &inner.type_annotation,
            _ => return None,
        };
    }
    None
}

fn path_of_type(name: &TSTypeName<'_>) -> Option<Path> {
    let mut parts = Vec::new();
    let mut at = name;
    for _ in 0..DEEPEST {
        at = match at {
            TSTypeName::IdentifierReference(name) => return Some(begun(name.name.as_str(), parts)),
            TSTypeName::QualifiedName(name) => {
                parts.push(name.right.name.to_string());
                &name.left
            }
            TSTypeName::ThisExpression(_) => return None,
        };
    }
    None
}
