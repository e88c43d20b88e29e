use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use super::depends::{self, Dependency};
use super::header::{Header, tag, text};
use super::hex;
use crate::error::PackageError;

/// Linux's PATH_MAX: no longer path exists, and a hostile header would pair one long folder with a million names.
const MAX_PATH: usize = 4096;
const LEAD: u64 = 96;
/// `RPMFILE_GHOST`: a file that the package owns and does not bring.
const GHOST: u64 = 1 << 6;
const MODE_KIND: u64 = 0o170_000;
const MODE_FOLDER: u64 = 0o040_000;
/// How many changelog entries a repository tells, the newest; createrepo_c's default.
const CHANGES: usize = 10;

/// How much of one package is read. A package that is larger is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the whole file.
    pub file: u64,
    /// Bytes of the signature header and of the header, each.
    pub header: usize,
    /// Files that the package owns.
    pub files: usize,
    /// Dependencies of each kind, and changelog entries.
    pub entries: usize,
    /// Bytes of all paths together, which the header keeps shorter than they are.
    pub paths: usize,
}

impl Default for Limits {
    /// Several times what the largest packages need: a kernel's sources have 100,000 files, a TeX collection 250,000.
    fn default() -> Self {
        Self { file: 16 << 30, header: 128 << 20, files: 1_000_000, entries: 200_000, paths: 256 << 20 }
    }
}

/// What a file of a package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file, a link or a device.
    File,
    /// A folder.
    Folder,
    /// Owned, not brought along.
    Ghost,
}

/// A path that a package owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedFile {
    /// Its full path.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
}

/// An entry of a package's changelog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When, in seconds since 1970.
    pub time: u64,
    /// Who and, usually, for which version.
    pub author: String,
    /// What.
    pub text: String,
}

/// What a repository tells of a package: the part of its header that primary, filelists and other metadata need, and what only
/// the file can tell. Texts that the package lacks are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its epoch; 0 where it has none.
    pub epoch: u32,
    /// Its version.
    pub version: String,
    /// Its release.
    pub release: String,
    /// Its architecture; `src` for a source package.
    pub arch: String,
    /// The file name of its source package.
    pub source_rpm: String,
    /// One line.
    pub summary: String,
    /// Some lines.
    pub description: String,
    /// Where it comes from.
    pub url: String,
    /// Who packaged it.
    pub packager: String,
    /// Its licence.
    pub license: String,
    /// Who distributes it.
    pub vendor: String,
    /// Its group.
    pub group: String,
    /// On which machine it was built.
    pub build_host: String,
    /// When the file was changed, in seconds since 1970.
    pub file_time: u64,
    /// When it was built, in seconds since 1970.
    pub build_time: u64,
    /// Bytes of the file.
    pub size: u64,
    /// Bytes of its files once installed.
    pub installed_size: u64,
    /// Bytes of its payload once unpacked.
    pub archive_size: u64,
    /// From which byte of the file to which the header goes.
    pub header: (u64, u64),
    /// SHA-256 of the whole file, as 64 hex digits: what repositories know it by.
    pub pkgid: String,
    /// What it provides.
    pub provides: Vec<Dependency>,
    /// What it requires, without what a repository leaves out (see [`Package::read`]).
    pub requires: Vec<Dependency>,
    /// What it conflicts with.
    pub conflicts: Vec<Dependency>,
    /// What it obsoletes.
    pub obsoletes: Vec<Dependency>,
    /// What it suggests.
    pub suggests: Vec<Dependency>,
    /// What it enhances.
    pub enhances: Vec<Dependency>,
    /// What it recommends.
    pub recommends: Vec<Dependency>,
    /// What it supplements.
    pub supplements: Vec<Dependency>,
    /// Its files, in the header's order.
    pub files: Vec<OwnedFile>,
    /// The newest ten entries of its changelog, the oldest first, each a second later than another of its day.
    pub changes: Vec<Change>,
}

