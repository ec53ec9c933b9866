//! Two classifications of one system, by its evidence and by what people wrote of it: what either shows is shown.

use std::collections::BTreeSet;

use super::{Classification, EuAct, EuPoint, Profile};

impl Classification {
    /// Adds what another classification of the same system shows; reasons and questions of its own are kept once.
    pub(crate) fn join(&mut self, other: Self) {
        self.floor = self.floor.max(other.floor);
        self.indicated = self.indicated.max(other.indicated);
        self.ceiling = self.ceiling.max(other.ceiling);
        for reason in other.reasons {
            let is_said = |known: &super::Reason| known.rule == reason.rule && known.because == reason.because;
            if !self.reasons.iter().any(is_said) {
                self.reasons.push(reason);
            }
        }
        let asked: BTreeSet<String> = self.questions.iter().map(|open| open.rule.clone()).collect();
        self.questions
            .extend(other.questions.into_iter().filter(|open| !asked.contains(&open.rule)));
        self.eu.join(other.eu);
        self.profile = match (self.profile.take(), other.profile) {
            (Some(one), Some(other)) => Some(one.joined(other)),
            (one, other) => one.or(other),
        };
    }
}

impl EuAct {
    fn join(&mut self, other: Self) {
        self.status = self.status.max(other.status);
        for point in other.points {
            let is_same = |known: &&mut EuPoint| (&known.article, &known.point) == (&point.article, &point.point);
            match self.points.iter_mut().find(is_same) {
                Some(known) => known.status = known.status.max(point.status),
                None => self.points.push(point),
            }
        }
        self.points.sort();
    }
}

impl Profile {
    fn joined(mut self, other: Self) -> Self {
        for (axis, height) in other.axes {
            let level = self.axes.entry(axis).or_default();
            *level = (*level).max(height);
        }
        // Whoever is more severe tells whether more was held back.
        self.held_by_names = match self.severity.cmp(&other.severity) {
            std::cmp::Ordering::Less => other.held_by_names,
            std::cmp::Ordering::Equal => self.held_by_names || other.held_by_names,
            std::cmp::Ordering::Greater => self.held_by_names,
        };
        self.severity = self.severity.max(other.severity);
        self.likelihood = self.likelihood.max(other.likelihood);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{EuStatus, OpenQuestion, Reason, Tier};

    fn one(rule: &str, floor: Tier, indicated: Tier, status: EuStatus) -> Classification {
        Classification {
            floor,
            indicated,
            ceiling: indicated,
            reasons: vec![Reason {
                rule: rule.to_owned(),
                because: format!("So says {rule}."),
                effect: String::new(),
                references: Vec::new(),
                eu: None,
                evidence: Vec::new(),
            }],
            questions: vec![OpenQuestion {
                rule: "use.generative".to_owned(),
                question: format!("Asked by {rule}?"),
                who: "The owner".to_owned(),
                if_yes: String::new(),
            }],
            eu: EuAct {
                status,
                points: Vec::new(),
            },
            profile: None,
        }
    }

    #[test]
    fn what_either_shows_is_shown_and_nothing_twice() {
        let mut both = one("a", Tier::Limited, Tier::Limited, EuStatus::NotIndicated);
        both.join(one("b", Tier::Minimal, Tier::High, EuStatus::Possible));
        both.join(one("b", Tier::Unknown, Tier::Unknown, EuStatus::Unknown));
        assert_eq!((both.floor, both.indicated, both.ceiling), (Tier::Limited, Tier::High, Tier::High));
        assert_eq!(
            (both.reasons.len(), both.questions.len(), both.eu.status),
            (2, 1, EuStatus::Possible)
        );
        assert_eq!(both.questions[0].question, "Asked by a?");
    }
}
