//! Lists of models with their vendors: what a gateway offers, what an evaluation compares, what guard rails or an assistant
//! run on. Each list is known by the keys that only it has.

use super::{joined, map_of, observe_model, observe_vendor, text_of};
use crate::tree::{Node, Shape};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const GATEWAY: &str = "gateway";
const EVALUATION: &str = "evaluation";
const GUARDRAILS: &str = "guardrails";
const SCOPE: &str = "routes";

static INFO: Info = Info {
    id: "ai/routes",
    title: "Gateways, evaluations, guard rails and assistants that name models with their vendors",
    reads: &["*.yaml", "*.yml", "*.json", "*.rail"],
    emits: &[
        (Kind::Resource, GATEWAY),
        (Kind::Resource, EVALUATION),
        (Kind::Resource, GUARDRAILS),
        (Kind::Resource, super::VENDOR),
        (Kind::Model, SCOPE),
    ],
    needs: &[],
    docs: "https://docs.litellm.ai/docs/proxy/configs",
};

/// Reads lists of models with their vendors.
pub(super) struct Routes;

impl Detector for Routes {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.name();
        if name.ends_with(".rail") || (name.starts_with("promptfooconfig") && super::is_tree(file)) {
            return Some(Gate::Always);
        }
        (super::is_tree(file) && !name.ends_with(".toml")).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        if artifact.extension() == "rail" {
            let text = artifact.text()?;
            if text.contains("<rail") && (text.contains("<output") || text.contains("<prompt")) {
                out.push(Observation::new(Kind::Resource, GUARDRAILS, "rail", 1));
            }
            return Ok(());
        }
        let tree = artifact.tree()?;
        let root = tree.root();
        for node in tree.walk() {
            gateway(node, out);
        }
        targets(root, out);
        evaluation(root, out);
        rails(root, out);
        assistant(root, out);
        if out.as_slice().is_empty() { Ok(()) } else { tree.complete() }
    }
}

fn list_of<'t>(node: Node<'t>, key: &str) -> Option<Node<'t>> {
    node.get(key).filter(|node| node.shape() == Shape::List)
}

/// `{model_name, litellm_params: {model: vendor/id}}`, and `{name: ai-proxy, config: {model: {provider, name}}}` of a plugin.
fn gateway(node: Node<'_>, out: &mut Observations) {
    if node.shape() != Shape::Map {
        return;
    }
    if node.key().ends_with("_params")
        && let Some(model) = node.get("model")
        && node.parent().is_some_and(|parent| text_of(parent, "model_name").is_some())
    {
        out.push(Observation::new(Kind::Resource, GATEWAY, node.key(), node.line()));
        let id = model.text().unwrap_or_default();
        if let Some((vendor, _)) = id.split_once('/') {
            observe_vendor(vendor, model.line(), out);
        }
        observe_model(SCOPE, "model", id, model.line(), out);
    }
    let Some(plugin) = text_of(node, "name").filter(|name| name.starts_with("ai-")) else {
        return;
    };
    let config = map_of(node, "config");
    let line = node.get("name").map_or(0, Node::line);
    if config.is_none() {
        return;
    }
    out.push(Observation::new(Kind::Resource, GATEWAY, plugin, line));
    let targets = config.and_then(|config| list_of(config, "targets"));
    let holders = config.into_iter().chain(targets.into_iter().flat_map(Node::children));
    for model in holders.filter_map(|holder| map_of(holder, "model")) {
        pair(model, "provider", "name", out);
    }
}

/// `{strategy: {mode}, targets: [{provider, override_params: {model}}]}`
fn targets(root: Node<'_>, out: &mut Observations) {
    let (Some(_), Some(targets)) = (
        map_of(root, "strategy").and_then(|strategy| text_of(strategy, "mode")),
        list_of(root, "targets"),
    ) else {
        return;
    };
    let named: Vec<Node<'_>> = targets
        .children()
        .filter(|target| target.get("override_params").is_some() || target.get("virtual_key").is_some())
        .collect();
    for target in named {
        out.push(Observation::new(Kind::Resource, GATEWAY, "targets", target.line()));
        if let Some(vendor) = target.get("provider") {
            observe_vendor(vendor.text().unwrap_or_default().trim_start_matches('@'), vendor.line(), out);
        }
        if let Some(model) = target.at(&["override_params", "model"]) {
            observe_model(SCOPE, "model", model.text().unwrap_or_default(), model.line(), out);
        }
    }
}

