//! The connections of a ledger, which threads share.
//!
//! A connection is made when somebody needs one and none rests. It belongs to one piece of work at a time, and comes back when that has
//! ended; one that broke, or whose transaction was left open by a panic, is closed instead.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::LedgerError;
use crate::connection::{Connection, PATIENCE, Source};
use crate::db::Db;
use crate::schema::{self, Access};

type Result<T> = std::result::Result<T, LedgerError>;

/// So many threads work at once; others wait for one of them.
const MOST: usize = 8;

/// A connection that has rested for longer is asked whether it is there still.
const TRUSTED: Duration = Duration::from_secs(1);

/// The connections to one place.
pub(crate) struct Pool {
    source: Source,
    place: Arc<str>,
    /// Why nothing is written; `None` where it may be.
    read_only: Option<String>,
    state: Mutex<State>,
    returned: Condvar,
}

struct State {
    /// The one that was used last is at the end, and is used first.
    resting: Vec<Resting>,
    /// The threads that work, each as often as it has a connection.
    working: Vec<ThreadId>,
}

struct Resting {
    connection: Connection,
    since: Instant,
}

impl Pool {
    /// Makes the first connection, and brings the tables to what this version knows.
    pub(crate) fn open(source: Source, place: String) -> Result<Self> {
        let mut db = Db::new(source.connect(&place)?, place.as_str().into(), "open");
        let access = schema::migrate(&mut db)?;
        let mut pool = Self::new(source, place, db.into_connection());
        if let Access::Read(why) = access {
            pool.refuse_writes(why);
        }
        Ok(pool)
    }

    /// The connections to a place whose tables are as this version knows them, with the first of them.
    pub(crate) fn new(source: Source, place: String, first: Connection) -> Self {
        let state = State { resting: vec![Resting { connection: first, since: Instant::now() }], working: Vec::new() };
        Self { source, place: place.into(), read_only: None, state: Mutex::new(state), returned: Condvar::new() }
    }

    /// Nothing is written from here on, for a reason.
    pub(crate) fn refuse_writes(&mut self, why: String) {
        self.read_only = Some(why);
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only.is_some()
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Works with a connection, outside of a transaction. `doing` says in the message of a failure what was being done.
    pub(crate) fn with<T>(&self, doing: &'static str, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let mut turn = self.turn()?;
        let connection = self.connection()?;
        work(turn.db.insert(Db::new(connection, self.place.clone(), doing)))
    }

    /// Reads at one point in time, whatever others write meanwhile.
    pub(crate) fn read<T>(&self, doing: &'static str, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        self.with(doing, |db| db.read(work))
    }

    /// Does work as a whole or not at all.
    pub(crate) fn write<T>(&self, doing: &'static str, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        if let Some(why) = &self.read_only {
            return Err(LedgerError::ReadOnly { place: self.place().to_owned(), why: why.clone() });
        }
        self.with(doing, |db| db.write(work))
    }

    /// After much was written at once: PostgreSQL's planner knows nothing of it until its statistics are taken, and would sort a whole
    /// queue for its first page.
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

    /// Waits until this thread may work.
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

    /// A connection that rests, or else a new one.
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

/// The part of a thread in the work: while it lasts, others may have to wait.
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
