//! The file around a document's text: its styles, its foot and what it says of itself, zipped in one order and with one date.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex, PoisonError};

use governance::Document;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::html::markup::{fill, text};

/// The parts that all documents have alike, in the order in which they are packed.
const PARTS: [(&str, &str); 8] = [
    ("[Content_Types].xml", include_str!("content-types.xml")),
    ("_rels/.rels", include_str!("rels.xml")),
    ("docProps/core.xml", include_str!("core.xml")),
    ("word/_rels/document.xml.rels", include_str!("document-rels.xml")),
    ("word/styles.xml", include_str!("styles.xml")),
    ("word/numbering.xml", include_str!("numbering.xml")),
    ("word/settings.xml", include_str!("settings.xml")),
    ("word/footer.xml", include_str!("footer.xml")),
];

/// Levels above save little: half of the time for a tenth of the size.
const LEVEL: i64 = 3;

/// What the shared parts of a document depend on.
type TitleAndDay = (String, String);

/// Packed files that lack their text only, by title and day: the tens of thousands of documents of an organisation have a few dozen.
#[derive(Default)]
pub(super) struct Frames(Mutex<BTreeMap<TitleAndDay, Arc<[u8]>>>);

impl Frames {
    /// The whole file of a document.
    pub(super) fn pack(&self, document: &Document, body: &str) -> Result<Vec<u8>, ZipError> {
        let frame = self.of(document)?;
        let mut bytes = Vec::with_capacity(frame.len() + body.len() / 8);
        bytes.extend_from_slice(&frame);
        let mut zip = ZipWriter::new_append(Cursor::new(bytes))?;
        zip.start_file("word/document.xml", options())?;
        zip.write_all(body.as_bytes())?;
        Ok(zip.finish()?.into_inner())
    }

    fn of(&self, document: &Document) -> Result<Arc<[u8]>, ZipError> {
        let title = document.title();
        // Word shows when a document was made; here that is the state it speaks of, not the hour it was written.
        let state = document.head.iter().find(|(label, _)| *label == "State of");
        let day = state.map(|(_, day)| day.clone()).filter(|day| is_day(day)).unwrap_or_default();
        let key = (title, day);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(frame) = known.get(&key) {
            return Ok(Arc::clone(frame));
        }
        let frame: Arc<[u8]> = frame(&key.0, &key.1)?.into();
        known.insert(key, Arc::clone(&frame));
        Ok(frame)
    }
}

fn frame(title: &str, day: &str) -> Result<Vec<u8>, ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in PARTS {
        zip.start_file(name, options())?;
        let part = fill(part, |slot| match slot {
            "title" => text(title).to_string(),
            "dates" if day.is_empty() => String::new(),
            "dates" => ["created", "modified"]
                .map(|date| format!("<dcterms:{date} xsi:type=\"dcterms:W3CDTF\">{day}T00:00:00Z</dcterms:{date}>"))
                .concat(),
            _ => unreachable!("no part has a slot {slot}"),
        });
        zip.write_all(part.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::default())
}
