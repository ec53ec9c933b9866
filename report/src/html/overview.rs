//! The head of the page: the numbers, the tiers at a glance, where data goes, who stands behind the AI that is used, and how all
//! that moved.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use evidence::ComponentKind;
use inventory::store::Point;
use inventory::{Inventory, Tier};

use super::markup::{joined, put, text};
use super::scale::bar;
use crate::overview::{Totals, by_tier, step};
use crate::picture;
use crate::wording::{count, number, plural};

/// Providers with a row of their own (the others are named below), and models named in a row.
const PROVIDERS: usize = 12;
const MODELS: usize = 6;

pub(super) fn render(inventory: &Inventory, trend: &[Point]) -> String {
    let mut out = String::new();
    tiles(&mut out, &Totals::of(inventory));
    if !inventory.systems.is_empty() {
        out.push_str("<h3>Tiers at a glance</h3>\n");
        out.push_str(&picture::tiers::picture(inventory));
        tiers(&mut out, inventory);
        let map = picture::map::picture(inventory);
        if !map.is_empty() {
            put!(&mut out, "<h3>Where data goes</h3>\n{map}");
        }
        providers(&mut out, inventory);
    }
    let trend = picture::trend::picture(trend);
    if !trend.is_empty() {
        put!(&mut out, "<h3>Over time</h3>\n{trend}");
    }
    out
}

fn tiles(out: &mut String, totals: &Totals) {
    let tiles = [
        (totals.systems, "AI system", "#systems"),
        (totals.providers, "provider", "#systems"),
        (totals.models, "model", "#systems"),
        (totals.questions, "open question", "#systems"),
        (totals.findings, "finding", "#findings"),
        (totals.gaps, "gap", "#coverage"),
    ];
    out.push_str("<ul class=\"tiles\">");
    for (value, noun, target) in tiles {
        put!(
            out,
            "<li><a href=\"{target}\"><b>{}</b> <span>{}</span></a></li>",
            number(value as u64),
            plural(value, noun)
        );
    }
    out.push_str("</ul>\n");
}

/// What each tier means, in a few words.
const fn meaning(tier: Tier) -> &'static str {
    match tier {
        Tier::Stop => "signs of a practice to review before anything else",
        Tier::High => "significant effects on people possible",
        Tier::Limited => "transparency duties, or some risk to the organisation",
        Tier::Minimal => "no specific duty seen",
        Tier::Unknown => "the evidence does not tell",
    }
}

fn tiers(out: &mut String, inventory: &Inventory) {
    let at_least = by_tier(&inventory.systems, |classification| classification.floor);
    let indicated = by_tier(&inventory.systems, |classification| classification.indicated);
    let at_most = by_tier(&inventory.systems, |classification| classification.ceiling);
    let largest = at_least.iter().chain(&indicated).chain(&at_most).copied().max().unwrap_or(0);
    out.push_str(
        "<details class=\"plain behind\"><summary>The tiers as a table</summary>\n<table class=\"tiers\"><thead><tr><th scope=\"col\">Tier</th>\
         <th scope=\"col\">At least</th><th scope=\"col\">Indicated</th><th scope=\"col\">At most</th></tr></thead><tbody>\n",
    );
    for tier in Tier::ALL.into_iter().rev() {
        let step = step(tier);
        put!(
            out,
            "<tr><th scope=\"row\"><span class=\"t{step}\">{tier}</span> <small class=\"wide\">{}</small></th>",
            meaning(tier)
        );
        for counts in [at_least, indicated, at_most] {
            put!(
                out,
                "<td>{}<span>{}</span></td>",
                bar(step, counts[step], largest),
                number(counts[step] as u64)
            );
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></details>\n");
}

/// Systems and models of each provider, the most used first.
fn providers(out: &mut String, inventory: &Inventory) {
    let mut providers: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for system in &inventory.systems {
        for component in system.components.iter().filter(|component| !component.is_offered()) {
            match (component.kind, component.provider.as_deref()) {
                (ComponentKind::Provider, _) => {
                    providers.entry(&component.name).or_default().0.insert(&system.id);
                }
                (ComponentKind::Model, Some(provider)) => {
                    providers.entry(provider).or_default().1.insert(&component.name);
                }
                _ => {}
            }
        }
    }
    let mut rows: Vec<_> = providers.into_iter().filter(|(_, (systems, _))| !systems.is_empty()).collect();
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|(name, (systems, _))| (Reverse(systems.len()), *name));
    out.push_str(
        "<h3>Providers</h3>\n<table class=\"providers\"><thead><tr><th scope=\"col\">Provider</th><th scope=\"col\">Systems</th>\
         <th scope=\"col\">Models</th></tr></thead><tbody>\n",
    );
    for (name, (systems, models)) in rows.iter().take(PROVIDERS) {
        let left = models.len().saturating_sub(MODELS);
        let more = if left > 0 { format!(" and {left} more") } else { String::new() };
        let models = if models.is_empty() {
            "–".to_owned()
        } else {
            joined(models.iter().copied().take(MODELS), ", ")
        };
        put!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{models}{more}</td></tr>\n",
            text(name),
            number(systems.len() as u64)
        );
    }
    out.push_str("</tbody></table>\n");
    if let Some(others @ [_, ..]) = rows.get(PROVIDERS..) {
        let names = joined(others.iter().map(|(name, _)| *name), ", ");
        put!(
            out,
            "<details class=\"plain\"><summary>{}</summary><p class=\"fine\">{names}</p></details>\n",
            count(others.len(), "more provider")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_provider_is_named_and_only_the_most_used_have_a_row() {
        let page = render(&sample::large(60), &[]);
        let table = page.split_once("class=\"providers\"").expect("a table of providers").1;
        assert_eq!(table.matches("<th scope=\"row\">").count(), PROVIDERS);
        assert!((0..30).all(|vendor| table.contains(&format!("vendor-{vendor:02}"))), "{table}");
    }

    #[test]
    fn an_inventory_without_systems_has_numbers_only() {
        let page = render(&sample::empty(), &[]);
        assert!(page.contains("<b>0</b> <span>AI systems</span>") && !page.contains("<table"));
    }
}
