//! How names are brought into the one form in which signatures and observations are compared.

use std::borrow::Cow;

/// A package name as its registry compares it.
pub(crate) fn package<'n>(scope: &str, name: &'n str) -> Cow<'n, str> {
    let has_capitals = name.bytes().any(|byte| byte.is_ascii_uppercase());
    match scope {
        // PEP 503: runs of `-`, `_` and `.` are one `-`.
        "pypi" | "conda" if has_capitals || name.contains(['_', '.']) || name.contains("--") => Cow::Owned(
            name.to_ascii_lowercase()
                .split(['-', '_', '.'])
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("-"),
        ),
        "cargo" if has_capitals || name.contains('_') => Cow::Owned(name.to_ascii_lowercase().replace('_', "-")),
        // The major version is part of a module's path, not of its name.
        "go" => lower(without_number(name, "/v")),
        // What is built for several versions of Scala says so behind its name.
        "maven" => lower(without_number(name, "_")),
        _ => lower(name),
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// A name without the number that stands behind a mark at its end.
fn without_number<'n>(name: &'n str, mark: &str) -> &'n str {
    let is_number = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_digit()) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    name.rsplit_once(mark)
        .filter(|(_, number)| is_number(number))
        .map_or(name, |(name, _)| name)
}

/// The name of the whole that a package belongs to, as people know it: a Go module without its major version, a pod of
/// which the named one is a part, if it is among the known names.
pub(crate) fn whole_package<'n>(scope: &str, name: &'n str, known: &[String]) -> &'n str {
    match scope {
        "go" => without_number(name, "/v"),
        "cocoapods" => {
            let pod = name.split('/').next().unwrap_or(name);
            let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
            if is_known(pod) && !is_known(name) { pod } else { name }
        }
        _ => name,
    }
}

/// The first part of an imported module's path, if the package that brings it is called otherwise.
pub(crate) fn module_of_another_name<'m>(path: &'m str, package: &str) -> Option<&'m str> {
    let module = path.split(['.', ':', '/']).next().unwrap_or(path);
    let plain = |name: &str| name.to_ascii_lowercase().replace(['-', '.'], "_");
    (!module.is_empty() && plain(module) != plain(package)).then_some(module)
}

/// A module path and what it is part of, longest first: `a.b.c`, `a.b`, `a`.
pub(crate) fn enclosing_modules(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        let cut = path.rfind(['.', '/', ':'])?;
        let shorter = path[..cut].trim_end_matches(':');
        (!shorter.is_empty()).then_some(shorter)
    })
}

/// An id without the region that some platforms put before a vendor's name.
pub(crate) fn without_region(id: &str) -> &str {
    const REGIONS: [&str; 10] = ["us.", "eu.", "apac.", "global.", "us-gov.", "jp.", "au.", "ca.", "in.", "regional."];
    REGIONS
        .iter()
        .find_map(|region| id.strip_prefix(region).filter(|bare| bare.contains('.')))
        .unwrap_or(id)
}

