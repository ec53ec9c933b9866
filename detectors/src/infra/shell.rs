//! Command lines: their words, and what the words tell. Nothing is run, expanded or looked up.
//!
//! Readers of scripts in whatever file share this piece: [`commands`] parts a script, [`observe_command`] says what one
//! command tells.

use evidence::attribute;

use super::{command, install};
use crate::config::{reference, value};
use crate::{Kind, Observation, Observations};

/// A word without its quotes, and the line it starts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// What it says.
    pub(crate) text: String,
    /// Line, counted from 1.
    pub(crate) line: u32,
}

/// The commands of a script that starts on a line: parted at line ends and operators. What a here-document holds is one
/// word of the command that reads it.
pub(crate) fn commands(script: &str, line: u32) -> Vec<Vec<Word>> {
    split(script, line, true)
}

/// The words of a text in which operators mean nothing.
pub(super) fn words(text: &str, line: u32) -> Vec<Word> {
    split(text, line, false).into_iter().flatten().collect()
}

fn split(script: &str, first_line: u32, operators: bool) -> Vec<Vec<Word>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<Word> = None;
    let mut line = first_line;
    let mut quote = None;
    // Brackets that are open, and where the commands of the statement begin: `a|b)` is a pattern, not two programs.
    let (mut brackets, mut statement) = (0_usize, 0_usize);
    // End marks of here-documents that begin on the next line, and whether they may be indented.
    let mut documents: Vec<(String, bool)> = Vec::new();
    let mut chars = script.chars().peekable();
    while let Some(c) = chars.next() {
        let here = line;
        line += u32::from(c == '\n');
        let begin = || Word {
            text: String::new(),
            line: here,
        };
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('\''), _) => word.get_or_insert_with(begin).text.push(c),
            (_, '\\') => match chars.next() {
                Some('\n') => line += 1,
                // Within double quotes a backslash only escapes what would mean something there.
                Some(next) if quote.is_some() && !matches!(next, '"' | '\\' | '$' | '`') => {
                    word.get_or_insert_with(begin).text.extend(['\\', next])
                }
                Some(next) => word.get_or_insert_with(begin).text.push(next),
                None => {}
            },
            (Some(_), _) => word.get_or_insert_with(begin).text.push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_with(begin);
            }
            (None, '#') if operators && word.is_none() => while chars.next_if(|&next| next != '\n').is_some() {},
            (None, _) if c.is_whitespace() || operators && matches!(c, ';' | '&' | '|' | '(' | ')') => {
                if let (Some(word), Some(command)) = (word.take(), commands.last_mut()) {
                    command.push(word);
                }
                if c == '\n' && !documents.is_empty() {
                    let (body, lines) = here_documents(&mut chars, &std::mem::take(&mut documents));
                    if let Some(command) = commands.last_mut() {
                        command.push(Word { text: body, line });
                    }
                    line += lines;
                }
                match c {
                    '(' => brackets += 1,
                    ')' if brackets > 0 => brackets -= 1,
                    ')' if operators => {
                        commands.truncate(statement);
                        commands.push(Vec::new());
                    }
                    _ => {}
                }
                if operators && (c == '\n' || !c.is_whitespace()) && commands.last().is_some_and(|command| !command.is_empty()) {
                    commands.push(Vec::new());
                }
                if matches!(c, '\n' | ';') {
                    statement = commands.len() - 1;
                }
            }
            (None, '<') if operators && chars.peek() == Some(&'<') => {
                chars.next();
                // `<<<` hands over a word as it is.
                if chars.next_if_eq(&'<').is_none() {
                    documents.extend(end_mark(&mut chars));
                }
            }
            (None, _) => word.get_or_insert_with(begin).text.push(c),
        }
    }
    if let (Some(word), Some(command)) = (word, commands.last_mut()) {
        command.push(word);
    }
    commands.retain(|command| !command.is_empty());
    commands
}

