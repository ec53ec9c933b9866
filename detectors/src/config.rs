//! Configuration: environment files and key-value trees. Every string that is set somewhere becomes observations by one
//! set of rules (`value`), which the other families share.

mod dotenv;
pub(crate) mod host;
mod keyvalue;
pub(crate) mod reference;
mod route;
mod sentence;
pub(crate) mod settings;
pub(crate) mod value;

use crate::Detector;

/// Every format, in the order tables show them.
pub static FORMATS: &[&dyn Detector] = &[&dotenv::Dotenv, &keyvalue::KeyValue];

#[cfg(test)]
pub(crate) mod tests {
    use crate::{Artifact, Detector, Observations};

    /// What a detector sees in a text, as `kind key` with what hangs on it, in order.
    pub(crate) fn seen(detector: &dyn Detector, path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        let _ = detector.observe(&Artifact::new(path, text.as_bytes()), &mut out);
        lines_of(&out)
    }

    /// Observations as `line kind key name=…`.
    pub(crate) fn lines_of(out: &Observations) -> Vec<String> {
        out.as_slice()
            .iter()
            .map(|seen| {
                let facts: String = seen.attributes.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("{} {:?} {}{facts}", seen.line, seen.kind, seen.key)
            })
            .collect()
    }
}
