//! Reads every data file into the types of this crate and puts them into the binary as one compact block a folder, so that a new
//! file needs no registration and a start of the program parses nothing. A file that has not its form stops the build with its name
//! and line.

// Not every type and method of the shared modules is used here.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

#[path = "src/columns/form.rs"]
mod columns;
#[path = "src/companies/form.rs"]
mod companies;
#[path = "src/concepts/form.rs"]
mod concepts;
#[path = "src/day.rs"]
mod day;
#[path = "src/risk/form.rs"]
mod form;
#[path = "src/governance/form.rs"]
mod governance;
#[path = "src/models.rs"]
mod models;
#[path = "src/provider.rs"]
mod provider;
#[path = "src/tags/form.rs"]
mod tags;

fn main() {
    let mut hash = Sha256::new();
    hash.update(compact::<provider::Provider>("providers"));
    hash.update(compact::<models::ModelFile>("models"));
    hash.update(compact::<models::LicenceFile>("licences"));
    compact::<form::RuleFile>("risk");
    compact::<governance::GovernanceFile>("governance");
    compact::<concepts::ConceptFile>("concepts");
    compact::<columns::ColumnFile>("columns");
    compact::<companies::CompanyFile>("companies");
    compact::<tags::TagFile>("tags");
    let digest: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=CATALOG_DIGEST={digest}");
}

/// The TOML files of a folder, by name, as one block.
fn compact<T: DeserializeOwned + Serialize>(folder: &str) -> Vec<u8> {
    println!("cargo::rerun-if-changed={folder}");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut files: Vec<PathBuf> = std::fs::read_dir(root.join(folder))
        .unwrap_or_else(|error| refuse(&format!("rules/{folder}: {error}")))
        .map(|entry| entry.expect("readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let read: Vec<T> = files.iter().map(|file| read(folder, file)).collect();
    let block = postcard::to_stdvec(&read).unwrap_or_else(|error| refuse(&format!("rules/{folder}: {error}")));
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    std::fs::write(out.join(format!("{folder}.postcard")), &block).expect("the build folder is writable");
    block
}

fn read<T: DeserializeOwned>(folder: &str, file: &Path) -> T {
    let name = format!("rules/{folder}/{}", file.file_name().expect("a file").to_string_lossy());
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| refuse(&format!("{name}: {error}")));
    toml::from_str(&text).unwrap_or_else(|error| refuse(&format!("{name}: {error}")))
}

/// Ends the build with what is wrong.
fn refuse(message: &str) -> ! {
    for line in message.lines() {
        println!("cargo::error={line}");
    }
    std::process::exit(1)
}
