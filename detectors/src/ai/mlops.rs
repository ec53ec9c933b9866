//! Files by which tools of machine learning keep, serve and train models: logged models, tracked data, services,
//! repositories of models, jobs.

use evidence::attribute;

use super::{joined, map_of, name_of, observe_model, own_name, text_of};
use crate::tree::{Node, Shape};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const LOGGED: &str = "mlmodel";
const TRACKED: &str = "dvc";
const SERVING: &str = "serving";
const REPOSITORY: &str = "model-repository";
const AZURE: &str = "azureml";

static INFO: Info = Info {
    id: "ai/mlops",
    title: "Logged models, tracked data, model servers and jobs",
    reads: &[
        "MLmodel",
        "dvc.yaml",
        "*.dvc",
        "bentofile.yaml",
        "cog.yaml",
        "config.pbtxt",
        "config.properties",
        "*.yaml",
        "*.yml",
    ],
    emits: &[
        (Kind::Resource, LOGGED),
        (Kind::Resource, TRACKED),
        (Kind::Resource, SERVING),
        (Kind::Resource, REPOSITORY),
        (Kind::Resource, AZURE),
        (Kind::Model, SERVING),
    ],
    needs: &[],
    docs: "https://mlflow.org/docs/latest/ml/model/",
};

/// How the hosts of schemas of jobs begin.
const JOBS: &str = "azuremlschemas";

/// Reads files of tools of machine learning.
pub(super) struct Mlops;

