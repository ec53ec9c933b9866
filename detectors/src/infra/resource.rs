//! Typed resources in trees: one observation each, with what is set in it as arguments that are named by their keys
//! joined by dots. The strings inside are read elsewhere, as ordinary settings.

use evidence::attribute;

use crate::config::{reference, value};
use crate::tree::{Node, Shape};
use crate::{Kind, Observation, Observations};

/// Arguments kept of one resource.
const MOST_ARGUMENTS: usize = 256;
/// Values looked at in one resource.
const MOST_VALUES: usize = 4096;
/// Longest value of an argument that is kept.
const LONGEST_VALUE: usize = 512;
/// Longest type or name.
const LONGEST_NAME: usize = 256;

/// A resource of a type under its name in the file, with the arguments that stand in `settings`. Of several values under
/// one name the first that is known counts; one that is not known is [`reference::PLACEHOLDER`].
pub(super) fn of(scope: &'static str, key: &str, id: &str, settings: Option<Node<'_>>, line: u32) -> Option<Observation> {
    let key = key.trim();
    if key.is_empty() || key.len() > LONGEST_NAME || id.len() > LONGEST_NAME || key.contains(char::is_whitespace) {
        return None;
    }
    let id = if id.contains(['{', '$']) { "" } else { id };
    let mut observation = Observation::new(Kind::Resource, scope, key, line).with(attribute::ID, id);
    let Some(settings) = settings else { return Some(observation) };
    let mut kept = 0;
    let mut open = vec![(String::new(), settings.children())];
    for _ in 0..MOST_VALUES {
        let Some((prefix, children)) = open.last_mut() else { break };
        let Some(child) = children.next() else {
            open.pop();
            continue;
        };
        let name = match (prefix.is_empty(), child.key()) {
            (true, key) => key.to_owned(),
            (false, "") => prefix.clone(),
            (false, key) => format!("{prefix}.{key}"),
        };
        if name.len() > LONGEST_NAME {
            continue;
        }
        if matches!(child.shape(), Shape::Map | Shape::List) {
            open.push((name, child.children()));
        } else if kept < MOST_ARGUMENTS
            && let Some(text) = child.scalar().filter(|text| text.len() <= LONGEST_VALUE)
        {
            let argument = format!("{}{name}", attribute::ARGUMENT);
            let known = observation.attributes.get(argument.as_str());
            if !name.is_empty() && known.is_none_or(|known| known == reference::PLACEHOLDER) {
                kept += usize::from(known.is_none());
                observation = observation.with(argument, reference::expand(text).text.into_owned());
            }
        }
    }
    Some(observation)
}

/// Adds the permission a text grants, as platforms write them: `service:Action`, `roles/service.role`, or the name of a
/// role under a key that says so.
pub(super) fn observe_permission(key: &str, text: &str, line: u32, out: &mut Observations) {
    let is_action = || {
        text.split_once(':').is_some_and(|(service, action)| {
            is_word(service, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && is_word(action, |b| b.is_ascii_alphanumeric() || b == b'*')
                && action.starts_with(|c: char| c.is_ascii_uppercase() || c == '*')
        })
    };
    let is_role = || {
        text.strip_prefix("roles/")
            .is_some_and(|role| role.contains('.') && is_word(role, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_')))
    };
    let names_a_role = || {
        let words = value::words(key);
        words.iter().any(|word| word == "role") && words.iter().any(|word| word == "definition" || word == "name")
    };
    if text.len() <= LONGEST_NAME && (is_action() || is_role() || names_a_role() && text.contains(' ')) {
        out.push(Observation::new(Kind::Resource, PERMISSION, text, line));
    }
}

/// The scope of permissions.
pub(super) const PERMISSION: &str = "permission";

fn is_word(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::lines_of;
    use crate::tree;

    #[test]
    fn arguments_are_named_by_their_keys() {
        let tree = tree::yaml("kind: A\nmodel:\n- name: ${X:-m1}\n  name: m2\n- {size: 1}\nsecret: ${K}\n");
        let resource = of("terraform", "acme_thing", "this", Some(tree.root()), 7).expect("a resource");
        let mut out = Observations::default();
        out.push(resource);
        assert_eq!(
            lines_of(&out),
            ["7 Resource acme_thing arg.kind=A arg.model.name=m1 arg.model.size=1 arg.secret={} id=this"]
        );
    }

    #[test]
    fn what_names_no_type_is_no_resource() {
        assert_eq!(of("terraform", " ", "x", None, 1), None);
        assert_eq!(of("terraform", "two words", "x", None, 1), None);
    }

    #[test]
    fn large_resources_stay_small() {
        let text: String = (0..100_000).map(|n| format!("k{n}: v\n")).collect();
        let resource = of("terraform", "a", "b", Some(tree::yaml(&text).root()), 1).expect("a resource");
        assert!(resource.attributes.len() <= MOST_ARGUMENTS + 1);
    }

    #[test]
    fn permissions_are_told_from_other_texts() {
        let seen = |key: &str, text: &str| {
            let mut out = Observations::default();
            observe_permission(key, text, 1, &mut out);
            !out.as_slice().is_empty()
        };
        for (key, text) in [
            ("Action", "acme:InvokeModel"),
            ("actions", "acme-runtime:*"),
            ("role", "roles/acme.user"),
            ("role_definition_name", "Acme Service User"),
        ] {
            assert!(seen(key, text), "{text}");
        }
        for (key, text) in [
            ("x", "arn:aws:acme"),
            ("x", "http://a"),
            ("x", "image:latest"),
            ("x", "roles/"),
            ("description", "Acme Service User"),
            ("role_name", "user"),
        ] {
            assert!(!seen(key, text), "{text}");
        }
    }
}
