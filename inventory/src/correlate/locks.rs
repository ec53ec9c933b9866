//! Lockfiles: what they say belongs to the units that declare it, and makes no unit a system.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Evidence, Relation, Stage};

use super::units;

/// Whether a file records what was resolved, or which version everybody is to take, as opposed to what somebody asked for.
#[must_use]
pub fn is_lockfile(path: &str) -> bool {
    let name = units::file_name(path);
    matches!(
        name,
        "package-lock.json"
            | "npm-shrinkwrap.json"
            | "pnpm-lock.yaml"
            | "pylock.toml"
            | "go.sum"
            | "packages.lock.json"
            | "Directory.Packages.props"
            | "Package.resolved"
            | "gems.locked"
            | "Manifest.toml"
            | "JuliaManifest.toml"
    ) || name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty() && matches!(extension, "lock" | "lockfile") || stem.ends_with(".deps") && extension == "json"
    }) || is_lock_of_conda(name)
        || is_bill_of_materials(name)
}

fn is_lock_of_conda(name: &str) -> bool {
    name.strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"))
        .is_some_and(|stem| stem == "conda-lock" || stem.ends_with(".conda-lock"))
}

/// Whether a file is a list of components that a tool made.
fn is_bill_of_materials(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let stem = lower.rsplit_once('.').map_or("", |(stem, _)| stem);
    [".json", ".xml", ".spdx"].iter().any(|ending| lower.ends_with(ending))
        && (matches!(stem, "bom" | "sbom")
            || ["sbom-", "sbom_", "sbom."].iter().any(|start| lower.starts_with(start))
            || [".bom", "-bom", "_bom", ".sbom", "-sbom", "_sbom", ".cdx", ".spdx", ".spdx3"]
                .iter()
                .any(|ending| stem.ends_with(ending))
            || lower.ends_with(".spdx"))
}

/// Hands lines of lockfiles to the units below that declare the same component in a manifest of their own. A line that
/// two of them declare speaks of both. Nothing changes where the folder of the lockfile declares the component itself.
pub(super) fn hand_down(units: &mut BTreeMap<String, Vec<Evidence>>) {
    let mut declaring: BTreeMap<(ComponentKind, String), BTreeSet<String>> = BTreeMap::new();
    for (folder, seen) in units
        .iter()
        .flat_map(|(folder, evidence)| evidence.iter().map(move |seen| (folder, seen)))
    {
        if seen.relation.is_some() && !is_lockfile(&seen.location.path) {
            declaring.entry(component_of(seen)).or_default().insert(folder.clone());
        }
    }
    let mut handed: Vec<(String, Evidence)> = Vec::new();
    for (folder, evidence) in units.iter_mut() {
        evidence.retain(|seen| {
            if seen.stage != Stage::Declared || !is_lockfile(&seen.location.path) {
                return true;
            }
            let Some(declaring) = declaring.get(&component_of(seen)).filter(|declaring| !declaring.contains(folder)) else {
                return true;
            };
            let below: Vec<&String> = below(declaring, folder).collect();
            handed.extend(below.iter().map(|unit| ((*unit).clone(), seen.clone())));
            below.is_empty()
        });
    }
    for (unit, seen) in handed {
        units.entry(unit).or_default().push(seen);
    }
    units.retain(|_, evidence| !evidence.is_empty());
}

/// Hands what the lockfile of the source only brings along to the one unit that takes AI from that lockfile, where nothing else
/// speaks of the source as a whole: it would be a system of which nobody asked for anything.
pub(super) fn hand_to_the_only_taker(units: &mut BTreeMap<String, Vec<Evidence>>) {
    let is_brought = |seen: &Evidence| seen.relation == Some(Relation::Transitive) && is_lockfile(&seen.location.path);
    let Some(whole) = units.get("").filter(|evidence| evidence.iter().all(is_brought)) else {
        return;
    };
    let locks: BTreeSet<&str> = whole.iter().map(|seen| seen.location.path.as_str()).collect();
    let takes = |evidence: &[Evidence]| evidence.iter().any(|seen| locks.contains(seen.location.path.as_str()));
    let takers: Vec<&String> = units
        .iter()
        .filter(|(folder, evidence)| !folder.is_empty() && takes(evidence))
        .map(|(folder, _)| folder)
        .collect();
    if let [taker] = takers.as_slice() {
        let taker = (*taker).clone();
        let brought = units.remove("").unwrap_or_default();
        units.entry(taker).or_default().extend(brought);
    }
}

/// The folders in another one, at any depth; all stand in the root, which is an empty text.
fn below<'f>(folders: &'f BTreeSet<String>, outer: &str) -> impl Iterator<Item = &'f String> {
    let start = if outer.is_empty() { String::new() } else { format!("{outer}/") };
    folders
        .range::<str, _>((std::ops::Bound::Excluded(start.as_str()), std::ops::Bound::Unbounded))
        .take_while(move |folder| folder.starts_with(&start))
}

