//! Files read and unpacked with limits, since strangers wrote them.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use seaworthy_host::archive::{UnpackError, unpacked};
use seaworthy_host::files;
use seaworthy_model::Day;

use crate::InventoryError;

/// The greatest size of a file in bytes, packed or unpacked. Fedora's primary metadata has less than 200 MB unpacked.
pub(crate) const MAX_BYTES: u64 = 1 << 30;

/// The content of a file of at most `limit` bytes.
pub(crate) fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, InventoryError> {
    if path.is_dir() {
        return Err(InventoryError::format(path, "is a folder; give a file"));
    }
    files::read_named(path, limit).map_err(|e| match e.source.kind() {
        io::ErrorKind::FileTooLarge => InventoryError::format(path, UnpackError::TooLarge { limit }.to_string()),
        _ => InventoryError::read(path, e.source),
    })
}

/// The content of a file, unpacked where its first bytes are those of gzip, zstd or xz.
pub(crate) fn read_unpacked(path: &Path) -> Result<Vec<u8>, InventoryError> {
    unpack(path, read_limited(path, MAX_BYTES)?, MAX_BYTES)
}

/// The unpacked bytes of a file, of at most `limit` bytes; the format is known by the first bytes, not by the name, and plain bytes stay.
pub(crate) fn unpack(path: &Path, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, InventoryError> {
    match unpacked(&bytes, limit) {
        Ok(Cow::Owned(content)) => Ok(content),
        Ok(Cow::Borrowed(_)) => Ok(bytes),
        Err(e) => Err(InventoryError::format(path, e.to_string())),
    }
}

/// The bytes without the byte order mark of UTF-8 at their start, which programs of other systems write.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Bytes as UTF-8, without a byte order mark: what is none becomes the character U+FFFD, which no name may hold, so that a bad byte costs
/// the record that it stands in.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, [u8]> {
    match String::from_utf8_lossy(without_mark(bytes)) {
        Cow::Borrowed(text) => text.as_bytes().into(),
        Cow::Owned(text) => text.into_bytes().into(),
    }
}

/// The line of a byte position, counted from 1.
pub(crate) fn line_of(text: &[u8], at: usize) -> usize {
    text.iter().take(at).filter(|&&b| b == b'\n').count() + 1
}

/// The day at the start of a text, as `YYYY-MM-DD`; `None` where there is none.
pub(crate) fn day(text: &str) -> Option<&str> {
    text.get(..10).filter(|day| day.parse::<Day>().is_ok())
}

/// The day (UTC) that is a number of seconds after 1970-01-01, as `YYYY-MM-DD`.
pub(crate) fn day_of_seconds(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds).ok().map(|at| Day::of(at).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn days() {
        assert_eq!(day("2024-09-19T18:43:04-07:00"), Some("2024-09-19"));
        assert_eq!(day("19.09.2024 18"), None);
        assert_eq!(day_of_seconds(1_700_000_000).as_deref(), Some("2023-11-14"));
    }
}
