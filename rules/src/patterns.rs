//! Regular expressions of many signatures, compiled when they are first needed.
//!
//! One set of all patterns costs more to build than most scans take, so that patterns with anchors are compiled one by one, when one
//! of their words stands in a text.

use std::collections::HashSet;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use crate::index::At;

/// Patterns that have no anchors, or are all asked at once; case counts only if they say so.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    sources: Vec<(String, At)>,
    set: OnceLock<Option<RegexSet>>,
}

impl Patterns {
    pub(crate) fn extend(&mut self, sources: impl Iterator<Item = (String, At)>) {
        self.sources.extend(sources);
    }

    /// The signatures one of whose patterns matches, in the catalog's order.
    pub(crate) fn matches(&self, text: &str) -> Vec<At> {
        let set = self.set.get_or_init(|| {
            RegexSetBuilder::new(self.sources.iter().map(|(pattern, _)| pattern))
                .size_limit(64 << 20)
                .dfa_size_limit(16 << 20)
                .build()
                .ok()
        });
        let Some(set) = set else { return Vec::new() };
        let mut found: Vec<At> = set.matches(text).iter().map(|at| self.sources[at].1).collect();
        found.dedup();
        found
    }
}

/// Patterns of which each has words that stand in every text it matches, without regard to case.
#[derive(Debug, Default)]
pub(crate) struct Anchored {
    members: Vec<Member>,
    words: Vec<String>,
    /// The member that a word belongs to.
    of: Vec<usize>,
    automaton: OnceLock<Option<AhoCorasick>>,
    beginnings: OnceLock<Beginnings>,
}

/// What words begin with, up to a separator or their end, in lower case.
#[derive(Debug, Default)]
struct Beginnings {
    all: HashSet<String>,
    longest: usize,
}

/// What parts the pieces of a name.
const SEPARATORS: &[char] = &['-', '_', '/', ':', '.'];

#[derive(Debug)]
struct Member {
    at: At,
    patterns: Vec<String>,
    compiled: OnceLock<Vec<Regex>>,
}

impl Anchored {
    pub(crate) fn add(&mut self, at: At, words: Vec<String>, patterns: Vec<String>) {
        self.of.extend(words.iter().map(|_| self.members.len()));
        self.words.extend(words);
        self.members.push(Member {
            at,
            patterns,
            compiled: OnceLock::new(),
        });
    }

    fn automaton(&self) -> Option<&AhoCorasick> {
        self.automaton
            .get_or_init(|| AhoCorasickBuilder::new().ascii_case_insensitive(true).build(&self.words).ok())
            .as_ref()
    }

    /// Whether one of the words stands in the text.
    pub(crate) fn may_match(&self, text: &str) -> bool {
        self.automaton().is_some_and(|automaton| automaton.is_match(text))
    }

    /// Whether one of the words begins with the text, up to its end or a separator: `claude` of `claude-haiku`.
    pub(crate) fn begins_a_word(&self, text: &str) -> bool {
        let beginnings = self.beginnings.get_or_init(|| Beginnings::of(&self.words));
        let plain = text.trim_end_matches(SEPARATORS);
        (1..=beginnings.longest).contains(&plain.len()) && beginnings.all.contains(&plain.to_ascii_lowercase())
    }

    /// The signatures one of whose patterns matches, in the catalog's order.
    pub(crate) fn matches(&self, text: &str) -> Vec<At> {
        let Some(automaton) = self.automaton() else { return Vec::new() };
        let mut candidates: Vec<usize> = automaton
            .find_overlapping_iter(text)
            .map(|found| self.of[found.pattern().as_usize()])
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates
            .into_iter()
            .map(|at| &self.members[at])
            .filter(|member| member.compiled().iter().any(|pattern| pattern.is_match(text)))
            .map(|member| member.at)
            .collect()
    }
}

impl Beginnings {
    fn of(words: &[String]) -> Self {
        let mut all = HashSet::new();
        for word in words.iter().map(|word| word.to_ascii_lowercase()) {
            all.extend(word.match_indices(SEPARATORS).map(|(end, _)| word[..end].to_owned()));
            all.insert(word);
        }
        let longest = all.iter().map(String::len).max().unwrap_or_default();
        Self { all, longest }
    }
}

impl Member {
    fn compiled(&self) -> &[Regex] {
        self.compiled.get_or_init(|| {
            let compile = |pattern: &String| RegexBuilder::new(pattern).case_insensitive(true).build().ok();
            self.patterns.iter().filter_map(compile).collect()
        })
    }
}
