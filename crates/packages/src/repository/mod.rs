//! Metadata of an RPM repository: what dnf and zypper read to know which packages there are.
//!
//! A [`Package`] is read from its RPM file. With the address at which it is fetched it becomes an [`Entry`], which holds its part
//! of each kind of metadata as text. The set of all packages is cut into chunks by a rule that looks at names alone, and each
//! chunk lies in a [`ChunkStore`] under the digest of what it says, compressed. A [`Manifest`] lists the chunks. So a package
//! that comes or goes changes one chunk of some hundred packages, two sets are compared by their lists, and the metadata of a
//! set is the same bytes whatever the way to it. [`write_metadata`] puts the compressed chunks one behind the other: several
//! zstd frames, or gzip members, are one file to every reader. [`check`] reads a repository as a client would.
//! [`scan`] finds the packages in a folder and reads only those that it does not know.

mod check;
mod chunk;
mod depends;
mod manifest;
mod owned;
mod package;
mod scan;
#[cfg(test)]
mod tests;
mod write;
mod xml;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use seaworthy_host::files::{self, FileError, Promise, Readers};
use seaworthy_model::format::{Format, FormatError};

pub use check::{Checked, Depth, Finding, check};
pub use chunk::{ChunkStore, Entry, Listing};
pub use depends::Dependency;
pub use manifest::{Difference, Manifest, PackageId};
pub use owned::{FileKind, OwnedFile};
pub use package::Package;
pub use scan::{FileTime, Scan, ScanCache, ScanOptions, scan};
pub use write::{Extra, MetadataFile, Options, RepoMd, write_metadata};

pub use crate::rpm::{Change, Limits};

/// The formats of the files that are written and read again, with their versions. Metadata itself is createrepo's.
pub static FORMATS: &[&Format] = &[&chunk::CHUNK, &manifest::SET, &scan::CACHE];

/// How metadata is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// zstd: dnf since 4.4, tdnf and zypper where libsolv has it. Not read by createrepo_c before 0.21.
    #[default]
    Zstd,
    /// gzip: read by everything.
    Gzip,
}

impl Compression {
    /// The end of a file name: `zst` or `gz`.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Zstd => "zst",
            Self::Gzip => "gz",
        }
    }
}

/// Why metadata was not made, or not checked.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The system refused something.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A stored chunk is not what was stored.
    #[error("the stored chunk {}: {found}; delete the folder of chunks and the list of packages, then scan again", path.display())]
    Chunk {
        /// Its file.
        path: PathBuf,
        /// What was found.
        found: String,
    },
    /// A file of a version that is not read.
    #[error("{}: {source}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version, and what to do.
        source: FormatError,
    },
    /// A file, or a name that was given, cannot be used.
    #[error("{}: {found}", path.display())]
    Unusable {
        /// The file or name.
        path: PathBuf,
        /// What was found, and what to do.
        found: String,
    },
}

impl RepositoryError {
    fn io(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    fn version(path: &Path) -> impl FnOnce(FormatError) -> Self {
        let path = path.to_owned();
        move |source| Self::Version { path, source }
    }
}

/// Where a package's file lies in the pool: `pool/<first letter, or _>/<12 digits of its digest>/<name>-<version>-<release>.<arch>.rpm`.
#[must_use]
pub fn pool_path(package: &Package) -> String {
    let first = package.name.chars().next().filter(char::is_ascii_alphanumeric).map_or('_', |c| c.to_ascii_lowercase());
    let digest = package.pkgid.get(..12).unwrap_or(&package.pkgid);
    format!("pool/{first}/{digest}/{}-{}-{}.{}.rpm", package.name, package.version, package.release, package.arch)
}

/// Writes a file that a web server serves: whole or not at all, after a power cut too.
fn write_new(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), RepositoryError> {
    Ok(files::replace_with(path, Readers::Everyone, Promise::Durable, |out| fill(out))?)
}
