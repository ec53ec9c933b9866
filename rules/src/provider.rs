//! The form of a provider file: everything known about one provider, in one TOML file. `build.rs` reads the files into these
//! types and writes them as one compact block, so no field may be left out when it is written.

use std::collections::BTreeMap;

use evidence::{ComponentKind, Confidence, Kind, Observation, Stage};
use serde::{Deserialize, Serialize};

use crate::day::Day;

/// One file of `providers/`: a vendor or project, its products and all their signatures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Provider {
    /// Short vendor name, as inventories show it (`openai`, `azure-openai`); unique.
    pub id: String,
    /// The name people read.
    pub name: String,
    /// What stands behind the name.
    pub vendor: Vendor,
    /// The company that offers it, where a provider is one product of several or is not called as its company; absent if not confirmed.
    #[serde(default)]
    pub company: Option<String>,
    /// Country of the company's seat as ISO 3166 code, or `INT` for a community; absent if not confirmed.
    #[serde(default)]
    pub jurisdiction: Option<String>,
    /// What gateways and hubs write before the id of a model that this provider offers (`azure/…`, `meta-llama/…`), besides the
    /// provider's own id.
    #[serde(default)]
    pub routes: Vec<String>,
    /// What gateways and client libraries write before the id of a model to have this provider answer, and nobody else (`bedrock/…`).
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Where a person can read about it.
    pub homepage: String,
    /// Day on which somebody last held the file against its sources.
    pub checked: Day,
    /// Sources of the facts in this file: public documents, or versioned data sets (`litellm@1.109.1`).
    pub references: Vec<String>,
    /// What it offers.
    #[serde(default, rename = "product")]
    pub products: Vec<Product>,
    /// How it is recognised.
    #[serde(default, rename = "signature")]
    pub signatures: Vec<Signature>,
}

/// What stands behind a provider's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// A company that sells a hosted service: data leaves the organisation.
    Service,
    /// Software the organisation runs itself.
    Project,
    /// A company whose product writes code or text beside people.
    Assistant,
}

impl Vendor {
    /// The word for it, as in the files of the catalog.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Project => "project",
            Self::Assistant => "assistant",
        }
    }
}

/// Something a provider offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Product {
    /// `<provider>.<product>`, unique.
    pub id: String,
    /// The name people read.
    pub name: String,
    /// The kind of component its packages and imports are.
    pub component: ComponentKind,
    /// What it is for, in the words of the field: `text-generation`, `embedding`, `speech-to-text`, `image-generation`,
    /// `vector-search`, `agents`, `orchestration`, `training`, `inference-server`, `observability`, `evaluation`, `coding`.
    #[serde(default)]
    pub purposes: Vec<String>,
    /// Whether using the product means using the provider as a service or server: its packages, imports, variables,
    /// hosts and images then also speak of the provider itself.
    #[serde(default)]
    pub service: bool,
}

/// What a signature looks at; a subset of what detectors observe, plus `key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureKind {
    /// A dependency; scope is the ecosystem (`pypi`, `npm`, `cargo` …). Keys are the registry's names.
    Package,
    /// An imported module; scope is the language. A key also stands for everything below it.
    Import,
    /// A call on something of the same product; keys are the last parts of the callee (`chat.completions.create`). A key that ends
    /// in `*` stands for every callee that begins so, where the language's imports bring names in without naming them (`acme_*`).
    Call,
    /// A host; a key also stands for its subdomains if it starts with `*.`; `host/path` asks for a path prefix.
    Host,
    /// A variable; `*_NAME` also stands for names that end so.
    Env,
    /// A model id; patterns describe families.
    Model,
    /// A container image, without registry default and tag; `name/*` stands for all of an organisation.
    Image,
    /// A file by its name: a glob over the path relative to the root; a key without `/` matches the file name anywhere.
    File,
    /// The form of a credential; patterns only. What matches is never kept.
    Key,
    /// A typed thing that a platform or format knows; scope is the platform. A key that ends in `*` stands for every type that
    /// begins so. Case does not matter.
    Resource,
    /// A program that is started; keys are its name, alone or with its sub-command (`acme run`).
    Command,
}

