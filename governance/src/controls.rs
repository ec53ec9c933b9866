//! The state of each control of Annex A, for a system and for the organisation, with what proves it.
//!
//! A state says what was found, never that a control is met: `missing` means not found in what was scanned and not recorded.

use inventory::Inventory;
use inventory::register::{Held, Standing};
use rules::governance::{Control, Level, governance};

use crate::View;
use crate::record::{Record, Status, by};

/// How far a control is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing was found and nothing is recorded.
    Missing,
    /// Facts or parts of a text are there; people have to finish.
    Drafted,
    /// For all that proves it, evidence or a decision of a person is there.
    Evidenced,
}

impl State {
    /// The name used in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Drafted => "drafted",
            Self::Evidenced => "evidenced",
        }
    }

    /// Every state, the least first.
    pub const ALL: [Self; 3] = [Self::Missing, Self::Drafted, Self::Evidenced];
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A control with its state.
#[derive(Debug, Clone)]
pub struct Standpoint<'a> {
    /// The control.
    pub control: &'static Control,
    /// How far it is answered.
    pub state: State,
    /// What proves it: fields with their values, texts that people wrote.
    pub proof: Vec<String>,
    /// What is still asked for.
    pub open: Vec<String>,
    /// What people decided on it.
    pub decided: Option<&'a Held>,
}

impl Standpoint<'_> {
    /// Whether the control speaks of systems only, so that the organisation has no state of its own.
    #[must_use]
    pub fn is_of_systems(&self) -> bool {
        self.control.level == Level::System
    }
}

/// The controls that speak of each system, for one.
#[must_use]
pub fn of_system<'a>(record: &Record<'a>) -> Vec<Standpoint<'a>> {
    let standing = &record.system.standing;
    governance()
        .controls
        .iter()
        .filter(|control| control.level != Level::Organisation)
        .map(|control| {
            let mut proof = Vec::new();
            let mut open = Vec::new();
            let mut sure = 0;
            for id in &control.fields {
                let field = record.field(id);
                sure += usize::from(matches!(field.status(), Status::Detected | Status::Human));
                if field.status() == Status::Missing {
                    open.push(field.form.ask.clone());
                } else {
                    proof.push(format!("{} ({}): {}", field.form.label, field.status(), brief(&field.text())));
                }
            }
            // All that proves it has to be seen or decided; a part of it is a draft.
            let mut state = match (sure, proof.len()) {
                (sure, _) if sure > 0 && sure == control.fields.len() => State::Evidenced,
                (_, 0) => State::Missing,
                _ => State::Drafted,
            };
            texts(control, standing, "SYS-", &mut state, &mut proof);
            Standpoint {
                control,
                state,
                proof,
                open,
                decided: standing.held(&format!("control/{}", control.id)),
            }
        })
        .collect()
}

/// The controls that speak of the organisation, for it.
#[must_use]
pub fn of_organisation(inventory: &Inventory) -> Vec<Standpoint<'_>> {
    let standing = &inventory.organisation;
    governance()
        .controls
        .iter()
        .map(|control| {
            let (mut state, mut proof) = (State::Missing, Vec::new());
            if control.level != Level::System {
                texts(control, standing, "ORG-", &mut state, &mut proof);
            }
            Standpoint {
                control,
                state,
                proof,
                open: vec![control.supplied.clone()],
                decided: standing.held(&format!("control/{}", control.id)),
            }
        })
        .collect()
}

/// What people wrote into the documents of a control: all of a document evidences it, a part drafts it.
fn texts(control: &Control, standing: &Standing, family: &str, state: &mut State, proof: &mut Vec<String>) {
    for id in control.documents.iter().filter(|id| id.starts_with(family)) {
        let Some(document) = governance().document(id) else { continue };
        let written: Vec<&Held> = document
            .prompts
            .iter()
            .filter_map(|prompt| standing.held(&format!("text/{id}/{}", prompt.id)))
            .collect();
        if let Some(last) = written.iter().max_by_key(|held| &held.at) {
            let whole = written.len() == document.prompts.len();
            *state = (*state).max(if whole { State::Evidenced } else { State::Drafted });
            proof.push(format!(
                "{id} {}: {} of {} parts written, last by {}",
                document.title,
                written.len(),
                document.prompts.len(),
                by(last)
            ));
        }
    }
}

/// The beginning of a text that may be long.
pub(crate) fn brief(text: &str) -> String {
    const MOST: usize = 160;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST).collect();
    format!("{} …", cut.trim_end())
}

/// How many systems have a control in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Systems for which it is evidenced.
    pub evidenced: usize,
    /// Systems for which it is drafted.
    pub drafted: usize,
    /// Systems for which it is missing.
    pub missing: usize,
}

impl Tally {
    /// Adds a system.
    pub const fn add(&mut self, state: State) {
        match state {
            State::Evidenced => self.evidenced += 1,
            State::Drafted => self.drafted += 1,
            State::Missing => self.missing += 1,
        }
    }
}

/// The states of every control over all systems, in the order of the controls; those of the organisation alone stay empty.
#[must_use]
pub fn tallies(view: &View<'_>) -> Vec<Tally> {
    let controls = &governance().controls;
    let mut tallies = vec![Tally::default(); controls.len()];
    for system in &view.inventory.systems {
        for standpoint in of_system(&Record::of(view, system)) {
            if let Some(at) = controls.iter().position(|control| control.id == standpoint.control.id) {
                tallies[at].add(standpoint.state);
            }
        }
    }
    tallies
}
