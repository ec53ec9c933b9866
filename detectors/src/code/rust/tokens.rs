//! What macros with a syntax of their own are given: `json!({"model": "m"})`, `acme!(endpoint: "https://…")`. Strings are taken, and
//! named where a word or string with a colon stands before them; what a macro makes of them is not known.

use proc_macro2::{TokenStream, TokenTree};
use syn::Lit;

use super::super::facts::{Assignment, Facts, Value};
use super::line;

/// Groups inside one another that are read.
const DEEPEST: usize = 64;

/// Adds the strings among the tokens of a macro, in its groups too.
pub(super) fn read(tokens: &TokenStream, facts: &mut Facts) {
    let mut groups = vec![(tokens.clone(), 0)];
    while let Some((tokens, depth)) = groups.pop() {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) if depth < DEEPEST => groups.push((group.stream(), depth + 1)),
                TokenTree::Literal(_) => {
                    let Some(text) = text(token) else { continue };
                    let line = line(token.span());
                    let is_name = matches!(tokens.get(at + 1), Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
                    if let Some(target) = name_before(&tokens[..at]) {
                        facts.assignments.push(Assignment {
                            target,
                            value: Value::Text(text.clone()),
                            line,
                            named: false,
                        });
                    }
                    if !is_name && !text.is_empty() {
                        facts.literals.push((text, line));
                    }
                }
                _ => {}
            }
        }
    }
}

/// The name in `name:` or `"name":` at the end of some tokens.
fn name_before(before: &[TokenTree]) -> Option<String> {
    let [.., name, TokenTree::Punct(mark)] = before else { return None };
    if mark.as_char() != ':' {
        return None;
    }
    match name {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => text(name),
    }
}

fn text(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    match Lit::new(literal.clone()) {
        Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    fn facts(source: &str) -> Facts {
        let mut facts = Facts::default();
        read(&TokenStream::from_str(source).expect("is made of tokens"), &mut facts);
        facts
    }

    #[test]
    fn strings_are_named_by_what_stands_before_them() {
        let seen = facts("{ \"model\": \"m-1\", \"messages\": [{ \"role\": \"user\" }], limit: 5, endpoint: \"https://acme.example\" }");
        let named: Vec<&str> = seen.assignments.iter().map(|one| one.target.as_str()).collect();
        assert_eq!(named, ["model", "endpoint", "role"]);
        let texts: Vec<&str> = seen.literals.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["m-1", "https://acme.example", "user"]);
    }

    #[test]
    fn names_and_what_is_no_string_are_no_values() {
        assert!(facts("a::b => c, 1: 2, \"key\": value").literals.is_empty());
        assert!(facts("a = \"x\", \"y\"").assignments.is_empty());
        let deep = format!("{}\"x\"{}", "[".repeat(200), "]".repeat(200));
        assert!(facts(&deep).literals.is_empty());
    }
}
