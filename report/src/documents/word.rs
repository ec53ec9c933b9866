//! A document for Word: headings, tables that repeat their head on each page, and a foot with the page's number. How each looks is
//! in its style, `word/styles.xml`, where a person who goes on writing can change it. The same document gives the same bytes.

mod package;
#[cfg(test)]
mod tests;

use std::fmt::Display;

use governance::{Block, Cell, Document, Status, Table};
use zip::result::ZipError;

use super::left_out;
use crate::html::markup::{put, text};
use package::Frames;

/// Twips of a page's sides and of its margins.
const SHORT: usize = 11_906;
const LONG: usize = 16_838;
const MARGIN: usize = 1_134;

/// Columns from which on a table wants a page on its side.
const WIDE: usize = 6;

/// Writes documents for Word, and keeps what documents of one kind have alike.
#[derive(Default)]
pub struct Word {
    frames: Frames,
}

impl Word {
    /// The document as the bytes of a `.docx` file.
    ///
    /// # Errors
    /// If it cannot be put together; no input that an inventory can hold does that.
    pub fn write(&self, document: &Document) -> Result<Vec<u8>, ZipError> {
        self.frames.pack(document, &body(document))
    }
}

/// The part that holds what the document says.
fn body(document: &Document) -> String {
    let is_wide = document
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Table(table) if table.columns.len() >= WIDE));
    let (width, height, orientation) = if is_wide {
        (LONG, SHORT, "landscape")
    } else {
        (SHORT, LONG, "portrait")
    };
    let inner = width - 2 * MARGIN;
    let mut out = String::with_capacity(64 * 1024);
    out.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:body>",
    );
    paragraph(&mut out, "Title", text(&document.title()));
    paragraph(&mut out, "Notice", text(&document.notice));
    head(&mut out, document, inner);
    for block in &document.blocks {
        self::block(&mut out, block, inner);
    }
    put!(
        &mut out,
        "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"footer\"/>\
         <w:pgSz w:w=\"{width}\" w:h=\"{height}\" w:orient=\"{orientation}\"/>\
         <w:pgMar w:top=\"{MARGIN}\" w:right=\"{MARGIN}\" w:bottom=\"{MARGIN}\" w:left=\"{MARGIN}\" w:header=\"851\" w:footer=\"992\" \
         w:gutter=\"0\"/></w:sectPr></w:body></w:document>"
    );
    out
}

/// What stands at the head of a document: a label and a value a row.
fn head(out: &mut String, document: &Document, inner: usize) {
    let widths = [inner * 22 / 100, inner * 78 / 100];
    begin(out, &widths);
    for (label, value) in &document.head {
        out.push_str("<w:tr>");
        cell(out, widths[0], false, |out| paragraph(out, "CellLabel", text(label)));
        cell(out, widths[1], false, |out| paragraph(out, "Cell", text(value)));
        out.push_str("</w:tr>");
    }
    end(out);
}

fn block(out: &mut String, block: &Block, inner: usize) {
    match block {
        Block::Heading(heading) => paragraph(out, "Heading1", text(heading)),
        Block::Paragraph(written) => paragraph(out, "Normal", text(written)),
        Block::Warning(warning) => paragraph(out, "Open", text(warning)),
        Block::List(lines) => lines.iter().for_each(|line| paragraph(out, "ListBullet", text(line))),
        Block::Table(table) if table.rows.is_empty() => paragraph(out, "Notice", text(table.empty)),
        Block::Table(table) => {
            self::table(out, table, inner);
            if table.left_out > 0 {
                paragraph(out, "Notice", text(&left_out(table.left_out)));
            }
        }
        Block::Prompt(part) => {
            paragraph(out, "Heading1", text(&part.heading));
            match &part.text {
                Some(written) => {
                    // Where nothing is written the mark of what is missing asks the question.
                    paragraph(out, "Question", text(&part.ask));
                    written.lines().for_each(|line| paragraph(out, "Normal", text(line)));
                    if let Some(by) = &part.by {
                        paragraph(out, "Notice", text(by));
                    }
                }
                None => paragraph(out, "Missing", text(&Cell::marker(&part.ask, &part.who))),
            }
            for why in &part.reopened {
                paragraph(out, "Open", format_args!("To be looked at again: {}", text(why)));
            }
        }
    }
}

fn table(out: &mut String, table: &Table, inner: usize) {
    let all: usize = table.columns.iter().map(|(_, share)| usize::from(*share)).sum();
    let widths: Vec<usize> = table
        .columns
        .iter()
        .map(|(_, share)| inner * usize::from(*share) / all.max(1))
        .collect();
    begin(out, &widths);
    out.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
    for ((name, _), width) in table.columns.iter().zip(&widths) {
        cell(out, *width, true, |out| paragraph(out, "CellHead", text(name)));
    }
    out.push_str("</w:tr>");
    for row in &table.rows {
        out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        for (content, width) in row.iter().zip(&widths) {
            cell(out, *width, false, |out| paragraphs(out, content));
        }
        out.push_str("</w:tr>");
    }
    end(out);
}

fn begin(out: &mut String, widths: &[usize]) {
    put!(
        out,
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"Lines\"/><w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>",
        widths.iter().sum::<usize>()
    );
    for width in widths {
        put!(out, "<w:gridCol w:w=\"{width}\"/>");
    }
    out.push_str("</w:tblGrid>");
}

/// Two tables without a paragraph between them would be one.
fn end(out: &mut String) {
    out.push_str("</w:tbl><w:p/>");
}

/// A cell, which has to hold a paragraph at least.
fn cell(out: &mut String, width: usize, is_head: bool, content: impl FnOnce(&mut String)) {
    let shade = if is_head {
        "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"EFECE5\"/>"
    } else {
        ""
    };
    put!(out, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{shade}</w:tcPr>");
    let before = out.len();
    content(out);
    if out.len() == before {
        out.push_str("<w:p/>");
    }
    out.push_str("</w:tc>");
}

fn paragraphs(out: &mut String, cell: &Cell) {
    match cell {
        Cell::Text(value) => paragraph(out, "CellText", text(value)),
        Cell::Code(code) => paragraph(out, "CellCode", breakable(code)),
        Cell::Status(Status::Missing) => paragraph(out, "CellMissing", "missing"),
        Cell::Status(status) => paragraph(out, "CellText", status),
        Cell::Missing { ask, who } => paragraph(out, "CellMissing", text(&Cell::marker(ask, who))),
        Cell::Lines(cells) => cells.iter().for_each(|cell| paragraphs(out, cell)),
    }
}

/// A path that a narrow cell may break behind its slashes.
fn breakable(code: &str) -> String {
    text(code).to_string().replace('/', "/\u{200b}")
}

/// A paragraph in a style; foreign text in it must be wrapped in [`text`].
fn paragraph(out: &mut String, style: &str, content: impl Display) {
    put!(
        out,
        "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{content}</w:t></w:r></w:p>"
    );
}
