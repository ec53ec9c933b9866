//! An inventory with its findings by system, so that each system is looked at once and not all findings for each.

use std::collections::BTreeMap;

use inventory::changes::Changes;
use inventory::{Finding, Inventory, System};

/// An inventory, as records and documents look at it.
#[derive(Debug)]
pub struct View<'a> {
    /// The inventory.
    pub inventory: &'a Inventory,
    /// What changed since the snapshot before, if there is one.
    pub changes: Option<&'a Changes>,
    findings: BTreeMap<&'a str, Vec<&'a Finding>>,
}

impl<'a> View<'a> {
    /// Of an inventory, and of what changed since the snapshot before.
    #[must_use]
    pub fn of(inventory: &'a Inventory, changes: Option<&'a Changes>) -> Self {
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &inventory.findings {
            findings.entry(&finding.system).or_default().push(finding);
        }
        Self {
            inventory,
            changes,
            findings,
        }
    }

    /// The findings of a system, most urgent first.
    #[must_use]
    pub fn findings(&self, system: &System) -> &[&'a Finding] {
        self.findings.get(system.id.as_str()).map_or(&[], Vec::as_slice)
    }
}
