//! Phrases as they are written in a concept, taken apart.

use crate::text;

/// Words a `..` may stand for.
pub(super) const WIDEST_GAP: usize = 5;

/// Phrases one written phrase may stand for.
const MOST_ALTERNATIVES: usize = 2_000;

/// A phrase without alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    pub(super) pieces: Vec<Piece>,
}

/// A part of a phrase.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Piece {
    /// This word.
    Exact(String),
    /// A word that begins so.
    Begins(String),
    /// A word that ends so.
    Ends(String),
    /// A word in which this stands.
    Holds(String),
    /// Some words of the same sentence.
    Gap,
}

impl Phrase {
    /// The phrases that a written one stands for.
    pub(super) fn parse(written: &str) -> Result<Vec<Self>, String> {
        let mut phrases = Vec::new();
        for plain in alternatives(written)? {
            let pieces: Vec<Piece> = plain.split_whitespace().map(piece).collect::<Result<_, _>>()?;
            if !matches!((pieces.first(), pieces.last()), (Some(first), Some(last)) if *first != Piece::Gap && *last != Piece::Gap) {
                return Err("begins or ends with nothing".to_owned());
            }
            phrases.push(Self { pieces });
        }
        Ok(phrases)
    }
}

/// A phrase with each of its `(a|b)` written out.
fn alternatives(written: &str) -> Result<Vec<String>, String> {
    let mut done = Vec::new();
    let mut open = vec![written.to_owned()];
    while let Some(next) = open.pop() {
        let Some((before, behind)) = next.split_once('(') else {
            if next.contains([')', '|']) {
                return Err("has a `|` or `)` outside brackets".to_owned());
            }
            done.push(next);
            continue;
        };
        let (inside, after) = behind.split_once(')').ok_or("has a bracket that does not close")?;
        if inside.contains('(') {
            return Err("has brackets in brackets".to_owned());
        }
        open.extend(inside.split('|').map(|one| format!("{before}{one}{after}")));
        if open.len() + done.len() > MOST_ALTERNATIVES {
            return Err("stands for too many phrases".to_owned());
        }
    }
    done.reverse();
    Ok(done)
}

fn piece(written: &str) -> Result<Piece, String> {
    if written == ".." {
        return Ok(Piece::Gap);
    }
    let inner = written.strip_prefix('*').unwrap_or(written);
    let inner = inner.strip_suffix('*').unwrap_or(inner);
    let is_one_word =
        !inner.is_empty() && inner.chars().all(|c| c.is_alphanumeric() && !c.is_uppercase()) && text::words(inner).count() == 1;
    if !is_one_word {
        return Err(format!(
            "has `{written}`; phrases are lower-case words that stand apart, letters apart from digits"
        ));
    }
    let mut folded = String::new();
    text::fold(inner, &mut folded);
    Ok(match (written.starts_with('*'), written.ends_with('*')) {
        (false, false) => Piece::Exact(folded),
        (false, true) => Piece::Begins(folded),
        (true, false) => Piece::Ends(folded),
        (true, true) => Piece::Holds(folded),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_written_out() {
        assert_eq!(alternatives("(face|iris) (match*|scan*)").expect("is well-formed").len(), 4);
        let phrases = Phrase::parse("Prüf* .. *antrag*");
        assert!(phrases.is_err(), "capitals");
        let phrases = Phrase::parse("prüf* .. *antrag*").expect("is well-formed");
        assert_eq!(
            phrases[0].pieces,
            [Piece::Begins("pruf".into()), Piece::Gap, Piece::Holds("antrag".into())]
        );
    }

    #[test]
    fn what_has_no_form_is_named() {
        for (written, wrong) in [
            ("(a|b", "close"),
            ("a|b", "outside"),
            ("a)", "outside"),
            ("((a))", "brackets in brackets"),
            (".. a", "nothing"),
            ("", "nothing"),
            ("x-ray", "stand apart"),
            ("pm2", "apart"),
            ("*", "lower-case"),
        ] {
            let error = Phrase::parse(written).expect_err(written);
            assert!(error.contains(wrong), "{written}: {error}");
        }
    }
}
