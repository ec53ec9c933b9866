//! Where the boundaries of deployable units lie in a tree of files.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Evidence, Usage};

use super::Project;
use crate::Source;

/// Manifests that say who a unit is; of several in one folder the first names it.
const MANIFESTS: [&str; 27] = [
    "pyproject.toml",
    "Cargo.toml",
    "package.json",
    "setup.py",
    "setup.cfg",
    "go.mod",
    "pom.xml",
    "build.gradle.kts",
    "build.gradle",
    "settings.gradle.kts",
    "settings.gradle",
    "build.sbt",
    "composer.json",
    "Gemfile",
    "gems.rb",
    "DESCRIPTION",
    "Package.swift",
    "pubspec.yaml",
    "mix.exs",
    "Project.toml",
    "vcpkg.json",
    "conanfile.py",
    "conanfile.txt",
    "pixi.toml",
    "Pipfile",
    "Podfile",
    "manifest.json",
];

/// Manifests of frameworks that bring a folder of their own for each platform: what stands below them is part of the same product.
const AROUND_PLATFORMS: [&str; 2] = ["package.json", "pubspec.yaml"];

/// Endings of manifests that are called after their unit.
const MANIFEST_ENDINGS: [&str; 5] = ["csproj", "fsproj", "vbproj", "gemspec", "podspec"];

/// Folders that hold the packaging of the project above them.
const PACKAGING: [&str; 11] = [
    "docker",
    ".docker",
    "dockerfiles",
    ".devcontainer",
    "requirements",
    "deploy",
    "deployment",
    "build",
    "ci",
    ".ci",
    "packaging",
];

/// The folders that are units, with what draws the boundary of each.
#[derive(Debug)]
pub(super) struct Boundaries {
    folders: BTreeMap<String, &'static str>,
}

impl Boundaries {
    /// The boundaries that manifests draw; those among tests, examples and documentation only if there are no others.
    pub(super) fn of(manifests: &[String], projects: &[Project], evidence: &[Evidence]) -> Self {
        let named: BTreeSet<&str> = projects.iter().map(|project| project.path.as_str()).collect();
        let in_use: BTreeSet<&str> = evidence
            .iter()
            .filter(|seen| seen.usage == Usage::Runtime && !seen.vendored)
            .map(|seen| seen.location.path.as_str())
            .collect();
        let mut folders: BTreeMap<String, &'static str> = BTreeMap::new();
        let mut aside: BTreeMap<String, &'static str> = BTreeMap::new();
        for path in manifests.iter().map(String::as_str).chain(named.iter().copied()) {
            let Some(draws) = draws_boundary(path, &named) else { continue };
            let is_around = |above: &str| {
                let inside = |name: &&str| manifests.iter().any(|path| file_name(path) == *name && folder(path) == above);
                AROUND_PLATFORMS.iter().any(inside)
            };
            if file_name(path) == "Podfile" && enclosing(folder(path)).any(is_around) {
                continue;
            }
            let side = if in_use.contains(path) || !is_aside(path) {
                &mut folders
            } else {
                &mut aside
            };
            let known = side.entry(folder(path).to_owned()).or_insert(draws);
            // A manifest says more than a Dockerfile beside it; `manifest` sorts first.
            *known = draws.min(known);
        }
        Self {
            folders: if folders.is_empty() { aside } else { folders },
        }
    }

    /// The folder of the unit that a path belongs to; empty for the root. A project of tests belongs to what it tests.
    pub(super) fn folder_of<'p>(&'p self, path: &'p str) -> &'p str {
        let inside = || enclosing(path).find(|folder| self.folders.contains_key(*folder));
        inside()
            .filter(|folder| !folder.is_empty())
            .or_else(|| self.tested(path))
            .unwrap_or_default()
    }

    /// The unit after which a project of tests around a path is called: `Shop` for `Shop.Tests` and `Shop.UnitTests`, where only one is
    /// called so.
    fn tested(&self, path: &str) -> Option<&str> {
        let called_after = enclosing(path).map(file_name).find_map(|name| {
            let (before, last) = name.rsplit_once('.')?;
            (last == "Test" || last.ends_with("Tests")).then_some(before)
        })?;
        let mut named = self.folders.keys().filter(|folder| file_name(folder) == called_after);
        named.next().filter(|_| named.next().is_none()).map(String::as_str)
    }

    /// What draws the boundary of a unit.
    pub(super) fn what_draws(&self, folder: &str) -> &'static str {
        self.folders.get(folder).copied().unwrap_or("repository")
    }
}

/// The folders around a path, innermost first; the last is the root, an empty text.
pub(super) fn enclosing(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| (!path.is_empty()).then(|| folder(path))).skip(1)
}

