//! Risk rules, `risk/*.toml`: when a rule fires, what it does to the tier, why, and what it asks.
//!
//! The rules are data and know no system; the interpreter that holds them against one stands in the room `inventory`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::check::Fault;
use crate::concepts::{Concepts, concepts};
use crate::embedded;
use crate::source::{self, LoadError};

pub(crate) mod form;

pub(crate) use form::RuleFile;
pub use form::{
    ComponentTest, Condition, Effect, EuPoint, EuStatus, Example, ExampleComponent, ExampleStatement, Numbers, PLACEHOLDERS, Question,
    Rule, SignalTest, Subject, TextPlace, Tier, WordTest,
};

/// Every risk rule, in the order in which reasons are shown.
#[derive(Debug, Clone, Default)]
pub struct Ruleset {
    /// The day on which a file was last held against its sources, and a digest of all rules.
    pub version: String,
    /// The rules.
    pub rules: Vec<Rule>,
    /// The concepts that rules speak of.
    pub concepts: Concepts,
}

/// The embedded risk rules; made once, as every source of many is held against them.
#[must_use]
pub fn ruleset() -> &'static Ruleset {
    static RULESET: LazyLock<Ruleset> = LazyLock::new(|| Ruleset::of_files(embedded::risk(), concepts()));
    &RULESET
}

impl Ruleset {
    /// The rules of some files, given as names and texts, on the embedded concepts.
    ///
    /// # Errors
    /// If a text does not have the form of a rule file.
    pub fn of(files: &[(&str, &str)]) -> Result<Self, LoadError> {
        let files: Result<Vec<RuleFile>, LoadError> = files.iter().map(|(name, text)| source::parse(name, text)).collect();
        Ok(Self::of_files(files?, concepts()))
    }

    fn of_files(files: Vec<RuleFile>, concepts: Concepts) -> Self {
        let mut rules = Vec::new();
        let mut newest = String::new();
        let mut hash = Sha256::new();
        for file in files {
            newest = newest.max(file.checked.to_string());
            // Comments and line ends are no part of what was decided.
            hash.update(serde_json::to_vec(&(&file.found, &file.decisive, &file.rules)).unwrap_or_default());
            rules.extend(file.rules.into_iter().map(|mut rule| {
                rule.subject.get_or_insert(file.subject);
                rule.found.clone_from(&file.found);
                rule.decisive.clone_from(&file.decisive);
                let others = [rule.found.as_mut(), rule.decisive.as_mut()];
                for condition in std::iter::once(&mut rule.when).chain(others.into_iter().flatten()) {
                    number(condition, &concepts);
                }
                rule
            }));
        }
        hash.update(serde_json::to_vec(&(concepts.list(), concepts.groups())).unwrap_or_default());
        let digest: String = hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Self {
            version: format!("{newest}+{digest}"),
            rules,
            concepts,
        }
    }

    /// What is wrong with the form of the rules; whether their examples hold is for the interpreter to say.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for rule in &self.rules {
            let mut fault = |message: String| faults.push(Fault::error(&rule.id, message));
            if !seen.insert(&rule.id) {
                fault("is defined more than once".to_owned());
            }
            if rule.examples.is_empty() || rule.counterexamples.is_empty() {
                fault("needs at least one example and one counterexample".to_owned());
            }
            let asks = rule.question.as_ref().map_or("", |question| question.ask.as_str());
            if let Some(unknown) = placeholders(&rule.because)
                .chain(placeholders(asks))
                .find(|name| !PLACEHOLDERS.contains(name))
            {
                fault(format!("has the placeholder `{{{unknown}}}`, which nothing fills"));
            }
            if !rule.because.ends_with('.') {
                fault("gives no whole sentence as its reason".to_owned());
            }
            if rule.question.is_some() && !asks.ends_with('?') {
                fault("asks no question".to_owned());
            }
            if rule.effect.floor > rule.effect.ceiling.or(Some(Tier::Stop)) {
                fault("has a floor above its ceiling".to_owned());
            }
            for concept in concepts_in(&rule.when) {
                if self.concepts.numbers(concept).is_empty() {
                    fault(format!("speaks of the concept `{concept}`, which nothing defines"));
                }
            }
            for phrase in phrases(&rule.when) {
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, ' ' | '*');
                if phrase.trim().is_empty() || !phrase.chars().all(plain) {
                    fault(format!(
                        "has the phrase `{phrase}`; phrases are words of lower-case letters and digits"
                    ));
                }
            }
        }
        faults
    }
}

