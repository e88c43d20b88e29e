use std::path::PathBuf;

use seaworthy_model::Digest;

/// Why a source could not be brought here. Each message names the file or URL, what happened, and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The server or the disk has nothing of that name (404, 410).
    #[error(
        "{origin}: not found{detail}; check the address against the source's documentation, or point the source at a mirror or a local copy"
    )]
    NotFound {
        /// URL or path.
        origin: String,
        /// What the server said of it, with a separator before it, or nothing.
        detail: String,
    },
    /// 401 or 403, after all tries.
    #[error(
        "{origin}: refused with {status}{detail} (tries: {tries}); check the API key, wait a few minutes if the host throttles you, or use a mirror"
    )]
    Forbidden {
        /// URL.
        origin: String,
        /// The HTTP status.
        status: u16,
        /// How often it was tried.
        tries: u32,
        /// What the server said of it, with a separator before it, or nothing.
        detail: String,
    },
    /// 429 after all tries, or a `Retry-After` longer than this client waits.
    #[error(
        "{origin}: the host limits the rate of requests (tries: {tries}); run again in {wait_seconds} s or later, or request an API key and set it"
    )]
    RateLimited {
        /// URL.
        origin: String,
        /// How often it was tried.
        tries: u32,
        /// Seconds that the host asks to wait, or the next step of the backoff.
        wait_seconds: u64,
    },
    /// The host is unreachable, too slow, or answers with a server error, after all tries.
    #[error("{origin}: unavailable: {detail} (tries: {tries}); check network and proxy, then run again: what has arrived is kept")]
    Unavailable {
        /// URL.
        origin: String,
        /// The status or the cause.
        detail: String,
        /// How often it was tried.
        tries: u32,
    },
    /// The connection ended or stalled inside the body, after all tries.
    #[error(
        "{origin}: the connection was cut after {received} bytes: {detail} (tries: {tries}); run again, and look for a proxy that limits size or time if it stays"
    )]
    Cut {
        /// URL.
        origin: String,
        /// Bytes of the last try.
        received: u64,
        /// The cause.
        detail: String,
        /// How often it was tried.
        tries: u32,
    },
    /// The body comes so slowly that it would hold up everything behind it.
    #[error("{origin}: too slow: {bytes} bytes in {seconds} s; use a nearer mirror, or a local copy: what was known stays")]
    TooSlow {
        /// URL.
        origin: String,
        /// Bytes that came.
        bytes: u64,
        /// The time in which they came.
        seconds: u64,
    },
    /// A status that the protocol does not foresee.
    #[error("{origin}: unexpected answer {status}{detail}; check the address and that no proxy answers in the host's place")]
    Unexpected {
        /// URL.
        origin: String,
        /// The HTTP status.
        status: u16,
        /// What the server said of it, with a separator before it, or nothing.
        detail: String,
    },
    /// Too many redirects, or one that leaves https.
    #[error("{origin}: redirect refused: {detail}; set the source to its final address")]
    Redirect {
        /// The URL first asked for.
        origin: String,
        /// Why.
        detail: String,
    },
    /// The content is not what the publisher's `.meta` announces.
    #[error(
        "{origin}: content has {found}, its .meta says {expected}; the feed may be in the middle of an update: run again in some minutes, and if it stays delete the file and its .meta or change the mirror"
    )]
    WrongHash {
        /// URL or path.
        origin: String,
        /// The digest announced.
        expected: Digest,
        /// The digest of the uncompressed content.
        found: Digest,
    },
    /// A compressed file that ends too early.
    #[error("{origin}: truncated after {inflated} uncompressed bytes; delete the file and fetch it again")]
    Truncated {
        /// URL or path.
        origin: String,
        /// Bytes that could be read.
        inflated: u64,
    },
    /// A file that is not of the expected form: no gzip, no zip, no JSON, a bad checksum.
    #[error("{origin}: damaged or of another kind: {detail}; open it to see what it is, then fetch it again or correct the address")]
    Damaged {
        /// URL or path.
        origin: String,
        /// What was found.
        detail: String,
    },
    /// Above a size limit, or compressed beyond what real data is: a decompression bomb.
    #[error("{origin}: too large: {detail}; look at the file before you trust it, and raise the limit only if it is genuine")]
    TooLarge {
        /// URL or path.
        origin: String,
        /// Which limit, with both numbers.
        detail: String,
    },
    /// The pages of an API do not advance.
    #[error(
        "{origin}: page at startIndex {start_index} does not advance: {detail}; run again to go on from this page, and report it to the host if it stays"
    )]
    RepeatedPage {
        /// URL.
        origin: String,
        /// The index asked for.
        start_index: u64,
        /// What repeated.
        detail: String,
    },
    /// The local disk.
    #[error("{}: cannot {action}: {source}; check that the path exists, its permissions and the free space", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried: `read`, `list`, `write`.
        action: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// A text that is no http or https address.
    #[error("{text:?} is not a usable address: {detail}; write http://, https:// or a path")]
    Url {
        /// The text, cut to 200 characters.
        text: String,
        /// Why.
        detail: String,
    },
    /// The TLS stack could not be started, or an option cannot be sent.
    #[error("cannot set up the HTTP client: {detail}; check the options, and the system's certificate store (package ca-certificates)")]
    Setup {
        /// The cause.
        detail: String,
    },
    /// The receiver of an artefact refused it; it says itself what to do.
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
