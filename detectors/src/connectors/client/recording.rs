//! Exchanges with a service as files: one JSON file each, without any header that could hold a credential.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::Answer;
use crate::connectors::FetchError;

/// What was asked, as far as it tells one question from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Behind the service's address.
    pub(super) path: String,
    /// Encoded, sorted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) query: String,
    /// Fingerprint of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    status: u16,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    request: Asked,
    response: Told,
}

/// Fingerprint of a request's body (FNV-1a): tells recorded requests apart, protects nothing.
pub(super) fn fingerprint(body: &str) -> String {
    let hash = body.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Writes exchanges into a folder.
#[derive(Debug)]
pub(super) struct Recorder {
    folder: PathBuf,
    written: Mutex<u32>,
}

impl Recorder {
    pub(super) fn new(folder: &Path) -> Result<Self, FetchError> {
        std::fs::create_dir_all(folder).map_err(|error| setup("created", folder, &error))?;
        let before = files(folder)?.len();
        Ok(Self {
            folder: folder.to_owned(),
            written: Mutex::new(u32::try_from(before).unwrap_or(u32::MAX)),
        })
    }

    pub(super) fn keep(&self, asked: &Asked, answer: &Answer) -> Result<(), FetchError> {
        let mut written = self.written.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *written = written.saturating_add(1);
        let last_part: String = asked
            .path
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect::<String>()
            .trim_matches('-')
            .chars()
            .take(60)
            .collect();
        let path = self
            .folder
            .join(format!("{:04}-{}-{last_part}.json", *written, asked.method.to_lowercase()));
        let kept = [
            ("content-type", &answer.content_type),
            ("retry-after", &answer.retry_after),
            ("link", &answer.link),
            ("x-ratelimit-remaining", &answer.remaining),
            ("x-ratelimit-reset", &answer.reset),
        ];
        let headers = kept
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
            .collect();
        let response = Told {
            status: answer.status,
            headers,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        };
        let exchange = Exchange {
            request: asked.clone(),
            response,
        };
        let mut text = serde_json::to_string_pretty(&exchange).map_err(|error| FetchError::Setup(error.to_string()))?;
        text.push('\n');
        write(&path, &text).map_err(|error| setup("written", &path, &error))
    }
}

/// Writes a new file that only its owner can read.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// Answers from a folder, each exchange once and in order.
#[derive(Debug)]
pub(super) struct Replay {
    left: Mutex<Vec<Exchange>>,
}

impl Replay {
    pub(super) fn new(folder: &Path) -> Result<Self, FetchError> {
        let mut exchanges = Vec::new();
        for path in files(folder)? {
            let text = std::fs::read_to_string(&path).map_err(|error| setup("read", &path, &error))?;
            let exchange = serde_json::from_str(&text).map_err(|error| setup("understood as a recorded exchange", &path, &error))?;
            exchanges.push(exchange);
        }
        Ok(Self {
            left: Mutex::new(exchanges),
        })
    }

    pub(super) fn answer(&self, asked: &Asked) -> Result<Answer, FetchError> {
        let mut left = self.left.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(at) = left.iter().position(|exchange| exchange.request == *asked) else {
            let query = if asked.query.is_empty() {
                String::new()
            } else {
                format!("?{}", asked.query)
            };
            return Err(FetchError::NotRecorded(format!("{} {}{query}", asked.method, asked.path)));
        };
        let mut told = left.remove(at).response;
        Ok(Answer {
            status: told.status,
            content_type: told.headers.remove("content-type"),
            retry_after: told.headers.remove("retry-after"),
            link: told.headers.remove("link"),
            remaining: told.headers.remove("x-ratelimit-remaining"),
            reset: told.headers.remove("x-ratelimit-reset"),
            body: told.body.into_bytes(),
        })
    }
}

/// The exchanges of a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, FetchError> {
    let entries = std::fs::read_dir(folder).map_err(|error| setup("read", folder, &error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    Ok(files)
}

fn setup(done: &str, path: &Path, error: &dyn std::fmt::Display) -> FetchError {
    FetchError::Setup(format!("{} could not be {done}: {error}", path.display()))
}
