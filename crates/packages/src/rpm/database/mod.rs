//! The database of installed packages in a root filesystem.

mod error;
mod ndb;
mod sqlite;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use seaworthy_host::{files, root};

pub use error::{DatabaseError, InstalledError};

use super::header::Header;

/// The folders of the database below the root: that of today, that of older rpm, and that of systems that are images of ostree.
const FOLDERS: [&str; 3] = ["usr/lib/sysimage/rpm", "var/lib/rpm", "usr/share/rpm"];
/// The databases of other package managers below the root, by which an error says what the root is.
const OTHERS: [(&str, &str); 3] = [("dpkg", "var/lib/dpkg/status"), ("apk", "lib/apk/db/installed"), ("pacman", "var/lib/pacman/local")];
/// The largest database that is read into memory or copied, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// The database of installed packages in a root, read by [`Database::each`].
#[derive(Debug)]
pub struct Database {
    name: String,
    path: PathBuf,
    backend: Backend,
}

#[derive(Debug)]
enum Backend {
    /// `log` is the write-ahead log, which has the newest packages; `None` where there is none.
    Sqlite {
        log: Option<PathBuf>,
    },
    Ndb,
}

impl Database {
    /// The databases of a root, each once: `rpmdb.sqlite`, or else `Packages.db` (ndb), in `usr/lib/sysimage/rpm`, in `var/lib/rpm` and in
    /// `usr/share/rpm`, in this order. A system that was moved to a new place may have an empty one there. Links are followed inside the
    /// root only.
    ///
    /// # Errors
    /// When there is none, or only a Berkeley DB; the message says how to convert that. When the root cannot be read.
    pub fn find_all(root: &Path) -> Result<Vec<Self>, DatabaseError> {
        let find = |folder: &str, file: &str| {
            let name = format!("{folder}/{file}");
            let path = root::inside(root, &name).map_err(DatabaseError::read(&root.join(&name)))?;
            Ok(path.filter(|p| p.is_file()).map(|path| (name, path)))
        };
        let mut all: Vec<Self> = Vec::new();
        for folder in FOLDERS {
            if let Some((name, path)) = find(folder, "rpmdb.sqlite")? {
                let log = find(folder, "rpmdb.sqlite-wal")?.map(|(_, path)| path);
                all.push(Self { name, path, backend: Backend::Sqlite { log } });
            } else if let Some((name, path)) = find(folder, "Packages.db")? {
                all.push(Self { name, path, backend: Backend::Ndb });
            }
        }
        // One folder may be a link to another.
        let mut seen = HashSet::new();
        all.retain(|database| seen.insert(database.path.clone()));
        if !all.is_empty() {
            return Ok(all);
        }
        for folder in FOLDERS {
            if let Some((_, path)) = find(folder, "Packages")? {
                return Err(DatabaseError::Berkeley { path });
            }
        }
        let there = |file: &str| root::inside(root, file).is_ok_and(|path| path.is_some());
        let other = OTHERS.into_iter().find(|(_, file)| there(file));
        Err(DatabaseError::Missing { root: root.to_owned(), folders: FOLDERS.join(" or "), other })
    }

    /// The path of its file below the root.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls `see` with the number and the header of each installed package, or the error of that package, in the order of the numbers.
    /// Nothing in the root is changed.
    ///
    /// # Errors
    /// When the database as a whole cannot be read.
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

/// Calls `see` with each blob of an ndb database; only a fuzz target uses it.
#[doc(hidden)]
pub fn ndb_for_fuzzing(bytes: &[u8], mut see: impl FnMut(&[u8])) {
    if let Ok(blobs) = ndb::blobs(bytes) {
        blobs.into_values().flatten().for_each(&mut see);
    }
}
