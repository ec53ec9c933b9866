//! The data files, parsed and put into the binary by `build.rs`.

use crate::columns::ColumnFile;
use crate::companies::CompanyFile;
use crate::concepts::ConceptFile;
use crate::governance::form::GovernanceFile;
use crate::models::{LicenceFile, ModelFile};
use crate::provider::Provider;
use crate::risk::RuleFile;
use crate::tags::TagFile;

/// Tells one embedded catalog from another.
pub(crate) const DIGEST: &str = env!("CATALOG_DIGEST");

/// Every provider file, by file name.
pub(crate) fn providers() -> Vec<Provider> {
    // The block was written by the same build, from the same types.
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/providers.postcard"))).expect("the block is whole")
}

/// Every file of risk rules, by file name.
pub(crate) fn risk() -> Vec<RuleFile> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/risk.postcard"))).expect("the block is whole")
}

/// Every file of governance, by file name.
pub(crate) fn governance() -> Vec<GovernanceFile> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/governance.postcard"))).expect("the block is whole")
}

/// Every file of headings, by file name.
pub(crate) fn columns() -> Vec<ColumnFile> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/columns.postcard"))).expect("the block is whole")
}

/// Every file of companies' names, by file name.
pub(crate) fn companies() -> Vec<CompanyFile> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/companies.postcard"))).expect("the block is whole")
}

/// Every file of names of tags, by file name.
pub(crate) fn tags() -> Vec<TagFile> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/tags.postcard"))).expect("the block is whole")
}

/// Every file of concepts, by file name.
pub(crate) fn concepts() -> Vec<ConceptFile> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/concepts.postcard"))).expect("the block is whole")
}

/// Every file of model ids, by file name.
pub(crate) fn models() -> Vec<ModelFile> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/models.postcard"))).expect("the block is whole")
}

/// Every file of licences, by file name.
pub(crate) fn licences() -> Vec<LicenceFile> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/licences.postcard"))).expect("the block is whole")
}
