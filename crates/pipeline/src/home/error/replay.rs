//! Why a replay cannot run.

use jiff::Timestamp;
use seaworthy_ledger::{Event, LedgerError};

use crate::replay::ReplayError;
use crate::timeline::TimelineError;

/// Why a replay cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ReplayUseError {
    /// The end is before the beginning.
    #[error("--to {to} is before --from {from}")]
    Backwards {
        /// The first step.
        from: Timestamp,
        /// The end.
        to: Timestamp,
    },
    /// The ledger is of another replay.
    #[error("this ledger is of other inputs ({found}; this would be {expected}): name another with --ledger, or remove it to begin anew")]
    OtherInputs {
        /// The event that it begins with.
        found: Box<Event>,
        /// The event that this one begins with.
        expected: Box<Event>,
    },
    /// History cannot be read.
    #[error(transparent)]
    Timeline(#[from] TimelineError),
    /// A step failed.
    #[error(transparent)]
    Step(#[from] ReplayError<LedgerError>),
}
