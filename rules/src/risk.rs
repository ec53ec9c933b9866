//! The form of risk rules, `risk/*.toml`: when a rule fires, what it does to the tier, why, and what it asks.
//!
//! The rules are data and know no system; the interpreter that holds them against one stands in the room `inventory`.

use std::collections::BTreeSet;

use evidence::{ComponentKind, Confidence, Relation, Stage, Usage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::value::Datetime;

use crate::check::{Fault, Severity};
use crate::embedded;
use crate::source::{self, LoadError};

/// An indicative tier, lowest first; `Unknown` means that the evidence does not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The evidence does not tell: a library is present, its use is not seen.
    #[default]
    Unknown,
    /// No specific duty seen.
    Minimal,
    /// Transparency duties or some risk to the organisation.
    Limited,
    /// Significant effects on people possible; needs the full set of documents.
    High,
    /// Signs of a practice that must be reviewed before anything else.
    Stop,
}

impl Tier {
    /// The name used in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Minimal => "minimal",
            Self::Limited => "limited",
            Self::High => "high",
            Self::Stop => "stop",
        }
    }

    /// Every tier, lowest first.
    pub const ALL: [Self; 5] = [Self::Unknown, Self::Minimal, Self::Limited, Self::High, Self::Stop];
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Every risk rule, in the order in which reasons are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruleset {
    /// The day on which a file was last held against its sources, and a digest of all rules.
    pub version: String,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// One file of `risk/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RuleFile {
    /// What its rules have in common; begins the id of each.
    id: String,
    /// The words a person reads for it.
    title: String,
    /// Day on which somebody last held the rules against their references.
    checked: Datetime,
    /// The rules.
    #[serde(rename = "rule")]
    rules: Vec<Rule>,
}

/// One risk rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// `<file>.<what>`, unique.
    pub id: String,
    /// When it fires.
    pub when: Condition,
    /// What it does to the tier; nothing for a rule that only says why a tier stays unknown.
    #[serde(default)]
    pub effect: Effect,
    /// Why, as one plain sentence; may hold the [`PLACEHOLDERS`].
    pub because: String,
    /// Legal or normative references.
    #[serde(default)]
    pub references: Vec<String>,
    /// What a person must answer to narrow the interval.
    #[serde(default)]
    pub question: Option<Question>,
    /// Systems on which it must fire.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
    /// Systems on which it must not fire.
    #[serde(default, rename = "counterexample")]
    pub counterexamples: Vec<Example>,
}

/// What the sentence and the question of a rule may hold: the system's name, the providers, models and names of the components that made
/// the rule fire, and the words found with the place they stand in.
pub const PLACEHOLDERS: [&str; 5] = ["name", "providers", "models", "components", "words"];

/// When a rule fires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// All of these hold.
    All(Vec<Condition>),
    /// At least one of these holds.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// The system has such a component.
    Component(ComponentTest),
    /// One of these words stands in what the system says of itself.
    Words(WordTest),
}

/// Describes a component: everything given must hold. What is said of evidence (relation, stage, confidence, usage) must
/// hold of one and the same piece of evidence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComponentTest {
    /// One of these kinds.
    pub kind: Vec<ComponentKind>,
    /// Behind it stands one of these providers.
    pub provider: Vec<String>,
    /// It has one of these names, without regard to case; `*` stands for anything.
    pub name: Vec<String>,
    /// It has one of these purposes.
    pub purpose: Vec<String>,
    /// It is declared in one of these ways.
    pub relation: Vec<Relation>,
    /// The least stage.
    pub stage: Option<Stage>,
    /// The least confidence.
    pub confidence: Option<Confidence>,
    /// One of these kinds of place. Somebody else's code and what is only declared for development do not count as `runtime`.
    pub usage: Vec<Usage>,
    /// Components that one of these describes do not count.
    pub except: Vec<ComponentTest>,
}

/// Looks for words in what a system says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WordTest {
    /// Phrases in lower case; a trailing `*` at a word lets it go on. Names such as `CvScreening` and `cv_screening` read as `cv screening`.
    pub any: Vec<String>,
    /// Where to look; everywhere if absent.
    #[serde(default = "everywhere", rename = "in")]
    pub within: Vec<TextPlace>,
}

/// Where a system says something of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextPlace {
    /// The name of the system.
    Name,
    /// The sentence its manifest gives about it.
    Description,
    /// Its folder.
    Folder,
    /// The paths of its evidence outside tests, examples and documentation.
    Path,
    /// The names of its models, model files and data sets.
    Component,
}

