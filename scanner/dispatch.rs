//! One artifact through the detectors that want it, and through the catalog.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use detectors::prefilter::{self, Prefilter};
use detectors::{Artifact, Detector, Gate, Observations, artifact};
use evidence::{Anchor, Evidence, Excerpt, Gap, GapKind, Kind, Location, Observation, Statement, Usage, Voice, attribute};
use inventory::correlate::Project;
use rules::concepts::{Concepts, Finder, Signal};
use rules::{Catalog, Place, Seen};
use serde::{Deserialize, Serialize};

use crate::timing::Timing;

/// What one artifact gave.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Examined {
    /// What it proves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) evidence: Vec<Evidence>,
    /// The units it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) projects: Vec<Project>,
    /// What it says about what it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) statements: Vec<Statement>,
    /// What could not be read of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) gaps: Vec<Gap>,
    /// The detectors that read it, by position.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) detectors: Vec<usize>,
}

impl Examined {
    pub(crate) fn is_empty(&self) -> bool {
        self.evidence.is_empty()
            && self.projects.is_empty()
            && self.statements.is_empty()
            && self.gaps.is_empty()
            && self.detectors.is_empty()
    }
}

/// Everything it takes to examine artifacts.
pub(crate) struct Dispatch<'a> {
    pub(crate) detectors: &'a [&'a dyn Detector],
    pub(crate) catalog: &'a Catalog,
    /// What texts can be about.
    pub(crate) concepts: &'a Concepts,
    /// For each detector: what must stand in an artifact before the detector reads it; made when first asked for, as a
    /// scan of what has not changed asks for none.
    pub(crate) prefilters: &'a Prefilters,
    /// Counts what takes the time, if that is to be shown.
    pub(crate) timing: Option<&'a Timing>,
    /// Whether the artifact lies in a container image, where packages are installed and not copied in.
    pub(crate) is_image: bool,
}

