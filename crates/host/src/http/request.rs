//! What is asked for, and what comes back.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;
use std::time::Duration;

use reqwest::header::HeaderMap;

use super::address::Url;
use super::pace::Pacer;

/// The method of a request. All of them may be sent twice without harm, so that each may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Writes whole.
    Put,
    /// Removes.
    Delete,
}

/// The body of a request.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// There is none.
    None,
    /// Some bytes.
    Bytes(&'a [u8]),
    /// A file, sent as it is read.
    File(&'a Path),
}

/// A request.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: &'a Url,
    /// The address of each try, where it is signed for a time.
    pub signed: Option<&'a dyn Fn() -> Url>,
    /// Headers, for whichever host answers.
    pub headers: &'a [(&'static str, &'a str)],
    /// Headers for the host of the address only; no redirect takes them to another one.
    pub secrets: &'a [(&'static str, &'a str)],
    /// What is sent.
    pub content: Content<'a>,
    /// Statuses besides success that are answers, not errors, such as 304.
    pub answers: &'a [u16],
    /// Whether 403 may pass: some hosts refuse so whoever asks too often.
    pub forbidden_may_pass: bool,
    /// Whether the body may be compressed on the way; it is then unpacked up to the limit.
    pub compressed: bool,
    /// Most bytes of the body of the answer.
    pub max_bytes: u64,
    /// The pace that it keeps to.
    pub pacer: Option<&'a Pacer>,
    /// The time until an answer begins, where it is not that of the client: what is sent has to arrive first.
    pub patience: Option<Duration>,
}

impl<'a> Request<'a> {
    /// Gets what is at an address, of at most `max_bytes`.
    #[must_use]
    pub fn get(url: &'a Url, max_bytes: u64) -> Self {
        Self::new(Method::Get, url, max_bytes)
    }

    /// A request with nothing but its method and address.
    #[must_use]
    pub fn new(method: Method, url: &'a Url, max_bytes: u64) -> Self {
        Self {
            method,
            url,
            signed: None,
            headers: &[],
            secrets: &[],
            content: Content::None,
            answers: &[],
            forbidden_may_pass: false,
            compressed: false,
            max_bytes,
            pacer: None,
            patience: None,
        }
    }
}

/// The answer to a request that succeeded, or that ended with a status which the request names.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Bytes of the body, as sent.
    pub received: u64,
    /// The beginning of the body of an answer that is no success; at most 16 KiB.
    pub said: String,
    pub(super) headers: HeaderMap,
}

impl Answer {
    /// The value of a header, where it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Where a body goes. A try that fails half-way is taken back before the next one.
pub trait Receive: Write {
    /// Forgets what came, and begins anew.
    ///
    /// # Errors
    /// When it cannot begin anew; the request fails with it.
    fn restart(&mut self) -> io::Result<()>;
}

impl Receive for Vec<u8> {
    fn restart(&mut self) -> io::Result<()> {
        self.clear();
        Ok(())
    }
}

impl Receive for File {
    fn restart(&mut self) -> io::Result<()> {
        self.rewind()?;
        self.set_len(0)
    }
}

/// Takes no interest in the body.
impl Receive for io::Sink {
    fn restart(&mut self) -> io::Result<()> {
        Ok(())
    }
}
