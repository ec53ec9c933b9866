//! Key-value trees that no more specific detector reads: YAML, JSON, TOML, and files of `key = value` lines.

use super::{settings, value};
use crate::tree::{self, Node, Tree};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observations, Unreadable, infra, manifests};

const SCOPE: &str = "keyvalue";

static INFO: Info = Info {
    id: "config/keyvalue",
    title: "Configuration files",
    reads: &[
        "*.yaml",
        "*.yml",
        "*.json",
        "*.jsonc",
        "*.toml",
        "*.ini",
        "*.cfg",
        "*.conf",
        "*.properties",
    ],
    emits: &[
        (Kind::Image, infra::IMAGES),
        (Kind::Env, SCOPE),
        (Kind::Model, SCOPE),
        (Kind::Host, SCOPE),
        (Kind::Literal, SCOPE),
    ],
    needs: &[],
    docs: "https://yaml.org/spec/1.2.2/",
};

/// Reads configuration files.
pub(super) struct KeyValue;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Json,
    Toml,
    Lines,
}

impl Detector for KeyValue {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        format(file).map(|_| Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let Some(format) = format(artifact.file()) else { return Ok(()) };
        if matches!(format, Format::Yaml | Format::Json) && infra::format(artifact.file(), artifact.text()?).is_some() {
            return Ok(());
        }
        if format == Format::Lines {
            observe_lines(artifact.text()?, out);
            return Ok(());
        }
        // A sample (`config.yaml.example`) has no extension that the shared tree is chosen by.
        let is_sample = artifact.file().plain_name() != artifact.file().lower_name();
        let own;
        let tree = if is_sample {
            own = parse(format, artifact.text()?);
            &own
        } else {
            artifact.tree()?
        };
        settings::observe_tree(SCOPE, tree, out, |_, child, out| observe_image(child, out));
        tree.complete()
    }
}

/// `image: name`, under whatever key settings have for it; one of `images: {default: name}`.
fn observe_image(child: Node<'_>, out: &mut Observations) -> bool {
    let key = child.key().to_ascii_lowercase();
    let key = key.trim_end_matches(['_', '-']);
    let names_an_image = ["image", "image_uri", "image-uri", "imageuri", "image_name", "image_id"]
        .iter()
        .any(|end| key.ends_with(end))
        || child.parent().is_some_and(|parent| parent.key().eq_ignore_ascii_case("images"));
    let reference = child
        .text()
        .filter(|text| names_an_image && text.contains('/') && !text.contains("://"));
    if let Some(reference) = reference {
        infra::observe_image(reference, child.line(), out);
    }
    reference.is_some()
}

fn parse(format: Format, text: &str) -> Tree {
    match format {
        Format::Yaml => tree::yaml(text),
        Format::Toml => tree::toml(text),
        Format::Json | Format::Lines => tree::json(text),
    }
}

fn format(file: &FilePath<'_>) -> Option<Format> {
    let format = match file.plain_ending() {
        "yaml" | "yml" => Format::Yaml,
        "json" | "jsonc" => Format::Json,
        "toml" => Format::Toml,
        "ini" | "cfg" | "conf" | "properties" => Format::Lines,
        _ => return None,
    };
    (!has_its_own_reader(file.plain_name()) && !infra::is_compose(file)).then_some(format)
}

/// Manifests, lockfiles and settings of compilers: what they hold is read elsewhere, or says nothing.
fn has_its_own_reader(name: &str) -> bool {
    matches!(
        name,
        "package.json" | "pyproject.toml" | "cargo.toml" | "pixi.toml" | "pylock.toml" | "setup.cfg" | "npm-shrinkwrap.json"
    ) || (name.starts_with("pylock.") && name.ends_with(".toml"))
        || (name.starts_with("environment") && name.ends_with("ml") && !name.ends_with(".toml"))
        || manifests::is_bill(name)
        || ["tsconfig", "jsconfig"]
            .iter()
            .any(|config| name.starts_with(config) && name.ends_with(".json"))
        || [
            "-lock.json",
            "-lock.yaml",
            "-lock.yml",
            ".lock.json",
            "packages.lock.json",
            "project.assets.json",
        ]
        .iter()
        .any(|end| name.ends_with(end))
}

/// `key = value` and `key: value` lines under `[sections]`, and `key value;` as web servers have it.
fn observe_lines(text: &str, out: &mut Observations) {
    let mut section = String::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';', '!']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            name.trim().clone_into(&mut section);
            continue;
        }
        let (key, set) = split(line);
        value::observe_variable(SCOPE, key, number, out);
        let name = if section.is_empty() || key.is_empty() {
            format!("{section}{key}")
        } else {
            format!("{section}.{key}")
        };
        value::observe(SCOPE, &name, set, number, out);
    }
}