/// `{prompts, providers | targets: ["vendor:kind:model", {id: …}], tests}`
fn evaluation(root: Node<'_>, out: &mut Observations) {
    let Some(providers) = root.get("providers").or_else(|| root.get("targets")) else {
        return;
    };
    let has_its_form = root.get("prompts").is_some()
        && ["tests", "defaultTest", "scenarios", "redteam", "description", "outputPath"]
            .iter()
            .any(|key| root.get(key).is_some())
        || root
            .get("redteam")
            .is_some_and(|redteam| redteam.get("plugins").is_some() || redteam.get("purpose").is_some());
    if !has_its_form {
        return;
    }
    let written: Vec<(Node<'_>, &str)> = match providers.shape() {
        Shape::Text => vec![(providers, providers.text().unwrap_or_default())],
        _ => providers
            .children()
            .take(1000)
            .filter_map(|node| match node.shape() {
                Shape::Text => Some((node, node.text()?)),
                // `{id: …}`, or `{"vendor:model": {config}}`
                _ => match node.get("id") {
                    Some(id) => Some((id, id.text()?)),
                    None => node.children().next().map(|first| (first, first.key())),
                },
            })
            .collect(),
    };
    let kind = if root.get("redteam").is_some() {
        "red-teaming"
    } else {
        "comparison"
    };
    out.push(Observation::new(Kind::Resource, EVALUATION, kind, providers.line()));
    for (node, id) in written {
        let mut parts = id.split(':');
        let vendor = parts.next().unwrap_or_default();
        if [
            "file",
            "python",
            "exec",
            "http",
            "https",
            "package",
            "golang",
            "ruby",
            "webhook",
            "websocket",
            "echo",
        ]
        .contains(&vendor)
        {
            continue;
        }
        observe_vendor(vendor, node.line(), out);
        const FORMS: [&str; 12] = [
            "chat",
            "completion",
            "responses",
            "messages",
            "embedding",
            "embeddings",
            "text",
            "image",
            "realtime",
            "assistant",
            "deployment",
            "model",
        ];
        let rest: Vec<&str> = parts.skip_while(|part| FORMS.contains(part)).collect();
        // What follows an id of a cloud (`…-v1:0`) belongs to it.
        observe_model(SCOPE, "providers", &rest.join(":"), node.line(), out);
    }
}

/// `{models: [{type, engine, model}], rails: {…}}`
fn rails(root: Node<'_>, out: &mut Observations) {
    let Some(models) = list_of(root, "models") else { return };
    let engines: Vec<Node<'_>> = models
        .children()
        .filter(|model| text_of(*model, "type").is_some() && text_of(*model, "engine").is_some())
        .collect();
    let speaks_of_rails = map_of(root, "rails").is_some()
        || ["instructions", "sample_conversation", "colang_version"]
            .iter()
            .any(|key| root.get(key).is_some());
    if engines.is_empty() || !speaks_of_rails {
        return;
    }
    let kinds = map_of(root, "rails")
        .map(|rails| joined(rails.children().map(Node::key)))
        .unwrap_or_default();
    out.push(Observation::new(Kind::Resource, GUARDRAILS, "rails", root.get("rails").unwrap_or(models).line()).with("fact.rails", kinds));
    for model in engines {
        pair(model, "engine", "model", out);
    }
}

/// `{models: [{name | title, provider, model, roles}]}` of an assistant.
fn assistant(root: Node<'_>, out: &mut Observations) {
    let Some(models) = list_of(root, "models") else { return };
    let is_one = |model: &Node<'_>| {
        text_of(*model, "provider").is_some()
            && text_of(*model, "model").is_some()
            && (text_of(*model, "title").is_some() || text_of(*model, "name").is_some())
    };
    let speaks = [
        "tabAutocompleteModel",
        "schema",
        "embeddingsProvider",
        "slashCommands",
        "contextProviders",
        "customCommands",
    ]
    .iter()
    .any(|key| root.get(key).is_some());
    if !speaks {
        return;
    }
    for model in models.children().filter(is_one) {
        pair(model, "provider", "model", out);
    }
}

