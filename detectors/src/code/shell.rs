//! Shell scripts, and the recipes of Make and just: the programs they start, with variables that the script itself sets put
//! in their places. Nothing is run or looked up.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use evidence::{Info, Kind};
use regex::Regex;

use super::LARGEST;
use crate::infra::IMAGES;
use crate::infra::shell::{self, Word, commands};
use crate::{Artifact, Detector, FilePath, Gate, Observations, Unreadable};

/// A script of a shell.
pub(super) struct Shell;

/// Recipes of a build.
pub(super) struct Recipes;

/// The scope of what scripts start.
const SCOPE: &str = "shell";
/// Values of one loop that are followed.
const MOST_VALUES: usize = 32;
/// Longest value of a variable that is put in its place.
const LONGEST_VALUE: usize = 256;
/// At most this many functions and aliases of one file.
const MOST_DEFINED: usize = 200;
/// At most this many commands of one file.
const MOST_COMMANDS: usize = 20_000;

const EMITS: &[evidence::Emits] = &[
    (Kind::Command, SCOPE),
    (Kind::Image, IMAGES),
    (Kind::Package, "pypi"),
    (Kind::Package, "npm"),
    (Kind::Package, "git"),
    (Kind::Model, SCOPE),
    (Kind::Literal, SCOPE),
    (Kind::Host, SCOPE),
    (Kind::Env, SCOPE),
];

impl Detector for Shell {
    fn info(&self) -> &Info {
        const INFO: Info = Info {
            id: "code/shell",
            title: "Shell scripts",
            reads: &["*.sh", "*.bash", "*.zsh", "*.ksh", ".envrc"],
            emits: EMITS,
            needs: &[],
            docs: "https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html",
        };
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let is_script = [".sh", ".bash", ".zsh", ".ksh", ".envrc"]
            .iter()
            .any(|ending| file.ends_with(ending));
        is_script.then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        script(artifact, Cow::Borrowed, out)
    }
}

impl Detector for Recipes {
    fn info(&self) -> &Info {
        const INFO: Info = Info {
            id: "code/recipes",
            title: "Makefiles, justfiles and Procfiles",
            reads: &["Makefile", "*.mk", "justfile", "Procfile"],
            emits: EMITS,
            needs: &[],
            docs: "https://www.gnu.org/software/make/manual/",
        };
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        recipes(file).map(|_| Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let Some(form) = recipes(artifact.file()) else { return Ok(()) };
        script(artifact, |text| Cow::Owned(as_script(text, form)), out)
    }
}

/// How recipes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Make,
    Just,
    Procfile,
}

fn recipes(file: &FilePath<'_>) -> Option<Form> {
    match file.lower_name() {
        "makefile" | "gnumakefile" => Some(Form::Make),
        "justfile" | ".justfile" => Some(Form::Just),
        "procfile" | "procfile.dev" => Some(Form::Procfile),
        other if other.ends_with(".mk") => Some(Form::Make),
        other if other.ends_with(".just") => Some(Form::Just),
        _ => None,
    }
}

/// Recipes as a script with the same lines.
fn as_script(text: &str, form: Form) -> String {
    let mut script = String::with_capacity(text.len());
    for line in text.lines() {
        let is_recipe = match form {
            Form::Make => line.starts_with('\t'),
            Form::Just => line.starts_with([' ', '\t']),
            Form::Procfile => true,
        };
        let trimmed = line.trim_start();
        match form {
            _ if trimmed.starts_with('#') => {}
            Form::Procfile => script.push_str(line.split_once(':').map_or("", |(_, command)| command.trim_start())),
            // The shell is started anew for each line: what begins in one ends there, unless the line goes on.
            Form::Make if is_recipe => {
                let command = trimmed.trim_start_matches(['@', '-', '+']).replace("$$", "$");
                script.push_str(&command.replace("$(", "${").replace(')', "}"));
            }
            Form::Just if is_recipe => {
                let command = trimmed.trim_start_matches(['@', '-']);
                script.push_str(&command.replace("{{", "${").replace("}}", "}"));
            }
            _ => {
                // `NAME ?= value`, `name := "value"`
                let line = line.strip_prefix("export ").unwrap_or(line);
                let (name, value) = line.split_once('=').unwrap_or(("", ""));
                let name = name.trim_end_matches([':', '?', '+', ' ']);
                let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if is_name {
                    let value = value.trim().trim_matches(['"', '\'']);
                    script.push_str(&format!("{name}='{}'", value.replace('\'', "")));
                }
            }
        }
        script.push('\n');
    }
    script
}

