//! `aimscan documents`: what a management system has to write down, begun from the inventory, as a folder that people work in.

mod folder;

use std::fmt::Write;

use anyhow::{Context, Result};
use governance::{Document, View};
use inventory::changes::Changes;
use inventory::store::{SnapshotId, Store};
use inventory::{Inventory, System};
use rayon::prelude::*;
use report::documents::{Linked, Word};

use super::{Outcome, kept};
use crate::cli::{Documents, Form, Global};
use crate::settings::PolicyFile;
use crate::terminal;
use folder::Folder;

/// Files that a message names before it counts the rest.
const MOST_NAMED: usize = 20;

/// Runs the command.
pub(super) fn run(options: &Documents, global: &Global) -> Result<Outcome> {
    let (store, inventory) = kept::of_snapshot(&options.database, options.snapshot, &PolicyFile::default(), global)?;
    let changes = changes(&store, &inventory, options.snapshot)?;
    let view = View::of(&inventory, changes.as_ref());
    let only = options.system.as_deref().map(|wanted| kept::find(&inventory, wanted)).transpose()?;
    let folder = Folder::open(&options.output)?;
    let writing = Writing {
        view: &view,
        forms: &options.format,
        folder: &folder,
        word: Word::default(),
    };
    let written = writing.all(only)?;
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
    let register = store.register()?;
    let decided = |mut inventory: Inventory| {
        kept::apply(&register, &mut inventory);
        Ok(inventory)
    };
    let run = if snapshot.is_none() { store.run_around(after)? } else { Vec::new() };
    if !run.is_empty() {
        return Ok(kept::changes_of_run(store, &run, &decided)?.map(|(changes, ..)| changes));
    }
    let before = store.previous(after)?.map(|before| decided(before.inventory)).transpose()?;
    Ok(before.map(|before| inventory::changes::diff(&before, inventory)))
}

/// Documents, while they are written.
struct Writing<'a> {
    view: &'a View<'a>,
    forms: &'a [Form],
    folder: &'a Folder,
    word: Word,
}

impl Writing<'_> {
    /// Writes all documents, or those of one system; gives their number.
    fn all(&self, only: Option<&System>) -> Result<usize> {
        let view = self.view;
        let systems: Vec<&System> = match only {
            Some(system) => vec![system],
            None => view.inventory.systems.iter().collect(),
        };
        let mut written: usize = systems
            .par_iter()
            .map(|system| {
                let documents = governance::documents::of_system(view, system);
                let name = report::documents::folder_name(system);
                self.of(Some(system), &format!("systems/{name}"), "../../index.html", &documents)?;
                Ok(documents.len())
            })
            .try_reduce(|| 0, |a, b| Ok::<_, anyhow::Error>(a + b))?;
        if only.is_none() {
            let documents = governance::documents::of_organisation(view);
            self.of(None, "organisation", "../index.html", &documents)?;
            written += documents.len();
            if self.forms.contains(&Form::Html) {
                let has_workbook = self.forms.contains(&Form::Xlsx);
                let index = report::documents::index(view, &documents, true, has_workbook);
                self.folder.put("index.html", index.as_bytes())?;
            }
            if self.forms.contains(&Form::Xlsx) {
                let book = report::documents::workbook(view).context("the workbook could not be put together")?;
                self.folder.put("register.xlsx", &book)?;
            }
        }
        Ok(written)
    }

    /// Writes the documents of a system or of the organisation, in every form.
    fn of(&self, system: Option<&System>, at: &str, home: &str, documents: &[Document]) -> Result<()> {
        let mut files: Vec<Vec<Linked>> = Vec::new();
        for document in documents {
            let name = report::documents::file_name(document);
            let mut linked = Vec::new();
            let mut put = |ending: &str, word: &str, bytes: &[u8]| -> Result<()> {
                self.folder.put(&format!("{at}/{name}.{ending}"), bytes)?;
                linked.push(Linked {
                    name: word.to_owned(),
                    address: format!("{name}.{ending}"),
                });
                Ok(())
            };
            if self.forms.contains(&Form::Docx) {
                let written = self.word.write(document);
                let bytes = written.with_context(|| format!("{name} could not be put together"))?;
                put("docx", "Word", &bytes)?;
            }
            if self.forms.contains(&Form::Md) {
                put("md", "Markdown", report::documents::markdown(document).as_bytes())?;
            }
            files.push(linked);
        }
        if self.forms.contains(&Form::Html) {
            let title = system.map_or("The organisation", |system| &system.name);
            let page = report::documents::page(title, home, self.view, system, documents, &files);
            self.folder.put(&format!("{at}/index.html"), page.as_bytes())?;
        }
        Ok(())
    }
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