impl Dispatch<'_> {
    /// Examines an artifact; nothing it holds can make this fail.
    pub(crate) fn examine(&self, path: &str, bytes: &[u8], wanted: &[(usize, Gate)]) -> Examined {
        // Text in 16-bit units is turned into the text that searches see.
        let decoded = artifact::is_utf16(bytes)
            .then(|| artifact::decode(bytes).map(|text| text.into_owned().into_bytes()))
            .transpose();
        let decoded = decoded.ok().flatten();
        let bytes = decoded.as_deref().unwrap_or(bytes);
        self.examine_artifact(&Artifact::new(path, bytes), wanted)
    }

    /// Examines an artifact, whether it is read whole or in pieces.
    pub(crate) fn examine_artifact(&self, artifact: &Artifact<'_>, wanted: &[(usize, Gate)]) -> Examined {
        let mut examined = Examined::default();
        let (path, bytes) = (artifact.path(), artifact.bytes());
        let mut seen: Vec<(usize, Vec<Observation>)> = Vec::new();
        let anchored = self.anchored(bytes, wanted);
        for &(at, gate) in wanted {
            let is_open = match gate {
                Gate::Always | Gate::Unopened | Gate::Pieces => true,
                Gate::Anchored => anchored.contains(&at),
                Gate::Headed(mark) => memchr::memmem::find(&bytes[..bytes.len().min(detectors::HEAD)], mark.as_bytes()).is_some(),
            };
            if is_open {
                examined.detectors.push(at);
                seen.push((at, self.observe(at, artifact, &mut examined.gaps)));
            }
        }
        if seen.iter().any(|(_, observations)| !observations.is_empty()) {
            self.recognise(artifact, &seen, &mut examined);
        }
        // Else each scan would find what the one before it wrote down.
        if !examined.evidence.is_empty() && report::own::is_own(bytes) {
            examined.evidence.clear();
            examined.projects.clear();
            examined.statements.clear();
            examined.gaps.push(Gap {
                kind: GapKind::Skipped,
                what: path.to_owned(),
                reason: "a result that aimscan wrote is no evidence; keep it outside of what is scanned, or name it in `exclude`"
                    .to_owned(),
            });
        }
        if !examined.detectors.is_empty() {
            tracing::debug!(
                "{}: {} detectors, {} pieces of evidence",
                path.escape_debug(),
                examined.detectors.len(),
                examined.evidence.len()
            );
        }
        examined
    }

    /// Those of the detectors for whom a strong word stands in the bytes; the bytes are read once for all of them that search the
    /// whole.
    fn anchored(&self, bytes: &[u8], wanted: &[(usize, Gate)]) -> Vec<usize> {
        let asking = wanted.iter().filter(|(_, gate)| *gate == Gate::Anchored).map(|(at, _)| *at);
        let (some_parts, mut whole): (Vec<usize>, Vec<usize>) = asking.partition(|at| self.detectors[*at].telling().is_some());
        if some_parts.is_empty() && whole.is_empty() || artifact::is_binary(bytes) {
            return Vec::new();
        }
        let filter = |asking: &[usize]| self.prefilters.get(asking, self.catalog, self.detectors);
        let mut anchored = Vec::new();
        for at in some_parts {
            let parts = self.detectors[at].telling();
            if parts.is_some_and(|next| filter(&[at]).sets_within(bytes, next) != 0) {
                anchored.push(at);
            }
        }
        while !whole.is_empty() {
            let later = whole.split_off(whole.len().min(prefilter::MOST_SETS));
            let found = filter(&whole).sets_in(bytes);
            let words_stand = |(set, _): &(usize, &usize)| found >> set & 1 != 0;
            anchored.extend(whole.iter().enumerate().filter(words_stand).map(|(_, at)| *at));
            whole = later;
        }
        anchored
    }

    fn observe(&self, at: usize, artifact: &Artifact<'_>, gaps: &mut Vec<Gap>) -> Vec<Observation> {
        let detector = self.detectors[at];
        let mut out = Observations::default();
        let result = Timing::count(self.timing, at, artifact.bytes().len(), || {
            catch_unwind(AssertUnwindSafe(|| detector.observe(artifact, &mut out)))
        });
        let gap = match result {
            Ok(Ok(())) => None,
            Ok(Err(unreadable)) => Some((GapKind::Malformed, evidence::redact(&unreadable.0))),
            Err(_) => Some((
                GapKind::DetectorFailed,
                format!(
                    "the detector {} stopped working on it; please report this with the file",
                    detector.info().id
                ),
            )),
        };
        gaps.extend(gap.map(|(kind, reason)| Gap {
            kind,
            what: artifact.path().to_owned(),
            reason,
        }));
        out.into_vec()
    }

    fn recognise(&self, artifact: &Artifact<'_>, seen: &[(usize, Vec<Observation>)], examined: &mut Examined) {
        let path = artifact.path();
        let starts = std::cell::OnceCell::new();
        let excerpt = |line: u32| {
            let text = artifact.text().ok()?;
            let starts = starts.get_or_init(|| line_starts(text));
            let start = *starts.get(line.checked_sub(1)? as usize)?;
            let rest = &text[start..];
            Excerpt::of(rest.split('\n').next().unwrap_or(rest))
        };
        // What stands in code that a tool packed was said by whoever wrote the libraries in it.
        let is_packed = is_minified(artifact);
        let place = Place {
            path,
            usage: Usage::of_path(path),
            vendored: !self.is_image && evidence::is_vendored_path(path) || is_packed,
            excerpt: &excerpt,
        };
        let mut items: Vec<Seen<'_>> = Vec::new();
        let mut finder = self.concepts.finder();
        for (at, observations) in seen {
            let info = self.detectors[*at].info();
            let configures = ["config/", "ai/", "infra/"].iter().any(|family| info.id.starts_with(family));
            for observation in observations {
                if observation.kind == Kind::Project {
                    examined.projects.push(project(path, observation));
                }
                if observation.kind == Kind::Statement {
                    if is_packed {
                        continue;
                    }
                    examined.statements.extend(statement(path, observation, self.concepts, &mut finder));
                    continue;
                }
                items.push(Seen {
                    detector: info.id,
                    configures,
                    observation,
                });
            }
        }
        examined.evidence = self.catalog.recognise(&place, &items);
        accept_by_comments(artifact, &mut examined.evidence);
        if self.is_image {
            crate::installed::mark(&mut examined.evidence);
        }
    }
}

