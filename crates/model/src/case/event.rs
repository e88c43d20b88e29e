use serde::{Deserialize, Serialize};

use super::{Case, CaseState, Change, Decision, Embargo, Facts, Origin, PauseReason, Said};
use crate::evr::Shown;
use crate::{Evidence, Evr, Severity, VexStatus};

/// An event of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum CaseEvent {
    /// A scan found the vulnerability, or a person opened the case.
    Opened {
        /// The facts.
        facts: Facts,
        /// The state in which the case begins.
        state: CaseState,
    },
    /// The facts changed, and the state stays.
    Observed {
        /// The facts from now on.
        facts: Facts,
        /// The differences to the facts before.
        changed: Vec<Change>,
    },
    /// The facts changed, and the case is open again.
    Reopened {
        /// The facts from now on.
        facts: Facts,
        /// The changes that were the grounds for reopening.
        because: Vec<Change>,
        /// The state in which the case begins again.
        state: CaseState,
    },
    /// A decision was made.
    Decided(Decision),
    /// The decision in force has ended.
    Expired,
    /// The spec tree has a fix.
    Fixed {
        /// The package's version with the fix; `None` where it names none.
        #[serde(with = "crate::evr::in_log_or_none")]
        version: Option<Evr>,
        /// Whether earlier versions may have the fix too: nothing says which is the first.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        or_before: bool,
        /// The source of the fix.
        origin: Origin,
        /// The evidence of the fix.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    },
    /// The package left: a scan of all that is shipped did not find it.
    Left {
        /// The last version that was shipped; `None` where it is not known.
        #[serde(with = "crate::evr::in_log_or_none")]
        version: Option<Evr>,
    },
    /// The record was rejected by its publisher.
    Withdrawn {
        /// The reason, in words.
        because: String,
    },
    /// The distribution rated the vulnerability itself.
    Rated {
        /// The rating.
        severity: Severity,
        /// The reason why it differs from the records.
        reason: String,
    },
    /// The case was assigned to a person, or to nobody.
    Assigned {
        /// The person; `None` for nobody.
        to: Option<String>,
    },
    /// The case is under embargo.
    Embargoed(Embargo),
    /// The embargo ended.
    Disclosed,
    /// The fixed package was published.
    Published {
        /// The package's version with the fix.
        #[serde(with = "crate::evr::in_log")]
        version: Evr,
        /// The channel or repository in which it was published.
        place: String,
    },
    /// The published package was withdrawn: machines can no longer get it.
    Recalled {
        /// The withdrawn version of the package.
        #[serde(with = "crate::evr::in_log")]
        version: Evr,
        /// The reason, in words.
        because: String,
    },
    /// An image that carries the fix was released.
    Shipped {
        /// The package's version on the image.
        #[serde(with = "crate::evr::in_log")]
        version: Evr,
        /// The image, by its version.
        image: String,
    },
    /// The deadlines of the case are paused.
    Paused {
        /// The reason.
        reason: PauseReason,
        /// A note for people; may be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// The deadlines of the case run again.
    Resumed,
    /// A person refused a suggestion, which is not made again.
    Refused {
        /// The suggestion, by its name.
        suggestion: String,
    },
    /// A VEX document was read that says something of the case, or no longer does. It decides nothing by itself: a later document is
    /// compared with it.
    Stated(Said),
    /// A batch of events was undone.
    Undone {
        /// The number of the batch's first event.
        first: u64,
        /// The number of its last event.
        last: u64,
        /// The case as it was before the batch; `None` where the batch opened it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Box<Case>>,
    },
}

impl CaseEvent {
    /// The word of the event, as in the JSON.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Observed { .. } => "observed",
            Self::Reopened { .. } => "reopened",
            Self::Decided(_) => "decided",
            Self::Expired => "expired",
            Self::Fixed { .. } => "fixed",
            Self::Left { .. } => "left",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Rated { .. } => "rated",
            Self::Assigned { .. } => "assigned",
            Self::Embargoed(_) => "embargoed",
            Self::Disclosed => "disclosed",
            Self::Published { .. } => "published",
            Self::Recalled { .. } => "recalled",
            Self::Shipped { .. } => "shipped",
            Self::Paused { .. } => "paused",
            Self::Resumed => "resumed",
            Self::Refused { .. } => "refused",
            Self::Stated(_) => "stated",
            Self::Undone { .. } => "undone",
        }
    }
}

impl std::fmt::Display for CaseEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let joined = |changes: &[Change]| changes.iter().map(Change::to_string).collect::<Vec<_>>().join("; ");
        match self {
            Self::Opened { facts, state } => write!(f, "opened as {state}, version {}", Shown(facts.version.as_ref())),
            Self::Observed { changed, .. } => write!(f, "observed: {}", joined(changed)),
            Self::Reopened { because, state, .. } => write!(f, "reopened as {state}: {}", joined(because)),
            Self::Decided(decision) => {
                write!(f, "decided: {}, {}", decision.state, decision.reason)?;
                if let Some(justification) = decision.justification {
                    write!(f, ", {justification}")?;
                }
                if let Some(until) = decision.until {
                    write!(f, ", until {until}")?;
                }
                if decision.statement.is_empty() { Ok(()) } else { write!(f, ": {}", decision.statement) }
            }
            Self::Expired => f.write_str("its decision has expired"),
            Self::Fixed { version, or_before, .. } => {
                write!(f, "fixed in {}{}", Shown(version.as_ref()), if *or_before { " or before" } else { "" })
            }
            Self::Left { version } => write!(f, "no longer shipped, last in version {}", Shown(version.as_ref())),
            Self::Withdrawn { because } => write!(f, "withdrawn: {because}"),
            Self::Rated { severity, reason } => write!(f, "rated {severity}: {reason}"),
            Self::Assigned { to: Some(to) } => write!(f, "assigned to {to}"),
            Self::Assigned { to: None } => f.write_str("given back"),
            Self::Embargoed(embargo) => write!(f, "under embargo until {}, {} {}", embargo.until, embargo.contact, embargo.tracking),
            Self::Disclosed => f.write_str("disclosed"),
            Self::Published { version, place } => write!(f, "{version} published in {place}"),
            Self::Recalled { version, because } => write!(f, "{version} taken back: {because}"),
            Self::Shipped { version, image } => write!(f, "{version} shipped with {image}"),
            Self::Paused { reason, note } => write!(f, "clocks stopped: {reason} {note}"),
            Self::Resumed => f.write_str("clocks run again"),
            Self::Refused { suggestion } => write!(f, "refused the suggestion {suggestion}"),
            Self::Stated(said) => {
                write!(f, "{} ({})", said.status.map_or("says nothing any more", VexStatus::as_str), said.file)?;
                said.at.map_or(Ok(()), |at| write!(f, ", stated at {at}"))
            }
            Self::Undone { first, before: Some(before), .. } => write!(f, "undone from event {first} on: {} again", before.state),
            Self::Undone { first, before: None, .. } => write!(f, "undone from event {first} on, which opened it"),
        }
    }
}
