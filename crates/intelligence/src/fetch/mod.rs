//! The fetching of the published sources as raw bytes, which are not changed.
//!
//! A source is a path or a URL ([`Location`]). It gives whole files ([`Artefact`]: NVD feeds and API pages, KEV, EPSS) or the many small
//! records of a folder or an archive ([`Document`]: CVE List, OSV, overrides). Both go to the caller as they arrive, so that parsing
//! overlaps with fetching. All of it is hostile input: sizes, ratios, paths and waits have limits, and an error says what to do next.
//!
//! Time comes from a [`seaworthy_host::http::Timer`], so that tests do not wait.

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

/// The location of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file or folder.
    Path(PathBuf),
    /// An http or https address.
    Url(String),
}

impl Location {
    /// The location in a text: a URL where it begins with `http://` or `https://`, otherwise a path.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") { Self::Url(text.to_owned()) } else { Self::Path(text.into()) }
    }
}

/// The values by which a changed file is recognised without reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag` header, with its quotes.
    pub etag: Option<String>,
    /// The `Last-Modified` header; for a local file its time of change and its size, in a form of our own.
    pub last_modified: Option<String>,
    /// The digest of the *uncompressed* content; `None` where there is no `.meta`.
    pub sha256: Option<Digest>,
}

impl Validators {
    fn can_be_asked(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }
}

/// A file as it was published; compressed bytes stay compressed.
#[derive(Clone, Debug)]
pub struct Artefact {
    /// A stable logical name, relative and safe as a file name, such as `nvdcve-2.0-2024.json.gz` or `kev.json`.
    pub name: String,
    /// The path or URL from which it came.
    pub origin: String,
    /// The content.
    pub body: Body,
    /// The validators, which the caller keeps with the name and gives back as [`Known`] the next time.
    pub validators: Validators,
}

/// The content of an [`Artefact`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A local file, for the receiver to read.
    File(PathBuf),
    /// The bytes that arrived.
    Bytes(Vec<u8>),
    /// The same content that the caller has under this name.
    Unchanged,
}

/// The validators of the artefacts that the caller has, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known(pub BTreeMap<String, Validators>);

impl Known {
    fn get(&self, name: &str) -> Option<&Validators> {
        self.0.get(name)
    }
}

/// A receiver of artefacts as they arrive. Every closure of this form is one; its own error ends the fetch, best wrapped in
/// [`FetchError::Sink`].
pub trait Sink {
    /// Takes an artefact.
    ///
    /// # Errors
    /// When the receiver cannot go on; the fetch ends with the error.
    fn accept(&mut self, artefact: Artefact) -> Result<(), FetchError>;
}

impl<F: FnMut(Artefact) -> Result<(), FetchError>> Sink for F {
    fn accept(&mut self, artefact: Artefact) -> Result<(), FetchError> {
        self(artefact)
    }
}

/// An address without secrets, for messages and for the state.
fn origin_of(url: &Url) -> String {
    masked(url.as_str()).into_owned()
}

/// The size of a local file and its validators: size and time of change, to the nanosecond.
fn stat(path: &Path) -> Result<(u64, Validators), FetchError> {
    let meta = std::fs::metadata(path).map_err(|e| FetchError::io(path, "read", e))?;
    let changed = meta.modified().ok().and_then(|t| jiff::Timestamp::try_from(t).ok());
    let last_modified = changed.map(|t| format!("{t} size {}", meta.len()));
    Ok((meta.len(), Validators { etag: None, last_modified, sha256: None }))
}
