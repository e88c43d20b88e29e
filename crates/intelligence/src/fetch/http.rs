use std::fmt;
use std::io::{Read, Seek, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::blocking::Response;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{StatusCode, Url};

use seaworthy_model::text::masked;

use super::pace::{Rolling, backoff, http_date, retry_after};
use super::verify::{Limits, inflate_gzip};
use super::{FetchError, Pace, SystemTimer, Timer, Validators};

/// How a [`Client`] behaves. The defaults are safe for the public hosts.
#[derive(Clone)]
pub struct Options {
    /// Tries of one request in all, the first included.
    pub tries: u32,
    /// The first wait after a failure; it doubles with each further one.
    pub backoff: Duration,
    /// The longest wait, by doubling or by `Retry-After`; a host that asks for more is given up at once.
    pub longest_wait: Duration,
    /// Key of the NVD API (<https://nvd.nist.gov/developers/request-an-api-key>). It goes to the API's host only.
    pub api_key: Option<String>,
    /// Spacing of API requests; `None` takes the published one, with or without key.
    pub pace: Option<Pace>,
    /// Most bytes of a body kept in memory (feeds, API pages, KEV, EPSS).
    pub max_bytes: u64,
    /// Most bytes of an archive that is spooled to disk.
    pub max_archive_bytes: u64,
    /// What a compressed file may become.
    pub limits: Limits,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time without any byte, not the time of the whole body.
    pub read_timeout: Duration,
    /// The time of one body in all, and of all tries of one request.
    pub whole: Duration,
    /// The span over which the rate of a body is judged.
    pub window: Duration,
    /// The fewest bytes of a body in each window; a host that sends less is given up.
    pub bytes_a_window: u64,
    /// Whether the proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`) is used.
    pub proxy: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tries: 6,
            backoff: Duration::from_secs(2),
            longest_wait: Duration::from_secs(600),
            api_key: None,
            pace: None,
            max_bytes: 512 << 20,
            max_archive_bytes: 4 << 30,
            limits: Limits::default(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            whole: Duration::from_secs(30 * 60),
            window: Duration::from_secs(30),
            bytes_a_window: 30 << 10,
            proxy: true,
        }
    }
}

impl fmt::Debug for Options {
    /// The key is a secret: only whether there is one is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("tries", &self.tries)
            .field("api_key", &self.api_key.as_ref().map(|_| "***"))
            .field("pace", &self.pace)
            .field("max_bytes", &self.max_bytes)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The one way to the network: time and size limits, tries with doubling waits, `Retry-After`, redirects (at most 5, from
/// https to https only). It blocks; call it from a thread of its own, not from an async task.
pub struct Client {
    http: reqwest::blocking::Client,
    options: Options,
    timer: Arc<dyn Timer>,
    starts: Mutex<Rolling>,
    /// Whether a host could not be reached. Another one is then tried once only: without a network, each try costs its time limit.
    unreachable: AtomicBool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}

/// The answer to a request that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// 304: what the caller has is current.
    Unchanged,
    /// 200: the body went where it was asked to go.
    Arrived {
        /// For the next conditional request.
        validators: Validators,
        /// Bytes of the body, as sent.
        bytes: u64,
    },
}

/// Where a body goes. A try that fails half-way is taken back before the next one.
pub(super) trait Spool: Write {
    fn restart(&mut self) -> std::io::Result<()>;
}

impl Spool for Vec<u8> {
    fn restart(&mut self) -> std::io::Result<()> {
        self.clear();
        Ok(())
    }
}

impl Spool for std::fs::File {
    fn restart(&mut self) -> std::io::Result<()> {
        self.rewind()?;
        self.set_len(0)
    }
}

/// What to ask for.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) url: &'a Url,
    /// Makes the request conditional.
    pub(super) known: Option<&'a Validators>,
    /// A request of the NVD API: paced, with the key, compressed on the way.
    pub(super) api: bool,
    pub(super) max_bytes: u64,
}

