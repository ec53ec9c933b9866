//! aimscan: finds the AI an organisation really uses and keeps the inventory of it.
//!
//! This room only composes: it walks, hands artifacts to detectors and catalog, and hands the inventory to reports.
//! What it offers as a library is what the command line is made of.

mod accounts;
mod blobs;
mod cache;
mod changed;
pub mod cli;
mod clone;
mod commands;
mod connect;
mod dispatch;
mod folder;
mod history;
mod installed;
mod look;
mod nested;
mod opened;
mod owners;
mod progress;
mod scan;
mod settings;
mod sources;
mod target;
mod terminal;
mod timing;
mod trusted_cargo;
mod unpack;
mod walk;

pub use accounts::Accounts;
pub use commands::{Outcome, run};
pub use progress::Progress;
pub use scan::{Root, Scanner};
pub use settings::Settings;
pub use unpack::Bounds;
