//! Prompts that are kept as files of their own, each as a place, with the model and the vendor its head names. What the
//! prompt says is not kept.

use evidence::attribute;

use super::{front_matter, map_of, observe_model, observe_vendor, own_name, text_of};
use crate::tree::{self, Node, Shape};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const SCOPE: &str = "prompt";

static INFO: Info = Info {
    id: "ai/prompts",
    title: "Prompt files",
    reads: &[
        "*.prompty",
        "*.prompt",
        "*.prompt.yml",
        "*.prompt.yaml",
        "*.poml",
        "config.json beside skprompt.txt",
        "*.yaml",
    ],
    emits: &[(Kind::Resource, SCOPE), (Kind::Resource, super::VENDOR), (Kind::Model, SCOPE)],
    needs: &[],
    docs: "https://prompty.ai/docs/prompt-file-spec",
};

/// Reads prompt files.
pub(super) struct Prompts;

impl Detector for Prompts {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.name();
        if has_head(name) || is_messages(name) || name.ends_with(".poml") {
            return Some(Gate::Always);
        }
        (name == "config.json" || name.ends_with(".yaml") || name.ends_with(".yml")).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let text = artifact.text()?;
        let (name, path) = (artifact.file_name(), artifact.path());
        let mut place = |key: &str, line: u32| {
            out.push(Observation::new(Kind::Resource, SCOPE, key, line).with(attribute::ID, path));
        };
        if has_head(name) {
            let Some(head) = front_matter(text) else { return Ok(()) };
            let tree = tree::yaml(head);
            let root = tree.root();
            let key = if name.ends_with(".prompty") { "prompty" } else { "dotprompt" };
            // A file with this ending may be anything; its head speaks of a model.
            if root.get("model").is_none()
                && !(key == "dotprompt" && map_of(root, "input").is_some_and(|input| input.get("schema").is_some()))
            {
                return Ok(());
            }
            place(key, root.children().next().map_or(1, Node::line));
            observe_head(root, out);
        } else if name.ends_with(".poml") {
            if text.trim_start().starts_with("<poml") {
                place("poml", 1);
            }
        } else if is_messages(name) {
            let tree = artifact.tree()?;
            let root = tree.root();
            if let Some(messages) = root.get("messages").filter(|messages| is_conversation(*messages)) {
                place("messages", messages.line());
                observe_head(root, out);
            }
            return tree.complete();
        } else {
            let root = artifact.tree()?.root();
            let settings = root.get("execution_settings");
            let is_function = if name == "config.json" {
                let older = root.get("completion").filter(|_| root.get("schema").is_some());
                settings
                    .or(older)
                    .filter(|node| node.shape() == Shape::Map && root.get("description").is_some())
            } else {
                settings.filter(|_| text_of(root, "template").is_some() && text_of(root, "template_format").is_some())
            };
            if let Some(node) = is_function {
                let folder = own_name(path).unwrap_or(path);
                let id = if name == "config.json" { folder } else { path };
                out.push(Observation::new(Kind::Resource, SCOPE, "function", node.line()).with(attribute::ID, id));
                for service in node.children() {
                    for key in ["model_id", "service_model_id"] {
                        if let Some(model) = service.get(key) {
                            observe_model(SCOPE, key, model.text().unwrap_or_default(), model.line(), out);
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Prompts with a head of YAML before the text.
fn has_head(name: &str) -> bool {
    name.ends_with(".prompty") || name.ends_with(".prompt")
}

fn is_messages(name: &str) -> bool {
    name.ends_with(".prompt.yml") || name.ends_with(".prompt.yaml")
}

fn is_conversation(messages: Node<'_>) -> bool {
    messages
        .children()
        .next()
        .is_some_and(|first| text_of(first, "role").is_some() && first.get("content").is_some())
}

/// The model of a head: `model: vendor/id`, or `model: {configuration: {type, …}}`.
fn observe_head(root: Node<'_>, out: &mut Observations) {
    let Some(model) = root.get("model") else { return };
    if let Some(id) = model.text() {
        if let Some((vendor, _)) = id.split_once('/') {
            observe_vendor(vendor, model.line(), out);
        }
        observe_model(SCOPE, "model", id, model.line(), out);
        return;
    }
    let inner = map_of(model, "configuration").unwrap_or(model);
    for key in ["type", "provider"] {
        if let Some(vendor) = inner.get(key).or_else(|| model.get(key)) {
            observe_vendor(vendor.text().unwrap_or_default(), vendor.line(), out);
        }
    }
    for (of, key) in [
        (model, "id"),
        (inner, "model"),
        (inner, "name"),
        (inner, "azure_deployment"),
        (inner, "deployment_name"),
    ] {
        if let Some(found) = of.get(key)
            && let Some(id) = found.text()
        {
            observe_model(SCOPE, key, id, found.line(), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        let _ = Prompts.observe(&Artifact::new(path, text.as_bytes()), &mut out);
        crate::config::tests::lines_of(&out)
    }

    #[test]
    fn a_prompt_is_a_place_with_a_model_and_a_vendor() {
        let text = "---\nname: Reply\nmodel:\n  api: chat\n  configuration:\n    type: azure_acme\n    azure_deployment: gpt-x\n---\nsystem:\nYou are secret.\n";
        assert_eq!(
            seen("p/reply.prompty", text),
            [
                "2 Resource prompty id=p/reply.prompty",
                "6 Resource azure_acme",
                "7 Model gpt-x by-format=yes name=azure_deployment"
            ]
        );
        assert_eq!(
            seen("a.prompt", "---\nmodel: acme/large-1\n---\n{{x}}\n"),
            [
                "2 Resource dotprompt id=a.prompt",
                "2 Resource acme",
                "2 Model acme/large-1 by-format=yes name=model"
            ]
        );
        assert_eq!(
            seen("a.prompt.yml", "messages:\n- role: user\n  content: x\nmodel: acme/large-1\n"),
            [
                "1 Resource messages id=a.prompt.yml",
                "4 Resource acme",
                "4 Model acme/large-1 by-format=yes name=model"
            ]
        );
    }

    #[test]
    fn a_function_is_told_by_its_settings() {
        let text = "{\"schema\": 1, \"description\": \"d\", \"execution_settings\": {\n\"default\": {\"model_id\": \"gpt-x\"}}}";
        assert_eq!(
            seen("Plugins/Summarise/config.json", text),
            ["1 Resource function id=Summarise", "2 Model gpt-x by-format=yes name=model_id"]
        );
        let text = "name: a\ntemplate_format: handlebars\ntemplate: x\nexecution_settings: {}\n";
        assert_eq!(seen("p/a.yaml", text), ["4 Resource function id=p/a.yaml"]);
    }

    #[test]
    fn other_files_with_these_endings_are_no_prompts() {
        for (path, text) in [
            ("shell.prompt", "PS1='$ '"),
            ("a.prompt", "---\ntitle: x\n---\n"),
            ("a.prompty", "---\nmodel: x"),
            ("a.prompt.yml", "messages: 3\n"),
            ("a.poml", "poml"),
            ("config.json", "{\"description\": \"d\", \"completion\": \"bash\"}"),
            ("a.yaml", "template: x\ntemplate_format: y\n"),
        ] {
            assert_eq!(seen(path, text), [""; 0], "{path}");
        }
    }
}
