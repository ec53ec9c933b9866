//! What public vocabularies call what stands in a record. Ids only.

use rules::governance::{DPV_AI_ACT, governance};

/// The term of the Data Privacy Vocabulary for a purpose (`purpose/…`) or kind (`kind/…`) of a component, or for an answer
/// (`FIELD/ANSWER`), as prefix and name.
#[must_use]
pub fn term(of: &str, value: &str) -> Option<&'static str> {
    governance().term(&format!("{of}/{value}"))
}

/// The classes of the AI Act that a rule of risk is a sign of, by that vocabulary's name for them.
pub fn classes(rule: &str) -> impl Iterator<Item = &'static str> {
    let all = governance().crosswalks.iter();
    all.filter(move |crosswalk| crosswalk.of == rule && crosswalk.framework == DPV_AI_ACT)
        .map(|crosswalk| crosswalk.id.as_str())
}
