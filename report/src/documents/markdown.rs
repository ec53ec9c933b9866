//! A document as Markdown, with tables as GitHub reads them. Foreign text is escaped; what a person wrote stays as it was written,
//! but for tags.

use governance::{Block, Cell, Document, Table};

use super::left_out;
use crate::wording::visible;

/// The document.
#[must_use]
pub fn markdown(document: &Document) -> String {
    let mut out = format!("# {}\n\n> {}\n\n", text(&document.title()), text(&document.notice));
    out.push_str("| | |\n|---|---|\n");
    for (label, value) in &document.head {
        out.push_str(&format!("| {label} | {} |\n", text(value)));
    }
    out.push('\n');
    for block in &document.blocks {
        match block {
            Block::Heading(heading) => out.push_str(&format!("## {}\n\n", text(heading))),
            Block::Paragraph(paragraph) => out.push_str(&format!("{}\n\n", text(paragraph))),
            Block::Warning(warning) => out.push_str(&format!("> **{}**\n\n", text(warning))),
            Block::List(lines) => {
                for line in lines {
                    out.push_str(&format!("- {}\n", text(line)));
                }
                out.push('\n');
            }
            Block::Table(table) => render(&mut out, table),
            Block::Prompt(part) => {
                out.push_str(&format!("## {}\n\n", text(&part.heading)));
                match &part.text {
                    Some(written) => {
                        // Where nothing is written the mark of what is missing asks the question.
                        out.push_str(&format!("*{}*\n\n", text(&part.ask)));
                        for line in written.lines() {
                            out.push_str(&visible(line).replace('<', "&lt;"));
                            out.push('\n');
                        }
                        if let Some(by) = &part.by {
                            out.push_str(&format!("\n*{}*\n", text(by)));
                        }
                    }
                    None => out.push_str(&format!("**{}**\n", text(&Cell::marker(&part.ask, &part.who)))),
                }
                for why in &part.reopened {
                    out.push_str(&format!("\n**To be looked at again: {}**\n", text(why)));
                }
                out.push('\n');
            }
        }
    }
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

fn render(out: &mut String, table: &Table) {
    if table.rows.is_empty() {
        out.push_str(&format!("{}\n\n", text(table.empty)));
        return;
    }
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    out.push_str(&format!("| {} |\n|{}\n", names.join(" | "), "---|".repeat(names.len())));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    if table.left_out > 0 {
        out.push_str(&format!("\n{}\n", left_out(table.left_out)));
    }
    out.push('\n');
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(value) => text(value),
        Cell::Code(value) => code(value),
        Cell::Status(status) => status.to_string(),
        Cell::Missing { ask, who } => format!("**{}**", text(&Cell::marker(ask, who))),
        Cell::Lines(cells) => cells.iter().map(self::cell).collect::<Vec<_>>().join("<br>"),
    }
}

/// Foreign text with everything escaped that Markdown would read.
fn text(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len() + 8);
    for c in visible(foreign).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A name as written, between backticks; a bar would end the cell even there.
fn code(foreign: &str) -> String {
    if foreign.contains(['`', '|']) {
        return text(foreign);
    }
    format!("`{}`", visible(foreign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_ends_no_cell_and_opens_no_tag() {
        assert_eq!(text("a|b<c>*d*"), "a\\|b&lt;c&gt;\\*d\\*");
        assert_eq!(text("[x](javascript:1)\n# y"), "\\[x\\](javascript:1)\\\\n\\# y");
        assert_eq!(code("a|`b`"), "a\\|\\`b\\`");
        assert_eq!(code("app/chat.py:3"), "`app/chat.py:3`");
    }
}
