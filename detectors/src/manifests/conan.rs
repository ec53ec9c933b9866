//! C and C++: Conan's `conanfile.txt`, `conanfile.py` and `conan.lock`. A recipe is read, never run.

use evidence::{Info, Kind, Relation};

use super::declared::{package, project};
use super::document;
use super::locked::Locked;
use super::script::{self, PYTHON, Piece, Token};
use super::{Ecosystem, ManifestFile};
use crate::tree::Node;
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static CONAN: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/conan",
        title: "Conan packages",
        reads: &["conanfile.txt", "conanfile.py", "conan.lock"],
        emits: &[(Kind::Package, "conan"), (Kind::Project, "conan")],
        needs: &[],
        docs: "https://docs.conan.io/2/reference/conanfile.html",
    },
    files: &[
        ManifestFile {
            is: |name, _| name == "conanfile.txt",
            gate: Gate::Always,
            read: listing,
        },
        ManifestFile {
            is: |name, _| name == "conanfile.py",
            gate: Gate::Always,
            read: recipe,
        },
        ManifestFile {
            is: |name, _| name == "conan.lock",
            gate: Gate::Anchored,
            read: lockfile,
        },
    ],
};

/// What a section, attribute or method is for.
fn relation_of(name: &str) -> Option<Relation> {
    match name {
        "requires" => Some(Relation::Direct),
        "tool_requires" | "build_requires" | "test_requires" | "python_requires" => Some(Relation::Dev),
        _ => None,
    }
}

/// Name and version of `name/version@user/channel#revision%time`.
fn reference(text: &str) -> Option<(&str, &str)> {
    let bare = text.trim().split(['@', '#', '%']).next()?;
    let (name, version) = bare.split_once('/')?;
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '+'));
    let is_version = !version.contains(['/', '{']) && (version.starts_with('[') || !version.contains(' '));
    (is_name && is_version).then_some((name, version))
}

fn listing(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let mut relation = None;
    for (number, line) in (1..).zip(artifact.text()?.lines()) {
        let line = line.split(" #").next().unwrap_or(line).trim();
        if let Some(section) = line.strip_prefix('[') {
            relation = relation_of(section.trim_end_matches(']'));
        } else if let (Some(relation), Some((name, version)), false) = (relation, reference(line), line.starts_with('#')) {
            out.push(package("conan", name, version, relation, number));
        }
    }
    Ok(())
}

fn recipe(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let pieces = script::pieces(artifact.text()?, &PYTHON);
    let set = |wanted: &str| {
        pieces.windows(3).find_map(|three| {
            (three[0].word() == Some(wanted) && three[1].is('='))
                .then(|| three[2].text().map(|text| (text, three[2].line)))
                .flatten()
        })
    };
    if let Some((name, line)) = set("name") {
        let plain = |wanted| set(wanted).map_or("", |(text, _)| text);
        project("conan", name, plain("version"), plain("description"), line)
            .into_iter()
            .for_each(|unit| out.push(unit));
    }
    for (at, piece) in pieces.iter().enumerate() {
        let Some(relation) = piece.word().and_then(relation_of) else {
            continue;
        };
        for text in values(&pieces[at + 1..]) {
            if let Some((name, version)) = text.text().and_then(reference) {
                out.push(package("conan", name, version, relation, text.line));
            }
        }
    }
    Ok(())
}

/// The texts of `= "a", "b"`, `= ["a"]`, `("a", option=True)`.
fn values<'p, 't>(pieces: &'p [Piece<'t>]) -> Vec<&'p Piece<'t>> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece.token {
            Token::Mark('=') if at == 0 => {}
            Token::Mark('(' | '[') => depth += 1,
            Token::Mark(')' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            Token::Mark(',') => {}
            Token::Text(_) if at > 0 => found.push(piece),
            Token::Line if depth > 0 => {}
            // An option behind the first text belongs to it.
            _ => break,
        }
    }
    found
}

fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    let mut locked = Locked::new("conan");
    for (key, relation) in [
        ("requires", Relation::Transitive),
        ("build_requires", Relation::Dev),
        ("python_requires", Relation::Dev),
    ] {
        for entry in root.get(key).into_iter().flat_map(Node::children) {
            if let Some((name, version)) = entry.text().and_then(reference) {
                locked.add(name, version, relation, entry.line());
            }
        }
    }
    // The form before version 2.
    for node in root.at(&["graph_lock", "nodes"]).into_iter().flat_map(Node::children) {
        if let Some((name, version)) = node.get("ref").and_then(Node::text).and_then(reference) {
            locked.add(name, version, Relation::Transitive, node.get("ref").map_or(0, Node::line));
        }
    }
    locked.emit(out);
    document.complete()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_listing_is_read() {
        let text = "[requires]\none/1.0\ntwo/[>=2 <3]@user/channel # said\n# no/1.0\n[tool_requires]\nthree/3.0\n[options]\none/*:shared=True\n[generators]\nCMakeDeps\n";
        assert_eq!(
            packages(&CONAN, "conanfile.txt", text),
            ["conan one 1.0 direct 2", "conan two [>=2 <3] direct 3", "conan three 3.0 dev 6"]
        );
    }

    #[test]
    fn a_recipe_is_read_in_every_form() {
        let text = "from conan import ConanFile\nclass Shop(ConanFile):\n    name = \"shop\"\n    version = \"0.1\"\n    requires = \"one/1.0\", \"two/2.0\"\n    tool_requires = [\n        \"three/3.0\",\n    ]\n\
                    \x20   settings = \"os\", \"a/b\"\n    def requirements(self):\n        self.requires(\"four/4.0\", transitive_headers=True)\n        self.requires(f\"no/{x}\")\n        self.test_requires(\"five/5.0\")\n        # self.requires(\"no/1\")\n";
        let (seen, result) = observe(&CONAN, "conanfile.py", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["conan shop 0.1 - 3"]);
        assert_eq!(
            listed(&seen),
            [
                "conan one 1.0 direct 5",
                "conan two 2.0 direct 5",
                "conan three 3.0 dev 7",
                "conan four 4.0 direct 11",
                "conan five 5.0 dev 13",
            ]
        );
    }

    #[test]
    fn locks_of_both_forms_are_read() {
        let text = "{\"version\": \"0.5\", \"requires\": [\n\"one/1.0#aa%1\"],\n\"build_requires\": [\"two/2.0#bb\"]}";
        assert_eq!(
            packages(&CONAN, "conan.lock", text),
            ["conan one 1.0 transitive 2", "conan two 2.0 dev 3"]
        );
        let text = "{\"graph_lock\": {\"nodes\": {\"0\": {\"ref\": \"shop/0.1\"},\n\"1\": {\"ref\": \"one/1.0@u/c#aa\"}}}}";
        assert_eq!(
            packages(&CONAN, "conan.lock", text),
            ["conan shop 0.1 transitive 1", "conan one 1.0 transitive 2"]
        );
    }
}
