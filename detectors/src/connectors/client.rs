//! The only door to the network: one service at one address, with limits on time, size and tries.
//!
//! A client is live, or records what it is told, or replays what was recorded. It follows no link to another host, as
//! credentials would go with it, and it shows them to nobody else.

mod credentials;
mod recording;
mod waiting;

use std::path::Path;
use std::time::{Duration, SystemTime};

use evidence::Info;
use reqwest::{Url, redirect};

pub use credentials::Credentials;
use credentials::Secret;
use recording::{Asked, Recorder, Replay};

use super::FetchError;

/// Redirects within the service are followed this often.
const MOST_REDIRECTS: usize = 5;
/// What a service says about an error is cut to this many characters.
const LONGEST_MESSAGE: usize = 200;

/// What a person may allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Speak plain HTTP to hosts other than this machine: everybody on the way can read the credentials.
    pub allow_plain_http: bool,
}

/// Bounds on one exchange.
#[derive(Debug, Clone, Copy)]
struct Limits {
    connect: Duration,
    request: Duration,
    body: usize,
    tries: u32,
}

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(10),
    request: Duration::from_secs(60),
    body: 64 * 1024 * 1024,
    tries: 5,
};

/// Speaks to one service.
#[derive(Debug)]
pub struct Client {
    base: Url,
    credentials: Credentials,
    transport: Transport,
    limits: Limits,
}

#[derive(Debug)]
enum Transport {
    Live(reqwest::Client),
    Recording(reqwest::Client, Recorder),
    Replaying(Replay),
}

struct Question<'b> {
    method: reqwest::Method,
    url: Url,
    body: Option<&'b str>,
}

impl Client {
    /// A client that speaks to the service at an address.
    ///
    /// # Errors
    /// If the address cannot be used: no URL, with credentials in it, or plain HTTP to another machine.
    pub fn live(address: &str, credentials: Credentials, options: Options) -> Result<Self, FetchError> {
        let base = usable(address, options)?;
        let transport = Transport::Live(connection(&base, LIMITS)?);
        Ok(Self {
            base,
            credentials,
            transport,
            limits: LIMITS,
        })
    }

    /// A live client that also writes each exchange into a folder, without credentials.
    ///
    /// # Errors
    /// As [`Client::live`], or if the folder cannot be written to.
    pub fn recording(address: &str, credentials: Credentials, options: Options, folder: &Path) -> Result<Self, FetchError> {
        let base = usable(address, options)?;
        let transport = Transport::Recording(connection(&base, LIMITS)?, Recorder::new(folder)?);
        Ok(Self {
            base,
            credentials,
            transport,
            limits: LIMITS,
        })
    }

    /// A client that answers from a folder of recorded exchanges and never touches a network.
    ///
    /// # Errors
    /// If the address is no URL, or the folder cannot be read.
    pub fn replaying(address: &str, folder: &Path) -> Result<Self, FetchError> {
        let base = usable(address, Options { allow_plain_http: true })?;
        Ok(Self {
            base,
            credentials: Credentials::none(),
            transport: Transport::Replaying(Replay::new(folder)?),
            limits: LIMITS,
        })
    }

