//! What a language's reader says about a file: imports, calls with their arguments, assignments, strings and look-ups of
//! environment variables, with names as written.

use crate::Unreadable;

/// A name and what is reached through it: `client.chat.create` is `["client", "chat", "create"]`. A call in the middle
/// adds nothing: `Client().chat` is `["Client", "chat"]`.
pub(crate) type Path = Vec<String>;

/// A value as far as the syntax tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A string without computed parts; those with some have `{}` in their place.
    Text(String),
    /// A name or what is reached through it.
    Path(Path),
    /// The result of calling something.
    Called(Path),
    /// An environment variable with its default.
    Variable { name: String, default: Option<Box<Value>> },
    /// One of several: `a or b`, `a if c else b`, a list.
    Either(Vec<Value>),
}

/// One thing brought in from a module.
#[derive(Debug, PartialEq)]
pub(crate) struct Import {
    /// The module's path with the imported name behind it; starts with `.` if it belongs to the project.
    pub(crate) path: String,
    /// The name it has in the file; empty if it has none.
    pub(crate) local: String,
    pub(crate) line: u32,
}

/// A call.
#[derive(Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) callee: Path,
    /// Arguments by name, or by position counted from 0; an object argument adds its fields by name.
    pub(crate) arguments: Vec<(String, Value)>,
    pub(crate) line: u32,
}

/// A name that is given a value: a variable, attribute, field, parameter default or entry of an object.
#[derive(Debug, PartialEq)]
pub(crate) struct Assignment {
    /// `NAME`, `self.name`, `Class.NAME`; entries of objects have only their key.
    pub(crate) target: String,
    pub(crate) value: Value,
    pub(crate) line: u32,
    /// Whether the name can be looked up later; entries of objects cannot.
    pub(crate) named: bool,
}

/// Which names a file's imports bring in without naming them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    /// None: what an import brings in has a name in the file.
    #[default]
    Nothing,
    /// Types, as with all of a namespace.
    Types,
    /// Everything, as with what a header declares.
    Everything,
}

/// Everything a reader says about a file.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) imports: Vec<Import>,
    pub(crate) calls: Vec<Call>,
    pub(crate) assignments: Vec<Assignment>,
    /// Names by which assignments can also be looked up: `Class.NAME`, and the position of the assignment.
    pub(crate) qualified: Vec<(String, usize)>,
    /// Which names imports bring in without naming them.
    pub(crate) open: Open,
    /// Names that the file defines itself; what seems to load them is no import.
    pub(crate) defined: Vec<String>,
    /// Every string that is no documentation, with its line.
    pub(crate) literals: Vec<(String, u32)>,
    /// Those of the strings that are only held against something, or keys under which only numbers stand, with their lines.
    pub(crate) mentioned: Vec<(String, u32)>,
    /// First lines of strings that are documentation where that can only be told from what stands around them.
    pub(crate) documented: Vec<u32>,
    /// Every environment variable that is looked up.
    pub(crate) variables: Vec<(String, u32)>,
    /// Lines of imports that the file can do without: inside a `try`, or only made when a function is called.
    pub(crate) optional_imports: Vec<u32>,
    /// Packages that the code installs before it runs: ecosystem, name and line.
    pub(crate) installs: Vec<(&'static str, String, u32)>,
    /// Command lines that the code has a shell run, in a form of the language's own.
    pub(crate) scripts: Vec<(String, u32)>,
    /// First and last lines of tests inside the file.
    pub(crate) tests: Vec<(u32, u32)>,
    /// Why the facts are incomplete, if they are.
    pub(crate) fault: Option<Unreadable>,
}

impl Facts {
    /// Adds a string; one that is only held against something names nothing that is used.
    pub(crate) fn literal(&mut self, text: String, line: u32, is_compared: bool) {
        if is_compared {
            self.mentioned.push((text.clone(), line));
        }
        self.literals.push((text, line));
    }

    /// Adds an entry of a map, whose value is given as it is written and as it is understood: under a key with a number stands a limit or
    /// a price.
    pub(crate) fn entry(&mut self, key: String, written: &str, value: impl FnOnce() -> Option<Value>, line: u32) {
        if is_measure(written) {
            self.mentioned.push((key, line));
        } else if let Some(value) = value() {
            self.assignments.push(Assignment {
                target: key,
                value,
                line,
                named: false,
            });
        }
    }
}

/// Longest text of a value that is looked at for whether it is a number.
const LONGEST_MEASURE: usize = 400;

/// Whether a value as it is written holds numbers and nothing else: `128_000`, `(0.5, 1.5)`, `{"input": 2.5, "output": 10}`.
fn is_measure(written: &str) -> bool {
    if written.len() > LONGEST_MEASURE {
        return false;
    }
    let mut values = written
        .split(['{', '}', '(', ')', '[', ']', ',', '\n'])
        .map(|piece| piece.rsplit([':', '=', '>']).next().unwrap_or_default().trim())
        .filter(|value| !value.is_empty())
        .peekable();
    let is_number = |value: &str| {
        value
            .trim_start_matches(['-', '.'])
            .starts_with(|first: char| first.is_ascii_digit())
    };
    values.peek().is_some() && values.all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_what_names_something() {
        for measure in [
            "128_000",
            "-1",
            ".5",
            "128 * 1024",
            "(30.0, 60.0)",
            "{\"input\": 2.5, \"output\": 10}",
            "{ input: 2.5,\n output: 1e-6 }",
            "[8_192]",
        ] {
            assert!(is_measure(measure), "{measure}");
        }
        for other in ["", "{}", "\"m-1\"", "name", "{\"limit\": 5, \"name\": \"m-1\"}", "f(5)", "None"] {
            assert!(!is_measure(other), "{other}");
        }
        assert!(
            !is_measure(&"1,".repeat(LONGEST_MEASURE)),
            "a long table is no measure of one thing"
        );
    }
}
