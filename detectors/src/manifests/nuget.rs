//! .NET: project files of MSBuild, central package management, `packages.config`, `*.nuspec`, Paket and lockfiles. MSBuild's
//! imports and conditions are not followed: what a file may reference counts.

use std::collections::BTreeMap;

use evidence::{Info, Kind, Relation};

use super::declared::{group_relation, is_for_development, package, project};
use super::locked::{Locked, relate};
use super::maven::Properties;
use super::{Ecosystem, ManifestFile, document};
use crate::tree::Node;
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static NUGET: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/nuget",
        title: ".NET packages",
        reads: &[
            "*.{csproj,fsproj,vbproj}",
            "Directory.Packages.props",
            "Directory.Build.{props,targets}",
            "packages.config",
            "*.nuspec",
            "packages.lock.json",
            "*.deps.json",
            "paket.dependencies",
            "paket.lock",
        ],
        emits: &[(Kind::Package, "nuget"), (Kind::Project, "nuget")],
        needs: &[],
        docs: "https://docs.nuget.org",
    },
    files: &[
        ManifestFile {
            is: |name, _| is_project(name) || matches!(name, "Directory.Build.props" | "Directory.Build.targets"),
            gate: Gate::Always,
            read: msbuild,
        },
        ManifestFile {
            is: |name, _| name == "Directory.Packages.props",
            gate: Gate::Always,
            read: central,
        },
        ManifestFile {
            is: |name, _| name.eq_ignore_ascii_case("packages.config"),
            gate: Gate::Always,
            read: packages_config,
        },
        ManifestFile {
            is: |name, _| name.ends_with(".nuspec"),
            gate: Gate::Always,
            read: nuspec,
        },
        ManifestFile {
            is: |name, _| name == "packages.lock.json",
            gate: Gate::Anchored,
            read: lockfile,
        },
        ManifestFile {
            is: |name, _| name.ends_with(".deps.json"),
            gate: Gate::Anchored,
            read: deployed,
        },
        ManifestFile {
            is: |name, _| name == "paket.dependencies",
            gate: Gate::Always,
            read: paket,
        },
        ManifestFile {
            is: |name, _| name == "paket.lock",
            gate: Gate::Anchored,
            read: paket_lock,
        },
    ],
};

fn is_project(name: &str) -> bool {
    [".csproj", ".fsproj", ".vbproj"].iter().any(|ending| name.ends_with(ending))
}

/// An attribute or element, of which MSBuild takes either.
fn said<'t>(node: Node<'t>, name: &str) -> Option<&'t str> {
    node.children().find(|child| child.key().eq_ignore_ascii_case(name))?.text()
}

/// The items and properties of an MSBuild file, whatever they are grouped in.
struct Build<'t> {
    items: Vec<Node<'t>>,
    properties: Properties<'t>,
}

impl<'t> Build<'t> {
    fn of(root: Node<'t>) -> Self {
        let mut build = Self {
            items: Vec::new(),
            properties: Properties::default(),
        };
        // Groups stand in the project, or in the choices and targets of one.
        let mut open: Vec<Node<'t>> = root.children().collect();
        open.reverse();
        while let Some(node) = open.pop() {
            match node.key() {
                "ItemGroup" => build.items.extend(node.children()),
                "PropertyGroup" => {
                    for property in node.children() {
                        if let Some(value) = property.text().or_else(|| property.get("")?.text()) {
                            build.properties.set(property.key(), value);
                        }
                    }
                }
                "Choose" | "When" | "Otherwise" | "Target" => {
                    let mut inner: Vec<_> = node.children().collect();
                    inner.reverse();
                    open.extend(inner);
                }
                _ => {}
            }
        }
        build
    }

    fn filled(&self, text: &str) -> Option<String> {
        self.properties.fill(text, "$(", ')')
    }

