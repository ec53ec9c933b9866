//! Placeholder.

use crate::manifests::Ecosystem;
use evidence::{Info, Kind};

pub(crate) static NPM: Ecosystem = Ecosystem {
    info: Info { id: "manifests/npm", title: "npm", reads: &[], emits: &[(Kind::Package, "npm"), (Kind::Project, "npm")], needs: &[], docs: "" },
    files: &[],
};
