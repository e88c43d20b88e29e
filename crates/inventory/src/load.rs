//! Reading and unpacking with limits: whatever is read here was written by strangers.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use seaworthy_model::Day;

use crate::InventoryError;

/// The most that one file may hold, packed or unpacked. Fedora's primary metadata is below 200 MB unpacked.
pub(crate) const MAX_BYTES: u64 = 1 << 30;

/// Reads a file whole, up to `limit` bytes.
pub(crate) fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, InventoryError> {
    let file = File::open(path).map_err(|e| InventoryError::read(path, e))?;
    let meta = file.metadata().map_err(|e| InventoryError::read(path, e))?;
    if meta.is_dir() {
        return Err(InventoryError::format(path, "is a folder; give a file"));
    }
    if meta.len() > limit {
        return Err(too_large(path, limit));
    }
    // Room for one byte more: the last read that finds the end then needs no second allocation.
    let mut out = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0).saturating_add(1));
    file.take(limit + 1).read_to_end(&mut out).map_err(|e| InventoryError::read(path, e))?;
    if out.len() as u64 > limit {
        return Err(too_large(path, limit));
    }
    Ok(out)
}

/// Reads a file and unpacks it when its first bytes say gzip, zstd or xz.
pub(crate) fn read_unpacked(path: &Path) -> Result<Vec<u8>, InventoryError> {
    unpack(path, read_limited(path, MAX_BYTES)?, MAX_BYTES)
}

/// Unpacks by the first bytes, not by the name; plain bytes come back as they are.
pub(crate) fn unpack(path: &Path, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, InventoryError> {
    let broken =
        |what: &str, e: &std::io::Error| InventoryError::format(path, format!("broken {what} data ({e}); fetch or write the file again"));
    if bytes.starts_with(&[0x1f, 0x8b]) {
        // The last four bytes say the length modulo 2^32: a hint, and hostile, so it is capped.
        let hint = bytes.last_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b) as usize);
        let hint = hint.min(bytes.len().saturating_mul(20)).min(1 << 28);
        drain(path, flate2::read::MultiGzDecoder::new(&bytes[..]), hint, limit, |e| broken("gzip", e))
    } else if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = zstd::stream::read::Decoder::with_buffer(&bytes[..]).map_err(|e| broken("zstd", &e))?;
        drain(path, decoder, bytes.len(), limit, |e| broken("zstd", e))
    } else if bytes.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0]) {
        let hint = bytes.len();
        drain(path, liblzma::read::XzDecoder::new_multi_decoder(&bytes[..]), hint, limit, |e| broken("xz", e))
    } else {
        Ok(bytes)
    }
}

fn drain(
    path: &Path,
    reader: impl Read,
    hint: usize,
    limit: u64,
    broken: impl Fn(&std::io::Error) -> InventoryError,
) -> Result<Vec<u8>, InventoryError> {
    let mut out = Vec::with_capacity(hint.saturating_add(64));
    reader.take(limit.saturating_add(1)).read_to_end(&mut out).map_err(|e| broken(&e))?;
    if out.len() as u64 > limit {
        return Err(too_large(path, limit));
    }
    Ok(out)
}

fn too_large(path: &Path, limit: u64) -> InventoryError {
    InventoryError::format(path, format!("larger than the limit of {limit} bytes; refused"))
}

/// The line of a byte position, counted from 1.
pub(crate) fn line_of(text: &[u8], at: usize) -> usize {
    text.iter().take(at).filter(|&&b| b == b'\n').count() + 1
}

/// `YYYY-MM-DD` at the start of a text.
pub(crate) fn day(text: &str) -> Option<&str> {
    text.get(..10).filter(|day| day.parse::<Day>().is_ok())
}

/// The day of a number of seconds since 1970, in UTC.
pub(crate) fn day_of_seconds(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds).ok().map(|at| Day::of(at).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::io::Write;

    use super::*;

    #[test]
    fn unpacks_by_content_and_keeps_the_limit() {
        let text = "seaworthy ".repeat(1000);
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gz.write_all(text.as_bytes()).unwrap();
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
        xz.write_all(text.as_bytes()).unwrap();
        let packed = [gz.finish().unwrap(), xz.finish().unwrap(), zstd::encode_all(text.as_bytes(), 1).unwrap(), text.clone().into_bytes()];
        for bytes in &packed {
            assert_eq!(unpack(Path::new("x"), bytes.clone(), 20_000).unwrap(), text.as_bytes());
        }
        for bytes in &packed[..3] {
            assert!(unpack(Path::new("x"), bytes.clone(), 100).unwrap_err().to_string().contains("limit of 100"));
            assert!(unpack(Path::new("x"), bytes[..bytes.len() - 9].to_vec(), 20_000).unwrap_err().to_string().contains("broken"));
        }
    }

    #[test]
    fn days() {
        assert_eq!(day("2024-09-19T18:43:04-07:00"), Some("2024-09-19"));
        assert_eq!(day("19.09.2024 18"), None);
        assert_eq!(day_of_seconds(1_700_000_000).as_deref(), Some("2023-11-14"));
    }
}
