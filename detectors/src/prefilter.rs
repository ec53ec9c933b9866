//! Which of several sets of thousands of words have one that stands in these bytes? Asked of every file, and nearly always
//! answered with none. The bytes are read once for all sets.
//!
//! A word of at least five bytes holds two neighbouring four-byte stretches, one of which starts at an even position
//! wherever the word stands. So only every second position is looked at: its stretch, with case folded away, is hashed
//! into a bitmap that holds two stretches of each word. Which two is what makes the filter fast: the rarest in source
//! code (`COMMON`). What the bitmap lets through is held against a second one, of the five bytes that a word's two stretches
//! share, and what is left is compared with the words themselves, so that the answer is exact.
//!
//! A general automaton (Aho–Corasick) reads 0.25 GB a second and core with as many words, this reads several times that.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use evidence::Anchor;
use rustc_hash::FxBuildHasher;

/// Frequencies of common four-byte stretches; see the head of the file.
const COMMON: &str = include_str!("prefilter/common.txt");
/// Folds ASCII letters to lower case. It folds some other bytes together too, which costs a comparison and no hit.
const FOLD: u32 = 0x2020_2020;
/// The same for one byte.
const FOLD_BYTE: u8 = 0x20;
/// Bytes of a stretch.
const STRETCH: usize = 4;
/// The byte behind a stretch, from its first.
const AFTER: i8 = 4;
/// The byte in front of a stretch.
const BEFORE: i8 = -1;
/// Only every second position is looked at.
const STRIDE: usize = 2;
/// Shortest word that can be searched for.
pub const SHORTEST: usize = STRETCH + STRIDE - 1;
/// Most sets that one filter tells apart.
pub const MOST_SETS: usize = 128;
/// Size of the bitmap: 2^20 bits, 128 KiB, which stays in the second-level cache.
const BITS: u32 = 20;
const CELLS: usize = 1 << (BITS - 6);
/// Size of the second bitmap: 32 KiB.
const NEAR_BITS: u32 = 18;
const NEAR_CELLS: usize = 1 << (NEAR_BITS - 6);
/// Positions looked at in one go.
const BLOCK: usize = 16;
/// Bytes such a block spans.
const SPAN: usize = BLOCK * STRIDE + STRETCH - STRIDE;

/// A set of words to search for, without regard to the case of ASCII letters.
pub struct Prefilter {
    words: Vec<Word>,
    bitmap: Box<[u64; CELLS]>,
    /// The bytes of both stretches of each word.
    near: Box<[u64; NEAR_CELLS]>,
    /// For each stretch in the bitmap: where its places stand.
    stretches: HashMap<u32, (u32, u32), FxBuildHasher>,
    places: Vec<Hold>,
    /// Every set.
    all: u128,
}

/// Where a word holds a stretch.
struct Hold {
    /// The word, by position.
    word: u32,
    /// How many of its bytes stand before the stretch.
    start: u16,
    /// One of its bytes next to the stretch, folded, and where it stands from the stretch's first: most places that are no
    /// word differ there, and the word need not be looked at.
    beside: (i8, u8),
}

/// A word in lower case, what may stand beside it, and the sets it belongs to.
struct Word {
    bytes: Box<[u8]>,
    open_before: bool,
    open_behind: bool,
    sets: u128,
}

impl Word {
    /// Whether what stands before and behind the word at a position leaves it the word that is meant.
    fn stands(&self, text: &[u8], begin: usize) -> bool {
        (self.open_before || begins_word(text, begin)) && (self.open_behind || ends_word(text, begin + self.bytes.len()))
    }
}

