//! Archives that are made to do harm end in a gap or an error, and nothing leaves the folder.

use std::io::Write;
use std::path::{Path, PathBuf};

use evidence::GapKind;
use zip::write::SimpleFileOptions;

use super::*;

/// A folder with an archive in it.
struct Made {
    folder: TempDir,
}

impl Made {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }

    fn unpack(&self, name: &str, bytes: &[u8], bounds: &Bounds) -> Result<Unpacked> {
        unpack(&self.file(name, bytes), name, bounds)
    }
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

/// A header and content, whatever the name.
fn tar_entry(name: &str, kind: tar::EntryType, content: &[u8], link: &str) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().expect("this form").name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_gnu_mut().expect("this form").linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_mode(0o777);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().div_ceil(512) * 512, 0);
    bytes
}

fn tarred(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes: Vec<u8> = entries
        .iter()
        .flat_map(|(name, content)| tar_entry(name, tar::EntryType::Regular, content, ""))
        .collect();
    bytes.extend([0; 1024]);
    bytes
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("finished")
}

/// The files of a folder, with their content.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(inside).expect("a folder").map(|entry| entry.expect("an entry")) {
            let kind = entry.file_type().expect("a kind");
            assert!(!kind.is_symlink(), "a link was made");
            if kind.is_dir() {
                folders.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(folder).expect("inside").to_string_lossy().into_owned();
                found.push((
                    name,
                    String::from_utf8_lossy(&std::fs::read(entry.path()).expect("read")).into_owned(),
                ));
            }
        }
    }
    found.sort();
    found
}

fn names(unpacked: &Unpacked) -> Vec<String> {
    files(unpacked.folder.path()).into_iter().map(|(name, _)| name).collect()
}

fn gaps(unpacked: &Unpacked) -> Vec<(GapKind, &str)> {
    unpacked.gaps.iter().map(|gap| (gap.kind, gap.what.as_str())).collect()
}

#[test]
fn every_kind_is_unpacked_by_its_first_bytes() {
    let made = Made::new();
    let tar = tarred(&[("a/b.py", b"import x"), ("c", b"")]);
    for (name, bytes) in [
        ("x.zip", zipped(&[("a/b.py", b"import x"), ("c", b"")])),
        ("x.whl", zipped(&[("a/b.py", b"import x"), ("c", b"")])),
        ("x.tar", tar.clone()),
        ("x.tgz", gzipped(&tar)),
        ("x.tar.zst", zstd::encode_all(tar.as_slice(), 1).expect("compressed")),
        ("named-wrongly.zip", gzipped(&tar)),
    ] {
        let unpacked = made.unpack(name, &bytes, &Bounds::default()).expect("unpacked");
        assert_eq!(
            (names(&unpacked), gaps(&unpacked)),
            (vec!["a/b.py".to_owned(), "c".to_owned()], vec![]),
            "{name}"
        );
        let folder = unpacked.folder.path().to_owned();
        drop(unpacked);
        assert!(!folder.exists(), "the folder goes with what holds it");
    }
    for (name, bytes) in [
        ("x.zip", &b"no archive"[..]),
        ("x.tar", b""),
        ("x.jar", b"PK\x03\x04broken"),
        ("x.tar.bz2", b"BZh91AY"),
    ] {
        assert!(made.unpack(name, bytes, &Bounds::default()).is_err(), "{name}");
    }
}

