//! What a management system for AI asks for, as data (`governance/*.toml`): fields of a system's record, the controls of Annex A,
//! documents, obligations, dates of the law, and how other frameworks call these things.
//!
//! No text of a standard stands here: ids and short titles are public, everything else is in own words.

use std::sync::LazyLock;

pub(crate) mod form;

pub use form::{Control, Crosswalk, DocumentForm, FieldForm, LawDate, Level, Obligation, Prompt};

use crate::embedded;

/// Everything that is known of governance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Governance {
    /// The day on which a file was last held against its sources.
    pub version: String,
    /// Fields of the record of an AI system, in the order they are shown.
    pub fields: Vec<FieldForm>,
    /// The controls of Annex A, in their order.
    pub controls: Vec<Control>,
    /// Documents: of the organisation, then of a system.
    pub documents: Vec<DocumentForm>,
    /// What published guides to the standard ask for.
    pub obligations: Vec<Obligation>,
    /// Dates of the law.
    pub dates: Vec<LawDate>,
    /// How other frameworks call these things.
    pub crosswalks: Vec<Crosswalk>,
}

/// The embedded knowledge of governance.
#[must_use]
pub fn governance() -> &'static Governance {
    static ALL: LazyLock<Governance> = LazyLock::new(|| {
        let mut all = Governance::default();
        for file in embedded::governance() {
            all.version = all.version.max(file.checked.map(|day| day.to_string()).unwrap_or_default());
            all.fields.extend(file.fields);
            all.controls.extend(file.controls);
            all.documents.extend(file.documents);
            all.obligations.extend(file.obligations);
            all.dates.extend(file.dates);
            all.crosswalks.extend(file.crosswalks);
        }
        all
    });
    &ALL
}

impl Governance {
    /// A field of the record.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&FieldForm> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// A control of Annex A.
    #[must_use]
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == id)
    }

    /// A document.
    #[must_use]
    pub fn document(&self, id: &str) -> Option<&DocumentForm> {
        self.documents.iter().find(|document| document.id == id)
    }
}
