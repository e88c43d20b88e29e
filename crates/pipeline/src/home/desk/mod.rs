//! Use cases: people's work on cases. Each decision is one batch of events in the log, whole or not at all, and signed by a person: where
//! nobody is named, it is refused.

mod adopt;
mod bulk;
mod details;
mod precedents;
mod queue;
mod suggestions;
mod undo;
mod worklist;

use std::sync::Arc;

use jiff::Timestamp;
use seaworthy_ledger::{Batch, Draft, Entry, Event, Ledger, Query};
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Embargo, Facts, PauseReason, Priority, Reach, priority};
use seaworthy_model::subject::SubjectId;
use seaworthy_model::{CveId, Evidence, EvidenceKind, Evr, PackageName, ReleaseLine, Severity, Status};
use seaworthy_triage::{Deadline, Suggestion, deadlines_by, suggest};
use serde::Serialize;

pub use adopt::{AdoptRequest, AdoptedFixes};
pub use bulk::{BulkDecision, BulkDocument};
use precedents::Precedents;
pub use queue::{Queue, QueueDocument, QueueRequest, Queued};
pub use suggestions::{Suggested, SuggestionOverview, SuggestionsDocument};
pub(in crate::home) use undo::last_shipped;
pub use undo::{CaseBatch, CaseBatches, Restored, Undoing, UndoingDocument};
pub use worklist::Worklist;

use super::{DeskError, Home, HomeError};
use crate::about::AboutRecord;

/// The name of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseName {
    /// The CVE.
    pub cve: CveId,
    /// The source package.
    pub package: PackageName,
    /// The release line; that of the settings where none is named.
    pub line: Option<ReleaseLine>,
    /// The part, where the case was split; empty for the whole.
    pub part: String,
    /// Whether the caller has the right to cases under embargo.
    pub embargoed: bool,
}

impl CaseName {
    /// The name of the case with a key.
    #[must_use]
    pub fn of(key: &CaseKey, embargoed: bool) -> Self {
        let CaseKey { line, package, cve, part } = key.clone();
        Self { cve, package, line: Some(line), part, embargoed }
    }
}

/// A case that is opened by a person.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCase {
    /// The package's version, `EPOCH:VERSION-RELEASE`.
    pub version: String,
    /// The severity; `None` where nobody rated it yet.
    pub severity: Option<Severity>,
    /// The embargo; `None` for none.
    pub embargo: Option<Embargo>,
}

/// The events that were written of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The events, in the order in which they were written.
    pub events: Vec<Event>,
    /// The state before and after; `None` where it did not change, or cases were opened.
    pub became: Option<(CaseState, CaseState)>,
    /// Whether the desk was one for a trial: then nothing was written.
    pub is_trial: bool,
}

/// A case with its history, deadlines and suggestions.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// The events of the case, the oldest first.
    pub history: Vec<Entry>,
    /// The deadlines of the case; those of the past by the policy of their time.
    pub deadlines: Vec<Deadline>,
    /// The decisions that were made elsewhere and may hold for it.
    pub suggestions: Vec<Suggestion>,
}

/// A case with its history and deadlines, and what its record says for people, as a document for programs.
#[derive(Clone, Debug, Serialize)]
pub struct CaseDocument<'a> {
    case: &'a Case,
    priority: Priority,
    deadlines: &'a [Deadline],
    history: &'a [Entry],
    record: Option<&'a AboutRecord>,
}

impl CaseFile {
    /// The case with its history and deadlines, and what its record says for people, as a document for programs.
    #[must_use]
    pub fn document<'a>(&'a self, record: Option<&'a AboutRecord>) -> CaseDocument<'a> {
        CaseDocument { case: &self.case, priority: priority(&self.case), deadlines: &self.deadlines, history: &self.history, record }
    }
}

/// The desk: people's work on the cases of a home.
pub struct Desk<'h> {
    home: &'h Home,
    ledger: Arc<Ledger>,
    /// Whether nothing is written.
    is_trial: bool,
    precedents: Precedents,
}

impl Home {
    /// The desk of this home.
    ///
    /// # Errors
    /// When the ledger cannot be opened.
    pub fn desk(&self) -> Result<Desk<'_>, HomeError> {
        let ledger = self.ledger_if_writable()?;
        self.report_ahead(&ledger)?;
        self.report_no_cycle(&ledger, None)?;
        Ok(Desk { home: self, ledger, is_trial: false, precedents: Precedents::default() })
    }
}

