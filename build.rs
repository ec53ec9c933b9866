//! Gives the program a digest of its own sources, so that what one build remembers of files is never reused by another
//! that reads them differently.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Everything that decides what an examined file gives, besides the rules, which have a digest of their own.
const READERS: &[&str] = &[
    "scanner",
    "detectors/src",
    "rules/src",
    "evidence/src",
    "inventory/src",
    "Cargo.lock",
];

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut hash = DefaultHasher::new();
    for reader in READERS {
        println!("cargo::rerun-if-changed={reader}");
        add(&root.join(reader), &mut hash);
    }
    println!("cargo::rustc-env=AIMSCAN_BUILD={:016x}", hash.finish());
}

/// Adds a file, or all files of a folder by name.
fn add(path: &Path, hash: &mut DefaultHasher) {
    if let Ok(entries) = std::fs::read_dir(path) {
        let mut inner: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        inner.sort();
        for path in inner {
            path.file_name().hash(hash);
            add(&path, hash);
        }
    } else if let Ok(bytes) = std::fs::read(path) {
        bytes.hash(hash);
    }
}
