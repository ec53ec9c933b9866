//! Documents as one page for a browser, and the page that leads to all of them. A page needs nothing else: no network, no script.
//! Everything that came from elsewhere goes through `markup::text`.

use governance::{Block, Cell, Document, Record, Status, Table, View};
use inventory::System;

use super::{folder_name, left_out};
use crate::html::markup::{fill, joined, path, put, text};
use crate::html::policy;
use crate::picture::controls;
use crate::wording::{count, interval, minute};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = concat!(include_str!("page.css"), include_str!("../picture/picture.css"));

/// A file that belongs to a document, for the links on its page.
#[derive(Debug, Clone)]
pub struct Linked {
    /// What the link says.
    pub name: String,
    /// The address, relative to the page.
    pub address: String,
}

/// The page of the documents of a system, or of the organisation.
#[must_use]
pub fn page(title: &str, home: &str, view: &View<'_>, system: Option<&System>, documents: &[Document], files: &[Vec<Linked>]) -> String {
    let mut body = String::new();
    put!(
        &mut body,
        "<nav aria-label=\"Documents\"><p><a href=\"{}\">All systems</a></p><ul>\n",
        text(home)
    );
    for document in documents {
        let missing = document.missing();
        put!(
            &mut body,
            "<li><a href=\"#{}\">{}</a> <small>{}</small></li>\n",
            text(&document.form.id),
            text(&document.title()),
            if missing == 0 {
                "nothing missing".to_owned()
            } else {
                format!("{missing} missing")
            }
        );
    }
    body.push_str("<li><a href=\"#controls\">Controls at a glance</a></li>\n</ul></nav>\n");
    for (number, document) in documents.iter().enumerate() {
        put!(
            &mut body,
            "<article id=\"{0}\" aria-labelledby=\"h-{0}\">\n<h2 id=\"h-{0}\">{1}</h2>\n",
            text(&document.form.id),
            text(&document.title())
        );
        if let Some(files) = files.get(number).filter(|files| !files.is_empty()) {
            body.push_str("<p class=\"files\">As a file: ");
            for (nth, file) in files.iter().enumerate() {
                let between = if nth == 0 { "" } else { ", " };
                put!(&mut body, "{between}<a href=\"{}\">{}</a>", text(&file.address), text(&file.name));
            }
            body.push_str("</p>\n");
        }
        body.push_str("<dl>\n");
        for (label, value) in &document.head {
            put!(&mut body, "<dt>{}</dt><dd>{}</dd>\n", text(label), path(value));
        }
        body.push_str("</dl>\n");
        for block in &document.blocks {
            render(&mut body, block);
        }
        body.push_str("</article>\n");
    }
    at_a_glance(
        &mut body,
        &match system {
            Some(system) => controls::of_system(&Record::of(view, system)),
            None => controls::of_inventory(view),
        },
    );
    whole(
        title,
        view,
        documents.first().map_or("", |document| document.notice.as_str()),
        &body,
    )
}

fn at_a_glance(body: &mut String, picture: &str) {
    put!(
        body,
        "<article id=\"controls\"><h2>Controls at a glance</h2>\n{picture}</article>\n"
    );
}

/// The page that leads to every system and to the organisation's documents.
#[must_use]
pub fn index(view: &View<'_>, organisation: &[Document], linked: bool, workbook: bool) -> String {
    let inventory = view.inventory;
    let mut body = String::new();
    put!(
        &mut body,
        "<p>{} in {}. Every text that people have to write is marked as missing until somebody records it with <code>aimscan register</code>; \
         it is then carried along.</p>\n",
        count(inventory.systems.len(), "AI system"),
        count(inventory.sources.len(), "source")
    );
    if workbook {
        body.push_str("<p><a href=\"register.xlsx\">The register as a workbook</a>: systems, evidence, controls, tasks.</p>\n");
    }
    body.push_str("<article><h2>The organisation</h2><ul>\n");
    for document in organisation {
        let title = text(&document.title()).to_string();
        let missing = count(document.missing(), "place");
        if linked {
            put!(
                &mut body,
                "<li><a href=\"organisation/index.html#{}\">{title}</a> <small>{missing} to fill</small></li>\n",
                text(&document.form.id)
            );
        } else {
            put!(&mut body, "<li>{title} <small>{missing} to fill</small></li>\n");
        }
    }
    body.push_str("</ul></article>\n");
    at_a_glance(&mut body, &controls::of_inventory(view));
    body.push_str("<article><h2>Systems</h2>\n");
    if inventory.systems.is_empty() {
        body.push_str("<p>No AI system was found in what was scanned.</p>\n");
    } else {
        body.push_str(
            "<table><thead><tr><th scope=\"col\">System</th><th scope=\"col\">Tier</th><th scope=\"col\">Where</th></tr></thead><tbody>\n",
        );
        for system in ordered(&inventory.systems) {
            let name = text(&system.name).to_string();
            let name = if linked {
                format!("<a href=\"systems/{}/index.html\">{name}</a>", folder_name(system))
            } else {
                name
            };
            put!(
                &mut body,
                "<tr><th scope=\"row\">{name}</th><td>{}</td><td><code>{}</code></td></tr>\n",
                text(&interval(&system.classification)),
                path(&format!("{} {}", system.source, system.folder))
            );
        }
        body.push_str("</tbody></table>\n");
    }
    body.push_str("</article>\n");
    let notice = format!("{} {}", inventory.notice, governance::NOTICE);
    whole("AI management documents", view, &notice, &body)
}

