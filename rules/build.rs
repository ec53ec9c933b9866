//! Puts every data file into the binary, so that a new file needs no registration.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    let mut code = String::new();
    for folder in ["providers", "risk"] {
        println!("cargo::rerun-if-changed={folder}");
        let mut files: Vec<_> = std::fs::read_dir(Path::new(&root).join(folder))
            .unwrap_or_else(|error| panic!("rules/{folder}: {error}"))
            .map(|entry| entry.expect("readable folder").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        files.sort();
        let _ = writeln!(code, "pub(crate) const {}: &[(&str, &str)] = &[", folder.to_uppercase());
        for file in files {
            let name = file.file_name().expect("a file").to_string_lossy().into_owned();
            let _ = writeln!(code, "    (\"{folder}/{name}\", include_str!({:?})),", file.display().to_string());
        }
        code.push_str("];\n");
    }
    std::fs::write(Path::new(&out).join("embedded.rs"), code).expect("the build folder is writable");
}
