//! The connections of a ledger, which threads share.
//!
//! A connection is made when a thread needs one and none is idle. It belongs to one piece of work at a time, and is idle again after it;
//! one that broke, or whose transaction was left open by a panic, is closed instead.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::LedgerError;
use crate::connection::{Connection, PATIENCE, Source};
use crate::db::Db;
use crate::schema::{self, Access};

type Result<T> = std::result::Result<T, LedgerError>;

/// The greatest number of connections in use; other threads wait for one of them.
const MOST: usize = 8;

/// The time after which an idle connection is tested before it is used again.
const TRUSTED: Duration = Duration::from_secs(1);

/// The connections to one location.
pub(crate) struct Pool {
    source: Source,
    place: Arc<str>,
    /// The reason why nothing may be written; `None` where it may be.
    read_only: Option<String>,
    state: Mutex<State>,
    returned: Condvar,
}

struct State {
    /// The idle connections; the one that was used last is at the end, and is used first.
    resting: Vec<Resting>,
    /// The threads at work, each as often as it has a connection.
    working: Vec<ThreadId>,
}

struct Resting {
    connection: Connection,
    since: Instant,
}

impl Pool {
    /// Makes the first connection, and migrates the tables to the schema of this version.
    pub(crate) fn open(source: Source, place: String) -> Result<Self> {
        let mut db = Db::new(source.connect(&place)?, place.as_str().into(), "open");
        let access = schema::migrate(&mut db)?;
        let mut pool = Self::new(source, place, db.into_connection());
        if let Access::Read(why) = access {
            pool.refuse_writes(why);
        }
        Ok(pool)
    }

    /// The pool of a location whose tables have the schema of this version, with its first connection.
    pub(crate) fn new(source: Source, place: String, first: Connection) -> Self {
        let state = State { resting: vec![Resting { connection: first, since: Instant::now() }], working: Vec::new() };
        Self { source, place: place.into(), read_only: None, state: Mutex::new(state), returned: Condvar::new() }
    }

    /// Lets writes fail from here on, with a reason.
    pub(crate) fn refuse_writes(&mut self, why: String) {
        self.read_only = Some(why);
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only.is_some()
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Works with a connection, without a transaction. `doing` is the work in words, for the message of a failure.
    pub(crate) fn with<T>(&self, doing: &'static str, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let mut turn = self.turn()?;
        let connection = self.connection()?;
        work(turn.db.insert(Db::new(connection, self.place.clone(), doing)))
    }

    /// Reads in one transaction, which sees one point in time.
    pub(crate) fn read<T>(&self, doing: &'static str, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        self.with(doing, |db| db.read(work))
    }

    /// Writes in one transaction.
    pub(crate) fn write<T>(&self, doing: &'static str, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        if let Some(why) = &self.read_only {
            return Err(LedgerError::ReadOnly { place: self.place().to_owned(), why: why.clone() });
        }
        self.with(doing, |db| db.write(work))
    }

    /// Writes in one transaction, which is taken back.
    pub(crate) fn attempt<T>(&self, doing: &'static str, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        if let Some(why) = &self.read_only {
            return Err(LedgerError::ReadOnly { place: self.place().to_owned(), why: why.clone() });
        }
        self.with(doing, |db| db.attempt(work))
    }

    /// Renews the statistics of PostgreSQL after many events were written: its planner would otherwise sort a whole queue for the first
    /// page.
    pub(crate) fn tidy(&self, written: u64) {
        if matches!(self.source, Source::Server(_)) && written >= 2000 {
            // What was written stands even where this fails.
            let _ = self.with("tidy", |db| db.script("ANALYZE cases; ANALYZE events; ANALYZE subjects"));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that could fail is done while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until this thread may have a connection, at most [`PATIENCE`].
    fn turn(&self) -> Result<Turn<'_>> {
        let (thread, until) = (thread::current().id(), Instant::now() + PATIENCE);
        let mut state = self.state();
        // What is called back while a thread reads may read itself: it would wait for its own end.
        while state.working.len() >= MOST && !state.working.contains(&thread) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(LedgerError::Busy { place: self.place().to_owned(), most: MOST });
            }
            state = self.returned.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.working.push(thread);
        Ok(Turn { pool: self, thread, db: None })
    }

    /// An idle connection, or else a new one.
    fn connection(&self) -> Result<Connection> {
        while let Some(Resting { mut connection, since }) = self.rested() {
            if since.elapsed() < TRUSTED || connection.answers() {
                return Ok(connection);
            }
        }
        let connection = self.source.connect(&self.place)?;
        match self.source {
            Source::Memory => {
                let mut db = Db::new(connection, self.place.clone(), "open");
                schema::migrate(&mut db)?;
                Ok(db.into_connection())
            }
            _ => Ok(connection),
        }
    }

    fn rested(&self) -> Option<Resting> {
        self.state().resting.pop()
    }
}

/// The turn of a thread, with its connection; other threads may have to wait while it lasts.
struct Turn<'p> {
    pool: &'p Pool,
    thread: ThreadId,
    db: Option<Db>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let reusable = self.db.take().filter(|db| db.is_reusable() && !thread::panicking()).map(Db::into_connection);
        let mut state = self.pool.state();
        if let Some(nth) = state.working.iter().position(|thread| *thread == self.thread) {
            state.working.swap_remove(nth);
        }
        let mut surplus = None;
        if let Some(connection) = reusable {
            if state.working.len() + state.resting.len() < MOST {
                state.resting.push(Resting { connection, since: Instant::now() });
            } else {
                surplus = Some(connection);
            }
        }
        drop(state);
        self.pool.returned.notify_one();
        drop(surplus);
    }
}
