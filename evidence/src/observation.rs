//! What a detector saw, before anybody knows whether it is AI.

use std::borrow::Cow;

use litemap::LiteMap;

/// What an observation is about. The pair of kind and scope is what a signature asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A dependency named by a manifest or lockfile; scope is the ecosystem, key the package's name.
    Package,
    /// A module that code imports; scope is the language, key the dotted or slashed module path,
    /// with the imported name appended where one is named (`google.genai`, `langchain.chat_models.ChatOpenAI`).
    Import,
    /// A call; scope is the language, key the callee with its receiver resolved to what was imported
    /// (`openai.OpenAI`, `openai.OpenAI.chat.completions.create`), starting with `?.` where the receiver is unknown, with `*.`
    /// where it is a type that one of the file's imports brings in without naming it (`*.ChatClient`).
    Call,
    /// A string written in code or configuration that no more telling kind covers; key is the text.
    Literal,
    /// A string in a place that holds a model's name (an argument, variable or setting called `model`); key is the text.
    Model,
    /// A host name, with its path in [`attribute::PATH`]; key is the host in lower case, with a port where one is written.
    Host,
    /// An environment variable or setting read or set; key is its name as written.
    Env,
    /// A container image; key is the repository, without tag or digest.
    Image,
    /// A file or folder whose mere name tells something; key is the path relative to the root.
    File,
    /// A typed thing that a platform or format knows: a registered model, a cloud resource, a step of a workflow, a node of a
    /// flow, a function of a warehouse; scope is the platform, key its type as written, [`attribute::ID`] its name.
    Resource,
    /// A program that a script, image or workflow starts; key is its name with its sub-command (`acme run`), its
    /// arguments are [`attribute::ARGUMENT`] by position or by option name.
    Command,
    /// What a project says about itself; scope is the [`Voice`](crate::Voice), key the text. Never recognised, used to tell what
    /// systems are for.
    Statement,
    /// Who this unit is: key is the name its manifest gives it. Never recognised, used to name systems.
    Project,
}

/// Further facts about an observation; keys are from [`attribute`], arguments begin with [`attribute::ARGUMENT`].
///
/// Few stand together, so that a sorted list takes less than a tree whose smallest node has room for eleven.
pub type Attributes = LiteMap<Cow<'static, str>, String>;

/// Names of the attributes that observations and evidence carry.
pub mod attribute {
    /// Version or version requirement, as written.
    pub const VERSION: &str = "version";
    /// How a dependency is declared: `direct`, `transitive`, `peer`, `dev` or `optional`.
    pub const RELATION: &str = "relation";
    /// The part of a URL behind its host.
    pub const PATH: &str = "path";
    /// The name (variable, key path or argument) a value stands under.
    pub const NAME: &str = "name";
    /// The value of a setting, for recognition only; it never reaches evidence.
    pub const VALUE: &str = "value";
    /// One sentence about a project, as its manifest gives it.
    pub const DESCRIPTION: &str = "description";
    /// The maintainers or authors a project's manifest names, one a line, as `Name <address>` or either of both.
    pub const PEOPLE: &str = "people";
    /// Prefix of a call's arguments: `arg.model`, `arg.0`; the value is the resolved text.
    pub const ARGUMENT: &str = "arg.";
    /// Prefix of a call's arguments that are no texts: `const.model`; the value is the name of what is handed over, with what it is
    /// reached through, resolved as a callee is.
    pub const CONSTANT: &str = "const.";
    /// The name, resolved as a callee is, of what a place that holds a model's name is set to.
    pub const NAMED_BY: &str = "named-by";
    /// Says that a request is made with it.
    pub const SENT: &str = "sent";
    /// Says that the line must not be shown: it also holds values that are nobody's business.
    pub const UNSHOWN: &str = "unshown";
    /// Says that the format itself puts a model's id here: it counts even where the catalog does not know the model.
    pub const BY_FORMAT: &str = "by-format";
    /// Who is to answer, as stands beside a model's name: `provider: acme`.
    pub const SERVED_BY: &str = "served-by";
    /// The name of an argument that is the address a client sends to, where its value is only known when the code runs.
    pub const COMPUTED: &str = "computed";
    /// What a call takes its model from, where the file does not say what that holds: a name of another file or of the environment.
    pub const MODEL_FROM: &str = "from.model";
    /// What a call takes the address of its service from, likewise.
    pub const ADDRESS_FROM: &str = "from.address";
    /// Says that the text is one of a list of words, as tags are: it names nothing that is used.
    pub const DATA: &str = "data";
    /// Says that the text is only held against others, that a number stands under it, a limit or a price, or that it is part of a
    /// sentence: what it names may or may not be in use.
    pub const MENTIONED: &str = "mentioned";
    /// Prefix of a fact that evidence keeps as it is: `fact.architecture`. Never a secret. One that begins with `part-` speaks
    /// of the place only, not of the whole component.
    pub const FACT: &str = "fact.";
    /// `test` where the place is a test inside a file that is none, as unit tests in Rust are.
    pub const USAGE: &str = "usage";
    /// Image tag or digest.
    pub const TAG: &str = "tag";
    /// Identifier of the record inside its platform.
    pub const ID: &str = "id";
    /// Owner as the platform names it.
    pub const OWNER: &str = "owner";
    /// Where the thing stands in its platform's life cycle.
    pub const STATUS: &str = "status";
    /// Address that shows the record to a person.
    pub const URL: &str = "url";
}

/// Facts of evidence by which one file of a unit leads to another.
pub mod fact {
    /// The name (variable, field, key or argument) under which a value was written down.
    pub const NAMED: &str = "part-named";
    /// What a call takes its model from, where that is set in another file.
    pub const MODEL_FROM: &str = "part-model-from";
    /// What a call takes its address from, where that is set in another file.
    pub const ADDRESS_FROM: &str = "part-address-from";
}

/// One thing a detector saw in an artifact. It names no vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What it is about.
    pub kind: Kind,
    /// Language, ecosystem, platform or format it was written in.
    pub scope: &'static str,
    /// The name as written; see [`Kind`] for its shape.
    pub key: String,
    /// Line, counted from 1; 0 where the whole artifact is meant.
    pub line: u32,
    /// Further facts.
    pub attributes: Attributes,
}

impl Observation {
    /// An observation without further facts.
    #[must_use]
    pub fn new(kind: Kind, scope: &'static str, key: impl Into<String>, line: u32) -> Self {
        Self {
            kind,
            scope,
            key: key.into(),
            line,
            attributes: Attributes::new(),
        }
    }

    /// Adds a fact; an empty value is left out.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.attributes.insert(name.into(), value);
        }
        self
    }

    /// A fact by its name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}
