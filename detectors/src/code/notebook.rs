//! Jupyter notebooks: the source of their code cells as Python, on the lines it has in the file.

use evidence::Info;

use super::facts::Facts;
use super::{Language, python};
use crate::{Artifact, Unreadable};

pub(super) static NOTEBOOK: Language = Language {
    info: Info {
        id: "code/notebook",
        title: "Jupyter notebooks",
        reads: &["*.ipynb"],
        emits: python::EMITS,
        needs: &[],
        docs: "https://nbformat.readthedocs.io/",
    },
    scope: "python",
    endings: &[".ipynb"],
    mentions: python::mentions,
    read,
};

fn read(artifact: &Artifact<'_>) -> Result<Facts, Unreadable> {
    let tree = artifact.tree()?;
    let root = tree.root();
    // Version 4 has cells at the top, version 3 inside worksheets.
    let worksheets = root
        .get("worksheets")
        .into_iter()
        .flat_map(|sheets| sheets.children())
        .filter_map(|sheet| sheet.get("cells"));
    let mut source = String::new();
    // The line in the file of each line of the source put together here.
    let mut lines: Vec<u32> = Vec::new();
    for cell in root.get("cells").into_iter().chain(worksheets).flat_map(|cells| cells.children()) {
        if cell.get("cell_type").and_then(|kind| kind.text()) != Some("code") {
            continue;
        }
        let Some(code) = cell.get("source").or_else(|| cell.get("input")) else {
            continue;
        };
        let pieces: Vec<(&str, u32)> = match code.text() {
            Some(text) => vec![(text, code.line())],
            None => code.children().filter_map(|piece| Some((piece.text()?, piece.line()))).collect(),
        };
        for (text, line) in pieces {
            for part in text.split_inclusive('\n') {
                // Shell escapes and magics are not Python.
                if !part.trim_start().starts_with(['!', '%']) {
                    source.push_str(part.trim_end_matches('\n'));
                }
                source.push('\n');
                lines.push(line);
            }
        }
    }
    let mut facts = python::facts(&source)?;
    let at = |line: u32| lines.get(line.saturating_sub(1) as usize).copied().unwrap_or(line);
    facts.imports.iter_mut().for_each(|import| import.line = at(import.line));
    facts.calls.iter_mut().for_each(|call| call.line = at(call.line));
    facts
        .assignments
        .iter_mut()
        .for_each(|assignment| assignment.line = at(assignment.line));
    facts.literals.iter_mut().for_each(|(_, line)| *line = at(*line));
    facts.variables.iter_mut().for_each(|(_, line)| *line = at(*line));
    facts.optional_imports.iter_mut().for_each(|line| *line = at(*line));
    // Cells need not be whole statements; only the notebook's own form can be at fault.
    facts.fault = tree.fault().cloned();
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_cells_are_read_on_their_lines() {
        let notebook = r#"{"cells": [
 {"cell_type": "markdown", "source": ["import nothing"]},
 {"cell_type": "code",
  "source": [
   "!pip install acme\n",
   "import acme\n",
   "acme.ask(model='m-1')"
  ], "outputs": [{"text": "import other"}]}
]}"#;
        let facts = read(&Artifact::new("a.ipynb", notebook.as_bytes())).expect("reads");
        assert_eq!(
            facts
                .imports
                .iter()
                .map(|import| (import.path.as_str(), import.line))
                .collect::<Vec<_>>(),
            [("acme", 6)]
        );
        assert_eq!(facts.calls[0].line, 7);
    }

    #[test]
    fn what_is_no_notebook_has_no_facts() {
        assert!(read(&Artifact::new("a.ipynb", b"[]")).is_ok_and(|facts| facts.imports.is_empty()));
        assert!(read(&Artifact::new("a.ipynb", b"{\"cells\": [{\"cell_type\": \"code\", \"sour")).is_ok_and(|facts| facts.fault.is_some()));
    }
}
