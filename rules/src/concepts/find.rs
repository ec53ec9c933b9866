//! The search for concepts in a text. Each distinct word is looked up once and remembered, so that a text costs little more than
//! the splitting into words.

use std::collections::HashMap;

use super::form::Concept;
use super::phrase::{Phrase, Piece, WIDEST_GAP};
use crate::text;

/// Words between a negation and what it takes back.
const NEGATION_REACHES: usize = 4;

/// Words that are remembered before the memory is emptied.
const MOST_REMEMBERED: usize = 200_000;

/// A concept that a text is about, and the words that say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    /// The concept, by number.
    pub concept: usize,
    /// Where its words begin, in bytes.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// The number of the sentence they stand in.
    pub sentence: u32,
}

/// All phrases, by the piece they begin with.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// What a word has to be for a piece to fit, by number of the piece.
    exact: HashMap<String, u32>,
    begins: HashMap<String, u32>,
    longest_beginning: usize,
    ends: Vec<(String, u32)>,
    holds: Vec<(String, u32)>,
    phrases: Vec<Known>,
    /// Phrases by the number of the piece they begin with.
    first: Vec<Vec<u32>>,
}

#[derive(Debug)]
struct Known {
    /// Numbers of pieces; nothing for a gap.
    pieces: Vec<Option<u32>>,
    concept: usize,
    /// Whether the words mean something else here.
    is_exception: bool,
}

impl Index {
    pub(super) fn of(concepts: &[Concept]) -> Self {
        let mut index = Self::default();
        for (number, concept) in concepts.iter().enumerate() {
            for (phrases, is_exception) in [(&concept.words, false), (&concept.unless, true)] {
                // A phrase without form is a fault of the concept and finds nothing.
                for phrase in phrases
                    .values()
                    .flatten()
                    .filter_map(|written| Phrase::parse(written).ok())
                    .flatten()
                {
                    index.add(&phrase, number, is_exception);
                }
            }
        }
        index
    }

    fn add(&mut self, phrase: &Phrase, concept: usize, is_exception: bool) {
        let pieces: Vec<Option<u32>> = phrase.pieces.iter().map(|piece| self.number(piece)).collect();
        let Some(Some(first)) = pieces.first().copied() else {
            return;
        };
        let number = u32::try_from(self.phrases.len()).unwrap_or(u32::MAX);
        self.first[first as usize].push(number);
        self.phrases.push(Known {
            pieces,
            concept,
            is_exception,
        });
    }

    fn number(&mut self, piece: &Piece) -> Option<u32> {
        let next = u32::try_from(self.first.len()).unwrap_or(u32::MAX);
        let listed = |list: &mut Vec<(String, u32)>, part: &String| match list.iter().find(|(known, _)| known == part) {
            Some((_, number)) => *number,
            None => {
                list.push((part.clone(), next));
                next
            }
        };
        let number = match piece {
            Piece::Gap => return None,
            Piece::Exact(word) => *self.exact.entry(word.clone()).or_insert(next),
            Piece::Begins(part) => {
                self.longest_beginning = self.longest_beginning.max(part.len());
                *self.begins.entry(part.clone()).or_insert(next)
            }
            Piece::Ends(part) => listed(&mut self.ends, part),
            Piece::Holds(part) => listed(&mut self.holds, part),
        };
        if number == next {
            self.first.push(Vec::new());
        }
        Some(number)
    }

    /// The numbers of the pieces that a folded word fits.
    fn fitting(&self, word: &str) -> Vec<u32> {
        let mut fitting: Vec<u32> = self.exact.get(word).copied().into_iter().collect();
        let ends = word
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take_while(|end| *end <= self.longest_beginning);
        fitting.extend(ends.filter_map(|end| self.begins.get(&word[..end])));
        fitting.extend(self.ends.iter().filter(|(part, _)| word.ends_with(part)).map(|(_, number)| number));
        fitting.extend(self.holds.iter().filter(|(part, _)| word.contains(part)).map(|(_, number)| number));
        fitting
    }
}

