//! What standard output is, and how to write to it or to a file.

use std::io::Write;
use std::path::Path;

use anstream::ColorChoice;
use anyhow::{Context, Result};
use report::text::Style;

/// How text looks where standard output goes: colour only on a terminal, and not if the user has said no to it.
pub(crate) fn style() -> Style {
    let colour = !matches!(anstream::AutoStream::choice(&std::io::stdout()), ColorChoice::Never);
    let width = terminal_size::terminal_size()
        .map_or(100, |(width, _)| usize::from(width.0))
        .clamp(40, 140);
    Style { colour, width }
}

/// Writes to a file if one is given, else to standard output.
pub(crate) fn write(output: Option<&Path>, text: &str) -> Result<()> {
    match output {
        Some(file) => write_whole(file, text),
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes())?;
            if !text.is_empty() && !text.ends_with('\n') {
                out.write_all(b"\n")?;
            }
            out.flush()?;
            Ok(())
        }
    }
}

/// The whole text or nothing: a reader never sees half a report, and a full disk leaves the old one.
fn write_whole(file: &Path, text: &str) -> Result<()> {
    let context = || format!("cannot write {}", file.display());
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // A pipe or device is written to as it is.
    if file.exists() && !file.is_file() {
        return std::fs::write(file, text).with_context(context);
    }
    let mut temporary = tempfile::Builder::new()
        .prefix(".aimscan-")
        .tempfile_in(folder)
        .with_context(context)?;
    temporary.write_all(text.as_bytes()).with_context(context)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Reports are for sharing; the temporary file was made for its owner only.
        temporary
            .as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))
            .with_context(context)?;
    }
    temporary.persist(file).map_err(|error| error.error).with_context(context)?;
    Ok(())
}
