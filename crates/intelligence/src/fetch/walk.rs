use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Component, Path};

use flate2::bufread::MultiGzDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use super::verify::Limits;
use super::{Document, DocumentLimits, FetchError, Records, Validators, Walked};

/// Refusals kept in words.
const REFUSALS: usize = 50;
/// Most bytes of an archive within an archive.
const INNER_BYTES: u64 = 8 << 30;

/// A walk under way: what is wanted, what was found, and what is left of the limits.
pub(super) struct Walk<'a> {
    origin: String,
    wanted: fn(&str) -> bool,
    limits: DocumentLimits,
    records: &'a mut dyn Records,
    files: u64,
    found: Walked,
}

/// What an archive is, by its first bytes; names lie.
pub(super) enum Packing {
    Zip,
    Gzip,
}

impl Packing {
    pub(super) fn of(mut file: &File) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        file.rewind()?;
        file.take(4).read_to_end(&mut head)?;
        file.rewind()?;
        Ok(match head.as_slice() {
            b"PK\x03\x04" | b"PK\x05\x06" => Some(Self::Zip),
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            _ => None,
        })
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(origin: String, wanted: fn(&str) -> bool, limits: DocumentLimits, records: &'a mut dyn Records) -> Self {
        Self { origin, wanted, limits, records, files: 0, found: Walked::default() }
    }

    pub(super) fn finish(self, validators: Validators) -> Walked {
        Walked { validators, ..self.found }
    }

    pub(super) fn damaged(&self, detail: impl Into<String>) -> FetchError {
        FetchError::Damaged { origin: self.origin.clone(), detail: detail.into() }
    }

    fn too_large(&self, detail: String) -> FetchError {
        FetchError::TooLarge { origin: self.origin.clone(), detail }
    }

    fn count_file(&mut self) -> Result<(), FetchError> {
        self.files += 1;
        if self.files > self.limits.files { Err(self.too_large(format!("more than {} files", self.limits.files))) } else { Ok(()) }
    }

    fn refuse(&mut self, path: &str, why: &str) {
        self.found.refused += 1;
        if self.found.refusals.len() < REFUSALS {
            self.found.refusals.push(format!("{}: {}: {why}", self.origin, path.chars().take(200).collect::<String>()));
        }
    }

    /// Reads one wanted file to its end and hands it on. `compressed` is its size in the archive, where it has one.
    fn take(&mut self, path: String, compressed: Option<u64>, reader: &mut dyn Read) -> Result<(), FetchError> {
        let most = match compressed {
            Some(n) => Limits { inflated: self.limits.each, ratio: self.limits.ratio }.most(n).0,
            None => self.limits.each,
        };
        let mut bytes = Vec::new();
        if let Err(e) = reader.take(most.saturating_add(1)).read_to_end(&mut bytes) {
            return Err(self.read_error(&path, &e));
        }
        let length = bytes.len() as u64;
        if length > most {
            self.refuse(&path, &format!("more than {most} bytes, which is above the limit of a record or of its compression"));
            return Ok(());
        }
        self.found.bytes += length;
        if self.found.bytes > self.limits.total {
            return Err(self.too_large(format!("its records have more than {} bytes", self.limits.total)));
        }
        self.found.documents += 1;
        self.records.accept(Document { path, bytes })
    }

    fn read_error(&self, path: &str, e: &io::Error) -> FetchError {
        if let Some(words) = exceeded(e) {
            return self.too_large(words.to_owned());
        }
        match e.kind() {
            io::ErrorKind::UnexpectedEof => FetchError::Truncated { origin: self.origin.clone(), inflated: self.found.bytes },
            _ => self.damaged(format!("{path}: {e}")),
        }
    }
}

/// The path of an entry as text with slashes, if it stays within its root.
fn safe(path: &Path) -> Option<String> {
    let mut out = String::new();
    for part in path.components() {
        let Component::Normal(part) = part else { return None };
        if !out.is_empty() {
            out.push('/');
        }
        out.push_str(part.to_str()?);
    }
    (!out.is_empty() && !out.contains(['\0', '\\'])).then_some(out)
}

/// Reads a folder in the order of its paths, and zips within it. Symbolic links are not followed: they leave the root.
pub(super) fn walk_folder(walk: &mut Walk<'_>, root: &Path) -> Result<(), FetchError> {
    folder(walk, root, "", walk.limits.depth)
}

fn folder(walk: &mut Walk<'_>, path: &Path, within: &str, depth: u32) -> Result<(), FetchError> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|e| FetchError::io(path, "list", e))? {
        let entry = entry.map_err(|e| FetchError::io(path, "list", e))?;
        let kind = entry.file_type().map_err(|e| FetchError::io(entry.path(), "read", e))?;
        walk.count_file()?;
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
                Some(depth) => folder(walk, &full, &inner, depth)?,
                None => walk.refuse(&inner, "a folder deeper than the limit"),
            }
        } else if kind.is_file() {
            let is_zip = name.ends_with(".zip");
            if !is_zip && !(walk.wanted)(&inner) {
                continue;
            }
            let mut file = File::open(&full).map_err(|e| FetchError::io(&full, "read", e))?;
            if is_zip {
                let outer = std::mem::replace(&mut walk.origin, full.display().to_string());
                walk_zip(walk, file, true)?;
                walk.origin = outer;
            } else {
                walk.take(inner, None, &mut file)?;
            }
        } else if (walk.wanted)(&inner) {
            walk.refuse(&inner, "not a regular file");
        }
    }
    Ok(())
}

