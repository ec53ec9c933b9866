//! CloudFormation templates, with what is compiled to them or holds them: SAM, CDK output, Serverless files.

use std::collections::BTreeMap;

use super::{Format, image, resource, tags, workload};
use crate::tree::{Node, Shape, Tree};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observations, Unreadable, tree};

const SCOPE: &str = "cloudformation";

static INFO: Info = Info {
    id: "infra/cloudformation",
    title: "CloudFormation, SAM and CDK output",
    reads: &["*.yaml, *.yml, *.json, *.template with Resources of types such as A::B::C"],
    emits: &[
        (Kind::Resource, SCOPE),
        (Kind::Resource, resource::PERMISSION),
        (Kind::Image, image::SCOPE),
        (Kind::Package, "pypi"),
        (Kind::Package, "npm"),
        (Kind::Package, "git"),
        (Kind::Command, SCOPE),
        (Kind::Env, SCOPE),
        (Kind::Model, SCOPE),
        (Kind::Host, SCOPE),
        (Kind::Literal, SCOPE),
        tags::EMITS,
    ],
    needs: &[],
    docs: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html",
};

/// Reads CloudFormation templates.
pub(super) struct CloudFormation;

impl Detector for CloudFormation {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.plain_name();
        let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml") || file.name().ends_with(".template");
        (is_yaml && !super::is_compose(file) || super::is_plain_json(file)).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let text = artifact.text()?;
        if super::format(artifact.file(), text) != Some(Format::Stack) {
            return Ok(());
        }
        let own;
        let tree = match artifact.extension() {
            "yaml" | "yml" | "json" => artifact.tree()?,
            _ if text.trim_start().starts_with('{') => {
                own = tree::json(text);
                &own
            }
            _ => {
                own = tree::yaml(text);
                &own
            }
        };
        let known = known(tree);
        let tree = tree.with_texts(|text| known.get(text.strip_prefix("${")?.strip_suffix('}')?).cloned());
        observe_resources(&tree, out);
        tags::observe(&tree, out);
        workload::observe_beside(SCOPE, &tree, out, |container, child, out| {
            if let Some(text) = child.text() {
                let key = if child.key().is_empty() { container.key() } else { child.key() };
                resource::observe_permission(key, text, child.line(), out);
            }
            child.key() == "Description"
        });
        tree.complete()
    }
}

/// Whether a text holds such resources.
pub(super) fn is_template(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("Resources") && has("Type") && memchr::memmem::find_iter(text.as_bytes(), b"::").any(|at| type_around(text, at))
}

/// Whether `::` at a position stands inside a type such as `A::B::C` that is the value of a key.
fn type_around(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    let behind = text[at + 2..].trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    let key = before.trim_end_matches(['"', '\'', ' ']);
    behind.starts_with("::") && key.ends_with(':') && key[..key.len() - 1].trim_end_matches(['"', ' ']).ends_with("Type")
}

/// Defaults of parameters by their names.
fn known(tree: &Tree) -> BTreeMap<String, String> {
    let parameters = tree.root().get("Parameters").into_iter().flat_map(Node::children);
    parameters
        .filter_map(|named| Some((named.key().to_owned(), named.get("Default")?.scalar()?.to_owned())))
        .collect()
}

fn observe_resources(tree: &Tree, out: &mut Observations) {
    let stacks = tree.walk().filter(|node| node.key() == "Resources" && node.shape() == Shape::Map);
    for named in stacks.flat_map(Node::children) {
        let Some(kind) = named.get("Type").and_then(Node::text).filter(|kind| kind.contains("::")) else {
            continue;
        };
        let line = named.get("Type").map_or(named.line(), Node::line);
        out.extend(resource::of(SCOPE, kind, named.key(), named.get("Properties"), line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    const TEMPLATE: &str = "AWSTemplateFormatVersion: '2010-09-09'
Description: a gpt-x service
Parameters:
  ModelId: {Type: String, Default: acme.gpt-x}
Resources:
  Agent:
    Type: Acme::Ai::Agent
    Properties:
      FoundationModel: !Ref ModelId
      Role: !GetAtt Role.Arn
  Fn:
    Type: Acme::Serverless::Function
    Properties:
      Environment: {Variables: {LLM_KEY: !Sub '${Key}'}}
      Policies:
        - Statement: [{Effect: Allow, Action: ['acme:InvokeModel', 'logs:Put*'], Resource: '*'}]
";

    fn lines(path: &str, text: &str) -> Vec<String> {
        seen(&CloudFormation, path, text)
    }

    #[test]
    fn resources_are_seen_with_known_values() {
        let found = lines("template.yaml", TEMPLATE);
        for line in [
            "7 Resource Acme::Ai::Agent arg.FoundationModel=acme.gpt-x arg.Role={} id=Agent",
            "9 Model acme.gpt-x name=Resources.Agent.Properties.FoundationModel",
            "4 Model acme.gpt-x name=Parameters.ModelId.Default",
            "14 Env LLM_KEY",
            "16 Resource acme:InvokeModel",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:#?}");
        }
        assert!(!found.iter().any(|line| line.contains("a gpt-x service")));
    }

    #[test]
    fn json_and_files_that_hold_templates_are_read() {
        let json = r#"{"Resources": {"A": {"Type": "Acme::Ai::Agent", "Properties": {"Model": "gpt-x"}}}}"#;
        for path in ["cdk.out/x.template.json", "x.json", "x.template"] {
            assert!(
                lines(path, json).contains(&"1 Resource Acme::Ai::Agent arg.Model=gpt-x id=A".to_owned()),
                "{path}"
            );
        }
        let serverless = "service: x\nresources:\n  Resources:\n    A:\n      Type: Acme::Ai::Agent\n";
        assert!(lines("serverless.yml", serverless).contains(&"5 Resource Acme::Ai::Agent id=A".to_owned()));
    }

    #[test]
    fn other_files_are_left_alone() {
        for text in [
            "Resources:\n  A:\n    Type: String\n",
            "a: 'Type: x Resources: std::vec::Vec'\n",
            "Resources: {}\nText: see Acme::Ai::Agent\n",
            "on: push\n",
        ] {
            assert_eq!(lines("a.yaml", text), [""; 0], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(cut in 0_usize..TEMPLATE.len(), insert in "[\\[\\]{}'!:a-z\\n ]{0,8}") {
            lines("a.yaml", &format!("{}{insert}{}", &TEMPLATE[..cut], &TEMPLATE[cut..]));
            lines("a.template", &TEMPLATE[..cut]);
        }
    }
}
