//! Chunks: stretches of a set of some hundred packages, each stored once under its digest.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use seaworthy_host::archive::{self, unpacked};
use seaworthy_model::format::{Format, Remedy, Version};
use seaworthy_model::{Evr, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::package::Package;
use super::xml::{self, KINDS};
use super::{Compression, RepositoryError, write_new};

/// The format of the file of a chunk.
pub(super) static CHUNK: Format =
    Format { name: "chunk of packages", version: Version::of(1), oldest: 1, newer: Remedy::ScanAgain, older: Remedy::ScanAgain };
/// The first bytes of the file of a chunk: a word and the digit of the version.
const MARK: [u8; 8] = CHUNK.mark(WORD);
/// The word of the mark.
const WORD: &[u8; 7] = b"SWCHUNK";
/// The greatest size of a text in a chunk, in bytes: more than hundreds of the largest packages have.
const MAX_RAW: u64 = 4 << 30;
/// The level of zstd, measured on chunks of generated packages: 200 MB of text a second and core. Level 3 is six times as fast and 11 %
/// larger; since one package changes only one chunk, its time hardly matters.
const ZSTD_LEVEL: i32 = 9;
const GZIP_LEVEL: u32 = 6;
/// The number of names of which one begins a chunk, on average.
const NAMES: u64 = 128;

/// The part of a package with which it is listed, found and fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The name.
    pub name: String,
    /// The epoch; 0 where the package has none.
    pub epoch: u32,
    /// The version.
    pub version: String,
    /// The release.
    pub release: String,
    /// The architecture; `src` for a source package.
    pub arch: String,
    /// The file name of the source package; empty for a source package.
    pub source_rpm: String,
    /// The SHA-256 of the file, 64 hexadecimal digits.
    pub pkgid: String,
    /// The path of the file from the folder that holds `repodata`.
    pub href: String,
    /// The size of the file in bytes.
    pub size: u64,
}

impl Listing {
    /// Epoch, version and release.
    #[must_use]
    pub fn evr(&self) -> Evr {
        Evr::new(self.epoch, self.version.as_str(), self.release.as_str())
    }
}

/// A package in a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(super) listing: Listing,
    /// The package's part of the text of each kind of metadata.
    pub(super) parts: [String; 3],
    order: Vec<u8>,
}

impl Entry {
    /// The entry of a package that clients fetch from `href`, a path from the folder that holds `repodata`.
    #[must_use]
    pub fn new(package: &Package, href: &str) -> Self {
        let listing = Listing {
            name: package.name.clone(),
            epoch: package.epoch,
            version: package.version.clone(),
            release: package.release.clone(),
            arch: package.arch.clone(),
            source_rpm: package.source_rpm.clone(),
            pkgid: package.pkgid.clone(),
            href: href.to_owned(),
            size: package.size,
        };
        Self::from_parts(listing, xml::fragments(package, href))
    }

    /// The part with which the package is listed.
    #[must_use]
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    fn from_parts(listing: Listing, parts: [String; 3]) -> Self {
        Self { order: listing.evr().sort_key(), listing, parts }
    }

    /// The order of a set: by name, version (by the rules of RPM), architecture and digest, so that it is total.
    fn key(&self) -> (&str, &[u8], &str, &str) {
        (&self.listing.name, &self.order, &self.listing.arch, &self.listing.pkgid)
    }
}

/// Sorts entries. Of several with the same name, version, architecture and digest the last is kept.
pub(super) fn sort(entries: &mut Vec<Entry>) {
    entries.sort_by(|a, b| a.key().cmp(&b.key()));
    entries.reverse();
    entries.dedup_by(|a, b| a.key() == b.key());
    entries.reverse();
}

/// Whether a chunk begins with this name. Only the name decides, so that the cuts stay where they are when packages come and go, and all
/// versions of a name are in one chunk.
pub(super) fn begins(name: &str) -> bool {
    let digest = Sha256::digest(name.as_bytes());
    digest.first_chunk::<8>().is_some_and(|b| u64::from_be_bytes(*b).is_multiple_of(NAMES))
}

#[derive(Serialize, Deserialize)]
struct Index {
    packages: Vec<Indexed>,
    streams: [Stream; 3],
}

#[derive(Serialize, Deserialize)]
struct Indexed {
    listing: Listing,
    lengths: [u32; 3],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stream {
    size: u64,
    sha256: String,
}

#[derive(Deserialize)]
struct Streams {
    streams: [Stream; 3],
}

/// The text of one kind of metadata of a chunk.
pub(super) struct Part {
    /// The compressed text: a whole zstd frame or gzip member.
    pub(super) frame: Vec<u8>,
    /// The text itself.
    pub(super) raw: Vec<u8>,
}

/// The folder of the stored chunks.
#[derive(Clone, Debug)]
pub struct ChunkStore {
    folder: PathBuf,
}

impl ChunkStore {
    /// The store in a folder, which is made when the first chunk is put into it.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Deletes the chunks for whose digest `keep` is false; gives the number of deleted files.
    ///
    /// # Errors
    /// When a folder cannot be listed or a file cannot be deleted.
    pub fn prune(&self, keep: impl Fn(&str) -> bool) -> Result<u64, RepositoryError> {
        let mut gone = 0;
        let list = |folder: &Path| match fs::read_dir(folder) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(RepositoryError::io("listing", folder)),
        };
        for folder in list(&self.folder)? {
            for file in list(&folder.path())? {
                let name = file.file_name().to_string_lossy().into_owned();
                if !keep(name.split('.').next().unwrap_or_default()) {
                    fs::remove_file(file.path()).map_err(RepositoryError::io("deleting", &file.path()))?;
                    gone += 1;
                }
            }
        }
        Ok(gone)
    }

