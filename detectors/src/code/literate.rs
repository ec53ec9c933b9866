//! Documents with code between their prose: R Markdown, Quarto and Livebook, whose cells stand between fences, and Databricks'
//! notebooks, which are scripts with cells of other languages in their comments. Prose is not read.

use evidence::Info;

use super::cells::{Cells, Tongue};
use super::{LARGEST, notebook};
use crate::{Artifact, Detector, FilePath, Gate, Observations, Unreadable};

/// R Markdown and Quarto.
pub(super) struct Fenced;

/// Livebook.
pub(super) struct Livebook;

/// Notebooks that Databricks keeps as scripts.
pub(super) struct Magic;

impl Detector for Fenced {
    fn info(&self) -> &Info {
        const INFO: Info = Info {
            id: "code/rmarkdown",
            title: "R Markdown and Quarto",
            reads: &["*.Rmd", "*.qmd"],
            emits: notebook::EMITS,
            needs: &[],
            docs: "https://quarto.org/docs/computations/execution-options.html",
        };
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let is_one = [".Rmd", ".rmd", ".qmd"].iter().any(|ending| file.name().ends_with(ending));
        is_one.then_some(Gate::Anchored)
    }

    fn mentions(&self, module: &str) -> Vec<String> {
        notebook::mentions(module)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        // ```{r name, echo = FALSE}
        fenced(artifact, out, |info| {
            let inside = info.strip_prefix('{')?;
            let end = inside.find([' ', ',', '}', '-']).unwrap_or(inside.len());
            Tongue::of(inside[..end].trim_start_matches('.'))
        })
    }
}

impl Detector for Livebook {
    fn info(&self) -> &Info {
        const INFO: Info = Info {
            id: "code/livebook",
            title: "Livebook",
            reads: &["*.livemd"],
            emits: notebook::EMITS,
            needs: &[],
            docs: "https://hexdocs.pm/livebook/",
        };
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        file.name().ends_with(".livemd").then_some(Gate::Anchored)
    }

    fn mentions(&self, module: &str) -> Vec<String> {
        notebook::mentions(module)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        fenced(artifact, out, Tongue::of)
    }
}

/// Reads the cells between fences, whose languages the text behind the opening fence tells.
fn fenced(artifact: &Artifact<'_>, out: &mut Observations, tongue: impl Fn(&str) -> Option<Tongue>) -> Result<(), Unreadable> {
    if artifact.bytes().len() > LARGEST {
        return Err(Unreadable(format!("a document of more than {} MiB is not read", LARGEST >> 20)));
    }
    let mut cells = Cells::default();
    // The fence that is open, and the language inside it.
    let mut open: Option<(&str, Option<Tongue>)> = None;
    for (line, text) in (1..).zip(artifact.text()?.lines()) {
        let trimmed = text.trim_start();
        let fence = &trimmed[..trimmed.len() - trimmed.trim_start_matches(['`', '~']).len()];
        match open {
            None if fence.len() >= 3 => open = Some((fence, tongue(trimmed[fence.len()..].trim()))),
            Some((opened, language)) if fence.len() >= opened.len() && fence.starts_with(opened) && trimmed.trim_end() == fence => {
                if let Some(language) = language {
                    cells.end(language, line);
                }
                open = None;
            }
            Some((_, Some(language))) => cells.add(language, text, line),
            _ => {}
        }
    }
    cells.observe(out)
}

/// How such a notebook begins, by the sign that begins a comment.
const TITLE: &str = " Databricks notebook source";

impl Detector for Magic {
    fn info(&self) -> &Info {
        const INFO: Info = Info {
            id: "code/source-notebook",
            title: "Databricks source notebooks",
            reads: &["*.py", "*.sql", "*.scala", "*.r"],
            emits: notebook::EMITS,
            needs: &[],
            docs: "https://docs.databricks.com/aws/en/notebooks/notebook-format",
        };
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let is_one = [".py", ".sql", ".scala", ".r", ".R"]
            .iter()
            .any(|ending| file.name().ends_with(ending));
        is_one.then_some(Gate::Headed(TITLE))
    }

