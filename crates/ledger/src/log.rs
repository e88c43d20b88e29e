//! The log: written under one lock, read in pages, and verified from its first event to its last.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;
use rayon::prelude::*;
use seaworthy_model::case::CaseKey;
use seaworthy_model::subject::{Scan, SubjectId, TimeCorrected};
use seaworthy_model::{CveId, Digest};
use sqlx::AssertSqlSafe;

use crate::append::{AHEAD, Prepared, not_ahead, rebuild, view_digest, write};
use crate::cases::{Filter, Sight};
use crate::chain::{ENTRY, Head, PAGE, check, corrections, each_page, entry_of, head, lock};
use crate::db::{Arg, Db};
use crate::fold::ROWS;
use crate::job::Lease;
use crate::{Draft, Entry, Event, Ledger, LedgerError, batches, jobs, views};

type Result<T> = std::result::Result<T, LedgerError>;

/// The result of verifying a log without a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The number of events.
    pub entries: u64,
    /// The number of events of kinds that this version does not know. Their digests are right, and no view has them.
    pub unknown: u64,
    /// The digest of the last event; `None` for an empty log. Kept elsewhere, it proves later that no event up to it was changed.
    pub head: Option<Digest>,
}

/// The result of building the views again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The number of events.
    pub events: u64,
    /// The digest of the views before.
    pub before: Digest,
    /// The digest of the views after; the same, unless they were changed in another way than through the ledger.
    pub after: Digest,
}

/// Events that are written as a whole or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The events.
    pub events: Vec<Draft>,
    /// The job that writes them. Where it was cancelled, or has lost its place, nothing is written; once they are written it cannot be
    /// cancelled.
    pub job: Option<Lease>,
    /// The subjects that the events were decided by, each with its version then: the number of its last event, or of the log's last event.
    /// Where a subject has a later event, nothing is written.
    pub expect: Vec<(SubjectId, u64)>,
}

/// The choice of entries that are read.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// The lowest number.
    pub from: u64,
    /// The number before which entries end; `None` for the end of the log.
    pub before: Option<u64>,
    /// The CVE of their cases.
    pub cve: Option<CveId>,
    /// The source package of their cases.
    pub package: Option<String>,
    /// The kind, such as `scanned`.
    pub kind: Option<String>,
    /// The actor.
    pub actor: Option<String>,
    /// Whether the newest entry is the first.
    pub newest_first: bool,
    /// The greatest number of entries; `None` for all.
    pub limit: Option<u64>,
    /// The sight of cases under embargo.
    pub sight: Sight,
}

/// Writes prepared events where the subjects that they were decided by have no later event.
fn put(db: &mut Db, prepared: &[Prepared], expect: &[(SubjectId, u64)], job: Option<&Lease>) -> Result<Range<u64>> {
    let last = head(db, lock(db))?;
    if let Some(moved) = views::moved(db, expect)? {
        return Err(moved);
    }
    let range = write(db, last, prepared)?;
    batches::keep(db, &range)?;
    if let Some(lease) = job {
        jobs::commit(db, lease, range.end - 1)?;
    }
    Ok(range)
}

impl Ledger {
    /// The number and digest of the last event.
    ///
    /// # Errors
    /// When the database fails.
    pub fn head(&self) -> Result<Head> {
        self.pool.with("look up the last event", |db| head(db, ""))
    }

    /// Writes events, all or none; gives their numbers.
    ///
    /// # Errors
    /// When an event does not follow from those before it; the error names it, and nothing is written.
    pub fn append(&self, events: Vec<Draft>) -> Result<Range<u64>> {
        self.commit(Batch { events, ..Batch::default() })
    }

    /// Writes events that were decided by subjects at some versions.
    ///
    /// # Errors
    /// As [`Ledger::append`], and [`LedgerError::Moved`] where a subject has a later event.
    pub fn append_if(&self, expect: Vec<(SubjectId, u64)>, events: Vec<Draft>) -> Result<Range<u64>> {
        self.commit(Batch { events, expect, ..Batch::default() })
    }

    /// Writes a batch, all of it or nothing; gives the numbers of its events.
    ///
    /// # Errors
    /// As [`Ledger::append_if`]. [`LedgerError::Unfit`] also for an event that is later than the ledger's clock, and
    /// [`LedgerError::JobCancelled`] or [`LedgerError::LeaseLost`] where the job may not go on.
    pub fn commit(&self, batch: Batch) -> Result<Range<u64>> {
        let Batch { events, job, expect } = batch;
        // What can be done before the others have to wait, is.
        let prepared = self.prepared(events)?;
        let range = self.pool.write("write", |db| put(db, &prepared, &expect, job.as_ref()))?;
        self.pool.tidy(prepared.len() as u64);
        Ok(range)
    }

    /// Tries to write a batch, and writes nothing: it fails where [`Ledger::commit`] would.
    ///
    /// # Errors
    /// As [`Ledger::commit`].
    pub fn attempt(&self, batch: Batch) -> Result<()> {
        let Batch { events, job, expect } = batch;
        let prepared = self.prepared(events)?;
        self.pool.attempt("write", |db| put(db, &prepared, &expect, job.as_ref())).map(drop)
    }

