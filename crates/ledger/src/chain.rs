//! The chain: the events as they are stored, each with the digest of the one before.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_model::Digest;
use sqlx::AssertSqlSafe;

use crate::db::{Db, Row};
use crate::event::Stored;
use crate::{Entry, Event, EventError, LedgerError};

type Result<T> = std::result::Result<T, LedgerError>;

/// The number of events in a page.
pub(crate) const PAGE: u64 = 5000;

pub(crate) const ENTRY: &str = "e.seq, e.happened, e.actor, e.why, e.prior, e.digest, e.event";

/// The end of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last event; 0 where the log is empty.
    pub seq: u64,
    /// The digest of the last event, which stands for the whole log up to it; `None` where the log is empty.
    pub digest: Option<Digest>,
}

/// The SQL with which [`head`] waits for other writers; none for SQLite, whose writers have waited already.
pub(crate) fn lock(db: &Db) -> &'static str {
    if db.is_postgres() { " FOR UPDATE" } else { "" }
}

pub(crate) fn head(db: &mut Db, lock: &str) -> Result<Head> {
    let row = db.one(AssertSqlSafe(format!("SELECT seq, digest FROM head WHERE id = 1{lock}")), &[])?;
    let digest = row.text_or_null(1)?.map(str::parse).transpose();
    let digest = digest.map_err(|e| LedgerError::Unreadable { what: "the head".into(), message: format!("{e}") })?;
    Ok(Head { seq: row.count(0)?, digest })
}

/// The corrected times of events, by the number of the event.
pub(crate) type Corrections = BTreeMap<u64, Timestamp>;

pub(crate) fn corrections(db: &mut Db) -> Result<Corrections> {
    let rows = db.rows("SELECT seq, happened FROM corrections", &[])?;
    rows.iter().map(|row| Ok((row.count(0)?, time(row.text(1)?, row.count(0)?)?))).collect()
}

fn time(text: &str, seq: u64) -> Result<Timestamp> {
    text.parse().map_err(|e| LedgerError::Unreadable { what: format!("the time of event {seq}"), message: format!("{e}") })
}

/// Gives all events after a number to `take`, in pages, with their corrected times.
pub(crate) fn each_page(db: &mut Db, mut after: u64, mut take: impl FnMut(&mut Db, Vec<Entry>) -> Result<()>) -> Result<()> {
    let corrections = corrections(db)?;
    loop {
        let sql = AssertSqlSafe(format!("SELECT {ENTRY} FROM events e WHERE e.seq > $1 ORDER BY e.seq LIMIT {PAGE}"));
        let rows = db.rows(sql, &[after.into()])?;
        let entries = rows.iter().map(|row| entry_of(row, &corrections)).collect::<Result<Vec<_>>>()?;
        let Some(last) = entries.last() else { return Ok(()) };
        after = last.seq;
        take(db, entries)?;
    }
}

/// The stored event in a row of [`ENTRY`], with its digest as text.
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

/// The entry of a row of [`ENTRY`], with its time as it was corrected.
pub(crate) fn entry_of(row: &Row, corrections: &Corrections) -> Result<Entry> {
    let (stored, digest) = stored_of(row)?;
    let mut entry = stored.read(digest)?;
    if let Some(corrected) = corrections.get(&entry.seq) {
        entry.stated = Some(std::mem::replace(&mut entry.at, *corrected));
    }
    Ok(entry)
}

/// Checks an event against its place in the chain. Gives its digest as text, and whether this version knows the kind of event.
pub(crate) fn check(row: &Row, expected: u64, before: Option<&str>) -> Result<(String, bool)> {
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
    let event = match Event::from_json(stored.event) {
        Err(cause @ EventError::NoEvent(_)) => return broken(cause.to_string()),
        // It is as it was written: that is no damage, and no digest tells more of it.
        Err(cause) => return Err(LedgerError::Event { seq: expected, cause }),
        Ok(event) => event,
    };
    let known = !matches!(event, Event::Other(_));
    // Of an event that is not known only its JSON can tell what it is filed under, where that does.
    let subject = event.subject().filter(|s| known || !s.is_empty());
    if event.kind() != row.text(7)? || ((known || subject.is_some()) && subject.as_deref() != row.text_or_null(8)?) {
        return broken("the columns it is found by are not its own".into());
    }
    Ok((digest.to_owned(), known))
}
