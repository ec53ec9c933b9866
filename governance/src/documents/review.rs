//! What changed and what is due: triggers of a policy review, and the pack for the management review, from two snapshots.

use inventory::changes::ChangeKind;

use super::parts::{count, texts};
use super::{Block, Cell, suppliers, table};
use crate::controls::{State, Tally, of_organisation};
use crate::record::Status;
use crate::seen::day;
use crate::{Record, View};

/// ORG-03: what may ask for a review of the policy.
pub(super) fn changed(view: &View<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Changes since the snapshot before".to_owned()));
    let Some(changes) = view.changes else {
        blocks.push(Block::Paragraph(
            "There is no earlier snapshot to compare with yet; scan again later.".to_owned(),
        ));
        return;
    };
    blocks.push(Block::Paragraph(format!(
        "Between {} and {}.",
        day(&changes.before),
        day(&changes.after)
    )));
    let whole = |what: &'static str, systems: &[inventory::changes::ChangedSystem]| -> Vec<Vec<Cell>> {
        systems
            .iter()
            .map(|system| vec![Cell::text(what), Cell::text(&system.name), Cell::text(&system.sentence)])
            .collect()
    };
    let mut rows = whole("new system", &changes.new);
    rows.extend(whole("system gone", &changes.gone));
    for system in &changes.changed {
        for change in &system.changes {
            let what = match change.kind {
                ChangeKind::TierMoved => "tier moved",
                ChangeKind::ProviderNew => "new vendor",
                ChangeKind::ProviderGone => "vendor gone",
                ChangeKind::ModelNew => "new model",
                ChangeKind::ModelGone => "model gone",
                ChangeKind::ComponentNew | ChangeKind::ComponentGone | ChangeKind::UseChanged => continue,
            };
            rows.push(vec![Cell::text(what), Cell::text(&system.name), Cell::text(&change.sentence)]);
        }
    }
    blocks.push(table(
        &[("What", 16), ("System", 24), ("Change", 60)],
        rows,
        "No system, vendor, model or tier changed.",
    ));
    if !changes.notes.is_empty() {
        blocks.push(Block::List(changes.notes.clone()));
    }
}

/// ORG-REVIEW.
pub(super) fn pack(view: &View<'_>, tallies: &[Tally], blocks: &mut Vec<Block>) {
    let inventory = view.inventory;
    blocks.push(Block::Heading("The inventory in numbers".to_owned()));
    let mut tiers = std::collections::BTreeMap::new();
    for system in &inventory.systems {
        *tiers.entry(system.classification.ceiling).or_insert(0usize) += 1;
    }
    let open = inventory.findings.iter().filter(|finding| finding.accepted.is_none()).count();
    let questions: usize = inventory.systems.iter().map(|system| system.classification.questions.len()).sum();
    let mut numbers = vec![
        count(inventory.systems.len(), "AI system"),
        format!("{}, {}", count(open, "open finding"), count(questions, "open question")),
        suppliers::covered(&inventory.coverage),
    ];
    numbers.extend(
        tiers
            .into_iter()
            .rev()
            .map(|(tier, systems)| format!("{} that may reach tier {tier}", count(systems, "system"))),
    );
    blocks.push(Block::List(numbers));
    changed(view, blocks);

    blocks.push(Block::Heading("Overdue and missing".to_owned()));
    let today = day(&inventory.scanned_at);
    let mut rows = Vec::new();
    for system in &inventory.systems {
        let record = Record::of(view, system);
        let mut due: Vec<String> = Vec::new();
        let next = record.field("review-next");
        match next.status() {
            Status::Missing => due.push("no date of the next review".to_owned()),
            _ if next.text().as_str() < today => due.push(format!("review was due on {}", next.text())),
            _ => {}
        }
        if record.field("owner").status() != Status::Human {
            due.push("owner not confirmed".to_owned());
        }
        if record.field("approval").status() != Status::Human {
            due.push("approval not decided".to_owned());
        }
        for (subject, held) in &system.standing.decisions {
            if held.until.as_deref().is_some_and(|until| until < today) {
                due.push(format!("{subject} held until {}", held.until.as_deref().unwrap_or_default()));
            }
            if !held.stands() {
                due.push(format!("{subject} is to be decided again"));
            }
        }
        if !due.is_empty() {
            rows.push(vec![Cell::text(&system.name), texts(due, "")]);
        }
    }
    blocks.push(table(&[("System", 30), ("What is due", 70)], rows, "Nothing is overdue."));

    blocks.push(Block::Heading("Controls".to_owned()));
    let standpoints = of_organisation(inventory);
    let of = |state: State| {
        standpoints
            .iter()
            .filter(|standpoint| standpoint.control.level != rules::governance::Level::System && standpoint.state == state)
            .count()
    };
    let mut total = Tally::default();
    for tally in tallies {
        total.evidenced += tally.evidenced;
        total.drafted += tally.drafted;
        total.missing += tally.missing;
    }
    blocks.push(Block::List(vec![
        format!(
            "Of the organisation: {} evidenced, {} drafted, {} missing",
            of(State::Evidenced),
            of(State::Drafted),
            of(State::Missing)
        ),
        format!(
            "Over all systems: {} evidenced, {} drafted, {} missing",
            total.evidenced, total.drafted, total.missing
        ),
    ]));
}
