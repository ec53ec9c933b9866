//! Cards of models and data sets: the YAML head of a README by which model hubs know them. It tells licence, what a model
//! was made from, and what it is for; the prose below is not read.

use evidence::attribute;

use super::{front_matter, joined, list_or_text, name_of, observe_model, own_name, text_of};
use crate::tree::{self, Node, Shape};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const SCOPE: &str = "hugging-face-card";

static INFO: Info = Info {
    id: "ai/cards",
    title: "Model cards and data set cards",
    reads: &[
        "README.md",
        "model_card.md",
        "dataset_card.md",
        "croissant.json",
        "*.croissant.json",
    ],
    emits: &[(Kind::Resource, SCOPE), (Kind::Model, SCOPE)],
    needs: &[],
    docs: "https://huggingface.co/docs/hub/model-cards",
};

/// Reads the heads of cards.
pub(super) struct Cards;

impl Detector for Cards {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.lower_name();
        if is_metadata(name) {
            return Some(Gate::Always);
        }
        matches!(name, "readme.md" | "model_card.md" | "modelcard.md" | "dataset_card.md").then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        if is_metadata(artifact.file().lower_name()) {
            let tree = artifact.tree()?;
            metadata(artifact.path(), tree.root(), out);
            return if out.as_slice().is_empty() { Ok(()) } else { tree.complete() };
        }
        let text = artifact.text()?;
        let Some(head) = front_matter(text) else { return Ok(()) };
        let tree = tree::yaml(head);
        let root = tree.root();
        let has = |keys: &[&str]| keys.iter().any(|key| root.get(key).is_some());
        let is_model = has(&["pipeline_tag", "base_model", "model-index", "library_name"])
            && has(&[
                "license",
                "tags",
                "language",
                "datasets",
                "base_model",
                "pipeline_tag",
                "model-index",
            ]);
        let is_data = !is_model
            && has(&["task_categories", "dataset_info", "size_categories", "task_ids"])
            && has(&["license", "language", "configs", "pretty_name", "tags", "dataset_info"]);
        if is_model {
            model(artifact.path(), root, text, out);
        } else if is_data {
            data(artifact.path(), root, text, out);
        }
        Ok(())
    }
}

/// A description of a data set for machine learning, as linked data.
fn is_metadata(name: &str) -> bool {
    name == "croissant.json" || name.ends_with(".croissant.json")
}

/// `{conformsTo: "http://mlcommons.org/croissant/1.0", name, license}`
fn metadata(path: &str, root: Node<'_>, out: &mut Observations) {
    let conforms = ["conformsTo", "dct:conformsTo"].iter().find_map(|key| root.get(key));
    if let Some(conforms) = conforms.filter(|node| node.text().is_some_and(|text| text.contains("/croissant/"))) {
        let name = text_of(root, "name").or_else(|| own_name(path)).unwrap_or("data set");
        let licence = list_or_text(root, "license");
        let observation = Observation::new(Kind::Resource, SCOPE, "dataset-card", conforms.line())
            .with(attribute::ID, name_of(name))
            .with("fact.licence", joined(licence.iter().filter_map(|node| node.text())));
        out.push(observation);
    }
}

fn model(path: &str, root: Node<'_>, text: &str, out: &mut Observations) {
    let indexed = root
        .get("model-index")
        .and_then(|index| index.children().next())
        .and_then(|first| text_of(first, "name"));
    let bases = list_or_text(root, "base_model");
    let datasets = list_or_text(root, "datasets");
    let observation = card(path, root, text, "model", indexed)
        .with("fact.base-model", joined(bases.iter().filter_map(|node| node.text())))
        .with("fact.dataset", joined(datasets.iter().filter_map(|node| node.text())))
        .with("fact.library", name_of(text_of(root, "library_name").unwrap_or_default()))
        .with("fact.task", name_of(text_of(root, "pipeline_tag").unwrap_or_default()));
    out.push(observation);
    for base in bases {
        observe_model(SCOPE, "base_model", base.text().unwrap_or_default(), base.line(), out);
    }
    for dataset in datasets {
        let id = name_of(dataset.text().unwrap_or_default());
        if !id.is_empty() {
            out.push(Observation::new(Kind::Resource, SCOPE, "dataset", dataset.line()).with(attribute::ID, id));
        }
    }
}

