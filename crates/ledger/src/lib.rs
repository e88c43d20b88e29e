//! What was decided and done: an append-only log of events, and the views that are folded from it.
//!
//! The log is a table of [`Event`]s, each with who, when and why, and with the digest of the one before it, so that a change of
//! anything that was written shows ([`Ledger::verify`]). Digests are over the texts as they are stored.
//!
//! The view of cases is what [`Case::apply`](seaworthy_model::case::Case::apply) makes of the events of each case. It is written
//! in the transaction that writes the events, and can be built from them again at any time, to the same bytes ([`Ledger::rebuild`]). A
//! batch of events is
//! written as a whole or, where one of them may not follow on what is there, not at all.
//!
//! The same statements run on SQLite and on PostgreSQL. The door is blocking: a ledger runs its connection on a runtime of its own,
//! on the thread that calls it. Inside of another runtime, call it where blocking is allowed.
//!
//! ```
//! use seaworthy_ledger::{Event, Ledger, Location, Draft};
//! use seaworthy_model::Digest;
//! use seaworthy_model::subject::Synced;
//!
//! let home = tempfile::tempdir()?;
//! let mut ledger = Ledger::open(&Location::of(None, home.path())?)?;
//! let event = Event::from(Synced { knowledge: Digest::of(b"what is known"), changes: [3, 2, 1] });
//! assert_eq!(ledger.append(vec![Draft::new("2024-05-10T12:00:00Z".parse()?, "mia", event)])?, 1..2);
//! assert_eq!(ledger.verify()?.entries, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod append;
mod cases;
mod chain;
mod db;
mod error;
mod event;
mod fold;
mod job;
mod jobs;
mod location;
mod log;
mod port;
mod reading;
mod schema;
mod subjects;
mod unreadable;
mod versions;
mod views;

pub use cases::{Cursor, Page, Query, Sight};
pub use chain::Head;
pub use error::LedgerError;
pub use event::{Draft, Entry, Event, Other};
pub use job::{Cancel, Claim, Job, JobProgress, JobState, Lease, Outcome};
pub use location::Location;
pub use log::{Batch, Entries, Rebuilt, Verified};
pub use seaworthy_model::subject::{Publication, Scan};
pub use unreadable::EventError;
pub use versions::FORMATS;

/// An open ledger. Several may be open on one place; writers take turns.
pub struct Ledger {
    db: db::Db,
    /// What time it is, where somebody said.
    now: Option<jiff::Timestamp>,
    /// The folder of a copy, where one is read.
    _copy: Option<tempfile::TempDir>,
}

impl Ledger {
    /// Opens a ledger, creates it where there is none, and brings its tables to what this version knows.
    ///
    /// # Errors
    /// When the place cannot be reached, a newer version has written it, or a file is a database of something else.
    pub fn open(location: &Location) -> Result<Self, LedgerError> {
        let mut db = match location {
            Location::Sqlite(path) => db::Db::sqlite(path)?,
            Location::Postgres(url) => db::Db::postgres(url, location.to_string())?,
        };
        if let schema::Access::Read(why) = schema::migrate(&mut db)? {
            db.refuse_writes(why);
        }
        Ok(Self { db, now: None, _copy: None })
    }

    /// Opens a ledger to read it, also where nothing can be written: on a read-only file system, or a backup. One that is not there is an
    /// empty one, and is not created.
    ///
    /// # Errors
    /// As [`Ledger::open`]. Whatever writes fails with [`LedgerError::ReadOnly`].
    pub fn open_read_only(location: &Location) -> Result<Self, LedgerError> {
        let mut ledger = match location {
            Location::Sqlite(path) if !path.exists() || !location.is_writable() => {
                let reading::Readable { db, copy } = reading::open(path)?;
                Self { db, now: None, _copy: copy }
            }
            _ => Self::open(location)?,
        };
        ledger.db.refuse_writes("it was opened to be read, or may not be written by whoever runs this".into());
        Ok(ledger)
    }

    /// Whether nothing can be written into it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.db.is_read_only()
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Ledger").field(&self.db.place()).finish()
    }
}
