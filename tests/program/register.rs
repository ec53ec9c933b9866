//! What people decide, from the command line and from a file.

use crate::support::{CHAT, Place};

fn scanned() -> Place {
    let place = Place::new();
    place.write("pyproject.toml", "[project]\nname = \"bot\"\n");
    place.write("chat.py", CHAT);
    assert_eq!(place.run(["scan", "tree"]).code(), 0);
    place
}

/// Runs with somebody who decides.
fn decide(place: &Place, arguments: &[&str]) -> crate::support::Ran {
    place.run(arguments.iter().copied().chain(["--by", "Jane Roe"]))
}

#[test]
fn decisions_survive_scans_and_stand_in_every_view() {
    let place = scanned();
    let ran = decide(
        &place,
        &[
            "register",
            "set",
            "bot",
            "owner=Ann Other",
            "approval=approved",
            "purpose=Answers, politely",
        ],
    );
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    place.write("chat.py", format!("# moved\n\n{CHAT}"));
    let inventory = place.run(["scan", "tree", "--format", "json"]).json();
    let standing = &inventory["systems"][0]["standing"];
    assert_eq!(standing["field/owner"]["value"], "Ann Other");
    assert_eq!(standing["field/owner"]["by"], "Jane Roe");
    assert_eq!(standing["field/approval"]["reopened"], serde_json::Value::Null);
    let list = place.run(["register", "list"]).stdout();
    assert!(list.contains("Ann Other") && list.contains("approved"), "{list}");
    // What was decided stands wherever the system is shown.
    for arguments in [
        &["show", "bot"][..],
        &["report", "--format", "csv"],
        &["report", "--format", "html"],
    ] {
        let shown = place.run(arguments).stdout();
        assert!(shown.contains("Ann Other"), "{arguments:?}: {shown}");
    }
    // More is found: an approval has to be looked at again, an owner has not.
    place.write("more.py", CHAT.replace("gpt-4o", "o3"));
    let list = place.run(["scan", "tree"]).stdout() + &place.run(["register", "list"]).stdout();
    assert!(list.contains("look again") && list.contains("o3"), "{list}");
    let history = place.run(["register", "history", "bot", "--json"]).stdout();
    assert_eq!(history.lines().count(), 3, "{history}");
}

#[test]
fn what_cannot_be_decided_is_refused_with_what_can_be() {
    let place = scanned();
    for (arguments, words) in [
        (vec!["bot", "colour=red"], "there is no field `colour`"),
        (vec!["bot", "approval=maybe"], "approved"),
        (vec!["bot", "owner"], "WHAT=VALUE"),
        (vec!["nobody", "owner=x"], "no system `nobody`"),
        (vec!["bot", "control/A.9.9=included"], "no control `A.9.9`"),
        (vec!["bot", "review-next=soon"], "no day"),
        (vec!["bot", "owner=x", "--until", "tomorrow"], "no day"),
        (vec!["organisation", "tier=high"], "not of the organisation"),
    ] {
        let ran = decide(&place, &[&["register", "set"][..], &arguments].concat());
        assert_eq!(ran.code(), 2, "{arguments:?}");
        assert!(ran.stderr().contains(words), "{arguments:?}: {}", ran.stderr());
    }
    assert!(place.run(["register", "history"]).stdout().contains("Nothing was decided"));
    let ran = decide(&place, &["register", "dismiss", "bot"]);
    assert!(ran.code() == 2 && ran.stderr().contains("--reason"), "{}", ran.stderr());
}

#[test]
fn dismissed_and_restored() {
    let place = scanned();
    assert_eq!(decide(&place, &["register", "dismiss", "bot", "--reason", "a tutorial"]).code(), 0);
    assert!(place.run(["systems"]).stdout().contains("No AI systems"));
    assert!(place.run(["register", "list"]).stdout().contains("a tutorial"));
    let again = place.run(["scan", "tree", "--format", "json"]).json();
    assert_eq!(again["dismissed"][0]["name"], "bot");
    assert_eq!(
        decide(&place, &["register", "restore", "bot", "--reason", "it runs after all"]).code(),
        0
    );
    assert!(place.run(["systems"]).stdout().contains("bot"));
}

#[test]
fn the_register_goes_out_to_a_file_and_comes_back() {
    let place = scanned();
    let file = place.beside("register.toml");
    let file = file.to_str().expect("a path");
    assert_eq!(place.run(["register", "export", file]).code(), 0);
    let text = std::fs::read_to_string(file).expect("written");
    assert!(text.contains("name = \"bot\"") && text.contains("owner = \"\""), "{text}");
    std::fs::write(file, text.replacen("owner = \"\"", "owner = \"Ann Other\"", 1)).expect("edited");
    let ran = decide(&place, &["register", "import", file]);
    assert!(ran.stdout().contains("1 decision taken over"), "{} {}", ran.stdout(), ran.stderr());
    // The same file again says nothing new.
    let ran = decide(&place, &["register", "import", file]);
    assert!(ran.stdout().contains("0 decisions taken over"), "{} {}", ran.stdout(), ran.stderr());
    // Somebody decides, and an older copy says something else.
    assert_eq!(decide(&place, &["register", "set", "bot", "owner=Eve"]).code(), 0);
    std::fs::write(file, text.replacen("owner = \"\"", "owner = \"Mallory\"", 1)).expect("edited");
    let ran = decide(&place, &["register", "import", file]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr().contains("Mallory") && ran.stderr().contains("Eve"), "{}", ran.stderr());
    assert!(place.run(["register", "list"]).stdout().contains("Eve"));
    for (text, words) in [
        ("not toml", "line 1"),
        ("form = \"other\"", "form is `other`"),
        (
            "form = \"aimscan-register/1\"\n[[system]]\nid = \"nope\"\n[system.is]\nowner = \"x\"\n",
            "line 5",
        ),
    ] {
        std::fs::write(file, text).expect("written");
        let ran = decide(&place, &["register", "import", file]);
        assert!(ran.code() == 2 && ran.stderr().contains(words), "{text}: {}", ran.stderr());
    }
}

#[test]
fn an_accepted_finding_fails_no_condition_until_its_term_is_over() {
    let place = scanned();
    place.write("chat.py", CHAT.replace("gpt-4o", "gpt-3.5-turbo-1106"));
    let inventory = place.run(["scan", "tree", "--format", "json"]).json();
    let found = |inventory: &serde_json::Value| {
        let findings = inventory["findings"].as_array().expect("a list").clone();
        findings
            .into_iter()
            .find(|finding| finding["rule"] == "retired-model")
            .expect("is found")
    };
    assert_eq!(found(&inventory)["accepted"], serde_json::Value::Null);
    let accept = |until: &str| {
        let ran = decide(
            &place,
            &[
                "register",
                "set",
                "bot",
                "finding/retired-model=accepted",
                "--until",
                until,
                "--reason",
                "replaced soon",
            ],
        );
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        found(&place.run(["report", "--format", "json"]).json())["accepted"].clone()
    };
    assert_eq!(accept("2999-01-01")["reason"], "replaced soon");
    assert_eq!(accept("2001-01-01"), serde_json::Value::Null);
}
