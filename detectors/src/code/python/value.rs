//! Values, names and look-ups of environment variables in Python.

use ruff_python_ast::{ArgOrKeyword, Expr, ExprCall, ExprSubscript, FStringPart, InterpolatedStringElement, InterpolatedStringElements};

use super::super::facts::{Path, Value};
use super::super::syntax::DEEPEST;

/// Values of one list or choice that are looked at.
const MOST_VALUES: usize = 64;

/// What an expression comes to, as far as that can be told.
pub(super) fn value(expression: &Expr, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    let either = |parts: &[Expr]| {
        let parts = parts.iter().take(MOST_VALUES).filter_map(|part| value(part, depth + 1));
        Some(Value::Either(parts.collect()))
    };
    match expression {
        Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::FString(_) => string(expression).map(Value::Text),
        Expr::Name(_) | Expr::Attribute(_) => path(expression).map(Value::Path),
        Expr::Call(call) => {
            let callee = path(expression)?;
            variable_in_call(call, &callee, depth)
                .or_else(|| wrapped(call, &callee, depth))
                .or(Some(Value::Called(callee)))
        }
        Expr::Subscript(subscript) => variable_in_subscript(subscript).or_else(|| {
            let mut path = path(&subscript.value)?;
            path.push(string(&subscript.slice)?);
            Some(Value::Path(path))
        }),
        Expr::Await(awaited) => value(&awaited.value, depth + 1),
        Expr::BoolOp(choice) => either(&choice.values),
        Expr::If(choice) => {
            let sides = [&choice.body, &choice.orelse];
            Some(Value::Either(sides.iter().filter_map(|side| value(side, depth + 1)).collect()))
        }
        Expr::List(list) => either(&list.elts),
        Expr::Tuple(tuple) => either(&tuple.elts),
        Expr::Set(set) => either(&set.elts),
        _ => None,
    }
}

/// A string, put together where it stands in pieces; its computed parts become `{}`.
pub(super) fn string(expression: &Expr) -> Option<String> {
    match expression {
        Expr::StringLiteral(string) => Some(string.value.to_str().to_owned()),
        Expr::BytesLiteral(bytes) => Some(bytes.value.iter().map(|part| String::from_utf8_lossy(&part.value)).collect()),
        Expr::FString(string) => {
            let mut text = String::new();
            for part in string.value.iter() {
                match part {
                    FStringPart::Literal(literal) => text.push_str(&literal.value),
                    FStringPart::FString(string) => interpolated(&string.elements, &mut text),
                }
            }
            Some(text)
        }
        _ => None,
    }
}

/// Adds the text of a string with computed parts.
pub(super) fn interpolated(elements: &InterpolatedStringElements, text: &mut String) {
    for element in elements {
        match element {
            InterpolatedStringElement::Literal(literal) => text.push_str(&literal.value),
            InterpolatedStringElement::Interpolation(_) => text.push_str("{}"),
        }
    }
}

/// The path of a name, an attribute, or of what a call is made on.
pub(crate) fn path(expression: &Expr) -> Option<Path> {
    let mut parts = Vec::new();
    let mut at = expression;
    for _ in 0..DEEPEST {
        at = match at {
            Expr::Name(name) => {
                parts.push(name.id.to_string());
                parts.reverse();
                return Some(parts);
            }
            Expr::Attribute(attribute) => {
                parts.push(attribute.attr.id.to_string());
                &attribute.value
            }
            Expr::Call(call) => &call.func,
            Expr::Await(awaited) => &awaited.value,
            Expr::Subscript(subscript) => &subscript.value,
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

/// The class an annotation names: `Client`, `Optional[Client]`, `Client | None`.
pub(super) fn annotation(annotation: &Expr) -> Option<Path> {
    let mut inner = annotation;
    for _ in 0..3 {
        inner = match inner {
            Expr::Name(_) | Expr::Attribute(_) => return path(inner),
            Expr::BinOp(either) => &either.left,
            Expr::Subscript(generic) => match &*generic.slice {
                Expr::Tuple(several) => several.elts.first()?,
                one => one,
            },
            _ => return None,
        };
    }
    None
}

/// `os.environ["X"]`.
pub(super) fn variable_in_subscript(subscript: &ExprSubscript) -> Option<Value> {
    let is_environment = match &*subscript.value {
        Expr::Name(name) => name.id == "environ",
        Expr::Attribute(attribute) => attribute.attr.id == "environ",
        _ => false,
    };
    is_environment.then_some(())?;
    Some(Value::Variable {
        name: string(&subscript.slice)?,
        default: None,
    })
}

/// `os.getenv("X", d)`, `os.environ.get("X", d)`, `env("X")`.
pub(super) fn variable_in_call(call: &ExprCall, callee: &[String], depth: usize) -> Option<Value> {
    let names = callee.len().saturating_sub(2);
    let looks_up = match (callee.len(), callee.get(names..)?) {
        (1, [name]) => matches!(name.as_str(), "getenv" | "env" | "config" | "decouple"),
        (count, [of, name]) => match (of.as_str(), name.as_str()) {
            (_, "getenv") | ("environ", "get" | "setdefault" | "pop") => true,
            ("env", "str" | "get") => count == 2,
            _ => false,
        },
        _ => false,
    };
    looks_up.then_some(())?;
    let mut arguments = call.arguments.iter_source_order().map(ArgOrKeyword::value);
    let name = string(arguments.next()?)?;
    let default = arguments.next().and_then(|default| value(default, depth + 1)).map(Box::new);
    Some(Value::Variable { name, default })
}

/// `Field(default="x")`, `field(default="x")`, `str("x")`: the value inside.
fn wrapped(call: &ExprCall, callee: &[String], depth: usize) -> Option<Value> {
    let arguments = &call.arguments;
    match callee.last()?.as_str() {
        "Field" | "field" | "Option" | "Argument" | "Param" | "Query" => {
            let named = arguments.find_keyword("default").map(|keyword| &keyword.value);
            let first = || arguments.args.first().filter(|first| string(first).is_some());
            value(named.or_else(first)?, depth + 1)
        }
        "str" if arguments.len() == 1 => value(arguments.args.first()?, depth + 1),
        _ => None,
    }
}
