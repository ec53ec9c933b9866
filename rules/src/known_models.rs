//! Exact model ids with what public lists say of them, and the licences of open weights; read when the first model is seen.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use evidence::{Confidence, Facts};

use crate::catalog::{Catalog, Known};
use crate::day::Day;
use crate::embedded;
use crate::models::{Licence, ModelFacts, ModelFile};
use crate::names;
use crate::patterns::Patterns;
use crate::provider::{Provider, Signature, Vendor};

/// The table of ids.
pub(crate) struct KnownModels {
    files: Vec<ModelFile>,
    /// A file's position, what its ids are recognised by, and the place of an id with facts.
    by_id: HashMap<String, Entry>,
    /// For each file: how its ids are recognised, and its ambiguous ones.
    signatures: Vec<[Signature; 2]>,
    licences: Vec<Licence>,
    licence_patterns: Patterns,
    /// What may stand before an id without meaning another model.
    routes: HashSet<String>,
    /// Positions of the providers that gateways ask by a prefix.
    prefixes: HashMap<String, usize>,
    /// Ids by their letters and digits alone, made when first asked for.
    bare: OnceLock<HashMap<String, Vec<String>>>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    file: usize,
    ambiguous: bool,
    facts: Option<usize>,
}

impl KnownModels {
    pub(crate) fn of(providers: &[Provider]) -> Self {
        let files = embedded::models();
        let mut by_id = HashMap::new();
        for (at, file) in files.iter().enumerate() {
            let plain = |ambiguous| Entry {
                file: at,
                ambiguous,
                facts: None,
            };
            by_id.extend(file.ids.iter().map(|id| (id.clone(), plain(false))));
            by_id.extend(file.words.iter().map(|id| (id.clone(), plain(true))));
            by_id.extend(file.models.iter().enumerate().map(|(row, facts)| {
                let entry = Entry {
                    facts: Some(row),
                    ..plain(facts.ambiguous)
                };
                (facts.id.clone(), entry)
            }));
        }
        let licences: Vec<Licence> = embedded::licences().into_iter().flat_map(|file| file.licences).collect();
        let mut licence_patterns = Patterns::default();
        for (at, licence) in licences.iter().enumerate() {
            let at = (u32::try_from(at).unwrap_or(u32::MAX), 0);
            licence_patterns.extend(licence.patterns.iter().map(|pattern| (format!("^(?i:{pattern})$"), at)));
        }
        let routes = providers
            .iter()
            .flat_map(|provider| {
                let first = provider.id.split('-').next().filter(|_| provider.vendor == Vendor::Service);
                let own = std::iter::once(provider.id.as_str()).chain(first);
                own.chain(provider.routes.iter().chain(&provider.prefixes).map(String::as_str))
            })
            .map(str::to_ascii_lowercase)
            .collect();
        let of_provider = |(at, provider): (usize, &Provider)| -> Vec<(String, usize)> {
            provider.prefixes.iter().map(|prefix| (prefix.clone(), at)).collect()
        };
        let prefixes = providers.iter().enumerate().flat_map(of_provider).collect();
        Self {
            signatures: files.iter().map(|file| [listed(file, false), listed(file, true)]).collect(),
            files,
            by_id,
            licences,
            licence_patterns,
            routes,
            prefixes,
            bare: OnceLock::new(),
        }
    }

    /// Ids with these letters and digits, those of which more is known first.
    #[allow(clippy::iter_over_hash_type, reason = "each list is sorted once all ids are in it")]
    fn by_letters(&self, letters: &str) -> &[String] {
        let bare = self.bare.get_or_init(|| {
            let mut bare: HashMap<String, Vec<String>> = HashMap::new();
            for id in self.by_id.keys() {
                bare.entry(names::bare(id)).or_default().push(id.clone());
            }
            // What a vendor calls a model whose versions alone are listed.
            let families: BTreeSet<&str> = self.by_id.keys().filter_map(|id| names::without_version(id)).collect();
            for family in families {
                let known = bare.entry(names::bare(family)).or_default();
                if known.is_empty() {
                    known.push(family.to_owned());
                }
            }
            for ids in bare.values_mut() {
                ids.sort_by_key(|id| {
                    let has_facts = self.by_id.get(id).is_some_and(|entry| entry.facts.is_some());
                    (!has_facts, id.len(), id.clone())
                });
            }
            bare
        });
        bare.get(letters).map(Vec::as_slice).unwrap_or_default()
    }