fn everywhere() -> Vec<TextPlace> {
    vec![
        TextPlace::Name,
        TextPlace::Description,
        TextPlace::Folder,
        TextPlace::Path,
        TextPlace::Component,
    ]
}

/// What a rule does to the tier interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Effect {
    /// The evidence alone shows at least this tier.
    pub floor: Option<Tier>,
    /// The evidence indicates at least this tier.
    pub indicated: Option<Tier>,
    /// Open questions answered adversely lead to at least this tier.
    pub ceiling: Option<Tier>,
    /// Nothing but a floor leads above this tier.
    pub cap: Option<Tier>,
}

/// A question only a person can answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Question {
    /// The question, to be answered with yes or no; may hold the [`PLACEHOLDERS`].
    pub ask: String,
    /// Who can answer it.
    pub who: String,
    /// What a "yes" does to the tier.
    pub if_yes: String,
}

/// A tiny system that shows what a rule is meant for, or what it is not meant for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Example {
    /// The system's name.
    #[serde(default = "example_name")]
    pub name: String,
    /// The sentence its manifest gives about it.
    #[serde(default)]
    pub description: Option<String>,
    /// What it is made of.
    pub components: Vec<ExampleComponent>,
}

/// A component of an [`Example`], with one piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExampleComponent {
    /// What it is.
    pub kind: ComponentKind,
    /// Its name.
    pub name: String,
    /// The provider behind it.
    #[serde(default)]
    pub provider: Option<String>,
    /// What it is for, separated by spaces.
    #[serde(default)]
    pub purposes: String,
    /// How it is declared.
    #[serde(default)]
    pub relation: Option<Relation>,
    /// How strong a use the evidence shows.
    #[serde(default = "invoked")]
    pub stage: Stage,
    /// How sure it is.
    #[serde(default = "sure")]
    pub confidence: Confidence,
    /// What kind of place it stands in.
    #[serde(default = "runtime")]
    pub usage: Usage,
    /// The path it stands in.
    #[serde(default = "example_path")]
    pub path: String,
}

fn example_name() -> String {
    "example".to_owned()
}

fn example_path() -> String {
    "src/main.py".to_owned()
}

const fn invoked() -> Stage {
    Stage::Invoked
}

const fn sure() -> Confidence {
    Confidence::High
}

const fn runtime() -> Usage {
    Usage::Runtime
}

/// The embedded risk rules.
///
/// # Panics
/// If they do not have the form of rule files, which a test rules out.
#[must_use]
pub fn ruleset() -> Ruleset {
    Ruleset::of(embedded::RISK).expect("the embedded risk rules load")
}

impl Ruleset {
    /// The rules of some files, given as names and texts.
    ///
    /// # Errors
    /// If a text does not have the form of a rule file.
    pub fn of(files: &[(&str, &str)]) -> Result<Self, LoadError> {
        let mut rules = Vec::new();
        let mut newest = String::new();
        let mut hash = Sha256::new();
        for (name, text) in files {
            let file: RuleFile = source::parse(name, text)?;
            newest = newest.max(file.checked.to_string());
            // Comments and line ends are no part of what was decided.
            hash.update(serde_json::to_vec(&file.rules).unwrap_or_default());
            rules.extend(file.rules);
        }
        let digest: String = hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            version: format!("{newest}+{digest}"),
            rules,
        })
    }

    /// What is wrong with the form of the rules; whether their examples hold is for the interpreter to say.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for rule in &self.rules {
            let mut fault = |message: String| {
                faults.push(Fault {
                    severity: Severity::Error,
                    id: rule.id.clone(),
                    message,
                })
            };
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

/// The names in braces in a sentence.
fn placeholders(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest))
}

/// Every phrase that a condition looks for.
fn phrases(condition: &Condition) -> Vec<&str> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(phrases).collect(),
        Condition::Not(part) => phrases(part),
        Condition::Component(_) => Vec::new(),
        Condition::Words(words) => words.any.iter().map(String::as_str).collect(),
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
        for (name, text) in embedded::RISK {
            let file: RuleFile = source::parse(name, text).expect("loads");
            let strays: Vec<_> = file
                .rules
                .iter()
                .filter(|rule| !rule.id.starts_with(&format!("{}.", file.id)))
                .collect();
            assert!(strays.is_empty() && !file.title.is_empty(), "{name}: {strays:?}");
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
            Condition::Words(_) => Vec::new(),
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
        let excepted: BTreeSet<&str> = tests_in(&rule.when)
            .iter()
            .skip(1)
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
