//! Ruby: `Gemfile`, `*.gemspec` and `Gemfile.lock`. What `eval_gemfile` and `gemspec` bring along is read for itself.

use std::collections::BTreeMap;

use evidence::{Info, Kind, Relation};

use super::declared::{is_for_development, package, project};
use super::installed::is_gem;
use super::locked::{Locked, relate};
use super::script::{self, Piece, RUBY, Token, named, statement};
use super::{Ecosystem, ManifestFile};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static RUBYGEMS: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/rubygems",
        title: "Ruby gems",
        reads: &["Gemfile", "gems.rb", "*.gemfile", "*.gemspec", "Gemfile.lock", "gems.locked"],
        emits: &[(Kind::Package, "rubygems"), (Kind::Project, "rubygems")],
        needs: &[],
        docs: "https://bundler.io/man/gemfile.5.html",
    },
    files: &[
        ManifestFile {
            is: |name, _| matches!(name, "Gemfile" | "gems.rb") || name.ends_with(".gemfile"),
            gate: Gate::Always,
            read: gemfile,
        },
        ManifestFile {
            is: |name, path| name.ends_with(".gemspec") && !is_gem(path),
            gate: Gate::Always,
            read: gemspec,
        },
        ManifestFile {
            is: |name, _| matches!(name, "Gemfile.lock" | "gems.locked"),
            gate: Gate::Anchored,
            read: lockfile,
        },
    ],
};

fn gemfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let pieces = script::pieces(artifact.text()?, &RUBY);
    // For each open block: what a group around it makes of its gems.
    let mut blocks: Vec<Option<Relation>> = Vec::new();
    let mut is_start = true;
    for (at, piece) in pieces.iter().enumerate() {
        let started = std::mem::replace(&mut is_start, matches!(piece.token, Token::Line | Token::Mark(';')));
        match piece.token {
            Token::Word("do") => {
                let line = beginning(&pieces, at);
                let group = (line.first().and_then(Piece::word) == Some("group"))
                    .then(|| groups(&line[1..]))
                    .flatten();
                blocks.push(group);
                is_start = true;
            }
            Token::Word("if" | "unless" | "case" | "begin" | "while" | "def") if started => blocks.push(None),
            Token::Word("end") if started => {
                blocks.pop();
            }
            Token::Word("gem") if started => {
                let call = &statement(&pieces, at)[1..];
                if let Some((name, version)) = dependency(call) {
                    let around = blocks.iter().rev().find_map(|block| *block);
                    let own = options(call).and_then(groups);
                    let relation = own.or(around).unwrap_or(Relation::Direct);
                    out.push(package("rubygems", name, &version, relation, piece.line));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The part of a line that stands before a piece.
fn beginning<'p, 't>(pieces: &'p [Piece<'t>], at: usize) -> &'p [Piece<'t>] {
    let start = pieces[..at]
        .iter()
        .rposition(|piece| matches!(piece.token, Token::Line | Token::Mark(';')))
        .map_or(0, |line| line + 1);
    &pieces[start..at]
}

/// What the groups that are named here make of a gem: `:development, :test`, `optional: true`.
fn groups(pieces: &[Piece<'_>]) -> Option<Relation> {
    let names: Vec<&str> = pieces.iter().filter_map(|piece| piece.word().or_else(|| piece.text())).collect();
    let is_optional = names.windows(2).any(|pair| pair == ["optional", "true"]);
    let mut groups = names
        .iter()
        .filter(|name| !matches!(**name, "group" | "groups" | "optional" | "true" | "false"))
        .peekable();
    groups.peek()?;
    Some(if groups.all(|name| is_for_development(name)) {
        Relation::Dev
    } else if is_optional {
        Relation::Optional
    } else {
        Relation::Direct
    })
}

/// What an option `group:` or `groups:` of a gem names.
fn options<'p, 't>(call: &'p [Piece<'t>]) -> Option<&'p [Piece<'t>]> {
    let at = call.iter().position(|piece| matches!(piece.word(), Some("group" | "groups")))?;
    let rest = &call[at + 1..];
    let mut depth = 0_usize;
    // The value ends at the next comma outside brackets.
    let end = rest
        .iter()
        .position(|piece| {
            match piece.token {
                Token::Mark('[') => depth += 1,
                Token::Mark(']') => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && piece.is(',')
        })
        .unwrap_or(rest.len());
    Some(&rest[..end])
}

/// Name and version of a dependency: the texts before the first option, or where it comes from.
pub(crate) fn dependency<'t>(call: &[Piece<'t>]) -> Option<(&'t str, String)> {
    let mut texts = Vec::new();
    for piece in call {
        match piece.token {
            Token::Text(text) => texts.push(text),
            Token::Mark('(' | ',' | '[' | ']' | '.') | Token::Word("freeze") | Token::Line => {}
            _ => break,
        }
    }
    let (name, versions) = texts.split_first()?;
    if name.is_empty() || name.contains(|letter: char| letter.is_whitespace() || letter == '#') {
        return None;
    }
    let source = ["git", "github", "path"].iter().find_map(|key| {
        let (place, _) = named(call, key)?;
        Some(match *key {
            "git" => format!("git+{place}"),
            "github" => format!("git+https://github.com/{place}"),
            _ => format!("path:{place}"),
        })
    });
    let version = versions
        .iter()
        .filter(|version| !version.contains('#'))
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    Some((name, if version.is_empty() { source.unwrap_or_default() } else { version }))
}

