use std::io;
use std::path::{Path, PathBuf};

use seaworthy_host::files::FileError;
use seaworthy_model::format::FormatError;

/// The error of reading or writing a site.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A file or folder failed.
    #[error("cannot {doing} {path}: {source}")]
    File {
        /// The work that failed.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The documents of a tree could not be made.
    #[error("cannot make {at}: {source}")]
    Make {
        /// The folder of the tree in the site.
        at: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file has a version that this program does not read.
    #[error("{path}: {source}")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version, and what to do.
        source: FormatError,
    },
    /// A file is not as it was published.
    #[error("{path}: {message}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The fault.
        message: String,
    },
}

impl SiteError {
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }
}

impl From<FileError> for SiteError {
    fn from(FileError { doing, path, source }: FileError) -> Self {
        Self::File { doing, path, source }
    }
}