    /// Name, version and line of every package that items of a kind include.
    fn included(&self, kind: &str) -> Vec<(Node<'t>, String, String)> {
        let mut included = Vec::new();
        for item in self.items.iter().filter(|item| item.key() == kind) {
            let version = ["VersionOverride", "Version"].iter().find_map(|key| said(*item, key));
            let version = version.and_then(|version| self.filled(version)).unwrap_or_default();
            // `Update` changes what is included elsewhere.
            for name in said(*item, "Include").unwrap_or_default().split(';') {
                if let Some(name) = self.filled(name).filter(|name| is_name(name)) {
                    included.push((*item, name, version.clone()));
                }
            }
        }
        included
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_'))
}

fn msbuild(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let build = Build::of(document.root());
    let property = |name: &str| build.properties.get(name).and_then(|value| build.filled(value)).unwrap_or_default();
    if is_project(artifact.file_name()) {
        let stem = artifact.file_name().rsplit_once('.').map_or("", |(stem, _)| stem);
        let name = [property("PackageId"), property("AssemblyName")]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| stem.to_owned());
        if document.root().key() == "Project" {
            project(
                "nuget",
                &name,
                &property("Version"),
                &property("Description"),
                document.root().line(),
            )
            .into_iter()
            .for_each(|unit| out.push(unit));
        }
    }
    let is_test = property("IsTestProject").eq_ignore_ascii_case("true");
    for (item, name, version) in build.included("PackageReference") {
        let is_private = said(item, "PrivateAssets").is_some_and(|assets| assets.eq_ignore_ascii_case("all"));
        let relation = if is_private || is_test { Relation::Dev } else { Relation::Direct };
        out.push(package("nuget", name, &version, relation, item.line()));
    }
    for kind in ["DotNetCliToolReference", "GlobalPackageReference"] {
        for (item, name, version) in build.included(kind) {
            out.push(package("nuget", name, &version, Relation::Dev, item.line()));
        }
    }
    document.complete()
}

/// `Directory.Packages.props`: versions for whoever references the package, as a lockfile has them.
fn central(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let build = Build::of(document.root());
    for (kind, relation) in [("PackageVersion", Relation::Transitive), ("GlobalPackageReference", Relation::Dev)] {
        for (item, name, version) in build.included(kind) {
            out.push(package("nuget", name, &version, relation, item.line()));
        }
    }
    document.complete()
}

fn packages_config(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    for entry in document.root().children().filter(|entry| entry.key() == "package") {
        if let Some(name) = said(entry, "id").filter(|name| is_name(name)) {
            let is_dev = said(entry, "developmentDependency") == Some("true");
            let relation = if is_dev { Relation::Dev } else { Relation::Direct };
            out.push(package(
                "nuget",
                name,
                said(entry, "version").unwrap_or_default(),
                relation,
                entry.line(),
            ));
        }
    }
    document.complete()
}

fn nuspec(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let Some(metadata) = document.root().get("metadata") else {
        return document.complete();
    };
    let text = |key| metadata.get(key).and_then(Node::text).unwrap_or_default();
    // A template names its unit by a token that is filled in when it is packed.
    if !text("id").contains('$') {
        let line = metadata.get("id").map_or(0, Node::line);
        project("nuget", text("id"), text("version"), text("description"), line)
            .into_iter()
            .for_each(|unit| out.push(unit));
    }
    let groups = metadata.get("dependencies").into_iter().flat_map(Node::children);
    for entry in groups.flat_map(|entry| std::iter::once(entry).chain(entry.children())) {
        if let Some(name) = said(entry, "id").filter(|name| entry.key() == "dependency" && is_name(name)) {
            let version = said(entry, "version").unwrap_or_default();
            out.push(package("nuget", name, version, Relation::Direct, entry.line()));
        }
    }
    document.complete()
}

fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let mut locked = Locked::new("nuget");
    let frameworks = document.root().get("dependencies").into_iter().flat_map(Node::children);
    for entry in frameworks.flat_map(Node::children) {
        let text = |key| entry.get(key).and_then(Node::text).unwrap_or_default();
        let relation = match text("type") {
            "Direct" => Relation::Direct,
            "Project" => continue,
            _ => Relation::Transitive,
        };
        locked.add(entry.key(), text("resolved"), relation, entry.line());
    }
    locked.emit(out);
    document.complete()
}

