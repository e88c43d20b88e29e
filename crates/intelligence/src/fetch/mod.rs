//! Brings the published sources here as raw bytes, and changes nothing in them.
//!
//! A source is a path or a URL ([`Location`]). Two shapes come out: whole files ([`Artefact`]: NVD feeds and API pages,
//! KEV, EPSS) and the many small records of a folder or an archive ([`Document`]: CVE List, OSV, overrides). Both go to
//! the caller as they arrive, so that parsing overlaps with fetching. All of it is hostile input: sizes, ratios, paths
//! and waits have limits, and an error says what to do next.
//!
//! Time comes from a [`seaworthy_host::http::Timer`], so that tests wait for nothing.

mod api;
mod client;
mod error;
mod feeds;
mod meta;
mod records;
mod verify;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use seaworthy_host::http::Url;
use seaworthy_model::Digest;
use seaworthy_model::text::masked;
use serde::{Deserialize, Serialize};

pub use api::{Delta, DeltaDone, NVD_API_URL, Progress, nvd_delta};
pub use client::{Client, Options, nvd_pace};
pub use error::FetchError;
pub use feeds::{EPSS_URL, KEV_URL, NVD_FEEDS_URL, epss, kev, nvd_feeds};
pub use meta::Meta;
pub use records::{Document, OSV_URL, Records, Walked, documents, osv_ecosystem};
pub use verify::{Verified, verify_gzip};

/// Where a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file or folder.
    Path(PathBuf),
    /// An http or https address.
    Url(String),
}

impl Location {
    /// Takes a text with `http://` or `https://` at its start for a URL, any other for a path.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") { Self::Url(text.to_owned()) } else { Self::Path(text.into()) }
    }
}

/// What tells whether a file has changed without reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag` header, with its quotes.
    pub etag: Option<String>,
    /// The `Last-Modified` header; for a local file its time of change and size, in a form of our own.
    pub last_modified: Option<String>,
    /// The digest of the *uncompressed* content, where a `.meta` told it.
    pub sha256: Option<Digest>,
}

impl Validators {
    fn can_be_asked(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }
}

/// One file, as published: compressed bytes are kept as they are.
#[derive(Clone, Debug)]
pub struct Artefact {
    /// A stable logical name, relative and safe as a file name: `nvdcve-2.0-2024.json.gz`, `kev.json`.
    pub name: String,
    /// The path or URL it came from.
    pub origin: String,
    /// The content.
    pub body: Body,
    /// To be kept with the name and given back as [`Known`] the next time.
    pub validators: Validators,
}

/// The content of an [`Artefact`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A local file, for the receiver to read.
    File(PathBuf),
    /// The bytes that arrived.
    Bytes(Vec<u8>),
    /// The same as what the caller has by this name.
    Unchanged,
}

/// What the caller already has, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known(pub BTreeMap<String, Validators>);

impl Known {
    fn get(&self, name: &str) -> Option<&Validators> {
        self.0.get(name)
    }
}

/// Takes artefacts as they arrive. Every closure of the right form is one; its own error ends the fetch, best wrapped in
/// [`FetchError::Sink`].
pub trait Sink {
    /// Takes one.
    ///
    /// # Errors
    /// Whatever keeps the receiver from going on; the fetch ends with it.
    fn accept(&mut self, artefact: Artefact) -> Result<(), FetchError>;
}

impl<F: FnMut(Artefact) -> Result<(), FetchError>> Sink for F {
    fn accept(&mut self, artefact: Artefact) -> Result<(), FetchError> {
        self(artefact)
    }
}

/// An address for messages and for what is kept.
fn origin_of(url: &Url) -> String {
    masked(url.as_str()).into_owned()
}

/// The validators of a local file: size and time of change, to the nanosecond.
fn stat(path: &Path) -> Result<(u64, Validators), FetchError> {
    let meta = std::fs::metadata(path).map_err(|e| FetchError::io(path, "read", e))?;
    let changed = meta.modified().ok().and_then(|t| jiff::Timestamp::try_from(t).ok());
    let last_modified = changed.map(|t| format!("{t} size {}", meta.len()));
    Ok((meta.len(), Validators { etag: None, last_modified, sha256: None }))
}
