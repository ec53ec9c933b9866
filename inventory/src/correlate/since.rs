//! Since when and whose: hands what the history tells of evidence to the components and systems it became.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Confidence, Evidence, Voice};

use super::Project;
use super::tagged::Tagged;
use crate::past::{Moment, Owner, OwnerSource, Past, People, Trace};
use crate::{Component, System};

/// Authors named of one system.
const MOST_AUTHORS: usize = 3;

type Dates = (Option<Moment>, Option<Moment>);

/// What the history tells of one system's evidence, gathered before the evidence is merged.
pub(super) struct Since {
    /// By kind and name: when it was introduced and last touched.
    components: BTreeMap<(&'static str, String), Dates>,
    owners: Vec<Owner>,
    people: People,
}

impl Since {
    /// Of the evidence of a unit, and the manifests that stand in its folder.
    pub(super) fn of(evidence: &[Evidence], manifests: &[&Project], tagged: &Tagged, past: &Past) -> Self {
        let mut since = Self {
            components: BTreeMap::new(),
            owners: Vec::new(),
            people: People::default(),
        };
        if !past.traces.is_empty() {
            since.date(evidence, past);
        }
        since.code_owners(evidence, past);
        since.people.catalogued = tagged.people(Voice::Entry);
        since.people.tagged = tagged.people(Voice::Tag);
        since.owners.extend(tagged.owners.iter().cloned());
        since.maintainers(evidence, manifests, past.name_people);
        since.authors(evidence, past);
        since.owners.sort_by(|a, b| {
            (a.source, std::cmp::Reverse(a.confidence), std::cmp::Reverse(a.places), &a.name).cmp(&(
                b.source,
                std::cmp::Reverse(b.confidence),
                std::cmp::Reverse(b.places),
                &b.name,
            ))
        });
        since
    }

    /// Writes it into the system that the evidence became.
    pub(super) fn into(mut self, system: &mut System) {
        for component in &mut system.components {
            if let Some((introduced, last_touched)) = self.components.remove(&key(component)) {
                component.introduced = introduced;
                component.last_touched = last_touched;
            }
        }
        system.owners = self.owners;
        system.people = self.people;
    }

    fn date(&mut self, evidence: &[Evidence], past: &Past) {
        for seen in evidence {
            let Some(trace) = trace(past, seen) else { continue };
            let (introduced, touched) = self.components.entry((seen.kind.as_str(), seen.name.to_lowercase())).or_default();
            if let Some(moment) = &trace.introduced {
                // One place that may be older than is known makes the whole so.
                let may_be_older = moment.at_or_before || introduced.as_ref().is_some_and(|known| known.at_or_before);
                if introduced.as_ref().is_none_or(|known| moment.order() < known.order()) {
                    *introduced = Some(Moment::clone(moment));
                }
                if let Some(known) = introduced {
                    known.at_or_before = may_be_older;
                }
            }
            if let Some(moment) = &trace.touched
                && touched.as_ref().is_none_or(|known| moment.order() > known.order())
            {
                *touched = Some(Moment::clone(moment));
            }
        }
    }

    fn code_owners(&mut self, evidence: &[Evidence], past: &Past) {
        let mut places: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
        for owner in evidence
            .iter()
            .flat_map(|seen| past.code_owners.get(&seen.location.path).into_iter().flatten())
        {
            let (count, special) = places.entry(&owner.name).or_default();
            *count += 1;
            *special |= !owner.of_everything;
        }
        for (name, (count, special)) in places {
            if is_person(name) {
                self.people.code_owners += 1;
                if !past.name_people {
                    continue;
                }
            }
            self.owners.push(Owner {
                name: name.to_owned(),
                source: OwnerSource::Codeowners,
                confidence: if special { Confidence::High } else { Confidence::Medium },
                places: count,
            });
        }
    }

    fn maintainers(&mut self, evidence: &[Evidence], manifests: &[&Project], name_people: bool) {
        let people: BTreeSet<&str> = manifests
            .iter()
            .flat_map(|project| project.people.iter().map(String::as_str))
            .collect();
        self.people.maintainers = people.len();
        if name_people {
            self.owners.extend(people.into_iter().map(|name| Owner {
                name: name.to_owned(),
                source: OwnerSource::Manifest,
                confidence: Confidence::Medium,
                places: evidence.len(),
            }));
        }
    }

