//! What is wrong with a table: where, and what to do about it.

/// Why a table or a row of it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {what}", place(*row, column.as_deref()))]
pub struct TableError {
    /// The file, as a person knows it.
    pub file: String,
    /// The row as a spreadsheet shows it.
    pub row: Option<usize>,
    /// The column, by letters and heading.
    pub column: Option<String>,
    /// What is wrong and what to do, as a sentence without its full stop.
    pub what: String,
}

impl TableError {
    /// Something wrong with a file as a whole.
    pub fn of_file(file: &str, what: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            row: None,
            column: None,
            what: what.into(),
        }
    }

    /// Something wrong with a row.
    pub fn of_row(file: &str, row: usize, what: impl Into<String>) -> Self {
        Self {
            row: Some(row),
            ..Self::of_file(file, what)
        }
    }

    /// The same with the column it stands in.
    #[must_use]
    pub fn in_column(self, column: impl Into<String>) -> Self {
        Self {
            column: Some(column.into()),
            ..self
        }
    }
}

fn place(row: Option<usize>, column: Option<&str>) -> String {
    match (row, column) {
        (Some(row), Some(column)) => format!(", row {row}, column {column}"),
        (Some(row), None) => format!(", row {row}"),
        (None, Some(column)) => format!(", column {column}"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where() {
        let error = TableError::of_row("reg.csv", 7, "is cut").in_column("C (purpose)");
        assert_eq!(error.to_string(), "reg.csv, row 7, column C (purpose): is cut");
        assert_eq!(TableError::of_file("reg.csv", "is empty").to_string(), "reg.csv: is empty");
    }
}
