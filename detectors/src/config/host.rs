//! Hosts inside a value: those of URLs, and bare ones where a value is nothing else. Credentials in URLs are dropped.

use evidence::attribute;

use super::reference::{PLACEHOLDER, closing_brace};
use super::{route, sentence};
use crate::{Kind, Observation, Observations};

/// Longest host name, as the domain name system has it.
const LONGEST: usize = 253;
/// Longest path that is kept.
const LONGEST_PATH: usize = 256;
/// Schemes whose hosts count.
const SCHEMES: [&str; 6] = ["http", "https", "ws", "wss", "grpc", "grpcs"];

/// Endings of file names that are no top-level domains.
const FILE_ENDINGS: [&str; 32] = [
    "html", "htm", "js", "mjs", "cjs", "jsx", "ts", "tsx", "css", "scss", "json", "jsonc", "toml", "yaml", "yml", "xml", "lock", "txt",
    "csv", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "ini", "cfg", "conf", "log", "md", "php",
];

/// A host with the path behind it.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    host: String,
    path: String,
}

/// Adds every host in a text. Says whether one took the whole text, with nothing hidden in it that could matter.
pub(crate) fn observe(scope: &'static str, name: &str, text: &str, line: u32, out: &mut Observations) -> bool {
    let mut add = |found: Found, is_told: bool| {
        if let Some(model) = model_in_path(&found.path) {
            out.push(Observation::new(Kind::Model, scope, model, line).with(attribute::NAME, name));
        }
        if let Some(model) = route::model_in_request(&found.host, &found.path) {
            out.push(Observation::new(Kind::Literal, scope, model, line).with(attribute::NAME, name));
        }
        out.push(
            Observation::new(Kind::Host, scope, found.host, line)
                .with(attribute::PATH, found.path)
                .with(attribute::NAME, name)
                .with(attribute::MENTIONED, if is_told { "yes" } else { "" }),
        );
    };
    if !text.contains("://") {
        if let Some(path) = path_behind_a_placeholder(text) {
            out.push(
                Observation::new(Kind::Host, scope, "*", line)
                    .with(attribute::PATH, path)
                    .with(attribute::NAME, name),
            );
            return false;
        }
        let hinted = names_an_address(name);
        return bare(text, hinted).map(|found| add(found, false)).is_some() && hinted;
    }
    let mut whole = false;
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&text.as_bytes()[from..], b"://") {
        let authority_at = from + at + 3;
        from = authority_at;
        if !has_scheme(&text[..authority_at - 3]) {
            continue;
        }
        let url = Url::of(&text[authority_at..]);
        from += url.length;
        let spans_all = from == text.len() && SCHEMES.iter().any(|scheme| scheme.len() + 3 == authority_at);
        whole |= spans_all && !url.hides_something;
        if let Some(found) = url.found {
            add(found, sentence::stands_at(text, authority_at));
        }
    }
    whole
}

/// The path that is asked for at an address which is only known when the program runs: `{endpoint}/a/b/{name}`.
fn path_behind_a_placeholder(text: &str) -> Option<&str> {
    if !text.starts_with(['{', '$', '<', '%']) || text.len() > LONGEST_PATH || text.contains(char::is_whitespace) {
        return None;
    }
    let (end, masked) = authority(text);
    let path = text[end..].split(['?', '#']).next().unwrap_or_default();
    (masked == "*" && path.starts_with('/') && path[1..].contains('/')).then_some(path)
}

/// The repository of weights that a hub's address leads into: `/org/name/resolve/revision/file`.
fn model_in_path(path: &str) -> Option<&str> {
    let inner = path.strip_prefix('/')?;
    let end = inner.find("/resolve/")?;
    let repository = &inner[..end];
    (repository.bytes().filter(|&b| b == b'/').count() == 1 && super::value::is_model_id(repository)).then_some(repository)
}

/// Whether a name says that its value is an address.
fn names_an_address(name: &str) -> bool {
    let words = super::value::words(name.rsplit('.').next().unwrap_or(name));
    let is_secret = words
        .iter()
        .any(|word| ["key", "keys", "token", "secret", "password", "credential", "credentials"].contains(&word.as_str()));
    !is_secret
        && words.iter().any(|word| {
            [
                "url",
                "urls",
                "uri",
                "host",
                "hosts",
                "hostname",
                "endpoint",
                "endpoints",
                "base",
                "api",
                "server",
                "servers",
                "address",
            ]
            .contains(&word.as_str())
                || ["url", "host", "endpoint"].iter().any(|ending| word.ends_with(ending))
        })
}

