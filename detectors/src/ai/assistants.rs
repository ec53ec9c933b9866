//! Settings of coding assistants that tell more than their names: hooks, agents of their own, skills, and what may happen
//! without asking. Whose assistant it is, the catalog knows by the folder.

use super::{front_matter, joined, map_of, name_of, text_of};
use crate::config::value;
use crate::tree::{self, Node, Shape};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const SCOPE: &str = "assistant";

static INFO: Info = Info {
    id: "ai/assistants",
    title: "Settings, agents, skills and hooks of coding assistants",
    reads: &[
        ".*/settings.json",
        ".*/hooks.json",
        ".*/agents/*.md",
        ".*/commands/*.md",
        ".*/chatmodes/*.md",
        ".*/prompts/*.md",
        "SKILL.md",
    ],
    emits: &[(Kind::Resource, SCOPE), (Kind::Model, SCOPE)],
    needs: &[],
    docs: "https://agentskills.io/specification",
};

/// Reads settings of coding assistants.
pub(super) struct Assistants;

impl Detector for Assistants {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        kind(file.as_str()).map(|_| Gate::Always)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let Some((kind, folder)) = kind(artifact.path()) else {
            return Ok(());
        };
        if kind == File::Settings {
            let tree = artifact.tree()?;
            settings(tree.root(), folder, out);
            return if out.as_slice().is_empty() { Ok(()) } else { tree.complete() };
        }
        let text = artifact.text()?;
        let Some(head) = front_matter(text) else { return Ok(()) };
        let tree = tree::yaml(head);
        let root = tree.root();
        let stem = artifact.file_name().split('.').next().unwrap_or_default();
        let name = text_of(root, "name").unwrap_or(stem);
        let line = root.children().next().map_or(1, Node::line);
        let (key, fact) = match kind {
            File::Skill => ("SKILL.md", "fact.skills"),
            File::Agent => (folder, "fact.sub-agents"),
            _ => (folder, "fact.commands"),
        };
        if text_of(root, "name").is_none()
            && text_of(root, "description").is_none()
            && root.get("model").is_none()
            && root.get("tools").is_none()
        {
            return Ok(());
        }
        let name = name_of(name).replace(' ', "-");
        out.push(Observation::new(Kind::Resource, SCOPE, key, line).with(fact, name));
        if let Some(model) = root.get("model")
            && let Some(id) = model.text().filter(|id| value::is_model_id(id))
        {
            out.push(Observation::new(Kind::Model, SCOPE, id, model.line()));
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum File {
    Settings,
    Agent,
    Command,
    Skill,
}

/// What a file is, and the folder (`.name`) of the assistant whose it is.
fn kind(path: &str) -> Option<(File, &str)> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    if name == "SKILL.md" {
        return Some((File::Skill, ""));
    }
    let is_settings = matches!(name, "settings.json" | "settings.local.json" | "hooks.json");
    let is_text = name.ends_with(".md") && !name.eq_ignore_ascii_case("readme.md");
    if !is_settings && !is_text {
        return None;
    }
    let folder = folders.split('/').find(|folder| folder.len() > 1 && folder.starts_with('.'))?;
    let inside = folders.rsplit('/').next().unwrap_or_default();
    if inside == folder && is_settings {
        return Some((File::Settings, folder));
    }
    match inside {
        "agents" | "chatmodes" | "droids" if is_text => Some((File::Agent, folder)),
        "commands" | "prompts" | "workflows" if is_text => Some((File::Command, folder)),
        _ => None,
    }
}

/// `{hooks: {event: […]}, permissions: {defaultMode}}`
fn settings(root: Node<'_>, folder: &str, out: &mut Observations) {
    let events = map_of(root, "hooks").into_iter().flat_map(Node::children).filter(|event| {
        event.shape() == Shape::List
            && event
                .children()
                .any(|hook| hook.get("hooks").is_some() || hook.get("command").is_some())
    });
    let hooks = joined(events.map(Node::key));
    let mode = root.at(&["permissions", "defaultMode"]).and_then(Node::text).unwrap_or_default();
    let is_free = mode == "bypassPermissions" || root.get("autoAccept").and_then(Node::scalar) == Some("true");
    if hooks.is_empty() && !is_free {
        return;
    }
    let line = root.get("hooks").or_else(|| root.get("permissions")).map_or(1, Node::line);
    let observation = Observation::new(Kind::Resource, SCOPE, folder, line)
        .with("fact.hooks", hooks)
        .with("fact.approval", if is_free { "not asked" } else { "" });
    out.push(observation);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        let _ = Assistants.observe(&Artifact::new(path, text.as_bytes()), &mut out);
        crate::config::tests::lines_of(&out)
    }

    #[test]
    fn hooks_agents_and_skills_are_facts_of_an_assistant() {
        let text = "{\"hooks\": {\"PreToolUse\": [{\"matcher\": \"Bash\", \"hooks\": [{\"type\": \"command\", \"command\": \"x\"}]}]}}";
        assert_eq!(seen("a/.acme/settings.json", text), ["1 Resource .acme fact.hooks=PreToolUse"]);
        assert_eq!(
            seen(".acme/agents/review.md", "---\nname: reviewer\nmodel: large-1\n---\nx"),
            ["2 Resource .acme fact.sub-agents=reviewer", "3 Model large-1"]
        );
        assert_eq!(
            seen("skills/pdf/SKILL.md", "---\nname: pdf\ndescription: d\n---\n"),
            ["2 Resource SKILL.md fact.skills=pdf"]
        );
    }

    #[test]
    fn ordinary_settings_and_texts_say_nothing_more() {
        for (path, text) in [
            (".acme/settings.json", "{\"permissions\": {\"allow\": [\"Bash(ls)\"]}}"),
            (".acme/settings.json", "{\"hooks\": {\"pre-commit\": \"x\"}}"),
            (".acme/agents/a.md", "# no head"),
            (".acme/agents/a.md", "---\nlayout: x\n---\n"),
            ("docs/agents/a.md", "---\nname: x\n---\n"),
            ("settings.json", "{\"hooks\": {\"a\": [{\"command\": \"x\"}]}}"),
            ("SKILL.md", ""),
        ] {
            assert_eq!(seen(path, text), [""; 0], "{path}");
        }
    }
}
