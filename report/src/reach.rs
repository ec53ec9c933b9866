//! Where what a system uses lies: with others, on machines of one's own, or as files in what was scanned. Chooses and counts; draws
//! and words nothing.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind as Kind, Stage, Usage};
use inventory::{Component, Inventory, System};

/// Where data goes, what leaves the organisation first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Where {
    /// A service that somebody else runs: data leaves the organisation.
    Others,
    /// Software that the organisation runs itself.
    Own,
    /// Model files that lie in what was scanned.
    Tree,
}

impl Where {
    /// Every place, in the order it is shown.
    pub(crate) const ALL: [Self; 3] = [Self::Others, Self::Own, Self::Tree];

    /// The words a person reads.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Others => "Services of others",
            Self::Own => "Run by the organisation itself",
            Self::Tree => "Model files in what was scanned",
        }
    }
}

/// What a system uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Where it lies.
    pub(crate) place: Where,
    /// The vendor, or the host where no vendor is known.
    pub(crate) name: String,
    /// Whether it is called or switched on, and not only declared or named.
    pub(crate) called: bool,
}

/// What a system uses where it runs, each once, by place and name; and how much stands only in tests, examples and documents.
pub(crate) fn of(system: &System) -> (Vec<Flow>, usize) {
    let mut flows: BTreeMap<(Where, &str), bool> = BTreeMap::new();
    let mut elsewhere = 0;
    let mut files = 0;
    let known = |provider: Option<&str>| provider.is_some_and(|name| system.of_kind(Kind::Provider).any(|one| one.name == name));
    for component in &system.components {
        let provider = component.provider.as_deref();
        let place = match component.kind {
            Kind::Provider if is_project(component) => Where::Own,
            Kind::Provider | Kind::CloudService => Where::Others,
            Kind::InfraImage if !known(provider) => Where::Own,
            Kind::Endpoint if !known(provider) => by_host(&component.name),
            Kind::McpServer => match component.facts.get("host") {
                Some(host) => by_host(host),
                None => continue,
            },
            Kind::ModelFile => Where::Tree,
            _ => continue,
        };
        if component.usage != Usage::Runtime {
            elsewhere += usize::from(component.kind == Kind::Provider);
            continue;
        }
        if place == Where::Tree {
            files += 1;
            continue;
        }
        let name = match component.kind {
            Kind::CloudService | Kind::InfraImage | Kind::Endpoint => provider.unwrap_or(&component.name),
            _ => &component.name,
        };
        *flows.entry((place, name)).or_default() |= component.stage >= Stage::Invoked;
    }
    let mut flows: Vec<Flow> = flows
        .into_iter()
        .map(|((place, name), called)| Flow {
            place,
            name: name.to_owned(),
            called,
        })
        .collect();
    if files > 0 {
        flows.push(Flow {
            place: Where::Tree,
            name: "model files".to_owned(),
            called: true,
        });
    }
    (flows, elsewhere)
}

fn is_project(component: &Component) -> bool {
    component.facts.get("vendor").is_some_and(|vendor| vendor == "project")
}

fn by_host(host: &str) -> Where {
    if is_local(host) { Where::Own } else { Where::Others }
}

/// The systems, by id, in which something asks whether data about people are near.
pub(crate) fn near_people(inventory: &Inventory) -> BTreeSet<&str> {
    let fired = inventory
        .systems
        .iter()
        .filter(|system| system.classification.reasons.iter().any(|reason| reason.rule.starts_with("data.")));
    let found = inventory.findings.iter().filter(|finding| finding.rule == "personal-data-question");
    fired
        .map(|system| system.id.as_str())
        .chain(found.map(|finding| finding.system.as_str()))
        .collect()
}

/// Whether a host is this machine or one that only one's own network knows by its name or number.
pub(crate) fn is_local(host: &str) -> bool {
    let name = host.trim_start_matches('[').split([']', '/']).next().unwrap_or(host);
    let name = match name.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => name,
    }
    .to_ascii_lowercase();
    if let Ok(number) = name.parse::<std::net::IpAddr>() {
        return match number {
            std::net::IpAddr::V4(number) => {
                number.is_loopback() || number.is_private() || number.is_link_local() || number.is_unspecified()
            }
            std::net::IpAddr::V6(number) => {
                number.is_loopback() || number.is_unspecified() || number.is_unique_local() || number.is_unicast_link_local()
            }
        };
    }
    !name.contains('.')
        || [".local", ".localhost", ".internal", ".lan", ".svc", ".home.arpa"]
            .iter()
            .any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn ones_own_hosts_are_no_boundary() {
        for host in [
            "localhost:11434",
            "127.0.0.1",
            "0.0.0.0:8000",
            "10.1.2.3:80",
            "192.168.1.4",
            "[::1]:8080",
            "ollama:11434",
            "vllm.models.svc",
            "vllm.models.svc.cluster.local:8000",
            "host.docker.internal:1234",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "api.openai.com",
            "8.8.8.8:80",
            "172.32.0.1",
            "acme.openai.azure.com:443",
            "localhost.example.com",
            "[2001:4860::1]:80",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn what_is_only_tested_is_no_flow_and_model_files_are_one() {
        let inventory = sample::inventory();
        let mut system = inventory
            .systems
            .iter()
            .find(|system| system.of_kind(Kind::ModelFile).next().is_some())
            .expect("in the sample")
            .clone();
        let (flows, _) = of(&system);
        assert_eq!(flows.iter().filter(|flow| flow.place == Where::Tree).count(), 1);
        for component in &mut system.components {
            component.usage = Usage::Test;
        }
        let (flows, elsewhere) = of(&system);
        assert!(flows.is_empty());
        assert_eq!(elsewhere, system.of_kind(Kind::Provider).count());
    }

    #[test]
    fn software_of_ones_own_does_not_leave_the_organisation() {
        let mut system = sample::inventory().systems.remove(0);
        for component in &mut system.components {
            (component.kind, component.usage) = (Kind::Provider, Usage::Runtime);
            component.facts.insert("vendor".into(), "project".into());
        }
        assert!(of(&system).0.iter().all(|flow| flow.place == Where::Own));
        for component in &mut system.components {
            component.facts.insert("vendor".into(), "service".into());
            component.stage = Stage::Declared;
        }
        assert!(of(&system).0.iter().all(|flow| flow.place == Where::Others && !flow.called));
    }
}
