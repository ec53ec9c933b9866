//! The risks that evidence points to: findings, and rules of risk that fired. Severity and likelihood are two columns that only
//! people fill; here stand the signs for each.

use evidence::Location;
use inventory::register::Held;
use inventory::{Finding, Level, Reason, System, Tier};
use rules::governance::{ANNEX_A, governance};

use crate::View;
use crate::seen::{MOST_PLACES, places_of};

/// A risk of a system.
#[derive(Debug, Clone)]
pub struct Risk<'a> {
    /// Its id: the system's, then the rule's; the same from scan to scan.
    pub id: String,
    /// The system.
    pub system: &'a System,
    /// The rule that points to it.
    pub rule: &'a str,
    /// What kind of source it has.
    pub source: &'static str,
    /// What may go wrong, or why it is asked, as a sentence.
    pub sentence: String,
    /// Whether it speaks of how severe harm may be, or of how likely.
    pub axis: Axis,
    /// How urgent the finding behind it is; absent for a rule of risk.
    pub level: Option<Level>,
    /// What to do about it, where a rule knows.
    pub remedy: Option<&'a str>,
    /// Places that show it.
    pub places: Vec<Location>,
    /// The controls that answer it.
    pub controls: Vec<&'a str>,
    /// Names of it in other frameworks.
    pub elsewhere: Vec<String>,
    /// That it was accepted, why and until when.
    pub accepted: Option<String>,
}

/// What a risk is a sign of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// How severe harm may be.
    Severity,
    /// How likely harm is.
    Likelihood,
}

impl Axis {
    /// The word a person reads.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Likelihood => "likelihood",
        }
    }
}

/// The kind of source that a rule speaks of, and the axis it is a sign of.
fn kind(rule: &str) -> (&'static str, Axis) {
    match rule {
        "hard-coded-credential" => ("security", Axis::Likelihood),
        "unsafe-model-file" => ("security of the supply chain", Axis::Likelihood),
        "floating-model" | "retired-model" => ("performance and change of models", Axis::Likelihood),
        "limited-licence" => ("licences", Axis::Likelihood),
        "unapproved-provider" | "unapproved-model" => ("third parties without approval", Axis::Likelihood),
        "unapproved-licence" => ("licences", Axis::Likelihood),
        "unapproved-region" => ("places of data", Axis::Likelihood),
        "unapproved-use" => ("use without approval", Axis::Severity),
        "imported-undeclared" => ("supply chain", Axis::Likelihood),
        "unattended-agent" | "use.agent" | "use.tools" => ("autonomy", Axis::Likelihood),
        "personal-data-question" => ("privacy", Axis::Severity),
        "use.generative" => ("transparency and wrong output", Axis::Severity),
        _ if rule.starts_with("data.") => ("people's data", Axis::Severity),
        _ if rule.starts_with("purpose-practice.") => ("practices to be reviewed before anything else", Axis::Severity),
        _ if rule.starts_with("domain.") || rule.starts_with("purpose-") => ("decisions about people and society", Axis::Severity),
        _ if rule.starts_with("supply.") => ("third parties and supply chain", Axis::Likelihood),
        _ => ("use", Axis::Likelihood),
    }
}

/// The risks of a system: findings first, then rules of risk that raise its tier above minimal.
#[must_use]
pub fn of<'a>(view: &View<'a>, system: &'a System) -> Vec<Risk<'a>> {
    let mut risks: Vec<Risk<'_>> = Vec::new();
    for finding in view.findings(system) {
        let nth = risks.iter().filter(|risk| risk.rule == finding.rule).count();
        risks.push(of_finding(finding, system, nth));
    }
    let raises = |reason: &&Reason| {
        [Tier::Limited, Tier::High, Tier::Stop].iter().any(|tier| {
            reason
                .effect
                .split(", ")
                .any(|part| !part.starts_with("cap") && part.contains(tier.as_str()))
        })
    };
    risks.extend(
        system
            .classification
            .reasons
            .iter()
            .filter(raises)
            .map(|reason| of_reason(reason, system)),
    );
    risks
}

fn of_finding<'a>(finding: &'a Finding, system: &'a System, nth: usize) -> Risk<'a> {
    let (source, axis) = kind(&finding.rule);
    let decided = system.standing.held(&format!("finding/{}", finding.rule)).map(crate::record::by);
    let number = if nth == 0 { String::new() } else { format!("-{}", nth + 1) };
    Risk {
        id: format!("R-{}-{}{number}", short(&system.id), finding.rule),
        system,
        rule: &finding.rule,
        source,
        sentence: finding.message.clone(),
        axis,
        level: Some(finding.level),
        remedy: Some(&finding.remedy),
        places: places_of(finding),
        controls: governance().controls_of(&finding.rule).collect(),
        elsewhere: elsewhere(&finding.rule),
        accepted: finding
            .accepted
            .as_ref()
            .map(|accepted| {
                let until = accepted.until.as_ref().map(|day| format!(" (until {day})")).unwrap_or_default();
                format!("{}{until}", accepted.reason)
            })
            .or(decided),
    }
}

fn of_reason<'a>(reason: &'a Reason, system: &'a System) -> Risk<'a> {
    let (source, axis) = kind(&reason.rule);
    Risk {
        id: format!("R-{}-{}", short(&system.id), reason.rule),
        system,
        rule: &reason.rule,
        source,
        sentence: reason.because.clone(),
        axis,
        level: None,
        remedy: None,
        places: reason.evidence.iter().take(MOST_PLACES).cloned().collect(),
        controls: governance().controls_of(&reason.rule).collect(),
        elsewhere: elsewhere(&reason.rule),
        accepted: None,
    }
}

fn elsewhere(rule: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for crosswalk in governance().elsewhere(rule).filter(|crosswalk| crosswalk.framework != ANNEX_A) {
        names.push(format!("{} {}", crosswalk.framework, crosswalk.id));
    }
    names
}

/// The first digits of an id, as people quote it.
pub(crate) fn short(id: &str) -> &str {
    id.char_indices().nth(8).map_or(id, |(end, _)| &id[..end])
}

/// What people decided on severity, likelihood or treatment of a system's risks.
#[must_use]
pub fn rated<'a>(system: &'a System, field: &str) -> Option<&'a Held> {
    system.standing.held(&format!("field/{field}"))
}
