//! The files of folders and archives, within limits.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path};

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::ArchiveError;
use super::inflate::{Bounded, Headers, Limits, exceeded};
use super::packing::Packing;
use super::unpack::Unpacking;
use crate::files::FileError;

/// The greatest size of an archive within an archive, in bytes.
const INNER_BYTES: u64 = 8 << 30;

/// The greatest size of what stands before the content of a file in a tar, in bytes: its header, and entries with a long name or
/// attributes.
const TAR_HEADERS: u64 = 1 << 20;

/// The limits of the files in one folder or archive. A single file above its limits is refused; the other limits end the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkLimits {
    /// The greatest size of a file in bytes; 32 MiB by default (the largest CVE records have 2).
    pub each: u64,
    /// The greatest size of all files in bytes; 32 GiB by default.
    pub total: u64,
    /// The greatest number of files, with those that are not wanted; 3 million by default.
    pub files: u64,
    /// The greatest ratio of unpacked to packed bytes, checked above 1 MiB; 200 by default.
    pub ratio: u64,
    /// The greatest depth of folders; 8 by default.
    pub depth: u32,
    /// The greatest depth of zips within a zip; 1 by default, as the CVE List has them.
    pub nested: u32,
}

impl Default for WalkLimits {
    fn default() -> Self {
        Self { each: 32 << 20, total: 32 << 30, files: 3_000_000, ratio: 200, depth: 8, nested: 1 }
    }
}

/// A receiver of the files of a walk.
pub trait Visitor {
    /// The error with which the visitor cannot go on.
    type Error: From<ArchiveError>;

    /// Whether the file with this path is read.
    fn wants(&self, path: &str) -> bool;

    /// Takes a file with its content. The path has slashes and stays within the root.
    ///
    /// # Errors
    /// When the visitor cannot go on; the walk ends with the error.
    fn take(&mut self, path: String, content: Vec<u8>) -> Result<(), Self::Error>;

    /// Takes the refusal of a wanted file, with the reason; the walk goes on.
    fn refused(&mut self, origin: &str, path: &str, why: &str);
}

/// A walk: the visitor, and the files and bytes so far.
pub struct Walk<'a, V: Visitor> {
    origin: String,
    limits: WalkLimits,
    visitor: &'a mut V,
    files: u64,
    bytes: u64,
}

/// The containers that are read.
enum Container {
    Zip,
    /// A tar in a packing; `None` for a plain one.
    Tar(Option<Packing>),
}

/// The place and the text of the mark in the header of a tar (POSIX.1-2001, pax and ustar).
const TAR_MARK: (usize, &[u8]) = (257, b"ustar");

impl Container {
    /// The container by the first bytes, not by a name; `None` for others.
    fn of(mut file: &File) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        file.rewind()?;
        let (at, mark) = TAR_MARK;
        file.take((at + mark.len()) as u64).read_to_end(&mut head)?;
        file.rewind()?;
        Ok(match head.as_slice() {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            head if head.get(at..) == Some(mark) => Some(Self::Tar(None)),
            head => Packing::of(head).map(|packing| Self::Tar(Some(packing))),
        })
    }
}

impl<'a, V: Visitor> Walk<'a, V> {
    /// A walk over the source that `origin` names in errors.
    pub fn new(origin: String, limits: WalkLimits, visitor: &'a mut V) -> Self {
        Self { origin, limits, visitor, files: 0, bytes: 0 }
    }

    /// Reads a folder in the order of its paths, and the zips within it. Links are not followed, since they may leave the root; folders
    /// whose names begin with a dot are not entered.
    ///
    /// # Errors
    /// When a folder cannot be read, a limit of the whole is exceeded, or the visitor fails.
    pub fn folder(&mut self, root: &Path) -> Result<(), V::Error> {
        self.folder_within(root, "", self.limits.depth)
    }

    /// Reads a zip with the zips in it, or a tar, packed or not; the first bytes decide.
    ///
    /// # Errors
    /// When it is neither or is damaged, a limit of the whole is exceeded, or the visitor fails.
    pub fn archive(&mut self, file: File) -> Result<(), V::Error> {
        match Container::of(&file).map_err(|e| self.read_error("its first bytes", &e))? {
            Some(Container::Zip) => self.zip(file, self.limits.nested),
            Some(Container::Tar(packing)) => self.tar(file, packing),
            None => Err(ArchiveError::damaged(&self.origin, "neither a zip nor a packed tar by its first bytes").into()),
        }
    }

