//! The two databases behind one blocking interface: statements that both understand, and rows of texts and integers.
//!
//! Statements use `$1` and so on, and only columns of texts and 64-bit integers; [`Db::is_postgres`] tells the databases apart where they
//! differ.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Postgres, Row as _, SqlSafeStr, Sqlite};

use crate::LedgerError;
use crate::connection::{Connection, Link, failed, is_end};

type Result<T> = std::result::Result<T, LedgerError>;

/// A connection during a piece of work.
pub(crate) struct Db {
    connection: Connection,
    place: Arc<str>,
    /// The work in words, for the message of a failure.
    doing: &'static str,
    /// Whether a transaction was begun and has not ended.
    in_transaction: bool,
    /// Whether the connection has ended.
    is_broken: bool,
}

/// A value for a statement.
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

/// A row of a result.
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

    /// The number in a column; a negative one counts as 0.
    pub(crate) fn count(&self, column: usize) -> Result<u64> {
        Ok(self.int(column)?.max(0).cast_unsigned())
    }
}

/// Runs a statement on the connection of either database.
macro_rules! run {
    ($db:expr, $sql:expr, $args:expr, $method:ident) => {{
        let Connection { link, runtime } = &mut $db.connection;
        match link {
            None => Err(sqlx::Error::WorkerCrashed),
            Some(Link::Sqlite(connection)) => {
                let mut query = sqlx::query::<Sqlite>($sql);
                for arg in $args {
                    query = match arg {
                        Arg::Int(value) => query.bind(*value),
                        Arg::Text(value) => query.bind(value.as_deref()),
                    };
                }
                runtime.block_on(query.$method(connection)).map(Either::Sqlite)
            }
            Some(Link::Postgres(connection)) => {
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
    pub(crate) fn new(connection: Connection, place: Arc<str>, doing: &'static str) -> Self {
        Self { connection, place, doing, in_transaction: false, is_broken: false }
    }

    /// Whether the connection is as it was before the work, so that other work can use it.
    pub(crate) fn is_reusable(&self) -> bool {
        !self.in_transaction && !self.is_broken
    }

    pub(crate) fn into_connection(self) -> Connection {
        self.connection
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.connection.is_postgres()
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Sets the words for the work from here on, for the message of a failure.
    pub(crate) fn doing(&mut self, what: &'static str) -> &mut Self {
        self.doing = what;
        self
    }

    fn failed(&mut self, error: sqlx::Error) -> LedgerError {
        self.is_broken |= is_end(&error);
        failed(self.doing, &self.place, error)
    }

    /// Runs a statement; gives the number of rows that it changed.
    pub(crate) fn exec(&mut self, sql: impl SqlSafeStr, args: &[Arg<'_>]) -> Result<u64> {
        match run!(self, sql, args, execute) {
            Ok(Either::Sqlite(done)) => Ok(done.rows_affected()),
            Ok(Either::Postgres(done)) => Ok(done.rows_affected()),
            Err(e) => Err(self.failed(e)),
        }
    }

    /// The rows of a result. Long results are read in pages.
    pub(crate) fn rows(&mut self, sql: impl SqlSafeStr, args: &[Arg<'_>]) -> Result<Vec<Row>> {
        match run!(self, sql, args, fetch_all) {
            Ok(Either::Sqlite(rows)) => Ok(rows.into_iter().map(Row::Sqlite).collect()),
            Ok(Either::Postgres(rows)) => Ok(rows.into_iter().map(Row::Postgres).collect()),
            Err(e) => Err(self.failed(e)),
        }
    }

    /// The first row of a result; `None` where it has none.
    pub(crate) fn row(&mut self, sql: impl SqlSafeStr, args: &[Arg<'_>]) -> Result<Option<Row>> {
        match run!(self, sql, args, fetch_optional) {
            Ok(Either::Sqlite(row)) => Ok(row.map(Row::Sqlite)),
            Ok(Either::Postgres(row)) => Ok(row.map(Row::Postgres)),
            Err(e) => Err(self.failed(e)),
        }
    }

    /// The only row of a result that always has one.
    pub(crate) fn one(&mut self, sql: impl SqlSafeStr, args: &[Arg<'_>]) -> Result<Row> {
        self.row(sql, args)?.ok_or_else(|| self.failed(sqlx::Error::RowNotFound))
    }

    /// Runs statements that have no values.
    pub(crate) fn script(&mut self, sql: &'static str) -> Result<()> {
        let Connection { link, runtime } = &mut self.connection;
        let done = match link {
            None => Err(sqlx::Error::WorkerCrashed),
            Some(Link::Sqlite(connection)) => runtime.block_on(sqlx::raw_sql(sql).execute(connection)).map(drop),
            Some(Link::Postgres(connection)) => runtime.block_on(sqlx::raw_sql(sql).execute(connection)).map(drop),
        };
        done.map_err(|e| self.failed(e))
    }

    /// The placeholders of `rows` rows with `width` values each, for a long statement: `($1, $2), ($3, $4)`. SQLite would look for each
    /// number among all before it, so it gets `(?, ?), (?, ?)`.
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

    /// Writes in one transaction. On SQLite, writers take turns from its start; on PostgreSQL, from the first row that is locked.
    pub(crate) fn write<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.transaction(self.begin(), "COMMIT", work)
    }

    /// Writes in one transaction, which is taken back.
    pub(crate) fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.transaction(self.begin(), "ROLLBACK", work)
    }

    fn begin(&self) -> &'static str {
        if self.is_postgres() { "BEGIN ISOLATION LEVEL READ COMMITTED" } else { "BEGIN IMMEDIATE" }
    }

    /// Reads in one transaction, which sees one point in time.
    pub(crate) fn read<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let begin = if self.is_postgres() { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" } else { "BEGIN" };
        self.transaction(begin, "COMMIT", work)
    }

    /// Runs work in a transaction, which ends with `end` where the work succeeds. Where the work panics, the transaction stays open, and
    /// ends with the connection.
    fn transaction<T>(&mut self, begin: &'static str, end: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.script(begin)?;
        self.in_transaction = true;
        let done = work(self).and_then(|value| self.script(end).map(|()| value));
        self.in_transaction = done.is_err() && self.script("ROLLBACK").is_err();
        done
    }
}
