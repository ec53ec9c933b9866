//! Agents that a file describes: cards by which agents find each other, graphs that a server runs, and crews with their
//! roles and tasks.

use evidence::attribute;

use super::{joined, map_of, name_of, observe_model, observe_vendor, text_of};
use crate::tree::{Node, Shape};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const CARD: &str = "a2a";
const SCOPE: &str = "agent";

static INFO: Info = Info {
    id: "ai/agents",
    title: "Agents: A2A cards, langgraph.json, crews",
    reads: &["agent-card.json", "agent.json", "langgraph.json", "*.yaml", "*.yml"],
    emits: &[
        (Kind::Resource, CARD),
        (Kind::Resource, SCOPE),
        (Kind::Resource, super::VENDOR),
        (Kind::Model, SCOPE),
    ],
    needs: &[],
    docs: "https://a2a-protocol.org/latest/specification/",
};

/// Reads descriptions of agents.
pub(super) struct Agents;

impl Detector for Agents {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.name();
        if matches!(name, "agent-card.json" | "agent_card.json" | "agent.json" | "langgraph.json") {
            return Some(Gate::Always);
        }
        (name.ends_with(".yaml") || name.ends_with(".yml")).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let tree = artifact.tree()?;
        let root = tree.root();
        if artifact.file_name() == "langgraph.json" {
            graphs(root, out);
        } else if artifact.extension() == "json" {
            card(root, out);
        } else {
            crew(root, out);
        }
        if out.as_slice().is_empty() { Ok(()) } else { tree.complete() }
    }
}

/// `{name, url | supportedInterfaces, capabilities, skills: [{id, name}]}`
fn card(root: Node<'_>, out: &mut Observations) {
    let Some(name) = root.get("name").filter(|name| name.text().is_some()) else {
        return;
    };
    let Some(skills) = root.get("skills").filter(|skills| skills.shape() == Shape::List) else {
        return;
    };
    let is_skill = |skill: Node<'_>| text_of(skill, "id").is_some() && text_of(skill, "name").is_some();
    let says_how = ["protocolVersion", "defaultInputModes", "supportedInterfaces", "preferredTransport"]
        .iter()
        .any(|key| root.get(key).is_some());
    if map_of(root, "capabilities").is_none() || !says_how || !skills.children().all(is_skill) {
        return;
    }
    let observation = Observation::new(Kind::Resource, CARD, "agent-card", name.line())
        .with(attribute::ID, name_of(name.text().unwrap_or_default()))
        .with(attribute::DESCRIPTION, name_of(text_of(root, "description").unwrap_or_default()))
        .with(attribute::VERSION, name_of(text_of(root, "version").unwrap_or_default()))
        .with("fact.skills", joined(skills.children().filter_map(|skill| text_of(skill, "id"))))
        .with("fact.host", text_of(root, "url").and_then(super::host_of).unwrap_or_default());
    out.push(observation);
}

/// `{graphs: {name: "./file.py:graph"}, dependencies: […]}`
fn graphs(root: Node<'_>, out: &mut Observations) {
    let Some(graphs) = map_of(root, "graphs") else { return };
    let leads_to_code = |graph: Node<'_>| {
        graph
            .text()
            .or_else(|| text_of(graph, "path"))
            .is_some_and(|path| path.contains(':'))
    };
    if graphs.children().next().is_none() || !graphs.children().all(leads_to_code) {
        return;
    }
    let observation =
        Observation::new(Kind::Resource, SCOPE, "graphs", graphs.line()).with("fact.agents", joined(graphs.children().map(Node::key)));
    out.push(observation);
}

/// `{name: {role, goal, backstory, llm}}` and `{name: {description, expected_output, agent}}`
fn crew(root: Node<'_>, out: &mut Observations) {
    if root.shape() != Shape::Map {
        return;
    }
    let all_have = |keys: [&str; 2]| {
        let mut members = root.children().peekable();
        members.peek().is_some() && members.all(|member| keys.iter().all(|key| text_of(member, key).is_some()))
    };
    let key = if all_have(["role", "goal"]) && root.children().any(|member| text_of(member, "backstory").is_some()) {
        "crew-agents"
    } else if all_have(["description", "expected_output"]) {
        "crew-tasks"
    } else {
        return;
    };
    let line = root.children().next().map_or(1, Node::line);
    let mut observation = Observation::new(Kind::Resource, SCOPE, key, line);
    if key == "crew-agents" {
        observation = observation.with("fact.agents", joined(root.children().map(Node::key)));
    }
    out.push(observation);
    for member in root.children() {
        let Some(llm) = member.get("llm") else { continue };
        let id = llm.text().unwrap_or_default();
        if let Some((vendor, _)) = id.split_once('/') {
            observe_vendor(vendor, llm.line(), out);
            observe_model(SCOPE, "llm", id, llm.line(), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        let _ = Agents.observe(&Artifact::new(path, text.as_bytes()), &mut out);
        crate::config::tests::lines_of(&out)
    }

    #[test]
    fn a_card_tells_what_an_agent_can_do() {
        let text = "{\"protocolVersion\": \"0.3.0\",\n\"name\": \"Refunds\", \"url\": \"https://agents.example/refunds?key=s3cr3t\", \"version\": \"1.0\", \"capabilities\": {\"streaming\": true}, \"defaultInputModes\": [\"text\"], \"skills\": [{\"id\": \"refund\", \"name\": \"Refund\"}]}";
        assert_eq!(
            seen(".well-known/agent.json", text),
            ["2 Resource agent-card fact.host=agents.example fact.skills=refund id=Refunds version=1.0"]
        );
    }

    #[test]
    fn graphs_and_crews_name_their_agents() {
        assert_eq!(
            seen(
                "langgraph.json",
                "{\"dependencies\": [\".\"],\n\"graphs\": {\"a\": \"./a.py:graph\", \"b\": {\"path\": \"./b.ts:app\"}}}"
            ),
            ["2 Resource graphs fact.agents=a b"]
        );
        assert_eq!(
            seen(
                "config/agents.yaml",
                "writer:\n  role: W\n  goal: G\n  backstory: B\n  llm: acme/large-1\n"
            ),
            [
                "1 Resource crew-agents fact.agents=writer",
                "5 Resource acme",
                "5 Model acme/large-1 by-format=yes name=llm"
            ]
        );
        assert_eq!(
            seen(
                "config/tasks.yaml",
                "write:\n  description: D\n  expected_output: E\n  agent: writer\n"
            ),
            ["1 Resource crew-tasks"]
        );
    }

    #[test]
    fn agents_and_tasks_of_other_kinds_are_none() {
        for (path, text) in [
            ("tasks.yaml", "- name: Install\n  ansible.builtin.apt: {name: nginx}\n"),
            ("tasks.yaml", "build:\n  description: builds\n"),
            ("agents.yaml", "agent1:\n  host: a\n  role: monitor\n"),
            (
                "agent.json",
                "{\"name\": \"monitor\", \"interval\": 3, \"capabilities\": {}, \"skills\": [\"a\"]}",
            ),
            (
                "agent.json",
                "{\"name\": \"Sales\", \"skills\": [], \"url\": \"https://x.example\"}",
            ),
            ("langgraph.json", "{\"graphs\": {\"a\": 1}}"),
            ("langgraph.json", "{\"graphs\": {}}"),
            ("a.yaml", "a\n"),
        ] {
            assert_eq!(seen(path, text), [""; 0], "{path}: {text}");
        }
    }
}
