//! Which program a command starts, behind whatever only runs another program, and with what arguments. What a program
//! is for is not known here.

use evidence::{Relation, attribute};

use super::image;
use super::shell::Word;
use crate::config::value;
use crate::{Kind, Observation, Observations};

/// Programs that run others are looked behind this often.
const DEEPEST: usize = 8;
/// Longest value of an argument that is kept.
const LONGEST_VALUE: usize = 256;
/// Arguments that are kept of one command.
const MOST_ARGUMENTS: usize = 64;
/// Longest name of a program or sub-command.
const LONGEST_NAME: usize = 80;

/// Words of a shell, and programs that do nothing but run the rest of their words.
const PRELUDE: [&str; 23] = [
    "sudo",
    "exec",
    "time",
    "env",
    "command",
    "builtin",
    "nohup",
    "nice",
    "then",
    "do",
    "else",
    "elif",
    "if",
    "while",
    "until",
    "!",
    "{",
    "xargs",
    "doas",
    "setsid",
    "stdbuf",
    "tini",
    "dumb-init",
];

/// Options of what runs containers that are followed by a value.
const CONTAINER_VALUES: [&str; 30] = [
    "-p",
    "--publish",
    "-v",
    "--volume",
    "-e",
    "--env",
    "--env-file",
    "--name",
    "--gpus",
    "--network",
    "--net",
    "--runtime",
    "--restart",
    "-u",
    "--user",
    "-w",
    "--workdir",
    "-h",
    "--hostname",
    "--mount",
    "--shm-size",
    "--entrypoint",
    "--platform",
    "--label",
    "-l",
    "-m",
    "--memory",
    "--device",
    "--ipc",
    "--add-host",
];

/// Adds the program that a command starts, with its arguments, and what is fetched to run it.
pub(super) fn observe(scope: &'static str, command: &[Word], out: &mut Observations) {
    let mut rest = command;
    for _ in 0..DEEPEST {
        rest = behind_prelude(rest);
        match run_by(rest) {
            Runs::Program(behind) => rest = &rest[behind.min(rest.len())..],
            Runs::Package { ecosystem, at } => {
                let Some(word) = rest.get(at) else { return };
                observe_package(ecosystem, word, out);
                rest = &rest[at..];
                break;
            }
            Runs::Image(at) => {
                let Some(word) = rest.get(at) else { return };
                image::observe(&word.text, word.line, out);
                rest = &rest[at + 1..];
            }
            Runs::Itself => break,
        }
    }
    if let Some(observation) = started(scope, rest) {
        out.push(observation);
    }
}

/// The command without settings, words of the shell and programs in front of it.
fn behind_prelude(words: &[Word]) -> &[Word] {
    let mut at = 0;
    let mut optional = false;
    while let Some(word) = words.get(at) {
        let text = word.text.as_str();
        let is_setting = text
            .split_once('=')
            .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        if PRELUDE.contains(&base(text)) {
            optional = true;
        } else if !(is_setting || optional && text.starts_with('-')) {
            break;
        }
        at += 1;
    }
    &words[at..]
}

