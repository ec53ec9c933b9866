//! The form of a file of risk rules. `build.rs` reads the files into these types and writes them as one compact block, so no
//! field may be left out when it is written.

use std::collections::BTreeMap;

use evidence::{ComponentKind, Confidence, Relation, Stage, Usage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::concepts::Axis;
use crate::day::Day;

/// An indicative tier, lowest first; `Unknown` means that the evidence does not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The evidence does not tell: a library is present, its use is not seen.
    #[default]
    Unknown,
    /// No specific duty seen.
    Minimal,
    /// Transparency duties or some risk to the organisation.
    Limited,
    /// Significant effects on people possible; needs the full set of documents.
    High,
    /// Signs of a practice that must be reviewed before anything else.
    Stop,
}

impl Tier {
    /// The name used in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Minimal => "minimal",
            Self::Limited => "limited",
            Self::High => "high",
            Self::Stop => "stop",
        }
    }

    /// Every tier, lowest first.
    pub const ALL: [Self; 5] = [Self::Unknown, Self::Minimal, Self::Limited, Self::High, Self::Stop];
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One file of `risk/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RuleFile {
    /// What its rules have in common; begins the id of each.
    pub(crate) id: String,
    /// The words a person reads for it.
    pub(crate) title: String,
    /// Day on which somebody last held the rules against their references.
    pub(crate) checked: Day,
    /// What its rules are held against, unless one says otherwise.
    #[serde(default)]
    pub(crate) subject: Subject,
    /// What must also hold of a system that was found, for what it says of itself to count.
    #[serde(default)]
    pub(crate) found: Option<Condition>,
    /// What must stand in the same words of a system that was found, for them to weigh as much as those of a list.
    #[serde(default)]
    pub(crate) decisive: Option<Condition>,
    /// The rules.
    #[serde(rename = "rule")]
    pub(crate) rules: Vec<Rule>,
}

/// One risk rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// `<file>.<what>`, unique.
    pub id: String,
    /// When it fires.
    pub when: Condition,
    /// What it is held against; the file says so for all its rules that do not say it themselves.
    #[serde(default)]
    pub subject: Option<Subject>,
    /// What must also hold of a system that was found; the file says so for all its rules.
    #[serde(default)]
    pub found: Option<Condition>,
    /// What must stand in the same words of a system that was found, for them to indicate more than a limited tier; the file says so
    /// for all its rules.
    #[serde(default)]
    pub decisive: Option<Condition>,
    /// What it does to the tier; nothing for a rule that only says why a tier stays unknown.
    #[serde(default)]
    pub effect: Effect,
    /// Why, as one plain sentence; may hold the [`PLACEHOLDERS`].
    pub because: String,
    /// Legal or normative references.
    #[serde(default)]
    pub references: Vec<String>,
    /// What it says of the European AI Act.
    #[serde(default)]
    pub eu: Option<EuPoint>,
    /// What it shows on axes of severity and likelihood, 1 to 4 each.
    #[serde(default)]
    pub raises: BTreeMap<Axis, u8>,
    /// Rules, by id, beside which it says nothing new and is left out; `purpose.*` stands for all whose ids begin so.
    #[serde(default)]
    pub yields_to: Vec<String>,
    /// What a person must answer to narrow the interval.
    #[serde(default)]
    pub question: Option<Question>,
    /// Systems on which it must fire.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
    /// Systems on which it must not fire.
    #[serde(default, rename = "counterexample")]
    pub counterexamples: Vec<Example>,
}

impl Rule {
    /// Whether it is held against such subjects.
    #[must_use]
    pub fn is_about(&self, subject: Subject) -> bool {
        self.subject.is_some_and(|own| own == subject || own == Subject::Any)
    }

    /// Whether it rests on what is said in words of found and of listed systems alike.
    #[must_use]
    pub fn rests_on_words(&self) -> bool {
        self.subject == Some(Subject::Any)
    }
}

/// What a rule is held against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Systems that were found by evidence.
    #[default]
    System,
    /// Systems that somebody lists as AI and describes in words.
    Listed,
    /// Both, by what is said of them in words.
    Any,
}

/// A provision of Regulation (EU) 2024/1689 (AI Act) that may apply.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EuPoint {
    /// The article, `6(2)`.
    pub article: String,
    /// The point of an annex, `Annex III 5(a)`.
    #[serde(default)]
    pub point: Option<String>,
    /// How much speaks for it.
    pub status: EuStatus,
}

/// How much speaks for a provision of the AI Act.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EuStatus {
    /// Nothing is known.
    #[default]
    Unknown,
    /// What is known gives no sign of it.
    NotIndicated,
    /// Signs of it; whether it applies depends on answers.
    Possible,
    /// The signs of what the provision asks for stand together.
    Indicated,
}

impl std::fmt::Display for EuStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::NotIndicated => "not indicated",
            Self::Possible => "possible",
            Self::Indicated => "indicated",
        })
    }
}

impl std::fmt::Display for EuPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.point {
            // Paragraphs belong to the number of their article.
            Some(point) if point.starts_with('(') => write!(f, "Article {}{point}", self.article),
            Some(point) => write!(f, "Article {}, {point}", self.article),
            None => write!(f, "Article {}", self.article),
        }
    }
}

/// What the sentence and the question of a rule may hold: the system's name, the providers, models and names of the components that made
/// the rule fire, and the words found with the place they stand in.
pub const PLACEHOLDERS: [&str; 5] = ["name", "providers", "models", "components", "words"];

/// When a rule fires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// All of these hold.
    All(Vec<Condition>),
    /// At least one of these holds.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// The system has such a component.
    Component(ComponentTest),
    /// One of these words stands in what the system says of itself.
    Words(WordTest),
    /// What is said of the system is about one of these concepts.
    Signal(SignalTest),
    /// Hardly anything is said of the system but its name.
    Brief(BriefTest),
}

/// Counts the words that say what a system is, its name apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BriefTest {
    /// Fewer different words than these.
    pub below: usize,
    /// Concepts, by id, whose words do not count: they say nothing of what the system is.
    #[serde(default)]
    pub besides: Vec<String>,
    /// The same concepts by number, once the rule is loaded.
    #[serde(skip)]
    pub numbers: Vec<usize>,
}

/// Looks for concepts in what is said of a system; see [`crate::concepts`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignalTest {
    /// One of these concepts, by id; `health.*` stands for all whose ids begin so, and a group's id for its concepts.
    pub of: Vec<String>,
    /// Where to look; everywhere but in the field a list puts a system in, if absent: a field describes no system.
    #[serde(default = "everywhere", rename = "in")]
    pub within: Vec<TextPlace>,
    /// Whether its words are left out where the reason tells them.
    #[serde(default)]
    pub silent: bool,
    /// Only in a sentence that is also about one of these.
    #[serde(default)]
    pub beside: Vec<String>,
    /// Only in a sentence that is about none of these.
    #[serde(default)]
    pub without: Vec<String>,
    /// The same concepts by number, once the rule is loaded.
    #[serde(skip)]
    pub numbers: Numbers,
}

/// The concepts of a [`SignalTest`] by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Those looked for.
    pub of: Vec<usize>,
    /// Those that must stand beside.
    pub beside: Vec<usize>,
    /// Those that must not.
    pub without: Vec<usize>,
}

/// Describes a component: everything given must hold. What is said of evidence (relation, stage, confidence, usage) must
/// hold of one and the same piece of evidence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComponentTest {
    /// One of these kinds.
    pub kind: Vec<ComponentKind>,
    /// Behind it stands one of these providers.
    pub provider: Vec<String>,
    /// It has one of these names, without regard to case; `*` stands for anything.
    pub name: Vec<String>,
    /// It has one of these purposes.
    pub purpose: Vec<String>,
    /// It is declared in one of these ways.
    pub relation: Vec<Relation>,
    /// The least stage.
    pub stage: Option<Stage>,
    /// The least confidence.
    pub confidence: Option<Confidence>,
    /// One of these kinds of place. Somebody else's code and what is only declared for development do not count as `runtime`.
    pub usage: Vec<Usage>,
    /// Components that one of these describes do not count.
    pub except: Vec<ComponentTest>,
}

/// Looks for words in what a system says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WordTest {
    /// Phrases in lower case; a trailing `*` at a word lets it go on. Names such as `CvScreening` and `cv_screening` read as `cv screening`.
    pub any: Vec<String>,
    /// Phrases in which those words mean something else.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Where to look; everywhere if absent.
    #[serde(default = "everywhere", rename = "in")]
    pub within: Vec<TextPlace>,
}

/// Where a system says something of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextPlace {
    /// The name of the system.
    Name,
    /// The sentence its manifest gives about it.
    Description,
    /// Its folder.
    Folder,
    /// The paths of its evidence outside tests, examples and documentation.
    Path,
    /// The names of its models, model files and data sets.
    Component,
    /// A paragraph of its README.
    Readme,
    /// A text by which it instructs a model.
    Prompt,
    /// The name of one of its tables with the names of the columns.
    Schema,
    /// The path of an address that it serves or asks.
    Route,
    /// The value of a tag of one of its resources.
    Tag,
    /// What a list says it is for.
    Purpose,
    /// What a list says it gives out.
    Outputs,
    /// What a list says of the data that goes in.
    Data,
    /// Whom a list says it affects, and who uses it.
    People,
    /// The field a list puts it in.
    Area,
    /// What a list says of how far it acts by itself.
    Oversight,
}

impl TextPlace {
    /// Whether somebody says in sentences what a system is for, as opposed to naming a part of it.
    #[must_use]
    pub const fn is_prose(self) -> bool {
        matches!(
            self,
            Self::Description
                | Self::Readme
                | Self::Prompt
                | Self::Purpose
                | Self::Outputs
                | Self::Data
                | Self::People
                | Self::Area
                | Self::Oversight
        )
    }

    /// Whether it is what something is called, as opposed to a sentence, code or a schema.
    #[must_use]
    pub const fn is_mere_name(self) -> bool {
        matches!(self, Self::Name | Self::Folder | Self::Path | Self::Component | Self::Tag)
    }

    /// Whether it names a part, which speaks for itself beside what is said of the whole.
    #[must_use]
    pub const fn is_part(self) -> bool {
        matches!(self, Self::Path | Self::Component | Self::Schema | Self::Route | Self::Tag)
    }
}

impl From<evidence::Voice> for TextPlace {
    fn from(voice: evidence::Voice) -> Self {
        match voice {
            evidence::Voice::Introduction | evidence::Voice::Readme | evidence::Voice::Contact | evidence::Voice::Assessment => {
                Self::Readme
            }
            evidence::Voice::Prompt => Self::Prompt,
            evidence::Voice::Schema => Self::Schema,
            evidence::Voice::Route => Self::Route,
            evidence::Voice::Tag | evidence::Voice::Entry => Self::Tag,
        }
    }
}

fn everywhere() -> Vec<TextPlace> {
    vec![
        TextPlace::Name,
        TextPlace::Description,
        TextPlace::Folder,
        TextPlace::Path,
        TextPlace::Component,
        TextPlace::Readme,
        TextPlace::Prompt,
        TextPlace::Schema,
        TextPlace::Route,
        TextPlace::Tag,
        TextPlace::Purpose,
        TextPlace::Outputs,
        TextPlace::Data,
        TextPlace::People,
        TextPlace::Oversight,
    ]
}

/// What a rule does to the tier interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Effect {
    /// The evidence alone shows at least this tier.
    pub floor: Option<Tier>,
    /// The evidence indicates at least this tier.
    pub indicated: Option<Tier>,
    /// Open questions answered adversely lead to at least this tier.
    pub ceiling: Option<Tier>,
    /// Nothing but a floor leads above this tier.
    pub cap: Option<Tier>,
}

/// A question only a person can answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Question {
    /// The question, to be answered with yes or no; may hold the [`PLACEHOLDERS`].
    pub ask: String,
    /// Who can answer it.
    pub who: String,
    /// What a "yes" does to the tier.
    pub if_yes: String,
}

/// A tiny system that shows what a rule is meant for, or what it is not meant for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Example {
    /// The system's name.
    #[serde(default = "example_name")]
    pub name: String,
    /// The sentence its manifest gives about it.
    #[serde(default)]
    pub description: Option<String>,
    /// What it gives out, in the words of a list.
    #[serde(default)]
    pub outputs: Option<String>,
    /// The field a list puts it in.
    #[serde(default)]
    pub area: Option<String>,
    /// What a system that was found says about itself.
    #[serde(default)]
    pub said: Vec<ExampleStatement>,
    /// What it is made of; nothing for a system of a list.
    #[serde(default)]
    pub components: Vec<ExampleComponent>,
}

/// Something that the system of an [`Example`] says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExampleStatement {
    /// What kind of text it is.
    pub voice: evidence::Voice,
    /// The text.
    pub text: String,
}

/// A component of an [`Example`], with one piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExampleComponent {
    /// What it is.
    pub kind: ComponentKind,
    /// Its name.
    pub name: String,
    /// The provider behind it.
    #[serde(default)]
    pub provider: Option<String>,
    /// What it is for, separated by spaces.
    #[serde(default)]
    pub purposes: String,
    /// How it is declared.
    #[serde(default)]
    pub relation: Option<Relation>,
    /// How strong a use the evidence shows.
    #[serde(default = "invoked")]
    pub stage: Stage,
    /// How sure it is.
    #[serde(default = "sure")]
    pub confidence: Confidence,
    /// What kind of place it stands in.
    #[serde(default = "runtime")]
    pub usage: Usage,
    /// The path it stands in.
    #[serde(default = "example_path")]
    pub path: String,
}

fn example_name() -> String {
    "example".to_owned()
}

fn example_path() -> String {
    "src/main.py".to_owned()
}

const fn invoked() -> Stage {
    Stage::Invoked
}

const fn sure() -> Confidence {
    Confidence::High
}

const fn runtime() -> Usage {
    Usage::Runtime
}
