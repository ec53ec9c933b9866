//! Archives and container images as what is scanned: found in them, where, and what was left out.

use std::io::Write;

use crate::support::{CHAT, Place, gaps, names};
use crate::unchanged::git;

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

fn tarred(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *content).expect("an entry");
    }
    tar.into_inner().expect("finished")
}

fn json(place: &Place, arguments: &[&str]) -> serde_json::Value {
    let ran = place.run([&["scan", "--no-db", "--format", "json"], arguments].concat());
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    ran.json()
}

/// The paths of all evidence, each once.
fn paths(inventory: &serde_json::Value) -> Vec<String> {
    let mut found = Vec::new();
    let systems = inventory["systems"].as_array().expect("systems");
    for component in systems
        .iter()
        .flat_map(|system| system["components"].as_array().expect("components"))
    {
        for seen in component["evidence"].as_array().expect("evidence") {
            found.push(seen["location"]["path"].as_str().unwrap_or_default().to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn an_archive_is_scanned_as_the_tree_it_holds() {
    let place = Place::new();
    let zip = zipped(&[("shop/chat.py", CHAT.as_bytes()), ("shop/requirements.txt", b"openai==1.2\n")]);
    std::fs::write(place.beside("shop.zip"), zip).expect("written");
    let inventory = json(&place, &["shop.zip"]);
    assert_eq!(names(&inventory, "model"), ["gpt-4o"]);
    assert_eq!(paths(&inventory), ["shop/chat.py", "shop/requirements.txt"]);
    assert_eq!(
        (&inventory["sources"][0]["kind"], gaps(&inventory)),
        (&serde_json::json!("archive"), vec![])
    );
    assert!(
        inventory["sources"][0]["location"]
            .as_str()
            .is_some_and(|location| location.ends_with("/shop.zip"))
    );
    let left: Vec<_> = std::fs::read_dir(std::env::temp_dir())
        .expect("a folder")
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("shop/chat.py").exists())
        .collect();
    assert!(left.is_empty(), "nothing stays behind: {left:?}");
}

#[test]
fn a_wheel_says_who_it_is_and_what_it_needs() {
    let place = Place::new();
    let metadata = b"Metadata-Version: 2.1\nName: acme-bot\nVersion: 3\nRequires-Dist: anthropic>=0.30\n\nText\n";
    std::fs::write(
        place.beside("acme_bot-3-py3-none-any.whl"),
        zipped(&[("acme_bot/x.py", b"import json\n"), ("acme_bot-3.dist-info/METADATA", metadata)]),
    )
    .expect("written");
    let inventory = json(&place, &["acme_bot-3-py3-none-any.whl"]);
    assert_eq!(names(&inventory, "package"), ["anthropic"]);
}

#[test]
fn archives_inside_a_tree_are_opened_when_asked() {
    let place = Place::new();
    let inner = zipped(&[("deep/chat.py", CHAT.as_bytes())]);
    place.write("lib/a.zip", zipped(&[("chat.py", CHAT.as_bytes()), ("b.zip", &inner)]));
    place.write("lib/broken.zip", b"no archive");
    let closed = place.scan();
    assert_eq!(names(&closed, "model"), Vec::<String>::new());
    assert_eq!(gaps(&closed), ["skipped lib/a.zip"], "one line tells of both");
    let reason = closed["coverage"]["gaps"][0]["reason"].as_str().unwrap_or_default();
    assert!(reason.starts_with("2 archives") && reason.contains("--archives"), "{reason}");
    let opened = json(&place, &["tree", "--archives"]);
    assert_eq!(paths(&opened), ["lib/a.zip!/chat.py"]);
    assert_eq!(gaps(&opened), ["malformed lib/broken.zip", "skipped lib/a.zip!/b.zip"]);
    std::fs::write(place.beside("aimscan.toml"), "[archives]\nnested = 2\n").expect("written");
    assert_eq!(
        paths(&json(&place, &["tree", "--archives"])),
        ["lib/a.zip!/b.zip!/deep/chat.py", "lib/a.zip!/chat.py"]
    );
}

#[test]
fn what_an_archive_holds_is_new_when_the_archive_is() {
    let place = Place::new();
    place.write("old.zip", zipped(&[("chat.py", CHAT.as_bytes())]));
    git(&place.tree(), &["init", "--quiet"]);
    git(&place.tree(), &["add", "--all"]);
    git(&place.tree(), &["commit", "--quiet", "--message", "first"]);
    place.write("new.zip", zipped(&[("chat.py", CHAT.as_bytes())]));
    let changed = ["tree", "--archives", "--changed-since", "HEAD"];
    assert_eq!(paths(&json(&place, &changed)), ["new.zip!/chat.py"]);
    let ran = place.run(["scan", "tree/new.zip", "--no-db", "--changed-since", "HEAD"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr().contains("--archives"), "{}", ran.stderr());
}

#[test]
fn a_second_scan_gives_the_same_of_archives() {
    let place = Place::new();
    place.write("lib/a.zip", zipped(&[("chat.py", CHAT.as_bytes())]));
    let scan = || place.run(["scan", "tree", "--archives", "--format", "json"]).json();
    let (first, second) = (scan(), scan());
    assert_eq!(first["systems"][0]["id"], second["systems"][0]["id"]);
    assert_eq!(
        second["coverage"]["files_unchanged"], 1,
        "known by its content, wherever it is unpacked"
    );
    assert_eq!(paths(&second), ["lib/a.zip!/chat.py"]);
    place.write("lib/a.zip", zipped(&[("other.py", CHAT.as_bytes())]));
    assert_eq!(paths(&scan()), ["lib/a.zip!/other.py"]);
}

#[test]
fn an_archive_opens_those_inside_it_once_and_names_the_bound() {
    let place = Place::new();
    let mut archive = zipped(&[("chat.py", CHAT.as_bytes())]);
    for _ in 0..5 {
        archive = zipped(&[("again.zip", &archive), ("chat.py", CHAT.as_bytes())]);
    }
    std::fs::write(place.beside("x.zip"), archive).expect("written");
    let inventory = json(&place, &["x.zip"]);
    assert_eq!(paths(&inventory), ["again.zip!/chat.py", "chat.py"]);
    assert_eq!(gaps(&inventory), ["skipped again.zip!/again.zip"]);
    let reason = inventory["coverage"]["gaps"][0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("`nested`"), "{reason}");
}

#[test]
fn what_is_no_archive_is_one_clear_line() {
    let place = Place::new();
    std::fs::write(place.beside("x.tar.gz"), b"text").expect("written");
    let ran = place.run(["scan", "x.tar.gz", "--no-db"]);
    assert_eq!((ran.code(), ran.stdout().as_str()), (2, ""));
    assert!(
        ran.stderr().contains("cannot unpack x.tar.gz") && ran.stderr().trim().lines().count() == 1,
        "{}",
        ran.stderr()
    );
}

#[test]
fn an_image_shows_what_is_installed_set_and_written_in_it() {
    let place = Place::new();
    let metadata = |name: &str| format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n\n");
    let site = "usr/local/lib/python3.12/site-packages";
    let mut below: Vec<(String, Vec<u8>)> = (0..500)
        .map(|number| {
            (
                format!("{site}/plain_{number}-1.dist-info/METADATA"),
                metadata(&format!("plain-{number}")).into_bytes(),
            )
        })
        .collect();
    for name in ["openai", "chromadb"] {
        below.push((format!("{site}/{name}-1.5.dist-info/METADATA"), metadata(name).into_bytes()));
    }
    below.push((format!("{site}/openai/resources/chat.py"), CHAT.as_bytes().to_vec()));
    below.push((
        "app/node_modules/@anthropic-ai/sdk/package.json".to_owned(),
        br#"{"name":"@anthropic-ai/sdk","version":"0.30.0","dependencies":{"cohere-ai":"1"}}"#.to_vec(),
    ));
    below.push(("app/old.py".to_owned(), b"from groq import Groq\nGroq()\n".to_vec()));
    let below: Vec<(&str, &[u8])> = below.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    let config = br#"{"config":{"Env":["OPENAI_API_KEY=","MISTRAL_API_KEY=x"],"Cmd":["python","app/chat.py"]},"rootfs":{"type":"layers","diff_ids":[]}}"#;
    let manifest = r#"[{"Config":"c.json","RepoTags":["acme/app:1.2"],"Layers":["1/layer.tar","2/layer.tar"]}]"#;
    let tar = tarred(&[
        ("manifest.json", manifest.as_bytes()),
        ("c.json", config),
        ("1/layer.tar", &tarred(&below)),
        ("2/layer.tar", &tarred(&[("app/chat.py", CHAT.as_bytes()), ("app/.wh.old.py", b"")])),
    ]);
    place.write("image.tar", &tar);
    let in_tree = json(&place, &["tree", "--archives"]);
    assert!(gaps(&in_tree).contains(&"skipped image.tar".to_owned()), "{:?}", gaps(&in_tree));
    std::fs::write(place.beside("image.tar"), tar).expect("written");
    let inventory = json(&place, &["image.tar"]);
    assert_eq!(gaps(&inventory), Vec::<String>::new());
    assert_eq!(inventory["sources"][0]["identity"], "acme/app");
    assert_eq!(names(&inventory, "model"), ["gpt-4o"]);
    assert_eq!(names(&inventory, "secret_ref"), ["MISTRAL_API_KEY", "OPENAI_API_KEY"]);
    let mut packages = [names(&inventory, "package"), names(&inventory, "vector_db")].concat();
    packages.sort();
    assert_eq!(packages, ["@anthropic-ai/sdk", "chromadb", "openai"]);
    let systems = inventory["systems"].as_array().expect("systems");
    assert_eq!(systems.len(), 1, "five hundred packages are no systems");
    let components = systems[0]["components"].as_array().expect("components");
    let store = components
        .iter()
        .find(|component| component["name"] == "chromadb")
        .expect("a component");
    assert_eq!(
        (&store["stage"], &store["relation"], &store["confidence"]),
        (
            &serde_json::json!("deployed"),
            &serde_json::json!("transitive"),
            &serde_json::json!("high")
        )
    );
    assert_eq!(systems[0]["name"], "app");
}
