//! Why the database cannot be used, and what to do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::SnapshotId;

/// Why the database cannot be used; each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file was written by a later version of this program.
    #[error("{} was written by a newer aimscan (form {found}; this one knows forms up to {known}); it was left untouched. Update aimscan, or name another database file.", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The form it has.
        found: i64,
        /// The newest form this program knows.
        known: i64,
    },
    /// The file is something else.
    #[error("{} is not an aimscan database; it was left untouched. Name another database file, or move this one away.", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The file is a database of this program, and broken.
    #[error("{} is damaged ({detail}); it was left untouched. Keep a copy, restore it from a backup, or name another database file to begin afresh.", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is broken.
        detail: String,
    },
    /// The file or its folder may not be written.
    #[error("{} cannot be written: the file or its folder is read-only. Change its permissions, or name a database file in a folder you may write to.", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened or made.
    #[error("{} cannot be opened ({detail}). Check that it is a file, that its folder exists, and that you may read and write both.", path.display())]
    Unopened {
        /// The file.
        path: PathBuf,
        /// What the system says.
        detail: String,
    },
    /// Another scan is writing.
    #[error("{} is in use by another scan, and was so for 5 seconds. Try again when that scan has ended; what was recorded before is unharmed.", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// There is no room to write.
    #[error("there is no room left for {}; nothing was recorded, and what was recorded before is unharmed. Free some space on its disk and try again.", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// There is no such snapshot.
    #[error("{} holds no snapshot {id}. List its snapshots to see which there are.", path.display())]
    NoSuchSnapshot {
        /// The file.
        path: PathBuf,
        /// The number asked for.
        id: SnapshotId,
    },
    /// Something else went wrong.
    #[error("{} cannot be used ({detail}); what was recorded before is unharmed.", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What the database says.
        detail: String,
    },
}

impl StoreError {
    /// What an error of the database means for a person.
    pub(super) fn of(path: &Path, cause: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        let detail = cause.to_string();
        let reads_wrong = matches!(
            cause,
            rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
        );
        match cause.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => Self::Locked { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::CannotOpen) => Self::Unopened { path, detail },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path, detail },
            // Our own statements fail only where a table or column of our form is missing.
            Some(ErrorCode::Unknown) if detail.contains("no such") => Self::Damaged { path, detail },
            None if reads_wrong => Self::Damaged { path, detail },
            _ => Self::Other { path, detail },
        }
    }
}
