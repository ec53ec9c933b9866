//! Jupyter notebooks: the source of their code cells, each in its language, on the lines it has in the file.

use evidence::{Info, Kind};

use super::cells::{Cells, Tongue};
use super::{LARGEST, python};
use crate::tree::Node;
use crate::{Artifact, Detector, FilePath, Gate, Observations, Unreadable};

/// A Jupyter notebook.
pub(super) struct Notebook;

/// What cells emit, whatever document they stand in.
pub(super) const EMITS: &[evidence::Emits] = &[
    (Kind::Import, "python"),
    (Kind::Call, "python"),
    (Kind::Literal, "python"),
    (Kind::Model, "python"),
    (Kind::Host, "python"),
    (Kind::Env, "python"),
    (Kind::Import, "r"),
    (Kind::Call, "r"),
    (Kind::Import, "julia"),
    (Kind::Import, "java"),
    (Kind::Import, "elixir"),
    (Kind::Resource, "sql"),
    (Kind::Resource, "instruction"),
    (Kind::Statement, "prompt"),
    (Kind::Statement, "route"),
    (Kind::Command, "shell"),
    (Kind::Package, "npm"),
    (Kind::Package, "git"),
    (Kind::Package, "pypi"),
    (Kind::Package, "cran"),
    (Kind::Package, "hex"),
];

impl Detector for Notebook {
    fn info(&self) -> &Info {
        const INFO: Info = Info {
            id: "code/notebook",
            title: "Jupyter notebooks",
            reads: &["*.ipynb"],
            emits: EMITS,
            needs: &[],
            docs: "https://nbformat.readthedocs.io/",
        };
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        file.name().ends_with(".ipynb").then_some(Gate::Anchored)
    }

    fn mentions(&self, module: &str) -> Vec<String> {
        mentions(module)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        // Notebooks hold pictures: the file may be large where its code is not.
        if artifact.bytes().len() > 8 * LARGEST {
            return Err(Unreadable(format!(
                "a notebook of more than {} MiB is not read",
                (8 * LARGEST) >> 20
            )));
        }
        let tree = artifact.tree()?;
        cells(tree.root()).observe(out)?;
        tree.complete()
    }
}

/// The forms in which an import is written in any language that cells have.
pub(super) fn mentions(module: &str) -> Vec<String> {
    let mut forms = python::mentions(module);
    forms.extend([format!("library({module}"), format!("{module}::"), format!("using {module}")]);
    if module.starts_with(char::is_uppercase) {
        forms.extend([format!("alias {module}"), format!("{module}.")]);
    }
    forms
}

fn cells(root: Node<'_>) -> Cells {
    let mut all = Cells::default();
    let named = [&["metadata", "kernelspec", "language"][..], &["metadata", "language_info", "name"]];
    let language = named.iter().find_map(|path| root.at(path)?.text());
    let language = language.map_or(Some(Tongue::Python), Tongue::of);
    // Version 4 has cells at the top, version 3 inside worksheets.
    let worksheets = root
        .get("worksheets")
        .into_iter()
        .flat_map(|sheets| sheets.children())
        .filter_map(|sheet| sheet.get("cells"));
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
        let lines = pieces
            .into_iter()
            .flat_map(|(text, line)| text.lines().map(move |part| (part, line)));
        cell_lines(lines, language, &mut all);
    }
    all
}

/// Reads the lines of one cell, whose first may name another language; lines may also be for the shell.
pub(super) fn cell_lines<'t>(lines: impl Iterator<Item = (&'t str, u32)>, language: Option<Tongue>, all: &mut Cells) {
    let mut language = language;
    let mut last = None;
    let mut begun = false;
    for (text, line) in lines {
        let trimmed = text.trim_start();
        if !begun && trimmed.is_empty() {
            continue;
        }
        let begins = !std::mem::replace(&mut begun, true);
        let magic = trimmed.strip_prefix("%%").or_else(|| trimmed.strip_prefix('%'));
        if let Some(magic) = magic.filter(|_| begins) {
            let name = magic.split_whitespace().next().unwrap_or_default();
            if trimmed.starts_with("%%") || names_language(name) {
                // `%sql SELECT …` has all on one line.
                // `%%writefile train.py` holds a program that the notebook runs or ships afterwards.
                language = match name {
                    "writefile" | "file" => Tongue::of_file(magic.split_whitespace().next_back().unwrap_or_default()),
                    _ => Tongue::of(name),
                };
                if let Some(tongue) = language.filter(|tongue| !trimmed.starts_with("%%") && *tongue == Tongue::Sql) {
                    all.add(tongue, magic.strip_prefix(name).unwrap_or_default(), line);
                    last = Some((tongue, line));
                }
                continue;
            }
        }
        let command = trimmed.strip_prefix('!').or_else(|| {
            trimmed
                .strip_prefix('%')
                .filter(|magic| magic.starts_with("pip ") || magic.starts_with("conda "))
        });
        if let (Some(command), Some(Tongue::Python)) = (command, language) {
            all.add(Tongue::Shell, command, line);
            all.add(Tongue::Python, "", line);
            continue;
        }
        let Some(tongue) = language else { continue };
        // Other magics are no code.
        let code = if trimmed.starts_with('%') && tongue == Tongue::Python {
            ""
        } else {
            text
        };
        all.add(tongue, code, line);
        last = Some((tongue, line));
    }
    if let Some((tongue, line)) = last {
        all.end(tongue, line);
    }
}

