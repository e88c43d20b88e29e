//! The errors of a store.

use std::io;
use std::path::{Path, PathBuf};

use seaworthy_model::format::FormatError;

use super::listing::{LISTING, ListingError};
use crate::site::SiteError;

/// The error of writing or reading a store.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// The store cannot be used by its settings: the address, the endpoint, or the set-up of the HTTP client.
    #[error("the store {address:?} cannot be reached: {detail}")]
    Address {
        /// The address in the settings.
        address: String,
        /// The fault.
        detail: String,
    },
    /// The store refused a request.
    #[error("the bucket {bucket} refuses {key}: {detail}")]
    Refused {
        /// The bucket.
        bucket: String,
        /// The object.
        key: String,
        /// The answer of the store.
        detail: String,
    },
    /// The store did not answer, or failed.
    #[error("the bucket {bucket} cannot take or give {key}, tried {tries} times: {detail}")]
    Unavailable {
        /// The bucket.
        bucket: String,
        /// The object.
        key: String,
        /// The outcome of the last try.
        detail: String,
        /// The number of tries.
        tries: u32,
    },
    /// The listing in the store has a version that this program does not read.
    #[error("{LISTING} in the store: {0}")]
    Version(FormatError),
    /// The listing in the store cannot be read.
    #[error("{LISTING} in the store cannot be read: {0}; remove it there, and everything is sent anew")]
    Listing(String),
    /// A file to be sent, or to be compared, cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The site on disk cannot be read.
    #[error(transparent)]
    Site(#[from] SiteError),
}

impl From<ListingError> for BucketError {
    fn from(error: ListingError) -> Self {
        match error {
            ListingError::Version(source) => Self::Version(source),
            ListingError::Damaged(what) => Self::Listing(what),
        }
    }
}

impl BucketError {
    /// A function that adds the path of a file to an error, for `map_err`.
    pub(super) fn file(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path: path.clone(), source }
    }
}
