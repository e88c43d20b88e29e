//! The outcome of a sync.

use std::collections::BTreeMap;

use seaworthy_intelligence::records::Refused;
use seaworthy_intelligence::{Change, Status, SyncReport};
use seaworthy_model::{Digest, SourceKind};
use serde::{Serialize, Serializer};

/// The outcome of a sync.
#[derive(Clone, Debug, PartialEq)]
pub struct Synced {
    /// The changes of the sync.
    pub report: SyncReport,
    /// The state in force after it.
    pub status: Status,
}

/// The members of a sync's document.
#[derive(Serialize)]
struct Members<'a> {
    before: Option<Digest>,
    knowledge: Option<Digest>,
    cves: u64,
    new: u64,
    changed: u64,
    rejected: u64,
    changes: &'a [Change],
    artefacts: &'a [String],
    refused: &'a [Refused],
    errors: &'a BTreeMap<SourceKind, String>,
}

/// The outcome as a document for programs: the changes, and the number of known CVEs. `status` has the rest of the state.
impl Serialize for Synced {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { report, status } = self;
        let members = Members {
            before: report.from,
            knowledge: report.to,
            cves: status.cves,
            new: report.new,
            changed: report.changed,
            rejected: report.rejected,
            changes: &report.changes,
            artefacts: &report.parsed,
            refused: &report.refused,
            errors: &report.errors,
        };
        members.serialize(serializer)
    }
}