fn gemspec(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let pieces = script::pieces(artifact.text()?, &RUBY);
    if !specification("rubygems", &pieces, out) {
        // `spec.name = Acme::NAME`: the file is called as the gem is, or it could not be built by its name.
        let set = pieces
            .windows(3)
            .find(|three| three[0].is('.') && three[1].word() == Some("name") && three[2].is('='));
        let name = artifact.file_name().trim_end_matches(".gemspec");
        out.extend(set.and_then(|three| project("rubygems", name, "", "", three[1].line)));
    }
    for (at, piece) in pieces.iter().enumerate() {
        let relation = match piece.token {
            Token::Word("add_dependency" | "add_runtime_dependency") => Relation::Direct,
            Token::Word("add_development_dependency") => Relation::Dev,
            _ => continue,
        };
        let is_method = at > 0 && pieces[at - 1].is('.');
        if let Some((name, version)) = dependency(&statement(&pieces, at)[1..]).filter(|_| is_method) {
            out.push(package("rubygems", name, &version, relation, piece.line));
        }
    }
    Ok(())
}

/// The unit that `s.name = "…"`, `s.version = "…"` and `s.summary = "…"` describe; whether its name is written out.
pub(crate) fn specification(scope: &'static str, pieces: &[Piece<'_>], out: &mut Observations) -> bool {
    let set = |wanted: &str| {
        pieces.windows(4).find_map(|four| {
            (four[0].is('.') && four[1].word() == Some(wanted) && four[2].is('='))
                .then(|| four[3].text().map(|text| (text, four[3].line)))
                .flatten()
        })
    };
    let plain = |wanted: &str| set(wanted).map_or("", |(text, _)| text);
    let named = set("name").filter(|(name, _)| !name.contains("#{"));
    let unit = named.and_then(|(name, line)| project(scope, name, plain("version"), plain("summary"), line));
    let is_named = unit.is_some();
    out.extend(unit);
    is_named
}

fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let text = artifact.text()?;
    let mut asked: BTreeMap<&str, Relation> = BTreeMap::new();
    let mut section = "";
    let lines = || (1..).zip(text.lines().map(str::trim_end)).filter(|(_, line)| !line.is_empty());
    for (_, line) in lines() {
        let indent = line.len() - line.trim_start().len();
        let name = name_of(line).0;
        match indent {
            0 => section = line,
            2 if section == "DEPENDENCIES" => relate(&mut asked, name.trim_end_matches('!'), Relation::Direct),
            // What the source's own gems ask for is asked for by the source.
            6 if section == "PATH" => relate(&mut asked, name, Relation::Direct),
            _ => {}
        }
    }
    let mut locked = Locked::new("rubygems");
    for (number, line) in lines() {
        match line.len() - line.trim_start().len() {
            0 => section = line,
            4 if matches!(section, "GEM" | "GIT") => {
                let (name, version) = name_of(line);
                // A version is followed by the platform it was built for.
                let version = version.split('-').next().unwrap_or_default();
                locked.add(name, version, asked.get(name).copied().unwrap_or(Relation::Transitive), number);
            }
            _ => {}
        }
    }
    locked.emit(out);
    Ok(())
}

