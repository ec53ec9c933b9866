//! What a system reaches over a network, as services: providers, managed resources, remote MCP servers and hosts. An endpoint
//! of a provider stands with that provider.

use std::collections::BTreeSet;

use evidence::{ComponentKind as Kind, Evidence, Stage};
use inventory::{Component, System};

use super::part_reference;
use super::wire::{Entity, Flow, Property, Service};
use crate::document;
use crate::reach::is_local;

/// Whether a part is reached over a network.
pub(super) fn is_service(system: &System, component: &Component) -> bool {
    match component.kind {
        Kind::Provider | Kind::CloudService => true,
        Kind::McpServer => component.facts.contains_key("host"),
        Kind::Endpoint => !is_endpoint_of_one(system, component),
        _ => false,
    }
}

/// Whether a part is the endpoint of a provider that the system has too.
pub(super) fn is_endpoint_of_one(system: &System, component: &Component) -> bool {
    component.kind == Kind::Endpoint
        && system
            .of_kind(Kind::Provider)
            .any(|provider| Some(provider.name.as_str()) == component.provider.as_deref())
}

/// The services of a system, in the order of kinds and names.
pub(super) fn of(system: &System) -> impl Iterator<Item = &Component> {
    document::parts(system)
        .into_iter()
        .filter(|component| is_service(system, component))
}

/// A part of a system as a service.
pub(super) fn service<'a>(system: &'a System, component: &'a Component) -> Service<'a> {
    let fact = |name: &str| component.facts.get(name).map(String::as_str);
    let endpoints: Vec<&Component> = system
        .of_kind(Kind::Endpoint)
        .filter(|endpoint| component.kind == Kind::Provider && endpoint.provider.as_deref() == Some(&component.name))
        .collect();
    let mut hosts: BTreeSet<&str> = endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
    hosts.extend(fact("host"));
    if component.kind == Kind::Endpoint {
        hosts.insert(&component.name);
    }
    let mut properties = Property::all(document::about_part(system, component));
    let seen = endpoints.iter().flat_map(|endpoint| &endpoint.evidence).chain(&component.evidence);
    properties.extend(occurrences(seen));
    Service {
        reference: part_reference(component),
        provider: component.provider.as_deref().map(|name| Entity { name }),
        name: &component.name,
        description: fact("description"),
        endpoints: hosts.iter().map(|host| address(host)).collect(),
        authenticated: is_authenticated(system, component).then_some(true),
        crosses_boundary: crosses_boundary(system, component, &hosts),
        data: [Flow {
            // Whoever calls or configures a model sends text and gets some back; of a mere mention nothing is known.
            flow: if component.stage >= Stage::Invoked {
                "bi-directional"
            } else {
                "unknown"
            },
            classification: "unknown",
        }],
        properties,
    }
}

/// A service has no field for the places that prove it.
fn occurrences<'e>(seen: impl Iterator<Item = &'e Evidence>) -> Vec<Property> {
    let places: BTreeSet<String> = seen.map(|seen| seen.location.to_string()).collect();
    places.into_iter().map(|place| Property::new("occurrence", place)).collect()
}

/// Whether the system holds a credential for it. That none was seen says nothing.
fn is_authenticated(system: &System, component: &Component) -> bool {
    let has_credential =
        component.provider.is_some() && system.of_kind(Kind::SecretRef).any(|secret| secret.provider == component.provider);
    let sends_one = component.facts.get("headers").is_some_and(|headers| {
        headers
            .split_whitespace()
            .any(|header| header.eq_ignore_ascii_case("authorization"))
    });
    has_credential || sends_one
}

/// Whether data leaves the organisation: the provider sells a hosted service, or a host is not one of one's own network.
fn crosses_boundary(system: &System, component: &Component, hosts: &BTreeSet<&str>) -> Option<bool> {
    let is_hosted = |one: &Component| one.facts.get("vendor").is_some_and(|vendor| vendor == "service");
    let mut behind = system
        .of_kind(Kind::Provider)
        .filter(|provider| component.kind == Kind::CloudService && component.provider.as_ref() == Some(&provider.name));
    if is_hosted(component) || behind.any(is_hosted) {
        return Some(true);
    }
    (!hosts.is_empty()).then(|| hosts.iter().any(|host| !is_local(host)))
}

/// A reference to a host of which no scheme is known (`//host:port`), as RFC 3986 writes it.
fn address(host: &str) -> String {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    };
    let mut out = "//".to_owned();
    let literal = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    match literal {
        Some(number) if number.parse::<std::net::Ipv6Addr>().is_ok() => out.push_str(name),
        _ => {
            for byte in name.bytes() {
                match byte {
                    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b'*' => out.push(char::from(byte)),
                    byte => out.push_str(&format!("%{byte:02X}")),
                }
            }
        }
    }
    if let Some(port) = port {
        out.push(':');
        out.push_str(port);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_references_whatever_a_host_is_called() {
        assert_eq!(address("api.openai.com"), "//api.openai.com");
        assert_eq!(address("127.0.0.1:11434"), "//127.0.0.1:11434");
        assert_eq!(address("[::1]:80"), "//[::1]:80");
        assert_eq!(address("*.openai.azure.com"), "//*.openai.azure.com");
        assert_eq!(address("{region}.api.example:x\n<"), "//%7Bregion%7D.api.example%3Ax%0A%3C");
        assert_eq!(address("[x]"), "//%5Bx%5D");
    }
}
