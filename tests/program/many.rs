//! Many repositories in one run: lists, folders of clones, organisations; going on after an end that nobody wanted.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{CHAT, Place, Ran, gaps, names};
use crate::unchanged::git;

/// A committed repository with a model of its own, in a folder beside the tree.
fn repository(place: &Place, path: &str, model: &str) {
    let folder = place.beside(path);
    std::fs::create_dir_all(&folder).expect("folders");
    std::fs::write(folder.join("chat.py"), CHAT.replace("gpt-4o", model)).expect("written");
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-qm", "x"]);
}

/// As many folders that look like clones; a commit each would take its time.
fn clones(place: &Place, count: usize) {
    for at in 0..count {
        let folder = place.beside(&format!("clones/r{at:03}"));
        std::fs::create_dir_all(folder.join(".git")).expect("folders");
        std::fs::write(folder.join("chat.py"), CHAT.replace("gpt-4o", &format!("gpt-4o-{at:03}"))).expect("written");
    }
}

fn systems(ran: &Ran) -> usize {
    ran.json()["systems"].as_array().map_or(0, Vec::len)
}

fn sources(inventory: &Value) -> usize {
    inventory["sources"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_list_names_paths_and_addresses() {
    let place = Place::new();
    repository(&place, "a", "gpt-4o");
    repository(&place, "b", "gpt-4.1");
    let address = format!("file://{}", place.beside("b").display());
    std::fs::write(
        place.beside("list"),
        format!("# all of ours\na\n\n{address}  # fetched\n a\n./a/\n"),
    )
    .expect("written");
    let ran = place.run(["scan", "--list", "list", "--no-db", "--format", "json"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let inventory = ran.json();
    assert_eq!(
        (names(&inventory, "model").len(), sources(&inventory)),
        (2, 2),
        "a repository named three times is one"
    );
    assert!(ran.stderr().contains("2 sources: 2 scanned"), "{}", ran.stderr());
    for (content, said) in [("# nothing\n", "names nothing"), ("", "names nothing")] {
        std::fs::write(place.beside("list"), content).expect("written");
        let ran = place.run(["scan", "--list", "list", "--no-db"]);
        assert!(ran.code() == 2 && ran.stderr().contains(said), "{}", ran.stderr());
    }
}

#[test]
fn what_cannot_be_read_is_a_gap_and_the_others_are_scanned() {
    let place = Place::new();
    repository(&place, "a", "gpt-4o");
    std::fs::write(
        place.beside("list"),
        "nowhere\nfile:///nowhere/none.git\na\nhttps://me:hunter22@127.0.0.1:1/x.git\n",
    )
    .expect("written");
    let ran = place.run(["scan", "--list", "list", "--no-db", "--format", "json"]);
    assert_eq!((ran.code(), names(&ran.json(), "model").len()), (0, 1), "{}", ran.stderr());
    let gaps = gaps(&ran.json());
    for what in [
        "unreadable nowhere",
        "unreadable file:///nowhere/none",
        "unreadable https://127.0.0.1:1/x",
    ] {
        assert!(gaps.contains(&what.to_owned()), "{what}: {gaps:?}");
        assert!(
            ran.stderr().contains(what.split_once(' ').expect("two words").1),
            "{}",
            ran.stderr()
        );
    }
    assert!(!ran.stderr().contains("hunter22") && !ran.stdout().contains("hunter22"));
    assert_eq!(place.run(["scan", "--list", "list", "--no-db", "--strict", "--quiet"]).code(), 3);
    assert_eq!(
        place
            .run(["scan", "--list", "list", "--no-db", "--strict", "--fail-on", "limited", "--quiet"])
            .code(),
        1
    );
    std::fs::write(place.beside("list"), "a\n").expect("written");
    assert_eq!(place.run(["scan", "--list", "list", "--no-db", "--strict"]).code(), 0);
}

#[test]
fn each_clone_of_a_folder_is_a_source_of_its_own() {
    let place = Place::new();
    clones(&place, 5);
    std::fs::create_dir_all(place.beside("clones/no-clone")).expect("a folder");
    std::fs::write(place.beside("clones/no-clone/chat.py"), CHAT).expect("written");
    let first = place.run(["scan", "--each", "clones", "--format", "json"]);
    assert_eq!((systems(&first), sources(&first.json())), (5, 5), "{}", first.stderr());
    // The same repositories one by one are the same systems.
    let alone = place.run(["scan", "clones/r001", "--no-db", "--format", "json"]).json();
    let ids: BTreeSet<String> = first.json()["systems"]
        .as_array()
        .expect("systems")
        .iter()
        .map(|system| system["id"].to_string())
        .collect();
    assert!(ids.contains(&alone["systems"][0]["id"].to_string()));
    assert!(place.run(["systems"]).stdout().contains("r004"));
    // Lines are the same components, and their order is that of the sources.
    let lines = place.run(["scan", "--each", "clones", "--format", "jsonl"]);
    let models: Vec<String> = lines
        .stdout()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .filter(|line| line["kind"] == "model")
        .map(|line| line["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(models, (0..5).map(|at| format!("gpt-4o-{at:03}")).collect::<Vec<_>>());
    let ran = place.run(["scan", "--each", "tree", "--no-db"]);
    assert!(ran.code() == 2 && ran.stderr().contains("no clone in tree"), "{}", ran.stderr());
}

#[test]
fn a_run_over_many_is_compared_source_by_source() {
    let place = Place::new();
    clones(&place, 4);
    let scan = || place.run(["scan", "--each", "clones", "--fail-on", "new-system", "-o", "out.jsonl"]);
    assert_eq!(scan().code(), 0);
    assert_eq!(place.run(["diff"]).code(), 2, "there is nothing to compare with yet");
    std::fs::write(place.beside("clones/r002/chat.py"), CHAT.replace("gpt-4o", "o4-mini")).expect("written");
    assert_eq!(scan().code(), 0);
    let diff = place.run(["diff", "--json"]).json();
    assert_eq!(
        (diff["changed"].as_array().map(Vec::len), diff["changed"][0]["name"].as_str()),
        (Some(1), Some("r002")),
        "{diff}"
    );
    std::fs::create_dir_all(place.beside("clones/r003/api")).expect("a folder");
    std::fs::write(place.beside("clones/r003/api/setup.py"), "").expect("written");
    std::fs::write(place.beside("clones/r003/api/chat.py"), CHAT).expect("written");
    let ran = scan();
    assert!(ran.code() == 1 && ran.stderr().contains("`api` is new"), "{}", ran.stderr());
    let text = place.run(["scan", "--each", "clones"]).stdout();
    assert!(text.contains("5 AI systems"), "{text}");
}

/// Starts a run over many and kills it as soon as it has recorded some of them.
fn broken_off(place: &Place, arguments: &[&str], enough: usize) -> usize {
    let mut child = Command::new(env!("CARGO_BIN_EXE_aimscan"))
        .args(arguments)
        .current_dir(place.beside("."))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let began = Instant::now();
    let done = || {
        rusqlite::Connection::open(place.beside("a.db"))
            .and_then(|connection| connection.query_row("SELECT count(*) FROM run_snapshots", [], |row| row.get::<_, i64>(0)))
            .map_or(0, |count| usize::try_from(count).unwrap_or_default())
    };
    while done() < enough {
        assert!(child.try_wait().expect("asked").is_none(), "it ended by itself");
        assert!(began.elapsed() < Duration::from_secs(120), "it does nothing");
    }
    // SIGKILL: nothing is tidied up.
    child.kill().expect("killed");
    child.wait().expect("gone");
    done()
}

#[test]
fn a_run_that_was_killed_goes_on_where_it_was() {
    let place = Place::new();
    clones(&place, 120);
    let arguments = ["scan", "--each", "clones", "--db", "a.db", "--format", "json", "-o", "out.json"];
    let done = broken_off(&place, &arguments, 20);
    assert!(!Path::new(&place.beside("out.json")).exists(), "no half report");
    let ran = place.run(arguments.iter().chain(&["--resume"]));
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let said = format!("120 sources: {} scanned, {done} taken over from earlier", 120 - done);
    assert!(done < 120 && ran.stderr().contains(&said), "{said}: {}", ran.stderr());
    let whole: Value = serde_json::from_str(&std::fs::read_to_string(place.beside("out.json")).expect("written")).expect("JSON");
    assert_eq!((names(&whole, "model").len(), sources(&whole)), (120, 120));
    let fresh = place.run(["scan", "--each", "clones", "--no-db", "--format", "json"]).json();
    let ids = |inventory: &Value| -> Vec<String> {
        inventory["systems"]
            .as_array()
            .expect("systems")
            .iter()
            .map(|system| system["id"].to_string())
            .collect()
    };
    assert_eq!(ids(&whole), ids(&fresh), "nothing is there twice, and nothing is missing");
    // What has come to its end is not gone on with.
    let ran = place.run(arguments.iter().chain(&["--resume"]));
    assert!(ran.stderr().contains("120 sources: 120 scanned"), "{}", ran.stderr());
    let ran = place.run(arguments.iter().chain(&["--resume=1h"]));
    assert!(ran.stderr().contains("0 scanned, 120 taken over"), "{}", ran.stderr());
    let ran = place.run(arguments.iter().chain(&["--resume=2999-01-01T00:00:00Z"]));
    assert!(ran.stderr().contains("120 scanned"), "{}", ran.stderr());
}

#[test]
fn a_run_goes_on_only_if_it_was_asked_the_same() {
    let place = Place::new();
    clones(&place, 60);
    let arguments = ["scan", "--each", "clones", "--db", "a.db", "-o", "out.jsonl"];
    broken_off(&place, &arguments, 5);
    let ran = place.run(arguments.iter().chain(&["--resume", "--exclude", "docs/"]));
    assert!(ran.stderr().contains("60 sources: 60 scanned"), "{}", ran.stderr());
    let ran = place.run(["scan", "tree", "--resume"]);
    assert!(ran.code() == 2 && ran.stderr().contains("--each"), "{}", ran.stderr());
    assert_eq!(place.run(arguments.iter().chain(&["--resume", "--no-db"])).code(), 2);
    assert_eq!(place.run(arguments.iter().chain(&["--resume=soon"])).code(), 2);
}

/// A recording of what a forge says: path, query, status, headers, body.
fn told(place: &Place, answers: &[(&str, &str, u16, Value, Value)]) {
    let folder = place.beside("told");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    for (number, (path, query, status, headers, body)) in answers.iter().enumerate() {
        let exchange = json!({
            "request": {"method": "GET", "path": path, "query": query},
            "response": {"status": status, "headers": headers, "body": body.to_string()},
        });
        std::fs::write(folder.join(format!("{number:03}.json")), exchange.to_string()).expect("written");
    }
}

const FIRST: &str = "per_page=100&sort=full_name&type=all";

#[test]
fn an_organisation_is_scanned_repository_by_repository() {
    let place = Place::new();
    for (name, model) in [("one", "gpt-4o"), ("two", "gpt-4.1"), ("old", "gpt-4"), ("fork", "o3-mini")] {
        repository(&place, name, model);
    }
    std::fs::create_dir_all(place.beside("empty")).expect("a folder");
    git(&place.beside("empty"), &["init", "-q"]);
    let entry = |name: &str, archived: bool, fork: bool| json!({"full_name": format!("acme/{name}"), "clone_url": format!("file://{}", place.beside(name).display()), "archived": archived, "fork": fork});
    let listing = || {
        let next = json!({"link": "<https://api.github.com/organizations/1/repos?page=2>; rel=\"next\""});
        let first = json!([
            entry("empty", false, false),
            entry("fork", false, true),
            entry("gone", false, false),
            entry("old", true, false)
        ]);
        let second = json!([entry("one", false, false), entry("two", false, false), {"full_name": "acme/ssh-only", "clone_url": ""}]);
        told(
            &place,
            &[
                ("/orgs/acme/repos", FIRST, 200, next, first),
                ("/organizations/1/repos", "page=2", 200, json!({}), second),
            ],
        );
    };
    let scan = |more: &[&str]| {
        listing();
        place.run(
            ["scan", "--github-org", "acme", "--replay", "told", "--format", "json"]
                .iter()
                .chain(more),
        )
    };
    let ran = scan(&["--no-db"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert_eq!(names(&ran.json(), "model"), ["gpt-4o", "gpt-4.1"]);
    let missing = gaps(&ran.json());
    assert!(missing.contains(&"skipped 1 repository of acme".to_owned()), "{missing:?}");
    assert!(missing.contains(&"unreadable acme/ssh-only".to_owned()), "{missing:?}");
    assert!(
        missing
            .iter()
            .any(|gap| gap.starts_with("unreadable file://") && gap.ends_with("/gone")),
        "{missing:?}"
    );
    assert!(
        ran.stderr().contains("4 sources: 3 scanned, 1 could not be read"),
        "{}",
        ran.stderr()
    );
    assert_eq!(names(&scan(&["--no-db", "--archived", "--forks"]).json(), "model").len(), 4);
    assert_eq!(scan(&["--no-db", "--strict"]).code(), 3);
    // The second night reads nothing but what changed.
    scan(&[]);
    let second = scan(&[]).json();
    assert_eq!(
        (second["coverage"]["files_read"].as_u64(), names(&second, "model").len()),
        (Some(0), 2)
    );
}

#[test]
fn an_organisation_that_cannot_be_listed_is_one_clear_error_and_a_part_of_it_is_scanned() {
    let place = Place::new();
    repository(&place, "one", "gpt-4o");
    let one = json!([{"full_name": "acme/one", "clone_url": format!("file://{}", place.beside("one").display())}]);
    let scan = |more: &[&str]| {
        place.run(
            ["scan", "--github-org", "acme", "--replay", "told", "--no-db", "--format", "json"]
                .iter()
                .chain(more),
        )
    };
    for (status, headers, said) in [
        (401, json!({}), "GITHUB_TOKEN"),
        (404, json!({}), "there is no `acme`"),
        (
            403,
            json!({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "32503680000"}),
            "limits requests",
        ),
        (403, json!({"retry-after": "7200"}), "7200 seconds"),
    ] {
        told(&place, &[("/orgs/acme/repos", FIRST, status, headers, json!({"message": "no"}))]);
        let ran = scan(&[]);
        assert!(ran.code() == 2 && ran.stderr().contains(said), "{said}: {}", ran.stderr());
    }
    let next = json!({"link": "<https://api.github.com/orgs/acme/repos?page=2>; rel=\"next\""});
    let broken = || {
        told(
            &place,
            &[
                ("/orgs/acme/repos", FIRST, 200, next.clone(), one.clone()),
                (
                    "/orgs/acme/repos",
                    "page=2",
                    403,
                    json!({"retry-after": "7200"}),
                    json!({"message": "slow down"}),
                ),
            ],
        )
    };
    broken();
    let ran = scan(&[]);
    assert_eq!((ran.code(), names(&ran.json(), "model").len()), (0, 1), "{}", ran.stderr());
    assert!(
        gaps(&ran.json()).contains(&"refused https://api.github.com acme".to_owned()),
        "{:?}",
        gaps(&ran.json())
    );
    broken();
    assert_eq!(scan(&["--strict"]).code(), 3);
    // A server of one's own has its API elsewhere.
    told(
        &place,
        &[(
            "/groups/acme%2Fml/projects",
            "include_subgroups=true&order_by=id&per_page=100&sort=asc&with_shared=false",
            200,
            json!({}),
            json!([{"path_with_namespace": "acme/ml/one", "http_url_to_repo": format!("file://{}", place.beside("one").display())}]),
        )],
    );
    let ran = place.run([
        "scan",
        "--gitlab-group",
        "acme/ml",
        "--gitlab-url",
        "https://git.example/api/v4",
        "--replay",
        "told",
        "--no-db",
        "--format",
        "json",
    ]);
    assert_eq!(names(&ran.json(), "model").len(), 1, "{}", ran.stderr());
}

#[test]
fn the_settings_may_name_everything() {
    let place = Place::new();
    clones(&place, 3);
    std::fs::write(place.beside("list"), "nowhere\n").expect("written");
    std::fs::write(
        place.beside("aimscan.toml"),
        "baseline = \"before.json\"\nfail-on = [\"new-system\"]\n[sources]\neach = [\"clones\"]\nlist = [\"list\"]\nstrict = true\n",
    )
    .expect("written");
    let without = place.run([
        "scan",
        "clones/r000",
        "clones/r001",
        "--no-db",
        "--config",
        "/dev/null",
        "-o",
        "before.json",
    ]);
    assert_eq!(without.code(), 0, "{}", without.stderr());
    let ran = place.run(["scan", "--no-db"]);
    assert!(
        ran.code() == 1 && ran.stderr().contains("r002") && !ran.stderr().contains("r001 ("),
        "{}",
        ran.stderr()
    );
    let all = place.run(["scan", "--no-db", "--format", "json", "-o", "before.json"]);
    assert_eq!(all.code(), 1);
    assert_eq!(
        place.run(["scan", "--no-db"]).code(),
        3,
        "nothing is new, but one source is missing"
    );
    // What the command line names wins.
    assert_eq!(place.run(["scan", "clones/r002", "--no-db"]).code(), 0);
    let empty = Place::new();
    let ran = empty.run(["scan"]);
    assert!(ran.code() == 2 && ran.stderr().contains("nothing to scan"), "{}", ran.stderr());
}
