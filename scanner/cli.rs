//! The command line: what a person can ask for, and the words that teach it.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

mod register;

pub use register::{Decides, OwnList, Register, SheetFormat};

use crate::accounts::Accounts;

/// Finds the AI an organisation really uses, and keeps the inventory of it.
#[derive(Debug, Parser)]
#[command(name = "aimscan", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 a condition of --fail-on holds, 2 could not do what was asked, 3 a source is missing \
(with --strict).\n\nStart with: aimscan scan ."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// Options every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Settings file [default: aimscan.toml in the working folder, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Add rules: a folder of provider files, or one such file; may be given several times
    #[arg(long, global = true, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more on stderr, also which detectors took how long; -vv for every file that is looked into
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

/// What a person can ask for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find the AI systems in folders, files, Git repositories and accounts
    Scan(Box<Scan>),
    /// List the AI systems of the last scans
    Systems(Kept),
    /// Show one system in full: components, evidence, tier, open questions
    Show(Show),
    /// Tell what changed between two scans: new, gone and changed systems
    Diff(Diff),
    /// Write the last inventory in another format, without scanning again
    Report(Report),
    /// Give tiers to the systems of a register that already exists: CSV or XLSX
    Classify(Classify),
    /// Write the documents that ISO/IEC 42001 Annex A asks for, begun with what was found
    Documents(Documents),
    /// Keep what people decide: owners, purposes, approvals, answers. Scans never overwrite it
    #[command(subcommand)]
    Register(Register),
    /// Look into the rules by which AI is recognised, and check your own
    #[command(subcommand)]
    Rules(Rules),
    /// List the detectors: what each reads, sees and needs
    Detectors(Detectors),
    /// Print the JSON Schema of the inventory
    Schema,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one page a command into a folder
    Man {
        /// Folder for the pages
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// The formats an inventory can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, on a terminal
    Text,
    /// Everything, with a schema version (see `aimscan schema`)
    Json,
    /// One line a component, with its evidence
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// One self-contained page for a browser
    Html,
    /// CycloneDX 1.6, a bill of materials with models, services and evidence
    #[value(name = "cyclonedx", alias = "cyclonedx-1.6")]
    CycloneDx,
    /// The same as CycloneDX 1.7
    #[value(name = "cyclonedx-1.7")]
    CycloneDx17,
    /// CycloneDX 1.6 declarations: claims with evidence, by control of ISO/IEC 42001 Annex A
    #[value(name = "cyclonedx-declarations")]
    Declarations,
    /// The same as CycloneDX 1.7
    #[value(name = "cyclonedx-declarations-1.7")]
    Declarations17,
    /// SPDX 3.0.1 as JSON-LD
    Spdx,
    /// Records for the EU database of high-risk AI systems: AI Act, Annex VIII, of systems that could be high
    AnnexViii,
    /// JSON-LD in the terms of the W3C's Data Privacy Vocabulary 2.3, with its extensions for AI and the EU AI Act
    Dpv,
    /// A register for spreadsheets, one row a system
    Csv,
    /// The evidence for spreadsheets, one row a place
    CsvEvidence,
    /// Import sheets for CISO Assistant, as several files: --output names a folder
    CisoAssistant,
    /// Payloads for VerifyWise's model inventory, one line a model
    #[value(name = "verifywise")]
    VerifyWise,
}

