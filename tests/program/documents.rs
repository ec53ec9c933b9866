//! The folder of documents: complete, the same twice, and never over what somebody edited.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::support::{CHAT, Place};

fn scanned() -> Place {
    let place = Place::new();
    place.write(
        "package.json",
        "{ \"name\": \"=cmd|'/c calc'!A1 <b>\", \"description\": \"| a <script>alert(1)</script> | `b`\" }",
    );
    place.write("app.py", CHAT);
    place.write(
        "services/shop/pyproject.toml",
        "[project]\nname = \"shop\"\ndependencies = [\"openai==1.40.0\"]\n",
    );
    place.write("services/shop/chat.py", CHAT);
    let ran = place.run(["scan", "tree", "--db", "db"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    place
}

fn documents(place: &Place, to: &str) -> String {
    let ran = place.run(["documents", "--db", "db", "--output", to]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    ran.stdout()
}

/// Every file of a folder with its content.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).expect("below").to_string_lossy().replace('\\', "/");
                found.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// The text of a part of a zipped file.
fn part(bytes: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    let mut text = String::new();
    zip.by_name(name).expect("the part").read_to_string(&mut text).expect("text");
    text
}

#[test]
fn a_folder_has_the_organisation_each_system_and_the_register() {
    let place = scanned();
    let said = documents(&place, "docs");
    assert!(said.contains("documents in docs"), "{said}");
    let files = files(&place.beside("docs"));
    for expected in [
        "index.html",
        "register.xlsx",
        "organisation/index.html",
        "organisation/ORG-SOA-statement-of-applicability.docx",
        "organisation/ORG-GAP-gaps-and-tasks.md",
        ".aimscan-documents.json",
    ] {
        assert!(files.contains_key(expected), "{expected} is missing among {:?}", files.keys());
    }
    let shop: Vec<&String> = files.keys().filter(|name| name.starts_with("systems/shop-")).collect();
    assert!(
        shop.iter().any(|name| name.ends_with("/SYS-01-record-of-the-system.docx")),
        "{shop:?}"
    );
    assert!(shop.iter().any(|name| name.ends_with("/index.html")));
    for name in files.keys() {
        assert!(
            name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '.')),
            "{name} is no name for every file system"
        );
    }
}

#[test]
fn the_same_inventory_gives_the_same_bytes() {
    let place = scanned();
    documents(&place, "one");
    documents(&place, "two");
    let (one, two) = (files(&place.beside("one")), files(&place.beside("two")));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(bytes == &two[name], "{name} differs");
    }
    let again = documents(&place, "one");
    assert!(again.contains(": 0 files written"), "{again}");
}

#[test]
fn an_edited_document_is_kept_and_the_person_is_told() {
    let place = scanned();
    documents(&place, "docs");
    let folder = place.beside("docs");
    let edited = folder.join("organisation/ORG-01-ai-policy.md");
    std::fs::write(&edited, "our own policy").expect("edited");
    let said = documents(&place, "docs");
    assert!(
        said.contains("organisation/ORG-01-ai-policy.md  →  organisation/ORG-01-ai-policy.new.md"),
        "{said}"
    );
    assert_eq!(std::fs::read_to_string(&edited).expect("a file"), "our own policy");
    assert!(folder.join("organisation/ORG-01-ai-policy.new.md").is_file());
}

#[test]
fn names_from_a_scanned_tree_are_only_text() {
    let place = scanned();
    documents(&place, "docs");
    let files = files(&place.beside("docs"));
    for (name, bytes) in &files {
        let name = name.as_str();
        if name.ends_with(".html") {
            let page = String::from_utf8_lossy(bytes);
            assert!(!page.contains("<script>") && !page.contains("<b>\""), "{name}");
            assert!(page.contains("default-src 'none'"), "{name}");
        } else if name.ends_with(".md") {
            let text = String::from_utf8_lossy(bytes);
            assert!(!text.contains("<script>"), "{name}");
            for table in text.split("\n\n").filter(|block| block.starts_with('|')) {
                let bars = |line: &str| line.replace("\\|", "").matches('|').count();
                let mut lines = table.lines().map(bars);
                let first = lines.next().unwrap_or_default();
                assert!(lines.all(|bars| bars == first), "{name}: {table}");
            }
        } else if name.ends_with(".docx") {
            let document = part(bytes, "word/document.xml");
            assert!(
                !document.contains("<script>") && document.contains("does not show conformity"),
                "{name}"
            );
        }
    }
    let mut sheets = 0;
    let book = &files["register.xlsx"];
    for number in 1..=6 {
        let sheet = part(book, &format!("xl/worksheets/sheet{number}.xml"));
        assert!(!sheet.contains("<f>"), "sheet {number} has a formula");
        sheets += 1;
    }
    assert_eq!(sheets, 6);
    assert!(
        part(book, "xl/sharedStrings.xml").contains("=cmd|"),
        "the name is told as it is written"
    );
    assert!(part(book, "xl/styles.xml").contains("quotePrefix=\"1\""));
}

#[test]
fn one_system_and_one_form_can_be_asked_for() {
    let place = scanned();
    let ran = place.run(["documents", "--db", "db", "-o", "docs", "--system", "shop", "--format", "md"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let files = files(&place.beside("docs"));
    assert!(
        files
            .keys()
            .all(|name| name.starts_with("systems/shop-") || name == ".aimscan-documents.json")
    );
    assert!(files.keys().all(|name| name.ends_with(".md") || name.ends_with(".json")));
    let ran = place.run(["documents", "--db", "db", "-o", "docs", "--system", "nothing-like-it"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr().contains("no system `nothing-like-it`"), "{}", ran.stderr());
}

#[test]
fn without_a_scan_there_are_no_documents() {
    let place = Place::new();
    let ran = place.run(["documents", "--db", "db", "-o", "docs"]);
    assert_eq!(ran.code(), 2);
    assert!(!place.beside("docs").exists());
}
