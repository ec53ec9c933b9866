//! What was known before: the components, findings and tiers of an earlier inventory, so that only what is new counts.
//!
//! A finding is known if the earlier one of the same rule, system and component stood in all of its files: a credential that
//! turns up in another file is new, one that moves within its file is not.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;

use crate::correlate::components;
use crate::{Component, Finding, Inventory, System, Tier};

/// What an earlier inventory held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Systems by id, with the tier that was indicated, where that is known.
    systems: BTreeMap<String, Option<Tier>>,
    /// Components by id, with the files they were seen in.
    components: BTreeMap<String, BTreeSet<String>>,
    /// Findings by what they are about, with the files they stood in; absent where findings were not part of what was kept.
    findings: Option<BTreeMap<String, BTreeSet<String>>>,
}

impl Baseline {
    /// What an inventory holds.
    #[must_use]
    pub fn of(inventory: &Inventory) -> Self {
        let mut baseline = Self::default();
        baseline.holds_findings();
        for system in &inventory.systems {
            baseline.add_system(&system.id, Some(system.classification.indicated));
            for component in &system.components {
                baseline.add_component(&component.id, files(&component.evidence));
            }
        }
        for finding in &inventory.findings {
            baseline.add_finding(&subject(finding), files(&finding.evidence));
        }
        baseline
    }

    /// Says that findings are part of what was kept, even if there are none.
    pub fn holds_findings(&mut self) {
        self.findings.get_or_insert_default();
    }

    /// Adds a system.
    pub fn add_system(&mut self, id: &str, tier: Option<Tier>) {
        let known = self.systems.entry(id.to_owned()).or_default();
        *known = tier.or(*known);
    }

    /// Adds a component with the files it was seen in.
    pub fn add_component(&mut self, id: &str, files: impl IntoIterator<Item = String>) {
        self.components.entry(id.to_owned()).or_default().extend(files);
    }

    /// Adds a finding, by its [`subject`], with the files it stood in.
    pub fn add_finding(&mut self, subject: &str, files: impl IntoIterator<Item = String>) {
        self.findings
            .get_or_insert_default()
            .entry(subject.to_owned())
            .or_default()
            .extend(files);
    }

    /// Whether the system was there.
    #[must_use]
    pub fn knows_system(&self, system: &System) -> bool {
        self.systems.contains_key(&system.id)
    }

    /// Whether the system was there with this tier or a higher one, or with one that nobody kept.
    #[must_use]
    pub fn knows_tier(&self, system: &System, tier: Tier) -> bool {
        self.systems
            .get(&system.id)
            .is_some_and(|known| known.is_none_or(|known| known >= tier))
    }

    /// Whether the component was there.
    #[must_use]
    pub fn knows_component(&self, component: &Component) -> bool {
        self.components.contains_key(&component.id)
    }

    /// Whether the finding was there. Where no findings were kept, one counts as known if its component stood in its files.
    #[must_use]
    pub fn knows_finding(&self, finding: &Finding) -> bool {
        let known = match &self.findings {
            Some(findings) => findings.get(&subject(finding)),
            None => finding.evidence.first().and_then(|seen| {
                self.components
                    .get(&component_id(&finding.system, seen.kind.as_str(), &components::canonical(seen)))
            }),
        };
        known.is_some_and(|known| finding.evidence.iter().all(|seen| known.contains(&seen.location.path)))
    }
}

/// What a finding is about: its rule, its system, and the component that its evidence speaks of.
#[must_use]
pub fn subject(finding: &Finding) -> String {
    let about = finding
        .evidence
        .first()
        .map_or_else(String::new, |first| format!(":{}:{}", first.kind, first.name));
    format!("{}:{}{about}", finding.rule, finding.system)
}

/// The id of a component of a system, by its kind and name.
#[must_use]
pub fn component_id(system: &str, kind: &str, name: &str) -> String {
    components::id(system, kind, name)
}

fn files(evidence: &[Evidence]) -> BTreeSet<String> {
    evidence.iter().map(|seen| seen.location.path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use evidence::ComponentKind;

    use super::*;
    use crate::findings::{self, Policy};
    use crate::sample;

    fn scan(models: &[&str], providers: &[(&str, &str)]) -> Inventory {
        let mut evidence: Vec<_> = models.iter().map(|name| sample::seen(ComponentKind::Model, name, "a.py")).collect();
        evidence.extend(
            providers
                .iter()
                .map(|(name, path)| sample::seen(ComponentKind::Provider, name, path)),
        );
        let mut inventory = sample::inventory("01:00:00", vec![sample::system("shop", evidence)]);
        let policy = Policy {
            approved: crate::policy::Approved {
                providers: Some(Vec::new()),
                ..Default::default()
            },
            ..Policy::default()
        };
        inventory.findings = findings::findings(&inventory.systems, &policy);
        inventory
    }

    #[test]
    fn what_was_there_is_known_and_nothing_else() {
        let baseline = Baseline::of(&scan(&["gpt-4o"], &[("openai", "a.py")]));
        let later = scan(&["GPT-4o", "gpt-5"], &[("openai", "a.py"), ("groq", "a.py")]);
        let system = &later.systems[0];
        let known: Vec<_> = system
            .components
            .iter()
            .map(|component| (component.name.as_str(), baseline.knows_component(component)))
            .collect();
        assert!(known.contains(&("openai", true)) && known.contains(&("groq", false)), "{known:?}");
        assert!(
            known.contains(&("gpt-5", false)) && known.iter().filter(|(_, known)| *known).count() == 2,
            "{known:?}"
        );
        let findings: Vec<_> = later.findings.iter().map(|finding| baseline.knows_finding(finding)).collect();
        assert_eq!(findings.iter().filter(|known| **known).count(), 1);
        assert!(baseline.knows_system(system) && !Baseline::default().knows_system(system));
        let mut other = system.clone();
        other.id = "other".to_owned();
        assert!(!baseline.knows_system(&other));
    }

    #[test]
    fn a_finding_in_another_file_is_new() {
        let baseline = Baseline::of(&scan(&[], &[("openai", "a.py"), ("openai", "b.py")]));
        assert!(baseline.knows_finding(&scan(&[], &[("openai", "b.py")]).findings[0]));
        assert!(!baseline.knows_finding(&scan(&[], &[("openai", "b.py"), ("openai", "c.py")]).findings[0]));
    }

    #[test]
    fn a_tier_counts_as_known_up_to_what_it_was() {
        let system = scan(&["gpt-4o"], &[]).systems.remove(0);
        let mut baseline = Baseline::default();
        assert!(!baseline.knows_tier(&system, Tier::Limited));
        baseline.add_system(&system.id, Some(Tier::Limited));
        assert!(baseline.knows_tier(&system, Tier::Limited) && !baseline.knows_tier(&system, Tier::High));
        let mut without_tiers = Baseline::default();
        without_tiers.add_system(&system.id, None);
        assert!(without_tiers.knows_tier(&system, Tier::Stop));
    }

    #[test]
    fn where_no_findings_were_kept_their_components_speak_for_them() {
        let later = scan(&[], &[("openai", "a.py")]);
        let mut baseline = Baseline::default();
        assert!(!baseline.knows_finding(&later.findings[0]));
        let id = component_id(&later.systems[0].id, "provider", "openai");
        assert_eq!(later.systems[0].components[0].id, id);
        baseline.add_component(&id, ["a.py".to_owned()]);
        assert!(baseline.knows_finding(&later.findings[0]));
        baseline.holds_findings();
        assert!(!baseline.knows_finding(&later.findings[0]));
    }
}