/// The folder that a path stands in; empty for the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

pub(super) fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Whether a path lies among tests, examples, documentation or other people's code.
pub(super) fn is_aside(path: &str) -> bool {
    Usage::of_path(path) != Usage::Runtime || evidence::is_vendored_path(path)
}

/// Who the units of a source are, by folder: each unit asks for its own, so that ten thousand do not read each other's.
#[derive(Debug)]
pub(super) struct Projects<'p> {
    /// By the folder that a manifest speaks of.
    describing: BTreeMap<&'p str, Vec<&'p Project>>,
    /// By the folder that it stands in.
    standing: BTreeMap<&'p str, Vec<&'p Project>>,
}

impl<'p> Projects<'p> {
    pub(super) fn of(projects: &'p [Project]) -> Self {
        let (mut describing, mut standing): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = Default::default();
        for project in projects {
            standing.entry(folder(&project.path)).or_default().push(project);
            if !project.name.trim().is_empty() {
                describing.entry(describes(&project.path)).or_default().push(project);
            }
        }
        Self { describing, standing }
    }

    /// Those whose manifests stand in a folder itself.
    pub(super) fn standing_in(&self, folder: &str) -> &[&'p Project] {
        self.standing.get(folder).map(Vec::as_slice).unwrap_or_default()
    }

    /// The manifest that says who the unit in a folder is.
    pub(super) fn of_unit(&self, folder_of_unit: &str) -> Option<&'p Project> {
        let rank = |project: &Project| {
            MANIFESTS
                .iter()
                .position(|name| *name == file_name(&project.path))
                .unwrap_or(MANIFESTS.len())
        };
        let describing = || self.describing.get(folder_of_unit).into_iter().flatten().copied();
        // Where several packages were put beside each other, none of them is the unit.
        let is_one = describing()
            .filter(|project| folder(&project.path) != folder_of_unit)
            .nth(1)
            .is_none();
        describing()
            .filter(|project| is_one || folder(&project.path) == folder_of_unit)
            .min_by_key(|project| (rank(project), *project))
    }
}

/// The folder that a manifest speaks of: its own, or that of the package beside whose files its metadata lie.
fn describes(manifest: &str) -> &str {
    let own = folder(manifest);
    if own.ends_with(".dist-info") || own.ends_with(".egg-info") {
        return folder(own);
    }
    match within_archive(manifest) {
        Some(at) => manifest[..at].trim_end_matches('/'),
        None => own,
    }
}

/// Where a path of metadata begins that Maven puts into the archives that it makes: `META-INF/maven/<group>/<name>/pom.xml`.
fn within_archive(path: &str) -> Option<usize> {
    let at = path.rfind("META-INF/maven/")?;
    (at == 0 || path.as_bytes()[at - 1] == b'/').then_some(at)
}

/// A name for a unit that no manifest names: its folder, else what the source is called.
pub(super) fn name_of(folder_of_unit: &str, source: &Source) -> String {
    let candidates = [folder_of_unit, &source.identity, &source.location].map(called);
    candidates
        .into_iter()
        .find(|name| !matches!(*name, "" | "." | ".."))
        .unwrap_or(&source.location)
        .to_owned()
}

/// What a folder or a source is called: the last part of its path or address.
pub(crate) fn called(place: &str) -> &str {
    let place = place
        .trim_end_matches(['/', '\\'])
        .trim_end_matches(".git")
        .trim_end_matches(['/', '\\']);
    place.rsplit(['/', '\\', ':']).next().unwrap_or_default()
}

/// Whether the path is one that a scan must tell of, because it may draw the boundary of a unit.
#[must_use]
pub fn is_manifest(path: &str) -> bool {
    is_ambiguous(file_name(path)) || draws_boundary(path, &BTreeSet::new()).is_some()
}

/// Whether a manifest has a name that files of other tools have too.
fn is_ambiguous(name: &str) -> bool {
    matches!(name, "manifest.json" | "Project.toml")
}

/// What kind of boundary a file draws, if any.
fn draws_boundary(path: &str, named: &BTreeSet<&str>) -> Option<&'static str> {
    let name = file_name(path);
    // What went into an archive is no unit by itself, but a part of the archive's.
    let kind = boundary_of(path, name, named)?;
    within_archive(path).is_none().then_some(kind)
}

