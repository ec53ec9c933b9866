//! Package URLs (`pkg:type/namespace/name@version`) of what an ecosystem or a registry of images names. Says nothing where
//! the form of a type asks for more than is known.

use std::collections::BTreeSet;
use std::fmt::Write;

use evidence::{ComponentKind, Evidence};
use inventory::Component;

/// Types of package URLs by what the inventory calls the ecosystem. What a type needs beyond a name (the UUID of a Julia
/// package, the user and channel of a Conan one) is not known here, so these have none.
const TYPES: [(&str, &str); 13] = [
    ("cargo", "cargo"),
    ("cocoapods", "cocoapods"),
    ("conda", "conda"),
    ("cran", "cran"),
    ("go", "golang"),
    ("hex", "hex"),
    ("maven", "maven"),
    ("npm", "npm"),
    ("nuget", "nuget"),
    ("packagist", "composer"),
    ("pub", "pub"),
    ("pypi", "pypi"),
    ("rubygems", "gem"),
];

/// The registry that an import in a language speaks of, where there is one.
const IMPORTED: [(&str, &str); 6] = [
    ("csharp", "nuget"),
    ("go", "go"),
    ("javascript", "npm"),
    ("python", "pypi"),
    ("ruby", "rubygems"),
    ("rust", "cargo"),
];

/// Ecosystems in which a version without an operator is a lower bound, unless a lockfile names it.
const BARE_IS_A_BOUND: [&str; 4] = ["cargo", "julia", "swift", "vcpkg"];

/// Longer text is no version; formats bound it.
const LONGEST_VERSION: usize = 200;

/// What is known of a component as a package.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Package {
    /// The URL, of the one ecosystem that the evidence names.
    pub(crate) url: Option<String>,
    /// The version, where it is one and the same everywhere and no range.
    pub(crate) version: Option<String>,
}

/// The component as a package or an image; nothing for what is neither, and for what several ecosystems name.
pub(crate) fn of(component: &Component) -> Package {
    match component.kind {
        ComponentKind::InfraImage => return image(&component.name, component),
        ComponentKind::McpServer => return started(component),
        _ => {}
    }
    let Some(ecosystem) = ecosystem(component) else {
        return Package::default();
    };
    let version = version(component, ecosystem);
    let url = TYPES
        .iter()
        .find(|(known, _)| *known == ecosystem)
        .and_then(|(_, kind)| package(kind, &component.name, version.as_deref()));
    Package { url, version }
}

/// The package or image that starts a server: `npm:@acme/server`, `image:acme/server`.
fn started(component: &Component) -> Package {
    let Some((ecosystem, name)) = component.facts.get("package").and_then(|started| started.split_once(':')) else {
        return Package::default();
    };
    if ecosystem == "image" {
        return image(name, component);
    }
    let exact: BTreeSet<&str> = component
        .versions
        .iter()
        .filter_map(|version| exact(version, ecosystem, ""))
        .collect();
    let version = one_of(exact);
    let url = TYPES
        .iter()
        .find(|(known, _)| *known == ecosystem)
        .and_then(|(_, kind)| package(kind, name, version.as_deref()));
    Package { url, version }
}

/// The ecosystem that manifests declare the component for; without any, the one that its imports speak of.
fn ecosystem(component: &Component) -> Option<&str> {
    let one = |fact: &str| {
        let mut words = component.facts.get(fact)?.split_whitespace();
        words.next().filter(|_| words.next().is_none())
    };
    if component.facts.contains_key("ecosystem") {
        return one("ecosystem");
    }
    let language = one("imported")?;
    IMPORTED
        .iter()
        .find(|(known, _)| *known == language)
        .map(|(_, ecosystem)| *ecosystem)
}

/// The version, if all places of that ecosystem that name an exact one name the same.
fn version(component: &Component, ecosystem: &str) -> Option<String> {
    let of_ecosystem = |seen: &&Evidence| seen.facts.get("ecosystem").is_some_and(|named| named == ecosystem);
    let versions: BTreeSet<&str> = component
        .evidence
        .iter()
        .filter(of_ecosystem)
        .filter_map(|seen| exact(seen.version.as_deref()?, ecosystem, &seen.location.path))
        .collect();
    one_of(versions)
}

fn one_of(versions: BTreeSet<&str>) -> Option<String> {
    let mut versions = versions.into_iter();
    let one = versions.next().filter(|version| version.len() <= LONGEST_VERSION);
    one.filter(|_| versions.next().is_none()).map(str::to_owned)
}

