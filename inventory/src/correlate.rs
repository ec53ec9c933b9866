//! Groups evidence into AI systems: the smallest thing somebody can own.
//!
//! A system is the deployable unit: the nearest folder above the evidence that holds a manifest, else the whole source.
//! A record of a platform is a system of its own. Four decisions keep the list short and true:
//! - Manifests among tests, examples, documentation or other people's code draw no boundary, unless there are no others.
//! - A unit of which nothing speaks but a lockfile, hints of low confidence or the configuration of coding assistants is
//!   no system of its own: its evidence goes to the nearest enclosing unit that is one, else to the source as a whole. A
//!   lockfile alone thus gives components that are `declared`, and nothing more.
//! - A line of a lockfile that several units share speaks of those below it that declare the package themselves; only
//!   what none of them declares belongs to the folder that the lockfile stands in.
//! - Importing an SDK is no use of its vendor where every client is pointed at somebody else's address.
//!
//! It reads no file: what is declared and where manifests stand is told by whoever walked the source.

pub(crate) mod components;
mod declared;
mod elsewhere;
mod locks;
mod own;
mod records;
mod said;
mod since;
mod supplied;
mod tagged;
pub(crate) mod units;
mod unnamed;
mod vendors;

use std::collections::BTreeMap;

use evidence::{ComponentKind, Confidence, Evidence, Relation, Statement};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::past::{Past, People};
use crate::{Classification, Source, System};
pub use locks::is_lockfile;
use since::Since;
use units::Boundaries;
pub use units::is_manifest;

/// What the scan of one source brought.
#[derive(Debug, Clone)]
pub struct Scanned {
    /// What was scanned.
    pub source: Source,
    /// Everything recognised in it.
    pub evidence: Vec<Evidence>,
    /// Who its units are, as their manifests say.
    pub projects: Vec<Project>,
    /// What they say about themselves.
    pub statements: Vec<Statement>,
    /// Paths of all manifests, lockfiles, Dockerfiles and charts seen, whether or not they speak of AI.
    pub manifests: Vec<String>,
    /// What is known of it beyond its files of today.
    pub past: Past,
}

/// Who a unit is, as one manifest or record says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Project {
    /// Path of the manifest or record, relative to the source's root.
    pub path: String,
    /// Ecosystem or platform.
    pub scope: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// One sentence about it.
    pub description: Option<String>,
    /// Its maintainers or authors, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
}

/// The AI systems that the evidence speaks of, by name; still without a tier.
///
/// Scans of one source under one identity count as one. The order of the input does not matter.
#[must_use]
pub fn correlate(input: Vec<Scanned>) -> Vec<System> {
    correlate_only(input, &|_, _| true)
}

/// As [`correlate`], but of the evidence in trees of files only what stands in paths that are wanted is kept, once
/// everything is in its place: what a system is called and where it ends is told by all of its files.
#[must_use]
pub fn correlate_only(input: Vec<Scanned>, wanted: &dyn Fn(&Source, &str) -> bool) -> Vec<System> {
    let mut sources: BTreeMap<String, Vec<Scanned>> = BTreeMap::new();
    for scanned in input {
        sources.entry(scanned.source.identity.clone()).or_default().push(scanned);
    }
    let mut systems: Vec<System> = sources.into_values().flat_map(|scans| systems_of(joined(scans), wanted)).collect();
    systems.sort_by(|a, b| (&a.name, &a.source, &a.folder, &a.id).cmp(&(&b.name, &b.source, &b.folder, &b.id)));
    systems
}

/// Several scans of one source as one.
fn joined(mut scans: Vec<Scanned>) -> Scanned {
    scans.sort_by(|a, b| a.source.cmp(&b.source));
    let mut scans = scans.into_iter();
    let mut all = scans.next().expect("a group of scans holds at least one");
    for other in scans {
        all.evidence.extend(other.evidence);
        all.projects.extend(other.projects);
        all.statements.extend(other.statements);
        all.manifests.extend(other.manifests);
        all.past.merge(other.past);
    }
    all.projects.sort();
    all.manifests.sort();
    all.manifests.dedup();
    all
}

