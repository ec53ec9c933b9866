//! The register as a workbook: instructions, one row a system, evidence, controls, tasks and the words that cells can hold.
//!
//! Every cell is a text; none is ever a formula, and one that could be read as such elsewhere is marked as quoted.

use evidence::Usage;
use governance::{Filled, NOTICE, Record, State, Status, View, controls, tasks};
use inventory::{System, Tier};
use rust_xlsxwriter::{
    Color, ConditionalFormatCell, ConditionalFormatCellRule, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::wording::{count, visible};

/// Rows of evidence, of controls and of tasks at most; the inventory has all.
const MOST_ROWS: usize = 50_000;

/// Letters that a cell can hold.
const MOST_LETTERS: usize = 32_000;

/// Height of a line of text in points, and lines that a row shows without being clicked.
const LINE: f64 = 15.0;
const MOST_LINES: f64 = 12.0;

/// Backgrounds of tiers and of states, light enough for black letters on them.
const TIERS: [(&str, u32); 3] = [("stop", 0x00F2_C4BC), ("high", 0x00F8_DDC8), ("unknown", 0x00E6_E6E6)];
const STATES: [(&str, u32); 3] = [("missing", 0x00F8_DDC8), ("drafted", 0x00FB_F1CE), ("evidenced", 0x00D9_EBD8)];

struct Formats {
    head: Format,
    text: Format,
    quoted: Format,
    missing: Format,
}

/// The workbook as the bytes of an `.xlsx` file.
///
/// # Errors
/// If it cannot be put together; no input that an inventory can hold does that.
pub fn workbook(view: &View<'_>) -> Result<Vec<u8>, XlsxError> {
    let inventory = view.inventory;
    let mut book = Workbook::new();
    let mut properties = DocProperties::new().set_title("AI register").set_comment(NOTICE);
    if let Some(made) = inventory
        .scanned_at
        .get(..19)
        .and_then(|time| ExcelDateTime::parse_from_str(time).ok())
    {
        properties = properties.set_creation_datetime(&made);
    }
    book.set_properties(&properties);
    let text = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let formats = Formats {
        head: Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_background_color(Color::RGB(0x00EF_ECE5))
            .set_border_bottom(FormatBorder::Thin),
        quoted: text.clone().set_quote_prefix(),
        missing: text.clone().set_font_color(Color::RGB(0x008A_4B00)),
        text,
    };
    // Rows of the long sheets are put away as soon as they are written: an organisation may have thousands of systems.
    instructions(book.add_worksheet(), view, &formats)?;
    register(book.add_worksheet_with_low_memory()?, view, &formats)?;
    evidence(book.add_worksheet_with_low_memory()?, view, &formats)?;
    control_states(book.add_worksheet_with_low_memory()?, view, &formats)?;
    task_list(book.add_worksheet_with_low_memory()?, view, &formats)?;
    words(book.add_worksheet(), &formats)?;
    book.save_to_buffer()
}

/// Writes a text, as a text whatever it begins with.
fn put(sheet: &mut Worksheet, row: usize, column: usize, text: &str, formats: &Formats) -> Result<(), XlsxError> {
    let format = if text.starts_with(['=', '+', '-', '@']) {
        &formats.quoted
    } else if text.starts_with("[MISSING") {
        &formats.missing
    } else {
        &formats.text
    };
    write(sheet, row, column, text, format)
}

fn write(sheet: &mut Worksheet, row: usize, column: usize, text: &str, format: &Format) -> Result<(), XlsxError> {
    let lines: Vec<_> = text.lines().map(visible).collect();
    let text = lines.join("\n");
    let text: String = if text.len() > MOST_LETTERS {
        text.chars().take(MOST_LETTERS / 4).collect()
    } else {
        text
    };
    let (row, column) = (u32::try_from(row).unwrap_or(u32::MAX), u16::try_from(column).unwrap_or(u16::MAX));
    sheet.write_string_with_format(row, column, text, format)?;
    Ok(())
}

/// Writes the cells of a row, and makes it as high as its longest text: not every program does that by itself.
fn line(sheet: &mut Worksheet, row: usize, cells: &[&str], columns: &[(&str, f64)], formats: &Formats) -> Result<(), XlsxError> {
    for (column, cell) in cells.iter().enumerate() {
        put(sheet, row, column, cell, formats)?;
    }
    set_height(sheet, row, cells, columns)
}

fn set_height(sheet: &mut Worksheet, row: usize, cells: &[&str], columns: &[(&str, f64)]) -> Result<(), XlsxError> {
    let lines = cells
        .iter()
        .zip(columns)
        .map(|(cell, (_, width))| {
            cell.lines()
                .map(|line| {
                    (f64::from(u32::try_from(line.chars().count()).unwrap_or(u32::MAX)) / (width * 0.95))
                        .ceil()
                        .max(1.0)
                })
                .sum::<f64>()
        })
        .fold(1.0, f64::max);
    sheet.set_row_height(u32::try_from(row).unwrap_or(u32::MAX), lines.min(MOST_LINES) * LINE)?;
    Ok(())
}

/// Names the sheet, and writes and fixes its head.
fn begin(sheet: &mut Worksheet, name: &str, columns: &[(&str, f64)], formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    for (column, (title, width)) in columns.iter().enumerate() {
        write(sheet, 0, column, title, &formats.head)?;
        sheet.set_column_width(u16::try_from(column).unwrap_or(u16::MAX), *width)?;
    }
    let titles: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
    set_height(sheet, 0, &titles, columns)?;
    sheet.set_freeze_panes(1, 1)?;
    sheet.set_landscape();
    sheet.set_repeat_rows(0, 0)?;
    // A wide sheet on one page could not be read; it goes over several.
    if columns.len() <= 12 {
        sheet.set_print_fit_to_pages(1, 0);
    }
    Ok(())
}

/// Gives a background to the words of a column that are looked for first.
fn tint(sheet: &mut Worksheet, column: usize, rows: usize, tints: &[(&str, u32)]) -> Result<(), XlsxError> {
    let (column, last) = (u16::try_from(column).unwrap_or(u16::MAX), u32::try_from(rows).unwrap_or(u32::MAX));
    for (word, color) in tints.iter().filter(|_| rows > 0) {
        let tinted = ConditionalFormatCell::new()
            .set_rule(ConditionalFormatCellRule::EqualTo(*word))
            .set_format(Format::new().set_background_color(Color::RGB(*color)));
        sheet.add_conditional_format(1, column, last, column, &tinted)?;
    }
    Ok(())
}

/// Lets the rows be filtered by every column.
fn filter(sheet: &mut Worksheet, rows: usize, columns: usize) -> Result<(), XlsxError> {
    let last = u16::try_from(columns.saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, u32::try_from(rows).unwrap_or(u32::MAX), last)?;
    Ok(())
}

fn instructions(sheet: &mut Worksheet, view: &View<'_>, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name("Instructions")?;
    sheet.set_column_width(0, 110)?;
    let inventory = view.inventory;
    let lines = [
        "AI register".to_owned(),
        format!("{} {NOTICE}", inventory.notice),
        format!(
            "State of {}; {}; rules {}; {}.",
            inventory.scanned_at,
            inventory.generator,
            inventory.ruleset,
            count(inventory.systems.len(), "system")
        ),
        String::new(),
        "Register: one row a system, the minimum row first, which is what is printed. The column behind a value says where it comes from: detected (seen in evidence), inferred (concluded; a person must confirm), human (decided by a person), missing. Behind what only people know there is none."
            .to_owned(),
        "A missing value names its question and who can answer. Nothing is filled in for a person.".to_owned(),
        "Evidence: the places that show each component. Controls: the state of each control of Annex A for each system. Tasks: what to do, the most pressing first.".to_owned(),
        "Lists: the words that a column can hold.".to_owned(),
        "This file is written anew from the database. What you want to keep, record with `aimscan register`; the subject of each task says how. A file that you edited is kept, and the new one is written beside it."
            .to_owned(),
    ];
    for (row, text) in lines.iter().enumerate() {
        let format = if row == 0 { &formats.head } else { &formats.text };
        write(sheet, row, 0, text, format)?;
        set_height(sheet, row, &[text], &[("", 110.0)])?;
    }
    Ok(())
}

fn register(sheet: &mut Worksheet, view: &View<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let forms = governance::fields();
    let mut columns: Vec<(String, f64)> = vec![("Id".to_owned(), 15.0), ("Tier of its documents".to_owned(), 12.0)];
    let mut minimum = 0;
    for form in &forms {
        columns.push((form.label.clone(), 28.0));
        // What only people know is theirs or missing, which the cell itself says.
        if form.filled != Filled::People {
            columns.push((format!("{}: status", form.label), 10.0));
        }
        if form.minimum {
            minimum = u16::try_from(columns.len() - 1).unwrap_or(u16::MAX);
        }
    }
    let named: Vec<(&str, f64)> = columns.iter().map(|(name, width)| (name.as_str(), *width)).collect();
    begin(sheet, "Register", &named, formats)?;
    for (row, system) in view.inventory.systems.iter().enumerate() {
        let record = Record::of(view, system);
        let mut cells: Vec<String> = vec![system.id.clone(), governance::documents::tier(system).as_str().to_owned()];
        for form in &forms {
            let field = record.field(&form.id);
            cells.push(if field.status() == Status::Missing {
                governance::Cell::marker(&form.ask, &form.who)
            } else {
                field.values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join(" | ")
            });
            if form.filled != Filled::People {
                cells.push(field.status().as_str().to_owned());
            }
        }
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        line(sheet, row + 1, &cells, &named, formats)?;
    }
    let rows = view.inventory.systems.len();
    tint(sheet, 1, rows, &TIERS)?;
    let tier = columns.iter().position(|(name, _)| name == "Tier");
    tier.map_or(Ok(()), |tier| tint(sheet, tier, rows, &TIERS))?;
    // On paper the minimum row is enough; each page tells whose it is.
    sheet.set_freeze_panes(1, 3)?;
    sheet.set_repeat_columns(0, 2)?;
    sheet.set_print_fit_to_pages(5, 0);
    sheet.set_print_area(0, 0, u32::try_from(rows).unwrap_or(u32::MAX), minimum)?;
    filter(sheet, rows, columns.len())
}

fn evidence(sheet: &mut Worksheet, view: &View<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let columns = [
        ("System id", 15.0),
        ("System", 22.0),
        ("Component", 16.0),
        ("Name", 32.0),
        ("Provider", 18.0),
        ("Stage", 11.0),
        ("Usage", 10.0),
        ("Confidence", 11.0),
        ("Place", 48.0),
        ("What stands there", 60.0),
        ("Signature", 28.0),
    ];
    begin(sheet, "Evidence", &columns, formats)?;
    // Each component has its strongest places; how many, the number of systems decides.
    let components: usize = view.inventory.systems.iter().map(|system| system.components.len()).sum();
    let most = (MOST_ROWS / components.max(1)).clamp(1, 50);
    let mut row = 0;
    for system in &view.inventory.systems {
        for component in &system.components {
            for seen in component.evidence.iter().take(most) {
                if row >= MOST_ROWS {
                    break;
                }
                row += 1;
                let cells = [
                    system.id.as_str(),
                    &system.name,
                    component.kind.label(),
                    &component.name,
                    component.provider.as_deref().unwrap_or(""),
                    seen.stage.as_str(),
                    seen.usage.as_str(),
                    seen.confidence.as_str(),
                    &seen.location.to_string(),
                    seen.excerpt.as_ref().map_or("", |excerpt| excerpt.as_str()),
                    &seen.signature,
                ];
                line(sheet, row, &cells, &columns, formats)?;
            }
        }
    }
    filter(sheet, row, columns.len())
}

fn control_states(sheet: &mut Worksheet, view: &View<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let columns = [
        ("Control", 10.0),
        ("Title", 34.0),
        ("System id", 15.0),
        ("System", 22.0),
        ("State", 12.0),
        ("What proves it", 60.0),
        ("What is open", 60.0),
        ("Decision", 18.0),
    ];
    begin(sheet, "Controls", &columns, formats)?;
    let mut row = 0;
    let mut add = |sheet: &mut Worksheet, system: Option<&System>, standpoint: &controls::Standpoint<'_>| -> Result<(), XlsxError> {
        if row >= MOST_ROWS {
            return Ok(());
        }
        row += 1;
        let cells = [
            standpoint.control.id.as_str(),
            &standpoint.control.title,
            system.map_or("", |system| system.id.as_str()),
            system.map_or("organisation", |system| system.name.as_str()),
            standpoint.state.as_str(),
            &standpoint.proof.join("\n"),
            &standpoint.open.join("\n"),
            standpoint.decided.map_or("to be decided", |held| held.value.as_str()),
        ];
        line(sheet, row, &cells, &columns, formats)?;
        Ok(())
    };
    for standpoint in &controls::of_organisation(view.inventory) {
        if !standpoint.is_of_systems() {
            add(sheet, None, standpoint)?;
        }
    }
    for system in &view.inventory.systems {
        for standpoint in &controls::of_system(&Record::of(view, system)) {
            add(sheet, Some(system), standpoint)?;
        }
    }
    tint(sheet, 4, row, &STATES)?;
    filter(sheet, row, columns.len())
}