/// A requirement that only one version meets.
fn exact<'v>(written: &'v str, ecosystem: &str, path: &str) -> Option<&'v str> {
    let written = written.trim();
    let pinned = written
        .strip_prefix("===")
        .or_else(|| written.strip_prefix("=="))
        .or_else(|| written.strip_prefix('='));
    if pinned.is_none() && BARE_IS_A_BOUND.contains(&ecosystem) && !is_lockfile(path) {
        return None;
    }
    let version = pinned.unwrap_or(written).trim_start();
    let digits = version.strip_prefix('v').unwrap_or(version);
    // One number alone is seldom a whole version: `1` is often `1.*`.
    let is_one = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.contains('.')
        && digits
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '!' | '~'))
        && !digits.split(['.', '-', '+']).any(|part| matches!(part, "" | "x" | "X"));
    is_one.then_some(version)
}

fn is_lockfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.contains("lock") || name.contains("resolved") || name == "manifest.toml"
}

/// A package URL from a name as its ecosystem writes it.
pub(crate) fn package(kind: &str, name: &str, version: Option<&str>) -> Option<String> {
    let name = match kind {
        "pypi" => name.to_lowercase().replace('_', "-"),
        "composer" | "golang" | "hex" => name.to_lowercase(),
        "maven" => name.replacen(':', "/", 1),
        _ => name.to_owned(),
    };
    // Types whose names have a namespace; elsewhere a slash would be part of the name.
    let (namespace, name) = match name.rsplit_once('/') {
        Some((namespace, name)) if matches!(kind, "npm" | "composer" | "golang" | "maven" | "docker" | "cocoapods") => {
            if kind == "cocoapods" {
                // A part of a pod is its subpath.
                return name_only(kind, namespace.split('/').next()?, version);
            }
            (Some(namespace), name)
        }
        _ => (None, name.as_str()),
    };
    if kind == "maven" && namespace.is_none() {
        return None;
    }
    let mut url = format!("pkg:{kind}/");
    for part in namespace
        .into_iter()
        .flat_map(|namespace| namespace.split('/'))
        .filter(|part| !part.is_empty())
    {
        encode(part, &mut url);
        url.push('/');
    }
    finish(url, name, version)
}

fn name_only(kind: &str, name: &str, version: Option<&str>) -> Option<String> {
    finish(format!("pkg:{kind}/"), name, version)
}

fn finish(mut url: String, name: &str, version: Option<&str>) -> Option<String> {
    if name.trim().is_empty() {
        return None;
    }
    encode(name, &mut url);
    if let Some(version) = version {
        url.push('@');
        encode(version, &mut url);
    }
    Some(url)
}

/// An image by its name, its registry as a qualifier, and its tag if all places name the same.
fn image(whole: &str, component: &Component) -> Package {
    let version = one_of(
        component
            .versions
            .iter()
            .map(String::as_str)
            .filter(|tag| !tag.is_empty())
            .collect(),
    );
    let (registry, name) = match whole.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        _ => (None, whole),
    };
    let url = package("docker", name, version.as_deref()).map(|mut url| {
        if let Some(registry) = registry.filter(|registry| *registry != "docker.io") {
            url.push_str("?repository_url=");
            encode(registry, &mut url);
        }
        url
    });
    Package { url, version }
}

