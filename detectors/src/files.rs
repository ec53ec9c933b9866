//! Files that tell something without their text being read as code or configuration.

mod named;
mod weights;
pub use weights::container::bounded as zip_is_bounded;
pub use weights::digest as sha256;

use crate::Detector;

/// Every format, in the order tables show them.
pub static FORMATS: &[&dyn Detector] = &[&named::Named, &weights::Weights];
