//! What looks at all controls, risks and clauses at once: Statement of Applicability, gaps and tasks, risk register, index of
//! clauses.

use std::collections::BTreeMap;

use rules::governance::{ANNEX_A, Level, governance};

use super::parts::{self, count, lines, texts};
use super::{Block, Cell, MOST_ROWS, table};
use crate::controls::{State, Tally, of_organisation};
use crate::record::by;
use crate::{View, tasks};

/// ORG-SOA.
pub(super) fn applicability(view: &View<'_>, tallies: &[Tally], blocks: &mut Vec<Block>) {
    blocks.push(Block::Paragraph(
        "Each control is “to be decided” until somebody decides it with a reason. The proposed reason says what was found; it decides nothing. A control that is \
         excluded needs its reason here."
            .to_owned(),
    ));
    let risks = risks_by_control(view);
    let standpoints = of_organisation(view.inventory);
    let rows = standpoints
        .iter()
        .zip(tallies)
        .map(|(standpoint, tally)| {
            let control = standpoint.control;
            let (decision, reason) = match standpoint.decided {
                Some(held) => (
                    Cell::text(&held.value),
                    if held.reason.is_empty() {
                        lines(vec![
                            Cell::Missing {
                                ask: "for which reason?".to_owned(),
                                who: "AI risk manager".to_owned(),
                            },
                            Cell::text(by(held)),
                        ])
                    } else {
                        Cell::text(by(held))
                    },
                ),
                None => (
                    Cell::text("to be decided"),
                    Cell::Missing {
                        ask: "included or excluded, and why?".to_owned(),
                        who: "AI risk manager".to_owned(),
                    },
                ),
            };
            vec![
                Cell::text(format!("{} {}", control.id, control.title)),
                decision,
                reason,
                proposed(
                    control,
                    *tally,
                    risks.get(control.id.as_str()).map_or(&[], Vec::as_slice),
                    view.inventory.systems.len(),
                ),
                implemented(standpoint.state, &standpoint.proof, control.level, *tally),
                texts(control.documents.clone(), "none"),
            ]
        })
        .collect();
    blocks.push(Block::Heading("Controls of Annex A".to_owned()));
    blocks.push(table(
        &[
            ("Control", 19),
            ("Decision", 11),
            ("Reason of inclusion or exclusion", 17),
            ("Proposed reason", 24),
            ("State found", 19),
            ("Documents", 10),
        ],
        rows,
        "None.",
    ));
    elsewhere(blocks);
}

/// Rules that fired and point to a control, with the number of systems.
fn risks_by_control<'a>(view: &View<'a>) -> BTreeMap<&'static str, Vec<(&'a str, usize)>> {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for system in &view.inventory.systems {
        let mut seen: Vec<&str> = system.classification.reasons.iter().map(|reason| reason.rule.as_str()).collect();
        seen.extend(view.findings(system).iter().map(|finding| finding.rule.as_str()));
        seen.sort_unstable();
        seen.dedup();
        for rule in seen {
            *rules.entry(rule).or_default() += 1;
        }
    }
    let mut by_control: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
    for crosswalk in governance().crosswalks.iter().filter(|crosswalk| crosswalk.framework == ANNEX_A) {
        if let Some((rule, systems)) = rules.get_key_value(crosswalk.of.as_str()) {
            by_control.entry(&crosswalk.id).or_default().push((*rule, *systems));
        }
    }
    by_control
}

fn proposed(control: &rules::governance::Control, tally: Tally, risks: &[(&str, usize)], systems: usize) -> Cell {
    let mut reasons = Vec::new();
    if !risks.is_empty() {
        let named: Vec<String> = risks.iter().take(4).map(|(rule, systems)| format!("{rule} ({systems})")).collect();
        reasons.push(Cell::text(format!(
            "Include: it answers risks that were found, by rule and number of systems: {}.",
            named.join(", ")
        )));
    }
    if control.level != Level::Organisation && tally.evidenced + tally.drafted > 0 {
        reasons.push(Cell::text(format!(
            "Include: {} of {} {} something it speaks of.",
            tally.evidenced + tally.drafted,
            count(systems, "system"),
            if tally.evidenced + tally.drafted == 1 { "shows" } else { "show" }
        )));
    }
    if reasons.is_empty() {
        return if systems == 0 {
            Cell::text("No AI system was found; nothing proposes it either way.")
        } else {
            Cell::text(format!("Include: AI is in use in {}. {}", count(systems, "system"), control.aim))
        };
    }
    lines(reasons)
}

fn implemented(state: State, proof: &[String], level: Level, tally: Tally) -> Cell {
    let mut cells = Vec::new();
    if level != Level::System {
        cells.push(Cell::text(format!("organisation: {state}")));
        cells.extend(proof.iter().take(2).map(Cell::text));
    }
    if level != Level::Organisation {
        cells.push(Cell::text(format!(
            "systems: {} evidenced, {} drafted, {} missing",
            tally.evidenced, tally.drafted, tally.missing
        )));
    }
    lines(cells)
}

