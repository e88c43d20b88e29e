//! The errors of work on a case.

use jiff::Timestamp;
use seaworthy_model::case::{CaseKey, IllegalStep};

use crate::home::irreversible::Irreversible;

/// The error of work on a case.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The case does not exist, or is under embargo: the caller without the right to it gets the same answer.
    #[error("there is no case of {key}: `seaworthy triage list` shows the cases, --line names another release line")]
    NoCase {
        /// The case.
        key: Box<CaseKey>,
    },
    /// The case does not allow the event.
    #[error("nothing was changed: {0}")]
    Refused(#[from] IllegalStep),
    /// One of many cases does not allow the decision.
    #[error("{chosen} cases are chosen and none was changed: one of them refuses: {step}")]
    BulkRefused {
        /// The number of cases that were chosen.
        chosen: usize,
        /// The step that is not allowed.
        step: IllegalStep,
    },
    /// A rating has no reason.
    #[error("a rating needs a --reason: it wins over every other rating, and people will ask why")]
    NoReason,
    /// The end of an embargo is in the past.
    #[error("an embargo until {until} is over already")]
    EmbargoOver {
        /// The end.
        until: Timestamp,
    },
    /// The end of a decision is in the past.
    #[error("a decision until {until} is over already")]
    DecisionOver {
        /// The end.
        until: Timestamp,
    },
    /// A case is opened without the right to cases under embargo: even "it exists already" would disclose one.
    #[error("opening a case by hand needs the right to what is under embargo: --embargoed")]
    NoRight,
    /// The case exists already.
    #[error("{key} is open already")]
    OpenAlready {
        /// The case.
        key: Box<CaseKey>,
    },
    /// The version of a new case is empty.
    #[error("a case needs the version that it is about: --version 8.8.0-2")]
    NoVersion,
    /// The version of a new case is no version.
    #[error("--version {version:?} is no EPOCH:VERSION-RELEASE")]
    Version {
        /// The text.
        version: String,
    },
    /// The case is a part, which cannot be split again.
    #[error("{key} is a part already: split the whole")]
    PartAlready {
        /// The part.
        key: Box<CaseKey>,
    },
    /// The name of a part is empty or taken.
    #[error("{key} cannot be split off: a part needs a name that no part has yet; nothing was changed")]
    Part {
        /// The part.
        key: Box<CaseKey>,
    },
    /// An event belongs to no batch of events that changed cases.
    #[error(
        "event {event} is not one of a batch that changed cases: `seaworthy triage undo` lists them. What was imported, or written by an \
         earlier version, cannot be undone as one step"
    )]
    NoBatch {
        /// The number of the event.
        event: u64,
    },
    /// A batch has cases under embargo, and the caller has no right to them.
    #[error("batch {batch} changed cases that are under embargo as well: --embargoed undoes all of it; nothing was changed")]
    BatchEmbargoed {
        /// The batch.
        batch: u64,
    },
    /// A batch was undone before.
    #[error("batch {batch} is undone already")]
    UndoneAlready {
        /// The batch.
        batch: u64,
    },
    /// A batch has an event that cannot be undone.
    #[error("batch {batch} cannot be undone because of event {seq}: {kind}; nothing was changed")]
    Irreversible {
        /// The batch.
        batch: u64,
        /// The number of the event.
        seq: u64,
        /// The reason.
        kind: Irreversible,
    },
    /// Cases of a batch were changed after it.
    #[error("{cases} of the cases of batch {batch} were changed since, {key} by event {seq}: undo that first; nothing was changed")]
    ChangedSince {
        /// The batch.
        batch: u64,
        /// The first of these cases.
        key: Box<CaseKey>,
        /// The number of the newest event that changed it.
        seq: u64,
        /// The number of these cases.
        cases: usize,
    },
    /// What a batch said of cases was published, and cannot be unsaid.
    #[error(
        "batch {batch} cannot be undone: it opened or delivered {cases} cases that are published since, {key} among them; decide them \
         instead, and the next publication revises what it said; nothing was changed"
    )]
    Published {
        /// The batch.
        batch: u64,
        /// The first of these cases.
        key: Box<CaseKey>,
        /// The number of these cases.
        cases: usize,
    },
    /// The case has no suggestion of that number.
    #[error("there is no suggestion {number}: {key} has {count}")]
    NoSuggestion {
        /// The number.
        number: usize,
        /// The case.
        key: Box<CaseKey>,
        /// The number of suggestions that it has.
        count: usize,
    },
}
