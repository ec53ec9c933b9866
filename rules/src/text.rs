//! Text as words, the way phrases are compared with it: names such as `CvScreening` fall apart, sentences are kept apart.

use std::fmt::Write;

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'t> {
    /// As it is written.
    pub text: &'t str,
    /// Where it begins, in bytes.
    pub at: usize,
    /// The number of its sentence, heading or bullet.
    pub sentence: u32,
    /// The number of its clause: what commas, colons and brackets part.
    pub clause: u32,
}

/// The words of a text: `CvScreening/job_applicants2` reads `Cv`, `Screening`, `job`, `applicants`, `2`.
pub fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut letters = text.char_indices().peekable();
    let (mut sentence, mut clause) = (0, 0);
    // The last two characters tell where sentences end.
    let (mut earlier, mut before) = (' ', ' ');
    let mut pending: Option<usize> = None;
    let mut is_done = false;
    std::iter::from_fn(move || {
        while !is_done {
            let Some((at, c)) = letters.next() else {
                is_done = true;
                return pending.take().map(|start| Word {
                    text: &text[start..],
                    at: start,
                    sentence,
                    clause,
                });
            };
            let begins = c.is_uppercase()
                && (before.is_lowercase() || before.is_uppercase() && letters.peek().is_some_and(|(_, next)| next.is_lowercase()))
                || c.is_numeric() != before.is_numeric();
            let ended = if begins || !c.is_alphanumeric() { pending.take() } else { None };
            let word = ended.map(|start| Word {
                text: &text[start..at],
                at: start,
                sentence,
                clause,
            });
            if c.is_alphanumeric() {
                pending.get_or_insert(at);
            } else {
                let is_dash = |c| matches!(c, '-' | '–' | '—');
                let ends_sentence = matches!(c, '\n' | '\r' | '•' | '|' | '·')
                    || c.is_whitespace() && (matches!(before, '.' | '!' | '?') || is_dash(before) && earlier.is_whitespace());
                if ends_sentence {
                    sentence += 1;
                }
                if ends_sentence || matches!(c, ',' | ';' | ':' | '(' | ')') {
                    clause += 1;
                }
            }
            (earlier, before) = (before, c);
            if word.is_some() {
                return word;
            }
        }
        None
    })
}

/// Appends a word in lower case and without accents, so that `Prüfung`, `prufung` and `PRÜFUNG` are one.
pub fn fold(word: &str, out: &mut String) {
    if word.is_ascii() {
        out.extend(word.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
        return;
    }
    for c in word.chars().flat_map(char::to_lowercase) {
        match c {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => out.push('a'),
            'ç' | 'ć' | 'č' => out.push('c'),
            'ď' | 'đ' => out.push('d'),
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => out.push('e'),
            'ì' | 'í' | 'î' | 'ï' | 'ī' => out.push('i'),
            'ł' => out.push('l'),
            'ñ' | 'ń' | 'ň' => out.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => out.push('o'),
            'ř' => out.push('r'),
            'ś' | 'š' | 'ş' => out.push('s'),
            'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => out.push('u'),
            'ý' | 'ÿ' => out.push('y'),
            'ź' | 'ż' | 'ž' => out.push('z'),
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            // Accents that are written apart from their letter.
            '\u{300}'..='\u{36f}' => {}
            other => {
                let _ = out.write_char(other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> String {
        words(text).map(|word| word.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_fall_apart_and_prose_does_not() {
        for (text, apart) in [
            ("CvScreening/job_applicants2.py", "Cv Screening job applicants 2 py"),
            ("HTTPServer-v2", "HTTP Server v 2"),
            ("1:1 face match.", "1 1 face match"),
            ("l’aide d'un modèle", "l aide d un modèle"),
            ("", ""),
            ("---", ""),
        ] {
            assert_eq!(split(text), apart, "{text}");
        }
    }

    #[test]
    fn sentences_and_clauses_are_told_apart() {
        let of = |text: &str| words(text).map(|word| (word.sentence, word.clause)).collect::<Vec<_>>();
        assert_eq!(of("One two. Three, four"), [(0, 0), (0, 0), (1, 1), (1, 2)]);
        assert_eq!(of("v2.0 runs"), [(0, 0), (0, 0), (0, 0), (0, 0)]);
        assert_eq!(of("Goal - speed"), [(0, 0), (1, 1)]);
        assert_eq!(of("real-time"), [(0, 0), (0, 0)]);
    }

    #[test]
    fn accents_and_case_do_not_count() {
        let folded = |word: &str| {
            let mut out = String::new();
            fold(word, &mut out);
            out
        };
        assert_eq!(folded("PRÜFUNG"), "prufung");
        assert_eq!(folded("Straße"), "strasse");
        assert_eq!(folded("e\u{301}tude"), folded("étude"));
    }

    proptest! {
        #[test]
        fn words_are_slices_of_the_text_in_order(text in "\\PC{0,80}") {
            let mut end = 0;
            for word in words(&text) {
                prop_assert!(word.at >= end && !word.text.is_empty());
                prop_assert_eq!(&text[word.at..word.at + word.text.len()], word.text);
                prop_assert!(word.text.chars().all(char::is_alphanumeric));
                end = word.at + word.text.len();
            }
        }
    }
}
