//! The indicative tier of a system: an interpreter of `rules/risk/`. The decision itself is data.

mod examples;
mod joined;
mod matching;
mod profile;
mod subject;
mod weight;
mod words;

use evidence::{ComponentKind, Location};
use rules::concepts::Finder;
use rules::risk::{Condition, Effect, Rule, Ruleset};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use examples::check;
pub use profile::Profile;
pub use rules::risk::{EuPoint, EuStatus, Tier};
pub use weight::EuAct;

use crate::System;
use crate::listed::Listed;
use crate::register::{Held, Standing};
use matching::Match;
use subject::Subject;
use weight::{TELLING_WORDS, effect_of, point_of};

/// The standing sentence on what a tier is and is not.
pub const NOTICE: &str = "Indicative – needs confirmation; not legal advice; absence of evidence is not evidence of absence.";

/// Places a reason shows; the components hold the rest.
const MOST_PLACES: usize = 10;

/// Words of a name that a sentence repeats.
const MOST_WORDS: usize = 7;

/// Names and words a sentence spells out before it counts the rest.
const MOST_NAMES: usize = 3;

/// The tier as an interval with its reasons: what the evidence alone shows, what it indicates, and what it would be if
/// every open question were answered adversely.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Classification {
    /// The tier from evidence alone.
    pub floor: Tier,
    /// The tier the evidence indicates.
    pub indicated: Tier,
    /// The tier if every open question were answered adversely.
    pub ceiling: Tier,
    /// The rules that fired, as sentences with their evidence.
    pub reasons: Vec<Reason>,
    /// What a person must answer to narrow the interval.
    pub questions: Vec<OpenQuestion>,
    /// What is seen of the European AI Act, apart from the tier.
    #[serde(default, skip_serializing_if = "EuAct::is_unknown")]
    pub eu: EuAct,
    /// How severe and how likely harm is, by what is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// The rule's id.
    pub rule: String,
    /// Why, as a plain sentence.
    pub because: String,
    /// What the rule did to the interval, for people: `floor limited`, `ceiling high`.
    pub effect: String,
    /// Legal or normative references.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// What it says of the European AI Act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eu: Option<EuPoint>,
    /// Places that made it fire.
    pub evidence: Vec<Location>,
}

/// A question only a person can answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct OpenQuestion {
    /// The rule that asks; an answer names it.
    #[serde(default)]
    pub rule: String,
    /// The question.
    pub question: String,
    /// Who can answer it.
    pub who: String,
    /// What a "yes" does to the tier.
    pub if_yes: String,
}

/// Holds the rules against one subject after the other.
#[derive(Debug)]
pub struct Judge<'r> {
    ruleset: &'r Ruleset,
    finder: Finder<'r>,
    /// Whether rules for systems ask what their words are about.
    reads_systems: bool,
}

impl<'r> Judge<'r> {
    /// A judge by a set of rules.
    #[must_use]
    pub fn new(ruleset: &'r Ruleset) -> Self {
        let reads_systems = ruleset
            .rules
            .iter()
            .any(|rule| rule.is_about(rules::risk::Subject::System) && asks_for_signals(&rule.when));
        Self {
            ruleset,
            finder: ruleset.concepts.finder(),
            reads_systems,
        }
    }

    /// The tier of a system by every rule that fires on it; unknown, without a reason, if none does.
    pub fn system(&mut self, system: &System) -> Classification {
        let mut subject = Subject::of_system(system);
        if self.reads_systems {
            subject = subject.with_signs(&mut self.finder);
        }
        let (mut classification, fired) = self.by_rules(&subject, rules::risk::Subject::System, Some(&system.standing));
        for (rule, found) in &fired {
            let held = answer(rule, Some(&system.standing));
            let places = found.places(MOST_PLACES);
            classification.reasons.push(reason(rule, &subject, found, held, places));
        }
        classification.eu = EuAct::of(&fired, subject.said(TELLING_WORDS, &[]));
        classification.profile = Some(Profile::of(&subject, &fired, self.ruleset.concepts.list())).filter(Profile::says_something);
        classification
    }

