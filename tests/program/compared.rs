//! What is new: against an earlier result, and against a Git revision.

use serde_json::Value;

use crate::support::{CHAT, Place, gaps, names};
use crate::unchanged::git;

fn settings(place: &Place) {
    std::fs::write(place.beside("aimscan.toml"), "[approved]\nproviders = []\n").expect("written");
}

#[test]
fn against_a_baseline_only_what_is_new_counts() {
    let place = Place::new();
    settings(&place);
    place.write("a/setup.py", "");
    place.write("a/chat.py", CHAT);
    for file in ["before.json", "before.sarif", "before.jsonl"] {
        assert_eq!(place.run(["scan", "tree", "--no-db", "-o", file]).code(), 0);
    }
    assert_eq!(place.run(["scan", "tree"]).code(), 0, "snapshot 1");
    let conditions = [
        "--fail-on",
        "limited",
        "--fail-on",
        "unapproved-provider",
        "--fail-on",
        "new-system",
    ];
    let scan = |baseline: &str| {
        place.run(
            ["scan", "tree", "--baseline", baseline, "-o", "now.sarif"]
                .iter()
                .chain(&conditions),
        )
    };
    let states = || -> Vec<String> {
        let log: Value = serde_json::from_str(&std::fs::read_to_string(place.beside("now.sarif")).expect("written")).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results").clone();
        results
            .iter()
            .map(|result| result["baselineState"].as_str().expect("a state").to_owned())
            .collect()
    };
    for baseline in ["before.json", "before.sarif", "before.jsonl", "1"] {
        let ran = scan(baseline);
        assert_eq!(ran.code(), 0, "{baseline}: {}", ran.stderr());
        assert!(
            ran.stderr().contains("0 new systems, 0 new components, 0 new findings"),
            "{}",
            ran.stderr()
        );
        assert!(states().iter().all(|state| state == "unchanged"));
    }
    // A line that moves is no news; a second system is.
    place.write("a/chat.py", format!("# moved\n{CHAT}"));
    assert_eq!(scan("before.json").code(), 0);
    place.write("b/setup.py", "");
    place.write("b/chat.py", CHAT);
    for baseline in ["before.json", "before.sarif", "before.jsonl", "1"] {
        let ran = scan(baseline);
        assert_eq!(ran.code(), 1, "{baseline}: {}", ran.stderr());
        assert!(ran.stderr().contains("b (") && !ran.stderr().contains("a ("), "{}", ran.stderr());
        assert!(states().contains(&"new".to_owned()) && states().contains(&"unchanged".to_owned()));
    }
    for (baseline, said) in [
        ("no-such-file", "cannot read the baseline"),
        ("aimscan.toml", "none of a report"),
        ("99", "99"),
    ] {
        let ran = scan(baseline);
        assert!(ran.code() == 2 && ran.stderr().contains(said), "{}", ran.stderr());
    }
}

