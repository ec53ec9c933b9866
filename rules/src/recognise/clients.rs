//! Calls on imported libraries: that they are used, and whom their clients are pointed at. An SDK is made for its vendor's
//! service, but whoever's address it is given gets the data.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Confidence, Evidence, Location, Observation, Stage, Usage, attribute, is_base_address};

use super::{Recogniser, Seen, component, name, told};
use crate::catalog::Known;
use crate::index::At;
use crate::provider::Vendor;

/// Arguments that name the place of a service, which its vendor may have given to a customer alone: only whose it is known
/// to be counts.
const PLACE_ARGUMENTS: &[&str] = &["azure_endpoint", "endpoint", "Endpoint", "host"];

/// What is known of the clients that an artifact makes.
#[derive(Debug, Default)]
pub(super) struct Clients<'a> {
    /// Calls without an address, by callee.
    direct: BTreeMap<&'a str, Vec<(Seen<'a>, At)>>,
    /// Callees that were pointed at somebody else's address.
    redirected: BTreeSet<&'a str>,
    /// Providers of whose SDK options that name no client hold an address: host, path and whether it is the base of all requests.
    options: BTreeMap<u32, (String, String, bool)>,
    /// Providers of whose SDK a client has an address that is known only when the code runs.
    computed: BTreeSet<String>,
}

/// Where a call points what it is made on.
enum Address<'o> {
    /// It says nothing.
    Silent,
    /// To an address that the code computes.
    Computed,
    /// To a host and path; whether it is the base of all requests.
    At { host: String, path: &'o str, base: bool },
}

impl<'o> Address<'o> {
    fn of(observation: &'o Observation) -> Self {
        let argument = |name: &str| observation.attribute(&format!("{}{name}", attribute::ARGUMENT));
        let named = observation.attributes.iter().find_map(|(name, value)| {
            let name = name.strip_prefix(attribute::ARGUMENT)?;
            is_base_address(name).then_some(value.as_str())
        });
        let setter = observation
            .key
            .rsplit(['.', ':', '/'])
            .next()
            .filter(|callee| is_base_address(callee));
        let base = named.or_else(|| setter.and_then(|_| argument("0")));
        let place = || PLACE_ARGUMENTS.iter().find_map(|name| argument(name));
        match base.or_else(place).and_then(host_and_path).filter(|(host, _)| is_host(host)) {
            Some((host, path)) => Self::At {
                host: host.to_ascii_lowercase(),
                path,
                base: base.is_some(),
            },
            None if base.is_some() || observation.attribute(attribute::COMPUTED).is_some() => Self::Computed,
            None => Self::Silent,
        }
    }
}

impl<'a> Recogniser<'a> {
    /// A call on something imported: the library is used, and perhaps pointed at another service.
    pub(super) fn client(&mut self, item: Seen<'a>, at: At) {
        let known = self.catalog.known(at);
        if self.invoked.insert(at) {
            let mut evidence = self.evidence(item, known, component(known), name(known, item.observation));
            evidence.stage = Stage::Invoked;
            if known.product.service {
                self.invoked_provider(item, known, &evidence);
            }
            self.out.push(evidence);
        }
        let key = item.observation.key.as_str();
        match Address::of(item.observation) {
            Address::Silent if known.product.service => self.clients.direct.entry(key).or_default().push((item, at)),
            Address::Computed => drop(self.clients.computed.insert(known.provider.id.clone())),
            Address::At { host, path, base } => {
                if self.redirect(item, at, &host, path, base) {
                    self.clients.redirected.insert(key);
                }
            }
            Address::Silent => {}
        }
    }

