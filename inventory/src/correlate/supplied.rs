//! An import belongs to the package that is declared for it, where several packages bring the module. A module that another
//! vendor's package brings along does not speak of the module's own vendor.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Evidence, Location};

use super::declared;

/// A package that a manifest declares.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Package {
    /// The name as written.
    name: String,
    product: Option<String>,
    provider: Option<String>,
    /// Whether declaring it means using its provider.
    speaks: bool,
}

/// What is declared, by ecosystem, kind and name in lower case.
#[derive(Debug, Default)]
pub(super) struct Supply(BTreeMap<(String, ComponentKind, String), Package>);

impl Supply {
    /// What some evidence declares.
    pub(super) fn of<'e>(evidence: impl Iterator<Item = &'e Evidence> + Clone) -> Self {
        let speaking: BTreeSet<(&Location, &str)> = evidence
            .clone()
            .filter(|seen| seen.kind == ComponentKind::Provider)
            .map(|seen| (&seen.location, seen.name.as_str()))
            .collect();
        let packages = evidence.filter_map(|seen| {
            let ecosystem = seen.facts.get("ecosystem")?.clone();
            let provider = seen.provider.as_deref().unwrap_or_default();
            let package = Package {
                name: seen.name.clone(),
                product: seen.product.clone(),
                provider: seen.provider.clone(),
                speaks: speaking.contains(&(&seen.location, provider)),
            };
            Some(((ecosystem, seen.kind, seen.name.to_lowercase()), package))
        });
        Self(packages.collect())
    }

    fn get(&self, ecosystems: &[&str], kind: ComponentKind, name: &str) -> Option<&Package> {
        let name = name.to_lowercase();
        ecosystems
            .iter()
            .find_map(|ecosystem| self.0.get(&((*ecosystem).to_owned(), kind, name.clone())))
    }
}

