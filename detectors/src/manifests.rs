//! Manifests and lockfiles: one file an ecosystem, and the pieces that ecosystems share. A declared dependency becomes
//! a `package` observation; the name a manifest gives its unit becomes a `project` observation.
//!
//! Nothing is resolved, fetched or executed: what is not written in the file itself is not seen.

mod cargo;
mod conda;
mod conflict;
mod declared;
mod document;
mod locked;
mod mend;
mod npm;
mod npm_lock;
mod pnpm;
mod pypi;
mod pyproject;
mod python_lock;
mod requirement;
mod requirements;
mod setup_cfg;
mod setup_py;
mod yarn;

use std::collections::BTreeSet;

use crate::{Artifact, Detector, Gate, Info, Observation, Observations, Unreadable};

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
];

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
        let Some(file) = self.file(artifact.path()) else { return Ok(()) };
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
        assert!(detector.wants(path).is_some(), "{path} is not wanted");
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
mod tests {
    use super::testing::{names, observe};
    use super::*;

    /// One small file of every kind, each naming `openai` and, except for lists of requirements, something after it.
    const FILES: &[(&Ecosystem, &str, &str)] = &[
        (&pypi::PYPI, "requirements.txt", "openai==1.0\n# 'é'\nlast\n"),
        (
            &pypi::PYPI,
            "pyproject.toml",
            "[project]\nname = 'é'\ndependencies = [\n'openai',\n'last',\n]\n",
        ),
        (
            &pypi::PYPI,
            "setup.cfg",
            "[metadata]\nname = é\n[options]\ninstall_requires =\n  openai\n  last\n",
        ),
        (
            &pypi::PYPI,
            "setup.py",
            "setup(\n  name='é',\n  install_requires=[\n    'openai',\n    'last',\n  ],\n)\n",
        ),
        (&pypi::PYPI, "Pipfile", "[packages]\nopenai = '*'\n\"é\" = '*'\nlast = '*'\n"),
        (
            &pypi::PYPI,
            "Pipfile.lock",
            "{\"default\": {\n\"openai\": {\"version\": \"==1\"},\n\"é\": {},\n\"last\": {}\n}}\n",
        ),
        (
            &pypi::PYPI,
            "poetry.lock",
            "[[package]]\nname = 'openai'\nversion = '1'\n\n[[package]]\nname = 'last'\ndescription = 'é'\n",
        ),
        (
            &pypi::PYPI,
            "c/manifest.json",
            "{\"domain\": \"é\",\n\"requirements\": [\n\"openai==1\",\n\"last\"\n]}\n",
        ),
        (
            &npm::NPM,
            "package.json",
            "{\"name\": \"é\",\n\"dependencies\": {\n\"openai\": \"^1\",\n\"last\": \"1\"\n}}\n",
        ),
        (
            &npm::NPM,
            "package-lock.json",
            "{\"packages\": {\n\"node_modules/openai\": {\"version\": \"1\"},\n\"é\": {},\n\"node_modules/last\": {\"version\": \"1\"}\n}}\n",
        ),
        (
            &npm::NPM,
            "yarn.lock",
            "openai@^1:\n  version \"1\"\n\n# é\nlast@1:\n  version \"1\"\n",
        ),
        (&npm::NPM, "pnpm-lock.yaml", "packages:\n  openai@1.0.0: {}\n  last@1.0.0: {a: é}\n"),
        (
            &npm::NPM,
            "bun.lock",
            "{\"packages\": {\n\"openai\": [\"openai@1\"],\n\"é\": [],\n\"last\": [\"last@1\"]\n}}\n",
        ),
        (
            &cargo::CARGO,
            "Cargo.toml",
            "[package]\nname = 'é'\n[dependencies]\nopenai = '1'\nlast = '1'\n",
        ),
        (
            &cargo::CARGO,
            "Cargo.lock",
            "[[package]]\nname = 'openai'\nsource = 'é'\nversion = '1'\n\n[[package]]\nname = 'last'\nsource = 'r'\n",
        ),
        (&conda::CONDA, "environment.yml", "name: é\ndependencies:\n  - openai=1\n  - last\n"),
        (
            &conda::CONDA,
            "pixi.toml",
            "[workspace]\nname = 'é'\n[dependencies]\nopenai = '*'\nlast = '*'\n",
        ),
    ];

