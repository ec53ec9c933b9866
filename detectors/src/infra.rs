//! Descriptions of what runs: infrastructure, images, pipelines, and the commands in them.
//!
//! Each file is read wholly by one detector here, its ordinary settings included, so that no string is seen twice:
//! [`format`] says which.

mod arm;
mod bicep;
mod cloudformation;
mod command;
mod compose;
mod dockerfile;
mod image;
mod image_config;
mod install;
mod jenkins;
mod kubernetes;
mod pipeline;
mod pulumi;
mod resource;
pub(crate) mod shell;
pub(crate) mod tags;
mod terraform;
mod workload;
mod workspace;

pub(crate) use compose::is_compose;
pub(crate) use image::{SCOPE as IMAGES, observe as observe_image};

use crate::{Detector, FilePath};

/// Every format, in the order tables show them.
pub static FORMATS: &[&dyn Detector] = &[
    &dockerfile::Dockerfile,
    &compose::Compose,
    &kubernetes::Kubernetes,
    &terraform::Terraform,
    &cloudformation::CloudFormation,
    &bicep::Bicep,
    &arm::Arm,
    &pulumi::Pulumi,
    &pipeline::Pipeline,
    &jenkins::Jenkins,
    &workspace::Workspace,
    &image_config::ImageConfig,
];

/// Formats that share the endings of ordinary configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A compose file.
    Compose,
    /// Terraform in its JSON form.
    Terraform,
    /// The head of a Helm chart.
    Chart,
    /// A Pulumi program in YAML.
    Pulumi,
    /// A pipeline or an action.
    Pipeline,
    /// A development container, or recommendations of extensions.
    Workspace,
    /// A manifest, or a part of a Helm chart.
    Kubernetes,
    /// A CloudFormation template.
    Stack,
    /// A Resource Manager template.
    Arm,
}

/// What a YAML or JSON file describes, if a detector of this family reads it.
pub(crate) fn format(file: &FilePath<'_>, text: &str) -> Option<Format> {
    let name = file.plain_name();
    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    if is_compose(file) {
        Some(Format::Compose)
    } else if terraform::is_terraform(file) {
        Some(Format::Terraform)
    } else if pipeline::is_pipeline(file) {
        Some(Format::Pipeline)
    } else if workspace::is_workspace(file) {
        Some(Format::Workspace)
    } else if is_yaml && name.trim_end_matches(".yaml").trim_end_matches(".yml") == "chart" {
        Some(Format::Chart)
    } else if pulumi::is_pulumi(file) && is_program(text) {
        Some(Format::Pulumi)
    } else if kubernetes::describes_workloads(file, text) {
        Some(Format::Kubernetes)
    } else if arm::is_template(text) {
        is_plain_json(file).then_some(Format::Arm)
    } else if cloudformation::is_template(text) {
        Some(Format::Stack)
    } else {
        None
    }
}

fn is_program(text: &str) -> bool {
    ["runtime:", "resources:"].iter().all(|key| kubernetes::has_line(text, key))
        || kubernetes::has_line(text, "resources:") && kubernetes::has_line(text, "type:")
}

/// Whether a path is JSON that no manifest or lockfile is.
pub(crate) fn is_plain_json(file: &FilePath<'_>) -> bool {
    let name = file.plain_name();
    (name.ends_with(".json") || name.ends_with(".jsonc"))
        && !name.contains("lock")
        && !matches!(name, "package.json" | "tsconfig.json" | "composer.json")
}