fn has_scheme(before: &str) -> bool {
    let start = before
        .rfind(|c: char| !c.is_ascii_alphabetic())
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(&before[start..]))
}

/// What follows `://`.
struct Url {
    /// Bytes it takes.
    length: usize,
    found: Option<Found>,
    /// Whether it has credentials, a query or a fragment.
    hides_something: bool,
}

impl Url {
    fn of(text: &str) -> Self {
        let (authority_end, masked) = authority(text);
        let behind = &text[authority_end..];
        let end = behind
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\' | '|' | '^'))
            .unwrap_or(behind.len());
        let behind = &behind[..end];
        let has_userinfo = masked.contains('@');
        let found = normalise(&masked).map(|host| Found { host, path: path(behind) });
        Self {
            length: authority_end + end,
            found,
            hides_something: has_userinfo || behind.contains(['?', '#']),
        }
    }
}

/// The path at the start of what follows a host, without query and fragment, which may hold credentials.
fn path(behind: &str) -> String {
    if !behind.starts_with('/') {
        return String::new();
    }
    let end = behind.find(['?', '#', ',', ';', ')']).unwrap_or(behind.len());
    behind[..end].trim_end_matches('.').chars().take(LONGEST_PATH).collect()
}

/// Where the authority at the start of the text ends, and its text with `*` for each placeholder.
fn authority(text: &str) -> (usize, String) {
    let mut masked = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at + c.len_utf8()..];
        let placeholder = match c {
            '{' => closing_brace(rest).map(|end| end + 1),
            '<' => rest
                .find(['>', '/', '<'])
                .filter(|&end| end <= LONGEST && rest[end..].starts_with('>'))
                .map(|end| end + 1),
            '%' if rest.starts_with(['s', 'v', 'd']) => Some(1),
            '$' if rest.starts_with('{') => closing_brace(&rest[1..]).map(|end| end + 2),
            '$' => Some(rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())),
            _ => None,
        };
        if let Some(length) = placeholder {
            if !masked.ends_with('*') {
                masked.push('*');
            }
            at += 1 + length;
            continue;
        }
        let belongs = c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '@' | '[' | ']' | '%' | '+' | '!' | '~' | '*' | '=' | '&');
        // A bracket that opened before the URL closes after it.
        if !belongs || masked.len() > 2 * LONGEST || (c == ']' && !masked.contains('[')) {
            break;
        }
        masked.push(c);
        at += c.len_utf8();
    }
    (at, masked)
}

/// A host with its port, in lower case, with `*` for unknown labels; nothing if it is no host or wholly unknown.
fn normalise(authority: &str) -> Option<String> {
    let authority = authority.rsplit('@').next()?.to_lowercase();
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']')?;
        let is_address = address.contains(':') && address.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
        return (is_address && port.strip_prefix(':').is_none_or(is_port)).then(|| authority.clone());
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => (host, Some(port)),
        // A port that is a placeholder, or text that follows in prose (`see https://host.example: …`).
        Some((host, "*" | "")) => (host, None),
        Some(_) => return None,
        None => (authority.as_str(), None),
    };
    let mut labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    // What somebody is to fill in stands for any name.
    if let [first, _, _, ..] = labels.as_mut_slice()
        && is_placeholder(first)
    {
        *first = "*";
    }
    let unknown = labels.iter().take_while(|&&label| label == "*").count();
    labels.drain(..unknown.saturating_sub(1));
    let is_label = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '*'));
    if !labels.iter().all(is_label) || host.len() > LONGEST {
        return None;
    }
    let known = labels.iter().filter(|label| !label.contains('*')).count();
    let has_unknown = known < labels.len();
    if has_unknown && (known < 2 || labels.last().is_some_and(|label| label.contains('*'))) {
        return None;
    }
    let host = labels.join(".");
    Some(port.map_or(host.clone(), |port| format!("{host}:{port}")))
}

