//! Joins the evidence of one system into components: one for each kind and name. A model is one whatever route leads to it, and an
//! import belongs to the package that is declared for it.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, HashSet};

use evidence::{ComponentKind, Evidence, Relation, Usage};

use super::{digest, supplied, unnamed};
use crate::Component;

/// Evidence kept for a component.
const MOST_EVIDENCE: usize = 50;

/// Facts that may hold several words, each of which counts.
const WORD_LISTS: [&str; 14] = [
    "also",
    "purposes",
    "basis",
    "client-of",
    "credential-form",
    "ecosystem",
    "fingerprint",
    "imported",
    "hooks",
    "sub-agents",
    "skills",
    "commands",
    "agents",
    "credential-types",
];

/// Facts that a finding stands on; some evidence with them is always kept.
const PROOFS: [&str; 6] = [
    "credential-form",
    "undeclared",
    "dangerous-imports",
    "dangerous-operations",
    "dangerous-layers",
    "weights-outside-folder",
];

/// Facts that begin so speak of one part of a component, and stay with the evidence for it.
const OF_A_PART: &str = "part-";

/// Evidence with a proof that is kept whatever else there is.
const MOST_PROOFS: usize = 20;

/// The components of a system, in the order of [`ComponentKind::ALL`] and by name.
pub(crate) fn merge(system: &str, evidence: Vec<Evidence>) -> Vec<Component> {
    let mut groups: BTreeMap<(usize, String), Vec<Evidence>> = BTreeMap::new();
    let mut evidence = evidence;
    supplied::settle(&mut evidence, &supplied::Supply::default());
    unnamed::settle(&mut evidence);
    for seen in evidence {
        let rank = ComponentKind::ALL
            .iter()
            .position(|kind| *kind == seen.kind)
            .unwrap_or(ComponentKind::ALL.len());
        groups.entry((rank, canonical(&seen))).or_default().push(seen);
    }
    groups
        .into_iter()
        .map(|((_, name), evidence)| component(system, &name, evidence))
        .collect()
}

/// The name by which evidence is joined: a model's without its route, in lower case.
pub(crate) fn canonical(seen: &Evidence) -> String {
    seen.facts.get("routeless").unwrap_or(&seen.name).to_lowercase()
}

/// The id of a component; writing its name in capitals makes no other.
pub(crate) fn id(system: &str, kind: &str, name: &str) -> String {
    digest(&[system, kind, &name.to_lowercase()])
}

fn component(system: &str, canonical: &str, mut evidence: Vec<Evidence>) -> Component {
    evidence.sort_by(|a, b| strength(b).cmp(&strength(a)).then_with(|| a.cmp(b)));
    evidence.dedup();
    let kind = evidence.first().expect("a group of evidence holds at least one").kind;
    let places: HashSet<_> = evidence.iter().map(|seen| &seen.location).collect();
    let versions: BTreeSet<&str> = evidence
        .iter()
        .filter_map(|seen| seen.version.as_deref())
        .filter(|version| !version.is_empty())
        .collect();
    let mut versions: Vec<String> = versions.into_iter().map(str::to_owned).collect();
    versions.sort_by(|a, b| natural(a, b));
    let usage = evidence.iter().map(|seen| seen.usage).max().expect("not empty");
    // What is called in tests and only declared for what runs is not called where it runs.
    let where_it_counts = || evidence.iter().filter(|seen| seen.usage == usage);
    Component {
        id: id(system, kind.as_str(), canonical),
        kind,
        name: commonest_spelling(&evidence).to_owned(),
        provider: evidence.iter().find_map(|seen| seen.provider.clone()),
        versions,
        relation: evidence
            .iter()
            .filter_map(|seen| seen.relation)
            .min_by_key(|relation| distance(*relation)),
        stage: where_it_counts().map(|seen| seen.stage).max().expect("not empty"),
        confidence: evidence.iter().map(|seen| seen.confidence).max().expect("not empty"),
        usage,
        facts: facts(kind, &evidence),
        places: places.len(),
        evidence: strongest(evidence),
        introduced: None,
        last_touched: None,
        first_seen: None,
        last_seen: None,
    }
}

/// What makes evidence strong, in the order in which it counts: a declaration for what runs before a call in a test.
fn strength(evidence: &Evidence) -> impl Ord + use<> {
    (evidence.usage, !evidence.vendored, evidence.stage, evidence.confidence)
}

/// How far a dependency is from the project's own choice.
fn distance(relation: Relation) -> u8 {
    match relation {
        Relation::Direct => 0,
        Relation::Peer => 1,
        Relation::Optional => 2,
        Relation::Dev => 3,
        Relation::Transitive => 4,
    }
}

fn commonest_spelling(evidence: &[Evidence]) -> &str {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for seen in evidence {
        *times.entry(&seen.name).or_default() += 1;
    }
    times
        .into_iter()
        .max_by_key(|(name, times)| (*times, Reverse(*name)))
        .map_or("", |(name, _)| name)
}

