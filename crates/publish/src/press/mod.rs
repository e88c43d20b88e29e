//! The press: from an edition and packages to what a site shows.
//!
//! [`Packages`] puts packages into the pool and writes snapshots of the repository; [`documents`] gives everything else that is
//! published, as trees that are made only where they changed. Nothing here is in force before [`Site::switch`](crate::site::Site::switch).

mod conclude;
mod contents;
mod documents;
mod repository;
mod signing;

use std::path::PathBuf;

pub use conclude::{InstalledPrograms, conclude};
pub(crate) use contents::CONTENTS;
pub use contents::{Contents, Repo, RepositoryPackage};
pub use documents::{Documents, documents};
pub use repository::{Packages, SubmittedPackage, difference};
use seaworthy_keys::KeyError;
use seaworthy_model::format::FormatError;
use seaworthy_packages::PackageError;
use seaworthy_packages::repository::RepositoryError;
pub use signing::Replaced;

use crate::site::SiteError;

/// Why something could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// Something of the site.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// Keys or signatures.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Repository metadata.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// What documents are made from cannot be written as JSON.
    #[error("cannot write what the documents are made from as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A package that cannot be read.
    #[error(transparent)]
    Unreadable(#[from] PackageError),
    /// A package that cannot be published.
    #[error("{}: {what}", file.display())]
    Package {
        /// The file.
        file: PathBuf,
        /// Why, and what to do.
        what: String,
    },
    /// A file of a version that is not read.
    #[error("{}: {source}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version, and what to do.
        source: FormatError,
    },
    /// A snapshot whose list of packages cannot be used.
    #[error("the snapshot's list {} {what}", path.display())]
    Snapshot {
        /// The list.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}