    fn authors(&mut self, evidence: &[Evidence], past: &Past) {
        let mut lines: BTreeMap<&evidence::Location, &str> = BTreeMap::new();
        for seen in evidence.iter().filter(|seen| !seen.vendored) {
            if let Some(author) = trace(past, seen).and_then(|trace| trace.author.as_deref()) {
                lines.insert(&seen.location, author);
            }
        }
        // One person writes under several addresses, and now and then under another case of the name.
        let mut authors: BTreeMap<String, (usize, &str)> = BTreeMap::new();
        for author in lines.values() {
            let (count, name) = authors.entry(author.to_lowercase()).or_insert((0, author));
            *count += 1;
            *name = (*name).min(author);
        }
        self.people.authors = authors.len();
        if !past.name_people {
            return;
        }
        let mut authors: Vec<(usize, &str)> = authors.into_values().collect();
        authors.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        self.owners
            .extend(authors.into_iter().take(MOST_AUTHORS).map(|(count, name)| Owner {
                name: name.to_owned(),
                source: OwnerSource::Authors,
                // Who wrote most of it may own it, or may have left.
                confidence: if count * 2 >= lines.len() && count >= 3 {
                    Confidence::Medium
                } else {
                    Confidence::Low
                },
                places: count,
            }));
    }
}

/// Whether a name in `CODEOWNERS` may be a person's: a mail address, or a handle that is no `@organisation/team` and no
/// `@@role`. Where groups have handles of one word they count as people: rather too few are named than too many.
fn is_person(name: &str) -> bool {
    name.strip_prefix('@')
        .is_none_or(|handle| !handle.contains('/') && !handle.starts_with('@'))
}

fn trace<'p>(past: &'p Past, seen: &Evidence) -> Option<&'p Trace> {
    let mut named = past.traces.get(&seen.location)?.iter();
    named.find(|(name, _)| *name == seen.name).map(|(_, trace)| trace)
}

