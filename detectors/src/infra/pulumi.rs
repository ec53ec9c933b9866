//! Pulumi programs in YAML: resources with their properties.

use std::collections::BTreeMap;

use super::{Format, image, resource, tags, workload};
use crate::tree::Node;
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observations, Unreadable};

const SCOPE: &str = "pulumi";

static INFO: Info = Info {
    id: "infra/pulumi",
    title: "Pulumi YAML",
    reads: &["Pulumi*.yaml", "Main.yaml beside it"],
    emits: &[
        (Kind::Resource, SCOPE),
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
    docs: "https://www.pulumi.com/docs/iac/languages-sdks/yaml/",
};

/// Reads Pulumi YAML.
pub(super) struct Pulumi;

impl Detector for Pulumi {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        is_pulumi(file).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        if super::format(artifact.file(), artifact.text()?) != Some(Format::Pulumi) {
            return Ok(());
        }
        let tree = artifact.tree()?;
        let section = |name: &str| tree.root().get(name).into_iter().flat_map(Node::children);
        let known: BTreeMap<&str, &str> = section("variables")
            .filter_map(|variable| Some((variable.key(), variable.scalar()?)))
            .chain(
                section("config")
                    .chain(section("configuration"))
                    .filter_map(|setting| Some((setting.key(), setting.get("default").unwrap_or(setting).scalar()?))),
            )
            .collect();
        let tree = tree.with_texts(|text| Some((*known.get(text.strip_prefix("${")?.strip_suffix('}')?)?).to_owned()));
        for named in tree.root().get("resources").into_iter().flat_map(Node::children) {
            if let Some(kind) = named.get("type").and_then(Node::text).filter(|kind| kind.contains(':')) {
                out.extend(resource::of(SCOPE, kind, named.key(), named.get("properties"), named.line()));
            }
        }
        tags::observe(&tree, out);
        workload::observe_beside(SCOPE, &tree, out, |_, child, _| child.key() == "description");
        tree.complete()
    }
}

/// Whether a path may name such a program or its settings.
pub(super) fn is_pulumi(file: &FilePath<'_>) -> bool {
    let name = file.plain_name();
    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    is_yaml && (name == "main.yaml" || name == "main.yml" || name.starts_with("pulumi."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    const PROGRAM: &str = "name: x\nruntime: yaml\nconfig:\n  model: {default: gpt-x}\nresources:\n  chat:\n    type: acme:ai:Deployment\n    properties:\n      kind: A\n      model: {name: \"${model}\"}\n";

    #[test]
    fn resources_are_seen_with_known_values() {
        let found = seen(&Pulumi, "infra/Pulumi.yaml", PROGRAM);
        for line in [
            "6 Resource acme:ai:Deployment arg.kind=A arg.model.name=gpt-x id=chat",
            "10 Model gpt-x name=resources.chat.properties.model.name",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:#?}");
        }
    }

    #[test]
    fn other_files_are_left_alone() {
        assert_eq!(seen(&Pulumi, "main.yaml", "resources: {a: {type: b}}\n"), [""; 0]);
        assert_eq!(Pulumi.wants(&FilePath::of("pulumi.py")), None);
        assert_eq!(Pulumi.wants(&FilePath::of("a.yaml")), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(cut in 0_usize..PROGRAM.len(), insert in "[\\[\\]{}'$:a-z\\n ]{0,8}") {
            seen(&Pulumi, "Pulumi.yaml", &format!("{}{insert}{}", &PROGRAM[..cut], &PROGRAM[cut..]));
        }
    }
}
