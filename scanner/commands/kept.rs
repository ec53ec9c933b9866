//! Commands that read the inventory that scans have kept.

use anyhow::{Context, Result, bail};
use inventory::changes::Changes;
use inventory::register::Register;
use inventory::store::{SnapshotId, Store};
use inventory::{Inventory, System};

use super::Outcome;
use crate::cli::{Database, Diff, FailOn, Global, Report, Show};
use crate::settings::{PolicyFile, Settings};
use crate::terminal;

pub(super) const NOTHING_KEPT: &str =
    "no scan has been kept in this database yet; run `aimscan scan PATH` first, or begin with a list: `aimscan register import FILE`";

/// Opens the database; there must have been a scan.
pub(super) fn open(database: &Database, global: &Global) -> Result<Store> {
    let file = super::database(database, &super::settings(global)?)?;
    if !file.exists() {
        bail!(
            "there is no inventory at {} yet; run `aimscan scan PATH` first, or name another with --db",
            file.display()
        );
    }
    Ok(Store::open(&file)?)
}

/// Opens the database, or begins one.
pub(super) fn begin(database: &Database, global: &Global) -> Result<Store> {
    Ok(Store::open(&super::database(database, &super::settings(global)?)?)?)
}

/// What scans found and lists name, without what people decided of it.
pub(super) fn current(store: &Store) -> Result<Inventory> {
    with_lists(store, &store.register()?)?.context(NOTHING_KEPT)
}

/// The inventory of no scan.
pub(super) fn nothing_scanned(register: &Register) -> Inventory {
    register.without_scans(crate::scan::GENERATOR, &rules::risk::ruleset().version)
}

/// What scans found and the lists in a register name; nothing if there is neither.
pub(super) fn with_lists(store: &Store, register: &Register) -> Result<Option<Inventory>> {
    let mut inventory = store.current()?.or_else(|| register.has_lists().then(|| nothing_scanned(register)));
    if let Some(inventory) = &mut inventory {
        register.add_known(inventory);
    }
    Ok(inventory)
}

/// The inventory with what people decided.
pub(super) fn decided(database: &Database, global: &Global) -> Result<(Store, Inventory)> {
    of_snapshot(database, None, &PolicyFile::default(), global)
}

/// Holds an inventory, in which people's decisions stand, against what the settings and files of policies say today: what scans found as
/// well as what only lists name.
fn judge(inventory: &mut Inventory, settings: &Settings, given: &PolicyFile) {
    let now = super::scan::now();
    let mut policy = settings.policy(&now);
    policy.approved.extend(given.approved.clone());
    inventory::findings::judge_again(inventory, &policy);
    let rules = [settings.policy.as_slice(), given.policy.as_slice()].concat();
    inventory::policy::judge(inventory, &rules, &policy.today);
}

/// Puts into an inventory what people decided.
pub(super) fn apply(register: &Register, inventory: &mut Inventory) {
    let now = super::scan::now();
    let today = now.get(..10).unwrap_or(&now);
    register.apply(inventory, rules::risk::ruleset(), today);
}

/// Puts into an inventory what people decided, where nobody asks for their decisions again: they are not held twice.
fn apply_and_end(register: Register, inventory: &mut Inventory) {
    let now = super::scan::now();
    let today = now.get(..10).unwrap_or(&now);
    register.apply_and_end(inventory, rules::risk::ruleset(), today);
}

/// `aimscan systems`.
pub(super) fn systems(database: &Database, global: &Global) -> Result<Outcome> {
    let (_, inventory) = decided(database, global)?;
    super::done(terminal::write(None, &report::text::table(&inventory, terminal::style())))
}

/// The inventory of a snapshot, or the last, with what people decided, held against the settings and against files of policies.
pub(super) fn of_snapshot(database: &Database, snapshot: Option<i64>, given: &PolicyFile, global: &Global) -> Result<(Store, Inventory)> {
    let store = open(database, global)?;
    let register = store.register()?;
    let mut inventory = match snapshot {
        Some(id) => store.snapshot(SnapshotId(id))?,
        None => with_lists(&store, &register)?.context(NOTHING_KEPT)?,
    };
    apply_and_end(register, &mut inventory);
    judge(&mut inventory, &super::settings(global)?, given);
    Ok((store, inventory))
}

/// A system as a person may name it.
pub(super) struct Candidate<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) folder: &'a str,
    /// The name that people gave it.
    pub(super) renamed: &'a str,
}

