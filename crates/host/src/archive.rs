//! Unpacking what strangers packed, up to a limit.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// gzip, of one member or several.
    Gzip,
    /// Zstandard.
    Zstd,
    /// xz, of one stream or several.
    Xz,
}

impl Packing {
    /// The packing that the first bytes say; `None` for plain bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
        })
    }
}

/// Bytes that cannot be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// They are cut short, or no such packing.
    #[error("broken {packing} data ({source}); fetch or write the file again")]
    Broken {
        /// The packing that their first bytes say.
        packing: Packing,
        /// The cause.
        source: io::Error,
    },
    /// They unpack to more than the limit.
    #[error("larger than the limit of {limit} bytes; refused")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
}

/// The content of packed bytes, which is at most `limit` bytes; by the first bytes, not by a name. Plain bytes come back as they are.
///
/// ```
/// use seaworthy_host::archive::{Packing, unpacked};
///
/// assert_eq!(unpacked(b"plain", 100)?, b"plain".as_slice());
/// assert_eq!(Packing::of(&[0x1f, 0x8b, 8]), Some(Packing::Gzip));
/// # Ok::<(), seaworthy_host::archive::UnpackError>(())
/// ```
///
/// # Errors
/// When they are broken or cut short, or become too large; nothing beyond the limit is ever held in memory.
pub fn unpacked(bytes: &[u8], limit: u64) -> Result<Cow<'_, [u8]>, UnpackError> {
    let Some(packing) = Packing::of(bytes) else {
        return if bytes.len() as u64 > limit { Err(UnpackError::TooLarge { limit }) } else { Ok(bytes.into()) };
    };
    let broken = |source| UnpackError::Broken { packing, source };
    // The last four bytes of gzip say the length modulo 2^32: a hint, and hostile, so it is capped.
    let said = bytes.last_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b) as usize);
    let gzip_hint = said.min(bytes.len().saturating_mul(20)).min(1 << 28);
    let content = match packing {
        Packing::Gzip => drain(flate2::read::MultiGzDecoder::new(bytes), gzip_hint, limit),
        Packing::Zstd => zstd::stream::read::Decoder::with_buffer(bytes).and_then(|reader| drain(reader, bytes.len(), limit)),
        Packing::Xz => drain(liblzma::read::XzDecoder::new_multi_decoder(bytes), bytes.len(), limit),
    };
    let content = content.map_err(broken)?;
    if content.len() as u64 > limit { Err(UnpackError::TooLarge { limit }) } else { Ok(content.into()) }
}

/// At most one byte more than the limit.
fn drain(reader: impl Read, hint: usize, limit: u64) -> io::Result<Vec<u8>> {
    let room = usize::try_from(limit).unwrap_or(usize::MAX).min(hint);
    let mut out = Vec::with_capacity(room.saturating_add(64));
    reader.take(limit.saturating_add(1)).read_to_end(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn packed(text: &[u8]) -> [Vec<u8>; 3] {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gz.write_all(text).unwrap();
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
        xz.write_all(text).unwrap();
        [gz.finish().unwrap(), xz.finish().unwrap(), zstd::encode_all(text, 1).unwrap()]
    }

    #[test]
    fn unpacks_by_content_and_keeps_the_limit() {
        let text = "seaworthy ".repeat(1000).into_bytes();
        for bytes in packed(&text) {
            assert_eq!(unpacked(&bytes, 20_000).unwrap(), text);
            assert_eq!(unpacked(&bytes, 10_000).unwrap().len(), 10_000);
            assert!(unpacked(&bytes, 9_999).unwrap_err().to_string().contains("limit of 9999"));
            assert!(unpacked(&bytes[..bytes.len() - 9], 20_000).unwrap_err().to_string().contains("broken"));
        }
        assert_eq!(unpacked(&text, 10_000).unwrap(), text);
        assert!(matches!(unpacked(&text, 9_999), Err(UnpackError::TooLarge { .. })));
    }

    #[test]
    fn a_bomb_is_refused_at_its_limit() {
        for bytes in packed(&vec![0; 8 << 20]) {
            assert!(bytes.len() < 64 << 10);
            assert!(matches!(unpacked(&bytes, 1 << 20), Err(UnpackError::TooLarge { .. })));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(kind in 0usize..3, edits in prop::collection::vec(any::<(usize, u8)>(), 0..4), cut in 0usize..80) {
            let mut bytes = packed(b"some text that is packed, some text that is packed")[kind].clone();
            for (at, byte) in edits {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            bytes.truncate(cut);
            if let Ok(content) = unpacked(&bytes, 1000) {
                prop_assert!(content.len() <= 1000);
            }
        }
    }
}
