//! Compose files: services with their images, environments and commands.

use super::{image, tags, workload};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observations, Unreadable, tree};

const SCOPE: &str = "compose";

static INFO: Info = Info {
    id: "infra/compose",
    title: "Compose files",
    reads: &["docker-compose*.yml", "docker-compose*.yaml", "compose*.yml", "compose*.yaml"],
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
        tags::EMITS,
    ],
    needs: &[],
    docs: "https://docs.docker.com/reference/compose-file/",
};

/// Reads compose files.
pub(super) struct Compose;

impl Detector for Compose {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        is_compose(file).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let own;
        let tree = if matches!(artifact.extension(), "yml" | "yaml") {
            artifact.tree()?
        } else {
            own = tree::yaml(artifact.text()?);
            &own
        };
        tags::observe(tree, out);
        workload::observe(SCOPE, tree, out);
        tree.complete()
    }
}

/// Whether a path names a compose file.
pub(crate) fn is_compose(file: &FilePath<'_>) -> bool {
    let name = file.plain_name();
    let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")) else {
        return false;
    };
    let is_whole_word = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphabetic());
    ["docker-compose", "compose", "docker-stack"]
        .iter()
        .any(|start| stem.strip_prefix(start).is_some_and(is_whole_word))
        || stem.ends_with(".compose")
        || stem.ends_with("-compose")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    fn lines(text: &str) -> Vec<String> {
        seen(&Compose, "docker-compose.yml", text)
    }

    #[test]
    fn images_are_seen_with_their_defaults() {
        assert_eq!(
            lines(
                "services:\n  llm:\n    image: ${REGISTRY:-docker.io}/org/llm:${TAG:-1.2}\n  db:\n    image: postgres\n  own:\n    image: ${OWN}\n"
            ),
            ["3 Image org/llm tag=1.2", "5 Image postgres"]
        );
    }

    #[test]
    fn environments_are_seen_as_map_and_as_list() {
        let text = "services:\n  a:\n    environment:\n      LLM_MODEL: gpt-x\n      llm_host: http://llm:11434\n      N: 1\n  b:\n    environment:\n      - LLM_KEY=${LLM_KEY}\n      - OTHER_KEY\n";
        assert_eq!(
            lines(text),
            [
                "4 Env LLM_MODEL",
                "4 Model gpt-x name=LLM_MODEL",
                "5 Env llm_host",
                "5 Host llm:11434 name=llm_host",
                "6 Env N",
                "6 Literal 1 name=N",
                "9 Env LLM_KEY",
                "9 Env LLM_KEY name=LLM_KEY",
                "10 Env OTHER_KEY",
            ]
        );
    }

    #[test]
    fn commands_are_seen_word_by_word() {
        for text in [
            "services: {a: {command: serve --model org/m1 --port 1}}",
            "services: {a: {command: [serve, --model, org/m1]}}",
            "services: {a: {entrypoint: [sh, -c, 'serve --model=org/m1']}}",
        ] {
            assert!(lines(text).contains(&"1 Model org/m1 name=model".to_owned()), "{:?}", lines(text));
        }
        assert!(
            !lines("services: {a: {command: serve --mode fast}}")
                .iter()
                .any(|line| line.contains("Model"))
        );
    }

    #[test]
    fn build_arguments_and_other_settings_are_seen_once() {
        let found = lines(
            "services:\n  a:\n    build:\n      args: {LLM_MODEL: gpt-x}\n    labels: [\"https://x.example\"]\nmodels:\n  m:\n    model: ai/x\n",
        );
        assert_eq!(
            found,
            [
                "4 Env LLM_MODEL",
                "4 Model gpt-x name=LLM_MODEL",
                "5 Host x.example name=services.a.labels",
                "8 Model ai/x name=models.m.model"
            ]
        );
    }

    #[test]
    fn files_are_known_by_their_names() {
        for path in [
            "docker-compose.yml",
            "a/docker-compose.gpu.yaml",
            "compose.yaml",
            "compose-dev.yml",
            "prod.compose.yml",
            "docker-compose.yml.example",
        ] {
            assert!(Compose.wants(&FilePath::of(path)).is_some(), "{path}");
        }
        for path in [
            "composer.yaml",
            "composer.json",
            "docker-compose.md",
            "docker-composer.yml",
            "decompose.yml",
        ] {
            assert!(Compose.wants(&FilePath::of(path)).is_none(), "{path}");
        }
    }
}
