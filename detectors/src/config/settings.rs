//! Every string of a key-value tree, with what stands around it: pairs of `name` and `value`, and maps keyed by model.

use std::collections::BTreeSet;

use evidence::attribute;

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
    let before = out.as_slice().len();
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
                observe_keyed_model(scope, *container, child, named.are_models, out);
                open.push((child, Named::of(child), child.children()));
            }
            Shape::Text if child.key() == named.value_key && !named.name.is_empty() => {
                value::observe(scope, named.name, child.text().unwrap_or_default(), child.line(), out);
            }
            // The model of an apparatus is what its maker calls it.
            Shape::Text if value::names_a_model(child.key()) && is_device(*container) => {}
            Shape::Text if is_of_a_hub(*container, child) => {
                let id = child.text().unwrap_or_default();
                let model = Observation::new(Kind::Model, scope, id, child.line());
                out.push(model.with(attribute::NAME, child.path()).with(attribute::BY_FORMAT, "yes"));
            }
            Shape::Text => {
                let before = out.as_slice().len();
                value::observe(scope, &child.path(), child.text().unwrap_or_default(), child.line(), out);
                if named.are_words {
                    out.mark_data_from(before);
                }
                if let Some(provider) = provider_beside(*container, child) {
                    out.mark_served_from(before, provider);
                }
                observe_written(scope, child, out);
            }
            Shape::Plain => {}
        }
    }
    if is_list_of_records(root) {
        out.mark_addresses_as_data_from(before);
    }
    out.forget_servers_from(before, MOST_SERVERS);
    if is_dictionary(root) {
        out.mark_data_from(before);
    }
}

/// Entries that a file must have to be a dictionary.
const MANY_WORDS: usize = 200;

/// Whether a whole file gives words for words, as lists of names and translations do.
fn is_dictionary(root: Node<'_>) -> bool {
    root.shape() == Shape::Map && root.children().nth(MANY_WORDS - 1).is_some() && root.children().all(|child| child.shape() == Shape::Text)
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
    /// Whether its entries are the rows of a table of models.
    are_models: bool,
}

/// Entries that a map of models must have to be a table of what there is, and fields that all of them share.
const MANY_MODELS: usize = 5;
const SHARED_FIELDS: usize = 3;

/// Whether a map has a record of one form for each of several models: their prices, limits and abilities.
fn is_table_of_models<'t>(container: Node<'t>) -> bool {
    if !holds_models(container) || container.children().nth(MANY_MODELS - 1).is_none() {
        return false;
    }
    let fields = |record: Node<'t>| record.children().map(Node::key).collect::<BTreeSet<_>>();
    let mut shared: Option<BTreeSet<&'t str>> = None;
    for record in container.children() {
        let own = fields(record);
        let left = shared.map_or_else(|| own.clone(), |shared| shared.intersection(&own).copied().collect());
        if record.shape() != Shape::Map || left.len() < SHARED_FIELDS {
            return false;
        }
        shared = Some(left);
    }
    true
}

/// Names under which settings say who is to answer with the model that they name beside it.
const PROVIDERS: [&str; 6] = [
    "provider",
    "provider_id",
    "llm_provider",
    "model_provider",
    "embedding_provider",
    "api_provider",
];

/// `{provider: acme, model: m-1}`: who is to answer with the model of an entry, by a name and not by a sentence.
fn provider_beside<'t>(container: Node<'t>, child: Node<'t>) -> Option<&'t str> {
    if container.shape() != Shape::Map || !value::names_a_model(child.key()) {
        return None;
    }
    let says_who = |sibling: &Node<'t>| {
        let words = value::words(sibling.key()).join("_");
        PROVIDERS.contains(&words.as_str())
    };
    let mut telling = container.children().filter(says_who).filter_map(Node::text);
    telling.next().filter(|name| {
        !name.is_empty()
            && name.len() <= LONGEST_PROVIDER
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    })
}

/// More providers beside models in one file are a table of what there is.
const MOST_SERVERS: usize = 4;

/// Longest name of a provider.
const LONGEST_PROVIDER: usize = 40;

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
            are_models: is_table_of_models(container),
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