#[test]
fn names_do_not_lead_out() {
    let bad = [
        "../out.py",
        "/etc/out.py",
        "a/../../out.py",
        "..\\out.py",
        "a\\..\\..\\out.py",
        "C:\\out.py",
        "a\0b",
        "line\nfeed",
    ];
    for name in bad {
        assert!(sink::inside(name.as_bytes()).is_err(), "{name:?}");
    }
    assert!(sink::inside(&b"a/".repeat(101)).is_err() && sink::inside(&[b'a'; 5000]).is_err() && sink::inside(b"./").is_err());
    assert_eq!(sink::inside(b"./a//b/./c"), Ok("a/b/c".to_owned()));
    assert_eq!(sink::inside(b"a/..b/c"), Ok("a/..b/c".to_owned()));

    let made = Made::new();
    let mut tar: Vec<u8> = ["../out.py", "/out.py", "a/../../out.py"]
        .iter()
        .flat_map(|name| tar_entry(name, tar::EntryType::Regular, b"x", ""))
        .collect();
    tar.extend(tarred(&[("good.py", b"x")]));
    let unpacked = made.unpack("x.tar", &tar, &Bounds::default()).expect("unpacked");
    assert_eq!(names(&unpacked), ["good.py"]);
    assert_eq!(unpacked.gaps.iter().filter(|gap| gap.kind == GapKind::Skipped).count(), 3);
    let unpacked = made
        .unpack("x.zip", &zipped(&[("../out.py", b"x"), ("good.py", b"x")]), &Bounds::default())
        .expect("unpacked");
    assert_eq!((names(&unpacked), unpacked.gaps.len()), (vec!["good.py".to_owned()], 1));
    assert_eq!(
        std::fs::read_dir(made.folder.path()).expect("a folder").count(),
        2,
        "nothing beside the archives"
    );
}

#[test]
fn links_and_devices_are_not_made_and_not_followed() {
    let made = Made::new();
    let outside = made.file("secret", b"outside");
    let target = made.folder.path().to_string_lossy().into_owned();
    let mut tar = tar_entry("link", tar::EntryType::Symlink, b"", &target);
    tar.extend(tar_entry("hard", tar::EntryType::Link, b"", &outside.to_string_lossy()));
    tar.extend(tar_entry("null", tar::EntryType::Char, b"", ""));
    tar.extend(tar_entry("pipe", tar::EntryType::Fifo, b"", ""));
    // Through the link into the folder it leads to.
    tar.extend(tarred(&[("link/planted", b"planted"), ("hard", b"written")]));
    let unpacked = made.unpack("x.tar", &tar, &Bounds::default()).expect("unpacked");
    assert_eq!(names(&unpacked), ["hard", "link/planted"]);
    assert!(!made.folder.path().join("planted").exists());
    assert_eq!(std::fs::read(&outside).expect("read"), b"outside");
    assert_eq!(
        gaps(&unpacked).iter().map(|(_, what)| *what).collect::<Vec<_>>(),
        ["x.tar!/link", "x.tar!/hard", "x.tar!/null", "x.tar!/pipe"]
    );

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.add_symlink("link", "/etc", SimpleFileOptions::default()).expect("a link");
    zip.start_file("link/planted", SimpleFileOptions::default()).expect("an entry");
    let unpacked = made
        .unpack("y.zip", &zip.finish().expect("finished").into_inner(), &Bounds::default())
        .expect("unpacked");
    assert_eq!(
        (names(&unpacked), gaps(&unpacked)),
        (vec!["link/planted".to_owned()], vec![(GapKind::Skipped, "y.zip!/link")])
    );
}

