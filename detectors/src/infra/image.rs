//! References to container images, as `registry/repository:tag@digest` with parts left out.

use evidence::attribute;

use crate::config::reference;
use crate::{Kind, Observation, Observations};

/// The scope of every image.
pub(crate) const SCOPE: &str = "container";
/// Longest reference that is read.
const LONGEST: usize = 512;

/// Adds an image, if the text names one. Variables with a default are resolved to it.
pub(crate) fn observe(text: &str, line: u32, out: &mut Observations) {
    let expanded = reference::expand(text.trim());
    if let Some((repository, tag)) = parse(&expanded.text) {
        out.push(Observation::new(Kind::Image, SCOPE, repository, line).with(attribute::TAG, tag));
    }
}

/// The repository without what every client adds by itself, and the tag, or else the digest.
fn parse(text: &str) -> Option<(String, String)> {
    if text.len() > LONGEST || text.contains(char::is_whitespace) {
        return None;
    }
    let text = ["docker://", "oci://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .unwrap_or(text);
    let (name, digest) = text.split_once('@').unwrap_or((text, ""));
    let name_start = name.rfind('/').map_or(0, |slash| slash + 1);
    let (repository, tag) = match name[name_start..].find(':') {
        Some(colon) => (&name[..name_start + colon], &name[name_start + colon + 1..]),
        None => (name, ""),
    };
    let tag = if tag.is_empty() || !tag.bytes().all(is_tag_byte) {
        digest
    } else {
        tag
    };
    let repository = repository.to_ascii_lowercase();
    let mut parts: Vec<&str> = repository.split('/').collect();
    // A registry that only the deployment knows (`${REGISTRY}/name`) says nothing about the image.
    let is_default = |part: &str| matches!(part, "docker.io" | "index.docker.io" | "registry-1.docker.io");
    while parts.len() > 1 && (is_unknown(parts[0]) || is_default(parts[0]) || parts.len() == 2 && parts[0] == "library") {
        parts.remove(0);
    }
    let is_part = |(at, part): (usize, &&str)| {
        let may_hold_port = at == 0 && parts.len() > 1;
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-') || may_hold_port && b == b':')
    };
    let is_image = parts.iter().enumerate().all(is_part) && parts.iter().any(|part| part.contains(|c: char| c.is_ascii_alphabetic()));
    is_image.then(|| (parts.join("/"), tag.to_owned()))
}

fn is_unknown(part: &str) -> bool {
    part.contains(['{', '<'])
}

fn is_tag_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn images_are_known_without_default_registry_and_tag() {
        for (text, repository, tag) in [
            ("python", "python", ""),
            ("docker.io/library/python:3.12-slim", "python", "3.12-slim"),
            ("vllm/vllm-openai:v0.6", "vllm/vllm-openai", "v0.6"),
            ("nvcr.io/nim/meta/llama:1", "nvcr.io/nim/meta/llama", "1"),
            ("localhost:5000/a/b", "localhost:5000/a/b", ""),
            ("ghcr.io/Org/Name@sha256:abc", "ghcr.io/org/name", "sha256:abc"),
            ("a/b:1@sha256:abc", "a/b", "1"),
            ("{}/a/b:{}", "a/b", ""),
            ("docker://a/b:1", "a/b", "1"),
        ] {
            assert_eq!(parse(text), Some((repository.to_owned(), tag.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_names_no_image_is_none() {
        for text in [
            "",
            "{}",
            "{}:1",
            "a b",
            "./Dockerfile",
            "https://example.com/logo.png",
            "12:1",
            "a//b",
            "/a",
            "<xxx>:<xx>",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