    #[test]
    fn every_kind_of_file_is_read_whole() {
        for (ecosystem, path, text) in FILES {
            for text in [text.to_string(), text.replace('\n', "\r\n"), format!("\u{FEFF}{text}")] {
                let (seen, result) = observe(ecosystem, path, text.as_bytes());
                assert_eq!(result, Ok(()), "{path}");
                assert!(
                    names(&seen).contains(&"openai") && names(&seen).contains(&"last"),
                    "{path}: {seen:?}"
                );
            }
        }
    }

    #[test]
    fn a_wrong_encoding_is_read_and_said() {
        for (ecosystem, path, text) in FILES {
            let latin: Vec<u8> = text
                .chars()
                .map(|letter| u8::try_from(u32::from(letter)).expect("test texts are Latin-1"))
                .collect();
            let (seen, result) = observe(ecosystem, path, &latin);
            assert!(result.is_err(), "{path}");
            assert!(
                names(&seen).contains(&"openai") && names(&seen).contains(&"last"),
                "{path}: {seen:?}"
            );
            let utf16: Vec<u8> = [0xFF, 0xFE]
                .into_iter()
                .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
                .collect();
            let (seen, result) = observe(ecosystem, path, &utf16);
            assert_eq!(result, Ok(()), "{path}");
            assert!(names(&seen).contains(&"openai"), "{path}: {seen:?}");
        }
    }

    #[test]
    fn both_sides_of_a_merge_conflict_are_read_and_said() {
        for (ecosystem, path, text) in FILES {
            let (before, after) = text.split_at(text.find("last").expect("every text names it"));
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            let (before, line) = (
                &text[..start],
                format!("{}{}", &before[start..], after.split_inclusive('\n').next().unwrap_or_default()),
            );
            let rest = &text[start + line.len()..];
            let ours = line.replace("last", "ours");
            let conflict = format!("{before}<<<<<<< HEAD\n{ours}=======\n{line}>>>>>>> other\n{rest}");
            let (seen, result) = observe(ecosystem, path, conflict.as_bytes());
            assert!(result.is_err(), "{path}");
            for name in ["openai", "ours", "last"] {
                assert!(names(&seen).contains(&name), "{path}: {name} is missing in {seen:?}\n{conflict}");
            }
        }
    }

    #[test]
    fn no_cut_makes_a_reader_panic_or_lose_what_stands_before() {
        for (ecosystem, path, text) in FILES {
            let whole = text.find("last").expect("every text names it");
            for (cut, _) in text.char_indices() {
                let (seen, _) = observe(ecosystem, path, &text.as_bytes()[..cut]);
                assert!(cut < whole || names(&seen).contains(&"openai"), "{path} cut at {cut}: {seen:?}");
            }
        }
    }

    #[test]
    fn binary_is_refused() {
        for (ecosystem, path, _) in FILES {
            let (seen, result) = observe(ecosystem, path, b"openai\0==1.0\n");
            assert!(seen.is_empty() && result.is_err(), "{path}");
        }
    }

    #[test]
    fn what_is_wanted_stands_in_the_globs_and_what_is_emitted_in_the_list() {
        for (ecosystem, path, text) in FILES {
            let wanted = ecosystem.info.reads.iter().any(|glob| {
                globset::Glob::new(&format!("{{,**/}}{glob}"))
                    .expect("globs are written by us")
                    .compile_matcher()
                    .is_match(path)
            });
            assert!(wanted, "{path} is in no glob of {}", ecosystem.info.id);
            for one in observe(ecosystem, path, text.as_bytes()).0 {
                assert!(
                    ecosystem.info.emits.contains(&(one.kind, one.scope)),
                    "{}: {one:?}",
                    ecosystem.info.id
                );
            }
        }
    }

    #[test]
    fn other_files_are_not_wanted() {
        for path in [
            "README.md",
            "package.json.bak",
            "Cargo.toml.orig",
            "MANIFEST.in",
            "config.h.in",
            "src/lock.rs",
            "composer.lock",
            "notes.txt",
        ] {
            assert!(ECOSYSTEMS.iter().all(|member| member.wants(path).is_none()), "{path}");
        }
    }

    #[test]
    fn every_file_of_the_family_is_part_of_it() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/manifests");
        for entry in std::fs::read_dir(folder).expect("the folder is part of the source") {
            let name = entry.expect("readable").file_name().into_string().expect("UTF-8");
            let module = name.strip_suffix(".rs").expect("only source files");
            assert!(
                include_str!("manifests.rs").contains(&format!("mod {module};")),
                "{name} is not registered"
            );
        }
    }
}
