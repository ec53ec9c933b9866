//! Placeholder.

use crate::manifests::Ecosystem;
use evidence::{Info, Kind};

pub(crate) static CONDA: Ecosystem = Ecosystem {
    info: Info { id: "manifests/conda", title: "conda", reads: &[], emits: &[(Kind::Package, "conda"), (Kind::Project, "conda")], needs: &[], docs: "" },
    files: &[],
};
