//! Files whose mere name tells something. Which names those are is the catalog's business: whoever walks asks only for them.

use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

static INFO: Info = Info {
    id: "files/named",
    title: "Files known by name",
    reads: &["whatever the catalog names"],
    emits: &[(Kind::File, "path")],
    needs: &[],
    docs: "https://docs.rs/globset/latest/globset/#syntax",
};

/// Sees files by their names alone.
pub(super) struct Named;

impl Detector for Named {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, _file: &FilePath<'_>) -> Option<Gate> {
        Some(Gate::Unopened)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        out.push(Observation::new(Kind::File, "path", artifact.path(), 0));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_seen_by_its_path_even_if_it_cannot_be_read() {
        let mut out = Observations::default();
        assert_eq!(Named.observe(&Artifact::new("a/CLAUDE.md", b"\0\0"), &mut out), Ok(()));
        assert_eq!(out.as_slice(), [Observation::new(Kind::File, "path", "a/CLAUDE.md", 0)]);
        assert_eq!(Named.wants(&FilePath::of("anything")), Some(Gate::Unopened));
    }
}
