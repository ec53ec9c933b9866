//! TOML with the line of every value.

use toml::de::{DeTable, DeValue};

use super::{Builder, Shape, Tree};
use crate::text::Lines;

/// Reads TOML; a syntax error leaves what the parser recovered.
#[must_use]
pub fn read(text: &str) -> Tree {
    let mut builder = Builder::new();
    let lines = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if let Some(error) = errors.first() {
        let line = error.span().map_or(0, |span| lines.line(span.start));
        builder.fail(format!("not valid TOML at line {line}: {}", error.message()));
    }
    builder.open(String::new(), Shape::Map, 1);
    fill_table(&mut builder, table.get_ref(), &lines);
    builder.close();
    builder.finish()
}

/// Recursion is bounded by the parser's own nesting limit.
fn fill_table(builder: &mut Builder, table: &DeTable<'_>, lines: &Lines) {
    // Tables come sorted by name; evidence is wanted in the order of the file.
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        fill(
            builder,
            key.get_ref().to_string(),
            lines.line(key.span().start),
            value.get_ref(),
            lines,
        );
    }
}

fn fill(builder: &mut Builder, key: String, line: u32, value: &DeValue<'_>, lines: &Lines) {
    match value {
        DeValue::String(text) => builder.scalar(key, text.to_string(), Shape::Text, line),
        DeValue::Integer(number) => builder.scalar(key, number.to_string(), Shape::Plain, line),
        DeValue::Float(number) => builder.scalar(key, number.to_string(), Shape::Plain, line),
        DeValue::Boolean(truth) => builder.scalar(key, truth.to_string(), Shape::Plain, line),
        DeValue::Datetime(moment) => builder.scalar(key, moment.to_string(), Shape::Plain, line),
        DeValue::Array(elements) => {
            builder.open(key, Shape::List, line);
            for element in elements {
                fill(builder, String::new(), lines.line(element.span().start), element.get_ref(), lines);
            }
            builder.close();
        }
        DeValue::Table(table) => {
            builder.open(key, Shape::Map, line);
            fill_table(builder, table, lines);
            builder.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_lines_and_paths() {
        let tree = read("[project]\nname = 'x'\ndependencies = [\n  'a',\n  'b>1',\n]\n[tool.z]\nk = 1\n");
        let seen: Vec<_> = tree
            .walk()
            .filter_map(|node| Some((node.path(), node.scalar()?, node.line())))
            .collect();
        assert_eq!(
            seen,
            [
                ("project.name".into(), "x", 2),
                ("project.dependencies".into(), "a", 4),
                ("project.dependencies".into(), "b>1", 5),
                ("tool.z.k".into(), "1", 8)
            ]
        );
    }

    #[test]
    fn a_broken_file_gives_what_was_recovered() {
        let tree = read("[project]\nname = 'x'\n<<<<<<< HEAD\ndependencies = ['a']\n");
        assert!(tree.complete().is_err());
        assert_eq!(tree.root().at(&["project", "name"]).and_then(super::super::Node::text), Some("x"));
    }

    #[test]
    fn depth_is_bounded() {
        assert!(read(&format!("a = {}", "[".repeat(100_000))).complete().is_err());
    }
}
