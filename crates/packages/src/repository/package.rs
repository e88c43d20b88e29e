use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::UNIX_EPOCH;

use seaworthy_model::hex;
use sha2::{Digest, Sha256};

use super::depends::{self, Dependency};
use super::owned::{FileKind, OwnedFile};
use crate::error::PackageError;
use crate::rpm::{Change, DependencyTags, Header, HeaderError, Headers, Limits, Tag};

/// `RPMFILE_GHOST`: a file that the package owns and does not contain.
const GHOST: u64 = 1 << 6;
const MODE_KIND: u64 = 0o170_000;
const MODE_FOLDER: u64 = 0o040_000;
/// The number of the newest changelog entries in the metadata: the default of createrepo_c.
const CHANGES: usize = 10;

/// A package as the metadata of a repository describes it: the values of its header for primary, filelists and other, and those that only
/// the file gives. Texts that the package lacks are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
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
    /// The description in one line.
    pub summary: String,
    /// The description in some lines.
    pub description: String,
    /// The address of the project.
    pub url: String,
    /// The packager.
    pub packager: String,
    /// The licence.
    pub license: String,
    /// The vendor.
    pub vendor: String,
    /// The group.
    pub group: String,
    /// The machine on which it was built.
    pub build_host: String,
    /// The time of the file, in seconds since 1970.
    pub file_time: u64,
    /// The time of the build, in seconds since 1970; 0 where the header has none.
    pub build_time: u64,
    /// The size of the file in bytes.
    pub size: u64,
    /// The size of the installed files in bytes.
    pub installed_size: u64,
    /// The size of the unpacked payload in bytes.
    pub archive_size: u64,
    /// The first byte of the header in the file, and the first one after it.
    pub header: (u64, u64),
    /// The SHA-256 of the whole file, 64 hexadecimal digits, by which repositories identify the package.
    pub pkgid: String,
    /// The capabilities that the package provides.
    pub provides: Vec<Dependency>,
    /// The capabilities that it requires, without those that repositories leave out (see [`Package::read`]).
    pub requires: Vec<Dependency>,
    /// The capabilities with which it conflicts.
    pub conflicts: Vec<Dependency>,
    /// The capabilities that it obsoletes.
    pub obsoletes: Vec<Dependency>,
    /// The capabilities that it suggests.
    pub suggests: Vec<Dependency>,
    /// The capabilities that it enhances.
    pub enhances: Vec<Dependency>,
    /// The capabilities that it recommends.
    pub recommends: Vec<Dependency>,
    /// The capabilities that it supplements.
    pub supplements: Vec<Dependency>,
    /// The files, in the order of the header.
    pub files: Vec<OwnedFile>,
    /// The ten newest entries of the changelog, the oldest first; one of the same time as the entry before it gets a second more.
    pub changes: Vec<Change>,
}

impl Package {
    /// Reads an RPM file: its header is understood, and all of it is hashed. Signatures are not checked.
    ///
    /// As with createrepo_c, these requirements are left out: those on rpm itself, on files of the package's own that primary metadata
    /// lists, and on its own capabilities; all but the newest symbol version of the C library; and repetitions.
    ///
    /// # Errors
    /// When the file cannot be read, is no package, or exceeds a limit.
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

    /// The package in memory, read as by [`Package::read`]. `name` stands in messages. Its file time is the time of the build.
    ///
    /// # Errors
    /// When the bytes are no package, or exceed a limit.
    pub fn from_bytes(name: &Path, bytes: &[u8], limits: &Limits) -> Result<Self, PackageError> {
        let mut out = Self::parse(bytes, limits).map_err(|found| PackageError::Format { path: name.to_owned(), found })?;
        out.file_time = out.build_time;
        Ok(out)
    }

    /// Epoch, version and release.
    #[must_use]
    pub fn evr(&self) -> seaworthy_model::Evr {
        seaworthy_model::Evr::new(self.epoch, self.version.as_str(), self.release.as_str())
    }

    fn parse(from: impl Read, limits: &Limits) -> Result<Self, String> {
        let mut from = Hashing { from, hash: Sha256::new(), size: 0 };
        let headers = Headers::read(&mut from, limits.header).map_err(|e| e.to_string())?;
        let mut out = from_headers(&headers, limits).map_err(|e| headers.misread(e).to_string())?;
        out.header = (headers.place.start, headers.place.end);
        (out.pkgid, out.size) = from.finish(limits.file)?;
        Ok(out)
    }
}

