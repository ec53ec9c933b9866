//! The documents of the organisation: each shows the facts it is about, and asks for the rest.

use std::collections::{BTreeMap, BTreeSet};

use evidence::ComponentKind as Kind;
use inventory::{System, Tier};
use rules::governance::{DocumentForm, Level, governance};

use super::parts::{count, lines, of_field, texts, tier, vendors};
use super::{Block, Cell, Document, begin, overview, prompts, review, suppliers, table};
use crate::record::Status;
use crate::seen::{at, practised, runs};
use crate::{Record, View, controls};

/// All of them.
pub(super) fn documents(view: &View<'_>) -> Vec<Document> {
    let tallies = controls::tallies(view);
    governance()
        .documents
        .iter()
        .filter(|form| form.level == Level::Organisation)
        .map(|form| document(view, form, &tallies))
        .collect()
}

fn document(view: &View<'_>, form: &'static DocumentForm, tallies: &[controls::Tally]) -> Document {
    let mut document = begin(view, form, None);
    let blocks = &mut document.blocks;
    match form.id.as_str() {
        "ORG-00" => scope(view, blocks),
        "ORG-01" => covered(view, blocks),
        "ORG-02" => touched(view, blocks),
        "ORG-03" => review::changed(view, blocks),
        "ORG-04" => owners(view, blocks),
        "ORG-05" | "ORG-10" => contacts(view, form.id == "ORG-10", blocks),
        "ORG-06" => assessments(view, blocks),
        "ORG-07" => practices(view, blocks),
        "ORG-08" => data(view, blocks),
        "ORG-09" => suppliers::in_use(view, blocks),
        "ORG-11" => suppliers::register(view, blocks),
        "ORG-12" => customers(view, blocks),
        "ORG-13" => people(view, blocks),
        "ORG-SOA" => overview::applicability(view, tallies, blocks),
        "ORG-GAP" => overview::gaps(view, tallies, blocks),
        "ORG-RISK" => overview::risks(view, blocks),
        "ORG-REVIEW" => review::pack(view, tallies, blocks),
        "ORG-CLAUSES" => overview::clauses(blocks),
        _ => {}
    }
    let standing = &view.inventory.organisation;
    blocks.extend(prompts(form, |subject| standing.held(subject), Tier::Stop));
    document
}

fn systems<'a>(view: &View<'a>) -> impl Iterator<Item = &'a System> {
    view.inventory.systems.iter()
}

fn scope(view: &View<'_>, blocks: &mut Vec<Block>) {
    let inventory = view.inventory;
    blocks.push(Block::Paragraph(format!(
        "The inventory holds {} of {}. What lies outside what was scanned is not in it; add it by hand, or say here why it is left out.",
        count(inventory.systems.len(), "AI system"),
        count(inventory.sources.len(), "source")
    )));
    blocks.push(Block::Heading("What was scanned".to_owned()));
    let rows = inventory
        .sources
        .iter()
        .map(|source| vec![Cell::text(&source.kind), Cell::Code(source.location.clone())])
        .collect();
    blocks.push(table(&[("Kind", 20), ("Place", 80)], rows, "Nothing."));
    let gaps: Vec<Vec<Cell>> = inventory
        .coverage
        .gaps
        .iter()
        .map(|gap| vec![Cell::text(gap.kind.label()), Cell::Code(gap.what.clone()), Cell::text(&gap.reason)])
        .collect();
    blocks.push(Block::Heading("What was not looked at".to_owned()));
    blocks.push(table(
        &[("What happened", 24), ("Place", 46), ("Why", 30)],
        gaps,
        "Nothing was left out of the places that were scanned.",
    ));
    blocks.push(Block::Heading("Systems in question".to_owned()));
    let rows = systems(view)
        .map(|system| {
            vec![
                Cell::text(&system.name),
                Cell::Code(at(&system.source, &system.folder)),
                texts(vendors(system), "none found"),
                Cell::text(tier(system)),
                Cell::Missing {
                    ask: "in scope?".to_owned(),
                    who: "Management".to_owned(),
                },
            ]
        })
        .collect();
    blocks.push(table(
        &[("System", 22), ("Where", 30), ("Vendors", 20), ("Tier", 12), ("In scope", 16)],
        rows,
        "No AI system was found in what was scanned.",
    ));
    blocks.push(Block::Heading("Method".to_owned()));
    blocks.push(Block::List(vec![
        "Risk: ISO/IEC 23894:2023 (guidance). Severity and likelihood are rated apart, 1 to 5; see ORG-RISK and SYS-15.".to_owned(),
        "Impact: ISO/IEC 42005:2025 (guidance); see ORG-06 and SYS-03.".to_owned(),
        format!(
            "Tiers: rules {}, an interval with reasons and open questions; only people confirm a tier.",
            inventory.ruleset
        ),
    ]));
    blocks.push(Block::Heading("Dates of the law".to_owned()));
    let versions = governance().versions.iter();
    blocks.extend(versions.map(|version| Block::Paragraph(format!("{}: the text that is followed is {version}.", version.law))));
    let rows = governance()
        .dates
        .iter()
        .map(|date| {
            vec![
                Cell::text(&date.from),
                Cell::text(format!("{}: {}", date.law, date.part)),
                Cell::text(&date.what),
                Cell::text(&date.source),
            ]
        })
        .collect();
    blocks.push(table(&[("From", 12), ("Part", 30), ("What", 34), ("Source", 24)], rows, "None."));
}

