//! Trees that break scanners: each ends in a result with gaps, or in one clear error.

use crate::support::{CHAT, Place, gaps, is_root, names};

#[test]
fn a_missing_path_is_one_clear_error() {
    let place = Place::new();
    let ran = place.run(["scan", "nowhere", "--no-db"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stdout().is_empty());
    assert!(
        ran.stderr().contains("cannot scan nowhere") && ran.stderr().lines().count() == 1,
        "{}",
        ran.stderr()
    );
}

#[test]
fn an_empty_folder_is_a_result() {
    let place = Place::new();
    let ran = place.run(["scan", "tree", "--no-db"]);
    assert_eq!(ran.code(), 0);
    place.write("a.txt", "x");
    let ran = place.run(["scan", "tree", "--no-db"]);
    assert!(ran.stdout().contains("No AI found in 1 file"), "{}", ran.stdout());
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_a_gap() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let file = place.write("locked.py", CHAT);
    let folder = place.write("closed/chat.py", CHAT).parent().expect("a folder").to_path_buf();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).expect("set");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o000)).expect("set");
    let inventory = place.scan();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).expect("set");
    if !is_root() {
        assert!(
            gaps(&inventory).contains(&"unreadable locked.py".to_owned()),
            "{:?}",
            gaps(&inventory)
        );
        assert!(gaps(&inventory).contains(&"unreadable closed".to_owned()), "{:?}", gaps(&inventory));
    }
}

#[cfg(unix)]
#[test]
fn links_lead_neither_round_nor_out() {
    use std::os::unix::fs::symlink;
    let place = Place::new();
    place.write("a/chat.py", CHAT);
    symlink("..", place.tree().join("a/round")).expect("linked");
    symlink("self", place.tree().join("self")).expect("linked");
    std::fs::create_dir(place.beside("outside")).expect("a folder");
    std::fs::write(place.beside("outside/other.py"), "import anthropic\n").expect("written");
    symlink(place.beside("outside"), place.tree().join("out")).expect("linked");
    symlink(place.beside("outside/other.py"), place.tree().join("out.py")).expect("linked");
    let inventory = place.scan();
    assert_eq!(names(&inventory, "model"), ["gpt-4o"]);
    assert!(!names(&inventory, "package").contains(&"anthropic".to_owned()));
    assert_eq!(gaps(&inventory), ["link-outside out", "link-outside out.py"]);
}

#[cfg(unix)]
#[test]
fn pipes_and_sockets_never_block() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    let made = std::process::Command::new("mkfifo")
        .arg(place.tree().join("pipe.py"))
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(place.tree().join("socket.py")).expect("bound");
    assert_eq!(names(&place.scan(), "model"), ["gpt-4o"]);
    let ran = place.run(["scan", "tree/pipe.py", "--no-db"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr().contains("neither a folder nor a regular file"), "{}", ran.stderr());
    let ran = place.run(["scan", "/dev/zero", "--no-db"]);
    assert_eq!(ran.code(), 2);
}

#[test]
fn a_huge_file_is_a_gap() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    // Three gigabytes that take no room on disk.
    std::fs::File::create(place.tree().join("huge.py"))
        .expect("made")
        .set_len(3 << 30)
        .expect("sparse");
    let inventory = place.scan();
    assert_eq!(names(&inventory, "model"), ["gpt-4o"]);
    assert_eq!(gaps(&inventory), ["too-large huge.py"]);
}

#[test]
fn every_encoding_is_read_and_binary_is_left_alone() {
    let place = Place::new();
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(CHAT.replace("gpt-4o", "gpt-4o-mini").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    place.write("sixteen.py", utf16);
    place.write("marked.py", ["\u{FEFF}", &CHAT.replace("gpt-4o", "gpt-4-turbo")].concat());
    place.write("latin.py", [b"# caf\xE9\n", CHAT.as_bytes()].concat());
    place.write("binary.py", [b"\x7fELF\0\0", CHAT.replace("gpt-4o", "gpt-4").as_bytes()].concat());
    let mut models = names(&place.scan(), "model");
    models.sort();
    assert_eq!(models, ["gpt-4-turbo", "gpt-4o", "gpt-4o-mini"]);
}

#[cfg(unix)]
#[test]
fn strange_names_are_shown_and_harm_nothing() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    for (name, model) in [
        (&b"with space.py"[..], "gpt-4o"),
        (b"new\nline.py", "gpt-4o-mini"),
        (b"esc\x1b[31m.py", "gpt-4-turbo"),
        (b"latin\xE9.py", "gpt-4.1"),
    ] {
        std::fs::write(place.tree().join(std::ffi::OsStr::from_bytes(name)), CHAT.replace("gpt-4o", model)).expect("written");
    }
    assert_eq!(names(&place.scan(), "model").len(), 4);
    for format in ["text", "html", "sarif", "jsonl"] {
        let ran = place.run(["scan", "tree", "--no-db", "--format", format]);
        assert_eq!(ran.code(), 0);
        assert!(!ran.stdout().contains('\u{1b}'), "{format} lets a name steer the terminal");
    }
}

