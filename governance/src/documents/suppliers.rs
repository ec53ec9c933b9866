//! Whom AI comes from: the supplier register, and the list of what is in use with the approval that is recorded.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind as Kind, Coverage};
use inventory::System;

use super::parts::{count, lines, texts};
use super::{Block, Cell, table};
use crate::View;
use crate::seen::{is_service, provider, provider_name};

/// Pages of one supplier that its row shows.
const MOST_PAGES: usize = 3;

/// What is known of a vendor over all systems.
#[derive(Default)]
struct Supplied<'a> {
    /// Its providers that the catalog, or an overlay of it, knows by these ids.
    providers: BTreeSet<String>,
    systems: BTreeSet<&'a str>,
    models: BTreeSet<&'a str>,
    products: BTreeSet<&'a str>,
    refused: usize,
}

impl Supplied<'_> {
    fn kind(&self) -> &'static str {
        if self.providers.iter().any(|id| is_service(id)) {
            "service of others"
        } else if self.providers.is_empty() {
            "named in lists"
        } else {
            "software"
        }
    }

    /// What of it is used: its parts that were found, else what the catalog calls its providers.
    fn used(&self) -> impl Iterator<Item = &str> {
        let found = self.models.iter().chain(&self.products).copied();
        let named = self.providers.iter().map(|id| provider_name(id));
        let is_found = !self.models.is_empty() || !self.products.is_empty();
        found.chain(named.filter(move |_| !is_found))
    }
}

/// Vendors by the name of the company, as far as it is known: what scans found, and whom lists name of systems that no scan found.
fn by_vendor<'a>(view: &View<'a>) -> BTreeMap<String, Supplied<'a>> {
    let mut vendors: BTreeMap<String, Supplied<'a>> = BTreeMap::new();
    for system in &view.inventory.systems {
        for component in system.components.iter().filter(|component| !component.is_offered()) {
            let id = match (component.kind, component.provider.as_deref()) {
                (Kind::Provider, _) => component.name.as_str(),
                (_, Some(provider)) => provider,
                _ => continue,
            };
            if !supplies(id) {
                continue;
            }
            let known = vendors.entry(rules::supplier(id)).or_default();
            known.providers.insert(id.to_owned());
            known.systems.insert(&system.id);
            match component.kind {
                Kind::Provider => known.refused += usize::from(is_refused(view, system, id)),
                Kind::Model => {
                    known.models.insert(&component.name);
                }
                _ => {
                    known.products.insert(&component.name);
                }
            }
        }
        for vendor in inventory::policy::stated_vendors(system) {
            let known = vendors.entry(rules::supplier(&vendor)).or_default();
            known.systems.insert(&system.id);
            known.refused += usize::from(is_refused(view, system, &vendor));
            if provider(&vendor).is_some() {
                known.providers.insert(vendor);
            }
        }
    }
    vendors
}

/// Whether something is taken from whom an id names: a prompt, or a file of settings in an open format, is the organisation's own.
fn supplies(id: &str) -> bool {
    let Some(known) = provider(id) else { return true };
    let is_own = |kind: Kind| matches!(kind, Kind::Prompt | Kind::AssistantConfig);
    is_service(id) || known.products.is_empty() || known.products.iter().any(|product| !is_own(product.component))
}

fn is_refused(view: &View<'_>, system: &System, provider: &str) -> bool {
    view.findings(system)
        .iter()
        .any(|finding| finding.rule == "unapproved-provider" && finding.message.contains(&format!("`{provider}`")))
}

/// ORG-11.
pub(super) fn register(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Suppliers".to_owned()));
    let asked = |ask: &str| Cell::Missing {
        ask: ask.to_owned(),
        who: "Procurement".to_owned(),
    };
    let rows = by_vendor(view)
        .into_iter()
        .map(|(name, known)| {
            let mut who = vec![Cell::text(&name)];
            let providers: Vec<_> = known.providers.iter().filter_map(|id| provider(id)).collect();
            who.extend(providers.iter().map(|provider| Cell::text(&provider.homepage)).take(MOST_PAGES));
            let seats: BTreeSet<&str> = providers.iter().filter_map(|provider| provider.jurisdiction.as_deref()).collect();
            who.extend(seats.into_iter().map(|country| Cell::text(format!("seat: {country}"))));
            vec![
                lines(who),
                Cell::text(known.kind()),
                texts(known.used().take(8), "its services"),
                Cell::text(known.systems.len().to_string()),
                asked("which contract and data processing agreement?"),
                asked("evaluated when, by whom, with which result?"),
            ]
        })
        .collect();
    blocks.push(table(
        &[
            ("Supplier", 20),
            ("Kind", 11),
            ("What is used", 23),
            ("Systems", 8),
            ("Contract", 19),
            ("Evaluation", 19),
        ],
        rows,
        "No supplier was found in what was scanned.",
    ));
}

/// ORG-09.
pub(super) fn in_use(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("What is in use, to be ruled on".to_owned()));
    let rows = by_vendor(view)
        .into_iter()
        .map(|(name, known)| {
            let status = if known.refused > 0 {
                Cell::text(format!("not on the approved list, in {}", count(known.refused, "system")))
            } else {
                Cell::Missing {
                    ask: "approved, restricted or rejected?".to_owned(),
                    who: "Approver of AI systems".to_owned(),
                }
            };
            vec![
                Cell::text(&name),
                texts(known.used().take(6), "its services"),
                Cell::text(known.systems.len().to_string()),
                status,
            ]
        })
        .collect();
    blocks.push(table(
        &[("Vendor", 24), ("What is used", 32), ("Systems", 10), ("Approval", 34)],
        rows,
        "No AI service or tool was found in what was scanned.",
    ));
    let rows = view
        .inventory
        .systems
        .iter()
        .map(|system| {
            let approval = system.standing.held("field/approval");
            vec![
                Cell::text(&system.name),
                match approval {
                    Some(held) => Cell::text(format!("{} – {}", held.value, crate::record::by(held))),
                    None => Cell::Missing {
                        ask: "approved, restricted or rejected?".to_owned(),
                        who: "Approver of AI systems".to_owned(),
                    },
                },
            ]
        })
        .collect();
    blocks.push(Block::Heading("Systems and their approval".to_owned()));
    blocks.push(table(
        &[("System", 40), ("Approval", 60)],
        rows,
        "No AI system was found in what was scanned.",
    ));
}

/// What a scan covered, in one sentence.
pub(super) fn covered(coverage: &Coverage) -> String {
    let records: u64 = coverage.records.values().sum();
    let gaps = coverage.gaps.len();
    format!(
        "{} seen, {} of them read or known from before; {} of services; {} could not be looked at.",
        count(usize::try_from(coverage.files_seen).unwrap_or(usize::MAX), "file"),
        coverage.files_read + coverage.files_unchanged,
        count(usize::try_from(records).unwrap_or(usize::MAX), "record"),
        count(gaps, "thing")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_own_texts_and_settings_have_no_supplier() {
        for id in ["prompts", "agents-md"] {
            assert!(provider(id).is_some() && !supplies(id), "{id}");
        }
        for id in ["openai", "claude-code", "pytorch", "of-an-overlay"] {
            assert!(supplies(id), "{id}");
        }
    }
}