impl Package {
    /// Reads an RPM file: its header is understood, all of it is hashed. Signatures are not checked here.
    ///
    /// As createrepo_c does, it leaves out requirements on rpm itself, on files of its own that primary metadata lists, on what
    /// it provides, all but the newest symbol version of the C library, and repetitions.
    ///
    /// # Errors
    /// When it cannot be read, is no package, or passes a limit.
    pub fn read(path: &Path, limits: &Limits) -> Result<Self, PackageError> {
        let failed = |source| PackageError::Read { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        let format = |found| PackageError::Format { path: path.to_owned(), found };
        if !meta.is_file() {
            return Err(format("not a regular file".to_owned()));
        }
        let mut out = Self::parse(&mut file, limits).map_err(format)?;
        let modified = meta.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
        out.file_time = modified.map_or(0, |t| t.as_secs());
        Ok(out)
    }

    /// [`Package::read`] of a package that is in memory. `name` stands in messages. The file's time is the build's.
    ///
    /// # Errors
    /// When it is no package, or passes a limit.
    pub fn from_bytes(name: &Path, bytes: &[u8], limits: &Limits) -> Result<Self, PackageError> {
        let mut out = Self::parse(bytes, limits).map_err(|found| PackageError::Format { path: name.to_owned(), found })?;
        out.file_time = out.build_time;
        Ok(out)
    }

    /// Its version as EPOCH:VERSION-RELEASE.
    #[must_use]
    pub fn evr(&self) -> seaworthy_model::Evr {
        seaworthy_model::Evr::new(self.epoch, self.version.as_str(), self.release.as_str())
    }

    fn parse(from: impl Read, limits: &Limits) -> Result<Self, String> {
        let mut from = Hashing { from, hash: Sha256::new(), size: 0 };
        let mut lead = [0u8; LEAD as usize];
        from.read_exact(&mut lead).map_err(|e| format!("shorter than an RPM file's lead of 96 bytes ({e})"))?;
        if !lead.starts_with(&[0xed, 0xab, 0xee, 0xdb]) {
            return Err("not an RPM file: it does not start with the lead's mark".to_owned());
        }
        let signature = Header::read(&mut from, limits.header).map_err(|e| format!("the signature header at byte 96 {e}"))?;
        let padding = signature.length.next_multiple_of(8) - signature.length;
        let mut pad = [0u8; 8];
        let pad = pad.get_mut(..usize::try_from(padding).unwrap_or(0)).unwrap_or_default();
        from.read_exact(pad).map_err(|e| format!("cut short behind the signature header ({e})"))?;
        let start = from.size;
        let header = Header::read(&mut from, limits.header).map_err(|e| format!("the header at byte {start} {e}"))?;
        let end = from.size;
        let mut out = from_header(&header, &signature, limits).map_err(|e| format!("the header at byte {start}: {e}"))?;
        out.header = (start, end);
        (out.pkgid, out.size) = from.finish(limits.file)?;
        Ok(out)
    }
}

fn from_header(header: &Header, signature: &Header, limits: &Limits) -> Result<Package, String> {
    let need = |tag, what: &str| {
        let found = header.text(tag)?;
        if found.is_empty() { Err(format!("it has no {what}")) } else { Ok(found) }
    };
    let plain = |tag, what: &str| {
        let found: String = need(tag, what)?;
        // They become file names, addresses and attributes.
        let odd = found.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '/' | '<' | '>' | '"' | '\'' | '&' | '%' | '#' | '?' | '\\'));
        match odd {
            Some(c) => Err(format!("its {what} {found:?} contains {c:?}")),
            None if found.starts_with(['.', '-']) => Err(format!("its {what} {found:?} begins like a hidden file or an option")),
            None => Ok(found),
        }
    };
    let source = header.has(tag::SOURCEPACKAGE) || !header.has(tag::SOURCERPM);
    let epoch = header.number(tag::EPOCH)?.unwrap_or(0);
    let files = files(header, limits)?;
    let list = |names, flags, versions| depends::list(header, names, flags, versions, limits.entries);
    let provides = list(tag::PROVIDENAME, tag::PROVIDEFLAGS, tag::PROVIDEVERSION)?;
    let requires = list(tag::REQUIRENAME, tag::REQUIREFLAGS, tag::REQUIREVERSION)?;
    let archive = [(signature, tag::SIGNATURE_LONG_ARCHIVE_SIZE), (signature, tag::SIGNATURE_PAYLOAD_SIZE), (header, tag::ARCHIVESIZE)];
    let archive = archive.into_iter().find(|(h, t)| h.has(*t));
    Ok(Package {
        name: plain(tag::NAME, "name")?,
        epoch: u32::try_from(epoch).map_err(|_| format!("its epoch {epoch} is too large"))?,
        version: plain(tag::VERSION, "version")?,
        release: plain(tag::RELEASE, "release")?,
        arch: if source { "src".to_owned() } else { plain(tag::ARCH, "architecture")? },
        source_rpm: header.text(tag::SOURCERPM)?,
        summary: header.text(tag::SUMMARY)?,
        description: header.text(tag::DESCRIPTION)?,
        url: header.text(tag::URL)?,
        packager: header.text(tag::PACKAGER)?,
        license: header.text(tag::LICENSE)?,
        vendor: header.text(tag::VENDOR)?,
        group: header.text(tag::GROUP)?,
        build_host: header.text(tag::BUILDHOST)?,
        build_time: header.number(tag::BUILDTIME)?.unwrap_or(0),
        installed_size: header.number(if header.has(tag::LONGSIZE) { tag::LONGSIZE } else { tag::SIZE })?.unwrap_or(0),
        archive_size: archive.map_or(Ok(None), |(h, t)| h.number(t))?.unwrap_or(0),
        requires: depends::needed(requires, &provides, &files),
        provides: provides.into_iter().map(|d| d.dependency).collect(),
        conflicts: depends::all(list(tag::CONFLICTNAME, tag::CONFLICTFLAGS, tag::CONFLICTVERSION)?),
        obsoletes: depends::all(list(tag::OBSOLETENAME, tag::OBSOLETEFLAGS, tag::OBSOLETEVERSION)?),
        suggests: depends::all(list(tag::SUGGESTNAME, tag::SUGGESTFLAGS, tag::SUGGESTVERSION)?),
        enhances: depends::all(list(tag::ENHANCENAME, tag::ENHANCEFLAGS, tag::ENHANCEVERSION)?),
        recommends: depends::all(list(tag::RECOMMENDNAME, tag::RECOMMENDFLAGS, tag::RECOMMENDVERSION)?),
        supplements: depends::all(list(tag::SUPPLEMENTNAME, tag::SUPPLEMENTFLAGS, tag::SUPPLEMENTVERSION)?),
        files,
        changes: changes(header, limits)?,
        ..Package::default()
    })
}

