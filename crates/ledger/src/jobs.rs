//! Jobs: work of which one run at a time goes on, on all machines that share the ledger.
//!
//! A run begins with a kind and a subject, such as a release line, and gets a lease: until its end no other run of the same begins. A
//! living run renews its lease, and reports its progress; a dead one loses it, and the next one takes its place. Whether a run may still
//! write is checked in the transaction that writes ([`Batch::job`](crate::Batch::job)): a run that was cancelled or has lost its lease
//! writes no event.

use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;

use crate::db::{Arg, Db, Row};
use crate::job::{Cancel, Claim, Job, JobProgress, JobState, Lease, Outcome};
use crate::{Ledger, LedgerError};

type Result<T> = std::result::Result<T, LedgerError>;

/// The columns of a job, in the order of [`job_of`].
const COLUMNS: &str = "id, kind, about, actor, coalesce(worker, ''), begun, renewed, due, ended, outcome, step, step_done, step_total, \
                       cancelled, cancelled_by, committed, error, held";

/// The job in a row, with its state at a time.
fn job_of(row: &Row, now: Timestamp) -> Result<Job> {
    let time = |column| timestamp(column, row.int(column)?);
    let time_or_none = |column| row.int_or_null(column)?.map(|micros| timestamp(column, micros)).transpose();
    let count = |column| Ok::<_, LedgerError>(row.int_or_null(column)?.and_then(|n| u64::try_from(n).ok()));
    let text = |column| Ok::<_, LedgerError>(row.text_or_null(column)?.map(str::to_owned));
    let until = time(7)?;
    let state = match row.text_or_null(9)? {
        None if until > now => JobState::Running,
        None => JobState::Lapsed,
        Some("done") => JobState::Done,
        Some("failed") => JobState::Failed,
        Some("cancelled") => JobState::Cancelled,
        Some("lost") => JobState::Lost,
        Some(other) => {
            let message = format!("{other:?} is an end that this version does not know");
            return Err(LedgerError::Unreadable { what: format!("job {}", row.count(0)?), message });
        }
    };
    let progress = match text(10)? {
        Some(step) => Some(JobProgress { step, done: count(11)?, total: count(12)? }),
        None => None,
    };
    let cancel = match (time_or_none(13)?, text(14)?) {
        (Some(at), Some(by)) => Some(Cancel { by, at }),
        _ => None,
    };
    Ok(Job {
        id: row.count(0)?,
        kind: row.text(1)?.to_owned(),
        about: row.text(2)?.to_owned(),
        state,
        actor: row.text(3)?.to_owned(),
        worker: row.text(4)?.to_owned(),
        begun: time(5)?,
        renewed: time(6)?,
        until,
        ended: time_or_none(8)?,
        progress,
        cancel,
        committed: count(15)?,
        error: text(16)?,
    })
}

fn timestamp(column: usize, micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros)
        .map_err(|e| LedgerError::Unreadable { what: format!("the time in column {column} of a job"), message: e.to_string() })
}

fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// The text with a replacement for NUL, which PostgreSQL does not store.
fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn after(now: Timestamp, time: SignedDuration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// The first row of a condition, locked until the transaction ends. Writers of SQLite take turns anyway.
fn locked(db: &mut Db, condition: &str, args: &[Arg<'_>]) -> Result<Option<Row>> {
    let lock = if db.is_postgres() { "FOR UPDATE" } else { "" };
    db.row(AssertSqlSafe(format!("SELECT {COLUMNS} FROM jobs WHERE {condition} {lock}")), args)
}

/// Marks the events of a run as written, in the transaction that writes them: it cannot be cancelled from then on. `last` is the number of
/// the last event.
///
/// # Errors
/// As [`Ledger::renew_job`]; the caller has to roll the transaction back then.
pub(crate) fn commit(db: &mut Db, lease: &Lease, last: u64) -> Result<()> {
    let sql = "UPDATE jobs SET committed = $1 WHERE id = $2 AND state = 'leased' AND cancelled IS NULL";
    if db.exec(sql, &[last.into(), lease.id.into()])? == 0 { Err(stopped(db, lease)?) } else { Ok(()) }
}

/// The error because of which a run may not go on.
fn stopped(db: &mut Db, lease: &Lease) -> Result<LedgerError> {
    let row = db.row("SELECT cancelled, cancelled_by FROM jobs WHERE id = $1", &[lease.id.into()])?;
    let cancelled = row.as_ref().map(|row| Ok::<_, LedgerError>((row.int_or_null(0)?, row.text_or_null(1)?))).transpose()?;
    Ok(match cancelled {
        Some((Some(at), Some(by))) => LedgerError::JobCancelled { id: lease.id, by: by.to_owned(), at: timestamp(0, at)? },
        _ => LedgerError::LeaseLost { id: lease.id, kind: lease.kind.clone(), about: lease.about.clone() },
    })
}

/// Ends a run that has not ended; gives the number of rows that it changed, 0 or 1.
fn end(db: &mut Db, id: u64, now: Timestamp, outcome: &str, error: Option<&str>) -> Result<u64> {
    db.exec(
        "UPDATE jobs SET state = 'done', ended = $1, outcome = $2, error = $3 WHERE id = $4 AND state = 'leased'",
        &[micros(now).into(), outcome.into(), error.into(), id.into()],
    )
}

impl Ledger {
    /// Begins a run, and leases its place for a time. A run whose lease is over, or that held the same lock, loses its place.
    ///
    /// # Errors
    /// [`LedgerError::JobHeld`] where another run has the place.
    pub fn begin_job(&self, claim: &Claim, now: Timestamp, time: SignedDuration) -> Result<Lease> {
        let Claim { kind, about, actor, worker, held } = claim;
        let (kind, about) = (text(kind), text(about));
        self.pool.write("begin a job", |db| {
            // Where no row is found and none can be written, another run has begun between the two: the next turn finds it.
            loop {
                let args = [kind.as_str().into(), about.as_str().into()];
                if let Some(row) = locked(db, "kind = $1 AND about = $2 AND state = 'leased'", &args)? {
                    let other = job_of(&row, now)?;
                    let has_died = held.is_some() && row.text_or_null(17)? == held.as_deref();
                    if other.state == JobState::Running && !has_died {
                        return Err(LedgerError::JobHeld(Box::new(other)));
                    }
                    let outcome = if other.cancel.is_some() { JobState::Cancelled } else { JobState::Lost };
                    end(db, other.id, now, outcome.as_str(), None)?;
                }
                let row = db.row(
                    "INSERT INTO jobs (kind, about, actor, worker, held, begun, renewed, due, state, payload, attempts, allowed) \
                     VALUES ($1, $2, $3, $4, $5, $6, $6, $7, 'leased', '', 1, 1) ON CONFLICT DO NOTHING RETURNING id",
                    &[
                        kind.as_str().into(),
                        about.as_str().into(),
                        text(actor).into(),
                        text(worker).into(),
                        held.as_deref().map(text).into(),
                        micros(now).into(),
                        micros(after(now, time)).into(),
                    ],
                )?;
                if let Some(row) = row {
                    return Ok(Lease { id: row.count(0)?, kind: kind.clone(), about: about.clone() });
                }
            }
        })
    }

    /// Leases the place of a run for another time, and writes its progress. A lease that is over is renewed where no other run took the
    /// place.
    ///
    /// # Errors
    /// [`LedgerError::JobCancelled`] where the run was cancelled, and [`LedgerError::LeaseLost`] where it has ended or another run took its
    /// place.
    pub fn renew_job(&self, lease: &Lease, now: Timestamp, time: SignedDuration, progress: &JobProgress) -> Result<()> {
        let count = |n: Option<u64>| n.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        self.pool.write("renew a job", |db| {
            let touched = db.exec(
                "UPDATE jobs SET renewed = $1, due = $2, step = $3, step_done = $4, step_total = $5 \
                 WHERE id = $6 AND state = 'leased' AND cancelled IS NULL",
                &[
                    micros(now).into(),
                    micros(after(now, time)).into(),
                    text(&progress.step).into(),
                    count(progress.done).into(),
                    count(progress.total).into(),
                    lease.id.into(),
                ],
            )?;
            if touched == 0 { Err(stopped(db, lease)?) } else { Ok(()) }
        })
    }

    /// Writes how a run has ended.
    ///
    /// # Errors
    /// [`LedgerError::LeaseLost`] where another run took its place, or it has ended.
    pub fn end_job(&self, lease: &Lease, now: Timestamp, outcome: &Outcome) -> Result<()> {
        let (state, error) = match outcome {
            Outcome::Done => (JobState::Done, None),
            Outcome::Failed(kind) => (JobState::Failed, Some(*kind)),
            Outcome::Cancelled => (JobState::Cancelled, None),
        };
        if self.pool.write("end a job", |db| end(db, lease.id, now, state.as_str(), error))? == 0 {
            return Err(LedgerError::LeaseLost { id: lease.id, kind: lease.kind.clone(), about: lease.about.clone() });
        }
        Ok(())
    }

    /// Cancels a run: it ends before its next step, and writes no more events. A run whose lease is over ends at once.
    ///
    /// # Errors
    /// [`LedgerError::NoJob`], [`LedgerError::JobEnded`], and [`LedgerError::JobCommitted`] where its events are written already.
    pub fn cancel_job(&self, id: u64, actor: &str, now: Timestamp) -> Result<Job> {
        self.pool.write("cancel a job", |db| {
            let row = locked(db, "id = $1", &[id.into()])?.ok_or(LedgerError::NoJob { id })?;
            let found = job_of(&row, now)?;
            if let Some(at) = found.ended {
                return Err(LedgerError::JobEnded { id, at, state: found.state.as_str() });
            }
            if let Some(seq) = found.committed {
                return Err(LedgerError::JobCommitted { id, seq });
            }
            // Whoever asked first is named.
            let args = [micros(now).into(), text(actor).into(), id.into()];
            db.exec("UPDATE jobs SET cancelled = $1, cancelled_by = $2 WHERE id = $3 AND cancelled IS NULL", &args)?;
            if found.state == JobState::Lapsed {
                end(db, id, now, JobState::Cancelled.as_str(), None)?;
            }
            let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM jobs WHERE id = $1"));
            job_of(&db.one(sql, &[id.into()])?, now)
        })
    }

    /// The running jobs, and with `ended` the ended ones as well; the newest first, no more than `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn jobs(&self, ended: bool, limit: Option<u64>, now: Timestamp) -> Result<Vec<Job>> {
        let clause = if ended { "about IS NOT NULL" } else { "about IS NOT NULL AND state = 'leased'" };
        let limit = limit.map(|n| format!("LIMIT {n}")).unwrap_or_default();
        let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM jobs WHERE {clause} ORDER BY id DESC {limit}"));
        self.pool.with("read the jobs", |db| db.rows(sql, &[]))?.iter().map(|row| job_of(row, now)).collect()
    }

    /// Removes the jobs that ended before a time; gives their number.
    ///
    /// # Errors
    /// When the database fails.
    pub fn prune_jobs(&self, before: Timestamp) -> Result<u64> {
        let sql = "DELETE FROM jobs WHERE state = 'done' AND ended < $1";
        self.pool.write("remove jobs", |db| db.exec(sql, &[micros(before).into()]))
    }
}
