//! Where developers work: development containers, and the extensions that a project recommends or requires of an editor.

use quick_xml::events::Event;

use super::{Format, image, resource, shell, workload};
use crate::tree::{Node, Shape};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observations, Unreadable};

const DEVCONTAINER: &str = "devcontainer";
const EXTENSION: &str = "vscode";
const PLUGIN: &str = "jetbrains";

static INFO: Info = Info {
    id: "infra/workspace",
    title: "Development containers and editor extensions",
    reads: &[
        "devcontainer.json",
        ".vscode/extensions.json",
        "*.code-workspace",
        ".idea/externalDependencies.xml",
    ],
    emits: &[
        (Kind::Resource, DEVCONTAINER),
        (Kind::Resource, EXTENSION),
        (Kind::Resource, PLUGIN),
        (Kind::Image, image::SCOPE),
        (Kind::Package, "pypi"),
        (Kind::Package, "npm"),
        (Kind::Package, "git"),
        (Kind::Command, DEVCONTAINER),
        (Kind::Env, DEVCONTAINER),
        (Kind::Model, DEVCONTAINER),
        (Kind::Host, DEVCONTAINER),
        (Kind::Literal, DEVCONTAINER),
    ],
    needs: &[],
    docs: "https://containers.dev/implementors/json_reference/",
};

/// Reads development containers and recommendations of extensions.
pub(super) struct Workspace;

impl Detector for Workspace {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        (is_workspace(file) || is_plugins(file.as_str())).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        if is_plugins(artifact.path()) {
            return observe_plugins(artifact.text()?, out);
        }
        if super::format(artifact.file(), artifact.text()?) != Some(Format::Workspace) {
            return Ok(());
        }
        let tree = artifact.tree()?;
        let is_container = artifact.file().plain_name().ends_with("devcontainer.json");
        workload::observe_beside(DEVCONTAINER, tree, out, |container, child, out| {
            if matches!(container.key(), "extensions" | "recommendations") && container.shape() == Shape::List {
                // A minus takes an extension out that something else brings.
                let id = child.text().filter(|id| !id.starts_with('-')).unwrap_or_default();
                let id = id.split('@').next().unwrap_or(id);
                out.extend(resource::of(EXTENSION, id, "", None, child.line()));
                return true;
            }
            if child.key() == "unwantedRecommendations" {
                return true;
            }
            if is_container && container.key() == "features" {
                let name = child.key();
                let end = name.rfind(':').filter(|&colon| !name[colon..].contains('/')).unwrap_or(name.len());
                out.extend(resource::of(DEVCONTAINER, &name[..end], "", Some(child), child.line()));
                return true;
            }
            let is_command = child.key().ends_with("Command") || container.key().ends_with("Command");
            is_container && is_command && observe_command(child, out)
        });
        tree.complete()
    }
}

/// Whether a path names such settings in JSON.
pub(super) fn is_workspace(file: &FilePath<'_>) -> bool {
    let (name, path) = (file.plain_name(), file.as_str());
    name == "devcontainer.json"
        || name == ".devcontainer.json"
        || name.ends_with(".code-workspace")
        || name == "extensions.json" && (path.starts_with(".vscode/") || path.contains("/.vscode/"))
}

fn is_plugins(path: &str) -> bool {
    path.ends_with("/externalDependencies.xml") && path.contains(".idea/")
}

/// A command as one text for a shell or as a list of words.
fn observe_command(node: Node<'_>, out: &mut Observations) -> bool {
    match node.shape() {
        Shape::Text => {
            let script = node.text().unwrap_or_default();
            shell::observe_commands(DEVCONTAINER, &shell::commands(script, node.line()), out);
            true
        }
        Shape::List => {
            let words: Vec<shell::Word> = node
                .children()
                .filter_map(|word| {
                    Some(shell::Word {
                        text: word.scalar()?.to_owned(),
                        line: word.line(),
                    })
                })
                .collect();
            shell::observe_command(DEVCONTAINER, &words, out);
            true
        }
        // Several commands under names.
        _ => false,
    }
}

/// `<plugin id="…" />`
fn observe_plugins(text: &str, out: &mut Observations) -> Result<(), Unreadable> {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        let event = reader.read_event().map_err(|error| Unreadable(format!("not valid XML: {error}")))?;
        match event {
            Event::Eof => return Ok(()),
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == "plugin" => {
                let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
                let lines = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count();
                let line = u32::try_from(lines + 1).unwrap_or(u32::MAX);
                for attribute in tag.attributes().flatten().filter(|attribute| attribute.key.as_ref() == "id") {
                    let id = attribute.value.to_string();
                    out.extend(resource::of(PLUGIN, &id, "", None, line));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    const CONTAINER: &str = r#"{
  // a comment
  "image": "org/dev:1",
  "features": {
    "ghcr.io/acme/features/llm:1": {"version": "2"}
  },
  "customizations": {"vscode": {"extensions": ["acme.copilot", "-other.ext", "b.c@1.2"]}},
  "containerEnv": {"LLM_KEY": "${localEnv:LLM_KEY}"},
  "postCreateCommand": "npm i -g @acme/cli && acme pull m1",
  "postStartCommand": {"a": ["acme", "run", "m2"]},
}"#;

    fn lines(path: &str, text: &str) -> Vec<String> {
        seen(&Workspace, path, text)
    }

    #[test]
    fn containers_give_features_extensions_and_commands() {
        let found = lines(".devcontainer/devcontainer.json", CONTAINER);
        for line in [
            "3 Image org/dev tag=1",
            "5 Resource ghcr.io/acme/features/llm arg.version=2",
            "7 Resource acme.copilot",
            "7 Resource b.c",
            "8 Env LLM_KEY",
            "9 Package @acme/cli relation=direct",
            "9 Command acme pull arg.0=m1",
            "10 Command acme run arg.0=m2",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:#?}");
        }
        assert!(!found.iter().any(|line| line.contains("other.ext")));
    }

    #[test]
    fn recommendations_and_required_plugins_are_seen() {
        assert_eq!(
            lines(
                ".vscode/extensions.json",
                "{\"recommendations\": [\n\"acme.copilot\"], \"unwantedRecommendations\": [\"x.y\"]}"
            ),
            ["2 Resource acme.copilot"]
        );
        assert_eq!(
            lines(
                ".idea/externalDependencies.xml",
                "<project>\n <component>\n  <plugin id=\"com.acme.copilot\" />\n  <other id=\"x\"/>\n </component></project>"
            ),
            ["3 Resource com.acme.copilot"]
        );
        assert!(Workspace.wants(&FilePath::of("src/extensions.json")).is_none());
        assert!(Workspace.wants(&FilePath::of("externalDependencies.xml")).is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(cut in 0_usize..CONTAINER.len(), insert in "[\\[\\]{}\"<>/:a-z\\n ]{0,8}") {
            let text = format!("{}{insert}{}", &CONTAINER[..cut], &CONTAINER[cut..]);
            lines(".devcontainer/devcontainer.json", &text);
            lines(".idea/externalDependencies.xml", &format!("<plugin id=\"a\"/>{text}"));
        }
    }
}
