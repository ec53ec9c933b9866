//! What a person names on the command line, as roots: folders, files, archives, images, and addresses of Git repositories.

use std::path::Path;

use anyhow::{Context, Result, bail};
use evidence::Gap;
use inventory::Source;
use tempfile::TempDir;

use crate::clone::{self, Clone, Login};
use crate::history;
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
            identity: identity_of(argument),
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
    let identity = history::remote(&canonical)
        .map(|address| identity_of(&address))
        .unwrap_or_else(|| location.clone());
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

/// What a repository is called whichever way it is reached: `ssh`, `git` and `scp`-like addresses as the page of the same
/// host and path. The port of a web address is part of the name; that of any other protocol says nothing of the page.
fn identity_of(address: &str) -> String {
    let bare = without_credentials(address.trim());
    let (is_web, rest) = match bare.split_once("://") {
        Some(("https" | "http", rest)) => (true, rest.to_owned()),
        Some(("ssh" | "git" | "git+ssh" | "ssh+git" | "git+https", rest)) => (false, rest.to_owned()),
        Some(_) => return bare,
        // `host:path`, unless it is a path: one letter before the colon is a drive.
        None => match bare.split_once(':') {
            Some((host, path)) if host.len() > 1 && !host.contains(['/', '\\']) => {
                (false, format!("{host}/{}", path.trim_start_matches('/')))
            }
            _ => return bare,
        },
    };
    let (authority, path) = rest.split_once('/').unwrap_or((&rest, ""));
    let host = authority.to_ascii_lowercase();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && (!is_web || matches!(port, "443" | "80" | "")) => name,
        _ => &host,
    };
    format!("https://{host}/{}", path.trim_matches('/'))
}

/// An address as a person may see it: no user, no password, no `.git`.
fn without_credentials(address: &str) -> String {
    let bare = match address.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            // A query or fragment may carry a token, and is no part of a repository's address.
            let path = path.split(['?', '#']).next().unwrap_or_default();
            format!("{}://{host}/{path}", scheme.to_ascii_lowercase())
        }
        None => {
            let (host, path) = address.split_once(':').unwrap_or(("", address));
            match host.rsplit_once('@') {
                Some((_, host)) if !host.contains('/') => format!("{host}:{path}"),
                _ => address.to_owned(),
            }
        }
    };
    let bare = bare.trim_end_matches('/');
    bare.strip_suffix(".git").unwrap_or(bare).trim_end_matches('/').to_owned()
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
        assert_eq!(without_credentials("git@example.org:a/b.git"), "example.org:a/b");
        assert_eq!(
            without_credentials("https://example.org/a/b.git?private_token=x#y"),
            "https://example.org/a/b"
        );
    }

    #[test]
    fn one_repository_has_one_identity() {
        for address in [
            "https://example.org/Team/app",
            "https://example.org/Team/app.git/",
            "https://token:secret@Example.org:443/Team/app.git",
            "http://example.org/Team/app",
            "git@example.org:Team/app.git",
            "example.org:/Team/app",
            "ssh://git@example.org:7999/Team/app.git",
            "git://example.org/Team/app",
        ] {
            assert_eq!(identity_of(address), "https://example.org/Team/app", "{address}");
        }
        assert_eq!(identity_of("https://example.org:8443/a"), "https://example.org:8443/a");
        for path in ["/srv/git/app", "../app", "file:///srv/app", r"C:\src\app", "C:/src/app"] {
            assert_eq!(identity_of(path), path);
        }
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