/// What a text says, if that tells what a system is for; how a project is introduced is kept whatever it says, and so are pages.
fn statement(path: &str, observation: &Observation, concepts: &Concepts, finder: &mut Finder<'_>) -> Option<Statement> {
    let voice = Voice::of(observation.scope)?;
    if matches!(voice, Voice::Tag | Voice::Entry) {
        return tag(voice, path, observation, concepts, finder);
    }
    let statement = Statement::of(voice, Location::new(path, observation.line), &observation.key)?;
    let is_telling = |signal: &Signal| concepts.list()[signal.concept].is_telling();
    (voice == Voice::Introduction || voice.is_page() || finder.find(&statement.text).iter().any(is_telling)).then_some(statement)
}

/// What a tag or an entry says, if it means something by its name or its value tells what a system is for.
fn tag(voice: Voice, path: &str, observation: &Observation, concepts: &Concepts, finder: &mut Finder<'_>) -> Option<Statement> {
    let (name, value) = (observation.attribute(attribute::NAME)?, observation.key.as_str());
    let words = rules::tags::words(name, value)?;
    let is_telling = |signal: &Signal| concepts.list()[signal.concept].is_telling();
    let is_kept = rules::tags::of(name).is_some() || !words.contains('@') && finder.find(words).iter().any(is_telling);
    let text = format!("{name}{}{value}", Statement::TAGGED);
    is_kept.then(|| Statement::of(voice, Location::new(path, observation.line), &text))?
}

/// What stands in front of what a comment accepts.
const ACCEPT: &[u8] = b"aimscan: accept ";

/// Evidence beside a comment that accepts findings says so: on the comment's line, or on the one below it.
fn accept_by_comments(artifact: &Artifact<'_>, evidence: &mut [Evidence]) {
    if evidence.is_empty() || memchr::memmem::find(artifact.bytes(), ACCEPT).is_none() {
        return;
    }
    let Ok(text) = artifact.text() else { return };
    for (number, line) in (1_u32..).zip(text.lines()) {
        let Some((_, accepted)) = line.split_once("aimscan: accept ") else {
            continue;
        };
        let accepted: String = accepted.chars().take(300).filter(|c| !c.is_control()).collect();
        for seen in evidence
            .iter_mut()
            .filter(|seen| seen.location.line.is_some_and(|at| at == number || at == number + 1))
        {
            seen.facts
                .insert(inventory::findings::accept::FACT.into(), evidence::redact(&accepted));
        }
    }
}

/// A filter for each set of detectors that want the same files, made when the first such file is met: most trees hold few
/// kinds of files.
pub(crate) struct Prefilters {
    /// For each detector, by position: its words.
    words: Vec<OnceLock<Vec<Anchor>>>,
    /// The filters made so far, by the positions of their detectors.
    made: RwLock<HashMap<Vec<usize>, Arc<Prefilter>>>,
}

impl Prefilters {
    /// Room for the filters of so many detectors.
    pub(crate) fn of(detectors: usize) -> Self {
        Self {
            words: (0..detectors).map(|_| OnceLock::new()).collect(),
            made: RwLock::default(),
        }
    }

