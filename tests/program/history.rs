//! Since when and whose: dates and people from the history of a repository, and from what it says of owners.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{CHAT, Place};

/// Git in a folder, on a day of 2024, without the user's settings.
fn git_as(folder: &Path, day: &str, who: &str, arguments: &[&str]) -> String {
    let date = format!("2024-{day}T12:00:00Z");
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", who)
        .env("GIT_AUTHOR_EMAIL", format!("{}@example.org", who.replace(' ', ".")))
        .env("GIT_COMMITTER_NAME", "Committer")
        .env("GIT_COMMITTER_EMAIL", "committer@example.org")
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_DATE", &date)
        .output()
        .expect("git runs");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn git(place: &Place, day: &str, arguments: &[&str]) -> String {
    git_as(&place.tree(), day, "Jane Roe", arguments)
}

fn commit(place: &Place, day: &str, who: &str) {
    git_as(&place.tree(), day, who, &["add", "-A"]);
    git_as(&place.tree(), day, who, &["commit", "-q", "-m", "a change"]);
}

/// A repository in which `app/chat.py` came on the first of February.
fn repository() -> Place {
    let place = Place::new();
    git(&place, "01-01", &["init", "-q"]);
    place.write("README.md", "nothing yet\n");
    commit(&place, "01-01", "Jane Roe");
    place.write("app/chat.py", CHAT);
    commit(&place, "02-01", "Jane Roe");
    place
}

fn component<'v>(inventory: &'v Value, kind: &str, name: &str) -> &'v Value {
    inventory["systems"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|system| system["components"].as_array().into_iter().flatten())
        .find(|component| component["kind"] == kind && component["name"] == name)
        .unwrap_or_else(|| panic!("no {kind} {name} in {inventory:#}"))
}

/// The days a component was introduced and last touched.
fn days(inventory: &Value, kind: &str, name: &str) -> (String, String) {
    let component = component(inventory, kind, name);
    let day = |what: &str| {
        let moment = &component[what];
        let before = if moment["at_or_before"] == true { "≤" } else { "" };
        format!("{before}{}", moment["date"].as_str().map_or("", |date| &date[5..10]))
    };
    (day("introduced"), day("last_touched"))
}

