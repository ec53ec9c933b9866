//! What a value tells: a model's name, a host, a variable, or just a text for the catalog to look at. Every family that
//! finds a name with a value (files of configuration, images, code) asks here, so that they agree.

use std::sync::LazyLock;

use evidence::attribute;
use regex::Regex;

use super::{host, reference};
use crate::tree::{self, Node};
use crate::{Kind, Observation, Observations};

/// A longer text is cut to this many bytes.
const LONGEST: usize = 4096;
/// Longest model id.
const LONGEST_ID: usize = 120;
/// What stands before the name of a model's repository on a hub.
const HUBS: [&str; 2] = ["hf://", "hub://"];

/// Adds what a value tells. The name is a variable, an argument or a path of keys joined by dots; it may be empty.
pub(crate) fn observe(scope: &'static str, name: &str, text: &str, line: u32, out: &mut Observations) {
    let text = text.trim();
    if text.is_empty() || describes_the_form(name) {
        return;
    }
    let expanded = reference::expand(text);
    for variable in &expanded.variables {
        out.push(Observation::new(Kind::Env, scope, variable, line).with(attribute::NAME, name));
    }
    let text = expanded.text.trim();
    if says_nothing(text) || is_for_readers(name) {
        return;
    }
    if names_a_model(name) && (observe_records(scope, name, text, line, out) || observe_models(scope, name, text, line, out)) {
        return;
    }
    if host::observe(scope, name, text, line, out) {
        return;
    }
    observe_variable(scope, text, line, out);
    observe_inside(scope, text, line, out);
    // `hf://org/name`, in a place that need not say that it holds a model. Other schemes may be hubs too, or lead to pages of an
    // application and to what servers of tools offer: those have no sizes and versions.
    let other = || {
        text.split_once("://")
            .filter(|(scheme, id)| scheme.len() <= 12 && id.bytes().any(|byte| byte.is_ascii_digit()))
    };
    let hub = HUBS.iter().find_map(|hub| text.strip_prefix(hub)).or_else(|| Some(other()?.1));
    if let Some(id) = hub.filter(|id| id.contains('/'))
        && is_model_id(id)
        && !id.contains([':', '@'])
    {
        out.push(Observation::new(Kind::Model, scope, id, line).with(attribute::NAME, name));
    }
    let text = without_origin(text);
    out.push(Observation::new(Kind::Literal, scope, cut(text), line).with(attribute::NAME, name));
}

/// Whether a name says that its value is the address of what describes the file's form: an editor looks there, no program.
fn describes_the_form(name: &str) -> bool {
    name.rsplit('.').next() == Some("$schema")
}

/// Whether a name says that its value is only shown to people: what a field could hold is not what it holds.
pub(crate) fn is_for_readers(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let ends = |word: &&str| {
        last.len()
            .checked_sub(word.len())
            .and_then(|at| last.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    // Asked of every value in a file; a look at its last letters saves taking nearly all names apart.
    FOR_READERS.iter().any(ends) && words(last).last().is_some_and(|word| FOR_READERS.contains(&word.as_str()))
}

/// Adds the models of a text that is a list of records, as variables of an environment have them: `MODELS='[{"id": …}, …]'`. Says
/// whether it was one.
fn observe_records(scope: &'static str, name: &str, text: &str, line: u32, out: &mut Observations) -> bool {
    if !text.starts_with('[') {
        return false;
    }
    let tree = tree::json(text);
    let id_of = |record: Node<'_>| {
        ["id", "model", "name"]
            .iter()
            .find_map(|key| Some(record.get(key)?.text()?.to_owned()))
    };
    let mut any = false;
    for id in tree.root().children().filter_map(id_of).filter(|id| is_model_id(id)) {
        out.push(Observation::new(Kind::Model, scope, id, line).with(attribute::NAME, name));
        any = true;
    }
    any
}

/// Adds the models that a text names which is itself written in JSON or the like: the body of a request, a template.
fn observe_inside(scope: &'static str, text: &str, line: u32, out: &mut Observations) {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?i)(?:["']|[{,]\s*)(model|model_?id|model_?name|deployment|engine)(?:\\*["'])?\s*[:=]\s*\\*["']([a-z0-9][a-z0-9._:/@+-]{1,119})\\*["']"#,
        )
        .unwrap_or_else(|error| unreachable!("the pattern is ours: {error}"))
    });
    if !text.contains(['{', '[']) {
        return;
    }
    let found = NAMED
        .captures_iter(text)
        .filter_map(|found| Some((found.get(0)?.start(), found.get(1)?.as_str(), found.get(2)?.as_str())));
    for (start, name, id) in found.filter(|(.., id)| is_model_id(id)) {
        let below = text[..start].bytes().filter(|byte| *byte == b'\n').count();
        let line = line + u32::try_from(below).unwrap_or(0);
        out.push(Observation::new(Kind::Model, scope, id, line).with(attribute::NAME, name.to_owned()));
    }
}

