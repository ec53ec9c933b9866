//! Which paragraph of a README says what the project is: the first that says so in words for it, else the first that is no notice
//! about the repository and asks nothing of its reader.

/// Lines within which it stands: what introduces a project stands at the top.
const TOP: u32 = 60;
/// Lines behind the first candidate within which a better one counts.
const NEAR: u32 = 25;
/// Words that make a paragraph a sentence without a full stop.
const A_SENTENCE: usize = 6;
/// Words that make one with a full stop.
const A_SHORT_SENTENCE: usize = 4;
/// A subject is not longer than so many words.
const A_SUBJECT: usize = 8;

/// Words by which a paragraph speaks of the repository and its state, of its pictures and its licence, or to its reader.
const NOTICES: &[&str] = &[
    "archived",
    "read-only",
    "no longer maintained",
    "not maintained",
    "unmaintained",
    "seeking co-maintainers",
    "deprecated",
    "has moved",
    "moved to",
    "is moving to",
    "superseded by",
    "succeeded by",
    "has been stopped",
    "end of life",
    "pull request",
    "fork the repository",
    "removed from this",
    "full rewrite",
    "copyright",
    "spdx-",
    "designed by",
    "generated from",
    "readme.md",
    "star us",
    "star it",
    "on github",
    "⭐",
    ":star:",
    "sponsor",
    "patreon",
    "join us",
    "join our",
    "discord",
    "follow us",
    "survey",
    "testflight",
    "your feedback",
    "learn more",
    "check out",
    "click here",
    "now available",
    "demo is available",
    "not for production",
    "reach out",
    "you can download",
    "docs are located",
    "href=",
    "⚠",
    ":warning:",
    "under active development",
    "migrated",
    "strongly advise",
];

/// What follows an `is` that says what something is like or where it is, not what it is.
const NO_KIND: &[&str] = &[
    "not",
    "no",
    "now",
    "available",
    "under",
    "in",
    "on",
    "at",
    "also",
    "being",
    "currently",
    "still",
    "here",
    "located",
    "welcome",
    "hosted",
    "better",
    "possible",
];

/// Verbs that follow what a sentence is about when it says what that does.
const DOES: &[&str] = &[
    "provides",
    "helps",
    "lets",
    "allows",
    "enables",
    "offers",
    "turns",
    "brings",
    "makes",
    "gives",
    "generates",
    "learns",
    "detects",
    "integrates",
    "adds",
    "replaces",
    "contains",
    "takes",
    "aims",
    "implements",
    "manages",
    "automates",
    "combines",
    "includes",
    "deploys",
    "installs",
];

/// The line of the paragraph that introduces the project, of paragraphs with their lines.
pub(super) fn choose<'p>(paragraphs: impl Iterator<Item = (u32, &'p str)>) -> Option<u32> {
    let mut candidates = paragraphs
        .take_while(|(line, _)| *line <= TOP)
        .filter(|(_, paragraph)| is_sentence(paragraph) && !is_notice(paragraph));
    let (first, paragraph) = candidates.next()?;
    if defines(paragraph) {
        return Some(first);
    }
    let better = candidates
        .take_while(|(line, _)| *line <= first + NEAR)
        .find(|(_, paragraph)| defines(paragraph));
    Some(better.map_or(first, |(line, _)| line))
}

/// Whether a paragraph is a sentence and no row of links.
fn is_sentence(paragraph: &str) -> bool {
    let words = paragraph.split_whitespace().count();
    let is_row = paragraph.contains(['·', '|', '•', '→', '∙']) || paragraph.contains("](");
    !is_row && (words >= A_SENTENCE || words >= A_SHORT_SENTENCE && paragraph.ends_with(['.', '!', '。']))
}

/// Whether a paragraph begins with a notice.
fn is_notice(paragraph: &str) -> bool {
    let first = paragraph.split_inclusive(['.', '!', '?', ':']).scan(0, |words, sentence| {
        let is_first = *words < A_SHORT_SENTENCE;
        *words += sentence.split_whitespace().count();
        is_first.then_some(sentence)
    });
    let lower = first.collect::<String>().to_lowercase();
    NOTICES.iter().any(|word| lower.contains(word))
}

/// Whether a paragraph begins as a definition does: `A tool for …`, `Acme is a …`, `Acme helps …`, `This package …`.
fn defines(paragraph: &str) -> bool {
    let lower = paragraph.to_lowercase();
    let words: Vec<&str> = lower
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .take(A_SUBJECT + 2)
        .collect();
    let [first, second, ..] = words.as_slice() else { return false };
    if matches!(*first, "a" | "an") || *first == "this" && *second != "document" {
        return true;
    }
    let is =
        |pair: &[&str]| matches!(pair, [_, "is" | "are", kind] if !NO_KIND.contains(kind)) && !matches!(pair[0], "you" | "we" | "they");
    let does = |word: &&str| DOES.contains(word);
    words.windows(3).take(A_SUBJECT).any(is) || words.iter().skip(1).take(A_SUBJECT).any(does)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_what_the_project_is_comes_before_what_stands_first() {
        let chosen = |paragraphs: &[&str]| {
            let at = choose((1..).zip(paragraphs.iter().copied()))?;
            Some(paragraphs[at as usize - 1].to_owned())
        };
        for paragraphs in [
            &["Peace of mind from the first day.", "Acme is a tool that draws graphs of money."][..],
            &["A small server for the pictures of a family.", "It is a work of many."],
            &["The work of ten years and more.", "Acme helps teams to answer what customers ask."],
            &["Sehr schnell und immer wieder neu.", "This package reads what others wrote."],
        ] {
            let wanted = paragraphs.iter().find(|paragraph| defines(paragraph)).map(|one| (*one).to_owned());
            assert!(wanted.is_some() && chosen(paragraphs) == wanted, "{paragraphs:?}");
        }
        assert_eq!(
            chosen(&["Alles fuer Bilder von Menschen und Tieren."]).as_deref(),
            Some("Alles fuer Bilder von Menschen und Tieren.")
        );
    }

    #[test]
    fn what_stands_far_below_introduces_nothing() {
        let paragraph = "Acme is a tool that draws graphs of money.";
        assert_eq!(choose([(TOP + 1, paragraph)].into_iter()), None);
        let first = (3, "Peace of mind from the first day.");
        assert_eq!(choose([first, (4 + NEAR, paragraph)].into_iter()), Some(3));
        assert_eq!(choose([first, (3 + NEAR, paragraph)].into_iter()), Some(3 + NEAR));
    }

    #[test]
    fn notices_rows_of_links_and_calls_to_the_reader_introduce_nothing() {
        for other in [
            "This repository will be archived and marked as read-only in May.",
            "SPDX-FileCopyrightText: 2018 the authors of this and contributors",
            "Mockup designed by the people of the studio",
            "Help us grow and star us on Github!",
            "If you like this sample, star it, it helps a lot!",
            "Join our new official community on Discord for help.",
            "[Cloud](a) and [Self host](b) and [Demo](c) and more",
            "Home | Docs | Blog | Chat | Jobs | About",
            "Three words only",
        ] {
            assert_eq!(choose([(1, other)].into_iter()), None, "{other}");
        }
    }
}