#[test]
fn what_fills_disks_stops_at_a_bound_that_is_named() {
    let made = Made::new();
    let bomb = vec![0; 80 << 20];
    let by_ratio = |name: &str, bytes: &[u8]| {
        let unpacked = made.unpack(name, bytes, &Bounds::default()).expect("unpacked");
        assert_eq!(gaps(&unpacked), [(GapKind::TooLarge, name)]);
        assert!(unpacked.gaps[0].reason.contains("`ratio`"), "{:?}", unpacked.gaps);
        assert!(unpacked.bytes <= 64 << 20);
    };
    by_ratio("x.zip", &zipped(&[("zeros", &bomb)]));
    by_ratio("x.tar.gz", &gzipped(&tarred(&[("zeros", &bomb)])));
    by_ratio(
        "x.tar.zst",
        &zstd::encode_all(tarred(&[("zeros", &bomb)]).as_slice(), 1).expect("compressed"),
    );
    // A name as long as memory: read within a bound, and counted.
    let mut named = tar_entry("././@LongLink", tar::EntryType::GNULongName, &bomb, "");
    named.extend(tarred(&[("x", b"x")]));
    by_ratio("names.tar.gz", &gzipped(&named));

    let small = Bounds {
        megabytes: 1,
        entries: 3,
        ..Bounds::default()
    };
    let unpacked = made
        .unpack("big.tar", &tarred(&[("a", &bomb[..2 << 20])]), &small)
        .expect("unpacked");
    assert!(unpacked.gaps[0].reason.contains("`megabytes`"), "{:?}", unpacked.gaps);
    for (name, bytes) in [
        ("many.zip", zipped(&[("a", b""), ("b", b""), ("c", b""), ("d", b"")])),
        ("many.tar", tarred(&[("a", b""), ("b", b""), ("c", b""), ("d", b"")])),
    ] {
        let unpacked = made.unpack(name, &bytes, &small).expect("unpacked");
        assert_eq!(names(&unpacked), ["a", "b", "c"]);
        assert!(unpacked.gaps[0].reason.contains("`entries`"), "{:?}", unpacked.gaps);
    }
}

/// The list of entries of an archive made anew: so many entries that all have the bytes of the first.
fn overlapping(count: usize) -> Vec<u8> {
    let bytes = zipped(&[("a", &[0; 100_000])]);
    let directory = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("a list");
    let end = memchr::memmem::find(&bytes, b"PK\x05\x06").expect("an end");
    let one = &bytes[directory..end];
    let mut made = bytes[..directory].to_vec();
    for number in 0..count {
        let mut entry = one.to_vec();
        entry[46] = b'a' + u8::try_from(number).expect("few");
        made.extend(entry);
    }
    let length = u32::try_from(one.len() * count).expect("short");
    let count = u16::try_from(count).expect("few").to_le_bytes();
    let mut last = bytes[end..].to_vec();
    last[8..10].copy_from_slice(&count);
    last[10..12].copy_from_slice(&count);
    last[12..16].copy_from_slice(&length.to_le_bytes());
    made.extend(last);
    made
}

#[test]
fn entries_that_share_their_bytes_are_refused() {
    let made = Made::new();
    let error = made.unpack("x.zip", &overlapping(10), &Bounds::default()).expect_err("refused");
    assert!(error.to_string().contains("overlap"), "{error}");
}

#[test]
fn damage_and_secrecy_are_told_of() {
    let made = Made::new();
    let good = zipped(&[("first.py", b"import first"), ("second.py", b"import second")]);
    // The content no longer has the sum that is written beside it.
    let mut wrong = good.clone();
    let at = memchr::memmem::find(&wrong, b"PK\x01\x02").expect("a list") + 16;
    wrong[at] ^= 0xFF;
    let unpacked = made.unpack("sum.zip", &wrong, &Bounds::default()).expect("unpacked");
    assert_eq!(gaps(&unpacked), [(GapKind::Malformed, "sum.zip!/first.py")]);
    assert_eq!(names(&unpacked), ["first.py", "second.py"], "what could be read is read");

    let mut locked = good.clone();
    for mark in [&b"PK\x03\x04"[..], b"PK\x01\x02"] {
        let at = memchr::memmem::find(&locked, mark).expect("a header") + if mark[2] == 3 { 6 } else { 8 };
        locked[at] |= 1;
    }
    let unpacked = made.unpack("locked.zip", &locked, &Bounds::default()).expect("unpacked");
    assert_eq!(gaps(&unpacked), [(GapKind::Unreadable, "locked.zip!/first.py")]);
    assert_eq!(names(&unpacked), ["second.py"]);

    let tar = tarred(&[("first.py", b"import first"), ("second.py", &[b'x'; 2000])]);
    let unpacked = made.unpack("cut.tar", &tar[..2000], &Bounds::default()).expect("unpacked");
    assert!(
        gaps(&unpacked).contains(&(GapKind::Malformed, "cut.tar!/second.py")),
        "{:?}",
        unpacked.gaps
    );
    let packed = gzipped(&tar);
    let unpacked = made
        .unpack("cut.tar.gz", &packed[..packed.len() - 20], &Bounds::default())
        .expect("unpacked");
    assert!(!unpacked.gaps.is_empty());

    // A file with holes, which other readers blow up.
    let mut sparse = tar_entry("holes", tar::EntryType::GNUSparse, &[1; 512], "");
    sparse.extend(tarred(&[("good.py", b"x")]));
    let unpacked = made.unpack("sparse.tar", &sparse, &Bounds::default()).expect("unpacked");
    assert_eq!(
        (names(&unpacked), gaps(&unpacked)),
        (vec!["good.py".to_owned()], vec![(GapKind::Skipped, "sparse.tar!/holes")])
    );
}

