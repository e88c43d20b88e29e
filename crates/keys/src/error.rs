//! The errors of keys and signatures.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use seaworthy_model::format::FormatError;

/// The error of work with keys or signatures.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file or folder could not be read or written.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// The work that failed.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The folder of keys, or a file in it, is not as it must be.
    #[error("the key store {}: {why}", path.display())]
    Store {
        /// The folder or the file.
        path: PathBuf,
        /// The fault, and what to do.
        why: String,
    },
    /// The list of keys has a version that this program does not read.
    #[error("the key store {}: {source}", path.display())]
    Version {
        /// The file of the list.
        path: PathBuf,
        /// The version, and what to do.
        source: FormatError,
    },
    /// A key was not accepted.
    #[error("reading a key from {what}: {why}")]
    BadKey {
        /// The origin of the key, such as a file.
        what: String,
        /// The reason.
        why: String,
    },
    /// The store has no key with this fingerprint.
    #[error("there is no key {0} in the key store; `list` shows the keys that are there")]
    NoSuchKey(String),
    /// No key of the store in this folder may sign.
    #[error("the key store {} has no active key, so nothing can be signed; create or import a key first", .0.display())]
    NoActiveKey(PathBuf),
    /// A key that should sign cannot sign.
    #[error("key {fingerprint} ({user_id}) cannot sign: {why}; {remedy}")]
    Unusable {
        /// The fingerprint of the key.
        fingerprint: String,
        /// The user id of the key.
        user_id: String,
        /// The reason.
        why: String,
        /// The next step for the user.
        remedy: String,
    },
    /// A signature is not good.
    #[error("the signature {what} is not good: {why}")]
    BadSignature {
        /// The signed thing, such as a file or a packet.
        what: String,
        /// The reason.
        why: String,
    },
    /// The OpenPGP library failed.
    #[error("{doing}: {message}")]
    OpenPgp {
        /// The work that failed.
        doing: &'static str,
        /// The error of the library.
        message: String,
    },
    /// OpenPGP cannot write this time: it is before 1970 or after 2106.
    #[error("{0} cannot be written into a signature or key: OpenPGP counts seconds from 1970 to 2106")]
    Time(Timestamp),
}

impl KeyError {
    pub(crate) fn io(doing: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }

    pub(crate) fn openpgp(doing: &'static str) -> impl Fn(pgp::errors::Error) -> Self {
        move |e| Self::OpenPgp { doing, message: e.to_string() }
    }
}
