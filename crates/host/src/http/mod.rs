//! The one way to other hosts by HTTP: tries with waits that double, `Retry-After`, a pace, limits on size, time, rate and redirects, and
//! messages without secrets.
//!
//! A [`Client`] sends a [`Request`]; what comes back goes to a [`Receive`], and its status and headers are an [`Answer`]. It blocks: it is
//! called from a thread of its own, not from an async task. What a protocol adds (conditional requests, pages, signatures) stays with the
//! protocol; its words are headers of the request.
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
