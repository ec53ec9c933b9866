//! A document for Word: headings, tables that repeat their head on each page, and a foot with the page's number. The same document
//! gives the same bytes.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::sync::{Arc, OnceLock};

use docx_rs::{
    AlignmentType, BorderType, Docx, Footer, LineSpacing, PageMargin, PageNum, PageOrientationType, Paragraph, Run, RunFonts, Shading,
    ShdType, Style, StyleType, Table as WordTable, TableBorder, TableBorderPosition, TableBorders, TableCell, TableCellMargins,
    TableLayoutType, TableRow, WidthType, XMLDocx,
};
use governance::{Block, Cell, Document, Status, Table};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::left_out;
use crate::wording::visible;

/// Twips of a page's sides and of the text between its margins.
const SHORT: u32 = 11_906;
const LONG: u32 = 16_838;
const MARGIN: i32 = 1_134;

const FONT: &str = "Calibri";
const CODE: &str = "Consolas";
const OPEN: &str = "8A4B00";
const MUTED: &str = "5C5850";

/// The document as the bytes of a `.docx` file.
///
/// # Errors
/// If it cannot be put together; no input that an inventory can hold does that.
pub fn word(document: &Document) -> Result<Vec<u8>, ZipError> {
    let is_wide = document
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Table(table) if table.columns.len() > 5));
    let (width, height) = if is_wide { (LONG, SHORT) } else { (SHORT, LONG) };
    let inner = usize::try_from(width).unwrap_or_default() - 2 * usize::try_from(MARGIN).unwrap_or_default();
    let mut docx = styles(Docx::new())
        .page_size(width, height)
        .page_margin(PageMargin::new().top(MARGIN).bottom(MARGIN).left(MARGIN).right(MARGIN))
        .page_orient(if is_wide {
            PageOrientationType::Landscape
        } else {
            PageOrientationType::Portrait
        })
        .footer(
            Footer::new().add_paragraph(
                Paragraph::new()
                    .align(AlignmentType::Right)
                    .add_run(small(&format!("{} · draft · does not show conformity · page ", document.title())))
                    .add_page_num(PageNum::new()),
            ),
        );
    // Word shows when a document was made; here that is the state it speaks of, not the hour it was written.
    if let Some((_, day)) = document.head.iter().find(|(label, _)| *label == "State of") {
        let time = format!("{day}T00:00:00Z");
        docx = docx.created_at(&time).updated_at(&time);
    }
    docx = docx
        .add_paragraph(styled("Title", &document.title()))
        .add_paragraph(Paragraph::new().style("Notice").add_run(run(&document.notice)));
    let head = document
        .head
        .iter()
        .map(|(label, value)| {
            TableRow::new(vec![
                cell_of(vec![Paragraph::new().add_run(run(label).color(MUTED))], inner * 22 / 100),
                cell_of(vec![Paragraph::new().add_run(run(value))], inner * 78 / 100),
            ])
        })
        .collect();
    docx = docx
        .add_table(framed(head, vec![inner * 22 / 100, inner * 78 / 100]))
        .add_paragraph(Paragraph::new());
    for block in &document.blocks {
        docx = add(docx, block, inner);
    }
    pack(docx.build())
}

fn styles(docx: Docx) -> Docx {
    let heading = |id: &str, name: &str, size: usize, level: usize| {
        Style::new(id, StyleType::Paragraph)
            .name(name)
            .based_on("Normal")
            .size(size)
            .bold()
            .outline_lvl(level)
            .line_spacing(LineSpacing::new().before(280).after(100))
    };
    docx.default_fonts(RunFonts::new().ascii(FONT).hi_ansi(FONT).cs(FONT))
        .default_size(20)
        .default_line_spacing(LineSpacing::new().after(100))
        .add_style(Style::new("Normal", StyleType::Paragraph).name("Normal"))
        .add_style(
            Style::new("Title", StyleType::Paragraph)
                .name("Title")
                .based_on("Normal")
                .size(40)
                .bold()
                .line_spacing(LineSpacing::new().after(160)),
        )
        .add_style(heading("Heading1", "heading 1", 28, 0))
        .add_style(heading("Heading2", "heading 2", 24, 1))
        .add_style(
            Style::new("Notice", StyleType::Paragraph)
                .name("Notice")
                .based_on("Normal")
                .size(18)
                .italic()
                .color(MUTED),
        )
        .add_style(
            Style::new("Open", StyleType::Paragraph)
                .name("Open")
                .based_on("Normal")
                .bold()
                .color(OPEN),
        )
}