    /// Whether a chunk is here. One of a version that is not read is not; a damaged one is, and is named when it is read.
    pub(super) fn is_there(&self, digest: &str, compression: Compression) -> bool {
        let Ok(file) = File::open(self.path(digest, compression)) else { return false };
        let mut mark = Vec::with_capacity(MARK.len());
        let read = file.take(MARK.len() as u64).read_to_end(&mut mark);
        read.is_err() || Version::in_mark(&mark, WORD).is_none_or(|version| CHUNK.check(version).is_ok())
    }

    fn path(&self, digest: &str, compression: Compression) -> PathBuf {
        self.folder.join(digest.get(..2).unwrap_or_default()).join(format!("{digest}.{}", compression.suffix()))
    }

    /// Stores sorted entries as a chunk and gives its digest. A chunk that is stored already is not written again.
    pub(super) fn put(&self, entries: &[Entry]) -> Result<String, RepositoryError> {
        let mut raw = [const { String::new() }; 3];
        let mut packages = Vec::with_capacity(entries.len());
        for entry in entries {
            let mut lengths = [0u32; 3];
            for ((all, part), length) in raw.iter_mut().zip(&entry.parts).zip(&mut lengths) {
                all.push_str(part);
                *length = u32::try_from(part.len()).map_err(|_| RepositoryError::Unusable {
                    path: PathBuf::from(&entry.listing.href),
                    found: "a package with more than 4 GiB of metadata".to_owned(),
                })?;
            }
            packages.push(Indexed { listing: entry.listing.clone(), lengths });
        }
        let streams = raw.each_ref().map(|r| Stream { size: r.len() as u64, sha256: hex(&Sha256::digest(r.as_bytes())) });
        let index = serde_json::to_vec(&Index { packages, streams }).map_err(|e| RepositoryError::Unusable {
            path: self.folder.clone(),
            found: format!("a chunk that cannot be written down: {e}"),
        })?;
        let digest = hex(&Sha256::digest(&index));
        if !self.is_there(&digest, Compression::Zstd) {
            let frames = raw.each_ref().map(|r| Compression::Zstd.frame(r.as_bytes()));
            self.write(&digest, Compression::Zstd, &index, frames)?;
        }
        Ok(digest)
    }

    fn write(
        &self,
        digest: &str,
        compression: Compression,
        index: &[u8],
        frames: [std::io::Result<Vec<u8>>; 3],
    ) -> Result<(), RepositoryError> {
        let path = self.path(digest, compression);
        let mut head = MARK.to_vec();
        head.extend((index.len() as u64).to_be_bytes());
        let mut body = Vec::new();
        for frame in frames {
            let frame = frame.map_err(RepositoryError::io("compressing for", &path))?;
            head.extend((frame.len() as u64).to_be_bytes());
            head.extend(Sha256::digest(&frame));
            body.extend(frame);
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(RepositoryError::io("making the folder", folder))?;
        }
        write_new(&path, |file| {
            file.write_all(&head)?;
            file.write_all(index)?;
            file.write_all(&body)
        })
    }

    /// The listings of the packages of a chunk.
    pub(super) fn listings(&self, digest: &str) -> Result<Vec<Listing>, RepositoryError> {
        let stored = self.open(digest, Compression::Zstd)?;
        let index: Index = stored.index()?;
        Ok(index.packages.into_iter().map(|p| p.listing).collect())
    }

    /// The packages of a chunk.
    pub(super) fn get(&self, digest: &str) -> Result<Vec<Entry>, RepositoryError> {
        let stored = self.open(digest, Compression::Zstd)?;
        let index: Index = stored.index()?;
        let mut raw = Vec::new();
        for (at, stream) in index.streams.iter().enumerate() {
            let text = stored.raw(at, stream.size)?;
            if hex(&Sha256::digest(&text)) != stream.sha256 {
                return Err(stored.broken(format!("its {} text is not what its digest says", KINDS.get(at).unwrap_or(&""))));
            }
            raw.push(String::from_utf8(text).map_err(|e| stored.broken(format!("it is not text: {e}")))?);
        }
        let mut from = [0usize; 3];
        let mut out = Vec::with_capacity(index.packages.len());
        for Indexed { listing, lengths } in index.packages {
            let mut parts = [const { String::new() }; 3];
            for (((part, text), from), length) in parts.iter_mut().zip(&raw).zip(&mut from).zip(lengths) {
                let end = from.saturating_add(length as usize);
                let found = text.get(*from..end).ok_or_else(|| stored.broken(format!("{} has no text there", listing.name)))?;
                part.push_str(found);
                *from = end;
            }
            out.push(Entry::from_parts(listing, parts));
        }
        Ok(out)
    }

