//! Metadata of an RPM repository, from which dnf and zypper learn which packages it has.
//!
//! A [`Package`] is read from its RPM file. With the address at which it is fetched it becomes an [`Entry`], which has its part of each
//! kind of metadata as text. The set of all packages is cut into chunks by a rule that looks at names alone, and each chunk is stored in a
//! [`ChunkStore`] under its digest, compressed. A [`Manifest`] lists the chunks. So a package that comes or goes changes one chunk of some
//! hundred packages, two sets are compared by their lists, and the metadata of a set has the same bytes whatever the steps to it.
//! [`write_metadata`] writes the compressed chunks one after the other: several zstd frames, or gzip members, are one file to every reader.
//! [`check`] checks a repository as a client would. [`scan`] finds the packages in a folder and reads only those that it does not know.

mod check;
mod chunk;
mod depends;
mod manifest;
mod owned;
mod package;
mod scan;
#[cfg(test)]
mod tests;
mod versions;
mod write;
mod xml;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use seaworthy_host::files::{self, FileError, Promise, Readers};
use seaworthy_model::format::FormatError;

pub use check::{Checked, Depth, Finding, check};
pub use chunk::{ChunkStore, Entry, Listing};
pub use depends::Dependency;
pub use manifest::{Difference, Manifest, PackageId};
pub use owned::{FileKind, OwnedFile};
pub use package::Package;
pub use scan::{FileTime, Scan, ScanCache, ScanOptions, scan};
pub use versions::FORMATS;
pub use write::{Extra, MetadataFile, Options, RepoMd, write_metadata};

pub use crate::rpm::{Change, Limits};

/// The compression of metadata.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// zstd, which is read by dnf since 4.4, by tdnf, and by zypper where its libsolv has it, but not by createrepo_c before 0.21.
    #[default]
    Zstd,
    /// gzip, which every reader knows.
    Gzip,
}

impl Compression {
    /// The suffix of file names: `zst` or `gz`.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Zstd => "zst",
            Self::Gzip => "gz",
        }
    }
}

/// The error of making or checking metadata.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The system refused an operation.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// The work that failed.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A stored chunk is damaged.
    #[error("the stored chunk {}: {found}; delete the folder of chunks and the list of packages, then scan again", path.display())]
    Chunk {
        /// The file of the chunk.
        path: PathBuf,
        /// The fault.
        found: String,
    },
    /// A file has a version that this program does not read.
    #[error("{}: {source}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version, and what to do.
        source: FormatError,
    },
    /// A file, or a name from the caller, cannot be used.
    #[error("{}: {found}", path.display())]
    Unusable {
        /// The file or name.
        path: PathBuf,
        /// The fault, and what to do.
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

/// The path of a package in the pool: `pool/<first letter, or _>/<12 digits of its digest>/<name>-<version>-<release>.<arch>.rpm`.
#[must_use]
pub fn pool_path(package: &Package) -> String {
    let first = package.name.chars().next().filter(char::is_ascii_alphanumeric).map_or('_', |c| c.to_ascii_lowercase());
    let digest = package.pkgid.get(..12).unwrap_or(&package.pkgid);
    format!("pool/{first}/{digest}/{}-{}-{}.{}.rpm", package.name, package.version, package.release, package.arch)
}

/// Writes a file that a web server serves: as a whole or not at all, even after a power cut.
fn write_new(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), RepositoryError> {
    Ok(files::replace_with(path, Readers::Everyone, Promise::Durable, |out| fill(out))?)
}