fn covered(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("What the policy has to cover".to_owned()));
    let mut purposes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for system in systems(view) {
        for component in system.components.iter().filter(|component| runs(component)) {
            for purpose in component.own_purposes() {
                purposes.entry(purpose).or_default().insert(&system.id);
            }
        }
    }
    let rows = purposes
        .into_iter()
        .map(|(purpose, systems)| vec![Cell::text(purpose), Cell::text(systems.len().to_string())])
        .collect();
    blocks.push(table(&[("What AI is used for", 60), ("Systems", 40)], rows, "Nothing was found."));
    blocks.push(Block::Paragraph("Vendors stand in ORG-11.".to_owned()));
}

fn touched(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Policies that may be touched".to_owned()));
    let number = |is: &dyn Fn(&System) -> bool| systems(view).filter(|system| is(system)).count();
    let fired = |system: &System, rules: &[&str]| {
        system
            .classification
            .reasons
            .iter()
            .any(|reason| rules.iter().any(|rule| reason.rule.starts_with(rule)))
            || view.findings(system).iter().any(|finding| rules.contains(&finding.rule.as_str()))
    };
    let subjects: [(&str, &[&str]); 5] = [
        ("Privacy", &["data.", "personal-data-question", "unapproved-region"]),
        (
            "Information security",
            &["hard-coded-credential", "unsafe-model-file", "unattended-agent"],
        ),
        (
            "Procurement",
            &[
                "supply.service",
                "unapproved-provider",
                "unapproved-model",
                "unapproved-licence",
                "limited-licence",
            ],
        ),
        (
            "Personnel",
            &["domain.employment", "purpose-services.employment", "purpose-services.selection"],
        ),
        ("Quality and change", &["retired-model", "floating-model"]),
    ];
    let rows = subjects
        .into_iter()
        .map(|(subject, rules)| {
            let systems = number(&|system| fired(system, rules));
            vec![
                Cell::text(subject),
                Cell::text(if systems == 0 {
                    "no sign found".to_owned()
                } else {
                    format!("signs in {}", count(systems, "system"))
                }),
                texts(rules.iter().map(|rule| rule.trim_end_matches('.').to_owned()), ""),
            ]
        })
        .collect();
    blocks.push(table(&[("Subject", 25), ("Signs", 30), ("Rules", 45)], rows, "None."));
}

fn owners(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Owners of systems".to_owned()));
    let rows = systems(view)
        .map(|system| {
            let record = Record::of(view, system);
            let cell = |id: &str| {
                let field = record.field(id);
                match field.status() {
                    Status::Missing => Cell::Missing {
                        ask: "who?".to_owned(),
                        who: field.form.who.clone(),
                    },
                    status => lines(
                        field
                            .values
                            .iter()
                            .take(3)
                            .map(|value| Cell::text(format!("{} ({status}, {})", value.text, value.source)))
                            .collect(),
                    ),
                }
            };
            vec![
                Cell::text(&system.name),
                cell("owner"),
                cell("risk-owner"),
                cell("compliance-owner"),
                cell("operations-owner"),
            ]
        })
        .collect();
    blocks.push(table(
        &[
            ("System", 18),
            ("Accountable", 28),
            ("Risk", 18),
            ("Compliance", 18),
            ("Operation", 18),
        ],
        rows,
        "No AI system was found in what was scanned.",
    ));
}

