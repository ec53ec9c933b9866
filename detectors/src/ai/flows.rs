//! Flows that people draw instead of writing code, as the tools export them: the types of their steps, the models and the
//! vendors that the steps name, and the kinds of credentials. Prompts and expressions in them are not read.

use std::collections::BTreeSet;

use evidence::attribute;

use super::{is_tree, joined, map_of, name_of, observe_model, observe_vendor, text_of};
use crate::config::value;
use crate::tree::{Node, Shape};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

/// Flows whose nodes are connected by name.
const NODES: &str = "n8n";
/// Flows drawn as a graph of nodes with categories.
const CHATFLOW: &str = "flowise";
/// Flows drawn as a graph of components with templates.
const COMPONENTS: &str = "langflow";
/// Apps described in one YAML file.
const APP: &str = "dify";
/// Topics and agents of a studio.
const STUDIO: &str = "copilot-studio";
/// Flows that act through connectors.
const CONNECTORS: &str = "power-platform";
/// Flows of prompts and functions.
const DAG: &str = "promptflow";

static INFO: Info = Info {
    id: "ai/flows",
    title: "Exported flows: n8n, Flowise, Langflow, Dify, Copilot Studio, Power Automate, flow.dag.yaml",
    reads: &["*.json", "*.yaml", "*.yml"],
    emits: &[
        (Kind::Resource, NODES),
        (Kind::Resource, CHATFLOW),
        (Kind::Resource, COMPONENTS),
        (Kind::Resource, APP),
        (Kind::Resource, STUDIO),
        (Kind::Resource, CONNECTORS),
        (Kind::Resource, DAG),
        (Kind::Resource, super::VENDOR),
        (Kind::Model, "flow"),
    ],
    needs: &[],
    docs: "https://docs.n8n.io/workflows/export-import/",
};

/// More steps than this are not looked at.
const MOST_STEPS: usize = 10_000;

/// Reads exported flows.
pub(super) struct Flows;

impl Detector for Flows {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        (is_tree(file) && !file.name().ends_with(".toml")).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let tree = artifact.tree()?;
        let root = tree.root();
        // An export may hold several flows.
        let flows: Vec<Node<'_>> = match root.shape() {
            Shape::List => root.children().take(1000).collect(),
            _ => vec![root],
        };
        for flow in flows {
            nodes(flow, out);
            chatflow(flow, out);
            components(flow, out);
        }
        app(root, out);
        studio(root, out);
        declarative(root, out);
        dag(root, out);
        connectors(tree.walk(), out);
        if out.as_slice().is_empty() { Ok(()) } else { tree.complete() }
    }
}

fn list_of<'t>(node: Node<'t>, key: &str) -> Option<Node<'t>> {
    node.get(key).filter(|node| node.shape() == Shape::List)
}

/// `{nodes: [{type, parameters, credentials}], connections: {…}}`
fn nodes(flow: Node<'_>, out: &mut Observations) {
    let (Some(nodes), Some(_)) = (list_of(flow, "nodes"), map_of(flow, "connections")) else {
        return;
    };
    for node in nodes.children().take(MOST_STEPS) {
        let Some(kind) = text_of(node, "type") else { continue };
        let line = node.get("type").map_or(0, Node::line);
        let credentials = map_of(node, "credentials");
        let credentials = credentials.map(|all| joined(all.children().map(Node::key))).unwrap_or_default();
        let observation = Observation::new(Kind::Resource, NODES, kind, line)
            .with(attribute::ID, name_of(text_of(flow, "name").unwrap_or_default()))
            .with("fact.credential-types", credentials);
        let is_disabled = node.get("disabled").and_then(Node::scalar) == Some("true");
        out.push(observation.with(attribute::STATUS, if is_disabled { "disabled" } else { "" }));
        // A step for language models is of a type of its own; what others call a model may be a car.
        let last = kind.rsplit('.').next().unwrap_or(kind);
        let by_format = ["lm", "embeddings"].iter().any(|start| last.starts_with(start));
        for key in ["model", "modelId", "modelName"] {
            let Some(set) = map_of(node, "parameters").and_then(|parameters| parameters.get(key)) else {
                continue;
            };
            // `{__rl: true, value: …, mode: list}` is what a list of choices leaves.
            let chosen = if set.shape() == Shape::Map { set.get("value") } else { Some(set) };
            if let Some(chosen) = chosen {
                model(chosen, by_format, out);
            }
        }
    }
}

