//! The log as JSON lines: exported as it is stored, imported after each line is checked; and the adoption of the log of earlier versions.

use std::io::{BufRead, Read, Write};
use std::path::Path;

use jiff::Timestamp;
use seaworthy_host::files;
use seaworthy_model::Digest;
use seaworthy_model::format::{Format, FormatError, Remedy, Stamp, Version};
use seaworthy_model::subject::{Adopted, Subject as _};
use seaworthy_model::text::json_safe;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sqlx::AssertSqlSafe;

use crate::append::{Prepared, write};
use crate::chain::{ENTRY, Head, head, lock, stored_of};
use crate::event::{EVENT_LIMIT, Stored};
use crate::{Draft, Event, Ledger, LedgerError};

type Result<T> = std::result::Result<T, LedgerError>;

/// The number of lines of an import that are written at once.
const LINES: usize = 2000;

/// The format of a line of an export. Its version is raised when a member goes or changes its meaning. The content of events does not
/// count: an event of an unknown kind is kept as it is.
pub(crate) static EXPORT: Format =
    Format { name: "export of a ledger", version: Version::of(1), oldest: 1, newer: Remedy::NewerProgram, older: Remedy::Backup };

fn first() -> u32 {
    1
}

/// A line of an export. The event's JSON is in it byte for byte, since its digest is over those bytes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    /// The version of the format; 1 in old exports, which have none.
    #[serde(default = "first")]
    schema_version: u32,
    seq: u64,
    at: String,
    actor: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    before: Option<String>,
    digest: String,
    #[serde(borrow)]
    event: &'a RawValue,
}

/// An event in the log of earlier versions.
#[derive(Deserialize)]
struct OldLine {
    at: i64,
    before: Option<Digest>,
    #[serde(flatten)]
    event: serde_json::Map<String, serde_json::Value>,
}

impl Ledger {
    /// Writes the events from a number on, one in each line; gives their number. Events of cases under embargo are among them.
    ///
    /// # Errors
    /// When an event cannot be read, or `to` cannot be written.
    pub fn export(&self, from: u64, to: &mut dyn Write) -> Result<u64> {
        let failed = |source| LedgerError::Io { path: "the export".into(), source };
        self.pool.read("export events of", |db| {
            let (mut next, mut count) = (from, 0);
            loop {
                let sql = format!("SELECT {ENTRY} FROM events e WHERE e.seq >= $1 ORDER BY e.seq LIMIT 5000");
                let rows = db.rows(AssertSqlSafe(sql), &[next.into()])?;
                if rows.is_empty() {
                    return to.flush().map_err(failed).map(|()| count);
                }
                for row in &rows {
                    let (stored, digest) = stored_of(row)?;
                    let unreadable =
                        |e: serde_json::Error| LedgerError::Unreadable { what: format!("event {}", stored.seq), message: e.to_string() };
                    let line = Line {
                        schema_version: EXPORT.version.major,
                        seq: stored.seq,
                        at: stored.at.to_owned(),
                        actor: stored.actor.to_owned(),
                        why: stored.why.map(str::to_owned),
                        before: stored.before.map(str::to_owned),
                        digest: digest.to_owned(),
                        event: serde_json::from_str(stored.event).map_err(unreadable)?,
                    };
                    let text = serde_json::to_string(&line).map_err(unreadable)?;
                    // The event comes last, and stays byte for byte.
                    let (before, event) = text.split_at(text.len() - line.event.get().len() - 1);
                    writeln!(to, "{}{event}", json_safe(before)).map_err(failed)?;
                    next = stored.seq + 1;
                    count += 1;
                }
            }
        })
    }

    /// Imports an export into an empty ledger, or into one that ends where the export begins, all of it or nothing; gives the number of
    /// events. `name` is the name of the file in messages.
    ///
    /// # Errors
    /// [`LedgerError::Line`] or [`LedgerError::LineVersion`] with the line that is not as it was written, or does not follow the one
    /// before.
    pub fn import(&self, name: &str, from: &mut dyn BufRead) -> Result<u64> {
        let count = self.pool.write("import events into", |db| {
            let mut last = head(db, lock(db))?;
            let begin = last.seq;
            let mut line = 0;
            loop {
                let (first, mut expected, mut batch) = (line, last, Vec::new());
                let mut done = false;
                while batch.len() < LINES {
                    let at = |message: String| LedgerError::Line { name: name.to_owned(), line: line + 1, message };
                    let Some(text) = read_line(from).map_err(&at)? else {
                        done = true;
                        break;
                    };
                    let (head, prepared) = take(&text, expected).map_err(|refusal| match refusal {
                        Refusal::Version(source) => LedgerError::LineVersion { name: name.to_owned(), line: line + 1, source },
                        Refusal::Unfit(message) => at(message),
                    })?;
                    (expected, line) = (head, line + 1);
                    batch.push(prepared);
                }
                write(db, last, &batch).map_err(|e| match e {
                    LedgerError::Illegal { nth, step } => {
                        LedgerError::Line { name: name.to_owned(), line: first + nth, message: step.to_string() }
                    }
                    other => other,
                })?;
                // What was written is what was read, or it would not be the same log.
                last = head(db, "")?;
                if last != expected {
                    let message = "what was stored has another digest than what was read".into();
                    return Err(LedgerError::Line { name: name.to_owned(), line, message });
                }
                if done {
                    return Ok(last.seq - begin);
                }
            }
        })?;
        self.pool.tidy(count);
        Ok(count)
    }

