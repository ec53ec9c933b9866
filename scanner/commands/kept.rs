//! Commands that read the inventory that scans have kept.

use anyhow::{Context, Result, bail};
use inventory::store::{SnapshotId, Store};
use inventory::{Inventory, System};

use super::Outcome;
use crate::cli::{Database, Diff, Global, Report, Show};
use crate::terminal;

const NOTHING_KEPT: &str = "no scan has been kept in this database yet; run `aimscan scan PATH` first";

/// Opens the database; there must have been a scan.
fn open(database: &Database, global: &Global) -> Result<Store> {
    let file = super::database(database, &super::settings(global)?)?;
    if !file.exists() {
        bail!(
            "there is no inventory at {} yet; run `aimscan scan PATH` first, or name another with --db",
            file.display()
        );
    }
    Ok(Store::open(&file)?)
}

fn current(store: &Store) -> Result<Inventory> {
    store.current()?.context(NOTHING_KEPT)
}

/// `aimscan systems`.
pub(super) fn systems(database: &Database, global: &Global) -> Result<Outcome> {
    let inventory = current(&open(database, global)?)?;
    super::done(terminal::write(None, &report::text::table(&inventory, terminal::style())))
}

/// `aimscan show`.
pub(super) fn show(options: &Show, global: &Global) -> Result<Outcome> {
    let inventory = current(&open(&options.database, global)?)?;
    let wanted = options.id.as_str();
    let by_id: Vec<&System> = inventory.systems.iter().filter(|system| system.id.starts_with(wanted)).collect();
    let found = if by_id.is_empty() {
        inventory
            .systems
            .iter()
            .filter(|system| system.name == wanted || system.folder == wanted)
            .collect()
    } else {
        by_id
    };
    match found.as_slice() {
        [] => bail!("no system `{wanted}`; `aimscan systems` lists them"),
        [system] => super::done(terminal::write(None, &report::text::show(&inventory, system, terminal::style()))),
        several => {
            let ids: Vec<String> = several.iter().map(|system| format!("{} ({})", system.id, system.name)).collect();
            bail!("`{wanted}` means several systems: {}", ids.join(", "))
        }
    }
}

/// `aimscan diff`.
pub(super) fn diff(options: &Diff, global: &Global) -> Result<Outcome> {
    let store = open(&options.database, global)?;
    let last = store.snapshots()?.first().context(NOTHING_KEPT)?.id;
    let after = options.after.map_or(last, SnapshotId);
    let inventory = store.snapshot(after)?;
    let (before, earlier) = match options.before.map(SnapshotId) {
        Some(before) => (before, store.snapshot(before)?),
        None => match store.previous(after)? {
            Some(recorded) => (recorded.id, recorded.inventory),
            None => bail!("snapshot {after} is the first of what it covers; there is nothing to compare it with yet"),
        },
    };
    let changes = inventory::changes::diff(&earlier, &inventory);
    let text = if options.json {
        serde_json::to_string_pretty(&changes)?
    } else {
        report::text::changes(&before.to_string(), &after.to_string(), changes.sentences(), terminal::style())
    };
    super::done(terminal::write(None, &text))
}

/// `aimscan report`.
pub(super) fn report(options: &Report, global: &Global) -> Result<Outcome> {
    let store = open(&options.database, global)?;
    let inventory = match options.snapshot {
        Some(id) => store.snapshot(SnapshotId(id))?,
        None => current(&store)?,
    };
    let text = super::render(&inventory, &options.output, &report::text::Run::default());
    super::done(terminal::write(options.output.output.as_deref(), &text))
}
