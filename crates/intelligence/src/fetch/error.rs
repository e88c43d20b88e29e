use std::path::PathBuf;

use seaworthy_host::archive::ArchiveError;
use seaworthy_host::http::{Failure, HttpError};
use seaworthy_model::Digest;

/// The error of fetching a source. Each message names the file or URL, says what happened, and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The server or the disk has no file of this name (404, 410).
    #[error(
        "{origin}: not found{detail}; check the address against the source's documentation, or point the source at a mirror or a local copy"
    )]
    NotFound {
        /// The URL or path.
        origin: String,
        /// The explanation of the server with a separator before it, or an empty text.
        detail: String,
    },
    /// The network, the host or a limit on its answer failed.
    #[error("{0}; {advice}", advice = advice(&.0.failure))]
    Http(HttpError),
    /// The content does not have the digest in the publisher's `.meta`.
    #[error(
        "{origin}: content has {found}, its .meta says {expected}; the feed may be in the middle of an update: run again in some minutes, and if it stays delete the file and its .meta or change the mirror"
    )]
    WrongHash {
        /// The URL or path.
        origin: String,
        /// The digest in the `.meta`.
        expected: Digest,
        /// The digest of the uncompressed content.
        found: Digest,
    },
    /// A compressed file or an archive is cut short, damaged or above a limit.
    #[error("{0}; {advice}", advice = archive_advice(.0))]
    Archive(ArchiveError),
    /// A file does not have the expected form.
    #[error("{origin}: damaged or of another kind: {detail}; open it to see what it is, then fetch it again or correct the address")]
    Damaged {
        /// The URL or path.
        origin: String,
        /// The fault.
        detail: String,
    },
    /// The pages of an API do not advance.
    #[error(
        "{origin}: page at startIndex {start_index} does not advance: {detail}; run again to go on from this page, and report it to the host if it stays"
    )]
    RepeatedPage {
        /// The URL.
        origin: String,
        /// The index of the page.
        start_index: u64,
        /// The fault.
        detail: String,
    },
    /// A local file or folder cannot be read or written.
    #[error("{}: cannot {action}: {source}; check that the path exists, its permissions and the free space", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The attempt: `read`, `list`, `write`.
        action: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// The receiver of an artefact refused it; its own error says what to do.
    #[error("{name}: not accepted: {source}")]
    Sink {
        /// The name of the artefact or document.
        name: String,
        /// The receiver's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl FetchError {
    pub(super) fn io(path: impl Into<PathBuf>, action: &'static str, source: std::io::Error) -> Self {
        let path = path.into();
        if source.kind() == std::io::ErrorKind::NotFound {
            return Self::NotFound { origin: path.display().to_string(), detail: String::new() };
        }
        Self::Io { path, action, source }
    }
}

impl From<HttpError> for FetchError {
    fn from(error: HttpError) -> Self {
        match &error.failure {
            Failure::Refused(refusal) if error.is_not_found() => {
                let detail = refusal.message.as_ref().map(|message| format!(": the host says {message:?}"));
                Self::NotFound { origin: error.address, detail: detail.unwrap_or_default() }
            }
            _ => Self::Http(error),
        }
    }
}

/// The next step for the user after a failed request.
fn advice(failure: &Failure) -> String {
    match failure {
        Failure::Address(_) => "write http://, https:// or a path".into(),
        Failure::Setup(_) => "check the options, and the system's certificate store (package ca-certificates)".into(),
        Failure::Refused(refusal) => match refusal.status {
            401 | 403 => "check the API key, wait a few minutes if the host throttles you, or use a mirror".into(),
            429 => format!("run again in {} s or later, or request an API key and set it", refusal.wait.as_secs()),
            408 | 425 | 500..=599 => "check network and proxy, then run again: what has arrived is kept".into(),
            _ => "check the address and that no proxy answers in the host's place".into(),
        },
        Failure::Cut { .. } => "run again, and look for a proxy that limits size or time if it stays".into(),
        Failure::TooSlow { .. } => "use a nearer mirror, or a local copy".into(),
        Failure::TooLarge(_) => "look at the file before you trust it, and raise the limit only if it is genuine".into(),
        Failure::Redirect(_) => "set the source to its final address".into(),
        Failure::Local(_) => "check the space and the permissions of the temporary folder".into(),
        _ => "check network and proxy, then run again: what has arrived is kept".into(),
    }
}

impl From<ArchiveError> for FetchError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::File(e) => Self::io(e.path, e.doing, e.source),
            other => Self::Archive(other),
        }
    }
}

/// The next step for the user with a file that is cut short, damaged or too large.
fn archive_advice(error: &ArchiveError) -> &'static str {
    match error {
        ArchiveError::Truncated { .. } => "delete the file and fetch it again",
        ArchiveError::Damaged { .. } => "open it to see what it is, then fetch it again or correct the address",
        ArchiveError::TooLarge { .. } => "look at the file before you trust it, and raise the limit only if it is genuine",
        ArchiveError::File(_) => "check that the path exists, its permissions and the free space",
    }
}
