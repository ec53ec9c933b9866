//! What several formats say alike: the order of systems, the sentence that matters most, gaps by their kind.
//! Chooses and counts, and leaves the wording to the formats.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Evidence, Gap, GapKind, Stage};
use inventory::{Classification, Finding, Inventory, Level, Reason, System, Tier};

/// The numbers at the head of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) systems: usize,
    pub(crate) providers: usize,
    pub(crate) models: usize,
    /// Models that only stand in lists of what there is to choose from.
    pub(crate) offered: usize,
    pub(crate) components: usize,
    pub(crate) questions: usize,
    pub(crate) findings: usize,
    pub(crate) gaps: usize,
}

impl Totals {
    /// Counts providers and models once, however many systems use them.
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let named = |kind: ComponentKind| -> usize {
            let names: BTreeSet<String> = inventory
                .systems
                .iter()
                .flat_map(|system| system.in_use(kind))
                .map(|component| component.name.to_lowercase())
                .collect();
            names.len()
        };
        Self {
            systems: inventory.systems.len(),
            providers: named(ComponentKind::Provider),
            models: named(ComponentKind::Model),
            offered: offered(inventory),
            components: inventory.systems.iter().map(made_of).sum(),
            questions: inventory.systems.iter().map(|system| system.classification.questions.len()).sum(),
            findings: inventory.findings.len(),
            gaps: inventory.coverage.gaps.len(),
        }
    }
}

/// How many models lists offer that no system is seen to use.
fn offered(inventory: &Inventory) -> usize {
    let models = |offered: bool| -> BTreeSet<String> {
        let all = inventory.systems.iter().flat_map(|system| system.of_kind(ComponentKind::Model));
        all.filter(|component| component.is_offered() == offered)
            .map(|component| component.name.to_lowercase())
            .collect()
    };
    models(true).difference(&models(false)).count()
}

/// How many components a system has besides what lists offer.
pub(crate) fn made_of(system: &System) -> usize {
    system.components.iter().filter(|component| !component.is_offered()).count()
}

/// The systems, those that may matter most first: by ceiling, floor and name.
pub(crate) fn ranked(systems: &[System]) -> Vec<&System> {
    let mut ranked: Vec<&System> = systems.iter().collect();
    ranked.sort_by(|a, b| {
        let tiers = |system: &System| (system.classification.ceiling, system.classification.floor);
        tiers(b)
            .cmp(&tiers(a))
            .then_with(|| (&a.name, &a.source, &a.folder, &a.id).cmp(&(&b.name, &b.source, &b.folder, &b.id)))
    });
    ranked
}

/// The findings, most urgent first.
pub(crate) fn urgent_first(findings: &[Finding]) -> Vec<&Finding> {
    let mut urgent: Vec<&Finding> = findings.iter().collect();
    urgent.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.cmp(b)));
    urgent
}

/// The word for a level.
pub(crate) const fn level(level: Level) -> &'static str {
    match level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// How many systems have each tier, by what `tier` picks.
pub(crate) fn by_tier<'a>(systems: impl IntoIterator<Item = &'a System>, tier: impl Fn(&Classification) -> Tier) -> [usize; 5] {
    let mut counts = [0; 5];
    for system in systems {
        counts[step(tier(&system.classification))] += 1;
    }
    counts
}

/// The step of a tier on the scale, 0 to 4.
pub(crate) fn step(tier: Tier) -> usize {
    Tier::ALL.iter().position(|known| *known == tier).unwrap_or(0)
}

/// The reason that drew the upper end of the interval, else the lower, else the first. What only leaves the upper end open says
/// less of a system than what also shows or indicates something.
pub(crate) fn main_reason(classification: &Classification) -> Option<&Reason> {
    let drew = |end: &str, tier: Tier| {
        let effect = format!("{end} {tier}");
        classification.reasons.iter().filter(move |reason| reason.effect.contains(&effect))
    };
    let says_more = |reason: &&Reason| reason.effect.contains("floor") || reason.effect.contains("indicated");
    drew("ceiling", classification.ceiling)
        .find(says_more)
        .or_else(|| drew("cap", classification.ceiling).next())
        .or_else(|| drew("floor", classification.floor).next())
        .or_else(|| drew("indicated", classification.indicated).next())
        .or_else(|| drew("ceiling", classification.ceiling).next())
        .or_else(|| classification.reasons.first())
}

