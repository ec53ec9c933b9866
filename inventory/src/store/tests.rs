//! What a user relies on: nothing recorded is ever lost, and every refusal says what to do.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use evidence::ComponentKind;

use super::*;
use crate::{System, sample};

/// A folder that goes when the test ends.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("aimscan-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the folder for temporary files is writable");
        Self(path)
    }

    pub(super) fn db(&self) -> PathBuf {
        self.0.join("inventory.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn system(name: &str, models: &[&str]) -> System {
    sample::system(
        name,
        models
            .iter()
            .map(|model| sample::seen(ComponentKind::Model, model, "a.py"))
            .collect(),
    )
}

fn scan(clock: &str, systems: Vec<System>) -> Inventory {
    sample::inventory(clock, systems)
}

fn record(store: &mut Store, clock: &str) -> SnapshotId {
    store.record(&mut scan(clock, vec![system("shop", &["gpt-4o"])])).expect("recorded")
}

fn refusal(path: &Path) -> String {
    Store::open(path).err().expect("refused").to_string()
}

#[test]
fn a_snapshot_comes_back_as_it_was_recorded() {
    let folder = Folder::new();
    let mut inventory = scan("08:00:00", vec![system("shop", &["gpt-4o", "ünïcode \u{1F600}"])]);
    let id = Store::open(folder.db()).expect("opens").record(&mut inventory).expect("recorded");
    let store = Store::open(folder.db()).expect("opens again");
    let read = store.snapshot(id).expect("is there");
    assert_eq!(
        serde_json::to_value(&read).expect("plain"),
        serde_json::to_value(&inventory).expect("plain")
    );
    let listed = store.snapshots().expect("lists");
    assert_eq!(
        (listed.len(), listed[0].id, listed[0].systems, listed[0].sources.clone()),
        (1, id, 1, inventory.sources)
    );
}

#[test]
fn an_empty_database_has_nothing_and_says_so() {
    let folder = Folder::new();
    let store = Store::open(folder.db()).expect("opens");
    assert!(store.latest(&[]).expect("reads").is_none());
    assert!(store.snapshots().expect("reads").is_empty());
    assert!(store.previous(SnapshotId(1)).expect("reads").is_none());
    assert!(
        store
            .snapshot(SnapshotId(7))
            .expect_err("there is none")
            .to_string()
            .contains("holds no snapshot 7")
    );
}

#[test]
fn history_remembers_the_first_and_the_last_sight() {
    let folder = Folder::new();
    let mut store = Store::open(folder.db()).expect("opens");
    record(&mut store, "08:00:00");
    let mut later = scan("09:00:00", vec![system("shop", &["gpt-4o", "o3-mini"]), system("bot", &["m"])]);
    store.record(&mut later).expect("recorded");
    let sights = |system: &System| {
        (
            system.first_seen.clone().unwrap_or_default(),
            system.last_seen.clone().unwrap_or_default(),
        )
    };
    assert_eq!(
        sights(&later.systems[0]),
        ("2026-11-20T08:00:00Z".into(), "2026-11-20T09:00:00Z".into())
    );
    assert_eq!(
        sights(&later.systems[1]),
        ("2026-11-20T09:00:00Z".into(), "2026-11-20T09:00:00Z".into())
    );
    let firsts: Vec<_> = later.systems[0]
        .components
        .iter()
        .map(|component| component.first_seen.as_deref().unwrap_or_default())
        .collect();
    assert_eq!(firsts, ["2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z"]);
    // Gone for a while, and back: still known from the beginning.
    store.record(&mut scan("10:00:00", Vec::new())).expect("recorded");
    let mut back = scan("11:00:00", vec![system("bot", &["m"])]);
    store.record(&mut back).expect("recorded");
    assert_eq!(sights(&back.systems[0]).0, "2026-11-20T09:00:00Z");
}

#[test]
fn the_latest_and_the_previous_are_of_the_same_sources() {
    let folder = Folder::new();
    let mut store = Store::open(folder.db()).expect("opens");
    let mut with = |clock: &str, sources: &[&str]| {
        let mut inventory = scan(clock, Vec::new());
        inventory.sources = sources.iter().map(|identity| sample::source(identity)).collect();
        store.record(&mut inventory).expect("recorded")
    };
    let both = with("08:00:00", &["a", "b"]);
    let a = with("09:00:00", &["a"]);
    let both_again = with("10:00:00", &["b", "a"]);
    let c = with("11:00:00", &["c"]);
    let latest = |sources: &[&str]| {
        let sources: Vec<String> = sources.iter().map(|identity| (*identity).to_owned()).collect();
        store.latest(&sources).expect("reads").map(|recorded| recorded.id)
    };
    assert_eq!(
        (latest(&[]), latest(&["a"]), latest(&["a", "b"])),
        (Some(c), Some(both_again), Some(both_again))
    );
    assert_eq!((latest(&["a", "c"]), latest(&["d"]), latest(&["%"])), (None, None, None));
    let previous = |id| store.previous(id).expect("reads").map(|recorded| recorded.id);
    assert_eq!(
        (previous(both_again), previous(a), previous(both), previous(c)),
        (Some(both), Some(both), None, None)
    );
}

#[test]
fn a_snapshot_can_be_neither_changed_nor_deleted() {
    let folder = Folder::new();
    let mut store = Store::open(folder.db()).expect("opens");
    record(&mut store, "08:00:00");
    for statement in ["UPDATE snapshots SET inventory = '{}'", "DELETE FROM snapshots"] {
        assert!(
            store
                .connection
                .execute(statement, [])
                .expect_err("refused")
                .to_string()
                .contains("a snapshot never"),
            "{statement}"
        );
    }
}

#[test]
fn the_cache_is_kept_by_source_and_version_and_copies_share_it() {
    let folder = Folder::new();
    let store = Store::open(folder.db()).expect("opens");
    let [a, b, c] = ["a", "b", "c"].map(sample::source);
    store.save_cache(&a, "1", b"old").expect("saved");
    store.save_cache(&a, "2", &[0, 255, 0]).expect("saved");
    store.save_cache(&b, "1", b"").expect("saved");
    assert_eq!(
        (store.load_cache(&a, "2"), store.load_cache(&b, "1")),
        (Some(vec![0, 255, 0]), Some(Vec::new()))
    );
    assert_eq!((store.load_cache(&a, "1"), store.load_cache(&c, "1")), (None, None));
    let copy = Source {
        location: "/elsewhere/a".to_owned(),
        ..a.clone()
    };
    assert_eq!(store.load_cache(&copy, "2"), Some(vec![0, 255, 0]));
    store.save_cache(&copy, "2", b"copy").expect("saved");
    assert_eq!(
        (store.load_cache(&a, "2"), store.load_cache(&copy, "2")),
        (Some(vec![0, 255, 0]), Some(b"copy".to_vec()))
    );
}

#[test]
fn what_is_not_ours_is_refused_and_left_untouched() {
    let folder = Folder::new();
    let text = folder.0.join("notes.txt");
    fs::write(&text, "these are my notes").expect("written");
    let foreign = folder.0.join("music.db");
    Connection::open(&foreign)
        .expect("opens")
        .execute_batch("CREATE TABLE songs (name TEXT); INSERT INTO songs VALUES ('a');")
        .expect("made");
    for path in [text, foreign] {
        let before = fs::read(&path).expect("read");
        assert!(
            refusal(&path).contains("is not an aimscan database; it was left untouched"),
            "{}",
            refusal(&path)
        );
        assert_eq!(fs::read(&path).expect("read"), before);
    }
    assert_eq!(fs::read_dir(&folder.0).expect("lists").count(), 2, "nothing was put beside them");
}

#[test]
fn a_newer_form_is_refused_and_left_untouched() {
    let folder = Folder::new();
    let mut store = Store::open(folder.db()).expect("opens");
    record(&mut store, "08:00:00");
    store.connection.pragma_update(None, "user_version", 99).expect("set");
    drop(store);
    let before = fs::read(folder.db()).expect("read");
    let refused = refusal(&folder.db());
    assert!(
        refused.contains("newer aimscan (form 99") && refused.contains("Update aimscan"),
        "{refused}"
    );
    assert_eq!(fs::read(folder.db()).expect("read"), before);
}

#[test]
fn a_damaged_database_is_refused_and_left_untouched() {
    let folder = Folder::new();
    let mut store = Store::open(folder.db()).expect("opens");
    for clock in ["08:00:00", "09:00:00", "10:00:00"] {
        record(&mut store, clock);
    }
    drop(store);
    let whole = fs::read(folder.db()).expect("read");
    let overwritten = {
        let mut bytes = whole.clone();
        bytes[16..4096].fill(0x5A);
        bytes
    };
    let cut = whole[..6000].to_vec();
    let without_tables = {
        let mut bytes = whole.clone();
        bytes[100..4096].fill(0);
        bytes
    };
    for (what, bytes) in [("overwritten", overwritten), ("cut", cut), ("without tables", without_tables)] {
        fs::write(folder.db(), &bytes).expect("written");
        let refused = Store::open(folder.db()).and_then(|store| store.latest(&[])).expect_err(what);
        assert!(matches!(refused, StoreError::Damaged { .. }), "{what}: {refused:?}");
        assert!(refused.to_string().contains("left untouched"));
        assert_eq!(fs::read(folder.db()).expect("read"), bytes, "{what}");
    }
}

#[test]
fn a_snapshot_that_does_not_read_is_damage_and_not_a_panic() {
    let folder = Folder::new();
    let mut store = Store::open(folder.db()).expect("opens");
    record(&mut store, "08:00:00");
    store
        .connection
        .execute_batch("DROP TRIGGER snapshots_never_change; UPDATE snapshots SET inventory = '{\"systems\": 3}'")
        .expect("broken");
    assert!(matches!(store.latest(&[]), Err(StoreError::Damaged { .. })));
}

#[test]
fn places_that_cannot_hold_a_file_are_refused_with_advice() {
    let folder = Folder::new();
    assert!(refusal(&folder.0).contains("Check that it is a file"), "{}", refusal(&folder.0));
    fs::write(folder.0.join("file"), "x").expect("written");
    assert!(refusal(&folder.0.join("file/below/inventory.db")).contains("cannot be opened"));
}

#[test]
fn what_the_database_says_is_put_in_words() {
    let said = |code: i32| StoreError::of(Path::new("x.db"), &rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)).to_string();
    use rusqlite::ffi;
    for (code, advice) in [
        (ffi::SQLITE_READONLY, "Change its permissions"),
        (ffi::SQLITE_READONLY_DIRECTORY, "Change its permissions"),
        (ffi::SQLITE_PERM, "Change its permissions"),
        (ffi::SQLITE_CANTOPEN, "Check that it is a file"),
        (ffi::SQLITE_BUSY_SNAPSHOT, "Try again when that scan has ended"),
        (ffi::SQLITE_FULL, "Free some space"),
        (ffi::SQLITE_CORRUPT, "restore it from a backup"),
        (ffi::SQLITE_NOTADB, "restore it from a backup"),
        (ffi::SQLITE_IOERR, "cannot be used"),
    ] {
        assert!(said(code).contains(advice), "{code}: {}", said(code));
    }
}

