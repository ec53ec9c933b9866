//! A line of an artifact that is safe to keep.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest excerpt, in characters.
const LONGEST: usize = 160;
/// What stands where something was taken out.
const REDACTED: &str = "[redacted]";

/// At most one line, cut to 160 characters, without anything that looks like a secret.
///
/// The only way to make one is [`Excerpt::of`], so that evidence cannot hold an unredacted line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Excerpt(String);

impl Excerpt {
    /// The first line of `text`, redacted and cut; nothing if it is blank.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let line = text.lines().find(|line| !line.trim().is_empty())?.trim();
        // Cut generously before redacting (a bundled line may be megabytes long), exactly after it.
        let head: String = line.chars().take(LONGEST * 4).filter(|c| !c.is_control()).collect();
        let safe = redact(&head);
        let mut cut: String = safe.chars().take(LONGEST).collect();
        if cut.len() < safe.len() {
            cut.push('…');
        }
        Some(Self(cut))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Replaces whatever looks like a secret: long random-looking runs, URL credentials, and values that stand
/// behind a name which says that they are secret.
#[must_use]
pub fn redact(text: &str) -> String {
    let text = without_url_credentials(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_token_char) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_token_char(c)).unwrap_or(rest.len());
        let token = &rest[..end];
        rest = &rest[end..];
        if looks_random(token) {
            out.push_str(REDACTED);
            continue;
        }
        out.push_str(token);
        if names_a_secret(token)
            && let Some((gap, value, after)) = value_behind(rest)
        {
            out.push_str(gap);
            out.push_str(REDACTED);
            rest = after;
            debug_assert!(!value.is_empty());
        }
    }
    out.push_str(rest);
    out
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '.' | '~')
}

/// A token with a stretch no word or model id has: 16 or more letters and digits mixed without a separator,
/// 32 or more hexadecimal digits, or a UUID.
fn looks_random(token: &str) -> bool {
    if token.len() < 16 {
        return false;
    }
    let is_uuid = token.len() == 36
        && token.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    is_uuid
        || token.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| {
            let digits = run.bytes().filter(u8::is_ascii_digit).count();
            let letters = run.len() - digits;
            let turns = run.as_bytes().windows(2).filter(|w| class(w[0]) != class(w[1])).count();
            run.len() >= 16 && ((digits >= 3 && letters >= 3) || (turns * 3 >= run.len() && digits > 0))
                || run.len() >= 40 && run.bytes().all(|b| b.is_ascii_alphanumeric()) && turns > 6
        })
}

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        _ => 2,
    }
}

fn names_a_secret(token: &str) -> bool {
    let name = token.to_ascii_lowercase();
    [
        "password",
        "passwd",
        "secret",
        "api_key",
        "apikey",
        "api-key",
        "access_key",
        "private_key",
        "auth_token",
        "access_token",
    ]
    .iter()
    .any(|word| name.ends_with(word))
        || name.ends_with("_token")
        || name.ends_with("_key") && name != "primary_key" && name != "foreign_key"
        || name == "bearer"
        || name == "token"
}

/// The literal value that follows a name: behind `=`, `:` and quotes. Code that computes the value (a call, a
/// look-up) is not a value.
fn value_behind(rest: &str) -> Option<(&str, &str, &str)> {
    let opening = rest.find(|c: char| !matches!(c, ' ' | '=' | ':' | '"' | '\'' | '`' | '>'))?;
    let gap = &rest[..opening];
    let quoted = gap.ends_with(['"', '\'', '`']);
    if !gap.contains(['=', ':', ' ']) {
        return None;
    }
    let value = &rest[opening..];
    let end = if quoted {
        let quote = gap.chars().last()?;
        value.find(quote).unwrap_or(value.len())
    } else {
        value
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')' | '}' | '"'))
            .unwrap_or(value.len())
    };
    let (value, after) = value.split_at(end);
    let is_code = !quoted && value.contains(['(', '[', '{', '.', '$', '<']);
    // `api_key: str`, `token = None` say nothing; short plain words are kept for the reader.
    let is_word = value.len() < 8 && !value.bytes().any(|b| b.is_ascii_digit());
    // What is passed on by its name: `api_key=OPENAI_API_KEY`, `api_key=my_key`.
    let is_name = !quoted && value.contains('_') && value.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
        || value.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    (!value.is_empty() && !is_code && !is_word && !is_name).then_some((gap, value, after))
}

fn without_url_credentials(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, behind) = rest.split_at(at + 3);
        out.push_str(before);
        let authority_end = behind
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '?' | '#' | '`'))
            .unwrap_or(behind.len());
        match behind[..authority_end].rfind('@') {
            Some(sign) => {
                out.push_str(REDACTED);
                rest = &behind[sign..];
            }
            None => rest = behind,
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_survive() {
        for (line, secret) in [
            (
                r#"client = OpenAI(api_key="sk-proj-abcDEF0123456789abcDEF0123")"#,
                "abcDEF0123456789",
            ),
            ("OPENAI_API_KEY=hunter2hunter2", "hunter2"),
            ("password: 'correct horse battery'", "horse"),
            ("url = https://user:pa55@example.com/v1", "pa55"),
            ("Authorization: Bearer abcdefgh12345678", "12345678"),
            ("key = 'a3f5c1d29b7e4860a3f5c1d29b7e4860'", "a3f5c1d29b7e"),
        ] {
            assert!(!redact(line).contains(secret), "{line} -> {}", redact(line));
        }
    }

    #[test]
    fn ordinary_lines_stay_as_they_are() {
        for line in [
            r#"client.chat.completions.create(model="gpt-4o-2024-08-06")"#,
            r#"model = "claude-3-5-sonnet-20241022""#,
            r#"key = os.environ["OPENAI_API_KEY"]"#,
            "OPENAI_API_KEY: str | None = None",
            r#"model="allenai/scibert_scivocab_uncased","#,
            "from langchain_community.vectorstores.chroma import Chroma",
            "base_url = \"https://api.openai.com/v1\"",
            "client = Client(api_key=tavily_api_key)",
            "store = InMemoryVectorStore.from_documents(docs)",
            "expect(ask).toHaveBeenCalledWith(model)",
        ] {
            assert_eq!(redact(line), line);
        }
    }

    #[test]
    fn long_lines_are_cut_and_blank_ones_are_nothing() {
        assert_eq!(Excerpt::of(" \n\t\n"), None);
        let excerpt = Excerpt::of(&"word ".repeat(1_000_000)).expect("a line");
        assert!(excerpt.as_str().chars().count() <= LONGEST + 1);
    }
}
