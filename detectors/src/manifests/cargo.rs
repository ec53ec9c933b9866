//! Placeholder.

use crate::manifests::Ecosystem;
use evidence::{Info, Kind};

pub(crate) static CARGO: Ecosystem = Ecosystem {
    info: Info { id: "manifests/cargo", title: "cargo", reads: &[], emits: &[(Kind::Package, "cargo"), (Kind::Project, "cargo")], needs: &[], docs: "" },
    files: &[],
};
