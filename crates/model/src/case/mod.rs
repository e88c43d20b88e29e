//! The life of a case: one CVE in one source package of one release line, from the scan that opens it to the image that
//! carries its fix.
//!
//! A case is not stored as a value of its own: it is the fold over its [`CaseEvent`]s ([`Case::open`], [`Case::apply`]). One table says
//! which state may follow which ([`CaseState::may_become`]), so that no log leads to a state that nobody planned, and the diagram in the
//! documentation is drawn from the same table ([`state_diagram`]).

mod change;
mod decision;
mod event;
mod facts;
mod priority;
mod said;
mod state;
mod step;
mod value;

use jiff::Timestamp;

use crate::{Evr, Severity, compare_evr};

pub use change::Change;
pub use decision::{Decision, Embargo, Justification, Origin, PauseReason, Reason, Stage};
pub use event::CaseEvent;
pub use facts::{Facts, RatedBy, Reach};
pub use priority::{Priority, priority};
pub use said::Said;
pub use state::{CaseState, Move, state_diagram};
pub use step::{CaseStep, check_key};
pub use value::{Case, CaseKey, Delivered, Pause};

/// The refusal of an event that may not follow on the ones before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IllegalStep {
    /// The first event of a case has to open it.
    #[error("{0} is not open: the first event of a case has to open it")]
    NotOpen(Box<CaseKey>),
    /// The case is open already.
    #[error("{0} is open already")]
    OpenAlready(Box<CaseKey>),
    /// The table of states does not allow the move.
    #[error("{key} cannot go from {from} to {to} by {by}")]
    Forbidden {
        /// The case.
        key: Box<CaseKey>,
        /// The state of the case.
        from: CaseState,
        /// The state that the event leads to.
        to: CaseState,
        /// The move of the event.
        by: Move,
    },
    /// The event ends what never began, or begins what is in force already.
    #[error("{key}: {what}")]
    OutOfOrder {
        /// The case.
        key: Box<CaseKey>,
        /// The contradiction, in words.
        what: &'static str,
    },
    /// The event lacks a part that it needs.
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
    /// When the event is not [`CaseEvent::Opened`], or opens the case in a state that no case begins in.
    pub fn open(key: &CaseKey, at: Timestamp, event: &CaseEvent) -> Result<Self, IllegalStep> {
        let CaseEvent::Opened { facts, state } = event else { return Err(IllegalStep::NotOpen(Box::new(key.clone()))) };
        if !state.may_begin() {
            return Err(IllegalStep::Incomplete { key: Box::new(key.clone()), what: "a case begins under investigation or affected" });
        }
        Ok(Self::begun(key, at, facts, *state))
    }

    /// A case of which nothing is known but its facts.
    fn begun(key: &CaseKey, at: Timestamp, facts: &Facts, state: CaseState) -> Self {
        Self {
            key: key.clone(),
            state,
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
            recalled: None,
            next: None,
            imaged: None,
            pauses: Vec::new(),
            refused: Vec::new(),
            said: Vec::new(),
            reopened: 0,
            changed: at,
        }
    }

    /// The severity in force: the distribution's own, else that of the records; `None` where nobody rated.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.rating.as_ref().map(|(severity, _)| *severity).or(self.facts.severity)
    }

    /// Whether a version of the package has the fix. No version has it while the case is not fixed, or its fix names no version that can be
    /// compared.
    #[must_use]
    pub fn is_fixed_in(&self, version: &Evr) -> bool {
        let fix = self.fixed.as_ref().and_then(|d| d.version.as_ref());
        fix.is_some_and(|fix| fix.is_plain() && compare_evr(version, fix).is_ge())
    }

    /// The version of the package whose update was taken back, where nothing else delivers the fix; `None` where there is none.
    #[must_use]
    pub fn taken_back(&self) -> Option<&Evr> {
        let is_delivered = self.published.is_some() || self.imaged.is_some();
        self.recalled.as_ref().filter(|_| self.state == CaseState::Fixed && !is_delivered)
    }

    /// The version of the package that delivers the fix: that of the fix, or a newer release than the one that was taken back. `None` where
    /// the fix names no version, or the package has no newer release yet.
    #[must_use]
    pub fn deliverable(&self) -> Option<&Evr> {
        match self.taken_back() {
            Some(gone) => self
                .next
                .as_ref()
                .or(self.facts.version.as_ref())
                .filter(|version| version.is_plain() && compare_evr(version, gone).is_gt()),
            None => self.fixed.as_ref().and_then(|fix| fix.version.as_ref()),
        }
    }

    /// Whether the case is history: its fix was published when the case was first seen.
    #[must_use]
    pub fn is_history(&self) -> bool {
        [&self.fixed, &self.published].into_iter().all(|step| step.as_ref().is_some_and(|step| step.at == self.opened))
    }

    /// Whether the case has no embargo at time `now`.
    #[must_use]
    pub fn is_disclosed(&self, now: Timestamp) -> bool {
        self.embargo.as_ref().is_none_or(|e| e.until <= now)
    }

    /// The end of the decision in force; `None` where it has no end.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.decision.as_ref().and_then(|d| d.until)
    }

    /// Applies the next event.
    ///
    /// # Errors
    /// When the event may not follow on the ones before it; the case is then unchanged.
    pub fn apply(&mut self, at: Timestamp, event: &CaseEvent) -> Result<(), IllegalStep> {
        match event {
            // What is kept from others stays so, whatever was undone.
            CaseEvent::Opened { .. } if self.state == CaseState::Unopened => {
                *self = Self { embargo: self.embargo.clone(), ..Self::open(&self.key, at, event)? };
            }
            CaseEvent::Opened { .. } => return Err(IllegalStep::OpenAlready(self.boxed())),
            CaseEvent::Undone { before: Some(before), .. } if before.key != self.key => {
                return Err(self.out_of_order("it cannot become another case"));
            }
            CaseEvent::Undone { before: Some(before), .. } => {
                // Events of earlier versions hold a case that does not know what was taken back.
                let stays = before.state == CaseState::Fixed && before.published.is_none() && before.fixed == self.fixed;
                let recalled = self.recalled.take().filter(|_| stays);
                self.clone_from(before);
                self.recalled = self.recalled.take().or(recalled);
            }
            CaseEvent::Undone { before: None, .. } => {
                let unopened = Self::begun(&self.key, self.opened, &self.facts, CaseState::Unopened);
                *self = Self { embargo: self.embargo.take(), ..unopened };
            }
            _ if self.state == CaseState::Unopened => return Err(IllegalStep::NotOpen(self.boxed())),
            // The facts stay those by which the case was raised: what was seen since delivers the fix.
            CaseEvent::Observed { facts, .. } if self.taken_back().is_some() => self.next.clone_from(&facts.version),
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
            CaseEvent::Left { .. } => self.leave()?,
            CaseEvent::Decided(decision) if decision.is_departure() => self.leave()?,
            CaseEvent::Decided(decision) => {
                decision.complete().map_err(|what| IllegalStep::Incomplete { key: self.boxed(), what })?;
                self.enter(decision.state, Move::Decide)?;
                self.decision = Some(decision.clone());
                match decision.origin {
                    // What a scan concludes is no substitute for somebody who looked.
                    Origin::Scan => {}
                    // Words that closed it no longer hold, and nobody has looked since.
                    Origin::Document(_) if decision.state == CaseState::UnderInvestigation => self.triaged = None,
                    _ => self.triaged = self.triaged.or(Some(at)),
                }
            }
            CaseEvent::Fixed { version, or_before, .. } => {
                self.enter(CaseState::Fixed, Move::Fix)?;
                self.fixed = Some(Delivered { at, version: version.clone(), or_before: *or_before, place: String::new() });
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
                (self.recalled, self.next) = (None, None);
            }
            CaseEvent::Recalled { version, .. } => {
                self.published.take().ok_or_else(|| self.out_of_order("no update of it is published"))?;
                // An event of the log may name no version.
                self.recalled = Some(version.clone()).filter(|version| !version.version.is_empty());
                self.next = None;
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
            CaseEvent::Stated(said) => match self.said.iter_mut().find(|known| known.document == said.document) {
                Some(known) => known.clone_from(said),
                None => self.said.push(said.clone()),
            },
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

    /// Closes the case of a package that is no longer shipped. The decision that stood so far was one on what is shipped.
    fn leave(&mut self) -> Result<(), IllegalStep> {
        self.enter(CaseState::NotShipped, Move::Leave)?;
        self.decision = None;
        Ok(())
    }

    fn observe(&mut self, at: Timestamp, facts: &Facts) {
        if facts.exploited_since.is_some() {
            self.raised.get_or_insert(at);
        }
        self.facts = facts.clone();
    }

    /// Lets the deadlines begin anew: what was decided, said and delivered before the case was reopened counts no more.
    fn restart(&mut self, at: Timestamp) {
        self.opened = at;
        (self.decision, self.triaged) = (None, None);
        (self.fixed, self.published, self.recalled, self.next, self.imaged) = (None, None, None, None, None);
        self.pauses.clear();
        for said in &mut self.said {
            said.overtaken = true;
        }
    }

    fn delivery(&self, at: Timestamp, version: &Evr, place: &str) -> Result<Delivered, IllegalStep> {
        if self.state != CaseState::Fixed {
            return Err(self.out_of_order("only what is fixed is delivered"));
        }
        Ok(Delivered { at, version: Some(version.clone()), or_before: false, place: place.to_owned() })
    }
}

#[cfg(test)]
mod tests;