#[test]
fn a_read_only_file_is_refused_with_advice() {
    let folder = Folder::new();
    drop(Store::open(folder.db()).expect("opens"));
    let mut permissions = fs::metadata(folder.db()).expect("is there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder.db(), permissions).expect("set");
    // Whoever may write everything may write this too; then there is nothing to refuse.
    if fs::OpenOptions::new().append(true).open(folder.db()).is_err() {
        assert!(refusal(&folder.db()).contains("read-only"), "{}", refusal(&folder.db()));
    }
}

#[test]
fn a_full_disk_loses_nothing_that_was_recorded() {
    let folder = Folder::new();
    let mut store = Store::open(folder.db()).expect("opens");
    let id = record(&mut store, "08:00:00");
    let pages: i64 = store
        .connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .expect("read");
    store.connection.pragma_update(None, "max_page_count", pages + 1).expect("set");
    let names: Vec<String> = (0..3000).map(|n| format!("model-{n}")).collect();
    let mut large = scan(
        "09:00:00",
        vec![system("shop", &names.iter().map(String::as_str).collect::<Vec<_>>())],
    );
    let refused = store.record(&mut large).expect_err("no room").to_string();
    assert!(refused.contains("no room left") && refused.contains("unharmed"), "{refused}");
    assert!(large.systems[0].first_seen.is_none(), "what was not recorded has no history");
    drop(store);
    let store = Store::open(folder.db()).expect("opens");
    assert_eq!(store.latest(&[]).expect("reads").map(|recorded| recorded.id), Some(id));
}

#[test]
fn a_scan_waits_for_another_and_then_says_so() {
    let folder = Folder::new();
    let mut store = Store::open(folder.db()).expect("opens");
    let id = record(&mut store, "08:00:00");
    let other = Store::open(folder.db()).expect("opens");
    other.connection.execute_batch("BEGIN IMMEDIATE").expect("locked");
    store.connection.busy_timeout(Duration::from_millis(300)).expect("set");
    let begun = Instant::now();
    let refused = store.record(&mut scan("09:00:00", Vec::new())).expect_err("locked").to_string();
    assert!(
        begun.elapsed() >= Duration::from_millis(250) && refused.contains("in use by another scan"),
        "{refused}"
    );
    assert_eq!(
        store.latest(&[]).expect("reading needs no lock").map(|recorded| recorded.id),
        Some(id)
    );
    drop(other);
    record(&mut store, "10:00:00");
}

#[test]
fn scans_at_once_all_survive() {
    let folder = Folder::new();
    let path = folder.db();
    // Each thread also races to begin the database.
    let threads: Vec<_> = (0..6)
        .map(|thread| {
            let path = path.clone();
            std::thread::spawn(move || {
                let mut store = Store::open(path).expect("opens");
                (0..5)
                    .map(|n| {
                        store
                            .record(&mut scan(&format!("0{thread}:00:0{n}"), vec![system("shop", &["gpt-4o"])]))
                            .expect("recorded")
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut ids: Vec<SnapshotId> = threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect();
    ids.sort();
    ids.dedup();
    let store = Store::open(&path).expect("opens");
    assert_eq!((ids.len(), store.snapshots().expect("lists").len()), (30, 30));
    let mut next = scan("09:00:00", vec![system("shop", &["gpt-4o"])]);
    Store::open(&path).expect("opens").record(&mut next).expect("recorded");
    assert_eq!(
        next.systems[0].first_seen.as_deref(),
        Some("2026-11-20T00:00:00Z"),
        "whatever the order, the earliest sight counts"
    );
}

#[test]
fn a_scan_killed_while_it_writes_leaves_the_one_before_whole() {
    let folder = Folder::new();
    let mut store = Store::open(folder.db()).expect("opens");
    let id = record(&mut store, "08:00:00");
    // In the middle of a transaction, as a killed process leaves its files behind.
    store
        .connection
        .execute_batch("PRAGMA cache_size = 1; BEGIN IMMEDIATE")
        .expect("begun");
    for n in 0..500 {
        let name = format!("half-written-{n}");
        store
            .connection
            .execute("INSERT INTO systems VALUES (?1, 's', ?1, 't', 't')", [&name])
            .expect("written");
    }
    let left = Folder::new();
    for file in ["inventory.db", "inventory.db-wal"] {
        fs::copy(folder.0.join(file), left.0.join(file)).expect("copied");
    }
    drop(store);
    for path in [folder.db(), left.db()] {
        let mut store = Store::open(&path).expect("opens");
        assert_eq!(store.latest(&[]).expect("reads").map(|recorded| recorded.id), Some(id));
        let half: i64 = store
            .connection
            .query_row("SELECT count(*) FROM systems WHERE id LIKE 'half%'", [], |row| row.get(0))
            .expect("counts");
        assert_eq!(half, 0);
        record(&mut store, "09:00:00");
    }
}

#[test]
fn a_log_cut_off_anywhere_leaves_earlier_snapshots_whole() {
    let folder = Folder::new();
    let mut store = Store::open(folder.db()).expect("opens");
    let first = record(&mut store, "08:00:00");
    store
        .connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("checkpointed");
    let second = record(&mut store, "09:00:00");
    let database = fs::read(folder.db()).expect("read");
    let log = fs::read(folder.0.join("inventory.db-wal")).expect("read");
    assert!(log.len() > 4096, "the second snapshot stands in the log");
    for cut in [0, 1, 31, 32, 33, 4000, log.len() / 2, log.len() - 1, log.len()] {
        let left = Folder::new();
        fs::write(left.db(), &database).expect("written");
        fs::write(left.0.join("inventory.db-wal"), &log[..cut]).expect("written");
        let store = Store::open(left.db()).expect("opens");
        let ids: Vec<SnapshotId> = store.snapshots().expect("lists").iter().map(|snapshot| snapshot.id).collect();
        assert_eq!(
            ids,
            if cut == log.len() { vec![second, first] } else { vec![first] },
            "cut at {cut}"
        );
        assert_eq!(store.snapshot(first).expect("whole").scanned_at, "2026-11-20T08:00:00Z");
    }
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.0.join("new/below/inventory.db");
    let mut store = Store::open(&path).expect("opens");
    record(&mut store, "08:00:00");
    let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_file_name("inventory.db-wal")), 0o600);
    assert_eq!(mode(path.parent().expect("has one")), 0o700);
}

#[test]
fn a_name_that_means_something_to_the_database_is_a_file_like_any_other() {
    let folder = Folder::new();
    let path = folder.0.join("file:x?mode=memory");
    record(&mut Store::open(&path).expect("opens"), "08:00:00");
    assert_eq!(Store::open(&path).expect("opens").snapshots().expect("lists").len(), 1);
}
