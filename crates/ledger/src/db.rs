//! The two databases behind one blocking door: a connection, statements that both understand, and rows of texts and integers.
//!
//! Statements use `$1` and so on, and only columns of texts and 64-bit integers; where the two differ, [`Db::is_postgres`] tells.

use std::borrow::Cow;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, PgConnection, Postgres, Row as _, SqlSafeStr, Sqlite, SqliteConnection};
use tokio::runtime::Runtime;

use crate::LedgerError;

type Result<T> = std::result::Result<T, LedgerError>;

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(60);

enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A connection with the runtime it needs.
pub(crate) struct Db {
    // Taken only when it is closed.
    connection: Option<Connection>,
    runtime: Runtime,
    place: String,
    doing: &'static str,
    /// Why it is not written; `None` where it may be.
    read_only: Option<String>,
}

/// A value of a statement.
#[derive(Clone, Debug)]
pub(crate) enum Arg<'a> {
    Int(Option<i64>),
    Text(Option<Cow<'a, str>>),
}

macro_rules! arg {
    ($($from:ty => |$value:ident| $to:expr),* $(,)?) => {$(
        impl<'a> From<$from> for Arg<'a> {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )*};
}
arg! {
    i64 => |value| Arg::Int(Some(value)),
    u64 => |value| Arg::Int(Some(i64::try_from(value).unwrap_or(i64::MAX))),
    Option<i64> => |value| Arg::Int(value),
    &'a str => |value| Arg::Text(Some(value.into())),
    String => |value| Arg::Text(Some(value.into())),
    Option<&'a str> => |value| Arg::Text(value.map(Into::into)),
    Option<String> => |value| Arg::Text(value.map(Into::into)),
}

/// A row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

macro_rules! column {
    ($($name:ident -> $type:ty),*) => {$(
        pub(crate) fn $name(&self, column: usize) -> Result<$type> {
            match self {
                Self::Sqlite(row) => row.try_get(column),
                Self::Postgres(row) => row.try_get(column),
            }
            .map_err(|e| LedgerError::Unreadable { what: format!("column {column}"), message: e.to_string() })
        }
    )*};
}

impl Row {
    column!(int -> i64, int_or_null -> Option<i64>, text -> &str, text_or_null -> Option<&str>);

    /// A number that is never negative.
    pub(crate) fn count(&self, column: usize) -> Result<u64> {
        Ok(self.int(column)?.max(0).cast_unsigned())
    }
}

/// Runs a statement on whichever connection there is.
macro_rules! run {
    ($db:expr, $sql:expr, $args:expr, $method:ident) => {{
        let Db { connection, runtime, .. } = $db;
        match connection {
            None => Err(sqlx::Error::WorkerCrashed),
            Some(Connection::Sqlite(connection)) => {
                let mut query = sqlx::query::<Sqlite>($sql);
                for arg in $args {
                    query = match arg {
                        Arg::Int(value) => query.bind(*value),
                        Arg::Text(value) => query.bind(value.as_deref()),
                    };
                }
                runtime.block_on(query.$method(connection)).map(Either::Sqlite)
            }
            Some(Connection::Postgres(connection)) => {
                let mut query = sqlx::query::<Postgres>($sql);
                for arg in $args {
                    query = match arg {
                        Arg::Int(value) => query.bind(*value),
                        Arg::Text(value) => query.bind(value.as_deref()),
                    };
                }
                runtime.block_on(query.$method(connection)).map(Either::Postgres)
            }
        }
    }};
}

enum Either<S, P> {
    Sqlite(S),
    Postgres(P),
}

impl Db {
    fn runtime(place: &str) -> Result<Runtime> {
        // No thread of its own: everything runs while a caller waits for it.
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| LedgerError::Database {
            doing: "prepare to connect",
            place: place.to_owned(),
            source: e.into(),
            hint: "",
        })
    }

    /// An empty database that is nowhere.
    pub(crate) fn memory(place: &Path) -> Result<Self> {
        Self::read_with(place, SqliteConnectOptions::new().filename(":memory:"))
    }

    /// Opens a file that cannot be written. Where it cannot be opened with what was written last beside it, it is taken for one that
    /// nobody writes, which holds where there is nothing beside it.
    pub(crate) fn sqlite_read_only(path: &Path, immutable: bool) -> Result<Self> {
        let mut db = Self::read_with(path, SqliteConnectOptions::new().filename(path).read_only(true).immutable(immutable))?;
        // A connection is made before the file is looked at.
        db.one("SELECT count(*) FROM sqlite_schema", &[])?;
        Ok(db)
    }

    fn read_with(path: &Path, options: SqliteConnectOptions) -> Result<Self> {
        let place = path.display().to_string();
        let mut db = Self { connection: None, runtime: Self::runtime(&place)?, place, doing: "open", read_only: None };
        let opened = db.runtime.block_on(options.busy_timeout(PATIENCE).disable_statement_logging().connect());
        db.connection = Some(Connection::Sqlite(opened.map_err(|e| db.failed(e))?));
        Ok(db)
    }

    /// Opens a file, which is created where there is none.
    pub(crate) fn sqlite(path: &Path) -> Result<Self> {
        let place = path.display().to_string();
        let mut db = Self { connection: None, runtime: Self::runtime(&place)?, place, doing: "open", read_only: None };
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
        let opened = loop {
            match db.runtime.block_on(options.connect()) {
                Err(e) if e.to_string().contains("database is locked") && started.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                opened => break opened,
            }
        };
        db.connection = Some(Connection::Sqlite(opened.map_err(|e| db.failed(e))?));
        Ok(db)
    }

    /// Connects to a server.
    pub(crate) fn postgres(url: &str, place: String) -> Result<Self> {
        let mut db = Self { connection: None, runtime: Self::runtime(&place)?, place, doing: "connect to", read_only: None };
        let options: PgConnectOptions = url.parse().map_err(|e| db.failed(e))?;
        let options = options.application_name("seaworthy").disable_statement_logging();
        let connected = db.runtime.block_on(options.connect());
        db.connection = Some(Connection::Postgres(connected.map_err(|e| db.failed(e))?));
        Ok(db)
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.connection, Some(Connection::Postgres(_)))
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only.is_some()
    }

    /// Nothing is written from here on, for a reason.
    pub(crate) fn refuse_writes(&mut self, why: String) {
        self.read_only = Some(why);
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Says what is being done, for the message of a failure.
    pub(crate) fn doing(&mut self, what: &'static str) -> &mut Self {
        self.doing = what;
        self
    }

    fn failed(&self, error: sqlx::Error) -> LedgerError {
        let text = error.to_string();
        let hint = match &error {
            _ if text.contains("database is locked") => "\n  another program has been writing for a minute: try again when it is done",
            _ if text.contains("unable to open database file") => "\n  the folder has to exist, and to be writable",
            _ if text.contains("readonly database") => "\n  the file and its folder have to be writable",
            _ if text.contains("file is not a database") => {
                "\n  it is damaged, or no ledger: move it away, and import an export or a backup"
            }
            _ if text.contains("malformed") => "\n  the file is damaged: restore a backup, or import an export into a new one",
            sqlx::Error::Io(_) => "\n  is the server running, and does the address name it?",
            sqlx::Error::Tls(_) => "\n  see sslmode and sslrootcert in docs/ledger.md",
            _ => "",
        };
        LedgerError::Database { doing: self.doing, place: self.place.clone(), source: error.into(), hint }
    }

    /// Runs a statement; says how many rows it touched.
    pub(crate) fn exec(&mut self, sql: impl SqlSafeStr, args: &[Arg<'_>]) -> Result<u64> {
        match run!(self, sql, args, execute) {
            Ok(Either::Sqlite(done)) => Ok(done.rows_affected()),
            Ok(Either::Postgres(done)) => Ok(done.rows_affected()),
            Err(e) => Err(self.failed(e)),
        }
    }

    /// Every row of an answer. Long answers are asked for in pages.
    pub(crate) fn rows(&mut self, sql: impl SqlSafeStr, args: &[Arg<'_>]) -> Result<Vec<Row>> {
        match run!(self, sql, args, fetch_all) {
            Ok(Either::Sqlite(rows)) => Ok(rows.into_iter().map(Row::Sqlite).collect()),
            Ok(Either::Postgres(rows)) => Ok(rows.into_iter().map(Row::Postgres).collect()),
            Err(e) => Err(self.failed(e)),
        }
    }

    /// The first row of an answer.
    pub(crate) fn row(&mut self, sql: impl SqlSafeStr, args: &[Arg<'_>]) -> Result<Option<Row>> {
        match run!(self, sql, args, fetch_optional) {
            Ok(Either::Sqlite(row)) => Ok(row.map(Row::Sqlite)),
            Ok(Either::Postgres(row)) => Ok(row.map(Row::Postgres)),
            Err(e) => Err(self.failed(e)),
        }
    }

    /// The only row of an answer that always has one.
    pub(crate) fn one(&mut self, sql: impl SqlSafeStr, args: &[Arg<'_>]) -> Result<Row> {
        self.row(sql, args)?.ok_or_else(|| self.failed(sqlx::Error::RowNotFound))
    }

    /// Runs statements without values.
    pub(crate) fn script(&mut self, sql: &'static str) -> Result<()> {
        let done = match &mut self.connection {
            None => Err(sqlx::Error::WorkerCrashed),
            Some(Connection::Sqlite(c)) => self.runtime.block_on(sqlx::raw_sql(sql).execute(c)).map(drop),
            Some(Connection::Postgres(c)) => self.runtime.block_on(sqlx::raw_sql(sql).execute(c)).map(drop),
        };
        done.map_err(|e| self.failed(e))
    }

    /// The places of `rows` rows of `width` values each, for a long statement: `($1, $2), ($3, $4)`. SQLite would look for each number
    /// among all before it, so there they are `(?, ?), (?, ?)`.
    pub(crate) fn values(&self, rows: usize, width: usize) -> String {
        use std::fmt::Write as _;
        let numbered = self.is_postgres();
        let mut out = String::with_capacity(rows * width * 7);
        for row in 0..rows {
            out.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..width {
                out.push_str(if column == 0 { "" } else { ", " });
                let _ = if numbered { write!(out, "${}", row * width + column + 1) } else { write!(out, "?") };
            }
            out.push(')');
        }
        out
    }

    /// After much was written at once: PostgreSQL's planner knows nothing of it until its statistics are taken, and would sort a whole
    /// queue for its first page.
    pub(crate) fn tidy(&mut self, written: u64) {
        if self.is_postgres() && written >= 2000 {
            // What was written stands even where this fails.
            let _ = self.script("ANALYZE cases; ANALYZE events; ANALYZE subjects");
        }
    }

    /// Does work as a whole or not at all. On SQLite writers take turns from here on; on PostgreSQL from the first row that is locked.
    pub(crate) fn write<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if let Some(why) = &self.read_only {
            return Err(LedgerError::ReadOnly { place: self.place.clone(), why: why.clone() });
        }
        self.script(if self.is_postgres() { "BEGIN ISOLATION LEVEL READ COMMITTED" } else { "BEGIN IMMEDIATE" })?;
        let done = work(self);
        self.end(done)
    }

    /// Reads at one point in time, whatever others write meanwhile.
    pub(crate) fn read<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.script(if self.is_postgres() { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" } else { "BEGIN" })?;
        let done = work(self);
        self.end(done)
    }

    fn end<T>(&mut self, done: Result<T>) -> Result<T> {
        let done = done.and_then(|value| self.script("COMMIT").map(|()| value));
        if done.is_err() {
            // Where the connection is gone, so is the transaction.
            let _ = self.script("ROLLBACK");
        }
        done
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        // Inside of another runtime nothing can be waited for; the databases cope with a connection that just ends.
        if tokio::runtime::Handle::try_current().is_ok() {
            return;
        }
        let _ = match self.connection.take() {
            Some(Connection::Sqlite(connection)) => self.runtime.block_on(connection.close()),
            Some(Connection::Postgres(connection)) => self.runtime.block_on(connection.close()),
            None => Ok(()),
        };
    }
}
