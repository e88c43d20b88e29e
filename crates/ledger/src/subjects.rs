//! Queries of subjects other than cases, which read the view.

use seaworthy_model::subject::{Subject, SubjectId};
use serde::de::DeserializeOwned;

use crate::db::Row;
use crate::views::{id, is_case};
use crate::{Ledger, LedgerError};

type Result<T> = std::result::Result<T, LedgerError>;

impl Ledger {
    /// The value of a subject and its version, the number of its last event; `None` where it has no value. An advisory is given whether its
    /// case is under embargo or not.
    ///
    /// # Errors
    /// When the value cannot be read.
    pub fn subject<S: Subject + DeserializeOwned>(&self, key: &S::Key) -> Result<Option<(S, u64)>> {
        let subject = S::id(key);
        let sql = "SELECT version, body FROM subjects WHERE id = $1";
        let row = self.pool.with("look up a subject", |db| db.row(sql, &[id(&subject).into()]))?;
        row.and_then(|row| of::<S>(&subject.to_string(), &row, 0).transpose()).transpose()
    }

    /// The values and versions of all subjects of a kind, by their keys.
    ///
    /// # Errors
    /// When a value cannot be read.
    pub fn subjects<S: Subject + DeserializeOwned>(&self) -> Result<Vec<(S, u64)>> {
        let sql = "SELECT version, body, id FROM subjects WHERE kind = $1 ORDER BY id";
        let rows = self.pool.with("read the subjects of a kind", |db| db.rows(sql, &[S::KIND.into()]))?;
        rows.iter().filter_map(|row| row.text(2).and_then(|id| of::<S>(id, row, 0)).transpose()).collect()
    }

    /// The version of a subject, the number of its last event; 0 where it has none.
    ///
    /// # Errors
    /// When the database fails.
    pub fn version(&self, subject: &SubjectId) -> Result<u64> {
        let row = self.pool.with("look up a subject", |db| match is_case(subject) {
            true => db.row("SELECT last_seq FROM cases WHERE id = $1", &[subject.key().into()]),
            false => db.row("SELECT version FROM subjects WHERE id = $1", &[id(subject).into()]),
        })?;
        row.map_or(Ok(0), |row| row.count(0))
    }
}

fn of<S: Subject + DeserializeOwned>(what: &str, row: &Row, column: usize) -> Result<Option<(S, u64)>> {
    let version = row.count(column)?;
    let Some(body) = row.text_or_null(column + 1)? else { return Ok(None) };
    let read: S = serde_json::from_str(body).map_err(|e| LedgerError::Unreadable {
        what: format!("the view of {}", what.replace('\u{1f}', " ")),
        message: format!("{e}; `seaworthy ledger rebuild` makes it anew from the log"),
    })?;
    Ok(Some((read, version)))
}