/// The facts of all evidence: words are joined, of other facts the strongest evidence's counts.
fn facts(kind: ComponentKind, strongest_first: &[Evidence]) -> BTreeMap<String, String> {
    let mut facts: BTreeMap<String, String> = BTreeMap::new();
    let spellings: BTreeSet<&str> = strongest_first.iter().map(|seen| seen.name.as_str()).collect();
    if kind == ComponentKind::Model && spellings.len() > 1 {
        facts.insert("spellings".to_owned(), spellings.into_iter().collect::<Vec<_>>().join(" "));
    }
    let mut lists: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in strongest_first
        .iter()
        .flat_map(|seen| &seen.facts)
        .filter(|(name, _)| !name.starts_with(OF_A_PART))
    {
        if WORD_LISTS.contains(&&**name) {
            lists.entry(name).or_default().insert(value);
        } else if facts.get(&**name).is_none_or(String::is_empty) {
            facts.insert(name.to_string(), value.clone());
        }
    }
    for (name, values) in lists {
        let words: BTreeSet<&str> = values.into_iter().flat_map(str::split_whitespace).collect();
        facts.insert(name.to_owned(), words.into_iter().collect::<Vec<_>>().join(" "));
    }
    facts
}

/// The evidence that is kept: the strongest, and in any case the strongest of each usage and what findings stand on.
fn strongest(evidence: Vec<Evidence>) -> Vec<Evidence> {
    if evidence.len() <= MOST_EVIDENCE {
        return evidence;
    }
    let mut usages = BTreeSet::new();
    let mut proofs = 0;
    let needed: Vec<bool> = evidence
        .iter()
        .map(|seen| {
            let proof = proofs < MOST_PROOFS && PROOFS.iter().any(|fact| seen.facts.contains_key(*fact));
            proofs += usize::from(proof);
            usages.insert((seen.usage, seen.vendored)) || proof
        })
        .collect();
    let mut room = MOST_EVIDENCE.saturating_sub(needed.iter().filter(|needed| **needed).count());
    let mut kept = needed;
    // Data beside tests, such as recorded answers, says less than any use.
    for data in [false, true] {
        for (at, seen) in evidence.iter().enumerate() {
            if room > 0 && !kept[at] && is_test_data(seen) == data {
                kept[at] = true;
                room -= 1;
            }
        }
    }
    let kept = evidence.into_iter().zip(kept);
    kept.filter(|(_, kept)| *kept).map(|(seen, _)| seen).collect()
}

fn is_test_data(seen: &Evidence) -> bool {
    seen.usage == Usage::Test && !seen.detector.starts_with("code/")
}

/// Compares versions as people count: `9` before `10`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (Some(l), Some(r)) = (run(left), run(right)) else {
            return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let order = if digits(l) && digits(r) {
            let (l, r) = (l.trim_start_matches('0'), r.trim_start_matches('0'));
            l.len().cmp(&r.len()).then_with(|| l.cmp(r))
        } else {
            l.cmp(r)
        };
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (&left[l.len()..], &right[r.len()..]);
    }
}

