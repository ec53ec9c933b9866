//! References to variables inside a value, in the notations of shells, compose files, CI systems and templates.
//! They are found and, where a default is written, replaced by it; nothing is looked up.

use std::borrow::Cow;

/// A longer reference is taken for ordinary text.
const LONGEST: usize = 512;
/// Defaults inside defaults are followed this deep.
const DEEPEST: usize = 8;
/// What stands in the text where a variable without a default stood.
pub(crate) const PLACEHOLDER: &str = "{}";

/// A value with its references taken out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expanded<'t> {
    /// The text, with defaults filled in and [`PLACEHOLDER`] for what is not known.
    pub(crate) text: Cow<'t, str>,
    /// The variables named, in order.
    pub(crate) variables: Vec<String>,
}

/// Takes the references out of a value.
pub(crate) fn expand(text: &str) -> Expanded<'_> {
    expand_with(text, &|_| None)
}

/// Like [`expand`], with values for some variables; those win over written defaults.
pub(crate) fn expand_with<'t>(text: &'t str, known: &dyn Fn(&str) -> Option<String>) -> Expanded<'t> {
    if let Some(name) = text
        .strip_prefix("os.environ/")
        .or_else(|| text.strip_prefix("env:"))
        .filter(|name| is_variable(name))
    {
        return Expanded {
            text: Cow::Borrowed(PLACEHOLDER),
            variables: vec![name.to_owned()],
        };
    }
    if !text.contains(['$', '%']) && !text.contains("{{") {
        return Expanded {
            text: Cow::Borrowed(text),
            variables: Vec::new(),
        };
    }
    let mut variables = Vec::new();
    let text = replace(text, known, &mut variables, 0);
    Expanded {
        text: Cow::Owned(text),
        variables,
    }
}

/// Whether a name is written like an environment variable: capitals, digits and at least one underscore between them.
pub(crate) fn is_variable(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && name.trim_end_matches('_').contains('_')
}

fn replace(text: &str, known: &dyn Fn(&str) -> Option<String>, variables: &mut Vec<String>, depth: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr3(b'$', b'{', b'%', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((length, found)) => {
                rest = &rest[length..];
                variables.extend(found.variable.map(str::to_owned));
                match (found.variable.and_then(known), found.default) {
                    (Some(value), _) => out.push_str(&value),
                    (None, Some(default)) if depth < DEEPEST => out.push_str(&replace(default, known, variables, depth + 1)),
                    _ => out.push_str(PLACEHOLDER),
                }
            }
            None => {
                out.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[derive(Default)]
struct Reference<'t> {
    variable: Option<&'t str>,
    default: Option<&'t str>,
}

/// The reference that the text starts with, and its length.
fn reference(text: &str) -> Option<(usize, Reference<'_>)> {
    if let Some(inner) = text.strip_prefix("${{") {
        return template(inner).map(|(length, found)| (length + 3, found));
    }
    if let Some(inner) = text.strip_prefix("{{") {
        return template(inner).map(|(length, found)| (length + 2, found));
    }
    if let Some(inner) = text.strip_prefix("${") {
        let end = closing_brace(inner)?;
        return Some((end + 3, braced(&inner[..end])));
    }
    if let Some(inner) = text.strip_prefix("$(") {
        let name = identifier(inner);
        return (!name.is_empty() && inner[name.len()..].starts_with(')')).then(|| {
            (
                name.len() + 3,
                Reference {
                    variable: Some(name),
                    default: None,
                },
            )
        });
    }
    let inner = &text[1..];
    let name = identifier(inner);
    if text.starts_with('%') {
        let closed = is_variable(name) && inner[name.len()..].starts_with('%');
        return closed.then(|| {
            (
                name.len() + 2,
                Reference {
                    variable: Some(name),
                    default: None,
                },
            )
        });
    }
    // `$name` in lower case is as often a regular expression or a currency as a variable.
    let is_upper = name.len() > 1 && !name.bytes().any(|b| b.is_ascii_lowercase());
    (text.starts_with('$') && is_upper).then(|| {
        (
            name.len() + 1,
            Reference {
                variable: Some(name),
                default: None,
            },
        )
    })
}

/// `{{ env "NAME" }}`, `${{ secrets.NAME }}`: what stands between the braces, up to and with the closing ones.
fn template(inner: &str) -> Option<(usize, Reference<'_>)> {
    let window = &inner.as_bytes()[..inner.len().min(LONGEST)];
    let end = memchr::memmem::find(window, b"}}")?;
    let inside = &inner[..end];
    let mut words = inside
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty());
    let speaks_of_variables =
        words.any(|word| ["env", "secrets", "vars", "getenv", "env_var", "environ"].contains(&word.to_ascii_lowercase().as_str()));
    let variable = words.find(|word| is_variable(word)).filter(|_| speaks_of_variables);
    Some((end + 2, Reference { variable, default: None }))
}

/// What stands between `${` and `}`.
fn braced(inner: &str) -> Reference<'_> {
    let inner = inner.strip_prefix("env:").or_else(|| inner.strip_prefix("env.")).unwrap_or(inner);
    let name = identifier(inner);
    if name.is_empty() {
        return Reference::default();
    }
    let behind = &inner[name.len()..];
    let default = [":-", ":=", "-", "="]
        .iter()
        .find_map(|operator| behind.strip_prefix(operator))
        .or_else(|| {
            // Spring and others write the default behind a colon alone; `:?` and `:+` hold no default.
            behind.strip_prefix(':').filter(|default| !default.starts_with(['?', '+']))
        });
    // `${project.version}` names a property of the build, not a variable.
    let variable = (behind.is_empty() || default.is_some() || behind.starts_with([':', '?', '+'])).then_some(name);
    Reference {
        variable,
        default: default.filter(|default| !default.is_empty()),
    }
}

