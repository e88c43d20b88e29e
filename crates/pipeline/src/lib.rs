//! The home: the settings, the knowledge, the ledger and the site in one folder, and the use cases that work on them.
//!
//! No stage knows another. [`Home`] connects them, with one use case a file: it decides the order of the work, the locks and the
//! transactions, and gives results as values. Inside, a [`Replay`] runs matching and triage through history, and [`report`] counts how
//! cases met their deadlines.

mod about;
mod adopt;
mod baseline;
mod chronicle;
pub mod columns;
mod cycle;
mod home;
mod observe;
mod replay;
mod timeline;

pub use about::{AboutRecord, Weakness};
pub use baseline::DeliveredBy;
pub use chronicle::Chronicle;
pub use home::*;
pub use replay::{Grid, ImageOutcome, Replay, ReplayError, Step};
// A face writes its results as the house writes files.
pub use seaworthy_host::files;
pub use seaworthy_intelligence::Sources;
pub use seaworthy_intelligence::records::SourceKind;
pub use seaworthy_inventory::{Problem, ProblemKind, Source};
pub use timeline::{ImageRelease, Snapshot, Timeline, TimelineError};

// The values of stages that results are made of. A face takes them from here and depends on no stage.

/// Keys, as they stand in results.
pub mod keys {
    pub use seaworthy_keys::{Key, KeyState, Source};
}

/// Events, entries and jobs of the ledger, as they stand in results.
pub mod ledger {
    pub use seaworthy_ledger::{Cursor, Entry, Event, Head, Job, JobProgress, JobState};
}

/// Findings, and their formats.
pub mod matching {
    pub use seaworthy_matching::{Finding, LeftOut, formats};
}

/// Advisories, and the conclusions of readers.
pub mod publish {
    pub use seaworthy_publish::contract::Concluded;
    pub use seaworthy_publish::{Advisory, Standing};
}

/// Policy, plan, and the suggestions for a case.
pub mod triage {
    pub use seaworthy_triage::{Deadline, Item, Outcome, Plan, Policy, Report, Restart, Rule, Span, Spread, Suggestion, Time};
}
