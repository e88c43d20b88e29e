//! Ledgers that are only read: on a read-only file system, in a backup, or where there is none.

use std::path::{Path, PathBuf};

use crate::LedgerError;
use crate::connection::Source;
use crate::db::Db;
use crate::pool::Pool;
use crate::schema::is_known;

/// A database for reading, with the folder of its copy where it had to be copied.
pub(crate) struct Readable {
    pub(crate) pool: Pool,
    pub(crate) copy: Option<tempfile::TempDir>,
}

/// Opens a ledger that cannot be written; one that does not exist is empty.
pub(crate) fn open(path: &Path) -> Result<Readable, LedgerError> {
    let place = path.display().to_string();
    if !path.exists() {
        return Ok(Readable { pool: Pool::open(Source::Memory, place)?, copy: None });
    }
    // Programs that have it open beside this one keep their index of what was written last in a file that this one cannot write; where
    // they have left some of it behind, a copy is read.
    let behind = beside(path, "-wal").metadata().is_ok_and(|m| m.len() > 0);
    let opened = |immutable| {
        let source = Source::ReadOnly { path: path.to_owned(), immutable };
        source.connect(&place).map(|connection| (source, connection))
    };
    match opened(false).or_else(|e| if behind { Err(e) } else { opened(true) }) {
        Ok((source, connection)) => {
            let mut db = Db::new(connection, place.as_str().into(), "open");
            // One of an earlier schema is brought to this one in a copy.
            if !is_known(&mut db)? {
                return copied(path);
            }
            Ok(Readable { pool: Pool::new(source, place, db.into_connection()), copy: None })
        }
        Err(_) if behind => copied(path),
        Err(e) => Err(e),
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// A copy of the ledger in a temporary folder, migrated to the schema of this version.
fn copied(path: &Path) -> Result<Readable, LedgerError> {
    let io = |source| LedgerError::Io { path: path.to_owned(), source };
    let folder = tempfile::tempdir().map_err(io)?;
    let to = folder.path().join("ledger.db");
    std::fs::copy(path, &to).map_err(io)?;
    if beside(path, "-wal").exists() {
        std::fs::copy(beside(path, "-wal"), beside(&to, "-wal")).map_err(io)?;
    }
    writable(&to).and_then(|()| writable_if_there(&beside(&to, "-wal"))).map_err(io)?;
    Ok(Readable { pool: Pool::open(Source::File(to), path.display().to_string())?, copy: Some(folder) })
}

/// Makes a copy writable, since it has the permissions of its original.
fn writable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

fn writable_if_there(path: &Path) -> std::io::Result<()> {
    if path.exists() { writable(path) } else { Ok(()) }
}
