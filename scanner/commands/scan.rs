//! `aimscan scan`.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use evidence::{Coverage, Gap, GapKind};
use inventory::baseline::Baseline;
use inventory::changes::Changes;
use inventory::correlate::Scanned;
use inventory::findings::Policy;
use inventory::policy::{Approved, PolicyRule};
use inventory::register::Register;
use inventory::store::{SnapshotId, Store};
use inventory::{Inventory, Tier};

use super::Outcome;
use crate::changed::Changed;
use crate::cli::{FailOn, Global, Output};
use crate::history::Depth;
use crate::progress::Progress;
use crate::scan::{self, Root, Scanner};
use crate::settings::{PolicyFile, Settings};
use crate::sources::Asked;
use crate::target::{self, Target};
use crate::{cli, trusted_cargo};

/// A scan made ready.
pub(super) struct Scan {
    pub(super) scanner: Scanner,
    pub(super) store: Option<Store>,
    pub(super) scanned_at: String,
    pub(super) exclude: Vec<String>,
    pub(super) baseline: Option<Baseline>,
    pub(super) strict: bool,
    pub(super) conditions: Vec<FailOn>,
    /// The rules of the policy.
    rules: Vec<PolicyRule>,
    policy: Policy,
    changed_since: Option<String>,
}

/// Scans what was named and writes the inventory.
pub(super) fn run(options: &cli::Scan, global: &Global) -> Result<Outcome> {
    super::check(&options.output)?;
    let settings = super::settings(global)?;
    let asked = asked(options, &settings);
    if asked == Asked::default() && options.accounts.named.is_empty() {
        bail!("nothing to scan was named; try `aimscan scan .`, or `aimscan scan --help`");
    }
    let ready = Scan::new(options, global, &settings)?;
    if asked.is_many() {
        return super::many::run(options, global, &asked, ready);
    }
    if options.many.resume.is_some() {
        bail!("--resume is for many repositories: --list, --each, --github-org, --gitlab-group");
    }
    together(options, global, &asked, ready)
}

/// Scans a few sources into one snapshot.
fn together(options: &cli::Scan, global: &Global, asked: &Asked, mut ready: Scan) -> Result<Outcome> {
    let began = Instant::now();
    let mut targets: Vec<Target> = Vec::new();
    for path in distinct(&asked.paths) {
        targets.extend(target::named(path)?.bring(&ready.scanner)?);
    }
    let mut store = ready.store.take();
    let progress = Progress::new(global.quiet);
    let (mut gathered, mut coverage) = (Vec::new(), Coverage::default());
    let mut changed = Vec::new();
    for target in &targets {
        if let Some(found) = ready.changed(&target.root)? {
            changed.push((target.root.source.identity.clone(), found));
        }
        let (scanned, part) = one(&ready.scanner, target, store.as_mut(), options.trust_cargo, &progress)?;
        gathered.push(scanned);
        coverage.merge(part);
    }
    for (scanned, part) in crate::connect::fetch(&ready.scanner, &options.accounts, &progress)? {
        gathered.push(scanned);
        coverage.merge(part);
    }
    coverage.settle();
    progress.end();

    let changed: Vec<_> = changed.iter().map(|(identity, changed)| (identity.clone(), changed)).collect();
    let mut inventory = ready.inventory(gathered, coverage, &changed);
    let mut changes = None;
    if let (Some(store), true) = (&mut store, changed.is_empty()) {
        let snapshot = store.record(&mut inventory)?;
        changes = store
            .previous(snapshot)?
            .map(|before| inventory::changes::diff(&before.inventory, &inventory));
    }
    let register = store.as_ref().map(Store::register).transpose()?;
    ready.decide(register.as_ref(), &mut inventory);
    let beside = super::Beside {
        run: report::text::Run {
            elapsed: Some(began.elapsed()),
            changes: changes.as_ref(),
        },
        baseline: ready.baseline.as_ref(),
        // What stands in changed files only cannot be held against whole scans.
        store: store.as_ref().filter(|_| changed.is_empty()),
    };
    super::write(&inventory, &options.output, &beside)?;
    say_written(&options.output, (inventory.systems.len(), inventory.findings.len()), global.quiet);
    let mut judge = Judge::default();
    judge.see(&inventory, changes.as_ref(), &ready.conditions, ready.baseline.as_ref());
    Ok(judge.verdict(global.quiet))
}