/// Whether a line magic says in which language the rest of its cell is.
fn names_language(name: &str) -> bool {
    matches!(name, "python" | "md" | "fs" | "run") || Tongue::of(name).is_some_and(|tongue| tongue != Tongue::Python)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    fn notebook(metadata: &str, source: &str) -> String {
        format!(
            "{{\"metadata\": {metadata}, \"cells\": [\n {{\"cell_type\": \"code\", \"source\":\n  [{source}],\n  \"outputs\": [{{\"text\": \"import other\"}}]}}\n]}}"
        )
    }

    #[test]
    fn code_cells_are_read_on_their_lines() {
        let text = r#"{"cells": [
 {"cell_type": "markdown", "source": ["import nothing"]},
 {"cell_type": "code",
  "source": [
   "!pip install acme\n",
   "import acme\n",
   "acme.ask(model='m-1')"
  ], "outputs": [{"text": "import other"}]}
]}"#;
        let seen = seen(&Notebook, "a.ipynb", text);
        assert!(seen.contains(&"6 Import acme".to_owned()), "{seen:?}");
        assert!(seen.iter().any(|line| line.starts_with("7 Call acme.ask")), "{seen:?}");
        assert!(
            !seen.iter().any(|line| line.contains("other") || line.contains("nothing")),
            "{seen:?}"
        );
    }

    #[test]
    fn cells_are_read_in_their_language() {
        let kernel = r#"{"kernelspec": {"language": "R"}}"#;
        let has = |metadata: &str, source: &str, wanted: &str| {
            let seen = seen(&Notebook, "a.ipynb", &notebook(metadata, source));
            assert!(seen.iter().any(|line| line.contains(wanted)), "{wanted} not in {seen:?}");
        };
        has(kernel, "\"library(acme)\"", "3 Import acme");
        has("{}", "\"%%sql\\n\", \"select acme.ask('x')\"", "3 Resource acme.ask");
        has("{}", "\"%sql select acme.ask('x')\"", "3 Resource acme.ask");
        has("{}", "\"%%time\\n\", \"import acme\"", "3 Import acme");
        has(
            "{}",
            "\"%%capture out\\n\", \"%pip install x\\n\", \"import acme\"",
            "3 Import acme",
        );
        has("{}", "\"%%writefile src/train.py\\n\", \"import acme\"", "3 Import acme");
        has("{}", "\"%%writefile -a train.R\\n\", \"library(acme)\"", "3 Import acme");
    }

    #[test]
    fn magics_and_other_languages_are_no_code() {
        for source in [
            "\"%%html\\n\", \"import acme\"",
            "\"%%writefile a.txt\\n\", \"import acme\"",
            "\"%%writefile py\\n\", \"import acme\"",
            "\"%md import acme\"",
            "\"# import acme\"",
            "\"%load_ext acme\"",
        ] {
            let seen = seen(&Notebook, "a.ipynb", &notebook("{}", source));
            assert!(seen.iter().all(|line| !line.contains("acme")), "{source}: {seen:?}");
        }
        let other = notebook(r#"{"kernelspec": {"language": "fortran"}}"#, "\"import acme\"");
        assert!(seen(&Notebook, "a.ipynb", &other).is_empty());
    }

    #[test]
    fn what_is_no_notebook_has_no_cells() {
        let read = |text: &str| Notebook.observe(&Artifact::new("a.ipynb", text.as_bytes()), &mut Observations::default());
        assert!(read("[]").is_ok());
        assert!(read("{\"cells\": [{\"cell_type\": \"code\", \"sour").is_err());
    }
}
