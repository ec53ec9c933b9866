//! What to do, the most pressing first: practices to be reviewed, findings, questions that are open, fields of the minimum row
//! that are empty, controls without an answer.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use inventory::{Inventory, Level, System, Tier};
use rules::governance::{Level as Of, Prompt, governance};

use crate::View;
use crate::controls::{self, State};
use crate::record::Record;
use crate::risks::short;

/// How pressing a task is; 1 is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Before anything else.
    First,
    /// Soon: it decides on tier or safety.
    Second,
    /// Then: the record is incomplete without it.
    Third,
    /// Later.
    Fourth,
}

impl Priority {
    /// Its number, 1 to 4.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
            Self::Fourth => 4,
        }
    }
}

/// Something a person should do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id; the same as long as its cause is there.
    pub id: String,
    /// How pressing it is.
    pub priority: Priority,
    /// The name of the system; empty for the organisation.
    pub system: String,
    /// The id of the system; empty for the organisation.
    pub system_id: String,
    /// What to do.
    pub what: String,
    /// Why: the rule, field or control behind it.
    pub why: String,
    /// Who can do it.
    pub who: String,
    /// Where it is recorded: the subject of a decision, for `aimscan register`.
    pub subject: String,
}

/// The tasks of an inventory, the most pressing first.
#[must_use]
pub fn of(view: &View<'_>) -> Vec<Task> {
    let inventory = view.inventory;
    let mut tasks: Vec<Task> = organisation(inventory);
    for system in &inventory.systems {
        of_record(&Record::of(view, system), &mut tasks);
        of_findings(view, system, &mut tasks);
    }
    // What may be high comes first, and of one system what decides on its tier.
    let tiers: BTreeMap<&str, (Tier, Tier)> = inventory
        .systems
        .iter()
        .map(|system| (system.id.as_str(), (system.classification.indicated, system.classification.ceiling)))
        .collect();
    let tier = |task: &Task| Reverse(tiers.get(task.system_id.as_str()).copied().unwrap_or((Tier::Stop, Tier::Stop)));
    tasks.sort_by_cached_key(|task| {
        let rank = Rank::of(&task.subject);
        (task.priority, tier(task), task.system.clone(), rank, task.id.clone())
    });
    tasks
}

/// The order of tasks that press alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Tier,
    Question,
    Field,
    Other,
}

impl Rank {
    fn of(subject: &str) -> Self {
        match subject.split('/').next() {
            Some("tier") => Self::Tier,
            Some("question") => Self::Question,
            Some("field") => Self::Field,
            _ => Self::Other,
        }
    }
}

/// Whether an adverse answer to what a rule asks leads to a high tier.
fn leads_high(rule: &str) -> bool {
    let rule = rules::risk::ruleset().rules.iter().find(|known| known.id == rule);
    rule.is_none_or(|rule| {
        [rule.effect.ceiling, rule.effect.indicated, rule.effect.floor]
            .iter()
            .any(|tier| *tier >= Some(Tier::High))
    })
}

fn of_findings(view: &View<'_>, system: &System, tasks: &mut Vec<Task>) {
    for finding in view.findings(system).iter().filter(|finding| finding.accepted.is_none()) {
        if system.standing.held(&format!("finding/{}", finding.rule)).is_some() {
            continue;
        }
        tasks.push(Task {
            id: format!("T-{}-{}", short(&finding.system), finding.rule),
            priority: match finding.level {
                Level::Error => Priority::First,
                Level::Warning => Priority::Second,
                Level::Note => Priority::Fourth,
            },
            system: system.name.clone(),
            system_id: system.id.clone(),
            what: finding.remedy.clone(),
            why: finding.message.clone(),
            who: "Engineering lead".to_owned(),
            subject: format!("finding/{}", finding.rule),
        });
    }
}

/// One task for each document of the organisation that people have not written to its end.
fn organisation(inventory: &Inventory) -> Vec<Task> {
    let standpoints = controls::of_organisation(inventory);
    governance()
        .documents
        .iter()
        .filter(|document| document.level == Of::Organisation)
        .filter_map(|document| {
            let subject = |prompt: &Prompt| format!("text/{}/{}", document.id, prompt.id);
            let mut open = document
                .prompts
                .iter()
                .filter(|prompt| inventory.organisation.held(&subject(prompt)).is_none());
            let first = open.next()?;
            let missing: Vec<&str> = standpoints
                .iter()
                .filter(|standpoint| standpoint.state != State::Evidenced && document.controls.contains(&standpoint.control.id))
                .map(|standpoint| standpoint.control.id.as_str())
                .collect();
            let left = open.count() + 1;
            Some(Task {
                id: format!("T-{}", document.id),
                priority: Priority::Third,
                system: String::new(),
                system_id: String::new(),
                what: format!("Write {} {}: first, {}", document.id, document.title, first.ask),
                why: {
                    let parts = match document.prompts.len() {
                        1 => "Its only part is missing".to_owned(),
                        all if left == 1 => format!("1 of {all} parts is missing"),
                        all => format!("{left} of {all} parts are missing"),
                    };
                    if missing.is_empty() {
                        format!("{parts}.")
                    } else {
                        format!("{parts}; it answers {}.", missing.join(", "))
                    }
                },
                who: first.who.clone(),
                subject: subject(first),
            })
        })
        .collect()
}

fn of_record(record: &Record<'_>, tasks: &mut Vec<Task>) {
    let system = record.system;
    let classification = &system.classification;
    let mut add = |id: String, priority, what: String, why: String, who: String, subject: String| {
        tasks.push(Task {
            id: format!("T-{}-{id}", short(&system.id)),
            priority,
            system: system.name.clone(),
            system_id: system.id.clone(),
            what,
            why,
            who,
            subject,
        });
    };
    let decided = system.standing.held("tier").is_some();
    if classification.ceiling >= Tier::Stop && !decided {
        add(
            "stop".to_owned(),
            Priority::First,
            "Stop and have it reviewed before anything else.".to_owned(),
            "It shows signs of a practice that Article 5 of the AI Act may prohibit.".to_owned(),
            "Legal counsel".to_owned(),
            "tier".to_owned(),
        );
    }
    for (number, question) in classification.questions.iter().enumerate() {
        let id = if question.rule.is_empty() {
            (number + 1).to_string()
        } else {
            question.rule.clone()
        };
        let priority = if classification.ceiling >= Tier::High && leads_high(&question.rule) {
            Priority::Second
        } else {
            Priority::Third
        };
        add(
            format!("question-{id}"),
            priority,
            format!("Answer: {}", question.question),
            format!("If yes: {}", question.if_yes),
            question.who.clone(),
            format!("question/{}", question.rule),
        );
    }
    for field in record.incomplete() {
        let priority = match field.form.id.as_str() {
            "owner" => Priority::Second,
            _ => Priority::Third,
        };
        add(
            field.form.id.clone(),
            priority,
            field.form.ask.clone(),
            format!("{} is missing in the record.", field.form.label),
            field.form.who.clone(),
            format!("field/{}", field.form.id),
        );
    }
    for field in record.fields.iter().filter(|field| !field.reopened.is_empty()) {
        add(
            format!("reopened-{}", field.form.id),
            Priority::Second,
            format!("Decide again: {}", field.form.ask),
            field.reopened.join("; "),
            field.form.who.clone(),
            format!("field/{}", field.form.id),
        );
    }
}
