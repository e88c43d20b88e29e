use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Case, CaseState, Change, Facts};
use crate::evr::Shown;
use crate::{Content, DigestWriter, Evidence, Evr, Severity};

/// The reason why a package is not affected: the five justifications of CSAF 2.0 (flags) and OpenVEX, which share their words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Justification {
    /// The vulnerable component is not in the package.
    ComponentNotPresent,
    /// The component is in the package, the vulnerable code is not: another version, or not compiled.
    VulnerableCodeNotPresent,
    /// The vulnerable code is in the package and is never run.
    VulnerableCodeNotInExecutePath,
    /// The vulnerable code runs, but no attacker can reach it.
    VulnerableCodeCannotBeControlledByAdversary,
    /// A mitigation that is in place prevents the attack already.
    InlineMitigationsAlreadyExist,
}

impl Justification {
    /// All justifications, in the order of the standard.
    pub const ALL: [Self; 5] = [
        Self::ComponentNotPresent,
        Self::VulnerableCodeNotPresent,
        Self::VulnerableCodeNotInExecutePath,
        Self::VulnerableCodeCannotBeControlledByAdversary,
        Self::InlineMitigationsAlreadyExist,
    ];

    /// The word as CSAF and OpenVEX write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "component_not_present",
            Self::VulnerableCodeNotPresent => "vulnerable_code_not_present",
            Self::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
            Self::VulnerableCodeCannotBeControlledByAdversary => "vulnerable_code_cannot_be_controlled_by_adversary",
            Self::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
        }
    }
}

/// The kind of reason behind a decision, so that decisions can be counted and found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A person reviewed the code.
    Reviewed,
    /// An earlier decision for the same component says the same.
    Precedent,
    /// The version is outside of the affected range.
    Version,
    /// The affected part is not built or not shipped.
    NotBuilt,
    /// Upstream has no fix yet.
    NoFixUpstream,
    /// The fix would break users.
    TooRisky,
    /// The harm is small here.
    LowImpact,
    /// The package leaves the distribution or is not supported.
    EndOfLife,
    /// The record is disputed.
    Disputed,
    /// A VEX document says so.
    Statement,
    /// The spec tree records the decision.
    Recorded,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 11] = [
        Self::Reviewed,
        Self::Precedent,
        Self::Version,
        Self::NotBuilt,
        Self::NoFixUpstream,
        Self::TooRisky,
        Self::LowImpact,
        Self::EndOfLife,
        Self::Disputed,
        Self::Statement,
        Self::Recorded,
    ];

    /// The word in options, in the log and in outputs, in `snake_case`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reviewed => "reviewed",
            Self::Precedent => "precedent",
            Self::Version => "version",
            Self::NotBuilt => "not_built",
            Self::NoFixUpstream => "no_fix_upstream",
            Self::TooRisky => "too_risky",
            Self::LowImpact => "low_impact",
            Self::EndOfLife => "end_of_life",
            Self::Disputed => "disputed",
            Self::Statement => "statement",
            Self::Recorded => "recorded",
        }
    }
}

/// A stage of the work that has a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The case has a decision.
    Triaged,
    /// The spec tree has the fix.
    Fixed,
    /// The fixed package is published.
    Published,
    /// An image carries the fix.
    Imaged,
}

impl Stage {
    /// All stages, in the order of the work.
    pub const ALL: [Self; 4] = [Self::Triaged, Self::Fixed, Self::Published, Self::Imaged];

    /// The word in options, in the policy, in the log and in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Triaged => "triaged",
            Self::Fixed => "fixed",
            Self::Published => "published",
            Self::Imaged => "imaged",
        }
    }
}

impl Content for Stage {
    fn encode(&self, out: &mut DigestWriter) {
        self.as_str().encode(out);
    }
}

/// The reason why the deadlines of a case are paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// Upstream has no fix.
    WaitingForUpstream,
    /// The reporter of the vulnerability has to answer.
    WaitingForReporter,
    /// The disclosure date is agreed with others.
    Embargo,
    /// The distribution's release is frozen.
    Freeze,
}

