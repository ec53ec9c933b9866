//! What is said of a system, as passages of text: by itself in its name, description, folder, paths and the names of its models, or by a
//! list in its columns; and phrases in it.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

use evidence::{ComponentKind, Location, Usage};
use rules::risk::{TextPlace, WordTest};

use super::matching::usage;
use crate::System;
use crate::listed::Listed;

/// Bytes of a field under which a register files a system that are shown as a whole.
const MOST_WHOLE: usize = 60;

/// Words from which on a name is a description: three say what something is called, six what it does.
const TELLING_NAME: usize = 6;

/// What is said of a system.
pub(super) struct Text<'s> {
    passages: Vec<Passage<'s>>,
}

/// A stretch of text with one place.
pub(super) struct Passage<'s> {
    /// What kind of text it is.
    pub(super) place: TextPlace,
    /// The text.
    pub(super) text: &'s str,
    /// What is understood together with it: all that one row of a list says, or one paragraph.
    pub(super) group: usize,
    /// Where a person can open it.
    pub(super) location: Option<&'s Location>,
    /// The heading of its column in a list.
    column: Option<&'s str>,
    /// What people are shown of it instead of the words that were found: a short cell says more as it stands.
    whole: Option<&'s str>,
    words: OnceCell<Vec<String>>,
}

impl Passage<'_> {
    /// What people are shown of the words between two bytes.
    pub(super) fn quoted(&self, start: usize, end: usize) -> String {
        let shown = self.whole.unwrap_or(&self.text[start..end]);
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Its words, but for those in some runs of bytes, if they say what the system is: the field a list puts it in does not, and a name
    /// only if it is as long as a description.
    pub(super) fn telling(&self, besides: &[Range<usize>]) -> Vec<&str> {
        let fewest = match self.place {
            TextPlace::Area => usize::MAX,
            TextPlace::Name => TELLING_NAME,
            place if place.is_prose() => 1,
            _ => usize::MAX,
        };
        let words = rules::text::words(self.text).filter(|word| !besides.iter().any(|run| run.contains(&word.at)));
        let words: Vec<&str> = words.map(|word| word.text).collect();
        if words.len() < fewest { Vec::new() } else { words }
    }

    /// Its words in lower case: `CvScreening/job_applicants2` reads `cv screening job applicants 2`.
    fn words(&self) -> &[String] {
        self.words.get_or_init(|| split(self.text))
    }

    /// What people call the place.
    pub(super) fn named(&self) -> String {
        match (self.column, self.place) {
            (Some(column), _) => format!("“{column}”"),
            (None, TextPlace::Name) => "its name".to_owned(),
            (None, TextPlace::Description) => "its description".to_owned(),
            (None, TextPlace::Folder) => "its folder".to_owned(),
            (None, _) => self.location.map_or_else(|| self.text.to_owned(), Location::to_string),
        }
    }
}

/// A phrase that was found.
pub(super) struct Found<'t, 's> {
    /// The phrase as it reads there.
    pub(super) words: &'t [String],
    /// What kind of text it stands in.
    pub(super) place: TextPlace,
    /// The text it stands in.
    pub(super) text: &'s str,
    /// Where that stands, as people read it.
    pub(super) named: String,
    /// Where a person can open it.
    pub(super) location: Option<&'s Location>,
}

impl<'s> Text<'s> {
    pub(super) fn of(system: &'s System) -> Self {
        let mut texts: BTreeSet<(TextPlace, &str)> = BTreeSet::new();
        texts.insert((TextPlace::Name, &system.name));
        texts.insert((TextPlace::Folder, &system.folder));
        texts.extend(
            system
                .description
                .as_deref()
                .map(|description| (TextPlace::Description, description)),
        );
        for component in system.components.iter().filter(|component| !component.is_offered()) {
            let named_by_purpose = matches!(
                component.kind,
                ComponentKind::Model | ComponentKind::ModelFile | ComponentKind::Dataset
            );
            for evidence in component.evidence.iter().filter(|evidence| usage(evidence) == Usage::Runtime) {
                texts.insert((TextPlace::Path, &evidence.location.path));
                if named_by_purpose {
                    texts.insert((TextPlace::Component, &component.name));
                }
            }
        }
        let said = system.said.iter().filter(|statement| !statement.voice.is_page()).map(|statement| {
            let text = match statement.tag() {
                Some((name, value)) => rules::tags::words(name, value).unwrap_or_default(),
                None => statement.text.as_str(),
            };
            (TextPlace::from(statement.voice), text, Some(&statement.location))
        });
        let passages = texts.into_iter().map(|(place, text)| (place, text, None)).chain(said);
        Self {
            passages: (1..)
                .zip(passages)
                .map(|(number, (place, text, location))| Passage {
                    place,
                    text,
                    group: if is_of_the_whole(place) { 0 } else { number },
                    location,
                    column: None,
                    whole: None,
                    words: OnceCell::new(),
                })
                .collect(),
        }
    }

