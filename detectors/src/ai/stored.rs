//! What lies beside the weights of a model: its configuration, adapter, pipeline and tokenizer, as libraries store them.
//! The weights themselves are read elsewhere.

use evidence::attribute;

use super::{joined, list_or_text, name_of, observe_model, own_name, text_of};
use crate::tree::Node;
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const SCOPE: &str = "stored-model";

static INFO: Info = Info {
    id: "ai/stored",
    title: "Stored models: configurations, adapters, pipelines, tokenizers",
    reads: &[
        "config.json",
        "generation_config.json",
        "adapter_config.json",
        "model_index.json",
        "tokenizer_config.json",
        "preprocessor_config.json",
        "config_sentence_transformers.json",
    ],
    emits: &[(Kind::Resource, SCOPE), (Kind::Model, SCOPE)],
    needs: &[],
    docs: "https://huggingface.co/docs/transformers/main_classes/configuration",
};

/// Reads what lies beside weights.
pub(super) struct Stored;

impl Detector for Stored {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.name();
        INFO.reads.contains(&name).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let root = artifact.tree()?.root();
        let Some((key, proof)) = part(artifact.file_name(), root) else {
            return Ok(());
        };
        let architectures = list_or_text(root, "architectures");
        let architecture = joined(architectures.iter().filter_map(|node| node.text()));
        let written = ["_name_or_path", "name_or_path"].iter().find_map(|key| text_of(root, key));
        let base = root.get("base_model_name_or_path");
        let kind = ["model_type", "_class_name", "peft_type", "tokenizer_class"]
            .iter()
            .find_map(|key| text_of(root, key));
        let own = own_name(artifact.path()).or(kind).unwrap_or("model");
        let observation = Observation::new(Kind::Resource, SCOPE, key, proof.line())
            .with(attribute::ID, name_of(own))
            .with(
                "fact.architecture",
                if architecture.is_empty() {
                    joined(text_of(root, "_class_name"))
                } else {
                    architecture
                },
            )
            .with("fact.model-type", joined(text_of(root, "model_type")))
            .with("fact.method", joined(text_of(root, "peft_type")))
            .with(
                "fact.base-model",
                joined(base.and_then(Node::text).or(written.filter(|name| is_of_a_hub(name)))),
            )
            .with(
                "fact.quantisation",
                joined(root.at(&["quantization_config", "quant_method"]).and_then(Node::text)),
            );
        out.push(observation);
        if let Some(base) = base {
            observe_model(SCOPE, base.key(), base.text().unwrap_or_default(), base.line(), out);
        }
        for key in ["_name_or_path", "name_or_path"] {
            if let Some(node) = root.get(key).filter(|node| node.text().is_some_and(is_of_a_hub)) {
                observe_model(SCOPE, key, node.text().unwrap_or_default(), node.line(), out);
            }
        }
        Ok(())
    }
}

/// `owner/name`, as opposed to a folder on somebody's disk.
fn is_of_a_hub(name: &str) -> bool {
    name.matches('/').count() == 1 && !name.starts_with(['.', '/', '~']) && !name.ends_with('/') && !name.contains(['\\', ' '])
}

/// Names of classes such as `XForCausalLM`, which processors and systems do not have.
fn is_class_of_model(name: &str) -> bool {
    let behind_for = name
        .split("For")
        .nth(1)
        .is_some_and(|behind| behind.starts_with(|c: char| c.is_ascii_uppercase()));
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && (behind_for
            || ["Model", "LMHead", "Encoder", "Decoder", "Transformer"]
                .iter()
                .any(|word| name.contains(word)))
}

/// What part of a model a file is, by what must stand in it.
fn part<'t>(file_name: &str, root: Node<'t>) -> Option<(&'static str, Node<'t>)> {
    let both = |first: &str, second: &str| {
        root.get(first)
            .filter(|node| root.get(second).is_some() && node.scalar().is_some_and(|text| !text.is_empty()))
    };
    match file_name {
        "config.json" => {
            let named = root.get("model_type").filter(|node| node.text().is_some());
            let mut architectures = root
                .get("architectures")
                .into_iter()
                .flat_map(Node::children)
                .filter_map(Node::text);
            let has_architectures = architectures.any(is_class_of_model);
            named
                .filter(|_| has_architectures || root.get("transformers_version").is_some())
                .or_else(|| both("_class_name", "_diffusers_version"))
                .map(|node| ("config", node))
        }
        "generation_config.json" => root.get("transformers_version").map(|node| ("generation", node)),
        "adapter_config.json" => both("peft_type", "base_model_name_or_path").map(|node| ("adapter", node)),
        "model_index.json" => both("_class_name", "_diffusers_version").map(|node| ("pipeline", node)),
        "tokenizer_config.json" => root
            .get("tokenizer_class")
            .filter(|node| node.text().is_some())
            .map(|node| ("tokenizer", node)),
        "preprocessor_config.json" => ["image_processor_type", "feature_extractor_type", "processor_class"]
            .iter()
            .find_map(|key| root.get(key))
            .map(|node| ("preprocessor", node)),
        "config_sentence_transformers.json" => root.at(&["__version__", "sentence_transformers"]).map(|node| ("embedding", node)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        assert_eq!(Stored.observe(&Artifact::new(path, text.as_bytes()), &mut out), Ok(()));
        crate::config::tests::lines_of(&out)
    }

    #[test]
    fn a_configuration_tells_architecture_and_origin() {
        let text = "{\"_name_or_path\": \"acme/base-7b\",\n\"architectures\": [\"AcmeForCausalLM\"],\n\"model_type\": \"acme\"}";
        assert_eq!(
            seen("models/letters/config.json", text),
            [
                "3 Resource config fact.architecture=AcmeForCausalLM fact.base-model=acme/base-7b fact.model-type=acme id=letters",
                "1 Model acme/base-7b by-format=yes name=_name_or_path",
            ]
        );
        let local = text.replace("acme/base-7b", "/home/ada/base");
        assert_eq!(seen("config.json", &local).len(), 1);
    }

    #[test]
    fn an_adapter_names_its_base() {
        let text = "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"acme/base-7b\"}";
        assert_eq!(
            seen("letters-lora/adapter_config.json", text),
            [
                "1 Resource adapter fact.base-model=acme/base-7b fact.method=LORA id=letters-lora",
                "1 Model acme/base-7b by-format=yes name=base_model_name_or_path",
            ]
        );
    }

    #[test]
    fn pipelines_and_tokenizers_are_known_by_their_marks() {
        assert!(
            seen(
                "sd/model_index.json",
                "{\"_class_name\": \"XPipeline\", \"_diffusers_version\": \"0.1\"}"
            )[0]
            .contains("Resource pipeline")
        );
        assert!(seen("m/tokenizer_config.json", "{\"tokenizer_class\": \"XTokenizer\"}")[0].contains("Resource tokenizer"));
    }

    #[test]
    fn other_configurations_are_none() {
        for (path, text) in [
            ("config.json", "{\"port\": 80, \"model_type\": \"sedan\"}"),
            ("config.json", "{\"architectures\": [\"amd64\", \"arm64\"]}"),
            ("config.json", "{\"model_type\": {\"a\": 1}, \"architectures\": []}"),
            ("config.json", "[]"),
            ("tokenizer_config.json", "{}"),
            ("model_index.json", "{\"_class_name\": \"x\"}"),
            ("adapter_config.json", "{\"adapter\": \"redis\"}"),
        ] {
            assert_eq!(seen(path, text), [""; 0], "{text}");
        }
    }
}
