//! Holds the condition of a rule against a system and keeps what made it hold.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use evidence::{ComponentKind, Evidence, Location, Relation, Usage};
use rules::risk::{ComponentTest, Condition, Rule, SignalTest, TextPlace};

use super::subject::Subject;
use crate::Component;

/// What made a condition hold.
#[derive(Debug, Default)]
pub(super) struct Match<'s> {
    /// Components with the evidence that fits.
    components: Vec<(&'s Component, Vec<&'s Evidence>)>,
    /// Words with the place they stand in, as people read it.
    pub(super) words: Vec<String>,
    /// Paths in which words stand.
    paths: BTreeSet<&'s str>,
    /// Statements in which words stand.
    said: BTreeSet<&'s Location>,
    /// The kinds of texts in which words stand.
    pub(super) voices: BTreeSet<TextPlace>,
    /// Whether the subject was found, as opposed to listed.
    pub(super) is_of_found: bool,
    /// Whether the words say, of a system that was found, what the rule's file asks for to weigh them fully.
    pub(super) is_decisive: bool,
}

/// What people call a provider.
fn called(id: String) -> String {
    rules::provider_called(&id).map_or(id, str::to_owned)
}

impl<'s> Match<'s> {
    fn join(&mut self, other: Self) {
        for (component, evidence) in other.components {
            match self.components.iter_mut().find(|(known, _)| known.id == component.id) {
                Some((_, known)) => known.extend(evidence),
                None => self.components.push((component, evidence)),
            }
        }
        for word in other.words {
            if !self.words.contains(&word) {
                self.words.push(word);
            }
        }
        self.paths.extend(other.paths);
        self.said.extend(other.said);
        self.voices.extend(other.voices);
    }

    /// Whether a sentence says so, and says what the rule's file asks for.
    pub(super) fn is_said(&self) -> bool {
        self.is_decisive && self.voices.iter().any(|place| place.is_prose())
    }

    /// Whether its words are names and tags and nothing else.
    pub(super) fn rests_on_names(&self) -> bool {
        !self.voices.is_empty() && self.voices.iter().all(|place| place.is_mere_name())
    }

    /// The names of the matching components of a kind, each once.
    pub(super) fn names(&self, of: impl Fn(ComponentKind) -> bool) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (component, _) in self.components.iter().filter(|(component, _)| of(component.kind)) {
            let name = match component.kind {
                ComponentKind::Provider => called(component.name.clone()),
                _ => component.name.clone(),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The providers behind the matching components, as people call them.
    pub(super) fn providers(&self) -> Vec<String> {
        let behind = |component: &Component| match component.kind {
            ComponentKind::Provider => Some(component.name.clone()),
            _ => component.provider.clone(),
        };
        let providers: BTreeSet<String> = self.components.iter().filter_map(|(component, _)| behind(component)).collect();
        providers.into_iter().map(called).collect()
    }

    /// Places that made the condition hold: statements and paths with the words first, then those of each component in turn.
    pub(super) fn places(&self, most: usize) -> Vec<Location> {
        let telling = |evidence: &&Evidence| self.paths.contains(evidence.location.path.as_str());
        let mut ranked: Vec<(bool, usize, &Location)> = Vec::new();
        for (_, evidence) in &self.components {
            ranked.extend(
                evidence
                    .iter()
                    .enumerate()
                    .map(|(rank, evidence)| (telling(evidence), rank, &evidence.location)),
            );
        }
        ranked.sort_by_key(|(telling, rank, location)| (Reverse(*telling), *rank, *location));
        let mut seen = BTreeSet::new();
        self.said
            .iter()
            .copied()
            .chain(ranked.into_iter().map(|(_, _, location)| location))
            .filter(|location| seen.insert(*location))
            .take(most)
            .cloned()
            .collect()
    }
}

/// What makes a rule fire on a subject; nothing if it does not.
///
/// What a row of a list says is understood as a whole. A system that was found says many things in many places: each is
/// understood by itself, so that a word of one paragraph explains no word of another.
pub(super) fn fires<'s>(rule: &Rule, subject: &Subject<'s>) -> Option<Match<'s>> {
    if !rule.rests_on_words() || !subject.is_found {
        return holds(&rule.when, subject, None);
    }
    let groups: BTreeSet<usize> = subject.signs.iter().map(|sign| subject.group_of(sign)).collect();
    let mut fired = groups.into_iter().filter_map(|group| {
        let mut matched = holds(&rule.when, subject, Some(group))?;
        let asked = rule.decisive.as_ref();
        matched.is_decisive = asked.is_none_or(|asked| holds(asked, subject, Some(group)).is_some());
        Some(matched)
    });
    let mut joined = fired.next()?;
    for other in fired {
        joined.is_decisive |= other.is_decisive;
        joined.join(other);
    }
    if let Some(found) = &rule.found {
        joined.join(holds(found, subject, None)?);
    }
    joined.is_of_found = true;
    Some(joined)
}

