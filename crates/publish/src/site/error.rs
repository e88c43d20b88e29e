use std::io;
use std::path::{Path, PathBuf};

use seaworthy_host::files::FileError;
use seaworthy_model::format::FormatError;

/// Why a site could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A file or folder.
    #[error("cannot {doing} {path}: {source}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Documents could not be made.
    #[error("cannot make {at}: {source}")]
    Make {
        /// Their folder in the site.
        at: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file of a version that is not read.
    #[error("{path}: {source}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version, and what to do.
        source: FormatError,
    },
    /// Something is not what was published.
    #[error("{path}: {message}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
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
