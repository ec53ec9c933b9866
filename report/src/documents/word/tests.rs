use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use governance::View;
use governance::documents::Part;
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::*;
use crate::sample;
use crate::wording::visible;

/// The documents of the organisation and of its systems.
fn documents(inventory: &inventory::Inventory) -> Vec<Document> {
    let view = View::of(inventory, None);
    let of_systems = inventory
        .systems
        .iter()
        .flat_map(|system| governance::documents::of_system(&view, system));
    governance::documents::of_organisation(&view)
        .into_iter()
        .chain(of_systems)
        .collect()
}

/// A document that says one text everywhere.
fn saying(text: &str) -> Document {
    let mut document = documents(&sample::empty()).remove(0);
    document.head = vec![("Purpose", text.to_owned())];
    document.notice = text.to_owned();
    let cells = vec![
        Cell::text(text),
        Cell::Code(text.to_owned()),
        Cell::Lines(vec![Cell::text(text), Cell::Lines(vec![Cell::text(text)])]),
    ];
    document.blocks = vec![
        Block::Heading(text.to_owned()),
        Block::Paragraph(text.to_owned()),
        Block::Warning(text.to_owned()),
        Block::List(vec![text.to_owned()]),
        Block::Table(Table {
            columns: vec![("A", 1), ("B", 1), ("C", 1)],
            rows: vec![cells],
            empty: "",
            left_out: 0,
        }),
        Block::Prompt(Part {
            heading: text.to_owned(),
            ask: text.to_owned(),
            who: text.to_owned(),
            text: None,
            by: None,
            reopened: vec![text.to_owned()],
            subject: String::new(),
        }),
        Block::Prompt(Part {
            heading: text.to_owned(),
            ask: text.to_owned(),
            who: text.to_owned(),
            text: Some("as a person wrote it".to_owned()),
            by: None,
            reopened: Vec::new(),
            subject: String::new(),
        }),
    ];
    document
}

/// The parts of a file by name.
fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).expect("a file");
            let mut text = String::new();
            file.read_to_string(&mut text).expect("text");
            (file.name().expect("a name").into_owned(), text)
        })
        .collect()
}

/// The paragraphs of a part, each as its style and what a reader sees; checks on the way that the part is well-formed.
fn read(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let mut paragraphs: Vec<(String, String)> = Vec::new();
    let mut is_text = false;
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) if tag.name().as_ref() == "w:p" => paragraphs.push(Default::default()),
            Event::Empty(tag) if tag.name().as_ref() == "w:p" => paragraphs.push(Default::default()),
            Event::Empty(tag) if tag.name().as_ref() == "w:pStyle" => {
                let style = tag.attributes().next().expect("a value").expect("an attribute");
                // The numbering names a style too, outside any paragraph.
                if let Some(paragraph) = paragraphs.last_mut() {
                    paragraph.0 = style.value.to_string();
                }
            }
            Event::Start(tag) => is_text = tag.name().as_ref() == "w:t",
            Event::End(_) => is_text = false,
            Event::Text(text) if is_text => {
                paragraphs.last_mut().expect("a paragraph").1.push_str(&text.xml10_content());
            }
            Event::GeneralRef(name) if is_text => {
                let letter = match name.as_ref() {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "#39" => '\'',
                    other => panic!("{other:?}"),
                };
                paragraphs.last_mut().expect("a paragraph").1.push(letter);
            }
            Event::Eof => return paragraphs,
            _ => {}
        }
    }
}

fn is_of_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Every place shows the text as any other format of ours would.
fn assert_says(text: &str) {
    let xml = body(&saying(text));
    assert!(xml.chars().all(is_of_xml), "{text:?}");
    let said = read(&xml);
    let shown = visible(text).into_owned();
    let code = shown.replace('/', "/\u{200b}");
    for (style, expected, times) in [
        ("Notice", shown.clone(), 1),
        ("Cell", shown.clone(), 1),
        ("Heading1", shown.clone(), 3),
        ("Normal", shown.clone(), 1),
        ("Open", shown.clone(), 1),
        ("Open", format!("To be looked at again: {shown}"), 1),
        ("ListBullet", shown.clone(), 1),
        ("CellText", shown.clone(), 3),
        ("CellCode", code, 1),
        ("Question", shown.clone(), 1),
        ("Missing", format!("[MISSING: {shown} — {shown}]"), 1),
    ] {
        let found = said.iter().filter(|(of, what)| of == style && *what == expected).count();
        assert_eq!(found, times, "{style} of {text:?}: {said:?}");
    }
}