/// `{nodes: [{data: {name, category, inputs}}], edges: […]}`
fn chatflow(flow: Node<'_>, out: &mut Observations) {
    let (Some(nodes), Some(_)) = (list_of(flow, "nodes"), list_of(flow, "edges")) else {
        return;
    };
    for node in nodes.children().take(MOST_STEPS) {
        let Some(data) = map_of(node, "data") else { continue };
        let (Some(name), Some(category)) = (text_of(data, "name"), text_of(data, "category")) else {
            continue;
        };
        let line = data.get("name").map_or(0, Node::line);
        out.push(Observation::new(Kind::Resource, CHATFLOW, name, line).with("fact.category", name_of(category)));
        let Some(inputs) = map_of(data, "inputs") else { continue };
        let speaks_of_models = ["Chat Models", "LLMs", "Embeddings"].contains(&category);
        for input in inputs.children() {
            match input.shape() {
                Shape::Text if matches!(input.key(), "modelName" | "model") => model(input, speaks_of_models, out),
                // Later forms name the step that answers (`agentModel`) and keep its settings beside it.
                Shape::Text if input.key().ends_with("Model") => {
                    let set = input.text().unwrap_or_default();
                    out.push(Observation::new(Kind::Resource, CHATFLOW, set, input.line()));
                }
                Shape::Map if input.key().ends_with("ModelConfig") => {
                    for key in ["modelName", "model"] {
                        if let Some(set) = input.get(key) {
                            model(set, true, out);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// `{data: {nodes: [{data: {type, node: {template}}}]}}`
fn components(flow: Node<'_>, out: &mut Observations) {
    let Some(nodes) = map_of(flow, "data").and_then(|data| list_of(data, "nodes")) else {
        return;
    };
    for node in nodes.children().take(MOST_STEPS) {
        let Some(data) = map_of(node, "data") else { continue };
        let (Some(kind), Some(inner)) = (text_of(data, "type"), map_of(data, "node")) else {
            continue;
        };
        let line = data.get("type").map_or(0, Node::line);
        let name = name_of(text_of(flow, "name").unwrap_or_default());
        out.push(Observation::new(Kind::Resource, COMPONENTS, kind, line).with(attribute::ID, name));
        let Some(template) = map_of(inner, "template") else { continue };
        let set = |key: &str| template.get(key).and_then(|field| field.get("value"));
        if let Some(chosen) = set("model_name").or_else(|| set("model")) {
            model(chosen, false, out);
        }
        if let Some(vendor) = ["agent_llm", "provider"].iter().find_map(|key| set(key)) {
            observe_vendor(vendor.text().unwrap_or_default(), vendor.line(), out);
        }
    }
}

/// `{kind: app, app: {mode}, workflow | model_config: …}`
fn app(root: Node<'_>, out: &mut Observations) {
    let (Some("app"), Some(app)) = (text_of(root, "kind"), map_of(root, "app")) else {
        return;
    };
    let Some(mode) = text_of(app, "mode") else { return };
    if root.get("workflow").is_none() && root.get("model_config").is_none() {
        return;
    }
    let line = app.get("mode").map_or(0, Node::line);
    let observation = Observation::new(Kind::Resource, APP, mode, line)
        .with(attribute::ID, name_of(text_of(app, "name").unwrap_or_default()))
        .with(attribute::DESCRIPTION, name_of(text_of(app, "description").unwrap_or_default()));
    out.push(observation);
    let mut open = vec![root];
    let mut left = MOST_STEPS * 10;
    while let Some(node) = open.pop() {
        left -= 1;
        if left == 0 {
            return;
        }
        for [vendor, name] in [
            ["provider", "name"],
            ["embedding_provider_name", "embedding_model_name"],
            ["reranking_provider_name", "reranking_model_name"],
        ] {
            let is_model = vendor != "provider" || node.key().ends_with("model");
            if let (true, Some(vendor), Some(name)) = (is_model, node.get(vendor), node.get(name)) {
                // `owner/plugin/vendor`
                let written = vendor.text().unwrap_or_default();
                observe_vendor(written.rsplit('/').next().unwrap_or(written), vendor.line(), out);
                model(name, true, out);
            }
        }
        open.extend(node.children().filter(|child| matches!(child.shape(), Shape::Map | Shape::List)));
    }
}

/// Kinds of files of a studio for agents, as each file's first key says.
const STUDIO_FILES: [&str; 9] = [
    "AdaptiveDialog",
    "GptComponentMetadata",
    "TaskDialog",
    "KnowledgeSourceConfiguration",
    "BotDefinition",
    "Bot",
    "AgentDialog",
    "ExternalTriggerConfiguration",
    "TranslationsComponent",
];

/// `{$schema: …/copilot/declarative-agent/…, name, instructions}`
fn declarative(root: Node<'_>, out: &mut Observations) {
    let Some(schema) = root
        .get("$schema")
        .filter(|schema| schema.text().is_some_and(|text| text.contains("/copilot/declarative-agent/")))
    else {
        return;
    };
    if text_of(root, "instructions").is_some() {
        let capabilities = root.get("capabilities").into_iter().flat_map(Node::children);
        let observation = Observation::new(Kind::Resource, STUDIO, "declarative-agent", schema.line())
            .with(attribute::ID, name_of(text_of(root, "name").unwrap_or_default()))
            .with(
                "fact.capabilities",
                joined(capabilities.filter_map(|capability| text_of(capability, "name"))),
            );
        out.push(observation);
    }
}

/// `{kind: AdaptiveDialog, beginDialog: {kind, actions: [{kind}]}}`
fn studio(root: Node<'_>, out: &mut Observations) {
    let Some(kind) = text_of(root, "kind").filter(|kind| STUDIO_FILES.contains(kind)) else {
        return;
    };
    let has_its_form = [
        "beginDialog",
        "instructions",
        "action",
        "source",
        "inputs",
        "schemaName",
        "modelDescription",
    ]
    .iter()
    .any(|key| root.get(key).is_some());
    // Another tool may call its things bots, in capitals and in YAML; it does not have dialogs.
    if !has_its_form || (matches!(kind, "Bot" | "BotDefinition") && root.get("schemaName").is_none()) {
        return;
    }
    let mut kinds = BTreeSet::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if let Some(kind) = node.get("kind")
            && let Some(written) = kind.text()
            && kinds.len() < 200
            && kinds.insert(written)
        {
            let name = ["displayName", "modelDisplayName"].iter().find_map(|key| text_of(root, key));
            let observation = Observation::new(Kind::Resource, STUDIO, written, kind.line());
            out.push(observation.with(attribute::ID, name_of(name.unwrap_or_default())));
        }
        open.extend(node.children().filter(|child| matches!(child.shape(), Shape::Map | Shape::List)));
    }
}

/// `{nodes: [{type: llm, provider, connection, inputs: {deployment_name | model}}], inputs, outputs}`
fn dag(root: Node<'_>, out: &mut Observations) {
    let Some(nodes) = list_of(root, "nodes") else { return };
    let steps: Vec<Node<'_>> = nodes.children().take(MOST_STEPS).collect();
    let is_step =
        |node: &Node<'_>| text_of(*node, "name").is_some() && text_of(*node, "type").is_some() && map_of(*node, "source").is_some();
    if root.get("outputs").is_none() || steps.is_empty() || !steps.iter().all(is_step) {
        return;
    }
    for step in steps {
        let kind = text_of(step, "type").unwrap_or_default();
        out.push(Observation::new(Kind::Resource, DAG, kind, step.get("type").map_or(0, Node::line)));
        if kind != "llm" {
            continue;
        }
        if let Some(vendor) = step.get("provider") {
            observe_vendor(vendor.text().unwrap_or_default(), vendor.line(), out);
        }
        let inputs = map_of(step, "inputs");
        for key in ["model", "deployment_name"] {
            if let Some(set) = inputs.and_then(|inputs| inputs.get(key)) {
                model(set, key == "model", out);
            }
        }
    }
}

/// Connectors by the name or id that references give them, and operations on them.
fn connectors<'t>(nodes: impl Iterator<Item = Node<'t>>, out: &mut Observations) {
    let mut seen = BTreeSet::new();
    for node in nodes {
        let Some(text) = node.text() else { continue };
        let is_reference = match node.key() {
            "id" | "apiId" => text.contains("/apis/") || text.contains("/managedApis/") || text.starts_with("/serviceProviders/"),
            "name" => text.starts_with("shared_") && node.parent().is_some_and(|parent| parent.key() == "api"),
            "operationId" => node.parent().is_some_and(|parent| parent.key() == "host"),
            _ => false,
        };
        if !is_reference {
            continue;
        }
        let name = text.rsplit('/').next().unwrap_or(text);
        if name.len() <= 100 && seen.insert(name) {
            out.push(Observation::new(Kind::Resource, CONNECTORS, name, node.line()));
        }
    }
}

fn model(node: Node<'_>, by_format: bool, out: &mut Observations) {
    let text = node.text().unwrap_or_default().trim();
    if by_format {
        observe_model("flow", node.key(), text, node.line(), out);
    } else if value::is_model_id(text) {
        out.push(Observation::new(Kind::Model, "flow", text, node.line()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        let _ = Flows.observe(&Artifact::new(path, text.as_bytes()), &mut out);
        crate::config::tests::lines_of(&out)
    }

    #[test]
    fn nodes_connected_by_name_are_read_with_their_models_and_kinds_of_credentials() {
        let text = r#"{"name": "Answer mail", "nodes": [
{"type": "@acme/nodes-langchain.lmChat",
"parameters": {"model": {"__rl": true, "value": "gpt-x", "mode": "list"}}, "credentials": {"acmeApi": {"id": "1", "name": "my account"}}},
{"type": "nodes-base.set", "parameters": {"model": "={{ $json.car }}"}}
], "connections": {}}"#;
        assert_eq!(
            seen("a.json", text),
            [
                "2 Resource @acme/nodes-langchain.lmChat fact.credential-types=acmeApi id=Answer mail",
                "3 Model gpt-x by-format=yes name=value",
                "4 Resource nodes-base.set id=Answer mail",
            ]
        );
    }

    #[test]
    fn graphs_of_nodes_with_categories_are_read() {
        let text = r#"{"nodes": [
{"data": {"name": "chatX", "category": "Chat Models", "inputs": {"modelName": "x-large"}}},
{"data": {"name": "agentAgentflow", "category": "Agent Flows", "inputs": {"agentModel": "chatY", "agentModelConfig": {"modelName": "y-1"}}}}
], "edges": []}"#;
        let found = seen("a.json", text).join("\n");
        for line in [
            "2 Resource chatX fact.category=Chat Models",
            "2 Model x-large by-format=yes",
            "3 Resource chatY",
            "3 Model y-1",
        ] {
            assert!(found.contains(line), "{line}: {found}");
        }
    }

    #[test]
    fn graphs_of_components_are_read() {
        let text = r#"{"name": "Chat", "data": {"nodes": [
{"data": {"type": "XModel", "node": {"template": {"model_name": {"value": "gpt-x"}}}}},
{"data": {"type": "Agent", "node": {"template": {"agent_llm": {"value": "Acme AI"}}}}}]}}"#;
        assert_eq!(
            seen("a.json", text),
            [
                "2 Resource XModel id=Chat",
                "2 Model gpt-x",
                "3 Resource Agent id=Chat",
                "3 Resource acme ai"
            ]
        );
    }

    #[test]
    fn apps_in_one_file_name_models_and_vendors() {
        let text = "app:\n  mode: workflow\n  name: Review\nkind: app\nworkflow:\n  graph:\n    nodes:\n    - data:\n        type: llm\n        model:\n          provider: owner/acme/acme\n          name: acme-large\n          mode: chat\n";
        assert_eq!(
            seen("a.yml", text),
            [
                "2 Resource workflow id=Review",
                "11 Resource acme",
                "12 Model acme-large by-format=yes name=name"
            ]
        );
    }

    #[test]
    fn topics_of_a_studio_tell_the_kinds_of_their_steps() {
        let text = "kind: AdaptiveDialog\nbeginDialog:\n  kind: OnUnknownIntent\n  id: main\n  actions:\n    - kind: SearchAndSummarizeContent\n      id: a\n";
        let found = seen("topics/a.mcs.yml", text);
        assert!(found.contains(&"6 Resource SearchAndSummarizeContent".to_owned()), "{found:?}");
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn agents_that_are_only_declared_are_told_by_their_schema() {
        let text = "{\"$schema\": \"https://developer.example/json-schemas/copilot/declarative-agent/v1.4/schema.json\", \"name\": \"Help\", \"instructions\": \"x\", \"capabilities\": [{\"name\": \"WebSearch\"}]}";
        assert_eq!(
            seen("appPackage/declarativeAgent.json", text),
            ["1 Resource declarative-agent fact.capabilities=WebSearch id=Help"]
        );
    }

    #[test]
    fn connectors_are_told_by_their_references() {
        let text = r#"{"properties": {"connectionReferences": {
"a": {"api": {"name": "shared_acmeai"}}},
"definition": {"actions": {"x": {"inputs": {"host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_acmeai", "operationId": "predict_x"}}}}}}}"#;
        assert_eq!(seen("flow.json", text), ["2 Resource shared_acmeai", "3 Resource predict_x"]);
        assert_eq!(
            seen("openapi.json", "{\"paths\": {\"/a\": {\"get\": {\"operationId\": \"predict_x\"}}}}"),
            [""; 0]
        );
    }

    #[test]
    fn prompt_flows_are_read() {
        let text = "inputs: {}\noutputs: {}\nnodes:\n- name: a\n  type: llm\n  source: {type: code, path: a.jinja2}\n  provider: AcmeAI\n  inputs:\n    model: gpt-x\n";
        assert_eq!(
            seen("flow.dag.yaml", text),
            ["5 Resource llm", "7 Resource acmeai", "9 Model gpt-x by-format=yes name=model"]
        );
    }

    #[test]
    fn other_graphs_and_apps_are_no_flows() {
        for (path, text) in [
            (
                "graph.json",
                "{\"nodes\": [{\"id\": 1, \"label\": \"a\", \"data\": {\"name\": \"a\"}}], \"edges\": []}",
            ),
            ("net.json", "{\"nodes\": [{\"name\": \"router\"}], \"connections\": {}}"),
            ("app.yaml", "kind: app\napp: {name: x}\nmodel: civic\n"),
            ("a.yaml", "kind: Deployment\nmetadata: {name: x}\n"),
            ("bot.yaml", "kind: Bot\ntoken: x\n"),
            ("dag.yaml", "nodes:\n- name: a\n  type: task\noutputs: {}\n"),
            ("a.json", "[]"),
        ] {
            assert_eq!(seen(path, text), [""; 0], "{path}");
        }
    }
}
