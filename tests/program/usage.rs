//! Exit codes, settings, rules of one's own, and what goes where.

use crate::support::{CHAT, Place, names};

#[test]
fn conditions_decide_the_exit_code() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    assert_eq!(place.run(["scan", "tree", "--no-db"]).code(), 0);
    let ran = place.run(["scan", "tree", "--no-db", "--fail-on", "limited"]);
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    assert!(ran.stderr().contains("is indicated as limited"), "{}", ran.stderr());
    assert_eq!(place.run(["scan", "tree", "--no-db", "--fail-on", "stop"]).code(), 0);
    assert_eq!(place.run(["scan", "tree", "--no-db", "--fail-on", "sometimes"]).code(), 2);
    let ran = place.run(["scan", "tree", "--no-db", "--fail-on", "new-system"]);
    assert!(ran.code() == 2 && ran.stderr().contains("--no-db"), "{}", ran.stderr());
}

#[test]
fn settings_say_what_is_approved() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    let with = |providers: &str| {
        std::fs::write(
            place.beside("aimscan.toml"),
            format!("fail-on = [\"unapproved-provider\"]\n[approved]\nproviders = [{providers}]\n"),
        )
        .expect("written");
        place.run(["scan", "tree", "--no-db"])
    };
    let ran = with("\"anthropic\"");
    assert!(ran.code() == 1 && ran.stderr().contains("openai"), "{}", ran.stderr());
    assert_eq!(with("\"openai\"").code(), 0);
}

#[test]
fn wrong_settings_and_rules_point_at_line_and_column() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    std::fs::write(place.beside("wrong.toml"), "db = \"x\"\nexcludes = []\n").expect("written");
    let ran = place.run(["scan", "tree", "--no-db", "--config", "wrong.toml"]);
    assert!(
        ran.code() == 2 && ran.stderr().contains("line 2, column 1") && ran.stderr().contains("excludes"),
        "{}",
        ran.stderr()
    );
    std::fs::write(place.beside("rule.toml"), "id = \"acme\"\nname = 5\n").expect("written");
    let ran = place.run(["scan", "tree", "--no-db", "--rules", "rule.toml"]);
    assert!(ran.code() == 2 && ran.stderr().contains("line 2, column 8"), "{}", ran.stderr());
}

#[test]
fn a_scanned_tree_has_no_say_in_how() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    place.write("aimscan.toml", "exclude = [\"*\"]\n");
    assert_eq!(names(&place.scan(), "model"), ["gpt-4o"]);
}

const ACME: &str = r#"
id = "acme"
name = "Acme AI"
vendor = "service"
homepage = "https://acme.example"
checked = 2026-11-20
references = ["https://acme.example/docs"]

[[product]]
id = "acme.api"
name = "Acme API"
component = "package"
service = true

[[signature]]
id = "acme.import.python"
product = "acme.api"
kind = "import"
scope = "python"
keys = ["acme_ai"]
package = "acme-ai"
confidence = "high"
examples = ["acme_ai"]
counterexamples = ["acme"]
"#;

#[test]
fn rules_of_ones_own_are_checked_and_used() {
    let place = Place::new();
    place.write("a.py", "import acme_ai\nacme_ai.ask()\n");
    std::fs::write(place.beside("acme.toml"), ACME).expect("written");
    assert!(names(&place.scan(), "package").is_empty());
    let ran = place.run(["scan", "tree", "--no-db", "--rules", "acme.toml", "--format", "json"]);
    assert_eq!(names(&ran.json(), "package"), ["acme-ai"]);
    assert_eq!(names(&ran.json(), "provider"), ["acme"]);
    assert_eq!(place.run(["rules", "check", "acme.toml"]).code(), 0);
    std::fs::write(
        place.beside("acme.toml"),
        ACME.replace("examples = [\"acme_ai\"]", "examples = [\"acme\"]"),
    )
    .expect("written");
    let ran = place.run(["rules", "check", "acme.toml"]);
    assert!(
        ran.code() == 1 && ran.stdout().contains("does not match its example `acme`"),
        "{}",
        ran.stdout()
    );
}

