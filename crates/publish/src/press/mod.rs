//! The press: from an edition and packages to the content of a site.
//!
//! [`Packages`] puts packages into the pool and writes snapshots of the repository; [`documents`] gives all other documents, as trees that
//! are made only where they changed. Nothing here is in force before [`Site::switch`](crate::site::Site::switch).

mod conclude;
mod contents;
mod documents;
mod repository;
mod signing;

use std::path::PathBuf;

pub use conclude::{InstalledPrograms, conclude};
pub(crate) use contents::CONTENTS;
pub use contents::{Contents, Repo, RepositoryPackage};
pub use documents::{Channel, Documents, Stock, differences, documents};
pub use repository::{Packages, SubmittedPackage, difference};
use seaworthy_keys::KeyError;
use seaworthy_model::format::FormatError;
use seaworthy_packages::PackageError;
use seaworthy_packages::repository::RepositoryError;
pub use signing::Replaced;

use crate::site::SiteError;

/// The error of making a publication.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// The site failed.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A key cannot sign, or a signature failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The metadata of the repository failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The inputs of documents cannot be written as JSON.
    #[error("cannot write what the documents are made from as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A package cannot be read or signed.
    #[error(transparent)]
    Unreadable(#[from] PackageError),
    /// A package cannot be published.
    #[error("{}: {what}", file.display())]
    Package {
        /// The file.
        file: PathBuf,
        /// The reason, and what to do.
        what: String,
    },
    /// A file has a version that this program does not read.
    #[error("{}: {source}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version, and what to do.
        source: FormatError,
    },
    /// The contents of a snapshot cannot be used.
    #[error("the snapshot's list {} {what}", path.display())]
    Snapshot {
        /// The file of the contents.
        path: PathBuf,
        /// The fault.
        what: String,
    },
}
