//! `aimscan.toml`: what holds for every scan of a place.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
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
}

/// What the organisation approved.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Approved {
    /// Providers by their ids; absent if nobody decided.
    pub providers: Option<Vec<String>>,
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
        Ok(settings)
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
