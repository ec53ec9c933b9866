//! What standard output is, and how to write to it or to a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use anyhow::{Context, Result};
use report::text::Style;
use tempfile::NamedTempFile;

/// How text looks where standard output goes: colour only on a terminal, and not if the user has said no to it.
pub(crate) fn style() -> Style {
    let colour = !matches!(anstream::AutoStream::choice(&io::stdout()), ColorChoice::Never);
    let width = terminal_size::terminal_size()
        .map_or(100, |(width, _)| usize::from(width.0))
        .clamp(40, 140);
    Style { colour, width }
}

/// Writes to a file if one is given, else to standard output.
pub(crate) fn write(output: Option<&Path>, text: &str) -> Result<()> {
    let mut writer = Writer::open(output)?;
    writer.write(text)?;
    if output.is_none() && !text.is_empty() && !text.ends_with('\n') {
        writer.write("\n")?;
    }
    writer.finish()
}

/// Writes to a file if one is given, else to standard output, what comes piece by piece.
pub(crate) fn stream(output: Option<&Path>, pieces: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut writer = Writer::open(output)?;
    writer.stream(pieces)?;
    writer.finish()
}

/// A file or standard output, written in parts. A file appears whole or not at all: a reader never sees half a report, and
/// a full disk leaves the old one.
pub(crate) struct Writer {
    shown: String,
    to: To,
}

enum To {
    Standard(io::Stdout),
    /// A pipe or device is written to as it is.
    Other(File),
    Whole(NamedTempFile, PathBuf),
}

impl Writer {
    pub(crate) fn open(output: Option<&Path>) -> Result<Self> {
        let Some(file) = output else {
            return Ok(Self {
                shown: "to standard output".to_owned(),
                to: To::Standard(io::stdout()),
            });
        };
        let shown = file.display().to_string();
        let context = || format!("cannot write {shown}");
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let to = if file.exists() && !file.is_file() {
            To::Other(File::options().write(true).open(file).with_context(context)?)
        } else {
            let temporary = tempfile::Builder::new()
                .prefix(".aimscan-")
                .tempfile_in(folder)
                .with_context(context)?;
            To::Whole(temporary, file.to_owned())
        };
        Ok(Self { shown, to })
    }

    pub(crate) fn write(&mut self, text: &str) -> Result<()> {
        self.stream(|out| out.write_all(text.as_bytes()))
    }

    fn stream(&mut self, pieces: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let through = |to: &mut dyn Write| {
            let mut buffered = BufWriter::with_capacity(1 << 16, to);
            pieces(&mut buffered)?;
            buffered.flush()
        };
        let context = || format!("cannot write {}", self.shown);
        match &mut self.to {
            // Without context, so that a reader who stops early is recognised.
            To::Standard(out) => Ok(through(out)?),
            To::Other(file) => through(file).with_context(context),
            To::Whole(file, _) => through(file).with_context(context),
        }
    }

    /// Makes what was written be there.
    pub(crate) fn finish(self) -> Result<()> {
        let context = || format!("cannot write {}", self.shown);
        match self.to {
            To::Standard(mut out) => Ok(out.flush()?),
            To::Other(_) => Ok(()),
            To::Whole(temporary, file) => {
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
        }
    }
}
