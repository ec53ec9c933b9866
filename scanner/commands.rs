//! One function a command.

mod kept;
mod many;
mod rules;
mod scan;
mod tables;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::CommandFactory;
use inventory::baseline::Baseline;

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
        Command::Systems(options) => kept::systems(&options.database, &global),
        Command::Show(options) => kept::show(&options, &global),
        Command::Diff(options) => kept::diff(&options, &global),
        Command::Report(options) => kept::report(&options, &global),
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
    let ending = output
        .output
        .as_ref()
        .and_then(|file| file.extension())
        .and_then(|ending| ending.to_str());
    match (output.format, ending) {
        (Format::Text, Some("json")) => Format::Json,
        (Format::Text, Some("jsonl" | "ndjson")) => Format::Jsonl,
        (Format::Text, Some("sarif")) => Format::Sarif,
        (Format::Text, Some("html" | "htm")) => Format::Html,
        (format, _) => format,
    }
}

fn render(inventory: &inventory::Inventory, output: &Output, run: &report::text::Run<'_>, baseline: Option<&Baseline>) -> String {
    match format(output) {
        Format::Text => {
            let style = if output.output.is_some() {
                report::text::Style::default()
            } else {
                terminal::style()
            };
            report::text::summary(inventory, *run, style)
        }
        Format::Json => report::json::render(inventory),
        Format::Jsonl => report::jsonl::render(inventory),
        Format::Sarif => report::sarif::render(inventory, baseline),
        Format::Html => report::html::render(inventory),
    }
}
