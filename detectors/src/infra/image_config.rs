//! The configuration of a container image, as it lies beside its layers: the environment, the command, the labels.

use evidence::attribute;
use serde_json::Value;

use super::image;
use super::shell::{self, Word};
use crate::config::value;
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const SCOPE: &str = "image-config";
/// Longest configuration that is read; blobs beside it are layers, which are longer.
const LONGEST: u64 = 4 << 20;

static INFO: Info = Info {
    id: "infra/image-config",
    title: "Configurations of container images",
    reads: &["blobs/sha256/*", "<digest>.json"],
    emits: &[
        (Kind::Image, image::SCOPE),
        (Kind::Package, "pypi"),
        (Kind::Package, "npm"),
        (Kind::Package, "git"),
        (Kind::Command, SCOPE),
        (Kind::Env, SCOPE),
        (Kind::Model, SCOPE),
        (Kind::Host, SCOPE),
        (Kind::Literal, SCOPE),
    ],
    needs: &[],
    docs: "https://github.com/opencontainers/image-spec/blob/main/config.md",
};

/// Reads configurations of images.
pub(super) struct ImageConfig;

/// Whether a path is that of a blob or configuration of an image.
pub(crate) fn is_blob(path: &str) -> bool {
    let hex = path.strip_prefix("blobs/sha256/").or_else(|| path.strip_suffix(".json"));
    hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl Detector for ImageConfig {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        is_blob(file.as_str()).then_some(Gate::Pieces)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        if artifact.length() > LONGEST || artifact.piece(0, 1)? != b"{" {
            return Ok(());
        }
        let document = artifact.piece(0, LONGEST as usize)?;
        let Ok(document) = serde_json::from_slice::<Value>(&document) else {
            return Ok(());
        };
        // Manifests are such documents too, and say nothing of what runs.
        let (Some(config), Some(_)) = (document.get("config"), document.get("rootfs")) else {
            return Ok(());
        };
        // The document is one line: no line of it is worth showing.
        for setting in texts(config.get("Env")) {
            let (name, set) = setting.split_once('=').unwrap_or((setting, ""));
            out.push(Observation::new(Kind::Env, SCOPE, name, 0));
            value::observe(SCOPE, name, set, 0, out);
        }
        let words: Vec<Word> = ["Entrypoint", "Cmd"]
            .iter()
            .flat_map(|key| texts(config.get(key)))
            .map(|text| Word {
                text: text.to_owned(),
                line: 0,
            })
            .collect();
        shell::observe_command(SCOPE, &words, out);
        let labels = config.get("Labels").and_then(Value::as_object);
        for (name, label) in labels.into_iter().flatten() {
            let Some(text) = label.as_str() else { continue };
            match name.as_str() {
                "org.opencontainers.image.base.name" => image::observe(text, 0, out),
                _ => out.push(Observation::new(Kind::Literal, SCOPE, text, 0).with(attribute::NAME, name)),
            }
        }
        Ok(())
    }
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observe(path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        assert_eq!(ImageConfig.observe(&Artifact::new(path, text.as_bytes()), &mut out), Ok(()));
        out.as_slice().iter().map(|seen| format!("{:?} {}", seen.kind, seen.key)).collect()
    }

    #[test]
    fn what_an_image_sets_and_starts_is_seen() {
        let path = format!("blobs/sha256/{}", "ab".repeat(32));
        let config = r#"{"config":{"Env":["PATH=/bin","OPENAI_BASE_URL=https://llm.example/v1"],"Entrypoint":["serve","--model","acme/big"],"Labels":{"org.opencontainers.image.base.name":"docker.io/vllm/vllm-openai:v1"}},"rootfs":{"type":"layers"}}"#;
        let seen = observe(&path, config);
        for wanted in ["Env OPENAI_BASE_URL", "Host llm.example", "Model acme/big"] {
            assert!(seen.iter().any(|one| one == wanted), "{wanted}: {seen:?}");
        }
        assert!(
            seen.iter().any(|one| one.starts_with("Image ") && one.contains("vllm-openai")),
            "{seen:?}"
        );
    }

    #[test]
    fn what_is_no_configuration_says_nothing() {
        let path = format!("{}.json", "0".repeat(64));
        for text in ["", "{", "[]", "{\"config\":{\"digest\":\"x\"},\"layers\":[]}", "\u{1f}\u{8b}"] {
            assert_eq!(observe(&path, text), Vec::<String>::new());
        }
        assert!(
            ImageConfig.wants(&FilePath::of("blobs/sha256/short")).is_none()
                && ImageConfig.wants(&FilePath::of("a/package.json")).is_none()
        );
    }
}