impl Prefilter {
    /// A filter for sets of words; at most [`MOST_SETS`] of them.
    ///
    /// # Panics
    /// If a word is shorter than [`SHORTEST`]; the catalog's check forbids such words. If there are more sets.
    #[must_use]
    pub fn new(sets: &[&[Anchor]]) -> Self {
        assert!(sets.len() <= MOST_SETS, "there are at most {MOST_SETS} sets");
        let mut named: Vec<(Cow<'_, [u8]>, bool, bool, u128)> = Vec::with_capacity(sets.iter().map(|set| set.len()).sum());
        for (at, set) in sets.iter().enumerate() {
            for word in *set {
                let bytes = match word.text.as_bytes() {
                    mixed if mixed.iter().any(u8::is_ascii_uppercase) => Cow::Owned(mixed.to_ascii_lowercase()),
                    lower => Cow::Borrowed(lower),
                };
                assert!(bytes.len() >= SHORTEST, "words have at least {SHORTEST} bytes");
                // An end that is no part of a word has nothing to be told apart from.
                let open_before = word.open_before || !is_of_word(bytes[0]);
                let open_behind = word.open_behind || !is_of_word(bytes[bytes.len() - 1]);
                named.push((bytes, open_before, open_behind, 1 << at));
            }
        }
        let words = without_covered(named);
        let mut cost = frequencies().clone();
        let mut bitmap = vec![0_u64; CELLS];
        let mut near = vec![0_u64; NEAR_CELLS];
        let mut holding: Vec<(u32, Hold)> = Vec::with_capacity(words.len() * STRIDE);
        for (at, word) in words.iter().enumerate() {
            let price = |start: usize| {
                (0..STRIDE)
                    .map(|i| u64::from(*cost.get(&stretch(&word.bytes, start + i)).unwrap_or(&1)))
                    .sum::<u64>()
            };
            let rarest = (0..=word.bytes.len() - SHORTEST).min_by_key(|&start| price(start)).unwrap_or(0);
            let bit = near_hash(stretch(&word.bytes, rarest), word.bytes[rarest + STRETCH]);
            near[(bit >> 6) as usize] |= 1 << (bit & 63);
            for start in rarest..rarest + STRIDE {
                let stretch = stretch(&word.bytes, start);
                let bit = hash(stretch);
                bitmap[(bit >> 6) as usize] |= 1 << (bit & 63);
                let (away, beside) = match word.bytes.get(start + STRETCH) {
                    Some(next) => (AFTER, *next),
                    None => (BEFORE, word.bytes[start - 1]),
                };
                let hold = Hold {
                    word: u32::try_from(at).unwrap_or(u32::MAX),
                    start: u16::try_from(start).unwrap_or(u16::MAX),
                    beside: (away, beside | FOLD_BYTE),
                };
                holding.push((stretch, hold));
                // A stretch that is in the bitmap anyway must still not gather too many words.
                *cost.entry(stretch).or_insert(1) += 64;
            }
        }
        holding.sort_by_key(|(stretch, _)| *stretch);
        let mut stretches = HashMap::with_capacity_and_hasher(holding.len(), FxBuildHasher);
        let mut places = Vec::with_capacity(holding.len());
        for (stretch, hold) in holding {
            let start = u32::try_from(places.len()).unwrap_or(u32::MAX);
            places.push(hold);
            stretches.entry(stretch).or_insert((start, start)).1 = start + 1;
        }
        let bitmap = bitmap
            .into_boxed_slice()
            .try_into()
            .unwrap_or_else(|_| unreachable!("the bitmap was made with that many cells"));
        let near = near
            .into_boxed_slice()
            .try_into()
            .unwrap_or_else(|_| unreachable!("the bitmap was made with that many cells"));
        let all = words.iter().fold(0, |all, word| all | word.sets);
        Self {
            words,
            bitmap,
            near,
            stretches,
            places,
            all,
        }
    }

    /// The sets of which a word stands in the bytes: bit `i` for the `i`th.
    #[must_use]
    pub fn sets_in(&self, text: &[u8]) -> u128 {
        self.sets_within(text, |_, from| (from == 0).then_some(0..text.len()))
    }

    /// The sets of which a word stands in one of some parts of the bytes; a part is never cut through a word.
    #[must_use]
    pub fn sets_within(&self, text: &[u8], next: impl Fn(&[u8], usize) -> Option<Range<usize>>) -> u128 {
        let mut found = 0;
        let mut from = 0;
        while found != self.all
            && let Some(part) = next(text, from).filter(|part| part.end > from)
        {
            from = part.end;
            self.scan(text, part, |word| {
                found |= word.sets;
                found != self.all
            });
        }
        found
    }

    /// Calls `hit` for each place of a word in a part of the bytes until it says to stop.
    fn scan(&self, text: &[u8], part: Range<usize>, mut hit: impl FnMut(&Word) -> bool) {
        let mut start = part.start;
        while start < part.end
            && let Some(block) = text.get(start..start + SPAN).and_then(|block| <&[u8; SPAN]>::try_from(block).ok())
        {
            let mut candidates = self.candidates(block);
            while candidates != 0 {
                let position = start + STRIDE * candidates.trailing_zeros() as usize;
                candidates &= candidates - 1;
                if position < part.end && self.may_hold(text, position) && !self.verify(text, position, &mut hit) {
                    return;
                }
            }
            start += BLOCK * STRIDE;
        }
        while start < part.end && start + STRETCH <= text.len() {
            if self.holds(stretch(text, start)) != 0 && !self.verify(text, start, &mut hit) {
                return;
            }
            start += STRIDE;
        }
    }

    /// One bit for each position of a block whose stretch is in the bitmap.
    #[inline]
    fn candidates(&self, block: &[u8; SPAN]) -> u32 {
        let mut found = 0;
        for position in 0..BLOCK {
            let at = position * STRIDE;
            let stretch = u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]) | FOLD;
            found |= self.holds(stretch) << position;
        }
        found
    }

    #[inline]
    fn holds(&self, stretch: u32) -> u32 {
        let bit = hash(stretch);
        u32::from(self.bitmap[(bit >> 6) as usize % CELLS] >> (bit & 63) & 1 != 0)
    }

    /// Whether the byte behind or before the stretch at a position is one that a word has there.
    #[inline]
    fn may_hold(&self, text: &[u8], position: usize) -> bool {
        let holds = |at: usize| {
            text.get(at + STRETCH).is_some_and(|last| {
                let bit = near_hash(stretch(text, at), *last);
                self.near[(bit >> 6) as usize % NEAR_CELLS] >> (bit & 63) & 1 != 0
            })
        };
        holds(position) || position.checked_sub(1).is_some_and(holds)
    }

    /// Compares the words that hold the stretch at a position; says whether to go on.
    #[cold]
    fn verify(&self, text: &[u8], position: usize, hit: &mut impl FnMut(&Word) -> bool) -> bool {
        let Some(&(first, end)) = self.stretches.get(&stretch(text, position)) else {
            return true;
        };
        for hold in &self.places[first as usize..end as usize] {
            let beside = position.checked_add_signed(isize::from(hold.beside.0)).and_then(|at| text.get(at));
            if beside.is_none_or(|byte| byte | FOLD_BYTE != hold.beside.1) {
                continue;
            }
            let word = &self.words[hold.word as usize];
            let begins = position.checked_sub(usize::from(hold.start));
            let stands = begins
                .and_then(|begin| text.get(begin..begin + word.bytes.len()))
                .is_some_and(|there| there.eq_ignore_ascii_case(&word.bytes));
            if stands && begins.is_some_and(|begin| word.stands(text, begin)) && !hit(word) {
                return false;
            }
        }
        true
    }
}

