//! Readers of formats. They turn artifacts into observations and know no vendor.
//!
//! Each family implements [`Detector`] once and keeps an explicit list of its members; the list of families is
//! [`detectors`], the list of connectors [`connectors`]. Only a connector's `fetch` speaks to a network, through
//! [`connectors::Client`].

pub mod ai;
pub mod artifact;
pub mod code;
pub mod codeowners;
pub mod config;
pub mod connectors;
mod file_path;
pub mod files;
pub mod forges;
pub mod infra;
pub mod manifests;
pub mod prefilter;
pub mod said;
mod text;
pub mod tree;

pub use artifact::{Artifact, Body, Unreadable};
pub use code::syntax::watch_parsing;
pub use evidence::{Info, Kind, Need, Observation};
pub use file_path::FilePath;

/// How many bytes the head of an artifact has.
pub const HEAD: usize = 4 << 10;

/// When a detector is given an artifact that it wants by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Only if one of the catalog's strong words stands in it.
    Anchored,
    /// Only if this stands in its [head](HEAD): the format says there what it is.
    Headed(&'static str),
    /// Always: the file is small and what it says is needed to name systems.
    Always,
    /// Always, and without being opened: its name says all.
    Unopened,
    /// Always, but only in the pieces it asks for ([`Artifact::piece`]): model weights are too large to be read whole.
    Pieces,
}

/// What a detector saw in one artifact.
#[derive(Debug, Default)]
pub struct Observations {
    seen: Vec<Observation>,
}

impl Observations {
    /// Adds one; what a broken file leaves without a name is nothing.
    pub fn push(&mut self, observation: Observation) {
        if !observation.key.is_empty() {
            self.seen.push(observation);
        }
    }

    /// Adds some.
    pub(crate) fn extend(&mut self, observations: impl IntoIterator<Item = Observation>) {
        observations.into_iter().for_each(|observation| self.push(observation));
    }

    /// Marks what was seen from a position on, on lines that belong to a test.
    pub(crate) fn mark_from(&mut self, position: usize, is_test: impl Fn(u32) -> bool) {
        for observation in self.seen.iter_mut().skip(position).filter(|observation| is_test(observation.line)) {
            observation
                .attributes
                .insert(evidence::attribute::USAGE.into(), evidence::Usage::Test.as_str().to_owned());
        }
    }

    /// Says of the models that were seen from a position on that a request is made with them.
    pub(crate) fn mark_sent_from(&mut self, position: usize) {
        for observation in self.seen.iter_mut().skip(position).filter(|seen| seen.kind == Kind::Model) {
            observation.attributes.insert(evidence::attribute::SENT.into(), "yes".to_owned());
        }
    }

    /// Says of the models that were seen from a position on who is to answer, as stands beside them.
    pub(crate) fn mark_served_from(&mut self, position: usize, by: &str) {
        for observation in self.seen.iter_mut().skip(position).filter(|seen| seen.kind == Kind::Model) {
            observation.attributes.insert(evidence::attribute::SERVED_BY.into(), by.to_owned());
        }
    }

    /// Forgets who is to answer with models that were seen from a position on, if more are named than something would ask.
    pub(crate) fn forget_servers_from(&mut self, position: usize, most: usize) {
        let told = |observation: &Observation| observation.attribute(evidence::attribute::SERVED_BY).map(str::to_owned);
        let servers: std::collections::BTreeSet<String> = self.seen.iter().skip(position).filter_map(told).collect();
        if servers.len() > most {
            for observation in self.seen.iter_mut().skip(position) {
                observation.attributes.remove(evidence::attribute::SERVED_BY);
            }
        }
    }

    /// Keeps of what was seen from a position on only what is wanted.
    pub(crate) fn keep_from(&mut self, position: usize, is_wanted: impl Fn(&Observation) -> bool) {
        let added = self.seen.split_off(position.min(self.seen.len()));
        self.seen.extend(added.into_iter().filter(is_wanted));
    }

