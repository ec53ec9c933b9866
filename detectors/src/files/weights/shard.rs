//! Files that belong together: parts of one model, which is one thing whatever number of files it lies in.

use super::header::Header;

/// The thing that a file is, or is a part of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    name: String,
    /// How many parts there are, where the file is one of several.
    parts: Option<String>,
}

/// Facts that speak of one part only.
const OF_A_PART: [(&str, &str); 5] = [
    ("sha256", "part-sha256"),
    ("bytes", "part-bytes"),
    ("parameters", "part-parameters"),
    ("tensors", "part-tensors"),
    ("metadata-bytes", "part-metadata-bytes"),
];

impl Place {
    /// The thing at a path.
    pub(super) fn of(path: &str) -> Self {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        // A package is a folder; whichever of its files is read speaks of it.
        if let Some(end) = path.find(".mlpackage/") {
            return Self {
                name: path[..end + ".mlpackage".len()].to_owned(),
                parts: None,
            };
        }
        let joined = |name: String| if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let whole = file.strip_suffix(".index.json").unwrap_or(file);
        match part(whole) {
            Some((name, parts)) => Self {
                name: joined(name),
                parts: Some(parts),
            },
            None => Self {
                name: joined(whole.to_owned()),
                parts: None,
            },
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Gives facts that speak of a part a name that says so.
    pub(super) fn adapt(&self, header: &mut Header) {
        let Some(parts) = &self.parts else { return };
        for (whole, part) in OF_A_PART {
            if let Some(value) = header.facts.remove(whole) {
                header.facts.insert(part, value);
            }
        }
        if !parts.is_empty() {
            header.facts.insert("shards", parts.clone());
        }
    }
}

/// The name without the number of the part, and how many parts there are, where the name says it.
///
/// `model-00002-of-00010.safetensors`, `consolidated.03.pth`, `mp_rank_00_model_states.pt`.
fn part(name: &str) -> Option<(String, String)> {
    let (stem, ending) = name.rsplit_once('.')?;
    if let Some((before, total)) = stem.rsplit_once("-of-")
        && let Some((base, number)) = before.rsplit_once(['-', '_'])
        && is_number(total)
        && is_number(number)
        && !base.is_empty()
    {
        return Some((format!("{base}.{ending}"), total.trim_start_matches('0').to_owned()));
    }
    if let Some(number) = stem.strip_prefix("consolidated.")
        && is_number(number)
    {
        return Some((format!("consolidated.{ending}"), String::new()));
    }
    if stem.ends_with("_model_states") || stem.ends_with("_optim_states") {
        let base: String = stem.chars().filter(|c| !c.is_ascii_digit()).collect();
        return Some((format!("{}.{ending}", base.replace("__", "_")), String::new()));
    }
    None
}

/// Whether a file lies in a cache of models, which name files by their digest.
pub(super) fn is_cached(path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else {
        return false;
    };
    let is_digest = |text: &str| matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Some(above) = folder.strip_suffix("/blobs") else { return false };
    let in_store = above.ends_with("models") && name.strip_prefix("sha256-").is_some_and(is_digest);
    in_store || is_digest(name) && above.rsplit('/').next().is_some_and(|folder| folder.starts_with("models--"))
}

/// The model that a folder of a cache is named after: `models--organisation--name`.
pub(super) fn cached_model(path: &str) -> Option<String> {
    let name = path.split('/').find_map(|folder| folder.strip_prefix("models--"))?;
    name.split_once("--").map(|(organisation, name)| format!("{organisation}/{name}"))
}

fn is_number(text: &str) -> bool {
    (2..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_are_known_by_their_folders() {
        let digest = "ab".repeat(32);
        assert!(is_cached(&format!("hub/models--acme--Big-7B/blobs/{digest}")) && is_cached(&format!("o/models/blobs/sha256-{digest}")));
        assert!(
            !is_cached(&format!("blobs/sha256/{digest}")) && !is_cached(&format!("models/blobs/{digest}")) && !is_cached("models/blobs/x")
        );
        assert_eq!(
            cached_model("hub/models--acme--Big-7B/snapshots/1/model.safetensors").as_deref(),
            Some("acme/Big-7B")
        );
        assert_eq!(cached_model("models/acme--x/model.safetensors"), None);
    }

    #[test]
    fn parts_of_one_model_have_one_name() {
        for (path, name, parts) in [
            ("m/model-00002-of-00010.safetensors", "m/model.safetensors", Some("10")),
            ("m/model.safetensors.index.json", "m/model.safetensors", None),
            ("m/consolidated.03.pth", "m/consolidated.pth", Some("")),
            ("m/mp_rank_07_model_states.pt", "m/mp_rank_model_states.pt", Some("")),
            ("q-00001-of-00003.gguf", "q.gguf", Some("3")),
            ("a/X.mlpackage/Data/com.x/model.mlmodel", "a/X.mlpackage", None),
            ("a/X.mlpackage/Manifest.json", "a/X.mlpackage", None),
            ("model-7b.gguf", "model-7b.gguf", None),
            ("one-of-us.pt", "one-of-us.pt", None),
            ("-00001-of-00002.bin", "-00001-of-00002.bin", None),
        ] {
            let place = Place::of(path);
            assert_eq!((place.name(), place.parts.as_deref()), (name, parts), "{path}");
        }
    }
}