    /// Asks for what stands at a path of the service.
    ///
    /// # Errors
    /// If there is no answer. An answer that is no success is still an answer, see [`Answer::accepted`].
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, FetchError> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.ask(&Question {
            method: reqwest::Method::GET,
            url,
            body: None,
        })
        .await
    }

    /// Asks by sending JSON to a path of the service. Only for questions that change nothing: they may be asked again.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post(&self, path: &str, body: &serde_json::Value) -> Result<Answer, FetchError> {
        let url = self.url(path)?;
        self.ask(&Question {
            method: reqwest::Method::POST,
            url,
            body: Some(&body.to_string()),
        })
        .await
    }

    /// Asks for what a link in an answer points to.
    ///
    /// # Errors
    /// As [`Client::get`], or if the link leads to another host.
    pub async fn follow(&self, link: &str) -> Result<Answer, FetchError> {
        let url = self
            .base
            .join(link)
            .map_err(|error| FetchError::Unexpected(format!("the service gave a link that is none: {error}")))?;
        self.ask(&Question {
            method: reqwest::Method::GET,
            url: self.own(url)?,
            body: None,
        })
        .await
    }

    /// Scheme, host and port of the service.
    #[must_use]
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    fn url(&self, path: &str) -> Result<Url, FetchError> {
        if path.contains("://") || path.starts_with("//") {
            return self.own(
                Url::parse(path)
                    .or_else(|_| self.base.join(path))
                    .map_err(|error| FetchError::Unexpected(error.to_string()))?,
            );
        }
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{}", self.prefix(), path.trim_start_matches('/')));
        self.own(url)
    }

    fn prefix(&self) -> &str {
        self.base.path().trim_end_matches('/')
    }

    fn own(&self, url: Url) -> Result<Url, FetchError> {
        if url.origin() == self.base.origin() && url.username().is_empty() && url.password().is_none() {
            return Ok(url);
        }
        Err(FetchError::OtherHost {
            origin: url.origin().ascii_serialization(),
        })
    }

    async fn ask(&self, question: &Question<'_>) -> Result<Answer, FetchError> {
        let mut tries = 1;
        loop {
            let outcome = self.ask_once(question).await;
            let asked = match &outcome {
                // A limit that lasts longer than any wait is told at once.
                Ok(answer) if answer.is_limited() && answer.limit_ends().is_some_and(|wait| wait > waiting::LONGEST) => return outcome,
                Ok(answer) if waiting::may_pass(answer.status) || answer.is_limited() => answer.limit_ends(),
                Err(FetchError::Unreachable { .. }) => None,
                _ => return outcome,
            };
            if tries >= self.limits.tries {
                return outcome;
            }
            let wait = waiting::before_next(tries, asked);
            tracing::debug!(origin = self.origin(), tries, wait_ms = wait.as_millis(), "asking again");
            if !matches!(self.transport, Transport::Replaying(_)) {
                tokio::time::sleep(wait).await;
            }
            tries += 1;
        }
    }

    async fn ask_once(&self, question: &Question<'_>) -> Result<Answer, FetchError> {
        match &self.transport {
            Transport::Live(connection) => self.exchange(connection, question).await,
            Transport::Recording(connection, recorder) => {
                let answer = self.exchange(connection, question).await?;
                recorder.keep(&self.asked(question), &answer)?;
                Ok(answer)
            }
            Transport::Replaying(replay) => replay.answer(&self.asked(question)),
        }
    }

    fn asked(&self, question: &Question<'_>) -> Asked {
        let path = question.url.path();
        let mut query: Vec<&str> = question
            .url
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
            .collect();
        query.sort_unstable();
        Asked {
            method: question.method.to_string(),
            path: path.strip_prefix(self.prefix()).unwrap_or(path).to_owned(),
            query: query.join("&"),
            body: question.body.map(recording::fingerprint),
        }
    }

    async fn exchange(&self, connection: &reqwest::Client, question: &Question<'_>) -> Result<Answer, FetchError> {
        let mut request = connection
            .request(question.method.clone(), question.url.clone())
            .header("accept", "application/json");
        request = match &self.credentials.0 {
            Secret::None => request,
            Secret::Bearer(token) => request.bearer_auth(token),
            Secret::Basic { user, password } => request.basic_auth(user, Some(password)),
        };
        if let Some(body) = question.body {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        let mut response = request.send().await.map_err(|error| self.failed(error))?;
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let status = response.status().as_u16();
        if let Some(location) = header("location").filter(|_| response.status().is_redirection()) {
            self.own(
                response
                    .url()
                    .join(&location)
                    .map_err(|_| FetchError::Unexpected("the service redirects to nowhere".to_owned()))?,
            )?;
        }
        let mut answer = Answer {
            status,
            content_type: header("content-type"),
            retry_after: header("retry-after"),
            link: header("link"),
            remaining: header("x-ratelimit-remaining").or_else(|| header("ratelimit-remaining")),
            reset: header("x-ratelimit-reset").or_else(|| header("ratelimit-reset")),
            body: Vec::new(),
        };
        let limit = self.limits.body;
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(FetchError::TooLarge { limit });
        }
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(error))? {
            if answer.body.len() + chunk.len() > limit {
                return Err(FetchError::TooLarge { limit });
            }
            answer.body.extend_from_slice(&chunk);
        }
        Ok(answer)
    }

    /// What went wrong below HTTP. The URL is left out, as it may be long; credentials are in no error of the library.
    fn failed(&self, error: reqwest::Error) -> FetchError {
        let may_pass = error.is_connect();
        let error = error.without_url();
        let mut reason = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            reason = cause.to_string();
            source = cause.source();
        }
        if may_pass {
            FetchError::Unreachable {
                origin: self.origin(),
                reason,
            }
        } else {
            FetchError::Unexpected(format!("the exchange with {} broke off: {reason}", self.origin()))
        }
    }
}