/// Names beside a model that only apparatuses have.
const OF_DEVICES: [&str; 8] = [
    "manufacturer",
    "serial_number",
    "serial",
    "sw_version",
    "hw_version",
    "firmware",
    "firmware_version",
    "mac_address",
];

/// `{manufacturer: …, model: …, sw_version: …}`: the entry of an apparatus in a list of them.
fn is_device(container: Node<'_>) -> bool {
    let is_its = |sibling: &Node<'_>| OF_DEVICES.contains(&value::words(sibling.key()).join("_").as_str());
    container.shape() == Shape::Map && container.children().filter(is_its).nth(1).is_some()
}

/// `{repo_id: org/name, revision: <commit>}`: a model as hubs keep them, unless it says that it is something else.
fn is_of_a_hub(container: Node<'_>, child: Node<'_>) -> bool {
    let other = |key: &str| container.get(key).and_then(Node::text);
    let is_commit = |revision: &str| revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = child.text().unwrap_or_default();
    let owner_and_name = id
        .split_once('/')
        .is_some_and(|(owner, name)| !owner.is_empty() && !name.contains('/'));
    child.key() == "repo_id"
        && owner_and_name
        && value::is_model_id(id)
        && other("revision").is_some_and(is_commit)
        && other("repo_type").is_none_or(|kind| kind == "model")
}

/// Longest text that is read as settings of its own.
const LONGEST_WRITTEN: usize = 64 << 10;

/// Models that stand in a text of several lines which is itself a map of settings: what a map of configuration holds for a program.
fn observe_written(scope: &'static str, node: Node<'_>, out: &mut Observations) {
    let text = node.text().unwrap_or_default();
    if text.len() > LONGEST_WRITTEN || !text.contains('\n') || !text.contains(':') {
        return;
    }
    let tree = crate::tree::yaml(text);
    if tree.root().shape() != Shape::Map || tree.complete().is_err() {
        return;
    }
    for inner in tree.walk().filter(|inner| inner.shape() == Shape::Text) {
        let name = inner.path();
        if value::names_a_model(&name) {
            // A block is at the line of its first text.
            let line = node.line() + inner.line().saturating_sub(1);
            value::observe_models(scope, &name, inner.text().unwrap_or_default(), line, out);
        }
    }
}

/// Whether a container is called after the models in it.
fn holds_models(container: Node<'_>) -> bool {
    container.key().to_ascii_lowercase().ends_with("models")
}