#[test]
fn what_is_known_can_be_asked() {
    let place = Place::new();
    for name in ["openai", "api.openai.com", "gpt-4o", "OPENAI_API_KEY"] {
        let ran = place.run(["rules", "explain", name]);
        assert!(ran.code() == 0 && ran.stdout().contains("openai"), "{name}: {}", ran.stderr());
    }
    assert_eq!(place.run(["rules", "explain", "no-such-thing"]).code(), 2);
}

#[test]
fn ignored_files_stay_out_but_those_that_reveal_ai() {
    let place = Place::new();
    std::fs::create_dir(place.tree().join(".git")).expect("a repository");
    place.write(".gitignore", "secret/\n.env\nCLAUDE.local.md\n.cursor/\nold.py\n");
    place.write("secret/chat.py", CHAT);
    place.write("old.py", CHAT);
    place.write(".env", "OPENAI_API_KEY=\n");
    place.write("CLAUDE.local.md", "x");
    place.write(".cursor/mcp.json", "{}");
    let inventory = place.scan();
    assert!(names(&inventory, "model").is_empty());
    assert_eq!(names(&inventory, "secret_ref"), ["OPENAI_API_KEY"]);
    let assistants = names(&inventory, "assistant_config");
    assert!(
        assistants.contains(&"claude-code".to_owned()) && assistants.contains(&"cursor".to_owned()),
        "{assistants:?}"
    );
}

#[test]
fn paths_can_be_left_out() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    place.write("old/chat.py", CHAT.replace("gpt-4o", "gpt-4"));
    let ran = place.run(["scan", "tree", "--no-db", "--format", "json", "--exclude", "old/"]);
    assert_eq!(names(&ran.json(), "model"), ["gpt-4o"]);
}

#[test]
fn single_files_can_be_scanned() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    let ran = place.run(["scan", "tree/chat.py", "--no-db", "--format", "json"]);
    assert_eq!(names(&ran.json(), "model"), ["gpt-4o"]);
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let place = Place::new();
    for at in 0..40 {
        place.write(&format!("m{at}/chat.py"), CHAT);
        place.write(&format!("m{at}/requirements.txt"), "openai\ntorch\n");
    }
    let without_time = |text: String| {
        text.lines()
            .filter(|line| !line.contains("scanned_at"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let runs: Vec<String> = (0..3)
        .map(|_| without_time(place.run(["scan", "tree", "--no-db", "--format", "json"]).stdout()))
        .collect();
    assert!(runs[0] == runs[1] && runs[1] == runs[2]);
}

#[test]
fn help_completions_and_manual_are_there() {
    let place = Place::new();
    assert!(place.run(["scan", "--help"]).stdout().contains("aimscan scan . --format html"));
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(place.run(["completions", shell]).stdout().contains("aimscan"));
    }
    assert!(place.run(["man"]).stdout().contains(".TH aimscan"));
    assert_eq!(place.run(["man", "pages"]).code(), 0);
    assert!(place.beside("pages/aimscan-scan.1").exists());
    assert!(place.run(["detectors"]).stdout().contains("code/python"));
    assert!(place.run(["detectors", "--markdown"]).stdout().contains("| [Python]"));
    assert_eq!(
        place.run(["schema"]).json()["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
}

#[test]
fn reports_are_written_whole_or_not_at_all() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    let ran = place.run(["scan", "tree", "--no-db", "-o", "out.html"]);
    assert!(ran.code() == 0 && ran.stdout().is_empty(), "{}", ran.stderr());
    assert!(
        std::fs::read_to_string(place.beside("out.html"))
            .expect("written")
            .starts_with("<!doctype html>")
    );
    let ran = place.run(["scan", "tree", "--no-db", "-o", "no/such/folder/out.json"]);
    assert!(
        ran.code() == 2 && ran.stderr().contains("cannot write no/such/folder/out.json"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn who_asks_is_told_what_took_the_time() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    let silent = place.run(["scan", "tree", "--no-db"]);
    assert!(!silent.stderr().contains("code/python"), "{}", silent.stderr());
    let ran = place.run(["scan", "tree", "--no-db", "-v"]);
    let line = ran.stderr().lines().find(|line| line.starts_with("code/python")).map(str::to_owned);
    // One file, its share of a megabyte, seconds, and how much of them was parsing.
    let words: Vec<String> = line.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    assert!(words.len() == 6 && words[1] == "1" && words[5] == "%", "{}", ran.stderr());
}
