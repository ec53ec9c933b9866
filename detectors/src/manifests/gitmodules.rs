//! Git submodules: `.gitmodules`. A submodule is known by the address of its repository; which commit of it is used stands in
//! no file.

use evidence::{Info, Kind, Relation};

use super::declared::{is_for_development, package};
use super::swift::repository;
use super::{Ecosystem, ManifestFile};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static GITMODULES: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/gitmodules",
        title: "Git submodules",
        reads: &[".gitmodules"],
        emits: &[(Kind::Package, "git")],
        needs: &[],
        docs: "https://git-scm.com/docs/gitmodules",
    },
    files: &[ManifestFile {
        is: |name, _| name == ".gitmodules",
        gate: Gate::Always,
        read: submodules,
    }],
};

/// A submodule, as far as it has been read.
#[derive(Default)]
struct Submodule<'t> {
    path: &'t str,
    branch: &'t str,
    address: Option<(&'t str, u32)>,
}

fn submodules(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let mut one = Submodule::default();
    for (number, line) in (1..).zip(artifact.text()?.lines()) {
        let line = line.trim();
        if line.starts_with('[') {
            std::mem::take(&mut one).tell(out);
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with(['#', ';'])) {
            let value = value.split([';', '#']).next().unwrap_or_default().trim().trim_matches('"');
            match key.trim().to_ascii_lowercase().as_str() {
                "path" => one.path = value,
                "branch" => one.branch = value,
                "url" => one.address = Some((value, number)),
                _ => {}
            }
        }
    }
    one.tell(out);
    Ok(())
}

impl Submodule<'_> {
    fn tell(self, out: &mut Observations) {
        let Some((name, line)) = self.address.and_then(|(address, line)| Some((place(address)?, line))) else {
            return;
        };
        let relation = if is_for_development(self.path) {
            Relation::Dev
        } else {
            Relation::Direct
        };
        out.push(package("git", name, self.branch, relation, line));
    }
}

/// `host/owner/name` of a repository's address, or of that of an archive of it; of other addresses host and path.
pub(crate) fn place(address: &str) -> Option<String> {
    archive(address).or_else(|| repository(address))
}

/// `host/owner/name` of the repository that an address has an archive of. A release has other files too, data and models say:
/// those of the repository itself begin with the first word of its name.
pub(crate) fn archive(address: &str) -> Option<String> {
    let whole = repository(address)?;
    let end = ["/releases/", "/archive/", "/-/archive/", "/tarball/", "/zipball/"]
        .iter()
        .filter_map(|part| whole.find(part))
        .min()?;
    let (name, behind) = whole.split_at(end);
    let is_release = behind.starts_with("/releases/");
    (!is_release || is_of(name, behind)).then(|| name.trim_end_matches(".git").to_owned())
}

/// Whether a file of a release has the first word of its repository's name, or a name that is not known.
fn is_of(repository: &str, path: &str) -> bool {
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let (name, file) = (last(repository), last(path));
    let word = name.split(['.', '-', '_']).next().unwrap_or_default();
    let is_data = [".wav", ".onnx", ".gguf", ".bin", ".txt", ".json", ".mp3", ".mp4", ".png", ".jpg"]
        .iter()
        .any(|ending| file.ends_with(ending));
    file.starts_with('$') || file.starts_with(word) && !is_data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::packages;

    #[test]
    fn submodules_are_read() {
        let text = "[submodule \"one\"]\n\tpath = third_party/one\n\turl = https://u:p@github.com/org/one.git\n\tbranch = main\n# url = https://github.com/org/no\n\
                    [submodule \"two\"]\n\turl = git@github.com:org/two.git\n\tpath = tests/two\n[submodule \"own\"]\n\tpath = own\n\turl = ../own.git\n[submodule \"cut\"]\n\tpath = cut\n";
        assert_eq!(
            packages(&GITMODULES, ".gitmodules", text),
            ["git github.com/org/one main direct 3", "git github.com/org/two - dev 7"]
        );
    }

    #[test]
    fn archives_belong_to_their_repository() {
        for (address, name) in [
            ("https://github.com/org/one/archive/refs/tags/v1.tar.gz", Some("github.com/org/one")),
            (
                "https://github.com/org/one/releases/download/v1/one.zip",
                Some("github.com/org/one"),
            ),
            (
                "https://gitlab.com/org/sub/one/-/archive/v1/one.zip",
                Some("gitlab.com/org/sub/one"),
            ),
            (
                "https://host.example/files/one.zip?token=s3cret",
                Some("host.example/files/one.zip"),
            ),
            ("one.zip", None),
        ] {
            assert_eq!(place(address).as_deref(), name, "{address}");
        }
        for other in [
            "https://github.com/org/one.git",
            "https://github.com/org/one/releases/download/models/speaker.tar.bz2",
            "https://github.com/org/one/releases/download/models/one-base.onnx",
        ] {
            assert_eq!(archive(other), None, "{other}");
        }
    }
}
