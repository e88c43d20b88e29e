//! The container of segments and catalogues: named sections of little-endian numbers in one file, read in place.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use memmap2::Mmap;

/// What stands at the start of every file, with the version of the layout.
const MAGIC: &[u8; 8] = b"SEAWRTH2";
/// Every section starts at a multiple of this, so that numbers can be read in place.
const ALIGN: usize = 8;

/// Writes sections one after another.
pub(crate) struct TableWriter<W: Write> {
    out: W,
    at: u64,
    sections: Vec<(u64, u64)>,
}

impl<W: Write> TableWriter<W> {
    pub(crate) fn new(mut out: W) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        Ok(Self { out, at: MAGIC.len() as u64, sections: Vec::new() })
    }

    /// Adds a section; its number is its place.
    pub(crate) fn section(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.sections.push((self.at, bytes.len() as u64));
        self.at += bytes.len() as u64;
        let padding = (ALIGN - (self.at as usize % ALIGN)) % ALIGN;
        self.out.write_all(&[0; ALIGN][..padding])?;
        self.at += padding as u64;
        Ok(())
    }

    /// Writes the directory and the closing magic, which shows that the file is whole.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        for (start, len) in &self.sections {
            self.out.write_all(&start.to_le_bytes())?;
            self.out.write_all(&len.to_le_bytes())?;
        }
        self.out.write_all(&(self.sections.len() as u64).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        Ok(self.out)
    }
}

/// A file of sections, mapped.
pub(crate) struct Tables {
    map: Mmap,
    sections: Vec<std::ops::Range<usize>>,
}

impl Tables {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // Sound as long as nobody changes the file under us: it is named by its content's digest, written beside and
        // renamed into place, and never opened for writing again.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file)? };
        let broken =
            || io::Error::new(io::ErrorKind::InvalidData, "not a whole table of this version of seaworthy; run `seaworthy sync --rebuild`");
        let tail = map.len().checked_sub(16).filter(|t| *t >= 8).ok_or_else(broken)?;
        if &map[..8] != MAGIC || &map[tail + 8..] != MAGIC {
            return Err(broken());
        }
        let number = |at: usize| map.get(at..at + 8).map(|b| u64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as usize);
        let count = number(tail).filter(|c| *c < 64).ok_or_else(broken)?;
        let directory = tail.checked_sub(count * 16).ok_or_else(broken)?;
        let mut sections = Vec::with_capacity(count);
        for i in 0..count {
            let (start, len) = (number(directory + i * 16).ok_or_else(broken)?, number(directory + i * 16 + 8).ok_or_else(broken)?);
            let end = start.checked_add(len).filter(|e| *e <= directory).ok_or_else(broken)?;
            sections.push(start..end);
        }
        Ok(Self { map, sections })
    }

    pub(crate) fn bytes(&self, section: usize) -> &[u8] {
        self.sections.get(section).and_then(|r| self.map.get(r.clone())).unwrap_or(&[])
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

    pub(crate) fn slice(self, range: std::ops::Range<usize>) -> Self {
        Self(self.0.get(range.start.saturating_mul(N)..range.end.saturating_mul(N)).unwrap_or(&[]))
    }
}

impl<'a> Numbers<'a, 4> {
    /// The number at `i`, 0 behind the end.
    pub(crate) fn get(self, i: usize) -> u32 {
        self.raw(i).map_or(0, u32::from_le_bytes)
    }

    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = u32> + 'a {
        self.0.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
    }

    /// The row of a list of lists: `self` holds where each begins.
    pub(crate) fn row(self, i: usize) -> std::ops::Range<usize> {
        self.get(i) as usize..self.get(i + 1) as usize
    }
}

impl Numbers<'_, 8> {
    pub(crate) fn get(self, i: usize) -> u64 {
        self.raw(i).map_or(0, u64::from_le_bytes)
    }

    /// Where `key` stands in an ascending list.
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

/// Strings one after another with where each begins.
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
