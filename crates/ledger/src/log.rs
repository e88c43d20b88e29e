//! The log: appended to under one lock, read in pages, checked from its first event to its last.

use std::ops::Range;

use jiff::Timestamp;
use seaworthy_model::case::CaseKey;
use seaworthy_model::{CveId, Digest};
use sqlx::AssertSqlSafe;

use crate::cases::{Filter, Sight};
use crate::db::{Arg, Db, Row};
use crate::event::{EVENT_LIMIT, Scan, Stored, case_id};
use crate::fold::{ROWS, Step, fold, view_digest};
use crate::jobs::{self, NewJob};
use crate::{Draft, Entry, Event, Ledger, LedgerError};

type Result<T> = std::result::Result<T, LedgerError>;

/// Entries of one page.
const PAGE: u64 = 5000;

pub(crate) const ENTRY: &str = "e.seq, e.happened, e.actor, e.why, e.prior, e.digest, e.event";

/// The last event of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 where the log is empty.
    pub seq: u64,
    /// Its digest, which stands for the whole log up to it.
    pub digest: Option<Digest>,
}

/// What a check of the whole log has found in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many events there are.
    pub entries: u64,
    /// The last one's digest. Kept elsewhere, it proves later that nothing before it was changed.
    pub head: Option<Digest>,
}

/// What building the views anew has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The events of cases.
    pub steps: u64,
    /// The digest of the view before.
    pub before: Digest,
    /// And after; the same, unless something had changed the view behind the ledger's back.
    pub after: Digest,
}

