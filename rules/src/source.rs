//! Reading rule files, with errors that point at line and column.

use std::path::{Path, PathBuf};

/// A rule file's name and text.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// Path as a person knows it.
    pub name: String,
    /// TOML.
    pub text: String,
}

/// Why rules could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder could not be read.
    #[error("cannot read rules at {path}: {cause}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// A file does not have the form of a rule file; the message shows line and column.
    #[error("{file}: {message}")]
    Malformed {
        /// Which.
        file: String,
        /// What is wrong, with the line it stands on.
        message: String,
    },
    /// A regular expression does not compile.
    #[error("signature `{signature}`: {message}")]
    Pattern {
        /// Which signature.
        signature: String,
        /// What is wrong with it.
        message: String,
    },
}

/// The TOML files of a folder given by `--rules`, by name.
///
/// # Errors
/// If the folder or a file in it cannot be read.
pub(crate) fn folder(path: &Path) -> Result<Vec<SourceFile>, LoadError> {
    let unreadable = |path: &Path, cause| LoadError::Unreadable {
        path: path.display().to_string(),
        cause,
    };
    let mut files: Vec<PathBuf> = if path.is_file() {
        vec![path.to_owned()]
    } else {
        std::fs::read_dir(path)
            .map_err(|cause| unreadable(path, cause))?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .collect()
    };
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).map_err(|cause| unreadable(&file, cause))?;
            Ok(SourceFile {
                name: file.display().to_string(),
                text,
            })
        })
        .collect()
}

/// A rule file as the type it describes.
///
/// # Errors
/// If the text is not TOML or has not the form of `T`.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, LoadError> {
    toml::from_str(text).map_err(|error| LoadError::Malformed {
        file: file.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })
}