#[test]
fn archives_are_known_by_their_endings() {
    for path in [
        "a.zip",
        "b/A.ZIP",
        "a.tar",
        "a.tar.gz",
        "a.TAR.zst",
        "a-1.0-py3-none-any.whl",
        "a.jar",
        "é.tar.xz",
    ] {
        assert!(is_archive(path), "{path}");
    }
    for path in ["zip", "a.gz", "a.csv.gz", "tar.gz", "a.zip.py", "é.gz", "guitar.gz", "a.zipper", ""] {
        assert!(!is_archive(path), "{path}");
    }
}

#[test]
fn a_program_may_stand_before_a_zip_archive() {
    let made = Made::new();
    let started = [b"#!/bin/sh\nexec java -jar $0\n".as_slice(), &zipped(&[("a.py", b"import a")])].concat();
    let unpacked = made.unpack("app.jar", &started, &Bounds::default()).expect("unpacked");
    assert_eq!((names(&unpacked), unpacked.gaps), (vec!["a.py".to_owned()], vec![]));
}

#[test]
fn what_is_packed_otherwise_is_named() {
    let made = Made::new();
    for (name, bytes) in [("a.tar.bz2", b"BZh91AY".as_slice()), ("a.tar.xz", b"\xFD7zXZ\0\0")] {
        let error = made.unpack(name, bytes, &Bounds::default()).expect_err("not read").to_string();
        assert!(error.contains("bzip2 or xz"), "{error}");
    }
    // Only the list says how an entry is packed.
    let mut other = zipped(&[("first.py", b"import first"), ("second.py", b"import second")]);
    let at = memchr::memmem::find(&other, b"PK\x01\x02").expect("a list") + 10;
    other[at] = 14;
    let unpacked = made.unpack("other.zip", &other, &Bounds::default()).expect("unpacked");
    assert_eq!(
        (names(&unpacked), gaps(&unpacked)),
        (vec!["second.py".to_owned()], vec![(GapKind::Unsupported, "other.zip!/first.py")])
    );
}

#[test]
fn a_list_of_entries_is_no_longer_than_the_bound() {
    let made = Made::new();
    let bounds = Bounds {
        entries: 10,
        ..Bounds::default()
    };
    let mut claims = zipped(&[("a.py", b"import a")]);
    let end = claims.len() - 22;
    claims[end + 12..end + 16].copy_from_slice(&(64_u32 << 20).to_le_bytes());
    let error = made.unpack("claims.zip", &claims, &bounds).expect_err("refused").to_string();
    assert!(error.contains("10 entries") && error.contains("`entries`"), "{error}");
}

