//! Concepts, `concepts/*.toml`: what a text can be about, in several languages, and the search for them.
//!
//! They are what risk rules rest on, whoever wrote the text: a row of a register, a README, a prompt.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

mod find;
mod form;
mod phrase;

pub use find::{Finder, Signal};
pub(crate) use form::ConceptFile;
pub use form::{Axis, Concept, Group, Language};

use crate::check::Fault;
use crate::embedded;
use find::Index;
use phrase::Phrase;

/// What stands before a word takes it back: “no”, “without”.
const NEGATES: &str = "negation.before";

/// What stands behind a word takes it back: “is not used”.
const NEGATES_AFTER: &str = "negation.after";

/// Every concept, and the means to find them.
#[derive(Debug, Clone, Default)]
pub struct Concepts {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    list: Vec<Concept>,
    groups: Vec<Group>,
    numbers: HashMap<String, usize>,
    index: OnceLock<Index>,
}

/// The embedded concepts.
#[must_use]
pub fn concepts() -> Concepts {
    Concepts::of_files(embedded::concepts())
}

impl Concepts {
    fn of_files(files: Vec<ConceptFile>) -> Self {
        let (concepts, groups): (Vec<_>, Vec<_>) = files.into_iter().map(|file| (file.concepts, file.groups)).unzip();
        Self::of(concepts.into_iter().flatten().collect(), groups.into_iter().flatten().collect())
    }

    /// A set of concepts, some of them in groups.
    #[must_use]
    pub fn of(list: Vec<Concept>, groups: Vec<Group>) -> Self {
        let numbers = list
            .iter()
            .enumerate()
            .map(|(number, concept)| (concept.id.clone(), number))
            .collect();
        Self {
            inner: Arc::new(Inner {
                list,
                groups,
                numbers,
                index: OnceLock::new(),
            }),
        }
    }

    /// Every concept.
    #[must_use]
    pub fn list(&self) -> &[Concept] {
        &self.inner.list
    }

