//! Safetensors: the JSON header in front of the tensors, and the index of a model that is kept in several files.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::header::{Counted, Header, product};
use crate::{Artifact, Unreadable};

/// The format of an index.
pub(super) const INDEX: &str = "shard-index";
/// The longest header that the format allows.
const LONGEST_HEADER: u64 = 100_000_000;
/// The longest that is read here.
const LONGEST_READ: u64 = 32 << 20;

/// The header, if the file begins as the format does.
pub(super) fn read(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    let length = u64::from_le_bytes(head.get(..8)?.try_into().ok()?);
    let begins = head.get(8) == Some(&b'{') && (2..=LONGEST_HEADER).contains(&length);
    if !begins {
        return None;
    }
    let mut header = Header::new("safetensors");
    let result = tensors(artifact, length, &mut header);
    Some(header.faulty(result))
}

fn tensors(artifact: &Artifact<'_>, length: u64, header: &mut Header) -> Result<(), Unreadable> {
    if length > artifact.length() - 8 {
        return Err(super::reader::ends_early());
    }
    if length > LONGEST_READ {
        return Err(Unreadable(format!(
            "its header is longer than {} MiB and was not read",
            LONGEST_READ >> 20
        )));
    }
    let json = artifact.piece(8, length as usize)?;
    let mut found = Found {
        header,
        counted: Counted::default(),
        tensors: 0,
        end: 0,
    };
    let mut reader = serde_json::Deserializer::from_slice(&json);
    let result = reader.deserialize_map(&mut found);
    let Found { counted, tensors, end, .. } = found;
    header.number("parameters", counted.total());
    header.number("tensors", tensors);
    header.fact("quantisation", counted.commonest().unwrap_or_default());
    result.map_err(|error| Unreadable(format!("its header is no JSON: {error}")))?;
    if end > artifact.length() - 8 - length {
        return Err(Unreadable(
            "it is cut short: the tensors its header tells of do not all lie in it".to_owned(),
        ));
    }
    Ok(())
}

/// What is kept of the header while it is read.
struct Found<'h> {
    header: &'h mut Header,
    counted: Counted,
    tensors: u64,
    end: u64,
}

#[derive(Deserialize)]
struct Tensor {
    #[serde(default)]
    dtype: String,
    #[serde(default)]
    shape: Vec<u64>,
    #[serde(default)]
    data_offsets: Vec<u64>,
}

impl<'de> Visitor<'de> for &mut Found<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                map.next_value_seed(Metadata(self.header))?;
            } else {
                let tensor: Tensor = map.next_value()?;
                self.counted.add(&tensor.dtype, product(tensor.shape));
                self.tensors += 1;
                self.end = self.end.max(tensor.data_offsets.last().copied().unwrap_or(0));
            }
        }
        Ok(())
    }
}

/// The free metadata: keys that training tools and converters write.
struct Metadata<'h>(&'h mut Header);

impl<'de> DeserializeSeed<'de> for Metadata<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Metadata<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let header = self.0;
        while let Some(name) = map.next_key::<String>()? {
            let fact = match name.as_str() {
                "format" => "framework",
                "modelspec.architecture" => "architecture",
                "modelspec.title" | "ss_output_name" => "model-name",
                "modelspec.author" => "author",
                "modelspec.license" | "license" => "licence",
                "modelspec.version" => "model-version",
                "modelspec.date" => "date",
                "ss_base_model_version" => "base-model-family",
                "ss_sd_model_name" | "base_model" => "base-model",
                "ss_network_module" => "adapter",
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let text: String = map.next_value()?;
            if fact == "base-model" {
                Header::named(&mut header.models, &text);
            }
            header.fact(fact, text);
        }
        Ok(())
    }
}

/// The index of a model whose tensors lie in several files, `*.safetensors.index.json` and its like.
pub(super) fn index(artifact: &Artifact<'_>) -> Option<Header> {
    let mut header = Header::new(INDEX);
    let result = read_index(artifact, &mut header);
    // A file of that name without a map of weights is some other index.
    match result {
        Ok(true) => Some(header),
        Ok(false) => None,
        Err(fault) => Some(header.faulty(Err(fault))),
    }
}

fn read_index(artifact: &Artifact<'_>, header: &mut Header) -> Result<bool, Unreadable> {
    if artifact.length() > LONGEST_READ {
        return Err(Unreadable(format!("it is longer than {} MiB and was not read", LONGEST_READ >> 20)));
    }
    let json = artifact.piece(0, LONGEST_READ as usize)?;
    let index: Index = serde_json::from_slice(&json).map_err(|error| Unreadable(format!("it is no index of weights: {error}")))?;
    let Some(weights) = index.weight_map else { return Ok(false) };
    header.number("tensors", weights.tensors);
    header.number("shards", weights.files.len() as u64);
    header.number("bytes", index.metadata.total_size as u64);
    header.number("parameters", index.metadata.total_parameters as u64);
    Ok(true)
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    metadata: Total,
    weight_map: Option<Weights>,
}

#[derive(Deserialize, Default)]
struct Total {
    /// Some writers give it as a floating number.
    #[serde(default)]
    total_size: f64,
    #[serde(default)]
    total_parameters: f64,
}

struct Weights {
    tensors: u64,
    files: BTreeSet<String>,
}

impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Weights;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map from tensors to files")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Weights, A::Error> {
                let mut weights = Weights {
                    tensors: 0,
                    files: BTreeSet::new(),
                };
                while let Some(IgnoredAny) = map.next_key()? {
                    weights.files.insert(map.next_value()?);
                    weights.tensors += 1;
                }
                Ok(weights)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Weights, A::Error> {
                Err(serde::de::Error::custom("a list where a map was expected"))
            }
        }
        deserializer.deserialize_map(Map)
    }
}
