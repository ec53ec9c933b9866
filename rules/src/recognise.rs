//! From what detectors saw in one artifact to evidence. What is not AI is dropped here and now.
//!
//! The whole artifact is looked at together, because many names count only beside others: a call on something
//! imported, an ambiguous name beside a telling one, a model id in a place that holds a model's name.

mod call;
mod clients;
mod model;
mod named;
mod offered;
mod page;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use clients::Clients;
use evidence::{ComponentKind, Confidence, Evidence, Excerpt, Facts, Kind, Location, Observation, Relation, Stage, Usage, attribute, fact};
use model::ModelPlace;
use sha2::{Digest, Sha256};

use crate::catalog::{Catalog, Known};
use crate::index::At;
use crate::names;
use crate::provider::{Signature, SignatureKind};

/// An artifact's place.
pub struct Place<'a> {
    /// Path relative to the scanned root, or a record's path.
    pub path: &'a str,
    /// What kind of place it is.
    pub usage: Usage,
    /// Whether it holds somebody else's code.
    pub vendored: bool,
    /// The excerpt of a line, counted from 1.
    pub excerpt: &'a dyn Fn(u32) -> Option<Excerpt>,
}

/// An observation with the detector that made it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The detector's id.
    pub detector: &'a str,
    /// Whether the detector reads configuration: what it sees is set, not only mentioned.
    pub configures: bool,
    /// What was seen.
    pub observation: &'a Observation,
}

impl Catalog {
    /// What the observations of one artifact prove, strongest statement per line and component, sorted.
    #[must_use]
    pub fn recognise(&self, place: &Place<'_>, seen: &[Seen<'_>]) -> Vec<Evidence> {
        let mut recogniser = Recogniser {
            catalog: self,
            place,
            present: BTreeSet::new(),
            imported: BTreeSet::new(),
            serves: false,
            brought: BTreeSet::new(),
            invoked: BTreeSet::new(),
            clients: Clients::default(),
            out: Vec::new(),
        };
        recogniser.run(seen);
        let mut evidence = recogniser.finish();
        if evidence.iter().any(|seen| seen.kind == ComponentKind::Model) {
            let texts = seen.iter().map(|item| item.observation).filter(|told| told.kind == Kind::Literal);
            offered::mark_pieces(
                &mut evidence,
                texts.map(|told| (told.line, self.index().is_piece_of_models(&told.key))).collect(),
            );
        }
        evidence
    }
}

struct Recogniser<'a> {
    catalog: &'a Catalog,
    place: &'a Place<'a>,
    /// Providers with telling evidence in this artifact.
    present: BTreeSet<u32>,
    /// Providers of which something is imported in this artifact.
    imported: BTreeSet<u32>,
    /// Whether something that serves models is deployed or started here: a model may then have any name.
    serves: bool,
    /// Import signatures that something in this artifact matches.
    brought: BTreeSet<At>,
    /// Import signatures something of which is called in this artifact: one statement each is enough.
    invoked: BTreeSet<At>,
    /// Where its clients are pointed at.
    clients: Clients<'a>,
    out: Vec<Evidence>,
}

