//! What the form of a text tells of whether it may name a model: ids, and the names of files, programs and classes that are called
//! after one. Knows no model.

/// Whether a text could be a model's id at all: one word of letters, digits and separators, no path of a file.
pub(super) fn looks_like_model_id(text: &str) -> bool {
    (2..=120).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/' | b':' | b'@' | b'+'))
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && text.as_bytes()[0].is_ascii_alphanumeric() | text.starts_with('@')
        // `model.gpt-4.label`: the key of a text.
        && !text.starts_with("model.")
        && !text.starts_with("models.")
        // The beginning of the name of a resource, as tests shorten it.
        && (!text.starts_with("arn:") || text.starts_with("arn:aws"))
        // `gpt-`: a beginning that names are compared with.
        && !text.ends_with(['-', '.', '_', '/', ':'])
        && !text.contains("://")
        // Where a model is to be asked is called after it.
        && !text.ends_with("-endpoint")
        && !is_of_a_registry(text)
        && ![
            ".py", ".ts", ".js", ".json", ".yaml", ".yml", ".txt", ".md", ".html", ".toml", ".livemd", ".ipynb", ".qmd", ".mdx", ".rst",
            ".pdf", ".csv", ".png", ".jpg", ".svg", ".conf", ".cfg", ".ini", ".sample", ".tex", ".sh", ".rb", ".java", ".log", ".lock",
            ".bicep", ".tf", ".cs", ".go", ".rs", ".php", ".xml", ".sql",
        ]
        .iter()
        .any(|ending| text.ends_with(ending))
}

/// Whether a text names a container image with the registry it comes from: `nvcr.io/nim/org/name`.
fn is_of_a_registry(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    let known = [
        "nvcr.io",
        "ghcr.io",
        "docker.io",
        "quay.io",
        "gcr.io",
        "public.ecr.aws",
        "registry.k8s.io",
        "mcr.microsoft.com",
    ];
    let endings = [".gcr.io", ".pkg.dev", ".azurecr.io", ".amazonaws.com"];
    host.len() < text.len() && (known.contains(&host) || endings.iter().any(|end| host.ends_with(end)))
}

/// The id within the path of a request: `v1beta/models/m-1:generateContent` asks for `m-1`. Other texts stand as they are.
pub(super) fn id_of_request(text: &str) -> &str {
    let asked = text.rsplit_once("models/").map_or(text, |(_, id)| id);
    let Some((id, verb)) = asked.rsplit_once(':') else {
        return text;
    };
    let is_method = verb.bytes().all(|b| b.is_ascii_alphabetic()) && verb.bytes().any(|b| b.is_ascii_uppercase());
    let is_asked = asked.len() < text.len() && !id.is_empty() && !id.contains('/');
    if is_asked && (is_method || verb == "predict") { id } else { text }
}

/// Whether a text stands where somebody is to put their own.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let plain = text.replace(['-', '_'], "");
    // `example_model`, `some-model-id`
    let is_made_up = |first: &str| ["dummy", "example", "fake", "mock", "placeholder", "sample", "some", "test"].contains(&first);
    let mut words = text.split(['-', '_']);
    let stands_for_any = words.next().is_some_and(is_made_up) && words.all(|word| matches!(word, "model" | "id" | "name"));
    // What agents write for the model of whoever calls them.
    let is_taken_over = text == "inherit";
    // What a program says where nobody said which.
    let is_nothing = [
        "unknown",
        "invalid",
        "undefined",
        "unspecified",
        "unset",
        "n/a",
        "any",
        "custom",
        "other",
    ]
    .contains(&text.as_str());
    // What a description says of the form of a value.
    let is_type = ["string", "number", "integer", "boolean", "object", "array", "null", "none"].contains(&text.as_str());
    // How keys of several vendors begin.
    let is_key = text.starts_with("sk-");
    is_nothing
        || is_type
        || is_key
        || is_taken_over
        || plain.starts_with("your")
        || plain.contains("apikey")
        || text.ends_with("_key")
        || stands_for_any
}

