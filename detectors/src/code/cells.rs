//! Documents made of cells in several languages: each cell goes to the reader of its language, on the lines it has in
//! the document. What cells gave when they were run is not read.

use std::collections::BTreeMap;

use super::{elixir, julia, python, r, resolve, scala, shell, sql};
use crate::{Observations, Unreadable};

/// The languages whose cells are read, by the names that documents give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tongue {
    Python,
    R,
    Julia,
    Scala,
    Elixir,
    Sql,
    Shell,
}

impl Tongue {
    /// The language that a document means.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "python" | "python3" | "python2" | "py" | "ipython" | "pyspark" | "time" | "timeit" | "capture" => Some(Self::Python),
            "r" | "ir" | "rscript" => Some(Self::R),
            "julia" => Some(Self::Julia),
            "scala" | "spark" => Some(Self::Scala),
            "elixir" => Some(Self::Elixir),
            "sql" | "bigquery" | "bq" | "sparksql" => Some(Self::Sql),
            "sh" | "bash" | "shell" | "zsh" | "script" => Some(Self::Shell),
            _ => None,
        }
    }

    /// The language of a file that a cell writes.
    pub(super) fn of_file(name: &str) -> Option<Self> {
        let ending = name.rsplit('/').next().unwrap_or(name).rsplit_once('.')?.1;
        match ending.to_ascii_lowercase().as_str() {
            "py" => Some(Self::Python),
            "r" => Some(Self::R),
            "jl" => Some(Self::Julia),
            "scala" => Some(Self::Scala),
            "sql" => Some(Self::Sql),
            "sh" => Some(Self::Shell),
            _ => None,
        }
    }
}

/// The cells of a document, put together by language.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// For each language its text, and the line in the document of each of its lines.
    texts: BTreeMap<Tongue, (String, Vec<u32>)>,
}

impl Cells {
    /// Adds a line of a cell, without its end.
    pub(super) fn add(&mut self, tongue: Tongue, text: &str, line: u32) {
        let (source, lines) = self.texts.entry(tongue).or_default();
        source.push_str(text);
        source.push('\n');
        lines.push(line);
    }

    /// Ends a cell: what begins in one does not go on in the next.
    pub(super) fn end(&mut self, tongue: Tongue, line: u32) {
        self.add(tongue, if tongue == Tongue::Sql { ";" } else { "" }, line);
    }

    /// Adds what the cells tell.
    pub(super) fn observe(&self, out: &mut Observations) -> Result<(), Unreadable> {
        for (tongue, (source, lines)) in &self.texts {
            let before = out.as_slice().len();
            // Cells need not be whole statements: faults in them are none of the document.
            let told = match tongue {
                Tongue::Python => python::facts_of_cells(source).map(|facts| resolve::observe("python", &facts, out)),
                Tongue::R => r::SHAPE.facts(source).map(|facts| resolve::observe("r", &facts, out)),
                Tongue::Julia => julia::SHAPE.facts(source).map(|facts| resolve::observe("julia", &facts, out)),
                Tongue::Scala => scala::SHAPE.facts(source).map(|facts| resolve::observe("java", &facts, out)),
                Tongue::Elixir => elixir::SHAPE.facts(source).map(|facts| resolve::observe("elixir", &facts, out)),
                Tongue::Sql => {
                    sql::observe(source, 1, out);
                    Ok(())
                }
                Tongue::Shell => {
                    shell::observe(source, out);
                    Ok(())
                }
            };
            out.move_from(before, |line| lines.get(line.saturating_sub(1) as usize).copied().unwrap_or(line));
            told?;
        }
        Ok(())
    }
}
