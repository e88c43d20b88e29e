use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CaseState, Decision, Embargo, Facts, PauseReason, Said};
use crate::{CveId, Evr, PackageName, ReleaseLine, Severity};

/// The key of a case: release line, source package, CVE and part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CaseKey {
    /// The release line, such as `3.0`.
    pub line: ReleaseLine,
    /// The source package.
    pub package: PackageName,
    /// The CVE.
    pub cve: CveId,
    /// The part, where a case was split: a component or a binary package. Empty for the whole package.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part: String,
}

impl CaseKey {
    /// Whether both keys have the same release line, package and CVE; their parts may differ.
    #[must_use]
    pub fn is_part_of(&self, other: &Self) -> bool {
        (&self.line, &self.package, self.cve) == (&other.line, &other.package, other.cve)
    }
}

impl std::fmt::Display for CaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in {} ({}", self.cve, self.package, self.line)?;
        if !self.part.is_empty() {
            write!(f, ", {}", self.part)?;
        }
        f.write_str(")")
    }
}

/// A step of the delivery of a fix: into the spec tree, into a channel, or onto an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// The time of the step.
    pub at: Timestamp,
    /// The package's version; `None` where the fix names none.
    #[serde(with = "crate::evr::in_log_or_none")]
    pub version: Option<Evr>,
    /// Of the spec tree, whether earlier versions may have the fix too: nothing says which is the first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub or_before: bool,
    /// The channel or the image; empty for the spec tree.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

/// A time in which the deadlines of a case were paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The beginning.
    pub from: Timestamp,
    /// The end; `None` while the pause lasts.
    pub to: Option<Timestamp>,
    /// The reason.
    pub reason: PauseReason,
}

/// A case: the fold over its events. An undoing keeps cases in the log, so that a new field needs a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The key.
    pub key: CaseKey,
    /// The state.
    pub state: CaseState,
    /// The facts of the last scan that changed them.
    pub facts: Facts,
    /// The decision in force; `None` where nobody decided, or the fix came after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The distribution's own rating, with its reason; it wins over every rating of a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<(Severity, String)>,
    /// The person who works on the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// The embargo, until it is disclosed; its end may have passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embargo: Option<Embargo>,
    /// The time at which the case was opened or last reopened; deadlines count from here.
    pub opened: Timestamp,
    /// The time of the event by which the case first knew of an exploitation (KEV).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised: Option<Timestamp>,
    /// The time of the first decision (other than a scan's), fix or withdrawal since the case was last opened or reopened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triaged: Option<Timestamp>,
    /// The delivery of the fix into the spec tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Delivered>,
    /// The publication of the fixed package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Delivered>,
    /// The version of the package whose update was taken back with the fix; `None` where none was, or the fix was published again.
    #[serde(default, with = "crate::evr::in_log_or_none", skip_serializing_if = "Option::is_none")]
    pub recalled: Option<Evr>,
    /// The version of the package that a scan saw since that update was taken back; `None` where it was the same.
    #[serde(default, with = "crate::evr::in_log_or_none", skip_serializing_if = "Option::is_none")]
    pub next: Option<Evr>,
    /// The release of the first image with the fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imaged: Option<Delivered>,
    /// The times that count for no deadline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// The suggestions that a person refused, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// The last words of each VEX document that was read, by the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Said>,
    /// The number of times that the case was reopened.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reopened: u32,
    /// The time of the last event.
    pub changed: Timestamp,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}