/// A word of the text that is searched, with what it fits.
#[derive(Debug, Clone, Copy)]
struct Met {
    start: usize,
    end: usize,
    sentence: u32,
    clause: u32,
    /// The entry of the memory that holds the fitting pieces.
    known: u32,
}

/// A run of words that a phrase fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hit {
    concept: usize,
    is_exception: bool,
    /// The first word and the one behind the last.
    from: usize,
    to: usize,
}

/// Finds concepts in one text after the other.
#[derive(Debug)]
pub struct Finder<'c> {
    index: &'c Index,
    negates: Option<usize>,
    negates_after: Option<usize>,
    known: HashMap<String, u32>,
    fitting: Vec<Vec<u32>>,
    met: Vec<Met>,
    folded: String,
}

impl<'c> Finder<'c> {
    pub(super) fn new(index: &'c Index, negates: Option<usize>, negates_after: Option<usize>) -> Self {
        Self {
            index,
            negates,
            negates_after,
            known: HashMap::new(),
            fitting: Vec::new(),
            met: Vec::new(),
            folded: String::new(),
        }
    }

    /// What a text is about, in the order of the words; what it says it is not about is left out.
    pub fn find(&mut self, text: &str) -> Vec<Signal> {
        let hits = self.hits(text);
        let negations: Vec<Hit> = hits
            .iter()
            .filter(|hit| Some(hit.concept) == self.negates || Some(hit.concept) == self.negates_after)
            .copied()
            .collect();
        hits.into_iter()
            .filter(|hit| !negations.contains(hit) && !negations.iter().any(|negation| self.takes_back(negation, hit)))
            .map(|hit| self.signal(hit))
            .collect()
    }

    /// The same with what is negated, and the negations.
    pub(super) fn everything(&mut self, text: &str) -> Vec<Signal> {
        self.hits(text).into_iter().map(|hit| self.signal(hit)).collect()
    }

    fn signal(&self, hit: Hit) -> Signal {
        Signal {
            concept: hit.concept,
            start: self.met[hit.from].start,
            end: self.met[hit.to - 1].end,
            sentence: self.met[hit.from].sentence,
        }
    }

    fn takes_back(&self, negation: &Hit, hit: &Hit) -> bool {
        let is_one_clause = |a: usize, b: usize| self.met[a].clause == self.met[b].clause;
        if Some(negation.concept) == self.negates {
            negation.to <= hit.from && hit.from - negation.to < NEGATION_REACHES && is_one_clause(negation.from, hit.from)
        } else {
            hit.to <= negation.from && negation.from - hit.to < NEGATION_REACHES && is_one_clause(negation.from, hit.to - 1)
        }
    }

    /// Every run of words that fits a phrase and none of the exceptions, the longest at each place and concept.
    fn hits(&mut self, text: &str) -> Vec<Hit> {
        self.read(text);
        let mut hits: Vec<Hit> = Vec::new();
        for from in 0..self.met.len() {
            for piece in &self.fitting[self.met[from].known as usize] {
                for phrase in &self.index.first[*piece as usize] {
                    let phrase = &self.index.phrases[*phrase as usize];
                    let Some(to) = self.end(&phrase.pieces[1..], from + 1) else {
                        continue;
                    };
                    let hit = Hit {
                        concept: phrase.concept,
                        is_exception: phrase.is_exception,
                        from,
                        to,
                    };
                    let is_same =
                        |known: &&mut Hit| known.from == from && known.concept == hit.concept && known.is_exception == hit.is_exception;
                    match hits.iter_mut().rev().take_while(|known| known.from == from).find(is_same) {
                        Some(known) => known.to = known.to.max(to),
                        None => hits.push(hit),
                    }
                }
            }
        }
        let exceptions: Vec<Hit> = hits.iter().filter(|hit| hit.is_exception).copied().collect();
        hits.retain(|hit| {
            !hit.is_exception
                && !exceptions
                    .iter()
                    .any(|exception| exception.concept == hit.concept && exception.from < hit.to && hit.from < exception.to)
        });
        hits
    }

