use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::CaseState;
use crate::{Content, DigestWriter};

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
