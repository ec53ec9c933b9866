//! What need not be read again: untouched files, touched files that hold the same, and copies of the same repository.

use std::path::Path;
use std::process::Command;

use crate::support::{CHAT, Place, names};

pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    let ran = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git runs");
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

fn repository(place: &Place) {
    place.write("chat.py", CHAT);
    place.write("plain.py", "print('nothing of interest')\n");
    place.write("requirements.txt", "openai==1.0\n");
    git(&place.tree(), &["init", "-q"]);
    git(&place.tree(), &["remote", "add", "origin", "https://git.example/shop.git"]);
    git(&place.tree(), &["add", "."]);
    git(&place.tree(), &["commit", "-qm", "x"]);
}

fn counts(inventory: &serde_json::Value) -> (u64, u64, u64) {
    let count = |field: &str| inventory["coverage"][field].as_u64().expect("a number");
    (count("files_read"), count("files_unchanged"), count("bytes_read"))
}

/// The inventory without what tells one scan from the next.
fn content(mut inventory: serde_json::Value) -> String {
    for field in ["scanned_at", "coverage", "sources"] {
        inventory[field].take();
    }
    let text = serde_json::to_string_pretty(&inventory).expect("JSON");
    text.lines().filter(|line| !line.contains("_seen\"")).collect()
}

/// As a scan sees them, files that were just written may still change; a little later they do not.
fn rest() {
    std::thread::sleep(std::time::Duration::from_millis(120));
}

#[test]
fn a_touched_file_that_holds_the_same_is_not_parsed_again() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    let first = place.run(["scan", "tree", "--format", "json"]).json();
    place.write("chat.py", CHAT);
    let second = place.run(["scan", "tree", "--format", "json"]).json();
    assert_eq!((counts(&second).0, counts(&second).1), (0, 1));
    assert_eq!(content(first), content(second));
    // As long as before, and another thing.
    place.write("chat.py", CHAT.replace("gpt-4o", "gpt-41"));
    let third = place.run(["scan", "tree", "--format", "json"]).json();
    assert_eq!(counts(&third).0, 1);
}

#[test]
fn a_fresh_clone_of_what_is_known_is_not_even_read() {
    let place = Place::new();
    repository(&place);
    rest();
    let first = place.run(["scan", "tree", "--format", "json"]).json();
    assert_eq!(counts(&first).0, 3);
    git(&place.beside("."), &["clone", "-q", "tree", "copy"]);
    git(
        &place.beside("copy"),
        &["remote", "set-url", "origin", "https://git.example/shop.git"],
    );
    // Git notes when it wrote its index; until then a file may change unnoticed.
    rest();
    git(&place.beside("copy"), &["update-index", "--force-write-index"]);
    let second = place.run(["scan", "copy", "--format", "json"]).json();
    assert_eq!(counts(&second), (0, 3, 0), "nothing was read");
    assert_eq!(content(first), content(second));
    // What differs from the commit is read, though Git's index knows the path.
    std::fs::write(place.beside("copy/chat.py"), CHAT.replace("gpt-4o", "gpt-41")).expect("written");
    let third = place.run(["scan", "copy", "--format", "json"]).json();
    assert_eq!((counts(&third).0, names(&third, "model")), (1, vec!["gpt-41".to_owned()]));
}

#[test]
fn an_index_that_is_no_index_costs_only_time() {
    let place = Place::new();
    repository(&place);
    place.run(["scan", "tree"]);
    for bytes in [&b"DIRC"[..], &[0xFF; 4096], b"DIRC\0\0\0\x02\xFF\xFF\xFF\xFF"] {
        std::fs::write(place.tree().join(".git/index"), bytes).expect("written");
        place.write("chat.py", CHAT.replace("gpt-4o", "gpt-5"));
        let ran = place.run(["scan", "tree", "--format", "json"]);
        assert_eq!(
            (ran.code(), names(&ran.json(), "model")),
            (0, vec!["gpt-5".to_owned()]),
            "{}",
            ran.stderr()
        );
    }
}

#[test]
fn rules_of_ones_own_and_a_damaged_memory_make_everything_be_read_again() {
    let place = Place::new();
    repository(&place);
    rest();
    let scan = |more: &[&str]| {
        place
            .run(["scan", "tree", "--format", "json", "--db", "a.db"].iter().chain(more))
            .json()
    };
    scan(&[]);
    assert_eq!(counts(&scan(&[])), (0, 3, 0));
    std::fs::write(
        place.beside("acme.toml"),
        "id = \"acme\"\nname = \"Acme AI\"\nvendor = \"service\"\nhomepage = \"https://acme.example\"\nchecked = 2026-11-20\nreferences = [\"https://acme.example\"]\n",
    )
    .expect("written");
    assert_eq!(counts(&scan(&["--rules", "acme.toml"])).0, 3);
    assert_eq!(counts(&scan(&[])).0, 3);
    let connection = rusqlite::Connection::open(place.beside("a.db")).expect("opens");
    let changed = connection
        .execute(
            "UPDATE file_cache SET bytes = CAST(substr(bytes, 1, length(bytes) - 9) || 'gpt-4o-mi' AS BLOB)",
            [],
        )
        .expect("damaged");
    assert_eq!(changed, 1);
    drop(connection);
    let after = scan(&[]);
    assert_eq!((counts(&after).0, names(&after, "model")), (3, vec!["gpt-4o".to_owned()]));
}
