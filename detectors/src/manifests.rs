//! Manifests and lockfiles: one file an ecosystem. A declared dependency becomes a `package` observation; the name a
//! manifest gives its unit becomes a `project` observation.

mod cargo;
mod conda;
mod npm;
mod pypi;

use crate::{Artifact, Detector, Gate, Info, Observations, Unreadable};

/// Reads one kind of file of an ecosystem.
pub(crate) type Reader = fn(&Artifact<'_>, &mut Observations) -> Result<(), Unreadable>;

/// A kind of file an ecosystem has.
pub(crate) struct ManifestFile {
    /// Whether a file with this name (last part of the path) is meant; the whole path is given second.
    pub(crate) is: fn(name: &str, path: &str) -> bool,
    /// When it is read.
    pub(crate) gate: Gate,
    /// Reads it.
    pub(crate) read: Reader,
}

/// A package ecosystem: its manifests and lockfiles.
pub struct Ecosystem {
    pub(crate) info: Info,
    pub(crate) files: &'static [ManifestFile],
}

/// A reader of one ecosystem's manifests and lockfiles.
pub struct Manifest(pub &'static Ecosystem);

/// Every ecosystem, in the order tables show them.
pub static ECOSYSTEMS: &[Manifest] = &[Manifest(&pypi::PYPI), Manifest(&npm::NPM), Manifest(&cargo::CARGO), Manifest(&conda::CONDA)];

impl Manifest {
    fn file(&self, path: &str) -> Option<&'static ManifestFile> {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.0.files.iter().find(|file| (file.is)(name, path))
    }
}

impl Detector for Manifest {
    fn info(&self) -> &Info {
        &self.0.info
    }

    fn wants(&self, path: &str) -> Option<Gate> {
        self.file(path).map(|file| file.gate)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        self.file(artifact.path()).map_or(Ok(()), |file| (file.read)(artifact, out))
    }
}