/// A line's key and value; a line that is nothing but a value (one of several under a key) has no key.
fn split(line: &str) -> (&str, &str) {
    let is_key = |key: &str| !key.is_empty() && !key.contains(char::is_whitespace);
    let (key, set) = [
        line.split_once('='),
        line.split_once(':').filter(|(_, set)| !set.starts_with("//")),
        line.split_once([' ', '\t']),
    ]
    .into_iter()
    .flatten()
    .map(|(key, set)| (key.trim(), set.trim()))
    .find(|(key, _)| is_key(key))
    .unwrap_or(("", line));
    let set = set.strip_suffix(';').unwrap_or(set);
    let unquoted = ['"', '\''].iter().find_map(|&quote| set.strip_prefix(quote)?.strip_suffix(quote));
    (key, unquoted.unwrap_or(set))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    #[test]
    fn trees_are_read_in_every_format() {
        for (path, text) in [
            ("a.yaml", "llm:\n  model: gpt-x\n"),
            ("a.json", "{\"llm\":\n {\"model\": \"gpt-x\"}}"),
            ("a.jsonc", "{\"llm\": // why\n {\"model\": \"gpt-x\",}}"),
            ("a.toml", "[llm]\nmodel = \"gpt-x\"\n"),
            ("a.toml.example", "[llm]\nmodel = \"gpt-x\"\n"),
            ("a.ini", "[llm]\nmodel = gpt-x\n"),
            ("a.properties", "\nllm.model=gpt-x\n"),
        ] {
            assert_eq!(seen(&KeyValue, path, text), ["2 Model gpt-x name=llm.model"], "{path}");
        }
    }

    #[test]
    fn lines_are_read_whatever_parts_key_and_value() {
        let text = "# no\n; no\n[a b]\nOPENAI_API_KEY = \"sk-x\"\n  proxy_pass http://ollama:11434/;\nbase: https://x.example\n  https://y.example\n";
        assert_eq!(
            seen(&KeyValue, "a.conf", text),
            [
                "4 Env OPENAI_API_KEY",
                "4 Literal sk-x name=a b.OPENAI_API_KEY",
                "5 Host ollama:11434 name=a b.proxy_pass path=/",
                "6 Host x.example name=a b.base",
                "7 Host y.example name=a b",
            ]
        );
    }

    #[test]
    fn a_broken_file_gives_what_can_be_read_and_says_so() {
        let mut out = Observations::default();
        let text = "{\"model\": \"gpt-x\", \"b\": \"c";
        assert!(KeyValue.observe(&Artifact::new("a.json", text.as_bytes()), &mut out).is_err());
        assert!(!out.as_slice().is_empty());
        assert!(KeyValue.observe(&Artifact::new("a.ini", b"a\0b"), &mut out).is_err());
    }

    #[test]
    fn files_with_their_own_reader_are_left_to_it() {
        for path in [
            "config.yml",
            "a/settings.json",
            ".mcp.json",
            "Config.TOML",
            "x.cfg",
            "log.conf",
            "app.properties",
            "manifest.json",
            "c.yaml.sample",
        ] {
            assert_eq!(KeyValue.wants(&FilePath::of(path)), Some(Gate::Anchored), "{path}");
        }
        for path in [
            "package.json",
            "web/package-lock.json",
            "pnpm-lock.yaml",
            "pyproject.toml",
            "Cargo.toml",
            "tsconfig.build.json",
            "docker-compose.yml",
            "sbom.json",
            "shop.cdx.json",
            "setup.cfg",
            "environment-gpu.yml",
            "a.json5",
            "readme.md",
            "conf",
        ] {
            assert_eq!(KeyValue.wants(&FilePath::of(path)), None, "{path}");
        }
    }

    #[test]
    fn images_are_seen_under_any_name_for_one() {
        assert_eq!(
            seen(
                &KeyValue,
                "a.yaml",
                "base_image: org/llm:1\nbaseImage: org/llm\nlogo_image: logo.png\nimage: https://x.example/a.png\n"
            ),
            [
                "1 Image org/llm tag=1",
                "2 Image org/llm",
                "3 Literal logo.png name=logo_image",
                "4 Host x.example name=image path=/a.png"
            ]
        );
        assert_eq!(
            seen(
                &KeyValue,
                "a.yaml",
                "llm:\n  images:\n    default: org/llm:1\n    gpu: none\n  pictures:\n    default: org/llm\n"
            ),
            [
                "3 Image org/llm tag=1",
                "4 Literal none name=llm.images.gpu",
                "6 Literal org/llm name=llm.pictures.default"
            ]
        );
    }

    #[test]
    fn workloads_are_left_to_their_reader() {
        assert_eq!(seen(&KeyValue, "a.yaml", "apiVersion: v1\nkind: Pod\nmodel: gpt-x\n"), [""; 0]);
    }
}
