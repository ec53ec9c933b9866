//! Files that hold a model: format, architecture, size, licence and origin from their header, and a digest of the whole file.
//!
//! What a file is, its first bytes say and not its name. It is read in pieces and never loaded: no instruction of a pickle is
//! carried out, no tensor is read but for the digest.

pub(super) mod container;
mod coreml;
mod flat;
mod gguf;
mod graph;
mod header;
mod onnx;
mod pickle;
mod pointer;
mod protobuf;
mod reader;
mod risk;
mod safetensors;
mod shard;
mod stored;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};
use evidence::attribute;
use header::Header;
use shard::Place;

const SCOPE: &str = "model-file";
/// Bytes that tell a format.
const HEAD: usize = 16 << 10;
/// Bytes hashed at once.
const PIECE: usize = 1 << 20;

static INFO: Info = Info {
    id: "files/weights",
    title: "Model files",
    reads: &[
        "*.gguf",
        "*.ggml",
        "*.safetensors",
        "*.{safetensors,bin}.index.json",
        "*.onnx",
        "*.ort",
        "*.{pt,pth,ckpt,bin}",
        "*.{pkl,pickle,joblib,sav}",
        "saved_model.pb",
        "*.pb",
        "*.tflite",
        "*.pte",
        "*.{keras,h5,hdf5}",
        "*.mlmodel",
        "*.mlpackage/Manifest.json",
        "*.{cbm,ubj,lgb,lgbm,ftz,model}",
        "*.{npz,npy}",
        "*.param",
        "model.json",
        "models--*/blobs/*",
        "models/blobs/sha256-*",
    ],
    emits: &[(Kind::Resource, SCOPE), (Kind::Model, SCOPE)],
    needs: &[],
    docs: "https://github.com/ggml-org/ggml/blob/master/docs/gguf.md",
};

/// Reads model files.
pub(super) struct Weights;

/// Endings of files that may hold a model; their first bytes decide.
const ENDINGS: [&str; 31] = [
    "gguf",
    "ggml",
    "safetensors",
    "onnx",
    "ort",
    "pt",
    "pth",
    "ckpt",
    "bin",
    "pkl",
    "pickle",
    "joblib",
    "sav",
    "pb",
    "tflite",
    "lite",
    "pte",
    "keras",
    "h5",
    "hdf5",
    "mlmodel",
    "cbm",
    "ubj",
    "lgb",
    "lgbm",
    "xgb",
    "ftz",
    "model",
    "npz",
    "npy",
    "param",
];

/// Endings that say which format a file must have; one without it is worth a word.
const OWN: [(&str, &str); 7] = [
    ("gguf", "gguf"),
    ("safetensors", "safetensors"),
    ("onnx", "onnx"),
    ("tflite", "tflite"),
    ("keras", "keras"),
    ("mlmodel", "coreml"),
    ("cbm", "catboost"),
];

impl Detector for Weights {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        if shard::is_cached(file.as_str()) {
            return Some(Gate::Pieces);
        }
        let (stem, ending) = file.lower_name().rsplit_once('.')?;
        let by_name = match ending {
            "json" => {
                stem.ends_with(".index")
                    || stem == "model"
                    || stem.contains("xgb")
                    || stem.contains("booster")
                    || file.name() == "Manifest.json" && file.folder().ends_with(".mlpackage")
            }
            "txt" => ["lgb", "lgbm", "lightgbm", "booster"].iter().any(|word| stem.contains(word)) || stem == "model",
            _ => ENDINGS.contains(&ending),
        };
        by_name.then_some(Gate::Pieces)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let head = artifact.piece(0, HEAD)?;
        let Some(mut header) = read(artifact, &head) else {
            return is_what_it_is_called(artifact, &head);
        };
        let place = Place::of(artifact.path());
        tell(artifact, &place, &mut header, out)?;
        header.fault.map_or(Ok(()), Err)
    }
}

