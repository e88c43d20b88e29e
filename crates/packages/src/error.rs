//! What goes wrong with a package.

use std::path::PathBuf;

use seaworthy_keys::KeyError;

/// Why a package was not read, or not signed.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The file cannot be read.
    #[error("reading the package {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not an RPM package, or a broken one, or passes a limit.
    #[error("reading the package {}: {found}; rebuild it or leave it out", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What was found where.
        found: String,
    },
    /// It cannot be written.
    #[error("writing the package {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It cannot be signed, or what is to be signed is damaged.
    #[error("the package {}: {why}", path.display())]
    Signature {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A key cannot sign.
    #[error(transparent)]
    Key(#[from] KeyError),
}
