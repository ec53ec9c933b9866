//! sbt: `"group" %% "artifact" % "version" % Test` in build definitions.

use evidence::Relation;

use super::declared::{package, project};
use super::maven::Properties;
use super::script::{self, JVM, Piece, Token};
use crate::{Artifact, Observations, Unreadable};

/// Reads a build definition.
pub(crate) fn read(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let pieces = script::pieces(artifact.text()?, &JVM);
    let mut variables = Properties::default();
    for three in pieces.windows(3) {
        if let (Token::Word(name), true, Token::Text(value)) = (three[0].token, three[1].is('='), three[2].token) {
            variables.set(name, value);
        }
    }
    unit(&pieces, out);
    let mut at = 0;
    while at < pieces.len() {
        let (found, next) = module(&pieces, at);
        if let Some(module) = found {
            let version = match module.version {
                Token::Text(text) => text,
                Token::Word(name) => variables.get(name).unwrap_or_default(),
                _ => "",
            };
            let is_of_build = pieces[..at].iter().rev().take(2).any(|piece| piece.word() == Some("addSbtPlugin"));
            let relation = match module.configuration {
                _ if is_of_build => Relation::Dev,
                Some("Provided" | "provided") => Relation::Peer,
                Some("Optional" | "optional") => Relation::Optional,
                Some(other) if other.to_ascii_lowercase().starts_with("test") || other == "it" => Relation::Dev,
                _ => Relation::Direct,
            };
            out.push(package(
                "maven",
                format!("{}:{}", module.group, module.name),
                version,
                relation,
                pieces[at].line,
            ));
        }
        at = next;
    }
    Ok(())
}

struct Module<'t> {
    group: &'t str,
    name: &'t str,
    version: Token<'t>,
    configuration: Option<&'t str>,
}

/// The module that is named here, and where to go on.
fn module<'t>(pieces: &[Piece<'t>], start: usize) -> (Option<Module<'t>>, usize) {
    let past = |mut at: usize| {
        while pieces.get(at).is_some_and(|piece| piece.is('%')) {
            at += 1;
        }
        at
    };
    let token = |at: usize| pieces.get(at).map(|piece| piece.token);
    let (Some(Token::Text(group)), name_at) = (token(start), past(start + 1)) else {
        return (None, start + 1);
    };
    let (Some(Token::Text(name)), true) = (token(name_at), name_at > start + 1) else {
        return (None, start + 1);
    };
    let version_at = past(name_at + 1);
    let Some(mut version) = token(version_at).filter(|_| version_at > name_at + 1) else {
        return (None, name_at + 1);
    };
    let mut end = version_at + 1;
    // `Versions.name` is known by its last part.
    while pieces.get(end).is_some_and(|piece| piece.is('.')) {
        version = token(end + 1).unwrap_or(version);
        end += 2;
    }
    let configuration_at = past(end);
    let configuration = (configuration_at > end)
        .then(|| pieces.get(configuration_at))
        .flatten()
        .and_then(|piece| piece.word().or_else(|| piece.text()));
    let module = Module {
        group,
        name,
        version,
        configuration,
    };
    (Some(module), configuration_at)
}

/// The unit that `name := "…"` names; of several projects the one of this folder.
fn unit(pieces: &[Piece<'_>], out: &mut Observations) {
    let Some(pieces) = of_the_root(pieces) else { return };
    let set = |wanted: &str| {
        pieces.windows(4).find_map(|four| {
            let is_set = four[0].word() == Some(wanted) && four[1].is(':') && four[2].is('=');
            is_set.then(|| four[3].text().map(|text| (text, four[3].line))).flatten()
        })
    };
    if let Some((name, line)) = set("name") {
        let plain = |wanted| set(wanted).map_or("", |(text, _)| text);
        project("maven", name, plain("version"), plain("description"), line)
            .into_iter()
            .for_each(|unit| out.push(unit));
    }
}

/// The part of a build definition that speaks of the project in its own folder, `file(".")`; nothing if all are in others.
fn of_the_root<'a, 't>(pieces: &'a [Piece<'t>]) -> Option<&'a [Piece<'t>]> {
    let is_project = |three: &[Piece<'_>]| three[0].word() == Some("file") && three[1].is('(') && three[2].text().is_some();
    let projects: Vec<usize> = (0..pieces.len().saturating_sub(2))
        .filter(|&at| is_project(&pieces[at..at + 3]))
        .collect();
    let root = projects.iter().position(|&at| pieces[at + 2].text() == Some("."));
    match (root, projects.first()) {
        (Some(root), _) => {
            let end = projects.get(root + 1).copied().unwrap_or(pieces.len());
            Some(&pieces[projects[root]..end])
        }
        // Settings before the first project are those of the build.
        (None, Some(&first)) => Some(&pieces[..first]),
        (None, None) => Some(pieces),
    }
}

#[cfg(test)]
mod tests {
    use crate::manifests::maven::MAVEN;
    use crate::manifests::testing::{listed, observe, packages, projects};

    #[test]
    fn a_build_is_read_in_every_form() {
        let text = "val akkaVersion = \"2.6\"\nlazy val root = (project in file(\".\")).settings(\n  name := \"shop\",\n  version := \"0.1\",\n  libraryDependencies ++= Seq(\n\
                    \x20   \"g\" %% \"one\" % \"1.0\",\n    \"g\" % \"two\" % akkaVersion % Test,\n    \"g\" %%% \"three\" % Versions.gone % \"provided\" exclude(\"g\", \"no\"),\n\
                    \x20   \"g\" % \"four\" % \"4\" % \"test->test\",\n    // \"g\" % \"no\" % \"1\"\n    (\"g\" %% \"five\" % \"5\").cross(x)\n  )\n)\naddSbtPlugin(\"g\" % \"six\" % \"6\")\nval x = \"a\" % 3\n";
        let (seen, result) = observe(&MAVEN, "build.sbt", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["maven shop 0.1 - 3"]);
        assert_eq!(
            listed(&seen),
            [
                "maven g:one 1.0 direct 6",
                "maven g:two 2.6 dev 7",
                "maven g:three - peer 8",
                "maven g:four 4 dev 9",
                "maven g:five 5 direct 11",
                "maven g:six 6 dev 14",
            ]
        );
        assert!(packages(&MAVEN, "project/X.scala", "object X { val s = \"a\" + \"b\"; \"g\" % \"a\" }").is_empty());
    }

    #[test]
    fn of_several_projects_the_one_of_the_folder_names_the_unit() {
        let part = "val log = project.in(file(\"modules/log\")).settings(\n  name := \"shop-log\"\n)\n";
        let root = "val root = project.in(file(\".\")).settings(\n  name := \"shop\"\n)\n";
        let named = |text: &str| projects(&observe(&MAVEN, "build.sbt", text.as_bytes()).0);
        assert_eq!(named(&format!("{part}{root}")), ["maven shop - - 5"]);
        assert_eq!(named(&format!("{root}{part}")), ["maven shop - - 2"]);
        assert_eq!(named(&format!("name := \"shop\"\n{part}")), ["maven shop - - 1"]);
        assert_eq!(named(part), [""; 0]);
    }
}
