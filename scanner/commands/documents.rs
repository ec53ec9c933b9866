//! `aimscan documents`: what a management system has to write down, begun from the inventory, as a folder that people work in.

mod folder;

use std::fmt::Write;

use anyhow::{Context, Result};
use governance::{Document, View};
use inventory::changes::Changes;
use inventory::store::{SnapshotId, Store};
use inventory::{Inventory, System};
use rayon::prelude::*;
use report::documents::Linked;

use super::{Outcome, kept};
use crate::cli::{Documents, Form, Global};
use crate::terminal;
use folder::Folder;

/// Files that a message names before it counts the rest.
const MOST_NAMED: usize = 20;

/// Runs the command.
pub(super) fn run(options: &Documents, global: &Global) -> Result<Outcome> {
    let (store, inventory) = kept::of_snapshot(&options.database, options.snapshot, global)?;
    let changes = changes(&store, &inventory, options.snapshot)?;
    let view = View::of(&inventory, changes.as_ref());
    let only = options.system.as_deref().map(|wanted| kept::find(&inventory, wanted)).transpose()?;
    let folder = Folder::open(&options.output)?;
    let written = write(&view, only, &options.format, &folder)?;
    folder.close()?;
    let summary = summary(&folder, options, written, only);
    super::done(terminal::write(None, &summary))
}

/// What changed since the snapshot before, if there is one; what people decided stands in both.
fn changes(store: &Store, inventory: &Inventory, snapshot: Option<i64>) -> Result<Option<Changes>> {
    let last = || Ok::<_, anyhow::Error>(store.snapshots()?.first().map(|last| last.id));
    let Some(after) = snapshot.map_or_else(last, |id| Ok(Some(SnapshotId(id))))? else {
        return Ok(None);
    };
    let decided = |mut inventory: Inventory| {
        kept::apply(store, &mut inventory)?;
        Ok(inventory)
    };
    let run = if snapshot.is_none() { store.run_around(after)? } else { Vec::new() };
    if !run.is_empty() {
        return Ok(kept::changes_of_run(store, &run, &decided)?.map(|(changes, ..)| changes));
    }
    let before = store.previous(after)?.map(|before| decided(before.inventory)).transpose()?;
    Ok(before.map(|before| inventory::changes::diff(&before, inventory)))
}

/// Writes all documents, or those of one system; gives their number.
fn write(view: &View<'_>, only: Option<&System>, forms: &[Form], folder: &Folder) -> Result<usize> {
    let systems: Vec<&System> = match only {
        Some(system) => vec![system],
        None => view.inventory.systems.iter().collect(),
    };
    let mut written: usize = systems
        .par_iter()
        .map(|system| {
            let documents = governance::documents::of_system(view, system);
            let name = report::documents::folder_name(system);
            one(
                view,
                Some(system),
                &format!("systems/{name}"),
                "../../index.html",
                &documents,
                forms,
                folder,
            )?;
            Ok(documents.len())
        })
        .try_reduce(|| 0, |a, b| Ok::<_, anyhow::Error>(a + b))?;
    if only.is_none() {
        let documents = governance::documents::of_organisation(view);
        one(view, None, "organisation", "../index.html", &documents, forms, folder)?;
        written += documents.len();
        if forms.contains(&Form::Html) {
            let has_workbook = forms.contains(&Form::Xlsx);
            folder.put(
                "index.html",
                report::documents::index(view, &documents, true, has_workbook).as_bytes(),
            )?;
        }
        if forms.contains(&Form::Xlsx) {
            let book = report::documents::workbook(view).context("the workbook could not be put together")?;
            folder.put("register.xlsx", &book)?;
        }
    }
    Ok(written)
}

/// Writes the documents of a system or of the organisation, in every form.
fn one(
    view: &View<'_>,
    system: Option<&System>,
    at: &str,
    home: &str,
    documents: &[Document],
    forms: &[Form],
    folder: &Folder,
) -> Result<()> {
    let mut files: Vec<Vec<Linked>> = Vec::new();
    for document in documents {
        let name = report::documents::file_name(document);
        let mut linked = Vec::new();
        let mut put = |ending: &str, word: &str, bytes: &[u8]| -> Result<()> {
            folder.put(&format!("{at}/{name}.{ending}"), bytes)?;
            linked.push(Linked {
                name: word.to_owned(),
                address: format!("{name}.{ending}"),
            });
            Ok(())
        };
        if forms.contains(&Form::Docx) {
            let bytes = report::documents::word(document).with_context(|| format!("{name} could not be put together"))?;
            put("docx", "Word", &bytes)?;
        }
        if forms.contains(&Form::Md) {
            put("md", "Markdown", report::documents::markdown(document).as_bytes())?;
        }
        files.push(linked);
    }
    if forms.contains(&Form::Html) {
        let title = system.map_or("The organisation", |system| &system.name);
        let page = report::documents::page(title, home, view, system, documents, &files);
        folder.put(&format!("{at}/index.html"), page.as_bytes())?;
    }
    Ok(())
}

/// What was written, and what was kept because somebody edited it.
fn summary(folder: &Folder, options: &Documents, documents: usize, only: Option<&System>) -> String {
    let told = folder.told();
    let mut out = String::new();
    let whose = only.map_or_else(String::new, |system| format!(" of {}", system.name));
    let _ = writeln!(
        out,
        "{documents} documents{whose} in {}: {} files written, {} as they were.",
        options.output.display(),
        told.written,
        told.unchanged
    );
    if !told.kept.is_empty() {
        let _ = writeln!(
            out,
            "\n{} were edited by hand, or are not from here. They stay as they are; the new ones stand beside them:",
            told.kept.len()
        );
        for (edited, beside) in told.kept.iter().take(MOST_NAMED) {
            let _ = writeln!(out, "  {edited}  →  {beside}");
        }
        if told.kept.len() > MOST_NAMED {
            let _ = writeln!(out, "  and {} more", told.kept.len() - MOST_NAMED);
        }
        let _ = writeln!(
            out,
            "Text that is to be carried along belongs into the register: aimscan register set SYSTEM text/DOCUMENT/PLACE='…'"
        );
    }
    if told.left > 0 && only.is_none() {
        let _ = writeln!(
            out,
            "\n{} files of earlier runs belong to nothing that was written now. They were left as they are.",
            told.left
        );
    }
    out
}
