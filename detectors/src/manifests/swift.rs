//! Swift packages: `Package.swift`, `Package.resolved` and the packages that an Xcode project names. A package is known by
//! the address of its repository, without scheme and ending.

use evidence::{Info, Kind, Relation};

use super::declared::{package, project};
use super::document;
use super::locked::Locked;
use super::script::{self, Piece, SWIFT as DIALECT, Token, named};
use super::{Ecosystem, ManifestFile};
use crate::tree::Node;
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static SWIFT: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/swift",
        title: "Swift packages",
        reads: &["Package.swift", "Package@swift-*.swift", "Package.resolved", "project.pbxproj"],
        emits: &[(Kind::Package, "swift"), (Kind::Project, "swift")],
        needs: &[],
        docs: "https://docs.swift.org/package-manager/PackageDescription/PackageDescription.html",
    },
    files: &[
        ManifestFile {
            is: |name, _| name == "Package.swift" || name.starts_with("Package@swift-") && name.ends_with(".swift"),
            gate: Gate::Always,
            read: manifest,
        },
        ManifestFile {
            is: |name, _| name == "Package.resolved",
            gate: Gate::Anchored,
            read: resolved,
        },
        ManifestFile {
            is: |name, _| name == "project.pbxproj",
            gate: Gate::Anchored,
            read: xcode,
        },
    ],
};