/// `*.deps.json`, which a built application has beside it: what its own library asks for is direct.
fn deployed(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    let libraries = || root.get("libraries").into_iter().flat_map(Node::children);
    let kind = |entry: Node<'_>| entry.get("type").and_then(Node::text) == Some("package");
    let own: Vec<&str> = libraries().filter(|entry| !kind(*entry)).map(Node::key).collect();
    let mut asked: BTreeMap<&str, Relation> = BTreeMap::new();
    for target in root.get("targets").into_iter().flat_map(Node::children) {
        for library in target.children().filter(|library| own.contains(&library.key())) {
            for entry in library.get("dependencies").into_iter().flat_map(Node::children) {
                relate(&mut asked, entry.key(), Relation::Direct);
            }
        }
    }
    let mut locked = Locked::new("nuget");
    for entry in libraries().filter(|entry| kind(*entry)) {
        let (name, version) = entry.key().split_once('/').unwrap_or((entry.key(), ""));
        locked.add(
            name,
            version,
            asked.get(name).copied().unwrap_or(Relation::Transitive),
            entry.line(),
        );
    }
    locked.emit(out);
    document.complete()
}

/// `paket.dependencies`: `nuget Name >= 1.0`, in groups.
fn paket(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let mut relation = Relation::Direct;
    for (number, line) in (1..).zip(artifact.text()?.lines()) {
        let mut words = line.split("//").next().unwrap_or(line).split_whitespace();
        match (words.next(), words.next()) {
            (Some("group"), Some(name)) => {
                relation = if is_for_development(name) || name.eq_ignore_ascii_case("build") {
                    Relation::Dev
                } else {
                    group_relation(name)
                };
                if name.eq_ignore_ascii_case("main") {
                    relation = Relation::Direct;
                }
            }
            (Some("nuget" | "clitool"), Some(name)) if is_name(name) => {
                let version: Vec<&str> = words.take_while(|word| !word.ends_with(':')).collect();
                out.push(package("nuget", name, &version.join(" "), relation, number));
            }
            _ => {}
        }
    }
    Ok(())
}

