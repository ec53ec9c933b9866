//! Elixir: `mix.exs` and `mix.lock`.

use evidence::{Info, Kind, Relation};

use super::declared::{is_for_development, package, project};
use super::locked::Locked;
use super::script::{self, ELIXIR, Piece, Token, named};
use super::{Ecosystem, ManifestFile};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static HEX: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/hex",
        title: "Elixir packages",
        reads: &["mix.exs", "mix.lock"],
        emits: &[(Kind::Package, "hex"), (Kind::Project, "hex")],
        needs: &[],
        docs: "https://hexdocs.pm/mix/Mix.Tasks.Deps.html",
    },
    files: &[
        ManifestFile {
            is: |name, _| name == "mix.exs",
            gate: Gate::Always,
            read: manifest,
        },
        ManifestFile {
            is: |name, _| name == "mix.lock",
            gate: Gate::Anchored,
            read: lockfile,
        },
    ],
};

fn manifest(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let pieces = script::pieces(artifact.text()?, &ELIXIR);
    unit(&pieces, out);
    let mut is_list = false;
    for (at, piece) in pieces.iter().enumerate() {
        match piece.token {
            // Dependencies stand in a function of that name, or in the list of a setting of that name.
            Token::Word("def" | "defp") => is_list = pieces.get(at + 1).and_then(Piece::word).is_some_and(|name| name.contains("deps")),
            Token::Word("deps") if pieces.get(at + 1).is_some_and(|next| next.is(':')) => is_list = true,
            Token::Mark('{') if is_list => {
                if let Some((name, call)) = tuple(&pieces[at..]) {
                    out.push(package("hex", name, &version(call), relation(call), piece.line));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Name and rest of `{:name, …}`.
fn tuple<'p, 't>(pieces: &'p [Piece<'t>]) -> Option<(&'t str, &'p [Piece<'t>])> {
    let [_, colon, name, comma, ..] = pieces else { return None };
    (colon.is(':') && comma.is(',')).then_some(())?;
    let mut depth = 0_usize;
    let end = pieces.iter().position(|piece| {
        match piece.token {
            Token::Mark('{' | '[' | '(') => depth += 1,
            Token::Mark('}' | ']' | ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    Some((name.word()?, &pieces[4..end.unwrap_or(pieces.len()).max(4)]))
}

fn version(call: &[Piece<'_>]) -> String {
    if let Some(text) = call.first().and_then(Piece::text) {
        return text.to_owned();
    }
    [("git", "git+"), ("github", "git+https://github.com/"), ("path", "path:")]
        .iter()
        .find_map(|(key, before)| named(call, key).map(|(place, _)| format!("{before}{place}")))
        .unwrap_or_default()
}

fn relation(call: &[Piece<'_>]) -> Relation {
    let words: Vec<&str> = call.iter().filter_map(Piece::word).collect();
    if words.windows(2).any(|pair| pair == ["optional", "true"]) {
        return Relation::Optional;
    }
    let Some(at) = words.iter().position(|word| *word == "only") else {
        return Relation::Direct;
    };
    let environments: Vec<&str> = words[at + 1..]
        .iter()
        .copied()
        .take_while(|word| {
            !matches!(
                *word,
                "runtime" | "override" | "optional" | "app" | "env" | "git" | "path" | "targets"
            )
        })
        .collect();
    if !environments.is_empty() && environments.iter().all(|name| is_for_development(name)) {
        Relation::Dev
    } else {
        Relation::Direct
    }
}

/// The unit that `app: :name` names.
fn unit(pieces: &[Piece<'_>], out: &mut Observations) {
    let app = pieces
        .windows(4)
        .find(|four| four[0].word() == Some("app") && four[1].is(':') && four[2].is(':') && four[3].word().is_some());
    if let Some(four) = app {
        let plain = |key| named(pieces, key).map_or("", |(text, _)| text);
        project(
            "hex",
            four[3].word().unwrap_or_default(),
            plain("version"),
            plain("description"),
            four[0].line,
        )
        .into_iter()
        .for_each(|unit| out.push(unit));
    }
}

/// `"name": {:hex, :package, "version", …}`, an entry a line.
fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let pieces = script::pieces(artifact.text()?, &ELIXIR);
    let mut locked = Locked::new("hex");
    for at in 0..pieces.len() {
        let [name, colon, brace, mark, kind, rest @ ..] = &pieces[at..] else {
            continue;
        };
        let (Some(name_text), true) = (name.text(), colon.is(':') && brace.is('{') && mark.is(':')) else {
            continue;
        };
        let texts = || rest.iter().take(8).filter_map(Piece::text);
        match kind.word() {
            Some("hex") => {
                let package = rest.iter().take(3).find_map(Piece::word).unwrap_or(name_text);
                locked.add(package, texts().next().unwrap_or_default(), Relation::Transitive, name.line);
            }
            Some("git") => {
                let address = texts().next().map(|address| format!("git+{address}"));
                locked.add(name_text, &address.unwrap_or_default(), Relation::Transitive, name.line);
            }
            _ => {}
        }
    }
    locked.emit(out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_manifest_is_read() {
        let text = "defmodule Shop.MixProject do\n  def project do\n    [app: :shop, version: \"0.1.0\", description: \"Sells\", deps: deps(), aliases: aliases()]\n  end\n\
                    \x20 defp deps do\n    [\n      {:one, \"~> 1.0\"},\n      {:two, \">= 0.0.0\", only: [:dev, :test], runtime: false},\n      {:three, git: \"https://u:p@h/three.git\", tag: \"1\"},\n\
                    \x20     {:four, \"~> 4\", optional: true},\n      {:five, github: \"org/five\", only: :test},\n      # {:no, \"1\"},\n      {:six, \"~> 6\", only: [:dev, :prod]}\n    ]\n  end\n\
                    \x20 defp aliases do\n    [setup: [\"deps.get\"], x: {:no, \"1\"}]\n  end\nend\n";
        let (seen, result) = observe(&HEX, "mix.exs", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["hex shop 0.1.0 Sells 3"]);
        assert_eq!(
            listed(&seen),
            [
                "hex one ~> 1.0 direct 7",
                "hex two >= 0.0.0 dev 8",
                "hex three git+https://h/three.git direct 9",
                "hex four ~> 4 optional 10",
                "hex five git+https://github.com/org/five dev 11",
                "hex six ~> 6 direct 13",
            ]
        );
    }

    #[test]
    fn a_lockfile_is_read() {
        let text = "%{\n  \"one\": {:hex, :one, \"1.0.2\", \"aa\", [:mix], [{:two, \"~> 2\", [hex: :two, optional: false]}], \"hexpm\", \"bb\"},\n\
                    \x20 \"three\": {:git, \"https://h/three.git\", \"cc\", [tag: \"1\"]},\n  \"two\": {:hex, :two_real, \"2.0\", \"aa\", [:mix], [], \"hexpm\", \"bb\"},\n}\n";
        assert_eq!(
            packages(&HEX, "mix.lock", text),
            [
                "hex one 1.0.2 transitive 2",
                "hex three git+https://h/three.git transitive 3",
                "hex two_real 2.0 transitive 4"
            ]
        );
    }
}
