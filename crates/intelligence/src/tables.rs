//! The container of segments and catalogues: sections of little-endian numbers in one file, read in place.
//!
//! ```text
//! magic                     8 bytes
//! sections                  each at a multiple of 8 bytes
//! directory                 start and length of each section, 8 bytes each
//! digests                   XXH3 of each block of 256 KiB of all bytes before, 8 bytes each
//! trailer                   identity (32), covered bytes (8), count of sections (8), XXH3 of digests and trailer (8)
//! magic                     8 bytes
//! ```
//!
//! Every byte is compared with its digest when the file is opened, by reading and not through the memory map: a file that was damaged on
//! disk is refused before anything is concluded from it, and the check adds nothing to the mapped memory. The identity is the digest that
//! names the file, so that a file in the place of another is refused as well.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use memmap2::Mmap;
use rayon::prelude::*;
use seaworthy_model::format::{Format, FormatError, Remedy, Version};
use seaworthy_model::{Digest, hex};
use twox_hash::XxHash3_64;

/// The format of the container. Its files are derived, so that a sync makes one of another version again.
pub(crate) static TABLES: Format =
    Format { name: "file of the index", version: Version::of(3), oldest: 3, newer: Remedy::RebuildIndex, older: Remedy::RebuildIndex };
/// The first and the last bytes of every file: a word, and the digit of the version.
const MAGIC: [u8; 8] = TABLES.mark(WORD);
/// The word of the mark.
const WORD: &[u8; 7] = b"SEAWRTH";
/// The alignment of sections in bytes, so that numbers can be read in place.
const ALIGN: usize = 8;
/// The number of bytes under one digest.
const BLOCK: usize = 256 << 10;
/// The size of the trailer in bytes: identity, covered bytes, count of sections, digest and magic.
const TRAILER: usize = 32 + 8 + 8 + 8 + 8;
/// The greatest number of sections: more than any layout has.
const MOST_SECTIONS: u64 = 64;

/// The damage of a file of the index.
#[derive(Debug, thiserror::Error)]
pub enum IndexDamage {
    /// The file is missing.
    #[error("the file is missing")]
    Missing,
    /// The file has a version that this program does not read.
    #[error(transparent)]
    Version(FormatError),
    /// The beginning or the end is not that of a file of the index.
    #[error("no whole file of the index: {0}")]
    Frame(&'static str),
    /// The file is shorter or longer than it was written.
    #[error("{found} bytes long, and was written with {written}")]
    Length {
        /// The size on disk in bytes.
        found: u64,
        /// The size that was written, in bytes.
        written: u64,
    },
    /// The file has the identity of another one.
    #[error("the file of {0} lies in its place")]
    Identity(String),
    /// A block of the file does not have its digest.
    #[error("bytes {from} to {to} are not those that were written")]
    Bytes {
        /// The first byte of the block.
        from: u64,
        /// The first byte after the block.
        to: u64,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for IndexDamage {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::Io(error) }
    }
}

/// A writer of a file, section by section.
pub(crate) struct TableWriter<W: Write> {
    out: Blocks<W>,
    identity: Digest,
    sections: Vec<(u64, u64)>,
}

/// A writer that keeps the digest of each block of the bytes.
struct Blocks<W: Write> {
    out: W,
    at: u64,
    begun: Vec<u8>,
    digests: Vec<u64>,
}

impl<W: Write> Blocks<W> {
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        while self.begun.len() + bytes.len() >= BLOCK {
            let (now, rest) = bytes.split_at(BLOCK - self.begun.len());
            if self.begun.is_empty() {
                self.digests.push(XxHash3_64::oneshot(now));
            } else {
                self.begun.extend_from_slice(now);
                self.digests.push(XxHash3_64::oneshot(&self.begun));
                self.begun.clear();
            }
            bytes = rest;
        }
        self.begun.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(mut self) -> (W, u64, Vec<u64>) {
        if !self.begun.is_empty() {
            self.digests.push(XxHash3_64::oneshot(&self.begun));
        }
        (self.out, self.at, self.digests)
    }
}

impl<W: Write> TableWriter<W> {
    /// A writer of the file with the digest `identity`.
    pub(crate) fn new(out: W, identity: Digest) -> io::Result<Self> {
        let mut out = Blocks { out, at: 0, begun: Vec::new(), digests: Vec::new() };
        out.write(&MAGIC)?;
        Ok(Self { out, identity, sections: Vec::new() })
    }

