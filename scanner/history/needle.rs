//! What to look for in older versions of a file to know that a component stood in them.

use evidence::Evidence;
use memchr::memmem;

/// Names shorter than this stand in too many words.
const SHORTEST: usize = 3;

/// A text that stands on the line of the evidence, and says that the component is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needle {
    /// In lower case; empty where the file as such is the evidence.
    text: Vec<u8>,
    /// Whether it stands as a word of its own.
    is_word: bool,
}

impl Needle {
    /// For a piece of evidence and the line it stands on: the component's name as the line has it, else the provider's,
    /// else the line itself.
    ///
    /// Nothing if the line is not there: then nothing says what to look for.
    pub(super) fn of(evidence: &Evidence, line: Option<&[u8]>) -> Option<Self> {
        if evidence.location.line.is_none() {
            return Some(Self::whole_file());
        }
        let line = line?.trim_ascii().to_ascii_lowercase();
        if line.is_empty() {
            return None;
        }
        let names = spellings(&evidence.name)
            .chain(evidence.provider.iter().flat_map(|provider| spellings(provider)))
            .filter(|name| name.len() >= SHORTEST);
        for text in names {
            let needle = Self { text, is_word: true };
            if needle.stands_in(&line) {
                return Some(needle);
            }
            let needle = Self { is_word: false, ..needle };
            if needle.stands_in(&line) {
                return Some(needle);
            }
        }
        Some(Self {
            text: line,
            is_word: false,
        })
    }

    fn whole_file() -> Self {
        Self {
            text: Vec::new(),
            is_word: false,
        }
    }

    pub(super) fn is_whole_file(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether it stands in a text in lower case.
    pub(super) fn stands_in(&self, text: &[u8]) -> bool {
        let mut found = memmem::find_iter(text, &self.text);
        if !self.is_word {
            return found.next().is_some();
        }
        found.any(|at| {
            let before = at.checked_sub(1).and_then(|at| text.get(at));
            let after = text.get(at + self.text.len());
            !before.is_some_and(|byte| is_of_word(*byte)) && !after.is_some_and(|byte| is_of_word(*byte))
        })
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// How a name may be written: as it is, as a module, and without the organisation before it.
fn spellings(name: &str) -> impl Iterator<Item = Vec<u8>> {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit(['/', ':']).next().unwrap_or(&name).to_owned();
    [name.replace('-', "_"), name.replace('-', "."), last.replace('-', "_"), last]
        .into_iter()
        .fold(vec![name], |mut all, spelling| {
            if !all.contains(&spelling) {
                all.push(spelling);
            }
            all
        })
        .into_iter()
        .map(String::into_bytes)
}
