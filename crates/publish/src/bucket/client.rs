//! Objects of an S3-style store: written, read, removed. Requests are signed in the address (Signature Version 4).

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::blocking::{Body, Client as Http, Response};
use reqwest::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};

use super::BucketError;

/// A signature is good for one request, which may carry a large package over a slow line.
const SIGNED_FOR: Duration = Duration::from_secs(3600);
/// What an object that is read into memory may have, in bytes.
const MAX_READ: u64 = 1 << 30;
/// How long a request may take beside its content.
const PATIENCE: Duration = Duration::from_secs(120);
/// A line that carries less, in bytes per second, counts as broken.
const SLOWEST: u64 = 64 << 10;

/// Where a bucket is and who asks: what other programs take from the environment variables whose names begin with `AWS_`.
#[derive(Clone)]
pub struct Access {
    /// `AWS_ENDPOINT_URL`: the store's address, where it is not Amazon's own.
    pub endpoint: Option<String>,
    /// `AWS_REGION`; `us-east-1` where there is none.
    pub region: Option<String>,
    /// `AWS_ACCESS_KEY_ID`.
    pub key: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret: String,
    /// `AWS_SESSION_TOKEN`, of a role that is taken for a time.
    pub token: Option<String>,
}

impl std::fmt::Debug for Access {
    /// Secrets are not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// What an object is made of.
pub(super) enum Content<'a> {
    Bytes(&'a [u8]),
    File(&'a Path),
}

pub(super) struct Client {
    http: Http,
    bucket: Bucket,
    credentials: Credentials,
    /// What all keys begin with; empty, or ends with a slash.
    prefix: String,
    /// The wait after the first try that failed; it doubles.
    wait: Duration,
}

/// How one try ended that did not succeed.
enum Failed {
    Final(BucketError),
    Again(String),
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
        // As everywhere here, TLS is rustls with ring; whoever has set it already has set the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Http::builder()
            .user_agent(concat!("seaworthy/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(20))
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| refuse(causes(&e)))?;
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { http, bucket, credentials, prefix, wait })
    }

    /// Writes an object, with its media type and how long readers may keep it.
    pub(super) fn put(&self, key: &str, content: &Content<'_>, kind: &str, keep: &str) -> Result<u64, BucketError> {
        let object = self.object(key);
        self.insist(key, || {
            let mut action = self.bucket.put_object(Some(&self.credentials), &object);
            action.headers_mut().insert(CONTENT_TYPE.as_str(), kind);
            action.headers_mut().insert(CACHE_CONTROL.as_str(), keep);
            let (body, length) = body(content).map_err(Failed::Final)?;
            // The time of the whole request is limited, its body included.
            let time = PATIENCE + Duration::from_secs(length / SLOWEST);
            let request = self.http.put(action.sign(SIGNED_FOR)).timeout(time).header(CONTENT_TYPE, kind).header(CACHE_CONTROL, keep);
            // A body without bytes would be sent without its length, and refused.
            let request = if length == 0 { request.header(CONTENT_LENGTH, 0) } else { request.body(body) };
            self.answer(key, request.send()).map(|_| length)
        })
    }

    /// An object's bytes; `None` where there is none of that key.
    pub(super) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BucketError> {
        self.read(key, |object| {
            let mut bytes = Vec::new();
            object.take(MAX_READ).read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    /// Whether an object has the bytes of a file; `None` where there is none of that key. Neither is held in memory.
    pub(super) fn equals(&self, key: &str, file: &Path) -> Result<Option<bool>, BucketError> {
        // One that cannot be opened here is no fault of the store.
        drop(File::open(file).map_err(|source| BucketError::File { path: file.to_owned(), source })?);
        self.read(key, |object| {
            let (mut there, mut here) = (BufReader::new(object), BufReader::new(File::open(file)?));
            loop {
                let (a, b) = (there.fill_buf()?, here.fill_buf()?);
                let length = a.len().min(b.len());
                if length == 0 || a[..length] != b[..length] {
                    return Ok(a.is_empty() && b.is_empty());
                }
                there.consume(length);
                here.consume(length);
            }
        })
    }

    fn read<T>(&self, key: &str, take: impl Fn(Response) -> std::io::Result<T>) -> Result<Option<T>, BucketError> {
        let object = self.object(key);
        self.insist(key, || {
            let action = self.bucket.get_object(Some(&self.credentials), &object);
            let response = self.http.get(action.sign(SIGNED_FOR)).send();
            if response.as_ref().is_ok_and(|r| r.status() == StatusCode::NOT_FOUND) {
                let error = response.ok().map(reason).unwrap_or_default();
                // A bucket that is not there is no bucket without objects.
                return if error.contains("NoSuchBucket") { Err(Failed::Final(self.refused(key, error))) } else { Ok(None) };
            }
            let taken = take(self.answer(key, response)?);
            taken.map(Some).map_err(|e| Failed::Again(causes(&e)))
        })
    }

    /// Removes an object; that there is none is as well.
    pub(super) fn delete(&self, key: &str) -> Result<(), BucketError> {
        let object = self.object(key);
        self.insist(key, || {
            let action = self.bucket.delete_object(Some(&self.credentials), &object);
            match self.http.delete(action.sign(SIGNED_FOR)).send() {
                Ok(response) if response.status() == StatusCode::NOT_FOUND => Ok(()),
                sent => self.answer(key, sent).map(|_| ()),
            }
        })
    }

    fn object(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn refused(&self, key: &str, detail: String) -> BucketError {
        BucketError::Refused { bucket: self.bucket.name().to_owned(), key: self.object(key), detail }
    }

    /// Tries until it succeeds, is refused, or has failed too often.
    fn insist<T>(&self, key: &str, attempt: impl Fn() -> Result<T, Failed>) -> Result<T, BucketError> {
        const TRIES: u32 = 5;
        let (mut wait, mut tries) = (self.wait, 0);
        loop {
            tries += 1;
            match attempt() {
                Ok(done) => return Ok(done),
                Err(Failed::Final(error)) => return Err(error),
                Err(Failed::Again(detail)) if tries >= TRIES => {
                    return Err(BucketError::Unavailable { bucket: self.bucket.name().to_owned(), key: self.object(key), detail, tries });
                }
                Err(Failed::Again(_)) => std::thread::sleep(wait),
            }
            wait *= 2;
        }
    }

    fn answer(&self, key: &str, sent: reqwest::Result<Response>) -> Result<Response, Failed> {
        // Addresses carry signatures, so they are not shown.
        let response = sent.map_err(|e| Failed::Again(causes(&e.without_url())))?;
        let status = response.status();
        match status.as_u16() {
            200..=299 => Ok(response),
            408 | 429 | 500..=599 => Err(Failed::Again(reason(response))),
            _ => Err(Failed::Final(self.refused(key, reason(response)))),
        }
    }
}

fn body(content: &Content<'_>) -> Result<(Body, u64), BucketError> {
    match content {
        Content::Bytes(bytes) => Ok((Body::from(bytes.to_vec()), bytes.len() as u64)),
        Content::File(path) => {
            let fail = |source| BucketError::File { path: PathBuf::from(path), source };
            let file = File::open(path).map_err(fail)?;
            let length = file.metadata().map_err(fail)?.len();
            Ok((Body::sized(file, length), length))
        }
    }
}

/// What a store says when it refuses: its code and message, in XML.
fn reason(response: Response) -> String {
    let status = response.status();
    let mut text = String::new();
    let _ = response.take(16 << 10).read_to_string(&mut text);
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

/// An error with all that it comes from.
fn causes(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        out.push_str(": ");
        out.push_str(&cause.to_string());
        next = cause.source();
    }
    out
}
