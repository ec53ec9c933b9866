//! GGUF, versions 1 to 3 in either byte order: the metadata and the list of tensors, never the tensors.
//! Of the older formats of the same family only the names are known.

use super::header::{Counted, Header, product};
use super::reader::Reader;
use crate::{Artifact, Unreadable};

/// A header that goes on for longer is not read to its end.
const LONGEST_HEADER: u64 = 256 << 20;
const LONGEST_NAME: u64 = 64 << 10;
const MOST_TENSORS: u64 = 1 << 20;
const MOST_DIMENSIONS: u32 = 8;

/// What quantisation `general.file_type` stands for, by number.
const FILE_TYPES: [&str; 41] = [
    "F32", "F16", "Q4_0", "Q4_1", "Q4_1_F16", "", "", "Q8_0", "Q5_0", "Q5_1", "Q2_K", "Q3_K_S", "Q3_K_M", "Q3_K_L", "Q4_K_S", "Q4_K_M",
    "Q5_K_S", "Q5_K_M", "Q6_K", "IQ2_XXS", "IQ2_XS", "Q2_K_S", "IQ3_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ3_M", "IQ2_S", "IQ2_M",
    "IQ4_XS", "IQ1_M", "BF16", "", "", "", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4", "Q1_0",
];

/// Types of tensors, by number.
const TENSOR_TYPES: [&str; 42] = [
    "F32", "F16", "Q4_0", "Q4_1", "", "", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q8_K", "IQ2_XXS",
    "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8", "I16", "I32", "I64", "F64", "IQ1_M", "BF16", "", "", "",
    "TQ1_0", "TQ2_0", "", "", "", "MXFP4", "NVFP4", "Q1_0",
];

/// The header, if the file is of this family.
pub(super) fn read(artifact: &Artifact<'_>, head: &[u8]) -> Option<Header> {
    match head.get(..4)? {
        b"GGUF" => {
            let mut header = Header::new("gguf");
            let result = gguf(artifact, &mut header);
            Some(header.faulty(result))
        }
        // The magic number of the older formats is a number, so that its letters stand in reverse.
        b"lmgg" | b"fmgg" | b"tjgg" | b"algg" => Some(Header::new("ggml")),
        _ => None,
    }
}

struct Source<'a> {
    reader: Reader<'a>,
    big_endian: bool,
    /// Lengths and counts have 32 bits in version 1.
    narrow: bool,
}

/// A value of the metadata; arrays keep their texts only.
enum Value {
    Number(u64),
    Text(String),
    Texts(Vec<String>),
    Other,
}

impl Source<'_> {
    fn u32(&mut self) -> Result<u32, Unreadable> {
        let number = self.reader.u32()?;
        Ok(if self.big_endian { number.swap_bytes() } else { number })
    }

    fn u64(&mut self) -> Result<u64, Unreadable> {
        let number = self.reader.u64()?;
        Ok(if self.big_endian { number.swap_bytes() } else { number })
    }

    fn count(&mut self) -> Result<u64, Unreadable> {
        if self.narrow { self.u32().map(u64::from) } else { self.u64() }
    }

    fn text(&mut self) -> Result<String, Unreadable> {
        let length = self.count()?;
        if length > LONGEST_NAME {
            // A chat template, or nonsense: the reader knows whether the file is long enough.
            self.reader.skip(length)?;
            return Ok(String::new());
        }
        Ok(String::from_utf8_lossy(&self.reader.take(length as usize)?).into_owned())
    }

    fn value(&mut self, kind: u32) -> Result<Value, Unreadable> {
        Ok(match kind {
            0 | 7 => Value::Number(self.reader.byte()?.into()),
            2 => {
                let number = self.reader.u16()?;
                Value::Number(if self.big_endian { number.swap_bytes() } else { number }.into())
            }
            4 => Value::Number(self.u32()?.into()),
            10 => Value::Number(self.u64()?),
            8 => Value::Text(self.text()?),
            9 => self.array()?,
            _ => {
                self.reader.skip(width(kind)?)?;
                Value::Other
            }
        })
    }

    fn array(&mut self) -> Result<Value, Unreadable> {
        let kind = self.u32()?;
        let count = self.count()?;
        if kind != 8 {
            let bytes = count.saturating_mul(width(kind)?);
            self.reader.skip(bytes)?;
            return Ok(Value::Other);
        }
        let mut texts = Vec::new();
        for _ in 0..count {
            self.bounded()?;
            let length = self.count()?;
            // Vocabularies have hundreds of thousands of words: only short lists are kept.
            if texts.len() < 64 && count <= 64 && length <= 256 {
                texts.push(String::from_utf8_lossy(&self.reader.take(length as usize)?).into_owned());
            } else {
                self.reader.skip(length)?;
            }
        }
        Ok(Value::Texts(texts))
    }

    fn bounded(&self) -> Result<(), Unreadable> {
        if self.reader.position() > LONGEST_HEADER {
            return Err(Unreadable(format!(
                "its header is longer than {} MiB and was not read to the end",
                LONGEST_HEADER >> 20
            )));
        }
        Ok(())
    }
}

