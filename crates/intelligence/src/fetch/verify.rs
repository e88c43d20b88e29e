use std::io::{BufRead, Read};

use seaworthy_host::archive::{ArchiveError, Limits, copy_limited, inflate};
use seaworthy_model::{Digest, DigestWriter};

use super::FetchError;

/// What a gzip file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The digest of the uncompressed content.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// Inflates a whole gzip file, keeping nothing but its digest, and compares that with the one published.
///
/// # Errors
/// [`FetchError::Archive`] and [`FetchError::WrongHash`]; `origin` is what they name.
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

/// The same for content that is not compressed.
pub(super) fn verify_plain(origin: &str, reader: impl Read, expected: Option<Digest>, limits: Limits) -> Result<Verified, FetchError> {
    verify(origin, expected, |each| copy_limited(origin, reader, limits, each))
}

/// Compares what `read` gives piece by piece with a digest.
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
