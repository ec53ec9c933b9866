//! Which company a name means, as contracts and lists write it: with its legal form, and the part of the company that signs. Whether a
//! company exists is not known here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

pub(crate) mod form;

pub(crate) use form::CompanyFile;

use crate::columns::heading;
use crate::embedded;

/// Words that a legal form or the name of a place may have.
const MOST_WORDS: usize = 4;

/// The words around names, and the companies that provider files name.
struct Known {
    forms: BTreeSet<String>,
    parts: BTreeSet<String>,
    /// By what a company is called: its name.
    companies: HashMap<String, String>,
    /// By the id of a provider: the name of the company behind it.
    of_provider: HashMap<String, String>,
    /// By what a company is called: its only provider, or the one that is called as it is.
    provider_of: HashMap<String, String>,
    /// By what providers are called, by id or name: the id.
    providers: HashMap<String, String>,
    /// What providers of an id are called.
    names: HashMap<String, String>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known {
        forms: BTreeSet::new(),
        parts: BTreeSet::new(),
        companies: HashMap::new(),
        of_provider: HashMap::new(),
        provider_of: HashMap::new(),
        providers: HashMap::new(),
        names: HashMap::new(),
    };
    let providers = embedded::providers();
    // What is called as the id of another is not that other.
    for provider in &providers {
        known.providers.insert(called(&provider.name), provider.id.clone());
    }
    for provider in &providers {
        known.providers.insert(called(&provider.id), provider.id.clone());
    }
    let mut behind: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for provider in &providers {
        known.names.insert(provider.id.clone(), provider.name.clone());
        let Some(company) = &provider.company else { continue };
        known.companies.insert(called(company), company.clone());
        known.of_provider.insert(provider.id.clone(), company.clone());
        behind.entry(called(company)).or_default().push(&provider.id);
    }
    for (company, ids) in behind {
        let own = providers.iter().find(|provider| called(&provider.name) == company);
        let only = (ids.len() == 1).then(|| ids[0].to_owned());
        known
            .provider_of
            .extend(own.map(|own| own.id.clone()).or(only).map(|id| (company, id)));
    }
    for file in embedded::companies() {
        known.forms.extend(file.forms);
        known.parts.extend(file.parts);
        for company in file.companies {
            let also = company.also.into_iter().chain([called(&company.name)]);
            known.companies.extend(also.map(|name| (name, company.name.clone())));
        }
    }
    known
});

/// A name without what people write differently: `OpenAI` is two words and `openai` is one.
fn called(name: &str) -> String {
    heading(name).replace(' ', "")
}

/// What a company is called without its legal form and, where one stands, the part of it that signs; and whether there was a form.
fn bare(name: &str) -> (String, bool) {
    let heading = heading(name);
    let words: Vec<&str> = heading.split(' ').collect();
    // At least one word of a name is a name.
    let without = |words: usize, all: &[&str], known: &BTreeSet<String>| -> Option<usize> {
        (1..=MOST_WORDS.min(words.saturating_sub(1)))
            .rev()
            .map(|taken| words - taken)
            .find(|left| known.contains(&all[*left..words].concat()))
    };
    let mut left = words.len();
    while let Some(fewer) = without(left, &words, &KNOWN.forms) {
        left = fewer;
    }
    let has_form = left < words.len();
    while has_form && let Some(fewer) = without(left, &words, &KNOWN.parts) {
        left = fewer;
    }
    (words[..left].concat(), has_form)
}

/// The id of the provider that people call so: by its id or its name, or by the name of the only company behind it; without case, spaces,
/// punctuation and legal form.
#[must_use]
pub fn provider_named(name: &str) -> Option<&'static str> {
    if let Some(id) = KNOWN.providers.get(&called(name)) {
        return Some(id);
    }
    let (bare, _) = bare(name);
    if KNOWN.companies.contains_key(&bare) {
        return KNOWN.provider_of.get(&bare).map(String::as_str);
    }
    KNOWN.providers.get(&bare).map(String::as_str)
}

/// What people call the provider of an id.
#[must_use]
pub fn provider_called(id: &str) -> Option<&'static str> {
    KNOWN.names.get(id).map(String::as_str)
}

/// The company that a name means, where one stands behind a provider.
#[must_use]
pub fn company_named(name: &str) -> Option<&'static str> {
    KNOWN.companies.get(&bare(name).0).map(String::as_str)
}

/// Whom a provider, by its id, or a company, by a name of it, is to be called as a supplier: the company, where it is known.
#[must_use]
pub fn supplier(named: &str) -> String {
    if let Some(company) = KNOWN.of_provider.get(named) {
        return company.clone();
    }
    if let Some(name) = provider_called(named) {
        return name.to_owned();
    }
    match (company_named(named), provider_named(named)) {
        (Some(company), _) => company.to_owned(),
        (None, Some(id)) => supplier(id),
        (None, None) => named.trim().to_owned(),
    }
}

/// Whether what somebody wrote in a list of suppliers names a provider, given by its id, or a company, given by a name of it. An id names
/// that provider only, a company all that comes from it.
#[must_use]
pub fn names_supplier(written: &str, of: &str) -> bool {
    if provider_called(&written.to_lowercase()).is_some() {
        return false;
    }
    let key = |name: &str| bare(&supplier(name)).0;
    provider_named(written).is_some_and(|id| id == of)
        || company_named(written).is_some_and(|company| bare(company).0 == key(of))
        || provider_called(of).is_none() && bare(written).0 == key(of)
}