fn width(kind: u32) -> Result<u64, Unreadable> {
    match kind {
        0 | 1 | 7 => Ok(1),
        2 | 3 => Ok(2),
        4..=6 => Ok(4),
        10..=12 => Ok(8),
        _ => Err(Unreadable(format!("its metadata has a value of the unknown type {kind}"))),
    }
}

fn gguf(artifact: &Artifact<'_>, header: &mut Header) -> Result<(), Unreadable> {
    let mut source = Source {
        reader: Reader::new(artifact, 4),
        big_endian: false,
        narrow: false,
    };
    let version = source.reader.u32()?;
    source.big_endian = version > 0xFFFF;
    let version = if source.big_endian { version.swap_bytes() } else { version };
    if !(1..=3).contains(&version) {
        return Err(Unreadable(format!("version {version} of its format is not known")));
    }
    source.narrow = version == 1;
    header.fact("format-version", version.to_string());
    let (tensors, values) = (source.count()?, source.count()?);
    let mut file_type = None;
    for _ in 0..values {
        source.bounded()?;
        let key = source.text()?;
        let kind = source.u32()?;
        let value = source.value(kind)?;
        if key == "general.file_type"
            && let Value::Number(number) = value
        {
            file_type = usize::try_from(number).ok().and_then(|number| FILE_TYPES.get(number)).copied();
        } else {
            metadata(header, &key, value);
        }
    }
    let counted = tensor_list(&mut source, tensors)?;
    header.number("parameters", counted.total());
    header.number("tensors", tensors);
    header.fact(
        "quantisation",
        file_type
            .filter(|name| !name.is_empty())
            .or(counted.commonest())
            .unwrap_or_default(),
    );
    Ok(())
}

fn tensor_list(source: &mut Source<'_>, tensors: u64) -> Result<Counted, Unreadable> {
    if tensors > MOST_TENSORS {
        return Err(Unreadable(format!("it claims to hold {tensors} tensors")));
    }
    let mut counted = Counted::default();
    for _ in 0..tensors {
        source.bounded()?;
        let name = source.count()?;
        source.reader.skip(name)?;
        let dimensions = source.u32()?;
        if dimensions > MOST_DIMENSIONS {
            return Err(Unreadable(format!("a tensor claims to have {dimensions} dimensions")));
        }
        let shape = (0..dimensions).map(|_| source.count()).collect::<Result<Vec<_>, _>>()?;
        let kind = source.u32()?;
        source.u64()?;
        let kind = usize::try_from(kind).ok().and_then(|kind| TENSOR_TYPES.get(kind)).copied();
        counted.add(kind.unwrap_or_default(), product(shape));
    }
    Ok(counted)
}

fn metadata(header: &mut Header, key: &str, value: Value) {
    let Some(key) = key.strip_prefix("general.") else {
        if let (true, Value::Number(length)) = (key.ends_with(".context_length"), value) {
            header.number("context-length", length);
        }
        return;
    };
    match value {
        Value::Text(text) => match key {
            "architecture" => header.fact("architecture", text),
            "name" => {
                Header::named(&mut header.models, &text);
                header.fact("model-name", text);
            }
            "author" => header.fact("author", text),
            "organization" => header.fact("organisation", text),
            "version" => header.fact("model-version", text),
            "license" => header.fact("licence", text),
            "license.name" => header.fact("licence-name", text),
            "license.link" => header.fact("licence-link", text),
            "finetune" => header.fact("finetune", text),
            "size_label" => header.fact("size-label", text),
            "quantized_by" => header.fact("quantised-by", text),
            "type" => header.fact("type", text),
            "repo_url" | "source.url" | "source.repo_url" | "url" => {
                Header::named(&mut header.models, &text);
                header.fact("origin", text);
            }
            _ if key.starts_with("base_model.") => {
                if key.ends_with(".repo_url") {
                    Header::named(&mut header.models, &text);
                    header.facts.insert(
                        "base-model",
                        super::header::hub_id(&text).unwrap_or_else(|| super::header::line(&text)),
                    );
                } else if key.ends_with(".name") {
                    header.fact("base-model", text);
                }
            }
            _ if key.starts_with("source.") && key.ends_with(".repository") => Header::named(&mut header.models, &text),
            _ if key.starts_with("dataset.") && key.ends_with(".repo_url") => Header::named(&mut header.datasets, &text),
            _ => {}
        },
        Value::Texts(texts) if key == "datasets" => texts.iter().for_each(|text| Header::named(&mut header.datasets, text)),
        Value::Texts(texts) if key == "languages" => header.names("languages", texts),
        _ => {}
    }
}
