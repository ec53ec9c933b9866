//! What the tests of languages share: a file's observations as lines of text.

use super::facts::Facts;
use super::resolve;
use crate::Observations;

/// `line Kind key arg.name=value …` for each observation.
pub(super) fn seen(scope: &'static str, facts: &Facts) -> Vec<String> {
    let mut out = Observations::default();
    resolve::observe(scope, facts, &mut out);
    out.as_slice()
        .iter()
        .map(|seen| {
            let arguments = seen.attributes.iter().filter(|(name, _)| name.starts_with("arg."));
            let arguments: String = arguments.map(|(name, value)| format!(" {name}={value}")).collect();
            format!("{} {:?} {}{arguments}", seen.line, seen.kind, seen.key)
        })
        .collect()
}

/// Fails unless one of the lines is the wanted one.
pub(super) fn has(seen: &[String], wanted: &str) {
    assert!(seen.iter().any(|line| line == wanted), "{wanted} not in {seen:#?}");
}
