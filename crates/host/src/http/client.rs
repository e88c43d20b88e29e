//! The client: sending a request until it is answered, refused or given up.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use reqwest::blocking::{Body, Response};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::address::{Url, shown};
use super::error::{Failure, HttpError, Refusal, causes};
use super::pace::{SystemTimer, Timer, backoff, http_date, retry_after};
use super::request::{Answer, Content, Method, Receive, Request};
use crate::archive::unpacked;

/// The greatest part of an explaining body that is read, in bytes and time.
const EXPLAINED: (u64, Duration) = (16 << 10, Duration::from_secs(5));

/// The options of a [`Client`]. The defaults are safe for public hosts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The number of tries of a request, the first included.
    pub tries: u32,
    /// The number of tries of a host that cannot be reached. After one was given up, others get a single try until a host answers, since
    /// without a network every try costs its time.
    pub connect_tries: u32,
    /// The first wait after a failure; it doubles with each further one.
    pub backoff: Duration,
    /// The longest wait, by doubling or by `Retry-After`; a host that asks for more is given up at once.
    pub longest_wait: Duration,
    /// The number of redirects that are followed, from https to https only. With 0, a redirect is an answer like others.
    pub redirects: usize,
    /// The time to connect, with the resolution of the name and TLS.
    pub connect_timeout: Duration,
    /// The time until an answer begins, and the time without any byte after that; not the time of the whole body.
    pub read_timeout: Duration,
    /// The time of a request as a whole, with its tries and its body.
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
            connect_tries: 2,
            backoff: Duration::from_secs(2),
            longest_wait: Duration::from_secs(600),
            redirects: 5,
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(60),
            whole: Duration::from_secs(30 * 60),
            window: Duration::from_secs(30),
            bytes_a_window: 30 << 10,
            proxy: true,
        }
    }
}

/// A client; see [the module](super). It is made once and shared, so that connections are kept.
pub struct Client {
    http: reqwest::blocking::Client,
    options: Options,
    timer: Arc<dyn Timer>,
    /// Whether a host was given up as unreachable, and no host has answered since.
    unreachable: AtomicBool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}

/// The failure of one try.
struct Failed {
    failure: Failure,
    /// The number of tries in all that such a failure is worth.
    worth: u32,
    /// The wait in `Retry-After`; `None` without one.
    wait: Option<Duration>,
}

impl Failed {
    /// A failure after which another try would fail in the same way.
    fn last(failure: Failure) -> Self {
        Self { failure, worth: 0, wait: None }
    }
}

/// Sets the TLS of the process: rustls with ring. reqwest is built without a provider, so that no C crypto is pulled in.
fn set_tls() {
    static ONCE: Once = Once::new();
    // An error means that the program has chosen one already, which is as good.
    ONCE.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}

impl Client {
    /// A client on the clock of the system.
    ///
    /// # Errors
    /// [`Failure::Setup`] when TLS cannot start.
    pub fn new(options: Options) -> Result<Self, HttpError> {
        Self::with_timer(options, Arc::new(SystemTimer))
    }

    /// A client with its waits on `timer`.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_timer(options: Options, timer: Arc<dyn Timer>) -> Result<Self, HttpError> {
        set_tls();
        let mut builder = reqwest::blocking::Client::builder()
            .user_agent(concat!("seaworthy/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.connect_timeout)
            // In the blocking client this is the time of each read, not that of the whole body.
            .timeout(options.read_timeout)
            // Followed here, so that secrets do not travel to another host.
            .redirect(reqwest::redirect::Policy::none());
        if !options.proxy {
            builder = builder.no_proxy();
        }
        let setup = |e| HttpError { address: "(any address)".into(), tries: 0, failure: Failure::Setup(causes(&e)) };
        Ok(Self { http: builder.build().map_err(setup)?, options, timer, unreachable: AtomicBool::new(false) })
    }

    /// Gets a body into memory, of at most `max_bytes`.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn get(&self, url: &Url, max_bytes: u64) -> Result<Vec<u8>, HttpError> {
        let mut body = Vec::new();
        self.send(&Request::get(url, max_bytes), &mut body)?;
        Ok(body)
    }