    fn mentions(&self, module: &str) -> Vec<String> {
        notebook::mentions(module)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let head = artifact.bytes().get(..64).unwrap_or(artifact.bytes());
        if memchr::memmem::find(head, TITLE.as_bytes()).is_none() || artifact.bytes().len() > LARGEST {
            return Ok(());
        }
        let mut cells = Cells::default();
        let mut cell: Vec<(&str, u32)> = Vec::new();
        for (line, text) in (1..).zip(artifact.text()?.lines()) {
            let comment = ["# MAGIC", "-- MAGIC", "// MAGIC"].iter().find_map(|mark| text.strip_prefix(mark));
            match comment {
                Some(rest) => cell.push((rest.strip_prefix(' ').unwrap_or(rest), line)),
                // The reader of the script's own language reads the other cells.
                None => finish(&mut cell, &mut cells),
            }
        }
        finish(&mut cell, &mut cells);
        cells.observe(out)
    }
}

/// Adds a cell in another language.
fn finish(cell: &mut Vec<(&str, u32)>, cells: &mut Cells) {
    notebook::cell_lines(std::mem::take(cell).into_iter(), None, cells);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    fn has(detector: &dyn Detector, path: &str, text: &str, wanted: &str) {
        let seen = seen(detector, path, text);
        assert!(seen.iter().any(|line| line.contains(wanted)), "{wanted} not in {seen:?}");
    }

    #[test]
    fn chunks_are_read_in_their_language() {
        let text = "---\ntitle: x\n---\nWe use `library(prose)`.\n\n```{r setup, echo = FALSE}\nlibrary(acme)\n```\n\n```{python}\nimport other\nother.ask(model='m-1')\n```\n";
        has(&Fenced, "a.Rmd", text, "7 Import acme");
        has(&Fenced, "a.qmd", text, "11 Import other");
        has(&Fenced, "a.qmd", text, "12 Call other.ask");
        has(&Fenced, "a.qmd", "````{sql}\nselect acme.ask('x')\n````", "2 Resource acme.ask");
        has(
            &Livebook,
            "a.livemd",
            "# T\n\n```elixir\nMix.install([{:acme, \"~> 1\"}])\nAcme.Chat.ask(\"x\")\n```\n",
            "5 Import Acme.Chat",
        );
    }

    #[test]
    fn prose_and_code_for_people_are_not_read() {
        for text in [
            "library(acme) is fine",
            "```r\nlibrary(acme)\n```",
            "```\nlibrary(acme)\n```",
            "~~~{html}\nlibrary(acme)\n~~~",
            "```{r}\n# library(acme)\n```",
        ] {
            assert_eq!(seen(&Fenced, "a.Rmd", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn cells_in_comments_are_read_on_their_lines() {
        let text = "# Databricks notebook source\nimport acme\n\n# COMMAND ----------\n\n# MAGIC %sql\n# MAGIC SELECT acme.ask('x')\n# MAGIC FROM t\n\n# COMMAND ----------\n\n# MAGIC %md import prose\n";
        has(&Magic, "a.py", text, "7 Resource acme.ask");
        let seen = seen(&Magic, "a.py", text);
        assert!(
            seen.iter().all(|line| !line.contains("prose") && !line.contains("Import acme")),
            "{seen:?}"
        );
        has(
            &Magic,
            "a.sql",
            "-- Databricks notebook source\nselect 1\n-- COMMAND ----------\n-- MAGIC %python\n-- MAGIC import acme\n",
            "5 Import acme",
        );
    }

    #[test]
    fn other_scripts_are_no_notebooks() {
        assert_eq!(seen(&Magic, "a.py", "# MAGIC %sql\n# MAGIC SELECT acme.ask('x')\n"), [""; 0]);
        for broken in [
            "```{r".to_owned(),
            "`".repeat(10_000),
            "```{r}\n(".to_owned(),
            "# Databricks notebook source\n# MAGIC %".to_owned(),
        ] {
            seen(&Fenced, "a.Rmd", &broken);
            seen(&Magic, "a.py", &broken);
        }
    }
}
