//! Holds rule files to their word: examples match, counterexamples do not, anchors stand, ids are unique.

use std::collections::BTreeMap;

use evidence::Kind;

use crate::catalog::{Catalog, Known, SHORTEST_ANCHOR, anchors};
use crate::index::At;
use crate::names;
use crate::provider::SignatureKind;

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The rules do what they say, but could be better.
    Warning,
    /// The rules do not do what they say.
    Error,
}

/// Something wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// How bad.
    pub severity: Severity,
    /// The provider, product or signature.
    pub id: String,
    /// What is wrong, in one sentence.
    pub message: String,
}

impl Fault {
    /// Something that must not stay, of the rule with this id.
    #[must_use]
    pub fn error(id: &str, message: String) -> Self {
        Self {
            severity: Severity::Error,
            id: id.to_owned(),
            message,
        }
    }
}

/// Everything wrong with a catalog; `emitted` are the pairs of kind and scope that detectors can see.
#[must_use]
pub fn check(catalog: &Catalog, emitted: &[(Kind, &str)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    ids(catalog, &mut faults);
    claims(catalog, &mut faults);
    for (p, provider) in catalog.providers.iter().enumerate() {
        for (s, signature) in provider.signatures.iter().enumerate() {
            let at = (u32::try_from(p).unwrap_or(u32::MAX), u32::try_from(s).unwrap_or(u32::MAX));
            if provider.products.iter().all(|product| product.id != signature.product) {
                continue;
            }
            let mut fault = |severity, message| {
                faults.push(Fault {
                    severity,
                    id: signature.id.clone(),
                    message,
                })
            };
            examples(catalog, at, &mut fault);
            form(catalog.known(at), emitted, &mut fault);
        }
    }
    faults.sort();
    faults
}

fn ids(catalog: &Catalog, faults: &mut Vec<Fault>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut fault = |id: &str, message: &str| faults.push(Fault::error(id, message.to_owned()));
    for provider in &catalog.providers {
        let prefix = format!("{}.", provider.id);
        *seen.entry(&provider.id).or_default() += 1;
        if provider.references.is_empty() {
            fault(&provider.id, "has no reference that says where its facts come from");
        }
        for product in &provider.products {
            *seen.entry(&product.id).or_default() += 1;
            if !product.id.starts_with(&prefix) {
                fault(&product.id, "does not begin with its provider's id");
            }
        }
        for signature in &provider.signatures {
            *seen.entry(&signature.id).or_default() += 1;
            if !signature.id.starts_with(&prefix) {
                fault(&signature.id, "does not begin with its provider's id");
            }
            if provider.products.iter().all(|product| product.id != signature.product) {
                fault(
                    &signature.id,
                    &format!("speaks of the product `{}`, which its file does not define", signature.product),
                );
            }
        }
    }
    for (id, times) in seen {
        if times > 1 {
            fault(id, "is defined more than once");
        }
    }
}

/// No two signatures claim one name, unless both are marked ambiguous.
fn claims(catalog: &Catalog, faults: &mut Vec<Fault>) {
    let mut claimed: BTreeMap<(SignatureKind, String, String), &str> = BTreeMap::new();
    for known in catalog.signatures() {
        let signature = known.signature;
        // Several vendors have calls of one name, and files say one thing beside another.
        if matches!(signature.kind, SignatureKind::Call | SignatureKind::File) || signature.ambiguous || !signature.when.is_empty() {
            continue;
        }
        let scope = signature.scope.clone().unwrap_or_default();
        for key in &signature.keys {
            let name = if signature.kind == SignatureKind::Package {
                names::package(&scope, key).into_owned()
            } else {
                key.clone()
            };
            if let Some(first) = claimed.insert((signature.kind, scope.clone(), name), &signature.id) {
                faults.push(Fault {
                    severity: Severity::Error,
                    id: signature.id.clone(),
                    message: format!("claims `{key}`, which `{first}` claims too"),
                });
            }
        }
    }
}

fn examples(catalog: &Catalog, at: At, fault: &mut impl FnMut(Severity, String)) {
    let signature = catalog.known(at).signature;
    if signature.examples.is_empty() {
        fault(Severity::Error, "has no example".to_owned());
    }
    for example in &signature.examples {
        if !matches(catalog, at, example) {
            fault(Severity::Error, format!("does not match its example `{example}`"));
        }
        let words = anchors(signature);
        let lower = example.to_ascii_lowercase();
        let triggers = !signature.ambiguous
            && !matches!(
                signature.kind,
                SignatureKind::Import | SignatureKind::Call | SignatureKind::File | SignatureKind::Resource
            );
        let explicit = signature.kind == SignatureKind::Package && !signature.anchors.is_empty();
        if triggers && !explicit && !words.iter().any(|word| lower.contains(&word.text.to_ascii_lowercase())) {
            fault(Severity::Error, format!("has no anchor that stands in its example `{example}`"));
        }
    }
    for counterexample in &signature.counterexamples {
        if matches(catalog, at, counterexample) {
            fault(Severity::Error, format!("matches its counterexample `{counterexample}`"));
        }
    }
}

fn form(known: Known<'_>, emitted: &[(Kind, &str)], fault: &mut impl FnMut(Severity, String)) {
    let signature = known.signature;
    if signature.keys.is_empty() && signature.patterns.is_empty() {
        fault(Severity::Error, "has neither keys nor patterns".to_owned());
    }
    if let Some(short) = signature.anchors.iter().find(|word| word.len() < SHORTEST_ANCHOR) {
        fault(
            Severity::Error,
            format!("has the anchor `{short}`; anchors have at least {SHORTEST_ANCHOR} bytes"),
        );
    }
    let scoped = matches!(
        signature.kind,
        SignatureKind::Package | SignatureKind::Import | SignatureKind::Resource
    );
    if scoped != signature.scope.is_some() && signature.kind != SignatureKind::Call {
        fault(
            Severity::Error,
            if scoped {
                "needs a scope".to_owned()
            } else {
                "has a scope, but its kind has none".to_owned()
            },
        );
    }
    if !signature.patterns.is_empty() && !matches!(signature.kind, SignatureKind::Model | SignatureKind::Key) {
        fault(
            Severity::Error,
            "has patterns, but only models and keys are matched by pattern".to_owned(),
        );
    }
    let seen = |(kind, scope): &(Kind, &str)| {
        *kind == signature.kind.observed() && signature.scope.as_deref().is_none_or(|wanted| wanted == *scope)
    };
    if !emitted.is_empty() && !emitted.iter().any(seen) {
        fault(Severity::Error, "can be seen by no detector".to_owned());
    }
}

/// Whether a name is recognised by this very signature.
fn matches(catalog: &Catalog, at: At, name: &str) -> bool {
    let signature = catalog.known(at).signature;
    let scope = signature.scope.as_deref().unwrap_or_default();
    let index = catalog.index();
    match signature.kind {
        SignatureKind::Package => index.package(scope, name) == Some(at),
        SignatureKind::Import => index.import(scope, name).map(|(at, _)| at) == Some(at),
        SignatureKind::Resource => index.resource(scope, name).contains(&at),
        SignatureKind::Command => index.command(name).contains(&at),
        SignatureKind::Call => index.call(name).contains(&at) || index.opened(name).contains(&at),
        SignatureKind::Host => {
            let (host, path) = name.split_once('/').unwrap_or((name, ""));
            index.host(host, path) == Some(at)
        }
        SignatureKind::Env => index.variable(name) == Some(at),
        SignatureKind::Image => index.image(name) == Some(at),
        SignatureKind::File => index.file(name).contains(&at),
        SignatureKind::Model => index.model(name).contains(&at),
        SignatureKind::Key => index.credential(name) == Some(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_embedded_catalog_keeps_its_word() {
        let catalog = Catalog::load(&[]).expect("the embedded catalog loads");
        let faults = check(&catalog, &[]);
        assert!(
            faults.is_empty(),
            "{}",
            faults
                .iter()
                .map(|fault| format!("{}: {}\n", fault.id, fault.message))
                .collect::<String>()
        );
    }

    /// Names by what looks at them, as the page about the catalog counts them.
    fn counts(catalog: &Catalog) -> BTreeMap<(String, String), usize> {
        let mut names: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        let mut patterns: BTreeMap<(String, String), usize> = BTreeMap::new();
        for known in catalog.signatures() {
            let kind = format!("{:?}", known.signature.kind).to_lowercase();
            let scope = known.signature.scope.clone().unwrap_or_default();
            for key in &known.signature.keys {
                let name = match known.signature.kind {
                    SignatureKind::Package => names::package(&scope, key).into_owned(),
                    _ => key.clone(),
                };
                names.entry((kind.clone(), scope.clone())).or_default().insert(name);
            }
            *patterns.entry((kind, "patterns".to_owned())).or_default() += known.signature.patterns.len();
        }
        let mut counts = patterns;
        counts.extend(names.into_iter().map(|(at, names)| (at, names.len())));
        counts.insert(("model".to_owned(), "exact ids".to_owned()), catalog.model_ids());
        counts
    }

    #[test]
    fn the_catalog_holds_at_least_what_its_page_says() {
        let catalog = Catalog::load(&[]).expect("the embedded catalog loads");
        let counts = counts(&catalog);
        let page = include_str!("../../docs/catalog.md");
        let table = page.split("## ").next().unwrap_or(page);
        let mut rows = 0;
        for line in table.lines() {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [kind, scope, promised] = cells[..] else { continue };
            let Ok(promised) = promised.parse::<usize>() else { continue };
            let held = counts.get(&(kind.to_owned(), scope.to_owned())).copied().unwrap_or_default();
            assert!(held >= promised, "{kind} {scope}: {promised} promised, {held} held");
            rows += 1;
        }
        assert!(rows > 10, "the table has {rows} rows");
    }
}
