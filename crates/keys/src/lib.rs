//! OpenPGP keys and signatures.
//!
//! A [`KeyStore`] is a folder of keys: secret keys in files, keys that a `gpg-agent` holds, and keys that only a command can use. It gives
//! the [`Signers`] of a publication, each of which has first proved that it can sign; they sign documents ([`Signers::detached`]) and
//! packages ([`Signers::packet`]). Clients trust [`PublicKeys`]; [`verify_detached`] and [`PublicKeys::verify_packet`] check a signature as
//! clients do.
//!
//! # Rotation
//! For a while both keys sign: the new one is active, the old one is retiring until a time. A document then carries a signature by
//! each, in an armored block of its own, the oldest key's first. Clients that know either key accept it; this was tried with GnuPG
//! 2.2 and dnf 4.14 (whose librepo asks GnuPG). A librepo that asks rpm instead reads the first block only, and would refuse two
//! signatures in one block: hence a block each, and the key that most clients have first. `gpg --verify` on the command line reports
//! a good signature of the key it knows, but ends with 2 when it lacks the other. A package keeps one signature, by the newest
//! active key: clients must have the new key, from the file that `gpgkey=` names, before packages arrive that it signed.

mod certificate;
mod error;
mod packets;
mod secret;
mod signers;
mod store;

use jiff::Timestamp;
use seaworthy_model::format::Format;

pub use certificate::{Origin, PublicKeys, VerifiedBy};
pub use error::KeyError;
pub use packets::Packet;
pub use secret::{Entropy, Passphrase};
pub use signers::Signers;
pub use store::{Key, KeyState, KeyStore, NewKey, Source};

/// The formats of the files that a [`KeyStore`] keeps for itself, with their versions. The files of keys are in the format of OpenPGP.
pub static FORMATS: &[&Format] = &[&store::KEYS];

/// Checks a file of detached signatures over `data`: one good signature by a key of `keys` is enough. The key must be valid both when it
/// signed and at `at`, and the signature must not be dated after `at`.
///
/// # Errors
/// When the file cannot be read or none of its signatures is good, with the reason for each.
pub fn verify_detached(data: &[u8], armored: &[u8], keys: &PublicKeys, at: Timestamp) -> Result<VerifiedBy, KeyError> {
    let bad = |why| KeyError::BadSignature { what: "file".to_owned(), why };
    let signatures = packets::signatures(armored).map_err(bad)?;
    keys.verify(data, &signatures, secret::seconds(at)?).map_err(bad)
}

/// The signatures of several files in one, in their order, each once and in an armored block of its own.
///
/// This is for signatures of the same content by several keys. One file of signatures cannot stand for two contents: GnuPG (and so dnf
/// 4.14) gives up at the first signature by a known key that does not fit, and accepts only those before it.
///
/// # Errors
/// When one of the files holds no detached signatures that can be read.
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
