//! What a project says about itself: it decides what a system is for, with a place for each word, and it makes no system by itself.

use std::path::Path;

use serde_json::Value;

use crate::support::Place;

fn copied(fixture: &str) -> Place {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos").join(fixture);
    let place = Place::new();
    for path in [
        "README.md",
        "SECURITY.md",
        "docs/dpia-shortlist.md",
        "prisma/schema.prisma",
        "requirements.txt",
        "src/rank.py",
    ] {
        if let Ok(bytes) = std::fs::read(root.join(path)) {
            place.write(path, bytes);
        }
    }
    place
}

fn said(inventory: &Value) -> Vec<String> {
    let said = inventory["systems"][0]["said"].as_array().expect("it says something");
    let line = |one: &Value| {
        format!(
            "{} {}:{}",
            one["voice"].as_str().expect("a kind"),
            one["location"]["path"].as_str().expect("a path"),
            one["location"]["line"]
        )
    };
    said.iter().map(line).collect()
}

#[test]
fn readme_prompt_and_tables_say_what_a_system_is_for() {
    let inventory = copied("says-what-it-is-for").scan();
    assert_eq!(
        said(&inventory),
        [
            "introduction README.md:5",
            "contact SECURITY.md:3",
            "assessment docs/dpia-shortlist.md:3",
            "schema prisma/schema.prisma:1",
            "prompt src/rank.py:7",
            "route src/rank.py:10",
        ]
    );
    let tier = &inventory["systems"][0]["classification"];
    assert_eq!(
        (&tier["floor"], &tier["indicated"], &tier["ceiling"]),
        (&"limited".into(), &"high".into(), &"high".into())
    );
    let rules: Vec<&str> = tier["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .map(|reason| reason["rule"].as_str().expect("a rule"))
        .collect();
    assert!(
        rules.contains(&"domain.employment-judged") && rules.contains(&"data.special"),
        "{rules:?}"
    );
    // What stands under installing and hiring says nothing of what it is for.
    assert!(
        !rules.iter().any(|rule| rule.contains("health") || rule.contains("biometric")),
        "{rules:?}"
    );
    let points = tier["eu"]["points"].as_array().expect("points");
    assert!(
        points
            .iter()
            .any(|point| point["point"] == "Annex III 4" && point["status"] == "indicated"),
        "{points:?}"
    );
}

#[test]
fn words_alone_are_no_system() {
    let inventory = copied("no-ai-says-much").scan();
    assert_eq!(inventory["systems"].as_array().map(Vec::len), Some(0));
}

fn tagged(fixture: &str) -> Place {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos").join(fixture);
    let place = Place::new();
    for path in [
        "README.md",
        "infra/locals.tf",
        "infra/main.tf",
        "infra/providers.tf",
        "infra/deployment.yaml",
        "services/payroll/package.json",
        "services/payroll/infra/locals.tf",
    ] {
        if let Ok(bytes) = std::fs::read(root.join(path)) {
            place.write(path, bytes);
        }
    }
    place
}

#[test]
fn tags_beside_ai_name_teams_and_ask_and_show_nothing() {
    let inventory = tagged("tagged-resources").scan();
    let system = &inventory["systems"][0];
    let tags: Vec<&str> = system["said"]
        .as_array()
        .expect("it says something")
        .iter()
        .filter(|said| said["voice"] == "tag")
        .map(|said| said["text"].as_str().expect("a text"))
        .collect();
    assert_eq!(
        tags,
        [
            "Team = lending-platform",
            "Environment = prod",
            "application = credit-scoring",
            "data-classification = PII",
            "cost-center = 4711",
        ]
    );
    let owners = system["owners"].as_array().expect("a team");
    assert_eq!(
        (owners.len(), &owners[0]["name"], &owners[0]["source"], &owners[0]["confidence"]),
        (1, &"lending-platform".into(), &"tag".into(), &"medium".into())
    );
    // The person is counted and not named; what stands beside no AI says nothing.
    assert_eq!(system["people"]["tagged"], 1);
    let all = inventory.to_string();
    assert!(!all.contains("jane.roe") && !all.contains("emotion-recognition"), "{all}");
    let tier = &system["classification"];
    assert_eq!(
        (&tier["floor"], &tier["indicated"], &tier["ceiling"], &tier["eu"]["status"]),
        (&"limited".into(), &"limited".into(), &"high".into(), &"possible".into())
    );
    let asks = |part: &str| {
        tier["questions"].as_array().is_some_and(|questions| {
            questions
                .iter()
                .any(|question| question["rule"].as_str().is_some_and(|rule| rule.contains(part)))
        })
    };
    assert!(asks("credit") && asks("data.personal"), "{}", tier["questions"]);
}

#[test]
fn tags_are_no_system_and_people_are_named_when_asked_for() {
    assert_eq!(tagged("no-ai-tagged-resources").scan()["systems"].as_array().map(Vec::len), Some(0));
    let named = tagged("tagged-resources")
        .run(["scan", "tree", "--no-db", "--people", "--format", "json"])
        .json();
    assert!(named["systems"][0]["owners"].to_string().contains("jane.roe"));
}

#[test]
fn a_catalogue_says_whose_a_unit_is_and_a_person_is_counted() {
    let place = Place::new();
    let entry = |name: &str, owner: &str, lifecycle: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n  description: Answers {name} of our customers.\n\
             spec:\n  type: service\n  lifecycle: {lifecycle}\n  owner: {owner}\n"
        )
    };
    let chat = "import openai\nopenai.OpenAI().responses.create(model='gpt-4o', input='x')\n";
    place.write("catalog-info.yaml", entry("questions", "platform-core", "production"));
    place.write("services/a/pyproject.toml", "[project]\nname = 'a'\ndependencies = ['openai']\n");
    place.write("services/a/src/chat.py", chat);
    place.write(
        "services/a/catalog-info.yaml",
        entry("letters", "user:default/jane.roe", "experimental"),
    );
    place.write("services/b/pyproject.toml", "[project]\nname = 'b'\ndependencies = ['openai']\n");
    place.write("services/b/chat.py", chat);
    place.write("examples/c/catalog-info.yaml", entry("nothing", "nobodys-team", "deprecated"));
    let inventory = place.scan();
    let system = |inventory: &Value, folder: &str| {
        let mut systems = inventory["systems"].as_array().expect("systems").iter();
        systems.find(|system| system["folder"] == folder).expect(folder).clone()
    };
    let [a, b] = ["services/a", "services/b"].map(|folder| system(&inventory, folder));
    // A unit is called what its own entry calls it, not what one above it does.
    assert_eq!((&a["name"], &b["name"]), (&"letters".into(), &"b".into()));
    assert_eq!(
        (
            &a["owners"],
            &a["people"]["catalogued"],
            a["said"].to_string().contains("Answers letters")
        ),
        (&Value::Null, &1.into(), true)
    );
    assert_eq!(
        (&b["owners"][0]["name"], &b["owners"][0]["source"], &b["owners"][0]["confidence"]),
        (&"platform-core".into(), &"catalogue".into(), &"medium".into())
    );
    let all = inventory.to_string();
    assert!(!all.contains("jane.roe") && !all.contains("nobodys-team"), "{all}");
    let named = place.run(["scan", "tree", "--no-db", "--people", "--format", "json"]).json();
    assert_eq!(system(&named, "services/a")["owners"][0]["name"], "jane.roe");
    let shown = |id: &Value| {
        let _ = place.run(["scan", "tree", "--db", "kept.db"]);
        place.run(["show", id.as_str().expect("an id"), "--db", "kept.db"]).stdout()
    };
    assert!(shown(&b["id"]).contains("platform-core"), "{}", shown(&b["id"]));
    assert!(shown(&a["id"]).contains("1 owner named by a catalogue"), "{}", shown(&a["id"]));
}
