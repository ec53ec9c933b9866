//! Files that exist because of AI: servers and agents that are configured, prompts, flows, cards of models and data sets.
//!
//! They are known by what they hold, never by their name alone, and say more than single values do: `config` reads the same
//! files for the variables, hosts and credentials in them.

mod launch;
mod mcp;

use crate::config::plain_name;
use crate::tree::{Node, Shape};
use crate::{Detector, Kind, Observations};

/// Every format, in the order tables show them.
pub static FORMATS: &[&dyn Detector] = &[&mcp::Servers];

/// Whether a file is read although version control ignores it: what clients connect to is kept out of repositories for the
/// credentials in it, and still is in use.
#[must_use]
pub fn reveals(path: &str) -> bool {
    mcp::is_settings(path)
}

/// How a file of keys and values is written.
fn is_tree(path: &str) -> bool {
    let name = plain_name(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "json" | "jsonc" | "yaml" | "yml" | "toml")
}

/// The text of a child.
fn text_of<'t>(node: Node<'t>, key: &str) -> Option<&'t str> {
    node.get(key)?.text().map(str::trim).filter(|text| !text.is_empty())
}

/// A map under a key.
fn map_of<'t>(node: Node<'t>, key: &str) -> Option<Node<'t>> {
    node.get(key).filter(|node| node.shape() == Shape::Map)
}

/// Names, each once, in one line and of bounded length.
fn joined<'t>(names: impl IntoIterator<Item = &'t str>) -> String {
    const MOST: usize = 40;
    let mut all: Vec<&str> = Vec::new();
    for name in names {
        if !name.is_empty() && name.len() <= 100 && !name.contains(char::is_whitespace) && !all.contains(&name) {
            all.push(name);
        }
        if all.len() == MOST {
            break;
        }
    }
    all.join(" ")
}

/// A name that people gave something: one line, cut, without anything that looks like a secret.
fn name_of(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).take(100).collect();
    evidence::redact(&line)
}

/// The host of an address, without anything else of it.
fn host_of(address: &str) -> Option<String> {
    let mut seen = Observations::default();
    crate::config::host::observe("ai", "url", address, 0, &mut seen);
    seen.into_vec()
        .into_iter()
        .find(|seen| seen.kind == Kind::Host)
        .map(|seen| seen.key)
}