fn contacts(view: &View<'_>, with_vendors: bool, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Contacts of systems".to_owned()));
    let rows = systems(view)
        .map(|system| {
            let record = Record::of(view, system);
            let cell = |id: &str| of_field(&record, id);
            let last = if with_vendors {
                texts(vendors(system), "none found")
            } else {
                cell("owner-contact")
            };
            vec![Cell::text(&system.name), cell("reporting-contact"), last]
        })
        .collect();
    let last = if with_vendors {
        "Vendors to be asked or told"
    } else {
        "Owner's contact"
    };
    blocks.push(table(
        &[("System", 24), ("Contact for concerns", 42), (last, 34)],
        rows,
        "No AI system was found in what was scanned.",
    ));
}

fn assessments(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Systems that may need an assessment".to_owned()));
    let rows = systems(view)
        .filter(|system| super::tier(system) >= Tier::High)
        .map(|system| {
            let done = system.standing.held("text/SYS-03/conclusion");
            vec![
                Cell::text(&system.name),
                Cell::text(tier(system)),
                texts(
                    system
                        .classification
                        .questions
                        .iter()
                        .map(|question| question.question.clone())
                        .take(3),
                    "none",
                ),
                match done {
                    Some(held) => Cell::text(format!("concluded by {}", crate::record::by(held))),
                    None => Cell::Missing {
                        ask: "assessment concluded?".to_owned(),
                        who: "AI risk manager".to_owned(),
                    },
                },
            ]
        })
        .collect();
    blocks.push(table(
        &[("System", 22), ("Tier", 16), ("Open questions", 40), ("SYS-03", 22)],
        rows,
        "No system has a tier that may reach high; open questions and what was not scanned can change that.",
    ));
}

fn practices(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Practices that were seen".to_owned()));
    let known: [(&str, &[&str]); 4] = [
        ("Evaluation and red-teaming", &["evaluation", "red-teaming"]),
        ("Guardrails", &["guardrails"]),
        ("Observation and tracing", &["observability"]),
        ("Steps at which a person must agree", &["approval"]),
    ];
    let rows = known
        .into_iter()
        .map(|(practice, words)| {
            let mut names: BTreeSet<&str> = BTreeSet::new();
            let mut of = 0;
            for system in systems(view) {
                let mut any = false;
                for component in practised(system, words) {
                    any = true;
                    names.insert(&component.name);
                }
                of += usize::from(any);
            }
            vec![
                Cell::text(practice),
                Cell::text(format!("{of} of {}", count(view.inventory.systems.len(), "system"))),
                texts(names.into_iter().take(12), "not found in what was scanned"),
            ]
        })
        .collect();
    blocks.push(table(&[("Practice", 34), ("Seen in", 22), ("By what", 44)], rows, "None."));
}

fn data(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Data sets, stores and training".to_owned()));
    let rows = systems(view)
        .flat_map(|system| {
            system
                .components
                .iter()
                .filter(|component| {
                    matches!(component.kind, Kind::Dataset | Kind::VectorDb)
                        || (runs(component) && crate::seen::is_for(component, "training") && component.kind != Kind::Provider)
                })
                .map(move |component| {
                    vec![
                        Cell::text(&system.name),
                        Cell::Code(crate::seen::named(component)),
                        Cell::text(crate::seen::how(component)),
                        super::parts::at(&crate::seen::places(component), 2),
                    ]
                })
        })
        .collect();
    blocks.push(table(
        &[("System", 22), ("Name", 28), ("How", 24), ("Places", 26)],
        rows,
        "No data set, store or training was found in what was scanned.",
    ));
}

fn customers(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Systems that people may meet".to_owned()));
    let rows = systems(view)
        .filter_map(|system| {
            let reason = system
                .classification
                .reasons
                .iter()
                .find(|reason| reason.rule == "use.generative")?;
            Some(vec![
                Cell::text(&system.name),
                Cell::text(&reason.because),
                Cell::Missing {
                    ask: "Do customers meet it, and what was promised to them?".to_owned(),
                    who: "Product owner".to_owned(),
                },
            ])
        })
        .collect();
    blocks.push(table(
        &[("System", 22), ("Sign", 44), ("Customers", 34)],
        rows,
        "No sign was found in what was scanned.",
    ));
}

fn people(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Paragraph(
        "Article 4 of the AI Act asks everybody who provides or deploys AI to take measures that support AI literacy, whatever the tier."
            .to_owned(),
    ));
    blocks.push(Block::Heading("People behind systems".to_owned()));
    let rows = systems(view)
        .map(|system| {
            let record = Record::of(view, system);
            let cell = |id: &str| of_field(&record, id);
            vec![Cell::text(&system.name), cell("human-resources"), cell("training")]
        })
        .collect();
    blocks.push(table(
        &[("System", 24), ("People", 38), ("Training", 38)],
        rows,
        "No AI system was found in what was scanned.",
    ));
}
