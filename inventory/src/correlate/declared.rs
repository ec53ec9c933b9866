//! Marks imports of packages that no manifest of the unit, nor of a unit around it, declares: fact `undeclared`, with the
//! ecosystem. Only where it is hardly ever wrong: it takes any sign that the package is supplied for an answer.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Confidence, Evidence, Usage};

use super::Project;
use super::units::{self, Boundaries};

/// A language whose imports can miss in a manifest.
struct Language {
    /// As signatures name it.
    scope: &'static str,
    /// The ecosystems that supply what it imports.
    ecosystems: &'static [&'static str],
    /// Whether it is built as a whole: parents, shared scripts and version catalogs anywhere in the source may supply what
    /// a part of it imports, for otherwise it would not build.
    is_built: bool,
}

const fn language(scope: &'static str, ecosystems: &'static [&'static str], is_built: bool) -> Language {
    Language {
        scope,
        ecosystems,
        is_built,
    }
}

const LANGUAGES: [Language; 14] = [
    language("python", &["pypi", "conda"], false),
    language("javascript", &["npm"], false),
    language("ruby", &["rubygems"], false),
    language("php", &["packagist"], false),
    language("r", &["cran"], false),
    language("julia", &["julia"], false),
    language("go", &["go"], true),
    language("java", &["maven"], true),
    language("csharp", &["nuget"], true),
    language("elixir", &["hex"], true),
    language("dart", &["pub"], true),
    language("swift", &["swift", "cocoapods"], true),
    language("objc", &["cocoapods", "swift"], true),
    language("c", &["vcpkg", "conan", "cmake", "git"], true),
];

/// The ecosystems that supply what a language imports, and whether it is built as a whole.
pub(super) fn supply_of(language: &str) -> (&'static [&'static str], bool) {
    let known = LANGUAGES.iter().find(|known| known.scope == language);
    known.map_or((&[], false), |known| (known.ecosystems, known.is_built))
}

/// What manifests and lockfiles of a unit declare in one ecosystem.
#[derive(Debug, Default)]
struct Declared {
    products: BTreeSet<String>,
    providers: BTreeSet<String>,
    packages: BTreeSet<String>,
}

impl Declared {
    fn add(&mut self, other: &Self) {
        self.products.extend(other.products.iter().cloned());
        self.providers.extend(other.providers.iter().cloned());
        self.packages.extend(other.packages.iter().cloned());
    }
}

/// Marks the evidence of units, by folder, in place.
pub(super) fn mark_undeclared(
    units: &mut BTreeMap<String, Vec<Evidence>>,
    boundaries: &Boundaries,
    manifests: &[String],
    projects: &[Project],
) {
    let declared = declarations(units);
    let mut anywhere: BTreeMap<&str, Declared> = BTreeMap::new();
    for ((_, ecosystem), of_unit) in &declared {
        anywhere.entry(ecosystem).or_default().add(of_unit);
    }
    let with_manifest = units_with_manifest(units, boundaries, manifests, projects);
    // A package of the source itself needs no declaration to be found.
    let own: BTreeSet<String> = projects.iter().map(|project| plain(&project.name)).collect();
    for (folder, evidence) in units.iter_mut() {
        let chain: Vec<&str> = std::iter::once(folder.as_str()).chain(units::enclosing(folder)).collect();
        for seen in evidence.iter_mut().filter(|seen| is_own_import(seen)) {
            let Some(language) = LANGUAGES
                .iter()
                .find(|language| seen.facts.get("imported").is_some_and(|imported| imported == language.scope))
            else {
                continue;
            };
            let Some(ecosystem) = language
                .ecosystems
                .iter()
                .find(|ecosystem| with_manifest.contains(&(folder.clone(), (**ecosystem).to_owned())))
            else {
                continue;
            };
            let supplied = language.ecosystems.iter().any(|ecosystem| {
                if language.is_built {
                    return anywhere.get(*ecosystem).is_some_and(|declared| supplies(declared, seen));
                }
                chain
                    .iter()
                    .filter_map(|unit| declared.get(&((*unit).to_owned(), (*ecosystem).to_owned())))
                    .any(|declared| supplies(declared, seen))
            });
            if !supplied && !own.contains(&plain(&seen.name)) {
                seen.facts.insert("undeclared".into(), (*ecosystem).to_owned());
            }
        }
    }
}

