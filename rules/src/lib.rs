//! What aimscan knows about AI providers, as data (`providers/*.toml`, `risk/*.toml`), and the code that holds the
//! data to its word. This room knows vendors and no syntax.

mod provider;
pub mod risk;

pub use provider::{Product, Provider, Signature, SignatureKind, Vendor};
