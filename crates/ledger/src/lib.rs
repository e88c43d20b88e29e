//! The ledger: an append-only log of events, and the views that are folded from it.
//!
//! The log is a table of [`Event`]s, each with its time, actor and reason, and with the digest of the one before it, so that a change of
//! any written event is found ([`Ledger::verify`]). Digests are over the texts as they are stored.
//!
//! The view of cases is the result of [`Case::apply`](seaworthy_model::case::Case::apply) on the events of each case. It is written in the
//! transaction that writes the events, and can be built from them again at any time, to the same bytes ([`Ledger::rebuild`]). A batch of
//! events is written as a whole or, where one of them does not follow from the events before it, not at all.
//!
//! The same statements run on SQLite and on PostgreSQL. Threads share a ledger: each call works with its own connection, of which there are
//! as many as were needed at once, up to eight; a reader waits for no writer, and writers take turns. Calls are blocking: a connection has
//! its own runtime, which runs on the calling thread. Inside of another runtime, call them where blocking is allowed.
//!
//! ```
//! use seaworthy_ledger::{Event, Ledger, Location, Draft};
//! use seaworthy_model::Digest;
//! use seaworthy_model::subject::Synced;
//!
//! let home = tempfile::tempdir()?;
//! let ledger = Ledger::open(&Location::of(None, home.path())?)?;
//! let event = Event::from(Synced { knowledge: Digest::of(b"what is known"), changes: [3, 2, 1] });
//! assert_eq!(ledger.append(vec![Draft::new("2024-05-10T12:00:00Z".parse()?, "mia", event)])?, 1..2);
//! assert_eq!(ledger.verify()?.entries, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod append;
mod batches;
mod cases;
mod chain;
mod connection;
mod db;
mod error;
mod event;
mod fold;
mod job;
mod jobs;
mod location;
mod log;
mod pool;
mod port;
mod reading;
mod schema;
mod subjects;
mod unreadable;
mod versions;
mod views;

use connection::Source;

pub use cases::{Cursor, Page, Query, Sight};
pub use chain::Head;
pub use error::LedgerError;
pub use event::{Draft, Entry, Event, Other, Stored};
pub use job::{Cancel, Claim, Job, JobProgress, JobState, Lease, Outcome};
pub use location::Location;
pub use log::{Batch, Entries, Rebuilt, Verified};
pub use seaworthy_model::subject::{Publication, Scan};
pub use unreadable::EventError;
pub use versions::FORMATS;

/// A clock that gives the time of the machine.
type Clock = Box<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// An open ledger, which threads share. The same ledger can be opened several times; writers take turns.
///
/// The writes of a method are one transaction, and so are its reads. It ends with the method, and is rolled back where the method fails or
/// its callback panics.
pub struct Ledger {
    pool: pool::Pool,
    clock: Option<Clock>,
    /// The folder of the copy, where a copy is read; it is removed with the ledger.
    _copy: Option<tempfile::TempDir>,
}

impl Ledger {
    /// Opens a ledger, creates it where there is none, and migrates its tables to the schema of this version.
    ///
    /// # Errors
    /// When the location cannot be reached, a newer version has written it, or the file is another database or none.
    pub fn open(location: &Location) -> Result<Self, LedgerError> {
        let source = match location {
            Location::Sqlite(path) => Source::File(path.clone()),
            Location::Postgres(url) => Source::Server(url.clone()),
        };
        Ok(Self { pool: pool::Pool::open(source, location.to_string())?, clock: None, _copy: None })
    }

    /// Opens a ledger for reading, also where nothing can be written: on a read-only file system, or in a backup. A ledger that does not
    /// exist is an empty one, and is not created.
    ///
    /// # Errors
    /// As [`Ledger::open`]. Methods that write fail with [`LedgerError::ReadOnly`].
    pub fn open_read_only(location: &Location) -> Result<Self, LedgerError> {
        let mut ledger = match location {
            Location::Sqlite(path) if !path.exists() || !location.is_writable() => {
                let reading::Readable { pool, copy } = reading::open(path)?;
                Self { pool, clock: None, _copy: copy }
            }
            _ => Self::open(location)?,
        };
        ledger.pool.refuse_writes("it was opened to be read, or may not be written by whoever runs this".into());
        Ok(ledger)
    }

    /// The ledger with a clock: events that are more than 5 minutes later than the clock, by which clocks of machines may differ, are
    /// refused.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> jiff::Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: Some(Box::new(clock)), ..self }
    }

    /// Whether the ledger cannot be written.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.pool.is_read_only()
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Ledger").field(&self.pool.place()).finish()
    }
}
