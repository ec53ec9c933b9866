//! Opens the database file without harming what it may be instead.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::StoreError;
use super::schema;

/// How long to wait for another scan.
const PATIENCE: Duration = Duration::from_secs(5);

/// What every SQLite file begins with.
const SQLITE: &[u8; 16] = b"SQLite format 3\0";

/// A connection to a database of the present form, made if there is none.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    make_private(path).map_err(|cause| unopened(path, &cause))?;
    if !may_be_sqlite(path).map_err(|cause| unopened(path, &cause))? {
        return Err(StoreError::NotOurs { path: path.to_owned() });
    }
    // Absolute, so that no name (`:memory:`, `file:…`) means anything but a file.
    let absolute = std::path::absolute(path).map_err(|cause| unopened(path, &cause))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let hear = |cause: rusqlite::Error| StoreError::of(path, &cause);
    let mut connection = Connection::open_with_flags(absolute, flags).map_err(hear)?;
    connection.busy_timeout(PATIENCE).map_err(hear)?;
    // SQLite falls back to reading only without a word.
    if connection.is_readonly("main").map_err(hear)? {
        return Err(StoreError::ReadOnly { path: path.to_owned() });
    }
    schema::check(&connection, path)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(hear)?;
    write_ahead(&connection).map_err(hear)?;
    schema::migrate(&mut connection, path)?;
    Ok(connection)
}

/// Makes the file, for its owner alone, if it is not there.
fn make_private(path: &Path) -> io::Result<()> {
    if path.try_exists()? {
        return Ok(());
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // Another scan was faster.
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome.map(drop),
    }
}

/// Whether the file is empty or begins as SQLite files do.
fn may_be_sqlite(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(SQLITE.len() as u64).read_to_end(&mut head)?;
    Ok(head.is_empty() || head == SQLITE)
}

/// Switches to write-ahead logging, so that readers and a writer do not wait for each other. Where a file system cannot
/// do that, SQLite stays as safe and only slower.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let begun = Instant::now();
    loop {
        // SQLite does not wait for a lock in this one case.
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(cause) if cause.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && begun.elapsed() < PATIENCE => {
                sleep(Duration::from_millis(20))
            }
            outcome => return outcome,
        }
    }
}

fn unopened(path: &Path, cause: &io::Error) -> StoreError {
    let path = path.to_owned();
    match cause.kind() {
        ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { path },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full { path },
        _ => StoreError::Unopened {
            path,
            detail: cause.to_string(),
        },
    }
}
