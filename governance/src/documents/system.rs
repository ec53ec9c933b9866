//! The documents of a system: each shows its fields, the facts it is about, and asks for the rest.

use evidence::{ComponentKind as Kind, Voice};
use inventory::{Component, System, Tier};
use rules::governance::{DocumentForm, governance};

use super::parts::{at, components, count, level_word, lines, risks, texts, tier};
use super::{Block, Cell, Document, begin, fields, needed, prompts, table};
use crate::record::by;
use crate::seen::{day, is_service, practised, provider, provider_name, runs};
use crate::{Record, View, controls, risks as of_risk};

/// The documents that a system needs.
pub(super) fn documents(view: &View<'_>, system: &System) -> Vec<Document> {
    let record = Record::of(view, system);
    needed(system).into_iter().map(|form| document(view, &record, form)).collect()
}

fn document(view: &View<'_>, record: &Record<'_>, form: &'static DocumentForm) -> Document {
    let system = record.system;
    let mut document = begin(view, form, Some(system));
    let blocks = &mut document.blocks;
    if system.classification.ceiling == Tier::Stop {
        blocks.push(Block::Warning(
            "Stop and have it reviewed: signs of a practice that Article 5 of the AI Act may prohibit stand beside AI here. Whether it is one, \
             only a legal review can say."
                .to_owned(),
        ));
    }
    match form.id.as_str() {
        "SYS-01" => before_record(view, record, blocks),
        "SYS-15" => blocks.push(Block::Paragraph(METHOD_OF_RISK.to_owned())),
        "SYS-03" => blocks.push(Block::Paragraph(METHOD_OF_IMPACT.to_owned())),
        _ => {}
    }
    if !form.fields.is_empty() {
        blocks.push(Block::Heading("What is known".to_owned()));
        blocks.push(fields(record, form));
    }
    match form.id.as_str() {
        "SYS-01" => after_record(view, record, blocks),
        "SYS-02" => resources(system, blocks),
        "SYS-03" | "SYS-13" => {
            said(system, "What it says about itself", |voice| !voice.is_page(), blocks);
            signs(system, blocks);
        }
        "SYS-05" => {
            architecture(system, blocks);
        }
        "SYS-06" => practice(
            system,
            &["evaluation", "red-teaming"],
            "Tools of evaluation",
            "No tool of evaluation was found in what was scanned; tests may exist elsewhere.",
            blocks,
        ),
        "SYS-07" => practice_of(
            system,
            "Services, images and settings of deployment",
            "Nothing that deploys AI was found in what was scanned.",
            // What developers use, and what stands in examples, is not deployed.
            |component| {
                let is_set_up =
                    matches!(component.kind, Kind::CloudService | Kind::InfraImage) || component.stage >= evidence::Stage::Configured;
                runs(component) && is_set_up && component.kind != Kind::AssistantConfig
            },
            blocks,
        ),
        "SYS-08" => {
            practice(
                system,
                &["observability"],
                "Tools of observation",
                "No tool that watches AI was found in what was scanned; monitoring may exist elsewhere.",
                blocks,
            );
            models(system, blocks);
        }
        "SYS-09" => models(system, blocks),
        "SYS-10" => {
            practice(
                system,
                &["observability"],
                "Tools that trace calls",
                "No tool that traces calls of models was found in what was scanned; logs may be written elsewhere.",
                blocks,
            );
            practice_of(
                system,
                "Where AI is called, and events arise",
                "No call of AI was found in what was scanned.",
                |component| runs(component) && component.stage == evidence::Stage::Invoked,
                blocks,
            );
        }
        "SYS-11" => {
            practice_of(
                system,
                "Data sets and stores",
                "No data set and no vector store was found in what was scanned.",
                |component| matches!(component.kind, Kind::Dataset | Kind::VectorDb),
                blocks,
            );
            said(system, "Tables that hold data about people", |voice| voice == Voice::Schema, blocks);
        }
        "SYS-12" => signs_of(system, "Signs that people meet it", &["use.generative"], blocks),
        "SYS-14" => third_parties(view, system, blocks),
        "SYS-15" => {
            blocks.push(Block::Heading("Risks that evidence points to".to_owned()));
            blocks.push(risks(&of_risk::of(view, system), false));
        }
        "SYS-16" => decisions(system, blocks),
        _ => {}
    }
    blocks.extend(prompts(form, |subject| system.standing.held(subject), super::tier(system)));
    document
}

