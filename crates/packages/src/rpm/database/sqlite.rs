//! The database of rpm's backend sqlite, `rpmdb.sqlite`.

use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};

use super::error::{DatabaseError, InstalledError};

/// A function that gets the number and the blob of each package.
type See<'s> = dyn FnMut(i64, Result<&[u8], InstalledError>) + 's;

/// Calls `see` with the number and the blob of each installed package, in the order of the numbers.
///
/// The database is opened for reading only. One with a write-ahead log is copied to a temporary folder first, so that nothing in the root
/// changes.
///
/// # Errors
/// When the database cannot be read, or would have to be copied and is larger than `limit` bytes with its log.
pub(super) fn each_blob(path: &Path, log: Option<&Path>, limit: u64, see: &mut See<'_>) -> Result<(), DatabaseError> {
    let copy;
    let size = |p: &Path| p.metadata().map_or(0, |m| m.len());
    let (place, immutable) = match log.filter(|l| size(l) > 0) {
        None => (path, true),
        // The newest packages stand in the log only, and reading it needs files beside it: work on a copy.
        Some(log) => {
            let found = size(path).saturating_add(size(log));
            if found > limit {
                return Err(DatabaseError::TooLarge { path: path.to_owned(), size: found, limit });
            }
            let dir = tempfile::tempdir().map_err(DatabaseError::read(&std::env::temp_dir()))?;
            let place = dir.path().join("rpmdb.sqlite");
            std::fs::copy(path, &place).map_err(DatabaseError::read(path))?;
            std::fs::copy(log, dir.path().join("rpmdb.sqlite-wal")).map_err(DatabaseError::read(log))?;
            copy = (dir, place);
            (copy.1.as_path(), false)
        }
    };
    let broken = |source| DatabaseError::Sqlite { path: path.to_owned(), source };
    let connection = open(place, immutable).map_err(broken)?;
    let mut query = connection.prepare("SELECT hnum, blob FROM Packages ORDER BY hnum").map_err(broken)?;
    let mut rows = query.query([]).map_err(broken)?;
    while let Some(row) = rows.next().map_err(broken)? {
        let number = row.get(0).map_err(broken)?;
        let value = row.get_ref(1).map_err(broken)?;
        see(number, value.as_blob().map_err(|e| InstalledError::Row(e.to_string())));
    }
    Ok(())
}

/// The characters with a meaning of their own in the path of an address, which are escaped.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

fn open(path: &Path, immutable: bool) -> rusqlite::Result<Connection> {
    use std::os::unix::ffi::OsStrExt;
    let mut uri = format!("file:{}", percent_encode(path.as_os_str().as_bytes(), IN_PATH));
    let mut flags = OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if immutable {
        // No locks and no files beside it: the root may be read-only, or another's.
        uri.push_str("?immutable=1");
        flags |= OpenFlags::SQLITE_OPEN_READ_ONLY;
    } else {
        flags |= OpenFlags::SQLITE_OPEN_READ_WRITE;
    }
    let connection = Connection::open_with_flags(uri, flags)?;
    // The database is hostile until read: no functions out of its schema, and cells are checked.
    connection.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA query_only=ON;")?;
    Ok(connection)
}