    /// The word behind the last of those that fit the rest of a phrase.
    fn end(&self, rest: &[Option<u32>], from: usize) -> Option<usize> {
        let Some((piece, after)) = rest.split_first() else {
            return Some(from);
        };
        let is_here = |at: usize| self.met.get(at).is_some_and(|word| word.sentence == self.met[from - 1].sentence);
        match piece {
            Some(piece) => {
                let fits = is_here(from) && self.fitting[self.met[from].known as usize].contains(piece);
                if fits { self.end(after, from + 1) } else { None }
            }
            // Phrases are short and gaps narrow: there is no deep recursion.
            None => (from..=from + WIDEST_GAP)
                .take_while(|at| is_here(*at))
                .find_map(|at| self.end(after, at)),
        }
    }

    fn read(&mut self, text: &str) {
        if self.known.len() > MOST_REMEMBERED {
            self.known.clear();
            self.fitting.clear();
        }
        self.met.clear();
        for word in text::words(text) {
            self.folded.clear();
            text::fold(word.text, &mut self.folded);
            let known = match self.known.get(self.folded.as_str()) {
                Some(known) => *known,
                None => {
                    let known = u32::try_from(self.fitting.len()).unwrap_or(u32::MAX);
                    self.fitting.push(self.index.fitting(&self.folded));
                    self.known.insert(self.folded.clone(), known);
                    known
                }
            };
            self.met.push(Met {
                start: word.at,
                end: word.at + word.text.len(),
                sentence: word.sentence,
                clause: word.clause,
                known,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Concepts, Language};
    use super::*;

    fn concept(id: &str, words: &[&str], unless: &[&str]) -> Concept {
        let by_language = |phrases: &[&str]| BTreeMap::from([(Language::En, phrases.iter().map(|phrase| (*phrase).to_owned()).collect())]);
        Concept {
            id: id.to_owned(),
            title: "a test".to_owned(),
            axis: None,
            level: 0,
            words: by_language(words),
            unless: by_language(unless),
            examples: Vec::new(),
            counterexamples: Vec::new(),
        }
    }

    fn found(text: &str) -> Vec<&str> {
        let concepts = Concepts::of(
            vec![
                concept("t.benefit", &["benefit*", "decid* .. claim*"], &["benefit* of the"]),
                concept("t.face", &["(facial|face) recogni*", "*gesichtserkennung*"], &[]),
                concept("negation.before", &["no", "not", "without"], &["not only"]),
                concept("negation.after", &["is not used"], &[]),
            ],
            Vec::new(),
        );
        let mut finder = concepts.finder();
        let mut found: Vec<&str> = finder
            .find(text)
            .into_iter()
            .map(|signal| &text[signal.start..signal.end])
            .collect();
        found.dedup();
        found
    }

    #[test]
    fn words_are_found_as_they_are_written() {
        assert_eq!(found("Uses Facial-Recognition, at gates"), ["Facial-Recognition"]);
        assert_eq!(found("Videogesichtserkennung"), ["Videogesichtserkennung"]);
        assert_eq!(found("decides quickly on the open claims"), ["decides quickly on the open claims"]);
        assert_eq!(found("FaceRecognizer"), ["FaceRecognizer"]);
    }

    #[test]
    fn gaps_are_narrow_and_end_with_the_sentence() {
        assert!(found("decides one two three four five six claims").is_empty());
        assert!(found("It decides. A claim is filed").is_empty());
    }

    #[test]
    fn an_exception_takes_only_its_own_words() {
        assert!(found("the benefits of the tool").is_empty());
        assert_eq!(found("the benefits of the tool and benefit payments"), ["benefit"]);
    }

    #[test]
    fn what_is_negated_is_not_found() {
        for text in [
            "It does not use facial recognition",
            "without any face recognition",
            "facial recognition is not used",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
        for text in [
            "not only facial recognition",
            "It is not slow, facial recognition is fast",
            "no more than that. Facial recognition",
        ] {
            assert_eq!(found(text).len(), 1, "{text}");
        }
    }
}
