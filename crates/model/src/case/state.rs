use serde::{Deserialize, Serialize};

use crate::Status;

/// Where a case stands: the states of VEX, and what a distribution needs beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Nobody can say yet.
    UnderInvestigation,
    /// It is vulnerable, and a fix is due.
    Affected,
    /// It is vulnerable, and the fix waits until a day.
    Deferred,
    /// It is vulnerable, and stays so: a waiver.
    WillNotFix,
    /// It is not vulnerable, with a justification.
    NotAffected,
    /// The fix is in the spec tree.
    Fixed,
    /// The record was rejected.
    Withdrawn,
}

/// The moves of a case from state to state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// Somebody decides, or a recorded decision arrives.
    Decide,
    /// A fix appears.
    Fix,
    /// The record is rejected.
    Withdraw,
    /// The world changed: another range, another version, a record that stands again.
    Reopen,
    /// A deferral or waiver ends.
    Expire,
}

impl Move {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Decide, Self::Fix, Self::Withdraw, Self::Reopen, Self::Expire];

    /// The word as written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decide => "decision",
            Self::Fix => "fix",
            Self::Withdraw => "rejection",
            Self::Reopen => "change",
            Self::Expire => "expiry",
        }
    }
}

impl std::fmt::Display for Move {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl CaseState {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 7] =
        [Self::UnderInvestigation, Self::Affected, Self::Deferred, Self::WillNotFix, Self::NotAffected, Self::Fixed, Self::Withdrawn];

    /// The word as written in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
            Self::Deferred => "deferred",
            Self::WillNotFix => "will_not_fix",
            Self::NotAffected => "not_affected",
            Self::Fixed => "fixed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether somebody still has to do something: decide, or fix.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::UnderInvestigation | Self::Affected)
    }

    /// Whether a case may begin in it.
    #[must_use]
    pub fn may_begin(self) -> bool {
        self.is_open()
    }

    /// The open state that a finding's status leads to: affected, or under investigation for all that is less certain.
    #[must_use]
    pub fn of_finding(status: Status) -> Self {
        if status == Status::Affected { Self::Affected } else { Self::UnderInvestigation }
    }

    /// Whether a case may go from this state to `to` by a move.
    #[must_use]
    pub fn may_become(self, to: Self, by: Move) -> bool {
        match by {
            Move::Decide => !matches!(self, Self::Fixed | Self::Withdrawn) && !matches!(to, Self::Fixed | Self::Withdrawn),
            Move::Fix => !matches!(self, Self::Fixed | Self::Withdrawn) && to == Self::Fixed,
            Move::Withdraw => self != Self::Withdrawn && to == Self::Withdrawn,
            Move::Reopen => !self.is_open() && to.is_open(),
            Move::Expire => matches!(self, Self::Deferred | Self::WillNotFix | Self::NotAffected) && to.is_open(),
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
