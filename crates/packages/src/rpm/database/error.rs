//! The errors of a database of installed packages, and of a package in it.

use std::io;
use std::path::{Path, PathBuf};

use crate::rpm::header::HeaderError;

/// The error of a whole database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The root has no database.
    #[error(
        "{}: no RPM database under {folders} (rpmdb.sqlite or Packages.db){}",
        root.display(),
        other.map_or_else(
            || "; is this the root of an RPM system?".to_owned(),
            |(program, file)| format!(
                "; its packages are those of {program} ({file}), which are not read: name the root of an RPM system, such as a mounted \
                 image or an unpacked container"
            )
        )
    )]
    Missing {
        /// The root.
        root: PathBuf,
        /// The folders that were searched, in words.
        folders: String,
        /// The package manager of another kind whose database is there, with the file; `None` where there is none.
        other: Option<(&'static str, &'static str)>,
    },
    /// The database is a Berkeley DB, which is not read.
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
    /// SQLite cannot read the database.
    #[error(
        "{}: the RPM database cannot be read: {source}; check it with `rpmdb --verifydb`, mend it with `rpmdb --rebuilddb`",
        path.display()
    )]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The error of SQLite.
        source: rusqlite::Error,
    },
    /// The file is no ndb database, or a broken one.
    #[error("{}: not an ndb database: {found}; check it with `rpmdb --verifydb`, mend it with `rpmdb --rebuilddb`", path.display())]
    Ndb {
        /// The file.
        path: PathBuf,
        /// The fault.
        found: String,
    },
    /// The database is too large to be copied.
    #[error("{}: {size} bytes; databases of at most {limit} bytes are read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The size in bytes, with the write-ahead log.
        size: u64,
        /// The greatest size in bytes.
        limit: u64,
    },
}

impl DatabaseError {
    pub(super) fn read(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path: path.clone(), source }
    }
}

/// The error of one package in a database. The message is about the package.
#[derive(Debug, thiserror::Error)]
pub enum InstalledError {
    /// The header cannot be read.
    #[error("its header {0}")]
    Header(#[from] HeaderError),
    /// The blob is not where the database has it.
    #[error("its blob at byte {at} {what}")]
    Blob {
        /// The byte at which it should begin.
        at: u64,
        /// The fault, in words.
        what: &'static str,
    },
    /// The row of the package has another form.
    #[error("its row holds no header: {0}")]
    Row(String),
}
