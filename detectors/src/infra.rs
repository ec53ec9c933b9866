//! Descriptions of what runs: images, their environment and the commands they start.
//!
//! Each file is read wholly by one detector here, its ordinary settings included, so that no string is seen twice.

mod compose;
mod dockerfile;
mod image;
mod install;
mod kubernetes;
mod shell;
mod workload;

pub(crate) use compose::is_compose;
pub(crate) use kubernetes::describes_workloads;

use crate::Detector;

/// Every format, in the order tables show them.
pub static FORMATS: &[&dyn Detector] = &[&dockerfile::Dockerfile, &compose::Compose, &kubernetes::Kubernetes];
