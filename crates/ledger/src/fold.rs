//! The view of cases: the fold of their events, as a table.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, IllegalStep, priority};
use seaworthy_model::{DigestWriter, Evidence, Severity};
use sqlx::AssertSqlSafe;

use crate::LedgerError;
use crate::db::{Arg, Db};

type Result<T> = std::result::Result<T, LedgerError>;

/// The number of rows in one statement.
pub(crate) const ROWS: usize = 250;

const COLUMNS: &str = "id, line, package, cve, part, state, is_open, score, rank, severity, opened, changed, assignee, expires, \
                       embargo_until, last_seq, body, evidence";
const WIDTH: usize = 18;

/// An event of a case with its number and time.
pub(crate) struct Step<'a> {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) key: &'a CaseKey,
    pub(crate) event: &'a CaseEvent,
}

/// Folds events into the view, in the transaction of the caller.
///
/// # Errors
/// The number of the first event that may not follow, with the refusal; nothing is written then.
pub(crate) fn fold(db: &mut Db, steps: &[Step<'_>]) -> Result<std::result::Result<(), (u64, IllegalStep)>> {
    let ids: BTreeSet<String> = steps.iter().map(|s| s.key.id()).collect();
    let mut cases = load(db, &ids.iter().map(String::as_str).collect::<Vec<_>>())?;
    for step in steps {
        let id = step.key.id();
        let done = match cases.get_mut(&id) {
            Some((case, last)) => case.apply(step.at, step.event).map(|()| *last = step.seq),
            None => Case::open(step.key, step.at, step.event).map(|case| drop(cases.insert(id, (case, step.seq)))),
        };
        if let Err(illegal) = done {
            return Ok(Err((step.seq, illegal)));
        }
    }
    store(db, cases)?;
    Ok(Ok(()))
}

/// The cases with these ids, where they exist, each with the number of its last event.
fn load(db: &mut Db, ids: &[&str]) -> Result<BTreeMap<String, (Case, u64)>> {
    let mut out = BTreeMap::new();
    for chunk in ids.chunks(2 * ROWS) {
        let sql = format!("SELECT id, body, evidence, last_seq FROM cases WHERE id IN {}", db.values(1, chunk.len()));
        let args: Vec<Arg<'_>> = chunk.iter().map(|id| (*id).into()).collect();
        for row in db.rows(AssertSqlSafe(sql), &args)? {
            let id = row.text(0)?;
            out.insert(id.to_owned(), (case_of(id, row.text(1)?, Some(row.text(2)?))?, row.count(3)?));
        }
    }
    Ok(out)
}

/// A case from its columns; without evidence for `None`.
pub(crate) fn case_of(id: &str, body: &str, evidence: Option<&str>) -> Result<Case> {
    let unreadable = |e: serde_json::Error| LedgerError::Unreadable {
        what: format!("case {:?}", id.replace('\u{1f}', " ")),
        message: format!("{e}; `seaworthy ledger rebuild` makes it anew from the log"),
    };
    let mut case: Case = serde_json::from_str(body).map_err(unreadable)?;
    if let Some(evidence) = evidence {
        case.facts.evidence = serde_json::from_str::<Vec<Evidence>>(evidence).map_err(unreadable)?;
    }
    Ok(case)
}

fn store(db: &mut Db, cases: BTreeMap<String, (Case, u64)>) -> Result<()> {
    let mut rows: Vec<[Arg<'static>; WIDTH]> = Vec::with_capacity(cases.len().min(ROWS));
    let mut cases = cases.into_iter().peekable();
    while let Some((id, (case, last))) = cases.next() {
        rows.push(columns(id, case, last)?);
        if rows.len() == ROWS || cases.peek().is_none() {
            let sets: Vec<String> = COLUMNS.split(", ").skip(1).map(|c| format!("{c} = excluded.{c}")).collect();
            let values = db.values(rows.len(), WIDTH);
            let sql = format!("INSERT INTO cases ({COLUMNS}) VALUES {values} ON CONFLICT (id) DO UPDATE SET {}", sets.join(", "));
            db.exec(AssertSqlSafe(sql), &std::mem::take(&mut rows).concat())?;
        }
    }
    Ok(())
}

fn columns(id: String, mut case: Case, last: u64) -> Result<[Arg<'static>; WIDTH]> {
    let unwritable = |e: serde_json::Error| LedgerError::Unreadable { what: "a case".into(), message: e.to_string() };
    let score = i64::from(priority(&case).score);
    let open = case.state.is_open();
    let evidence = serde_json::to_string(&std::mem::take(&mut case.facts.evidence)).map_err(unwritable)?;
    let body = serde_json::to_string(&case).map_err(unwritable)?;
    Ok([
        id.into(),
        case.key.line.to_string().into(),
        case.key.package.to_string().into(),
        case.key.cve.key().into(),
        case.key.part.clone().into(),
        case.state.as_str().into(),
        i64::from(open).into(),
        score.into(),
        rank(open, score).into(),
        severity_rank(case.severity()).into(),
        case.opened.as_microsecond().into(),
        case.changed.as_microsecond().into(),
        case.assignee.clone().into(),
        case.expires().map(|t| t.as_microsecond()).into(),
        case.embargo.as_ref().map(|e| end_of(e.until)).into(),
        last.into(),
        body.into(),
        evidence.into(),
    ])
}

/// The place of a case in the order of the queue: the smaller, the earlier.
pub(crate) fn rank(open: bool, score: i64) -> i64 {
    if open { -score } else { 1_000_000 - score }
}

/// The rank of a severity for comparisons; an unrated one counts as medium.
pub(crate) fn severity_rank(severity: Option<Severity>) -> i64 {
    Severity::effective(severity) as i64
}

/// The first whole microsecond at or after a time, so that nothing is shown a fraction too early.
fn end_of(time: Timestamp) -> i64 {
    time.as_microsecond() + i64::from(time.as_nanosecond().rem_euclid(1000) != 0)
}

/// The digest of the view.
pub(crate) fn digest(db: &mut Db, digest: &mut DigestWriter) -> Result<()> {
    let mut after = String::new();
    loop {
        let sql = "SELECT id, line, package, cve, part, state, is_open, score, rank, severity, opened, changed, coalesce(assignee, '-'), \
                   coalesce(expires, -1), coalesce(embargo_until, -1), last_seq, body, evidence FROM cases WHERE id > $1 ORDER BY id LIMIT 5000";
        let rows = db.rows(sql, &[after.as_str().into()])?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.text(0)?.to_owned();
        for row in &rows {
            for text in [0, 1, 2, 4, 5, 12, 16, 17] {
                digest.field(row.text(text)?);
            }
            for number in [3, 6, 7, 8, 9, 10, 11, 13, 14, 15] {
                digest.field(row.int(number)?.to_le_bytes());
            }
        }
    }
}
