//! A server of a folder by HTTP, for anybody: it gives no file outside of the folder, and ends idle connections.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower_http::services::ServeDir;
use tower_http::services::fs::ServeFileSystemResponseBody;

mod within;

use within::Within;

/// The limits for clients.
#[derive(Clone, Copy, Debug)]
pub struct ServeLimits {
    /// The greatest number of connections at a time; further ones wait until one has ended.
    pub connections: usize,
    /// The time within which the head of a request must arrive, from the connection or the last answer on.
    pub head: Duration,
    /// The span over which the rate of a client is judged.
    pub window: Duration,
    /// The number of bytes that a client must take in each window of an answer.
    pub bytes_a_window: u64,
    /// The time within which an answer must be taken as a whole.
    pub answer: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 512,
            head: Duration::from_secs(10),
            window: Duration::from_secs(60),
            bytes_a_window: 16 << 10,
            answer: Duration::from_secs(2 * 60 * 60),
        }
    }
}

/// The error of starting or running a server.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is in use, or not of this machine.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address and port.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The folder does not exist.
    #[error("cannot serve {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The system failed.
    #[error("the server stopped: {0}")]
    System(#[source] io::Error),
}

/// A server that is bound to its address.
#[derive(Debug)]
pub struct FolderServer {
    listener: std::net::TcpListener,
    address: SocketAddr,
    folder: Arc<Folder>,
    limits: ServeLimits,
}

/// The folder that is served.
#[derive(Debug)]
struct Folder {
    /// The path at which requests begin. It may be a link that changes, which each request follows again.
    root: PathBuf,
    /// The folder that no link may leave.
    within: Within,
}

impl FolderServer {
    /// A server on an address (port 0 takes a free one) for the files below `root`. Links are followed as long as they stay in the folder
    /// `within`; all other paths are not found.
    ///
    /// # Errors
    /// When the address cannot be used, or `within` does not exist.
    pub fn bind(address: SocketAddr, root: &Path, within: &Path, limits: ServeLimits) -> Result<Self, ServeError> {
        let folder = |source| ServeError::Folder { path: within.to_owned(), source };
        let within = Within::new(within).map_err(folder)?;
        let listener = std::net::TcpListener::bind(address).map_err(|source| ServeError::Listen { address, source })?;
        listener.set_nonblocking(true).map_err(ServeError::System)?;
        let address = listener.local_addr().map_err(ServeError::System)?;
        Ok(Self { listener, address, folder: Arc::new(Folder { root: root.to_owned(), within }), limits })
    }