/// Whether the source is a tree of files, as opposed to a platform that gave records.
fn is_tree(source: &Source) -> bool {
    matches!(source.kind.as_str(), "directory" | "file" | "git" | "archive" | "image")
}

fn systems_of(mut scanned: Scanned, wanted: &dyn Fn(&Source, &str) -> bool) -> Vec<System> {
    scanned.evidence = own::without_own_modules(scanned.evidence, &scanned.projects);
    if is_tree(&scanned.source) {
        units_of(scanned, wanted)
    } else {
        records::systems(scanned)
    }
}

fn units_of(scanned: Scanned, wanted: &dyn Fn(&Source, &str) -> bool) -> Vec<System> {
    let Scanned {
        source,
        evidence,
        projects,
        statements,
        manifests,
        past,
    } = scanned;
    let boundaries = Boundaries::of(&manifests, &projects, &evidence);
    let mut units: BTreeMap<String, Vec<Evidence>> = BTreeMap::new();
    for seen in evidence {
        units
            .entry(boundaries.folder_of(&seen.location.path).to_owned())
            .or_default()
            .push(seen);
    }
    declared::mark_undeclared(&mut units, &boundaries, &manifests, &projects);
    let supply = supplied::Supply::of(units.values().flatten());
    locks::hand_down(&mut units);
    let mut units = without_weak(units);
    locks::hand_to_the_only_taker(&mut units);
    let said = said::Said::of(statements, &boundaries);
    let count = units.len();
    let projects = units::Projects::of(&projects);
    let mut systems = Vec::new();
    for (folder, mut evidence) in units {
        supplied::settle(&mut evidence, &supply);
        elsewhere::follow(&mut evidence);
        vendors::drop_mere_sdks(&mut evidence);
        evidence.retain(|seen| wanted(&source, &seen.location.path));
        if evidence.is_empty() {
            continue;
        }
        let id = digest(&[&source.identity, &folder]);
        let project = projects.of_unit(&folder);
        let tagged = tagged::Tagged::of(said.tags(&folder), said.entries(&folder, &evidence), &evidence, past.name_people);
        let since = Since::of(&evidence, projects.standing_in(&folder), &tagged, &past);
        let mut system = System {
            components: components::merge(&id, evidence),
            id,
            name: tagged
                .name(&folder)
                .or_else(|| project.map(|project| project.name.clone()))
                .unwrap_or_else(|| units::name_of(&folder, &source)),
            description: project.and_then(|project| project.description.clone()),
            source: source.identity.clone(),
            boundary: boundaries.what_draws(&folder).to_owned(),
            said: tagged.with(said.about(&folder, count)),
            folder,
            owners: Vec::new(),
            people: People::default(),
            classification: Classification::default(),
            standing: crate::register::Standing::default(),
            first_seen: None,
            last_seen: None,
        };
        since.into(&mut system);
        systems.push(system);
    }
    systems
}

/// Moves the evidence of units that are no systems to the nearest enclosing unit that is one, else to the root.
fn without_weak(units: BTreeMap<String, Vec<Evidence>>) -> BTreeMap<String, Vec<Evidence>> {
    let (weak, mut kept): (BTreeMap<_, _>, BTreeMap<_, _>) = units
        .into_iter()
        .partition(|(folder, evidence)| !folder.is_empty() && evidence.iter().all(is_weak));
    for (folder, evidence) in weak {
        let home = units::enclosing(&folder)
            .find(|outer| kept.contains_key(*outer))
            .unwrap_or_default()
            .to_owned();
        kept.entry(home).or_default().extend(evidence);
    }
    kept
}

/// Whether a statement alone makes no system.
fn is_weak(evidence: &Evidence) -> bool {
    evidence.relation == Some(Relation::Transitive)
        || is_lockfile(&evidence.location.path)
        || evidence.confidence == Confidence::Low
        || evidence.kind == ComponentKind::AssistantConfig
}