/// Whether a byte can be a part of a word.
const fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether no part of a word stands right before a position. The letter of an escaped line end or tab is none.
fn begins_word(text: &[u8], at: usize) -> bool {
    match &text[..at] {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., before] => !is_of_word(*before),
        [] => true,
    }
}

fn ends_word(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|behind| !is_of_word(*behind))
}

/// Without the words that hold another word of all their sets: where those stand, the other stands too.
fn without_covered(mut named: Vec<(Cow<'_, [u8]>, bool, bool, u128)>) -> Vec<Word> {
    // In the order of the words, so that what is made of equal sets is the same.
    named.sort_unstable();
    named.dedup_by(|later, kept| {
        let same = (&later.0, later.1, later.2) == (&kept.0, kept.1, kept.2);
        if same {
            kept.3 |= later.3;
        }
        same
    });
    let mut by_length: Vec<Word> = named
        .into_iter()
        .map(|(bytes, open_before, open_behind, sets)| Word {
            bytes: bytes.into(),
            open_before,
            open_behind,
            sets,
        })
        .collect();
    // The most open of equal words first: it covers the others.
    by_length.sort_by_key(|word| (word.bytes.len(), !word.open_before, !word.open_behind));
    let mut kept: Vec<Word> = Vec::with_capacity(by_length.len());
    // The words kept so far, by how they begin.
    let mut beginning: HashMap<[u8; SHORTEST], Vec<usize>, FxBuildHasher> = HashMap::default();
    for mut word in by_length {
        for (start, head) in word.bytes.windows(SHORTEST).enumerate() {
            let shorter = <[u8; SHORTEST]>::try_from(head).ok().and_then(|head| beginning.get(&head));
            for other in shorter.into_iter().flatten().map(|&at| &kept[at]) {
                let end = start + other.bytes.len();
                let stands_wherever = |word: &Word| {
                    (other.open_before
                        || if start == 0 {
                            !word.open_before
                        } else {
                            begins_word(&word.bytes, start)
                        })
                        && (other.open_behind
                            || if end == word.bytes.len() {
                                !word.open_behind
                            } else {
                                ends_word(&word.bytes, end)
                            })
                };
                if word.bytes[start..].starts_with(&other.bytes) && stands_wherever(&word) {
                    word.sets &= !other.sets;
                }
            }
        }
        if word.sets != 0 {
            if let Some(head) = word.bytes.first_chunk::<SHORTEST>() {
                beginning.entry(*head).or_default().push(kept.len());
            }
            kept.push(word);
        }
    }
    kept
}

/// The folded stretch at a position.
fn stretch(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + STRETCH).and_then(|four| <[u8; STRETCH]>::try_from(four).ok());
    u32::from_le_bytes(four.unwrap_or_default()) | FOLD
}

