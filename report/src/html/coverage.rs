//! What was looked at, and what was not, with what closes each gap.

use inventory::Inventory;

use super::markup::{joined, put, text};
use crate::overview::{GapGroup, gap_groups};
use crate::wording::{bytes, count, number};

/// So few things of one kind of gap are named at once; of more, so many when asked for; and ways to close it.
const INLINE: usize = 3;
const NAMED: usize = 100;
const REASONS: usize = 10;

pub(super) fn render(inventory: &Inventory) -> String {
    let mut out = String::new();
    looked_at(&mut out, inventory);
    gaps(&mut out, inventory);
    out
}

fn looked_at(out: &mut String, inventory: &Inventory) {
    let coverage = &inventory.coverage;
    let mut facts = vec![
        ("Files seen".to_owned(), number(coverage.files_seen)),
        ("Files read".to_owned(), number(coverage.files_read)),
    ];
    if coverage.files_unchanged > 0 {
        facts.push(("Unchanged since the last scan".to_owned(), number(coverage.files_unchanged)));
    }
    facts.push(("Read in all".to_owned(), bytes(coverage.bytes_read)));
    facts.extend(
        coverage
            .records
            .iter()
            .map(|(connector, records)| (format!("Records from {connector}"), number(*records))),
    );
    out.push_str("<dl class=\"coverage\">");
    for (name, value) in facts {
        put!(out, "<div><dt>{}</dt><dd>{value}</dd></div>", text(&name));
    }
    out.push_str("</dl>\n");
    for source in &inventory.sources {
        put!(
            out,
            "<p class=\"fine\"><b>Source</b> {} ({}) · {}</p>\n",
            text(&source.location),
            text(&source.kind),
            text(&source.identity)
        );
    }
    if coverage.detectors.is_empty() {
        return;
    }
    put!(
        out,
        "<details class=\"plain\"><summary>{} at work</summary>\n<ul class=\"columns\">",
        count(coverage.detectors.len(), "detector")
    );
    for (detector, files) in &coverage.detectors {
        put!(
            out,
            "<li>{} <span class=\"fine\">{}</span></li>",
            text(detector),
            count(usize::try_from(*files).unwrap_or(usize::MAX), "file")
        );
    }
    out.push_str("</ul></details>\n");
}

fn gaps(out: &mut String, inventory: &Inventory) {
    out.push_str("<h3>Not looked at</h3>\n");
    if inventory.coverage.gaps.is_empty() {
        out.push_str("<p class=\"none\">No gap was met. Files that no detector wants are not opened, and count as seen only.</p>\n");
        return;
    }
    out.push_str("<ul class=\"gaps\">\n");
    for GapGroup { kind, what, reasons } in gap_groups(&inventory.coverage.gaps) {
        put!(out, "<li><p><b>{}</b> {}</p>\n", number(what.len() as u64), text(kind.label()));
        for (reason, times) in reasons.iter().take(REASONS) {
            let times = if reasons.len() > 1 && *times > 1 {
                format!(" ({}×)", number(*times as u64))
            } else {
                String::new()
            };
            put!(out, "<p>→ {}{times}</p>\n", text(reason));
        }
        if reasons.len() > REASONS {
            put!(
                out,
                "<p class=\"more\">and {}.</p>\n",
                count(reasons.len() - REASONS, "other reason")
            );
        }
        let few = what.len() <= INLINE;
        let names = joined(what.iter().copied().take(NAMED), "</code>, <code>");
        out.push_str(if few {
            ""
        } else {
            "<details class=\"plain\"><summary>Which</summary>"
        });
        put!(out, "<p class=\"fine\"><code>{names}</code>");
        if what.len() > NAMED {
            put!(
                out,
                " and {} more; the JSON format has them all",
                number((what.len() - NAMED) as u64)
            );
        }
        out.push_str(if few { "</p></li>\n" } else { "</p></details></li>\n" });
    }
    out.push_str("</ul>\n");
}
