//! Registers that already exist, as people keep them: in any encoding and order, large, damaged, or no table at all.

use std::io::Write;

use serde_json::Value;

use crate::support::Place;

const REGISTER: &str = "id,name,purpose,outputs,owner,personal data\n\
    1,Face gate,Facial recognition of visitors at the gate,Match or no match,Security,yes\n\
    2,Claims helper,Flags disability claims that may be wrong,Risk score for each claim,Benefits,yes\n\
    3,Summaries,Prototype chatbot that summarises meeting notes for staff,Text,IT,no\n\
    4,Crop maps,Maps crops on satellite images,A map,Agriculture,no\n";

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

/// The lines of a register that is written to a file of a name.
fn classified(name: &str, content: impl AsRef<[u8]>) -> Vec<Value> {
    let place = Place::new();
    place.write(name, content);
    let ran = place.run(["classify", &format!("tree/{name}"), "--format", "jsonl"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    lines(&ran.stdout())
}

/// What is said of a register that cannot be read.
fn refused(name: &str, content: impl AsRef<[u8]>) -> String {
    let place = Place::new();
    place.write(name, content);
    let ran = place.run(["classify", &format!("tree/{name}")]);
    assert_eq!(ran.code(), 2, "{}", ran.stdout());
    assert!(ran.stderr().contains(name), "the file is named: {}", ran.stderr());
    ran.stderr()
}

fn interval(line: &Value) -> [&str; 3] {
    ["floor", "indicated", "ceiling"].map(|end| line[end].as_str().expect("a tier"))
}

#[test]
fn a_register_gets_tiers_with_reasons_in_its_own_words() {
    let lines = classified("register.csv", REGISTER);
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["schema_version"], "1.0");
    assert_eq!(interval(&lines[0]), ["limited", "high", "high"]);
    let because = lines[0]["reasons"][0]["because"].as_str().expect("a sentence");
    assert!(because.contains("“Facial recognition” in “purpose”"), "{because}");
    assert_eq!(lines[0]["reasons"][0]["evidence"][0]["line"], 2);
    assert_eq!(lines[0]["eu"]["status"], "possible");
    assert!(
        lines[0]["questions"][0]["question"]
            .as_str()
            .expect("a question")
            .contains("Face gate")
    );
    assert_eq!(interval(&lines[1]), ["limited", "high", "high"]);
    assert_eq!(interval(&lines[2]), ["unknown", "limited", "limited"]);
    assert_eq!(interval(&lines[3]), ["unknown", "minimal", "limited"]);
    for line in &lines {
        assert!(!line["reasons"].as_array().expect("reasons").is_empty(), "{line}");
    }
}

#[test]
fn five_languages_say_the_same() {
    for register in [
        "Nr.;Bezeichnung;Zweckbestimmung\n1;Tor;Gesichtserkennung von Besuchern\n",
        "Identifiant;Nom;Finalité\n1;Portail;Reconnaissance faciale des visiteurs\n",
        "Código;Nombre;Finalidad\n1;Puerta;Reconocimiento facial de visitantes\n",
        "Kenmerk;Naam;Doel\n1;Poort;Gezichtsherkenning van bezoekers\n",
    ] {
        let lines = classified("register.csv", register);
        assert_eq!(interval(&lines[0]), ["limited", "high", "high"], "{register}");
    }
}

#[test]
fn encodings_orders_and_line_ends_make_no_difference() {
    let text = "Zweck;Name;Nr\n\"Prüft Anträge\nauf Bürgergeld; \"\"neu\"\"\";Prüfer;7\n";
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("is Latin-1")).collect();
    let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    for bytes in [
        text.as_bytes().to_vec(),
        wide,
        latin,
        marked,
        text.replace('\n', "\r\n").into_bytes(),
        text.replace(';', "\t").into_bytes(),
    ] {
        let lines = classified("register.csv", bytes);
        assert_eq!(
            (lines.len(), lines[0]["id"].as_str(), lines[0]["name"].as_str()),
            (1, Some("7"), Some("Prüfer"))
        );
        assert_eq!(lines[0]["ceiling"], "high");
    }
}

