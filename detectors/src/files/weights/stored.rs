//! Model files that are pickles or zip archives of them, of arrays or of a configuration: what they import and hold.

use std::io::Read;

use super::container::Container;
use super::header::{Counted, Header, product};
use super::pickle::Pickle;
use super::reader::{Pieces, Reader};
use super::risk::{self, Risk};
use crate::{Artifact, Unreadable};

/// Longest pickle inside an archive, and most that is unpacked of a compressed one.
const LONGEST_PICKLE: usize = 128 << 20;
/// Longest configuration inside an archive.
const LONGEST_CONFIGURATION: usize = 16 << 20;
/// Pickles that are read one behind the other.
const MOST_STREAMS: usize = 64;
/// Entries of one archive that are read.
const MOST_READ: usize = 16;
/// Packages that are told of one by one.
const MOST_MODULES: usize = 16;
/// Weights smaller than this are an example, or no weights.
const FEWEST_PARAMETERS: u64 = 10_000;
/// What the magic number of the older form of tensor files looks like as a pickle.
const LEGACY: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

/// The header of a zip archive, if it holds a model.
pub(super) fn archive(artifact: &Artifact<'_>) -> Option<Header> {
    let mut container = match Container::open(artifact) {
        Ok(container) => container,
        // An archive that cannot be read may hold anything.
        Err(fault) => return is_own_ending(artifact).then(|| Header::new("pytorch").faulty(Err(fault))),
    };
    let names: Vec<String> = container.names().map(std::borrow::Cow::into_owned).collect();
    let has = |end: &str| {
        names
            .iter()
            .any(|name| name == end || name.strip_suffix(end).is_some_and(|start| start.ends_with('/')))
    };
    if has("data.pkl") || has("constants.pkl") {
        return Some(tensors(&mut container, &names));
    }
    if has("config.json") && (has("model.weights.h5") || has("model.weights.npz")) {
        return Some(layers(&mut container));
    }
    if !names.is_empty() && names.iter().all(|name| name.ends_with(".npy")) {
        return arrays(artifact, &mut container, &names);
    }
    None
}

/// Endings that only tensor files have.
fn is_own_ending(artifact: &Artifact<'_>) -> bool {
    matches!(artifact.extension().to_ascii_lowercase().as_str(), "pt" | "pth" | "ckpt")
}

fn tensors(container: &mut Container<'_>, names: &[String]) -> Header {
    let is_program = names.iter().any(|name| name.contains("/code/") || name.starts_with("code/"));
    let mut header = Header::new(if is_program { "torchscript" } else { "pytorch" });
    let mut pickle = Pickle::default();
    let mut result = Ok(());
    for name in names.iter().filter(|name| name.ends_with(".pkl")).take(MOST_READ) {
        let one = container.entry(name, LONGEST_PICKLE).and_then(|(content, cut)| {
            let inner = Artifact::new(name, &content);
            let read = pickle.read(&mut Reader::new(&inner, 0), MOST_STREAMS);
            if cut { Err(too_long()) } else { read }
        });
        result = result.and(one);
    }
    tell(&mut header, &pickle);
    header.faulty(result)
}

fn too_long() -> Unreadable {
    Unreadable(format!("it unpacks to more than {} MiB and was read in part", LONGEST_PICKLE >> 20))
}

/// The header of a pickle, compressed or not, if the file is one.
pub(super) fn pickled(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    if is_pickle(head) {
        let at = 2 + usize::from(head.get(2) == Some(&0x95)) * 9;
        let legacy = head.get(at..).is_some_and(|rest| rest.starts_with(LEGACY));
        let mut header = Header::new(if legacy { "pytorch" } else { "pickle" });
        if legacy {
            header.fact("container", "pickles and storages, as before 2020");
        }
        let mut pickle = Pickle::default();
        // The older form: a number, a version, the machine, the tensors, the keys of the storages; then bytes.
        let result = pickle.read(&mut Reader::new(artifact, 0), if legacy { 5 } else { MOST_STREAMS });
        tell(&mut header, &pickle);
        return Some(header.faulty(result));
    }
    let is_old = matches!(head.first(), Some(b'(' | b'c' | b']' | b'}'))
        && matches!(artifact.extension(), "pkl" | "pickle" | "p" | "pt" | "pth" | "ckpt" | "joblib");
    if is_old {
        return in_letters(artifact);
    }
    compressed(artifact, head)
}

fn is_pickle(head: &[u8]) -> bool {
    head.first() == Some(&0x80) && head.get(1).is_some_and(|version| (2..=5).contains(version))
}

/// A pickle of the oldest protocols, which begins like any text: it counts if it is read to its end and imports something.
fn in_letters(artifact: &Artifact<'_>) -> Option<Header> {
    let mut header = Header::new("pickle");
    let mut pickle = Pickle::default();
    let result = pickle.read(&mut Reader::new(artifact, 0), MOST_STREAMS);
    let dangerous = pickle
        .imports
        .iter()
        .any(|(module, name)| risk::of(module, name) == Risk::Dangerous);
    if pickle.imports.is_empty() || result.is_err() && !dangerous {
        return None;
    }
    tell(&mut header, &pickle);
    Some(header.faulty(result))
}