    fn entry(&self, written: &str) -> Option<Entry> {
        names::model_forms(written).iter().find_map(|form| self.by_id.get(form).copied())
    }

    fn facts(&self, entry: Entry) -> Option<(&ModelFacts, &Day)> {
        let file = &self.files[entry.file];
        Some((file.models.get(entry.facts?)?, &file.checked))
    }

    /// The licence of the weights that an id names.
    fn licence(&self, written: &str) -> Option<&Licence> {
        names::model_forms(written)
            .iter()
            .rev()
            .find_map(|form| self.licence_patterns.matches(form).first().copied())
            .map(|(at, _)| &self.licences[at as usize])
    }

    /// The id without what only tells by which way it is reached, in lower case.
    fn routeless(&self, written: &str) -> String {
        let lower = written.trim().to_ascii_lowercase();
        let mut rest = names::without_region(&lower);
        while let Some((route, name)) = rest.split_once('/') {
            if name.is_empty() || !self.routes.contains(route) {
                break;
            }
            rest = names::without_region(name);
        }
        let dotted = rest.split_once('.').filter(|(vendor, _)| self.routes.contains(*vendor));
        // What stands behind a colon is mostly a tag, and `free` is one although a model is called so too.
        let is_whole = |route: &str, name: &str| self.routes.contains(route) || name.bytes().any(|byte| byte.is_ascii_digit());
        let listed = rest
            .split_once(':')
            .filter(|(route, name)| self.by_id.contains_key(*name) && is_whole(route, name));
        let name = dotted.or(listed).map_or(rest, |(_, name)| name);
        // A file of weights that is called after the model.
        name.strip_suffix(".gguf")
            .filter(|stem| !stem.is_empty())
            .unwrap_or(name)
            .to_owned()
    }
}

impl Catalog {
    /// The provider that a gateway's prefix before a model's id asks to answer, as written in lower case.
    pub(crate) fn behind_prefix(&self, prefix: &str) -> Option<&Provider> {
        let at = *self.models().prefixes.get(prefix)?;
        self.providers().get(at)
    }

    /// The provider that settings name beside a model, by its id, a route or a prefix: one that answers, as a service or a server does.
    pub(crate) fn who_answers(&self, written: &str) -> Option<&Provider> {
        let name = written.to_ascii_lowercase();
        let plain = name.replace('_', "-");
        let is_called =
            |provider: &&Provider| provider.id == plain || provider.routes.iter().any(|route| *route == name || *route == plain);
        let found = self.behind_prefix(&name).or_else(|| self.providers().iter().find(is_called));
        found.filter(|provider| provider.products.iter().any(|product| product.service))
    }

