//! The errors of the ledger.

use std::path::PathBuf;

use jiff::Timestamp;
use seaworthy_model::format::FormatError;
use seaworthy_model::subject::Unfit;

use crate::{EventError, Job};

/// The error of reading or writing the ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database refused or failed.
    #[error("cannot {doing} in the ledger {place}: {source}{hint}")]
    Database {
        /// The work that failed.
        doing: &'static str,
        /// The file, or the address without its password.
        place: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
        /// The next step for the user, after a line break; empty where none is known.
        hint: &'static str,
    },
    /// The text does not say where a ledger is.
    #[error(
        "{text:?} is no place for a ledger: write the address of a PostgreSQL, postgres://HOST/DATABASE?user=USER, or the path of a file"
    )]
    Location {
        /// The text, without a password.
        text: String,
    },
    /// The schema of the ledger has a version that is not read.
    #[error("{place}: {source}; seaworthy {program} has made it; nothing was changed")]
    Version {
        /// The file or the address.
        place: String,
        /// The version of the program that made the schema.
        program: String,
        /// The version of the schema, with the remedy.
        source: FormatError,
    },
    /// The ledger was opened for reading, or can only be read.
    #[error("the ledger {place} is not written: {why}")]
    ReadOnly {
        /// The file or the address.
        place: String,
        /// The reason, and what to do.
        why: String,
    },
    /// All connections of the pool were in use for a minute.
    #[error("the ledger {place} is not reached: {most} threads have been at work with it for a minute; try again when they are done")]
    Busy {
        /// The file or the address.
        place: String,
        /// The number of connections of the pool.
        most: usize,
    },
    /// The file is a database of another program.
    #[error("{place} is a database, but no ledger: name another file; nothing was changed")]
    Foreign {
        /// The file.
        place: String,
    },
    /// An event may not follow on those before it.
    #[error("event {nth} of the batch is refused, and nothing of the batch was written: {step}")]
    Illegal {
        /// The place of the event in the batch, counted from 1.
        nth: usize,
        /// The refusal.
        step: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The log cannot keep an event.
    #[error("event {nth} of the batch is refused, and nothing of the batch was written: {what}")]
    Unfit {
        /// The place of the event in the batch, counted from 1.
        nth: usize,
        /// The part of the event that it cannot keep.
        what: Unfit,
    },
    /// The log has no event with this number.
    #[error("there is no event {seq} in the ledger: `seaworthy ledger log` shows the last ones")]
    NoEvent {
        /// The number.
        seq: u64,
    },
    /// A subject has a newer event than the one that was read.
    #[error(
        "{subject} went on since it was read: event {found} is newer than event {expected}; \
         nothing was written: read it again and decide anew"
    )]
    Moved {
        /// The subject that was read.
        subject: String,
        /// The number of its last event as it was read.
        expected: u64,
        /// The number of its last event now.
        found: u64,
    },
    /// An event does not have its digest: the log is not as it was written.
    #[error("the ledger is not what was written: event {seq}: {what}. Compare it with an export or a backup; events before {seq} stand")]
    Broken {
        /// The number of the first such event.
        seq: u64,
        /// The contradiction.
        what: String,
    },
    /// A stored event cannot be read. No view is folded without it, since its content would be missing in silence.
    #[error(
        "event {seq} of the ledger cannot be read: {cause}; another version of seaworthy wrote it: use that one or a newer one, or see \
         `seaworthy ledger export`, which copies events as they stand"
    )]
    Event {
        /// The number of the event.
        seq: u64,
        /// The kind and the field of the event, and the error.
        cause: EventError,
    },
    /// A stored value cannot be read.
    #[error("{what} in the ledger cannot be read: {message}")]
    Unreadable {
        /// The value, such as an event or a case.
        what: String,
        /// The cause.
        message: String,
    },
    /// A line of an import is of a version that is not read.
    #[error("{name}:{line}: {source}; nothing was taken over")]
    LineVersion {
        /// The file.
        name: String,
        /// The line, counted from 1.
        line: usize,
        /// The version of the line, and the remedy.
        source: FormatError,
    },
    /// A line of an import or of an old log is not as it was written.
    #[error("{name}:{line}: {message}; nothing was taken over")]
    Line {
        /// The file.
        name: String,
        /// The line, counted from 1.
        line: usize,
        /// The error.
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
    /// Another run has the place of the job.
    #[error(
        "job {} ({} of {}) is run by {} on {} since {}, and one at a time may run; where that machine is gone, its place is free \
         from {} on",
        .0.id, .0.kind, .0.about, .0.actor, .0.worker, .0.begun, .0.until
    )]
    JobHeld(Box<Job>),
    /// The run was cancelled.
    #[error("job {id} was cancelled by {by} at {at}")]
    JobCancelled {
        /// The job.
        id: u64,
        /// The actor who cancelled it.
        by: String,
        /// The time.
        at: Timestamp,
    },
    /// The lease of the run has ended, and another run took its place or the job was ended.
    #[error(
        "job {id} ({kind} of {about}) has lost its place: its lease was over, and another run took it; `seaworthy jobs list` shows which"
    )]
    LeaseLost {
        /// The job.
        id: u64,
        /// The kind of work.
        kind: String,
        /// The subject of the work.
        about: String,
    },
    /// The ledger has no job with this number.
    #[error("there is no job {id}: `seaworthy jobs list --all` shows them")]
    NoJob {
        /// The number.
        id: u64,
    },
    /// A job that has ended cannot be cancelled.
    #[error("job {id} has ended at {at}, and is {state}")]
    JobEnded {
        /// The job.
        id: u64,
        /// The time at which it ended.
        at: Timestamp,
        /// The word of its state.
        state: &'static str,
    },
    /// A job that has written its events cannot be cancelled.
    #[error("job {id} has written its events, up to event {seq}: it cannot be cancelled any more")]
    JobCommitted {
        /// The job.
        id: u64,
        /// The number of the last event.
        seq: u64,
    },
}
