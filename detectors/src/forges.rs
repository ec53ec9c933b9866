//! Forges tell which repositories an organisation has. They bring nothing of them: a repository is fetched and read like any
//! other.

mod github;
mod gitlab;

use std::collections::BTreeSet;

use async_trait::async_trait;
use evidence::Info;
use serde_json::Value;

use crate::connectors::{Answer, Client, FetchError};

/// More pages than any organisation has.
const MOST_PAGES: u32 = 5000;

/// A service that hosts repositories.
#[async_trait]
pub trait Forge: Send + Sync + std::fmt::Debug {
    /// What it is, and which credentials it takes.
    fn info(&self) -> &Info;

    /// The name of the option that takes an organisation.
    fn option(&self) -> &'static str;

    /// Where its API is, unless an address is given.
    fn address(&self) -> &'static str;

    /// The variable that its own pipelines set to the address of the API.
    fn address_variable(&self) -> &'static str;

    /// The user name with which Git presents the token.
    fn user(&self) -> &'static str;

    /// Adds every repository of an organisation that the token may see. What was found before an error counts.
    ///
    /// # Errors
    /// If the service could not be reached, refused, or could not be read to its end.
    async fn list(&self, client: &Client, owner: &str, found: &mut Vec<Repository>) -> Result<(), FetchError>;
}

/// Every forge.
pub static FORGES: &[&dyn Forge] = &[&github::GITHUB, &gitlab::GITLAB];

/// A repository as its forge describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its full name, with those of the groups around it.
    pub name: String,
    /// Where it can be cloned from over HTTP; absent if the forge does not offer that.
    pub address: Option<String>,
    /// Whether it is kept for reading only.
    pub archived: bool,
    /// Whether it began as a copy of another.
    pub fork: bool,
}

/// Follows a list from page to page by the `Link` header.
async fn pages(
    client: &Client,
    info: &Info,
    first: Answer,
    found: &mut Vec<Repository>,
    read: fn(&Value) -> Option<Repository>,
) -> Result<(), FetchError> {
    const WHAT: &str = "repositories";
    let unexpected = || FetchError::Unexpected("the answer holds no list of repositories; is this the address of the API?".to_owned());
    let mut seen = BTreeSet::new();
    let mut answer = first;
    for _ in 0..MOST_PAGES {
        let said = if answer.status == 403 { answer.message() } else { String::new() };
        answer = answer.accepted(info).map_err(|error| with(error, said))?;
        let page = answer.json()?;
        for entry in page.as_array().ok_or_else(unexpected)? {
            found.push(read(entry).ok_or_else(unexpected)?);
        }
        let Some(next) = answer.next_link().map(str::to_owned) else {
            return Ok(());
        };
        answer = client.follow(&next).await?;
        if !seen.insert(next) {
            return Err(FetchError::Repeated { what: WHAT });
        }
    }
    Err(FetchError::TooManyPages {
        what: WHAT,
        limit: MOST_PAGES,
    })
}

/// A refusal with the service's own words: a token that suffices may still lack a sign-on that only the service knows of.
fn with(error: FetchError, said: String) -> FetchError {
    match error {
        FetchError::Refused { status, needs } if !said.is_empty() => FetchError::Refused {
            status,
            needs: format!("{needs}; the service says: {said}"),
        },
        error => error,
    }
}

/// The answer, unless there is no such organisation: services say the same where the token may not see it.
fn known(answer: Answer, owner: &str) -> Result<Answer, FetchError> {
    if answer.status == 404 {
        return Err(FetchError::Status {
            status: 404,
            message: format!("there is no `{}`, or the token may not see it", owner.escape_debug()),
        });
    }
    Ok(answer)
}

/// A name as one part of a path.
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().map(str::to_owned).filter(|text| !text.is_empty())
}

fn flag(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or_default()
}

#[cfg(test)]
mod tests;