    /// The tier of a system that a list describes; `standing` holds what people answered, where that is known.
    pub fn listed(&mut self, listed: &Listed, standing: Option<&Standing>) -> Classification {
        let subject = Subject::of_list(listed, &mut self.finder);
        let (mut classification, mut fired) = self.by_rules(&subject, rules::risk::Subject::Listed, standing);
        // What moves the tier most is read first.
        fired.sort_by_key(|(rule, _)| std::cmp::Reverse((rule.effect.floor, rule.effect.indicated, rule.effect.ceiling)));
        let rank = |id: &str| fired.iter().position(|(rule, _)| rule.id == id);
        classification.questions.sort_by_key(|question| rank(&question.rule));
        let place = Location::new(listed.list.clone(), u32::try_from(listed.row).unwrap_or(u32::MAX));
        for (rule, found) in &fired {
            let held = answer(rule, standing);
            classification
                .reasons
                .push(reason(rule, &subject, found, held, vec![place.clone()]));
        }
        classification.eu = EuAct::of(&fired, subject.said(TELLING_WORDS, &[]));
        classification.profile = Some(Profile::of(&subject, &fired, self.ruleset.concepts.list()));
        classification
    }

    /// The interval and the questions, with the rules that fired.
    fn by_rules<'s>(
        &self,
        subject: &Subject<'s>,
        kind: rules::risk::Subject,
        standing: Option<&Standing>,
    ) -> (Classification, Vec<(&'r Rule, Match<'s>)>) {
        let mut classification = Classification::default();
        let mut fired: Vec<(&Rule, Match<'s>)> = self
            .ruleset
            .rules
            .iter()
            .filter(|rule| rule.is_about(kind))
            .filter_map(|rule| Some((rule, matching::fires(rule, subject)?)))
            .collect();
        let ids: Vec<&str> = fired.iter().map(|(rule, _)| rule.id.as_str()).collect();
        fired.retain(|(rule, _)| {
            !rule
                .yields_to
                .iter()
                .any(|other| ids.iter().any(|id| *id != rule.id && is_named(id, other)))
        });
        let mut cap = Tier::Stop;
        for (rule, found) in &fired {
            let Effect {
                floor,
                indicated,
                ceiling,
                cap: most,
            } = effect_of(rule, found);
            let answer = answer(rule, standing);
            let floor = floor.unwrap_or_default();
            // What a person denies is neither indicated nor possible any more, what one affirms is indicated.
            let (indicated, ceiling) = match answer.map(|held| held.value.as_str()) {
                Some("no") => (floor, floor),
                Some("yes") => (indicated.max(ceiling).unwrap_or_default(), ceiling.unwrap_or_default()),
                _ => (indicated.unwrap_or_default(), ceiling.unwrap_or_default()),
            };
            classification.floor = classification.floor.max(floor);
            classification.indicated = classification.indicated.max(indicated);
            classification.ceiling = classification.ceiling.max(ceiling);
            cap = cap.min(most.unwrap_or(Tier::Stop));
            if let Some(question) = rule.question.as_ref().filter(|_| answer.is_none()) {
                classification.questions.push(OpenQuestion {
                    rule: rule.id.clone(),
                    question: fill(&question.ask, subject, found),
                    who: question.who.clone(),
                    if_yes: question.if_yes.clone(),
                });
            }
        }
        // A cap limits what is only indicated or possible; what the evidence alone shows stands.
        classification.indicated = classification.indicated.min(cap).max(classification.floor);
        classification.ceiling = classification.ceiling.min(cap).max(classification.indicated);
        (classification, fired)
    }
}

/// The answer to a rule's question that is in force and stands.
fn answer<'s>(rule: &Rule, standing: Option<&'s Standing>) -> Option<&'s Held> {
    rule.question.as_ref()?;
    standing?.held(&format!("question/{}", rule.id)).filter(|held| held.stands())
}