    /// Adopts the log that earlier versions kept in `ledger.jsonl` of the home, once, and renames it; gives the number of its events,
    /// `None` where there is no such file.
    ///
    /// # Errors
    /// [`LedgerError::Line`] with the line that is not as it was written.
    pub fn adopt(&self, home: &Path) -> Result<Option<u64>> {
        let path = home.join("ledger.jsonl");
        let io = |source| LedgerError::Io { path: path.clone(), source };
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(io(e)),
        };
        let digest = Digest::of(&bytes);
        let mut events = old_events(&path.display().to_string(), &bytes)?;
        let count = events.len() as u64;
        let at = events.last().map_or(Timestamp::UNIX_EPOCH, |e| e.at);
        events.push(Draft::new(at, "seaworthy", Adopted { file: "ledger.jsonl".into(), digest, events: count }));
        // A crash may have come between taking it over and renaming it.
        match self.append_if(vec![(Adopted::id(&digest), 0)], events) {
            Ok(_) | Err(LedgerError::Moved { .. }) => {}
            Err(other) => return Err(other),
        }
        files::put_in_place(&path, &home.join("ledger.jsonl.imported")).map_err(|e| io(e.source))?;
        Ok(Some(count))
    }
}

/// The next line without its end; `None` behind the last. A line that has no end is an error: the export is torn.
fn read_line(from: &mut dyn BufRead) -> std::result::Result<Option<Vec<u8>>, String> {
    let limit = 2 * EVENT_LIMIT;
    let mut text = Vec::new();
    let read = from.take(limit as u64 + 1).read_until(b'\n', &mut text).map_err(|e| format!("it cannot be read: {e}"))?;
    match text.pop() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(text)),
        Some(_) if read > limit => Err(format!("it is longer than {limit} bytes")),
        Some(_) => Err("it breaks off: the export is torn; export again".into()),
    }
}

/// The reason why a line of an export is not imported.
enum Refusal {
    /// The version of the line is not read.
    Version(FormatError),
    /// The line is not as it was written, or does not follow the one before.
    Unfit(String),
}

impl From<FormatError> for Refusal {
    fn from(error: FormatError) -> Self {
        Self::Version(error)
    }
}

impl From<String> for Refusal {
    fn from(message: String) -> Self {
        Self::Unfit(message)
    }
}

/// Checks a line against the one before it; gives its number, digest and event.
fn take(text: &[u8], last: Head) -> std::result::Result<(Head, Prepared), Refusal> {
    let text = std::str::from_utf8(text).map_err(|e| format!("it is no text: {e}"))?;
    let line: Line<'_> = match serde_json::from_str(text) {
        Ok(line) => line,
        Err(e) => {
            // A line of a newer version may have other members.
            let stamp: Option<Stamp> = serde_json::from_str(text).ok();
            stamp.map_or(Ok(()), |stamp| EXPORT.check(stamp.version()))?;
            return Err(format!("it is no event of an export: {e}").into());
        }
    };
    EXPORT.check(Version::of(line.schema_version))?;
    if line.seq != last.seq + 1 {
        return Err(format!(
            "it is event {}, and the ledger goes on with event {1}: import into an empty ledger, or an export made with --from {1}",
            line.seq,
            last.seq + 1
        )
        .into());
    }
    if line.before != last.digest.map(|d| d.to_string()) {
        return Err("the event before it is another one than when it was written".to_owned().into());
    }
    let event = line.event.get();
    let (why, before) = (line.why.as_deref(), line.before.as_deref());
    let digest = Stored { seq: line.seq, at: &line.at, actor: &line.actor, why, before, event }.digest();
    if line.digest != digest.to_string() {
        return Err("it does not fit its digest: it was changed".to_owned().into());
    }
    let at = line.at.parse::<Timestamp>().map_err(|e| format!("its time cannot be read: {e}"))?;
    let parsed = Event::from_json(event).map_err(|e| e.to_string())?;
    let new = Draft { at, actor: line.actor, why: line.why, event: parsed };
    new.check().map_err(|e| e.to_string())?;
    Ok((Head { seq: line.seq, digest: Some(digest) }, Prepared { new, at: line.at, text: event.to_owned() }))
}

/// The events of an old log. A last line without an end is left out: it was torn by a crash, and never reported as written.
fn old_events(name: &str, bytes: &[u8]) -> Result<Vec<Draft>> {
    let mut events = Vec::new();
    let mut before = None;
    for (i, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        let Some(line) = line.strip_suffix(b"\n") else { break };
        let broken = |message: String| LedgerError::Line {
            name: name.to_owned(),
            line: i + 1,
            message: format!("{message}. Move the file away to go on without what it tells"),
        };
        let old: OldLine = serde_json::from_slice(line).map_err(|e| broken(format!("it is no event: {e}")))?;
        if old.before != before {
            return Err(broken("the line before is not the one this event was written after".into()));
        }
        before = Some(Digest::of(line));
        let at = Timestamp::from_second(old.at).map_err(|e| broken(format!("its time is none: {e}")))?;
        let text = serde_json::to_string(&old.event).map_err(|e| broken(format!("it is no event: {e}")))?;
        events.push(Draft::new(at, "seaworthy", Event::from_json(&text).map_err(|e| broken(e.to_string()))?));
    }
    Ok(events)
}
