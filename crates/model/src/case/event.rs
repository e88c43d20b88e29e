use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CaseState, Change, Facts};
use crate::evr::Shown;
use crate::{Content, DigestWriter, Evidence, Evr, Severity};

/// Why something is not affected: the five justifications of CSAF 2.0 (flags) and OpenVEX, which share their words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Justification {
    /// The vulnerable component is not in the package.
    ComponentNotPresent,
    /// The component is there, the vulnerable code is not: another version, or not compiled.
    VulnerableCodeNotPresent,
    /// The code is there and is never run.
    VulnerableCodeNotInExecutePath,
    /// The code runs, but no attacker can reach it.
    VulnerableCodeCannotBeControlledByAdversary,
    /// Something else already prevents it.
    InlineMitigationsAlreadyExist,
}

impl Justification {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ComponentNotPresent,
        Self::VulnerableCodeNotPresent,
        Self::VulnerableCodeNotInExecutePath,
        Self::VulnerableCodeCannotBeControlledByAdversary,
        Self::InlineMitigationsAlreadyExist,
    ];

    /// The word as written in CSAF and OpenVEX.
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
    /// A person looked at the code.
    Reviewed,
    /// The same was decided before for the same component.
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
    /// Another document says so.
    Statement,
    /// It was recorded in the spec tree.
    Recorded,
}

impl Reason {
    /// All of them.
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

    /// The word as written.
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
    /// Somebody decided what it is.
    Triaged,
    /// The fix is in the spec tree.
    Fixed,
    /// The package update is published.
    Published,
    /// An image carries it.
    Imaged,
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Triaged, Self::Fixed, Self::Published, Self::Imaged];

    /// The word as written.
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

/// Why a clock may stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// Upstream has no fix.
    WaitingForUpstream,
    /// Whoever reported it has to answer.
    WaitingForReporter,
    /// The disclosure date is agreed with others.
    Embargo,
    /// The distribution's release is frozen.
    Freeze,
}

impl PauseReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::WaitingForUpstream, Self::WaitingForReporter, Self::Embargo, Self::Freeze];

    /// The word as written.
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

/// Where a decision or a fix was learned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A person decided; the actor of the event is who.
    Person,
    /// A scan saw it.
    Scan,
    /// A file of the spec tree says so.
    SpecTree(String),
    /// A VEX document says so.
    Document(String),
}

/// A decision on a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The state from now on.
    pub state: CaseState,
    /// Why it is not affected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Justification>,
    /// The kind of reason.
    pub reason: Reason,
    /// The meaning here, in words: the impact statement of VEX, or why it waits. Empty asks for one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub statement: String,
    /// When it ends, and the case is open again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Where it was learned from.
    pub origin: Origin,
}

impl Decision {
    /// Whether it has what it needs, else what is missing.
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
            CaseState::Fixed | CaseState::Withdrawn => Err("a fix and a withdrawal are no decisions"),
            _ => Ok(()),
        }
    }

    /// Whether somebody still has to say why.
    #[must_use]
    pub fn asks_for_reason(&self) -> bool {
        self.statement.trim().is_empty() && matches!(self.state, CaseState::NotAffected | CaseState::WillNotFix)
    }
}

/// Coordinated disclosure: what is kept from people without the right to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embargo {
    /// When it may be told.
    pub until: Timestamp,
    /// Who coordinates it.
    pub contact: String,
    /// The number it is tracked under there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tracking: String,
}

/// Something that happened to a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum CaseEvent {
    /// A scan found it, or a person began it.
    Opened {
        /// The facts.
        facts: Facts,
        /// Where it begins.
        state: CaseState,
    },
    /// The facts changed, and it stays where it is.
    Observed {
        /// The facts now.
        facts: Facts,
        /// The changes.
        changed: Vec<Change>,
    },
    /// The facts changed, and it is open again.
    Reopened {
        /// The facts now.
        facts: Facts,
        /// The changes that were grounds for it.
        because: Vec<Change>,
        /// Where it begins again.
        state: CaseState,
    },
    /// It was decided.
    Decided(Decision),
    /// The decision in force has ended.
    Expired,
    /// A fix is in the spec tree.
    Fixed {
        /// The package's version with the fix; `None` where it names none.
        #[serde(with = "crate::evr::in_log_or_none")]
        version: Option<Evr>,
        /// Where it was learned from.
        origin: Origin,
        /// The evidence of the fix.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    },
    /// The record was rejected.
    Withdrawn {
        /// In words.
        because: String,
    },
    /// The distribution's own rating.
    Rated {
        /// The rating.
        severity: Severity,
        /// Why it differs.
        reason: String,
    },
    /// Somebody took it, or gave it back.
    Assigned {
        /// Who.
        to: Option<String>,
    },
    /// It is kept from others until a date.
    Embargoed(Embargo),
    /// The end of its embargo.
    Disclosed,
    /// The package update is out.
    Published {
        /// The package's version.
        #[serde(with = "crate::evr::in_log")]
        version: Evr,
        /// The repository or channel.
        place: String,
    },
    /// The package update was taken back: machines can no longer get it there.
    Recalled {
        /// The package's version that was taken back.
        #[serde(with = "crate::evr::in_log")]
        version: Evr,
        /// Why, in words.
        because: String,
    },
    /// An image carries the fix.
    Shipped {
        /// The package's version on it.
        #[serde(with = "crate::evr::in_log")]
        version: Evr,
        /// The image.
        image: String,
    },
    /// Its clocks stand still.
    Paused {
        /// Why.
        reason: PauseReason,
        /// In words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// Its clocks run again.
    Resumed,
    /// A person refused what was suggested, which is not suggested again.
    Refused {
        /// The suggestion, by its name.
        suggestion: String,
    },
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
        }
    }
}
