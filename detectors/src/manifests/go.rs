//! Go modules: `go.mod`. `go.sum` holds the sums of everything that was ever considered and says nothing of use.

use std::collections::BTreeMap;

use evidence::{Info, Kind, Relation};

use super::declared::{package, project};
use super::{Ecosystem, ManifestFile};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static GO: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/go",
        title: "Go modules",
        reads: &["go.mod"],
        emits: &[(Kind::Package, "go"), (Kind::Project, "go")],
        needs: &[],
        docs: "https://go.dev/ref/mod#go-mod-file",
    },
    files: &[ManifestFile {
        is: |name, _| name == "go.mod",
        gate: Gate::Always,
        read: manifest,
    }],
};

/// A module that is asked for.
struct Required<'t> {
    path: &'t str,
    version: &'t str,
    line: u32,
    is_indirect: bool,
}

fn manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let (mut required, mut tools) = (Vec::new(), Vec::new());
    let mut replaced: BTreeMap<&str, (&str, &str, u32)> = BTreeMap::new();
    for (verb, words, comment, line) in directives(artifact.text()?) {
        match (verb, words.as_slice()) {
            ("module", [path, ..]) => project("go", unquoted(path), "", "", line)
                .into_iter()
                .for_each(|unit| out.push(unit)),
            ("require", [path, version, ..]) => required.push(Required {
                path: unquoted(path),
                version,
                line,
                is_indirect: comment.trim_start().starts_with("indirect"),
            }),
            ("tool", [path, ..]) => tools.push(unquoted(path)),
            ("replace", [old, rest @ ..]) => {
                if let Some([new, version @ ..]) = rest.iter().position(|word| *word == "=>").map(|at| &rest[at + 1..]) {
                    replaced.insert(unquoted(old), (unquoted(new), version.first().copied().unwrap_or_default(), line));
                }
            }
            _ => {}
        }
    }
    for module in &required {
        let relation = match module.is_indirect {
            false => Relation::Direct,
            true if tools.iter().any(|tool| is_within(tool, module.path)) => Relation::Dev,
            true => Relation::Transitive,
        };
        out.push(package("go", module.path, module.version, relation, module.line));
        // A fork under another name is used in its place; a folder is the source's own.
        if let Some(&(new, version, line)) = replaced.get(module.path)
            && new != module.path
            && !new.starts_with(['.', '/'])
        {
            out.push(package("go", new, version, relation, line));
        }
    }
    Ok(())
}

/// Every directive as verb, words, comment and line, whether it stands alone or in a block.
fn directives(text: &str) -> impl Iterator<Item = (&str, Vec<&str>, &str, u32)> {
    let mut block: Option<&str> = None;
    (1_u32..).zip(text.lines()).filter_map(move |(number, line)| {
        let (said, comment) = line.split_once("//").unwrap_or((line, ""));
        let mut words: Vec<&str> = said.split_whitespace().collect();
        match (block, words.as_slice()) {
            (Some(_), [")"]) => block = None,
            (None, [verb, "("]) => block = Some(verb),
            (Some(verb), [_, ..]) => return Some((verb, words, comment, number)),
            (None, [verb, _, ..]) => {
                let verb = *verb;
                words.remove(0);
                return Some((verb, words, comment, number));
            }
            _ => {}
        }
        None
    })
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '`'])
}

/// Whether a package belongs to a module.
fn is_within(package: &str, module: &str) -> bool {
    package
        .strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_module_is_read_in_every_form() {
        let text = "// Comment about github.com/x/comment\nmodule example.com/app // said\n\ngo 1.24\n\ntoolchain go1.24.1\n\nrequire github.com/a/one v1.2.3\n\
                    require (\n\tgithub.com/a/two/v2 v2.0.0\n\tgithub.com/a/three v0.0.0-20240101000000-abcdef123456 // indirect\n\t// github.com/a/gone v1.0.0\n\
                    \tgolang.org/x/tools v0.30.0 // indirect; a tool\n\t\"github.com/a/quoted\" v1.0.0\n)\n\ntool golang.org/x/tools/cmd/stringer\n\n\
                    replace github.com/a/one => github.com/fork/one v1.2.4\nreplace (\n\tgithub.com/a/two/v2 v2.0.0 => ../two\n)\n\
                    exclude github.com/a/excluded v1.0.0\nretract v1.0.1\n";
        let (seen, result) = observe(&GO, "go.mod", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["go example.com/app - - 2"]);
        assert_eq!(
            listed(&seen),
            [
                "go github.com/a/one v1.2.3 direct 8",
                "go github.com/fork/one v1.2.4 direct 19",
                "go github.com/a/two/v2 v2.0.0 direct 10",
                "go github.com/a/three v0.0.0-20240101000000-abcdef123456 transitive 11",
                "go golang.org/x/tools v0.30.0 dev 13",
                "go github.com/a/quoted v1.0.0 direct 14",
            ]
        );
    }

    #[test]
    fn what_is_no_requirement_is_none() {
        for text in [
            "require github.com/a/x\n",
            "exclude (\n\tgithub.com/a/x v1.0.0\n)\n",
            "// require github.com/a/x v1.0.0\n",
            "replace github.com/a/x => github.com/b/x v1.0.0\n",
            "github.com/a/x v1.0.0 h1:sum\n",
        ] {
            assert!(packages(&GO, "go.mod", text).is_empty(), "{text}");
        }
    }
}
