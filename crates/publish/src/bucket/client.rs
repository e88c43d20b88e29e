//! The objects of an S3-style store: writing, reading and removing them. Requests are signed in the address (Signature Version 4).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::time::Duration;

use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use seaworthy_host::http::{self, Content, Failure, HttpError, Method, Receive, Request};

use super::error::BucketError;

/// The time for which a signature is valid. It serves one try, which may send a large package over a slow line.
const SIGNED_FOR: Duration = Duration::from_secs(3600);
/// The greatest size of an object that is read into memory, in bytes.
const MAX_READ: u64 = 1 << 30;
/// The time for a request beside that for its content.
const PATIENCE: Duration = Duration::from_secs(120);
/// The lowest rate in bytes per second; a slower connection counts as broken.
const SLOWEST: u64 = 64 << 10;

/// The address of a store and the credentials, as other programs take them from the environment variables `AWS_*`.
#[derive(Clone)]
pub struct Access {
    /// `AWS_ENDPOINT_URL`: the address of the store; `None` for Amazon's own.
    pub endpoint: Option<String>,
    /// `AWS_REGION`; `us-east-1` for `None`.
    pub region: Option<String>,
    /// `AWS_ACCESS_KEY_ID`.
    pub key: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret: String,
    /// `AWS_SESSION_TOKEN`, the token of a temporary role; `None` where there is none.
    pub token: Option<String>,
}

impl std::fmt::Debug for Access {
    /// The endpoint, the region and the key id; the secrets are left out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

pub(super) struct Client {
    http: http::Client,
    bucket: Bucket,
    credentials: Credentials,
    /// The beginning of all keys; empty, or with a slash at its end.
    prefix: String,
}

/// A file that is compared with an object while the object arrives.
struct Compared<'a> {
    path: &'a Path,
    file: BufReader<File>,
    same: bool,
}

impl<'a> Compared<'a> {
    fn new(path: &'a Path) -> io::Result<Self> {
        Ok(Self { path, file: BufReader::new(File::open(path)?), same: true })
    }

    /// Whether the object had all bytes of the file and no more.
    fn ends_alike(mut self) -> io::Result<bool> {
        Ok(self.same && self.file.fill_buf()?.is_empty())
    }
}

impl Write for Compared<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let here = self.file.fill_buf()?;
        let length = here.len().min(bytes.len());
        // Behind the first difference the rest only passes by.
        if !self.same || length == 0 || here.get(..length) != bytes.get(..length) {
            self.same &= bytes.is_empty();
            return Ok(bytes.len());
        }
        self.file.consume(length);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Receive for Compared<'_> {
    fn restart(&mut self) -> io::Result<()> {
        *self = Self::new(self.path)?;
        Ok(())
    }
}