fn add(docx: Docx, block: &Block, inner: usize) -> Docx {
    match block {
        Block::Heading(heading) => docx.add_paragraph(styled("Heading1", heading).keep_next(true)),
        Block::Paragraph(paragraph) => docx.add_paragraph(Paragraph::new().add_run(run(paragraph))),
        Block::Warning(warning) => docx.add_paragraph(styled("Open", warning)),
        Block::List(lines) => lines.iter().fold(docx, |docx, line| {
            docx.add_paragraph(
                Paragraph::new()
                    .indent(Some(284), None, None, None)
                    .add_run(run(&format!("• {line}"))),
            )
        }),
        Block::Table(table) => {
            if table.rows.is_empty() {
                return docx.add_paragraph(Paragraph::new().style("Notice").add_run(run(table.empty)));
            }
            let docx = docx.add_table(self::table(table, inner)).add_paragraph(Paragraph::new());
            if table.left_out > 0 {
                return docx.add_paragraph(Paragraph::new().style("Notice").add_run(run(&left_out(table.left_out))));
            }
            docx
        }
        Block::Prompt(part) => {
            let mut docx = docx
                .add_paragraph(styled("Heading1", &part.heading).keep_next(true))
                .add_paragraph(Paragraph::new().style("Notice").keep_next(true).add_run(run(&part.ask)));
            match &part.text {
                Some(written) => {
                    for line in written.lines() {
                        docx = docx.add_paragraph(Paragraph::new().add_run(run(line)));
                    }
                    if let Some(by) = &part.by {
                        docx = docx.add_paragraph(Paragraph::new().style("Notice").add_run(run(by)));
                    }
                }
                None => docx = docx.add_paragraph(Paragraph::new().add_run(open(&Cell::marker(&part.ask, &part.who)))),
            }
            part.reopened.iter().fold(docx, |docx, why| {
                docx.add_paragraph(styled("Open", &format!("To be looked at again: {why}")))
            })
        }
    }
}

fn table(table: &Table, inner: usize) -> WordTable {
    let all: usize = table.columns.iter().map(|(_, share)| usize::from(*share)).sum();
    let widths: Vec<usize> = table
        .columns
        .iter()
        .map(|(_, share)| inner * usize::from(*share) / all.max(1))
        .collect();
    let head = TableRow::new(
        table
            .columns
            .iter()
            .zip(&widths)
            .map(|((name, _), width)| {
                cell_of(vec![Paragraph::new().add_run(run(name).bold())], *width)
                    .shading(Shading::new().shd_type(ShdType::Clear).fill("EFECE5"))
            })
            .collect(),
    )
    .cant_split();
    let rows = table.rows.iter().map(|row| {
        TableRow::new(
            row.iter()
                .zip(&widths)
                .map(|(cell, width)| cell_of(paragraphs(cell), *width))
                .collect(),
        )
        .cant_split()
    });
    framed(std::iter::once(head).chain(rows).collect(), widths)
}

