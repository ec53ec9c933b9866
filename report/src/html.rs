//! The inventory as one page that needs nothing else: no network, no second file, and no script for reading. Everything
//! that came from a scanned place goes through `markup::text`; the content security policy would stop what slipped by.

mod coverage;
mod findings;
pub(crate) mod markup;
mod overview;
pub(crate) mod policy;
mod scale;
mod systems;

use governance::View;
use inventory::Inventory;
use inventory::store::Point;

use crate::picture::controls;
use crate::wording::{list, minute};
use markup::{fill, text};

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = concat!(include_str!("html/page.css"), include_str!("picture/picture.css"));
const SCRIPT: &str = include_str!("html/page.js");

/// The page, with how its numbers stood over time.
#[must_use]
pub fn render(inventory: &Inventory, trend: &[Point]) -> String {
    let sources: Vec<&str> = inventory.sources.iter().map(|source| source.location.as_str()).collect();
    let has_systems = !inventory.systems.is_empty();
    fill(PAGE, |slot| match slot {
        "policy" => policy::policy(STYLE, SCRIPT),
        "style" => STYLE.to_owned(),
        "script" => SCRIPT.to_owned(),
        "title" => text(&list(&sources, 2)).to_string(),
        "scanned" => text(&minute(&inventory.scanned_at)).to_string(),
        "generator" => text(&inventory.generator).to_string(),
        "ruleset" => text(&inventory.ruleset).to_string(),
        "notice" => text(&inventory.notice).to_string(),
        "shapes" => scale::SHAPES.to_owned(),
        "overview" => overview::render(inventory, trend),
        "systems" => systems::render(inventory),
        "findings" => findings::render(inventory),
        "to-controls" if has_systems => "<a href=\"#controls\">Controls</a> ".to_owned(),
        "controls" if has_systems => controls(inventory),
        "to-controls" | "controls" => String::new(),
        "coverage" => coverage::render(inventory),
        _ => unreachable!("page.html has no slot {slot}"),
    })
}

