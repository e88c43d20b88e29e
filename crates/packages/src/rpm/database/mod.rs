//! The database of installed packages in a root filesystem.

mod error;
mod ndb;
mod sqlite;

use std::path::{Path, PathBuf};

use seaworthy_host::{files, root};

pub use error::{DatabaseError, InstalledError};

use super::header::Header;

/// Where rpm keeps its database, below the root: today, and before.
const FOLDERS: [&str; 2] = ["usr/lib/sysimage/rpm", "var/lib/rpm"];
/// The largest database that is read into memory or copied, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// A database of installed packages that was found in a root, and is read by [`Database::each`].
#[derive(Debug)]
pub struct Database {
    name: String,
    path: PathBuf,
    backend: Backend,
}

#[derive(Debug)]
enum Backend {
    /// The newest packages are in a write-ahead log, where there is one.
    Sqlite {
        log: Option<PathBuf>,
    },
    Ndb,
}

impl Database {
    /// Looks for the database of a root under `usr/lib/sysimage/rpm` and `var/lib/rpm`: `rpmdb.sqlite`, then `Packages.db` (ndb). Links
    /// are followed inside the root only.
    ///
    /// # Errors
    /// When there is none, or only a Berkeley DB; the message says how to convert it.
    pub fn find(root: &Path) -> Result<Self, DatabaseError> {
        let find = |folder: &str, file: &str| {
            let name = format!("{folder}/{file}");
            let path = root::inside(root, &name).map_err(DatabaseError::read(&root.join(&name)))?;
            Ok(path.filter(|p| p.is_file()).map(|path| (name, path)))
        };
        for folder in FOLDERS {
            if let Some((name, path)) = find(folder, "rpmdb.sqlite")? {
                let log = find(folder, "rpmdb.sqlite-wal")?.map(|(_, path)| path);
                return Ok(Self { name, path, backend: Backend::Sqlite { log } });
            }
            if let Some((name, path)) = find(folder, "Packages.db")? {
                return Ok(Self { name, path, backend: Backend::Ndb });
            }
        }
        for folder in FOLDERS {
            if let Some((_, path)) = find(folder, "Packages")? {
                return Err(DatabaseError::Berkeley { path });
            }
        }
        Err(DatabaseError::Missing { root: root.to_owned(), folders: FOLDERS.join(" or ") })
    }

    /// Its file, below the root.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls `see` with the number and the header of each installed package, in the order of the numbers, or why it cannot be read.
    /// Nothing in the root is changed.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub fn each(&self, mut see: impl FnMut(i64, Result<Header<'_>, InstalledError>)) -> Result<(), DatabaseError> {
        let mut see = |number, blob: Result<&[u8], InstalledError>| {
            see(number, blob.and_then(|blob| Ok(Header::from_blob(blob)?)));
        };
        match &self.backend {
            Backend::Sqlite { log } => sqlite::each_blob(&self.path, log.as_deref(), MAX_BYTES, &mut see),
            Backend::Ndb => {
                let bytes = files::read_limited(&self.path, MAX_BYTES).map_err(|e| DatabaseError::read(&self.path)(e.source))?;
                let blobs = ndb::blobs(&bytes).map_err(|found| DatabaseError::Ndb { path: self.path.clone(), found })?;
                blobs.into_iter().for_each(|(number, blob)| see(i64::from(number), blob));
                Ok(())
            }
        }
    }
}

/// Calls `see` with each header of an ndb database: a door for a fuzz target only.
#[doc(hidden)]
pub fn ndb_for_fuzzing(bytes: &[u8], mut see: impl FnMut(&[u8])) {
    if let Ok(blobs) = ndb::blobs(bytes) {
        blobs.into_values().flatten().for_each(&mut see);
    }
}
