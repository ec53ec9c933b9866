//! The words every room of aimscan speaks: what a detector sees ([`Observation`]), what that proves
//! ([`Evidence`]), where it stands ([`Location`]), and what was not looked at ([`Coverage`], [`Gap`]).
//!
//! This room holds no logic beyond its own vocabulary and does no I/O.

mod address;
mod anchor;
mod component;
mod coverage;
mod detector;
mod excerpt;
mod finding;
mod location;
mod observation;
mod place;
mod statement;
mod strength;

pub use address::{is_base_address, is_region};
pub use anchor::Anchor;
pub use component::ComponentKind;
pub use coverage::{Coverage, Gap, GapKind};
pub use detector::{Emits, Info, Need};
pub use excerpt::{Excerpt, redact};
pub use finding::{Evidence, Facts, Relation};
pub use location::Location;
pub use observation::{Attributes, Kind, Observation, attribute, fact};
pub use place::is_vendored_path;
pub use statement::{Statement, Voice};
pub use strength::{Confidence, Stage, Usage};
