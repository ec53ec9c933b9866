//! Resource Manager templates in JSON: resources with their full types, parameters and variables put in.

use std::collections::BTreeMap;

use super::{Format, image, resource, tags, workload};
use crate::config::reference::PLACEHOLDER;
use crate::tree::{Node, Shape, Tree};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observations, Unreadable};

/// The scope of its resources, whatever file describes them.
pub(super) const SCOPE: &str = "arm";
/// Parameters that are variables that are parameters are followed this often.
const DEEPEST: usize = 4;
/// Parents looked through for the first part of a nested resource's type.
const MOST_PARENTS: usize = 64;

static INFO: Info = Info {
    id: "infra/arm",
    title: "Azure Resource Manager templates",
    reads: &["*.json with a deploymentTemplate schema"],
    emits: &[
        (Kind::Resource, SCOPE),
        (Kind::Resource, resource::PERMISSION),
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
    docs: "https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax",
};

/// Reads Resource Manager templates.
pub(super) struct Arm;

impl Detector for Arm {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        super::is_plain_json(file).then_some(Gate::Headed(SCHEMA))
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        if super::format(artifact.file(), artifact.text()?) != Some(Format::Arm) {
            return Ok(());
        }
        let tree = artifact.tree()?;
        let known = known(tree);
        let tree = tree.with_texts(|text| evaluated(text, &known));
        observe_tree(&tree, out);
        tree.complete()
    }
}

/// What the schema of such a template is called, which its head names.
const SCHEMA: &str = "eploymentTemplate.json#";

/// Whether a text is such a template.
pub(super) fn is_template(text: &str) -> bool {
    let head = &text.as_bytes()[..text.len().min(crate::HEAD)];
    memchr::memmem::find(head, SCHEMA.as_bytes()).is_some()
}

/// Reads a tree in the form of a template whose references are resolved.
pub(super) fn observe_tree(tree: &Tree, out: &mut Observations) {
    for node in std::iter::once(tree.root())
        .chain(tree.walk())
        .filter(|node| node.shape() == Shape::Map)
    {
        let Some(kind) = node.get("type").and_then(Node::text).filter(|_| is_resource(&node)) else {
            continue;
        };
        let id = node.get("name").and_then(Node::text).unwrap_or_default();
        let line = node.get("type").map_or(node.line(), Node::line);
        out.extend(resource::of(SCOPE, &full_type(node, kind), id, Some(node), line));
    }
    tags::observe(tree, out);
    workload::observe_beside(SCOPE, tree, out, |container, child, out| {
        if let Some(text) = child.text() {
            let key = if child.key().is_empty() { container.key() } else { child.key() };
            resource::observe_permission(key, text, child.line(), out);
        }
        child.key() == "metadata" || child.key() == "description"
    });
}

fn is_resource(node: &Node<'_>) -> bool {
    node.get("apiVersion").is_some() || node.parent().is_some_and(|parent| parent.key() == "resources")
}

/// The type with those of the resources around it, which a nested one leaves out.
fn full_type(node: Node<'_>, kind: &str) -> String {
    if kind.contains('.') {
        return kind.to_owned();
    }
    let parents = std::iter::successors(node.parent(), |node| node.parent()).take(MOST_PARENTS);
    let mut full = kind.to_owned();
    for parent in parents.filter(|parent| parent.shape() == Shape::Map && is_resource(parent)) {
        if let Some(around) = parent.get("type").and_then(Node::text) {
            full = format!("{around}/{full}");
            if around.contains('.') {
                break;
            }
        }
    }
    full
}

/// Values of parameters and variables by the expression that names them.
fn known(tree: &Tree) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    for (section, function) in [("parameters", "parameters"), ("variables", "variables")] {
        for named in tree.root().get(section).into_iter().flat_map(Node::children) {
            let value = named.get("defaultValue").unwrap_or(named);
            if let Some(text) = value.scalar() {
                known.insert(format!("{function}('{}')", named.key()), text.to_owned());
            }
        }
    }
    known
}

/// What an expression (`[parameters('x')]`) stands for, as far as the file says; nothing for a text that is none.
fn evaluated(text: &str, known: &BTreeMap<String, String>) -> Option<String> {
    let mut value = text;
    let expression = |text: &str| -> Option<String> {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        (!inner.starts_with('[') && inner.contains('(')).then(|| inner.trim().to_owned())
    };
    expression(value)?;
    for _ in 0..DEEPEST {
        let Some(inner) = expression(value) else {
            return Some(value.to_owned());
        };
        match known.get(&inner) {
            Some(next) => value = next,
            None => break,
        }
    }
    // An expression's texts may still tell something; a lone reference tells nothing.
    Some(if value.contains("://") {
        value.to_owned()
    } else {
        PLACEHOLDER.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    const TEMPLATE: &str = r#"{
  "$schema": "https://schema.example/2019-04-01/deploymentTemplate.json#",
  "parameters": {"kind": {"type": "string", "defaultValue": "Acme"}, "model": {"defaultValue": "gpt-x"}},
  "variables": {"again": "[parameters('kind')]"},
  "resources": [
    {"type": "Acme.Ai/accounts", "apiVersion": "1", "name": "[concat('a', 'b')]", "kind": "[variables('again')]",
     "resources": [{"type": "deployments", "apiVersion": "1", "name": "d",
       "properties": {"model": {"name": "[parameters('model')]"}}}]}
  ]
}"#;

    fn lines(path: &str, text: &str) -> Vec<String> {
        seen(&Arm, path, text)
    }

    #[test]
    fn resources_have_full_types_and_known_values() {
        let found = lines("azuredeploy.json", TEMPLATE);
        for line in [
            "6 Resource Acme.Ai/accounts arg.apiVersion=1 arg.kind=Acme arg.name={}",
            "7 Resource Acme.Ai/accounts/deployments arg.apiVersion=1 arg.name=d arg.properties.model.name=gpt-x arg.type=deployments id=d",
            "8 Model gpt-x name=resources.resources.properties.model.name",
        ] {
            assert!(
                found.iter().any(|seen| seen.starts_with(line) || seen.contains(line)),
                "{line}: {found:#?}"
            );
        }
    }

    #[test]
    fn other_json_is_left_alone() {
        for text in [
            "{\"resources\": [{\"type\": \"Acme.Ai/accounts\", \"apiVersion\": \"1\"}]}",
            "{}",
            "",
            "[1",
        ] {
            assert_eq!(lines("a.json", text), [""; 0], "{text}");
        }
        assert_eq!(Arm.wants(&FilePath::of("package.json")), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(cut in 0_usize..TEMPLATE.len(), insert in "[\\[\\](){}\",':a-z]{0,8}") {
            lines("a.json", &format!("{}{insert}{}", &TEMPLATE[..cut], &TEMPLATE[cut..]));
            lines("a.json", &TEMPLATE[..cut]);
        }
    }
}
