//! An SDK is not a vendor: a client that is pointed at another address does not use the service its SDK was made for.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Evidence, Location, Stage, Usage};

/// Drops what an SDK says of its provider where every client of it in the unit is pointed at somebody else. What speaks of the
/// provider by itself is kept, as a key or host of it; so is what stays in doubt: a call that may make another client, a
/// client whose address is not seen.
pub(super) fn drop_mere_sdks(evidence: &mut Vec<Evidence>) {
    let mut redirected: BTreeMap<String, Vec<&Evidence>> = BTreeMap::new();
    for seen in evidence.iter() {
        if let Some(sdk) = seen.facts.get("client-of").filter(|sdk| seen.provider.as_ref() != Some(sdk)) {
            redirected.entry(sdk.to_lowercase()).or_default().push(seen);
        }
    }
    let mere: BTreeSet<String> = redirected
        .into_iter()
        .filter(|(sdk, clients)| is_mere_sdk(sdk, &of_provider(sdk, evidence), clients))
        .map(|(sdk, _)| sdk)
        .collect();
    evidence.retain(|seen| seen.kind != ComponentKind::Provider || !is_sdk(seen) || !mere.contains(&seen.name.to_lowercase()));
}

/// Whether a statement about a provider is made by its SDK.
fn is_sdk(seen: &Evidence) -> bool {
    seen.facts.get("basis").is_some_and(|basis| basis == "sdk")
}

fn of_provider<'e>(provider: &str, evidence: &'e [Evidence]) -> Vec<&'e Evidence> {
    evidence
        .iter()
        .filter(|seen| seen.kind == ComponentKind::Provider && seen.name.to_lowercase() == provider)
        .collect()
}

fn is_mere_sdk(provider: &str, of_provider: &[&Evidence], clients: &[&Evidence]) -> bool {
    let strongest = of_provider.iter().map(|seen| seen.usage).max().unwrap_or(Usage::Docs);
    // A client of the tests says nothing about the product.
    let clients: Vec<&&Evidence> = clients.iter().filter(|seen| seen.usage >= strongest).collect();
    let redirected: BTreeSet<&Location> = clients.iter().map(|seen| &seen.location).collect();
    let makers: BTreeSet<String> = clients.iter().flat_map(|seen| called(seen)).collect();
    let imports: BTreeSet<&str> = of_provider
        .iter()
        .filter(|seen| seen.stage == Stage::Referenced)
        .map(|seen| seen.signature.as_str())
        .collect();
    // A call that its import's signature recognised is on the SDK itself; other calls use a client that was made before.
    let is_another_client = |seen: &Evidence| {
        seen.stage >= Stage::Invoked
            && seen.usage == strongest
            && imports.contains(seen.signature.as_str())
            && !redirected.contains(&seen.location)
            && may_make_client(provider, seen, &makers)
    };
    !clients.is_empty() && !imports.is_empty() && !of_provider.iter().any(|seen| is_sdk(seen) && is_another_client(seen))
}

/// Whether the call on this line may make a client: it bears the name of a redirected one, the provider's name or the
/// word itself, or no name can be read. SDKs also have calls that make parameters, messages and the like.
fn may_make_client(provider: &str, seen: &Evidence, makers: &BTreeSet<String>) -> bool {
    let provider: String = provider.chars().filter(char::is_ascii_alphanumeric).collect();
    let names = called(seen);
    names.is_empty()
        || names
            .iter()
            .any(|name| makers.contains(name) || name.contains(&provider) || name.contains("client"))
}

