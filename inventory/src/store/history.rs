//! When systems and components were first and last seen.

use rusqlite::{Transaction, params};

use crate::Inventory;

/// Adds a scan to the history and writes into the inventory what the history then says. A scan that is recorded late
/// moves a first sight back, and never a last sight.
pub(super) fn update(transaction: &Transaction<'_>, inventory: &mut Inventory) -> rusqlite::Result<()> {
    let now = &inventory.scanned_at;
    let mut of_system = transaction.prepare(
        "INSERT INTO systems (id, source, name, first_seen, last_seen) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name,
             first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen)
         RETURNING first_seen, last_seen",
    )?;
    let mut of_component = transaction.prepare(
        "INSERT INTO components (id, system, kind, name, first_seen, last_seen) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name,
             first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen)
         RETURNING first_seen, last_seen",
    )?;
    for system in &mut inventory.systems {
        let seen = of_system.query_row(params![system.id, system.source, system.name, now], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        (system.first_seen, system.last_seen) = seen;
        for component in &mut system.components {
            let row = params![component.id, system.id, component.kind.as_str(), component.name, now];
            let seen = of_component.query_row(row, |row| Ok((row.get(0)?, row.get(1)?)))?;
            (component.first_seen, component.last_seen) = seen;
        }
    }
    Ok(())
}

/// Takes out of an inventory what was not recorded after all.
pub(super) fn forget(inventory: &mut Inventory) {
    for system in &mut inventory.systems {
        (system.first_seen, system.last_seen) = (None, None);
        for component in &mut system.components {
            (component.first_seen, component.last_seen) = (None, None);
        }
    }
}
