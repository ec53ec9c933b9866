//! The findings: how urgent, what, what to do, and where.

use std::collections::BTreeMap;

use inventory::Inventory;

use super::markup::{put, text};
use super::systems::place;
use crate::overview::{level, name_of, urgent_first};
use crate::wording::{self, count};

/// Places shown of one finding.
const PLACES: usize = 10;

pub(super) fn render(inventory: &Inventory) -> String {
    let mut out = String::new();
    if inventory.findings.is_empty() {
        out.push_str("<p class=\"none\">No findings.</p>\n");
        return out;
    }
    let names: BTreeMap<&str, &str> = inventory
        .systems
        .iter()
        .map(|system| (system.id.as_str(), name_of(system)))
        .collect();
    put!(
        &mut out,
        "<p class=\"count\" id=\"finding-count\">{}</p>\n<ul class=\"findings\">\n",
        count(inventory.findings.len(), "finding")
    );
    for finding in urgent_first(&inventory.findings) {
        let level = level(finding.level);
        put!(
            &mut out,
            "<li data-system=\"{}\"><p><b class=\"level {level}\">{level}</b> {}</p><p>→ {}</p><p class=\"fine\">{}",
            text(&finding.system),
            text(&finding.message),
            text(&finding.remedy),
            text(&finding.rule)
        );
        if let Some(name) = names.get(finding.system.as_str()) {
            put!(&mut out, " · in <a href=\"#s-{}\">{}</a>", text(&finding.system), text(name));
        }
        if let Some(accepted) = &finding.accepted {
            put!(&mut out, " · <b>accepted</b>: {}", text(&wording::accepted(accepted)));
        }
        out.push_str("</p>\n<ul class=\"places\">\n");
        for evidence in finding.evidence.iter().take(PLACES) {
            place(&mut out, evidence);
        }
        out.push_str("</ul>\n");
        let left = finding.evidence.len().saturating_sub(PLACES);
        if left > 0 {
            put!(
                &mut out,
                "<p class=\"more\">and {}; the JSON format has more.</p>\n",
                count(left, "more place")
            );
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
    out
}