/// `paket.lock`: `    Name (1.0)` below `NUGET`.
fn paket_lock(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let mut locked = Locked::new("nuget");
    let mut is_nuget = false;
    for (number, line) in (1..).zip(artifact.text()?.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        match line.len() - line.trim_start().len() {
            0 => is_nuget = line.trim() == "NUGET",
            4 if is_nuget => {
                if let Some((name, version)) = line.trim().split_once(" (") {
                    locked.add(name, version.split(')').next().unwrap_or_default(), Relation::Transitive, number);
                }
            }
            _ => {}
        }
    }
    locked.emit(out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_project_is_read_in_every_form() {
        let text = "<Project Sdk=\"Microsoft.NET.Sdk.Web\">\n<PropertyGroup><AiVersion>2.1</AiVersion><Description>A shop</Description></PropertyGroup>\n<ItemGroup>\n\
                    <PackageReference Include=\"One\" Version=\"1.0.0\" />\n<PackageReference Include=\"Two\"><Version>$(AiVersion)</Version></PackageReference>\n\
                    <PackageReference Include=\"Three\" />\n<PackageReference Update=\"No\" Version=\"1\" />\n<PackageReference Include=\"Four;Five\" VersionOverride=\"4\" />\n\
                    <PackageReference Include=\"Six\" Version=\"$(Gone)\"><PrivateAssets>all</PrivateAssets></PackageReference>\n<ProjectReference Include=\"..\\Lib\\Lib.csproj\" />\n\
                    <!-- <PackageReference Include=\"No\" /> -->\n</ItemGroup>\n<Choose><When Condition=\"x\"><ItemGroup>\n<PackageReference Include=\"Seven\" Version=\"7\" /></ItemGroup></When></Choose>\n</Project>\n";
        let (seen, result) = observe(&NUGET, "src/Shop.csproj", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["nuget Shop - A shop 1"]);
        assert_eq!(
            listed(&seen),
            [
                "nuget One 1.0.0 direct 4",
                "nuget Two 2.1 direct 5",
                "nuget Three - direct 6",
                "nuget Four 4 direct 8",
                "nuget Five 4 direct 8",
                "nuget Six - dev 9",
                "nuget Seven 7 direct 14",
            ]
        );
    }

    #[test]
    fn what_tests_reference_is_for_development() {
        let text = "<Project><PropertyGroup><IsTestProject>true</IsTestProject></PropertyGroup><ItemGroup><PackageReference Include=\"A\" Version=\"1\"/></ItemGroup></Project>";
        assert_eq!(packages(&NUGET, "T.csproj", text), ["nuget A 1 dev 1"]);
    }

    #[test]
    fn central_versions_are_those_of_others() {
        let text = "<Project>\n<ItemGroup>\n<PackageVersion Include=\"One\" Version=\"1.0\" />\n<GlobalPackageReference Include=\"Two\" Version=\"2\" />\n</ItemGroup></Project>";
        assert_eq!(
            packages(&NUGET, "Directory.Packages.props", text),
            ["nuget One 1.0 transitive 3", "nuget Two 2 dev 4"]
        );
    }

    #[test]
    fn older_files_are_read() {
        assert_eq!(
            packages(
                &NUGET,
                "packages.config",
                "<packages>\n<package id=\"One\" version=\"1.0\" targetFramework=\"net48\" />\n<package id=\"Two\" version=\"2\" developmentDependency=\"true\" />\n</packages>"
            ),
            ["nuget One 1.0 direct 2", "nuget Two 2 dev 3"]
        );
        let text = "<package><metadata>\n<id>Acme</id><version>1</version><description>x</description>\n<dependencies>\n<dependency id=\"One\" version=\"1\" />\n\
                    <group targetFramework=\"net8.0\">\n<dependency id=\"Two\" version=\"2\" />\n</group></dependencies></metadata></package>";
        let (seen, _) = observe(&NUGET, "Acme.nuspec", text.as_bytes());
        assert_eq!(projects(&seen), ["nuget Acme 1 x 2"]);
        assert_eq!(listed(&seen), ["nuget One 1 direct 4", "nuget Two 2 direct 6"]);
    }

    #[test]
    fn lockfiles_tell_direct_from_transitive() {
        let text = "{\"version\": 1, \"dependencies\": {\"net8.0\": {\n\"One\": {\"type\": \"Direct\", \"requested\": \"[1, )\", \"resolved\": \"1.0\"},\n\
                    \"Two\": {\"type\": \"Transitive\", \"resolved\": \"2.0\"},\n\"own\": {\"type\": \"Project\"}}}}";
        assert_eq!(
            packages(&NUGET, "packages.lock.json", text),
            ["nuget One 1.0 direct 2", "nuget Two 2.0 transitive 3"]
        );
        let text = "{\"targets\": {\".NETCoreApp,Version=v8.0\": {\"Shop/1.0.0\": {\"dependencies\": {\"One\": \"1.0\"}}, \"One/1.0\": {\"dependencies\": {\"Two\": \"2\"}}}},\n\
                    \"libraries\": {\"Shop/1.0.0\": {\"type\": \"project\"},\n\"One/1.0\": {\"type\": \"package\"},\n\"Two/2\": {\"type\": \"package\"}}}";
        assert_eq!(
            packages(&NUGET, "bin/Shop.deps.json", text),
            ["nuget One 1.0 direct 3", "nuget Two 2 transitive 4"]
        );
    }

    #[test]
    fn paket_is_read() {
        let text = "source https://api.nuget.org/v3/index.json\n// nuget No\nnuget One >= 1.0 lowest_matching: true\nnuget Two\ngithub org/x\ngroup Test\n  nuget Three ~> 3\n";
        assert_eq!(
            packages(&NUGET, "paket.dependencies", text),
            ["nuget One >= 1.0 direct 3", "nuget Two - direct 4", "nuget Three ~> 3 dev 7"]
        );
        let text = "NUGET\n  remote: https://api.nuget.org/v3/index.json\n    One (1.0)\n      Two (>= 2.0)\n    Two (2.1)\nGITHUB\n  remote: org/x\n    file.fs (abc)\n";
        assert_eq!(
            packages(&NUGET, "paket.lock", text),
            ["nuget One 1.0 transitive 3", "nuget Two 2.1 transitive 5"]
        );
    }
}