    /// What a list says of a system.
    pub(super) fn of_list(listed: &'s Listed) -> Self {
        Self {
            passages: listed
                .passages
                .iter()
                .map(|passage| Passage {
                    place: passage.place,
                    text: &passage.text,
                    group: 0,
                    location: None,
                    column: Some(&passage.column),
                    whole: match &passage.answer {
                        Some(answer) => Some(answer.as_str()),
                        None => (passage.place == TextPlace::Area && passage.text.len() <= MOST_WHOLE).then_some(passage.text.as_str()),
                    },
                    words: OnceCell::new(),
                })
                .collect(),
        }
    }

    /// The passages.
    pub(super) fn passages(&self) -> &[Passage<'s>] {
        &self.passages
    }

    /// Every place where one of the phrases stands; each phrase once a text.
    pub(super) fn find<'t>(&'t self, test: &WordTest) -> Vec<Found<'t, 's>> {
        let (phrases, others) = (phrases(&test.any), phrases(&test.unless));
        let mut found = Vec::new();
        for passage in self.passages.iter().filter(|passage| test.within.contains(&passage.place)) {
            let words = passage.words();
            for phrase in &phrases {
                let means_something_else = |at: &usize| {
                    let within = others
                        .iter()
                        .flat_map(|other| places(words, other).map(|start| start..start + other.len()));
                    within.into_iter().any(|other| other.start < at + phrase.len() && *at < other.end)
                };
                let here = places(words, phrase).find(|at| !means_something_else(at));
                found.extend(here.map(|at| Found {
                    words: &words[at..at + phrase.len()],
                    place: passage.place,
                    text: passage.text,
                    named: passage.named(),
                    location: passage.location,
                }));
            }
        }
        found
    }
}

/// Whether a text speaks of the system as a whole; such texts are understood together.
const fn is_of_the_whole(place: TextPlace) -> bool {
    matches!(place, TextPlace::Name | TextPlace::Description | TextPlace::Folder)
}

/// Phrases as their words.
fn phrases(written: &[String]) -> Vec<Vec<&str>> {
    let phrases = written.iter().map(|phrase| phrase.split_whitespace().collect());
    phrases.filter(|phrase: &Vec<&str>| !phrase.is_empty()).collect()
}

/// Where a phrase stands among words.
fn places<'w>(words: &'w [String], phrase: &'w [&str]) -> impl Iterator<Item = usize> + 'w {
    let windows = words.windows(phrase.len()).enumerate();
    let stands = windows.filter(move |(_, words)| words.iter().zip(phrase).all(|(word, wanted)| fits(word, wanted)));
    stands.map(|(at, _)| at)
}

fn fits(word: &str, wanted: &str) -> bool {
    wanted
        .strip_suffix('*')
        .map_or_else(|| word == wanted, |beginning| word.starts_with(beginning))
}

fn split(text: &str) -> Vec<String> {
    rules::text::words(text).map(|word| word.text.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn found(system: &System, phrases: &[&str]) -> Vec<String> {
        let test = WordTest {
            any: phrases.iter().map(|phrase| (*phrase).to_owned()).collect(),
            unless: Vec::new(),
            within: vec![
                TextPlace::Name,
                TextPlace::Description,
                TextPlace::Folder,
                TextPlace::Path,
                TextPlace::Component,
            ],
        };
        Text::of(system).find(&test).iter().map(|found| found.words.join(" ")).collect()
    }

    #[test]
    fn names_are_read_as_words() {
        for (text, words) in [
            ("CvScreening/job_applicants2.py", "cv screening job applicants 2 py"),
            ("HTTPServer-v2", "http server v 2"),
            ("@acme/face-match", "acme face match"),
            ("ÜberprüfungVon", "überprüfung von"),
            ("", ""),
            ("---", ""),
        ] {
            assert_eq!(split(text).join(" "), words, "{text}");
        }
    }

    #[test]
    fn phrases_stand_as_whole_words_in_order() {
        let system = sample::system(
            "credit-scoring",
            vec![sample::seen(
                ComponentKind::Model,
                "acme/face-matcher",
                "src/loan_defaults/train.py",
            )],
        );
        assert_eq!(
            found(&system, &["credit scor*", "loan default*", "face match*"]),
            ["credit scoring", "loan defaults", "face matcher"]
        );
        for absent in [
            "scoring credit",
            "redit scoring",
            "loan default",
            "face scor*",
            "credit face",
            "credit*scoring",
        ] {
            assert!(found(&system, &[absent]).is_empty(), "{absent}");
        }
    }

    #[test]
    fn words_of_tests_and_of_libraries_are_not_the_systems_own() {
        let mut tested = sample::seen(ComponentKind::Model, "gpt-4o", "tests/hiring/test_a.py");
        tested.usage = Usage::Test;
        let library = sample::seen(ComponentKind::Package, "hiring-client", "src/a.py");
        assert!(found(&sample::system("app", vec![tested, library]), &["hiring"]).is_empty());
    }
}
