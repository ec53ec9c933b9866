//! An SDK is not a vendor: a client that is pointed at another address does not use the service its SDK was made for.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Evidence, Stage, Usage};

/// Drops the evidence for providers of whose SDK every client in the unit is pointed at somebody else. What stays in
/// doubt is kept: a key or host of the provider, a file that imports the SDK without such a client, a client whose
/// address is not seen.
pub(super) fn drop_mere_sdks(evidence: &mut Vec<Evidence>) {
    let mut redirected: BTreeMap<String, Vec<&Evidence>> = BTreeMap::new();
    for seen in evidence.iter() {
        if let Some(sdk) = seen.facts.get("client-of").filter(|sdk| seen.provider.as_ref() != Some(sdk)) {
            redirected.entry(sdk.to_lowercase()).or_default().push(seen);
        }
    }
    let mere: BTreeSet<String> = redirected
        .into_iter()
        .filter(|(sdk, clients)| is_mere_sdk(&of_provider(sdk, evidence), clients))
        .map(|(sdk, _)| sdk)
        .collect();
    evidence.retain(|seen| seen.kind != ComponentKind::Provider || !mere.contains(&seen.name.to_lowercase()));
}

fn of_provider<'e>(provider: &str, evidence: &'e [Evidence]) -> Vec<&'e Evidence> {
    evidence
        .iter()
        .filter(|seen| seen.kind == ComponentKind::Provider && seen.name.to_lowercase() == provider)
        .collect()
}

fn is_mere_sdk(of_provider: &[&Evidence], clients: &[&Evidence]) -> bool {
    let strongest = of_provider.iter().map(|seen| seen.usage).max().unwrap_or(Usage::Docs);
    // A client of the tests says nothing about the product.
    let clients: Vec<&&Evidence> = clients.iter().filter(|seen| seen.usage >= strongest).collect();
    let files: BTreeSet<&str> = clients.iter().map(|seen| seen.location.path.as_str()).collect();
    let redirected_here = |path: &str| files.contains(path);
    !clients.is_empty()
        && of_provider
            .iter()
            .all(|seen| seen.facts.get("basis").is_some_and(|basis| basis == "sdk"))
        && of_provider
            .iter()
            .filter(|seen| seen.stage >= Stage::Referenced && seen.usage == strongest)
            .all(|seen| redirected_here(&seen.location.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::Location;

    fn sdk(path: &str, stage: Stage) -> Evidence {
        let facts = BTreeMap::from([("basis".to_owned(), "sdk".to_owned())]);
        Evidence {
            stage,
            facts,
            provider: Some("openai".into()),
            ..sample::seen(ComponentKind::Provider, "openai", path)
        }
    }

    fn client(path: &str) -> Evidence {
        let facts = BTreeMap::from([
            ("basis".to_owned(), "host".to_owned()),
            ("client-of".to_owned(), "openai".to_owned()),
        ]);
        let location = Location::new(path, 7);
        Evidence {
            location,
            stage: Stage::Invoked,
            facts,
            provider: Some("openrouter".into()),
            ..sample::seen(ComponentKind::Provider, "openrouter", path)
        }
    }

    fn providers(mut evidence: Vec<Evidence>) -> Vec<String> {
        drop_mere_sdks(&mut evidence);
        let names: BTreeSet<String> = evidence
            .into_iter()
            .filter(|seen| seen.kind == ComponentKind::Provider)
            .map(|seen| seen.name)
            .collect();
        names.into_iter().collect()
    }

    #[test]
    fn the_maker_of_a_redirected_sdk_is_not_used() {
        let package = sample::seen(ComponentKind::Package, "openai", "package.json");
        let mut evidence = vec![
            package,
            sdk("package.json", Stage::Declared),
            sdk("src/a.ts", Stage::Referenced),
            sdk("src/a.ts", Stage::Invoked),
            client("src/a.ts"),
        ];
        assert_eq!(providers(evidence.clone()), ["openrouter"]);
        drop_mere_sdks(&mut evidence);
        assert!(
            evidence.iter().any(|seen| seen.kind == ComponentKind::Package),
            "the package itself stays"
        );
    }

    #[test]
    fn an_sdk_without_another_address_is_its_vendor() {
        assert_eq!(
            providers(vec![sdk("package.json", Stage::Declared), sdk("src/a.ts", Stage::Referenced)]),
            ["openai"]
        );
    }

    #[test]
    fn doubt_keeps_the_vendor() {
        let key = Evidence {
            facts: BTreeMap::from([("basis".to_owned(), "variable".to_owned())]),
            ..sdk(".env", Stage::Configured)
        };
        let elsewhere = sdk("src/b.ts", Stage::Referenced);
        let unexplained = Evidence {
            facts: BTreeMap::new(),
            ..sdk("src/a.ts", Stage::Referenced)
        };
        for doubt in [key, elsewhere, unexplained] {
            assert_eq!(
                providers(vec![sdk("src/a.ts", Stage::Referenced), client("src/a.ts"), doubt]),
                ["openai", "openrouter"]
            );
        }
    }

    #[test]
    fn a_client_of_the_tests_does_not_speak_for_the_product() {
        let tested = Evidence {
            usage: Usage::Test,
            ..client("tests/a.ts")
        };
        assert_eq!(
            providers(vec![sdk("src/a.ts", Stage::Referenced), tested.clone()]),
            ["openai", "openrouter"]
        );
        let only_declared = vec![sdk("package.json", Stage::Declared), tested];
        assert_eq!(providers(only_declared), ["openai", "openrouter"]);
    }

    #[test]
    fn a_client_pointed_at_its_own_vendor_is_no_redirection() {
        let own = Evidence {
            provider: Some("openai".into()),
            name: "openai".into(),
            ..client("src/a.ts")
        };
        assert_eq!(providers(vec![sdk("src/a.ts", Stage::Referenced), own]), ["openai"]);
    }
}