/// Whether a name is what tests call something that they make for themselves: `test-server`, `mock`.
pub(super) fn stands_in(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.split(['-', '_', ' ']).all(|word| {
        matches!(
            word,
            "test" | "tests" | "testing" | "mock" | "fake" | "dummy" | "example" | "sample" | "my" | "mcp" | "server"
        )
    })
}

/// Words in the names of programs, their parts and classes, which ids of models do not have.
const SOFTWARE: [&str; 63] = [
    "api",
    "apis",
    "app",
    "apps",
    "backend",
    "bot",
    "bucket",
    "buildimage",
    "causal",
    "cli",
    "client",
    "clients",
    "cluster",
    "conf",
    "config",
    "configs",
    "configuration",
    "construct",
    "controller",
    "db",
    "desktop",
    "devstack",
    "docs",
    "engine",
    "executor",
    "exporter",
    "factory",
    "frontend",
    "handler",
    "helper",
    "i18n",
    "interface",
    "key",
    "lib",
    "libs",
    "manager",
    "migration",
    "modeling",
    "notifier",
    "ops",
    "plugin",
    "plugins",
    "prod",
    "provider",
    "providers",
    "proxy",
    "queue",
    "scheduler",
    "sdk",
    "sensor",
    "server",
    "service",
    "services",
    "stack",
    "svc",
    "test",
    "tests",
    "tokenization",
    "tokenizer",
    "url",
    "utils",
    "vllm",
    "webui",
];

/// Words that models have in their names too, behind or before a version or size.
const SOFTWARE_WITHOUT_NUMBER: [&str; 10] = [
    "action",
    "actions",
    "adapter",
    "attention",
    "function",
    "parser",
    "table",
    "task",
    "token",
    "ui",
];

/// Whether a name is that of a program or one of its parts that is called after a model, as `acme-server` or `Acme2Config`.
pub(super) fn names_software(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or(text);
    let has_number = name.bytes().any(|byte| byte.is_ascii_digit());
    let is_of = |words: &[&str], word: &str| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(words_of);
    let is_for_a_task = name
        .match_indices("For")
        .any(|(at, _)| name[at + 3..].starts_with(|c: char| c.is_ascii_uppercase()));
    let is_class = name.starts_with(|c: char| c.is_ascii_uppercase())
        && (name.ends_with("Model") || name.ends_with("LLM") && !has_number || is_for_a_task);
    // `LLAMA3` is how programs write the constant for a family.
    let is_constant = name.len() >= 5 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_class || is_constant || words.any(|word| is_of(&SOFTWARE, word) || !has_number && is_of(&SOFTWARE_WITHOUT_NUMBER, word))
}

/// Whether a text is written as programs write the names of their own parts, `acme2_encoder` or `Acme2Encoder`: without the hyphens, dots
/// and slashes that stand in ids.
pub(super) fn is_identifier(text: &str) -> bool {
    let humps = text
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_uppercase() && pair[1].is_ascii_lowercase());
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && (text.contains('_') || humps.count() > 1)
}