fn framed(rows: Vec<TableRow>, widths: Vec<usize>) -> WordTable {
    let borders = [TableBorderPosition::Top, TableBorderPosition::Bottom, TableBorderPosition::InsideH]
        .into_iter()
        .fold(TableBorders::with_empty(), |borders, position| {
            borders.set(TableBorder::new(position).border_type(BorderType::Single).size(4).color("C9C4B8"))
        });
    let width = widths.iter().sum();
    WordTable::new(rows)
        .set_grid(widths)
        .width(width, WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
        .margins(TableCellMargins::new().margin(50, 80, 50, 0))
        .set_borders(borders)
}

fn cell_of(paragraphs: Vec<Paragraph>, width: usize) -> TableCell {
    paragraphs
        .into_iter()
        .fold(TableCell::new().width(width, WidthType::Dxa), |cell, paragraph| {
            cell.add_paragraph(paragraph.line_spacing(LineSpacing::new().after(20)))
        })
}

fn paragraphs(cell: &Cell) -> Vec<Paragraph> {
    match cell {
        Cell::Text(text) => vec![Paragraph::new().add_run(run(text).size(18))],
        Cell::Code(code) => vec![Paragraph::new().add_run(run(&breakable(code)).size(16).fonts(RunFonts::new().ascii(CODE).hi_ansi(CODE)))],
        Cell::Status(Status::Missing) => vec![Paragraph::new().add_run(open("missing"))],
        Cell::Status(status) => vec![Paragraph::new().add_run(run(status.as_str()).size(18))],
        Cell::Missing { ask, who } => vec![Paragraph::new().add_run(open(&Cell::marker(ask, who)))],
        Cell::Lines(cells) => cells.iter().flat_map(paragraphs).collect(),
    }
}

/// A path that a narrow cell may break behind its slashes.
fn breakable(code: &str) -> String {
    visible(code).replace('/', "/\u{200b}")
}

fn styled(style: &str, text: &str) -> Paragraph {
    Paragraph::new().style(style).add_run(run(text))
}

fn run(text: &str) -> Run {
    // A path's own breaks are put in behind `visible`, which would write them out.
    let text = text.split('\u{200b}').map(visible).collect::<Vec<_>>().join("\u{200b}");
    Run::new().add_text(text)
}

fn small(text: &str) -> Run {
    run(text).size(16).color(MUTED)
}

fn open(text: &str) -> Run {
    run(text).size(18).bold().color(OPEN)
}

/// Lets the first row of each table with a head come again on each page; the library has no word for it. Rows of such tables, and no
/// others, are not to be split. Text cannot hold these marks: its angle brackets are escaped.
fn repeat_heads(document: &[u8]) -> Vec<u8> {
    const WHOLE: &str = "<w:cantSplit />";
    String::from_utf8_lossy(document)
        .split_inclusive("<w:tbl>")
        .map(|part| part.replacen(WHOLE, "<w:cantSplit /><w:tblHeader />", 1))
        .collect::<String>()
        .into_bytes()
}

/// The parts as one compressed file, in a fixed order and with one date.
fn pack(parts: XMLDocx) -> Result<Vec<u8>, ZipError> {
    let document = repeat_heads(&parts.document);
    let mut common = Common::get().cloned();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files(&parts, &document) {
        match common.as_mut().and_then(|common| Some((common.at(&name, bytes)?, common))) {
            Some((at, common)) => zip.raw_copy_file(common.archive.by_index_raw(at)?)?,
            None => {
                zip.start_file(name, options())?;
                zip.write_all(bytes)?;
            }
        }
    }
    Ok(zip.finish()?.into_inner())
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
}

/// The files of a document by name.
fn files<'p>(parts: &'p XMLDocx, document: &'p [u8]) -> Vec<(String, &'p [u8])> {
    let mut files: Vec<(String, &[u8])> = vec![
        ("[Content_Types].xml".to_owned(), &parts.content_type),
        ("_rels/.rels".to_owned(), &parts.rels),
        ("docProps/app.xml".to_owned(), &parts.doc_props.app),
        ("docProps/core.xml".to_owned(), &parts.doc_props.core),
        ("docProps/custom.xml".to_owned(), &parts.doc_props.custom),
        ("word/_rels/document.xml.rels".to_owned(), &parts.document_rels),
        ("word/document.xml".to_owned(), document),
        ("word/styles.xml".to_owned(), &parts.styles),
        ("word/settings.xml".to_owned(), &parts.settings),
        ("word/fontTable.xml".to_owned(), &parts.font_table),
        ("word/comments.xml".to_owned(), &parts.comments),
        ("word/numbering.xml".to_owned(), &parts.numberings),
        ("word/commentsExtended.xml".to_owned(), &parts.comments_extended),
        ("word/footnotes.xml".to_owned(), &parts.footnotes),
    ];
    for (number, footer) in parts.footers.iter().enumerate() {
        files.push((format!("word/footer{}.xml", number + 1), footer));
        if let Some(rels) = parts.footer_rels.get(number) {
            files.push((format!("word/_rels/footer{}.xml.rels", number + 1), rels));
        }
    }
    files
}

/// The files that every document has alike, compressed once: of tens of thousands of documents they are most of the work.
#[derive(Clone)]
struct Common {
    files: Arc<BTreeMap<String, (usize, Vec<u8>)>>,
    archive: ZipArchive<Cursor<Arc<[u8]>>>,
}

impl Common {
    /// Those of an empty document.
    fn get() -> Option<&'static Self> {
        static COMMON: OnceLock<Option<Common>> = OnceLock::new();
        COMMON
            .get_or_init(|| Self::of(&styles(Docx::new()).footer(Footer::new()).build()).ok())
            .as_ref()
    }

    fn of(parts: &XMLDocx) -> Result<Self, ZipError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut known = BTreeMap::new();
        for (at, (name, bytes)) in files(parts, &parts.document).into_iter().enumerate() {
            zip.start_file(&name, options())?;
            zip.write_all(bytes)?;
            known.insert(name, (at, bytes.to_vec()));
        }
        Ok(Self {
            files: Arc::new(known),
            archive: ZipArchive::new(Cursor::new(zip.finish()?.into_inner().into()))?,
        })
    }

    /// Where a file stands that has this content.
    fn at(&self, name: &str, bytes: &[u8]) -> Option<usize> {
        self.files.get(name).filter(|(_, known)| known == bytes).map(|(at, _)| *at)
    }
}