/// Gives imports, and calls on them, the name of the package that the unit declares for them. What is built as a whole may
/// have it from anywhere in the source.
pub(super) fn settle(evidence: &mut Vec<Evidence>, source: &Supply) {
    let own = Supply::of(evidence.iter());
    let mut suppliers: BTreeMap<(ComponentKind, String), Package> = BTreeMap::new();
    for seen in evidence.iter() {
        let (Some(also), Some(language)) = (seen.facts.get("also"), seen.facts.get("imported")) else {
            continue;
        };
        let (ecosystems, is_built) = declared::supply_of(language);
        let known = |supply: &Supply| {
            let named = supply.get(ecosystems, seen.kind, &seen.name).is_some();
            let other = also.split(' ').find_map(|name| supply.get(ecosystems, seen.kind, name)).cloned();
            if named { Err(()) } else { Ok(other) }
        };
        let around = || if is_built { known(source) } else { Ok(None) };
        let supplier = match known(&own) {
            Ok(None) => around().ok().flatten(),
            Ok(some) => some,
            Err(()) => None,
        };
        if let Some(supplier) = supplier {
            suppliers.insert((seen.kind, seen.name.to_lowercase()), supplier);
        }
    }
    if suppliers.is_empty() {
        return;
    }
    let mut of_others: BTreeSet<(Location, String, String)> = BTreeSet::new();
    for seen in evidence.iter_mut().filter(|seen| !seen.facts.contains_key("ecosystem")) {
        let Some(supplier) = suppliers.get(&(seen.kind, seen.name.to_lowercase())) else {
            continue;
        };
        seen.name.clone_from(&supplier.name);
        if seen.provider != supplier.provider {
            let maker = seen.provider.take().unwrap_or_default();
            if supplier.speaks {
                of_others.insert((seen.location.clone(), seen.signature.clone(), maker));
            }
            seen.provider.clone_from(&supplier.provider);
            seen.product.clone_from(&supplier.product);
        }
    }
    evidence.retain(|seen| {
        seen.kind != ComponentKind::Provider
            || seen.facts.get("basis").is_none_or(|basis| basis != "sdk")
            || !of_others.contains(&(seen.location.clone(), seen.signature.clone(), seen.name.clone()))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::{Facts, Stage};

    fn declared(name: &str, provider: &str) -> [Evidence; 2] {
        let package = Evidence {
            stage: Stage::Declared,
            provider: Some(provider.into()),
            product: Some(format!("{provider}.api")),
            facts: Facts::from_iter([("ecosystem".into(), "nuget".to_owned())]),
            ..sample::seen(ComponentKind::Package, name, "App.csproj")
        };
        let vendor = Evidence {
            stage: Stage::Declared,
            facts: Facts::from_iter([("basis".into(), "sdk".to_owned())]),
            ..sample::seen(ComponentKind::Provider, provider, "App.csproj")
        };
        [package, vendor]
    }

    /// An import, a call on it, and what both say of their vendor.
    fn used() -> Vec<Evidence> {
        let at = |line, kind, name: &str, signature: &str, facts: &[(&'static str, &str)]| Evidence {
            location: Location::new("Program.cs", line),
            signature: signature.into(),
            provider: Some("openai".into()),
            facts: facts.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            ..sample::seen(kind, name, "Program.cs")
        };
        let import = [("imported", "csharp"), ("also", "Azure.AI.OpenAI")];
        vec![
            at(2, ComponentKind::Package, "OpenAI", "openai.import", &import),
            at(2, ComponentKind::Provider, "openai", "openai.import", &[("basis", "sdk")]),
            at(6, ComponentKind::Package, "OpenAI", "openai.call", &[]),
            at(6, ComponentKind::Provider, "openai", "openai.call", &[("basis", "sdk")]),
        ]
    }

    fn settled(mut evidence: Vec<Evidence>, source: &Supply) -> Vec<String> {
        settle(&mut evidence, source);
        let names: BTreeSet<String> = evidence
            .iter()
            .map(|seen| format!("{} {}", seen.kind.as_str(), seen.name))
            .collect();
        names.into_iter().collect()
    }

    #[test]
    fn what_another_vendors_package_brings_is_that_package() {
        let all = used().into_iter().chain(declared("Azure.AI.OpenAI", "azure-openai")).collect();
        assert_eq!(
            settled(all, &Supply::default()),
            ["package Azure.AI.OpenAI", "provider azure-openai"]
        );
        let other: Vec<Evidence> = declared("Azure.AI.OpenAI", "azure-openai").into();
        assert_eq!(settled(used(), &Supply::of(other.iter())), ["package Azure.AI.OpenAI"]);
    }

    #[test]
    fn what_is_declared_itself_stays_what_it_is() {
        let all = used()
            .into_iter()
            .chain(declared("Azure.AI.OpenAI", "azure-openai"))
            .chain(declared("OpenAI", "openai"))
            .collect();
        assert_eq!(
            settled(all, &Supply::default()),
            [
                "package Azure.AI.OpenAI",
                "package OpenAI",
                "provider azure-openai",
                "provider openai"
            ]
        );
        assert_eq!(settled(used(), &Supply::default()), ["package OpenAI", "provider openai"]);
        let other = used().into_iter().chain(declared("Azure.Identity", "azure")).collect();
        assert_eq!(
            settled(other, &Supply::default()),
            ["package Azure.Identity", "package OpenAI", "provider azure", "provider openai"]
        );
    }

    #[test]
    fn another_sign_of_the_vendor_keeps_it() {
        let key = Evidence {
            facts: Facts::from_iter([("basis".into(), "variable".to_owned())]),
            ..sample::seen(ComponentKind::Provider, "openai", "Program.cs")
        };
        let all = used()
            .into_iter()
            .chain(declared("Azure.AI.OpenAI", "azure-openai"))
            .chain([key])
            .collect();
        assert_eq!(
            settled(all, &Supply::default()),
            ["package Azure.AI.OpenAI", "provider azure-openai", "provider openai"]
        );
    }
}
