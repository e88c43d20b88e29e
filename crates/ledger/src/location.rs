//! The location of a ledger.

use std::fmt;
use std::path::{Path, PathBuf};

use seaworthy_model::text::masked_address;

use crate::LedgerError;

/// The location of a ledger.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file, for one machine.
    Sqlite(PathBuf),
    /// A PostgreSQL server by its address, for many machines.
    Postgres(String),
}

impl Location {
    /// The location in a setting: a path, relative to the home, or a PostgreSQL address. `ledger.db` in the home for `None` or an empty
    /// text.
    ///
    /// ```
    /// use seaworthy_ledger::Location;
    /// let home = std::path::Path::new("/home");
    /// assert_eq!(Location::of(None, home)?, Location::Sqlite("/home/ledger.db".into()));
    /// assert!(matches!(Location::of(Some("postgres://ledger@db.example.com/seaworthy"), home)?, Location::Postgres(_)));
    /// assert!(Location::of(Some("mysql://db.example.com/seaworthy"), home).is_err());
    /// # Ok::<(), seaworthy_ledger::LedgerError>(())
    /// ```
    ///
    /// # Errors
    /// When the text is an address of another kind.
    pub fn of(text: Option<&str>, home: &Path) -> Result<Self, LedgerError> {
        match text.map(str::trim).filter(|t| !t.is_empty()) {
            None => Ok(Self::Sqlite(home.join("ledger.db"))),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => Ok(Self::Postgres(url.to_owned())),
            Some(text) if text.contains("://") => Err(LedgerError::Location { text: masked_address(text) }),
            // Taken for a path, they would stand in the home as the name of a file, with their password.
            Some(text) if is_of_a_server(text) => Err(LedgerError::Location { text: "what is set".into() }),
            Some(path) => Ok(Self::Sqlite(home.join(path.strip_prefix("sqlite:").unwrap_or(path)))),
        }
    }
}

impl Location {
    /// Whether a ledger can be written there, as far as that shows without writing. It is true for a server, which refuses by itself.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        let Self::Sqlite(path) = self else { return true };
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // SQLite writes files beside its own.
        let beside = || tempfile::tempfile_in(folder).is_ok();
        match std::fs::OpenOptions::new().append(true).open(path) {
            Ok(_) => beside(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => beside(),
            Err(_) => false,
        }
    }
}

/// Whether a text is meant for PostgreSQL, in another form than that of an address: `host=db user=mia`, `postgres:...`.
fn is_of_a_server(text: &str) -> bool {
    let is_option = |word: &str| {
        let name = word.split_once('=').map_or("", |(name, _)| name);
        ["host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service"].contains(&name)
    };
    text.starts_with("postgres:") || text.starts_with("postgresql:") || text.split_whitespace().any(is_option)
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => f.write_str(&masked_address(url)),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        for (url, shown) in [
            ("postgres://mia:s3cret@db.example.com:5433/sea", "postgres://***@db.example.com:5433/sea"),
            ("postgres://mia:s3c@ret@db/sea?password=x&host=/run/pg", "postgres://***@db/sea?password=***&host=/run/pg"),
            ("postgres://mia:s3 cret@db/sea", "postgres://***@db/sea"),
            ("postgres://db/sea?sslmode=require&sslpassword=x", "postgres://db/sea?sslmode=require&sslpassword=***"),
        ] {
            let location = Location::of(Some(url), Path::new(".")).unwrap();
            assert_eq!(format!("{location} {location:?}"), format!("{shown} {shown}"));
        }
        for text in ["host=db user=mia password=s3cret", "password=s3cret", "postgres:mia:s3cret@db/sea", "postgresql:/mia:s3cret@db"] {
            let error = Location::of(Some(text), Path::new(".")).unwrap_err().to_string();
            assert!(!error.contains("s3cret") && error.contains("is no place for a ledger"), "{error}");
        }
        assert!(Location::of(Some("ledgers/a=b.db"), Path::new(".")).is_ok());
        let error = Location::of(Some("mysql://mia:s3cret@db/sea"), Path::new(".")).unwrap_err().to_string();
        assert!(!error.contains("s3cret") && error.contains("mysql://***@db/sea"), "{error}");
    }
}
