//! What a sync comes to.

use seaworthy_intelligence::{Status, SyncReport};

/// A sync's outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Synced {
    /// What changed.
    pub report: SyncReport,
    /// The state in force now.
    pub status: Status,
}
