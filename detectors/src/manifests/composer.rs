//! PHP: `composer.json` and `composer.lock`.

use evidence::{Info, Kind, Relation};

use super::declared::{package, project_of};
use super::document;
use super::locked::Locked;
use super::{Ecosystem, ManifestFile};
use crate::tree::Node;
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static COMPOSER: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/composer",
        title: "PHP packages",
        reads: &["composer.json", "composer.lock"],
        emits: &[(Kind::Package, "packagist"), (Kind::Project, "packagist")],
        needs: &[],
        docs: "https://getcomposer.org/doc/04-schema.md",
    },
    files: &[
        ManifestFile {
            is: |name, _| name == "composer.json",
            gate: Gate::Always,
            read: manifest,
        },
        ManifestFile {
            is: |name, _| name == "composer.lock",
            gate: Gate::Anchored,
            read: lockfile,
        },
    ],
};

fn manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    project_of("packagist", root).into_iter().for_each(|unit| out.push(unit));
    for (key, relation) in [("require", Relation::Direct), ("require-dev", Relation::Dev)] {
        for entry in root.get(key).into_iter().flat_map(Node::children) {
            if let Some(version) = entry.text().filter(|_| is_name(entry.key())) {
                out.push(package("packagist", entry.key(), version, relation, entry.line()));
            }
        }
    }
    document.complete()
}

/// Whether a name is a package's: those of the platform (`php`, `ext-json`) have no vendor.
fn is_name(key: &str) -> bool {
    key.split_once('/')
        .is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty() && !key.contains(char::is_whitespace))
}

fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let mut locked = Locked::new("packagist");
    for (key, relation) in [("packages", Relation::Transitive), ("packages-dev", Relation::Dev)] {
        for entry in document.root().get(key).into_iter().flat_map(Node::children) {
            if let Some((name, text)) = entry.get("name").and_then(|name| Some((name, name.text()?))) {
                let version = entry.get("version").and_then(Node::text).unwrap_or_default();
                locked.add(text, version, relation, name.line());
            }
        }
    }
    locked.emit(out);
    document.complete()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_manifest_is_read() {
        let text = "{\n\"name\": \"acme/shop\",\n\"description\": \"A shop\",\n\"require\": {\n\"php\": \">=8.2\",\n\"ext-json\": \"*\",\n\"vendor/one\": \"^1.0\",\n\
                    \"vendor/two\": {\"x\": 1}\n},\n\"require-dev\": {\n\"vendor/three\": \"*\"\n},\n\"suggest\": {\"vendor/four\": \"for more\"},\n\
                    \"replace\": {\"vendor/five\": \"*\"},\n\"extra\": {\"require\": {\"vendor/six\": \"1\"}}\n}";
        let (seen, result) = observe(&COMPOSER, "composer.json", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["packagist acme/shop - A shop 2"]);
        assert_eq!(
            listed(&seen),
            ["packagist vendor/one ^1.0 direct 7", "packagist vendor/three * dev 11"]
        );
    }

    #[test]
    fn a_lockfile_keeps_development_apart() {
        let text = "{\"packages\": [\n{\"name\": \"vendor/one\", \"version\": \"1.0.2\", \"require\": {\"vendor/six\": \"1\"}}\n],\n\"packages-dev\": [\n\
                    {\"name\": \"vendor/three\", \"version\": \"v3.0\"}\n], \"aliases\": []}";
        assert_eq!(
            packages(&COMPOSER, "composer.lock", text),
            ["packagist vendor/one 1.0.2 transitive 2", "packagist vendor/three v3.0 dev 5"]
        );
    }
}
