//! A manifest's tree, mended where a merge conflict or a cut-off end would hide what can still be read.
//!
//! Mending never hides the fault: what was mended is still reported as incomplete.

use super::mend::{JSON, mend};
use crate::artifact::is_utf16;
use crate::tree::{self, Node, Tree};
use crate::{Artifact, Unreadable};

/// A manifest as a tree, with the fault to report once it has been used.
pub(crate) struct Document<'a> {
    tree: Held<'a>,
    fault: Option<Unreadable>,
}

enum Held<'a> {
    Shared(&'a Tree),
    Mended(Box<Tree>),
}

impl Document<'_> {
    /// The outermost value.
    pub(crate) fn root(&self) -> Node<'_> {
        match &self.tree {
            Held::Shared(tree) => tree.root(),
            Held::Mended(tree) => tree.root(),
        }
    }

    /// The fault, once what there is has been used.
    pub(crate) fn complete(self) -> Result<(), Unreadable> {
        self.fault.map_or(Ok(()), Err)
    }
}

/// The tree that all detectors share, or, if that one is faulty and the fault can be mended, another.
pub(crate) fn read<'a>(artifact: &'a Artifact<'_>) -> Result<Document<'a>, Unreadable> {
    let shared = artifact.tree()?;
    let Some(fault) = shared.fault() else { return Ok(Document { tree: Held::Shared(shared), fault: None }) };
    let text = artifact.text()?;
    let without_conflict = without_conflict_marks(text);
    let whole = without_conflict.as_deref().unwrap_or(text);
    let is_json = whole.trim_start().starts_with(['{', '/']);
    let mended = if is_json { mend(whole, &JSON) } else { None };
    let was_cut = mended.as_ref().is_some_and(|mended| mended.was_cut);
    let Some(readable) = mended.map(|mended| mended.text).or_else(|| without_conflict.clone()) else {
        return Ok(Document { tree: Held::Shared(shared), fault: Some(fault.clone()) });
    };
    let tree = tree::read(artifact.file_name(), &readable)?;
    let fault = match (without_conflict, was_cut) {
        (Some(_), _) => Some(conflict()),
        (None, true) => Some(fault.clone()),
        (None, false) => tree.fault().cloned(),
    };
    Ok(Document { tree: Held::Mended(Box::new(tree)), fault })
}

/// The fault of a text with conflict marks.
pub(crate) fn conflict() -> Unreadable {
    Unreadable("an unresolved merge conflict; both sides were read".to_owned())
}

/// The text with the marks of merge conflicts made empty lines; none if it has no conflict.
pub(crate) fn without_conflict_marks(text: &str) -> Option<String> {
    if !text.lines().any(|line| line.starts_with("<<<<<<<")) {
        return None;
    }
    let is_mark = |line: &str| line.trim_end() == "=======" || ["<<<<<<<", "|||||||", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
    Some(text.lines().map(|line| if is_mark(line) { "" } else { line }).collect::<Vec<_>>().join("\n"))
}

/// Says if the text holds bytes that stand for no letter.
pub(crate) fn well_encoded(artifact: &Artifact<'_>) -> Result<(), Unreadable> {
    let bytes = artifact.bytes();
    let well = if is_utf16(bytes) { !artifact.text()?.contains(char::REPLACEMENT_CHARACTER) } else { std::str::from_utf8(bytes).is_ok() };
    if well { Ok(()) } else { Err(Unreadable("not valid UTF-8 or UTF-16; stray bytes were replaced".to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_equals_signs_alone_is_no_conflict() {
        assert_eq!(without_conflict_marks("a\n=======\nb"), None);
    }

    #[test]
    fn marks_keep_their_lines() {
        let text = "<<<<<<< HEAD\na\n||||||| base\nb\n=======\nc\n>>>>>>> x\nd";
        assert_eq!(without_conflict_marks(text).as_deref(), Some("\na\n\nb\n\nc\n\nd"));
    }

    #[test]
    fn commas_too_many_are_no_fault_and_a_cut_is() {
        let artifact = Artifact::new("bun.lock", b"{\"a\": [1,],}");
        let document = read(&artifact).expect("it is text");
        assert!(document.root().get("a").is_some());
        assert_eq!(document.complete(), Ok(()));
        for cut in ["{\"a\": [1,], \"b", "{\"a\": [1,], \"b\" 2}"] {
            let artifact = Artifact::new("bun.lock", cut.as_bytes());
            let document = read(&artifact).expect("it is text");
            assert!(document.root().get("a").is_some(), "{cut}");
            assert!(document.complete().is_err(), "{cut}");
        }
    }
}