fn script<'t>(artifact: &'t Artifact<'_>, form: impl Fn(&'t str) -> Cow<'t, str>, out: &mut Observations) -> Result<(), Unreadable> {
    if artifact.bytes().len() > LARGEST {
        return Err(Unreadable(format!("scripts of more than {} MiB are not read", LARGEST >> 20)));
    }
    observe(&form(artifact.text()?), out);
    Ok(())
}

/// Adds what a script tells.
pub(super) fn observe(script: &str, out: &mut Observations) {
    let mut values: HashMap<String, Vec<String>> = HashMap::new();
    let own = own_commands(script);
    for command in commands(script, 1).iter().take(MOST_COMMANDS) {
        remember(command, &mut values);
        let filled: Vec<Word> = command.iter().map(|word| filled(word, &values)).collect();
        if called_by_name(&filled).is_some_and(|name| own.contains(name)) {
            shell::observe_words(SCOPE, &filled, out);
            continue;
        }
        shell::observe_commands(SCOPE, std::slice::from_ref(&filled), out);
        // What a loop starts, it starts with each of its values.
        let looped = command
            .iter()
            .find_map(|word| values.get(variable(&word.text)?).filter(|values| values.len() > 1));
        if let Some(others) = looped.cloned() {
            for value in others.iter().skip(1) {
                let each: Vec<Word> = command
                    .iter()
                    .map(|word| match variable(&word.text).and_then(|name| values.get(name)) {
                        Some(many) if *many == others => Word {
                            text: value.clone(),
                            line: word.line,
                        },
                        _ => self::filled(word, &values),
                    })
                    .collect();
                shell::observe_commands(SCOPE, std::slice::from_ref(&each), out);
            }
        }
    }
}

/// Names that a script gives to functions and aliases of its own, which then start no program of that name; unless they are
/// wrappers that start it themselves.
fn own_commands(script: &str) -> HashSet<String> {
    static DEFINED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?m)^[ \t]*(?:function[ \t]+([A-Za-z_][\w-]*)|([A-Za-z_][\w-]*)[ \t]*\(\)|alias[ \t]+([A-Za-z_][\w-]*)=(.*))"#)
            .unwrap_or_else(|error| unreachable!("the pattern is ours: {error}"))
    });
    static STARTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:\b(?:command|exec|env|sudo|npx)[ \t]+|\\|bin/)([A-Za-z_][\w-]*)")
            .unwrap_or_else(|error| unreachable!("the pattern is ours: {error}"))
    });
    let mut own = HashSet::new();
    let mut wrapped: Option<HashSet<&str>> = None;
    for found in DEFINED.captures_iter(script).take(MOST_DEFINED) {
        let Some(name) = found.get(1).or_else(|| found.get(2)).or_else(|| found.get(3)) else {
            continue;
        };
        let name = name.as_str();
        let starts_itself = match found.get(4) {
            Some(value) => value
                .as_str()
                .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
                .any(|word| word == name),
            None => wrapped
                .get_or_insert_with(|| {
                    STARTED
                        .captures_iter(script)
                        .filter_map(|found| Some(found.get(1)?.as_str()))
                        .collect()
                })
                .contains(name),
        };
        if !starts_itself {
            own.insert(name.to_owned());
        }
    }
    own
}