#[test]
fn text_is_shown_as_it_is_and_ends_nothing() {
    for text in [
        "plain",
        "</w:t></w:r></w:p><w:p>",
        "a ]]> b <![CDATA[ c <!-- d --> <?e?>",
        "&amp; &#0; &lt; \"quoted\" 'too'",
        "a\0b\u{1}c\u{b}d\u{1f}e\u{7f}f\u{9b}g",
        "line\r\nbreak\ttab",
        "👩‍💻 🏳️‍🌈 \u{10ffff}",
        "مرحبا بالعالم and עברית",
        "turned \u{202e}txt.exe\u{202c} \u{2066}x\u{2069}",
        "hidden \u{200b}\u{feff}\u{ad} not XML \u{fffe}\u{ffff}",
        "  spaces  at both ends  ",
        "src/a/b.py:3",
        "{{title}} {{dates}}",
        "",
    ] {
        assert_says(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_is_shown_as_it_is(text in any::<String>(), tags in "[<>&;\\]\\[!'\"/a#x0-9]{0,40}") {
        assert_says(&text);
        assert_says(&tags);
    }
}

#[test]
fn every_part_is_well_formed_typed_and_led_to() {
    let bytes = Word::default().write(&saying("text")).expect("packed");
    let parts = parts(&bytes);
    let names: BTreeSet<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(parts.len(), names.len());
    assert_eq!(parts[0].0, "[Content_Types].xml", "readers look for it first");
    let part = |name: &str| &parts.iter().find(|(known, _)| known == name).expect(name).1;
    let types = part("[Content_Types].xml");
    for (name, text) in &parts {
        read(text);
        assert!(!text.contains("{{"), "{name}");
        if !name.contains("rels") && name != "[Content_Types].xml" {
            assert!(types.contains(&format!("PartName=\"/{name}\"")), "{name} has no type");
            let target = name.strip_prefix("word/").unwrap_or(name);
            let led = ["_rels/.rels", "word/_rels/document.xml.rels"]
                .iter()
                .any(|rels| part(rels).contains(&format!("Target=\"{target}\"")) || part(rels).contains(&format!("Target=\"{name}\"")));
            assert!(led, "nothing leads to {name}");
        }
    }
}

#[test]
fn every_style_that_is_used_is_defined() {
    let styles = include_str!("styles.xml");
    for inventory in [sample::inventory(), sample::hostile(), sample::empty()] {
        for document in documents(&inventory) {
            for (style, _) in read(&body(&document)) {
                assert!(
                    style.is_empty() || styles.contains(&format!("w:styleId=\"{style}\"")),
                    "{style} is no style"
                );
            }
        }
    }
}

#[test]
fn a_table_repeats_its_head_splits_no_row_and_has_no_empty_cell() {
    let mut document = saying("text");
    document.blocks = vec![Block::Table(Table {
        columns: vec![("A", 1), ("B", 2)],
        rows: vec![
            vec![Cell::Lines(Vec::new()), Cell::text("b")],
            vec![Cell::text("c"), Cell::text("d")],
        ],
        empty: "",
        left_out: 7,
    })];
    let xml = body(&document);
    assert_eq!(xml.matches("<w:tblHeader/>").count(), 1);
    assert_eq!(xml.matches("<w:cantSplit/>").count(), 3);
    assert!(xml.contains("</w:tcPr><w:p/></w:tc>"), "a cell without a paragraph is no cell");
    assert!(xml.contains("<w:gridCol w:w=\"3212\"/><w:gridCol w:w=\"6425\"/>"));
    assert!(xml.contains("7 more rows are in the register"));
    assert!(xml.contains("w:orient=\"portrait\""));
}

#[test]
fn a_table_without_rows_says_so_and_a_wide_one_turns_the_page() {
    let mut document = saying("text");
    document.blocks = vec![Block::Table(Table {
        columns: vec![("A", 1); 6],
        rows: Vec::new(),
        empty: "Nothing was found.",
        left_out: 0,
    })];
    let xml = body(&document);
    assert!(!xml.contains("<w:tblHeader/>") && xml.contains("Nothing was found."));
    assert!(xml.contains("w:w=\"16838\" w:h=\"11906\" w:orient=\"landscape\""));
}

#[test]
fn what_documents_share_is_never_another_documents() {
    let word = Word::default();
    let inventory = sample::inventory();
    let mut all = documents(&inventory);
    all[1].head.retain(|(label, _)| *label != "State of");
    for document in &all {
        let parts = parts(&word.write(document).expect("packed"));
        let part = |name: &str| &parts.iter().find(|(known, _)| known == name).expect(name).1;
        let title = text(&document.title()).to_string();
        assert!(part("word/footer.xml").contains(&format!(">{title} · draft · does not show conformity")));
        assert!(part("docProps/core.xml").contains(&format!("<dc:title>{title}</dc:title>")));
        let day = document
            .head
            .iter()
            .find(|(label, _)| *label == "State of")
            .map(|(_, day)| day.as_str());
        let made = day.map(|day| format!("<dcterms:created xsi:type=\"dcterms:W3CDTF\">{day}T00:00:00Z</dcterms:created>"));
        let core = part("docProps/core.xml");
        assert!(
            made.map_or(!core.contains("dcterms:created"), |made| core.contains(&made)),
            "{core}"
        );
        assert!(part("word/document.xml").contains(&title));
    }
    let first = word.write(&all[0]).expect("packed");
    assert!(
        Word::default().write(&all[0]).expect("packed") == first,
        "the same document, the same bytes"
    );
}