/// Whether this is an import by the unit's own code, of a package that is known by name.
fn is_own_import(seen: &Evidence) -> bool {
    seen.facts.contains_key("imported")
        && seen.product.is_some()
        && seen.relation.is_none()
        && seen.usage == Usage::Runtime
        && !seen.vendored
        && seen.confidence >= Confidence::Medium
        && matches!(seen.kind, ComponentKind::Package | ComponentKind::Framework | ComponentKind::AgentFramework | ComponentKind::VectorDb)
        // A notebook brings its packages along in a cell, or runs where they are installed.
        && !seen.location.path.ends_with(".ipynb")
}

fn supplies(declared: &Declared, seen: &Evidence) -> bool {
    seen.product.as_ref().is_some_and(|product| declared.products.contains(product))
        || seen.provider.as_ref().is_some_and(|provider| declared.providers.contains(provider))
        || declared.packages.contains(&plain(&seen.name))
        || seen
            .facts
            .get("also")
            .is_some_and(|also| also.split(' ').any(|name| declared.packages.contains(&plain(name))))
}

fn declarations(units: &BTreeMap<String, Vec<Evidence>>) -> BTreeMap<(String, String), Declared> {
    let mut declared: BTreeMap<(String, String), Declared> = BTreeMap::new();
    for (folder, seen) in units
        .iter()
        .flat_map(|(folder, evidence)| evidence.iter().map(move |seen| (folder, seen)))
    {
        let Some(ecosystem) = seen.facts.get("ecosystem") else { continue };
        let known = declared.entry((folder.clone(), ecosystem.clone())).or_default();
        known.products.extend(seen.product.clone());
        known.providers.extend(seen.provider.clone());
        known.packages.insert(plain(&seen.name));
    }
    declared
}

/// The units that have a manifest which would declare a dependency, with its ecosystem.
fn units_with_manifest(
    units: &BTreeMap<String, Vec<Evidence>>,
    boundaries: &Boundaries,
    manifests: &[String],
    projects: &[Project],
) -> BTreeSet<(String, String)> {
    let telling: BTreeSet<&str> = projects
        .iter()
        .map(|project| project.path.as_str())
        .chain(
            units
                .values()
                .flatten()
                .filter(|seen| seen.facts.contains_key("ecosystem"))
                .map(|seen| seen.location.path.as_str()),
        )
        .collect();
    manifests
        .iter()
        .filter(|path| !units::is_aside(path))
        .filter_map(|path| {
            let (ecosystem, always) = ecosystem_of(units::file_name(path))?;
            // A `pyproject.toml` or `package.json` without a name may hold the settings of tools and nothing else.
            (always || telling.contains(path.as_str())).then(|| (boundaries.folder_of(path).to_owned(), ecosystem.to_owned()))
        })
        .collect()
}

/// The ecosystem of a manifest, and whether it always declares dependencies.
fn ecosystem_of(name: &str) -> Option<(&'static str, bool)> {
    match name {
        "pyproject.toml" | "setup.py" | "setup.cfg" => Some(("pypi", false)),
        "Pipfile" => Some(("pypi", true)),
        "environment.yml" | "environment.yaml" => Some(("conda", true)),
        "package.json" => Some(("npm", false)),
        "go.mod" => Some(("go", true)),
        "pom.xml" | "build.sbt" => Some(("maven", true)),
        "Gemfile" | "gems.rb" => Some(("rubygems", true)),
        "composer.json" => Some(("packagist", true)),
        "DESCRIPTION" => Some(("cran", false)),
        "Project.toml" => Some(("julia", false)),
        "mix.exs" => Some(("hex", true)),
        "pubspec.yaml" => Some(("pub", true)),
        "Package.swift" => Some(("swift", true)),
        "vcpkg.json" => Some(("vcpkg", true)),
        "conanfile.txt" | "conanfile.py" => Some(("conan", true)),
        // Scripts of Gradle may have their dependencies from anywhere.
        _ if [".csproj", ".fsproj", ".vbproj"].iter().any(|ending| name.ends_with(ending)) => Some(("nuget", true)),
        _ => (name.starts_with("requirements") && name.ends_with(".txt")).then_some(("pypi", true)),
    }
}

