//! The client of the sources: conditional requests, and the key and the pace of the CVE API.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use seaworthy_host::archive::Limits;
use seaworthy_host::http::{self, Pace, Pacer, Receive, Request, SystemTimer, Timer, Url};

use super::{FetchError, Validators};

/// The options of a [`Client`]. The defaults are safe for the public hosts.
#[derive(Clone)]
pub struct Options {
    /// The tries, the waits and the limits of time.
    pub http: http::Options,
    /// The key of the NVD API (<https://nvd.nist.gov/developers/request-an-api-key>), which is sent to the host of the API only; `None` for
    /// no key.
    pub api_key: Option<String>,
    /// The pace of requests to the API; `None` for the published one, with or without a key.
    pub pace: Option<Pace>,
    /// The greatest size in bytes of a body that is kept in memory (feeds, API pages, KEV, EPSS).
    pub max_bytes: u64,
    /// The greatest size in bytes of an archive that is stored on disk.
    pub max_archive_bytes: u64,
    /// The limits of unpacking a compressed file.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            http: http::Options::default(),
            api_key: None,
            pace: None,
            max_bytes: 512 << 20,
            max_archive_bytes: 4 << 30,
            limits: Limits::default(),
        }
    }
}

impl fmt::Debug for Options {
    /// The key is a secret: only its presence is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("http", &self.http)
            .field("api_key", &self.api_key.as_ref().map(|_| "***"))
            .field("pace", &self.pace)
            .field("max_bytes", &self.max_bytes)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The pace that NVD publishes: 5 requests in a rolling 30 seconds, 50 with an API key (<https://nvd.nist.gov/developers/start-here>).
#[must_use]
pub fn nvd_pace(with_key: bool) -> Pace {
    Pace { requests: if with_key { 50 } else { 5 }, window: Duration::from_secs(30) }
}

/// The client of the sources; see [`http::Client`].
#[derive(Debug)]
pub struct Client {
    http: http::Client,
    options: Options,
    pacer: Pacer,
}

/// The answer to a request that succeeded.
pub(super) enum Reply {
    /// The status 304: the caller has the current content.
    Unchanged,
    /// The body was received; its validators are for the next conditional request.
    Arrived(Validators),
}

/// A request to a source.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) url: &'a Url,
    /// The validators that make the request conditional; `None` for an unconditional one.
    pub(super) known: Option<&'a Validators>,
    /// Whether it is a request to the NVD API: paced, with the key, and compressed on the way.
    pub(super) api: bool,
    pub(super) max_bytes: u64,
}

impl Client {
    /// A client on the clock of the system.
    ///
    /// # Errors
    /// When TLS cannot start.
    pub fn new(options: Options) -> Result<Self, FetchError> {
        Self::with_timer(options, Arc::new(SystemTimer))
    }

    /// A client with its waits on `timer`.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_timer(options: Options, timer: Arc<dyn Timer>) -> Result<Self, FetchError> {
        let http = http::Client::with_timer(options.http.clone(), timer)?;
        let pacer = Pacer::new(options.pace.unwrap_or_else(|| nvd_pace(options.api_key.is_some())));
        Ok(Self { http, options, pacer })
    }

    /// The options of the client.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    pub(super) fn get_bytes(&self, ask: Ask<'_>) -> Result<(Reply, Vec<u8>), FetchError> {
        let mut body = Vec::new();
        let reply = self.get_into(ask, &mut body)?;
        Ok((reply, body))
    }

    pub(super) fn get_into(&self, ask: Ask<'_>, out: &mut dyn Receive) -> Result<Reply, FetchError> {
        let condition: Vec<(&str, &str)> = ask.known.and_then(condition).into_iter().collect();
        let key: Vec<(&str, &str)> = self.options.api_key.as_deref().filter(|_| ask.api).map(|key| ("apiKey", key)).into_iter().collect();
        let answer = self.http.send(
            &Request {
                headers: &condition,
                secrets: &key,
                answers: if condition.is_empty() { &[] } else { &[304] },
                // NVD answers so to whoever asks too often.
                forbidden_may_pass: true,
                compressed: ask.api,
                pacer: ask.api.then_some(&self.pacer),
                ..Request::get(ask.url, ask.max_bytes)
            },
            out,
        )?;
        if answer.status == 304 {
            return Ok(Reply::Unchanged);
        }
        let header = |name| answer.header(name).map(str::to_owned);
        Ok(Reply::Arrived(Validators { etag: header("etag"), last_modified: header("last-modified"), sha256: None }))
    }
}

/// The header that makes a request conditional; `None` where there is no validator for one.
fn condition(known: &Validators) -> Option<(&'static str, &str)> {
    let fits = |text: &&str| text.bytes().all(|b| (b' '..=b'~').contains(&b));
    let etag = known.etag.as_deref().filter(fits).map(|etag| ("if-none-match", etag));
    etag.or_else(|| known.last_modified.as_deref().filter(fits).map(|date| ("if-modified-since", date)))
}