/// Whether an id is one that `purpose.*` or the id itself stands for.
fn is_named(id: &str, named: &str) -> bool {
    named
        .strip_suffix('*')
        .map_or_else(|| id == named, |beginning| id.starts_with(beginning))
}

fn asks_for_signals(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(asks_for_signals),
        Condition::Not(part) => asks_for_signals(part),
        Condition::Component(_) | Condition::Words(_) => false,
        // Words of concepts that say nothing are not counted, so they have to be found.
        Condition::Brief(test) => !test.besides.is_empty(),
        Condition::Signal(_) => true,
    }
}

/// The tier of a system by every rule that fires on it; unknown, without a reason, if none does.
#[must_use]
pub fn classify(system: &System, ruleset: &Ruleset) -> Classification {
    Judge::new(ruleset).system(system)
}

/// A rule that fired as a sentence, with what somebody answered to its question.
fn reason(rule: &Rule, subject: &Subject<'_>, found: &Match<'_>, held: Option<&Held>, evidence: Vec<Location>) -> Reason {
    let effect = effect(effect_of(rule, found));
    Reason {
        rule: rule.id.clone(),
        because: fill(&rule.because, subject, found),
        effect: match held {
            Some(held) => format!("{effect}; answered {} by {}", held.value, held.by),
            None => effect,
        },
        references: rule.references.clone(),
        eu: point_of(rule, found),
        evidence,
    }
}

/// An effect in words; a rule that moves nothing says why a tier is unknown.
fn effect(effect: Effect) -> String {
    let parts: Vec<String> = [
        ("floor", effect.floor),
        ("indicated", effect.indicated),
        ("ceiling", effect.ceiling),
        ("cap", effect.cap),
    ]
    .into_iter()
    .filter_map(|(end, tier)| tier.map(|tier| format!("{end} {tier}")))
    .collect();
    if parts.is_empty() {
        "stays unknown".to_owned()
    } else {
        parts.join(", ")
    }
}