    /// The address and port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// When the system gives no runtime.
    pub fn run(self) -> Result<Infallible, ServeError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::System)?;
        runtime.block_on(async {
            let listener = TcpListener::from_std(self.listener).map_err(ServeError::System)?;
            let room = Arc::new(Semaphore::new(self.limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
            loop {
                let place = Arc::clone(&room).acquire_owned().await.map_err(|e| ServeError::System(io::Error::other(e)))?;
                let Ok((stream, _)) = listener.accept().await else {
                    // Out of files, or a client that has gone already: neither is a reason to stop.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let (folder, limits) = (Arc::clone(&self.folder), self.limits);
                tokio::spawn(async move {
                    converse(stream, folder, limits).await;
                    drop(place);
                });
            }
        })
    }
}

/// Answers a connection until it ends, or the client takes too little for too long.
async fn converse(stream: TcpStream, folder: Arc<Folder>, limits: ServeLimits) {
    let watch = Arc::new(Watch::default());
    let io = TokioIo::new(Counted { stream, watch: Arc::clone(&watch) });
    let answering = Arc::clone(&watch);
    let service = service_fn(move |request| {
        let (folder, watch) = (Arc::clone(&folder), Arc::clone(&answering));
        async move {
            let answering = Answering::begin(watch);
            let response = folder.answer(request).await;
            Ok::<_, Infallible>(response.map(|body| Watched { body, _answering: answering }))
        }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let mut connection = pin!(builder.serve_connection(io, service));
    while tokio::time::timeout(limits.window, connection.as_mut()).await.is_err() {
        let taken = watch.taken.swap(0, Ordering::Relaxed);
        let answering = watch.since.lock().unwrap_or_else(PoisonError::into_inner).map(|since| since.elapsed());
        let slow = |time: Duration| (time >= limits.window && taken < limits.bytes_a_window) || time > limits.answer;
        if answering.is_some_and(slow) {
            return;
        }
    }
}

/// The progress of a client.
#[derive(Debug, Default)]
struct Watch {
    /// The number of bytes that it took in this window.
    taken: AtomicU64,
    /// The time at which the current answer began; `None` between answers.
    since: Mutex<Option<Instant>>,
}

/// An answer in progress, until it is dropped.
struct Answering(Arc<Watch>);

impl Answering {
    fn begin(watch: Arc<Watch>) -> Self {
        *watch.since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Self(watch)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        *self.0.since.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Folder {
    async fn answer(&self, mut request: Request<Incoming>) -> Response<Payload> {
        // A file outside is as good as none: nothing tells that it is there.
        let Some(file) = self.file(request.uri().path()) else { return empty(StatusCode::NOT_FOUND) };
        if let Some(range) = range_of(request.method(), request.headers(), file.size) {
            request.headers_mut().remove(header::RANGE);
            match range {
                Range::Whole => {}
                Range::Part(value) => drop(request.headers_mut().insert(header::RANGE, value)),
                Range::Unsatisfiable => {
                    let mut response = empty(StatusCode::RANGE_NOT_SATISFIABLE);
                    if let Ok(size) = HeaderValue::from_str(&format!("bytes */{}", file.size)) {
                        response.headers_mut().insert(header::CONTENT_RANGE, size);
                    }
                    return response;
                }
            }
        }
        let mut files = ServeDir::with_backend(&self.root, self.within.clone()).append_index_html_on_directories(true);
        let mut response = match files.try_call(request).await {
            Ok(response) => response.map(Payload::File),
            // It was there a moment ago.
            Err(e) if e.kind() == io::ErrorKind::NotFound => empty(StatusCode::NOT_FOUND),
            Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
        };
        common(response.headers_mut());
        response
    }

    /// The file or folder at a path; `None` where it does not exist or is outside.
    fn file(&self, path: &str) -> Option<Found> {
        let decoded = percent_decode_str(path.trim_start_matches('/')).decode_utf8().ok()?;
        let relative = Path::new(decoded.as_ref());
        if decoded.contains('\0') || !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return None;
        }
        let path = self.root.join(relative);
        let mut found = self.within.look(&path).ok()?;
        if found.is_dir() {
            found = self.within.look(&path.join("index.html")).ok()?;
        }
        found.is_file().then_some(Found { size: found.len() })
    }
}

struct Found {
    size: u64,
}

/// The part of a file that a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// The whole file: the header has no effect (RFC 9110, section 14.2).
    Whole,
    /// One part, which the file has.
    Part(HeaderValue),
    /// A part that the file does not have.
    Unsatisfiable,
}

/// The range in the header of a request for a file of `size` bytes; `None` without the header. A malformed one, one in another unit or of
/// several parts has no effect, and neither has one with a condition (`If-Range`), since no strong validator is sent.
fn range_of(method: &Method, headers: &HeaderMap, size: u64) -> Option<Range> {
    let mut given = headers.get_all(header::RANGE).iter();
    let first = given.next()?;
    if given.next().is_some() || method != Method::GET || headers.contains_key(header::IF_RANGE) {
        return Some(Range::Whole);
    }
    Some(first.to_str().map_or(Range::Whole, |text| range(text, size)))
}

fn range(text: &str, size: u64) -> Range {
    let Some((unit, set)) = text.split_once('=') else { return Range::Whole };
    let mut parts = set.split(',').map(|part| part.trim_matches([' ', '\t'])).filter(|part| !part.is_empty());
    let (Some(part), None) = (parts.next(), parts.next()) else { return Range::Whole };
    if !unit.eq_ignore_ascii_case("bytes") {
        return Range::Whole;
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // A number that fits nowhere is behind the end of every file.
    let number = |text: &str| text.parse().unwrap_or(u64::MAX);
    let (first, last) = match part.split_once('-') {
        Some(("", suffix)) if digits(suffix) => (size.saturating_sub(number(suffix)), size.saturating_sub(1)),
        Some((first, "")) if digits(first) => (number(first), size.saturating_sub(1)),
        Some((first, last)) if digits(first) && digits(last) => {
            let (first, last) = (number(first), number(last));
            if last < first {
                return Range::Whole;
            }
            (first, last.min(size.saturating_sub(1)))
        }
        _ => return Range::Whole,
    };
    if first >= size {
        return Range::Unsatisfiable;
    }
    HeaderValue::from_str(&format!("bytes={first}-{last}")).map_or(Range::Whole, Range::Part)
}

/// Sets the headers of every answer. Links change and files are replaced under their names, so that clients ask each time whether they have
/// the current content.
fn common(headers: &mut HeaderMap) {
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
}

fn empty(status: StatusCode) -> Response<Payload> {
    let mut response = Response::new(Payload::Empty);
    *response.status_mut() = status;
    common(response.headers_mut());
    response
}

/// The body of an answer.
enum Payload {
    Empty,
    File(ServeFileSystemResponseBody),
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::File(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::File(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::File(body) => body.size_hint(),
        }
    }
}

/// A body that records when it was sent or given up.
struct Watched {
    body: Payload,
    _answering: Answering,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection that counts the bytes that the client takes.
struct Counted {
    stream: TcpStream,
    watch: Arc<Watch>,
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = &written {
            self.watch.taken.fetch_add(*count as u64, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