/// Whether a text is a legal form and no name: the part behind a comma in `Acme, Inc.`.
#[must_use]
pub fn is_legal_form(text: &str) -> bool {
    KNOWN.forms.contains(&called(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_forms_and_places_are_no_part_of_a_name() {
        for (written, id) in [
            ("OpenAI Ireland Ltd", "openai"),
            ("OpenAI, L.L.C.", "openai"),
            ("Anthropic Ireland, Limited", "anthropic"),
            ("Anthropic PBC", "anthropic"),
            ("Mistral AI SAS", "mistral"),
            ("Hugging Face, Inc.", "huggingface"),
            ("Cohere Inc", "cohere"),
            ("SAP SE", "sap-ai-core"),
            ("SAP", "sap-ai-core"),
            ("Aleph Alpha GmbH", "aleph-alpha"),
            ("ELEVENLABS INC", "elevenlabs"),
            ("Databricks Netherlands B.V.", "databricks"),
            ("Anysphere, Inc.", "cursor"),
        ] {
            assert_eq!(provider_named(written), Some(id), "{written}");
        }
        for written in [
            "Open Systems AG",
            "Cohere Health Inc",
            "Gemini Trust Company LLC",
            "Gemini LLC",
            "OpenAI Consulting Partners GmbH",
            "Ltd",
            "Ireland Ltd",
            "",
            "Limited Inc",
            "Anthropic Ireland Bakery",
            "Microsoft Corporation",
            "Google LLC",
        ] {
            assert_eq!(provider_named(written), None, "{written}");
        }
    }

    #[test]
    fn companies_behind_several_providers_are_known() {
        for (written, company) in [
            ("Microsoft Corporation", "Microsoft"),
            ("Microsoft Ireland Operations Limited", "Microsoft"),
            ("Google LLC", "Google"),
            ("Google Cloud EMEA Limited", "Google"),
            ("Google Ireland Limited", "Google"),
            ("Amazon Web Services EMEA SARL", "Amazon Web Services"),
            ("GitHub, Inc.", "GitHub"),
            ("Meta Platforms Ireland Limited", "Meta"),
        ] {
            assert_eq!(company_named(written), Some(company), "{written}");
        }
        for written in [
            "Googly GmbH",
            "Micro Soft Drinks Ltd",
            "Amazonas Foods S.A.",
            "Metal SE",
            "Acme Inc",
        ] {
            assert_eq!(company_named(written), None, "{written}");
        }
    }

    #[test]
    fn a_company_names_all_that_comes_from_it_and_an_id_only_itself() {
        for (written, of) in [
            ("Microsoft Corporation", "azure-openai"),
            ("Google LLC", "google-gemini"),
            ("google", "google-vertex-ai"),
            ("AWS", "aws-bedrock"),
            ("Amazon Bedrock", "aws-bedrock"),
            ("OpenAI Ireland Ltd", "codex"),
            ("OpenAI Ireland Ltd", "openai"),
            ("Mistral AI", "mistral"),
            ("DeepL SE", "DeepL"),
            ("DeepL", "DeepL GmbH"),
        ] {
            assert!(names_supplier(written, of), "{written} {of}");
        }
        for (written, of) in [
            ("openai", "codex"),
            ("OpenAI", "azure-openai"),
            ("OpenAI Ireland Ltd", "azure-openai"),
            ("microsoft", "azure-openai"),
            ("Amazon Bedrock", "aws-sagemaker"),
            ("Google Gemini API", "google-vertex-ai"),
            ("Open Systems AG", "openai"),
            ("Gemini Trust Company LLC", "google-gemini"),
            ("Acme Inc", "Acme Vision Inc"),
            ("", "openai"),
        ] {
            assert!(!names_supplier(written, of), "{written} {of}");
        }
    }

    #[test]
    fn a_supplier_is_the_company_as_far_as_it_is_known() {
        for (named, supplier_name) in [
            ("claude-code", "Anthropic"),
            ("anthropic", "Anthropic"),
            ("github-copilot", "GitHub"),
            ("azure-openai", "Microsoft"),
            ("codex", "OpenAI"),
            ("OpenAI Ireland Ltd", "OpenAI"),
            ("Microsoft Corporation", "Microsoft"),
            ("aider", "Aider"),
            ("Acme GmbH", "Acme GmbH"),
        ] {
            assert_eq!(supplier(named), supplier_name, "{named}");
        }
    }

    #[test]
    fn words_are_written_as_they_are_compared() {
        let plain = |text: &String| !text.is_empty() && called(text) == *text;
        assert!(KNOWN.forms.iter().chain(&KNOWN.parts).chain(KNOWN.companies.keys()).all(plain));
        assert!(KNOWN.forms.is_disjoint(&KNOWN.parts));
        assert!(is_legal_form("S.p.A.") && is_legal_form("GmbH") && !is_legal_form("Ireland") && !is_legal_form(""));
    }

    #[test]
    fn no_name_of_a_provider_is_lost() {
        for provider in embedded::providers() {
            assert!(provider_named(&provider.name).is_some(), "{}", provider.name);
            assert_eq!(provider_named(&provider.id), Some(provider.id.as_str()));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_read(name in "(?s)((GmbH|Ltd|S\\.p\\.A\\.|Ireland|Open|AI|[ ,.&]|é|.){0,30})") {
            let _ = (provider_named(&name), supplier(&name), names_supplier(&name, "openai"));
        }
    }
}