fn from_headers(Headers { header, signature, .. }: &Headers, limits: &Limits) -> Result<Package, HeaderError> {
    let string = |tag| header.string(tag).map(Option::unwrap_or_default);
    let plain = |tag, what: &'static str| {
        let found = header.required(tag, what)?;
        // They become file names, addresses and attributes.
        let odd = found.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '/' | '<' | '>' | '"' | '\'' | '&' | '%' | '#' | '?' | '\\'));
        let what = match odd {
            Some(c) => format!("its {what} {found:?} contains {c:?}"),
            None if found.starts_with(['.', '-']) => format!("its {what} {found:?} begins like a hidden file or an option"),
            None => return Ok(found),
        };
        Err(HeaderError::Unfit { tag, what })
    };
    let source = header.has(Tag::SOURCEPACKAGE) || !header.has(Tag::SOURCERPM);
    let files = files(header, limits)?;
    let list = |tags| depends::list(header, tags, limits.entries);
    let provides = list(DependencyTags::PROVIDES)?;
    let requires = list(DependencyTags::REQUIRES)?;
    let archive = [(signature, Tag::SIGNATURE_LONGARCHIVESIZE), (signature, Tag::SIGNATURE_PAYLOADSIZE), (header, Tag::ARCHIVESIZE)];
    let archive = archive.into_iter().find(|(h, t)| h.has(*t));
    Ok(Package {
        name: plain(Tag::NAME, "name")?,
        epoch: header.epoch()?,
        version: plain(Tag::VERSION, "version")?,
        release: plain(Tag::RELEASE, "release")?,
        arch: if source { "src".to_owned() } else { plain(Tag::ARCH, "architecture")? },
        source_rpm: string(Tag::SOURCERPM)?,
        summary: string(Tag::SUMMARY)?,
        description: string(Tag::DESCRIPTION)?,
        url: string(Tag::URL)?,
        packager: string(Tag::PACKAGER)?,
        license: string(Tag::LICENSE)?,
        vendor: string(Tag::VENDOR)?,
        group: string(Tag::GROUP)?,
        build_host: string(Tag::BUILDHOST)?,
        build_time: header.number(Tag::BUILDTIME)?.unwrap_or(0),
        installed_size: header.number(if header.has(Tag::LONGSIZE) { Tag::LONGSIZE } else { Tag::SIZE })?.unwrap_or(0),
        archive_size: archive.map_or(Ok(None), |(h, t)| h.number(t))?.unwrap_or(0),
        requires: depends::needed(requires, &provides, &files),
        provides: provides.into_iter().map(|d| d.dependency).collect(),
        conflicts: depends::all(list(DependencyTags::CONFLICTS)?),
        obsoletes: depends::all(list(DependencyTags::OBSOLETES)?),
        suggests: depends::all(list(DependencyTags::SUGGESTS)?),
        enhances: depends::all(list(DependencyTags::ENHANCES)?),
        recommends: depends::all(list(DependencyTags::RECOMMENDS)?),
        supplements: depends::all(list(DependencyTags::SUPPLEMENTS)?),
        files,
        changes: changes(header, limits)?,
        ..Package::default()
    })
}

fn files(header: &Header<'_>, limits: &Limits) -> Result<Vec<OwnedFile>, HeaderError> {
    let paths = header.paths(limits)?;
    let modes = header.numbers(Tag::FILEMODES, limits.files)?;
    let flags = header.numbers(Tag::FILEFLAGS, limits.files)?;
    let names = if header.has(Tag::BASENAMES) { Tag::BASENAMES } else { Tag::OLDFILENAMES };
    HeaderError::unless_equal((names, paths.len()), (Tag::FILEMODES, modes.len()))?;
    HeaderError::unless_equal((names, paths.len()), (Tag::FILEFLAGS, flags.len()))?;
    let kinds = modes.into_iter().zip(flags).map(|(mode, flags)| match (mode & MODE_KIND == MODE_FOLDER, flags & GHOST != 0) {
        (true, _) => FileKind::Folder,
        (false, true) => FileKind::Ghost,
        (false, false) => FileKind::File,
    });
    Ok(paths.into_iter().zip(kinds).map(|(path, kind)| OwnedFile { path, kind }).collect())
}

fn changes(header: &Header<'_>, limits: &Limits) -> Result<Vec<Change>, HeaderError> {
    let mut out: Vec<Change> = header.changelog(limits.entries)?.take(CHANGES).collect();
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

/// A reader that hashes and counts the bytes read through it.
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
    /// Reads to the end; gives the digest and the size in bytes.
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