/// Adds a name if it is written like an environment variable.
pub(crate) fn observe_variable(scope: &'static str, name: &str, line: u32, out: &mut Observations) {
    if reference::is_variable(name) {
        out.push(Observation::new(Kind::Env, scope, name, line));
    }
}

/// Adds a value of a place that holds a model's name, whatever that place is called. Says whether it was one.
pub(crate) fn observe_models(scope: &'static str, name: &str, text: &str, line: u32, out: &mut Observations) -> bool {
    if is_prose(text) {
        return false;
    }
    let mut all = true;
    for item in text.split([',', ';']) {
        let item = item.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '[' | ']'));
        // Lists such as `-all,+name,name=label` take out, put in and rename.
        if item.is_empty() || item.starts_with('-') {
            continue;
        }
        let item = item.strip_prefix('+').unwrap_or(item);
        let id = without_origin(item.split('=').next().unwrap_or(item));
        if is_model_id(id) {
            out.push(Observation::new(Kind::Model, scope, id, line).with(attribute::NAME, name));
        } else {
            all = false;
        }
    }
    all
}

/// Whether a text is a sentence: what stands between its commas was translated with it and is nobody's id.
fn is_prose(text: &str) -> bool {
    let mut parts = text.split([',', ';']);
    parts.any(|part| part.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count() > 2)
}

