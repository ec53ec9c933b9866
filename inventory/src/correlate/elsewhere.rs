//! Names that lead from one file of a unit to another: a call takes its model or address from a constant, a setting or a variable of
//! the environment, and another file says what that holds.
//!
//! Only names are compared, so only such count as say enough: two files that both have a `model` need not mean the same one.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Confidence, Evidence, Stage, fact};

use super::components::canonical;

/// More values of one name than these are a table, and nobody can tell which of them is meant.
const MOST_VALUES: usize = 3;

/// Names that every file has for something of its own, in lower case and without separators.
const COMMON: [&str; 16] = [
    "model",
    "models",
    "modelname",
    "modelid",
    "name",
    "id",
    "engine",
    "deployment",
    "deploymentname",
    "host",
    "url",
    "baseurl",
    "endpoint",
    "address",
    "apibase",
    "default",
];

/// Shorter names say too little, unless they are written as constants.
const SHORTEST: usize = 6;

/// Adds what follows from calls that name their model or address by what another file sets; then forgets the names, which
/// have served.
pub(super) fn follow(evidence: &mut Vec<Evidence>) {
    let mut set: BTreeMap<String, Vec<&Evidence>> = BTreeMap::new();
    for seen in evidence.iter() {
        if let Some(key) = seen.facts.get(fact::NAMED).and_then(|name| key(name)) {
            set.entry(key).or_default().push(seen);
        }
    }
    let mut found = Vec::new();
    for call in evidence.iter() {
        let values = |from: &str| {
            let named = call.facts.get(from).and_then(|name| key(name))?;
            set.get(&named).map(Vec::as_slice)
        };
        if let Some(values) = values(fact::MODEL_FROM) {
            found.extend(models(call, values));
        }
        if let Some(values) = values(fact::ADDRESS_FROM) {
            found.extend(services(call, values));
        }
    }
    evidence.extend(found);
    for seen in evidence.iter_mut() {
        for name in [fact::NAMED, fact::MODEL_FROM, fact::ADDRESS_FROM] {
            seen.facts.remove(name);
        }
    }
}

/// What a name is compared by; nothing for one that says too little.
fn key(name: &str) -> Option<String> {
    let last = name.rsplit(['.', ':', '/']).next().unwrap_or(name);
    let key: String = last
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let is_constant = last.len() >= 3 && !last.bytes().any(|byte| byte.is_ascii_lowercase());
    if COMMON.contains(&key.as_str()) || key.len() < SHORTEST {
        // A constant may be imported by such a name; it is another than a field that is written in lower case.
        return is_constant.then(|| last.to_owned());
    }
    Some(key)
}

/// Those of the values that are at least as productive as the call, else all of them: an example of settings stands in for what is
/// not in the repository.
fn fitting<'e>(call: &Evidence, values: &[&'e Evidence], kind: ComponentKind) -> Vec<&'e Evidence> {
    let of_kind = || values.iter().copied().filter(|seen| seen.kind == kind);
    let same: Vec<&Evidence> = of_kind().filter(|seen| seen.usage >= call.usage).collect();
    if same.is_empty() { of_kind().collect() } else { same }
}

fn models(call: &Evidence, values: &[&Evidence]) -> Vec<Evidence> {
    let values = fitting(call, values, ComponentKind::Model);
    let mut each: BTreeMap<String, &Evidence> = BTreeMap::new();
    for seen in values {
        each.entry(canonical(seen)).or_insert(seen);
    }
    if each.len() > MOST_VALUES {
        return Vec::new();
    }
    each.into_values().map(|seen| at_call(call, seen)).collect()
}

fn services(call: &Evidence, values: &[&Evidence]) -> Vec<Evidence> {
    let values = fitting(call, values, ComponentKind::Provider);
    let by_host = values
        .into_iter()
        .filter(|seen| seen.facts.get("basis").is_some_and(|basis| basis == "host"));
    let mut each: BTreeMap<&str, &Evidence> = BTreeMap::new();
    for seen in by_host {
        each.entry(&seen.name).or_insert(seen);
    }
    let providers: BTreeSet<&str> = each.keys().copied().collect();
    let own = call.provider.as_deref().unwrap_or_default();
    if each.len() > MOST_VALUES || providers.contains(own) {
        return Vec::new();
    }
    each.into_values()
        .map(|seen| {
            let mut service = at_call(call, seen);
            service.facts.insert("client-of".into(), own.to_owned());
            service
        })
        .collect()
}

