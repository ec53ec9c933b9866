//! Placeholder.

use crate::manifests::Ecosystem;
use evidence::{Info, Kind};

pub(crate) static PYPI: Ecosystem = Ecosystem {
    info: Info { id: "manifests/pypi", title: "pypi", reads: &[], emits: &[(Kind::Package, "pypi"), (Kind::Project, "pypi")], needs: &[], docs: "" },
    files: &[],
};