fn elsewhere(blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("The controls in other frameworks".to_owned()));
    let mut frameworks: Vec<&str> = governance()
        .crosswalks
        .iter()
        .filter(|crosswalk| governance().control(&crosswalk.of).is_some())
        .map(|crosswalk| crosswalk.framework.as_str())
        .collect();
    frameworks.sort_unstable();
    frameworks.dedup();
    let rows = governance()
        .controls
        .iter()
        .filter_map(|control| {
            let named: Vec<Cell> = frameworks
                .iter()
                .filter_map(|framework| {
                    let ids: Vec<&str> = governance()
                        .elsewhere(&control.id)
                        .filter(|crosswalk| crosswalk.framework == *framework)
                        .map(|crosswalk| crosswalk.id.as_str())
                        .collect();
                    (!ids.is_empty()).then(|| Cell::text(format!("{framework}: {}", ids.join(", "))))
                })
                .collect();
            (!named.is_empty()).then(|| vec![Cell::text(format!("{} {}", control.id, control.title)), lines(named)])
        })
        .collect();
    blocks.push(table(&[("Control", 40), ("Elsewhere", 60)], rows, "None."));
}

/// ORG-GAP.
pub(super) fn gaps(view: &View<'_>, tallies: &[Tally], blocks: &mut Vec<Block>) {
    let tasks = tasks::of(view);
    blocks.push(Block::Heading("What to do, the most pressing first".to_owned()));
    let mut counts = [0usize; 4];
    for task in &tasks {
        counts[usize::from(task.priority.number()) - 1] += 1;
    }
    blocks.push(Block::Paragraph(format!(
        "{}: {} before anything else, {} soon, {} to complete records, {} later. How to record an answer: `aimscan register set SYSTEM SUBJECT=ANSWER`, with the subject that the task names.",
        count(tasks.len(), "task"),
        counts[0],
        counts[1],
        counts[2],
        counts[3]
    )));
    let rows = tasks
        .iter()
        .take(MOST_ROWS + 1)
        .map(|task| {
            vec![
                Cell::text(task.priority.number().to_string()),
                Cell::text(if task.system.is_empty() { "organisation" } else { &task.system }),
                Cell::text(&task.what),
                Cell::text(&task.why),
                Cell::text(&task.who),
                Cell::Code(task.subject.clone()),
            ]
        })
        .collect();
    let mut block = table(
        &[
            ("Priority", 8),
            ("System", 15),
            ("What to do", 29),
            ("Why", 23),
            ("Who", 12),
            ("Subject", 13),
        ],
        rows,
        "Nothing is open.",
    );
    if let Block::Table(table) = &mut block {
        table.left_out = tasks.len().saturating_sub(table.rows.len());
    }
    blocks.push(block);
    blocks.push(Block::Heading("Control by control".to_owned()));
    let rows = of_organisation(view.inventory)
        .iter()
        .zip(tallies)
        .map(|(standpoint, tally)| {
            let control = standpoint.control;
            vec![
                Cell::text(format!("{} {}", control.id, control.title)),
                implemented(standpoint.state, &standpoint.proof, control.level, *tally),
                Cell::text(&control.shown),
                Cell::text(&control.supplied),
            ]
        })
        .collect();
    blocks.push(table(
        &[
            ("Control", 22),
            ("State found", 22),
            ("What a scan shows", 28),
            ("What people supply", 28),
        ],
        rows,
        "None.",
    ));
    blocks.push(Block::Paragraph(
        "`evidenced` means that for all that proves a control evidence or a decision of a person is there, `drafted` that a part of it is there, `missing` that nothing was found in what \
         was scanned and nothing is recorded. No state says that a control is met."
            .to_owned(),
    ));
}

/// ORG-RISK.
pub(super) fn risks(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Paragraph(
        "Method: ISO/IEC 23894:2023 (guidance). Severity and likelihood are rated apart, 1 to 5, by people, for each system; what stands here are the signs for each. \
         Risks that no scan sees stand in SYS-15 of each system. Impact on persons and society is assessed apart, in SYS-03."
            .to_owned(),
    ));
    blocks.push(Block::Heading("Risks that evidence points to".to_owned()));
    let mut all = Vec::new();
    let mut left_out = 0;
    let mut systems: Vec<_> = view.inventory.systems.iter().collect();
    systems.sort_by(|a, b| {
        let rank = |system: &inventory::System| (system.classification.ceiling, system.classification.floor);
        rank(b).cmp(&rank(a)).then_with(|| a.id.cmp(&b.id))
    });
    for system in systems {
        let risks = crate::risks::of(view, system);
        if all.len() + risks.len() > MOST_ROWS {
            left_out += risks.len();
        } else {
            all.extend(risks);
        }
    }
    let mut block = parts::risks(&all, true);
    if let Block::Table(table) = &mut block {
        table.left_out += left_out;
    }
    blocks.push(block);
}

