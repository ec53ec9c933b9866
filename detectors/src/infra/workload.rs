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

/// Whether a text names an object of the cluster or a part of one, or is a label by which others find it: it may be called after what
/// it serves, but is no setting.
pub(super) fn names_an_object(container: Node<'_>, child: Node<'_>) -> bool {
    if child.shape() != Shape::Text {
        return false;
    }
    let is_list_of_parts = |list: Node<'_>| {
        matches!(
            list.key(),
            "containers"
                | "initContainers"
                | "volumes"
                | "volumeMounts"
                | "ports"
                | "applications"
                | "deployments"
                | "services"
                | "parentRefs"
                | "backendRefs"
        )
    };
    // A map may stand inside a function that adds others to it.
    let mut outer = container;
    while outer.key().is_empty()
        && let Some(parent) = outer.parent()
    {
        outer = parent;
    }
    match (outer.key(), child.key()) {
        ("metadata", "name" | "generateName") => true,
        (
            "container" | "init_container" | "service" | "backend" | "backendRef" | "nimCache" | "scaleTargetRef" | "describedObject",
            "name",
        ) => true,
        ("labels" | "matchLabels" | "match_labels" | "selector" | "nodeSelector" | "node_selector", _) => true,
        (_, "namespace" | "claimName" | "secretName" | "serviceName" | "serviceAccountName" | "configMapName") => true,
        (_, "name") => container.parent().is_some_and(is_list_of_parts),
        _ => false,
    }
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
        key if observe_image(key, child, out) => true,
        "repository" | "repo" if child.shape() == Shape::Text => observe_parts(container, child, out),
        "command" | "args" | "entrypoint" | "test" => observe_command(scope, child, out),
        "chart" => observe_chart(container, child, out),
        _ => observe_script(scope, child, out),
    }
}

/// Adds the image that a setting of some name holds. Says whether it holds one.
pub(super) fn observe_image(name: &str, node: Node<'_>, out: &mut Observations) -> bool {
    let text = node.text().filter(|text| names_an_image(name) && is_image_of_a_registry(text));
    if let Some(text) = text {
        image::observe(text, node.line(), out);
    }
    text.is_some()
}

/// Whether a setting holds an image, as far as its name says: `container_image`, `modelPuller` does not.
fn names_an_image(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["image", "image_uri", "imageuri", "image_path", "imagepath", "image_name"]
        .iter()
        .any(|end| key.ends_with(end))
}

/// `registry/org/name`, `org/name:tag`: a picture has another ending, and a file in this folder another beginning.
fn is_image_of_a_registry(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or_default();
    let is_picture = [".png", ".jpg", ".jpeg", ".svg", ".webp", ".gif", ".iso", ".img", ".qcow2"]
        .iter()
        .any(|end| name.to_ascii_lowercase().ends_with(end));
    text.contains('/') && !text.contains("://") && !text.starts_with(['/', '.', '~']) && !text.contains(char::is_whitespace) && !is_picture
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
    let says_how = near("tag").is_some() || near("registry").is_some();
    let is_image = says_how || repository.key() == "repository" && container.key().to_ascii_lowercase().ends_with("image");
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
