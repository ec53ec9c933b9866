//! Bytes to text, in the encodings that spreadsheets write: UTF-8, UTF-16, and Windows-1252 where nothing tells.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::TableError;

/// Bytes at the beginning that tell UTF-16 without a mark from other text.
const TELLING: usize = 4096;

/// What to know of the encoding of a file.
pub(crate) struct Note {
    /// As a sentence.
    pub(crate) text: String,
    /// Whether letters that the encoding does not have were lost when it was written.
    pub(crate) is_lossy: bool,
}

impl Note {
    const fn of(text: String) -> Self {
        Self { text, is_lossy: false }
    }
}

/// The text of a file, and what to know of its encoding.
pub(crate) fn decode(file: &str, bytes: Vec<u8>) -> Result<(String, Option<Note>), TableError> {
    let (text, note) = match Encoding::for_bom(&bytes) {
        Some((encoding, _)) => {
            let (text, _, has_errors) = encoding.decode(&bytes);
            let broken = || format!("{file} holds characters that are broken in its encoding, {}", encoding.name());
            let note = has_errors.then(|| Note::of(broken()));
            (text.into_owned(), note)
        }
        None => match utf16(&bytes) {
            Some(encoding) => {
                let (text, _, _) = encoding.decode(&bytes);
                (
                    text.into_owned(),
                    Some(Note::of(format!("{file} has no mark of its encoding; read as {}", encoding.name()))),
                )
            }
            None => match String::from_utf8(bytes) {
                Ok(text) => (text, None),
                Err(error) => {
                    let valid = error.utf8_error().valid_up_to();
                    let bytes = error.into_bytes();
                    let line = 1 + bytes[..valid].iter().filter(|byte| **byte == b'\n').count();
                    let (text, _, _) = WINDOWS_1252.decode(&bytes);
                    let note = format!(
                        "{file} is not UTF-8 (line {line}); read as Windows-1252. If names look wrong, save it as “CSV UTF-8” and run again"
                    );
                    let note = Note {
                        text: note,
                        is_lossy: true,
                    };
                    (text.into_owned(), Some(note))
                }
            },
        },
    };
    if text.contains('\0') {
        return Err(TableError::of_file(
            file,
            "holds binary data and no table; save the register as CSV or XLSX and give that file",
        ));
    }
    Ok((text, note))
}

/// UTF-16 without a mark: every other byte of western text is zero.
fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let beginning = &bytes[..bytes.len().min(TELLING) & !1];
    let zeros = |from: usize| beginning.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let half = beginning.len() / 2;
    let is_most = |zeros: usize| half > 1 && zeros * 10 > half * 7;
    match (is_most(zeros(0)), is_most(zeros(1))) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, Option<String>) {
        let (text, note) = decode("reg.csv", bytes.to_vec()).expect("is text");
        (text, note.map(|note| note.text))
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "id;Name\n1;Prüfung – “A”\n";
        let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let little = wide(u16::to_le_bytes);
        let big = wide(u16::to_be_bytes);
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            marked(b"\xff\xfe", &little),
            marked(b"\xfe\xff", &big),
            little,
            big,
            WINDOWS_1252.encode(text).0.into_owned(),
        ] {
            assert_eq!(read(&bytes).0, text, "{bytes:?}");
        }
    }

    #[test]
    fn a_guess_is_said() {
        let note = read(b"id\n1\nf\xfcr\n").1.expect("a note");
        assert!(note.contains("Windows-1252") && note.contains("line 3"), "{note}");
        assert_eq!(read("für".as_bytes()).1, None);
    }

    #[test]
    fn binary_data_is_no_table() {
        let error = decode("a.bin", b"\x00\x01\x02abc\x00\xff".to_vec()).err().expect("is no text");
        assert!(error.to_string().contains("binary"), "{error}");
    }
}
