//! The errors of packages.

use std::path::PathBuf;

use seaworthy_keys::KeyError;

/// The error of reading, signing or writing a package.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The file cannot be read.
    #[error("reading the package {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The file is no RPM package, is broken, or exceeds a limit.
    #[error("reading the package {}: {found}; rebuild it or leave it out", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The fault and its place.
        found: String,
    },
    /// The file cannot be written.
    #[error("writing the package {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The package cannot be signed, since it is damaged, too large or has a bad signature.
    #[error("the package {}: {why}", path.display())]
    Signature {
        /// The file.
        path: PathBuf,
        /// The fault, and what to do.
        why: String,
    },
    /// A key cannot sign.
    #[error(transparent)]
    Key(#[from] KeyError),
}