/// What makes a condition hold on a subject, by one group of what is said of it or by all; nothing if it does not hold.
pub(super) fn holds<'s>(condition: &Condition, subject: &Subject<'s>, group: Option<usize>) -> Option<Match<'s>> {
    match condition {
        Condition::All(parts) => {
            let mut joined = Match::default();
            for part in parts {
                joined.join(holds(part, subject, group)?);
            }
            Some(joined)
        }
        Condition::Any(parts) => {
            let mut holding = parts.iter().filter_map(|part| holds(part, subject, group));
            let mut joined = holding.next()?;
            holding.for_each(|other| joined.join(other));
            Some(joined)
        }
        Condition::Not(part) => holds(part, subject, group).is_none().then(Match::default),
        Condition::Component(test) => {
            let components: Vec<_> = subject
                .components
                .iter()
                .map(|component| (component, fitting(test, component)))
                .filter(|(_, evidence)| !evidence.is_empty())
                .collect();
            (!components.is_empty()).then(|| Match {
                components,
                ..Match::default()
            })
        }
        Condition::Words(test) => {
            let found = subject.text.find(test);
            let mut matched = Match::default();
            for hit in &found {
                let word = format!("“{}” in {}", hit.words.join(" "), hit.named);
                if !matched.words.contains(&word) {
                    matched.words.push(word);
                }
                if hit.place == TextPlace::Path {
                    matched.paths.insert(hit.text);
                }
                matched.said.extend(hit.location);
                matched.voices.insert(hit.place);
            }
            (!found.is_empty()).then_some(matched)
        }
        Condition::Signal(test) => signals(test, subject, group),
        Condition::Brief(test) => (subject.said(test.below, &test.numbers) < test.below).then(Match::default),
    }
}

/// The words that say that a subject is about what a test looks for, each once.
fn signals<'s>(test: &SignalTest, subject: &Subject<'s>, group: Option<usize>) -> Option<Match<'s>> {
    let mut matched = Match::default();
    let mut seen: Vec<String> = Vec::new();
    let mut is_found = false;
    for sign in &subject.signs {
        let is_beside = |wanted: &[usize]| {
            subject
                .signs
                .iter()
                .any(|other| wanted.contains(&other.concept) && (other.passage, other.sentence) == (sign.passage, sign.sentence))
        };
        let passage = &subject.text.passages()[sign.passage];
        if group.is_some_and(|group| passage.group != group)
            || !test.numbers.of.contains(&sign.concept)
            || !test.within.contains(&passage.place)
            || !test.beside.is_empty() && !is_beside(&test.numbers.beside)
            || is_beside(&test.numbers.without)
        {
            continue;
        }
        is_found = true;
        if test.silent {
            break;
        }
        let words = passage.quoted(sign.start, sign.end);
        let folded = words.to_lowercase();
        // One word is proof enough of what a longer run of words says too.
        if seen.iter().all(|known| !known.contains(&folded)) {
            matched.words.push(format!("“{words}” in {}", passage.named()));
            seen.push(folded);
        }
        if passage.place == TextPlace::Path {
            matched.paths.insert(passage.text);
        }
        matched.said.extend(passage.location);
        matched.voices.insert(passage.place);
    }
    is_found.then_some(matched)
}

/// The evidence of a component that fits a test; empty if the component does not fit.
fn fitting<'s>(test: &ComponentTest, component: &'s Component) -> Vec<&'s Evidence> {
    let purposes = component.facts.get("purposes").map_or("", String::as_str);
    let provider = component
        .provider
        .as_deref()
        .or((component.kind == ComponentKind::Provider).then_some(component.name.as_str()));
    let fits = (test.kind.is_empty() || test.kind.contains(&component.kind))
        && (test.provider.is_empty() || provider.is_some_and(|id| test.provider.iter().any(|wanted| wanted == id)))
        && (test.name.is_empty() || test.name.iter().any(|pattern| is_like(&component.name, pattern)))
        && (test.purpose.is_empty()
            || purposes
                .split_whitespace()
                .any(|purpose| test.purpose.iter().any(|wanted| wanted == purpose)))
        && test.except.iter().all(|except| fitting(except, component).is_empty());
    if !fits {
        return Vec::new();
    }
    component
        .evidence
        .iter()
        .filter(|evidence| {
            (test.relation.is_empty() || evidence.relation.is_some_and(|relation| test.relation.contains(&relation)))
                && test.stage.is_none_or(|least| evidence.stage >= least)
                && test.confidence.is_none_or(|least| evidence.confidence >= least)
                && (test.usage.is_empty() || test.usage.contains(&usage(evidence)))
        })
        .collect()
}