/// Events and jobs that are written together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The events.
    pub events: Vec<Draft>,
    /// The jobs that follow from them.
    pub jobs: Vec<NewJob>,
    /// The last event that was known when this was decided: where the log went on since, nothing is written.
    pub head: Option<u64>,
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
    pub fn head(&mut self) -> Result<Head> {
        head(self.db.doing("look up the last event"), "")
    }

    /// Writes events, all or none; says their numbers.
    ///
    /// # Errors
    /// When one may not follow on what is there, which it names; nothing is written then.
    pub fn append(&mut self, events: Vec<Draft>) -> Result<Range<u64>> {
        self.commit(Batch { events, ..Batch::default() })
    }

    /// Writes events that were decided on when `head` was the last one.
    ///
    /// # Errors
    /// As [`Ledger::append`], and [`LedgerError::Moved`] where there are newer events.
    pub fn append_if(&mut self, head: u64, events: Vec<Draft>) -> Result<Range<u64>> {
        self.commit(Batch { events, head: Some(head), ..Batch::default() })
    }

    /// Writes events and jobs together.
    ///
    /// # Errors
    /// As [`Ledger::append_if`].
    pub fn commit(&mut self, batch: Batch) -> Result<Range<u64>> {
        // What can be done before the others have to wait, is.
        let mut prepared = Vec::with_capacity(batch.events.len());
        for (i, new) in batch.events.into_iter().enumerate() {
            prepared.push(Prepared::new(new).map_err(|what| LedgerError::Unfit { nth: i + 1, what })?);
        }
        let written = prepared.len() as u64;
        let range = self.db.doing("write").write(|db| {
            let last = head(db, lock(db))?;
            if let Some(expected) = batch.head.filter(|h| *h != last.seq) {
                return Err(LedgerError::Moved { expected, found: last.seq });
            }
            let range = write(db, last, &prepared)?;
            jobs::insert(db, &batch.jobs)?;
            Ok(range)
        })?;
        self.db.tidy(written);
        Ok(range)
    }

    /// The entries that a choice takes.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn entries(&mut self, choice: &Entries) -> Result<Vec<Entry>> {
        let mut out = Vec::new();
        self.each_entry(choice, |entry| {
            out.push(entry);
            Ok(())
        })?;
        Ok(out)
    }

    /// Hands out entries one by one, so that a long log needs little memory.
    ///
    /// # Errors
    /// When one cannot be read, or by what takes it.
    pub fn each_entry(&mut self, choice: &Entries, mut take: impl FnMut(Entry) -> Result<()>) -> Result<()> {
        let mut left = choice.limit.unwrap_or(u64::MAX);
        let (mut from, mut before) = (choice.from, choice.before);
        self.db.doing("read events").read(|db| {
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
                    take(entry_of(row)?)?;
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
    pub fn history(&mut self, key: &CaseKey) -> Result<Vec<Entry>> {
        let sql = AssertSqlSafe(format!("SELECT {ENTRY} FROM events e WHERE e.subject = $1 AND e.kind = 'case' ORDER BY e.seq"));
        let rows = self.db.doing("read the history of a case").rows(sql, &[case_id(key).into()])?;
        rows.iter().map(entry_of).collect()
    }

    /// The last scan of a selector.
    ///
    /// # Errors
    /// As [`Ledger::entries`].
    pub fn last_scan(&mut self, selector: &str) -> Result<Option<Scan>> {
        let sql =
            AssertSqlSafe(format!("SELECT {ENTRY} FROM events e WHERE e.subject = $1 AND e.kind = 'scanned' ORDER BY e.seq DESC LIMIT 1"));
        let row = self.db.doing("look up the last scan").row(sql, &[crate::event::subject(selector).into()])?;
        Ok(row.map(|row| entry_of(&row)).transpose()?.and_then(|entry| match entry.event {
            Event::Scanned(scan) => Some(scan),
            _ => None,
        }))
    }

    /// Computes every digest of the log again.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] with the first event that is not as it was written, or not where it was.
    pub fn verify(&mut self) -> Result<Verified> {
        self.db.doing("check").read(|db| {
            let (mut seq, mut after, mut before) = (0, i64::MIN, None::<String>);
            loop {
                let sql =
                    AssertSqlSafe(format!("SELECT {ENTRY}, e.kind, e.subject FROM events e WHERE e.seq > $1 ORDER BY e.seq LIMIT {PAGE}"));
                let rows = db.rows(sql, &[after.into()])?;
                let Some(last) = rows.last() else { break };
                after = last.int(0)?;
                for row in &rows {
                    before = Some(check(row, seq + 1, before.as_deref())?);
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
            Ok(Verified { entries: seq, head: last.digest })
        })
    }

    /// The number of the event with a digest. A digest that was noted earlier and is not found any more tells that the end of the log
    /// was cut off, or all of it replaced, which the log by itself cannot tell.
    ///
    /// # Errors
    /// When the database fails.
    pub fn find(&mut self, digest: &Digest) -> Result<Option<u64>> {
        let row = self.db.doing("look for an event in").row("SELECT seq FROM events WHERE digest = $1", &[digest.to_string().into()])?;
        row.map(|row| row.count(0)).transpose()
    }

    /// Drops the views and folds them from the log again, in one transaction.
    ///
    /// # Errors
    /// When an event cannot be read, or may not follow; the views are then as they were.
    pub fn rebuild(&mut self) -> Result<Rebuilt> {
        let rebuilt = self.db.doing("build the views of").write(|db| {
            head(db, lock(db))?;
            let before = view_digest(db)?;
            db.exec("DELETE FROM cases", &[])?;
            let (mut seq, mut steps) = (0, 0);
            loop {
                let sql =
                    AssertSqlSafe(format!("SELECT {ENTRY} FROM events e WHERE e.kind = 'case' AND e.seq > $1 ORDER BY e.seq LIMIT {PAGE}"));
                let entries = db.rows(sql, &[seq.into()])?.iter().map(entry_of).collect::<Result<Vec<_>>>()?;
                let Some(last) = entries.last() else { break };
                seq = last.seq;
                steps += entries.len() as u64;
                fold(db, &steps_of(entries.iter().map(|e| (e.seq, e.at, &e.event))))?
                    .map_err(|(seq, step)| LedgerError::Broken { seq, what: step.to_string() })?;
            }
            Ok(Rebuilt { steps, before, after: view_digest(db)? })
        })?;
        self.db.tidy(rebuilt.steps);
        Ok(rebuilt)
    }

    /// The digest of the view of cases: the same events give the same, on every database.
    ///
    /// # Errors
    /// When the database fails.
    pub fn view_digest(&mut self) -> Result<Digest> {
        self.db.doing("read the cases").read(view_digest)
    }
}

/// What makes [`head`] wait for other writers. SQLite's writers have waited already.
pub(crate) fn lock(db: &Db) -> &'static str {
    if db.is_postgres() { " FOR UPDATE" } else { "" }
}

pub(crate) fn head(db: &mut Db, lock: &str) -> Result<Head> {
    let row = db.one(AssertSqlSafe(format!("SELECT seq, digest FROM head WHERE id = 1{lock}")), &[])?;
    let digest = row.text_or_null(1)?.map(str::parse).transpose();
    let digest = digest.map_err(|e| LedgerError::Unreadable { what: "the head".into(), message: format!("{e}") })?;
    Ok(Head { seq: row.count(0)?, digest })
}

/// An event in the texts it is stored as.
pub(crate) struct Prepared {
    pub(crate) new: Draft,
    pub(crate) at: String,
    pub(crate) text: String,
}

impl Prepared {
    fn new(mut new: Draft) -> std::result::Result<Self, String> {
        new.fits()?;
        let text = serde_json::to_string(&new.event).map_err(|e| format!("it cannot be written as JSON: {e}"))?;
        if text.len() > EVENT_LIMIT {
            return Err(format!("as JSON it is longer than {EVENT_LIMIT} bytes"));
        }
        // What is folded now is what will be folded when the views are built again: the event as it is read.
        new.event = serde_json::from_str(&text).map_err(|e| format!("its JSON cannot be read: {e}"))?;
        Ok(Self { at: new.at.to_string(), new, text })
    }
}

fn steps_of<'a>(events: impl Iterator<Item = (u64, Timestamp, &'a Event)>) -> Vec<Step<'a>> {
    events
        .filter_map(|(seq, at, event)| match event {
            Event::Case { key, event } => Some(Step { seq, at, key, event }),
            _ => None,
        })
        .collect()
}