    /// Options of a client whose type an import brings in without naming it: they are its provider's if they bear its name.
    pub(super) fn options(&mut self, item: Seen<'a>, callee: &str) {
        let Address::At { host, path, base } = Address::of(item.observation) else {
            return;
        };
        let plain = |text: &str| text.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "");
        let callee = plain(callee);
        let of = |at: &&At| {
            let known = self.catalog.known(**at);
            known.product.service && callee.contains(&plain(&known.provider.id))
        };
        if let Some(&at) = self.brought.iter().find(of)
            && self.redirect(item, at, &host, path, base)
        {
            self.clients.options.insert(at.0, (host, path.to_owned(), base));
        }
    }

    /// What is said where a client is pointed at an address: the provider who is known to have it, or else the place itself.
    /// Says whether it is somebody else's than the client's own provider's.
    fn redirect(&mut self, item: Seen<'a>, at: At, host: &str, path: &str, base: bool) -> bool {
        let known = self.catalog.known(at);
        let mut evidence = match self.catalog.index().host(host, path) {
            Some(other) if other.0 == at.0 => return false,
            Some(other) => {
                let other = self.catalog.known(other);
                self.evidence(item, other, ComponentKind::Provider, other.provider.id.clone())
            }
            // Software that the organisation runs itself is wherever it runs; tests and examples make their addresses up.
            None if !(base && known.product.service && known.provider.vendor == Vendor::Service) => return false,
            None if self.usage(item) != Usage::Runtime => return false,
            // Nobody is at such an address: somebody is to put theirs there.
            None if is_reserved(host) => return true,
            None => self.place_of_nobody_known(item, host),
        };
        evidence.stage = Stage::Invoked;
        evidence.facts.insert("basis".into(), "host".to_owned());
        evidence.facts.insert("client-of".into(), known.provider.id.clone());
        self.out.push(evidence);
        true
    }

    fn place_of_nobody_known(&self, item: Seen<'a>, host: &str) -> Evidence {
        Evidence {
            location: Location::new(self.place.path, item.observation.line),
            kind: ComponentKind::Endpoint,
            name: host.to_owned(),
            provider: None,
            product: None,
            version: None,
            relation: None,
            stage: Stage::Invoked,
            confidence: if self.place.vendored { Confidence::Low } else { Confidence::High },
            usage: self.usage(item),
            vendored: self.place.vendored,
            signature: "address-of-a-client".to_owned(),
            detector: item.detector.to_owned(),
            excerpt: self.excerpt(item),
            facts: told(item.observation).collect(),
        }
    }

    fn invoked_provider(&mut self, item: Seen<'a>, known: Known<'a>, of: &Evidence) {
        let mut provider = self.provider(item, known, of);
        provider.stage = Stage::Invoked;
        self.out.push(provider);
    }

    /// Clients without an address of their own: beside options that hold one they are made with them; beside the same call with
    /// one each is a use of its own vendor.
    pub(super) fn direct_clients(&mut self) {
        let clients = std::mem::take(&mut self.clients.direct);
        for (callee, item, at) in clients
            .into_iter()
            .flat_map(|(callee, calls)| calls.into_iter().map(move |(item, at)| (callee, item, at)))
        {
            if let Some((host, path, base)) = self.clients.options.get(&at.0).cloned() {
                self.redirect(item, at, &host, &path, base);
                continue;
            }
            if !self.clients.redirected.contains(callee) {
                continue;
            }
            let known = self.catalog.known(at);
            let evidence = self.evidence(item, known, component(known), name(known, item.observation));
            self.invoked_provider(item, known, &evidence);
        }
    }

    /// Where an address is only known when the code runs, whose service answers is inferred.
    pub(super) fn doubt_computed(&mut self) {
        for evidence in &mut self.out {
            let by_sdk = evidence.kind == ComponentKind::Provider && evidence.facts.get("basis").is_some_and(|basis| basis == "sdk");
            if by_sdk && evidence.stage == Stage::Invoked && self.clients.computed.contains(&evidence.name) {
                evidence.confidence = evidence.confidence.min(Confidence::Medium);
                evidence.facts.insert("address".into(), "computed".to_owned());
            }
        }
    }
}

/// Host and path of an address, however much of it is written.
fn host_and_path(address: &str) -> Option<(&str, &str)> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    (host.contains('.') || host.contains(':')).then_some((host, path))
}

/// Whether a host ends in a name that is kept for examples and tests, under which nobody is.
fn is_reserved(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    let ends = |end: &&str| {
        name.strip_suffix(*end)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    ["example", "test", "invalid"].iter().any(ends)
}

/// Whether a text is a host, with nothing computed in it.
fn is_host(host: &str) -> bool {
    host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'_'))
}
