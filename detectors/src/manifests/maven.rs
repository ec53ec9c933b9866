//! Java, Kotlin and Scala: the names of the files of Maven, Gradle and sbt, which name packages alike, and `pom.xml`.
//! What a parent elsewhere or a bill of materials brings along is not seen.

use std::collections::BTreeMap;

use evidence::{Info, Kind, Relation};

use super::declared::{package, project};
use super::{Ecosystem, ManifestFile, document, gradle, sbt};
use crate::tree::Node;
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static MAVEN: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/maven",
        title: "Java, Kotlin and Scala packages",
        reads: &[
            "pom.xml",
            "*.gradle",
            "*.gradle.kts",
            "*.versions.toml",
            "*gradle.lockfile",
            "*.sbt",
            "project/*.scala",
        ],
        emits: &[(Kind::Package, "maven"), (Kind::Project, "maven")],
        needs: &[],
        docs: "https://maven.apache.org/pom.html",
    },
    files: &[
        ManifestFile {
            is: |name, _| name == "pom.xml",
            gate: Gate::Always,
            read: pom,
        },
        ManifestFile {
            is: |name, _| name.ends_with(".gradle") || name.ends_with(".gradle.kts"),
            gate: Gate::Always,
            read: gradle::script,
        },
        ManifestFile {
            is: |name, _| name.ends_with(".versions.toml"),
            gate: Gate::Always,
            read: gradle::catalog,
        },
        ManifestFile {
            is: |name, _| name.ends_with("gradle.lockfile"),
            gate: Gate::Anchored,
            read: gradle::lockfile,
        },
        ManifestFile {
            is: |name, path| name.ends_with(".sbt") || name.ends_with(".scala") && path.rsplit('/').nth(1) == Some("project"),
            gate: Gate::Always,
            read: sbt::read,
        },
    ],
};

/// How often a property may name another.
const LONGEST_CHAIN: usize = 8;

/// What names stand for: properties of Maven and MSBuild, variables of a build script.
#[derive(Default)]
pub(crate) struct Properties<'t>(BTreeMap<&'t str, &'t str>);

impl<'t> Properties<'t> {
    /// Remembers a value; the first counts.
    pub(crate) fn set(&mut self, name: &'t str, value: &'t str) {
        self.0.entry(name).or_insert(value);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'t str> {
        self.0.get(name).copied()
    }

    /// A text with what stands between `open` and `close` replaced; none if a name is unknown.
    pub(crate) fn fill(&self, text: &str, open: &str, close: char) -> Option<String> {
        let mut filled = text.trim().to_owned();
        for _ in 0..LONGEST_CHAIN {
            let Some(start) = filled.find(open) else {
                return Some(filled);
            };
            let rest = &filled[start + open.len()..];
            let end = rest.find(close)?;
            let value = self.0.get(rest[..end].trim())?;
            filled = format!("{}{}{}", &filled[..start], value, &rest[end + close.len_utf8()..]);
            if filled.len() > 1000 {
                return None;
            }
        }
        None
    }
}

fn pom(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    if root.key() != "project" {
        return document.complete();
    }
    let pom = Pom::of(root);
    let said = |keys: &[&str]| root.at(keys).and_then(Node::text);
    if let Some(name) = root.get("artifactId") {
        let version = said(&["version"]).or_else(|| said(&["parent", "version"]));
        project(
            "maven",
            name.text().unwrap_or_default(),
            &version.and_then(|version| pom.filled(version)).unwrap_or_default(),
            said(&["description"]).unwrap_or_default(),
            name.line(),
        )
        .into_iter()
        .for_each(|unit| out.push(unit));
    }
    let profiles = root.at(&["profiles"]).into_iter().flat_map(Node::children);
    for part in std::iter::once(root).chain(profiles) {
        pom.dependencies(part, None, out);
        for build in [part.at(&["build", "plugins"]), part.at(&["build", "pluginManagement", "plugins"])] {
            for plugin in build.into_iter().flat_map(Node::children) {
                pom.dependencies(plugin, Some(Relation::Dev), out);
            }
        }
    }
    document.complete()
}

struct Pom<'t> {
    properties: Properties<'t>,
    /// Versions that the file itself manages, by package.
    managed: BTreeMap<String, &'t str>,
}

impl<'t> Pom<'t> {
    fn of(root: Node<'t>) -> Self {
        let mut properties = Properties::default();
        for entry in root.get("properties").into_iter().flat_map(Node::children) {
            properties.set(entry.key(), entry.text().unwrap_or_default());
        }
        for (name, keys) in [
            ("project.version", &["version"][..]),
            ("project.version", &["parent", "version"]),
            ("project.parent.version", &["parent", "version"]),
            ("project.groupId", &["groupId"]),
            ("project.groupId", &["parent", "groupId"]),
            ("project.parent.groupId", &["parent", "groupId"]),
            ("project.artifactId", &["artifactId"]),
        ] {
            if let Some(value) = root.at(keys).and_then(Node::text) {
                properties.set(name, value);
            }
        }
        for (old, new) in [("version", "project.version"), ("groupId", "project.groupId")] {
            if let Some(value) = properties.get(new) {
                properties.set(old, value);
            }
        }
        let mut pom = Self {
            properties,
            managed: BTreeMap::new(),
        };
        let managed = root
            .at(&["dependencyManagement", "dependencies"])
            .into_iter()
            .flat_map(Node::children);
        for entry in managed {
            if let (Some(name), Some(version)) = (pom.name(entry), entry.get("version").and_then(Node::text)) {
                pom.managed.entry(name).or_insert(version);
            }
        }
        pom
    }