/// Name and version of `    name (version)`.
fn name_of(line: &str) -> (&str, &str) {
    let line = line.trim();
    let (name, version) = line.split_once(" (").unwrap_or((line, ""));
    (name, version.trim_end_matches(['!', ')']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_gemfile_is_read_in_every_form() {
        let text = "source 'https://rubygems.org'\nruby '3.3'\n# gem 'no'\ngem 'one'\ngem \"two\", '~> 1.0', '>= 1.0.2', require: false\n\
                    gem('three', group: :test)\ngem 'four', :groups => [:development, :test], require: 'x'\ngem 'five', git: 'https://u:p@host/five.git', branch: 'main'\n\
                    group :development, :test do\n  gem 'six'\n  if ENV['X']\n    gem 'seven'\n  end\n  gem 'eight', group: :production\nend\n\
                    group :extra, optional: true do\n  gem 'nine'\nend\nplatforms :mri do\n  gem 'ten'\nend\ngem 'eleven', path: 'lib/eleven'\n\
                    gem 'twelve',\n    '1.0',\n    require: %w[a b]\ngem \"a#{b}\"\ngemspec\nputs \"gem 'x'\"\ngem 'thirteen' if ENV['Y']\ngem 'last', github: 'org/last'\n";
        assert_eq!(
            packages(&RUBYGEMS, "Gemfile", text),
            [
                "rubygems one - direct 4",
                "rubygems two ~> 1.0, >= 1.0.2 direct 5",
                "rubygems three - dev 6",
                "rubygems four - dev 7",
                "rubygems five git+https://host/five.git direct 8",
                "rubygems six - dev 10",
                "rubygems seven - dev 12",
                "rubygems eight - direct 14",
                "rubygems nine - optional 17",
                "rubygems ten - direct 20",
                "rubygems eleven path:lib/eleven direct 22",
                "rubygems twelve 1.0 direct 23",
                "rubygems thirteen - direct 29",
                "rubygems last git+https://github.com/org/last direct 30",
            ]
        );
    }

    #[test]
    fn a_gemspec_is_read() {
        let text = "Gem::Specification.new do |spec|\n  spec.name = \"acme\"\n  spec.version = Acme::VERSION\n  spec.summary = \"Answers\"\n\
                    \x20 spec.add_dependency \"one\", \">= 1\"\n  spec.add_runtime_dependency(\"two\")\n  spec.add_development_dependency 'three', '~> 1'\n\
                    \x20 spec.metadata['x'] = 'add_dependency'\nend\n";
        let (seen, result) = observe(&RUBYGEMS, "acme.gemspec", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["rubygems acme - Answers 2"]);
        assert_eq!(
            listed(&seen),
            ["rubygems one >= 1 direct 5", "rubygems two - direct 6", "rubygems three ~> 1 dev 7"]
        );
    }

    #[test]
    fn a_gemspec_that_computes_its_name_is_called_as_its_file() {
        let named = |text: &str| projects(&observe(&RUBYGEMS, "lib/acme.gemspec", text.as_bytes()).0);
        assert_eq!(
            named("Gem::Specification.new do |s|\n  s.name = Acme::GEM[:name]\nend\n"),
            ["rubygems acme - - 2"]
        );
        assert_eq!(named("Gem::Specification.new do |s|\n  s.version = '1'\nend\n"), [""; 0]);
    }

    #[test]
    fn a_lockfile_tells_what_was_asked_for() {
        let text = "GIT\n  remote: https://host/five.git\n  revision: abc\n  specs:\n    five (0.1)\n      six (~> 1)\n\nPATH\n  remote: .\n  specs:\n    own (1.0)\n      seven (>= 1)\n\n\
                    GEM\n  remote: https://rubygems.org/\n  specs:\n    one (1.0.0)\n      two (~> 2)\n    seven (7.0)\n    six (1.0)\n    two (2.0.0-x86_64-linux)\n    two (2.0.0)\n\n\
                    PLATFORMS\n  ruby\n\nDEPENDENCIES\n  five!\n  one (~> 1.0)\n  own!\n\nCHECKSUMS\n  one (1.0.0) sha256=aa\n\nBUNDLED WITH\n   2.5.0\n";
        assert_eq!(
            packages(&RUBYGEMS, "Gemfile.lock", text),
            [
                "rubygems five 0.1 direct 5",
                "rubygems one 1.0.0 direct 17",
                "rubygems seven 7.0 direct 19",
                "rubygems six 1.0 transitive 20",
                "rubygems two 2.0.0 transitive 21",
            ]
        );
    }

    #[test]
    fn what_is_no_gem_is_none() {
        for text in [
            "gem = 'x'\n",
            "x.gem 'y'\n",
            "gem name\n",
            "gem 'two words'\n",
            "group(:test) { 'gem' }\n",
        ] {
            assert!(packages(&RUBYGEMS, "Gemfile", text).is_empty(), "{text}");
        }
    }
}