/// The names in lower case that stand before a bracket on the line of a piece of evidence.
fn called(seen: &Evidence) -> Vec<String> {
    let line = seen.excerpt.as_ref().map_or("", |excerpt| excerpt.as_str());
    let before_bracket = line.match_indices('(').map(|(at, _)| &line[..at]);
    let names = before_bracket.flat_map(|text| {
        let mut parts = text.rsplit(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.'));
        let mut parts = parts.next().unwrap_or_default().rsplit('.');
        let name = parts.next();
        // `Maker.of(` is made by its type.
        let of_type = parts.next().filter(|part| part.starts_with(char::is_uppercase));
        name.into_iter().chain(of_type)
    });
    names.filter(|name| !name.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::{Excerpt, Facts};

    fn at(path: &str, line: u32, text: &str) -> Evidence {
        Evidence {
            location: Location::new(path, line),
            excerpt: Excerpt::of(text),
            ..sample::seen(ComponentKind::Provider, "openai", path)
        }
    }

    fn sdk(path: &str, line: u32, text: &str, stage: Stage) -> Evidence {
        let facts = Facts::from_iter([("basis".into(), "sdk".to_owned())]);
        let signature = if stage == Stage::Declared {
            "openai.package.npm"
        } else {
            "openai.import.javascript"
        };
        Evidence {
            stage,
            facts,
            provider: Some("openai".into()),
            signature: signature.into(),
            ..at(path, line, text)
        }
    }

    fn import(path: &str) -> Evidence {
        sdk(path, 1, "import OpenAI from 'openai'", Stage::Referenced)
    }

    /// A client for another provider, with what the same call says of its SDK.
    fn client(path: &str) -> [Evidence; 2] {
        let line = "const client = new OpenAI({ baseURL: 'https://openrouter.ai/api/v1' })";
        let facts = Facts::from_iter([("basis".into(), "host".to_owned()), ("client-of".into(), "openai".to_owned())]);
        let other = Evidence {
            name: "openrouter".into(),
            provider: Some("openrouter".into()),
            facts,
            stage: Stage::Invoked,
            ..at(path, 7, line)
        };
        [other, sdk(path, 7, line, Stage::Invoked)]
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

    fn with_client(others: impl IntoIterator<Item = Evidence>) -> Vec<String> {
        providers([import("src/a.ts")].into_iter().chain(client("src/a.ts")).chain(others).collect())
    }

    #[test]
    fn the_maker_of_a_redirected_sdk_is_not_used() {
        let package = sample::seen(ComponentKind::Package, "openai", "package.json");
        let mut evidence = vec![
            package,
            sdk("package.json", 3, "\"openai\": \"^4\"", Stage::Declared),
            import("src/a.ts"),
        ];
        evidence.extend(client("src/a.ts"));
        assert_eq!(providers(evidence.clone()), ["openrouter"]);
        drop_mere_sdks(&mut evidence);
        assert!(
            evidence.iter().any(|seen| seen.kind == ComponentKind::Package),
            "the package itself stays"
        );
    }

    #[test]
    fn calls_that_make_no_client_do_not_speak_for_the_vendor() {
        let used = Evidence {
            signature: "openai.call".into(),
            ..sdk("src/b.ts", 9, "await client.chat.completions.create({", Stage::Invoked)
        };
        let typed = sdk(
            "src/b.ts",
            5,
            "return ChatCompletionFunctionToolParam(type=\"function\")",
            Stage::Invoked,
        );
        assert_eq!(with_client([import("src/b.ts"), used, typed]), ["openrouter"]);
    }

    #[test]
    fn an_sdk_without_another_address_is_its_vendor() {
        assert_eq!(
            providers(vec![
                sdk("package.json", 3, "\"openai\": \"^4\"", Stage::Declared),
                import("src/a.ts")
            ]),
            ["openai"]
        );
    }

    #[test]
    fn doubt_keeps_the_vendor() {
        let basis = |basis: &str, seen: Evidence| Evidence {
            facts: Facts::from_iter([("basis".into(), basis.to_owned())]),
            ..seen
        };
        for doubt in [
            basis("variable", at(".env", 1, "OPENAI_API_KEY=x")),
            basis("host", at("src/c.ts", 1, "fetch(url)")),
            Evidence {
                facts: Facts::new(),
                ..import("src/b.ts")
            },
            sdk("src/b.ts", 4, "export const direct = new OpenAI()", Stage::Invoked),
            sdk("src/a.ts", 3, "const direct = new OpenAI()", Stage::Invoked),
            sdk("src/b.ts", 4, "const it = openai.AsyncOpenAI(", Stage::Invoked),
            sdk("src/b.ts", 4, "const it = make_client(", Stage::Invoked),
            sdk("src/b.ts", 4, "no name can be read here", Stage::Invoked),
            sdk("src/B.java", 4, "return OpenAIOkHttpClient.fromEnv();", Stage::Invoked),
        ] {
            assert_eq!(with_client([doubt.clone()]), ["openai", "openrouter"], "{doubt:?}");
        }
    }

    #[test]
    fn what_speaks_of_the_vendor_by_itself_stays_and_the_sdk_goes() {
        let key = Evidence {
            facts: Facts::from_iter([("basis".into(), "variable".to_owned())]),
            ..at("src/a.ts", 8, "apiKey: process.env.OPENAI_API_KEY")
        };
        let mut evidence = vec![import("src/a.ts"), key];
        evidence.extend(client("src/a.ts"));
        drop_mere_sdks(&mut evidence);
        let stages: Vec<Stage> = evidence
            .iter()
            .filter(|seen| seen.name == "openai" && seen.kind == ComponentKind::Provider)
            .map(|seen| seen.stage)
            .collect();
        assert_eq!(stages.len(), 1, "{evidence:?}");
    }

    #[test]
    fn a_client_pointed_at_an_address_of_nobody_known_is_not_its_makers() {
        let [other, sdk] = client("src/a.ts");
        let endpoint = Evidence {
            kind: ComponentKind::Endpoint,
            name: "relay.example.net".into(),
            provider: None,
            ..other
        };
        assert_eq!(providers(vec![import("src/a.ts"), endpoint, sdk]), [""; 0]);
    }

    #[test]
    fn a_client_of_the_tests_does_not_speak_for_the_product() {
        let tested = client("tests/a.ts").map(|seen| Evidence {
            usage: Usage::Test,
            ..seen
        });
        let with = |own: Evidence| providers([own].into_iter().chain(tested.clone()).collect());
        assert_eq!(with(import("src/a.ts")), ["openai", "openrouter"]);
        assert_eq!(
            with(sdk("package.json", 3, "\"openai\": \"^4\"", Stage::Declared)),
            ["openai", "openrouter"]
        );
    }

    #[test]
    fn a_client_pointed_at_its_own_vendor_is_no_redirection() {
        let [own, sdk] = client("src/a.ts");
        let own = Evidence {
            provider: Some("openai".into()),
            name: "openai".into(),
            ..own
        };
        assert_eq!(providers(vec![import("src/a.ts"), own, sdk]), ["openai"]);
    }
}