impl Ask<'_> {
    /// The address for messages, without its secrets.
    fn origin(&self) -> String {
        masked(self.url.as_str()).into_owned()
    }
}

/// How one try failed.
enum Failed {
    /// Another try would fail in the same way.
    Final(FetchError),
    /// Another try may help.
    Again {
        /// The error to give up with, from the number of tries and the wait that would come next.
        error: Box<dyn FnOnce(u32, Duration) -> FetchError>,
        /// What `Retry-After` said.
        wait: Option<Duration>,
    },
}

impl Failed {
    fn again(wait: Option<Duration>, error: impl FnOnce(u32, Duration) -> FetchError + 'static) -> Self {
        Self::Again { error: Box::new(error), wait }
    }
}

const REDIRECTS: usize = 5;

impl Client {
    /// A client on the system's clock.
    ///
    /// # Errors
    /// [`FetchError::Setup`] when TLS cannot start or the API key is no header value.
    pub fn new(options: Options) -> Result<Self, FetchError> {
        Self::with_timer(options, Arc::new(SystemTimer))
    }

    /// A client whose waits go through `timer`.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_timer(options: Options, timer: Arc<dyn Timer>) -> Result<Self, FetchError> {
        // The TLS stack is built without a default provider, so that no C crypto is pulled in. An error here means that
        // the program has chosen one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if options.api_key.as_deref().is_some_and(|key| HeaderValue::from_str(key).is_err()) {
            return Err(FetchError::Setup { detail: "the API key has characters that no HTTP header may carry".into() });
        }
        let mut builder = reqwest::blocking::Client::builder()
            .user_agent(concat!("seaworthy/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.connect_timeout)
            // In the blocking client this is the time of each read, not that of the whole body.
            .timeout(options.read_timeout)
            // Followed here, so that the key does not travel to another host.
            .redirect(reqwest::redirect::Policy::none());
        if !options.proxy {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|e| FetchError::Setup { detail: causes(&e) })?;
        Ok(Self { http, options, timer, starts: Mutex::default(), unreachable: AtomicBool::new(false) })
    }

    /// The options it was made with.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Gets a body into memory, conditionally where validators are known.
    ///
    /// # Errors
    /// What the host, the network or the limits say.
    pub fn get(&self, url: &str, known: Option<&Validators>) -> Result<(Reply, Vec<u8>), FetchError> {
        let url = super::parse_url(url)?;
        self.get_bytes(Ask { url: &url, known, api: false, max_bytes: self.options.max_bytes })
    }

    /// Gets a file below a base address: `path` is relative, with slashes, and never leads above the base.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn get_below(&self, base: &str, path: &str) -> Result<Vec<u8>, FetchError> {
        let mut url = super::parse_url(base)?;
        let no_path = |()| FetchError::Url { text: masked(base).chars().take(200).collect(), detail: "it takes no path".into() };
        // Each part is taken literally, and `..` is passed over.
        url.path_segments_mut().map_err(no_path)?.pop_if_empty().extend(path.split('/'));
        Ok(self.get_bytes(Ask { url: &url, known: None, api: false, max_bytes: self.options.max_bytes })?.1)
    }

    pub(super) fn get_bytes(&self, ask: Ask<'_>) -> Result<(Reply, Vec<u8>), FetchError> {
        let mut body = Vec::new();
        let reply = self.get_into(ask, &mut body)?;
        Ok((reply, body))
    }

    pub(super) fn get_into(&self, ask: Ask<'_>, out: &mut dyn Spool) -> Result<Reply, FetchError> {
        let most = self.options.tries.max(1);
        let begun = Instant::now();
        let mut tries = 0;
        loop {
            tries += 1;
            out.restart().map_err(|e| FetchError::io("(temporary file)", "write", e))?;
            let (error, asked) = match self.attempt(ask, out) {
                Ok(reply) => return Ok(reply),
                Err(Failed::Final(error)) => return Err(error),
                Err(Failed::Again { error, wait }) => (error, wait),
            };
            let own = backoff(self.options.backoff, self.options.longest_wait, tries);
            let wait = asked.map_or(own, |asked| asked.max(own));
            let late = begun.elapsed().saturating_add(wait) > self.options.whole;
            if tries >= most || wait > self.options.longest_wait || late {
                return Err(error(tries, wait));
            }
            self.timer.sleep(wait);
        }
    }

    fn attempt(&self, ask: Ask<'_>, out: &mut dyn Spool) -> Result<Reply, Failed> {
        let mut url = ask.url.clone();
        for _ in 0..=REDIRECTS {
            let response = self.send(ask, &url)?;
            let status = response.status();
            let location = response.headers().get(header::LOCATION).and_then(|v| v.to_str().ok());
            let redirect = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
            let Some(location) = location.filter(|_| redirect) else { return self.answer(ask, &url, response, out) };
            let refuse = |detail: String| Failed::Final(FetchError::Redirect { origin: ask.origin(), detail });
            let next = url.join(location).map_err(|e| refuse(format!("{location:?} is no address: {e}")))?;
            let kept = next.scheme() == "https" || (next.scheme() == "http" && url.scheme() == "http");
            if !kept {
                return Err(refuse(format!("from {} to {} leaves https", url.scheme(), masked(next.as_str()))));
            }
            url = next;
        }
        let detail = format!("more than {REDIRECTS} redirects, the last to {}", masked(url.as_str()));
        Err(Failed::Final(FetchError::Redirect { origin: ask.origin(), detail }))
    }

    fn send(&self, ask: Ask<'_>, url: &Url) -> Result<Response, Failed> {
        let mut request = self.http.get(url.clone());
        if let Some(known) = ask.known {
            if let Some(etag) = known.etag.as_deref().and_then(|v| HeaderValue::from_str(v).ok()) {
                request = request.header(header::IF_NONE_MATCH, etag);
            } else if let Some(date) = known.last_modified.as_deref().and_then(|v| HeaderValue::from_str(v).ok()) {
                request = request.header(header::IF_MODIFIED_SINCE, date);
            }
        }
        if ask.api {
            let pace = self.options.pace.unwrap_or_else(|| Pace::nvd(self.options.api_key.is_some()));
            self.starts.lock().unwrap_or_else(PoisonError::into_inner).take(pace, &*self.timer);
            request = request.header(header::ACCEPT_ENCODING, "gzip");
            if let Some(key) = self.options.api_key.as_deref().and_then(|k| HeaderValue::from_str(k).ok())
                && url.origin() == ask.url.origin()
            {
                let mut key = key;
                key.set_sensitive(true);
                request = request.header("apiKey", key);
            }
        }
        request.send().map_err(|e| {
            // A name that is not found and a host that is not there: a second try may help once, a sixth never.
            let again = !(e.is_connect() && self.unreachable.swap(true, Ordering::Relaxed));
            let (origin, detail) = (ask.origin(), causes(&e.without_url()));
            if again {
                Failed::again(None, move |tries, _| FetchError::Unavailable { origin, detail, tries })
            } else {
                Failed::Final(FetchError::Unavailable { origin, detail, tries: 1 })
            }
        })
    }

    fn answer(&self, ask: Ask<'_>, url: &Url, response: Response, out: &mut dyn Spool) -> Result<Reply, Failed> {
        let status = response.status();
        let origin = ask.origin();
        let headers = response.headers().clone();
        let detail = said(&headers);
        match status.as_u16() {
            200 => return self.body(ask, url, response, &headers, out),
            304 if ask.known.is_some_and(Validators::can_be_asked) => return Ok(Reply::Unchanged),
            404 | 410 => return Err(Failed::Final(FetchError::NotFound { origin, detail })),
            401 => return Err(Failed::Final(FetchError::Forbidden { origin, status: 401, tries: 1, detail })),
            403 | 408 | 425 | 429 | 500 | 502 | 503 | 504 => {}
            status => return Err(Failed::Final(FetchError::Unexpected { origin, status, detail })),
        }
        let now = text(&headers, header::DATE).and_then(|d| http_date(&d)).unwrap_or_else(|| self.timer.now());
        let wait = text(&headers, header::RETRY_AFTER).and_then(|v| retry_after(&v, now));
        Err(Failed::again(wait, move |tries, wait| match status {
            StatusCode::FORBIDDEN => FetchError::Forbidden { origin, status: 403, tries, detail },
            StatusCode::TOO_MANY_REQUESTS => FetchError::RateLimited { origin, tries, wait_seconds: wait.as_secs() },
            _ => FetchError::Unavailable { origin, detail: format!("the host answers {status}{detail}"), tries },
        }))
    }

    fn body(&self, ask: Ask<'_>, url: &Url, mut response: Response, headers: &HeaderMap, out: &mut dyn Spool) -> Result<Reply, Failed> {
        let origin = ask.origin();
        let too_large = |what: String| {
            let detail = format!("{what}, the limit is {}", ask.max_bytes);
            Failed::Final(FetchError::TooLarge { origin: ask.origin(), detail })
        };
        if let Some(length) = response.content_length().filter(|&length| length > ask.max_bytes) {
            return Err(too_large(format!("the host announces {length} bytes")));
        }
        // Only what was asked to be compressed on the way is uncompressed here; a published .gz stays as it is.
        let coded = text(headers, header::CONTENT_ENCODING).is_some_and(|v| v.eq_ignore_ascii_case("gzip"))
            && ![".gz", ".zip"].iter().any(|end| url.path().ends_with(end));
        let mut whole = Vec::new();
        let mut buffer = vec![0u8; 64 << 10];
        let mut received = 0u64;
        let begun = Instant::now();
        let (mut window, mut in_window) = (begun, 0u64);
        loop {
            let n = match response.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    let detail = causes(&e);
                    return Err(Failed::again(None, move |tries, _| FetchError::Cut { origin, received, detail, tries }));
                }
            };
            received += n as u64;
            in_window += n as u64;
            let slow = window.elapsed() >= self.options.window && in_window < self.options.bytes_a_window;
            if slow || begun.elapsed() > self.options.whole {
                let seconds = if slow { window.elapsed() } else { begun.elapsed() }.as_secs();
                let bytes = if slow { in_window } else { received };
                return Err(Failed::Final(FetchError::TooSlow { origin, bytes, seconds }));
            }
            if window.elapsed() >= self.options.window {
                (window, in_window) = (Instant::now(), 0);
            }
            if received > ask.max_bytes {
                return Err(too_large(format!("more than {} bytes arrived", ask.max_bytes)));
            }
            let chunk = buffer.get(..n).unwrap_or_default();
            let kept = if coded { whole.write_all(chunk) } else { out.write_all(chunk) };
            kept.map_err(|e| Failed::Final(FetchError::io("(temporary file)", "write", e)))?;
        }
        if coded {
            let limits = Limits { inflated: self.options.limits.inflated.min(ask.max_bytes), ..self.options.limits };
            let plain = inflate_gzip(&origin, &whole, limits).map_err(Failed::Final)?;
            out.write_all(&plain).map_err(|e| Failed::Final(FetchError::io("(temporary file)", "write", e)))?;
        }
        let validators =
            Validators { etag: text(headers, header::ETAG), last_modified: text(headers, header::LAST_MODIFIED), sha256: None };
        Ok(Reply::Arrived { validators, bytes: received })
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned)
}

/// NVD explains a refusal in a header of its own named `message` ("Invalid apiKey.").
fn said(headers: &HeaderMap) -> String {
    let message = headers.get("message").and_then(|v| v.to_str().ok());
    message.map_or(String::new(), |m| format!(": the host says {:?}", m.chars().take(200).collect::<String>()))
}

/// An error with its causes, which carry what matters (`connection refused`).
fn causes(error: &dyn std::error::Error) -> String {
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