/// The name by which a command calls what the shell itself may know: no path, and nothing in front but words of the shell.
fn called_by_name(command: &[Word]) -> Option<&str> {
    let mut words = command.iter().map(|word| word.text.as_str());
    words.find(|word| {
        !matches!(
            *word,
            "then" | "do" | "else" | "elif" | "if" | "while" | "until" | "!" | "{" | "time"
        )
    })
}

/// Keeps what a command sets: `NAME=value`, `export NAME=value`, `for NAME in a b`.
fn remember(command: &[Word], values: &mut HashMap<String, Vec<String>>) {
    let mut words = command.iter().map(|word| word.text.as_str()).peekable();
    while words
        .next_if(|word| {
            matches!(
                *word,
                "export" | "local" | "readonly" | "declare" | "typeset" | "then" | "do" | "else" | "-r" | "-x" | "{"
            )
        })
        .is_some()
    {}
    if words.peek() == Some(&"for") {
        words.next();
        if let (Some(name), Some("in")) = (words.next(), words.next()) {
            let items: Vec<String> = words.filter(|item| is_plain(item)).take(MOST_VALUES).map(str::to_owned).collect();
            values.insert(name.to_owned(), items);
        }
        return;
    }
    let set: Vec<(&str, &str)> = words
        .map_while(|word| word.split_once('=').filter(|(name, _)| is_name(name)))
        .collect();
    for (name, value) in set {
        let value = default(value);
        if is_plain(value) {
            values.entry(name.to_owned()).or_default().insert(0, value.to_owned());
            if let Some(known) = values.get_mut(name) {
                known.truncate(1);
            }
        } else {
            values.remove(name);
        }
    }
}

/// `${NAME:-value}`: the value, where nothing is computed in it.
fn default(value: &str) -> &str {
    let inside = value.strip_prefix("${").and_then(|value| value.strip_suffix('}'));
    let default = inside.and_then(|inside| inside.split_once(":-").or_else(|| inside.split_once('-')));
    default.map_or(value, |(_, default)| default.trim_matches(['"', '\'']))
}

/// The variable that a whole word is.
fn variable(word: &str) -> Option<&str> {
    let name = word.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    is_name(name).then_some(name)
}

