//! How a manifest's words become observations: the forms of a version, the names of groups, what must not be kept.

use std::borrow::Cow;

use evidence::{Kind, Observation, Relation, attribute};

use crate::tree::{Node, Shape};

/// A dependency. Credentials in its version (an address) are left out.
pub(crate) fn package(scope: &'static str, name: impl Into<String>, version: &str, relation: Relation, line: u32) -> Observation {
    Observation::new(Kind::Package, scope, name, line)
        .with(attribute::VERSION, without_credentials(version.trim()))
        .with(attribute::RELATION, relation.as_str())
}

/// The unit a manifest describes, if it has a name.
pub(crate) fn project(scope: &'static str, name: &str, version: &str, description: &str, line: u32) -> Option<Observation> {
    let name = name.trim();
    let description: Vec<&str> = description.split_whitespace().collect();
    (!name.is_empty()).then(|| {
        Observation::new(Kind::Project, scope, name, line)
            .with(attribute::VERSION, version.trim())
            .with(attribute::DESCRIPTION, description.join(" "))
    })
}

/// The unit a table with `name`, `version` and `description` describes.
pub(crate) fn project_of(scope: &'static str, table: Node<'_>) -> Option<Observation> {
    let name = table.get("name")?;
    let text = |key| table.get(key).and_then(Node::text).unwrap_or_default();
    let unit = project(scope, name.text()?, text("version"), text("description"), name.line())?;
    Some(unit.with(attribute::PEOPLE, people_of(table)))
}

/// The maintainers or authors that a table names, one a line: texts, or tables with a name and an address.
fn people_of(table: Node<'_>) -> String {
    let person = |node: Node<'_>| {
        if node.shape() != Shape::Map {
            return node.text().map(str::to_owned);
        }
        let part = |key| node.get(key).and_then(Node::text).unwrap_or_default();
        Some(format!("{} <{}>", part("name"), part("email")))
    };
    ["author", "authors", "maintainer", "maintainers"]
        .into_iter()
        .filter_map(|key| table.get(key))
        .flat_map(|value| match value.shape() {
            Shape::List => value.children().filter_map(person).collect(),
            _ => person(value).into_iter().collect::<Vec<_>>(),
        })
        .map(|person| person.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|person| !matches!(person.as_str(), "" | "<>"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The version a table's entry asks for: a text, or a table with a version or a place.
pub(crate) fn version_of(entry: Node<'_>) -> String {
    if entry.shape() != Shape::Map {
        return entry.scalar().unwrap_or_default().to_owned();
    }
    let text = |key| entry.get(key).and_then(Node::scalar);
    if let Some(version) = text("version") {
        return version.to_owned();
    }
    if text("workspace") == Some("true") {
        return "workspace".to_owned();
    }
    if let Some(address) = text("git") {
        return if address.starts_with("git+") {
            address.to_owned()
        } else {
            format!("git+{address}")
        };
    }
    if let Some(address) = text("url") {
        return address.to_owned();
    }
    text("path")
        .or_else(|| text("file"))
        .map(|path| format!("path:{path}"))
        .unwrap_or_default()
}

/// Whether an entry says of itself that it is optional.
pub(crate) fn is_optional(entry: Node<'_>) -> bool {
    entry.get("optional").and_then(Node::scalar) == Some("true")
}

/// What a group of dependencies beside the main one is for, by its name.
pub(crate) fn group_relation(name: &str) -> Relation {
    if is_for_development(name) {
        Relation::Dev
    } else {
        Relation::Optional
    }
}

/// Whether a group, extra or file has a name that development and tests have.
pub(crate) fn is_for_development(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "bench",
        "benchmark",
        "benchmarks",
        "ci",
        "cov",
        "coverage",
        "dev",
        "devel",
        "develop",
        "development",
        "doc",
        "docs",
        "documentation",
        "e2e",
        "format",
        "lint",
        "linters",
        "linting",
        "qa",
        "style",
        "test",
        "testing",
        "tests",
        "typecheck",
        "types",
        "typing",
    ];
    name.split(|letter: char| !letter.is_ascii_alphanumeric())
        .any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// A version or address without what may be a password: user and query of every address in it.
pub(crate) fn without_credentials(version: &str) -> Cow<'_, str> {
    let Some(first) = version.find("://") else {
        return Cow::Borrowed(version);
    };
    let (mut clean, mut rest) = (version[..first].to_owned(), &version[first..]);
    while let Some(address) = rest.strip_prefix("://") {
        clean += "://";
        let authority = &address[..address.find(['/', '?', '#']).unwrap_or(address.len())];
        let at = authority.rfind('@').map_or(0, |at| at + 1);
        // The login of every git server; it tells nothing.
        if &authority[..at] == "git@" {
            clean += "git@";
        }
        let address = &address[at..];
        let end = address.find("://").unwrap_or(address.len());
        let (before, after) = address.split_at(end);
        match before.split_once('?') {
            None => clean += before,
            Some((place, query)) => {
                clean += place;
                clean += query.find('#').map_or("", |at| &query[at..]);
            }
        }
        rest = after;
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_addresses_are_left_out() {
        for (written, kept) in [
            (
                "git+https://user:s3cret@host/org/x.git@v1#egg=x",
                "git+https://host/org/x.git@v1#egg=x",
            ),
            ("https://ghp_token@github.com/org/x", "https://github.com/org/x"),
            ("https://host/x.whl?token=s3cret#sha256=1", "https://host/x.whl#sha256=1"),
            ("git+ssh://git@host/org/x", "git+ssh://git@host/org/x"),
            ("a@https://u:p@h/x://u:p@k", "a@https://h/x://k"),
            ("https://user:p@ss@host", "https://host"),
        ] {
            assert_eq!(without_credentials(written), kept);
        }
        for kept in [">=1,<2", "npm:@scope/name@^1", "git@github.com:org/x.git", "", "workspace:*"] {
            assert_eq!(without_credentials(kept), kept);
        }
    }

    #[test]
    fn groups_for_development_are_told_by_whole_words() {
        for name in ["dev", "requirements-dev", "test_gpu", "Docs", "lint.strict"] {
            assert_eq!(group_relation(name), Relation::Dev, "{name}");
        }
        for name in ["device", "latest", "docsearch", "prod", "contest", ""] {
            assert_eq!(group_relation(name), Relation::Optional, "{name}");
        }
    }

    #[test]
    fn a_project_needs_a_name_and_its_description_is_one_line() {
        assert!(project("npm", "  ", "1", "x", 1).is_none());
        let seen = project("npm", "x", "", "two\n  lines", 1).expect("it has a name");
        assert_eq!(seen.attribute(attribute::DESCRIPTION), Some("two lines"));
        assert_eq!(seen.attribute(attribute::VERSION), None);
    }
}