/// Systems with the highest ceiling first.
fn ordered(systems: &[System]) -> Vec<&System> {
    let mut ordered: Vec<&System> = systems.iter().collect();
    ordered.sort_by(|a, b| {
        let rank = |system: &System| (system.classification.ceiling, system.classification.floor);
        rank(b)
            .cmp(&rank(a))
            .then_with(|| a.name.cmp(&b.name))
            .then_with(|| a.id.cmp(&b.id))
    });
    ordered
}

fn whole(title: &str, view: &View<'_>, notice: &str, body: &str) -> String {
    fill(PAGE, |slot| match slot {
        "policy" => policy::policy(STYLE, ""),
        "style" => STYLE.to_owned(),
        "title" => text(title).to_string(),
        "scanned" => text(&minute(&view.inventory.scanned_at)).to_string(),
        "generator" => text(&view.inventory.generator).to_string(),
        "ruleset" => text(&view.inventory.ruleset).to_string(),
        "notice" => text(notice).to_string(),
        "body" => body.to_owned(),
        _ => unreachable!("page.html has no slot {slot}"),
    })
}

fn render(out: &mut String, block: &Block) {
    match block {
        Block::Heading(heading) => put!(out, "<h3>{}</h3>\n", text(heading)),
        Block::Paragraph(paragraph) => put!(out, "<p>{}</p>\n", text(paragraph)),
        Block::Warning(warning) => put!(out, "<p class=\"warning\">{}</p>\n", text(warning)),
        Block::List(lines) => {
            put!(out, "<ul><li>{}</li></ul>\n", joined(lines.iter().map(String::as_str), "</li><li>"));
        }
        Block::Table(table) => self::table(out, table),
        Block::Prompt(part) => {
            put!(out, "<section class=\"prompt\"><h3>{}</h3>\n", text(&part.heading));
            match &part.text {
                Some(written) => {
                    // Where nothing is written the mark of what is missing asks the question.
                    put!(out, "<p class=\"ask\">{}</p>\n", text(&part.ask));
                    put!(out, "<p class=\"human\">{}</p>\n", joined(written.lines(), "<br>"));
                    if let Some(by) = &part.by {
                        put!(out, "<p class=\"by\">{}</p>\n", text(by));
                    }
                }
                None => put!(
                    out,
                    "<p><mark>{}</mark></p>\n<p class=\"by\"><code>aimscan register</code>, subject <code>{}</code></p>\n",
                    text(&Cell::marker(&part.ask, &part.who)),
                    text(&part.subject)
                ),
            }
            for why in &part.reopened {
                put!(out, "<p class=\"warning\">To be looked at again: {}</p>\n", text(why));
            }
            out.push_str("</section>\n");
        }
    }
}

fn table(out: &mut String, table: &Table) {
    if table.rows.is_empty() {
        put!(out, "<p class=\"none\">{}</p>\n", text(table.empty));
        return;
    }
    put!(out, "<div class=\"wide\"><table class=\"c{}\"><thead><tr>", table.columns.len());
    for (name, _) in &table.columns {
        put!(out, "<th scope=\"col\">{}</th>", text(name));
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (nth, cell) in row.iter().enumerate() {
            let mut inner = String::new();
            self::cell(&mut inner, cell);
            let (tag, scope) = if nth == 0 { ("th", " scope=\"row\"") } else { ("td", "") };
            put!(out, "<{tag}{scope}>{inner}</{tag}>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    if table.left_out > 0 {
        put!(out, "<p class=\"none\">{}</p>\n", text(&left_out(table.left_out)));
    }
}

fn cell(out: &mut String, cell: &Cell) {
    match cell {
        Cell::Text(value) => put!(out, "{}", text(value)),
        Cell::Code(value) => put!(out, "<code>{}</code>", path(value)),
        Cell::Status(Status::Missing) => put!(out, "<b class=\"missing\">missing</b>"),
        Cell::Status(status) => put!(out, "<span class=\"{status}\">{status}</span>"),
        Cell::Missing { ask, who } => put!(out, "<mark>{}</mark>", text(&Cell::marker(ask, who))),
        Cell::Lines(cells) => {
            for (nth, one) in cells.iter().enumerate() {
                if nth > 0 {
                    out.push_str("<br>");
                }
                self::cell(out, one);
            }
        }
    }
}
