//! Manifests and lockfiles: one file an ecosystem, and the pieces that ecosystems share. A declared dependency becomes
//! a `package` observation; the name a manifest gives its unit becomes a `project` observation.
//!
//! Nothing is resolved, fetched or executed: what is not written in the file itself is not seen.

mod cargo;
mod cmake;
mod cmake_script;
mod cocoapods;
mod composer;
mod conan;
mod conda;
mod conda_lock;
mod conflict;
mod cran;
mod cyclonedx;
mod declared;
mod document;
mod gitmodules;
mod go;
mod gradle;
mod hex;
mod installed;
mod julia;
mod locked;
mod maven;
mod mend;
mod npm;
mod npm_lock;
mod nuget;
mod pnpm;
mod pub_dev;
mod purl;
mod pypi;
mod pyproject;
mod python_lock;
mod requirement;
mod requirements;
mod rubygems;
mod sbom;
mod sbt;
mod script;
mod setup_cfg;
mod setup_py;
mod spdx;
mod swift;
mod vcpkg;
mod yarn;

pub(crate) use gitmodules::{archive, place};
pub(crate) use sbom::is_bill;

use std::collections::BTreeSet;

use crate::{Artifact, Detector, FilePath, Gate, Info, Observation, Observations, Unreadable};

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
pub static ECOSYSTEMS: &[Manifest] = &[
    Manifest(&pypi::PYPI),
    Manifest(&npm::NPM),
    Manifest(&cargo::CARGO),
    Manifest(&conda::CONDA),
    Manifest(&go::GO),
    Manifest(&maven::MAVEN),
    Manifest(&nuget::NUGET),
    Manifest(&rubygems::RUBYGEMS),
    Manifest(&composer::COMPOSER),
    Manifest(&swift::SWIFT),
    Manifest(&cocoapods::COCOAPODS),
    Manifest(&pub_dev::PUB),
    Manifest(&hex::HEX),
    Manifest(&cran::CRAN),
    Manifest(&julia::JULIA),
    Manifest(&vcpkg::VCPKG),
    Manifest(&conan::CONAN),
    Manifest(&cmake::CMAKE),
    Manifest(&gitmodules::GITMODULES),
    Manifest(&installed::INSTALLED),
    Manifest(&sbom::SBOM),
];

impl Manifest {
    fn file(&self, path: &FilePath<'_>) -> Option<&'static ManifestFile> {
        self.0.files.iter().find(|file| (file.is)(path.name(), path.as_str()))
    }
}

impl Detector for Manifest {
    fn info(&self) -> &Info {
        &self.0.info
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        self.file(file).map(|file| file.gate)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let Some(file) = self.file(artifact.file()) else { return Ok(()) };
        if let Some(sides) = conflict::sides(artifact.text()?) {
            for side in sides {
                observe_new(file, &Artifact::new(artifact.path(), side.as_bytes()), out);
            }
            return Err(Unreadable("an unresolved merge conflict; both sides were read".to_owned()));
        }
        (file.read)(artifact, out)?;
        document::well_encoded(artifact)
    }
}

/// Adds what was not seen before: the sides of a conflict agree in most of what they say.
fn observe_new(file: &ManifestFile, side: &Artifact<'_>, out: &mut Observations) {
    let mut seen = Observations::default();
    // That it is a conflict is the one fault to report.
    drop((file.read)(side, &mut seen));
    let identity = |one: &Observation| (one.kind, one.scope, one.key.clone(), one.line, one.attributes.clone());
    let known: BTreeSet<_> = out.as_slice().iter().map(identity).collect();
    seen.into_vec()
        .into_iter()
        .filter(|one| !known.contains(&identity(one)))
        .for_each(|one| out.push(one));
}

/// What tests of the family ask of a file.
#[cfg(test)]
pub(crate) mod testing {
    use super::{Artifact, Detector, Ecosystem, Manifest, Observations, Unreadable};
    use evidence::{Kind, Observation, attribute};

    /// What an ecosystem sees in a file.
    pub(crate) fn observe(ecosystem: &'static Ecosystem, path: &str, bytes: &[u8]) -> (Vec<Observation>, Result<(), Unreadable>) {
        let mut out = Observations::default();
        let detector = Manifest(ecosystem);
        assert!(detector.wants(&crate::FilePath::of(path)).is_some(), "{path} is not wanted");
        let result = detector.observe(&Artifact::new(path, bytes), &mut out);
        (out.into_vec(), result)
    }

    /// Packages as `scope name version relation line`, of a file that must be readable.
    pub(crate) fn packages(ecosystem: &'static Ecosystem, path: &str, text: &str) -> Vec<String> {
        let (seen, result) = observe(ecosystem, path, text.as_bytes());
        assert_eq!(result, Ok(()), "{path}");
        listed(&seen)
    }

    /// Packages as `scope name version relation line`.
    pub(crate) fn listed(seen: &[Observation]) -> Vec<String> {
        seen.iter()
            .filter(|one| one.kind == Kind::Package)
            .map(|one| {
                let version = one.attribute(attribute::VERSION).unwrap_or("-");
                format!(
                    "{} {} {version} {} {}",
                    one.scope,
                    one.key,
                    one.attribute(attribute::RELATION).unwrap_or("?"),
                    one.line
                )
            })
            .collect()
    }

    /// Projects as `scope name version description line`.
    pub(crate) fn projects(seen: &[Observation]) -> Vec<String> {
        seen.iter()
            .filter(|one| one.kind == Kind::Project)
            .map(|one| {
                let fact = |name| one.attribute(name).unwrap_or("-");
                format!(
                    "{} {} {} {} {}",
                    one.scope,
                    one.key,
                    fact(attribute::VERSION),
                    fact(attribute::DESCRIPTION),
                    one.line
                )
            })
            .collect()
    }

    /// Only the names of packages.
    pub(crate) fn names(seen: &[Observation]) -> Vec<&str> {
        seen.iter()
            .filter(|one| one.kind == Kind::Package)
            .map(|one| one.key.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests;
