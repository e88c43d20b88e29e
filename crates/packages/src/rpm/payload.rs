//! The payload of a package: its files, as a packed cpio archive behind the headers.

use std::io::{self, BufRead, Cursor, Read};

use seaworthy_host::archive::{Packing, Unpacking};

/// The greatest length of a path, in bytes: that of a system (`PATH_MAX`).
const MAX_PATH: u64 = 4096;

/// The error of reading a payload.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// It cannot be unpacked, or breaks off.
    #[error("the payload breaks off or is damaged: {0}")]
    Read(#[from] io::Error),
    /// It has another form.
    #[error("byte {at} of the unpacked payload: {fault}")]
    Form {
        /// The place, in bytes.
        at: u64,
        /// The fault.
        fault: &'static str,
    },
    /// It is larger than the limit.
    #[error("the payload has more than {most} unpacked bytes")]
    TooLarge {
        /// The limit, in bytes.
        most: u64,
    },
}

/// Calls `take` with the path, the size and the content of each regular file of a payload, at whose first byte `from` stands; of the
/// content no more is held than `take` reads. The payload may have `most` unpacked bytes. Packings are those that [`Packing::of`] knows.
///
/// Format: cpio "new ASCII" (`070701`, with checksums `070702`), as
/// <https://rpm-software-management.github.io/rpm/manual/format_v4.html> has it; RPM's own form for files of 4 GiB and more is refused.
///
/// # Errors
/// When the payload is damaged, of another form or too large, or `take` fails.
pub fn each_file<E: From<PayloadError>>(
    mut from: impl BufRead,
    most: u64,
    mut take: impl FnMut(&str, u64, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut head = Vec::new();
    from.by_ref().take(6).read_to_end(&mut head).map_err(PayloadError::Read)?;
    let packing = Packing::of(&head);
    let unpacked = Unpacking::new(packing, Cursor::new(head).chain(from)).map_err(PayloadError::Read)?;
    // One byte more than the limit tells an end from a limit.
    let mut cpio = Counted { inner: unpacked.take(most.saturating_add(1)), at: 0 };
    let too_large = |cpio: &Counted<_>, e: PayloadError| if cpio.at > most { PayloadError::TooLarge { most } } else { e };
    loop {
        let member = Member::read(&mut cpio).map_err(|e| too_large(&cpio, e))?;
        let Some(Member { path, is_file, size }) = member else { return Ok(()) };
        let begin = cpio.at;
        if is_file {
            take(&path, size, &mut cpio.by_ref().take(size))?;
        }
        let rest = size - (cpio.at - begin);
        cpio.skip(rest + padding(size)).map_err(|e| too_large(&cpio, e))?;
    }
}

/// The number of zeros up to a multiple of 4 bytes.
fn padding(length: u64) -> u64 {
    length.next_multiple_of(4) - length
}

/// A file of a cpio archive.
struct Member {
    path: String,
    is_file: bool,
    size: u64,
}

impl Member {
    /// The length of a header, and the mark behind the last file.
    const HEADER: u64 = 110;
    const END: &'static str = "TRAILER!!!";

    /// The next file; `None` behind the last one.
    fn read(from: &mut Counted<impl Read>) -> Result<Option<Self>, PayloadError> {
        let at = from.at;
        let form = |fault| PayloadError::Form { at, fault };
        let header = from.bytes(Self::HEADER)?;
        match header.get(..6) {
            Some(b"070701" | b"070702") => {}
            Some(b"07070X") => return Err(form("the form for files of 4 GiB and more, which is not read")),
            _ => return Err(form("no header of a cpio archive")),
        }
        // 13 numbers of 8 hexadecimal digits.
        let number = |nth: usize| {
            let digits = header.get(6 + nth * 8..14 + nth * 8).and_then(|digits| std::str::from_utf8(digits).ok());
            let digits = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
            digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()).ok_or(form("no number in the header of a file"))
        };
        let (mode, size, name) = (number(1)?, number(6)?, number(11)?);
        if name > MAX_PATH {
            return Err(form("the path of a file is too long"));
        }
        let path = from.bytes(name)?;
        from.skip(padding(Self::HEADER + name))?;
        let path = path.strip_suffix(b"\0").unwrap_or(&path);
        let path = std::str::from_utf8(path).map_err(|_| form("the path of a file is no UTF-8"))?;
        Ok((path != Self::END).then(|| Self { path: path.to_owned(), is_file: mode & 0o170_000 == 0o100_000, size }))
    }
}