    /// How an exact id of the table is recognised; its signature stands in no provider file.
    pub(crate) fn listed_model(&self, written: &str) -> Option<Known<'_>> {
        let models = self.models();
        let entry = models.entry(written)?;
        let file = &models.files[entry.file];
        let at = self.providers().binary_search_by(|one| one.id.as_str().cmp(&file.provider)).ok()?;
        let provider = &self.providers()[at];
        let own = models.facts(entry).and_then(|(facts, _)| facts.product.as_ref());
        let id = own.unwrap_or(&file.product);
        Some(Known {
            provider,
            product: provider.products.iter().find(|product| product.id == *id)?,
            signature: &models.signatures[entry.file][usize::from(entry.ambiguous)],
        })
    }

    /// The model that a library's constant stands for: its name has the letters and digits of an id. Short words count only where
    /// the library is the vendor's own.
    pub(crate) fn model_of_constant(&self, name: &str, is_own: impl Fn(&str) -> bool) -> Option<String> {
        let models = self.models();
        // `ACME_MODEL_1`, as libraries of those who offer models of many write.
        let (vendor, vendorless) = name.split_once('_').unwrap_or_default();
        let others = if models.routes.contains(vendor.to_ascii_lowercase().as_str()) {
            names::constant_forms(vendorless)
        } else {
            Vec::new()
        };
        names::constant_forms(name).into_iter().chain(others).find_map(|form| {
            let ids = models.by_letters(&form);
            let own = ids
                .iter()
                .find(|id| self.listed_model(id).is_some_and(|known| is_own(&known.provider.id)));
            let telling = || {
                let tells = form.len() > 3 && form.bytes().any(|byte| byte.is_ascii_digit());
                ids.first()
                    .filter(|id| tells && self.listed_model(id).is_none_or(|known| !known.signature.ambiguous))
            };
            own.or_else(telling).cloned()
        })
    }

    /// What public lists say of a model, as facts: `released`, `retires` or, if it was so on the day of the list, `retired-on`,
    /// `successor`, `open-weights`, `licence` of open weights with its `licence-limits`, and `routeless`, the id without its route.
    #[must_use]
    pub fn model_facts(&self, written: &str) -> Facts {
        let models = self.models();
        let mut out = Facts::new();
        let mut tell = |name: &'static str, value: String| drop(out.insert(name.into(), value));
        let routeless = models.routeless(written);
        if let Some((facts, checked)) = models.entry(written).and_then(|entry| models.facts(entry)) {
            if let Some(day) = &facts.released {
                tell("released", day.to_string());
            }
            let lower = written.to_ascii_lowercase();
            let elsewhere = lower.split_once('/').and_then(|(route, _)| facts.retires_at.get(route));
            if let Some(day) = elsewhere.or(facts.retires.as_ref()) {
                tell(if day <= checked { "retired-on" } else { "retires" }, day.to_string());
                if let Some(successor) = &facts.successor {
                    tell("successor", successor.clone());
                }
            }
            if let Some(open) = facts.open_weights {
                tell("open-weights", if open { "yes" } else { "no" }.to_owned());
            }
        }
        if let Some(licence) = models.licence(written) {
            tell("licence", licence.id.clone());
            tell("open-weights", "yes".to_owned());
            if !licence.limits.is_empty() {
                tell("licence-limits", licence.limits.join(" "));
            }
        }
        if routeless != written.to_ascii_lowercase() {
            tell("routeless", routeless);
        }
        out
    }

    /// How many exact model ids are known.
    #[must_use]
    pub fn model_ids(&self) -> usize {
        self.models().by_id.len()
    }
}