/// Twelve hexadecimal digits that stand for a list of texts.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps `a` + `bc` apart from `ab` + `c`.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::{Location, Stage, Usage};

    fn scanned(evidence: Vec<Evidence>, manifests: &[&str]) -> Scanned {
        Scanned {
            source: sample::source("https://example.org/shop.git"),
            evidence,
            projects: Vec::new(),
            statements: Vec::new(),
            manifests: manifests.iter().map(|path| (*path).to_owned()).collect(),
            past: Past::default(),
        }
    }

    fn folders(systems: &[System]) -> Vec<&str> {
        let mut folders: Vec<&str> = systems.iter().map(|system| system.folder.as_str()).collect();
        folders.sort_unstable();
        folders
    }

    fn model(name: &str, path: &str) -> Evidence {
        sample::seen(ComponentKind::Model, name, path)
    }

    #[test]
    fn evidence_belongs_to_the_nearest_unit_with_a_manifest() {
        let seen = vec![
            model("a", "apps/web/src/x.ts"),
            model("b", "apps/web/y.ts"),
            model("c", "services/rank/main.py"),
            model("d", "scripts/run.py"),
        ];
        let systems = correlate(vec![scanned(
            seen,
            &["package.json", "apps/web/package.json", "services/rank/pyproject.toml"],
        )]);
        assert_eq!(folders(&systems), ["", "apps/web", "services/rank"]);
        let web = systems.iter().find(|system| system.folder == "apps/web").expect("is there");
        assert_eq!(
            (web.name.as_str(), web.boundary.as_str(), web.components.len()),
            ("web", "manifest", 2)
        );
    }

    #[test]
    fn without_a_manifest_the_repository_is_the_system() {
        let systems = correlate(vec![scanned(vec![model("a", "deep/down/x.py")], &[])]);
        assert_eq!(
            (folders(&systems), systems[0].boundary.as_str(), systems[0].name.as_str()),
            (vec![""], "repository", "shop")
        );
    }

    #[test]
    fn what_is_not_wanted_still_tells_what_the_rest_is() {
        let scan = || {
            let mut scan = scanned(
                vec![model("a", "web/x.ts"), model("b", "web/y.ts"), model("c", "api/z.py")],
                &["web/package.json", "api/setup.py"],
            );
            scan.projects.push(Project {
                path: "web/package.json".to_owned(),
                scope: "npm".to_owned(),
                name: "storefront".to_owned(),
                version: None,
                description: None,
                people: Vec::new(),
            });
            vec![scan]
        };
        let some = correlate_only(scan(), &|_, path| path == "web/y.ts");
        let all = correlate(scan());
        let whole = all.iter().find(|system| system.folder == "web").expect("is there");
        assert_eq!(some.len(), 1);
        assert_eq!((&some[0].id, some[0].name.as_str()), (&whole.id, "storefront"));
        assert_eq!(
            some[0]
                .components
                .iter()
                .map(|component| component.name.as_str())
                .collect::<Vec<_>>(),
            ["b"]
        );
        assert!(correlate_only(scan(), &|_, _| false).is_empty());
    }

    #[test]
    fn no_evidence_is_no_system() {
        assert!(correlate(vec![scanned(Vec::new(), &["package.json", "apps/web/package.json"])]).is_empty());
        assert!(correlate(Vec::new()).is_empty());
    }

    #[test]
    fn a_system_keeps_its_identity_when_lines_move_and_loses_it_with_its_folder() {
        let here = |path: &str, line: u32, source: &str| {
            let mut scanned = scanned(
                vec![Evidence {
                    location: Location::new(path, line),
                    ..model("gpt-4o", path)
                }],
                &["web/package.json", "api/package.json"],
            );
            scanned.source = sample::source(source);
            let system = correlate(vec![scanned]).remove(0);
            (system.id, system.components[0].id.clone())
        };
        assert_eq!(here("web/a.ts", 1, "s"), here("web/b.ts", 99, "s"));
        assert_ne!(here("web/a.ts", 1, "s"), here("api/a.ts", 1, "s"));
        assert_ne!(here("web/a.ts", 1, "s").0, here("web/a.ts", 1, "t").0);
        assert!(here("web/a.ts", 1, "s").0.len() == 12);
    }

    #[test]
    fn two_clones_of_one_repository_are_one_set_of_systems() {
        let mut other = scanned(vec![model("b", "web/y.ts")], &["web/package.json"]);
        other.source.location = "/elsewhere/shop".into();
        let systems = correlate(vec![scanned(vec![model("a", "web/x.ts")], &["web/package.json"]), other]);
        assert_eq!((systems.len(), systems[0].components.len()), (1, 2));
    }

    #[test]
    fn transitive_lines_of_a_lockfile_make_no_system_beside_another() {
        let transitive = |path: &str| Evidence {
            relation: Some(Relation::Transitive),
            stage: Stage::Declared,
            ..sample::seen(ComponentKind::Package, "openai", path)
        };
        let manifests = ["package.json", "web/package.json", "web/package-lock.json"];
        let systems = correlate(vec![scanned(
            vec![model("a", "src/x.ts"), transitive("web/package-lock.json")],
            &manifests,
        )]);
        assert_eq!((folders(&systems), systems[0].components.len()), (vec![""], 2));
        // Alone it is kept, as what it is.
        let systems = correlate(vec![scanned(vec![transitive("web/package-lock.json")], &manifests)]);
        assert_eq!((folders(&systems), systems[0].components[0].stage), (vec![""], Stage::Declared));
        let resolved = Evidence {
            relation: Some(Relation::Direct),
            ..transitive("web/package-lock.json")
        };
        assert_eq!(
            folders(&correlate(vec![scanned(vec![model("a", "src/x.ts"), resolved], &manifests)])),
            [""]
        );
        // A direct declaration makes a system.
        let direct = Evidence {
            relation: Some(Relation::Direct),
            ..transitive("web/package.json")
        };
        assert_eq!(
            folders(&correlate(vec![scanned(vec![model("a", "src/x.ts"), direct], &manifests)])),
            ["", "web"]
        );
    }

    #[test]
    fn assistants_and_hints_below_a_system_belong_to_it() {
        let assistant = sample::seen(ComponentKind::AssistantConfig, "claude-code", "packages/core/lib/CLAUDE.md");
        let hint = Evidence {
            confidence: Confidence::Low,
            ..sample::seen(ComponentKind::Endpoint, "claude.ai", "packages/core/lib/link.ts")
        };
        let manifests = ["package.json", "packages/core/package.json", "packages/core/lib/package.json"];
        let systems = correlate(vec![scanned(
            vec![assistant.clone(), hint, model("a", "packages/core/x.ts")],
            &manifests,
        )]);
        assert_eq!((folders(&systems), systems[0].components.len()), (vec!["packages/core"], 3));
        assert_eq!(folders(&correlate(vec![scanned(vec![assistant], &manifests)])), [""]);
    }

    #[test]
    fn only_test_evidence_stays_with_its_unit() {
        let tested = Evidence {
            usage: Usage::Test,
            ..model("a", "web/tests/a.ts")
        };
        let systems = correlate(vec![scanned(vec![tested], &["package.json", "web/package.json"])]);
        assert_eq!((folders(&systems), systems[0].components[0].usage), (vec!["web"], Usage::Test));
    }

    #[test]
    fn names_and_descriptions_come_from_the_units_own_manifest() {
        let mut scan = scanned(
            vec![model("a", "web/x.ts"), model("b", "y.py")],
            &["web/package.json", "pyproject.toml", "package.json"],
        );
        let project = |path: &str, name: &str, description: Option<&str>| Project {
            path: path.into(),
            scope: "npm".into(),
            name: name.into(),
            version: None,
            description: description.map(str::to_owned),
            people: Vec::new(),
        };
        scan.projects = vec![
            project("web/package.json", "@shop/web", Some("The shop's front")),
            project("package.json", "tooling", None),
            project("pyproject.toml", "shop-core", None),
            project("web/node_modules/x/package.json", "x", Some("not ours")),
        ];
        let systems = correlate(vec![scan]);
        let named: Vec<_> = systems
            .iter()
            .map(|system| (system.name.as_str(), system.description.as_deref()))
            .collect();
        assert_eq!(named, [("@shop/web", Some("The shop's front")), ("shop-core", None)]);
    }

    /// A source of many shapes of evidence, drawn by a small generator.
    fn mixed(seed: u64) -> Scanned {
        let mut state = seed;
        let mut draw = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % below
        };
        let folders = ["", "web/", "web/tests/", "api/", "api/inner/", "docs/", "vendor/x/"];
        let kinds = [
            ComponentKind::Provider,
            ComponentKind::Package,
            ComponentKind::Model,
            ComponentKind::AssistantConfig,
        ];
        let names = ["openai", "OpenAI", "gpt-4o", "GPT-4o", "acme"];
        let evidence = (0..120)
            .map(|_| {
                let mut seen = sample::seen(kinds[draw(4)], names[draw(5)], &format!("{}f{}.py", folders[draw(7)], draw(6)));
                seen.location.line = Some(u32::try_from(draw(4)).expect("small") + 1);
                seen.stage = [Stage::Declared, Stage::Referenced, Stage::Invoked, Stage::Configured][draw(4)];
                seen.confidence = [Confidence::Low, Confidence::Medium, Confidence::High][draw(3)];
                seen.usage = [Usage::Docs, Usage::Test, Usage::Runtime][draw(3)];
                seen.relation = [None, Some(Relation::Direct), Some(Relation::Transitive), Some(Relation::Dev)][draw(4)];
                seen.version = [None, Some("1.0".to_owned()), Some("2".to_owned())][draw(3)].clone();
                seen.product = Some(format!("p.{}", draw(2)));
                seen.facts.insert(
                    "purposes".into(),
                    ["embedding text-generation", "text-generation", "agents"][draw(3)].into(),
                );
                seen.facts.insert(
                    ["basis", "imported", "ecosystem", "client-of", "owner"][draw(5)].into(),
                    ["sdk", "python", "pypi", "openai", "team"][draw(5)].into(),
                );
                seen
            })
            .collect();
        let mut scan = scanned(
            evidence,
            &[
                "web/package.json",
                "api/pyproject.toml",
                "api/inner/Dockerfile",
                "web/tests/package.json",
                "vendor/x/package.json",
            ],
        );
        scan.projects = vec![
            Project {
                path: "web/package.json".into(),
                scope: "npm".into(),
                name: "web-app".into(),
                version: None,
                description: None,
                people: Vec::new(),
            },
            Project {
                path: "api/pyproject.toml".into(),
                scope: "pypi".into(),
                name: "api-app".into(),
                version: None,
                description: None,
                people: Vec::new(),
            },
        ];
        scan
    }

    #[test]
    fn the_order_of_evidence_does_not_matter() {
        for seed in 1..40_u64 {
            let scan = mixed(seed);
            let expected = format!("{:#?}", correlate(vec![scan.clone()]));
            let mut turned = scan.clone();
            let middle = usize::try_from(seed).expect("small") % turned.evidence.len();
            turned.evidence.rotate_left(middle);
            turned.evidence.reverse();
            turned.manifests.reverse();
            turned.projects.reverse();
            assert_eq!(format!("{:#?}", correlate(vec![turned.clone()])), expected, "seed {seed}");
            // Split over two scans of one source, in either order.
            let mut rest = scan.clone();
            rest.evidence = turned.evidence.split_off(50);
            assert_eq!(
                format!("{:#?}", correlate(vec![turned.clone(), rest.clone()])),
                expected,
                "seed {seed}"
            );
            assert_eq!(format!("{:#?}", correlate(vec![rest, turned])), expected, "seed {seed}");
        }
    }

    #[test]
    fn no_evidence_is_lost_or_told_twice() {
        for seed in 1..20_u64 {
            let scan = mixed(seed);
            let mut told: Vec<Evidence> = correlate(vec![scan.clone()])
                .into_iter()
                .flat_map(|system| system.components)
                .flat_map(|component| component.evidence)
                .collect();
            for seen in &mut told {
                seen.facts.remove("undeclared");
            }
            let mut all = scan.evidence;
            all.sort();
            all.dedup();
            told.sort();
            let dropped = all
                .iter()
                .filter(|seen| !told.contains(seen))
                .all(|seen| seen.kind == ComponentKind::Provider && seen.facts.get("basis").is_some_and(|basis| basis == "sdk"));
            assert!(dropped && told.windows(2).all(|pair| pair[0] != pair[1]), "seed {seed}");
        }
    }
}