fn usable(address: &str, options: Options) -> Result<Url, FetchError> {
    let refuse = |reason: &str| Err(FetchError::Setup(reason.to_owned()));
    let Ok(url) = Url::parse(address.trim()) else {
        return refuse("the address is no URL; write it like https://host.example or http://localhost:5000");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(
            "an address must not hold credentials, as addresses are shown and stored; set the variables that the help names instead",
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("the address must end before any ? or #");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if options.allow_plain_http || is_this_machine(&url) => Ok(url),
        "http" => refuse(
            "plain http is only for this machine, as everybody on the way could read the credentials; use https, or allow it explicitly",
        ),
        _ => refuse("the address must start with https:// or http://"),
    }
}

fn is_this_machine(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

fn connection(base: &Url, limits: Limits) -> Result<reqwest::Client, FetchError> {
    let own = base.origin();
    let within = redirect::Policy::custom(move |attempt| {
        let stays = attempt.url().origin() == own && attempt.previous().len() <= MOST_REDIRECTS;
        if stays { attempt.follow() } else { attempt.stop() }
    });
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("aimscan/", env!("CARGO_PKG_VERSION")))
        .redirect(within)
        .referer(false)
        .connect_timeout(limits.connect)
        .timeout(limits.request);
    if is_this_machine(base) {
        builder = builder.no_proxy();
    }
    builder
        .build()
        .map_err(|error| FetchError::Setup(format!("no connection can be made from this machine: {error}")))
}

/// What a service said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The `Link` header.
    pub link: Option<String>,
    /// How many more questions the service answers for now, where it says so.
    pub remaining: Option<String>,
    /// When it answers again after that, in seconds since 1970.
    pub reset: Option<String>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer, if it is a success.
    ///
    /// # Errors
    /// If the service refused, with what the connector says it needs; or with what the service says.
    pub fn accepted(self, info: &Info) -> Result<Self, FetchError> {
        match self.status {
            200..=299 => Ok(self),
            _ if self.is_limited() => Err(FetchError::Limited {
                seconds: self.limit_ends().map(|wait| wait.as_secs()),
            }),
            status @ (401 | 403) => {
                let needs: Vec<String> = info
                    .needs
                    .iter()
                    .map(|need| format!("{} ({})", need.variable, need.purpose))
                    .collect();
                Err(FetchError::Refused {
                    status,
                    needs: needs.join(", "),
                })
            }
            status => Err(FetchError::Status {
                status,
                message: self.message(),
            }),
        }
    }

    /// Whether the service refused only because it was asked too often. Some say 403 to that, as to a missing permission.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        let spent = self.remaining.as_deref().is_some_and(|left| left.trim() == "0");
        self.status == 429 || (self.status == 403 && (spent || self.retry_after.is_some()))
    }

    /// How long the service asks to wait, where it says so.
    fn limit_ends(&self) -> Option<Duration> {
        waiting::asked(self.retry_after.as_deref(), self.reset.as_deref(), SystemTime::now())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// If it is something else, such as a login page.
    pub fn json(&self) -> Result<serde_json::Value, FetchError> {
        if self.is_page() {
            return Err(FetchError::Unexpected(
                "the service answered with a web page where data was expected: a login page, or not the address of its API".to_owned(),
            ));
        }
        serde_json::from_slice(&self.body).map_err(|error| FetchError::Unexpected(format!("the service's answer is not JSON: {error}")))
    }

    /// The address of the next page, if the `Link` header names one.
    #[must_use]
    pub fn next_link(&self) -> Option<&str> {
        self.link.as_deref()?.split(',').find_map(|link| {
            let (target, parameters) = link.split_once(';')?;
            let is_next = parameters
                .split(';')
                .any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next"));
            is_next.then(|| target.trim().trim_start_matches('<').trim_end_matches('>'))
        })
    }

    fn is_page(&self) -> bool {
        let is_html = self
            .content_type
            .as_deref()
            .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
        is_html || self.body.trim_ascii_start().starts_with(b"<")
    }

    /// What the service says about an error, in one short line without secrets.
    #[must_use]
    pub fn message(&self) -> String {
        if self.is_page() {
            return String::new();
        }
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let said = ["message", "error_description", "error", "detail"].iter().find_map(|field| {
            let value = &json[field];
            value.as_str().or_else(|| value["message"].as_str())
        });
        let text = said.map_or_else(
            || String::from_utf8_lossy(&self.body[..self.body.len().min(4 * LONGEST_MESSAGE)]),
            Into::into,
        );
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        evidence::redact(&line)
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_MESSAGE)
            .collect()
    }
}

#[cfg(test)]
mod tests;
