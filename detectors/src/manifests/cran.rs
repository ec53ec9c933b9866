//! R: `DESCRIPTION` of packages and projects, and `renv.lock`.

use std::collections::BTreeSet;

use evidence::{Info, Kind, Relation};

use super::declared::{package, project};
use super::document;
use super::locked::Locked;
use super::{Ecosystem, ManifestFile};
use crate::tree::{Node, Shape};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static CRAN: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/cran",
        title: "R packages",
        reads: &["DESCRIPTION", "renv.lock"],
        emits: &[(Kind::Package, "cran"), (Kind::Project, "cran")],
        needs: &[],
        docs: "https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file",
    },
    files: &[
        ManifestFile {
            is: |name, _| name == "DESCRIPTION",
            gate: Gate::Always,
            read: description,
        },
        ManifestFile {
            is: |name, _| name == "renv.lock",
            gate: Gate::Anchored,
            read: lockfile,
        },
    ],
};

/// One field of a control file, with the line of each part of its value.
struct Field<'t> {
    name: &'t str,
    value: Vec<(u32, &'t str)>,
}

fn fields(text: &str) -> Vec<Field<'_>> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with([' ', '\t']) {
            if let Some(field) = fields.last_mut() {
                field.value.push((number, line.trim()));
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push(Field {
                name,
                value: vec![(number, value.trim())],
            });
        }
    }
    fields
}

fn description(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let fields = fields(artifact.text()?);
    let plain = |name: &str| {
        let field = fields.iter().find(|field| field.name == name)?;
        let words: Vec<&str> = field.value.iter().map(|(_, part)| *part).collect();
        Some((words.join(" "), field.value.first().map_or(0, |(line, _)| *line)))
    };
    let said = |name| plain(name).map(|(text, _)| text).unwrap_or_default();
    // Other files are called so too; the one of R has a package, or the type of a project.
    if plain("Package").is_none() && plain("Type").is_none() {
        return Ok(());
    }
    if let Some((name, line)) = plain("Package") {
        project("cran", &name, &said("Version"), &said("Title"), line)
            .into_iter()
            .for_each(|unit| out.push(unit));
    }
    for (name, relation) in [
        ("Depends", Relation::Direct),
        ("Imports", Relation::Direct),
        ("LinkingTo", Relation::Direct),
        ("Suggests", Relation::Optional),
        ("Enhances", Relation::Optional),
    ] {
        for (line, part) in fields.iter().filter(|field| field.name == name).flat_map(|field| &field.value) {
            for entry in part.split(',') {
                let (name, version) = entry.split_once('(').unwrap_or((entry, ""));
                let name = name.trim();
                if name != "R" && is_name(name) {
                    out.push(package("cran", name, version.trim_end().trim_end_matches(')'), relation, *line));
                }
            }
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '.')
}

fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let entries = || document.root().get("Packages").into_iter().flat_map(Node::children);
    let mut locked = Locked::new("cran");
    // What no other package needs was asked for; the rest may have been, or not.
    let needed: BTreeSet<&str> = entries()
        .flat_map(|entry| {
            ["Requirements", "Depends", "Imports", "LinkingTo"]
                .into_iter()
                .filter_map(move |key| entry.get(key))
        })
        .filter(|list| list.shape() == Shape::List)
        .flat_map(Node::children)
        .filter_map(Node::text)
        .map(|text| text.split([' ', '(']).next().unwrap_or(text))
        .collect();
    for entry in entries() {
        let text = |key| entry.get(key).and_then(Node::text).unwrap_or_default();
        let is_asked = !needed.is_empty() && !needed.contains(entry.key());
        let relation = if is_asked { Relation::Direct } else { Relation::Transitive };
        locked.add(entry.key(), text("Version"), relation, entry.line());
    }
    locked.emit(out);
    document.complete()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_description_is_read() {
        let text = "Package: shop\nTitle: Sells\n    Things\nVersion: 0.1.0\nDepends: R (>= 4.1), one\nImports:\n    two (>= 2.0),\n    three.x,\n    four\nSuggests: five,\n    six\n\
                    LinkingTo: seven\nRemotes: org/two\nDescription: Imports: nothing, really\nURL: https://h/x\n";
        let (seen, result) = observe(&CRAN, "DESCRIPTION", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["cran shop 0.1.0 Sells Things 1"]);
        assert_eq!(
            listed(&seen),
            [
                "cran one - direct 5",
                "cran two >= 2.0 direct 7",
                "cran three.x - direct 8",
                "cran four - direct 9",
                "cran seven - direct 12",
                "cran five - optional 10",
                "cran six - optional 11",
            ]
        );
    }

    #[test]
    fn other_files_of_the_name_say_nothing() {
        for text in ["What this is: a text\nImports: one\n", "Unnamed repository; edit this file\n", ""] {
            assert!(packages(&CRAN, "DESCRIPTION", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_lockfile_tells_what_nothing_else_needs() {
        let text = "{\"R\": {\"Version\": \"4.3\"}, \"Packages\": {\n\"one\": {\"Package\": \"one\", \"Version\": \"1.0\", \"Source\": \"Repository\", \"Requirements\": [\"R\", \"two\"]},\n\
                    \"two\": {\"Package\": \"two\", \"Version\": \"2.0\"}}}";
        assert_eq!(
            packages(&CRAN, "renv.lock", text),
            ["cran one 1.0 direct 2", "cran two 2.0 transitive 3"]
        );
        assert_eq!(
            packages(&CRAN, "renv.lock", "{\"Packages\": {\"one\": {\"Version\": \"1\"}}}"),
            ["cran one 1 transitive 1"]
        );
    }
}
