//! What can go wrong.

use std::path::PathBuf;

use jiff::Timestamp;
use seaworthy_model::subject::Unfit;

use crate::{EventError, Job};

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database did not do what it was asked for.
    #[error("cannot {doing} in the ledger {place}: {source}{hint}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The file, or the address without its password.
        place: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
        /// What to do next, after a line break; empty where nothing is known.
        hint: &'static str,
    },
    /// The text does not say where a ledger is.
    #[error("{text:?} is no place for a ledger: write postgres://USER@HOST/DATABASE, or the path of a file")]
    Location {
        /// The text, without a password.
        text: String,
    },
    /// A newer version of the program has written it, in a schema that this one cannot read.
    #[error(
        "the ledger {place} has schema {found}, and this version of seaworthy knows schemas up to {known}: use seaworthy {program}, which \
         has made it, or a newer version; nothing was changed"
    )]
    Newer {
        /// The file or the address.
        place: String,
        /// Its schema.
        found: String,
        /// The newest that is known here.
        known: String,
        /// The version of the program that made it.
        program: String,
    },
    /// It was opened to be read, or may only be read.
    #[error("the ledger {place} is not written: {why}")]
    ReadOnly {
        /// The file or the address.
        place: String,
        /// Why, and what to do.
        why: String,
    },
    /// The file is a database of something else.
    #[error("{place} is a database, but no ledger: name another file; nothing was changed")]
    Foreign {
        /// The file.
        place: String,
    },
    /// An event may not follow on what is there.
    #[error("event {nth} of the batch is refused, and nothing of the batch was written: {step}")]
    Illegal {
        /// Which of the batch, counted from 1.
        nth: usize,
        /// What does not fit, naming the case.
        step: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An event is not one that can be kept.
    #[error("event {nth} of the batch is refused, and nothing of the batch was written: {what}")]
    Unfit {
        /// Which of the batch, counted from 1.
        nth: usize,
        /// What does not fit.
        what: Unfit,
    },
    /// There is no event of a number.
    #[error("there is no event {seq} in the ledger: `seaworthy ledger log` shows the last ones")]
    NoEvent {
        /// The number.
        seq: u64,
    },
    /// A subject went on since it was looked at.
    #[error(
        "{subject} went on since it was read: event {found} is newer than event {expected}; \
         nothing was written: read it again and decide anew"
    )]
    Moved {
        /// The subject that was decided by.
        subject: String,
        /// The last event that was known.
        expected: u64,
        /// The last event of the subject.
        found: u64,
    },
    /// The chain of digests does not hold.
    #[error("the ledger is not what was written: event {seq}: {what}. Compare it with an export or a backup; events before {seq} stand")]
    Broken {
        /// The first event at which it shows.
        seq: u64,
        /// What does not fit.
        what: String,
    },
    /// An event that is stored cannot be read. Nothing is folded without it, since what it says would be missing in silence.
    #[error(
        "event {seq} of the ledger cannot be read: {cause}; another version of seaworthy wrote it: use that one or a newer one, or see \
         `seaworthy ledger export`, which copies events as they stand"
    )]
    Event {
        /// Its number.
        seq: u64,
        /// The kind and the field, and what does not fit.
        cause: EventError,
    },
    /// What is stored cannot be understood.
    #[error("{what} in the ledger cannot be read: {message}")]
    Unreadable {
        /// Which event or case.
        what: String,
        /// The cause.
        message: String,
    },
    /// A line of an import or of an old log is not as it was written.
    #[error("{name}:{line}: {message}; nothing was taken over")]
    Line {
        /// The file.
        name: String,
        /// The line, counted from 1.
        line: usize,
        /// What does not fit.
        message: String,
    },
    /// A file could not be read or written.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// Another run has the place.
    #[error(
        "job {} ({} of {}) is run by {} on {} since {}, and one at a time may run; where that machine is gone, its place is free \
         from {} on",
        .0.id, .0.kind, .0.about, .0.actor, .0.worker, .0.begun, .0.until
    )]
    JobHeld(Box<Job>),
    /// Somebody asked for the end of a run.
    #[error("job {id} was cancelled by {by} at {at}")]
    JobCancelled {
        /// The job.
        id: u64,
        /// Who asked.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// The lease of a run was over, and another one took its place, or it has ended.
    #[error(
        "job {id} ({kind} of {about}) has lost its place: its lease was over, and another run took it; `seaworthy jobs list` shows which"
    )]
    LeaseLost {
        /// The job.
        id: u64,
        /// The kind of work.
        kind: String,
        /// What it is about.
        about: String,
    },
    /// There is no job of a number.
    #[error("there is no job {id}: `seaworthy jobs list --all` shows them")]
    NoJob {
        /// The number.
        id: u64,
    },
    /// A job that is to be cancelled has ended.
    #[error("job {id} has ended at {at}, and is {state}")]
    JobEnded {
        /// The job.
        id: u64,
        /// When it ended.
        at: Timestamp,
        /// The word of its state.
        state: &'static str,
    },
    /// A job that is to be cancelled has written its events.
    #[error("job {id} has written its events, up to event {seq}: it cannot be cancelled any more")]
    JobCommitted {
        /// The job.
        id: u64,
        /// The last event.
        seq: u64,
    },
}