/// The name to show for a system, also where nobody gave it one.
pub(crate) fn name_of(system: &System) -> &str {
    match (system.name.trim(), system.folder.trim()) {
        ("", "") => "(unnamed)",
        ("", folder) => folder,
        (name, _) => name,
    }
}

/// The names of a system's components of one kind, each once, the strongest first.
pub(crate) fn names(system: &System, kind: ComponentKind) -> Vec<&str> {
    let mut components: Vec<_> = system.in_use(kind).collect();
    // Lists show the first few: what runs stands before what only tests name.
    components.sort_by_cached_key(|component| {
        let strength = Reverse((component.usage, component.stage));
        (strength, component.name.to_lowercase(), component.name.as_str())
    });
    let mut names: Vec<&str> = components.iter().map(|component| component.name.as_str()).collect();
    let mut told = BTreeSet::new();
    names.retain(|name| told.insert(*name));
    names
}

/// How many components of each kind a system has, in the order reports show them.
pub(crate) fn kinds(system: &System) -> Vec<(ComponentKind, usize)> {
    ComponentKind::ALL
        .into_iter()
        .map(|kind| (kind, system.in_use(kind).count()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// Sorts the strongest evidence first; the same for every report.
pub(crate) fn strongest_first(evidence: &mut [&Evidence]) {
    evidence.sort_by(|a, b| {
        let strength = |e: &Evidence| (e.stage, e.confidence, e.usage, Reverse(e.vendored));
        strength(b)
            .cmp(&strength(a))
            .then_with(|| telling(a.kind).cmp(&telling(b.kind)))
            .then_with(|| a.cmp(b))
    });
}

/// How much a kind tells where one line proves several components: a model says more than its provider.
fn telling(kind: ComponentKind) -> usize {
    match kind {
        ComponentKind::Model => 0,
        ComponentKind::Provider => usize::MAX,
        other => 1 + ComponentKind::ALL.iter().position(|known| *known == other).unwrap_or(0),
    }
}

/// The places that prove a system best: each place once, and other files before a second line of the same file.
pub(crate) fn best_places(system: &System, most: usize) -> Vec<&Evidence> {
    let used = system.components.iter().filter(|component| !component.is_offered());
    let mut all: Vec<&Evidence> = used.flat_map(|component| &component.evidence).collect();
    strongest_first(&mut all);
    // A call of a model tells a reader more than the setting of its key, though the latter is the stronger stage.
    all.sort_by_key(|e| {
        (
            e.stage < Stage::Invoked,
            Reverse((e.confidence, e.usage)),
            e.vendored,
            telling(e.kind),
        )
    });
    let mut places = BTreeSet::new();
    all.retain(|evidence| places.insert(&evidence.location));
    let mut files = BTreeSet::new();
    let (mut chosen, seconds): (Vec<&Evidence>, Vec<&Evidence>) =
        all.into_iter().partition(|evidence| files.insert(&evidence.location.path));
    chosen.extend(seconds);
    chosen.truncate(most);
    chosen
}

/// Whether this scan saw the system for the first time.
pub(crate) fn is_new(system: &System, inventory: &Inventory) -> bool {
    system.first_seen.as_deref() == Some(inventory.scanned_at.as_str())
}

/// Gaps of one kind, with the ways to close them.
#[derive(Debug)]
pub(crate) struct GapGroup<'a> {
    pub(crate) kind: GapKind,
    /// What was not looked at.
    pub(crate) what: Vec<&'a str>,
    /// Each reason once, the commonest first, with how often it was given.
    pub(crate) reasons: Vec<(&'a str, usize)>,
}

/// The gaps by kind, largest group first.
pub(crate) fn gap_groups(gaps: &[Gap]) -> Vec<GapGroup<'_>> {
    let mut by_kind: BTreeMap<GapKind, (BTreeSet<&str>, BTreeMap<&str, usize>)> = BTreeMap::new();
    for gap in gaps {
        let (what, reasons) = by_kind.entry(gap.kind).or_default();
        what.insert(&gap.what);
        *reasons.entry(&gap.reason).or_default() += 1;
    }
    let mut groups: Vec<GapGroup<'_>> = by_kind
        .into_iter()
        .map(|(kind, (what, reasons))| {
            let mut reasons: Vec<_> = reasons.into_iter().collect();
            reasons.sort_by_key(|(reason, count)| (Reverse(*count), *reason));
            GapGroup {
                kind,
                what: what.into_iter().collect(),
                reasons,
            }
        })
        .collect();
    groups.sort_by_key(|group| (Reverse(group.what.len()), group.kind));
    groups
}

/// Whether a path names a connector's record instead of a file.
pub(crate) fn is_record(path: &str, system: Option<&System>, inventory: &Inventory) -> bool {
    let Some((prefix, _)) = path.split_once(':') else { return false };
    let named = |id: &str| id.rsplit('/').next() == Some(prefix);
    let is_connector = inventory.coverage.records.keys().any(|id| named(id))
        || inventory
            .sources
            .iter()
            .any(|source| !matches!(source.kind.as_str(), "directory" | "file" | "git" | "archive" | "image") && named(&source.kind));
    let looks_like_one = !prefix.is_empty()
        && prefix
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_connector || looks_like_one && system.is_some_and(|system| system.boundary == "record")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn systems_are_ranked_by_ceiling_then_floor() {
        let inventory = sample::inventory();
        let tiers: Vec<_> = ranked(&inventory.systems)
            .iter()
            .map(|s| (s.classification.ceiling, s.classification.floor))
            .collect();
        assert!(tiers.windows(2).all(|pair| pair[0] >= pair[1]), "{tiers:?}");
    }

    #[test]
    fn the_reason_that_drew_the_ceiling_is_the_main_one() {
        let inventory = sample::inventory();
        let system = inventory
            .systems
            .iter()
            .find(|system| system.name == "hr-screening")
            .expect("in the sample");
        assert!(
            main_reason(&system.classification)
                .expect("a reason")
                .effect
                .contains("ceiling high")
        );
        let nothing = Classification {
            reasons: vec![],
            ..system.classification.clone()
        };
        assert_eq!(main_reason(&nothing), None);
        // What is shown says more than what is only left open.
        let with = |effect: &str| Reason {
            effect: effect.to_owned(),
            ..system.classification.reasons[0].clone()
        };
        let open = Classification {
            floor: Tier::Limited,
            ceiling: Tier::High,
            reasons: vec![with("ceiling high"), with("floor limited")],
            ..system.classification.clone()
        };
        assert_eq!(main_reason(&open).expect("a reason").effect, "floor limited");
    }

    #[test]
    fn best_places_are_distinct_and_prefer_other_files() {
        let inventory = sample::inventory();
        let system = inventory
            .systems
            .iter()
            .find(|system| system.name == "support-bot")
            .expect("in the sample");
        let places = best_places(system, 3);
        let files: BTreeSet<_> = places.iter().map(|evidence| &evidence.location.path).collect();
        assert_eq!((places.len(), files.len()), (3, 3));
        assert_eq!((places[0].kind, places[0].stage), (ComponentKind::Model, Stage::Invoked));
    }

    #[test]
    fn gaps_are_grouped_largest_first_and_reasons_counted() {
        let gap = |kind, what: &str, reason: &str| Gap {
            kind,
            what: what.into(),
            reason: reason.into(),
        };
        let gaps = [
            gap(GapKind::Unreadable, "a", "closed"),
            gap(GapKind::TooLarge, "b", "raise the limit"),
            gap(GapKind::TooLarge, "c", "raise the limit"),
            gap(GapKind::TooLarge, "d", "other"),
        ];
        let groups = gap_groups(&gaps);
        assert_eq!(groups[0].kind, GapKind::TooLarge);
        assert_eq!(groups[0].reasons, [("raise the limit", 2), ("other", 1)]);
        assert_eq!(groups[1].what, ["a"]);
        assert!(gap_groups(&[]).is_empty());
    }

    #[test]
    fn a_file_with_a_colon_is_not_a_record() {
        let inventory = sample::inventory();
        assert!(is_record("mlflow:registered-models/churn", None, &inventory));
        assert!(!is_record("notes/a:b.py", inventory.systems.first(), &inventory));
        assert!(!is_record("src/app.py", None, &inventory));
        assert!(!is_record("weird:name.py", None, &inventory));
    }
}
