//! Programs that code starts: the functions that do it in each language, and the command line that their arguments come to. What
//! the line tells, the reader of command lines says; nothing is started.

use super::facts::{Call, Facts, Value};
use super::resolve::Names;
use crate::Observations;
use crate::infra::shell::{self, Word};

/// The scope of what is started, as that of scripts.
pub(super) const SCOPE: &str = "shell";
/// Programs that one file starts, as far as they are looked at.
const MOST: usize = 1_000;
/// Words of one command line.
const MOST_WORDS: usize = 64;
/// What stands for a word that is computed.
const COMPUTED: &str = "{}";

/// Adds what the programs tell that a file starts.
pub(super) fn observe(scope: &str, facts: &Facts, names: &Names<'_>, out: &mut Observations) {
    for (script, line) in facts.scripts.iter().take(MOST) {
        shell::observe_commands(SCOPE, &shell::commands(script, *line), out);
    }
    let Some(starts) = starters(scope) else { return };
    let starting = facts.calls.iter().enumerate().filter(|(_, call)| may_start(starts, call));
    for (at, call) in starting.take(MOST) {
        let written = call.callee.join(".");
        let resolved = names.callee(&call.callee);
        let ends = |name: &str, key: &str| name == key || name.strip_suffix(key).is_some_and(|before| before.ends_with(['.', ':', '/']));
        let Some(&(_, skipped)) = starts.iter().find(|(key, _)| match key.strip_prefix('=') {
            // A function of the language itself, which has no module in front of it.
            Some(own) => written == own,
            None => ends(&resolved, key),
        }) else {
            continue;
        };
        let mut values: Vec<&Value> = positional(call).skip(skipped).collect();
        values.extend(
            ["FileName", "fileName", "Arguments", "arguments"]
                .iter()
                .filter_map(|name| named(call, name)),
        );
        if scope == "rust" {
            values.extend(added(&facts.calls, at));
        }
        for command in commands(&values, call.line, names) {
            shell::observe_command(SCOPE, &command, out);
        }
    }
}

/// The functions that start a program, by the end of what they are called when resolved (`=` where all of the name is written), and how
/// many of their arguments stand before the program.
type Starters = &'static [(&'static str, usize)];

fn starters(scope: &str) -> Option<Starters> {
    let found: Starters = match scope {
        "python" => &[
            ("subprocess.run", 0),
            ("subprocess.call", 0),
            ("subprocess.Popen", 0),
            ("subprocess.check_output", 0),
            ("subprocess.check_call", 0),
            ("subprocess.getoutput", 0),
            ("subprocess.getstatusoutput", 0),
            ("os.system", 0),
            ("os.popen", 0),
            ("asyncio.create_subprocess_exec", 0),
            ("asyncio.create_subprocess_shell", 0),
            ("pexpect.spawn", 0),
            ("pexpect.run", 0),
        ],
        "javascript" => &[
            ("child_process.exec", 0),
            ("child_process.execSync", 0),
            ("child_process.execFile", 0),
            ("child_process.execFileSync", 0),
            ("child_process.spawn", 0),
            ("child_process.spawnSync", 0),
            ("cross-spawn.default", 0),
            ("cross-spawn", 0),
            ("execa.execa", 0),
            ("execa.execaSync", 0),
            ("execa.execaCommand", 0),
            ("execa.default", 0),
            ("execa.$", 0),
            ("execa", 0),
            ("zx.$", 0),
            ("zx/core.$", 0),
            ("bun.$", 0),
            ("=Bun.spawn", 0),
            ("=Bun.spawnSync", 0),
            ("=Deno.Command", 0),
            ("=execAsync", 0),
            ("=execPromise", 0),
            ("=execFileAsync", 0),
            ("util.promisify", 0),
        ],
        "go" => &[("os/exec.Command", 0), ("os/exec.CommandContext", 1)],
        "rust" => &[
            ("process::Command.new", 0),
            ("process.Command.new", 0),
            ("process::Command::new", 0),
        ],
        "java" => &[("ProcessBuilder", 0), ("ProcessBuilder.command", 0), ("Runtime.getRuntime.exec", 0)],
        "csharp" => &[("Process.Start", 0), ("ProcessStartInfo", 0)],
        "ruby" => &[
            ("=system", 0),
            ("=exec", 0),
            ("=spawn", 0),
            ("=Kernel.system", 0),
            ("=Process.spawn", 0),
            ("=IO.popen", 0),
            ("Open3.capture2", 0),
            ("Open3.capture2e", 0),
            ("Open3.capture3", 0),
            ("Open3.popen3", 0),
        ],
        "php" => &[
            ("=exec", 0),
            ("=shell_exec", 0),
            ("=system", 0),
            ("=passthru", 0),
            ("=proc_open", 0),
            ("=popen", 0),
            ("Process.Process", 0),
            ("Process.fromShellCommandline", 0),
            ("Facades.Process.run", 0),
            ("Facades.Process.start", 0),
        ],
        "elixir" => &[("=System.cmd", 0), ("=System.shell", 0), ("MuonTrap.cmd", 0)],
        "r" => &[
            ("=system", 0),
            ("=system2", 0),
            ("=processx.run", 0),
            ("processx.run", 0),
            ("=sys.exec_wait", 0),
        ],
        "lua" => &[
            ("=os.execute", 0),
            ("=io.popen", 0),
            ("=vim.fn.system", 0),
            ("=vim.fn.jobstart", 0),
            ("=vim.system", 0),
        ],
        "dart" => &[("=Process.run", 0), ("=Process.start", 0), ("=Process.runSync", 0)],
        "c" | "objc" => &[("=system", 0), ("=popen", 0)],
        _ => return None,
    };
    Some(found)
}