/// A label that stands where a name of one's own is to be put: `your-resource`, `my-endpoint`, `xxx`.
fn is_placeholder(label: &str) -> bool {
    let words: Vec<&str> = label.split(['-', '_']).collect();
    let owned = matches!(
        words.as_slice(),
        ["your", ..]
            | [
                "my",
                "resource" | "endpoint" | "instance" | "service" | "account" | "host" | "name" | "deployment",
                ..
            ]
    ) || label.strip_prefix("your").is_some_and(|rest| {
        let names = ["resource", "endpoint", "name", "company", "domain", "instance", "account"];
        names.iter().any(|name| rest.starts_with(name))
    });
    let general = [
        "placeholder",
        "example",
        "resource",
        "region",
        "location",
        "changeme",
        "replace-me",
        "resource-name",
        "endpoint-name",
        "account-name",
        "service-name",
    ]
    .contains(&label);
    owned || general || label.len() >= 2 && label.bytes().all(|b| b == b'x')
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// A text that is nothing but a host, perhaps with port and path.
fn bare(text: &str, hinted: bool) -> Option<Found> {
    if text.len() > LONGEST + LONGEST_PATH || text.contains(char::is_whitespace) || text.contains(['@', '=', ',']) {
        return None;
    }
    let (end, masked) = authority(text);
    let behind = &text[end..];
    if !behind.is_empty() && !behind.starts_with(['/', '?']) {
        return None;
    }
    let host = normalise(&masked)?;
    let (name, port) = host
        .rsplit_once(':')
        .map_or((host.as_str(), None), |(name, port)| (name, Some(port)));
    let last = name.rsplit('.').next().unwrap_or_default();
    if FILE_ENDINGS.contains(&last) {
        return None;
    }
    let has_top_level =
        name.contains('.') && (last.starts_with("xn--") || last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic()));
    let is_host = if hinted {
        has_top_level
            || name == "localhost"
            || name.parse::<core::net::Ipv4Addr>().is_ok()
            || host.starts_with('[')
            || (port.is_some() && has_letter(name))
    } else {
        has_top_level && !name.contains('_') && !text[..end].bytes().any(|b| b.is_ascii_uppercase()) && !text.starts_with(PLACEHOLDER)
            || has_top_level && name.starts_with("*.")
    };
    is_host.then(|| Found { path: path(behind), host })
}