/// The words of a name in which each begins with a capital.
fn words_of(name: &str) -> impl Iterator<Item = &str> {
    let bytes = name.as_bytes();
    let begins = move |at: &usize| *at == 0 || bytes[*at].is_ascii_uppercase() && !bytes[*at - 1].is_ascii_uppercase();
    let starts: Vec<usize> = (0..bytes.len()).filter(begins).collect();
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([name.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| &name[start..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn identifiers_are_told_from_ids() {
        for name in ["Acme2VideoProcessor", "acme3_omni_text", "AcmeMoE", "ACME_4"] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["acme-2-vl", "Acme2", "acme3", "org/acme_3", "ACME-4", "acme2.5_vl", ""] {
            assert!(!is_identifier(name), "{name}");
        }
    }

    #[test]
    fn programs_and_classes_are_told_from_models() {
        for name in [
            "mistral-engine",
            "gemini-api",
            "Qwen2Config",
            "Gemma3ForCausalLM",
            "Qwen2Model",
            "SmolLM3ForQuestionAnswering",
            "DeepSeekLLM",
            "LLAMA3",
            "modeling_qwen.Qwen2Model",
            "stable-diffusion-webui",
            "IdeficsIngestionQueue",
            "org/llama-server",
            "gemini-ui",
            "anthropic.claude-test",
            "org/qwen-vllm",
        ] {
            assert!(names_software(name), "{name}");
        }
        for name in [
            "gpt-4o-mini",
            "claude-sonnet-4-5",
            "WizardCoder-15B",
            "reka-core",
            "qwen2.5-coder:7b",
            "nvidia/llama-3.1-nemotron-70b-reward",
            "MiniMax-Text-01",
            "ui-tars-1.5",
            "ForestGPT-7B",
            "microsoft/OmniParser-v2.0",
        ] {
            assert!(!names_software(name), "{name}");
        }
    }

    #[test]
    fn files_and_placeholders_are_no_ids() {
        for text in [
            "etc/mistral.conf",
            "docs/annual-2023.pdf",
            "model.py",
            "a b",
            "https://x.example/m",
            "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.3.3",
            "1234.dkr.ecr.us-east-1.amazonaws.com/llama:7b",
            "gemini-1.5-",
            "claude-2.",
            "openai/",
            "model.gpt-4.label",
            "arn:claude-haiku-4-5",
            "flan-t5-small-endpoint",
        ] {
            assert!(!looks_like_model_id(text), "{text}");
        }
        assert!(looks_like_model_id("gpt-4.1") && looks_like_model_id("@cf/meta/llama-3"));
        assert!(is_placeholder("number") && is_placeholder("sk-123") && !is_placeholder("number-7b") && !is_placeholder("sky-t1"));
        assert!(looks_like_model_id("hf.co/org/llama-3-GGUF:Q4") && looks_like_model_id("nvcr.io"));
        assert!(is_placeholder("your-model") && is_placeholder("YOUR_API_KEY") && is_placeholder("your_key"));
        assert!(is_placeholder("inherit") && !is_placeholder("inherit-7b"));
        assert!(is_placeholder("unknown") && is_placeholder("Invalid") && !is_placeholder("unknown-7b"));
        assert!(
            is_placeholder("example_model") && is_placeholder("some-model-id") && is_placeholder("dummy") && is_placeholder("test-model")
        );
        assert!(!is_placeholder("monkey-7b") && !is_placeholder("my-model") && !is_placeholder("sample-7b"));
    }

    #[test]
    fn paths_of_requests_ask_for_an_id() {
        for (path, id) in [
            ("models/m-1:generateContent", "m-1"),
            ("api.example/v1beta/models/m-1:streamGenerateContent", "m-1"),
            ("publishers/acme/models/m-1:predict", "m-1"),
            ("models/m-1", "models/m-1"),
            ("llama3:8b", "llama3:8b"),
            ("models/llama3:latest", "models/llama3:latest"),
            ("m-1:generateContent", "m-1:generateContent"),
            ("models/:embedContent", "models/:embedContent"),
        ] {
            assert_eq!(id_of_request(path), id, "{path}");
        }
    }

    #[test]
    fn names_of_tests_are_told_from_names() {
        assert!(stands_in("test") && stands_in("Test-Server") && stands_in("my_mcp server"));
        assert!(!stands_in("notes") && !stands_in("test-runner") && !stands_in("weather-mcp"));
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in "\\PC{0,60}") {
            let _ = (looks_like_model_id(&text), names_software(&text), is_placeholder(&text), stands_in(&text), id_of_request(&text).len());
        }
    }
}
