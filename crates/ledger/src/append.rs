//! Writing: events are added to the end of the log, and folded into the views, in one transaction.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use seaworthy_model::case::IllegalStep;
use seaworthy_model::subject::Unfit;
use seaworthy_model::text::{json_safe, masked, masked_json};
use seaworthy_model::{Digest, DigestWriter};
use sqlx::AssertSqlSafe;

use crate::chain::{Head, each_page};
use crate::db::{Arg, Db};
use crate::event::{EVENT_LIMIT, Stored};
use crate::fold::{self, ROWS, Step};
use crate::views::{self, Happened};
use crate::{Draft, Entry, Event, LedgerError};

type Result<T> = std::result::Result<T, LedgerError>;

/// The time by which the clocks of machines that share a ledger may differ.
pub(crate) const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The time by which an event may be ahead of the clock before the log counts as written by a wrong clock. A clock that is set back by less
/// does no harm that would be seen.
pub(crate) const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// An event with the texts that are stored of it.
pub(crate) struct Prepared {
    pub(crate) new: Draft,
    pub(crate) at: String,
    pub(crate) text: String,
}

/// The JSON that is stored of an event. Passwords in addresses are masked, and characters that could deceive a reader of an export are
/// escaped.
fn text_of(event: &Event) -> std::result::Result<String, Unfit> {
    let json = serde_json::to_string(event).map_err(|e| Unfit::Json(e.to_string()))?;
    let text = json_safe(&masked_json(&json)).into_owned();
    if text.len() > EVENT_LIMIT {
        let begin = text.chars().take(40).collect();
        return Err(Unfit::TooLong { what: "the event as JSON", length: text.len(), limit: EVENT_LIMIT, begin });
    }
    Ok(text)
}

impl Draft {
    /// Checks that a ledger can take the event, but for its time and the events before it.
    ///
    /// # Errors
    /// The reason why it does not fit.
    pub fn fits(&self) -> std::result::Result<(), Unfit> {
        self.check()?;
        text_of(&self.event).map(drop)
    }
}

impl Prepared {
    pub(crate) fn new(mut new: Draft) -> std::result::Result<Self, Unfit> {
        new.check()?;
        new.actor = masked(&new.actor).into_owned();
        new.why = new.why.map(|why| masked(&why).into_owned());
        let text = text_of(&new.event)?;
        // What is folded now is what will be folded when the views are built again: the event as it is read.
        new.event = Event::from_json(&text).map_err(|e| Unfit::Json(e.to_string()))?;
        Ok(Self { at: new.at.to_string(), new, text })
    }
}

