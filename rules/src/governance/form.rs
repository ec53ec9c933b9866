//! The form of the files in `governance/`.

use serde::{Deserialize, Serialize};

use crate::day::Day;

/// One file: whatever of the lists it holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct GovernanceFile {
    /// When the file was last held against its sources.
    pub(crate) checked: Option<Day>,
    /// Where what it says comes from.
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(default, rename = "field")]
    pub(crate) fields: Vec<FieldForm>,
    #[serde(default, rename = "control")]
    pub(crate) controls: Vec<Control>,
    #[serde(default, rename = "document")]
    pub(crate) documents: Vec<DocumentForm>,
    #[serde(default, rename = "obligation")]
    pub(crate) obligations: Vec<Obligation>,
    #[serde(default, rename = "date")]
    pub(crate) dates: Vec<LawDate>,
    #[serde(default, rename = "version")]
    pub(crate) versions: Vec<LawVersion>,
    #[serde(default, rename = "crosswalk")]
    pub(crate) crosswalks: Vec<Crosswalk>,
    #[serde(default, rename = "section")]
    pub(crate) registration: Vec<Section>,
    #[serde(default, rename = "term")]
    pub(crate) terms: Vec<Term>,
}

/// Who can fill a field of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filled {
    /// A scan shows it, with evidence.
    Scan,
    /// A scan proposes it; a person must confirm.
    Draft,
    /// Only people know.
    People,
}

/// Which days a field can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayForm {
    /// A day that has come: something was done on it.
    Past,
    /// Any day.
    Any,
}

/// A field of the record of an AI system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FieldForm {
    /// Its id: words in lower case with hyphens.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// The group it is shown in.
    pub group: String,
    /// Who can fill it.
    pub filled: Filled,
    /// What a person is asked where it is missing, as a question.
    pub ask: String,
    /// Who can answer.
    pub who: String,
    /// Whether a row without it is incomplete.
    #[serde(default)]
    pub minimum: bool,
    /// The answers that can be given, where it is no free text.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Which days it can hold, where it holds one.
    #[serde(default)]
    pub day: Option<DayForm>,
    /// The controls of Annex A that it serves.
    #[serde(default)]
    pub controls: Vec<String>,
    /// Who else asks for it: registers and formats, with the name of the field there.
    #[serde(default)]
    pub references: Vec<String>,
}

/// What a control or document speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The organisation.
    Organisation,
    /// Each AI system.
    System,
    /// Both: a process of the organisation and a record of each system.
    Both,
}

/// A control of Annex A of ISO/IEC 42001:2023: its id and short title are the standard's, everything else is in own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Control {
    /// Its id, such as `A.6.2.8`.
    pub id: String,
    /// Its short title.
    pub title: String,
    /// What it speaks of.
    pub level: Level,
    /// What it is for, in one sentence of our own.
    pub aim: String,
    /// The documents that answer it, by id.
    pub documents: Vec<String>,
    /// What a scan can show for it.
    pub shown: String,
    /// What only people can supply.
    pub supplied: String,
    /// Fields of a system's record that are evidence for it where they are detected.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// A document that is begun for an organisation or a system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DocumentForm {
    /// Its id, such as `SYS-02`; `ORG-` begins what is the organisation's.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Whose it is; never both.
    pub level: Level,
    /// The lowest ceiling of a tier from which a system has it: `unknown`, `minimal`, `limited`, `high`, `stop`.
    #[serde(default)]
    pub from: String,
    /// Whether it is only for systems with something of a third party.
    #[serde(default)]
    pub third_party: bool,
    /// What it is for, in one sentence.
    pub purpose: String,
    /// The controls of Annex A it answers.
    #[serde(default)]
    pub controls: Vec<String>,
    /// The clauses it answers.
    #[serde(default)]
    pub clauses: Vec<String>,
    /// Fields of the record that it shows, in this order.
    #[serde(default)]
    pub fields: Vec<String>,
    /// What a person must write, as questions, each under its heading.
    #[serde(default, rename = "prompt")]
    pub prompts: Vec<Prompt>,
}

/// A part of a document that only a person can write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Prompt {
    /// Its id inside the document.
    pub id: String,
    /// The heading.
    pub heading: String,
    /// What to write, as questions.
    pub ask: String,
    /// Who can answer.
    pub who: String,
    /// The lowest tier from which it is asked; empty for every tier that has the document.
    #[serde(default)]
    pub from: String,
}

/// What published guides to the standard ask for, and where it is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Obligation {
    /// Its number.
    pub number: u32,
    /// Its kind: inventory, risk, documentation …
    pub kind: String,
    /// What is asked for, in own words.
    pub what: String,
    /// Where it is served, or why it is not.
    pub served: String,
    /// Whether it is: `yes`, `in part` or `no`.
    pub state: String,
    /// Where it is asked for.
    pub source: String,
}

/// A date of the law, with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LawDate {
    /// The law.
    pub law: String,
    /// The article or part.
    pub part: String,
    /// From when it applies; `unconfirmed` where no source says.
    pub from: String,
    /// What applies then.
    pub what: String,
    /// Where that is written.
    pub source: String,
}

/// The version of a law that is followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LawVersion {
    /// What people call the law.
    pub law: String,
    /// The act itself.
    pub act: String,
    /// The acts that changed it.
    #[serde(default)]
    pub amended_by: Vec<String>,
    /// The day since which it reads so.
    pub as_of: Day,
    /// Where the texts were published.
    pub source: String,
}

impl std::fmt::Display for LawVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.act)?;
        if !self.amended_by.is_empty() {
            write!(f, " as amended by {}", self.amended_by.join(", "))?;
        }
        write!(f, ", as of {}", self.as_of)
    }
}

/// How one thing here is called elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Crosswalk {
    /// What it is about: a control (`A.5.2`), a rule of risk (`domain.employment`) or a rule of findings.
    pub of: String,
    /// The other framework.
    pub framework: String,
    /// The id there.
    pub id: String,
    /// Where the framework stands.
    pub source: String,
}

/// A section of Annex VIII of the AI Act: what one kind of organisation has to register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Section {
    /// Its letter.
    pub id: String,
    /// Who registers by it.
    pub whom: String,
    /// Points that it had and has no longer.
    #[serde(default)]
    pub deleted: Vec<DeletedPoint>,
    /// Its points, in their order.
    #[serde(rename = "point")]
    pub points: Vec<Point>,
}

/// A point that a later act deleted; its number stays free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DeletedPoint {
    /// Its number.
    pub number: u32,
    /// What deleted it.
    pub by: String,
}

/// A point of a section of Annex VIII.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Point {
    /// Its number.
    pub number: u32,
    /// What it wants to be told, in own words.
    pub what: String,
    /// Whether it may not apply, or is optional.
    #[serde(default)]
    pub if_any: bool,
    /// Fields of the record that say something for it, the one it is about first.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Whether its fields never say all of it.
    #[serde(default)]
    pub partly: bool,
    /// What a person is asked, as a question.
    pub ask: String,
    /// Who can answer.
    pub who: String,
}

/// What a public vocabulary calls something of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Term {
    /// What it is about: `purpose/…` of a component, `kind/…` of one, or `FIELD/ANSWER` of a field of the record.
    pub of: String,
    /// The term, as prefix and name.
    pub term: String,
}
