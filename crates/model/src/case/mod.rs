//! The life of a case: one CVE in one source package of one release line, from the scan that opens it to the image that
//! carries its fix.
//!
//! A case is never stored as such: it is what its [`CaseEvent`]s amount to, one after another ([`Case::open`],
//! [`Case::apply`]). What may follow what is a table ([`CaseState::may_become`]), so that no log can lead to a state that
//! nobody planned, and the diagram in the documentation is drawn from the same table ([`state_diagram`]).

mod change;
mod event;
mod facts;
mod priority;
mod state;
mod step;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CveId, Evr, PackageName, ReleaseLine, Severity, compare_evr};

pub use change::Change;
pub use event::{CaseEvent, Decision, Embargo, Justification, Origin, PauseReason, Reason, Stage};
pub use facts::{Facts, RatedBy, Reach};
pub use priority::{Priority, priority};
pub use state::{CaseState, Move, state_diagram};
pub use step::{CaseStep, check_key};

/// The subject of a case: line, package, CVE and part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CaseKey {
    /// The release line of the distribution, such as `3.0`.
    pub line: ReleaseLine,
    /// The source package.
    pub package: PackageName,
    /// The CVE.
    pub cve: CveId,
    /// The part, where a case was split: a component or a sub-package. Empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part: String,
}

impl CaseKey {
    /// Whether it is of the same line, package and CVE: another part, or the whole, or the same.
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

/// A time at which something of the delivery happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// When.
    pub at: Timestamp,
    /// The package's version; `None` where the fix names none.
    #[serde(with = "crate::evr::in_log_or_none")]
    pub version: Option<Evr>,
    /// Where: the repository or the image.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

/// A time in which a clock stood still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// From when.
    pub from: Timestamp,
    /// Until when; `None` while it lasts.
    pub to: Option<Timestamp>,
    /// Why.
    pub reason: PauseReason,
}

/// A case as its events made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its subject.
    pub key: CaseKey,
    /// Where it stands.
    pub state: CaseState,
    /// The facts of the last scan.
    pub facts: Facts,
    /// The decision in force, for every state that somebody decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The distribution's own rating, with its reason; it wins over every other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<(Severity, String)>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Its embargo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embargo: Option<Embargo>,
    /// When it was opened, or opened again after it had been closed: from here its clocks run.
    pub opened: Timestamp,
    /// When CISA's list, as we know it, first held it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised: Option<Timestamp>,
    /// When somebody first decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triaged: Option<Timestamp>,
    /// The fix in the spec tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Delivered>,
    /// The package update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Delivered>,
    /// The first image that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imaged: Option<Delivered>,
    /// Times that count for no deadline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// Suggestions that a person refused, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// How often it was opened again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reopened: u32,
    /// When its last event happened.
    pub changed: Timestamp,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// An event that may not follow on the ones before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IllegalStep {
    /// The first event of a case has to open it.
    #[error("{0} is not open: the first event of a case has to open it")]
    NotOpen(Box<CaseKey>),
    /// It is open already.
    #[error("{0} is open already")]
    OpenAlready(Box<CaseKey>),
    /// The table of states does not allow it.
    #[error("{key} cannot go from {from} to {to} by {by}")]
    Forbidden {
        /// The case.
        key: Box<CaseKey>,
        /// Where it stands.
        from: CaseState,
        /// Where it was to go.
        to: CaseState,
        /// By what.
        by: Move,
    },
    /// An end without a beginning.
    #[error("{key}: {what}")]
    OutOfOrder {
        /// The case.
        key: Box<CaseKey>,
        /// The misfit, in words.
        what: &'static str,
    },
    /// A decision lacks what it needs.
    #[error("{key}: {what}")]
    Incomplete {
        /// The case.
        key: Box<CaseKey>,
        /// The missing part, in words.
        what: &'static str,
    },
}

impl Case {
    /// The case that a first event opens.
    ///
    /// # Errors
    /// When the event is not [`CaseEvent::Opened`], or opens it in a state that a case cannot begin in.
    pub fn open(key: &CaseKey, at: Timestamp, event: &CaseEvent) -> Result<Self, IllegalStep> {
        let CaseEvent::Opened { facts, state } = event else { return Err(IllegalStep::NotOpen(Box::new(key.clone()))) };
        if !state.may_begin() {
            return Err(IllegalStep::Incomplete { key: Box::new(key.clone()), what: "a case begins under investigation or affected" });
        }
        Ok(Self {
            key: key.clone(),
            state: *state,
            raised: facts.exploited_since.as_ref().map(|_| at),
            facts: facts.clone(),
            decision: None,
            rating: None,
            assignee: None,
            embargo: None,
            opened: at,
            triaged: None,
            fixed: None,
            published: None,
            imaged: None,
            pauses: Vec::new(),
            refused: Vec::new(),
            reopened: 0,
            changed: at,
        })
    }