/// Notes the numbers of the concepts that a condition speaks of.
fn number(condition: &mut Condition, concepts: &Concepts) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter_mut().for_each(|part| number(part, concepts)),
        Condition::Not(part) => number(part, concepts),
        Condition::Component(_) | Condition::Words(_) => {}
        Condition::Brief(test) => test.numbers = test.besides.iter().flat_map(|id| concepts.numbers(id)).collect(),
        Condition::Signal(test) => {
            let numbers = |ids: &[String]| ids.iter().flat_map(|id| concepts.numbers(id)).collect();
            test.numbers = Numbers {
                of: numbers(&test.of),
                beside: numbers(&test.beside),
                without: numbers(&test.without),
            };
        }
    }
}

/// The names in braces in a sentence.
fn placeholders(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest))
}

/// Every phrase that a condition looks for.
fn phrases(condition: &Condition) -> Vec<&str> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(phrases).collect(),
        Condition::Not(part) => phrases(part),
        Condition::Component(_) | Condition::Signal(_) | Condition::Brief(_) => Vec::new(),
        Condition::Words(words) => words.any.iter().map(String::as_str).collect(),
    }
}

/// Every concept that a condition speaks of.
fn concepts_in(condition: &Condition) -> Vec<&str> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(concepts_in).collect(),
        Condition::Not(part) => concepts_in(part),
        Condition::Component(_) | Condition::Words(_) => Vec::new(),
        Condition::Brief(test) => test.besides.iter().map(String::as_str).collect(),
        Condition::Signal(test) => [&test.of, &test.beside, &test.without]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, Vendor};

    const RULE: &str = r#"
id = "t"
title = "Test"
checked = 2026-11-20

