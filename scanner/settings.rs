//! `aimscan.toml`: what holds for every scan of a place.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use inventory::findings::Policy;
use inventory::findings::accept::{self, Acceptance};
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
    /// What the organisation approved.
    pub approved: Approved,
    /// Findings that are accepted, each with a reason.
    pub accept: Vec<Acceptance>,
    /// Limits of licences that do not matter here, as findings name them: `monthly-users-over-700m`.
    pub harmless_limits: Vec<String>,
}

/// What the organisation approved.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Approved {
    /// Providers by their ids; absent if nobody decided.
    pub providers: Option<Vec<String>>,
    /// Models by their ids, or by their beginning with `*`; absent if nobody decided.
    pub models: Option<Vec<String>>,
}

impl Settings {
    /// The settings of a file.
    ///
    /// # Errors
    /// If the file cannot be read or has not the form of settings; the message shows line and column.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut settings: Self = match toml::from_str(&text) {
            Ok(settings) => settings,
            Err(error) => bail!("{}: {}", file.display(), error.to_string().trim_end()),
        };
        let folder = file.parent().unwrap_or(Path::new("."));
        for rules in &mut settings.rules {
            *rules = folder.join(&*rules);
        }
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
        Ok(settings)
    }

    /// What the organisation decided, for findings of a scan that began at a time (RFC 3339).
    #[must_use]
    pub fn policy(&self, scanned_at: &str) -> Policy {
        Policy {
            approved_providers: self.approved.providers.clone(),
            approved_models: self.approved.models.clone(),
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
