use std::io::{BufRead, Read};

use seaworthy_host::archive::{ArchiveError, Limits, copy_limited, inflate};
use seaworthy_model::{Digest, DigestWriter};

use super::FetchError;

/// The digest and the size of unpacked content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The digest of the uncompressed content.
    pub digest: Digest,
    /// The size in bytes.
    pub size: u64,
}

/// Inflates a whole gzip file, of which only the digest is kept, and compares that with the published one.
///
/// # Errors
/// [`FetchError::Archive`] and [`FetchError::WrongHash`], which name `origin`.
pub fn verify_gzip(origin: &str, bytes: &[u8], expected: Option<Digest>, limits: Limits) -> Result<Verified, FetchError> {
    verify_reader(origin, bytes, bytes.len() as u64, expected, limits)
}

pub(super) fn verify_reader<R: BufRead>(
    origin: &str,
    compressed: R,
    length: u64,
    expected: Option<Digest>,
    limits: Limits,
) -> Result<Verified, FetchError> {
    verify(origin, expected, |each| inflate(origin, compressed, length, limits, each))
}

/// As [`verify_reader`], for content that is not compressed.
pub(super) fn verify_plain(origin: &str, reader: impl Read, expected: Option<Digest>, limits: Limits) -> Result<Verified, FetchError> {
    verify(origin, expected, |each| copy_limited(origin, reader, limits, each))
}

/// Compares the pieces that `read` gives with a digest; `None` compares nothing.
fn verify(
    origin: &str,
    expected: Option<Digest>,
    read: impl FnOnce(&mut dyn FnMut(&[u8])) -> Result<u64, ArchiveError>,
) -> Result<Verified, FetchError> {
    let mut digest = DigestWriter::new();
    let size = read(&mut |chunk| digest.update(chunk))?;
    let found = Verified { digest: digest.finish(), size };
    match expected {
        Some(expected) if expected != found.digest => {
            Err(FetchError::WrongHash { origin: origin.to_owned(), expected, found: found.digest })
        }
        _ => Ok(found),
    }
}
