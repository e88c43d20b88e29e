//! What goes wrong with keys and signatures.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use seaworthy_model::format::FormatError;

/// What went wrong with keys or signatures.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file or folder could not be read or written.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder of keys is not as it must be.
    #[error("the key store {}: {why}", path.display())]
    Store {
        /// The folder, or its index.
        path: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The list of the keys is of a version that is not read.
    #[error("the key store {}: {source}", path.display())]
    Version {
        /// The list.
        path: PathBuf,
        /// Its version, and what to do.
        source: FormatError,
    },
    /// A key was not accepted.
    #[error("reading a key from {what}: {why}")]
    BadKey {
        /// Where it came from.
        what: String,
        /// Why it was refused.
        why: String,
    },
    /// There is no key of this fingerprint.
    #[error("there is no key {0} in the key store; `list` shows the keys that are there")]
    NoSuchKey(String),
    /// No key may sign.
    #[error("the key store {} has no active key, so nothing can be signed; create or import a key first", .0.display())]
    NoActiveKey(PathBuf),
    /// A key that should sign cannot.
    #[error("key {fingerprint} ({user_id}) cannot sign: {why}; {remedy}")]
    Unusable {
        /// Its fingerprint.
        fingerprint: String,
        /// Its user id.
        user_id: String,
        /// Why.
        why: String,
        /// What to do.
        remedy: String,
    },
    /// A signature is not good.
    #[error("the signature {what} is not good: {why}")]
    BadSignature {
        /// Of which file.
        what: String,
        /// Why.
        why: String,
    },
    /// Something in OpenPGP's own machinery failed.
    #[error("{doing}: {message}")]
    OpenPgp {
        /// What was being done.
        doing: &'static str,
        /// What the library said.
        message: String,
    },
    /// A time that OpenPGP cannot write.
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
