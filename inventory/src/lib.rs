//! From evidence to AI systems, from systems to duties, and the memory of both.
//!
//! Six steps: [`correlate`] groups evidence into systems, [`classify`] gives each a tier, [`findings`] lists what needs
//! attention, [`register`] adds what people decided, [`store`] keeps snapshots, [`changes`] compares them. [`listed`] holds
//! systems that somebody else's list describes.

pub mod baseline;
pub mod changes;
pub mod classify;
pub mod correlate;
pub mod findings;
pub mod listed;
pub mod past;
pub mod policy;
pub mod register;
#[cfg(test)]
mod sample;
pub mod store;
mod system;

pub use classify::{Classification, EuAct, EuPoint, EuStatus, OpenQuestion, Profile, Reason, Tier};
pub use listed::Listed;
pub use past::{Moment, Owner, OwnerSource, People};
pub use system::{Component, Finding, Inventory, Level, SCHEMA_VERSION, Source, System};
