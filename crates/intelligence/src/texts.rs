//! The texts of a segment: what is for people, in a file beside it, which is read only where somebody asks.
//!
//! A scan opens all segments and reads most of their bytes, but no text; so the texts lie apart, compressed. Texts of neighbouring records
//! stand together in a *chunk*, since a text alone compresses badly, and all of a file would have to be unpacked for one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use seaworthy_host::archive;
use seaworthy_model::{Digest, DigestWriter};

use crate::records::RecordText;
use crate::tables::{IndexDamage, TableWriter, Tables, le32};

/// The numbers of the sections.
mod section {
    pub(super) const CHUNK_STARTS: usize = 0;
    pub(super) const CHUNKS: usize = 1;
}

/// The number of texts in a chunk. Twice as many make the files of NVD 9 % smaller, and the reading of one text twice as slow.
const ROWS: usize = 32;
/// The greatest size of an unpacked chunk in bytes: more than its texts can have by their limits.
const CHUNK_BYTES: u64 = 1 << 20;
/// The level of zstd, at which texts are a quarter of their size. Level 3 makes the files of NVD 2 % smaller and takes 1.6 times as long;
/// level 6 8 %, and 4.6 times.
const LEVEL: i32 = 1;

/// The texts of a segment under construction, in the order of its rows.
#[derive(Default)]
pub(crate) struct TextsBuilder {
    begun: Vec<u8>,
    rows: usize,
    starts: Vec<usize>,
    chunks: Vec<u8>,
}

impl TextsBuilder {
    pub(crate) fn push(&mut self, text: &RecordText) {
        // Writing to a vector cannot fail.
        self.begun = postcard::to_extend(text, std::mem::take(&mut self.begun)).unwrap_or_default();
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS) {
            self.pack();
        }
    }

    fn pack(&mut self) {
        self.starts.push(self.chunks.len());
        // Compressing in memory cannot fail; a chunk that is not there would be found by whoever reads it.
        self.chunks.extend(archive::zstd(&self.begun, LEVEL).unwrap_or_default());
        self.begun.clear();
    }

    /// Writes the texts of the segment with the digest `segment`.
    pub(crate) fn write<W: Write>(mut self, out: W, segment: Digest) -> io::Result<W> {
        if !self.begun.is_empty() {
            self.pack();
        }
        self.starts.push(self.chunks.len());
        let starts: Result<Vec<u32>, _> = self.starts.iter().map(|start| u32::try_from(*start)).collect();
        let starts = starts.map_err(|_| io::Error::new(io::ErrorKind::FileTooLarge, "the texts of one artefact are more than 4 GiB"))?;
        let mut out = TableWriter::new(out, identity(segment))?;
        out.section(&le32(&starts))?;
        out.section(&self.chunks)?;
        out.finish()
    }
}

/// The digest that names the texts of a segment. It is another one than that of the segment, whose file is refused in their place.
fn identity(segment: Digest) -> Digest {
    let mut digest = DigestWriter::new();
    digest.field("texts");
    digest.field(segment.as_bytes());
    digest.finish()
}

/// The texts of a segment on disk.
pub(crate) struct Texts {
    path: PathBuf,
    /// The file; `None` where it is missing, which is told when a text is asked for: no verdict needs one.
    file: Option<File>,
    identity: Digest,
    tables: OnceLock<Tables>,
}

impl Texts {
    /// Opens the texts of the segment with the digest `segment`, so that a sync which removes the file takes nothing away. Nothing of them
    /// is read yet.
    pub(crate) fn open(path: &Path, segment: Digest) -> Result<Self, IndexDamage> {
        let file = match File::open(path) {
            Ok(file) => Some(file),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(e.into()),
        };
        Ok(Self { path: path.to_owned(), file, identity: identity(segment), tables: OnceLock::new() })
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The file, after a check of all its bytes when it is first asked for.
    pub(crate) fn checked(&self) -> Result<&Tables, IndexDamage> {
        if let Some(tables) = self.tables.get() {
            return Ok(tables);
        }
        let file = self.file.as_ref().ok_or(IndexDamage::Missing)?;
        let tables = Tables::of(file.try_clone()?, self.identity)?;
        Ok(self.tables.get_or_init(|| tables))
    }

    /// The text of a row of the segment.
    pub(crate) fn get(&self, row: usize) -> Result<RecordText, IndexDamage> {
        let tables = self.checked()?;
        let broken = || IndexDamage::Frame("a text of it cannot be read");
        let place = tables.u32s(section::CHUNK_STARTS).row(row / ROWS);
        let packed = tables.read(section::CHUNKS, place).map_err(|_| broken())?;
        let chunk = archive::unpacked(&packed, CHUNK_BYTES).map_err(|_| broken())?;
        let mut rest: &[u8] = &chunk;
        let mut text = RecordText::default();
        for _ in 0..=row % ROWS {
            (text, rest) = postcard::take_from_bytes(rest).map_err(|_| broken())?;
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_model::{Reference, ReferenceKind};

    use super::*;

    #[test]
    fn each_text_is_read_as_it_was_written() {
        let texts: Vec<RecordText> = (0..3 * ROWS + 5)
            .map(|n| RecordText {
                description: "One flaw. ".repeat(n % 7),
                references: Reference::gathered(
                    (0..n % 5).filter_map(|m| Reference::of(&format!("https://a/{n}/{m}"), (m > 1).then_some(ReferenceKind::Patch))),
                ),
            })
            .collect();
        for count in [0, 1, ROWS - 1, ROWS, ROWS + 1, texts.len()] {
            let mut builder = TextsBuilder::default();
            texts[..count].iter().for_each(|text| builder.push(text));
            let segment = Digest::of(b"segment");
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.txt");
            std::fs::write(&path, builder.write(Vec::new(), segment).unwrap()).unwrap();
            let read = Texts::open(&path, segment).unwrap();
            for (row, text) in texts[..count].iter().enumerate() {
                assert_eq!(&read.get(row).unwrap(), text, "{row} of {count}");
            }
            assert!(read.get(count).is_err() && read.get(usize::MAX).is_err(), "{count}");
            assert!(Texts::open(&path, Digest::of(b"another")).unwrap().get(0).is_err());
        }
    }
}
