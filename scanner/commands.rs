//! One function a command.

mod classify;
mod documents;
mod kept;
mod lists;
mod many;
mod register;
mod rules;
mod scan;
mod tables;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use inventory::Inventory;
use inventory::baseline::Baseline;
use inventory::store::Store;
use report::cyclonedx::{Edition, declarations};

use crate::cli::{Cli, Command, Database, Format, Global, Output};
use crate::settings::Settings;
use crate::terminal;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what was asked.
    Done,
    /// It did, and a condition that the user set does not hold.
    Failed,
    /// It did, but something that was to be scanned is missing, and the user wants to know.
    Incomplete,
}

/// Runs a command.
///
/// # Errors
/// If it could not do what was asked.
pub fn run(cli: Cli) -> Result<Outcome> {
    let Cli { command, global } = cli;
    match command {
        Command::Scan(options) => scan::run(&options, &global),
        Command::Classify(options) => classify::run(&options, &global),
        Command::Systems(options) => kept::systems(&options.database, &global),
        Command::Show(options) => kept::show(&options, &global),
        Command::Diff(options) => kept::diff(&options, &global),
        Command::Report(options) => kept::report(&options, &global),
        Command::Documents(options) => documents::run(&options, &global),
        Command::Register(command) => register::run(&command, &global),
        Command::Rules(command) => rules::run(&command, &global),
        Command::Detectors(options) => done(terminal::write(None, &tables::detectors(options.markdown))),
        Command::Schema => done(terminal::write(None, &format!("{:#}", report::json::schema()))),
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "aimscan", &mut out);
            done(terminal::write(None, &String::from_utf8_lossy(&out)))
        }
        Command::Man { folder: None } => {
            let mut out = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut out)?;
            done(terminal::write(None, &String::from_utf8_lossy(&out)))
        }
        Command::Man { folder: Some(folder) } => {
            std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            done(clap_mangen::generate_to(Cli::command(), &folder).with_context(|| format!("cannot write to {}", folder.display())))
        }
    }
}

fn done(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Done)
}

/// Where the inventory is kept: the option, the settings, the user's data folder.
fn database(option: &Database, settings: &Settings) -> Result<PathBuf> {
    if let Some(file) = option.db.clone().or_else(|| settings.db.clone()) {
        return Ok(file);
    }
    let folders = directories::ProjectDirs::from("", "", "aimscan")
        .context("this user has no home folder to keep an inventory in; name a file with --db, or use --no-db")?;
    Ok(folders.data_dir().join("inventory.db"))
}

fn settings(global: &Global) -> Result<Settings> {
    Settings::find(global.config.as_deref())
}

fn catalog(global: &Global, settings: &Settings) -> Result<::rules::Catalog> {
    let overlays: Vec<PathBuf> = settings.rules.iter().chain(&global.rules).cloned().collect();
    Ok(::rules::Catalog::load(&overlays)?)
}

/// The format asked for, else the one the file's ending stands for.
fn format(output: &Output) -> Format {
    let name = output
        .output
        .as_ref()
        .and_then(|file| file.file_name())
        .and_then(|name| name.to_str());
    let ending = |ending: &str| name.is_some_and(|name| name.to_ascii_lowercase().ends_with(ending));
    if output.format != Format::Text {
        return output.format;
    }
    ENDINGS
        .iter()
        .find(|(known, _)| ending(known))
        .map_or(Format::Text, |(_, format)| *format)
}

/// Refuses an output that the format cannot go to, before anything is done for it.
fn check(output: &Output) -> Result<()> {
    if format(output) == Format::CisoAssistant {
        folder(output)?;
    }
    Ok(())
}

/// The folder for a format of several files.
fn folder(output: &Output) -> Result<&std::path::Path> {
    let folder = output.output.as_deref();
    let folder = folder.context("this format is several files; name a folder for them with --output")?;
    if folder.exists() && !folder.is_dir() {
        bail!("this format is several files, and {} is no folder", folder.display());
    }
    Ok(folder)
}

/// The format that the end of a file's name stands for; the longer ending first.
const ENDINGS: [(&str, Format); 11] = [
    (".cdx.json", Format::CycloneDx),
    (".spdx.json", Format::Spdx),
    (".spdx3.json", Format::Spdx),
    (".json", Format::Json),
    (".jsonld", Format::Dpv),
    (".jsonl", Format::Jsonl),
    (".ndjson", Format::Jsonl),
    (".sarif", Format::Sarif),
    (".html", Format::Html),
    (".htm", Format::Html),
    (".csv", Format::Csv),
];

/// What an inventory is written beside.
#[derive(Default)]
struct Beside<'a> {
    /// How long the scan took, and what changed.
    run: report::text::Run<'a>,
    /// An earlier result to compare with.
    baseline: Option<&'a Baseline>,
    /// The database that tells how it stood before.
    store: Option<&'a Store>,
}

/// Writes an inventory to where the command line says, in the format it says.
fn write(inventory: &Inventory, output: &Output, beside: &Beside<'_>) -> Result<()> {
    let file = output.output.as_deref();
    match format(output) {
        Format::Text => {
            let style = if file.is_some() {
                report::text::Style::default()
            } else {
                terminal::style()
            };
            terminal::write(file, &report::text::summary(inventory, beside.run, style))
        }
        Format::Json => terminal::write(file, &report::json::render(inventory)),
        Format::Jsonl => terminal::write(file, &report::jsonl::render(inventory)),
        Format::Sarif => terminal::write(file, &report::sarif::render(inventory, beside.baseline)),
        Format::Html => {
            let trend = beside
                .store
                .map(|store| store.trend(inventory, ::rules::risk::ruleset()))
                .transpose()?;
            terminal::write(file, &report::html::render(inventory, &trend.unwrap_or_default()))
        }
        Format::CycloneDx => terminal::stream(file, |out| report::cyclonedx::write(inventory, Edition::V1_6, out)),
        Format::CycloneDx17 => terminal::stream(file, |out| report::cyclonedx::write(inventory, Edition::V1_7, out)),
        Format::Declarations => terminal::stream(file, |out| declarations::write(inventory, Edition::V1_6, out)),
        Format::Declarations17 => terminal::stream(file, |out| declarations::write(inventory, Edition::V1_7, out)),
        Format::Spdx => terminal::stream(file, |out| report::spdx::write(inventory, out)),
        Format::AnnexViii => terminal::stream(file, |out| report::annex_viii::write(inventory, out)),
        Format::Dpv => terminal::stream(file, |out| report::dpv::write(inventory, out)),
        Format::Csv => terminal::stream(file, |out| report::csv::write(inventory, out)),
        Format::CsvEvidence => terminal::stream(file, |out| report::csv::write_evidence(inventory, out)),
        Format::VerifyWise => terminal::stream(file, |out| report::verifywise::write(inventory, out)),
        Format::CisoAssistant => {
            let folder = folder(output)?;
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
            report::ciso_assistant::FILES
                .iter()
                .try_for_each(|(name, write)| terminal::stream(Some(&folder.join(name)), |out| write(inventory, out)))
        }
    }
}
