//! Imports that no manifest declares.

use super::{Found, Policy, Rule, places};
use crate::{Component, Level, System};

pub(super) const UNDECLARED: Rule = Rule {
    id: "imported-undeclared",
    title: "An AI package is imported but not declared",
    why: "Code imports an AI package that no manifest of its unit declares, so it escapes review and version control.",
    find: |system, _: &Policy| {
        system
            .components
            .iter()
            .filter_map(|component| undeclared(system, component))
            .collect()
    },
};

fn undeclared(system: &System, component: &Component) -> Option<Found> {
    let ecosystem = component.evidence.iter().find_map(|seen| seen.facts.get("undeclared"))?;
    let name = &component.name;
    Some(Found {
        level: Level::Warning,
        message: format!(
            "`{name}` is imported, but no {ecosystem} manifest of `{}` or of a unit around it declares it.",
            system.name
        ),
        remedy: format!(
            "Declare `{name}` with a version in the manifest of `{}`, or remove the import, so that the inventory and the lockfile agree.",
            system.name
        ),
        evidence: places(component, |seen| seen.facts.contains_key("undeclared")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{
        findings,
        tests::{rules, with},
    };
    use crate::sample;
    use evidence::ComponentKind;

    #[test]
    fn an_undeclared_import_is_found_with_its_places_only() {
        let seen = |path: &str| sample::seen(ComponentKind::Package, "openai", path);
        let system = sample::system("shop", vec![with(seen("src/a.py"), &[("undeclared", "pypi")]), seen("tests/a.py")]);
        let found = findings(&[system], &Policy::default());
        assert_eq!(rules(&found), [("imported-undeclared", Level::Warning)]);
        assert_eq!(
            found[0].evidence.iter().map(|seen| seen.location.path.as_str()).collect::<Vec<_>>(),
            ["src/a.py"]
        );
        assert!(found[0].message.contains("`openai`") && found[0].message.contains("pypi"));
    }
}