/// Percent-encodes everything that has, or may be taken to have, a meaning of its own.
pub(crate) fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => out.push(char::from(byte)),
            byte => write!(out, "%{byte:02X}").expect("writing to a text does not fail"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::parts::declared;

    fn with(kind: ComponentKind, name: &str, version: &str, path: &str, facts: &[(&'static str, &str)]) -> Component {
        let mut component = declared("s", kind, name, None, version, path, 1);
        for (fact, value) in facts {
            component.facts.insert((*fact).into(), (*value).into());
            component.evidence[0].facts.insert((*fact).into(), (*value).into());
        }
        component
    }

    fn url(name: &str, version: &str, path: &str, facts: &[(&'static str, &str)]) -> Option<String> {
        of(&with(ComponentKind::Package, name, version, path, facts)).url
    }

    #[test]
    fn names_are_written_as_their_type_asks() {
        let of = |ecosystem, name, version| url(name, version, "any.lock", &[("ecosystem", ecosystem)]).unwrap_or_default();
        assert_eq!(of("pypi", "Azure_AI.inference", "==1.0.0b9"), "pkg:pypi/azure-ai.inference@1.0.0b9");
        assert_eq!(of("npm", "@ai-sdk/google", "2.0.1"), "pkg:npm/%40ai-sdk/google@2.0.1");
        assert_eq!(
            of("maven", "dev.langchain4j:langchain4j", "1.2.0"),
            "pkg:maven/dev.langchain4j/langchain4j@1.2.0"
        );
        assert_eq!(
            of("go", "github.com/Acme/go-ai", "v1.2.0"),
            "pkg:golang/github.com/acme/go-ai@v1.2.0"
        );
        assert_eq!(
            of("packagist", "openai-php/client", "0.10.1"),
            "pkg:composer/openai-php/client@0.10.1"
        );
        assert_eq!(of("rubygems", "ruby-openai", "8.1.0"), "pkg:gem/ruby-openai@8.1.0");
        assert_eq!(
            of("cocoapods", "TensorFlowLite/Core", "2.17.0"),
            "pkg:cocoapods/TensorFlowLite@2.17.0"
        );
        assert_eq!(of("cargo", "candle-core", "0.9.1+cuda"), "pkg:cargo/candle-core@0.9.1%2Bcuda");
    }

    #[test]
    fn a_version_is_given_only_where_it_is_one() {
        let version = |ecosystem, version, path| of(&with(ComponentKind::Package, "x", version, path, &[("ecosystem", ecosystem)])).version;
        for range in [
            "^2.0.0",
            ">=1.0,<2",
            "~> 8.1",
            "1.x",
            "1.2.*",
            "*",
            "latest",
            "1",
            "1.0 - 2.0",
            "",
            "==1.*",
            "${version}",
        ] {
            assert_eq!(version("npm", range, "package.json"), None, "{range}");
        }
        assert_eq!(version("pypi", "== 1.2.0", "requirements.txt").as_deref(), Some("1.2.0"));
        assert_eq!(version("cargo", "0.30", "Cargo.toml"), None);
        assert_eq!(version("cargo", "=0.30.1", "Cargo.toml").as_deref(), Some("0.30.1"));
        assert_eq!(version("cargo", "0.30.2", "Cargo.lock").as_deref(), Some("0.30.2"));
        let mut two = with(ComponentKind::Package, "x", "1.0.0", "a/package-lock.json", &[("ecosystem", "npm")]);
        let mut other = two.evidence[0].clone();
        other.version = Some("1.1.0".into());
        two.evidence.push(other);
        assert_eq!(of(&two).url.as_deref(), Some("pkg:npm/x"));
    }

    #[test]
    fn what_is_not_known_to_be_a_package_of_one_registry_has_no_url() {
        assert_eq!(url("x", "1.0.0", "a", &[]), None);
        assert_eq!(url("x", "1.0.0", "a", &[("ecosystem", "npm pypi")]), None);
        assert_eq!(url("x", "1.0.0", "a", &[("ecosystem", "julia")]), None);
        assert_eq!(url("langchain4j", "1.0.0", "a", &[("ecosystem", "maven")]), None);
        assert_eq!(url("x", "1.0.0", "a", &[("imported", "julia")]), None);
        assert_eq!(url(" ", "1.0.0", "a", &[("ecosystem", "npm")]), None);
        assert_eq!(
            url("openai", "", "a", &[("imported", "python")]).as_deref(),
            Some("pkg:pypi/openai")
        );
    }

    #[test]
    fn images_keep_their_registry_and_tag() {
        let image = |name, tag| {
            of(&with(ComponentKind::InfraImage, name, tag, "compose.yaml", &[]))
                .url
                .unwrap_or_default()
        };
        assert_eq!(image("vllm/vllm-openai", "v0.9.1"), "pkg:docker/vllm/vllm-openai@v0.9.1");
        assert_eq!(
            image("ghcr.io/ggml-org/llama.cpp", "server"),
            "pkg:docker/ggml-org/llama.cpp@server?repository_url=ghcr.io"
        );
        assert_eq!(
            image("localhost:5000/x", "sha256:ab"),
            "pkg:docker/x@sha256:ab?repository_url=localhost:5000"
        );
        assert_eq!(image("docker.io/ollama/ollama", ""), "pkg:docker/ollama/ollama");
    }

    #[test]
    fn a_server_is_the_package_that_starts_it() {
        let server = |package, version| {
            of(&with(
                ComponentKind::McpServer,
                "files",
                version,
                ".mcp.json",
                &[("package", package)],
            ))
        };
        assert_eq!(
            server("npm:@acme/files", "1.2.0").url.as_deref(),
            Some("pkg:npm/%40acme/files@1.2.0")
        );
        assert_eq!(server("npm:@acme/files", "latest").url.as_deref(), Some("pkg:npm/%40acme/files"));
        assert_eq!(server("image:acme/files", "").url.as_deref(), Some("pkg:docker/acme/files"));
        assert_eq!(server("files", "1.2.0"), Package::default());
    }

    #[test]
    fn hostile_names_stay_one_url() {
        let url = url("a b/\u{202e}?x=1#f\n@2", "==1.0", "x.lock", &[("ecosystem", "pypi")]).unwrap_or_default();
        assert_eq!(url, "pkg:pypi/a%20b%2F%E2%80%AE%3Fx%3D1%23f%0A%402@1.0");
    }
}
