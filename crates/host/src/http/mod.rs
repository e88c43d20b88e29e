//! The HTTP client for all other hosts: tries with waits that double, `Retry-After`, a pace, limits on size, time, rate and redirects, and
//! messages without secrets.
//!
//! A [`Client`] sends a [`Request`]; the body goes to a [`Receive`], and the status and headers are an [`Answer`]. It blocks, so that it is
//! called from a thread and not from an async task. The parts of a protocol (conditional requests, pages, signatures) are in its own code,
//! as headers of the request.
//!
//! ```no_run
//! use seaworthy_host::http::{Client, Options, Request, parse};
//!
//! let client = Client::new(Options::default())?;
//! let mut body = Vec::new();
//! client.send(&Request::get(&parse("https://packages.example.org/repodata/repomd.xml")?, 1 << 20), &mut body)?;
//! # Ok::<(), seaworthy_host::http::HttpError>(())
//! ```

mod address;
mod client;
mod error;
mod pace;
mod request;

pub use address::{Url, below, parse};
pub use client::{Client, Options};
pub use error::{Failure, HttpError, Refusal};
pub use pace::{Pace, Pacer, SystemTimer, Timer, retry_after};
pub use request::{Answer, Content, Method, Receive, Request};
