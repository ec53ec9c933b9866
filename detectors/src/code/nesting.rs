//! What a text may ask of a recursive parser that has no limits of its own: stack, and the time for trying one reading after the other.
//! Too little stack would end the whole process, so its bound rests on no understanding of the text: whatever can begin something that
//! stands inside something else counts, wherever it stands, and nothing ends it.

/// Most units of stack that the parser of one text is given. Memory is taken only as far as the parser goes down.
const MOST_UNITS: usize = 2 << 20;
/// Stack for what does not depend on the text.
const GROUND: usize = 256 << 10;
/// Bytes of stack a unit; without optimisation frames are larger.
const UNIT: usize = if cfg!(debug_assertions) { 1024 } else { 256 };

/// What a byte may add at most, in units: a bracket leads through all kinds of expressions down to the next one, an operator or a word
/// only through some of them, and two quotes hold a text between operators that are words.
const BRACKET: u8 = 12;
const OPERATOR: u8 = 3;
const QUOTE: u8 = 1;

/// The units of each byte.
static UNITS: [u8; 256] = units_of_bytes();
/// What a word adds with a blank behind it, as what follows may stand inside: `new new a`.
const WORD: usize = 3;

/// Units of time after which a text counts as one that takes forever.
const MOST_TRIES: u64 = 1 << 26;
/// What a parenthesis costs for each bracket around it: it is first read as the parameters of a function.
const PARENTHESIS: u64 = 8;
/// What a `<` costs for each one before it that is open still: it may end the type arguments of all of them.
const LESS: u64 = 4;
/// How often each `<` is read that stands inside others, as a power of 2: as the begin of type arguments and as "less than".
const READINGS: u32 = 2;

const fn units_of_bytes() -> [u8; 256] {
    let mut units = [0; 256];
    let mut at = 0;
    while at < 128 {
        units[at] = match at as u8 {
            b'(' | b'[' | b'{' | b'<' => BRACKET,
            b'"' | b'\'' => QUOTE,
            b')' | b']' | b'}' | b',' | b';' | b'_' | b'$' | b'\\' => 0,
            other if other.is_ascii_punctuation() => OPERATOR,
            _ => 0,
        };
        at += 1;
    }
    // Blanks beyond ASCII begin with one of these.
    let wide = [0xC2, 0xE1, 0xE2, 0xE3, 0xEF];
    let mut at = 0;
    while at < wide.len() {
        units[wide[at]] = OPERATOR;
        at += 1;
    }
    units
}

/// Lets a recursive parser, and what walks over its tree, read a text on enough stack; nothing if the text asks for too much.
pub(super) fn on_enough_stack<T>(text: &str, parse: impl FnOnce() -> T) -> Option<T> {
    let units = units(text);
    let stack = GROUND + units * UNIT;
    (units <= MOST_UNITS).then(|| stacker::maybe_grow(stack, stack, parse))
}

/// The units of stack that a text may ask for.
fn units(text: &str) -> usize {
    let mut units = 0;
    let mut was_letter = false;
    for &byte in text.as_bytes() {
        units += usize::from(UNITS[usize::from(byte)]);
        units += WORD * usize::from(was_letter & byte.is_ascii_whitespace());
        was_letter = byte.is_ascii_alphabetic();
    }
    units
}

