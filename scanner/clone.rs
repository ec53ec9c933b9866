//! Brings a repository here: its newest commit only, without running anything it brings, and without a credential that
//! anybody else could see.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// What the folders of clones are called, with something random behind it.
const PREFIX: &str = "aimscan-";
/// The file that its owner keeps locked as long as the clone is in use.
const LOCK: &str = "in-use";

/// What Git is told whatever a repository, a user or a machine has configured: no hooks, no filters, no submodules, no
/// links, no transport that is a program, and no waiting for a server that sends nothing.
const SETTINGS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.symlinks=false",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "protocol.ext.allow=never",
    "filter.lfs.smudge=",
    "filter.lfs.process=",
    "filter.lfs.required=false",
    "submodule.recurse=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
];

/// A credential helper that knows one answer and keeps nothing. The values are in the environment of Git and its children,
/// so that they stand in no list of processes, no configuration and no address.
const HELPER: &str = r#"!f() { test "$1" = get && printf 'username=%s\npassword=%s\n' "$AIMSCAN_GIT_USER" "$AIMSCAN_GIT_TOKEN"; }; f"#;

/// What a forge is shown when it asks who wants to read.
#[derive(Clone)]
pub(crate) struct Login {
    /// Scheme and host; nobody else is shown it.
    pub(crate) origin: String,
    pub(crate) user: &'static str,
    pub(crate) token: Arc<str>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a login for {}", self.origin)
    }
}

/// A clone, which goes when it is dropped.
#[derive(Debug)]
pub(crate) struct Clone {
    folder: TempDir,
    _lock: File,
}

impl Clone {
    /// The work tree.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("clone")
    }
}

/// Clones what stands at an address; `shown` is the address as it may be seen.
pub(crate) fn clone(address: &str, shown: &str, login: Option<&Login>) -> Result<Clone> {
    if address.split_once("://").is_some_and(|(_, rest)| {
        rest.split('/')
            .next()
            .is_some_and(|authority| authority.contains(':') && authority.contains('@'))
    }) {
        bail!("the address holds a password, which would end up in the process list; let git find it (a credential helper, or ssh)");
    }
    let folder = tempfile::Builder::new()
        .prefix(PREFIX)
        .tempdir()
        .context("cannot make a temporary folder for the clone")?;
    let lock = File::create_new(folder.path().join(LOCK)).context("cannot write into the temporary folder")?;
    lock.lock().context("cannot lock the temporary folder")?;
    let into = folder.path().join("clone");
    let mut command = Command::new("git");
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command
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
        .env(
            "GIT_SSH_COMMAND",
            "ssh -oBatchMode=yes -oConnectTimeout=30 -oServerAliveInterval=20 -oServerAliveCountMax=3",
        )
        .env("GIT_LFS_SKIP_SMUDGE", "1")
        .stdin(Stdio::null());
    if let Some(login) = login {
        present(login, &mut command);
    }
    let output = command
        .output()
        .context("cannot run git, which is needed to scan an address; install it or scan a folder")?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("git gave no reason");
        bail!("cannot clone {shown}: {}", evidence::redact(reason.trim_start_matches("fatal: ")));
    }
    Ok(Clone { folder, _lock: lock })
}

/// Lets Git present a login to one host and to no other, and keep it nowhere.
fn present(login: &Login, command: &mut Command) {
    let helper = format!("credential.{}.helper", login.origin);
    let settings = [
        // An empty helper takes away the user's own ones, which would be asked first, and told to keep the answer.
        ("credential.helper", ""),
        (&helper, HELPER),
        ("http.followRedirects", "false"),
    ];
    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (at, (key, value)) in settings.iter().enumerate() {
        command
            .env(format!("GIT_CONFIG_KEY_{at}"), key)
            .env(format!("GIT_CONFIG_VALUE_{at}"), value);
    }
    command
        .env("AIMSCAN_GIT_USER", login.user)
        .env("AIMSCAN_GIT_TOKEN", &*login.token)
        .env_remove("GIT_CURL_VERBOSE");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_TRACE") {
            command.env_remove(name);
        }
    }
}

/// Removes the clones of scans that were killed: folders of this user with a lock that nobody holds.
pub(crate) fn sweep() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else {
        return;
    };
    let Some(own) = owner_of_new_files() else { return };
    for entry in entries.filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_left_behind(&entry.path(), own) {
            tracing::info!("removing {}, which a scan left behind", entry.path().display());
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn is_left_behind(folder: &Path, own: u32) -> bool {
    let lock = folder.join(LOCK);
    let is_own =
        |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_symlink() && owner(&metadata) == Some(own));
    is_own(folder) && is_own(&lock) && File::open(&lock).is_ok_and(|file| file.try_lock().is_ok())
}

fn owner_of_new_files() -> Option<u32> {
    owner(&tempfile::tempfile().ok()?.metadata().ok()?)
}

#[cfg(unix)]
fn owner(metadata: &std::fs::Metadata) -> Option<u32> {
    Some(std::os::unix::fs::MetadataExt::uid(metadata))
}

#[cfg(not(unix))]
fn owner(_: &std::fs::Metadata) -> Option<u32> {
    Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_never_printed() {
        let login = Login {
            origin: "https://git.example".to_owned(),
            user: "oauth2",
            token: "t0ken".into(),
        };
        assert_eq!(format!("{login:?}"), "a login for https://git.example");
        let mut command = Command::new("git");
        present(&login, &mut command);
        assert_eq!(command.get_args().count(), 0);
    }

    #[test]
    fn only_what_nobody_uses_is_removed() {
        let own = owner_of_new_files().expect("this user");
        let folder = tempfile::tempdir().expect("a folder");
        assert!(!is_left_behind(folder.path(), own), "no lock: not ours");
        let lock = File::create_new(folder.path().join(LOCK)).expect("a lock");
        lock.lock().expect("locked");
        assert!(!is_left_behind(folder.path(), own), "in use");
        drop(lock);
        assert!(is_left_behind(folder.path(), own));
        assert!(!is_left_behind(folder.path(), own.wrapping_add(1)), "somebody else's");
    }
}