/// A rule's sentence with its placeholders filled; see [`rules::risk::PLACEHOLDERS`].
fn fill(sentence: &str, subject: &Subject<'_>, found: &Match<'_>) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        // Filled text is never looked at again: a name may hold braces of its own.
        let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
        out.push_str(&match name {
            "name" => called(subject.name),
            "providers" => listed(&found.providers(), "an unnamed provider"),
            "models" => listed(&found.names(|kind| kind == ComponentKind::Model), "an unnamed model"),
            "components" => listed(&found.names(|_| true), "an unnamed component"),
            "words" => listed(&found.words, "a word"),
            other => format!("{{{other}}}"),
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A name within a sentence: one of several words stands in quotes, and one that is a sentence itself is left out.
fn called(name: &str) -> String {
    match name.split_whitespace().count() {
        0 => "the system".to_owned(),
        1 => name.to_owned(),
        2..=MOST_WORDS => format!("“{name}”"),
        _ => "the system".to_owned(),
    }
}

fn listed(names: &[String], otherwise: &str) -> String {
    if names.is_empty() {
        return otherwise.to_owned();
    }
    let shown = names.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::{Confidence, Stage, Usage};
    use rules::risk::ruleset;

    fn tiers(classification: &Classification) -> [Tier; 3] {
        [classification.floor, classification.indicated, classification.ceiling]
    }

    fn fired(classification: &Classification) -> Vec<&str> {
        classification.reasons.iter().map(|reason| reason.rule.as_str()).collect()
    }

    #[test]
    fn a_chat_application_is_limited_and_asks_whether_people_meet_it() {
        let mut model = sample::seen(ComponentKind::Model, "gpt-4o", "src/chat.py");
        model.facts.insert("purposes".into(), "text-generation embedding".into());
        model.stage = Stage::Invoked;
        let mut provider = sample::seen(ComponentKind::Provider, "openai", "src/chat.py");
        provider.stage = Stage::Invoked;
        let mut system = sample::system("support-bot", vec![model, provider]);
        // As long as nothing says what it is for, it may be for anything.
        let classification = classify(&system, ruleset());
        assert_eq!(tiers(&classification), [Tier::Limited, Tier::Limited, Tier::High]);
        assert_eq!(
            fired(&classification),
            ["supply.service", "use.generative", "use.running", "use.undescribed"]
        );
        system.description = Some("Suggests which wine goes with a meal".to_owned());
        let classification = classify(&system, ruleset());
        assert_eq!(tiers(&classification), [Tier::Limited, Tier::Limited, Tier::Limited]);
        assert_eq!(fired(&classification), ["supply.service", "use.generative", "use.running"]);
        assert!(
            classification
                .questions
                .iter()
                .any(|question| question.question.contains("talk to support-bot directly"))
        );
        assert!(
            classification.reasons[0].because.contains("support-bot sends to OpenAI"),
            "{:?}",
            classification.reasons
        );
        assert_eq!(classification.reasons[1].evidence, [Location::new("src/chat.py", 1)]);
    }

    #[test]
    fn a_domain_word_opens_the_interval_to_high_and_says_where_it_stands() {
        let mut model = sample::seen(ComponentKind::Model, "gpt-4o", "src/rank.py");
        model.stage = Stage::Invoked;
        let mut system = sample::system("TalentAcquisition", vec![model]);
        system.description = Some("Keeps letters of job applicants".into());
        let classification = classify(&system, ruleset());
        assert_eq!(tiers(&classification), [Tier::Minimal, Tier::Limited, Tier::High]);
        let reason = classification
            .reasons
            .iter()
            .find(|reason| reason.rule == "domain.employment")
            .expect("fires");
        assert_eq!(reason.effect, "indicated limited, ceiling high");
        assert!(reason.because.contains("“TalentAcquisition” in its name"), "{}", reason.because);
        assert!(reason.because.contains("“job applicants” in its description"), "{}", reason.because);
    }

    fn saying(voice: evidence::Voice, text: &str, path: &str) -> System {
        let mut model = sample::seen(ComponentKind::Model, "gpt-4o", path);
        model.stage = Stage::Invoked;
        let mut system = sample::system("app", vec![model]);
        system.said = evidence::Statement::of(voice, Location::new("README.md", 3), text)
            .into_iter()
            .collect();
        system
    }

    #[test]
    fn a_sentence_indicates_a_high_tier_and_only_code_beside_it_shows_it() {
        use evidence::Voice::Readme;
        let text = "Scores loan applications and predicts whether a borrower pays back.";
        let said = classify(&saying(Readme, text, "src/main.py"), ruleset());
        assert_eq!(tiers(&said), [Tier::Minimal, Tier::High, Tier::High]);
        let reason = said
            .reasons
            .iter()
            .find(|reason| reason.rule == "purpose-services.credit")
            .expect("fires");
        assert_eq!(reason.effect, "indicated high, ceiling high");
        assert_eq!(reason.evidence[0], Location::new("README.md", 3));
        assert!(reason.because.contains("in README.md:3"), "{}", reason.because);
        assert_eq!(said.eu.points.iter().map(|point| point.status).max(), Some(EuStatus::Indicated));
        let shown = classify(&saying(Readme, text, "src/credit_scoring/approve.py"), ruleset());
        assert_eq!(tiers(&shown), [Tier::High; 3]);
    }

    #[test]
    fn a_field_without_a_decision_and_a_name_alone_are_questions() {
        use evidence::Voice::Readme;
        let near = classify(
            &saying(Readme, "Keeps notes for loan applications in one place.", "src/a.py"),
            ruleset(),
        );
        assert_eq!(tiers(&near), [Tier::Minimal, Tier::Limited, Tier::High]);
        let named = classify(&saying(Readme, "Keeps notes in one place.", "src/credit_scoring/a.py"), ruleset());
        assert_eq!(tiers(&named), [Tier::Minimal, Tier::Limited, Tier::High]);
        assert!(named.eu.points.iter().all(|point| point.status == EuStatus::Possible));
        assert!(named.questions.iter().any(|question| question.rule.contains("services")));
    }

    #[test]
    fn words_of_one_paragraph_explain_no_word_of_another_and_tests_say_nothing() {
        use evidence::{Statement, Voice::Readme};
        let mut system = saying(Readme, "Keeps notes for loan applications in one place.", "src/a.py");
        let other = Statement::of(Readme, Location::new("README.md", 9), "Predicts the weather and scores teams.");
        system.said.extend(other);
        assert_eq!(classify(&system, ruleset()).indicated, Tier::Limited);
        let mut tested = saying(Readme, "Scores loan applications and predicts who pays back.", "tests/a.py");
        for component in &mut tested.components {
            component.evidence.iter_mut().for_each(|seen| seen.usage = Usage::Test);
        }
        assert_eq!(tiers(&classify(&tested, ruleset())), [Tier::Unknown; 3]);
    }

    #[test]
    fn signs_of_a_practice_stop_only_where_a_sentence_says_so() {
        use evidence::Voice::Readme;
        let text = "Assigns a social credit score to citizens by their behaviour.";
        let said = classify(&saying(Readme, text, "src/a.py"), ruleset());
        assert_eq!((said.indicated, said.ceiling), (Tier::High, Tier::Stop));
        let named = classify(&saying(Readme, "Counts points.", "src/social_credit_score/a.py"), ruleset());
        assert_eq!((named.indicated, named.ceiling), (Tier::Limited, Tier::High));
    }

    #[test]
    fn a_profile_tells_severity_and_likelihood_apart() {
        use evidence::Voice::Schema;
        let mut agent = sample::seen(ComponentKind::AgentFramework, "crewai", "src/a.py");
        agent.stage = Stage::Invoked;
        let profile = |system: &System| {
            classify(system, ruleset())
                .profile
                .map(|profile| (profile.severity, profile.likelihood))
        };
        assert_eq!(profile(&sample::system("app", vec![agent])), Some((1, 4)));
        let people = saying(Schema, "applicants: id, ethnicity, religion", "src/a.py");
        assert_eq!(profile(&people), Some((5, 1)));
        assert_eq!(profile(&sample::system("app", Vec::new())), None);
    }

    #[test]
    fn only_a_coding_assistant_is_minimal_even_in_a_hospital() {
        let mut assistant = sample::seen(ComponentKind::AssistantConfig, "claude-code", "CLAUDE.md");
        assistant.stage = Stage::Configured;
        let classification = classify(&sample::system("hospital-portal", vec![assistant]), ruleset());
        assert_eq!(tiers(&classification), [Tier::Minimal; 3]);
        assert_eq!(fired(&classification), ["use.development"]);
    }

    #[test]
    fn tests_alone_leave_the_tier_unknown_but_not_without_a_reason() {
        let mut model = sample::seen(ComponentKind::Model, "gpt-4o", "tests/test_chat.py");
        model.usage = Usage::Test;
        model.stage = Stage::Invoked;
        let classification = classify(&sample::system("hiring", vec![model]), ruleset());
        assert_eq!(tiers(&classification), [Tier::Unknown; 3]);
        assert_eq!(fired(&classification), ["use.aside"]);
        assert_eq!(classification.reasons[0].effect, "stays unknown");
        assert_eq!(classification.reasons[0].evidence, [Location::new("tests/test_chat.py", 1)]);
    }

    #[test]
    fn a_test_that_calls_and_a_manifest_that_ships_are_not_a_call_that_ships() {
        let mut called = sample::seen(ComponentKind::Package, "openai", "tests/test_chat.py");
        called.usage = Usage::Test;
        called.stage = Stage::Invoked;
        let mut declared = sample::seen(ComponentKind::Package, "openai", "pyproject.toml");
        declared.stage = Stage::Declared;
        let classification = classify(&sample::system("app", vec![called, declared]), ruleset());
        assert_eq!(tiers(&classification), [Tier::Unknown, Tier::Unknown, Tier::Limited]);
        assert_eq!(fired(&classification), ["use.library"]);
    }

    #[test]
    fn vendored_code_is_nobody_elses_use() {
        let mut bundled = sample::seen(ComponentKind::Model, "gpt-4o", "static/vendor/chat.min.js");
        bundled.vendored = true;
        bundled.stage = Stage::Invoked;
        assert_eq!(fired(&classify(&sample::system("app", vec![bundled]), ruleset())), ["use.aside"]);
    }

    #[test]
    fn every_combination_of_evidence_has_a_reason_and_an_ordered_interval() {
        let ruleset = ruleset();
        for kind in ComponentKind::ALL {
            for stage in [
                Stage::Declared,
                Stage::Referenced,
                Stage::Invoked,
                Stage::Configured,
                Stage::Deployed,
                Stage::Used,
            ] {
                for confidence in [Confidence::Low, Confidence::Medium, Confidence::High] {
                    for usage in [Usage::Docs, Usage::Example, Usage::Test, Usage::Runtime] {
                        let mut seen = sample::seen(kind, "thing", "src/a.py");
                        (seen.stage, seen.confidence, seen.usage) = (stage, confidence, usage);
                        let classification = classify(&sample::system("app", vec![seen]), ruleset);
                        let what = format!("{kind} {stage} {confidence} {usage}: {classification:?}");
                        assert!(!classification.reasons.is_empty(), "{what}");
                        assert!(classification.reasons.iter().all(|reason| !reason.evidence.is_empty()), "{what}");
                        assert!(
                            classification.floor <= classification.indicated && classification.indicated <= classification.ceiling,
                            "{what}"
                        );
                        assert!(classification.ceiling > Tier::Unknown || usage != Usage::Runtime, "{what}");
                        assert!(
                            classification.floor == classification.ceiling || !classification.questions.is_empty(),
                            "{what}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_cap_limits_what_is_possible_but_not_what_is_seen() {
        let rule = |id: &str, effect: &str| {
            format!("[[rule]]\nid = \"t.{id}\"\nwhen = {{ component = {{}} }}\neffect = {{ {effect} }}\nbecause = \"So.\"\n")
        };
        let tiers_of = |effects: &[&str]| {
            let rules: String = effects.iter().enumerate().map(|(n, effect)| rule(&n.to_string(), effect)).collect();
            let text = format!("id = \"t\"\ntitle = \"Test\"\nchecked = 2026-11-20\n{rules}");
            let system = sample::system("app", vec![sample::seen(ComponentKind::Model, "m", "a.py")]);
            tiers(&classify(&system, &Ruleset::of(&[("t.toml", &text)]).expect("loads")))
        };
        use Tier::{High, Limited, Minimal, Unknown};
        let possible = "indicated = \"limited\", ceiling = \"high\"";
        let cap = "cap = \"minimal\"";
        assert_eq!(tiers_of(&[possible]), [Unknown, Limited, High]);
        assert_eq!(tiers_of(&[possible, cap]), [Unknown, Minimal, Minimal]);
        assert_eq!(tiers_of(&[cap, possible, "floor = \"limited\""]), [Limited; 3]);
        assert_eq!(tiers_of(&[cap]), [Unknown; 3]);
    }

    #[test]
    fn without_rules_the_tier_is_unknown() {
        let nothing = Ruleset::default();
        let system = sample::system("app", vec![sample::seen(ComponentKind::Model, "gpt-4o", "a.py")]);
        assert_eq!(classify(&system, &nothing), Classification::default());
    }

    #[test]
    fn names_with_braces_are_not_filled_again() {
        let mut provider = sample::seen(ComponentKind::Provider, "openai", "a.py");
        provider.stage = Stage::Invoked;
        let classification = classify(&sample::system("{words}{", vec![provider]), ruleset());
        assert!(
            classification.reasons[0].because.contains("{words}{ sends to OpenAI"),
            "{:?}",
            classification.reasons[0]
        );
    }
}
