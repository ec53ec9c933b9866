//! Formats known by a mark near the beginning, of which no more is read than that: flat buffers, boosted trees, text models.

use super::header::Header;
use super::protobuf::begins;
use crate::Artifact;

/// The four letters that name the schema of a flat buffer.
const FLAT_BUFFERS: [(&[u8; 4], &str); 3] = [(b"TFL3", "tflite"), (b"ORTM", "ort"), (b"ET12", "executorch")];

/// Marks at the very beginning.
const MARKS: [(&[u8], &str); 3] = [
    (b"CBM1", "catboost"),
    // A number that one text classification library begins its files with.
    (&[0xBA, 0x16, 0x4F, 0x2F], "fasttext"),
    (b"binf", "xgboost"),
];

/// The format, if a mark stands there.
pub(super) fn read(head: &[u8]) -> Option<Header> {
    let letters = head.get(4..8);
    let flat = FLAT_BUFFERS.iter().find(|(mark, _)| letters == Some(&mark[..]));
    let marked = || MARKS.iter().find(|(mark, _)| head.starts_with(mark));
    let format = flat.map(|(_, format)| *format).or_else(|| marked().map(|(_, format)| *format))?;
    Some(Header::new(format))
}

/// Boosted trees as text: a first line that says so, and the keys behind it.
pub(super) fn boosted_text(head: &[u8]) -> Option<Header> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines();
    if lines.next()?.trim() != "tree" {
        return None;
    }
    let mut header = Header::new("lightgbm");
    let mut known = false;
    for (key, value) in lines.map_while(|line| line.trim().split_once('=')).take(32) {
        match key {
            "version" => header.fact("format-version", value),
            "objective" => header.fact("task", value),
            "num_class" | "num_tree_per_iteration" => known = true,
            _ => {}
        }
    }
    known.then_some(header)
}

/// A network as a list of layers: a number that says so, how many layers and values there are, and the first layer.
pub(super) fn layers(head: &[u8]) -> Option<Header> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines().map(str::trim);
    if lines.next()? != "7767517" {
        return None;
    }
    let counts: Vec<&str> = lines.next()?.split_whitespace().collect();
    let is_count = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    (counts.len() == 2 && counts.iter().all(is_count)).then(|| Header::new("ncnn"))
}

/// Boosted trees as JSON or its binary form: the learner is the first or second thing it tells of.
pub(super) fn boosted_json(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    if !begins(head, b"{") {
        return None;
    }
    let start = &head[..head.len().min(4096)];
    let has = |bytes: &[u8], word: &[u8]| memchr::memmem::find(bytes, word).is_some();
    let quoted = has(start, b"\"learner\"")
        && has(start, b"\"learner_model_param\"") | has(start, b"\"gradient_booster\"") | has(start, b"\"attributes\"");
    // In the binary form, a key is its length as a number of a given width, and the letters.
    let binary =
        head.get(1).is_some_and(|kind| matches!(kind, b'L' | b'i' | b'I' | b'l')) && has(&start[..start.len().min(64)], b"learner");
    if !quoted && !binary {
        return None;
    }
    let mut header = Header::new("xgboost");
    // The objective stands behind the trees.
    let tail = artifact.piece(artifact.length().saturating_sub(4096), 4096).ok()?;
    let task = ["binary:", "multi:", "reg:", "rank:", "survival:", "count:"]
        .iter()
        .find_map(|kind| {
            let at = memchr::memmem::rfind(&tail, kind.as_bytes())?;
            let end = tail[at..]
                .iter()
                .position(|byte| !(byte.is_ascii_lowercase() || matches!(byte, b':' | b'_')))?;
            Some(String::from_utf8_lossy(&tail[at..at + end]).into_owned())
        });
    header.fact("task", task.unwrap_or_default());
    Some(header)
}

/// A model for browsers: its topology, with the names of the files its weights lie in.
pub(super) fn browser(head: &[u8]) -> Option<Header> {
    let start = &head[..head.len().min(1024)];
    let text = String::from_utf8_lossy(start);
    let mut header = Header::new("tfjs");
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let kind = ["layers-model", "graph-model"]
        .into_iter()
        .find(|kind| compact.contains(&format!("\"format\":\"{kind}\"")))?;
    header.fact("architecture", kind);
    if let Some((_, rest)) = text.split_once("\"generatedBy\"") {
        header.fact("producer", rest.split('"').nth(1).unwrap_or_default());
    }
    Some(header)
}