fn has_letter(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(name: &str, text: &str) -> (Vec<String>, bool) {
        let mut out = Observations::default();
        let whole = observe("keyvalue", name, text, 1, &mut out);
        (
            out.as_slice()
                .iter()
                .filter(|seen| seen.kind == Kind::Host)
                .map(|seen| format!("{}{}", seen.key, seen.attribute(attribute::PATH).unwrap_or_default()))
                .collect(),
            whole,
        )
    }

    #[test]
    fn hosts_of_urls_are_found() {
        for (text, found) in [
            ("https://API.Example.com/v1", "api.example.com/v1"),
            ("http://localhost:11434", "localhost:11434"),
            ("wss://rt.example.com:443/x?key=abc#f", "rt.example.com:443/x"),
            ("https://user:pa55@llm.example.com/v1/", "llm.example.com/v1/"),
            ("see https://docs.example.com/a, or so", "docs.example.com/a"),
            ("(https://docs.example.com).", "docs.example.com"),
            ("grpc://[::1]:8001", "[::1]:8001"),
            ("https://bücher.example/é", "bücher.example/é"),
        ] {
            assert_eq!(hosts("", text).0, [found], "{text}");
        }
        assert_eq!(hosts("", "http://a.example http://b.example").0, ["a.example", "b.example"]);
    }

    #[test]
    fn unknown_labels_become_a_star() {
        for (text, found) in [
            ("https://{resource}.openai.azure.com/openai", "*.openai.azure.com/openai"),
            ("https://${X}.host.com", "*.host.com"),
            ("https://<your-name>.host.com", "*.host.com"),
            ("https://%s.host.com", "*.host.com"),
            ("https://{a}.{b}.host.com", "*.host.com"),
            ("https://{{ .Values.name }}.host.com", "*.host.com"),
            ("https://runtime.{region}.host.com", "runtime.*.host.com"),
            ("https://{region}-api.host.com", "*-api.host.com"),
            ("https://YOUR-RESOURCE.ai.host.com/x", "*.ai.host.com/x"),
            ("https://your-endpoint.host.com", "*.host.com"),
            ("https://my-resource.host.com", "*.host.com"),
            ("https://xxxx.host.com", "*.host.com"),
            ("https://EXAMPLE.host.com", "*.host.com"),
            ("https://REGION.api.host.com", "*.api.host.com"),
        ] {
            assert_eq!(hosts("", text).0, [found], "{text}");
        }
        for text in [
            "https://$HOST/",
            "https://{host}",
            "https://{host}:{port}/x",
            "http://{a}.com",
            "https://api.{domain}/",
        ] {
            assert_eq!(hosts("", text).0, [""; 0], "{text}");
        }
    }

    #[test]
    fn names_that_only_begin_like_placeholders_stay() {
        for host in [
            "yourself.host.com",
            "my-shop.host.com",
            "your.org",
            "max.host.com",
            "example.com",
            "regional.host.com",
        ] {
            assert_eq!(hosts("", &format!("https://{host}")).0, [host]);
        }
    }

    #[test]
    fn a_path_behind_an_unknown_address_is_kept() {
        for (text, found) in [
            ("{endpoint}/acme/deployments/{name}/ask?v=1", "*/acme/deployments/{name}/ask"),
            ("${BASE}/acme/v1", "*/acme/v1"),
        ] {
            assert_eq!(hosts("", text).0, [found], "{text}");
        }
        for text in ["{a}/b", "{a}b/c/d", "{endpoint}", "/acme/deployments/x", "{a} /b/c", "{a}.x/b/c"] {
            assert_eq!(hosts("", text).0, [""; 0], "{text}");
        }
    }

    #[test]
    fn addresses_of_weights_name_their_model() {
        let seen = |text: &str| {
            let mut out = Observations::default();
            observe("keyvalue", "", text, 1, &mut out);
            out.into_vec()
                .into_iter()
                .filter(|seen| seen.kind == Kind::Model)
                .map(|seen| seen.key)
                .collect::<Vec<_>>()
        };
        assert_eq!(seen("https://hub.example/org/name-GGUF/resolve/main/q4.gguf"), ["org/name-GGUF"]);
        for text in [
            "https://hub.example/datasets/org/x/resolve/main/a",
            "https://hub.example/resolve/main",
            "https://hub.example/a/resolve/b",
        ] {
            assert_eq!(seen(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn bare_hosts_count_where_nothing_else_stands() {
        for (name, text, found) in [
            ("", "api.example.com/v1", "api.example.com/v1"),
            ("OLLAMA_HOST", "0.0.0.0:11434", "0.0.0.0:11434"),
            ("llm.base", "gpu-box:8000", "gpu-box:8000"),
            ("apiHost", "localhost", "localhost"),
            ("endpoint", "{resource}.host.com", "*.host.com"),
        ] {
            assert_eq!(hosts(name, text).0, [found], "{text}");
        }
        for (name, text) in [
            ("", "gpu-box:8000"),
            ("", "gpt-3.5"),
            ("server.main", "index.js"),
            ("", "Some.Class"),
            ("", "two words.example"),
            ("host", "db"),
            ("api_key", "sk-abcdef"),
            ("server", "name@example.com"),
            ("url", "/v1/chat"),
            ("url", "redis://cache:6379"),
        ] {
            assert_eq!(hosts(name, text).0, [""; 0], "{text}");
        }
    }

    #[test]
    fn a_url_takes_the_whole_text_only_if_it_hides_nothing() {
        assert!(hosts("", "https://api.example.com/v1").1);
        for text in [
            "https://a:b@api.example.com",
            "https://api.example.com/?key=x",
            "see https://api.example.com",
            "api.example.com",
        ] {
            assert!(!hosts("", text).1, "{text}");
        }
    }

    #[test]
    fn hostile_text_ends() {
        for text in [
            "https://".repeat(100_000),
            format!("https://{}", "{".repeat(500_000)),
            format!("https://{}", "<".repeat(500_000)),
            "é://".repeat(9),
        ] {
            hosts("url", &text);
        }
    }
}