    /// Says of texts that were seen from a position on that they are data, of which nothing is used.
    pub(crate) fn mark_data_from(&mut self, position: usize) {
        let texts = |observation: &&mut Observation| observation.kind == Kind::Literal;
        for observation in self.seen.iter_mut().skip(position).filter(texts) {
            observation.attributes.insert(evidence::attribute::DATA.into(), "yes".to_owned());
        }
    }

    /// Says of texts that were seen from a position on that what they name is mentioned, and may not be in use.
    pub(crate) fn mark_mentioned_from(&mut self, position: usize) {
        let texts = |observation: &&mut Observation| observation.kind == Kind::Literal;
        for observation in self.seen.iter_mut().skip(position).filter(texts) {
            observation
                .attributes
                .insert(evidence::attribute::MENTIONED.into(), "yes".to_owned());
        }
    }

    /// Says of addresses that were seen from a position on that they stand in records about others.
    pub(crate) fn mark_addresses_as_data_from(&mut self, position: usize) {
        let addresses = |observation: &&mut Observation| observation.kind == Kind::Host;
        for observation in self.seen.iter_mut().skip(position).filter(addresses) {
            observation.attributes.insert(evidence::attribute::DATA.into(), "yes".to_owned());
        }
    }

    /// Moves what was seen from a position on to other lines: a part of a file was read on its own.
    pub(crate) fn move_from(&mut self, position: usize, to: impl Fn(u32) -> u32) {
        for observation in self.seen.iter_mut().skip(position) {
            observation.line = to(observation.line);
        }
    }

    /// Everything seen so far.
    #[must_use]
    pub fn as_slice(&self) -> &[Observation] {
        &self.seen
    }

    /// Takes what was seen.
    #[must_use]
    pub fn into_vec(self) -> Vec<Observation> {
        self.seen
    }
}

/// The next part of a text, from a position on, in which a word can make it worth reading.
pub type NextPart = fn(&[u8], usize) -> Option<std::ops::Range<usize>>;

/// Reads one artifact and says what it sees. Pure: no network, no clock, no knowledge of any product.
pub trait Detector: Sync {
    /// What it reads, what it can see, what it needs.
    fn info(&self) -> &Info;

    /// Whether it wants the artifact with this path, and when.
    fn wants(&self, file: &FilePath<'_>) -> Option<Gate>;

    /// The forms in which an import of a module is written in what it reads; one of them stands in every file that imports
    /// the module. Readers that see no imports say nothing.
    fn mentions(&self, module: &str) -> Vec<String> {
        let _ = module;
        Vec::new()
    }

    /// The same for what it sees in texts written in another language than the file, such as the programs that code starts: the
    /// forms in which this name of a kind and scope is written; none if it sees no such texts.
    fn mentions_inside(&self, kind: Kind, scope: &str, name: &str) -> Vec<String> {
        let _ = (kind, scope, name);
        Vec::new()
    }

    /// The parts of a text outside of which no word makes it worth reading, if the format keeps such parts apart: most of what
    /// is written in some languages need not be searched.
    fn telling(&self) -> Option<NextPart> {
        None
    }

    /// Reads the artifact. What was seen before an error counts.
    ///
    /// # Errors
    /// If the artifact could not be read, or only in part.
    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable>;
}

/// Every detector of files, in the order tables show them.
#[must_use]
pub fn detectors() -> Vec<&'static dyn Detector> {
    let mut all: Vec<&'static dyn Detector> = Vec::new();
    all.extend(code::LANGUAGES.iter().map(|member| member as &dyn Detector));
    all.extend(code::SCRIPTS.iter().copied());
    all.extend(manifests::ECOSYSTEMS.iter().map(|member| member as &dyn Detector));
    all.extend(config::FORMATS.iter().copied());
    all.extend(ai::FORMATS.iter().copied());
    all.extend(infra::FORMATS.iter().copied());
    all.extend(files::FORMATS.iter().copied());
    all.extend(said::FORMATS.iter().copied());
    all
}

pub use connectors::{CONNECTORS, Connector};