fn manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let pieces = script::pieces(artifact.text()?, &DIALECT);
    for (at, piece) in pieces.iter().enumerate() {
        let is_call = pieces.get(at + 1).is_some_and(|next| next.is('('));
        match piece.token {
            Token::Word("Package") if is_call => {
                let call = inside(&pieces, at + 2);
                let first = call.iter().position(|piece| piece.token != Token::Line).unwrap_or_default();
                // Targets and products have names too.
                if let Some((name, line)) = named(call.get(first..first + 3).unwrap_or_default(), "name") {
                    project("swift", name, "", "", line).into_iter().for_each(|unit| out.push(unit));
                }
            }
            Token::Word("package") if is_call && at > 0 && pieces[at - 1].is('.') => {
                let call = inside(&pieces, at + 2);
                let of_address = named(call, "url").and_then(|(url, line)| Some((repository(url)?, line)));
                if let Some((name, line)) = of_address.or_else(|| named(call, "id").map(|(id, line)| (id.to_owned(), line))) {
                    out.push(package("swift", name, &requirement(call), Relation::Direct, line));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The pieces up to the bracket that closes a call.
fn inside<'p, 't>(pieces: &'p [Piece<'t>], start: usize) -> &'p [Piece<'t>] {
    let mut depth = 0_usize;
    let mut end = start;
    while let Some(piece) = pieces.get(end) {
        match piece.token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') if depth == 0 => break,
            Token::Mark(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        end += 1;
    }
    pieces.get(start..end).unwrap_or_default()
}

/// The version a call asks for: what stands behind `from:`, `exact:`, `branch:` or `revision:`, or a range of texts.
fn requirement(call: &[Piece<'_>]) -> String {
    if let Some((version, _)) = ["from", "exact", "branch", "revision"].iter().find_map(|key| named(call, key)) {
        return version.to_owned();
    }
    let texts: Vec<&str> = call.iter().filter_map(Piece::text).collect();
    match texts.as_slice() {
        [.., from, to] if [from, to].iter().all(|text| text.starts_with(|first: char| first.is_ascii_digit())) => format!("{from}..{to}"),
        _ => String::new(),
    }
}

/// `host/owner/name` of a repository's address.
pub(crate) fn repository(address: &str) -> Option<String> {
    let bare = address
        .trim()
        .trim_end_matches('/')
        .trim_end_matches(".git")
        .split(['?', '#'])
        .next()
        .unwrap_or_default();
    let (_, place) = bare.split_once("://").unwrap_or(("", bare));
    let (authority, path) = match place.split_once('/') {
        // `git@host:owner/name`
        Some((first, rest)) if first.contains('@') && !bare.contains("://") => {
            let (host, owner) = first.split_once(':')?;
            (host, format!("{owner}/{rest}"))
        }
        Some((first, rest)) => (first, rest.to_owned()),
        None => return None,
    };
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = host.split(':').next().unwrap_or(host);
    (host.contains('.') && !host.starts_with('.') && !path.is_empty()).then(|| format!("{host}/{path}"))
}

fn resolved(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    let mut locked = Locked::new("swift");
    let pins = root.get("pins").or_else(|| root.at(&["object", "pins"]));
    for pin in pins.into_iter().flat_map(Node::children) {
        let Some(place) = pin.get("location").or_else(|| pin.get("repositoryURL")) else {
            continue;
        };
        let state = |key| pin.at(&["state", key]).and_then(Node::text);
        let version = ["version", "branch", "revision"].iter().find_map(|key| state(key));
        if let Some(name) = place.text().and_then(repository) {
            locked.add(&name, version.unwrap_or_default(), Relation::Transitive, place.line());
        }
    }
    locked.emit(out);
    document.complete()
}

/// `XCRemoteSwiftPackageReference` entries of an Xcode project.
fn xcode(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let mut named: Option<(String, u32)> = None;
    let mut version = String::new();
    let mut is_reference = false;
    for (number, line) in (1..).zip(artifact.text()?.lines()) {
        let line = line.trim();
        let value = || {
            line.split_once('=')
                .map_or("", |(_, value)| value.trim().trim_end_matches(';').trim_matches('"'))
        };
        if line.starts_with("isa =") {
            is_reference = value() == "XCRemoteSwiftPackageReference";
        } else if line.starts_with("repositoryURL =") && is_reference {
            named = repository(value()).map(|name| (name, number));
        } else if ["minimumVersion =", "version =", "branch =", "revision ="]
            .iter()
            .any(|key| line.starts_with(key))
        {
            version = value().to_owned();
        } else if line == "};"
            && version.is_empty() != named.is_some()
            && let Some((name, line)) = named.take()
        {
            out.push(package("swift", name, &std::mem::take(&mut version), Relation::Direct, line));
            is_reference = false;
        } else if line == "};" && named.is_none() {
            version.clear();
        }
    }
    if let Some((name, line)) = named {
        out.push(package("swift", name, &version, Relation::Direct, line));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_manifest_is_read_in_every_form() {
        let text = "// swift-tools-version:5.9\nimport PackageDescription\nlet package = Package(\n  name: \"Shop\",\n  dependencies: [\n\
                    \x20   .package(url: \"https://github.com/org/One.git\", from: \"1.0.0\"),\n    .package(url: \"git@github.com:org/Two.git\", .upToNextMajor(from: \"2.0.0\")),\n\
                    \x20   .package(name: \"Three\", url: \"https://u:p@host.example/org/Three\", branch: \"main\"),\n    .package(url: \"https://github.com/org/Four\", \"4.0\"..<\"5.0\"),\n\
                    \x20   .package(id: \"mona.Five\", exact: \"5.0\"),\n    .package(path: \"../own\"),\n    // .package(url: \"https://github.com/org/No\", from: \"1\"),\n  ],\n\
                    \x20 targets: [.target(name: \"Shop\", dependencies: [.product(name: \"One\", package: \"One\")])]\n)\n";
        let (seen, result) = observe(&SWIFT, "Package.swift", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["swift Shop - - 4"]);
        assert_eq!(
            listed(&seen),
            [
                "swift github.com/org/One 1.0.0 direct 6",
                "swift github.com/org/Two 2.0.0 direct 7",
                "swift host.example/org/Three main direct 8",
                "swift github.com/org/Four 4.0..5.0 direct 9",
                "swift mona.Five 5.0 direct 10",
            ]
        );
    }

    #[test]
    fn pins_of_every_version_are_read() {
        for text in [
            "{\"object\": {\"pins\": [\n{\"package\": \"One\", \"repositoryURL\": \"https://github.com/org/One.git\", \"state\": {\"branch\": null, \"revision\": \"a\", \"version\": \"1.0\"}}]}, \"version\": 1}",
            "{\"originHash\": \"x\", \"pins\": [\n{\"identity\": \"one\", \"kind\": \"remoteSourceControl\", \"location\": \"https://github.com/org/One\", \"state\": {\"revision\": \"a\", \"version\": \"1.0\"}}], \"version\": 3}",
        ] {
            assert_eq!(
                packages(&SWIFT, "Package.resolved", text),
                ["swift github.com/org/One 1.0 transitive 2"]
            );
        }
    }

    #[test]
    fn an_xcode_project_names_packages() {
        let text = "// !$*UTF8*$!\n{\n\tobjects = {\n\t\tA1 /* Shop */ = {\n\t\t\tisa = PBXNativeTarget;\n\t\t\trepositoryURL = \"https://github.com/org/No\";\n\t\t};\n\
                    \t\tB2 /* XCRemoteSwiftPackageReference \"One\" */ = {\n\t\t\tisa = XCRemoteSwiftPackageReference;\n\t\t\trepositoryURL = \"https://github.com/org/One.git\";\n\
                    \t\t\trequirement = {\n\t\t\t\tkind = upToNextMajorVersion;\n\t\t\t\tminimumVersion = 1.2.0;\n\t\t\t};\n\t\t};\n\
                    \t\tB3 = {\n\t\t\tisa = XCRemoteSwiftPackageReference;\n\t\t\trepositoryURL = \"https://github.com/org/Two\";\n\t\t\trequirement = {\n\t\t\t\tbranch = main;\n\t\t\t\tkind = branch;\n\t\t\t};\n\t\t};\n\t};\n}\n";
        assert_eq!(
            packages(&SWIFT, "Shop.xcodeproj/project.pbxproj", text),
            [
                "swift github.com/org/One 1.2.0 direct 10",
                "swift github.com/org/Two main direct 18"
            ]
        );
    }

    #[test]
    fn addresses_become_names() {
        for (address, name) in [
            ("https://github.com/org/One.git", Some("github.com/org/One")),
            ("ssh://git@github.com:22/org/One", Some("github.com/org/One")),
            ("git@github.com:org/One.git", Some("github.com/org/One")),
            ("../local", None),
            ("/local/path", None),
            ("", None),
        ] {
            assert_eq!(repository(address).as_deref(), name, "{address}");
        }
    }
}
