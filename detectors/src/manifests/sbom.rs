//! Bills of materials that other tools made: CycloneDX as JSON and XML, SPDX 2 as JSON and tag-value, SPDX 3 as JSON-LD. What
//! the described thing depends on by itself is direct, the rest came with it.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Info, Kind, Observation, Relation, attribute};

use super::declared::{project, without_credentials};
use super::locked::{Locked, relate};
use super::purl::{self, Named};
use super::{Ecosystem, ManifestFile, cyclonedx, document, spdx};
use crate::{Artifact, Gate, Observations, Unreadable, infra};

pub(crate) static SBOM: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/sbom",
        title: "Bills of materials",
        reads: &[
            "{bom,sbom}.{json,xml,spdx}",
            "{sbom-,sbom_,sbom.}*.{json,xml,spdx}",
            "*{.bom,-bom,_bom,.sbom,-sbom,_sbom,.cdx,.spdx,.spdx3}.{json,xml}",
            "*.spdx",
        ],
        emits: &[
            (Kind::Package, "pypi"),
            (Kind::Package, "npm"),
            (Kind::Package, "cargo"),
            (Kind::Package, "conda"),
            (Kind::Package, "go"),
            (Kind::Package, "maven"),
            (Kind::Package, "nuget"),
            (Kind::Package, "rubygems"),
            (Kind::Package, "packagist"),
            (Kind::Package, "pub"),
            (Kind::Package, "hex"),
            (Kind::Package, "cran"),
            (Kind::Package, "swift"),
            (Kind::Package, "cocoapods"),
            (Kind::Package, "julia"),
            (Kind::Package, "vcpkg"),
            (Kind::Package, "conan"),
            (Kind::Model, "sbom"),
            (Kind::Image, infra::IMAGES),
            (Kind::Resource, "purl"),
            (Kind::Project, "sbom"),
        ],
        needs: &[],
        docs: "https://cyclonedx.org/specification/overview/",
    },
    files: &[ManifestFile {
        is: |name, _| is_bill(name),
        // Package URLs write names as no signature does, so that no word could be looked for.
        gate: Gate::Always,
        read,
    }],
};

/// Whether a file has the name of a bill of materials.
pub(crate) fn is_bill(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if name.ends_with(".spdx") {
        return true;
    }
    let Some(stem) = name.strip_suffix(".json").or_else(|| name.strip_suffix(".xml")) else {
        return false;
    };
    matches!(stem, "bom" | "sbom")
        || ["sbom-", "sbom_", "sbom."].iter().any(|start| stem.starts_with(start))
        || [".bom", "-bom", "_bom", ".sbom", "-sbom", "_sbom", ".cdx", ".spdx", ".spdx3"]
            .iter()
            .any(|ending| stem.ends_with(ending))
}

fn read(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    if artifact.extension().eq_ignore_ascii_case("spdx") {
        let text = artifact.text()?;
        if !text.trim_start().starts_with('{') {
            spdx::tag_value(text).emit(out);
            return Ok(());
        }
    }
    let document = document::read(artifact)?;
    let root = document.root();
    let bill = if root.key() == "bom" {
        cyclonedx::xml(root)
    } else if root.get("@graph").is_some() {
        spdx::linked(root)
    } else if root.get("spdxVersion").is_some() {
        spdx::json(root)
    } else if root.get("bomFormat").is_some() {
        cyclonedx::json(root)
    } else {
        Bill::default()
    };
    bill.emit(out);
    document.complete()
}

/// One component of a bill of materials, in whatever form it was written.
#[derive(Debug, Default)]
pub(crate) struct Component {
    /// How the bill refers to it.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    /// Its package URL, if it has one.
    pub(crate) url: String,
    /// Whether the bill says that it is a model.
    pub(crate) is_model: bool,
    /// What the bill says of its part in the whole, if it does.
    pub(crate) relation: Option<Relation>,
    pub(crate) line: u32,
}

/// A bill of materials.
#[derive(Debug, Default)]
pub(crate) struct Bill {
    /// Ids of what is described.
    pub(crate) roots: BTreeSet<String>,
    pub(crate) components: Vec<Component>,
    /// Who depends on whom, and how.
    pub(crate) edges: Vec<(String, String, Relation)>,
}

