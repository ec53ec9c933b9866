//! What is kept from scan to scan.

use crate::support::{CHAT, Place, names};

#[test]
fn systems_are_remembered_with_their_first_day() {
    let place = Place::new();
    place.write("pyproject.toml", "[project]\nname = \"bot\"\n");
    place.write("chat.py", CHAT);
    let first = place.run(["scan", "tree", "--format", "json"]).json();
    // A moved line is the same system and the same component.
    place.write("chat.py", format!("# moved\n\n{CHAT}"));
    let second = place.run(["scan", "tree", "--format", "json"]).json();
    for field in ["id", "first_seen"] {
        assert_eq!(first["systems"][0][field], second["systems"][0][field], "{field}");
    }
    assert_ne!(second["systems"][0]["first_seen"], serde_json::Value::Null);
    assert_eq!(
        first["systems"][0]["components"][0]["id"],
        second["systems"][0]["components"][0]["id"]
    );
    assert!(
        place.run(["diff"]).stdout().contains("Nothing changed"),
        "{}",
        place.run(["diff"]).stdout()
    );
}

#[test]
fn diff_tells_new_gone_and_changed() {
    let place = Place::new();
    place.write("bot/pyproject.toml", "[project]\nname = \"bot\"\n");
    place.write("bot/chat.py", CHAT);
    place.write("old/pyproject.toml", "[project]\nname = \"old\"\n");
    place.write("old/chat.py", CHAT);
    assert_eq!(place.run(["scan", "tree"]).code(), 0);
    std::fs::remove_dir_all(place.tree().join("old")).expect("removed");
    place.write("bot/chat.py", CHAT.replace("gpt-4o", "gpt-5"));
    place.write(
        "fresh/package.json",
        "{\"name\": \"fresh\", \"dependencies\": {\"@anthropic-ai/sdk\": \"1\"}}",
    );
    place.write(
        "fresh/a.ts",
        "import Anthropic from '@anthropic-ai/sdk';\nnew Anthropic().messages.create({ model: 'claude-sonnet-4-5' });\n",
    );
    let ran = place.run(["scan", "tree", "--fail-on", "new-system"]);
    assert_eq!(ran.code(), 1, "{}", ran.stderr());
    let diff = place.run(["diff"]).stdout();
    for word in ["fresh", "old", "gpt-4o", "gpt-5"] {
        assert!(diff.contains(word), "{word} not in {diff}");
    }
    assert_eq!(place.run(["diff", "--json"]).json()["new"].as_array().map(Vec::len), Some(1));
}

#[test]
fn unchanged_files_are_not_read_again_and_changed_ones_are() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    place.write("other.py", CHAT.replace("gpt-4o", "gpt-4"));
    let first = place.run(["scan", "tree", "--format", "json"]).json();
    let second = place.run(["scan", "tree", "--format", "json"]).json();
    assert_eq!(
        (&first["coverage"]["files_read"], &first["coverage"]["files_unchanged"]),
        (&2.into(), &0.into())
    );
    assert_eq!(
        (&second["coverage"]["files_read"], &second["coverage"]["files_unchanged"]),
        (&0.into(), &2.into())
    );
    assert_eq!(names(&first, "model"), names(&second, "model"));
    place.write("other.py", CHAT.replace("gpt-4o", "gpt-5"));
    let third = place.run(["scan", "tree", "--format", "json"]).json();
    assert_eq!(third["coverage"]["files_read"], 1);
    assert!(names(&third, "model").contains(&"gpt-5".to_owned()));
}

#[test]
fn what_was_scanned_apart_is_listed_together() {
    let place = Place::new();
    place.write("a/chat.py", CHAT);
    place.write("b/chat.py", CHAT.replace("gpt-4o", "gpt-4"));
    assert_eq!(place.run(["scan", "tree/a"]).code(), 0);
    assert_eq!(place.run(["scan", "tree/b"]).code(), 0);
    let report = place.run(["report", "--format", "json"]).json();
    assert_eq!(report["systems"].as_array().map(Vec::len), Some(2));
    let id = report["systems"][0]["id"].as_str().expect("an id").to_owned();
    let shown = place.run(["show", &id[..6]]);
    assert!(shown.code() == 0 && shown.stdout().contains("gpt-4"), "{}", shown.stderr());
    assert_eq!(place.run(["show", "nothing"]).code(), 2);
    assert!(place.run(["systems"]).stdout().contains(&id[..6]));
}

#[test]
fn without_a_scan_the_error_says_what_to_do() {
    let place = Place::new();
    for command in ["systems", "diff", "report"] {
        let ran = place.run([command]);
        assert!(ran.code() == 2 && ran.stderr().contains("aimscan scan PATH"), "{}", ran.stderr());
    }
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    std::fs::write(place.beside("notes.txt"), "my notes, which are dear to me").expect("written");
    let ran = place.run(["scan", "tree", "--db", "notes.txt"]);
    assert_eq!(ran.code(), 2);
    assert_eq!(
        std::fs::read_to_string(place.beside("notes.txt")).expect("there"),
        "my notes, which are dear to me"
    );
}

#[test]
fn two_scans_at_once_are_both_kept() {
    let place = Place::new();
    place.write("a/chat.py", CHAT);
    place.write("b/chat.py", CHAT);
    std::thread::scope(|scope| {
        for folder in ["tree/a", "tree/b"] {
            let place = &place;
            scope.spawn(move || assert_eq!(place.run(["scan", folder]).code(), 0));
        }
    });
    assert_eq!(
        place.run(["report", "--format", "json"]).json()["systems"].as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn a_scan_that_is_killed_leaves_the_last_snapshot_whole() {
    let place = Place::new();
    for at in 0..300 {
        place.write(&format!("m{at}/chat.py"), CHAT);
        place.write(&format!("m{at}/requirements.txt"), "openai\n");
    }
    assert_eq!(place.run(["scan", "tree", "--db", "a.db"]).code(), 0);
    for milliseconds in [20, 60, 120, 200, 300] {
        place.write("m0/chat.py", format!("# {milliseconds}\n{CHAT}"));
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_aimscan"))
            .args(["scan", "tree", "--db", "a.db", "--quiet", "-o", "out.json"])
            .current_dir(place.tree().parent().expect("a parent"))
            .spawn()
            .expect("started");
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        child.kill().expect("killed");
        child.wait().expect("gone");
        let report = place.run(["report", "--db", "a.db", "--format", "json"]);
        assert_eq!(report.code(), 0, "{}", report.stderr());
        assert_eq!(report.json()["systems"].as_array().map(Vec::len), Some(300));
    }
}
