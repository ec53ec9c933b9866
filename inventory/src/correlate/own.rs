//! What a source's files import of the source itself is no library of somebody else that is called alike: a project `whisper`
//! imports its own `whisper`. Only modules whose package has another name are in question.

use std::collections::BTreeSet;

use evidence::Evidence;

use super::{Project, declared, units};

/// The name of the fact in which recognition says which module was imported.
const MODULE: &str = "module";

/// The evidence without what is the source's own; which module was imported is not told any further.
pub(super) fn without_own_modules(mut evidence: Vec<Evidence>, projects: &[Project]) -> Vec<Evidence> {
    let own: BTreeSet<(&str, String)> = projects
        .iter()
        .filter(|project| !units::is_aside(&project.path))
        .map(|project| (project.scope.as_str(), plain(&project.name)))
        .collect();
    let declared: BTreeSet<String> = evidence
        .iter()
        .filter(|seen| seen.facts.contains_key("ecosystem"))
        .filter_map(|seen| seen.product.clone())
        .collect();
    let mut mistaken: BTreeSet<(String, String)> = BTreeSet::new();
    for seen in &mut evidence {
        let Some(module) = seen.facts.remove(MODULE) else { continue };
        let Some(product) = seen.product.clone().filter(|product| !declared.contains(product)) else {
            continue;
        };
        let language = seen.facts.get("imported").map_or("", String::as_str);
        let (ecosystems, _) = declared::supply_of(language);
        if ecosystems.iter().any(|ecosystem| own.contains(&(*ecosystem, plain(&module)))) {
            mistaken.insert((seen.location.path.clone(), product));
        }
    }
    if !mistaken.is_empty() {
        let of = |seen: &Evidence| Some((seen.location.path.clone(), seen.product.clone()?));
        evidence.retain(|seen| of(seen).is_none_or(|place| !mistaken.contains(&place)));
    }
    evidence
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['-', '.'], "_")
}

#[cfg(test)]
mod tests {
    use evidence::{ComponentKind, Facts};

    use super::*;
    use crate::sample;

    fn import(path: &str, module: &str) -> Evidence {
        Evidence {
            product: Some("whisper.library".into()),
            facts: Facts::from_iter([("imported".into(), "python".to_owned()), (MODULE.into(), module.to_owned())]),
            ..sample::seen(ComponentKind::Framework, "openai-whisper", path)
        }
    }

    fn project(path: &str, scope: &str, name: &str) -> Project {
        Project {
            path: path.to_owned(),
            scope: scope.to_owned(),
            name: name.to_owned(),
            version: None,
            description: None,
            people: Vec::new(),
        }
    }

    fn kept(evidence: Vec<Evidence>, projects: &[Project]) -> usize {
        let kept = without_own_modules(evidence, projects);
        assert!(kept.iter().all(|seen| !seen.facts.contains_key(MODULE)));
        kept.len()
    }

    #[test]
    fn a_project_imports_itself() {
        let called = Evidence {
            facts: Facts::new(),
            ..import("bin/merge.py", "whisper")
        };
        let seen = vec![import("bin/merge.py", "whisper"), called];
        assert_eq!(kept(seen, &[project("setup.py", "pypi", "Whisper")]), 0);
    }

    #[test]
    fn other_projects_and_declared_packages_stay() {
        let seen = || vec![import("app.py", "whisper")];
        for other in [
            project("setup.py", "pypi", "openai-whisper"),
            project("package.json", "npm", "whisper"),
            project("examples/x/setup.py", "pypi", "whisper"),
        ] {
            assert_eq!(kept(seen(), &[other]), 1);
        }
        let declared = Evidence {
            facts: Facts::from_iter([("ecosystem".into(), "pypi".to_owned())]),
            ..import("requirements.txt", "whisper")
        };
        let both = vec![import("app.py", "whisper"), declared];
        assert_eq!(kept(both, &[project("setup.py", "pypi", "whisper")]), 2);
    }
}