/// Whether a parser that tries one reading after the other may not come to an end with a text, if it takes a `<` for the begin of type
/// arguments or not. Brackets in texts are taken for brackets of the code.
pub(super) fn takes_forever(text: &str, has_type_arguments: bool) -> bool {
    let bytes = text.as_bytes();
    let mut around: Vec<Level> = Vec::new();
    let mut here = GROUND_LEVEL;
    let (mut tries, mut readings) = (0_u64, 0);
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => {
                around.push(here);
                here = Level::begun_by(byte, if at > 0 { bytes[at - 1] } else { 0 });
                if byte == b'(' {
                    tries += PARENTHESIS * around.len() as u64;
                }
            }
            b')' | b']' if here.bracket == opening(byte) => {
                readings -= here.readings();
                here = around.pop().unwrap_or(GROUND_LEVEL);
            }
            // What stands in texts may open round and square brackets that nothing closes; with a block they end.
            b'}' => {
                while !around.is_empty() {
                    let ended = std::mem::replace(&mut here, around.pop().unwrap_or(GROUND_LEVEL));
                    readings -= ended.readings();
                    if ended.bracket == b'{' {
                        break;
                    }
                }
            }
            b';' => {
                readings -= here.readings();
                here.less = 0;
            }
            b'<' if has_type_arguments => {
                readings -= here.readings();
                here.less += 1;
                readings += here.readings();
                tries += (LESS * u64::from(here.less)) << readings.min(u64::BITS / 2);
            }
            // Neither `=>` nor `>=` closes anything.
            b'>' if here.less > 0 && bytes[at - 1] != b'=' && bytes.get(at + 1) != Some(&b'=') => {
                readings -= here.readings();
                here.less -= 1;
                readings += here.readings();
            }
            _ => continue,
        }
        if tries > MOST_TRIES {
            return true;
        }
    }
    false
}

/// What stands in no brackets.
const GROUND_LEVEL: Level = Level {
    bracket: 0,
    has_expressions: true,
    less: 0,
};

/// What opens what a round or square bracket closes.
fn opening(bracket: u8) -> u8 {
    if bracket == b')' { b'(' } else { b'[' }
}

/// What stands between two brackets.
#[derive(Clone, Copy)]
struct Level {
    bracket: u8,
    /// Whether expressions stand in it, also where a type is read: of the members of a type, none is read twice.
    has_expressions: bool,
    /// How many `<` are open in it.
    less: u32,
}

impl Level {
    fn begun_by(bracket: u8, before: u8) -> Self {
        Self {
            bracket,
            has_expressions: bracket != b'{' || before == b'$',
            less: 0,
        }
    }

    /// How often what stands inside is read for its sake, as a power of 2.
    fn readings(self) -> u32 {
        READINGS * u32::from(self.has_expressions && self.less > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_is_enough_whatever_closes_brackets() {
        // A closing bracket inside a text closes nothing, so none counts.
        let open = units(&"(')',".repeat(1_000));
        assert!(open >= 1_000 * usize::from(BRACKET), "{open}");
        assert_eq!(units("abc, def; 12_000"), 0);
        for (text, least) in [("new new a", 2 * WORD), ("do\ndo\n", 2 * WORD), ("new\u{a0}new\u{a0}a", 2 * WORD)] {
            assert!(units(text) >= least, "{text:?}");
        }
    }

    #[test]
    fn a_text_that_asks_for_too_much_is_not_parsed() {
        assert_eq!(on_enough_stack("a(b)", || 1), Some(1));
        assert_eq!(on_enough_stack(&"(".repeat(MOST_UNITS), || 1), None);
    }

    #[test]
    fn what_would_be_read_for_ever_is_told_from_what_is_long() {
        for (text, type_arguments) in [
            ("({[a<".repeat(20), true),
            ("(a=1<(".repeat(20), true),
            ("<{[infer `${new ".repeat(20), true),
            ("a<".repeat(10_000), true),
            ("(a=".repeat(10_000), false),
        ] {
            assert!(takes_forever(&text, type_arguments), "{}", &text[..20]);
        }
        for text in [
            "if (a < b && c > d) { e(f => g < h) }\n".repeat(10_000),
            "let a: Map<string, Map<string, [Set<{ a: Array<B<C>> }>, number]>> = f<A, B>(x);\n".repeat(10_000),
            "{ id: 1, name: '(a', of: [[1, '[']], to: ':)' },\n".repeat(10_000),
            "<A b={() => <B c={d}>e < f</B>} />;\n".repeat(10_000),
        ] {
            assert!(!takes_forever(&text, true), "{}", &text[..20]);
        }
    }
}
