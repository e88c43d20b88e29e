//! Requests, answers, and the receivers of bodies.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;
use std::time::Duration;

use reqwest::header::HeaderMap;

use super::address::Url;
use super::pace::Pacer;

/// The method of a request. Each may be sent twice without harm, so that it can be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads an object.
    Get,
    /// Writes an object as a whole.
    Put,
    /// Removes an object.
    Delete,
}

/// The body of a request.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// No body.
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
    /// The address of each try, where it is signed for a time; `None` for `url`.
    pub signed: Option<&'a dyn Fn() -> Url>,
    /// The headers for whichever host answers.
    pub headers: &'a [(&'static str, &'a str)],
    /// The headers for the host of the address only; no redirect takes them to another one.
    pub secrets: &'a [(&'static str, &'a str)],
    /// The body.
    pub content: Content<'a>,
    /// The statuses besides success that are answers and not errors, such as 304.
    pub answers: &'a [u16],
    /// Whether 403 is tried again: some hosts refuse frequent requests with it.
    pub forbidden_may_pass: bool,
    /// Whether the body may be compressed on the way; it is then unpacked up to the limit.
    pub compressed: bool,
    /// The greatest size of the answer's body in bytes.
    pub max_bytes: u64,
    /// The pacer of the request; `None` for no pace.
    pub pacer: Option<&'a Pacer>,
    /// The time until an answer begins, for a request whose body has to arrive first; `None` for that of the client.
    pub patience: Option<Duration>,
}

impl<'a> Request<'a> {
    /// A request for the body at an address, of at most `max_bytes`.
    #[must_use]
    pub fn get(url: &'a Url, max_bytes: u64) -> Self {
        Self::new(Method::Get, url, max_bytes)
    }

    /// A request with a method and an address, and no other option.
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

/// The answer to a request: a success, or a status that the request names as an answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The number of bytes of the body, as sent.
    pub received: u64,
    /// The beginning of the body where the status is no success; at most 16 KiB.
    pub said: String,
    pub(super) headers: HeaderMap,
}

impl Answer {
    /// The value of a header; `None` where it is missing or no text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The receiver of a body. A try that fails half-way is taken back before the next one.
pub trait Receive: Write {
    /// Drops all that was received, for the next try.
    ///
    /// # Errors
    /// When it cannot begin again; the request fails with the error.
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

/// A receiver that drops the body.
impl Receive for io::Sink {
    fn restart(&mut self) -> io::Result<()> {
        Ok(())
    }
}
