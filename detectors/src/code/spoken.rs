//! Calls whose arguments speak of a model in a way of their own: options of a command line with their defaults, entries of a list of
//! models, and beginnings that are only looked for in a model's name. It knows no library.

use super::facts::{Call, Value};
use super::resolve::Names;
use crate::Observations;
use crate::config::value;

/// Methods and functions that ask how a text begins or ends, or what it holds, in lower case and without `_` and `?`.
const ASKING: [&str; 5] = ["startswith", "startwith", "endswith", "endwith", "strcontains"];

/// The texts of a call that are only looked for inside another: they tell families apart and name no model.
pub(super) fn looked_for(call: &Call) -> impl Iterator<Item = &str> {
    let last = call.callee.last().map_or("", String::as_str);
    let is_part = last == "Contains" || is_about_parts(last);
    // A list may hold a whole name; what has no number in it is a family of them.
    let may_be_part = matches!(
        last,
        "contains" | "includes" | "include?" | "indexOf" | "replace" | "replaceAll" | "Replace" | "gsub" | "sub" | "split"
    );
    // What is asked is one name and no list of them: `model.includes("m-1")`.
    let of_a_name = call
        .callee
        .iter()
        .nth_back(1)
        .is_some_and(|asked| value::names_a_model(asked) && !asked.ends_with('s'));
    let texts = call.arguments.iter().flat_map(|(_, value)| texts(value));
    texts.filter(move |text| is_part || may_be_part && (of_a_name || !text.bytes().any(|byte| byte.is_ascii_digit())))
}

/// Whether a function or variable is about how names begin or end: such a text is no whole name.
pub(super) fn is_about_parts(name: &str) -> bool {
    let plain = name.to_ascii_lowercase().replace(['_', '?'], "");
    plain.contains("prefix") || plain.contains("suffix") || ASKING.iter().any(|end| plain.ends_with(end))
}

/// Whether a variable holds parts of names: `REASONING_MODEL_KEYWORDS = ["m1", "m2"]`.
pub(super) fn holds_parts(name: &str) -> bool {
    let plain = name.to_ascii_lowercase().replace('_', "");
    is_about_parts(name)
        || ["keyword", "keywords", "substring", "substrings"]
            .iter()
            .any(|end| plain.ends_with(end))
}

/// Adds the models that a call names by what stands beside them: `option("--model", default="m")`, `CloudModel(name: "m")`.
pub(super) fn observe(scope: &'static str, call: &Call, names: &Names<'_>, out: &mut Observations) {
    if let Some(option) = option(call) {
        let default = call.arguments.iter().find(|(name, _)| name == "default");
        observe_named(scope, option, default.map(|(_, value)| value), call.line, names, out);
    }
    // `@ConfigProperty(name = "CHAT_MODEL", defaultValue = "m")`
    let argument = |wanted: &str| call.arguments.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    if let (Some(Value::Text(name)), Some(default)) = (argument("name"), argument("defaultValue"))
        && value::names_a_model(name)
    {
        observe_named(scope, name, Some(default), call.line, names, out);
    }
    if call.callee.last().is_some_and(|made| is_entry(made)) {
        for (_, value) in call.arguments.iter().filter(|(name, _)| matches!(name.as_str(), "name" | "id")) {
            observe_named(scope, "model", Some(value), call.line, names, out);
        }
    }
}

/// The option of a command line that a call declares, if its value is a model.
fn option(call: &Call) -> Option<&str> {
    let declared = call.arguments.iter().filter_map(|(_, value)| match value {
        Value::Text(text) => text.strip_prefix("--"),
        _ => None,
    });
    declared
        .map(|name| name.split(['=', ' ']).next().unwrap_or(name))
        .find(|name| value::names_a_model(name))
}

/// Whether what is made is the description of one model: `CloudModel`, `ModelInfo`.
fn is_entry(made: &str) -> bool {
    let starts_upper = made.starts_with(|c: char| c.is_ascii_uppercase());
    let ends = ["Model", "ModelInfo", "ModelConfig", "ModelSpec", "ModelOption", "ModelDescriptor"];
    starts_upper && ends.iter().any(|end| made.ends_with(end))
}

fn observe_named(scope: &'static str, name: &str, named: Option<&Value>, line: u32, names: &Names<'_>, out: &mut Observations) {
    if let Some(text) = named.and_then(|value| names.comes_to(value)) {
        value::observe(scope, name, text, line, out);
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Text(text) => vec![text],
        Value::Either(values) => values.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(callee: &str, arguments: &[(&str, &str)]) -> Call {
        Call {
            callee: callee.split('.').map(str::to_owned).collect(),
            arguments: arguments
                .iter()
                .map(|(name, text)| ((*name).to_owned(), Value::Text((*text).to_owned())))
                .collect(),
            line: 1,
        }
    }

    #[test]
    fn variables_of_parts_are_told_from_others() {
        for parts in ["REASONING_MODEL_KEYWORDS", "modelPrefix", "model_substrings"] {
            assert!(holds_parts(parts), "{parts}");
        }
        for whole in ["MODELS", "keyword_model", "model_name"] {
            assert!(!holds_parts(whole), "{whole}");
        }
    }

    #[test]
    fn beginnings_are_told_from_other_arguments() {
        assert_eq!(
            looked_for(&call("model.lower.startswith", &[("0", "gpt-5")])).collect::<Vec<_>>(),
            ["gpt-5"]
        );
        for asking in [
            "id.start_with?",
            "strings.Contains",
            "str_starts_with",
            "isNewPrefix",
            "name.endsWith",
        ] {
            assert_eq!(looked_for(&call(asking, &[("0", "m-1")])).count(), 1, "{asking}");
        }
        for other in ["client.create", "list.append", "starts", "model.equals"] {
            assert_eq!(looked_for(&call(other, &[("0", "gpt-5")])).count(), 0, "{other}");
        }
    }

    #[test]
    fn options_that_hold_a_model_are_known() {
        for name in ["--model", "--model_path", "--judge-model", "--model-name=NAME"] {
            assert!(
                option(&call("parser.add_argument", &[("0", "-m"), ("1", name)])).is_some(),
                "{name}"
            );
        }
        for name in ["--name", "--model-dir", "--model-version", "model", "--remodelled"] {
            assert!(option(&call("parser.add_argument", &[("0", name)])).is_none(), "{name}");
        }
    }

    #[test]
    fn entries_of_lists_of_models_are_known() {
        for made in ["CloudModel", "ModelInfo", "WhisperModelInfo"] {
            assert!(is_entry(made), "{made}");
        }
        for made in ["model", "Modeling", "Models", "ModelFactory", "cloudModel"] {
            assert!(!is_entry(made), "{made}");
        }
    }
}