fn key(component: &Component) -> (&'static str, String) {
    (component.kind.as_str(), component.name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correlate::components;
    use crate::past::CodeOwner;
    use crate::sample;
    use evidence::{ComponentKind, Location};

    fn moment(date: &str, at_or_before: bool) -> Moment {
        Moment {
            commit: format!("c-{date}"),
            date: date.to_owned(),
            at_or_before,
        }
    }

    fn at(path: &str, line: u32) -> Evidence {
        Evidence {
            location: Location::new(path, line),
            ..sample::seen(ComponentKind::Package, "openai", path)
        }
    }

    fn told(evidence: Vec<Evidence>, projects: &[Project], past: &Past) -> System {
        let since = Since::of(&evidence, &projects.iter().collect::<Vec<_>>(), &Tagged::default(), past);
        let mut system = sample::system("s", Vec::new());
        system.components = components::merge("s", evidence);
        since.into(&mut system);
        system
    }

    fn traced(traces: &[(&Evidence, &str, &str, Option<&str>)]) -> Past {
        Past {
            traces: traces
                .iter()
                .map(|(seen, introduced, touched, author)| {
                    let trace = Trace {
                        introduced: Some(moment(introduced, false).into()),
                        touched: Some(moment(touched, false).into()),
                        author: author.map(Into::into),
                    };
                    (seen.location.clone(), vec![(seen.name.clone(), trace)])
                })
                .collect(),
            ..Past::default()
        }
    }

    #[test]
    fn a_component_is_as_old_as_its_oldest_place_and_as_new_as_its_newest() {
        let (a, b) = (at("a.py", 1), at("b.py", 2));
        let past = traced(&[(&a, "2024-01-01", "2024-05-01", None), (&b, "2023-01-01", "2023-02-01", None)]);
        let system = told(vec![a, b, at("new.py", 1)], &[], &past);
        let component = &system.components[0];
        assert_eq!(component.introduced, Some(moment("2023-01-01", false)));
        assert_eq!(component.last_touched, Some(moment("2024-05-01", false)));
        assert!(system.owners.is_empty() && system.people.is_empty());
    }

    #[test]
    fn one_place_that_may_be_older_makes_its_component_so() {
        let (a, b) = (at("a.py", 1), at("b.py", 2));
        for turned in [false, true] {
            let mut past = traced(&[(&a, "2024-01-01", "2024-01-01", None), (&b, "2025-01-01", "2025-01-01", None)]);
            let named = past.traces.get_mut(&b.location).expect("traced");
            named[0].1.introduced = Some(moment("2025-01-01", true).into());
            let mut evidence = vec![a.clone(), b.clone()];
            if turned {
                evidence.reverse();
            }
            let system = told(evidence, &[], &past);
            let expected = Moment {
                at_or_before: true,
                ..moment("2024-01-01", false)
            };
            assert_eq!(system.components[0].introduced, Some(expected));
            assert_eq!(system.components[0].last_touched, Some(moment("2025-01-01", false)));
        }
    }

    #[test]
    fn of_one_date_the_one_that_may_be_older_counts() {
        assert!(moment("2024", true).order() < moment("2024", false).order());
    }

    #[test]
    fn people_are_counted_and_named_only_when_asked_for() {
        let (a, b, c, d) = (at("a.py", 1), at("a.py", 2), at("a.py", 3), at("a.py", 4));
        let mut past = traced(&[
            (&a, "1", "1", Some("Jane Roe")),
            (&b, "1", "1", Some("jane roe")),
            (&c, "1", "1", Some("Jane Roe")),
            (&d, "1", "1", Some("Max")),
        ]);
        past.code_owners.insert(
            "a.py".into(),
            vec![
                CodeOwner {
                    name: "@acme/ai".into(),
                    of_everything: false,
                },
                CodeOwner {
                    name: "max@example.org".into(),
                    of_everything: false,
                },
                CodeOwner {
                    name: "@max".into(),
                    of_everything: false,
                },
                CodeOwner {
                    name: "@@maintainer".into(),
                    of_everything: false,
                },
            ],
        );
        let projects = [Project {
            path: "pyproject.toml".into(),
            scope: "pypi".into(),
            name: "x".into(),
            version: None,
            description: None,
            people: vec!["Max Muster".into()],
        }];
        let evidence = vec![a, b, c, d];
        let system = told(evidence.clone(), &projects, &past);
        assert_eq!(
            system
                .owners
                .iter()
                .map(|owner| (owner.name.as_str(), owner.places))
                .collect::<Vec<_>>(),
            [("@@maintainer", 4), ("@acme/ai", 4)]
        );
        assert_eq!(
            system.people,
            People {
                authors: 2,
                maintainers: 1,
                catalogued: 0,
                tagged: 0,
                code_owners: 2
            }
        );
        past.name_people = true;
        let named: Vec<(String, Confidence)> = told(evidence, &projects, &past)
            .owners
            .into_iter()
            .map(|owner| (owner.name, owner.confidence))
            .collect();
        assert_eq!(
            named,
            [
                ("@@maintainer".to_owned(), Confidence::High),
                ("@acme/ai".to_owned(), Confidence::High),
                ("@max".to_owned(), Confidence::High),
                ("max@example.org".to_owned(), Confidence::High),
                ("Max Muster".to_owned(), Confidence::Medium),
                ("Jane Roe".to_owned(), Confidence::Medium),
                ("Max".to_owned(), Confidence::Low),
            ]
        );
    }

    #[test]
    fn whoever_owns_everything_is_a_weaker_candidate_and_vendored_lines_name_nobody() {
        let vendored = Evidence {
            vendored: true,
            ..at("a.py", 1)
        };
        let mut past = traced(&[(&vendored, "1", "1", Some("Jane"))]);
        past.code_owners.insert(
            "a.py".into(),
            vec![CodeOwner {
                name: "@acme/all".into(),
                of_everything: true,
            }],
        );
        let system = told(vec![vendored], &[], &past);
        assert_eq!((system.owners[0].confidence, system.people.authors), (Confidence::Medium, 0));
    }
}