#[test]
fn deep_nesting_is_a_gap_and_not_a_crash() {
    let place = Place::new();
    let deep = 100_000;
    place.write(
        "deep.json",
        format!("{{\"url\": \"https://api.openai.com/v1\", \"x\": {}", "[".repeat(deep)),
    );
    place.write("deep.yaml", format!("url: https://api.openai.com/v1\nx: {}", "[".repeat(deep)));
    place.write(
        "deep.toml",
        format!("url = \"https://api.openai.com/v1\"\nx = {}", "[".repeat(deep)),
    );
    place.write("deep.py", format!("import openai\nx = {}1{}", "(".repeat(deep), ")".repeat(deep)));
    place.write(
        "deep.ts",
        format!("import OpenAI from 'openai';\nconst x = {}1{};", "[".repeat(deep), "]".repeat(deep)),
    );
    place.write(
        "deep.rs",
        format!(
            "use async_openai::Client;\nconst X: u8 = {}1{};",
            "(".repeat(deep),
            ")".repeat(deep)
        ),
    );
    place.write("ops.rs", format!("use async_openai::Client;\nconst X: u8 = {}1;", "-".repeat(deep)));
    place.write(
        "package.json",
        format!("{{\"name\": \"deep\", \"dependencies\": {}", "{\"a\":".repeat(deep)),
    );
    let inventory = place.scan();
    assert!(names(&inventory, "package").contains(&"openai".to_owned()));
    assert!(
        gaps(&inventory).iter().any(|gap| gap.starts_with("malformed deep.json")),
        "{:?}",
        gaps(&inventory)
    );
    assert!(
        !gaps(&inventory).iter().any(|gap| gap.starts_with("detector-failed")),
        "{:?}",
        gaps(&inventory)
    );
}

#[test]
fn an_alias_bomb_and_a_long_line_end() {
    let place = Place::new();
    let mut bomb = "a: &a [openai, openai, openai, openai, openai, openai, openai, openai, openai]\n".to_owned();
    for (name, of) in ('b'..='z').zip('a'..='y') {
        bomb += &format!("{name}: &{name} [*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of}]\n");
    }
    place.write("bomb.yaml", bomb);
    place.write(
        "bundle.js",
        format!("var a=1;{}import OpenAI from 'openai'", "a=a+1;".repeat(20 << 20 >> 3)),
    );
    place.write("chat.py", CHAT);
    assert_eq!(names(&place.scan(), "model"), ["gpt-4o"]);
}

#[test]
fn broken_files_give_what_can_be_read() {
    let place = Place::new();
    place.write("broken.py", "from openai import OpenAI\ndef f(:\n  x = (\n");
    place.write("web/package-lock.json", "{\"name\":\"web\",\"lockfileVersion\":3,\"packages\":{\"\":{\"dependencies\":{\"openai\":\"4\"}},\"node_modules/openai\":{\"version\":\"4.104.0\"},\"node_modules/op");
    place.write("api/uv.lock", "version = 1\n\n[[package]]\nname = \"anthropic\"\nversion = \"0.50.0\"\n\n<<<<<<< HEAD\n[[package]]\nname = \"cohere\"\n=======\n>>>>>>> other\n");
    let inventory = place.scan();
    let packages = names(&inventory, "package");
    assert!(
        packages.contains(&"openai".to_owned()) && packages.contains(&"anthropic".to_owned()),
        "{packages:?}"
    );
    for file in ["broken.py", "web/package-lock.json", "api/uv.lock"] {
        assert!(
            gaps(&inventory).contains(&format!("malformed {file}")),
            "{file}: {:?}",
            gaps(&inventory)
        );
    }
}

#[test]
fn a_repository_that_is_not_there_is_one_clear_error() {
    let place = Place::new();
    for address in ["https://127.0.0.1:1/none.git", "file:///nowhere/none.git"] {
        let ran = place.run(["scan", address, "--no-db"]);
        assert_eq!(ran.code(), 2);
        assert!(ran.stderr().starts_with("error: cannot clone"), "{}", ran.stderr());
    }
    let ran = place.run(["scan", "https://user:hunter22@127.0.0.1:1/none.git", "--no-db"]);
    assert!(ran.code() == 2 && !ran.stderr().contains("hunter22"), "{}", ran.stderr());
}

#[test]
fn a_repository_is_cloned_without_running_what_it_brings() {
    let place = Place::new();
    place.write("chat.py", CHAT);
    place.write(".gitattributes", "*.py filter=evil\n");
    let git = |arguments: &[&str]| {
        let ran = std::process::Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args(arguments)
            .current_dir(place.tree())
            .output()
            .expect("git runs");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "x"]);
    let ran = place.run(["scan", &format!("file://{}", place.tree().display()), "--no-db", "--format", "json"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert_eq!(names(&ran.json(), "model"), ["gpt-4o"]);
}