/// Folds events into the views.
fn fold_into(db: &mut Db, events: &[Happened<'_>]) -> Result<()> {
    let steps: Vec<Step<'_>> = events
        .iter()
        .filter_map(|happened| match happened.event {
            Event::Case(step) => Some(Step { seq: happened.seq, at: happened.at, key: &step.key, event: &step.event }),
            _ => None,
        })
        .collect();
    fold::fold(db, &steps)?.map_err(|(seq, step): (u64, IllegalStep)| LedgerError::Illegal { nth: seq as usize, step: step.into() })?;
    views::fold(db, events)?.map_err(|(seq, step)| LedgerError::Illegal { nth: seq as usize, step })
}

/// Folds all views from the log again; gives the number of events.
///
/// # Errors
/// [`LedgerError::Broken`] with the first event that does not follow from those before it.
pub(crate) fn rebuild(db: &mut Db) -> Result<u64> {
    db.exec("DELETE FROM cases", &[])?;
    rebuild_with(db, fold_into)
}

/// Folds the views of all subjects but cases again; gives the number of events.
pub(crate) fn rebuild_subjects(db: &mut Db) -> Result<u64> {
    rebuild_with(db, |db, events| views::fold(db, events)?.map_err(|(seq, step)| LedgerError::Illegal { nth: seq as usize, step }))
}

fn rebuild_with(db: &mut Db, fold: impl Fn(&mut Db, &[Happened<'_>]) -> Result<()>) -> Result<u64> {
    db.exec("DELETE FROM subjects", &[])?;
    db.exec("DELETE FROM corrections", &[])?;
    let mut seq = 0;
    // Corrections first: what they say holds for events before them.
    each_page(db, 0, |db, entries| entries.iter().try_for_each(|entry| correct(db, entry.seq, &entry.event)))?;
    let mut latest = i64::MIN;
    each_page(db, 0, |db, entries: Vec<Entry>| {
        seq = entries.last().map_or(seq, |e| e.seq);
        latest = entries.iter().map(|e| e.at.as_microsecond()).fold(latest, i64::max);
        let events: Vec<Happened<'_>> = entries.iter().map(|e| Happened { seq: e.seq, at: e.at, event: &e.event }).collect();
        fold(db, &events).map_err(|e| match e {
            LedgerError::Illegal { nth, step } => LedgerError::Broken { seq: nth as u64, what: step.to_string() },
            other => other,
        })
    })?;
    db.exec("UPDATE head SET latest = $1 WHERE id = 1", &[latest.into()])?;
    Ok(seq)
}

/// Keeps the time that an event corrects; does nothing for other events.
fn correct(db: &mut Db, seq: u64, event: &Event) -> Result<()> {
    let Event::TimeCorrected(corrected) = event else { return Ok(()) };
    if corrected.seq >= seq {
        let what = format!("it corrects the time of event {}, which is not before it", corrected.seq);
        return Err(LedgerError::Broken { seq, what });
    }
    let sql = "INSERT INTO corrections (seq, happened) VALUES ($1, $2) ON CONFLICT (seq) DO UPDATE SET happened = excluded.happened";
    db.exec(sql, &[corrected.seq.into(), corrected.to.to_string().into()]).map(drop)
}

/// The digest of all views.
pub(crate) fn view_digest(db: &mut Db) -> Result<Digest> {
    let mut digest = DigestWriter::new();
    fold::digest(db, &mut digest)?;
    views::digest(db, &mut digest)?;
    Ok(digest.finish())
}

/// Writes prepared events after the last one, within the caller's transaction; gives their numbers.
pub(crate) fn write(db: &mut Db, last: Head, events: &[Prepared]) -> Result<Range<u64>> {
    let first = last.seq + 1;
    let corrects = events.iter().any(|p| matches!(p.new.event, Event::TimeCorrected(_)));
    if !corrects {
        let happened: Vec<Happened<'_>> =
            (first..).zip(events).map(|(seq, p)| Happened { seq, at: p.new.at, event: &p.new.event }).collect();
        fold_into(db, &happened).map_err(|e| illegal(e, last.seq))?;
    }
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
    if let Some(latest) = events.iter().map(|p| p.new.at.as_microsecond()).max() {
        db.exec(
            "UPDATE head SET seq = $1, digest = $2, latest = CASE WHEN latest > $3 THEN latest ELSE $3 END WHERE id = 1",
            &[seq.into(), before.map(|d| d.to_string()).into(), latest.into()],
        )?;
    }
    // Where a time was corrected, what followed from it follows anew.
    if corrects {
        rebuild(db).map_err(|e| match e {
            LedgerError::Broken { seq, what } => {
                LedgerError::Illegal { nth: 1, step: format!("with that time event {seq} does not follow: {what}").into() }
            }
            other => other,
        })?;
    }
    Ok(first..seq + 1)
}

/// The error of an event that does not follow, with its place in the batch, from 1, in place of its number.
fn illegal(error: LedgerError, last: u64) -> LedgerError {
    match error {
        LedgerError::Illegal { nth, step } => LedgerError::Illegal { nth: nth - last as usize, step },
        other => other,
    }
}

/// Checks that no event is later than now by more than [`TOLERANCE`]; the error has its place in the batch, from 1.
pub(crate) fn not_ahead(events: &[Prepared], now: Timestamp) -> std::result::Result<(), (usize, Unfit)> {
    let limit = now.checked_add(TOLERANCE).unwrap_or(Timestamp::MAX);
    let ahead = events.iter().position(|p| p.new.at > limit);
    ahead.map_or(Ok(()), |nth| Err((nth + 1, Unfit::Future { at: events[nth].new.at, now })))
}