/// Whether a call is worth being resolved: only a few hand over a text or a list first.
fn may_start(starts: Starters, call: &Call) -> bool {
    let Some(last) = call.callee.last() else { return false };
    let is_alike = starts.iter().any(|(key, _)| key.rsplit(['.', ':', '=']).next() == Some(last));
    is_alike || starts.len() > 1 && call.callee.len() == 1
}

/// The values of a call's arguments without names, in order.
fn positional(call: &Call) -> impl Iterator<Item = &Value> {
    let position = |name: &str| name.parse::<usize>().ok();
    let named = call.arguments.iter().filter(move |(name, _)| position(name).is_some());
    named.map(|(_, value)| value)
}

fn named<'c>(call: &'c Call, wanted: &str) -> Option<&'c Value> {
    call.arguments.iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
}

/// What is added to the command that a call makes, by calls on it: `Command::new("acme").arg("run").args(["m1"])`.
fn added(calls: &[Call], at: usize) -> Vec<&Value> {
    let begin = calls[at].line;
    let makes = |call: &Call| call.callee.last().is_some_and(|name| name == "new") && call.callee.iter().any(|name| name == "Command");
    let next = calls
        .iter()
        .filter(|call| makes(call) && call.line > begin)
        .map(|call| call.line)
        .min();
    let adds = |call: &&Call| {
        let is_on_a_command = call.callee.iter().any(|name| name == "new") && call.callee.iter().any(|name| name == "Command");
        is_on_a_command
            && matches!(call.callee.last().map(String::as_str), Some("arg" | "args"))
            && call.line >= begin
            && next.is_none_or(|next| call.line < next)
    };
    let mut adding: Vec<(usize, &Call)> = calls.iter().filter(adds).enumerate().collect();
    // Of calls on one line the outermost, which is the last one, stands first.
    adding.sort_by_key(|(at, call)| (call.line, std::cmp::Reverse(*at)));
    adding.into_iter().flat_map(|(_, call)| positional(call)).take(MOST_WORDS).collect()
}

/// The command lines that arguments come to: a list of words, a program with its words, or the text of a script.
fn commands(values: &[&Value], line: u32, names: &Names<'_>) -> Vec<Vec<Word>> {
    let text = |value: &Value| names.comes_to(value).map(str::to_owned);
    let word = |text: String| Word { text, line };
    let mut words: Vec<Word> = Vec::new();
    for (at, value) in values.iter().enumerate() {
        match names.held(value) {
            Value::Either(list) => {
                let listed = list.iter().take(MOST_WORDS);
                words.extend(listed.map(|value| word(text(value).unwrap_or_else(|| COMPUTED.to_owned()))));
                // What stands behind the list are settings.
                if at == 0 {
                    break;
                }
            }
            other => {
                let Some(told) = text(other) else {
                    if at == 0 {
                        return Vec::new();
                    }
                    words.push(word(COMPUTED.to_owned()));
                    continue;
                };
                let is_line = told.trim().contains(char::is_whitespace);
                if at == 0 && is_line {
                    return shell::commands(&told, line);
                }
                if is_line {
                    words.extend(shell::commands(&told, line).into_iter().flatten());
                } else {
                    words.push(word(told.trim().to_owned()));
                }
            }
        }
    }
    words.truncate(MOST_WORDS);
    if words.is_empty() { Vec::new() } else { vec![words] }
}

#[cfg(test)]
mod tests {
    use crate::code::LANGUAGES;
    use crate::config::tests::lines_of;
    use crate::{Artifact, Detector, FilePath, Observations};

    /// The commands in a file of this name.
    fn commands(path: &str, source: &str) -> Vec<String> {
        let mut out = Observations::default();
        let reader = LANGUAGES
            .iter()
            .find(|one| one.wants(&FilePath::of(path)).is_some())
            .expect("has a reader");
        reader.observe(&Artifact::new(path, source.as_bytes()), &mut out).expect("parses");
        let lines = lines_of(&out);
        lines.into_iter().filter(|line| line.contains(" Command ")).collect()
    }