    /// Every group.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.inner.groups
    }

    /// The number of a concept; a [`Signal`] names its concept so.
    #[must_use]
    pub fn number(&self, id: &str) -> Option<usize> {
        self.inner.numbers.get(id).copied()
    }

    /// The numbers that an id stands for: a concept's, those of a group; `context.*` stands for all concepts whose ids begin so.
    #[must_use]
    pub fn numbers(&self, id: &str) -> Vec<usize> {
        match self.groups().iter().find(|group| group.id == id) {
            Some(group) => group.of.iter().flat_map(|id| self.concepts_of(id)).collect(),
            None => self.concepts_of(id),
        }
    }

    fn concepts_of(&self, id: &str) -> Vec<usize> {
        match id.strip_suffix('*') {
            Some(beginning) => (0..self.list().len())
                .filter(|number| self.list()[*number].id.starts_with(beginning))
                .collect(),
            None => self.number(id).into_iter().collect(),
        }
    }

    /// The means to find concepts in texts; made once, as it remembers words it has met.
    #[must_use]
    pub fn finder(&self) -> Finder<'_> {
        Finder::new(self.index(), self.number(NEGATES), self.number(NEGATES_AFTER))
    }

    fn index(&self) -> &Index {
        self.inner.index.get_or_init(|| Index::of(&self.inner.list))
    }

    /// What is wrong with the concepts: in their form, and on their own examples.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        let mut finder = self.finder();
        for (number, concept) in self.list().iter().enumerate() {
            let mut fault = |message: String| faults.push(Fault::error(&concept.id, message));
            if !seen.insert(&concept.id) {
                fault("is defined more than once".to_owned());
            }
            if !matches!((concept.axis, concept.level), (None, 0) | (Some(_), 1..=4)) {
                fault("needs an axis together with a level of 1 to 4".to_owned());
            }
            if let Some(missing) = Language::ALL
                .iter()
                .find(|language| concept.words.get(language).is_none_or(Vec::is_empty))
            {
                fault(format!("has no words of the language {missing:?}"));
            }
            for written in concept.words.values().chain(concept.unless.values()).flatten() {
                if let Err(wrong) = Phrase::parse(written) {
                    fault(format!("has the phrase `{written}`, which {wrong}"));
                }
            }
            if concept.examples.is_empty() || concept.counterexamples.is_empty() {
                fault("needs at least one example and one counterexample".to_owned());
            }
            // What negates is found where it stands, not taken back by itself.
            let mut is_about = |text: &str| finder.everything(text).iter().any(|signal| signal.concept == number);
            for text in concept.examples.iter().filter(|text| !is_about(text)).collect::<Vec<_>>() {
                fault(format!("is not found in its example: {text}"));
            }
            for text in concept.counterexamples.iter().filter(|text| is_about(text)).collect::<Vec<_>>() {
                fault(format!("is found in its counterexample: {text}"));
            }
        }
        for group in self.groups() {
            let mut fault = |message: String| faults.push(Fault::error(&group.id, message));
            if !seen.insert(&group.id) {
                fault("is defined more than once".to_owned());
            }
            for id in group.of.iter().filter(|id| self.concepts_of(id).is_empty()) {
                fault(format!("holds the concept `{id}`, which nothing defines"));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_concepts_keep_their_word() {
        let faults = concepts().faults();
        assert!(
            faults.is_empty(),
            "{}",
            faults
                .iter()
                .map(|fault| format!("{}: {}\n", fault.id, fault.message))
                .collect::<String>()
        );
        for file in embedded::concepts() {
            assert!(!file.title.is_empty() && file.checked.to_string().starts_with("20"), "{}", file.id);
            let strays: Vec<_> = file
                .concepts
                .iter()
                .filter(|concept| !concept.id.starts_with(&format!("{}.", file.id)))
                .collect();
            assert!(strays.is_empty(), "{}: {strays:?}", file.id);
            assert!(file.groups.iter().all(|group| group.id.starts_with(&format!("{}.", file.id))));
        }
    }

    #[test]
    fn a_star_stands_for_all_concepts_of_a_beginning() {
        let concepts = concepts();
        assert!(concepts.numbers("context.*").len() > 2);
        assert_eq!(concepts.numbers("health.device").len(), 1);
        assert!(concepts.numbers("nowhere.*").is_empty() && concepts.numbers("nowhere").is_empty());
    }

    #[test]
    fn a_group_stands_for_its_concepts() {
        let group = |id: &str, of: &[&str]| Group {
            id: id.to_owned(),
            title: "what they share".to_owned(),
            of: of.iter().map(|id| (*id).to_owned()).collect(),
        };
        let list = concepts().list().to_vec();
        let some = Concepts::of(list.clone(), vec![group("group.some", &["health.device", "context.*"])]);
        assert_eq!(some.numbers("group.some").len(), 1 + some.numbers("context.*").len());
        let wrong = Concepts::of(list, vec![group("group.a", &["nowhere"]), group("group.a", &["group.a"])]);
        let messages: Vec<String> = wrong.faults().into_iter().map(|fault| fault.message).collect();
        assert_eq!(messages.len(), 3, "{messages:?}");
    }

    #[test]
    fn faults_are_named() {
        let faults_of = |change: &dyn Fn(&mut Concept)| {
            let mut concept = Concept {
                id: "t.one".to_owned(),
                title: "a test".to_owned(),
                axis: None,
                level: 0,
                words: Language::ALL
                    .into_iter()
                    .map(|language| (language, vec!["parole*".to_owned()]))
                    .collect(),
                unless: std::collections::BTreeMap::new(),
                examples: vec!["Parole board".to_owned()],
                counterexamples: vec!["Patrol".to_owned()],
            };
            change(&mut concept);
            Concepts::of(vec![concept], Vec::new())
                .faults()
                .into_iter()
                .map(|fault| fault.message)
                .collect::<String>()
        };
        assert_eq!(faults_of(&|_| ()), "");
        assert!(faults_of(&|concept| concept.level = 5).contains("axis"));
        assert!(faults_of(&|concept| drop(concept.words.remove(&Language::Nl))).contains("Nl"));
        assert!(faults_of(&|concept| concept.examples.clear()).contains("example"));
        assert!(faults_of(&|concept| concept.examples.push("nothing".to_owned())).contains("not found"));
        assert!(faults_of(&|concept| concept.counterexamples.push("on parole".to_owned())).contains("is found"));
        assert!(faults_of(&|concept| drop(concept.words.insert(Language::En, vec!["Parole".to_owned()]))).contains("lower-case"));
    }
}