impl Client {
    /// A client for `s3://BUCKET/PREFIX`.
    pub(super) fn new(address: &str, access: &Access, wait: Duration) -> Result<Self, BucketError> {
        let refuse = |detail: String| BucketError::Address { address: address.to_owned(), detail };
        let rest = address.strip_prefix("s3://").ok_or_else(|| refuse("it has to begin with s3://".into()))?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() {
            return Err(refuse("it names no bucket".into()));
        }
        let prefix = prefix.trim_matches('/');
        if prefix.split('/').any(|part| part == "." || part == "..") || prefix.contains("//") {
            return Err(refuse(format!("{prefix:?} can begin no key")));
        }
        let region = access.region.clone().unwrap_or_else(|| "us-east-1".into());
        let (endpoint, style) = match &access.endpoint {
            // Other stores have one name, and buckets in its paths.
            Some(endpoint) => (endpoint.clone(), UrlStyle::Path),
            // Certificates cover one label before the region.
            None if name.contains('.') => (format!("https://s3.{region}.amazonaws.com"), UrlStyle::Path),
            None => (format!("https://s3.{region}.amazonaws.com"), UrlStyle::VirtualHost),
        };
        let url = endpoint.parse().map_err(|e| refuse(format!("the store's address {endpoint:?} is none: {e}")))?;
        let bucket = Bucket::new(url, style, name.to_owned(), region).map_err(|e| refuse(e.to_string()))?;
        let credentials = match &access.token {
            Some(token) => Credentials::new_with_token(&*access.key, &*access.secret, &**token),
            None => Credentials::new(&*access.key, &*access.secret),
        };
        let options = http::Options {
            tries: 5,
            connect_tries: 5,
            backoff: wait,
            redirects: 0,
            connect_timeout: Duration::from_secs(20),
            read_timeout: PATIENCE,
            // The rate is limited, not the time: objects may be large, and are many.
            whole: Duration::from_secs(24 * 3600),
            window: Duration::from_secs(30),
            bytes_a_window: 30 * SLOWEST,
            ..http::Options::default()
        };
        let http = http::Client::new(options).map_err(|e| refuse(e.to_string()))?;
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { http, bucket, credentials, prefix })
    }

    /// Writes an object with its media type and its `Cache-Control`. Gives its size in bytes.
    pub(super) fn put(&self, key: &str, content: Content<'_>, kind: &str, keep: &str) -> Result<u64, BucketError> {
        let object = self.object(key);
        let (length, file) = match content {
            Content::None => (0, None),
            Content::Bytes(bytes) => (bytes.len() as u64, None),
            Content::File(path) => (path.metadata().map_err(BucketError::file(path))?.len(), Some(path)),
        };
        let sign = || {
            let mut action = self.bucket.put_object(Some(&self.credentials), &object);
            action.headers_mut().insert("content-type", kind);
            action.headers_mut().insert("cache-control", keep);
            action.sign(SIGNED_FOR)
        };
        let url = sign();
        let request = Request {
            signed: Some(&sign),
            headers: &[("content-type", kind), ("cache-control", keep)],
            content,
            // The time until the answer is limited, and the content is sent before it.
            patience: Some(PATIENCE + Duration::from_secs(length / SLOWEST)),
            ..Request::new(Method::Put, &url, MAX_READ)
        };
        self.http.send(&request, &mut io::sink()).map_err(|e| self.failed(key, file, e))?;
        Ok(length)
    }

    /// The bytes of an object; `None` where the store has no such key.
    pub(super) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BucketError> {
        let mut bytes = Vec::new();
        let there = self.read(key, None, MAX_READ, &mut bytes)?;
        Ok(there.then_some(bytes))
    }

    /// Whether an object has the bytes of a file; `None` where the store has no such key. Neither is held in memory.
    pub(super) fn equals(&self, key: &str, file: &Path) -> Result<Option<bool>, BucketError> {
        let failed = BucketError::file(file);
        let mut compared = Compared::new(file).map_err(&failed)?;
        let there = self.read(key, Some(file), u64::MAX, &mut compared)?;
        there.then(|| compared.ends_alike().map_err(failed)).transpose()
    }

    /// Reads an object of at most `most` bytes; gives `false` where the store has no such key.
    fn read(&self, key: &str, file: Option<&Path>, most: u64, out: &mut dyn Receive) -> Result<bool, BucketError> {
        let object = self.object(key);
        let sign = || self.bucket.get_object(Some(&self.credentials), &object).sign(SIGNED_FOR);
        let url = sign();
        let request = Request { signed: Some(&sign), answers: &[404], ..Request::get(&url, most) };
        let answer = self.http.send(&request, out).map_err(|e| self.failed(key, file, e))?;
        // A bucket that is not there is no bucket without objects.
        if answer.status == 404 && answer.said.contains("NoSuchBucket") {
            return Err(self.refused(key, reason(404, &answer.said)));
        }
        Ok(answer.status != 404)
    }

    /// Removes an object; one that does not exist is no error.
    pub(super) fn delete(&self, key: &str) -> Result<(), BucketError> {
        let object = self.object(key);
        let sign = || self.bucket.delete_object(Some(&self.credentials), &object).sign(SIGNED_FOR);
        let url = sign();
        let request = Request { signed: Some(&sign), answers: &[404], ..Request::new(Method::Delete, &url, MAX_READ) };
        self.http.send(&request, &mut io::sink()).map(drop).map_err(|e| self.failed(key, None, e))
    }

    /// The error of a request for an object; `file` is the local file that it reads, whose errors are not the store's.
    fn failed(&self, key: &str, file: Option<&Path>, error: HttpError) -> BucketError {
        match (error.failure, file) {
            (Failure::Local(source), Some(path)) => BucketError::file(path)(source),
            (Failure::Refused(refusal), _) if !matches!(refusal.status, 408 | 425 | 429 | 500..=599) => {
                self.refused(key, reason(refusal.status, &refusal.body))
            }
            (failure, _) => {
                let detail = match failure {
                    Failure::Refused(refusal) => reason(refusal.status, &refusal.body),
                    other => other.to_string(),
                };
                BucketError::Unavailable { bucket: self.bucket.name().to_owned(), key: self.object(key), detail, tries: error.tries }
            }
        }
    }

    fn object(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn refused(&self, key: &str, detail: String) -> BucketError {
        BucketError::Refused { bucket: self.bucket.name().to_owned(), key: self.object(key), detail }
    }
}

/// The refusal of a store in words: the status, and the code and message in its XML.
fn reason(status: u16, text: &str) -> String {
    let inside = |tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        rest.split_once(&format!("</{tag}>"))
            .map(|(inside, _)| inside.trim().chars().filter(|c| !c.is_control()).take(300).collect::<String>())
    };
    match (inside("Code"), inside("Message")) {
        (Some(code), Some(message)) => format!("{status}, {code}: {message}"),
        (Some(code), None) => format!("{status}, {code}"),
        _ => status.to_string(),
    }
}
