//! In what order: opens a home and does the work.
//!
//! A stage knows no other. [`Home`] wires them together, one use case a file: it has the order of the work, its locks and its
//! transactions, and gives its results as values. Inside, a scan's assessment becomes what triage works on ([`Replay`]), and what cases
//! went through becomes a report ([`report`]).

mod adopt;
mod chronicle;
mod cycle;
mod delivery;
mod home;
mod observe;
mod replay;
mod report;
mod timeline;

pub use chronicle::Chronicle;
pub use home::*;
pub use replay::{Grid, ImageOutcome, Replay, ReplayError, Step};
pub use report::{Kept, Line, Report, Spread, report};
// A face writes its results as the house writes files.
pub use seaworthy_host::files;
pub use seaworthy_intelligence::Sources;
pub use seaworthy_intelligence::records::SourceKind;
pub use seaworthy_inventory::Source;
pub use timeline::{ImageRelease, Snapshot, Timeline, TimelineError};

// The values of stages that results are made of. A face takes them from here and depends on no stage.

/// Keys, as results show them.
pub mod keys {
    pub use seaworthy_keys::{Key, KeyState, Source};
}

/// What is in the ledger, as results show it.
pub mod ledger {
    pub use seaworthy_ledger::{Cursor, Entry, Event, Head, Job, JobProgress, JobState};
}

/// Findings, and their formats.
pub mod matching {
    pub use seaworthy_matching::{Finding, formats};
}

/// Advisories, and what readers conclude from them.
pub mod publish {
    pub use seaworthy_publish::contract::Concluded;
    pub use seaworthy_publish::{Advisory, Standing};
}

/// Policy, plan, and what is proposed for a case.
pub mod triage {
    pub use seaworthy_triage::{Item, Outcome, Plan, Policy, Restart, Rule, Span, Suggestion, Time};
}
