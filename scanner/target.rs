//! What a person names on the command line, as roots: folders, files, and addresses of Git repositories.

use std::path::Path;

use anyhow::{Context, Result, bail};
use inventory::Source;

use crate::clone::{self, Clone, Login};
use crate::scan::Root;

/// A root that may not be here yet.
#[derive(Debug)]
pub(crate) struct Named {
    argument: String,
    /// How inventories name it.
    pub(crate) source: Source,
    /// What its host is shown when it is cloned.
    pub(crate) login: Option<Login>,
}

/// A root, and the temporary folder it lives in if it was cloned.
pub(crate) struct Target {
    pub(crate) root: Root,
    _clone: Option<Clone>,
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
    let kind = if metadata.is_dir() { "directory" } else { "file" };
    Ok(named(Source {
        kind: kind.to_owned(),
        location,
        identity,
    }))
}

impl Named {
    /// The root; a repository is cloned first.
    pub(crate) fn bring(&self) -> Result<Target> {
        let clone = is_address(&self.argument)
            .then(|| clone::clone(&self.argument, &self.source.location, self.login.as_ref()))
            .transpose()?;
        let path = clone.as_ref().map_or_else(|| self.argument.clone().into(), Clone::path);
        Ok(Target {
            root: Root {
                path,
                source: self.source.clone(),
            },
            _clone: clone,
        })
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
    fn paths_are_told_from_addresses() {
        assert!(is_address("https://example.org/a") && is_address("git@example.org:a/b"));
        assert!(!is_address("./https") && !is_address("C:\\x"));
    }
}
