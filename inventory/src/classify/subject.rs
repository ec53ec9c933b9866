//! What rules are held against: a system that was found, or one that a list describes.

use std::collections::BTreeSet;

use rules::concepts::Finder;

use super::words::Text;
use crate::listed::Listed;
use crate::{Component, System};

/// A system with what is said of it.
pub(super) struct Subject<'s> {
    /// Its name.
    pub(super) name: &'s str,
    /// What it is made of; nothing is known of it for a listed one.
    pub(super) components: &'s [Component],
    /// Whether it was found by evidence, as opposed to listed.
    pub(super) is_found: bool,
    /// What is said of it.
    pub(super) text: Text<'s>,
    /// What that is about.
    pub(super) signs: Vec<Sign>,
}

/// A concept with the words that say so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sign {
    /// The concept, by number.
    pub(super) concept: usize,
    /// The passage, by number.
    pub(super) passage: usize,
    /// The sentence of the passage.
    pub(super) sentence: u32,
    /// Where the words begin in it, in bytes.
    pub(super) start: usize,
    /// Where they end.
    pub(super) end: usize,
}

impl<'s> Subject<'s> {
    /// A system by its evidence; what its words are about is not looked for.
    pub(super) fn of_system(system: &'s System) -> Self {
        Self {
            name: &system.name,
            components: &system.components,
            is_found: true,
            text: Text::of(system),
            signs: Vec::new(),
        }
    }

    /// A system that a list describes.
    pub(super) fn of_list(listed: &'s Listed, finder: &mut Finder<'_>) -> Self {
        let subject = Self {
            name: &listed.name,
            components: &[],
            is_found: false,
            text: Text::of_list(listed),
            signs: Vec::new(),
        };
        subject.with_signs(finder)
    }

    /// How many different words say what it is, as far as so many matter; words of these concepts say nothing of that.
    pub(super) fn said(&self, most: usize, besides: &[usize]) -> usize {
        let mut said = BTreeSet::new();
        for (number, passage) in self.text.passages().iter().enumerate() {
            let signs = self
                .signs
                .iter()
                .filter(|sign| sign.passage == number && besides.contains(&sign.concept));
            let empty: Vec<_> = signs.map(|sign| sign.start..sign.end).collect();
            for word in passage.telling(&empty) {
                said.insert(word.to_lowercase());
                if said.len() >= most {
                    return most;
                }
            }
        }
        said.len()
    }

    /// What a sign is understood together with.
    pub(super) fn group_of(&self, sign: &Sign) -> usize {
        self.text.passages()[sign.passage].group
    }

    /// The same with what its words are about.
    pub(super) fn with_signs(mut self, finder: &mut Finder<'_>) -> Self {
        self.signs.clear();
        for (number, passage) in self.text.passages().iter().enumerate() {
            self.signs.extend(finder.find(passage.text).into_iter().map(|signal| Sign {
                concept: signal.concept,
                passage: number,
                sentence: signal.sentence,
                start: signal.start,
                end: signal.end,
            }));
        }
        self
    }
}
