//! Connectors bring records from services.
/// Placeholder.
pub trait Connector: crate::Detector {}
/// Every connector.
pub static CONNECTORS: &[&dyn Connector] = &[];