impl<'a> Recogniser<'a> {
    fn run(&mut self, seen: &[Seen<'a>]) {
        let mut doubtful: Vec<(Seen<'a>, At)> = Vec::new();
        for item in seen {
            for at in self.named(item.observation) {
                if self.is_link_to_a_page(*item, at) {
                    continue;
                }
                if self.is_doubtful(*item, at) {
                    doubtful.push((*item, at));
                } else {
                    self.accept(*item, at);
                }
            }
        }
        doubtful.retain(|(_, at)| {
            let signature = self.catalog.known(*at).signature;
            // A port that everybody makes up says nothing where tests make things up.
            let is_made_up = signature.kind == SignatureKind::Host && self.place.usage == Usage::Test;
            if signature.beside {
                !self.present.is_empty() && !is_made_up
            } else {
                self.present.contains(&at.0) || self.is_called(seen, *at)
            }
        });
        for (item, at) in doubtful {
            self.accept(item, at);
        }
        for item in seen.iter().filter(|item| item.observation.kind == Kind::Call) {
            self.call(*item);
        }
        self.direct_clients();
        for item in seen {
            match item.observation.kind {
                Kind::Model => match item.observation.attribute(attribute::NAMED_BY) {
                    Some(written) => {
                        if let Some(id) = self.constant(written, item.observation.scope) {
                            self.model(*item, &id, ModelPlace::Named);
                        }
                    }
                    None => {
                        let text = &item.observation.key;
                        let is_sent = item.observation.attribute(attribute::SENT).is_some() && !self.present.is_empty();
                        let stands = if is_sent && self.telling_model(text).is_some() {
                            ModelPlace::Called
                        } else {
                            ModelPlace::of(item.observation)
                        };
                        self.model(*item, text, stands);
                    }
                },
                Kind::Literal if item.observation.attribute(attribute::DATA).is_none() && !self.is_nickname(item.observation) => {
                    self.model(*item, &item.observation.key, ModelPlace::Anywhere)
                }
                _ => {}
            }
        }
    }

    /// Whether a name counts only beside other evidence of its provider: it also means other things, or it is the address
    /// of pages for people, to which code links without using the service.
    fn is_doubtful(&self, item: Seen<'_>, at: At) -> bool {
        let signature = self.catalog.known(at).signature;
        let is_told = item.observation.attribute(attribute::MENTIONED).is_some();
        let is_link = signature.kind == SignatureKind::Host && (is_told || signature.confidence == Confidence::Low && !self.is_set(item));
        signature.ambiguous || signature.beside || is_link
    }

    /// Whether settings point at what is used; those of tests and examples hold whatever looks like it, and lists of records tell of others.
    fn is_set(&self, item: Seen<'_>) -> bool {
        let is_data = item.observation.attribute(attribute::DATA).is_some();
        item.configures && self.place.usage == Usage::Runtime && !is_data
    }

    /// Whether code only leads a person to a page of whom it may use: to where a key is made, to what is written about it.
    fn is_link_to_a_page(&self, item: Seen<'_>, at: At) -> bool {
        let observation = item.observation;
        let signature = self.catalog.known(at).signature;
        let path = || observation.attribute(attribute::PATH).unwrap_or_default();
        signature.kind == SignatureKind::Host && !self.is_set(item) && page::is_page(&observation.key, path(), signature.pages)
    }

    /// Whether a text is only what people call a model by, as the name of its place says and no list of ids gainsays.
    fn is_nickname(&self, observation: &Observation) -> bool {
        let name = observation.attribute(attribute::NAME).unwrap_or_default();
        let inner = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '[' | ']'));
        let last = inner.rsplit('.').next().unwrap_or(inner);
        ["alias", "aliases"].iter().any(|word| last.eq_ignore_ascii_case(word)) && self.catalog.listed_model(&observation.key).is_none()
    }

