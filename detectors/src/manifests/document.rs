//! A manifest's tree, mended where a cut-off end would hide what can still be read.
//!
//! Mending never hides that something is missing: it is still reported as incomplete.

use super::mend::mend;
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

/// The tree that all detectors share, or, if that one is faulty and can be mended, another.
pub(crate) fn read<'a>(artifact: &'a Artifact<'_>) -> Result<Document<'a>, Unreadable> {
    let shared = artifact.tree()?;
    let Some(fault) = shared.fault() else {
        return Ok(Document {
            tree: Held::Shared(shared),
            fault: None,
        });
    };
    let text = artifact.text()?;
    let is_json = text.trim_start().starts_with(['{', '/']);
    let mended = if is_json { mend(text) } else { None };
    let Some(mended) = mended else {
        return Ok(Document {
            tree: Held::Shared(shared),
            fault: Some(fault.clone()),
        });
    };
    let tree = tree::read(artifact.file_name(), &mended.text)?;
    let fault = if mended.was_cut {
        Some(fault.clone())
    } else {
        tree.fault().cloned()
    };
    Ok(Document {
        tree: Held::Mended(Box::new(tree)),
        fault,
    })
}

/// Says if the text holds bytes that stand for no letter.
pub(crate) fn well_encoded(artifact: &Artifact<'_>) -> Result<(), Unreadable> {
    let bytes = artifact.bytes();
    let well = if is_utf16(bytes) {
        !artifact.text()?.contains(char::REPLACEMENT_CHARACTER)
    } else {
        std::str::from_utf8(bytes).is_ok()
    };
    if well {
        Ok(())
    } else {
        Err(Unreadable("not valid UTF-8 or UTF-16; stray bytes were replaced".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