impl Bill {
    fn emit(self, out: &mut Observations) {
        // What is described is not part of itself; a name of it names the unit.
        let described = self.components.iter().find(|component| self.roots.contains(&component.id));
        if let Some(unit) = described {
            project("sbom", &unit.name, &unit.version, &unit.description, unit.line)
                .into_iter()
                .for_each(|unit| out.push(unit));
        }
        let mut asked: BTreeMap<&str, Relation> = BTreeMap::new();
        for (_, to, relation) in self.edges.iter().filter(|(from, ..)| self.roots.contains(from)) {
            relate(&mut asked, to.as_str(), *relation);
        }
        let mut locked: BTreeMap<&'static str, Locked> = BTreeMap::new();
        for component in self.components.iter().filter(|component| !self.roots.contains(&component.id)) {
            let relation = asked.get(component.id.as_str()).copied().or(component.relation);
            let relation = relation.unwrap_or(Relation::Transitive);
            match purl::read(&component.url) {
                Some(Named::Package(scope, name, version)) if !component.is_model => {
                    let version = if version.is_empty() { component.version.clone() } else { version };
                    locked
                        .entry(scope)
                        .or_insert_with(|| Locked::new(scope))
                        .add(&name, &version, relation, component.line);
                }
                Some(Named::Image(reference)) => infra::observe_image(&reference, component.line, out),
                // The id that a hub knows a model by says more than the name that the bill gives it.
                Some(Named::Other(_, name, revision)) if component.is_model => out.push(model(&name, &revision, component.line)),
                _ if component.is_model && !component.name.is_empty() => {
                    out.push(model(&component.name, &component.version, component.line));
                }
                Some(Named::Other(kind, name, version)) => out.push(
                    Observation::new(Kind::Resource, "purl", kind, component.line)
                        .with(attribute::ID, name)
                        .with(attribute::VERSION, without_credentials(&version)),
                ),
                _ => {}
            }
        }
        for of_scope in locked.into_values() {
            of_scope.emit(out);
        }
    }
}