/// The method of SYS-15, as a reference.
const METHOD_OF_RISK: &str = "Method: ISO/IEC 23894:2023 (guidance, built on ISO 31000). Severity and likelihood are rated apart, each from 1 to 5, by people; the \
    table names the signs for each. What may harm persons, groups or society is assessed in the impact assessment, not here.";
const METHOD_OF_IMPACT: &str = "Structure: ISO/IEC 42005:2025 (guidance on impact assessment). This looks at persons, groups and society; what may go wrong for the \
    organisation is assessed in the risk assessment, not here.";

fn before_record(view: &View<'_>, record: &Record<'_>, blocks: &mut Vec<Block>) {
    let open: Vec<&str> = record.incomplete().map(|field| field.form.label.as_str()).collect();
    if open.is_empty() {
        blocks.push(Block::Paragraph("Every field of the minimum row has a value.".to_owned()));
    } else {
        blocks.push(Block::Warning(format!("Missing in the minimum row: {}.", open.join(", "))));
    }
    let errors = view
        .findings(record.system)
        .iter()
        .filter(|finding| finding.accepted.is_none())
        .count();
    if errors > 0 {
        blocks.push(Block::Warning(format!("{} open, see below.", count(errors, "finding"))));
    }
}

fn after_record(view: &View<'_>, record: &Record<'_>, blocks: &mut Vec<Block>) {
    let system = record.system;
    reasons(system, blocks);
    blocks.push(Block::Heading("Open questions".to_owned()));
    let rows = system
        .classification
        .questions
        .iter()
        .map(|question| {
            vec![
                Cell::text(&question.question),
                Cell::text(&question.who),
                Cell::text(&question.if_yes),
            ]
        })
        .collect();
    blocks.push(table(
        &[("Question", 45), ("Who can answer", 20), ("If yes", 35)],
        rows,
        "No question of the rules is open.",
    ));
    blocks.push(Block::Heading("Findings".to_owned()));
    let rows = view
        .findings(system)
        .iter()
        .map(|finding| {
            let places: Vec<_> = finding.evidence.iter().map(|seen| seen.location.clone()).collect();
            let mut what = vec![Cell::text(&finding.message)];
            if let Some(accepted) = &finding.accepted {
                what.push(Cell::text(format!("accepted: {}", accepted.reason)));
            }
            vec![
                Cell::text(level_word(finding.level)),
                lines(what),
                Cell::text(&finding.remedy),
                at(&places, 3),
            ]
        })
        .collect();
    blocks.push(table(
        &[("How urgent", 14), ("What", 34), ("Remedy", 28), ("Places", 24)],
        rows,
        "No finding; that shows no absence of faults.",
    ));
    blocks.push(Block::Heading("Controls".to_owned()));
    let rows = controls::of_system(record)
        .into_iter()
        .map(|standpoint| {
            let open = standpoint.open.into_iter().take(2).map(Cell::Text);
            let mut proof: Vec<Cell> = standpoint.proof.into_iter().take(3).map(Cell::Text).collect();
            proof.extend(open.map(|cell| match cell {
                Cell::Text(ask) => Cell::text(format!("open: {ask}")),
                other => other,
            }));
            if let Some(held) = standpoint.decided {
                proof.push(Cell::text(format!("decided: {} – {}", held.value, by(held))));
            }
            vec![
                Cell::text(format!("{} {}", standpoint.control.id, standpoint.control.title)),
                Cell::text(standpoint.state.as_str()),
                if proof.is_empty() {
                    Cell::text("nothing found in what was scanned")
                } else {
                    lines(proof)
                },
            ]
        })
        .collect();
    blocks.push(table(
        &[("Control", 32), ("State", 13), ("What proves it, what is open", 55)],
        rows,
        "No control.",
    ));
    blocks.push(Block::Heading("Documents of this system".to_owned()));
    let rows = governance()
        .documents
        .iter()
        .filter(|form| form.level == rules::governance::Level::System)
        .map(|form| {
            let is_needed = needed(system).iter().any(|needed| needed.id == form.id);
            vec![
                Cell::text(format!("{} {}", form.id, form.title)),
                Cell::text(if is_needed { "begun" } else { "not needed at this tier" }),
            ]
        })
        .collect();
    blocks.push(table(&[("Document", 60), ("State", 40)], rows, "No document."));
}

