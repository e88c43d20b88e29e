//! Connections to the two databases, each with its runtime, and the meaning of their failures.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use sqlx::error::DatabaseError as _;
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgSeverity};
use sqlx::sqlite::{SqliteConnectOptions, SqliteError, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, PgConnection, SqliteConnection};
use tokio::runtime::Runtime;

use crate::LedgerError;

/// The time that a writer waits for another one, and a thread for a connection.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The time that a server has to answer whether a connection is still open.
const ANSWER: Duration = Duration::from_secs(5);

/// The database that connections are made to.
pub(crate) enum Source {
    /// An empty database in memory; each connection has its own.
    Memory,
    /// A file, which is created where there is none.
    File(PathBuf),
    /// A file that cannot be written.
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// Whether the file counts as one that nobody writes, which is safe only where no write-ahead log is beside it.
        immutable: bool,
    },
    /// A server, by its address.
    Server(String),
}

/// A connection with its runtime.
pub(crate) struct Connection {
    // Taken only when it is closed.
    pub(crate) link: Option<Link>,
    pub(crate) runtime: Runtime,
}

pub(crate) enum Link {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Source {
    /// Makes a connection; `place` is the name of the source in messages.
    pub(crate) fn connect(&self, place: &str) -> Result<Connection, LedgerError> {
        // No thread of its own: everything runs while a caller waits for it.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| LedgerError::Database {
            doing: "prepare to connect",
            place: place.to_owned(),
            source: e.into(),
            hint: "",
        })?;
        let doing = if matches!(self, Self::Server(_)) { "connect to" } else { "open" };
        let link = match self {
            Self::Memory => runtime.block_on(read_only(SqliteConnectOptions::new().filename(":memory:"))).map(Link::Sqlite),
            Self::ReadOnly { path, immutable } => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(*immutable);
                runtime.block_on(read_only(options)).map(Link::Sqlite)
            }
            Self::File(path) => open(&runtime, path).map(Link::Sqlite),
            Self::Server(url) => {
                let options = url.parse().map(|options: PgConnectOptions| options.application_name("seaworthy"));
                options.and_then(|options| runtime.block_on(options.disable_statement_logging().connect())).map(Link::Postgres)
            }
        };
        let link = link.map_err(|e| failed(doing, place, e))?;
        Ok(Connection { link: Some(link), runtime })
    }
}

/// Opens a database for reading, and reads from it, since a connection alone does not look at the file.
async fn read_only(options: SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = options.busy_timeout(PATIENCE).disable_statement_logging().connect().await?;
    sqlx::raw_sql("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await?;
    Ok(connection)
}

/// Opens a file, or creates it where there is none.
fn open(runtime: &Runtime, path: &std::path::Path) -> Result<SqliteConnection, sqlx::Error> {
    // FULL: what was reported as written is on the disk, not only past the process. Readers and a writer do not wait for each other.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        // A batch of ten thousand events fits into 64 MiB; what does not fit would be written twice.
        .pragma("cache_size", "-65536")
        .row_buffer_size(1024)
        .disable_statement_logging();
    // Where two make a new file at once, the change to a write-ahead log does not wait for the other one by itself.
    let started = Instant::now();
    loop {
        match runtime.block_on(options.connect()) {
            Err(e) if sqlite_code(&e) == Some(BUSY) && started.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(10));
            }
            opened => return opened,
        }
    }
}

impl Connection {
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.link, Some(Link::Postgres(_)))
    }

    /// Whether the connection is still open. A server, or a proxy before it, ends a connection that was idle for long.
    pub(crate) fn answers(&mut self) -> bool {
        match &mut self.link {
            Some(Link::Postgres(connection)) => {
                let asked = async { tokio::time::timeout(ANSWER, connection.ping()).await };
                matches!(self.runtime.block_on(asked), Ok(Ok(())))
            }
            link => link.is_some(),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Inside of another runtime nothing can be waited for; the databases cope with a connection that just ends.
        if tokio::runtime::Handle::try_current().is_ok() {
            return;
        }
        let _ = match self.link.take() {
            Some(Link::Sqlite(connection)) => self.runtime.block_on(connection.close()),
            Some(Link::Postgres(connection)) => self.runtime.block_on(connection.close()),
            None => Ok(()),
        };
    }
}

/// Whether a connection cannot be used any more after a failure.
pub(crate) fn is_end(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error
            .try_downcast_ref::<PgDatabaseError>()
            .is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)),
        _ => false,
    }
}

/// Result codes of SQLite (<https://www.sqlite.org/rescode.html>).
const BUSY: i32 = 5;
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

/// The primary result code of SQLite, which is the low byte of the extended one; `None` for other errors.
fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    let error = error.as_database_error()?.try_downcast_ref::<SqliteError>()?;
    let code: i32 = error.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// The error of a failure of a database, with a hint.
pub(crate) fn failed(doing: &'static str, place: &str, error: sqlx::Error) -> LedgerError {
    let hint = match (sqlite_code(&error), &error) {
        (Some(BUSY), _) => "\n  another program has been writing for a minute: try again when it is done",
        (Some(CANTOPEN), _) => "\n  the folder has to exist, and to be writable",
        (Some(READONLY), _) => "\n  the file and its folder have to be writable",
        (Some(NOTADB), _) => "\n  it is damaged, or no ledger: move it away, and import an export or a backup",
        (Some(CORRUPT), _) => "\n  the file is damaged: restore a backup, or import an export into a new one",
        (_, sqlx::Error::Io(_)) => "\n  is the server running, and does the address name it?",
        (_, sqlx::Error::Tls(_)) => "\n  see sslmode and sslrootcert in docs/ledger.md",
        _ => "",
    };
    LedgerError::Database { doing, place: place.to_owned(), source: error.into(), hint }
}
