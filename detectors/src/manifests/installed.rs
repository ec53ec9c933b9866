//! What is installed, as the place of installation tells it: metadata of Python packages, and the lists of Debian and Alpine.
//!
//! In a wheel or a source distribution the same metadata says who the unit is and what it needs.

use evidence::{Info, Kind, Relation};

use super::declared::{package, project};
use super::{Ecosystem, ManifestFile, requirement};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static INSTALLED: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/installed",
        title: "Installed packages",
        reads: &[
            "*.dist-info/METADATA",
            "*.egg-info/PKG-INFO",
            "PKG-INFO",
            "var/lib/dpkg/status",
            "var/lib/dpkg/status.d/*",
            "lib/apk/db/installed",
            "specifications/*.gemspec",
        ],
        emits: &[(Kind::Package, "pypi"), (Kind::Package, "rubygems"), (Kind::Project, "pypi")],
        needs: &[],
        docs: "https://packaging.python.org/en/latest/specifications/core-metadata/",
    },
    files: &[
        ManifestFile {
            is: |name, path| name == "METADATA" && path.ends_with(".dist-info/METADATA") || name == "PKG-INFO",
            gate: Gate::Always,
            read: python,
        },
        ManifestFile {
            is: |name, path| within_root(path, "var/lib/dpkg/status") || is_of_debian_package(name, path),
            gate: Gate::Anchored,
            read: debian,
        },
        ManifestFile {
            is: |_, path| within_root(path, "lib/apk/db/installed"),
            gate: Gate::Anchored,
            read: alpine,
        },
        ManifestFile {
            is: |_, path| is_gem(path),
            gate: Gate::Always,
            read: gem,
        },
    ],
};

/// Whether a path is one of a file system's, wherever its root lies.
fn within_root(path: &str, wanted: &str) -> bool {
    path.strip_suffix(wanted).is_some_and(|root| root.is_empty() || root.ends_with('/'))
}

/// Whether a file says of one package that it is installed, as images without a package manager have it.
fn is_of_debian_package(name: &str, path: &str) -> bool {
    let folder = path.strip_suffix(name).and_then(|path| path.strip_suffix('/'));
    folder.is_some_and(|folder| within_root(folder, "var/lib/dpkg/status.d"))
}

/// Whether the metadata lies where packages are installed, as opposed to a package that lies here unpacked.
fn is_installed(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "site-packages" | "dist-packages"))
}

fn python(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let (mut name, mut version, mut summary) = ((String::new(), 0), String::new(), String::new());
    let mut needs = Vec::new();
    // The head ends at the first blank line; what follows is a description for people.
    for (line, text) in (1_u32..)
        .zip(artifact.text()?.lines())
        .take_while(|(_, text)| !text.trim().is_empty())
    {
        let Some((key, value)) = text.split_once(':') else { continue };
        match key {
            "Name" => name = (value.trim().to_owned(), line),
            "Version" => version = value.trim().to_owned(),
            "Summary" => summary = value.trim().to_owned(),
            "Requires-Dist" => needs.push((value.trim().to_owned(), line)),
            _ => {}
        }
    }
    if name.0.is_empty() {
        return Err(Unreadable("it names no package".to_owned()));
    }
    if is_installed(artifact.path()) {
        out.push(package(
            "pypi",
            requirement::normalise(&name.0),
            &version,
            Relation::Transitive,
            name.1,
        ));
        return Ok(());
    }
    project("pypi", &name.0, &version, &summary, name.1)
        .into_iter()
        .for_each(|unit| out.push(unit));
    for (need, line) in needs {
        let (what, marker) = need.split_once(';').unwrap_or((&need, ""));
        let relation = if marker.contains("extra") {
            Relation::Optional
        } else {
            Relation::Direct
        };
        if let Some(required) = requirement::parse(what) {
            out.push(package("pypi", required.name, &required.version, relation, line));
        }
    }
    Ok(())
}

fn debian(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    list(artifact.text()?, "Package:", "Version:", "python3-", out);
    Ok(())
}

fn alpine(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    list(artifact.text()?, "P:", "V:", "py3-", out);
    Ok(())
}

/// Whether a path is that of the description of an installed gem, `specifications/name-version.gemspec`.
pub(crate) fn is_gem(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    name.ends_with(".gemspec") && (folder == "specifications" || folder == "default" && parts.next() == Some("specifications"))
}