impl SignatureKind {
    /// The kind of observation it looks at.
    #[must_use]
    pub const fn observed(self) -> Kind {
        match self {
            Self::Package => Kind::Package,
            Self::Import => Kind::Import,
            Self::Call => Kind::Call,
            Self::Host => Kind::Host,
            Self::Env => Kind::Env,
            Self::Model => Kind::Model,
            Self::Image => Kind::Image,
            Self::File => Kind::File,
            Self::Key => Kind::Literal,
            Self::Resource => Kind::Resource,
            Self::Command => Kind::Command,
        }
    }
}

impl Signature {
    /// Whether an observation is written in the signature's language and says what it asks for besides the name.
    #[must_use]
    pub fn speaks(&self, observation: &Observation) -> bool {
        self.scope.as_deref().is_none_or(|scope| scope == observation.scope) && self.fits(observation)
    }

    /// Whether an observation says what the signature asks for besides the name.
    #[must_use]
    pub fn fits(&self, observation: &Observation) -> bool {
        self.when.iter().all(|(name, wanted)| {
            let value = observation.attribute(name).map(|value| value.trim().to_ascii_lowercase());
            let is = |wanted: &str| {
                let wanted = wanted.to_ascii_lowercase();
                let value = value.as_deref();
                value.is_some_and(|value| wanted.strip_suffix('*').map_or(value == wanted, |start| value.starts_with(start)))
            };
            let (unwanted, wanted): (Vec<&str>, Vec<&str>) = wanted.iter().map(String::as_str).partition(|wanted| wanted.starts_with('!'));
            !unwanted.iter().any(|unwanted| is(&unwanted[1..])) && (wanted.is_empty() || wanted.into_iter().any(is))
        })
    }
}

/// One way to recognise a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Signature {
    /// `<provider>.<kind>.<what>`, unique.
    pub id: String,
    /// The product it speaks of.
    pub product: String,
    /// What it looks at.
    pub kind: SignatureKind,
    /// Ecosystem, language or platform; absent where the kind has none.
    #[serde(default)]
    pub scope: Option<String>,
    /// Names; see [`SignatureKind`] for their form.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Regular expressions over the whole name, without regard to case (`key`: with regard to case, anywhere in a string).
    #[serde(default)]
    pub patterns: Vec<String>,
    /// Words of at least five bytes, one of which stands in every text that a pattern (or too short a key) can match.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// For an import: the package that brings it, as its registry names it; the component's name.
    #[serde(default)]
    pub package: Option<String>,
    /// For an import: other packages that bring the same module.
    #[serde(default)]
    pub also: Vec<String>,
    /// The kind of component, where it differs from the product's or from what the kind of signature says.
    #[serde(default)]
    pub component: Option<ComponentKind>,
    /// The component's name, where the key is not it; `arg.NAME` takes it from a call's argument, `callee` from what is called.
    #[serde(default)]
    pub name: Option<String>,
    /// What must also be said of the observation: attribute by name (`arg.kind`), one of the values each, without regard to
    /// case; a value that ends in `*` stands for all that begin so, one that begins with `!` must not be said.
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
    /// Facts that a match tells of the component: `capability = "shell"`, `practice = "evaluation"`.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// How sure a match is.
    pub confidence: Confidence,
    /// How strong a use it shows, where it differs from what the kind of signature says.
    #[serde(default)]
    pub stage: Option<Stage>,
    /// For a call, command or resource: the arguments that name a model, by name or by position counted from 0, first found counts.
    #[serde(default)]
    pub models: Vec<String>,
    /// The name also means other things: it counts only beside other evidence of the same provider in the same file,
    /// a model id only in a place that holds a model's name.
    #[serde(default)]
    pub ambiguous: bool,
    /// The name counts only beside evidence of some provider, whichever, in the same file; a call, in a file that imports something
    /// of some provider.
    #[serde(default)]
    pub beside: bool,
    /// For a host: people open what stands there in a browser, so that code which holds its address links to it, unless the address is
    /// one of an interface.
    #[serde(default)]
    pub pages: bool,
    /// For a variable: whether it holds a credential.
    #[serde(default)]
    pub credential: bool,
    /// Names that must match.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Names that must not match.
    #[serde(default)]
    pub counterexamples: Vec<String>,
    /// Sources, where they differ from the file's.
    #[serde(default)]
    pub references: Vec<String>,
}
