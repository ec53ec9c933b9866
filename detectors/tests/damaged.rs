//! Every reader on damaged files: whatever is cut, repeated, nested or exchanged in them, reading ends, and ends in observations or
//! in a clear reason, never in a panic. The files are those of the fixture repositories, so each new fixture is damaged too.
//!
//! `PROPTEST_CASES` sets how many damaged files there are, for longer campaigns.

use std::path::{Path, PathBuf};

use detectors::{Artifact, Detector, FilePath, Gate, Observations};
use proptest::prelude::*;

/// Longer files say nothing that shorter ones do not.
const LONGEST: u64 = 64 << 10;

/// A file that some reader wants: its path in its repository, its bytes, and the readers.
struct Sample {
    path: String,
    bytes: Vec<u8>,
    wanted: Vec<&'static dyn Detector>,
}

/// Files that no fixture has.
const MORE: [(&str, &str); 6] = [
    (
        "environment.yml",
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - pytorch=2.1\n  - pip:\n    - openai==1.2\n",
    ),
    (
        "site-packages/openai-1.2.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: openai\nVersion: 1.2\nRequires-Dist: httpx\n\nText\n",
    ),
    (
        "bom.cdx.json",
        "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"components\": [{\"type\": \"library\", \"name\": \"openai\", \"purl\": \"pkg:pypi/openai@1.2\"}]}",
    ),
    (
        "Dockerfile",
        "FROM ollama/ollama:0.5 AS a\nARG M=llama3\nENV OPENAI_API_KEY=x \\\n  B=c\nRUN ollama pull $M && pip install 'openai>=1'\nCMD [\"ollama\", \"serve\"]\n",
    ),
    (
        "blobs/sha256/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "{\"config\": {\"Env\": [\"OPENAI_API_KEY=x\"], \"Cmd\": [\"ollama\", \"serve\"]}}",
    ),
    (
        "models/model.json",
        "{\"learner\": {\"gradient_booster\": {}}, \"version\": [1, 7, 0]}",
    ),
];

fn wanting(path: &str) -> Vec<&'static dyn Detector> {
    let wants = |detector: &&'static dyn Detector| detector.wants(&FilePath::of(path)).is_some_and(|gate| gate != Gate::Unopened);
    detectors::detectors().into_iter().filter(wants).collect()
}

fn samples() -> Vec<Sample> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/repos");
    let more = MORE.map(|(path, text)| Sample {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
        wanted: wanting(path),
    });
    let mut samples = Vec::from(more);
    for repository in std::fs::read_dir(&root)
        .expect("fixtures")
        .map(|entry| entry.expect("readable").path())
    {
        let mut folders = vec![repository.clone()];
        while let Some(folder) = folders.pop() {
            if !folder.is_dir() {
                continue;
            }
            let mut entries: Vec<PathBuf> = std::fs::read_dir(&folder)
                .expect("a folder")
                .map(|entry| entry.expect("readable").path())
                .collect();
            entries.sort();
            for entry in entries {
                if entry.is_dir() {
                    folders.push(entry);
                    continue;
                }
                let path = entry.strip_prefix(&repository).expect("inside").to_string_lossy().into_owned();
                let wanted = wanting(&path);
                let is_short = entry.metadata().is_ok_and(|metadata| metadata.len() <= LONGEST);
                if !wanted.is_empty() && is_short {
                    let bytes = std::fs::read(&entry).expect("readable");
                    samples.push(Sample { path, bytes, wanted });
                }
            }
        }
    }
    samples.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.bytes.cmp(&b.bytes)));
    samples
}

/// One thing that happens to a file; positions are shares of its length.
#[derive(Debug, Clone)]
enum Damage {
    Cut(f64),
    Remove(f64, f64),
    Repeat(f64, f64, usize),
    Flip(f64, u8),
    Put(f64, Vec<u8>),
    Move(f64, f64, f64),
}

/// Pieces that formats trip over.
const PIECES: [&[u8]; 24] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b"\"",
    b"'",
    b"`",
    b"\\",
    b"\n",
    b"\r\n",
    b"\t",
    b"{{",
    b"}}",
    b"${",
    b"<<",
    b"---\n",
    b": ",
    b"\0",
    b"\xff\xfe",
    b"\xf0\x9f\x92\xa9",
    b"/*",
    b"&a *a ",
];

fn damage() -> impl Strategy<Value = Damage> {
    let at = || 0.0..1.0_f64;
    prop_oneof![
        at().prop_map(Damage::Cut),
        (at(), at()).prop_map(|(from, to)| Damage::Remove(from, to)),
        (at(), at(), 2..40_usize).prop_map(|(from, to, times)| Damage::Repeat(from, to, times)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        (at(), prop::sample::select(PIECES.to_vec()), 1..200_usize).prop_map(|(at, piece, times)| Damage::Put(at, piece.repeat(times))),
        (at(), at(), at()).prop_map(|(from, to, at)| Damage::Move(from, to, at)),
    ]
}

fn position(share: f64, length: usize) -> usize {
    ((share * length as f64) as usize).min(length)
}

fn damaged(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    let length = bytes.len();
    let range = |from: f64, to: f64| {
        let (from, to) = (position(from, length), position(to, length));
        from.min(to)..from.max(to)
    };
    match damage {
        Damage::Cut(at) => bytes.truncate(position(*at, length)),
        Damage::Remove(from, to) => drop(bytes.drain(range(*from, *to))),
        Damage::Repeat(from, to, times) => {
            let range = range(*from, *to);
            let piece = bytes[range.clone()].iter().copied().take(200).collect::<Vec<u8>>().repeat(*times);
            bytes.splice(range.end..range.end, piece);
        }
        Damage::Flip(at, byte) => {
            if let Some(there) = bytes.get_mut(position(*at, length)) {
                *there ^= byte;
            }
        }
        Damage::Put(at, piece) => {
            let at = position(*at, length);
            bytes.splice(at..at, piece.iter().copied());
        }
        Damage::Move(from, to, at) => {
            let piece: Vec<u8> = bytes.drain(range(*from, *to)).collect();
            let at = position(*at, bytes.len());
            bytes.splice(at..at, piece);
        }
    }
    bytes
}

#[test]
fn damaged_files_do_no_harm() {
    let samples = samples();
    assert!(samples.len() > 250, "{} samples", samples.len());
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(3_000);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let files = (0..samples.len(), prop::collection::vec(damage(), 1..4));
    let outcome = runner.run(&files, |(at, damages)| {
        let sample = &samples[at];
        let bytes = damages.iter().fold(sample.bytes.clone(), damaged);
        for detector in &sample.wanted {
            let mut out = Observations::default();
            // An error is as good an end as any.
            let _ = detector.observe(&Artifact::new(&sample.path, &bytes), &mut out);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn every_reader_is_damaged() {
    let samples = samples();
    let without: Vec<&str> = detectors::detectors()
        .iter()
        .map(|detector| detector.info().id)
        .filter(|id| {
            *id != "files/named"
                && !samples
                    .iter()
                    .any(|sample| sample.wanted.iter().any(|detector| detector.info().id == *id))
        })
        .collect();
    assert!(without.is_empty(), "no fixture for {without:?}");
}