    /// The severity that counts: the distribution's own, else the record's; `None` where nobody rated it.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.rating.as_ref().map(|(severity, _)| *severity).or(self.facts.severity)
    }

    /// Whether a version of the package has the fix. None has while the fix is not known, or names no version that can be read.
    #[must_use]
    pub fn is_fixed_in(&self, version: &Evr) -> bool {
        let fix = self.fixed.as_ref().and_then(|d| d.version.as_ref());
        fix.is_some_and(|fix| fix.is_plain() && compare_evr(version, fix).is_ge())
    }

    /// Whether it is under no embargo at a time.
    #[must_use]
    pub fn is_disclosed(&self, now: Timestamp) -> bool {
        self.embargo.as_ref().is_none_or(|e| e.until <= now)
    }

    /// When the decision in force ends, where it ends.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.decision.as_ref().and_then(|d| d.until)
    }

    /// Takes the next event.
    ///
    /// # Errors
    /// When it may not follow on the ones before it; the case is then as it was.
    pub fn apply(&mut self, at: Timestamp, event: &CaseEvent) -> Result<(), IllegalStep> {
        match event {
            CaseEvent::Opened { .. } => return Err(IllegalStep::OpenAlready(self.boxed())),
            CaseEvent::Observed { facts, .. } => self.observe(at, facts),
            CaseEvent::Reopened { facts, state, .. } => {
                self.enter(*state, Move::Reopen)?;
                self.observe(at, facts);
                self.restart(at);
                self.reopened += 1;
            }
            CaseEvent::Expired => {
                self.expires().ok_or_else(|| self.out_of_order("nothing of it expires"))?;
                self.enter(CaseState::of_finding(self.facts.status), Move::Expire)?;
                self.restart(at);
            }
            CaseEvent::Decided(decision) => {
                decision.complete().map_err(|what| IllegalStep::Incomplete { key: self.boxed(), what })?;
                self.enter(decision.state, Move::Decide)?;
                self.decision = Some(decision.clone());
                // What a scan concludes is no substitute for somebody who looked.
                if decision.origin != Origin::Scan {
                    self.triaged.get_or_insert(at);
                }
            }
            CaseEvent::Fixed { version, .. } => {
                self.enter(CaseState::Fixed, Move::Fix)?;
                self.fixed = Some(Delivered { at, version: version.clone(), place: String::new() });
                self.decision = None;
                self.triaged.get_or_insert(at);
            }
            CaseEvent::Withdrawn { .. } => {
                self.enter(CaseState::Withdrawn, Move::Withdraw)?;
                self.triaged.get_or_insert(at);
            }
            CaseEvent::Rated { severity, reason } => self.rating = Some((*severity, reason.clone())),
            CaseEvent::Assigned { to } => self.assignee.clone_from(to),
            CaseEvent::Embargoed(embargo) => self.embargo = Some(embargo.clone()),
            CaseEvent::Disclosed => drop(self.embargo.take().ok_or_else(|| self.out_of_order("it is under no embargo"))?),
            CaseEvent::Published { version, place } => {
                self.published = Some(self.delivery(at, version, place)?);
            }
            CaseEvent::Recalled { .. } => {
                self.published.take().ok_or_else(|| self.out_of_order("no update of it is published"))?;
            }
            CaseEvent::Shipped { version, image } => {
                self.imaged = Some(self.delivery(at, version, image)?);
            }
            CaseEvent::Paused { reason, .. } => {
                if self.pauses.last().is_some_and(|p| p.to.is_none()) {
                    return Err(self.out_of_order("its clocks stand still already"));
                }
                self.pauses.push(Pause { from: at, to: None, reason: *reason });
            }
            CaseEvent::Resumed => match self.pauses.last_mut().filter(|p| p.to.is_none()) {
                Some(pause) => pause.to = Some(at),
                None => return Err(self.out_of_order("its clocks are running")),
            },
            CaseEvent::Refused { suggestion } => {
                if self.refused.contains(suggestion) {
                    return Err(self.out_of_order("that was refused already"));
                }
                self.refused.push(suggestion.clone());
            }
        }
        self.changed = at;
        Ok(())
    }

    fn boxed(&self) -> Box<CaseKey> {
        Box::new(self.key.clone())
    }

    fn out_of_order(&self, what: &'static str) -> IllegalStep {
        IllegalStep::OutOfOrder { key: self.boxed(), what }
    }

    fn enter(&mut self, to: CaseState, by: Move) -> Result<(), IllegalStep> {
        if !self.state.may_become(to, by) {
            return Err(IllegalStep::Forbidden { key: self.boxed(), from: self.state, to, by });
        }
        self.state = to;
        Ok(())
    }

    fn observe(&mut self, at: Timestamp, facts: &Facts) {
        if facts.exploited_since.is_some() {
            self.raised.get_or_insert(at);
        }
        self.facts = facts.clone();
    }

    /// Clocks begin anew, and what was delivered for an earlier life counts no more.
    fn restart(&mut self, at: Timestamp) {
        self.opened = at;
        (self.decision, self.triaged, self.fixed, self.published, self.imaged) = (None, None, None, None, None);
        self.pauses.clear();
    }

    fn delivery(&self, at: Timestamp, version: &Evr, place: &str) -> Result<Delivered, IllegalStep> {
        if self.state != CaseState::Fixed {
            return Err(self.out_of_order("only what is fixed is delivered"));
        }
        Ok(Delivered { at, version: Some(version.clone()), place: place.to_owned() })
    }
}

#[cfg(test)]
mod tests;
