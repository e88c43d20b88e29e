//! Unpacking one stream, up to a limit.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use super::packing::Packing;

/// The greatest ratio of real data. The length that a stream claims is not believed beyond it.
const PLAUSIBLE: usize = 1032;

/// The error of unpacking bytes in memory.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The bytes are cut short, or not packed as their first bytes say.
    #[error("broken {packing} data ({source}); fetch or write the file again")]
    Broken {
        /// The packing by their first bytes.
        packing: Packing,
        /// The cause.
        source: io::Error,
    },
    /// The bytes unpack to more than the limit.
    #[error("larger than the limit of {limit} bytes; refused")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
}

/// The content of packed bytes, at most `limit` bytes. The first bytes decide the packing, not a name; plain bytes are returned as they
/// are.
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
/// When the bytes are broken or cut short, or the content is too large. No more than the limit is ever held in memory.
pub fn unpacked(bytes: &[u8], limit: u64) -> Result<Cow<'_, [u8]>, UnpackError> {
    let too_large = UnpackError::TooLarge { limit };
    let Some(packing) = Packing::of(bytes) else {
        return if bytes.len() as u64 > limit { Err(too_large) } else { Ok(bytes.into()) };
    };
    let room = said(packing, bytes).filter(|&said| said as u64 <= limit && said / PLAUSIBLE <= bytes.len());
    if let Some(content) = room.and_then(|room| at_once(packing, bytes, room)) {
        return Ok(content.into());
    }
    let mut out = Vec::with_capacity(room.unwrap_or_default().saturating_add(64));
    let content = Unpacking::new(Some(packing), bytes).and_then(|reader| reader.take(limit.saturating_add(1)).read_to_end(&mut out));
    content.map_err(|source| UnpackError::Broken { packing, source })?;
    if out.len() as u64 > limit { Err(too_large) } else { Ok(out.into()) }
}

/// The length of the content that the bytes claim: a hint, which may be false.
fn said(packing: Packing, bytes: &[u8]) -> Option<usize> {
    match packing {
        // The last four bytes say the length of the last member, modulo 2^32.
        Packing::Gzip => bytes.last_chunk::<4>().map(|b| u32::from_le_bytes(*b) as usize),
        Packing::Zstd => zstd::zstd_safe::get_frame_content_size(bytes).ok().flatten().and_then(|n| usize::try_from(n).ok()),
        Packing::Xz | Packing::Bzip2 => None,
    }
}

/// Unpacks a single member or frame of a known length, which is faster than a stream; `None` for anything else.
fn at_once(packing: Packing, bytes: &[u8], room: usize) -> Option<Vec<u8>> {
    match packing {
        Packing::Gzip => {
            // The decoder stops behind the first member, and does not say where that was.
            if has_member_behind(bytes) {
                return None;
            }
            let mut out = vec![0; room];
            let length = libdeflater::Decompressor::new().gzip_decompress(bytes, &mut out).ok()?;
            (length == room).then_some(out)
        }
        Packing::Zstd => zstd::bulk::decompress(bytes, room).ok(),
        Packing::Xz | Packing::Bzip2 => None,
    }
}

/// Whether another gzip member may begin after the first: its magic, its method and flags of which none is reserved (RFC 1952). One in 2^27
/// places of packed data looks like that by chance, which only costs the slower way by the stream.
fn has_member_behind(bytes: &[u8]) -> bool {
    const MEMBER: &[u8] = &[0x1f, 0x8b, 8];
    let rest = bytes.get(MEMBER.len()..).unwrap_or_default();
    memchr::memmem::find_iter(rest, MEMBER).any(|at| rest.get(at + MEMBER.len()).is_some_and(|flags| flags & 0xe0 == 0))
}

/// A stream that is unpacked while it is read; plain bytes pass unchanged.
pub enum Unpacking<R: BufRead> {
    /// Plain bytes.
    Plain(R),
    /// gzip.
    Gzip(flate2::bufread::MultiGzDecoder<R>),
    /// Zstandard.
    Zstd(zstd::Decoder<'static, R>),
    /// xz.
    Xz(liblzma::bufread::XzDecoder<R>),
    /// bzip2.
    Bzip2(bzip2::bufread::MultiBzDecoder<R>),
}

impl<R: BufRead> Unpacking<R> {
    /// The stream that unpacks `from`; `None` passes plain bytes.
    ///
    /// # Errors
    /// When memory is short.
    pub fn new(packing: Option<Packing>, from: R) -> io::Result<Self> {
        Ok(match packing {
            None => Self::Plain(from),
            Some(Packing::Gzip) => Self::Gzip(flate2::bufread::MultiGzDecoder::new(from)),
            Some(Packing::Zstd) => Self::Zstd(zstd::Decoder::with_buffer(from)?),
            Some(Packing::Xz) => Self::Xz(liblzma::bufread::XzDecoder::new_multi_decoder(from)),
            Some(Packing::Bzip2) => Self::Bzip2(bzip2::bufread::MultiBzDecoder::new(from)),
        })
    }

    /// The packed stream, at the byte after those that were read from it.
    pub fn into_inner(self) -> R {
        match self {
            Self::Plain(from) => from,
            Self::Gzip(unpacking) => unpacking.into_inner(),
            Self::Zstd(unpacking) => unpacking.finish(),
            Self::Xz(unpacking) => unpacking.into_inner(),
            Self::Bzip2(unpacking) => unpacking.into_inner(),
        }
    }
}

impl<R: BufRead> Read for Unpacking<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(from) => from.read(buffer),
            Self::Gzip(unpacking) => unpacking.read(buffer),
            Self::Zstd(unpacking) => unpacking.read(buffer),
            Self::Xz(unpacking) => unpacking.read(buffer),
            Self::Bzip2(unpacking) => unpacking.read(buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::super::pack::{gzip, zstd};
    use super::*;

    fn packed(text: &[u8]) -> [Vec<u8>; 4] {
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
        xz.write_all(text).unwrap();
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bzip2.write_all(text).unwrap();
        [gzip(text, 6).unwrap(), xz.finish().unwrap(), zstd(text, 1).unwrap(), bzip2.finish().unwrap()]
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
    fn all_members_are_unpacked_whatever_their_lengths() {
        for parts in
            [&["a", "bb"][..], &["bb", "a"], &["one", "two"], &["two", "two"], &["two", "two", "two"], &["two"; 4], &["", "x"], &["x", ""]]
        {
            for kind in 0..4 {
                let bytes: Vec<u8> = parts.iter().flat_map(|part| packed(part.as_bytes())[kind].clone()).collect();
                assert_eq!(unpacked(&bytes, 100).unwrap(), parts.concat().into_bytes(), "{parts:?} {kind}");
            }
        }
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
        fn no_bytes_make_it_panic(kind in 0usize..4, edits in prop::collection::vec(any::<(usize, u8)>(), 0..4), cut in 0usize..80) {
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

        #[test]
        fn what_is_packed_is_unpacked_at_once_and_as_a_stream(text in prop::collection::vec(any::<u8>(), 0..2000)) {
            for bytes in packed(&text) {
                prop_assert_eq!(unpacked(&bytes, 2000).unwrap(), text.clone());
                let mut out = Vec::new();
                let mut stream = Unpacking::new(Packing::of(&bytes), bytes.as_slice()).unwrap();
                stream.read_to_end(&mut out).unwrap();
                prop_assert_eq!(out, text.clone());
                prop_assert!(stream.into_inner().is_empty());
            }
        }
    }
}
