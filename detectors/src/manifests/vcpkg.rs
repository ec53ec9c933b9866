//! C and C++: `vcpkg.json`.

use evidence::{Info, Kind, Relation};

use super::declared::{group_relation, package, project};
use super::document;
use super::{Ecosystem, ManifestFile};
use crate::tree::Node;
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static VCPKG: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/vcpkg",
        title: "vcpkg packages",
        reads: &["vcpkg.json"],
        emits: &[(Kind::Package, "vcpkg"), (Kind::Project, "vcpkg")],
        needs: &[],
        docs: "https://vcpkg.io",
    },
    files: &[ManifestFile {
        is: |name, _| name == "vcpkg.json",
        gate: Gate::Always,
        read: manifest,
    }],
};

fn manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    if let Some(name) = root.get("name") {
        let text = |key| root.get(key).and_then(Node::text);
        let version = ["version", "version-semver", "version-string", "version-date"]
            .iter()
            .find_map(|key| text(key));
        let description = root
            .get("description")
            .and_then(|node| node.text().or_else(|| node.children().next()?.text()));
        project(
            "vcpkg",
            name.text().unwrap_or_default(),
            version.unwrap_or_default(),
            description.unwrap_or_default(),
            name.line(),
        )
        .into_iter()
        .for_each(|unit| out.push(unit));
    }
    list(root, Relation::Direct, out);
    for feature in root.get("features").into_iter().flat_map(Node::children) {
        list(feature, group_relation(feature.key()), out);
    }
    document.complete()
}

fn list(of: Node<'_>, relation: Relation, out: &mut Observations) {
    for entry in of.get("dependencies").into_iter().flat_map(Node::children) {
        let Some(name) = entry.text().or_else(|| entry.get("name")?.text()) else {
            continue;
        };
        let text = |key| entry.get(key).and_then(Node::text).unwrap_or_default();
        // Tools of the machine that builds are no part of what is built.
        let is_host = entry.get("host").and_then(Node::scalar) == Some("true");
        let relation = if is_host { Relation::Dev } else { relation };
        out.push(package("vcpkg", name, text("version>="), relation, entry.line()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, projects};

    #[test]
    fn a_manifest_is_read() {
        let text = "{\n\"name\": \"shop\", \"version\": \"1.0\", \"description\": [\"Sells\", \"more\"],\n\"dependencies\": [\n\"one\",\n{\"name\": \"two\", \"version>=\": \"2.0\", \"features\": [\"no\"]},\n\
                    {\"name\": \"three\", \"host\": true}\n],\n\"features\": {\n\"gpu\": {\"dependencies\": [\"four\"]},\n\"tests\": {\"dependencies\": [\"five\"]}},\n\"overrides\": [{\"name\": \"no\", \"version\": \"1\"}]}";
        let (seen, result) = observe(&VCPKG, "vcpkg.json", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["vcpkg shop 1.0 Sells 2"]);
        assert_eq!(
            listed(&seen),
            [
                "vcpkg one - direct 4",
                "vcpkg two 2.0 direct 5",
                "vcpkg three - dev 6",
                "vcpkg four - optional 9",
                "vcpkg five - dev 10",
            ]
        );
    }
}