    fn count_file(&mut self) -> Result<(), ArchiveError> {
        self.files += 1;
        if self.files > self.limits.files {
            return Err(ArchiveError::too_large(&self.origin, format!("more than {} files", self.limits.files)));
        }
        Ok(())
    }

    fn refuse(&mut self, path: &str, why: &str) {
        self.visitor.refused(&self.origin, path, why);
    }

    /// Reads a wanted file to its end and gives it to the visitor. `packed` is its size in the archive; `None` in a folder.
    fn read(&mut self, path: String, packed: Option<u64>, reader: &mut dyn Read) -> Result<(), V::Error> {
        let most = match packed {
            Some(n) => Limits { unpacked: self.limits.each, ratio: self.limits.ratio }.most(n).0,
            None => self.limits.each,
        };
        let mut bytes = Vec::new();
        if let Err(e) = reader.take(most.saturating_add(1)).read_to_end(&mut bytes) {
            return Err(self.read_error(&path, &e).into());
        }
        let length = bytes.len() as u64;
        if length > most {
            self.refuse(&path, &format!("more than {most} bytes, which is above the limit of a record or of its compression"));
            return Ok(());
        }
        self.bytes += length;
        if self.bytes > self.limits.total {
            let detail = format!("its records have more than {} bytes", self.limits.total);
            return Err(ArchiveError::too_large(&self.origin, detail).into());
        }
        self.visitor.take(path, bytes)
    }

    fn read_error(&self, path: &str, e: &io::Error) -> ArchiveError {
        if let Some(words) = exceeded(e) {
            return ArchiveError::too_large(&self.origin, words);
        }
        match e.kind() {
            io::ErrorKind::UnexpectedEof => ArchiveError::Truncated { origin: self.origin.clone(), unpacked: self.bytes },
            _ => ArchiveError::damaged(&self.origin, format!("{path}: {e}")),
        }
    }

    fn folder_within(&mut self, path: &Path, within: &str, depth: u32) -> Result<(), V::Error> {
        let list = |e| ArchiveError::from(FileError::of("list", path)(e));
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(path).map_err(list)? {
            let entry = entry.map_err(list)?;
            let kind = entry.file_type().map_err(list)?;
            self.count_file()?;
            if let Ok(name) = entry.file_name().into_string() {
                entries.push((name, kind));
            }
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, kind) in entries {
            let full = path.join(&name);
            let inner = if within.is_empty() { name.clone() } else { format!("{within}/{name}") };
            if kind.is_dir() {
                // .git holds no records, and many files.
                if name.starts_with('.') {
                    continue;
                }
                match depth.checked_sub(1) {
                    Some(depth) => self.folder_within(&full, &inner, depth)?,
                    None => self.refuse(&inner, "a folder deeper than the limit"),
                }
            } else if kind.is_file() {
                let is_zip = name.ends_with(".zip");
                if !is_zip && !self.visitor.wants(&inner) {
                    continue;
                }
                let mut file = File::open(&full).map_err(|e| ArchiveError::from(FileError::of("read", &full)(e)))?;
                if is_zip {
                    let outer = std::mem::replace(&mut self.origin, full.display().to_string());
                    self.zip(file, self.limits.nested)?;
                    self.origin = outer;
                } else {
                    self.read(inner, None, &mut file)?;
                }
            } else if self.visitor.wants(&inner) {
                self.refuse(&inner, "not a regular file");
            }
        }
        Ok(())
    }

    fn zip_error(&self, e: ZipError) -> ArchiveError {
        match e {
            ZipError::Io(e) => self.read_error("directory of the zip", &e),
            e => ArchiveError::damaged(&self.origin, format!("zip: {e}")),
        }
    }

