//! The views of subjects other than cases, and the version of each subject.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use jiff::Timestamp;
use seaworthy_model::DigestWriter;
use seaworthy_model::case::Case;
use seaworthy_model::subject::{Recorded, Subject, SubjectId};
use serde::de::DeserializeOwned;
use sqlx::AssertSqlSafe;

use crate::db::{Arg, Db};
use crate::event::Visitor;
use crate::fold::ROWS;
use crate::{Event, LedgerError};

type Result<T> = std::result::Result<T, LedgerError>;

/// The refusal of an event that may not follow.
pub(crate) type Refusal = Box<dyn Error + Send + Sync>;

/// An event with its number and time.
pub(crate) struct Happened<'a> {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) event: &'a Event,
}

/// A row of the table of subjects.
#[derive(Clone, Default)]
struct View {
    /// The version: the number of the last event that concerns the subject.
    version: u64,
    /// The folded value as JSON; `None` where the subject has no events of its own.
    body: Option<String>,
}

/// The id of a subject in the table.
pub(crate) fn id(subject: &SubjectId) -> String {
    format!("{}\u{1f}{}", subject.kind(), subject.key())
}

/// Whether a subject is a case, which has a table of its own.
pub(crate) fn is_case(subject: &SubjectId) -> bool {
    subject.kind() == Case::KIND
}

/// Folds events into the views, in the transaction of the caller.
///
/// # Errors
/// The number of the first event that may not follow, with the refusal; nothing is written then.
pub(crate) fn fold(db: &mut Db, events: &[Happened<'_>]) -> Result<std::result::Result<(), (u64, Refusal)>> {
    let ids: BTreeSet<SubjectId> = events.iter().flat_map(|e| e.event.moves()).filter(|s| !is_case(s)).collect();
    let mut views = load(db, &ids)?;
    for happened in events {
        for subject in happened.event.moves().into_iter().filter(|s| !is_case(s)) {
            views.entry(subject).or_default().version = happened.seq;
        }
        let folded = happened.event.visit(Fold { views: &mut views, at: happened.at }).transpose()?;
        if let Some(Err(refusal)) = folded {
            return Ok(Err((happened.seq, refusal)));
        }
    }
    store(db, views)?;
    Ok(Ok(()))
}

/// The visitor that applies an event to its own subject.
struct Fold<'a> {
    views: &'a mut BTreeMap<SubjectId, View>,
    at: Timestamp,
}

impl Visitor for Fold<'_> {
    type Output = Result<std::result::Result<(), Refusal>>;

    fn visit<E: Recorded>(self, event: &E) -> Self::Output {
        let key = event.key();
        let subject = E::Subject::id(&key);
        let Some(view) = self.views.get_mut(&subject) else { return Ok(Ok(())) };
        let (at, happened) = (self.at, event.happened());
        let next = match view.body.as_deref() {
            None => E::Subject::begin(&key, at, &happened),
            Some(body) => {
                let mut before: E::Subject = read(&subject, body)?;
                before.apply(at, &happened).map(|()| before)
            }
        };
        match next {
            Err(refusal) => Ok(Err(Box::new(refusal))),
            Ok(next) => {
                let body = serde_json::to_string(&next);
                view.body = Some(body.map_err(|e| LedgerError::Unreadable { what: subject.to_string(), message: e.to_string() })?);
                Ok(Ok(()))
            }
        }
    }
}

fn read<S: DeserializeOwned>(subject: &SubjectId, body: &str) -> Result<S> {
    serde_json::from_str(body).map_err(|e| LedgerError::Unreadable {
        what: format!("the view of {subject}"),
        message: format!("{e}; `seaworthy ledger rebuild` makes it anew from the log"),
    })
}

fn load(db: &mut Db, subjects: &BTreeSet<SubjectId>) -> Result<BTreeMap<SubjectId, View>> {
    let by: BTreeMap<String, &SubjectId> = subjects.iter().map(|s| (id(s), s)).collect();
    let ids: Vec<&str> = by.keys().map(String::as_str).collect();
    let mut out = BTreeMap::new();
    for chunk in ids.chunks(2 * ROWS) {
        let sql = format!("SELECT id, version, body FROM subjects WHERE id IN {}", db.values(1, chunk.len()));
        let args: Vec<Arg<'_>> = chunk.iter().map(|id| (*id).into()).collect();
        for row in db.rows(AssertSqlSafe(sql), &args)? {
            if let Some(subject) = by.get(row.text(0)?) {
                out.insert((*subject).clone(), View { version: row.count(1)?, body: row.text_or_null(2)?.map(str::to_owned) });
            }
        }
    }
    Ok(out)
}

fn store(db: &mut Db, views: BTreeMap<SubjectId, View>) -> Result<()> {
    let views: Vec<(SubjectId, View)> = views.into_iter().collect();
    for chunk in views.chunks(ROWS) {
        let values = db.values(chunk.len(), 4);
        let sql = format!(
            "INSERT INTO subjects (id, kind, version, body) VALUES {values} \
             ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body"
        );
        let args = chunk.iter().flat_map(|(subject, view)| {
            let args: [Arg<'_>; 4] = [id(subject).into(), subject.kind().into(), view.version.into(), view.body.as_deref().into()];
            args
        });
        db.exec(AssertSqlSafe(sql), &args.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// The error for the first subject with a newer version than expected; `None` where there is none.
pub(crate) fn moved(db: &mut Db, expected: &[(SubjectId, u64)]) -> Result<Option<LedgerError>> {
    for cases in [true, false] {
        let of: BTreeMap<String, &(SubjectId, u64)> = expected
            .iter()
            .filter(|(s, _)| is_case(s) == cases)
            .map(|e| (if cases { e.0.key().to_owned() } else { id(&e.0) }, e))
            .collect();
        let ids: Vec<&str> = of.keys().map(String::as_str).collect();
        for chunk in ids.chunks(2 * ROWS) {
            let list = db.values(1, chunk.len());
            let sql = match cases {
                true => format!("SELECT id, last_seq FROM cases WHERE id IN {list}"),
                false => format!("SELECT id, version FROM subjects WHERE id IN {list}"),
            };
            let args: Vec<Arg<'_>> = chunk.iter().map(|id| (*id).into()).collect();
            for row in db.rows(AssertSqlSafe(sql), &args)? {
                let found = row.count(1)?;
                if let Some((subject, expected)) = of.get(row.text(0)?)
                    && found > *expected
                {
                    return Ok(Some(LedgerError::Moved { subject: subject.to_string(), expected: *expected, found }));
                }
            }
        }
    }
    Ok(None)
}

/// The digest of the view.
pub(crate) fn digest(db: &mut Db, into: &mut DigestWriter) -> Result<()> {
    let mut after = String::new();
    loop {
        let rows = db
            .rows("SELECT id, version, coalesce(body, '-') FROM subjects WHERE id > $1 ORDER BY id LIMIT 5000", &[after.as_str().into()])?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.text(0)?.to_owned();
        for row in &rows {
            into.field(row.text(0)?);
            into.field(row.int(1)?.to_le_bytes());
            into.field(row.text(2)?);
        }
    }
}
