//! Why a case cannot be worked on as asked.

use jiff::Timestamp;
use seaworthy_model::case::{CaseKey, IllegalStep};

/// Why a case cannot be worked on as asked.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// There is no such case, or it may not be seen, which is the same to whoever asks.
    #[error("there is no case of {key}: `seaworthy triage list` shows the cases, --line names another release line")]
    NoCase {
        /// The case.
        key: Box<CaseKey>,
    },
    /// A decision that the case does not allow.
    #[error("nothing was changed: {0}")]
    Refused(#[from] IllegalStep),
    /// One case of many does not allow a decision.
    #[error("{chosen} cases are chosen and none was changed: one of them refuses: {step}")]
    BulkRefused {
        /// How many cases are chosen.
        chosen: usize,
        /// What does not fit.
        step: IllegalStep,
    },
    /// A rating without a reason.
    #[error("a rating needs a --reason: it wins over every other rating, and people will ask why")]
    NoReason,
    /// An embargo in the past.
    #[error("an embargo until {until} is over already")]
    EmbargoOver {
        /// Its end.
        until: Timestamp,
    },
    /// A decision in the past.
    #[error("a decision until {until} is over already")]
    DecisionOver {
        /// Its end.
        until: Timestamp,
    },
    /// Opening a case without the right to what is under embargo: even "it is there already" would disclose one.
    #[error("opening a case by hand needs the right to what is under embargo: --embargoed")]
    NoRight,
    /// The case is there already.
    #[error("{key} is open already")]
    OpenAlready {
        /// The case.
        key: Box<CaseKey>,
    },
    /// No version.
    #[error("a case needs the version that it is about: --version 8.8.0-2")]
    NoVersion,
    /// A version that is none.
    #[error("--version {version:?} is no EPOCH:VERSION-RELEASE")]
    Version {
        /// The text.
        version: String,
    },
    /// A part cannot be split again.
    #[error("{key} is a part already: split the whole")]
    PartAlready {
        /// The part.
        key: Box<CaseKey>,
    },
    /// A part without a name of its own.
    #[error("{key} cannot be split off: a part needs a name that no part has yet; nothing was changed")]
    Part {
        /// The part.
        key: Box<CaseKey>,
    },
    /// No suggestion of that number.
    #[error("there is no suggestion {number}: {key} has {count}")]
    NoSuggestion {
        /// The number.
        number: usize,
        /// The case.
        key: Box<CaseKey>,
        /// How many it has.
        count: usize,
    },
}
