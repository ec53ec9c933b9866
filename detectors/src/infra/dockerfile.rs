//! Dockerfiles: base images, what is installed, the environment, and the command that is started.

use std::collections::{BTreeMap, BTreeSet};

use super::image;
use super::shell::{self, Word};
use crate::config::{reference, value};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const SCOPE: &str = "dockerfile";
/// Values of arguments are kept up to this length, so that arguments that double each other stay small.
const LONGEST_VALUE: usize = 4096;

static INFO: Info = Info {
    id: "infra/dockerfile",
    title: "Dockerfiles",
    reads: &["Dockerfile", "Dockerfile.*", "*.Dockerfile", "Containerfile"],
    emits: &[
        (Kind::Image, image::SCOPE),
        (Kind::Package, "pypi"),
        (Kind::Package, "npm"),
        (Kind::Package, "git"),
        (Kind::Command, SCOPE),
        (Kind::Env, SCOPE),
        (Kind::Model, SCOPE),
        (Kind::Host, SCOPE),
        (Kind::Literal, SCOPE),
    ],
    needs: &[],
    docs: "https://docs.docker.com/reference/dockerfile/",
};

/// Reads Dockerfiles.
pub(super) struct Dockerfile;

impl Detector for Dockerfile {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.lower_name();
        let is_file = |word: &str| name == word || name.strip_prefix(word).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
        let is_named = name.ends_with(".dockerfile") || name.ends_with(".containerfile");
        let other = [".dockerignore", ".md", ".py", ".go", ".rs", ".js", ".ts"]
            .iter()
            .any(|end| name.ends_with(end));
        ((is_file("dockerfile") || is_file("containerfile") || is_named) && !other).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let mut build = Build::default();
        for instruction in instructions(artifact.text()?) {
            build.observe(&instruction, out);
        }
        Ok(())
    }
}

/// One instruction with the lines it goes on over, still as they were written.
#[derive(Debug, Default, PartialEq, Eq)]
struct Instruction {
    /// In capitals.
    name: String,
    arguments: String,
    /// What here-documents hold, and the line it starts on.
    documents: Vec<(String, u32)>,
    line: u32,
}

fn instructions(text: &str) -> Vec<Instruction> {
    let escape = escape_character(text);
    let mut found = Vec::new();
    let mut lines = (1_u32..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, first) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let mut instruction = Instruction {
            name: name.to_ascii_uppercase(),
            line: number,
            ..Instruction::default()
        };
        let mut part = first;
        loop {
            let continued = part.strip_suffix(escape);
            instruction.arguments.push_str(continued.unwrap_or(part));
            if continued.is_none() {
                break;
            }
            // Kept as a continuation, so that the words know their lines. Comments and blank lines continue too.
            instruction.arguments.push_str("\\\n");
            part = loop {
                match lines.next() {
                    None => break "",
                    Some((_, line)) if line.trim().is_empty() || line.trim_start().starts_with('#') => {
                        instruction.arguments.push_str("\\\n")
                    }
                    Some((_, line)) => break line.trim(),
                }
            };
        }
        if matches!(instruction.name.as_str(), "RUN" | "COPY" | "ADD") {
            for (end, trims) in here_documents(&instruction.arguments) {
                instruction.documents.push(here_document(&mut lines, &end, trims));
            }
        }
        found.push(instruction);
    }
    found
}

/// The line continuation that a directive at the top chooses.
fn escape_character(text: &str) -> char {
    let directives = text.lines().map(str::trim).take_while(|line| line.starts_with('#'));
    let chosen = directives
        .filter_map(|line| line[1..].split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("escape"));
    if chosen.is_some_and(|(_, value)| value.trim() == "`") {
        '`'
    } else {
        '\\'
    }
}

/// The end marks of here-documents that a line opens, and whether they may be indented.
fn here_documents(arguments: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for part in arguments.split("<<").skip(1) {
        let trims = part.starts_with('-');
        let mark = part.trim_start_matches('-');
        let quoted = mark.trim_start_matches(['"', '\'']);
        let end = quoted
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(quoted.len());
        if quoted.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            found.push((quoted[..end].to_owned(), trims));
        }
    }
    found
}

fn here_document<'t>(lines: &mut impl Iterator<Item = (u32, &'t str)>, end: &str, trims: bool) -> (String, u32) {
    let mut body = String::new();
    let mut start = 0;
    for (number, line) in lines {
        if start == 0 {
            start = number;
        }
        if line == end || trims && line.trim_start_matches('\t') == end {
            break;
        }
        body.push_str(line);
        body.push('\n');
    }
    (body, start)
}

