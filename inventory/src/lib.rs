//! From evidence to AI systems, from systems to duties, and the memory of both.
//!
//! Five steps: [`correlate`] groups evidence into systems, [`classify`] gives each a tier, [`findings`] lists what needs
//! attention, [`store`] keeps snapshots, [`changes`] compares them.

pub mod baseline;
pub mod changes;
pub mod classify;
pub mod correlate;
pub mod findings;
pub mod past;
#[cfg(test)]
mod sample;
pub mod store;
mod system;

pub use classify::{Classification, OpenQuestion, Reason, Tier};
pub use past::{Moment, Owner, OwnerSource, People};
pub use system::{Component, Finding, Inventory, Level, SCHEMA_VERSION, Source, System};
