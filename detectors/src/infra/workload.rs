//! What descriptions of containers have in common: images, environments and commands inside a tree.

use super::{image, resource, shell};
use crate::config::{settings, value};
use crate::tree::{Node, Shape, Tree};
use crate::{Kind, Observation, Observations};

/// Siblings are looked for among this many, so that a wide map takes linear time.
const NEAR: usize = 64;

/// The scope of charts.
pub(super) const CHART: &str = "helm";

/// Reads a tree that describes containers, with every ordinary setting in it.
pub(super) fn observe(scope: &'static str, tree: &Tree, out: &mut Observations) {
    observe_beside(scope, tree, out, |_, _, _| false);
}

/// Like [`observe`]; `other` is asked first for each child of each map and list, and what it takes is not read again.
pub(super) fn observe_beside(
    scope: &'static str,
    tree: &Tree,
    out: &mut Observations,
    mut other: impl FnMut(Node<'_>, Node<'_>, &mut Observations) -> bool,
) {
    settings::observe_tree(scope, tree, out, |container, child, out| {
        other(container, child, out) || own(scope, container, child, out)
    });
}

fn own(scope: &'static str, container: Node<'_>, child: Node<'_>, out: &mut Observations) -> bool {
    if is_environment(container) {
        return observe_environment(scope, container, child, out);
    }
    match child.key() {
        // `images: {default: name, gpu: name}`
        _ if container.key() == "images" && child.text().is_some_and(|text| text.contains('/') && !text.contains("://")) => {
            image::observe(child.text().unwrap_or_default(), child.line(), out);
            true
        }
        "image" | "newName" if child.shape() == Shape::Text => {
            image::observe(child.text().unwrap_or_default(), child.line(), out);
            true
        }
        "repository" if child.shape() == Shape::Text => observe_parts(container, child, out),
        "command" | "args" | "entrypoint" | "test" => observe_command(scope, child, out),
        "chart" => observe_chart(container, child, out),
        _ => observe_script(scope, child, out),
    }
}

/// `environment:` and `args:` of a build, as a map or list of settings.
fn is_environment(container: Node<'_>) -> bool {
    match container.key() {
        "environment" | "env" | "envVars" | "extraEnv" => true,
        "args" => container.shape() == Shape::Map || container.parent().is_some_and(|parent| parent.key() == "build"),
        _ => false,
    }
}

fn observe_environment(scope: &'static str, container: Node<'_>, child: Node<'_>, out: &mut Observations) -> bool {
    let Some(text) = child.scalar() else { return false };
    let (name, set) = match container.shape() {
        Shape::List => text.split_once('=').unwrap_or((text, "")),
        _ => (child.key(), text),
    };
    out.push(Observation::new(Kind::Env, scope, name.trim(), child.line()));
    value::observe(scope, name.trim(), set, child.line(), out);
    true
}

/// `image: {registry, repository, tag}`, or the same without the map around it.
fn observe_parts(container: Node<'_>, repository: Node<'_>, out: &mut Observations) -> bool {
    let near = |key: &str| {
        container
            .children()
            .take(NEAR)
            .find(|sibling| sibling.key() == key)
            .and_then(Node::scalar)
    };
    let tag = near("tag").filter(|tag| !matches!(*tag, "" | "~" | "null"));
    let is_image = container.key().to_ascii_lowercase().ends_with("image") || near("tag").is_some() || near("registry").is_some();
    let Some(name) = repository.text().filter(|name| is_image && !name.contains("://")) else {
        return false;
    };
    let mut reference = near("registry")
        .filter(|registry| !registry.is_empty())
        .map_or_else(String::new, |registry| format!("{registry}/"));
    reference.push_str(name);
    if let Some(tag) = tag {
        reference.push(':');
        reference.push_str(tag);
    }
    image::observe(&reference, repository.line(), out);
    true
}

/// A text that says of itself that a shell runs it.
fn observe_script(scope: &'static str, node: Node<'_>, out: &mut Observations) -> bool {
    let is_script = |text: &&str| {
        let first = text.lines().next().unwrap_or_default();
        first.starts_with("#!") && first.ends_with("sh")
    };
    let Some(text) = node.text().filter(is_script) else { return false };
    // A text in several lines stands below its key; the exact place of its first line is known only for some forms.
    shell::observe_commands(scope, &shell::commands(text, node.line()), out);
    true
}

/// `chart: name` beside where the chart comes from.
fn observe_chart(container: Node<'_>, chart: Node<'_>, out: &mut Observations) -> bool {
    let Some(text) = chart.text() else { return false };
    let comes_from = [
        "repository",
        "repoURL",
        "version",
        "sourceRef",
        "targetRevision",
        "namespace",
        "name",
    ];
    if !container.children().take(NEAR).any(|near| comes_from.contains(&near.key())) {
        return false;
    }
    let name = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
    let observation = resource::of(CHART, name, "", None, chart.line());
    let near = |key: &str| {
        container
            .children()
            .take(NEAR)
            .find(|sibling| sibling.key() == key)
            .and_then(Node::text)
            .unwrap_or_default()
    };
    let origin = ["repository", "repoURL"].into_iter().map(near).find(|origin| !origin.is_empty());
    out.extend(observation.map(|observation| {
        observation
            .with(format!("{}repository", evidence::attribute::ARGUMENT), origin.unwrap_or_default())
            .with(evidence::attribute::VERSION, near("version"))
    }));
    true
}

/// A command as one text or as a list of words.
fn observe_command(scope: &'static str, node: Node<'_>, out: &mut Observations) -> bool {
    if let Some(text) = node.text() {
        shell::observe_commands(scope, &shell::commands(text, node.line()), out);
        return true;
    }
    if node.shape() != Shape::List || node.children().any(|child| child.scalar().is_none()) {
        return false;
    }
    let words: Vec<shell::Word> = node
        .children()
        .map(|child| shell::Word {
            text: child.scalar().unwrap_or_default().to_owned(),
            line: child.line(),
        })
        .collect();
    shell::observe_command(scope, &words, out);
    true
}
