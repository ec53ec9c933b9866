//! Placeholder.

use crate::Detector;

/// Every format, in the order tables show them.
pub static FORMATS: &[&dyn Detector] = &[];
