//! Why a store could not be written or read.

use std::io;
use std::path::{Path, PathBuf};

use seaworthy_model::format::FormatError;

use super::listing::{LISTING, ListingError};
use crate::site::SiteError;

/// Why a store could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// Its address, or what is needed to reach it.
    #[error("the store {address:?} cannot be reached: {detail}")]
    Address {
        /// As it was given.
        address: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The store refuses.
    #[error("the bucket {bucket} refuses {key}: {detail}")]
    Refused {
        /// The bucket.
        bucket: String,
        /// The object.
        key: String,
        /// What the store says.
        detail: String,
    },
    /// The store does not answer, or has trouble of its own.
    #[error("the bucket {bucket} cannot take or give {key}, tried {tries} times: {detail}")]
    Unavailable {
        /// The bucket.
        bucket: String,
        /// The object.
        key: String,
        /// What came of the last try.
        detail: String,
        /// How often it was tried.
        tries: u32,
    },
    /// What the store says that it holds is of a version that is not read.
    #[error("{LISTING} in the store: {0}")]
    Version(FormatError),
    /// What the store says that it holds cannot be understood.
    #[error("{LISTING} in the store cannot be read: {0}; remove it there, and everything is sent anew")]
    Listing(String),
    /// A file that is to be sent.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The site on disk.
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
    /// A function that names the file in a cause, for `map_err`.
    pub(super) fn file(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path: path.clone(), source }
    }
}