    fn filled(&self, text: &str) -> Option<String> {
        self.properties.fill(text, "${", '}')
    }

    /// `group:artifact`, if both are known.
    fn name(&self, entry: Node<'_>) -> Option<String> {
        let part = |key| self.filled(entry.get(key)?.text()?).filter(|part| !part.is_empty());
        Some(format!("{}:{}", part("groupId")?, part("artifactId")?))
    }

    fn dependencies(&self, of: Node<'_>, relation: Option<Relation>, out: &mut Observations) {
        for entry in of.get("dependencies").into_iter().flat_map(Node::children) {
            let Some(name) = self.name(entry) else { continue };
            let said = |key| entry.get(key).and_then(Node::text).map(str::trim);
            let version = said("version").or_else(|| self.managed.get(&name).copied());
            let version = version.and_then(|version| self.filled(version)).unwrap_or_default();
            let relation = relation.unwrap_or(match said("scope") {
                Some("test") => Relation::Dev,
                _ if said("optional") == Some("true") => Relation::Optional,
                Some("provided") => Relation::Peer,
                _ => Relation::Direct,
            });
            let line = entry.get("artifactId").map_or(entry.line(), Node::line);
            out.push(package("maven", name, &version, relation, line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detector;
    use crate::manifests::Manifest;
    use crate::manifests::testing::{listed, names, observe, packages, projects};

    #[test]
    fn a_pom_is_read_in_every_form() {
        let text = "<?xml version=\"1.0\"?>\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n<parent><groupId>org.acme</groupId><artifactId>parent</artifactId><version>3.0</version></parent>\n\
                    <artifactId>app</artifactId>\n<description>Answers\n questions</description>\n<properties><one.version>1.0</one.version><chain>${one.version}</chain><loop>${loop}</loop></properties>\n\
                    <dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>bom</artifactId><version>9</version><type>pom</type><scope>import</scope></dependency>\n\
                    <dependency><groupId>g</groupId><artifactId>two</artifactId><version>2.0</version></dependency></dependencies></dependencyManagement>\n\
                    <dependencies>\n<dependency>\n<groupId>g</groupId>\n<artifactId>one</artifactId>\n<version>${chain}</version>\n</dependency>\n\
                    <dependency><groupId>g</groupId><artifactId>two</artifactId></dependency>\n\
                    <dependency><groupId>g</groupId><artifactId>three</artifactId><version>${loop}</version><scope>test</scope></dependency>\n\
                    <dependency><groupId>g</groupId><artifactId>four</artifactId><version>${gone}</version><scope>provided</scope></dependency>\n\
                    <dependency><groupId>g</groupId><artifactId>five</artifactId><optional>true</optional><exclusions><exclusion><groupId>g</groupId><artifactId>no</artifactId></exclusion></exclusions></dependency>\n\
                    <dependency><groupId>${project.groupId}</groupId><artifactId>own</artifactId><version>${project.version}</version></dependency>\n\
                    <dependency><groupId>${gone}</groupId><artifactId>no</artifactId></dependency>\n</dependencies>\n\
                    <!-- <dependency><groupId>g</groupId><artifactId>no</artifactId></dependency> -->\n\
                    <build><plugins><plugin><artifactId>p</artifactId><dependencies>\n<dependency><groupId>g</groupId><artifactId>six</artifactId></dependency></dependencies></plugin></plugins></build>\n\
                    <profiles><profile><id>x</id><dependencies>\n<dependency><groupId>g</groupId><artifactId>seven</artifactId></dependency></dependencies></profile></profiles>\n</project>\n";
        let (seen, result) = observe(&MAVEN, "pom.xml", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["maven app 3.0 Answers questions 4"]);
        assert_eq!(
            listed(&seen),
            [
                "maven g:one 1.0 direct 13",
                "maven g:two 2.0 direct 16",
                "maven g:three - dev 17",
                "maven g:four - peer 18",
                "maven g:five - optional 19",
                "maven org.acme:own 3.0 direct 20",
                "maven g:six - dev 25",
                "maven g:seven - direct 27",
            ]
        );
    }

    #[test]
    fn other_xml_of_the_name_says_nothing() {
        for text in [
            "<settings><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId></dependency></dependencies></settings>",
            "<project/>",
            "<project><dependencies>openai</dependencies></project>",
        ] {
            assert!(packages(&MAVEN, "pom.xml", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_cut_pom_gives_what_stands_before_the_cut() {
        let (seen, result) = observe(
            &MAVEN,
            "pom.xml",
            b"<project>\n<dependencies>\n<dependency><groupId>g</groupId><artifactId>a</artifactId></dependency>\n<dependency><groupId>g</groupId><artif",
        );
        assert_eq!(names(&seen), ["g:a"]);
        assert!(result.is_err());
    }

    #[test]
    fn files_are_known_by_name_and_place() {
        for path in [
            "build.sbt",
            "project/Dependencies.scala",
            "a/project/plugins.sbt",
            "gradle/libs.versions.toml",
            "a.gradle.kts",
        ] {
            assert_eq!(Manifest(&MAVEN).wants(&crate::FilePath::of(path)), Some(Gate::Always), "{path}");
        }
        assert_eq!(
            Manifest(&MAVEN).wants(&crate::FilePath::of("app/gradle.lockfile")),
            Some(Gate::Anchored)
        );
        for path in ["src/Main.scala", "gradle.properties", "versions.toml", "pom.xml.bak", "gradlew"] {
            assert_eq!(Manifest(&MAVEN).wants(&crate::FilePath::of(path)), None, "{path}");
        }
    }
}
