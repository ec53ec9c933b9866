//! What a person names on the command line, as roots: folders, files, and addresses of Git repositories.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use inventory::Source;
use tempfile::TempDir;

use crate::scan::Root;

/// A root, and the temporary folder it lives in if it was cloned.
pub(crate) struct Target {
    pub(crate) root: Root,
    _clone: Option<TempDir>,
}

/// Whether an argument is the address of a Git repository rather than a path.
fn is_address(argument: &str) -> bool {
    ["https://", "http://", "ssh://", "git://", "file://"]
        .iter()
        .any(|scheme| argument.starts_with(scheme))
        || (argument.starts_with("git@") && argument.contains(':'))
}

/// The root that an argument names; a repository is cloned first.
pub(crate) fn resolve(argument: &str) -> Result<Target> {
    if is_address(argument) {
        return clone(argument);
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
    Ok(Target {
        root: Root {
            path: path.to_owned(),
            source: Source {
                kind: kind.to_owned(),
                location,
                identity,
            },
        },
        _clone: None,
    })
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

/// Clones the newest commit only, without running anything the repository brings: no hooks, no filters, no submodules;
/// and without asking for credentials.
fn clone(address: &str) -> Result<Target> {
    if address.split_once("://").is_some_and(|(_, rest)| {
        rest.split('/')
            .next()
            .is_some_and(|authority| authority.contains(':') && authority.contains('@'))
    }) {
        bail!("the address holds a password, which would end up in the process list; let git find it (a credential helper, or ssh)");
    }
    let shown = without_credentials(address);
    let folder = tempfile::Builder::new()
        .prefix("aimscan-")
        .tempdir()
        .context("cannot make a temporary folder for the clone")?;
    let into = folder.path().join("clone");
    let output = Command::new("git")
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.symlinks=false",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "protocol.ext.allow=never",
        ])
        .args([
            "-c",
            "filter.lfs.smudge=",
            "-c",
            "filter.lfs.process=",
            "-c",
            "filter.lfs.required=false",
            "-c",
            "core.attributesFile=/dev/null",
            "-c",
            "submodule.recurse=false",
        ])
        .args([
            "clone",
            "--quiet",
            "--depth",
            "1",
            "--single-branch",
            "--no-tags",
            "--no-recurse-submodules",
            "--template=",
            "--",
        ])
        .arg(address)
        .arg(&into)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "true")
        .env("SSH_ASKPASS", "true")
        .env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")
        .env("GIT_LFS_SKIP_SMUDGE", "1")
        .stdin(Stdio::null())
        .output()
        .context("cannot run git, which is needed to scan an address; install it or scan a folder")?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("git gave no reason");
        bail!("cannot clone {shown}: {}", evidence::redact(reason.trim_start_matches("fatal: ")));
    }
    let source = Source {
        kind: "git".to_owned(),
        location: shown.clone(),
        identity: shown,
    };
    Ok(Target {
        root: Root { path: into, source },
        _clone: Some(folder),
    })
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
