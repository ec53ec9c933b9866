//! Tags, labels and annotations that people give resources, as texts that say something of the unit. What their names and values mean
//! is not known here.

use std::collections::BTreeSet;

use evidence::{Emits, Voice, attribute};

use crate::config::value;
use crate::tree::{Node, Shape, Tree};
use crate::{Kind, Observation, Observations};

/// What this gives.
pub(crate) const EMITS: Emits = (Kind::Statement, Voice::Tag.as_str());

/// Tags of one file.
const MOST: usize = 200;
/// Longest name and value; longer ones are settings of programs.
const LONGEST_NAME: usize = 128;
const LONGEST_VALUE: usize = 200;

/// Keys under which a schema or a declaration describes tags and gives none.
const DESCRIBES: [&str; 6] = ["variable", "properties", "output", "outputs", "parameters", "Parameters"];

/// Every tag of a tree, each pair of name and value once.
pub(crate) fn observe(tree: &Tree, out: &mut Observations) {
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for node in tree.walk().filter(|node| matches!(node.shape(), Shape::Map | Shape::List)) {
        let Some(held) = held(node) else { continue };
        // A function that joins tables (`merge(local.tags, { … })`) is a list of them.
        let tables = std::iter::once(held).chain(held.children().filter(|child| child.shape() == Shape::Map));
        for table in tables {
            if let Some((name, value)) = spelled_out(table) {
                one(name, value, table.line(), &mut seen, out);
                continue;
            }
            for child in table.children() {
                let Some(text) = child.scalar() else { continue };
                let (name, value) = match child.key() {
                    "" => text.split_once('=').unwrap_or(("", text)),
                    key => (key, text),
                };
                one(name, value, child.line(), &mut seen, out);
            }
        }
    }
}

/// What holds the tags, where a key says that there are some.
fn held(node: Node<'_>) -> Option<Node<'_>> {
    let key = node.key();
    if key.len() < 3 || key.len() > LONGEST_NAME {
        return None;
    }
    let words = value::words(key);
    let last = words.last()?.as_str();
    let parent = node.parent().map_or("", Node::key);
    let is_one = last == "tag" && spelled_out(node).is_some();
    let are_some = matches!(last, "tags" | "labels" | "annotations");
    let selects = |key: &str| ["match", "selector"].iter().any(|word| key.to_ascii_lowercase().contains(word));
    if !(is_one || are_some) || selects(key) || selects(parent) {
        return None;
    }
    let default = node.get("default").or_else(|| node.get("defaultValue"));
    match default.filter(|default| default.shape() == Shape::Map) {
        Some(default) => Some(default),
        None => (!DESCRIBES.contains(&parent)).then_some(node),
    }
}

/// A tag that is written as a table of its name and its value.
fn spelled_out(table: Node<'_>) -> Option<(&str, &str)> {
    let either = |upper: &str, lower: &str| table.get(upper).or_else(|| table.get(lower)).and_then(Node::scalar);
    Some((either("Key", "key")?, either("Value", "value")?))
}

fn one<'t>(name: &'t str, value: &'t str, line: u32, seen: &mut BTreeSet<(&'t str, &'t str)>, out: &mut Observations) {
    if seen.len() < MOST && seen.insert((name, value)) {
        out.extend(tag(name, value, line));
    }
}

/// A tag; nothing if it has no name, or if its value is only known when it is set.
pub(crate) fn tag(name: &str, value: &str, line: u32) -> Option<Observation> {
    let (name, value) = (name.trim(), value.trim());
    let fits = |text: &str, longest: usize| {
        !text.is_empty() && text.len() <= longest && !text.contains(['{', '}', '$', '<', '>', '\n']) && !text.starts_with('[')
    };
    (fits(name, LONGEST_NAME) && fits(value, LONGEST_VALUE))
        .then(|| Observation::new(Kind::Statement, Voice::Tag.as_str(), value, line).with(attribute::NAME, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    fn tags(text: &str) -> Vec<String> {
        let mut out = Observations::default();
        observe(&tree::yaml(text), &mut out);
        out.into_vec()
            .into_iter()
            .map(|seen| format!("{} {}={}", seen.line, seen.attribute(attribute::NAME).unwrap_or_default(), seen.key))
            .collect()
    }

    #[test]
    fn tags_are_read_in_every_form() {
        for (text, wanted) in [
            (
                "a:\n  tags:\n    team: hiring\n    Owner: jane\n",
                vec!["3 team=hiring", "4 Owner=jane"],
            ),
            (
                "Tags:\n- Key: app\n  Value: credit\n- {Key: b, Value: c}\n",
                vec!["2 app=credit", "4 b=c"],
            ),
            (
                "metadata:\n  labels: {app: x}\n  annotations:\n    example.org/owner: y\n",
                vec!["2 app=x", "4 example.org/owner=y"],
            ),
            ("labels:\n- com.example.team=ml\n- bare\n", vec!["2 com.example.team=ml"]),
            ("common_tags: [{team: a}, {env: prod}]\n", vec!["1 team=a", "1 env=prod"]),
            ("tag: {key: env, value: prod, propagate_at_launch: true}\n", vec!["1 env=prod"]),
            (
                "variable:\n  tags:\n    description: Tags to set\n    default: {team: a}\n",
                vec!["4 team=a"],
            ),
            ("one: {labels: {a: b}}\ntwo: {labels: {a: b}}\n", vec!["1 a=b"]),
        ] {
            assert_eq!(tags(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_selects_describes_or_is_not_known_is_no_tag() {
        for text in [
            "selector:\n  matchLabels: {app: hiring}\n",
            "podSelector:\n  labels: {app: hiring}\n",
            "properties:\n  tags: {type: object, description: Tags}\n",
            "variable:\n  tags: {description: Patient data, type: map}\n",
            "output:\n  tags: {value: x}\n",
            "tags: {team: \"${var.team}\", env: \"{}\", b: \"<xxxx>\", c: \"[parameters('x')]\", d: \"\"}\n",
            "image: {tag: hiring}\nstage: hiring\n",
            "tags: [hiring, credit]\n",
        ] {
            assert_eq!(tags(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn large_files_give_so_many_and_long_values_are_settings() {
        let many: String = (0..5_000).map(|n| format!("  k{n}: v\n")).collect();
        assert_eq!(tags(&format!("tags:\n{many}")).len(), MOST);
        assert_eq!(tags(&format!("annotations:\n  a: {}\n", "x".repeat(LONGEST_VALUE + 1))), [""; 0]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(?s)((tags|labels|Key|Value|default|a): ?|[\\[\\]{},\\n -]|b|=){0,60}") {
            tags(&text);
        }
    }
}