/// The same for a file that did not come out of an archive.
fn boundary_of(path: &str, name: &str, named: &BTreeSet<&str>) -> Option<&'static str> {
    // A browser extension and a web page have a `manifest.json` too, other tools a `Project.toml`; only one that names a
    // project counts.
    if is_ambiguous(name) {
        return named.contains(path).then_some("manifest");
    }
    // What sbt builds its own build with.
    if name == "build.sbt" && file_name(folder(path)) == "project" {
        return None;
    }
    if MANIFESTS.contains(&name) || MANIFEST_ENDINGS.iter().any(|ending| has_extension(name, ending)) {
        return Some("manifest");
    }
    let is_packaging = PACKAGING.contains(&file_name(folder(path)));
    if has_extension(name, "txt") && name.starts_with("requirements") {
        return (!is_packaging).then_some("manifest");
    }
    if matches!(name, "Dockerfile" | "Containerfile") {
        return (!is_packaging).then_some("service");
    }
    (name == "Chart.yaml").then_some("service")
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(stem, found)| !stem.is_empty() && found == extension)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::ComponentKind;

    fn boundaries(manifests: &[&str]) -> Boundaries {
        Boundaries::of(&manifests.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>(), &[], &[])
    }

    fn project_of<'p>(folder: &str, projects: &'p [Project]) -> Option<&'p Project> {
        Projects::of(projects).of_unit(folder)
    }

    fn project(path: &str) -> Project {
        Project {
            path: path.into(),
            scope: "pypi".into(),
            name: "p".into(),
            version: None,
            description: None,
            people: Vec::new(),
        }
    }

    #[test]
    fn every_ecosystem_draws_boundaries() {
        for manifest in [
            "package.json",
            "pyproject.toml",
            "setup.py",
            "setup.cfg",
            "Cargo.toml",
            "requirements.txt",
            "requirements-dev.txt",
            "Pipfile",
            "go.mod",
            "pom.xml",
            "build.gradle",
            "build.gradle.kts",
            "Shop.csproj",
            "composer.json",
            "Gemfile",
            "DESCRIPTION",
            "build.sbt",
            "Shop.fsproj",
            "Package.swift",
            "shop.gemspec",
            "pubspec.yaml",
            "mix.exs",
            "vcpkg.json",
            "conanfile.txt",
            "pixi.toml",
            "Podfile",
            "Chart.yaml",
            "Dockerfile",
        ] {
            assert_eq!(
                boundaries(&[&format!("a/b/{manifest}")]).folder_of("a/b/c/d.py"),
                "a/b",
                "{manifest}"
            );
        }
    }

    #[test]
    fn what_a_build_is_built_with_is_no_unit() {
        let boundaries = boundaries(&["build.sbt", "project/build.sbt", "app/project/package.json"]);
        assert_eq!(boundaries.folder_of("project/Dependencies.scala"), "");
        assert_eq!(boundaries.folder_of("app/project/a.js"), "app/project");
    }

    #[test]
    fn a_project_of_tests_belongs_to_what_it_tests() {
        let one = boundaries(&[
            "src/Shop/Shop.csproj",
            "src/Other/Other.csproj",
            "test/Shop.Tests/Shop.Tests.csproj",
        ]);
        assert_eq!(one.folder_of("test/Shop.Tests/Ask.cs"), "src/Shop");
        assert_eq!(one.folder_of("test/Shop.Tests/more/Ask.cs"), "src/Shop");
        assert_eq!(one.folder_of("test/Shop.IntegrationTests/Ask.cs"), "src/Shop");
        assert_eq!(one.folder_of("test/Desk.Tests/Ask.cs"), "");
        assert_eq!(one.folder_of("src/Other/Shop.Tests/Ask.cs"), "src/Other");
        let two = boundaries(&["a/Shop/Shop.csproj", "b/Shop/Shop.csproj"]);
        assert_eq!(two.folder_of("Shop.Tests/Ask.cs"), "");
    }

    #[test]
    fn metadata_in_a_folder_of_their_own_name_the_package_beside_it() {
        let one = [project("shop-1.0.dist-info/METADATA")];
        assert_eq!(
            project_of("", &one).map(|project| project.path.as_str()),
            Some("shop-1.0.dist-info/METADATA")
        );
        let several = [project("shop-1.0.dist-info/METADATA"), project("tool-2.0.dist-info/METADATA")];
        assert_eq!(project_of("", &several), None);
        let with_manifest = [several.as_slice(), &[project("setup.py")]].concat();
        assert_eq!(
            project_of("", &with_manifest).map(|project| project.path.as_str()),
            Some("setup.py")
        );
    }

    #[test]
    fn a_manifest_inside_an_archive_names_the_archive() {
        let path = "lib/shop.jar!/META-INF/maven/com.acme/shop/pom.xml";
        assert_eq!(boundaries(&["pom.xml", path]).folder_of(path), "");
        assert_eq!(
            project_of("lib/shop.jar!", &[project(path)]).map(|project| project.path.as_str()),
            Some(path)
        );
        let shaded = [project("META-INF/maven/a/b/pom.xml"), project("META-INF/maven/a/c/pom.xml")];
        assert_eq!(project_of("", &shaded), None);
    }

    #[test]
    fn the_folder_of_one_platform_is_part_of_what_stands_around_it() {
        for around in ["package.json", "pubspec.yaml"] {
            assert_eq!(boundaries(&[around, "ios/Podfile"]).folder_of("ios/App/a.swift"), "", "{around}");
        }
        assert_eq!(boundaries(&["go.mod", "ios/Podfile"]).folder_of("ios/App/a.swift"), "ios");
    }

    #[test]
    fn other_files_draw_none() {
        for other in [
            "package-lock.json",
            "README.md",
            "notes.txt",
            "my-requirements.md",
            "manifest.json",
            "Dockerfile.md",
            ".csproj",
            "Project.toml",
            "Directory.Packages.props",
            "go.sum",
            "values.yaml",
        ] {
            assert_eq!(boundaries(&[&format!("a/b/{other}")]).folder_of("a/b/c/d.py"), "", "{other}");
        }
    }

    #[test]
    fn a_json_manifest_counts_if_it_names_a_project() {
        let path = "components/chat/manifest.json";
        let named = Boundaries::of(&[path.to_owned()], &[project(path)], &[]);
        assert_eq!(
            (named.folder_of("components/chat/x.py"), named.folder_of("components/other/x.py")),
            ("components/chat", "")
        );
    }

    #[test]
    fn manifests_of_tests_and_examples_draw_none_beside_others() {
        let found = boundaries(&[
            "package.json",
            "tests/e2e/package.json",
            "examples/chat/package.json",
            "docs/requirements.txt",
            "web/vendor/x/package.json",
            "web/package.json",
        ]);
        for (path, folder) in [
            ("tests/e2e/a.ts", ""),
            ("examples/chat/a.ts", ""),
            ("docs/conf.py", ""),
            ("web/vendor/x/a.js", "web"),
            ("web/a.ts", "web"),
            ("webapp/a.ts", ""),
        ] {
            assert_eq!(found.folder_of(path), folder, "{path}");
        }
    }

    #[test]
    fn a_collection_of_examples_has_a_unit_each() {
        let found = boundaries(&["examples/a/package.json", "examples/b/requirements.txt"]);
        assert_eq!(
            (
                found.folder_of("examples/a/x.ts"),
                found.folder_of("examples/b/x.py"),
                found.folder_of("x.py")
            ),
            ("examples/a", "examples/b", "")
        );
    }

    #[test]
    fn what_evidence_shows_to_run_is_not_aside() {
        let seen = sample::seen(ComponentKind::Package, "openai", "demo/package.json");
        let found = Boundaries::of(&["package.json".into(), "demo/package.json".into()], &[], &[seen]);
        assert_eq!(found.folder_of("demo/a.ts"), "demo");
    }

    #[test]
    fn packaging_belongs_to_what_it_packs() {
        let found = boundaries(&[
            "api/pyproject.toml",
            "api/docker/Dockerfile",
            "api/requirements/requirements-dev.txt",
            "worker/Dockerfile",
        ]);
        assert_eq!(
            (
                found.folder_of("api/docker/Dockerfile"),
                found.folder_of("api/requirements/requirements-dev.txt")
            ),
            ("api", "api")
        );
        assert_eq!(
            (
                found.folder_of("worker/run.py"),
                found.what_draws("worker"),
                found.what_draws("api"),
                found.what_draws("")
            ),
            ("worker", "service", "manifest", "repository")
        );
    }

    #[test]
    fn units_without_a_manifest_are_named_by_what_people_call_them() {
        let source = |location: &str, identity: &str| Source {
            kind: "git".into(),
            location: location.into(),
            identity: identity.into(),
        };
        for (folder, location, identity, name) in [
            ("apps/web", "/x", "/x", "web"),
            ("", "/home/dev/clone-2", "https://example.org/team/shop.git", "shop"),
            ("", "/home/dev/shop/", "/home/dev/shop/", "shop"),
            ("", ".", "git@example.org:team/shop.git", "shop"),
            ("", "C:\\code\\shop", "C:\\code\\shop", "shop"),
            ("", "/", "/", "/"),
        ] {
            assert_eq!(name_of(folder, &source(location, identity)), name);
        }
    }

    #[test]
    fn folders_are_walked_to_the_root_and_no_further() {
        assert_eq!(enclosing("a/b/c.py").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(enclosing("c.py").collect::<Vec<_>>(), [""]);
        assert_eq!(enclosing("").count(), 0);
    }
}