/// What a management system would begin with.
fn controls(inventory: &Inventory) -> String {
    let picture = controls::of_inventory(&View::of(inventory, None));
    format!(
        "<section id=\"controls\" aria-labelledby=\"h-controls\">\n<h2 id=\"h-controls\">Controls of ISO/IEC 42001, Annex A</h2>\n\
         <p class=\"fine key\">What this inventory and the register already show for each control; <code>aimscan documents</code> writes what is begun and asks for the rest.</p>\n\
         {picture}</section>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn render(inventory: &Inventory) -> String {
        super::render(inventory, &sample::trend())
    }

    /// The tags of a page, without what stands between them; quoted attribute values may hold `>`.
    fn tags(page: &str) -> Vec<String> {
        let mut tags = Vec::new();
        let mut rest = page;
        while let Some(start) = rest.find('<') {
            rest = &rest[start..];
            let mut quote = false;
            let end = rest.find(|c| {
                quote ^= c == '"';
                c == '>' && !quote
            });
            let end = end.expect("every tag is closed");
            let tag = &rest[1..end];
            tags.push(tag.to_owned());
            rest = &rest[end + 1..];
            for raw in ["style", "script"] {
                if tag == raw {
                    rest = &rest[rest.find(&format!("</{raw}>")).expect("is closed")..];
                }
            }
        }
        tags
    }

    #[test]
    fn foreign_text_adds_no_tag_and_no_attribute() {
        let names = |page: &str| -> Vec<String> {
            let mut names: Vec<String> = tags(page)
                .iter()
                .map(|tag| tag.split([' ', '\n']).next().unwrap_or("").to_owned())
                .collect();
            names.sort();
            names.dedup();
            names
        };
        let hostile = render(&sample::hostile());
        assert_eq!(names(&hostile), names(&render(&sample::inventory())));
        for tag in tags(&hostile) {
            let without_values: String = tag.split('"').step_by(2).collect();
            assert!(!without_values.contains(" on") && !tag.contains('<'), "{tag}");
        }
        assert_eq!(hostile.matches("<script").count(), 1);
        assert_eq!(hostile.matches("</style").count(), 1);
        assert!(hostile.contains("&lt;script&gt;alert(1)"));
        assert!(!hostile.contains(|c: char| c != '\n' && crate::wording::steers(c)));
    }

    #[test]
    fn tags_are_balanced() {
        const VOID: [&str; 4] = ["!doctype", "meta", "input", "wbr"];
        for inventory in [sample::inventory(), sample::hostile(), sample::empty(), sample::large(3)] {
            let mut open: Vec<String> = Vec::new();
            for tag in tags(&render(&inventory)) {
                let name = tag.split([' ', '\n']).next().unwrap_or("").to_owned();
                if tag.ends_with('/') || VOID.contains(&name.as_str()) || tag.starts_with("!--") {
                    continue;
                }
                match name.strip_prefix('/') {
                    Some(closed) => assert_eq!(open.pop().as_deref(), Some(closed)),
                    None => open.push(name),
                }
            }
            assert!(open.is_empty(), "{open:?}");
        }
    }

    #[test]
    fn the_page_asks_for_nothing_from_outside() {
        let page = render(&sample::hostile());
        assert!(page.contains("default-src 'none'"));
        for tag in tags(&page) {
            for attribute in ["src=", "srcset=", "action=", "background="] {
                assert!(!tag.contains(attribute), "{tag}");
            }
            for (_, target) in tag.match_indices("href=\"").map(|(at, found)| tag.split_at(at + found.len())) {
                assert!(target.starts_with('#'), "{tag}");
            }
            assert!(!tag.contains("style=\""), "the policy forbids it: {tag}");
        }
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !SCRIPT.contains("innerHTML"));
    }

    #[test]
    fn everything_a_reader_needs_stands_in_the_page_itself() {
        let page = render(&sample::inventory());
        for expected in [
            "support-bot",
            "limited … high",
            "services/<wbr>support/<wbr>app/<wbr>chat.py:41",
            "client.chat.completions.create(model=MODEL",
            "openai.model",
            "code/python",
            "data protection officer",
            "raises the tier to high",
            "Revoke it, and read a new one",
            "403 Forbidden",
            "not legal advice",
            "EU AI Act, Annex III, 4(a)",
        ] {
            assert!(page.contains(expected), "{expected}");
        }
        assert!(!page.contains("sk-proj-4f9a8b7c6d5e4f3a2b1c"));
    }

    #[test]
    fn an_empty_inventory_says_so_and_offers_no_filter() {
        let page = render(&sample::empty());
        assert!(page.contains("No AI found in 340 files"));
        assert!(!page.contains("id=\"filters\""));
    }

    #[test]
    fn the_same_inventory_gives_the_same_page() {
        assert_eq!(render(&sample::inventory()), render(&sample::inventory()));
    }

    #[test]
    fn a_large_inventory_stays_a_page_a_browser_can_hold() {
        let page = render(&sample::large(2_000));
        assert!(page.len() < 25_000_000, "{} bytes", page.len());
        assert!(page.contains("service-1999"));
    }

    #[test]
    fn text_can_be_read_in_both_colour_schemes() {
        let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").expect("there is a dark scheme");
        let luminance = |hex: &str| -> f64 {
            let part = |range: std::ops::Range<usize>| f64::from(u8::from_str_radix(&hex[range], 16).expect("a colour")) / 255.0;
            let linear = |part: f64| {
                if part <= 0.040_45 {
                    part / 12.92
                } else {
                    ((part + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * linear(part(0..2)) + 0.7152 * linear(part(2..4)) + 0.0722 * linear(part(4..6))
        };
        for scheme in [light, dark] {
            let colour = |name: &str| -> f64 {
                let start = scheme.find(&format!("--{name}: #")).unwrap_or_else(|| panic!("no colour {name}")) + name.len() + 5;
                luminance(&scheme[start..start + 6])
            };
            for front in ["ink", "muted", "accent", "t0", "t1", "t2", "t3", "t4"] {
                for back in ["paper", "card", "tint"] {
                    let (a, b) = (colour(front), colour(back));
                    let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                    assert!(contrast >= 4.5, "{front} on {back}: {contrast:.2}");
                }
            }
        }
    }
}
