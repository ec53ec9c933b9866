//! CocoaPods: `Podfile`, `*.podspec` and `Podfile.lock`.

use std::collections::BTreeMap;

use evidence::{Info, Kind, Relation};

use super::declared::package;
use super::document;
use super::locked::{Locked, relate};
use super::rubygems::{dependency, specification};
use super::script::{self, Piece, RUBY, Token, statement};
use super::{Ecosystem, ManifestFile};
use crate::tree::Node;
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static COCOAPODS: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/cocoapods",
        title: "CocoaPods",
        reads: &["Podfile", "*.podspec", "Podfile.lock"],
        emits: &[(Kind::Package, "cocoapods"), (Kind::Project, "cocoapods")],
        needs: &[],
        docs: "https://guides.cocoapods.org/syntax/podfile.html",
    },
    files: &[
        ManifestFile {
            is: |name, _| name == "Podfile",
            gate: Gate::Always,
            read: podfile,
        },
        ManifestFile {
            is: |name, _| name.ends_with(".podspec"),
            gate: Gate::Always,
            read: podspec,
        },
        ManifestFile {
            is: |name, _| name == "Podfile.lock",
            gate: Gate::Anchored,
            read: lockfile,
        },
    ],
};

fn podfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let pieces = script::pieces(artifact.text()?, &RUBY);
    // For each open block: whether it is a target of tests.
    let mut blocks: Vec<bool> = Vec::new();
    let mut target = false;
    let mut is_start = true;
    for (at, piece) in pieces.iter().enumerate() {
        let started = std::mem::replace(&mut is_start, matches!(piece.token, Token::Line | Token::Mark(';')));
        match piece.token {
            Token::Word("target" | "abstract_target") if started => {
                let name = statement(&pieces, at).iter().find_map(Piece::text).unwrap_or_default();
                target = name.ends_with("Tests") || name.ends_with("Test");
            }
            Token::Word("do") => {
                blocks.push(std::mem::take(&mut target));
                is_start = true;
            }
            Token::Word("if" | "unless" | "case" | "begin" | "while" | "def") if started => blocks.push(false),
            Token::Word("end") if started => {
                blocks.pop();
            }
            Token::Word("pod") if started => {
                if let Some((name, version)) = dependency(&statement(&pieces, at)[1..]) {
                    let relation = if blocks.contains(&true) { Relation::Dev } else { Relation::Direct };
                    out.push(package("cocoapods", name, &version, relation, piece.line));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn podspec(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let pieces = script::pieces(artifact.text()?, &RUBY);
    specification("cocoapods", &pieces, out);
    for (at, piece) in pieces.iter().enumerate() {
        let is_method = at > 0 && pieces[at - 1].is('.');
        if piece.word() == Some("dependency")
            && is_method
            && let Some((name, version)) = dependency(&statement(&pieces, at)[1..])
        {
            out.push(package("cocoapods", name, &version, Relation::Direct, piece.line));
        }
    }
    Ok(())
}

fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let list = |key| document.root().get(key).into_iter().flat_map(Node::children);
    let mut asked: BTreeMap<&str, Relation> = BTreeMap::new();
    for entry in list("DEPENDENCIES").filter_map(Node::text) {
        relate(&mut asked, entry.split(" (").next().unwrap_or(entry), Relation::Direct);
    }
    let mut locked = Locked::new("cocoapods");
    for entry in list("PODS") {
        // A pod with dependencies is the key of their list.
        let Some(pod) = entry.text().or_else(|| entry.children().next().map(Node::key)) else {
            continue;
        };
        let (name, version) = pod.split_once(" (").unwrap_or((pod, ""));
        let relation = asked.get(name).copied().unwrap_or(Relation::Transitive);
        locked.add(name, version.trim_end_matches(')'), relation, entry.line());
    }
    locked.emit(out);
    document.complete()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_podfile_is_read() {
        let text = "platform :ios, '15.0'\n# pod 'No'\ntarget 'Shop' do\n  use_frameworks!\n  pod 'One', '~> 1.0'\n  pod 'Two/Sub', :git => 'https://h/two.git'\n\
                    \x20 target 'ShopTests' do\n    inherit! :search_paths\n    pod 'Three'\n  end\n  pod \"Four\", path: '../four'\nend\npost_install do |installer|\n  puts 'pod'\nend\n";
        assert_eq!(
            packages(&COCOAPODS, "Podfile", text),
            [
                "cocoapods One ~> 1.0 direct 5",
                "cocoapods Two/Sub git+https://h/two.git direct 6",
                "cocoapods Three - dev 9",
                "cocoapods Four path:../four direct 11",
            ]
        );
    }

    #[test]
    fn a_podspec_is_read() {
        let text = "Pod::Spec.new do |s|\n  s.name = 'Shop'\n  s.version = '1.0'\n  s.summary = 'Sells'\n  s.dependency 'One', '~> 1'\n  s.subspec 'X' do |x|\n    x.dependency 'Two'\n  end\nend\n";
        let (seen, _) = observe(&COCOAPODS, "Shop.podspec", text.as_bytes());
        assert_eq!(projects(&seen), ["cocoapods Shop 1.0 Sells 2"]);
        assert_eq!(listed(&seen), ["cocoapods One ~> 1 direct 5", "cocoapods Two - direct 7"]);
    }

    #[test]
    fn a_lockfile_tells_what_was_asked_for() {
        let text = "PODS:\n  - One (1.2.0):\n    - Three (~> 3)\n  - Three (3.0)\n  - Two/Sub (2.0)\n\nDEPENDENCIES:\n  - One (~> 1.0)\n  - Two/Sub (from `https://h/two.git`)\n\nSPEC CHECKSUMS:\n  One: aa\n\nCOCOAPODS: 1.15\n";
        assert_eq!(
            packages(&COCOAPODS, "Podfile.lock", text),
            [
                "cocoapods One 1.2.0 direct 2",
                "cocoapods Three 3.0 transitive 4",
                "cocoapods Two/Sub 2.0 direct 5"
            ]
        );
    }
}
