//! `aimscan scan`.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use evidence::{Coverage, Gap, GapKind};
use inventory::correlate::Scanned;
use inventory::store::Store;
use inventory::{Inventory, Tier};

use super::Outcome;
use crate::cli::{FailOn, Global, Scan};
use crate::progress::Progress;
use crate::scan::{self, Scanner};
use crate::settings::Settings;
use crate::target::{self, Target};
use crate::{terminal, trusted_cargo};

/// Scans what was named and writes the inventory.
pub(super) fn run(options: &Scan, global: &Global) -> Result<Outcome> {
    let began = Instant::now();
    let scanned_at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let settings = super::settings(global)?;
    let conditions = conditions(options, &settings)?;
    let targets: Vec<Target> = distinct(&options.paths)
        .iter()
        .map(|path| target::resolve(path))
        .collect::<Result<_>>()?;
    let mut store = if options.no_db { None } else { Some(open(options, &settings)?) };
    let mut scanner = Scanner::new(super::catalog(global, &settings)?).context("cannot start threads")?;
    scanner.exclude(settings.exclude.iter().chain(&options.exclude))?;
    let progress = Progress::new(global.quiet);

    let (mut gathered, mut coverage) = (Vec::new(), Coverage::default());
    for target in &targets {
        let (scanned, part) = one(&scanner, target, store.as_mut(), options.trust_cargo, &progress)?;
        gathered.push(scanned);
        coverage.merge(part);
    }
    for (scanned, part) in crate::connect::fetch(&scanner, &options.accounts, &progress)? {
        gathered.push(scanned);
        coverage.merge(part);
    }
    progress.end();

    let policy = settings.policy(&scanned_at);
    let mut inventory = scan::inventory(gathered, coverage, scanned_at, &policy);
    let mut changes = None;
    if let Some(store) = &mut store {
        let snapshot = store.record(&mut inventory)?;
        changes = store
            .previous(snapshot)?
            .map(|before| inventory::changes::diff(&before.inventory, &inventory));
    }
    let run = report::text::Run {
        elapsed: Some(began.elapsed()),
        changes: changes.as_ref(),
    };
    let text = super::render(&inventory, &options.output, &run);
    terminal::write(options.output.output.as_deref(), &text)?;
    if let Some(file) = options.output.output.as_ref().filter(|_| !global.quiet) {
        anstream::eprintln!(
            "{} systems, {} findings, written to {}",
            inventory.systems.len(),
            inventory.findings.len(),
            file.display()
        );
    }
    Ok(judge(&inventory, changes.as_ref(), &conditions, global.quiet))
}

fn open(options: &Scan, settings: &Settings) -> Result<Store> {
    Ok(Store::open(&super::database(&options.database, settings)?)?)
}

/// Each argument once: a folder named twice is one folder.
fn distinct(paths: &[String]) -> Vec<&String> {
    let mut seen = std::collections::BTreeSet::new();
    paths.iter().filter(|path| seen.insert(path.trim_end_matches('/'))).collect()
}

/// Scans one target, with what an earlier scan remembered of it.
fn one(
    scanner: &Scanner,
    target: &Target,
    store: Option<&mut Store>,
    trust_cargo: bool,
    progress: &Progress,
) -> Result<(Scanned, Coverage)> {
    let version = scanner.version();
    let memory = store
        .as_ref()
        .map(|store| store.load_cache(&target.root.source, &version).unwrap_or_default());
    let mut gathered = scanner.gather(&target.root, memory.as_deref(), progress);
    if let (Some(store), Some(memory)) = (store, gathered.memory.take()) {
        store.save_cache(&target.root.source, &version, &memory)?;
    }
    if trust_cargo {
        ask_cargo(scanner, target, &mut gathered.scanned, &mut gathered.coverage);
    }
    Ok((gathered.scanned, gathered.coverage))
}

/// Adds what `cargo metadata` tells of a trusted tree.
fn ask_cargo(scanner: &Scanner, target: &Target, scanned: &mut Scanned, coverage: &mut Coverage) {
    let root = &target.root.path;
    let manifest = root.join("Cargo.toml");
    if !manifest.is_file() {
        return;
    }
    match trusted_cargo::observe(root, &manifest) {
        Ok(packages) => scanned.evidence.extend(
            packages
                .iter()
                .flat_map(|(path, observations)| scanner.recognise_packages(path, observations)),
        ),
        Err(reason) => coverage.gaps.push(Gap {
            kind: GapKind::Skipped,
            what: "cargo metadata".to_owned(),
            reason,
        }),
    }
}

/// The conditions of the command line and of the settings.
fn conditions(options: &Scan, settings: &Settings) -> Result<Vec<FailOn>> {
    let mut conditions = options.fail_on.clone();
    for word in &settings.fail_on {
        match <FailOn as clap::ValueEnum>::from_str(word, false) {
            Ok(condition) => conditions.push(condition),
            Err(_) => bail!("fail-on in the settings: `{word}` is none of limited, high, stop, new-system, unapproved-provider"),
        }
    }
    if conditions.contains(&FailOn::UnapprovedProvider) && settings.approved.providers.is_none() {
        bail!(
            "unapproved-provider needs a list of approved ones; add to {}:\n\n[approved]\nproviders = [\"openai\"]",
            crate::settings::FILE_NAME
        );
    }
    if conditions.contains(&FailOn::NewSystem) && options.no_db {
        bail!("new-system needs the memory of earlier scans; leave out --no-db, or name a file with --db");
    }
    Ok(conditions)
}

/// Whether a condition holds; says on stderr which, and by what.
fn judge(inventory: &Inventory, changes: Option<&inventory::changes::Changes>, conditions: &[FailOn], quiet: bool) -> Outcome {
    let mut reasons: Vec<String> = Vec::new();
    for condition in conditions {
        let at_least = |tier: Tier, reasons: &mut Vec<String>| {
            let over = inventory.systems.iter().filter(|system| system.classification.indicated >= tier);
            reasons.extend(over.map(|system| {
                format!(
                    "{} ({}) is indicated as {}",
                    system.name, system.id, system.classification.indicated
                )
            }));
        };
        match condition {
            FailOn::Limited => at_least(Tier::Limited, &mut reasons),
            FailOn::High => at_least(Tier::High, &mut reasons),
            FailOn::Stop => at_least(Tier::Stop, &mut reasons),
            FailOn::NewSystem => reasons.extend(
                changes
                    .iter()
                    .flat_map(|changes| &changes.new)
                    .map(|system| system.sentence.clone()),
            ),
            FailOn::UnapprovedProvider => reasons.extend(
                inventory
                    .findings
                    .iter()
                    .filter(|finding| finding.rule == "unapproved-provider" && finding.accepted.is_none())
                    .map(|finding| finding.message.clone()),
            ),
        }
    }
    reasons.sort();
    reasons.dedup();
    if reasons.is_empty() {
        return Outcome::Done;
    }
    if !quiet {
        for reason in &reasons {
            anstream::eprintln!("failed: {}", reason.escape_debug());
        }
    }
    Outcome::Failed
}
