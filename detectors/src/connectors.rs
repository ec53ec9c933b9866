//! Connectors bring records from services: `fetch` pages through an API, `observe` reads what it brought, like any file.
//!
//! A connector names the platform whose API it speaks, as that is its format; what on the platform is AI, the catalog knows.

pub mod client;
mod mlflow;

use async_trait::async_trait;
use evidence::{GapKind, Info};
use tokio::sync::mpsc;

pub use client::{Answer, Client, Credentials, Options};

use crate::Detector;

/// A detector that can also bring its own artifacts. Only `fetch` speaks to a network, and only through [`Client`].
#[async_trait]
pub trait Connector: Detector {
    /// Brings every record there is. What was sent before an error counts.
    ///
    /// # Errors
    /// If the service could not be reached, refused, or could not be read to its end.
    async fn fetch(&self, client: &Client, records: &Records) -> Result<(), FetchError>;

    /// The name of its option on a command line, which takes the service's address: the last part of its id.
    fn option(&self) -> &'static str {
        let id = self.info().id;
        id.rsplit('/').next().unwrap_or(id)
    }

    /// One sentence about the option, with the variables that hold credentials.
    fn endpoint_help(&self) -> String {
        let Info { title, needs, .. } = self.info();
        let variables: Vec<&str> = needs.iter().map(|need| need.variable).collect();
        match (variables.is_empty(), needs.iter().all(|need| need.optional)) {
            (true, _) => format!("Read {title} at this address"),
            (false, all_optional) => {
                let when = if all_optional {
                    ", where the service asks for credentials"
                } else {
                    ""
                };
                format!(
                    "Read {title} at this address; uses {} (or the same names with _FILE){when}",
                    variables.join(", ")
                )
            }
        }
    }
}

/// Every connector, in the order tables show them.
pub static CONNECTORS: &[&dyn Connector] = &[&mlflow::MLFLOW];

/// One thing a service told, to be read like a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `<connector>:<kind>/<name>`, unique within the service.
    pub path: String,
    /// What the service said, as JSON.
    pub bytes: Vec<u8>,
}

/// Where a connector puts its records. It waits while the reader is behind, so that a large service takes little memory.
#[derive(Debug, Clone)]
pub struct Records {
    sender: mpsc::Sender<Record>,
}

impl Records {
    /// A place for records, and the reader's end of it.
    #[must_use]
    pub fn bounded(capacity: usize) -> (Self, mpsc::Receiver<Record>) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        (Self { sender }, receiver)
    }

    /// Hands over one record.
    ///
    /// # Errors
    /// If nobody reads any more.
    pub async fn send(&self, record: Record) -> Result<(), FetchError> {
        self.sender.send(record).await.map_err(|_| FetchError::Stopped)
    }
}

/// Why a service could not be read, or not to its end. No variant holds a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address or the credentials given cannot be used.
    #[error("{0}")]
    Setup(String),
    /// Nobody answers there.
    #[error("{origin} could not be reached: {reason}")]
    Unreachable {
        /// Scheme, host and port.
        origin: String,
        /// What the network says.
        reason: String,
    },
    /// The service does not know the credentials, or they do not suffice.
    #[error("refused with HTTP {status}; needed: {needs}")]
    Refused {
        /// 401 or 403.
        status: u16,
        /// Which variables to set, and the permission they need.
        needs: String,
    },
    /// The service answers no more for now, as it was asked too often.
    #[error("the service limits requests{}; ask again later", .seconds.map(|seconds| format!(" and asks to wait {seconds} seconds")).unwrap_or_default())]
    Limited {
        /// How long it asks to wait.
        seconds: Option<u64>,
    },
    /// Any other answer that is no success.
    #[error("HTTP {status}{}{message}", if .message.is_empty() { "" } else { ": " })]
    Status {
        /// The HTTP status.
        status: u16,
        /// What the service said about it, cut and redacted.
        message: String,
    },
    /// A link or redirect leads to another host; it was not followed, as credentials would have gone with it.
    #[error("the service points to {origin}, which is not the host that was asked; if it is right, give its address instead")]
    OtherHost {
        /// Scheme, host and port it points to.
        origin: String,
    },
    /// The answer is not what this service's API gives.
    #[error("{0}")]
    Unexpected(String),
    /// The answer is larger than any honest page.
    #[error("the answer is larger than {limit} bytes; the rest was not read")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The service gives the same page again.
    #[error("the service repeated a page of {what}; what follows it is missing")]
    Repeated {
        /// What was listed.
        what: &'static str,
    },
    /// There are more pages than anybody has.
    #[error("more than {limit} pages of {what}; the rest is missing")]
    TooManyPages {
        /// What was listed.
        what: &'static str,
        /// The limit.
        limit: u32,
    },
    /// A replay was asked for something that was not recorded.
    #[error("not in the recording: {0}")]
    NotRecorded(String),
    /// The reader of the records went away.
    #[error("the scan was stopped")]
    Stopped,
}

impl FetchError {
    /// The kind of gap it leaves in the coverage.
    #[must_use]
    pub const fn gap(&self) -> GapKind {
        match self {
            Self::Refused { .. } | Self::Limited { .. } => GapKind::Refused,
            Self::TooLarge { .. } | Self::Repeated { .. } | Self::TooManyPages { .. } | Self::Stopped => GapKind::Truncated,
            Self::Unexpected(_) => GapKind::Malformed,
            Self::Setup(_) | Self::NotRecorded(_) => GapKind::Skipped,
            Self::Unreachable { .. } | Self::Status { .. } | Self::OtherHost { .. } => GapKind::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_derived_from_what_connectors_say_of_themselves() {
        for connector in CONNECTORS {
            let help = connector.endpoint_help();
            assert!(connector.info().id.ends_with(connector.option()));
            assert!(connector.info().needs.iter().all(|need| help.contains(need.variable)), "{help}");
        }
    }

    #[tokio::test]
    async fn records_wait_for_their_reader_and_end_with_it() {
        let (records, mut reader) = Records::bounded(1);
        let record = Record {
            path: "x:y".to_owned(),
            bytes: Vec::new(),
        };
        assert_eq!(records.send(record.clone()).await, Ok(()));
        assert_eq!(reader.recv().await, Some(record.clone()));
        drop(reader);
        assert_eq!(records.send(record).await, Err(FetchError::Stopped));
    }
}
