//! `aimscan.toml`: what holds for every scan of a place.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use inventory::findings::Policy;
use inventory::findings::accept::{self, Acceptance};
use inventory::policy::{self, Approved, PolicyRule};
use serde::Deserialize;

/// The name of the file.
pub(crate) const FILE_NAME: &str = "aimscan.toml";

/// Defaults for scans, and what the organisation approved. Options of the command line win.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    /// Where the inventory is kept.
    pub db: Option<PathBuf>,
    /// Folders or files with rules on top of the embedded ones; relative to the file.
    pub rules: Vec<PathBuf>,
    /// Conditions that make a scan fail, as for `--fail-on`.
    pub fail_on: Vec<String>,
    /// Globs of paths that are not scanned, as in `.gitignore`.
    pub exclude: Vec<String>,
    /// An earlier result to compare with, as for `--baseline`; relative to the file.
    pub baseline: Option<PathBuf>,
    /// What is scanned if the command line names nothing.
    pub sources: Sources,
    /// What the organisation approved.
    pub approved: Approved,
    /// Findings that are accepted, each with a reason.
    pub accept: Vec<Acceptance>,
    /// Limits of licences that do not matter here, as findings name them: `monthly-users-over-700m`.
    pub harmless_limits: Vec<String>,
    /// What may be used, and what must be decided of every system.
    pub policy: Vec<PolicyRule>,
    /// How much of an archive is unpacked.
    pub archives: crate::unpack::Bounds,
}

/// What is scanned if the command line names nothing; see the options of the same names.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Sources {
    /// Paths and addresses; paths are relative to the working folder.
    pub paths: Vec<String>,
    /// Files that name paths and addresses; relative to the file.
    pub list: Vec<PathBuf>,
    /// Folders of clones; relative to the file.
    pub each: Vec<PathBuf>,
    /// GitHub organisations.
    pub github_org: Vec<String>,
    /// Address of GitHub's API.
    pub github_url: Option<String>,
    /// GitLab groups.
    pub gitlab_group: Vec<String>,
    /// Address of GitLab's API.
    pub gitlab_url: Option<String>,
    /// Whether archived repositories are scanned.
    pub archived: bool,
    /// Whether forks are scanned.
    pub forks: bool,
    /// Whether a repository that could not be read makes the run fail.
    pub strict: bool,
}

impl Settings {
    /// The settings of a file.
    ///
    /// # Errors
    /// If the file cannot be read or has not the form of settings; the message shows line and column.
    pub fn read(file: &Path) -> Result<Self> {
        let text = text_of(file)?;
        let mut settings: Self = match toml::from_str(&text) {
            Ok(settings) => settings,
            Err(error) => bail!("{}: {}", file.display(), error.to_string().trim_end()),
        };
        let folder = file.parent().unwrap_or(Path::new("."));
        let sources = &mut settings.sources;
        for path in settings.rules.iter_mut().chain(&mut sources.list).chain(&mut sources.each) {
            *path = folder.join(&*path);
        }
        settings.baseline = settings.baseline.map(|baseline| folder.join(baseline));
        settings.db = settings.db.map(|db| folder.join(db));
        for decision in &settings.accept {
            let known = inventory::findings::rule(&decision.rule).is_some();
            if !known {
                let ids: Vec<&str> = inventory::findings::RULES.iter().map(|rule| rule.id).collect();
                bail!(
                    "{}: accept: there is no rule `{}`; the rules are {}",
                    file.display(),
                    decision.rule,
                    ids.join(", ")
                );
            }
            if decision.reason.trim().is_empty() {
                bail!("{}: accept: `{}` is accepted without a reason", file.display(), decision.rule);
            }
            if let Some(until) = decision.until.as_deref().filter(|until| !accept::is_day(until)) {
                bail!("{}: accept: `{until}` is no day; write 2027-01-31", file.display());
            }
        }
        check(file, &settings.policy)?;
        Ok(settings)
    }

    /// What the organisation decided, for findings of a scan that began at a time (RFC 3339).
    #[must_use]
    pub fn policy(&self, scanned_at: &str) -> Policy {
        Policy {
            approved: self.approved.clone(),
            harmless_limits: self.harmless_limits.clone(),
            accepted: self.accept.clone(),
            today: scanned_at.get(..10).unwrap_or_default().to_owned(),
        }
    }

    /// The settings of the given file, else of `aimscan.toml` in the working folder, else none.
    ///
    /// A scanned tree's own `aimscan.toml` is not read: what is scanned has no say in how.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn find(given: Option<&Path>) -> Result<Self> {
        match given {
            Some(file) => Self::read(file),
            None if Path::new(FILE_NAME).is_file() => Self::read(Path::new(FILE_NAME)),
            None => Ok(Self::default()),
        }
    }
}
/// The text of a file that a person named.
///
/// # Errors
/// If it cannot be read as text.
pub(crate) fn text_of(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// A policy in a file of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicyFile {
    /// What is approved, as in the settings.
    pub(crate) approved: Approved,
    /// Its rules.
    pub(crate) policy: Vec<PolicyRule>,
}

/// What files of policies say together.
///
/// # Errors
/// If a file cannot be read, has another form, or a rule in it says nothing that can be judged.
pub(crate) fn policies(files: &[PathBuf]) -> Result<PolicyFile> {
    let mut all = PolicyFile::default();
    for path in files {
        let file: PolicyFile = match toml::from_str(&text_of(path)?) {
            Ok(file) => file,
            Err(error) => bail!("{}: {}", path.display(), error.to_string().trim_end()),
        };
        if file.policy.is_empty() && file.approved.is_empty() {
            bail!("{}: there is no [[policy]] and no [approved] in it", path.display());
        }
        check(path, &file.policy)?;
        all.policy.extend(file.policy);
        all.approved.extend(file.approved);
    }
    Ok(all)
}

fn check(file: &Path, rules: &[PolicyRule]) -> Result<()> {
    match rules.iter().find_map(policy::fault) {
        Some(fault) => bail!("{}: policy: {fault}", file.display()),
        None => Ok(()),
    }
}
