//! Unpacking a stream piece by piece, within limits against decompression bombs.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use super::error::ArchiveError;
use super::packing::Packing;
use super::unpack::Unpacking;

/// The limits of one unpacked file. Both are checked while reading, so that a bomb is refused without being held in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The greatest number of unpacked bytes; 2 GiB by default.
    pub unpacked: u64,
    /// The greatest number of unpacked bytes for one packed byte; 200 by default, where real feeds have 10 to 30. It is not checked below 1
    /// MiB of unpacked bytes, since small files have any ratio.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { unpacked: 2 << 30, ratio: 200 }
    }
}

/// The number of unpacked bytes up to which the ratio is not checked.
const RATIO_FLOOR: u64 = 1 << 20;

impl Limits {
    /// The greatest number of unpacked bytes for `packed` bytes, and the limit in words.
    pub(super) fn most(&self, packed: u64) -> (u64, String) {
        let by_ratio = packed.saturating_mul(self.ratio).max(RATIO_FLOOR);
        if by_ratio < self.unpacked {
            (by_ratio, format!("{packed} packed bytes give more than {by_ratio}, the limit being {}:1", self.ratio))
        } else {
            (self.unpacked, format!("more than {} unpacked bytes", self.unpacked))
        }
    }
}

/// Unpacks a gzip of `length` packed bytes piece by piece, and gives the number of unpacked bytes; errors name `origin`.
///
/// # Errors
/// When it ends too early, is no gzip, has a wrong checksum, or exceeds a limit.
pub fn inflate<R: BufRead>(origin: &str, packed: R, length: u64, limits: Limits, mut each: impl FnMut(&[u8])) -> Result<u64, ArchiveError> {
    let (most, words) = limits.most(length);
    let broken = |e: io::Error| ArchiveError::damaged(origin, format!("gzip: {e}"));
    let mut stream = Unpacking::new(Some(Packing::Gzip), packed).map_err(broken)?;
    let mut buffer = vec![0u8; 64 << 10];
    let mut size = 0u64;
    loop {
        match stream.read(&mut buffer) {
            // An empty file is no gzip either, though the decoder may see no error in it.
            Ok(0) if length == 0 => return Err(ArchiveError::Truncated { origin: origin.to_owned(), unpacked: 0 }),
            Ok(0) => return Ok(size),
            Ok(n) => {
                size += n as u64;
                if size > most {
                    return Err(ArchiveError::too_large(origin, words));
                }
                each(buffer.get(..n).unwrap_or_default());
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(ArchiveError::Truncated { origin: origin.to_owned(), unpacked: size });
            }
            Err(e) => return Err(broken(e)),
        }
    }
}

/// Reads plain bytes piece by piece, as [`inflate`] does: at most as many as the limit of unpacked bytes.
///
/// # Errors
/// When there are more, or they cannot be read.
pub fn copy_limited(origin: &str, from: impl Read, limits: Limits, mut each: impl FnMut(&[u8])) -> Result<u64, ArchiveError> {
    let mut from = from.take(limits.unpacked.saturating_add(1));
    let mut buffer = vec![0u8; 64 << 10];
    let mut size = 0u64;
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(n) => {
                size += n as u64;
                if size > limits.unpacked {
                    return Err(ArchiveError::too_large(origin, format!("more than {} bytes", limits.unpacked)));
                }
                each(buffer.get(..n).unwrap_or_default());
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(ArchiveError::damaged(origin, format!("cannot be read: {e}"))),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Exceeded(String);

/// The limit that was exceeded, where that is the cause at the bottom of an error; readers of archives wrap the errors of their input.
pub(super) fn exceeded(e: &io::Error) -> Option<&str> {
    let inner = e.get_ref()?;
    if let Some(Exceeded(words)) = inner.downcast_ref::<Exceeded>() {
        return Some(words);
    }
    exceeded(inner.downcast_ref::<io::Error>().or_else(|| inner.source()?.downcast_ref::<io::Error>())?)
}

/// A reader that fails, and does not end, when more than `left` bytes come.
pub(super) struct Bounded<'a> {
    pub(super) inner: &'a mut dyn Read,
    pub(super) left: u64,
    pub(super) words: &'a str,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| io::Error::other(Exceeded(self.words.to_owned())))?;
        Ok(n)
    }
}

/// A reader of a tar that fails when more than `left` bytes come, which is set anew for the headers of each file.
pub(super) struct Headers<'a, R> {
    pub(super) inner: R,
    pub(super) left: &'a Cell<u64>,
}

impl<R: Read> Read for Headers<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let left = self.left.get().checked_sub(n as u64);
        self.left.set(left.ok_or_else(|| io::Error::other(Exceeded("the name or the attributes of a file are too long".to_owned())))?);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::pack::gzip;
    use super::*;

    fn inflated(bytes: &[u8], limits: Limits) -> Result<Vec<u8>, ArchiveError> {
        let mut out = Vec::new();
        inflate("a.gz", bytes, bytes.len() as u64, limits, |chunk| out.extend_from_slice(chunk)).map(|_| out)
    }

    #[test]
    fn a_bomb_is_refused_without_being_held() {
        let bomb: Vec<u8> = gzip(&vec![0; 16 << 20], 9).unwrap().repeat(64);
        assert!(bomb.len() < 2 << 20);
        for (limits, words) in
            [(Limits { unpacked: 2 << 30, ratio: 200 }, "200:1"), (Limits { unpacked: 64 << 20, ratio: u64::MAX }, "67108864")]
        {
            let mut held = 0;
            let error = inflate("bomb.gz", bomb.as_slice(), bomb.len() as u64, limits, |chunk| held += chunk.len()).unwrap_err();
            assert!(matches!(error, ArchiveError::TooLarge { .. }) && error.to_string().starts_with("bomb.gz: too large"), "{error}");
            assert!(error.to_string().contains(words) && held <= 300 << 20, "{error} {held}");
        }
        assert!(copy_limited("a", [0; 9].as_slice(), Limits { unpacked: 8, ratio: 1 }, |_| ()).is_err());
        assert_eq!(copy_limited("a", [0; 8].as_slice(), Limits { unpacked: 8, ratio: 1 }, |_| ()).unwrap(), 8);
    }

    proptest! {
        #[test]
        fn any_bytes_are_unpacked_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0usize..400, flip in any::<(usize, u8)>()) {
            let limits = Limits::default();
            prop_assert!(inflated(&bytes, limits).is_err() || bytes.starts_with(&[0x1f, 0x8b]));
            let mut packed = gzip(&bytes, 6).unwrap();
            prop_assert_eq!(inflated(&packed, limits).unwrap(), bytes);
            if cut < packed.len() {
                let cut = inflated(&packed[..cut], limits);
                prop_assert!(matches!(cut, Err(ArchiveError::Truncated { .. })), "{:?}", cut);
            }
            let at = flip.0 % packed.len();
            packed[at] ^= flip.1;
            let _ = inflated(&packed, limits);
        }
    }
}
