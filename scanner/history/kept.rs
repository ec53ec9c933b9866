//! What a history told, as the next scan finds it: each commit and each author once. It decides nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use evidence::{Gap, Location};
use inventory::past::{Moment, Trace, Traces};
use serde::{Deserialize, Serialize};

use crate::cache::Digest;

/// An answer, and what was asked.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// What the answer depends on besides the commit that is checked out.
    pub(super) question: Digest,
    /// The commit that was checked out.
    pub(super) head: String,
    pub(super) gaps: Vec<Gap>,
    moments: Vec<Moment>,
    authors: Vec<String>,
    /// By path: what is told of its places.
    files: Vec<(String, Vec<Place>)>,
}

/// Line and name, and the numbers of moments and author.
type Place = (Option<u32>, String, Option<u32>, Option<u32>, Option<u32>);

/// Gives each of what is alike one number.
struct Numbers<K, T> {
    known: BTreeMap<K, u32>,
    all: Vec<T>,
}

impl<K: Ord, T> Numbers<K, T> {
    const fn new() -> Self {
        Self {
            known: BTreeMap::new(),
            all: Vec::new(),
        }
    }

    fn of(&mut self, key: K, value: impl FnOnce() -> T) -> u32 {
        *self.known.entry(key).or_insert_with(|| {
            self.all.push(value());
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

impl Kept {
    pub(super) fn of(question: Digest, head: String, traces: &Traces, gaps: &[Gap]) -> Self {
        let mut moments = Numbers::new();
        let mut authors = Numbers::new();
        let mut files: Vec<(String, Vec<Place>)> = Vec::new();
        for (place, named) in traces {
            if files.last().is_none_or(|(path, _)| *path != place.path) {
                files.push((place.path.clone(), Vec::new()));
            }
            let Some((_, places)) = files.last_mut() else { continue };
            for (name, trace) in named {
                let mut moment = |moment: &Option<Arc<Moment>>| {
                    let moment = moment.as_ref()?;
                    Some(moments.of((moment.commit.clone(), moment.at_or_before), || Moment::clone(moment)))
                };
                let (introduced, touched) = (moment(&trace.introduced), moment(&trace.touched));
                let author = trace
                    .author
                    .as_ref()
                    .map(|author| authors.of(author.to_string(), || author.to_string()));
                places.push((place.line, name.clone(), introduced, touched, author));
            }
        }
        Self {
            question,
            head,
            gaps: gaps.to_vec(),
            moments: moments.all,
            authors: authors.all,
            files,
        }
    }

    pub(super) fn traces(self) -> Traces {
        let moments: Vec<Arc<Moment>> = self.moments.into_iter().map(Arc::new).collect();
        let authors: Vec<Arc<str>> = self.authors.into_iter().map(Arc::from).collect();
        let mut traces = Traces::new();
        for (path, places) in self.files {
            for (line, name, introduced, touched, author) in places {
                let place = Location { path: path.clone(), line };
                let trace = Trace {
                    introduced: numbered(&moments, introduced),
                    touched: numbered(&moments, touched),
                    author: numbered(&authors, author),
                };
                traces.entry(place).or_default().push((name, trace));
            }
        }
        traces
    }
}

fn numbered<T: ?Sized>(all: &[Arc<T>], at: Option<u32>) -> Option<Arc<T>> {
    all.get(at? as usize).map(Arc::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_as_it_was() {
        let moment = |commit: &str, at_or_before| {
            Some(Arc::new(Moment {
                commit: commit.to_owned(),
                date: "2024-02-01T00:00:00Z".to_owned(),
                at_or_before,
            }))
        };
        let trace = |introduced, touched, author: Option<&str>| Trace {
            introduced,
            touched,
            author: author.map(Arc::from),
        };
        let traces = Traces::from([
            (
                Location::new("a.py", 1),
                vec![
                    ("openai".to_owned(), trace(moment("1", false), moment("2", false), Some("Jane"))),
                    ("gpt-4o".to_owned(), trace(moment("1", true), None, None)),
                ],
            ),
            (
                Location::new("b.py", 0),
                vec![("b".to_owned(), trace(None, moment("2", false), Some("Jane")))],
            ),
        ]);
        let kept = Kept::of(Digest::default(), "h".to_owned(), &traces, &[]);
        assert_eq!((kept.moments.len(), kept.authors.len(), kept.files.len()), (3, 1, 2));
        let bytes = serde_json::to_vec(&kept).expect("written");
        assert_eq!(serde_json::from_slice::<Kept>(&bytes).expect("read").traces(), traces);
    }
}