/// What the command line names, else what the settings name.
fn asked(options: &cli::Scan, settings: &Settings) -> Asked {
    let (many, set) = (&options.many, &settings.sources);
    let organisations = |github: &[String], gitlab: &[String]| {
        let address = |option: &str, given: &Option<String>, set: &Option<String>| {
            let usual = detectors::forges::FORGES.iter().find(|forge| forge.option() == option);
            // An empty variable is none.
            let given = given.clone().filter(|given| !given.is_empty());
            given
                .or_else(|| set.clone())
                .or_else(|| Some(usual?.address().to_owned()))
                .unwrap_or_default()
        };
        let of_github = address("github-org", &many.github_url, &set.github_url);
        let of_gitlab = address("gitlab-group", &many.gitlab_url, &set.gitlab_url);
        let github = github.iter().map(|name| ("github-org", of_github.clone(), name.clone()));
        github
            .chain(gitlab.iter().map(|name| ("gitlab-group", of_gitlab.clone(), name.clone())))
            .collect()
    };
    let given = Asked {
        paths: options.paths.clone(),
        list: many.list.clone(),
        each: many.each.clone(),
        organisations: organisations(&many.github_org, &many.gitlab_group),
        ..Asked::default()
    };
    let named = if given == Asked::default() && options.accounts.named.is_empty() {
        Asked {
            paths: set.paths.clone(),
            list: set.list.clone(),
            each: set.each.clone(),
            organisations: organisations(&set.github_org, &set.gitlab_group),
            ..Asked::default()
        }
    } else {
        given
    };
    let has_any = named != Asked::default();
    Asked {
        archived: has_any && (many.archived || set.archived),
        forks: has_any && (many.forks || set.forks),
        ..named
    }
}

impl Scan {
    fn new(options: &cli::Scan, global: &Global, settings: &Settings) -> Result<Self> {
        let store = if options.no_db {
            None
        } else {
            Some(Store::open(&super::database(&options.database, settings)?)?)
        };
        let baseline = options
            .baseline
            .as_ref()
            .or(settings.baseline.as_ref())
            .map(|file| baseline(file, store.as_ref()))
            .transpose()?;
        let scanned_at = now();
        let mut policy = settings.policy(&scanned_at);
        let given = crate::settings::policies(&options.policy)?;
        policy.approved.extend(given.approved.clone());
        let rules = [settings.policy.as_slice(), given.policy.as_slice()].concat();
        let conditions = conditions(options, settings, &given, baseline.is_some())?;
        let mut scanner = Scanner::new(super::catalog(global, settings)?).context("cannot start threads")?;
        let exclude: Vec<String> = settings.exclude.iter().chain(&options.exclude).cloned().collect();
        scanner.exclude(exclude.iter())?;
        scanner.open_archives(settings.archives.clone(), options.archives);
        scanner.look_back(depth(options), options.people);
        Ok(Self {
            scanner,
            store,
            scanned_at,
            exclude,
            baseline,
            strict: options.many.strict || settings.sources.strict,
            conditions,
            policy,
            rules,
            changed_since: options.changed_since.clone(),
        })
    }

    /// Puts into an inventory what people decided, and holds it against the policy.
    pub(super) fn decide(&self, register: Option<&Register>, inventory: &mut Inventory) {
        if let Some(register) = register {
            super::kept::apply(register, inventory);
        }
        inventory::policy::judge(inventory, &self.rules, self.scanned_at.get(..10).unwrap_or_default());
    }

    /// What a root is compared with, if only what changed is asked for.
    pub(super) fn changed(&self, root: &Root) -> Result<Option<Changed>> {
        self.changed_since
            .as_ref()
            .map(|revision| Changed::since(root, revision).with_context(|| format!("--changed-since {revision}")))
            .transpose()
    }

    /// The inventory of what was gathered; of the sources in `changed`, by identity, only what stands in changed files.
    pub(super) fn inventory(&self, gathered: Vec<Scanned>, mut coverage: Coverage, changed: &[(String, &Changed)]) -> Inventory {
        for (identity, changed) in changed {
            coverage.gaps.push(Gap {
                kind: GapKind::Skipped,
                what: format!("what stands in unchanged files of {identity}"),
                reason: format!(
                    "only files that differ from {} are shown; leave out --changed-since for the whole inventory",
                    changed.before
                ),
            });
        }
        coverage.gaps.sort();
        let wanted = |source: &inventory::Source, path: &str| {
            changed
                .iter()
                .filter(|(identity, _)| *identity == source.identity)
                .all(|(_, changed)| changed.is_changed(path))
        };
        scan::inventory(gathered, coverage, self.scanned_at.clone(), &self.policy, &wanted)
    }
}

