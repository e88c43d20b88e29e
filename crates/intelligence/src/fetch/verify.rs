use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use seaworthy_model::{Digest, DigestWriter};

use super::FetchError;

/// What one file may grow to. Both limits hold while reading, so a bomb is refused without being held in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most uncompressed bytes; 2 GiB by default (the largest NVD feed has some 150 MB).
    pub inflated: u64,
    /// Most uncompressed bytes for one compressed byte; 200 by default (feeds have 10 to 30). Not looked at below 1 MiB,
    /// where small files reach any ratio.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { inflated: 2 << 30, ratio: 200 }
    }
}

/// Below this many bytes no ratio is a bomb.
const RATIO_FLOOR: u64 = 1 << 20;

impl Limits {
    /// The most bytes that `compressed` bytes may become, and the words for the limit.
    pub(super) fn most(&self, compressed: u64) -> (u64, String) {
        let by_ratio = compressed.saturating_mul(self.ratio).max(RATIO_FLOOR);
        if by_ratio < self.inflated {
            (by_ratio, format!("{compressed} compressed bytes give more than {by_ratio}, the limit being {}:1", self.ratio))
        } else {
            (self.inflated, format!("more than {} uncompressed bytes", self.inflated))
        }
    }
}

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
/// [`FetchError::Truncated`], [`FetchError::Damaged`] (no gzip, bad checksum), [`FetchError::TooLarge`] and
/// [`FetchError::WrongHash`]; `origin` is what they name.
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
    let mut digest = DigestWriter::new();
    let size = inflate(origin, compressed, length, limits, |chunk| digest.update(chunk))?;
    checked(origin, Verified { digest: digest.finish(), size }, expected)
}

/// The same for content that is not compressed.
pub(super) fn verify_plain<R: Read>(
    origin: &str,
    mut reader: R,
    expected: Option<Digest>,
    limits: Limits,
    failed: impl Fn(io::Error) -> FetchError,
) -> Result<Verified, FetchError> {
    let mut digest = DigestWriter::new();
    let size = io::copy(&mut reader.by_ref().take(limits.inflated.saturating_add(1)), &mut digest).map_err(failed)?;
    if size > limits.inflated {
        return Err(FetchError::TooLarge { origin: origin.to_owned(), detail: format!("more than {} bytes", limits.inflated) });
    }
    checked(origin, Verified { digest: digest.finish(), size }, expected)
}

fn checked(origin: &str, found: Verified, expected: Option<Digest>) -> Result<Verified, FetchError> {
    match expected {
        Some(expected) if expected != found.digest => {
            Err(FetchError::WrongHash { origin: origin.to_owned(), expected, found: found.digest })
        }
        _ => Ok(found),
    }
}

/// Inflates a whole gzip file into memory, within the limits.
///
/// # Errors
/// As [`verify_gzip`], but for the digest.
pub fn inflate_gzip(origin: &str, bytes: &[u8], limits: Limits) -> Result<Vec<u8>, FetchError> {
    let mut out = Vec::new();
    inflate(origin, bytes, bytes.len() as u64, limits, |chunk| out.extend_from_slice(chunk))?;
    Ok(out)
}

fn inflate<R: BufRead>(origin: &str, compressed: R, length: u64, limits: Limits, mut each: impl FnMut(&[u8])) -> Result<u64, FetchError> {
    let (most, words) = limits.most(length);
    let mut decoder = MultiGzDecoder::new(compressed);
    let mut buffer = vec![0u8; 64 << 10];
    let mut size = 0u64;
    loop {
        match decoder.read(&mut buffer) {
            // An empty file is no gzip either, though the decoder may see no error in it.
            Ok(0) if length == 0 => return Err(FetchError::Truncated { origin: origin.to_owned(), inflated: 0 }),
            Ok(0) => return Ok(size),
            Ok(n) => {
                size += n as u64;
                if size > most {
                    return Err(FetchError::TooLarge { origin: origin.to_owned(), detail: words });
                }
                each(buffer.get(..n).unwrap_or_default());
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(FetchError::Truncated { origin: origin.to_owned(), inflated: size });
            }
            Err(e) => return Err(FetchError::Damaged { origin: origin.to_owned(), detail: format!("gzip: {e}") }),
        }
    }
}