fn reasons(system: &System, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Why this tier".to_owned()));
    let classification = &system.classification;
    blocks.push(Block::Paragraph(format!(
        "From evidence alone: {}. Indicated: {}. With every open question answered adversely: {}.",
        classification.floor, classification.indicated, classification.ceiling
    )));
    let rows = classification
        .reasons
        .iter()
        .map(|reason| {
            vec![
                lines(vec![Cell::text(&reason.because), Cell::text(format!("rule {}", reason.rule))]),
                Cell::text(&reason.effect),
                texts(&reason.references, "none"),
                at(&reason.evidence, 3),
            ]
        })
        .collect();
    blocks.push(table(
        &[("Reason", 36), ("Effect", 14), ("References", 28), ("Places", 22)],
        rows,
        "No rule fired: what it is used for is unknown.",
    ));
}

fn resources(system: &System, blocks: &mut Vec<Block>) {
    for kind in Kind::ALL {
        let mut of_kind = system.of_kind(kind).peekable();
        if of_kind.peek().is_some() {
            blocks.push(Block::Heading(plural(kind)));
            blocks.push(components(of_kind, "none"));
        }
    }
    blocks.push(Block::Paragraph(
        "Each thing stands with how it is used: declared, referenced, invoked, configured, deployed or used, and where: in what runs, in tests, examples or documents. \
         Versions are as written."
            .to_owned(),
    ));
}

fn plural(kind: Kind) -> String {
    let label = kind.label();
    let mut text = match label.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{label}s"),
    };
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

fn architecture(system: &System, blocks: &mut Vec<Block>) {
    practice_of(
        system,
        "What acts, and what steers it",
        "No agent, tool, prompt or store was found in what was scanned.",
        |component| {
            matches!(
                component.kind,
                Kind::AgentFramework | Kind::Tool | Kind::McpServer | Kind::Prompt | Kind::VectorDb
            )
        },
        blocks,
    );
    practice(
        system,
        &["guardrails"],
        "Guardrails",
        "No guardrail was found in what was scanned.",
        blocks,
    );
}

fn practice(system: &System, words: &[&str], heading: &str, empty: &'static str, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(heading.to_owned()));
    blocks.push(components(practised(system, words), empty));
}

fn practice_of(system: &System, heading: &str, empty: &'static str, is: impl Fn(&Component) -> bool, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(heading.to_owned()));
    blocks.push(components(system.components.iter().filter(|component| is(component)), empty));
}

/// What a system says about itself, in its own words; left out where it says nothing.
fn said(system: &System, heading: &str, is_asked: impl Fn(Voice) -> bool, blocks: &mut Vec<Block>) {
    let rows: Vec<Vec<Cell>> = system
        .said
        .iter()
        .filter(|said| is_asked(said.voice))
        .map(|said| {
            vec![
                Cell::text(voice(said.voice)),
                Cell::text(&said.text),
                at(std::slice::from_ref(&said.location), 1),
            ]
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(Block::Heading(heading.to_owned()));
        blocks.push(table(&[("Kind", 20), ("Words", 90), ("Place", 30)], rows, ""));
    }
}

/// What people call a kind of text.
const fn voice(voice: Voice) -> &'static str {
    match voice {
        Voice::Introduction => "introduction",
        Voice::Readme => "README",
        Voice::Prompt => "instruction to a model",
        Voice::Schema => "table with columns",
        Voice::Route => "address",
        Voice::Tag => "tag of a resource",
        Voice::Entry => "entry of a software catalogue",
        Voice::Contact => "page on contacts",
        Voice::Assessment => "page on impact",
    }
}

fn signs(system: &System, blocks: &mut Vec<Block>) {
    signs_of(
        system,
        "Signs in evidence",
        &["data.", "domain.", "purpose-", "use.generative", "use.agent"],
        blocks,
    );
}

fn signs_of(system: &System, heading: &str, rules: &[&str], blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(heading.to_owned()));
    let rows = system
        .classification
        .reasons
        .iter()
        .filter(|reason| rules.iter().any(|rule| reason.rule.starts_with(rule)))
        .map(|reason| {
            let mut dpv: Vec<String> = reason.references.clone();
            dpv.extend(
                governance()
                    .elsewhere(&reason.rule)
                    .filter(|crosswalk| crosswalk.framework.starts_with("W3C"))
                    .map(|crosswalk| format!("{}: {}", crosswalk.framework, crosswalk.id)),
            );
            vec![Cell::text(&reason.because), texts(dpv, "none"), at(&reason.evidence, 4)]
        })
        .collect();
    blocks.push(table(
        &[("Sign", 40), ("References", 34), ("Places", 26)],
        rows,
        "No sign was found in what was scanned; that says nothing about effects.",
    ));
}

