//! Progress on a terminal's stderr; silent everywhere else.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar, or nothing.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar on stderr if that is a terminal and the user did not ask for quiet.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let target = if quiet || !std::io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(8)
        };
        Self(ProgressBar::with_draw_target(None, target))
    }

    /// Begins a root with so many files.
    pub fn begin(&self, what: &str, files: u64) {
        self.0.reset();
        self.0.set_length(files);
        self.0.set_prefix(what.escape_debug().to_string());
        if let Ok(style) = ProgressStyle::with_template("{prefix:.bold} {bar:30.cyan/dim} {pos}/{len} files  {per_sec}  {eta} left") {
            self.0.set_style(style.progress_chars("━━─"));
        }
    }

    /// One more file or record is done.
    pub fn advance(&self) {
        self.0.inc(1);
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