/// What another file says, as evidence at the call.
fn at_call(call: &Evidence, set: &Evidence) -> Evidence {
    let mut facts = set.facts.clone();
    facts.insert("part-set-at".into(), set.location.to_string());
    Evidence {
        location: call.location.clone(),
        excerpt: call.excerpt.clone(),
        detector: call.detector.clone(),
        usage: call.usage,
        vendored: call.vendored,
        stage: Stage::Invoked,
        confidence: set.confidence.min(Confidence::Medium),
        relation: None,
        facts,
        ..set.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::Usage;

    fn call(from: &'static str, name: &str) -> Evidence {
        let mut call = sample::seen(ComponentKind::Package, "openai", "src/ask.py");
        call.stage = Stage::Invoked;
        call.provider = Some("openai".to_owned());
        call.facts.insert(from.into(), name.to_owned());
        call
    }

    fn set(kind: ComponentKind, value: &str, path: &str, name: &str) -> Evidence {
        let mut seen = sample::seen(kind, value, path);
        seen.stage = Stage::Referenced;
        seen.facts.insert(fact::NAMED.into(), name.to_owned());
        if kind == ComponentKind::Provider {
            seen.facts.insert("basis".into(), "host".to_owned());
        }
        seen
    }

    fn invoked(mut evidence: Vec<Evidence>, kind: ComponentKind) -> Vec<String> {
        follow(&mut evidence);
        assert!(evidence.iter().all(|seen| !seen.facts.contains_key(fact::NAMED)));
        evidence
            .into_iter()
            .filter(|seen| seen.kind == kind && seen.stage == Stage::Invoked && seen.location.path == "src/ask.py")
            .map(|seen| seen.name)
            .collect()
    }

    #[test]
    fn a_model_is_called_by_the_name_that_another_file_gives_it() {
        for (at_call, elsewhere) in [
            ("MODEL", "MODEL"),
            ("settings.chat_model", "CHAT_MODEL"),
            ("CHAT_MODEL", "Settings.chat_model"),
            ("config.llm.chatModel", "llm.chat-model"),
        ] {
            let evidence = vec![
                call(fact::MODEL_FROM, at_call),
                set(ComponentKind::Model, "gpt-4o", "config.py", elsewhere),
            ];
            assert_eq!(invoked(evidence, ComponentKind::Model), ["gpt-4o"], "{at_call} {elsewhere}");
        }
    }

    #[test]
    fn common_names_and_tables_lead_nowhere() {
        for (at_call, elsewhere) in [
            ("model", "model"),
            ("MODEL", "model"),
            ("self.model_name", "model_name"),
            ("chat_model", "embed_model"),
        ] {
            let evidence = vec![
                call(fact::MODEL_FROM, at_call),
                set(ComponentKind::Model, "gpt-4o", "config.py", elsewhere),
            ];
            assert!(invoked(evidence, ComponentKind::Model).is_empty(), "{at_call} {elsewhere}");
        }
        let mut table = vec![call(fact::MODEL_FROM, "CHAT_MODEL")];
        table.extend(["a-1", "b-2", "c-3", "d-4"].map(|model| set(ComponentKind::Model, model, "config.py", "CHAT_MODEL")));
        assert!(invoked(table, ComponentKind::Model).is_empty());
    }

    #[test]
    fn what_a_test_sets_does_not_run() {
        let tested = Evidence {
            usage: Usage::Test,
            ..set(ComponentKind::Model, "fake-model", "tests/settings.py", "CHAT_MODEL")
        };
        let evidence = vec![
            call(fact::MODEL_FROM, "CHAT_MODEL"),
            set(ComponentKind::Model, "gpt-4o", "config.py", "CHAT_MODEL"),
            tested,
        ];
        assert_eq!(invoked(evidence, ComponentKind::Model), ["gpt-4o"]);
    }

    #[test]
    fn a_client_is_pointed_elsewhere_by_what_another_file_sets() {
        let address = |provider: &str| {
            vec![
                call(fact::ADDRESS_FROM, "settings.llm_base_url"),
                set(ComponentKind::Provider, provider, ".env.example", "LLM_BASE_URL"),
            ]
        };
        assert_eq!(invoked(address("openrouter"), ComponentKind::Provider), ["openrouter"]);
        assert!(invoked(address("openai"), ComponentKind::Provider).is_empty());
    }
}
