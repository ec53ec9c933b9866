//! Kubernetes manifests, Helm charts' templates and values. Templates are read as they are written: what a directive
//! would insert is unknown, and every branch counts.

use std::borrow::Cow;

use super::{Format, image, resource, tags, workload};
use crate::tree::{Node, Shape, Tree};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observations, Unreadable, said, tree};

const SCOPE: &str = "kubernetes";

static INFO: Info = Info {
    id: "infra/kubernetes",
    title: "Kubernetes manifests and Helm charts",
    reads: &["*.yaml", "*.yml", "*.tftpl"],
    emits: &[
        (Kind::Resource, SCOPE),
        (Kind::Resource, workload::CHART),
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
    docs: "https://kubernetes.io/docs/reference/kubernetes-api/",
};

/// Reads Kubernetes manifests and Helm charts.
pub(super) struct Kubernetes;

impl Detector for Kubernetes {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        // Links in an entry of a catalogue are for people, and nothing of it runs.
        let may_be = is_yaml(file.plain_name()) || is_templated(file);
        (may_be && !super::is_compose(file) && !said::is_entry(file)).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let text = artifact.text()?;
        let format = super::format(artifact.file(), text);
        if format == Some(Format::Chart) {
            let tree = artifact.tree()?;
            observe_dependencies(tree, out);
            return tree.complete();
        }
        if format != Some(Format::Kubernetes) {
            return Ok(());
        }
        let own;
        let tree = if text.contains("{{") || text.contains("%{") || !is_yaml(artifact.file_name()) {
            own = tree::yaml(&without_directives(text));
            &own
        } else {
            artifact.tree()?
        };
        observe_objects(tree, out);
        tags::observe(tree, out);
        workload::observe_beside(SCOPE, tree, out, |container, child, _| workload::names_an_object(container, child));
        tree.complete()
    }
}

/// Objects by group and kind, without the version: `apps/Deployment`, `Pod`.
fn observe_objects(tree: &Tree, out: &mut Observations) {
    for object in std::iter::once(tree.root())
        .chain(tree.walk())
        .filter(|node| node.shape() == Shape::Map)
    {
        let (Some(version), Some(kind)) = (
            object.get("apiVersion").and_then(Node::scalar),
            object.get("kind").and_then(Node::text),
        ) else {
            continue;
        };
        let key = match version.split_once('/') {
            Some((group, _)) => format!("{group}/{kind}"),
            None => kind.to_owned(),
        };
        let id = object.at(&["metadata", "name"]).and_then(Node::text).unwrap_or_default();
        let line = object.get("kind").map_or(object.line(), Node::line);
        out.extend(resource::of(SCOPE, &key, id, object.get("spec"), line));
    }
}

/// The charts that a chart is made of.
fn observe_dependencies(tree: &Tree, out: &mut Observations) {
    for dependency in tree.root().get("dependencies").into_iter().flat_map(Node::children) {
        let text = |key: &str| dependency.get(key).and_then(Node::scalar).unwrap_or_default();
        let line = dependency.get("name").map_or(dependency.line(), Node::line);
        let observation = resource::of(workload::CHART, text("name"), "", None, line);
        out.extend(observation.map(|observation| {
            observation
                .with(format!("{}repository", evidence::attribute::ARGUMENT), text("repository"))
                .with(evidence::attribute::VERSION, text("version"))
        }));
    }
}

/// Whether a file is a template that Terraform fills, in whatever format.
fn is_templated(file: &FilePath<'_>) -> bool {
    file.lower_name().ends_with(".tftpl")
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Whether a YAML file describes what runs on a cluster: a manifest, a chart's template, or a chart's values.
pub(super) fn describes_workloads(file: &FilePath<'_>, text: &str) -> bool {
    let (name, path) = (file.plain_name(), file.as_str());
    if !is_yaml(name) && !is_templated(file) {
        return false;
    }
    let is_values = name.starts_with("values")
        || [".values", "-values", "_values"]
            .iter()
            .any(|end| name.trim_end_matches(".yaml").trim_end_matches(".yml").ends_with(end));
    let is_template = text.contains("{{") && (path.contains("/templates/") || path.starts_with("templates/"));
    let has_both = |first: &str, second: &str| has_line(text, first) && has_line(text, second);
    let is_overlay = matches!(name, "kustomization.yaml" | "kustomization.yml");
    // Values of a chart may have any name; images in parts give them away.
    is_values || is_overlay || is_template || has_both("apiVersion:", "kind:") || has_both("repository:", "tag:")
}

/// Whether a line starts so, at any depth: a list of manifests has them one level deeper.
pub(super) fn has_line(text: &str, start: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), start).any(|at| {
        let before = text[..at].trim_end_matches([' ', '-']);
        before.is_empty() || before.ends_with('\n')
    })
}

