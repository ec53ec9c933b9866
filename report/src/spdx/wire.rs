//! The part of SPDX 3.0.1's model that is written, in the names of its JSON-LD context. Knows no inventory.

use serde::{Serialize, Serializer};

#[derive(Serialize)]
pub(super) struct Document<Graph> {
    #[serde(rename = "@context")]
    pub(super) context: &'static str,
    #[serde(rename = "@graph")]
    pub(super) graph: Graph,
}

/// All elements of a document are created at once.
#[derive(Default)]
pub(super) struct Creation;

impl Serialize for Creation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("_:creation")
    }
}

/// A node of the graph.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Element<'a, Every> {
    Creation(CreationInfo<'a>),
    Collection(Collection<'a, Every>),
    Named(Named<'a>),
    Licence(Licence),
    Package(Package<'a>),
    Relationship(Relationship),
    Annotation(Annotation),
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "CreationInfo", rename_all = "camelCase")]
pub(super) struct CreationInfo<'a> {
    #[serde(rename = "@id")]
    pub(super) id: Creation,
    pub(super) spec_version: &'static str,
    pub(super) created: &'a str,
    pub(super) created_by: [String; 1],
    pub(super) comment: String,
}

/// A document, or the bill it holds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Collection<'a, Every> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "spdxId")]
    pub(super) id: String,
    pub(super) creation_info: Creation,
    pub(super) name: &'a str,
    pub(super) profile_conformance: Vec<&'static str>,
    #[serde(rename = "software_sbomType", skip_serializing_if = "Option::is_none")]
    pub(super) bill: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) root_element: Vec<String>,
    pub(super) element: Every,
}

/// Somebody, or a program.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "spdxId")]
    pub(super) id: String,
    pub(super) creation_info: Creation,
    pub(super) name: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "simplelicensing_LicenseExpression", rename_all = "camelCase")]
pub(super) struct Licence {
    #[serde(rename = "spdxId")]
    pub(super) id: String,
    pub(super) creation_info: Creation,
    #[serde(rename = "simplelicensing_licenseExpression")]
    pub(super) expression: &'static str,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Package<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "spdxId")]
    pub(super) id: String,
    pub(super) creation_info: Creation,
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<&'static str>,
    #[serde(rename = "software_primaryPurpose")]
    pub(super) purpose: &'static str,
    #[serde(rename = "software_packageVersion", skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    #[serde(rename = "software_packageUrl", skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    #[serde(rename = "software_downloadLocation", skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) supplied_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) release_time: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) verified_using: Vec<Hash<'a>>,
    #[serde(rename = "ai_typeOfModel", skip_serializing_if = "Vec::is_empty")]
    pub(super) type_of_model: Vec<&'a str>,
    pub(super) extension: [Extension; 1],
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) struct Hash<'a> {
    pub(super) algorithm: &'static str,
    pub(super) hash_value: &'a str,
}

/// Names with values, in the form that CycloneDX gave them.
#[derive(Serialize, Default)]
#[serde(tag = "type", rename = "extension_CdxPropertiesExtension")]
pub(super) struct Extension {
    #[serde(rename = "extension_cdxProperty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "extension_CdxPropertyEntry")]
struct Property {
    #[serde(rename = "extension_cdxPropName")]
    name: String,
    #[serde(rename = "extension_cdxPropValue")]
    value: String,
}

impl Extension {
    /// Properties in the name space of this program.
    pub(super) fn of(about: Vec<(String, String)>) -> [Self; 1] {
        let properties = about.into_iter().map(|(name, value)| Property {
            name: format!("aimscan:{name}"),
            value,
        });
        [Self {
            properties: properties.collect(),
        }]
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "Relationship", rename_all = "camelCase")]
pub(super) struct Relationship {
    #[serde(rename = "spdxId")]
    pub(super) id: String,
    pub(super) creation_info: Creation,
    pub(super) relationship_type: &'static str,
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) completeness: &'static str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "Annotation", rename_all = "camelCase")]
pub(super) struct Annotation {
    #[serde(rename = "spdxId")]
    pub(super) id: String,
    pub(super) creation_info: Creation,
    pub(super) annotation_type: &'static str,
    pub(super) subject: String,
    pub(super) statement: String,
}