impl PauseReason {
    /// All reasons for a pause.
    pub const ALL: [Self; 4] = [Self::WaitingForUpstream, Self::WaitingForReporter, Self::Embargo, Self::Freeze];

    /// The word in options, in the log and in outputs, in `snake_case`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WaitingForUpstream => "waiting_for_upstream",
            Self::WaitingForReporter => "waiting_for_reporter",
            Self::Embargo => "embargo",
            Self::Freeze => "freeze",
        }
    }
}

macro_rules! words {
    ($($name:ident: $what:literal),*) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.into_iter().find(|w| w.as_str() == text).ok_or_else(|| {
                    format!(concat!("unknown ", $what, " {:?}: expected one of {}"), text, Self::ALL.map(Self::as_str).join(", "))
                })
            }
        }
    )*};
}
words!(Justification: "justification", Reason: "reason", Stage: "stage", PauseReason: "reason");

/// The source of a decision or a fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A person, who is the actor of the event.
    Person,
    /// A scan.
    Scan,
    /// A file of the spec tree, by its path.
    SpecTree(String),
    /// A VEX document, by its name.
    Document(String),
}

/// A decision on a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The state of the case from the decision on.
    pub state: CaseState,
    /// The justification; only a case that is not affected has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Justification>,
    /// The kind of reason.
    pub reason: Reason,
    /// The meaning for this distribution, in words: the impact statement of VEX, or the reason for waiting. Empty where a person still has
    /// to write it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub statement: String,
    /// The end of the decision, at which the case is open again; `None` where it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The source of the decision.
    pub origin: Origin,
}

impl Decision {
    /// Checks that the decision has all the parts that its state needs.
    ///
    /// # Errors
    /// The missing part, in words.
    pub fn complete(&self) -> Result<(), &'static str> {
        match self.state {
            // What was recorded elsewhere is taken as it stands; it asks for a reason in the queue.
            CaseState::NotAffected if self.origin == Origin::Person && self.justification.is_none() => {
                Err("a decision that it is not affected needs a justification")
            }
            CaseState::Deferred if self.until.is_none() => Err("a deferral needs a day on which it ends"),
            CaseState::WillNotFix if self.origin == Origin::Person && self.until.is_none() => Err("a waiver needs a day on which it ends"),
            CaseState::WillNotFix | CaseState::NotAffected if self.origin == Origin::Person && self.statement.trim().is_empty() => {
                Err("a decision that leaves a package as it is needs a statement")
            }
            CaseState::Fixed | CaseState::Withdrawn | CaseState::NotShipped | CaseState::Unopened => {
                Err("a fix, a withdrawal, the departure of a package and an undoing are no decisions")
            }
            _ => Ok(()),
        }
    }

    /// Whether the decision is the one by which earlier versions wrote down that the package had left, before there was [`CaseEvent::Left`]:
    /// that it is not affected, which nobody had found.
    #[must_use]
    pub fn is_departure(&self) -> bool {
        self.origin == Origin::Scan
            && self.state == CaseState::NotAffected
            && self.justification == Some(Justification::ComponentNotPresent)
    }

    /// Whether a statement that the state needs is still missing.
    #[must_use]
    pub fn asks_for_reason(&self) -> bool {
        self.statement.trim().is_empty() && matches!(self.state, CaseState::NotAffected | CaseState::WillNotFix)
    }
}

/// An embargo for a coordinated disclosure: until its end, only actors with the right to it see the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embargo {
    /// The time from which the case may be public.
    pub until: Timestamp,
    /// The coordinator's address or name.
    pub contact: String,
    /// The id under which the coordinator tracks it; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tracking: String,
}

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
            Self::Fixed { version, .. } => write!(f, "fixed in {}", Shown(version.as_ref())),
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
            Self::Undone { first, before: Some(before), .. } => write!(f, "undone from event {first} on: {} again", before.state),
            Self::Undone { first, before: None, .. } => write!(f, "undone from event {first} on, which opened it"),
        }
    }
}