impl Desk<'_> {
    /// The desk for a trial, where `is_trial` says so: all is done and refused as it would be, and nothing is written.
    #[must_use]
    pub fn trial(self, is_trial: bool) -> Self {
        Self { is_trial, ..self }
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// The time at the desk.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.home.now()
    }

    /// The person at the desk.
    ///
    /// # Errors
    /// When nobody is named.
    pub fn person(&self) -> Result<&str, HomeError> {
        self.home.person()
    }

    fn key(&self, name: &CaseName) -> CaseKey {
        CaseKey { line: self.home.line(name.line.as_ref()), package: name.package.clone(), cve: name.cve, part: name.part.clone() }
    }

    /// The case of a name.
    ///
    /// # Errors
    /// When there is none, or the caller may not see it.
    pub fn case(&self, name: &CaseName) -> Result<Case, HomeError> {
        let key = self.key(name);
        let now = self.now();
        let found = self.ledger.case(&key)?.filter(|case| name.embargoed || case.is_disclosed(now));
        Ok(found.ok_or_else(|| DeskError::NoCase { key: key.into() })?)
    }

    /// The case of a name, with its history, deadlines and suggestions.
    ///
    /// # Errors
    /// When there is none, the caller may not see it, or the policy cannot be read.
    pub fn file(&self, name: &CaseName) -> Result<CaseFile, HomeError> {
        let policies = self.home.policies(&self.ledger)?;
        let case = self.case(name)?;
        let history = self.ledger.history(&case.key)?;
        let deadlines = deadlines_by(&case, &policies, self.now());
        let suggestions = suggest(&case, self.precedents(name.embargoed)?.iter());
        Ok(CaseFile { case, history, deadlines, suggestions })
    }

    /// What the record of a CVE says for people; `None` where nothing was synced yet, or no source knows the CVE.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn about(&self, cve: CveId) -> Result<Option<AboutRecord>, HomeError> {
        let Some(knowledge) = self.home.knowledge()? else { return Ok(None) };
        Ok(knowledge.find(cve).map(|cve| AboutRecord::of(&knowledge, cve)).transpose()?)
    }

    /// Writes a person's decision.
    ///
    /// # Errors
    /// When there is no such case, it does not allow the decision, or the end of the decision is past.
    pub fn decide(&self, name: &CaseName, decision: Decision, why: Option<&str>) -> Result<Written, HomeError> {
        self.write(name, CaseEvent::Decided(decision), why)
    }

    /// Assigns the case to a person, or to nobody.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn assign(&self, name: &CaseName, to: Option<String>, why: Option<&str>) -> Result<Written, HomeError> {
        self.write(name, CaseEvent::Assigned { to }, why)
    }

    /// Rates the case: the distribution's own severity counts before every other.
    ///
    /// # Errors
    /// When there is no such case, or the reason is empty.
    pub fn rate(&self, name: &CaseName, severity: Severity, reason: String, why: Option<&str>) -> Result<Written, HomeError> {
        if reason.trim().is_empty() {
            self.case(name)?;
            return Err(DeskError::NoReason.into());
        }
        self.write(name, CaseEvent::Rated { severity, reason }, why)
    }

    /// Pauses the deadlines of the case.
    ///
    /// # Errors
    /// When there is no such case, or they are paused already.
    pub fn pause(&self, name: &CaseName, reason: PauseReason, why: Option<&str>) -> Result<Written, HomeError> {
        self.write(name, CaseEvent::Paused { reason, note: why.unwrap_or_default().to_owned() }, why)
    }

    /// Resumes the deadlines of the case.
    ///
    /// # Errors
    /// When there is no such case, or they are not paused.
    pub fn resume(&self, name: &CaseName, why: Option<&str>) -> Result<Written, HomeError> {
        self.write(name, CaseEvent::Resumed, why)
    }

    /// Keeps the case from people without the right to it until a time.
    ///
    /// # Errors
    /// When there is no such case, or the time is past.
    pub fn embargo(&self, name: &CaseName, embargo: Embargo, why: Option<&str>) -> Result<Written, HomeError> {
        self.write(name, CaseEvent::Embargoed(embargo), why)
    }

    /// Ends the embargo of the case now.
    ///
    /// # Errors
    /// When there is no such case, or it has no embargo.
    pub fn disclose(&self, name: &CaseName, why: Option<&str>) -> Result<Written, HomeError> {
        self.write(name, CaseEvent::Disclosed, why)
    }

    /// Opens a case that no scan has found, such as a report that was made in confidence.
    ///
    /// # Errors
    /// When the case exists already, the version is none, the embargo is over already, or the caller has no right to cases under embargo.
    pub fn open(&self, name: &CaseName, new: NewCase, why: Option<&str>) -> Result<Written, HomeError> {
        let key = self.key(name);
        if !name.embargoed {
            return Err(DeskError::NoRight.into());
        }
        if self.ledger.case(&key)?.is_some() {
            return Err(DeskError::OpenAlready { key: key.into() }.into());
        }
        if new.version.trim().is_empty() {
            return Err(DeskError::NoVersion.into());
        }
        let Ok(version) = new.version.parse::<Evr>() else {
            return Err(DeskError::Version { version: new.version }.into());
        };
        let facts = Facts {
            status: Status::Affected,
            version: Some(version),
            severity: new.severity,
            rated_by: None,
            exploited_since: None,
            epss: None,
            product: None,
            fixed_in: None,
            rule: None,
            record_published: self.now(),
            reach: Reach::Repository,
            evidence: vec![Evidence::new(EvidenceKind::Record, "opened by hand: no source names it yet")],
        };
        let opened = CaseEvent::Opened { facts, state: CaseState::UnderInvestigation };
        let events: Vec<CaseEvent> = [Some(opened), new.embargo.map(CaseEvent::Embargoed)].into_iter().flatten().collect();
        events.iter().try_for_each(|event| self.holds_yet(event))?;
        let drafts = events.into_iter().map(|event| self.draft(&key, event, why)).collect::<Result<_, _>>()?;
        self.append(drafts, None)
    }

    /// Splits parts off the case, each of which is decided by itself from then on.
    ///
    /// # Errors
    /// When there is no such case, it is a part itself, or the name of a part is empty or taken.
    pub fn split(&self, name: &CaseName, parts: &[String], why: Option<&str>) -> Result<Written, HomeError> {
        let case = self.case(name)?;
        if !case.key.part.is_empty() {
            return Err(DeskError::PartAlready { key: case.key.into() }.into());
        }
        let state = if case.state.is_open() { case.state } else { CaseState::UnderInvestigation };
        let mut drafts = Vec::new();
        for part in parts {
            let key = CaseKey { part: part.clone(), ..case.key.clone() };
            if part.trim().is_empty() || self.ledger.case(&key)?.is_some() {
                return Err(DeskError::Part { key: key.into() }.into());
            }
            drafts.push(self.draft(&key, CaseEvent::Opened { facts: case.facts.clone(), state }, why)?);
            // What is kept from others is kept from them in part, too.
            if let Some(embargo) = &case.embargo {
                drafts.push(self.draft(&key, CaseEvent::Embargoed(embargo.clone()), why)?);
            }
        }
        self.append(drafts, None)
    }

    /// Writes an event of a case.
    ///
    /// # Errors
    /// When there is no such case, it does not allow the event, or what begins with the event is over already.
    pub fn write(&self, name: &CaseName, event: CaseEvent, why: Option<&str>) -> Result<Written, HomeError> {
        let case = self.case(name)?;
        let mut after = case.clone();
        after.apply(self.now(), &event).map_err(DeskError::from)?;
        self.holds_yet(&event)?;
        let became = (after.state != case.state).then_some((case.state, after.state));
        let draft = self.draft(&case.key, event, why)?;
        self.append(vec![draft], became)
    }

    /// Checks that a decision or an embargo does not end before now.
    fn holds_yet(&self, event: &CaseEvent) -> Result<(), DeskError> {
        let now = self.now();
        match event {
            CaseEvent::Decided(Decision { until: Some(until), .. }) if *until <= now => Err(DeskError::DecisionOver { until: *until }),
            CaseEvent::Embargoed(Embargo { until, .. }) if *until <= now => Err(DeskError::EmbargoOver { until: *until }),
            _ => Ok(()),
        }
    }

    fn append(&self, drafts: Vec<Draft>, became: Option<(CaseState, CaseState)>) -> Result<Written, HomeError> {
        let events = drafts.iter().map(|d| d.event.clone()).collect();
        let mut all = self.home.changed_settings(&self.ledger)?;
        all.extend(drafts);
        self.commit(Vec::new(), all)?;
        Ok(Written { events, became, is_trial: self.is_trial })
    }

    /// Writes events that were decided by subjects at some versions, all or none; nothing where the desk is one for a trial.
    fn commit(&self, expect: Vec<(SubjectId, u64)>, drafts: Vec<Draft>) -> Result<(), HomeError> {
        let batch = Batch { events: drafts, expect, ..Batch::default() };
        if batch.events.is_empty() {
            return Ok(());
        }
        if self.is_trial {
            self.ledger.attempt(batch)?;
        } else {
            self.ledger.commit(batch)?;
        }
        Ok(())
    }

    fn draft(&self, key: &CaseKey, event: CaseEvent, why: Option<&str>) -> Result<Draft, HomeError> {
        self.home.decided(Event::case(key.clone(), event), why)
    }

    fn collect(&self, query: &Query, mut wanted: impl FnMut(&Case) -> bool) -> Result<Vec<Case>, HomeError> {
        let mut out = Vec::new();
        self.ledger.each_case(query, |case| {
            if wanted(&case) {
                out.push(case);
            }
            Ok(())
        })?;
        Ok(out)
    }
}
