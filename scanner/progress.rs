//! Progress on a terminal's stderr; silent everywhere else.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar, or nothing.
pub struct Progress {
    bar: ProgressBar,
    /// Which of how many sources it is, where there are many.
    turn: Mutex<String>,
}

impl Progress {
    /// A bar on stderr if that is a terminal and the user did not ask for quiet.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let target = if quiet || !std::io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(8)
        };
        Self {
            bar: ProgressBar::with_draw_target(None, target),
            turn: Mutex::default(),
        }
    }

    /// Says which of many sources comes next.
    pub fn turn(&self, at: usize, of: usize) {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = format!("[{at}/{of}] ");
    }

    /// Begins a root with so many files.
    pub fn begin(&self, what: &str, files: u64) {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.bar.reset();
        self.bar.set_length(files);
        self.bar.set_prefix(format!("{turn}{}", what.escape_debug()));
        if let Ok(style) = ProgressStyle::with_template("{prefix:.bold} {bar:30.cyan/dim} {pos}/{len} files  {per_sec}  {eta} left") {
            self.bar.set_style(style.progress_chars("━━─"));
        }
    }

    /// One more file or record is done.
    pub fn advance(&self) {
        self.bar.inc(1);
    }

    /// Prints a line on stderr without disturbing the bar.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| anstream::eprintln!("{line}"));
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}