    fn prepared(&self, events: Vec<Draft>) -> Result<Vec<Prepared>> {
        let prepare = |(i, new)| Prepared::new(new).map_err(|what| LedgerError::Unfit { nth: i + 1, what });
        let prepared: Vec<Result<Prepared>> = events.into_par_iter().enumerate().map(prepare).collect();
        // The first that does not fit is the one that is told.
        let prepared = prepared.into_iter().collect::<Result<Vec<_>>>()?;
        if let Some(clock) = &self.clock {
            not_ahead(&prepared, clock()).map_err(|(nth, what)| LedgerError::Unfit { nth, what })?;
        }
        Ok(prepared)
    }

    /// The events that are dated more than a day later than now: a clock was wrong when they were written.
    ///
    /// # Errors
    /// When the database fails.
    pub fn ahead(&self, now: Timestamp) -> Result<Vec<Entry>> {
        let limit = now.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
        self.pool.read("look for events of the future in", |db| {
            let mut out = Vec::new();
            if db.one("SELECT latest FROM head WHERE id = 1", &[])?.int(0)? > limit.as_microsecond() {
                each_page(db, 0, |_, entries| {
                    out.extend(entries.into_iter().filter(|entry| entry.at > limit));
                    Ok(())
                })?;
            }
            Ok(out)
        })
    }

    /// Corrects the time of an event that a wrong clock has dated; gives the number of the event that says so. The event stays as it is;
    /// readers of the log get the new time, and the views are built again with it.
    ///
    /// # Errors
    /// [`LedgerError::NoEvent`] where no event has this number; as [`Ledger::append`] where the log does not fold with the new time.
    pub fn correct_time(&self, seq: u64, to: Timestamp, at: Timestamp, actor: &str, why: &str) -> Result<u64> {
        if seq == 0 || seq > self.head()?.seq {
            return Err(LedgerError::NoEvent { seq });
        }
        let draft = Draft { why: Some(why.to_owned()), ..Draft::new(at, actor, TimeCorrected { seq, to }) };
        Ok(self.append(vec![draft])?.start)
    }

    /// The chosen entries.
    ///
    /// # Errors
    /// When an entry cannot be read.
    pub fn entries(&self, choice: &Entries) -> Result<Vec<Entry>> {
        let mut out = Vec::new();
        self.each_entry(choice, |entry| {
            out.push(entry);
            Ok(())
        })?;
        Ok(out)
    }

    /// Gives the chosen entries to `take` one by one, as of one point in time, so that a long log needs little memory. `take` may itself
    /// read and write the ledger.
    ///
    /// # Errors
    /// When an entry cannot be read, and the errors of `take`.
    pub fn each_entry(&self, choice: &Entries, mut take: impl FnMut(Entry) -> Result<()>) -> Result<()> {
        let mut left = choice.limit.unwrap_or(u64::MAX);
        let (mut from, mut before) = (choice.from, choice.before);
        self.pool.read("read events", |db| {
            let corrections = corrections(db)?;
            while left > 0 {
                let mut filter = Filter::new();
                filter.and("e.seq >= ?", [from.into()]);
                if let Some(before) = before {
                    filter.and("e.seq < ?", [before.into()]);
                }
                if let Some(kind) = &choice.kind {
                    filter.and("e.kind = ?", [kind.as_str().into()]);
                }
                if let Some(actor) = &choice.actor {
                    filter.and("e.actor = ?", [actor.as_str().into()]);
                }
                match (choice.cve, choice.package.as_deref()) {
                    (None, None) => {}
                    (Some(cve), None) => filter.and("e.subject IN (SELECT id FROM cases WHERE cve = ?)", [cve.key().into()]),
                    (None, Some(package)) => filter.and("e.subject IN (SELECT id FROM cases WHERE package = ?)", [package.into()]),
                    (Some(cve), Some(package)) => {
                        filter.and("e.subject IN (SELECT id FROM cases WHERE cve = ? AND package = ?)", [cve.key().into(), package.into()])
                    }
                }
                if let Some(until) = choice.sight.hides_after() {
                    filter.and("NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = e.subject AND c.embargo_until > ?)", [until.into()]);
                }
                let order = if choice.newest_first { "DESC" } else { "ASC" };
                let size = left.min(PAGE);
                let (clause, args) = filter.done();
                let rows =
                    db.rows(AssertSqlSafe(format!("SELECT {ENTRY} FROM events e {clause} ORDER BY e.seq {order} LIMIT {size}")), &args)?;
                let Some(last) = rows.last() else { break };
                let last = last.count(0)?;
                if choice.newest_first {
                    before = Some(last)
                } else {
                    from = last + 1
                }
                left -= rows.len() as u64;
                let done = (rows.len() as u64) < size;
                for row in &rows {
                    take(entry_of(row, &corrections)?)?;
                }
                if done {
                    break;
                }
            }
            Ok(())
        })
    }