/// The kind of place of a piece of evidence: somebody else's code and dependencies of development are no runtime.
pub(super) fn usage(evidence: &Evidence) -> Usage {
    if evidence.vendored || evidence.relation == Some(Relation::Dev) {
        evidence.usage.min(Usage::Test)
    } else {
        evidence.usage
    }
}

/// Whether a name is like a pattern in which `*` stands for anything, without regard to case.
fn is_like(name: &str, pattern: &str) -> bool {
    let name = name.to_lowercase();
    let pattern = pattern.to_lowercase();
    let Some((first, others)) = pattern.split_once('*') else {
        return name == pattern;
    };
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = others.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::Stage;

    #[test]
    fn names_are_compared_with_wildcards() {
        for (name, pattern) in [
            ("Text-Embedding-3", "*embed*"),
            ("bge-m3", "*bge-*"),
            ("a", "a"),
            ("abc", "a*c"),
            ("anything", "*"),
            ("aXbXc", "a*x*c"),
        ] {
            assert!(is_like(name, pattern), "{name} {pattern}");
        }
        for (name, pattern) in [
            ("gpt-4o", "*embed*"),
            ("abc", "b*"),
            ("abc", "*b"),
            ("ab", "abc"),
            ("a", "a*a"),
            ("", "a*"),
        ] {
            assert!(!is_like(name, pattern), "{name} {pattern}");
        }
    }

    #[test]
    fn what_is_said_of_evidence_must_hold_of_one_piece_of_it() {
        let mut called = sample::seen(ComponentKind::Package, "openai", "tests/a.py");
        (called.stage, called.usage) = (Stage::Invoked, Usage::Test);
        let imported = sample::seen(ComponentKind::Package, "openai", "src/a.py");
        let system = sample::system("app", vec![called, imported]);
        let called_at_runtime = ComponentTest {
            stage: Some(Stage::Invoked),
            usage: vec![Usage::Runtime],
            ..ComponentTest::default()
        };
        let called_in_tests = ComponentTest {
            usage: vec![Usage::Test],
            ..called_at_runtime.clone()
        };
        assert!(fitting(&called_at_runtime, &system.components[0]).is_empty());
        assert_eq!(fitting(&called_in_tests, &system.components[0]).len(), 1);
    }

    #[test]
    fn an_exception_takes_components_out_and_not_more() {
        let system = sample::system(
            "app",
            vec![
                sample::seen(ComponentKind::Provider, "ollama", "a.py"),
                sample::seen(ComponentKind::Provider, "openai", "b.py"),
            ],
        );
        let local = ComponentTest {
            provider: vec!["ollama".into()],
            ..ComponentTest::default()
        };
        let test = Condition::Component(ComponentTest {
            kind: vec![ComponentKind::Provider],
            except: vec![local],
            ..ComponentTest::default()
        });
        let subject = Subject::of_system(&system);
        let found = holds(&test, &subject, None).expect("openai is left");
        assert_eq!(found.providers(), ["OpenAI"]);
        assert_eq!(found.places(10), [Location::new("b.py", 1)]);
        assert!(holds(&Condition::Not(Box::new(test)), &subject, None).is_none());
    }

    #[test]
    fn places_are_distinct_and_as_many_as_asked_for() {
        let seen: Vec<Evidence> = (0..30)
            .map(|n| sample::seen(ComponentKind::Model, &format!("m{}", n % 3), &format!("src/{}.py", n % 15)))
            .collect();
        let system = sample::system("app", seen);
        let found = holds(&Condition::Component(ComponentTest::default()), &Subject::of_system(&system), None).expect("fits");
        let places = found.places(8);
        assert_eq!((places.len(), places.iter().collect::<BTreeSet<_>>().len()), (8, 8));
    }
}
