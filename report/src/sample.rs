//! Inventories for tests: one as an organisation would have it, one from a hostile tree, an empty and a large one.

mod organisation;
pub(crate) mod parts;

use std::collections::BTreeMap;

use evidence::{ComponentKind as Kind, Coverage, Evidence, Excerpt, Gap, GapKind, Location, Stage};
use inventory::store::Point;
use inventory::{Inventory, SCHEMA_VERSION, Source, Tier};

use organisation::{classroom, findings, hr_screening, smaller_systems, support_bot};
use parts::{component, question, reason, seen, system};

fn gap(kind: GapKind, what: &str, reason: &str) -> Gap {
    Gap {
        kind,
        what: what.to_owned(),
        reason: reason.to_owned(),
    }
}

/// What an organisation's platform repository would give.
pub(crate) fn inventory() -> Inventory {
    let mut systems = vec![support_bot(), hr_screening(), classroom()];
    let findings = findings(&systems[0]);
    systems.extend(smaller_systems());
    systems.sort_by(|a, b| a.name.cmp(&b.name));
    let gaps = vec![
        gap(
            GapKind::Unsupported,
            "Elixir: 214 files",
            "No detector reads this language yet; list its AI by hand.",
        ),
        gap(
            GapKind::Unsupported,
            "Perl: 3 files",
            "No detector reads this language yet; list its AI by hand.",
        ),
        gap(
            GapKind::TooLarge,
            "data/dump.sql",
            "Larger than 2 MiB; raise --max-size to read it.",
        ),
        gap(
            GapKind::Malformed,
            "apps/legacy/package.json",
            "Not valid JSON at line 12; what stands before it was read.",
        ),
        gap(
            GapKind::Refused,
            "mlflow:model-versions",
            "403 Forbidden; the token needs the permission to read model versions.",
        ),
    ];
    Inventory {
        systems,
        findings,
        coverage: Coverage {
            files_seen: 12_480,
            files_read: 3_120,
            files_unchanged: 2_004,
            bytes_read: 48_000_000,
            detectors: BTreeMap::from([
                ("code/python".into(), 1_204),
                ("code/typescript".into(), 1_733),
                ("manifests/npm".into(), 88),
            ]),
            records: BTreeMap::from([("mlflow".into(), 14)]),
            gaps,
        },
        ..empty()
    }
}

/// A tree without AI.
pub(crate) fn empty() -> Inventory {
    Inventory {
        schema_version: SCHEMA_VERSION.to_owned(),
        generator: "aimscan 0.1.0".to_owned(),
        ruleset: "2026.11".to_owned(),
        scanned_at: "2026-11-20T09:41:07Z".to_owned(),
        sources: vec![Source {
            kind: "directory".to_owned(),
            location: "~/src/acme/platform".to_owned(),
            identity: "https://git.example.com/acme/platform".to_owned(),
        }],
        systems: vec![],
        findings: vec![],
        coverage: Coverage {
            files_seen: 340,
            files_read: 120,
            ..Coverage::default()
        },
        organisation: inventory::register::Standing::default(),
        dismissed: Vec::new(),
        notice: "Indicative – needs confirmation; not legal advice; absence of evidence is not evidence of absence.".to_owned(),
    }
}

/// How the numbers of a sample might have stood.
pub(crate) fn trend() -> Vec<Point> {
    let point = |day: i64, systems: usize| Point {
        at: format!("2026-11-{day:02}T09:41:07Z"),
        seconds: 1_793_000_000 + day * 86_400,
        sources: 1,
        systems,
        ..Point::default()
    };
    vec![point(2, 4), point(3, 5), point(20, 7)]
}

/// A string that tries to break out of every format at once.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\"'&\x1b[31m\u{202e}\n[x](https://evil.example){0}\u{9b}2J</style></details>-->";

/// A tree in which everything that can carry text carries [`HOSTILE`].
pub(crate) fn hostile() -> Inventory {
    let mut inventory = inventory();
    for system in &mut inventory.systems {
        system.name.push_str(HOSTILE);
        system.folder.push_str(HOSTILE);
        system.description = Some(HOSTILE.into());
        for owner in &mut system.owners {
            owner.name.push_str(HOSTILE);
        }
        for component in &mut system.components {
            component.name.push_str(HOSTILE);
            component.provider = Some(HOSTILE.into());
            component.versions = vec![HOSTILE.into()];
            component.facts.insert(HOSTILE.into(), HOSTILE.into());
            for evidence in &mut component.evidence {
                poison(evidence);
            }
        }
        for reason in &mut system.classification.reasons {
            reason.because.push_str(HOSTILE);
            reason.effect.push_str(HOSTILE);
            reason.references.push(HOSTILE.into());
            reason.evidence.push(Location::new(HOSTILE, 1));
        }
        system.classification.questions.push(question(HOSTILE, HOSTILE, HOSTILE));
    }
    for finding in &mut inventory.findings {
        finding.message.push_str(HOSTILE);
        finding.remedy.push_str(HOSTILE);
        finding.rule.push_str(HOSTILE);
        finding.evidence.iter_mut().for_each(poison);
    }
    inventory.sources[0].location.push_str(HOSTILE);
    inventory.coverage.gaps.push(gap(GapKind::Unreadable, HOSTILE, HOSTILE));
    inventory.coverage.detectors.insert(HOSTILE.into(), 1);
    inventory
}

fn poison(evidence: &mut Evidence) {
    evidence.location.path.push_str(HOSTILE);
    evidence.name.push_str(HOSTILE);
    evidence.provider = Some(HOSTILE.into());
    evidence.version = Some(HOSTILE.into());
    evidence.signature.push_str(HOSTILE);
    evidence.detector.push_str(HOSTILE);
    evidence.excerpt = Excerpt::of("<script>alert(2)</script> \u{202e} </style>");
}

/// Many systems with ten components each.
pub(crate) fn large(systems: usize) -> Inventory {
    let kinds = [Kind::Provider, Kind::Model, Kind::Package, Kind::Framework, Kind::VectorDb];
    let make = |number: usize| {
        let name = format!("service-{number:04}");
        let folder = format!("services/team-{:02}/{name}", number % 40);
        let components = (0..10)
            .map(|part| {
                let kind = kinds[part % kinds.len()];
                let provider = format!("vendor-{:02}", (number + part) % 30);
                let label = if kind == Kind::Provider {
                    provider.clone()
                } else {
                    format!("{kind}-{:03}", (number * 7 + part) % 300)
                };
                let places = (1..=8)
                    .map(|line| {
                        seen(
                            kind,
                            &label,
                            Some(&provider),
                            &format!("{folder}/src/module_{part}.py"),
                            line * 13,
                            Stage::Invoked,
                            "client.chat.completions.create(model=MODEL, messages=history)",
                        )
                    })
                    .collect();
                component(&name, places)
            })
            .collect();
        let ceiling = Tier::ALL[number % 5];
        let reasons = vec![reason(
            "g5-generative-runtime",
            "A generative model is called at run time.",
            &format!("ceiling {ceiling}"),
            &[],
            &[(&format!("{folder}/src/module_1.py"), 13)],
        )];
        system(
            &name,
            &folder,
            [Tier::ALL[number % 5 / 2], ceiling, ceiling],
            reasons,
            vec![],
            components,
        )
    };
    Inventory {
        systems: (0..systems).map(make).collect(),
        ..inventory()
    }
}