/// The digits, or what is no digit, that a text begins with.
fn run(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    let end = text
        .find(|c: char| c.is_ascii_digit() != first.is_ascii_digit())
        .unwrap_or(text.len());
    Some(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use evidence::{Confidence, Facts, Location, Stage};

    fn package(line: u32) -> Evidence {
        Evidence {
            location: Location::new("a.py", line),
            ..sample::seen(ComponentKind::Package, "openai", "a.py")
        }
    }

    #[test]
    fn the_strongest_of_each_aspect_counts() {
        let declared = Evidence {
            relation: Some(Relation::Direct),
            version: Some("1.40".into()),
            stage: Stage::Declared,
            confidence: Confidence::High,
            ..package(1)
        };
        let called = Evidence {
            stage: Stage::Invoked,
            confidence: Confidence::Medium,
            usage: Usage::Test,
            ..package(2)
        };
        let locked = Evidence {
            relation: Some(Relation::Transitive),
            version: Some("1.9".into()),
            ..declared.clone()
        };
        let merged = merge("s", vec![declared, locked, called]);
        assert_eq!(merged.len(), 1);
        let one = &merged[0];
        assert_eq!(
            (one.stage, one.confidence, one.usage, one.relation),
            (Stage::Declared, Confidence::High, Usage::Runtime, Some(Relation::Direct))
        );
        assert_eq!(
            (one.versions.as_slice(), one.places),
            (["1.9".to_owned(), "1.40".to_owned()].as_slice(), 2)
        );
        assert_eq!((one.evidence[0].usage, one.evidence[2].stage), (Usage::Runtime, Stage::Invoked));
    }

    #[test]
    fn spellings_are_one_component_and_kinds_are_not() {
        let named = |name: &str, line| Evidence {
            name: name.into(),
            ..package(line)
        };
        let framework = Evidence {
            kind: ComponentKind::Framework,
            ..package(9)
        };
        let merged = merge("s", vec![named("OpenAI", 1), named("openai", 2), named("openai", 3), framework]);
        assert_eq!(
            merged.iter().map(|one| (one.kind, one.name.as_str())).collect::<Vec<_>>(),
            [(ComponentKind::Framework, "openai"), (ComponentKind::Package, "openai")]
        );
        assert_ne!(merged[0].id, merged[1].id);
        assert_eq!(merged[1].id, merge("s", vec![named("OPENAI", 7)])[0].id);
        assert_ne!(merged[1].id, merge("t", vec![named("OPENAI", 7)])[0].id);
    }

    #[test]
    fn a_model_is_one_by_every_route_and_keeps_its_spellings() {
        let model = |name: &str, line, routeless: Option<&str>| Evidence {
            kind: ComponentKind::Model,
            name: name.into(),
            facts: routeless.map(|name| ("routeless".into(), name.into())).into_iter().collect(),
            ..package(line)
        };
        let merged = merge(
            "s",
            vec![
                model("gpt-4o", 1, None),
                model("azure/gpt-4o", 2, Some("gpt-4o")),
                model("gpt-4o", 3, None),
                model("someone/gpt-4o", 4, None),
            ],
        );
        assert_eq!(
            merged.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
            ["gpt-4o", "someone/gpt-4o"]
        );
        assert_eq!(merged[0].facts["spellings"], "azure/gpt-4o gpt-4o");
        assert_eq!(merged[0].evidence.len(), 3);
        assert!(!merged[1].facts.contains_key("spellings"));
        assert_eq!(merged[0].id, merge("s", vec![model("openai/gpt-4o", 1, Some("gpt-4o"))])[0].id);
    }

    #[test]
    fn an_import_belongs_to_the_declared_package_that_brings_it() {
        let with = |name: &str, line, facts: &[(&'static str, &str)]| Evidence {
            kind: ComponentKind::Framework,
            name: name.into(),
            facts: facts.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            ..package(line)
        };
        let import = || with("dspy", 1, &[("imported", "python"), ("also", "dspy-ai")]);
        let declared = |name: &str| with(name, 2, &[("ecosystem", "pypi")]);
        let names = |evidence| merge("s", evidence).into_iter().map(|one| one.name).collect::<Vec<_>>();
        assert_eq!(names(vec![import(), declared("dspy-ai")]), ["dspy-ai"]);
        assert_eq!(names(vec![import(), declared("dspy"), declared("dspy-ai")]), ["dspy", "dspy-ai"]);
        assert_eq!(names(vec![import(), declared("dspy-extras")]), ["dspy", "dspy-extras"]);
        assert_eq!(names(vec![import()]), ["dspy"]);
    }

    #[test]
    fn purposes_are_joined_and_owners_are_not() {
        let with = |line, stage, purposes: &str, owner: &str| {
            let facts = Facts::from_iter([("purposes".into(), purposes.into()), ("owner".into(), owner.into())]);
            Evidence {
                stage,
                facts,
                ..package(line)
            }
        };
        let merged = merge(
            "s",
            vec![
                with(1, Stage::Declared, "embedding", "nobody"),
                with(2, Stage::Invoked, "text-generation embedding", "team-a"),
            ],
        );
        assert_eq!(merged[0].facts["purposes"], "embedding text-generation");
        assert_eq!(merged[0].facts["owner"], "team-a");
    }

    #[test]
    fn much_evidence_is_cut_but_not_what_matters() {
        let mut many: Vec<Evidence> = (1..=300)
            .map(|line| Evidence {
                stage: Stage::Invoked,
                usage: Usage::Test,
                ..package(line)
            })
            .collect();
        many.push(package(400));
        many.push(Evidence {
            stage: Stage::Declared,
            usage: Usage::Docs,
            facts: Facts::from_iter([("undeclared".into(), "pypi".into())]),
            ..package(401)
        });
        let one = merge("s", many).remove(0);
        assert_eq!((one.places, one.evidence.len()), (302, 50));
        assert!(one.evidence.iter().any(|seen| seen.usage == Usage::Runtime));
        assert!(one.evidence.iter().any(|seen| seen.facts.contains_key("undeclared")));
        assert!(one.evidence.is_sorted_by_key(|seen| Reverse((seen.usage, seen.stage))));
    }

    #[test]
    fn versions_are_ordered_as_people_count() {
        let mut versions = ["10", "9", "v2", "1.10.0", "1.9.0", "1.9", "^1.2", "09", "99999999999999999999999"];
        versions.sort_by(|a, b| natural(a, b));
        assert_eq!(
            versions,
            ["1.9", "1.9.0", "1.10.0", "09", "9", "10", "99999999999999999999999", "^1.2", "v2"]
        );
    }
}
