//! What a project says about itself: by which people, and rules of risk, know what a system is for. No detector of this family
//! sees AI.

mod page;
mod readme;
mod schema;

use crate::Detector;

/// Every format, in the order tables show them.
pub static FORMATS: &[&dyn Detector] = &[&readme::Readme, &schema::Schema, &page::Page];