    fn get(&self, asking: &[usize], catalog: &Catalog, detectors: &[&dyn Detector]) -> Arc<Prefilter> {
        if let Some(known) = self.made.read().unwrap_or_else(PoisonError::into_inner).get(asking) {
            return Arc::clone(known);
        }
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        let filter = made.entry(asking.to_vec()).or_insert_with(|| {
            let words = |at: &usize| {
                let detector = detectors[*at];
                let words = || {
                    let mut words = catalog.anchors(detector.info().emits, &|module| detector.mentions(module));
                    words.extend(catalog.anchors_inside(&|kind, scope, name| detector.mentions_inside(kind, scope, name)));
                    words
                };
                self.words[*at].get_or_init(words).as_slice()
            };
            let sets: Vec<&[Anchor]> = asking.iter().map(words).collect();
            Arc::new(Prefilter::new(&sets))
        });
        Arc::clone(filter)
    }
}

fn project(path: &str, observation: &Observation) -> Project {
    Project {
        path: path.to_owned(),
        scope: observation.scope.to_owned(),
        name: observation.key.clone(),
        version: observation.attribute(attribute::VERSION).map(str::to_owned),
        description: observation.attribute(attribute::DESCRIPTION).map(evidence::redact),
        people: observation.attribute(attribute::PEOPLE).map(names).unwrap_or_default(),
    }
}

/// The names of people, each once. A mail address is kept only of those who have no name.
fn names(people: &str) -> Vec<String> {
    let names: BTreeSet<String> = people
        .lines()
        .map(|person| {
            let name = person.split(['<', '(']).next().unwrap_or_default().trim();
            let name = if name.is_empty() {
                person.trim().trim_matches(['<', '>'])
            } else {
                name
            };
            evidence::redact(name)
        })
        .filter(|name| !name.is_empty())
        .collect();
    names.into_iter().collect()
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
        .collect()
}

/// Code whose lines are so long that no person wrote them.
fn is_minified(artifact: &Artifact<'_>) -> bool {
    matches!(artifact.extension(), "js" | "mjs" | "cjs" | "ts" | "py") && artifact.has_long_lines()
}

#[cfg(test)]
mod tests {
    use super::*;
    use detectors::{FilePath, Info, Unreadable};

    /// A detector that does what none should.
    struct Panics;

    impl Detector for Panics {
        fn info(&self) -> &Info {
            const INFO: Info = Info {
                id: "code/panics",
                title: "",
                reads: &[],
                emits: &[],
                needs: &[],
                docs: "",
            };
            &INFO
        }

        fn wants(&self, _: &FilePath<'_>) -> Option<Gate> {
            Some(Gate::Always)
        }

        fn observe(&self, _: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
            out.push(Observation::new(Kind::Host, "python", "api.openai.com", 1));
            panic!("as some do")
        }
    }

    #[test]
    fn people_keep_their_names_and_lose_their_addresses() {
        assert_eq!(
            names("Jane Roe <jane@example.org> (https://example.org)\nAcme\n<solo@example.org>\n\nAcme"),
            ["Acme", "Jane Roe", "solo@example.org"]
        );
        assert!(names("").is_empty());
    }

    #[test]
    fn a_detector_that_panics_is_a_gap_and_what_it_saw_counts() {
        let catalog = Catalog::load(&[]).expect("the catalog loads");
        let dispatch = Dispatch {
            detectors: &[&Panics],
            catalog: &catalog,
            concepts: &rules::concepts::concepts(),
            prefilters: &Prefilters::of(1),
            timing: None,
            is_image: false,
        };
        let examined = dispatch.examine("a.py", b"https://api.openai.com", &[(0, Gate::Always)]);
        assert_eq!(
            examined.gaps.iter().map(|gap| (gap.kind, gap.what.as_str())).collect::<Vec<_>>(),
            [(GapKind::DetectorFailed, "a.py")]
        );
        assert!(examined.evidence.iter().any(|evidence| evidence.name == "api.openai.com"));
    }
}
