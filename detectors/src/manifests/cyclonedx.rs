//! CycloneDX, as JSON and as XML.

use evidence::Relation;

use super::sbom::{Bill, Component};
use crate::tree::{Node, Shape};

/// A bill written as JSON.
pub(crate) fn json(root: Node<'_>) -> Bill {
    let mut bill = bill(root);
    for entry in root.get("dependencies").into_iter().flat_map(Node::children) {
        let Some(from) = text(entry, "ref") else { continue };
        for to in entry.get("dependsOn").into_iter().flat_map(Node::children).filter_map(Node::text) {
            bill.edges.push((from.to_owned(), to.to_owned(), Relation::Direct));
        }
    }
    bill
}

/// A bill written as XML.
pub(crate) fn xml(root: Node<'_>) -> Bill {
    let mut bill = bill(root);
    for entry in root.get("dependencies").into_iter().flat_map(Node::children) {
        let Some(from) = text(entry, "ref") else { continue };
        for to in entry.children().filter_map(|inner| text(inner, "ref")) {
            bill.edges.push((from.to_owned(), to.to_owned(), Relation::Direct));
        }
    }
    bill
}

/// The components of either form.
fn bill(root: Node<'_>) -> Bill {
    let mut bill = Bill::default();
    if let Some(described) = root.at(&["metadata", "component"]) {
        let component = component(described);
        bill.roots.insert(component.id.clone());
        bill.components.push(component);
    }
    // Components hold components; their depth is that of the tree, which is bounded.
    let mut open: Vec<Node<'_>> = root.get("components").into_iter().collect();
    while let Some(list) = open.pop() {
        for entry in list.children().filter(|entry| entry.shape() == Shape::Map) {
            bill.components.push(component(entry));
            open.extend(entry.get("components"));
        }
    }
    bill
}

fn component(entry: Node<'_>) -> Component {
    let said = |key| text(entry, key).unwrap_or_default().to_owned();
    let group = said("group");
    let name = said("name");
    let is_model = text(entry, "type") == Some("machine-learning-model");
    let purl = said("purl");
    let id = [said("bom-ref"), purl.clone(), name.clone()].into_iter().find(|id| !id.is_empty());
    Component {
        id: id.unwrap_or_default(),
        name: if is_model && !group.is_empty() {
            format!("{group}/{name}")
        } else {
            name
        },
        version: said("version"),
        description: said("description"),
        url: purl,
        is_model,
        relation: match text(entry, "scope") {
            Some("optional") => Some(Relation::Optional),
            Some("excluded") => Some(Relation::Dev),
            _ => None,
        },
        line: entry.get("name").map_or(entry.line(), Node::line),
    }
}

fn text<'t>(entry: Node<'t>, key: &str) -> Option<&'t str> {
    let value = entry.get(key)?;
    value.text().or_else(|| value.get("")?.text())
}