/// What a model id may be called besides what is written: without a route, region or vendor prefix, without a tag.
/// What is written comes first.
pub(crate) fn model_forms(written: &str) -> Vec<String> {
    let whole = written.trim().to_ascii_lowercase();
    let mut forms = vec![whole.clone()];
    let mut add = |form: &str| {
        if form.len() >= 2 && !forms.iter().any(|known| known == form) {
            forms.push(form.to_owned());
        }
    };
    let mut rest = without_region(&whole);
    if rest.len() < whole.len() {
        add(rest);
    }
    for mark in ["/", "::"] {
        if let Some((_, name)) = rest.rsplit_once(mark) {
            add(name);
            rest = name;
        }
    }
    // `anthropic.claude-…`, `openai:gpt-…`: one lower-case word before the id.
    if let Some((vendor, name)) = rest.split_once(['.', ':'])
        && vendor.len() >= 2
        && vendor.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !vendor.bytes().all(|b| b.is_ascii_digit())
        && name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
    {
        add(name);
    }
    let trimmed: Vec<String> = forms
        .iter()
        .filter_map(|form| {
            form.split_once(['@', ':'])
                .map(|(name, _)| name.to_owned())
                .or_else(|| form.strip_suffix("-latest").map(str::to_owned))
        })
        .collect();
    for form in trimmed {
        if form.len() >= 2 && !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// A name by its letters and digits alone: `GPT_4_1`, `gpt4.1`.
pub(crate) fn bare(name: &str) -> String {
    let plain = name.chars().filter(char::is_ascii_alphanumeric);
    plain.map(|c| c.to_ascii_lowercase()).collect()
}

/// What the constant of a library that stands for a model may call it, by its letters and digits alone: with and without
/// the words that say that it is one.
pub(crate) fn constant_forms(name: &str) -> Vec<String> {
    const KINDS: [&str; 8] = [
        "chatmodel",
        "embeddingmodel",
        "imagemodel",
        "audiomodel",
        "speechmodel",
        "moderationmodel",
        "responsesmodel",
        "model",
    ];
    let whole = bare(name);
    let without = KINDS.iter().find_map(|kind| whole.strip_prefix(kind)).map(str::to_owned);
    let mut forms = vec![whole];
    forms.extend(without.filter(|form| form.len() > 1));
    // `3Dot5`
    let dotless: Vec<String> = forms
        .iter()
        .filter(|form| form.contains("dot"))
        .map(|form| form.replace("dot", ""))
        .collect();
    forms.extend(dotless);
    // `…_V1_0` is the first version, `…_V2_1024` one of its sizes.
    if let Some((named, last)) = name.rsplit_once('_')
        && (last == "0" || (3..=4).contains(&last.len()))
        && last.bytes().all(|byte| byte.is_ascii_digit())
        && named.bytes().last().is_some_and(|byte| byte.is_ascii_digit())
        && named.rsplit('_').next().is_some_and(|version| version.starts_with(['V', 'v']))
    {
        forms.push(bare(named));
    }
    forms
}

/// An id without the day of its version, or the word for the newest one.
pub(crate) fn without_version(id: &str) -> Option<&str> {
    if let Some(bare) = id.strip_suffix("-latest") {
        return Some(bare);
    }
    let bare = id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let version = id[bare.len()..].trim_start_matches('-');
    let digits = version.bytes().filter(u8::is_ascii_digit).count();
    // `-20241022`, `-2024-08-06`
    let dated = digits == 8 && version.starts_with("20") && !bare.is_empty();
    dated.then_some(bare)
}

/// The names an environment variable ends with, longest first: `A_B_C`, `B_C`, `C`.
pub(crate) fn variable_endings(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('_').map(|(_, rest)| rest)).filter(|ending| !ending.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_told_from_packages_of_another_name() {
        assert_eq!(module_of_another_name("whisper.audio", "openai-whisper"), Some("whisper"));
        assert_eq!(module_of_another_name("scikit_learn", "scikit-learn"), None);
        assert_eq!(module_of_another_name("openai.types", "openai"), None);
        assert_eq!(module_of_another_name("", "openai"), None);
    }

    #[test]
    fn packages_are_compared_as_their_registry_does() {
        assert_eq!(package("pypi", "Sentence_Transformers"), "sentence-transformers");
        assert_eq!(package("cargo", "async_openai"), "async-openai");
        assert_eq!(package("npm", "@ai-sdk/openai"), "@ai-sdk/openai");
        assert_eq!(package("go", "example.com/Org/name/v2"), "example.com/org/name");
        assert_eq!(package("go", "example.com/org/name/v2x"), "example.com/org/name/v2x");
        assert_eq!(package("maven", "org.acme:name_2.13"), "org.acme:name");
        assert_eq!(package("maven", "org.acme:name_gpu"), "org.acme:name_gpu");
        assert_eq!(package("nuget", "Acme.Name"), "acme.name");
    }

    #[test]
    fn modules_are_part_of_modules() {
        assert_eq!(enclosing_modules("a.b/c::d").collect::<Vec<_>>(), ["a.b/c::d", "a.b/c", "a.b", "a"]);
    }

    #[test]
    fn constants_are_compared_by_letters_and_digits() {
        assert_eq!(constant_forms("ModelClaude3_7SonnetLatest")[1], "claude37sonnetlatest");
        assert_eq!(constant_forms("GPT_4_1"), ["gpt41"]);
        assert_eq!(constant_forms("Model"), ["model"]);
        assert_eq!(constant_forms("ACME_V1_0"), ["acmev10", "acmev1"]);
        assert_eq!(constant_forms("ACME_V2_1024"), ["acmev21024", "acmev2"]);
        assert_eq!(constant_forms("ACME_2_0"), ["acme20"]);
    }

    #[test]
    fn ids_lose_their_versions() {
        for (id, bare) in [
            ("m-3-5-a-20241022", Some("m-3-5-a")),
            ("m-4o-2024-08-06", Some("m-4o")),
            ("m-a-latest", Some("m-a")),
            ("m-4o", None),
            ("m-0613", None),
            ("20241022", None),
        ] {
            assert_eq!(without_version(id), bare, "{id}");
        }
    }

    #[test]
    fn model_ids_lose_their_routes() {
        for (written, form) in [
            ("openai/gpt-4o", "gpt-4o"),
            ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-20241022-v2:0"),
            ("accounts/fireworks/models/llama-v3p1-8b", "llama-v3p1-8b"),
            ("llama3.2:1b", "llama3.2"),
            ("groq::openai/gpt-oss-20b", "gpt-oss-20b"),
            ("aihubmix::gpt-4o", "gpt-4o"),
            ("models/embedding-001", "embedding-001"),
            ("textembedding-gecko@003", "textembedding-gecko"),
        ] {
            assert!(
                model_forms(written).contains(&form.to_owned()),
                "{written}: {:?}",
                model_forms(written)
            );
        }
        assert!(!model_forms("gpt-3.5-turbo").contains(&"5-turbo".to_owned()));
    }
}