    #[test]
    fn programs_that_python_starts_are_seen() {
        for (source, found) in [
            (
                "import subprocess\nsubprocess.run([\"acme\", \"run\", \"m1\"])",
                "2 Command acme run arg.0=m1",
            ),
            (
                "from subprocess import Popen\nPopen('acme run m1', shell=True)",
                "2 Command acme run arg.0=m1",
            ),
            ("import os\nos.system(f\"acme run m1 {x}\")", "2 Command acme run arg.0=m1 arg.1={}"),
            (
                "import subprocess\ncmd = ['acme', 'run', name]\nsubprocess.check_output(cmd)",
                "3 Command acme run arg.0={}",
            ),
            (
                "import asyncio\nasyncio.create_subprocess_exec('acme', 'run', 'm1')",
                "2 Command acme run arg.0=m1",
            ),
            (
                "import subprocess\nsubprocess.run(['bash', '-c', 'acme run m1'])",
                "2 Command acme run arg.0=m1",
            ),
        ] {
            let seen = commands("a.py", source);
            assert!(seen.iter().any(|line| line == found), "{source}: {seen:?}");
        }
        for source in [
            "subprocess = Runner()\nsubprocess.run(['acme', 'run', 'm1'])",
            "import subprocess\nsubprocess.run([binary, 'acme', 'run'])",
            "import os\nos.path.join('acme', 'run')",
            "import subprocess\nsubprocess.run(binary, cwd='acme run')",
            "run(['acme', 'run', 'm1'])",
            "import subprocess\n# subprocess.run(['acme', 'run', 'm1'])\nprint('acme run m1')",
        ] {
            let seen = commands("a.py", source);
            assert!(!seen.iter().any(|line| line.contains("Command acme")), "{source}: {seen:?}");
        }
    }

    #[test]
    fn programs_that_other_languages_start_are_seen() {
        for (path, source) in [
            (
                "a.ts",
                "import { spawn } from \"node:child_process\";\nspawn(\"acme\", [\"run\", \"m1\"], { stdio: \"pipe\" });",
            ),
            (
                "a.js",
                "const { execSync } = require(\"child_process\");\nexecSync(\"acme run m1\");",
            ),
            ("a.mjs", "import { $ } from \"execa\";\nawait $`acme run m1`;"),
            (
                "a.go",
                "package a\nimport \"os/exec\"; func f() { exec.CommandContext(ctx, \"acme\", \"run\", \"m1\") }",
            ),
            (
                "a.rs",
                "use std::process::Command;\nfn f() { Command::new(\"acme\").arg(\"run\").args([\"m1\"]).output(); }",
            ),
            ("a.rb", "\nout = `acme run m1`"),
            ("b.rb", "\nsystem(\"acme\", \"run\", \"m1\")"),
            ("a.php", "<?php\nexec(\"acme run m1\", $out);"),
            ("b.php", "<?php\n$out = `acme run m1`;"),
            (
                "A.java",
                "class A {\n void f() { new ProcessBuilder(\"acme\", \"run\", \"m1\").start(); } }",
            ),
            ("B.java", "class A {\n void f() { Runtime.getRuntime().exec(\"acme run m1\"); } }"),
            ("a.cs", "using System.Diagnostics;\nvar p = Process.Start(\"acme\", \"run m1\");"),
            ("a.ex", "defmodule A do\n def f, do: System.cmd(\"acme\", [\"run\", \"m1\"])\nend"),
            ("a.R", "\nsystem2(\"acme\", \"run m1\")"),
            ("a.lua", "\nos.execute(\"acme run m1\")"),
            ("a.dart", "import 'dart:io';\nvoid f() { Process.run('acme', ['run', 'm1']); }"),
            ("a.c", "\nint main() { return system(\"acme run m1\"); }"),
            ("a.ps1", "\nacme run m1"),
        ] {
            let seen = commands(path, source);
            assert!(seen.iter().any(|line| line == "2 Command acme run arg.0=m1"), "{path}: {seen:?}");
        }
        for (path, source) in [
            ("a.ts", "import { spawn } from \"./workers\";\nspawn(\"acme\", [\"run\", \"m1\"]);"),
            ("a.js", "regex.exec(\"acme run m1\"); db.exec(\"acme run m1\");"),
            (
                "a.go",
                "package a\nimport \"example.com/exec\"\nfunc f() { exec.Command(\"acme\", \"run\", \"m1\") }",
            ),
            ("a.rs", "use clap::Command;\nfn f() { Command::new(\"acme\").arg(\"run\"); }"),
            ("a.rb", "system_of(\"acme run m1\")\nputs \"acme run m1\""),
            ("a.php", "<?php\n$pdo->exec(\"acme run m1\");"),
            ("a.cs", "using Acme;\nvar p = Acme.Start(\"acme\", \"run m1\");"),
            ("a.ps1", "Write-Host acme run m1"),
        ] {
            let seen = commands(path, source);
            assert!(!seen.iter().any(|line| line.contains("Command acme")), "{path}: {seen:?}");
        }
    }
}