#[test]
fn a_file_in_the_place_of_a_folder_is_a_gap() {
    let made = Made::new();
    for (name, bytes) in [
        ("x.tar", tarred(&[("a", b"x"), ("a/b", b"x"), ("c/d", b"x"), ("c", b"x")])),
        ("y.zip", zipped(&[("a", b"x"), ("a/b", b"x")])),
    ] {
        let unpacked = made.unpack(name, &bytes, &Bounds::default()).expect("unpacked");
        assert!(gaps(&unpacked).iter().all(|(kind, _)| *kind == GapKind::Unreadable) && !unpacked.gaps.is_empty());
    }
}

/// An image as an OCI layout, of layers that are given as tar archives.
fn layout(folder: &Path, layers: &[Vec<u8>]) -> Vec<String> {
    let blobs = folder.join("blobs/sha256");
    std::fs::create_dir_all(&blobs).expect("a folder");
    let put = |bytes: &[u8]| {
        let digest = detectors::files::sha256(&detectors::Artifact::new("", bytes)).expect("a digest");
        std::fs::write(blobs.join(&digest), bytes).expect("written");
        digest
    };
    let config = put(br#"{"config":{"Env":["OPENAI_API_BASE=https://api.openai.com/v1"]},"rootfs":{"type":"layers","diff_ids":[]}}"#);
    let layers: Vec<String> = layers.iter().map(|layer| put(layer)).collect();
    let list: Vec<String> = layers
        .iter()
        .map(|digest| format!(r#"{{"mediaType":"tar","digest":"sha256:{digest}","size":1}}"#))
        .collect();
    let manifest = put(format!(r#"{{"config":{{"digest":"sha256:{config}"}},"layers":[{}]}}"#, list.join(",")).as_bytes());
    std::fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("written");
    let index = format!(
        r#"{{"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{manifest}","annotations":{{"org.opencontainers.image.ref.name":"acme/app:1"}}}}]}}"#
    );
    std::fs::write(folder.join("index.json"), index).expect("written");
    layers
}

fn images(folder: &Path) -> Result<Vec<image::Image>> {
    image::images(folder, "x", &Bounds::default(), &|path| !path.ends_with(".so"))
}

#[test]
fn layers_lie_over_each_other_and_white_outs_take_away() {
    let made = Made::new();
    let below = tarred(&[
        ("app/a.py", b"1"),
        ("app/b.py", b"1"),
        ("lib/x.so", b"1"),
        ("old/one", b"1"),
        ("old/deep/two", b"1"),
        ("file", b"1"),
        ("dir/in", b"1"),
    ]);
    let mut above = tarred(&[
        ("app/a.py", b"2"),
        ("app/.wh.b.py", b""),
        ("old/new", b"2"),
        ("old/.wh..wh..opq", b""),
        ("file/in", b"2"),
        ("./dir", b"2"),
        ("/app/c.py", b"2"),
    ]);
    above.truncate(above.len() - 1024);
    above.extend(tar_entry("app/link", tar::EntryType::Symlink, b"", "/etc/passwd"));
    layout(made.folder.path(), &[below, gzipped(&above)]);
    let images = images(made.folder.path()).expect("images");
    assert_eq!((images.len(), images[0].reference.as_deref()), (1, Some("acme/app:1")));
    assert!(images[0].gaps.is_empty(), "{:?}", images[0].gaps);
    let found: Vec<_> = files(images[0].folder.path())
        .into_iter()
        .filter(|(name, _)| !name.starts_with("blobs/"))
        .collect();
    let wanted = [
        ("app/a.py", "2"),
        ("app/c.py", "2"),
        ("dir", "2"),
        ("file/in", "2"),
        ("old/new", "2"),
    ];
    assert_eq!(found, wanted.map(|(name, content)| (name.to_owned(), content.to_owned())));
}

#[test]
fn what_has_not_the_digest_it_is_named_by_is_left_out() {
    let made = Made::new();
    let layers = layout(made.folder.path(), &[tarred(&[("a.py", b"1")]), tarred(&[("b.py", b"1")])]);
    std::fs::write(
        made.folder.path().join("blobs/sha256").join(&layers[0]),
        tarred(&[("evil.py", b"1")]),
    )
    .expect("written");
    let found = images(made.folder.path()).expect("images");
    let names: Vec<String> = files(found[0].folder.path())
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with("blobs/"))
        .collect();
    assert_eq!(names, ["b.py"]);
    assert_eq!(found[0].gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Malformed]);

    std::fs::remove_file(made.folder.path().join("blobs/sha256").join(&layers[1])).expect("removed");
    assert!(
        images(made.folder.path()).expect("images")[0]
            .gaps
            .iter()
            .any(|gap| gap.kind == GapKind::Unreadable)
    );
}

#[test]
fn a_layout_does_not_lead_out_and_does_not_go_round() {
    for index in [
        r#"{"manifests":[{"digest":"sha256:../../../etc/passwd"}]}"#,
        r#"{"manifests":[{"digest":"md5:00"}]}"#,
        r#"{"manifests":[]}"#,
        r#"{"manifests":"#,
    ] {
        let made = Made::new();
        layout(made.folder.path(), &[]);
        std::fs::write(made.folder.path().join("index.json"), index).expect("written");
        assert!(images(made.folder.path()).is_err(), "{index}");
    }
    let made = Made::new();
    let saved = made.folder.path().join("saved");
    std::fs::create_dir(&saved).expect("a folder");
    made.file("x.json", b"{}");
    std::fs::write(
        saved.join("manifest.json"),
        r#"[{"Config":"../x.json","RepoTags":null,"Layers":["/etc/passwd"]}]"#,
    )
    .expect("written");
    assert!(images(&saved).is_err());
    #[cfg(unix)]
    {
        let made = Made::new();
        let layers = layout(made.folder.path(), &[tarred(&[("a.py", b"1")])]);
        let blob = made.folder.path().join("blobs/sha256").join(&layers[0]);
        std::fs::remove_file(&blob).expect("removed");
        std::os::unix::fs::symlink("/etc/hostname", &blob).expect("a link");
        assert!(
            images(made.folder.path()).expect("images")[0]
                .gaps
                .iter()
                .any(|gap| gap.kind == GapKind::Unreadable)
        );
    }
}

/// Archives of which bytes are changed, cut out and put in: none panics, none writes outside.
#[test]
fn damaged_archives_are_unpacked_or_refused() {
    let rounds = std::env::var("AIMSCAN_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(150_u32);
    let made = Made::new();
    let tar = tarred(&[("a/b.py", b"import x"), ("c/d/e.json", b"{}"), ("link", b"")]);
    let seeds = [
        zipped(&[("a/b.py", b"import x"), ("c/d.json", &[b'{'; 500])]),
        overlapping(3),
        gzipped(&tar),
        zstd::encode_all(tar.as_slice(), 1).expect("compressed"),
        tar,
    ];
    let bounds = Bounds {
        megabytes: 4,
        entries: 1000,
        ..Bounds::default()
    };
    // The same numbers every time.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % (below.max(1) as u64)).expect("small")
    };
    for round in 0..rounds {
        let mut bytes = seeds[round as usize % seeds.len()].clone();
        for _ in 0..=next(6) {
            if bytes.is_empty() {
                break;
            }
            let at = next(bytes.len());
            match next(5) {
                0 => bytes[at] = u8::try_from(next(256)).expect("a byte"),
                1 => bytes[at] ^= 1 << next(8),
                2 => drop(bytes.drain(at..(at + next(20)).min(bytes.len()))),
                3 => bytes.truncate(at.max(1)),
                _ => drop(bytes.splice(at..at, std::iter::repeat_n(0xFF, next(9))).count()),
            }
        }
        drop(made.unpack("x.zip", &bytes, &bounds));
        assert_eq!(std::fs::read_dir(made.folder.path()).expect("a folder").count(), 1);
    }
}