/// A package name without regard to case and separators.
fn plain(name: &str) -> String {
    name.to_lowercase()
        .split(['-', '_', '.'])
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::{Facts, Relation, Stage};

    fn import(path: &str) -> Evidence {
        let language = match path.rsplit('.').next() {
            Some("ts") => "javascript",
            Some("java") => "java",
            Some("rb") => "ruby",
            _ => "python",
        };
        Evidence {
            product: Some("openai.api".into()),
            provider: Some("openai".into()),
            facts: Facts::from_iter([("imported".into(), language.to_owned())]),
            ..sample::seen(ComponentKind::Package, "openai", path)
        }
    }

    fn declaration(path: &str, name: &str, relation: Relation) -> Evidence {
        let ecosystem = match path.rsplit(['.', '/']).next() {
            Some("json") => "npm",
            Some("xml") => "maven",
            Some("Gemfile") => "rubygems",
            _ => "pypi",
        };
        Evidence {
            product: Some(format!("{name}.api")),
            provider: Some(name.to_owned()),
            relation: Some(relation),
            stage: Stage::Declared,
            facts: Facts::from_iter([("ecosystem".into(), ecosystem.to_owned())]),
            ..sample::seen(ComponentKind::Package, name, path)
        }
    }

    /// The paths marked in a source with these manifests, of which each names a project.
    fn marked(evidence: Vec<Evidence>, manifests: &[&str]) -> Vec<String> {
        let projects: Vec<Project> = manifests
            .iter()
            .map(|path| Project {
                path: (*path).into(),
                scope: String::new(),
                name: format!("unit at {path}"),
                version: None,
                description: None,
                people: Vec::new(),
            })
            .collect();
        marked_among(evidence, manifests, &projects)
    }

    fn marked_among(evidence: Vec<Evidence>, manifests: &[&str], projects: &[Project]) -> Vec<String> {
        let manifests: Vec<String> = manifests.iter().map(|path| (*path).to_owned()).collect();
        let boundaries = Boundaries::of(&manifests, projects, &evidence);
        let mut units: BTreeMap<String, Vec<Evidence>> = BTreeMap::new();
        for seen in evidence {
            units
                .entry(boundaries.folder_of(&seen.location.path).to_owned())
                .or_default()
                .push(seen);
        }
        mark_undeclared(&mut units, &boundaries, &manifests, projects);
        units
            .into_values()
            .flatten()
            .filter(|seen| seen.facts.contains_key("undeclared"))
            .map(|seen| seen.location.path)
            .collect()
    }

    #[test]
    fn an_import_that_no_manifest_declares_is_marked() {
        assert_eq!(marked(vec![import("src/a.py")], &["pyproject.toml"]), ["src/a.py"]);
        assert_eq!(
            marked(vec![import("web/a.ts")], &["package.json", "web/package.json"]),
            ["web/a.ts"]
        );
        assert_eq!(
            marked(
                vec![import("api/a.py"), declaration("jobs/requirements.txt", "openai", Relation::Direct)],
                &["api/setup.py", "jobs/requirements.txt"]
            ),
            ["api/a.py"]
        );
    }

    #[test]
    fn what_is_built_as_a_whole_may_be_supplied_from_anywhere_in_the_source() {
        let manifests = ["shop/pom.xml", "shared/pom.xml"];
        assert_eq!(marked(vec![import("shop/A.java")], &manifests), ["shop/A.java"]);
        let shared = declaration("shared/pom.xml", "openai", Relation::Direct);
        assert!(marked(vec![import("shop/A.java"), shared], &manifests).is_empty());
        // A script runs with what its own manifest brings.
        let manifests = ["shop/Gemfile", "shared/Gemfile"];
        let shared = declaration("shared/Gemfile", "openai", Relation::Direct);
        assert_eq!(marked(vec![import("shop/a.rb"), shared], &manifests), ["shop/a.rb"]);
        assert!(marked(vec![import("shop/A.java")], &["shop/build.gradle"]).is_empty());
    }

    #[test]
    fn declared_in_any_way_is_declared() {
        for relation in [
            Relation::Direct,
            Relation::Dev,
            Relation::Optional,
            Relation::Peer,
            Relation::Transitive,
        ] {
            assert!(
                marked(
                    vec![import("src/a.py"), declaration("pyproject.toml", "openai", relation)],
                    &["pyproject.toml"]
                )
                .is_empty(),
                "{relation:?}"
            );
        }
    }

    #[test]
    fn a_unit_around_it_may_declare_it() {
        let manifests = ["package.json", "apps/web/package.json"];
        assert!(
            marked(
                vec![import("apps/web/a.ts"), declaration("package.json", "openai", Relation::Direct)],
                &manifests
            )
            .is_empty()
        );
        // A unit beside it may not.
        let beside = vec![
            import("apps/web/a.ts"),
            declaration("apps/api/package.json", "openai", Relation::Direct),
        ];
        assert_eq!(
            marked(beside, &["package.json", "apps/web/package.json", "apps/api/package.json"]),
            ["apps/web/a.ts"]
        );
    }

    #[test]
    fn the_same_product_under_another_name_supplies_it() {
        let other = Evidence {
            product: Some("openai.api".into()),
            provider: None,
            ..declaration("pyproject.toml", "openai-slim", Relation::Direct)
        };
        assert!(marked(vec![import("src/a.py"), other], &["pyproject.toml"]).is_empty());
        let unrelated = declaration("pyproject.toml", "anthropic", Relation::Direct);
        assert_eq!(marked(vec![import("src/a.py"), unrelated], &["pyproject.toml"]), ["src/a.py"]);
    }

    #[test]
    fn without_a_manifest_of_its_ecosystem_nothing_is_said() {
        assert!(marked(vec![import("src/a.py")], &["package.json"]).is_empty());
        assert!(marked(vec![import("src/a.ts")], &["pyproject.toml"]).is_empty());
        assert!(marked(vec![import("src/a.py")], &[]).is_empty());
        assert!(marked(vec![import("src/a.py")], &["package.json", "docs/requirements.txt"]).is_empty());
        // Settings of tools only: no name, no dependency.
        assert!(marked_among(vec![import("src/a.py")], &["pyproject.toml"], &[]).is_empty());
        assert!(marked(vec![import("src/a.py")], &["api/pyproject.toml"]).is_empty());
    }

    #[test]
    fn tests_notebooks_bundles_and_guesses_are_left_alone() {
        for spared in [
            Evidence {
                usage: Usage::Test,
                ..import("tests/a.py")
            },
            Evidence {
                vendored: true,
                ..import("lib/a.py")
            },
            Evidence {
                confidence: Confidence::Low,
                ..import("src/a.py")
            },
            Evidence {
                product: None,
                ..import("src/a.py")
            },
            import("analysis/a.ipynb"),
            Evidence {
                facts: Facts::from_iter([("imported".into(), "rust".to_owned())]),
                ..import("src/a.rs")
            },
        ] {
            assert!(
                marked(vec![spared.clone()], &["pyproject.toml", "Cargo.toml"]).is_empty(),
                "{spared:?}"
            );
        }
    }

    #[test]
    fn a_project_may_import_itself() {
        let own = [Project {
            path: "pyproject.toml".into(),
            scope: "pypi".into(),
            name: "OpenAI".into(),
            version: None,
            description: None,
            people: Vec::new(),
        }];
        assert!(marked_among(vec![import("src/a.py")], &["pyproject.toml"], &own).is_empty());
    }
}