    /// The three kinds of metadata of a chunk, compressed and as text. The compressed form is made and stored where it is missing.
    pub(super) fn parts(&self, digest: &str, compression: Compression) -> Result<[Part; 3], RepositoryError> {
        let stored = self.open(digest, Compression::Zstd)?;
        let Streams { streams } = stored.index()?;
        let mut raw = [const { Vec::new() }; 3];
        for ((at, stream), into) in streams.iter().enumerate().zip(&mut raw) {
            *into = stored.raw(at, stream.size)?;
        }
        let other = match compression {
            Compression::Zstd => stored,
            other => {
                if !self.is_there(digest, other) {
                    self.write(digest, other, stored.index_bytes(), raw.each_ref().map(|r| other.frame(r)))?;
                }
                self.open(digest, other)?
            }
        };
        let mut frames = [const { Vec::new() }; 3];
        for (at, into) in frames.iter_mut().enumerate() {
            *into = other.frame(at)?.to_vec();
        }
        let [a, b, c] = frames;
        let [x, y, z] = raw;
        Ok([Part { frame: a, raw: x }, Part { frame: b, raw: y }, Part { frame: c, raw: z }])
    }

    fn open(&self, digest: &str, compression: Compression) -> Result<Stored, RepositoryError> {
        let path = self.path(digest, compression);
        let bytes = fs::read(&path).map_err(RepositoryError::io("reading the stored chunk", &path))?;
        let mut stored = Stored { bytes, path, index: 0..0, frames: [const { 0..0 }; 3] };
        let version = Version::in_mark(&stored.bytes, WORD).ok_or_else(|| stored.broken("it does not begin like a chunk".to_owned()))?;
        CHUNK.check(version).map_err(RepositoryError::version(&stored.path))?;
        let fields = stored.bytes.get(MARK.len()..).and_then(|rest| rest.first_chunk::<{ 8 + 3 * 40 }>()).copied();
        let Some(fields) = fields else { return Err(stored.broken("it is cut short".to_owned())) };
        let (index, fields) = fields.split_at(8);
        let mut at = MARK.len() + 8 + 3 * 40;
        let mut next = |length: &[u8]| {
            let length = length.first_chunk::<8>().map_or(0, |b| u64::from_be_bytes(*b));
            let end = at.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
            std::mem::replace(&mut at, end)..end
        };
        let index = next(index);
        let mut frames = [const { 0..0 }; 3];
        let mut sums = Vec::new();
        for (field, range) in fields.chunks_exact(40).zip(&mut frames) {
            let (length, sum) = field.split_at(8);
            *range = next(length);
            sums.push(sum.to_vec());
        }
        (stored.index, stored.frames) = (index, frames);
        if hex(&Sha256::digest(stored.index_bytes())) != digest {
            return Err(stored.broken("its list of packages is not what its name says".to_owned()));
        }
        for (at, sum) in sums.iter().enumerate() {
            if Sha256::digest(stored.frame(at)?).as_slice() != sum.as_slice() {
                return Err(stored.broken(format!("its {} part is not what its digest says", KINDS.get(at).unwrap_or(&""))));
            }
        }
        Ok(stored)
    }
}

/// The file of a chunk in memory, with its digests checked.
struct Stored {
    bytes: Vec<u8>,
    path: PathBuf,
    index: std::ops::Range<usize>,
    frames: [std::ops::Range<usize>; 3],
}

impl Stored {
    fn broken(&self, found: String) -> RepositoryError {
        RepositoryError::Chunk { path: self.path.clone(), found }
    }

    fn index_bytes(&self) -> &[u8] {
        self.bytes.get(self.index.clone()).unwrap_or_default()
    }

    fn index<'a, T: Deserialize<'a>>(&'a self) -> Result<T, RepositoryError> {
        serde_json::from_slice(self.index_bytes()).map_err(|e| self.broken(format!("its list of packages cannot be understood: {e}")))
    }

    fn frame(&self, at: usize) -> Result<&[u8], RepositoryError> {
        let range = self.frames.get(at).cloned().unwrap_or_default();
        self.bytes.get(range).ok_or_else(|| self.broken("it is cut short".to_owned()))
    }

    fn raw(&self, at: usize, size: u64) -> Result<Vec<u8>, RepositoryError> {
        let raw = unpacked(self.frame(at)?, size.min(MAX_RAW)).map_err(|e| self.broken(format!("it cannot be unpacked: {e}")))?;
        if raw.len() as u64 != size {
            return Err(self.broken(format!("{} bytes, where {size} are expected", raw.len())));
        }
        Ok(raw.into_owned())
    }
}

impl Compression {
    /// A text as one whole zstd frame or gzip member. The same text gives the same bytes.
    pub(super) fn frame(self, text: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Zstd => archive::zstd(text, ZSTD_LEVEL),
            Self::Gzip => archive::gzip(text, GZIP_LEVEL),
        }
    }
}
