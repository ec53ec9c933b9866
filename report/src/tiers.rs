//! The tiers of systems that a list describes: a line of JSON each, rows for a spreadsheet, or a page for people.

use inventory::{Classification, EuAct, Listed, OpenQuestion, Profile, Reason, Tier};
use serde::Serialize;

use crate::csv::{computes, plain};
use crate::json::harmless;

/// Version of the form of a line; raised with every change that a reader could trip over.
pub const SCHEMA_VERSION: &str = "1.0";

#[derive(Serialize)]
struct Line<'a> {
    schema_version: &'static str,
    id: &'a str,
    name: &'a str,
    row: usize,
    floor: Tier,
    indicated: Tier,
    ceiling: Tier,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a Profile>,
    eu: &'a EuAct,
    reasons: &'a [Reason],
    questions: &'a [OpenQuestion],
    ruleset: &'a str,
}

/// One system as a line of JSON.
#[must_use]
pub fn json(listed: &Listed, classification: &Classification, ruleset: &str) -> String {
    let line = Line {
        schema_version: SCHEMA_VERSION,
        id: &listed.id,
        name: &listed.name,
        row: listed.row,
        floor: classification.floor,
        indicated: classification.indicated,
        ceiling: classification.ceiling,
        profile: classification.profile.as_ref(),
        eu: &classification.eu,
        reasons: &classification.reasons,
        questions: &classification.questions,
        ruleset,
    };
    let mut text = serde_json::to_string(&line).expect("a line has only string keys");
    text.push('\n');
    harmless(text)
}

/// The headings of the rows that [`csv`] writes, with the mark by which spreadsheets know UTF-8.
#[must_use]
pub fn csv_headings() -> String {
    "\u{feff}id,name,floor,indicated,ceiling,severity,likelihood,eu_ai_act,eu_points,reasons,questions,row\r\n".to_owned()
}

/// One system as a row for a spreadsheet, in which nothing is taken for a formula.
#[must_use]
pub fn csv(listed: &Listed, classification: &Classification) -> String {
    let number = |of: fn(&Profile) -> u8| {
        classification
            .profile
            .as_ref()
            .map_or_else(String::new, |profile| of(profile).to_string())
    };
    let points: Vec<String> = classification
        .eu
        .points
        .iter()
        .map(|point| format!("{point}: {}", point.status))
        .collect();
    let reasons: Vec<&str> = classification.reasons.iter().map(|reason| reason.because.as_str()).collect();
    let questions: Vec<&str> = classification.questions.iter().map(|question| question.question.as_str()).collect();
    let cells = [
        listed.id.clone(),
        listed.name.clone(),
        classification.floor.to_string(),
        classification.indicated.to_string(),
        classification.ceiling.to_string(),
        number(|profile| profile.severity),
        number(|profile| profile.likelihood),
        classification.eu.status.to_string(),
        points.join(" | "),
        reasons.join(" | "),
        questions.join(" | "),
        listed.row.to_string(),
    ];
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell in quotes, on one line, that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let text = plain(text);
    let guard = if computes(&text) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_text_stays() {
        for formula in ["=1+1", "+A1", "-2", "@SUM(A1)", " =1", "\u{ff1d}1", "=cmd|'/c calc'!A1"] {
            assert!(cell(formula).starts_with("\"'"), "{formula}");
        }
        for text in ["a=b", "", "limited", "1-2"] {
            assert_eq!(cell(text), format!("\"{text}\""));
        }
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