/// What a command does before anything of its own.
enum Runs {
    /// It runs the words behind this position.
    Program(usize),
    /// It fetches the package that stands there and runs it.
    Package { ecosystem: &'static str, at: usize },
    /// It runs the image that stands there.
    Image(usize),
    /// It is the program itself.
    Itself,
}

fn run_by(words: &[Word]) -> Runs {
    let Some(program) = words.first().map(|word| base(&word.text)) else {
        return Runs::Itself;
    };
    let second = words.get(1).map_or("", |word| word.text.as_str());
    // Where the first word behind options stands; some of them take the next word.
    let positional = |from: usize, valued: &[&str]| {
        let mut at = from;
        while let Some(word) = words.get(at).filter(|word| word.text.starts_with('-') && word.text.len() > 1) {
            at += if valued.contains(&word.text.as_str()) { 2 } else { 1 };
        }
        at
    };
    match (program, second) {
        ("timeout", _) => Runs::Program(positional(1, &["-s", "-k", "--signal", "--kill-after"]) + 1),
        ("uv" | "poetry" | "pdm" | "pipenv" | "hatch" | "rye" | "pixi", "run") => Runs::Program(positional(
            2,
            &[
                "--with",
                "--python",
                "-p",
                "--extra",
                "--group",
                "--env-file",
                "--project",
                "--directory",
                "-e",
            ],
        )),
        ("conda" | "mamba" | "micromamba", "run") => Runs::Program(positional(2, &["-n", "--name", "-p", "--prefix"])),
        ("bundle", "exec") => Runs::Program(2),
        ("npx" | "bunx", _) => Runs::Package {
            ecosystem: "npm",
            at: positional(1, &["-p", "--package", "-c"]),
        },
        ("pnpm" | "yarn", "dlx") | ("npm", "exec") | ("bun", "x") => Runs::Package {
            ecosystem: "npm",
            at: positional(2, &["-p", "--package", "-c"]),
        },
        ("uvx", _) => Runs::Package {
            ecosystem: "pypi",
            at: positional(1, &["--from", "--with", "--python", "-p", "--index-url"]),
        },
        ("pipx", "run") => Runs::Package {
            ecosystem: "pypi",
            at: positional(2, &["--spec", "--python"]),
        },
        ("docker" | "podman" | "nerdctl", "run" | "create") => Runs::Image(positional(2, &CONTAINER_VALUES)),
        ("docker" | "podman" | "nerdctl", "pull") => Runs::Image(positional(2, &["--platform"])),
        ("docker" | "podman" | "nerdctl", "exec") => Runs::Program(positional(2, &CONTAINER_VALUES) + 1),
        ("docker", "compose") | ("docker-compose", _) => {
            let exec = words
                .iter()
                .take(8)
                .position(|word| matches!(word.text.as_str(), "exec" | "run"))
                .map(|at| positional(at + 1, &CONTAINER_VALUES) + 1);
            exec.map_or(Runs::Itself, Runs::Program)
        }
        ("kubectl" | "oc", "exec" | "run") => words
            .iter()
            .position(|word| word.text == "--")
            .map_or(Runs::Itself, |at| Runs::Program(at + 1)),
        _ => Runs::Itself,
    }
}

/// The program that a command starts with, as an observation.
fn started(scope: &'static str, words: &[Word]) -> Option<Observation> {
    let first = words.first()?;
    let mut program = base(&first.text);
    let mut from = 1;
    if let Some(at) = module_at(program, words) {
        program = words.get(at)?.text.as_str();
        from = at + 1;
    }
    // A version behind a package's name is no part of the program's.
    let program = match program.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => &program[..at],
        None => program,
    };
    if !is_name(program) {
        return None;
    }
    let mut key = program.to_owned();
    if let Some(sub) = words.get(from).filter(|word| is_sub_command(&word.text)) {
        key.push(' ');
        key.push_str(&sub.text);
        from += 1;
    }
    let mut observation = Observation::new(Kind::Command, scope, key, first.line);
    let mut positions = 0;
    let mut rest = words[from.min(words.len())..].iter().take(MOST_ARGUMENTS).peekable();
    let mut last_value = None;
    while let Some(word) = rest.next() {
        let text = word.text.as_str();
        let (name, set) = match text.strip_prefix('-').map(|name| name.trim_start_matches('-')) {
            Some(option) => match option.split_once('=') {
                Some((name, set)) => (name.to_owned(), set),
                None => match rest.next_if(|next| !next.text.starts_with('-')) {
                    Some(next) => {
                        last_value = Some(next.text.as_str()).filter(|_| rest.peek().is_none());
                        (option.to_owned(), next.text.as_str())
                    }
                    None => (option.to_owned(), "true"),
                },
            },
            None => {
                positions += 1;
                ((positions - 1).to_string(), text)
            }
        };
        observation = with_argument(observation, &name, set);
    }
    // `run --verbose NAME`: what ends a command without any other word may be meant as one.
    if let Some(value) = last_value.filter(|_| positions == 0) {
        observation = with_argument(observation, "0", value);
    }
    Some(observation)
}

fn with_argument(observation: Observation, name: &str, set: &str) -> Observation {
    let name = format!("{}{name}", attribute::ARGUMENT);
    if name.len() > LONGEST_NAME || set.len() > LONGEST_VALUE || observation.attributes.contains_key(name.as_str()) {
        return observation;
    }
    observation.with(name, set)
}

/// `python -m module`: where the module stands.
fn module_at(program: &str, words: &[Word]) -> Option<usize> {
    program
        .strip_prefix("python")
        .or_else(|| program.strip_prefix("torchrun"))
        .filter(|version| version.bytes().all(|b| b.is_ascii_digit() || b == b'.'))?;
    let at = words
        .iter()
        .take(6)
        .position(|word| matches!(word.text.as_str(), "-m" | "--module"))?;
    Some(at + 1)
}