/// Where an inventory goes.
#[derive(Debug, Args)]
pub struct Output {
    /// Format of the output
    #[arg(short, long, value_enum, default_value = "text")]
    pub format: Format,
    /// Write to a file instead of standard output; the format follows its ending unless --format is given
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Which database.
#[derive(Debug, Args)]
pub struct Database {
    /// Where the inventory is kept [default: in the user's data folder]
    #[arg(long, value_name = "FILE", env = "AIMSCAN_DB")]
    pub db: Option<PathBuf>,
}

/// `aimscan scan`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aimscan scan .                                    what AI is in this repository?
  aimscan scan ~/src/*                              many repositories, one inventory
  aimscan scan https://github.com/simonw/llm        a repository that is not here
  aimscan scan app.whl image.tar                    what an archive or a saved container image holds
  aimscan scan . --format html -o ai.html           a page to read and share
  aimscan scan . --no-db --format sarif -o ai.sarif --fail-on high
                                                    in a pipeline: no memory, an exit code
  aimscan scan . --changed-since origin/main --baseline main.json --fail-on high
                                                    in a pull request: what it brings
  aimscan scan --each ~/clones -o ai.jsonl          every clone in a folder, one by one
  GITHUB_TOKEN_FILE=token aimscan scan --github-org acme --resume
                                                    an organisation, going on where it was broken off
  aimscan scan --mlflow https://mlflow.example.org  the models of a registry")]
pub struct Scan {
    /// Folders, files, archives, container images (saved, or as an OCI layout), or addresses of Git repositories
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// Many repositories.
    #[command(flatten)]
    pub many: Many,
    /// Where it goes.
    #[command(flatten)]
    pub output: Output,
    /// Which database.
    #[command(flatten)]
    pub database: Database,
    /// Keep nothing and remember nothing: every file is read, and there is no \"since\"
    #[arg(long, conflicts_with = "db")]
    pub no_db: bool,
    /// Exit with 1 if a condition holds: `limited`, `high` or `stop` (a system's indicated tier is that or above),
    /// `new-system`, `unapproved-provider`, `unapproved`, `policy`; may be given several times
    #[arg(long, value_name = "CONDITION", value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,
    /// A file with a policy, `[approved]` and `[[policy]]` as in the settings: what may be used, and what must be decided
    #[arg(long, value_name = "FILE")]
    pub policy: Vec<PathBuf>,
    /// An earlier result to compare with: a file of the formats json, sarif or jsonl, or the number of a snapshot. Only what
    /// is not in it counts for --fail-on, and SARIF says of each result whether it is new
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Show only what stands in files that differ from a Git revision, or from where the present branch left it. All files
    /// are read all the same, so that systems are what they are; nothing is kept of such a scan
    #[arg(long, value_name = "REV")]
    pub changed_since: Option<String>,
    /// Leave out paths, as a line of .gitignore would; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Open archives that lie in the scanned folders too, one inside the other as far as the settings allow
    #[arg(long)]
    pub archives: bool,
    /// Do not read the Git history: no dates of commits, no authors
    #[arg(long, conflicts_with = "full_history")]
    pub no_history: bool,
    /// Read the Git history to its beginning, however long that takes
    #[arg(long)]
    pub full_history: bool,
    /// Name people: authors of the evidence lines, maintainers, whom CODEOWNERS names. Otherwise they are counted
    #[arg(long)]
    pub people: bool,
    /// Ask cargo for the dependencies of Rust packages. It runs `cargo metadata`, so only for trees you trust
    #[arg(long)]
    pub trust_cargo: bool,
    /// Accounts of services.
    #[command(flatten)]
    pub accounts: Accounts,
}

/// Many repositories in one run, each dealt with by itself.
#[derive(Debug, Args)]
#[command(next_help_heading = "Many repositories")]
pub struct Many {
    /// Scan what a file names, a path or an address a line; `#` begins a comment, `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub list: Vec<PathBuf>,
    /// Scan every clone in a folder, and in the folders in it (DIR/owner/name)
    #[arg(long, value_name = "DIR")]
    pub each: Vec<PathBuf>,
    /// Scan every repository of a GitHub organisation. Uses GITHUB_TOKEN (or GITHUB_TOKEN_FILE): a fine-grained token of the
    /// organisation with Metadata: read and Contents: read; without one, public repositories only
    #[arg(long, value_name = "NAME")]
    pub github_org: Vec<String>,
    /// The address of GitHub's API; on a server of one's own https://HOST/api/v3 [default: https://api.github.com]
    #[allow(rustdoc::bare_urls, reason = "the help of the option is shown as it stands")]
    #[arg(long, value_name = "URL", env = "GITHUB_API_URL", hide_env_values = true)]
    pub github_url: Option<String>,
    /// Scan every repository of a GitLab group and the groups in it. Uses GITLAB_TOKEN (or GITLAB_TOKEN_FILE): a token of the
    /// group with the role Reporter and the scopes read_api and read_repository; without one, public repositories only
    #[arg(long, value_name = "NAME")]
    pub gitlab_group: Vec<String>,
    /// The address of GitLab's API; on a server of one's own https://HOST/api/v4 [default: https://gitlab.com/api/v4]
    #[allow(rustdoc::bare_urls, reason = "the help of the option is shown as it stands")]
    #[arg(long, value_name = "URL", env = "CI_API_V4_URL", hide_env_values = true)]
    pub gitlab_url: Option<String>,
    /// Scan archived repositories of an organisation too
    #[arg(long)]
    pub archived: bool,
    /// Scan an organisation's forks of repositories elsewhere too
    #[arg(long)]
    pub forks: bool,
    /// Go on with the last such run, if it was broken off: what it has done is not done again. With a time (`12h`, `2d`,
    /// `2026-11-26T22:00:00Z`), take over whatever was scanned since
    #[arg(long, value_name = "SINCE", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with = "no_db")]
    pub resume: Option<String>,
    /// Exit with 3 if a repository could not be read, or an organisation not to its end
    #[arg(long)]
    pub strict: bool,
}

/// What makes a scan fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A system's indicated tier is limited or above
    Limited,
    /// A system's indicated tier is high or above
    High,
    /// A system shows signs of a practice to be reviewed before anything else
    Stop,
    /// A system was not there in the last scan
    NewSystem,
    /// A provider is used that the settings do not approve
    UnapprovedProvider,
    /// Something is used that is not on the approved list: a provider, model, licence, region or use
    Unapproved,
    /// A rule of the policy is broken (`[[policy]]` in the settings, or --policy) and nobody accepted it
    Policy,
}

/// Commands that read the database.
#[derive(Debug, Args)]
pub struct Kept {
    /// Which database.
    #[command(flatten)]
    pub database: Database,
}

/// `aimscan show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The system's id, its beginning, or its name
    pub id: String,
    /// Which database.
    #[command(flatten)]
    pub database: Database,
}

/// `aimscan diff`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aimscan diff            what did the last scan change?
  aimscan diff 3          what changed since snapshot 3?
  aimscan diff 3 7 --json")]
pub struct Diff {
    /// The earlier snapshot [default: the one before the later]
    pub before: Option<i64>,
    /// The later snapshot [default: the last]
    pub after: Option<i64>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Which database.
    #[command(flatten)]
    pub database: Database,
}

/// `aimscan report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Where it goes.
    #[command(flatten)]
    pub output: Output,
    /// The snapshot [default: the last]
    #[arg(long, value_name = "ID")]
    pub snapshot: Option<i64>,
    /// A file with a policy, beside that of the settings; it is held against what only lists name, too
    #[arg(long, value_name = "FILE")]
    pub policy: Vec<PathBuf>,
    /// Exit with 1 if a condition holds: `limited`, `high`, `stop`, `unapproved-provider`, `unapproved`, `policy`; may be given several
    /// times
    #[arg(long, value_name = "CONDITION", value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,
    /// Which database.
    #[command(flatten)]
    pub database: Database,
}

/// The formats of the tiers of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people, on a terminal
    Text,
    /// One line of JSON a system, with every reason and question
    Jsonl,
    /// One row a system, for a spreadsheet
    Csv,
}

/// `aimscan classify`.
#[derive(Debug, Args)]
#[command(
    after_help = "The list is CSV (comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252) or XLSX. Its
columns are known by their headings in English, German, French, Spanish and Dutch: id, name,
purpose, outputs, personal data, affected persons, area, oversight, owner. What they are called
otherwise, a mapping tells:

  # columns.toml
  name    = \"System\"
  purpose = [\"What for\", \"Remarks\"]

Nothing is read of columns that hold a risk class: they are an answer.

Examples:
  aimscan classify register.csv                     what stands highest, and why
  aimscan classify register.xlsx --format csv -o tiers.csv
  aimscan classify register.xlsx --sheet Systems --map columns.toml --format jsonl"
)]
pub struct Classify {
    /// The register: a CSV or XLSX file
    pub file: PathBuf,
    /// Format of the output [default: text, or what the ending of --output stands for]
    #[arg(short, long, value_enum)]
    pub format: Option<ListFormat>,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A TOML file that says which headings hold which field
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// The sheet of a workbook [default: the first that has such headings]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
}

/// `aimscan documents`.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing that somebody edited is overwritten: such a file stays, and the new one is written
beside it. Text that is to be carried along belongs into the register.

Examples:
  aimscan documents --output aims                   everything
  aimscan documents -o aims --format docx,xlsx      Word documents and the register as a workbook
  aimscan documents -o aims --system support-bot    the documents of one system
  aimscan register set support-bot text/SYS-03/harms='Wrong answers cost people money'
                                                    what only people can write"
)]
pub struct Documents {
    /// The folder to write into; it is made if there is none
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// The forms to write; may be given several times
    #[arg(short, long, value_enum, value_delimiter = ',', default_values = ["md", "docx", "html", "xlsx"])]
    pub format: Vec<Form>,
    /// Only the documents of one system: its id, the beginning of it, or its name
    #[arg(long, value_name = "SYSTEM")]
    pub system: Option<String>,
    /// The snapshot [default: the last]
    #[arg(long, value_name = "ID")]
    pub snapshot: Option<i64>,
    /// Which database.
    #[command(flatten)]
    pub database: Database,
}

/// The forms a document can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Markdown, a file a document
    Md,
    /// Word, a file a document
    Docx,
    /// Pages for a browser, one a system and one for the organisation
    Html,
    /// The register as a workbook
    Xlsx,
}

/// `aimscan rules`.
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// Check rules: examples match, counterexamples do not, ids are unique, every signature can be seen
    Check {
        /// A folder or file of your own rules; without it the embedded ones are checked
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// List the providers, or the signatures of one
    List {
        /// A provider's id
        provider: Option<String>,
    },
    /// Print the words of which one must stand in code before it is parsed
    Words,
    /// Tell what is known of a provider or signature, or which signature a name belongs to
    #[command(
        after_help = "Examples:\n  aimscan rules explain openai\n  aimscan rules explain langchain-openai\n  aimscan rules explain api.groq.com\n  aimscan rules explain gpt-4o-mini"
    )]
    Explain {
        /// An id, or a package, module, host, variable, model or image
        what: String,
    },
}

/// `aimscan detectors`.
#[derive(Debug, Args)]
pub struct Detectors {
    /// Print a Markdown table
    #[arg(long)]
    pub markdown: bool,
}