fn gaps(inventory: &Value) -> Vec<String> {
    inventory["coverage"]["gaps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|gap| gap["what"] == "git history")
        .map(|gap| gap["reason"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_component_is_dated_by_the_commits_of_its_lines() {
    let place = repository();
    place.write("app/chat.py", format!("# a remark\n\n{}", CHAT.replace("gpt-4o", "gpt-4.1")));
    commit(&place, "03-01", "Max Muster");
    let inventory = place.scan();
    // The call holds the model's name, so its line was touched; the import's was not.
    assert_eq!(days(&inventory, "package", "openai"), ("02-01".into(), "03-01".into()));
    assert_eq!(days(&inventory, "model", "gpt-4.1"), ("03-01".into(), "03-01".into()));
    let told = component(&inventory, "model", "gpt-4.1")["introduced"]["commit"].clone();
    assert_eq!(told, git(&place, "03-01", &["rev-parse", "HEAD"]));
    assert!(gaps(&inventory).is_empty());
    // The same bytes again, and nothing in the repository has changed.
    assert_eq!(place.scan()["systems"], inventory["systems"]);
    assert_eq!(git(&place, "03-01", &["status", "--porcelain"]), "");
}

#[test]
fn renames_moves_and_changed_surroundings_do_not_make_it_younger() {
    let place = repository();
    git(&place, "03-01", &["mv", "app/chat.py", "app/talk.py"]);
    commit(&place, "03-01", "Jane Roe");
    // Renamed and changed at once, in another folder.
    std::fs::create_dir_all(place.tree().join("service/inner")).expect("folders");
    git(&place, "04-01", &["mv", "app/talk.py", "service/inner/talk.py"]);
    place.write("service/inner/talk.py", format!("import os\n{CHAT}"));
    commit(&place, "04-01", "Jane Roe");
    let inventory = place.scan();
    assert_eq!(days(&inventory, "package", "openai"), ("02-01".into(), "02-01".into()));
}

#[test]
fn what_was_reverted_and_came_back_is_as_old_as_its_first_time() {
    let place = repository();
    git(&place, "03-01", &["revert", "--no-edit", "HEAD"]);
    place.write("app/chat.py", "import os\n");
    commit(&place, "04-01", "Jane Roe");
    place.write("app/chat.py", CHAT);
    commit(&place, "05-01", "Max Muster");
    place.write("app/chat.py", "import os\n");
    commit(&place, "06-01", "Jane Roe");
    place.write("app/chat.py", CHAT);
    commit(&place, "07-01", "Max Muster");
    // A file that was deleted and made anew is a new file; within its life, the first time counts.
    assert_eq!(days(&place.scan(), "package", "openai"), ("05-01".into(), "07-01".into()));
}

#[test]
fn branches_are_followed_to_where_a_line_came_from() {
    let place = repository();
    git(&place, "02-02", &["checkout", "-q", "-b", "side"]);
    place.write(
        "app/more.py",
        "import anthropic\nanthropic.Anthropic().messages.create(model=\"claude-sonnet-4-5\")\n",
    );
    place.write("app/chat.py", format!("{CHAT}\nprint(1)\n"));
    commit(&place, "03-01", "Max Muster");
    git(&place, "03-02", &["checkout", "-q", "main"]);
    place.write("app/chat.py", format!("import os\n{CHAT}"));
    commit(&place, "04-01", "Jane Roe");
    git(&place, "05-01", &["merge", "-q", "--no-edit", "side"]);
    let inventory = place.scan();
    assert_eq!(days(&inventory, "package", "anthropic"), ("03-01".into(), "03-01".into()));
    assert_eq!(days(&inventory, "package", "openai"), ("02-01".into(), "02-01".into()));
    let people = &inventory["systems"][0]["people"];
    assert_eq!(people["authors"], 2, "{people}");
}

#[test]
fn a_shallow_clone_says_at_or_before_and_names_nobody() {
    let place = repository();
    place.write("README.md", "more\n");
    commit(&place, "03-01", "Max Muster");
    let source = format!("file://{}", place.tree().display());
    git_as(&place.tree(), "03-01", "x", &["clone", "-q", "--depth", "1", &source, "../shallow"]);
    let ran = place.run(["scan", "shallow", "--no-db", "--format", "json", "--people"]);
    let inventory = ran.json();
    assert_eq!(days(&inventory, "package", "openai"), ("≤03-01".into(), "≤03-01".into()));
    assert!(inventory["systems"][0]["owners"].is_null() && inventory["systems"][0]["people"].is_null());
    assert!(gaps(&inventory).is_empty());
}

#[test]
fn without_git_or_commits_nothing_is_told_and_nothing_missed() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    for _ in 0..2 {
        let inventory = place.scan();
        assert_eq!(days(&inventory, "package", "openai"), (String::new(), String::new()));
        assert!(gaps(&inventory).is_empty());
        // The second time it is a repository without a commit.
        git(&place, "01-01", &["init", "-q"]);
    }
    commit(&place, "02-01", "Jane Roe");
    assert_eq!(days(&place.scan(), "package", "openai").0, "02-01");
    // What is not committed has no date, and can be switched off.
    place.write("new.py", "import anthropic\n");
    assert_eq!(days(&place.scan(), "package", "anthropic"), (String::new(), String::new()));
    let ran = place.run(["scan", "tree", "--no-db", "--format", "json", "--no-history"]);
    assert_eq!(days(&ran.json(), "package", "openai"), (String::new(), String::new()));
}

#[test]
fn lines_that_are_not_committed_do_not_shift_those_that_are() {
    let place = repository();
    place.write("app/chat.py", format!("import os\r\nimport sys\r\n{}", CHAT.replace('\n', "\r\n")));
    assert_eq!(days(&place.scan(), "package", "openai"), ("02-01".into(), "02-01".into()));
}

#[test]
fn folders_work_trees_and_borrowed_objects_have_the_same_history() {
    let place = repository();
    git(&place, "03-01", &["remote", "add", "origin", "git@example.org:acme/app.git"]);
    git(&place, "03-01", &["worktree", "add", "-q", "../other"]);
    let source = place.tree().display().to_string();
    git(&place, "03-01", &["clone", "-q", "--shared", &source, "../shared"]);
    git(&place, "03-01", &["pack-refs", "--all"]);
    git(&place, "03-01", &["gc", "-q"]);
    for folder in ["tree/app", "tree/app/chat.py", "other", "shared"] {
        let inventory = place.run(["scan", folder, "--no-db", "--format", "json"]).json();
        assert_eq!(days(&inventory, "package", "openai"), ("02-01".into(), "02-01".into()), "{folder}");
    }
    let identity = |folder: &str| place.run(["scan", folder, "--no-db", "--format", "json"]).json()["sources"][0]["identity"].clone();
    assert_eq!(identity("other"), "https://example.org/acme/app");
    assert_eq!(identity("tree"), "https://example.org/acme/app");
}

#[test]
fn a_submodule_is_not_entered() {
    let place = repository();
    let source = place.tree().display().to_string();
    let outer = place.beside("outer");
    std::fs::create_dir(&outer).expect("a folder");
    git_as(&outer, "03-01", "x", &["init", "-q"]);
    git_as(&outer, "03-01", "x", &["submodule", "--quiet", "add", &source, "inner"]);
    git_as(&outer, "03-01", "x", &["commit", "-q", "-m", "with a submodule"]);
    let inventory = place.run(["scan", "outer", "--no-db", "--format", "json"]).json();
    assert_eq!(days(&inventory, "package", "openai"), (String::new(), String::new()));
    assert!(gaps(&inventory).is_empty());
}

#[test]
fn a_damaged_store_is_a_gap_and_the_scan_goes_on() {
    let place = repository();
    let mut objects = Vec::new();
    for folder in std::fs::read_dir(place.tree().join(".git/objects")).expect("objects") {
        let folder = folder.expect("an entry").path();
        if folder.file_name().is_some_and(|name| name.len() == 2) {
            objects.extend(
                std::fs::read_dir(folder)
                    .expect("objects")
                    .map(|entry| entry.expect("an entry").path()),
            );
        }
    }
    for object in objects {
        let mut permissions = std::fs::metadata(&object).expect("there").permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
        std::fs::set_permissions(&object, permissions).expect("set");
        std::fs::write(&object, b"\x78\x01garbage").expect("written");
    }
    let inventory = place.scan();
    assert_eq!(days(&inventory, "package", "openai"), (String::new(), String::new()));
    assert_eq!(gaps(&inventory).len(), 1, "{:?}", gaps(&inventory));
    // What is checked out cannot be told.
    std::fs::write(place.tree().join(".git/HEAD"), "nonsense\n").expect("written");
    assert_eq!(gaps(&place.scan()).len(), 1);
    // A link to a repository elsewhere.
    std::fs::rename(place.tree().join(".git"), place.beside("git")).expect("moved");
    std::os::unix::fs::symlink(place.beside("git"), place.tree().join(".git")).expect("linked");
    assert!(gaps(&place.scan()).is_empty());
    std::fs::remove_file(place.tree().join(".git")).expect("removed");
    // A folder that only looks like a repository.
    std::fs::write(place.tree().join(".git"), "gitdir: /nowhere\n").expect("written");
    assert_eq!(days(&place.scan(), "package", "openai"), (String::new(), String::new()));
}

#[test]
fn nothing_of_the_repository_is_run_or_included() {
    let place = repository();
    let mark = place.beside("was-run");
    let script = place.beside("run.sh");
    std::fs::write(&script, format!("#!/bin/sh\ntouch {}\ncat\n", mark.display())).expect("written");
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
    let script = script.display();
    std::fs::write(
        place.beside("included"),
        "[remote \"origin\"]\n\turl = https://example.org/included\n",
    )
    .expect("written");
    std::fs::write(
        place.tree().join(".git/config"),
        format!(
            "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = {script}\n\thooksPath = /\n\tsshCommand = {script}\n\tpager = {script}\n[filter \"x\"]\n\tclean = {script}\n\tsmudge = {script}\n\tprocess = {script}\n\trequired = true\n[diff \"x\"]\n\tcommand = {script}\n\ttextconv = {script}\n[include]\n\tpath = {}\n",
            place.beside("included").display()
        ),
    )
    .expect("written");
    place.write(".gitattributes", "* filter=x diff=x\n");
    let inventory = place.scan();
    assert_eq!(days(&inventory, "package", "openai"), ("02-01".into(), "02-01".into()));
    assert!(!mark.exists());
    assert!(!inventory["sources"][0]["identity"].as_str().expect("text").contains("included"));
}

#[test]
fn owners_are_named_and_people_counted_unless_they_are_asked_for() {
    let place = repository();
    place.write(".github/CODEOWNERS", "* @acme/all\n/app/ @acme/ai jane@example.org\n");
    place.write("app/more.py", "import anthropic\nanthropic.Anthropic()\n");
    commit(&place, "03-01", "renovate[bot]");
    let inventory = place.scan();
    let system = &inventory["systems"][0];
    let names = |system: &Value| -> Vec<String> {
        let owners = system["owners"].as_array().into_iter().flatten();
        owners.map(|owner| owner["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(system), ["@acme/ai"]);
    assert_eq!(
        (&system["people"]["authors"], &system["people"]["code_owners"]),
        (&1.into(), &1.into())
    );
    assert!(!inventory.to_string().contains("Jane Roe") && !inventory.to_string().contains("jane@example.org"));
    let named = place.run(["scan", "tree", "--no-db", "--format", "json", "--people"]).json();
    assert_eq!(names(&named["systems"][0]), ["@acme/ai", "jane@example.org", "Jane Roe"]);
    assert!(!named.to_string().contains("Jane.Roe@") && !named.to_string().contains("renovate"));
}

#[test]
fn a_person_can_read_it_and_a_diff_is_not_noisy() {
    let place = repository();
    let first = place.run(["scan", "tree", "--db", "kept.db"]);
    assert_eq!(first.code(), 0, "{}", first.stderr());
    let shown = place.run(["systems", "--db", "kept.db"]).stdout();
    let inventory = place.run(["report", "--db", "kept.db", "--format", "json"]).json();
    let id = inventory["systems"][0]["id"].as_str().expect("an id").to_owned();
    assert!(!shown.is_empty());
    let shown = place.run(["show", &id, "--db", "kept.db"]).stdout();
    assert!(shown.contains("introduced 2024-02-01, last touched 2024-02-01"), "{shown}");
    assert!(shown.contains("1 author of the evidence lines"), "{shown}");
    // Somebody else touches the lines: that is history, and no change of the system.
    place.write("app/chat.py", CHAT.replace("    ", "        "));
    place.write(".github/CODEOWNERS", "* @acme/all\n");
    commit(&place, "06-01", "Max Muster");
    assert_eq!(place.run(["scan", "tree", "--db", "kept.db"]).code(), 0);
    let diff = place.run(["diff", "--db", "kept.db"]).stdout();
    assert!(!diff.contains("acme") && !diff.contains("touched"), "{diff}");
}

#[test]
fn what_a_history_told_is_remembered_until_it_may_be_different() {
    let place = repository();
    let scan = |options: &[&str]| {
        let mut arguments = vec!["scan", "tree", "--db", "kept.db", "--format", "json"];
        arguments.extend(options);
        place.run(arguments).json()
    };
    let fresh = |options: &[&str]| {
        let mut arguments = vec!["scan", "tree", "--no-db", "--format", "json"];
        arguments.extend(options);
        place.run(arguments).json()
    };
    let told = |inventory: &Value| {
        (
            days(inventory, "package", "openai"),
            inventory["systems"][0]["owners"].clone(),
            inventory["systems"][0]["people"].clone(),
        )
    };
    let all = |step: &str| {
        for options in [&[][..], &["--people"], &["--full-history"], &["--no-history"], &[]] {
            assert_eq!(told(&scan(options)), told(&fresh(options)), "{step} {options:?}");
        }
    };
    all("at first");
    all("again");
    // Commits that touch no file with evidence, on a branch too.
    place.write("README.md", "more\n");
    commit(&place, "03-01", "Max Muster");
    git(&place, "03-02", &["checkout", "-q", "-b", "side"]);
    place.write("more.md", "more\n");
    commit(&place, "03-03", "Max Muster");
    git(&place, "03-04", &["checkout", "-q", "main"]);
    git(&place, "03-05", &["merge", "-q", "--no-ff", "--no-edit", "side"]);
    all("elsewhere");
    // The same content from another history.
    place.write("app/chat.py", "import os\n");
    commit(&place, "04-01", "Max Muster");
    place.write("app/chat.py", CHAT);
    commit(&place, "05-01", "Max Muster");
    all("rewritten");
    // Not committed, then committed as it is on the disk.
    place.write("app/chat.py", format!("{CHAT}\nimport openai\n"));
    all("changed");
    commit(&place, "06-01", "Max Muster");
    all("committed");
    git(&place, "07-01", &["reset", "-q", "--hard", "HEAD~4"]);
    all("back");
    // Without its objects only what is remembered can be told.
    place.write("model.onnx", "not opened");
    scan(&[]);
    std::fs::rename(place.tree().join(".git/objects"), place.beside("objects")).expect("moved");
    std::fs::create_dir(place.tree().join(".git/objects")).expect("a folder");
    assert_eq!(days(&scan(&[]), "package", "openai").0, "02-01");
    assert_ne!(days(&fresh(&[]), "package", "openai").0, "02-01");
}

#[test]
fn no_name_of_an_author_is_kept_that_nobody_asked_for() {
    let place = repository();
    let contains = |what: &str| {
        let bytes = std::fs::read(place.beside("kept.db")).expect("a database");
        bytes.windows(what.len()).any(|window| window == what.as_bytes())
    };
    assert_eq!(place.run(["scan", "tree", "--db", "kept.db"]).code(), 0);
    assert!(contains("openai") && !contains("Jane"));
    assert_eq!(place.run(["scan", "tree", "--db", "kept.db", "--people"]).code(), 0);
    assert!(contains("Jane Roe"));
}

#[test]
fn an_archive_has_owners_and_no_history_whatever_it_claims() {
    use std::io::Write;
    let place = repository();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let elsewhere = format!("gitdir: {}\n", place.tree().join(".git").display());
    for (name, content) in [(".git", elsewhere.as_str()), ("app/chat.py", CHAT), ("CODEOWNERS", "* @acme/all\n")] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        zip.write_all(content.as_bytes()).expect("written");
    }
    std::fs::write(place.beside("app.zip"), zip.finish().expect("finished").into_inner()).expect("written");
    let inventory = place.run(["scan", "app.zip", "--no-db", "--format", "json"]).json();
    assert_eq!(days(&inventory, "package", "openai"), (String::new(), String::new()));
    assert_eq!(inventory["systems"][0]["owners"][0]["name"], "@acme/all");
    assert!(gaps(&inventory).is_empty());
}
