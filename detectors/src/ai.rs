//! Files that exist because of AI: servers and agents that are configured, prompts, flows, cards of models and data sets.
//!
//! They are known by what they hold, never by their name alone, and say more than single values do: `config` reads the same
//! files for the variables, hosts and credentials in them.

mod agents;
mod assistants;
mod cards;
mod flows;
mod launch;
mod mcp;
mod mlops;
mod modelfile;
mod prompts;
mod routes;
mod stored;

use evidence::attribute;

use crate::config::value;
use crate::tree::{Node, Shape};
use crate::{Detector, FilePath, Kind, Observation, Observations};

/// Every format, in the order tables show them.
pub static FORMATS: &[&dyn Detector] = &[
    &mcp::Servers,
    &assistants::Assistants,
    &agents::Agents,
    &prompts::Prompts,
    &flows::Flows,
    &routes::Routes,
    &cards::Cards,
    &stored::Stored,
    &modelfile::Modelfile,
    &mlops::Mlops,
];

/// Whether a file is read although version control ignores it: what clients connect to is kept out of repositories for the
/// credentials in it, and still is in use.
#[must_use]
pub fn reveals(path: &str) -> bool {
    mcp::is_settings(path)
}

/// How a file of keys and values is written.
fn is_tree(file: &FilePath<'_>) -> bool {
    matches!(file.plain_ending(), "json" | "jsonc" | "yaml" | "yml" | "toml")
}

/// The text of a child.
fn text_of<'t>(node: Node<'t>, key: &str) -> Option<&'t str> {
    node.get(key)?.text().map(str::trim).filter(|text| !text.is_empty())
}

/// A map under a key.
fn map_of<'t>(node: Node<'t>, key: &str) -> Option<Node<'t>> {
    node.get(key).filter(|node| node.shape() == Shape::Map)
}

/// Names, each once, in one line and of bounded length.
fn joined<'t>(names: impl IntoIterator<Item = &'t str>) -> String {
    const MOST: usize = 40;
    let mut all: Vec<&str> = Vec::new();
    for name in names {
        if !name.is_empty() && name.len() <= 100 && !name.contains(char::is_whitespace) && !all.contains(&name) {
            all.push(name);
        }
        if all.len() == MOST {
            break;
        }
    }
    all.join(" ")
}

/// A name that people gave something: one line, cut, without anything that looks like a secret.
fn name_of(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).take(100).collect();
    evidence::redact(&line)
}

/// The host of an address, without anything else of it.
fn host_of(address: &str) -> Option<String> {
    let mut seen = Observations::default();
    crate::config::host::observe("ai", "url", address, 0, &mut seen);
    seen.into_vec()
        .into_iter()
        .find(|seen| seen.kind == Kind::Host)
        .map(|seen| seen.key)
}

/// What vendors are called where a format keeps a place for a vendor's name.
const VENDOR: &str = "vendor-name";

/// Adds a vendor by the name that a format puts in its place: in lower case, as formats differ in that.
fn observe_vendor(written: &str, line: u32, out: &mut Observations) {
    let name = written.trim().to_ascii_lowercase();
    if (2..=60).contains(&name.len()) && !name.contains(['$', '{', '/']) {
        out.push(Observation::new(Kind::Resource, VENDOR, name, line));
    }
}

/// Adds a model that a format puts where nothing else can stand.
fn observe_model(scope: &'static str, name: &str, id: &str, line: u32, out: &mut Observations) {
    if value::is_model_id(id) && !looks_like_file(id) {
        let observation = Observation::new(Kind::Model, scope, id, line);
        out.push(observation.with(attribute::NAME, name).with(attribute::BY_FORMAT, "yes"));
    }
}

/// A path of a file or folder, which is nobody's id.
fn looks_like_file(id: &str) -> bool {
    let ending = id.rsplit_once('.').map_or("", |(_, ending)| ending);
    id.matches('/').count() > 3
        || [
            "gguf",
            "bin",
            "pt",
            "pth",
            "onnx",
            "safetensors",
            "py",
            "js",
            "ts",
            "json",
            "yaml",
            "yml",
            "h5",
            "pkl",
        ]
        .contains(&ending)
        || ["models/", "model/", "output/", "outputs/", "checkpoints/", "data/"]
            .iter()
            .any(|start| id.starts_with(start) && !id.starts_with("models/gemini"))
}

/// The head of a text between `---` lines, with them in front, so that its lines keep their numbers.
fn front_matter(text: &str) -> Option<&str> {
    const LONGEST: usize = 256 << 10;
    let rest = text.strip_prefix("---")?;
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?;
    let start = text.len() - rest.len();
    let mut at = start;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return (at > start).then(|| &text[..at]);
        }
        at += line.len();
        if at > LONGEST {
            break;
        }
    }
    None
}