fn identifier(text: &str) -> &str {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    if starts { &text[..end] } else { "" }
}

/// Offset of the brace that closes the one before the text.
pub(super) fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    for (at, byte) in text.bytes().enumerate().take(LONGEST) {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expanded: &str, variables: &[&str]) {
        let found = expand(text);
        assert_eq!(
            (found.text.as_ref(), found.variables),
            (expanded, variables.iter().map(|&name| name.to_owned()).collect()),
            "{text}"
        );
    }

    #[test]
    fn variables_are_found_in_every_notation() {
        for text in [
            "$LLM_KEY",
            "${LLM_KEY}",
            "${env:LLM_KEY}",
            "${LLM_KEY:?must be set}",
            "${{ secrets.LLM_KEY }}",
            "{{ env \"LLM_KEY\" }}",
            "{{ lookup('env', 'LLM_KEY') }}",
            "%LLM_KEY%",
            "$(LLM_KEY)",
            "os.environ/LLM_KEY",
            "env:LLM_KEY",
        ] {
            check(text, "{}", &["LLM_KEY"]);
        }
        check("Bearer $LLM_KEY!", "Bearer {}!", &["LLM_KEY"]);
    }

    #[test]
    fn defaults_are_filled_in() {
        check("${LLM_MODEL:-gpt-x}", "gpt-x", &["LLM_MODEL"]);
        check("${LLM_MODEL-gpt-x}", "gpt-x", &["LLM_MODEL"]);
        check("${llm_model:gpt-x}", "gpt-x", &["llm_model"]);
        check("${A_B:-${C_D:-x}}/y", "x/y", &["A_B", "C_D"]);
        check("${A_B:-}", "{}", &["A_B"]);
    }

    #[test]
    fn other_dollars_braces_and_percents_stay_as_they_are() {
        for text in [
            "costs $5",
            "^a$",
            "50% of",
            "%20",
            "{resource}.example.com",
            "$host",
            "plain",
            "${",
            "{{",
            "env:x",
        ] {
            check(text, text, &[]);
        }
        check("{{ .Values.name }}", "{}", &[]);
        check("${project.version}", "{}", &[]);
        check("${{ github.ref }}", "{}", &[]);
    }

    #[test]
    fn hostile_nesting_ends() {
        let text = "${A_B:-".repeat(50_000);
        assert_eq!(expand(&text).variables.len(), 0);
        let text = format!("{}x{}", "${A:-".repeat(60), "}".repeat(60));
        assert!(expand(&text).variables.len() <= DEEPEST + 1);
    }

    #[test]
    fn variables_are_written_in_capitals() {
        assert!(is_variable("OPENAI_API_KEY") && is_variable("A_1"));
        for name in ["Openai_Key", "README", "_A", "A-B", "", "1_A", "A_"] {
            assert!(!is_variable(name), "{name}");
        }
    }
}