impl Detector for Mlops {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.name();
        if is_known_file(name) || matches!(name, "MLmodel" | "config.pbtxt") || is_pointer(name) {
            return Some(Gate::Always);
        }
        (name == "config.properties" || name.ends_with(".yaml") || name.ends_with(".yml")).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let text = artifact.text()?;
        let (name, path) = (artifact.file_name(), artifact.path());
        match name {
            "config.pbtxt" => repository(path, text, out),
            "config.properties" => properties(text, out),
            "MLmodel" => logged(path, crate::tree::yaml(text).root(), out),
            _ if is_pointer(name) => pointer(crate::tree::yaml(text).root(), out),
            // Many a file speaks of a model; the few that are meant are known by words that are quickly looked for.
            _ if !is_known_file(name) && !is_job_or_application(text) => {}
            _ => {
                let root = artifact.tree()?.root();
                match name {
                    "dvc.yaml" => pipeline(root, out),
                    "bentofile.yaml" | "bentofile.yml" => service(root, out),
                    "cog.yaml" => container(root, out),
                    _ => {
                        job(root, out);
                        applications(root, out);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a file is read whatever it holds.
fn is_known_file(name: &str) -> bool {
    matches!(name, "dvc.yaml" | "bentofile.yaml" | "bentofile.yml" | "cog.yaml")
}

fn is_job_or_application(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("import_path") && has("applications") || has("$schema") && has(JOBS)
}

/// `name.dvc`, which stands in a repository for what is too large for it.
fn is_pointer(name: &str) -> bool {
    name.len() > 4 && name.ends_with(".dvc")
}

/// `{flavors: {name: {…}}, mlflow_version | model_uuid | run_id}`
fn logged(path: &str, root: Node<'_>, out: &mut Observations) {
    let Some(flavors) = map_of(root, "flavors") else { return };
    let marks = ["mlflow_version", "model_uuid", "run_id", "artifact_path", "utc_time_created"];
    if !marks.iter().any(|key| root.get(key).is_some()) {
        return;
    }
    let written = text_of(root, "artifact_path").filter(|path| !["model", "models"].contains(path));
    let name = own_name(path).or(written).unwrap_or("logged model");
    let observation = Observation::new(Kind::Resource, LOGGED, "model", flavors.line())
        .with(attribute::ID, name_of(name))
        .with("fact.flavours", joined(flavors.children().map(Node::key)));
    out.push(observation);
    for flavor in flavors.children() {
        out.push(Observation::new(
            Kind::Resource,
            LOGGED,
            format!("flavor:{}", flavor.key()),
            flavor.line(),
        ));
    }
}

/// `{outs: [{md5, path}]}`
fn pointer(root: Node<'_>, out: &mut Observations) {
    for tracked in root.get("outs").into_iter().flat_map(Node::children).take(1000) {
        let has_digest = ["md5", "hash", "etag", "checksum"].iter().any(|key| tracked.get(key).is_some());
        if let (true, Some(path)) = (has_digest, tracked.get("path")) {
            observe_output(path.text().unwrap_or_default(), path.line(), out);
        }
    }
}

/// `{stages: {name: {cmd, outs: [path | {path: {…}}]}}}`
fn pipeline(root: Node<'_>, out: &mut Observations) {
    let Some(stages) = map_of(root, "stages") else { return };
    let is_stage = |stage: Node<'_>| stage.get("cmd").is_some() || stage.get("foreach").is_some() || stage.get("matrix").is_some();
    if !stages.children().any(is_stage) {
        return;
    }
    out.push(
        Observation::new(Kind::Resource, TRACKED, "pipeline", stages.line()).with("fact.stages", joined(stages.children().map(Node::key))),
    );
    for made in stages.children().filter_map(|stage| stage.get("outs")).flat_map(Node::children) {
        match made.shape() {
            Shape::Text => observe_output(made.text().unwrap_or_default(), made.line(), out),
            _ => made.children().for_each(|inner| observe_output(inner.key(), inner.line(), out)),
        }
    }
}

/// What is tracked is a model or data, as its name says; a plot or a report is neither.
fn observe_output(path: &str, line: u32, out: &mut Observations) {
    let ending = path
        .rsplit('/')
        .next()
        .unwrap_or(path)
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending);
    let models = [
        "pt",
        "pth",
        "onnx",
        "safetensors",
        "gguf",
        "h5",
        "keras",
        "pkl",
        "pickle",
        "joblib",
        "ckpt",
        "tflite",
        "pb",
    ];
    let data = ["csv", "tsv", "parquet", "jsonl", "arrow", "feather", "npy", "npz", "tfrecord"];
    let words: Vec<&str> = path.split(['/', '_', '-', '.']).collect();
    let key = if models.contains(&ending) || ending.is_empty() && words.iter().any(|word| ["model", "models", "checkpoints"].contains(word))
    {
        "model"
    } else if data.contains(&ending) || words.iter().any(|word| ["data", "dataset", "datasets", "corpus"].contains(word)) {
        "data"
    } else {
        return;
    };
    if path.len() <= 200 && !path.contains("${") {
        out.push(Observation::new(Kind::Resource, TRACKED, key, line).with(attribute::ID, name_of(path)));
    }
}

/// `{service: "file:Class", …}`
fn service(root: Node<'_>, out: &mut Observations) {
    if let Some(service) = root
        .get("service")
        .filter(|service| service.text().is_some_and(|text| text.contains(':')))
    {
        let models = root.get("models").into_iter().flat_map(Node::children);
        let models = joined(models.filter_map(|model| model.text().or_else(|| text_of(model, "tag"))));
        out.push(Observation::new(Kind::Resource, SERVING, "bentofile", service.line()).with("fact.models", models));
    }
}

/// `{build: {…}, predict: "file:Class"}`
fn container(root: Node<'_>, out: &mut Observations) {
    let calls = ["predict", "train"]
        .iter()
        .find_map(|key| root.get(key))
        .filter(|call| call.text().is_some_and(|text| text.contains(':')));
    if let (Some(build), Some(_)) = (map_of(root, "build"), calls) {
        out.push(Observation::new(Kind::Resource, SERVING, "cog", build.line()));
    }
}

/// `applications: [{name, import_path, args}]`
fn applications(root: Node<'_>, out: &mut Observations) {
    let Some(applications) = root.get("applications").filter(|list| list.shape() == Shape::List) else {
        return;
    };
    for application in applications.children().take(1000) {
        let Some(entry) = application.get("import_path").filter(|entry| entry.text().is_some()) else {
            continue;
        };
        let name = name_of(text_of(application, "name").unwrap_or_default());
        out.push(Observation::new(Kind::Resource, SERVING, "import_path", entry.line()).with(attribute::ID, name));
        for model in application.at(&["args", "llm_configs"]).into_iter().flat_map(Node::children) {
            let Some(loading) = map_of(model, "model_loading_config") else {
                continue;
            };
            if let Some(source) = loading.get("model_source").or_else(|| loading.get("model_id")) {
                observe_model(SERVING, source.key(), source.text().unwrap_or_default(), source.line(), out);
            }
        }
    }
}

/// `$schema: https://…/latest/commandJob.schema.json`
fn job(root: Node<'_>, out: &mut Observations) {
    let Some(schema) = root.get("$schema") else { return };
    let Some((host, path)) = schema.text().and_then(|text| text.strip_prefix("https://")?.split_once('/')) else {
        return;
    };
    if !host.starts_with(JOBS) {
        return;
    }
    let kind = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".schema.json");
    let model = root.get("model").and_then(|model| model.text().or_else(|| text_of(model, "path")));
    let observation = Observation::new(Kind::Resource, AZURE, kind, schema.line())
        .with(
            attribute::ID,
            name_of(["name", "display_name"].iter().find_map(|key| text_of(root, key)).unwrap_or(kind)),
        )
        .with("fact.model", name_of(model.unwrap_or_default()))
        .with(
            "fact.compute",
            name_of(
                ["instance_type", "compute"]
                    .iter()
                    .find_map(|key| text_of(root, key))
                    .unwrap_or_default(),
            ),
        );
    out.push(observation);
}

/// `inference_address=…` with `model_store=…`
fn properties(text: &str, out: &mut Observations) {
    let mut line = 0;
    let mut stores = false;
    for (number, written) in (1_u32..).zip(text.lines()) {
        let key = written.split('=').next().unwrap_or_default().trim();
        if key == "inference_address" {
            line = number;
        }
        stores |= matches!(key, "model_store" | "load_models" | "model_snapshot");
    }
    if line > 0 && stores {
        out.push(Observation::new(Kind::Resource, SERVING, "inference_address", line));
    }
}

/// `name: "x"`, `platform: "y"` or `backend: "y"`, with inputs and outputs, in the text form of protocol buffers.
fn repository(path: &str, text: &str, out: &mut Observations) {
    let mut name = None;
    let mut backend: Option<(&str, u32)> = None;
    let mut has_form = false;
    let mut depth = 0_i64;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        if depth == 0
            && let Some((key, set)) = line.split_once(':')
        {
            let set = set.trim().trim_matches('"');
            match key.trim() {
                "name" => name = Some(set),
                "platform" | "backend" if !set.is_empty() => backend = Some((set, number)),
                "max_batch_size" => has_form = true,
                _ => {}
            }
        }
        if depth == 0
            && [
                "input",
                "output",
                "instance_group",
                "parameters",
                "ensemble_scheduling",
                "dynamic_batching",
            ]
            .iter()
            .any(|key| line.starts_with(key))
        {
            has_form = true;
        }
        let count = |signs: [char; 2]| i64::try_from(line.matches(signs).count()).unwrap_or_default();
        depth = (depth + count(['{', '[']) - count(['}', ']'])).max(0);
    }
    if let (Some((backend, line)), true) = (backend, has_form) {
        let name = name.filter(|name| !name.is_empty()).or_else(|| own_name(path)).unwrap_or(backend);
        out.push(
            Observation::new(Kind::Resource, REPOSITORY, backend, line)
                .with(attribute::ID, name_of(name))
                .with("fact.backend", name_of(backend)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        let _ = Mlops.observe(&Artifact::new(path, text.as_bytes()), &mut out);
        crate::config::tests::lines_of(&out)
    }

    #[test]
    fn a_logged_model_tells_its_flavours() {
        let text = "artifact_path: model\nflavors:\n  python_function: {env: conda.yaml}\n  sklearn: {code: null}\nmlflow_version: 2.9.2\n";
        assert_eq!(
            seen("churn/model/MLmodel", text),
            [
                "2 Resource model fact.flavours=python_function sklearn id=churn",
                "3 Resource flavor:python_function",
                "4 Resource flavor:sklearn",
            ]
        );
    }

    #[test]
    fn tracked_models_and_data_are_told_apart() {
        assert_eq!(seen("m.pt.dvc", "outs:\n- md5: ab\n  path: m.pt\n"), ["3 Resource model id=m.pt"]);
        let text = "stages:\n  train:\n    cmd: python train.py\n    outs:\n    - models/churn.pkl\n    - data/split.csv: {cache: false}\n    - plots/loss.svg\n";
        assert_eq!(
            seen("dvc.yaml", text),
            [
                "1 Resource pipeline fact.stages=train",
                "5 Resource model id=models/churn.pkl",
                "6 Resource data id=data/split.csv"
            ]
        );
    }

    #[test]
    fn servers_of_models_are_known_by_their_settings() {
        for (path, text, found) in [
            ("bentofile.yaml", "service: \"service:Churn\"\n", "1 Resource bentofile"),
            ("cog.yaml", "build:\n  gpu: true\npredict: predict.py:Predictor\n", "1 Resource cog"),
            (
                "serve.yaml",
                "applications:\n- name: a\n  import_path: app:app\n",
                "3 Resource import_path id=a",
            ),
            (
                "config.properties",
                "inference_address=http://0.0.0.0:8080\nmodel_store=/models\n",
                "1 Resource inference_address",
            ),
            (
                "job.yml",
                "$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\ndisplay_name: train\n",
                "1 Resource commandJob id=train",
            ),
            (
                "churn/config.pbtxt",
                "platform: \"onnxruntime_onnx\"\ninput [ { name: \"x\" } ]\n",
                "1 Resource onnxruntime_onnx fact.backend=onnxruntime_onnx id=churn",
            ),
        ] {
            assert_eq!(seen(path, text), [found], "{path}");
        }
    }

    #[test]
    fn other_files_of_these_names_are_none() {
        for (path, text) in [
            ("MLmodel", "flavors: [sweet, sour]\n"),
            ("MLmodel", "flavors:\n  sweet: 1\n"),
            ("a.dvc", "not yaml: [\n"),
            ("dvc.yaml", "stages: [a]\n"),
            ("bentofile.yaml", "service: lunch\n"),
            ("cog.yaml", "build: true\n"),
            ("config.pbtxt", "name: \"labels\"\nitem { id: 1 }\n"),
            ("config.properties", "inference_address=x\n"),
            ("argo.yaml", "applications:\n- name: a\n  path: b\n"),
            ("job.yml", "$schema: https://json.schemastore.org/github-workflow.json\n"),
        ] {
            assert_eq!(seen(path, text), [""; 0], "{path}");
        }
    }
}
