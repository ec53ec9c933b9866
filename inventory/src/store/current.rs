//! What the database knows now: of each source, its newest snapshot.

use std::collections::{BTreeMap, BTreeSet};

use super::{Result, SnapshotId, Store};
use crate::Inventory;

impl Store {
    /// The inventory of every source that was ever scanned, each as its newest snapshot shows it; nothing if there is none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn current(&self) -> Result<Option<Inventory>> {
        let newest = self.newest_by_source()?;
        let mut by_snapshot: BTreeMap<SnapshotId, BTreeSet<String>> = BTreeMap::new();
        for (source, id) in newest {
            by_snapshot.entry(id).or_default().insert(source);
        }
        let mut current = self.assembled(by_snapshot)?;
        if let Some(current) = &mut current {
            current.coverage.gaps.extend(self.gaps_of_last_run()?);
            current.coverage.settle();
        }
        Ok(current)
    }

    /// One inventory of several snapshots, of each the sources that are named for it; nothing if none is.
    pub(super) fn assembled(&self, by_snapshot: BTreeMap<SnapshotId, BTreeSet<String>>) -> Result<Option<Inventory>> {
        let mut current: Option<Inventory> = None;
        for (id, sources) in by_snapshot.into_iter().rev() {
            let mut inventory = self.snapshot(id)?;
            inventory.sources.retain(|source| sources.contains(&source.identity));
            inventory.systems.retain(|system| sources.contains(&system.source));
            let kept: BTreeSet<&str> = inventory.systems.iter().map(|system| system.id.as_str()).collect();
            inventory.findings.retain(|finding| kept.contains(finding.system.as_str()));
            match &mut current {
                // The newest snapshot comes first and speaks for the whole.
                None => current = Some(inventory),
                Some(current) => {
                    current.sources.extend(inventory.sources);
                    current.systems.extend(inventory.systems);
                    current.findings.extend(inventory.findings);
                    current.coverage.merge(inventory.coverage);
                }
            }
        }
        if let Some(current) = &mut current {
            current.coverage.settle();
            current.sources.sort();
            current
                .systems
                .sort_by(|a, b| (&a.name, &a.source, &a.folder, &a.id).cmp(&(&b.name, &b.source, &b.folder, &b.id)));
            current.findings.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.cmp(b)));
        }
        Ok(current)
    }
}
