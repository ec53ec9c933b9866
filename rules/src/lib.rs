//! What aimscan knows about AI providers and about risk, as data (`providers/*.toml`, `risk/*.toml`, `concepts/*.toml` and others), and the
//! code that holds the data to its word. This room knows vendors and no syntax.

mod catalog;
mod check;
pub mod columns;
mod companies;
pub mod concepts;
mod day;
mod embedded;
pub mod governance;
mod index;
mod known_models;
mod models;
mod names;
mod patterns;
mod provider;
mod recognise;
pub mod risk;
use risk::form;
mod source;
pub mod tags;
pub mod text;

pub use catalog::{Catalog, Known};
pub use check::{Fault, Severity, check};
pub use companies::{company_named, is_legal_form, names_supplier, provider_called, provider_named, supplier};
pub use day::Day;
pub use provider::{Product, Provider, Signature, SignatureKind, Vendor};
pub use recognise::{Place, Seen};
pub use source::LoadError;
