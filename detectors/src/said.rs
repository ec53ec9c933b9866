//! What a project says about itself: by which people, and rules of risk, know what a system is for. No detector of this family
//! sees AI.

mod entries;
mod introduction;
mod page;
mod readme;
mod schema;

pub(crate) use entries::is_entry;

use crate::Detector;

/// Every format, in the order tables show them.
pub static FORMATS: &[&dyn Detector] = &[&readme::Readme, &schema::Schema, &page::Page, &entries::Entries];