/// `models: {some-model: {…}}`
fn observe_keyed_model(scope: &'static str, container: Node<'_>, child: Node<'_>, is_row: bool, out: &mut Observations) {
    let key = child.key();
    if !key.is_empty() && holds_models(container) && value::is_model_id(key) {
        let mentioned = if is_row { "yes" } else { "" };
        let model = Observation::new(Kind::Model, scope, key, child.line()).with(attribute::NAME, container.path());
        out.push(model.with(attribute::MENTIONED, mentioned));
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
    fn apparatuses_have_models_too() {
        let has_model = |text: &str| seen(text).iter().any(|line| line.contains("m-1"));
        assert!(!has_model("- {manufacturer: Acme, model: m-1, sw_version: 2}"));
        assert!(!has_model("- {manufacturer: Acme, model: m-1, serialNumber: null}"));
        assert!(has_model("- {manufacturer: Acme, model: m-1}"));
        assert!(has_model("- {name: Acme, model: m-1, version: 2}"));
    }

    #[test]
    fn who_is_to_answer_stands_beside_a_model() {
        let told = |text: &str| {
            seen(text)
                .iter()
                .any(|line| line.contains("Model m-1") && line.contains("served-by=acme"))
        };
        for text in [
            "llm:\n  provider: acme\n  model: m-1\n",
            "{model: m-1, modelProvider: acme}",
            "- llm_provider: acme\n  model_name: m-1\n",
        ] {
            assert!(told(text), "{text}: {:?}", seen(text));
        }
        for text in [
            "provider: acme\nllm: {model: m-1}",
            "{provider: acme and others, model: m-1}",
            "{provider: {name: acme}, model: m-1}",
            "{cloudProvider: acme, model: m-1}",
        ] {
            assert!(!told(text), "{text}: {:?}", seen(text));
        }
        let table = |count: usize| {
            (0..count)
                .map(|at| format!("- {{provider: p-{at}, model: m-1}}\n"))
                .collect::<String>()
        };
        assert!(seen(&table(4)).iter().any(|line| line.contains("served-by")));
        assert!(!seen(&table(5)).iter().any(|line| line.contains("served-by")));
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
    fn records_of_one_form_for_several_models_are_a_table() {
        let table = |count: u32, fields: &str| {
            let rows = (0..count).map(|at| format!("  m-{at}: {{{fields}}}\n"));
            format!("models:\n{}", rows.collect::<String>())
        };
        let are_mentioned = |text: &str| {
            let seen = seen(text);
            let models: Vec<&String> = seen.iter().filter(|line| line.contains("Model m-")).collect();
            assert!(!models.is_empty(), "{seen:?}");
            models.iter().all(|line| line.contains("mentioned=yes"))
        };
        assert!(are_mentioned(&table(5, "mode: chat, window: 9, price: {in: 1}")));
        assert!(!are_mentioned(&table(4, "mode: chat, window: 9, price: {in: 1}")));
        assert!(!are_mentioned(&table(5, "temperature: 0.1, top: 2")));
        assert!(!are_mentioned(&format!(
            "{}  m-x: {{own: 1}}\n",
            table(5, "mode: chat, window: 9, price: 1")
        )));
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
    fn words_of_a_dictionary_are_data() {
        let words = |count: usize| (0..count).map(|n| format!("k{n}: m-1\n")).collect::<String>();
        let are_data = |text: &str| {
            seen(text)
                .iter()
                .any(|line| line.contains("Literal m-1") && line.contains("data=yes"))
        };
        assert!(are_data(&words(200)));
        assert!(!are_data(&words(20)));
        assert!(!are_data(&format!("{}more: [a]\n", words(200))));
        assert!(!are_data(&format!("model: {{a: m-1}}\n{}", words(200))));
    }

    #[test]
    fn models_may_be_keys() {
        assert_eq!(seen("models:\n  qwen:7b: {size: Small}\n")[0], "2 Model qwen:7b name=models");
        assert_eq!(seen("people:\n  ada: {size: Small}\n").len(), 1);
    }

    #[test]
    fn settings_inside_a_text_name_models() {
        let text = "kind: Service\nspec:\n  serve: |\n    apps:\n    - name: chat\n      env:\n        MODEL_ID: \"org/name-2\"\n";
        assert!(
            seen(text).contains(&"7 Model org/name-2 name=apps.env.MODEL_ID".to_owned()),
            "{:?}",
            seen(text)
        );
        for other in [
            "about: |\n  We like the\n  model: gpt-x and others\n  of its kind\n",
            "about: |\n  first: one\n  second: two\n",
            "about: \"model: gpt-x\"\n",
        ] {
            assert!(
                seen(other).iter().all(|line| !line.contains(" Model ")),
                "{other}: {:?}",
                seen(other)
            );
        }
    }

    #[test]
    fn models_of_hubs_are_known_by_their_revision() {
        let commit = "7a43f38725f50f37a8c7bce417fc75741bea49fe";
        let is_model = |text: String| seen(&text).iter().any(|line| line.contains(" Model org/name"));
        assert!(is_model(format!("a:\n  repo_id: org/name\n  revision: {commit}\n")));
        for text in [
            format!("a:\n  repo_id: org/name\n  revision: {commit}\n  repo_type: dataset\n"),
            "a:\n  repo_id: org/name\n  revision: v1.2\n".to_owned(),
            "a:\n  repo_id: org/name\n".to_owned(),
            format!("a:\n  repo: org/name\n  revision: {commit}\n"),
            format!("a:\n  repo_id: org\n  revision: {commit}\n"),
        ] {
            assert!(!is_model(text.clone()), "{text}");
        }
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