    /// Adds a section; sections are numbered in their order.
    pub(crate) fn section(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sections.push((self.out.at, bytes.len() as u64));
        self.out.write(bytes)?;
        let padding = (ALIGN - (self.out.at as usize % ALIGN)) % ALIGN;
        self.out.write(&[0; ALIGN][..padding])
    }

    /// Writes the directory, the digests and the trailer.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        for (start, len) in &self.sections {
            self.out.write(&start.to_le_bytes())?;
            self.out.write(&len.to_le_bytes())?;
        }
        let (mut out, covered, digests) = self.out.finish();
        let mut tail = le64(&digests);
        tail.extend_from_slice(self.identity.as_bytes());
        tail.extend_from_slice(&covered.to_le_bytes());
        tail.extend_from_slice(&(self.sections.len() as u64).to_le_bytes());
        tail.extend_from_slice(&XxHash3_64::oneshot(&tail).to_le_bytes());
        tail.extend_from_slice(&MAGIC);
        out.write_all(&tail)?;
        Ok(out)
    }
}

/// A file of sections, mapped into memory.
pub(crate) struct Tables {
    file: File,
    map: Mmap,
    sections: Vec<Range<usize>>,
}

impl Tables {
    /// Opens the file with the digest `identity`, after a check of all its bytes.
    pub(crate) fn open(path: &Path, identity: Digest) -> Result<Self, IndexDamage> {
        Self::of(File::open(path)?, identity)
    }

    /// As [`Tables::open`], of a file that is open.
    pub(crate) fn of(file: File, identity: Digest) -> Result<Self, IndexDamage> {
        let len = file.metadata()?.len();
        let (covered, count) = Self::check_trailer(&file, len, identity)?;
        // Sound as long as nobody changes the file under us: it is named by its content's digest, written beside and
        // renamed into place, and never opened for writing again.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file)? };
        let number = |at: usize| map.get(at..).and_then(|b| b.first_chunk::<8>()).map_or(u64::MAX, |b| u64::from_le_bytes(*b));
        let covered = usize::try_from(covered).unwrap_or(usize::MAX);
        let directory = covered.checked_sub(count * 16).ok_or(IndexDamage::Frame("its directory is cut off"))?;
        let mut sections = Vec::with_capacity(count);
        for i in 0..count {
            let (start, len) = (number(directory + i * 16), number(directory + i * 16 + 8));
            let end =
                start.checked_add(len).filter(|end| *end <= directory as u64).ok_or(IndexDamage::Frame("a section lies outside of it"))?;
            sections.push(start as usize..end as usize);
        }
        Ok(Self { file, map, sections })
    }

    /// Checks the trailer and the digests of all blocks. Gives the number of bytes that they cover, and the number of sections.
    fn check_trailer(file: &File, len: u64, identity: Digest) -> Result<(u64, usize), IndexDamage> {
        let mut magic = [0; 8];
        let trailer_at = len.checked_sub(TRAILER as u64).filter(|at| *at >= 8).ok_or(IndexDamage::Frame("it is cut off"))?;
        file.read_exact_at(&mut magic, 0)?;
        let mut trailer = [0; TRAILER];
        file.read_exact_at(&mut trailer, trailer_at)?;
        let (written_for, numbers) = trailer.split_at(32);
        let number = |i: usize| numbers.get(i * 8..).and_then(|b| b.first_chunk::<8>()).map_or(0, |b| u64::from_le_bytes(*b));
        let (covered, count, digest) = (number(0), number(1), number(2));
        let version = Version::in_mark(&magic, WORD).ok_or(IndexDamage::Frame("its start is not that of this format"))?;
        if numbers.get(24..) != Some(&magic[..]) {
            return Err(IndexDamage::Frame("its end is not that of this format"));
        }
        TABLES.check(version).map_err(IndexDamage::Version)?;
        let blocks = covered.div_ceil(BLOCK as u64);
        let written = covered.checked_add(blocks * 8).and_then(|n| n.checked_add(TRAILER as u64)).unwrap_or(u64::MAX);
        if written != len {
            return Err(IndexDamage::Length { found: len, written });
        }
        // No more than the file holds, as was just compared.
        let mut tail = vec![0; (len - covered) as usize];
        file.read_exact_at(&mut tail, covered)?;
        let sealed = tail.len() - 16;
        if XxHash3_64::oneshot(&tail[..sealed]) != digest || count >= MOST_SECTIONS {
            return Err(IndexDamage::Bytes { from: covered, to: len });
        }
        if written_for != identity.as_bytes() {
            return Err(IndexDamage::Identity(hex(written_for.get(..6).unwrap_or(written_for))));
        }
        let digests = Numbers::<8>(&tail[..sealed]);
        let check = |buffer: &mut Vec<u8>, block: u64| -> Result<(), IndexDamage> {
            let from = block * BLOCK as u64;
            let to = covered.min(from + BLOCK as u64);
            buffer.resize((to - from) as usize, 0);
            file.read_exact_at(buffer, from)?;
            let same = XxHash3_64::oneshot(buffer) == digests.get(block as usize);
            if same { Ok(()) } else { Err(IndexDamage::Bytes { from, to }) }
        };
        (0..blocks).into_par_iter().try_for_each_init(Vec::new, check)?;
        Ok((covered, count as usize))
    }

