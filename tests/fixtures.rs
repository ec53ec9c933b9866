//! Every folder of `fixtures/repos` is a test: what the program finds in it stands in `expected.json` beside it.
//!
//! Folders whose names begin with `no-ai-` must stay without any finding. `UPDATE=1 cargo test --test fixtures` writes
//! the files anew; read the difference before you commit it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("fixtures")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// One line a component: kind, name, stage, usage, place; and one a finding.
fn found(folder: &Path) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_aimscan"))
        .args(["scan", "--no-db", "--quiet", "--format", "json"])
        .arg(folder)
        .current_dir(std::env::temp_dir())
        // 2026-11-26: what retires does so by the calendar, what is expected must not.
        .env("SOURCE_DATE_EPOCH", "1795651200")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let inventory: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut lines = BTreeSet::new();
    for system in inventory["systems"].as_array().expect("systems") {
        let tier = &system["classification"];
        lines.insert(format!(
            "system {} in /{}: {}",
            text(&system["name"]),
            text(&system["folder"]),
            text(&tier["indicated"])
        ));
        for component in system["components"].as_array().expect("components") {
            let place = &component["evidence"][0]["location"];
            lines.insert(format!(
                "{} {} {} {} {}:{}",
                text(&component["kind"]),
                text(&component["name"]),
                text(&component["stage"]),
                text(&component["usage"]),
                text(&place["path"]),
                place["line"]
            ));
        }
    }
    for finding in inventory["findings"].as_array().expect("findings") {
        lines.insert(format!("finding {}: {}", text(&finding["rule"]), text(&finding["message"])));
    }
    lines
}

/// What is found in every folder, looked for side by side.
fn all_found() -> Vec<(PathBuf, BTreeSet<String>)> {
    let folders = folders();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let share = folders.len().div_ceil(threads).max(1);
        let running: Vec<_> = folders
            .chunks(share)
            .map(|share| scope.spawn(move || share.iter().map(|folder| (folder.clone(), found(folder))).collect::<Vec<_>>()))
            .collect();
        let joined = running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect()
    })
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn every_fixture_gives_what_it_should() {
    let mut wrong = String::new();
    for (folder, found) in all_found() {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with("no-ai-") {
            if !found.is_empty() {
                wrong += &format!("{name}: nothing should be found, but was: {found:#?}\n");
            }
            continue;
        }
        let expectation = folder.with_extension("expected.json");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expectation, serde_json::to_string_pretty(&found).expect("plain") + "\n").expect("written");
            continue;
        }
        let expected: BTreeSet<String> = serde_json::from_str(
            &std::fs::read_to_string(&expectation).unwrap_or_else(|_| panic!("{} is missing; UPDATE=1 writes it", expectation.display())),
        )
        .expect("a list");
        for line in expected.difference(&found) {
            wrong += &format!("{name}: missing {line}\n");
        }
        for line in found.difference(&expected) {
            wrong += &format!("{name}: not expected {line}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn half_of_the_fixtures_are_negative() {
    let negative = folders()
        .iter()
        .filter(|folder| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("no-ai-")))
        .count();
    assert!(negative * 5 >= folders().len() * 2, "{negative} of {}", folders().len());
}
