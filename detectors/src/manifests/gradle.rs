//! Gradle: build scripts in Groovy and Kotlin, version catalogs and lockfiles. A bill of materials (`platform`) asks for
//! nothing by itself; an accessor (`libs.x`) stands for what the catalog says, which is read there.

use std::collections::BTreeMap;

use evidence::Relation;

use super::declared::{package, project};
use super::document;
use super::locked::Locked;
use super::maven::Properties;
use super::script::{self, JVM, Piece, Token, named, statement};
use crate::tree::{Node, Shape};
use crate::{Artifact, Observations, Unreadable};

/// A block of a script that is open.
struct Block {
    /// Whether statements in it declare dependencies.
    declares: bool,
    /// What a block around says of its dependencies: those of the build itself, those of a source set of tests.
    is_dev: bool,
}

/// Reads a build or settings script.
pub(crate) fn script(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let pieces = script::pieces(artifact.text()?, &JVM);
    let variables = variables(&pieces);
    if artifact.file_name().starts_with("settings.gradle") {
        root_project(&pieces, out);
    }
    let mut blocks: Vec<Block> = Vec::new();
    let mut start = 0;
    for (at, piece) in pieces.iter().enumerate() {
        match piece.token {
            Token::Mark('{') => {
                let block = block(&pieces[start..at], blocks.last());
                blocks.push(block);
                start = at + 1;
            }
            Token::Mark('}') => {
                blocks.pop();
                start = at + 1;
            }
            Token::Mark(';') | Token::Line => start = at + 1,
            Token::Word(_) | Token::Text(_) if at == start => {
                if let Some(block) = blocks.last().filter(|block| block.declares) {
                    declaration(statement(&pieces, at), block.is_dev, &variables, out);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What the block is that this head opens.
fn block(head: &[Piece<'_>], around: Option<&Block>) -> Block {
    const TRANSPARENT: &[&str] = &["if", "else", "for", "while", "when", "try"];
    let first = head.first().and_then(Piece::word).unwrap_or_default();
    let last = head.last().and_then(Piece::word).unwrap_or_default();
    let (declares, is_dev) = around.map_or((false, false), |block| (block.declares, block.is_dev));
    Block {
        declares: last == "dependencies" || declares && TRANSPARENT.contains(&first),
        is_dev: is_dev || first == "buildscript" || head.iter().filter_map(Piece::word).any(is_of_tests),
    }
}

/// Whether a configuration or source set is one of tests.
fn is_of_tests(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("test") || name.contains("Test")
}

/// Every `name = "text"` and `name: "text"`, however it is declared.
fn variables<'t>(pieces: &[Piece<'t>]) -> Properties<'t> {
    let mut variables = Properties::default();
    for four in pieces.windows(4) {
        let value = match (four[1].token, four[2].token, four[3].token) {
            (Token::Mark('=' | ':'), Token::Text(value), _)
            // `set("name", "text")` and `extra["name"] = "text"`.
            | (Token::Mark(','), Token::Text(value), _)
            | (Token::Mark(']'), Token::Mark('='), Token::Text(value)) => value,
            _ => continue,
        };
        let name = match four[0].token {
            Token::Word(name) if !four[1].is(',') => name,
            Token::Text(name) if !four[1].is('=') && !four[1].is(':') => name,
            _ => continue,
        };
        if value.len() <= 200 {
            variables.set(name, value);
        }
    }
    variables
}

fn root_project(pieces: &[Piece<'_>], out: &mut Observations) {
    for (at, piece) in pieces.iter().enumerate() {
        if piece.word() == Some("rootProject")
            && let [dot, name, equals, text, ..] = &pieces[at + 1..]
            && dot.is('.')
            && name.word() == Some("name")
            && equals.is('=')
        {
            project("maven", text.text().unwrap_or_default(), "", "", text.line)
                .into_iter()
                .for_each(|unit| out.push(unit));
        }
    }
}

/// One statement of a block of dependencies: a configuration and what it asks for.
fn declaration(statement: &[Piece<'_>], is_dev: bool, variables: &Properties<'_>, out: &mut Observations) {
    let Some((first, rest)) = statement.split_first() else { return };
    let mut configuration = first.word().or_else(|| first.text()).unwrap_or_default();
    // What a closure behind it says is about the dependency, and names others to leave out.
    let end = rest.iter().position(|piece| piece.is('{')).unwrap_or(rest.len());
    let mut rest = &rest[..end];
    if configuration == "add"
        && let Some(at) = rest.iter().position(|piece| piece.text().is_some())
    {
        configuration = rest[at].text().unwrap_or_default();
        rest = &rest[at + 1..];
    }
    let Some(relation) = relation_of(configuration, is_dev) else {
        return;
    };
    if let (Some((group, line)), Some((name, _))) = (named(rest, "group"), named(rest, "name")) {
        let version = named(rest, "version").map_or("", |(version, _)| version);
        add(&format!("{group}:{name}:{version}"), relation, line, variables, out);
        return;
    }
    for (at, piece) in rest.iter().enumerate() {
        let Some(text) = piece.text() else { continue };
        let wrapper = (at >= 2 && rest[at - 1].is('(')).then(|| rest[at - 2].word()).flatten();
        // Only these hand on what they are given.
        if wrapper.is_none_or(|wrapper| matches!(wrapper, "create" | "testFixtures" | "dependency" | "module")) {
            add(text, relation, piece.line, variables, out);
        }
    }
}

/// What a configuration makes of its dependencies; nothing where it is none.
fn relation_of(configuration: &str, is_dev: bool) -> Option<Relation> {
    const OTHERS: &[&str] = &[
        "constraints",
        "exclude",
        "println",
        "project",
        "files",
        "def",
        "val",
        "var",
        "return",
        "import",
    ];
    const OF_THE_BUILD: &[&str] = &["classpath", "annotationProcessor", "developmentOnly", "kapt", "ksp"];
    if configuration.is_empty() || OTHERS.contains(&configuration) {
        return None;
    }
    let lower = configuration.to_ascii_lowercase();
    Some(
        if is_dev
            || is_of_tests(configuration)
            || OF_THE_BUILD.iter().any(|known| configuration.starts_with(known))
            || lower.ends_with("annotationprocessor")
            || lower.starts_with("debug")
        {
            Relation::Dev
        } else if lower.contains("compileonly") || lower.starts_with("provided") {
            Relation::Peer
        } else {
            Relation::Direct
        },
    )
}

/// Adds `group:artifact:version` with what its variables stand for.
fn add(coordinate: &str, relation: Relation, line: u32, variables: &Properties<'_>, out: &mut Observations) {
    let coordinate = braced(coordinate);
    let mut parts = coordinate.splitn(3, ':');
    let mut part = || parts.next().map(|part| variables.fill(part, "${", '}'));
    let (Some(Some(group)), Some(Some(name))) = (part(), part()) else {
        return;
    };
    let version = part().flatten().unwrap_or_default();
    if is_part(&group) && is_part(&name) {
        let version = version.split(['@', ':']).next().unwrap_or_default();
        out.push(package("maven", format!("{group}:{name}"), version, relation, line));
    }
}

fn is_part(part: &str) -> bool {
    !part.is_empty()
        && part
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_'))
}

/// A text whose variables are all written `${last}`: of `$a.b`, `${a.b}` and `${property("b")}` only the last name is kept.
fn braced(text: &str) -> String {
    let mut braced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        braced.push_str(&rest[..at]);
        let expression = &rest[at + 1..];
        let is_braced = expression.starts_with('{');
        let inside = expression.strip_prefix('{').unwrap_or(expression);
        let end = if is_braced {
            inside.find('}').unwrap_or(inside.len())
        } else {
            inside
                .find(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '.'))
                .unwrap_or(inside.len())
        };
        let name = inside[..end].trim_end_matches(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let last = name
            .rfind(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .map_or(name, |at| &name[at + name[at..].chars().next().map_or(1, char::len_utf8)..]);
        braced.push_str("${");
        braced.push_str(last);
        braced.push('}');
        rest = &inside[end..];
        rest = if is_braced { rest.strip_prefix('}').unwrap_or(rest) } else { rest };
    }
    braced.push_str(rest);
    braced
}

/// Reads a version catalog.
pub(crate) fn catalog(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let document = document::read(artifact)?;
    let root = document.root();
    let versions: BTreeMap<&str, &str> = root
        .get("versions")
        .into_iter()
        .flat_map(Node::children)
        .filter_map(|entry| Some((entry.key(), rich_version(entry)?)))
        .collect();
    for entry in root.get("libraries").into_iter().flat_map(Node::children) {
        let text = |key| entry.get(key).and_then(Node::text);
        let (name, version) = if let Some(coordinate) = entry.text() {
            let mut parts = coordinate.splitn(3, ':');
            let name = format!("{}:{}", parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            (name, parts.next())
        } else {
            let name = match (text("module"), text("group"), text("name")) {
                (Some(module), ..) => module.to_owned(),
                (None, Some(group), Some(name)) => format!("{group}:{name}"),
                _ => continue,
            };
            let reference = entry.at(&["version", "ref"]).and_then(Node::text);
            (
                name,
                reference.map_or_else(|| entry.get("version").and_then(rich_version), |of| versions.get(of).copied()),
            )
        };
        let is_whole = name.split_once(':').is_some_and(|(group, name)| is_part(group) && is_part(name));
        let is_bill_of_materials = name.ends_with("-bom");
        if is_whole && !is_bill_of_materials {
            out.push(package("maven", name, version.unwrap_or_default(), Relation::Direct, entry.line()));
        }
    }
    document.complete()
}

/// A version: a text, or a table of what is required or preferred.
fn rich_version(entry: Node<'_>) -> Option<&str> {
    if entry.shape() != Shape::Map {
        return entry.text();
    }
    ["strictly", "require", "prefer"].iter().find_map(|key| entry.get(key)?.text())
}

/// Reads `gradle.lockfile`: `group:artifact:version=configurations`.
pub(crate) fn lockfile(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let mut locked = Locked::new("maven");
    for (number, line) in (1..).zip(artifact.text()?.lines()) {
        let Some((coordinate, configurations)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let mut parts = coordinate.split(':');
        let (Some(group), Some(name), Some(version)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let is_for_tests = configurations.split(',').all(|one| is_of_tests(one.trim()));
        let relation = if is_for_tests { Relation::Dev } else { Relation::Transitive };
        locked.add(&format!("{group}:{name}"), version, relation, number);
    }
    locked.emit(out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::manifests::maven::MAVEN;
    use crate::manifests::testing::{observe, packages, projects};

    #[test]
    fn groovy_is_read_in_every_form() {
        let text = "buildscript {\n  ext.v = '2.0'\n  dependencies {\n    classpath 'g:plugin:1'\n  }\n}\next { openVersion = \"3.0\"; versions = [four: '4.0'] }\n\
                    dependencies {\n  implementation 'g:one:1.0', 'g:one-more:1.0'\n  api(\"g:two:$v\") {\n    exclude group: 'g', module: 'no'\n    because 'g:no:1'\n  }\n\
                    \x20 compileOnly group: 'g', name: 'three', version: openVersion\n  runtimeOnly \"g:four:${versions.four}@jar\"\n  testImplementation 'g:five:5'\n\
                    \x20 annotationProcessor 'g:six'\n  implementation platform('g:bom:1')\n  implementation project(':lib')\n  implementation files('a:b.jar')\n\
                    \x20 implementation 'g:seven:' + v\n  if (x) {\n    implementation 'g:eight:8'\n  }\n  // implementation 'g:no:1'\n  constraints {\n    implementation 'g:no:1'\n  }\n\
                    \x20 implementation libs.nine\n  implementation \"g:${gone}:1\"\n  add('testRuntimeOnly', 'g:ten:10')\n}\nrepositories { maven { url 'https://h:443' } }\nprintln 'g:no:1'\n";
        assert_eq!(
            packages(&MAVEN, "build.gradle", text),
            [
                "maven g:plugin 1 dev 4",
                "maven g:one 1.0 direct 9",
                "maven g:one-more 1.0 direct 9",
                "maven g:two 2.0 direct 10",
                "maven g:three - peer 14",
                "maven g:four 4.0 direct 15",
                "maven g:five 5 dev 16",
                "maven g:six - dev 17",
                "maven g:seven - direct 21",
                "maven g:eight 8 direct 23",
                "maven g:ten 10 dev 31",
            ]
        );
    }

    #[test]
    fn kotlin_is_read_in_every_form() {
        let text = "val v by extra(\"1\")\nextra[\"aiVersion\"] = \"2.0\"\nval koog = \"3.0\"\nkotlin {\n  sourceSets {\n    commonMain.dependencies {\n      implementation(\"g:one:$koog\")\n    }\n\
                    \x20   val commonTest by getting {\n      dependencies {\n        implementation(\"g:two:1\")\n      }\n    }\n  }\n}\n\
                    dependencies {\n  implementation(platform(\"g:bom:1\"))\n  implementation(\"g:three:${property(\"aiVersion\")}\")\n  \"custom\"(\"g:four:4\")\n\
                    \x20 implementation(group = \"g\", name = \"five\", version = \"5\")\n  testImplementation(kotlin(\"test\"))\n  implementation(project(\":lib\"))\n\
                    \x20 compileOnlyApi(\n    \"g:six:6\"\n  )\n}\n";
        assert_eq!(
            packages(&MAVEN, "build.gradle.kts", text),
            [
                "maven g:one 3.0 direct 7",
                "maven g:two 1 dev 11",
                "maven g:three 2.0 direct 18",
                "maven g:four 4 direct 19",
                "maven g:five 5 direct 20",
                "maven g:six 6 peer 24",
            ]
        );
    }

    #[test]
    fn settings_name_the_root_project() {
        let (seen, _) = observe(
            &MAVEN,
            "settings.gradle.kts",
            b"pluginManagement { }\nrootProject.name = \"shop\"\ninclude(\":a\")\n",
        );
        assert_eq!(projects(&seen), ["maven shop - - 2"]);
    }

    #[test]
    fn a_version_catalog_is_read() {
        let text = "[versions]\none = '1.0'\ntwo = { strictly = '2.0' }\n[libraries]\none = { module = 'g:one', version.ref = 'one' }\ntwo = { group = 'g', name = 'two', version.ref = 'two' }\n\
                    three = 'g:three:3.0'\nfour = { module = 'g:four', version = '4' }\nfive = { module = 'g:five' }\nbom = 'g:x-bom:1'\n[bundles]\nall = ['one']\n[plugins]\nx = { id = 'g', version = '1' }\n";
        assert_eq!(
            packages(&MAVEN, "gradle/libs.versions.toml", text),
            [
                "maven g:one 1.0 direct 5",
                "maven g:two 2.0 direct 6",
                "maven g:three 3.0 direct 7",
                "maven g:four 4 direct 8",
                "maven g:five - direct 9",
            ]
        );
    }

    #[test]
    fn a_lockfile_is_read() {
        let text = "# This is a Gradle generated file\ng:one:1.0=compileClasspath,runtimeClasspath\ng:two:2.0=testCompileClasspath\nempty=annotationProcessor\n";
        assert_eq!(
            packages(&MAVEN, "gradle.lockfile", text),
            ["maven g:one 1.0 transitive 2", "maven g:two 2.0 dev 3"]
        );
    }
}
