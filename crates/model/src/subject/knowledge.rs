//! The knowledge in force.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, latest};
use crate::Digest;

/// The end of a sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// The digest of the knowledge after the sync.
    pub knowledge: Digest,
    /// The numbers of CVEs that are new, changed and rejected.
    pub changes: [u64; 3],
}

latest!(Synced: "knowledge" by |key: ()| { let () = key; "" });

impl Recorded for Synced {
    const KIND: &'static str = "synced";
    type Subject = Self;

    fn key(&self) {}

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        None
    }
}

impl fmt::Display for Synced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [new, changed, rejected] = self.changes;
        write!(f, "synced: {new} new, {changed} changed, {rejected} rejected; knowledge {}", self.knowledge.short())
    }
}
