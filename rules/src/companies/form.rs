//! The form of the file of companies' names. `build.rs` reads it into these types and writes them as one compact block, so no field may
//! be left out when it is written.

use serde::{Deserialize, Serialize};

use crate::day::Day;

/// A file of `companies/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CompanyFile {
    /// Day on which somebody last looked at the sources.
    pub(crate) checked: Day,
    /// Lists of legal forms, and pages on which companies name themselves.
    pub(crate) references: Vec<String>,
    /// Legal forms, in lower case and without spaces.
    pub(crate) forms: Vec<String>,
    /// Words for a part of a company, which stand in front of a form.
    pub(crate) parts: Vec<String>,
    /// Companies that have other names.
    #[serde(default, rename = "company")]
    pub(crate) companies: Vec<Company>,
}

/// A company that is also called otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Company {
    /// Its name, as provider files write it.
    pub(crate) name: String,
    /// Other names, in lower case and without spaces.
    pub(crate) also: Vec<String>,
}