/// A pickle behind a compression that its writer offers.
fn compressed(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    let ending = artifact.extension().to_ascii_lowercase();
    if !matches!(ending.as_str(), "joblib" | "pkl" | "pickle" | "p" | "model" | "sav") {
        return None;
    }
    let raw = Raw { artifact, position: 0 };
    let mut content = Vec::new();
    let mut unpack = |reader: &mut dyn Read| reader.take(LONGEST_PICKLE as u64 + 1).read_to_end(&mut content).map(drop);
    let (method, result) = match head {
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => ("zlib", unpack(&mut flate2::read::ZlibDecoder::new(raw))),
        [0x1F, 0x8B, ..] => ("gzip", unpack(&mut flate2::read::GzDecoder::new(raw))),
        [b'B', b'Z', b'h', ..] | [0xFD, b'7', b'z', b'X', b'Z', ..] | [0x04, 0x22, 0x4D, 0x18, ..] if ending == "joblib" => {
            return Some(Header::new("pickle").faulty(Err(Unreadable(
                "it is compressed by a method that is not read here; what it imports is not known".to_owned(),
            ))));
        }
        _ => return None,
    };
    if !is_pickle(&content) {
        return None;
    }
    let mut header = Header::new("pickle");
    header.fact("compression", method);
    let cut = content.len() > LONGEST_PICKLE;
    let inner = Artifact::new("", &content);
    let mut pickle = Pickle::default();
    let read = pickle.read(&mut Reader::new(&inner, 0), MOST_STREAMS);
    tell(&mut header, &pickle);
    let result = result.map_err(|error| Unreadable(format!("it cannot be unpacked to its end: {error}")));
    Some(header.faulty(if cut { Err(too_long()) } else { result.and(read) }))
}

/// An artifact as something to read.
struct Raw<'a> {
    artifact: &'a dyn Pieces,
    position: u64,
}

impl Read for Raw<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let piece = self
            .artifact
            .piece(self.position, buffer.len().min(64 << 10))
            .map_err(std::io::Error::other)?;
        buffer[..piece.len()].copy_from_slice(&piece);
        self.position += piece.len() as u64;
        Ok(piece.len())
    }
}

/// What the imports of a pickle say.
fn tell(header: &mut Header, pickle: &Pickle) {
    let of = |wanted: Risk| {
        let those = pickle.imports.iter().filter(move |(module, name)| risk::of(module, name) == wanted);
        those.map(|(module, name)| format!("{module}.{name}"))
    };
    let mut dangerous: Vec<String> = of(Risk::Dangerous).collect();
    if pickle.hidden > 0 {
        dangerous.push("an import whose name is made while loading".to_owned());
    }
    header.names("dangerous-imports", dangerous);
    header.names("unknown-imports", of(Risk::Unknown));
    let mut roots: Vec<&str> = pickle
        .imports
        .iter()
        .map(|(module, _)| risk::root(module))
        .filter(|root| !risk::is_language(root))
        .collect();
    roots.sort_unstable();
    roots.dedup();
    let is_name = |root: &&str| root.len() <= 64 && root.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    header.modules = roots.into_iter().filter(is_name).take(MOST_MODULES).map(str::to_owned).collect();
    header.number("parameters", pickle.counted.total());
    header.fact("quantisation", pickle.counted.commonest().unwrap_or_default());
}

/// A network's layers and weights in one archive: its configuration says what it is made of.
fn layers(container: &mut Container<'_>) -> Header {
    let mut header = Header::new("keras");
    let mut result = Ok(());
    match container.entry("config.json", LONGEST_CONFIGURATION) {
        Ok((content, false)) => configuration(&mut header, &String::from_utf8_lossy(&content)),
        Ok((_, true)) => {
            result = Err(Unreadable(format!(
                "its configuration is longer than {} MiB",
                LONGEST_CONFIGURATION >> 20
            )))
        }
        Err(fault) => result = Err(fault),
    }
    if let Ok((content, _)) = container.entry("metadata.json", 64 << 10)
        && let Ok(metadata) = serde_json::from_slice::<serde_json::Value>(&content)
    {
        header.fact("framework-version", metadata["keras_version"].as_str().unwrap_or_default());
        header.fact("date", metadata["date_saved"].as_str().unwrap_or_default());
    }
    header.faulty(result)
}