[[rule]]
id = "t.one"
when = { all = [{ component = { kind = ["model"], stage = "invoked", except = [{ name = ["*embed*"] }] } }, { not = { words = { any = ["unit test*"], in = ["name"] } } }] }
effect = { floor = "limited", ceiling = "high" }
because = "{models} is called."
question = { ask = "Is it?", who = "The owner", if-yes = "High." }
[[rule.example]]
components = [{ kind = "model", name = "m" }]
[[rule.counterexample]]
components = [{ kind = "package", name = "p" }]
"#;

    fn faults(text: &str) -> String {
        let ruleset = Ruleset::of(&[("t.toml", text)]).expect("loads");
        ruleset
            .faults()
            .into_iter()
            .map(|fault| format!("{}: {}\n", fault.id, fault.message))
            .collect()
    }

    #[test]
    fn the_embedded_rules_have_their_form() {
        let ruleset = ruleset();
        assert!(!ruleset.rules.is_empty());
        assert!(ruleset.version.starts_with("20"), "{}", ruleset.version);
        let faults = ruleset.faults();
        assert!(faults.is_empty(), "{faults:#?}");
        for file in embedded::risk() {
            let strays: Vec<_> = file
                .rules
                .iter()
                .filter(|rule| !rule.id.starts_with(&format!("{}.", file.id)))
                .collect();
            assert!(strays.is_empty() && !file.title.is_empty(), "{}: {strays:?}", file.id);
        }
    }

    /// Every description of a component in a condition, exceptions included.
    fn tests_in(condition: &Condition) -> Vec<&ComponentTest> {
        fn with_exceptions(test: &ComponentTest) -> Vec<&ComponentTest> {
            std::iter::once(test).chain(test.except.iter().flat_map(with_exceptions)).collect()
        }
        match condition {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(tests_in).collect(),
            Condition::Not(part) => tests_in(part),
            Condition::Component(test) => with_exceptions(test),
            Condition::Words(_) | Condition::Signal(_) | Condition::Brief(_) => Vec::new(),
        }
    }

    #[test]
    fn providers_and_purposes_that_rules_name_are_those_of_the_catalog() {
        let catalog = Catalog::load(&[]).expect("the catalog loads");
        let purposes: BTreeSet<&str> = catalog
            .providers()
            .iter()
            .flat_map(|provider| &provider.products)
            .flat_map(|product| &product.purposes)
            .map(String::as_str)
            .collect();
        let ruleset = ruleset();
        for (rule, test) in ruleset
            .rules
            .iter()
            .flat_map(|rule| tests_in(&rule.when).into_iter().map(move |test| (rule, test)))
        {
            let strangers: Vec<_> = test.provider.iter().filter(|id| catalog.provider_name(id).is_none()).collect();
            assert!(strangers.is_empty(), "{}: the catalog knows no {strangers:?}", rule.id);
            assert!(
                test.purpose.is_empty() || test.purpose.iter().any(|purpose| purposes.contains(purpose.as_str())),
                "{}: {:?}",
                rule.id,
                test.purpose
            );
        }
    }

    #[test]
    fn what_the_organisation_runs_itself_is_no_service_that_receives_data() {
        let ruleset = ruleset();
        let rule = ruleset.rules.iter().find(|rule| rule.id == "supply.service").expect("is there");
        // What is excepted for some of its purposes may be a service.
        let excepted: BTreeSet<&str> = tests_in(&rule.when)
            .iter()
            .skip(1)
            .filter(|test| test.purpose.is_empty())
            .flat_map(|test| &test.provider)
            .map(String::as_str)
            .collect();
        for provider in Catalog::load(&[]).expect("the catalog loads").providers() {
            let runs_itself = provider.vendor == Vendor::Project && provider.products.iter().any(|product| product.service);
            let is_excepted = excepted.contains(provider.id.as_str());
            assert!(
                !runs_itself || is_excepted,
                "`{}` is run by the organisation itself: except it in supply.service",
                provider.id
            );
            assert!(
                !is_excepted || provider.vendor == Vendor::Project,
                "`{}` is a service: it cannot be excepted",
                provider.id
            );
        }
    }

    #[test]
    fn a_well_formed_rule_has_no_faults() {
        assert_eq!(faults(RULE), "");
    }

    #[test]
    fn a_misspelt_field_is_an_error_with_its_place() {
        for (right, wrong) in [
            ("because", "becuase"),
            ("stage =", "stag ="),
            ("floor", "flor"),
            ("who", "whom"),
            ("any =", "some ="),
            ("limited", "lmited"),
        ] {
            let error = Ruleset::of(&[("t.toml", &RULE.replace(right, wrong))])
                .expect_err(wrong)
                .to_string();
            assert!(error.contains("t.toml") && error.contains("line"), "{error}");
        }
    }

    #[test]
    fn faults_of_form_are_named() {
        for (right, wrong, fault) in [
            ("{models}", "{modles}", "nothing fills"),
            ("called.", "called", "whole sentence"),
            ("Is it?", "Is it", "no question"),
            ("unit test*", "Unit-Test", "lower-case"),
            ("floor = \"limited\"", "floor = \"stop\"", "floor above"),
            ("[[rule.counterexample]]", "[[rule.example]]", "counterexample"),
        ] {
            assert!(faults(&RULE.replace(right, wrong)).contains(fault), "{wrong}");
        }
    }

    #[test]
    fn the_version_follows_what_the_rules_say_and_nothing_else() {
        let version = |text: &str| Ruleset::of(&[("t.toml", text)]).expect("loads").version;
        assert_eq!(version(RULE), version(&format!("# a comment\n{RULE}")));
        assert_ne!(version(RULE), version(&RULE.replace("invoked", "used")));
    }
}