fn task_list(sheet: &mut Worksheet, view: &View<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let columns = [
        ("Id", 26.0),
        ("Priority", 9.0),
        ("System", 22.0),
        ("What to do", 60.0),
        ("Why", 50.0),
        ("Who", 24.0),
        ("Subject", 26.0),
        ("System id", 15.0),
        ("State", 12.0),
    ];
    begin(sheet, "Tasks", &columns, formats)?;
    let tasks = tasks::of(view);
    let rows = tasks.len().min(MOST_ROWS);
    for (row, task) in tasks.iter().take(MOST_ROWS).enumerate() {
        let cells = [
            task.id.as_str(),
            &task.priority.number().to_string(),
            if task.system.is_empty() { "organisation" } else { &task.system },
            &task.what,
            &task.why,
            &task.who,
            &task.subject,
            &task.system_id,
            "open",
        ];
        line(sheet, row + 1, &cells, &columns, formats)?;
    }
    if rows > 0 {
        let states = DataValidation::new().allow_list_strings(&["open", "in progress", "done", "not needed"])?;
        sheet.add_data_validation(1, 8, u32::try_from(rows).unwrap_or(u32::MAX), 8, &states)?;
    }
    filter(sheet, rows, columns.len())
}

fn words(sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
    let lists: [(&str, Vec<&str>); 5] = [
        ("Status", Status::ALL.iter().map(|status| status.as_str()).collect()),
        ("Tier", Tier::ALL.iter().map(|tier| tier.as_str()).collect()),
        ("State of a control", State::ALL.iter().map(|state| state.as_str()).collect()),
        (
            "Usage",
            [Usage::Runtime, Usage::Test, Usage::Example, Usage::Docs]
                .iter()
                .map(|usage| usage.as_str())
                .collect(),
        ),
        ("State of a task", vec!["open", "in progress", "done", "not needed"]),
    ];
    let mut columns: Vec<(String, Vec<String>)> = lists
        .into_iter()
        .map(|(name, words)| (name.to_owned(), words.into_iter().map(str::to_owned).collect()))
        .collect();
    columns.extend(governance::choices().map(|(label, choices)| (label.to_owned(), choices.to_vec())));
    let heads: Vec<(&str, f64)> = columns.iter().map(|(name, _)| (name.as_str(), 22.0)).collect();
    begin(sheet, "Lists", &heads, formats)?;
    for (column, (_, words)) in columns.iter().enumerate() {
        for (row, word) in words.iter().enumerate() {
            put(sheet, row + 1, column, word, formats)?;
        }
    }
    Ok(())
}