/// Writes prepared events behind the last one, within the caller's transaction.
pub(crate) fn write(db: &mut Db, last: Head, events: &[Prepared]) -> Result<Range<u64>> {
    let first = last.seq + 1;
    let steps = steps_of((first..).zip(events).map(|(seq, p)| (seq, p.new.at, &p.new.event)));
    fold(db, &steps)?.map_err(|(seq, step)| LedgerError::Illegal { nth: (seq - last.seq) as usize, step })?;
    let (mut seq, mut before) = (last.seq, last.digest);
    for chunk in events.chunks(ROWS) {
        let mut args: Vec<Arg<'_>> = Vec::with_capacity(chunk.len() * 9);
        for event in chunk {
            seq += 1;
            let (why, prior) = (event.new.why.as_deref(), before.map(|d| d.to_string()));
            let stored = Stored { seq, at: &event.at, actor: &event.new.actor, why, before: prior.as_deref(), event: &event.text };
            let digest = stored.digest();
            before = Some(digest);
            args.extend([
                seq.into(),
                event.at.as_str().into(),
                event.new.actor.as_str().into(),
                why.into(),
                prior.into(),
                digest.to_string().into(),
                event.text.as_str().into(),
                event.new.event.kind().into(),
                event.new.event.subject().into(),
            ]);
        }
        let values = db.values(chunk.len(), 9);
        let sql = format!("INSERT INTO events (seq, happened, actor, why, prior, digest, event, kind, subject) VALUES {values}");
        db.exec(AssertSqlSafe(sql), &args)?;
    }
    if seq > last.seq {
        db.exec("UPDATE head SET seq = $1, digest = $2 WHERE id = 1", &[seq.into(), before.map(|d| d.to_string()).into()])?;
    }
    Ok(first..seq + 1)
}

/// A row of [`ENTRY`].
pub(crate) fn stored_of(row: &Row) -> Result<(Stored<'_>, &str)> {
    let stored = Stored {
        seq: row.count(0)?,
        at: row.text(1)?,
        actor: row.text(2)?,
        why: row.text_or_null(3)?,
        before: row.text_or_null(4)?,
        event: row.text(6)?,
    };
    Ok((stored, row.text(5)?))
}

pub(crate) fn entry_of(row: &Row) -> Result<Entry> {
    let (stored, digest) = stored_of(row)?;
    let unreadable = |message: String| LedgerError::Unreadable { what: format!("event {}", stored.seq), message };
    Ok(Entry {
        seq: stored.seq,
        at: stored.at.parse().map_err(|e| unreadable(format!("{e}")))?,
        actor: stored.actor.to_owned(),
        why: stored.why.map(str::to_owned),
        before: stored.before.map(str::parse).transpose().map_err(|e| unreadable(format!("{e}")))?,
        digest: digest.parse().map_err(|e| unreadable(format!("{e}")))?,
        event: serde_json::from_str(stored.event).map_err(|e| unreadable(e.to_string()))?,
    })
}

/// Checks one entry against its place in the chain; gives its digest as it is written.
fn check(row: &Row, expected: u64, before: Option<&str>) -> Result<String> {
    let (stored, digest) = stored_of(row)?;
    let broken = |what: String| Err(LedgerError::Broken { seq: expected, what });
    if stored.seq != expected {
        return broken(match expected {
            1 => format!("it is missing: the log begins with event {}", stored.seq),
            n => format!("it is missing: after event {} comes {}", n - 1, stored.seq),
        });
    }
    if stored.digest().to_string() != digest {
        return broken("it does not fit its digest: it was changed, or moved here from another place".into());
    }
    if stored.before != before {
        return broken("it was written after another event than the one before it now: that one was replaced".into());
    }
    match serde_json::from_str::<Event>(stored.event) {
        Err(e) => broken(format!("it is none that this version knows: {e}")),
        Ok(event) if event.kind() != row.text(7)? || event.subject().as_deref() != row.text_or_null(8)? => {
            broken("the columns it is found by are not its own".into())
        }
        Ok(_) => Ok(digest.to_owned()),
    }
}
