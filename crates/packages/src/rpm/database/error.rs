//! Why a database, or a package of it, cannot be read.

use std::io;
use std::path::{Path, PathBuf};

use crate::rpm::header::HeaderError;

/// Why a database of installed packages cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is none.
    #[error("{}: no RPM database under {folders} (rpmdb.sqlite or Packages.db); is this the root of an RPM system?", root.display())]
    Missing {
        /// The root that was looked into.
        root: PathBuf,
        /// The folders that were looked into.
        folders: String,
    },
    /// It is of a kind that is not read.
    #[error(
        "{}: a Berkeley DB of rpm before 4.16, which is not read here; convert a copy of the root with `rpmdb --root ROOT --rebuilddb` \
         of an rpm whose backend is sqlite (`rpm --root ROOT --rebuilddb --define '_db_backend sqlite'`), or give the output of \
         `rpm -qa` as a package list",
        path.display()
    )]
    Berkeley {
        /// The file.
        path: PathBuf,
    },
    /// SQLite cannot read it.
    #[error(
        "{}: the RPM database cannot be read: {source}; check it with `rpmdb --verifydb`, mend it with `rpmdb --rebuilddb`",
        path.display()
    )]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// It is no ndb database, or a broken one.
    #[error("{}: not an ndb database: {found}; check it with `rpmdb --verifydb`, mend it with `rpmdb --rebuilddb`", path.display())]
    Ndb {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
    },
    /// It passes a limit.
    #[error("{}: {size} bytes; databases of at most {limit} bytes are read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its bytes, with its log.
        size: u64,
        /// How many are read.
        limit: u64,
    },
}

impl DatabaseError {
    pub(super) fn read(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path: path.clone(), source }
    }
}

/// Why one package of a database cannot be read. The message is about the package.
#[derive(Debug, thiserror::Error)]
pub enum InstalledError {
    /// Its header cannot be read.
    #[error("its header {0}")]
    Header(#[from] HeaderError),
    /// It is not where the database says.
    #[error("its blob at byte {at} {what}")]
    Blob {
        /// Where it should begin.
        at: u64,
        /// What is found there.
        what: &'static str,
    },
    /// Its row holds something else.
    #[error("its row holds no header: {0}")]
    Row(String),
}