/// Clauses, what each asks for in own words, and what answers it here.
const CLAUSES: [(&str, &str, &str); 24] = [
    ("4.1", "Context of the organisation", "ORG-00"),
    ("4.2", "Interested parties and what they require", "ORG-00 ORG-12"),
    ("4.3", "Scope", "ORG-00 SYS-01"),
    ("4.4", "The management system itself", "ORG-00"),
    ("5.1", "Commitment of top management", "ORG-01"),
    ("5.2", "Policy", "ORG-01"),
    ("5.3", "Roles and authorities", "ORG-04"),
    ("6.1.1", "Actions on risks and opportunities", "ORG-00 ORG-RISK"),
    ("6.1.2", "Assessment of risks", "ORG-00 ORG-RISK SYS-15"),
    (
        "6.1.3",
        "Treatment of risks, Statement of Applicability",
        "ORG-SOA ORG-RISK ORG-GAP SYS-15",
    ),
    ("6.1.4", "Assessment of impacts", "ORG-06 SYS-03"),
    ("6.2", "Objectives", "ORG-01 ORG-07 ORG-09"),
    ("6.3", "Planning of changes", "ORG-07"),
    ("7.1", "Resources", "SYS-02 ORG-13 ORG-GAP"),
    ("7.2", "Competence", "ORG-13"),
    ("7.3", "Awareness", "ORG-13"),
    ("7.4", "Communication", "ORG-05 ORG-10 SYS-12"),
    ("7.5", "Documented information", "ORG-CLAUSES SYS-01 SYS-09"),
    (
        "8.1",
        "Control of operation",
        "ORG-07 ORG-09 ORG-11 SYS-04 SYS-05 SYS-06 SYS-07 SYS-08 SYS-14 SYS-16",
    ),
    ("8.2 and 8.3", "Results of assessing and treating risks", "ORG-RISK SYS-15"),
    ("8.4", "Results of assessing impacts", "SYS-03 ORG-06"),
    ("9.1", "Monitoring and measurement", "SYS-06 SYS-08 SYS-10 ORG-REVIEW"),
    ("9.2 and 9.3", "Internal audit, management review", "ORG-CLAUSES ORG-REVIEW ORG-03"),
    (
        "10.1 and 10.2",
        "Improvement, nonconformity and corrective action",
        "ORG-REVIEW ORG-GAP ORG-10 SYS-16",
    ),
];

/// ORG-CLAUSES.
pub(super) fn clauses(blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Clauses 4 to 10".to_owned()));
    blocks.push(Block::Paragraph(
        "Subjects are in own words. A document named here seeds the evidence for a clause; it does not show that the clause is met."
            .to_owned(),
    ));
    let rows = CLAUSES
        .iter()
        .map(|(clause, subject, documents)| {
            let named = documents.split_whitespace().map(|id| {
                let title = governance().document(id).map_or("", |document| document.title.as_str());
                format!("{id} {title}")
            });
            vec![Cell::text(*clause), Cell::text(*subject), texts(named, "none")]
        })
        .collect();
    blocks.push(table(&[("Clause", 14), ("Subject", 36), ("Documents", 50)], rows, "None."));
    blocks.push(Block::Heading("What published guides ask for".to_owned()));
    let rows = governance()
        .obligations
        .iter()
        .map(|obligation| {
            vec![
                Cell::text(obligation.number.to_string()),
                Cell::text(&obligation.what),
                Cell::text(&obligation.state),
                Cell::text(&obligation.served),
            ]
        })
        .collect();
    blocks.push(table(
        &[("No.", 6), ("What is asked for", 36), ("Served", 10), ("Where, or why not", 48)],
        rows,
        "None.",
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_names_documents_that_exist_and_every_clause_that_a_document_answers() {
        let listed: Vec<&str> = CLAUSES.iter().flat_map(|(clause, ..)| clause.split(" and ")).collect();
        for document in &governance().documents {
            for clause in &document.clauses {
                assert!(listed.contains(&clause.as_str()), "{}: clause {clause}", document.id);
            }
        }
        for (clause, _, documents) in CLAUSES {
            for id in documents.split_whitespace() {
                let document = governance().document(id).unwrap_or_else(|| panic!("no document {id}"));
                assert!(
                    clause.split(" and ").any(|clause| document.clauses.iter().any(|own| own == clause)),
                    "{id} does not say that it answers {clause}"
                );
            }
        }
    }
}