    /// The events of a case, the oldest first, whether it is under embargo or not.
    ///
    /// # Errors
    /// As [`Ledger::entries`].
    pub fn history(&self, key: &CaseKey) -> Result<Vec<Entry>> {
        let sql = AssertSqlSafe(format!("SELECT {ENTRY} FROM events e WHERE e.subject = $1 AND e.kind = 'case' ORDER BY e.seq"));
        self.pool.read("read the history of a case", |db| {
            let corrections = corrections(db)?;
            db.rows(sql, &[key.id().into()])?.iter().map(|row| entry_of(row, &corrections)).collect()
        })
    }

    /// The events of cases, the oldest first, whether they are under embargo or not.
    ///
    /// # Errors
    /// As [`Ledger::entries`].
    pub fn histories(&self, keys: &BTreeSet<CaseKey>) -> Result<BTreeMap<CaseKey, Vec<Entry>>> {
        let ids: Vec<String> = keys.iter().map(CaseKey::id).collect();
        let mut out: BTreeMap<CaseKey, Vec<Entry>> = BTreeMap::new();
        self.pool.read("read the histories of cases", |db| {
            let corrections = corrections(db)?;
            for chunk in ids.chunks(2 * ROWS) {
                let list = db.values(1, chunk.len());
                let sql = format!("SELECT {ENTRY} FROM events e WHERE e.kind = 'case' AND e.subject IN {list} ORDER BY e.seq");
                let args: Vec<Arg<'_>> = chunk.iter().map(|id| id.as_str().into()).collect();
                for row in &db.rows(AssertSqlSafe(sql), &args)? {
                    let entry = entry_of(row, &corrections)?;
                    let Event::Case(step) = &entry.event else { continue };
                    out.entry(step.key.clone()).or_default().push(entry);
                }
            }
            Ok(out)
        })
    }

    /// The last scan of a selector; `None` where there is none.
    ///
    /// # Errors
    /// As [`Ledger::entries`].
    pub fn last_scan(&self, selector: &str) -> Result<Option<Scan>> {
        Ok(self.subject::<Scan>(&selector.to_owned())?.map(|(scan, _)| scan))
    }

    /// Verifies the digest of each event in the log.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] with the first event that is not as it was written, or not where it was.
    pub fn verify(&self) -> Result<Verified> {
        self.pool.read("check", |db| {
            let (mut seq, mut after, mut before, mut unknown) = (0, i64::MIN, None::<String>, 0);
            loop {
                let sql =
                    AssertSqlSafe(format!("SELECT {ENTRY}, e.kind, e.subject FROM events e WHERE e.seq > $1 ORDER BY e.seq LIMIT {PAGE}"));
                let rows = db.rows(sql, &[after.into()])?;
                let Some(last) = rows.last() else { break };
                after = last.int(0)?;
                for row in &rows {
                    let (digest, known) = check(row, seq + 1, before.as_deref())?;
                    before = Some(digest);
                    unknown += u64::from(!known);
                    seq += 1;
                }
            }
            let last = head(db, "")?;
            let digest = last.digest.map(|d| d.to_string());
            if last.seq > seq {
                let what = format!("it is missing: the last event that was written is {}", last.seq);
                return Err(LedgerError::Broken { seq: seq + 1, what });
            }
            if last.seq < seq || digest != before {
                let what = "it is not the last event that was written".to_owned();
                return Err(LedgerError::Broken { seq: (last.seq + 1).min(seq), what });
            }
            Ok(Verified { entries: seq, unknown, head: last.digest })
        })
    }

    /// The number of the event with a digest; `None` where there is none. A digest that was noted earlier and is not found any more shows
    /// that the end of the log was cut off, or all of it was replaced, which the log itself cannot show.
    ///
    /// # Errors
    /// When the database fails.
    pub fn find(&self, digest: &Digest) -> Result<Option<u64>> {
        let sql = "SELECT seq FROM events WHERE digest = $1";
        let row = self.pool.with("look for an event in", |db| db.row(sql, &[digest.to_string().into()]))?;
        row.map(|row| row.count(0)).transpose()
    }

    /// Removes the views and folds them from the log again, in one transaction.
    ///
    /// # Errors
    /// When an event cannot be read, or does not follow from those before it; the views are then as they were.
    pub fn rebuild(&self) -> Result<Rebuilt> {
        let rebuilt = self.pool.write("build the views of", |db| {
            head(db, lock(db))?;
            let before = view_digest(db)?;
            let events = rebuild(db)?;
            Ok(Rebuilt { events, before, after: view_digest(db)? })
        })?;
        self.pool.tidy(rebuilt.events);
        Ok(rebuilt)
    }

    /// The digest of the views: equal events give equal digests, on both databases.
    ///
    /// # Errors
    /// When the database fails.
    pub fn view_digest(&self) -> Result<Digest> {
        self.pool.read("read the cases", view_digest)
    }
}