fn data(path: &str, root: Node<'_>, text: &str, out: &mut Observations) {
    let observation = card(path, root, text, "dataset-card", text_of(root, "pretty_name")).with(
        "fact.task",
        joined(list_or_text(root, "task_categories").iter().filter_map(|node| node.text())),
    );
    out.push(observation);
}

/// What every card tells: whose it is, and under which licence.
fn card(path: &str, root: Node<'_>, text: &str, key: &str, named: Option<&str>) -> Observation {
    let line = root.children().next().map_or(1, Node::line);
    let heading = text
        .lines()
        .find_map(|line| line.strip_prefix("# "))
        .map(|heading| heading.trim_matches(['#', '*', ' ']));
    let name = named.or_else(|| own_name(path)).or(heading).unwrap_or("card");
    let licence = list_or_text(root, "license");
    let licence = joined(licence.iter().filter_map(|node| node.text()));
    // `other` is explained beside it.
    let licence = match (licence.as_str(), text_of(root, "license_name")) {
        ("other" | "", Some(name)) => name_of(name),
        _ => licence,
    };
    let languages = list_or_text(root, "language");
    Observation::new(Kind::Resource, SCOPE, key, line)
        .with(attribute::ID, name_of(name))
        .with("fact.licence", licence)
        .with(
            "fact.language",
            joined(
                languages
                    .iter()
                    .filter(|node| node.shape() == Shape::Text)
                    .filter_map(|node| node.text()),
            ),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        assert_eq!(Cards.observe(&Artifact::new(path, text.as_bytes()), &mut out), Ok(()));
        crate::config::tests::lines_of(&out)
    }

    #[test]
    fn a_model_card_tells_licence_origin_and_data() {
        let text = "---\nlicense: cc-by-nc-4.0\nbase_model:\n- acme/base-7b\ndatasets:\n  - acme/letters\nlibrary_name: peft\npipeline_tag: text-generation\n---\n# Our model\n";
        assert_eq!(
            seen("models/letters-7b/README.md", text),
            [
                "2 Resource model fact.base-model=acme/base-7b fact.dataset=acme/letters fact.library=peft fact.licence=cc-by-nc-4.0 fact.task=text-generation id=letters-7b",
                "4 Model acme/base-7b by-format=yes name=base_model",
                "6 Resource dataset id=acme/letters",
            ]
        );
        assert!(seen("README.md", text)[0].ends_with("id=Our model"));
    }

    #[test]
    fn a_licence_of_its_own_is_told_by_its_name() {
        let text = "---\nlicense: other\nlicense_name: acme-community\npipeline_tag: text-generation\n---\n";
        assert!(seen("m/README.md", text)[0].contains("fact.licence=acme-community"));
    }

    #[test]
    fn a_data_set_card_is_no_model_card() {
        let text = "---\nlicense: mit\ntask_categories: [text-classification]\npretty_name: Letters\n---\n";
        assert_eq!(
            seen("README.md", text),
            ["2 Resource dataset-card fact.licence=mit fact.task=text-classification id=Letters"]
        );
    }

    #[test]
    fn metadata_of_a_data_set_tells_its_licence() {
        let text = "{\"name\": \"letters\",\n\"conformsTo\": \"http://mlcommons.org/croissant/1.0\", \"license\": \"https://spdx.org/licenses/CC-BY-4.0\"}";
        assert_eq!(
            seen("data/croissant.json", text),
            ["2 Resource dataset-card fact.licence=https://spdx.org/licenses/CC-BY-4.0 id=letters"]
        );
        assert_eq!(seen("croissant.json", "{\"name\": \"butter croissant\", \"price\": 2}"), [""; 0]);
    }

    #[test]
    fn other_heads_are_no_cards() {
        for text in [
            "---\ntitle: Docs\nlicense: MIT\ntags: [a]\n---\n# x\n",
            "---\nlayout: home\nlanguage: en\n---\n",
            "# A project\n\npipeline_tag: text-generation\nlicense: mit\n",
            "---\npipeline_tag: text-generation\nlicense: mit\n",
            "---\nbroken: [\n---\n",
            "---\n---\n",
            "",
        ] {
            assert_eq!(seen("README.md", text), [""; 0], "{text}");
        }
    }
}
