//! OpenPGP keys, and everything that is signed with them.
//!
//! A [`KeyStore`] is a folder of keys: secret keys in files, keys that a `gpg-agent` holds, keys that only a command can use. From
//! it come the [`Signers`] of a publication, once every key has proved that it can sign; they sign documents ([`Signers::detached`])
//! and packages ([`Signers::sign_rpm`]). What clients trust are [`PublicKeys`], and what they would make of a signature is what
//! [`verify_detached`] and [`rpm_signature`] say.
//!
//! # Rotation
//! For a while both keys sign: the new one is active, the old one is retiring until a time. A document then carries a signature by
//! each, in an armored block of its own, the oldest key's first. Clients that know either key accept it; this was tried with GnuPG
//! 2.2 and dnf 4.14 (whose librepo asks GnuPG). A librepo that asks rpm instead reads the first block only, and would refuse two
//! signatures in one block: hence a block each, and the key that most clients have first. `gpg --verify` on the command line reports
//! a good signature of the key it knows, but ends with 2 when it lacks the other. A package keeps one signature, by the newest
//! active key: clients must have the new key, from the file that `gpgkey=` names, before packages arrive that it signed.

mod certificate;
mod package;
mod packets;
mod secret;
mod signers;
mod store;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

pub use certificate::{PublicKeys, VerifiedBy};
pub use package::{RpmSignature, RpmSigning, rpm_signature};
pub use secret::{Entropy, Passphrase};
pub use signers::Signers;
pub use store::{Key, KeyState, KeyStore, NewKey, Source};

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
    /// A package cannot be signed or read.
    #[error("the package {}: {why}", path.display())]
    Package {
        /// The file.
        path: PathBuf,
        /// What is wrong.
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
    fn io(doing: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }

    fn openpgp(doing: &'static str) -> impl Fn(pgp::errors::Error) -> Self {
        move |e| Self::OpenPgp { doing, message: e.to_string() }
    }
}

/// Checks a detached signature file over `data`: any one good signature by a key of `keys` is enough. The key must be valid both when
/// it signed and at `at`, and the signature no younger than `at`.
///
/// # Errors
/// When the file does not read, or none of its signatures is good; says why for each.
pub fn verify_detached(data: &[u8], armored: &[u8], keys: &PublicKeys, at: Timestamp) -> Result<VerifiedBy, KeyError> {
    let bad = |why| KeyError::BadSignature { what: "file".to_owned(), why };
    let signatures = packets::signatures(armored).map_err(bad)?;
    keys.verify(data, &signatures, secret::seconds(at)?).map_err(bad)
}

/// Puts the signatures of several files into one, in their order, each once and in an armored block of its own.
///
/// Good for signatures of one content by several keys. It is no way to let one file of signatures stand for two contents: GnuPG (so
/// also dnf 4.14) gives up at the first signature by a known key that does not fit, and accepts only what comes before it.
///
/// # Errors
/// When one of the files does not read as detached signatures.
pub fn merge_signatures<A: AsRef<[u8]>>(files: &[A]) -> Result<Vec<u8>, KeyError> {
    let mut all = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let bad = |why| KeyError::BadSignature { what: format!("file number {}", number + 1), why };
        for signature in packets::signatures(file.as_ref()).map_err(bad)? {
            if !all.contains(&signature) {
                all.push(signature);
            }
        }
    }
    packets::armored_signatures(&all).map_err(KeyError::openpgp("writing signatures"))
}