fn component_of(seen: &Evidence) -> (ComponentKind, String) {
    (seen.kind, seen.name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn declared(name: &str, path: &str, relation: Relation) -> Evidence {
        Evidence {
            relation: Some(relation),
            stage: Stage::Declared,
            ..sample::seen(ComponentKind::Package, name, path)
        }
    }

    fn handed_down(units: &[(&str, Vec<Evidence>)]) -> BTreeMap<String, Vec<String>> {
        let mut units = units
            .iter()
            .map(|(folder, evidence)| ((*folder).to_owned(), evidence.clone()))
            .collect();
        hand_down(&mut units);
        let places = |evidence: Vec<Evidence>| {
            evidence
                .into_iter()
                .map(|seen| format!("{} {}", seen.name, seen.location.path))
                .collect()
        };
        units.into_iter().map(|(folder, evidence)| (folder, places(evidence))).collect()
    }

    #[test]
    fn a_shared_lockfile_speaks_of_the_units_that_declare() {
        let lock = |name: &str, relation| declared(name, "pnpm-lock.yaml", relation);
        let units = handed_down(&[
            (
                "",
                vec![
                    lock("openai", Relation::Direct),
                    lock("OpenAI", Relation::Direct),
                    lock("gateway", Relation::Transitive),
                ],
            ),
            ("apps/web", vec![declared("openai", "apps/web/package.json", Relation::Direct)]),
            ("apps/api", vec![declared("openai", "apps/api/package.json", Relation::Dev)]),
            ("apps/doc", vec![declared("mistral", "apps/doc/package.json", Relation::Direct)]),
        ]);
        assert_eq!(units[""], ["gateway pnpm-lock.yaml"]);
        assert_eq!(
            units["apps/web"],
            ["openai apps/web/package.json", "openai pnpm-lock.yaml", "OpenAI pnpm-lock.yaml"]
        );
        assert_eq!((units["apps/api"].len(), units["apps/doc"].len()), (3, 1));
    }

    #[test]
    fn what_the_root_declares_itself_stays_there() {
        let units = handed_down(&[
            (
                "",
                vec![
                    declared("openai", "package.json", Relation::Direct),
                    declared("openai", "package-lock.json", Relation::Direct),
                ],
            ),
            ("web", vec![declared("openai", "web/package.json", Relation::Direct)]),
        ]);
        assert_eq!((units[""].len(), units["web"].len()), (2, 1));
    }

    #[test]
    fn lines_go_down_and_never_sideways_or_up() {
        let units = handed_down(&[
            ("", vec![declared("openai", "package.json", Relation::Direct)]),
            ("web", vec![declared("openai", "web/yarn.lock", Relation::Direct)]),
            ("webapp", vec![declared("openai", "webapp/package.json", Relation::Direct)]),
        ]);
        assert_eq!((units[""].len(), units["web"].len(), units["webapp"].len()), (1, 1, 1));
    }

    #[test]
    fn lockfiles_are_known_by_name() {
        for lock in [
            "a/package-lock.json",
            "pnpm-lock.yaml",
            "yarn.lock",
            "uv.lock",
            "poetry.lock",
            "Cargo.lock",
            "Pipfile.lock",
            "bun.lock",
            "pylock.toml",
            "Gemfile.lock",
            "app/gradle.lockfile",
            "Directory.Packages.props",
            "packages.lock.json",
            "bin/Shop.deps.json",
            "Package.resolved",
            "bom.json",
            "dist/shop.cdx.xml",
            "sbom.spdx.json",
            "shop.spdx",
            "conda-lock.yml",
        ] {
            assert!(is_lockfile(lock), "{lock}");
        }
        for other in [
            "src/lock.py",
            "lock",
            ".lock",
            "locks/uv.toml",
            "requirements.txt",
            "bombay.json",
            "package.json",
            "deps.json",
            "libs.versions.toml",
        ] {
            assert!(!is_lockfile(other), "{other}");
        }
    }

    #[test]
    fn what_a_lockfile_only_brings_along_belongs_to_its_one_taker() {
        let line = |name: &str, path: &str, relation| declared(name, path, relation);
        let whole = || line("helper", "pnpm-lock.yaml", Relation::Transitive);
        let server = || vec![line("openai", "pnpm-lock.yaml", Relation::Direct)];
        let left = |units: &[(&str, Vec<Evidence>)]| {
            let mut units = units
                .iter()
                .map(|(folder, evidence)| ((*folder).to_owned(), evidence.clone()))
                .collect();
            hand_to_the_only_taker(&mut units);
            units.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(left(&[("", vec![whole()]), ("server", server())]), ["server"]);
        // Two that take from it, none, and a source that asks for something itself.
        assert_eq!(left(&[("", vec![whole()]), ("a", server()), ("b", server())]), ["", "a", "b"]);
        assert_eq!(left(&[("", vec![whole()])]), [""]);
        let asked = line("ai", "package.json", Relation::Direct);
        assert_eq!(left(&[("", vec![whole(), asked]), ("server", server())]), ["", "server"]);
    }
}