#[test]
fn a_guessed_encoding_is_noted() {
    let place = Place::new();
    place.write("register.csv", b"id,name,purpose\n1,Pr\xfcfer,Pr\xfcft Antr\xe4ge\n");
    let ran = place.run(["classify", "tree/register.csv", "--format", "csv"]);
    assert!(
        ran.stderr().contains("Windows-1252") && ran.stderr().contains("line 2"),
        "{}",
        ran.stderr()
    );
    assert!(ran.stdout().contains("Prüfer"));
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_what_to_do() {
    for (name, content, said) in [
        ("a.csv", "id,stage\n1,Pilot\n", "“id”, “stage”"),
        (
            "b.csv",
            "id,name,purpose,purpose\n1,a,b,c\n",
            "column D: the heading “purpose” stands 2 times",
        ),
        ("c.csv", "id,name,purpose\n1,a,b\n2,a,b,c,d\n", "row 3, column D"),
        ("d.csv", "", "is empty"),
        ("e.csv", "id,name,purpose\n", "no system below the headings"),
        ("f.xlsx", "id,name\n1,a\n", "named like a workbook"),
        ("g.xlsx", "PK\u{3}\u{4} cut", "damaged workbook"),
        ("h.pdf", "%PDF-1.7", "is a PDF"),
        ("i.csv", "<!DOCTYPE html><html></html>", "web page"),
        ("j.csv", "a\0b\0\u{1}c", "binary data"),
    ] {
        let error = refused(name, content);
        assert!(error.contains(said), "{name}: {error}");
    }
    assert!(refused("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1").contains("save it as .xlsx"));
    let place = Place::new();
    let ran = place.run(["classify", "tree"]);
    assert!(ran.code() == 2 && ran.stderr().contains("is a folder"), "{}", ran.stderr());
    assert!(place.run(["classify", "no.csv"]).stderr().contains("cannot read no.csv"));
}

#[test]
fn a_mapping_names_columns_and_its_faults_are_named() {
    let place = Place::new();
    place.write("register.csv", "Nummer 1;Was;Bemerkung A\n7;Tor;Gesichtserkennung am Tor\n");
    let map = place.write("map.toml", "id = \"Nummer 1\"\nname = \"was\"\npurpose = [\"Bemerkung A\"]\n");
    let ran = place.run(["classify", "tree/register.csv", "--format", "jsonl", "--map", "tree/map.toml"]);
    assert_eq!(lines(&ran.stdout())[0]["id"], "7", "{}", ran.stderr());
    assert_eq!(lines(&ran.stdout())[0]["indicated"], "high");
    for (text, said) in [
        ("purpose = \"Zweck\"", "no column has that heading"),
        ("porpoise = \"Was\"", "no field"),
        ("purpose = 3", "is no mapping"),
    ] {
        std::fs::write(&map, text).expect("written");
        let ran = place.run(["classify", "tree/register.csv", "--map", "tree/map.toml"]);
        assert!(ran.code() == 2 && ran.stderr().contains(said), "{}", ran.stderr());
    }
}

#[test]
fn nothing_is_taken_for_a_formula() {
    let place = Place::new();
    place.write(
        "register.csv",
        "id,name,purpose\n=1+1,\"=HYPERLINK(\"\"http://x\"\")\",-2 faces\n@SUM,+a,b\n",
    );
    let ran = place.run(["classify", "tree/register.csv", "--format", "csv"]);
    let out = ran.stdout();
    assert!(out.starts_with('\u{feff}'), "spreadsheets know UTF-8 by its mark");
    assert!(out.contains("\r\n\"'=1+1\",\"'=HYPERLINK(\"\"http://x\"\")\","), "{out}");
    assert!(out.contains("\r\n\"'@SUM\",\"'+a\","), "{out}");
}

#[test]
fn the_page_counts_tiers_and_begins_with_the_highest() {
    let place = Place::new();
    place.write("register.csv", REGISTER);
    let page = place.run(["classify", "tree/register.csv"]).stdout();
    assert!(page.starts_with("tree/register.csv – 4 systems"), "{page}");
    assert!(page.contains("high            2 indicated         2 possible"), "{page}");
    let at = |word: &str| page.find(word).unwrap_or_else(|| panic!("{word} in {page}"));
    assert!(at("Face gate") < at("Summaries") && at("Summaries") < at("Crop maps"));
    assert!(page.contains("Indicative"), "the standing sentence");
}

#[test]
fn many_rows_are_judged_in_parts_and_identifiers_that_repeat_are_noted() {
    const ROWS: usize = 8_500;
    let place = Place::new();
    let mut text = String::from("id,name,purpose\n");
    for row in 0..ROWS {
        text.push_str(&format!("{},System {row},\"Scores applicants, row {row}\"\n", row % (ROWS - 1)));
    }
    place.write("register.csv", text);
    let ran = place.run(["classify", "tree/register.csv", "--format", "jsonl", "-o", "tiers.jsonl"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert!(ran.stderr().contains("“0” again in row 8501"), "{}", ran.stderr());
    let written = std::fs::read_to_string(place.beside("tiers.jsonl")).expect("written");
    assert_eq!(written.lines().count(), ROWS);
}

/// A workbook with a sheet of instructions and one of systems.
fn workbook(cells: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let sheet = |rows: &str| {
        format!(
            "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
        )
    };
    for (path, content) in [
        (
            "[Content_Types].xml",
            "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>".to_owned(),
        ),
        (
            "_rels/.rels",
            "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>".to_owned(),
        ),
        (
            "xl/workbook.xml",
            "<?xml version=\"1.0\"?><workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"Read me\" sheetId=\"1\" r:id=\"rId1\"/><sheet name=\"Systems\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>".to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet2.xml\"/></Relationships>".to_owned(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            sheet("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Fill in every row</t></is></c></row>"),
        ),
        ("xl/worksheets/sheet2.xml", sheet(cells)),
    ] {
        zip.start_file(path, zip::write::SimpleFileOptions::default()).expect("starts");
        zip.write_all(content.as_bytes()).expect("writes");
    }
    zip.finish().expect("finishes").into_inner()
}

#[test]
fn the_sheet_with_systems_is_found_in_a_workbook() {
    let text = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |number: usize, cells: String| format!("<row r=\"{number}\">{cells}</row>");
    let cells = [
        row(1, text("A1", "Register 2026")),
        row(3, [text("A3", "ID"), text("B3", "Name"), text("D3", "Purpose")].concat()),
        row(
            5,
            [
                "<c r=\"A5\"><v>12</v></c>".to_owned(),
                text("B5", "Gate"),
                "<c r=\"D5\" t=\"str\"><f>\"Facial \"&amp;\"recognition\"</f><v>Facial recognition of visitors</v></c>".to_owned(),
            ]
            .concat(),
        ),
    ]
    .concat();
    let lines = classified("register.xlsx", workbook(&cells));
    assert_eq!((lines.len(), &lines[0]["id"], &lines[0]["row"]), (1, &"12".into(), &5.into()));
    assert_eq!(lines[0]["indicated"], "high", "a formula is its last result");
    let place = Place::new();
    place.write("register.xlsx", workbook(""));
    let ran = place.run(["classify", "tree/register.xlsx", "--sheet", "None"]);
    assert!(ran.code() == 2 && ran.stderr().contains("“Read me”, “Systems”"), "{}", ran.stderr());
    assert!(place.run(["classify", "tree/register.xlsx"]).stderr().contains("no sheet"));
}
