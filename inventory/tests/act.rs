//! The rules know every point of Annex III and of Article 5 of the AI Act in every language, and leave everyday uses alone.

use std::collections::BTreeMap;

use inventory::classify::Judge;
use inventory::listed::Passage;
use inventory::{EuStatus, Listed, Tier};
use rules::risk::{TextPlace, ruleset};
use serde::Deserialize;

#[derive(Deserialize)]
struct Act {
    point: Vec<Point>,
    #[serde(rename = "use")]
    uses: Vec<Point>,
    everyday: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Point {
    point: String,
    least: Tier,
    #[serde(flatten)]
    texts: BTreeMap<String, String>,
}

fn act() -> Act {
    toml::from_str(include_str!("act.toml")).expect("has its form")
}

fn row(text: &str) -> Listed {
    Listed {
        passages: vec![Passage::of(TextPlace::Purpose, "purpose".into(), text)],
        ..Listed::default()
    }
}

#[test]
fn every_point_is_possible_in_every_language_and_nearly_all_are_indicated() {
    let mut judge = Judge::new(ruleset());
    let (mut all, mut indicated, mut missed) = (0, 0, Vec::new());
    for Point { point, least, texts } in act().point {
        assert_eq!(texts.len(), 5, "{point}");
        for (language, text) in texts {
            let found = judge.listed(&row(&text), None);
            all += 1;
            indicated += usize::from(found.indicated >= Tier::High);
            if found.ceiling < least || found.eu.status < EuStatus::Possible {
                missed.push(format!("{point} {language}: {text}"));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(indicated * 100 >= all * 97, "{indicated} of {all}");
}

#[test]
fn uses_are_possible_in_the_words_that_lists_have_for_them() {
    let mut judge = Judge::new(ruleset());
    let mut missed = Vec::new();
    for Point { point, least, texts } in act().uses {
        assert_eq!(texts.len(), 5, "{point}");
        for (language, text) in texts {
            let found = judge.listed(&row(&text), None);
            if found.ceiling < least || found.eu.status < EuStatus::Possible {
                missed.push(format!("{point} {language}: {text}"));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn everyday_uses_are_not_possibly_high() {
    let mut judge = Judge::new(ruleset());
    let everyday = act().everyday;
    assert!(
        everyday.len() == 5 && everyday.values().all(|texts| texts.len() >= 10),
        "{everyday:#?}"
    );
    for text in everyday.values().flatten() {
        let found = judge.listed(&row(text), None);
        assert!(found.ceiling < Tier::High, "{text}: {:?}", found.reasons);
    }
}
