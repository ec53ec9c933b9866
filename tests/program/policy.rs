//! A policy as a file, judged in a pipeline.

use crate::support::{CHAT, Place};

#[test]
fn a_broken_rule_fails_the_run_until_somebody_accepts_it() {
    let place = Place::new();
    place.write("pyproject.toml", "[project]\nname = \"bot\"\ndependencies = [\"openai\"]\n");
    place.write("chat.py", CHAT);
    let policy = place.beside("policy.toml");
    std::fs::write(
        &policy,
        "[[policy]]\nid = \"approved-models\"\nbecause = \"Models are assessed first.\"\nwho = \"the AI board\"\nallow = { model = [\"claude-*\"] }\n\n\
         [[policy]]\nid = \"owned\"\nbecause = \"Somebody answers for it.\"\nwho = \"the CISO\"\nrequire = [\"owner\"]\n",
    )
    .expect("written");
    let scan = ["scan", "tree", "--policy", "policy.toml", "--fail-on", "policy"];
    let ran = place.run(scan);
    assert_eq!(ran.code(), 1, "{}", ran.stderr());
    for words in ["gpt-4o", "approved-models", "owned", "nobody decided its owner"] {
        assert!(ran.stderr().contains(words), "{words}: {}", ran.stderr());
    }
    assert!(ran.stdout().contains("the AI board"), "{}", ran.stdout());
    let decide = |what: &[&str]| {
        let ran = place.run(["register", "set", "bot"].iter().chain(what).copied().chain(["--by", "Jane"]));
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
    };
    decide(&["owner=Ann"]);
    let ran = place.run(scan);
    assert!(ran.code() == 1 && !ran.stderr().contains("owned"), "{}", ran.stderr());
    decide(&[
        "finding/policy=accepted",
        "--reason",
        "until the migration",
        "--until",
        "2999-01-01",
    ]);
    assert_eq!(place.run(scan).code(), 0);
}

#[test]
fn a_policy_that_cannot_be_judged_is_refused() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    let policy = place.beside("policy.toml");
    for (text, words) in [
        ("[[policy]]\nid = \"x\"\n", "line 1"),
        ("[[policy]]\nid = \"x\"\nbecause = \"y\"\nwho = \"z\"\n", "says nothing"),
        (
            "[[policy]]\nid = \"x\"\nbecause = \"y\"\nwho = \"z\"\nrequire = [\"colour\"]\n",
            "no field `colour`",
        ),
        ("[[policy]]\nid = \"x\"\nbecause = \"y\"\nwho = \"z\"\nmost = \"huge\"\n", "huge"),
    ] {
        std::fs::write(&policy, text).expect("written");
        let ran = place.run(["scan", "tree", "--no-db", "--policy", "policy.toml"]);
        assert!(ran.code() == 2 && ran.stderr().contains(words), "{text}: {}", ran.stderr());
    }
    let ran = place.run(["scan", "tree", "--no-db", "--fail-on", "policy"]);
    assert!(ran.code() == 2 && ran.stderr().contains("--policy"), "{}", ran.stderr());
}

#[test]
fn one_list_says_what_is_approved_of_every_kind() {
    let place = Place::new();
    place.write(
        "pyproject.toml",
        "[project]\nname = \"cv-screening\"\ndescription = \"Ranks job applicants\"\ndependencies = [\"openai\"]\n",
    );
    place.write("chat.py", CHAT);
    place.write(
        "settings.py",
        "import boto3\n\nboto3.client(\"bedrock-runtime\", endpoint_url=\"https://bedrock-runtime.us-east-1.amazonaws.com\")\n",
    );
    let policy = place.beside("policy.toml");
    let scan = |approved: &str| {
        std::fs::write(&policy, approved).expect("written");
        place.run([
            "scan",
            "tree",
            "--no-db",
            "--policy",
            "policy.toml",
            "--fail-on",
            "unapproved",
            "--format",
            "json",
        ])
    };
    let rules = |ran: &crate::support::Ran| -> Vec<String> {
        let inventory = ran.json();
        let findings = inventory["findings"].as_array().expect("findings").clone();
        let named = findings.iter().filter_map(|finding| finding["rule"].as_str());
        named.filter(|rule| rule.starts_with("unapproved")).map(str::to_owned).collect()
    };
    let ran = scan("[approved]\nregions = [\"eu-*\"]\nuses = [\"text-generation\", \"domain.education\"]\n");
    assert_eq!(ran.code(), 1, "{}", ran.stderr());
    for words in ["region `us-east-1`", "use `domain.employment", "job applicants"] {
        assert!(ran.stderr().contains(words), "{words}: {}", ran.stderr());
    }
    // A library that can do much does not tell what it is used for.
    assert!(!ran.stderr().contains("image-generation"), "{}", ran.stderr());
    assert!(
        rules(&ran)
            .iter()
            .all(|rule| ["unapproved-region", "unapproved-use"].contains(&rule.as_str())),
        "{:?}",
        rules(&ran)
    );
    let ran = scan("[approved]\nregion = [\"us-east-1\"]\nuse = [\"domain.*\"]\n");
    assert_eq!(
        (ran.code(), rules(&ran)),
        (0, Vec::new()),
        "the words of a rule are those of the list: {}",
        ran.stderr()
    );
    let ran = scan("[approved]\nproviders = [\"anthropic\"]\n");
    assert!(ran.code() == 1 && ran.stderr().contains("openai"), "{}", ran.stderr());
    for (text, words) in [
        ("[approved]\n", "no [[policy]] and no [approved]"),
        ("[approved]\ncolour = []\n", "colour"),
    ] {
        let ran = scan(text);
        assert!(ran.code() == 2 && ran.stderr().contains(words), "{text}: {}", ran.stderr());
    }
    let ran = place.run(["scan", "tree", "--no-db", "--fail-on", "unapproved"]);
    assert!(ran.code() == 2 && ran.stderr().contains("[approved]"), "{}", ran.stderr());
}