fn model(name: &str, version: &str, line: u32) -> Observation {
    Observation::new(Kind::Model, "sbom", name, line)
        .with(attribute::BY_FORMAT, "component")
        .with(attribute::VERSION, without_credentials(version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detector;
    use crate::manifests::Manifest;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn bills_are_known_by_name() {
        for path in [
            "bom.json",
            "sbom.xml",
            "dist/shop.cdx.json",
            "sbom.spdx.json",
            "sbom-shop.json",
            "shop-bom.json",
            "shop.spdx",
            "a.spdx3.json",
        ] {
            assert!(Manifest(&SBOM).wants(&crate::FilePath::of(path)).is_some(), "{path}");
        }
        for path in ["bombay.json", "package.json", "bom.md", "sbomb.json", "spdx.json", "bom.rs"] {
            assert!(Manifest(&SBOM).wants(&crate::FilePath::of(path)).is_none(), "{path}");
        }
    }

    #[test]
    fn the_graph_tells_direct_from_transitive() {
        let text = "{\"bomFormat\": \"CycloneDX\", \"metadata\": {\"component\": {\"bom-ref\": \"r\", \"name\": \"shop\", \"version\": \"1\"}},\n\"components\": [\n\
                    {\"bom-ref\": \"a\", \"type\": \"library\", \"name\": \"one\", \"purl\": \"pkg:pypi/one@1.0\", \"components\": [\n\
                    {\"bom-ref\": \"b\", \"name\": \"two\", \"purl\": \"pkg:npm/%40s/two@2.0\"}]},\n\
                    {\"bom-ref\": \"c\", \"name\": \"three\", \"version\": \"3\", \"scope\": \"optional\", \"purl\": \"pkg:maven/g/three\"},\n\
                    {\"bom-ref\": \"m\", \"type\": \"machine-learning-model\", \"name\": \"m-1\", \"version\": \"4\"},\n\
                    {\"bom-ref\": \"d\", \"name\": \"curl\", \"purl\": \"pkg:deb/debian/curl@8\"}],\n\
                    \"dependencies\": [{\"ref\": \"r\", \"dependsOn\": [\"a\"]}, {\"ref\": \"a\", \"dependsOn\": [\"b\"]}]}";
        let (seen, result) = observe(&SBOM, "bom.json", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["sbom shop 1 - 1"]);
        assert_eq!(
            listed(&seen),
            ["maven g:three 3 optional 5", "npm @s/two 2.0 transitive 4", "pypi one 1.0 direct 3"]
        );
        let models: Vec<_> = seen
            .iter()
            .filter(|one| one.kind == Kind::Model)
            .map(|one| (one.key.as_str(), one.line))
            .collect();
        assert_eq!(models, [("m-1", 6)]);
    }

    #[test]
    fn cyclonedx_may_be_xml() {
        let text = "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\">\n<metadata><component type=\"application\" bom-ref=\"r\"><name>shop</name></component></metadata>\n<components>\n\
                    <component type=\"library\" bom-ref=\"a\"><name>one</name><version>1.0</version><purl>pkg:nuget/One@1.0</purl></component>\n\
                    <component type=\"machine-learning-model\" bom-ref=\"m\"><name>m-1</name></component>\n</components>\n\
                    <dependencies><dependency ref=\"r\"><dependency ref=\"a\"/></dependency></dependencies>\n</bom>";
        let (seen, result) = observe(&SBOM, "bom.xml", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["sbom shop - - 2"]);
        assert_eq!(listed(&seen), ["nuget One 1.0 direct 4"]);
        assert!(seen.iter().any(|one| one.kind == Kind::Model && one.key == "m-1" && one.line == 5));
    }

    #[test]
    fn spdx_is_read_in_every_form() {
        let json = "{\"spdxVersion\": \"SPDX-2.3\", \"documentDescribes\": [\"R\"], \"packages\": [\n{\"SPDXID\": \"R\", \"name\": \"shop\"},\n\
                    {\"SPDXID\": \"A\", \"name\": \"one\", \"versionInfo\": \"1.0\", \"externalRefs\": [{\"referenceType\": \"purl\", \"referenceLocator\": \"pkg:gem/one@1.0\"}]},\n\
                    {\"SPDXID\": \"B\", \"name\": \"two\", \"externalRefs\": [{\"referenceType\": \"purl\", \"referenceLocator\": \"pkg:gem/two@2.0\"}]}],\n\
                    \"relationships\": [{\"spdxElementId\": \"R\", \"relationshipType\": \"DEPENDS_ON\", \"relatedSpdxElement\": \"A\"}]}";
        assert_eq!(
            packages(&SBOM, "shop.spdx.json", json),
            ["rubygems one 1.0 direct 3", "rubygems two 2.0 transitive 4"]
        );
        let tags = "SPDXVersion: SPDX-2.3\nDocumentName: x\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-R\n\nPackageName: shop\nSPDXID: SPDXRef-R\n\n\
                    PackageName: one\nSPDXID: SPDXRef-A\nPackageVersion: 1.0\nExternalRef: PACKAGE-MANAGER purl pkg:gem/one@1.0\n\n\
                    PackageName: two\nSPDXID: SPDXRef-B\nExternalRef: PACKAGE-MANAGER purl pkg:gem/two@2.0\nRelationship: SPDXRef-B TEST_DEPENDENCY_OF SPDXRef-R\n\
                    Relationship: SPDXRef-R DEPENDS_ON SPDXRef-A\n";
        assert_eq!(
            packages(&SBOM, "shop.spdx", tags),
            ["rubygems one 1.0 direct 8", "rubygems two 2.0 dev 13"]
        );
        let linked = "{\"@context\": \"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\", \"@graph\": [\n{\"type\": \"software_Sbom\", \"rootElement\": [\"r\"]},\n\
                      {\"type\": \"software_Package\", \"spdxId\": \"r\", \"name\": \"shop\"},\n{\"type\": \"software_Package\", \"spdxId\": \"a\", \"name\": \"one\", \"software_packageUrl\": \"pkg:gem/one@1.0\"},\n\
                      {\"type\": \"software_Package\", \"spdxId\": \"b\", \"name\": \"two\", \"software_packageVersion\": \"2\", \"externalIdentifier\": [{\"externalIdentifierType\": \"packageUrl\", \"identifier\": \"pkg:gem/two\"}]},\n\
                      {\"type\": \"ai_AIPackage\", \"spdxId\": \"m\", \"name\": \"m-1\"},\n\
                      {\"type\": \"Relationship\", \"from\": \"r\", \"relationshipType\": \"dependsOn\", \"to\": [\"a\"]}]}";
        let (seen, result) = observe(&SBOM, "shop.spdx3.json", linked.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["sbom shop - - 3"]);
        assert_eq!(listed(&seen), ["rubygems one 1.0 direct 4", "rubygems two 2 transitive 5"]);
        assert!(seen.iter().any(|one| one.kind == Kind::Model && one.key == "m-1" && one.line == 6));
    }

    #[test]
    fn models_are_named_as_their_hub_does_and_other_places_by_their_kind() {
        let text = "{\"bomFormat\": \"CycloneDX\", \"components\": [\n\
                    {\"type\": \"machine-learning-model\", \"group\": \"g\", \"name\": \"m\", \"purl\": \"pkg:hub/org/m-7b@abc\"},\n\
                    {\"type\": \"library\", \"name\": \"n\", \"purl\": \"pkg:hub/org/n@2?download_url=https://u:p@h.example\"},\n\
                    {\"type\": \"container\", \"name\": \"i\", \"purl\": \"pkg:oci/i@sha256%3A24?repository_url=ghcr.io/org/i&tag=1\"}]}";
        let (seen, _) = observe(&SBOM, "bom.json", text.as_bytes());
        let told: Vec<_> = seen
            .iter()
            .map(|one| (one.kind, one.scope, one.key.as_str(), one.attribute(attribute::ID), one.line))
            .collect();
        assert_eq!(
            told,
            [
                (Kind::Model, "sbom", "org/m-7b", None, 2),
                (Kind::Resource, "purl", "hub", Some("org/n"), 3),
                (Kind::Image, infra::IMAGES, "ghcr.io/org/i", None, 4),
            ]
        );
    }

    #[test]
    fn other_files_of_the_name_say_nothing() {
        for (path, text) in [
            ("bom.json", "{\"components\": [{\"purl\": \"pkg:npm/openai@1\"}]}"),
            ("bom.json", "[]"),
            ("bom.xml", "<parts><component><purl>pkg:npm/openai@1</purl></component></parts>"),
            ("x.spdx", "PackageName without a colon\n"),
        ] {
            let (seen, _) = observe(&SBOM, path, text.as_bytes());
            assert!(seen.is_empty(), "{text}: {seen:?}");
        }
    }
}
