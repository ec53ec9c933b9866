//! Import sheets for CISO Assistant's data wizard, with the columns of its templates: assets, third parties, findings and a risk
//! assessment. What only people decide (levels, treatment, criticality, contracts) stays empty. Each row has a reference that stays
//! the same from scan to scan, so that a second import can update.

mod rows;

use std::io::{self, Write};

use inventory::Inventory;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use crate::csv::plain;
use rows::Sheet;

/// Writes one of the files.
pub type Writer = fn(&Inventory, &mut dyn Write) -> io::Result<()>;

/// The files, each for one import: the name, and what writes it.
pub const FILES: [(&str, Writer); 4] = [
    ("assets.xlsx", |inventory, out| write(inventory, &[rows::assets(inventory)], out)),
    ("third_parties.xlsx", |inventory, out| {
        write(inventory, &rows::third_parties(inventory), out)
    }),
    ("findings.xlsx", |inventory, out| {
        write(inventory, &[rows::findings(inventory)], out)
    }),
    ("risk_assessment.xlsx", |inventory, out| {
        write(inventory, &[rows::risks(inventory)], out)
    }),
];

fn write(inventory: &Inventory, sheets: &[Sheet], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&workbook(inventory, sheets).map_err(io::Error::other)?)
}

/// A workbook in which every cell is text, so that nothing in it computes.
fn workbook(inventory: &Inventory, sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let mut properties = DocProperties::new().set_comment(inventory.notice.as_str());
    // The same inventory gives the same bytes: the time is that of the scan.
    let scanned = inventory.scanned_at.trim_end_matches('Z');
    properties =
        properties.set_creation_datetime(&ExcelDateTime::parse_from_str(scanned).or_else(|_| ExcelDateTime::from_ymd(1980, 1, 1))?);
    workbook.set_properties(&properties);
    let bold = Format::new().set_bold();
    for sheet in sheets {
        let page = workbook.add_worksheet();
        page.set_name(sheet.name)?;
        page.set_freeze_panes(1, 0)?;
        for (column, name) in (0..).zip(sheet.columns) {
            page.write_string_with_format(0, column, *name, &bold)?;
            page.set_column_width(column, if *name == "description" { 60 } else { 22 })?;
        }
        for (row, cells) in (1..).zip(&sheet.rows) {
            for (column, cell) in (0..).zip(cells) {
                if !cell.is_empty() {
                    page.write_string(row, column, plain(cell).as_ref())?;
                }
            }
        }
    }
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests;