/// Stands for a byte of a directive until its line is known.
const MASK: u8 = 1;

/// The text with directives (`{{ … }}`, `%{ … }`) replaced by placeholders of the same length, so that it is YAML with the same lines.
/// A line that is nothing but directives becomes blank.
fn without_directives(text: &str) -> Cow<'_, str> {
    let marks = [("{{", "}}"), ("%{", "}")];
    if !marks.iter().any(|(open, _)| text.contains(open)) {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    for (open, close) in marks {
        let mut from = 0;
        while let Some(start) = memchr::memmem::find(&bytes[from..], open.as_bytes()).map(|at| from + at) {
            let Some(end) = memchr::memmem::find(&bytes[start..], close.as_bytes()).map(|at| start + at + close.len()) else {
                break;
            };
            for byte in &mut bytes[start..end] {
                if !matches!(*byte, b'\n' | b'\r') {
                    *byte = MASK;
                }
            }
            from = end;
        }
    }
    for line in bytes.split_mut(|&byte| byte == b'\n') {
        let first = line.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or_default();
        let others = line.iter().copied().filter(|byte| *byte != MASK && !byte.is_ascii_whitespace());
        // `{{ else }} # why`, `- {{ toYaml . }}` with more of the item below it.
        let is_bare = others.clone().next().is_none();
        let is_remark = line.get(first) == Some(&MASK) && others.clone().next() == Some(b'#');
        if is_bare || is_remark {
            line.fill(b' ');
        } else if line.get(first) == Some(&b'-') && others.clone().eq(*b"-") {
            line[first + 1..].fill(b' ');
        }
        for run in line.chunk_by_mut(|a, b| (*a == MASK) == (*b == MASK)) {
            if let [first @ MASK, .., last] = run {
                (*first, *last) = (b'<', b'>');
                run[1..]
                    .iter_mut()
                    .for_each(|byte| *byte = if *byte == MASK { b'x' } else { *byte });
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    fn lines(path: &str, text: &str) -> Vec<String> {
        seen(&Kubernetes, path, text)
    }

    const POD: &str = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: vllm/vllm-openai:v0.6\n    args: [\"--model\", org/m1]\n    env:\n    - name: LLM_KEY\n      valueFrom: {secretKeyRef: {name: s, key: k}}\n    - {name: LLM_MODEL, value: gpt-x}\n";

    #[test]
    fn names_of_objects_are_no_settings() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: llama3\n  namespace: llama3\n  labels: {app: llama3}\nspec:\n  containers:\n  - name: llama3\n    env:\n    - {name: MODEL_ID, value: llama3}\n";
        let found = lines("pod.yaml", text);
        let named: Vec<&String> = found
            .iter()
            .filter(|line| line.contains(" llama3") && !line.contains("Resource") && !line.contains("Statement"))
            .collect();
        assert_eq!(named, ["11 Model llama3 name=MODEL_ID"], "{found:?}");
        let text = "apiVersion: acme.example/v1\nkind: Pipeline\nspec:\n  services:\n  - name: llama3\n  router:\n    backendRef: {kind: Pool, name: llama3}\n  model: {name: llama3}\n";
        let named: Vec<String> = lines("pipeline.yaml", text)
            .into_iter()
            .filter(|line| line.contains(" llama3"))
            .collect();
        assert_eq!(named, ["8 Model llama3 name=spec.model.name"]);
    }

    #[test]
    fn templates_that_terraform_fills_are_read() {
        let text = "apiVersion: apps/v1\nkind: Deployment\nspec:\n%{ for one in list ~}\n  containers:\n  - image: \"vllm/vllm-openai:v0.5\"\n    args: [\"--model\", \"${model_id}\"]\n%{ endfor ~}\n";
        let found = lines("serve.tftpl", text);
        assert!(found.contains(&"6 Image vllm/vllm-openai tag=v0.5".to_owned()), "{found:?}");
        assert!(found.iter().all(|line| !line.contains(" Model ")), "{found:?}");
        assert!(lines("script.tftpl", "#!/bin/sh\nimage: vllm/vllm-openai\n").is_empty());
    }

    #[test]
    fn manifests_give_images_arguments_and_environments() {
        let found = lines("pod.yaml", POD);
        for line in [
            "2 Resource Pod arg.containers.args=--model arg.containers.env.name=LLM_KEY arg.containers.env.value=gpt-x arg.containers.env.valueFrom.secretKeyRef.key=k arg.containers.env.valueFrom.secretKeyRef.name=s arg.containers.image=vllm/vllm-openai:v0.6",
            "5 Image vllm/vllm-openai tag=v0.6",
            "6 Model org/m1 name=model",
            "8 Env LLM_KEY",
            "10 Env LLM_MODEL",
            "10 Model gpt-x name=LLM_MODEL",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:?}");
        }
        assert!(lines("list.yaml", "items:\n- apiVersion: v1\n  kind: Pod\n  spec: {image: a/b}\n").contains(&"4 Image a/b".to_owned()));
    }

    #[test]
    fn custom_resources_are_seen_by_group_and_kind() {
        let text = "apiVersion: serving.acme.io/v1\nkind: Model\nmetadata:\n  name: chat\nspec:\n  model:\n    name: gpt-x\n---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    chart: llm\n    repoURL: https://charts.example\n";
        let found = lines("a.yaml", text);
        for line in [
            "2 Resource serving.acme.io/Model arg.model.name=gpt-x id=chat",
            "7 Model gpt-x name=spec.model.name",
            "13 Resource llm arg.repository=https://charts.example",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:#?}");
        }
    }

    #[test]
    fn charts_name_what_they_are_made_of() {
        assert_eq!(
            lines(
                "chart/Chart.yaml",
                "apiVersion: v2\nname: app\ndependencies:\n- name: llm\n  version: 1.2\n  repository: https://charts.example\n"
            ),
            ["4 Resource llm arg.repository=https://charts.example version=1.2"]
        );
        assert_eq!(lines("Chart.yaml", "apiVersion: v2\nname: llm\n"), [""; 0]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(cut in 0_usize..POD.len(), insert in "[\\[\\]{}'!:a-z\\n -]{0,8}") {
            lines("a.yaml", &format!("{}{insert}{}", &POD[..cut], &POD[cut..]));
            lines("templates/a.yaml", &format!("{{{{ x{}{insert}}}}}{}", &POD[..cut], &POD[cut..]));
        }
    }

    #[test]
    fn values_give_images_in_parts() {
        let text = "image:\n  registry: nvcr.io\n  repository: nim/llm\n  tag: 1.0\nservers:\n- repository: \"vllm/vllm-openai\"\n  tag: \"latest\"\n  modelURL: org/m1\nchart:\n  repository: https://charts.example\n";
        let found = lines("chart/values.yaml", text);
        for line in [
            "3 Image nvcr.io/nim/llm tag=1.0",
            "6 Image vllm/vllm-openai tag=latest",
            "8 Model org/m1 name=servers.modelURL",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:?}");
        }
        assert_eq!(found.iter().filter(|line| line.contains("Image")).count(), 2);
        assert_eq!(
            lines("gpu.yaml", "model:\n  repository: a/b\n  tag: c\n"),
            ["2 Image a/b tag=c", "3 Literal c name=model.tag"]
        );
    }

    #[test]
    fn templates_are_read_around_their_directives() {
        let text = "{{- if .Values.on }}\napiVersion: v1\nkind: {{ .Values.kind }}\nmetadata: {{- include \"labels\" . | nindent 4 }}\nspec:\n  {{- range .Values.list }}\n  - image: \"{{ .Values.registry }}/vllm/vllm-openai:{{ .Values.tag }}\"\n    url: https://{{ .Values.name }}.openai.azure.com\n  {{- end }}\n{{- /* a\ncomment */}}\n{{- end }}\n";
        assert_eq!(
            lines("chart/templates/a.yaml", text)
                .into_iter()
                .filter(|line| line.contains("Image") || line.contains("Host"))
                .collect::<Vec<_>>(),
            ["7 Image vllm/vllm-openai", "8 Host *.openai.azure.com name=spec.url"],
        );
        let mut out = Observations::default();
        assert_eq!(
            Kubernetes.observe(&Artifact::new("templates/a.yaml", text.as_bytes()), &mut out),
            Ok(())
        );
    }

    #[test]
    fn directives_keep_length_and_lines() {
        let text = "a: {{ x }}b\n{{ é }}\nc: {{ open\n";
        let masked = without_directives(text);
        assert_eq!(masked, "a: <xxxxx>b\n        \nc: {{ open\n");
        assert_eq!(without_directives("plain"), "plain");
        let text = "{{ else }} # why\n- {{ toYaml . }}\n  port: 1\n- x: {{ y }} # z\n";
        let masked = without_directives(text);
        assert_eq!(
            masked.lines().map(str::trim_end).collect::<Vec<_>>(),
            ["", "-", "  port: 1", "- x: <xxxxx> # z"]
        );
    }

    #[test]
    fn other_files_are_left_alone() {
        for (path, text) in [
            ("ci.yml", "on: push\njobs: {}\n"),
            ("a.yaml", "kind: x\n"),
            ("a.yaml", "x: 'apiVersion: kind:'\n"),
            ("docker-compose.yml", POD),
        ] {
            assert_ne!(
                super::super::format(&FilePath::of(path), text),
                Some(Format::Kubernetes),
                "{path} {text}"
            );
        }
        assert_eq!(lines("ci.yml", "image: a/b\n"), [""; 0]);
    }
}
