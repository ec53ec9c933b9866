//! Container images that lie in a folder or archive, as `docker save` or an OCI layout writes them: their layers as one tree, and
//! their configuration beside it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use evidence::GapKind;
use serde::Deserialize;
use tempfile::TempDir;

use super::layers::Layers;
use super::sink::Sink;
use super::{Bounds, Kind, gap, private_folder};
use crate::opened::Opened;

/// Longest list of images, manifest or configuration.
const LONGEST_DOCUMENT: u64 = 8 << 20;
/// Images of one archive that are read.
const MOST_IMAGES: usize = 32;
/// Indexes that name further indexes.
const DEEPEST_INDEX: u32 = 3;

/// An image whose layers lie in one folder.
#[derive(Debug)]
pub(crate) struct Image {
    pub(crate) folder: TempDir,
    /// What the archive calls it, with its tag.
    pub(crate) reference: Option<String>,
    /// What of it was not unpacked.
    pub(crate) gaps: Vec<evidence::Gap>,
}

/// Whether a folder holds images.
pub(crate) fn is_layout(folder: &Path) -> bool {
    folder.join("oci-layout").is_file() && folder.join("index.json").is_file() || saved(folder).is_some_and(|saved| !saved.is_empty())
}

/// An image as `docker save` lists it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

fn saved(folder: &Path) -> Option<Vec<Saved>> {
    let document = read(folder, "manifest.json").ok()?;
    serde_json::from_slice(&document).ok()
}

#[derive(Debug, Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Descriptor {
    media_type: String,
    digest: String,
    platform: Option<Platform>,
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Platform {
    os: String,
    architecture: String,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
}

/// What an image is made of: files of its archive.
struct Parts {
    reference: Option<String>,
    config: String,
    /// Each with the name under which it is kept where it is no archive.
    layers: Vec<(String, Option<String>)>,
}

/// The images of a folder, each unpacked. `wants` tells which files are worth writing, `name` is what gaps call the folder.
///
/// # Errors
/// If the folder holds no image that can be read.
pub(crate) fn images(folder: &Path, name: &str, bounds: &Bounds, wants: &dyn Fn(&str) -> bool) -> Result<Vec<Image>> {
    let parts = match saved(folder) {
        Some(saved) if !saved.is_empty() => saved
            .into_iter()
            .map(|saved| Parts {
                reference: saved.repo_tags.and_then(|tags| tags.into_iter().next()),
                config: saved.config,
                layers: saved.layers.into_iter().map(|layer| (layer, None)).collect(),
            })
            .collect(),
        _ => from_index(folder)?,
    };
    let more = parts.len().saturating_sub(MOST_IMAGES);
    let mut images = parts
        .into_iter()
        .take(MOST_IMAGES)
        .map(|parts| lay(folder, name, parts, bounds, wants))
        .collect::<Result<Vec<_>>>()?;
    match images.first_mut() {
        None => bail!("{name} holds no image"),
        Some(first) if more > 0 => {
            let reason = format!("{more} more images; save them by themselves to scan them");
            first.gaps.push(gap(GapKind::Skipped, name, reason));
        }
        Some(_) => {}
    }
    Ok(images)
}

fn from_index(folder: &Path) -> Result<Vec<Parts>> {
    let index: Index = serde_json::from_slice(&read(folder, "index.json")?).context("index.json is no list of images")?;
    let mut parts = Vec::new();
    for descriptor in one_a_name(index.manifests) {
        let reference = descriptor.annotations.as_ref().and_then(|notes| {
            let named = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];
            named.iter().find_map(|key| notes.get(*key)).cloned()
        });
        let Some(manifest) = manifest(folder, &descriptor, DEEPEST_INDEX)? else {
            continue;
        };
        let title = |layer: &Descriptor| {
            layer
                .annotations
                .as_ref()
                .and_then(|notes| notes.get("org.opencontainers.image.title"))
                .cloned()
        };
        parts.push(Parts {
            reference,
            config: blob(&manifest.config.digest)?,
            layers: manifest
                .layers
                .iter()
                .map(|layer| Ok((blob(&layer.digest)?, title(layer))))
                .collect::<Result<_>>()?,
        });
    }
    Ok(parts)
}

/// The manifest that a descriptor names, if need be through an index of platforms.
fn manifest(folder: &Path, descriptor: &Descriptor, depth: u32) -> Result<Option<Manifest>> {
    let path = blob(&descriptor.digest)?;
    let document = read(folder, &path)?;
    let digest = digest_of(&document.as_slice())?;
    if !path.ends_with(&digest) {
        bail!("the manifest {path} does not have the digest by which it is named");
    }
    let is_index = descriptor.media_type.contains("index") || descriptor.media_type.contains("manifest.list");
    if is_index {
        if depth == 0 {
            bail!("the list of images names lists of images, over and over");
        }
        let index: Index = serde_json::from_slice(&document).with_context(|| format!("{path} is no list of images"))?;
        let best = one_a_name(index.manifests).into_iter().next();
        return best.map_or(Ok(None), |best| manifest(folder, &best, depth - 1));
    }
    Ok(Some(
        serde_json::from_slice(&document).with_context(|| format!("{path} is no manifest of an image"))?,
    ))
}

