//! Packing: the same bytes at the same level give the same bytes.

use std::io::{self, Write as _};

/// Bytes as one gzip member without name or time.
///
/// # Errors
/// Never in memory; the signature is that of the packer's.
pub fn gzip(bytes: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let mut out = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::new(level));
    out.write_all(bytes)?;
    out.finish()
}

/// Bytes as one zstd frame, which says their length.
///
/// # Errors
/// When there is no memory for it.
pub fn zstd(bytes: &[u8], level: i32) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, level)
}