/// Reads a zip; where `nested`, also the zips in it, one level deep (the CVE List is published so).
pub(super) fn walk_zip(walk: &mut Walk<'_>, file: File, nested: bool) -> Result<(), FetchError> {
    let zip_error = |walk: &Walk<'_>, e: ZipError| match e {
        ZipError::Io(e) => walk.read_error("directory of the zip", &e),
        e => walk.damaged(format!("zip: {e}")),
    };
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|e| zip_error(walk, e))?;
    for index in 0..zip.len() {
        walk.count_file()?;
        let mut entry = match zip.by_index(index) {
            Ok(entry) => entry,
            // A way of packing that is not built in costs this entry only.
            Err(ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_)) => {
                walk.refuse(&format!("entry {index}"), "packed or encrypted in a way that is not supported");
                continue;
            }
            Err(e) => return Err(zip_error(walk, e)),
        };
        if entry.is_dir() {
            continue;
        }
        let Ok(name) = entry.name().map(std::borrow::Cow::into_owned) else {
            walk.refuse(&format!("entry {index}"), "its name is no text");
            continue;
        };
        let inner_zip = nested && name.ends_with(".zip");
        if !inner_zip && !(walk.wanted)(&name) {
            continue;
        }
        let Some(path) = safe(Path::new(&name)).filter(|_| !entry.is_symlink()) else {
            walk.refuse(&name, "its path leaves the archive, or it is a link");
            continue;
        };
        let compressed = entry.compressed_size();
        if inner_zip {
            let spooled = spool(walk, &path, &mut entry, compressed)?;
            walk_zip(walk, spooled, false)?;
        } else {
            walk.take(path, Some(compressed), &mut entry)?;
        }
    }
    Ok(())
}

/// A zip is read from its end, so an inner one has to lie on disk first.
fn spool(walk: &Walk<'_>, path: &str, entry: &mut dyn Read, compressed: u64) -> Result<File, FetchError> {
    let temporary = |e| FetchError::io(std::env::temp_dir(), "write", e);
    let mut file = tempfile::tempfile().map_err(temporary)?;
    let (most, words) = Limits { inflated: INNER_BYTES, ratio: walk.limits.ratio }.most(compressed);
    let mut reader = Bounded { inner: entry, left: most, words: &words };
    let mut buffer = vec![0u8; 256 << 10];
    loop {
        let n = reader.read(&mut buffer).map_err(|e| walk.read_error(path, &e))?;
        if n == 0 {
            break;
        }
        io::Write::write_all(&mut file, buffer.get(..n).unwrap_or_default()).map_err(temporary)?;
    }
    file.seek(SeekFrom::Start(0)).map_err(temporary)?;
    Ok(file)
}

/// Reads a gzipped tar.
pub(super) fn walk_tar_gz(walk: &mut Walk<'_>, file: File) -> Result<(), FetchError> {
    let length = file.metadata().map_err(|e| walk.read_error("its size", &e))?.len();
    let (most, words) = Limits { inflated: walk.limits.total, ratio: walk.limits.ratio }.most(length);
    let mut decoder = MultiGzDecoder::new(BufReader::new(file));
    let mut tar = tar::Archive::new(Bounded { inner: &mut decoder, left: most, words: &words });
    let entries = tar.entries().map_err(|e| walk.read_error("tar", &e))?;
    for entry in entries {
        walk.count_file()?;
        let mut entry = entry.map_err(|e| walk.read_error("tar", &e))?;
        let Ok(path) = entry.path().map(std::borrow::Cow::into_owned) else { continue };
        let shown = path.to_string_lossy().into_owned();
        if entry.header().entry_type().is_dir() || !(walk.wanted)(&shown) {
            continue;
        }
        match safe(&path).filter(|_| entry.header().entry_type().is_file()) {
            Some(path) => walk.take(path, None, &mut entry)?,
            None => walk.refuse(&shown, "its path leaves the archive, or it is no regular file"),
        }
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Exceeded(String);

/// The limit that was passed, if that is what lies at the bottom of an error: the tar reader wraps what it meets.
fn exceeded(e: &io::Error) -> Option<&str> {
    let inner = e.get_ref()?;
    if let Some(Exceeded(words)) = inner.downcast_ref::<Exceeded>() {
        return Some(words);
    }
    exceeded(inner.downcast_ref::<io::Error>().or_else(|| inner.source()?.downcast_ref::<io::Error>())?)
}

/// Fails, rather than ends, when more than `left` bytes come.
struct Bounded<'a> {
    inner: &'a mut dyn Read,
    left: u64,
    words: &'a str,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| io::Error::other(Exceeded(self.words.to_owned())))?;
        Ok(n)
    }
}