/// Whether a name says that its value is the name of a model. Case and separators do not matter.
pub(crate) fn names_a_model(name: &str) -> bool {
    // Asked of every name in a file; a look at its letters saves taking nearly all of them apart.
    let holds = |word: &&str| {
        name.as_bytes()
            .windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    if !["model", "deployment", "engine"].iter().any(holds) {
        return false;
    }
    let mut segments = name.rsplit('.');
    let last = segments.next().unwrap_or(name);
    if says_model(last) {
        return true;
    }
    // `model: {name: …}`, `models: {chat: …}`
    let roles = [
        "name",
        "id",
        "default",
        "defaultvalue",
        "value",
        "primary",
        "fallback",
        "chat",
        "completion",
        "embedding",
        "embeddings",
        "small",
        "large",
        "fast",
        "pull",
        "run",
    ];
    let around = segments.next().unwrap_or_default();
    // `model_name: {tagger: …, reader: …}`: names of models by what each is for.
    let is_by_role = || matches!(words(around).concat().as_str(), "modelname" | "modelnames" | "modelid" | "modelids") && !is_no_id(last);
    roles.contains(&last.to_ascii_lowercase().as_str()) && says_model(around) || is_by_role()
}

/// Whether a name speaks of something about a model that is not its id.
fn is_no_id(name: &str) -> bool {
    words(name).last().is_none_or(|last| NOT_AN_ID.contains(&last.as_str()))
}

fn says_model(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    if NOT_AN_ID.contains(&last.as_str()) || words.iter().any(|word| FOR_READERS.contains(&word.as_str())) {
        return false;
    }
    // `ModelPublisherAcme`, `model_provider_acme`: who makes or serves models.
    let is_of_makers = |pair: &[String]| matches!(pair[0].as_str(), "model" | "models") && MAKERS.contains(&pair[1].as_str());
    if words.windows(2).any(is_of_makers) {
        return false;
    }
    let joined = words.concat();
    let joined = joined.trim_end_matches(|c: char| c.is_ascii_digit());
    words.iter().any(|word| word == "model" || word == "models")
        || [
            "model",
            "models",
            "modelname",
            "modelid",
            "deployment",
            "deploymentname",
            "deploymentid",
        ]
        .iter()
        .any(|end| joined.ends_with(end))
        || joined == "engine"
        || joined == "enginename"
        || joined == "engineid"
}

/// Words at the end of a name that speak of a model, but not by its id.
const NOT_AN_ID: [&str; 40] = [
    "key",
    "keys",
    "token",
    "tokens",
    "secret",
    "password",
    "credential",
    "credentials",
    "provider",
    "vendor",
    "type",
    "types",
    "kind",
    "class",
    "version",
    "revision",
    "format",
    "size",
    "status",
    "state",
    "count",
    "limit",
    "timeout",
    "temperature",
    "description",
    "title",
    "owner",
    "license",
    "dir",
    "directory",
    "folder",
    "enabled",
    "prefix",
    "prefixes",
    "keyword",
    "keywords",
    "substring",
    "substrings",
    "alias",
    "aliases",
];

/// Words behind `model` that make of it somebody who makes or serves models.
const MAKERS: [&str; 7] = ["provider", "providers", "publisher", "publishers", "vendor", "vendors", "maker"];

/// Words of a name that speak of a text shown to people, who read in it what they might enter.
const FOR_READERS: [&str; 6] = ["placeholder", "help", "hint", "tooltip", "helptext", "label"];

/// The last part of a resource's full name (`arn:…:…/name`); any other text as it is.
fn without_origin(text: &str) -> &str {
    match text.rsplit_once('/') {
        Some((origin, name)) if origin.starts_with("arn:") && !name.is_empty() => name,
        _ => text,
    }
}

/// Whether a text has the form of a model's id.
pub(crate) fn is_model_id(text: &str) -> bool {
    (2..=LONGEST_ID).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'/' | b'@' | b'+' | b'-'))
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && !text.contains("://")
        && !text.starts_with(['/', '.', ':'])
        && !["true", "false", "yes", "no", "none", "null", "default", "auto"].contains(&text.to_ascii_lowercase().as_str())
}

/// The words of a name, in lower case: parted by whatever is no letter or digit, and where capitals begin.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut chars = name.chars().take(LONGEST).peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() {
            let ends_capitals = before.is_uppercase() && c.is_uppercase() && chars.peek().is_some_and(|next| next.is_lowercase());
            let starts = !before.is_alphanumeric() || (!before.is_uppercase() && c.is_uppercase()) || ends_capitals;
            if starts {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

/// Whether nothing but placeholders (`{}`, `<your key>`) and punctuation stands in a text.
fn says_nothing(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_alphanumeric() || matches!(c, '{' | '<')) {
        let closing = match rest.as_bytes()[at] {
            b'{' => '}',
            b'<' => '>',
            _ => return false,
        };
        let inside = &rest[at + 1..];
        let end = inside
            .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | ' '))
            .unwrap_or(inside.len());
        // What stands in other brackets (a JSON text) is no placeholder.
        match inside[end..].strip_prefix(closing) {
            Some(behind) => rest = behind,
            None if end > 0 => return false,
            None => rest = inside,
        }
    }
    true
}