/// Name and version stand in the name of the file, whose content is a program.
fn gem(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let stem = artifact.file_name().trim_end_matches(".gemspec");
    let at = stem
        .match_indices('-')
        .rfind(|(at, _)| stem[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    if let Some((at, _)) = at {
        out.push(package("rubygems", &stem[..at], &stem[at + 1..], Relation::Transitive, 0));
    }
    Ok(())
}

/// Python packages of a system's own list: both systems call those `<prefix><name>`, with the revision of the system in the version.
fn list(text: &str, name_key: &str, version_key: &str, prefix: &str, out: &mut Observations) {
    let mut now: Option<(String, u32)> = None;
    let mut is_gone = false;
    for (line, text) in (1_u32..).zip(text.lines()) {
        if text.is_empty() {
            (now, is_gone) = (None, false);
        } else if text.starts_with("Status:") {
            // What was removed may leave its settings, and stays in the list.
            is_gone = !text.ends_with(" installed");
        } else if let Some(name) = text.strip_prefix(name_key) {
            now = name.trim().strip_prefix(prefix).map(|name| (requirement::normalise(name), line));
        } else if let Some(version) = text.strip_prefix(version_key)
            && let Some((name, line)) = now.take()
            && !is_gone
        {
            let version = version.trim();
            let version = version.split_once(':').map_or(version, |(_, version)| version);
            let version = version.rsplit_once('-').map_or(version, |(version, _)| version);
            out.push(package("pypi", name, version, Relation::Transitive, line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{observe, packages};

    const METADATA: &str = "Metadata-Version: 2.1\nName: My_Tool\nVersion: 1.2\nSummary: Does things\nRequires-Dist: openai>=1.0\nRequires-Dist: pytest; extra == 'test'\n\nName: not-this\n";

    #[test]
    fn a_place_of_installation_says_what_is_there() {
        assert_eq!(
            packages(&INSTALLED, "usr/lib/python3/site-packages/my_tool-1.2.dist-info/METADATA", METADATA),
            ["pypi my-tool 1.2 transitive 2"]
        );
        let status = "Package: bash\nVersion: 5\n\nPackage: python3-openai\nStatus: install ok installed\nVersion: 1:1.3.2-1\n\n\
                      Package: python3-gone\nStatus: deinstall ok config-files\nVersion: 1-1\n";
        assert_eq!(
            packages(&INSTALLED, "var/lib/dpkg/status", status),
            ["pypi openai 1.3.2 transitive 4"]
        );
        let installed = "C:Q1\nP:musl\nV:1.2-r0\n\nP:py3-numpy\nV:1.26.4-r0\n";
        assert_eq!(
            packages(&INSTALLED, "lib/apk/db/installed", installed),
            ["pypi numpy 1.26.4 transitive 5"]
        );
    }

    #[test]
    fn gems_are_told_by_the_names_of_their_descriptions() {
        for (path, wanted) in [
            (
                "usr/lib/ruby/gems/3.2.0/specifications/ruby-openai-7.3.1.gemspec",
                "rubygems ruby-openai 7.3.1 transitive 0",
            ),
            (
                "g/specifications/nokogiri-1.16.0-x86_64-linux.gemspec",
                "rubygems nokogiri 1.16.0-x86_64-linux transitive 0",
            ),
        ] {
            assert_eq!(packages(&INSTALLED, path, "Gem::Specification.new"), [wanted]);
        }
        assert!(!is_gem("acme.gemspec") && !is_gem("lib/acme.gemspec"));
    }

    #[test]
    fn an_unpacked_package_says_who_it_is_and_what_it_needs() {
        assert_eq!(
            packages(&INSTALLED, "my_tool-1.2.dist-info/METADATA", METADATA),
            ["pypi openai >=1.0 direct 5", "pypi pytest - optional 6"]
        );
        let (seen, _) = observe(&INSTALLED, "my_tool-1.2.dist-info/METADATA", METADATA.as_bytes());
        assert!(seen.iter().any(|one| one.kind == Kind::Project && one.key == "My_Tool"));
    }

    #[test]
    fn other_files_of_the_name_are_not_read() {
        for path in ["METADATA", "docs/METADATA", "status", "installed", "lib/dpkg/status"] {
            assert!(
                !INSTALLED
                    .files
                    .iter()
                    .any(|file| (file.is)(path.rsplit('/').next().unwrap_or(path), path)),
                "{path}"
            );
        }
        assert!(observe(&INSTALLED, "x.dist-info/METADATA", b"nothing").1.is_err());
    }
}
