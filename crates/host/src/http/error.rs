//! The errors of requests.

use std::io;
use std::time::Duration;

/// The error of a request. Its message says what happened; the caller knows the remedy.
#[derive(Debug, thiserror::Error)]
#[error("{address}: {failure}{}", tried(*tries, failure))]
pub struct HttpError {
    /// The address, without user, password and query.
    pub address: String,
    /// The number of tries; 0 where nothing was sent.
    pub tries: u32,
    /// The last failure.
    #[source]
    pub failure: Failure,
}

/// The number of tries in words, for failures that may pass; otherwise an empty text.
fn tried(tries: u32, failure: &Failure) -> String {
    let may_pass = match failure {
        Failure::Unreachable(_) | Failure::Silent(_) | Failure::Cut { .. } => true,
        Failure::Refused(refusal) => !refusal.is_not_found(),
        Failure::Address(_) | Failure::Setup(_) | Failure::Local(_) => false,
        Failure::TooSlow { .. } | Failure::TooLarge(_) | Failure::Redirect(_) | Failure::Damaged(_) => false,
    };
    if may_pass { format!(" (tries: {tries})") } else { String::new() }
}

impl HttpError {
    /// Whether the host says that there is nothing at this address (404, 410).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(&self.failure, Failure::Refused(refusal) if refusal.is_not_found())
    }
}

/// The way in which a request failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The text is no http or https address.
    #[error("no usable address: {0}")]
    Address(String),
    /// The client could not be set up, or a header cannot be sent.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
    /// There is no connection: the name is unknown, no host answers, or its certificate is not trusted.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// The host did not begin to answer in time.
    #[error("unavailable: {0}")]
    Silent(String),
    /// The host answered with a status that refuses.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The connection ended or stalled inside the body.
    #[error("the connection was cut after {received} bytes: {detail}")]
    Cut {
        /// The number of bytes in the last try.
        received: u64,
        /// The cause.
        detail: String,
    },
    /// The body comes so slowly that it would hold up all that follows.
    #[error("too slow: {bytes} bytes in {seconds} s")]
    TooSlow {
        /// The number of bytes that arrived.
        bytes: u64,
        /// The time in which they came.
        seconds: u64,
    },
    /// The body is above the limit, with both numbers.
    #[error("too large: {0}")]
    TooLarge(String),
    /// There are too many redirects, or one leaves https.
    #[error("redirect refused: {0}")]
    Redirect(String),
    /// The body was compressed on the way and cannot be unpacked.
    #[error("damaged on the way: {0}")]
    Damaged(String),
    /// A local file or buffer cannot be read or written.
    #[error("cannot read or write what is sent or received: {0}")]
    Local(io::Error),
}

/// An answer with a status that refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// A header `message`, in which some hosts explain themselves; at most 200 characters.
    pub message: Option<String>,
    /// The beginning of the body, for a protocol that explains itself there; at most 16 KiB.
    pub body: String,
    /// The wait before the next try, had there been one: that of the host, or our own.
    pub wait: Duration,
}

impl Refusal {
    fn is_not_found(&self) -> bool {
        matches!(self.status, 404 | 410)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.status {
            404 | 410 => f.write_str("not found")?,
            401 | 403 => write!(f, "refused with {}", self.status)?,
            429 => f.write_str("the host limits the rate of requests")?,
            408 | 425 | 500..=599 => write!(f, "unavailable: the host answers {}", named(self.status))?,
            status => write!(f, "unexpected answer {}", named(status))?,
        }
        self.message.iter().try_for_each(|message| write!(f, ": the host says {message:?}"))
    }
}

/// A status with its name.
fn named(status: u16) -> String {
    reqwest::StatusCode::from_u16(status).map_or_else(|_| status.to_string(), |status| status.to_string())
}

/// An error with its causes, which carry what matters (`connection refused`).
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        next = cause.source();
    }
    text
}
