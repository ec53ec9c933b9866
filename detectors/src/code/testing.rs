//! What the tests of languages share: a file's observations as lines of text.

use super::facts::Facts;
use super::resolve;
use crate::Observations;

/// `line Kind key arg.name=value …` for each observation.
pub(super) fn seen(scope: &'static str, facts: &Facts) -> Vec<String> {
    with(scope, facts, |name| name.starts_with("arg."))
}

/// The same with every attribute that holds something.
pub(super) fn whole(scope: &'static str, facts: &Facts) -> Vec<String> {
    with(scope, facts, |_| true)
}

fn with(scope: &'static str, facts: &Facts, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut out = Observations::default();
    resolve::observe(scope, facts, &mut out);
    out.as_slice()
        .iter()
        .map(|seen| {
            let arguments = seen.attributes.iter().filter(|(name, _)| wanted(name));
            let arguments: String = arguments.map(|(name, value)| format!(" {name}={value}")).collect();
            format!("{} {:?} {}{arguments}", seen.line, seen.kind, seen.key)
        })
        .collect()
}

/// Fails unless one of the lines is the wanted one.
pub(super) fn has(seen: &[String], wanted: &str) {
    assert!(seen.iter().any(|line| line == wanted), "{wanted} not in {seen:#?}");
}
