//! Pointers of Git LFS, which stand where a large file would: its size and digest, and nothing of its content.

use super::header::Header;
use crate::Artifact;

const VERSION: &str = "version https://git-lfs.github.com/spec/v1";

/// Endings that only model files have, with the format they stand for.
const FORMATS: [(&str, &str); 12] = [
    ("gguf", "gguf"),
    ("safetensors", "safetensors"),
    ("onnx", "onnx"),
    ("pt", "pytorch"),
    ("pth", "pytorch"),
    ("ckpt", "pytorch"),
    ("joblib", "pickle"),
    ("tflite", "tflite"),
    ("keras", "keras"),
    ("mlmodel", "coreml"),
    ("cbm", "catboost"),
    ("pte", "executorch"),
];

/// What a pointer says, if the file is one that stands for a model.
pub(super) fn read(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    if artifact.length() > 1024 || !head.starts_with(VERSION.as_bytes()) {
        return None;
    }
    let text = std::str::from_utf8(head).ok()?;
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let digest = field("oid")?.strip_prefix("sha256:")?.trim();
    if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let size: u64 = field("size")?.trim().parse().ok()?;
    let ending = artifact.extension().to_ascii_lowercase();
    let format = FORMATS.iter().find(|(own, _)| *own == ending).map(|(_, format)| *format);
    let mut header = Header::new(format.or_else(|| by_name(artifact.file_name()))?);
    header.fact("lfs", "pointer");
    header.fact("bytes", size.to_string());
    header.facts.insert("sha256", digest.to_ascii_lowercase());
    Some(header)
}

/// Names by which the usual tools save a model under an ending that others use too.
fn by_name(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    match name.rsplit_once('.')?.1 {
        "bin" if stem.starts_with("pytorch_model") || stem == "adapter_model" || stem == "diffusion_pytorch_model" => Some("pytorch"),
        "bin" if stem.starts_with("ggml-") => Some("ggml"),
        "h5" if stem.contains("model") || stem.contains("weights") => Some("keras-h5"),
        "pb" if stem == "saved_model" => Some("saved-model"),
        _ => None,
    }
}
