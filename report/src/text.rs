//! The inventory on a terminal: the summary of a scan, the table of systems, and one system in full. Decides what is
//! worth a line; everything that came from a scanned place is made visible before it is printed.

mod changes;
mod page;
mod register;
mod show;
mod summary;
mod table;
mod tiers;
mod width;

use std::time::Duration;

use inventory::changes::Changes;

pub use changes::changes;
pub use register::{decision_history, decisions, register};
pub use show::show;
pub use summary::summary;
pub use table::table;
pub use tiers::{Line, tiers};
pub(crate) use width::columns;

/// How the terminal looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use ANSI colours.
    pub colour: bool,
    /// Columns of the terminal; narrower than 40 is treated as 40.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { colour: false, width: 80 }
    }
}

/// What the summary says of the run itself, beyond the inventory.
#[derive(Debug, Clone, Copy, Default)]
pub struct Run<'a> {
    /// How long the scan took.
    pub elapsed: Option<Duration>,
    /// What changed since the last snapshot; absent where there is none to compare with.
    pub changes: Option<&'a Changes>,
}