fn pair(node: Node<'_>, vendor: &str, model: &str, out: &mut Observations) {
    if let Some(vendor) = node.get(vendor) {
        observe_vendor(vendor.text().unwrap_or_default(), vendor.line(), out);
    }
    if let Some(model) = node.get(model) {
        observe_model(SCOPE, model.key(), model.text().unwrap_or_default(), model.line(), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        let _ = Routes.observe(&Artifact::new(path, text.as_bytes()), &mut out);
        crate::config::tests::lines_of(&out)
    }

    #[test]
    fn gateways_tell_what_they_lead_to() {
        assert_eq!(
            seen(
                "g.yaml",
                "model_list:\n  - model_name: fast\n    litellm_params:\n      model: acme/large-1\n      api_key: s3cr3t\n"
            ),
            [
                "3 Resource litellm_params",
                "4 Resource acme",
                "4 Model acme/large-1 by-format=yes name=model"
            ]
        );
        assert_eq!(
            seen(
                "kong.yaml",
                "plugins:\n- name: ai-proxy\n  config:\n    model: {provider: acme, name: large-1}\n"
            ),
            ["2 Resource ai-proxy", "4 Resource acme", "4 Model large-1 by-format=yes name=name"]
        );
        assert_eq!(
            seen(
                "r.json",
                "{\"strategy\": {\"mode\": \"fallback\"}, \"targets\": [\n{\"provider\": \"acme\", \"override_params\": {\"model\": \"large-1\"}}]}"
            ),
            ["2 Resource targets", "2 Resource acme", "2 Model large-1 by-format=yes name=model"]
        );
    }

    #[test]
    fn evaluations_tell_what_they_compare() {
        let text = "prompts: [a.txt]\nproviders:\n  - acme:chat:large-1\n  - id: cloud:acme.x-v1:0\n  - file://own.py\ntests: []\n";
        assert_eq!(
            seen("promptfooconfig.yaml", text),
            [
                "2 Resource comparison",
                "3 Resource acme",
                "3 Model large-1 by-format=yes name=providers",
                "4 Resource cloud",
                "4 Model acme.x-v1:0 by-format=yes name=providers",
            ]
        );
    }

    #[test]
    fn guard_rails_and_assistants_tell_what_they_run_on() {
        assert_eq!(
            seen(
                "config.yml",
                "models:\n- type: main\n  engine: acme\n  model: large-1\nrails:\n  input: {flows: [a]}\n"
            ),
            [
                "5 Resource rails fact.rails=input",
                "3 Resource acme",
                "4 Model large-1 by-format=yes name=model"
            ]
        );
        assert_eq!(
            seen(
                "config.yaml",
                "schema: v1\nmodels:\n- name: A\n  provider: acme\n  model: large-1\n"
            ),
            ["4 Resource acme", "5 Model large-1 by-format=yes name=model"]
        );
        assert_eq!(
            seen("a.rail", "<rail version=\"0.1\"><output></output></rail>"),
            ["1 Resource rail"]
        );
    }

    #[test]
    fn other_lists_are_none() {
        for (path, text) in [
            ("terraform.json", "{\"providers\": [\"aws\"], \"description\": \"x\"}"),
            ("cars.yaml", "models:\n- name: Civic\n  provider: honda\n  model: x1\n"),
            ("config.yml", "models:\n- type: sedan\n  engine: v8\n  model: x1\n"),
            ("auth.yaml", "providers: [google, github]\nprompts: yes\n"),
            ("deploy.yaml", "strategy: {mode: rolling}\ntargets: [{provider: aws}]\n"),
            ("plugins.yaml", "- name: ai-proxy\n"),
            ("query.yaml", "query_params: {model: x}\n"),
            ("a.rail", "railway"),
        ] {
            assert_eq!(seen(path, text), [""; 0], "{path}");
        }
    }
}