fn observe_package(ecosystem: &'static str, word: &Word, out: &mut Observations) {
    let text = word.text.as_str();
    let at = text.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| at);
    let (name, version) = at.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
    let is_package = is_name(name.strip_prefix('@').unwrap_or(name).split('/').next_back().unwrap_or_default())
        && name.bytes().filter(|&b| b == b'/').count() == usize::from(name.starts_with('@'))
        && !name.starts_with('.');
    if is_package {
        let observation = Observation::new(Kind::Package, ecosystem, name, word.line)
            .with(attribute::VERSION, version)
            .with(attribute::RELATION, Relation::Direct.as_str());
        out.push(observation);
    }
}

/// The last part of a path.
fn base(text: &str) -> &str {
    if text.starts_with('@') {
        return text;
    }
    text.rsplit('/').next().unwrap_or(text)
}

fn is_name(text: &str) -> bool {
    let plain = text.strip_prefix('@').unwrap_or(text);
    plain.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.len() <= LONGEST_NAME
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+' | b'@' | b'/'))
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// A word in small letters right behind the program. What may be a model's or a file's name is none.
fn is_sub_command(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && (!text.bytes().any(|b| b.is_ascii_digit()) || !value::is_model_id(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::lines_of;
    use crate::infra::shell;

    fn seen(script: &str) -> Vec<String> {
        let mut out = Observations::default();
        for command in shell::commands(script, 1) {
            observe("shell", &command, &mut out);
        }
        lines_of(&out).into_iter().map(|line| line[2..].to_owned()).collect()
    }

    #[test]
    fn programs_are_seen_with_sub_command_and_arguments() {
        for (script, found) in [
            ("acme run llama3", "Command acme run arg.0=llama3"),
            ("/usr/bin/acme pull org/name:7b", "Command acme pull arg.0=org/name:7b"),
            ("acme run --verbose llama3", "Command acme run arg.0=llama3 arg.verbose=llama3"),
            (
                "acme serve org/m --port 80 --x=y -q",
                "Command acme serve arg.0=org/m arg.port=80 arg.q=true arg.x=y",
            ),
            ("acme -p 'say hi'", "Command acme arg.0=say hi arg.p=say hi"),
            ("python3 -m acme.server --model m1", "Command acme.server arg.0=m1 arg.model=m1"),
            ("python train.py", "Command python arg.0=train.py"),
        ] {
            assert_eq!(seen(script), [found], "{script}");
        }
    }

    #[test]
    fn what_only_runs_another_program_is_looked_behind() {
        for script in [
            "sudo -E acme run m1",
            "A=b nohup acme run m1 &",
            "if acme run m1",
            "exec env X=1 acme run m1",
            "timeout -k 5 60s acme run m1",
            "uv run --with x acme run m1",
            "docker exec -it box acme run m1",
            "docker compose exec -T box acme run m1",
            "kubectl exec pod/x -n y -- acme run m1",
            "$(acme run m1)",
        ] {
            assert!(
                seen(script).contains(&"Command acme run arg.0=m1".to_owned()),
                "{script}: {:?}",
                seen(script)
            );
        }
    }

    #[test]
    fn packages_and_images_that_are_run_are_seen() {
        assert_eq!(
            seen("npx -y @acme/server@1.2 --port 1"),
            [
                "Package @acme/server relation=direct version=1.2",
                "Command @acme/server arg.0=1 arg.port=1"
            ]
        );
        assert_eq!(seen("uvx acme-mcp")[0], "Package acme-mcp relation=direct");
        assert_eq!(
            seen("docker run -d -p 1:1 --gpus all --name x acme/llm:1 serve org/m1"),
            ["Image acme/llm tag=1", "Command serve arg.0=org/m1"]
        );
        assert_eq!(seen("docker pull acme/llm")[0], "Image acme/llm");
    }

    #[test]
    fn what_starts_nothing_gives_nothing() {
        for script in [
            "--model x",
            "A=b",
            "# acme run",
            "npx ./local.js",
            "docker run",
            "$ACME run x",
            "sudo",
            "'two words' x",
        ] {
            assert!(
                seen(script).iter().all(|line| line.starts_with("Command local.js")),
                "{script}: {:?}",
                seen(script)
            );
        }
    }
}
