//! The batches of the log: which events were written together.

use std::ops::{Range, RangeInclusive};

use crate::db::{Db, Row};
use crate::{Ledger, LedgerError};

type Result<T> = std::result::Result<T, LedgerError>;

/// Keeps the numbers of events that were written together, in the caller's transaction.
pub(crate) fn keep(db: &mut Db, events: &Range<u64>) -> Result<()> {
    if !events.is_empty() {
        db.exec("INSERT INTO batches (first, last) VALUES ($1, $2)", &[events.start.into(), (events.end - 1).into()])?;
    }
    Ok(())
}

fn of(row: &Row) -> Result<RangeInclusive<u64>> {
    Ok(row.count(0)?..=row.count(1)?)
}

impl Ledger {
    /// The numbers of the events that were written together with an event; `None` where that is not known: the event does not exist, was
    /// imported, or was written by an earlier version.
    ///
    /// # Errors
    /// When the database fails.
    pub fn batch(&self, event: u64) -> Result<Option<RangeInclusive<u64>>> {
        let sql = "SELECT first, last FROM batches WHERE first <= $1 AND last >= $1 ORDER BY first DESC LIMIT 1";
        let row = self.pool.with("look up a batch", |db| db.row(sql, &[event.into()]))?;
        row.as_ref().map(of).transpose()
    }

    /// The numbers of the events of each batch that begins before an event, the newest first, at most `limit` of them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn batches(&self, before: u64, limit: u64) -> Result<Vec<RangeInclusive<u64>>> {
        let sql = "SELECT first, last FROM batches WHERE first < $1 ORDER BY first DESC LIMIT $2";
        let rows = self.pool.with("read the batches", |db| db.rows(sql, &[before.into(), limit.into()]))?;
        rows.iter().map(of).collect()
    }
}
