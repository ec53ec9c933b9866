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

fn is_number(text: &str) -> bool {
    (2..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

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