/// What is told of a model, with the words for it.
const FACTS: [(&str, &str); 11] = [
    ("released", "released"),
    ("retires", "retires"),
    ("retired-on", "retired"),
    ("successor", "successor"),
    ("open-weights", "open weights"),
    ("licence", "licence"),
    ("license", "licence"),
    ("base-model", "made from"),
    ("task", "task"),
    ("language", "language"),
    ("format", "format"),
];

fn models(system: &System, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Models".to_owned()));
    let rows = system
        .components
        .iter()
        .filter(|component| matches!(component.kind, Kind::Model | Kind::ModelFile) && !component.is_offered())
        .map(|component| {
            let mut facts: Vec<String> = FACTS
                .iter()
                .filter_map(|(name, label)| Some(format!("{label}: {}", component.facts.get(*name)?)))
                .collect();
            let purposes = component.own_purposes();
            if !purposes.is_empty() {
                facts.push(format!("for: {}", purposes.join(", ")));
            }
            vec![
                Cell::Code(crate::seen::named(component)),
                Cell::text(component.provider.as_deref().map_or("unknown", provider_name)),
                texts(facts, "nothing known"),
                at(&crate::seen::places(component), 2),
            ]
        })
        .collect();
    blocks.push(table(
        &[("Model", 28), ("Provider", 16), ("Facts", 32), ("Places", 24)],
        rows,
        "No model was found by name in what was scanned.",
    ));
}

fn third_parties(view: &View<'_>, system: &System, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Vendors".to_owned()));
    let rows = system
        .in_use(Kind::Provider)
        .map(|component| {
            let known = provider(&component.name);
            let models: Vec<&str> = system
                .components
                .iter()
                .filter(|other| other.kind == Kind::Model && !other.is_offered() && other.provider.as_deref() == Some(&component.name))
                .map(|other| other.name.as_str())
                .collect();
            let whose = if is_service(&component.name) {
                "service of others"
            } else {
                "software the organisation runs"
            };
            let refused = view
                .findings(system)
                .iter()
                .any(|finding| finding.rule == "unapproved-provider" && finding.message.contains(&format!("`{}`", component.name)));
            vec![
                texts(
                    [
                        Some(provider_name(&component.name).to_owned()),
                        known.map(|known| known.homepage.clone()),
                        known
                            .and_then(|known| known.jurisdiction.clone())
                            .map(|country| format!("seat: {country}")),
                    ]
                    .into_iter()
                    .flatten(),
                    "",
                ),
                texts([whose.to_owned(), crate::seen::how(component)], ""),
                texts(models, "no model by name"),
                if refused {
                    Cell::text("not on the approved list")
                } else {
                    Cell::Missing {
                        ask: "approved, restricted or rejected?".to_owned(),
                        who: "Approver of AI systems".to_owned(),
                    }
                },
                at(&crate::seen::places(component), 2),
            ]
        })
        .collect();
    blocks.push(table(
        &[("Vendor", 24), ("Role", 20), ("Models", 22), ("Approval", 12), ("Places", 22)],
        rows,
        "No vendor was found.",
    ));
}

fn decisions(system: &System, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Decisions in force".to_owned()));
    let rows = system
        .standing
        .decisions
        .iter()
        .filter(|(subject, _)| !subject.starts_with("text/"))
        .map(|(subject, held)| {
            let mut what = vec![Cell::text(&held.value)];
            what.extend(held.reopened.iter().map(|why| Cell::text(format!("to be decided again: {why}"))));
            vec![
                Cell::Code(subject.clone()),
                lines(what),
                Cell::text(&held.by),
                Cell::text(day(&held.at)),
                Cell::text(&held.reason),
                Cell::text(held.until.as_deref().unwrap_or("no end")),
            ]
        })
        .collect();
    blocks.push(table(
        &[
            ("Subject", 20),
            ("Decision", 22),
            ("By", 14),
            ("On", 11),
            ("Why", 22),
            ("Until", 11),
        ],
        rows,
        "Nothing has been decided on this system yet.",
    ));
    blocks.push(Block::Paragraph(format!("Tier: {}.", tier(system))));
}