/// The end mark behind `<<`, and whether it may be indented.
fn end_mark(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<(String, bool)> {
    let indented = chars.next_if_eq(&'-').is_some();
    while chars.next_if(|&c| matches!(c, ' ' | '\'' | '"' | '\\')).is_some() {}
    let mut mark = String::new();
    while let Some(c) = chars.next_if(|&c| c.is_ascii_alphanumeric() || c == '_') {
        mark.push(c);
    }
    chars.next_if(|&c| matches!(c, '\'' | '"'));
    mark.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        .then_some((mark, indented))
}

/// What stands in here-documents up to their end marks, and the number of lines it takes.
fn here_documents(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, documents: &[(String, bool)]) -> (String, u32) {
    let mut body = String::new();
    let mut lines = 0;
    for (mark, indented) in documents {
        while chars.peek().is_some() {
            let start = body.len();
            body.extend(chars.by_ref().take_while(|&c| c != '\n'));
            body.push('\n');
            lines += 1;
            let line = &body[start..body.len() - 1];
            let line = if *indented { line.trim_start() } else { line };
            if line.trim_end() == mark {
                body.truncate(start);
                break;
            }
        }
    }
    (body, lines)
}

/// Adds what the commands of a script tell.
pub(crate) fn observe_commands(scope: &'static str, commands: &[Vec<Word>], out: &mut Observations) {
    for command in commands {
        observe_command(scope, command, out);
    }
}

/// Adds what one command tells: the program it starts, packages it installs, models behind flags, settings, hosts, and
/// every other word as a text.
pub(crate) fn observe_command(scope: &'static str, words: &[Word], out: &mut Observations) {
    install::observe(words, out);
    command::observe(scope, words, out);
    if is_said_to_people(words) {
        // What is printed is prose; only the variables in it are used.
        for variable in words.iter().flat_map(|word| reference::expand(&word.text).variables) {
            out.push(Observation::new(Kind::Env, scope, variable, words[0].line));
        }
        return;
    }
    let before = out.as_slice().len();
    observe_words_within(scope, words, true, out);
    if sends_requests(words) {
        out.mark_sent_from(before);
    }
}

/// A command that makes a request of its words.
fn sends_requests(words: &[Word]) -> bool {
    let is_client = |word: &Word| {
        let program = word.text.rsplit('/').next().unwrap_or_default();
        matches!(program, "curl" | "wget" | "http" | "https" | "xh")
    };
    // Other words may stand in front, as in `until curl …`.
    words.iter().take(4).any(is_client)
}

/// A command that prints its words, and not into a file.
fn is_said_to_people(words: &[Word]) -> bool {
    let prints = words.first().is_some_and(|first| matches!(first.text.as_str(), "echo" | "printf"));
    prints && !words.iter().any(|word| word.text.starts_with('>'))
}

/// A command that writes the texts it is given into files: they may hold settings, but start nothing.
fn writes_texts(words: &[Word]) -> bool {
    words
        .first()
        .is_some_and(|first| matches!(first.text.as_str(), "cat" | "tee" | "echo" | "printf"))
}

/// Whether a command hands texts to a shell: `sh -c "…"`, a here-document for `bash`.
fn runs_scripts(words: &[Word]) -> bool {
    let is_shell = |word: &Word| {
        let program = word.text.rsplit('/').next().unwrap_or_default();
        matches!(program, "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh" | "su" | "eval")
    };
    let runs_text = |word: &Word| {
        let option = word.text.strip_prefix('-').unwrap_or_default();
        option.ends_with('c') && option.len() <= 4 && option.bytes().all(|b| b.is_ascii_lowercase())
    };
    match words.first() {
        Some(first) => is_shell(first) || runs_text(first) || words.iter().take(4).any(is_shell),
        None => false,
    }
}

/// Adds what the words of a command tell, but not what it starts.
pub(crate) fn observe_words(scope: &'static str, words: &[Word], out: &mut Observations) {
    observe_words_within(scope, words, true, out);
}

fn observe_words_within(scope: &'static str, words: &[Word], outermost: bool, out: &mut Observations) {
    let mut before = "";
    let mut rest = words.iter().peekable();
    while let Some(word) = rest.next() {
        let text = word.text.as_str();
        if text.trim_start().starts_with(['{', '[']) && text.contains('"') {
            // The body of a request.
            value::observe(scope, "", text, word.line, out);
        } else if text.contains(char::is_whitespace) && outermost {
            // `sh -c "…"`
            for command in commands(text, word.line) {
                if writes_texts(words) {
                    observe_settings(scope, &command, out);
                    continue;
                }
                if runs_scripts(words) {
                    install::observe(&command, out);
                    command::observe(scope, &command, out);
                }
                observe_words_within(scope, &command, false, out);
            }
        } else if let Some((name, set)) = text.split_once('=').filter(|(name, _)| is_name(name)) {
            observe_setting(scope, name, set, word.line, out);
        } else if text.starts_with("--") || text == "-m" && !before.contains("python") {
            if let Some(next) = rest.next_if(|next| !next.text.starts_with('-')) {
                observe_setting(scope, text, &next.text, next.line, out);
            }
        } else if !text.starts_with('-') {
            value::observe(scope, "", text, word.line, out);
        }
        before = text;
    }
}

/// Only what is set in a text: `NAME=value`, `name: value`.
fn observe_settings(scope: &'static str, words: &[Word], out: &mut Observations) {
    let Some(first) = words.first() else { return };
    if let Some((name, set)) = first.text.split_once('=').filter(|(name, _)| is_name(name)) {
        observe_setting(scope, name, set, first.line, out);
    } else if let (Some(name), Some(set)) = (first.text.strip_suffix(':').filter(|name| is_name(name)), words.get(1)) {
        observe_setting(scope, name, &set.text, set.line, out);
    }
}

fn is_name(name: &str) -> bool {
    let name = name.trim_start_matches('-');
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// `NAME=value`, `--name=value` or `--name value`.
pub(super) fn observe_setting(scope: &'static str, name: &str, set: &str, line: u32, out: &mut Observations) {
    let plain = name.trim_start_matches('-');
    value::observe_variable(scope, plain, line, out);
    if name == "-m" && value::is_model_id(set) && !is_module(set) {
        out.push(Observation::new(Kind::Model, scope, set, line).with(attribute::NAME, name));
    } else {
        value::observe(scope, plain, set, line, out);
    }
}

/// `package.module`, which `-m` runs.
fn is_module(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::lines_of;

    fn split_texts(script: &str) -> Vec<String> {
        commands(script, 1)
            .iter()
            .map(|command| command.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join("|"))
            .collect()
    }

    fn seen(script: &str) -> Vec<String> {
        let mut out = Observations::default();
        observe_commands("compose", &commands(script, 1), &mut out);
        lines_of(&out)
    }

    #[test]
    fn scripts_are_split_like_a_shell_does() {
        assert_eq!(
            split_texts("pip install 'a b' \\\n  c\\ d \"e'f\" # why\n&& x;y|z (w)\n\n"),
            ["pip|install|a b|c d|e'f", "x", "y", "z", "w"]
        );
        assert_eq!(split_texts("a '' b#c"), ["a||b#c"]);
        assert_eq!(split_texts("\"open"), ["open"]);
        assert_eq!(words("a;b c", 1).len(), 2);
    }

    #[test]
    fn patterns_of_cases_are_no_commands() {
        assert_eq!(
            split_texts("case \"$1\" in\nacme)\n  run a ;;\nb|c) run (x) ;;\nesac\nd | (e; f)"),
            ["case|$1|in", "run|a", "run", "x", "esac", "d", "e", "f"]
        );
        assert_eq!(split_texts(")\n)\na"), ["a"]);
    }

    #[test]
    fn here_documents_are_one_word() {
        assert_eq!(
            split_texts("cat > f <<'EOF'\nacme run x\nEOF\nb <<-A\n\ty\n\tA\nc <<< z\nd"),
            ["cat|>|f|acme run x\n", "b|\ty\n", "c|z", "d"]
        );
        assert_eq!(split_texts("a <<EOF\nnever ends"), ["a|never ends\n"]);
        let commands = commands("a <<E\n1\nE\nb", 1);
        assert_eq!((commands[0][1].line, commands[1][0].line), (2, 4));
    }

    #[test]
    fn scripts_inside_commands_start_programs_and_texts_do_not() {
        for script in [
            "sh -c 'acme run m1'",
            "-c 'sleep 3; acme run m1'",
            "bash -lc \"x && acme run m1\"",
            "bash <<E\nacme run m1\nE",
        ] {
            assert!(
                seen(script).iter().any(|line| line.ends_with("Command acme run arg.0=m1")),
                "{script}: {:?}",
                seen(script)
            );
        }
        for script in [
            "echo 'acme run m1'",
            "cat > readme <<E\nacme run m1\nE",
            "say \"sh -c 'acme run m1'\"",
        ] {
            assert!(
                !seen(script).iter().any(|line| line.contains("Command acme")),
                "{script}: {:?}",
                seen(script)
            );
        }
    }

    #[test]
    fn the_body_of_a_request_is_sent_and_other_data_is_not() {
        for script in [
            "curl -s https://x.example/v1 -d '{\"model\": \"gpt-x\"}'",
            "until curl https://x.example/v1 --data \"{\\\"model\\\": \\\"gpt-x\\\"}\"; do sleep 1; done",
            "curl https://x.example/v1 --json @- <<E\n{\"model\": \"gpt-x\"}\nE",
        ] {
            assert!(
                seen(script)
                    .iter()
                    .any(|line| line.contains("Model gpt-x") && line.contains("sent=yes")),
                "{script}: {:?}",
                seen(script)
            );
        }
        for script in ["cat > body.json <<E\n{\"model\": \"gpt-x\"}\nE", "acme -d '{\"model\": \"gpt-x\"}'"] {
            assert!(
                seen(script).iter().all(|line| !line.contains("sent=")),
                "{script}: {:?}",
                seen(script)
            );
        }
    }

    #[test]
    fn what_is_printed_is_no_setting_but_what_is_written_is() {
        for script in [
            "echo use --model gpt-x",
            "printf 'LLM_MODEL=gpt-x'",
            "cat > readme <<E\nacme run gpt-x\nE",
        ] {
            assert!(
                seen(script).iter().all(|line| line.contains("Command")
                    || line.ends_with("Literal cat")
                    || line.ends_with("Literal >")
                    || line.ends_with("Literal readme")),
                "{script}: {:?}",
                seen(script)
            );
        }
        for script in [
            "echo 'LLM_MODEL=gpt-x y' > .env",
            "cat > .env <<E\nLLM_MODEL=gpt-x\nE",
            "cat > c.yaml <<E\nmodel: gpt-x\nE",
        ] {
            assert!(
                seen(script).iter().any(|line| line.contains("Model gpt-x")),
                "{script}: {:?}",
                seen(script)
            );
        }
        assert!(seen("echo $LLM_KEY | login").contains(&"1 Env LLM_KEY".to_owned()));
    }

    #[test]
    fn words_know_their_lines() {
        let commands = commands("a \\\n b\nc", 7);
        assert_eq!((commands[0][0].line, commands[0][1].line, commands[1][0].line), (7, 8, 9));
    }

    #[test]
    fn models_behind_flags_are_seen() {
        assert_eq!(
            seen("serve --model org/name-7b"),
            [
                "1 Command serve arg.0=org/name-7b arg.model=org/name-7b",
                "1 Literal serve",
                "1 Model org/name-7b name=model"
            ]
        );
        for script in [
            "--model=gpt-x",
            "--model-id gpt-x",
            "--llm.model gpt-x",
            "-m gpt-x",
            "sh -c '--model gpt-x'",
        ] {
            assert!(
                seen(script).iter().any(|line| line.starts_with("1 Model gpt-x name=")),
                "{script}: {:?}",
                seen(script)
            );
        }
        for script in [
            "python -m venv.x",
            "-m vllm.entrypoints.api_server",
            "--model --other",
            "--mode gpt-x",
            "--model /weights",
        ] {
            assert!(
                !seen(script).iter().any(|line| line.contains("Model ")),
                "{script}: {:?}",
                seen(script)
            );
        }
    }

    #[test]
    fn settings_and_hosts_are_seen() {
        assert_eq!(
            seen("LLM_KEY=abc curl https://x.example/v1 --host 0.0.0.0:80"),
            [
                "1 Command curl arg.0=https://x.example/v1 arg.host=0.0.0.0:80",
                "1 Env LLM_KEY",
                "1 Literal abc name=LLM_KEY",
                "1 Literal curl",
                "1 Host x.example path=/v1",
                "1 Host 0.0.0.0:80 name=host",
            ]
        );
    }
}
