//! Pictures as inline SVG for the pages: drawn from numbers and names, the same bytes for the same input, without script or style of
//! their own (`picture/picture.css` stands in the style of the page). Every picture tells itself in its title, shows nothing by colour alone, and has a table behind it with all that it left out.

pub(crate) mod controls;
pub(crate) mod map;
pub(crate) mod tiers;
pub(crate) mod trend;

use std::collections::BTreeMap;

use inventory::System;

use crate::html::markup::{put, text};
use crate::overview::name_of;
use crate::text::columns;
use crate::wording::visible;

/// Width of every picture in its own units; a page draws it as wide as there is room.
pub(crate) const WIDTH: usize = 840;
/// Size of the letters, in the same units.
const LETTERS: usize = 14;

/// A picture with what it tells in words, and a caption.
pub(crate) fn figure(id: &str, title: &str, height: usize, drawing: &str, caption: &str) -> String {
    let mut out = String::with_capacity(drawing.len() + 512);
    put!(
        &mut out,
        "<figure class=\"picture\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Picture\">\
         <svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"p-{id}\"><title id=\"p-{id}\">{}</title>\n",
        text(title)
    );
    out.push_str(drawing);
    out.push_str("</svg></div>\n");
    if !caption.is_empty() {
        put!(&mut out, "<figcaption class=\"fine\">{}</figcaption>", text(caption));
    }
    out.push_str("</figure>\n");
    out
}

/// Where a label hangs on its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hang {
    /// It begins there.
    Start,
    /// It ends there.
    End,
    /// It stands around it.
    Middle,
}

/// A label of foreign text, cut to its room; what was cut is told by its title.
pub(crate) fn label(out: &mut String, place: (usize, usize), hang: Hang, class: &str, foreign: &str, room: usize) {
    label_with(out, place, hang, class, foreign, "", room);
}

/// A label of foreign text with a remark of ours behind it.
pub(crate) fn label_with(out: &mut String, (x, y): (usize, usize), hang: Hang, class: &str, foreign: &str, remark: &str, room: usize) {
    let aside = if remark.is_empty() { 0 } else { width(remark) + 8 };
    let shown = cut(foreign, room.saturating_sub(aside));
    let anchor = match hang {
        Hang::Start => "",
        Hang::End => " text-anchor=\"end\"",
        Hang::Middle => " text-anchor=\"middle\"",
    };
    put!(out, "<text x=\"{x}\" y=\"{y}\" class=\"{class}\"{anchor}>");
    if shown != visible(foreign) {
        put!(out, "<title>{}</title>", text(&brief(foreign)));
    }
    put!(out, "{}", text(&shown));
    if !remark.is_empty() {
        put!(out, "<tspan class=\"m\" dx=\"8\">{}</tspan>", text(remark));
    }
    out.push_str("</text>\n");
}

/// What systems are called in a picture: those of one name are told apart by their folders.
pub(crate) fn names(systems: &[&System]) -> Vec<String> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for system in systems {
        *times.entry(name_of(system)).or_default() += 1;
    }
    let name = |system: &&System| match name_of(system) {
        name if times[name] > 1 && !system.folder.is_empty() => format!("{name} ({})", system.folder),
        name => name.to_owned(),
    };
    systems.iter().map(name).collect()
}

/// A name that may be very long, as a tip shows it.
fn brief(foreign: &str) -> String {
    const MOST: usize = 300;
    match foreign.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &foreign[..end]),
        None => foreign.to_owned(),
    }
}

/// About how wide a text is drawn. Nobody knows the font; what is wider than most is taken as wide.
pub(crate) fn width(text: &str) -> usize {
    (text.chars().map(hundredths).sum::<usize>() * LETTERS).div_ceil(100)
}

/// The width of a character in hundredths of the size of the letters.
fn hundredths(c: char) -> usize {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 28,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '{' | '}' | '/' | '\\' | '-' | ' ' | 'I' | '"' | '`' => 37,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 95,
        'A'..='Z' | '&' | '+' | '<' | '>' | '=' | '~' => 72,
        ' '..='~' => 58,
        c => match columns(c) {
            0 => 0,
            1 => 66,
            _ => 108,
        },
    }
}

/// A text as it is shown in its room: whole, or its beginning with an ellipsis; never half of what belongs together.
pub(crate) fn cut(foreign: &str, room: usize) -> String {
    let shown = visible(foreign);
    let room = room * 100 / LETTERS;
    let mut used = 0;
    let mut end = None;
    for (at, c) in shown.char_indices() {
        used += hundredths(c);
        if used + hundredths('…') <= room {
            end = Some(at + c.len_utf8());
        }
        if used > room {
            let mut kept = &shown[..end.unwrap_or(0)];
            // A mark belongs to the letter before it, and a joiner ties what stands on both sides.
            while let Some(last) = kept.chars().next_back() {
                let next = shown[kept.len()..].chars().next();
                if last != '\u{200d}' && next.is_none_or(|next| columns(next) > 0) {
                    break;
                }
                kept = &kept[..kept.len() - last.len_utf8()];
            }
            return format!("{}…", kept.trim_end());
        }
    }
    shown.into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_cut_to_their_room_and_told_whole_by_a_title() {
        let mut out = String::new();
        label(&mut out, (1, 2), Hang::End, "n", &"support-bot ".repeat(30), 100);
        assert!(out.contains("text-anchor=\"end\"><title>support-bot support-bot"), "{out}");
        assert!(out.contains("…</text>"));
        let mut short = String::new();
        label(&mut short, (1, 2), Hang::Start, "n", "bot", 100);
        assert_eq!(short, "<text x=\"1\" y=\"2\" class=\"n\">bot</text>\n");
    }

    #[test]
    fn what_belongs_together_is_not_cut_apart() {
        let family = "\u{1f469}\u{200d}\u{1f4bb}";
        for room in 0..200 {
            let shown = cut(&family.repeat(9), room);
            let kept = shown.trim_end_matches('…');
            assert_eq!(kept.len() % family.len(), 0, "{room}: {shown:?}");
            let accents = cut(&"e\u{301}".repeat(60), room);
            assert!(accents.trim_end_matches('…').chars().count().is_multiple_of(2), "{accents:?}");
        }
    }

    #[test]
    fn systems_of_one_name_are_told_apart() {
        let mut inventory = crate::sample::large(3);
        inventory.systems[1].name = "service-0000".into();
        inventory.systems[1].folder = "b".into();
        let systems: Vec<&System> = inventory.systems.iter().collect();
        let folder = &inventory.systems[0].folder;
        assert_eq!(
            names(&systems),
            [format!("service-0000 ({folder})"), "service-0000 (b)".into(), "service-0002".into()]
        );
    }

    proptest! {
        #[test]
        fn a_label_fits_its_room_and_adds_no_tag(foreign in "\\PC{0,40}|[<>&\"'a-z\u{5d0}-\u{5ea}\u{202e}]{0,400}", room in 20_usize..400) {
            let shown = cut(&foreign, room);
            prop_assert!(width(&shown) <= room + 1, "{} > {room}: {shown}", width(&shown));
            let mut out = String::new();
            label(&mut out, (0, 0), Hang::Middle, "n", &foreign, room);
            prop_assert_eq!(out.matches('<').count(), 2 + 2 * out.matches("<title>").count());
            prop_assert!(!out.contains(|c: char| c != '\n' && crate::wording::steers(c)));
        }
    }
}