/// Of the platforms that one image is built for, the commonest; attestations are no images.
fn one_a_name(manifests: Vec<Descriptor>) -> Vec<Descriptor> {
    let rank = |descriptor: &Descriptor| match &descriptor.platform {
        Some(platform) if platform.os == "unknown" => 3,
        Some(platform) if platform.os == "linux" && platform.architecture == "amd64" => 0,
        Some(platform) if platform.os == "linux" => 1,
        _ => 2,
    };
    let mut best: Vec<(Option<String>, Descriptor)> = Vec::new();
    for descriptor in manifests {
        let attests = descriptor
            .annotations
            .as_ref()
            .is_some_and(|notes| notes.contains_key("vnd.docker.reference.type"));
        if attests || rank(&descriptor) == 3 {
            continue;
        }
        let name = descriptor
            .annotations
            .as_ref()
            .and_then(|notes| {
                notes
                    .get("io.containerd.image.name")
                    .or_else(|| notes.get("org.opencontainers.image.ref.name"))
            })
            .cloned();
        // Without a name and a platform, nothing tells that two are one.
        let same = best
            .iter_mut()
            .find(|(known, other)| *known == name && descriptor.platform.is_some() && other.platform.is_some());
        match same {
            Some((_, known)) if rank(&descriptor) < rank(known) => *known = descriptor,
            Some(_) => {}
            None => best.push((name, descriptor)),
        }
    }
    best.into_iter().map(|(_, descriptor)| descriptor).collect()
}

/// Where the content of a digest lies.
fn blob(digest: &str) -> Result<String> {
    match digest.split_once(':') {
        Some(("sha256", hex)) if hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) => {
            Ok(format!("blobs/sha256/{hex}"))
        }
        _ => bail!(
            "`{}` is no digest that is known here",
            digest.chars().take(80).collect::<String>().escape_debug()
        ),
    }
}

/// A file of the folder; what leads out of it is not opened.
fn open(folder: &Path, path: &str) -> Result<(File, PathBuf)> {
    let inside = super::sink::inside(path.as_bytes()).map_err(|reason| anyhow::anyhow!("{path}: {reason}"))?;
    let whole = folder.join(&inside);
    let real = whole.canonicalize().with_context(|| format!("{inside} is not there"))?;
    if !real.starts_with(folder.canonicalize()?) || !real.is_file() {
        bail!("{inside} is no file of the image");
    }
    Ok((File::open(&real).with_context(|| format!("cannot open {inside}"))?, real))
}

fn read(folder: &Path, path: &str) -> Result<Vec<u8>> {
    let (file, _) = open(folder, path)?;
    let mut content = Vec::new();
    file.take(LONGEST_DOCUMENT + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST_DOCUMENT {
        bail!("{path} is longer than {} MiB", LONGEST_DOCUMENT >> 20);
    }
    Ok(content)
}

/// Lays the layers of one image over each other.
fn lay(folder: &Path, name: &str, parts: Parts, bounds: &Bounds, wants: &dyn Fn(&str) -> bool) -> Result<Image> {
    let root = private_folder()?;
    let packed = parts
        .layers
        .iter()
        .filter_map(|(layer, _)| open(folder, layer).ok()?.0.metadata().ok());
    let length = packed.map(|metadata| metadata.len()).fold(0, u64::saturating_add);
    let shown = parts.reference.clone().unwrap_or_else(|| name.to_owned());
    let mut sink = Sink::new(root.path(), &shown, length, bounds);
    let config = read(folder, &parts.config)?;
    let digest = digest_of(&config.as_slice())?;
    if named_digest(&parts.config).is_some_and(|named| named != digest) {
        bail!("the configuration {} does not have the digest by which it is named", parts.config);
    }
    let mut layers = Layers::new(wants);
    for (layer, title) in &parts.layers {
        let (file, real) = match open(folder, layer) {
            Ok(opened) => opened,
            Err(error) => {
                sink.miss(GapKind::Unreadable, layer, format!("{error:#}"));
                continue;
            }
        };
        if let Some(digest) = named_digest(layer)
            && digest_of(&Opened::of(&real)?)? != digest
        {
            sink.miss(
                GapKind::Malformed,
                layer,
                "it does not have the digest by which the image names it, and was left out; get the image anew",
            );
            continue;
        }
        layer_of(file, layer, title.as_deref(), &mut layers, &mut sink)?;
    }
    // Beside the tree, under the name that its content has.
    let path = format!("blobs/sha256/{digest}");
    // A document of the image's size cannot meet a bound that its layers did not.
    drop(sink.write(&path, &mut config.as_slice()));
    Ok(Image {
        gaps: sink.into_gaps(),
        folder: root,
        reference: parts.reference,
    })
}

fn layer_of(mut file: File, layer: &str, title: Option<&str>, layers: &mut Layers<'_>, sink: &mut Sink<'_>) -> Result<()> {
    match Kind::of(&mut file)? {
        Some(Kind::Zip) | None => {
            // Artifacts that are no images keep one file a layer, a model for one.
            let mut head = [0; 4];
            let begins = file.read(&mut head).is_ok();
            std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(0))?;
            let ending = if begins && &head == b"GGUF" { ".gguf" } else { "" };
            let name = match title {
                Some(title) => title.to_owned(),
                None => format!("{layer}{ending}"),
            };
            if let Some(path) = sink.path(name.as_bytes()) {
                drop(sink.write(&path, &mut file));
            }
        }
        Some(packed) => match packed.reader(file) {
            Ok(reader) => layers.lay(reader, sink),
            Err(error) => sink.miss(GapKind::Malformed, layer, format!("{error:#}")),
        },
    }
    Ok(())
}

/// The digest that a file is named by: `blobs/sha256/<digest>` or `<digest>.json`.
fn named_digest(path: &str) -> Option<&str> {
    let hex = path.strip_prefix("blobs/sha256/").or_else(|| path.strip_suffix(".json"))?;
    (hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hex)
}

fn digest_of(content: &dyn detectors::Body) -> Result<String> {
    Ok(detectors::files::sha256(&detectors::Artifact::in_pieces("", content))?)
}