#[inline]
const fn hash(stretch: u32) -> u32 {
    stretch.wrapping_mul(0x9E37_79B1) >> (32 - BITS)
}

#[inline]
const fn near_hash(stretch: u32, last: u8) -> u32 {
    let five = stretch as u64 | ((last | FOLD_BYTE) as u64) << 32;
    (five.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - NEAR_BITS)) as u32
}

/// How often common stretches stand in 10^8 bytes of code; the others count as once.
fn frequencies() -> &'static HashMap<u32, u32, FxBuildHasher> {
    static FREQUENCIES: LazyLock<HashMap<u32, u32, FxBuildHasher>> = LazyLock::new(read_frequencies);
    &FREQUENCIES
}

fn read_frequencies() -> HashMap<u32, u32, FxBuildHasher> {
    let mut frequencies = HashMap::default();
    let mut often = 1;
    for line in COMMON.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix(' ') {
            Some(stretches) => {
                for four in stretches.as_bytes().chunks_exact(STRETCH) {
                    let four: Vec<u8> = four.iter().map(|&byte| if byte == b'~' { b' ' } else { byte }).collect();
                    frequencies.insert(stretch(&four, 0), often);
                }
            }
            None => often = line.trim().parse().unwrap_or(often),
        }
    }
    frequencies
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stands(words: &[Anchor], text: &[u8]) -> bool {
        words.iter().any(|word| {
            let is_here = |begin: usize| {
                let end = begin + word.text.len();
                let is_part = |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
                let escaped = text[..begin].ends_with(b"\\n");
                let before = is_part(begin.checked_sub(1).and_then(|at| text.get(at))) && is_part(word.text.as_bytes().first());
                let behind = is_part(text.get(end)) && is_part(word.text.as_bytes().last());
                text.get(begin..end)
                    .is_some_and(|there| there.eq_ignore_ascii_case(word.text.as_bytes()))
                    && (word.open_before || escaped || !before)
                    && (word.open_behind || !behind)
            };
            (0..text.len()).any(is_here)
        })
    }

    fn word(text: String, (open_before, open_behind): (bool, bool)) -> Anchor {
        Anchor {
            text,
            open_before,
            open_behind,
        }
    }

    proptest! {
        /// Few letters, so that words overlap, repeat and share their stretches.
        #[test]
        fn it_finds_what_a_naive_search_finds(
            sets in proptest::collection::vec(proptest::collection::vec(("[abA_@.-]{5,9}", any::<(bool, bool)>()), 0..9), 0..5),
            text in "[abA_@.`\u{7f}-]{0,300}|([ab_.]|\\\\n){0,200}",
        ) {
            let sets: Vec<Vec<Anchor>> = sets.into_iter().map(|set| set.into_iter().map(|(text, open)| word(text, open)).collect()).collect();
            let sets: Vec<&[Anchor]> = sets.iter().map(Vec::as_slice).collect();
            let found = Prefilter::new(&sets).sets_in(text.as_bytes());
            for (at, set) in sets.iter().enumerate() {
                prop_assert_eq!(found & (1 << at) != 0, stands(set, text.as_bytes()), "set {}", at);
            }
        }

        /// Lines that begin with `@` are searched and others are not: what is found is what stands in those lines.
        #[test]
        fn it_searches_parts_only(
            sets in proptest::collection::vec(proptest::collection::vec(("[abA_@.-]{5,9}", any::<(bool, bool)>()), 0..9), 0..5),
            lines in proptest::collection::vec("@?[abA_.-]{0,60}", 0..12),
        ) {
            let sets: Vec<Vec<Anchor>> = sets.into_iter().map(|set| set.into_iter().map(|(text, open)| word(text, open)).collect()).collect();
            let sets: Vec<&[Anchor]> = sets.iter().map(Vec::as_slice).collect();
            let next = |text: &[u8], from: usize| {
                let start = from + text[from..].iter().position(|byte| *byte == b'@')?;
                let length = text[start..].iter().position(|byte| *byte == b'\n').unwrap_or(text.len() - start);
                Some(start..start + length)
            };
            let found = Prefilter::new(&sets).sets_within(lines.join("\n").as_bytes(), next);
            for (at, set) in sets.iter().enumerate() {
                let stands = lines.iter().filter(|line| line.starts_with('@')).any(|line| stands(set, line.as_bytes()));
                prop_assert_eq!(found & (1 << at) != 0, stands, "set {}", at);
            }
        }

        #[test]
        fn it_finds_words_wherever_they_stand(word in "[ -~]{5,12}", before in proptest::collection::vec(any::<u8>(), 0..80), after in proptest::collection::vec(any::<u8>(), 0..80)) {
            let filter = Prefilter::new(&[[Anchor::part(word.as_str())].as_slice()]);
            let text = [before, word.to_ascii_uppercase().into_bytes(), after].concat();
            prop_assert_eq!(filter.sets_in(&text), 1);
        }
    }

    #[test]
    fn a_word_that_stands_alone_is_no_part_of_another() {
        let filter = Prefilter::new(&[&[Anchor::whole("river")], &[Anchor::beginning("cohere")], &[Anchor::part("-bison")]]);
        for (text, found) in [
            ("pip install river", 0b001),
            ("River==0.21", 0b001),
            ("{\"run\": \"\\nriver\"}", 0b001),
            ("a driver of an_river", 0),
            ("rivers, river_x and river2", 0),
            ("coherent incoherent", 0b010),
            ("incoherent", 0),
            ("text-bison@001", 0b100),
        ] {
            assert_eq!(filter.sets_in(text.as_bytes()), found, "{text}");
        }
    }

    #[test]
    fn common_stretches_are_known() {
        let frequencies = frequencies();
        assert!(frequencies.len() > 5000);
        assert!(frequencies[&stretch(b"name", 0)] > 10_000);
    }
}