/// A word with the variables that the script has set.
fn filled(word: &Word, values: &HashMap<String, Vec<String>>) -> Word {
    let mut text = String::new();
    let mut rest = word.text.as_str();
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let braced = behind.starts_with('{');
        let name = behind.trim_start_matches('{');
        let length = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        let closes = !braced || name[length..].starts_with('}');
        let value = values
            .get(&name[..length])
            .and_then(|values| values.first())
            .filter(|_| closes && length > 0);
        let taken = usize::from(braced) + length + usize::from(braced && closes);
        match value {
            Some(value) => text.push_str(value),
            None => text.push_str(&rest[at..at + 1 + taken.min(behind.len())]),
        }
        rest = &behind[taken.min(behind.len())..];
    }
    text.push_str(rest);
    Word { text, line: word.line }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A value in which nothing is computed.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.len() <= LONGEST_VALUE && !value.contains(['$', '`', '*', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;
    use proptest::prelude::*;

    fn has(path: &str, script: &str, wanted: &str) {
        let detector: &dyn Detector = if recipes(&FilePath::of(path)).is_some() { &Recipes } else { &Shell };
        let seen = seen(detector, path, script);
        assert!(seen.iter().any(|line| line.starts_with(wanted)), "{wanted} not in {seen:#?}");
    }

    #[test]
    fn programs_are_seen_with_what_the_script_sets() {
        has("a.sh", "#!/bin/sh\nMODEL=m-1\nacme run $MODEL", "3 Command acme run arg.0=m-1");
        has(
            "a.sh",
            "export MODEL=\"${MODEL:-m-1}\"\nacme run \"${MODEL}\"",
            "2 Command acme run arg.0=m-1",
        );
        has(
            "a.sh",
            "for m in m-1 m-2; do\n  acme pull \"$m\"\ndone",
            "2 Command acme pull arg.0=m-2",
        );
        has("a.sh", "acme run $UNKNOWN", "1 Command acme run arg.0=$UNKNOWN");
        has("a.sh", "pip install acme", "1 Package acme");
        has("a.sh", "docker run -d acme/llm:1", "1 Image acme/llm");
    }

    #[test]
    fn requests_are_seen_with_host_key_and_model() {
        let script = "BASE=https://api.x.example\ncurl \"$BASE/v1/chat\" \\\n  -H \"Authorization: Bearer $A_API_KEY\" \\\n  -d '{\"model\": \"m-1\"}'";
        has("a.sh", script, "2 Host api.x.example");
        has("a.sh", script, "3 Env A_API_KEY");
        has("a.sh", script, "4 Model m-1");
    }

    #[test]
    fn functions_and_aliases_of_the_script_are_no_programs() {
        for script in [
            "acme() {\n  echo \"$1\"\n}\nacme run m-1",
            "function acme { true; }\nif acme run m-1; then x; fi",
            "alias acme='docker run'\nacme run m-1",
        ] {
            let seen = seen(&Shell, "a.sh", script);
            assert!(seen.iter().all(|line| !line.contains("Command acme")), "{script}: {seen:?}");
        }
        // What only wraps the program starts it.
        has("a.sh", "acme() {\n  command acme --quiet \"$@\"\n}", "2 Command acme");
        has("a.sh", "alias acme='acme --quiet'\nacme run m-1", "2 Command acme run");
        has("a.sh", "acme() {\n  /opt/bin/acme \"$@\"\n}\nacme run m-1", "4 Command acme run");
        has("a.sh", "other() { true; }\nacme run m-1", "2 Command acme run");
        has("a.sh", "acme() { true; }\nsudo acme run m-1", "2 Command acme run");
    }

    #[test]
    fn words_in_comments_and_texts_start_nothing() {
        for script in [
            "# acme run m-1",
            "echo 'acme run m-1'",
            "cat <<EOF\nacme run m-1\nEOF",
            "X='acme run m-1'",
            "echo acme run",
        ] {
            let seen = seen(&Shell, "a.sh", script);
            assert!(seen.iter().all(|line| !line.contains("Command acme")), "{script}: {seen:?}");
        }
    }

    #[test]
    fn recipes_are_read_as_scripts() {
        has(
            "Makefile",
            "MODEL ?= m-1\nrun: x\n\t@acme run $(MODEL)\n",
            "3 Command acme run arg.0=m-1",
        );
        has(
            "justfile",
            "model := \"m-1\"\nrun:\n    @acme run {{model}}\n",
            "3 Command acme run arg.0=m-1",
        );
        has("Procfile", "web: acme run m-1\n", "1 Command acme run arg.0=m-1");
        for (path, text) in [
            ("Makefile", "# \tacme run m-1\nacme: run m-1\n"),
            ("justfile", "acme run m-1:\n"),
            ("Makefile.am.txt", "\tacme run"),
        ] {
            let seen = seen(&Recipes, path, text);
            assert!(seen.iter().all(|line| !line.contains("Command acme")), "{path}: {seen:?}");
        }
        assert_eq!(Recipes.wants(&FilePath::of("a/Makefile.txt")), None);
    }

    #[test]
    fn broken_scripts_do_no_harm() {
        for broken in [
            "$(".repeat(20_000),
            "\"".repeat(20_001),
            "${".repeat(20_000),
            "A=$A$A\n".repeat(5_000),
            "for ".repeat(9_000),
        ] {
            observe(&broken, &mut Observations::default());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(script in "[a-z=$(){}'\"<\\\\ \né-]{0,200}") {
            observe(&script, &mut Observations::default());
        }
    }
}