/// The text, cut at a character.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::lines_of;

    fn seen(name: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        observe("keyvalue", name, text, 3, &mut out);
        lines_of(&out)
    }

    #[test]
    fn names_that_hold_a_model_are_known() {
        for name in [
            "model",
            "MODEL",
            "model_name",
            "modelId",
            "modelName",
            "llm_model",
            "embedding-model",
            "chatModel",
            "OPENAI_MODEL",
            "LLM_MODEL_NAME",
            "MODEL_CHAT",
            "models",
            "CUSTOM_MODELS",
            "deployment",
            "deploymentName",
            "AZURE_DEPLOYMENT_NAME",
            "engine",
            "base_model",
            "llmmodel",
            "modelname",
            "model_2",
            "app.llm.model",
            "model.name",
            "models.0.model_name.tagger",
            "models.default",
            "chart.models.pull",
            "model_path",
        ] {
            assert!(names_a_model(name), "{name}");
        }
        for name in [
            "ModelPublisherAcme",
            "model_provider_acme",
            "",
            "name",
            "modeling",
            "remodelled",
            "MODEL_API_KEY",
            "model_provider",
            "modelVersion",
            "model_name.description",
            "model.layers.tagger",
            "search_engine",
            "app.name",
            "default",
            "image.pull",
            "model.app",
            "deployments_total",
            "models_dir",
            "MODEL_PREFIX",
            "modelAliases",
            "models.acme-4.alias",
            "new_model_prefixes",
            "model_help",
            "transcription-model-placeholder-acme",
            "settings.modelHint",
        ] {
            assert!(!names_a_model(name), "{name}");
        }
    }

    #[test]
    fn a_model_is_seen_where_one_is_named() {
        assert_eq!(seen("model", "gpt-x"), ["3 Model gpt-x name=model"]);
        assert_eq!(seen("MODEL_PATH", "org/name-7b"), ["3 Model org/name-7b name=MODEL_PATH"]);
        assert_eq!(
            seen("LLM_MODEL", "${LLM_MODEL:-gpt-x}"),
            ["3 Env LLM_MODEL name=LLM_MODEL", "3 Model gpt-x name=LLM_MODEL"]
        );
        assert_eq!(
            seen("CUSTOM_MODELS", "-all,+gpt-4,gpt-5=alias"),
            ["3 Model gpt-4 name=CUSTOM_MODELS", "3 Model gpt-5 name=CUSTOM_MODELS"]
        );
        assert_eq!(
            seen("MODELS", "[\"a1\", 'b2']"),
            ["3 Model a1 name=MODELS", "3 Model b2 name=MODELS"]
        );
    }

    #[test]
    fn what_a_field_shows_before_it_is_filled_in_is_not_what_it_holds() {
        for name in ["placeholder", "params.0.placeholder", "fieldPlaceholder", "model.help"] {
            for text in ["org/name-7b", "https://acme.example/v1"] {
                assert!(seen(name, text).is_empty(), "{name}");
            }
        }
        assert_eq!(seen("placeholders", "org/name-7b"), ["3 Literal org/name-7b name=placeholders"]);
        assert_eq!(seen("shelp", "org/name-7b"), ["3 Literal org/name-7b name=shelp"]);
    }

    #[test]
    fn the_description_of_a_form_is_nobody_who_is_asked() {
        assert!(seen("$schema", "https://acme.example/config.json").is_empty());
        assert_eq!(
            seen("schema", "https://acme.example/config.json"),
            ["3 Host acme.example name=schema path=/config.json"]
        );
    }

    #[test]
    fn records_of_models_are_read_in_the_text_of_a_variable() {
        assert_eq!(
            seen(
                "MODELS",
                r#"[{"id": "org/a-7b", "name": "A"}, {"name": "org/b-8b"}, {"description": "c"}]"#
            ),
            ["3 Model org/a-7b name=MODELS", "3 Model org/b-8b name=MODELS"]
        );
        assert!(
            !seen("PLANETS", r#"[{"id": "org/a-7b"}]"#)
                .iter()
                .any(|line| line.contains("Model "))
        );
    }

    #[test]
    fn a_sentence_holds_no_list_of_models() {
        for text in [
            "Free text. Use the id of your provider, e.g. whisper-x, gpt-x-transcribed.",
            "gpt-x; or any other one",
        ] {
            assert!(!seen("model", text).iter().any(|line| line.contains("Model ")), "{text}");
        }
        assert!(seen("models", "gpt-x, gpt y, gpt-z").contains(&"3 Model gpt-z name=models".to_owned()));
    }

    #[test]
    fn a_model_is_seen_inside_a_text_that_is_json() {
        for text in [
            r#"{"messages": [], "model": "gpt-x"}"#,
            r#"{\"model\": \"gpt-x\"}"#,
            "[{'model': 'gpt-x', {}}]",
        ] {
            assert!(
                seen("", text).contains(&"3 Model gpt-x name=model".to_owned()),
                "{text}: {:?}",
                seen("", text)
            );
        }
        assert!(seen("", "{\n \"model\": \"gpt-x\"}").contains(&"4 Model gpt-x name=model".to_owned()));
        for text in [
            "the \"model\": \"gpt-x\"",
            r#"{"model": "The best one"}"#,
            r#"{"car_model_year": "gpt-x"}"#,
        ] {
            assert!(!seen("", text).iter().any(|line| line.contains("Model ")), "{text}");
        }
    }

    #[test]
    fn what_has_not_the_form_of_a_model_is_none() {
        for (name, text) in [
            ("model", "./weights/x.bin"),
            ("model", "The best one"),
            ("model", "42"),
            ("model_enabled", "true"),
            ("MODEL_API_KEY", "sk-abc"),
        ] {
            assert!(!seen(name, text).iter().any(|line| line.contains("Model ")), "{name}={text}");
        }
        assert_eq!(seen("model", "none"), ["3 Literal none name=model"]);
    }

    #[test]
    fn hosts_variables_and_other_texts_are_told_apart() {
        assert_eq!(
            seen("url", "https://api.example.com/v1"),
            ["3 Host api.example.com name=url path=/v1"]
        );
        assert_eq!(
            seen("model_url", "https://api.example.com"),
            ["3 Host api.example.com name=model_url"]
        );
        assert_eq!(seen("key", "${LLM_KEY}"), ["3 Env LLM_KEY name=key"]);
        assert_eq!(
            seen("key", "Bearer ${LLM_KEY}"),
            ["3 Env LLM_KEY name=key", "3 Literal Bearer {} name=key"]
        );
        assert_eq!(
            seen("key_variable", "LLM_KEY"),
            ["3 Env LLM_KEY", "3 Literal LLM_KEY name=key_variable"]
        );
        assert_eq!(seen("api_key", "sk-abc"), ["3 Literal sk-abc name=api_key"]);
        assert_eq!(
            seen("u", "https://x.example/?k=sk-abc"),
            ["3 Host x.example name=u path=/", "3 Literal https://x.example/?k=sk-abc name=u"]
        );
    }

    #[test]
    fn models_in_full_names_and_hubs_are_seen() {
        assert_eq!(
            seen("model_arn", "arn:p:ai:region::models/acme.gpt-x:0"),
            ["3 Model acme.gpt-x:0 name=model_arn"]
        );
        assert_eq!(
            seen("storageUri", "hub://org/name-7b"),
            ["3 Model org/name-7b name=storageUri", "3 Literal hub://org/name-7b name=storageUri"]
        );
        assert!(
            seen("uri", "hubface://org/name-7b/file.gguf")
                .iter()
                .any(|one| one.contains(" Model "))
        );
        for other in ["shop://team/info", "ui://shop/preview"] {
            assert!(seen("uri", other).iter().all(|one| !one.contains(" Model ")), "{other}");
        }
        assert!(!seen("dsn", "redis://cache:6379/0").iter().any(|line| line.contains("Model")));
        assert!(!seen("x", "https://a.example/b").iter().any(|line| line.contains("Model")));
    }

    #[test]
    fn empty_and_unknown_values_say_nothing() {
        for text in ["", "  ", "{}", "<your key>", "{{ .Values.x }}", "***"] {
            assert_eq!(seen("model", text), [""; 0], "{text}");
        }
        assert_eq!(seen("settings", "{\"a\": \"b\"}").len(), 1);
        assert_eq!(seen("settings", "<b>bold").len(), 1);
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let mut out = Observations::default();
        observe("keyvalue", "prompt", &"é ".repeat(10_000), 1, &mut out);
        let literal = &out.as_slice()[0].key;
        assert!(literal.len() <= LONGEST && literal.len() > LONGEST - 4);
    }
}