    /// Sends a request, again where that may help; the body of a success goes to `out`.
    ///
    /// # Errors
    /// When the host, the network or a limit fails the last try.
    pub fn send(&self, request: &Request<'_>, out: &mut dyn Receive) -> Result<Answer, HttpError> {
        let deadline = Instant::now() + self.options.whole;
        let mut tries = 0;
        loop {
            tries += 1;
            let restarted = out.restart().map_err(|e| Failed::last(Failure::Local(e)));
            let Failed { mut failure, worth, wait } = match restarted.and_then(|()| self.attempt(request, out, deadline)) {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let own = backoff(self.options.backoff, self.options.longest_wait, tries);
            let wait = wait.map_or(own, |asked| asked.max(own));
            let late = Instant::now().checked_add(wait).is_none_or(|next| next > deadline);
            if tries < worth && wait <= self.options.longest_wait && !late {
                self.timer.sleep(wait);
                continue;
            }
            match &mut failure {
                Failure::Refused(refusal) => refusal.wait = wait,
                Failure::Unreachable(_) => self.unreachable.store(true, Ordering::Relaxed),
                _ => {}
            }
            return Err(HttpError { address: shown(request.url), tries, failure });
        }
    }

    /// One try, with its redirects.
    fn attempt(&self, request: &Request<'_>, out: &mut dyn Receive, deadline: Instant) -> Result<Answer, Failed> {
        let mut url = request.signed.map_or_else(|| request.url.clone(), |signed| signed());
        let mut left = self.options.redirects;
        loop {
            let response = self.send_to(request, &url)?;
            self.unreachable.store(false, Ordering::Relaxed);
            let location = response.headers().get(header::LOCATION).and_then(|v| v.to_str().ok());
            let redirect = self.options.redirects > 0
                && request.method == Method::Get
                && matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
            let Some(location) = location.filter(|_| redirect) else { return self.answer(request, &url, response, out, deadline) };
            let refuse = |detail: String| Failed::last(Failure::Redirect(detail));
            left = left
                .checked_sub(1)
                .ok_or_else(|| refuse(format!("more than {} redirects, the last to {}", self.options.redirects, shown(&url))))?;
            let next = url.join(location).map_err(|e| refuse(format!("its target is no address: {e}")))?;
            let kept = next.scheme() == "https" || (next.scheme() == "http" && url.scheme() == "http");
            if !kept {
                return Err(refuse(format!("from {} to {} leaves https", url.scheme(), shown(&next))));
            }
            url = next;
        }
    }

    fn send_to(&self, request: &Request<'_>, url: &Url) -> Result<Response, Failed> {
        let mut sent = match request.method {
            Method::Get => self.http.get(url.clone()),
            Method::Put => self.http.put(url.clone()),
            Method::Delete => self.http.delete(url.clone()),
        };
        let value = |name: &str, value: &str| {
            HeaderValue::from_str(value)
                .map_err(|_| Failed::last(Failure::Setup(format!("the header {name} has characters that none may carry"))))
        };
        for (name, text) in request.headers {
            sent = sent.header(*name, value(name, text)?);
        }
        for (name, text) in request.secrets {
            let mut text = value(name, text)?;
            text.set_sensitive(true);
            if url.origin() == request.url.origin() {
                sent = sent.header(*name, text);
            }
        }
        if request.compressed {
            sent = sent.header(header::ACCEPT_ENCODING, "gzip");
        }
        let local = |e| Failed::last(Failure::Local(e));
        sent = match request.content {
            Content::None => sent,
            // A body without bytes would be sent without its length, which some hosts refuse.
            Content::Bytes([]) => sent.header(header::CONTENT_LENGTH, 0),
            Content::Bytes(bytes) => sent.body(bytes.to_vec()),
            Content::File(path) => {
                let file = File::open(path).map_err(local)?;
                match file.metadata().map_err(local)?.len() {
                    0 => sent.header(header::CONTENT_LENGTH, 0),
                    length => sent.body(Body::sized(file, length)),
                }
            }
        };
        if let Some(patience) = request.patience {
            sent = sent.timeout(patience);
        }
        if let Some(pacer) = request.pacer {
            pacer.take(&*self.timer);
        }
        sent.send().map_err(|e| {
            let (connect, detail) = (e.is_connect(), causes(&e.without_url()));
            if connect {
                let worth = if self.unreachable.load(Ordering::Relaxed) { 1 } else { self.options.connect_tries };
                Failed { failure: Failure::Unreachable(detail), worth, wait: None }
            } else {
                Failed { failure: Failure::Silent(detail), worth: self.options.tries, wait: None }
            }
        })
    }

    fn answer(
        &self,
        request: &Request<'_>,
        url: &Url,
        mut response: Response,
        out: &mut dyn Receive,
        deadline: Instant,
    ) -> Result<Answer, Failed> {
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        if (200..300).contains(&status) {
            let received = self.body(request, url, response, &headers, out, deadline)?;
            return Ok(Answer { status, received, said: String::new(), headers });
        }
        let body = explanation(response);
        if request.answers.contains(&status) {
            return Ok(Answer { status, received: body.len() as u64, said: body, headers });
        }
        let may_pass = match status {
            403 => request.forbidden_may_pass,
            // What the host does not have, or a network that asks for a login, stays so.
            501 | 505 | 511 => false,
            408 | 425 | 429 | 500..=599 => true,
            _ => false,
        };
        let worth = if may_pass { self.options.tries } else { 0 };
        let now = text(&headers, header::DATE).and_then(http_date).unwrap_or_else(|| self.timer.now());
        let wait = text(&headers, header::RETRY_AFTER).and_then(|v| retry_after(v, now)).filter(|_| may_pass);
        let message = headers.get("message").and_then(|v| v.to_str().ok()).map(|m| m.chars().take(200).collect());
        let refusal = Refusal { status, message, body, wait: Duration::ZERO };
        Err(Failed { failure: Failure::Refused(Box::new(refusal)), worth, wait })
    }

    fn body(
        &self,
        request: &Request<'_>,
        url: &Url,
        mut response: Response,
        headers: &HeaderMap,
        out: &mut dyn Receive,
        deadline: Instant,
    ) -> Result<u64, Failed> {
        let most = request.max_bytes;
        let too_large = |what: String| Failed::last(Failure::TooLarge(format!("{what}, the limit is {most}")));
        let announced = text(headers, header::CONTENT_LENGTH).and_then(|v| v.parse::<u64>().ok());
        if let Some(length) = announced.filter(|&length| length > most) {
            return Err(too_large(format!("the host announces {length} bytes")));
        }
        // Only what may be compressed on the way is unpacked here; a published .gz stays as it is.
        let coded = text(headers, header::CONTENT_ENCODING).is_some_and(|v| v.eq_ignore_ascii_case("gzip"))
            && ![".gz", ".zip"].iter().any(|end| url.path().ends_with(end));
        let local = |e| Failed::last(Failure::Local(e));
        let mut whole = Vec::new();
        let mut buffer = vec![0u8; 64 << 10];
        let mut received = 0u64;
        let begun = Instant::now();
        let (mut window, mut in_window) = (begun, 0u64);
        loop {
            let n = match response.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    let failure = Failure::Cut { received, detail: causes(&e) };
                    return Err(Failed { failure, worth: self.options.tries, wait: None });
                }
            };
            received += n as u64;
            in_window += n as u64;
            let now = Instant::now();
            let slow = now - window >= self.options.window && in_window < self.options.bytes_a_window;
            if slow || now > deadline {
                let (since, bytes) = if slow { (window, in_window) } else { (begun, received) };
                return Err(Failed::last(Failure::TooSlow { bytes, seconds: (now - since).as_secs() }));
            }
            if now - window >= self.options.window {
                (window, in_window) = (now, 0);
            }
            if received > most {
                return Err(too_large(format!("more than {most} bytes arrived")));
            }
            let chunk = buffer.get(..n).unwrap_or_default();
            if coded { whole.extend_from_slice(chunk) } else { out.write_all(chunk).map_err(local)? }
        }
        if coded {
            let plain = unpacked(&whole, most).map_err(|e| Failed::last(Failure::Damaged(e.to_string())))?;
            out.write_all(&plain).map_err(local)?;
        }
        out.flush().map_err(local)?;
        Ok(received)
    }
}

/// The beginning of a body that is no success. It ends where reading fails, since it only explains.
fn explanation(response: Response) -> String {
    let (most, time) = EXPLAINED;
    let begun = Instant::now();
    let mut from = response.take(most);
    let mut bytes = Vec::new();
    let mut buffer = [0u8; 4 << 10];
    while begun.elapsed() < time {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => bytes.extend_from_slice(buffer.get(..n).unwrap_or_default()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}