#[test]
fn a_change_is_shown_by_itself_in_the_system_it_belongs_to() {
    let place = Place::new();
    place.write(
        "web/pyproject.toml",
        "[project]\nname = \"storefront\"\ndependencies = [\"openai\"]\n",
    );
    place.write("web/old.py", CHAT);
    place.write("web/chat.py", "print()\n");
    place.write("api/setup.py", "");
    place.write("api/chat.py", CHAT.replace("gpt-4o", "gpt-4.1"));
    git(&place.tree(), &["init", "-q"]);
    git(&place.tree(), &["add", "."]);
    git(&place.tree(), &["commit", "-qm", "x"]);
    let whole = place.run(["scan", "tree", "--format", "json"]).json();
    // 2026-01-01: none of the models retires within half a year.
    let scan = |revision: &str| place.run_at(1_767_225_600, ["scan", "tree", "--changed-since", revision, "--format", "json"]);
    let ran = scan("HEAD");
    assert_eq!(
        (ran.code(), ran.json()["systems"].as_array().map(Vec::len)),
        (0, Some(0)),
        "{}",
        ran.stderr()
    );
    git(&place.tree(), &["checkout", "-qb", "topic"]);
    place.write("web/chat.py", CHAT.replace("gpt-4o", "o4-mini"));
    place.write("web/untracked.py", CHAT.replace("gpt-4o", "gpt-5"));
    git(&place.tree(), &["add", "web/chat.py"]);
    git(&place.tree(), &["commit", "-qm", "y"]);
    for revision in ["main", "HEAD~1"] {
        let inventory = scan(revision).json();
        let systems = inventory["systems"].as_array().expect("systems");
        assert_eq!(systems.len(), 1);
        let same = whole["systems"]
            .as_array()
            .expect("systems")
            .iter()
            .find(|system| system["name"] == "storefront")
            .expect("there");
        assert_eq!((&systems[0]["id"], &systems[0]["name"]), (&same["id"], &same["name"]));
        assert_eq!(names(&inventory, "model"), ["gpt-5", "o4-mini"]);
        assert!(
            gaps(&inventory)
                .iter()
                .any(|gap| gap.starts_with("skipped what stands in unchanged files")),
            "{:?}",
            gaps(&inventory)
        );
        assert!(
            inventory["findings"].as_array().expect("findings").is_empty(),
            "openai is declared, in a file that did not change"
        );
    }
    // What is on the other branch only has not changed here.
    git(&place.tree(), &["stash", "-uq"]);
    git(&place.tree(), &["checkout", "-q", "main"]);
    place.write("api/chat.py", CHAT);
    git(&place.tree(), &["commit", "-qam", "z"]);
    git(&place.tree(), &["checkout", "-q", "topic"]);
    assert_eq!(names(&scan("main").json(), "model"), ["o4-mini"]);
    // Nothing was kept of a partial scan.
    let kept = place.run(["report", "--format", "json"]).json();
    assert_eq!(kept["systems"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        names(
            &place
                .run(["scan", "tree/web", "--changed-since", "main", "--format", "json"])
                .json(),
            "model"
        ),
        ["o4-mini"]
    );
}

#[test]
fn other_line_ends_are_no_change_and_what_is_no_revision_is_said() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    let ran = place.run(["scan", "tree", "--no-db", "--changed-since", "HEAD"]);
    assert!(ran.code() == 2 && ran.stderr().contains("in no Git work tree"), "{}", ran.stderr());
    git(&place.tree(), &["init", "-q"]);
    git(&place.tree(), &["add", "."]);
    git(&place.tree(), &["commit", "-qm", "x"]);
    place.write("chat.py", CHAT.replace('\n', "\r\n"));
    let scan = |revision: &str| place.run(["scan", "tree", "--no-db", "--changed-since", revision, "--format", "json"]);
    assert!(names(&scan("HEAD").json(), "model").is_empty());
    for revision in ["no-such-branch", "", "-h", "--upload-pack=x"] {
        let ran = place.run(["scan", "tree", "--no-db", &format!("--changed-since={revision}")]);
        assert!(
            ran.code() == 2 && ran.stderr().contains("is no revision"),
            "{revision}: {}",
            ran.stderr()
        );
    }
    let ran = place.run(["scan", "tree", "--changed-since", "HEAD", "--fail-on", "new-system"]);
    assert!(ran.code() == 2 && ran.stderr().contains("--baseline"), "{}", ran.stderr());
}

#[test]
fn a_repository_that_names_programs_does_not_get_them_run() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    place.write(".gitattributes", "*.py filter=evil diff=evil\n");
    git(&place.tree(), &["init", "-q"]);
    git(&place.tree(), &["add", "."]);
    git(&place.tree(), &["commit", "-qm", "x"]);
    let mark = place.beside("ran");
    let evil = format!("sh -c 'touch {}; cat'", mark.display());
    for key in [
        "filter.evil.clean",
        "filter.evil.smudge",
        "diff.evil.textconv",
        "core.fsmonitor",
        "diff.external",
        "core.hooksPath",
    ] {
        git(&place.tree(), &["config", key, &evil]);
    }
    place.write("chat.py", CHAT.replace("gpt-4o", "gpt-5"));
    let ran = place.run(["scan", "tree", "--changed-since", "HEAD", "--format", "json"]);
    assert_eq!(names(&ran.json(), "model"), ["gpt-5"], "{}", ran.stderr());
    assert!(!mark.exists());
}
