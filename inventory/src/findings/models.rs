//! Models that are retired, that may change under one's feet, or whose licence limits their use.

use evidence::{ComponentKind, Confidence, Evidence};

use super::{Found, Policy, Rule, is_productive, places};
use crate::{Component, Level, System};

pub(super) const RETIRED: Rule = Rule {
    id: "retired-model",
    title: "A model is retired, or soon will be",
    why: "A service that no longer answers for a model fails, and a model that is no longer looked after is no longer mended.",
    find: |system, policy| models(system).filter_map(|model| retired(system, model, policy)).collect(),
};

pub(super) const FLOATING: Rule = Rule {
    id: "floating-model",
    title: "A model is named by an alias that moves",
    why: "What the alias stands for changes without a change of the code, and with it what was tested and assessed.",
    find: |system, _| models(system).filter_map(floating).collect(),
};

pub(super) const LICENCE: Rule = Rule {
    id: "limited-licence",
    title: "Open weights come under a licence that limits their use",
    why: "Some licences of open weights forbid commercial use, uses of certain kinds, or use by large services.",
    find: |system, policy| {
        system
            .components
            .iter()
            .filter(|component| matches!(component.kind, ComponentKind::Model | ComponentKind::ModelFile))
            .filter_map(|model| licence(system, model, policy))
            .collect()
    },
};

/// Models that the system's own code or configuration names for use.
fn models(system: &System) -> impl Iterator<Item = &Component> {
    system
        .of_kind(ComponentKind::Model)
        .filter(|model| model.evidence.iter().any(counts))
}

fn counts(seen: &Evidence) -> bool {
    is_productive(seen) && seen.confidence >= Confidence::Medium
}

fn fact<'c>(component: &'c Component, name: &str) -> Option<&'c str> {
    let told = component.evidence.iter().find_map(|seen| seen.facts.get(name));
    told.or_else(|| component.facts.get(name)).map(String::as_str)
}

fn retired(system: &System, model: &Component, policy: &Policy) -> Option<Found> {
    let day = fact(model, "retired-on").or_else(|| fact(model, "retires"))?;
    let is_over = if policy.today.is_empty() {
        fact(model, "retired-on").is_some()
    } else {
        day <= policy.today.as_str()
    };
    let soon = !is_over && !policy.today.is_empty() && day <= half_a_year_after(&policy.today).as_str();
    let (level, message) = match (is_over, soon) {
        (true, _) => (
            Level::Warning,
            format!("`{}` uses `{}`, which was retired on {day}.", system.name, model.name),
        ),
        (false, true) => (
            Level::Note,
            format!("`{}` uses `{}`, which will be retired on {day}.", system.name, model.name),
        ),
        _ => return None,
    };
    let instead = fact(model, "successor").map_or_else(
        || "a model that its provider still serves".to_owned(),
        |to| format!("`{to}`, which its provider names instead"),
    );
    Some(Found {
        level,
        message,
        remedy: format!("Move to {instead}; test it, and assess it anew, as it answers differently."),
        evidence: places(model, counts),
    })
}

/// The same day of the month half a year later; days written like this compare as texts do.
fn half_a_year_after(day: &str) -> String {
    let number = |range: std::ops::Range<usize>| day.get(range).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let (year, month) = (number(0..4), number(5..7) + 6);
    let (year, month) = if month > 12 { (year + 1, month - 12) } else { (year, month) };
    format!("{year:04}-{month:02}-{}", day.get(8..).unwrap_or("01"))
}

fn floating(model: &Component) -> Option<Found> {
    let name = model.name.to_ascii_lowercase();
    let moves = name.ends_with("-latest") || name.ends_with(":latest") || name == "latest";
    moves.then(|| Found {
        level: Level::Note,
        message: format!("`{}` is an alias: what it stands for is the provider's to change.", model.name),
        remedy: "Name the dated or numbered version that was tested, and change it on purpose.".to_owned(),
        evidence: places(model, counts),
    })
}

fn licence(system: &System, model: &Component, policy: &Policy) -> Option<Found> {
    if !model.evidence.iter().any(counts) {
        return None;
    }
    let licence = fact(model, "licence")?;
    let told = fact(model, "licence-limits").map_or_else(|| limits_of(licence), str::to_owned);
    let limits: Vec<&str> = told
        .split_whitespace()
        .filter(|limit| !policy.harmless_limits.iter().any(|harmless| harmless == limit))
        .collect();
    if limits.is_empty() {
        return None;
    }
    let forbids = limits.contains(&"non-commercial");
    Some(Found {
        level: if forbids { Level::Warning } else { Level::Note },
        message: format!("`{}` uses `{}` under the licence {licence}, which limits its use: {}.", system.name, model.name, limits.join(", ")),
        remedy: "Compare the licence with what the system is for; keep the answer with the system, or take a model whose licence allows the use.".to_owned(),
        evidence: places(model, counts),
    })
}

/// What a licence's own id says that it limits, where a card or header names it.
fn limits_of(licence: &str) -> String {
    let licence = licence.to_ascii_lowercase();
    let says = |word: &str| licence.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word);
    if licence.starts_with("cc-by") && says("nc") {
        "non-commercial".to_owned()
    } else if licence.contains("openrail") {
        "use-restrictions".to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{
        findings,
        tests::{rules, with},
    };
    use crate::sample;

    fn found(name: &str, facts: &[(&'static str, &str)], today: &str) -> Vec<(String, Level)> {
        let system = sample::system("shop", vec![with(sample::seen(ComponentKind::Model, name, "src/a.py"), facts)]);
        let policy = Policy {
            today: today.into(),
            ..Policy::default()
        };
        rules(&findings(&[system], &policy))
            .into_iter()
            .map(|(rule, level)| (rule.to_owned(), level))
            .collect()
    }

    #[test]
    fn models_are_told_of_when_they_are_retired_or_soon_will_be() {
        let retires = |day: &'static str| [("retires", day)];
        assert_eq!(
            found("m-1", &retires("2026-11-01"), "2026-11-26"),
            [("retired-model".to_owned(), Level::Warning)]
        );
        assert_eq!(
            found("m-1", &retires("2027-03-01"), "2026-11-26"),
            [("retired-model".to_owned(), Level::Note)]
        );
        assert_eq!(found("m-1", &retires("2027-06-01"), "2026-11-26"), []);
        assert_eq!(found("m-1", &[], "2026-11-26"), []);
    }

    #[test]
    fn aliases_that_move_are_told_of() {
        assert_eq!(found("m-latest", &[], ""), [("floating-model".to_owned(), Level::Note)]);
        assert_eq!(found("m-1-2026-01-01", &[], ""), []);
        assert_eq!(found("latest-news", &[], ""), []);
    }

    #[test]
    fn licences_are_told_of_by_what_they_limit() {
        assert_eq!(
            found("m-1", &[("licence", "x"), ("licence-limits", "non-commercial")], ""),
            [("limited-licence".to_owned(), Level::Warning)]
        );
        assert_eq!(
            found("m-1", &[("licence", "cc-by-nc-4.0")], ""),
            [("limited-licence".to_owned(), Level::Warning)]
        );
        assert_eq!(
            found("m-1", &[("licence", "openrail")], ""),
            [("limited-licence".to_owned(), Level::Note)]
        );
        for free in ["apache-2.0", "mit", "cc-by-4.0"] {
            assert_eq!(found("m-1", &[("licence", free)], ""), [], "{free}");
        }
    }
}
