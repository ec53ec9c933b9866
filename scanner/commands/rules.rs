//! `aimscan rules`: the catalog, looked at and checked.

use std::collections::BTreeSet;
use std::fmt::Write;

use ::rules::{Catalog, Known, Severity, SignatureKind};
use anyhow::{Result, bail};
use evidence::Kind;

use super::Outcome;
use crate::cli::{Global, Rules};
use crate::terminal;

/// Runs a command on the catalog.
pub(super) fn run(command: &Rules, global: &Global) -> Result<Outcome> {
    let settings = super::settings(global)?;
    match command {
        Rules::Check { folder } => check(folder.as_deref(), global),
        Rules::List { provider } => {
            let catalog = super::catalog(global, &settings)?;
            terminal::write(None, &list(&catalog, provider.as_deref())?)?;
            Ok(Outcome::Done)
        }
        Rules::Words => {
            let catalog = super::catalog(global, &settings)?;
            let words: BTreeSet<String> = detectors::detectors()
                .into_iter()
                .filter(|detector| detector.info().id.starts_with("code/"))
                .flat_map(|detector| catalog.anchors(detector.info().emits, &|module| detector.mentions(module)))
                .map(|word| word.text)
                .filter(|word| !word.contains('\n'))
                .collect();
            terminal::write(None, &words.into_iter().collect::<Vec<_>>().join("\n"))?;
            Ok(Outcome::Done)
        }
        Rules::Explain { what } => {
            let catalog = super::catalog(global, &settings)?;
            let found = explain(&catalog, what);
            if found.is_empty() {
                bail!("nothing is known of `{what}`; `aimscan rules list` shows every provider");
            }
            terminal::write(None, &found)?;
            Ok(Outcome::Done)
        }
    }
}

/// Every pair of kind and scope that some detector emits.
pub(crate) fn emitted() -> Vec<(Kind, &'static str)> {
    let connectors = detectors::CONNECTORS.iter().flat_map(|connector| connector.info().emits);
    detectors::detectors()
        .into_iter()
        .flat_map(|detector| detector.info().emits)
        .chain(connectors)
        .copied()
        .collect()
}

fn check(folder: Option<&std::path::Path>, global: &Global) -> Result<Outcome> {
    let mut overlays = global.rules.clone();
    overlays.extend(folder.map(std::path::Path::to_path_buf));
    let catalog = Catalog::load(&overlays)?;
    let mut faults = ::rules::check(&catalog, &emitted());
    faults.extend(inventory::classify::check(::rules::risk::ruleset()));
    let mut out = String::new();
    for fault in &faults {
        let word = if fault.severity == Severity::Error { "error" } else { "warning" };
        let _ = writeln!(out, "{word}: {} {}", fault.id, fault.message);
    }
    let errors = faults.iter().filter(|fault| fault.severity == Severity::Error).count();
    let _ = writeln!(
        out,
        "{} providers, {} signatures: {errors} errors, {} warnings",
        catalog.providers().len(),
        catalog.signatures().count(),
        faults.len() - errors
    );
    terminal::write(None, &out)?;
    Ok(if errors == 0 { Outcome::Done } else { Outcome::Failed })
}

fn list(catalog: &Catalog, provider: Option<&str>) -> Result<String> {
    let mut out = String::new();
    match provider {
        None => {
            for provider in catalog.providers() {
                let _ = writeln!(
                    out,
                    "{:<28} {:<34} {:>3} signatures",
                    provider.id,
                    provider.name,
                    provider.signatures.len()
                );
            }
        }
        Some(id) => {
            let known: Vec<Known<'_>> = catalog.signatures().filter(|known| known.provider.id == id).collect();
            if known.is_empty() {
                bail!("no provider `{id}`; `aimscan rules list` shows every provider");
            }
            known.into_iter().for_each(|known| signature(&mut out, known));
        }
    }
    Ok(out)
}

fn explain(catalog: &Catalog, what: &str) -> String {
    let mut out = String::new();
    for provider in catalog.providers().iter().filter(|provider| provider.id == what) {
        let _ = writeln!(out, "{} – {}", provider.id, provider.name);
        let _ = writeln!(
            out,
            "  {}{}",
            provider.homepage,
            provider
                .jurisdiction
                .as_ref()
                .map(|country| format!("  ({country})"))
                .unwrap_or_default()
        );
        let _ = writeln!(out, "  checked {}; sources: {}", provider.checked, provider.references.join(", "));
        for product in &provider.products {
            let _ = writeln!(
                out,
                "  product {}: {} ({}){}",
                product.id,
                product.name,
                product.component.label(),
                if product.purposes.is_empty() {
                    String::new()
                } else {
                    format!(", for {}", product.purposes.join(", "))
                }
            );
        }
    }
    for known in catalog.signatures() {
        if known.provider.id == what || known.signature.id == what || known.product.id == what {
            signature(&mut out, known);
        }
    }
    if out.is_empty() {
        let found = catalog.matching(what);
        let is_model = found.iter().any(|known| known.signature.kind == SignatureKind::Model);
        found.into_iter().for_each(|known| signature(&mut out, known));
        if is_model {
            for (fact, value) in catalog.model_facts(what) {
                let _ = writeln!(out, "    {fact} {value}");
            }
        }
    }
    out
}

fn signature(out: &mut String, known: Known<'_>) {
    let signature = known.signature;
    let scope = signature.scope.as_ref().map(|scope| format!(" ({scope})")).unwrap_or_default();
    let _ = writeln!(out, "{}", signature.id);
    let _ = writeln!(
        out,
        "    {:?}{scope} of {} ({}), confidence {}{}",
        signature.kind,
        known.product.name,
        known.provider.name,
        signature.confidence,
        if signature.ambiguous { ", only beside other evidence" } else { "" }
    );
    for (word, names) in [
        ("is", &signature.keys),
        ("like", &signature.patterns),
        ("not", &signature.counterexamples),
    ] {
        if !names.is_empty() {
            let _ = writeln!(out, "    {word:<4} {}", names.join(" "));
        }
    }
}
