use serde::{Deserialize, Serialize};

use crate::Status;

/// The state of a case: the states of VEX, and those that a distribution needs beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// No verdict or decision says yet whether the package is affected.
    UnderInvestigation,
    /// The package is affected, and a fix is due.
    Affected,
    /// The package is affected, and the fix waits until a day.
    Deferred,
    /// The package is affected and stays so: a waiver.
    WillNotFix,
    /// The package is no longer shipped. Versions that were shipped are as vulnerable as before.
    NotShipped,
    /// The package is not affected, with a justification.
    NotAffected,
    /// The spec tree has the fix.
    Fixed,
    /// The record was rejected by its publisher.
    Withdrawn,
    /// The batch of events that opened the case was undone: it is as if there had never been one.
    Unopened,
}

/// The moves between the states of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// A person decides, or a recorded decision arrives.
    Decide,
    /// The spec tree has a fix.
    Fix,
    /// The record is rejected by its publisher.
    Withdraw,
    /// A scan found other facts: another range, another version, a record that is valid again.
    Reopen,
    /// A deferral or waiver ends.
    Expire,
    /// A scan no longer finds the package.
    Leave,
}

impl Move {
    /// All moves.
    pub const ALL: [Self; 6] = [Self::Decide, Self::Fix, Self::Withdraw, Self::Reopen, Self::Expire, Self::Leave];

    /// The word for messages and the diagram.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decide => "decision",
            Self::Fix => "fix",
            Self::Withdraw => "rejection",
            Self::Reopen => "change",
            Self::Expire => "expiry",
            Self::Leave => "departure",
        }
    }
}

impl std::fmt::Display for Move {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl CaseState {
    /// All states, the most urgent first.
    pub const ALL: [Self; 9] = [
        Self::UnderInvestigation,
        Self::Affected,
        Self::Deferred,
        Self::WillNotFix,
        Self::NotShipped,
        Self::NotAffected,
        Self::Fixed,
        Self::Withdrawn,
        Self::Unopened,
    ];

    /// The word in options, in the log and in outputs, in `snake_case`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
            Self::Deferred => "deferred",
            Self::WillNotFix => "will_not_fix",
            Self::NotShipped => "not_shipped",
            Self::NotAffected => "not_affected",
            Self::Fixed => "fixed",
            Self::Withdrawn => "withdrawn",
            Self::Unopened => "unopened",
        }
    }

    /// Whether the case waits for a person: for a decision or a fix.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::UnderInvestigation | Self::Affected)
    }

    /// Whether a case may begin in this state.
    #[must_use]
    pub fn may_begin(self) -> bool {
        self.is_open()
    }

    /// The open state that follows from a finding's status: affected, or under investigation for every status that is less certain.
    #[must_use]
    pub fn of_finding(status: Status) -> Self {
        if status == Status::Affected { Self::Affected } else { Self::UnderInvestigation }
    }

    /// Whether a move may lead from this state to `to`.
    #[must_use]
    pub fn may_become(self, to: Self, by: Move) -> bool {
        if self == Self::Unopened || to == Self::Unopened {
            return false;
        }
        match by {
            Move::Decide => {
                !matches!(self, Self::Fixed | Self::Withdrawn) && !matches!(to, Self::NotShipped | Self::Fixed | Self::Withdrawn)
            }
            Move::Fix => !matches!(self, Self::Fixed | Self::Withdrawn) && to == Self::Fixed,
            Move::Withdraw => self != Self::Withdrawn && to == Self::Withdrawn,
            Move::Reopen => !self.is_open() && to.is_open(),
            Move::Expire => matches!(self, Self::Deferred | Self::WillNotFix | Self::NotAffected) && to.is_open(),
            Move::Leave => !matches!(self, Self::NotShipped | Self::Fixed | Self::Withdrawn) && to == Self::NotShipped,
        }
    }
}

impl std::fmt::Display for CaseState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for CaseState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|s| s.as_str() == text)
            .ok_or_else(|| format!("unknown state {text:?}: expected one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// The table of states as a Mermaid state diagram (<https://mermaid.js.org/syntax/stateDiagram.html>).
#[must_use]
pub fn state_diagram() -> String {
    use std::fmt::Write as _;
    let mut out = String::from("stateDiagram-v2\n");
    for state in CaseState::ALL.into_iter().filter(|s| s.may_begin()) {
        let _ = writeln!(out, "    [*] --> {state}: scan");
    }
    for from in CaseState::ALL {
        for to in CaseState::ALL.into_iter().filter(|to| *to != from) {
            let moves: Vec<&str> = Move::ALL.into_iter().filter(|by| from.may_become(to, *by)).map(Move::as_str).collect();
            if !moves.is_empty() {
                let _ = writeln!(out, "    {from} --> {to}: {}", moves.join(", "));
            }
        }
    }
    out
}