fn files(header: &Header, limits: &Limits) -> Result<Vec<OwnedFile>, String> {
    let names = header.strings(tag::BASENAMES, limits.files)?;
    let mut paths = Vec::with_capacity(names.len());
    if names.is_empty() {
        paths.extend(header.strings(tag::OLDFILENAMES, limits.files)?.into_iter().map(text));
    } else {
        let folders: Vec<String> = header.strings(tag::DIRNAMES, limits.files)?.into_iter().map(text).collect();
        let indexes = header.numbers(tag::DIRINDEXES, limits.files)?;
        if indexes.len() != names.len() {
            return Err(format!("it has {} file names and {} folders for them", names.len(), indexes.len()));
        }
        let mut total = 0usize;
        for (name, index) in names.into_iter().zip(indexes) {
            let folder = usize::try_from(index).ok().and_then(|i| folders.get(i));
            let folder = folder.ok_or_else(|| format!("a file lies in folder number {index} of {}", folders.len()))?;
            let path = folder.clone() + &text(name);
            total += path.len();
            if path.len() > MAX_PATH || total > limits.paths {
                return Err(format!(
                    "a path of {} bytes, and {total} bytes of paths; read are {MAX_PATH} and {}",
                    path.len(),
                    limits.paths
                ));
            }
            paths.push(path);
        }
    }
    let modes = header.numbers(tag::FILEMODES, limits.files)?;
    let flags = header.numbers(tag::FILEFLAGS, limits.files)?;
    for (what, found) in [("modes", modes.len()), ("flags", flags.len())] {
        if found != paths.len() {
            return Err(format!("it has {} files and {found} {what} of files", paths.len()));
        }
    }
    let kinds = modes.into_iter().zip(flags).map(|(mode, flags)| match (mode & MODE_KIND == MODE_FOLDER, flags & GHOST != 0) {
        (true, _) => FileKind::Folder,
        (false, true) => FileKind::Ghost,
        (false, false) => FileKind::File,
    });
    Ok(paths.into_iter().zip(kinds).map(|(path, kind)| OwnedFile { path, kind }).collect())
}

fn changes(header: &Header, limits: &Limits) -> Result<Vec<Change>, String> {
    let times = header.numbers(tag::CHANGELOGTIME, limits.entries)?;
    let authors = header.strings(tag::CHANGELOGNAME, limits.entries)?;
    let texts = header.strings(tag::CHANGELOGTEXT, limits.entries)?;
    if times.len() != authors.len() || times.len() != texts.len() {
        return Err(format!("its changelog has {} times, {} authors and {} texts", times.len(), authors.len(), texts.len()));
    }
    let mut out: Vec<Change> = times
        .into_iter()
        .zip(authors)
        .zip(texts)
        .take(CHANGES)
        .map(|((time, author), body)| Change { time, author: text(author), text: text(body) })
        .collect();
    // Readers sort by time; entries of one day must keep their order.
    out.reverse();
    for at in 1..out.len() {
        if let [before, now, ..] = out.get_mut(at - 1..).unwrap_or_default()
            && before.time >= now.time
            && before.time - now.time < CHANGES as u64
        {
            now.time = before.time + 1;
        }
    }
    Ok(out)
}

/// A reader that hashes and counts what goes through it.
struct Hashing<R> {
    from: R,
    hash: Sha256,
    size: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n = self.from.read(into)?;
        self.hash.update(into.get(..n).unwrap_or_default());
        self.size += n as u64;
        Ok(n)
    }
}

impl<R: Read> Hashing<R> {
    /// Reads to the end; gives the digest and the size.
    fn finish(mut self, limit: u64) -> Result<(String, u64), String> {
        let mut buffer = vec![0u8; 256 << 10];
        loop {
            match self.read(&mut buffer) {
                Ok(0) => break,
                Ok(_) if self.size > limit => return Err(format!("larger than {limit} bytes")),
                Ok(_) => {}
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(format!("cannot be read at byte {}: {e}", self.size)),
            }
        }
        Ok((hex(&self.hash.finalize()), self.size))
    }
}
