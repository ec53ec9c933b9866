//! Every string of a key-value tree, with what stands around it: pairs of `name` and `value`, and maps keyed by model.

use super::value;
use crate::tree::{Node, Shape, Tree};
use crate::{Kind, Observation, Observations};

/// Reads every string of a tree. `own` is asked first for each child of each map and list; what it takes is not read again,
/// nor is anything else of a list or map it takes.
pub(crate) fn observe_tree(
    scope: &'static str,
    tree: &Tree,
    out: &mut Observations,
    mut own: impl FnMut(Node<'_>, Node<'_>, &mut Observations) -> bool,
) {
    let root = tree.root();
    let mut open = vec![(root, Named::of(root), root.children())];
    while let Some((container, named, children)) = open.last_mut() {
        let Some(child) = children.next() else {
            open.pop();
            continue;
        };
        if own(*container, child, out) {
            continue;
        }
        value::observe_variable(scope, child.key(), child.line(), out);
        match child.shape() {
            Shape::Map | Shape::List => {
                observe_keyed_model(scope, *container, child, out);
                open.push((child, Named::of(child), child.children()));
            }
            Shape::Text if child.key() == named.value_key && !named.name.is_empty() => {
                value::observe(scope, named.name, child.text().unwrap_or_default(), child.line(), out);
            }
            Shape::Text => {
                let before = out.as_slice().len();
                value::observe(scope, &child.path(), child.text().unwrap_or_default(), child.line(), out);
                if named.are_words {
                    out.mark_data_from(before);
                }
            }
            Shape::Plain => {}
        }
    }
    if is_list_of_records(root) {
        out.mark_addresses_as_data();
    }
}

/// Records that a file must have to be a table of them.
const MANY_RECORDS: usize = 20;

/// Whether a whole file is a long list of maps: a table of what there is, not what is set.
fn is_list_of_records(root: Node<'_>) -> bool {
    root.shape() == Shape::List
        && root.children().nth(MANY_RECORDS - 1).is_some()
        && root.children().all(|child| child.shape() == Shape::Map)
}

/// What a container says of the texts in it: a map such as `{name: LLM_MODEL, value: …}` holds a value under the name it
/// gives, a list of tags holds words.
struct Named<'t> {
    name: &'t str,
    value_key: &'static str,
    are_words: bool,
}

/// Lists that hold words of which nothing is set.
const WORD_LISTS: [&str; 14] = [
    "tags",
    "keywords",
    "topics",
    "labels",
    "categories",
    "words",
    "stopwords",
    "terms",
    "phrases",
    "vocabulary",
    "hashtags",
    "skills",
    "technologies",
    "interests",
];

impl<'t> Named<'t> {
    fn of(container: Node<'t>) -> Self {
        let mut name = "";
        let mut value_key = "";
        if container.shape() == Shape::Map {
            for child in container.children() {
                match child.key() {
                    "name" | "Name" | "key" if name.is_empty() => name = child.text().unwrap_or_default(),
                    "value" if value_key.is_empty() => value_key = "value",
                    "Value" if value_key.is_empty() => value_key = "Value",
                    _ => {}
                }
            }
        }
        Self {
            name,
            value_key,
            are_words: is_list_of_words(container),
        }
    }
}

/// Whether a list holds data: one that is called so, or one that is the whole of a file.
fn is_list_of_words(container: Node<'_>) -> bool {
    let key = container.key().to_ascii_lowercase();
    let is_whole = || {
        container
            .parent()
            .is_none_or(|outer| outer.parent().is_none() && outer.key().is_empty())
            && key.is_empty()
    };
    container.shape() == Shape::List
        && (WORD_LISTS.contains(&key.as_str()) || is_whole())
        && container.children().all(|child| !matches!(child.shape(), Shape::Map | Shape::List))
}

/// `models: {some-model: {…}}`
fn observe_keyed_model(scope: &'static str, container: Node<'_>, child: Node<'_>, out: &mut Observations) {
    let key = child.key();
    if !key.is_empty() && container.key().to_ascii_lowercase().ends_with("models") && value::is_model_id(key) {
        out.push(Observation::new(Kind::Model, scope, key, child.line()).with(evidence::attribute::NAME, container.path()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::lines_of;

    fn seen(text: &str) -> Vec<String> {
        let mut out = Observations::default();
        observe_tree("keyvalue", &crate::tree::yaml(text), &mut out, |_, child, _| child.key() == "mine");
        lines_of(&out)
    }

    #[test]
    fn strings_are_read_in_the_order_of_the_file() {
        assert_eq!(
            seen("llm:\n  model: gpt-x\n  keys: [a, b]\nOPENAI_API_KEY: sk\nn: 1\n"),
            [
                "2 Model gpt-x name=llm.model",
                "3 Literal a name=llm.keys",
                "3 Literal b name=llm.keys",
                "4 Env OPENAI_API_KEY",
                "4 Literal sk name=OPENAI_API_KEY"
            ]
        );
    }

    #[test]
    fn a_value_stands_under_the_name_beside_it() {
        assert_eq!(
            seen("env:\n- name: LLM_MODEL\n  value: gpt-x\n- name: other\n  valueFrom: {x: y}\n"),
            [
                "2 Env LLM_MODEL",
                "2 Literal LLM_MODEL name=env.name",
                "3 Model gpt-x name=LLM_MODEL",
                "4 Literal other name=env.name",
                "5 Literal y name=env.valueFrom.x"
            ]
        );
    }

    #[test]
    fn lists_of_words_are_data() {
        let is_data = |text: &str| seen(text).iter().any(|line| line.contains("m-1") && line.contains("data=yes"));
        for text in [
            "tags: [m-1, b]",
            "a:\n  keywords:\n  - m-1\n",
            "- m-1\n- other\n",
            "[\"m-1\", \"b\"]",
        ] {
            assert!(is_data(text), "{text}: {:?}", seen(text));
        }
        for text in [
            "allowed: [m-1, b]",
            "- args: [m-1]",
            "tags: {a: m-1}",
            "tags: m-1",
            "- m-1\n- {a: b}\n",
        ] {
            assert!(!is_data(text), "{text}: {:?}", seen(text));
        }
    }

    #[test]
    fn addresses_in_a_long_list_of_records_are_data() {
        let records = |count: usize| "- {name: a, url: \"https://acme.example/\"}\n".repeat(count);
        let are_data = |text: &str| {
            seen(text)
                .iter()
                .any(|line| line.contains("Host acme.example") && line.contains("data=yes"))
        };
        assert!(are_data(&records(20)));
        assert!(!are_data(&records(3)));
        assert!(!are_data(&format!("{}- text\n", records(20))));
        assert!(!are_data(&format!("all:\n{}", records(20))));
    }

    #[test]
    fn models_may_be_keys() {
        assert_eq!(seen("models:\n  qwen:7b: {label: Small}\n")[0], "2 Model qwen:7b name=models");
        assert_eq!(seen("people:\n  ada: {label: Small}\n").len(), 1);
    }

    #[test]
    fn what_is_taken_is_not_read_again() {
        assert_eq!(seen("mine: {a: b}\nyours: c\n"), ["2 Literal c name=yours"]);
    }

    #[test]
    fn a_wide_map_takes_linear_time() {
        let text: String = (0..50_000).map(|n| format!("- {{value: v{n}}}\n")).collect();
        assert_eq!(seen(&text).len(), 50_000);
        let text: String = "value: v\n".repeat(50_000);
        assert_eq!(seen(&text).len(), 50_000);
    }
}