/// The header of whichever format the first bytes are of.
fn read(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    if let Some(pointer) = pointer::read(artifact, head) {
        return Some(pointer);
    }
    let name = artifact.file_name().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "json" if name.ends_with(".index.json") => return safetensors::index(artifact),
        "json" if artifact.file_name() == "Manifest.json" => return coreml::package(artifact),
        "json" => return flat::browser(head).or_else(|| flat::boosted_json(artifact, head)),
        "txt" => return flat::boosted_text(head),
        "param" => return flat::layers(head),
        "pb" if name == "saved_model.pb" => return graph::saved_model(artifact),
        "pb" => return graph::frozen_graph(artifact, head),
        "onnx" => return onnx::read(artifact, head),
        "mlmodel" => return coreml::read(artifact, head),
        "npy" => return stored::single_array(artifact, head),
        "safetensors" => return safetensors::read(artifact, head),
        "" => {
            // Caches name files by their digest.
            if let Some(header) = safetensors::read(artifact, head) {
                return Some(header);
            }
        }
        _ => {}
    }
    if head.starts_with(b"PK\x03\x04") {
        return stored::archive(artifact);
    }
    let boosted = || {
        matches!(ending, "ubj" | "model" | "xgb")
            .then(|| flat::boosted_json(artifact, head))
            .flatten()
    };
    let text = || {
        matches!(ending, "lgb" | "lgbm" | "model")
            .then(|| flat::boosted_text(head))
            .flatten()
    };
    gguf::read(artifact, head)
        .or_else(|| flat::read(head))
        .or_else(|| stored::hierarchical(artifact, head))
        .or_else(boosted)
        .or_else(text)
        .or_else(|| stored::pickled(artifact, head))
}

/// A file with an ending of its own that does not begin as its format does.
fn is_what_it_is_called(artifact: &Artifact<'_>, head: &[u8]) -> Result<(), Unreadable> {
    let ending = artifact.extension().to_ascii_lowercase();
    match OWN.iter().find(|(own, _)| *own == ending) {
        Some((_, format)) if !head.is_empty() => Err(Unreadable(format!("it is called .{ending} and does not begin as {format} does"))),
        _ => Ok(()),
    }
}

/// Observations of a model file: one for the file, one for each package that loading it imports, one for each model it names.
fn tell(artifact: &Artifact<'_>, place: &Place, header: &mut Header, out: &mut Observations) -> Result<(), Unreadable> {
    // A pointer knows the digest of what it stands for, and an index tells of other files.
    let is_whole = !header.facts.contains_key("sha256") && header.format != safetensors::INDEX && header.format != coreml::PACKAGE;
    if is_whole {
        header.facts.insert("bytes", artifact.length().to_string());
        header.facts.insert("sha256", digest(artifact)?);
    }
    let modules = header.modules.clone();
    header.names("packages", modules);
    place.adapt(header);
    if let Some(model) = shard::cached_model(artifact.path()) {
        Header::named(&mut header.models, &model);
    }
    let datasets = std::mem::take(&mut header.datasets);
    header.names("datasets", datasets);
    if let Some(model) = header.models.first().cloned() {
        header.fact("named-model", model);
    }
    let mut seen = Observation::new(Kind::Resource, SCOPE, header.format, 0).with(attribute::ID, place.name());
    seen = seen.with("fact.format", header.format);
    for (name, value) in &header.facts {
        seen = seen.with(format!("{}{name}", attribute::FACT), value);
    }
    for module in &header.modules {
        out.push(seen.clone().with(format!("{}module", attribute::ARGUMENT), module));
    }
    out.push(seen);
    for model in &header.models {
        out.push(Observation::new(Kind::Model, SCOPE, model, 0).with(attribute::BY_FORMAT, "header"));
    }
    Ok(())
}

/// The SHA-256 of a whole artifact, in hexadecimal digits.
///
/// # Errors
/// If it cannot be read.
pub fn digest(artifact: &Artifact<'_>) -> Result<String, Unreadable> {
    let mut hash = Sha256::new();
    let mut at = 0;
    loop {
        let piece = artifact.piece(at, PIECE)?;
        if piece.is_empty() {
            break;
        }
        hash.update(&piece);
        at += piece.len() as u64;
    }
    Ok(hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
