//! What a person names on the command line, as roots: folders, files, archives, images, and addresses of Git repositories.

use std::path::Path;

use anyhow::{Context, Result, bail};
use evidence::Gap;
use inventory::Source;
use tempfile::TempDir;

use crate::clone::{self, Clone, Login};
use crate::scan::{Root, Scanner};
use crate::unpack;

/// A root that may not be here yet.
#[derive(Debug)]
pub(crate) struct Named {
    argument: String,
    /// How inventories name it.
    pub(crate) source: Source,
    /// What its host is shown when it is cloned.
    pub(crate) login: Option<Login>,
}

/// A root, and the temporary folder it lives in if it was cloned or unpacked.
pub(crate) struct Target {
    pub(crate) root: Root,
    /// What of it was not unpacked.
    pub(crate) gaps: Vec<Gap>,
    _clone: Option<Clone>,
    _unpacked: Option<TempDir>,
}

impl Target {
    /// Whether it lies in a folder that is made for this scan.
    pub(crate) fn is_unpacked(&self) -> bool {
        self._unpacked.is_some()
    }
}

/// Whether an argument is the address of a Git repository rather than a path.
fn is_address(argument: &str) -> bool {
    ["https://", "http://", "ssh://", "git://", "file://"]
        .iter()
        .any(|scheme| argument.starts_with(scheme))
        || (argument.starts_with("git@") && argument.contains(':'))
}

/// What an argument names; nothing is cloned yet.
pub(crate) fn named(argument: &str) -> Result<Named> {
    let named = |source| Named {
        argument: argument.to_owned(),
        source,
        login: None,
    };
    if is_address(argument) {
        let shown = without_credentials(argument);
        return Ok(named(Source {
            kind: "git".to_owned(),
            identity: shown.clone(),
            location: shown,
        }));
    }
    let path = Path::new(argument);
    let metadata = std::fs::metadata(path).with_context(|| format!("cannot scan {argument}"))?;
    if !metadata.is_dir() && !metadata.is_file() {
        bail!("cannot scan {argument}: it is neither a folder nor a regular file");
    }
    let canonical = path.canonicalize().with_context(|| format!("cannot scan {argument}"))?;
    // Listing a folder is the one permission a scan cannot do without.
    if metadata.is_dir() {
        std::fs::read_dir(path).with_context(|| format!("cannot scan {argument}"))?;
    }
    let location = canonical.display().to_string();
    let identity = remote(&canonical).unwrap_or_else(|| location.clone());
    let kind = match metadata.is_dir() {
        true if path.join("oci-layout").is_file() => "image",
        true => "directory",
        false if unpack::is_archive(argument) => "archive",
        false => "file",
    };
    Ok(named(Source {
        kind: kind.to_owned(),
        location,
        identity,
    }))
}

impl Named {
    /// The roots: a repository is cloned first, an archive unpacked; one of images is a root an image.
    pub(crate) fn bring(&self, scanner: &Scanner) -> Result<Vec<Target>> {
        let path = Path::new(&self.argument);
        match self.source.kind.as_str() {
            "archive" => return self.unpacked(path, scanner),
            "image" => return self.images(path, scanner),
            _ => {}
        }
        let clone = is_address(&self.argument)
            .then(|| clone::clone(&self.argument, &self.source.location, self.login.as_ref()))
            .transpose()?;
        let path = clone.as_ref().map_or_else(|| self.argument.clone().into(), Clone::path);
        Ok(vec![Target {
            root: Root {
                path,
                source: self.source.clone(),
            },
            gaps: Vec::new(),
            _clone: clone,
            _unpacked: None,
        }])
    }

    fn unpacked(&self, path: &Path, scanner: &Scanner) -> Result<Vec<Target>> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let unpacked = unpack::unpack(path, &name, &scanner.archives)?;
        if unpack::image::is_layout(unpacked.folder.path()) {
            let mut images = self.images(unpacked.folder.path(), scanner)?;
            if let Some(first) = images.first_mut() {
                first.gaps.extend(unpacked.gaps);
            }
            return Ok(images);
        }
        Ok(vec![Target {
            root: Root {
                path: unpacked.folder.path().to_owned(),
                source: self.source.clone(),
            },
            gaps: unpacked.gaps,
            _clone: None,
            _unpacked: Some(unpacked.folder),
        }])
    }

    /// The images of a layout; one with a name is the same image from scan to scan, whatever its tag.
    fn images(&self, folder: &Path, scanner: &Scanner) -> Result<Vec<Target>> {
        let wants = |path: &str| scanner.wants_of_image(path);
        let images = unpack::image::images(folder, &self.argument, &scanner.archives, &wants)
            .with_context(|| format!("cannot scan {}", self.argument))?;
        let source = |reference: Option<String>| Source {
            kind: "image".to_owned(),
            identity: reference.as_deref().map_or(self.source.identity.as_str(), repository).to_owned(),
            location: reference.unwrap_or_else(|| self.source.location.clone()),
        };
        let target = |image: unpack::image::Image| Target {
            root: Root {
                path: image.folder.path().to_owned(),
                source: source(image.reference),
            },
            gaps: image.gaps,
            _clone: None,
            _unpacked: Some(image.folder),
        };
        Ok(images.into_iter().map(target).collect())
    }
}

/// The name of an image without its tag and digest.
fn repository(reference: &str) -> &str {
    let name = reference.split('@').next().unwrap_or(reference);
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') && !name.is_empty() => name,
        _ => name,
    }
}

/// The address of a working copy's `origin`, read from its configuration without running anything.
fn remote(folder: &Path) -> Option<String> {
    let config = std::fs::read_to_string(folder.join(".git/config")).ok()?;
    let section = config.split("[remote \"origin\"]").nth(1)?;
    let section = section.split("\n[").next()?;
    let address = section
        .lines()
        .find_map(|line| line.trim().strip_prefix("url")?.trim_start().strip_prefix('='))?;
    Some(without_credentials(address.trim()))
}

/// An address as a person may see it: no user, no password, no `.git`.
fn without_credentials(address: &str) -> String {
    let bare = match address.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}/{path}")
        }
        None => address.to_owned(),
    };
    bare.trim_end_matches('/').trim_end_matches(".git").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_credentials() {
        assert_eq!(
            without_credentials("https://user:pw@example.org/a/b.git"),
            "https://example.org/a/b"
        );
        assert_eq!(without_credentials("git@example.org:a/b.git"), "git@example.org:a/b");
    }

    #[test]
    fn images_are_one_whatever_their_tag() {
        for (reference, name) in [
            ("acme/app:1.2", "acme/app"),
            ("registry.example:5000/acme/app", "registry.example:5000/acme/app"),
            ("registry.example:5000/acme/app:2@sha256:00", "registry.example:5000/acme/app"),
            ("latest", "latest"),
        ] {
            assert_eq!(repository(reference), name);
        }
    }

    #[test]
    fn paths_are_told_from_addresses() {
        assert!(is_address("https://example.org/a") && is_address("git@example.org:a/b"));
        assert!(!is_address("./https") && !is_address("C:\\x"));
    }
}