/// What a network's configuration in JSON says: its class, and layers that bring code along.
pub(super) fn configuration(header: &mut Header, json: &str) {
    let tree = crate::tree::json(json);
    let root = tree.root();
    let text = |keys: &[&str]| root.at(keys).and_then(crate::tree::Node::text).unwrap_or_default().to_owned();
    header.fact("architecture", text(&["class_name"]));
    header.fact("model-name", text(&["config", "name"]));
    let mut dangerous = std::collections::BTreeSet::new();
    let mut layers = 0_u64;
    for node in tree.walk() {
        match (node.key(), node.text()) {
            ("class_name", Some("Lambda" | "TFOpLambda")) => drop(dangerous.insert("a layer that is a function: Lambda".to_owned())),
            ("class_name", Some("__lambda__" | "function")) => drop(dangerous.insert("code of a function".to_owned())),
            ("module", Some(module)) if risk::of(module, "") == Risk::Dangerous => drop(dangerous.insert(module.to_owned())),
            ("class_name", Some(_)) if is_layer(node) => layers += 1,
            _ => {}
        }
    }
    header.number("layers", layers);
    header.names("dangerous-layers", dangerous);
    if let Err(fault) = tree.complete() {
        header.fault.get_or_insert(fault);
    }
}

/// Whether a class is that of a layer in a list of them, and not of something inside one.
fn is_layer(class: crate::tree::Node<'_>) -> bool {
    let list = class.parent().and_then(crate::tree::Node::parent);
    list.is_some_and(|list| list.key() == "layers")
}

/// The older form of the same: marks in a file of a general format, which is nothing else than them to us.
pub(super) fn hierarchical(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    /// Looked through for marks.
    const WINDOW: u64 = 16 << 20;
    if !head.starts_with(b"\x89HDF\r\n\x1a\n") {
        return None;
    }
    let length = artifact.length();
    let mut start = artifact.piece(0, WINDOW as usize).ok()?;
    if length > WINDOW {
        start.extend(artifact.piece(length.saturating_sub(WINDOW).max(WINDOW), WINDOW as usize).ok()?);
    }
    let has = |word: &str| memchr::memmem::find(&start, word.as_bytes());
    let network = has("model_config");
    let weights = has("layer_names").is_some() && (has("weight_names").is_some() || has("keras_version").is_some());
    if !(network.is_some() && has("keras_version").is_some() || weights) {
        return None;
    }
    let mut header = Header::new("keras-h5");
    // The configuration is one text somewhere in the file.
    let json = ["{\"class_name\":", "{\"module\": \"keras"].iter().find_map(|begin| {
        let at = has(begin)?;
        let end = start[at..].iter().position(|byte| *byte == 0).map_or(start.len(), |end| at + end);
        Some(String::from_utf8_lossy(&start[at..end]).into_owned())
    });
    if let Some(json) = json {
        let mut read = Header::new("keras-h5");
        configuration(&mut read, &json);
        // The text may be cut where the file is laid out in pieces: what was read before counts.
        read.fault = None;
        header = read;
    }
    Some(header)
}

/// Arrays in one archive: weights only by name, type and size, which is a hint.
fn arrays(artifact: &Artifact<'_>, container: &mut Container<'_>, names: &[String]) -> Option<Header> {
    if !is_called_weights(artifact.path()) {
        return None;
    }
    let mut counted = Counted::default();
    for name in names.iter().take(256) {
        let (content, _) = container.entry(name, 64 << 10).ok()?;
        let (kind, count) = array(&content)?;
        counted.add(&kind, count);
    }
    weights("npz", &counted)
}

/// One array, if it looks like weights; one of objects is a pickle behind its header.
pub(super) fn single_array(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    let (kind, count) = array(head)?;
    if !is_called_weights(artifact.path()) {
        return None;
    }
    let mut counted = Counted::default();
    counted.add(&kind, count);
    weights("npy", &counted)
}

fn weights(format: &'static str, counted: &Counted) -> Option<Header> {
    let floating = counted
        .commonest()
        .is_some_and(|kind| kind.trim_start_matches(['<', '>', '=', '|']).starts_with('f'));
    if !floating || counted.total() < FEWEST_PARAMETERS {
        return None;
    }
    let mut header = Header::new(format);
    header.number("parameters", counted.total());
    header.fact(
        "quantisation",
        counted.commonest().unwrap_or_default().trim_start_matches(['<', '>', '=', '|']),
    );
    Some(header)
}

/// Whether a file's name, or its folder's, speaks of weights.
fn is_called_weights(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphabetic()).collect();
    ["weights", "weight", "checkpoint", "ckpt", "params", "model"]
        .iter()
        .any(|word| words.contains(word))
}

/// Type and number of elements of an array, by its header.
fn array(head: &[u8]) -> Option<(String, u64)> {
    if !head.starts_with(b"\x93NUMPY") {
        return None;
    }
    let (length, start): (usize, usize) = match head.get(6)? {
        1 => (usize::from(u16::from_le_bytes(head.get(8..10)?.try_into().ok()?)), 10),
        _ => (u32::from_le_bytes(head.get(8..12)?.try_into().ok()?) as usize, 12),
    };
    let text = std::str::from_utf8(head.get(start..start.checked_add(length)?)?).ok()?;
    let kind = text.split_once("'descr': '")?.1.split('\'').next()?.to_owned();
    let shape = text.split_once("'shape': (")?.1.split(')').next()?;
    let shape: Vec<u64> = shape.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    Some((kind, product(shape)))
}