/// What is known while the instructions of a file are read one after the other.
#[derive(Default)]
struct Build {
    stages: BTreeSet<String>,
    arguments: BTreeMap<String, String>,
}

impl Build {
    fn observe(&mut self, instruction: &Instruction, out: &mut Observations) {
        let Instruction {
            name,
            arguments,
            documents,
            line,
        } = instruction;
        match name.as_str() {
            "FROM" => self.observe_base(&shell::words(arguments, *line), out),
            "ARG" | "ENV" => self.observe_settings(&shell::words(arguments, *line), out),
            "COPY" | "ADD" => self.observe_copy(&shell::words(arguments, *line), out),
            "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" => {
                self.observe_command(arguments, *line, out);
                for (body, line) in documents {
                    self.observe_script(&shell::commands(body, *line), out);
                }
            }
            "ONBUILD" => {
                let (name, arguments) = arguments.split_once(char::is_whitespace).unwrap_or((arguments, ""));
                if !name.eq_ignore_ascii_case("onbuild") {
                    let inner = Instruction {
                        name: name.to_ascii_uppercase(),
                        arguments: arguments.to_owned(),
                        line: *line,
                        ..Instruction::default()
                    };
                    self.observe(&inner, out);
                }
            }
            _ => {}
        }
    }

    fn resolve(&self, text: &str) -> String {
        let mut resolved = reference::expand_with(text, &|name| self.arguments.get(name).cloned())
            .text
            .into_owned();
        resolved.truncate(resolved.floor_char_boundary(LONGEST_VALUE));
        resolved
    }

    fn observe_base(&mut self, words: &[Word], out: &mut Observations) {
        let mut words = words.iter().filter(|word| !word.text.starts_with("--"));
        let Some(base) = words.next() else { return };
        self.observe_image(&base.text, base.line, out);
        if words.next().is_some_and(|word| word.text.eq_ignore_ascii_case("as"))
            && let Some(stage) = words.next()
        {
            self.stages.insert(stage.text.to_ascii_lowercase());
        }
    }

    fn observe_image(&self, text: &str, line: u32, out: &mut Observations) {
        let name = self.resolve(text);
        let is_stage = self.stages.contains(&name.to_ascii_lowercase()) || name.bytes().all(|b| b.is_ascii_digit());
        if !is_stage && name != "scratch" {
            image::observe(&name, line, out);
        }
    }

    fn observe_settings(&mut self, words: &[Word], out: &mut Observations) {
        let Some(first) = words.first() else { return };
        let is_old_form = !first.text.contains('=') && words.len() > 1 && !words[1].text.contains('=');
        if is_old_form {
            let rest: Vec<&str> = words[1..].iter().map(|word| word.text.as_str()).collect();
            self.observe_setting(&first.text, Some(&rest.join(" ")), first.line, out);
            return;
        }
        for word in words {
            let (name, set) = word
                .text
                .split_once('=')
                .map_or((word.text.as_str(), None), |(name, set)| (name, Some(set)));
            self.observe_setting(name, set, word.line, out);
        }
    }

    fn observe_setting(&mut self, name: &str, set: Option<&str>, line: u32, out: &mut Observations) {
        out.push(Observation::new(Kind::Env, SCOPE, name, line));
        if let Some(set) = set {
            let resolved = self.resolve(set);
            value::observe(SCOPE, name, &resolved, line, out);
            self.arguments.insert(name.to_owned(), resolved);
        }
    }

    fn observe_copy(&self, words: &[Word], out: &mut Observations) {
        for word in words {
            match word.text.strip_prefix("--from=") {
                Some(from) => self.observe_image(from, word.line, out),
                None if word.text.contains("://") => value::observe(SCOPE, "", &self.resolve(&word.text), word.line, out),
                None => {}
            }
        }
    }

    fn observe_command(&self, arguments: &str, line: u32, out: &mut Observations) {
        let flat = arguments.replace("\\\n", " ");
        let list_at = flat
            .find('[')
            .filter(|&at| flat[..at].split_whitespace().all(|word| word.starts_with("--") || word == "CMD"));
        if let Some(texts) = list_at.and_then(|at| serde_json::from_str::<Vec<String>>(flat[at..].trim()).ok()) {
            let words: Vec<Word> = texts.into_iter().map(|text| Word { text, line }).collect();
            self.observe_script(&[words], out);
        } else {
            self.observe_script(&shell::commands(arguments, line), out);
        }
    }

