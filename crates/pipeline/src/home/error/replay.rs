//! The errors of replays.

use jiff::Timestamp;
use seaworthy_ledger::{Event, LedgerError};

use crate::replay::ReplayError;
use crate::timeline::TimelineError;

/// The error of a replay.
#[derive(Debug, thiserror::Error)]
pub enum ReplayUseError {
    /// The end is before the first step.
    #[error("--to {to} is before --from {from}")]
    Backwards {
        /// The first step.
        from: Timestamp,
        /// The end.
        to: Timestamp,
    },
    /// The ledger begins with another replay.
    #[error("this ledger is of other inputs ({found}; this would be {expected}): name another with --ledger, or remove it to begin anew")]
    OtherInputs {
        /// The event that the ledger begins with.
        found: Box<Event>,
        /// The event that this replay begins with.
        expected: Box<Event>,
    },
    /// The timeline cannot be read.
    #[error(transparent)]
    Timeline(#[from] TimelineError),
    /// A step failed.
    #[error(transparent)]
    Step(#[from] ReplayError<LedgerError>),
}
