//! What Annex VIII of the AI Act wants to be told when a system is registered, with what the record says for each point. Whether a system
//! must be registered, and by which section, is not decided here.

use inventory::{System, Tier};
use rules::governance::{AI_ACT, Point, Section, governance};

use crate::record::{Field, Record};

/// A section with its points.
#[derive(Debug)]
pub struct Filled<'r> {
    /// The section.
    pub section: &'static Section,
    /// Its points with the fields of the record that say something for them, in the order of the rules.
    pub points: Vec<(&'static Point, Vec<&'r Field>)>,
}

/// What people record only of systems that are registered, or that would be if they were not exempted.
const RECORDED: [&str; 4] = [
    "field/eu-class",
    "field/exemption-condition",
    "field/exemption-summary",
    "field/eu-registration",
];

/// Whether somebody should look at a system with registration in mind: it could be high, or people said it is, or is exempted.
#[must_use]
pub fn concerns(system: &System) -> bool {
    let is_high = system.confirmed_tier().unwrap_or(system.classification.ceiling) >= Tier::High;
    is_high || RECORDED.iter().any(|subject| system.standing.held(subject).is_some())
}

/// The text of the law that the sections follow.
#[must_use]
pub fn law() -> String {
    governance().version_of(AI_ACT).map(ToString::to_string).unwrap_or_default()
}

/// The sections for a system.
#[must_use]
pub fn of<'r>(record: &'r Record<'_>) -> Vec<Filled<'r>> {
    let points = |section: &'static Section| {
        section
            .points
            .iter()
            .map(|point| (point, point.fields.iter().map(|id| record.field(id)).collect()))
            .collect()
    };
    governance()
        .registration
        .iter()
        .map(|section| Filled {
            section,
            points: points(section),
        })
        .collect()
}