    /// Whether something is called on an import that only its own library has: the name may mean others, the call does not.
    fn is_called(&self, seen: &[Seen<'_>], import: At) -> bool {
        let index = self.catalog.index();
        let is_its = |observation: &Observation| {
            index
                .import(observation.scope, &observation.key)
                .is_some_and(|(at, _)| at == import)
                && index.call(&observation.key).into_iter().any(|call| {
                    let known = self.catalog.known(call);
                    let is_certain = !known.signature.ambiguous && known.signature.confidence > Confidence::Low;
                    call.0 == import.0 && is_certain && known.signature.speaks(observation)
                })
        };
        self.catalog.known(import).signature.kind == SignatureKind::Import
            && seen
                .iter()
                .map(|item| item.observation)
                .any(|observation| observation.kind == Kind::Call && is_its(observation))
    }

    /// Signatures that match an observation by its name alone.
    fn named(&self, observation: &Observation) -> Vec<At> {
        let index = self.catalog.index();
        let key = observation.key.as_str();
        match observation.kind {
            Kind::Package => index.package(observation.scope, key).into_iter().collect(),
            Kind::Import => index.import(observation.scope, key).map(|(at, _)| at).into_iter().collect(),
            Kind::Host => index
                .host(key, observation.attribute(attribute::PATH).unwrap_or_default())
                .into_iter()
                .collect(),
            // `YOUR_KEY` is what stands where somebody is to put theirs.
            Kind::Env if key.starts_with("YOUR_") => Vec::new(),
            Kind::Env => index.variable(key).into_iter().collect(),
            Kind::Image => index.image(key).into_iter().collect(),
            Kind::File => index.file(key),
            Kind::Resource => self.fitting(index.resource(observation.scope, key), observation),
            Kind::Command => self.fitting(index.command(key), observation),
            Kind::Literal | Kind::Model => index.credential(key).into_iter().collect(),
            Kind::Call | Kind::Project | Kind::Statement => Vec::new(),
        }
    }

    /// The first of several signatures of one name that fits what else is said: those that ask for more go first.
    fn fitting(&self, found: Vec<At>, observation: &Observation) -> Vec<At> {
        let signature = |at: At| self.catalog.known(at).signature;
        let best = found.into_iter().filter(|&at| signature(at).fits(observation)).reduce(|best, at| {
            if signature(at).when.len() > signature(best).when.len() {
                at
            } else {
                best
            }
        });
        best.into_iter().collect()
    }

    fn accept(&mut self, item: Seen<'_>, at: At) {
        let known = self.catalog.known(at);
        let observation = item.observation;
        if !matches!(known.signature.kind, SignatureKind::File) {
            self.present.insert(at.0);
        }
        if known.signature.kind == SignatureKind::Import {
            self.imported.insert(at.0);
            self.brought.insert(at);
        }
        if matches!(
            known.signature.kind,
            SignatureKind::Image | SignatureKind::Resource | SignatureKind::Command
        ) {
            self.serves |= known.product.purposes.iter().any(|purpose| purpose == "inference-server");
            self.models_of_started(item, known.signature);
        }
        let mut evidence = self.evidence(item, known, component(known), name(known, observation));
        evidence.version = observation
            .attribute(attribute::VERSION)
            .or_else(|| observation.attribute(attribute::TAG))
            .map(str::to_owned);
        evidence.relation = observation.attribute(attribute::RELATION).and_then(Relation::parse);
        match known.signature.kind {
            SignatureKind::Key => {
                // The value ends here: what stays is a digest that tells two credentials apart.
                evidence.facts.insert("credential-form".into(), known.signature.id.clone());
                evidence.facts.insert("fingerprint".into(), fingerprint(&observation.key));
            }
            SignatureKind::Resource => {
                for fact in [attribute::OWNER, attribute::STATUS, attribute::DESCRIPTION, attribute::URL] {
                    if let Some(value) = observation.attribute(fact) {
                        evidence.facts.insert(fact.into(), evidence::redact(value));
                    }
                }
            }
            SignatureKind::Package => {
                evidence.facts.insert("ecosystem".into(), observation.scope.to_owned());
            }
            // What comes with the platform is declared nowhere.
            SignatureKind::Import if known.signature.package.is_some() => {
                evidence.facts.insert("imported".into(), observation.scope.to_owned());
                if let Some(module) = names::module_of_another_name(&observation.key, &evidence.name) {
                    evidence.facts.insert("module".into(), module.to_owned());
                }
                if !known.signature.also.is_empty() {
                    evidence.facts.insert("also".into(), known.signature.also.join(" "));
                }
            }
            _ => {}
        }
        // What another dependency brings along, or what somebody else is to bring, says nothing of who is called.
        let is_ours = !matches!(evidence.relation, Some(Relation::Transitive | Relation::Peer));
        if evidence.relation == Some(Relation::Peer) {
            evidence.confidence = Confidence::Low;
        }
        let speaks_of_provider = known.product.service && is_ours;
        let provider = speaks_of_provider.then(|| self.provider(item, known, &evidence));
        // The image of a store or framework is that store or framework, running.
        if known.signature.kind == SignatureKind::Image
            && matches!(
                known.product.component,
                ComponentKind::VectorDb | ComponentKind::Framework | ComponentKind::AgentFramework
            )
        {
            let running = known.signature.name.as_ref().unwrap_or(&known.provider.id);
            let mut running = self.evidence(item, known, known.product.component, running.clone());
            running.version.clone_from(&evidence.version);
            self.out.push(running);
        }
        let hidden = known.signature.kind == SignatureKind::Env && !known.signature.credential;
        if !hidden {
            self.out.push(evidence);
        }
        self.out.extend(provider);
    }

    /// What evidence of a service says about its provider.
    fn provider(&self, item: Seen<'_>, known: Known<'_>, of: &Evidence) -> Evidence {
        let mut evidence = self.evidence(item, known, ComponentKind::Provider, known.provider.id.clone());
        evidence.stage = of.stage;
        evidence.relation = of.relation;
        let basis = match known.signature.kind {
            SignatureKind::Package | SignatureKind::Import | SignatureKind::Call => "sdk",
            SignatureKind::Host => "host",
            SignatureKind::Env => "variable",
            SignatureKind::Key => "credential",
            SignatureKind::Image => "image",
            SignatureKind::Model => "model",
            SignatureKind::File => "file",
            SignatureKind::Resource => "resource",
            SignatureKind::Command => "command",
        };
        evidence.facts.insert("basis".into(), basis.to_owned());
        evidence.facts.insert("vendor".into(), known.provider.vendor.as_str().to_owned());
        evidence
    }

    /// Models that a command or resource names where its signature says so.
    fn models_of_started(&mut self, item: Seen<'_>, signature: &Signature) {
        let named = signature
            .models
            .iter()
            .find_map(|name| item.observation.attribute(&format!("{}{name}", attribute::ARGUMENT)));
        if let Some(text) = named.map(str::to_owned) {
            self.model(item, &text, ModelPlace::Called);
        }
    }

    fn evidence(&self, item: Seen<'_>, known: Known<'_>, kind: ComponentKind, name: String) -> Evidence {
        let mut confidence = known.signature.confidence;
        if self.place.vendored {
            confidence = if confidence == Confidence::High {
                Confidence::Medium
            } else {
                Confidence::Low
            };
        }
        let mut facts = Facts::new();
        if !known.product.purposes.is_empty() {
            facts.insert("purposes".into(), known.product.purposes.join(" "));
        }
        facts.extend(
            known
                .signature
                .facts
                .iter()
                .map(|(name, value)| (name.clone().into(), value.clone())),
        );
        facts.extend(told(item.observation));
        // A line with a credential on it is not kept at all.
        let excerpt = if known.signature.kind == SignatureKind::Key {
            None
        } else {
            self.excerpt(item)
        };
        let excerpt = excerpt.filter(|excerpt| self.catalog.index().credential(excerpt.as_str()).is_none());
        Evidence {
            location: Location::new(self.place.path, item.observation.line),
            kind,
            name,
            provider: Some(known.provider.id.clone()),
            product: Some(known.product.id.clone()),
            version: None,
            relation: None,
            stage: known
                .signature
                .stage
                .unwrap_or_else(|| stage(known.signature.kind, self.configures(item))),
            confidence,
            usage: self.usage(item),
            vendored: self.place.vendored,
            signature: known.signature.id.clone(),
            detector: item.detector.to_owned(),
            excerpt,
            facts,
        }
    }

    /// The line, unless it holds what is not to be shown.
    fn excerpt(&self, item: Seen<'_>) -> Option<Excerpt> {
        let shown = item.observation.attribute(attribute::UNSHOWN).is_none();
        shown.then(|| (self.place.excerpt)(item.observation.line)).flatten()
    }

    /// Whether what is seen is set: it stands in settings, and neither in a sentence nor among words for people.
    fn configures(&self, item: Seen<'_>) -> bool {
        let is_told = item.observation.kind == Kind::Host && item.observation.attribute(attribute::MENTIONED).is_some();
        item.configures && !is_told && !(item.observation.kind == Kind::Host && self.place.usage == Usage::Docs)
    }

    /// What kind of place the observation stands in: its file's, unless it is a test inside it or a dependency of developers.
    fn usage(&self, item: Seen<'_>) -> Usage {
        let inside = item.observation.attribute(attribute::USAGE).is_some();
        let develops = item.observation.attribute(attribute::RELATION) == Some(Relation::Dev.as_str());
        if inside || develops {
            self.place.usage.min(Usage::Test)
        } else {
            self.place.usage
        }
    }

    fn finish(mut self) -> Vec<Evidence> {
        self.doubt_computed();
        let mut strongest: BTreeMap<(Location, ComponentKind, String), Evidence> = BTreeMap::new();
        for evidence in self.out {
            let key = (evidence.location.clone(), evidence.kind, evidence.name.to_ascii_lowercase());
            match strongest.get_mut(&key) {
                Some(known) if (known.stage, known.confidence) >= (evidence.stage, evidence.confidence) => {
                    known.facts.extend(evidence.facts)
                }
                Some(known) => {
                    let facts = std::mem::take(&mut known.facts);
                    *known = evidence;
                    known.facts.extend(facts);
                }
                None => drop(strongest.insert(key, evidence)),
            }
        }
        let mut evidence: Vec<Evidence> = strongest.into_values().collect();
        offered::mark_rows(&mut evidence);
        offered::mark(&mut evidence);
        evidence
    }
}

/// The facts that an observation brings along.
fn told(observation: &Observation) -> impl Iterator<Item = (Cow<'static, str>, String)> {
    let is_value = matches!(observation.kind, Kind::Model | Kind::Literal | Kind::Host);
    let named = observation.attribute(attribute::NAME).filter(|name| is_value && is_name(name));
    let named = named.map(|name| (fact::NAMED.into(), name.to_owned()));
    let facts = observation.attributes.iter().filter_map(|(name, value)| {
        let fact = name.strip_prefix(attribute::FACT)?;
        // A digest of content looks like a secret and is none; it is the one thing a file can be told by.
        let is_digest = fact.ends_with("sha256") && value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some((
            fact.to_owned().into(),
            if is_digest { value.clone() } else { evidence::redact(value) },
        ))
    });
    facts.chain(named)
}

/// Whether a text is a name that another file can use: a key, a variable, a field.
fn is_name(text: &str) -> bool {
    text.len() <= 100
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

const fn stage(kind: SignatureKind, configures: bool) -> Stage {
    match kind {
        SignatureKind::Package => Stage::Declared,
        SignatureKind::Call => Stage::Invoked,
        SignatureKind::Image | SignatureKind::Resource => Stage::Deployed,
        SignatureKind::File => Stage::Configured,
        // A script starts it as code calls a function.
        SignatureKind::Command if !configures => Stage::Invoked,
        _ if configures => Stage::Configured,
        _ => Stage::Referenced,
    }
}

fn component(known: Known<'_>) -> ComponentKind {
    known.signature.component.unwrap_or(match known.signature.kind {
        SignatureKind::Host => ComponentKind::Endpoint,
        SignatureKind::Env | SignatureKind::Key => ComponentKind::SecretRef,
        SignatureKind::Image => ComponentKind::InfraImage,
        SignatureKind::Model => ComponentKind::Model,
        SignatureKind::Resource => ComponentKind::CloudService,
        _ => known.product.component,
    })
}

fn name(known: Known<'_>, observation: &Observation) -> String {
    // An image keeps its own name; what it runs may have another.
    let is_image = known.signature.kind == SignatureKind::Image;
    if let Some(name) = called_name(known.signature, observation).filter(|_| !is_image) {
        return name;
    }
    match known.signature.kind {
        SignatureKind::Import => known.signature.package.clone().unwrap_or_else(|| known.provider.id.clone()),
        SignatureKind::File => known.provider.id.clone(),
        SignatureKind::Key => format!("{} credential", known.provider.name),
        SignatureKind::Host => observation.key.trim_start_matches("*.").to_owned(),
        SignatureKind::Resource => observation.attribute(attribute::ID).unwrap_or(&observation.key).to_owned(),
        SignatureKind::Package => names::whole_package(observation.scope, &observation.key, &known.signature.keys).to_owned(),
        _ => observation.key.clone(),
    }
}

/// The component's name as a call gives it: `arg.name|0` tries the argument `name`, then the first one; `callee` is what is called.
fn called_name(signature: &Signature, observation: &Observation) -> Option<String> {
    let name = signature.name.as_deref()?;
    if name == "callee" {
        return observation.key.rsplit(['.', ':', '/']).next().map(str::to_owned);
    }
    let Some(arguments) = name.strip_prefix(attribute::ARGUMENT) else {
        return Some(name.to_owned());
    };
    arguments
        .split('|')
        .find_map(|argument| observation.attribute(&format!("{}{argument}", attribute::ARGUMENT)))
        .map(str::to_owned)
}

fn fingerprint(secret: &str) -> String {
    Sha256::digest(secret.as_bytes())
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