/// What stands for the exact ids of a file. It has no anchors: a file is not read for such an id alone.
fn listed(file: &ModelFile, ambiguous: bool) -> Signature {
    const FORM: &str = "id = ''\nproduct = ''\nkind = 'model'\nconfidence = 'medium'";
    let mut signature: Signature = toml::from_str(FORM).expect("has the form of a signature");
    signature.id = format!("{}.model.listed", file.provider);
    signature.product.clone_from(&file.product);
    signature.ambiguous = ambiguous;
    if ambiguous {
        signature.confidence = Confidence::Low;
    }
    signature
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    fn facts(written: &str) -> Facts {
        Catalog::load(&[]).expect("the catalog loads").model_facts(written)
    }

    #[test]
    fn retirement_is_told_of_the_service_that_the_route_names() {
        let own = facts("gpt-4o-2024-05-13");
        assert_eq!(own.get("retired-on").map(String::as_str), Some("2026-10-23"), "{own:?}");
        assert!(own.contains_key("released") && own.get("open-weights").is_some_and(|open| open == "no"));
        assert_eq!(facts("openai/gpt-4o-2024-05-13").get("retired-on"), own.get("retired-on"));
        let elsewhere = facts("azure/gpt-4o-2024-05-13");
        assert!(
            elsewhere.contains_key("retires") && !elsewhere.contains_key("retired-on"),
            "{elsewhere:?}"
        );
    }

    #[test]
    fn licences_are_those_of_the_weights() {
        for written in [
            "meta-llama/Llama-3.1-8B-Instruct",
            "llama3.1:8b",
            "us.meta.llama3-1-8b-instruct-v1:0",
        ] {
            let facts = facts(written);
            assert_eq!(facts.get("licence").map(String::as_str), Some("llama3.1"), "{written}: {facts:?}");
            assert!(
                facts
                    .get("licence-limits")
                    .is_some_and(|limits| limits.contains("monthly-users-over-700m"))
            );
        }
        let research = facts("CohereForAI/c4ai-command-r-v01");
        assert_eq!(
            research.get("licence-limits").map(String::as_str),
            Some("non-commercial use-restrictions")
        );
        for free in [
            "gpt-4o",
            "command-r-plus",
            "mistralai/Mistral-7B-Instruct-v0.3",
            "Qwen/Qwen2.5-7B-Instruct",
            "deepseek-r1",
            "bloomberg",
        ] {
            assert!(!facts(free).contains_key("licence"), "{free}");
        }
    }

    #[test]
    fn routes_are_no_part_of_a_model_and_other_people_are() {
        let catalog = Catalog::load(&[]).expect("the catalog loads");
        let routeless = |written: &str| catalog.models().routeless(written);
        for written in [
            "gpt-4o",
            "openai/gpt-4o",
            "vertex_ai/gpt-4o",
            "azure/gpt-4o",
            "openrouter/openai/gpt-4o",
            "openai:gpt-4o",
            "OpenAI/GPT-4o",
        ] {
            assert_eq!(routeless(written), "gpt-4o", "{written}");
        }
        assert_eq!(
            routeless("us.anthropic.claude-3-haiku-20240307-v1:0"),
            "claude-3-haiku-20240307-v1:0"
        );
        assert_eq!(routeless("mistral-7b-v0.1.Q5_K_M.gguf"), routeless("mistral-7b-v0.1.Q5_K_M"));
        for written in [
            "thebloke/llama-2-7b-gguf",
            "gpt-3.5-turbo",
            "llama3.2:1b",
            "someone/gpt-4o",
            "openai/",
            "mistral:instruct",
            "phi-3-mini-128k-instruct:free",
        ] {
            assert_eq!(routeless(written), written);
        }
    }

    #[test]
    fn prefixes_of_gateways_ask_one_provider() {
        let catalog = Catalog::load(&[]).expect("the catalog loads");
        let asked = |prefix: &str| catalog.behind_prefix(prefix).map(|provider| provider.id.as_str());
        assert_eq!(asked("bedrock"), Some("aws-bedrock"));
        assert_eq!(asked("ollama_chat"), Some("ollama"));
        for hub in ["meta-llama", "Bedrock", "anthropic", "unsloth", ""] {
            assert_eq!(asked(hub), None, "{hub}");
        }
        let all: Vec<&String> = catalog.providers().iter().flat_map(|provider| &provider.prefixes).collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "one prefix asks two");
    }

    #[test]
    fn who_answers_is_known_by_id_route_and_prefix() {
        let catalog = Catalog::load(&[]).expect("the catalog loads");
        let asked = |name: &str| catalog.who_answers(name).map(|provider| provider.id.as_str());
        for (name, id) in [
            ("OpenAI", "openai"),
            ("azure_openai", "azure-openai"),
            ("azure", "azure-openai"),
            ("bedrock", "aws-bedrock"),
            ("mistralai", "mistral"),
            ("ollama", "ollama"),
        ] {
            assert_eq!(asked(name), Some(id), "{name}");
        }
        for name in ["langchain", "numpy", "local", "stripe", "default", "", "custom"] {
            assert_eq!(asked(name), None, "{name}");
        }
    }

    #[test]
    fn the_table_names_what_the_catalog_has() {
        let catalog = Catalog::load(&[]).expect("the catalog loads");
        let models = catalog.models();
        let mut seen = HashSet::new();
        for file in &models.files {
            let provider = catalog.providers().iter().find(|provider| provider.id == file.provider);
            let provider = provider.unwrap_or_else(|| panic!("models of `{}`, which no file describes", file.provider));
            assert!(!file.references.is_empty(), "{}", file.provider);
            let products = std::iter::once(&file.product).chain(file.models.iter().filter_map(|facts| facts.product.as_ref()));
            for product in products {
                assert!(provider.products.iter().any(|known| known.id == *product), "{product}");
            }
            for id in file.ids.iter().chain(&file.words).chain(file.models.iter().map(|facts| &facts.id)) {
                assert!(seen.insert(id), "`{id}` stands in the table twice");
                assert_eq!(*id, id.to_ascii_lowercase());
            }
        }
        assert!(catalog.model_ids() > 7_000, "{}", catalog.model_ids());
    }

    #[test]
    fn licences_keep_their_word() {
        let catalog = Catalog::load(&[]).expect("the catalog loads");
        let models = catalog.models();
        for licence in &models.licences {
            licence
                .patterns
                .iter()
                .for_each(|pattern| drop(Regex::new(pattern).expect(pattern)));
            assert!(!licence.references.is_empty() && !licence.examples.is_empty(), "{}", licence.id);
            for example in &licence.examples {
                assert_eq!(models.licence(example).map(|found| &found.name), Some(&licence.name), "{example}");
            }
            for counterexample in &licence.counterexamples {
                assert_ne!(
                    models.licence(counterexample).map(|found| &found.name),
                    Some(&licence.name),
                    "{counterexample}"
                );
            }
        }
    }

    #[test]
    fn constants_of_libraries_stand_for_models() {
        let catalog = Catalog::load(&[]).expect("the catalog loads");
        let of = |name: &str, own: &str| catalog.model_of_constant(name, |provider| provider == own);
        for (name, own, id) in [
            ("GPT4oMini", "openai", "gpt-4o-mini"),
            ("ChatModelGPT4o", "openai", "gpt-4o"),
            ("GPT_4_1", "openai", "gpt-4.1"),
            ("GPT3Dot5Turbo", "openai", "gpt-3.5-turbo"),
            ("O1", "openai", "o1"),
            ("ModelClaude3_7SonnetLatest", "anthropic", "claude-3-7-sonnet-latest"),
            ("CLAUDE_SONNET_4_0", "anthropic", "claude-sonnet-4-0"),
            ("GPT_4_O_MINI", "langchain4j", "gpt-4o-mini"),
            ("O1", "langchain4j", ""),
            (
                "ANTHROPIC_CLAUDE_3_SONNET_20240229_V1_0",
                "aws-bedrock",
                "claude-3-sonnet-20240229-v1",
            ),
            ("AMAZON_NOVA_LITE_V1", "aws-bedrock", "nova-lite-v1"),
            ("TITAN_EMBED_TEXT_V2_1024", "aws-bedrock", "titan-embed-text-v2"),
            ("ANTHROPIC_API_2023", "aws-bedrock", ""),
            ("AMAZON_LINUX_2023", "aws-bedrock", ""),
            ("DEFAULT_MODEL", "openai", ""),
            ("V1", "openai", ""),
            ("Utf8", "openai", ""),
            ("MaxRetries3", "openai", ""),
        ] {
            assert_eq!(of(name, own).unwrap_or_default(), id, "{name}");
        }
    }

    #[test]
    fn words_are_ambiguous() {
        let catalog = Catalog::load(&[]).expect("the catalog loads");
        for word in ["best", "nano", "resnet50", "o1", "sonar", "base"] {
            let known = catalog.listed_model(word);
            assert!(known.is_none_or(|known| known.signature.ambiguous), "{word}");
        }
        let known = catalog.listed_model("azure/gpt-4o-2024-08-06").expect("is known");
        assert_eq!((known.provider.id.as_str(), known.signature.ambiguous), ("openai", false));
        for stranger in ["large", "command", "nova", "main", "default", "model"] {
            assert!(
                catalog.listed_model(stranger).is_none_or(|known| known.signature.ambiguous),
                "{stranger}"
            );
        }
    }
}