/// The present time as snapshots have it; `SOURCE_DATE_EPOCH` (seconds since 1970, as reproducible builds have it) stands in
/// for it, so that the same input gives the same bytes whatever the calendar says.
pub(super) fn now() -> String {
    let set = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    shown(
        set.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .unwrap_or_else(jiff::Timestamp::now),
    )
}

/// A time as snapshots have it.
pub(super) fn shown(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn say_written(output: &Output, (systems, findings): (usize, usize), quiet: bool) {
    if let Some(file) = output.output.as_ref().filter(|_| !quiet) {
        anstream::eprintln!("{systems} systems, {findings} findings, written to {}", file.display());
    }
}

/// What an earlier report or snapshot knows.
fn baseline(file: &std::path::Path, store: Option<&Store>) -> Result<Baseline> {
    let number = file.to_str().and_then(|text| text.parse().ok());
    if let (false, Some(number)) = (file.exists(), number) {
        let store = store.context("--baseline with the number of a snapshot needs the database; leave out --no-db")?;
        return Ok(Baseline::of(&store.snapshot(SnapshotId(number))?));
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read the baseline {}", file.display()))?;
    report::earlier::baseline(&text).map_err(|reason| anyhow::anyhow!("the baseline {}: {reason}", file.display()))
}

/// How much of a history is asked for.
pub(super) fn depth(options: &cli::Scan) -> Depth {
    match (options.no_history, options.full_history) {
        (true, _) => Depth::None,
        (false, true) => Depth::Full,
        (false, false) => Depth::Bounded,
    }
}

/// Each argument once: a folder named twice is one folder.
fn distinct(paths: &[String]) -> Vec<&String> {
    let mut seen = BTreeSet::new();
    paths.iter().filter(|path| seen.insert(path.trim_end_matches('/'))).collect()
}

/// Scans one target, with what an earlier scan remembered of it.
pub(super) fn one(
    scanner: &Scanner,
    target: &Target,
    store: Option<&mut Store>,
    trust_cargo: bool,
    progress: &Progress,
) -> Result<(Scanned, Coverage)> {
    let version = scanner.version();
    // What is unpacked anew each time has nothing that stayed as it was.
    let store = store.filter(|_| !target.is_unpacked());
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
    gathered.coverage.gaps.extend(target.gaps.iter().cloned());
    gathered.coverage.gaps.sort();
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
fn conditions(options: &cli::Scan, settings: &Settings, given: &PolicyFile, has_baseline: bool) -> Result<Vec<FailOn>> {
    let mut conditions = options.fail_on.clone();
    for word in &settings.fail_on {
        match <FailOn as clap::ValueEnum>::from_str(word, false) {
            Ok(condition) => conditions.push(condition),
            Err(_) => bail!(
                "fail-on in the settings: `{word}` is none of limited, high, stop, new-system, unapproved-provider, unapproved, policy"
            ),
        }
    }
    check_conditions(&conditions, settings, given)?;
    let forgets = options.no_db || options.changed_since.is_some();
    if conditions.contains(&FailOn::NewSystem) && forgets && !has_baseline {
        bail!(
            "new-system needs something to compare with: the memory of earlier scans, which {} leaves out, or a --baseline",
            if options.no_db { "--no-db" } else { "--changed-since" }
        );
    }
    Ok(conditions)
}

/// Refuses conditions on what nobody decided.
pub(super) fn check_conditions(conditions: &[FailOn], settings: &Settings, given: &PolicyFile) -> Result<()> {
    let decided = |lists: [&Approved; 2]| lists.iter().any(|approved| !approved.is_empty());
    let names_providers = |lists: [&Approved; 2]| lists.iter().any(|approved| approved.providers.is_some());
    let approved = [&settings.approved, &given.approved];
    if conditions.contains(&FailOn::Unapproved) && !decided(approved) {
        bail!(
            "unapproved needs a list of what is approved; add to {}, or to a file for --policy:\n\n[approved]\nproviders = [\"openai\"]\nregions = [\"eu-*\"]",
            crate::settings::FILE_NAME
        );
    }
    if conditions.contains(&FailOn::UnapprovedProvider) && !names_providers(approved) {
        bail!(
            "unapproved-provider needs a list of approved ones; add to {}:\n\n[approved]\nproviders = [\"openai\"]",
            crate::settings::FILE_NAME
        );
    }
    if conditions.contains(&FailOn::Policy) && settings.policy.is_empty() && given.policy.is_empty() {
        bail!(
            "policy needs rules: name a file with --policy, or add [[policy]] to {}",
            crate::settings::FILE_NAME
        );
    }
    Ok(())
}

/// Why a condition holds, gathered source by source.
#[derive(Default)]
pub(super) struct Judge {
    reasons: BTreeSet<String>,
    news: Option<[usize; 3]>,
}

impl Judge {
    /// Looks at an inventory, and at what changed since the one before. Against a baseline only what is not in it counts.
    pub(super) fn see(&mut self, inventory: &Inventory, changes: Option<&Changes>, conditions: &[FailOn], baseline: Option<&Baseline>) {
        if let Some(baseline) = baseline {
            let [systems, components, findings] = self.news.get_or_insert_default();
            let all = inventory.systems.iter();
            *systems += all.clone().filter(|system| !baseline.knows_system(system)).count();
            let all = all.flat_map(|system| &system.components);
            *components += all.filter(|component| !baseline.knows_component(component)).count();
            *findings += inventory.findings.iter().filter(|finding| !baseline.knows_finding(finding)).count();
        }
        for condition in conditions {
            match condition {
                FailOn::Limited => self.at_least(Tier::Limited, inventory, baseline),
                FailOn::High => self.at_least(Tier::High, inventory, baseline),
                FailOn::Stop => self.at_least(Tier::Stop, inventory, baseline),
                FailOn::NewSystem => match baseline {
                    Some(baseline) => {
                        let new = inventory.systems.iter().filter(|system| !baseline.knows_system(system));
                        self.reasons
                            .extend(new.map(|system| format!("{} ({}) is new", system.name, system.id)));
                    }
                    None => self.reasons.extend(
                        changes
                            .iter()
                            .flat_map(|changes| &changes.new)
                            .map(|system| system.sentence.clone()),
                    ),
                },
                FailOn::UnapprovedProvider => self.found("unapproved-provider", inventory, baseline),
                FailOn::Unapproved => inventory::findings::UNAPPROVED
                    .iter()
                    .for_each(|rule| self.found(rule, inventory, baseline)),
                FailOn::Policy => self.found(inventory::policy::RULE, inventory, baseline),
            }
        }
    }

    /// Findings of a rule that nobody accepted.
    fn found(&mut self, rule: &str, inventory: &Inventory, baseline: Option<&Baseline>) {
        let open = inventory
            .findings
            .iter()
            .filter(|finding| finding.rule == rule && finding.accepted.is_none())
            .filter(|finding| baseline.is_none_or(|baseline| !baseline.knows_finding(finding)));
        self.reasons.extend(open.map(|finding| finding.message.clone()));
    }

    fn at_least(&mut self, tier: Tier, inventory: &Inventory, baseline: Option<&Baseline>) {
        let over = inventory
            .systems
            .iter()
            .filter(|system| system.classification.indicated >= tier)
            .filter(|system| baseline.is_none_or(|baseline| !baseline.knows_tier(system, tier)));
        self.reasons.extend(over.map(|system| {
            format!(
                "{} ({}) is indicated as {}",
                system.name, system.id, system.classification.indicated
            )
        }));
    }

    /// Whether a condition holds; says on stderr which, and by what.
    pub(super) fn verdict(&self, quiet: bool) -> Outcome {
        if let Some([systems, components, findings]) = self.news.filter(|_| !quiet) {
            anstream::eprintln!("against the baseline: {systems} new systems, {components} new components, {findings} new findings");
        }
        if self.reasons.is_empty() {
            return Outcome::Done;
        }
        if !quiet {
            for reason in &self.reasons {
                anstream::eprintln!("failed: {}", reason.escape_debug());
            }
        }
        Outcome::Failed
    }
}
