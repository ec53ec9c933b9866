//! `aimscan register`: what can be decided, and how the register goes to a file and back.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Database;

/// Who decides, and why.
#[derive(Debug, Args)]
pub struct Decides {
    /// Who decides [default: the user's name on this machine]
    #[arg(long, value_name = "NAME", env = "AIMSCAN_BY")]
    pub by: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `aimscan register`.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "SYSTEM is an id, its beginning, or a name as `aimscan systems` shows them; `organisation` stands for all of it.

Examples:
  aimscan register list
  aimscan register set support-bot owner='Jane Roe' purpose='Answers customers' approval=approved
  aimscan register set support-bot question/use.generative=yes --reason 'it is on our web site'
  aimscan register set support-bot finding/retired-model=accepted --until 2027-01-31 --reason 'replaced in January'
  aimscan register dismiss demo --reason 'a tutorial that nobody runs'
  aimscan register export register.toml    edit it, keep it in Git, and
  aimscan register import register.toml    take over what was edited"
)]
pub enum Register {
    /// List the register: a line a system, with owner, approval and what is open again
    List {
        /// Which database.
        #[command(flatten)]
        database: Database,
    },
    /// Show what is decided about a system, by whom and why
    Show {
        /// The system
        system: String,
        /// Which database.
        #[command(flatten)]
        database: Database,
    },
    /// Decide: fields of the record, answers to open questions, the tier, findings, controls
    Set {
        /// The system
        system: String,
        /// What is decided, as `owner='Jane Roe'`; an empty value withdraws an earlier decision
        #[arg(value_name = "WHAT=VALUE", required = true)]
        decisions: Vec<String>,
        /// The last day on which it holds, as 2027-01-31
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
        /// Who and why.
        #[command(flatten)]
        decides: Decides,
        /// Which database.
        #[command(flatten)]
        database: Database,
    },
    /// Say that it is no AI system; it comes back when a scan finds more in it
    Dismiss {
        /// The system
        system: String,
        /// Who and why.
        #[command(flatten)]
        decides: Decides,
        /// Which database.
        #[command(flatten)]
        database: Database,
    },
    /// Say that a system is part of another
    Merge {
        /// The system that is a part
        system: String,
        /// The system it is part of
        into: String,
        /// Who and why.
        #[command(flatten)]
        decides: Decides,
        /// Which database.
        #[command(flatten)]
        database: Database,
    },
    /// Say that folders in a system are systems of their own
    Split {
        /// The system
        system: String,
        /// The folders, from the root of its source
        #[arg(required = true)]
        folders: Vec<String>,
        /// Who and why.
        #[command(flatten)]
        decides: Decides,
        /// Which database.
        #[command(flatten)]
        database: Database,
    },
    /// Withdraw that a system was dismissed, merged or split
    Restore {
        /// The system
        system: String,
        /// Who and why.
        #[command(flatten)]
        decides: Decides,
        /// Which database.
        #[command(flatten)]
        database: Database,
    },
    /// List every decision ever made, or those on one system
    History {
        /// The system
        system: Option<String>,
        /// Print JSON, a line a decision
        #[arg(long)]
        json: bool,
        /// Which database.
        #[command(flatten)]
        database: Database,
    },
    /// Write the register to a file to be edited: `.toml`, or a table, `.csv` or `.xlsx`
    #[command(
        after_help = "A table has one row a system and one column a decision, headed as `register set` writes it: \
owner, approval, review-next, question/use.generative, grouping … To decide something else, add a column with its name. \
What stands in brackets is for reading. Leave `id` and `state` as they are; `reason` and `until` speak of what you change in a row.

Examples:
  aimscan register export register.xlsx
  aimscan register import register.xlsx --by 'Jane Roe'"
    )]
    Export {
        /// The file
        file: PathBuf,
        /// Format of the file [default: what its ending stands for]
        #[arg(short, long, value_enum)]
        format: Option<SheetFormat>,
        /// Which database.
        #[command(flatten)]
        database: Database,
    },
    /// Take over what was edited in an exported file, or a list of your own. What others decided in the meantime is kept
    #[command(
        after_help = "A list of your own (CSV or XLSX, one row a system, with headings as `aimscan classify` knows them) is taken in as \
it is: its systems stand in every report from then on, whether a scan found them or not, and what it says of purpose, owner, vendor, \
data, approval, reviews … is what people decided, with file and row. Import it again when it has changed. \
Where a scan found the same system, `aimscan register merge` makes them one.

Examples:
  aimscan register import register.xlsx --by 'Jane Roe'
  aimscan register import our-ai.csv --map columns.toml --as 'AI list of purchasing'"
    )]
    Import {
        /// The file
        file: PathBuf,
        /// Format of the file [default: what its ending stands for]
        #[arg(short, long, value_enum)]
        format: Option<SheetFormat>,
        /// How a list of your own is read.
        #[command(flatten)]
        list: OwnList,
        /// Take over what fits although some rows do not
        #[arg(long)]
        partly: bool,
        /// Who and why.
        #[command(flatten)]
        decides: Decides,
        /// Which database.
        #[command(flatten)]
        database: Database,
    },
}

/// How a list of an organisation's own is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "A list of your own")]
pub struct OwnList {
    /// What the register calls the list [default: the name of the file]; by it the next import knows it again
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// A TOML file that says which headings hold which field
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// The sheet of a workbook [default: the first that has such headings]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
}

/// The formats of the register as a file that people edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SheetFormat {
    /// Text that can be kept in Git
    Toml,
    /// A table for any spreadsheet program
    Csv,
    /// A workbook, with a sheet that says what to write
    Xlsx,
}