    fn observe_script(&self, commands: &[Vec<Word>], out: &mut Observations) {
        for command in commands {
            let words: Vec<Word> = command
                .iter()
                .map(|word| Word {
                    text: self.resolve(&word.text),
                    line: word.line,
                })
                .collect();
            for word in &words {
                let from = word
                    .text
                    .strip_prefix("--mount=")
                    .and_then(|mount| mount.split(',').find_map(|part| part.strip_prefix("from=")));
                if let Some(from) = from {
                    self.observe_image(from, word.line, out);
                }
            }
            shell::observe_command(SCOPE, &words, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    fn lines(text: &str) -> Vec<String> {
        seen(&Dockerfile, "Dockerfile", text)
    }

    fn images(text: &str) -> Vec<String> {
        lines(text).into_iter().filter(|line| line.contains(" Image ")).collect()
    }

    #[test]
    fn base_images_are_seen_and_stages_are_not() {
        let text = "# syntax=docker/dockerfile:1\nARG BASE=vllm/vllm-openai\nARG TAG\nFROM --platform=linux/amd64 ${BASE}:${TAG:-v1} AS Build\nFROM build\nFROM scratch\nCOPY --from=build /a /b\nCOPY --from=0 /a /b\nCOPY --from=ghcr.io/astral-sh/uv:0.4 /uv /uv\nRUN --mount=type=bind,from=org/tools,source=/x true\nFROM $UNKNOWN\n";
        assert_eq!(
            images(text),
            [
                "4 Image vllm/vllm-openai tag=v1",
                "9 Image ghcr.io/astral-sh/uv tag=0.4",
                "10 Image org/tools"
            ]
        );
    }

    #[test]
    fn settings_are_seen_in_both_forms() {
        assert_eq!(
            lines(
                "ARG LLM_MODEL=gpt-x\nENV A_MODEL=${LLM_MODEL} \\\n  # comment\n  LLM_URL=\"https://x.example/v1\"\nENV OLD_NAME two words\nARG LLM_KEY\n"
            ),
            [
                "1 Env LLM_MODEL",
                "1 Model gpt-x name=LLM_MODEL",
                "2 Env A_MODEL",
                "2 Model gpt-x name=A_MODEL",
                "4 Env LLM_URL",
                "4 Host x.example name=LLM_URL path=/v1",
                "5 Env OLD_NAME",
                "5 Literal two words name=OLD_NAME",
                "6 Env LLM_KEY",
            ]
        );
    }

    #[test]
    fn installed_packages_are_seen_on_their_lines() {
        let found = lines(
            "RUN apt-get update && \\\n    pip install \\\n# a comment\n      openai==1.2 \\\n      -r requirements.txt && \\\n    npm i -g @a/b\n",
        );
        assert!(
            found.contains(&"4 Package openai relation=direct version===1.2".to_owned()),
            "{found:?}"
        );
        assert!(found.contains(&"6 Package @a/b relation=direct".to_owned()), "{found:?}");
        assert_eq!(found.iter().filter(|line| line.contains("Package")).count(), 2);
    }

    #[test]
    fn commands_and_documents_are_read() {
        let text = "RUN <<EOF\npip install vllm\ncurl https://x.example\nEOF\nCMD [\"serve\", \"--model\", \"org/m1\"]\nHEALTHCHECK --interval=5s CMD curl http://localhost:8000/health\n";
        let found = lines(text);
        for line in [
            "2 Package vllm relation=direct",
            "3 Host x.example",
            "5 Model org/m1 name=model",
            "6 Host localhost:8000 path=/health",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:?}");
        }
    }

    #[test]
    fn comments_and_other_instructions_say_nothing() {
        assert_eq!(
            lines("# FROM a/b\nLABEL x=https://x.example\nWORKDIR /pip\nEXPOSE 80\nUSER me\nCOPY . /app\n"),
            [""; 0]
        );
    }

    #[test]
    fn hostile_files_end() {
        let doubling: String = (0..200).map(|n| format!("ARG A{}=$A{n}$A{n}\n", n + 1)).collect();
        for text in [
            format!("ARG A0=xxxxxxxxxx\n{doubling}"),
            "RUN \\\n".repeat(20_000),
            "RUN <<A <<B <<C".to_owned(),
            "ONBUILD ".repeat(10_000),
            "FROM".to_owned(),
        ] {
            lines(&text);
        }
    }

    #[test]
    fn files_are_known_by_their_names() {
        for path in [
            "Dockerfile",
            "a/dockerfile.dev",
            "gpu.Dockerfile",
            "Containerfile",
            "Dockerfile-cpu",
        ] {
            assert!(Dockerfile.wants(&FilePath::of(path)).is_some(), "{path}");
        }
        for path in [
            "Dockerfile.dockerignore",
            "dockerfiles/readme",
            "Dockerfile.md",
            "MyDockerfileReader.java",
            "dockerfile.py",
        ] {
            assert!(Dockerfile.wants(&FilePath::of(path)).is_none(), "{path}");
        }
    }
}