/// The position of the one that a person means by an id, its beginning, a name or a folder.
pub(super) fn meant(candidates: &[Candidate<'_>], word: &str) -> Result<usize> {
    let positions =
        |fits: &dyn Fn(&Candidate<'_>) -> bool| -> Vec<usize> { (0..candidates.len()).filter(|at| fits(&candidates[*at])).collect() };
    let mut found = positions(&|one| one.id.starts_with(word));
    if found.is_empty() {
        found = positions(&|one| [one.name, one.folder, one.renamed].contains(&word));
    }
    match found.as_slice() {
        _ if word.is_empty() => bail!("no system is named; `aimscan systems` lists them"),
        [] => bail!("no system `{word}`; `aimscan systems` lists them"),
        [at] => Ok(*at),
        several => {
            let ids: Vec<String> = several
                .iter()
                .map(|at| format!("{} ({})", candidates[*at].id, candidates[*at].name))
                .collect();
            bail!("`{word}` means several systems: {}", ids.join(", "))
        }
    }
}

/// The system of an inventory that a person means.
pub(super) fn find<'a>(inventory: &'a Inventory, word: &str) -> Result<&'a System> {
    let candidates: Vec<Candidate<'_>> = inventory
        .systems
        .iter()
        .map(|system| Candidate {
            id: &system.id,
            name: &system.name,
            folder: &system.folder,
            renamed: "",
        })
        .collect();
    meant(&candidates, word).map(|at| &inventory.systems[at])
}

/// `aimscan show`.
pub(super) fn show(options: &Show, global: &Global) -> Result<Outcome> {
    let (_, inventory) = decided(&options.database, global)?;
    let system = find(&inventory, &options.id)?;
    super::done(terminal::write(None, &report::text::show(&inventory, system, terminal::style())))
}

/// `aimscan diff`.
pub(super) fn diff(options: &Diff, global: &Global) -> Result<Outcome> {
    let store = open(&options.database, global)?;
    let last = store.snapshots()?.first().context(NOTHING_KEPT)?.id;
    let run = if options.before.is_none() && options.after.is_none() {
        store.run_around(last)?
    } else {
        Vec::new()
    };
    if !run.is_empty() {
        return changed_in_run(&store, &run, options.json);
    }
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
    print(&changes, &before.to_string(), &after.to_string(), options.json)
}

fn print(changes: &Changes, before: &str, after: &str, json: bool) -> Result<Outcome> {
    let text = if json {
        serde_json::to_string_pretty(changes)?
    } else {
        report::text::changes(before, after, changes.sentences(), terminal::style())
    };
    super::done(terminal::write(None, &text))
}

/// What a run over many sources changed: of each source, against the snapshot before; with the first and last that were compared.
/// `see` gives an inventory as it is to be compared.
pub(super) fn changes_of_run(
    store: &Store,
    run: &[SnapshotId],
    see: &dyn Fn(Inventory) -> Result<Inventory>,
) -> Result<Option<(Changes, SnapshotId, SnapshotId)>> {
    let mut all: Option<(Changes, SnapshotId, SnapshotId)> = None;
    for id in run {
        if let Some(before) = store.previous(*id)? {
            let changes = inventory::changes::diff(&see(before.inventory)?, &see(store.snapshot(*id)?)?);
            let (merged, first, last) = all.get_or_insert((Changes::default(), before.id, *id));
            merged.merge(changes);
            (*first, *last) = ((*first).min(before.id), *id);
        }
    }
    Ok(all)
}

fn changed_in_run(store: &Store, run: &[SnapshotId], json: bool) -> Result<Outcome> {
    let Some((changes, first, last)) = changes_of_run(store, run, &Ok)? else {
        bail!("the last run is the first of what it covers; there is nothing to compare it with yet");
    };
    print(&changes, &first.to_string(), &last.to_string(), json)
}

/// `aimscan report`.
pub(super) fn report(options: &Report, global: &Global) -> Result<Outcome> {
    super::check(&options.output)?;
    let given = crate::settings::policies(&options.policy)?;
    let settings = super::settings(global)?;
    super::scan::check_conditions(&options.fail_on, &settings, &given)?;
    if options.fail_on.contains(&FailOn::NewSystem) {
        bail!("new-system compares a scan with the one before; ask it of `aimscan scan`, or see `aimscan diff`");
    }
    let (store, inventory) = of_snapshot(&options.database, options.snapshot, &given, global)?;
    let beside = super::Beside {
        store: Some(&store),
        ..super::Beside::default()
    };
    super::write(&inventory, &options.output, &beside)?;
    let mut judge = super::scan::Judge::default();
    judge.see(&inventory, None, &options.fail_on, None);
    Ok(judge.verdict(global.quiet))
}