    /// The bytes of a section; empty where there is no such section.
    pub(crate) fn bytes(&self, section: usize) -> &[u8] {
        self.sections.get(section).and_then(|r| self.map.get(r.clone())).unwrap_or(&[])
    }

    /// A part of a section, read from the file and not through the memory map. A page that is touched through the map brings its neighbours
    /// into the memory of the process, so that a few thousand small parts all over a large section would bring all of it.
    pub(crate) fn read(&self, section: usize, part: Range<usize>) -> io::Result<Box<[u8]>> {
        let outside = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let whole = self.sections.get(section).ok_or_else(outside)?;
        let within = part.start <= part.end && part.end <= whole.len();
        let mut bytes = vec![0; if within { part.len() } else { return Err(outside()) }].into_boxed_slice();
        self.file.read_exact_at(&mut bytes, (whole.start + part.start) as u64)?;
        Ok(bytes)
    }

    pub(crate) fn u32s(&self, section: usize) -> Numbers<'_, 4> {
        Numbers(self.bytes(section))
    }

    pub(crate) fn u64s(&self, section: usize) -> Numbers<'_, 8> {
        Numbers(self.bytes(section))
    }
}

/// Little-endian numbers of N bytes.
#[derive(Clone, Copy)]
pub(crate) struct Numbers<'a, const N: usize>(&'a [u8]);

impl<'a, const N: usize> Numbers<'a, N> {
    pub(crate) fn len(self) -> usize {
        self.0.len() / N
    }

    fn raw(self, i: usize) -> Option<[u8; N]> {
        self.0.get(i.checked_mul(N)?..)?.first_chunk::<N>().copied()
    }

    pub(crate) fn slice(self, range: Range<usize>) -> Self {
        Self(self.0.get(range.start.saturating_mul(N)..range.end.saturating_mul(N)).unwrap_or(&[]))
    }
}

impl<'a> Numbers<'a, 4> {
    /// The number at index `i`; 0 after the end.
    pub(crate) fn get(self, i: usize) -> u32 {
        self.raw(i).map_or(0, u32::from_le_bytes)
    }

    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = u32> + 'a {
        self.0.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
    }

    /// The range of row `i` of a list of lists; `self` has the start of each row.
    pub(crate) fn row(self, i: usize) -> Range<usize> {
        self.get(i) as usize..self.get(i + 1) as usize
    }
}

impl<'a> Numbers<'a, 8> {
    /// The number at index `i`; 0 after the end.
    pub(crate) fn get(self, i: usize) -> u64 {
        self.raw(i).map_or(0, u64::from_le_bytes)
    }

    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = u64> + 'a {
        self.0.chunks_exact(8).map(|c| c.first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b)))
    }

    /// The index of `key` in an ascending list.
    pub(crate) fn find(self, key: u64) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.get(middle).cmp(&key) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// Strings one after another, with the start of each.
#[derive(Clone, Copy)]
pub(crate) struct Strings<'a> {
    pub(crate) starts: Numbers<'a, 4>,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Strings<'a> {
    pub(crate) fn len(self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub(crate) fn raw(self, i: usize) -> &'a [u8] {
        self.bytes.get(self.starts.row(i)).unwrap_or(&[])
    }

    pub(crate) fn get(self, i: usize) -> &'a str {
        std::str::from_utf8(self.raw(i)).unwrap_or("")
    }
}

pub(crate) fn le32(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

pub(crate) fn le64(numbers: &[u64]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}
