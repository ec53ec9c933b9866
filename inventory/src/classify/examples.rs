//! Holds risk rules to their word: each fires on its examples and on none of its counterexamples.

use evidence::{Evidence, Facts, Location, Statement};
use rules::Fault;
use rules::concepts::Finder;
use rules::risk::{Example, Rule, Ruleset, TextPlace};

use super::subject::Subject;
use super::{Classification, matching};
use crate::System;
use crate::correlate::components;
use crate::listed::{Listed, Passage};

/// Everything wrong with a set of rules: in their form, and on their own examples.
#[must_use]
pub fn check(ruleset: &Ruleset) -> Vec<Fault> {
    let mut faults = ruleset.faults();
    faults.extend(ruleset.concepts.faults());
    let mut finder = ruleset.concepts.finder();
    for rule in &ruleset.rules {
        let mut fault = |message: String| faults.push(Fault::error(&rule.id, message));
        for (n, example) in rule
            .examples
            .iter()
            .enumerate()
            .filter(|(_, example)| !fires(rule, example, &mut finder))
            .collect::<Vec<_>>()
        {
            fault(format!("does not fire on its example {}: {}", n + 1, summary(example)));
        }
        for (n, example) in rule
            .counterexamples
            .iter()
            .enumerate()
            .filter(|(_, example)| fires(rule, example, &mut finder))
            .collect::<Vec<_>>()
        {
            fault(format!("fires on its counterexample {}: {}", n + 1, summary(example)));
        }
    }
    faults.sort();
    faults
}

fn fires(rule: &Rule, example: &Example, finder: &mut Finder<'_>) -> bool {
    if example.components.is_empty() {
        let listed = listed(example);
        let subject = Subject::of_list(&listed, finder);
        return matching::fires(rule, &subject).is_some();
    }
    let system = system(example);
    let subject = Subject::of_system(&system).with_signs(finder);
    matching::fires(rule, &subject).is_some()
}

fn summary(example: &Example) -> String {
    let components: Vec<String> = example
        .components
        .iter()
        .map(|component| format!("{} {} {}", component.stage, component.kind, component.name))
        .collect();
    match &example.description {
        Some(description) if components.is_empty() => format!("{}: {description}", example.name),
        _ => format!("{} of {}", example.name, components.join(", ")),
    }
}

/// The row of a list that an example describes.
fn listed(example: &Example) -> Listed {
    let passages = [
        (TextPlace::Name, "name", Some(&example.name)),
        (TextPlace::Purpose, "purpose", example.description.as_ref()),
        (TextPlace::Outputs, "outputs", example.outputs.as_ref()),
        (TextPlace::Area, "area", example.area.as_ref()),
    ];
    Listed {
        name: example.name.clone(),
        passages: passages
            .into_iter()
            .filter_map(|(place, column, text)| {
                Some(Passage {
                    place,
                    column: column.into(),
                    text: text?.clone(),
                    answer: None,
                })
            })
            .collect(),
        ..Listed::default()
    }
}

/// The tiny system that an example describes.
fn system(example: &Example) -> System {
    let seen = example.components.iter().map(|component| Evidence {
        location: Location::new(component.path.clone(), 1),
        kind: component.kind,
        name: component.name.clone(),
        provider: component.provider.clone(),
        product: None,
        version: None,
        relation: component.relation,
        stage: component.stage,
        confidence: component.confidence,
        usage: component.usage,
        vendored: false,
        signature: "example".to_owned(),
        detector: "example".to_owned(),
        excerpt: None,
        facts: if component.purposes.is_empty() {
            Facts::new()
        } else {
            Facts::from_iter([("purposes".into(), component.purposes.clone())])
        },
    });
    System {
        id: "example".to_owned(),
        name: example.name.clone(),
        description: example.description.clone(),
        source: "example".to_owned(),
        folder: String::new(),
        boundary: "manifest".to_owned(),
        said: example
            .said
            .iter()
            .filter_map(|said| Statement::of(said.voice, Location::new("README.md", 1), &said.text))
            .collect(),
        components: components::merge("example", seen.collect()),
        owners: Vec::new(),
        people: crate::People::default(),
        classification: Classification::default(),
        standing: crate::register::Standing::default(),
        first_seen: None,
        last_seen: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rules::risk::{Condition, ruleset};

    #[test]
    fn the_embedded_rules_keep_their_word() {
        let faults = check(ruleset());
        assert!(
            faults.is_empty(),
            "{}",
            faults
                .iter()
                .map(|fault| format!("{}: {}\n", fault.id, fault.message))
                .collect::<String>()
        );
    }

    #[test]
    fn a_rule_that_fires_on_everything_or_nothing_is_found_out() {
        let mut broken = ruleset().clone();
        let one = broken.rules.first_mut().expect("there are rules");
        one.when = Condition::All(Vec::new());
        let id = one.id.clone();
        assert!(
            check(&broken)
                .iter()
                .any(|fault| fault.id == id && fault.message.contains("fires on its counterexample"))
        );
        broken.rules.first_mut().expect("there are rules").when = Condition::Any(Vec::new());
        assert!(
            check(&broken)
                .iter()
                .any(|fault| fault.id == id && fault.message.contains("does not fire on its example"))
        );
    }
}