/// A reader that knows how far it came.
struct Counted<R> {
    inner: R,
    at: u64,
}

impl<R: Read> Counted<R> {
    fn bytes(&mut self, length: u64) -> Result<Vec<u8>, PayloadError> {
        let mut out = Vec::new();
        self.by_ref().take(length).read_to_end(&mut out)?;
        if (out.len() as u64) < length { Err(PayloadError::Read(io::ErrorKind::UnexpectedEof.into())) } else { Ok(out) }
    }

    fn skip(&mut self, length: u64) -> Result<(), PayloadError> {
        let skipped = io::copy(&mut self.by_ref().take(length), &mut io::sink())?;
        if skipped < length { Err(PayloadError::Read(io::ErrorKind::UnexpectedEof.into())) } else { Ok(()) }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.at += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;
    use seaworthy_host::archive::gzip;

    use super::*;

    fn member(path: &str, mode: u32, content: &[u8]) -> Vec<u8> {
        let (size, name) = (content.len(), path.len() + 1);
        let mut out = b"070701".to_vec();
        for number in [1, mode as usize, 0, 0, 1, 0, size, 0, 0, 0, 0, name, 0] {
            out.extend_from_slice(format!("{number:08x}").as_bytes());
        }
        let pad = |out: &mut Vec<u8>| out.resize(out.len().next_multiple_of(4), 0);
        out.extend_from_slice(path.as_bytes());
        out.push(0);
        pad(&mut out);
        out.extend_from_slice(content);
        pad(&mut out);
        out
    }

    fn archive() -> Vec<u8> {
        [
            member("a.tar", 0o100_644, b"abcde"),
            member("folder", 0o40_755, b""),
            member("b.spec", 0o100_644, b"xy"),
            member("TRAILER!!!", 0, b""),
        ]
        .concat()
    }

    /// The files, of each the first three bytes, or the error.
    fn read(bytes: &[u8], most: u64) -> Result<Vec<String>, PayloadError> {
        let mut out = Vec::new();
        each_file(bytes, most, |path, size, content| {
            let mut text = String::new();
            content.take(3).read_to_string(&mut text)?;
            out.push(format!("{path} {size} {text}"));
            Ok::<(), PayloadError>(())
        })?;
        Ok(out)
    }

    #[test]
    fn regular_files_are_given_in_order_packed_or_not() {
        let plain = archive();
        for bytes in [plain.clone(), gzip(&plain, 6).unwrap()] {
            assert_eq!(read(&bytes, 1 << 20).unwrap(), ["a.tar 5 abc", "b.spec 2 xy"]);
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let plain = archive();
        let mut number = plain.clone();
        number[60] = b'+';
        let long = {
            let mut long = plain.clone();
            long[94..102].copy_from_slice(b"00100000");
            long
        };
        let rows: [(&str, Vec<u8>, u64, &str); 6] = [
            ("cut short", plain[..130].to_vec(), 1 << 20, "the payload breaks off or is damaged: unexpected end of file"),
            ("no end", plain[..plain.len() - 124].to_vec(), 1 << 20, "the payload breaks off or is damaged: unexpected end of file"),
            (
                "another form",
                b"07070X00000001".repeat(10),
                1 << 20,
                "byte 0 of the unpacked payload: the form for files of 4 GiB and more, which is not read",
            ),
            ("no number", number, 1 << 20, "byte 0 of the unpacked payload: no number in the header of a file"),
            ("a long path", long, 1 << 20, "byte 0 of the unpacked payload: the path of a file is too long"),
            ("too large", gzip(&plain, 9).unwrap(), 200, "the payload has more than 200 unpacked bytes"),
        ];
        seaworthy_testing::hold(rows.iter().map(|(why, bytes, most, expected)| {
            (*why, (*expected).to_owned(), read(bytes, *most).map_or_else(|e| e.to_string(), |found| found.join(", ")))
        }));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(edits in prop::collection::vec(any::<(usize, u8)>(), 0..6), cut in 0usize..500) {
            let mut bytes = archive();
            for (at, byte) in edits {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut));
            let _ = read(&bytes, 1 << 20);
        }
    }
}
