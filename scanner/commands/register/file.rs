//! The register as a file that people edit: TOML.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, bail};
use inventory::register::{Sheet, SheetRow, Subject};
use serde::{Deserialize, Serialize};

/// The form of the file; raised with every change that a reader could trip over.
const FORM: &str = "aimscan-register/1";

const HEAD: &str = "# The register of AI systems. Change what is decided, and take it over with `aimscan register import`.
# An empty value is undecided. Leave `id` and `decided` as they are: by them the import sees what others decided meanwhile.
";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    form: String,
    #[serde(default, rename = "system")]
    systems: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    decided: i64,
    #[serde(default)]
    is: BTreeMap<String, toml::Spanned<String>>,
}

/// The text of a sheet in the form that a file's ending stands for.
pub(super) fn write(path: &Path, sheet: &Sheet) -> Result<String> {
    expect_toml(path)?;
    let mut text = format!("{HEAD}form = {FORM:?}\n");
    for row in &sheet.rows {
        let mut values: BTreeMap<&str, &str> = BTreeMap::new();
        if !row.id.is_empty() {
            let minimum = rules::governance::governance().fields.iter().filter(|field| field.minimum);
            values.extend(minimum.map(|field| (field.id.as_str(), "")));
        }
        values.extend(row.values.iter().map(|(subject, value)| (short(subject), value.as_str())));
        let mut table = toml::Table::new();
        table.insert("id".to_owned(), row.id.clone().into());
        table.insert("name".to_owned(), row.name.clone().into());
        table.insert("decided".to_owned(), row.decided.into());
        text.push_str(&format!("\n[[system]]\n{}[system.is]\n", toml::to_string(&table)?));
        let values: toml::Table = values.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
        text.push_str(&toml::to_string(&values)?);
    }
    Ok(text)
}

/// The sheet in a file.
pub(super) fn read(path: &Path) -> Result<Sheet> {
    expect_toml(path)?;
    let text = crate::settings::text_of(path)?;
    let file: File = match toml::from_str(&text) {
        Ok(file) => file,
        Err(error) => bail!("{}: {}", path.display(), error.to_string().trim_end()),
    };
    if file.form != FORM {
        bail!("{}: the form is `{}`; this aimscan reads `{FORM}`", path.display(), file.form);
    }
    let rows = file.systems.into_iter().map(|row| {
        let first = row.is.values().map(|value| value.span().start).min().unwrap_or(0);
        SheetRow {
            line: text[..first.min(text.len())].matches('\n').count() + 1,
            id: row.id,
            name: row.name,
            decided: row.decided,
            values: row.is.into_iter().map(|(subject, value)| (subject, value.into_inner())).collect(),
        }
    });
    Ok(Sheet { rows: rows.collect() })
}

/// A subject as people write it: a field by its id alone.
fn short(subject: &str) -> &str {
    match Subject::parse(subject) {
        Ok(Subject::Field(_)) => subject.strip_prefix("field/").unwrap_or(subject),
        _ => subject,
    }
}

fn expect_toml(path: &Path) -> Result<()> {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) {
        return Ok(());
    }
    bail!(
        "{}: the register is written to and read from a file that ends in .toml",
        path.display()
    )
}
