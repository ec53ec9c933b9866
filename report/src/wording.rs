//! Numbers, lists and foreign text as people read them. Knows no markup and no colour.

use std::borrow::Cow;

use inventory::findings::accept::Accepted;
use inventory::{Classification, Component, Moment, Owner, People, System};

/// That something was accepted: why, until when, and where that was said.
pub(crate) fn accepted(accepted: &Accepted) -> String {
    let until = accepted.until.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
    format!("{}{until} ({})", accepted.reason, accepted.source)
}

/// A number with a comma between thousands.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 file`, `2 files`, `3 entries`.
pub(crate) fn count(value: usize, singular: &str) -> String {
    format!("{} {}", number(value as u64), plural(value, singular))
}

/// The noun alone, in the form the number asks for.
pub(crate) fn plural(value: usize, singular: &str) -> Cow<'_, str> {
    if value == 1 {
        return Cow::Borrowed(singular);
    }
    match singular.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => Cow::Owned(format!("{stem}ies")),
        _ => Cow::Owned(format!("{singular}s")),
    }
}

/// The first names of a list, and how many more there are.
pub(crate) fn list(names: &[&str], most: usize) -> String {
    let shown = names
        .iter()
        .take(most)
        .map(|name| visible(name).into_owned())
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        left => format!("{shown} and {} more", number(left as u64)),
    }
}

/// The day of a commit, and that it may have been earlier.
pub(crate) fn moment(moment: &Moment) -> String {
    let when = if moment.at_or_before { "at or before " } else { "" };
    format!("{when}{}", day(&moment.date))
}

/// The days on which a component came into its files and was last changed there.
pub(crate) fn history(component: &Component) -> Option<String> {
    match (&component.introduced, &component.last_touched) {
        (None, None) => None,
        (Some(introduced), None) => Some(format!("introduced {}", moment(introduced))),
        (None, Some(touched)) => Some(format!("last touched {}", moment(touched))),
        (Some(introduced), Some(touched)) => Some(format!("introduced {}, last touched {}", moment(introduced), moment(touched))),
    }
}

/// What people decided about a system's fields and tier, each with who decided and when; what has to be decided again says why.
pub(crate) fn decisions(system: &System) -> impl Iterator<Item = (&str, String)> {
    let about = |subject: &str| subject.starts_with("field/") || subject == "tier";
    let decided = system.standing.decisions.iter().filter(move |(subject, _)| about(subject));
    decided.map(|(subject, held)| {
        let again = if held.stands() {
            String::new()
        } else {
            format!("; look again: {}", held.reopened.join("; "))
        };
        let label = subject.strip_prefix("field/").unwrap_or(subject);
        (label, format!("{} ({}, {}{again})", held.value, held.by, day(&held.at)))
    })
}

/// What names an owner, how sure that is, and for how many places it speaks.
pub(crate) fn standing(owner: &Owner) -> String {
    format!(
        "{}, {} confidence, {}",
        owner.source.label(),
        owner.confidence,
        count(owner.places, "place")
    )
}

/// How many people stand behind a system.
pub(crate) fn people(people: &People) -> Option<String> {
    let parts: Vec<String> = [
        (people.authors, "author", "of the evidence lines"),
        (people.maintainers, "maintainer", "named by a manifest"),
        (people.code_owners, "code owner", "named one by one"),
        (people.catalogued, "owner", "named by a catalogue"),
        (people.tagged, "owner", "named by a tag"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, who, of)| format!("{} {of}", count(number, who)))
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The day of an RFC 3339 time; other text as it is.
pub(crate) fn day(time: &str) -> &str {
    match time.split_once('T') {
        Some((day, _)) if day.len() == 10 && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => day,
        _ => time,
    }
}

/// The day and minute of an RFC 3339 time in UTC; other text as it is.
pub(crate) fn minute(time: &str) -> String {
    match time.split_once('T') {
        Some((_, clock)) if day(time).len() == 10 && clock.is_ascii() && clock.len() > 5 && time.ends_with('Z') => {
            format!("{} {} UTC", day(time), &clock[..5])
        }
        _ => time.to_owned(),
    }
}

/// Bytes in the largest unit that leaves a whole number of some size.
pub(crate) fn bytes(value: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut rest = value;
    let mut unit = 0;
    while rest >= 10 * 1024 && unit + 1 < UNITS.len() {
        rest /= 1024;
        unit += 1;
    }
    format!("{} {}", number(rest), UNITS[unit])
}

/// The tier interval in words: `limited … high`, or one word where nothing is open.
pub(crate) fn interval(classification: &Classification) -> String {
    if classification.floor == classification.ceiling {
        classification.ceiling.to_string()
    } else {
        format!("{} … {}", classification.floor, classification.ceiling)
    }
}

/// Text from a scanned place with everything written out that could steer a terminal, hide, or turn the reading order.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if steers(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character acts on its surroundings instead of being read: controls, marks of direction, invisible ones,
/// and the two that no XML may hold.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_nouns_read_well() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "vector database"), "1 vector database");
        assert_eq!(count(2, "entry"), "2 entries");
        assert_eq!(count(0, "day"), "0 days");
        assert_eq!(bytes(10_239), "10,239 bytes");
        assert_eq!(bytes(50 * 1024 * 1024), "50 MiB");
    }

    #[test]
    fn times_are_cut_only_where_they_are_times() {
        assert_eq!(day("2026-11-20T09:41:07Z"), "2026-11-20");
        assert_eq!(minute("2026-11-20T09:41:07Z"), "2026-11-20 09:41 UTC");
        assert_eq!(day("yesterday"), "yesterday");
        assert_eq!(minute("2026-11-20Té"), "2026-11-20Té");
    }

    #[test]
    fn lists_say_how_much_they_leave_out() {
        assert_eq!(list(&["a", "b"], 3), "a, b");
        assert_eq!(list(&["a", "b", "c", "d"], 2), "a, b and 2 more");
        assert_eq!(list(&[], 2), "");
    }

    #[test]
    fn nothing_that_steers_a_terminal_survives() {
        assert_eq!(visible("a\x1b[31mb\r\n\u{9b}2J"), "a\\u{1b}[31mb\\r\\n\\u{9b}2J");
        assert_eq!(visible("safe\u{202e}txt.exe"), "safe\\u{202e}txt.exe");
    }

    #[test]
    fn ordinary_text_of_any_language_stays_as_it_is() {
        for text in ["src/app.py", "données/été.ts", "モデル/設定.json", "नमस्ते", "👩‍💻/bot"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }
}