/// The elements of a list, or the one text that stands in its place.
fn list_or_text<'t>(node: Node<'t>, key: &str) -> Vec<Node<'t>> {
    match node.get(key) {
        Some(found) if found.shape() == Shape::List => found.children().take(100).collect(),
        Some(found) => vec![found],
        None => Vec::new(),
    }
}

/// What something stored in a folder is called: the folder, unless that says only what kind of thing is in it.
fn own_name(path: &str) -> Option<&str> {
    let (folders, _) = path.rsplit_once('/')?;
    let is_telling = |folder: &&str| {
        ![
            "model",
            "models",
            "output",
            "outputs",
            "out",
            "checkpoint",
            "checkpoints",
            "artifacts",
            "data",
            "files",
            "tokenizer",
            "text_encoder",
            "unet",
            "vae",
            "scheduler",
            "transformer",
            "src",
            "app",
            ".",
        ]
        .contains(folder)
    };
    folders.rsplit('/').find(is_telling)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Artifact;
    use proptest::prelude::*;

    /// Something for each reader, by a path it wants.
    const SAMPLES: &[(&str, &str)] = &[
        (
            ".mcp.json",
            "{\"mcpServers\": {\"a\": {\"command\": \"docker\", \"args\": [\"run\", \"-e\", \"A_B=c\", \"x/y:1\"], \"env\": {\"K\": \"v\"}}}}",
        ),
        (".a/settings.json", "{\"hooks\": {\"a\": [{\"command\": \"x\"}]}}"),
        (
            "agent-card.json",
            "{\"name\": \"a\", \"capabilities\": {}, \"protocolVersion\": \"1\", \"skills\": [{\"id\": \"a\", \"name\": \"b\"}]}",
        ),
        ("a.prompt", "---\nmodel: a/b1\n---\n"),
        (
            "a.json",
            "{\"nodes\": [{\"type\": \"a.lmX\", \"parameters\": {\"model\": {\"value\": \"m1\"}}}], \"connections\": {}}",
        ),
        ("promptfooconfig.yaml", "prompts: [a]\nproviders:\n- a:chat:b1\ntests: []\n"),
        ("README.md", "---\nlicense: mit\nbase_model: a/b1\ndatasets: [c/d]\n---\n"),
        ("m/config.json", "{\"architectures\": [\"XForCausalLM\"], \"model_type\": \"x\"}"),
        ("Modelfile", "FROM a1\nSYSTEM \"\"\"x\n\"\"\"\n"),
        ("config.pbtxt", "platform: \"x\"\ninput [ { name: \"a\" } ]\n"),
        ("dvc.yaml", "stages:\n  a:\n    cmd: x\n    outs: [m.pt]\n"),
    ];

    fn read(path: &str, bytes: &[u8]) -> usize {
        let mut out = Observations::default();
        let artifact = Artifact::new(path, bytes);
        for detector in FORMATS.iter().filter(|detector| detector.wants(&FilePath::of(path)).is_some()) {
            let _ = detector.observe(&artifact, &mut out);
        }
        out.as_slice().len()
    }

    #[test]
    fn each_sample_is_seen() {
        for (path, text) in SAMPLES {
            assert!(read(path, text.as_bytes()) > 0, "{path}");
        }
    }

    proptest! {
        #[test]
        fn cut_and_changed_files_harm_nothing(sample in 0..SAMPLES.len(), cut in 0_usize..200, at in 0_usize..200, byte in any::<u8>()) {
            let (path, text) = SAMPLES[sample];
            let mut bytes = text.as_bytes()[..cut.min(text.len())].to_vec();
            let at = at.min(bytes.len());
            bytes.insert(at, byte);
            read(path, &bytes);
            let mut whole = text.as_bytes().to_vec();
            let place = at % whole.len();
            whole[place] = byte;
            read(path, &whole);
        }

        #[test]
        fn any_text_harms_nothing(sample in 0..SAMPLES.len(), text in ".{0,300}") {
            read(SAMPLES[sample].0, text.as_bytes());
            read(SAMPLES[sample].0, format!("---\n{text}\n---\n").as_bytes());
        }
    }

    #[test]
    fn depth_and_width_end() {
        for (path, _) in SAMPLES {
            read(path, "[".repeat(50_000).as_bytes());
            read(path, "{\"nodes\":".repeat(50_000).as_bytes());
            read(path, "a:\n- {kind: app, type: x, command: y}\n".repeat(5_000).as_bytes());
        }
    }
}