    /// Reads a zip and the zips in it, `nested` levels deep.
    fn zip(&mut self, file: File, nested: u32) -> Result<(), V::Error> {
        let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|e| self.zip_error(e))?;
        for index in 0..zip.len() {
            self.count_file()?;
            let Some(Ok(name)) = zip.name_for_index(index).map(|name| name.map(std::borrow::Cow::into_owned)) else {
                self.refuse(&format!("entry {index}"), "its name is no text");
                continue;
            };
            let inner_zip = nested > 0 && name.ends_with(".zip");
            if name.ends_with('/') || (!inner_zip && !self.visitor.wants(&name)) {
                continue;
            }
            let mut entry = match zip.by_index(index) {
                Ok(entry) => entry,
                // A way of packing that is not built in costs this entry only.
                Err(ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_)) => {
                    self.refuse(&name, "packed or encrypted in a way that is not supported");
                    continue;
                }
                Err(e) => return Err(self.zip_error(e).into()),
            };
            let Some(path) = safe(Path::new(&name)).filter(|_| !entry.is_symlink()) else {
                self.refuse(&name, "its path leaves the archive, or it is a link");
                continue;
            };
            let packed = entry.compressed_size();
            if inner_zip {
                let spooled = self.spool(&path, &mut entry, packed)?;
                self.zip(spooled, nested - 1)?;
            } else {
                self.read(path, Some(packed), &mut entry)?;
            }
        }
        Ok(())
    }

    /// A temporary file with an inner zip, which has to be on disk since a zip is read from its end.
    fn spool(&self, path: &str, entry: &mut dyn Read, packed: u64) -> Result<File, ArchiveError> {
        let folder = std::env::temp_dir();
        let temporary = FileError::of("write", &folder);
        let mut file = tempfile::tempfile().map_err(&temporary)?;
        let (most, words) = Limits { unpacked: INNER_BYTES, ratio: self.limits.ratio }.most(packed);
        let mut reader = Bounded { inner: entry, left: most, words: &words };
        let mut buffer = vec![0u8; 256 << 10];
        loop {
            let n = reader.read(&mut buffer).map_err(|e| self.read_error(path, &e))?;
            if n == 0 {
                break;
            }
            file.write_all(buffer.get(..n).unwrap_or_default()).map_err(&temporary)?;
        }
        file.seek(SeekFrom::Start(0)).map_err(&temporary)?;
        Ok(file)
    }

    fn tar(&mut self, file: File, packing: Option<Packing>) -> Result<(), V::Error> {
        let length = file.metadata().map_err(|e| self.read_error("its size", &e))?.len();
        let (most, words) = Limits { unpacked: self.limits.total, ratio: self.limits.ratio }.most(length);
        let mut stream = Unpacking::new(packing, BufReader::new(file)).map_err(|e| self.read_error("its packing", &e))?;
        let before_content = Cell::new(0);
        let whole = Bounded { inner: &mut stream, left: most, words: &words };
        let mut tar = tar::Archive::new(Headers { inner: whole, left: &before_content });
        let mut entries = tar.entries().map_err(|e| self.read_error("tar", &e))?;
        loop {
            // A long name is an entry before the one that it belongs to, and is held in memory.
            before_content.set(TAR_HEADERS);
            let Some(entry) = entries.next() else { return Ok(()) };
            before_content.set(u64::MAX);
            self.count_file()?;
            let mut entry = entry.map_err(|e| self.read_error("tar", &e))?;
            self.member(&mut entry)?;
            io::copy(&mut entry, &mut io::sink()).map_err(|e| self.read_error("tar", &e))?;
        }
    }

    fn member<R: Read>(&mut self, entry: &mut tar::Entry<'_, R>) -> Result<(), V::Error> {
        let Ok(path) = entry.path().map(std::borrow::Cow::into_owned) else { return Ok(()) };
        let shown = path.to_string_lossy().into_owned();
        if entry.header().entry_type().is_dir() || !self.visitor.wants(&shown) {
            return Ok(());
        }
        match safe(&path).filter(|_| entry.header().entry_type().is_file()) {
            Some(path) => self.read(path, None, entry),
            None => {
                self.refuse(&shown, "its path leaves the archive, or it is no regular file");
                Ok(())
            }
        }
    }
}

/// The path of an entry as text with slashes; `None` where it leaves its root.
fn safe(path: &Path) -> Option<String> {
    let mut out = String::new();
    for part in path.components() {
        let part = match part {
            Component::Normal(part) => part,
            Component::CurDir => continue,
            Component::Prefix(_) | Component::RootDir | Component::ParentDir => return None,
        };
        if !out.is_empty() {
            out.push('/');
        }
        out.push_str(part.to_str()?);
    }
    (!out.is_empty() && !out.contains(['\0', '\\'])).then_some(out)
}
