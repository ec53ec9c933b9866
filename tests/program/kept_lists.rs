//! A list that an organisation keeps by itself, taken into the register.

use crate::support::{CHAT, Place, Ran};

const LIST: &str = "\
AI register 2026;;;;;;;;
No;System;Purpose;Vendor;Owner;Personal data;Status;Approval status;Next review
1;Face gate;Facial recognition of visitors at the door;Acme Vision;Ann Other;Photographs of faces;In production;Approved;31.01.2027
2;Support bot;\"Answers customers;
politely\";OpenAI;;Messages of customers;Pilot;in review;
3;Translator;Translates our own web pages;;=Bob;;;;
";

fn import(place: &Place, more: &[&str]) -> Ran {
    place.run(["register", "import", "list.csv", "--by", "Jane Roe"].iter().chain(more))
}

fn write(place: &Place, text: &str) {
    std::fs::write(place.beside("list.csv"), text).expect("written");
}

fn begun() -> Place {
    let place = Place::new();
    write(&place, LIST);
    let ran = import(&place, &[]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert!(ran.stdout().contains("3 systems in list.csv, 3 of them new"), "{}", ran.stdout());
    place
}

fn system(place: &Place, name: &str) -> serde_json::Value {
    let inventory = place.run(["report", "--format", "json"]).json();
    let systems = inventory["systems"].as_array().expect("systems").clone();
    systems
        .into_iter()
        .find(|system| system["name"] == name)
        .unwrap_or_else(|| panic!("{name} in {inventory}"))
}

#[test]
fn an_organisation_begins_with_the_list_it_has() {
    let place = begun();
    let gate = system(&place, "Face gate");
    for (subject, value) in [
        ("field/purpose", "Facial recognition of visitors at the door"),
        ("field/vendor", "Acme Vision"),
        ("field/owner", "Ann Other"),
        ("field/data-processed", "Photographs of faces"),
        ("field/life-cycle", "operation"),
        ("field/approval", "approved"),
        ("field/review-next", "2027-01-31"),
    ] {
        assert_eq!(gate["standing"][subject]["value"], value, "{subject}");
        assert_eq!(gate["standing"][subject]["reason"], "list.csv, row 3", "{subject}");
    }
    assert_eq!(
        system(&place, "Support bot")["standing"]["field/purpose"]["value"],
        "Answers customers;\npolitely"
    );
    assert_eq!(system(&place, "Translator")["standing"]["field/owner"]["value"], "=Bob");
    // What they are for is judged as `classify` judges it, and answers narrow it.
    assert_eq!(gate["classification"]["indicated"], "high");
    let question = gate["classification"]["questions"][0]["rule"]
        .as_str()
        .expect("a question")
        .to_owned();
    let ran = place.run(["register", "set", "Face gate", &format!("question/{question}=no"), "--by", "Jane"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let answered = system(&place, "Face gate");
    assert!(
        answered["classification"]["questions"]
            .as_array()
            .is_none_or(|open| open.iter().all(|one| one["rule"] != question.as_str()))
    );
    // They stand in every view and format.
    for arguments in [
        &["systems"][..],
        &["show", "Face gate"],
        &["register", "list"],
        &["report"],
        &["report", "--format", "csv"],
        &["report", "--format", "html"],
        &["report", "--format", "cyclonedx"],
        &["report", "--format", "spdx"],
    ] {
        let ran = place.run(arguments);
        assert!(
            ran.code() == 0 && ran.stdout().contains("Face gate"),
            "{arguments:?}: {} {}",
            ran.stdout(),
            ran.stderr()
        );
    }
    let ran = place.run(["documents", "-o", "aims", "--format", "md,xlsx"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let folder = std::fs::read_dir(place.beside("aims/systems")).expect("written");
    let gate = folder
        .filter_map(Result::ok)
        .find(|entry| entry.file_name().to_string_lossy().starts_with("face-gate"))
        .expect("a folder of the gate");
    let record = std::fs::read_dir(gate.path())
        .expect("a folder")
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok())
        .find(|text| text.contains("Acme Vision"))
        .expect("the record");
    assert!(record.contains("human") && record.contains("list.csv, row 3"), "{record}");
    // And they go out with the register and come back.
    assert_eq!(place.run(["register", "export", "register.csv"]).code(), 0);
    let ran = place.run(["register", "import", "register.csv", "--by", "Jane"]);
    assert!(ran.stdout().contains("0 decisions taken over"), "{} {}", ran.stdout(), ran.stderr());
}

#[test]
fn a_list_that_changed_is_taken_over_and_what_people_decided_meanwhile_stays() {
    let place = begun();
    assert!(import(&place, &[]).stdout().contains("0 decisions taken over"));
    let decide = |what: &str| assert_eq!(place.run(["register", "set", "Support bot", what, "--by", "Eve"]).code(), 0);
    decide("owner=Eve");
    decide("life-cycle=operation");
    // The list moves its rows, changes one cell and loses one system.
    let changed = LIST
        .replace("Ann Other", "Ann Newer")
        .replace("3;Translator;Translates our own web pages;;=Bob;;;;\n", "")
        .replace("AI register 2026", "AI register 2027\n\n");
    write(&place, &changed);
    let ran = import(&place, &[]);
    assert!(ran.stdout().contains("1 decision taken over"), "{} {}", ran.stdout(), ran.stderr());
    assert!(ran.stdout().contains("not in it any more: Translator"), "{}", ran.stdout());
    assert_eq!(system(&place, "Face gate")["standing"]["field/owner"]["value"], "Ann Newer");
    assert_eq!(system(&place, "Support bot")["standing"]["field/owner"]["value"], "Eve");
    assert_eq!(system(&place, "Translator")["standing"]["field/owner"]["value"], "=Bob");
    // Both changed the same thing: the register keeps its own, each time.
    write(&place, &changed.replace(";Pilot;", ";retired;"));
    for _ in 0..2 {
        let ran = import(&place, &["--partly"]);
        assert_eq!(ran.code(), 1, "{}", ran.stderr());
        for words in [
            "list.csv, row ",
            "column G (Status)",
            "`retired`",
            "`operation` by Eve",
            "change the list",
        ] {
            assert!(ran.stdout().contains(words), "{words}: {}", ran.stdout());
        }
        assert_eq!(system(&place, "Support bot")["standing"]["field/life-cycle"]["value"], "operation");
    }
}

#[test]
fn what_a_scan_finds_and_what_a_list_names_become_one() {
    let place = Place::new();
    place.write("pyproject.toml", "[project]\nname = \"support-bot\"\n");
    place.write("chat.py", CHAT);
    assert_eq!(place.run(["scan", "tree"]).code(), 0);
    write(&place, LIST);
    let ran = import(&place, &[]);
    assert!(
        ran.stdout()
            .contains("row 4: scans found a system that is called “Support bot” too"),
        "{}",
        ran.stdout()
    );
    let decide = |arguments: &[&str]| {
        let ran = place.run(arguments.iter().copied().chain(["--by", "Jane", "--reason", "it is the same"]));
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
    };
    decide(&["register", "set", "Support bot", "approval=approved"]);
    decide(&["register", "merge", "Support bot", "support-bot"]);
    let one = system(&place, "support-bot");
    assert_eq!(one["standing"]["field/vendor"]["value"], "OpenAI");
    assert!(one["components"].as_array().is_some_and(|components| !components.is_empty()));
    // What was approved on paper is to be looked at again: a scan shows more.
    assert_ne!(one["standing"]["field/approval"]["reopened"], serde_json::Value::Null);
    assert!(!place.run(["systems"]).stdout().contains("Support bot"));
    // A scan of that source alone knows it too, and does not tell of the other systems of the list.
    let scanned = place.run(["scan", "tree", "--format", "json"]).json();
    assert_eq!(scanned["systems"].as_array().map(Vec::len), Some(1));
    assert_eq!(scanned["systems"][0]["standing"]["field/vendor"]["value"], "OpenAI");
    // The other way round the name of the list stays.
    decide(&["register", "restore", "Support bot"]);
    decide(&["register", "merge", "support-bot", "Support bot"]);
    let one = system(&place, "Support bot");
    assert!(one["components"].as_array().is_some_and(|components| !components.is_empty()));
    let scanned = place.run(["scan", "tree", "--format", "json"]).json();
    assert_eq!(scanned["systems"][0]["name"], "Support bot", "{scanned}");
    // Lists do not come and go with scans.
    assert!(!place.run(["diff"]).stdout().contains("Face gate"));
}

#[test]
fn what_is_wrong_with_a_list_is_named_with_its_place_and_nothing_is_taken() {
    let place = Place::new();
    for (text, words) in [
        (
            "id;name;next review\n1;Gate;soon\n",
            "list.csv, row 2, column C (next review): `soon` is no day",
        ),
        (
            "id;name;last review\n1;Gate;2999-01-01\n",
            "list.csv, row 2, column C (last review): `2999-01-01` has not come yet",
        ),
        (
            "id;name\n1;Gate\n1;Door\n",
            "list.csv, row 3: “1” identifies the system in row 2 already",
        ),
        (
            "id;name;owner\n1;Gate;#NAME?\n",
            "list.csv, row 2, column C (owner): the formula in it gives nothing (#NAME?)",
        ),
        (
            "id;name;name\n1;Gate;Door\n",
            "list.csv, row 1, column C: the heading “name” stands 2 times",
        ),
        ("id;stage\n1;Pilot\n", "no column holds a name or a purpose"),
        ("id;name\n1;Gate;more\n", "list.csv, row 2, column C"),
    ] {
        write(&place, text);
        let ran = import(&place, &[]);
        assert!(ran.code() == 2 && ran.stderr().contains(words), "{text}: {}", ran.stderr());
    }
    assert!(!place.run(["register", "history"]).stdout().contains("Gate"));
    // An answer of their own words is left open, and said once.
    write(
        &place,
        "name;owner;approval\nGate;Ann;whatever\nDoor;Bob;genehmigt\nBar;Eve;b) Pending – somebody looks at it\nLift;Ann;whatever\n",
    );
    let ran = import(&place, &["--as", "purchasing"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let note = "list.csv, row 2, column C (approval): “whatever” is none of approved, pending, rejected, restricted; it is left open, and in 1 more row";
    assert!(ran.stderr().contains(note), "{}", ran.stderr());
    assert_eq!(system(&place, "Bar")["standing"]["field/approval"]["value"], "pending");
    let door = system(&place, "Door");
    assert_eq!(
        (&door["source"], &door["standing"]["field/approval"]["value"]),
        (&"purchasing".into(), &"approved".into())
    );
    assert_eq!(system(&place, "Gate")["standing"]["field/approval"], serde_json::Value::Null);
}

#[test]
fn a_system_of_a_list_can_be_dismissed_and_leaves_with_its_listing() {
    let place = begun();
    let ran = place.run(["register", "dismiss", "Translator", "--reason", "was never bought", "--by", "Jane"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert!(!place.run(["systems"]).stdout().contains("Translator"));
    assert!(
        import(&place, &[]).stdout().contains("0 decisions taken over"),
        "a list does not bring it back"
    );
    assert!(place.run(["register", "list"]).stdout().contains("was never bought"));
}

#[test]
fn what_several_departments_use_is_told_apart_by_its_owner() {
    let place = Place::new();
    write(
        &place,
        "AI use case;Agency\nTranslating;Finance\nTranslating;Health\nSummaries;Finance\n",
    );
    let ran = import(&place, &[]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert!(ran.stdout().contains("3 systems in list.csv, 3 of them new"), "{}", ran.stdout());
    assert!(ran.stderr().contains("told apart by their owners"), "{}", ran.stderr());
    write(
        &place,
        "AI use case;Agency\nTranslating;Health\nSummaries;Health\nTranslating;Finance\n",
    );
    let ran = import(&place, &[]);
    assert!(
        ran.stdout().contains("0 of them new") && ran.stdout().contains("1 decision taken over"),
        "{}",
        ran.stdout()
    );
    write(&place, "AI use case;Agency\nTranslating;Health\nTranslating;Health\n");
    let ran = import(&place, &[]);
    assert!(
        ran.code() == 2
            && ran
                .stderr()
                .contains("row 3: “Translating (Health)” identifies the system in row 2"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn what_only_a_list_names_is_held_against_what_is_approved_and_the_policy() {
    let place = begun();
    let policy = "[approved]\nproviders = [\"openai\"]\n\n[[policy]]\nid = \"owned\"\nbecause = \"Somebody answers for each system.\"\nwho = \"the AI board\"\nrequire = [\"owner\", \"review-next\"]\n";
    std::fs::write(place.beside("policy.toml"), policy).expect("written");
    let with = ["report", "--policy", "policy.toml"];
    let told = |more: &[&str]| place.run(with.iter().chain(more));
    let inventory = told(&["--format", "json"]).json();
    let messages: Vec<String> = inventory["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| {
            format!(
                "{} {}",
                finding["rule"].as_str().unwrap_or_default(),
                finding["message"].as_str().unwrap_or_default()
            )
        })
        .collect();
    let is_told = |rule: &str, system: &str, what: &str| {
        messages
            .iter()
            .any(|message| message.starts_with(rule) && message.contains(&format!("`{system}`")) && message.contains(what))
    };
    assert!(is_told("unapproved-provider", "Face gate", "`Acme Vision`"), "{messages:?}");
    assert!(is_told("policy", "Support bot", "nobody decided its owner"), "{messages:?}");
    assert!(is_told("policy", "Translator", "nobody decided its review-next"), "{messages:?}");
    // The vendor of the bot is approved, whatever its letters, and that of the translator nobody named.
    assert!(
        !is_told("unapproved", "Support bot", "") && !is_told("unapproved", "Translator", ""),
        "{messages:?}"
    );
    assert!(!is_told("policy", "Face gate", ""), "{messages:?}");
    for (condition, code) in [("unapproved", 1), ("policy", 1), ("stop", 0), ("unapproved-provider", 1)] {
        let ran = told(&["--fail-on", condition]);
        assert_eq!(ran.code(), code, "{condition}: {}", ran.stderr());
    }
    let ran = place.run(["report", "--fail-on", "policy"]);
    assert_eq!(ran.code(), 2, "nobody decided on a policy");
    assert_eq!(told(&["--fail-on", "new-system"]).code(), 2);
    // Each is a line of its own.
    let lines = told(&["--format", "jsonl"]).stdout();
    let gate = lines.lines().find(|line| line.contains("Face gate")).expect("a line");
    assert!(
        gate.contains("\"kind\":\"system\"") && gate.contains("unapproved-provider"),
        "{gate}"
    );
    // Accepted, it fails no more; without a policy nothing is judged.
    let ran = place.run([
        "register",
        "set",
        "Face gate",
        "finding/unapproved-provider=accepted",
        "--reason",
        "tested",
        "--by",
        "Jane",
    ]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert_eq!(told(&["--fail-on", "unapproved"]).code(), 0);
    let without = place.run(["report", "--format", "json"]).json();
    assert_eq!(without["findings"].as_array().map(Vec::len), Some(0));
}
