//! Environment files: `KEY=value` lines, with or without `export`. Commented lines are not read.

use super::value;
use crate::text::Lines;
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable, infra};

const SCOPE: &str = "dotenv";

static INFO: Info = Info {
    id: "config/dotenv",
    title: "Environment files",
    reads: &[".env", ".env.*", "*.env", "env.example", ".envrc"],
    emits: &[
        (Kind::Env, SCOPE),
        (Kind::Model, SCOPE),
        (Kind::Host, SCOPE),
        (Kind::Literal, SCOPE),
        (Kind::Image, infra::IMAGES),
    ],
    needs: &[],
    docs: "https://docs.docker.com/reference/compose-file/services/#env_file-format",
};

/// Reads environment files.
pub(super) struct Dotenv;

impl Detector for Dotenv {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.lower_name();
        is_environment_file(name).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        observe(artifact.text()?, out);
        Ok(())
    }
}

fn is_environment_file(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    // `.env.ts` is code, `.env.yaml` a tree.
    let other = [
        "js", "ts", "mjs", "cjs", "py", "rb", "sh", "json", "yaml", "yml", "toml", "md", "enc", "gpg", "age", "vault",
    ];
    if other.contains(&extension) {
        return false;
    }
    matches!(
        name,
        ".env" | ".envrc" | ".flaskenv" | "env.example" | "env.sample" | "env.template" | "env.dist" | "env-example"
    ) || extension == "env"
        || name.starts_with(".env.")
        || name.starts_with(".env-")
        || name.starts_with(".env_")
        || name.contains(".env.")
}

fn observe(text: &str, out: &mut Observations) {
    let lines = Lines::of(text);
    let mut at = 0;
    while at < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length);
        let mut next = end + 1;
        if let Some((key, value_at)) = assignment(text, at, end) {
            let number = lines.line(at);
            out.push(Observation::new(Kind::Env, SCOPE, key, number));
            let (set, behind) = written_value(text, value_at, end);
            next = next.max(behind);
            let names_an_image = value::words(key).iter().any(|word| word == "image");
            if names_an_image && set.contains('/') && !set.contains("://") {
                infra::observe_image(set, number, out);
            } else {
                value::observe(SCOPE, key, set, number, out);
            }
        }
        at = next;
    }
}

/// The key of the line between two offsets, and where its value starts.
fn assignment(text: &str, start: usize, end: usize) -> Option<(&str, usize)> {
    let line = text[start..end].trim_start();
    let line = line
        .strip_prefix("export ")
        .or_else(|| line.strip_prefix("set "))
        .unwrap_or(line)
        .trim_start();
    let (key, value) = line.split_once('=')?;
    let key = key.trim_end();
    let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    is_key.then(|| (key, end - value.trim_start_matches([' ', '\t']).len()))
}

/// The value that starts at an offset, and where the next line starts if the value went over several.
fn written_value(text: &str, start: usize, end: usize) -> (&str, usize) {
    let line = &text[start..end];
    if let Some(quote) = line.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
        let inside = &text[start + 1..];
        if let Some(length) = closing_quote(inside, quote) {
            let behind = &inside[length + 1..];
            let rest_of_line = behind.split('\n').next().unwrap_or_default();
            // A stray apostrophe must not swallow the lines up to the next one.
            if rest_of_line.trim().is_empty() || rest_of_line.trim_start().starts_with('#') || length < line.len() {
                return (&inside[..length], start + 1 + length + 1 + rest_of_line.len() + 1);
            }
        }
    }
    let line = line.split_once(" #").map_or(line, |(value, _)| value);
    (line.trim().trim_matches(['"', '\'']), end)
}

fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped && quote == '"';
        closes.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    fn lines(text: &str) -> Vec<String> {
        seen(&Dotenv, ".env", text)
    }

    #[test]
    fn images_are_seen_under_a_name_for_one() {
        assert_eq!(
            lines("server-image=reg.example/org/llm:2\nIMAGE_FORMAT=png\nIMAGE_URL=https://x.example/a\n"),
            [
                "1 Env server-image",
                "1 Image reg.example/org/llm tag=2",
                "2 Env IMAGE_FORMAT",
                "2 Literal png name=IMAGE_FORMAT",
                "3 Env IMAGE_URL",
                "3 Host x.example name=IMAGE_URL path=/a"
            ]
        );
    }

    #[test]
    fn keys_and_values_are_read() {
        assert_eq!(
            lines("# comment\nOPENAI_API_KEY=sk-x\nexport LLM_MODEL = 'gpt-x' # why\nBASE_URL=\"https://api.example.com/v1\"\r\nEMPTY=\n"),
            [
                "2 Env OPENAI_API_KEY",
                "2 Literal sk-x name=OPENAI_API_KEY",
                "3 Env LLM_MODEL",
                "3 Model gpt-x name=LLM_MODEL",
                "4 Env BASE_URL",
                "4 Host api.example.com name=BASE_URL path=/v1",
                "5 Env EMPTY",
            ]
        );
    }

    #[test]
    fn values_may_refer_to_other_variables_and_span_lines() {
        assert_eq!(lines("A_B=${C_D:-x1}")[1..], ["1 Env C_D name=A_B", "1 Literal x1 name=A_B"]);
        assert_eq!(
            lines("P=\"one\ntwo\"\nQ=3x\n"),
            ["1 Env P", "1 Literal one\ntwo name=P", "3 Env Q", "3 Literal 3x name=Q"]
        );
    }

    #[test]
    fn comments_prose_and_commands_are_not_read() {
        assert_eq!(
            lines("#OPENAI_API_KEY=sk-x\n  # LLM_MODEL=gpt\nsource_up\nif [ \"$A\" = b ]; then\nwrong key=1\n=x\n"),
            [""; 0]
        );
    }

    #[test]
    fn a_stray_quote_swallows_nothing() {
        let found = lines("A='it\nLLM_KEY=x1\nB='y'z\n");
        assert!(found.contains(&"2 Env LLM_KEY".to_owned()), "{found:?}");
        assert!(lines(&"A='\n".repeat(20_000)).len() >= 20_000);
    }

    #[test]
    fn files_are_known_by_their_names() {
        for path in [
            ".env",
            "a/.env.local",
            "prod.env",
            "env.example",
            ".env.sample",
            ".envrc",
            "docker.env.example",
            ".ENV",
        ] {
            assert_eq!(Dotenv.wants(&FilePath::of(path)), Some(Gate::Anchored), "{path}");
        }
        for path in [
            "env.py",
            ".env.ts",
            "environment",
            "dotenv.rs",
            ".env.yaml",
            "env/readme",
            "my.environment",
        ] {
            assert_eq!(Dotenv.wants(&FilePath::of(path)), None, "{path}");
        }
    }
}
