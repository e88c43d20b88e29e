//! Jobs: work that follows from events, leased to one worker at a time.
//!
//! A job is written in the transaction of the events that it follows from. A worker leases it for a while; one that dies loses the
//! lease, and another takes the job over. A job that failed waits, twice as long each time, and after its last attempt it is dead: it
//! stays to be looked at.

use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;

use crate::db::{Arg, Db, Row};
use crate::fold::ROWS;
use crate::{Ledger, LedgerError};

type Result<T> = std::result::Result<T, LedgerError>;

/// The first wait after a failure, and the longest.
const BACKOFF: [SignedDuration; 2] = [SignedDuration::from_secs(30), SignedDuration::from_hours(6)];

/// A job that is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// What kind of work: workers ask by it.
    pub kind: String,
    /// What the worker has to know; commonly JSON.
    pub payload: String,
    /// Not before this.
    pub due: Timestamp,
    /// How often it is tried before it is given up.
    pub attempts: u32,
}

/// A job in the hands of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub id: u64,
    /// The kind of work.
    pub kind: String,
    /// What the worker has to know.
    pub payload: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Who has it.
    pub worker: String,
    /// Until when it is nobody else's.
    pub until: Timestamp,
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadJob {
    /// The job.
    pub id: u64,
    /// The kind of work.
    pub kind: String,
    /// What the worker was told.
    pub payload: String,
    /// How often it was tried.
    pub attempts: u32,
    /// How the last attempt failed.
    pub error: String,
}

/// Writes jobs within the caller's transaction.
pub(crate) fn insert(db: &mut Db, jobs: &[NewJob]) -> Result<()> {
    for chunk in jobs.chunks(ROWS) {
        let mut args: Vec<Arg<'_>> = Vec::with_capacity(chunk.len() * 6);
        for job in chunk {
            let allowed = i64::from(job.attempts.max(1));
            args.extend([
                text(&job.kind).into(),
                text(&job.payload).into(),
                "ready".into(),
                micros(job.due).into(),
                0i64.into(),
                allowed.into(),
            ]);
        }
        let sql = format!("INSERT INTO jobs (kind, payload, state, due, attempts, allowed) VALUES {}", db.values(chunk.len(), 6));
        db.exec(AssertSqlSafe(sql), &args)?;
    }
    Ok(())
}

fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// PostgreSQL keeps no NUL character.
fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

impl Ledger {
    /// Writes jobs that follow from no event. Those that do go with them, by [`Ledger::commit`].
    ///
    /// # Errors
    /// When the database fails.
    pub fn enqueue(&mut self, jobs: &[NewJob]) -> Result<()> {
        self.db.doing("write jobs").write(|db| insert(db, jobs))
    }

    /// Takes the job of a kind that has been due longest, for a while; one whose worker let its time pass counts as due.
    ///
    /// # Errors
    /// When the database fails.
    pub fn lease(&mut self, kind: &str, worker: &str, now: Timestamp, time: SignedDuration) -> Result<Option<Lease>> {
        let until = now.checked_add(time).unwrap_or(Timestamp::MAX);
        // Workers of PostgreSQL pass over rows that another one is taking at this moment; those of SQLite take turns.
        let skip = if self.db.is_postgres() { "FOR UPDATE SKIP LOCKED" } else { "" };
        self.db.doing("lease a job").write(|db| {
            db.exec(
                "UPDATE jobs SET state = 'dead', error = 'the last worker, ' || worker || ', never answered' \
                 WHERE kind = $1 AND state = 'leased' AND due <= $2 AND attempts >= allowed",
                &[kind.into(), micros(now).into()],
            )?;
            let sql = format!(
                "UPDATE jobs SET state = 'leased', worker = $1, due = $2, attempts = attempts + 1 WHERE id = (SELECT id FROM jobs \
                 WHERE kind = $3 AND state IN ('ready', 'leased') AND due <= $4 AND attempts < allowed ORDER BY due, id LIMIT 1 {skip}) \
                 RETURNING id, payload, attempts"
            );
            let args = [text(worker).into(), micros(until).into(), kind.into(), micros(now).into()];
            let row = db.row(AssertSqlSafe(sql), &args)?;
            row.map(|row| {
                let (kind, worker) = (kind.to_owned(), text(worker));
                Ok(Lease { id: row.count(0)?, kind, payload: row.text(1)?.to_owned(), attempt: attempts(&row, 2)?, worker, until })
            })
            .transpose()
        })
    }

    /// The job is done.
    ///
    /// # Errors
    /// [`LedgerError::LeaseLost`] where it is no longer the worker's.
    pub fn complete(&mut self, lease: &Lease) -> Result<()> {
        self.settle(lease, "done", lease.until, None)
    }

    /// The attempt failed: the job is tried again later, or dead after its last attempt.
    ///
    /// # Errors
    /// As [`Ledger::complete`].
    pub fn fail(&mut self, lease: &Lease, now: Timestamp, error: &str) -> Result<()> {
        let wait = BACKOFF[0].checked_mul(1 << (lease.attempt - 1).min(20)).unwrap_or(BACKOFF[1]).min(BACKOFF[1]);
        self.settle(lease, "ready", now.checked_add(wait).unwrap_or(Timestamp::MAX), Some(error))
    }

    fn settle(&mut self, lease: &Lease, state: &str, due: Timestamp, error: Option<&str>) -> Result<()> {
        // The attempt is part of the condition: a worker that comes back late does not settle another one's work, even under one name.
        let touched = self.db.doing("settle a job").exec(
            "UPDATE jobs SET state = CASE WHEN $1 = 'ready' AND attempts >= allowed THEN 'dead' ELSE $1 END, due = $2, error = $3 \
             WHERE id = $4 AND state = 'leased' AND worker = $5 AND attempts = $6",
            &[
                state.into(),
                micros(due).into(),
                error.map(text).into(),
                lease.id.into(),
                lease.worker.as_str().into(),
                i64::from(lease.attempt).into(),
            ],
        )?;
        if touched == 0 { Err(LedgerError::LeaseLost { id: lease.id, worker: lease.worker.clone() }) } else { Ok(()) }
    }

    /// The jobs that were given up, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn dead(&mut self) -> Result<Vec<DeadJob>> {
        let sql = "SELECT id, kind, payload, attempts, coalesce(error, '') FROM jobs WHERE state = 'dead' ORDER BY id LIMIT 10000";
        let rows = self.db.doing("read the dead jobs").rows(sql, &[])?;
        rows.iter()
            .map(|row| {
                let (kind, payload, error) = (row.text(1)?.to_owned(), row.text(2)?.to_owned(), row.text(4)?.to_owned());
                Ok(DeadJob { id: row.count(0)?, kind, payload, attempts: attempts(row, 3)?, error })
            })
            .collect()
    }

    /// Gives a dead job all of its attempts again; says whether it was one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revive(&mut self, id: u64, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE jobs SET state = 'ready', attempts = 0, due = $1 WHERE id = $2 AND state = 'dead'";
        Ok(self.db.doing("revive a job").exec(sql, &[micros(now).into(), id.into()])? > 0)
    }
}

fn attempts(row: &Row, column: usize) -> Result<u32> {
    Ok(u32::try_from(row.count(column)?).unwrap_or(u32::MAX))
}
