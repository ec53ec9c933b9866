//! SPDX: version 2 as JSON and tag-value, version 3 as JSON-LD.

use evidence::Relation;

use super::sbom::{Bill, Component};
use crate::tree::Node;

fn text<'t>(entry: Node<'t>, key: &str) -> Option<&'t str> {
    entry.get(key)?.text()
}

/// A bill of version 2 as JSON.
pub(crate) fn json(root: Node<'_>) -> Bill {
    let mut bill = Bill::default();
    let described = root.get("documentDescribes").into_iter().flat_map(Node::children);
    bill.roots.extend(described.filter_map(Node::text).map(str::to_owned));
    for entry in root.get("packages").into_iter().flat_map(Node::children) {
        let said = |key| text(entry, key).unwrap_or_default().to_owned();
        let mut references = entry.get("externalRefs").into_iter().flat_map(Node::children);
        let url = references.find(|reference| text(*reference, "referenceType") == Some("purl"));
        bill.components.push(Component {
            id: said("SPDXID"),
            name: said("name"),
            version: said("versionInfo"),
            description: said("summary"),
            url: url.and_then(|url| text(url, "referenceLocator")).unwrap_or_default().to_owned(),
            line: entry.get("name").map_or(entry.line(), Node::line),
            ..Component::default()
        });
    }
    for entry in root.get("relationships").into_iter().flat_map(Node::children) {
        let said = |key| text(entry, key).unwrap_or_default();
        relate(
            &mut bill,
            said("spdxElementId"),
            said("relationshipType"),
            said("relatedSpdxElement"),
        );
    }
    bill
}

/// A bill of version 2 as lines of `Tag: value`.
pub(crate) fn tag_value(written: &str) -> Bill {
    let mut bill = Bill::default();
    let mut is_package = false;
    let mut relations = Vec::new();
    for (number, line) in (1..).zip(written.lines()) {
        let Some((tag, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match tag.trim() {
            "PackageName" => {
                is_package = true;
                bill.components.push(Component {
                    name: value.to_owned(),
                    line: number,
                    ..Component::default()
                });
            }
            "FileName" | "SnippetSPDXID" => is_package = false,
            "Relationship" => {
                let words: Vec<&str> = value.split_whitespace().collect();
                if let [from, kind, to, ..] = words.as_slice() {
                    relations.push((*from, *kind, *to));
                }
            }
            tag if is_package => {
                let Some(component) = bill.components.last_mut() else { continue };
                match tag {
                    "SPDXID" => component.id = value.to_owned(),
                    "PackageVersion" => component.version = value.to_owned(),
                    "ExternalRef" => {
                        if let Some((_, url)) = value.split_once(" purl ") {
                            component.url = url.trim().to_owned();
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    for (from, kind, to) in relations {
        relate(&mut bill, from, kind, to);
    }
    bill
}

/// What a relationship of version 2 says, whichever way round.
fn relate(bill: &mut Bill, from: &str, kind: &str, to: &str) {
    let (from, to, relation) = match kind {
        "DESCRIBES" => {
            bill.roots.insert(to.to_owned());
            return;
        }
        "DESCRIBED_BY" => {
            bill.roots.insert(from.to_owned());
            return;
        }
        "DEPENDS_ON" => (from, to, Relation::Direct),
        "DEPENDENCY_OF" | "RUNTIME_DEPENDENCY_OF" => (to, from, Relation::Direct),
        "DEV_DEPENDENCY_OF" | "TEST_DEPENDENCY_OF" | "BUILD_DEPENDENCY_OF" => (to, from, Relation::Dev),
        "OPTIONAL_DEPENDENCY_OF" => (to, from, Relation::Optional),
        "PROVIDED_DEPENDENCY_OF" => (to, from, Relation::Peer),
        _ => return,
    };
    bill.edges.push((from.to_owned(), to.to_owned(), relation));
}

/// A bill of version 3.
pub(crate) fn linked(root: Node<'_>) -> Bill {
    let mut bill = Bill::default();
    for entry in root.get("@graph").into_iter().flat_map(Node::children) {
        let kind = text(entry, "type").or_else(|| text(entry, "@type")).unwrap_or_default();
        let said = |key| text(entry, key).unwrap_or_default().to_owned();
        match kind {
            "software_Sbom" | "SpdxDocument" | "Sbom" => {
                let roots = entry.get("rootElement").into_iter().flat_map(Node::children);
                bill.roots.extend(roots.filter_map(Node::text).map(str::to_owned));
            }
            "software_Package" | "ai_AIPackage" => {
                let id = ["spdxId", "@id"].iter().find_map(|key| text(entry, key)).unwrap_or_default();
                let mut others = entry.get("externalIdentifier").into_iter().flat_map(Node::children);
                let other = others.find(|other| text(*other, "externalIdentifierType") == Some("packageUrl"));
                let url = text(entry, "software_packageUrl").or_else(|| text(other?, "identifier"));
                bill.components.push(Component {
                    id: id.to_owned(),
                    name: said("name"),
                    version: said("software_packageVersion"),
                    description: said("summary"),
                    url: url.unwrap_or_default().to_owned(),
                    is_model: kind == "ai_AIPackage",
                    line: entry.get("name").map_or(entry.line(), Node::line),
                    relation: None,
                });
            }
            "Relationship" | "LifecycleScopedRelationship" => {
                let relation = match (text(entry, "relationshipType"), text(entry, "scope")) {
                    (Some("dependsOn"), Some("development" | "test" | "build")) => Relation::Dev,
                    (Some("dependsOn" | "hasStaticLink" | "hasDynamicLink"), _) => Relation::Direct,
                    (Some("hasOptionalDependency" | "hasOptionalComponent"), _) => Relation::Optional,
                    (Some("hasProvidedDependency"), _) => Relation::Peer,
                    _ => continue,
                };
                let ends = entry.get("to").into_iter().flat_map(Node::children).filter_map(Node::text);
                let from = said("from");
                bill.edges.extend(ends.map(|to| (from.clone(), to.to_owned(), relation)));
            }
            _ => {}
        }
    }
    bill
}
