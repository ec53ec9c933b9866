//! `setup.cfg` of setuptools. Directives (`file:`, `attr:`) are not followed.

use evidence::Relation;

use super::declared::{group_relation, package, project};
use super::requirement::parse;
use crate::{Artifact, Observations, Unreadable};

/// One line of a setting's value.
struct Value<'t> {
    section: &'t str,
    key: &'t str,
    text: &'t str,
    line: u32,
    /// Whether it stands beside its key, and not indented below it.
    beside_key: bool,
}

/// Reads `setup.cfg`.
pub(crate) fn read(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let (values, strange) = values(artifact.text()?);
    let metadata = |key: &str| {
        values
            .iter()
            .find(|value| value.section == "metadata" && value.key == key && !is_directive(value.text))
    };
    let text_of = |key| metadata(key).map_or("", |value| value.text);
    if let Some(name) = metadata("name") {
        let description = if text_of("description").is_empty() {
            text_of("summary")
        } else {
            text_of("description")
        };
        project("pypi", name.text, text_of("version"), description, name.line)
            .into_iter()
            .for_each(|unit| out.push(unit));
    }
    for value in &values {
        if let Some(relation) = relation(value) {
            requirements(value, relation, out);
        }
    }
    strange.map_or(Ok(()), |line| {
        Err(Unreadable(format!("line {line} is no setting; the rest was read")))
    })
}

/// What a setting's values are, if they are requirements.
fn relation(value: &Value<'_>) -> Option<Relation> {
    match (value.section, value.key) {
        ("options", "install_requires") => Some(Relation::Direct),
        ("options", "setup_requires" | "tests_require") => Some(Relation::Dev),
        ("options.extras_require", group) => Some(group_relation(group)),
        _ => None,
    }
}

fn requirements(value: &Value<'_>, relation: Relation, out: &mut Observations) {
    if is_directive(value.text) {
        return;
    }
    // Beside the key, requirements are separated by semicolons; below it, a semicolon starts a marker.
    let parts: Vec<&str> = if value.beside_key {
        value.text.split(';').collect()
    } else {
        vec![value.text]
    };
    for requirement in parts.into_iter().filter_map(parse) {
        out.push(package("pypi", requirement.name, &requirement.version, relation, value.line));
    }
}

fn is_directive(text: &str) -> bool {
    text.starts_with("file:") || text.starts_with("attr:")
}

/// Every line of every setting, and the first line that is none.
fn values(text: &str) -> (Vec<Value<'_>>, Option<u32>) {
    let (mut section, mut key) = ("", "");
    let (mut values, mut strange) = (Vec::new(), None);
    for (line, written) in (1..).zip(text.lines()) {
        let said = without_comment(written);
        if said.trim().is_empty() {
            continue;
        }
        let text = said.trim();
        if said.starts_with(char::is_whitespace) && !key.is_empty() {
            values.push(Value {
                section,
                key,
                text,
                line,
                beside_key: false,
            });
        } else if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            (section, key) = (name.trim(), "");
        } else if let Some((name, value)) = text.split_once(['=', ':']) {
            key = name.trim();
            if !value.trim().is_empty() {
                values.push(Value {
                    section,
                    key,
                    text: value.trim(),
                    line,
                    beside_key: true,
                });
            }
        } else {
            key = "";
            strange = strange.or(Some(line));
        }
    }
    (values, strange)
}

/// A line without its comment: `#` or `;` at the start, ` #` later.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with(['#', ';']) {
        return "";
    }
    line.match_indices('#')
        .find(|(at, _)| line[..*at].ends_with(char::is_whitespace))
        .map_or(line, |(at, _)| &line[..at])
}

#[cfg(test)]
mod tests {
    use crate::manifests::pypi::PYPI;
    use crate::manifests::testing::{listed, names, observe, packages, projects};

    #[test]
    fn settings_of_setuptools_are_read() {
        let text = "[metadata]\nname = my-app\nversion = attr: my_app.__version__\ndescription = Answers\n[options]\npackages = find:\n\
                    install_requires =\n    openai>=1; python_version < '3'\n    # anthropic\n    tiktoken  # fast\n\
                    tests_require = pytest; mock>=1\n[options.extras_require]\ngpu =\n  torch\ndev = ruff\n[flake8]\nignore = E501\n";
        let (seen, result) = observe(&PYPI, "setup.cfg", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert_eq!(projects(&seen), ["pypi my-app - Answers 2"]);
        assert_eq!(
            listed(&seen),
            [
                "pypi openai >=1 direct 8",
                "pypi tiktoken - direct 10",
                "pypi pytest - dev 11",
                "pypi mock >=1 dev 11",
                "pypi torch - optional 14",
                "pypi ruff - dev 15",
            ]
        );
    }

    #[test]
    fn settings_of_other_tools_and_directives_say_nothing() {
        let text =
            "[tool:pytest]\ninstall_requires = openai\n[options]\ninstall_requires = file: requirements.txt\n[egg_info]\ntag_build = \n";
        assert!(packages(&PYPI, "setup.cfg", text).is_empty());
        assert!(projects(&observe(&PYPI, "setup.cfg", b"[flake8]\nname = x\n").0).is_empty());
    }

    #[test]
    fn a_line_that_is_no_setting_is_said_and_the_rest_read() {
        let (seen, result) = observe(&PYPI, "setup.cfg", b"[options]\nwhat\ninstall_requires =\n  openai\n");
        assert_eq!(names(&seen), ["openai"]);
        assert!(result.is_err());
    }
}
