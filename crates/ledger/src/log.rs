//! The log: appended to under one lock, read in pages, checked from its first event to its last.

use std::ops::Range;

use jiff::Timestamp;
use seaworthy_model::case::CaseKey;
use seaworthy_model::subject::{Scan, SubjectId, TimeCorrected};
use seaworthy_model::{CveId, Digest};
use sqlx::AssertSqlSafe;

use crate::append::{AHEAD, Prepared, not_ahead, rebuild, view_digest, write};
use crate::cases::{Filter, Sight};
use crate::chain::{ENTRY, Head, PAGE, check, corrections, each_page, entry_of, head, lock};
use crate::job::Lease;
use crate::{Draft, Entry, Ledger, LedgerError, jobs, views};

type Result<T> = std::result::Result<T, LedgerError>;

/// What a check of the whole log has found in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many events there are.
    pub entries: u64,
    /// How many of them this version does not know: their digests hold, and no view has them.
    pub unknown: u64,
    /// The last one's digest. Kept elsewhere, it proves later that nothing before it was changed.
    pub head: Option<Digest>,
}

/// What building the views anew has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The events.
    pub events: u64,
    /// The digest of the view before.
    pub before: Digest,
    /// And after; the same, unless something had changed the view behind the ledger's back.
    pub after: Digest,
}

/// Events that are written together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The events.
    pub events: Vec<Draft>,
    /// The run that writes them. Where it was cancelled, or has lost its place to another one, nothing is written; from here on it cannot
    /// be cancelled.
    pub job: Option<Lease>,
    /// The subjects by which this was decided, each with its version then: the number of its last event, or of the log's last event. Where
    /// one has gone on since, nothing is written.
    pub expect: Vec<(SubjectId, u64)>,
}

/// Which entries to read.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// From this number on.
    pub from: u64,
    /// Only before this number.
    pub before: Option<u64>,
    /// Of cases of this CVE.
    pub cve: Option<CveId>,
    /// Of cases of this package.
    pub package: Option<String>,
    /// Of this kind, such as `scanned`.
    pub kind: Option<String>,
    /// The newest first.
    pub newest_first: bool,
    /// No more than this.
    pub limit: Option<u64>,
    /// What may be seen of cases under embargo.
    pub sight: Sight,
}

impl Ledger {
    /// The last event.
    ///
    /// # Errors
    /// When the database fails.
    pub fn head(&self) -> Result<Head> {
        self.pool.with("look up the last event", |db| head(db, ""))
    }

    /// Writes events, all or none; says their numbers.
    ///
    /// # Errors
    /// When one may not follow on what is there, which it names; nothing is written then.
    pub fn append(&self, events: Vec<Draft>) -> Result<Range<u64>> {
        self.commit(Batch { events, ..Batch::default() })
    }

    /// Writes events that were decided on by subjects at their versions then.
    ///
    /// # Errors
    /// As [`Ledger::append`], and [`LedgerError::Moved`] where one of the subjects has gone on.
    pub fn append_if(&self, expect: Vec<(SubjectId, u64)>, events: Vec<Draft>) -> Result<Range<u64>> {
        self.commit(Batch { events, expect, ..Batch::default() })
    }

    /// Writes events, all or none; says their numbers.
    ///
    /// # Errors
    /// As [`Ledger::append_if`]. [`LedgerError::Unfit`] also for an event that is later than the ledger's clock,
    /// [`LedgerError::JobCancelled`] and [`LedgerError::LeaseLost`] where the run may not go on.
    pub fn commit(&self, batch: Batch) -> Result<Range<u64>> {
        // What can be done before the others have to wait, is.
        let mut prepared = Vec::with_capacity(batch.events.len());
        for (i, new) in batch.events.into_iter().enumerate() {
            prepared.push(Prepared::new(new).map_err(|what| LedgerError::Unfit { nth: i + 1, what })?);
        }
        if let Some(clock) = &self.clock {
            not_ahead(&prepared, clock()).map_err(|(nth, what)| LedgerError::Unfit { nth, what })?;
        }
        let written = prepared.len() as u64;
        let range = self.pool.write("write", |db| {
            let last = head(db, lock(db))?;
            if let Some(moved) = views::moved(db, &batch.expect)? {
                return Err(moved);
            }
            let range = write(db, last, &prepared)?;
            if let Some(lease) = &batch.job {
                jobs::commit(db, lease, range.end - 1)?;
            }
            Ok(range)
        })?;
        self.pool.tidy(written);
        Ok(range)
    }

    /// The events that are dated later than now by more than a day: a clock was wrong when they were written.
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

    /// Corrects the time of an event that was dated by a wrong clock. The event stays as it is; what is read of the log has the new time,
    /// and the views are built anew by it.
    ///
    /// # Errors
    /// [`LedgerError::NoEvent`] where there is none of this number; as [`Ledger::rebuild`] where the log does not hold with the new time.
    pub fn correct_time(&self, seq: u64, to: Timestamp, at: Timestamp, actor: &str, why: &str) -> Result<u64> {
        if seq == 0 || seq > self.head()?.seq {
            return Err(LedgerError::NoEvent { seq });
        }
        let draft = Draft { why: Some(why.to_owned()), ..Draft::new(at, actor, TimeCorrected { seq, to }) };
        Ok(self.append(vec![draft])?.start)
    }

    /// The entries that a choice takes.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn entries(&self, choice: &Entries) -> Result<Vec<Entry>> {
        let mut out = Vec::new();
        self.each_entry(choice, |entry| {
            out.push(entry);
            Ok(())
        })?;
        Ok(out)
    }

    /// Hands out entries one by one, at one point in time, so that a long log needs little memory. What takes them may read and write the
    /// ledger itself.
    ///
    /// # Errors
    /// When one cannot be read, or by what takes it.
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

    /// All that happened to a case, oldest first, whether it is under embargo or not.
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

    /// The last scan of a selector.
    ///
    /// # Errors
    /// As [`Ledger::entries`].
    pub fn last_scan(&self, selector: &str) -> Result<Option<Scan>> {
        Ok(self.subject::<Scan>(&selector.to_owned())?.map(|(scan, _)| scan))
    }

    /// Computes every digest of the log again.
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

    /// The number of the event with a digest. A digest that was noted earlier and is not found any more tells that the end of the log
    /// was cut off, or all of it replaced, which the log by itself cannot tell.
    ///
    /// # Errors
    /// When the database fails.
    pub fn find(&self, digest: &Digest) -> Result<Option<u64>> {
        let sql = "SELECT seq FROM events WHERE digest = $1";
        let row = self.pool.with("look for an event in", |db| db.row(sql, &[digest.to_string().into()]))?;
        row.map(|row| row.count(0)).transpose()
    }

    /// Drops the views and folds them from the log again, in one transaction.
    ///
    /// # Errors
    /// When an event cannot be read, or may not follow; the views are then as they were.
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

    /// The digest of the views: the same events give the same, on every database.
    ///
    /// # Errors
    /// When the database fails.
    pub fn view_digest(&self) -> Result<Digest> {
        self.pool.read("read the cases", view_digest)
    }
}
