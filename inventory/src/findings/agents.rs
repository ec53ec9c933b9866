//! Agents whose tools can do harm while nothing shows that a person must agree.

use std::collections::BTreeSet;

use evidence::{ComponentKind, Evidence};

use super::{Found, Policy, Rule, is_productive, places};
use crate::{Component, Level, System};

/// What a tool can do that matters: the catalog's word, and how a person says it.
const DANGEROUS: [(&str, &str); 8] = [
    ("shell", "run commands"),
    ("code-execution", "run code"),
    ("file-write", "write files"),
    ("database-write", "change databases"),
    ("browser", "act in a browser"),
    ("computer", "use a computer's screen and keyboard"),
    ("payment", "pay"),
    ("mail", "send messages"),
];

pub(super) const UNATTENDED: Rule = Rule {
    id: "unattended-agent",
    title: "An agent can act, and nothing shows that a person must agree",
    why: "What an agent reads can make it act; tools that change things need somebody's consent or a closed room.",
    find: |system, _: &Policy| unattended(system).into_iter().collect(),
};

fn capability(seen: &Evidence) -> Option<&'static str> {
    let told = seen.facts.get("capability")?;
    DANGEROUS
        .iter()
        .find(|(capability, _)| told.split_whitespace().any(|word| word == *capability))
        .map(|(_, says)| *says)
}

fn unattended(system: &System) -> Option<Found> {
    let is_agent = system.components.iter().any(|component| {
        matches!(
            component.kind,
            ComponentKind::AgentFramework | ComponentKind::McpServer | ComponentKind::Tool
        )
    });
    let asks = |component: &Component| {
        component
            .evidence
            .iter()
            .any(|seen| is_productive(seen) && seen.facts.get("practice").is_some_and(|practice| practice == "approval"))
    };
    if !is_agent || system.components.iter().any(asks) {
        return None;
    }
    let acting = |seen: &Evidence| is_productive(seen) && capability(seen).is_some();
    let able: Vec<&Component> = system
        .components
        .iter()
        .filter(|component| component.evidence.iter().any(acting))
        .collect();
    let can: BTreeSet<&str> = able
        .iter()
        .flat_map(|component| component.evidence.iter().filter_map(capability))
        .collect();
    (!can.is_empty()).then(|| Found {
        level: Level::Warning,
        message: format!(
            "Tools of `{}` can {}, and no step was seen in which a person agrees.",
            system.name,
            can.into_iter().collect::<Vec<_>>().join(", ")
        ),
        remedy: "Ask a person before the tool acts, or run it where it can do no harm; say in the register which of both it is.".to_owned(),
        evidence: able
            .into_iter()
            .flat_map(|component| places(component, acting))
            .take(super::MOST_PLACES)
            .collect(),
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

    #[test]
    fn dangerous_tools_are_told_of_unless_somebody_is_asked() {
        let tool = |capability: &str| with(sample::seen(ComponentKind::Tool, "T", "src/a.py"), &[("capability", capability)]);
        let asked = with(
            sample::seen(ComponentKind::AgentFramework, "f", "src/b.py"),
            &[("practice", "approval")],
        );
        let told = |evidence: Vec<Evidence>| rules(&findings(&[sample::system("s", evidence)], &Policy::default())).len();
        assert_eq!(told(vec![tool("shell")]), 1);
        assert_eq!(told(vec![tool("web-search")]), 0);
        assert_eq!(told(vec![tool("shell"), asked]), 0);
    }
}
