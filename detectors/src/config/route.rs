//! Models that the path of a request names: `/v1/models/acme-2:generate`, `/deployments/acme-2/chat/completions`. Whether a text is
//! a model's id at all, the catalog knows.

use super::value::is_model_id;

/// Segments behind which a model's name stands.
const BEFORE: [&str; 5] = ["models", "model", "deployments", "engines", "inference"];

/// Segments that say what a model is to do.
const VERBS: [&str; 15] = [
    "invoke",
    "invoke-with-response-stream",
    "converse",
    "converse-stream",
    "predict",
    "predictions",
    "generate",
    "infer",
    "chat",
    "completions",
    "embeddings",
    "images",
    "audio",
    "responses",
    "versions",
];

/// Labels and segments of pages for people, who read there about a model.
const PAGES: [&str; 9] = ["docs", "doc", "documentation", "blog", "help", "learn", "wiki", "guide", "guides"];

/// The model that the path of a request names, with the organisation before it if there is one.
pub(super) fn model_in_request<'p>(host: &str, path: &'p str) -> Option<&'p str> {
    let labels = || host.split(['.', '-']);
    let is_page = |word: &str| PAGES.iter().any(|page| word.eq_ignore_ascii_case(page));
    if labels().chain(path.split('/')).any(is_page) {
        return None;
    }
    let at = path.split('/').position(|segment| BEFORE.contains(&segment))?;
    let start: usize = path.split('/').take(at + 1).map(|segment| segment.len() + 1).sum();
    let rest = path.get(start..)?;
    // `acme-2:generate`; a number behind the colon is part of the id.
    let verb = rest
        .match_indices(':')
        .find(|(colon, _)| rest[colon + 1..].starts_with(|c: char| c.is_ascii_alphabetic()));
    let rest = verb.map_or(rest, |(colon, _)| &rest[..colon]);
    let mut segments = rest.split('/');
    let (first, second) = (segments.next()?, segments.next().filter(|segment| !segment.is_empty()));
    let does = |segment: &str| VERBS.contains(&segment);
    let is_versioned = |segment: &str| {
        let number = segment.strip_prefix('v').unwrap_or_default();
        number.starts_with(|c: char| c.is_ascii_digit())
    };
    let is_api = labels().any(|label| label.contains("api") || label == "inference")
        || path.split('/').any(|segment| is_versioned(segment) || does(segment))
        || verb.is_some();
    let id = match second {
        Some(name) if !does(name) => rest.get(..first.len() + 1 + name.len())?,
        _ => first,
    };
    (is_api && is_model_id(id)).then_some(id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn requests_name_their_model() {
        for (host, path, model) in [
            ("llm.example", "/v1beta/models/acme-pro", "acme-pro"),
            ("llm.example", "/v1beta/models/acme-1.5-flash:generateContent", "acme-1.5-flash"),
            ("llm.example", "/models/acme-1.5:predict", "acme-1.5"),
            ("api-hub.example", "/models/org/name-large", "org/name-large"),
            ("*.cloud.example", "/openai/deployments/acme-4o/chat/completions", "acme-4o"),
            ("llm.example", "/v1/engines/acme-002/completions", "acme-002"),
            ("runtime.example", "/model/maker.acme-v1:0/invoke", "maker.acme-v1:0"),
            ("api.example", "/v1/inference/org/Name-70b", "org/Name-70b"),
        ] {
            assert_eq!(model_in_request(host, path), Some(model), "{path}");
        }
    }

    #[test]
    fn pages_and_other_paths_name_none() {
        for (host, path) in [
            ("platform.example", "/docs/models/acme-4"),
            ("docs.example", "/v1/models/acme-4"),
            ("shop.example", "/models/sedan-2"),
            ("api.example", "/v1/models"),
            ("api.example", "/v1/models/"),
            ("api.example", "/v1/users/acme-4"),
            ("api.example", "/v1/models/{model}:generate"),
            ("api.example", ""),
        ] {
            assert_eq!(model_in_request(host, path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_path_is_judged(host in "\\PC{0,20}", path in "(/|models|v1|:|\\PC){0,12}") {
            if let Some(model) = model_in_request(&host, &path) {
                prop_assert!(path.contains(model));
            }
        }
    }
}
