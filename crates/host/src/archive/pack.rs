//! Packing: the same bytes at the same level give the same bytes.

use std::io::{self, Write as _};

/// The bytes as one gzip member without name or time.
///
/// # Errors
/// When the packer fails, which it cannot in memory.
pub fn gzip(bytes: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let mut out = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::new(level));
    out.write_all(bytes)?;
    out.finish()
}

/// The bytes as one zstd frame, which has their length.
///
/// # Errors
/// When memory is short.
pub fn zstd(bytes: &[u8], level: i32) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, level)
}
